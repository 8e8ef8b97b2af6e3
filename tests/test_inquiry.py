"""Questions of what the best plan would be: sums on paper, and the same by solving."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.inquiry import Inquiry, build_plan
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Problem
from patrolplan.planning.solver import solve
from problems import build_hand_theatre, build_random_theatre, build_team


def build_one_of_two(needs=(100.0, 60.0), **team):
    """Return one day for one team, in which it can visit one of two sites.

    A visit takes 300 + 120 + 300 = 720 minutes, all of the day from 06:00 to 18:00;
    both would take 300 + 120 + 300 + 120 + 300 = 1140.
    """
    return build_hand_theatre(
        dwells=(120, 120), needs=needs, days=1, team=build_team(max_days=1, **team)
    ).problem


def force(problem: Problem, site_id: str) -> Problem:
    """Return the problem with a site required."""
    sites = tuple(
        replace(site, required=True) if site.id == site_id else site
        for site in problem.sites
    )
    return replace(problem, sites=sites)


def test_the_best_plan_and_the_best_with_a_site_forced():
    problem = build_one_of_two()
    posed = Posed(problem)
    inquiry = Inquiry(posed)
    first, second = (problem.place_index[site] for site in ("s1", "s2"))

    best = inquiry.ask()
    forced = inquiry.ask(forced=[second])

    assert (best.need, best.places, best.is_proven) == (100.0, {first}, True)
    assert (forced.need, forced.places, forced.is_proven) == (60.0, {second}, True)
    assert forced.bound == pytest.approx(60.0)
    assert build_plan(posed, forced.patrols).patrols[0].site_ids == ("s2",)


def test_a_forbidden_site_is_not_visited():
    problem = build_one_of_two()
    first = problem.place_index["s1"]

    answer = Inquiry(Posed(problem)).ask(forbidden=[first])

    assert answer.need == 60.0
    assert first not in answer.places


def test_other_gains_are_asked_and_the_true_need_is_told():
    problem = build_one_of_two()
    gains = np.zeros(len(problem.place_ids))
    gains[problem.place_index["s1"]] = 1.0
    gains[problem.place_index["s2"]] = 2.0

    answer = Inquiry(Posed(problem)).ask(gains)

    assert (answer.gain, answer.need) == (2.0, 60.0)
    assert answer.bound == pytest.approx(2.0)


def test_two_that_exclude_each_other_cannot_both_be_forced():
    problem = build_one_of_two()
    places = [problem.place_index[site] for site in ("s1", "s2")]

    answer = Inquiry(Posed(problem)).ask(forced=places)

    assert not answer.complete
    assert not answer.is_proven


def test_required_sites_are_kept_whatever_is_asked():
    problem = force(build_one_of_two(), "s2")
    gains = np.zeros(len(problem.place_ids))
    gains[problem.place_index["s1"]] = 5000.0

    answer = Inquiry(Posed(problem)).ask(gains)

    assert answer.complete
    assert answer.need == 60.0


@pytest.mark.parametrize("seed", [1, 2])
def test_each_forced_site_costs_what_solving_anew_says(seed):
    problem = build_random_theatre(seed, sites=14, days=10, max_days=6, teams=3).problem
    solution = solve(problem, seed=1, iterations=200, workers=1)
    posed = Posed(problem)
    inquiry = Inquiry(posed, solution.patrols)
    for place in posed.places[::3]:
        answer = inquiry.ask(forced=[place])
        again = solve(
            force(problem, problem.place_ids[place]), seed=1, iterations=200, workers=1
        )
        assert answer.is_proven
        assert answer.need == pytest.approx(again.need, rel=1e-6)


def test_the_same_questions_get_the_same_answers():
    problem = build_random_theatre(3, sites=14, days=10, max_days=6, teams=3).problem
    posed = Posed(problem)

    def ask_all():
        inquiry = Inquiry(posed)
        return [inquiry.ask(forced=[place]) for place in posed.places[:5]]

    assert ask_all() == ask_all()
