"""Matrices of costs: up from the sources and down to the targets, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from patrolplan.network.engine import kernels
from patrolplan.network.engine.spots import Places

if TYPE_CHECKING:
    from patrolplan.network.engine.profile import Profile

__all__ = ["NEVER", "sweep"]

Floats = NDArray[np.float64]

NEVER = 2**30 - 1
"""No way, in whole numbers of 32 bits: twice as much has room."""


def sweep(profile: Profile, begin: Places, end: Places) -> Floats:
    """Return what it costs from each source to each target.

    Parameters
    ----------
    profile
        The weights.
    begin, end
        Sources and targets.
    """
    leave = profile.locate(begin, profile.costs)[0]
    reach = profile.locate(end, profile.costs)[1]
    whole = profile.whole
    ends = np.concatenate((leave, reach))
    ends = ends[np.isfinite(ends)]
    if whole is not None and (ends == np.rint(ends)).all():
        near_leave, near_reach = (
            np.minimum(part, NEVER).astype(np.int32) for part in (leave, reach)
        )
        found = _descend(
            profile, begin, end, near_leave, near_reach, whole, np.int32(NEVER)
        )
        costs: Floats = found.astype(np.float64)
        lost = found == NEVER
        costs[lost] = np.inf
        if lost.any() and profile.total + ends.max(initial=0.0) * 2 >= NEVER:
            _search_far(profile, begin, end, leave, reach, costs)
    else:
        costs = _descend(
            profile, begin, end, leave, reach, profile.arcs, np.float64(np.inf)
        )
    for source, target, cost in profile.list_neighbours(begin, end, profile.costs):
        costs[source, target] = min(costs[source, target], cost)
    return costs


def _search_far(
    profile: Profile,
    begin: Places,
    end: Places,
    leave: Floats,
    reach: Floats,
    costs: Floats,
) -> None:
    """Look for ways that cost more than 32 bits hold: what was found is exact.

    A target that few reach costs a column, and a source that reaches few a row.
    """
    columns = np.flatnonzero(np.isinf(costs).mean(axis=0) > 0.5)
    if len(columns):
        some = end.take(columns)
        costs[:, columns] = _descend(
            profile,
            begin,
            some,
            leave,
            reach[columns],
            profile.arcs,
            np.float64(np.inf),
        )
    lost = np.isinf(costs)
    lost[:, columns] = False
    rows = np.flatnonzero(lost.any(axis=1))
    if len(rows):
        some = begin.take(rows)
        costs[rows] = _descend(
            profile, some, end, leave[rows], reach, profile.arcs, np.float64(np.inf)
        )


def _descend(
    profile: Profile,
    begin: Places,
    end: Places,
    leave: Any,
    reach: Any,
    arcs: Any,
    never: Any,
) -> Any:
    """Return the costs of ways over junctions."""
    topology = profile.network.topology
    # Sources that climb at once should meet soon.
    order = np.argsort(begin.seeds[:, 0], kind="stable")
    nodes, first, heads, prices, slot = kernels.descend(
        end.seeds.ravel(),
        topology.parent,
        topology.up_first,
        topology.up_head,
        arcs,
        never,
    )
    places = np.where(end.seeds >= 0, slot[end.seeds], -1)
    found = np.empty((len(order), len(places)), dtype=arcs.dtype)
    kernels.climb(
        begin.seeds[order],
        leave[order],
        topology.parent,
        topology.up_first,
        topology.up_head,
        arcs,
        nodes,
        first,
        heads,
        prices,
        places,
        reach,
        never,
        found,
    )
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return found[back]
