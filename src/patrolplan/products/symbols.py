"""Colours, strokes and signs of the map, chosen to be told apart by every eye.

Risk runs from pale to dark in one warm hue, so it survives colour blindness and grey
print; patrols take hues of the Okabe-Ito and Tol sets that the risk ramp does not
use, and past the eighth they differ by dash and, always, by number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup

from patrolplan.planfile import PatrolEntry

__all__ = [
    "BASE_BLUE",
    "LINE_STROKES",
    "PRESENCE_STROKE",
    "RISK_COLOURS",
    "UNKNOWN_COLOUR",
    "Handles",
    "PatrolStyle",
    "Stroke",
    "assign_slots",
    "draw_base_sign",
    "draw_halt_sign",
    "draw_line_sample",
    "draw_site_sample",
    "draw_uncovered_sign",
    "find_risk_colour",
    "find_site_radius",
    "find_stroke",
    "style_patrol",
]

INK: Final = "#2b2a27"
BASE_BLUE: Final = "#1f6aa5"
UNKNOWN_COLOUR: Final = "#5d6473"
RISK_COLOURS: Final = ("#fdeec9", "#f9cb7a", "#ee9a3a", "#cc5f12", "#8a2f04")
"""Fill of risk 1 to 5."""

# Hue, and the ink that reads on it (contrast of at least 4.5).
_PATROL_COLOURS: Final = (
    ("#0072b2", "#ffffff"),
    ("#882255", "#ffffff"),
    ("#007a57", "#ffffff"),
    ("#332288", "#ffffff"),
    ("#cc79a7", "#1b1b1b"),
    ("#56b4e9", "#1b1b1b"),
    ("#4a4a4a", "#ffffff"),
    ("#8f8a1f", "#1b1b1b"),
)
_PATROL_DASHES: Final = (None, "11 6", "3 6", "14 5 3 5")


@dataclass
class Handles:
    """Names of the JavaScript variables that a page's script needs.

    Parameters
    ----------
    groups, legs, pucks
        By number of the patrol: its layer, the lines of its legs in order, and the disc
        that moves along them.
    places
        By id of a site or base: its sign.
    stops
        By ``PATROL.STOP``, the number of the patrol from 1 and of the stop from 0: the
        sign of the stop.
    layers
        The layers with shapes, from the lowest to the highest.
    """

    groups: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    stops: dict[str, str] = field(default_factory=dict)
    layers: list[str] = field(default_factory=list)
    legs: dict[str, list[str]] = field(default_factory=dict)
    pucks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn.

    Parameters
    ----------
    colour
        As ``#rrggbb``.
    width_px
        In pixels of the screen.
    dash
        Dashes and gaps in pixels, as SVG has them; None for none.
    opacity
        0 to 1.
    """

    colour: str
    width_px: float
    dash: str | None = None
    opacity: float = 1.0


LINE_STROKES: Final = {
    "paved": Stroke("#8b4a3b", 2.6),
    "paved_degraded": Stroke("#8b4a3b", 2.2, "9 3"),
    "unpaved": Stroke("#8a7256", 1.8),
    "track": Stroke("#8a7256", 1.5, "6 4"),
    "track_minor": Stroke("#a39377", 1.3, "3 4"),
    "sand": Stroke("#a58a4b", 1.6, "2 4"),
    "off_track": Stroke("#c2571a", 14.0, "3 6", 0.9),
    "ferry": Stroke("#1f6f8b", 2.6, "2 4"),
    "river": Stroke("#6fa8bf", 1.6, "8 4 2 4"),
    "closed": Stroke("#6b6b6b", 1.6, "1 6", 0.9),
}
"""Strokes by surface; a ferry, a river reach and a closed line have their own.

A way off the track is broad, so that it shows on both sides of a patrol that drives it.
"""

PRESENCE_STROKE: Final = Stroke("#e3b505", 10.0, None, 0.55)
"""A band under a line on which patrols are seen, and which earns need by it."""


def find_stroke(kind: object, surface: object, *, closed: bool) -> tuple[str, Stroke]:
    """Return the legend key and the stroke of a line.

    Parameters
    ----------
    kind
        ``road``, ``track``, ``ferry``, ``river`` or ``off_track``.
    surface
        Its surface; an unknown one is drawn as a track.
    closed
        Whether nothing passes.
    """
    if closed:
        return "closed", LINE_STROKES["closed"]
    key = str(kind) if kind in {"ferry", "river", "off_track"} else str(surface)
    if key not in LINE_STROKES:
        key = "track"
    return key, LINE_STROKES[key]


@dataclass(frozen=True)
class PatrolStyle:
    """How one patrol is drawn.

    Parameters
    ----------
    colour, ink
        Of its line and signs, and of the writing on these.
    dash
        Dashes and gaps of its line in pixels, as SVG has them; None for none.
    slot
        Its place beside others where patrols share a road: 0 on the road itself, 1, -1,
        2, -2 and so on to either side.
    """

    colour: str
    ink: str
    dash: str | None
    slot: int


def style_patrol(number: int, slot: int = 0) -> PatrolStyle:
    """Return the style of a patrol; thirty-two differ before they repeat.

    Parameters
    ----------
    number
        Number of the patrol, from 1.
    slot
        Place beside others on a shared road, 0 on the road itself.
    """
    turn, hue = divmod(number - 1, len(_PATROL_COLOURS))
    colour, ink = _PATROL_COLOURS[hue]
    return PatrolStyle(colour, ink, _PATROL_DASHES[turn % len(_PATROL_DASHES)], slot)


def assign_slots(patrols: Sequence[PatrolEntry]) -> list[int]:
    """Give patrols that share a stretch of road places beside each other.

    Parameters
    ----------
    patrols
        The patrols, in order.

    Returns
    -------
    list of int
        For each patrol 0, 1, -1, 2, -2 …: the first that no patrol on the same
        stretch has.
    """
    stretches = [
        {
            frozenset(pair)
            for leg in patrol.legs
            for pair in zip(
                leg.geometry.coordinates, leg.geometry.coordinates[1:], strict=False
            )
        }
        for patrol in patrols
    ]
    slots: list[int] = []
    for number, mine in enumerate(stretches):
        taken = {slots[i] for i in range(number) if mine & stretches[i]}
        candidates = (
            (n + 1) // 2 * (1 if n % 2 else -1) for n in range(len(patrols) + 1)
        )
        slots.append(next(slot for slot in candidates if slot not in taken))
    return slots


def find_risk_colour(risk: float | None) -> str | None:
    """Return the fill of a risk, or None where it is unknown.

    Parameters
    ----------
    risk
        1 to 5, or None; a fraction takes the colour of the nearest whole level.
    """
    if risk is None or not math.isfinite(risk):
        return None
    return RISK_COLOURS[min(5, max(1, math.floor(risk + 0.5))) - 1]


def find_site_radius(population: int | None) -> float:
    """Return the radius in pixels of a site; its area grows with its people.

    Parameters
    ----------
    population
        Persons, or None where unknown, which takes a small fixed size.
    """
    if population is None:
        return 4.5
    return round(min(15.0, 3.2 + 0.034 * math.sqrt(population)), 1)


def draw_line_sample(stroke: Stroke, *, cased: bool = False) -> Markup:
    """Return a short line for the legend as SVG.

    Parameters
    ----------
    stroke
        Its stroke.
    cased
        Whether it has a pale casing, as patrols do.
    """
    dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
    casing = (
        '<path d="M1 6h32" stroke="#fffdf6" stroke-width="7" fill="none"/>'
        if cased
        else ""
    )
    return Markup(  # noqa: S704
        '<svg class="pp-sample" width="34" height="12" aria-hidden="true">'
        f'{casing}<path d="M1 6h32" stroke="{stroke.colour}" fill="none" '
        f'stroke-width="{stroke.width_px}" opacity="{stroke.opacity}"{dash}/></svg>'
    )


def draw_site_sample(
    radius_px: float, fill: str | None, *, colour: str = INK, dashed: bool = False
) -> Markup:
    """Return a site's circle for the legend as SVG.

    Parameters
    ----------
    radius_px
        Radius in pixels.
    fill
        Fill, or None for a hollow ring.
    colour
        Outline.
    dashed
        Whether the outline is dashed, for unknown people.
    """
    size = 2 * radius_px + 4
    middle = size / 2
    dash = ' stroke-dasharray="2.5 2"' if dashed else ""
    return Markup(  # noqa: S704
        f'<svg class="pp-dot" width="{size:g}" height="{size:g}" aria-hidden="true">'
        f'<circle cx="{middle:g}" cy="{middle:g}" r="{radius_px:g}" '
        f'fill="{fill or "none"}" stroke="{colour}" '
        f'stroke-width="{1.2 if fill else 2.2}"{dash}/></svg>'
    )


def draw_base_sign() -> Markup:
    """Return the flag that marks a base as SVG; the foot of its pole is the place."""
    return Markup(  # noqa: S704
        '<svg width="22" height="24" viewBox="0 0 22 24" aria-hidden="true">'
        '<path d="M4 1v22" stroke="#123f63" stroke-width="2.2"/>'
        f'<path d="M5 2h15l-4 5 4 5H5z" fill="{BASE_BLUE}" stroke="#fff" '
        'stroke-width="1"/><circle cx="4" cy="22" r="2" fill="#123f63"/></svg>'
    )


def draw_halt_sign(colour: str) -> Markup:
    """Return the moon that marks a night halt as SVG.

    Parameters
    ----------
    colour
        Colour of its patrol.
    """
    return Markup(  # noqa: S704
        '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">'
        f'<circle cx="9" cy="9" r="8" fill="#fffdf6" stroke="{colour}" '
        'stroke-width="1.6"/>'
        f'<path d="M11.8 12.6A5 5 0 1 1 9.2 3.9 4.1 4.1 0 0 0 11.8 12.6z" '
        f'fill="{colour}"/></svg>'
    )


def draw_uncovered_sign(group: str) -> Markup:
    """Return the sign of a site that no patrol visits as SVG.

    Parameters
    ----------
    group
        ``unknown`` for a question mark; any other for a cross.
    """
    sign = (
        '<path d="M5.2 5.8a2 2 0 1 1 2.9 1.8c-.7.4-.9.7-.9 1.4M7.2 11v.6" '
        'fill="none" stroke="#fff" stroke-width="1.5"/>'
        if group == "unknown"
        else '<path d="M4.6 4.6l5 5M9.6 4.6l-5 5" stroke="#fff" stroke-width="1.8"/>'
    )
    fill = UNKNOWN_COLOUR if group == "unknown" else "#1b1b1b"
    return Markup(  # noqa: S704
        '<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">'
        f'<circle cx="7" cy="7" r="6.4" fill="{fill}" stroke="#fffdf6"/>{sign}</svg>'
    )
