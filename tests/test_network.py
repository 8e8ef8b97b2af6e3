"""The network: small hand-drawn layers with their sums, and laws on random ones."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.errors import RouteError
from patrolplan.geodesy import WGS84, measure_length_m
from patrolplan.network import (
    RoadState,
    build_network,
    build_travel,
    find_routes,
)
from patrolplan.network.travel import cut_pieces

DRY = RoadState("light_4x4")
BOAT = RoadState("boat")

# Speeds that make sums easy: a kilometre takes one, two or three minutes.
SPEEDS = pd.DataFrame(
    [
        ("light_4x4", "paved", "dry", 60, 10),
        ("light_4x4", "paved", "rains", 60, 10),
        ("light_4x4", "track", "dry", 30, 20),
        ("light_4x4", "track", "rains", 20, 30),
        ("boat", "water", "dry", 20, 40),
    ],
    columns=["vehicle", "surface", "season", "speed_kmh", "fuel_l_per_100km"],
)
LINE = {
    "ref": None,
    "name": None,
    "kind": "road",
    "surface": "paved",
    "length_km": np.nan,
    "hazard": np.nan,
    "status_dry": None,
    "status_rains": None,
    "wait_min": np.nan,
    "crossing_min": np.nan,
}


def build_lines(*lines) -> gpd.GeoDataFrame:
    """Return a lines layer of (id, coordinates, what differs from a paved road)."""
    rows = [{"id": key} | LINE | changes for key, _, changes in lines]
    shapes = [shapely.LineString(spots) for _, spots, _ in lines]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84)


def travel_over(lines, places, state=DRY, *, snap_km=1.0):
    network = build_network(lines, places, snap_km=snap_km)
    return build_travel(network, SPEEDS, sorted(places), state)


def list_driven(travel, origin, destination) -> list[str]:
    return [piece.line_id for piece in travel.trace(origin, destination)]


# Noding


def test_lines_that_share_a_vertex_meet_there() -> None:
    # a runs west to east through (0, 15), where b begins: b splits a in two.
    lines = build_lines(
        ("a", [(-0.5, 15), (0, 15), (0.5, 15)], {"length_km": 110}),
        ("b", [(0, 15), (0, 15.5)], {"length_km": 60}),
    )
    places = {"east": (0.5, 15), "north": (0, 15.5), "west": (-0.5, 15)}
    travel = travel_over(lines, places)
    assert list_driven(travel, "west", "north") == ["a", "b"]
    # 55 km + 60 km at 60 km/h; 10 L per 100 km.
    assert travel.durations_min[2, 1] == pytest.approx(115)
    assert travel.lengths_m[2, 1] == pytest.approx(115_000)
    assert travel.fuels_l[2, 1] == pytest.approx(11.5)
    assert travel.durations_min[2, 0] == pytest.approx(110)


def test_a_split_line_keeps_its_id_and_shares_out_its_length() -> None:
    # The vertex lies at a quarter of the line: 30 of its 120 km.
    lines = build_lines(
        ("a", [(0, 15), (0.25, 15), (1, 15)], {"length_km": 120}),
        ("b", [(0.25, 15), (0.25, 16)], {}),
    )
    network = build_network(lines, {}, snap_km=1)
    edges = network.graph.out_edges((0.0, 15.0), data=True)
    (edge,) = (data for _, _, data in edges)
    assert edge["line_id"] == "a"
    assert edge["length_m"] == pytest.approx(30_000, rel=1e-3)


def test_lines_that_merely_cross_do_not_meet() -> None:
    lines = build_lines(
        ("under", [(-0.5, 15), (0.5, 15)], {}),
        ("over", [(0, 14.5), (0, 15.5)], {}),
    )
    places = {"north": (0, 15.5), "west": (-0.5, 15)}
    travel = travel_over(lines, places)
    assert math.isinf(travel.durations_min[0, 1])
    assert math.isinf(travel.durations_min[1, 0])


def test_a_place_on_the_middle_of_a_line_is_attached_there() -> None:
    # 100 km drawn in one stroke; the place stands on its middle: 50 km.
    lines = build_lines(("a", [(0, 15), (1, 15)], {"length_km": 100}))
    # The straight stroke of the metric system passes (0.5, 15) 150 m north.
    places = {"end": (1, 15), "middle": (0.5, 15)}
    travel = travel_over(lines, places)
    assert travel.durations_min[0, 1] == pytest.approx(50, abs=1)


def test_the_way_to_a_place_beside_a_line_is_driven_like_a_track() -> None:
    # 0.009 degrees of latitude are 995.6 m: two minutes at 30 km/h.
    lines = build_lines(("a", [(0, 15), (0.5, 15), (1, 15)], {"length_km": 100}))
    places = {"end": (1, 15), "village": (0.5, 15.009)}
    travel = travel_over(lines, places)
    assert list_driven(travel, "end", "village") == ["a", "access-0"]
    assert travel.durations_min[0, 1] == pytest.approx(50 + 1.99, abs=0.01)
    assert travel.lengths_m[0, 1] == pytest.approx(50_996, abs=5)


def test_a_place_too_far_from_every_line_is_listed() -> None:
    lines = build_lines(("a", [(0, 15), (1, 15)], {}))
    network = build_network(lines, {"end": (0, 15), "far": (0, 16)}, snap_km=3)
    assert network.unjoined == ("far",)
    assert set(network.nodes) == {"end"}
    travel = build_travel(network, SPEEDS, ["end", "far"], DRY)
    assert travel.durations_min.tolist() == [[0, math.inf], [math.inf, 0]]


def test_a_small_gap_between_lines_is_bridged_once() -> None:
    # b begins 0.004 degrees, 442 m, north of the middle of a.
    lines = build_lines(
        ("a", [(0, 15), (0.5, 15), (1, 15)], {"length_km": 100}),
        ("b", [(0.5, 15.004), (0.5, 16)], {"length_km": 110}),
    )
    network = build_network(lines, {"north": (0.5, 16), "west": (0, 15)}, snap_km=1)
    bridges = {
        data["line_id"]
        for _, _, data in network.graph.edges(data=True)
        if data["kind"] == "access"
    }
    assert bridges == {"access-0"}
    travel = build_travel(network, SPEEDS, ["north", "west"], DRY)
    # 110 km and 50 km of road, 0.442 km of track at 30 km/h.
    assert travel.durations_min[0, 1] == pytest.approx(160.89, abs=0.02)


def test_two_loose_ends_that_face_each_other_are_bridged_once() -> None:
    lines = build_lines(
        ("a", [(0, 15), (0.5, 15)], {}), ("b", [(0.504, 15), (1, 15)], {})
    )
    network = build_network(lines, {}, snap_km=1)
    bridges = [
        data["line_id"]
        for _, _, data in network.graph.edges(data=True)
        if data["kind"] == "access"
    ]
    assert bridges == ["access-0", "access-0"]


def test_a_gap_wider_than_the_snapping_distance_stays_open() -> None:
    lines = build_lines(
        ("a", [(0, 15), (0.5, 15)], {}), ("b", [(0.55, 15), (1, 15)], {})
    )
    travel = travel_over(lines, {"east": (1, 15), "west": (0, 15)})
    assert math.isinf(travel.durations_min[0, 1])


def test_the_graph_is_open_to_analysts(study) -> None:
    graph = study.network.graph
    assert isinstance(graph, nx.MultiDiGraph)
    node, edge = next(iter(graph.nodes(data=True))), next(iter(graph.edges(data=True)))
    assert node[0] == (node[1]["x"], node[1]["y"])
    assert edge[2]["coordinates"][0] == edge[0]
    assert edge[2]["coordinates"][-1] == edge[1]
    assert not any(
        isinstance(value, float) and math.isnan(value)
        for _, _, data in graph.edges(data=True)
        for value in data.values()
    )


# Travel


def test_of_parallel_lines_the_cheapest_is_driven() -> None:
    ends = [(0, 15), (1, 15)]
    lines = build_lines(
        ("long", [ends[0], (0.5, 15.2), ends[1]], {"length_km": 120}),
        ("short", ends, {"length_km": 108}),
        ("slow", [ends[0], (0.5, 14.8), ends[1]], {"surface": "track"}),
    )
    travel = travel_over(lines, {"east": ends[1], "west": ends[0]})
    assert list_driven(travel, "west", "east") == ["short"]
    assert travel.durations_min[1, 0] == pytest.approx(108)


def test_equal_lines_are_settled_by_id_whatever_their_order() -> None:
    ends = [(0, 15), (1, 15)]
    for order in (("x", "y"), ("y", "x")):
        lines = build_lines(*((key, ends, {"length_km": 110}) for key in order))
        travel = travel_over(lines, {"east": ends[1], "west": ends[0]})
        assert list_driven(travel, "west", "east") == ["x"]


def test_a_closed_line_is_not_there() -> None:
    ends = [(0, 15), (1, 15)]
    lines = build_lines(
        ("long", [ends[0], (0.5, 15.2), ends[1]], {"length_km": 120}),
        ("short", ends, {"length_km": 108}),
    )
    places = {"east": ends[1], "west": ends[0]}
    one = replace(DRY, closed=frozenset({"short"}))
    assert list_driven(travel_over(lines, places, one), "west", "east") == ["long"]
    both = replace(DRY, closed=frozenset({"short", "long"}))
    assert math.isinf(travel_over(lines, places, both).durations_min[0, 1])


def test_a_line_closed_in_the_rains_is_open_when_dry() -> None:
    ends = [(0, 15), (1, 15)]
    lines = build_lines(("a", ends, {"length_km": 110, "status_rains": "closed"}))
    places = {"east": ends[1], "west": ends[0]}
    assert travel_over(lines, places).durations_min[0, 1] == pytest.approx(110)
    rains = replace(DRY, season="rains")
    assert math.isinf(travel_over(lines, places, rains).durations_min[0, 1])


def test_a_track_is_slower_in_the_rains() -> None:
    ends = [(0, 15), (1, 15)]
    lines = build_lines(("a", ends, {"length_km": 120, "surface": "track"}))
    places = {"east": ends[1], "west": ends[0]}
    # 120 km at 30 and at 20 km/h.
    assert travel_over(lines, places).durations_min[0, 1] == pytest.approx(240)
    rains = replace(DRY, season="rains")
    assert travel_over(lines, places, rains).durations_min[0, 1] == pytest.approx(360)


def test_hazard_changes_the_way_but_no_duration() -> None:
    ends = [(0, 15), (1, 15)]
    lines = build_lines(
        ("safe", [ends[0], (0.5, 15.2), ends[1]], {"length_km": 120, "hazard": 0}),
        ("short", ends, {"length_km": 108, "hazard": 2}),
    )
    places = {"east": ends[1], "west": ends[0]}
    # 108 + 0.1 x 2 x 108 = 129.6 weighed minutes against 120.
    travel = travel_over(lines, places, replace(DRY, hazard_min_per_km=0.1))
    assert list_driven(travel, "west", "east") == ["safe"]
    assert travel.durations_min[0, 1] == pytest.approx(120)


def test_the_hazard_of_a_way_by_hand() -> None:
    """60 km at 2 steps, 30 km of unknown hazard, 10 km at 3: 120 + 0 + 30 = 150."""
    spots = [(0, 15), (0.5, 15), (0.8, 15), (0.9, 15), (3, 16)]
    lines = build_lines(
        ("a", spots[0:2], {"length_km": 60, "hazard": 2}),
        ("b", spots[1:3], {"length_km": 30}),
        ("c", spots[2:4], {"length_km": 10, "hazard": 3}),
        ("far", [(5, 15), spots[4]], {"length_km": 10, "hazard": 1}),
    )
    places = {"east": spots[3], "lost": spots[4], "west": spots[0]}
    hazards = travel_over(lines, places).hazards
    assert hazards[0, 2] == hazards[2, 0] == pytest.approx(150)
    assert hazards.diagonal().tolist() == [0, 0, 0]
    assert math.isinf(hazards[0, 1])


FERRY = build_lines(
    ("north", [(0, 15.509), (0, 16)], {"length_km": 60}),
    (
        "ferry",
        [(0, 15.5), (0, 15.509)],
        {
            "kind": "ferry",
            "surface": "water",
            "wait_min": 60,
            "crossing_min": 45,
            "length_km": 1,
        },
    ),
    ("south", [(0, 15), (0, 15.5)], {"length_km": 60}),
    (
        "river",
        [(-1, 15.5), (0, 15.5), (1, 15.5)],
        {"kind": "river", "surface": "water", "length_km": 220},
    ),
)
BANKS = {
    "a-south": (0, 15),
    "b-north": (0, 16),
    "c-west": (-1, 15.5),
    "d-east": (1, 15.5),
}


def test_a_ferry_waits_and_crosses_and_burns_nothing() -> None:
    travel = travel_over(FERRY, BANKS)
    # 60 min of road, 60 of waiting, 45 of crossing, 60 of road.
    assert travel.durations_min[0, 1] == pytest.approx(225)
    assert travel.lengths_m[0, 1] == pytest.approx(121_000)
    assert travel.fuels_l[0, 1] == pytest.approx(12)


def test_no_halt_is_allowed_on_a_ferry_nor_at_its_quay() -> None:
    travel = travel_over(FERRY, BANKS, replace(DRY, ferry_margin_min=10))
    # On the ferry and its quay from minute 60 to 165, ten more on each side.
    (span,) = travel.halt_blocked[0, 1]
    assert span == pytest.approx((50, 175))
    assert (0, 2) not in travel.halt_blocked


def test_a_road_vehicle_does_not_take_the_river_and_a_boat_no_road() -> None:
    by_road, by_boat = (travel_over(FERRY, BANKS, state) for state in (DRY, BOAT))
    assert math.isinf(by_road.durations_min[2, 3])
    # 220 km at 20 km/h; 40 L per 100 km.
    assert by_boat.durations_min[2, 3] == pytest.approx(660)
    assert by_boat.fuels_l[2, 3] == pytest.approx(88)
    assert math.isinf(by_boat.durations_min[0, 1])


def test_a_town_where_roads_meet_still_has_its_river() -> None:
    # Two roads meet in the town; the river passes 442 m south of it.
    lines = build_lines(
        ("north", [(0, 15.004), (0, 16)], {}),
        ("north-east", [(0, 15.004), (1, 16)], {}),
        (
            "river",
            [(-1, 15), (0, 15), (1, 15)],
            {"kind": "river", "surface": "water"},
        ),
    )
    places = {"north": (0, 16), "town": (0, 15.004), "west": (-1, 15)}
    network = build_network(lines, places, snap_km=1)
    speeds = pd.concat([SPEEDS, SPEEDS[2:3].assign(vehicle="boat")])
    by_boat = build_travel(network, speeds, sorted(places), BOAT)
    assert math.isfinite(by_boat.durations_min[1, 2])
    by_road = build_travel(network, SPEEDS, sorted(places), DRY)
    assert math.isfinite(by_road.durations_min[0, 1])


def test_an_unknown_vehicle_goes_nowhere() -> None:
    travel = travel_over(FERRY, BANKS, RoadState("camel"))
    assert np.isinf(travel.durations_min).sum() == 12


def test_a_route_needs_two_different_places() -> None:
    network = build_network(FERRY, BANKS, snap_km=1)
    with pytest.raises(RouteError, match="begins and ends"):
        find_routes(network, SPEEDS, ["a-south", "a-south"], DRY)


# Laws on random networks

GRID = [(x / 4, 15 + y / 4) for x in range(4) for y in range(3)]


@st.composite
def networks(draw):
    """Draw a layer on a small grid, with places on some of its corners."""
    pairs = draw(
        st.lists(
            st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(
                lambda pair: pair[0] != pair[1]
            ),
            min_size=1,
            max_size=16,
        )
    )
    lines = [
        (
            f"line-{number}",
            [GRID[a], GRID[b]],
            {
                "surface": draw(st.sampled_from(["paved", "track"])),
                "length_km": draw(st.integers(100, 300)),
                "hazard": draw(st.sampled_from([np.nan, 0, 1, 3])),
            },
        )
        for number, (a, b) in enumerate(pairs)
    ]
    used = sorted({end for pair in pairs for end in pair})
    return build_lines(*lines), {f"p{end:02}": GRID[end] for end in used}


@settings(max_examples=60)
@given(networks())
def test_durations_agree_with_networkx(drawn) -> None:
    lines, places = drawn
    network = build_network(lines, places, snap_km=0.001)
    travel = build_travel(network, SPEEDS, sorted(places), DRY)
    minutes = {"paved": 1.0, "track": 2.0}

    def weigh(_tail, _head, parallel) -> float:
        return min(
            edge["length_m"] / 1000 * minutes[edge["surface"]]
            for edge in parallel.values()
        )

    for i, origin in enumerate(sorted(places)):
        known = nx.single_source_dijkstra_path_length(
            network.graph, network.nodes[origin], weight=weigh
        )
        for j, destination in enumerate(sorted(places)):
            expected = known.get(network.nodes[destination], math.inf)
            assert travel.durations_min[i, j] == pytest.approx(expected)


@settings(max_examples=40)
@given(networks(), st.data())
def test_closing_a_line_never_shortens_a_trip(drawn, data) -> None:
    lines, places = drawn
    closed = data.draw(st.sets(st.sampled_from(list(lines["id"]))))
    network = build_network(lines, places, snap_km=0.001)
    ids = sorted(places)
    before = build_travel(network, SPEEDS, ids, DRY)
    state = replace(DRY, closed=frozenset(closed))
    after = build_travel(network, SPEEDS, ids, state)
    assert (after.durations_min >= before.durations_min - 1e-9).all()


@settings(max_examples=40)
@given(networks(), st.sampled_from([0.0, 0.5]))
def test_the_pieces_of_a_way_add_up_to_the_matrix(drawn, weight) -> None:
    lines, places = drawn
    state = replace(DRY, hazard_min_per_km=weight)
    travel = travel_over(lines, places, state, snap_km=0.001)
    for (i, a), (j, b) in itertools.product(enumerate(travel.place_ids), repeat=2):
        if math.isinf(travel.durations_min[i, j]):
            continue
        pieces = travel.trace(a, b)
        assert sum(p.duration_min for p in pieces) == travel.durations_min[i, j]
        assert sum(p.length_m for p in pieces) == travel.lengths_m[i, j]
        assert sum(p.fuel_l for p in pieces) == travel.fuels_l[i, j]
        hazard = sum((p.hazard or 0.0) * p.length_m / 1000 for p in pieces)
        assert hazard == travel.hazards[i, j]
        for piece, after in itertools.pairwise(pieces):
            assert piece.coordinates[-1] == after.coordinates[0]


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1), max_size=6))
def test_the_cuts_of_a_way_add_up_to_the_whole(shares) -> None:
    travel = travel_over(FERRY, BANKS)
    whole = travel.trace("a-south", "b-north")
    total_min = float(travel.durations_min[0, 1])
    cuts = sorted({0.0, total_min, *(share * total_min for share in shares)})
    parts = [cut_pieces(whole, a, b) for a, b in itertools.pairwise(cuts)]
    for name in ("length_m", "duration_min", "fuel_l"):
        known = sum(getattr(piece, name) for piece in whole)
        found = sum(getattr(piece, name) for part in parts for piece in part)
        assert found == pytest.approx(known, rel=1e-9)
    drawn_m = sum(
        measure_length_m(piece.coordinates) for part in parts for piece in part
    )
    known_m = sum(measure_length_m(piece.coordinates) for piece in whole)
    assert drawn_m == pytest.approx(known_m, rel=1e-6)
    filled = [part for part in parts if part]
    for part, after in itertools.pairwise(filled):
        assert part[-1].coordinates[-1] == pytest.approx(after[0].coordinates[0])


def test_a_whole_cut_is_the_way_itself() -> None:
    travel = travel_over(FERRY, BANKS)
    whole = travel.trace("a-south", "b-north")
    assert cut_pieces(whole, 0, 1_000_000) == whole
    assert cut_pieces(whole, 30, 30) == ()
