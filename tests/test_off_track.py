"""Off track in the theatre: who is joined, how it is driven, and how it is told."""

from __future__ import annotations

import json
import math
import re
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from patrolplan.cli import main
from patrolplan.errors import LayerError, ScenarioError
from patrolplan.geodesy import measure_length_m, project_geometry
from patrolplan.inputs import list_inputs
from patrolplan.measuring import list_plan_notices
from patrolplan.network import (
    RoadState,
    build_network,
    build_travel,
    find_routes,
    read_roads,
)
from patrolplan.network.ground import Ground, find_open_way, join_islands
from patrolplan.open_ground import (
    build_ground,
    join_open_ground,
    list_open_ground_notices,
)
from patrolplan.planfile import LegEntry, PartEntry
from patrolplan.products.maps import render_map
from patrolplan.question import list_places

DOCS = Path(__file__).parents[1] / "docs" / "off-track.md"
SNIPPET = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)[1]
TABLE = tomllib.loads(SNIPPET)["open_ground"]
CHAIN = ("tombouctou", "araouane", "taoudenni")


@pytest.fixture(scope="module")
def asked(scenario):
    return scenario.replace(open_ground=TABLE)


@pytest.fixture(scope="module")
def joined(asked, layers):
    return join_open_ground(asked, layers)


@pytest.fixture(scope="module")
def network(asked, joined):
    places = list_places(joined.population)
    return build_network(joined.lines, places, snap_km=asked.movement.snap_km)


def select_ways(layers):
    return layers.lines[layers.lines["kind"] == "off_track"].set_index("from_id")


# --- Who is joined ------------------------------------------------------------------


def test_without_the_table_nothing_is_touched(scenario, layers) -> None:
    assert scenario.open_ground is None
    assert join_open_ground(scenario, layers) is layers
    assert not list(list_open_ground_notices(scenario, layers))


def test_an_empty_table_joins_what_no_line_reaches(scenario, layers) -> None:
    empty = scenario.replace(open_ground={})
    assert not len(select_ways(join_open_ground(empty, layers)))
    lines = layers.lines[layers.lines["id"] != "araouane-taoudenni"]
    found = select_ways(join_open_ground(empty, replace(layers, lines=lines)))
    assert list(found.index) == ["taoudenni"]


def test_timbuktu_araouane_taoudenni_has_a_way_of_a_length_that_can_be(
    asked, joined, network
) -> None:
    state = read_roads(asked, joined).find_state("light_4x4", asked.start)
    (route,) = find_routes(network, joined.speeds, CHAIN, state)
    places = list_places(joined.population)
    straight_m = measure_length_m([places[place] for place in CHAIN])
    assert straight_m < route.length_m < 1.4 * straight_m
    assert {piece.kind for piece in route.pieces} >= {"off_track"}
    ways = select_ways(joined)
    assert set(ways.index) == {"araouane", "taoudenni", "ti-n-essako"}
    assert set(ways["surface"]) == {"open_ground"}
    assert set(ways["confidence"]) == {"low"}
    assert not set(TABLE["without_lines"]) & set(joined.lines["id"])
    assert not network.unjoined


def test_a_way_alone_lies_between_the_geodesic_and_four_tenths_more(
    asked, layers
) -> None:
    ground = build_ground(asked, layers)
    places = list_places(layers.population)
    for origin, destination in pairwise(CHAIN):
        way = find_open_way(ground, places[origin], places[destination])
        straight_m = measure_length_m([places[origin], places[destination]])
        assert straight_m <= way.length_m <= way.effort_m < 1.4 * straight_m
        assert way.length_m == pytest.approx(measure_length_m(way.coordinates))


def test_it_is_driven_at_the_share_of_sand_that_slopes_leave(asked, joined) -> None:
    speeds = joined.speeds.set_index(["vehicle", "surface", "season"])
    for vehicle in ("light_4x4", "armoured", "truck"):
        sand = speeds.loc[vehicle, "sand", "dry"]
        open_ground = speeds.loc[vehicle, "open_ground", "dry"]
        assert open_ground["speed_kmh"] == 0.75 * sand["speed_kmh"]
        assert open_ground["fuel_l_per_100km"] == sand["fuel_l_per_100km"]
    assert "open_ground" not in set(joined.speeds.query("vehicle == 'boat'")["surface"])
    ways = select_ways(joined)
    assert ways["speed_share"].between(0.9, 1).all()
    assert joined.lines["speed_share"].isna().sum() == len(joined.lines) - len(ways)
    # By hand: 30 km at 20 * 0.75 * 0.5 = 7.5 km/h are 4 h, and burn 30 * 0.29 / 0.5.
    lines = joined.lines[joined.lines["id"] == ways.loc["araouane", "id"]].copy()
    lines["length_km"], lines["speed_share"] = 30.0, 0.5
    ends = {
        "a": lines.geometry.iloc[0].coords[0],
        "b": lines.geometry.iloc[0].coords[-1],
    }
    travel = build_travel(
        build_network(lines, ends, snap_km=1),
        joined.speeds,
        ("a", "b"),
        RoadState("light_4x4"),
    )
    assert travel.durations_min[0, 1] == pytest.approx(240)
    assert travel.fuels_l[0, 1] == pytest.approx(30 * 0.29 / 0.5)


def test_a_track_cut_off_from_the_rest_is_joined_as_well(scenario, layers) -> None:
    cut = ("rn20-ansongo-menaka", "talataye-menaka", "in-delimane-menaka")
    cut = [line for line in layers.lines["id"] if line in cut]
    asked = scenario.replace(open_ground={"without_lines": cut})
    places = list_places(layers.population)
    kept = layers.lines[~layers.lines["id"].isin(cut)]
    bare = build_network(kept, places, snap_km=3)
    assert not bare.unjoined
    joined = join_open_ground(asked, layers)
    ways = select_ways(joined)
    assert len(ways) == 1
    whole = build_network(joined.lines, places, snap_km=3)
    state = RoadState("light_4x4")
    for net, speeds, reached in ((bare, layers, False), (whole, joined, True)):
        travel = build_travel(net, speeds.speeds, ("gao", "menaka"), state)
        assert math.isfinite(travel.durations_min[0, 1]) == reached
    # One of its ends is a line of the island, the other of the rest.
    assert set(layers.lines["id"]) | set(places) >= {*ways.index, *ways["to_id"]}


def test_named_pairs_get_a_way_beside(asked, layers) -> None:
    more = asked.replace(open_ground=TABLE | {"ways": [["Ménaka", "Tin-Essako"]]})
    found = join_open_ground(more, layers).lines.set_index("id")
    way = found.loc["off-track-menaka-ti-n-essako"]
    assert way["name"] == "Off track, Ménaka to Ti-n-Essako"
    assert way["name_fr"] == "Hors piste, Ménaka vers Tin-Essako"
    assert way["length_km"] > 280


def test_what_lies_too_far_stays_as_it_is(asked, layers) -> None:
    near = asked.replace(open_ground=TABLE | {"max_km": 300})
    found = join_open_ground(near, layers)
    assert set(select_ways(found).index) == {"araouane", "ti-n-essako"}
    assert build_network(
        found.lines, list_places(found.population), snap_km=3
    ).unjoined == ("taoudenni",)


def test_a_place_near_a_road_keeps_it_where_a_way_passes_nearer() -> None:
    lines = gpd.GeoDataFrame(
        {
            "id": ["road", "off-track-x"],
            "kind": ["road", "off_track"],
            "surface": ["paved", "open_ground"],
            "length_km": [np.nan, np.nan],
        },
        geometry=[
            shapely.LineString([(0, 15), (0.2, 15)]),
            shapely.LineString([(0, 15.01), (0.2, 15.01)]),
        ],
        crs=4326,
    )
    network = build_network(lines, {"town": (0.1, 15.008)}, snap_km=3)
    (access,) = {
        edge["coordinates"]
        for tail, _, edge in network.graph.edges(data=True)
        if edge["kind"] == "access" and tail == network.nodes["town"]
    }
    assert access[-1] == pytest.approx((0.1, 15.0), abs=1e-4)


def test_a_line_keeps_its_shape_where_a_way_meets_it() -> None:
    lines = gpd.GeoDataFrame(
        {
            "id": ["road"],
            "kind": ["road"],
            "surface": ["paved"],
            "length_km": [np.nan],
        },
        geometry=[shapely.LineString([(0, 15), (0.4, 15)])],
        crs=4326,
    )
    places = {"well": (0.2, 15.3)}
    network = build_network(lines, places, snap_km=1)
    spot = project_geometry(shapely.Point(0.2, 15.15), to_metric=True)
    ground = Ground(np.ones((60, 60)), spot.x - 30_000, spot.y + 30_000, 1000.0)
    (found,) = join_islands(lines, network, places, ground, limit_m=1e6, landing_m=2000)
    assert (found.origin, found.destination) == ("well", "road")
    assert found.way.coordinates[0] == (0.2, 15.3)
    end = shapely.Point(found.way.coordinates[-1])
    assert lines.geometry.iloc[0].distance(end) < 1e-3
    assert found.way.length_m == pytest.approx(33_200, rel=0.02)


# --- How it is told -----------------------------------------------------------------


@pytest.fixture
def run(capsys):
    def run_verb(*argv):
        code = main([str(part) for part in argv])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return run_verb


def test_route_tells_it_in_both_languages(theatre, run) -> None:
    theatre.add_to_scenario(SNIPPET)
    code, out, _ = run("route", "Tombouctou", "Taoudenni", "--scenario", theatre.file)
    assert code == 0
    assert "off_track  open_ground" in out
    said = " ".join(out.split())
    assert "Taoudenni to Araouane: no line is known there. Its 506 km" in said
    assert "from elevation on cells of 2,000 m" in said
    ask = ("route", "Tombouctou", "Araouane", "--scenario", theatre.file)
    code, out, _ = run(*ask, "--lang", "fr", "--json")
    reasons = json.loads(out)["reasons"]
    assert reasons[0]["code"] == "off_track_way"
    assert "aucune voie n'y est connue" in reasons[0]["text"]
    # Closed like any line.
    code, out, _ = run(*ask, "--close", "off-track-araouane-timbuktu-ber", "--json")
    assert code == 1
    assert json.loads(out)["routes"] == []


def test_faults_of_the_table_are_told_at_the_door(theatre, run) -> None:
    theatre.add_to_scenario(
        '[open_ground]\nwithout_lines = ["timbuktu-arouane"]\nlike = "dunes"\n'
        'ways = [["Gao", "Nowhere"], ["Gao", "gao"]]\nfriction = "dunes.tif"\n'
    )
    code, _, err = run("check", theatre.file)
    assert code == 2
    assert "without_lines: found 'timbuktu-arouane'; expected the id of a line" in err
    assert "(near: timbuktu-araouane" in err
    assert "open_ground.like: found 'dunes'; expected one of paved" in err
    assert "open_ground.ways.0: found 'Nowhere'" in err
    assert "open_ground.ways.1: 'gao' twice" in err
    text = theatre.file.read_text(encoding="utf-8")
    text = text[: text.index("[open_ground]")]
    theatre.file.write_text(text + '[open_ground]\nfriction = "dunes.tif"\n')
    code, _, err = run("check", theatre.file)
    assert (code, "dunes.tif: file: No such file" in err) == (2, True)
    theatre.file.write_text(text + "[open_ground]\nspeed = 3\n")
    assert "open_ground.speed: " in run("check", theatre.file)[2]


def test_what_cannot_be_joined_to_is_refused(asked, layers, joined) -> None:
    with pytest.raises(ScenarioError, match="in the layers already"):
        join_open_ground(asked.replace(open_ground={}), joined)
    everything = {"without_lines": list(layers.lines["id"])}
    with pytest.raises(ScenarioError, match="every line"):
        join_open_ground(asked.replace(open_ground=everything), layers)
    lines = layers.lines.copy()
    lines.loc[lines["id"] == "gao-almoustarat", "id"] = (
        "off-track-araouane-timbuktu-ber"
    )
    with pytest.raises(LayerError, match="an id that ways across open ground take"):
        join_open_ground(asked, replace(layers, lines=lines))


def test_a_raster_is_an_input_of_the_plan(theatre) -> None:
    theatre.add_to_scenario('[open_ground]\nfriction = "layers/mandate.toml"\n')
    paths = [entry.path for entry in list_inputs(theatre.read_scenario())]
    assert paths.count("layers/mandate.toml") == 2


def drive_off_track(plan):
    """Return a plan whose first leg leaves all lines for half of its way."""
    patrol = plan.patrols[0]
    leg = patrol.legs[0]
    half = {"length_km": leg.length_km / 2, "driving_min": leg.driving_min / 2}
    parts = [
        PartEntry(kind=kind, surface=surface, fuel_l=1.0, halt=True, **half)
        for kind, surface in (("road", "paved"), ("off_track", "open_ground"))
    ]
    legs = [leg.model_copy(update={"parts": parts}), *patrol.legs[1:]]
    assert isinstance(legs[0], LegEntry)
    patrols = [patrol.model_copy(update={"legs": legs}), *plan.patrols[1:]]
    return plan.model_copy(update={"patrols": patrols}), leg


def test_the_referee_tells_who_leaves_all_lines_and_for_how_long(study) -> None:
    plan = study.plan_file
    assert "off_track_driven" not in {n.code for n in list_plan_notices(plan)}
    plan, leg = drive_off_track(plan)
    (told,) = (n for n in list_plan_notices(plan) if n.code == "off_track_driven")
    assert told.values == {
        "patrol_id": plan.patrols[0].id,
        "length_km": leg.length_km / 2,
        "driving_min": leg.driving_min / 2,
    }


def test_the_map_says_that_no_line_is_known(study, layers, joined) -> None:
    plain = render_map(study.plan_file, layers)
    assert "Off track" not in plain
    assert "off track" not in plain
    plan, leg = drive_off_track(study.plan_file)
    drawn = render_map(plan, joined)
    km = f"{leg.length_km / 2:,.0f}"
    for said in (
        "Off track: no line is known",
        "Hors piste : aucune voie connue",
        "Taoudenni to Araouane",
        f"of it {km} km off track: no line is known there",
        f"dont {km} km hors piste",
    ):
        assert said in drawn, said
