"""Lines that a plan found closed on its first day, by whatever closed them."""

from __future__ import annotations

from typing import Any

from patrolplan.planfile import PlanFile

__all__ = ["mark_closed"]


def mark_closed(lines: Any, plan: PlanFile) -> Any:
    """Return the lines with those closed that were so when the plan begins.

    Parameters
    ----------
    lines
        The lines layer; its own columns know closures by season only.
    plan
        Lists in ``limits`` what the flood, closures and areas to avoid close besides.
    """
    listed = plan.scenario.limits.get("closed_at_start")
    if not isinstance(listed, list) or not listed or "id" not in lines:
        return lines
    closed = lines["id"].isin([key for key in listed if isinstance(key, str)])
    if not closed.any():
        return lines
    marked = lines.copy()
    for column in ("status_dry", "status_rains"):
        if column in marked:
            marked[column] = marked[column].where(~closed, "closed")
    return marked
