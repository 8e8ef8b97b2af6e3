"""A campaign on one page: a map that plays its months, chart, and waits as a table."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import folium

from patrolplan.campaign import Campaign
from patrolplan.layers import Layers
from patrolplan.planfile import PlanFile
from patrolplan.products.campaign_chart import draw_chart, list_series
from patrolplan.products.campaign_rows import (
    MonthCell,
    SiteRow,
    describe_campaign,
    find_campaign_status,
    list_month_rows,
    list_site_rows,
    tabulate_months,
    tabulate_visits,
)
from patrolplan.products.canvas import find_corners
from patrolplan.products.catalogue import mark
from patrolplan.products.files import write_folder
from patrolplan.products.markup import (
    build_popup,
    key_by_attribute,
    name_layer,
    read_template,
)
from patrolplan.products.pack import PackKind, write_pack
from patrolplan.products.rows import word_status
from patrolplan.products.site_circles import draw_site_circle, draw_site_label
from patrolplan.products.symbols import BASE_BLUE, find_site_radius, style_patrol
from patrolplan.products.tables import format_csv
from patrolplan.products.theatre_map import build_theatre_map
from patrolplan.products.theatre_page import render_theatre_page
from patrolplan.products.wholeness import (
    check_place,
    clear_draft,
    find_draft_folder,
    replace_pack,
)

__all__ = [
    "draw_campaign",
    "find_wait_class",
    "render_campaign_page",
    "write_campaign",
    "write_month",
]

_POPUP_HEIGHT_PX: Final = 340
_DIGITS: Final = 4
WAITS: Final = (
    (14, "#1c7450", "#ffffff"),
    (30, "#93cd9c", "#2b2a27"),
    (60, "#f9e3a6", "#2b2a27"),
    (90, "#ee9a3a", "#2b2a27"),
    (None, "#8a2f04", "#ffffff"),
)
"""Up to so many days since a visit: fill, and the ink that reads on it."""
NEVER: Final = ("#fffdf6", "#2b2a27")
"""Of a site without a visit on record."""


def find_wait_class(days_since: int | None) -> int:
    """Return which of the classes of waiting a site is of; -1 where never visited.

    Parameters
    ----------
    days_since
        Days since its last visit, None if there is none on record.
    """
    if days_since is None:
        return -1
    return next(
        number
        for number, (most, *_) in enumerate(WAITS)
        if most is None or days_since <= most
    )


def write_month(
    plan: PlanFile, layers: Layers, folder: Path, kind: PackKind = "map"
) -> None:
    """Write the pack of a month: all of it, or nothing.

    Parameters
    ----------
    plan, layers
        What was planned, and what its map is drawn on.
    folder
        Of the pack.
    kind
        How much of it.

    Raises
    ------
    OSError
        If it cannot be written, or something else stands in its place.
    """
    clear_draft(folder)
    check_place(folder)
    draft = find_draft_folder(folder)
    try:
        write_pack(plan, layers, draft, kind=kind)
        replace_pack(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def draw_campaign(
    found: Campaign,
    places: dict[str, str] | None = None,
    groups: dict[str, str] | None = None,
) -> folium.Map:
    """Draw a campaign as a folium map, without tiles or network: its last month.

    Parameters
    ----------
    found
        The campaign; one month of it at least was planned.
    places
        Filled with the name of each site's circle in the page, by its id.
    groups
        Filled with the name of the group of the ways of each month, by its number.
    """
    shown = []
    last = max(m.number for m in found.months if m.plan is not None)
    for month in found.months:
        if month.plan is None:
            continue
        ways = _draw_ways(month.plan, shown=month.number == last)
        shown.append(ways)
        if groups is not None:
            groups[str(month.number)] = ways.get_name()
    shown.append(_draw_sites(list_site_rows(found), places))
    return build_theatre_map(found.layers, shown, find_corners(found.visits))


def render_campaign_page(found: Campaign, *, has_maps: bool = True) -> str:
    """Render a campaign as one page that opens with no network.

    Parameters
    ----------
    found
        The campaign; one month of it at least was planned.
    has_maps
        Whether the packs beside it hold maps, to which it then leads.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    places: dict[str, str] = {}
    groups: dict[str, str] = {}
    folium_map = draw_campaign(found, places, groups)
    sites, months = list_site_rows(found), list_month_rows(found)
    shown = [site for site in sites if not site.held]
    status = find_campaign_status(found)
    return render_theatre_page(
        folium_map,
        "campaign.html",
        subject=mark("Campaign"),
        home=find_corners(found.visits),
        places=places,
        styles=[
            read_template(f"{name}.css")
            for name in ("tools", "risk", "sortable", "campaign")
        ],
        scripts=[read_template("sorting.js"), read_template("campaign.js")],
        data={
            "campaign": {
                "months": [month.number for month in months],
                "ways": groups,
                "fills": [NEVER[0], *(fill for _, fill, _ in WAITS), BASE_BLUE],
                "sites": key_by_attribute(
                    {
                        site.id: [_number_fill(cell) for cell in site.cells]
                        for site in shown
                    }
                ),
            }
        },
        title=found.scenario.title or found.scenario.name,
        status=word_status(status),
        is_draft=status == "draft",
        months=months,
        sites=shown,
        held=[site for site in sites if site.held],
        chart=draw_chart(months),
        series=list_series(),
        waits=WAITS,
        never=NEVER,
        held_fill=BASE_BLUE,
        find_class=find_wait_class,
        link="map.html" if has_maps else "plan.json",
        month_days=found.scenario.horizon_days,
        visited=max(month.sites_so_far for month in months),
    )


def write_campaign(
    found: Campaign, folder: Path, *, has_maps: bool = True
) -> dict[str, Path]:
    """Write ``campaign.html``, ``campaign.json`` and the tables beside the packs.

    Parameters
    ----------
    found
        The campaign; without a month that was planned there is no page.
    folder
        Where; it is made if it is missing.
    has_maps
        Whether the packs hold maps.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    told = json.dumps(
        describe_campaign(found), ensure_ascii=False, indent=1, allow_nan=False
    )
    contents = {
        "campaign.csv": format_csv(tabulate_months(found)),
        "campaign-sites.csv": format_csv(tabulate_visits(found)),
        "campaign.json": told + "\n",
    }
    if any(month.plan is not None for month in found.months):
        page = render_campaign_page(found, has_maps=has_maps)
        contents = {"campaign.html": page, **contents}
    return write_folder(folder, contents)


def _number_fill(cell: MonthCell) -> int:
    """Return the number of a site's fill among those that the page's script knows."""
    return 1 + (len(WAITS) if cell.held else find_wait_class(cell.days_since))


def _draw_ways(plan: PlanFile, *, shown: bool) -> folium.FeatureGroup:
    group = folium.FeatureGroup(
        name=name_layer(mark("Patrols")), control=False, show=shown, overlay=True
    )
    for number, patrol in enumerate(plan.patrols, start=1):
        style = style_patrol(number)
        points: list[list[float]] = []
        for leg in patrol.legs:
            for lon, lat, *_ in leg.geometry.coordinates:
                point = [round(lat, _DIGITS), round(lon, _DIGITS)]
                if points[-1:] != [point]:
                    points.append(point)
        line: Any = folium.PolyLine(  # type: ignore[no-untyped-call]
            points,
            color=style.colour,
            weight=3.4,
            opacity=0.85,
            dash_array=style.dash,
            interactive=False,
        )
        line.options["pane"] = "pp-ground"
        line.add_to(group)
    return group


def _draw_sites(
    sites: Sequence[SiteRow], places: dict[str, str] | None
) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=name_layer(mark("Sites")), control=False)
    for site in sorted(sites, key=lambda site: site.id):
        spot = [round(site.lat, 5), round(site.lon, 5)]
        radius = find_site_radius(site.people)
        last = site.cells[-1]
        waits = find_wait_class(last.days_since)
        fill = WAITS[waits][1] if waits >= 0 else NEVER[0]
        if site.held or last.held:
            fill = BASE_BLUE
        circle = draw_site_circle(spot, radius, fill, dashed=site.people is None)
        popup = build_popup("campaign_site.html", site=site)
        popup.options["max_height"] = _POPUP_HEIGHT_PX
        popup.add_to(circle)
        circle.add_to(group)
        draw_site_label(site.name, site.people, spot, radius).add_to(group)
        if places is not None:
            places[site.id] = circle.get_name()
    return group
