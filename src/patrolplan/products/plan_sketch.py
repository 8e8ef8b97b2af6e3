"""A small picture of a plan: its bases, sites and ways, as SVG without a script."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from markupsafe import Markup

from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text
from patrolplan.products.escaping import escape_text
from patrolplan.products.rows import PlaceNames
from patrolplan.products.symbols import BASE_BLUE, style_patrol

__all__ = ["Frame", "draw_sketch", "find_frame"]

_WIDTH_PX: Final = 560.0
_SMALL_PX: Final = 200.0
_MARGIN_PX: Final = 26.0
_DIGITS: Final = 1
_LEAST_SPAN_DEG: Final = 0.5

Frame = tuple[float, float, float, float]
"""West, south, east and north, degrees."""


def find_frame(plans: Sequence[PlanFile]) -> Frame:
    """Return the frame that holds all places and ways of plans: one for all of them.

    Parameters
    ----------
    plans
        The plans.
    """
    points = [
        (place.lon, place.lat)
        for plan in plans
        for places in (plan.bases, plan.sites)
        for place in places
    ]
    points += [
        (lon, lat)
        for plan in plans
        for patrol in plan.patrols
        for leg in patrol.legs
        for lon, lat in leg.geometry.coordinates
    ]
    lons = [lon for lon, _ in points] or [0.0]
    lats = [lat for _, lat in points] or [0.0]
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    # A single place has no extent to draw by.
    wide = max(0.0, _LEAST_SPAN_DEG - (east - west)) / 2
    high = max(0.0, _LEAST_SPAN_DEG - (north - south)) / 2
    return west - wide, south - high, east + wide, north + high


def draw_sketch(
    plan: PlanFile,
    frame: Frame,
    *,
    title: str,
    marked: Collection[str] = (),
    names: PlaceNames,
    is_small: bool = False,
) -> Markup:
    """Draw a plan; degrees of longitude are shortened by the latitude of its middle.

    Parameters
    ----------
    plan
        The plan.
    frame
        As :func:`find_frame` returns it.
    title
        What the picture is called for who cannot see it.
    marked
        Ids of sites that are named and ringed: those that the plans differ in.
    names
        Names of places.
    is_small
        Whether it is for a row of a table: bases, sites visited and ways only.
    """
    west, south, east, north = frame
    squeeze = math.cos(math.radians((south + north) / 2))
    width_px, margin_px = (_SMALL_PX, 5.0) if is_small else (_WIDTH_PX, _MARGIN_PX)
    digits, dot_px, half_px = (None, 2, 2.5) if is_small else (_DIGITS, 3, 4)
    scale = (width_px - 2 * margin_px) / ((east - west) * squeeze)
    height_px = (north - south) * scale + 2 * margin_px

    def place(lon: float, lat: float) -> tuple[float, float]:
        x = margin_px + (lon - west) * squeeze * scale
        y = margin_px + (north - lat) * scale
        return round(x, digits), round(y, digits)

    visited = {s.site_id for p in plan.patrols for s in p.stops if s.kind == "visit"}
    parts: list[str] = []
    for number, patrol in enumerate(plan.patrols, start=1):
        style = style_patrol(number)
        dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
        points = [
            place(lon, lat)
            for leg in patrol.legs
            for lon, lat in leg.geometry.coordinates
        ]
        path = " ".join(f"{x},{y}" for x, y in _drop_repeats(points))
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{style.colour}" '
            f'stroke-width="2.4" stroke-linejoin="round"{dash}/>'
        )
    for site in plan.sites:
        if is_small and site.id not in visited:
            continue
        x, y = place(site.lon, site.lat)
        fill = "#2b2a27" if site.id in visited else "#fffdf6"
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{dot_px}" fill="{fill}" stroke="#2b2a27"/>'
        )
        if site.id in marked:
            ring = "#00663c" if site.id in visited else "#b3140f"
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="7.5" fill="none" stroke="{ring}" '
                'stroke-width="2.4"/>'
            )
            parts.append(_write(x, y - 11, names.find(site.id)))
    for base in plan.bases:
        x, y = place(base.lon, base.lat)
        parts.append(
            f'<rect x="{round(x - half_px, 1)}" y="{round(y - half_px, 1)}" '
            f'width="{2 * half_px:g}" height="{2 * half_px:g}" '
            f'fill="{BASE_BLUE}" stroke="#fff"/>'
        )
    label = escape_text(title)
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 {width_px:g} {height_px:.0f}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def _drop_repeats(
    points: Sequence[tuple[float, float]],
) -> Iterator[tuple[float, float]]:
    before = None
    for point in points:
        if point != before:
            yield point
        before = point


def _write(x: float, y: float, name: Text) -> str:
    anchor = "start" if x < 80 else "end" if x > _WIDTH_PX - 80 else "middle"
    english, french = (
        f'<text x="{x}" y="{round(y, 1)}" text-anchor="{anchor}"{lang}>'
        f"{escape_text(text)}</text>"
        for text, lang in ((name.en, ' lang="en"'), (name.fr, ' lang="fr"'))
    )
    return english + french
