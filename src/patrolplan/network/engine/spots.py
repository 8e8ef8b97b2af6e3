"""Where ways begin and end: at nodes, or somewhere along an edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolplan.errors import EdgeError, Fault
from patrolplan.network.edges import EdgeTable
from patrolplan.network.engine.topology import Topology

__all__ = ["Places", "Spots", "find_places"]


@dataclass(frozen=True, eq=False)
class Spots:
    """Spots along edges, such as sites that stand beside a road.

    Parameters
    ----------
    edge
        Rows of the table of edges.
    share
        How much of the edge lies behind the spot, from ``from_node``: 0 to 1.
    """

    edge: NDArray[np.int64]
    share: NDArray[np.float64]


class Places(NamedTuple):
    """Spots as the hierarchy has them.

    Attributes
    ----------
    seeds
        For each spot the ranks of the junctions at the start and end of its chain; of
        a junction itself and -1.
    chain, row, share
        The chain, or -1 for a junction; the row of its piece; how much of that lies
        behind the spot along the chain.
    """

    seeds: NDArray[np.int32]
    chain: NDArray[np.int64]
    row: NDArray[np.int64]
    share: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> Places:
        """Return some of them.

        Parameters
        ----------
        rows
            Which, in order.
        """
        return Places(
            self.seeds[rows], self.chain[rows], self.row[rows], self.share[rows]
        )


def find_places(
    table: EdgeTable, topology: Topology, spots: Spots | ArrayLike, name: str
) -> Places:
    """Return spots as the hierarchy has them.

    Parameters
    ----------
    table, topology
        The network.
    spots
        Spots along edges, or numbers of nodes.
    name
        What errors call them.

    Raises
    ------
    EdgeError
        Naming each spot on no node or edge of the network.
    """
    if isinstance(spots, Spots):
        edge = np.asarray(spots.edge, dtype=np.int64)
        share = np.asarray(spots.share, dtype=np.float64)
        limit, kind = len(table), "an edge"
        wrong = (edge < 0) | (edge >= limit) | ~((share >= 0.0) & (share <= 1.0))
        chosen = edge
        rank = np.full(len(edge), -1, dtype=np.int32)
    else:
        chosen = np.atleast_1d(np.asarray(spots))
        limit, kind = table.node_count, "a node"
        if chosen.size and chosen.dtype.kind not in "iu":
            found, expected = f"holds {chosen.dtype}", "expected whole numbers of nodes"
            raise EdgeError([Fault("network", name, found, expected)])
        chosen = chosen.astype(np.int64)
        wrong = (chosen < 0) | (chosen >= limit)
    if wrong.any():
        raise EdgeError(
            Fault(
                "network",
                f"{name}, spot {row}",
                f"{chosen[row]} is none of the network's",
                f"expected {kind} from 0 to {limit - 1}, and a share from 0 to 1",
            )
            for row in np.flatnonzero(wrong)[:20]
        )
    if not isinstance(spots, Spots):
        rank = topology.rank[chosen]
        edge = np.where(rank < 0, topology.node_edge[chosen], -1)
        share = (table.from_node[edge] != chosen).astype(np.float64)
    within = rank < 0
    seeds = np.column_stack((rank, np.full_like(rank, -1)))
    chain, row = np.full(len(rank), -1), np.zeros(len(rank), dtype=np.int64)
    share = share.copy()
    chain[within] = topology.chains_of(edge[within])
    row[within] = topology.edge_row[edge[within]]
    share[within] = np.where(
        topology.flipped[row[within]], 1.0 - share[within], share[within]
    )
    seeds[within] = topology.chain_ends[chain[within]]
    return Places(seeds, chain, row, share)
