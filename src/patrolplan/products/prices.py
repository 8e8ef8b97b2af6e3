"""The tables of what lies beside a plan: prices of its means, and alternatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from patrolplan.planfile import PlanFile
from patrolplan.planfile.mixture import CurveEntry
from patrolplan.planning.prices import Price
from patrolplan.products.rows import MapLayers, PlaceNames
from patrolplan.products.sentences import render_code_text
from patrolplan.variants import AlternativePlan

__all__ = ["tabulate_alternatives", "tabulate_curve", "tabulate_prices"]

_PRICE_TYPES: Final = {
    "change": "string",
    "change_en": "string",
    "change_fr": "string",
    "team_id": "string",
    "base_id": "string",
    "more_need": "Float64",
    "at_most_need": "Float64",
    "site_ids": "string",
}
_CURVE_TYPES: Final = {
    "value_share": "Float64",
    "value_floor": "Float64",
    "expected_need": "Float64",
    "worst_case_loss": "Float64",
    "least_loss": "Float64",
    "plans": "Int64",
}
_ALTERNATIVE_TYPES: Final = {
    "alternative": "Int64",
    "need_met": "Float64",
    "lost_share": "Float64",
    "shared": "Float64",
    "site_ids": "string",
}


def tabulate_prices(
    prices: Sequence[Price], plan: PlanFile, layers: MapLayers | None = None
) -> pd.DataFrame:
    """Return one row a change of the means: what it is worth.

    Columns: ``change`` as a code and as sentences in English and French; ``team_id``,
    ``base_id``; ``more_need`` that a plan with it meets and ``at_most_need`` that none
    exceeds (persons at risk, weighted); ``site_ids`` that it visits besides.

    Parameters
    ----------
    prices
        The price list.
    plan
        The plan that it is of.
    layers
        Give the French names of places.
    """
    names = PlaceNames(plan, layers)
    bases = {team.id: team.base_id for team in plan.teams}
    rows: list[dict[str, Any]] = []
    for price in prices:
        change = price.change
        said = render_code_text(change.code, change.values, kind="change", names=names)
        team_id = change.values.get("team_id")
        rows.append(
            {
                "change": change.code,
                "change_en": said.en,
                "change_fr": said.fr,
                "team_id": team_id,
                "base_id": change.values.get("base_id", bases.get(team_id or "")),
                "more_need": price.more_need,
                "at_most_need": price.at_most,
                "site_ids": ", ".join(price.site_ids),
            }
        )
    frame = pd.DataFrame(rows, columns=list(_PRICE_TYPES), dtype=object)
    return frame.astype(dict(_PRICE_TYPES))


def tabulate_alternatives(plans: Sequence[AlternativePlan]) -> pd.DataFrame:
    """Return one row an alternative: what it loses, and how unlike it is.

    Columns: ``alternative`` (from 1), ``need_met`` (persons at risk, weighted);
    ``lost_share`` of the best plan's need; ``shared``, what of its sites and legs the
    plan before it that is most alike has too; ``site_ids`` that it visits.

    Parameters
    ----------
    plans
        The alternatives.
    """
    rows = [
        {
            "alternative": number,
            "need_met": plan.alternative.need,
            "lost_share": plan.alternative.lost_share,
            "shared": plan.alternative.shared,
            "site_ids": ", ".join(
                dict.fromkeys(
                    site
                    for patrol in plan.alternative.plan.patrols
                    for site in patrol.site_ids
                )
            ),
        }
        for number, plan in enumerate(plans, start=1)
    ]
    frame = pd.DataFrame(rows, columns=list(_ALTERNATIVE_TYPES), dtype=object)
    return frame.astype(dict(_ALTERNATIVE_TYPES))


def tabulate_curve(curve: Sequence[CurveEntry]) -> pd.DataFrame:
    """Return one row a share of the best plan's need: what is lost at worst.

    Columns: ``value_share``, ``value_floor`` that the mix must meet in the mean,
    ``expected_need`` that it meets; ``worst_case_loss``, the most need left unmet at
    any one site in the mean, and ``least_loss`` that no mix is below (persons at risk,
    weighted); ``plans`` in the mix.

    Parameters
    ----------
    curve
        From the greatest share down.
    """
    rows = [entry.model_dump() for entry in curve]
    return pd.DataFrame(rows, columns=list(_CURVE_TYPES)).astype(dict(_CURVE_TYPES))
