"""The map of risk to civilians: a click on a site shows its sum, term by term."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import folium

from patrolplan.figures import NeedFigures
from patrolplan.planfile import Code
from patrolplan.products.basemap import add_shapes
from patrolplan.products.canvas import find_corners
from patrolplan.products.catalogue import mark
from patrolplan.products.files import write_page
from patrolplan.products.markup import (
    build_popup,
    name_layer,
    read_template,
    render_template,
)
from patrolplan.products.risk_rows import (
    format_exact,
    list_site_rows,
    list_zone_rows,
    write_equation,
)
from patrolplan.products.rows import MapLayers
from patrolplan.products.sentences import render_code_text
from patrolplan.products.site_circles import draw_site_circle, draw_site_label
from patrolplan.products.symbols import (
    RISK_COLOURS,
    UNKNOWN_COLOUR,
    draw_site_sample,
    find_risk_colour,
    find_site_radius,
)
from patrolplan.products.theatre_map import build_theatre_map
from patrolplan.products.theatre_page import render_theatre_page

__all__ = ["draw_risk", "render_risk_page", "write_risk_page"]

_UNKNOWN_RADIUS_PX: Final = 5.5
_POPUP_HEIGHT_PX: Final = 330


def draw_risk(
    sites: Any,
    zones: Any,
    layers: MapLayers,
    figures: NeedFigures,
    places: dict[str, str] | None = None,
) -> folium.Map:
    """Draw the risk of sites and zones as a folium map, without tiles or a network.

    Parameters
    ----------
    sites, zones
        As :class:`~patrolplan.ratings.Rating` has them.
    layers
        What they are drawn on.
    figures
        The section ``[need]`` of the scenario, for the table r.
    places
        Filled with the name of each site's circle in the page, by its id.
    """
    circles = _draw_sites(
        sites, zones, layers, figures, {} if places is None else places
    )
    return build_theatre_map(
        layers, [circles], find_corners(sites), below_water=_draw_zones(zones)
    )


def render_risk_page(
    sites: Any,
    zones: Any,
    layers: MapLayers,
    figures: NeedFigures,
    *,
    title: str,
    days: tuple[str, str],
    sources: Sequence[str] = (),
    notices: Sequence[Code] = (),
) -> str:
    """Render risk as one HTML page that opens with no network.

    Parameters
    ----------
    sites, zones, layers, figures
        As for :func:`draw_risk`.
    title
        What the scenario is called.
    days
        First and last day, ISO.
    sources
        Where what it rests on comes from, beside the evidence of each factor.
    notices
        What a reader should hear.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    places: dict[str, str] = {}
    folium_map = draw_risk(sites, zones, layers, figures, places)
    rows = list_site_rows(sites, zones, layers)
    known = [row for row in rows if row.risk is not None]
    return render_theatre_page(
        folium_map,
        "risk.html",
        subject=mark("Risk to civilians"),
        home=find_corners(sites),
        places=places,
        styles=[read_template("risk.css")],
        title=title,
        first_day=days[0],
        last_day=days[1],
        known=known,
        unknown=[row for row in rows if row.risk is None],
        need_unknown=sum(row.need is None for row in rows),
        people=math.fsum(row.people or 0 for row in known),
        zones=list_zone_rows(zones),
        weights=figures.factor_weights,
        steps=_list_steps(figures.risk_weights),
        colour=find_risk_colour,
        exact=format_exact,
        illustrative=any(row.illustrative for row in rows),
        notices=[render_code_text(c.code, c.values, kind="notice") for c in notices],
        sources=sources,
        risk_colours=RISK_COLOURS,
        people_sample=draw_site_sample(4.5, "#efe6d2", dashed=True),
        unknown_sample=draw_site_sample(
            _UNKNOWN_RADIUS_PX, None, colour=UNKNOWN_COLOUR
        ),
    )


def write_risk_page(
    path: Path,
    sites: Any,
    zones: Any,
    layers: MapLayers,
    figures: NeedFigures,
    **parts: Any,
) -> Path:
    """Write risk as one HTML page that opens with no network.

    Parameters
    ----------
    path
        The file; it is replaced whole, never half.
    sites, zones, layers, figures, **parts
        As for :func:`render_risk_page`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    return write_page(path, render_risk_page(sites, zones, layers, figures, **parts))


def _list_steps(weights: Mapping[Any, float]) -> list[tuple[str, float]]:
    return [(str(level), weights[level]) for level in sorted(weights)]


def _draw_zones(zones: Any) -> folium.FeatureGroup | None:
    if not len(zones):
        return None
    group = folium.FeatureGroup(name=name_layer(mark("Zones of risk")), control=False)
    rows = {row.id: row for row in list_zone_rows(zones)}

    def describe(found: dict[str, Any]) -> dict[str, Any]:
        row = rows[found["zone_id"]]
        info = render_template("risk_zone.html", row=row, exact=format_exact)
        return {"info": str(info), "risk": row.risk}

    def style(found: dict[str, Any]) -> dict[str, Any]:
        colour = find_risk_colour(found["risk"]) or UNKNOWN_COLOUR
        return {
            "color": colour,
            "weight": 1.4,
            "opacity": 0.9,
            "dashArray": "2 5",
            "fillColor": colour,
            "fillOpacity": 0.3,
        }

    # The gravest zone is drawn last, so that no paler one hides it.
    add_shapes(group, zones.iloc[::-1].reset_index(), style, describe=describe)
    return group


def _draw_sites(
    sites: Any,
    zones: Any,
    layers: MapLayers,
    figures: NeedFigures,
    places: dict[str, str],
) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name_layer(mark("Sites")), control=False)
    rows = list_site_rows(sites, zones, layers)
    # Small circles are drawn last: a village beside a town stays in reach of a click.
    for row in sorted(rows, key=lambda row: (-(row.people or 0), row.id)):
        point = sites.geometry[row.id]
        spot = [round(point.y, 5), round(point.x, 5)]
        fill = find_risk_colour(row.risk)
        people = None if row.people is None else int(row.people)
        radius = find_site_radius(people)
        circle = draw_site_circle(spot, radius, fill, dashed=people is None)
        popup = build_popup(
            "risk_site.html",
            row=row,
            equation=write_equation(row.factors),
            exact=format_exact,
            steps=_list_steps(figures.risk_weights),
        )
        popup.options["max_height"] = _POPUP_HEIGHT_PX
        popup.add_to(circle)
        circle.add_to(group)
        places[row.id] = circle.get_name()
        draw_site_label(row.name, people, spot, radius).add_to(group)
    return group
