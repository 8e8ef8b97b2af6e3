"""What of a folium map would fetch something: tiles, images, video, linked GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator

from branca.element import Element, Figure
from folium.features import GeoJson
from folium.plugins import MiniMap
from folium.raster_layers import ImageOverlay, TileLayer, VideoOverlay, WmsTileLayer

from patrolplan.errors import AssetError

__all__ = ["refuse_fetching_layers", "walk_elements"]


def refuse_fetching_layers(figure: Figure) -> None:
    """Raise if a layer of a figure would fetch anything while the page is shown.

    Parameters
    ----------
    figure
        The figure.

    Raises
    ------
    AssetError
        If one would; with its address.
    """
    for element in walk_elements(figure):
        address = ""
        if isinstance(element, MiniMap):
            address = element.tile_layer.tiles
        elif isinstance(element, TileLayer):
            address = element.tiles
        elif isinstance(element, ImageOverlay | WmsTileLayer):
            address = element.url
        elif isinstance(element, VideoOverlay):
            address = element.video_url
        elif isinstance(element, GeoJson) and not element.embed:
            address = str(element.embed_link)
        if address and not address.startswith(("data:", "blob:")):
            message = (
                f"a map layer fetches {address}: the page would need a network; "
                "make the map with tiles=None and embed its data"
            )
            raise AssetError(message)


def walk_elements(element: Element) -> Iterator[Element]:
    """Yield an element and all below it.

    Parameters
    ----------
    element
        The element; a figure has its header, body and script below it, too.
    """
    yield element
    if isinstance(element, Figure):
        yield from (element.header, element.html, element.script)
    for child in element._children.values():
        yield from walk_elements(child)
