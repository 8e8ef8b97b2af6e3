"""The map picture of an order: drawn small, for paper, in black and grey.

Positions are projected by the house's metric system; nothing is reckoned here but where
a millimetre of paper lies. Every text of it is escaped, and short: a name that is longer
than a label is cut with an ellipsis, as the order has it whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely

from patrolplan.geodesy import project_geometry
from patrolplan.products.catalogue import Text, format_number, translate_text
from patrolplan.products.escaping import escape_text
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.orders.basis import Basis, number_stop

__all__ = ["draw_picture"]

# Millimetres of paper: the width of the text on A4, and a third of its height.
_WIDTH: Final = 184.0
_HEIGHT: Final = 104.0
_KEY_HEIGHT: Final = 7.0
_LEAST_SPAN_M: Final = 40_000.0
_MARGIN: Final = 0.12
_LONGEST_LABEL: Final = 22
_FONT: Final = "Libertinus Serif, Georgia, Liberation Serif, serif"
_STEPS_DEG: Final = (0.25, 0.5, 1.0, 2.0, 5.0)
_BAR_KM: Final = (5, 10, 20, 25, 50, 100, 200, 500)
# Of lines: width in mm, grey, and dashes.
_WAYS: Final = {
    "paved": (0.55, "#7a7a7a", ""),
    "paved_degraded": (0.55, "#7a7a7a", ""),
    "unpaved": (0.4, "#8a8a8a", ""),
    "water": (0.4, "#8a8a8a", "0.4 0.8"),
}
_TRACK: Final = (0.3, "#8a8a8a", "1.4 0.9")


@dataclass
class _Paper:
    """The sheet: where metres lie on it, and which parts are written on already."""

    west: float
    north: float
    scale: float
    parts: list[str] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    driven: Any = None

    def place(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.west) * self.scale, (self.north - y) * self.scale

    def add(self, part: str) -> None:
        self.parts.append(part)

    def is_free(self, box: tuple[float, float, float, float]) -> bool:
        left, top, right, bottom = box
        if left < 1 or top < 1 or right > _WIDTH - 1 or bottom > _HEIGHT - 1:
            return False
        return all(
            right <= other[0]
            or left >= other[2]
            or bottom <= other[1]
            or top >= other[3]
            for other in self.taken
        )

    def is_driven(self, left: float, top: float, wide: float, high: float) -> bool:
        x, y = self.west + left / self.scale, self.north - top / self.scale
        box = shapely.box(x, y - high / self.scale, x + wide / self.scale, y)
        return bool(shapely.intersects(self.driven, box))


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


def _lay_paper(ways: list[Any], basis: Basis) -> _Paper:
    """Return a sheet on which all of a patrol lies, with some room around it."""
    spots = [_project(stop.lon, stop.lat) for stop in basis.row.stops]
    west, south, east, north = shapely.union_all(
        [*ways, shapely.MultiPoint(spots)]
    ).bounds
    margin = _MARGIN * max(east - west, north - south, _LEAST_SPAN_M)
    wide, high = east - west + 2 * margin, north - south + 2 * margin
    scale = min(_WIDTH / wide, _HEIGHT / high)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return _Paper(middle_x - _WIDTH / scale / 2, middle_y + _HEIGHT / scale / 2, scale)


def _project(lon: float, lat: float) -> tuple[float, float]:
    point = project_geometry(shapely.Point(lon, lat), to_metric=True)
    return float(point.x), float(point.y)


def _draw(
    basis: Basis, paper: _Paper, ways: list[Any], ground: list[str], lang: str
) -> str:
    sheet = _Paper(paper.west, paper.north, paper.scale, list(ground))
    sheet.driven = shapely.union_all(ways)
    graticule = list(_draw_graticule(sheet, lang))
    for way in ways:
        sheet.add(_path(sheet, way, 'stroke="#fff" stroke-width="2.2"'))
    for way in ways:
        sheet.add(_path(sheet, way, 'stroke="#000" stroke-width="1.1"'))
    _draw_furniture(sheet, lang)
    _draw_stops(basis, sheet, lang)
    _draw_towns(basis, sheet, lang)
    key = "".join(_draw_key(lang))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} '
        f'{_HEIGHT + _KEY_HEIGHT:g}" font-family="{_FONT}" font-size="2.7" fill="none">'
        f'<clipPath id="frame"><rect width="{_WIDTH:g}" height="{_HEIGHT:g}"/></clipPath>'
        f'<g clip-path="url(#frame)" stroke-linejoin="round" stroke-linecap="round">'
        f"{''.join(graticule)}{''.join(sheet.parts)}</g>"
        f'<rect x="0.15" y="0.15" width="{_WIDTH - 0.3:g}" height="{_HEIGHT - 0.3:g}" '
        f'stroke="#000" stroke-width="0.3"/>{key}</svg>'
    )


def _draw_ground(basis: Basis, paper: _Paper) -> Iterator[str]:
    """Yield lakes, rivers, borders and lines, cut to the sheet."""
    layers = basis.layers
    if layers is None:
        return
    for shape, _ in _cut(layers.lakes, paper):
        yield _path(paper, shape, 'fill="#dcdcdc" stroke="#9a9a9a" stroke-width="0.2"')
    for shape, _ in _cut(layers.rivers, paper):
        yield _path(paper, shape, 'stroke="#c4c4c4" stroke-width="1.3"')
    for shape, _ in _cut(layers.borders, paper):
        dashes = 'stroke-dasharray="3 1 0.5 1"'
        yield _path(paper, shape, f'stroke="#555" stroke-width="0.45" {dashes}')
    for shape, row in _cut(layers.lines, paper):
        if read_cell(row, "kind") == "river":
            continue
        width, grey, dashes = _WAYS.get(str(read_cell(row, "surface")), _TRACK)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield _path(paper, shape, f'stroke="{grey}" stroke-width="{width}"{dashed}')


def _cut(frame: Any, paper: _Paper) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the shapes of a frame that lie on the sheet, in metres, and their rows."""
    rows = list(read_rows(frame))
    if not rows:
        return
    shapes = project_geometry(
        np.array([row["geometry"] for row in rows], dtype=object), to_metric=True
    )
    right, low = (
        paper.west + _WIDTH / paper.scale,
        paper.north - _HEIGHT / paper.scale,
    )
    cut = shapely.clip_by_rect(shapes, paper.west, low, right, paper.north)
    for shape, row in zip(cut, rows, strict=True):
        if not shape.is_empty:
            yield shape, row


def _path(paper: _Paper, shape: Any, style: str) -> str:
    """Return a shape as one SVG path; rings of an area are closed."""
    steps = []
    for part in shapely.get_parts(shape):
        rings = (
            [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        )
        for ring in rings:
            if ring.geom_type not in ("LineString", "LinearRing"):
                continue
            points = [paper.place(x, y) for x, y, *_ in ring.coords]
            steps.append("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points))
    return f'<path d="{"".join(steps)}" {style}/>' if steps else ""


def _draw_graticule(paper: _Paper, lang: str) -> Iterator[str]:
    """Yield meridians and parallels, with their degrees at the frame."""
    east, south = paper.west + _WIDTH / paper.scale, paper.north - _HEIGHT / paper.scale
    corners = [
        project_geometry(shapely.Point(x, y), to_metric=False)
        for x in (paper.west, (paper.west + east) / 2, east)
        for y in (south, paper.north)
    ]
    lons, lats = [p.x for p in corners], [p.y for p in corners]
    span = max(lats) - min(lats)
    step = next((deg for deg in _STEPS_DEG if span / deg <= 5), 10.0)
    style = 'stroke="#bdbdbd" stroke-width="0.15"'
    north, equator = translate_text("N").pick(lang), translate_text("S").pick(lang)
    right, left = translate_text("E").pick(lang), translate_text("W").pick(lang)
    for lon in _list_ticks(min(lons), max(lons), step):
        line = _project_line(
            [(lon, lat) for lat in np.linspace(min(lats), max(lats), 9)]
        )
        yield _path(paper, line, style)
        spot = paper.place(*_project(lon, min(lats)))[0]
        label = _word_degrees(lon, right, left, lang)
        if 4 < spot < _WIDTH - 8:
            yield _write(spot + 0.6, _HEIGHT - 1.0, label, 2.3, grey=True)
    for lat in _list_ticks(min(lats), max(lats), step):
        line = _project_line(
            [(lon, lat) for lon in np.linspace(min(lons), max(lons), 9)]
        )
        yield _path(paper, line, style)
        spot = paper.place(*_project(min(lons), lat))[1]
        label = _word_degrees(lat, north, equator, lang)
        if 4 < spot < _HEIGHT - 6:
            yield _write(0.9, spot - 0.5, label, 2.3, grey=True)


def _project_line(points: list[tuple[float, float]]) -> Any:
    return project_geometry(shapely.LineString(points), to_metric=True)


def _list_ticks(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return [number * step for number in range(first, last + 1)]


def _word_degrees(value: float, plus: str, minus: str, lang: str) -> str:
    decimals = next(n for n in (0, 1, 2) if n == 2 or round(value, n) == value)
    side = "" if value == 0 else f" {plus if value > 0 else minus}"
    return f"{format_number(abs(value), lang, decimals)}°{side}"


def _write(
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    grey: bool = False,
    anchor: str = "start",
    colour: str = "",
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    fill = colour or ("#555" if grey else "#000")
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" fill="{fill}"{weight} '
        f'text-anchor="{anchor}">{escape_text(text)}</text>'
    )


def _draw_stops(basis: Basis, paper: _Paper, lang: str) -> None:
    """Draw the signs of all stops, then the names of visits and bases beside them."""
    signs: list[tuple[float, float, str, str, str]] = []
    halts = 0
    placed: dict[tuple[str, str], None] = {}
    for stop in basis.row.stops:
        halts += stop.kind == "halt"
        x, y = paper.place(*_project(stop.lon, stop.lat))
        sign = number_stop(stop, halts).pick(lang)
        name = "" if stop.kind == "halt" else stop.name.pick(lang)
        if (stop.kind, stop.place_id) in placed and stop.kind == "base":
            continue
        placed[stop.kind, stop.place_id] = None
        signs.append((x, y, stop.kind, sign, name))
    # A visit stands where it is; what is at the same spot is moved beside it.
    order = {"visit": 0, "base": 1, "start": 1, "halt": 2}
    for x, y, kind, sign, name in sorted(signs, key=lambda item: order[item[2]]):
        left, top = _find_room(paper, x, y)
        paper.taken.append((left - 2.3, top - 2.3, left + 2.3, top + 2.3))
        if math.hypot(left - x, top - y) > 0.1:
            paper.add(
                f'<path d="M{x:.2f} {y:.2f}L{left:.2f} {top:.2f}" stroke="#000" '
                f'stroke-width="0.2"/>'
            )
        paper.add(_sign(left, top, kind, sign))
        if name:
            _label(paper, left, top, name, bold=True, gap=2.6)


def _find_room(paper: _Paper, x: float, y: float) -> tuple[float, float]:
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
    text = _write(
        x, y + 0.95, sign, size, bold=kind != "halt", anchor="middle", colour=colour
    )
    return shape + width + text


def _label(
    paper: _Paper, x: float, y: float, name: str, *, bold: bool, gap: float
) -> bool:
    """Write a name beside a spot where there is room; say whether there was."""
    short = name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"
    size = 3.0 if bold else 2.6
    wide, high = len(short) * size * 0.5, size
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
    for left, top in sorted(spots, key=lambda at: paper.is_driven(*at, wide, high)):
        box = (left, top, left + wide, top + high)
        if paper.is_free(box):
            paper.taken.append(box)
            halo = _write(left, top + 0.78 * high, short, size, bold=bold)
            white = halo.replace("<text ", '<text stroke="#fff" stroke-width="0.7" ', 1)
            paper.add(white)
            paper.add(halo)
            return True
    return False


def _draw_towns(basis: Basis, paper: _Paper, lang: str) -> None:
    """Draw the other sites of the plan, the largest first, named where there is room."""
    seen = {stop.site_id for stop in basis.row.stops}
    others: Iterable[Any] = sorted(
        (site for site in basis.plan.sites if site.id not in seen),
        key=lambda site: (-(site.population or 0), site.id),
    )
    for site in others:
        x, y = paper.place(*_project(site.lon, site.lat))
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


def _draw_furniture(paper: _Paper, lang: str) -> None:
    """Draw the scale bar and north, where no label may stand."""
    most = 0.3 * _WIDTH / paper.scale / 1000
    km = max((length for length in _BAR_KM if length <= most), default=_BAR_KM[0])
    long = km * 1000 * paper.scale
    left, low = _WIDTH - long - 6, _HEIGHT - 6
    paper.taken.append((left - 3, low - 5, _WIDTH, _HEIGHT))
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
        paper.add(_write(left + long * share, low - 1, text, 2.4, anchor="middle"))
    x, y = _WIDTH - 6, 5.0
    turn = _find_north(paper, x, y)
    paper.taken.append((x - 4, 0, _WIDTH, y + 9))
    paper.add(
        f'<path d="M{x:.2f} {y:.2f}l2 6.5l-2 -1.4l-2 1.4z" fill="#000" '
        f'transform="rotate({turn:.2f} {x:.2f} {y:.2f})"/>'
    )
    north = translate_text("N").pick(lang)
    paper.add(_write(x, y - 0.8, north, 3.0, bold=True, anchor="middle"))


def _find_north(paper: _Paper, x: float, y: float) -> float:
    """Return by how many degrees north is turned to the right at a spot of the sheet."""
    metres = shapely.Point(paper.west + x / paper.scale, paper.north - y / paper.scale)
    here = project_geometry(metres, to_metric=False)
    ahead = _project(here.x, here.y + 0.1)
    return math.degrees(math.atan2(ahead[0] - metres.x, ahead[1] - metres.y))


def _draw_key(lang: str) -> Iterator[str]:
    """Yield the key below the frame."""
    y = _HEIGHT + 4.2
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
    x = 0.0
    for sample, wide, text in samples:
        words = text.pick(lang)
        yield f'<g transform="translate({x:.2f} 0)">{sample}'
        yield f"{_write(wide, y + 0.9, words, 2.6)}</g>"
        x += wide + 1.2 * len(words) + 3.5


def _line_sample(y: float, width: float, grey: str, dashes: str) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M0 {y}h7" stroke="{grey}" stroke-width="{width}"{dashed}/>'
