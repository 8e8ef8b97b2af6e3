"""Plans beside the best: sums on paper, and what holds for every mix."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.planning.alternatives import find_alternatives, measure_shared
from patrolplan.planning.departures import Departures
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.solver import solve
from patrolplan.planning.variation import (
    draw_by_lot,
    find_curve,
    find_mixture,
    list_patrols,
    measure_worst_loss,
)
from problems import build_hand_theatre, build_random_theatre, build_team
from test_inquiry import build_one_of_two


def solve_quickly(problem):
    return solve(problem, seed=1, iterations=60, workers=1)


# A mix, on paper


@pytest.mark.parametrize(
    ("share", "chance", "loss", "expected"),
    [
        # Need 100 and 60, one of them each day. With s1 visited with chance q the
        # losses are 100 (1 - q) and 60 q; equal at q = 0.625, worth 85 of 100.
        (0.8, 0.625, 37.5, 85.0),
        # 100 q + 60 (1 - q) >= 95 where q >= 0.875: the loss of s2 is 60 x 0.875.
        (0.95, 0.875, 52.5, 95.0),
        # Nothing may be lost: the best plan alone, which always misses s2.
        (1.0, 1.0, 60.0, 100.0),
    ],
)
def test_the_worst_case_of_two_sites(share, chance, loss, expected):
    problem = build_one_of_two()

    mixture = find_mixture(problem, solve_quickly(problem), share)

    assert mixture.coverage["s1"] == pytest.approx(chance, abs=1e-6)
    assert mixture.coverage["s2"] == pytest.approx(1 - chance, abs=1e-6)
    assert mixture.worst_case_loss == pytest.approx(loss, rel=1e-6)
    assert mixture.least_loss <= mixture.worst_case_loss + 1e-9
    assert mixture.least_loss == pytest.approx(loss, rel=0.011)
    assert mixture.expected_need == pytest.approx(expected, rel=1e-6)
    assert (mixture.fixed_need, mixture.fixed_loss) == (100.0, 60.0)


def test_the_worst_case_of_two_sites_at_several_floors():
    problem = build_one_of_two()

    curve = find_curve(problem, solve_quickly(problem), (0.8, 1.0, 0.95))

    # The three of above, from the greatest share down.
    assert [m.value_floor for m in curve] == [100.0, 95.0, 80.0]
    losses = [mixture.worst_case_loss for mixture in curve]
    assert losses == pytest.approx([60.0, 52.5, 37.5], rel=1e-6)


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_the_worst_case_never_rises_as_the_floor_falls(seed):
    problem = build_random_theatre(
        seed, sites=14, bases=2, teams=2, days=8, max_days=5
    ).problem
    solution = solve_quickly(problem)

    curve = find_curve(problem, solution, (1.0, 0.975, 0.95, 0.9), most_plans=6)

    slack = 1e-6 * solution.need + 1e-9
    for before, after in pairwise(curve):
        assert after.worst_case_loss <= before.worst_case_loss + slack
        assert after.value_floor < before.value_floor
    for mixture in curve:
        assert mixture.least_loss <= mixture.worst_case_loss + slack
        assert mixture.expected_need >= mixture.value_floor * (1 - 1e-9)
        assert mixture.fixed_loss == curve[0].fixed_loss


def test_a_lot_falls_as_often_as_it_should():
    problem = build_one_of_two()
    mixture = find_mixture(problem, solve_quickly(problem), 0.8)
    rng = np.random.default_rng(5)

    drawn = Counter(
        draw_by_lot(problem, mixture, rng).patrols[0].site_ids for _ in range(800)
    )

    # 625 in 1000; three standard deviations of 800 draws are 0.051.
    assert drawn[("s1",)] / 800 == pytest.approx(0.625, abs=0.052)


def test_a_problem_without_need_has_a_mix_of_nothing():
    problem = build_one_of_two(needs=(0.0, 0.0))

    mixture = find_mixture(problem, solve_quickly(problem), 0.9)

    assert [mixed.patrols for mixed in mixture.plans] == [()]
    assert mixture.worst_case_loss == 0.0
    assert draw_by_lot(problem, mixture, np.random.default_rng(1)) == Plan()


# What holds for every mix


@settings(max_examples=6)
@given(st.integers(0, 1000), st.sampled_from([0.7, 0.9, 0.99]), st.booleans())
def test_every_mix_keeps_what_it_promises(seed, share, conditions):
    problem = build_random_theatre(
        seed, sites=16, bases=2, teams=2, days=8, max_days=5, conditions=conditions
    ).problem
    solution = solve_quickly(problem)

    mixture = find_mixture(problem, solution, share, most_plans=12)

    chances = [mixed.probability for mixed in mixture.plans]
    assert sum(chances) == pytest.approx(1.0, abs=1e-9)
    assert all(0 < chance <= 1 for chance in chances)
    assert mixture.expected_need >= share * solution.need * (1 - 1e-9)
    needs = {site.id: site.need or 0.0 for site in problem.sites}
    coverage = dict.fromkeys(mixture.coverage, 0.0)
    value = 0.0
    for mixed in mixture.plans:
        met = sum(
            needs[problem.place_ids[p]]
            for column in mixed.patrols
            for p in column.places
        )
        value += mixed.probability * met
        for place in {p for column in mixed.patrols for p in column.places}:
            coverage[problem.place_ids[place]] += mixed.probability
    assert mixture.expected_need == pytest.approx(value)
    assert mixture.coverage == pytest.approx(coverage)
    assert mixture.worst_case_loss == pytest.approx(
        max((needs[s] * (1 - chance) for s, chance in coverage.items()), default=0.0)
    )
    assert mixture.least_loss <= mixture.worst_case_loss * (1 + 1e-6) + 1e-6
    assert mixture.worst_case_loss <= mixture.fixed_loss * (1 + 1e-6) + 1e-6
    drawn = draw_by_lot(problem, mixture, np.random.default_rng(seed))
    # Each patrol can be, and each team rests between two.
    list_patrols(Posed(problem), drawn)
    check_rest(problem, drawn)


def check_rest(problem, plan):
    posed = Posed(problem)
    for team in problem.teams:
        own = sorted(p for p in plan.patrols if p.team_id == team.id)
        columns = list_patrols(posed, Plan(tuple(own)))
        for one, other in pairwise(sorted(columns, key=lambda c: c.depart_day)):
            assert other.depart_day - one.return_day - 1 >= team.rest_days


def test_worst_loss_is_need_times_the_chance_of_no_visit():
    loss = measure_worst_loss(np.array([100.0, 60.0]), np.array([0.75, 0.25]))
    # 100 x 0.25 = 25; 60 x 0.75 = 45.
    assert loss == 45.0
    assert measure_worst_loss(np.zeros(0), np.zeros(0)) == 0.0


# Days of departure


def build_two_days_of_work(days=4):
    """Return a team that has two patrols of a day each, with a day of rest between."""
    problem = build_hand_theatre(
        dwells=(120, 120), days=days, team=build_team(max_days=1, rest_days=1)
    ).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t1", 2, ("s2",))))
    posed = Posed(problem)
    return posed, Departures(posed, list_patrols(posed, plan))


def test_chances_of_days_are_counted():
    # On days 0 to 3 the two patrols can leave on 0 and 2, 0 and 3, 1 and 3.
    _, departures = build_two_days_of_work()
    ((first, second),) = departures.list_chances()
    assert first == pytest.approx({0: 2 / 3, 1: 1 / 3})
    assert second == pytest.approx({2: 1 / 3, 3: 2 / 3})


def test_every_way_to_leave_is_drawn_as_often():
    _, departures = build_two_days_of_work()
    rng = np.random.default_rng(1)
    drawn = Counter(
        tuple(sorted(column.depart_day for column in departures.draw(rng)))
        for _ in range(900)
    )
    assert set(drawn) == {(0, 2), (0, 3), (1, 3)}
    # A third each; three standard deviations of 900 draws are 42.
    assert all(abs(count - 300) < 43 for count in drawn.values())


# Alternatives


def test_of_two_equal_sites_the_other_is_the_alternative():
    problem = build_one_of_two(needs=(100.0, 96.0))
    solution = solve_quickly(problem)

    (found,) = find_alternatives(problem, solution, 3)

    assert found.plan.patrols == (PatrolDecision("t1", 0, ("s2",)),)
    assert found.need == 96.0
    assert found.lost_share == pytest.approx(0.04)
    assert found.shared == 0.0


def test_no_alternative_loses_more_than_stated():
    # 60 of 100 are too few for 5 %, and enough for half.
    problem = build_one_of_two()
    solution = solve_quickly(problem)
    assert find_alternatives(problem, solution, 3) == ()
    (found,) = find_alternatives(problem, solution, 3, most_lost=0.5)
    assert found.need == 60.0


def test_alternatives_differ_from_each_other():
    problem = build_random_theatre(2, sites=40, days=10, max_days=5, teams=4).problem
    solution = solve_quickly(problem)
    posed = Posed(problem)

    found = find_alternatives(problem, solution, 3, most_lost=0.1)

    plans = [
        list_patrols(posed, plan) for plan in (solution.plan, *(a.plan for a in found))
    ]
    assert len(found) == 3
    for number, alternative in enumerate(found, start=1):
        own = plans[number]
        assert alternative.need >= 0.9 * solution.need
        shared = [measure_shared(posed, own, other) for other in plans[:number]]
        assert alternative.shared == pytest.approx(max(shared))
        assert alternative.shared <= 0.9
        check_rest(problem, alternative.plan)
