"""Ways to break a plan at random: its times, legs, teams, sites, limits and roads."""

from __future__ import annotations

import copy
from datetime import timedelta

from patrolplan.planfile import format_time
from slow_document import read_time


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
        leg[key] = None if leg.get(key) else True
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
        team[key] = max(1, int(team[key] * rng.choice([0.1, 0.3, 1, 2, 5])))


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
            "groups",
            "pairs",
            "pairs",
            "start",
            "horizon_days",
        ]
    )
    if key == "groups":
        some = rng.sample(sites, rng.choice([2, len(sites) - 1]))
        some = rng.choice([some, ["elsewhere", "nowhere"]])
        limits[key] = [{"site_ids": some, "required": rng.random() < 0.7}]
    elif key == "pairs":
        stops = rng.choice(document["patrols"])["stops"]
        met = [stop["site_id"] for stop in stops if stop["kind"] == "visit"]
        pair = met[:2] if len(set(met[:2])) == 2 else rng.sample(sites, 2)
        limits["forbidden_pairs"] = [pair]
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
        patrols.append(copy.deepcopy(patrol) | {"id": f"again-{len(patrols)}"})
    elif what == "gone" and len(patrols) > 1:
        patrols.remove(patrol)
    elif len(patrol["stops"]) > 3:
        number = rng.randrange(1, len(patrol["stops"]) - 1)
        del patrol["stops"][number]
        if rng.random() < 0.7:
            del patrol["legs"][number]


MOVEMENT_CHANGES = (
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
