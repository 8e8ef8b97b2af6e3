"""Solutions, the work they may take, and answers to questions, by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from baselines import find_best_need
from patrolplan.planning.allowance import Allowance
from patrolplan.planning.inquiry import Answer, Inquiry
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Group, PatrolDecision, Wayside
from patrolplan.planning.solver import Progress, solve
from problems import (
    build_random_theatre,
    build_team,
    build_tiny_theatre,
)
from test_solver_parts import build

# Solutions


@pytest.mark.parametrize("seed", range(8))
def test_choices_alone_find_the_best_plan(seed) -> None:
    """Without a search, of the patrols that pricing finds, and proven at that."""
    problem = build_random_theatre(
        seed, sites=14, bases=2, teams=3, days=12, max_days=6, min_days=1
    ).problem
    solution = solve(problem, seed=1, iterations=0, workers=1)
    assert solution.gap <= 1e-6
    found = Inquiry(Posed(problem)).ask()
    assert found.is_proven
    assert found.need == pytest.approx(solution.need)


def test_progress_is_told_in_even_shares() -> None:
    told: list[Progress] = []
    problem = build_random_theatre(1, sites=12, bases=2, teams=3, days=10).problem
    solve(problem, seed=1, iterations=40, workers=1, on_progress=told.append)
    shares = [progress.share for progress in told]
    # Four turns of five steps each, until it is proven.
    assert shares[:5] == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25])
    assert shares[-1] == 1.0
    assert all(0.0 <= one <= other for one, other in pairwise(shares))
    bounds = [progress.bound for progress in told]
    assert bounds == sorted(bounds, reverse=True)


def test_need_below_one_is_worth_a_visit_too() -> None:
    problem = build((0.25, 0.125)).problem
    solution = solve(problem, seed=1, iterations=0, workers=1)
    assert solution.need == 0.375
    # Where no prices can be had the search alone finds it.
    for iterations in (0, 5):
        search = solve(problem, seed=1, iterations=iterations, workers=1, stop_gap=1.0)
        assert search.need == 0.375


def test_the_gap_is_a_share_of_the_bound() -> None:
    assert Progress(1.0, 75.0, 100.0).gap == 0.25
    assert Progress(1.0, 0.0, 0.0).gap == 0.0
    assert Progress(0.0, 0.0, 0.5).gap == 1.0


def test_a_plan_that_lacks_a_demand_is_measured_against_all_plans() -> None:
    # s1 and s2 exclude each other, and both are required: one is missed.
    groups = [Group(("s1", "s2"))]
    sites = {"s1": {"required": True}, "s2": {"required": True}}
    problem = build(groups=groups, sites=sites, days=1, max_days=1).problem
    solution = solve(problem, seed=1, iterations=20, workers=1)
    assert solution.need == 120.0
    assert solution.bound == pytest.approx(120.0)


def test_what_is_required_comes_first_and_its_bonus_is_not_in_the_bound() -> None:
    # One site a day of one: s3 is required.
    problem = build(
        dwell=500.0, days=1, max_days=1, sites={"s3": {"required": True}}
    ).problem
    solution = solve(problem, seed=1, iterations=20, workers=1)
    assert solution.plan.patrols == (PatrolDecision("t1", 0, ("s3",)),)
    assert (solution.need, solution.bound) == (20.0, pytest.approx(20.0))


# Work allowed


def test_work_is_in_proportion_to_the_rounds_of_search() -> None:
    allowance = Allowance(100, None)
    # 1,000,000 labels and 4,000 for each round; 40 rounds and one for every twenty.
    assert allowance.has_work(1_399_999)
    assert not allowance.has_work(1_400_000)
    assert allowance.left_s == allowance.choosing_s == np.inf
    assert allowance.passed == 0.0
    allowance.rounds = 44
    assert allowance.has_rounds()
    allowance.rounds = 45
    assert not allowance.has_rounds()
    assert allowance.begin_turn(0, alone=True) == np.inf
    # A choice is due every twelve rounds.
    for rounds, due in ((11, False), (12, True), (13, False), (24, True)):
        allowance.rounds = rounds
        assert allowance.is_choice_due() is due


def test_time_is_shared_out_by_the_clock(monkeypatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("patrolplan.planning.allowance.time.monotonic", lambda: now[0])
    allowance = Allowance(100, 20.0)
    assert allowance.has_work(10**12)
    assert (allowance.left_s, allowance.passed) == (20.0, 0.0)
    # A tenth of all time for one choice, as long as so much is left.
    assert allowance.choosing_s == 2.0
    # A twentieth is searched at first, and the first turn ends at 85 %.
    assert allowance.begin_turn(0, alone=False) == 1.0
    now[0] = 1016.9
    assert allowance.has_rounds()
    now[0] = 1017.0
    assert not allowance.has_rounds()
    assert allowance.passed == pytest.approx(0.85)
    # 3 s are left for three turns, and half of each is for pricing.
    assert allowance.begin_turn(1, alone=False) == pytest.approx(0.5)
    assert allowance.begin_turn(1, alone=True) == pytest.approx(1.0)
    assert allowance.begin_turn(3, alone=True) == pytest.approx(3.0)
    now[0] = 1019.0
    assert allowance.choosing_s == 1.0
    now[0] = 1020.0
    assert not allowance.has_work(0)


# Answers


def answer(**more) -> Answer:
    told = {"patrols": (), "gain": 99.0, "bound": 100.0, "need": 5.0}
    return Answer(**told | {"complete": True, "met": 1, "met_at_most": 2} | more)


def test_an_answer_is_proven_but_for_rounding() -> None:
    assert not answer().is_proven
    assert answer(gain=100.0 - 1.9e-4).is_proven
    assert not answer(gain=100.0 - 2.1e-4).is_proven
    assert not answer(gain=100.0, complete=False).is_proven
    assert answer(gain=-100.0, bound=-100.0).is_proven


def test_what_the_best_plan_earns_when_asked_otherwise() -> None:
    line = Wayside("line", 8.0, line_id="line")
    posed = build(dwell=500.0, days=1, max_days=1)
    (matrix,) = posed.problem.travel
    travel = (replace(matrix, waysides={(0, 2): ((0, 5.0),)}),)
    posed = Posed(replace(posed.problem, travel=travel, waysides=(line,)))
    inquiry = Inquiry(posed)
    best = inquiry.ask()
    assert (best.need, best.gain, best.bound) == (100.0, 100.0, pytest.approx(100.0))
    # At ten times as much for the line s2 is worth 50 + 80.
    other = inquiry.ask(on_the_way=10.0)
    assert (other.need, other.gain) == (58.0, 130.0)
    assert other.bound == pytest.approx(130.0)
    assert other.is_proven
    forced = inquiry.ask(forced=[3])
    assert (forced.gain, forced.met, forced.met_at_most) == (20.0, 1, 1)
    assert forced.bound == pytest.approx(20.0)
    both = inquiry.ask(forced=[3, 1])
    assert (both.met, both.met_at_most, both.complete) == (1, 1, False)
    # What cannot be met bounds nothing: all that there is to be had.
    assert both.bound == pytest.approx(178.0)
    assert inquiry.ask(forbidden=[1]).need == 58.0
    assert {c.places for c in inquiry.patrols} >= {(1,), (2,), (3,)}


def test_each_site_that_no_patrol_visits_is_given_one() -> None:
    posed = build(teams=[build_team("t2", max_days=2)])
    known = posed.run(0, 3, (1, 2))
    found = Inquiry(posed, [known]).patrols
    # s3 by each kind, on the first day on which it can.
    assert found == [known, posed.run(0, 0, (3,)), posed.run(1, 0, (3,))]
    assert len(Inquiry(posed).patrols) == 6


@pytest.mark.parametrize("seed", [0, 1, 3, 5])
def test_an_answer_is_good_enough_only_if_it_is_so_much_better(seed) -> None:
    problem = build_random_theatre(
        seed, sites=24, bases=2, teams=3, days=14, max_days=7, min_days=1
    ).problem
    posed = Posed(problem)
    best = Inquiry(posed).ask()
    # Ten times as much as nothing known before is not to be had: it goes on to the end.
    found = Inquiry(posed, plans=[best.patrols[:1]]).ask(better=50.0)
    assert found.need == pytest.approx(best.need)
    # A tenth more than the plan known is enough, and more than that is found.
    known = Inquiry(posed, plans=[best.patrols[:1]]).ask(better=0.1)
    first = sum(float(posed.needs[p]) for p in best.patrols[0].places)
    assert known.need >= 1.1 * first


@pytest.mark.parametrize("seed", range(6))
def test_a_proven_answer_is_the_best_there_is(seed) -> None:
    problem = build_tiny_theatre(seed).problem
    posed = Posed(problem)
    found = Inquiry(posed).ask()
    best = find_best_need(problem)
    assert found.bound >= best * (1 - 1e-9)
    if found.is_proven:
        assert found.need == pytest.approx(best)
