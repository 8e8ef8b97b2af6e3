"""The map picture of an order: drawn small, for paper, in black and grey.

Positions are projected by the house's metric system; nothing is reckoned here but where
a millimetre of paper lies. Every text of it is escaped, and short: a name that is
longer than a label is cut with an ellipsis, as the order has it whole.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

import shapely

from patrolplan.geodesy import project_geometry
from patrolplan.open_ground_figures import OFF_TRACK
from patrolplan.products.catalogue import (
    LANGUAGES,
    Text,
    format_number,
    translate_text,
)
from patrolplan.products.escaping import escape_text
from patrolplan.products.orders.basis import Basis, number_stop
from patrolplan.products.orders.sheet import (
    HEIGHT_MM,
    WIDTH_MM,
    Sheet,
    cut_shapes,
    draw_graticule,
    draw_path,
    find_north,
    project_spot,
    write_text,
)
from patrolplan.products.orders.ways import Ways, draw_ferry, draw_ways, sample_way
from patrolplan.products.wording import translate_filled

__all__ = ["draw_picture"]

# Millimetres of paper.
_KEY_ROW: Final = 4.2
_KEY_Y: Final = HEIGHT_MM + 4.2
_LEAST_SPAN_M: Final = 40_000.0
_MARGIN: Final = 0.12
_LONGEST_LABEL: Final = 22
_FONT: Final = "Libertinus Serif, Georgia, Liberation Serif, serif"
_BAR_KM: Final = (5, 10, 20, 25, 50, 100, 200, 500)

# Of the key: a drawing, where its words begin, and these.
_Sample = tuple[str, float, Text]


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
    lines = None
    if basis.layers is not None:
        lines = draw_ways(basis.layers.lines, basis.plan, paper)
        ground += lines.lines
    english, french = (
        _draw(basis, paper, ways, ground, lines, lang) for lang in LANGUAGES
    )
    return Text(english, french)


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
    basis: Basis,
    paper: Sheet,
    ways: list[Any],
    ground: list[str],
    lines: Ways | None,
    lang: str,
) -> str:
    sheet = Sheet(paper.west, paper.north, paper.scale, list(ground))
    sheet.driven = shapely.union_all(ways)
    graticule = list(draw_graticule(sheet, lang))
    for way in ways:
        sheet.add(draw_path(sheet, way, 'stroke="#fff" stroke-width="2.2"'))
    for way in ways:
        sheet.add(draw_path(sheet, way, 'stroke="#000" stroke-width="1.1"'))
    _draw_furniture(sheet, lang)
    _draw_stops(basis, sheet, lang, lines.ferries if lines else [])
    _draw_towns(basis, sheet, lang)
    samples = _list_samples(lines.kinds if lines else None)
    key = "".join(_draw_key(lang, samples))
    high = _KEY_Y + _KEY_ROW * (len(samples) - 1) + 2.6
    label = translate_filled("Map of patrol {patrol}", patrol=basis.patrol.id)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{escape_text(label.pick(lang))}" viewBox="0 0 {WIDTH_MM:g} '
        f'{high:g}" font-family="{_FONT}" font-size="2.7" '
        f'fill="none">'
        f'<clipPath id="frame"><rect width="{WIDTH_MM:g}" height="{HEIGHT_MM:g}"/>'
        f"</clipPath>"
        f'<g clip-path="url(#frame)" stroke-linejoin="round" stroke-linecap="round">'
        f"{''.join(graticule)}{''.join(sheet.parts)}</g>"
        f'<rect x="0.15" y="0.15" width="{WIDTH_MM - 0.3:g}" '
        f'height="{HEIGHT_MM - 0.3:g}" stroke="#000" stroke-width="0.3"/>{key}</svg>'
    )


def _draw_ground(basis: Basis, paper: Sheet) -> Iterator[str]:
    """Yield lakes, rivers and borders, cut to the sheet."""
    layers = basis.layers
    if layers is None:
        return
    for shape, _ in cut_shapes(layers.lakes, paper):
        yield draw_path(
            paper, shape, 'fill="#dcdcdc" stroke="#9a9a9a" stroke-width="0.2"'
        )
    for shape, _ in cut_shapes(layers.rivers, paper):
        yield draw_path(paper, shape, 'stroke="#c4c4c4" stroke-width="1.3"')
    for shape, _ in cut_shapes(layers.borders, paper):
        dashes = 'stroke-dasharray="3 1 0.5 1"'
        yield draw_path(paper, shape, f'stroke="#555" stroke-width="0.45" {dashes}')


def _draw_stops(
    basis: Basis, paper: Sheet, lang: str, ferries: list[tuple[float, float, bool]]
) -> None:
    """Draw the signs of stops and ferries, then names of visits and bases beside."""
    signs: list[tuple[float, float, str, str, str]] = []
    halts = 0
    bases: set[str] = set()
    for stop in basis.row.stops:
        halts += stop.kind == "halt"
        x, y = paper.place(*project_spot(stop.lon, stop.lat))
        sign = number_stop(stop, halts).pick(lang)
        name = "" if stop.kind == "halt" else stop.name.pick(lang)
        # Where a patrol leaves and comes home is one sign.
        if stop.is_base and stop.place_id in bases:
            continue
        if stop.is_base:
            bases.add(stop.place_id)
        kind = "base" if stop.is_base else stop.kind
        signs.append((x, y, kind, sign, name))
    # A visit stands where it is; what is at the same spot is moved beside it.
    order = {"visit": 0, "base": 1, "halt": 2, "ferry": 3, "shut": 3}
    signs += [(x, y, "shut" if shut else "ferry", "", "") for x, y, shut in ferries]
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
    if kind in ("ferry", "shut"):
        return draw_ferry(x, y, shut=kind == "shut")
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


def _draw_key(lang: str, rows: list[list[_Sample]]) -> Iterator[str]:
    """Yield the key below the frame."""
    for number, samples in enumerate(rows):
        x = 0.0
        for sample, wide, text in samples:
            words = text.pick(lang)
            yield f'<g transform="translate({x:.2f} {number * _KEY_ROW:.2f})">{sample}'
            yield f"{write_text(wide, _KEY_Y + 0.9, words, 2.6)}</g>"
            x += wide + 1.2 * len(words) + 3.5


def _list_samples(kinds: Collection[str] | None) -> list[list[_Sample]]:
    """Return the rows of the key; ``kinds`` of line are None where none is drawn."""
    y = _KEY_Y
    black = 'stroke="#000" stroke-width="1.1"'
    patrol: list[_Sample] = [
        (f'<path d="M0 {y}h7" {black}/>', 8.5, translate_text("patrol")),
        (_sign(2.4, y, "visit", "2"), 5.8, translate_text("visit")),
        (_sign(2.4, y, "halt", "H1"), 5.8, translate_text("night halt")),
        (_sign(2.4, y, "base", "B"), 6.2, translate_text("base")),
        (
            f'<circle cx="1.2" cy="{y}" r="0.8" stroke="#444" stroke-width="0.3"/>',
            3.0,
            translate_text("other place"),
        ),
    ]
    if kinds is None:
        return [patrol]
    if "ferry" in kinds:
        patrol.append((draw_ferry(1.7, y), 4.4, translate_text("ferry")))
    ground: list[_Sample] = [
        (sample_way("paved", y), 8.5, translate_text("road")),
        (sample_way("track", y), 8.5, translate_text("track")),
        # Always: where no line bears crosses, that is told too.
        (sample_way("closed", y), 8.5, translate_text("closed when the plan begins")),
        (_line_sample(y, 1.3, "#c4c4c4", ""), 8.5, translate_text("river")),
        (_line_sample(y, 0.45, "#555", "3 1 0.5 1"), 8.5, translate_text("border")),
    ]
    if OFF_TRACK in kinds:
        ground.insert(2, (sample_way(OFF_TRACK, y), 8.5, translate_text("off track")))
    return [patrol, ground]


def _line_sample(y: float, width: float, grey: str, dashes: str) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M0 {y}h7" stroke="{grey}" stroke-width="{width}"{dashed}/>'
