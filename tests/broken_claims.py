"""Ways to break a plan at random: what it does to others, and what it says."""

from __future__ import annotations

import copy
from datetime import timedelta

from patrolplan.planfile import format_time
from slow_document import read_time

MOSTLY_WRONG = (0, 0.5, 0.999, 1 + 1e-9, 1.01, 3)


def scale(entry, key, rng):
    """Change a figure, most often for the worse, where there is one."""
    value = entry.get(key)
    if isinstance(value, bool):
        entry[key] = not value
    elif isinstance(value, int):
        entry[key] = max(0, value + rng.choice([-1, 0, 1, 50]))
    elif isinstance(value, float):
        entry[key] = value * rng.choice(MOSTLY_WRONG)


def pick_stop(document, rng, kind):
    """Return a patrol and one of its stops of a kind, if there is any."""
    found = [
        (patrol, stop)
        for patrol in document["patrols"]
        for stop in patrol["stops"]
        if stop["kind"] == kind
    ]
    return rng.choice(found) if found else (None, None)


# --- Harm -----------------------------------------------------------------------------


def change_gates(document, rng):
    gates = document["gates"]
    what = ["date", "role", "site_id", "gone", "again", "status"]
    what = rng.choice([*what, "answer", "answer", "answer"])
    if what == "status" or not gates:
        document["status"] = rng.choice(["draft", "cleared"])
        return
    entry = rng.choice(gates)
    if what == "gone":
        gates.remove(entry)
    elif what == "again":
        gates.append(entry | {"answer": rng.choice(["yes", "no", "unanswered"])})
    elif what == "answer":
        entry[what] = rng.choice(["yes", "yes", "no", "no", "unanswered", "perhaps"])
    elif what == "role":
        entry[what] = rng.choice([None, "legal_adviser", "Oumar"])
    elif what == "site_id":
        entry[what] = rng.choice([None, *(site["id"] for site in document["sites"])])
    elif entry["date"] is not None:
        out = read_time(rng.choice(document["patrols"])["depart"])
        entry[what] = (out + timedelta(days=rng.randrange(-60, 9))).date().isoformat()


def change_asked(document, rng):
    """Raise a question more, or let its answers grow old."""
    what = rng.choice(["joint", "liaison", "theme", "days"])
    if what == "joint":
        team = rng.choice(document["teams"])
        team["joint_with_national_forces"] = rng.choice([True, None])
        against = {"gate": "joint_forces", "answer": rng.choice(["yes", "no"])}
        given = {"role": "legal_adviser", "date": "2014-11-01", "team_id": team["id"]}
        if rng.random() < 0.6:
            document["gates"].append(against | given)
    elif what == "liaison":
        rng.choice(document["sites"])["ceasefire_liaison"] = True
    elif what == "theme":
        rng.choice(rng.choice(document["patrols"])["stops"])["themes"] = ["K"]
    else:
        limit = rng.choice([0, 1, 10, 200, "long"])
        document["scenario"]["limits"]["answer_valid_days"] = limit


def change_kept(document, rng):
    """Put a camp, a school or a health site beside a night, or move it away."""
    kept = document.setdefault("keep_clear", [])
    what = rng.choice(["new", "new", "new", "km", "move", "assumed", "held", "margin"])
    _, stop = pick_stop(document, rng, rng.choice(["halt", "halt", "visit", "base"]))
    if what == "new" and stop is not None:
        place = {"id": f"kept-{len(kept)}", "kind": rng.choice(["camp", "school"])}
        spot = {"lon": stop["lon"] + rng.choice([0, 0.001, 0.02]), "lat": stop["lat"]}
        km = {"km": rng.choice([0.05, 1.0]), "assumed": rng.random() < 0.5}
        kept.append(place | spot | km)
    elif what == "held":
        document["scenario"]["limits"]["held_km"] = rng.choice([0, 5, 400])
    elif what == "margin":
        document["scenario"]["limits"]["sunrise_margin_min"] = rng.choice([0.0, 2.0])
    elif kept and what == "move":
        rng.choice(kept)["lon"] += rng.choice([0.0005, 0.5])
    elif kept and what == "km":
        rng.choice(kept)["km"] *= rng.choice([0, 0.5, 3, 500])
    elif kept:
        place = rng.choice(kept)
        place["assumed"] = not place["assumed"]


def change_clearing(document, rng):
    """Call movement clearing that is none, or let it take longer."""
    legs = [leg for patrol in document["patrols"] for leg in patrol["legs"]]
    cleared = [leg for leg in legs if leg.get("clearing")]
    if cleared and rng.random() < 0.5:
        leg = rng.choice(cleared)
        leg["driving_min"] += rng.choice([1.0, 10.0, 40.0])
    else:
        rng.choice(legs)["clearing"] = True


def change_care(document, rng):
    """Move, open or shut sites of care, or let their clock bind."""
    limits, sites = document["scenario"]["limits"], document.get("medical") or []
    what = rng.choice(["bind", "bind", "most", "figure", "site", "night", "gone"])
    if what == "bind":
        limits["casualty_day"] = rng.choice(["finding", "limit"])
        limits["casualty_night"] = rng.choice(["finding", "limit"])
        limits["casualty_surgery_min"] = rng.choice([57, 83, 120, 300])
    elif what == "most":
        limits["casualty_surgery_min"] = rng.choice([57, 83, 300])
    elif what == "figure":
        name = rng.choice(["notice_day_min", "notice_night_min", "loading_min"])
        limits[f"casualty_{name}"] += rng.choice([0, 1, 30])
    elif sites and what == "site":
        site = rng.choice(sites)
        key = rng.choice(["lon", "lat", "kind", "valid_from", "valid_to"])
        day = rng.choice(document["patrols"])["depart"][:10]
        if key == "kind":
            site[key] = rng.choice(["helicopter", "surgery"])
        else:
            site[key] = site[key] + 0.5 if key in ("lon", "lat") else day
    elif sites and what == "night":
        site = rng.choice(sites)
        site["by_night"] = not site["by_night"]
    elif rng.random() < 0.3:
        document.pop("medical", None)


# --- Honesty --------------------------------------------------------------------------


def change_clock(document, rng):
    """State another sum of the casualty clock than the true one."""
    entries = rng.choice(document["patrols"])["casualty"]
    if not entries:
        return
    entry = rng.choice(entries)
    key = rng.choice(["day_min", "night_min", "within", "where", "parts", "gone"])
    if key == "gone":
        entries.remove(entry)
    elif key == "where":
        entry[key] = "elsewhere"
    elif key == "parts":
        parts = entry.get(rng.choice(["by_day", "by_night"]))
        if parts is not None:
            parts[rng.choice(["out_min", "surgery_min", "loading_min"])] += 5.0
    elif key == "within":
        entry[key] = not entry[key]
    elif entry[key] is not None:
        entry[key] = rng.choice([None, entry[key] * 0.9, entry[key] * (1 + 1e-9)])


def change_supplies(document, rng):
    """State other supplies than are needed, or a convoy that is not the team's."""
    what = ["patrol", "patrol", "turn", "bind", "fills", "figure"]
    what = rng.choice([*what, "convoy", "convoy", "convoy"])
    team, limits = rng.choice(document["teams"]), document["scenario"]["limits"]
    patrol = rng.choice(document["patrols"])
    if what == "patrol":
        keys = ["fuel_l", "water_l", "rations", "fuel_capacity_l", "water_capacity_l"]
        keys += ["ration_capacity", "water_floor_days"]
        scale(patrol["supplies"], rng.choice(keys), rng)
    elif what == "turn":
        points = patrol["supplies"].get("turn_back")
        if points:
            point = rng.choice(points)
            key = rng.choice(["leg", "km", "burnt_l", "gone"])
            if key == "gone":
                points.remove(point)
            else:
                scale(point, key, rng)
    elif what == "convoy" and team.get("convoy"):
        kind = rng.choice(team["convoy"])
        if rng.random() < 0.5:
            kind["count"] += rng.choice([0, 1])
        else:
            kind["element"] = rng.choice([None, "recovery", "ambulance", "bowser"])
    elif what == "bind":
        limits["elements_rule"] = rng.choice(["limit", "finding"])
        limits["min_vehicles"] = rng.choice([1, 2, 3, 6])
    elif what == "fills":
        limits["resupply"] = [rng.choice(document["sites"])["id"]]
    else:
        scale(limits, rng.choice(["water_cool_l", "fuel_reserve_share"]), rng)


def change_need(document, rng):
    """State another need: of a site, of one of its themes, of a stop, of a leg."""
    what = rng.choice(["site", "unknown", "theme", "stop", "leg", "people"])
    site, patrol = rng.choice(document["sites"]), rng.choice(document["patrols"])
    if what == "site":
        scale(site, "need", rng)
    elif what == "unknown":
        site["need"] = rng.choice([None, 70.0])
    elif what == "theme":
        site["themes"] = site["themes"] | {rng.choice("BK"): rng.choice([0.0, 7.0])}
    elif what == "people":
        site["population"] = rng.choice([None, 50, 51])
    elif what == "stop":
        stop = rng.choice(patrol["stops"])
        stop["need_earned"] += rng.choice([0.0, 1e-9, 5.0])
    else:
        rng.choice(patrol["legs"])["need_earned"] += rng.choice([0.0, 1e-9, 5.0])


def change_passing(document, rng):
    """Change what is earned on the way, or who says that he earns it."""
    limits = document["scenario"]["limits"]
    ways = [way for travel in document["travel"] for way in travel.get("ways") or ()]
    what = rng.choice(["leg", "leg", "wayside", "way", "limit", "near", "gone"])
    if what == "leg":
        leg = rng.choice(rng.choice(document["patrols"])["legs"])
        known = [site["id"] for site in document["sites"]]
        if rng.random() < 0.5:
            leg["passed"] = rng.choice([[], [rng.choice([*known, "nowhere"])]])
        else:
            leg["lines"] = rng.choice([[], ["rn"], ["another"]])
    elif what == "wayside" and document.get("waysides"):
        entry = rng.choice(document["waysides"])
        key = rng.choice(["need", "site_id", "line_id", "id", "again"])
        if key == "again":
            document["waysides"].append(copy.deepcopy(entry))
        elif key == "need":
            scale(entry, key, rng)
        else:
            known = [site["id"] for site in document["sites"]]
            entry[key] = rng.choice([*known, "rn", "another"])
    elif what == "way" and ways:
        met = rng.choice(ways)["comes_by"]
        if met and rng.random() < 0.7:
            number = rng.randrange(len(met))
            minute = met[number][1] * rng.choice([0, 0.5, 0.99, 40])
            met[number] = [rng.choice([met[number][0], "nothing"]), minute]
        elif met:
            met.append(rng.choice(met))
    elif what == "limit" and "passing_share" in limits:
        scale(limits, rng.choice(["passing_share", "passing_km"]), rng)
    elif what == "near" and "passing_km" in limits:
        limits["passing_km"] = rng.choice([0.5, 500.0])
    elif rng.random() < 0.3:
        document.pop("waysides", None)


def change_figures(document, rng):
    told = document["assessment"]
    figures = told
    key = rng.choice(sorted(told.keys() - {"unserved", "violations"}))
    while isinstance(figures[key], dict) and figures[key]:
        figures = figures[key]
        key = rng.choice(sorted(figures))
    if figures is not told and rng.random() < 0.1:
        del figures[key]
    elif isinstance(figures[key], str):
        figures[key] = "another"
    else:
        scale(figures, key, rng)


def change_bound(document, rng):
    told = document["assessment"]
    bound = told["need_met"] * rng.choice([0, 0.5, 0.999, 1, 1.001, 2])
    told["need_bound"] = bound
    told["gap"] = (bound - told["need_met"]) / bound if bound else None


def change_left_out(document, rng):
    left_out = document["assessment"]["unserved"]
    if not left_out:
        return
    entry = rng.choice(left_out)
    what = rng.choice(["gone", "again", "need", "site_id", "unknown", "reason"])
    if what == "gone":
        left_out.remove(entry)
    elif what == "again":
        left_out.append(dict(entry))
    elif what == "need":
        scale(entry, what, rng)
    elif what == "unknown":
        entry["need"] = None
    elif what == "site_id":
        entry[what] = rng.choice([*(s["id"] for s in document["sites"]), "nowhere"])
    else:
        entry["reason"] = "not_planned"


# --- Patrols that are out already -----------------------------------------------------


def change_rest(document, rng):
    out = read_time(rng.choice(document["patrols"])["depart"])
    ready = (out + timedelta(days=rng.choice([-2, 0, 1, 9]))).date().isoformat()
    rng.choice(document["teams"])["ready_from"] = ready


def change_start(document, rng):
    """Let a patrol begin under way: at its base, at a site, or anywhere."""
    patrol = rng.choice(document["patrols"])
    stop, leg = patrol["stops"][0], patrol["legs"][0]
    what = rng.choice(["base", "anywhere", "anywhere", "site", "later", "halt", "name"])
    if what == "later":
        rng.choice(patrol["stops"][1:])["kind"] = "start"
        return
    if what == "halt":
        patrol["stops"][rng.choice([0, -1])]["kind"] = "halt"
        return
    if what == "name":
        _, halt = pick_stop(document, rng, "halt")
        if halt is not None:
            halt["place_id"] = rng.choice([*document["sites"], *document["bases"]])[
                "id"
            ]
        return
    stop["kind"] = "start"
    if what == "base":
        return
    east = rng.choice([0.0, 0.2, 3.0])
    stop["lon"] += east
    leg["geometry"]["coordinates"][0][0] += east
    place = f"start:{patrol['id']}"
    if what == "site":
        site = rng.choice(document["sites"])
        place, stop["lon"], stop["lat"] = site["id"], site["lon"], site["lat"]
        leg["geometry"]["coordinates"][0] = [site["lon"], site["lat"]]
    stop["place_id"] = leg["from"] = place


def change_turn(document, rng):
    """Say that a patrol was sent elsewhere, and let it drive on too fast."""
    patrol, halt = pick_stop(document, rng, "halt")
    if halt is None:
        return
    known = [*document["sites"], *document["bases"]]
    bound_for = rng.choice([*(place["id"] for place in known), "nowhere"])
    halt_id = rng.choice([halt["place_id"]] * 5 + ["nowhere"])
    patrol["turns"] = [{"halt_id": halt_id, "bound_for": bound_for}]
    leg = rng.choice(patrol["legs"])
    leg[rng.choice(["driving_min", "length_km"])] *= rng.choice([0, 0.3, 1, 1, 1])


def shift_start(document, rng):
    """Begin the plan at an hour of its first days, or on another day."""
    moved = read_time(document["patrols"][0]["depart"])
    moved += timedelta(minutes=rng.choice([-300, -1, 1, 300, 3000]) * rng.random())
    start = format_time(moved)
    document["scenario"]["start"] = start if rng.random() < 0.7 else start[:10]


CLAIM_CHANGES = (
    change_asked,
    change_bound,
    change_care,
    change_clearing,
    change_clock,
    change_figures,
    change_gates,
    change_kept,
    change_left_out,
    change_need,
    change_passing,
    change_rest,
    change_start,
    change_supplies,
    change_turn,
    shift_start,
)
