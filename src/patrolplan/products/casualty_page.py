"""The map of a theatre's casualty clock: where surgery is near, far, and could be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import shapely

from patrolplan.casualty_gaps import CasualtyGaps
from patrolplan.geodesy import WGS84
from patrolplan.products.basemap import add_shapes
from patrolplan.products.canvas import find_corners
from patrolplan.products.casualty_shapes import build_reach, cut_lines
from patrolplan.products.casualty_signs import (
    CLOCK_FILLS,
    CLOCK_STROKES,
    draw_care_sign,
    draw_samples,
    draw_star,
)
from patrolplan.products.casualty_theatre import (
    BestRow,
    PlaceRow,
    list_best,
    list_places,
    word_unit,
)
from patrolplan.products.catalogue import Text, mark
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

__all__ = ["draw_casualty", "render_casualty_page", "write_casualty_page"]

_POPUP_HEIGHT_PX: Final = 330
_BEST_SHOWN: Final = 5
_TOGETHER_DEG: Final = 0.15


def draw_casualty(
    gaps: CasualtyGaps, weight: str = "people", places: dict[str, str] | None = None
) -> folium.Map:
    """Draw the casualty clock of a theatre as a folium map, without tiles or network.

    Parameters
    ----------
    gaps
        The theatre.
    weight
        ``people`` or ``need``: by what the best places are chosen.
    places
        Filled with the name of each sign in the page, by its id.
    """
    day, night = (build_reach(gaps.clock, by_night=dark) for dark in (False, True))
    known = {} if places is None else places
    rows = list_places(gaps)
    shown = [
        _draw_lines(gaps, rows, day, night),
        _draw_sites(rows, known),
        _draw_medical(gaps),
        _draw_best(list_best(gaps, weight, _BEST_SHOWN), known),
    ]
    return build_theatre_map(
        gaps.layers,
        shown,
        find_corners(gaps.layers.population),
        below_water=_draw_reach(gaps, day, night),
    )


def render_casualty_page(gaps: CasualtyGaps, *, weight: str = "people") -> str:
    """Render the casualty clock of a theatre as one page that opens with no network.

    Parameters
    ----------
    gaps, weight
        As for :func:`draw_casualty`.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    places: dict[str, str] = {}
    folium_map = draw_casualty(gaps, weight, places)
    rows = list_places(gaps)
    sites = [row for row in rows if row.kind == "site"]
    scenario = gaps.scenario
    medical = _list_medical(gaps)
    return render_theatre_page(
        folium_map,
        "casualty.html",
        subject=mark("Casualty clock"),
        home=find_corners(gaps.layers.population),
        places=places,
        styles=[read_template("risk.css"), read_template("casualty.css")],
        title=scenario.title or scenario.name,
        as_of=gaps.as_of.isoformat(),
        figures=gaps.clock.figures,
        radius_km={
            when: gaps.clock.find_flight_km(by_night=when == "night") / 2
            for when in ("day", "night")
        },
        beyond=[row for row in sites if row.state in ("beyond", "unknown")],
        day_only=[row for row in sites if row.state == "day"],
        within=[row for row in sites if row.state == "night"],
        people_beyond=sum(
            row.people or 0 for row in sites if row.state in ("beyond", "unknown")
        ),
        lines_beyond=[
            row
            for row in rows
            if row.kind == "line" and row.state in ("beyond", "unknown")
        ],
        lines=sum(row.kind == "line" for row in rows),
        best=[
            (word_unit(unit), ranked)
            for unit, ranked in list_best(gaps, weight, _BEST_SHOWN).items()
        ],
        weight=weight,
        medical=medical,
        assumed=any(row["assumed"] for row in medical),
        samples=draw_samples(),
    )


def write_casualty_page(path: Path, gaps: CasualtyGaps, **parts: Any) -> Path:
    """Write the casualty clock of a theatre as one page that opens with no network.

    Parameters
    ----------
    path
        The file; it is replaced whole, never half.
    gaps, **parts
        As for :func:`render_casualty_page`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    return write_page(path, render_casualty_page(gaps, **parts))


def _list_medical(gaps: CasualtyGaps) -> list[dict[str, Any]]:
    """Return the sites of care that stand on the day, with what is known of each."""
    ready = {site.id for site in gaps.clock.sites}
    return [
        {
            "name": Text(str(row.name), str(row.name_fr or row.name)),
            "assumed": row.assumed is True,
            "by_night": row.by_night is not False,
            "source": row.source,
            "confidence": row.confidence,
            "note": row.note,
        }
        for row in gaps.layers.medical.sort_values("id").itertuples()
        if row.id in ready
    ]


def _draw_reach(gaps: CasualtyGaps, day: Any, night: Any) -> folium.FeatureGroup:
    group = folium.FeatureGroup(
        name=name_layer(mark("Within the clock")), control=False
    )
    area = shapely.box(*gaps.scenario.area)
    shapes = {
        "beyond": shapely.difference(area, day),
        "day": shapely.difference(day, night),
        "night": night,
    }
    kept = {state: shape for state, shape in shapes.items() if not shape.is_empty}
    frame = gpd.GeoDataFrame(
        {"state": list(kept)}, geometry=list(kept.values()), crs=WGS84
    )
    told = {
        "beyond": mark("Beyond the casualty clock"),
        "day": mark("Within the casualty clock by day only"),
        "night": mark("Within the casualty clock by day and by night"),
    }

    def describe(row: dict[str, Any]) -> dict[str, Any]:
        return {"info": name_layer(told[row["state"]]), "state": row["state"]}

    def style(found: dict[str, Any]) -> dict[str, Any]:
        state = found["state"]
        return {
            "color": CLOCK_FILLS[state],
            "weight": 0 if state == "beyond" else 1.6,
            "opacity": 0.9,
            "fillColor": CLOCK_FILLS[state],
            "fillOpacity": 0.11 if state == "beyond" else 0.2,
        }

    add_shapes(group, frame, style, describe=describe)
    return group


def _draw_lines(
    gaps: CasualtyGaps, rows: Sequence[PlaceRow], day: Any, night: Any
) -> folium.FeatureGroup | None:
    if not len(gaps.layers.lines):
        return None
    group = folium.FeatureGroup(name=name_layer(mark("Lines")), control=False)
    lines = gaps.layers.lines[gaps.layers.lines["kind"] != "river"]
    parts = cut_lines(lines, day, night)
    ids = lines["id"].to_list()
    by_id = {row.id: row for row in rows if row.kind == "line"}

    def describe(found: dict[str, Any]) -> dict[str, Any]:
        info = render_template("casualty_line.html", row=by_id[ids[found["row"]]])
        return {"info": str(info), "state": found["state"]}

    def style(found: dict[str, Any]) -> dict[str, Any]:
        stroke = CLOCK_STROKES[found["state"]]
        return {
            "color": stroke.colour,
            "weight": stroke.width_px,
            "dashArray": stroke.dash,
            "opacity": 0.9,
            "fill": False,
        }

    add_shapes(group, parts, style, describe=describe)
    return group


def _draw_sites(
    rows: Sequence[PlaceRow], places: dict[str, str]
) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name_layer(mark("Sites")), control=False)
    sites = [row for row in rows if row.kind == "site"]
    # Small circles are drawn last: a village beside a town stays in reach of a click.
    for row in sorted(sites, key=lambda row: (-(row.people or 0), row.id)):
        people = None if row.people is None else int(row.people)
        radius = find_site_radius(people)
        spot = [round(row.lat, 5), round(row.lon, 5)]
        circle = draw_site_circle(
            spot,
            radius,
            CLOCK_FILLS[row.state],
            dashed=people is None,
            state=row.state,
        )
        popup = build_popup("casualty_site.html", row=row)
        popup.options["max_height"] = _POPUP_HEIGHT_PX
        popup.add_to(circle)
        circle.add_to(group)
        places[row.id] = circle.get_name()
        draw_site_label(row.name, people, spot, radius).add_to(group)
    return group


def _draw_medical(gaps: CasualtyGaps) -> folium.FeatureGroup | None:
    if not gaps.clock.sites:
        return None
    group = folium.FeatureGroup(name=name_layer(mark("Sites of care")), control=False)
    for site in gaps.clock.sites:
        # Two that stand together lie side by side, above the town.
        anchor = (19, 30) if site.kind == "helicopter" else (-1, 30)
        folium.Marker(
            [round(site.lat, 5), round(site.lon, 5)],
            icon=folium.DivIcon(
                html=str(draw_care_sign(site.kind)),
                icon_size=(18, 18),
                icon_anchor=anchor,
                class_name="pp-sign pp-care pp-base",
            ),
            pane="pp-signs",
            interactive=False,
            keyboard=False,
        ).add_to(group)
    return group


def _draw_best(
    best: dict[str, tuple[BestRow, ...]], places: dict[str, str]
) -> folium.FeatureGroup | None:
    """Draw a star at each place that is the best for some unit."""
    group = folium.FeatureGroup(name=name_layer(mark("Best places")), control=False)
    spots: list[list[tuple[Text, BestRow]]] = []
    for unit, ranked in best.items():
        for row in ranked:
            # A town and its airfield are one star.
            home = next((s for s in spots if _stand_together(s[0][1], row)), None)
            if home is None:
                home = []
                spots.append(home)
            home.append((word_unit(unit), row))
    for found in spots:
        row = found[0][1]
        leads = any(other.rank == 1 for _, other in found)
        marker = folium.Marker(
            [round(row.lat, 5), round(row.lon, 5)],
            icon=folium.DivIcon(
                html=str(draw_star(leads=leads)),
                icon_size=(22, 22),
                # Below its place, where no sign of care stands.
                icon_anchor=(11, -7),
                popup_anchor=(0, 8),
                class_name=f"pp-sign pp-best{' pp-cross' if leads else ''}",
            ),
            pane="pp-signs",
            keyboard=False,
        )
        popup = build_popup("casualty_best.html", found=found)
        popup.options["max_height"] = _POPUP_HEIGHT_PX
        popup.add_to(marker)
        marker.add_to(group)
        places |= {f"best:{r.kind}:{r.id}": marker.get_name() for _, r in found}
    return group if spots else None


def _stand_together(one: BestRow, other: BestRow) -> bool:
    return (
        abs(one.lon - other.lon) < _TOGETHER_DEG
        and abs(one.lat - other.lat) < _TOGETHER_DEG
    )
