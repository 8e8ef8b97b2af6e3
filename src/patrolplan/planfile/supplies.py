"""The models of ``plan.json`` for convoys and what they take along."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from patrolplan.planfile.fields import (
    MOST,
    Amount,
    Count,
    Entry,
    Latitude,
    Longitude,
    SparseEntry,
)

__all__ = ["SuppliesEntry", "TurnBackEntry", "TypeEntry"]


class TypeEntry(SparseEntry):
    """Vehicles of one type in a convoy, and the element of a convoy that they are."""

    sparse = ("element",)

    vehicle: str
    count: int = Field(ge=1, le=int(MOST))
    element: str | None = None


class TurnBackEntry(Entry):
    """Where half the usable fuel is burnt: later, the way back is longer than it.

    ``leg`` is the number of the leg from 0, ``km`` from the base, ``burnt_l`` litres of
    all vehicles since the last fill.
    """

    leg: Annotated[int, Field(ge=0, le=int(MOST))]
    km: Amount
    lon: Longitude
    lat: Latitude
    burnt_l: Amount


class SuppliesEntry(SparseEntry):
    """What a patrol takes along, reserves included; a capacity null is unknown.

    Where it is supplied again on the way, the most that it needs from one fill to the
    next. ``water_floor_days`` are the days that the water lasts if everybody drinks no
    more than to survive.
    """

    sparse = ("ration_capacity", "water_floor_days", "turn_back")

    fuel_l: Amount
    fuel_capacity_l: Amount | None
    water_l: Amount
    water_capacity_l: Amount | None
    rations: Count
    ration_capacity: Count | None = None
    water_floor_days: Count | None = None
    turn_back: list[TurnBackEntry] | None = None
