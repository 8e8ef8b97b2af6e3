"""The referee's supplies on a plan by hand: litres, packs, convoys, and their edges."""

from __future__ import annotations

import pytest

from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from problems import build_hand_document

# Sixteen people in four vehicles are out for five days of November.
LIMITS = {
    "fuel_binds": True,
    "water_binds": True,
    "fuel_reserve_share": 0.25,
    "water_hot_l": 10.0,
    "water_cool_l": 6.0,
    "water_reserve_share": 0.5,
    "water_reserve_vehicle_l": 20.0,
    "hot_months": [4, 5],
    "ration_packs": 3,
    "ration_reserve_days": 2,
    "elements": [],
    "elements_rule": "finding",
    "min_vehicles": 2,
    "resupply": [],
}
CAN_CARRY = {"fuel_capacity_l": 2000.0, "water_capacity_l": 2000.0}
# 900, 300 and 600 minutes burn 90, 30 and 60 litres: 180 x 4 x 1.25. 16 x 6 x 5 x 1.5
# and 20 for each vehicle. 16 x 3 x (5 + 2).
FUEL_L, WATER_L, RATIONS = 900.0, 800.0, 336


@pytest.fixture(scope="module")
def document():
    document = build_hand_document()
    document["scenario"]["limits"] |= LIMITS
    document["teams"][0] |= CAN_CARRY | {"ration_capacity": 1000}
    document["patrols"][0]["supplies"] = CAN_CARRY | {
        "fuel_l": FUEL_L,
        "water_l": WATER_L,
        "rations": RATIONS,
        "ration_capacity": 1000,
    }
    return document


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return PlanFile.model_validate(document).model_dump(mode="json", by_alias=True)


def judge(plan):
    found = assess_plan(PlanFile.model_validate(plan)).violations
    return [(v.rule, v.where, v.found, v.limit) for v in found]


def test_what_is_reckoned_by_hand_is_accepted(plan) -> None:
    (team,) = plan["teams"]
    assert (team["people"], team["vehicles"]) == (16, 4)
    assert judge(plan) == []


def test_what_is_stated_is_held_against_what_is_needed(plan) -> None:
    """To a millionth, and what can be carried against what the team says."""
    supplies = plan["patrols"][0]["supplies"]
    for name, step in (("fuel_l", 1.0), ("water_l", 1.0), ("rations", 1)):
        true = supplies[name]
        for told in (true - step, true + step):
            supplies[name] = told
            assert judge(plan) == [("supplies_misstated", name, told, true)]
        if name != "rations":
            supplies[name] = true * (1 + 0.9e-6)
            assert judge(plan) == []
        supplies[name] = true
    for name in ("fuel_capacity_l", "water_capacity_l", "ration_capacity"):
        true = supplies[name]
        for told in (None, true + 1):
            supplies[name] = told
            assert judge(plan) == [("supplies_misstated", name, told, true)]
        supplies[name] = true


@pytest.mark.parametrize(
    ("name", "rule", "needed", "binds"),
    [
        ("fuel_capacity_l", "fuel_exceeded", FUEL_L, "fuel_binds"),
        ("water_capacity_l", "water_exceeded", WATER_L, "water_binds"),
        ("ration_capacity", "rations_exceeded", RATIONS, "water_binds"),
    ],
)
def test_a_patrol_carries_no_more_than_it_can(plan, name, rule, needed, binds) -> None:
    (team,), supplies = plan["teams"], plan["patrols"][0]["supplies"]
    team[name] = supplies[name] = needed
    assert judge(plan) == []
    less = needed - 1
    team[name] = supplies[name] = less
    assert judge(plan) == [(rule, None, needed, less)]
    plan["scenario"]["limits"][binds] = False
    assert judge(plan) == []
    plan["scenario"]["limits"][binds] = True
    # What nobody knows binds nobody.
    team[name] = supplies[name] = None
    assert judge(plan) == []


def test_in_a_hot_month_more_is_drunk(plan) -> None:
    """16 x 10 x 5 x 1.5 and 80: 1,280."""
    plan["scenario"]["limits"]["hot_months"] = [11]
    assert judge(plan) == [("supplies_misstated", "water_l", WATER_L, 1280)]


def test_who_is_supplied_on_the_way_needs_what_lies_between(plan) -> None:
    """At s2, on the fourth day: 120 litres before it; four days of water and food.

    120 x 4 x 1.25 = 600; 16 x 6 x 4 x 1.5 + 80 = 656; 16 x 3 x (4 + 2) = 288.
    """
    plan["scenario"]["limits"]["resupply"] = ["s2", "elsewhere"]
    assert judge(plan) == [
        ("supplies_misstated", "fuel_l", FUEL_L, 600),
        ("supplies_misstated", "water_l", WATER_L, 656),
        ("supplies_misstated", "rations", RATIONS, 288),
    ]
    plan["patrols"][0]["supplies"] |= {"fuel_l": 600, "water_l": 656, "rations": 288}
    assert judge(plan) == []


def test_a_convoy_has_the_vehicles_of_its_team(plan) -> None:
    (team,) = plan["teams"]
    lorry = {"vehicle": "lorry", "count": 3, "element": "medic"}
    team["convoy"] = [lorry, {"vehicle": "light", "count": 1, "element": "scout"}]
    assert judge(plan) == []
    team["convoy"][0]["count"] = 4
    assert judge(plan) == [("supplies_misstated", "t1", 5, 4)]
    # Of a team that stays at home nothing is asked.
    plan["teams"].append(team | {"id": "t2"})
    team["convoy"][0]["count"] = 3
    assert judge(plan) == []


def test_elements_are_asked_for_where_they_are_a_limit(plan) -> None:
    (team,), limits = plan["teams"], plan["scenario"]["limits"]
    team["convoy"] = [{"vehicle": "light", "count": 4, "element": "scout"}]
    limits |= {"elements": ["scout", "medic", "tow"], "min_vehicles": 5}
    assert judge(plan) == []
    limits["elements_rule"] = "limit"
    missing = ("element_missing", "t1", ["medic", "tow"], None)
    assert judge(plan) == [missing, ("too_few_vehicles", "t1", 4, 5)]
    limits["min_vehicles"] = 4
    assert judge(plan) == [missing]
    limits["elements"] = ["scout"]
    assert judge(plan) == []
    # What a file leaves out goes with nobody.
    del team["convoy"]
    limits["min_vehicles"] = 9
    none = ("element_missing", "t1", ["scout"], None)
    assert judge(plan) == [none, ("too_few_vehicles", "t1", 4, 9)]


def test_a_plan_that_says_nothing_of_supplies_is_asked_nothing(plan) -> None:
    for name in LIMITS:
        del plan["scenario"]["limits"][name]
    for name in (*CAN_CARRY, "ration_capacity"):
        plan["teams"][0][name] = None
    plan["patrols"][0]["supplies"]["fuel_l"] = 1.0
    assert judge(plan) == []
