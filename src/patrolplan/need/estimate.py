"""Need per site: people x r(risk).

Risk is the level of the zone of civilian risk that a site lies in; r weighs people by
it and stands in the scenario. Where people or risk are unknown, need is unknown: it
is never 0, which would say that nobody there needs anyone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolplan.figures import NeedFigures, ReachFigures
from patrolplan.geodesy import measure_distance_m

__all__ = ["NEED_COLUMNS", "estimate_need"]

NEED_COLUMNS: Mapping[str, str] = {
    "name": "name of the site",
    "cercle": "cercle of 2014",
    "people": "persons; NaN where unknown",
    "zone_id": "the zone that gives the risk; None where in none",
    "risk": "risk to civilians, 1 to 5; NaN where unknown",
    "weight": "r(risk), share of people; NaN where risk is unknown",
    "base_km": "geodesic distance to the nearest open base, km; NaN without one",
    "beyond_base": "whether that is beyond the reach distance",
    "held_by": "the base that holds the site day by day, or None",
    "need": "people x weight, persons at risk; 0 where held; NaN where unknown",
}
"""Columns of the need table beside its index, ``site_id``, and its geometry."""


def estimate_need(
    population: Any,
    zones: Any,
    open_bases: Any,
    *,
    days: tuple[date, date],
    figures: NeedFigures,
    reach: ReachFigures,
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

    Returns
    -------
    A GeoDataFrame indexed by ``site_id`` with ``NEED_COLUMNS``, in WGS 84.

    Notes
    -----
    need = people x r(risk), with r interpolated between whole risks. A site within
    ``held_km`` of an open base has need 0: the base is there every day, and a patrol
    that stays in its own town protects nobody new. Where people or risk are unknown,
    that too is unknown. Zones may overlap: the highest
    risk counts, of equal ones the first by id.
    """
    zone_ids, risks = _find_risks(population, zones, days)
    people = population["population"].to_numpy(float)
    levels = np.arange(1, 6)
    weights = np.array([figures.risk_weights[str(level)] for level in levels])  # type: ignore[index]
    weight = np.interp(risks, levels, weights, left=np.nan, right=np.nan)
    weight[np.isnan(risks)] = np.nan
    base_km, nearest = _find_nearest_base(population, open_bases)
    held = base_km <= figures.held_km
    base_ids = open_bases["id"].to_numpy(object)
    holders = [
        base_ids[near] if is_held else None
        for near, is_held in zip(nearest, held, strict=True)
    ]
    index = pd.Index(population["id"], name="site_id")

    def keep(texts: Sequence[str | None]) -> pd.Series[Any]:
        # As objects: the text type of pandas would turn None into NaN.
        return pd.Series(texts, index=index, dtype="object")

    return gpd.GeoDataFrame(
        {
            "name": keep(list(population["name"])),
            "cercle": keep(list(population["cercle_2014"])),
            "people": people,
            "zone_id": keep(zone_ids),
            "risk": risks,
            "weight": weight,
            "base_km": base_km,
            "beyond_base": ~(base_km <= reach.beyond_km),
            "held_by": keep(holders),
            "need": np.where(held, 0.0, 1.0) * people * weight,
        },
        index=index,
        geometry=population.geometry.to_numpy(),
        crs=population.crs,
    ).sort_index()


def _find_risks(
    population: Any, zones: Any, days: tuple[date, date]
) -> tuple[list[str | None], NDArray[np.float64]]:
    """Return the zone that gives each site its risk, and the risk."""
    current = [
        (zone.level, zone.id, zone.geometry)
        for zone in zones.itertuples()
        if not np.isnan(zone.level)
        and (zone.period_from is None or zone.period_from <= days[1])
        and (zone.period_to is None or zone.period_to >= days[0])
    ]
    current.sort(key=lambda zone: (-zone[0], zone[1]))
    points = population.geometry.to_numpy()
    zone_ids: list[str | None] = [None] * len(points)
    risks = np.full(len(points), np.nan)
    for level, zone_id, shape in current:
        for row in np.flatnonzero(shapely.covers(shape, points) & np.isnan(risks)):
            zone_ids[row] = zone_id
            risks[row] = level
    return zone_ids, risks


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
