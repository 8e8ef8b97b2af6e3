"""The page around the map: panel, legend, marking, sources, and its small script."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import folium
from markupsafe import Markup

from patrolplan.planfile import InputEntry, PlanFile
from patrolplan.products.catalogue import Text, mark
from patrolplan.products.illustration import word_disclaimer, word_illustration
from patrolplan.products.markup import (
    format_script_data,
    key_by_attribute,
    read_template,
    render_template,
)
from patrolplan.products.nearest import digest_nearest
from patrolplan.products.offline import render_offline
from patrolplan.products.places import SiteFacts
from patrolplan.products.playing import build_clock, word_states
from patrolplan.products.rows import PlanDigest, word_marking, word_status
from patrolplan.products.searching import list_places
from patrolplan.products.symbols import (
    LINE_STROKES,
    PRESENCE_STROKE,
    RISK_COLOURS,
    UNKNOWN_COLOUR,
    Handles,
    PatrolStyle,
    Stroke,
    draw_base_sign,
    draw_halt_sign,
    draw_line_sample,
    draw_site_sample,
    draw_uncovered_sign,
    find_site_radius,
)
from patrolplan.products.wording import join_texts

__all__ = ["render_page"]

_LINE_LABELS: Final = {
    "paved": mark("Paved road"),
    "paved_degraded": mark("Paved road, degraded"),
    "unpaved": mark("Unpaved road"),
    "track": mark("Track"),
    "track_minor": mark("Minor track"),
    "sand": mark("Sand track"),
    "off_track": mark("Off track: no line is known"),
    "ferry": mark("Ferry"),
    "river": mark("River reach"),
    "closed": mark("Closed in this season"),
}
_STYLES: Final = ("page.css", "tools.css")
_SCRIPTS: Final = ("page.js", "playing.js", "searching.js")
_LEGEND_PEOPLE: Final = (1_000, 10_000, 50_000, 100_000)


def render_page(
    folium_map: folium.Map,
    plan: PlanFile,
    digest: PlanDigest,
    styles: Sequence[PatrolStyle],
    handles: Handles,
    bounds: list[list[float]],
    *,
    facts: Mapping[str, SiteFacts] | None = None,
    has_zones: bool = True,
    has_relief: bool = False,
    line_keys: Collection[str] = (),
) -> str:
    """Render a drawn plan as one page that opens with no network.

    Parameters
    ----------
    folium_map
        The map.
    plan, digest
        The plan and its rows.
    styles
        How each patrol is drawn, in the order of the plan.
    handles
        Names of the map's parts for the page's script.
    bounds
        South-west and north-east corner that the page opens with, lat before lon.
    facts
        What layers know of each site, for the search.
    has_zones
        Whether the legend explains zones of risk.
    has_relief
        Whether the sources explain the shading.
    line_keys
        Kinds of line that the legend explains.

    Raises
    ------
    AssetError
        If a script or style is not vendored.
    """
    listed = list_places(plan, digest, facts or {})
    marking, status = word_marking(digest.release), word_status(digest.status)
    body = render_template(
        "page.html",
        digest=digest,
        nearest=digest_nearest(plan, digest.names),
        figures=digest.figures,
        marking=marking,
        status=status,
        is_draft=digest.status != "cleared",
        patrols=[
            (row, style, _sample_patrol(style))
            for row, style in zip(digest.patrols, styles, strict=True)
        ],
        groups={
            name: [row for row in digest.uncovered if row.group == name]
            for name in ("open", "unknown", "none", "held")
        },
        legend=_build_legend(
            has_zones=has_zones,
            line_keys=line_keys,
            has_presence=bool(digest.on_the_way.driven) and bool(line_keys),
        ),
        risk_colours=RISK_COLOURS,
        sources=_gather_sources(plan.inputs),
        seed=plan.seed,
        version=plan.version,
        bars=_measure_bars(digest),
        listed=listed,
        has_relief=has_relief,
        states=word_states(),
        illustration=word_illustration(digest.illustrative),
        disclaimer=word_disclaimer(digest.illustrative),
    )
    named = (Text.same(digest.name), Text.same("patrolplan"))
    title = join_texts((*named, marking, status), " - ")
    data = {
        "titles": asdict(title),
        "map": folium_map.get_name(),
        "home": bounds,
        "layers": handles.layers,
        "groups": handles.groups,
        "places": key_by_attribute(handles.places),
        "stops": handles.stops,
        "bounds": {str(row.number): row.bounds for row in digest.patrols},
        "keys": [row.keys for row in listed],
        "clock": build_clock(digest, handles),
    }
    return render_offline(
        folium_map,
        title=title.en,
        styles=[*map(read_template, _STYLES), _style_print_marking(digest)],
        body_html=str(body),
        scripts=[format_script_data("planPage", data), *map(read_template, _SCRIPTS)],
    )


def _style_print_marking(digest: PlanDigest) -> str:
    """Return the style that puts marking and status on every printed sheet."""
    texts = [word_marking(digest.release), word_status(digest.status)]
    words = " - ".join(
        text.en if text.en == text.fr else f"{text.en} / {text.fr}" for text in texts
    )
    # In a style nothing can be escaped as in HTML: what is not plain is left out.
    plain = "".join(c for c in words if c.isalnum() or c in " -/:")
    look = "font: 700 9pt sans-serif; color: #8f100c; white-space: pre; width: 100%;"
    said = word_disclaimer(digest.illustrative)
    small = "font: 600 7.5pt/1.5 sans-serif; color: #8f100c; white-space: pre;"
    return (
        f'@page {{ @top-center {{ content: "{plain}"; {look} }} '
        f'@bottom-center {{ content: "{plain}\\A {said.en}\\A {said.fr}"; {small} }} }}'
    )


def _sample_patrol(style: PatrolStyle) -> Markup:
    return draw_line_sample(Stroke(style.colour, 3.4, style.dash), cased=True)


def _measure_bars(digest: PlanDigest) -> dict[str, float]:
    """Return shares of the need in percent, for the bar in the panel."""
    figures = digest.figures
    total = max(figures.need_total, figures.need_bound or 0.0, figures.need_met)
    if total <= 0:
        return {"met": 0.0, "bound": 0.0}
    return {
        "met": round(100 * figures.need_met / total, 1),
        "bound": round(100 * (figures.need_bound or 0.0) / total, 1),
    }


def _build_legend(
    *, has_zones: bool, line_keys: Collection[str], has_presence: bool
) -> dict[str, Any]:
    return {
        "people": [
            (people, draw_site_sample(find_site_radius(people), "#efe6d2"))
            for people in _LEGEND_PEOPLE
        ],
        "unknown_risk": draw_site_sample(5.5, None, colour=UNKNOWN_COLOUR),
        "unknown_people": draw_site_sample(4.5, "#efe6d2", dashed=True),
        "base": draw_base_sign(),
        "halt": draw_halt_sign("#4a4a4a"),
        "uncovered": draw_uncovered_sign("open"),
        "unknown": draw_uncovered_sign("unknown"),
        "lines": [
            (_LINE_LABELS[key], draw_line_sample(stroke))
            for key, stroke in LINE_STROKES.items()
            if key in line_keys
        ],
        "has_zones": has_zones,
        "presence": draw_line_sample(PRESENCE_STROKE) if has_presence else None,
    }


def _gather_sources(inputs: Sequence[InputEntry]) -> list[tuple[Text, str, str]]:
    """Return each source once, with its licence and date, in order of the inputs."""
    rows = {
        (entry.source or entry.path, entry.licence or "", entry.date or ""): None
        for entry in inputs
    }
    return [(Text.same(source), licence, day) for source, licence, day in rows]
