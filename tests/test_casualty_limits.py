"""The casualty clock as a limit: solver, bound and referee agree on what is out."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from patrolplan.casualty_figures import CasualtyFigures
from patrolplan.casualty_limits import Confinement
from patrolplan.geodesy import WGS84
from patrolplan.network import (
    CasualtyClock,
    MedicalSite,
    RoadState,
    build_network,
    build_travel,
)
from patrolplan.network.travel import cut_pieces
from patrolplan.planning.assessment import assess_plan
from patrolplan.question import PeriodTravel
from patrolplan.study import build_question, plan_patrols

PAIR = [
    MedicalSite("h", "helicopter", 0.0, 16.0),
    MedicalSite("s", "surgery", 0.0, 16.0),
]


@pytest.fixture(scope="module")
def short(scenario):
    return scenario.replace(horizon_days=9, iterations=0)


@pytest.mark.parametrize(
    ("day", "night", "cruise_kmh", "by_night"),
    [
        ("limit", "finding", 225, False),
        ("limit", "limit", 225, False),
        ("finding", "limit", 180, False),
        ("limit", "limit", 300, True),
    ],
)
def test_every_plan_keeps_the_limit_and_the_referee_agrees(
    short, day, night, cruise_kmh, by_night
) -> None:
    figures = {"day": day, "night": night, "cruise_kmh": cruise_kmh}
    movement = short.movement.model_copy(update={"night_movement": by_night})
    # Where patrols move by night too, few days are many hours.
    days = 4 if by_night else short.horizon_days
    study = plan_patrols(
        short.replace(casualty=figures, movement=movement, horizon_days=days)
    )
    plan = study.plan_file
    assert plan.patrols
    assert assess_plan(plan).violations == plan.assessment.violations == []
    assert plan.assessment.first_visits <= plan.assessment.need_bound * (1 + 1e-9)
    for patrol in plan.patrols:
        for stop, entry in zip(patrol.stops, patrol.casualty[::2], strict=True):
            if night == "limit" and stop.kind == "halt":
                assert entry.night_min <= 120
            if day == "limit" and stop.kind == "visit":
                assert entry.day_min <= 120
        for entry in patrol.casualty[1::2]:
            assert day != "limit" or entry.day_min <= 120.05
            assert not by_night or entry.night_min <= 120.05


def test_what_is_cut_off_says_why(short) -> None:
    study = plan_patrols(short.replace(casualty={"day": "limit", "night": "limit"}))
    reasons = {u.site_id: u.reason for u in study.assessment.unserved}
    for site in ("bamba", "hombori", "araouane", "inekar", "anderamboukane"):
        assert reasons[site] == "surgery_too_far"
    # 140 km from Mopti: by day, not by night.
    assert reasons["niafunke"] == "surgery_too_far_by_night"
    idle = [n.values["team_id"] for n in study.notices if n.code == "team_beyond_clock"]
    assert idle == ["menaka", "tessalit"]
    assert not {"menaka", "tessalit"} & {p.team_id for p in study.plan_file.patrols}


def test_a_required_site_beyond_the_clock_is_a_result_that_says_so(short) -> None:
    sites = short.sites.model_copy(update={"required": ("Bamba", "Ménaka")})
    study = plan_patrols(short.replace(casualty={"day": "limit"}, sites=sites))
    broken = study.assessment.violations
    assert {(v.rule, v.where) for v in broken} == {
        ("required_not_visited", "bamba"),
        ("required_not_visited", "menaka"),
    }
    reasons = {u.site_id: u.reason for u in study.assessment.unserved}
    # The base in Ménaka could walk there: it is beyond the clock all the same.
    assert reasons["bamba"] == reasons["menaka"] == "surgery_too_far"


def test_a_site_behind_the_gap_says_that_the_way_is_beyond(theatre) -> None:
    # With a helicopter and surgery at Ménaka its neighbours are near, but the roads
    # from Gao and Ansongo cross the gap between them.
    rows = theatre.read_rows("medical")
    for kind in ("helicopter", "surgery"):
        new = next(row for row in rows if row["id"] == f"{kind}-gao") | {
            "id": f"{kind}-menaka",
            "site_id": "menaka",
            "lon": "2.39609",
            "lat": "15.91985",
        }
        rows.append(new)
    theatre.write_rows("medical", rows)
    base = theatre.read_scenario()
    figures = {"day": "limit", "cruise_kmh": 150}
    closed = {"closed": ["base-menaka"]}
    question = build_question(base.replace(casualty=figures, bases=closed))
    codes = {site.id: site.cut_off_by for site in question.problem.sites}
    assert codes["menaka"] == "surgery_too_far_on_way"
    assert codes["bamba"] == "surgery_too_far"
    assert codes["gao"] is None


def test_as_a_finding_it_changes_nothing_that_is_planned(short) -> None:
    before = build_question(short).problem
    changed = short.replace(casualty={"surgery_min": 1, "cruise_kmh": 10})
    after = build_question(changed).problem
    for one, other in zip(before.travel, after.travel, strict=True):
        assert np.array_equal(one.durations_min, other.durations_min)
        assert one.halt_blocked == other.halt_blocked
    assert {site.cut_off_by for site in after.sites} == {None}


# a network drawn by hand


def build_ways():
    """Two ways from west to east: one by the far south, one past surgery."""
    south = [(-1.2, 16.0), (0.0, 13.9), (1.2, 16.0)]
    north = [(-1.2, 16.0), (-1.0, 16.4), (0.0, 16.6), (1.0, 16.4), (1.2, 16.0)]
    lines = gpd.GeoDataFrame(
        {
            "id": ["south", "north"],
            "kind": "track",
            "surface": "track",
            # The way past surgery is the longer one.
            "length_km": [550.0, 900.0],
            "status_dry": "open",
            "hazard": np.nan,
        },
        geometry=[shapely.LineString(south), shapely.LineString(north)],
        crs=WGS84,
    )
    places = {"west": (-1.2, 16.0), "east": (1.2, 16.0)}
    return build_network(lines, places, snap_km=1), places


def build_speeds():
    return gpd.pd.DataFrame(
        {
            "vehicle": ["car"],
            "surface": ["track"],
            "season": ["dry"],
            "speed_kmh": [50.0],
            "fuel_l_per_100km": [10.0],
        }
    )


def test_the_way_within_the_clock_is_taken_though_it_is_longer() -> None:
    network, places = build_ways()
    clock = CasualtyClock(CasualtyFigures(day="limit"), PAIR)
    confined = Confinement(clock, (False,), binds_nights=False)
    state = RoadState("car")
    lines = []
    for ways in (network, confined.confine_network(network)):
        travel = build_travel(ways, build_speeds(), list(places), state)
        lines.append({piece.line_id for piece in travel.trace("west", "east")})
    assert lines == [{"south"}, {"north"}]
    free = Confinement(clock, (), binds_nights=False)
    assert free.confine_network(network) is network


def test_nights_are_kept_out_of_the_dark_parts_of_a_way_alone() -> None:
    # The southern way (660 min) begins and ends 128 km from surgery, comes to 113 km
    # of it on either side, and leads 232 km away in its middle; by night 121.9 km is
    # within. So it is dark at both ends and in the middle, and lit twice between.
    network, places = build_ways()
    clock = CasualtyClock(CasualtyFigures(night="limit"), PAIR)
    confined = Confinement(clock, (), binds_nights=True)
    travel = build_travel(network, build_speeds(), list(places), RoadState("car"))
    days = (date(2014, 11, 3), date(2014, 11, 9))
    bases = {"west", "east"}
    periods = (PeriodTravel(*days, travel),)
    (found,) = confined.confine_travels(periods, places, bases)
    pair = (0, 1)
    spans = found.travel.halt_blocked[pair]
    assert travel.halt_blocked.get(pair, ()) == ()
    assert len(spans) == 3
    assert (spans[0][0], spans[-1][1]) == (0.0, pytest.approx(660))
    way = travel.trace("west", "east")
    edges = [spans[0][1], *spans[1], spans[2][0]]
    for minute in edges:
        spot = cut_pieces(way, 0.0, minute)[-1].coordinates[-1]
        assert clock.sum_at(*spot, by_night=True).total_min == pytest.approx(
            120, abs=0.1
        )
    # A site where no night may be spent has no way; a base has.
    (found,) = confined.confine_travels(periods, places, {"west"})
    assert np.isinf(found.travel.durations_min[pair])
    assert found.travel.durations_min[1, 1] == 0.0
