"""The planner's page: the map whose lines open and close, and the levers beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import folium

from patrolplan.products.basemap import (
    add_shapes,
    draw_zones,
)
from patrolplan.products.canvas import find_corners
from patrolplan.products.catalogue import Text, mark, translate_text
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.illustration import find_illustration
from patrolplan.products.markup import (
    format_script_data,
    name_layer,
    read_template,
    render_template,
)
from patrolplan.products.passing import name_line
from patrolplan.products.rows import MapLayers, word_status
from patrolplan.products.site_circles import draw_site_circle, draw_site_label
from patrolplan.products.symbols import (
    LINE_STROKES,
    Stroke,
    find_site_radius,
    find_stroke,
)
from patrolplan.products.theatre_map import build_theatre_map
from patrolplan.products.theatre_page import render_theatre_page
from patrolplan.products.wording import word_term

__all__ = ["draw_ground", "render_planner_page"]

_FACTOR_LABELS: Final = {
    "threat": mark("threat"),
    "vulnerability": mark("vulnerability"),
    "capacity": mark("protective capacity"),
}
_SITE_FILL: Final = "#efe6d2"
_WAY_DIGITS: Final = 5


def render_planner_page(
    layers: MapLayers,
    levers: Mapping[str, Any],
    roads: Mapping[str, Any],
    rows: Mapping[str, Text],
    *,
    title: str,
    key: str,
    file: str,
    team_bases: Sequence[str],
) -> str:
    """Render the page, which asks only the server that it came from.

    Parameters
    ----------
    layers
        What lies on the map.
    levers
        How they stand, as the page sends them back: ``start``, ``seed``,
        ``iterations``, ``teams``, ``closed``, ``lifted``, ``risk_weights`` and
        ``factor_weights``.
    roads
        What closes lines on the first day, as
        :func:`~patrolplan.products.planner_roads.tell_roads` tells.
    rows
        Names of the rows of the flood calendar.
    title
        Of the scenario.
    key
        What the page shows to the server with each request.
    file
        Name of the file that the scenario is saved as.
    team_bases
        Base of each team, in their order.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    lines = [
        (str(row["id"]), name_line(row))
        for row in read_rows(layers.lines)
        if read_cell(row, "kind") != "river"
    ]
    data = {
        "key": key,
        "levers": dict(levers),
        # Of the shapes in their order: an id is a stranger's text, and what a shape
        # keeps goes through the map's templates.
        "line_ids": [str(row["id"]) for row in read_rows(layers.lines)],
        "lines": {line: asdict(name) for line, name in lines},
        "rows": {row: asdict(name) for row, name in rows.items()},
        "roads": dict(roads),
        "shut": _write_stroke(LINE_STROKES["closed"]),
    }
    return render_theatre_page(
        draw_ground(layers),
        "planner.html",
        subject=mark("Planner's page"),
        home=find_corners(layers.population),
        styles=[read_template("planner.css")],
        scripts=[format_script_data("planner", data), read_template("planner.js")],
        from_server=True,
        title=title,
        status_text=word_status("draft"),
        levers=levers,
        illustrative=find_illustration(layers.zones),
        lines=sorted(lines, key=lambda pair: pair[1].en),
        rows=sorted(rows.items(), key=lambda pair: pair[1].en),
        teams=list(zip(levers["teams"], team_bases, strict=True)),
        factors=[
            (name, translate_text(label), levers["factor_weights"].get(name))
            for name, label in _FACTOR_LABELS.items()
        ],
        file=file,
    )


def draw_ground(layers: MapLayers) -> folium.Map:
    """Draw what a plan is made on; each line bears its number for the page's script.

    All lines are drawn as open: the script knows the day, and what is closed on it.

    Parameters
    ----------
    layers
        What lies on the map.
    """
    shown = [
        draw_zones(layers.zones, name_layer(mark("Zones of risk"))),
        _draw_lines(layers.lines),
        _draw_sites(layers.population),
    ]
    return build_theatre_map(layers, shown, find_corners(layers.population))


def _write_stroke(stroke: Stroke) -> dict[str, Any]:
    """Return a stroke as Leaflet's options of a path."""
    return {
        "color": stroke.colour,
        "weight": stroke.width_px,
        "opacity": stroke.opacity,
        "dashArray": stroke.dash,
    }


def _draw_lines(frame: Any) -> folium.FeatureGroup | None:
    if not len(frame):
        return None
    group = folium.FeatureGroup(name=name_layer(mark("Lines")), control=False)

    def describe(row: dict[str, Any]) -> dict[str, Any]:
        kind = read_cell(row, "kind")
        stroke = find_stroke(kind, read_cell(row, "surface"), closed=False)[1]
        info = render_template(
            "planner_line.html",
            name=name_line(row),
            kind=None if kind is None else word_term(str(kind)),
        )
        return {
            "info": str(info),
            "can_close": kind != "river",
            "ferry": kind == "ferry",
            **_write_stroke(stroke),
        }

    def style(kept: dict[str, Any]) -> dict[str, Any]:
        keys = ("color", "weight", "opacity", "dashArray")
        return {**{key: kept[key] for key in keys}, "fill": False}

    add_shapes(group, frame, style, describe=describe, digits=_WAY_DIGITS)
    return group


def _draw_sites(frame: Any) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name_layer(mark("Sites")), control=False)
    for row in frame.sort_values("id").itertuples():
        unknown = row.population != row.population or row.population is None
        people = None if unknown else int(row.population)
        spot = [round(row.geometry.y, 5), round(row.geometry.x, 5)]
        radius = find_site_radius(people)
        name = Text(str(row.name), str(row.name_fr or row.name))
        circle = draw_site_circle(spot, radius, _SITE_FILL, dashed=people is None)
        circle.options["interactive"] = False
        circle.add_to(group)
        draw_site_label(name, people, spot, radius).add_to(group)
    return group
