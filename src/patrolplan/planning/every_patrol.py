"""Every patrol there is, of problems so small that each can be run."""

from __future__ import annotations

from itertools import permutations
from math import perm

from patrolplan.planning.posed import Column, Posed

__all__ = ["can_run_all", "run_all"]

# Orders of sites that are run, each on each day, if there are no more; and sites of
# more than which they are not even counted.
_MOST_RUN, _MOST_SITES = 20_000, 8


def can_run_all(posed: Posed) -> bool:
    """Return whether there are few enough orders of sites to run each.

    Parameters
    ----------
    posed
        The problem.
    """
    sizes = [len(places) for places in posed.reached.values()]
    if max(sizes, default=0) > _MOST_SITES:
        return False
    orders = sum(perm(size, k) for size in sizes for k in range(1, size + 1))
    return orders * posed.problem.horizon_days <= _MOST_RUN


def run_all(posed: Posed) -> list[Column]:
    """Return every patrol there is: each kind, day of departure, and order of sites.

    Parameters
    ----------
    posed
        The problem.
    """
    found = []
    for kind, places in posed.reached.items():
        orders = [o for k in range(1, len(places) + 1) for o in permutations(places, k)]
        for day in range(posed.problem.horizon_days):
            runs = (posed.run(kind, day, order) for order in orders)
            found += [run for run in runs if run is not None]
    return found
