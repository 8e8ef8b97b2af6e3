"""Travel over the network for one vehicle class and one road state.

scipy finds the cheapest ways; durations, lengths, fuel and the minutes without a halt
are then added up along each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrolplan.network.arcs import Piece, RoadState, weigh_arcs, weigh_hazard
from patrolplan.network.clearance import Clearance, join_spans, measure_along
from patrolplan.network.graph import Network, Node
from patrolplan.network.ways import find_ways

__all__ = [
    "Piece",
    "RoadState",
    "Travel",
    "build_travel",
    "cut_pieces",
]


@dataclass(frozen=True, eq=False)
class Travel:
    """Travel between all places in one road state.

    ``durations_min``, ``lengths_m``, ``fuels_l`` (of one vehicle) and ``hazards`` are
    square, in the order of ``place_ids``; ``inf`` where there is no way.
    ``halt_blocked`` holds sorted open intervals of driving minutes without a halt, for
    pairs that have any. ``hazards`` are steps of hazard times km: the sum along the way
    of each line's step times its length. An unknown hazard counts 0, as it does in the
    choice of the way.
    """

    state: RoadState
    place_ids: tuple[str, ...]
    durations_min: NDArray[np.float64]
    lengths_m: NDArray[np.float64]
    fuels_l: NDArray[np.float64]
    hazards: NDArray[np.float64]
    halt_blocked: Mapping[tuple[int, int], tuple[tuple[float, float], ...]]
    _arcs: Mapping[tuple[int, int], Piece]
    _nodes: NDArray[np.int64]
    _before: NDArray[np.int32]
    _taken: Mapping[tuple[int, int], tuple[Piece, ...]] = field(default_factory=dict)

    def trace(self, origin: str, destination: str) -> tuple[Piece, ...]:
        """Return the pieces driven from one place to another, in order.

        Parameters
        ----------
        origin, destination
            Ids of two places joined by a way. The same place twice gives no piece.
        """
        return self.trace_pair(
            self.place_ids.index(origin), self.place_ids.index(destination)
        )

    def trace_pair(self, start: int, end: int) -> tuple[Piece, ...]:
        """Return the pieces driven between two places, as :meth:`trace` does.

        Parameters
        ----------
        start, end
            Their numbers among ``place_ids``.
        """
        if (start, end) in self._taken:
            return self._taken[start, end]
        node = int(self._nodes[end])
        pieces = []
        while node != self._nodes[start]:
            before = int(self._before[start, node])
            pieces.append(self._arcs[before, node])
            node = before
        return tuple(reversed(pieces))

    def take_row(self, other: Travel, origin: str) -> Travel:
        """Return travel in which the ways from one place are those of another state.

        Parameters
        ----------
        other
            Travel between the same places over the same network.
        origin
            Id of the place.
        """
        row = self.place_ids.index(origin)
        cells: dict[str, Any] = {}
        for name in ("durations_min", "lengths_m", "fuels_l", "hazards", "_before"):
            cells[name] = getattr(self, name).copy()
            cells[name][row] = getattr(other, name)[row]
        blocked = {
            pair: spans
            for ways, own in ((self, False), (other, True))
            for pair, spans in ways.halt_blocked.items()
            if (pair[0] == row) == own
        }
        arcs = {**other._arcs, **self._arcs}
        taken = {
            pair: pieces
            for ways, own in ((self, False), (other, True))
            for pair, pieces in ways._taken.items()
            if (pair[0] == row) == own
        }
        return replace(self, **cells, halt_blocked=blocked, _arcs=arcs, _taken=taken)

    def take_cells(self, other: Travel, pairs: Iterable[tuple[int, int]]) -> Travel:
        """Return travel in which the ways between some places are those of another.

        Parameters
        ----------
        other
            Travel between the same places, by other ways.
        pairs
            Numbers of the two places of each way; where the other has none it stays.
        """
        found = [pair for pair in pairs if np.isfinite(other.durations_min[pair])]
        cells: dict[str, Any] = {}
        for name in ("durations_min", "lengths_m", "fuels_l", "hazards"):
            cells[name] = getattr(self, name).copy()
            for pair in found:
                cells[name][pair] = getattr(other, name)[pair]
        blocked = {p: s for p, s in self.halt_blocked.items() if p not in set(found)}
        blocked |= {p: other.halt_blocked[p] for p in found if p in other.halt_blocked}
        ids = self.place_ids
        taken = {(i, j): other.trace(ids[i], ids[j]) for i, j in found}
        return replace(
            self, **cells, halt_blocked=blocked, _taken={**self._taken, **taken}
        )


def build_travel(
    network: Network,
    speeds: Any,
    place_ids: Sequence[str],
    state: RoadState,
    clearance: Clearance | None = None,
) -> Travel:
    """Find the cheapest ways between places in one road state.

    Parameters
    ----------
    network
        The graph; places that it does not join have no way to any other.
    speeds
        The speeds table.
    place_ids
        Which places, and in which order.
    state
        Vehicle, season and closures.
    clearance
        Places that no halt may lie near, if any.
    """
    arcs = weigh_arcs(network, speeds, state)
    nodes = np.array(
        [
            arcs.index[network.nodes[place]] if place in network.nodes else -1
            for place in place_ids
        ],
        dtype=np.int64,
    )
    pieces = list(arcs.pieces.values())
    ways = find_ways(
        arcs,
        nodes,
        [
            [piece.duration_min for piece in pieces],
            [piece.length_m for piece in pieces],
            [piece.fuel_l for piece in pieces],
            [weigh_hazard(piece) for piece in pieces],
            # Few ways are looked at piece by piece: those with any of these on them.
            [float(_may_block(piece, clearance)) for piece in pieces],
        ],
    )
    durations_min, lengths_m, fuels_l, hazards, blocking = ways.sums
    blocked: dict[tuple[int, int], tuple[tuple[float, float], ...]] = {}
    travel = Travel(
        state,
        tuple(place_ids),
        durations_min,
        lengths_m,
        fuels_l,
        hazards,
        blocked,
        arcs.pieces,
        nodes,
        ways.before,
    )
    found = np.argwhere(np.isfinite(blocking) & (blocking > 0))
    for i, j in found.tolist():
        spans = _find_blocked(travel.trace_pair(i, j), state, clearance)
        if spans:
            blocked[i, j] = spans
    return travel


def _may_block(piece: Piece, clearance: Clearance | None) -> bool:
    """Return whether a halt may be forbidden on a piece."""
    if piece.kind in ("ferry", "quay"):
        return True
    return clearance is not None and bool(clearance.find(piece.coordinates))


def _find_blocked(
    pieces: Sequence[Piece], state: RoadState, clearance: Clearance | None
) -> tuple[tuple[float, float], ...]:
    """Return the spans of driving minutes of a way in which no halt is allowed."""
    spans = _find_ferry_minutes(pieces, state.ferry_margin_min)
    if clearance is not None:
        spans = join_spans((*spans, *_find_near_minutes(pieces, clearance)))
    return spans


def _find_ferry_minutes(
    pieces: Sequence[Piece], margin_min: float
) -> tuple[tuple[float, float], ...]:
    """Return the sorted, disjoint spans of driving minutes on ferries and quays."""
    spans: list[tuple[float, float]] = []
    clock_min = 0.0
    total_min = sum(piece.duration_min for piece in pieces)
    for piece in pieces:
        end_min = clock_min + piece.duration_min
        if piece.kind in ("ferry", "quay"):
            begins = max(clock_min - margin_min, 0.0)
            spans.append((begins, min(end_min + margin_min, total_min)))
        clock_min = end_min
    return join_spans(spans)


def _find_near_minutes(
    pieces: Sequence[Piece], clearance: Clearance
) -> Iterator[tuple[float, float]]:
    """Yield spans of driving minutes too near to a place that halts keep clear of.

    An end of the way that lies near is itself within the open interval.
    """
    clock_min = 0.0
    for number, piece in enumerate(pieces):
        for begins, ends in clearance.find(piece.coordinates):
            from_min = clock_min + begins * piece.duration_min
            to_min = clock_min + ends * piece.duration_min
            starts_near = number == 0 and begins == 0.0
            ends_near = number == len(pieces) - 1 and ends == 1.0
            yield (
                -1.0 if starts_near else from_min,
                to_min + 1.0 if ends_near else to_min,
            )
        clock_min += piece.duration_min


def cut_pieces(
    pieces: Sequence[Piece], from_min: float, to_min: float
) -> tuple[Piece, ...]:
    """Return the part of a way driven between two of its driving minutes.

    Parameters
    ----------
    pieces
        A whole way.
    from_min, to_min
        Driving minutes from its beginning, ``from_min`` <= ``to_min``.
    """
    cut = []
    clock_min = 0.0
    for piece in pieces:
        end_min = clock_min + piece.duration_min
        first = max(from_min, clock_min)
        last = min(to_min, end_min)
        if last > first:
            share = (
                (first - clock_min) / piece.duration_min,
                (last - clock_min) / piece.duration_min,
            )
            # Told by the minutes: a share of the whole is not always 1 exactly.
            is_whole = (first, last) == (clock_min, end_min)
            cut.append(piece if is_whole else _cut_piece(piece, *share))
        clock_min = end_min
    return tuple(cut)


def _cut_piece(piece: Piece, first: float, last: float) -> Piece:
    """Return the part of a piece between two shares of its length."""
    share = last - first
    return Piece(
        piece.line_id,
        piece.kind,
        piece.surface,
        piece.hazard,
        piece.length_m * share,
        piece.duration_min * share,
        piece.fuel_l * share,
        _cut_path(piece.coordinates, first, last),
    )


def _cut_path(path: tuple[Node, ...], first: float, last: float) -> tuple[Node, ...]:
    """Return the part of a path between two shares of its length."""
    points = np.array(path)
    along = measure_along(path)
    inner = (along > first) & (along < last)
    ends = [
        (
            float(np.interp(share, along, points[:, 0])),
            float(np.interp(share, along, points[:, 1])),
        )
        for share in (first, last)
    ]
    middle = [(float(x), float(y)) for x, y in points[inner]]
    return (ends[0], *middle, ends[1])
