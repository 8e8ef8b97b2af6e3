"""Joining lines that a drawing left apart: loose ends snap, nothing else moves.

A file that was digitised by eye has roads that end some metres beside the road they
join. Where the planner states a tolerance, an end that touches nothing is drawn on to
the nearest vertex of another line within it, else to the nearest point of one on its
own level. The line stays as it was, with the way across added at its end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import measure_distance_m
from patrolplan.network.noding import Vertices, pack_positions

__all__ = ["Snapped", "snap_ends"]

_DECIMALS = 7


class Snapped(NamedTuple):
    """Lines with their loose ends drawn on.

    Attributes
    ----------
    vertices
        The lines.
    gaps_m
        How long each way is that was added.
    """

    vertices: Vertices
    gaps_m: NDArray[np.float64]


class _Feet(NamedTuple):
    """Where loose ends could be drawn on to: one row a pair of end and segment.

    Attributes
    ----------
    end
        Which loose end.
    segment
        Vertex at which the segment begins.
    share
        How far along the segment, 0 to 1.
    lon, lat
        Where, in degrees.
    away_m
        How far from the end.
    is_vertex
        Whether a vertex is there.
    """

    end: NDArray[np.int64]
    segment: NDArray[np.int64]
    share: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    away_m: NDArray[np.float64]
    is_vertex: NDArray[np.bool_]


def snap_ends(
    vertices: Vertices, level: NDArray[np.int16], tolerance_m: float
) -> Snapped:
    """Draw loose ends of lines on to other lines.

    Parameters
    ----------
    vertices
        The lines.
    level
        Of each line: an end meets the middle of a line on its own level only.
    tolerance_m
        How far, in metres; 0 leaves all as it is.
    """
    if tolerance_m <= 0 or len(vertices.lon) == 0:
        return Snapped(vertices, np.zeros(0))
    packed = pack_positions(vertices.lon, vertices.lat)
    first = np.ones(len(packed), dtype=bool)
    first[1:] = vertices.line[1:] != vertices.line[:-1]
    last = np.roll(first, -1)
    _, place, uses = np.unique(packed, return_inverse=True, return_counts=True)
    loose = np.flatnonzero((first | last) & (uses[place] == 1))
    feet = _find_feet(vertices, level, loose, first | last, tolerance_m)
    feet = _choose(feet, packed[loose])
    return _draw(vertices, loose, feet, first)


def _find_feet(
    vertices: Vertices,
    level: NDArray[np.int16],
    loose: NDArray[np.int64],
    ends: NDArray[np.bool_],
    tolerance_m: float,
) -> _Feet:
    """Return all that lies within the tolerance of a loose end, on other lines."""
    lon, lat, line = vertices
    begins = np.flatnonzero(line[1:] == line[:-1])
    spots = np.column_stack((lon, lat))
    segments: Any = shapely.linestrings(
        np.stack((spots[begins], spots[begins + 1]), axis=1)
    )
    scale_x, scale_y = _measure_degree_m(lat[loose])
    # A little more than the tolerance: what is beyond falls out when it is measured.
    dx, dy = 1.01 * tolerance_m / scale_x, 1.01 * tolerance_m / scale_y
    boxes = shapely.box(
        lon[loose] - dx, lat[loose] - dy, lon[loose] + dx, lat[loose] + dy
    )
    pairs = shapely.STRtree(segments).query(boxes, predicate="intersects")
    end, segment = pairs[0], begins[pairs[1]]
    other = line[segment] != line[loose[end]]
    end, segment = end[other], segment[other]
    at = loose[end]

    def place(vertex: NDArray[np.int64]) -> NDArray[np.float64]:
        x = (lon[vertex] - lon[at]) * scale_x[end]
        return np.column_stack((x, (lat[vertex] - lat[at]) * scale_y[end]))

    one, two = place(segment), place(segment + 1)
    run = two - one
    squared = np.maximum((run**2).sum(axis=1), 1e-12)
    share = np.clip(-(one * run).sum(axis=1) / squared, 0, 1)
    same_level = level[line[segment]] == level[line[at]]
    found = []
    for kind, along, spot in ((0, 0.0, one), (1, 1.0, two), (2, share, None)):
        spot = one + share[:, None] * run if spot is None else spot
        away_m = np.hypot(*spot.T)
        open_to = same_level | ends[segment + kind] if kind < 2 else same_level
        near = np.flatnonzero((away_m <= tolerance_m) & open_to)
        part, here = np.broadcast_to(along, len(end))[near], segment[near]
        found.append(
            _Feet(
                end[near],
                here,
                part,
                np.round(lon[here] + part * (lon[here + 1] - lon[here]), _DECIMALS),
                np.round(lat[here] + part * (lat[here + 1] - lat[here]), _DECIMALS),
                np.round(away_m[near], _DECIMALS),
                np.full(len(near), kind < 2),
            )
        )
    columns = (np.concatenate(column) for column in zip(*found, strict=True))
    return _Feet(*columns)


def _measure_degree_m(
    lat: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the metres of a degree of longitude and of latitude, at latitudes."""
    small = np.float64(1e-4)
    east = measure_distance_m(np.zeros_like(lat), lat, np.full_like(lat, small), lat)
    # Away from the poles on both sides.
    nearer = lat - np.copysign(small, lat)
    north = measure_distance_m(0.0, lat, 0.0, nearer)
    return np.maximum(east / small, 1.0), north / small


def _choose(feet: _Feet, packed: NDArray[np.int64]) -> _Feet:
    """Return the best of each end: a vertex before a point between, then the nearest.

    Equal ones are settled by position, so that the order of the file plays no part.
    Of two ends that would meet each other, only one is drawn on.
    """
    target = pack_positions(feet.lon, feet.lat)
    order = np.lexsort((target, feet.away_m, ~feet.is_vertex, feet.end))
    best = order[np.unique(feet.end[order], return_index=True)[1]]
    meets = np.full(len(packed), -1, dtype=np.int64)
    by_place = np.argsort(packed)
    rank = np.searchsorted(packed[by_place], target[best]).clip(max=len(packed) - 1)
    partner = by_place[rank]
    is_end = packed[partner] == target[best]
    meets[feet.end[best][is_end]] = partner[is_end]
    own = feet.end[best]
    mutual = is_end & (meets[partner] == own)
    kept = best[~mutual | (packed[own] < packed[partner])]
    return _Feet(*(column[kept] for column in feet))


def _draw(
    vertices: Vertices,
    loose: NDArray[np.int64],
    feet: _Feet,
    first: NDArray[np.bool_],
) -> Snapped:
    """Return the lines with a vertex at each foot, and each end drawn on to its own."""
    lon, lat, line = vertices
    inner = ~feet.is_vertex
    at = loose[feet.end]
    # Before the first vertex of a line, or after its last.
    place = np.concatenate((np.where(first[at], at, at + 1), feet.segment[inner] + 1))
    owner = np.concatenate((line[at], line[feet.segment[inner]]))
    along = np.concatenate((np.zeros(len(at)), feet.share[inner]))
    new_lon = np.concatenate((feet.lon, feet.lon[inner]))
    new_lat = np.concatenate((feet.lat, feet.lat[inner]))
    order = np.lexsort((along, owner, place))
    place = place[order]
    drawn = Vertices(
        np.insert(lon, place, new_lon[order]),
        np.insert(lat, place, new_lat[order]),
        np.insert(line, place, owner[order]),
    )
    return Snapped(drawn, measure_distance_m(lon[at], lat[at], feet.lon, feet.lat))
