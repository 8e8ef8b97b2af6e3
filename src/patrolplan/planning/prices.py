"""What one more of each means would be worth: days, teams, range, advisers.

Each changed problem is solved anew, beginning with the patrols found for the present
one, all of which stay possible: no change here takes anything away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from patrolplan.planfile import Code
from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution
from patrolplan.planning.variation import list_patrols

__all__ = ["Price", "find_prices", "list_changes"]

# By how much a range is raised.
_MORE_RANGE = 0.1
# How near to its bound each changed plan is asked for, as a share of it.
_WITHIN = 1e-4
# Of a share of the need, what is rounding alone.
_TINY = 1e-9


@dataclass(frozen=True)
class Price:
    """What one change of the means is worth.

    Parameters
    ----------
    change
        ``add_days`` {team_id, days}, ``add_team`` {base_id, vehicle, team_id},
        ``raise_range_km`` {team_id, missing_km}, ``add_role`` {team_id, role}.
    more_need
        Need that a plan found with it meets beyond the present one's.
    at_most
        Need beyond the present plan's that no plan with it can exceed.
    site_ids
        Sites that it visits and the present plan does not.
    """

    change: Code
    more_need: float
    at_most: float
    site_ids: tuple[str, ...]


def list_changes(problem: Problem) -> Iterator[tuple[Code, Problem]]:
    """Yield each change of the means, and the problem so changed.

    One more day and a tenth more range for each team; one more team like each that is
    alike to no earlier one at its base; each role that a site asks for, added to a
    team that lacks it.

    Parameters
    ----------
    problem
        What was asked.
    """
    for team in problem.teams:
        values: dict[str, object] = {"team_id": team.id, "days": 1}
        longer = replace(team, max_days=team.max_days + 1)
        yield Code(code="add_days", values=values), _exchange(problem, longer)
    seen: list[Team] = []
    taken = {team.id for team in problem.teams}
    for team in problem.teams:
        # What it is called, and how many go, changes nothing.
        alike = replace(team, id="", vehicles=0, people=0)
        if alike in seen:
            continue
        seen.append(alike)
        values = {
            "base_id": team.base_id,
            "vehicle": team.vehicle,
            "team_id": team.id,
        }
        name = next(n for k in range(len(taken) + 1) if (n := f"more-{k}") not in taken)
        more = replace(problem, teams=(*problem.teams, replace(team, id=name)))
        yield Code(code="add_team", values=values), more
    for team in problem.teams:
        more_km = _MORE_RANGE * team.range_km
        values = {"team_id": team.id, "missing_km": more_km}
        farther = replace(team, range_km=team.range_km + more_km)
        yield Code(code="raise_range_km", values=values), _exchange(problem, farther)
    roles = sorted({role for site in problem.sites for role in site.roles})
    for team in problem.teams:
        for role in roles:
            if role not in team.roles:
                values = {"team_id": team.id, "role": role}
                skilled = replace(team, roles=(*team.roles, role))
                yield Code(code="add_role", values=values), _exchange(problem, skilled)


def find_prices(problem: Problem, solution: Solution) -> tuple[Price, ...]:
    """Return what each change is worth, the most worth first.

    Parameters
    ----------
    problem
        What was asked.
    solution
        Its best plan.
    """
    before = Posed(problem)
    # A plan that is not proven best may be bettered with no more means at all.
    least = solution.need
    if solution.gap > _WITHIN:
        least = max(least, Inquiry(before, solution.patrols).ask(within=_WITHIN).need)
    best = list_patrols(before, solution.plan)
    visited = {site for patrol in solution.plan.patrols for site in patrol.site_ids}
    prices = []
    for change, changed in list_changes(problem):
        posed = Posed(changed)
        patrols = [
            moved
            for column in solution.patrols
            for moved in _translate(before, posed, column)
        ]
        plan = _translate_plan(before, posed, best, solution)
        answer = Inquiry(posed, patrols, [plan], DEFAULT_WORKERS).ask(within=_WITHIN)
        gained = {changed.place_ids[place] for place in answer.places} - visited
        more = answer.need - least
        if more <= _TINY * least:
            more, gained = 0.0, set()
        prices.append(
            Price(
                change,
                more,
                max(more, answer.bound - least),
                tuple(sorted(gained)),
            )
        )
    # Sorting keeps the order of what is worth the same.
    return tuple(sorted(prices, key=lambda price: -price.more_need))


def _exchange(problem: Problem, changed: Team) -> Problem:
    return replace(
        problem,
        teams=tuple(changed if t.id == changed.id else t for t in problem.teams),
    )


def _translate(before: Posed, after: Posed, column: Column) -> Iterator[Column]:
    """Yield a patrol for each kind of the changed problem that holds its teams."""
    teams = [team for team, kind in enumerate(before.kinds) if kind == column.kind]
    for kind in sorted({after.kinds[team] for team in teams}):
        yield column._replace(kind=kind)


def _translate_plan(
    before: Posed, after: Posed, best: tuple[Column, ...], solution: Solution
) -> tuple[Column, ...]:
    """Return the present plan with the kinds of the changed problem."""
    numbers = {team.id: k for k, team in enumerate(before.problem.teams)}
    columns = []
    for patrol in solution.plan.patrols:
        team = numbers[patrol.team_id]
        places = tuple(before.problem.place_index[site] for site in patrol.site_ids)
        column = next(
            c
            for c in best
            if (c.kind, c.depart_day, c.places)
            == (before.kinds[team], patrol.depart_day, places)
        )
        columns.append(column._replace(kind=after.kinds[team]))
    return tuple(sorted(columns))
