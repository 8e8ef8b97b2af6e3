"""Need per site: people x r(risk).

Risk is the sum of its factors; r weighs people by it and stands in the scenario. Where
people or risk are unknown, need is unknown: it is never 0, which would say that nobody
there needs anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolplan.figures import FACTORS, NeedFigures, ReachFigures
from patrolplan.geodesy import measure_distance_m
from patrolplan.need.risk import FACTOR_COLUMNS, keep_objects, rate_sites

__all__ = ["NEED_COLUMNS", "RISK_COLUMNS", "estimate_need", "estimate_risk"]

NEED_COLUMNS: Mapping[str, str] = {
    "name": "name of the site",
    "cercle": "cercle of 2014",
    "people": "persons; NaN where unknown",
    "zone_id": "the gravest zone that it lies in; None where in none",
    "threat": FACTOR_COLUMNS["threat"],
    "vulnerability": FACTOR_COLUMNS["vulnerability"],
    "capacity": FACTOR_COLUMNS["capacity"],
    "risk": "risk to civilians, 1 to 5: the sum; NaN where a factor is unknown",
    "weight": "r(risk), share of people; NaN where risk is unknown",
    "base_km": "geodesic distance to the nearest open base, km; NaN without one",
    "beyond_base": "whether that is beyond the reach distance",
    "held_by": "the base that holds the site day by day, or None",
    "need": "people x weight, persons at risk; 0 where held; NaN where unknown",
}
"""Columns of the need table beside its index, ``site_id``, and its geometry."""
RISK_COLUMNS: Mapping[str, str] = {
    **NEED_COLUMNS,
    "zone_risk": "the sum of the zone's own scores, to lay beside; NaN where unknown",
    "weight_threat": "weight of threat in the sum",
    "weight_vulnerability": "weight of vulnerability in the sum",
    "weight_capacity": "weight of 6 - protective capacity in the sum",
    **FACTOR_COLUMNS,
}
"""Columns of the risk table beside its index, ``site_id``, and its geometry."""


def estimate_need(
    population: Any,
    zones: Any,
    open_bases: Any,
    *,
    days: tuple[date, date],
    figures: NeedFigures,
    reach: ReachFigures,
    seats: Any | None = None,
    threat: Any | None = None,
) -> Any:
    """Estimate the need of every site, with its parts.

    Parameters
    ----------
    population, zones, open_bases
        The layers; of the bases those that are open.
    days
        First and last day planned for: zones of other periods do not count.
    figures, reach
        Weights and distances of the scenario.
    seats
        The layer of cercle seats: where no zone says anything, protective capacity and
        vulnerability are told from the distance to them.
    threat
        As :func:`~patrolplan.need.estimate_threat` returns it: where it is known, it
        goes before what a zone says of threat.

    Returns
    -------
    A GeoDataFrame indexed by ``site_id`` with ``NEED_COLUMNS``, in WGS 84.

    Notes
    -----
    need = people x r(risk), with r interpolated between whole risks, and risk as
    :func:`~patrolplan.need.risk.sum_risk` has it. A site within ``held_km`` of an open
    base has need 0: the base is there every day, and a patrol that stays in its own
    town protects nobody new. Where people or risk are unknown, that too is unknown.
    Zones may overlap: the one of the highest risk counts, of equal ones the first by
    id.
    """
    table = estimate_risk(
        population,
        zones,
        open_bases,
        days=days,
        figures=figures,
        reach=reach,
        seats=seats,
        threat=threat,
    )
    return table[[*NEED_COLUMNS, "geometry"]]


def estimate_risk(
    population: Any,
    zones: Any,
    open_bases: Any,
    *,
    days: tuple[date, date],
    figures: NeedFigures,
    reach: ReachFigures,
    seats: Any | None = None,
    threat: Any | None = None,
) -> Any:
    """Estimate the risk to the people of every site, with all it is summed up from.

    Parameters
    ----------
    population, zones, open_bases, days, figures, reach, seats, threat
        As for :func:`estimate_need`.

    Returns
    -------
    A GeoDataFrame indexed by ``site_id`` with ``RISK_COLUMNS``, in WGS 84. Its need is
    that of civilians at risk alone, before the mandate's other themes are weighed in.
    """
    rated = rate_sites(
        population,
        zones,
        open_bases,
        days=days,
        figures=figures,
        seats=seats,
        threat=threat,
    )
    people = population["population"].to_numpy(float)
    risks = rated["risk"].to_numpy(float)
    levels = np.arange(1, 6)
    weights = np.array([figures.risk_weights[str(level)] for level in levels])  # type: ignore[index]
    weight = np.interp(risks, levels, weights)
    weight[np.isnan(risks)] = np.nan
    base_km, nearest = _find_nearest_base(population, open_bases)
    held = base_km <= figures.held_km
    base_ids = open_bases["id"].to_numpy(object)
    holders = [
        base_ids[near] if is_held else None
        for near, is_held in zip(nearest, held, strict=True)
    ]
    index = pd.Index(population["id"], name="site_id")

    shares: dict[str, Any] = {
        f"weight_{factor}": np.full(len(people), figures.factor_weights[factor])
        for factor in FACTORS
    }
    evidence = [column for column in FACTOR_COLUMNS if column not in FACTORS]
    return gpd.GeoDataFrame(
        {
            "name": keep_objects(list(population["name"]), index),
            "cercle": keep_objects(list(population["cercle_2014"]), index),
            "people": people,
            "zone_id": keep_objects(list(rated["zone_id"]), index),
            "threat": rated["threat"].to_numpy(),
            "vulnerability": rated["vulnerability"].to_numpy(),
            "capacity": rated["capacity"].to_numpy(),
            "risk": risks,
            "weight": weight,
            "base_km": base_km,
            "beyond_base": ~(base_km <= reach.beyond_km),
            "held_by": keep_objects(holders, index),
            "need": np.where(held, 0.0, 1.0) * people * weight,
            "zone_risk": rated["zone_risk"].to_numpy(),
            **shares,
            **{column: rated[column].set_axis(index) for column in evidence},
        },
        index=index,
        geometry=population.geometry.to_numpy(),
        crs=population.crs,
    ).sort_index()


def _find_nearest_base(
    population: Any, bases: Any
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the distance to the nearest base in km, and its number."""
    count = len(population)
    if not len(bases):
        return np.full(count, np.nan), np.zeros(count, dtype=np.intp)
    distances_m = measure_distance_m(
        population.geometry.x.to_numpy()[:, None],
        population.geometry.y.to_numpy()[:, None],
        bases.geometry.x.to_numpy()[None, :],
        bases.geometry.y.to_numpy()[None, :],
    )
    nearest = distances_m.argmin(axis=1)
    return distances_m[np.arange(count), nearest] / 1000, nearest
