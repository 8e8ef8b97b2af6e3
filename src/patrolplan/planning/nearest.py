"""The nearest feasible question to one that asks the impossible: computed, not guessed.

Each change is tried by asking how many demands can be met with it: see ``demands``.
One thing is changed first: a team more, like one there is, at any base that stands; a
team given days, range and roles; more days planned; a base that was closed. Then
several: more teams alike; then anything at once, of which nothing can be left out or
made smaller. At last demands are given up: as few as must be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from patrolplan.planfile import Code
from patrolplan.planning.additions import (
    add_team,
    add_teams,
    list_kinds,
    write_addition,
)
from patrolplan.planning.changes import Size, change_problem, measure_changes
from patrolplan.planning.demands import measure_coverage
from patrolplan.planning.problem import Problem
from patrolplan.planning.several import change_several
from patrolplan.planning.stretches import stretch_one
from patrolplan.planning.trials import Trial, Trials
from patrolplan.planning.unmet import find_best_effort, list_drops, list_reasons

__all__ = ["MOST_LONGER_DAYS", "Nearest", "find_nearest"]

MOST_LONGER_DAYS = 14
"""Most days that are planned besides."""

# What of all work may be done by the end of each rung.
_SHARES = (0.2, 0.5, 0.6, 0.7, 0.8, 1.0)


@dataclass(frozen=True)
class Nearest:
    """What was asked, why it cannot be, and the smallest change with which it can.

    Parameters
    ----------
    reasons
        Why it cannot be: see :func:`~patrolplan.planning.unmet.list_reasons`.
    changes
        The smallest change found; empty if what was asked can be done.
    size
        How large it is.
    trials
        All that was tried, in order.
    exhausted
        Whether all there was to try was tried.
    """

    reasons: tuple[Code, ...]
    changes: tuple[Code, ...]
    size: Size
    trials: tuple[Trial, ...]
    exhausted: bool

    @property
    def is_proven(self) -> bool:
        """Whether each smaller change of those to try is proven to be impossible.

        Of several things changed other sets may be smaller: not all are tried.
        """
        return (
            self.exhausted
            and self.size.parts <= 1
            and all(
                trial.verdict == "impossible"
                for trial in self.trials
                if trial.size < self.size
            )
        )


def find_nearest(
    problem: Problem,
    reopened: Mapping[str, Callable[[], Problem]] | None = None,
    lengthen: Callable[[int], Problem] | None = None,
) -> Nearest:
    """Return the smallest change with which all demands of a problem can be met.

    Parameters
    ----------
    problem
        What was asked.
    reopened
        By base that is closed: gives the problem if it were open.
    lengthen
        Gives the problem with so many more days planned; None if that is no choice.
    """
    asked = measure_coverage(problem)
    if asked.verdict == "feasible":
        return Nearest((), (), measure_changes(problem, ()), (), True)
    effort = find_best_effort(problem)
    reasons = list_reasons(problem, asked, effort)
    trials = Trials(problem)
    hopeless: frozenset[str] = frozenset()
    for rung, share in enumerate(_SHARES):
        trials.allow(share)
        if rung == 0:
            hopeless = add_team(trials)
            # A team given more may be smaller than a team more.
            continue
        if rung == 1:
            stretch_one(trials)
        elif rung == 2:
            _plan_longer(trials, lengthen)
        elif rung == 3:
            _open_bases(trials, reopened or {})
        elif rung == 4:
            add_teams(trials, hopeless)
        else:
            change_several(trials)
        if trials.best is not None:
            break
    best = trials.best
    if best is None:
        changes = list_drops(problem, effort)
        # Whatever work is left: all else the plan found does already.
        best = Trial(changes, measure_changes(problem, changes), "feasible")
        trials.done.append(best)
        # Fewer could be given up, as far as is known.
        if best.size.dropped > asked.demands - asked.met_at_most:
            trials.exhausted = False
    return Nearest(
        reasons, best.changes, best.size, tuple(trials.done), trials.exhausted
    )


def _plan_longer(trials: Trials, lengthen: Callable[[int], Problem] | None) -> None:
    """Plan for more days, as few as will do."""
    if lengthen is None:
        return

    def holds(days: int) -> bool:
        change = Code(code="plan_longer", values={"days": days})
        found = trials.attempt([change], lengthen(days))
        return found is not None and found.verdict == "feasible"

    if not holds(MOST_LONGER_DAYS):
        return
    fewest, enough = 1, MOST_LONGER_DAYS
    while fewest < enough:
        middle = (fewest + enough) // 2
        if holds(middle):
            enough = middle
        else:
            fewest = middle + 1


def _open_bases(trials: Trials, reopened: Mapping[str, Callable[[], Problem]]) -> None:
    """Open each base that was closed: its teams return, or one like another comes."""
    problem = trials.problem
    here = {team.id for team in problem.teams}
    for base_id, build in sorted(reopened.items()):
        opened = build()
        returning = [team for team in opened.teams if team.id not in here]
        opening = Code(code="open_base", values={"base_id": base_id})
        if returning:
            size = measure_changes(problem, [opening], returning=returning)
            trials.attempt([opening], opened, size)
            continue
        for team in list_kinds(problem):
            changes = (opening, write_addition(1, base_id, team))
            size = measure_changes(problem, changes)
            if trials.best is not None and size >= trials.best.size:
                break
            trials.attempt(changes, change_problem(opened, changes), size)
