"""The models of ``plan.json``: what each part holds, and in which unit.

Every number and day has a bound, so that whoever reads a plan can reckon with it
unguarded, be the file hostile.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
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

# The years that daylight is reckoned for, as in a scenario; a day more at either
# end, since a local day may lie in another one of UTC.
_FIRST_DAY = date(1989, 12, 31)
_LAST_DAY = date(2101, 1, 1)
_MOST_DAYS = 366
# More than one entry can count; and what no sum or ratio of such entries exceeds,
# so that the referee can always write what it measured.
_MOST = 1e12
_MOST_SUM = 1e30


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


def _check_day(day: date) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        msg = f"should lie between {_FIRST_DAY} and {_LAST_DAY}"
        raise ValueError(msg)
    return day


def _check_moment(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        msg = "should bear a zone, such as 2014-11-03T06:15:00Z"
        raise ValueError(msg)
    # Before it is turned to UTC, which fails at the ends of the calendar.
    _check_day(moment.date())
    return moment.astimezone(UTC)


def _tell_start(start: Any) -> str:
    # Left to itself, pydantic would take midnight of any zone for a mere date.
    if isinstance(start, str):
        return "date" if len(start) <= len("2014-11-03") else "time"
    return "time" if isinstance(start, datetime) else "date"


def _check_start(start: date) -> date:
    # Of both kinds at once, so that a fault names the field and not its kinds.
    if isinstance(start, datetime):
        return _check_moment(start)
    return _check_day(start)


def _format_start(start: date) -> str:
    return format_time(start) if isinstance(start, datetime) else start.isoformat()


def _check_free(value: Any) -> Any:
    """Refuse numbers in a free field that nobody can reckon with."""
    level = [value]
    while level:
        for node in level:
            # Infinity is such a number, and no comparison holds for what is none.
            if isinstance(node, int | float) and not abs(node) <= _MOST_SUM:
                msg = f"should be a number between -{_MOST_SUM:g} and {_MOST_SUM:g}"
                raise ValueError(msg)
        level = [
            child
            for node in level
            if isinstance(node, dict | list | tuple)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return value


Day = Annotated[date, AfterValidator(_check_day)]
UtcTime = Annotated[
    datetime,
    AfterValidator(_check_moment),
    PlainSerializer(format_time, when_used="json"),
]
Start = Annotated[
    Annotated[date, Tag("date")] | Annotated[datetime, Tag("time")],
    Discriminator(_tell_start),
    AfterValidator(_check_start),
    PlainSerializer(_format_start, when_used="json"),
]
Free = Annotated[Any, AfterValidator(_check_free)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Amount = Annotated[float, Field(ge=0, le=_MOST)]
Count = Annotated[int, Field(ge=0, le=int(_MOST))]
CountSum = Annotated[int, Field(ge=0, le=int(_MOST_SUM))]
Sum = Annotated[float, Field(ge=0, le=_MOST_SUM)]
Matrix = list[list[Amount | None]]


class _Entry(BaseModel):
    """What all parts of the contract share: no unknown keys, finite numbers."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True
    )


class Code(_Entry):
    """A reason, purpose or change: a code with the values its sentence needs."""

    code: str
    values: dict[str, Free] = {}


class GateEntry(_Entry):
    """One do-no-harm question, and who answered it."""

    gate: str
    answer: str
    role: str
    date: Day


class ScenarioEntry(_Entry):
    """What was asked for, with each limit that was used, by name."""

    name: str
    start: Start
    horizon_days: int = Field(ge=1, le=_MOST_DAYS)
    timezone: str
    limits: dict[str, Free]


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
    population: Annotated[int, Field(gt=0, le=int(_MOST))] | None
    risk: Annotated[float, Field(ge=1, le=5)] | None
    need: Amount | None
    themes: dict[str, Amount]
    dwell_min: Amount
    required: bool
    roles_required: list[str]
    windows: list[tuple[UtcTime, UtcTime]]
    cadence_days: Annotated[float, Field(gt=0, le=_MOST)] | None


class TeamEntry(_Entry):
    """Who goes out, from which base, and how far they may go."""

    id: str
    base_id: str
    vehicle: str
    vehicles: int = Field(ge=1, le=int(_MOST))
    people: int = Field(ge=1, le=int(_MOST))
    max_days: int = Field(ge=1, le=_MOST_DAYS)
    rest_days: int = Field(ge=0, le=_MOST_DAYS)
    range_km: Annotated[float, Field(gt=0, le=_MOST)]
    roles: list[str]


class TravelEntry(_Entry):
    """Travel between all places for one vehicle class and one road state.

    ``durations_min[i][j]`` is from ``place_ids[i]`` to ``place_ids[j]``; null where
    there is no way. Valid for departures from ``from_date`` to ``to_date``, both
    included.
    """

    vehicle: str
    from_date: Day
    to_date: Day
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
    rations: Count


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
    reason_values: dict[str, Free]
    nearest_change: Code | None


class Violation(_Entry):
    """A rule that the plan breaks: what was found, and the limit it broke."""

    rule: str
    patrol_id: str | None
    where: str | None
    found: Free
    limit: Free


class Assessment(_Entry):
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
    gap: Annotated[float, Field(ge=-_MOST_SUM, le=_MOST_SUM)] | None
    unknown_total: Count
    unknown_visited: Count
    people_total: CountSum
    people_reached: CountSum
    reach: dict[str, Free]
    equity: dict[str, Free]
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
