"""Problems of the size of northern Mali, made by chance, and how they are solved."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.solver import solve

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from synthetic_mali import build_synthetic_mali, measure


def check_by_hand(problem, plan):
    """Run each patrol through the plain clock, and count each visit."""
    visits = [site for patrol in plan.patrols for site in patrol.site_ids]
    assert len(visits) == len(set(visits))
    teams = {team.id: team for team in problem.teams}
    sites = {site.id: site for site in problem.sites}
    for patrol in plan.patrols:
        team = teams[patrol.team_id]
        value = evaluate_patrol(problem, team, patrol.depart_day, patrol.site_ids)
        assert value.failure is None
        for site in patrol.site_ids:
            assert set(sites[site].roles) <= set(team.roles)
    return sum(sites[site].need for site in visits)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_one_is_proven(seed):
    problem = build_synthetic_mali(25, 3, bases=2, seed=seed)
    solution = solve(problem, seed=1, iterations=400)
    assert check_by_hand(problem, solution.plan) == pytest.approx(solution.need)
    assert 0 < solution.need < sum(site.need for site in problem.sites)
    assert solution.gap <= 0.002


def test_daylight_and_roles_are_kept():
    problem = build_synthetic_mali(60, 5, seed=1, daylight=True, roles=True)
    solution = solve(problem, seed=1, iterations=60)
    assert check_by_hand(problem, solution.plan) == pytest.approx(solution.need)
    assert solution.need <= solution.bound


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("sites", "patrols", "seconds", "most"), [(60, 5, 15, 0.002), (120, 8, 60, 0.005)]
)
def test_full_size_is_certified_in_time(sites, patrols, seconds, most, seed):
    problem = build_synthetic_mali(sites, patrols, seed=seed)
    found = measure(problem, seconds, seed, 2)
    assert found["gap"] <= most


@pytest.mark.soak
def test_a_mission_of_400_sites_has_a_plan_in_two_seconds():
    problem = build_synthetic_mali(400, 20, seed=1, daylight=True, roles=True)
    solution = solve(problem, seed=1, seconds=2.0)
    assert check_by_hand(problem, solution.plan) > 0
    assert 0 < solution.gap < 1
