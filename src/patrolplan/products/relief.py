"""Relief: an elevation grid as shaded ground, for a map in Web Mercator."""

from __future__ import annotations

import base64
import io
import math
from typing import Any, Final

import folium
import numpy as np
from numpy.typing import NDArray

from patrolplan.layers.elevation import Elevation
from patrolplan.shelf import keep

__all__ = ["draw_relief", "render_relief"]

# Mean radius of the earth; Web Mercator takes the earth for a sphere.
_EARTH_M: Final = 6_371_008.8
# Cartographers light from the upper left: lit from below, hills are read as hollows.
_SUN_AZIMUTH: Final = math.radians(315)
_SUN_ALTITUDE: Final = math.radians(45)
# A grid of 7 km flattens hills and the Sahel is flat: without this nothing shows.
_EXAGGERATION: Final = 24.0
# The picture must stay small in the page, and its cells unseen at the first view.
_PIXELS_A_CELL: Final = 4
_MOST_PIXELS: Final = 900
# Cells at the rim over which the shading fades, so that the grid shows no edge.
_FADE_CELLS: Final = 5

# Steps of shadow and light, and of height: together they must fit 256 colours.
_SHADES: Final = 40
_TINTS: Final = 6
_TINT_FROM_M: Final = 260.0
_TINT_TO_M: Final = 850.0
# Below 1: the slopes of a plain count for more than those of mountains.
_CONTRAST: Final = 0.72
_SHADOW: Final = (74, 60, 40)
_LIGHT: Final = (255, 255, 250)
_HIGH_GROUND: Final = (196, 158, 104)
_SHADOW_OPACITY: Final = 0.62
_LIGHT_OPACITY: Final = 0.85
_TINT_OPACITY: Final = 0.30


def draw_relief(elevation: Elevation, name: str, *, pane: str) -> Any:
    """Return a layer of shaded relief that holds its picture within itself.

    Parameters
    ----------
    elevation
        The grid.
    name
        Name of the layer, as HTML.
    pane
        Pane of the map that it lies in.
    """
    png = base64.b64encode(keep(render_relief, elevation)).decode("ascii")
    return folium.raster_layers.ImageOverlay(
        f"data:image/png;base64,{png}",
        bounds=[
            [round(elevation.south_deg, 6), round(elevation.west_deg, 6)],
            [round(elevation.north_deg, 6), round(elevation.east_deg, 6)],
        ],
        name=name,
        control=False,
        pixelated=False,
        pane=pane,
        alt="",
    )


def render_relief(elevation: Elevation) -> bytes:
    """Return the shaded relief of a grid as PNG, its rows even in Web Mercator.

    Shadow and light are laid over whatever colour lies below, so that flat ground
    stays as it is; high ground bears a faint tint. The shading is Lambert's: the
    cosine between the slope's normal and the sun (Burrough and McDonnell, Principles
    of Geographical Information Systems, 1998, chapter 8), heights exaggerated
    24-fold and faint slopes brought out.

    Parameters
    ----------
    elevation
        The grid.

    Returns
    -------
    bytes
        A picture of at most 900 pixels a side, the same for the same grid.
    """
    # Loaded here, since only a map needs it.
    from PIL import Image

    heights_m, lat, step = _resample(elevation)
    shade = _shade(heights_m, lat, step)
    fade = _fade(elevation, heights_m.shape)
    # Negative in shadow, positive in light, nought on the flat.
    level = np.where(
        shade < 0,
        shade / math.sin(_SUN_ALTITUDE),
        shade / (1 - math.sin(_SUN_ALTITUDE)),
    )
    level = np.sign(level) * np.abs(level) ** _CONTRAST * fade
    middle = _SHADES // 2
    shades = np.clip(np.rint(level * middle) + middle, 0, _SHADES)
    share = (heights_m - _TINT_FROM_M) / (_TINT_TO_M - _TINT_FROM_M)
    tints = np.rint(np.clip(share, 0, 1) * fade * (_TINTS - 1))
    index = (shades * _TINTS + tints).astype(np.uint8)
    colours, opacities = _build_palette()
    image = Image.fromarray(index).convert("P")
    image.putpalette(colours)
    file = io.BytesIO()
    image.save(
        file, format="PNG", transparency=opacities, compress_level=9, optimize=False
    )
    return file.getvalue()


def _resample(
    elevation: Elevation,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return smooth heights on square Mercator pixels, latitudes and step (radians)."""
    # Loaded here, since only a map needs it.
    from scipy import ndimage

    columns = elevation.heights_m.shape[1]
    top, bottom = (
        math.asinh(math.tan(math.radians(lat)))
        for lat in (elevation.north_deg, elevation.south_deg)
    )
    across = math.radians(elevation.east_deg - elevation.west_deg)
    longest = max(across, top - bottom)
    width = min(columns * _PIXELS_A_CELL, int(_MOST_PIXELS * across / longest))
    step = across / width
    height = max(2, round((top - bottom) / step))
    y = top - (np.arange(height) + 0.5) * (top - bottom) / height
    lat = np.arctan(np.sinh(y))
    row = (elevation.north_deg - np.degrees(lat)) / elevation.height_deg - 0.5
    column = (np.arange(width) + 0.5) * columns / width - 0.5
    places = np.meshgrid(row, column, indexing="ij")
    heights_m = ndimage.map_coordinates(
        elevation.heights_m, places, order=3, mode="nearest"
    )
    return heights_m, lat, step


def _shade(
    heights_m: NDArray[np.float64], lat: NDArray[np.float64], step: float
) -> NDArray[np.float64]:
    """Return by how much each pixel is lighter than flat ground."""
    # In Mercator a pixel is as high as wide, and shrinks with the latitude.
    pixel_m = (_EARTH_M * step * np.cos(lat))[:, None]
    south, east = np.gradient(heights_m * _EXAGGERATION)
    south, east = south / pixel_m, east / pixel_m
    towards_sun = east * math.sin(_SUN_AZIMUTH) - south * math.cos(_SUN_AZIMUTH)
    lit = math.sin(_SUN_ALTITUDE) - math.cos(_SUN_ALTITUDE) * towards_sun
    lit /= np.sqrt(1 + south**2 + east**2)
    return np.clip(lit, 0, 1) - math.sin(_SUN_ALTITUDE)


def _fade(elevation: Elevation, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return 1 within the grid, falling to 0 at its rim."""
    down, across = (
        np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5)
        / (_FADE_CELLS * n / cells)
        for n, cells in zip(shape, elevation.heights_m.shape, strict=True)
    )
    fade = np.minimum(down[:, None], across[None, :])
    return np.asarray(np.minimum(fade, 1.0), dtype=np.float64)


def _build_palette() -> tuple[list[int], bytes]:
    """Return the colours of all shades on all tints, and how opaque each is."""
    colours: list[int] = []
    opacities: list[int] = []
    middle = _SHADES // 2
    for shade in range(_SHADES + 1):
        level = (shade - middle) / middle
        over = _LIGHT if level > 0 else _SHADOW
        upper = abs(level) * (_LIGHT_OPACITY if level > 0 else _SHADOW_OPACITY)
        for tint in range(_TINTS):
            lower = _TINT_OPACITY * tint / (_TINTS - 1)
            opacity = upper + lower * (1 - upper)
            part = upper / opacity if opacity else 0.0
            colours += [
                round(a * part + b * (1 - part))
                for a, b in zip(over, _HIGH_GROUND, strict=True)
            ]
            opacities.append(round(255 * opacity))
    return colours, bytes(opacities)
