"""The models of ``plan.json``: what each part holds, and in which unit.

Every number and day has a bound, so that whoever reads a plan can reckon with it
unguarded, be the file hostile.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from patrolplan.planfile.casualty import CasualtyEntry, MedicalEntry
from patrolplan.planfile.codes import Code
from patrolplan.planfile.fields import (
    MOST,
    MOST_DAYS,
    MOST_SUM,
    Amount,
    Count,
    CountSum,
    Day,
    Entry,
    Free,
    Latitude,
    Longitude,
    Matrix,
    SparseEntry,
    Start,
    Sum,
    UtcTime,
    format_time,
)
from patrolplan.planfile.keeping import KeptEntry
from patrolplan.planfile.legs import LegEntry, LineGeometry, PartEntry, TurnEntry
from patrolplan.planfile.nearest import NearestEntry
from patrolplan.planfile.supplies import SuppliesEntry, TurnBackEntry, TypeEntry
from patrolplan.showing import Shown

__all__ = [
    "FORMAT",
    "Assessment",
    "BaseEntry",
    "Code",
    "GateEntry",
    "InputEntry",
    "Latitude",
    "LegEntry",
    "LineGeometry",
    "Longitude",
    "PartEntry",
    "PatrolEntry",
    "PlanFile",
    "ScenarioEntry",
    "SiteEntry",
    "StopEntry",
    "SuppliesEntry",
    "TeamEntry",
    "TravelEntry",
    "TurnBackEntry",
    "TurnEntry",
    "TypeEntry",
    "UnservedEntry",
    "Violation",
    "WayEntry",
    "WaysideEntry",
    "format_time",
]

FORMAT = "patrolplan-plan/1"


class GateEntry(SparseEntry):
    """One do-no-harm question, of what it was asked, and who answered it.

    ``answer`` is ``yes``, ``no`` or ``unanswered``; then role and date are null. A
    question on one site or one team names it.
    """

    sparse = ("site_id", "team_id")

    gate: str
    answer: str
    role: str | None
    date: Day | None
    site_id: str | None = None
    team_id: str | None = None


class ScenarioEntry(Entry):
    """What was asked for, with each limit that was used, by name."""

    name: str
    start: Start
    horizon_days: int = Field(ge=1, le=MOST_DAYS)
    timezone: str
    limits: dict[str, Free]


class BaseEntry(SparseEntry):
    """Where teams start from and come home to, and the sector it is of, if known."""

    sparse = ("sector",)

    id: str
    name: str
    lon: Longitude
    lat: Latitude
    sector: str | None = None


class SiteEntry(SparseEntry):
    """A place that may be visited, and what a visit there earns.

    ``need`` is null where people or risk are unknown; it is never 0 for unknown.
    ``ceasefire_liaison`` is true where nobody goes without the ceasefire's liaison.
    Where visits before the plan are remembered, ``visit_tier`` says how urgent one is,
    ``last_visit`` which day the last was, and ``overdue_days`` how many days beyond its
    cadence the site is on the first day planned, below 0 if not yet due; the latter two
    are left out where there is no visit on record. ``need_regrown`` is there where
    ``need`` is only what has grown back: its share of the whole.
    """

    sparse = (
        "ceasefire_liaison",
        "visit_tier",
        "last_visit",
        "overdue_days",
        "need_regrown",
    )

    id: str
    name: str
    lon: Longitude
    lat: Latitude
    cercle: str | None
    population: Annotated[int, Field(gt=0, le=int(MOST))] | None
    risk: Annotated[float, Field(ge=1, le=5)] | None
    need: Amount | None
    themes: dict[str, Amount]
    dwell_min: Amount
    required: bool
    roles_required: list[str]
    windows: list[tuple[UtcTime, UtcTime]]
    cadence_days: Annotated[float, Field(gt=0, le=MOST)] | None
    ceasefire_liaison: bool | None = None
    visit_tier: Literal["must", "should", "could", "unknown"] | None = None
    last_visit: Day | None = None
    overdue_days: Annotated[float, Field(ge=-MOST, le=MOST)] | None = None
    need_regrown: Annotated[float, Field(ge=0, le=1)] | None = None


class TeamEntry(SparseEntry):
    """Who goes out, from which base, how far, with what, through how much hazard.

    ``vehicle`` is that of its travel. ``hazard_budget`` is in hazard steps times km, of
    one patrol. ``joint_with_national_forces`` is true of a team that they go along
    with. ``column_km`` is the length of the convoy on the road, ``pass_min`` the
    minutes in which it passes a point; a capacity that is left out is unknown.
    ``ready_from`` is there where a team rests at first: the day it may leave.
    """

    sparse = (
        "hazard_budget",
        "ready_from",
        "joint_with_national_forces",
        "convoy",
        "column_km",
        "pass_min",
        "fuel_capacity_l",
        "water_capacity_l",
        "ration_capacity",
    )

    id: str
    base_id: str
    vehicle: str
    vehicles: int = Field(ge=1, le=int(MOST))
    people: int = Field(ge=1, le=int(MOST))
    max_days: int = Field(ge=1, le=MOST_DAYS)
    rest_days: int = Field(ge=0, le=MOST_DAYS)
    range_km: Annotated[float, Field(gt=0, le=MOST)]
    roles: list[str]
    hazard_budget: Amount | None = None
    ready_from: Day | None = None
    joint_with_national_forces: bool | None = None
    convoy: list[TypeEntry] | None = None
    column_km: Amount | None = None
    pass_min: Amount | None = None
    fuel_capacity_l: Amount | None = None
    water_capacity_l: Amount | None = None
    ration_capacity: Count | None = None


class WaysideEntry(Entry):
    """What is earned on the way, once in a plan: a stretch of a line, or a site.

    One of ``line_id`` and ``site_id`` is null. A site that the plan visits earns
    nothing when it is passed.
    """

    id: str
    line_id: str | None
    site_id: str | None
    need: Amount


class WayEntry(Entry):
    """What one way comes by: ids of waysides, each with its driving minute.

    A stretch has been driven by then; a site comes within the visibility distance.
    """

    from_: str = Field(alias="from")
    to: str
    comes_by: list[tuple[str, Amount]]


class TravelEntry(SparseEntry):
    """Travel between all places for one vehicle class and one road state.

    ``durations_min[i][j]`` is from ``place_ids[i]`` to ``place_ids[j]``; null where
    there is no way. Valid for departures from ``from_date`` to ``to_date``, both
    included. ``hazards`` is needed only where a team has a hazard budget, ``ways``
    only where something is earned on the way.
    """

    sparse = ("hazards", "ways")

    vehicle: str
    from_date: Day
    to_date: Day
    place_ids: list[str]
    durations_min: Matrix
    lengths_km: Matrix
    fuel_l: Matrix
    hazards: Matrix | None = None
    ways: list[WayEntry] | None = None


class StopEntry(Entry):
    """A place where a patrol stands: its base, a visit, or a halt for the night."""

    kind: Literal["base", "visit", "halt", "start"]
    site_id: str | None
    place_id: str
    lon: Longitude
    lat: Latitude
    arrive: UtcTime | None
    depart: UtcTime | None
    roles: list[str]
    purpose: Code | None
    tier: Annotated[int, Field(ge=1, le=3)] | None
    phase: str | None
    themes: list[str]
    need_earned: Amount


class PatrolEntry(SparseEntry):
    """One journey of one team, out and home; leg *i* joins stops *i* and *i* + 1.

    One that was re-planned under way begins with a stop of kind ``start``; where it
    begins at its base the file holds the whole of it, and all its limits hold.
    ``turns`` are there only where it was sent elsewhere between two places.
    """

    sparse = ("turns",)

    id: str
    team_id: str
    base_id: str
    depart: UtcTime
    return_: UtcTime = Field(alias="return")
    stops: Annotated[list[StopEntry], Field(min_length=2)]
    legs: Annotated[list[LegEntry], Field(min_length=1)]
    supplies: SuppliesEntry
    casualty: list[CasualtyEntry]
    turns: Annotated[list[TurnEntry], Field(min_length=1)] | None = None


class UnservedEntry(Entry):
    """A site without a visit, why, and the smallest change that would serve it."""

    site_id: str
    need: Amount | None
    reason: str
    reason_values: dict[str, Free]
    nearest_change: Code | None


class Violation(Entry):
    """A rule that the plan breaks: what was found, and the limit it broke."""

    rule: str
    patrol_id: str | None
    where: str | None
    found: Free
    limit: Free


class Assessment(Entry, Shown):
    """What the referee measured.

    ``need_met`` is the sum of the needs earned: first visits, repeats, sites passed
    and lines driven. Only ``first_visits`` may be compared with ``need_total``.
    ``gap`` is (``need_bound`` - ``need_met``) / ``need_bound``, a fraction.
    """

    need_total: Sum
    need_met: Sum
    first_visits: Sum
    repeats: Sum
    passed: Sum
    lines: Sum
    need_bound: Sum | None
    gap: Annotated[float, Field(ge=-MOST_SUM, le=MOST_SUM)] | None
    unknown_total: Count
    unknown_visited: Count
    people_total: CountSum
    people_reached: CountSum
    reach: dict[str, Free]
    equity: dict[str, Free]
    unserved: list[UnservedEntry]
    violations: list[Violation]


class InputEntry(Entry):
    """One file that the plan was made from."""

    path: str
    sha256: str
    source: str | None
    licence: str | None
    date: str | None


class PlanFile(SparseEntry, Shown):
    """The whole of ``plan.json``; ``waysides`` only where any earn.

    ``medical`` is left out where nobody asked how far surgery is, ``keep_clear`` where
    there are no places that halts keep clear of; ``nearest`` is there only where what
    was asked can't be done, and this plan is of the nearest question that can.
    """

    sparse = ("waysides", "medical", "keep_clear", "nearest")

    format: Literal["patrolplan-plan/1"] = "patrolplan-plan/1"
    version: str
    seed: int | None
    status: Literal["draft", "cleared"]
    release: str
    gates: list[GateEntry]
    scenario: ScenarioEntry
    bases: list[BaseEntry]
    sites: list[SiteEntry]
    teams: list[TeamEntry]
    travel: list[TravelEntry]
    waysides: list[WaysideEntry] | None = None
    medical: list[MedicalEntry] | None = None
    keep_clear: list[KeptEntry] | None = None
    nearest: NearestEntry | None = None
    patrols: list[PatrolEntry]
    assessment: Assessment
    inputs: list[InputEntry]

    def __repr__(self) -> str:
        # All its legs and tables would fill a book.
        return f"<PlanFile {self.scenario.name!r}: {len(self.patrols)} patrols>"
