"""The natural path, composed: from a scenario to a plan with all that led to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from patrolplan.answering import Answer, answer_problem
from patrolplan.buffering import find_buffer
from patrolplan.casualty import put_casualty
from patrolplan.casualty_limits import read_confinement
from patrolplan.closing_ways import list_closing_ways
from patrolplan.conditions import read_conditions, refuse_overload
from patrolplan.convoy_notices import list_convoy_notices
from patrolplan.convoys import read_convoy_speeds
from patrolplan.do_no_harm import put_gates
from patrolplan.document import build_document
from patrolplan.earning import find_earning
from patrolplan.inputs import list_inputs
from patrolplan.keep_clear import list_kept_places
from patrolplan.layers import Layers
from patrolplan.leg_frame import tabulate_legs
from patrolplan.measuring import PLAN_NOTICES, list_plan_notices, measure_plan
from patrolplan.memory import put_memory, read_memory, weigh_memory
from patrolplan.need import NEED_COLUMNS, Mandate, weigh_themes
from patrolplan.network import Clearance, Network, Roads, build_network, read_roads
from patrolplan.open_ground import list_open_ground_notices
from patrolplan.planfile import Assessment, Code, InputEntry, PlanFile
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.schedule import Schedule, build_schedule
from patrolplan.planning.solver import Progress, Solution
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
from patrolplan.road_changes import explain_cuts, list_road_notices
from patrolplan.scenario import Scenario, read_scenario
from patrolplan.shelf import keep
from patrolplan.showing import Shown

__all__ = [
    "Question",
    "Study",
    "build_question",
    "build_study",
    "plan_patrols",
]

# Rounds of search from which on prices are given all the work they may take.
_WHOLE_EFFORT = 8000


@dataclass(frozen=True, eq=False)
class Question:
    """A scenario worked up to a problem, and all that it was worked up from.

    Parameters
    ----------
    scenario, layers, network, need, travels, roads
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
    roads: Roads
    problem: Problem
    memory: Any
    inputs: tuple[InputEntry, ...]
    notices: tuple[Code, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Study(Question, Shown):
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

    def __repr__(self) -> str:
        # Its layers and all its legs would fill a book.
        return f"<Study of {self.plan_file!r}>"

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

    @property
    def legs(self) -> Any:
        """What is driven, a row a leg: a GeoDataFrame of lines, WGS 84."""
        return tabulate_legs(self.plan_file)


def build_question(
    scenario: Scenario | Path | str,
    *,
    mandate: Mandate | None = None,
    overloaded: bool = False,
) -> Question:
    """Read the layers of a scenario and work it up to a problem.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    mandate
        Instead of the scenario's own.
    overloaded
        Whether required visits may be provably more work than the teams can do, which
        is refused otherwise.

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
    confinement = read_confinement(scenario, layers)
    snap_km = scenario.movement.snap_km
    whole = keep(build_network, layers.lines, places, snap_km=snap_km)
    network = confinement.confine_network(whole)
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
    memory, heard = read_memory(scenario, layers, need)
    need = weigh_memory(scenario, need, memory)
    layers = read_convoy_speeds(scenario, layers)
    roads = read_roads(scenario, layers)
    clearance = Clearance(list_kept_places(scenario, layers))
    travels = build_travels(
        scenario, network, layers.speeds, places, roads, clearance, layers.vehicles
    )
    travels = confinement.confine_travels(travels, places, standing)
    ways = [period.travel for period in travels]
    earning = find_earning(scenario, layers, mandate, network, need, ways)
    problem = build_problem(scenario, layers, need, travels, earning)
    problem = confinement.explain(problem, places, whole, network)
    if not overloaded:
        refuse_overload(scenario, problem)
    return Question(
        scenario=scenario,
        layers=layers,
        network=network,
        need=need,
        travels=travels,
        roads=roads,
        problem=problem,
        memory=memory,
        inputs=inputs,
        notices=(
            *list_notices(scenario, open_bases, network, need),
            *confinement.list_notices(problem, places),
            *list_open_ground_notices(scenario, layers),
            *list_road_notices(scenario, layers, network, roads),
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

    def answer(asked: Scenario) -> tuple[Question, Answer]:
        question = build_question(asked)
        return question, answer_problem(
            question.problem,
            asked,
            seconds=seconds,
            workers=workers,
            on_progress=on_progress,
        )

    def draft(asked: Scenario) -> tuple[tuple[Question, Answer], PlanFile]:
        question, found = answer(asked)
        if found.solution.interrupted:
            # Whoever ends a search for a buffer wants no further plan.
            raise KeyboardInterrupt
        document = _draft_document(question, found.solution.plan, asked.seed)[1]
        return (question, found), document

    if scenario.stress.chance is None and scenario.stress.day_chance is None:
        question, found = answer(scenario)
    else:
        buffered = find_buffer(scenario, draft)
        question, found = buffered.answer
        question = replace(question, notices=(*question.notices, *buffered.notices))
    solution, before = found
    return build_study(
        question,
        solution,
        solution.plan,
        seed=scenario.seed,
        before=before,
        workers=workers,
    )


def _draft_document(
    question: Question, plan: Plan, seed: int | None
) -> tuple[Schedule, PlanFile]:
    """Return a plan worked out to stops and times, not yet measured."""
    schedule = build_schedule(question.problem, plan)
    return schedule, build_document(
        question.scenario,
        question.layers,
        question.need,
        question.problem,
        question.travels,
        schedule,
        inputs=question.inputs,
        seed=seed,
    )


def build_study(
    question: Question,
    solution: Solution,
    plan: Plan,
    *,
    seed: int | None,
    before: Solution | None = None,
    workers: int | None = None,
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
    workers
        Side by side while reasons are sought; nothing hangs on it but time.
    """
    problem = question.problem
    schedule, draft = _draft_document(question, plan, seed)
    plan_file = measure_plan(
        put_gates(
            put_casualty(
                put_memory(
                    draft,
                    question.memory,
                    weighed=question.scenario.visits.weigh_need,
                ),
                question.scenario,
                question.layers.medical,
            ),
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
        workers=workers,
        before=before,
        explain=partial(
            explain_cuts,
            scenario=question.scenario,
            layers=question.layers,
            network=question.network,
            roads=question.roads,
            problem=problem,
        ),
    )
    parts = {part.name: getattr(question, part.name) for part in fields(Question)}
    # Of the plan now worked out, not of another that the question may bear.
    asked = [n for n in question.notices if n.code not in PLAN_NOTICES]
    early = [Code(code="ended_early")] if solution.interrupted else []
    closing = list_closing_ways(plan_file, question.travels, question.roads.names)
    heard = (*list_plan_notices(plan_file), *closing)
    parts["notices"] = (*asked, *early, *heard)
    return Study(
        **parts,
        plan=plan,
        solution=solution,
        schedule=schedule,
        plan_file=plan_file,
    )
