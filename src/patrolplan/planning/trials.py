"""Changes tried, one after another: within bounds of work, and none of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from patrolplan.planfile import Code
from patrolplan.planning.changes import Size, change_problem, measure_changes
from patrolplan.planning.demands import Coverage, Verdict, measure_coverage
from patrolplan.planning.problem import Problem

__all__ = ["Trial", "Trials"]

# Labels made in all, and trials: limits of work, not of time.
_MOST_LABELS, _MOST_TRIALS = 10_000_000, 200


class Trial(NamedTuple):
    """A change that was tried.

    Attributes
    ----------
    changes
        What was changed, all at once.
    size
        How large that is.
    verdict
        ``feasible`` if a plan was found with it, ``impossible`` if it is proven that
        there is none, ``not_found`` if neither.
    """

    changes: tuple[Code, ...]
    size: Size
    verdict: Verdict


class Trials:
    """What was tried of the changes of one problem.

    Parameters
    ----------
    problem
        What was asked.

    Attributes
    ----------
    problem
        The same.
    done
        The trials, in order.
    best
        The smallest that holds; None as long as there is none.
    exhausted
        Whether all that was to be tried was.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.done: list[Trial] = []
        self.best: Trial | None = None
        self.exhausted = True
        self._known: dict[tuple[str, ...], Coverage] = {}
        self._labels = self._allowed = 0

    def allow(self, share: float) -> None:
        """Allow a share of all work to be done by now.

        Parameters
        ----------
        share
            What is left to later rungs is not in it.
        """
        self._allowed = int(share * _MOST_LABELS)

    def measure(self, problem: Problem) -> Coverage | None:
        """Return how far a problem goes, or None if enough work was done.

        Parameters
        ----------
        problem
            A changed problem.
        """
        if len(self.done) >= _MOST_TRIALS or self._labels >= self._allowed:
            self.exhausted = False
            return None
        found = measure_coverage(problem)
        self._labels += found.labels
        return found

    def attempt(
        self,
        changes: Sequence[Code],
        problem: Problem | None = None,
        size: Size | None = None,
    ) -> Coverage | None:
        """Return how far a changed problem goes, or None if enough was tried.

        Parameters
        ----------
        changes
            What is changed.
        problem, size
            The changed problem and how large that is, if they hang on more than the
            changes tell.
        """
        key = tuple(change.model_dump_json() for change in changes)
        if key in self._known:
            return self._known[key]
        if problem is None:
            problem = change_problem(self.problem, changes)
        if size is None:
            size = measure_changes(self.problem, changes)
        found = self.measure(problem)
        if found is None:
            return None
        self._known[key] = found
        trial = Trial(tuple(changes), size, found.verdict)
        self.done.append(trial)
        if found.verdict == "feasible" and (self.best is None or size < self.best.size):
            self.best = trial
        return found

    def holds(self, changes: Sequence[Code]) -> bool:
        """Return whether a plan was found with changes.

        Parameters
        ----------
        changes
            What is changed.
        """
        found = self.attempt(changes)
        return found is not None and found.verdict == "feasible"
