"""Need earned on the way, worked by hand: who earns it, on which leg, who judges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.passing import list_passings
from patrolplan.planning.problem import PatrolDecision, Plan, Wayside
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from problems import build_hand_theatre, build_plan_file, build_team

BOUND = 1000.0
# Driving the line earns 40; passing near a site earns a quarter of its need.
WAYSIDES = (
    Wayside("rn:1", 40.0, line_id="rn"),
    Wayside("s2", 20.0, "s2"),
    Wayside("s1", 25.0, "s1"),
)


def build_theatre():
    """Return a base, a town s1 15 hours away, and a village s2 beside the way there.

    The first 10 hours of the way are the line; at 13 h 20 the village is in sight.
    """
    theatre = build_hand_theatre(
        dwells=(120.0, 60.0),
        needs=(100.0, 80.0),
        minutes=[[0, 900, 830], [900, 0, 120], [830, 120, 0]],
    )
    problem = theatre.problem
    ways = {
        (0, 1): ((0, 600.0), (1, 800.0)),
        (1, 0): ((1, 100.0), (0, 900.0)),
        (0, 2): ((0, 600.0),),
        (2, 0): ((0, 830.0),),
    }
    travel = tuple(replace(matrix, waysides=ways) for matrix in problem.travel)
    asked = replace(problem, travel=travel, waysides=WAYSIDES)
    return replace(theatre, problem=asked)


def plan_visits(*patrols):
    return Plan(tuple(PatrolDecision("t1", day, sites) for day, sites in patrols))


def write(theatre, plan, *, need_bound=BOUND):
    schedule = build_schedule(theatre.problem, plan)
    return schedule, build_plan_file(theatre, schedule, need_bound=need_bound)


def edit(plan, change):
    document = plan.model_dump(mode="json", by_alias=True)
    change(document)
    return PlanFile.model_validate(document)


def list_rules(plan, change=lambda _: None):
    return {violation.rule for violation in assess_plan(edit(plan, change)).violations}


def test_a_patrol_drives_a_line_and_passes_a_village():
    """Hold the sum, in windows from 06:00 to 18:00, 720 minutes a day.

    Day 1: 720 min driven, the line done at minute 600, at 16:00; halt at 18:00.
    Day 2: the village in sight at minute 800, 80 after 06:00; arrival at minute 900,
    09:00. The way back comes by both again, which earns nothing.

        visit of s1         100
        line              +  40   leg 1
        village passed    +  20   leg 2: a quarter of its 80
                          = 160
    """
    theatre = build_theatre()
    schedule, document = write(theatre, plan_visits((0, ("s1",))))
    assert list_passings(theatre.problem, schedule) == {
        ("P1", 0): (WAYSIDES[0],),
        ("P1", 1): (WAYSIDES[1],),
    }
    legs = document.patrols[0].legs
    assert [leg.need_earned for leg in legs[:3]] == [40.0, 20.0, 0.0]
    assert legs[0].lines == ["rn"]
    assert legs[1].passed == ["s2"]
    assert (legs[1].from_, legs[1].to) == ("halt:P1:1", "s1")
    found = assess_plan(document)
    assert found.violations == []
    assert (found.first_visits, found.lines, found.passed) == (100.0, 40.0, 20.0)
    assert found.need_met == 160.0
    # A site that is only passed is still one without a visit.
    assert [entry.site_id for entry in found.unserved] == ["s2"]


def test_a_site_that_is_visited_earns_nothing_by_being_passed():
    """100 for s1, 80 for s2, 40 for the line: 220, on one patrol or on two."""
    theatre = build_theatre()
    for plan in (
        plan_visits((0, ("s1", "s2"))),
        plan_visits((0, ("s1",)), (6, ("s2",))),
    ):
        _, document = write(theatre, plan)
        found = assess_plan(document)
        assert not {v.rule for v in found.violations} - {"outside_horizon"}
        assert (found.passed, found.lines, found.need_met) == (0.0, 40.0, 220.0)


def test_of_two_patrols_the_first_in_time_earns():
    """P1 of t1 leaves on day 0 for s2 along the line, P2 of t0 a day after for s1."""
    theatre = build_theatre()
    problem = theatre.problem
    twin = replace(problem.teams[0], id="t0")
    theatre = replace(theatre, problem=replace(problem, teams=(*problem.teams, twin)))
    plan = Plan((PatrolDecision("t1", 0, ("s2",)), PatrolDecision("t0", 1, ("s1",))))
    schedule, document = write(theatre, plan)
    assert list_passings(theatre.problem, schedule) == {("P1", 0): (WAYSIDES[0],)}
    assert assess_plan(document).violations == []
    # At the same second, the patrol whose id comes first.
    same = replace(plan, patrols=tuple(replace(p, depart_day=0) for p in plan.patrols))
    schedule, document = write(theatre, same)
    assert list(list_passings(theatre.problem, schedule)) == [("P1", 0)]
    assert assess_plan(document).violations == []


def test_the_solver_turns_for_what_is_earned_on_the_way():
    """One patrol of three days. 830 + 60 + 830 min: s2 alone fits, and so does s1.

    A visit of s1 earns 100, of s2 120; but the way to s1 has the line, 40,
    and passes s2, 30: 170 against 120 for s2, whose way comes by nothing.
    """
    theatre = build_hand_theatre(
        dwells=(60.0, 60.0),
        needs=(100.0, 120.0),
        minutes=[[0, 830, 830], [830, 0, 830], [830, 830, 0]],
        days=3,
        team=build_team(max_days=3),
    )
    blind = solve(theatre.problem, seed=1, iterations=50, workers=1)
    assert [patrol.site_ids for patrol in blind.plan.patrols] == [("s2",)]
    ways = {(0, 1): ((0, 600.0), (1, 800.0))}
    travel = tuple(replace(m, waysides=ways) for m in theatre.problem.travel)
    waysides = (WAYSIDES[0], Wayside("s2", 30.0, "s2"))
    asked = replace(theatre.problem, travel=travel, waysides=waysides)
    seeing = solve(asked, seed=1, iterations=50, workers=1)
    assert [patrol.site_ids for patrol in seeing.plan.patrols] == [("s1",)]
    assert seeing.need == pytest.approx(170.0)
    assert seeing.bound == pytest.approx(170.0, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda d: d["patrols"][0]["legs"][1].update(passed=[]), "passed_misstated"),
        (
            lambda d: d["patrols"][0]["legs"][0].update(passed=["s2"]),
            "passed_misstated",
        ),
        (lambda d: d["patrols"][0]["legs"][0].update(lines=[]), "passed_misstated"),
        (
            lambda d: d["patrols"][0]["legs"][2].update(need_earned=40.0),
            "need_misstated",
        ),
        (lambda d: d["waysides"][0].update(need=50.0), "passed_misstated"),
        (lambda d: d["waysides"][1].update(need=80.0), "passed_misstated"),
        (lambda d: d["waysides"].append(d["waysides"][0]), "passed_misstated"),
        (lambda d: d["waysides"][0].update(site_id="s1"), "passed_misstated"),
        (lambda d: d.pop("waysides"), "passed_misstated"),
        (
            lambda d: d["travel"][0]["ways"][0].update(comes_by=[["rn:1", 1e9]]),
            "passed_misstated",
        ),
        (
            lambda d: d["travel"][0]["ways"][0].update(comes_by=[["nowhere", 1.0]]),
            "passed_misstated",
        ),
        (
            lambda d: d["scenario"]["limits"].update(passing_share=1.0),
            "passed_misstated",
        ),
        # The drawn way lies 50 km off the village, as far as anyone may see 1 km.
        (lambda d: d["scenario"]["limits"].update(passing_km=1), "geometry_misplaced"),
        (lambda d: d["assessment"].update(passed=25.0), "figures_misstated"),
    ],
)
def test_what_is_misstated_is_found(change, rule):
    _, document = write(build_theatre(), plan_visits((0, ("s1",))))
    assert list_rules(document) == set()
    assert rule in list_rules(document, change)


def test_no_number_of_a_hostile_file_is_too_great():
    _, document = write(build_theatre(), plan_visits((0, ("s1",))))

    def inflate(document):
        document["travel"][0]["ways"][0]["comes_by"] = [["rn:1", 1e12], ["s2", 1e12]]
        document["patrols"][0]["legs"][0]["driving_min"] = 1e12

    assert "passed_misstated" in list_rules(document, inflate)
