"""Signs and colours of the map of the casualty clock."""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup

from patrolplan.products.symbols import Stroke, draw_line_sample, draw_site_sample

__all__ = [
    "CLOCK_FILLS",
    "CLOCK_STROKES",
    "draw_care_sign",
    "draw_samples",
    "draw_star",
]

# Blue, ochre and red are told apart by eyes of every kind, and by their darkness too.
CLOCK_FILLS: Final = {
    "night": "#2f78b3",
    "day": "#e3a92b",
    "beyond": "#a3160f",
    "unknown": "#8a8f9a",
}
CLOCK_STROKES: Final = {
    "night": Stroke("#2b5d86", 2.0),
    "day": Stroke("#a87300", 2.2),
    "beyond": Stroke("#a3160f", 2.8, "7 4"),
}


def draw_care_sign(kind: str) -> Markup:
    """Return the sign of a helicopter or of a surgical team as SVG.

    Parameters
    ----------
    kind
        ``helicopter`` or ``surgery``.
    """
    sign = (
        '<path d="M6 5v8M12 5v8M6 9h6" stroke="#fff" stroke-width="2" fill="none"/>'
        if kind == "helicopter"
        else '<path d="M9 4.5v9M4.5 9h9" stroke="#fff" stroke-width="3" fill="none"/>'
    )
    shape = (
        '<circle cx="9" cy="9" r="8.2" fill="#123f63" stroke="#fffdf6"/>'
        if kind == "helicopter"
        else '<rect x="1" y="1" width="16" height="16" rx="2" fill="#b3140f" '
        'stroke="#fffdf6"/>'
    )
    return Markup(  # noqa: S704
        '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">'
        f"{shape}{sign}</svg>"
    )


def draw_star(*, leads: bool) -> Markup:
    """Return the star of a place for one more unit as SVG.

    Parameters
    ----------
    leads
        Whether it is the best for some unit.
    """
    fill = "#5a2a82" if leads else "#fffdf6"
    size = 22 if leads else 15
    return Markup(  # noqa: S704
        f'<svg width="{size}" height="{size}" viewBox="0 0 22 22" aria-hidden="true">'
        '<path d="M11 1.5l2.9 6.2 6.6.8-4.9 4.6 1.3 6.7L11 16.5l-5.9 3.3 1.3-6.7L1.5 '
        f'8.5l6.6-.8z" fill="{fill}" stroke="#5a2a82" stroke-width="1.6"/></svg>'
    )


def draw_samples() -> dict[str, Any]:
    """Return what the legend shows of each sign, as SVG."""
    return {
        "sites": {
            state: draw_site_sample(6, CLOCK_FILLS[state])
            for state in ("night", "day", "beyond")
        },
        "lines": {state: draw_line_sample(s) for state, s in CLOCK_STROKES.items()},
        "helicopter": draw_care_sign("helicopter"),
        "surgery": draw_care_sign("surgery"),
        "best": draw_star(leads=True),
        "good": draw_star(leads=False),
        "people_unknown": draw_site_sample(4.5, "#efe6d2", dashed=True),
    }
