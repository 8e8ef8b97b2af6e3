"""Plans nearly as good as the best one that share as little with it as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from patrolplan.planning.inquiry import Inquiry, build_plan
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.program import Program
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution
from patrolplan.planning.variation import list_patrols

__all__ = ["Alternative", "find_alternatives", "measure_shared"]

# Nodes of each choice: a limit of work, not of seconds.
_NODES = 300
# A plan that shares more with one before it is no alternative.
_MOST_SHARED = 0.9
# How near to its best each plan with a site forced is asked for.
_WITHIN, _ROUNDS = 1e-3, 12

Trait = int | tuple[int, int]
"""A place visited, or two places joined by a leg."""


@dataclass(frozen=True)
class Alternative:
    """A plan nearly as good as the best, and unlike it.

    Parameters
    ----------
    plan
        What it does.
    need
        Need that it meets.
    lost_share
        How much less that is than the best plan's, as a share of the latter.
    shared
        What of its sites and legs the plan before it that is most alike has too, as a
        share.
    """

    plan: Plan
    need: float
    lost_share: float
    shared: float


def find_alternatives(
    problem: Problem, solution: Solution, count: int, *, most_lost: float = 0.05
) -> tuple[Alternative, ...]:
    """Return plans nearly as good as the best one that differ from it and each other.

    One after another, each shares as few sites and legs with the plans before it as
    the patrols found so far allow; what several plans have counts as often.

    Parameters
    ----------
    problem
        What was asked.
    solution
        Its best plan.
    count
        How many plans at most; fewer where no more are good enough, or unlike enough.
    most_lost
        What of the best plan's need each may lose, as a share.
    """
    posed = Posed(problem)
    best = list_patrols(posed, solution.plan)
    floor = (1.0 - most_lost) * solution.need
    program = Program(posed, posed.needs)
    program.add_columns(_gather_patrols(posed, solution, best))
    earlier = [best]
    found: list[Alternative] = []
    while len(found) < count:
        chosen = _choose_unlike(program, earlier, floor, solution.need)
        if chosen is None:
            break
        shared = max(measure_shared(posed, chosen, plan) for plan in earlier)
        if shared > _MOST_SHARED:
            break
        need = _sum_need(posed, chosen)
        lost = max(0.0, 1.0 - need / solution.need)
        found.append(Alternative(build_plan(posed, chosen), need, lost, shared))
        earlier.append(chosen)
    return tuple(found)


def measure_shared(
    posed: Posed, one: Sequence[Column], other: Sequence[Column]
) -> float:
    """Return the share of a plan's sites and legs that another plan has too.

    Parameters
    ----------
    posed
        The problem.
    one, other
        The plans.
    """
    own = {trait for column in one for trait in _list_traits(posed, column)}
    theirs = {trait for column in other for trait in _list_traits(posed, column)}
    return len(own & theirs) / len(own) if own else 1.0


def _list_traits(posed: Posed, column: Column) -> list[Trait]:
    base = posed.crews[column.kind].base
    stops = (base, *column.places, base)
    legs = [(min(a, b), max(a, b)) for a, b in pairwise(stops)]
    return [*column.places, *legs]


def _sum_need(posed: Posed, columns: Sequence[Column]) -> float:
    return sum(float(posed.needs[p]) for column in columns for p in column.places)


def _gather_patrols(
    posed: Posed, solution: Solution, best: tuple[Column, ...]
) -> list[Column]:
    """Return the patrols of the solution, and of plans with each other site forced."""
    inquiry = Inquiry(posed, solution.patrols, [best], DEFAULT_WORKERS)
    visited = {place for column in best for place in column.places}
    for place in posed.places:
        if place not in visited:
            inquiry.ask(forced=[place], rounds=_ROUNDS, prove=False, within=_WITHIN)
    return inquiry.patrols


def _choose_unlike(
    program: Program,
    earlier: Sequence[tuple[Column, ...]],
    floor: float,
    best: float,
) -> tuple[Column, ...] | None:
    """Return the plan that shares least with earlier ones and meets the need asked."""
    posed, columns = program.posed, program.columns
    traits = [_list_traits(posed, column) for column in columns]
    had = [
        {t for column in plan for t in _list_traits(posed, column)} for plan in earlier
    ]
    # By earlier plan and patrol: how much of it that plan has.
    shared = np.array(
        [[float(sum(t in seen for t in own)) for own in traits] for seen in had]
    )
    counts = np.array([float(len(own)) for own in traits])
    needs = np.array([_sum_need(posed, [column]) for column in columns])
    taken = [program.list_taken(column) for column in columns]
    rows = [row for cells in taken for row in cells]
    cells = [cell for one in taken for cell in one.values()]
    numbers = np.repeat(np.arange(len(columns)), [len(one) for one in taken])
    limits = list(program.limits)
    for pair in posed.list_conflicts(columns):
        rows += [len(limits)] * 2
        numbers = np.concatenate([numbers, pair])
        cells += [1.0, 1.0]
        limits.append(1.0)
    packing = csr_array(
        (cells, (rows, numbers)), shape=(len(limits), len(columns)), dtype=np.float64
    )
    must = np.flatnonzero(posed.required)
    kept = np.array(
        [[float(place in c.places) for c in columns] for place in must]
    ).reshape(len(must), len(columns))
    visited = {place for column in earlier[0] for place in column.places}
    # A required site that the best plan misses cannot be asked of another.
    least = np.array([float(place in visited) for place in must])
    hidden = [
        [float(len(posed.unknown.places.intersection(c.places))) for c in columns]
    ]
    demanded = float(posed.unknown.count_met(visited))
    solved = milp(
        # Of two that share as little the one that meets more need.
        shared.sum(axis=0) - 0.5 * needs / max(best, 1e-9),
        integrality=np.ones(len(columns), dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(packing, -np.inf, np.array(limits)),
            LinearConstraint(needs[None, :], floor, np.inf),
            LinearConstraint(shared - _MOST_SHARED * counts, -np.inf, 0.0),
            *([LinearConstraint(kept, least, np.inf)] if len(must) else []),
            LinearConstraint(np.array(hidden), demanded, np.inf),
        ],
        options={"node_limit": _NODES},
    )
    if solved.x is None:
        return None
    return tuple(sorted(columns[k] for k in np.flatnonzero(solved.x > 0.5)))
