"""Coverage over the months as a small chart, SVG without a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from patrolplan.products.campaign_rows import MonthRow
from patrolplan.products.catalogue import mark, translate_text
from patrolplan.products.markup import render_both

__all__ = ["SERIES", "draw_chart", "list_series"]

SERIES: Final = {
    "need_percent": ("#8a2f04", "", mark("need met in the month, of that grown back")),
    "people_percent": ("#1f6aa5", "7 4", mark("people reached so far, of those known")),
    "sites_percent": ("#2c7a3f", "2 4", mark("sites visited so far")),
}
"""Of each series of percents: its colour, its dash, and what it is."""
_WIDTH: Final = 366
_HEIGHT: Final = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 12, 10, 24


def draw_chart(rows: Sequence[MonthRow]) -> Markup:
    """Draw the shares of a campaign by month, in percent from 0 to 100.

    A month that was not planned leaves a gap in what is of that month alone.

    Parameters
    ----------
    rows
        The months.
    """
    span = _WIDTH - _LEFT - _RIGHT
    step = span / max(1, len(rows) - 1)

    def place(number: int, percent: float) -> tuple[float, float]:
        x = _LEFT + (step * number if len(rows) > 1 else span / 2)
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - percent / 100)
        return round(x, 1), round(y, 1)

    parts = []
    for percent in (0, 25, 50, 75, 100):
        _, y = place(0, percent)
        parts.append(
            f'<path d="M{_LEFT} {y}H{_WIDTH - _RIGHT}" stroke="#ded5bf"/>'
            f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end">{percent}</text>'
        )
    every = max(1, -(-len(rows) // 12))
    for number, row in enumerate(rows):
        x, _ = place(number, 0)
        if number % every == 0:
            parts.append(
                f'<text x="{x}" y="{_HEIGHT - 8}" text-anchor="middle">'
                f"{row.number}</text>"
            )
    parts.append(f'<path class="pp-chart-now" d="M0 {_TOP}V{_HEIGHT - _BOTTOM}"/>')
    for name, (colour, dash, _) in SERIES.items():
        values = [getattr(row, name) for row in rows]
        points = [None if v is None else place(i, v) for i, v in enumerate(values)]
        parts.append(_draw_series(points, colour, dash))
    xs = " ".join(str(place(number, 0)[0]) for number in range(len(rows)))
    label = translate_text(mark("Coverage by month, percent"))
    return Markup(  # noqa: S704
        f'<svg class="pp-chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{label.en} / {label.fr}" data-xs="{xs}">{"".join(parts)}</svg>'
    )


def _draw_series(
    points: Sequence[tuple[float, float] | None], colour: str, dash: str
) -> str:
    path, is_on = "", False
    dots = []
    for point in points:
        if point is None:
            is_on = False
            continue
        path += f"{'L' if is_on else 'M'}{point[0]} {point[1]}"
        dots.append(f'<circle cx="{point[0]}" cy="{point[1]}" r="3" fill="{colour}"/>')
        is_on = True
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.2"{dashes}/>'
        f"{''.join(dots)}"
    )


def list_series() -> list[tuple[str, str, Markup]]:
    """Return colour, dash and words of each series, for the legend below the chart."""
    return [
        (colour, dash, render_both(translate_text(words)))
        for colour, dash, words in SERIES.values()
    ]
