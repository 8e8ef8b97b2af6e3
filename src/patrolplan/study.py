"""The natural path, composed: from a scenario to a plan with all that led to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from patrolplan.conditions import read_conditions
from patrolplan.convoy_notices import list_convoy_notices
from patrolplan.do_no_harm import put_gates
from patrolplan.document import build_document
from patrolplan.earning import find_earning
from patrolplan.inputs import list_inputs
from patrolplan.layers import Layers
from patrolplan.memory import put_memory, read_memory
from patrolplan.need import NEED_COLUMNS, Mandate, weigh_themes
from patrolplan.network import Network, build_network
from patrolplan.planfile import Assessment, Code, InputEntry, PlanFile
from patrolplan.planning.assessment import build_assessment
from patrolplan.planning.equity import lift_worst_served, measure_least
from patrolplan.planning.estimation import estimate_bound
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.schedule import Schedule, build_schedule
from patrolplan.planning.solver import DEFAULT_WORKERS, Progress, Solution, solve
from patrolplan.question import (
    PeriodTravel,
    build_problem,
    build_travels,
    check_scenario,
    find_open_bases,
    list_notices,
    list_places,
    list_ready_teams,
)
from patrolplan.ratings import rate_risk, read_theatre
from patrolplan.scenario import Scenario, read_scenario

__all__ = [
    "Question",
    "Study",
    "build_question",
    "build_study",
    "list_plan_notices",
    "measure_plan",
    "plan_patrols",
]

# Rounds of search from which on prices are given all the work they may take.
_WHOLE_EFFORT = 8000
_PLAN_NOTICES = {"ended_early", "no_patrol", "base_hugging"}


@dataclass(frozen=True, eq=False)
class Question:
    """A scenario worked up to a problem, and all that it was worked up from.

    Parameters
    ----------
    scenario, layers, network, need, travels
        What was asked, and what geography answers.
    problem
        What planning is asked.
    memory
        When each site was visited last; None where the scenario names no log.
    inputs
        The files that were read, with their hashes.
    notices
        What a planner should hear: codes such as ``team_idle``.
    """

    scenario: Scenario
    layers: Layers
    network: Network
    need: Any
    travels: tuple[PeriodTravel, ...]
    problem: Problem
    memory: Any
    inputs: tuple[InputEntry, ...]
    notices: tuple[Code, ...]


@dataclass(frozen=True, eq=False)
class Study(Question):
    """A question with its answer.

    Parameters
    ----------
    plan, schedule
        What was decided, and worked out to stops and times.
    solution
        The plan with its bound, and all patrols that were looked at.
    plan_file
        The document of ``plan.json``, measured by the referee.
    """

    plan: Plan
    solution: Solution
    schedule: Schedule
    plan_file: PlanFile

    @property
    def assessment(self) -> Assessment:
        """What the referee measured."""
        return self.plan_file.assessment

    @property
    def sites(self) -> Any:
        """The need table with a column ``visited_by``: a GeoDataFrame, WGS 84."""
        visited = {
            stop.site_id: patrol.id
            for patrol in self.plan_file.patrols
            for stop in patrol.stops
            if stop.kind == "visit"
        }
        return self.need.assign(visited_by=[visited.get(s) for s in self.need.index])


def build_question(
    scenario: Scenario | Path | str, *, mandate: Mandate | None = None
) -> Question:
    """Read the layers of a scenario and work it up to a problem.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    mandate
        Instead of the scenario's own.

    Raises
    ------
    InputError
        If the scenario or any of its layers has a fault; with all of them.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    layers, own_mandate, reports = read_theatre(scenario)
    mandate = mandate or own_mandate
    inputs = list_inputs(scenario)
    check_scenario(scenario, layers)
    open_bases = find_open_bases(layers.bases, scenario)
    places = list_places(layers.population, open_bases)
    network = build_network(layers.lines, places, snap_km=scenario.movement.snap_km)
    need = rate_risk(scenario, layers, open_bases, reports)[[*NEED_COLUMNS, "geometry"]]
    standing = set(open_bases["id"])
    conditions = read_conditions(scenario, layers.population)
    need = weigh_themes(
        need,
        layers,
        mandate,
        days=scenario.days,
        teams=[set(team.roles) for team in list_ready_teams(scenario, standing)],
        site_roles={site: visit.roles for site, visit in conditions.visits.items()},
    )
    travels = build_travels(scenario, network, layers.speeds, places, layers.vehicles)
    earning = find_earning(
        scenario, layers, mandate, network, need, [period.travel for period in travels]
    )
    memory, heard = read_memory(scenario, layers, need)
    return Question(
        scenario=scenario,
        layers=layers,
        network=network,
        need=need,
        travels=travels,
        problem=build_problem(scenario, layers, need, travels, earning),
        memory=memory,
        inputs=inputs,
        notices=(
            *list_notices(scenario, open_bases, network, need),
            *list_convoy_notices(scenario, layers.vehicles),
            *(reports.notices if reports else ()),
            *heard,
        ),
    )


def plan_patrols(
    scenario: Scenario | Path | str,
    *,
    seed: int | None = None,
    iterations: int | None = None,
    seconds: float | None = None,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Study:
    """Plan the patrols of one scenario.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    seed, iterations
        Instead of the scenario's own.
    seconds
        Search by the clock instead; the plan need not be the same again.
    workers
        Searches side by side, :data:`~patrolplan.planning.solver.DEFAULT_WORKERS` if
        None; part of what makes a plan the same again.
    on_progress
        Called now and then with how far it is.

    Raises
    ------
    InputError
        If the scenario or any of its layers has a fault; with all of them.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    own = {"seed": seed, "iterations": iterations}
    if changes := {name: value for name, value in own.items() if value is not None}:
        scenario = scenario.replace(**changes)
    question = build_question(scenario)
    solution = solve(
        question.problem,
        seed=scenario.seed,
        iterations=scenario.iterations,
        seconds=seconds,
        workers=workers or DEFAULT_WORKERS,
        on_progress=on_progress,
    )
    fairness = None
    if not solution.interrupted:
        fairness = lift_worst_served(question.problem, solution)
    if fairness is None:
        return build_study(question, solution, solution.plan, seed=scenario.seed)
    lifted = fairness.solution
    return build_study(
        question, lifted, lifted.plan, seed=scenario.seed, before=solution
    )


def build_study(
    question: Question,
    solution: Solution,
    plan: Plan,
    *,
    seed: int | None,
    before: Solution | None = None,
) -> Study:
    """Work a plan out to stops and times, and measure it.

    Parameters
    ----------
    question
        What was asked.
    solution
        The best plan, and its bound.
    plan
        The plan to be worked out: that one or another.
    seed
        What the document says it was made with.
    before
        If equity was weighed in: the plan that meets most need.
    """
    problem = question.problem
    schedule = build_schedule(problem, plan)
    draft = build_document(
        question.scenario,
        question.layers,
        question.need,
        problem,
        question.travels,
        schedule,
        inputs=question.inputs,
        seed=seed,
    )
    plan_file = measure_plan(
        put_gates(
            put_memory(draft, question.memory),
            question.scenario,
            question.layers,
            question.need,
        ),
        problem,
        plan,
        need_bound=solution.bound,
        solution=solution,
        # A hasty plan is not worth more work on what it leaves out than on itself.
        effort=min(1.0, question.scenario.iterations / _WHOLE_EFFORT),
        before=before,
    )
    parts = {part.name: getattr(question, part.name) for part in fields(Question)}
    # Of the plan now worked out, not of another that the question may bear.
    asked = [n for n in question.notices if n.code not in _PLAN_NOTICES]
    early = [Code(code="ended_early")] if solution.interrupted else []
    parts["notices"] = (*asked, *early, *list_plan_notices(plan_file))
    return Study(
        **parts,
        plan=plan,
        solution=solution,
        schedule=schedule,
        plan_file=plan_file,
    )


def list_plan_notices(plan: PlanFile) -> tuple[Code, ...]:
    """Return what a planner should hear of a plan that breaks no rule.

    Parameters
    ----------
    plan
        A measured plan.

    Returns
    -------
    ``no_patrol`` if nobody goes anywhere, ``base_hugging`` if most need met lies
    close to the bases.
    """
    notices = []
    if not plan.patrols:
        notices.append(Code(code="no_patrol"))
    if plan.assessment.reach.get("base_hugging"):
        beyond_km = plan.assessment.reach["beyond_km"]
        notices.append(Code(code="base_hugging", values={"beyond_km": beyond_km}))
    return tuple(notices)


def measure_plan(
    draft: PlanFile,
    problem: Problem,
    plan: Plan,
    *,
    need_bound: float | None = None,
    solution: Solution | None = None,
    effort: float = 1.0,
    before: Solution | None = None,
) -> PlanFile:
    """Return a document with what the referee measured, the bound and the reasons.

    Parameters
    ----------
    draft
        The document of the plan.
    problem, plan
        What it was written from.
    need_bound
        Need that no plan can exceed; estimated if not known.
    solution
        If the plan is its plan, sites left out are given prices.
    effort
        How much work these may take, 0 to 1.
    before
        If equity was weighed in: the plan that meets most need.
    """
    without = None
    if before is not None:
        worst, tail = measure_least(problem, before.plan)
        without = {
            "need_met": before.need,
            "worst_share": worst,
            "tail_share": tail,
        }
    assessment = build_assessment(
        draft,
        need_bound=estimate_bound(problem) if need_bound is None else need_bound,
        reasons=find_reasons(problem, plan, solution, effort=effort),
        without=without,
    )
    return draft.model_copy(update={"assessment": assessment})
