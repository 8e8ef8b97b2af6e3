"""Equity, mixes and alternatives, with bounds that are as tight as the sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning import equity
from patrolplan.planning.alternatives import find_alternatives, measure_shared
from patrolplan.planning.equity import lift_worst_served, measure_least
from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Group, PatrolDecision, Plan, Wayside
from patrolplan.planning.shares import (
    ShareGroup,
    count_least,
    find_in_reach,
    measure_shares,
)
from patrolplan.planning.solver import solve
from patrolplan.planning.variation import find_curve, find_mixture, list_patrols
from problems import build_hand_theatre, build_team, change_theatre

DAY = 1440.0


def build(
    needs,
    *,
    days=2,
    weight=0.0,
    tail=0.25,
    shares=(),
    sites=None,
    groups=None,
    waysides=(),
    passed=None,
    unknown=0,
    **team,
):
    """Return sites that each take one of so many days: 100 + 500 + 100 of 720."""
    count = len(needs)
    theatre = build_hand_theatre(
        minutes=100.0 * (1 - np.eye(count + 1)),
        dwells=(500,) * count,
        needs=needs,
        days=days,
        team=build_team(**{"max_days": 1, "rest_days": 0} | team),
    )
    problem = change_theatre(theatre, sites=sites, groups=groups).problem
    (matrix,) = problem.travel
    limits = replace(
        problem.limits,
        equity_weight=weight,
        equity_tail=tail,
        min_unknown_visits=unknown,
    )
    return replace(
        problem,
        limits=limits,
        shares=tuple(ShareGroup(name, needs) for name, needs in shares),
        travel=(replace(matrix, waysides=passed or {}),),
        waysides=tuple(waysides),
    )


def solve_quickly(problem):
    return solve(problem, seed=1, iterations=20, workers=1)


def list_visited(plan):
    return {site for patrol in plan.patrols for site in patrol.site_ids}


# Equity


def lift(problem):
    return lift_worst_served(problem, solve_quickly(problem))


THREE = (
    ("north", {"s1": 300.0, "s2": 200.0}),
    ("south", {"s3": 90.0}),
    ("east", {"s4": 80.0}),
)


def test_the_bound_of_equity_is_that_of_the_best_mixture() -> None:
    """Two of s1 300, s2 200 (north) and s3 90 (south). All need is 590.

    s1 and s2: 500 and no share; s1 and s3: 390 and 0.6 x 590 x weight. In a mixture
    with a of s3 in place of s2 the shares are 1 - 0.4 a and a: best at a = 1 / 1.4,
    where each costs 110 and brings 590 x weight.
    """
    for weight, need, share in ((0.2, 500.0, 0.0), (0.5, 390.0, 0.6)):
        problem = build((300.0, 200.0, 90.0), weight=weight, shares=THREE[:2])
        found = lift(problem)
        worth = need + share * 590.0 * weight
        assert found.worth == pytest.approx(worth)
        mixed = 500.0 + (590.0 * weight - 110.0) / 1.4
        assert found.bound == pytest.approx(mixed, rel=1e-4)
        assert found.solution.need == need
        assert found.before.need == 500.0
        assert found.lost_need == 500.0 - need


@pytest.mark.parametrize("tail", [0.25, 0.67, 1.0])
def test_the_mean_of_as_many_as_count(tail) -> None:
    """Three of four sites; of three groups one, two or three are the worst served."""
    problem = build(
        (300.0, 200.0, 90.0, 80.0), days=3, weight=1.0, tail=tail, shares=THREE
    )
    total = 670.0
    options = {
        # Need, and the shares of north, south and east.
        590.0: (1.0, 1.0, 0.0),
        580.0: (1.0, 0.0, 1.0),
        470.0: (0.6, 1.0, 1.0),
        370.0: (0.4, 1.0, 1.0),
    }
    count = count_least(3, tail)
    worths = {
        need: need + total * float(np.mean(sorted(shares)[:count]))
        for need, shares in options.items()
    }
    best = max(worths.values())
    found = lift(problem)
    assert found.worth == pytest.approx(best)
    # In a mixture with t of s3 and of s4, and 2 - 2 t of s2, all shares are t at
    # t = 7 / 9; where all three count no mixture is better.
    mixed = 700.0 + 440.0 * 7 / 9 if count < 3 else best
    assert found.bound == pytest.approx(mixed, rel=1e-4)
    assert worths[found.solution.need] == pytest.approx(best)
    least, mean = measure_least(problem, found.solution.plan)
    shares = options[found.solution.need]
    assert least == pytest.approx(min(shares))
    assert mean == pytest.approx(np.mean(sorted(shares)[:count]))


def test_a_group_that_nobody_can_serve_is_left_aside() -> None:
    # Nobody has the role that s4 asks for: east is the same in every plan.
    problem = build(
        (300.0, 200.0, 90.0, 80.0),
        weight=0.5,
        shares=THREE,
        sites={"s4": {"roles": ("medic",)}},
    )
    found = lift(problem)
    assert list_visited(found.solution.plan) == {"s1", "s3"}
    # All need of the others is 590.
    assert found.worth == pytest.approx(390.0 + 0.5 * 590.0 * 0.6)


def test_a_site_that_may_be_visited_again_is_met_once() -> None:
    # s1 on both days would earn 600, but no more of its share.
    problem = build(
        (300.0, 100.0, 90.0),
        days=2,
        weight=0.0,
        shares=(("north", {"s1": 300.0, "s2": 100.0}), ("south", {"s3": 90.0})),
        sites={"s1": {"cadence_days": 1.0}},
    )
    solution = solve_quickly(problem)
    assert solution.need == 600.0
    # s1 and s3 earn 390 with shares of 0.75 and 1: 210 less, for 490 x 0.75 = 367.5.
    for weight, need in ((0.57, 600.0), (0.58, 390.0)):
        limits = replace(problem.limits, equity_weight=weight)
        found = lift_worst_served(replace(problem, limits=limits), solution)
        assert found.solution.need == need
        worth = need + (367.5 * weight if need < 600.0 else 0.0)
        assert found.worth == pytest.approx(worth)
        # A mixture does better, but not by half of what all shares could bring.
        assert worth <= found.bound <= 600.0 + 490.0 * weight * 0.4


def test_the_least_share_may_stay_as_it_is() -> None:
    """Two of s1 300 (north), s2 200 (north), s3 90 and s4 80: one group has nothing
    whatever is done; but with s3 the mean of the two least is 0.3 and not 0."""
    problem = build((300.0, 200.0, 90.0, 80.0), weight=1.0, tail=0.67, shares=THREE)
    found = lift(problem)
    assert found.before.need == 500.0
    assert list_visited(found.solution.plan) == {"s1", "s3"}
    assert found.worth == pytest.approx(390.0 + 670.0 * 0.3)
    assert measure_least(problem, found.solution.plan) == pytest.approx((0.0, 0.3))


def test_of_each_group_the_place_left_out_with_most_need() -> None:
    problem = build((300.0, 200.0, 90.0, 80.0), weight=1.0, tail=1.0, shares=THREE)
    posed = Posed(problem)
    shared = equity._Shared(posed)
    visited = [posed.run(0, 0, (1,)), posed.run(0, 1, (3,))]
    # South is served whole; of north s2 is left, and of east s4.
    assert sorted(shared.list_left_out(visited)) == [2, 4]
    assert sorted(shared.list_left_out([])) == [1, 3, 4]
    assert shared.measure(visited) == 0.0
    assert shared.measure_tail(visited) == pytest.approx(1.6 / 3)
    few = replace(problem, limits=replace(problem.limits, equity_tail=0.25))
    assert equity._Shared(Posed(few)).list_left_out(visited) == [4]


def test_what_is_demanded_is_not_given_up_for_equity() -> None:
    problem = build(
        (300.0, 200.0, 90.0),
        weight=5.0,
        shares=THREE[:2],
        sites={"s2": {"required": True}},
    )
    found = lift(problem)
    # s2 stays: with s3 the least share is 200 / 500.
    assert list_visited(found.solution.plan) == {"s2", "s3"}
    assert found.worth == pytest.approx(290.0 + 5.0 * 590.0 * 0.4)


def test_what_is_earned_on_the_way_is_need_and_no_share() -> None:
    line = Wayside("line", 400.0, line_id="line")
    problem = build(
        (300.0, 200.0, 90.0),
        weight=0.5,
        shares=THREE[:2],
        waysides=[line],
        passed={(0, 2): ((0, 5.0),)},
    )
    # s2 earns 600 with the line; s1 and s2 900; s2 and s3 690 and shares 0.4 and 1.
    found = lift(problem)
    assert found.solution.need == 900.0
    assert found.worth == 900.0
    limits = replace(problem.limits, equity_weight=1.0)
    found = lift(replace(problem, limits=limits))
    assert found.solution.need == 690.0
    assert found.worth == pytest.approx(690.0 + 590.0 * 0.4)


def test_where_nobody_can_be_served_nothing_is_weighed() -> None:
    far = {"s2": {"roles": ("medic",)}}
    shares = (("far", {"s2": 5.0}),)
    problem = build((300.0, 5.0), weight=1.0, shares=shares, sites=far)
    assert lift(problem) is None
    assert measure_least(replace(problem, shares=()), Plan()) == (0.0, 0.0)


def test_how_many_are_the_worst_served() -> None:
    found = [count_least(8, tail) for tail in (0.0, 0.25, 0.5, 1.0)]
    assert found == [1, 2, 4, 8]
    assert count_least(0, 1.0) == 1


def test_shares_of_groups_with_need_in_reach() -> None:
    groups = [ShareGroup("a", {"x": 60.0, "y": 40.0}), ShareGroup("b", {"z": 5.0})]
    assert measure_shares(groups, {"x"}, ()) == {"a": 0.0}
    # A site visited is in reach.
    assert measure_shares(groups, {"x"}, {"y"}) == {"a": 0.4}
    assert measure_shares(groups, {"x", "z"}, {"x", "z"}) == {"a": 1.0, "b": 1.0}
    with pytest.raises(ValueError, match="share of 'a', 'x'"):
        ShareGroup("a", {"x": -1.0})


def test_what_is_in_reach_by_plain_figures() -> None:
    problem = build((1.0, 2.0))
    (matrix,) = problem.travel
    team = problem.teams[0]

    def find(**changes):
        return find_in_reach(
            replace(problem, teams=(replace(team, **changes),), travel=travel)
        )

    travel = (matrix,)
    assert find(range_km=100.0) == {"s1", "s2"}
    assert find(range_km=99.9) == set()
    # Out and back and the dwell are 700 of 720 minutes.
    slower = matrix.durations_min.copy()
    slower[0, 1], slower[0, 2] = 120.0, 121.0
    travel = (replace(matrix, durations_min=slower),)
    assert find() == {"s1"}
    assert find(max_days=2) == {"s1", "s2"}
    hazards = np.zeros((3, 3))
    hazards[0, 1], hazards[1, 0], hazards[0, 2] = 3.0, 4.0, 8.0
    travel = (replace(matrix, hazards=hazards),)
    assert find(hazard_budget=7.0) == {"s1"}
    assert find(hazard_budget=8.0) == {"s1", "s2"}
    assert find(hazard_budget=6.9) == set()


# Mixes


def test_need_on_the_way_counts_for_the_floor() -> None:
    """One site a day of one: s1 100, or s2 60 and a line of 30 that s2 comes by."""
    line = Wayside("line", 30.0, line_id="line")
    problem = build(
        (100.0, 60.0), days=1, waysides=[line], passed={(0, 2): ((0, 5.0),)}
    )
    solution = solve_quickly(problem)
    assert solution.need == 100.0
    # Losses 100 (1 - q) and 60 q are equal at q = 0.625; need 62.5 + 0.375 x 90.
    mixture = find_mixture(problem, solution, 0.9)
    assert mixture.expected_need == pytest.approx(96.25)
    assert mixture.worst_case_loss == pytest.approx(37.5)
    assert mixture.value_floor == 90.0
    assert [plan.need for plan in mixture.plans] == [100.0, 90.0]
    assert [plan.probability for plan in mixture.plans] == pytest.approx([0.625, 0.375])


def test_of_three_sites_each_is_left_as_seldom_as_can_be() -> None:
    """One of three a day: with chances q of 60, 30 and 20 the losses are equal at z
    where (1 - z/60) + (1 - z/30) + (1 - z/20) = 1: 2 = z/10, so that z is 20: s3 is
    never visited, s2 with 1/3, s1 with 2/3."""
    problem = build((60.0, 30.0, 20.0), days=1)
    mixture = find_mixture(problem, solve_quickly(problem), 0.5)
    assert mixture.worst_case_loss == pytest.approx(20.0, rel=0.011)
    assert mixture.least_loss == pytest.approx(20.0, rel=0.011)
    assert mixture.fixed_loss == 30.0
    # Of 120, 60 and 50: 2 = z (1/120 + 1/60 + 1/50) = 0.045 z.
    problem = build((120.0, 60.0, 50.0), days=1)
    mixture = find_mixture(problem, solve_quickly(problem), 0.5)
    assert mixture.worst_case_loss == pytest.approx(2 / 0.045, rel=0.011)
    assert len(mixture.plans) == 3
    assert mixture.coverage["s1"] == pytest.approx(1 - 2 / 0.045 / 120, abs=0.02)


def test_without_need_nothing_can_be_lost() -> None:
    problem = build((0.0, 0.0), days=1)
    mixture = find_mixture(problem, solve_quickly(problem), 0.9)
    assert (mixture.fixed_loss, mixture.least_loss, mixture.fixed_need) == (0, 0, 0)


def test_a_curve_is_from_the_greatest_share_down_each_once() -> None:
    problem = build((100.0, 60.0), days=1)
    curve = find_curve(problem, solve_quickly(problem), [0.8, 1.0, 0.8])
    assert [mixture.value_floor for mixture in curve] == [100.0, 80.0]


def test_a_patrol_that_cannot_be_is_in_no_mix() -> None:
    problem = build((100.0, 60.0), days=1)
    plan = Plan((PatrolDecision("t1", 0, ("s1", "s2")),))
    with pytest.raises(ValueError, match="'t1' cannot be"):
        list_patrols(Posed(problem), plan)


# Alternatives


def test_what_two_plans_share() -> None:
    posed = Posed(build((100.0, 60.0, 30.0), max_days=2))
    one, two = posed.run(0, 0, (1, 2)), posed.run(0, 0, (1,))
    other = posed.run(0, 0, (2, 3))
    # s1, s2, base to s1, s1 to s2, s2 to base; of these s1 and base to s1.
    assert measure_shared(posed, [one], [two]) == 2 / 5
    assert measure_shared(posed, [two], [one]) == 1.0
    # s2 and s2 to base, whichever way round.
    assert measure_shared(posed, [one], [other]) == 2 / 5
    assert measure_shared(posed, [], [one]) == 1.0
    assert measure_shared(posed, [one, two], [two]) == 2 / 5


def test_each_alternative_shares_least_with_those_before() -> None:
    problem = build((100.0, 99.0, 98.0, 97.0), days=2)
    solution = solve_quickly(problem)
    assert list_visited(solution.plan) == {"s1", "s2"}
    first, second = find_alternatives(problem, solution, 2)
    # The others; then whatever half of each, the best of these.
    assert list_visited(first.plan) == {"s3", "s4"}
    assert (first.need, first.shared) == (195.0, 0.0)
    assert first.lost_share == pytest.approx(4 / 199)
    assert second.shared == 0.5
    assert second.need >= 195.0
    assert find_alternatives(problem, solution, 0) == ()
    assert find_alternatives(problem, solution, 1) == (first,)
    # None may lose anything: there is none.
    assert find_alternatives(problem, solution, 2, most_lost=0.0) == ()


def test_what_is_demanded_is_in_each_alternative() -> None:
    problem = build((100.0, 99.0, 98.0), sites={"s2": {"required": True}})
    solution = solve_quickly(problem)
    (found,) = find_alternatives(problem, solution, 1, most_lost=0.5)
    assert list_visited(found.plan) == {"s2", "s3"}
    problem = build((100.0, None, None, 98.0), unknown=1)
    solution = solve_quickly(problem)
    (found,) = find_alternatives(problem, solution, 1, most_lost=0.5)
    assert len(list_visited(found.plan) & {"s2", "s3"}) == 1
    assert "s4" in list_visited(found.plan)


# Questions


def test_groups_are_demands_in_every_answer() -> None:
    groups = [Group(("s2", "s3"), required=True)]
    posed = Posed(build((100.0, 60.0, 30.0), days=1, groups=groups))
    answer = Inquiry(posed).ask()
    assert (answer.need, answer.met, answer.met_at_most) == (60.0, 1, 1)
    forced = Inquiry(posed).ask(forced=[1])
    assert (forced.met, forced.met_at_most, forced.complete) == (1, 1, False)
