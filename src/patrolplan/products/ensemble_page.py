"""The map of many plans taken together: who is visited in how many, by which lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import folium

from patrolplan.ensemble import Ensemble
from patrolplan.products.basemap import add_shapes
from patrolplan.products.canvas import find_corners
from patrolplan.products.catalogue import Text, mark
from patrolplan.products.ensemble_rows import (
    SiteShare,
    describe_ensemble,
    find_status,
    list_line_shares,
    list_site_shares,
    tabulate_axes,
    tabulate_lines,
    tabulate_reasons,
    tabulate_sites,
)
from patrolplan.products.escaping import normalise_text
from patrolplan.products.files import write_folder
from patrolplan.products.frames import read_rows
from patrolplan.products.markup import (
    build_popup,
    key_by_attribute,
    name_layer,
    read_template,
    render_template,
)
from patrolplan.products.rows import MapLayers, word_status
from patrolplan.products.site_circles import draw_site_circle, draw_site_label
from patrolplan.products.symbols import BASE_BLUE, find_site_radius
from patrolplan.products.tables import format_csv
from patrolplan.products.theatre_map import build_theatre_map
from patrolplan.products.theatre_page import render_theatre_page

__all__ = ["draw_ensemble", "render_ensemble_page", "write_ensemble"]

_POPUP_HEIGHT_PX: Final = 340
NEVER_FILL: Final = "#fffdf6"
RAMP: Final = ("#d3ebd3", "#93cd9c", "#4aa56e", "#1c7450", "#083f2c")
"""Fills of a site visited in up to a quarter, half, three quarters of the plans, in
more, and in all of them."""
_LINE_COLOUR: Final = "#6b3a78"
_CARRYING: Final = {"color": _LINE_COLOUR, "opacity": 0.8, "fill": False}
_IDLE: Final = {"color": "#9a9280", "weight": 1.3, "opacity": 0.7, "fill": False}
_LEAST_PX, _MOST_PX = 1.6, 10.0


def find_share_fill(served: int, plans: int) -> str:
    """Return the fill of a site that so many of the plans visit.

    Parameters
    ----------
    served, plans
        How many of how many.
    """
    if not served:
        return NEVER_FILL
    return RAMP[4] if served == plans else RAMP[min(3, (4 * served - 1) // plans)]


def draw_ensemble(
    found: Ensemble,
    layers: MapLayers | None = None,
    places: dict[str, str] | None = None,
    handles: dict[str, str] | None = None,
) -> folium.Map:
    """Draw many plans taken together as a folium map, without tiles or network.

    Parameters
    ----------
    found
        The plans.
    layers
        What it is drawn on; without, the ways of the plans are drawn alone.
    places
        Filled with the name of each site's circle in the page, by its id.
    handles
        Filled with the name of the group of lines in the page, as ``lines``.
    """
    lines = _draw_lines(found)
    shown = [
        lines if lines is not None else _draw_ways(found),
        _draw_sites(list_site_shares(found, layers), found, places),
    ]
    if lines is not None and handles is not None:
        handles["lines"] = lines.get_name()
    return build_theatre_map(layers, shown, find_corners(found.sites))


def render_ensemble_page(found: Ensemble, layers: MapLayers | None = None) -> str:
    """Render many plans taken together as one page that opens with no network.

    Parameters
    ----------
    found
        The plans.
    layers
        What the map is drawn on.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    places: dict[str, str] = {}
    handles: dict[str, str] = {}
    folium_map = draw_ensemble(found, layers, places, handles)
    sites, lines = list_site_shares(found, layers), list_line_shares(found)
    status = find_status(found)
    most = max((line.passes_per_plan for line in lines), default=0.0)
    return render_theatre_page(
        folium_map,
        "ensemble.html",
        subject=mark("Ensemble of plans"),
        home=find_corners(found.sites),
        places=places,
        styles=[
            read_template(f"{name}.css") for name in ("risk", "sortable", "ensemble")
        ],
        scripts=[read_template("sorting.js"), read_template("ensemble.js")],
        data={
            "ensemble": {
                "lines": handles.get("lines"),
                # Of the shapes in their order: an id is a stranger's text, and what a
                # shape keeps goes through the map's templates.
                "line_ids": [
                    normalise_text(row["line_id"]) for row in read_rows(found.lines)
                ],
                "ramp": [NEVER_FILL, *RAMP],
                "carrying": _CARRYING,
                "idle": _IDLE,
                "widths": [_LEAST_PX, _MOST_PX],
                "plans": [len(found.members), *_count_by_axis(found)],
                "sites": key_by_attribute(
                    {
                        site.id: [site.visited, *(one.served for one in site.by_axis)]
                        for site in sites
                        if site.state != "held"
                    }
                ),
                "driven": key_by_attribute(
                    {
                        line.id: [
                            [line.driven, line.passes_per_plan],
                            *(
                                [one.served, one.passes_per_plan]
                                for one in line.by_axis
                            ),
                        ]
                        for line in lines
                    }
                ),
            }
        },
        members=found.members,
        status=word_status(status),
        is_draft=status == "draft",
        changed=sum(member.plan.nearest is not None for member in found.members),
        axes=_number_values(found),
        sites=[site for site in sites if site.state != "held"],
        always=sum(site.visited == site.plans for site in sites),
        some=sum(0 < site.visited < site.plans for site in sites),
        never=[site for site in sites if site.state == "never"],
        held=[site for site in sites if site.state == "held"],
        lines=lines,
        most=most,
        ramp=RAMP,
        never_fill=NEVER_FILL,
        held_fill=BASE_BLUE,
        line_colour=_LINE_COLOUR,
        widths=[(most * share, _width(share)) for share in (1.0, 0.5, 0.1)],
    )


def write_ensemble(
    found: Ensemble, folder: Path, layers: MapLayers | None = None
) -> dict[str, Path]:
    """Write ``ensemble.html``, ``ensemble.json`` and the tables.

    Parameters
    ----------
    found
        The plans.
    folder
        Where; it is made if it is missing.
    layers
        What the map is drawn on.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    told = json.dumps(
        describe_ensemble(found), ensure_ascii=False, indent=1, allow_nan=False
    )
    return write_folder(
        folder,
        {
            "ensemble.html": render_ensemble_page(found, layers),
            "ensemble-sites.csv": format_csv(tabulate_sites(found)),
            "ensemble-lines.csv": format_csv(tabulate_lines(found)),
            "ensemble-reasons.csv": format_csv(tabulate_reasons(found)),
            "ensemble-axes.csv": format_csv(tabulate_axes(found)),
            "ensemble.json": told + "\n",
        },
    )


def _number_values(found: Ensemble) -> list[tuple[str, list[tuple[int, str, int]]]]:
    """Return each axis with its values, each with its number and its plans."""
    counts = _count_by_axis(found)
    numbered, number = [], 0
    for axis, values in found.axes.items():
        rows = []
        for value in values:
            number += 1
            rows.append((number, value, counts[number - 1]))
        numbered.append((axis, rows))
    return numbered


def _count_by_axis(found: Ensemble) -> list[int]:
    return [
        sum((axis, value) in member.settings for member in found.members)
        for axis, values in found.axes.items()
        for value in values
    ]


def _width(share: float) -> float:
    return round(_LEAST_PX + (_MOST_PX - _LEAST_PX) * share, 2)


def _draw_lines(found: Ensemble) -> folium.FeatureGroup | None:
    if not found.lines.geometry.notna().any():
        return None
    group = folium.FeatureGroup(name=name_layer(mark("Lines")), control=False)
    rows = {row.id: row for row in list_line_shares(found)}
    most = max((row.passes_per_plan for row in rows.values()), default=1.0)

    def describe(line: dict[str, Any]) -> dict[str, Any]:
        row = rows.get(line["line_id"])
        name = Text(line["name"], line["name_fr"])
        info = render_template("ensemble_line.html", name=name, row=row)
        passes = 0.0 if row is None else row.passes_per_plan
        return {"info": str(info), "passes": passes}

    def style(kept: dict[str, Any]) -> dict[str, Any]:
        if not kept["passes"]:
            return _IDLE
        width = _width(kept["passes"] / most)
        return {**_CARRYING, "weight": width}

    # Those driven least are drawn last: no broad line hides a narrow one.
    add_shapes(group, found.lines, style, describe=describe, digits=5)
    return group


def _draw_ways(found: Ensemble) -> folium.FeatureGroup:
    """Draw the ways of all plans, where no layer tells the shapes of lines."""
    group = folium.FeatureGroup(name=name_layer(mark("Lines")), control=False)
    ways = {
        tuple(map(tuple, leg.geometry.coordinates))
        for member in found.members
        for patrol in member.plan.patrols
        for leg in patrol.legs
    }
    for way in sorted(ways):
        points = [[round(lat, 5), round(lon, 5)] for lon, lat, *_ in way]
        drawn: Any = folium.PolyLine(  # type: ignore[no-untyped-call]
            points, color=_LINE_COLOUR, weight=2, opacity=0.35
        )
        drawn.add_to(group)
    return group


def _draw_sites(
    sites: Sequence[SiteShare], found: Ensemble, places: dict[str, str] | None
) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name_layer(mark("Sites")), control=False)
    axes = found.axes
    for site in sorted(sites, key=lambda site: site.id):
        spot = [round(site.lat, 5), round(site.lon, 5)]
        radius = find_site_radius(site.people)
        fill = (
            BASE_BLUE
            if site.state == "held"
            else find_share_fill(site.visited, site.plans)
        )
        circle = draw_site_circle(spot, radius, fill, dashed=site.people is None)
        popup = build_popup("ensemble_site.html", site=site, axes=axes)
        popup.options["max_height"] = _POPUP_HEIGHT_PX
        popup.add_to(circle)
        circle.add_to(group)
        draw_site_label(site.name, site.people, spot, radius).add_to(group)
        if places is not None:
            places[site.id] = circle.get_name()
    return group
