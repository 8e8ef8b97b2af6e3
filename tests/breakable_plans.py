"""Plans that break no rule and meet every part of the document, made to be broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from gate_answers import pass_gates
from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import build_assessment
from patrolplan.planning.problem import (
    Base,
    PatrolDecision,
    Plan,
    Site,
    Wayside,
)
from patrolplan.planning.schedule import build_schedule
from problems import build_matrix, build_plan_file, build_team, build_theatre
from slow_casualty import write_clock
from slow_document import SlowDocument
from slow_passings import find_earned
from slow_supplies import find_turn_backs, measure_supplies

Document = dict[str, Any]

SUPPLIES = {
    "elements": ["recovery"],
    "elements_rule": "limit",
    "fuel_binds": True,
    "fuel_reserve_share": 0.25,
    "hot_months": [3, 4, 5, 6, 7, 8, 9, 10],
    "min_vehicles": 2,
    "pass_speed_kmh": 20.0,
    "ration_packs": 1,
    "ration_reserve_days": 2,
    "resupply": ["s1"],
    "spacing_m": 63.0,
    "water_binds": True,
    "water_cool_l": 7.5,
    "water_floor_l": 3.0,
    "water_hot_l": 10.0,
    "water_reserve_share": 0.2,
    "water_reserve_vehicle_l": 20.0,
}
CASUALTY = {
    "casualty_care_min": 60.0,
    "casualty_cruise_kmh": 225.0,
    "casualty_day": "finding",
    "casualty_ideal_min": 60.0,
    "casualty_loading_min": 10.0,
    "casualty_mitigation": "",
    "casualty_night": "finding",
    "casualty_notice_day_min": 30.0,
    "casualty_notice_night_min": 45.0,
    "casualty_surgery_min": 120.0,
}
WAYS = [
    [0, 60, 900, 600, 400, 500],
    [60, 0, 900, 600, 400, 500],
    [900, 900, 0, 300, 900, 900],
    [600, 600, 300, 0, 900, 900],
    [400, 400, 900, 900, 0, 900],
    [500, 500, 900, 900, 900, 0],
]


@cache
def plan_by_hand() -> Document:
    """Two teams, three patrols, visits that return, nights out, one beside a camp.

    Of the line, 40 are earned by whoever drives it first, and 20 by passing s4.
    """
    theatre = _build_theatre()
    decisions = (
        PatrolDecision("t1", 0, ("s1", "s2")),
        PatrolDecision("t2", 1, ("s3",)),
        PatrolDecision("t1", 10, ("s2",)),
    )
    schedule = build_schedule(theatre.problem, Plan(decisions))
    plan = build_plan_file(theatre, schedule)
    document = plan.model_dump(mode="json", by_alias=True)
    limits = document["scenario"]["limits"]
    limits |= SUPPLIES | CASUALTY | {"passing_km": 60.0, "held_km": 5.0}
    limits["lines_presence"] = [{"line_id": "rn", "need": 40.0, "source": "made up"}]
    for team in document["teams"]:
        team |= {"fuel_capacity_l": 2000.0, "water_capacity_l": 4000.0}
        team |= {"ration_capacity": 300, "column_km": 0.252, "pass_min": 0.756}
        team["convoy"] = [
            {"vehicle": "pickup", "count": 3, "element": None},
            {"vehicle": "tow", "count": 1, "element": "recovery"},
        ]
    for travel in document["travel"]:
        travel["hazards"] = [[5.0] * len(row) for row in travel["lengths_km"]]
    for site in document["sites"]:
        if site["need"] is not None:
            site["themes"] = {"B": site["need"] - 10.0, "C": 10.0}
    at_s2 = {"lon": theatre.positions["s2"][0], "lat": theatre.positions["s2"][1]}
    camp = {"id": "camp", "kind": "camp", "km": 0.2, "assumed": False}
    document["keep_clear"] = [camp | at_s2]
    document["medical"] = [
        _build_medical("h1", "helicopter", 0.0, 16.0),
        _build_medical("c1", "surgery", 0.0, 16.0),
        _build_medical("c2", "surgery", 1.6, 16.4)
        | {"by_night": False, "valid_from": "2014-11-10"},
    ]
    return _tell_truth(document)


def _build_theatre():
    sites = [
        Site("s1", "S1", 100.0, 500.0),
        Site("s2", "S2", 300.0, 500.0, cadence_days=6.0),
        Site("s3", "S3", None, 60.0),
        Site("s4", "S4", 80.0, 60.0),
    ]
    spots = {"s1": (0.5, 16.5), "s2": (1.0, 16.5), "s3": (1.5, 16.5), "s4": (0.3, 16.2)}
    theatre = build_theatre(
        {"a": (0.0, 16.0), "b": (0.1, 16.0)} | spots,
        sites,
        [Base("a", "A"), Base("b", "B")],
        [build_team("t1", "a"), build_team("t2", "b")],
        [
            build_matrix(
                WAYS, blocked={(3, 2): ((-1.0, 4.0),), (2, 3): ((296.0, 301.0),)}
            )
        ],
        days=20,
        populations=dict.fromkeys(("s1", "s2", "s3"), 50),
        cercles={"s1": "west", "s2": "east", "s3": "east", "s4": "north"},
    )
    line = {"line_id": "rn"}
    waysides = (
        Wayside("rn:1", 25.0, **line),
        Wayside("rn:2", 15.0, **line),
        Wayside("s4", 20.0, "s4"),
        Wayside("s1", 25.0, "s1"),
        Wayside("s2", 75.0, "s2"),
    )
    comes_by = {
        (0, 2): ((0, 100.0), (2, 700.0)),
        (0, 3): ((0, 100.0), (1, 600.0)),
        (3, 0): ((1, 0.0), (3, 200.0), (0, 500.0)),
        (1, 4): ((2, 350.0),),
    }
    problem = theatre.problem
    travel = tuple(replace(matrix, waysides=comes_by) for matrix in problem.travel)
    limits = replace(problem.limits, clearing_min=15.0)
    problem = replace(problem, travel=travel, waysides=waysides, limits=limits)
    return replace(theatre, problem=problem)


def _build_medical(key: str, kind: str, lon: float, lat: float) -> Document:
    always = {"by_night": True, "valid_from": None, "valid_to": None}
    return {"id": key, "name": key, "kind": kind, "lon": lon, "lat": lat} | always


def _tell_truth(document: Document) -> Document:
    """Let a document say of itself what is so, and clear its gates."""
    papers = SlowDocument(document)
    earned = find_earned(papers)
    for patrol in document["patrols"]:
        for number, leg in enumerate(patrol["legs"]):
            found = earned.get((patrol["id"], number), [])
            leg["passed"] = [way["site_id"] for way in found if way["site_id"]]
            leg["lines"] = [way["line_id"] for way in found if way["line_id"]]
            leg["need_earned"] = sum((way["need"] for way in found), 0.0)
        patrol["casualty"] = write_clock(papers, patrol)
        half_l, runs = find_turn_backs(papers, patrol)
        team = papers.teams[patrol["team_id"]]
        turn_back = []
        for leg in (ways[0][0] for _, ways, surely in runs if surely):
            stop = patrol["stops"][leg]
            km = sum(driven["length_km"] for driven in patrol["legs"][:leg])
            spot = {"lon": stop["lon"], "lat": stop["lat"]}
            burnt = {"burnt_l": half_l * team["vehicles"]}
            turn_back.append({"leg": leg, "km": km} | spot | burnt)
        capacities = ("fuel_capacity_l", "water_capacity_l", "ration_capacity")
        patrol["supplies"] = (
            measure_supplies(papers, patrol)
            | {key: team.get(key) for key in capacities}
            | {"turn_back": turn_back}
        )
    plan = PlanFile.model_validate(document)
    bound = 1.25 * build_assessment(plan).need_met
    plan = plan.model_copy(
        update={"assessment": build_assessment(plan, need_bound=bound)}
    )
    return pass_gates(plan).model_dump(mode="json", by_alias=True)


def _rewrite(change: Callable[[Document], None]) -> Document:
    document = PlanFile.model_validate(plan_by_hand()).model_dump(
        mode="json", by_alias=True
    )
    change(document)
    return _tell_truth(document)


@cache
def plan_under_way() -> Document:
    """The plan by hand, met on the third day: one patrol on its way, one turned."""

    def meet(document: Document) -> None:
        first, second = document["patrols"][:2]
        stop, leg = first["stops"][0], first["legs"][0]
        stop |= {"kind": "start", "place_id": "start:P1", "lon": 0.1, "lat": 16.1}
        leg["from"] = "start:P1"
        leg["geometry"]["coordinates"][0] = [0.1, 16.1]
        second["stops"][0]["kind"] = "start"
        halt = next(stop for stop in second["stops"] if stop["kind"] == "halt")
        second["turns"] = [{"halt_id": halt["place_id"], "bound_for": "s1"}]

    return _rewrite(meet)


def write_hazards(plan: PlanFile) -> Document:
    """A plan of the theatre; hazards of its ways as long as they are."""
    document = plan.model_dump(mode="json", by_alias=True)
    for travel in document["travel"]:
        travel["hazards"] = travel["lengths_km"]
    return document
