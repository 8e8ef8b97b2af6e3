"""How many of the visits that are demanded any plan can make: found, and at most.

Demands are required sites, required groups, and visits where need is unknown. What a
visit earns is left aside: each demand met counts one. The linear program over all
patrols then bounds how many can be met; a bound below the demands is a proof.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from patrolplan.planning.capacity import find_overload
from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Problem
from patrolplan.planning.solver import DEFAULT_WORKERS

__all__ = ["Coverage", "Verdict", "measure_coverage"]

Verdict = Literal["feasible", "impossible", "not_found"]
"""Whether all demands can be met: a plan was found, none exists, or neither is known.
"""

# Rounds of column generation, and labels: limits of work, not of time.
_MOST_ROUNDS, _MOST_LABELS = 60, 1_000_000


class Coverage(NamedTuple):
    """How far the demands of a problem can be met.

    Attributes
    ----------
    demands
        How many there are.
    met
        How many the plan meets that was found.
    met_at_most
        How many no plan can exceed.
    patrols
        That plan; empty where nothing had to be sought.
    labels
        Labels made to find it: the measure of work.
    """

    demands: int
    met: int
    met_at_most: int
    patrols: tuple[Column, ...] = ()
    labels: int = 0

    @property
    def verdict(self) -> Verdict:
        """Whether all can be met."""
        if self.met >= self.demands:
            return "feasible"
        return "impossible" if self.met_at_most < self.demands else "not_found"


def measure_coverage(problem: Problem) -> Coverage:
    """Return how many demands a plan can meet.

    Sums and single patrols come first: required work beyond all duty minutes, or a
    site that no team can visit even alone, is proof enough.

    Parameters
    ----------
    problem
        What is asked.
    """
    posed = Posed(problem)
    demands = posed.count_unmet(())
    if not demands:
        return Coverage(0, 0, 0)
    if not posed.places or not posed.crews:
        return Coverage(demands, 0, 0)
    most = min(demands, posed.count_met(posed.places))
    if most == demands and find_overload(problem) is not None:
        most = demands - 1
    if most < demands:
        return Coverage(demands, 0, most)
    inquiry = Inquiry(posed, workers=DEFAULT_WORKERS)
    answer = inquiry.ask(
        np.zeros(len(problem.place_ids)),
        on_the_way=0.0,
        rounds=_MOST_ROUNDS,
        prove=False,
        step=1.0,
        labels=_MOST_LABELS,
    )
    most = min(most, answer.met_at_most)
    return Coverage(demands, answer.met, most, answer.patrols, inquiry.labels)
