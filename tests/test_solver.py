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
        solved = solve(problem, seed=1, iterations=500).need
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
        solved = solve(problem, seed=1, iterations=100).need
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
    plan = solve(turned, seed=1, iterations=50).plan
    assert len(set(list_visits(plan))) == len(list_visits(plan))


def test_limits_hold():
    problem = build_random_theatre(2, days=21, max_days=9, periods=2).problem
    plan = solve(problem, seed=1, iterations=200).plan
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
    assert list_visits(solve(problem, seed=1, iterations=20).plan) == ["s2"]
    sites = (replace(problem.sites[0], required=True), problem.sites[1])
    asked = replace(problem, sites=sites)
    assert list_visits(solve(asked, seed=1, iterations=20).plan) == ["s1"]


def test_required_sites_in_a_full_plan():
    theatre = build_random_theatre(4, days=21, max_days=9, required=6)
    problem = theatre.problem
    plan = solve(problem, seed=1, iterations=200).plan
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
    assert solve(problem, seed=1, iterations=20).plan == Plan()
    sites = tuple(replace(site, required=True) for site in problem.sites)
    asked = replace(problem, sites=sites)
    assert sorted(list_visits(solve(asked, seed=1, iterations=20).plan)) == [
        "s1",
        "s2",
        "s3",
    ]


def test_patrols_reach_their_least_days():
    # A site alone takes one day; two take 1140 minutes: two days.
    problem = build_hand_theatre(
        dwells=(120, 120), team=build_team(min_days=2, max_days=3)
    ).problem
    plan = solve(problem, seed=1, iterations=20).plan
    assert [len(patrol.site_ids) for patrol in plan.patrols] == [2]
    problem = build_hand_theatre(team=build_team(min_days=2, max_days=3)).problem
    assert solve(problem, seed=1, iterations=20).plan == Plan()


def test_it_waits_for_roads_to_open():
    problem = build_hand_theatre().problem
    shut = build_matrix([[0, None], [None, 0]], days=(0, 4))
    fine = build_matrix([[0, 300], [300, 0]], days=(5, 9))
    plan = solve(replace(problem, travel=(shut, fine)), seed=1, iterations=20).plan
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
    assert solve(problem, seed=1, iterations=10).plan == Plan()


def test_progress_is_told():
    problem = build_random_theatre(3, sites=20, days=14).problem
    told = []
    solution = solve(problem, seed=1, iterations=40, on_progress=told.append)
    assert [row.share for row in told] == sorted(row.share for row in told)
    assert [row.need for row in told] == sorted(row.need for row in told)
    assert told[-1].need == solution.need
    assert all(row.bound >= solution.need for row in told)
    assert told[-1].gap == pytest.approx(solution.gap)


def test_an_interrupt_returns_the_best_so_far():
    problem = build_random_theatre(3, sites=20, days=14).problem

    def interrupt(progress):
        if progress.need > 0:
            raise KeyboardInterrupt

    for workers in (1, 2):
        solution = solve(
            problem, seed=1, iterations=400, workers=workers, on_progress=interrupt
        )
        assert solution.interrupted
        assert 0 < solution.need <= solution.bound
        assert list_visits(solution.plan)


def test_it_stops_once_the_gap_is_small_enough():
    problem = build_random_theatre(3, sites=20, days=14).problem
    told = []
    solution = solve(
        problem, seed=1, iterations=4000, stop_gap=0.2, on_progress=told.append
    )
    assert solution.gap <= 0.2
    # Most of the rounds were left, and yet whoever listens hears that it is over.
    assert told[-2].share < 1.0
    assert told[-1].share == 1.0


def test_by_the_clock():
    problem = build_random_theatre(3, sites=20, days=14).problem
    solution = solve(problem, seed=1, seconds=0.5)
    assert 0 < solution.need <= solution.bound


def test_the_number_of_workers_is_part_of_the_question():
    problem = build_random_theatre(6, sites=30).problem
    for workers in (1, 2, 3):
        first, second = (
            solve(problem, seed=3, iterations=60, workers=workers) for _ in range(2)
        )
        assert first == second


def test_a_proof_equals_brute_force():
    proven = 0
    for seed in range(60):
        problem = build_tiny_theatre(seed).problem
        solution = solve(problem, seed=1, iterations=40)
        best = find_best_need(problem)
        assert solution.bound >= best * (1 - 1e-9)
        if best > 0 and solution.gap < 1e-6:
            proven += 1
            assert solution.need == pytest.approx(best)
    assert proven >= 30


def test_patrols_leave_as_early_as_they_can():
    problem = build_hand_theatre(days=9).problem
    plan = solve(problem, seed=1, iterations=20).plan
    assert [patrol.depart_day for patrol in plan.patrols] == [0]


def test_what_is_required_does_not_leave_a_gap_unproven():
    """Far from proven by prices alone, the rest must be listed and chosen from."""
    problem = build_random_theatre(1, sites=14, days=10, max_days=6, teams=3).problem
    sites = tuple(replace(site, required=site.id == "site02") for site in problem.sites)
    for iterations in (50, 2000):
        solution = solve(replace(problem, sites=sites), seed=1, iterations=iterations)
        assert "site02" in list_visits(solution.plan)
        assert solution.gap <= 1e-5


def test_the_clock_also_ends_the_bound_of_a_plan_that_lacks_what_is_required(
    monkeypatch,
):
    # The one required site is out of range, and the time is up at the first look.
    problem = build_hand_theatre(
        dwells=(60, 60), team=build_team(range_km=299.0)
    ).problem
    near = replace(problem.sites[1], need=5.0)
    far = replace(problem.sites[0], required=True)
    matrix = problem.travel[0]
    lengths = matrix.lengths_m.copy()
    lengths[2, :] = lengths[:, 2] = 1000.0
    problem = replace(
        problem, sites=(far, near), travel=(replace(matrix, lengths_m=lengths),)
    )
    rounds = []
    monkeypatch.setattr(
        "patrolplan.planning.bound.Bounding.improve",
        lambda self: rounds.append(1) or len(rounds) < 1000,
    )
    ticks = iter(range(0, 10**9, 10))
    monkeypatch.setattr(
        "patrolplan.planning.solver.time.monotonic", lambda: float(next(ticks))
    )
    solution = solve(problem, seed=1, seconds=1.0, workers=1)
    assert solution.need == 5.0
    assert not rounds
