"""What a way comes by: stretches of lines driven whole, and places passed near.

A line that earns is cut where the graph cuts it, at junctions and places, so that a
patrol that stops on it, or leaves it half way, has driven the stretches behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import project_geometry
from patrolplan.network.graph import Network, Node
from patrolplan.network.travel import Piece, Travel

__all__ = ["Stretch", "find_waysides", "list_stretches"]


class Stretch(NamedTuple):
    """A part of a line between two nodes of the graph.

    Attributes
    ----------
    id
        ``LINE:n``, with n from 1.
    line_id
        The line.
    length_m
        Its planning length in metres.
    coordinates
        Positions along it in degrees, in one of its two directions.
    """

    id: str
    line_id: str
    length_m: float
    coordinates: tuple[Node, ...]


def list_stretches(network: Network, line_ids: Collection[str]) -> tuple[Stretch, ...]:
    """Return the stretches of some lines, by line and then from west to east.

    Parameters
    ----------
    network
        The graph.
    line_ids
        Which lines.
    """
    lengths_m = {
        (edge["line_id"], _turn_east(edge["coordinates"])): edge["length_m"]
        for _, _, edge in network.graph.edges(data=True)
        if edge["line_id"] in line_ids
    }
    stretches: list[Stretch] = []
    count = 0
    for (line_id, path), length_m in sorted(lengths_m.items()):
        same = bool(stretches) and stretches[-1].line_id == line_id
        count = count + 1 if same else 1
        stretches.append(Stretch(f"{line_id}:{count}", line_id, length_m, path))
    return tuple(stretches)


def find_waysides(
    travel: Travel,
    stretches: Sequence[Stretch],
    places: Mapping[str, Node],
    passing_m: float,
) -> dict[tuple[int, int], tuple[tuple[str, float], ...]]:
    """Return what each way between two places comes by, and when.

    Parameters
    ----------
    travel
        The ways.
    stretches
        Parts of lines that count once they are driven from end to end.
    places
        Position in degrees of each place that counts when a way comes within
        ``passing_m`` of it. The two ends of a way are not passed.
    passing_m
        Metres, more than 0.

    Returns
    -------
    By numbers of origin and destination: ids of stretches and places, each with the
    driving minute at which the stretch has been driven, or the way first comes so near.
    Ways that come by nothing are left out.
    """
    known = {(s.line_id, s.coordinates): s.id for s in stretches}
    finder = _Passing(places, passing_m)
    found = {}
    for i, j in np.argwhere(np.isfinite(travel.durations_min)).tolist():
        ends = (travel.place_ids[i], travel.place_ids[j])
        minutes: dict[str, float] = {}
        clock_min = 0.0
        for piece in travel.trace(*ends):
            for place, share in finder.find(piece):
                if place not in ends:
                    minutes.setdefault(place, clock_min + share * piece.duration_min)
            clock_min += piece.duration_min
            key = (piece.line_id, _turn_east(piece.coordinates))
            if key in known:
                minutes.setdefault(known[key], clock_min)
        if minutes:
            found[i, j] = tuple(
                sorted(minutes.items(), key=lambda item: (item[1], item[0]))
            )
    return found


def _turn_east(path: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return a path in the one of its two directions that comes first in order."""
    return min(path, path[::-1])


class _Passing:
    """Finds the places that a piece of a way passes near; each piece once."""

    def __init__(self, places: Mapping[str, Node], passing_m: float) -> None:
        self._ids = list(places)
        spots = shapely.points(list(places.values())) if places else np.array([])
        self._spots: Any = project_geometry(spots, to_metric=True) if places else spots
        self._tree = shapely.STRtree(self._spots)
        self._passing_m = passing_m
        self._found: dict[tuple[Node, ...], tuple[tuple[str, float], ...]] = {}

    def find(self, piece: Piece) -> tuple[tuple[str, float], ...]:
        """Return places, and the share of the piece, 0 to 1, after which each is near.

        Parameters
        ----------
        piece
            Of a way.
        """
        path = piece.coordinates
        if path not in self._found:
            line = project_geometry(shapely.LineString(path), to_metric=True)
            near = self._tree.query(line, predicate="dwithin", distance=self._passing_m)
            points = shapely.get_coordinates(line)
            shares = (
                (self._ids[n], self._measure(points, self._spots[n]))
                for n in sorted(near.tolist())
            )
            self._found[path] = tuple(
                (place, share) for place, share in shares if share is not None
            )
        return self._found[path]

    def _measure(self, points: NDArray[np.float64], spot: Any) -> float | None:
        """Return the share of a path after which it first is near; None for never."""
        steps = np.diff(points, axis=0)
        lengths_m = np.hypot(*steps.T)
        behind_m = 0.0
        for start, step, length_m in zip(
            points[:-1], steps, lengths_m.tolist(), strict=True
        ):
            along = _enter_circle(
                float(start[0] - spot.x),
                float(start[1] - spot.y),
                float(step[0]),
                float(step[1]),
                self._passing_m,
            )
            if along is not None:
                return float((behind_m + along * length_m) / lengths_m.sum())
            behind_m += length_m
        return None


def _enter_circle(
    x: float, y: float, step_x: float, step_y: float, radius: float
) -> float | None:
    """Return the share of a step from x, y after which it is in a circle round 0, 0.

    |start + t step| = radius is a quadratic in t; the lesser root is where it enters.
    """
    outside = x * x + y * y - radius * radius
    if outside <= 0:
        return 0.0
    square = step_x * step_x + step_y * step_y
    towards = -(x * step_x + y * step_y)
    inner = towards * towards - square * outside
    if square == 0 or towards <= 0 or inner < 0:
        return None
    share = (towards - sqrt(inner)) / square
    return share if share <= 1 else None
