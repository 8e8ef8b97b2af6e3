"""A plan of what is asked; where that can't be done, of the nearest question that can.

The scenario is changed as its file could be, read anew and planned like any other: so
the referee judges the plan by the changed question, and the plan says what was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from patrolplan.errors import OverloadError
from patrolplan.layers import Layers
from patrolplan.layers.names import find_place_id
from patrolplan.planfile import Code, PlanFile
from patrolplan.planfile.nearest import NearestEntry, SizeEntry, TrialEntry
from patrolplan.planning.changes import name_teams
from patrolplan.planning.demands import measure_coverage
from patrolplan.planning.inquiry import Inquiry, build_plan
from patrolplan.planning.nearest import MOST_LONGER_DAYS, Nearest, find_nearest
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Problem
from patrolplan.question import find_open_bases
from patrolplan.scenario import MAX_HORIZON_DAYS, Scenario, read_scenario
from patrolplan.study import Question, Study, build_question, build_study, plan_patrols

__all__ = ["change_scenario", "misses_demands", "plan_nearest"]

# What the referee finds broken where a demand is unmet.
_UNMET = {"required_not_visited", "group_not_visited", "too_few_unknown"}
# How near to its bound a plan is that the search did not find, as a share of it.
_WITHIN = 1e-3


def misses_demands(plan: PlanFile) -> bool:
    """Return whether a measured plan leaves something undone that must be done.

    Parameters
    ----------
    plan
        The plan.
    """
    return any(broken.rule in _UNMET for broken in plan.assessment.violations)


def plan_nearest(
    scenario: Scenario | Path | str,
    *,
    seed: int | None = None,
    iterations: int | None = None,
    **options: Any,
) -> Study:
    """Plan a scenario; where that can't be done, the nearest one that can.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    seed, iterations
        Instead of the scenario's own.
    **options
        As :func:`~patrolplan.study.plan_patrols` takes them.

    Returns
    -------
    The study of the plan. If its plan file has a part ``nearest``, the scenario was
    changed as that says.

    Raises
    ------
    InputError
        If the scenario or any of its layers has a fault; with all of them. Required
        visits that are more work than the teams can do are none here.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    own = {"seed": seed, "iterations": iterations}
    if changes := {name: value for name, value in own.items() if value is not None}:
        scenario = scenario.replace(**changes)
    try:
        study = plan_patrols(scenario, **options)
    except OverloadError:
        question = build_question(scenario, overloaded=True)
    else:
        if study.solution.interrupted or not misses_demands(study.plan_file):
            return study
        study = _keep_demands(study)
        if not misses_demands(study.plan_file):
            return study
        question = study
    found = find_nearest(
        question.problem, _list_reopened(question), _find_lengthening(scenario)
    )
    changed = change_scenario(scenario, question.layers, found.changes)
    study = _keep_demands(plan_patrols(changed, **options))
    told = study.plan_file.model_copy(update={"nearest": _write(found)})
    return replace(study, plan_file=told)


def _keep_demands(study: Study) -> Study:
    """Return a study with a plan that meets all demands, if one is found at all."""
    if not misses_demands(study.plan_file):
        return study
    found = measure_coverage(study.problem)
    if found.verdict != "feasible":
        return study
    solution, posed = study.solution, Posed(study.problem)
    inquiry = Inquiry(posed, solution.patrols, [found.patrols])
    answer = inquiry.ask(within=_WITHIN)
    plan = build_plan(posed, answer.patrols)
    solution = replace(
        solution,
        plan=plan,
        need=answer.need,
        bound=max(answer.need, min(solution.bound, answer.bound)),
        patrols=tuple(inquiry.patrols),
    )
    return build_study(study, solution, plan, seed=study.scenario.seed)


def _list_reopened(question: Question) -> dict[str, Callable[[], Problem]]:
    """Return for each base that the scenario closed the problem if it were open."""
    scenario, layers = question.scenario, question.layers
    standing = set(find_open_bases(layers.bases, scenario)["id"])
    reopened: dict[str, Callable[[], Problem]] = {}
    for base in dict.fromkeys(scenario.bases.closed):
        opening = Code(code="open_base", values={"base_id": base})
        changed = change_scenario(scenario, layers, [opening])
        if set(find_open_bases(layers.bases, changed)["id"]) != standing:
            reopened[base] = partial(_build_problem, changed)
    return reopened


def _find_lengthening(scenario: Scenario) -> Callable[[int], Problem] | None:
    """Return what gives the problem of a scenario with more days planned."""
    if scenario.horizon_days + MOST_LONGER_DAYS > MAX_HORIZON_DAYS:
        return None

    def lengthen(days: int) -> Problem:
        more = scenario.horizon_days + days
        return _build_problem(scenario.replace(horizon_days=more))

    return lengthen


def _build_problem(scenario: Scenario) -> Problem:
    return build_question(scenario, overloaded=True).problem


def change_scenario(
    scenario: Scenario, layers: Layers, changes: Iterable[Code]
) -> Scenario:
    """Return a scenario with changes made, checked like a file.

    Parameters
    ----------
    scenario
        What was asked.
    layers
        Resolve its names.
    changes
        As :func:`~patrolplan.planning.changes.change_problem` has them.

    Raises
    ------
    ScenarioError
        If the changed scenario cannot be meant.
    """
    for change in changes:
        section, value = _change(scenario, layers, change.code, change.values)
        scenario = scenario.replace(**{section: value})
    return scenario


def _change(
    scenario: Scenario, layers: Layers, code: str, values: dict[str, Any]
) -> tuple[str, Any]:
    """Return which section of a scenario is changed, and what it becomes."""
    sites = scenario.sites

    def find(name: str) -> str:
        return find_place_id(layers.population, name)

    if code in ("add_days", "raise_range_km", "add_role"):
        return "teams", [
            team.model_copy(update=_stretch(team, code, values))
            if team.id == values["team_id"]
            else team
            for team in scenario.teams
        ]
    if code in ("add_team", "add_teams"):
        like = next(team for team in scenario.teams if team.id == values["team_id"])
        names = name_teams((t.id for t in scenario.teams), values.get("teams", 1))
        home = {"base": values["base_id"]}
        more = [like.model_copy(update={"id": name, **home}) for name in names]
        return "teams", [*scenario.teams, *more]
    if code == "plan_longer":
        return "horizon_days", scenario.horizon_days + values["days"]
    if code == "open_base":
        closed = [base for base in scenario.bases.closed if base != values["base_id"]]
        return "bases", {"closed": closed}
    if code == "drop_required":
        kept = tuple(n for n in sites.required if find(n) != values["site_id"])
        visits = tuple(
            visit.model_copy(update={"required": False})
            if find(visit.site) == values["site_id"]
            else visit
            for visit in sites.visits
        )
        return "sites", sites.model_copy(update={"required": kept, "visits": visits})
    if code == "drop_group":
        groups = tuple(
            group.model_copy(update={"required": False})
            if [find(name) for name in group.sites] == list(values["site_ids"])
            else group
            for group in sites.groups
        )
        return "sites", sites.model_copy(update={"groups": groups})
    least = {"min_unknown_visits": values["least"]}
    return "need", scenario.need.model_copy(update=least)


def _stretch(team: Any, code: str, values: dict[str, Any]) -> dict[str, Any]:
    if code == "add_days":
        return {"max_days": team.max_days + values["days"]}
    if code == "raise_range_km":
        return {"range_km": team.range_km + values["missing_km"]}
    return {"roles": (*team.roles, values["role"])}


def _write(found: Nearest) -> NearestEntry:
    """Return what was tried as a part of a plan document."""
    return NearestEntry(
        reasons=list(found.reasons),
        changes=list(found.changes),
        size=SizeEntry(**found.size._asdict()),
        proven=found.is_proven,
        tried=[
            TrialEntry(
                changes=list(trial.changes),
                size=SizeEntry(**trial.size._asdict()),
                verdict=trial.verdict,
            )
            for trial in found.trials
        ],
    )
