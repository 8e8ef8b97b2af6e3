"""Changes of what is asked: as codes with values, how large they are, and made.

A change is smaller than another if it drops fewer demands; else if it changes fewer
things (a team, a base, the days planned); else if it opens fewer bases; else if it
plans fewer more days; else if it takes fewer more person-days of the teams; else if it
takes fewer more kilometres of their ranges. That order is a choice: means are asked for
before promises are broken, and one thing to arrange before two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from patrolplan.planfile import Code
from patrolplan.planning.problem import Problem, Team

__all__ = ["Size", "change_problem", "list_stretch", "measure_changes", "name_teams"]

_TEAM_CHANGES = {"add_days", "raise_range_km", "add_role"}
_DROPS = {"drop_required", "drop_group", "ask_fewer_unknown"}


class Size(NamedTuple):
    """How large a change is; tuples compare as changes do.

    Attributes
    ----------
    dropped
        Demands that are given up.
    parts
        Teams that are changed or added, bases that are opened, and 1 if the days
        planned are more.
    opened
        Bases that are opened.
    longer_days
        Days that are planned besides.
    person_days
        More days that people may be out on one patrol of each team: those of a team
        added, those added to a team, those of each adviser added to one.
    more_km
        More kilometres that one patrol of each team may drive.
    """

    dropped: int
    parts: int
    opened: int
    longer_days: int
    person_days: int
    more_km: float


def list_stretch(
    team: Team, days: int, more_km: float, roles: Sequence[str] = ()
) -> tuple[Code, ...]:
    """Return the changes that give a team more days, range and roles.

    Parameters
    ----------
    team
        The team.
    days, more_km, roles
        What it is given beyond what it has; nothing of 0 or empty.
    """
    changes = []
    if days:
        changes.append(_code("add_days", team_id=team.id, days=days))
    if more_km:
        changes.append(_code("raise_range_km", team_id=team.id, missing_km=more_km))
    changes += [_code("add_role", team_id=team.id, role=role) for role in roles]
    return tuple(changes)


def _code(code: str, **values: Any) -> Code:
    return Code(code=code, values=values)


def name_teams(taken: Iterable[str], count: int) -> list[str]:
    """Return ids for teams that are added, none of them taken.

    Parameters
    ----------
    taken
        Ids of the teams there are.
    count
        How many are needed.
    """
    known = set(taken)
    numbers = range(1, len(known) + count + 1)
    free = (name for k in numbers if (name := f"more-{k}") not in known)
    return [name for name, _ in zip(free, range(count), strict=False)]


def change_problem(problem: Problem, changes: Iterable[Code]) -> Problem:
    """Return a problem with changes made.

    Parameters
    ----------
    problem
        What was asked.
    changes
        ``add_days`` {team_id, days}, ``raise_range_km`` {team_id, missing_km},
        ``add_role`` {team_id, role}, ``add_team`` {base_id, vehicle, team_id} (like
        that team), ``add_teams`` {teams, base_id, team_id}, ``drop_required``
        {site_id}, ``drop_group`` {site_ids}, ``ask_fewer_unknown`` {least}. What hangs
        on geography is changed where that is known, and not here: ``open_base``
        {base_id} and ``plan_longer`` {days} change nothing.

    Raises
    ------
    ValueError
        If there is no such change.
    """
    for change in changes:
        problem = _change(problem, change.code, change.values)
    return problem


def _change(problem: Problem, code: str, values: dict[str, Any]) -> Problem:
    if code in _TEAM_CHANGES:
        team = _find_team(problem, values["team_id"])
        if code == "add_days":
            team = replace(team, max_days=team.max_days + values["days"])
        elif code == "raise_range_km":
            team = replace(team, range_km=team.range_km + values["missing_km"])
        else:
            team = replace(team, roles=(*team.roles, values["role"]))
        teams = tuple(team if t.id == team.id else t for t in problem.teams)
        return replace(problem, teams=teams)
    if code in ("add_team", "add_teams"):
        like = _find_team(problem, values["team_id"])
        names = name_teams((t.id for t in problem.teams), values.get("teams", 1))
        more = [replace(like, id=name, base_id=values["base_id"]) for name in names]
        return replace(problem, teams=(*problem.teams, *more))
    if code == "drop_required":
        sites = tuple(
            replace(site, required=False) if site.id == values["site_id"] else site
            for site in problem.sites
        )
        return replace(problem, sites=sites)
    if code == "drop_group":
        groups = tuple(
            replace(group, required=False)
            if list(group.site_ids) == list(values["site_ids"])
            else group
            for group in problem.groups
        )
        return replace(problem, groups=groups)
    if code == "ask_fewer_unknown":
        limits = replace(problem.limits, min_unknown_visits=values["least"])
        return replace(problem, limits=limits)
    if code not in ("open_base", "plan_longer"):
        msg = f"no such change: {code}"
        raise ValueError(msg)
    return problem


def _find_team(problem: Problem, team_id: str) -> Team:
    return next(team for team in problem.teams if team.id == team_id)


def measure_changes(
    problem: Problem, changes: Sequence[Code], *, returning: Sequence[Team] = ()
) -> Size:
    """Return how large some changes are together.

    Parameters
    ----------
    problem
        What was asked.
    changes
        The changes.
    returning
        Teams that come with a base that is opened.
    """
    opened = sum(change.code == "open_base" for change in changes)
    more_km = sum(
        float(change.values["missing_km"])
        for change in changes
        if change.code == "raise_range_km"
    )
    teams = {team.id: team for team in (*problem.teams, *returning)}
    days = {c.values["team_id"]: c.values["days"] for c in _pick(changes, "add_days")}
    person_days = sum(team.people * team.max_days for team in returning)
    person_days += sum(teams[team].people * more for team, more in days.items())
    for change in _pick(changes, "add_role"):
        team = teams[change.values["team_id"]]
        person_days += team.max_days + days.get(team.id, 0)
    for change in (*_pick(changes, "add_team"), *_pick(changes, "add_teams")):
        team = teams[change.values["team_id"]]
        person_days += change.values.get("teams", 1) * team.people * team.max_days
    dropped = sum(
        problem.limits.min_unknown_visits - change.values["least"]
        if change.code == "ask_fewer_unknown"
        else 1
        for change in changes
        if change.code in _DROPS
    )
    parts = len({c.values["team_id"] for c in changes if c.code in _TEAM_CHANGES})
    parts += sum(
        c.values.get("teams", 1)
        for c in (*_pick(changes, "add_team"), *_pick(changes, "add_teams"))
    )
    longer = sum(c.values["days"] for c in _pick(changes, "plan_longer"))
    parts += opened + (longer > 0)
    return Size(dropped, parts, opened, longer, person_days, more_km)


def _pick(changes: Iterable[Code], code: str) -> Iterator[Code]:
    return (change for change in changes if change.code == code)
