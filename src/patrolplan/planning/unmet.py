"""Which demands a plan leaves unmet, why, and what giving them up would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from patrolplan.planfile import Code
from patrolplan.planning.demands import Coverage
from patrolplan.planning.inquiry import Inquiry, build_plan
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Problem
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.solver import DEFAULT_WORKERS

__all__ = ["find_best_effort", "list_drops", "list_reasons"]

# How near to its bound a plan is that does as much as can be, as a share of it.
_WITHIN = 1e-3


def find_best_effort(problem: Problem) -> tuple[Column, ...]:
    """Return a plan that meets as many demands as it can, and then most need.

    Parameters
    ----------
    problem
        What is asked.
    """
    posed = Posed(problem)
    if not posed.places or not posed.crews:
        return ()
    return Inquiry(posed, workers=DEFAULT_WORKERS).ask(within=_WITHIN).patrols


def _list_unmet(problem: Problem, patrols: Sequence[Column]) -> Iterator[Code]:
    visited = {problem.place_ids[p] for column in patrols for p in column.places}
    for site in problem.sites:
        if site.required and site.id not in visited:
            yield Code(code="site_unmet", values={"site_id": site.id})
    for group in problem.groups:
        if group.required and visited.isdisjoint(group.site_ids):
            values: dict[str, Any] = {"site_ids": list(group.site_ids)}
            yield Code(code="group_unmet", values=values)
    unknown = {site.id for site in problem.sites if site.need is None}
    least = min(problem.limits.min_unknown_visits, len(unknown))
    if len(unknown & visited) < least:
        values = {"found": len(unknown & visited), "least": least}
        yield Code(code="unknown_unmet", values=values)


def list_drops(problem: Problem, patrols: Sequence[Column]) -> tuple[Code, ...]:
    """Return the changes that give up what a plan leaves unmet.

    Parameters
    ----------
    problem, patrols
        What is asked, and the plan.
    """
    changes = []
    for unmet in _list_unmet(problem, patrols):
        if unmet.code == "site_unmet":
            changes.append(Code(code="drop_required", values=unmet.values))
        elif unmet.code == "group_unmet":
            changes.append(Code(code="drop_group", values=unmet.values))
        else:
            least = {"least": unmet.values["found"]}
            changes.append(Code(code="ask_fewer_unknown", values=least))
    return tuple(changes)


def list_reasons(
    problem: Problem, asked: Coverage, patrols: Sequence[Column]
) -> tuple[Code, ...]:
    """Return why all that is demanded cannot be done.

    First ``demands_unmet`` {demands, most} where that is proven, else
    ``demands_not_met`` {demands, met}; then for each demand that the best plan leaves
    unmet what hinders it: ``site_unmet`` {site_id, reason, values}, as
    :func:`~patrolplan.planning.reasons.find_reasons` has them; ``group_unmet``
    {site_ids}; ``unknown_unmet`` {found, least}.

    Parameters
    ----------
    problem, asked
        What is asked, and how far it can be met.
    patrols
        A plan that meets as much as it can.
    """
    if asked.verdict == "impossible":
        values: dict[str, Any] = {"demands": asked.demands, "most": asked.met_at_most}
        reasons = [Code(code="demands_unmet", values=values)]
    else:
        values = {"demands": asked.demands, "met": asked.met}
        reasons = [Code(code="demands_not_met", values=values)]
    entries = find_reasons(problem, build_plan(Posed(problem), patrols))
    for unmet in _list_unmet(problem, patrols):
        if unmet.code == "site_unmet":
            entry = entries[unmet.values["site_id"]]
            told = {"reason": entry.reason, "values": entry.reason_values}
            reasons.append(Code(code="site_unmet", values={**unmet.values, **told}))
        else:
            reasons.append(unmet)
    return tuple(reasons)
