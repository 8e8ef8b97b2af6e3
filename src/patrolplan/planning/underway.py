"""Patrols that are already out: a problem that goes on from a moment within it.

A patrol under way is put in words that the solver, the bound and the schedule know
already, so that all of them hold for it as they are:

* It is a team of its own with the days, kilometres and hazard that are left, and a
  base of its own, the *start*: the ways out of it are those from where the patrol
  stands, on the day of the moment only, since it leaves it once.
* The ways into the start are those to the team's base, where the *homecoming* is: a
  required site without dwell that leads to the start only, asks a role which only this
  team has, and is over with the patrol's last day. So it comes home in time, even where
  it visits nothing more.
* The team itself goes out again once the days of the patrol under way are over, and
  rested. A patrol that is home early does not let it go out before: a plan found
  this way is feasible, and the bound is of this rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrolplan.errors import Fault
from patrolplan.planning.problem import (
    Base,
    PatrolDecision,
    Plan,
    Problem,
    Site,
    Team,
    TravelMatrix,
)
from patrolplan.planning.refusals import ask_number, build_fault, refuse
from patrolplan.planning.reshaping import cut_days, widen_travel

__all__ = ["Continuation", "Underway", "pose_continuation"]

_DAY_MIN = 1440.0


@dataclass(frozen=True)
class Underway:
    """A patrol that is out.

    Parameters
    ----------
    team_id
        Whose patrol.
    place_id
        The site or base where it stands, or will stand once its leg is driven.
    ready_min
        Minute of the problem's clock from which it may go on from there.
    depart_day
        Day of the horizon on which it left its base; below 0 if before the horizon.
    driven_m
        Metres driven until it stands there.
    hazard
        Hazard driven through until then, in the unit of
        :attr:`TravelMatrix.hazards`.
    visited
        Ids of the sites that it has visited.
    """

    team_id: str
    place_id: str
    ready_min: float
    depart_day: int
    driven_m: float = 0.0
    hazard: float = 0.0
    visited: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be reckoned with."""
        where = f"patrol under way of {self.team_id!r}"
        refuse(
            *ask_number(f"{where}, ready_min", self.ready_min),
            *ask_number(f"{where}, driven_m", self.driven_m),
            *ask_number(f"{where}, hazard", self.hazard),
        )


@dataclass(frozen=True)
class Continuation:
    """A problem from a moment on, and what its extra places stand for.

    Parameters
    ----------
    problem
        For the solver, the bound and the schedule.
    starts
        By id of a start: the patrol that begins there.
    homecomings
        By id of a homecoming: the id of the base that it is at.
    teams
        By id of a team of a patrol under way: the id of the team whose patrol it is.
    """

    problem: Problem
    starts: Mapping[str, Underway]
    homecomings: Mapping[str, str]
    teams: Mapping[str, str]

    def drop_homecomings(self, plan: Plan) -> Plan:
        """Return a plan of the continuation in the words of the problem before.

        Parameters
        ----------
        plan
            What was decided; a patrol under way that visits nothing more is kept,
            without a site.
        """
        return Plan(
            tuple(
                PatrolDecision(
                    self.teams.get(patrol.team_id, patrol.team_id),
                    patrol.depart_day,
                    tuple(s for s in patrol.site_ids if s not in self.homecomings),
                )
                for patrol in plan.patrols
            )
        )


def pose_continuation(
    problem: Problem,
    now_min: float,
    patrols: Sequence[Underway],
    *,
    visited: Mapping[str, float] | None = None,
) -> Continuation:
    """Return what of a problem is left to decide at a moment.

    Days before the moment offer nothing. Each patrol under way must come home; sites
    that were visited earn again once their need has grown back, and else never. What
    was earned on the way before stays among the waysides, and must be taken out.

    Parameters
    ----------
    problem
        The whole.
    now_min
        The moment, in minutes of the problem's clock.
    patrols
        Who is out; of each team one at most.
    visited
        By id of a site: minute of the last arrival there; below 0 if it was before
        the horizon.

    Raises
    ------
    ValueError
        If a patrol under way is of no team, stands at no place or stands there before
        the moment, or a site visited is none; all faults at once.
    """
    seen = dict(visited or {})
    unknown = sorted(set(seen) - set(problem.site_index))
    refuse(
        *_find_faults(problem, now_min, patrols),
        *(build_fault("visited", f"{s!r}", "the id of a site") for s in unknown),
    )
    end_min = float(problem.day_starts_min[-1])
    today = _find_day(problem, now_min)
    ids = list(problem.place_ids)
    opens, closes = problem.opens_min.copy(), problem.closes_min.copy()
    # What is past offers nothing: a window that closes as it opens.
    opens[:, :today] = closes[:, :today]
    opens[:, today] = np.maximum(opens[:, today], now_min)
    sites = [_grow(site, seen, end_min) for site in problem.sites]
    bases, pairs = list(problem.bases), list(problem.forbidden_pairs)
    roster: list[Team] = []
    starts: dict[str, Underway] = {}
    homecomings: dict[str, str] = {}
    names: dict[str, str] = {}
    rows_opens: list[NDArray[np.float64]] = []
    rows_closes: list[NDArray[np.float64]] = []
    out = {patrol.team_id: patrol for patrol in patrols}
    wide = [widen_travel(matrix, 2 * len(patrols)) for matrix in problem.travel]
    travel = list(wide)
    for team in problem.teams:
        patrol = out.get(team.id)
        if patrol is None:
            roster.append(team)
            continue
        start_id, home_id = f"start:{team.id}", f"home:{team.id}"
        here, home = (problem.place_index[p] for p in (patrol.place_id, team.base_id))
        start = len(ids)
        ids += [start_id, home_id]
        leaves = _find_leaving_day(problem, here, max(patrol.ready_min, now_min))
        last_day = patrol.depart_day + team.max_days - 1
        begins = opens[here].copy()
        if leaves < problem.horizon_days:
            begins[leaves] = max(begins[leaves], patrol.ready_min)
        rows_opens += [begins, opens[home]]
        rows_closes += [closes[here], closes[home]]
        bases.append(Base(start_id, team.base_id))
        home_site = Site(home_id, team.base_id, 0.0, 0.0, required=True)
        home_by = _list_evenings(problem, last_day)
        home_site = replace(home_site, beyond_base=False, windows_min=home_by)
        sites.append(replace(home_site, roles=(home_id,)))
        pairs += [
            (home_id, partner)
            for pair in problem.forbidden_pairs
            for site, partner in (pair, pair[::-1])
            if site in patrol.visited and partner not in patrol.visited
        ]
        used = leaves - patrol.depart_day
        roster += [
            replace(
                team,
                id=start_id,
                base_id=start_id,
                vehicle=start_id,
                min_days=max(1, min(team.min_days - used, last_day - leaves + 1)),
                # One day more, if home's evening is later than that where it starts.
                max_days=max(1, last_day - leaves + 2),
                # None left is no range a team can have; next to none gets nowhere.
                range_km=max(team.range_km - patrol.driven_m / 1000.0, 1e-9),
                hazard_budget=max(team.hazard_budget - patrol.hazard, 0.0),
                roles=(*team.roles, home_id),
            ),
            replace(team, vehicle=home_id),
        ]
        free = last_day + team.rest_days + 1
        for matrix in [m for m in wide if m.vehicle == team.vehicle]:
            led = _lead_home(matrix, here, home, start)
            end = problem.horizon_days - 1
            days = ((0, leaves - 1), (leaves, leaves), (leaves + 1, end))
            # One whose days are over has no way left that keeps them.
            shut = (True, leaves > last_day, True)
            for (first, last), closed in zip(days, shut, strict=True):
                travel += cut_days(problem, led, start_id, first, last, start, closed)
            travel += cut_days(problem, matrix, home_id, 0, free - 1, home, True)
            travel += cut_days(problem, matrix, home_id, free, end, home, False)
        starts[start_id], homecomings[home_id] = patrol, team.base_id
        names[start_id] = team.id
    met = {group for group in problem.groups if set(group.site_ids) & set(seen)}
    barred = {s for group in met for s in group.site_ids} - set(seen)
    posed = Problem(
        start=problem.start,
        horizon_days=problem.horizon_days,
        place_ids=tuple(ids),
        # Of a group whose site was visited, no other is.
        sites=tuple(replace(s, windows_min=()) if s.id in barred else s for s in sites),
        bases=tuple(bases),
        teams=tuple(roster),
        travel=tuple(travel),
        opens_min=np.vstack([opens, *rows_opens]),
        closes_min=np.vstack([closes, *rows_closes]),
        day_starts_min=problem.day_starts_min,
        limits=problem.limits,
        groups=tuple(group for group in problem.groups if group not in met),
        forbidden_pairs=tuple(pairs),
        waysides=problem.waysides,
    )
    return Continuation(posed, starts, homecomings, names)


def _find_faults(
    problem: Problem, now_min: float, patrols: Sequence[Underway]
) -> Iterator[Fault]:
    teams = {team.id: team for team in problem.teams}
    days = problem.day_starts_min
    if not days[0] <= now_min < days[-1]:
        span = f"from {days[0]} to below {days[-1]}"
        yield build_fault("now_min", f"{now_min}", span)
    named = [patrol.team_id for patrol in patrols]
    for patrol in patrols:
        where = f"patrol under way of {patrol.team_id!r}"
        if patrol.team_id not in teams or named.count(patrol.team_id) > 1:
            found = "no such team" if patrol.team_id not in teams else "two patrols"
            yield build_fault(where, found, "one patrol of a team of the problem")
        if patrol.place_id not in problem.place_index:
            yield build_fault(where, f"{patrol.place_id!r}", "a place of the problem")
        if patrol.ready_min < now_min:
            found = f"ready_min {patrol.ready_min}"
            yield build_fault(where, found, f"no sooner than now, {now_min}")


def _find_day(problem: Problem, minute: float) -> int:
    return int(np.searchsorted(problem.day_starts_min, minute, side="right")) - 1


def _list_evenings(problem: Problem, last_day: int) -> tuple[tuple[float, float], ...]:
    """Return when a patrol may come home that must be there on some day."""
    days = min(last_day + 1, problem.horizon_days)
    due_min = float(np.nextafter(problem.day_starts_min[days], 0.0)) if days > 0 else 0
    return ((0.0, due_min),) if days > 0 else ()


def _find_leaving_day(problem: Problem, place: int, ready_min: float) -> int:
    """Return the first day whose window at a place is not over at a minute."""
    closes = problem.closes_min[place] - problem.limits.break_min
    for day in range(_find_day(problem, ready_min), problem.horizon_days):
        if max(problem.opens_min[place, day], ready_min) < closes[day]:
            return day
    return problem.horizon_days


def _grow(site: Site, seen: Mapping[str, float], end_min: float) -> Site:
    """Return a site as it may be visited after its last arrival."""
    if site.id not in seen:
        return site
    if site.cadence_days is None:
        return replace(site, required=False, windows_min=())
    again = seen[site.id] + site.cadence_days * _DAY_MIN
    windows = ((0.0, end_min),) if site.windows_min is None else site.windows_min
    return replace(
        site,
        required=False,
        windows_min=tuple(
            (max(begins, again), ends) for begins, ends in windows if ends >= again
        ),
    )


_Ways = Mapping[tuple[int, int], tuple[tuple[Any, float], ...]]


def _lead_home(matrix: TravelMatrix, here: int, home: int, start: int) -> TravelMatrix:
    """Return a matrix with the ways of a start, and of the homecoming next to it.

    The start's row is of where the patrol stands, its column of home.
    """
    homecoming = start + 1

    def lead(cells: NDArray[np.float64]) -> NDArray[np.float64]:
        led = cells.copy()
        led[:, start] = led[:, homecoming] = cells[:, home]
        led[start, :] = led[here, :]
        led[[start, homecoming], [start, homecoming]] = 0.0
        led[start, here] = 0.0
        led[homecoming, :] = np.inf
        led[homecoming, [start, homecoming]] = 0.0
        return led

    def carry(ways: _Ways) -> dict[tuple[int, int], tuple[tuple[Any, float], ...]]:
        carried = dict(ways)
        for (origin, destination), found in ways.items():
            home_again = (start, homecoming) if destination == home else ()
            for end in (destination, *home_again):
                carried[origin, end] = found
                if origin == here:
                    carried[start, end] = found
        return carried

    return replace(
        matrix,
        durations_min=lead(matrix.durations_min),
        lengths_m=lead(matrix.lengths_m),
        fuels_l=lead(matrix.fuels_l),
        hazards=None if matrix.hazards is None else lead(matrix.hazards),
        halt_blocked=carry(matrix.halt_blocked),
        waysides=carry(matrix.waysides),
    )
