"""The models of ``mix.json``: plans of which one is drawn by lot.

Who reads it can foretell patrols: only a pack that is CONFIDENTIAL holds it.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field

from patrolplan.planfile.fields import MOST_DAYS, Entry, SparseEntry, Sum

__all__ = [
    "CoverageEntry",
    "CurveEntry",
    "DecisionEntry",
    "DepartureEntry",
    "MixFile",
    "MixedPlanEntry",
    "format_mix",
]

Probability = Annotated[float, Field(ge=0, le=1)]
HorizonDay = Annotated[int, Field(ge=0, lt=MOST_DAYS)]


class DepartureEntry(Entry):
    """A day of the horizon, from 0, and how likely a patrol leaves on it."""

    day: HorizonDay
    probability: Probability


class DecisionEntry(Entry):
    """One patrol of a plan: who visits what in order, and when it may leave."""

    team_id: str
    site_ids: Annotated[list[str], Field(min_length=1)]
    departures: Annotated[list[DepartureEntry], Field(min_length=1)]


class MixedPlanEntry(Entry):
    """One plan of the mix, how likely it is to be drawn, and the need that it meets."""

    probability: Probability
    need: Sum
    plan: list[DecisionEntry]


class CoverageEntry(Entry):
    """A site that can be reached, and how likely it is to be visited."""

    site_id: str
    need: Sum
    probability: Probability


class CurveEntry(Entry):
    """What is lost at worst where so much of the best plan's need is kept.

    The figures are those of a mix of its own, as in :class:`MixFile`.
    """

    value_share: Probability
    value_floor: Sum
    expected_need: Sum
    worst_case_loss: Sum
    least_loss: Sum
    plans: Annotated[int, Field(ge=1)]


class MixFile(SparseEntry):
    """The whole of ``mix.json``.

    ``value_floor`` is the need that the mix had to meet in the mean: ``value_share`` of
    ``fixed_need``, that of the best plan. ``worst_case_loss`` is the most need left
    unmet at any one site that can be reached, in the mean over the plans; no mix that
    keeps the floor is below ``least_loss``; ``fixed_loss`` is that of the best plan
    alone. ``departure_bits`` is how uncertain the day of a departure is in the mean
    over teams: its entropy, in bits. ``curve``, where it was asked for, tells the same
    of other floors, from the greatest down; the worst case never rises along it.
    ``stray_share`` is how much longer than by the quickest way a leg of the plan drawn
    may take, a share; its way is drawn too.
    """

    sparse = ("curve", "stray_share")

    format: Literal["patrolplan-mix/1"] = "patrolplan-mix/1"
    value_share: Probability
    value_floor: Sum
    expected_need: Sum
    worst_case_loss: Sum
    least_loss: Sum
    fixed_need: Sum
    fixed_loss: Sum
    departure_bits: Sum
    plans: list[MixedPlanEntry]
    coverage: list[CoverageEntry]
    curve: list[CurveEntry] | None = None
    stray_share: Probability | None = None


def format_mix(mix: MixFile) -> str:
    """Return a mix as JSON text that depends on nothing but the mix.

    Parameters
    ----------
    mix
        What to write.
    """
    document = mix.model_dump(mode="json")
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
