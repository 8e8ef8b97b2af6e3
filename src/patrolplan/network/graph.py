"""From lines to a noded graph: shared vertices join, places are attached.

A node is a position where lines meet, a line ends, or a place is attached. Lines that
merely cross do not meet: one may pass over the other. A line split into edges keeps
its id on each, and its planning length is shared out by geodesic length.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import shapely

from patrolplan.geodesy import (
    measure_distance_m,
    measure_parts_m,
    project_geometry,
)
from patrolplan.network.joining import SAME_SPOT_M
from patrolplan.open_ground_figures import OFF_TRACK

__all__ = ["ACCESS", "KEPT", "Network", "Node", "draw_network", "round_spot"]

Node = tuple[float, float]
"""A node is its position: longitude and latitude in degrees, to 0.1 m."""

_DECIMALS = 6

KEPT = (
    "ref",
    "name",
    "kind",
    "surface",
    "hazard",
    "status_dry",
    "status_rains",
    "wait_min",
    "crossing_min",
    "speed_share",
)
"""What edges of the graph keep of their line."""

ACCESS: Mapping[str, Any] = {"kind": "access", "surface": "track"}
"""What the way between a place and its line is."""


@dataclass(frozen=True, eq=False)
class Network:
    """Lines of communication as a graph.

    Parameters
    ----------
    graph
        Directed, with parallel edges. Nodes bear ``x`` and ``y``; edges ``line_id``,
        ``kind``, ``surface``, ``length_m``, ``hazard``, ``status_dry``,
        ``status_rains``, ``wait_min``, ``crossing_min``, ``speed_share`` (of the speed
        of its surface, None for all of it) and ``coordinates``, the positions in the
        direction of the edge. ``speed_kmh`` or ``duration_min``, where an edge bears
        one, go before the speeds table.
    nodes
        The node of each place; places that no line serves are missing.
    unjoined
        Ids of places further from every line than the snapping distance.
    """

    graph: nx.MultiDiGraph[Node]
    nodes: Mapping[str, Node]
    unjoined: tuple[str, ...]


def round_spot(x: float, y: float) -> Node:
    """Return a position as nodes bear it.

    Parameters
    ----------
    x, y
        Longitude and latitude in degrees.
    """
    return round(float(x), _DECIMALS), round(float(y), _DECIMALS)


class _Drawing:
    """Lines being split: their vertices, and which of them are nodes."""

    def __init__(self, lines: Any) -> None:
        self.rows = list(lines.to_dict("records"))
        self.paths: list[list[Node]] = [
            [round_spot(*position[:2]) for position in shape.coords]
            for shape in lines.geometry
        ]
        # Vertices that repeat would be edges without length.
        self.paths = [[p for p, _ in itertools.groupby(path)] for path in self.paths]
        counts = Counter(v for path in self.paths for v in set(path))
        self.nodes: set[Node] = {v for v, n in counts.items() if n > 1}
        for path in self.paths:
            self.nodes.update((path[0], path[-1]))
        self.access: list[tuple[Node, Node]] = []
        self._metric = project_geometry(
            np.array([shapely.LineString(p) for p in self.paths], dtype=object),
            to_metric=True,
        )
        self._tree = shapely.STRtree(self._metric)
        self._is_water = np.array([row["kind"] == "river" for row in self.rows])
        self._is_off_track = np.array([row["kind"] == OFF_TRACK for row in self.rows])

    def attach(self, spot: Node, snap_m: float, *, skip: int | None = None) -> bool:
        """Join a position to the nearest road, and to the nearest river.

        Parameters
        ----------
        spot
            Longitude and latitude in degrees.
        snap_m
            How far the line may be, on the plane of the metric system.
        skip
            Number of a line that does not count, such as the position's own.

        Returns
        -------
        Whether anything was within the snapping distance.
        """
        point = project_geometry(shapely.Point(spot), to_metric=True)
        near = self._tree.query(point, predicate="dwithin", distance=snap_m)
        near = near[near != skip] if skip is not None else near
        found = False
        for water in (False, True):
            lines = sorted(int(i) for i in near if self._is_water[i] == water)
            # A road within reach is known; a way across open ground is not.
            lines = [i for i in lines if not self._is_off_track[i]] or lines
            if not lines:
                continue
            found = True
            if any(spot in self.paths[i] for i in lines):
                # Without this, a town where a road ends would have no river.
                self.nodes.add(spot)
                continue
            best = min(lines, key=lambda i: (point.distance(self._metric[i]), i))
            meeting = self._insert(best, point)
            self.nodes.add(meeting)
            if meeting != spot:
                self.nodes.add(spot)
                self.access.append((spot, meeting))
        return found

    def _insert(self, line: int, point: Any) -> Node:
        """Return the vertex of a line nearest to a point, made if there is none."""
        shape = self._metric[line]
        along_m = shape.project(point)
        path = self.paths[line]
        ends_m = np.concatenate(
            ([0.0], np.cumsum(np.hypot(*np.diff(shapely.get_coordinates(shape).T))))
        )
        nearest = int(np.argmin(np.abs(ends_m - along_m)))
        if abs(ends_m[nearest] - along_m) <= SAME_SPOT_M:
            return path[nearest]
        place = int(np.searchsorted(ends_m, along_m))
        spot = project_geometry(shape.interpolate(along_m), to_metric=False)
        vertex = round_spot(spot.x, spot.y)
        path.insert(place, vertex)
        self._metric[line] = project_geometry(shapely.LineString(path), to_metric=True)
        return vertex


def draw_network(
    lines: Any, places: Mapping[str, tuple[float, float]], *, snap_km: float
) -> Network:
    """Build the graph of lines with places attached.

    Parameters
    ----------
    lines
        The lines layer, checked.
    places
        Position of each site and base: id to longitude and latitude in degrees.
    snap_km
        How far a place, or the loose end of a line, may lie from the line that it
        is joined to, in km. The way between is driven like a track.
    """
    drawing = _Drawing(lines)
    snap_m = snap_km * 1000
    nodes: dict[str, Node] = {}
    unjoined = []
    for place, position in sorted(places.items()):
        spot = round_spot(*position)
        if drawing.attach(spot, snap_m):
            nodes[place] = spot
        else:
            unjoined.append(place)
    _join_loose_ends(drawing, snap_m)
    graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph()
    for node in sorted(drawing.nodes):
        graph.add_node(node, x=node[0], y=node[1])
    for row, path in zip(drawing.rows, drawing.paths, strict=True):
        _add_line(graph, row, path, drawing.nodes)
    for number, ends in enumerate(drawing.access):
        length_m = float(measure_distance_m(*ends[0], *ends[1]))
        row = dict.fromkeys(KEPT) | dict(ACCESS)
        row |= {"id": f"access-{number}", "length_km": length_m / 1000}
        _add_line(graph, row, list(ends), drawing.nodes)
    return Network(graph, nodes, tuple(unjoined))


def _join_loose_ends(drawing: _Drawing, snap_m: float) -> None:
    """Bridge small gaps: join ends that touch nothing to the nearest other line."""
    degree = Counter(
        node for path in drawing.paths for node in set(path) if node in drawing.nodes
    )
    for number in range(len(drawing.paths)):
        for end in (drawing.paths[number][0], drawing.paths[number][-1]):
            served = any(end in pair for pair in drawing.access)
            if degree[end] == 1 and not served:
                drawing.nodes.discard(end)
                drawing.attach(end, snap_m, skip=number)
                drawing.nodes.add(end)


def _add_line(
    graph: nx.MultiDiGraph[Node], row: dict[str, Any], path: list[Node], at: set[Node]
) -> None:
    """Add a line's edges, both ways, from node to node."""
    parts_m = measure_parts_m(path)
    drawn_m = float(parts_m.sum())
    length_km = row["length_km"]
    known = length_km is not None and not np.isnan(length_km)
    stretch = length_km * 1000 / drawn_m if known and drawn_m else 1.0
    kept = {name: _clear(row.get(name)) for name in KEPT}
    cuts = [i for i, vertex in enumerate(path) if vertex in at]
    for first, last in itertools.pairwise(cuts):
        coordinates = tuple(path[first : last + 1])
        length_m = float(parts_m[first:last].sum()) * stretch
        for way in (coordinates, coordinates[::-1]):
            graph.add_edge(
                way[0],
                way[-1],
                line_id=row["id"],
                length_m=length_m,
                coordinates=way,
                **kept,
            )


def _clear(value: Any) -> Any:
    """Return None for what is unknown: a graph's readers should not meet NaN."""
    return None if isinstance(value, float) and np.isnan(value) else value
