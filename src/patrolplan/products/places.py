"""Places on the map: sites, bases, their names, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import folium

from patrolplan.planfile import BaseEntry, PlanFile, SiteEntry
from patrolplan.products.catalogue import Text
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.markup import build_popup, render_both
from patrolplan.products.rows import (
    MapLayers,
    PatrolRow,
    PlanDigest,
    StopRow,
    UncoveredRow,
)
from patrolplan.products.symbols import (
    INK,
    UNKNOWN_COLOUR,
    Handles,
    draw_base_sign,
    draw_uncovered_sign,
    find_risk_colour,
    find_site_radius,
)

__all__ = [
    "SiteFacts",
    "draw_bases",
    "draw_labels",
    "draw_sites",
    "draw_uncovered",
    "gather_site_facts",
]

# A base within this distance stands in the town, and one name serves both.
_SAME_PLACE_DEG: Final = 0.03


@dataclass(frozen=True)
class SiteFacts:
    """What layers know of a site and a plan file does not; None where they do not.

    Parameters
    ----------
    population_year, population_scope, population_source
        Year of the figure, what it is of (such as ``commune``), and where it is from.
    aliases
        Further names, joined by ``|``.
    markets
        Markets near it: name and weekday.
    """

    population_year: Any = None
    population_scope: Any = None
    population_source: Any = None
    aliases: Any = None
    markets: tuple[tuple[str, str], ...] = ()


def gather_site_facts(layers: MapLayers | None) -> Mapping[str, SiteFacts]:
    """Gather what the layers know of each site, by its id.

    Parameters
    ----------
    layers
        The layers, or None.
    """
    if layers is None:
        return {}
    markets: dict[str, list[tuple[str, str]]] = {}
    for row in read_rows(layers.markets):
        key = read_cell(row, "near_site_id")
        if key is not None:
            pair = (str(read_cell(row, "name") or ""), str(read_cell(row, "day") or ""))
            markets.setdefault(str(key), []).append(pair)
    return {
        str(row.get("id")): SiteFacts(
            population_year=_read_year(row),
            population_scope=read_cell(row, "population_scope"),
            population_source=read_cell(row, "population_source"),
            aliases=read_cell(row, "aliases"),
            markets=tuple(sorted(markets.get(str(row.get("id")), []))),
        )
        for row in read_rows(layers.population)
    }


def _read_year(row: dict[str, Any]) -> str | None:
    year = read_cell(row, "population_year")
    return None if year in (None, "") else str(year).removesuffix(".0")


def _find_visits(digest: PlanDigest) -> dict[str, list[tuple[PatrolRow, StopRow]]]:
    visits: dict[str, list[tuple[PatrolRow, StopRow]]] = {}
    for patrol in digest.patrols:
        for stop in patrol.stops:
            if stop.kind == "visit" and stop.site_id is not None:
                visits.setdefault(stop.site_id, []).append((patrol, stop))
    return visits


def draw_sites(
    plan: PlanFile,
    digest: PlanDigest,
    facts: Mapping[str, SiteFacts],
    name: str,
    handles: Handles,
) -> folium.FeatureGroup:
    """Draw every site: its area by people, its fill by risk, a ring where unknown.

    Parameters
    ----------
    plan, digest
        The plan and its rows.
    facts
        What layers know of each site.
    name
        Name of the layer, as HTML.
    handles
        Filled with the circle of each site.
    """
    group = folium.FeatureGroup(name=name, control=False)
    visits = _find_visits(digest)
    uncovered = {row.site.id: row for row in digest.uncovered}
    # Small circles are drawn last: a village beside a town stays in reach of a click.
    for site in sorted(plan.sites, key=lambda site: (-(site.population or 0), site.id)):
        fill = find_risk_colour(site.risk)
        circle = folium.CircleMarker(
            [round(site.lat, 5), round(site.lon, 5)],
            radius=find_site_radius(site.population),
            color=INK if fill else UNKNOWN_COLOUR,
            weight=1.2 if fill else 2.4,
            dash_array="2.5 2" if site.population is None and fill else None,
            fill=True,
            fill_color=fill or "#fffdf6",
            fill_opacity=0.95 if fill else 0.25,
            class_name="pp-site",
        )
        circle.options["pane"] = "pp-plan"
        build_popup(
            "site.html",
            site=site,
            name=digest.names.find(site.id),
            facts=facts.get(site.id, SiteFacts()),
            visits=visits.get(site.id, []),
            uncovered=uncovered.get(site.id),
            zone=digest.zone_name,
            illustrative=digest.illustrative,
        ).add_to(circle)
        circle.add_to(group)
        handles.places[site.id] = circle.get_name()
    return group


def draw_uncovered(
    rows: tuple[UncoveredRow, ...], name: str
) -> folium.FeatureGroup | None:
    """Mark every site that no patrol visits and no base holds.

    Parameters
    ----------
    rows
        The sites without a visit.
    name
        Name of the layer, as HTML.
    """
    shown = [row for row in rows if row.group in {"open", "unknown"}]
    if not shown:
        return None
    group = folium.FeatureGroup(name=name, control=False)
    for row in shown:
        reach = find_site_radius(row.site.population) * 0.71 + 3
        folium.Marker(
            [round(row.site.lat, 5), round(row.site.lon, 5)],
            icon=folium.DivIcon(
                html=str(draw_uncovered_sign(row.group)),
                icon_size=(14, 14),
                # At the lower right of the circle, clear of stop numbers above.
                icon_anchor=(round(7 - reach), round(7 - reach)),
                class_name="pp-sign pp-cross",
            ),
            pane="pp-signs",
            interactive=False,
            keyboard=False,
        ).add_to(group)
    return group


def draw_bases(
    plan: PlanFile, digest: PlanDigest, name: str, handles: Handles
) -> folium.FeatureGroup:
    """Draw a flag at every base of the plan.

    Parameters
    ----------
    plan, digest
        The plan and its rows.
    name
        Name of the layer, as HTML.
    handles
        Filled with the flag of each base.
    """
    group = folium.FeatureGroup(name=name, control=False)
    for base in plan.bases:
        marker = folium.Marker(
            [round(base.lat, 5), round(base.lon, 5)],
            icon=folium.DivIcon(
                html=str(draw_base_sign()),
                icon_size=(22, 24),
                icon_anchor=(4, 22),
                popup_anchor=(6, -20),
                class_name="pp-sign pp-base",
            ),
            pane="pp-signs",
            keyboard=False,
        )
        build_popup(
            "base.html",
            name=digest.names.find(base.id),
            teams=[team for team in plan.teams if team.base_id == base.id],
            patrols=[
                row
                for row, entry in zip(digest.patrols, plan.patrols, strict=True)
                if entry.base_id == base.id
            ],
        ).add_to(marker)
        marker.add_to(group)
        handles.places[base.id] = marker.get_name()
    return group


def draw_labels(plan: PlanFile, digest: PlanDigest, name: str) -> folium.FeatureGroup:
    """Write the names of sites and bases; the page's script keeps them apart.

    Parameters
    ----------
    plan, digest
        The plan and its rows.
    name
        Name of the layer, as HTML.
    """
    group = folium.FeatureGroup(name=name, control=False)
    bases = list(plan.bases)
    visited = _find_visits(digest)
    places: list[tuple[int, str, Text, float, float, float]] = []
    for site in plan.sites:
        base = next((base for base in bases if _stand_together(base, site)), None)
        if base is not None:
            bases.remove(base)
        rank = _rank_site(site, visited=site.id in visited)
        kind = "base" if base is not None else "town" if rank < 3 else "village"
        places.append(
            (
                0 if base is not None else rank,
                kind,
                digest.names.find(site.id),
                site.lat,
                site.lon,
                find_site_radius(site.population),
            )
        )
    places.extend(
        (0, "base", digest.names.find(base.id), base.lat, base.lon, 4.0)
        for base in bases
    )
    for rank, kind, text, lat, lon, radius in places:
        html = (
            f'<div class="pp-label pp-label-{kind} pp-rank-{rank}" '
            f'data-rank="{rank}" data-reach="{radius:g}">{render_both(text)}</div>'
        )
        folium.Marker(
            [round(lat, 5), round(lon, 5)],
            icon=folium.DivIcon(html=html, icon_size=(0, 0), class_name="pp-anchor"),
            pane="pp-labels",
            interactive=False,
            keyboard=False,
        ).add_to(group)
    return group


def _stand_together(base: BaseEntry, site: SiteEntry) -> bool:
    return (
        abs(base.lon - site.lon) < _SAME_PLACE_DEG
        and abs(base.lat - site.lat) < _SAME_PLACE_DEG
    )


def _rank_site(site: SiteEntry, *, visited: bool) -> int:
    people = site.population or 0
    rank = 1 if people >= 20_000 else 2 if people >= 8_000 else 3
    return max(1, rank - visited)
