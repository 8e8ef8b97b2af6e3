"""Other ways that truly differ: each drives where those before did not.

The penalty method: the edges of a way found are made dearer, and the cheapest way is
found anew; what it shares with those before is measured, not hoped for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from patrolplan.network.engine.paths import Way, trace_way
from patrolplan.network.engine.profile import Profile

__all__ = ["Alternative", "find_alternative_ways"]

_PENALTY = 1.4
"""What edges of a way found cost more, each time: a multiple that is the usual one."""

_ROUNDS = 3
"""Searches for each way asked for, at most."""


@dataclass(frozen=True, eq=False)
class Alternative:
    """One of several ways.

    Parameters
    ----------
    way
        Its cost is that of the weights, without any penalty.
    overlap
        The largest share of its length that it has in common with a way before it.
    stretch
        Its cost over that of the cheapest way.
    """

    way: Way
    overlap: float
    stretch: float


def find_alternative_ways(
    profile: Profile,
    source: Any,
    target: Any,
    count: int = 3,
    *,
    overlap: float = 0.5,
    stretch: float = 1.5,
) -> list[Alternative]:
    """Return the cheapest way and others that differ from it and from each other.

    Parameters
    ----------
    profile
        The weights.
    source, target
        The number of a node each, or one spot along an edge.
    count
        How many ways, at most; fewer where the network has none.
    overlap
        How much of a way's length may be driven by one before it, 0 to 1.
    stretch
        How many times the cheapest a way may cost.
    """
    network = profile.network
    begin, end = profile.find(source, "source"), profile.find(target, "target")
    first = trace_way(profile.burdened, begin, end)
    if first is None or count < 1:
        return []
    found = [Alternative(first, 0.0, 1.0)]
    way, sums, dearer = first, profile.sums.copy(), profile.burdened.copy()
    for _ in range(_ROUNDS * (count - 1)):
        chains = np.unique(network.topology.chains_of(way.edges))
        # Whole chains: of one that is driven in part the rest leads nowhere else.
        sums[chains] *= _PENALTY
        dearer.reweigh(sums, chains)
        nearer = trace_way(dearer, begin, end, along=False)
        if nearer is None:
            break
        way = nearer
        plain = _price(profile, way)
        if plain.cost > stretch * first.cost:
            continue
        shared = max(measure_overlap(plain, other.way) for other in found)
        if shared <= overlap:
            ratio = plain.cost / first.cost if first.cost else 1.0
            found.append(Alternative(plain, shared, ratio))
            if len(found) == count:
                break
    return found


def _price(profile: Profile, way: Way) -> Way:
    """Return a way with what it costs by the weights."""
    parts = np.abs(way.ends - way.begins)
    backward = (way.ends < way.begins).astype(np.int64)
    cost = float((parts * profile.costs[way.edges, backward]).sum())
    return Way(
        way.edges, way.begins, way.ends, cost, way.length_m, way.hazard, way.table
    )


def measure_overlap(way: Way, other: Way) -> float:
    """Return the share of a way's length on edges that another drives, too.

    Parameters
    ----------
    way, other
        Two ways over one network; in which direction does not count.
    """
    length_m = way.table.length_m[way.edges] * np.abs(way.ends - way.begins)
    total = float(length_m.sum())
    shared = float(length_m[np.isin(way.edges, other.edges)].sum())
    return shared / total if total else 0.0
