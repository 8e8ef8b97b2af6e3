"""The map of a whole theatre: land, water, and what a page shows on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import folium

from patrolplan.products.basemap import draw_land, draw_water
from patrolplan.products.canvas import build_canvas
from patrolplan.products.catalogue import mark
from patrolplan.products.markup import name_layer
from patrolplan.products.rows import MapLayers

__all__ = ["build_theatre_map"]

_CLOSEST: Final = 12
"""How close a reader may look, as Leaflet counts it: some 40 m of ground a pixel."""


def build_theatre_map(
    layers: MapLayers | None,
    shown: Iterable[folium.FeatureGroup | None],
    home: list[list[float]],
    *,
    below_water: folium.FeatureGroup | None = None,
    max_zoom: int = _CLOSEST,
) -> folium.Map:
    """Return a map of a theatre, without tiles and without a network.

    Parameters
    ----------
    layers
        What lies on the map; None leaves the ground empty.
    shown
        What a page shows, lowest first; None is left out.
    home
        South-west and north-east corner, latitude first, degrees: the first view.
    below_water
        What is shown on the land that rivers and lakes are not to be hidden by.
    max_zoom
        How close a reader may look.
    """
    folium_map = build_canvas(max_zoom=max_zoom)
    land = water = None
    if layers is not None:
        land = draw_land(
            layers.regions, layers.borders, name_layer(mark("Regions and borders"))
        )
        water = draw_water(
            layers.rivers, layers.lakes, name_layer(mark("Rivers and lakes"))
        )
    for group in (land, below_water, water, *shown):
        if group is not None:
            group.add_to(folium_map)
    folium_map.fit_bounds(home)
    return folium_map
