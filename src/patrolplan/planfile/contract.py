"""The models of ``plan.json``: what each part holds, and in which unit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
)

__all__ = [
    "FORMAT",
    "Assessment",
    "BaseEntry",
    "CasualtyEntry",
    "Code",
    "GateEntry",
    "InputEntry",
    "Latitude",
    "LegEntry",
    "LineGeometry",
    "Longitude",
    "PatrolEntry",
    "PlanFile",
    "ScenarioEntry",
    "SiteEntry",
    "StopEntry",
    "SuppliesEntry",
    "TeamEntry",
    "TravelEntry",
    "UnservedEntry",
    "Violation",
    "format_time",
]

FORMAT = "patrolplan-plan/1"


def format_time(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC with a ``Z``, to the millisecond.

    Parameters
    ----------
    moment
        An aware datetime.

    Examples
    --------
    >>> format_time(datetime(2014, 11, 3, 6, 15, tzinfo=UTC))
    '2014-11-03T06:15:00Z'
    """
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").replace(".000Z", "Z")


def _check_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        msg = "should bear a zone, such as 2014-11-03T06:15:00Z"
        raise ValueError(msg)
    return moment.astimezone(UTC)


UtcTime = Annotated[
    datetime,
    AfterValidator(_check_zone),
    PlainSerializer(format_time, when_used="json"),
]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Amount = Annotated[float, Field(ge=0)]
Matrix = list[list[Annotated[float, Field(ge=0)] | None]]


class _Entry(BaseModel):
    """What all parts of the contract share: no unknown keys, finite numbers."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True
    )


class Code(_Entry):
    """A reason, purpose or change: a code with the values its sentence needs."""

    code: str
    values: dict[str, Any] = {}


class GateEntry(_Entry):
    """One do-no-harm question, and who answered it."""

    gate: str
    answer: str
    role: str
    date: date


class ScenarioEntry(_Entry):
    """What was asked for, with each limit that was used, by name."""

    name: str
    start: date | UtcTime
    horizon_days: int = Field(ge=1)
    timezone: str
    limits: dict[str, Any]


class BaseEntry(_Entry):
    """Where teams start from and come home to."""

    id: str
    name: str
    lon: Longitude
    lat: Latitude


class SiteEntry(_Entry):
    """A place that may be visited, and what a visit there earns.

    ``need`` is null where people or risk are unknown; it is never 0 for unknown.
    """

    id: str
    name: str
    lon: Longitude
    lat: Latitude
    cercle: str | None
    population: Annotated[int, Field(gt=0)] | None
    risk: Annotated[float, Field(ge=1, le=5)] | None
    need: Amount | None
    themes: dict[str, Amount]
    dwell_min: Amount
    required: bool
    roles_required: list[str]
    windows: list[tuple[UtcTime, UtcTime]]
    cadence_days: Annotated[float, Field(gt=0)] | None


class TeamEntry(_Entry):
    """Who goes out, from which base, and how far they may go."""

    id: str
    base_id: str
    vehicle: str
    vehicles: int = Field(ge=1)
    people: int = Field(ge=1)
    max_days: int = Field(ge=1)
    rest_days: int = Field(ge=0)
    range_km: Annotated[float, Field(gt=0)]
    roles: list[str]


class TravelEntry(_Entry):
    """Travel between all places for one vehicle class and one road state.

    ``durations_min[i][j]`` is from ``place_ids[i]`` to ``place_ids[j]``; null where
    there is no way. Valid for departures from ``from_date`` to ``to_date``, both
    included.
    """

    vehicle: str
    from_date: date
    to_date: date
    place_ids: list[str]
    durations_min: Matrix
    lengths_km: Matrix
    fuel_l: Matrix


class StopEntry(_Entry):
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


class LineGeometry(_Entry):
    """A GeoJSON LineString of at least two positions."""

    type: Literal["LineString"] = "LineString"
    coordinates: Annotated[list[tuple[Longitude, Latitude]], Field(min_length=2)]


class LegEntry(_Entry):
    """The movement from one stop to the next, within one day."""

    from_: str = Field(alias="from")
    to: str
    depart: UtcTime
    arrive: UtcTime
    length_km: Amount
    driving_min: Amount
    lines: list[str]
    passed: list[str]
    need_earned: Amount
    geometry: LineGeometry


class SuppliesEntry(_Entry):
    """What a patrol takes along, reserves included; a capacity null is unknown."""

    fuel_l: Amount
    fuel_capacity_l: Amount | None
    water_l: Amount
    water_capacity_l: Amount | None
    rations: int = Field(ge=0)


class CasualtyEntry(_Entry):
    """Minutes from wounding to surgery at one place, by day and by night."""

    where: str
    day_min: Amount | None
    night_min: Amount | None
    within: bool


class PatrolEntry(_Entry):
    """One journey of one team, out and home; leg *i* joins stops *i* and *i* + 1."""

    id: str
    team_id: str
    base_id: str
    depart: UtcTime
    return_: UtcTime = Field(alias="return")
    stops: Annotated[list[StopEntry], Field(min_length=2)]
    legs: Annotated[list[LegEntry], Field(min_length=1)]
    supplies: SuppliesEntry
    casualty: list[CasualtyEntry]


class UnservedEntry(_Entry):
    """A site without a visit, why, and the smallest change that would serve it."""

    site_id: str
    need: Amount | None
    reason: str
    reason_values: dict[str, Any]
    nearest_change: Code | None


class Violation(_Entry):
    """A rule that the plan breaks: what was found, and the limit it broke."""

    rule: str
    patrol_id: str | None
    where: str | None
    found: Any
    limit: Any


class Assessment(_Entry):
    """What the referee measured.

    ``need_met`` is the sum of the needs earned: first visits, repeats, sites passed
    and lines driven. Only ``first_visits`` may be compared with ``need_total``.
    ``gap`` is (``need_bound`` - ``need_met``) / ``need_bound``, a fraction.
    """

    need_total: Amount
    need_met: Amount
    first_visits: Amount
    repeats: Amount
    passed: Amount
    lines: Amount
    need_bound: Amount | None
    gap: float | None
    unknown_total: int
    unknown_visited: int
    people_total: int
    people_reached: int
    reach: dict[str, Any]
    equity: dict[str, Any]
    unserved: list[UnservedEntry]
    violations: list[Violation]


class InputEntry(_Entry):
    """One file that the plan was made from."""

    path: str
    sha256: str
    source: str | None
    licence: str | None
    date: str | None


class PlanFile(_Entry):
    """The whole of ``plan.json``."""

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
    patrols: list[PatrolEntry]
    assessment: Assessment
    inputs: list[InputEntry]
