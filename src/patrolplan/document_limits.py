"""The limits and figures that shaped a plan, as its document names them."""

from __future__ import annotations

from typing import Any

from patrolplan.document_supplies import describe_supply_rules
from patrolplan.document_travel import list_closed
from patrolplan.earning import describe_earning
from patrolplan.planning.problem import Problem
from patrolplan.question import PeriodTravel
from patrolplan.scenario import Scenario

__all__ = ["list_limits"]


def list_limits(
    scenario: Scenario, problem: Problem, travels: tuple[PeriodTravel, ...]
) -> dict[str, Any]:
    """Return each limit that shaped the plan, by name.

    Parameters
    ----------
    scenario, problem, travels
        What was asked, and what it was worked up to.
    """
    movement = scenario.movement.model_dump(mode="json")
    if movement["fixed_window"] is not None:
        movement["fixed_window"] = [text[:5] for text in movement["fixed_window"]]
    patrols = scenario.patrols.model_dump(mode="json")
    reach = scenario.reach.model_dump(mode="json")
    passing = {"passing_km", "passing_share"}
    need = scenario.need.model_dump(mode="json", exclude=passing)
    need |= describe_earning(scenario, problem)
    chosen = {
        "iterations": scenario.iterations,
        "closed_lines": list(scenario.lines.closed),
        "closed_bases": list(scenario.bases.closed),
        "lifted": list(scenario.lines.lifted),
        "avoid": [
            area.model_dump(mode="json", exclude={"file", "wkt"})
            for area in scenario.lines.avoid
        ],
        "closed_at_start": list_closed(travels, scenario.start),
        "season": scenario.find_season(scenario.start),
        "seasons": [season.model_dump(mode="json") for season in scenario.seasons],
    }
    choices: dict[str, Any] = {}
    if problem.groups:
        choices["groups"] = [
            {"site_ids": list(group.site_ids), "required": group.required}
            for group in problem.groups
        ]
    if problem.forbidden_pairs:
        choices["forbidden_pairs"] = [list(pair) for pair in problem.forbidden_pairs]
    fills = [site.id for site in problem.sites if site.refuels]
    supplies = describe_supply_rules(scenario, fills)
    stress = {"stress": scenario.stress.model_dump(mode="json", exclude_none=True)}
    kept = {
        f"release_{key}": value
        for key, value in scenario.release.model_dump(mode="json").items()
    }
    asked = movement | patrols | supplies | reach | need
    return asked | chosen | choices | stress | kept
