"""Coarse shapes: the ground to a tenth of a degree, areas in half degrees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, hypot
from typing import Any, Final

from shapely import box, set_precision, simplify, unary_union
from shapely.geometry import mapping, shape

from patrolplan.products.frames import read_rows
from patrolplan.products.release.areas import Area
from patrolplan.products.release.not_covered import round_position

__all__ = ["coarsen_shapes", "cover_areas", "find_label_spot"]

_GRID_DEG: Final = 0.1
_CELL_DEG: Final = 0.5
# A cell belongs to an area if its middle is as near as that to one of its places.
_REACH_DEG: Final = 0.75


def coarsen_shapes(frame: Any) -> Iterator[dict[str, Any]]:
    """Yield the shapes of a frame as GeoJSON geometries to a tenth of a degree.

    What is smaller than that vanishes.

    Parameters
    ----------
    frame
        Shapes in WGS 84.
    """
    for row in read_rows(frame):
        coarse = set_precision(simplify(row["geometry"], _GRID_DEG / 2), _GRID_DEG)
        if not coarse.is_empty:
            yield _round_shape(coarse)


def cover_areas(areas: Sequence[Area]) -> list[dict[str, Any]]:
    """Return for each area the half-degree cells nearest to its places, as GeoJSON.

    The cells show roughly where an area's places are; they are not its limits.

    Parameters
    ----------
    areas
        The areas.
    """
    # Places as coarse as cells, so that no edge tells where in its cell one is.
    spots = sorted(
        (_find_middle(place.lon), _find_middle(place.lat), number)
        for number, area in enumerate(areas)
        for place in area.places
    )
    cells: dict[tuple[float, float], tuple[float, int]] = {}
    steps = ceil(_REACH_DEG / _CELL_DEG)
    for lon, lat, number in spots:
        for column in range(-steps, steps + 1):
            for row in range(-steps, steps + 1):
                away = hypot(column, row) * _CELL_DEG
                cell = (lon + column * _CELL_DEG, lat + row * _CELL_DEG)
                if away <= _REACH_DEG:
                    cells[cell] = min(cells.get(cell, (away, number)), (away, number))
    half = _CELL_DEG / 2
    return [
        _round_shape(
            unary_union(
                [
                    box(lon - half, lat - half, lon + half, lat + half)
                    for (lon, lat), (_, owner) in sorted(cells.items())
                    if owner == number
                ]
            )
        )
        for number in range(len(areas))
    ]


def find_label_spot(area: dict[str, Any]) -> list[float]:
    """Return where to write an area's name: inside the largest of its parts.

    Parameters
    ----------
    area
        As :func:`cover_areas` returns it, not empty.

    Returns
    -------
    Latitude and longitude, to a tenth of a degree.
    """
    outline = shape(area)
    parts = getattr(outline, "geoms", [outline])
    point = max(parts, key=lambda part: part.area).representative_point()
    return [round_position(point.y), round_position(point.x)]


def _find_middle(degrees: float) -> float:
    return floor(degrees / _CELL_DEG) * _CELL_DEG + _CELL_DEG / 2


def _round_shape(geometry: Any) -> dict[str, Any]:
    found = mapping(geometry.normalize())
    if found["type"] == "GeometryCollection":
        parts = [_round_shape(part) for part in geometry.geoms]
        return {"type": "GeometryCollection", "geometries": parts}
    return {"type": found["type"], "coordinates": _round(found["coordinates"])}


def _round(part: Any) -> Any:
    if isinstance(part, int | float):
        return round_position(float(part))
    return [_round(item) for item in part]
