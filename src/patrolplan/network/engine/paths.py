"""Ways over the hierarchy with their lengths and hazards, down to edges and lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from patrolplan.network.edges import EdgeTable
from patrolplan.network.engine import kernels
from patrolplan.network.engine.spots import Places

if TYPE_CHECKING:
    from patrolplan.network.engine.profile import Profile

__all__ = [
    "Burdened",
    "Way",
    "draw_edge",
    "trace_way",
    "weigh_pairs",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Way:
    """One way, as edges in the order driven.

    Parameters
    ----------
    edges
        Rows of the table; the first and last may be driven in part.
    begins, ends
        Where on each edge driving begins and ends: a share from its ``from_node``. It
        is driven backwards where the end is less.
    cost, length_m, hazard
        Sums along the way.
    table
        The table of edges.
    """

    edges: NDArray[np.int64]
    begins: Floats
    ends: Floats
    cost: float
    length_m: float
    hazard: float
    table: EdgeTable

    @property
    def edge_ids(self) -> list[Any]:
        """Ids of the edges in the order driven."""
        return [self.table.edge_id[row] for row in self.edges]

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Ids of the features driven along, in order, each once in a row."""
        found: list[str] = []
        for row in self.edges if self.table.source_ids is not None else ():
            for key in (self.table.source_ids or ())[row]:
                if not found or found[-1] != key:
                    found.append(key)
        return tuple(found)

    def draw(self) -> shapely.LineString:
        """Return the line driven, in degrees; empty where nothing is driven."""
        points: list[NDArray[np.float64]] = []
        for row, begin, end in zip(self.edges, self.begins, self.ends, strict=True):
            part = substring(draw_edge(self.table, row), begin, end, normalized=True)
            points.append(shapely.get_coordinates(part))
        if not points:
            return shapely.LineString()
        path = np.concatenate(points)
        kept = np.concatenate(([True], (np.diff(path, axis=0) != 0.0).any(axis=1)))
        # A line has two positions at least, even where an edge has no length.
        return shapely.LineString(path[kept] if kept.sum() > 1 else path[:2])


def draw_edge(table: EdgeTable, row: int | np.integer[Any]) -> Any:
    """Return the line of an edge in degrees, straight if no other is known.

    Parameters
    ----------
    table, row
        The edge.
    """
    if table.geometry is not None:
        return table.geometry[row]
    ends = [table.from_node[row], table.to_node[row]]
    return shapely.LineString(
        np.column_stack((table.node_lon[ends], table.node_lat[ends]))
    )


@dataclass(frozen=True, eq=False)
class Burdened:
    """A profile whose arcs bear lengths and hazards, and know what they lead over.

    Parameters
    ----------
    profile
        The weights.
    lengths, hazards
        Of each edge, there and back.
    extras
        Of each chain, along it and back: length and hazard.
    arcs, burdens, own
        Of each arc and direction: cost; length and hazard; what it leads over.
    """

    profile: Profile
    lengths: Floats
    hazards: Floats
    extras: Floats
    arcs: Floats
    burdens: Floats
    own: NDArray[np.int32]

    @classmethod
    def build(cls, profile: Profile) -> Burdened:
        """Find the arcs.

        Parameters
        ----------
        profile
            The weights.
        """
        network = profile.network
        count = len(network.topology.up_head)
        lengths = np.column_stack((network.edges.length_m, network.edges.length_m))
        hazards = np.zeros_like(lengths)
        extras = np.zeros((len(network.topology.chain_arc), 2, 2))
        extras[:, :, 0] = network.length_sums
        if profile.hazards is not None:
            hazards[:] = profile.hazards[:, None]
            extras[:, :, 1] = network.sum_along(profile.hazards)
        arcs, burdens = np.empty((count, 2)), np.empty((count, 2, 2))
        own = np.empty((count, 2), dtype=np.int32)
        made = cls(profile, lengths, hazards, extras, arcs, burdens, own)
        nodes = np.arange(len(network.topology.parent), dtype=np.int32)
        made._weigh(nodes, profile.sums)
        return made

    def copy(self) -> Burdened:
        """Return the same arcs in arrays of their own."""
        return replace(
            self,
            arcs=self.arcs.copy(),
            burdens=self.burdens.copy(),
            own=self.own.copy(),
        )

    def reweigh(self, sums: Floats, changed: NDArray[np.int64]) -> None:
        """Lay other weights of some chains over the arcs, in place: of a copy only.

        Parameters
        ----------
        sums
            Of each chain, along it and back.
        changed
            The only chains whose sums differ from those before.
        """
        self._weigh(self.profile.network.list_above(changed), sums)

    def _weigh(self, nodes: NDArray[np.int32], sums: Floats) -> None:
        topology = self.profile.network.topology
        kernels.customize_paths(
            nodes,
            topology.up_first,
            topology.up_head,
            topology.down_first,
            topology.down_tail,
            topology.down_arc,
            *self.profile.network.chains_of_arcs,
            topology.reverse,
            sums,
            self.extras,
            self.arcs,
            self.burdens,
            self.own,
            np.empty(len(topology.parent), dtype=np.int32),
        )


def weigh_pairs(burdened: Burdened, begin: Places, end: Places) -> Floats:
    """Return cost, length and hazard of the cheapest way of each pair.

    Parameters
    ----------
    burdened
        The weights.
    begin, end
        Sources and targets.
    """
    found: Floats = _run(burdened, begin, end)[0]
    for source, target, *sums in _list_direct(burdened, begin, end):
        if tuple(sums) < tuple(found[source, target]):
            found[source, target] = sums
    return found


def trace_way(
    burdened: Burdened, begin: Places, end: Places, *, along: bool = True
) -> Way | None:
    """Return the cheapest way between two places, or None.

    Parameters
    ----------
    burdened
        The weights.
    begin, end
        One source and one target.
    along
        Whether the way between two spots of one chain may stay on it.
    """
    found, chains, side_from, side_to = _run(burdened, begin, end)
    sums = tuple(found[0, 0].tolist())
    pairs = _list_direct(burdened, begin, end) if along else ()
    direct = [tuple(pair[2:]) for pair in pairs]
    if direct and direct[0] <= sums:
        return _collect(burdened, _drive_along(begin, end), direct[0])
    if side_to < 0:
        return None
    return _collect(
        burdened, _drive_over(burdened, begin, end, chains, side_from, side_to), sums
    )


def _run(burdened: Burdened, begin: Places, end: Places) -> Any:
    profile, topology = burdened.profile, burdened.profile.network.topology
    tables = (profile.costs, burdened.lengths, burdened.hazards)
    leave = np.stack([profile.locate(begin, table)[0] for table in tables], axis=2)
    reach = np.stack([profile.locate(end, table)[1] for table in tables], axis=2)
    found = np.full((len(begin.chain), len(end.chain), 3), np.inf)
    traced = kernels.trace(
        begin.seeds,
        leave,
        end.seeds,
        reach,
        topology.parent,
        topology.up_first,
        topology.up_head,
        burdened.arcs,
        burdened.burdens,
        burdened.own,
        found,
    )
    found[np.isinf(found[:, :, 0])] = np.inf
    return (found, *traced)


def _list_direct(
    burdened: Burdened, begin: Places, end: Places
) -> Iterator[tuple[int, int, float, float, float]]:
    """Yield pairs on one chain with cost, length and hazard along it."""
    profile = burdened.profile
    tables = (profile.costs, burdened.lengths, burdened.hazards)
    lists = (profile.list_neighbours(begin, end, table) for table in tables)
    for (source, target, cost), (_, _, length), (_, _, hazard) in zip(
        *lists, strict=True
    ):
        if cost < np.inf:
            yield source, target, cost, length, hazard


Piece = tuple[int, float, float]
"""A row of a chain, and the shares along the chain between which it is driven."""


def _drive_along(begin: Places, end: Places) -> list[Piece]:
    """Return the pieces between two spots of one chain."""
    here, there = int(begin.row[0]), int(end.row[0])
    first, last = float(begin.share[0]), float(end.share[0])
    if here == there:
        return [(here, first, last)]
    if here < there:
        between = [(row, 0.0, 1.0) for row in range(here + 1, there)]
        return [(here, first, 1.0), *between, (there, 0.0, last)]
    between = [(row, 1.0, 0.0) for row in range(here - 1, there, -1)]
    return [(here, first, 0.0), *between, (there, 1.0, last)]


def _drive_over(
    burdened: Burdened,
    begin: Places,
    end: Places,
    chains: NDArray[np.int64],
    side_from: int,
    side_to: int,
) -> Iterator[Piece]:
    """Yield the pieces of a way over junctions."""
    topology = burdened.profile.network.topology
    chain = int(begin.chain[0])
    if chain >= 0:
        row, share = int(begin.row[0]), float(begin.share[0])
        yield row, share, float(side_from)
        yield from _drive_rest(topology, chain, row, side_from)
    for code in chains.tolist():
        number, side = divmod(code, 2)
        rows = range(topology.chain_first[number], topology.chain_first[number + 1])
        if side == int(topology.reverse[number]):
            yield from ((row, 0.0, 1.0) for row in rows)
        else:
            yield from ((row, 1.0, 0.0) for row in reversed(rows))
    chain = int(end.chain[0])
    if chain >= 0:
        row, share = int(end.row[0]), float(end.share[0])
        rest = list(_drive_rest(topology, chain, row, side_to))
        yield from ((other, last, first) for other, first, last in reversed(rest))
        yield row, float(side_to), share


def _drive_rest(topology: Any, chain: int, row: int, side: int) -> Iterator[Piece]:
    """Yield the pieces of a chain from one to an end."""
    if side:
        yield from (
            (other, 0.0, 1.0)
            for other in range(row + 1, topology.chain_first[chain + 1])
        )
    else:
        first = topology.chain_first[chain]
        yield from ((other, 1.0, 0.0) for other in range(row - 1, first - 1, -1))


def _collect(burdened: Burdened, pieces: Any, sums: Any) -> Way:
    """Return the way of some pieces of chains."""
    network = burdened.profile.network
    topology = network.topology
    driven = [piece for piece in pieces if piece[1] != piece[2]]
    rows = np.array([row for row, _, _ in driven], dtype=np.int64)
    shares = np.array([piece[1:] for piece in driven]).reshape(-1, 2)
    back = topology.flipped[rows]
    shares = np.where(back[:, None], 1.0 - shares, shares)
    edges = topology.along[rows].astype(np.int64)
    cost, length_m, hazard = sums
    return Way(edges, shares[:, 0], shares[:, 1], cost, length_m, hazard, network.edges)
