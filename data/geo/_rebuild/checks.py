"""Faults of the built theatre: an empty list is a sound one."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import networkx as nx
from shapely import unary_union
from shapely.geometry import LineString

from _rebuild.geo import METRIC, Point, measure_km, project

LONGEST = 1.6
TINY_KM = 6.0
TOWN_M = 4_000.0  # the coarse centreline may run on the wrong side of a town
WORDS = {
    "kind": {"road", "track", "ferry", "river"},
    "surface": {
        "paved",
        "paved_degraded",
        "unpaved",
        "track",
        "track_minor",
        "sand",
        "water",
    },
    "status_dry": {"open", "caution", "closed", "unknown"},
    "status_rains": {"open", "caution", "closed", "unknown"},
    "confidence": {"high", "medium", "low"},
    "hazard": {0, 1, 2, 3, None},
}


def check_lines(
    lines: list[dict[str, Any]], places: dict[str, Point], site_ids: set[str]
) -> list[str]:
    """Lengths, ends, words, doubles, links."""
    faults = []
    seen: dict[tuple[frozenset[str], str], str] = {}
    graph = nx.Graph()
    for line in lines:
        name, points = line["id"], line["points"]
        faults += [
            f"{name}: {column} {line[column]!r} is no known word"
            for column, words in WORDS.items() if line[column] not in words
        ]  # fmt: skip
        ends = [places[line["from_id"]], places[line["to_id"]]]
        if [points[0], points[-1]] != ends:
            faults.append(f"{name}: an end is not on its place")
        geodesic, drawn, km = measure_km(ends), measure_km(points), line["length_km"]
        if km < geodesic - 0.05:
            faults.append(
                f"{name}: {km} km is shorter than the geodesic {geodesic:.1f}"
            )
        small = line["kind"] == "ferry" and km <= TINY_KM
        if km > LONGEST * geodesic and not small:
            faults.append(f"{name}: {km} km is over 1.6 times {geodesic:.1f}")
        if km < 0.98 * drawn:
            faults.append(f"{name}: {km} km is shorter than its drawing {drawn:.1f}")
        if not line["length_low_km"] <= km <= line["length_high_km"]:
            faults.append(f"{name}: {km} km is outside its own low and high")
        if not LineString(points).is_simple:
            faults.append(f"{name}: crosses itself")
        if (line["kind"] == "ferry") != (line["wait_min"] is not None):
            faults.append(f"{name}: ferries and only ferries wait")
        key = (frozenset((line["from_id"], line["to_id"])), line["kind"])
        if key in seen:
            faults.append(f"{name}: a second line of the same road as {seen[key]}")
        seen[key] = name
        if line["kind"] != "river":
            graph.add_edge(line["from_id"], line["to_id"])
    faults += [f"{s}: no line leads to it" for s in sorted(site_ids - set(graph))]
    if not nx.is_connected(graph):
        faults.append("the network without the river is not in one piece")
    return faults


def check_crossings(
    lines: list[dict[str, Any]], allowed: set[str], rivers: gpd.GeoDataFrame
) -> list[str]:
    """Roads and tracks that cross a river where no bridge or ferry is."""
    table = rivers[rivers["name"].isin(["Niger", "Bani"])].to_crs(METRIC)
    water = unary_union(table.geometry.tolist())
    faults = []
    for line in lines:
        if line["id"] in allowed or line["kind"] not in {"road", "track"}:
            continue
        drawn = LineString(project(line["points"]))
        towns = drawn.boundary.buffer(TOWN_M)
        if not drawn.difference(towns).intersection(water).is_empty:
            faults.append(f"{line['id']}: crosses a river without bridge or ferry")
    return faults
