"""Teams that rest at first: nobody leaves before, and nothing else is lost by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baselines import find_best_need
from patrolplan.errors import ProblemError
from patrolplan.planning.fingerprint import fingerprint_problem
from patrolplan.planning.solver import solve
from problems import build_hand_theatre, build_team, build_tiny_theatre


def hold(problem, day):
    """Return a problem whose first team may not leave before a day."""
    first, *others = problem.teams
    return replace(problem, teams=(replace(first, ready_day=day), *others))


def test_a_team_leaves_on_the_day_it_is_ready() -> None:
    # Ten days, a site an hour's drive of five away: it is there and back in a day.
    for day, visits in ((0, 1), (4, 1), (9, 1), (10, 0)):
        team = build_team(ready_day=day)
        found = solve(build_hand_theatre(team=team).problem, seed=1, iterations=50)
        assert len(found.plan.patrols) == visits
        assert found.need == 100.0 * visits
        assert found.bound == pytest.approx(found.need)
        assert all(patrol.depart_day >= day for patrol in found.plan.patrols)


def test_it_equals_brute_force_on_tiny_problems() -> None:
    later = 0
    for seed in range(20):
        whole = build_tiny_theatre(seed).problem
        problem = hold(whole, 2)
        best = find_best_need(problem)
        found = solve(problem, seed=1, iterations=100)
        assert best <= find_best_need(whole) * (1 + 1e-9)
        assert found.need == pytest.approx(best)
        assert found.bound >= best * (1 - 1e-9)
        held = problem.teams[0].id
        assert all(p.depart_day >= 2 for p in found.plan.patrols if p.team_id == held)
        later += best < find_best_need(whole) * (1 - 1e-9)
    # The wait costs something in some of them, or nothing is tried here.
    assert later


def test_only_a_team_that_rests_is_another_problem() -> None:
    problem = build_hand_theatre().problem
    assert fingerprint_problem(hold(problem, 0)) == fingerprint_problem(problem)
    assert fingerprint_problem(hold(problem, 1)) != fingerprint_problem(problem)
    with pytest.raises(ProblemError, match="ready_day"):
        build_team(ready_day=-1)
