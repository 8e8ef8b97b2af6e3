"""One team given more days, range and roles: as few as will do."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf

from patrolplan.planfile import Code
from patrolplan.planning.changes import change_problem, list_stretch
from patrolplan.planning.clock import run_patrol
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.tables import build_tables
from patrolplan.planning.trials import Trials

__all__ = [
    "MOST_RANGE_KM",
    "MOST_TEAM_DAYS",
    "count_spare_days",
    "list_lacking",
    "shrink_stretch",
    "stretch_one",
]

MOST_TEAM_DAYS, MOST_RANGE_KM = 60, 10_000.0
"""Most days and kilometres of one patrol that a scenario may give a team."""

# Ranges are raised by whole steps, and looked at so often at most for one change.
_STEP_KM, _MOST_LENGTHS = 0.1, 12
_METRES_PER_KM = 1000.0


def count_spare_days(problem: Problem, team: Team) -> int:
    """Return how many more days a team could use at all; below 0 if too many now.

    Parameters
    ----------
    problem, team
        Who goes, and when.
    """
    return min(MOST_TEAM_DAYS, problem.horizon_days) - team.max_days


def list_lacking(problem: Problem, team: Team) -> tuple[str, ...]:
    """Return the roles that a team lacks and a site asks for that may be demanded.

    Parameters
    ----------
    problem, team
        What is asked, and of whom.
    """
    chosen_from = {s for g in problem.groups if g.required for s in g.site_ids}
    asks = problem.limits.min_unknown_visits > 0
    asked = {
        role
        for site in problem.sites
        if site.required or site.id in chosen_from or (asks and site.need is None)
        for role in site.roles
    }
    return tuple(sorted(asked - set(team.roles)))


def stretch_one(trials: Trials) -> None:
    """Give one team more days, range, and roles; each team in turn.

    What a team given all that can be had does not do, it does not with less: only
    where it does are fewer days, and then kilometres, sought.

    Parameters
    ----------
    trials
        Keeps what was tried.
    """
    problem = trials.problem
    for team in problem.teams:
        lacking = list_lacking(problem, team)
        choices = [(), *((role,) for role in lacking), lacking]
        for roles in dict.fromkeys(choices):
            most = count_spare_days(problem, team)
            if trials.best is not None:
                # As many person-days may still need fewer kilometres.
                left = trials.best.size.person_days - len(roles) * team.max_days
                most = min(most, left // team.people)
            if most < 0:
                continue
            spare = MOST_RANGE_KM - team.range_km
            if trials.holds(list_stretch(team, most, spare, roles)):
                shrink_stretch(trials, team, most, roles)


def shrink_stretch(
    trials: Trials,
    team: Team,
    most: int,
    roles: Sequence[str],
    others: Sequence[Code] = (),
) -> tuple[Code, ...]:
    """Return the fewest days, and then kilometres, that a team needs more.

    It is known that the most days and the widest range do. More of either takes nothing
    away, so that halving finds the fewest.

    Parameters
    ----------
    trials
        Keeps what was tried.
    team, most, roles
        Who is given more, how many days at most, and which roles.
    others
        What is changed besides.
    """
    spare = MOST_RANGE_KM - team.range_km
    fewest, enough = 0, most
    while fewest < enough:
        middle = (fewest + enough) // 2
        if trials.holds((*others, *list_stretch(team, middle, spare, roles))):
            enough = middle
        else:
            fewest = middle + 1
    changes = list_stretch(team, enough, 0.0, roles)
    if trials.holds((*others, *changes)):
        return changes
    return _shorten(trials, team, enough, roles, others)


def _shorten(
    trials: Trials,
    team: Team,
    days: int,
    roles: Sequence[str],
    others: Sequence[Code],
) -> tuple[Code, ...]:
    """Return the fewest kilometres that a team needs more, to one step.

    The longest patrol of a plan found says what is enough; then it is asked whether a
    step less is, until it is not.
    """
    enough_km = more_km = MOST_RANGE_KM - team.range_km
    for _ in range(_MOST_LENGTHS):
        changes = (*others, *list_stretch(team, days, more_km, roles))
        found = trials.attempt(changes)
        if found is None or found.verdict != "feasible":
            break
        changed = change_problem(trials.problem, changes)
        longest_km = _measure_longest(changed, found.patrols, team.id)
        # Steps in whole numbers, lest rounding add up.
        steps = ceil((longest_km - team.range_km) / _STEP_KM - 1e-6)
        enough_km = min(more_km, max(_STEP_KM, round(steps * _STEP_KM, 1)))
        if not trials.holds((*others, *list_stretch(team, days, enough_km, roles))):
            enough_km = more_km
            break
        more_km = round(enough_km - _STEP_KM, 1)
        if more_km <= 0:
            break
    return list_stretch(team, days, enough_km, roles)


def _measure_longest(
    problem: Problem, patrols: Sequence[Column], team_id: str
) -> float:
    """Return the kilometres of the longest patrol of a team's kind; 0 if it has none.

    A patrol of another team that is alike may be among them.
    """
    posed, tables = Posed(problem), build_tables(problem)
    number = next(k for k, team in enumerate(problem.teams) if team.id == team_id)
    kind = posed.kinds[number]
    crew = posed.crews[kind]._replace(range_m=inf)
    lengths = [
        run_patrol(tables, crew, c.depart_day, c.places, c.return_day).length_m
        for c in patrols
        if c.kind == kind
    ]
    return max(lengths, default=0.0) / _METRES_PER_KM
