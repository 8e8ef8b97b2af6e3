"""What a longer horizon would bring: how many more days let one more patrol go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from weakref import WeakKeyDictionary

import numpy as np

from patrolplan.planfile import Code
from patrolplan.planning.clock import Crew, PatrolValue, build_crew, run_patrol
from patrolplan.planning.openings import Openings
from patrolplan.planning.problem import Problem
from patrolplan.planning.tables import build_tables

__all__ = ["extend_horizon", "find_extension"]

_MOST_DAYS = 28
"""Further off than this a plan is another plan."""
_DAY_MIN = 1440.0
# Longer problems are asked for at every site left out, and have tables of their own.
_LONGER: WeakKeyDictionary[Problem, Problem] = WeakKeyDictionary()


def extend_horizon(problem: Problem, days: int) -> Problem:
    """Return a problem with more days, each like its last one.

    Daylight, roads and closures are those of the last day; sites with windows have none
    in the days added.

    Parameters
    ----------
    problem
        What was asked.
    days
        How many days more.
    """
    last = problem.start + timedelta(days=problem.horizon_days - 1)
    later = _DAY_MIN * np.arange(1, days + 1)
    return replace(
        problem,
        horizon_days=problem.horizon_days + days,
        opens_min=np.hstack(
            [problem.opens_min, problem.opens_min[:, -1:] + later[None, :]]
        ),
        closes_min=np.hstack(
            [problem.closes_min, problem.closes_min[:, -1:] + later[None, :]]
        ),
        day_starts_min=np.concatenate(
            [problem.day_starts_min, problem.day_starts_min[-1] + later]
        ),
        travel=tuple(
            replace(matrix, valid_to=matrix.valid_to + timedelta(days=days))
            if matrix.valid_from <= last <= matrix.valid_to
            else matrix
            for matrix in problem.travel
        ),
    )


def find_extension(
    openings: Openings, place: int, roles: tuple[str, ...]
) -> Code | None:
    """Return the fewest days more that let one more patrol of a team go to a place.

    Parameters
    ----------
    openings
        The plan that it is put into: its patrols stay as they are.
    place
        Where to; the patrol goes nowhere else.
    roles
        What is asked for there.

    Returns
    -------
    ``extend_horizon`` {days, team_id}, None where four weeks would not do.
    """
    problem = openings.problem
    longer = _LONGER.get(problem)
    if longer is None:
        longer = _LONGER[problem] = extend_horizon(problem, _MOST_DAYS)
    clock = build_tables(longer)
    best: tuple[int, str] | None = None
    # Teams that are alike differ in what they do besides alone.
    known: dict[tuple[Crew, int, int], PatrolValue] = {}
    for team in problem.teams:
        crew = build_crew(problem, team)
        if not crew.roles.issuperset(roles):
            continue
        spans = openings.list_spans(team.id)
        for day in range(clock.days):
            last_day = min(day + crew.max_days, clock.days) - 1
            if best is not None:
                # Later than the best is not better.
                last_day = min(last_day, problem.horizon_days + best[0] - 1)
            if last_day < day + crew.min_days - 1:
                break
            value = known.get((crew, day, last_day))
            if value is None:
                value = run_patrol(clock, crew, day, (place,), last_day)
                known[crew, day, last_day] = value
            days = value.return_day - problem.horizon_days + 1
            if value.failure is not None or days < 1:
                continue
            if all(
                home + crew.rest_days < day
                or value.return_day + crew.rest_days < depart
                for depart, home in spans
            ):
                best = (days, team.id) if best is None else min(best, (days, team.id))
    if best is None:
        return None
    values = {"team_id": best[1], "days": best[0]}
    return Code(code="extend_horizon", values=values)
