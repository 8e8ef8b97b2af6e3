"""The map of the lines that must be kept open: drawn by what a cut costs civilians."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import folium

from patrolplan.criticality import Criticality
from patrolplan.products.basemap import add_shapes
from patrolplan.products.canvas import find_corners
from patrolplan.products.catalogue import Text, mark
from patrolplan.products.criticality_rows import list_cut_rows, list_weak_rows
from patrolplan.products.files import write_page
from patrolplan.products.markup import (
    build_popup,
    name_layer,
    read_template,
    render_template,
)
from patrolplan.products.site_circles import draw_site_circle, draw_site_label
from patrolplan.products.symbols import find_site_radius
from patrolplan.products.theatre_map import build_theatre_map
from patrolplan.products.theatre_page import render_theatre_page

__all__ = ["draw_criticality", "render_criticality_page", "write_criticality_page"]

_POPUP_HEIGHT_PX: Final = 330
_NUMBERED: Final = 12
_STROKES: Final = {
    "cut": {"color": "#8e1b16", "weight": 5.0, "opacity": 0.95},
    "longer": {"color": "#c9761a", "weight": 3.6, "opacity": 0.95},
    "none": {"color": "#77705f", "weight": 1.6, "opacity": 0.8},
}
_SITE_FILL: Final = "#efe6d2"


def draw_criticality(
    found: Criticality, places: dict[str, str] | None = None
) -> folium.Map:
    """Draw what the cut of each line costs as a folium map, without tiles or network.

    Parameters
    ----------
    found
        The theatre.
    places
        Filled with the name of each line's sign in the page, by its id.
    """
    shown = [
        _draw_lines(found),
        _draw_sites(found),
        _draw_numbers(found, {} if places is None else places),
    ]
    home = find_corners(found.layers.population)
    return build_theatre_map(found.layers, shown, home)


def render_criticality_page(found: Criticality) -> str:
    """Render what the cut of each line costs as one page that opens with no network.

    Parameters
    ----------
    found
        The theatre.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    places: dict[str, str] = {}
    folium_map = draw_criticality(found, places)
    rows = list_cut_rows(found)
    scenario = found.scenario
    names = {
        row.id: Text(str(row.name), str(row.name_fr or row.name))
        for row in found.layers.population.itertuples()
    }
    return render_theatre_page(
        folium_map,
        "critical.html",
        subject=mark("Lines to keep open"),
        home=find_corners(found.layers.population),
        places=places,
        styles=[read_template("risk.css"), read_template("critical.css")],
        title=scenario.title or scenario.name,
        as_of=found.as_of.isoformat(),
        vehicle=found.state.vehicle,
        cutting=[row for row in rows if row.grade == "cut"],
        lengthening=[row for row in rows if row.grade == "longer"],
        lines=len(found.lines),
        bridges=list_weak_rows(found, "bridge"),
        points=list_weak_rows(found, "point"),
        without_way=[names[place] for place in found.without_way],
    )


def write_criticality_page(path: Path, found: Criticality) -> Path:
    """Write what the cut of each line costs as one page, whole or not at all.

    Parameters
    ----------
    path
        The file.
    found
        The theatre.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    return write_page(path, render_criticality_page(found))


def _draw_lines(found: Criticality) -> folium.FeatureGroup | None:
    if not len(found.lines):
        return None
    group = folium.FeatureGroup(name=name_layer(mark("Lines")), control=False)
    rows = {row.id: row for row in list_cut_rows(found)}

    def describe(line: dict[str, Any]) -> dict[str, Any]:
        row = rows.get(line["id"])
        info = render_template(
            "critical_line.html",
            name=Text(str(line["name"]), str(line["name_fr"])),
            row=row,
            is_open=bool(line["open"]),
        )
        grade = "none" if row is None else row.grade
        return {"info": str(info), "grade": grade, "is_open": bool(line["open"])}

    def style(kept: dict[str, Any]) -> dict[str, Any]:
        dash = None if kept["is_open"] else "3 6"
        return {**_STROKES[kept["grade"]], "dashArray": dash, "fill": False}

    # The gravest is drawn last, so that no lesser one hides it.
    add_shapes(group, found.lines.iloc[::-1], style, describe=describe, digits=5)
    return group


def _draw_sites(found: Criticality) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name_layer(mark("Sites")), control=False)
    for row in found.layers.population.sort_values("id").itertuples():
        unknown = row.population != row.population or row.population is None
        people = None if unknown else int(row.population)
        spot = [round(row.geometry.y, 5), round(row.geometry.x, 5)]
        radius = find_site_radius(people)
        name = Text(str(row.name), str(row.name_fr or row.name))
        draw_site_circle(spot, radius, _SITE_FILL, dashed=people is None).add_to(group)
        draw_site_label(name, people, spot, radius).add_to(group)
    return group


def _draw_numbers(found: Criticality, places: dict[str, str]) -> folium.FeatureGroup:
    """Draw the rank of the gravest cuts on their lines; all open from the table."""
    group = folium.FeatureGroup(name=name_layer(mark("Ranks")), control=False)
    shapes = dict(zip(found.lines["id"], found.lines.geometry, strict=True))
    for row in list_cut_rows(found):
        middle = shapes[row.id].interpolate(0.5, normalized=True)
        shown = row.rank <= _NUMBERED
        sign = f'<span class="pp-rank pp-rank-{row.grade}">{row.rank}</span>'
        marker = folium.Marker(
            [round(middle.y, 5), round(middle.x, 5)],
            icon=folium.DivIcon(
                html=sign,
                icon_size=(20, 20) if shown else (0, 0),
                icon_anchor=(10, 10) if shown else (0, 0),
                class_name="pp-sign" if shown else "pp-sign pp-rank-hidden",
            ),
            pane="pp-signs",
            keyboard=False,
        )
        popup = build_popup("critical_popup.html", row=row)
        popup.options["max_height"] = _POPUP_HEIGHT_PX
        popup.add_to(marker)
        marker.add_to(group)
        places[row.id] = marker.get_name()
    return group
