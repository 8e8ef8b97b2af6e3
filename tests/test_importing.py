"""Networks of one's own: read, classed, split, snapped, and told where they break."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from osm_files import Way, write_drawn_pbf, write_pbf, write_small_pbf
from patrolplan.errors import CrsError, LayerError, ScenarioError
from patrolplan.geodesy import measure_distance_m, measure_length_m
from patrolplan.layers import road_files
from patrolplan.layers.line_tables import LineTable
from patrolplan.layers.road_rules import classify_lines, read_road_rules
from patrolplan.network import read_road_network
from patrolplan.network.gaps import find_components, find_gaps
from patrolplan.network.noding import Vertices, split_lines
from patrolplan.network.snapping import snap_ends
from patrolplan.network_figures import NetworkFigures, read_network_figures
from theatre import list_lines


def lay(*lines: list[tuple[float, float]]) -> Vertices:
    """Return lines of whole units of 0.01 degrees, about 1.1 km, as vertices."""
    spots = np.array([spot for line in lines for spot in line], dtype=float) / 100
    number = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    return Vertices(spots[:, 0], spots[:, 1], number)


def ground(count: int) -> np.ndarray:
    return np.zeros(count, dtype=np.int16)


def list_edges(vertices: Vertices, level: np.ndarray) -> set[tuple]:
    """Return edges as pairs of positions with their length in mm, either way round."""
    noded = split_lines(vertices, level)
    spots = list(zip(noded.node_lon.tolist(), noded.node_lat.tolist(), strict=True))
    return {
        (*sorted((spots[a], spots[b])), round(m, 3))
        for a, b, m in zip(
            noded.from_node.tolist(),
            noded.to_node.tolist(),
            noded.length_m.tolist(),
            strict=True,
        )
    }


def write_lines(path: Path, lines: list, crs="EPSG:4326", **columns) -> Path:
    """Write lines of degrees with columns, in the format of the ending."""
    with np.errstate(invalid="ignore"):
        shapes = [None if line is None else shapely.LineString(line) for line in lines]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    with warnings.catch_warnings():
        # A file without a system is what some tests want.
        warnings.filterwarnings("ignore", "'crs' was not provided")
        frame.to_file(path, layer="lines" if path.suffix == ".gpkg" else None)
    return path


def list_faults(path: Path, **figures) -> list[str]:
    with pytest.raises(LayerError) as caught:
        read_road_network(path, NetworkFigures(**figures))
    return [str(fault) for fault in caught.value.faults]


CROSS = [[(0, 16), (0.1, 16), (0.2, 16)], [(0.1, 15.9), (0.1, 16), (0.1, 16.1)]]


def test_lines_split_where_they_share_a_vertex() -> None:
    # A road of three vertices, and one that ends on its middle: 3 edges, 4 nodes.
    noded = split_lines(lay([(0, 0), (1, 0), (2, 0)], [(1, 0), (1, 3)]), ground(2))
    assert noded.line.tolist() == [0, 0, 1]
    # Nodes are numbered south to north, then west to east.
    assert noded.node_lon.tolist() == [0, 0.01, 0.02, 0.01]
    assert noded.from_node.tolist() == [0, 1, 1]
    assert noded.to_node.tolist() == [1, 2, 3]
    # On the equator 0.01 degrees of longitude are 6378137 x pi / 18000 = 1113.195 m.
    assert noded.length_m[:2] == pytest.approx(6378137 * np.pi / 18000)
    north_m = measure_length_m([(0.01, 0), (0.01, 0.03)])
    assert noded.length_m[2] == pytest.approx(north_m)


def test_lines_that_merely_cross_are_never_joined() -> None:
    noded = split_lines(lay([(-1, 0), (1, 0)], [(0, -1), (0, 1)]), ground(2))
    assert len(noded.length_m) == 2
    assert len(noded.node_lon) == 4


@pytest.mark.parametrize(("level", "edges"), [(0, 4), (1, 2)])
def test_a_bridge_does_not_meet_what_it_crosses(level, edges) -> None:
    # Both run on through one and the same position.
    lines = lay([(-1, 0), (0, 0), (1, 0)], [(0, -1), (0, 0), (0, 1)])
    noded = split_lines(lines, np.array([0, level], dtype=np.int16))
    assert len(noded.length_m) == edges


def test_a_bridge_meets_the_roads_at_its_ends() -> None:
    lines = lay([(0, 0), (1, 0)], [(1, 0), (2, 0)], [(2, 0), (3, 0)])
    noded = split_lines(lines, np.array([0, 1, 0], dtype=np.int16))
    assert len(noded.node_lon) == 4
    assert find_components(*noded[:3], 4).tolist() == [0, 0, 0]


def test_vertices_that_repeat_and_lines_without_length_leave_no_edge() -> None:
    noded = split_lines(lay([(0, 0), (0, 0), (1, 0)], [(5, 5), (5, 5)]), ground(2))
    assert noded.line.tolist() == [0]
    assert split_lines(lay([(5, 5), (5, 5)]), ground(1)).length_m.tolist() == []


def test_a_line_that_meets_itself_is_split_there() -> None:
    ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (-1, 0)]
    noded = split_lines(lay(ring), ground(1))
    assert len(noded.length_m) == 2
    assert (noded.from_node == noded.to_node).tolist() == [True, False]


cells = st.tuples(st.integers(0, 4), st.integers(0, 4))
drawings = st.lists(st.lists(cells, min_size=2, max_size=6), min_size=1, max_size=8)


def total_m(vertices: Vertices) -> float:
    step = vertices.line[1:] == vertices.line[:-1]
    lon, lat, _ = vertices
    parts = measure_distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    return float(parts[step].sum())


@given(drawings)
def test_splitting_keeps_the_length_and_every_line(lines) -> None:
    vertices = lay(*lines)
    noded = split_lines(vertices, ground(len(lines)))
    assert noded.length_m.sum() == pytest.approx(total_m(vertices))
    moving = [k for k, line in enumerate(lines) if len(set(line)) > 1]
    assert sorted(set(noded.line.tolist())) == moving


@given(drawings, st.randoms(use_true_random=False))
def test_the_order_and_the_sense_of_lines_change_nothing(lines, random) -> None:
    levels = np.array([random.choice((0, 0, 1)) for _ in lines], dtype=np.int16)
    order = list(range(len(lines)))
    random.shuffle(order)
    turned = [lines[k][:: random.choice((1, -1))] for k in order]
    assert list_edges(lay(*turned), levels[order]) == list_edges(lay(*lines), levels)


@given(drawings)
def test_nodes_are_where_lines_end_or_share_a_vertex(lines) -> None:
    # The same by sets: what is counted twice among all vertices, or ends a line.
    runs = [
        [s for k, s in enumerate(line) if not k or s != line[k - 1]] for line in lines
    ]
    every = [spot for run in runs for spot in run]
    ends = {spot for run in runs if len(run) > 1 for spot in (run[0], run[-1])}
    shared = {s for run in runs if len(run) > 1 for s in run if every.count(s) > 1}
    noded = split_lines(lay(*lines), ground(len(lines)))
    spots = zip(noded.node_lon * 100, noded.node_lat * 100, strict=True)
    assert {(round(x), round(y)) for x, y in spots} == ends | shared


def test_a_loose_end_snaps_to_the_nearest_vertex_else_to_the_line() -> None:
    # 0.0001 degrees are 11 m: one end stands off a vertex, one off a long road.
    road = [(0.0, 0.0), (0.05, 0.0), (0.1, 0.0)]
    to_vertex = [(0.05, 0.0001), (0.05, 0.01)]
    to_line = [(0.02, 0.01), (0.02, 0.0001)]
    vertices = lay(
        *[[(x * 100, y * 100) for x, y in line] for line in (road, to_vertex, to_line)]
    )
    far = split_lines(snap_ends(vertices, ground(3), 10).vertices, ground(3))
    assert len(far.length_m) == 3
    snapped = snap_ends(vertices, ground(3), 12)
    assert snapped.gaps_m == pytest.approx([11.057, 11.057], abs=0.01)
    near = split_lines(snapped.vertices, ground(3))
    # The road is cut at its vertex and at the foot: three edges, and a side road each.
    assert len(near.length_m) == 5
    assert near.length_m.sum() == pytest.approx(
        total_m(vertices) + snapped.gaps_m.sum()
    )
    assert find_components(*near[:3], len(near.node_lon)).tolist() == [0] * 5


def test_two_ends_that_face_each_other_are_joined_once() -> None:
    vertices = lay([(0, 0), (1, 0)], [(1.01, 0), (2, 0)])
    snapped = snap_ends(vertices, ground(2), 20)
    assert len(snapped.gaps_m) == 1
    noded = split_lines(snapped.vertices, ground(2))
    assert find_components(*noded[:3], len(noded.node_lon)).tolist() == [0] * len(
        noded.line
    )


def test_an_end_does_not_snap_to_the_middle_of_a_bridge() -> None:
    vertices = lay([(-1, 0), (1, 0)], [(0, 0.01), (0, 1)])
    assert len(snap_ends(vertices, ground(2), 20).gaps_m) == 1
    bridge = np.array([1, 0], dtype=np.int16)
    assert len(snap_ends(vertices, bridge, 20).gaps_m) == 0


def test_what_is_joined_already_and_the_middles_of_lines_do_not_move() -> None:
    vertices = lay([(0, 0), (1, 0)], [(1, 0), (2, 0)], [(0.5, 0.005), (1.5, 0.005)])
    snapped = snap_ends(vertices, ground(3), 20)
    # Only the ends of the third line are loose and near another.
    assert len(snapped.gaps_m) == 2
    kept = set(zip(vertices.lon, vertices.lat, strict=True))
    assert kept <= set(zip(snapped.vertices.lon, snapped.vertices.lat, strict=True))


@given(drawings, st.randoms(use_true_random=False))
def test_snapping_does_not_hang_on_the_order_of_lines(lines, random) -> None:
    # Lines on a grid, each shifted a little: ends lie near others by 0.6 km.
    shifted = [
        [(x + k % 3 * 0.25, y + k % 5 * 0.13) for x, y in line]
        for k, line in enumerate(lines)
    ]
    order = list(range(len(lines)))
    random.shuffle(order)
    one = snap_ends(lay(*shifted), ground(len(lines)), 400)
    two = snap_ends(lay(*[shifted[k] for k in order]), ground(len(lines)), 400)
    assert sorted(np.round(one.gaps_m, 3)) == sorted(np.round(two.gaps_m, 3))
    assert list_edges(one.vertices, ground(len(lines))) == list_edges(
        two.vertices, ground(len(lines))
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(1, 9)),
        min_size=2,
        max_size=9,
        unique_by=lambda cell: cell[:2],
    )
)
def test_the_shortest_bridge_is_that_of_brute_force(spots) -> None:
    # Short roads apart: each a component unless two touch.
    lines = [[(x, y), (x + run / 10, y)] for x, y, run in spots]
    noded = split_lines(lay(*lines), ground(len(lines)))
    component = find_components(*noded[:3], len(noded.node_lon))
    gaps = find_gaps(noded.vertices, component)
    shapes = [
        shapely.LineString(
            np.column_stack(noded.vertices[:2])[noded.vertices.line == edge]
        )
        for edge in range(len(noded.line))
    ]
    assert [gap.component for gap in gaps] == list(range(1, component.max() + 1))
    for gap in gaps:
        bridges = []
        for own in np.flatnonzero(component == gap.component):
            for its in np.flatnonzero(component != gap.component):
                link = shapely.shortest_line(shapes[own], shapes[its])
                bridges.append(measure_length_m(link.coords))
        # Degrees near the equator are no plane, nor is the plane exact.
        assert gap.distance_m == pytest.approx(min(bridges), rel=2e-3)
        assert (
            gap.other
            == component[
                np.argmin(
                    [
                        shape.distance(shapely.Point(gap.to_lon, gap.to_lat))
                        for shape in shapes
                    ]
                )
            ]
        )


def test_components_are_numbered_by_length() -> None:
    noded = split_lines(lay([(0, 0), (1, 0)], [(5, 5), (9, 5)]), ground(2))
    assert find_components(*noded[:3], 4).tolist() == [1, 0]


def classify(**tags: list) -> tuple:
    size = len(next(iter(tags.values())))
    columns = {k.replace("wd_", "4wd_"): np.array(v, object) for k, v in tags.items()}
    table = LineTable(
        "roads",
        np.array([str(k) for k in range(size)], dtype=object),
        columns,
        np.zeros(2 * size),
        np.zeros(2 * size),
        np.arange(0, 2 * size + 1, 2),
    )
    return classify_lines(table, read_road_rules())


@pytest.mark.parametrize(
    ("tags", "surface"),
    [
        ({"highway": "track"}, "track_minor"),
        ({"highway": "track", "tracktype": "grade2"}, "unpaved"),
        ({"highway": "track", "tracktype": "grade5", "surface": "gravel"}, "unpaved"),
        ({"highway": "primary"}, "unpaved"),
        ({"highway": "trunk", "surface": "Asphalt "}, "paved"),
        (
            {"highway": "trunk", "surface": "asphalt", "smoothness": "bad"},
            "paved_degraded",
        ),
        ({"highway": "tertiary", "surface": "sand", "smoothness": "bad"}, "sand"),
        ({"highway": "primary", "wd_only": "yes"}, "track"),
        ({"highway": "secondary", "surface": "no such word"}, "unpaved"),
        ({"kind": "track", "surface": "sand"}, "sand"),
    ],
)
def test_a_surface_follows_from_the_table_of_rules(tags, surface) -> None:
    assert classify(**{k: [v] for k, v in tags.items()}).surface.tolist() == [surface]


@pytest.mark.parametrize(
    ("tags", "dry", "rains"),
    [
        ({"highway": "primary"}, True, True),
        ({"highway": "primary", "access": "private"}, False, False),
        ({"highway": "primary", "access": "no", "motor_vehicle": "yes"}, True, True),
        ({"highway": "primary", "motor_vehicle": "no"}, False, False),
        ({"highway": "path"}, False, False),
        ({"highway": "footway", "access": "yes"}, False, False),
        ({"highway": "track", "seasonal": "yes"}, True, False),
        ({"highway": "track", "ford": "yes"}, True, False),
        ({"highway": "track", "smoothness": "impassable"}, False, False),
        ({"kind": "road", "status_rains": "closed"}, True, False),
    ],
)
def test_what_is_open_follows_from_the_table_of_rules(tags, dry, rains) -> None:
    found = classify(**{k: [v] for k, v in tags.items()})
    assert (found.open_dry.tolist(), found.open_rains.tolist()) == ([dry], [rains])


def test_directions_levels_and_ferries() -> None:
    found = classify(
        highway=["primary", "primary", "motorway", "motorway", None, "proposed"],
        route=[None, None, None, None, "ferry", None],
        oneway=["yes", "-1", None, "no", None, None],
        bridge=[None, "yes", "no", None, None, None],
        layer=["2", None, None, "-1", "x", None],
    )
    assert found.oneway.tolist() == [1, -1, 1, 0, 0, 0]
    assert found.level.tolist() == [2, 1, 0, -1, 0, 0]
    assert found.kind.tolist() == ["road"] * 4 + ["ferry", ""]
    assert found.unknown == {"highway": {"proposed": 1}}


def test_each_rule_has_a_source_and_means_something() -> None:
    rules = read_road_rules()
    assert rules["source"].notna().all()
    assert rules["confidence"].isin(["high", "medium", "low", "choice"]).all()
    means = rules[["surface", "kind", "open_dry", "open_rains"]].notna().any(axis=1)
    assert means.all()


PLACES = {
    1: (0.0, 16.0),
    2: (0.1, 16.0),
    3: (0.2, 16.0),
    4: (0.1, 16.1),
    5: (0.1, 15.9),
    6: (0.3, 16.0),
}


def test_an_osm_pbf_becomes_edges_that_keep_their_ways(tmp_path) -> None:
    ways = [
        Way(
            11, (1, 2, 3), {"highway": "primary", "surface": "asphalt", "name": "RN16"}
        ),
        Way(12, (5, 2, 4), {"highway": "track", "oneway": "-1", "bridge": "no"}),
        Way(13, (3, 6), {"route": "ferry", "duration": "00:25"}),
        Way(14, (4, 6), {"highway": "footway"}),
        Way(15, (1, 5), {"waterway": "river"}),
        Way(16, (1, 4), {"highway": "proposed"}),
        Way(17, (1, 4, 5, 1), {"building": "yes"}),
    ]
    path = write_small_pbf(tmp_path / "small.osm.pbf", PLACES, ways)
    found = read_road_network(path)
    ids = list(found.edges.source_ids)
    assert ids == [("way/11",)] * 2 + [("way/12",)] * 2 + [("way/13",)]
    assert found.edges.edge_id.tolist()[:2] == ["way/11#1", "way/11#2"]
    assert found.edges.edge_id.tolist()[4] == "way/13"
    assert found.surface.tolist()[:4] == ["paved"] * 2 + ["track_minor"] * 2
    assert found.edges.both_ways.tolist() == [True, True, False, False, True]
    # The track is driven from north to south, against its drawing.
    lat = found.edges.node_lat
    assert (lat[found.edges.from_node[2:4]] > lat[found.edges.to_node[2:4]]).all()
    assert found.edges.geometry[2].coords[0][1] == lat[found.edges.from_node[2]]
    assert found.duration_min[4] == 25
    assert found.wait_min.tolist() == [0, 0, 0, 0, 60]
    assert found.left_out == {"highway=proposed": 1, "never open to vehicles": 1}
    assert len(found.components) == 1
    assert found.gaps == ()


def test_a_drawn_pbf_keeps_its_length_and_every_way(tmp_path) -> None:
    path = tmp_path / "drawn.osm.pbf"
    _, ways = write_drawn_pbf(path, 6_000, seed=7)
    lines = road_files.read_lines(path, NetworkFigures(), read_road_rules())
    assert len(lines) == ways
    found = read_road_network(path)
    shut = found.left_out["never open to vehicles"]
    assert len(set(found.edges.source_ids)) == ways - shut
    kept = {way for (way,) in found.edges.source_ids}
    drawn_m = sum(
        measure_length_m(
            np.column_stack((lines.lon, lines.lat))[
                lines.begins[k] : lines.begins[k + 1]
            ]
        )
        for k in range(len(lines))
        if lines.ids[k] in kept
    )
    assert found.edges.length_m.sum() == pytest.approx(drawn_m, rel=1e-9)
    assert sum(part.edges for part in found.components) == len(found.edges)
    assert len(found.gaps) == len(found.components) - 1


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_a_pbf_cut_short_is_refused_by_name(tmp_path, share) -> None:
    path = tmp_path / "cut.osm.pbf"
    write_drawn_pbf(path, 3_000)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    faults = list_faults(path)
    assert len(faults) == 1
    assert faults[0].startswith("cut.osm.pbf: block no. ")
    assert "bytes before it does" in faults[0]
    assert "did not end" in faults[0]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "no data"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "no PBF inside"),
        (b"\0\0\0\1", "the file ends 1 bytes before"),
        (b"\0\0\0\6\x0a\4blob", "no PBF inside"),
        (b"\xff" * 100, "no PBF inside"),
    ],
)
def test_what_is_no_pbf_is_refused(tmp_path, content, found) -> None:
    path = tmp_path / "none.osm.pbf"
    path.write_bytes(content)
    assert [found in fault for fault in list_faults(path)] == [True]


def test_a_pbf_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch) -> None:
    path = tmp_path / "big.osm.pbf"
    write_drawn_pbf(path, 3_000)
    monkeypatch.setattr("patrolplan.layers.pbf.MAX_UNPACKED_BYTES", 1_000)
    assert "when unpacked" in list_faults(path)[0]
    monkeypatch.undo()
    # A blob that says it unpacks to 64 MB: field 2, then the number.
    content = path.read_bytes()
    begin = content.index(b"\x10", content.index(b"OSMData"))
    lying = content[:begin] + b"\x10\x80\x80\x80\x20" + content[begin + 3 :]
    assert len(lying) > len(content)
    path.write_bytes(lying)
    assert list_faults(path)[0].startswith("big.osm.pbf: ")


def test_damaged_blobs_are_refused(tmp_path) -> None:
    path = tmp_path / "damaged.osm.pbf"
    write_drawn_pbf(path, 3_000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)
    assert "damaged" in list_faults(path)[0]


def test_a_pbf_without_roads_says_so(tmp_path) -> None:
    way = Way(1, (1, 2), {"waterway": "river"})
    path = write_small_pbf(tmp_path / "river.osm.pbf", PLACES, [way])
    assert "no highway and no ferry" in list_faults(path)[0]


def test_too_many_features_are_refused_before_they_are_built(
    tmp_path, monkeypatch
) -> None:
    path = tmp_path / "many.osm.pbf"
    write_drawn_pbf(path, 3_000)
    other = write_lines(tmp_path / "many.gpkg", CROSS, highway=["track"] * 2)
    monkeypatch.setattr(road_files, "MAX_LINES", 1)

    def fail(*_, **__):
        raise AssertionError

    monkeypatch.setattr(road_files.pyogrio.raw, "read", fail)
    for file in (path, other):
        assert "at most 1" in list_faults(file)[0]


ENDINGS = (".gpkg", ".geojson", ".shp")


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_roads_are_read_from_each_format(tmp_path, ending) -> None:
    path = tmp_path / f"roads{ending}"
    write_lines(path, CROSS, highway=["primary", "track"], surface=["asphalt", None])
    found = read_road_network(path)
    assert len(found.edges) == 4
    assert found.surface.tolist() == ["paved"] * 2 + ["track_minor"] * 2
    assert found.edges.source_ids == (("1",), ("1",), ("2",), ("2",))


def test_a_shapefile_is_read_from_its_folder_and_from_a_zip(tmp_path) -> None:
    folder = tmp_path / "roads"
    folder.mkdir()
    write_lines(folder / "roads.shp", CROSS, highway=["primary", "track"])
    pack = tmp_path / "roads.zip"
    with zipfile.ZipFile(pack, "w") as file:
        for part in sorted(folder.iterdir()):
            file.write(part, f"inner/../../{part.name}")
    assert len(read_road_network(folder).edges) == 4
    assert len(read_road_network(pack).edges) == 4
    assert not list(tmp_path.parent.glob("*.shp"))


def test_another_crs_is_brought_to_degrees(tmp_path) -> None:
    frame = gpd.GeoDataFrame(
        {"highway": ["primary", "track"]},
        geometry=[shapely.LineString(line) for line in CROSS],
        crs="EPSG:4326",
    )
    path = tmp_path / "utm.gpkg"
    frame.to_crs("EPSG:32631").to_file(path, layer="lines")
    found = read_road_network(path)
    # Rounding to a centimetre joins what was joined.
    assert len(found.edges) == 4
    assert found.edges.node_lat.max() == pytest.approx(16.1)


FOREIGN = {
    "columns": {
        "id": "ROAD_ID",
        "highway": "CLASSE",
        "surface": "REVETEMENT",
        "oneway": "SENS",
    },
    "values": {
        "highway": {"Route nationale": "primary", "Piste": "track"},
        "surface": {"Bitume": "asphalt", "Latérite": "laterite"},
        "oneway": {"unique": "yes", "double": "no"},
    },
}
FOREIGN_COLUMNS = {
    "ROAD_ID": ["N6", "P1"],
    "CLASSE": ["ROUTE NATIONALE", "Piste"],
    "REVETEMENT": ["Bitume", None],
    "SENS": ["double", "unique"],
}


def test_foreign_columns_and_words_are_mapped(tmp_path) -> None:
    path = write_lines(tmp_path / "ocha.gpkg", CROSS, **FOREIGN_COLUMNS)
    found = read_road_network(path, NetworkFigures(**FOREIGN))
    assert found.edges.source_ids == (("N6",), ("N6",), ("P1",), ("P1",))
    assert found.surface.tolist() == ["paved", "paved", "track_minor", "track_minor"]
    assert found.edges.both_ways.tolist() == [True, True, False, False]


def test_a_foreign_file_without_a_mapping_says_what_to_do(tmp_path) -> None:
    path = write_lines(tmp_path / "ocha.gpkg", CROSS, **FOREIGN_COLUMNS)
    faults = list_faults(path)
    assert "network.columns.highway" in faults[0]
    wrong = FOREIGN["columns"] | {"id": "ROADID", "surface": "REVETEMENTS"}
    faults = list_faults(path, columns=wrong, values=FOREIGN["values"])
    assert len(faults) == 2
    assert "it is called 'REVETEMENT' here?" in faults[0]
    assert "it is called 'ROAD_ID' here?" in faults[1]
    columns = {"highway": "CLASSE", "surface": "REVETEMENT"}
    faults = list_faults(path, columns=columns)
    assert len(faults) == 3
    assert any("highway 'piste': on 1 lines" in fault for fault in faults)
    assert any("[network.values.surface]" in fault for fault in faults)
    faults = list_faults(path, columns=columns, values={"ford": {"oui": "yes"}})
    assert "the column was not mapped" in faults[0]


def test_every_fault_of_a_file_is_named_at_once(tmp_path) -> None:
    lines = [
        [(0, 16), (0.1, 16)],
        [(0, 16), (np.nan, 16)],
        None,
        [(0, 16), (200, 16)],
        [(0, 16), (0, 16.1)],
        [(0, 16), (0.1, 16.1)],
    ]
    path = write_lines(
        tmp_path / "bad.gpkg",
        lines,
        id=["a", "b", "c", "d", "a", None],
        highway=["track"] * 5 + ["Piste"],
        minutes=[-3.0, 5.0, np.inf, 5.0, np.nan, 5.0],
    )
    faults = list_faults(path, columns={"duration_min": "minutes"})
    expected = [
        "bad.gpkg: highway 'piste': on 1 lines",
        "bad.gpkg: id 'a': 2 times",
        "bad.gpkg: line 'a', duration_min: empty",
        "bad.gpkg: line 'a', duration_min: found -3.0",
        "bad.gpkg: line 'b', geometry: no finite position",
        "bad.gpkg: line 'c', duration_min: found inf",
        "bad.gpkg: line 'c', geometry: none",
        "bad.gpkg: line 'd', geometry: found 200, 16",
        "bad.gpkg: line no. 6, id: empty",
    ]
    assert [f[: len(e)] for f, e in zip(faults, expected, strict=True)] == expected


def test_a_feature_of_several_parts_is_several_edges_of_one_source(tmp_path) -> None:
    parts = shapely.MultiLineString([[(0, 16), (0.1, 16)], [(0.3, 16), (0.4, 16)]])
    high = shapely.LineString([(0.1, 16, 300), (0.3, 16, 310)])
    frame = {"id": ["m", "z"], "highway": ["track"] * 2, "name": ["Piste", None]}
    path = tmp_path / "parts.gpkg"
    gpd.GeoDataFrame(frame, geometry=[parts, high], crs=4326).to_file(path)
    found = read_road_network(path)
    assert found.edges.edge_id.tolist() == ["m#1", "m#2", "z"]
    assert found.edges.source_ids == (("m",), ("m",), ("z",))
    assert found.name.tolist() == ["Piste", "Piste", None]
    assert len(found.components) == 1


def test_a_pbf_whose_nodes_are_in_no_order_is_read(tmp_path) -> None:
    ids = np.array([9, 3, 7])
    lon, lat = np.array([[0, 1, 2], [160, 160, 160]]) * 1_000_000
    path = tmp_path / "loose.osm.pbf"
    write_pbf(path, ids, lon, lat, [Way(1, (9, 3, 7), {"highway": "track"})])
    found = read_road_network(path)
    assert found.edges.geometry[0].coords[:] == [(0, 16), (0.1, 16), (0.2, 16)]


def test_a_line_round_a_pole_has_no_length(tmp_path) -> None:
    lines = [[(0, 90), (10, 90)], [(0, 15), (1, 15)]]
    path = write_lines(tmp_path / "roads.geojson", lines, highway=["track"] * 2)
    assert (read_road_network(path).edges.length_m >= 0).all()


def test_points_and_other_layers_are_refused(tmp_path) -> None:
    path = tmp_path / "points.gpkg"
    frame = {"highway": ["track"] * 25}
    points = [shapely.Point(k / 10, 16) for k in range(25)]
    gpd.GeoDataFrame(frame, geometry=points, crs=4326).to_file(path, layer="lines")
    faults = list_faults(path)
    # Twenty by name, and the others as a number.
    assert len(faults) == 21
    assert any("5 more features like these" in fault for fault in faults)
    frame = {"highway": ["track"] * 2}
    shapes = [shapely.LineString(line) for line in CROSS]
    roads = gpd.GeoDataFrame(frame, geometry=shapes, crs=4326)
    roads.to_file(path, layer="roads")
    (path.parent / "two.gpkg").unlink(missing_ok=True)
    two = tmp_path / "two.gpkg"
    roads.to_file(two, layer="rivers")
    roads.to_file(two, layer="roads")
    assert "found rivers, roads" in list_faults(two)[0]
    assert len(read_road_network(two, NetworkFigures(layer="roads")).edges) == 4


def test_metres_taken_for_degrees_and_a_lost_crs_are_named(tmp_path) -> None:
    far = [[(500_000, 1_800_000), (510_000, 1_800_000)]]
    path = write_lines(tmp_path / "metres.gpkg", far, highway=["track"])
    assert "metres taken for degrees" in list_faults(path)[0]
    path = write_lines(tmp_path / "lost.shp", CROSS, crs=None, highway=["track"] * 2)
    with pytest.raises(CrsError, match="lost in an export"):
        read_road_network(path)
    path = write_lines(
        tmp_path / "swapped.gpkg", [[(16, 100), (16, 110)]], highway=["track"]
    )
    assert "exchanged" in list_faults(path)[0]


def test_lengths_go_before_the_drawing_and_their_unit_is_checked(tmp_path) -> None:
    columns = {"highway": ["track"] * 2}
    path = write_lines(tmp_path / "km.gpkg", CROSS, length_km=[30.0, np.nan], **columns)
    found = read_road_network(path)
    # 0.1 degrees each way: half of 30 km on either side.
    assert found.edges.length_m[:2] == pytest.approx([15_000, 15_000], rel=1e-6)
    assert found.edges.length_m[2] == pytest.approx(11_066, rel=1e-3)
    path = write_lines(
        tmp_path / "m.gpkg", CROSS, length_km=[2140.0, 2213.0], **columns
    )
    assert "times those drawn" in list_faults(path)[0]
    path = write_lines(tmp_path / "mm.gpkg", CROSS, length_km=[21400.0, 1.0], **columns)
    assert "metres taken for kilometres?" in list_faults(path)[0]


def test_a_shapefile_cut_short_or_without_its_parts_is_refused(tmp_path) -> None:
    path = write_lines(tmp_path / "roads.shp", CROSS, highway=["track"] * 2)
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    assert "a whole shapefile" in list_faults(path)[0]
    path.write_bytes(content)
    path.with_suffix(".dbf").unlink()
    assert "no .dbf beside it" in list_faults(path)[0]
    path.write_bytes(b"<OGRVRTDataSource/>")
    assert "no shapefile inside" in list_faults(path)[0]


def test_a_zip_that_is_none_or_a_bomb_is_refused(tmp_path) -> None:
    path = tmp_path / "roads.zip"
    path.write_bytes(b"PK\3\4 and no more")
    assert "roads.zip: zip" in list_faults(path)[0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.shp", bytes(17 * 1024**2))
    assert "times larger when unpacked" in list_faults(path)[0]


@pytest.mark.parametrize("at", [90, 200, 300, 400])
def test_a_zip_that_was_damaged_is_refused(tmp_path, at) -> None:
    path = tmp_path / "roads.zip"
    noise = np.random.default_rng(1).integers(0, 16, 4_000, dtype=np.uint8)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.shp", noise.tobytes())
    packed = bytearray(path.read_bytes())
    packed[at : at + 60] = b"\xff" * 60
    path.write_bytes(packed)
    assert "roads.zip: zip" in list_faults(path)[0]


def test_a_geojson_that_leads_elsewhere_is_refused(tmp_path) -> None:
    path = write_lines(tmp_path / "roads.geojson", CROSS, highway=["track"] * 2)
    document = json.loads(path.read_text("utf-8"))
    document["crs"] = {"type": "link", "properties": {"href": "http://[::1]/crs"}}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "links are not read" in list_faults(path)[0]


def test_other_endings_and_files_that_are_not_there_are_refused(tmp_path) -> None:
    path = tmp_path / "roads.kml"
    path.write_text("<kml/>", encoding="utf-8")
    assert ".osm.pbf, .gpkg" in list_faults(path)[0]
    for name in ("none.gpkg", "none.osm.pbf", "none.shp", "none.zip", "none.parquet"):
        assert "it was moved" in list_faults(tmp_path / name)[0]
    empty = tmp_path / "folder"
    empty.mkdir()
    assert "0 shapefiles" in list_faults(empty)[0]


def test_geoparquet_needs_its_extra_and_says_which(tmp_path, monkeypatch) -> None:
    path = tmp_path / "roads.parquet"
    path.write_bytes(b"PAR1" + bytes(20))
    assert "no end of a Parquet file" in list_faults(path)[0]
    path.write_bytes(b"nothing of that kind")
    assert "no Parquet inside" in list_faults(path)[0]
    path.write_bytes(b"PAR1" + bytes(20) + b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "patrolplan[parquet]" in list_faults(path)[0]


@pytest.mark.parametrize("drawn", ["geometry", "geom"])
def test_geoparquet_is_read(tmp_path, drawn) -> None:
    pytest.importorskip("pyarrow")
    shapes = [shapely.LineString(line) for line in CROSS]
    frame = gpd.GeoDataFrame(
        {"CLASSE": ["primary", "track"]}, geometry=shapes, crs="EPSG:4326"
    )
    path = tmp_path / "roads.parquet"
    frame = frame.rename(columns={"geometry": drawn}).set_geometry(drawn)
    frame.to_parquet(path)
    figures = NetworkFigures(columns={"highway": "CLASSE"})
    assert len(read_road_network(path, figures).edges) == 4


def test_a_mapping_is_a_table_of_a_scenario_or_of_its_own(tmp_path) -> None:
    text = """
        name = "of a scenario, which this reader leaves alone"
        [network]
        file = "roads.gpkg"
        snap_m = 25
        [network.columns]
        highway = "CLASSE"
        [network.values.highway]
        "Piste" = "track"
    """
    path = tmp_path / "map.toml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    figures = read_network_figures(path)
    assert figures.columns == {"highway": "CLASSE"}
    assert figures.snap_m == 25
    # Paths are relative to the file that names them.
    assert Path(figures.file) == tmp_path / "roads.gpkg"
    for wrong, where in (
        ("[network]\nsnap_m = -1\ncolour = 3", "network.colour"),
        ("[network.columns]\nhighways = 'x'", "network.columns"),
        ("x = 1", "network"),
        ("[network", "file"),
    ):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(ScenarioError) as caught:
            read_network_figures(path)
        assert any(fault.where.startswith(where) for fault in caught.value.faults)


def test_a_rule_that_contradicts_another_is_refused(tmp_path) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(
        "tag,value,replaces,surface\n"
        "highway,track,,track\nhighway,track,unknown,sand\nhighways,x,,\n",
        encoding="utf-8",
    )
    with pytest.raises(LayerError, match="expected one of"):
        read_road_rules(path)
    path.write_text(
        "tag,value,replaces,surface\nhighway,track,,track\nhighway,track,unknown,sand\n",
        encoding="utf-8",
    )
    with pytest.raises(LayerError) as caught:
        read_road_rules(path)
    assert len(caught.value.faults) == 2


OWN = """
[network]
ferry_wait_min = 45
[network.columns]
id = "NUM"
name = "NOM"
highway = "CLASSE"
surface = "REVET"
length_km = "KM"
[network.values.highway]
"Route" = "secondary"
"Piste" = "track"
"Bac" = "secondary"
[network.values.surface]
"Goudron" = "asphalt"
"""


def test_a_scenario_reads_lines_with_foreign_columns(theatre, layers) -> None:
    lines = theatre.read_frame("lines")
    kept = lines[lines["kind"].isin(["road", "track"])]
    frame = gpd.GeoDataFrame(
        {
            "NUM": kept["id"],
            "NOM": kept["name"],
            "CLASSE": kept["kind"].map({"road": "Route", "track": "Piste"}),
            "REVET": kept["surface"].replace({"paved": "Goudron"}),
            "KM": kept["length_km"],
        },
        geometry=kept.geometry,
        crs=kept.crs,
    )
    frame.to_crs("EPSG:32630").to_file(theatre.point_to("lines", "ocha.gpkg"))
    # Without the mapping it is refused as a lines layer of the house.
    assert "ocha.gpkg: column 'id': it is missing" in list_lines(theatre.list_faults())
    theatre.add_to_scenario(OWN)
    found = theatre.read_layers().lines.set_index("id")
    own = layers.lines.set_index("id").loc[found.index]
    for column in ("name", "kind", "surface", "length_km"):
        assert found[column].tolist() == own[column].tolist(), column
    assert found["hazard"].isna().all()


SOAK = """
import json, resource, sys, time
from patrolplan.network import read_road_network
began = time.monotonic()
found = read_road_network(sys.argv[1])
took_s = time.monotonic() - began
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([took_s, peak_mb, len(found.edges), len(found.components)]))
"""


@pytest.mark.soak
def test_two_million_nodes_are_read_in_ten_seconds_and_bounded_memory(tmp_path) -> None:
    path = tmp_path / "large.osm.pbf"
    nodes, ways = write_drawn_pbf(path, 2_200_000)
    done = subprocess.run(
        [sys.executable, "-c", SOAK, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    took_s, peak_mb, edges, components = json.loads(done.stdout)
    print(  # noqa: T201 - the figures that the docs tell
        f"{nodes:,} nodes, {ways:,} ways: {took_s:.1f} s, {peak_mb:,.0f} MB, "
        f"{edges:,} edges, {components:,} components"
    )
    assert took_s < 10
    assert peak_mb < 1500
    shutil.rmtree(tmp_path)
