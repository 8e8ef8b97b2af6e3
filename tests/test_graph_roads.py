"""A networkx graph of an analyst's own: planned on, measured over, refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

import patrolplan as pp
from patrolplan.errors import EdgeError
from patrolplan.geodesy import measure_length_m
from patrolplan.network_figures import NetworkFigures

ROOT = Path(__file__).resolve().parents[1]
PLACES = {"west": (0.0, 16.0), "east": (0.2, 16.0), "north": (0.1, 16.1)}
DRY = pp.RoadState("light_4x4", "dry")

# Speeds that make sums easy: a kilometre takes one minute, or two.
SPEEDS = pd.DataFrame(
    [
        ("light_4x4", "unpaved", "dry", 60, 10),
        ("light_4x4", "track", "dry", 60, 10),
        ("light_4x4", "track_minor", "dry", 30, 20),
        ("light_4x4", "unpaved", "rains", 60, 10),
    ],
    columns=["vehicle", "surface", "season", "speed_kmh", "fuel_l_per_100km"],
)


def build_osm_like(kind=nx.MultiDiGraph) -> nx.Graph:
    """Return a crossing as osmnx has it: three arms, two-way ones as two edges."""
    graph = kind(crs="epsg:4326")
    for node, (x, y) in {10: (0, 16), 11: (0.1, 16), 12: (0.2, 16)}.items():
        graph.add_node(node, x=float(x), y=float(y), street_count=3)
    graph.add_node(13, x=0.1, y=16.1)
    bent = shapely.LineString([(0.1, 16.0), (0.15, 16.01), (0.2, 16.0)])
    arms = (
        (10, 11, {"highway": "primary", "length": 10_800.0, "osmid": 1}),
        (11, 12, {"highway": ["primary", "track"], "geometry": bent, "osmid": [2, 3]}),
        (11, 13, {"highway": "track", "length": 11_100.0, "oneway": True}),
    )
    for tail, head, told in arms:
        graph.add_edge(tail, head, **told)
        if graph.is_directed() and not told.get("oneway"):
            back = dict(told)
            if "geometry" in back:
                back["geometry"] = back["geometry"].reverse()
            graph.add_edge(head, tail, **back)
    return graph


def measure(network: pp.Network, state: pp.RoadState = DRY) -> pp.Travel:
    return pp.build_travel(network, SPEEDS, tuple(PLACES), state)


BENT_M = measure_length_m([(0.1, 16.0), (0.15, 16.01), (0.2, 16.0)])


@pytest.mark.parametrize("kind", [nx.MultiDiGraph, nx.DiGraph, nx.MultiGraph, nx.Graph])
def test_a_graph_like_those_of_osmnx_is_planned_on(kind) -> None:
    graph = build_osm_like(kind)
    network = pp.build_network(graph=graph, places=PLACES, snap_km=1)
    travel = measure(network)
    # A primary road is unpaved, 10.8 km in 10.8 min; of "primary" and "track" the worse
    # counts, a minor track at 30 km/h, as long as drawn; so is the arm northwards.
    bent_min = BENT_M / 1000 * 2
    assert travel.durations_min[0, 1] == pytest.approx(10.8 + bent_min)
    assert travel.durations_min[1, 0] == pytest.approx(10.8 + bent_min)
    assert travel.lengths_m[0, 2] == pytest.approx(21_900)
    assert travel.durations_min[0, 2] == pytest.approx(10.8 + 22.2)
    # Only an undirected graph leads back from the north.
    assert np.isinf(travel.durations_min[2, 0]) == graph.is_directed()
    assert network.unjoined == ()
    (route,) = pp.find_routes(network, SPEEDS, ["west", "east"], DRY)
    assert route.coordinates == ((0, 16), (0.1, 16), (0.15, 16.01), (0.2, 16))
    # The table has no speed on tracks in the rains.
    assert np.isinf(
        measure(network, pp.RoadState("light_4x4", "rains")).durations_min[0, 1]
    )


def test_the_matrix_of_a_graph_is_that_of_the_network_built_of_it() -> None:
    graph = build_osm_like()
    places = {"a": (0.03, 16.002), "b": (0.16, 16.01), "c": (0.1, 16.05)}
    roads = pp.read_road_graph(graph)
    minutes = pp.weigh_edges(roads, SPEEDS, "light_4x4", "dry")
    found = pp.build_matrix(roads.edges, minutes, places, access_kmh=60)
    network = pp.build_network(graph=graph, places=places, snap_km=15)
    travel = pp.build_travel(network, SPEEDS, tuple(places), DRY)
    np.testing.assert_allclose(found.durations_min, travel.durations_min, rtol=1e-3)
    np.testing.assert_allclose(found.lengths_m, travel.lengths_m, rtol=1e-3)
    # What is one road both ways is one edge: three of five.
    assert len(roads.edges) == 3
    assert roads.edges.both_ways.tolist() == [True, True, False]
    assert np.isinf(travel.durations_min[2, 0])
    assert np.isfinite(travel.durations_min[0]).all()


def test_the_public_graph_of_the_built_in_theatre_comes_back_the_same() -> None:
    scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
    layers = pp.read_layers(scenario)
    bases = pp.find_open_bases(layers.bases, scenario)
    places = pp.list_places(layers.population, bases)
    snap_km = scenario.movement.snap_km
    before = pp.build_network(layers.lines, places, snap_km=snap_km)
    after = pp.build_network(
        graph=before.graph, places=places, snap_km=snap_km, bases=list(bases["id"])
    )
    assert before.nodes == after.nodes
    assert before.unjoined == after.unjoined
    assert before.graph.number_of_edges() == after.graph.number_of_edges()
    roads = pp.read_roads(scenario, layers)
    for vehicle, day in (
        ("light_4x4", date(2014, 1, 9)),
        ("armoured", date(2014, 8, 20)),
        ("light_4x4+boat", date(2014, 8, 20)),
    ):
        state = roads.find_state(vehicle, day)
        one, two = (
            pp.build_travel(network, layers.speeds, tuple(places), state)
            for network in (before, after)
        )
        for name in ("durations_min", "lengths_m", "fuels_l", "hazards"):
            np.testing.assert_allclose(getattr(one, name), getattr(two, name))


def test_what_an_edge_says_of_itself_goes_before_the_table() -> None:
    graph = nx.Graph()
    graph.add_node("a", x=0.0, y=16.0)
    graph.add_node("b", x=0.0, y=16.2)
    graph.add_edge(
        "a", "b", kind="track", surface="track", length_m=20_000, speed_kmh=15
    )
    places = {"a": (0.0, 16.0), "half": (0.0, 16.1), "b": (0.0, 16.2)}

    def find_min() -> list[float]:
        network = pp.build_network(graph=graph, places=places, snap_km=1)
        return pp.build_travel(network, SPEEDS, tuple(places), DRY).durations_min[0]

    # 20 km at 15 km/h are 80 min; half way is half of them.
    np.testing.assert_allclose(find_min(), [0, 40, 80], rtol=1e-3)
    graph["a"]["b"]["duration_min"] = 100.0
    np.testing.assert_allclose(find_min(), [0, 50, 100], rtol=1e-3)


def test_foreign_attributes_are_mapped_as_columns_are() -> None:
    graph = nx.DiGraph()
    graph.add_node(1, x=0.0, y=16.0)
    graph.add_node(2, x=0.1, y=16.0)
    for ends in ((1, 2), (2, 1)):
        graph.add_edge(*ends, NUM="R1", CLASSE="Piste", KM=11.0)
    figures = NetworkFigures(
        columns={"id": "NUM", "highway": "CLASSE", "length_km": "KM"},
        values={"highway": {"piste": "track"}},
    )
    places = {"a": (0.0, 16.0), "b": (0.1, 16.0)}
    network = pp.build_network(graph=graph, places=places, snap_km=1, figures=figures)
    travel = pp.build_travel(network, SPEEDS, ("a", "b"), DRY)
    # 11 km of minor track, two minutes each; both ways bear one id and are one line.
    np.testing.assert_allclose(travel.durations_min, [[0, 22], [22, 0]])
    shut = pp.RoadState("light_4x4", closed=frozenset({"R1"}))
    shut_min = pp.build_travel(network, SPEEDS, ("a", "b"), shut).durations_min
    assert np.isinf(shut_min).sum() == 2
    graph.edges[1, 2]["CLASSE"] = "Pste"
    with pytest.raises(EdgeError, match="pste"):
        pp.build_network(graph=graph, places=places, snap_km=1, figures=figures)


def test_roads_that_cross_without_a_node_do_not_meet() -> None:
    # The bridge has a vertex, and even a node, right over a node of the road below.
    graph = nx.Graph()
    spots = {"w": (0, 16), "m": (0.1, 16), "e": (0.2, 16), "s": (0.1, 15.9)}
    spots |= {"over": (0.1, 16), "n": (0.1, 16.1)}
    for node, (x, y) in spots.items():
        graph.add_node(node, x=x, y=y)
    nx.add_path(graph, ["w", "m", "e"], highway="track")
    nx.add_path(graph, ["s", "over", "n"], highway="track")
    places = {"w": (0, 16), "e": (0.2, 16), "s": (0.1, 15.9), "n": (0.1, 16.1)}
    network = pp.build_network(graph=graph, places=places, snap_km=0.1)
    found = pp.build_travel(network, SPEEDS, tuple(places), DRY).durations_min
    assert np.isfinite(found).tolist() == [
        [True, True, False, False],
        [True, True, False, False],
        [False, False, True, True],
        [False, False, True, True],
    ]


def list_wheres(call: Callable[[], object]) -> list[str]:
    with pytest.raises(EdgeError) as caught:
        call()
    return [fault.where for fault in caught.value.faults]


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf"), "long"])
@pytest.mark.parametrize("name", ["length", "speed_kmh", "duration_min", "hazard"])
def test_a_number_that_is_none_is_named(wrong, name) -> None:
    graph = build_osm_like(nx.DiGraph)
    graph.edges[10, 11][name] = wrong
    call = lambda: pp.build_network(graph=graph, places=PLACES, snap_km=1)  # noqa: E731
    assert list_wheres(call) == [f"edge '10>11', {name}"]


def test_all_faults_of_a_graph_are_told_at_once() -> None:
    graph = build_osm_like(nx.DiGraph)
    del graph.nodes[13]["x"]
    graph.edges[10, 11]["length"] = -3
    graph.edges[11, 10]["hazard"] = 4
    graph.edges[11, 12]["geometry"] = shapely.LineString([(5, 16), (6, 16)])
    graph.edges[12, 11]["geometry"] = shapely.Point(0, 0)
    graph.edges[11, 13]["highway"] = "rod"
    graph.edges[10, 11]["id"] = graph.edges[11, 13]["id"] = "twice"
    call = lambda: pp.build_network(graph=graph, places=PLACES, snap_km=1)  # noqa: E731
    assert list_wheres(call) == [
        "edge '11>10', hazard",
        "edge '11>12', geometry",
        "edge '12>11', geometry",
        "edge 'twice'",
        "edge 'twice', length",
        "highway 'rod'",
        "node 13",
    ]


def test_a_graph_that_says_nothing_of_its_roads_is_refused() -> None:
    graph = nx.Graph()
    graph.add_node(1, x=0.0, y=16.0)
    call = lambda: pp.build_network(graph=graph, snap_km=1)  # noqa: E731
    assert list_wheres(call) == ["edges"]
    graph.add_edge(1, 1, weight=3)
    assert list_wheres(call) == ["columns"]
    graph.edges[1, 1]["highway"] = "footway"
    assert list_wheres(call) == ["edges"]
    graph.graph["crs"] = "EPSG:32630"
    graph.nodes[1]["x"] = 500_000.0
    assert list_wheres(call) == ["crs"]
    with pytest.raises(ValueError, match="one of them"):
        pp.build_network(snap_km=1)


def test_a_graph_without_a_base_is_refused() -> None:
    graph = build_osm_like()
    places = PLACES | {"base": (16.0, 0.0)}
    network = pp.build_network(graph=graph, places=places, snap_km=1)
    assert network.unjoined == ("base",)
    with pytest.raises(EdgeError, match=r"none holds a place of the bases.*exchanged"):
        pp.build_network(graph=graph, places=places, snap_km=1, bases=["base"])
    with pytest.raises(EdgeError, match="none holds a place of the places"):
        pp.build_network(graph=graph, places={"far": (9.0, 9.0)}, snap_km=1)


def test_the_example_of_the_page_runs() -> None:
    page = (ROOT / "docs" / "own-roads.md").read_text(encoding="utf-8")
    part = page.split("## A graph of one's own")[1]
    first, large, _ = re.findall(r"```python\n(.*?)```", part, flags=re.DOTALL)
    scenario = pp.read_scenario(pp.find_shipped() / "scenarios" / "north-mali.toml")
    names = {"pp": pp, "layers": pp.read_layers(scenario)}
    exec(first + large, names)
    # 95 km unpaved at 40 km/h, then a line as drawn at 25 km/h; Bourem is a node.
    drawn_m = measure_length_m([(-0.35, 16.95), (1.41, 18.44)])
    minutes = 95 / 40 * 60 + drawn_m / 1000 / 25 * 60
    assert names["travel"].durations_min[0, 1] == pytest.approx(minutes)
    assert names["route"].length_m == pytest.approx(95_000 + drawn_m)
