"""The solver, asked as a scenario says: with its seed, its rounds and its equity."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from patrolplan.planning.equity import lift_worst_served
from patrolplan.planning.problem import Problem
from patrolplan.planning.solver import DEFAULT_WORKERS, Progress, Solution, solve
from patrolplan.scenario import Scenario

__all__ = ["Answer", "answer_problem"]


class Answer(NamedTuple):
    """The best plan of a problem.

    Attributes
    ----------
    solution
        The best plan, and its bound.
    before
        If equity was weighed in: the plan that meets most need.
    """

    solution: Solution
    before: Solution | None


def answer_problem(
    problem: Problem,
    scenario: Scenario,
    *,
    seconds: float | None = None,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """Solve the problem of a scenario, and lift the worst served where it says so.

    Parameters
    ----------
    problem
        What is asked.
    scenario
        Gives seed and rounds.
    seconds
        Search by the clock instead.
    workers
        Searches side by side, :data:`~patrolplan.planning.solver.DEFAULT_WORKERS` if
        None.
    on_progress
        Called now and then with how far it is.
    """
    solution = solve(
        problem,
        seed=scenario.seed,
        iterations=scenario.iterations,
        seconds=seconds,
        workers=workers or DEFAULT_WORKERS,
        on_progress=on_progress,
    )
    fairness = None
    if not solution.interrupted:
        fairness = lift_worst_served(problem, solution)
    if fairness is None:
        return Answer(solution, None)
    return Answer(fairness.solution, solution)
