"""The map of hot spots: a second opinion, drawn beside threat and never as risk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import folium
import numpy as np
from markupsafe import Markup

from patrolplan.planfile import Code
from patrolplan.products.basemap import add_shapes
from patrolplan.products.catalogue import Text, mark
from patrolplan.products.files import write_page
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.markup import name_layer, render_template
from patrolplan.products.rows import MapLayers
from patrolplan.products.sentences import render_code_text
from patrolplan.products.site_circles import draw_site_circle, draw_site_label
from patrolplan.products.symbols import (
    RISK_COLOURS,
    UNKNOWN_COLOUR,
    draw_site_sample,
    find_risk_colour,
)
from patrolplan.products.theatre_map import build_theatre_map
from patrolplan.products.theatre_page import render_theatre_page

__all__ = ["draw_hotspots", "render_hotspots", "write_hotspots"]

# One cold hue, so that nobody reads reports as risk, which is warm.
_DENSITY_COLOURS: Final = ("#e3def0", "#c3b8e0", "#9f8dca", "#775fae", "#4f3585")
_HOT_COLOUR: Final = "#1d0f3f"
_OPACITY: Final = 0.7
# The north-east of the map lies beyond the theatre: the legend covers nothing there.
_STYLE: Final = """
@media screen and (min-width: 761px) {
  .pp-legend { justify-self: end; margin: 10px 10px 0 0; }
}"""
# No closer than the cells: they say nothing of a village.
_CLOSEST: Final = 9
_RADIUS_PX: Final = 5.5
_CELL_KEYS: Final = ("incidents", "density", "z", "p", "hot")


def draw_hotspots(hotspots: Any, layers: MapLayers, threat: Any = None) -> folium.Map:
    """Draw hot spots as a folium map, without tiles and without a network.

    Parameters
    ----------
    hotspots
        As :func:`~patrolplan.need.hotspots.estimate_hotspots` returns them.
    layers
        What they are drawn on.
    threat
        As :func:`~patrolplan.need.threat.estimate_threat` returns it, to colour the
        sites by; None leaves them pale.
    """
    return build_theatre_map(
        layers,
        [_draw_hot(hotspots.cells), _draw_sites(layers.population, threat)],
        _find_bounds(hotspots.cells, layers.population),
        below_water=_draw_density(hotspots.cells),
        max_zoom=_CLOSEST,
    )


def render_hotspots(
    hotspots: Any,
    layers: MapLayers,
    *,
    source: str,
    threat: Any = None,
    opinions: Any = None,
    notices: Sequence[Code] = (),
) -> str:
    """Render hot spots as one HTML page that opens with no network.

    Parameters
    ----------
    hotspots, layers, threat
        As for :func:`draw_hotspots`.
    source
        Where the incidents come from.
    opinions
        As :func:`~patrolplan.need.hotspots.compare_with_threat` returns them.
    notices
        What a reader should hear of the incidents.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    folium_map = draw_hotspots(hotspots, layers, threat)
    names = {
        row["id"]: Text(str(row["name"]), str(read_cell(row, "name_fr") or row["name"]))
        for row in read_rows(layers.population)
    }
    refusal = hotspots.refusal
    return render_theatre_page(
        folium_map,
        "hotspots.html",
        subject=mark("Hot spots of incidents"),
        home=_find_bounds(hotspots.cells, layers.population),
        styles=[_STYLE],
        first_day=hotspots.first_day.isoformat(),
        last_day=hotspots.last_day.isoformat(),
        count=hotspots.count,
        left_out=hotspots.left_out,
        hot=int(hotspots.cells["hot"].sum()),
        cells=len(hotspots.cells),
        refusal=None if refusal is None else _word(refusal),
        notices=[_word(code) for code in notices],
        source=source,
        disagreements={
            key: _list_names(opinions, key, names)
            for key in ("hot_but_low", "high_but_not_hot")
        },
        has_opinions=opinions is not None and refusal is None,
        classes=_list_classes(hotspots.cells),
        hot_sample=_sample_hot(),
        has_threat=threat is not None,
        risk_colours=RISK_COLOURS,
        unknown=draw_site_sample(_RADIUS_PX, None, colour=UNKNOWN_COLOUR),
    )


def write_hotspots(path: Path, hotspots: Any, layers: MapLayers, **parts: Any) -> Path:
    """Write hot spots as one HTML page that opens with no network.

    Parameters
    ----------
    path
        The file; it is replaced whole, never half.
    hotspots, layers, **parts
        As for :func:`render_hotspots`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    return write_page(path, render_hotspots(hotspots, layers, **parts))


def _word(code: Code) -> Text:
    return render_code_text(code.code, code.values, kind="notice")


def _list_names(opinions: Any, key: str, names: dict[Any, Text]) -> list[Text]:
    if opinions is None:
        return []
    ids = opinions.loc[opinions["opinion"] == key, "site_id"]
    return sorted((names[site] for site in ids), key=lambda text: text.en)


def _find_breaks(cells: Any) -> list[float]:
    """Return the lower ends of the classes of density, each twice the one before."""
    top = float(cells["density"].max()) if len(cells) else 0.0
    return [top / 2**power for power in range(len(_DENSITY_COLOURS), 0, -1)]


def _list_classes(cells: Any) -> list[tuple[str, float]]:
    """Return each colour of density with its lower end."""
    if not len(cells):
        return []
    return list(zip(_DENSITY_COLOURS, _find_breaks(cells), strict=True))


def _describe(row: dict[str, Any]) -> dict[str, Any]:
    info = render_template("cell.html", **{key: row[key] for key in _CELL_KEYS})
    return {"info": str(info), "density": row["density"], "hot": bool(row["hot"])}


def _draw_density(cells: Any) -> folium.FeatureGroup | None:
    breaks = _find_breaks(cells)
    drawn = cells[cells["density"] >= breaks[0]] if len(cells) else cells
    if not len(drawn):
        return None
    group = folium.FeatureGroup(
        name=name_layer(mark("Density of incidents")), control=False
    )

    def style(found: dict[str, Any]) -> dict[str, Any]:
        step = int(np.searchsorted(breaks, found["density"], side="right")) - 1
        colour = _DENSITY_COLOURS[step]
        return {
            "stroke": False,
            "fillColor": colour,
            "fillOpacity": _OPACITY,
        }

    add_shapes(group, drawn, style, describe=_describe)
    return group


def _draw_hot(cells: Any) -> folium.FeatureGroup | None:
    hot = cells[cells["hot"].to_numpy(bool)] if len(cells) else cells
    if not len(hot):
        return None
    group = folium.FeatureGroup(name=name_layer(mark("Hot spots (Gi*)")), control=False)
    add_shapes(
        group,
        hot,
        lambda _: {
            "color": _HOT_COLOUR,
            "weight": 2.4,
            "fillColor": _HOT_COLOUR,
            "fillOpacity": 0.08,
        },
        describe=_describe,
    )
    return group


def _sample_hot() -> Markup:
    return Markup(  # noqa: S704
        '<svg class="pp-dot" width="18" height="14" aria-hidden="true">'
        f'<rect x="2" y="2" width="14" height="10" fill="{_HOT_COLOUR}" '
        f'fill-opacity=".08" stroke="{_HOT_COLOUR}" stroke-width="2.4"/></svg>'
    )


def _draw_sites(population: Any, threat: Any) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name_layer(mark("Sites")), control=False)
    levels: dict[Any, float] = {}
    if threat is not None:
        levels = dict(zip(threat["site_id"], threat["threat"], strict=True))
    for row in read_rows(population):
        spot = [round(row["geometry"].y, 5), round(row["geometry"].x, 5)]
        fill = find_risk_colour(levels.get(row["id"])) if levels else "#fffdf6"
        circle = draw_site_circle(spot, _RADIUS_PX, fill)
        circle.options["interactive"] = False
        circle.add_to(group)
        name = Text(str(row["name"]), str(read_cell(row, "name_fr") or row["name"]))
        people = read_cell(row, "population")
        draw_site_label(name, people, spot, _RADIUS_PX).add_to(group)
    return group


def _find_bounds(cells: Any, population: Any) -> list[list[float]]:
    """Return the corners of the sites and of the cells that are drawn."""
    drawn: Iterable[Any] = [population]
    if len(cells):
        drawn = [population, cells[cells["density"] >= _find_breaks(cells)[0]]]
    boxes = np.array([frame.total_bounds for frame in drawn if len(frame)])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return [[float(south), float(west)], [float(north), float(east)]]
