"""Where surgery is near enough, as shapes to be drawn, and lines cut along them.

From a helicopter to a spot and on to surgery is a way of at most so many kilometres:
the spots within it fill an ellipse round the two, a circle where both stand together.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from patrolplan.geodesy import WGS84, find_positions, measure_distance_m
from patrolplan.network import CasualtyClock, MedicalSite

__all__ = ["build_reach", "cut_lines"]

# A circle of 150 km is drawn to 50 m by so many corners.
_CORNERS: Final = 120
_HALVINGS: Final = 24
_DIGITS: Final = 4


def build_reach(clock: CasualtyClock, *, by_night: bool) -> Any:
    """Return the area within the clock as one shape in degrees; empty where none is.

    Parameters
    ----------
    clock
        The clock.
    by_night
        Whether it is night.
    """
    most_m = clock.find_flight_km(by_night=by_night) * 1000
    shapes = [
        _draw_ellipse(helicopter, surgery, most_m)
        for helicopter in clock.list_ready("helicopter", by_night=by_night)
        for surgery in clock.list_ready("surgery", by_night=by_night)
        if _measure_m(helicopter, surgery) < most_m
    ]
    return shapely.set_precision(shapely.union_all(shapes), 10**-_DIGITS)


def _measure_m(one: MedicalSite, other: MedicalSite) -> float:
    return float(measure_distance_m(one.lon, one.lat, other.lon, other.lat))


def _draw_ellipse(helicopter: MedicalSite, surgery: MedicalSite, most_m: float) -> Any:
    """Return the spots to which, and from there on, is no farther than so much."""
    lon = (helicopter.lon + surgery.lon) / 2
    lat = (helicopter.lat + surgery.lat) / 2
    bearings = np.linspace(0.0, 360.0, _CORNERS, endpoint=False)
    near, far = np.zeros(_CORNERS), np.full(_CORNERS, most_m * 0.505)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        spots = find_positions(lon, lat, bearings, middle)
        flown_m = sum(
            measure_distance_m(*spots, site.lon, site.lat)
            for site in (helicopter, surgery)
        )
        within = flown_m <= most_m
        near, far = np.where(within, middle, near), np.where(within, far, middle)
    return shapely.Polygon(np.column_stack(find_positions(lon, lat, bearings, near)))


def cut_lines(lines: Any, day: Any, night: Any) -> Any:
    """Return the parts of lines by what they lie within, as a GeoDataFrame.

    Its ``state`` is ``night`` (within by day and night), ``day`` (by day only) or
    ``beyond``, its ``row`` the number of the line in its frame.

    Parameters
    ----------
    lines
        Lines in WGS 84.
    day, night
        The areas within the clock by day and by night, as of :func:`build_reach`.
    """
    parts: list[tuple[str, int, Any]] = []
    for row, line in enumerate(lines.geometry):
        by_day = shapely.intersection(line, day)
        parts += [
            ("beyond", row, shapely.difference(line, day)),
            ("day", row, shapely.difference(by_day, night)),
            ("night", row, shapely.intersection(by_day, night)),
        ]
    kept = [part for part in parts if shapely.length(part[2]) > 0]
    return gpd.GeoDataFrame(
        {"state": [part[0] for part in kept], "row": [part[1] for part in kept]},
        geometry=[_keep_lines(part[2]) for part in kept],
        crs=WGS84,
    )


def _keep_lines(shape: Any) -> Any:
    """Return a shape without the points in which a line only touches an area."""
    if shape.geom_type != "GeometryCollection":
        return shape
    lines = [part for part in shape.geoms if shapely.length(part) > 0]
    return shapely.line_merge(shapely.MultiLineString(lines))
