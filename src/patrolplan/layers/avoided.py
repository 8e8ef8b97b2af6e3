"""Areas that a scenario has patrols avoid: each from a file, or written as WKT."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from patrolplan.choices import AvoidedArea
from patrolplan.errors import Fault
from patrolplan.geodesy import WGS84
from patrolplan.layers.checks import find_position_faults
from patrolplan.layers.columns import Column, Schema
from patrolplan.layers.files import read_layer
from patrolplan.scenario import Scenario

__all__ = ["AVOID", "read_avoided"]

AVOID = Schema("avoid", "area", (Column("name", "text", "what it is called"),))
"""A file of areas to avoid: its polygons count, whatever columns it has."""

MOST_VERTICES = 100_000
"""An area with more corners than this is no area that a planner drew."""


def read_avoided(scenario: Scenario) -> tuple[Any, list[Fault]]:
    """Read the areas that a scenario has patrols avoid.

    Parameters
    ----------
    scenario
        Names them, and the area that they must reach into.

    Returns
    -------
    frame
        A GeoDataFrame in WGS 84, a row for each area in the scenario's order: ``name``,
        ``from_date`` and ``to_date`` (None = always), and its polygons as one.
    faults
        What is wrong. Areas with any are left out of the frame.
    """
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    faults: list[Fault] = []
    own = scenario.path.name or scenario.name
    for number, area in enumerate(scenario.lines.avoid):
        where = f"lines.avoid.{number}"
        shape, found = _read_shape(scenario, area, own, where)
        faults += found
        if shape is None or found:
            continue
        rows.append(
            {"name": area.name, "from_date": area.from_date, "to_date": area.to_date}
        )
        shapes.append(shape)
    columns = ["name", "from_date", "to_date"]
    table = {name: np.array([row[name] for row in rows], object) for name in columns}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84), faults


def _read_shape(
    scenario: Scenario, area: AvoidedArea, own: str, where: str
) -> tuple[Any, list[Fault]]:
    """Return one area's polygons as one shape, and what is wrong with it."""
    if area.file is not None:
        path = scenario.path.parent / area.file
        frame, faults = read_layer(path, AVOID, scenario.safety)
        if not faults and frame.empty:
            cause = "a filter or an export left nothing"
            faults = [Fault(path.name, "features", "none", "at least one", cause)]
        if faults:
            return None, faults
        own, where = path.name, "features"
        shape: Any = shapely.union_all(frame.geometry.to_numpy(dtype=object))
    else:
        where = f"{where}.wkt"
        with np.errstate(invalid="ignore"):
            # The stubs of shapely do not know that what is no WKT is None.
            shape = shapely.force_2d(shapely.from_wkt(area.wkt, on_invalid="ignore"))
        if wrong := _find_wrong_shape(shape):
            return None, [Fault(own, where, *wrong)]
    if (corners := shapely.get_num_coordinates(shape)) > MOST_VERTICES:
        found, most = f"{corners} corners", f"at most {MOST_VERTICES}"
        return None, [Fault(own, where, found, most, "simplify it")]
    if not shape.intersects(shapely.box(*scenario.area)):
        one = gpd.GeoDataFrame({"id": [area.name]}, geometry=[shape], crs=WGS84)
        (fault,) = find_position_faults(one, "avoid", own, scenario.area)
        return None, [Fault(own, where, fault.found, fault.expected, fault.cause)]
    return shape, []


def _find_wrong_shape(shape: Any) -> tuple[str, ...]:
    """Return what was found where no area is written, and what was expected."""
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        found = "no WKT" if shape is None else f"a {shape.geom_type}"
        cause = "a bracket or a comma lost?" if shape is None else ""
        return found, "a POLYGON in degrees", cause
    if shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        return "no finite corner", "degrees"
    if not shape.is_valid:
        rule = "a ring that does not cross itself"
        cause = "two corners exchanged, or a corner drawn twice?"
        return shapely.is_valid_reason(shape), rule, cause
    return ()
