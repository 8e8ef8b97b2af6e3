"""The referee and its slow twin find the same rules broken, in plans of every kind."""

from __future__ import annotations

import copy
import random
from collections import Counter
from datetime import timedelta
from functools import cache

import pytest

from patrolplan.planfile import PlanFile, format_time
from patrolplan.planning import rules
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.problem import Base, PatrolDecision, Plan, Site
from patrolplan.planning.schedule import build_schedule
from problems import build_matrix, build_plan_file, build_team, build_theatre
from slow_referee import KNOWN_RULES, SlowReferee, read_time


def find_broken(document) -> set[tuple[str, str | None]]:
    found = assess_plan(PlanFile.model_validate(document)).violations
    return {(v.rule, v.patrol_id) for v in found if v.rule in KNOWN_RULES}


SUPPLIES = {
    "elements": [],
    "elements_rule": "finding",
    "fuel_binds": True,
    "fuel_reserve_share": 0.25,
    "hot_months": [3, 4, 5, 6, 7, 8, 9, 10],
    "min_vehicles": 1,
    "ration_packs": 1,
    "ration_reserve_days": 2,
    "resupply": ["s1"],
    "water_binds": True,
    "water_cool_l": 7.5,
    "water_hot_l": 10.0,
    "water_reserve_share": 0.2,
    "water_reserve_vehicle_l": 20.0,
}


# --- Plans to break -----------------------------------------------------------------


@cache
def plan_by_hand():
    """Two teams, three patrols, visits that return, nights out."""
    ways = [
        [0, 60, 900, 600, 400],
        [60, 0, 900, 600, 400],
        [900, 900, 0, 300, 900],
        [600, 600, 300, 0, 900],
        [400, 400, 900, 900, 0],
    ]
    sites = [
        Site("s1", "S1", 100.0, 500.0),
        Site("s2", "S2", 300.0, 500.0, cadence_days=6.0),
        Site("s3", "S3", None, 60.0),
    ]
    theatre = build_theatre(
        {"a": (0.0, 16.0), "b": (0.1, 16.0)}
        | {f"s{i}": (0.5 * i, 16.5) for i in (1, 2, 3)},
        sites,
        [Base("a", "A"), Base("b", "B")],
        [build_team("t1", "a"), build_team("t2", "b")],
        [build_matrix(ways)],
        days=20,
        populations=dict.fromkeys(("s1", "s2", "s3"), 50),
    )
    decisions = (
        PatrolDecision("t1", 0, ("s1", "s2")),
        PatrolDecision("t2", 1, ("s3",)),
        PatrolDecision("t1", 10, ("s2",)),
    )
    schedule = build_schedule(theatre.problem, Plan(decisions))
    plan = build_plan_file(theatre, schedule)
    document = plan.model_dump(mode="json", by_alias=True)
    document["scenario"]["limits"] |= SUPPLIES
    for team in document["teams"]:
        team |= {"fuel_capacity_l": 2000.0, "water_capacity_l": 4000.0}
        team |= {"ration_capacity": 300}
    for travel in document["travel"]:
        travel["hazards"] = [[5.0] * len(row) for row in travel["lengths_km"]]
    return document


def write_hazards(study):
    """A plan of the theatre; hazards of its ways as long as they are."""
    document = study.plan_file.model_dump(mode="json", by_alias=True)
    for travel in document["travel"]:
        travel["hazards"] = travel["lengths_km"]
    return document


# --- Ways to break them -------------------------------------------------------------


def shift(entry, minutes, *keys):
    for key in keys:
        if entry[key] is not None:
            moved = read_time(entry[key]) + timedelta(minutes=minutes)
            entry[key] = format_time(moved)


def draw_minutes(rng):
    scale = rng.choice([0.0001, 1, 30, 300, 1440, 4000])
    return rng.choice([-1, 1]) * scale * rng.random()


def shift_stop(document, rng):
    patrol = rng.choice(document["patrols"])
    shift(
        rng.choice(patrol["stops"]), draw_minutes(rng), rng.choice(["arrive", "depart"])
    )


def shift_stop_and_legs(document, rng):
    patrol = rng.choice(document["patrols"])
    number = rng.randrange(1, len(patrol["stops"]) - 1)
    minutes = draw_minutes(rng)
    shift(patrol["stops"][number], minutes, "arrive", "depart")
    shift(patrol["legs"][number - 1], minutes, "arrive")
    shift(patrol["legs"][number], minutes, "depart")


def shift_patrol(document, rng):
    patrol = rng.choice(document["patrols"])
    minutes = rng.choice([draw_minutes(rng), rng.randrange(-20, 20) * 1440])
    shift(patrol, minutes, "depart", "return")
    for entry in (*patrol["stops"], *patrol["legs"]):
        shift(entry, minutes, "arrive", "depart")


def change_leg(document, rng):
    leg = rng.choice(rng.choice(document["patrols"])["legs"])
    key = rng.choice(["driving_min", "length_km", "clearing", "geometry"])
    if key == "clearing":
        leg[key] = not leg.get(key)
    elif key == "geometry":
        spot = rng.choice([0, -1])
        line = leg["geometry"]["coordinates"]
        line[spot] = [line[spot][0] + rng.choice([0.0005, 0.002]), line[spot][1]]
    else:
        leg[key] *= rng.choice([0, 0.5, 0.999, 0.9999999, 1.5, 4])


def change_team(document, rng):
    team = rng.choice(document["teams"])
    key = rng.choice(
        [
            "max_days",
            "rest_days",
            "range_km",
            "vehicles",
            "people",
            "roles",
            "hazard_budget",
            "fuel_capacity_l",
            "water_capacity_l",
            "ration_capacity",
            "base_id",
            "vehicle",
        ]
    )
    if key == "roles":
        team[key] = ["interpreter"] if rng.random() < 0.5 else []
    elif key == "base_id":
        team[key] = rng.choice(document["bases"])["id"]
    elif key == "vehicle":
        team[key] = "nobody_drives_it"
    elif key in ("hazard_budget", "fuel_capacity_l", "water_capacity_l"):
        team[key] = rng.choice([0.0, 10.0, 1000.0, 100_000.0])
    elif key == "ration_capacity":
        team[key] = rng.choice([0, 10, 100_000])
    else:
        team[key] = max(1, int(team[key] * rng.choice([0.2, 0.5, 1, 2, 5])))


SITE_FIELDS = ("dwell_min", "required", "roles_required", "windows", "cadence_days")


def change_site(document, rng):
    site = rng.choice(document["sites"])
    key = rng.choice(
        ["dwell_min", "required", "roles_required", "windows", "cadence_days"]
    )
    if key == "dwell_min":
        site[key] *= rng.choice([0.5, 1.0001, 1.2, 3])
    elif key == "required":
        site[key] = True
    elif key == "roles_required":
        site[key] = ["interpreter"]
    elif key == "cadence_days":
        site[key] = rng.choice([None, 1.0, 8.0, 30.0])
    else:
        stop = rng.choice(rng.choice(document["patrols"])["stops"][1:-1])
        begins = read_time(stop["arrive"]) + timedelta(minutes=draw_minutes(rng))
        ends = begins + timedelta(minutes=rng.choice([0, 60, 600]))
        site[key] = [[format_time(begins), format_time(ends)]]


def change_stop(document, rng):
    patrol = rng.choice(document["patrols"])
    stop = rng.choice(patrol["stops"])
    key = rng.choice(["place_id", "site_id", "lon", "roles", "name"])
    if key == "roles":
        stop[key] = ["interpreter"]
    elif key == "lon":
        stop[key] += rng.choice([1e-6, 1e-4, 0.1])
    elif key == "name" and stop["kind"] == "halt":
        other = rng.choice(document["patrols"])["id"]
        number = rng.choice(["0", "1", "2", "01", "x"])
        stop["place_id"] = f"halt:{other}:{number}"
    elif stop["kind"] == "visit":
        known = [site["id"] for site in document["sites"]]
        stop[key if key != "name" else "site_id"] = rng.choice([*known, "nowhere"])


def change_limits(document, rng):
    limits = document["scenario"]["limits"]
    sites = [site["id"] for site in document["sites"]]
    key = rng.choice(
        [
            "min_days",
            "break_min",
            "sunrise_margin_min",
            "sunset_margin_min",
            "night_movement",
            "fixed_window",
            "min_unknown_visits",
            "groups",
            "pairs",
            "start",
            "horizon_days",
        ]
    )
    if key == "groups":
        some = rng.sample(sites, 2)
        limits[key] = [{"site_ids": some, "required": rng.random() < 0.5}]
    elif key == "pairs":
        limits["forbidden_pairs"] = [rng.sample(sites, 2)]
    elif key == "start":
        moved = read_time(document["patrols"][0]["depart"]) + timedelta(
            minutes=draw_minutes(rng)
        )
        start = format_time(moved)
        document["scenario"][key] = start if rng.random() < 0.5 else start[:10]
    elif key == "horizon_days":
        document["scenario"][key] = rng.randrange(1, 30)
    elif key == "night_movement":
        limits[key] = True
    elif key == "fixed_window":
        limits[key] = rng.choice([["07:00:00", "15:00:00"], ["04:00:00", "22:00:00"]])
    elif key in ("min_days", "min_unknown_visits"):
        limits[key] = rng.randrange(0, 8)
    else:
        limits[key] = float(rng.randrange(0, 200))


def change_travel(document, rng):
    travel = rng.choice(document["travel"])
    size = len(travel["place_ids"])
    row, column = rng.randrange(size), rng.randrange(size)
    table = rng.choice(["durations_min", "lengths_km", "fuel_l"])
    if rng.random() < 0.2:
        day = read_time(rng.choice(document["patrols"])["depart"]).date()
        travel[rng.choice(["from_date", "to_date"])] = day.isoformat()
    elif rng.random() < 0.3:
        for name in ("durations_min", "lengths_km", "fuel_l"):
            travel[name][row][column] = None
    elif travel[table][row][column] is not None:
        factor = rng.choice([0.5, 1.0000001, 1.01, 3])
        travel[table] = [[c and c * factor for c in cells] for cells in travel[table]]


def change_patrol(document, rng):
    patrols = document["patrols"]
    patrol = rng.choice(patrols)
    what = rng.choice(["team", "base", "again", "gone", "stop"])
    if what == "team":
        ids = [team["id"] for team in document["teams"]]
        patrol["team_id"] = rng.choice([*ids, "nobody"])
    elif what == "base":
        patrol["base_id"] = "base-of-nobody"
    elif what == "again":
        patrols.append(copy.deepcopy(patrol) | {"id": f"{patrol['id']}-again"})
    elif what == "gone" and len(patrols) > 1:
        patrols.remove(patrol)
    elif len(patrol["stops"]) > 3:
        number = rng.randrange(1, len(patrol["stops"]) - 1)
        del patrol["stops"][number]
        if rng.random() < 0.7:
            del patrol["legs"][number]


CHANGES = (
    shift_stop,
    shift_stop_and_legs,
    shift_patrol,
    change_leg,
    change_team,
    change_site,
    change_stop,
    change_limits,
    change_travel,
    change_patrol,
)


def compare(document, seeds) -> Counter[str]:
    """Break a plan at random, judge it by both, and count which rules were met."""
    met: Counter[str] = Counter()
    for seed in seeds:
        rng = random.Random(seed)
        broken = copy.deepcopy(document)
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            rng.choice(CHANGES)(broken, rng)
        found = find_broken(broken)
        expected = SlowReferee(broken).judge()
        assert found == expected, (seed, sorted(found ^ expected, key=str))
        met.update(rule for rule, _ in found)
        met["none"] += not found
    return met


def test_the_twins_agree_on_plans_broken_at_random():
    met = compare(plan_by_hand(), range(400))

    assert met["none"] > 20
    assert len(met) > 25, sorted(KNOWN_RULES - set(met))


def test_the_twins_agree_on_a_plan_of_the_theatre_broken_at_random(study):
    met = compare(write_hazards(study), range(1000, 1030))

    assert met["none"] > 1


@pytest.mark.soak
def test_the_twins_agree_on_two_thousand_plans(study):
    met = compare(plan_by_hand(), range(10_000, 11_500))
    met += compare(write_hazards(study), range(20_000, 20_500))

    print(f"\n2,000 plans, {met['none']} break nothing; {dict(met)}")  # noqa: T201
    assert KNOWN_RULES - set(met) == set()


@pytest.mark.parametrize("judge", ["_judge_halts", "_judge_joints", "_judge_piece"])
def test_a_referee_that_forgets_a_rule_disagrees(judge, monkeypatch):
    monkeypatch.setattr(rules, judge, lambda *_: iter(()))

    with pytest.raises(AssertionError):
        compare(plan_by_hand(), range(200))
