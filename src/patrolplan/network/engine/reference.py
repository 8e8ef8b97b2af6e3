"""The same matrices by scipy: slow, plain, and what the engine must equal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrolplan.network.edges import EdgeTable

__all__ = ["build_costs", "measure_by_scipy"]


def build_costs(table: EdgeTable, costs: NDArray[np.float64]) -> csr_array:
    """Return the least cost from node to node over one edge, as a sparse matrix.

    Parameters
    ----------
    table
        The edges.
    costs
        Of each edge, from its ``from_node`` and back; ``inf`` where it is closed.
    """
    tails = np.concatenate((table.from_node, table.to_node))
    heads = np.concatenate((table.to_node, table.from_node))
    prices = costs.T.ravel()
    usable = np.isfinite(prices)
    tails, heads, prices = tails[usable], heads[usable], prices[usable]
    # A sparse matrix would add up parallel edges.
    order = np.lexsort((prices, heads, tails))
    tails, heads, prices = tails[order], heads[order], prices[order]
    first = np.ones(len(tails), dtype=bool)
    first[1:] = (np.diff(tails) != 0) | (np.diff(heads) != 0)
    return csr_array(
        (prices[first], (tails[first], heads[first])), shape=(table.node_count,) * 2
    )


def measure_by_scipy(
    table: EdgeTable,
    costs: NDArray[np.float64],
    sources: ArrayLike,
    targets: ArrayLike,
) -> NDArray[np.float64]:
    """Return what it costs from each source to each target, ``inf`` without a way.

    Parameters
    ----------
    table, costs
        As of :func:`build_costs`.
    sources, targets
        Numbers of nodes.
    """
    found = dijkstra(build_costs(table, costs), indices=np.asarray(sources))
    return np.asarray(found[:, np.asarray(targets)], dtype=np.float64)
