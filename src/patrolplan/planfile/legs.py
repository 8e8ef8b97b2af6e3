"""Legs as ``plan.json`` holds them: what is driven, on what, and where it turned."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from patrolplan.planfile.fields import (
    Amount,
    Entry,
    Latitude,
    Longitude,
    SparseEntry,
    UtcTime,
)

__all__ = ["LegEntry", "LineGeometry", "PartEntry", "TurnEntry"]


class LineGeometry(Entry):
    """A GeoJSON LineString of at least two positions."""

    type: Literal["LineString"] = "LineString"
    coordinates: Annotated[list[tuple[Longitude, Latitude]], Field(min_length=2)]


class PartEntry(Entry):
    """What is driven of a leg on one surface: a ferry's kind is ``ferry``.

    ``fuel_l`` is of one vehicle; where ``halt`` is false no night may be spent.
    """

    kind: str
    surface: str
    length_km: Amount
    driving_min: Amount
    fuel_l: Amount
    halt: bool


class LegEntry(SparseEntry):
    """The movement from one stop to the next, within one day.

    ``lines`` are all that it drives on, ``passed`` the sites that earn by being passed
    on it and nowhere before; ``need_earned`` is of both. ``parts`` follow each other.
    ``clearing`` is true where it only joins a place that halts keep clear of and the
    halt outside, at the edge of a day.
    """

    sparse = ("parts", "clearing")

    from_: str = Field(alias="from")
    to: str
    depart: UtcTime
    arrive: UtcTime
    length_km: Amount
    driving_min: Amount
    lines: list[str]
    passed: list[str]
    need_earned: Amount
    clearing: Literal[True] | None = None
    geometry: LineGeometry
    parts: list[PartEntry] | None = None


class TurnEntry(Entry):
    """A halt at which a patrol under way was sent elsewhere than it was bound for.

    The way to the halt is that to ``bound_for``, a site or a base.
    """

    halt_id: str
    bound_for: str
