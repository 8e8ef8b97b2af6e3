"""The ``plan.json`` contract: its models, and how it is read and written.

One file says everything about one plan: who asked for it, what could be reached
and how long that takes, who goes where and when, what that earns, and who is left
out. Other programs rely on it, and the referee judges a plan from this file alone.

Times are UTC, lengths kilometres, durations minutes, positions WGS 84 degrees.
Reasons and purposes are codes with values; ``products`` turns them into sentences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

from patrolplan.errors import Fault, PlanFileError

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
    "format_plan",
    "format_time",
    "read_plan",
    "tabulate_model_faults",
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


_FLAT_LIST = re.compile(r"\[\s*((?:[^\[\]{}\"]|\"(?:[^\"\\]|\\.)*\")*?)\s*\]")


def format_plan(plan: PlanFile) -> str:
    """Return a plan as JSON text, one entry a line so that people can edit it.

    Numbers are not rounded; the text depends on nothing but the plan.

    Parameters
    ----------
    plan
        What to write.
    """
    document = plan.model_dump(mode="json", by_alias=True)
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)

    # Matrix rows and positions stand on one line each: a page of text, not a
    # column of numbers. Strings are matched whole, so no name is touched.
    def join_lines(match: re.Match[str]) -> str:
        return "[" + re.sub(r"\n\s*", " ", match.group(1)) + "]"

    return _FLAT_LIST.sub(join_lines, text) + "\n"


def read_plan(path: Path) -> PlanFile:
    """Read a ``plan.json`` and check that it keeps the contract.

    Whether the plan keeps the *rules* is the referee's business, not this reader's.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    PlanFileError
        If the file cannot be read, is not JSON, or breaks the contract; with every
        fault that was found.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        fault = Fault(
            path.name, "file", error.strerror or "unreadable", "a readable file"
        )
        raise PlanFileError([fault]) from error
    except UnicodeDecodeError as error:
        fault = Fault(
            path.name, f"byte {error.start}", "text that is not UTF-8", "UTF-8"
        )
        raise PlanFileError([fault]) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        fault = Fault(path.name, where, error.msg, "JSON", "an edit left it incomplete")
        raise PlanFileError([fault]) from error
    except RecursionError as error:
        fault = Fault(path.name, "file", "JSON nested too deep", "a plan")
        raise PlanFileError([fault]) from error
    try:
        plan = PlanFile.model_validate(document)
    except ValidationError as error:
        raise PlanFileError(tabulate_model_faults(error, path.name)) from error
    faults = list(_find_loose_ends(plan, path.name))
    if faults:
        raise PlanFileError(faults)
    return plan


def tabulate_model_faults(error: ValidationError, file: str) -> list[Fault]:
    """Turn the faults that pydantic found into ours.

    Parameters
    ----------
    error
        What pydantic raised.
    file
        Name of the file that was read.
    """
    faults = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "file"
        kind = item["type"]
        if kind == "missing":
            found, expected, cause = "nothing", "a value", "the line was left out"
        elif kind == "extra_forbidden":
            found, expected, cause = (
                "an unknown key",
                "a key of the contract",
                "a slip of spelling, or a key of another version",
            )
        else:
            found = f"found {_shorten(item['input'])}"
            expected, cause = item["msg"].removeprefix("Value error, "), ""
        faults.append(Fault(file, where, found, expected, cause))
    return faults


def _shorten(value: object, *, length: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def _find_loose_ends(plan: PlanFile, file: str) -> Iterator[Fault]:
    """Yield what no single entry can know: ids that repeat or point nowhere."""
    base_ids = [base.id for base in plan.bases]
    site_ids = [site.id for site in plan.sites]
    team_ids = [team.id for team in plan.teams]
    places = set(base_ids) | set(site_ids)
    for kind, ids in (
        ("sites and bases", base_ids + site_ids),
        ("teams", team_ids),
        ("patrols", [patrol.id for patrol in plan.patrols]),
    ):
        for repeated in sorted({i for i in ids if ids.count(i) > 1}):
            yield Fault(file, kind, f"id {repeated!r} twice", "ids that are unique")
    for team in plan.teams:
        if team.base_id not in base_ids:
            yield Fault(
                file,
                f"team {team.id!r}, base_id",
                f"{team.base_id!r}",
                "the id of a base in this file",
            )
    for number, travel in enumerate(plan.travel):
        size = len(travel.place_ids)
        for name in ("durations_min", "lengths_km", "fuel_l"):
            rows = getattr(travel, name)
            if len(rows) != size or any(len(row) != size for row in rows):
                yield Fault(
                    file,
                    f"travel.{number}.{name}",
                    "a matrix that is not square",
                    f"{size} rows of {size} cells, as place_ids says",
                )
        for unknown in sorted(set(travel.place_ids) - places):
            yield Fault(
                file,
                f"travel.{number}.place_ids",
                f"{unknown!r}",
                "the id of a site or base in this file",
            )
    for patrol in plan.patrols:
        where = f"patrol {patrol.id!r}"
        if patrol.team_id not in team_ids:
            yield Fault(
                file, f"{where}, team_id", f"{patrol.team_id!r}", "the id of a team"
            )
        if patrol.base_id not in base_ids:
            yield Fault(
                file, f"{where}, base_id", f"{patrol.base_id!r}", "the id of a base"
            )
        if len(patrol.legs) != len(patrol.stops) - 1:
            yield Fault(
                file,
                f"{where}, legs",
                f"{len(patrol.legs)} legs for {len(patrol.stops)} stops",
                "one leg fewer than stops: leg i joins stops i and i + 1",
            )
            continue
        for number, leg in enumerate(patrol.legs):
            ends = (patrol.stops[number].place_id, patrol.stops[number + 1].place_id)
            if (leg.from_, leg.to) != ends:
                yield Fault(
                    file,
                    f"{where}, legs.{number}",
                    f"from {leg.from_!r} to {leg.to!r}",
                    f"from {ends[0]!r} to {ends[1]!r}, the stops it joins",
                )
        for number, stop in enumerate(patrol.stops):
            inner = 0 < number < len(patrol.stops) - 1
            spot = f"{where}, stops.{number}"
            if stop.kind == "visit" and stop.site_id not in site_ids:
                yield Fault(
                    file, f"{spot}, site_id", f"{stop.site_id!r}", "the id of a site"
                )
            if stop.kind != "halt" and stop.place_id not in places:
                yield Fault(
                    file,
                    f"{spot}, place_id",
                    f"{stop.place_id!r}",
                    "the id of a site or base",
                )
            if inner and (stop.arrive is None or stop.depart is None):
                yield Fault(
                    file,
                    spot,
                    "no time",
                    "an arrival and a departure",
                    "only the first arrival and the last departure are null",
                )
