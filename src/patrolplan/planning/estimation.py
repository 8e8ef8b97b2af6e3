"""The bound alone, for plans that were not solved here: saved, edited, or by hand."""

from __future__ import annotations

from patrolplan.planning.bound import Bounding
from patrolplan.planning.grids import can_bound
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Problem

__all__ = ["estimate_bound"]

# Rounds of column generation.
_MOST_ROUNDS = 400


def estimate_bound(problem: Problem) -> float:
    """Return a need that no plan can exceed whose every visit earns something.

    Of column generation alone: that of :func:`patrolplan.planning.solver.solve`, which
    knows good patrols and proves more, is often lower. Of a problem too large for that
    it is all need in reach.

    Parameters
    ----------
    problem
        What is asked; required sites are treated as any other.
    """
    posed = Posed(problem)
    if not posed.places or not posed.crews:
        return 0.0
    if not can_bound(posed):
        return sum(
            max(float(posed.needs[place]), 0.0) * posed.count_visits(place)
            for place in posed.places
        ) + float(posed.waysides.sum())
    bounding = Bounding(posed, posed.needs)
    for _ in range(_MOST_ROUNDS):
        if not bounding.improve():
            break
    return max(0.0, bounding.bound)
