"""The referee's casualty clock on a plan by hand: each figure of it, and each limit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from patrolplan.errors import PlanFileError
from patrolplan.geodesy import measure_distance_m
from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.casualty_rules import measure_ellipsoid_km
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


def test_distances_on_the_ellipsoid_are_those_of_geodesics() -> None:
    """To 10 m up to 1,500 km, in all directions and on both sides of the equator."""
    spots = np.array(
        [(lon, lat) for lon in range(-6, 9, 2) for lat in range(-9, 30, 3)]
    )
    for home in ((0.0, 16.0), (-5.0, -3.0), (7.3, 24.9), (2.0, 0.0)):
        true = measure_distance_m(*home, spots[:, 0], spots[:, 1]) / 1000
        found = measure_ellipsoid_km(spots, home)
        near = true < 1500
        assert near.sum() > 30
        assert found[near] == pytest.approx(true[near], abs=0.01)
    assert measure_ellipsoid_km(np.array([BASE]), BASE) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("off", "kept"), [(0.149, True), (0.151, False)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_sum_may_be_off_by_400_m_of_flight_and_three_seconds(plan, off, kept, sign):
    """0.4 km at 240 km/h are 0.1 min, and 0.05; at half the speed twice the first."""
    entry = entries_of(plan)[0]
    entry["day_min"] = 40 + sign * off
    found = judge(plan)
    assert len(found) == (0 if kept else 1)
    plan["scenario"]["limits"]["casualty_cruise_kmh"] = 120.0
    for more, alike in ((0.1, kept), (0.2, False)):
        entry["day_min"] = 40 + sign * (off + more)
        said = [told for told in judge(plan) if told[1] == "base"]
        assert (said == []) is alike


def test_a_limit_is_broken_and_within_in_doubt_by_as_much(plan) -> None:
    """Of the farther site, which is visited by day."""
    limits = plan["scenario"]["limits"]
    worst = max(entries_of(plan), key=lambda entry: entry["day_min"])
    (visit,) = [e for e in entries_of(plan) if e["where"] == "s2"]
    assert visit["day_min"] == pytest.approx(worst["day_min"], abs=1e-6)
    limits["casualty_day"] = "limit"
    for less, kept in ((0.14, True), (0.16, False)):
        limits["casualty_surgery_min"] = visit["day_min"] - less
        for entry in entries_of(plan):
            entry["within"] = entry["day_min"] <= limits["casualty_surgery_min"]
        found = [told for told in judge(plan) if told[0] == "surgery_too_far"]
        assert ("s2" in [where for _, where, *_ in found]) is not kept
        visit["within"] = True
        expected = ("casualty_misstated", "s2", True, False)
        assert (expected in judge(plan)) is not kept
    limits["casualty_surgery_min"] = visit["day_min"] + 0.16
    visit["within"] = False
    assert ("casualty_misstated", "s2", False, True) in judge(plan)


def test_a_site_of_care_stands_on_all_days_of_a_stop_or_a_leg(plan) -> None:
    """A halt is of two days: that of its arrival and that of its departure."""
    patrol = plan["patrols"][0]
    entries = []
    for number, stop in enumerate(patrol["stops"]):
        entries.append((stop["place_id"], stop))
        if number < len(patrol["legs"]):
            leg = patrol["legs"][number]
            entries.append((f"{leg['from']}>{leg['to']}", leg))
    for name, day, before in (
        ("valid_to", "2014-11-05", False),
        ("valid_from", "2014-11-05", True),
    ):
        plan["medical"] = [stand("helicopter", **{name: day}), CARE[1]]
        lost = []
        for where, entry in entries:
            told = [
                entry[key] for key in ("arrive", "depart") if entry[key] is not None
            ]
            days = [moment[:10] for moment in told]
            if min(days) < day if before else max(days) > day:
                lost.append(where)
        assert 4 < len(lost) < len(entries) - 4
        found = [where for _, where, _, limit in judge(plan) if limit is None]
        # By day and by night.
        assert sorted(found) == sorted(2 * lost)


def test_a_stop_without_any_time_is_judged_on_the_first_day(plan) -> None:
    stop = plan["patrols"][0]["stops"][5]
    assert stop["arrive"].startswith("2014-11-06")
    stop["arrive"] = stop["depart"] = None
    for last, kept in (("2014-11-03", True), ("2014-11-02", False)):
        plan["medical"] = [stand("helicopter", valid_to=last), CARE[1]]
        assert ("s2" not in [where for _, where, *_ in judge(plan)]) is kept


def test_the_way_to_surgery_is_flown_from_the_spot_not_from_the_base(plan) -> None:
    """A leg is worst where both ways together are longest, at a corner of it too."""
    stops, leg = plan["patrols"][0]["stops"], plan["patrols"][0]["legs"][0]
    there = (stops[1]["lon"], stops[1]["lat"])
    plan["medical"] = [stand("helicopter"), stand("surgery", *there)]
    corner = (-1.0, 15.5)
    leg["geometry"]["coordinates"] = [BASE, (-0.2, 15.9), corner, (0.2, 16.1), there]
    km = measure_distance_m(*corner, *BASE) + measure_distance_m(*corner, *there)
    expected = 30 + 10 + km / 1000 / 240 * 60
    where = f"{leg['from']}>{leg['to']}"
    found = [limit for _, at, _, limit in judge(plan) if at == where]
    assert found == pytest.approx([expected, expected + 15], abs=0.01)
    # On the straight way between the two it is the same everywhere.
    leg["geometry"]["coordinates"] = [BASE, there]
    km = measure_distance_m(*BASE, *there)
    found = [limit for _, at, _, limit in judge(plan) if at == where]
    expected = 30 + 10 + km / 1000 / 240 * 60
    assert found == pytest.approx([expected, expected + 15], abs=0.01)


def test_legs_that_join_no_stops_are_not_followed(plan) -> None:
    patrol = plan["patrols"][0]
    count = len(patrol["casualty"])
    patrol["legs"].append(patrol["legs"][-1])
    assert judge(plan) == [("casualty_misstated", None, count, count)]
    del patrol["legs"][-2:]
    assert judge(plan) == [("casualty_misstated", None, count, count)]


def test_who_has_sites_of_care_or_figures_is_asked_for_both(plan) -> None:
    limits = plan["scenario"]["limits"]
    plan["medical"] = None
    for entry in entries_of(plan):
        entry["within"] = False
    told = {(where, limit) for _, where, _, limit in judge(plan)}
    assert told == {(entry["where"], None) for entry in entries_of(plan)}
    for name in FIGURES:
        del limits[name]
    count = len(entries_of(plan))
    assert judge(plan) == [("casualty_misstated", None, count, 0)]
    plan["medical"] = []
    with pytest.raises(PlanFileError) as caught:
        judge(plan)
    assert len(caught.value.faults) == len(FIGURES)


def test_parts_that_one_of_two_sums_has_are_held_against_it_alone(plan) -> None:
    entry = entries_of(plan)[0]
    parts = {
        "notice_min": 45.0,
        "out_km": 0.0,
        "out_min": 0.0,
        "loading_min": 10.0,
        "surgery_km": 0.0,
        "surgery_min": 0.0,
        "helicopter_id": "helicopter",
        "surgery_id": "surgery",
        "lon": 0.0,
        "lat": 16.0,
    }
    entry |= {"by_day": None, "by_night": parts}
    assert judge(plan) == []
    parts["notice_min"] = 30.0
    assert judge(plan) == [("casualty_misstated", "base", 55, 40)]
    entry |= {"by_day": parts, "by_night": None}
    assert judge(plan) == []
