"""Places onto the nearest edge: the one rule for matrices, the engine and graphs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from patrolplan.geodesy import build_plane
from patrolplan.network.edges import EdgeTable
from patrolplan.network.noding import draw_lines

__all__ = ["SAME_SPOT_M", "Joints", "draw_edges", "join_places"]

SAME_SPOT_M = 1.0
"""A place this near to a vertex, or the end of an edge, stands on it: the rest is
rounding."""


class Joints(NamedTuple):
    """Where places are joined to edges: one row a place that is, in order.

    Attributes
    ----------
    place
        Number of the place.
    edge
        The edge.
    share
        How far along it, 0 to 1; of what joins at an end of the edge just that.
    away_m
        How far the place lies from there.
    """

    place: NDArray[np.int64]
    edge: NDArray[np.int64]
    share: NDArray[np.float64]
    away_m: NDArray[np.float64]


def join_places(
    edges: EdgeTable,
    usable: NDArray[np.int64],
    lon: ArrayLike,
    lat: ArrayLike,
    snap_m: float,
) -> Joints:
    """Join each place to the nearest edge; of equally near ones to the first.

    Distances are those of an equal-area plane about the middle of the edges.

    Parameters
    ----------
    edges
        The table.
    usable
        Rows of the edges that places may join, ascending.
    lon, lat
        Positions in degrees.
    snap_m
        How far a place may lie from its edge.
    """
    spots = np.column_stack((lon, lat)).astype(float)
    nothing = np.zeros(0, dtype=np.int64)
    if not len(usable) or not len(spots):
        return Joints(nothing, nothing, np.zeros(0), np.zeros(0))
    drawn = draw_edges(edges, usable)
    points, line = shapely.get_coordinates(drawn, return_index=True)
    to_plane, _ = build_plane(points[:, 0], points[:, 1])
    lines = draw_lines(*to_plane.transform(points[:, 0], points[:, 1]), line)
    x, y = to_plane.transform(spots[:, 0], spots[:, 1])
    # A place on the other side of the world has no position on the plane.
    on_plane = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    here = shapely.points(x[on_plane], y[on_plane])
    (row, near), away_m = shapely.STRtree(lines).query_nearest(
        here, max_distance=max(snap_m, 1e-3), return_distance=True
    )
    order = np.lexsort((near, row))
    best = order[np.unique(row[order], return_index=True)[1]]
    chosen = near[best]
    share = shapely.line_locate_point(lines[chosen], here[row[best]], normalized=True)
    # Of an edge without length each share is the same.
    share = np.clip(np.atleast_1d(np.nan_to_num(share)), 0.0, 1.0)
    # At an end of an edge all edges meet: one-way ones would part there else.
    long_m = shapely.length(lines[chosen])
    share = np.where(share * long_m < SAME_SPOT_M, 0.0, share)
    share = np.where((1 - share) * long_m < SAME_SPOT_M, 1.0, share)
    return Joints(on_plane[row[best]], usable[chosen], share, away_m[best])


def draw_edges(
    edges: EdgeTable, rows: NDArray[np.int64] | None = None
) -> NDArray[np.object_]:
    """Return the lines of edges in degrees, straight where none is drawn.

    Parameters
    ----------
    edges
        The table.
    rows
        Which of them; all if None.
    """
    if edges.geometry is not None:
        drawn: Any = edges.geometry if rows is None else edges.geometry[rows]
        return np.asarray(drawn, dtype=object)
    chosen = slice(None) if rows is None else rows
    ends = np.stack((edges.from_node[chosen], edges.to_node[chosen]), axis=1).ravel()
    line = np.repeat(np.arange(len(ends) // 2), 2)
    return draw_lines(edges.node_lon[ends], edges.node_lat[ends], line)
