"""Equity by hand: who is worst served, what serving them costs, and what is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.equity import lift_worst_served, measure_least
from patrolplan.planning.problem import Limits, PatrolDecision, Plan
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.shares import ShareGroup, find_in_reach, measure_shares
from patrolplan.planning.solver import solve
from problems import build_hand_theatre, build_plan_file, build_team


def build_rivals(weight, *, tail=0.25):
    """Return three sites of which a plan visits two: each takes a day of three.

    North has s1 (300) and s2 (200), south has s3 (90). The choices, with the shares of
    north and south: s1 and s2 meet 500, 1 and 0; s1 and s3 meet 390, 0.6 and 1.
    """
    needs = (300.0, 200.0, 90.0)
    # Out 100 and 600 there; 100 on and 600 there; 100 home: days of 720 minutes.
    theatre = build_hand_theatre(
        minutes=100.0 * (1 - np.eye(4)),
        dwells=(600, 600, 600),
        needs=needs,
        days=3,
        team=build_team(max_days=3),
    )
    problem = replace(
        theatre.problem,
        limits=replace(theatre.problem.limits, equity_weight=weight, equity_tail=tail),
        shares=(
            ShareGroup("north", {"s1": needs[0], "s2": needs[1]}),
            ShareGroup("south", {"s3": needs[2]}),
        ),
    )
    return replace(
        theatre, problem=problem, cercles={"s1": "north", "s2": "north", "s3": "south"}
    )


def list_visited(plan):
    return {site for patrol in plan.patrols for site in patrol.site_ids}


def lift(problem):
    solution = solve(problem, seed=1, iterations=20, workers=1)
    return solution, lift_worst_served(problem, solution)


def test_the_worst_served_are_lifted_where_that_is_worth_its_price():
    # To lift the least share from 0 to 0.6 costs 200 - 90 = 110 of need. All need is
    # 590, so that it pays from a weight of 110 / (0.6 x 590) = 0.31 on.
    for weight, expected in ((0.30, {"s1", "s2"}), (0.32, {"s1", "s3"})):
        before, fairness = lift(build_rivals(weight).problem)
        assert list_visited(before.plan) == {"s1", "s2"}
        assert list_visited(fairness.solution.plan) == expected
        worth = fairness.solution.need + weight * 590.0 * (
            0.6 if "s3" in expected else 0.0
        )
        assert fairness.worth == pytest.approx(worth)
        assert fairness.bound >= fairness.worth
    assert fairness.lost_need == pytest.approx(110.0)
    problem = build_rivals(0.32).problem
    assert measure_least(problem, before.plan) == (0.0, 0.0)
    assert measure_least(problem, fairness.solution.plan) == pytest.approx((0.6, 0.6))
    # The bound on need is still that of need.
    assert fairness.solution.bound == before.bound


def test_no_weight_changes_nothing():
    _, fairness = lift(build_rivals(0.0).problem)
    assert fairness is None
    _, fairness = lift(replace(build_rivals(1.0).problem, shares=()))
    assert fairness is None


def test_the_mean_of_the_worst_served_is_what_counts():
    # Of two groups a tail of all is both: a and b is 0.5, a and c is 0.8 in the mean.
    _, fairness = lift(build_rivals(1.0, tail=1.0).problem)
    assert fairness.worth == pytest.approx(390.0 + 590.0 * 0.8)


def test_need_out_of_reach_is_in_no_share():
    problem = build_rivals(1.0).problem
    far = replace(problem.travel[0], lengths_m=problem.travel[0].lengths_m.copy())
    far.lengths_m[:, 3] = far.lengths_m[3, :] = 5_000_000.0
    problem = replace(problem, travel=(far,))
    assert find_in_reach(problem) == {"s1", "s2"}
    shares = measure_shares(problem.shares, {"s1", "s2"}, {"s1"})
    assert shares == {"north": 0.6}


@pytest.mark.parametrize(
    "change",
    [
        {"roles": ("medic",)},
        {"windows_min": ()},
        # Two ways of 100 minutes and the dwell: more than 3 days of 720.
        {"dwell_min": 1961.0},
    ],
)
def test_what_puts_a_site_out_of_reach(change):
    problem = build_rivals(1.0).problem
    sites = (*problem.sites[:2], replace(problem.sites[2], **change))
    assert find_in_reach(replace(problem, sites=sites)) == {"s1", "s2"}


def build_document(weight=0.32):
    theatre = build_rivals(weight)
    _, fairness = lift(theatre.problem)
    schedule = build_schedule(theatre.problem, fairness.solution.plan)
    return theatre, build_plan_file(theatre, schedule, need_bound=500.0)


def test_the_referee_measures_the_same_shares():
    theatre, document = build_document()
    equity = document.assessment.equity
    assert equity["worst"] == "north"
    assert equity["worst_share"] == pytest.approx(0.6)
    assert equity["cercles"]["south"]["share"] == 1.0
    plan = Plan((PatrolDecision("t1", 0, ("s1", "s3")),))
    assert measure_least(theatre.problem, plan) == pytest.approx((0.6, 0.6))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("worst",), "south"),
        (("worst_share",), 0.7),
        (("tail_share",), 0.9),
        (("cercles", "south", "need_in_reach"), 10.0),
        (("without",), {"need_met": "much"}),
        (("without",), {"need_met": 501.0, "worst_share": 0.0, "tail_share": 0.0}),
        (("without",), {"need_met": 500.0, "worst_share": 1.5, "tail_share": 0.0}),
    ],
)
def test_equity_misstated(path, value):
    _, document = build_document()
    told = document.model_dump(mode="json", by_alias=True)
    where = told["assessment"]["equity"]
    for key in path[:-1]:
        where = where[key]
    where[path[-1]] = value
    violations = assess_plan(type(document).model_validate(told)).violations
    assert {v.rule for v in violations} == {"figures_misstated"}


def test_a_site_left_out_for_equity_says_so():
    problem = build_rivals(0.32).problem
    _, fairness = lift(problem)
    entry = find_reasons(problem, fairness.solution.plan, fairness.solution)["s2"]
    assert entry.reason == "equity_first"
    # s2 for s3.
    assert entry.reason_values["more_need"] == pytest.approx(110.0)
    assert entry.reason_values["dropped"] == ["s3"]


def test_limits_refuse_what_is_no_weight():
    with pytest.raises(ValueError, match="equity_weight"):
        replace(build_rivals(1.0).problem, limits=Limits(equity_weight=-1.0))
    with pytest.raises(ValueError, match="shares"):
        replace(build_rivals(1.0).problem, shares=(ShareGroup("east", {"s9": 1.0}),))
