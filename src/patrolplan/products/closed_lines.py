"""Lines that a plan found closed on its first day, by whatever closed them.

The one rule for all that is drawn of a plan, on the screen and on paper.
"""

from __future__ import annotations

from typing import Any

from patrolplan.planfile import PlanFile
from patrolplan.products.frames import read_cell

__all__ = ["find_season", "is_closed", "mark_closed"]


def find_season(plan: PlanFile) -> str:
    """Return the season in which a plan begins, ``dry`` or ``rains``.

    Parameters
    ----------
    plan
        The plan; one that does not say it is taken to begin when it is dry.
    """
    return "rains" if plan.scenario.limits.get("season") == "rains" else "dry"


def is_closed(row: dict[str, Any], season: str) -> bool:
    """Return whether nothing passes a line in a season.

    Parameters
    ----------
    row
        The line, as :func:`mark_closed` leaves it.
    season
        ``dry`` or ``rains``.
    """
    return str(read_cell(row, f"status_{season}") or "") == "closed"


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
