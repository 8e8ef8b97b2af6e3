"""What a planner should hear of convoys: what they lack, and what cuts them short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patrolplan.convoys import find_lacking_teams, limit_convoy, read_convoy
from patrolplan.planfile import Code
from patrolplan.scenario import Scenario

__all__ = ["list_convoy_notices"]


def list_convoy_notices(scenario: Scenario, vehicles: Any) -> Iterator[Code]:
    """Yield what a planner should hear of teams, their elements and their supplies.

    Parameters
    ----------
    scenario
        The question.
    vehicles
        The vehicles table.

    Yields
    ------
    ``elements_missing`` {team_id, elements} for a team that lacks an element where that
    is a finding, ``elements_keep_home`` {team_id, elements} where it is a limit,
    ``seats_short`` {team_id, people, seats} for one with more people than seats, and
    ``days_cut`` {team_id, days, max_days, supply} for one whose water or rations do not
    last as long as it may be out; ``days`` is 0 where they last for no patrol.
    """
    limit = scenario.supplies.elements_rule == "limit"
    code = "elements_keep_home" if limit else "elements_missing"
    lacking = find_lacking_teams(scenario, vehicles)
    for team in scenario.teams:
        if team.id in lacking:
            lacks = {"team_id": team.id, "elements": list(lacking[team.id])}
            yield Code(code=code, values=lacks)
        convoy = read_convoy(team, vehicles)
        if convoy.seats is not None and convoy.seats < team.people:
            short = {"team_id": team.id, "people": team.people, "seats": convoy.seats}
            yield Code(code="seats_short", values=short)
        limits = limit_convoy(scenario, team, convoy)
        if limits.bound_by:
            days = (
                limits.max_days if limits.max_days >= scenario.patrols.min_days else 0
            )
            values = {
                "team_id": team.id,
                "days": days,
                "max_days": team.max_days,
                "supply": limits.bound_by,
            }
            yield Code(code="days_cut", values=values)
