"""A site on a theatre's map: its circle, and its name beside it."""

from __future__ import annotations

from typing import Final

import folium

from patrolplan.products.catalogue import Text
from patrolplan.products.markup import render_both
from patrolplan.products.symbols import INK, UNKNOWN_COLOUR

__all__ = ["draw_site_circle", "draw_site_label"]

# From so many people on a place is named as a town, and before the villages round it.
_TOWN_PEOPLE: Final = 20_000
_PAPER: Final = "#fffdf6"


def draw_site_circle(
    spot: list[float],
    radius_px: float,
    fill: str | None,
    *,
    dashed: bool = False,
    state: str | None = None,
) -> folium.CircleMarker:
    """Draw the circle of a site, below the signs and above the ground.

    Parameters
    ----------
    spot
        Latitude and longitude, degrees.
    radius_px
        Its radius in pixels.
    fill
        Colour of what is known of the site; None where it is unknown: an empty ring.
    dashed
        Whether the people there are unknown.
    state
        Named in the class of the circle, for the page's style.
    """
    known = fill is not None
    circle = folium.CircleMarker(
        spot,
        radius=radius_px,
        color=INK if known else UNKNOWN_COLOUR,
        weight=1.2 if known else 2.4,
        dash_array="2.5 2" if dashed and known else None,
        fill=True,
        fill_color=fill or _PAPER,
        fill_opacity=0.95 if known else 0.25,
        class_name="pp-site" if state is None else f"pp-site pp-state-{state}",
    )
    # What folium takes of a path is only part of what Leaflet does.
    circle.options["pane"] = "pp-plan"
    return circle


def draw_site_label(
    name: Text, people: float | None, spot: list[float], radius_px: float
) -> folium.Marker:
    """Draw the name of a site beside its circle, in both languages.

    Parameters
    ----------
    name
        The name, unescaped.
    people
        People there; None where unknown.
    spot
        Latitude and longitude, degrees.
    radius_px
        Radius of the circle in pixels: the name keeps clear of it.
    """
    rank, kind = (1, "town") if (people or 0) >= _TOWN_PEOPLE else (3, "village")
    html = (
        f'<div class="pp-label pp-label-{kind} pp-rank-{rank}" data-rank="{rank}" '
        f'data-reach="{radius_px:g}">{render_both(name)}</div>'
    )
    return folium.Marker(
        spot,
        icon=folium.DivIcon(html=html, icon_size=(0, 0), class_name="pp-anchor"),
        pane="pp-labels",
        interactive=False,
        keyboard=False,
    )
