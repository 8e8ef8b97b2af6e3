"""Routes between named places: the quickest, and others that truly differ."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from patrolplan.errors import RouteError
from patrolplan.network.graph import Network, Node
from patrolplan.network.travel import Piece, RoadState, Travel, build_travel

__all__ = ["Route", "check_stops", "find_quickest", "find_routes"]


@dataclass(frozen=True)
class Route:
    """One way through two places or more: moving and ferry time, no nights."""

    pieces: tuple[Piece, ...]

    @property
    def length_m(self) -> float:
        """Length in metres."""
        return sum(piece.length_m for piece in self.pieces)

    @property
    def duration_min(self) -> float:
        """Driving and ferry time in minutes."""
        return sum(piece.duration_min for piece in self.pieces)

    @property
    def line_ids(self) -> tuple[str, ...]:
        """Ids of the lines driven, in order, each once in a row."""
        return tuple(
            key for key, _ in itertools.groupby(p.line_id for p in self.pieces)
        )

    @property
    def coordinates(self) -> tuple[Node, ...]:
        """Positions along the route, in degrees."""
        return join_coordinates(self.pieces)


def join_coordinates(pieces: Sequence[Piece]) -> tuple[Node, ...]:
    """Return the positions along pieces that follow each other.

    Parameters
    ----------
    pieces
        In the order driven; where one ends the next begins, and that spot counts once.
    """
    path: list[Node] = []
    for piece in pieces:
        path.extend(piece.coordinates[1:] if path else piece.coordinates)
    return tuple(path)


def find_routes(
    network: Network,
    speeds: Any,
    place_ids: Sequence[str],
    state: RoadState,
    *,
    alternatives: int = 1,
) -> tuple[Route, ...]:
    """Find the quickest route through places in their order, and alternatives.

    Parameters
    ----------
    network, speeds, state
        Over what, how fast, and in which road state.
    place_ids
        At least two places.
    alternatives
        How many routes at most. Each further one is the quickest of those that
        avoid one line of a route found already.

    Returns
    -------
    The routes, quickest first.

    Raises
    ------
    RouteError
        If a place is on no line or twice in a row, or there is no way.
    """
    check_stops(network, place_ids)
    first = find_quickest(network, speeds, place_ids, state)
    if first is None:
        msg = (
            f"No way from {place_ids[0]!r} to {place_ids[-1]!r} "
            f"for {state.vehicle} in the {state.season} season."
        )
        raise RouteError(msg)
    routes = [first]
    tried: set[frozenset[str]] = set()
    found: list[Route] = []
    while len(routes) < alternatives:
        for line in sorted({line for route in routes for line in route.line_ids}):
            closed = state.closed | {line}
            if closed in tried:
                continue
            tried.add(closed)
            other = find_quickest(
                network, speeds, place_ids, replace(state, closed=closed)
            )
            if other is not None:
                found.append(other)
        known = {route.line_ids for route in routes}
        found = [route for route in found if route.line_ids not in known]
        if not found:
            break
        routes.append(min(found, key=lambda r: (r.duration_min, r.line_ids)))
    return tuple(sorted(routes, key=lambda r: (r.duration_min, r.line_ids)))


def check_stops(network: Network, place_ids: Sequence[str]) -> None:
    """Refuse a route that begins where it ends, or leaves the network.

    Parameters
    ----------
    network, place_ids
        As of :func:`find_routes`.

    Raises
    ------
    RouteError
        If a place is on no line or twice in a row.
    """
    for origin, destination in itertools.pairwise(place_ids):
        if origin == destination:
            msg = f"A route begins and ends at {origin!r}."
            raise RouteError(msg)
    for place in place_ids:
        if place not in network.nodes:
            msg = f"No line of communication reaches {place!r}."
            raise RouteError(msg)


def find_quickest(
    network: Network, speeds: Any, place_ids: Sequence[str], state: RoadState
) -> Route | None:
    """Return the quickest route through places in their order, None if there is none.

    Parameters
    ----------
    network, speeds, place_ids, state
        As of :func:`find_routes`.
    """
    unique = tuple(dict.fromkeys(place_ids))
    travel: Travel = build_travel(network, speeds, unique, state)
    pieces: list[Piece] = []
    for origin, destination in itertools.pairwise(place_ids):
        i, j = unique.index(origin), unique.index(destination)
        if travel.durations_min[i, j] == float("inf"):
            return None
        pieces.extend(travel.trace(origin, destination))
    return Route(tuple(pieces))
