from __future__ import annotations

from dataclasses import replace

import pytest

from baselines import find_best_need, plan_nearest_neighbour, plan_shortest_loop
from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import Plan
from patrolplan.planning.solver import solve
from problems import (
    build_hand_theatre,
    build_matrix,
    build_random_theatre,
    build_team,
    build_tiny_theatre,
)


def measure(problem, plan):
    needs = {site.id: site.need or 0.0 for site in problem.sites}
    return sum(needs[site] for patrol in plan.patrols for site in patrol.site_ids)


def list_visits(plan):
    return [site for patrol in plan.patrols for site in patrol.site_ids]


def test_it_beats_the_naive_planners():
    """By 6 % on each of four problems, 15 % on average (measured: 8 to 33, 21 %)."""
    margins = []
    for seed in (1, 2, 3, 4):
        problem = build_random_theatre(seed, days=21, max_days=9).problem
        solved = measure(problem, solve(problem, seed=1, iterations=500))
        naive = max(
            measure(problem, plan_nearest_neighbour(problem)),
            measure(problem, plan_shortest_loop(problem)),
        )
        margins.append(solved / naive - 1)
    assert min(margins) >= 0.06
    assert sum(margins) / len(margins) >= 0.15


def test_it_equals_brute_force_on_tiny_problems():
    """All of 100 seeded problems of 3 to 5 sites (600 of 600 when first measured)."""
    same = tried = 0
    for seed in range(100):
        problem = build_tiny_theatre(seed).problem
        best = find_best_need(problem)
        solved = measure(problem, solve(problem, seed=1, iterations=100))
        assert solved <= best * (1 + 1e-9)
        same += solved >= best * (1 - 1e-9)
        tried += best > 0
    assert same >= 98
    assert tried >= 60


def test_same_seed_same_plan():
    problem = build_random_theatre(7, sites=30).problem
    first = solve(problem, seed=3, iterations=120)
    assert solve(problem, seed=3, iterations=120) == first
    again = build_random_theatre(7, sites=30).problem
    assert solve(again, seed=3, iterations=120) == first
    seeds = [solve(problem, seed=seed, iterations=0) for seed in range(4)]
    assert any(plan != seeds[0] for plan in seeds)


def test_the_order_of_input_does_not_make_plans_invalid():
    problem = build_random_theatre(7, sites=30).problem
    turned = replace(problem, sites=problem.sites[::-1], teams=problem.teams[::-1])
    plan = solve(turned, seed=1, iterations=50)
    assert len(set(list_visits(plan))) == len(list_visits(plan))


def test_limits_hold():
    problem = build_random_theatre(2, days=21, max_days=9, periods=2).problem
    plan = solve(problem, seed=1, iterations=200)
    visits = list_visits(plan)
    assert len(visits) == len(set(visits))
    for team in problem.teams:
        home = None
        for patrol in plan.patrols:
            if patrol.team_id != team.id:
                continue
            value = evaluate_patrol(problem, team, patrol.depart_day, patrol.site_ids)
            assert value.failure is None
            assert home is None or patrol.depart_day >= home + 1 + team.rest_days
            home = value.return_day
    assert list(plan.patrols) == sorted(
        plan.patrols, key=lambda p: (p.depart_day, p.team_id)
    )


def test_required_sites_come_first_whatever_they_earn():
    # One patrol of one day reaches one site: 300 + 120 + 300 of 720 minutes.
    theatre = build_hand_theatre(
        dwells=(120, 120), needs=(1.0, 1000.0), days=1, team=build_team(max_days=1)
    )
    problem = theatre.problem
    assert list_visits(solve(problem, seed=1, iterations=20)) == ["s2"]
    sites = (replace(problem.sites[0], required=True), problem.sites[1])
    asked = replace(problem, sites=sites)
    assert list_visits(solve(asked, seed=1, iterations=20)) == ["s1"]


def test_required_sites_in_a_full_plan():
    theatre = build_random_theatre(4, days=21, max_days=9, required=6)
    problem = theatre.problem
    plan = solve(problem, seed=1, iterations=200)
    reachable = {
        site.id
        for site in problem.sites
        for team in problem.teams
        if site.required
        and evaluate_patrol(problem, team, 0, (site.id,)).failure
        in (None, "too_few_days")
    }
    assert reachable
    assert reachable <= set(list_visits(plan))


def test_unknown_held_and_worthless_sites_are_left_out_unless_required():
    problem = build_hand_theatre(dwells=(60, 60, 60), needs=(None, 0.0, 50.0)).problem
    held = replace(problem.sites[2], held_by="base")
    problem = replace(problem, sites=(*problem.sites[:2], held))
    assert solve(problem, seed=1, iterations=20) == Plan()
    sites = tuple(replace(site, required=True) for site in problem.sites)
    asked = replace(problem, sites=sites)
    assert sorted(list_visits(solve(asked, seed=1, iterations=20))) == [
        "s1",
        "s2",
        "s3",
    ]


def test_patrols_reach_their_least_days():
    # A site alone takes one day; two take 1140 minutes: two days.
    problem = build_hand_theatre(
        dwells=(120, 120), team=build_team(min_days=2, max_days=3)
    ).problem
    plan = solve(problem, seed=1, iterations=20)
    assert [len(patrol.site_ids) for patrol in plan.patrols] == [2]
    problem = build_hand_theatre(team=build_team(min_days=2, max_days=3)).problem
    assert solve(problem, seed=1, iterations=20) == Plan()


def test_it_waits_for_roads_to_open():
    problem = build_hand_theatre().problem
    shut = build_matrix([[0, None], [None, 0]], days=(0, 4))
    fine = build_matrix([[0, 300], [300, 0]], days=(5, 9))
    plan = solve(replace(problem, travel=(shut, fine)), seed=1, iterations=20)
    assert [(patrol.depart_day, patrol.site_ids) for patrol in plan.patrols] == [
        (5, ("s1",))
    ]


@pytest.mark.parametrize("changes", [{"teams": ()}, {"sites": (), "bases": ()}])
def test_nothing_to_do_is_an_empty_plan(changes):
    problem = build_hand_theatre().problem
    if "sites" in changes:
        problem = build_hand_theatre(dwells=()).problem
    else:
        problem = replace(problem, **changes)
    assert solve(problem, seed=1, iterations=10) == Plan()


def test_progress_is_told():
    problem = build_hand_theatre(dwells=(60, 60)).problem
    told = []
    solve(problem, seed=1, iterations=10, on_progress=lambda *row: told.append(row))
    assert told[-1] == (10, 10, 200.0)
    assert [row[0] for row in told] == list(range(1, 11))
