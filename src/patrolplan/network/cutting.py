"""Every line cut in turn: the minutes from bases to places, and what holds together.

Exact over all single cuts: each line is closed alone, and the quickest ways are found
anew. Bridges and articulation points are those of the road graph by networkx.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from patrolplan.network.arcs import Arcs, Piece, RoadState, weigh_arcs
from patrolplan.network.graph import Network, Node

__all__ = ["Cuts", "Reach", "WeakSpot", "cut_lines", "find_weak_spots"]

_NO_NODE = -9999
"""What scipy writes where a node has no predecessor."""


class Reach(NamedTuple):
    """How places are reached from the nearest of some bases.

    Attributes
    ----------
    minutes
        Driving and ferry minutes from the nearest base, in the order of the places;
        ``inf`` where no base has a way.
    base_ids
        That base of each; None where there is none.
    """

    minutes: NDArray[np.float64]
    base_ids: tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Cuts:
    """Places as they are reached with every line open, and with each line cut.

    Parameters
    ----------
    place_ids
        The places.
    whole
        With no line cut but those closed that day.
    without
        By line, with it cut too.
    """

    place_ids: tuple[str, ...]
    whole: Reach
    without: Mapping[str, Reach]


class WeakSpot(NamedTuple):
    """A bridge or an articulation point of the road graph.

    Attributes
    ----------
    kind
        ``bridge`` or ``point``.
    line_id
        The line that a bridge is a part of; None for a point.
    lon, lat
        Where it is, degrees; of a bridge its middle vertex.
    place_ids
        Places at the point itself.
    parted
        Places that it parts from the bases; of two sides that both have bases, or both
        none, those on the side with fewer places.
    """

    kind: str
    line_id: str | None
    lon: float
    lat: float
    place_ids: tuple[str, ...]
    parted: tuple[str, ...]


def cut_lines(
    network: Network,
    speeds: Any,
    state: RoadState,
    base_ids: Sequence[str],
    place_ids: Sequence[str],
    line_ids: Iterable[str],
) -> Cuts:
    """Close each line alone and measure how far places then are from bases.

    Parameters
    ----------
    network, speeds, state
        Over what, how fast, and in which road state.
    base_ids, place_ids
        From where and to where; both are among the places of the network, or have no
        way.
    line_ids
        The lines to cut; one that is closed that day changes nothing.
    """

    def measure(closed: frozenset[str]) -> Reach:
        arcs = weigh_arcs(network, speeds, replace(state, closed=closed))
        return _measure(network, arcs, sorted(base_ids), place_ids)

    return Cuts(
        tuple(place_ids),
        measure(state.closed),
        {line: measure(state.closed | {line}) for line in line_ids},
    )


def _measure(
    network: Network, arcs: Arcs, base_ids: Sequence[str], place_ids: Sequence[str]
) -> Reach:
    """Return the minutes of the way that is chosen from the base that is nearest."""
    minutes = np.full(len(place_ids), np.inf)
    nearest: list[str | None] = [None] * len(place_ids)
    for base in base_ids:
        if base not in network.nodes:
            continue
        start = arcs.index[network.nodes[base]]
        before = np.full(arcs.size, _NO_NODE, dtype=np.int32)
        # With every line cut a base is still where it is.
        if arcs.pieces:
            _, rows = dijkstra(
                arcs.build_matrix(),
                indices=np.array([start]),
                return_predecessors=True,
            )
            before = rows[0]
        for number, place in enumerate(place_ids):
            if place not in network.nodes:
                continue
            found = _sum_minutes(arcs, before, start, arcs.index[network.nodes[place]])
            # The first by id of two that are equally near.
            if found < minutes[number]:
                minutes[number], nearest[number] = found, base
    return Reach(minutes, tuple(nearest))


def _sum_minutes(arcs: Arcs, before: Any, start: int, end: int) -> float:
    """Return the minutes along the way chosen, which may not be the quickest.

    Where a scenario weighs hazard, ways are chosen by more than their minutes.
    """
    pieces: list[Piece] = []
    node = end
    while node != start:
        came_from = int(before[node])
        if came_from == _NO_NODE:
            return np.inf
        pieces.append(arcs.pieces[came_from, node])
        node = came_from
    return float(sum(piece.duration_min for piece in reversed(pieces)))


def find_weak_spots(
    network: Network, speeds: Any, state: RoadState, base_ids: Iterable[str]
) -> tuple[WeakSpot, ...]:
    """Return the bridges and articulation points that part places from each other.

    Parallel parts of one line count as one, as a line is cut whole. The way from a
    place to its line is no line: it is drawn together with it. Those that part no
    place are left out.

    Parameters
    ----------
    network, speeds, state
        As for :func:`cut_lines`.
    base_ids
        The bases, which say which of two sides is parted.
    """
    drawn = _draw_graph(network, speeds, state)
    at: dict[Node, list[str]] = {}
    for place, node in sorted(network.nodes.items()):
        at.setdefault(drawn.merged.get(node, node), []).append(place)
    bases = frozenset(base_ids)
    spots: list[WeakSpot] = []
    # The stubs of networkx take a node that is a pair for an edge.
    bridges: Iterable[Any] = nx.bridges(drawn.graph)
    for tail, head in bridges:
        piece: Piece = drawn.graph[tail][head]["piece"]
        closed = state.closed | {piece.line_id}
        if _is_doubled(network, speeds, replace(state, closed=closed), piece):
            continue
        rest = nx.restricted_view(drawn.graph, [], [(tail, head)])
        sides = [nx.node_connected_component(rest, end) for end in (tail, head)]
        parted = _find_parted(sides, at, bases)
        if parted:
            middle = piece.coordinates[len(piece.coordinates) // 2]
            spots.append(
                WeakSpot("bridge", piece.line_id, middle[0], middle[1], (), parted)
            )
    for node in nx.articulation_points(drawn.graph):
        own = nx.node_connected_component(drawn.graph, node)
        rest = drawn.graph.subgraph(own - {node})
        parted = _find_parted(list(nx.connected_components(rest)), at, bases)
        if parted:
            spots.append(
                WeakSpot(
                    "point", None, node[0], node[1], tuple(at.get(node, ())), parted
                )
            )
    return tuple(
        sorted(spots, key=lambda s: (s.kind, -len(s.parted), s.parted, s.lon, s.lat))
    )


class _Drawn(NamedTuple):
    """The road graph without directions, its ways of access drawn together.

    Attributes
    ----------
    graph
        Nodes that ways of access join are one; each edge bears its ``piece``.
    merged
        Of every node of the network the one that stands for it in the graph.
    """

    graph: nx.Graph[Node]
    merged: dict[Node, Node]


def _draw_graph(network: Network, speeds: Any, state: RoadState) -> _Drawn:
    arcs = weigh_arcs(network, speeds, state)
    nodes = list(arcs.index)
    pieces = [
        (nodes[tail % len(nodes)], nodes[head % len(nodes)], piece)
        for (tail, head), piece in arcs.pieces.items()
    ]
    joined: nx.Graph[Node] = nx.Graph()
    joined.add_nodes_from(nodes)
    joined.add_edges_from((t, h) for t, h, piece in pieces if piece.kind == "access")
    # The node that lies on a line stands for the place beside it.
    merged = {
        node: min(part - set(network.nodes.values()) or part)
        for part in nx.connected_components(joined)
        for node in part
    }
    graph: nx.Graph[Node] = nx.Graph()
    graph.add_nodes_from(sorted(set(merged.values())))
    for tail, head, piece in pieces:
        ends = (merged[tail], merged[head])
        if ends[0] != ends[1] and piece.kind not in ("access", "quay"):
            graph.add_edge(*ends, piece=piece)
    return _Drawn(graph, merged)


def _is_doubled(network: Network, speeds: Any, state: RoadState, piece: Piece) -> bool:
    """Return whether another line joins the two ends of a piece when its own is cut."""
    drawn = _draw_graph(network, speeds, state)
    first, last = (drawn.merged[piece.coordinates[i]] for i in (0, -1))
    return first == last or drawn.graph.has_edge(first, last)


def _find_parted(
    sides: Sequence[Iterable[Node]],
    at: Mapping[Node, Sequence[str]],
    bases: frozenset[str],
) -> tuple[str, ...]:
    """Return the places on all sides but the one that holds the bases."""
    held = [sorted(p for node in side for p in at.get(node, ())) for side in sides]
    kept = max(
        range(len(held)), key=lambda i: (len(bases & set(held[i])), len(held[i]), -i)
    )
    return tuple(sorted(p for i, side in enumerate(held) if i != kept for p in side))
