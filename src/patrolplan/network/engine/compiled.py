"""A network compiled once: its topology, over which any number of weights are laid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolplan.network.edges import EdgeTable, check_weights, find_rows
from patrolplan.network.engine import kernels
from patrolplan.network.engine.profile import Profile
from patrolplan.network.engine.storing import load_topology
from patrolplan.network.engine.topology import Topology, build_topology

__all__ = ["CompiledNetwork", "compile_network"]


@dataclass(frozen=True, eq=False)
class CompiledNetwork:
    """A network whose ways can be found fast; made by :func:`compile_network`.

    Parameters
    ----------
    edges
        The table that it was made of.
    topology
        Chains and hierarchy, the same for all weights.
    """

    edges: EdgeTable
    topology: Topology

    def customize(
        self,
        weights: ArrayLike,
        *,
        backward: ArrayLike | None = None,
        closed: ArrayLike | None = None,
        hazards: ArrayLike | None = None,
    ) -> Profile:
        """Lay weights over the network: of a vehicle, a season, a set of closures.

        Parameters
        ----------
        weights
            What each edge costs, zero or more and finite, such as minutes; whole
            numbers, such as milliseconds, add up exactly and run faster.
        backward
            What edges that are driven both ways cost from ``to_node`` to
            ``from_node``, if something else.
        closed
            Edges that are closed: their rows, or a flag for each edge.
        hazards
            Danger to a patrol on each edge, summed up along ways; zero or more.

        Raises
        ------
        EdgeError
            Where a weight is negative, not a number or infinite, or a closed edge is
            none of the network's.
        """
        forward = check_weights(self.edges, weights)
        back = forward
        if backward is not None:
            back = check_weights(self.edges, backward, "backward")
        costs = np.empty((len(self.edges), 2))
        kernels.lay_costs(forward, back, self.edges.both_ways, costs)
        if closed is not None:
            costs[find_rows(self.edges, closed)] = np.inf
        if hazards is not None:
            hazards = check_weights(self.edges, hazards, "hazards")
        topology = self.topology
        sums = np.empty((len(topology.chain_arc), 2))
        kernels.sum_chains(
            np.arange(len(sums)),
            topology.chain_first,
            topology.along,
            topology.flipped,
            costs,
            sums,
        )
        return Profile.build(self, costs, sums, hazards)

    @cached_property
    def length_sums(self) -> NDArray[np.float64]:
        """Length of each chain in metres, along it and back."""
        return self.sum_along(self.edges.length_m)

    @cached_property
    def chains_of_arcs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first of each arc's chains in a list, and one more; the list."""
        arc = self.topology.chain_arc
        order = np.argsort(arc, kind="stable")
        counts = np.bincount(arc[arc >= 0], minlength=len(self.topology.up_head))
        first = np.concatenate(([0], np.cumsum(counts)))
        # Chains that end where they began are of no arc, and come first.
        return first, order[len(order) - first[-1] :]

    def list_above(self, chains: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the junctions whose arcs may change with some chains, ascending.

        Parameters
        ----------
        chains
            Their numbers.
        """
        parent = self.topology.parent
        lower = self.topology.chain_ends[chains].min(axis=1, initial=len(parent))
        slot = np.full(len(parent), -1, dtype=np.int32)
        members = np.empty(len(parent), dtype=np.int32)
        count = kernels.mark_ancestors(lower, parent, slot, members, 0)
        return np.sort(members[:count])

    def sum_along(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum over each chain, along it and back.

        Parameters
        ----------
        values
            One for each edge.
        """
        topology = self.topology
        sums = np.empty((len(topology.chain_arc), 2))
        kernels.sum_chains(
            np.arange(len(sums)),
            topology.chain_first,
            topology.along,
            topology.flipped,
            np.column_stack((values, values)),
            sums,
        )
        return sums


def compile_network(edges: EdgeTable, *, cache: Path | None = None) -> CompiledNetwork:
    """Compile a network for fast search of ways.

    Parameters
    ----------
    edges
        A table of edges; ``read_graph`` makes one of a graph of networkx.
    cache
        A folder in which topologies are kept by the hash of their content, and read
        from as memory-mapped arrays; None keeps none.
    """
    if cache is None:
        return CompiledNetwork(edges, build_topology(edges))
    return CompiledNetwork(edges, load_topology(edges, cache))
