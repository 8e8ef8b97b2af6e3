"""What differs between two saved plans, as codes, and what of it follows from what.

Only the two files are asked. That one thing follows from another is told where both
files prove it: a leg of the first plan drives a line on a day on which the second has
it closed; a team is not there any more; a site had a way from a base and has none,
while closures are all that differs of the roads. All else differs *also*.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from patrolplan.choices import Closure, read_closure, subtract_closures
from patrolplan.planfile import Code, PatrolEntry, PlanFile

__all__ = ["Difference", "list_differences", "list_visited"]

# Told in sentences of their own, or made from what is told.
_TOLD_APART: Final = {"closed_lines", "closed_at_start", "lifted"}
# Which of the limits make the roads, beside the closures.
_OF_ROADS: Final = (
    "lifted",
    "avoid",
    "season",
    "seasons",
    "snap_km",
    "time_factor",
    "hazard_min_per_km",
    "ferry_margin_min",
    "closed_bases",
)
_LONGEST: Final = 60


class Difference(NamedTuple):
    """One thing in which the second plan differs from the first.

    Attributes
    ----------
    part
        ``asked`` (of the question), ``follows`` (proven to follow from that), ``also``
        (in the answer; why is not known), or ``same`` (nothing differs).
    told
        What; a code of kind ``difference``.
    reason
        What the second plan itself says of it; a code of kind ``reason``.
    """

    part: Literal["asked", "follows", "also", "same"]
    told: Code
    reason: Code | None = None


class _Trip(NamedTuple):
    team_id: str
    number: int


def list_visited(plan: PlanFile) -> dict[str, str]:
    """Return the first local day on which each site is visited, by site.

    Parameters
    ----------
    plan
        The plan; a visit without a time counts on the day its patrol departs.
    """
    zone = _find_zone(plan)
    days: dict[str, str] = {}
    for patrol in plan.patrols:
        for stop in patrol.stops:
            if stop.kind == "visit" and stop.site_id is not None:
                day = str(_find_day(stop.arrive or patrol.depart, zone))
                days[stop.site_id] = min(day, days.get(stop.site_id, day))
    return days


def list_differences(first: PlanFile, second: PlanFile) -> tuple[Difference, ...]:
    """Return in what a plan differs from another: the question before the answer.

    Parameters
    ----------
    first
        The plan to compare with.
    second
        The plan that is told.

    Returns
    -------
    Of part ``asked`` the codes ``other_scenario``, ``other_days``, ``other_figure``,
    ``other_inputs``, ``other_seed``, ``other_version``, ``sites_gone``, ``sites_new``,
    ``sites_rated``, ``team_gone``, ``team_new``, ``team_changed``, ``line_shut``,
    ``line_opened``, ``rows_lifted``, ``rows_kept``; of part ``follows`` ``way_barred``,
    ``team_stays``, ``cut_off``; of part ``also`` ``visit_lost``, ``visit_gained``,
    ``visit_shifted``, ``patrol_lost``, ``patrol_gained``, ``patrol_rerouted``; of part
    ``same`` ``all_same``. Days are ISO days, local; people are inhabitants.
    """
    teller = _Teller(first, second)
    found = (*teller.list_asked(), *teller.list_following(), *teller.list_also())
    return found or (Difference("same", Code(code="all_same")),)


class _Teller:
    def __init__(self, first: PlanFile, second: PlanFile) -> None:
        self._first, self._second = first, second
        self._zone = _find_zone(first)
        self._shut = _list_new_closures(first, second)
        self._opened = _list_new_closures(second, first)
        self._visited = list_visited(first)
        self._visited_now = list_visited(second)
        self._people = {
            site.id: site.population for site in (*second.sites, *first.sites)
        }
        self._cut = set(self._find_cut_off())

    def list_asked(self) -> Iterator[Difference]:
        """Yield in what the questions differ."""
        old, new = self._first.scenario, self._second.scenario
        if old.name != new.name:
            yield _ask("other_scenario", old_name=old.name, new_name=new.name)
        if (old.start, old.horizon_days) != (new.start, new.horizon_days):
            spans = [_find_span(plan) for plan in (self._first, self._second)]
            yield _ask(
                "other_days",
                old_from=spans[0][0],
                old_to=spans[0][1],
                from_date=spans[1][0],
                to_date=spans[1][1],
            )
        for key in sorted((old.limits.keys() | new.limits.keys()) - _TOLD_APART):
            was, now = old.limits.get(key), new.limits.get(key)
            if was != now:
                shown = {"old_value": _show(was), "value": _show(now)}
                yield _ask("other_figure", figure=key, **shown)
        for closure in self._shut:
            yield _ask("line_shut", **_describe_closure(closure))
        for closure in self._opened:
            yield _ask("line_opened", **_describe_closure(closure))
        was, now = (_list_lifted(plan) for plan in (self._first, self._second))
        for code, rows in (("rows_lifted", now - was), ("rows_kept", was - now)):
            if rows:
                yield _ask(code, rows=sorted(rows))
        yield from self._list_teams()
        yield from self._list_sites()
        files = _list_other_inputs(self._first, self._second)
        if files:
            yield _ask("other_inputs", files=files)
        if self._first.seed != self._second.seed:
            yield _ask("other_seed")
        if self._first.version != self._second.version:
            values = {"old_name": self._first.version, "new_name": self._second.version}
            yield _ask("other_version", **values)

    def _list_teams(self) -> Iterator[Difference]:
        old = {team.id: team for team in self._first.teams}
        new = {team.id: team for team in self._second.teams}
        for team_id in sorted(old.keys() | new.keys()):
            if team_id not in new:
                yield _ask("team_gone", team_id=team_id)
            elif team_id not in old:
                yield _ask("team_new", team_id=team_id)
            elif old[team_id] != new[team_id]:
                yield _ask("team_changed", team_id=team_id)

    def _list_sites(self) -> Iterator[Difference]:
        old = {site.id: site for site in self._first.sites}
        new = {site.id: site for site in self._second.sites}
        rated = sum(old[site] != new[site] for site in old.keys() & new.keys())
        for code, count in (
            ("sites_gone", len(old.keys() - new.keys())),
            ("sites_new", len(new.keys() - old.keys())),
            ("sites_rated", rated),
        ):
            if count:
                yield _ask(code, count=count)

    def list_following(self) -> Iterator[Difference]:
        """Yield what the files prove to follow from the question."""
        for closure in self._shut:
            yield from self._list_barred(closure)
        if self._cut:
            lines = list(dict.fromkeys(closure.line for closure in self._shut))
            for site_id in self._order(self._cut):
                values = {"lines": lines, "site_id": site_id}
                yield _follow("cut_off", **values, people=self._people[site_id])
        gone = {t.id for t in self._first.teams} - {t.id for t in self._second.teams}
        trips = Counter(patrol.team_id for patrol in self._first.patrols)
        for team_id in sorted(gone & trips.keys()):
            yield _follow("team_stays", team_id=team_id, count=trips[team_id])

    def _list_barred(self, closure: Closure) -> Iterator[Difference]:
        for patrol in self._first.patrols:
            for number, leg in enumerate(patrol.legs):
                day = _find_day(leg.depart, self._zone)
                if closure.line in leg.lines and closure.covers(day):
                    ahead = patrol.stops[number + 1 :]
                    aim = next((s for s in ahead if s.kind != "halt"), None)
                    yield _follow(
                        "way_barred",
                        line=closure.line,
                        patrol=patrol.id,
                        bound_for_id=leg.to if aim is None else aim.place_id,
                        date=str(day),
                    )

    def _find_cut_off(self) -> Iterator[str]:
        """Yield the sites that were visited and that closures alone cut off."""
        if (
            not self._shut
            or self._opened
            or not _are_roads_alike(self._first, self._second)
        ):
            return
        reached, reached_now = _list_reached(self._first), _list_reached(self._second)
        known = {site.id for site in self._second.sites}
        for site_id in self._visited.keys() - self._visited_now.keys():
            if site_id in reached and site_id in known and site_id not in reached_now:
                yield site_id

    def list_also(self) -> Iterator[Difference]:
        """Yield in what the answers differ besides."""
        reasons = {
            entry.site_id: Code(code=entry.reason, values=entry.reason_values)
            for entry in self._second.assessment.unserved
        }
        old, new = self._visited, self._visited_now
        for site_id in self._order(old.keys() - new.keys() - self._cut):
            told = _tell(
                "visit_lost", site_id=site_id, people=self._people.get(site_id)
            )
            yield Difference("also", told, reasons.get(site_id))
        for site_id in self._order(new.keys() - old.keys()):
            people = self._people.get(site_id)
            told = _tell("visit_gained", site_id=site_id, people=people)
            yield Difference("also", told)
        for site_id in sorted(old.keys() & new.keys()):
            if old[site_id] != new[site_id]:
                days = {"old_date": old[site_id], "date": new[site_id]}
                told = _tell("visit_shifted", site_id=site_id, **days)
                yield Difference("also", told)
        yield from self._list_patrols()

    def _list_patrols(self) -> Iterator[Difference]:
        old, new = _list_trips(self._first), _list_trips(self._second)
        here = {team.id for team in self._second.teams}
        for trip in sorted(old.keys() | new.keys()):
            patrol, now = old.get(trip), new.get(trip)
            if now is None and patrol is not None:
                if trip.team_id in here:
                    yield self._tell_trip("patrol_lost", patrol)
            elif patrol is None and now is not None:
                yield self._tell_trip("patrol_gained", now)
            elif patrol and now and _list_places(patrol) != _list_places(now):
                yield self._tell_trip("patrol_rerouted", now)

    def _tell_trip(self, code: str, patrol: PatrolEntry) -> Difference:
        day = str(_find_day(patrol.depart, self._zone))
        sites = _list_places(patrol)
        told = _tell(code, team_id=patrol.team_id, date=day, site_ids=sites)
        return Difference("also", told)

    def _order(self, sites: Any) -> list[str]:
        """Return sites with most people first."""
        return sorted(sites, key=lambda s: (-(self._people.get(s) or 0), s))


def _tell(code: str, **values: Any) -> Code:
    given = {key: value for key, value in values.items() if value is not None}
    return Code(code=code, values=given)


def _ask(code: str, **values: Any) -> Difference:
    return Difference("asked", _tell(code, **values))


def _follow(code: str, **values: Any) -> Difference:
    return Difference("follows", _tell(code, **values))


def _find_zone(plan: PlanFile) -> tzinfo:
    try:
        return ZoneInfo(plan.scenario.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _find_day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def _find_span(plan: PlanFile) -> tuple[str, str]:
    start = plan.scenario.start
    first = _find_day(start, _find_zone(plan)) if isinstance(start, datetime) else start
    return str(first), str(first + timedelta(days=plan.scenario.horizon_days - 1))


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _list_closures(plan: PlanFile) -> list[Closure]:
    listed = plan.scenario.limits.get("closed_lines")
    closures = []
    for text in listed if isinstance(listed, list) else []:
        try:
            closures.append(read_closure(str(text)))
        except ValueError:
            # A hand-edited plan may hold anything there: the whole is the line.
            closures.append(Closure(line=str(text)))
    return closures


def _list_lifted(plan: PlanFile) -> set[str]:
    listed = plan.scenario.limits.get("lifted")
    return {str(row) for row in listed} if isinstance(listed, list) else set()


def _list_new_closures(first: PlanFile, second: PlanFile) -> list[Closure]:
    """Return on which days lines are closed in the second plan and not in the first."""
    known = _list_closures(first)
    begin, end = (date.fromisoformat(day) for day in _find_span(second))
    return [
        left
        for closure in _list_closures(second)
        for left in subtract_closures(closure, known, (begin, end))
    ]


def _describe_closure(closure: Closure) -> Mapping[str, Any]:
    days = {"from_date": closure.from_date, "to_date": closure.to_date}
    told = {key: str(day) for key, day in days.items() if day is not None}
    return {"line": closure.line, **told}


def _name_input(path: str) -> str:
    return PurePosixPath(PureWindowsPath(path).as_posix()).name


def _list_other_inputs(first: PlanFile, second: PlanFile) -> list[str]:
    """Return the names of layers that differ; the scenario comes first and is told."""
    pairs = [
        {(_name_input(entry.path), entry.sha256) for entry in plan.inputs[1:]}
        for plan in (first, second)
    ]
    return sorted({name for name, _ in pairs[0] ^ pairs[1]})


def _are_roads_alike(first: PlanFile, second: PlanFile) -> bool:
    """Return whether closures are all that can make the roads differ."""
    old, new = first.scenario, second.scenario
    return (
        not _list_other_inputs(first, second)
        and first.version == second.version
        and (old.start, old.horizon_days) == (new.start, new.horizon_days)
        and all(old.limits.get(key) == new.limits.get(key) for key in _OF_ROADS)
        and {base.id: (base.lon, base.lat) for base in first.bases}
        == {base.id: (base.lon, base.lat) for base in second.bases}
        and {(t.id, t.base_id, t.vehicle) for t in first.teams}
        == {(t.id, t.base_id, t.vehicle) for t in second.teams}
    )


def _list_reached(plan: PlanFile) -> set[str]:
    """Return the places with a way on some day from the base of a team."""
    bases: dict[str, set[str]] = {}
    for team in plan.teams:
        bases.setdefault(team.vehicle, set()).add(team.base_id)
    reached = set()
    for entry in plan.travel:
        for start, row in zip(entry.place_ids, entry.durations_min, strict=False):
            if start in bases.get(entry.vehicle, ()):
                pairs = zip(entry.place_ids, row, strict=False)
                reached |= {place for place, minutes in pairs if minutes is not None}
    return reached


def _list_trips(plan: PlanFile) -> dict[_Trip, PatrolEntry]:
    """Return the patrols by team and how many of it went before."""
    trips: dict[_Trip, PatrolEntry] = {}
    gone: Counter[str] = Counter()
    for patrol in sorted(plan.patrols, key=lambda p: (p.depart, p.id)):
        trips[_Trip(patrol.team_id, gone[patrol.team_id])] = patrol
        gone[patrol.team_id] += 1
    return trips


def _list_places(patrol: PatrolEntry) -> list[str]:
    return [s.site_id for s in patrol.stops if s.kind == "visit" and s.site_id]
