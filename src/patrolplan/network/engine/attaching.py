"""Sites onto the nearest edge, by an offset along it: the topology stays as it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from patrolplan.geodesy import project_geometry
from patrolplan.network.edges import EdgeTable
from patrolplan.network.engine.paths import draw_edges
from patrolplan.network.engine.spots import Spots

__all__ = ["Attached", "attach_sites"]


class Attached(NamedTuple):
    """Sites on edges.

    Attributes
    ----------
    spots
        Where the sites that are joined stand.
    rows
        Which of the sites those are, in order.
    distances_m
        How far each of all sites lies from its edge, in metres; ``inf`` if too far.
    """

    spots: Spots
    rows: NDArray[np.int64]
    distances_m: NDArray[np.float64]


def attach_sites(
    table: EdgeTable, lon: ArrayLike, lat: ArrayLike, *, snap_m: float
) -> Attached:
    """Return sites on the nearest edge each; of equally near ones on the first.

    Parameters
    ----------
    table
        The edges.
    lon, lat
        Positions in degrees.
    snap_m
        How far a site may lie from its edge, in metres.
    """
    points = np.column_stack((lon, lat)).astype(float)
    count = len(points)
    distances = np.full(count, np.inf)
    none = np.empty(0, dtype=np.int64)
    if not len(table) or not count:
        return Attached(Spots(none, np.empty(0)), none, distances)
    lines = project_geometry(draw_edges(table), to_metric=True)
    sites = project_geometry(shapely.points(points), to_metric=True)
    (rows, edges), apart = shapely.STRtree(lines).query_nearest(
        sites, max_distance=snap_m, return_distance=True
    )
    order = np.lexsort((edges, rows))
    rows, first = np.unique(rows[order], return_index=True)
    edges, apart = edges[order][first], apart[order][first]
    distances[rows] = apart
    share = shapely.line_locate_point(lines[edges], sites[rows], normalized=True)
    # Of an edge without length each share is the same.
    share = np.clip(np.nan_to_num(share), 0.0, 1.0)
    return Attached(Spots(edges.astype(np.int64), share), rows, distances)
