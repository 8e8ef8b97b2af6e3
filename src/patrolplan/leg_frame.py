"""The ways of a plan as a frame, to be drawn, explored and reckoned with."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString

from patrolplan.geodesy import WGS84
from patrolplan.planfile import PlanFile

__all__ = ["tabulate_legs"]

# Said, so that a frame without rows has the columns of one with rows.
_COLUMNS = {
    "patrol_id": "str",
    "team_id": "str",
    "from_id": "str",
    "to_id": "str",
    "depart": "datetime64[us, UTC]",
    "arrive": "datetime64[us, UTC]",
    "length_km": "float64",
    "driving_min": "float64",
    "need_earned": "float64",
}


def tabulate_legs(plan: PlanFile) -> Any:
    """Return one row a leg, in the order driven, with its shape.

    Columns: ``patrol_id``, ``team_id``; ``from_id`` and ``to_id``, ids of places or
    halts; ``depart`` and ``arrive`` (UTC); ``length_km``, ``driving_min``;
    ``need_earned`` on the way, in persons at risk, weighted.

    Parameters
    ----------
    plan
        The plan, just made or read from its file.

    Returns
    -------
    A GeoDataFrame of lines, WGS 84; empty where nobody goes.
    """
    rows = [
        (
            patrol.id,
            patrol.team_id,
            leg.from_,
            leg.to,
            leg.depart,
            leg.arrive,
            leg.length_km,
            leg.driving_min,
            leg.need_earned,
        )
        for patrol in plan.patrols
        for leg in patrol.legs
    ]
    shapes = [
        LineString(leg.geometry.coordinates)
        for patrol in plan.patrols
        for leg in patrol.legs
    ]
    columns = {
        name: pd.Series([row[i] for row in rows], dtype=kind)
        for i, (name, kind) in enumerate(_COLUMNS.items())
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=WGS84)
