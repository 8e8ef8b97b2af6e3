"""The empty map that all maps begin with: no tiles, no network, its layers in order."""

from __future__ import annotations

from typing import Any, Final

import folium

from patrolplan.products.markup import read_template

__all__ = ["PANES", "build_canvas", "find_corners"]

PANES: Final = {
    "pp-land": 300,
    "pp-relief": 305,
    "pp-ground": 310,
    "pp-plan": 410,
    "pp-labels": 590,
    "pp-signs": 600,
    "pp-stops": 610,
}
"""Drawing order, lowest first: Leaflet panes with their z-index.

Shapes share three panes and not one a layer: each pane with shapes is a picture of the
whole screen in the browser's memory, and past a few a weak machine leaves holes.
"""
# Farther out nothing of the theatre could be told apart.
_FARTHEST: Final = 4


def build_canvas(*, max_zoom: int) -> folium.Map:
    """Return a map without tiles and without anything drawn.

    Parameters
    ----------
    max_zoom
        How close a reader may look, as Leaflet counts it: 0 shows the whole earth.
    """
    # Leaflet reads maxZoom from its own options only: folium's max_zoom is for tiles.
    folium_map = folium.Map(
        tiles=None,
        control_scale=True,
        zoom_control="topleft",
        attributionControl=False,
        minZoom=_FARTHEST,
        maxZoom=max_zoom,
        zoomSnap=0.25,
        zoomDelta=0.5,
        # An animated zoom holds each pane as a picture in graphics memory, and ends
        # after a page has moved the map elsewhere.
        zoomAnimation=False,
        fadeAnimation=False,
    )
    css = read_template("map.css")
    figure: Any = folium_map.get_root()
    figure.header.add_child(folium.Element(f"<style>{css}</style>"))
    for name, z_index in PANES.items():
        pane = folium.map.CustomPane(name, z_index=z_index, pointer_events=True)
        pane.add_to(folium_map)
    return folium_map


def find_corners(shapes: Any) -> list[list[float]]:
    """Return the south-west and north-east corner of what shapes cover.

    Parameters
    ----------
    shapes
        A GeoDataFrame in WGS 84, one row at least.

    Returns
    -------
    Two corners, each latitude and longitude in degrees, as Leaflet takes them.
    """
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    return [[south, west], [north, east]]
