"""Why sites are left out of a plan, and the smallest change that would serve each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from patrolplan.planfile import Code, UnservedEntry
from patrolplan.planning.clock import (
    Crew,
    Failure,
    build_crew,
    find_last_day,
    run_patrol,
)
from patrolplan.planning.problem import Plan, Problem, Site, Team
from patrolplan.planning.tables import ClockTables, build_tables

__all__ = ["find_reasons"]

_METRES_PER_KM = 1000.0
# Which failure says most, where a site cannot be reached at all.
_TELLING: tuple[Failure, ...] = ("dwell_too_long", "no_halt", "beyond_horizon")


class _Solo(NamedTuple):
    """What a patrol to one site alone lacks, on the day on which it lacks least."""

    missing_m: float
    missing_days: int
    team: Team
    days: int


class _Opening(NamedTuple):
    """A way to put a site into the plan, and the days that it takes beyond limits."""

    extra_days: int
    team_id: str
    depart_day: int


@dataclass(frozen=True, eq=False)
class _Planned:
    """A patrol of the plan, with the day of its return."""

    depart_day: int
    return_day: int
    places: tuple[int, ...]


def find_reasons(problem: Problem, plan: Plan) -> dict[str, UnservedEntry]:
    """Return for each site without a visit why, and what would serve it.

    Reasons, the first that holds:

    * ``held_by_base`` {base_id}: a base holds the place day by day.
    * ``no_team`` {}: there is no team at all.
    * ``no_way`` {}: no team's base is joined to it both ways.
    * ``dwell_too_long`` {dwell_min, window_min}: no day is long enough.
    * ``no_halt`` {}: a stretch without halts is longer than any day.
    * ``beyond_horizon`` {}: a patrol there does not fit into the horizon.
    * ``out_of_range`` {missing_km, team_id}: beyond every team's range.
    * ``too_many_days`` {missing_days, team_id}: a patrol to it alone takes longer
      than the days of any team within range.
    * ``need_unknown`` {} or ``need_zero`` {}: a visit would earn nothing known.
    * ``not_planned`` {}: there is room, but the plan does not use it.
    * ``no_time_left`` {extra_days, team_id}: the patrols are full; so many more
      days for that team would do, or None where no days would.

    Changes, each found by running the changed patrol through the clock:
    ``raise_range_km`` {team_id, missing_km}, ``add_days`` {team_id, days},
    ``add_visit`` {team_id, depart_day}, ``add_patrol`` {base_id, vehicle, days};
    None where no single one of them would serve the site.

    Parameters
    ----------
    problem
        What was asked.
    plan
        What was decided.
    """
    clock = build_tables(problem)
    visited = {site for patrol in plan.patrols for site in patrol.site_ids}
    chains = _build_chains(problem, clock, plan)
    entries = {}
    for site in problem.sites:
        if site.id not in visited:
            reason, change = _explain(problem, clock, chains, site)
            entries[site.id] = UnservedEntry(
                site_id=site.id,
                need=site.need,
                reason=reason.code,
                reason_values=reason.values,
                nearest_change=change,
            )
    return entries


def _explain(
    problem: Problem,
    clock: ClockTables,
    chains: dict[str, list[_Planned]],
    site: Site,
) -> tuple[Code, Code | None]:
    if site.held_by is not None and not site.required:
        return Code(code="held_by_base", values={"base_id": site.held_by}), None
    if not problem.teams:
        return Code(code="no_team"), None
    place = problem.place_index[site.id]
    solos: list[_Solo] = []
    failures: set[Failure] = set()
    for team in problem.teams:
        found = _find_solo(problem, clock, team, place)
        if isinstance(found, _Solo):
            solos.append(found)
        else:
            failures |= found
    if not solos:
        return _name_hindrance(clock, place, failures), None
    able = [solo for solo in solos if not solo.missing_m and not solo.missing_days]
    if not able:
        return _explain_shortfall(solos)
    if not site.required and site.need is None:
        return Code(code="need_unknown"), None
    if not site.required and site.need == 0:
        return Code(code="need_zero"), None
    opening = min(_find_openings(problem, clock, chains, place), default=None)
    alone = min(able, key=lambda solo: (solo.days, solo.team.base_id, solo.team.id))
    days = max(alone.days, alone.team.min_days)
    patrol = Code(
        code="add_patrol",
        values={
            "base_id": alone.team.base_id,
            "vehicle": alone.team.vehicle,
            "days": days,
        },
    )
    if opening is None:
        nothing = {"extra_days": None, "team_id": None}
        return Code(code="no_time_left", values=nothing), patrol
    if opening.extra_days == 0:
        where = {"team_id": opening.team_id, "depart_day": opening.depart_day}
        return Code(code="not_planned"), Code(code="add_visit", values=where)
    reason = Code(
        code="no_time_left",
        values={"extra_days": opening.extra_days, "team_id": opening.team_id},
    )
    if opening.extra_days > days:
        return reason, patrol
    return reason, Code(
        code="add_days",
        values={"team_id": opening.team_id, "days": opening.extra_days},
    )


def _name_hindrance(clock: ClockTables, place: int, failures: set[Failure]) -> Code:
    """Return why no patrol of any length or duration gets there and back."""
    for failure in _TELLING:
        if failure in failures:
            values = {}
            if failure == "dwell_too_long":
                values = {
                    "dwell_min": clock.dwells_min[place],
                    "window_min": clock.longest_min[place],
                }
            return Code(code=failure, values=values)
    return Code(code="no_halt" if "no_start" in failures else "no_way")


def _explain_shortfall(solos: list[_Solo]) -> tuple[Code, Code | None]:
    """Return what the team lacks that lacks least."""
    in_range = [solo for solo in solos if not solo.missing_m]
    if in_range:
        best = min(in_range, key=lambda solo: (solo.missing_days, solo.team.id))
        team_id, days = best.team.id, best.missing_days
        return (
            Code(
                code="too_many_days", values={"missing_days": days, "team_id": team_id}
            ),
            Code(code="add_days", values={"team_id": team_id, "days": days}),
        )
    best = min(solos, key=lambda solo: (solo.missing_m, solo.team.id))
    reason = Code(
        code="out_of_range",
        values={
            "missing_km": best.missing_m / _METRES_PER_KM,
            "team_id": best.team.id,
        },
    )
    in_time = [solo for solo in solos if not solo.missing_days]
    if not in_time:
        return reason, None
    best = min(in_time, key=lambda solo: (solo.missing_m, solo.team.id))
    return reason, Code(
        code="raise_range_km",
        values={
            "team_id": best.team.id,
            "missing_km": best.missing_m / _METRES_PER_KM,
        },
    )


def _find_solo(
    problem: Problem, clock: ClockTables, team: Team, place: int
) -> _Solo | set[Failure]:
    """Return what a patrol to a place alone lacks, or why none is possible at all."""
    crew = build_crew(problem, team)
    # More days than there are, so that only the horizon can cut the patrol short.
    free = crew._replace(range_m=inf, max_days=clock.days + 1, min_days=1)
    best: tuple[float, int, int] | None = None
    failures: set[Failure] = set()
    for day in range(clock.days):
        value = run_patrol(clock, free, day, (place,), clock.days - 1)
        if value.failure is not None:
            failures.add(value.failure)
            continue
        days = value.return_day - day + 1
        lacking = (
            max(0.0, value.length_m - crew.range_m),
            max(0, days - crew.max_days),
            days,
        )
        best = lacking if best is None else min(best, lacking)
    if best is None:
        return failures
    if crew.min_days > clock.days:
        # The way is there, but no patrol of this team is short enough to be planned.
        return {"beyond_horizon"}
    return _Solo(best[0], best[1], team, best[2])


def _build_chains(
    problem: Problem, clock: ClockTables, plan: Plan
) -> dict[str, list[_Planned]]:
    """Return the patrols of each team by day of departure; those that fail left out."""
    chains: dict[str, list[_Planned]] = {team.id: [] for team in problem.teams}
    crews = {team.id: build_crew(problem, team) for team in problem.teams}
    for patrol in sorted(plan.patrols):
        if patrol.team_id not in crews or not patrol.site_ids:
            continue
        crew = crews[patrol.team_id]._replace(range_m=inf, max_days=clock.days)
        places = tuple(problem.place_index[site] for site in patrol.site_ids)
        value = run_patrol(clock, crew, patrol.depart_day, places, clock.days - 1)
        if value.failure in (None, "too_few_days"):
            chains[patrol.team_id].append(
                _Planned(patrol.depart_day, value.return_day, places)
            )
    return chains


def _find_openings(
    problem: Problem,
    clock: ClockTables,
    chains: dict[str, list[_Planned]],
    place: int,
) -> Iterator[_Opening]:
    """Yield ways into the plan: within each patrol, and as a patrol in each gap."""
    for team in problem.teams:
        crew = build_crew(problem, team)
        chain = chains[team.id]
        for number, patrol in enumerate(chain):
            places = patrol.places
            for at in range(len(places) + 1):
                longer = (*places[:at], place, *places[at:])
                extra = _find_extra(
                    clock, crew, patrol.depart_day, longer, chain[number + 1 :]
                )
                if extra is not None:
                    yield _Opening(extra, team.id, patrol.depart_day)
        for day in range(clock.days):
            if any(
                patrol.depart_day <= day <= patrol.return_day + crew.rest_days
                for patrol in chain
            ):
                continue
            later = [patrol for patrol in chain if patrol.depart_day > day]
            extra = _find_extra(clock, crew, day, (place,), later)
            if extra is not None:
                yield _Opening(extra, team.id, day)


def _find_extra(
    clock: ClockTables,
    crew: Crew,
    depart_day: int,
    places: tuple[int, ...],
    later: list[_Planned],
) -> int | None:
    """Return days beyond ``max_days`` that a patrol takes, if the later ones still fit.

    Later patrols move back as far as they must, within the same number of days.
    """
    longest = crew._replace(max_days=clock.days)
    value = run_patrol(clock, longest, depart_day, places, clock.days - 1)
    if value.failure is not None:
        return None
    extra = max(0, value.return_day - depart_day + 1 - crew.max_days)
    granted = crew._replace(max_days=crew.max_days + extra)
    home = value.return_day
    for patrol in later:
        free = home + 1 + crew.rest_days
        if free <= patrol.depart_day:
            break
        if free >= clock.days:
            return None
        last_day = find_last_day(clock, granted, free)
        moved = run_patrol(clock, granted, free, patrol.places, last_day)
        if moved.failure is not None:
            return None
        home = moved.return_day
    return extra
