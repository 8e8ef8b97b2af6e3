"""Teams added, like those there are: at which base, and how many."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from patrolplan.planfile import Code
from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.trials import Trials

__all__ = ["MOST_ADDED", "add_team", "add_teams", "list_kinds", "write_addition"]

MOST_ADDED = 4
"""Most teams added that are alike."""


def write_addition(count: int, base_id: str, team: Team) -> Code:
    """Return the change that adds teams.

    Parameters
    ----------
    count, base_id, team
        How many, where, and like which.
    """
    values: dict[str, Any] = {
        "base_id": base_id,
        "vehicle": team.vehicle,
        "team_id": team.id,
    }
    if count == 1:
        return Code(code="add_team", values=values)
    return Code(code="add_teams", values={"teams": count, **values})


def list_kinds(problem: Problem) -> list[Team]:
    """Return teams of which none is like another, by what adding one takes.

    Parameters
    ----------
    problem
        Whose teams.
    """
    kinds: dict[Team, Team] = {}
    for team in problem.teams:
        kinds.setdefault(replace(team, id="", base_id=""), team)
    return sorted(kinds.values(), key=lambda team: (_measure(team), team.id))


def _measure(team: Team) -> int:
    return team.people * team.max_days


def add_team(trials: Trials) -> frozenset[str]:
    """Add one team like one there is; return the bases at which none would help.

    Parameters
    ----------
    trials
        Keeps what was tried.
    """
    # What no number of the ablest teams does at a base no other team does.
    hopeless = frozenset(
        base.id for base in trials.problem.bases if not _can_help(trials, base.id)
    )
    for base_id, team in _list_additions(trials.problem, 1, hopeless):
        if trials.holds([write_addition(1, base_id, team)]):
            break
    return hopeless


def add_teams(trials: Trials, hopeless: Collection[str]) -> None:
    """Add several teams that are alike, as few as will do.

    Parameters
    ----------
    trials
        Keeps what was tried.
    hopeless
        Bases at which no team would help.
    """
    for count in range(2, MOST_ADDED + 1):
        for base_id, team in _list_additions(trials.problem, count, hopeless):
            if trials.holds([write_addition(count, base_id, team)]):
                return


def _list_additions(
    problem: Problem, count: int, hopeless: Collection[str]
) -> Iterator[tuple[str, Team]]:
    """Yield at which base to add some teams, and like which.

    Those that take fewest person-days come first; at a base where there are teams
    before one where there is none, where but one is added.
    """
    homes = {team.base_id for team in problem.teams}
    found = [
        (
            _measure(team),
            base.id not in homes,
            base.id != team.base_id,
            base.id,
            team.id,
            team,
        )
        for team in list_kinds(problem)
        for base in problem.bases
        if (count == 1 or base.id in homes) and base.id not in hopeless
    ]
    for entry in sorted(found, key=lambda entry: entry[:5]):
        yield entry[3], entry[5]


def _can_help(trials: Trials, base_id: str) -> bool:
    """Return whether as many teams as may be added could meet all demands from a base.

    Of each vehicle they have all days, range, roles and budget that any team has.
    """
    kinds = list_kinds(trials.problem)
    ablest = [
        Team(
            id=f"ablest {vehicle} {number}",
            base_id=base_id,
            vehicle=vehicle,
            vehicles=1,
            people=1,
            min_days=1,
            max_days=max(team.max_days for team in kinds),
            rest_days=0,
            range_km=max(team.range_km for team in kinds),
            roles=tuple(sorted({role for team in kinds for role in team.roles})),
            hazard_budget=max(team.hazard_budget for team in kinds),
        )
        for vehicle in sorted({team.vehicle for team in kinds})
        for number in range(MOST_ADDED)
    ]
    problem = trials.problem
    found = trials.measure(replace(problem, teams=(*problem.teams, *ablest)))
    return found is None or found.verdict != "impossible"
