"""The rest of a plan decided anew: what is done stays, and change must be worth it.

The plan for the rest is the best by its need and by what it keeps: each visit that
stays with its team and on its day is worth so much besides. That the old rest is not
bettered is made sure of: what of it can still be driven is one of the plans compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from patrolplan.planning.keeping import Keeping, PlannedVisit, weigh_keeping
from patrolplan.planning.problem import Plan, Problem, Team
from patrolplan.planning.reshaping import cut_days
from patrolplan.planning.solver import DEFAULT_WORKERS, Progress, Solution, solve
from patrolplan.planning.underway import Continuation, Underway, pose_continuation
from patrolplan.planning.yardstick import Yardstick

__all__ = ["Remainder", "Replanned", "pose_freed", "replan_remainder"]

# Two plans this near, as a share of their value, are as good as each other.
_EQUAL = 1e-6
# A patrol that cannot come home within its limits comes home whatever it takes.
_NO_RANGE_KM = 1e6


@dataclass(frozen=True)
class Remainder:
    """How far a plan has come at the beginning of a day, and what was to come.

    Parameters
    ----------
    day
        The day of the horizon: all before it is done.
    underway
        The patrols that are out.
    rest
        What was planned from then on. A patrol under way stands with the sites that it
        has not visited yet, be there none.
    visits
        The visits of the rest.
    visited
        By site visited before: minute of its last arrival.
    free_days
        By team that is home: first day on which it may go out again.
    earned
        Numbers of the waysides that were earned before.
    """

    day: int
    underway: tuple[Underway, ...] = ()
    rest: Plan = field(default_factory=Plan)
    visits: tuple[PlannedVisit, ...] = ()
    visited: Mapping[str, float] = field(default_factory=dict)
    free_days: Mapping[str, int] = field(default_factory=dict)
    earned: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Replanned:
    """The rest of a plan, decided anew.

    Parameters
    ----------
    continuation
        The rest of the problem.
    keeping
        The same with visits that are worth keeping: what the plan is for.
    plan
        What was decided, in its words: patrols under way lead to their homecoming, and
        copies stand for visits kept.
    need, need_bound
        Need that the plan earns from then on, and that no plan can exceed.
    worth
        What keeping a visit was worth, in the unit of need.
    kept
        Visits that stay with their team and on their day.
    weighed, kept_weighed
        How many visits were worth keeping, and how many of them are kept; fewer than
        all where a site may be visited again.
    value_bound
        What need and worth kept together cannot exceed.
    stranded
        Teams whose patrol under way cannot come home within its limits: they come home
        the straight way, or if there is none stay where they are.
    interrupted
        Whether a search was ended early.
    """

    continuation: Continuation
    keeping: Keeping
    plan: Plan
    need: float
    need_bound: float
    worth: float
    kept: frozenset[PlannedVisit]
    weighed: int
    kept_weighed: int
    value_bound: float
    stranded: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def value(self) -> float:
        """Need of the plan, and the worth of what it keeps."""
        return self.need + self.worth * self.kept_weighed

    def name_plan(self) -> Plan:
        """Return the plan with teams and sites by their own ids."""
        return self.continuation.drop_homecomings(self.keeping.name_sites(self.plan))


def replan_remainder(
    problem: Problem,
    remainder: Remainder,
    *,
    worth: float,
    seed: int,
    iterations: int = 8000,
    seconds: float | None = None,
    workers: int = DEFAULT_WORKERS,
    on_progress: Callable[[Progress], None] | None = None,
) -> Replanned:
    """Return the best plan for what is left of a problem.

    Equity is not weighed. A team whose next patrol was planned sooner than its patrol
    under way could last is to be home in time for it, unless it cannot.

    Parameters
    ----------
    problem
        The whole, as it is now: roads closed, needs raised, sites required.
    remainder
        How far its plan has come.
    worth
        What it is worth that a visit stays with its team and on its day, in the unit of
        need.
    seed, iterations, seconds, workers, on_progress
        Of the solver, which is asked twice: with the worth of keeping and without.

    Raises
    ------
    ValueError
        If what is said of the remainder does not fit the problem.
    """
    told = (seed, iterations, seconds, workers, on_progress)
    left = _take_out(problem, remainder)
    hasty = _find_deadlines(problem, remainder)
    found = _decide(left, remainder, worth, hasty, told)
    if hasty and found.stranded:
        found = _decide(left, remainder, worth, {}, told)
    return found


def _take_out(problem: Problem, remainder: Remainder) -> Problem:
    """Return a problem without what is done: earned, met, or at rest."""
    limits, travel, teams = problem.limits, list(problem.travel), []
    for team in problem.teams:
        free_day = remainder.free_days.get(team.id, 0)
        if free_day <= remainder.day:
            teams.append(team)
            continue
        vehicle, end = f"rest:{team.id}", problem.horizon_days - 1
        base = problem.place_index[team.base_id]
        for matrix in problem.travel:
            if matrix.vehicle == team.vehicle:
                spans = ((0, min(free_day - 1, end), True), (free_day, end, False))
                for first, last, barred in spans:
                    travel += cut_days(
                        problem, matrix, vehicle, first, last, base, barred
                    )
        teams.append(replace(team, vehicle=vehicle))
    unknown = {site.id for site in problem.sites if site.need is None}
    least = min(limits.min_unknown_visits, len(unknown))
    least = max(0, least - len(unknown.intersection(remainder.visited)))
    return replace(
        problem,
        teams=tuple(teams),
        travel=tuple(travel),
        limits=replace(limits, min_unknown_visits=least),
        waysides=tuple(
            replace(wayside, need=0.0) if number in remainder.earned else wayside
            for number, wayside in enumerate(problem.waysides)
        ),
        shares=(),
    )


def _find_deadlines(problem: Problem, remainder: Remainder) -> dict[str, int]:
    """Return the last day out of patrols under way whose team was to go again soon."""
    teams = {team.id: team for team in problem.teams}
    deadlines = {}
    for patrol in remainder.underway:
        team = teams[patrol.team_id]
        following = [
            decision.depart_day
            for decision in remainder.rest.patrols
            if decision.team_id == team.id and decision.depart_day >= remainder.day
        ]
        if following:
            last_day = min(following) - team.rest_days - 1
            if last_day < patrol.depart_day + team.max_days - 1:
                deadlines[team.id] = last_day
    return deadlines


def _pose(
    problem: Problem,
    remainder: Remainder,
    deadlines: Mapping[str, int],
    freed: Collection[str] = (),
) -> Continuation:
    """Return the continuation; teams freed have no limit on their way home."""
    departs = {patrol.team_id: patrol.depart_day for patrol in remainder.underway}

    def limit(team: Team) -> Team:
        if team.id in freed:
            days = problem.horizon_days - departs[team.id]
            return replace(
                team,
                max_days=max(team.max_days, days),
                range_km=_NO_RANGE_KM,
                hazard_budget=float("inf"),
            )
        if team.id not in deadlines:
            return team
        days = max(1, deadlines[team.id] - departs[team.id] + 1)
        return replace(team, max_days=days, min_days=min(team.min_days, days))

    whole = {team.id: team for team in problem.teams}
    now_min = float(problem.day_starts_min[remainder.day])
    posed = pose_continuation(
        replace(problem, teams=tuple(limit(team) for team in problem.teams)),
        now_min,
        remainder.underway,
        visited=remainder.visited,
    )
    # The limit is that of the patrol under way, not of the team's next.
    teams = tuple(
        replace(
            team,
            max_days=whole[team.id].max_days,
            min_days=whole[team.id].min_days,
            range_km=whole[team.id].range_km,
            hazard_budget=whole[team.id].hazard_budget,
        )
        if team.id in whole
        else team
        for team in posed.problem.teams
    )
    return replace(posed, problem=replace(posed.problem, teams=teams))


def pose_freed(problem: Problem, remainder: Remainder, team_id: str) -> Continuation:
    """Return the continuation in which one patrol under way has no limits.

    Parameters
    ----------
    problem, remainder
        The whole, and how far its plan has come.
    team_id
        Whose patrol.
    """
    return _pose(_take_out(problem, remainder), remainder, {}, [team_id])


_Told = tuple[int, int, float | None, int, Callable[[Progress], None] | None]


def _solve(problem: Problem, told: _Told) -> Solution:
    seed, iterations, seconds, workers, on_progress = told
    return solve(
        problem,
        seed=seed,
        iterations=iterations,
        seconds=seconds,
        workers=workers,
        on_progress=on_progress,
    )


def _decide(
    problem: Problem,
    remainder: Remainder,
    worth: float,
    deadlines: Mapping[str, int],
    told: _Told,
) -> Replanned:
    continuation = _pose(problem, remainder, deadlines)
    left = continuation.problem
    keeping = weigh_keeping(
        left,
        _take_first(remainder.visits),
        worth,
        teams=continuation.teams,
        from_min=float(problem.day_starts_min[remainder.day]),
    )
    judge = Yardstick(continuation, keeping, remainder.visits, worth)
    weighed = _solve(keeping.problem, told)
    free = _solve(left, told) if keeping.copies else weighed
    plans = [
        judge.bring_home(judge.drop_stray(found.plan), remainder.day)
        for found in (weighed, free)
    ]
    best = judge.wait_at_home(max(plans, key=judge.measure))
    rest = judge.take_possible(judge.name_rest(remainder.rest, remainder.day))
    rest = judge.bring_home(rest, remainder.day)
    demands, value = judge.measure(best)
    old_demands, old_value = judge.measure(rest)
    as_good = old_value >= value - _EQUAL * max(1.0, abs(value))
    if old_demands > demands or (old_demands == demands and as_good):
        best = rest
    kept = judge.find_kept(best)
    kept_weighed = len(kept.intersection(keeping.copies.values()))
    need = judge.measure_need(best)
    stranded = sorted(
        team
        for start, team in continuation.teams.items()
        if not any(patrol.team_id == start for patrol in best.patrols)
    )
    return Replanned(
        continuation=continuation,
        keeping=keeping,
        plan=best,
        need=need,
        need_bound=max(free.bound, need),
        worth=worth,
        kept=kept,
        weighed=len(keeping.copies),
        kept_weighed=kept_weighed,
        value_bound=max(weighed.bound, need + worth * kept_weighed),
        stranded=tuple(stranded),
        interrupted=weighed.interrupted or free.interrupted,
    )


def _take_first(visits: tuple[PlannedVisit, ...]) -> list[PlannedVisit]:
    """Return of the visits of each site the first."""
    by_day = sorted(visits, key=lambda visit: (visit.site_id, visit.day, visit.team_id))
    return list({visit.site_id: visit for visit in reversed(by_day)}.values())
