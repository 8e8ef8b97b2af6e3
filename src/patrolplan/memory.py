"""Memory in a plan: when each site was visited last, and how overdue it is.

Read from the logs that the scenario names and the plans that it remembers, and told
beside each site of the document. It steers nothing unless the scenario says so: need is
that of the zones and themes, whenever anybody came last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from patrolplan.conditions import read_conditions
from patrolplan.layers import Layers, read_visits
from patrolplan.need import estimate_memory
from patrolplan.need.visits import regrow_need
from patrolplan.planfile import Code, PlanFile
from patrolplan.scenario import Scenario

__all__ = ["put_memory", "read_memory", "weigh_memory"]


def read_memory(
    scenario: Scenario, layers: Layers, need: Any
) -> tuple[Any, tuple[Code, ...]]:
    """Read the visits that a scenario remembers.

    Parameters
    ----------
    scenario, layers
        The question; its first day is that looked back from.
    need
        The need table: it gives the risks.

    Returns
    -------
    The table of memory, None where the scenario names no log; and what a planner
    should hear of the logs.

    Raises
    ------
    LayerError
        If a log cannot be read or meant.
    """
    if not scenario.visits.logs and not scenario.earlier:
        return None, ()
    home = scenario.path.parent
    visits = read_visits(
        [home / log for log in scenario.visits.logs],
        layers.population,
        timezone=scenario.timezone,
        plans=[earlier.plan for earlier in scenario.earlier],
    )
    asked = read_conditions(scenario, layers.population).visits
    memory = estimate_memory(
        layers.population,
        visits,
        as_of=scenario.start,
        risks={str(site): float(risk) for site, risk in need["risk"].items()},
        cadences={
            site: visit.cadence_days
            for site, visit in asked.items()
            if visit.cadence_days is not None
        },
        figures=scenario.visits,
    )
    return memory, visits.notices


def weigh_memory(scenario: Scenario, need: Any, memory: Any) -> Any:
    """Return the need table as a scenario weighs the visits that it remembers.

    Parameters
    ----------
    scenario
        Says whether only what has grown back counts.
    need
        The need table, themes and all.
    memory
        As :func:`read_memory` returns it.
    """
    if memory is None or not scenario.visits.weigh_need:
        return need
    return regrow_need(need, memory)


def put_memory(draft: PlanFile, memory: Any, *, weighed: bool = False) -> PlanFile:
    """Return a document whose sites say when they were visited last.

    Parameters
    ----------
    draft
        The document of a plan.
    memory
        As :func:`read_memory` returns it.
    weighed
        Whether the needs are only what has grown back.
    """
    if memory is None:
        return draft
    told = {
        row.site_id: {
            "visit_tier": row.tier,
            "last_visit": row.last_visit,
            "overdue_days": None
            if np.isnan(row.overdue_days)
            else float(row.overdue_days),
            "need_regrown": float(row.regrown) if weighed else None,
        }
        for row in memory.itertuples()
    }
    sites = [site.model_copy(update=told.get(site.id, {})) for site in draft.sites]
    return draft.model_copy(update={"sites": sites})
