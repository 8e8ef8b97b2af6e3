"""Traces the Niger: centreline between two places, and a road along one bank."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
from shapely.geometry import LineString, MultiLineString
from shapely.geometry import Point as ShapelyPoint

from _rebuild.geo import METRIC, Point, measure_km, project, unproject

JOIN_M = 6_000.0  # ends of neighbouring centrelines closer than this are one river
BANK_M = 1_800.0
ENDS_M = 4_500.0  # near its ends a road leaves the bank for the town


def build_river_graph(rivers: gpd.GeoDataFrame) -> nx.Graph:
    """Join the vertices of Niger, Bani and lake centrelines into one graph."""
    graph = nx.Graph()
    parts: list[list[Point]] = []
    table = rivers[rivers["name"].isin(["Niger", "Bani"])].to_crs(METRIC)
    for geometry in table.geometry:
        for part in getattr(geometry, "geoms", [geometry]):
            parts += [[(round(x, 1), round(y, 1)) for x, y in part.coords]]
    for part in parts:
        for a, b in pairwise(part):
            graph.add_edge(a, b, weight=ShapelyPoint(a).distance(ShapelyPoint(b)))
    for index, part in enumerate(parts):
        others = [p for j, other in enumerate(parts) if j != index for p in other]
        for end in (part[0], part[-1]):
            near = min(
                others, key=lambda p: (p[0] - end[0]) ** 2 + (p[1] - end[1]) ** 2
            )
            gap = ShapelyPoint(near).distance(ShapelyPoint(end))
            if near != end and gap <= JOIN_M:
                graph.add_edge(end, near, weight=gap)
    return graph


def trace_river(graph: nx.Graph, start: Point, end: Point) -> list[Point]:
    """Metric centreline between the vertices nearest to two lon/lat places."""
    ends = []
    for x, y in project([start, end]):
        ends.append(min(graph, key=lambda p: (p[0] - x) ** 2 + (p[1] - y) ** 2))
    path: list[Point] = nx.shortest_path(graph, ends[0], ends[1], weight="weight")
    return path


def draw_river(graph: nx.Graph, start: Point, end: Point) -> list[Point]:
    """Lon/lat line along the centreline, its ends on the two places."""
    path = LineString(trace_river(graph, start, end)).simplify(300)
    return [start, *unproject(list(path.coords)), end]


def draw_bank(
    graph: nx.Graph, start: Point, end: Point, side: str, limit_km: float
) -> list[Point]:
    """Lon/lat line along one bank, no longer than the published length.

    Parameters
    ----------
    graph
        The river.
    start, end
        Lon/lat of the two ends, in the direction of the flow.
    side
        ``left`` or ``right`` bank.
    limit_km
        The line is simplified until it is no longer than this.
    """
    path = LineString(trace_river(graph, start, end))
    first, last = (ShapelyPoint(p) for p in project([start, end]))
    points = [start, end]
    for tolerance in range(800, 12_000, 400):
        offset = BANK_M if side == "left" else -BANK_M
        bank = path.simplify(tolerance).offset_curve(
            offset + 0.5 * tolerance * (1 if offset > 0 else -1)
        )
        if isinstance(bank, MultiLineString):
            bank = max(bank.geoms, key=lambda part: part.length)
        middle = [
            p for p in bank.simplify(tolerance / 2).coords
            if min(first.distance(ShapelyPoint(p)), last.distance(ShapelyPoint(p)))
            > ENDS_M
        ]  # fmt: skip
        points = [start, *unproject(middle), end]
        if measure_km(points) <= limit_km and LineString(points).is_simple:
            return points
    return points
