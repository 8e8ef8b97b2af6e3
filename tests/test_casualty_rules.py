"""The referee's casualty clock on a plan by hand: each figure of it, and each limit."""

from __future__ import annotations

from itertools import pairwise

import pytest

from patrolplan.errors import PlanFileError
from patrolplan.geodesy import measure_distance_m
from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from problems import build_hand_document

# Helicopter and surgeons stand at the base: from 60 km out it is 30 + 15 + 10 + 15 min
# by day, a quarter of an hour more by night.
BASE = (0.0, 16.0)
FIGURES = {
    "casualty_day": "finding",
    "casualty_night": "finding",
    "casualty_notice_day_min": 30.0,
    "casualty_notice_night_min": 45.0,
    "casualty_loading_min": 10.0,
    "casualty_cruise_kmh": 240.0,
    "casualty_surgery_min": 600.0,
}


def stand(kind, lon=BASE[0], lat=BASE[1], **more):
    told = {"id": kind, "name": kind, "kind": kind, "lon": lon, "lat": lat}
    days = {"by_night": True, "valid_from": None, "valid_to": None}
    return told | days | more


CARE = [stand("helicopter"), stand("surgery")]


def reckon(spots) -> float:
    """Minutes by day at the worst of some spots; a straight way is worst at an end."""
    km = max(measure_distance_m(*BASE, *spot) for spot in spots) / 1000
    return 30 + 10 + 2 * km / 240 * 60


@pytest.fixture(scope="module")
def document():
    """Four days to two sites, with halts on the way, and every sum stated."""
    document = build_hand_document()
    document["scenario"]["limits"] |= FIGURES
    document["medical"] = CARE
    (patrol,) = document["patrols"]
    spots = [(stop["lon"], stop["lat"]) for stop in patrol["stops"]]
    minutes = [reckon([spots[0]])]
    places = [patrol["stops"][0]["place_id"]]
    for leg, ends in zip(patrol["legs"], pairwise(spots), strict=True):
        minutes += [reckon(ends), reckon(ends[1:])]
        places += [f"{leg['from']}>{leg['to']}", leg["to"]]
    patrol["casualty"] = [
        {"where": place, "day_min": day, "night_min": day + 15, "within": True}
        for place, day in zip(places, minutes, strict=True)
    ]
    return document


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return PlanFile.model_validate(document).model_dump(mode="json", by_alias=True)


def judge(document):
    """Return what is said of the casualty clock: rule, where, found, limit."""
    rules = ("casualty", "surgery")
    found = assess_plan(PlanFile.model_validate(document)).violations
    return [
        (v.rule, v.where, v.found, v.limit) for v in found if v.rule.startswith(rules)
    ]


def entries_of(plan):
    return plan["patrols"][0]["casualty"]


def kinds_of(plan) -> list[str]:
    """Say of each entry what it is of."""
    kinds = []
    for stop in plan["patrols"][0]["stops"]:
        kinds += [stop["kind"], "leg"]
    return kinds[:-1]


def test_what_is_stated_rightly_is_accepted(plan) -> None:
    assert judge(plan) == []
    assert {"base", "leg", "visit", "halt"} == set(kinds_of(plan))
    assert plan["patrols"][0]["casualty"][0]["day_min"] == 40


@pytest.mark.parametrize("name", ["day_min", "night_min"])
def test_every_sum_is_reckoned_again(plan, name) -> None:
    for entry in entries_of(plan):
        true = entry[name]
        for told in (true - 1, true + 1, None):
            entry[name] = told
            (found,) = judge(plan)
            assert found[:3] == ("casualty_misstated", entry["where"], told)
            assert found[3] == pytest.approx(true, abs=0.3)
        # As much as two ways to measure may differ by.
        entry[name] = true + 0.1
        assert judge(plan) == []
        entry[name] = true


def test_a_sum_is_held_against_its_parts(plan) -> None:
    for entry in entries_of(plan):
        for name, told, notice in (
            ("by_day", entry["day_min"], 30.0),
            ("by_night", entry["night_min"], 45.0),
        ):
            flight = (told - notice - 10) / 2
            parts = {
                "notice_min": notice,
                "out_km": flight * 4,
                "out_min": flight,
                "loading_min": 10.0,
                "surgery_km": flight * 4,
                "surgery_min": flight,
                "helicopter_id": "helicopter",
                "surgery_id": "surgery",
                "lon": 0.0,
                "lat": 16.0,
            }
            entry[name] = parts
            assert judge(plan) == []
            for part in ("notice_min", "out_min", "loading_min", "surgery_min"):
                entry[name] = parts | {part: parts[part] + 1}
                where = entry["where"]
                (found,) = judge(plan)
                assert found[:2] == ("casualty_misstated", where)
                assert found[2:] == pytest.approx((told, told + 1))
            entry[name] = None


def test_within_is_by_night_for_a_halt_and_by_day_for_all_else(plan) -> None:
    """All halts lie more than 40 min out by day, so more than 55 by night."""
    for limit in (54.0, 46.0, 70.0):
        plan["scenario"]["limits"]["casualty_surgery_min"] = limit
        for entry, kind in zip(entries_of(plan), kinds_of(plan), strict=True):
            judged = entry["night_min" if kind == "halt" else "day_min"]
            entry["within"] = judged <= limit
        assert judge(plan) == []
        for entry in entries_of(plan):
            told = not entry["within"]
            entry["within"] = told
            assert judge(plan) == [
                ("casualty_misstated", entry["where"], told, not told)
            ]
            entry["within"] = not told


def test_what_is_all_but_the_limit_may_be_told_either_way(plan) -> None:
    entry = entries_of(plan)[0]
    plan["scenario"]["limits"]["casualty_surgery_min"] = 40.0
    for other in entries_of(plan)[1:]:
        other["within"] = False
    entries_of(plan)[-1]["within"] = True
    for within in (True, False):
        entry["within"] = within
        assert judge(plan) == []


@pytest.mark.parametrize("by_night", [False, True])
@pytest.mark.parametrize("day", ["finding", "limit"])
@pytest.mark.parametrize("night", ["finding", "limit"])
def test_a_limit_holds_where_the_scenario_says_so(plan, day, night, by_night) -> None:
    """By day for legs and visits, by night for halts; for all, where all move then."""
    limits = plan["scenario"]["limits"]
    limits |= {"casualty_day": day, "casualty_night": night}
    limits |= {"casualty_surgery_min": 1.0, "night_movement": by_night}
    expected = []
    for entry, kind in zip(entries_of(plan), kinds_of(plan), strict=True):
        entry["within"] = False
        where = entry["where"]
        moving = kind in {"leg", "visit"}
        if day == "limit" and moving:
            expected.append(("surgery_too_far", where, entry["day_min"], 1))
        if night == "limit" and (kind == "halt" or (moving and by_night)):
            rule = "surgery_too_far_by_night"
            expected.append((rule, where, entry["night_min"], 1))
    found = judge(plan)
    assert [told[:2] for told in found] == [told[:2] for told in expected]
    for told, true in zip(found, expected, strict=True):
        assert told[2:] == pytest.approx(true[2:], abs=0.3)


def test_a_limit_is_kept_up_to_it(plan) -> None:
    limits = plan["scenario"]["limits"]
    worst = max(entry["day_min"] for entry in entries_of(plan))
    limits |= {"casualty_day": "limit", "casualty_surgery_min": worst}
    assert not any(rule.startswith("surgery") for rule, *_ in judge(plan))
    limits["casualty_surgery_min"] = worst - 0.5
    assert any(rule == "surgery_too_far" for rule, *_ in judge(plan))


def test_what_does_not_fly_by_night_is_no_help_then(plan) -> None:
    plan["medical"] = [stand("helicopter", by_night=False), CARE[1]]
    limits = {"casualty_night": "limit", "night_movement": False}
    plan["scenario"]["limits"] |= limits
    halts = []
    for entry, kind in zip(entries_of(plan), kinds_of(plan), strict=True):
        true = entry["night_min"]
        found = judge(plan)
        assert ("casualty_misstated", entry["where"], true, None) in found
        entry["night_min"] = None
        if kind == "halt":
            entry["within"] = False
            halts.append(entry["where"])
    told = [("surgery_too_far_by_night", halt, None, 600.0) for halt in halts]
    assert judge(plan) == told
    # Another that does, at the same place, is as good as the first.
    plan["medical"].append(stand("helicopter", id="second"))
    assert len(judge(plan)) == len(entries_of(plan)) + len(halts)


@pytest.mark.parametrize(
    ("days", "counts"),
    [
        ({"valid_from": "2014-11-03"}, True),
        ({"valid_to": "2014-11-30"}, True),
        ({"valid_from": "2014-12-01"}, False),
        ({"valid_to": "2014-11-02"}, False),
    ],
)
def test_a_site_of_care_counts_on_its_days(plan, days, counts) -> None:
    assert plan["patrols"][0]["depart"].startswith("2014-11-03")
    plan["medical"] = [stand("helicopter", **days), CARE[1]]
    assert (judge(plan) == []) is counts


def test_the_nearest_of_each_kind_counts(plan) -> None:
    plan["medical"] += [
        stand("helicopter", 5.0, 20.0, id="far helicopter"),
        stand("surgery", 5.0, 20.0, id="far surgery"),
    ]
    assert judge(plan) == []
    # A second one right at a stop makes what was stated too long.
    stop = plan["patrols"][0]["stops"][-2]
    near = stand("surgery", stop["lon"], stop["lat"], id="near")
    plan["medical"].append(near)
    assert stop["place_id"] in {where for _, where, *_ in judge(plan)}


def test_a_leg_between_two_of_them_is_worst_in_its_middle(plan) -> None:
    patrol = plan["patrols"][0]
    leg, ends = patrol["legs"][0], patrol["stops"][:2]
    there = (ends[1]["lon"], ends[1]["lat"])
    plan["medical"] += [
        stand("helicopter", *there, id="helicopter 2"),
        stand("surgery", *there, id="surgery 2"),
    ]
    half_km = measure_distance_m(*BASE, *there) / 2000
    limits = {where: limit for _, where, _, limit in judge(plan)}
    expected = pytest.approx(30 + 10 + 2 * half_km / 240 * 60 + 15, abs=0.3)
    assert limits[f"{leg['from']}>{leg['to']}"] == expected


def test_a_list_of_another_length_is_misstated_as_a_whole(plan) -> None:
    entries = entries_of(plan)
    count = len(entries)
    last = entries.pop()
    assert judge(plan) == [("casualty_misstated", None, count - 1, count)]
    entries += [last, last]
    assert judge(plan) == [("casualty_misstated", None, count + 1, count)]


def test_an_entry_of_another_place_is_told_by_its_place(plan) -> None:
    for entry in entries_of(plan):
        where = entry["where"]
        entry["where"] = "elsewhere"
        assert judge(plan) == [("casualty_misstated", where, "elsewhere", where)]
        entry["where"] = where


def test_who_says_nothing_of_a_clock_is_asked_for_none(plan) -> None:
    for name in FIGURES:
        del plan["scenario"]["limits"][name]
    del plan["medical"]
    plan["patrols"][0]["casualty"] = []
    assert judge(plan) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", "never"),
        ("night", None),
        ("notice_day_min", -0.1),
        ("notice_night_min", 100_000.1),
        ("loading_min", "ten"),
        ("loading_min", True),
        ("cruise_kmh", 0),
        ("surgery_min", None),
    ],
)
def test_a_figure_that_cannot_be_read_is_a_fault(plan, name, value) -> None:
    key = f"casualty_{name}"
    for told in (value, None):
        plan["scenario"]["limits"][key] = told
        if told is None:
            del plan["scenario"]["limits"][key]
        with pytest.raises(PlanFileError) as caught:
            judge(plan)
        (fault,) = caught.value.faults
        assert fault.where == f"scenario.limits.{key}"
        assert fault.found == ("nothing" if told is None else f"found {value!r}")


@pytest.mark.parametrize(("name", "value"), [("loading_min", 0), ("cruise_kmh", 1e5)])
def test_the_least_and_the_most_that_a_figure_may_be_can_be_read(plan, name, value):
    plan["scenario"]["limits"][f"casualty_{name}"] = value
    assert {rule for rule, *_ in judge(plan)} == {"casualty_misstated"}
