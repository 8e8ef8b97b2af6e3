"""Sites of unknown need that must be visited, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.alternatives import find_alternatives
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.equity import lift_worst_served
from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Group, Limits, PatrolDecision, Plan
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.shares import ShareGroup
from patrolplan.planning.solver import solve
from patrolplan.planning.unknown import UnknownRule, build_rings
from problems import build_hand_theatre, build_plan_file, build_team, change_theatre


def build_choice(least, *, needs=(300.0, None, 200.0), **team):
    """Return three sites of which a plan visits two: each takes a day of three."""
    theatre = build_hand_theatre(
        minutes=100.0 * (1 - np.eye(len(needs) + 1)),
        dwells=(600,) * len(needs),
        needs=needs,
        days=3,
        team=build_team(max_days=3, **team),
    )
    limits = replace(theatre.problem.limits, min_unknown_visits=least)
    return replace(
        theatre,
        problem=replace(theatre.problem, limits=limits),
        limits={**theatre.limits, "min_unknown_visits": least},
    )


def list_visited(plan):
    return {site for patrol in plan.patrols for site in patrol.site_ids}


def solve_shortly(problem):
    return solve(problem, seed=1, iterations=20, workers=1)


def assess(theatre, plan):
    schedule = build_schedule(theatre.problem, plan)
    found = build_plan_file(theatre, schedule).assessment.violations
    return [(v.rule, v.found, v.limit) for v in found]


def test_a_visit_that_earns_nothing_is_made_where_it_is_demanded():
    free = solve_shortly(build_choice(0).problem)
    assert list_visited(free.plan) == {"s1", "s3"}
    theatre = build_choice(1)
    solution = solve_shortly(theatre.problem)
    # One day is given to what is unknown: 300 is left, and no such plan has more.
    assert list_visited(solution.plan) == {"s1", "s2"}
    assert (solution.need, solution.bound) == (300.0, pytest.approx(300.0))
    assert assess(theatre, solution.plan) == []
    assert assess(theatre, free.plan) == [("too_few_unknown", 0, 1)]


def test_more_than_there_are_means_all():
    theatre = build_choice(5, needs=(300.0, None, None))
    solution = solve_shortly(theatre.problem)
    assert list_visited(solution.plan) == {"s2", "s3"}
    assert assess(theatre, solution.plan) == []
    # And none where all is known.
    known = build_choice(5, needs=(300.0, 50.0, 200.0))
    solution = solve_shortly(known.problem)
    assert list_visited(solution.plan) == {"s1", "s3"}
    assert assess(known, solution.plan) == []


def test_where_none_can_be_reached_the_plan_says_so_and_why():
    theatre = change_theatre(build_choice(1), sites={"s2": {"roles": ("medic",)}})
    solution = solve_shortly(theatre.problem)
    assert list_visited(solution.plan) == {"s1", "s3"}
    assert solution.bound == pytest.approx(500.0)
    assert assess(theatre, solution.plan) == [("too_few_unknown", 0, 1)]
    entry = find_reasons(theatre.problem, solution.plan, solution)["s2"]
    assert (entry.reason, entry.reason_values) == ("role_missing", {"roles": ["medic"]})


def test_a_site_required_counts_too():
    theatre = build_choice(1, needs=(300.0, None, None))
    theatre = change_theatre(theatre, sites={"s3": {"required": True}})
    assert list_visited(solve_shortly(theatre.problem).plan) == {"s1", "s3"}


def test_a_site_in_a_group_counts_too():
    theatre = build_choice(1, needs=(300.0, None, 200.0))
    theatre = change_theatre(theatre, groups=[Group(("s2", "s3"))])
    assert list_visited(solve_shortly(theatre.problem).plan) == {"s1", "s2"}


def test_forcing_a_site_keeps_the_rule():
    posed = Posed(build_choice(1).problem)
    answer = Inquiry(posed).ask(forced=[posed.problem.place_index["s3"]])
    ids = {posed.problem.place_ids[place] for place in answer.places}
    assert ids == {"s2", "s3"}
    assert answer.complete
    assert answer.need == 200.0
    assert answer.bound == pytest.approx(200.0)


def test_what_lies_beside_the_best_plan_keeps_the_rule():
    problem = build_choice(1).problem
    solution = solve_shortly(problem)
    for alternative in find_alternatives(problem, solution, 3, most_lost=0.5):
        assert "s2" in list_visited(alternative.plan)
    shares = (ShareGroup("north", {"s1": 300.0}), ShareGroup("south", {"s3": 200.0}))
    limits = replace(problem.limits, equity_weight=5.0)
    fair = replace(problem, shares=shares, limits=limits)
    assert "s2" in list_visited(lift_worst_served(fair, solution).solution.plan)


def test_a_plan_that_lies_about_it_is_found_out():
    theatre = build_choice(1)
    plan = Plan((PatrolDecision("t1", 0, ("s1", "s2")),))
    document = build_plan_file(theatre, build_schedule(theatre.problem, plan))
    told = document.model_dump(mode="json", by_alias=True)
    told["assessment"]["unknown_visited"] = 2
    (violation,) = assess_plan(type(document).model_validate(told)).violations
    assert violation.rule == "figures_misstated"


@pytest.mark.parametrize("least", [-1, 0.5])
def test_no_number_of_visits(least):
    with pytest.raises(ValueError, match="min_unknown_visits"):
        replace(build_choice(0).problem, limits=Limits(min_unknown_visits=least))


def test_the_rule_counts_each_site_once():
    rule = UnknownRule(2, frozenset({3, 5, 8}), ((3, 8), (5,)))
    assert rule.reachable == 2
    assert [rule.count_met(v) for v in ((), (3, 3), (3, 4), (3, 5, 8))] == [0, 1, 1, 2]
    assert rule.overfills((3, 8))
    assert not rule.overfills((3, 5))
    assert build_rings({3, 5, 8}, 2) == ((3, 8), (5,))
    assert build_rings({3}, 2) == ((3,),)
    assert build_rings({3}, 0) == build_rings((), 2) == ()


def test_visits_that_nothing_demands_are_left_out_again():
    theatre = build_choice(1, needs=(300.0, None, None))
    posed = Posed(replace(theatre.problem, horizon_days=3))
    index = theatre.problem.place_index
    patrol = posed.run(0, 0, (index["s2"], index["s3"]))
    (shorter,) = posed.drop_surplus([patrol])
    assert len(shorter.places) == 1
    assert shorter.duty_min < patrol.duty_min
    # A patrol that does nothing else does not go.
    alone = [posed.run(0, 0, (index[site],)) for site in ("s2", "s3")]
    assert len(posed.drop_surplus(alone)) == 1
