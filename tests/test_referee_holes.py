"""What a hand-edited plan could once hide from the referee, each with the edit."""

from __future__ import annotations

import copy

import pytest

from breakable_plans import plan_by_hand, plan_under_way
from broken_movement import shift
from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan


@pytest.fixture
def document():
    return copy.deepcopy(plan_by_hand())


@pytest.fixture
def under_way():
    return copy.deepcopy(plan_under_way())


def judge(document) -> set[tuple[str, str | None]]:
    found = assess_plan(PlanFile.model_validate(document)).violations
    return {(broken.rule, broken.patrol_id) for broken in found}


def find_halt(patrol):
    return next(stop for stop in patrol["stops"] if stop["kind"] == "halt")


def test_every_patrol_before_its_team_may_leave_is_named(document):
    document["teams"][0]["ready_from"] = "2014-11-20"
    assert judge(document) == {("left_unrested", "P1"), ("left_unrested", "P3")}


@pytest.mark.parametrize("more", ["repeats", "lines", "passed"])
def test_a_bound_is_of_all_need_that_is_met(document, more):
    told = document["assessment"]
    assert told[more] > 0
    bound = told["need_met"] - told[more] / 2
    told |= {"need_bound": bound, "gap": (bound - told["need_met"]) / bound}
    assert bound > told["first_visits"]
    assert judge(document) == {("bound_below_plan", None)}


def test_a_place_that_nobody_keeps_clear_of_excuses_no_movement(document):
    assert any(leg.get("clearing") for p in document["patrols"] for leg in p["legs"])
    document["keep_clear"][0]["km"] = 0.0
    assert {rule for rule, _ in judge(document)} == {"clearing_misstated"}


def test_a_halt_lies_where_it_lies_whatever_it_is_called(document):
    halt = find_halt(document["patrols"][1])
    spot = {"lon": halt["lon"], "lat": halt["lat"]}
    school = {"id": "school", "kind": "school", "km": 0.5, "assumed": False}
    document["keep_clear"].append(school | spot)
    assert judge(document) == {("halt_too_near", "P2")}
    halt["place_id"] = "b"
    assert ("halt_too_near", "P2") in judge(document)


def test_an_entry_left_out_hides_no_limit_of_the_casualty_clock(document):
    limits = document["scenario"]["limits"]
    limits |= {"casualty_day": "limit", "casualty_surgery_min": 41.0}
    for patrol in document["patrols"]:
        patrol["casualty"].pop()
    assert {"casualty_misstated", "surgery_too_far"} <= {r for r, _ in judge(document)}


def test_sums_of_a_casualty_clock_without_figures_are_only_words(document):
    del document["medical"]
    limits = document["scenario"]["limits"]
    for key in [key for key in limits if key.startswith("casualty_")]:
        del limits[key]
    expected = {("casualty_misstated", patrol["id"]) for patrol in document["patrols"]}
    assert judge(document) == expected
    for patrol in document["patrols"]:
        patrol["casualty"] = []
    assert judge(document) == set()


def test_a_convoy_that_is_not_told_has_no_recovery_vehicle(document):
    del document["teams"][0]["convoy"]
    assert judge(document) == {("element_missing", None)}
    document["scenario"]["limits"]["min_vehicles"] = 5
    assert ("too_few_vehicles", None) in judge(document)


@pytest.mark.parametrize(
    ("key", "value"), [("column_km", 0.1), ("pass_min", 5.0), ("vehicles", 3)]
)
def test_a_column_is_as_long_as_its_vehicles_make_it(document, key, value):
    document["teams"][0][key] = value
    assert ("supplies_misstated", None) in judge(document)


@pytest.mark.parametrize("key", ["km", "burnt_l", "gone", "water_floor_days"])
def test_where_to_turn_back_is_reckoned_anew(document, key):
    told = document["patrols"][0]["supplies"]
    if key == "gone":
        told["turn_back"].pop()
    elif key == "water_floor_days":
        told[key] += 1
    else:
        told["turn_back"][0][key] += 2000.0
    assert judge(document) == {("supplies_misstated", "P1")}


def test_where_nothing_earns_on_the_way_nothing_is_passed(document):
    document["waysides"] = None
    for travel in document["travel"]:
        travel["ways"] = None
    limits = document["scenario"]["limits"]
    del limits["lines_presence"], limits["passing_share"]
    for patrol in document["patrols"]:
        for leg in patrol["legs"]:
            leg |= {"passed": [], "lines": [], "need_earned": 0.0}
    assert judge(document) == {("figures_misstated", None)}
    document["patrols"][0]["legs"][0]["passed"] = ["s4"]
    assert ("passed_misstated", "P1") in judge(document)


def test_the_end_of_a_way_is_not_passed_on_it(document):
    way = next(w for w in document["travel"][0]["ways"] if w["to"] == "s1")
    way["comes_by"].append(["s1", 10.0])
    assert judge(document) == {("passed_misstated", None)}


def test_a_site_said_to_be_passed_lies_near_the_leg(document):
    document["patrols"][1]["legs"][-1]["passed"] = ["s1"]
    assert judge(document) == {("passed_misstated", "P2")}
    document["scenario"]["limits"]["passing_km"] = 1.0
    assert ("geometry_misplaced", "P2") in judge(document)


def test_no_theme_makes_an_unknown_need_known(document):
    site = next(site for site in document["sites"] if site["need"] is None)
    site["themes"] = {"B": 500.0}
    assert judge(document) == {("need_misstated", None)}


def test_a_turn_to_nowhere_hides_no_movement(under_way):
    assert judge(under_way) == set()
    patrol = under_way["patrols"][1]
    patrol["turns"][0]["bound_for"] = "nowhere"
    assert ("no_way", "P2") in judge(under_way)
    halt = find_halt(patrol)
    number = patrol["stops"].index(halt)
    shift(patrol["legs"][number - 1], 300, "arrive")
    shift(halt, 300, "arrive")
    rules = {rule for rule, patrol_id in judge(under_way) if patrol_id == "P2"}
    assert rules & {"night_movement", "night_on_the_move"}


def test_ending_at_a_halt_hides_no_movement(document):
    patrol = document["patrols"][1]
    patrol["stops"][-1]["kind"] = "halt"
    shift(patrol["legs"][-1], 480, "arrive")
    shift(patrol["stops"][-1], 480, "arrive")
    shift(patrol, 480, "return")
    assert {("not_at_base", "P2"), ("night_movement", "P2")} <= judge(document)


def test_boats_go_two_by_two_and_tow_nobody(document):
    document["scenario"]["limits"]["min_vehicles"] = 5
    for team in document["teams"]:
        team |= {"vehicle": "boat", "convoy": None}
    document["travel"][0]["vehicle"] = "boat"
    assert judge(document) == {("too_few_vehicles", None)}
