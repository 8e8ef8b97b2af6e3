"""One set of weights laid over a network: matrices, nearest places and ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolplan.network.edges import find_rows
from patrolplan.network.engine import kernels
from patrolplan.network.engine.paths import Burdened, Way, trace_way, weigh_pairs
from patrolplan.network.engine.spots import Places, Spots, find_places
from patrolplan.network.engine.sweeping import NEVER, sweep

if TYPE_CHECKING:
    from patrolplan.network.engine.compiled import CompiledNetwork

__all__ = ["Matrix", "Nearest", "Profile", "measure_matrices"]

Floats = NDArray[np.float64]


class Matrix(NamedTuple):
    """Ways from each source (rows) to each target (columns); ``inf`` without one.

    Attributes
    ----------
    costs
        What the cheapest way costs, in the unit of the weights.
    lengths_m
        Its length in metres; of equally cheap ways that of the shortest. None if not
        asked for.
    hazards
        Its danger to a patrol; of equally cheap and long ways the least. None if not
        asked for.
    """

    costs: Floats
    lengths_m: Floats | None = None
    hazards: Floats | None = None


class Nearest(NamedTuple):
    """The nearest targets of each source, nearest first.

    Attributes
    ----------
    targets
        Numbers of targets, in the order asked; -1 where fewer can be reached.
    costs
        What they cost; ``inf`` where there is none.
    """

    targets: NDArray[np.int64]
    costs: Floats


@dataclass(frozen=True, eq=False)
class Profile:
    """Weights laid over a network; made by ``CompiledNetwork.customize``.

    Parameters
    ----------
    network
        What they are laid over.
    costs
        Of each edge, from its ``from_node`` and back; ``inf`` where it is closed.
    sums
        Of each chain, along it and back.
    arcs
        Of each arc of the hierarchy: the cheapest way between its ends over none of
        higher rank.
    hazards
        Of each edge, if known.
    """

    network: CompiledNetwork
    costs: Floats
    sums: Floats
    arcs: Floats
    hazards: Floats | None

    @classmethod
    def build(
        cls,
        network: CompiledNetwork,
        costs: Floats,
        sums: Floats,
        hazards: Floats | None,
        before: Profile | None = None,
        changed: NDArray[np.int64] | None = None,
    ) -> Profile:
        """Find what arcs cost.

        Parameters
        ----------
        network, costs, sums, hazards
            As of the profile.
        before, changed
            Another profile of the network, and the only chains that differ from it.
        """
        topology = network.topology
        arcs = np.empty((len(topology.up_head), 2))
        kernels.fill_arcs(topology.chain_arc, topology.reverse, sums, arcs)
        nodes = np.arange(len(topology.parent), dtype=np.int32)
        if before is not None and changed is not None:
            nodes = network.list_above(changed)
            initial, arcs = arcs, before.arcs.copy()
            kernels.renew_arcs(nodes, topology.up_first, initial, arcs)
        kernels.customize(
            nodes,
            topology.up_first,
            topology.up_head,
            topology.down_first,
            topology.down_tail,
            topology.down_arc,
            arcs,
            np.empty(len(topology.parent), dtype=np.int32),
        )
        return cls(network, costs, sums, arcs, hazards)

    def close(self, closed: ArrayLike) -> Profile:
        """Return the same weights with more edges closed.

        Parameters
        ----------
        closed
            Their rows, or a flag for each edge.

        Raises
        ------
        EdgeError
            Where one is none of the network's.
        """
        rows = find_rows(self.network.edges, closed)
        costs = self.costs.copy()
        costs[rows] = np.inf
        return self._change(costs, rows)

    def multiply(self, rows: NDArray[np.int64], factor: float) -> Profile:
        """Return the same weights, those of some edges made larger.

        Parameters
        ----------
        rows
            The edges.
        factor
            At least 1.
        """
        costs = self.costs.copy()
        costs[rows] *= factor
        return self._change(costs, rows)

    def _change(self, costs: Floats, rows: NDArray[np.int64]) -> Profile:
        topology = self.network.topology
        chains = np.unique(topology.chains_of(rows))
        sums = self.sums.copy()
        kernels.sum_chains(
            chains,
            topology.chain_first,
            topology.along,
            topology.flipped,
            costs,
            sums,
        )
        return Profile.build(self.network, costs, sums, self.hazards, self, chains)

    def matrix(
        self,
        sources: Spots | ArrayLike,
        targets: Spots | ArrayLike | None = None,
        *,
        burdens: bool = False,
    ) -> Matrix:
        """Return what it costs from every source to every target.

        Parameters
        ----------
        sources, targets
            Numbers of nodes, or spots along edges; targets are the sources if None.
        burdens
            Whether lengths and hazards are asked for too.

        Raises
        ------
        EdgeError
            Where one is none of the network's.
        """
        begin = self.find(sources, "sources")
        end = begin if targets is None else self.find(targets, "targets")
        if burdens:
            found = weigh_pairs(self.burdened, begin, end)
            return Matrix(*np.ascontiguousarray(np.moveaxis(found, 2, 0)))
        return Matrix(sweep(self, begin, end))

    def path(self, source: Any, target: Any) -> Way | None:
        """Return the cheapest way, or None; of equals the shortest.

        Parameters
        ----------
        source, target
            The number of a node each, or one spot along an edge.
        """
        begin, end = self.find(source, "source"), self.find(target, "target")
        return trace_way(self.burdened, begin, end)

    def nearest(
        self, sources: Spots | ArrayLike, targets: Spots | ArrayLike, k: int = 1
    ) -> Nearest:
        """Return the nearest targets of each source; of equals the first in order.

        Parameters
        ----------
        sources, targets
            As of :meth:`matrix`.
        k
            How many, at most.
        """
        costs = self.matrix(sources, targets).costs
        chosen = np.argsort(costs, axis=1, kind="stable")[:, : max(k, 0)]
        found = np.take_along_axis(costs, chosen, axis=1)
        return Nearest(np.where(np.isfinite(found), chosen, -1), found)

    def reach(self, source: Any) -> Floats:
        """Return what it costs from one place to every node.

        Parameters
        ----------
        source
            The number of a node, or one spot along an edge.
        """
        nodes = np.arange(self.network.edges.node_count)
        found: Floats = self.matrix(source, nodes).costs[0]
        return found

    @cached_property
    def burdened(self) -> Burdened:
        """The same arcs with lengths and hazards, and what they lead over."""
        return Burdened.build(self)

    @cached_property
    def whole(self) -> NDArray[np.int32] | None:
        """Costs of arcs as whole numbers of 32 bits, if they are whole."""
        finite = self.sums[np.isfinite(self.sums)]
        if not (finite == np.rint(finite)).all():
            return None
        return np.minimum(self.arcs, NEVER).astype(np.int32)

    @cached_property
    def total(self) -> float:
        """More than any way can cost."""
        return float(self.sums[np.isfinite(self.sums)].sum())

    def find(self, spots: Any, name: str) -> Places:
        """Return spots as the hierarchy has them.

        Parameters
        ----------
        spots
            Numbers of nodes, or spots along edges.
        name
            What errors call them.
        """
        return find_places(self.network.edges, self.network.topology, spots, name)

    def locate(self, places: Places, costs: Floats) -> tuple[Floats, Floats]:
        """Return what it costs from places to the ends of their chains, and back.

        Parameters
        ----------
        places
            As the hierarchy has them.
        costs
            Of each edge, there and back.
        """
        topology = self.network.topology
        leave = np.full((len(places.chain), 2), np.inf)
        leave[:, 0] = 0.0
        reach = leave.copy()
        kernels.locate(
            places.chain,
            places.row,
            places.share,
            topology.chain_first,
            topology.along,
            topology.flipped,
            costs,
            leave,
            reach,
        )
        return leave, reach

    def list_neighbours(
        self, begin: Places, end: Places, costs: Floats
    ) -> list[tuple[int, int, float]]:
        """Return pairs on one chain, and what the way along it costs.

        Parameters
        ----------
        begin, end
            Sources and targets.
        costs
            Of each edge, there and back.
        """
        topology = self.network.topology
        within = np.flatnonzero(begin.chain >= 0)
        within = within[np.isin(begin.chain[within], end.chain)]
        found = []
        for source in within.tolist():
            for target in np.flatnonzero(end.chain == begin.chain[source]).tolist():
                rows = np.array([begin.row[source], end.row[target]])
                shares = np.array([begin.share[source], end.share[target]])
                cost = kernels.join_on_chain(
                    0, 1, rows, shares, topology.along, topology.flipped, costs
                )
                found.append((source, target, cost))
        return found


def measure_matrices(
    profiles: Mapping[str, Profile],
    sources: Spots | ArrayLike,
    targets: Spots | ArrayLike | None = None,
    *,
    burdens: bool = True,
) -> dict[str, Matrix]:
    """Return the matrix of each of several profiles, such as vehicle classes.

    Parameters
    ----------
    profiles
        By name, of any networks that know the places.
    sources, targets, burdens
        As of :meth:`Profile.matrix`.
    """
    return {
        name: profile.matrix(sources, targets, burdens=burdens)
        for name, profile in profiles.items()
    }
