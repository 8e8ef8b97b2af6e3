"""Splitting lines where they share a vertex: arrays in, arrays out, no loop.

Vertices are matched by position, to 1e-7 degrees (1 cm): the format of OpenStreetMap
has no finer ones. Lines that merely cross are never joined, and neither are lines on
different levels that both run on through one position: a bridge and what it crosses.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import measure_distance_m

__all__ = ["Noded", "Vertices", "draw_lines", "pack_positions", "split_lines"]

_PER_DEGREE = 10_000_000


class Vertices(NamedTuple):
    """Lines as vertices, one after the other.

    Attributes
    ----------
    lon, lat
        Degrees.
    line
        Number of the line that each is of; rising.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    line: NDArray[np.int64]


class Noded(NamedTuple):
    """Lines split at their nodes.

    Attributes
    ----------
    from_node, to_node
        Ends of each edge, in the direction of its line.
    length_m
        Geodesic length along each edge.
    line
        Number of the line that each edge is of.
    node_lon, node_lat
        Degrees of the nodes, south to north and then west to east.
    vertices
        The vertices of all edges, edge after edge; ``line`` is there the edge.
    """

    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    length_m: NDArray[np.float64]
    line: NDArray[np.int64]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    vertices: Vertices


def draw_lines(
    x: NDArray[np.float64], y: NDArray[np.float64], line: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Return vertices as LineStrings, one for each number of a line.

    Parameters
    ----------
    x, y
        Of each vertex.
    line
        Number of its line, rising from 0 without a gap.
    """
    drawn: Any = shapely.linestrings(np.column_stack((x, y)), indices=line)
    return np.asarray(drawn, dtype=object)


def pack_positions(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return one whole number for each position, the same for those that are joined.

    Parameters
    ----------
    lon, lat
        Degrees.
    """
    column = np.round(lon * _PER_DEGREE).astype(np.int64) + 180 * _PER_DEGREE
    row = np.round(lat * _PER_DEGREE).astype(np.int64) + 90 * _PER_DEGREE
    return np.asarray(row * (360 * _PER_DEGREE + 1) + column, dtype=np.int64)


def _unpack_positions(
    packed: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    row, column = np.divmod(packed, 360 * _PER_DEGREE + 1)
    lon = (column - 180 * _PER_DEGREE) / _PER_DEGREE
    return lon, (row - 90 * _PER_DEGREE) / _PER_DEGREE


def split_lines(vertices: Vertices, level: NDArray[np.int16]) -> Noded:
    """Split lines at their ends and at the vertices that they share.

    Parameters
    ----------
    vertices
        The lines. Those without any length leave no edge.
    level
        Of each line: 0 on the ground, 1 for a bridge.
    """
    packed = pack_positions(vertices.lon, vertices.lat)
    # Vertices that repeat would be edges without length.
    fresh = np.ones(len(packed), dtype=bool)
    fresh[1:] = (packed[1:] != packed[:-1]) | (vertices.line[1:] != vertices.line[:-1])
    # What is left of a line that never moves is one vertex.
    runs = np.bincount(vertices.line[fresh], minlength=len(level)) > 1
    fresh &= runs[vertices.line]
    packed, line = packed[fresh], vertices.line[fresh]
    # As whole numbers of 1e-7 degrees: one node has one position, whoever comes first.
    lon, lat = _unpack_positions(packed)
    first = np.ones(len(line), dtype=bool)
    first[1:] = line[1:] != line[:-1]
    ends = first | np.roll(first, -1)
    place = _number_places(packed, level[line], ends)
    shared = np.bincount(place, minlength=1)[place] > 1
    cuts = np.flatnonzero(ends | shared)
    whole = line[cuts[1:]] == line[cuts[:-1]]
    begin, end = cuts[:-1][whole], cuts[1:][whole]
    nodes, numbered = np.unique(place[cuts], return_inverse=True)
    number = np.zeros(len(place), dtype=np.int64)
    number[cuts] = numbered
    at = np.zeros(len(nodes), dtype=np.int64)
    at[numbered] = cuts
    parts_m = np.zeros(len(lon))
    parts_m[:-1] = measure_distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    length_m = np.add.reduceat(parts_m, _interleave(begin, end))[::2]
    inside = _expand(begin, end + 1)
    edge = np.repeat(np.arange(len(begin)), end + 1 - begin)
    return Noded(
        number[begin],
        number[end],
        length_m if len(begin) else np.zeros(0),
        line[begin],
        lon[at],
        lat[at],
        Vertices(lon[inside], lat[inside], edge),
    )


def _number_places(
    packed: NDArray[np.int64], level: NDArray[np.int16], ends: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return a number for each vertex, the same for those that meet.

    Where a line ends, all meet. Elsewhere those of one level do.
    """
    places, place = np.unique(packed, return_inverse=True)
    levels, rank = np.unique(level, return_inverse=True)
    if len(levels) == 1:
        return place.astype(np.int64)
    ended = np.zeros(len(places), dtype=bool)
    ended[place[ends]] = True
    apart = place * len(levels) + np.where(ended[place], 0, rank)
    return np.unique(apart, return_inverse=True)[1].astype(np.int64)


def _interleave(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return begin and end of each edge in turn, as ``reduceat`` reads them."""
    return np.column_stack((begin, end)).ravel()


def _expand(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all numbers from each beginning to before its end, one after the other."""
    counts = end - begin
    starts = np.cumsum(counts) - counts
    within = np.arange(counts.sum()) - np.repeat(starts - begin, counts)
    return np.asarray(within, dtype=np.int64)
