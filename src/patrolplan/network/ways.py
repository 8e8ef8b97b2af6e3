"""The cheapest ways between places, and what is added up along each of them.

scipy finds the ways. Sums are taken from the beginning of a way to its end, a step of
all ways at once: the same to the last bit as adding up piece by piece, and for
thousands of places the difference between seconds and hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import dijkstra

from patrolplan.network.arcs import Arcs

__all__ = ["Ways", "find_ways"]

_NO_NODE = -9999
"""What scipy writes where a node has no predecessor."""

# Cells, sources times nodes, that are searched and added up at once: a bound on memory,
# some 100 MB.
_CELLS = 1_000_000


class Ways(NamedTuple):
    """The cheapest ways between all places.

    Attributes
    ----------
    before
        By place and node: the node before it on the way from the place.
    sums
        What was asked, each added up by place and place; ``inf`` where there is no way.
    """

    before: NDArray[np.int32]
    sums: tuple[NDArray[np.float64], ...]


def find_ways(
    arcs: Arcs, nodes: NDArray[np.int64], weights: Sequence[ArrayLike]
) -> Ways:
    """Return the cheapest ways between places, and sums along them.

    Parameters
    ----------
    arcs
        The network in one road state.
    nodes
        The node of each place; -1 where no line serves it.
    weights
        What is added up, each by arc in the order of ``arcs.pieces``.
    """
    size = len(nodes)
    before = np.full((size, arcs.size), _NO_NODE, dtype=np.int32)
    sums = [np.full((size, size), np.inf) for _ in weights]
    for cells in sums:
        np.fill_diagonal(cells, 0.0)
    joined = np.flatnonzero(nodes >= 0)
    if joined.size and arcs.pieces:
        table = np.array(weights, dtype=np.float64)
        ends = np.array(list(arcs.pieces), dtype=np.int64)
        keys = ends[:, 0] * arcs.size + ends[:, 1]
        matrix = arcs.build_matrix()
        step = max(1, _CELLS // arcs.size)
        for first in range(0, len(joined), step):
            rows = joined[first : first + step]
            _, found = dijkstra(matrix, indices=nodes[rows], return_predecessors=True)
            before[rows] = found
            added = _add_up(found, nodes[rows], nodes[joined], keys, table)
            for cells, part in zip(sums, added, strict=True):
                cells[np.ix_(rows, joined)] = part
    elif joined.size:
        # Without any line only places at one position are joined.
        same = nodes[joined][:, None] == nodes[joined][None]
        for cells in sums:
            cells[np.ix_(joined, joined)] = np.where(same, 0.0, np.inf)
    return Ways(before, tuple(sums))


def _add_up(
    before: NDArray[np.int32],
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    keys: NDArray[np.int64],
    table: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what is added up on the ways from some sources to all targets.

    Each node takes the sum of the node before it, and its own arc: those first that
    are one arc from the source, then those that are two.
    """
    count, size = before.shape
    row = np.arange(count)
    reached = before >= 0
    reached[row, sources] = True
    # As one long list of nodes; a source is before itself.
    parent = np.where(before >= 0, before, np.arange(size)) + (row * size)[:, None]
    parent = parent.ravel()
    depth = _count_arcs(parent)
    sums = np.full((len(table), count * size), np.inf)
    sums[:, reached.ravel()] = 0.0
    inner = np.flatnonzero(depth)
    inner = inner[np.argsort(depth[inner], kind="stable")]
    came = parent[inner]
    arc = np.searchsorted(keys, came % size * size + inner % size)
    edges = np.cumsum(np.bincount(depth[inner]))
    for begin, end in pairwise(edges.tolist()):
        here = inner[begin:end]
        sums[:, here] = sums[:, came[begin:end]] + table[:, arc[begin:end]]
    return sums.reshape(len(table), count, size)[:, :, targets]


def _count_arcs(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many arcs lie between each node and the source it is reached from.

    Where a node knows how many lie between it and one further back, the two together
    are known at the next look: their number doubles each time.
    """
    depth: NDArray[np.int64] = (parent != np.arange(len(parent))).astype(np.int64)
    while True:
        further = depth + depth[parent]
        if (further == depth).all():
            return depth
        depth, parent = further, parent[parent]
