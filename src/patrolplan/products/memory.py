"""Memory of visits as people read it: the list of what is overdue."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from patrolplan.need import list_overdue
from patrolplan.planfile import PlanFile
from patrolplan.products.gates import find_shown_status

__all__ = ["has_memory", "tabulate_overdue"]

_TYPES: Final = {
    "site_id": "string",
    "name": "string",
    "tier": "string",
    "last_visit": "string",
    "overdue_days": "Float64",
    "planned": "boolean",
    "plan_status": "string",
}


def has_memory(plan: PlanFile) -> bool:
    """Return whether a plan remembers any visits before it.

    Parameters
    ----------
    plan
        The plan.
    """
    return any(site.visit_tier is not None for site in plan.sites)


def tabulate_overdue(plan: PlanFile) -> pd.DataFrame:
    """Return one row a site that is overdue or never visited, most urgent first.

    Columns: ``site_id``, ``name``; ``tier`` (must, should, could, unknown);
    ``last_visit`` before the plan and ``overdue_days`` on its first day, both missing
    if there is no visit on record; ``planned``, whether this plan goes there;
    ``plan_status``.

    Parameters
    ----------
    plan
        The plan.
    """
    visited = {
        stop.site_id
        for patrol in plan.patrols
        for stop in patrol.stops
        if stop.kind == "visit"
    }
    names = {site.id: site.name for site in plan.sites}
    memory = pd.DataFrame(
        [
            (site.id, site.visit_tier, site.last_visit, site.overdue_days)
            for site in plan.sites
            if site.visit_tier is not None
        ],
        columns=["site_id", "tier", "last_visit", "overdue_days"],
    ).astype({"overdue_days": float})
    status = find_shown_status(plan)
    rows: list[dict[str, Any]] = [
        {
            "site_id": row.site_id,
            "name": names[row.site_id],
            "tier": row.tier,
            "last_visit": None if pd.isna(row.last_visit) else str(row.last_visit),
            "overdue_days": row.overdue_days,
            "planned": row.site_id in visited,
            "plan_status": status,
        }
        for row in list_overdue(memory).itertuples()
    ]
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))
