"""What a plan is worth: figures of the referee, bound and reasons, written in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from patrolplan.casualty import CASUALTY_NOTICES, list_casualty_notices
from patrolplan.open_ground_figures import OFF_TRACK
from patrolplan.planfile import Code, PlanFile, UnservedEntry
from patrolplan.planning.assessment import build_assessment
from patrolplan.planning.equity import measure_least
from patrolplan.planning.estimation import estimate_bound
from patrolplan.planning.keeping_rules import list_town_nights
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution

__all__ = ["PLAN_NOTICES", "list_plan_notices", "measure_plan"]

PLAN_NOTICES = {
    "ended_early",
    "no_patrol",
    "base_hugging",
    "night_in_town",
    "line_closes_on_way",
    "off_track_driven",
    *CASUALTY_NOTICES,
}
"""Codes of what is heard of a plan, not of the question."""

Reasons = dict[str, UnservedEntry]
"""Why sites are left out, by site."""


def list_plan_notices(plan: PlanFile) -> tuple[Code, ...]:
    """Return what a planner should hear of a plan that breaks no rule.

    Parameters
    ----------
    plan
        A measured plan.

    Returns
    -------
    ``no_patrol`` if nobody goes anywhere, ``base_hugging`` if most need met lies
    close to the bases, ``night_in_town`` for nights that may be too near to a place,
    ``off_track_driven`` {patrol_id, length_km, driving_min} for each patrol that leaves
    all lines; and those of the casualty clock.
    """
    notices = []
    if not plan.patrols:
        notices.append(Code(code="no_patrol"))
    if plan.assessment.reach.get("base_hugging"):
        beyond_km = plan.assessment.reach["beyond_km"]
        notices.append(Code(code="base_hugging", values={"beyond_km": beyond_km}))
    notices += _list_off_track(plan)
    return (*notices, *list_town_nights(plan), *list_casualty_notices(plan))


def _list_off_track(plan: PlanFile) -> Iterator[Code]:
    """Yield what patrols drive where no line is known."""
    for patrol in plan.patrols:
        parts = [
            part
            for leg in patrol.legs
            for part in leg.parts or ()
            if part.kind == OFF_TRACK
        ]
        if parts:
            values = {
                "patrol_id": patrol.id,
                "length_km": sum(part.length_km for part in parts),
                "driving_min": sum(part.driving_min for part in parts),
            }
            yield Code(code="off_track_driven", values=values)


def measure_plan(
    draft: PlanFile,
    problem: Problem,
    plan: Plan,
    *,
    need_bound: float | None = None,
    solution: Solution | None = None,
    effort: float = 1.0,
    workers: int | None = None,
    before: Solution | None = None,
    explain: Callable[[Reasons], Reasons] = dict,
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
    workers
        Side by side, :data:`~patrolplan.planning.solver.DEFAULT_WORKERS` if None;
        nothing hangs on it but time.
    before
        If equity was weighed in: the plan that meets most need.
    explain
        Says more of why sites are left out than planning knows.
    """
    without = None
    if before is not None:
        worst, tail = measure_least(problem, before.plan)
        without = {
            "need_met": before.need,
            "worst_share": worst,
            "tail_share": tail,
        }
    reasons = find_reasons(
        problem, plan, solution, effort=effort, workers=workers or DEFAULT_WORKERS
    )
    assessment = build_assessment(
        draft,
        need_bound=estimate_bound(problem) if need_bound is None else need_bound,
        reasons=explain(reasons),
        without=without,
    )
    return draft.model_copy(update={"assessment": assessment})
