"""Where a network falls apart: its components, and the shortest bridge from each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from patrolplan.geodesy import build_plane, measure_distance_m
from patrolplan.network.noding import Vertices, draw_lines

__all__ = ["Component", "Gap", "find_components", "find_gaps", "list_components"]


class Component(NamedTuple):
    """Edges that hang together, one-way streets taken both ways.

    Attributes
    ----------
    number
        0 for the longest, and so on.
    edges
        How many edges.
    length_km
        How long all its edges are.
    lon, lat
        Its node furthest south, in degrees.
    """

    number: int
    edges: int
    length_km: float
    lon: float
    lat: float


class Gap(NamedTuple):
    """The shortest way from one component to another, as the crow flies.

    Attributes
    ----------
    component
        Which component.
    other
        To which it is nearest.
    distance_m
        Geodesic length of the bridge.
    from_lon, from_lat, to_lon, to_lat
        Its ends in degrees.
    """

    component: int
    other: int
    distance_m: float
    from_lon: float
    from_lat: float
    to_lon: float
    to_lat: float


class _Bridge(NamedTuple):
    """The nearest so far.

    Attributes
    ----------
    away_m
        How far, on the plane.
    other
        Component that it leads to.
    own, its
        The two edges.
    """

    away_m: float
    other: int
    own: int
    its: int


def find_components(
    from_node: NDArray[np.int64],
    to_node: NDArray[np.int64],
    length_m: NDArray[np.float64],
    nodes: int,
) -> NDArray[np.int64]:
    """Return the number of the component of each edge: 0 is the longest in sum.

    Parameters
    ----------
    from_node, to_node, length_m
        The edges.
    nodes
        How many nodes there are.
    """
    ones = np.ones(len(from_node), dtype=np.int8)
    graph = coo_array((ones, (from_node, to_node)), shape=(nodes, nodes)).tocsr()
    part_of = connected_components(graph, directed=False)[1]
    raw, part = np.unique(part_of[from_node], return_inverse=True)
    length = np.bincount(part, weights=length_m, minlength=len(raw))
    lowest = np.full(len(raw), nodes)
    np.minimum.at(lowest, part, np.minimum(from_node, to_node))
    # Equal lengths, to the millimetre, are settled by position.
    order = np.lexsort((lowest, -np.round(length, 3)))
    rank = np.empty(len(raw), dtype=np.int64)
    rank[order] = np.arange(len(raw))
    return rank[part]


def list_components(
    component: NDArray[np.int64],
    length_m: NDArray[np.float64],
    from_node: NDArray[np.int64],
    to_node: NDArray[np.int64],
    positions: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[Component, ...]:
    """Return the components, longest first.

    Parameters
    ----------
    component, length_m, from_node, to_node
        Of each edge.
    positions
        Longitudes and latitudes of the nodes, south to north.
    """
    size = int(component.max(initial=-1)) + 1
    edges = np.bincount(component, minlength=size)
    length = np.bincount(component, weights=length_m, minlength=size)
    lowest = np.full(size, len(positions[0]))
    np.minimum.at(lowest, component, np.minimum(from_node, to_node))
    return tuple(
        Component(
            k,
            int(edges[k]),
            float(length[k]) / 1000,
            float(positions[0][lowest[k]]),
            float(positions[1][lowest[k]]),
        )
        for k in range(size)
    )


def find_gaps(vertices: Vertices, component: NDArray[np.int64]) -> tuple[Gap, ...]:
    """Return the shortest bridge from each component but the longest to any other.

    Measured between the lines, not only their vertices, on an equal-area plane about
    the middle of the network: nearest by that, to some tenths of a percent.

    Parameters
    ----------
    vertices
        Vertices of the edges; ``line`` is the edge.
    component
        Of each edge.
    """
    size = int(component.max(initial=-1)) + 1
    if size < 2:
        return ()
    to_plane, to_degrees = build_plane(vertices.lon, vertices.lat)
    flat = to_plane.transform(vertices.lon, vertices.lat)
    lines = draw_lines(*flat, vertices.line)
    small = np.flatnonzero(component > 0)
    best: dict[int, _Bridge] = {}
    _compare(lines, component, small, np.flatnonzero(component == 0), best)
    # Of two components at least one bit of their numbers differs.
    for bit in range(size.bit_length()):
        has = (component[small] >> bit & 1).astype(bool)
        _compare(lines, component, small[has], small[~has], best)
        _compare(lines, component, small[~has], small[has], best)
    gaps = []
    for number in sorted(best):
        _, other, own, its = best[number]
        bridge = shapely.get_coordinates(shapely.shortest_line(lines[own], lines[its]))
        ends = np.column_stack(to_degrees.transform(*bridge.T)).ravel().tolist()
        lon, lat, to_lon, to_lat = ends
        away_m = float(measure_distance_m(lon, lat, to_lon, to_lat))
        gaps.append(Gap(number, other, away_m, lon, lat, to_lon, to_lat))
    return tuple(gaps)


def _compare(
    lines: NDArray[np.object_],
    component: NDArray[np.int64],
    asking: NDArray[np.int64],
    asked: NDArray[np.int64],
    best: dict[int, _Bridge],
) -> None:
    """Keep for each component that asks the nearest line of those asked."""
    if not len(asking) or not len(asked):
        return
    tree = shapely.STRtree(lines[asked])
    (row, near), away_m = tree.query_nearest(lines[asking], return_distance=True)
    own, its = asking[row], asked[near]
    order = np.lexsort((own, its, component[its], np.round(away_m, 3), component[own]))
    first = order[np.unique(component[own[order]], return_index=True)[1]]
    for k in first.tolist():
        number = int(component[own[k]])
        near_m, other = round(float(away_m[k]), 3), int(component[its[k]])
        if number not in best or (near_m, other) < best[number][:2]:
            best[number] = _Bridge(near_m, other, int(own[k]), int(its[k]))
