"""The sheet that a map picture is drawn on: millimetres of paper, and its graticule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely

from patrolplan.geodesy import project_geometry
from patrolplan.products.catalogue import format_number, translate_text
from patrolplan.products.escaping import escape_text
from patrolplan.products.frames import read_rows

__all__ = [
    "HEIGHT_MM",
    "WIDTH_MM",
    "Sheet",
    "cut_shapes",
    "draw_graticule",
    "draw_path",
    "find_north",
    "project_spot",
    "write_text",
]

# The width of the text on A4, and a third of its height.
WIDTH_MM: Final = 184.0
HEIGHT_MM: Final = 104.0
_STEPS_DEG: Final = (0.25, 0.5, 1.0, 2.0, 5.0)


@dataclass
class Sheet:
    """A sheet: where metres lie on it, and which parts are written on already.

    Parameters
    ----------
    west, north
        Its left and its upper edge, in metres of the house's metric system.
    scale
        Millimetres of paper for each metre.
    parts
        What is drawn, as SVG, in order.
    taken
        Boxes (left, top, right, bottom) in mm that nothing else may cover.
    driven
        The way of the patrol, which names keep off where they can.
    """

    west: float
    north: float
    scale: float
    parts: list[str] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    driven: Any = None

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a position lies on paper, in mm from the left and the top.

        Parameters
        ----------
        x, y
            In metres of the house's metric system.
        """
        return (x - self.west) * self.scale, (self.north - y) * self.scale

    def add(self, part: str) -> None:
        """Draw a part above all that is drawn.

        Parameters
        ----------
        part
            SVG, in mm from the left and the top.
        """
        self.parts.append(part)

    def is_free(self, box: tuple[float, float, float, float]) -> bool:
        """Return whether a box lies on the sheet and covers nothing.

        Parameters
        ----------
        box
            Left, top, right and bottom, in mm.
        """
        left, top, right, bottom = box
        if left < 1 or top < 1 or right > WIDTH_MM - 1 or bottom > HEIGHT_MM - 1:
            return False
        return all(
            right <= other[0]
            or left >= other[2]
            or bottom <= other[1]
            or top >= other[3]
            for other in self.taken
        )

    def is_driven(self, box: tuple[float, float, float, float]) -> bool:
        """Return whether the way of the patrol crosses a box.

        Parameters
        ----------
        box
            Left, top, right and bottom, in mm.
        """
        left, top, right, bottom = (side / self.scale for side in box)
        box = (
            self.west + left,
            self.north - bottom,
            self.west + right,
            self.north - top,
        )
        return bool(shapely.intersects(self.driven, shapely.box(*box)))


def project_spot(lon: float, lat: float) -> tuple[float, float]:
    """Return a position in metres of the house's metric system.

    Parameters
    ----------
    lon, lat
        Degrees.
    """
    point = project_geometry(shapely.Point(lon, lat), to_metric=True)
    return float(point.x), float(point.y)


def _project_line(points: list[tuple[float, float]]) -> Any:
    return project_geometry(shapely.LineString(points), to_metric=True)


def cut_shapes(frame: Any, paper: Sheet) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the shapes of a frame that lie on the sheet, in metres, and their rows.

    Parameters
    ----------
    frame
        Shapes in WGS 84.
    paper
        The sheet.
    """
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


def draw_path(paper: Sheet, shape: Any, style: str) -> str:
    """Return a shape as one SVG path; empty where it has no line.

    Parameters
    ----------
    paper
        The sheet.
    shape
        Lines or areas, in metres.
    style
        Attributes of the path.
    """
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


def write_text(
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
    """Return a text as SVG, escaped.

    Parameters
    ----------
    x, y
        Where its base line begins, or has its middle, in mm.
    text
        Any text.
    size
        Height of the letters, in mm.
    bold, grey, colour
        How it is written; a colour goes before grey.
    anchor
        ``start`` or ``middle``.
    """
    weight = ' font-weight="bold"' if bold else ""
    fill = colour or ("#555" if grey else "#000")
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" fill="{fill}"{weight} '
        f'text-anchor="{anchor}">{escape_text(text)}</text>'
    )


def draw_graticule(paper: Sheet, lang: str) -> Iterator[str]:
    """Yield meridians and parallels, with their degrees at the frame.

    Parameters
    ----------
    paper
        The sheet.
    lang
        ``en`` or ``fr``.
    """
    east, south = (
        paper.west + WIDTH_MM / paper.scale,
        paper.north - HEIGHT_MM / paper.scale,
    )
    corners = [
        project_geometry(shapely.Point(x, y), to_metric=False)
        for x in (paper.west, (paper.west + east) / 2, east)
        for y in (south, paper.north)
    ]
    lons, lats = [p.x for p in corners], [p.y for p in corners]
    span = max(lats) - min(lats)
    step = next((deg for deg in _STEPS_DEG if span / deg <= 5), 10.0)
    style = 'stroke="#bdbdbd" stroke-width="0.15"'
    above, below, right, left = (
        translate_text(side).pick(lang) for side in ("N", "S", "E", "W")
    )
    for lon in _list_ticks(min(lons), max(lons), step):
        line = _project_line(
            [(lon, lat) for lat in np.linspace(min(lats), max(lats), 9)]
        )
        yield draw_path(paper, line, style)
        spot = paper.place(*project_spot(lon, min(lats)))[0]
        label = _word_degrees(lon, right, left, lang)
        if 4 < spot < WIDTH_MM - 8:
            yield write_text(spot + 0.6, HEIGHT_MM - 1.0, label, 2.3, grey=True)
    for lat in _list_ticks(min(lats), max(lats), step):
        line = _project_line(
            [(lon, lat) for lon in np.linspace(min(lons), max(lons), 9)]
        )
        yield draw_path(paper, line, style)
        spot = paper.place(*project_spot(min(lons), lat))[1]
        label = _word_degrees(lat, above, below, lang)
        if 4 < spot < HEIGHT_MM - 6:
            yield write_text(0.9, spot - 0.5, label, 2.3, grey=True)


def _list_ticks(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return [number * step for number in range(first, last + 1)]


def _word_degrees(value: float, plus: str, minus: str, lang: str) -> str:
    decimals = next(n for n in (0, 1, 2) if n == 2 or round(value, n) == value)
    side = "" if value == 0 else f" {plus if value > 0 else minus}"
    return f"{format_number(abs(value), lang, decimals)}°{side}"


def find_north(paper: Sheet, x: float, y: float) -> float:
    """Return by how many degrees north is turned to the right at a spot.

    Parameters
    ----------
    paper
        The sheet.
    x, y
        The spot, in mm.
    """
    metres = shapely.Point(paper.west + x / paper.scale, paper.north - y / paper.scale)
    here = project_geometry(metres, to_metric=False)
    ahead = project_spot(here.x, here.y + 0.1)
    return math.degrees(math.atan2(ahead[0] - metres.x, ahead[1] - metres.y))
