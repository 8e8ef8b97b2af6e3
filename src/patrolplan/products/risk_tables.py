"""The tables of risk as CSV: all that is needed to add a row up again is in the row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from patrolplan.figures import FACTORS
from patrolplan.need.factors import EVIDENCE
from patrolplan.products.risk_rows import list_zone_rows

__all__ = ["UNKNOWN", "tabulate_site_risk", "tabulate_zone_risk"]

UNKNOWN: Final = "unknown"
"""What stands in a table for a number that nobody knows: an empty cell might be taken
for 0, and be added up."""

_WEIGHTS: Final = tuple(f"weight_{factor}" for factor in FACTORS)
_EVIDENCE_COLUMNS: Final = tuple(
    f"{factor}_{column}" for factor in FACTORS for column in EVIDENCE
)


def _say_unknown(value: Any) -> Any:
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return UNKNOWN if missing else value


def _count(people: float) -> Any:
    return UNKNOWN if math.isnan(people) else int(people)


def tabulate_site_risk(
    sites: Any, zones: Any, risk_weights: Mapping[Any, float]
) -> pd.DataFrame:
    """Return the table of ``risk.csv``: one row a site, to be added up by hand.

    Columns: ``site_id``, ``name``, ``cercle``; ``threat``, ``vulnerability``,
    ``capacity`` (1 to 5); ``risk`` = ``weight_threat`` x threat +
    ``weight_vulnerability`` x vulnerability + ``weight_capacity`` x (6 - capacity);
    ``people`` (persons); ``need`` = people x ``r``, 0 where ``held_by`` names a base;
    the weights; ``r`` of the risk, between ``r_1`` to ``r_5``; of each factor
    ``value``, ``unit``, ``basis``, ``source``, ``date``, ``confidence``, ``reason``;
    ``held_by``; ``zone``, ``zone_risk`` (the zone's own sum) and ``illustrative``. A
    number that nobody knows is the word ``unknown``.

    Parameters
    ----------
    sites, zones
        As :class:`~patrolplan.ratings.Rating` has them.
    risk_weights
        The table r of the scenario.
    """
    table = sites.reset_index()
    columns: dict[str, Any] = {
        name: table[name] for name in ("site_id", "name", "cercle")
    }
    columns |= {name: table[name].map(_say_unknown) for name in (*FACTORS, "risk")}
    columns["people"] = table["people"].map(_count)
    columns["need"] = table["need"].map(_say_unknown)
    columns |= {name: table[name] for name in _WEIGHTS}
    columns["r"] = table["weight"].map(_say_unknown)
    columns |= {
        f"r_{level}": [risk_weights[level]] * len(table)
        for level in sorted(risk_weights)
    }
    columns |= _list_evidence(table)
    columns |= {"held_by": table["held_by"], "zone": table["zone_id"]}
    inside = table["zone_id"].notna()
    columns["zone_risk"] = table["zone_risk"].map(_say_unknown).where(inside, None)
    columns["illustrative"] = table["zone_id"].map(_find_illustrative(zones))
    # As objects: a column may hold numbers and a word.
    return pd.DataFrame(columns, dtype=object)


def tabulate_zone_risk(zones: Any) -> pd.DataFrame:
    """Return the table of ``risk_zones.csv``: one row a zone, exposure beside its risk.

    Columns: ``zone_id``, ``name``; the factors and ``risk`` as of sites; ``people``
    (persons in its ``sites``, of which the people of ``sites_unknown`` are unknown);
    the weights; the evidence of each factor; ``level`` as the layer has it, and
    ``illustrative``.

    Parameters
    ----------
    zones
        As :class:`~patrolplan.ratings.Rating` has them.
    """
    table = zones.reset_index()
    columns: dict[str, Any] = {name: table[name] for name in ("zone_id", "name")}
    columns |= {name: table[name].map(_say_unknown) for name in (*FACTORS, "risk")}
    columns["people"] = table["people"].map(_count)
    columns |= {name: table[name] for name in ("sites", "sites_unknown", *_WEIGHTS)}
    columns |= _list_evidence(table)
    columns["level"] = table["level"].map(_say_unknown)
    columns["illustrative"] = table["zone_id"].map(_find_illustrative(zones))
    return pd.DataFrame(columns, dtype=object)


def _list_evidence(table: Any) -> dict[str, Any]:
    return {
        name: table[name].map(_say_unknown) if name.endswith("_value") else table[name]
        for name in _EVIDENCE_COLUMNS
    }


def _find_illustrative(zones: Any) -> dict[str, str]:
    return {
        row.id: "yes" if row.illustrative else "no" for row in list_zone_rows(zones)
    }
