"""The ground that a plan is drawn on: land, water, ways and zones of risk.

Nothing here knows the plan. Each function returns one layer, or None where its frame
is empty; every text from a frame is escaped on its way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import folium

from patrolplan.open_ground_figures import OFF_TRACK
from patrolplan.products.catalogue import Text
from patrolplan.products.closed_lines import is_closed
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.illustration import is_illustrative
from patrolplan.products.markup import render_both, render_template
from patrolplan.products.symbols import (
    Stroke,
    find_risk_colour,
    find_stroke,
)
from patrolplan.products.terms import translate_term

__all__ = [
    "add_shapes",
    "draw_airfields",
    "draw_land",
    "draw_lines",
    "draw_water",
    "draw_zones",
    "find_line_keys",
]

# A metre on the ground for ways, ten for the shapes behind them.
_WAY_DIGITS: Final = 5
_LAND_DIGITS: Final = 4


def _round_positions(part: Any, digits: int) -> Any:
    if isinstance(part, int | float):
        return round(float(part), digits)
    if part and isinstance(part[0], int | float):
        return [round(float(value), digits) for value in part[:2]]
    return [_round_positions(item, digits) for item in part]


def _build_features(
    rows: Iterable[dict[str, Any]],
    digits: int,
    describe: Callable[[dict[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    features = []
    for number, row in enumerate(rows):
        shape = row["geometry"].__geo_interface__
        features.append(
            {
                "type": "Feature",
                "id": str(number),
                "properties": describe(row),
                "geometry": {
                    "type": shape["type"],
                    "coordinates": _round_positions(shape["coordinates"], digits),
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def add_shapes(
    group: folium.FeatureGroup,
    frame: Any,
    style: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    describe: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    digits: int = _LAND_DIGITS,
    pane: str = "pp-ground",
) -> None:
    """Add a frame to a group; with ``describe`` its ``info`` shows on hovering.

    Parameters
    ----------
    group
        It is changed.
    frame
        Shapes in WGS 84.
    style
        Gives the path options of what ``describe`` found of a row.
    describe
        Gives what the map keeps of a row; ``info`` is HTML, escaped already, and no
        other of it is text that others wrote: it goes through templates.
    digits
        Decimals of positions in degrees.
    pane
        Pane of the map that the shapes lie in.
    """
    features = _build_features(
        read_rows(frame), digits, describe or (lambda _: {"info": ""})
    )
    if not features["features"]:
        return
    tooltip = None
    if describe is not None:
        tooltip = folium.GeoJsonTooltip(
            fields=["info"], labels=False, sticky=True, class_name="pp-tip"
        )
    folium.GeoJson(
        features,
        style_function=lambda feature: style(feature["properties"]),
        tooltip=tooltip,
        pane=pane,
        interactive=describe is not None,
    ).add_to(group)


def _draw_label(
    group: folium.FeatureGroup, lat: float, lon: float, text: Text, kind: str
) -> None:
    icon = folium.DivIcon(
        html=f'<div class="pp-name pp-name-{kind}">{render_both(text)}</div>',
        icon_size=(0, 0),
        class_name="pp-anchor",
    )
    folium.Marker(
        [round(lat, 4), round(lon, 4)],
        icon=icon,
        pane="pp-labels",
        interactive=False,
        keyboard=False,
    ).add_to(group)


def _read_name(row: dict[str, Any]) -> Text | None:
    english = read_cell(row, "name")
    if not english:
        return None
    return Text(str(english), str(read_cell(row, "name_fr") or english))


def draw_land(regions: Any, borders: Any, name: str) -> folium.FeatureGroup | None:
    """Draw regions as land with faint limits, and borders of states above them.

    Parameters
    ----------
    regions, borders
        Frames of polygons and of lines.
    name
        Name of the layer, as HTML.
    """
    if not len(regions) and not len(borders):
        return None
    group = folium.FeatureGroup(name=name, control=False)
    add_shapes(
        group,
        regions,
        lambda _: {
            "color": "#b9ad93",
            "weight": 1,
            "dashArray": "5 3",
            "fillColor": "#fbf7ea",
            "fillOpacity": 1,
        },
        # Relief lies on the land and below all else.
        pane="pp-land",
    )
    add_shapes(
        group,
        borders,
        lambda _: {"color": "#8d8069", "weight": 2.2, "opacity": 0.75, "fill": False},
    )
    for row in read_rows(regions):
        text = _read_name(row)
        if text is not None:
            point = row["geometry"].representative_point()
            _draw_label(group, point.y, point.x, text, "region")
    return group


def draw_water(rivers: Any, lakes: Any, name: str) -> folium.FeatureGroup | None:
    """Draw rivers and lakes.

    Parameters
    ----------
    rivers, lakes
        Frames of lines and of polygons.
    name
        Name of the layer, as HTML.
    """
    if not len(rivers) and not len(lakes):
        return None
    group = folium.FeatureGroup(name=name, control=False)
    water = {"color": "#8fbfd3", "weight": 2.4, "opacity": 0.95}
    add_shapes(group, rivers, lambda _: {**water, "fill": False})
    add_shapes(
        group,
        lakes,
        lambda _: {**water, "weight": 1, "fillColor": "#b7d9e6", "fillOpacity": 1},
    )
    # Each name once: a river of many reaches is still one river.
    named = {read_cell(row, "name"): row for row in read_rows(rivers)}
    for row in (*named.values(), *read_rows(lakes)):
        text = _read_name(row)
        if text is not None:
            point = row["geometry"].representative_point()
            _draw_label(group, point.y, point.x, text, "river")
    return group


def draw_lines(frame: Any, season: str, name: str) -> folium.FeatureGroup | None:
    """Draw the lines of communication by surface; hovering tells their state.

    Parameters
    ----------
    frame
        Lines with their columns as ``data/geo/README.md`` describes them.
    season
        ``dry`` or ``rains``: whose state counts.
    name
        Name of the layer, as HTML.
    """
    if not len(frame):
        return None
    group = folium.FeatureGroup(name=name, control=False)

    def describe(row: dict[str, Any]) -> dict[str, Any]:
        key, stroke = _find_line_stroke(row, season)
        # Round ends would fill the gaps of so broad a line.
        ends = {"lineCap": "butt"} if key == OFF_TRACK else {}
        return {
            **ends,
            "info": str(render_template("line.html", **_describe_line(row, season))),
            "color": stroke.colour,
            "weight": stroke.width_px,
            "opacity": stroke.opacity,
            "dashArray": stroke.dash,
        }

    add_shapes(
        group,
        frame,
        lambda found: {
            **{key: value for key, value in found.items() if key != "info"},
            "fill": False,
        },
        describe=describe,
        digits=_WAY_DIGITS,
    )
    return group


def _find_line_stroke(row: dict[str, Any], season: str) -> tuple[str, Stroke]:
    closed = is_closed(row, season)
    return find_stroke(read_cell(row, "kind"), read_cell(row, "surface"), closed=closed)


def find_line_keys(frame: Any, season: str) -> frozenset[str]:
    """Return the kinds of line that a frame holds, as the legend names them.

    Parameters
    ----------
    frame
        The lines.
    season
        ``dry`` or ``rains``: whose state counts.
    """
    return frozenset(_find_line_stroke(row, season)[0] for row in read_rows(frame))


def _describe_line(row: dict[str, Any], season: str) -> dict[str, Any]:
    def word_cell(column: str) -> Text | None:
        value = read_cell(row, column)
        if value in (None, ""):
            return None
        return Text(translate_term(value, "en"), translate_term(value, "fr"))

    return {
        "name": read_cell(row, "name") or read_cell(row, "id"),
        "ref": read_cell(row, "ref"),
        "kind": word_cell("kind"),
        "surface": word_cell("surface"),
        "status": word_cell(f"status_{season}"),
        "km": read_cell(row, "length_km"),
        "hazard": read_cell(row, "hazard"),
        "confidence": word_cell("confidence"),
        "season": season,
    }


def draw_zones(frame: Any, name: str) -> folium.FeatureGroup | None:
    """Draw the zones of risk to civilians, the darker the graver.

    Parameters
    ----------
    frame
        Polygons with ``name``, ``level`` 1 to 5 and ``threat_reason``.
    name
        Name of the layer, as HTML.
    """
    if not len(frame):
        return None
    group = folium.FeatureGroup(name=name, control=False)

    def describe(row: dict[str, Any]) -> dict[str, Any]:
        level = read_cell(row, "level")
        info = render_template(
            "zone.html",
            name=_read_name(row) or Text.same(read_cell(row, "id") or ""),
            level=level,
            reason=read_cell(row, "threat_reason"),
            illustrative=is_illustrative(row),
        )
        return {"info": str(info), "level": level}

    def style(found: dict[str, Any]) -> dict[str, Any]:
        colour = find_risk_colour(found["level"])
        return {
            "color": colour or "#8b8678",
            "weight": 1.4,
            "opacity": 0.9,
            "dashArray": "2 5",
            "fillColor": colour or "#8b8678",
            "fillOpacity": 0.3,
        }

    # The gravest zone is drawn last, so that no paler one hides it.
    ordered = frame.sort_values("level", kind="stable") if "level" in frame else frame
    add_shapes(group, ordered, style, describe=describe)
    return group


def draw_airfields(frame: Any, name: str) -> folium.FeatureGroup | None:
    """Draw airfields as small signs with their names on hovering.

    Parameters
    ----------
    frame
        Points with ``name``.
    name
        Name of the layer, as HTML.
    """
    rows = list(read_rows(frame))
    if not rows:
        return None
    group = folium.FeatureGroup(name=name, control=False, show=False)
    for row in rows:
        point = row["geometry"].representative_point()
        sign = (
            '<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">'
            '<circle cx="8" cy="8" r="7" fill="#fffdf6" stroke="#5f6b73"/>'
            '<path d="M8 3v10M3.5 9L8 6.6 12.500 9M6 12.500l2-1 2 1" fill="none" '
            'stroke="#3d474e" stroke-width="1.5"/></svg>'
        )
        marker = folium.Marker(
            [round(point.y, 5), round(point.x, 5)],
            icon=folium.DivIcon(
                html=sign,
                icon_size=(16, 16),
                icon_anchor=(8, 8),
                class_name="pp-sign",
            ),
            pane="pp-signs",
            keyboard=False,
        )
        text = _read_name(row)
        if text is not None:
            folium.Tooltip(str(render_both(text)), class_name="pp-tip").add_to(marker)
        marker.add_to(group)
    return group
