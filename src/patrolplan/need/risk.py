"""Risk to civilians: the weighted sum of its factors, that anybody can add up again.

risk = w_t x threat + w_v x vulnerability + w_c x (6 - protective capacity), each factor
1 to 5 and the weights summing to 1: so risk runs from 1 to 5 too. How many people there
are is no part of it; they enter once, when risk becomes need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from patrolplan.figures import FACTORS, FactorKey, NeedFigures
from patrolplan.need.factors import (
    EVIDENCE,
    UNKNOWN,
    Evidence,
    measure_care,
    measure_protection,
    score_incidents,
    score_zone,
)

__all__ = [
    "FACTOR_COLUMNS",
    "ZONE_RISK_COLUMNS",
    "estimate_zone_risk",
    "keep_objects",
    "rate_sites",
    "sum_risk",
]

_MEANINGS: Final[Mapping[str, str]] = {
    "value": "what its score was made of; NaN where unknown",
    "unit": "what that counts",
    "basis": "incidents, zone, zone_level, distance or unknown",
    "source": "where it comes from",
    "date": "of when it is: a day, a year, or a period with a slash; ISO",
    "confidence": "how far it can be trusted, as the layer says",
    "reason": "what an adviser wrote, or what it is a distance to",
}
_SCORES: Final[Mapping[str, str]] = {
    "threat": "threat to civilians, 1 to 5; NaN where unknown",
    "vulnerability": "vulnerability of civilians, 1 to 5; NaN where unknown",
    "capacity": "protective capacity, 1 to 5; NaN where unknown",
}
FACTOR_COLUMNS: Final[Mapping[str, str]] = {
    **_SCORES,
    **{
        f"{factor}_{column}": f"{factor}: {_MEANINGS[column]}"
        for factor in FACTORS
        for column in EVIDENCE
    },
}
"""Columns of the factors, of sites and of zones alike."""
ZONE_RISK_COLUMNS: Final[Mapping[str, str]] = {
    "name": "name of the zone",
    "name_fr": "its French name, or None",
    "risk": "risk to civilians, 1 to 5: the sum; NaN where a factor is unknown",
    "weight_threat": "weight of threat in the sum",
    "weight_vulnerability": "weight of vulnerability in the sum",
    "weight_capacity": "weight of 6 - protective capacity in the sum",
    **FACTOR_COLUMNS,
    "level": "what the layer says of its risk as a whole; NaN where it does not",
    "illustrative": "whether it was authored, not measured; None where it is not said",
    "people": "persons in its sites, beside risk and never inside; NaN where unknown",
    "sites": "how many sites have it as their zone",
    "sites_unknown": "of these, sites whose people are unknown",
}
"""Columns of the table of zones beside its index, ``zone_id``, and its geometry."""


def sum_risk(
    threat: ArrayLike,
    vulnerability: ArrayLike,
    capacity: ArrayLike,
    *,
    weights: Mapping[FactorKey, float],
) -> NDArray[np.float64]:
    """Return risk to civilians, 1 to 5; NaN where any factor is.

    Parameters
    ----------
    threat, vulnerability, capacity
        Scores from 1 to 5; NaN where unknown.
    weights
        ``factor_weights`` of the scenario, which sum to 1.

    Notes
    -----
    w_t x threat + w_v x vulnerability + w_c x (6 - capacity), as in the protection risk
    equation more threat or vulnerability means more risk and more capacity less; a sum
    and not a quotient, so that it can be added up by hand and each point of a factor
    counts the same wherever it stands. Not even a factor of weight 0 may be unknown:
    whoever leaves one out should score it.
    """
    total = (
        weights["threat"] * np.asarray(threat, dtype=float)
        + weights["vulnerability"] * np.asarray(vulnerability, dtype=float)
        + weights["capacity"] * (6 - np.asarray(capacity, dtype=float))
    )
    # Weights may miss 1 by a last digit; the scale may not.
    return np.asarray(np.clip(total, 1.0, 5.0), dtype=np.float64)


def estimate_zone_risk(
    zones: Any,
    *,
    days: tuple[date, date],
    figures: NeedFigures,
    sites: Any | None = None,
) -> Any:
    """Estimate the risk of every zone that holds in some days, with its factors.

    Parameters
    ----------
    zones
        The layer.
    days
        First and last day: zones of other periods are left out.
    figures
        The section ``[need]`` of the scenario.
    sites
        A need table, to count the people whose risk is the zone's; None counts none.

    Returns
    -------
    A GeoDataFrame indexed by ``zone_id`` with ``ZONE_RISK_COLUMNS``, the gravest first,
    zones of unknown risk last, and of equal ones the first by id first.

    Notes
    -----
    A zone's threat is what its author says of it, even where incidents give that of
    the sites in it.
    """
    current = [
        zone
        for zone in zones.to_dict("records")
        if (zone["period_from"] is None or zone["period_from"] <= days[1])
        and (zone["period_to"] is None or zone["period_to"] >= days[0])
    ]
    scored = _tabulate([score_zone(zone) for zone in current])
    ids = [zone["id"] for zone in current]
    risk = sum_risk(*(scored[f] for f in FACTORS), weights=figures.factor_weights)
    index = pd.Index(ids, name="zone_id", dtype="object")
    counts = _count_people(ids, sites)
    frame = gpd.GeoDataFrame(
        {
            "name": keep_objects([zone.get("name") for zone in current], index),
            "name_fr": keep_objects([zone.get("name_fr") for zone in current], index),
            "risk": risk,
            **{
                f"weight_{factor}": np.full(len(ids), figures.factor_weights[factor])
                for factor in FACTORS
            },
            **{column: scored[column].set_axis(index) for column in FACTOR_COLUMNS},
            "level": np.array([zone["level"] for zone in current], dtype=float),
            "illustrative": keep_objects(
                [zone.get("illustrative") for zone in current], index
            ),
            **counts,
        },
        index=index,
        geometry=[zone["geometry"] for zone in current],
        crs=zones.crs,
    )
    order = sorted(
        range(len(ids)),
        key=lambda i: (-risk[i] if not np.isnan(risk[i]) else np.inf, ids[i]),
    )
    return frame.iloc[order]


def rate_sites(
    population: Any,
    zones: Any,
    open_bases: Any,
    *,
    days: tuple[date, date],
    figures: NeedFigures,
    seats: Any | None = None,
    threat: Any | None = None,
) -> Any:
    """Score the factors of each site, and sum them up to its risk.

    Parameters
    ----------
    population, zones, open_bases, days, figures, seats, threat
        As for :func:`~patrolplan.need.estimate_risk`.

    Returns
    -------
    A DataFrame in the order of the population, with ``zone_id``, ``zone_risk``,
    ``risk`` and ``FACTOR_COLUMNS``.
    """
    rated = estimate_zone_risk(zones, days=days, figures=figures)
    inside = _find_zones(population, rated)
    of_zones = {zone["id"]: score_zone(zone) for zone in zones.to_dict("records")}
    reported = score_incidents(threat)
    protection = measure_protection(
        population, open_bases, seats, first_day=days[0], figures=figures
    )
    care = measure_care(population, seats, figures=figures)
    rows: list[dict[FactorKey, Evidence]] = []
    for number, site_id in enumerate(population["id"]):
        zone = inside[number]
        stated = dict.fromkeys(FACTORS, UNKNOWN) if zone is None else of_zones[zone]
        rows.append(
            {
                "threat": reported.get(site_id, stated["threat"]),
                "vulnerability": _take_known(stated["vulnerability"], care[number]),
                "capacity": _take_known(stated["capacity"], protection[number]),
            }
        )
    table = _tabulate(rows)
    risks = dict(zip(rated.index, rated["risk"], strict=True))
    table.insert(0, "zone_id", keep_objects(inside, table.index))
    table.insert(1, "zone_risk", [risks.get(zone, np.nan) for zone in inside])
    table.insert(
        2,
        "risk",
        sum_risk(*(table[f] for f in FACTORS), weights=figures.factor_weights),
    )
    return table


def _take_known(first: Evidence, second: Evidence) -> Evidence:
    return second if np.isnan(first.score) else first


def _find_zones(population: Any, rated: Any) -> list[str | None]:
    """Return the gravest zone that each site lies in, of those that say anything."""
    points = population.geometry.to_numpy()
    found: list[str | None] = [None] * len(points)
    says = rated[list(FACTORS)].notna().any(axis=1)
    for zone_id, shape in rated.geometry[says].items():
        for row in np.flatnonzero(shapely.covers(shape, points)):
            found[row] = found[row] or zone_id
    return found


def _count_people(ids: list[str], sites: Any | None) -> dict[str, Any]:
    """Return the people of sites that take their risk from each zone."""
    parts = [
        np.array([], dtype=float)
        if sites is None
        else sites.loc[sites["zone_id"] == zone, "people"].to_numpy(float)
        for zone in ids
    ]
    return {
        "people": np.array([_sum_known(people) for people in parts], dtype=float),
        "sites": np.array([len(people) for people in parts], dtype=int),
        "sites_unknown": np.array([np.isnan(p).sum() for p in parts], dtype=int),
    }


def _sum_known(people: NDArray[np.float64]) -> float:
    # No site is nobody; sites of which nothing is known are unknown.
    if len(people) and np.isnan(people).all():
        return np.nan
    return float(np.nansum(people))


def _tabulate(rows: list[dict[FactorKey, Evidence]]) -> Any:
    """Return scores with their evidence as columns."""
    columns: dict[str, Any] = {
        factor: np.array([row[factor].score for row in rows], dtype=float)
        for factor in FACTORS
    }
    for factor in FACTORS:
        for name in EVIDENCE:
            cells = [getattr(row[factor], name) for row in rows]
            columns[f"{factor}_{name}"] = (
                np.array(cells, dtype=float) if name == "value" else keep_objects(cells)
            )
    return pd.DataFrame(columns)


def keep_objects(cells: Sequence[Any], index: Any = None) -> pd.Series[Any]:
    """Return cells as a column in which None stays None.

    The text type of pandas would turn it into NaN.

    Parameters
    ----------
    cells
        Texts or flags, None where there is none.
    index
        Of the table that the column is for, in the order of the cells.
    """
    return pd.Series(cells, index=index, dtype=object)
