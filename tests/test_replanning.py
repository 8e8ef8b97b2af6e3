from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrolplan.planning.clock import drive, visit
from patrolplan.planning.keeping import PlannedVisit
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.replanning import Remainder, replan_remainder
from patrolplan.planning.tables import build_tables
from patrolplan.planning.underway import Underway
from problems import build_team
from test_underway import DAY, build_random

LEFT = ("s1", "s2", "s3")


def build_case(seed):
    """One team at s0 on the morning of day 1, out since day 0, and one at home."""
    problem = build_random(seed, days=5)
    teams = (
        replace(problem.teams[0], rest_days=5),
        build_team("t2", max_days=3, rest_days=5, range_km=400.0 + 100.0 * (seed % 5)),
    )
    problem = replace(problem, teams=teams)
    driven_m = 100_000.0 + 50_000.0 * (seed % 5)
    return problem, Underway("t1", "s0", DAY, 0, driven_m, 0.0, ("s0",))


def walk(problem, team, here, now, day, last, driven_m, order, waits=()):
    """Return the visits of a way home by the duty clock alone, or None.

    A visit that waits begins no sooner than on its day, and on no other.
    """
    tables = build_tables(problem)
    vehicle, visits = tables.vehicles[team.vehicle], []
    length, first = driven_m, True
    for site in (*order, None):
        there = problem.place_index[team.base_id if site is None else site]
        driven = drive(tables, vehicle, here, there, now, day, last)
        if isinstance(driven, str) or (first and driven.depart_day != day):
            return None
        first = False
        length += vehicle.lengths_m[driven.depart_day][here][there]
        now, day, here = driven.arrive_min, driven.arrive_day, there
        if site is not None:
            due = next((v.day for v in waits if v.site_id == site), day)
            if due > day:
                now, day = due * DAY, due
            visited = visit(tables, there, now, day, last)
            if isinstance(visited, str) or (waits and visited.day < due):
                return None
            visits.append(PlannedVisit(site, team.id, visited.day))
            now, day = visited.end_min, visited.day
    return visits if length <= team.range_km * 1000.0 + 1e-6 else None


def list_orders(sites):
    return [o for n in range(len(sites) + 1) for o in permutations(sites, n)]


def list_waits(planned, team, order):
    """Return every choice of the planned visits that a patrol waits for."""
    own = [v for v in planned if v.team_id == team.id and v.site_id in order]
    return [c for n in range(len(own) + 1) for c in combinations(own, n)]


def list_rests(problem, patrol, planned=()):
    """Yield the visits of every way to go on: all orders, teams, days and waits."""
    one, two = problem.teams
    here = problem.place_index[patrol.place_id]
    base = problem.place_index["base"]
    last = min(patrol.depart_day + one.max_days, problem.horizon_days) - 1
    for order in list_orders(LEFT):
        start = (here, DAY, 1, last, patrol.driven_m)
        firsts = [
            done
            for waits in list_waits(planned, one, order)
            if (done := walk(problem, one, *start, order, waits)) is not None
        ]
        yield from firsts
        others = list_orders([s for s in LEFT if s not in order])[1:]
        for other in others if firsts else ():
            for day in range(1, problem.horizon_days):
                due = min(day + two.max_days, problem.horizon_days) - 1
                for waits in list_waits(planned, two, other):
                    more = walk(
                        problem, two, base, day * DAY, day, due, 0.0, other, waits
                    )
                    if more is not None:
                        yield from ([*done, *more] for done in firsts)


def find_best(problem, patrol, planned, worth):
    needs = {site.id: site.need for site in problem.sites}
    return max(
        (
            sum(needs[v.site_id] for v in visits)
            + worth * len(set(visits) & set(planned))
            for visits in list_rests(problem, patrol, planned)
        ),
        default=None,
    )


def build_remainder(patrol, visits=(), rest=()):
    return Remainder(
        day=1,
        underway=(patrol,),
        rest=Plan(tuple(rest)),
        visits=tuple(visits),
        visited={"s0": 600.0},
    )


def solve_rest(problem, remainder, worth):
    return replan_remainder(
        problem, remainder, worth=worth, seed=1, iterations=200, workers=1
    )


def pick_visits(problem, patrol, seed):
    """Return some plan for the rest: any, by the seed."""
    rests = [rest for rest in list_rests(problem, patrol) if rest]
    return rests[seed * 7919 % len(rests)] if rests else []


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), worth=st.sampled_from([0.0, 3.0, 20.0, 500.0]))
def test_need_and_worth_kept_are_the_most_there_is(seed, worth):
    problem, patrol = build_case(seed)
    planned = pick_visits(problem, patrol, seed)
    best = find_best(problem, patrol, planned, worth)
    found = solve_rest(problem, build_remainder(patrol, planned), worth)
    if best is None:
        assert found.stranded == ("t1",)
        return
    assert found.stranded == ()
    assert found.value == pytest.approx(best)
    assert found.value_bound >= best - 1e-6
    free = find_best(problem, patrol, planned, 0.0)
    assert found.need_bound >= free - 1e-6


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_what_is_worth_more_is_kept_no_less(seed):
    problem, patrol = build_case(seed)
    planned = pick_visits(problem, patrol, seed)
    remainder = build_remainder(patrol, planned)
    counts, needs = [], []
    for worth in (0.5, 5.0, 50.0, 500.0):
        found = solve_rest(problem, remainder, worth)
        # Only where the best is proven need it be so.
        if found.value_bound <= found.value * (1 + 1e-6):
            counts.append(found.kept_weighed)
            needs.append(found.need)
    assert counts == sorted(counts)
    assert all(a >= b - 1e-6 for a, b in pairwise(needs))


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_where_nothing_has_changed_the_best_rest_stays(seed):
    problem, patrol = build_case(seed)
    before = solve_rest(problem, build_remainder(patrol), 0.0)
    if before.stranded:
        return
    plan = before.name_plan()
    rest = [
        PatrolDecision(p.team_id, 0 if p.team_id == "t1" else p.depart_day, p.site_ids)
        for p in plan.patrols
    ]
    planned = list(_list_visits(problem, patrol, rest))
    after = solve_rest(problem, build_remainder(patrol, planned, rest), 1.0)
    assert after.name_plan() == before.name_plan()
    assert after.kept == frozenset(planned)


def _list_visits(problem, patrol, rest):
    for decision in rest:
        team = next(t for t in problem.teams if t.id == decision.team_id)
        out = decision.team_id == "t1"
        first = 0 if out else decision.depart_day
        last = min(first + team.max_days, problem.horizon_days) - 1
        yield from walk(
            problem,
            team,
            problem.place_index["s0" if out else "base"],
            DAY if out else decision.depart_day * DAY,
            1 if out else decision.depart_day,
            last,
            patrol.driven_m if out else 0.0,
            decision.site_ids,
        )


def test_in_some_of_these_cases_the_worth_of_keeping_decides():
    for seed in (1, 13, 27):
        problem, patrol = build_case(seed)
        remainder = build_remainder(patrol, pick_visits(problem, patrol, seed))
        free, kept = (solve_rest(problem, remainder, w) for w in (0.0, 500.0))
        assert kept.need < free.need
        assert len(kept.kept) > len(free.kept)
