"""Many to many: by hand, against networkx, over graphs and files of one's own."""

from __future__ import annotations

import csv
import io
import json

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import patrolplan as pp
from patrolplan.cli import main
from patrolplan.errors import EdgeError
from patrolplan.geodesy import measure_length_m
from patrolplan.network.matrix import Arcs, find_quickest


def build_graph(kind=nx.MultiDiGraph) -> nx.Graph:
    """Return four towns: a square of 10 minutes a side, and one short cut."""
    graph = kind()
    for node, (x, y) in {"a": (0, 16), "b": (0.1, 16), "c": (0.1, 16.1)}.items():
        graph.add_node(node, x=x, y=y)
    graph.add_edge("a", "b", duration_min=10, length_m=12_000)
    graph.add_edge("b", "c", duration_min=20, length_m=11_000)
    graph.add_edge("a", "c", duration_min=45, length_m=9_000)
    return graph


PLACES = {"A": (0.0, 16.0), "B": (0.1, 16.0), "C": (0.1, 16.1)}


def test_a_graph_of_ones_own_by_hand() -> None:
    edges, minutes = pp.read_graph(build_graph())
    found = pp.build_matrix(edges, minutes, PLACES, snap_m=100)
    # The quickest way from A to C goes by B: 10 + 20 min, 12 + 11 km; none leads back.
    inf = np.inf
    assert found.durations_min.tolist() == [[0, 10, 30], [inf, 0, 20], [inf, inf, 0]]
    assert found.lengths_m.tolist() == [
        [0, 12_000, 23_000],
        [inf, 0, 11_000],
        [inf, inf, 0],
    ]
    assert found.place_ids == ("A", "B", "C")
    assert found.unjoined == ()


def test_an_undirected_graph_leads_both_ways() -> None:
    edges, minutes = pp.read_graph(build_graph(nx.Graph))
    found = pp.build_matrix(edges, minutes, PLACES, snap_m=100)
    assert (found.durations_min == found.durations_min.T).all()
    assert found.durations_min[0, 2] == 30


def test_places_join_in_the_middle_of_edges() -> None:
    # A road of 20 km on a meridian, 40 minutes; places a quarter and half way along.
    graph = nx.Graph()
    graph.add_node(1, x=0.0, y=16.0)
    graph.add_node(2, x=0.0, y=16.2)
    graph.add_edge(1, 2, duration_min=40, length_m=20_000)
    edges, minutes = pp.read_graph(graph)
    places = {"p": (0.0, 16.05), "q": (0.0, 16.1), "r": (0.01, 16.1), "far": (3.0, 16)}
    found = pp.build_matrix(edges, minutes, places, snap_m=2_000, access_kmh=30)
    assert found.durations_min[0, 1] == pytest.approx(10, rel=1e-4)
    assert found.lengths_m[0, 1] == pytest.approx(5_000, rel=1e-4)
    # r stands 1.07 km beside q: 2.14 min at 30 km/h.
    beside_m = measure_length_m([(0, 16.1), (0.01, 16.1)])
    assert found.lengths_m[1, 2] == pytest.approx(beside_m, rel=1e-3)
    assert found.durations_min[1, 2] == pytest.approx(beside_m / 500, rel=1e-3)
    assert found.unjoined == ("far",)
    assert np.isinf(found.durations_min[3, :3]).all()


def test_of_two_places_on_a_one_way_road_only_one_reaches_the_other() -> None:
    graph = nx.DiGraph()
    graph.add_node(1, x=0.0, y=16.0)
    graph.add_node(2, x=0.0, y=16.2)
    graph.add_edge(1, 2, duration_min=40)
    edges, minutes = pp.read_graph(graph)
    places = {"p": (0.0, 16.05), "q": (0.0, 16.1)}
    found = pp.build_matrix(edges, minutes, places, snap_m=100)
    assert found.durations_min[0, 1] == pytest.approx(10, rel=1e-4)
    assert np.isinf(found.durations_min[1, 0])


numbers = st.integers(0, 5)


@given(
    st.lists(st.tuples(numbers, numbers, st.integers(0, 9), st.integers(1, 99))),
    st.lists(numbers, min_size=1, max_size=6, unique=True),
)
def test_the_quickest_ways_are_those_of_networkx(rows, places) -> None:
    tail, head, minutes, metres = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    arcs = Arcs(tail, head, minutes.astype(float), metres.astype(float), 6)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(6))
    for one, two, takes, long in rows:
        # By minutes first; of those as quick, networkx takes the shortest.
        graph.add_edge(one, two, weight=takes * 10_000 + long, minutes=takes)
    spots = np.array(places)
    durations_min, lengths_m = find_quickest(arcs, spots, spots)
    for row, start in enumerate(places):
        quick = nx.single_source_dijkstra_path_length(graph, start, weight="minutes")
        both = nx.single_source_dijkstra_path_length(graph, start)
        for column, end in enumerate(places):
            assert durations_min[row, column] == quick.get(end, np.inf)
            if end in quick:
                # Among ways as quick scipy may take a longer one, never a shorter.
                assert lengths_m[row, column] >= both[end] % 10_000
            else:
                assert np.isinf(lengths_m[row, column])


def test_rows_in_turns_are_the_rows_at_once(monkeypatch) -> None:
    draw = np.random.default_rng(3)
    tail, head = draw.integers(0, 60, size=(2, 200))
    arcs = Arcs(tail, head, draw.random(200), draw.random(200), 60)
    every = np.arange(60)
    at_once = find_quickest(arcs, every, every)
    monkeypatch.setattr("patrolplan.network.matrix._BYTES", 12 * 60 * 7)
    for one, two in zip(at_once, find_quickest(arcs, every, every), strict=True):
        assert (one == two).all()


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), None, "x"])
@pytest.mark.parametrize("name", ["duration_min", "length_m"])
def test_a_weight_that_is_none_is_named(wrong, name) -> None:
    graph = build_graph()
    graph["a"]["b"][0][name] = wrong
    if wrong is None and name == "length_m":
        # Measured then: 0.1 degrees of longitude at 16 N.
        edges, _ = pp.read_graph(graph)
        assert edges.length_m[0] == pytest.approx(10_705, rel=1e-3)
        return
    with pytest.raises(EdgeError) as caught:
        pp.read_graph(graph)
    faults = caught.value.faults
    assert [fault.where for fault in faults] == [f"edge 'a>b 0', {name}"]
    assert repr(wrong) in faults[0].found


def test_nodes_without_position_and_ids_twice_are_named() -> None:
    graph = build_graph()
    graph.add_node("d", x="nowhere")
    graph.nodes["c"]["y"] = float("nan")
    with pytest.raises(EdgeError) as caught:
        pp.read_graph(graph)
    assert [fault.where for fault in caught.value.faults] == ["node 'c'", "node 'd'"]
    graph = build_graph()
    for _, _, told in graph.edges(data=True):
        told["id"] = "same"
    with pytest.raises(EdgeError, match="edge 'same': its id stands 3 times"):
        pp.read_graph(graph)


MAPPING = """
[network]
[network.columns]
id = "NUM"
highway = "CLASSE"
surface = "REVET"
[network.values.highway]
"Route nationale" = "primary"
"Bac" = "road"
"Piste" = "track"
[network.values.surface]
"Goudron" = "asphalt"
"""


@pytest.fixture
def foreign(tmp_path):
    """Give a foreign network with two components, a mapping, and three sites."""
    lines = [
        [(0.0, 16.0), (0.1, 16.0), (0.2, 16.0)],
        [(0.1, 16.0), (0.1, 16.1)],
        [(1.0, 16.0), (1.1, 16.0)],
    ]
    gpd.GeoDataFrame(
        {
            "NUM": ["N6", "P1", "P2"],
            "CLASSE": ["Route nationale", "Piste", "Piste"],
            "REVET": ["Goudron", None, None],
        },
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:4326",
    ).to_crs("EPSG:32631").to_file(tmp_path / "roads.gpkg", layer="reseau")
    (tmp_path / "map.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "sites.csv").write_text(
        "id,lon,lat,name\nw,0,16,West\n=n,0.1,16.1,North\nz,1.0,16,Apart\n",
        encoding="utf-8",
    )
    return tmp_path


def run(folder, *extra) -> int:
    return main(
        [
            "matrix",
            str(folder / "sites.csv"),
            "--network",
            str(folder / "roads.gpkg"),
            "--mapping",
            str(folder / "map.toml"),
            *extra,
        ]
    )


def test_the_verb_measures_over_a_file_with_foreign_columns(foreign, capsys) -> None:
    assert run(foreign) == 0
    printed = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(printed.out)))
    assert list(rows[0]) == ["from_id", "to_id", "duration_min", "length_km"]
    # What a spreadsheet would run as a formula bears a quote.
    assert [(r["from_id"], r["to_id"]) for r in rows[:2]] == [("w", "'=n"), ("w", "z")]
    # 10.705 km of tar at 70 km/h and 11.066 km of an unknown track at 30 km/h:
    # 9.18 + 22.13 = 31.31 min.
    assert float(rows[0]["length_km"]) == pytest.approx(21.77, abs=0.01)
    assert float(rows[0]["duration_min"]) == pytest.approx(31.31, abs=0.02)
    assert rows[1]["duration_min"] == rows[1]["length_km"] == ""
    assert "2 components" in printed.err
    assert "gap of 85," in printed.err


def test_the_verb_writes_a_file_and_json(foreign, capsys) -> None:
    out = foreign / "deep" / "matrix.csv"
    assert run(foreign, "--out", str(out), "--json", "--season", "rains") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["place_ids"] == ["w", "=n", "z"]
    assert told["durations_min"][0][2] is None
    assert [part["edges"] for part in told["components"]] == [3, 1]
    assert told["gaps"][0]["other"] == 0
    assert len(out.read_text("utf-8").splitlines()) == 7
    assert run(foreign, "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_a_hostile_id_reaches_no_terminal(foreign, capsys) -> None:
    text = "id,lon,lat\n\x1b[31mw,0,16\na\u2028b,0.01,16\n\x1b[2Jfar,9,9\n"
    (foreign / "sites.csv").write_text(text, encoding="utf-8")
    assert run(foreign) == 0
    said = capsys.readouterr()
    assert len(list(csv.DictReader(io.StringIO(said.out)))) == 6
    assert all(c.isprintable() or c == "\n" for c in said.out + said.err)
    assert "within 15 km of site" in said.err


def test_a_network_of_which_no_part_holds_a_site_is_refused(foreign, capsys) -> None:
    for text, cause in (
        ("id,lon,lat\nw,16,0.05\n", "longitude and latitude exchanged"),
        ("id,lon,lat\nw,-0.9,16\n", "a sign flipped"),
        ("id,lon,lat\nw,30,50\n", "another area"),
        ("id,lon,lat\nw,0.5,16.05\n", "the limit is too near"),
    ):
        (foreign / "sites.csv").write_text(text, encoding="utf-8")
        assert run(foreign, "--snap-km", "5") == 2
        said = capsys.readouterr().err
        assert "roads.gpkg: components: none holds a place of sites.csv" in said
        assert cause in said


def test_sites_that_cannot_be_meant_are_refused_at_once(foreign, capsys) -> None:
    (foreign / "sites.csv").write_text(
        "id,lon,lat\na,0,16\na,nan,16\nb,,16\n", encoding="utf-8"
    )
    assert run(foreign) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3
    (foreign / "sites.csv").write_text("id,lon,lat\na,16,116\n", encoding="utf-8")
    assert run(foreign) == 2
    assert "exchanged" in capsys.readouterr().err
    assert run(foreign, "--vehicle", "bicycle") == 2


def test_the_built_in_lines_are_measured_as_routes_are(tmp_path, capsys) -> None:
    # Two towns at nodes of RN17: the same way and speed as `patrolplan route`.
    (tmp_path / "sites.csv").write_text(
        "id,lon,lat\ngao,-0.0447,16.2717\nansongo,0.5022,15.6597\n", encoding="utf-8"
    )
    assert main(["matrix", str(tmp_path / "sites.csv"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["route", "Gao", "Ansongo", "--json"]) == 0
    route = json.loads(capsys.readouterr().out)["routes"][0]
    assert told["lengths_km"][0][1] == pytest.approx(route["length_km"], abs=1.5)
    assert told["durations_min"][0][1] == pytest.approx(route["duration_min"], abs=5)
