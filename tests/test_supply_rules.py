"""The referee's supplies on a plan by hand: litres, packs, convoys, and their edges."""

from __future__ import annotations

import pytest

from patrolplan.errors import PlanFileError
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
    team["convoy"][0]["count"] = 2
    assert judge(plan) == [("supplies_misstated", "t1", 3, 4)]
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
    # Only a boat is towed by nobody, whatever comes before it by name.
    for vehicle in ("armoured", "boat"):
        team["vehicle"] = plan["travel"][0]["vehicle"] = vehicle
        assert judge(plan) == ([missing] if vehicle != "boat" else [])
    team["vehicle"] = plan["travel"][0]["vehicle"] = "light"
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


def fill_at_s2(plan) -> None:
    """Supplied at s2, it has burnt 120 litres a vehicle by there: half are 60."""
    plan["scenario"]["limits"]["resupply"] = ["s2"]
    plan["patrols"][0]["supplies"] |= {"fuel_l": 600, "water_l": 656, "rations": 288}


def tell_turns(plan, *spots) -> None:
    """Say where half of the fuel is burnt: leg, km of the patrol, litres of all."""
    plan["patrols"][0]["supplies"]["turn_back"] = [
        {"leg": leg, "km": km, "lon": 0.0, "lat": 16.0, "burnt_l": litres}
        for leg, km, litres in spots
    ]


@pytest.mark.parametrize(
    ("spots", "kept"),
    [
        # 90 litres on legs 0 and 1, of 360 and 90 km: which of them, its parts know.
        ([(0, 240.0, 240.0)], True),
        ([(1, 400.0, 240.0)], True),
        ([(2, 455.0, 240.0)], False),
        ([(3, 500.0, 240.0)], False),
        # On its leg, to a millimetre, and to a millionth of 60 litres a vehicle.
        ([(0, 0.0, 240.0)], True),
        ([(0, 360.0 + 0.9e-6, 240.0)], True),
        ([(0, 360.0 + 1.1e-6, 240.0)], False),
        ([(1, 360.0 - 0.9e-6, 240.0)], True),
        ([(1, 360.0 - 1.1e-6, 240.0)], False),
        ([(0, 240.0, 240.0 + 4 * 59e-6)], True),
        ([(0, 240.0, 240.0 - 4 * 59e-6)], True),
        ([(0, 240.0, 240.0 + 4 * 61e-6)], False),
        ([(0, 240.0, 240.0 - 4 * 61e-6)], False),
        # Once from the base to s2; from there home nobody needs more than that half,
        # so that it is burnt in the end, or not at all.
        ([], False),
        ([(0, 240.0, 240.0), (1, 400.0, 240.0)], False),
        ([(0, 240.0, 240.0), (6, 900.0, 240.0)], True),
        ([(6, 900.0, 240.0), (0, 240.0, 240.0)], True),
        ([(0, 240.0, 240.0), (5, 700.0, 240.0)], True),
        ([(0, 240.0, 240.0), (5, 700.0, 240.0), (6, 900.0, 240.0)], False),
    ],
)
def test_half_of_the_fuel_is_burnt_once_from_fill_to_fill(plan, spots, kept) -> None:
    fill_at_s2(plan)
    tell_turns(plan, *spots)
    found = judge(plan)
    if kept:
        assert found == []
        return
    ((rule, where, legs, half_l),) = found
    assert (rule, where, half_l) == ("supplies_misstated", "turn_back", 240)
    late = [leg for leg, *_ in spots if leg > 4]
    here = [leg for leg, *_ in spots if leg <= 4]
    assert legs == (late if len(late) > 1 else here)


@pytest.mark.parametrize(
    ("leg", "km", "kept"),
    [(1, 450.0, True), (2, 450.0, True), (3, 480.0, True), (5, 700.0, False)],
)
def test_at_a_place_the_half_is_burnt_on_the_way_there_or_on(plan, leg, km, kept):
    """Without a fill half of 180 litres are 90: as many as it takes to s1."""
    tell_turns(plan, (leg, km, 360.0))
    expected = ("supplies_misstated", "turn_back", [leg], 360)
    assert judge(plan) == ([] if kept else [expected])


def test_nobody_turns_back_on_a_leg_that_is_not_there(plan) -> None:
    tell_turns(plan, (0, 300.0, 360.0), (6, 900.0, 360.0))
    assert judge(plan) == [("supplies_misstated", "turn_back", [0, 6], 360)]
    tell_turns(plan, (1, 450.0, 360.0), (7, 900.0, 360.0), (8, 900.0, 360.0))
    assert judge(plan) == [
        ("supplies_misstated", "turn_back", 7, 7),
        ("supplies_misstated", "turn_back", 8, 7),
    ]


@pytest.mark.parametrize(
    ("floor_l", "days", "kept"),
    [
        # 800 / (16 x 4) = 12.5 days.
        (4.0, 12, True),
        (4.0, 11, False),
        (4.0, 13, False),
        # 800 / (16 x 5) = 10: to the last digit it may be 9.
        (5.0, 10, True),
        (5.0, 9, True),
        (5.0, 8, False),
        (5.0, 11, False),
        # Who says nothing of it is asked nothing, and of no litres nobody knows.
        (5.0, None, True),
        (None, 3, True),
        (0.0, 3, True),
    ],
)
def test_water_to_survive_on_lasts_whole_days(plan, floor_l, days, kept) -> None:
    plan["scenario"]["limits"]["water_floor_l"] = floor_l
    plan["patrols"][0]["supplies"]["water_floor_days"] = days
    lasts = WATER_L / (16 * floor_l) if floor_l else None
    expected = ("supplies_misstated", "water_floor_days", days, lasts)
    assert judge(plan) == ([] if kept else [expected])


def test_a_column_is_as_long_as_its_vehicles_and_passes_at_its_speed(plan) -> None:
    """4 x 50 m = 0.2 km, at 24 km/h half a minute; to a millionth."""
    (team,), limits = plan["teams"], plan["scenario"]["limits"]
    limits |= {"spacing_m": 50.0, "pass_speed_kmh": 24.0}
    team |= {"column_km": 0.2, "pass_min": 0.5}
    assert judge(plan) == []
    for name, true in (("column_km", 0.2), ("pass_min", 0.5)):
        for off, kept in ((0.9e-6, True), (1.1e-6, False)):
            for sign in (-1, 1):
                team[name] = told = true * (1 + sign * off)
                limit = pytest.approx(true, rel=1e-9)
                expected = ("supplies_misstated", "t1", told, limit)
                assert judge(plan) == ([] if kept else [expected])
        team[name] = true
    # Without one of the figures nothing can be said.
    team |= {"column_km": 9.0, "pass_min": 9.0}
    assert len(judge(plan)) == 2
    for entry, name in (
        (team, "column_km"),
        (team, "pass_min"),
        (limits, "spacing_m"),
        (limits, "pass_speed_kmh"),
    ):
        told = entry[name]
        entry[name] = None
        assert judge(plan) == []
        entry[name] = told


def test_who_is_met_under_way_is_not_asked_what_it_took_along(plan) -> None:
    patrol, (team,) = plan["patrols"][0], plan["teams"]
    patrol["supplies"] |= {"fuel_l": 1.0, "water_l": 1.0, "rations": 1}
    assert len(judge(plan)) == 3
    patrol["stops"][0]["kind"] = "start"
    assert judge(plan) == []
    team["fuel_capacity_l"] = FUEL_L - 1
    assert judge(plan) == [("fuel_exceeded", None, FUEL_L, FUEL_L - 1)]


def test_whoever_says_what_a_team_carries_says_what_binds(plan) -> None:
    """Any one of the three, of any team, or whether fuel binds."""
    limits, (team,) = plan["scenario"]["limits"], plan["teams"]
    for name in LIMITS:
        del limits[name]
    capacities = (*CAN_CARRY, "ration_capacity")
    team |= dict.fromkeys(capacities)
    plan["teams"].append(team | {"id": "t2"})
    assert judge(plan) == []
    for entry, name, value in (
        *((told, name, 100) for told in plan["teams"] for name in capacities),
        (limits, "fuel_binds", True),
    ):
        entry[name] = value
        with pytest.raises(PlanFileError) as caught:
            judge(plan)
        missing = {fault.where for fault in caught.value.faults}
        assert "scenario.limits.water_binds" in missing
        assert ("scenario.limits.fuel_binds" in missing) is (name != "fuel_binds")
        if entry is limits:
            del entry[name]
        else:
            entry[name] = None


def list_needs(plan) -> dict:
    """What a patrol needs by the referee, where it says itself that it is nothing."""
    told = {"fuel_l": 0.0, "water_l": 0.0, "rations": 0}
    plan["patrols"][0]["supplies"] |= told
    return {w: limit for rule, w, _, limit in judge(plan) if w in told}


@pytest.mark.parametrize(
    ("depart", "home", "water_l", "rations"),
    [
        # Eight days from the last of a hot month: 16 x (10 + 7 x 6) x 1.5 and 80;
        # 16 x 3 x (8 + 2).
        ("2014-10-31T06:00:00Z", None, 1328, 480),
        # 24:00 is of the day before: five days from 3 November.
        (None, "2014-11-08T00:00:00Z", 800, 336),
        (None, "2014-11-08T00:01:00Z", 944, 384),
        # Days that run backwards are one; none are more than a year and a day: 31 of
        # October, 335 others, and 16 x 3 x (366 + 2).
        (None, "2014-11-01T12:00:00Z", 224, 144),
        (None, "2016-11-03T12:00:00Z", 16 * (310 + 335 * 6) * 1.5 + 80, 17_664),
    ],
)
def test_water_and_rations_are_for_all_days_of_a_patrol(
    plan, depart, home, water_l, rations
) -> None:
    plan["scenario"]["limits"]["hot_months"] = [10]
    patrol = plan["patrols"][0]
    patrol["depart"] = depart or patrol["depart"]
    patrol["return"] = home or patrol["return"]
    assert list_needs(plan) == {
        "fuel_l": FUEL_L,
        "water_l": pytest.approx(water_l),
        "rations": rations,
    }


def test_of_several_stretches_the_one_that_takes_most_counts(plan) -> None:
    """Filled on 4 and 6 November: 2, 3 and 2 days; 90, 30 and 60 litres a vehicle."""
    limits = plan["scenario"]["limits"]
    limits["resupply"] = ["s1", "s2"]
    assert list_needs(plan) == {"fuel_l": 450, "water_l": 512, "rations": 240}
    # Where it stops at no known time, or not to visit, it is filled with nothing.
    stops = plan["patrols"][0]["stops"]
    limits["resupply"] = ["s1"]
    assert list_needs(plan) == {"fuel_l": 450, "water_l": 656, "rations": 288}
    stops[2]["arrive"] = None
    assert list_needs(plan) == {"fuel_l": 900, "water_l": 800, "rations": 336}
    limits["resupply"] = ["base"]
    assert list_needs(plan)["fuel_l"] == 900


def test_of_a_way_that_no_matrix_knows_the_parts_tell_what_is_burnt(plan) -> None:
    """Sent to s1 at the first halt; from there until s2 30 litres, and 60 home."""
    patrol = plan["patrols"][0]
    halt = patrol["stops"][1]["place_id"]
    patrol["turns"] = [{"halt_id": halt, "bound_for": "s2"}]
    part = {"kind": "track", "surface": "sand", "length_km": 1.0, "driving_min": 1.0}
    part |= {"halt": True}
    assert list_needs(plan)["fuel_l"] == 90 * 4 * 1.25
    for number, litres in ((0, (20.0, 3.0)), (1, (7.0,)), (2, (900.0,))):
        patrol["legs"][number]["parts"] = [part | {"fuel_l": more} for more in litres]
    assert list_needs(plan)["fuel_l"] == (20 + 3 + 7 + 90) * 4 * 1.25
    # A way that nobody knows is a broken rule, and burns nothing.
    travel = plan["travel"][0]
    here, there = (travel["place_ids"].index(place) for place in ("s1", "s2"))
    travel["durations_min"][here][there] = None
    assert list_needs(plan)["fuel_l"] == (20 + 3 + 7 + 60) * 4 * 1.25


@pytest.mark.parametrize(
    ("name", "rule", "needed"),
    [
        ("fuel_capacity_l", "fuel_exceeded", FUEL_L),
        ("water_capacity_l", "water_exceeded", WATER_L),
    ],
)
def test_what_is_carried_is_enough_to_a_millionth(plan, name, rule, needed) -> None:
    (team,), supplies = plan["teams"], plan["patrols"][0]["supplies"]
    for off, kept in ((0.9e-6, True), (1.1e-6, False)):
        team[name] = supplies[name] = limit = needed / (1 + off)
        assert judge(plan) == ([] if kept else [(rule, None, needed, limit)])


def test_every_team_that_goes_out_is_judged(plan) -> None:
    """One that stays at home, and what is only a finding, hide none after them."""
    (team,), limits = plan["teams"], plan["scenario"]["limits"]
    lorries = [{"vehicle": "lorry", "count": 9, "element": None}]
    home = team | {"id": "t0", "convoy": lorries}
    second = team | {"id": "t2", "convoy": lorries}
    plan["teams"] = [home, team, second]
    plan["patrols"].append(plan["patrols"][0] | {"id": "P2", "team_id": "t2"})
    found = [told for told in judge(plan) if told[1] in ("t0", "t1", "t2")]
    assert found == [("supplies_misstated", "t2", 9, 4)]
    limits |= {"elements_rule": "limit", "min_vehicles": 5}
    found = [told for told in judge(plan) if told[0] == "too_few_vehicles"]
    assert found == [("too_few_vehicles", name, 4, 5) for name in ("t1", "t2")]
