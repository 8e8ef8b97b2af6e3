"""What the planner's page shows of a plan: its figures, and how it differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from patrolplan.planfile import Code, PlanFile
from patrolplan.products.comparison import (
    compare_plans,
    list_figures,
    list_parts,
    render_comparison,
)
from patrolplan.products.digest import digest_plan
from patrolplan.products.markup import render_template
from patrolplan.products.nearest import digest_nearest
from patrolplan.products.rows import MapLayers, PlaceNames
from patrolplan.products.sentences import render_code_text
from patrolplan.products.symbols import style_patrol

__all__ = ["list_tracks", "render_planner_result", "render_two_plans"]


def render_planner_result(
    plans: Sequence[PlanFile],
    layers: MapLayers | None,
    notices: Sequence[Code],
    *,
    key: str,
) -> str:
    """Render the last plan as a part of the page, every value escaped.

    Parameters
    ----------
    plans
        The last plan, and the one before it as far as there is one.
    layers
        Give names of places and lines.
    notices
        What a planner should hear of the last.
    key
        What links to the server bear.
    """
    plan = plans[0]
    digest = digest_plan(plan, layers)
    names = PlaceNames(plan, layers)
    # The last plan is told against the one before it.
    compared = compare_plans(plans[::-1], layers)
    return str(
        render_template(
            "planner_result.html",
            digest=digest,
            nearest=digest_nearest(plan, digest.names),
            figures=list_figures(compared),
            parts=list_parts(compared[-1]) if len(plans) > 1 else [],
            notices=[
                render_code_text(notice.code, notice.values, names=names)
                for notice in notices
            ],
            patrols=[(row, style_patrol(row.number).colour) for row in digest.patrols],
            key=key,
            several=len(plans) > 1,
        )
    )


def render_two_plans(plans: Sequence[PlanFile], layers: MapLayers | None) -> str:
    """Render the last plan and the one before it side by side, as a page.

    Parameters
    ----------
    plans
        The last plan, and the one before it.
    layers
        Give names of places and lines.
    """
    return render_comparison(compare_plans(plans[::-1], layers), layers)


def list_tracks(plan: PlanFile) -> list[dict[str, Any]]:
    """Return what the page draws of each patrol: where it drives and whom it visits.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    For each patrol ``colour``, ``ways`` (one a leg, positions as latitude and
    longitude) and ``visits`` (such positions).
    """
    return [
        {
            "colour": style_patrol(number).colour,
            "ways": [
                [
                    [round(lat, 5), round(lon, 5)]
                    for lon, lat, *_ in leg.geometry.coordinates
                ]
                for leg in patrol.legs
            ],
            "visits": [
                [round(stop.lat, 5), round(stop.lon, 5)]
                for stop in patrol.stops
                if stop.kind == "visit"
            ],
        }
        for number, patrol in enumerate(plan.patrols, start=1)
    ]
