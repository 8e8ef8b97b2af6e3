"""Many to many: minutes and kilometres between places over any table of edges.

A place is joined to the nearest point of the nearest edge that may be driven, and the
way there counts. Ways go by the fewest minutes; scipy searches small
networks, the compiled hierarchy large ones; both find the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrolplan.network.edges import EdgeTable
from patrolplan.network.joining import Joints, join_places
from patrolplan.network.opposites import join_opposites

__all__ = ["Arcs", "TravelMatrix", "build_matrix", "find_quickest"]

_FEW = 20_000_000
"""Nodes times sources that scipy searches in some seconds: the engine takes as long to
load and compile, and is for more."""

_BYTES = 200_000_000
"""How much memory one batch of searches may take: beyond it rows go in turns."""


class TravelMatrix(NamedTuple):
    """Travel between places, from each row to each column.

    Attributes
    ----------
    place_ids
        The places, in the order of rows and columns.
    durations_min
        Minutes of the quickest way; ``inf`` where there is none.
    lengths_m
        Metres of that way; ``inf`` where there is none.
    unjoined
        Places further from every edge than the limit.
    """

    place_ids: tuple[str, ...]
    durations_min: NDArray[np.float64]
    lengths_m: NDArray[np.float64]
    unjoined: tuple[str, ...]


class Arcs(NamedTuple):
    """What a search runs on: arcs between numbered nodes, one way each.

    Attributes
    ----------
    tail, head
        Nodes.
    minutes, length_m
        What each costs and how long it is; finite, 0 or more.
    nodes
        How many nodes there are.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    minutes: NDArray[np.float64]
    length_m: NDArray[np.float64]
    nodes: int


def build_matrix(
    edges: EdgeTable,
    minutes: NDArray[np.float64],
    places: Mapping[str, tuple[float, float]],
    *,
    snap_m: float = 15_000.0,
    access_kmh: float = 20.0,
) -> TravelMatrix:
    """Return travel times and lengths between all places.

    Parameters
    ----------
    edges
        The network.
    minutes
        What each edge takes, ``inf`` where it is shut.
    places
        Longitude and latitude in degrees of each place, by id.
    snap_m
        How far a place may lie from the edge that it is joined to.
    access_kmh
        Speed on the way between a place and its edge.

    Raises
    ------
    ValueError
        If a minute is negative or NaN: :func:`~patrolplan.network.read_graph` and
        :func:`~patrolplan.network.weigh_edges` make none.
    """
    if len(minutes) != len(edges) or not (minutes >= 0).all():
        msg = f"expected {len(edges)} minutes, each 0 or more"
        raise ValueError(msg)
    ids = tuple(places)
    spots = np.array([places[key] for key in ids], dtype=float).reshape(-1, 2)
    usable = np.flatnonzero(np.isfinite(minutes))
    joints = join_places(edges, usable, spots[:, 0], spots[:, 1], snap_m)
    arcs = _list_arcs(edges, minutes, usable, joints, len(ids), access_kmh)
    # Places come last among the nodes.
    numbers = arcs.nodes - len(ids) + np.arange(len(ids))
    durations_min, lengths_m = find_quickest(arcs, numbers, numbers)
    joined = set(joints.place.tolist())
    lost = tuple(key for row, key in enumerate(ids) if row not in joined)
    return TravelMatrix(ids, durations_min, lengths_m, lost)


def _list_arcs(
    edges: EdgeTable,
    minutes: NDArray[np.float64],
    usable: NDArray[np.int64],
    joints: Joints,
    places: int,
    access_kmh: float,
) -> Arcs:
    """Return the arcs, with joined edges cut where places are joined to them."""
    within = (joints.share > 0) & (joints.share < 1)
    cuts, cut_of = np.unique(
        np.column_stack((joints.edge, joints.share))[within],
        axis=0,
        return_inverse=True,
    )
    edge, share = cuts[:, 0].astype(np.int64), cuts[:, 1]
    inner = edges.node_count + np.arange(len(edge))
    first = np.ones(len(edge), dtype=bool)
    first[1:] = edge[1:] != edge[:-1]
    last = np.roll(first, -1) if len(edge) else first
    before = np.where(first, edges.from_node[edge], inner - 1)
    begun = np.where(first, 0.0, np.roll(share, 1))
    whole = np.setdiff1d(usable, edge)
    row = np.concatenate((whole, edge, edge[last]))
    tail = np.concatenate((edges.from_node[whole], before, inner[last]))
    head = np.concatenate((edges.to_node[whole], inner, edges.to_node[edge[last]]))
    part = np.concatenate((np.ones(len(whole)), share - begun, 1 - share[last]))
    takes_min, length_m = minutes[row] * part, edges.length_m[row] * part
    back = edges.both_ways[row]
    place = edges.node_count + len(edge) + joints.place
    joint = np.where(
        joints.share > 0, edges.to_node[joints.edge], edges.from_node[joints.edge]
    )
    joint[within] = edges.node_count + cut_of.ravel()
    access_min = joints.away_m / 1000 / access_kmh * 60
    return Arcs(
        np.concatenate((tail, head[back], place, joint)),
        np.concatenate((head, tail[back], joint, place)),
        np.concatenate((takes_min, takes_min[back], access_min, access_min)),
        np.concatenate((length_m, length_m[back], joints.away_m, joints.away_m)),
        edges.node_count + len(edge) + places,
    )


def find_quickest(
    arcs: Arcs, sources: NDArray[np.int64], targets: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return minutes and metres of the quickest ways from sources to targets.

    Parameters
    ----------
    arcs
        What is searched; of parallel arcs the quickest counts, then the shortest.
    sources, targets
        Nodes.

    Returns
    -------
    Two arrays, one row a source; ``inf`` where there is no way.
    """
    if arcs.nodes * len(sources) > _FEW:
        return _find_fast(arcs, sources, targets)
    order = np.lexsort((arcs.length_m, arcs.minutes, arcs.head, arcs.tail))
    pair = arcs.tail * arcs.nodes + arcs.head
    best = order[np.unique(pair[order], return_index=True)[1]]
    tail, head = arcs.tail[best], arcs.head[best]
    size = arcs.nodes
    begins = np.searchsorted(tail, np.arange(size + 1))
    graph: Any = csr_array((arcs.minutes[best], head, begins), shape=(size, size))
    keys, length_m = pair[best], arcs.length_m[best]
    aims = targets
    durations_min = np.full((len(sources), len(aims)), np.inf)
    lengths_m = durations_min.copy()
    step = max(1, _BYTES // (12 * size))
    for start in range(0, len(sources), step):
        batch = sources[start : start + step]
        found, before = dijkstra(graph, indices=batch, return_predecessors=True)
        for row in range(len(batch)):
            reached = np.flatnonzero(np.isfinite(found[row, aims]))
            durations_min[start + row, reached] = found[row, aims[reached]]
            lengths_m[start + row, reached] = _sum_back(
                aims[reached], before[row], keys, length_m, size
            )
    return durations_min, lengths_m


def _find_fast(
    arcs: Arcs, sources: NDArray[np.int64], targets: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Do as :func:`find_quickest` by the hierarchy, which takes a while to load."""
    from patrolplan.network.engine import compile_network

    nowhere = np.zeros(arcs.nodes)
    apart = EdgeTable(
        arcs.tail,
        arcs.head,
        arcs.length_m,
        np.zeros(len(arcs.tail), dtype=bool),
        np.arange(len(arcs.tail)),
        nowhere,
        nowhere,
    )
    made = join_opposites(apart, arcs.minutes)
    profile = compile_network(made.edges).customize(
        made.weights, backward=made.backward
    )
    found = profile.matrix(sources, targets, burdens=True)
    lengths_m = found.costs if found.lengths_m is None else found.lengths_m
    return found.costs, lengths_m


def _sum_back(
    ends: NDArray[np.int64],
    before: NDArray[np.int32],
    keys: NDArray[np.int64],
    length_m: NDArray[np.float64],
    nodes: int,
) -> NDArray[np.float64]:
    """Return the metres back along each way, all ways stepping at once."""
    total_m = np.zeros(len(ends))
    at, way = ends.copy(), np.arange(len(ends))
    while len(way):
        came = before[at].astype(np.int64)
        # A source has none before it.
        going = came >= 0
        way, came, here = way[going], came[going], at[going]
        arc = np.searchsorted(keys, came * nodes + here)
        total_m[way] += length_m[arc]
        at = came
    return total_m
