"""The edges of the network as a vehicle class drives them in one road state.

Speed comes from the speeds table (vehicle x surface x season), ferries wait and cross,
closed lines are not there. Whoever has vehicles and boats changes at quays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from patrolplan.network.graph import Network, Node

__all__ = [
    "Arcs",
    "Piece",
    "RoadState",
    "find_joined",
    "is_known_class",
    "split_classes",
    "split_movers",
    "weigh_arcs",
    "weigh_hazard",
]


@dataclass(frozen=True)
class RoadState:
    """What decides how fast a line is driven, and whether it is open.

    Parameters
    ----------
    vehicle
        Vehicle class of the speeds table; or two, one of them for the water, joined by
        ``+``: whoever has both changes at quays.
    season
        ``dry`` or ``rains``.
    closed
        Ids of lines that are closed.
    shares
        Lines that are slowed, each with the share of its usual speed that is left; of
        a ferry's crossing, not of the wait for it.
    levels
        Lines that have a season of their own, each with it: a river goes by its
        gauge, ``rains`` at high water and ``dry`` at low.
    hazard_min_per_km
        Minutes that a kilometre counts more, in choosing a way, for each step of
        hazard. It never changes a duration.
    ferry_margin_min
        Minutes before and after a ferry, or a change at a quay, in which no halt is
        allowed.
    transfer_min
        Minutes that a change at a quay takes.
    time_factor
        Times as long as speeds, ferries and quays say that everything takes.
    strays
        Lines that seem longer in choosing a way, each with the share by which they do.
        It never changes a duration.
    """

    vehicle: str
    season: str = "dry"
    closed: frozenset[str] = frozenset()
    shares: tuple[tuple[str, float], ...] = ()
    levels: tuple[tuple[str, str], ...] = ()
    hazard_min_per_km: float = 0.0
    ferry_margin_min: float = 0.0
    transfer_min: float = 0.0
    time_factor: float = 1.0
    strays: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Piece:
    """A part of a line as driven, from one node to the next, or a cut of it.

    Parameters
    ----------
    line_id, kind, surface
        Of the line; what joins a place to its line is of the kind ``access``.
    hazard
        Steps of danger to a patrol, 0 to 3; None where unknown.
    length_m
        Its planning length.
    duration_min
        Driving, or waiting for a ferry and crossing.
    fuel_l
        Of one vehicle.
    coordinates
        Longitudes and latitudes in the direction driven.
    """

    line_id: str
    kind: str
    surface: str
    hazard: float | None
    length_m: float
    duration_min: float
    fuel_l: float
    coordinates: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Arcs:
    """The network as a vehicle class can use it: the cheapest way between two nodes.

    Parameters
    ----------
    pieces
        The cheapest open edge from one numbered node to another.
    costs
        What each counts in choosing a way, in the same order.
    index
        The number of each node. A class with boats has each node twice, ashore and
        afloat, the second ``len(index)`` higher.
    size
        How many numbers there are.
    """

    pieces: Mapping[tuple[int, int], Piece]
    costs: NDArray[np.float64]
    index: Mapping[Node, int]
    size: int

    def build_matrix(self) -> csr_array:
        """Return the costs as a sparse matrix."""
        rows = [pair[0] for pair in self.pieces]
        columns = [pair[1] for pair in self.pieces]
        return csr_array((self.costs, (rows, columns)), shape=(self.size,) * 2)


def split_classes(vehicle: str) -> tuple[str, ...]:
    """Return the one or two classes that a vehicle class is of.

    Parameters
    ----------
    vehicle
        Such as ``boat``, or ``light_4x4+boat``.
    """
    return tuple(part.strip() for part in vehicle.split("+"))


def split_movers(vehicle: str) -> tuple[str, ...]:
    """Return every class of vehicle that goes: of a convoy, all its classes.

    Parameters
    ----------
    vehicle
        As of :func:`split_classes`; a convoy of several classes is named by their
        shares, such as ``armoured:5&truck:1``.
    """
    return tuple(
        mover.split(":")[0]
        for part in split_classes(vehicle)
        for mover in part.split("&")
    )


def is_known_class(vehicle: str, speeds: Any) -> bool:
    """Return whether the speeds table knows a vehicle class, or both of a pair.

    Of a pair the first goes by land and the second by water alone.

    Parameters
    ----------
    vehicle
        As of :func:`split_classes`.
    speeds
        The speeds table.
    """
    surfaces = [
        set(speeds["surface"][speeds["vehicle"] == part])
        for part in split_classes(vehicle)
    ]
    if len(surfaces) == 1:
        return bool(surfaces[0])
    return (
        len(surfaces) == 2
        and bool(surfaces[0] - {"water"})
        and "water" not in surfaces[0]
        and surfaces[1] == {"water"}
    )


def weigh_arcs(network: Network, speeds: Any, state: RoadState) -> Arcs:
    """Return the network as it is in a road state.

    Parameters
    ----------
    network, speeds, state
        The graph, the speeds table, and what decides how fast an edge is driven.
    """
    index = {node: number for number, node in enumerate(sorted(network.graph.nodes))}
    best: dict[tuple[int, int], tuple[float, str, Piece]] = {}
    classes = split_classes(state.vehicle)
    for number, vehicle in enumerate(classes):
        shift = number * len(index)
        for tail, head, cost, piece in _list_pieces(network, speeds, state, vehicle):
            pair = (index[tail] + shift, index[head] + shift)
            rival = best.get(pair)
            # Equal costs are settled by id: the answer must not hang on the order.
            if rival is None or (cost, piece.line_id) < rival[:2]:
                best[pair] = (cost, piece.line_id, piece)
    if len(classes) > 1:
        for node, piece in _list_transfers(network, state):
            ashore = index[node]
            for pair in ((ashore, ashore + len(index)), (ashore + len(index), ashore)):
                best[pair] = (piece.duration_min, piece.line_id, piece)
    pairs = sorted(best)
    return Arcs(
        {pair: best[pair][2] for pair in pairs},
        np.array([best[pair][0] for pair in pairs], dtype=float),
        index,
        len(index) * len(classes),
    )


def _list_pieces(
    network: Network, speeds: Any, state: RoadState, vehicle: str
) -> Iterator[tuple[Node, Node, float, Piece]]:
    """Yield the open edges of one class, each with what it counts."""
    tables: dict[str, dict[str, tuple[float, float]]] = {}
    for row in speeds.itertuples():
        if row.vehicle == vehicle:
            known = tables.setdefault(row.season, {})
            known[row.surface] = (row.speed_kmh, row.fuel_l_per_100km)
    shares, levels = dict(state.shares), dict(state.levels)
    strays = dict(state.strays)
    for tail, head, edge in network.graph.edges(data=True):
        line = edge["line_id"]
        if tail == head or line in state.closed:
            continue
        season = levels.get(line, state.season)
        piece = _weigh_edge(edge, tables.get(season, {}), season, shares.get(line, 1.0))
        if piece is not None:
            duration_min = piece.duration_min * state.time_factor
            piece = replace(piece, duration_min=duration_min)
            cost = piece.duration_min + state.hazard_min_per_km * weigh_hazard(piece)
            yield tail, head, cost * (1.0 + strays.get(line, 0.0)), piece


def _list_transfers(network: Network, state: RoadState) -> Iterator[tuple[Node, Piece]]:
    """Yield the quays, places on a river, each with the change of modes there."""
    edges = network.graph.edges(data=True)
    afloat = {tail for tail, _, edge in edges if edge["kind"] == "river"}
    for node in sorted(set(network.nodes.values()) & afloat):
        place = min(key for key, spot in network.nodes.items() if spot == node)
        yield (
            node,
            Piece(
                f"quay-{place}",
                "quay",
                "water",
                None,
                0.0,
                state.transfer_min * state.time_factor,
                0.0,
                (node, node),
            ),
        )


def find_joined(
    network: Network, speeds: Any, state: RoadState, place_ids: Sequence[str]
) -> frozenset[str]:
    """Return the places that have a way to any of some places, and one back.

    Parameters
    ----------
    network, speeds, state
        As of :func:`weigh_arcs`.
    place_ids
        The places; those that no line serves have no way to any.
    """
    arcs = weigh_arcs(network, speeds, state)
    parts = connected_components(arcs.build_matrix(), connection="strong")[1]
    part_of = {place: parts[arcs.index[node]] for place, node in network.nodes.items()}
    own = {part_of[place] for place in place_ids if place in part_of}
    return frozenset(place for place, part in part_of.items() if part in own)


def _weigh_edge(
    edge: Mapping[str, Any],
    table: Mapping[str, tuple[float, float]],
    season: str,
    share: float,
) -> Piece | None:
    """Return an edge as driven in a season, slowed; None where it is closed then."""
    if edge.get(f"status_{season}") == "closed":
        return None
    length_m = edge["length_m"]
    ground_share = edge.get("speed_share") or 1.0
    if edge["kind"] == "ferry":
        # A boat needs no ferry; whoever drives on a track can be ferried.
        if "track" not in table:
            return None
        duration_min = (edge["wait_min"] or 0.0) + (edge["crossing_min"] or 0.0) / share
        fuel_l = 0.0
    elif edge["surface"] in table:
        speed_kmh, fuel_l_per_100km = table[edge["surface"]]
        # What is known of the edge itself goes before the table.
        speed_kmh = edge.get("speed_kmh", speed_kmh)
        duration_min = length_m / 1000 / (speed_kmh * share * ground_share) * 60
        if "duration_min" in edge:
            duration_min = edge["duration_min"] / share
        burnt = 0.0 if np.isnan(fuel_l_per_100km) else fuel_l_per_100km
        # Slow ground is thirsty ground; of a line slowed by water nobody knows.
        fuel_l = length_m / 1000 * burnt / 100 / ground_share
    else:
        return None
    return Piece(
        edge["line_id"],
        edge["kind"],
        edge["surface"],
        edge["hazard"],
        length_m,
        duration_min,
        fuel_l,
        edge["coordinates"],
    )


def weigh_hazard(piece: Piece) -> float:
    """Return the hazard driven through on a piece, in steps times km.

    Parameters
    ----------
    piece
        The piece; an unknown hazard counts 0.
    """
    return (piece.hazard or 0.0) * piece.length_m / 1000
