"""The map picture of an order: drawn small, for paper, in black and grey.

Positions are projected by the house's metric system; nothing is reckoned here but where
a millimetre of paper lies. Every text of it is escaped, and short: a name that is
longer than a label is cut with an ellipsis, as the order has it whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import shapely

from patrolplan.geodesy import project_geometry
from patrolplan.open_ground_figures import OFF_TRACK, OPEN_GROUND
from patrolplan.products.catalogue import Text, format_number, translate_text
from patrolplan.products.escaping import escape_text
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.orders.basis import Basis, number_stop
from patrolplan.products.orders.sheet import (
    HEIGHT_MM,
    WIDTH_MM,
    Sheet,
    draw_graticule,
    draw_path,
    find_north,
    project_spot,
    write_text,
)
from patrolplan.products.wording import translate_filled

__all__ = ["draw_picture"]

# Millimetres of paper.
_KEY_HEIGHT: Final = 7.0
_LEAST_SPAN_M: Final = 40_000.0
_MARGIN: Final = 0.12
_LONGEST_LABEL: Final = 22
_FONT: Final = "Libertinus Serif, Georgia, Liberation Serif, serif"
_BAR_KM: Final = (5, 10, 20, 25, 50, 100, 200, 500)
# Of lines: width in mm, grey, and dashes.
_WAYS: Final = {
    "paved": (0.55, "#7a7a7a", ""),
    "paved_degraded": (0.55, "#7a7a7a", ""),
    "unpaved": (0.4, "#8a8a8a", ""),
    "water": (0.4, "#8a8a8a", "0.4 0.8"),
    OPEN_GROUND: (3.6, "#8a8a8a", "0.5 1.6"),
}
_TRACK: Final = (0.3, "#8a8a8a", "1.4 0.9")


def draw_picture(basis: Basis) -> Text:
    """Draw one patrol as SVG, in English and in French.

    Parameters
    ----------
    basis
        The patrol.
    """
    ways = [
        project_geometry(shapely.LineString(leg.geometry.coordinates), to_metric=True)
        for leg in basis.patrol.legs
    ]
    paper = _lay_paper(ways, basis)
    ground = list(_draw_ground(basis, paper))
    return Text(
        _draw(basis, paper, ways, ground, "en"), _draw(basis, paper, ways, ground, "fr")
    )


def _lay_paper(ways: list[Any], basis: Basis) -> Sheet:
    """Return a sheet on which all of a patrol lies, with some room around it."""
    spots = [project_spot(stop.lon, stop.lat) for stop in basis.row.stops]
    west, south, east, north = shapely.union_all(
        [*ways, shapely.MultiPoint(spots)]
    ).bounds
    margin = _MARGIN * max(east - west, north - south, _LEAST_SPAN_M)
    wide, high = east - west + 2 * margin, north - south + 2 * margin
    scale = min(WIDTH_MM / wide, HEIGHT_MM / high)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return Sheet(
        middle_x - WIDTH_MM / scale / 2, middle_y + HEIGHT_MM / scale / 2, scale
    )


def _draw(
    basis: Basis, paper: Sheet, ways: list[Any], ground: list[str], lang: str
) -> str:
    sheet = Sheet(paper.west, paper.north, paper.scale, list(ground))
    sheet.driven = shapely.union_all(ways)
    graticule = list(draw_graticule(sheet, lang))
    for way in ways:
        sheet.add(draw_path(sheet, way, 'stroke="#fff" stroke-width="2.2"'))
    for way in ways:
        sheet.add(draw_path(sheet, way, 'stroke="#000" stroke-width="1.1"'))
    _draw_furniture(sheet, lang)
    _draw_stops(basis, sheet, lang)
    _draw_towns(basis, sheet, lang)
    key = "".join(_draw_key(lang, off_track=_has_off_track(basis)))
    label = translate_filled("Map of patrol {patrol}", patrol=basis.patrol.id)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{escape_text(label.pick(lang))}" viewBox="0 0 {WIDTH_MM:g} '
        f'{HEIGHT_MM + _KEY_HEIGHT:g}" font-family="{_FONT}" font-size="2.7" '
        f'fill="none">'
        f'<clipPath id="frame"><rect width="{WIDTH_MM:g}" height="{HEIGHT_MM:g}"/>'
        f"</clipPath>"
        f'<g clip-path="url(#frame)" stroke-linejoin="round" stroke-linecap="round">'
        f"{''.join(graticule)}{''.join(sheet.parts)}</g>"
        f'<rect x="0.15" y="0.15" width="{WIDTH_MM - 0.3:g}" '
        f'height="{HEIGHT_MM - 0.3:g}" stroke="#000" stroke-width="0.3"/>{key}</svg>'
    )


def _draw_ground(basis: Basis, paper: Sheet) -> Iterator[str]:
    """Yield lakes, rivers, borders and lines, cut to the sheet."""
    layers = basis.layers
    if layers is None:
        return
    for shape, _ in _cut(layers.lakes, paper):
        yield draw_path(
            paper, shape, 'fill="#dcdcdc" stroke="#9a9a9a" stroke-width="0.2"'
        )
    for shape, _ in _cut(layers.rivers, paper):
        yield draw_path(paper, shape, 'stroke="#c4c4c4" stroke-width="1.3"')
    for shape, _ in _cut(layers.borders, paper):
        dashes = 'stroke-dasharray="3 1 0.5 1"'
        yield draw_path(paper, shape, f'stroke="#555" stroke-width="0.45" {dashes}')
    for shape, row in _cut(layers.lines, paper):
        if read_cell(row, "kind") == "river":
            continue
        width, grey, dashes = _WAYS.get(str(read_cell(row, "surface")), _TRACK)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        # Round ends, as others have, would fill the gaps of so broad a line.
        ends = ' stroke-linecap="butt"' if read_cell(row, "kind") == OFF_TRACK else ""
        look = f'stroke="{grey}" stroke-width="{width}"{dashed}{ends}'
        yield draw_path(paper, shape, look)


def _cut(frame: Any, paper: Sheet) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the shapes of a frame that lie on the sheet, in metres, and their rows."""
    rows = list(read_rows(frame))
    if not rows:
        return
    shapes = project_geometry(
        np.array([row["geometry"] for row in rows], dtype=object), to_metric=True
    )
    right, low = (
        paper.west + WIDTH_MM / paper.scale,
        paper.north - HEIGHT_MM / paper.scale,
    )
    cut = shapely.clip_by_rect(shapes, paper.west, low, right, paper.north)
    for shape, row in zip(cut, rows, strict=True):
        if not shape.is_empty:
            yield shape, row


def _draw_stops(basis: Basis, paper: Sheet, lang: str) -> None:
    """Draw the signs of all stops, then the names of visits and bases beside them."""
    signs: list[tuple[float, float, str, str, str]] = []
    halts = 0
    placed: dict[tuple[str, str], None] = {}
    for stop in basis.row.stops:
        halts += stop.kind == "halt"
        x, y = paper.place(*project_spot(stop.lon, stop.lat))
        sign = number_stop(stop, halts).pick(lang)
        name = "" if stop.kind == "halt" else stop.name.pick(lang)
        if (stop.kind, stop.place_id) in placed and stop.kind == "base":
            continue
        placed[stop.kind, stop.place_id] = None
        signs.append((x, y, stop.kind, sign, name))
    # A visit stands where it is; what is at the same spot is moved beside it.
    order = {"visit": 0, "base": 1, "start": 1, "halt": 2}
    labelled = []
    drawn = []
    for x, y, kind, sign, name in sorted(signs, key=lambda item: order[item[2]]):
        left, top = _find_room(paper, x, y)
        paper.taken.append((left - 2.3, top - 2.3, left + 2.3, top + 2.3))
        if math.hypot(left - x, top - y) > 0.1:
            paper.add(
                f'<path d="M{x:.2f} {y:.2f}L{left:.2f} {top:.2f}" stroke="#000" '
                f'stroke-width="0.2"/>'
            )
        drawn.append(_sign(left, top, kind, sign))
        if name:
            labelled.append((left, top, name))
    # No leader crosses a sign, and no name takes the room of one.
    for part in drawn:
        paper.add(part)
    for left, top, name in labelled:
        _label(paper, left, top, name, bold=True, gap=2.8)


def _find_room(paper: Sheet, x: float, y: float) -> tuple[float, float]:
    """Return where a sign stands: at its spot, or as near as others leave room."""
    for ring in range(9):
        for turn in range(8 if ring else 1):
            angle = math.pi / 4 * turn + math.pi / 4
            left, top = (
                x + 2.4 * ring * math.cos(angle),
                y + 2.4 * ring * math.sin(angle),
            )
            if paper.is_free((left - 2.3, top - 2.3, left + 2.3, top + 2.3)):
                return left, top
    return x, y


def _sign(x: float, y: float, kind: str, sign: str) -> str:
    if kind == "visit":
        shape = f'<circle cx="{x:.2f}" cy="{y:.2f}" r="2.2" fill="#000" stroke="#fff" '
        colour = "#fff"
    elif kind == "halt":
        shape = (
            f'<rect x="{x - 2:.2f}" y="{y - 1.7:.2f}" width="4" height="3.4" '
            f'fill="#fff" stroke="#000" '
        )
        colour = "#000"
    else:
        shape = (
            f'<path d="M{x - 2.4:.2f} {y + 2:.2f}v-4h4.8v4z" fill="#fff" stroke="#000" '
        )
        colour = "#000"
    width = 'stroke-width="0.3"/>' if kind != "base" else 'stroke-width="0.6"/>'
    size = 2.4 if kind == "halt" else 2.9
    text = write_text(
        x, y + 0.95, sign, size, bold=kind != "halt", anchor="middle", colour=colour
    )
    return shape + width + text


def _label(
    paper: Sheet, x: float, y: float, name: str, *, bold: bool, gap: float
) -> bool:
    """Write a name beside a spot where there is room; say whether there was."""
    short = name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"
    size = 3.0 if bold else 2.6
    wide, high = len(short) * size * (0.58 if bold else 0.52), size
    spots = (
        (x + gap, y - high / 2),
        (x - gap - wide, y - high / 2),
        (x - wide / 2, y - gap - high),
        (x - wide / 2, y + gap),
        (x + gap, y - gap - high),
        (x + gap, y + gap),
        (x - gap - wide, y - gap - high),
        (x - gap - wide, y + gap),
    )
    # Rather not across the way of the patrol; rather there than nowhere.
    boxes = [(left, top, left + wide, top + high) for left, top in spots]
    for box in sorted(boxes, key=paper.is_driven):
        left, top = box[:2]
        if paper.is_free(box):
            paper.taken.append(box)
            halo = write_text(left, top + 0.78 * high, short, size, bold=bold)
            white = halo.replace("<text ", '<text stroke="#fff" stroke-width="0.7" ', 1)
            paper.add(white)
            paper.add(halo)
            return True
    return False


def _draw_towns(basis: Basis, paper: Sheet, lang: str) -> None:
    """Draw the other sites, the largest first, named where there is room."""
    seen = {stop.site_id for stop in basis.row.stops}
    others: Iterable[Any] = sorted(
        (site for site in basis.plan.sites if site.id not in seen),
        key=lambda site: (-(site.population or 0), site.id),
    )
    for site in others:
        x, y = paper.place(*project_spot(site.lon, site.lat))
        box = (x - 0.9, y - 0.9, x + 0.9, y + 0.9)
        if not paper.is_free(box):
            continue
        paper.taken.append(box)
        paper.add(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="0.8" fill="#fff" stroke="#444" '
            f'stroke-width="0.3"/>'
        )
        name = basis.digest.names.find(site.id).pick(lang)
        _label(paper, x, y, name, bold=False, gap=1.2)


def _draw_furniture(paper: Sheet, lang: str) -> None:
    """Draw the scale bar and north, where no label may stand."""
    most = 0.3 * WIDTH_MM / paper.scale / 1000
    km = max((length for length in _BAR_KM if length <= most), default=_BAR_KM[0])
    long = km * 1000 * paper.scale
    left, low = WIDTH_MM - long - 6, HEIGHT_MM - 6
    paper.taken.append((left - 3, low - 5, WIDTH_MM, HEIGHT_MM))
    paper.add(
        f'<rect x="{left - 3:.2f}" y="{low - 5:.2f}" width="{long + 7:.2f}" '
        f'height="8.5" fill="#fff" fill-opacity="0.85"/>'
        f'<rect x="{left:.2f}" y="{low:.2f}" width="{long / 2:.2f}" height="1" '
        f'fill="#000" stroke="#000" stroke-width="0.2"/>'
        f'<rect x="{left + long / 2:.2f}" y="{low:.2f}" width="{long / 2:.2f}" '
        f'height="1" fill="#fff" stroke="#000" stroke-width="0.2"/>'
    )
    for share in (0, 0.5, 1):
        words = format_number(km * share, lang, int(km * share != int(km * share)))
        text = f"{words} km" if share == 1 else words
        paper.add(write_text(left + long * share, low - 1, text, 2.4, anchor="middle"))
    x, y = WIDTH_MM - 6, 5.0
    turn = find_north(paper, x, y)
    paper.taken.append((x - 4, 0, WIDTH_MM, y + 9))
    paper.add(
        f'<path d="M{x:.2f} {y:.2f}l2 6.5l-2 -1.4l-2 1.4z" fill="#000" '
        f'transform="rotate({turn:.2f} {x:.2f} {y:.2f})"/>'
    )
    north = translate_text("N").pick(lang)
    paper.add(write_text(x, y - 0.8, north, 3.0, bold=True, anchor="middle"))


def _has_off_track(basis: Basis) -> bool:
    """Return whether a patrol leaves all lines on its way."""
    parts = [part for leg in basis.patrol.legs for part in leg.parts or ()]
    return any(part.surface == OPEN_GROUND for part in parts)


def _draw_key(lang: str, *, off_track: bool) -> Iterator[str]:
    """Yield the key below the frame."""
    y = HEIGHT_MM + 4.2
    black = 'stroke="#000" stroke-width="1.1"'
    samples = (
        (f'<path d="M0 {y}h7" {black}/>', 8.5, translate_text("patrol")),
        (_sign(2.4, y, "visit", "2"), 5.8, translate_text("visit")),
        (_sign(2.4, y, "halt", "H1"), 5.8, translate_text("night halt")),
        (_sign(2.4, y, "base", "B"), 6.2, translate_text("base")),
        (
            f'<circle cx="1.2" cy="{y}" r="0.8" stroke="#444" stroke-width="0.3"/>',
            3.0,
            translate_text("other place"),
        ),
        (_line_sample(y, *_WAYS["paved"]), 8.5, translate_text("road")),
        (_line_sample(y, *_TRACK), 8.5, translate_text("track")),
        (_line_sample(y, 1.3, "#c4c4c4", ""), 8.5, translate_text("river")),
        (_line_sample(y, 0.45, "#555", "3 1 0.5 1"), 8.5, translate_text("border")),
    )
    if off_track:
        # In the room of other places, whose names stand beside them.
        ticks = _line_sample(y, *_WAYS[OPEN_GROUND])
        samples = (
            *samples[:4],
            *samples[5:],
            (ticks, 8.5, translate_text("off track")),
        )
    x = 0.0
    for sample, wide, text in samples:
        words = text.pick(lang)
        yield f'<g transform="translate({x:.2f} 0)">{sample}'
        yield f"{write_text(wide, y + 0.9, words, 2.6)}</g>"
        x += wide + 1.2 * len(words) + 3.5


def _line_sample(y: float, width: float, grey: str, dashes: str) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M0 {y}h7" stroke="{grey}" stroke-width="{width}"{dashed}/>'
