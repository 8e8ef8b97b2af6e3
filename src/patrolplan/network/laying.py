"""A network of roads as the public graph, with places attached: the topology stays.

Unlike lines, whose shared positions join, edges meet only at their nodes: two nodes at
one position, such as of a road under a bridge, are laid a decimetre apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import measure_distance_m, measure_parts_m
from patrolplan.network.graph import ACCESS, KEPT, Network, Node, round_spot
from patrolplan.network.importing import RoadNetwork
from patrolplan.network.joining import SAME_SPOT_M, join_places

__all__ = ["lay_network"]

_STEP_DEG = 1e-6
"""A decimetre: the last decimal of a node's position."""

_Cuts = dict[int, dict[float, Node]]
"""By edge: where along it places are joined, and the node made there."""


def lay_network(
    roads: RoadNetwork, places: Mapping[str, tuple[float, float]], *, snap_km: float
) -> Network:
    """Build the public graph of a network of roads, with places attached.

    Each place joins the nearest edge that is no river, and the nearest that is one.

    Parameters
    ----------
    roads
        Such as :func:`~patrolplan.network.read_road_graph` reads.
    places, snap_km
        As of :func:`~patrolplan.network.build_network`.
    """
    edges = roads.edges
    used = np.unique(np.concatenate((edges.from_node, edges.to_node)))
    taken: set[Node] = set()
    node_of = {
        number: _find_free(edges.node_lon[number], edges.node_lat[number], taken)
        for number in used.tolist()
    }
    ids = sorted(places)
    spots = np.array([places[key] for key in ids], dtype=float).reshape(-1, 2)
    is_water = roads.kind == "river"
    cuts: _Cuts = {}
    meetings: dict[int, list[tuple[float, Node]]] = {}
    for rows in (np.flatnonzero(~is_water), np.flatnonzero(is_water)):
        joints = join_places(edges, rows, spots[:, 0], spots[:, 1], snap_km * 1000)
        for place, edge, share, away_m in zip(
            *(column.tolist() for column in joints), strict=True
        ):
            if share in (0.0, 1.0):
                end = edges.to_node if share else edges.from_node
                node = node_of[int(end[edge])]
            else:
                at = cuts.setdefault(edge, {})
                if share not in at:
                    point = _interpolate(edges.geometry, edge, share)
                    at[share] = _find_free(*point, taken)
                node = at[share]
            meetings.setdefault(place, []).append((away_m, node))
    graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph()
    for node in sorted(taken):
        graph.add_node(node, x=node[0], y=node[1])
    for row in range(len(edges)):
        ends = node_of[int(edges.from_node[row])], node_of[int(edges.to_node[row])]
        for tail, head, told in _cut(roads, row, ends, cuts.get(row, {})):
            graph.add_edge(tail, head, **told)
    nodes: dict[str, Node] = {}
    for place, met in sorted(meetings.items()):
        nearest_m, node = min(met)
        spot = node if nearest_m <= SAME_SPOT_M else round_spot(*spots[place])
        nodes[ids[place]] = spot
        for _, meeting in met:
            _add_access(graph, f"access-{ids[place]}", spot, meeting)
    unjoined = tuple(key for key in ids if key not in nodes)
    return Network(graph, nodes, unjoined)


def _find_free(lon: float, lat: float, taken: set[Node]) -> Node:
    """Return a position that no node has yet, and take it."""
    node = round_spot(lon, lat)
    while node in taken:
        node = round_spot(node[0] + _STEP_DEG, node[1])
    taken.add(node)
    return node


def _measure_along(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the length before each vertex, 0 to 1, by the ellipsoid."""
    along = np.concatenate(([0.0], np.cumsum(measure_parts_m(line.tolist()))))
    return along / along[-1] if along[-1] else np.linspace(0.0, 1.0, len(along))


def _interpolate(geometry: Any, edge: int, share: float) -> Node:
    line = shapely.get_coordinates(geometry[edge])
    along = _measure_along(line)
    lon, lat = (float(np.interp(share, along, column)) for column in line.T)
    return lon, lat


def _cut(
    roads: RoadNetwork, row: int, ends: tuple[Node, Node], at: Mapping[float, Node]
) -> Iterator[tuple[Node, Node, dict[str, Any]]]:
    """Yield the pieces of an edge between its nodes and cuts, both ways if it has."""
    edges = roads.edges
    line = shapely.get_coordinates(edges.geometry[row])  # type: ignore[index]
    drawn = [round_spot(*point) for point in line]
    drawn[0], drawn[-1] = ends
    along = _measure_along(line)
    stops = [(0.0, ends[0]), *sorted(at.items()), (1.0, ends[1])]
    parts_m = []
    paths = []
    for (first, start), (last, end) in itertools.pairwise(stops):
        inner = [
            spot
            for spot, share in zip(drawn[1:-1], along[1:-1].tolist(), strict=True)
            if first < share < last and spot not in (start, end)
        ]
        path = (start, *(spot for spot, _ in itertools.groupby(inner)), end)
        paths.append(path)
        parts_m.append(float(measure_parts_m(path).sum()))
    whole_m = sum(parts_m)
    for number, path in enumerate(paths):
        share = parts_m[number] / whole_m if whole_m else 1.0 / len(paths)
        told = _tell(roads, row, share, first=number == 0)
        yield path[0], path[-1], told | {"coordinates": path}
        if edges.both_ways[row]:
            yield path[-1], path[0], told | {"coordinates": path[::-1]}


def _tell(roads: RoadNetwork, row: int, share: float, *, first: bool) -> dict[str, Any]:
    """Return the attributes of a piece of an edge, of the given share of its length."""
    kind = str(roads.kind[row])
    ferry = kind == "ferry"
    hazard = None if roads.hazard is None else float(roads.hazard[row])
    minutes = float(roads.duration_min[row]) * share
    told: dict[str, Any] = {
        "line_id": (roads.edges.source_ids or ())[row][0],
        "ref": None,
        "name": roads.name[row],
        "kind": kind,
        "surface": "water" if ferry else str(roads.surface[row]),
        "hazard": None if hazard is None or np.isnan(hazard) else hazard,
        "status_dry": "open" if roads.open_dry[row] else "closed",
        "status_rains": "open" if roads.open_rains[row] else "closed",
        # A ferry that is cut waits once.
        "wait_min": (float(roads.wait_min[row]) if first else 0.0) if ferry else None,
        "crossing_min": minutes if ferry else None,
        "length_m": float(roads.edges.length_m[row]) * share,
    }
    if not ferry and np.isfinite(roads.speed_kmh[row]):
        told["speed_kmh"] = float(roads.speed_kmh[row])
    if not ferry and np.isfinite(minutes):
        told["duration_min"] = minutes
    return told


def _add_access(
    graph: nx.MultiDiGraph[Node], line_id: str, spot: Node, meeting: Node
) -> None:
    """Join a place to where its edge is met, unless it is joined already."""
    known: Any = graph.get_edge_data(spot, meeting, default={})
    if spot == meeting or any(e["kind"] == ACCESS["kind"] for e in known.values()):
        return
    graph.add_node(spot, x=spot[0], y=spot[1])
    told: dict[str, Any] = dict.fromkeys(KEPT) | dict(ACCESS)
    told["line_id"] = line_id
    told["length_m"] = float(measure_distance_m(*spot, *meeting))
    for tail, head in ((spot, meeting), (meeting, spot)):
        graph.add_edge(tail, head, key=None, **told, coordinates=(tail, head))
