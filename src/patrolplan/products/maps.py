"""The folium map of a plan, and the page that holds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import folium
from folium.plugins import GroupedLayerControl

from patrolplan.planfile import PlanFile
from patrolplan.products.basemap import (
    draw_airfields,
    draw_land,
    draw_lines,
    draw_water,
    draw_zones,
    find_line_keys,
)
from patrolplan.products.canvas import build_canvas
from patrolplan.products.catalogue import Text, mark, translate_text
from patrolplan.products.closed_lines import find_season, mark_closed
from patrolplan.products.digest import digest_plan
from patrolplan.products.files import write_page, write_whole
from patrolplan.products.grids import Bounds, draw_graticule, draw_mgrs
from patrolplan.products.markup import render_both
from patrolplan.products.page import render_page
from patrolplan.products.passing import draw_presence
from patrolplan.products.patrols import draw_patrol
from patrolplan.products.places import (
    draw_bases,
    draw_labels,
    draw_sites,
    draw_uncovered,
    gather_site_facts,
)
from patrolplan.products.playing import add_puck
from patrolplan.products.release import ReleaseError, read_profile, render_release_page
from patrolplan.products.relief import draw_relief
from patrolplan.products.rows import MapLayers, PlanDigest, word_status
from patrolplan.products.symbols import (
    PRESENCE_STROKE,
    Handles,
    PatrolStyle,
    Stroke,
    assign_slots,
    draw_base_sign,
    draw_line_sample,
    draw_site_sample,
    draw_uncovered_sign,
    find_risk_colour,
    style_patrol,
)

__all__ = ["draw_map", "render_map", "write_map"]

# Room round what is shown at first.
_MARGIN_DEG: Final = 0.25
# In a notebook there is no bar above the map to say so.
_STATUS_STYLE: Final = (
    "position: absolute; left: 50%; top: 8px; transform: translateX(-50%); "
    "z-index: 1000; padding: 1px 8px; background: #ffd94d; color: #1b1b1b; "
    "font: 700 13px sans-serif; pointer-events: none;"
)
# Close enough to tell a halt from the village beside it.
_CLOSEST: Final = 14


@dataclass(frozen=True)
class _Drawing:
    """A map under way.

    Parameters
    ----------
    folium_map, handles
        What is drawn on, and the names of what is drawn.
    digest, styles
        The plan's rows, and how each patrol is drawn, in their order.
    bounds
        South-west and north-east corner to be shown first, lat before lon, degrees.
    """

    folium_map: folium.Map
    digest: PlanDigest
    styles: list[PatrolStyle]
    handles: Handles
    bounds: list[list[float]]


def draw_map(plan: PlanFile, layers: MapLayers | None = None) -> folium.Map:
    """Draw a plan as a folium map, without tiles and without a network.

    In a notebook the map shows as any folium map does; the page that
    :func:`write_map` writes adds the panel, the legend and the switch of language.

    Parameters
    ----------
    plan
        The plan.
    layers
        What to draw it on; None draws the plan alone.

    Raises
    ------
    ReleaseError
        If the plan's release is OPEN or UNCLASSIFIED.
    """
    if _is_wider(plan):
        msg = "a map of this kind shows patrols: for wider circles there is a page only"
        raise ReleaseError(msg)
    drawing = _draw(plan, layers)
    status = render_both(word_status(drawing.digest.status))
    tag = f'<strong style="{_STATUS_STYLE}">{status}</strong>'
    figure: Any = drawing.folium_map.get_root()
    figure.html.add_child(folium.Element(tag))
    return drawing.folium_map


def render_map(plan: PlanFile, layers: MapLayers | None = None) -> str:
    """Render a plan as one HTML page that opens with no network.

    Of a plan whose release is OPEN or UNCLASSIFIED it shows people and places alone.

    Parameters
    ----------
    plan
        The plan.
    layers
        What to draw it on; None draws the plan alone.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    if _is_wider(plan):
        return render_release_page(plan, layers)
    drawing = _draw(plan, layers)
    return render_page(
        drawing.folium_map,
        plan,
        drawing.digest,
        drawing.styles,
        drawing.handles,
        drawing.bounds,
        facts=gather_site_facts(layers),
        has_relief=layers is not None and layers.elevation is not None,
        has_zones=layers is not None and len(layers.zones) > 0,
        line_keys=()
        if layers is None
        else find_line_keys(mark_closed(layers.lines, plan), find_season(plan)),
    )


def write_map(plan: PlanFile, layers: MapLayers | None, path: Path) -> Path:
    """Write a plan as one HTML page that opens with no network.

    Parameters
    ----------
    plan
        The plan.
    layers
        What to draw it on; None draws the plan alone.
    path
        The file; it is replaced whole, never half.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PackError
        If the release is none that patrolplan writes, or a CONFIDENTIAL map would come
        into a folder that is handed on.
    OSError
        If the file cannot be written.
    """
    text = render_map(plan, layers)
    if read_profile(plan.release) == "confidential":
        return write_page(path, text)
    write_whole(path, text)
    return path


def _draw(plan: PlanFile, layers: MapLayers | None) -> _Drawing:
    digest = digest_plan(plan, layers)
    slots = assign_slots(plan.patrols)
    styles = [style_patrol(row.number, slots[row.number - 1]) for row in digest.patrols]
    handles = Handles()
    folium_map = build_canvas(max_zoom=_CLOSEST)
    shapes = dict(_draw_ground(plan, layers, digest))
    patrols = list(_draw_patrols(digest, styles, handles))
    sites = draw_sites(
        plan,
        digest,
        gather_site_facts(layers),
        _name_layer(mark("Sites"), draw_site_sample(5, find_risk_colour(3))),
        handles,
    )
    signs = _draw_signs(plan, digest, layers, handles)
    # Within a pane the order of adding is the order of drawing.
    for group in (*shapes.values(), *patrols, sites):
        group.add_to(folium_map)
        handles.layers.append(group.get_name())
    for group in signs.values():
        group.add_to(folium_map)
    listed: dict[str, list[folium.FeatureGroup | None]] = {
        mark("Patrols"): [*patrols],
        mark("Civilians"): [
            shapes.pop("zones", None),
            sites,
            signs.get("uncovered"),
            signs["labels"],
        ],
        mark("Mission"): [signs["bases"], signs.get("airfields")],
        mark("Ground"): [*shapes.values()],
    }
    groups = {
        str(render_both(translate_text(title))): [item for item in items if item]
        for title, items in listed.items()
        if any(items)
    }
    GroupedLayerControl(  # type: ignore[no-untyped-call]
        groups=groups, exclusive_groups=False, collapsed=True, position="topright"
    ).add_to(folium_map)
    for row, style in zip(digest.patrols, styles, strict=True):
        add_puck(folium_map, row, style, handles)
    bounds = _find_bounds(plan, digest)
    folium_map.fit_bounds(bounds)
    return _Drawing(folium_map, digest, styles, handles, bounds)


def _name_layer(message: str, sample: str = "") -> str:
    # Markup would escape what is added to it.
    return str(sample) + str(render_both(translate_text(message)))


def _draw_ground(
    plan: PlanFile, layers: MapLayers | None, digest: PlanDigest
) -> Iterable[tuple[str, Any]]:
    grids = {
        "graticule": draw_graticule(_find_area(plan, 6), _name_layer(mark("Degrees"))),
        "mgrs": draw_mgrs(
            _find_area(plan, 1), _name_layer(mark("MGRS, squares of 100 km"))
        ),
    }
    if layers is None:
        return ((key, group) for key, group in grids.items() if group is not None)
    water = draw_line_sample(Stroke("#8fbfd3", 2.4))
    ways = draw_line_sample(Stroke("#8b4a3b", 2.6))
    drawn = {
        "land": draw_land(
            layers.regions, layers.borders, _name_layer(mark("Regions and borders"))
        ),
        "relief": None
        if layers.elevation is None
        else draw_relief(
            layers.elevation, _name_layer(mark("Relief")), pane="pp-relief"
        ),
        **grids,
        "zones": draw_zones(
            layers.zones,
            _name_layer(
                mark("Zones of risk to civilians (ILLUSTRATIVE)")
                if digest.illustrative
                else mark("Zones of risk to civilians")
            ),
        ),
        "water": draw_water(
            layers.rivers, layers.lakes, _name_layer(mark("Rivers and lakes"), water)
        ),
        "presence": draw_presence(
            layers.lines,
            digest.on_the_way.driven,
            _name_layer(mark("Lines that earn"), draw_line_sample(PRESENCE_STROKE)),
        ),
        "lines": draw_lines(
            mark_closed(layers.lines, plan),
            find_season(plan),
            _name_layer(mark("Roads, tracks and ferries"), ways),
        ),
    }
    return ((key, group) for key, group in drawn.items() if group is not None)


def _draw_patrols(
    digest: PlanDigest, styles: list[PatrolStyle], handles: Handles
) -> Iterable[folium.FeatureGroup]:
    stacked: Counter[tuple[str, float, float]] = Counter()
    for row, style in zip(digest.patrols, styles, strict=True):
        sample = draw_line_sample(Stroke(style.colour, 3.4, style.dash), cased=True)
        label = Text(f"{row.number} {row.base.en}", f"{row.number} {row.base.fr}")
        name = str(sample) + str(render_both(label))
        yield draw_patrol(row, style, stacked, digest.zone_name, name, handles)


def _draw_signs(
    plan: PlanFile, digest: PlanDigest, layers: MapLayers | None, handles: Handles
) -> dict[str, folium.FeatureGroup]:
    drawn = {
        "uncovered": draw_uncovered(
            digest.uncovered,
            _name_layer(mark("Not covered"), draw_uncovered_sign("open")),
        ),
        "labels": draw_labels(plan, digest, _name_layer(mark("Place names"))),
        "bases": draw_bases(
            plan, digest, _name_layer(mark("Bases"), draw_base_sign()), handles
        ),
    }
    if layers is not None:
        drawn["airfields"] = draw_airfields(
            layers.airfields, _name_layer(mark("Airfields"))
        )
    return {key: group for key, group in drawn.items() if group is not None}


def _is_wider(plan: PlanFile) -> bool:
    """Return whether another map is drawn, which shows nothing of what is planned."""
    try:
        return read_profile(plan.release) != "confidential"
    except ReleaseError:
        # What is no release is shown as it is; no file is written of it.
        return False


def _find_season(plan: PlanFile) -> str:
    return "rains" if plan.scenario.limits.get("season") == "rains" else "dry"


def _find_area(plan: PlanFile, margin_deg: float) -> Bounds:
    """Return the rectangle round all places of a plan, for its grids."""
    spots = [(site.lon, site.lat) for site in plan.sites]
    spots += [(base.lon, base.lat) for base in plan.bases]
    if not spots:
        return -7.0, 13.5, 5.0, 25.0
    lons, lats = zip(*spots, strict=True)
    return (
        max(-180.0, min(lons) - margin_deg),
        max(-80.0, min(lats) - margin_deg),
        min(180.0, max(lons) + margin_deg),
        min(80.0, max(lats) + margin_deg),
    )


def _find_bounds(plan: PlanFile, digest: PlanDigest) -> list[list[float]]:
    """Return the corners of what the plan does; of all its sites if it does nothing."""
    corners = [corner for row in digest.patrols for corner in row.bounds]
    places = [*plan.bases, *(() if corners else plan.sites)]
    lats = [corner[0] for corner in corners] + [place.lat for place in places]
    lons = [corner[1] for corner in corners] + [place.lon for place in places]
    if not lats:
        return [[13.5, -7.0], [25.0, 5.0]]
    return [
        [min(lats) - _MARGIN_DEG, min(lons) - _MARGIN_DEG],
        [max(lats) + _MARGIN_DEG, max(lons) + _MARGIN_DEG],
    ]
