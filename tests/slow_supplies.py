"""The rules of convoys and of what a patrol takes along, judged slowly."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from slow_document import (
    Broken,
    SlowDocument,
    differs,
    exceeds,
    read_time,
)
from slow_ways import find_matrix_way, list_ways

CAPACITIES = {
    "fuel_capacity_l": "fuel_l",
    "water_capacity_l": "water_l",
    "ration_capacity": "rations",
}


def judge_supplies(papers: SlowDocument) -> Iterator[Broken]:
    if "fuel_binds" not in papers.limits:
        return
    for team in papers.teams.values():
        yield from _judge_convoy(papers, team)
    for patrol in papers.patrols:
        if papers.can_be_followed(patrol):
            for rule in _judge_patrol(papers, patrol):
                yield rule, patrol["id"]


def _judge_convoy(papers: SlowDocument, team: Any) -> Iterator[Broken]:
    """As many vehicles as the team has; who goes out has every element."""
    limits, convoy = papers.limits, team.get("convoy")
    if all(patrol["team_id"] != team["id"] for patrol in papers.patrols):
        return
    if convoy is not None and team["vehicles"] != sum(kind["count"] for kind in convoy):
        yield "supplies_misstated", None
    if "spacing_m" in limits and team.get("column_km") is not None:
        column_km = team["vehicles"] * limits["spacing_m"] / 1000
        pass_min = column_km / limits["pass_speed_kmh"] * 60
        told = team["column_km"], team.get("pass_min")
        if differs(told[0], column_km) or differs(told[1], pass_min):
            yield "supplies_misstated", None
    if limits["elements_rule"] != "limit":
        return
    there = {kind.get("element") for kind in convoy or ()}
    # Nobody tows a boat by road.
    if team["vehicle"] != "boat" and not set(limits["elements"]) <= there:
        yield "element_missing", None
    if team["vehicles"] < limits["min_vehicles"]:
        yield "too_few_vehicles", None


def _judge_patrol(papers: SlowDocument, patrol: Any) -> Iterator[str]:
    limits, team = papers.limits, papers.teams[patrol["team_id"]]
    told, needed = patrol["supplies"], measure_supplies(papers, patrol)
    if limits["fuel_binds"] and exceeds(
        needed["fuel_l"] or 0.0, team.get("fuel_capacity_l")
    ):
        yield "fuel_exceeded"
    if limits["water_binds"]:
        if exceeds(needed["water_l"], team.get("water_capacity_l")):
            yield "water_exceeded"
        if exceeds(needed["rations"], team.get("ration_capacity")):
            yield "rations_exceeded"
    if patrol["stops"][0]["kind"] == "start":
        # Planned anew from where it stood: what it states is not compared.
        return
    for key in ("fuel_l", "water_l", "rations"):
        if differs(told[key], needed[key]):
            yield "supplies_misstated"
    for key in CAPACITIES:
        if differs(told.get(key), team.get(key)):
            yield "supplies_misstated"
    if told.get("water_floor_days") is not None and differs(
        told["water_floor_days"], needed.get("water_floor_days")
    ):
        yield "supplies_misstated"
    if told.get("turn_back") is not None:
        yield from _judge_turn_backs(papers, patrol)


def measure_supplies(papers: SlowDocument, patrol: Any) -> dict[str, Any]:
    """What a patrol takes along from one fill to the next, the most of each."""
    limits, team = papers.limits, papers.teams[patrol["team_id"]]
    burnt = [sum(litres for _, litres in run) for run in _list_runs(papers, patrol)]
    fuel_l = max(burnt) * team["vehicles"] * (1 + limits["fuel_reserve_share"])
    water, packs = [], []
    for days in _list_day_runs(papers, patrol):
        hot = sum(day.month in limits["hot_months"] for day in days)
        each = hot * limits["water_hot_l"]
        each += (len(days) - hot) * limits["water_cool_l"]
        litres = team["people"] * each * (1 + limits["water_reserve_share"])
        water.append(litres + team["vehicles"] * limits["water_reserve_vehicle_l"])
        whole = len(days) + limits["ration_reserve_days"]
        packs.append(team["people"] * limits["ration_packs"] * whole)
    found = {"fuel_l": fuel_l, "water_l": max(water), "rations": max(packs)}
    floor_l = limits.get("water_floor_l")
    if floor_l:
        lasts = max(water) / (team["people"] * floor_l)
        found["water_floor_days"] = math.floor(lasts + 1e-9)
    return found


def _list_runs(
    papers: SlowDocument, patrol: Any
) -> list[list[tuple[tuple[int, int], float]]]:
    """From fill to fill, each way: its first and last leg, and a vehicle's litres."""
    team = papers.teams[patrol["team_id"]]
    runs: list[list[tuple[tuple[int, int], float]]] = [[]]
    for way in list_ways(papers, patrol):
        found = find_matrix_way(papers, team["vehicle"], way)
        litres = 0.0 if found is None else found["fuel_l"]
        if not way.known:
            # Where no matrix tells, what the parts of its legs tell is all there is.
            parts = [part for _, leg in way.pieces for part in leg.get("parts") or ()]
            litres = sum(part["fuel_l"] for part in parts)
        runs[-1].append(((way.pieces[0][0], way.pieces[-1][0]), litres))
        if _fills(papers, patrol["stops"][way.pieces[-1][0] + 1]):
            runs.append([])
    return runs


def _fills(papers: SlowDocument, stop: Any) -> bool:
    return (
        stop["kind"] == "visit"
        and stop["site_id"] in papers.limits.get("resupply", ())
        and stop["arrive"] is not None
    )


def _list_day_runs(papers: SlowDocument, patrol: Any) -> Iterator[list[date]]:
    """The days from fill to fill; a day of filling is of both runs."""
    first = papers.find_day(read_time(patrol["depart"]))
    last = max(first, papers.find_last_day(read_time(patrol["return"])))
    fills = [
        papers.find_day(read_time(stop["arrive"]))
        for stop in patrol["stops"]
        if _fills(papers, stop)
    ]
    out = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    for begins, ends in itertools.pairwise([first, *fills, last]):
        yield [day for day in out if begins <= day <= ends]


def _judge_turn_backs(papers: SlowDocument, patrol: Any) -> Iterator[str]:
    """Half of the fuel planned is burnt on the way that each point lies on."""
    told = patrol["supplies"]["turn_back"]
    vehicles = papers.teams[patrol["team_id"]]["vehicles"]
    lengths = [leg["length_km"] for leg in patrol["legs"]]
    half_l, runs = find_turn_backs(papers, patrol)
    for legs, ways, surely in runs:
        points = [point for point in told if legs[0] <= point["leg"] <= legs[1]]
        if len(points) > 1 or (surely and not points):
            yield "supplies_misstated"
        for point in points:
            begins = sum(lengths[: point["leg"]]) - 1e-6
            ends = sum(lengths[: point["leg"] + 1]) + 1e-6
            there = any(first <= point["leg"] <= last for first, last in ways)
            if not (there and begins <= point["km"] <= ends):
                yield "supplies_misstated"
            if differs(point["burnt_l"] / vehicles, half_l):
                yield "supplies_misstated"
    if any(point["leg"] >= len(lengths) for point in told):
        yield "supplies_misstated"


def find_turn_backs(papers: SlowDocument, patrol: Any) -> tuple[float, list[Any]]:
    """Half of what a vehicle burns, and of each run of legs on which ways it has.

    To the last digit of its litres: at a place it may be the way there or on from it.
    """
    runs = [run for run in _list_runs(papers, patrol) if run]
    half_l = max(sum(litres for _, litres in run) for run in runs) / 2
    slack_l = 1e-6 * max(1.0, half_l)
    found = []
    for run in runs:
        burnt, ways = 0.0, []
        for legs, litres in run:
            if burnt - slack_l <= half_l <= burnt + litres + slack_l:
                ways.append(legs)
            burnt += litres
        legs = run[0][0][0], run[-1][0][1]
        found.append((legs, ways, burnt > half_l + slack_l))
    return half_l, found
