"""What can be reached from a place within a limit, as polygons along the roads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from patrolplan.geodesy import project_geometry
from patrolplan.network.engine.paths import draw_edge
from patrolplan.network.engine.profile import Profile
from patrolplan.network.engine.spots import Spots

__all__ = ["draw_service_areas"]

_KEPT_M = 25.0
"""How far an outline may be simplified, as a part of the strip's width at most."""


def draw_service_areas(
    profile: Profile, source: Any, limits: Sequence[float], *, beside_m: float
) -> list[Any]:
    """Return for each limit what is reached within it: strips along the edges driven.

    Nothing is claimed of the land between roads, which a patrol may not cross.

    Parameters
    ----------
    profile
        The weights.
    source
        The number of a node, or one spot along an edge.
    limits
        In the unit of the weights, such as minutes. An edge is reached in part where
        the limit ends on it.
    beside_m
        How far a strip reaches to both sides of an edge, in metres; more than zero.

    Returns
    -------
    Polygons or multipolygons in degrees, empty where nothing is reached.
    """
    if not beside_m > 0.0:
        raise ValueError(f"beside_m is {beside_m}: expected metres, more than zero")
    reached = profile.reach(source)
    areas = []
    for limit in limits:
        parts = list(_cut_reached(profile, reached, limit))
        parts += _cut_own(profile, source, limit)
        metric = project_geometry(np.array(parts, dtype=object), to_metric=True)
        area = shapely.union_all(shapely.buffer(metric, beside_m))
        area = area.simplify(min(_KEPT_M, beside_m / 4))
        areas.append(project_geometry(area, to_metric=False) if parts else area)
    return areas


def _cut_reached(profile: Profile, reached: NDArray[np.float64], limit: float) -> Any:
    """Yield the parts of edges that are driven within a limit, from either end."""
    table, costs = profile.network.edges, profile.costs
    left = np.column_stack(
        (limit - reached[table.from_node], limit - reached[table.to_node])
    )
    for row in np.flatnonzero(((left >= 0.0) & np.isfinite(costs)).any(axis=1)):
        shares = [_share(left[row, side], costs[row, side]) for side in range(2)]
        line = draw_edge(table, row)
        if sum(shares) >= 1.0:
            yield line
            continue
        if shares[0] > 0.0:
            yield substring(line, 0.0, shares[0], normalized=True)
        if shares[1] > 0.0:
            yield substring(line, 1.0 - shares[1], 1.0, normalized=True)


def _cut_own(profile: Profile, source: Any, limit: float) -> list[Any]:
    """Return the parts of the edge that the source itself lies on."""
    if not isinstance(source, Spots) or limit < 0.0:
        return []
    row, share = int(source.edge[0]), float(source.share[0])
    ahead = min(1.0 - share, _share(limit, profile.costs[row, 0]))
    back = min(share, _share(limit, profile.costs[row, 1]))
    line = draw_edge(profile.network.edges, row)
    return [substring(line, share - back, share + ahead, normalized=True)]


def _share(left: float, cost: float) -> float:
    """Return how much of an edge is driven with what is left."""
    if left < 0.0 or not np.isfinite(cost):
        return 0.0
    return min(1.0, left / cost) if cost > 0.0 else 1.0
