"""The map for wider circles: people by area, where no way leads, and the ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import folium
from markupsafe import Markup

from patrolplan.products.canvas import build_canvas
from patrolplan.products.catalogue import Text
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.markup import (
    format_script_data,
    read_template,
    render_both,
    render_template,
)
from patrolplan.products.offline import render_offline
from patrolplan.products.release.areas import Area, Band, find_band, group_places
from patrolplan.products.release.facts import Facts
from patrolplan.products.release.ground import (
    coarsen_shapes,
    cover_areas,
    find_label_spot,
)
from patrolplan.products.release.not_covered import round_people, round_position
from patrolplan.products.release.profiles import Custody
from patrolplan.products.release.words import (
    list_findings,
    word_custody,
    word_scope,
)
from patrolplan.products.rows import MapLayers, word_marking, word_status
from patrolplan.products.wording import join_texts

__all__ = ["render_release_map"]

# No closer than the shapes are true.
_CLOSEST: Final = 8
_COLOURS: Final = ("#e4ecdf", "#c3d9c0", "#93bf9c", "#5f9f7d", "#357a62", "#1a5148")
# Lower ends of the bands of people that the colours stand for.
_STEPS: Final = (0, 20_000, 50_000, 100_000, 200_000, 500_000)
_UNTOLD: Final = "#d9d4c8"
_CUT_OFF: Final = "#8a2f04"
_LAND: Final = {
    "color": "#b9ad93",
    "weight": 1,
    "dashArray": "5 3",
    "fillColor": "#fbf7ea",
    "fillOpacity": 1,
}
_BORDER: Final = {"color": "#8d8069", "weight": 2.2, "opacity": 0.75, "fill": False}
_WATER: Final = {"color": "#8fbfd3", "weight": 2.4, "opacity": 0.95, "fill": False}
_LAKE: Final = {**_WATER, "weight": 1, "fill": True, "fillColor": "#b7d9e6"}


def render_release_map(
    facts: Facts, profile: str, layers: MapLayers | None, custody: Custody | None
) -> str:
    """Render the map of an OPEN or UNCLASSIFIED pack as one page without a network.

    Parameters
    ----------
    facts
        What may leave.
    profile
        ``open`` or ``unclassified``.
    layers
        Their regions, borders, rivers and lakes are the ground; None draws none.
    custody
        Who keeps an UNCLASSIFIED pack, and until when.
    """
    areas = group_places(facts.places)
    folium_map = build_canvas(max_zoom=_CLOSEST)
    if layers is not None:
        _draw_ground(layers, facts).add_to(folium_map)
    shapes = cover_areas(areas)
    _draw_areas(areas, shapes).add_to(folium_map)
    if layers is not None:
        _draw_water(layers).add_to(folium_map)
    _draw_labels(areas, shapes, profile).add_to(folium_map)
    if profile == "unclassified":
        _draw_places(facts).add_to(folium_map)
    bounds = _find_bounds(shapes)
    folium_map.fit_bounds(bounds)
    marking = word_marking(profile)
    body = render_template(
        "release.html",
        marking=marking,
        status=word_status("draft"),
        scope=word_scope(profile),
        custody=word_custody(custody),
        facts=facts,
        areas=[(area, _find_colour(area), _list_lines(area)) for area in areas],
        findings=list_findings(facts),
        steps=_list_steps(),
        untold=_sample(_UNTOLD),
        cut_off=_sample("#ffffff", dashed=True),
        has_untold=any(not area.told for area in areas),
        by_place=profile == "unclassified",
    )
    status = word_status("draft")
    title = join_texts((Text.same("patrolplan"), marking, status), " - ")
    data = {"titles": asdict(title), "map": folium_map.get_name(), "home": bounds}
    return render_offline(
        folium_map,
        title=title.en,
        styles=[read_template("release.css"), style_print_marking(marking)],
        body_html=str(body),
        scripts=[format_script_data("planPage", data), read_template("release.js")],
    )


def style_print_marking(marking: Text) -> str:
    """Return the style that puts the marking on every printed sheet.

    Parameters
    ----------
    marking
        One of the fixed markings: in a style nothing can be escaped as in HTML.
    """
    words = " - ".join(
        text.en if text.en == text.fr else f"{text.en} / {text.fr}"
        for text in (marking, word_status("draft"))
    )
    rule = f'content: "{words}"; font: 700 9pt sans-serif; color: #8f100c;'
    return f"@page {{ @top-center {{ {rule} }} @bottom-center {{ {rule} }} }}"


def _draw_ground(layers: MapLayers, facts: Facts) -> folium.FeatureGroup:
    group = folium.FeatureGroup(control=False)
    _add(group, coarsen_shapes(layers.regions), _LAND)
    _add(group, coarsen_shapes(layers.borders), _BORDER)
    told = {place.region for place in facts.places if place.region}
    for row in read_rows(layers.regions):
        name = read_cell(row, "name")
        # Regions without a place lie at the edge, where their names would run together.
        if name and (not told or name in told):
            point = row["geometry"].representative_point()
            spot = [round_position(point.y), round_position(point.x)]
            text = Text(str(name), str(read_cell(row, "name_fr") or name))
            _add_label(group, spot, render_both(text), "pp-name pp-name-region")
    return group


def _draw_water(layers: MapLayers) -> folium.FeatureGroup:
    group = folium.FeatureGroup(control=False)
    _add(group, coarsen_shapes(layers.rivers), _WATER)
    _add(group, coarsen_shapes(layers.lakes), _LAKE)
    return group


def _add(
    group: folium.FeatureGroup,
    shapes: Iterator[dict[str, Any]],
    style: dict[str, Any],
) -> None:
    features = [
        {"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes
    ]
    if features:
        folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            style_function=lambda _: style,
            pane="pp-ground",
            interactive=False,
        ).add_to(group)


def _draw_areas(
    areas: Sequence[Area], shapes: Sequence[dict[str, Any]]
) -> folium.FeatureGroup:
    group = folium.FeatureGroup(control=False)
    features = []
    for area, shape in zip(areas, shapes, strict=True):
        if not _list_corners(shape):
            continue
        info = render_template("release_area.html", area=area, lines=_list_lines(area))
        look = {
            "fillColor": _find_colour(area),
            "fillOpacity": 0.8,
            "color": _CUT_OFF if area.select("no_way") else "#fffdf6",
            "weight": 2 if area.select("no_way") else 1.2,
            "dashArray": "6 4" if area.select("no_way") else None,
        }
        features.append(
            {
                "type": "Feature",
                "properties": {"info": str(info), "look": look},
                "geometry": shape,
            }
        )
    if features:
        folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            style_function=lambda feature: feature["properties"]["look"],
            tooltip=folium.GeoJsonTooltip(
                fields=["info"], labels=False, sticky=True, class_name="pp-tip"
            ),
            pane="pp-ground",
        ).add_to(group)
    return group


def _draw_labels(
    areas: Sequence[Area], shapes: Sequence[dict[str, Any]], profile: str
) -> folium.FeatureGroup:
    group = folium.FeatureGroup(control=False)
    # Where places bear their names, those of areas would lie on them.
    for area, shape in zip(areas, shapes, strict=True):
        if _list_corners(shape) and profile == "open":
            spot = find_label_spot(shape)
            _add_label(group, spot, render_both(area.label), "pp-area-name")
    return group


def _draw_places(facts: Facts) -> folium.FeatureGroup:
    group = folium.FeatureGroup(control=False)
    for place in facts.places:
        spot = [round_position(place.lat), round_position(place.lon)]
        fill = {"no_way": _CUT_OFF, "unknown": "#fffdf6", "not_told": "#2b2a27"}
        circle = folium.CircleMarker(
            spot,
            radius=4,
            color="#2b2a27",
            weight=1.2,
            fill=True,
            fill_color=fill[place.reason],
            fill_opacity=1,
        )
        circle.options["pane"] = "pp-plan"
        info = render_template(
            "release_place.html", place=place, people=round_people(place.people)
        )
        folium.Tooltip(str(info), class_name="pp-tip").add_to(circle)
        circle.add_to(group)
    return group


def _add_label(
    group: folium.FeatureGroup, spot: list[float], html: Markup, kind: str
) -> None:
    folium.Marker(
        spot,
        icon=folium.DivIcon(
            html=f'<div class="{kind}">{html}</div>',
            icon_size=(0, 0),
            class_name="pp-anchor",
        ),
        pane="pp-labels",
        interactive=False,
        keyboard=False,
    ).add_to(group)


def _find_colour(area: Area) -> str:
    band = find_band(area.places) if area.told else None
    return _UNTOLD if band is None else _COLOURS[_find_step(band)]


def _find_step(band: Band) -> int:
    return sum(step <= band.low for step in _STEPS) - 1


def _list_lines(area: Area) -> list[tuple[Text, Text]]:
    """Return what a reader is told of an area: how many people, and why."""
    if not area.told:
        return []
    return [
        (finding.people, finding.why)
        for finding in list_findings(Facts("", "", area.places, ()))
    ]


def _list_steps() -> list[tuple[Markup, Text]]:
    highs = (*_STEPS[1:], None)
    return [
        (_sample(colour), Band(low, high).words)
        for colour, low, high in zip(_COLOURS, _STEPS, highs, strict=True)
    ]


def _sample(colour: str, *, dashed: bool = False) -> Markup:
    edge = f'stroke="{_CUT_OFF}" stroke-width="2" stroke-dasharray="5 3"'
    plain = 'stroke="#b9ad93"'
    return Markup(  # noqa: S704
        '<svg width="22" height="14" aria-hidden="true"><rect x="1" y="1" width="20" '
        f'height="12" fill="{colour}" {edge if dashed else plain}/></svg>'
    )


def _list_corners(shape: dict[str, Any]) -> list[tuple[float, float]]:
    """Return the positions of a shape's outlines, longitude before latitude."""
    parts = shape.get("coordinates", [])
    polygons = [parts] if shape["type"] == "Polygon" else parts
    return [(p[0], p[1]) for polygon in polygons for ring in polygon for p in ring]


def _find_bounds(shapes: Sequence[dict[str, Any]]) -> list[list[float]]:
    corners = [corner for shape in shapes for corner in _list_corners(shape)]
    if not corners:
        return [[13.5, -7.0], [25.0, 5.0]]
    lons, lats = zip(*corners, strict=True)
    return [[min(lats), min(lons)], [max(lats), max(lons)]]
