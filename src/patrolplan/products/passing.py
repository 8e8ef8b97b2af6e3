"""What a plan earns on the way, in words and on the map: lines driven, sites passed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final

import folium

from patrolplan.planfile import LegEntry, PlanFile, WaysideEntry
from patrolplan.planning.evidence import Evidence
from patrolplan.planning.passing_rules import find_passings
from patrolplan.products.basemap import add_shapes
from patrolplan.products.catalogue import (
    Text,
    format_day,
    format_number,
    mark,
    translate,
)
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.markup import render_template
from patrolplan.products.rows import LegEarning, MapLayers, OnTheWay, PlaceNames
from patrolplan.products.symbols import PRESENCE_STROKE

__all__ = ["digest_passings", "draw_presence", "name_line", "name_lines"]

_PASSED: Final = mark("Passed near on {date}: earns {share} of its need.")
_DRIVEN: Final = mark("Driven on {date}: earns {need} of need.")


def digest_passings(
    plan: PlanFile, layers: MapLayers | None, zone: tzinfo, names: PlaceNames
) -> OnTheWay:
    """Tell what each leg of a plan earns on the way, as the referee works it out.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give the names of lines; None leaves their ids.
    zone
        Whose calendar says on which day.
    names
        Names of the sites.

    Raises
    ------
    PlanFileError
        If anything earns on the way, and the time zone or a limit of the scenario
        cannot be read.
    """
    if not plan.waysides:
        return OnTheWay({}, {}, {})
    lines = {} if layers is None else name_lines(layers.lines)
    sites = {site.id: site for site in plan.sites}
    legs: dict[tuple[int, int], LegEarning] = {}
    passed: dict[str, Text] = {}
    driven: dict[str, Text] = {}
    needs: dict[str, float] = {}
    for (place, number), found in sorted(find_passings(Evidence(plan)).items()):
        leg = plan.patrols[place].legs[number]
        line_ids = tuple(dict.fromkeys(w.line_id for w in found if w.line_id))
        site_ids = [wayside.site_id for wayside in found if wayside.site_id]
        legs[place, number] = LegEarning(
            need=sum(wayside.need for wayside in found),
            line_ids=line_ids,
            lines=tuple(lines.get(line, Text.same(line)) for line in line_ids),
            sites=tuple(names.find(site) for site in site_ids),
        )
        for wayside in found:
            _word_wayside(wayside, leg, zone, sites, needs, passed, driven)
    return OnTheWay(legs, passed, driven)


def _word_wayside(
    wayside: WaysideEntry,
    leg: LegEntry,
    zone: tzinfo,
    sites: Mapping[str, Any],
    needs: dict[str, float],
    passed: dict[str, Text],
    driven: dict[str, Text],
) -> None:
    """Add what a wayside earns, and when, to the words of its site or line."""
    date = format_day(leg.depart, zone)
    if wayside.site_id is not None:
        need = sites[wayside.site_id].need if wayside.site_id in sites else None
        share = round(100 * wayside.need / need, 1) if need else 0.0
        passed[wayside.site_id] = Text(
            *(
                translate(_PASSED, lang).format(
                    date=date,
                    share=format_number(share, lang, int(share % 1 > 0)) + " %",
                )
                for lang in ("en", "fr")
            )
        )
    elif wayside.line_id is not None:
        line = wayside.line_id
        needs[line] = needs.get(line, 0.0) + wayside.need
        driven[line] = Text(
            *(
                translate(_DRIVEN, lang).format(
                    date=date, need=format_number(needs[line], lang)
                )
                for lang in ("en", "fr")
            )
        )


def name_lines(frame: Any) -> dict[str, Text]:
    """Return the name of each line, by id.

    Parameters
    ----------
    frame
        The lines; one without a name is called by its id.
    """
    return {
        str(key): name_line(row)
        for row in read_rows(frame)
        if (key := read_cell(row, "id")) is not None
    }


def name_line(row: Mapping[str, Any]) -> Text:
    """Return the name of a line in both languages; one without is called by its id.

    Parameters
    ----------
    row
        Of the lines, as :func:`~patrolplan.products.frames.read_rows` yields it.
    """
    name = str(read_cell(row, "name") or row["id"])
    return Text(name, str(read_cell(row, "name_fr") or name))


def draw_presence(
    frame: Any, driven: Mapping[str, Text], name: str
) -> folium.FeatureGroup | None:
    """Draw a broad band under each line that earns by being driven.

    Parameters
    ----------
    frame
        The lines.
    driven
        What each earns, in words, by its id.
    name
        Name of the layer, as HTML.

    Returns
    -------
    The layer, or None where no line earns.
    """
    if not driven or "id" not in frame:
        return None
    shown = frame[frame["id"].isin(list(driven))]
    if not len(shown):
        return None
    group = folium.FeatureGroup(name=name, control=False)

    def describe(row: dict[str, Any]) -> dict[str, Any]:
        line = str(read_cell(row, "id"))
        info = render_template(
            "presence.html", name=read_cell(row, "name") or line, earned=driven[line]
        )
        return {"info": str(info)}

    style = {
        "color": PRESENCE_STROKE.colour,
        "weight": PRESENCE_STROKE.width_px,
        "opacity": PRESENCE_STROKE.opacity,
        "fill": False,
    }
    add_shapes(group, shown, lambda _: style, describe=describe, digits=5)
    return group
