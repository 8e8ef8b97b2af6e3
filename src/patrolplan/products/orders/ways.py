"""Lines of communication on paper: by surface, and crossed where they are closed.

What is closed is what the map of the same pack shows closed: a patrol that carries the
paper must not take for open what its staff saw shut.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import shapely

from patrolplan.open_ground_figures import OFF_TRACK
from patrolplan.planfile import PlanFile
from patrolplan.products.closed_lines import find_season, is_closed, mark_closed
from patrolplan.products.frames import read_cell
from patrolplan.products.orders.sheet import Sheet, cut_shapes, draw_path
from patrolplan.products.symbols import find_stroke

__all__ = ["Ways", "draw_ferry", "draw_ways", "sample_way"]

# Of lines: width in mm, grey, and dashes.
_WAYS: Final = {
    "paved": (0.55, "#7a7a7a", ""),
    "paved_degraded": (0.55, "#7a7a7a", ""),
    "unpaved": (0.4, "#8a8a8a", ""),
    "track": (0.3, "#8a8a8a", "1.4 0.9"),
    "ferry": (0.4, "#8a8a8a", "0.4 0.8"),
    OFF_TRACK: (3.6, "#8a8a8a", "0.5 1.6"),
    "closed": (0.25, "#a5a5a5", ""),
}
# Of crosses, and of the sign of a ferry.
_CROSS_EVERY_MM: Final = 4.5
_ARM_MM: Final = 0.85
_FERRY_MM: Final = 1.5
_FERRY_ARM_MM: Final = 1.7


@dataclass
class Ways:
    """The lines on a sheet.

    Parameters
    ----------
    lines
        As SVG.
    ferries
        Where on the paper each is, and whether it is closed. They bear a sign, which
        stands clear of those of stops: a ferry is too short to be seen.
    kinds
        What kinds of line there are: surfaces, ``ferry``, ``off_track``, ``closed``.
    """

    lines: list[str] = field(default_factory=list)
    ferries: list[tuple[float, float, bool]] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def draw_ways(frame: Any, plan: PlanFile, paper: Sheet) -> Ways:
    """Draw the lines on a sheet, as they are when the plan begins.

    Parameters
    ----------
    frame
        The lines layer.
    plan
        Says which season it begins in, and what is closed besides.
    paper
        The sheet.
    """
    ways, season = Ways(), find_season(plan)
    for shape, row in cut_shapes(mark_closed(frame, plan), paper):
        kind = read_cell(row, "kind")
        if kind == "river":
            continue
        shut = is_closed(row, season)
        key = find_stroke(kind, read_cell(row, "surface"), closed=shut)[0]
        ways.lines.append(draw_path(paper, shape, _style_way(key)))
        ways.kinds.add(key)
        if kind == "ferry":
            ways.kinds.add("ferry")
            ways.ferries += [
                (*spot, shut) for spot in _space_marks(shape, paper, math.inf)
            ]
        elif shut:
            crosses = _space_marks(shape, paper, _CROSS_EVERY_MM)
            ways.lines.append(_draw_crosses(crosses))
    return ways


def _style_way(key: str) -> str:
    width, grey, dashes = _WAYS.get(key, _WAYS["track"])
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    # Round ends, as others have, would fill the gaps of so broad a line.
    ends = ' stroke-linecap="butt"' if key == OFF_TRACK else ""
    return f'stroke="{grey}" stroke-width="{width}"{dashed}{ends}'


def _space_marks(
    shape: Any, paper: Sheet, every_mm: float
) -> Iterator[tuple[float, float]]:
    """Yield spots of the paper along a line, evenly, one at least on each part."""
    for part in shapely.get_parts(shape):
        # A line that only touches the edge of the sheet leaves a point there.
        count = max(1, round(part.length * paper.scale / every_mm)) * (part.length > 0)
        for number in range(count):
            spot = part.interpolate((number + 0.5) / count, normalized=True)
            yield paper.place(spot.x, spot.y)


def _draw_crosses(middles: Iterable[tuple[float, float]], arm: float = _ARM_MM) -> str:
    whole = 2 * arm
    steps = "".join(
        f"M{x - arm:.2f} {y - arm:.2f}l{whole} {whole}m0 -{whole}l-{whole} {whole}"
        for x, y in middles
    )
    return f'<path d="{steps}" stroke="#333" stroke-width="0.3"/>'


def draw_ferry(x: float, y: float, *, shut: bool = False) -> str:
    """Return the sign of a ferry, crossed where it is closed.

    Parameters
    ----------
    x, y
        Its middle, in mm.
    shut
        Whether it is closed.
    """
    half = _FERRY_MM
    return (
        f'<path d="M{x:.2f} {y - half:.2f}l{half} {half}l-{half} {half}'
        f'l-{half} -{half}z" fill="#fff" stroke="#333" stroke-width="0.3"/>'
        f"{_draw_crosses([(x, y)], _FERRY_ARM_MM) if shut else ''}"
    )


def sample_way(key: str, y: float) -> str:
    """Return a line of a kind for the key, 7 mm long.

    Parameters
    ----------
    key
        The kind, as :class:`Ways` has it.
    y
        How far down it lies, in mm.
    """
    line = f'<path d="M0 {y}h7" {_style_way(key)}/>'
    if key != "closed":
        return line
    return line + _draw_crosses([(1.4, y), (5.6, y)])
