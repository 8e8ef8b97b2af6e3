"""Anything changed at once, of which nothing can be left out or made smaller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from patrolplan.planfile import Code
from patrolplan.planning.additions import MOST_ADDED, write_addition
from patrolplan.planning.changes import list_stretch, measure_changes
from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.stretches import (
    MOST_RANGE_KM,
    count_spare_days,
    list_lacking,
    shrink_stretch,
)
from patrolplan.planning.trials import Trials

__all__ = ["change_several"]


def change_several(trials: Trials) -> None:
    """Give every team all it may have, and more teams; then take away what can be.

    What is left can be neither left out nor made smaller one by one. Another set of
    changes may yet be smaller: that is not proven.

    Parameters
    ----------
    trials
        Keeps what was tried.
    """
    problem = trials.problem
    grants = _grant_all(problem)
    if not trials.holds(_join(grants)):
        return
    # The dearest is taken away first.
    for key in sorted(
        grants,
        key=lambda key: (measure_changes(problem, grants[key]), key),
        reverse=True,
    ):
        if trials.holds(_join(grants, without=key)):
            del grants[key]
    teams = {team.id: team for team in problem.teams}
    for key in [*grants]:
        others = _join(grants, without=key)
        if key in teams:
            grants[key] = _shrink(trials, teams[key], grants[key], others)
        else:
            grants[key] = _add_fewer(trials, teams, grants[key], others)


def _grant_all(problem: Problem) -> dict[str, tuple[Code, ...]]:
    """Return what each team may be given, and the teams each base may have besides."""
    grants: dict[str, tuple[Code, ...]] = {}
    for base in problem.bases:
        own = [team for team in problem.teams if team.base_id == base.id]
        if own:
            ablest = max(own, key=lambda team: (team.max_days, team.range_km))
            # No team bears a name with a space.
            key = f"base {base.id}"
            grants[key] = (write_addition(MOST_ADDED, base.id, ablest),)
    for team in problem.teams:
        grants[team.id] = list_stretch(
            team,
            max(0, count_spare_days(problem, team)),
            MOST_RANGE_KM - team.range_km,
            list_lacking(problem, team),
        )
    return grants


def _join(
    grants: Mapping[str, Sequence[Code]], without: str | None = None
) -> tuple[Code, ...]:
    return tuple(code for key in grants if key != without for code in grants[key])


def _shrink(
    trials: Trials, team: Team, granted: Sequence[Code], others: Sequence[Code]
) -> tuple[Code, ...]:
    """Return the fewest roles, days and kilometres of what a team was granted."""
    roles = [c.values["role"] for c in granted if c.code == "add_role"]
    most = sum(c.values["days"] for c in granted if c.code == "add_days")
    spare = MOST_RANGE_KM - team.range_km
    for role in [*roles]:
        fewer = [other for other in roles if other != role]
        if trials.holds((*others, *list_stretch(team, most, spare, fewer))):
            roles = fewer
    return shrink_stretch(trials, team, most, roles, others)


def _add_fewer(
    trials: Trials,
    teams: Mapping[str, Team],
    granted: Sequence[Code],
    others: Sequence[Code],
) -> tuple[Code, ...]:
    """Return as few teams as will do of those that a base was granted."""
    values = granted[0].values
    for count in range(1, MOST_ADDED):
        fewer = write_addition(count, values["base_id"], teams[values["team_id"]])
        if trials.holds((*others, fewer)):
            return (fewer,)
    return tuple(granted)
