"""Where along a way no halt is allowed, for places that halts keep clear of.

Positions are reckoned on a plane that touches a sphere of mean radius at the place:
over the few kilometres that count, within 0.6 % of the ellipsoid. So a little more than
the distance is kept, and the referee, which reckons on that sphere, never finds less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, radians
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolplan.network.graph import Node

__all__ = ["Clearance", "KeptKind", "KeptPlace", "join_spans", "measure_along"]

KeptKind = Literal["camp", "school", "health"]

_KM_PER_DEGREE = 111.195
_MARGIN = 1.01
# More than what rounding takes off a box round a circle.
_ABOVE = 1.000001


class KeptPlace(NamedTuple):
    """A place that halts keep clear of.

    Attributes
    ----------
    id
        Of the row of a layer that it is.
    kind
        ``camp``, ``school`` or ``health``.
    lon, lat
        Position in degrees, WGS 84.
    km
        How far a halt keeps from it, in km, more than 0.
    assumed
        Whether the position is that of the site it stands at.
    """

    id: str
    kind: KeptKind
    lon: float
    lat: float
    km: float
    assumed: bool


def measure_along(path: Sequence[Node]) -> NDArray[np.float64]:
    """Return how far along a path each of its positions is, as a share of the whole.

    Parameters
    ----------
    path
        Two positions or more, in degrees.
    """
    points = np.array(path)
    # Steps are small against the theatre: plain degrees, narrowed by latitude, share
    # out a step as well as the geodesic does.
    narrow = np.cos(np.radians(points[:, 1].mean()))
    steps = np.hypot(np.diff(points[:, 0]) * narrow, np.diff(points[:, 1]))
    along = np.concatenate(([0.0], np.cumsum(steps)))
    if not along[-1]:
        # A change at a quay goes nowhere.
        return np.linspace(0.0, 1.0, len(points))
    shares: NDArray[np.float64] = along / along[-1]
    return shares


def join_spans(
    spans: Iterable[tuple[float, float]],
) -> tuple[tuple[float, float], ...]:
    """Return open intervals sorted, with those that overlap or touch as one.

    Parameters
    ----------
    spans
        Beginnings and ends.
    """
    joined: list[tuple[float, float]] = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            last = joined.pop()
            begins, ends = last[0], max(last[1], ends)
        joined.append((begins, ends))
    return tuple(joined)


class Clearance:
    """Finds the parts of paths that lie too near to places; each path once.

    Parameters
    ----------
    places
        What to keep clear of.
    """

    def __init__(self, places: Iterable[KeptPlace]) -> None:
        self._places = tuple(places)
        # Within which degrees of longitude and latitude each place can matter at all.
        spots = np.array([(p.lon, p.lat, p.km) for p in self._places]).reshape(-1, 3)
        high = spots[:, 2] * _MARGIN * _ABOVE / _KM_PER_DEGREE
        wide = high / np.cos(np.radians(spots[:, 1]))
        reach = np.column_stack((wide, high))
        self._lows, self._highs = spots[:, :2] - reach, spots[:, :2] + reach
        self._found: dict[tuple[Node, ...], tuple[tuple[float, float], ...]] = {}

    def __reduce__(self) -> tuple[type[Clearance], tuple[tuple[KeptPlace, ...]]]:
        """Tell the places alone: what was found so far is no part of what it is."""
        return type(self), (self._places,)

    def find(self, path: tuple[Node, ...]) -> tuple[tuple[float, float], ...]:
        """Return the shares of a path between which it is too near to any place.

        Parameters
        ----------
        path
            Two positions or more, in degrees.

        Returns
        -------
        Sorted spans that do not touch, as :func:`measure_along` counts shares.
        """
        if path not in self._found:
            self._found[path] = self._measure(path) if self._places else ()
        return self._found[path]

    def _measure(self, path: tuple[Node, ...]) -> tuple[tuple[float, float], ...]:
        points = np.array(path)
        along = measure_along(path)
        spans: list[tuple[float, float]] = []
        lows, highs = points.min(axis=0), points.max(axis=0)
        near = ((self._lows <= highs) & (self._highs >= lows)).all(axis=1)
        for number in np.flatnonzero(near).tolist():
            place = self._places[number]
            east = (points[:, 0] - place.lon) * cos(radians(place.lat))
            flat = np.column_stack((east, points[:, 1] - place.lat)) * _KM_PER_DEGREE
            begins, ends, inside = _cut_circle(flat, place.km * _MARGIN)
            steps = np.diff(along)
            spans += [
                (
                    float(along[n] + begins[n] * steps[n]),
                    float(along[n] + ends[n] * steps[n]),
                )
                for n in np.flatnonzero(inside).tolist()
            ]
        return join_spans(spans)


def _cut_circle(
    points: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the shares of each step between which it is within a circle round 0, 0.

    |start + t step|^2 < radius^2 between the two roots of a quadratic in t, cut to the
    step itself. The third array says which steps have any such part.
    """
    start, step = points[:-1], np.diff(points, axis=0)
    square = (step**2).sum(axis=1)
    towards = -(start * step).sum(axis=1)
    inner = towards**2 - square * ((start**2).sum(axis=1) - radius**2)
    moves = square > 0
    # A step of no length divides by 1 and is left out.
    whole = np.where(moves, square, 1.0)
    root = np.sqrt(np.maximum(inner, 0.0))
    begins = np.clip((towards - root) / whole, 0.0, 1.0)
    ends = np.clip((towards + root) / whole, 0.0, 1.0)
    return begins, ends, moves & (inner > 0) & (ends > begins)
