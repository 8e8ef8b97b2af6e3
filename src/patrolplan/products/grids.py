"""Grids over a map: parallels and meridians, and the squares of MGRS."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import folium
import mgrs
import numpy as np
import shapely
from pyproj import Transformer

from patrolplan.products.catalogue import Text, mark, translate
from patrolplan.products.markup import render_both

__all__ = ["Bounds", "GridSquare", "draw_graticule", "draw_mgrs", "find_squares"]

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_SQUARE_M: Final = 100_000.0
# A side of a square is nearly straight on the map: this keeps it within a pixel.
_PIECES: Final = 4
_ZONE_DEG: Final = 6.0
_BAND_DEG: Final = 8.0
# Norway and Svalbard have zones of their own, and the poles another system.
_GRID_NORTH: Final = 56.0
# A sliver beside the edge of a zone has no room for letters.
_LEAST_SHARE: Final = 0.25
# A square that is cut off has room for its own letters only.
_ZONED_SHARE: Final = 0.85
_DIGITS: Final = 4
# Past this the squares would be a veil and the page too large.
_MOST_DEG2: Final = 900.0
_STEPS_DEG: Final = (1, 2, 5, 10, 30)
_MOST_LINES: Final = 20


@dataclass(frozen=True)
class GridSquare:
    """One square of 100 km of MGRS, cut off at the edges of its grid zone.

    Parameters
    ----------
    zone
        Grid zone, such as ``30Q``.
    letters
        The two letters of the square.
    shape
        Its outline in degrees.
    share
        Its area as a share of the uncut square.
    """

    zone: str
    letters: str
    shape: Any
    share: float


def find_squares(bounds: Bounds) -> list[GridSquare]:
    """Return the squares of MGRS that a rectangle touches, by zone and letters.

    Parameters
    ----------
    bounds
        West, south, east and north in degrees, between the equator and 56 degrees
        north, where the zones are regular.

    Raises
    ------
    ValueError
        If the rectangle leaves those latitudes.
    """
    west, south, east, north = bounds
    if not 0 <= south < north <= _GRID_NORTH or not -180 <= west < east <= 180:
        msg = f"No rectangle between 0 and {_GRID_NORTH:g} degrees north: {bounds}."
        raise ValueError(msg)
    found: list[GridSquare] = []
    for number in range(_find_zone(west), _find_zone(east - 1e-9) + 1):
        left = _ZONE_DEG * (number - 1) - 180
        for band in range(int(south // _BAND_DEG), math.ceil(north / _BAND_DEG)):
            cell = shapely.box(
                left, band * _BAND_DEG, left + _ZONE_DEG, (band + 1) * _BAND_DEG
            )
            part = shapely.intersection(cell, shapely.box(*bounds))
            if part.area > 0:
                found += _cut_zone(number, cell, part)
    return sorted(found, key=lambda square: (square.zone, square.letters))


def _find_zone(lon: float) -> int:
    return int((lon + 180) // _ZONE_DEG) + 1


@cache
def _open_zone(number: int) -> Transformer:
    return Transformer.from_crs(32600 + number, 4326, always_xy=True)


def _cut_zone(number: int, cell: Any, part: Any) -> Iterator[GridSquare]:
    transformer = _open_zone(number)
    grid = mgrs.MGRS()
    west, south, east, north = part.bounds
    # The middle meridian is nearest to the equator's side, the edges farthest from it.
    lons = [west, east, min(max((cell.bounds[0] + cell.bounds[2]) / 2, west), east)]
    eastings, northings = transformer.transform(
        lons * 2, [south] * 3 + [north] * 3, direction="INVERSE"
    )
    columns = range(
        int(min(eastings) // _SQUARE_M), int(max(eastings) // _SQUARE_M) + 1
    )
    rows = range(int(min(northings) // _SQUARE_M), int(max(northings) // _SQUARE_M) + 1)
    side = np.linspace(0, 1, _PIECES, endpoint=False)
    ring_x = np.concatenate([side, np.ones(_PIECES), 1 - side, np.zeros(_PIECES)])
    ring_y = np.concatenate([np.zeros(_PIECES), side, np.ones(_PIECES), 1 - side])
    for column in columns:
        for row in rows:
            outline = transformer.transform(
                (column + ring_x) * _SQUARE_M, (row + ring_y) * _SQUARE_M
            )
            whole = shapely.Polygon(np.column_stack(outline))
            cut = shapely.intersection(whole, cell)
            if cut.area <= 0 or not shapely.intersects(cut, part):
                continue
            point = cut.representative_point()
            name = str(grid.toMGRS(point.y, point.x, MGRSPrecision=0))
            yield GridSquare(name[:-2], name[-2:], cut, cut.area / whole.area)


def draw_mgrs(bounds: Bounds, name: str) -> folium.FeatureGroup | None:
    """Return the squares of MGRS with their letters as a layer, off at first.

    Parameters
    ----------
    bounds
        West, south, east and north in degrees.
    name
        Name of the layer, as HTML.

    Returns
    -------
    folium.FeatureGroup or None
        None where the zones are not regular, or the rectangle is too large.
    """
    west, south, east, north = bounds
    if (east - west) * (north - south) > _MOST_DEG2:
        return None
    try:
        squares = find_squares(bounds)
    except ValueError:
        return None
    group = folium.FeatureGroup(name=name, control=False, show=False)
    lines = shapely.union_all([square.shape.boundary for square in squares])
    _add_lines(group, lines, {"color": "#3b4f8f", "weight": 0.9, "opacity": 0.55})
    for square in squares:
        if square.share < _LEAST_SHARE:
            continue
        point = square.shape.centroid
        words = square.letters
        if square.share >= _ZONED_SHARE:
            words = f"<small>{square.zone}</small> {words}"
        html = f'<div class="pp-square">{words}</div>'
        _add_mark(group, point.y, point.x, html)
    return group


def draw_graticule(bounds: Bounds, name: str) -> folium.FeatureGroup:
    """Return parallels and meridians in whole degrees, named along the map's edges.

    The page's script keeps the names at the edges of what is seen.

    Parameters
    ----------
    bounds
        West, south, east and north in degrees; about twenty lines are drawn around
        it, 1 to 30 degrees apart.
    name
        Name of the layer, as HTML.
    """
    span = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    step = next((s for s in _STEPS_DEG if span / s <= _MOST_LINES), _STEPS_DEG[-1])
    west, south = (math.floor(value / step) * step for value in bounds[:2])
    east, north = (math.ceil(value / step) * step for value in bounds[2:])
    lons, lats = range(west, east + 1, step), range(south, north + 1, step)
    group = folium.FeatureGroup(name=name, control=False)
    lines = [
        *(shapely.LineString([(lon, south), (lon, north)]) for lon in lons),
        *(shapely.LineString([(west, lat), (east, lat)]) for lat in lats),
    ]
    style = {"color": "#6a6f86", "weight": 0.7, "opacity": 0.35}
    _add_lines(group, shapely.MultiLineString(lines), style)
    for lon in lons:
        text = _name_degree(lon, mark("{n}° E"), mark("{n}° W"))
        _add_mark(group, south, lon, f'<div class="pp-edge pp-edge-lon">{text}</div>')
    for lat in lats:
        text = _name_degree(lat, mark("{n}° N"), mark("{n}° S"))
        _add_mark(group, lat, west, f'<div class="pp-edge pp-edge-lat">{text}</div>')
    return group


def _name_degree(value: int, positive: str, negative: str) -> str:
    message = positive if value > 0 else negative if value < 0 else "{n}°"
    words = [translate(message, lang).format(n=abs(value)) for lang in ("en", "fr")]
    return str(render_both(Text(*words)))


def _add_lines(group: folium.FeatureGroup, lines: Any, style: dict[str, Any]) -> None:
    shape = shapely.set_precision(shapely.line_merge(lines), 10**-_DIGITS)
    parts = [
        [[round(x, _DIGITS), round(y, _DIGITS)] for x, y in part.coords]
        for part in shapely.get_parts(shape)
    ]
    feature = {
        "type": "Feature",
        "id": "0",
        "properties": {},
        "geometry": {"type": "MultiLineString", "coordinates": sorted(parts)},
    }
    folium.GeoJson(
        {"type": "FeatureCollection", "features": [feature]},
        style_function=lambda _: {**style, "fill": False},
        pane="pp-ground",
        interactive=False,
    ).add_to(group)


def _add_mark(group: folium.FeatureGroup, lat: float, lon: float, html: str) -> None:
    folium.Marker(
        [round(lat, _DIGITS), round(lon, _DIGITS)],
        icon=folium.DivIcon(html=html, icon_size=(0, 0), class_name="pp-anchor"),
        pane="pp-labels",
        interactive=False,
        keyboard=False,
    ).add_to(group)
