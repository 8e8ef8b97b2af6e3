"""Halts keep clear of camps, schools and health sites: found, planned and judged."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolplan.keep_clear import list_kept_places
from patrolplan.network import Clearance, KeptPlace, build_network, build_travel
from patrolplan.network.travel import cut_pieces
from patrolplan.planfile import KeptEntry, PlanFile, format_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.evidence import estimate_distance_km
from patrolplan.planning.keeping_rules import list_town_nights
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.study import plan_patrols
from problems import build_hand_theatre
from test_network import DRY, SPEEDS, build_lines

DAY = 1440.0
# At 15 N a degree of longitude is 111.195 x cos 15 km on the sphere of mean radius.
KM_PER_DEGREE = 111.195 * cos(radians(15))


def build_place(km: float, lon: float = 0.0, lat: float = 15.0) -> KeptPlace:
    return KeptPlace("camp", "camp", lon, lat, km, assumed=False)


def add_rows(theatre, layer: str, *rows: dict[str, str]) -> None:
    path = theatre.find(layer)
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    names = [*table[0], *(n for n in ("lon", "lat") if n not in table[0])]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows([*table, *rows])


# Where it is near


def test_a_road_through_a_circle_is_near_between_its_two_crossings():
    # From 1 W to 1 E through the middle: 10.1 km, a hundredth more than 10, each way.
    ((begins, ends),) = Clearance([build_place(10)]).find(((-1.0, 15.0), (1.0, 15.0)))
    share = 10.1 / KM_PER_DEGREE / 2
    assert (begins, ends) == pytest.approx((0.5 - share, 0.5 + share))


def test_a_road_past_a_circle_is_nowhere_near_and_circles_that_touch_are_one():
    road = ((-1.0, 15.0), (0.0, 15.0), (1.0, 15.0))
    assert Clearance([build_place(10, lat=15.1)]).find(road) == ()
    two = [build_place(10, lon=-0.05), build_place(10, lon=0.05)]
    ((begins, ends),) = Clearance(two).find(road)
    reach = 0.05 + 10.1 / KM_PER_DEGREE
    assert (begins, ends) == pytest.approx((0.5 - reach / 2, 0.5 + reach / 2))


def test_a_halt_is_blocked_near_a_place_and_at_an_end_that_lies_near():
    # 200 km of paved road at 1 km a minute; the circle of 10.1 km is round its west
    # end, another round the middle.
    lines = build_lines(("road", [(-1, 15), (1, 15)], {"length_km": 200}))
    places = {"a-west": (-1.0, 15.0), "b-east": (1.0, 15.0)}
    network = build_network(lines, places, snap_km=1)
    near = Clearance([build_place(10, lon=-1.0), build_place(10)])
    travel = build_travel(network, SPEEDS, sorted(places), DRY, near)
    km = 200 / (2 * KM_PER_DEGREE)
    out, middle = travel.halt_blocked[0, 1]
    assert out == pytest.approx((-1.0, 10.1 * km))
    assert middle == pytest.approx((100 - 10.1 * km, 100 + 10.1 * km))
    # The way back, seen from the other end.
    assert travel.halt_blocked[1, 0][1] == pytest.approx((200 - 10.1 * km, 201.0))


@given(
    lon=st.floats(-0.9, 0.9),
    off=st.floats(-0.05, 0.05),
    km=st.floats(0.3, 6.0),
    bend=st.floats(-0.3, 0.3),
)
def test_no_minute_that_is_allowed_lies_within_the_distance(lon, off, km, bend):
    lines = build_lines(("road", [(-1, 15), (0, 15 + bend), (1, 15)], {}))
    places = {"a-west": (-1.0, 15.0), "b-east": (1.0, 15.0)}
    network = build_network(lines, places, snap_km=1)
    place = build_place(km, lon, 15 + off + bend * (1 - abs(lon)))
    travel = build_travel(network, SPEEDS, sorted(places), DRY, Clearance([place]))
    pieces = travel.trace("a-west", "b-east")
    total = float(travel.durations_min[0, 1])
    for begins, ends in travel.halt_blocked.get((0, 1), ()):
        for minute in (begins, ends):
            if 0 < minute < total:
                lon_at, lat_at = cut_pieces(pieces, 0, minute)[-1].coordinates[-1]
                away = estimate_distance_km(lon_at, lat_at, place.lon, place.lat)
                # Just outside, and no farther than it must be.
                assert km <= away <= km * 1.02


# Which places


def test_the_built_in_rows_stand_at_their_sites_by_kind(scenario, layers):
    places = {place.id: place for place in list_kept_places(scenario, layers)}
    assert sum(place.kind == "camp" for place in places.values()) == 3
    assert sum(place.kind == "school" for place in places.values()) == 4
    assert sum(place.kind == "health" for place in places.values()) == 21
    assert all(place.assumed for place in places.values())
    gossi = layers.population.set_index("id").geometry["gossi"]
    assert places["camp-gossi"][2:] == (gossi.x, gossi.y, 1.0, True)
    assert places["school-koro"].km == 0.5


def test_a_position_of_its_own_goes_before_the_site_and_a_ring_is_kept_whole(theatre):
    add_rows(
        theatre,
        "camps",
        {"id": "own", "name": "Own", "near_site_id": "ber", "lon": "-2.5", "lat": "17"},
        {"id": "ring", "name": "Ring", "near_site_id": "ber", "distance_km": "3"},
        {"id": "lost", "name": "Lost", "region": "Gao", "persons": "900"},
    )
    theatre.add_to_scenario("[keep_clear]\nschool_km = 0\ncamp_km = 2\n")
    kept = list_kept_places(theatre.read_scenario(), theatre.read_layers())
    places = {place.id: place for place in kept}
    assert places["own"][1:] == ("camp", -2.5, 17.0, 2.0, False)
    # Which way the three kilometres go is not known.
    assert (places["ring"].km, places["ring"].assumed) == (5.0, True)
    assert "lost" not in places
    assert not any(place.kind == "school" for place in kept)


def test_half_a_position_and_one_outside_the_area_are_refused_together(theatre):
    row = {"name": "A camp", "near_site_id": "ber"}
    add_rows(
        theatre,
        "camps",
        row | {"id": "half", "lon": "-2.5"},
        row | {"id": "turned", "lon": "17", "lat": "-2.5"},
    )
    half, turned = theatre.list_faults()
    assert (half.file, half.where, half.found) == ("camps.csv", "'half', lat", "empty")
    assert turned.where == "'turned', lon, lat"
    assert turned.cause == "longitude and latitude exchanged?"


# The night


def build_patrol(blocks, *, minutes, dwells=(500, 500), most=15.0):
    problem = build_hand_theatre(dwells=dwells, minutes=minutes).problem
    matrix = replace(problem.travel[0], halt_blocked=blocks)
    limits = replace(problem.limits, clearing_min=most)
    problem = replace(problem, travel=(matrix,), limits=limits)
    plan = Plan((PatrolDecision("t1", 0, ("s1", "s2")),))
    (patrol,) = build_schedule(problem, plan).patrols
    return patrol


def at(day, hour, minute=0):
    return day * DAY + hour * 60 + minute


FIVE_DAYS = [[0, 900, 600], [900, 0, 300], [600, 300, 0]]


def test_a_night_before_work_is_spent_short_of_the_place():
    """The patrol of five days of the schedule's tests: its third night is at s2.

    On day 2 it came to s2 at 10:20 and waited for 06:00. The last 4 of the 300 minutes
    from s1 lie near s2: it halts at 10:16, leaves at 05:56 and works from 06:00.
    """
    far = build_patrol({}, minutes=FIVE_DAYS)
    near = build_patrol({(1, 2): ((296.0, 301.0),)}, minutes=FIVE_DAYS)
    assert near.stops[:4] == far.stops[:4]
    assert near.stops[5:] == far.stops[5:]
    halt = near.stops[4]
    assert (halt.place_id, halt.place) == ("halt:P1:3", None)
    assert (halt.arrive_min, halt.depart_min) == (at(2, 10, 16), at(3, 5, 56))
    come, go = near.legs[3:5]
    assert (come.from_min, come.to_min, come.clearing) == (40, 296, False)
    assert (go.from_min, go.to_min, go.clearing) == (296, 300, True)
    assert (go.depart_min, go.arrive_min) == (at(3, 5, 56), at(3, 6))
    # At half a kilometre a minute.
    assert go.length_m == pytest.approx(2000)
    assert sum(leg.length_m for leg in near.legs) == pytest.approx(far.length_m)


def test_a_night_after_work_is_spent_beyond_the_place():
    """700 minutes at s1 leave no day to drive on: a night there, before s2.

    Of the way to s2 the first 4 minutes are near s1: it drives them after work, and the
    other 296 from 06:04.
    """
    blocks = {(1, 2): ((-1.0, 4.0),)}
    whole = [[0, 20, 600], [20, 0, 300], [600, 300, 0]]
    near = build_patrol(blocks, minutes=whole, dwells=(700, 100))
    far = build_patrol({}, minutes=whole, dwells=(700, 100))
    number = next(n for n, stop in enumerate(far.stops) if stop.site_id == "s1") + 1
    assert (far.stops[number].kind, far.stops[number].place) == ("halt", 1)
    before, after = far.stops[number], near.stops[number]
    assert after.place is None
    assert after.arrive_min == before.arrive_min + 4
    assert after.depart_min == before.depart_min + 4
    out, on = near.legs[number - 1 : number + 1]
    assert (out.from_min, out.to_min, out.clearing) == (0, 4, True)
    assert (on.from_min, on.to_min, on.clearing) == (4, 300, False)
    assert on.arrive_min == far.legs[number].arrive_min


def test_it_stays_where_driving_clear_takes_longer_than_the_margins():
    blocks = {(1, 2): ((296.0, 301.0),)}
    near = build_patrol(blocks, minutes=FIVE_DAYS, most=3.0)
    assert near.stops[4].place == 2


@pytest.mark.parametrize(
    ("spans", "most", "back"),
    [
        # The night is at s2, after 300 minutes; 40 of them were driven the day before.
        (((296.0, 301.0),), 4.0, 296.0),
        (((296.0, 301.0),), 3.9, 300.0),
        (((200.0, 210.0), (290.0, 301.0)), 15.0, 290.0),
        # Where the very end lies outside all spans it stays.
        (((200.0, 210.0), (290.0, 300.0)), 15.0, 300.0),
        (((200.0, 210.0),), 15.0, 300.0),
        ((), 15.0, 300.0),
        # No farther back than that day has driven.
        (((40.0, 301.0),), 999.0, 40.0),
    ],
)
def test_a_night_goes_back_to_the_first_minute_that_is_allowed(spans, most, back):
    near = build_patrol({(1, 2): spans} if spans else {}, minutes=FIVE_DAYS, most=most)
    come, go = near.legs[3:5]
    assert (come.from_min, come.to_min, go.from_min, go.to_min) == (40, back, back, 300)
    assert (come.share_from, go.share_to) == (40 / 300, 1)
    assert come.share_to == go.share_from == back / 300
    assert (come.driving_min, go.driving_min) == (back - 40, 300 - back)
    assert come.length_m == pytest.approx(500 * (back - 40))
    assert (come.fuel_l, go.fuel_l) == pytest.approx(((back - 40) / 10, 30 - back / 10))
    assert (come.clearing, go.clearing) == (False, back < 300)
    assert near.stops[4].arrive_min == come.arrive_min == at(2, 6) + back - 40
    assert near.stops[4].depart_min == go.depart_min == at(3, 6) - (300 - back)


@pytest.mark.parametrize(
    ("spans", "most", "out"),
    [
        (((-1.0, 4.0),), 4.0, 4.0),
        (((-1.0, 4.0),), 3.9, 0.0),
        (((-1.0, 11.0), (200.0, 210.0)), 15.0, 11.0),
        # Where the place itself lies outside all spans it stays.
        (((0.0, 4.0),), 15.0, 0.0),
        (((10.0, 14.0),), 15.0, 0.0),
        # No farther than the next day drives.
        (((-1.0, 300.0),), 300.0, 300.0),
        (((-1.0, 300.5),), 301.0, 0.0),
    ],
)
def test_a_night_goes_on_to_the_first_minute_that_is_allowed(spans, most, out):
    whole = [[0, 20, 600], [20, 0, 300], [600, 300, 0]]
    near = build_patrol({(1, 2): spans}, minutes=whole, dwells=(700, 100), most=most)
    number = next(n for n, stop in enumerate(near.stops) if stop.site_id == "s1") + 1
    leave, go = near.legs[number - 1 : number + 1]
    assert (leave.from_min, leave.to_min) == (0, out)
    assert (go.from_min, go.to_min) == (out, 300)
    assert (leave.share_from, go.share_to) == (0, 1)
    assert leave.share_to == go.share_from == out / 300
    assert (leave.driving_min, go.driving_min) == (out, 300 - out)
    assert go.length_m == pytest.approx(500 * (300 - out))
    assert (leave.fuel_l, go.fuel_l) == pytest.approx((out / 10, 30 - out / 10))
    assert (leave.clearing, go.clearing) == (out > 0, False)
    assert near.stops[number].arrive_min == leave.arrive_min
    assert leave.arrive_min == leave.depart_min + out
    assert near.stops[number].depart_min == go.depart_min
    assert go.depart_min == go.arrive_min - (300 - out)


# The plan and the referee


def test_a_night_in_the_town_of_an_assumed_place_is_told_and_is_no_proof(study):
    plan = study.plan_file
    site = plan.sites[0]
    spot = {"lon": site.lon, "lat": site.lat, "kind": "health", "km": 0.5}

    def stay(document, assumed, off=0.0):
        halt = document["patrols"][0]["stops"]
        halt = next(stop for stop in halt if stop["kind"] == "halt")
        halt["lon"], halt["lat"] = site.lon + off, site.lat
        document["keep_clear"] = [{"id": "seat", "assumed": assumed, **spot}]

    # Of a known place the night is too near; of an assumed one nobody knows, but on
    # the road outside it is.
    assert "halt_too_near" in judge(plan, lambda d: stay(d, assumed=False))
    assert "halt_too_near" not in judge(plan, lambda d: stay(d, assumed=True))
    assert "halt_too_near" in judge(plan, lambda d: stay(d, assumed=True, off=0.003))
    document = json.loads(format_plan(plan))
    stay(document, assumed=True)
    (told,) = list_town_nights(PlanFile.model_validate(document))
    assert (told.code, told.values["place_id"]) == ("night_in_town", "seat")
    assert list_town_nights(plan) == ()


def measure_least(plan) -> float:
    """Return by how much the worst halt keeps clear, in km; below 0 it does not."""
    return min(
        estimate_distance_km(stop.lon, stop.lat, place.lon, place.lat) - place.km
        for patrol in plan.patrols
        for stop in patrol.stops
        for place in plan.keep_clear
        if stop.kind == "halt"
    )


def test_the_built_in_plan_halts_near_no_camp_school_or_health_site(study):
    plan = study.plan_file
    clearing = [leg for p in plan.patrols for leg in p.legs if leg.clearing]
    assert len(clearing) >= 2
    assert all(leg.driving_min < 15 for leg in clearing)
    assert measure_least(plan) > 0
    assert plan.assessment.violations == []


def test_a_camp_on_a_halt_breaks_the_rule_and_moves_the_halt(study, theatre):
    plan = study.plan_file
    halt = next(
        stop
        for patrol, worked in zip(plan.patrols, study.schedule.patrols, strict=True)
        for stop, known in zip(patrol.stops, worked.stops, strict=True)
        if stop.kind == "halt" and known.place is None
    )
    # At its gates: the referee sees it.
    entry = KeptEntry(
        id="new", kind="camp", lon=halt.lon, lat=halt.lat, km=1.0, assumed=False
    )
    moved = plan.model_copy(update={"keep_clear": [*plan.keep_clear, entry]})
    broken = assess_plan(moved).violations
    assert {(v.rule, v.where) for v in broken} == {("halt_too_near", halt.place_id)}
    # Planned with the camp known, no halt is there.
    spot = {"lon": f"{halt.lon:.7f}", "lat": f"{halt.lat:.7f}"}
    add_rows(theatre, "camps", {"id": "new", "name": "A new camp", **spot})
    after = plan_patrols(theatre.read_scenario().replace(iterations=1)).plan_file
    assert any(place.id == "new" for place in after.keep_clear)
    assert after.assessment.violations == []
    assert measure_least(after) > 0


def judge(plan, change) -> set[str]:
    document = json.loads(format_plan(plan))
    change(document)
    return {v.rule for v in assess_plan(PlanFile.model_validate(document)).violations}


def test_movement_by_night_is_not_excused_by_calling_it_clearing(study):
    def excuse(document):
        next(leg for leg in document["patrols"][0]["legs"])["clearing"] = True

    assert judge(study.plan_file, excuse) == {"clearing_misstated"}


def test_nights_in_a_base_are_its_own_affair(study):
    plan = study.plan_file
    base = plan.bases[0]

    def move(document, lon=base.lon, lat=base.lat):
        halts = (s for p in document["patrols"] for s in p["stops"])
        halt = next(stop for stop in halts if stop["kind"] == "halt")
        halt["lon"], halt["lat"] = lon, lat
        spot = {"lon": lon, "lat": lat, "km": 0.5}
        document["keep_clear"] = [
            {"id": "x", "kind": "health", "assumed": False, **spot}
        ]

    assert "halt_too_near" not in judge(plan, move)
    assert "halt_too_near" in judge(plan, lambda d: move(d, base.lon + 0.1, base.lat))
