"""The rules of movement, place and days, judged slowly, one patrol at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from slow_document import (
    NEARLY,
    SLACK,
    SLACK_MIN,
    Broken,
    SlowDocument,
    count_minutes,
    is_joined,
    measure_km,
    read_time,
)
from slow_ways import ABOUT_A_METRE_DEG, SlowWay, find_matrix_way, list_ways

DRAWN_KM = 0.1
FASTEST_KMH = 120.0
# Two roundings apart, the sphere and the ellipsoid differ by 0.6 % at most.
STRAIGHT = 0.99


def judge_movement(papers: SlowDocument) -> Iterator[Broken]:
    for patrol in papers.patrols:
        for rule in _judge_patrol(papers, patrol):
            yield rule, patrol["id"]


def _judge_patrol(papers: SlowDocument, patrol: Any) -> Iterator[str]:
    stops, legs = patrol["stops"], patrol["legs"]
    team = papers.teams.get(patrol["team_id"])
    if team is None:
        yield "unknown_team"
        return
    if not is_joined(patrol):
        yield "times_disagree"
        return
    yield from _judge_joints(patrol, stops, legs)
    yield from _judge_places(papers, patrol, team, stops)
    yield from _judge_days(papers, patrol, team, legs)
    for leg, origin, destination in zip(legs, stops, stops[1:], strict=False):
        drawn = leg["geometry"]["coordinates"]
        for end, stop in ((drawn[0], origin), (drawn[-1], destination)):
            if measure_km(*end[:2], stop["lon"], stop["lat"]) > DRAWN_KM:
                yield "geometry_misplaced"
        for site_id in leg["passed"]:
            if site_id not in papers.sites:
                yield "unknown_site"
    for stop in stops:
        yield from _judge_stop(papers, stop, team)
    hazard = 0.0
    for way in list_ways(papers, patrol):
        found = find_matrix_way(papers, team["vehicle"], way)
        hazard += 0.0 if found is None else found["hazard"]
        yield from _judge_drive(papers, patrol, way, found)
        yield from _judge_hours(papers, way)
    budget = team.get("hazard_budget")
    if budget is not None and hazard > budget * NEARLY:
        yield "hazard_exceeded"


def _judge_joints(patrol: Any, stops: Any, legs: Any) -> Iterator[str]:
    same = [
        (patrol["depart"], stops[0]["depart"]),
        (patrol["return"], stops[-1]["arrive"]),
        (stops[0]["arrive"], None),
        (stops[-1]["depart"], None),
    ]
    order = []
    for number, leg in enumerate(legs):
        before, after = stops[number], stops[number + 1]
        same += [
            (leg["depart"], before["depart"]),
            (leg["arrive"], after["arrive"]),
        ]
        order.append((leg["depart"], leg["arrive"]))
        if (leg["from"], leg["to"]) != (before["place_id"], after["place_id"]):
            yield "times_disagree"
    order += [(stop["arrive"], stop["depart"]) for stop in stops[1:-1]]
    for one, other in same:
        apart = (one is None) != (other is None)
        if None not in (one, other):
            apart = abs(read_time(one) - read_time(other)) > SLACK
        if apart:
            yield "times_disagree"
    for early, late in order:
        if None not in (early, late) and read_time(late) < read_time(early) - SLACK:
            yield "times_disagree"


def _judge_places(
    papers: SlowDocument, patrol: Any, team: Any, stops: Any
) -> Iterator[str]:
    at_base = [
        stop["kind"] == "base" and stop["place_id"] == team["base_id"] for stop in stops
    ]
    begins_under_way = stops[0]["kind"] == "start"
    if not (at_base[0] or begins_under_way) or not at_base[-1]:
        yield "not_at_base"
    if patrol["base_id"] != team["base_id"]:
        yield "not_at_base"
    if any(stop["kind"] == "start" for stop in stops[1:]):
        # Nobody begins twice.
        yield "not_at_base"
    for stop in stops:
        if stop["kind"] == "halt":
            continue
        if stop["kind"] == "visit" and stop["place_id"] != stop["site_id"]:
            yield "stop_misplaced"
        place = papers.places.get(stop["place_id"], stop)
        if (
            abs(place["lon"] - stop["lon"]) > ABOUT_A_METRE_DEG
            or abs(place["lat"] - stop["lat"]) > ABOUT_A_METRE_DEG
        ):
            yield "stop_misplaced"


def _judge_days(
    papers: SlowDocument, patrol: Any, team: Any, legs: Any
) -> Iterator[str]:
    out, home = read_time(patrol["depart"]), read_time(patrol["return"])
    first, last = papers.find_day(out), papers.find_last_day(home)
    days = (last - first).days + 1
    if days > team["max_days"]:
        yield "too_many_days"
    # Of one met elsewhere nobody knows how long it has been out.
    elsewhere = (
        patrol["stops"][0]["kind"] == "start"
        and patrol["stops"][0]["place_id"] != team["base_id"]
    )
    if days < papers.limits["min_days"] and not elsewhere:
        yield "too_few_days"
    start = papers.document["scenario"]["start"]
    opening = papers.find_first_day()
    too_early = out < read_time(start) if "T" in start else first < opening
    horizon = timedelta(days=papers.document["scenario"]["horizon_days"] - 1)
    if too_early or last > opening + horizon:
        yield "outside_horizon"
    if sum(leg["length_km"] for leg in legs) > team["range_km"] * NEARLY:
        yield "range_exceeded"


def _judge_stop(papers: SlowDocument, stop: Any, team: Any) -> Iterator[str]:
    if not set(stop["roles"]) <= set(team["roles"]):
        yield "role_missing"
    if stop["arrive"] is None or stop["depart"] is None:
        return
    arrive, depart = read_time(stop["arrive"]), read_time(stop["depart"])
    day = papers.find_day(arrive)
    if stop["kind"] != "halt" and papers.find_last_day(depart) > day:
        yield "night_without_halt"
    if stop["kind"] != "visit":
        return
    site = papers.sites.get(stop["site_id"])
    if site is None:
        yield "unknown_site"
        return
    opens, closes = papers.find_window((site["lon"], site["lat"]), day, False)
    stayed = count_minutes(depart - arrive)
    worked = count_minutes(min(depart, closes) - max(arrive, opens))
    if stayed < site["dwell_min"] - SLACK_MIN:
        yield "dwell_too_short"
    elif worked < site["dwell_min"] - SLACK_MIN:
        yield "work_at_night"
    if not set(site["roles_required"]) <= set(team["roles"]):
        yield "role_missing"
    windows = [[read_time(end) for end in window] for window in site["windows"]]
    if windows and not any(a - SLACK <= arrive <= b + SLACK for a, b in windows):
        yield "window_missed"


# --- Ways, and the way on of a patrol that was sent elsewhere -------------------------


def _judge_drive(
    papers: SlowDocument, patrol: Any, way: SlowWay, found: Any
) -> Iterator[str]:
    if way.nowhere or (way.known and found is None):
        yield "no_way"
        return
    minutes, km = 0.0, 0.0
    if found is not None:
        minutes, km = found["minutes"], found["km"]
    else:
        # No road is shorter than the straight line, and nobody drives faster.
        stops = patrol["stops"]
        ends = (stops[way.pieces[0][0]], stops[way.pieces[-1][0] + 1])
        here, there = (papers.find_position(stop) for stop in ends)
        km = measure_km(*here, *there) * STRAIGHT
        minutes = km / FASTEST_KMH * 60
        if way.before and way.arrives and way.ends[1]["id"] is not None:
            minutes = max(minutes, _find_least_left(papers, patrol, way))
    driven = sum(leg["driving_min"] for _, leg in way.pieces)
    if driven < minutes * (1 - 1e-6) - SLACK_MIN:
        yield "leg_too_fast"
    if sum(leg["length_km"] for _, leg in way.pieces) < km * (1 - 1e-6) - 1e-6:
        yield "leg_shortened"


def _find_least_left(papers: SlowDocument, patrol: Any, way: SlowWay) -> float:
    """On roads that have not changed no way round is quicker than the quickest."""
    vehicle = papers.teams[patrol["team_id"]]["vehicle"]
    days = [papers.find_driven_day(pieces) for pieces in (way.before, way.pieces)]
    origin, destination = (place["id"] for place in way.ends)
    quickest = papers.find_way(vehicle, days[0], origin, destination)
    states = [papers.find_travel(vehicle, day) for day in days]
    if quickest is None or states[0] is not states[1]:
        return 0.0
    return quickest["minutes"] - sum(leg["driving_min"] for _, leg in way.before)


def _judge_hours(papers: SlowDocument, way: SlowWay) -> Iterator[str]:
    """In the duty windows of where it came from and where it is bound for."""
    for _, piece in way.pieces:
        depart, arrive = read_time(piece["depart"]), read_time(piece["arrive"])
        took = count_minutes(arrive - depart)
        if took < piece["driving_min"] - SLACK_MIN:
            yield "leg_too_fast"
        if arrive - depart <= SLACK:
            continue
        day: date = papers.find_day(depart)
        if papers.find_last_day(arrive) != day:
            yield "night_on_the_move"
            continue
        clearing = bool(piece.get("clearing"))
        for place in way.ends:
            if place["id"] is None:
                continue
            at = (place["lon"], place["lat"])
            opens, closes = papers.find_window(at, day, clearing)
            if depart < opens - SLACK or arrive > closes + SLACK:
                yield "night_movement"
