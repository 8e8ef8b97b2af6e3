"""Patrols on the map: the way, numbered stops with their times, and night halts."""

from __future__ import annotations

from collections import Counter
from typing import Final

import folium

from patrolplan.products.markup import build_popup, render_template
from patrolplan.products.rows import PatrolRow, StopRow
from patrolplan.products.symbols import Handles, PatrolStyle, draw_halt_sign

__all__ = ["draw_patrol"]

_AT_SITE_DEG: Final = 0.05


def draw_patrol(
    row: PatrolRow,
    style: PatrolStyle,
    stacked: Counter[tuple[str, float, float]],
    zone_name: str,
    name: str,
    handles: Handles,
) -> folium.FeatureGroup:
    """Draw one patrol: its way, numbered stops with their times, and its halts.

    Parameters
    ----------
    row
        The patrol.
    style
        Its colour, dash and slot.
    stacked
        How many signs stand at a place already, so that no sign hides another; it is
        counted on.
    zone_name
        Whose clock the times are of.
    name
        Name of the layer, as HTML.
    handles
        Filled with the group, the lines of the legs and the signs of the stops.
    """
    group = folium.FeatureGroup(name=name, control=False)
    mine = f"pp-patrol pp-of-{row.number} pp-slot{style.slot}"
    ways = [
        [[round(lat, 5), round(lon, 5)] for lon, lat in leg.geometry.coordinates]
        for leg in row.legs
    ]
    casing = folium.PolyLine(  # type: ignore[no-untyped-call]
        ways,
        color="#fffdf6",
        weight=6.5,
        opacity=0.85,
        interactive=False,
        class_name=f"{mine} pp-casing",
    )
    casing.options.update(pane="pp-plan", interactive=False)
    casing.add_to(group)
    drawn = handles.legs.setdefault(str(row.number), [])
    for number, (leg, way) in enumerate(zip(row.legs, ways, strict=True)):
        line = folium.PolyLine(  # type: ignore[no-untyped-call]
            way,
            color=style.colour,
            weight=3.4,
            opacity=1,
            dash_array=style.dash,
            line_cap="butt" if style.dash else "round",
            class_name=f"{mine} pp-way",
        )
        line.options["pane"] = "pp-plan"
        tip = render_template(
            "leg.html",
            patrol=row,
            leg=leg,
            start=row.stops[number],
            end=row.stops[number + 1],
            zone=zone_name,
        )
        folium.Tooltip(str(tip), sticky=True, class_name="pp-tip").add_to(line)
        line.add_to(group)
        drawn.append(line.get_name())
    lead = _find_lead(row)
    for stop in row.stops:
        if stop.kind in {"visit", "halt"}:
            _draw_stop(
                group, row, stop, style, stacked, zone_name, handles, lead=stop is lead
            )
    handles.groups[str(row.number)] = group.get_name()
    return group


def _find_lead(row: PatrolRow) -> StopRow | None:
    """Return the visit that bears the patrol's number when the map is small."""
    base = row.stops[0]
    visits = [stop for stop in row.stops if stop.kind == "visit"]
    return max(
        visits,
        key=lambda stop: abs(stop.lon - base.lon) + abs(stop.lat - base.lat),
        default=None,
    )


def _halts_at_site(row: PatrolRow, halt: StopRow) -> bool:
    return any(
        stop.kind == "visit"
        and abs(stop.lon - halt.lon) < _AT_SITE_DEG
        and abs(stop.lat - halt.lat) < _AT_SITE_DEG
        for stop in row.stops
    )


def _draw_stop(
    group: folium.FeatureGroup,
    row: PatrolRow,
    stop: StopRow,
    style: PatrolStyle,
    stacked: Counter[tuple[str, float, float]],
    zone_name: str,
    handles: Handles,
    *,
    lead: bool,
) -> None:
    place = (round(stop.lat, 1), round(stop.lon, 1))
    if stop.kind == "halt":
        sign = f'<div class="pp-halt">{draw_halt_sign(style.colour)}'
        anchor = (9, 9)
        if _halts_at_site(row, stop):
            # At the lower left of the site's circle, further ones to the left.
            anchor = (22 + 19 * stacked["halt", *place], -3)
            stacked["halt", *place] += 1
    else:
        sign = (
            f'<div class="pp-stop{" pp-lead" if lead else ""}" '
            f'style="background:{style.colour};color:{style.ink}">'
            f'{row.number}<span class="pp-sub-number">.{stop.number}</span>'
        )
        anchor = (-4 - 30 * stacked["visit", *place], 26)
        stacked["visit", *place] += 1
    time = f'<span class="pp-time">{stop.date[5:]} {stop.arrive}</span></div>'
    marker = folium.Marker(
        [round(stop.lat, 5), round(stop.lon, 5)],
        icon=folium.DivIcon(
            html=sign + time,
            icon_size=(18, 18),
            icon_anchor=anchor,
            popup_anchor=(9 - anchor[0], 4 - anchor[1]),
            class_name=f"pp-sign pp-patrol pp-of-{row.number}",
        ),
        pane="pp-stops",
        keyboard=False,
    )
    popup = build_popup("stop.html", patrol=row, stop=stop, zone=zone_name, style=style)
    popup.add_to(marker)
    marker.add_to(group)
    handles.stops[f"{row.number}.{stop.index}"] = marker.get_name()
