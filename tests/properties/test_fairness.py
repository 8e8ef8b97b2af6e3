"""Equity on random problems: the worst served never lose, and brute force agrees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_optimum import as_brute_force_reads, build_small

from baselines import can_run, find_best_worth
from patrolplan.planning.equity import lift_worst_served, measure_least
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.shares import (
    ShareGroup,
    count_least,
    find_in_reach,
    measure_shares,
)
from patrolplan.planning.solver import solve
from problems import add_waysides, build_plan_file, build_tiny_theatre

# What a proof is: plan and bound the same but for rounding.
PROVEN = 1e-6


def share_out(problem, seed, *, weight, tail):
    """Return a problem whose sites belong to two or three groups, some to none."""
    rng = np.random.default_rng([seed, 7])
    groups = [{} for _ in range(int(rng.integers(2, 4)))]
    for site in problem.sites:
        number = int(rng.integers(0, len(groups) + 1))
        if number < len(groups) and site.need:
            groups[number][site.id] = site.need
    return replace(
        problem,
        limits=replace(problem.limits, equity_weight=weight, equity_tail=tail),
        shares=tuple(
            ShareGroup(f"cercle{number}", needs)
            for number, needs in enumerate(groups)
            if needs
        ),
    )


def list_visited(plan):
    return {site for patrol in plan.patrols for site in patrol.site_ids}


def measure_worst(problem, visited):
    """Return the least share of need within reach, from first principles."""
    shares = measure_shares(problem.shares, find_in_reach(problem), visited).values()
    return min(shares, default=0.0)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 10_000),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.02, 0.2, 1.0, 5.0]),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_equity_never_leaves_the_worst_served_with_less(
    seed, conditions, on_the_way, weight, tail
):
    theatre = build_tiny_theatre(seed, conditions=conditions)
    problem = share_out(theatre.problem, seed, weight=weight, tail=tail)
    if on_the_way and not conditions:
        problem = add_waysides(problem, seed)
    before = solve(problem, seed=1, iterations=40, workers=1)
    fairness = lift_worst_served(problem, before)
    if fairness is None:
        return
    after = fairness.solution
    worst = [measure_worst(problem, list_visited(s.plan)) for s in (before, after)]
    assert worst[1] >= worst[0] - 1e-9
    assert measure_least(problem, after.plan)[0] == pytest.approx(worst[1])
    assert fairness.bound >= fairness.worth * (1 - 1e-9)
    # What must be visited still is.
    visited = list_visited(after.plan)
    for group in problem.groups:
        if group.required and set(group.site_ids) & list_visited(before.plan):
            assert set(group.site_ids) & visited
    # And the plan is one that the referee accepts.
    if not problem.waysides:
        schedule = build_schedule(problem, after.plan)
        document = build_plan_file(replace(theatre, problem=problem), schedule)
        rules = {v.rule for v in document.assessment.violations}
        assert rules <= {"group_not_visited"}


def test_it_equals_brute_force():
    """When first measured: of 122 weighed 11 give up need for it, 91 are proven."""
    weighed = lifted = proven = 0
    for seed in range(160):
        problem = as_brute_force_reads(
            build_small(seed, sites=(4, 5, 6)[seed % 3], conditions=seed % 4 == 3)
        )
        weight, tail = (0.2, 1.0, 4.0)[seed // 3 % 3], (0.0, 1.0)[seed % 2]
        problem = share_out(problem, seed, weight=weight, tail=tail)
        before = solve(problem, seed=1, iterations=60, workers=1)
        fairness = lift_worst_served(problem, before)
        if fairness is None:
            continue
        best = find_best_worth(problem, problem.sites, build_measure(problem, fairness))
        assert fairness.bound >= best * (1 - 1e-9), seed
        assert fairness.worth <= best * (1 + 1e-9), seed
        assert fairness.worth == pytest.approx(best, rel=1e-9), seed
        weighed += 1
        lifted += fairness.lost_need > 1e-6
        proven += fairness.bound - fairness.worth <= PROVEN * fairness.bound
    # Else there was little to get wrong.
    assert weighed >= 100
    assert lifted >= 8
    assert proven >= 70


def build_measure(problem, fairness):
    """Return what a plan is worth by its sites; nothing if the worst served lose."""
    # A group is weighed if a patrol can serve it, by the duty clock.
    able = {
        site.id
        for site in problem.sites
        for team in problem.teams
        for day in range(problem.horizon_days)
        if can_run(problem, team, day, (site.id,))
    }
    reach = find_in_reach(problem)
    groups = [
        g
        for g in problem.shares
        if measure_shares([g], reach, ()) and able & set(g.needs)
    ]
    needs = {site.id: site.need or 0.0 for site in problem.sites}
    whole = sum(need for g in groups for site, need in g.needs.items() if site in reach)
    limits = problem.limits
    floor = measure_worst(problem, list_visited(fairness.before.plan))

    def measure(visited):
        shares = sorted(measure_shares(groups, reach, visited).values())
        count = count_least(len(shares), limits.equity_tail)
        if shares[0] < floor - 1e-9:
            return 0.0
        tail = sum(shares[:count]) / count
        return sum(needs[s] for s in visited) + limits.equity_weight * whole * tail

    return measure
