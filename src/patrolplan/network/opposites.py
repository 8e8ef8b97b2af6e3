"""Edges one way each, as directed graphs have them, joined to edges both ways.

A road of a directed graph is two edges. The engine takes what is driven between two
junctions as one chain only where it is one edge that leads both ways.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolplan.network.edges import EdgeTable, check_weights

__all__ = ["Joined", "join_opposites"]


class Joined(NamedTuple):
    """A table with fewer edges, and what they cost.

    Attributes
    ----------
    edges
        The table. An edge that is two of before bears the id of the first.
    weights, backward
        What each costs from ``from_node``, and back.
    rows
        For each edge its row before, and that of the way back; the same row for an
        edge that was both ways, -1 for one without a way back.
    """

    edges: EdgeTable
    weights: NDArray[np.float64]
    backward: NDArray[np.float64]
    rows: NDArray[np.int64]


def join_opposites(edges: EdgeTable, weights: ArrayLike) -> Joined:
    """Join each edge that is one way to one of the same length against it.

    Parameters
    ----------
    edges
        The table, such as ``read_graph`` makes of a directed graph.
    weights
        What each edge costs.

    Raises
    ------
    EdgeError
        Where a weight is negative, not a number or infinite.
    """
    costs = check_weights(edges, weights)
    single = np.flatnonzero(~edges.both_ways & (edges.from_node != edges.to_node))
    tail, head = edges.from_node[single], edges.to_node[single]
    ends = np.column_stack((np.minimum(tail, head), np.maximum(tail, head)))
    length_m, back = edges.length_m[single], tail > head
    order = np.lexsort((single, back, length_m, ends[:, 1], ends[:, 0]))
    single, ends, back = single[order], ends[order], back[order]
    length_m = length_m[order]
    # Roads of one length between the same nodes, then those of each direction.
    alike = np.ones(len(single), dtype=bool)
    alike[1:] = (ends[1:] != ends[:-1]).any(axis=1) | (np.diff(length_m) != 0.0)
    group = np.cumsum(alike) - 1
    turns = alike.copy()
    turns[1:] |= back[1:] != back[:-1]
    first = np.flatnonzero(turns)
    place = np.arange(len(single)) - first[np.cumsum(turns) - 1]
    # The first there with the first back, the second with the second.
    pairing = np.lexsort((back, place, group))
    group, place, back = group[pairing], place[pairing], back[pairing]
    single = single[pairing]
    met = np.flatnonzero(
        (group[1:] == group[:-1]) & (place[1:] == place[:-1]) & (back[1:] != back[:-1])
    )
    pairs = np.sort(np.column_stack((single[met], single[met + 1])), axis=1)
    return_row = np.where(edges.both_ways, np.arange(len(edges)), -1)
    return_row[pairs[:, 0]] = pairs[:, 1]
    kept = np.ones(len(edges), dtype=bool)
    kept[pairs[:, 1]] = False
    there = np.flatnonzero(kept)
    return_row = return_row[there]
    joined = EdgeTable(
        edges.from_node[there],
        edges.to_node[there],
        edges.length_m[there],
        return_row >= 0,
        edges.edge_id[there],
        edges.node_lon,
        edges.node_lat,
        None
        if edges.source_ids is None
        else tuple(edges.source_ids[row] for row in there.tolist()),
        None if edges.geometry is None else edges.geometry[there],
    )
    backward = np.where(return_row >= 0, costs[return_row], costs[there])
    return Joined(joined, costs[there], backward, np.column_stack((there, return_row)))
