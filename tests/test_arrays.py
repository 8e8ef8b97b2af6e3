"""A problem as the clock and the compiled core read it, number by number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from patrolplan.planning.arrays import build_arrays, build_crew_numbers, list_vehicles
from patrolplan.planning.crews import build_crew
from patrolplan.planning.problem import Group, PatrolDecision, Plan, Wayside
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from patrolplan.planning.tables import build_tables
from patrolplan.planning.travel import shut_travel
from problems import START, build_hand_theatre, build_matrix, build_team, change_theatre

DAY = 1440.0
INF = float("inf")
MINUTES = [[0, 100, 200], [110, 0, 50], [220, 60, 0]]


def build(*, days=4, sites=None, teams=None, travel=None, waysides=(), break_min=0.0):
    theatre = build_hand_theatre(minutes=MINUTES, dwells=(60, 90), days=days)
    problem = change_theatre(theatre, sites=sites).problem
    return replace(
        problem,
        teams=teams or problem.teams,
        travel=travel or problem.travel,
        waysides=tuple(waysides),
        limits=replace(problem.limits, break_min=break_min),
    )


# Tables


def test_windows_less_their_breaks() -> None:
    windows = ((400.0, 500.0),)
    sites = {"s2": {"windows_min": windows, "refuels": True}}
    tables = build_tables(build(break_min=30.0, sites=sites))
    assert tables.days == 4
    assert tables.midnights_min == [0.0, DAY, 2 * DAY, 3 * DAY, 4 * DAY]
    assert tables.opens_min[0] == [360 + DAY * day for day in range(4)]
    assert tables.closes_min[1] == [1050 + DAY * day for day in range(4)]
    assert tables.longest_min == [690.0] * 3
    assert tables.duty_min[2] == [0.0, 690.0, 1380.0, 2070.0, 2760.0]
    assert tables.dwells_min == [0.0, 60.0, 90.0]
    assert tables.windows_min == [None, None, windows]
    assert tables.refuels == [False, False, True]


def test_a_break_longer_than_a_day_leaves_nothing() -> None:
    tables = build_tables(build(break_min=721.0))
    assert tables.duty_min[0] == [0.0] * 5
    assert tables.longest_min == [-1.0] * 3


def test_matrices_by_day_and_vehicle() -> None:
    early = build_matrix(MINUTES, days=(0, 1))
    late = replace(build_matrix(MINUTES, days=(2, 9)), hazards=np.ones((3, 3)))
    heavy = build_matrix(np.array(MINUTES) * 2, vehicle="heavy")
    problem = build(
        teams=(build_team(), build_team("t2", vehicle="heavy", ready_day=2)),
        travel=(early, late, heavy),
    )
    assert list_vehicles(problem) == ["heavy@2", "light"]
    tables = build_tables(problem)
    assert set(tables.vehicles) == {"light", "heavy", "heavy@2"}
    light = tables.vehicles["light"]
    assert [light.hazards[day][0][1] for day in range(4)] == [0.0, 0.0, 1.0, 1.0]
    assert light.durations_min[3][1] == [110.0, 0.0, 50.0]
    # Until day 2 the second rests: no way leads anywhere.
    heavy = tables.vehicles["heavy@2"]
    assert [heavy.durations_min[day][0][1] for day in range(4)] == [INF, INF, 200, 200]
    arrays = build_arrays(problem)
    assert arrays.matrix_of.tolist() == [[0, 0, 1, 1], [2, 2, 3, 3]]
    assert arrays.durations_min[:, 0, 1].tolist() == [INF, 200.0, 100.0, 100.0]
    assert arrays.lengths_m[1, 0, 1] == 100_000.0
    assert arrays.burdens[3, 0].tolist() == [[1, 0], [1, 10], [1, 20]]
    assert arrays.burdens[2, 0, 1].tolist() == [0.0, 10.0]
    crew = build_crew(problem, problem.teams[1])
    assert build_crew_numbers(problem, crew).vehicle == 0
    with pytest.raises(ValueError, match="No travel matrix of 'boat' holds on day 1"):
        problem.find_travel("boat", 1)


def test_where_the_tanks_are_filled_again() -> None:
    problem = build(sites={"s2": {"refuels": True}})
    arrays = build_arrays(problem)
    assert arrays.burdens[0].diagonal(axis1=0, axis2=1).tolist() == [
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0],
    ]


def test_stretches_windows_and_waysides_are_rows() -> None:
    blocked = {(0, 1): ((1.0, 2.0), (5.0, 6.0)), (2, 0): ((3.0, 4.0),)}
    ways = {(0, 1): ((1, 10.0),), (1, 2): ((1, 5.0), (0, 6.0))}
    plain = build_matrix(MINUTES, days=(0, 1))
    rich = replace(build_matrix(MINUTES, blocked=blocked, days=(2, 9)), waysides=ways)
    windows = {
        "s1": {"windows_min": ((400.0, 500.0), (600.0, 700.0))},
        "s2": {"windows_min": ()},
    }
    arrays = build_arrays(
        build(
            travel=(plain, rich),
            sites=windows,
            waysides=[Wayside("line", 7.0, line_id="line"), Wayside("s2", 3.0, "s2")],
        )
    )
    assert arrays.has_blocks.tolist() == [False, True]

    def cut(matrix, origin, goal):
        first = arrays.blocks_from[matrix, origin, goal]
        return arrays.blocks_min[
            first : arrays.blocks_to[matrix, origin, goal]
        ].tolist()

    assert cut(1, 0, 1) == [[1.0, 2.0], [5.0, 6.0]]
    assert cut(1, 2, 0) == [[3.0, 4.0]]
    assert cut(1, 1, 0) == cut(0, 0, 1) == []

    def pass_by(matrix, origin, goal):
        first = arrays.ways_from[matrix, origin, goal]
        return arrays.ways[first : arrays.ways_to[matrix, origin, goal]].tolist()

    assert pass_by(1, 0, 1) == [1]
    assert pass_by(1, 1, 2) == [1, 0]
    assert pass_by(0, 0, 1) == []
    assert arrays.wayside_needs.tolist() == [7.0, 3.0]
    assert arrays.wayside_places.tolist() == [-1, 2]
    assert arrays.has_windows.tolist() == [False, True, True]
    assert arrays.windows_from.tolist() == [0, 0, 2]
    assert arrays.windows_to.tolist() == [0, 2, 2]
    assert arrays.windows_min.tolist() == [[400.0, 500.0], [600.0, 700.0]]


def test_without_stretches_and_waysides_there_is_one_cell() -> None:
    arrays = build_arrays(build())
    assert arrays.blocks_from.shape == arrays.ways_from.shape == (1, 1, 1)
    assert arrays.blocks_min.shape == arrays.windows_min.shape == (0, 2)
    assert build_arrays(problem := build()) is build_arrays(problem)


# Crews and teams


def test_what_of_a_team_its_patrols_depend_on() -> None:
    problem = build(
        teams=(
            build_team(min_days=2, max_days=3, rest_days=4, range_km=5.0, roles=("a",)),
        )
    )
    crew = build_crew(problem, problem.teams[0])
    assert (crew.base, crew.vehicle, crew.min_days, crew.max_days) == (0, "light", 2, 3)
    assert (crew.rest_days, crew.range_m, crew.roles) == (4, 5000.0, {"a"})
    numbers = build_crew_numbers(problem, crew)
    assert (numbers.base, numbers.vehicle, numbers.min_days) == (0, 0, 2)
    assert (numbers.max_days, numbers.rest_days, numbers.range_m) == (3, 4, 5000.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"min_days": 0}, "min_days and max_days"),
        ({"min_days": 3, "max_days": 2}, "min_days and max_days"),
        ({"rest_days": -1}, "rest_days"),
        ({"ready_day": -1}, "ready_day"),
        ({"range_km": 0.0}, "range_km"),
        ({"fuel_budget_l": -1.0}, "fuel_budget_l"),
    ],
)
def test_what_no_team_can_be(changes, words) -> None:
    with pytest.raises(ValueError, match=words):
        build_team(**changes)
    least = build_team(min_days=1, max_days=1, rest_days=0, range_km=0.1)
    assert least.travel_class == "light"
    assert replace(least, ready_day=1).travel_class == "light@1"


def test_a_barred_site_is_not_required() -> None:
    sites = {"s1": {"barred_by": "visit_may_harm", "required": True}}
    with pytest.raises(ValueError, match="it is barred"):
        build(sites=sites)
    assert build(sites={"s1": {"barred_by": "visit_may_harm"}}).sites[0].barred_by


def test_travel_that_leads_nowhere() -> None:
    shut = shut_travel(build_matrix(MINUTES, blocked={(0, 1): ((1.0, 2.0),)}))
    assert shut.durations_min.tolist() == [[0, INF, INF], [INF, 0, INF], [INF, INF, 0]]
    assert (shut.halt_blocked, shut.waysides) == ({}, {})
    assert shut.lengths_m[0, 1] == 50_000.0


def test_a_matrix_holds_from_its_first_day_to_its_last() -> None:
    problem = build(travel=(build_matrix(MINUTES, days=(0, 3)),))
    assert problem.find_travel("light", 3).valid_to == START + timedelta(days=3)
    with pytest.raises(ValueError, match="holds on day 3"):
        build(travel=(build_matrix(MINUTES, days=(0, 2)),))


# Schedules


def test_pieces_have_their_shares() -> None:
    theatre = build_hand_theatre(minutes=1000.0 * (1 - np.eye(2)))
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    (patrol,) = build_schedule(theatre.problem, plan).patrols
    # 720 of 1000 minutes, and 280 on the next morning; 120 there, 320 on.
    first, second, third, *_ = patrol.legs
    assert (first.share_from, first.share_to) == (0.0, 0.72)
    assert (second.share_from, second.share_to) == (0.72, 1.0)
    assert (third.from_min, third.to_min) == (0.0, 320.0)
    assert (first.length_m, second.length_m) == pytest.approx((360_000.0, 140_000.0))
    assert second.fuel_l == pytest.approx(28.0)
    assert [leg.travel_day for leg in patrol.legs] == [0, 0, 1, 1]
    assert patrol.length_m == pytest.approx(1_000_000.0)


def test_a_way_of_no_length_is_driven_whole() -> None:
    theatre = build_hand_theatre(minutes=np.zeros((2, 2)))
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    (patrol,) = build_schedule(theatre.problem, plan).patrols
    assert [(leg.share_from, leg.share_to) for leg in patrol.legs] == [(0.0, 1.0)] * 2
    assert patrol.driving_min == 0.0


# Reasons


def explain(problem, plan, site, **more):
    entry = find_reasons(problem, plan, **more)[site]
    change = entry.nearest_change
    return (
        (entry.reason, entry.reason_values),
        None if change is None else (change.code, change.values),
    )


def test_of_two_teams_as_good_the_first_by_id_is_added() -> None:
    """One day, one team out: another patrol of a day, like the first by id."""
    teams = (
        build_team("t2", max_days=1, people=3),
        build_team("t1", max_days=1, range_km=999.0),
    )
    theatre = build_hand_theatre(dwells=(120, 120, 120), days=1)
    problem = replace(theatre.problem, teams=teams)
    plan = Plan((PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t2", 0, ("s2",))))
    reason, change = explain(problem, plan, "s3")
    # As many days more for t1 as for another team: the fewer things changed.
    assert reason == ("no_time_left", {"extra_days": None, "team_id": None})
    assert change[0] == "add_patrol"
    assert change[1] == {"base_id": "base", "vehicle": "light", "days": 1}


def test_hazard_fuel_and_roles_in_their_order() -> None:
    theatre = build_hand_theatre(dwells=(120,), days=3)
    hazards = [[0.0, 5.0], [5.0, 0.0]]
    theatre = change_theatre(theatre, hazards=hazards, sites={"s1": {"roles": ("a",)}})

    def ask(**team):
        problem = replace(theatre.problem, teams=(build_team(**team),))
        return explain(problem, Plan(), "s1")

    assert ask(hazard_budget=9.0) == (("hazard_exceeded", {"team_id": "t1"}), None)
    lacking = {"team_id": "t1", "missing_l": pytest.approx(4 * 10.0)}
    assert ask(fuel_budget_l=50.0) == (
        ("fuel_exceeded", lacking),
        ("carry_fuel", lacking),
    )
    assert ask() == (
        ("role_missing", {"roles": ["a"]}),
        ("add_role", {"team_id": "t1", "role": "a"}),
    )
    theatre = change_theatre(theatre, sites={"s1": {"roles": ()}})
    assert ask(range_km=250.25) == (
        ("out_of_range", {"missing_km": 49.75, "team_id": "t1"}),
        ("raise_range_km", {"missing_km": 49.75, "team_id": "t1"}),
    )
    # Out of range comes before all these.
    assert ask(range_km=250.0, hazard_budget=9.0) == (
        ("out_of_range", {"missing_km": 50.0, "team_id": "t1"}),
        None,
    )


def test_what_the_best_plan_with_a_site_would_leave_out() -> None:
    theatre = build_hand_theatre(
        dwells=(120, 120), needs=(100.0, 60.0), days=1, team=build_team(max_days=1)
    )
    problem = theatre.problem
    solution = solve(problem, seed=1, iterations=20, workers=1)
    (code, values), change = explain(problem, solution.plan, "s2", solution=solution)
    assert code == "priced_out"
    assert values["lost_need"] == 40.0
    assert values["surely_lost_need"] == pytest.approx(40.0, abs=0.01)
    assert (values["dropped"], values["gained"]) == (["s1"], [])
    assert (values["team_id"], values["depart_day"]) == ("t1", 0)
    # No day more would be within the horizon, so another team would have to go.
    assert change == (
        "add_patrol",
        {"base_id": "base", "vehicle": "light", "days": 1},
    )


def test_a_tenth_of_its_range_is_little() -> None:
    """s1 and s2 are 450 km and 1140 minutes, two days. A team of 410 km lacks 40, less
    than a tenth; one of 405 lacks 45, so that a day more for the other is nearer."""
    other = build_team("t2", max_days=1, rest_days=2)
    for range_km, code in ((410.0, "raise_range_km"), (405.0, "add_days")):
        theatre = build_hand_theatre(dwells=(120, 120, 120), days=2)
        one = build_team("t1", max_days=2, rest_days=2, range_km=range_km)
        problem = replace(theatre.problem, teams=(one, other))
        plan = Plan(
            (
                PatrolDecision("t1", 0, ("s1",)),
                PatrolDecision("t2", 0, ("s3",)),
            )
        )
        _, change = explain(problem, plan, "s2")
        assert change[0] == code


def test_a_site_of_a_group_that_is_served() -> None:
    theatre = build_hand_theatre(dwells=(120, 120), days=9)
    theatre = change_theatre(theatre, groups=[Group(("s1", "s2"))])
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    assert explain(theatre.problem, plan, "s2") == (
        ("group_served", {"other_id": "s1"}),
        None,
    )
