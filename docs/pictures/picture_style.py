"""How the pictures of this site look, and how each is written the same every time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "CARD",
    "FAINT",
    "GREEN",
    "GREY",
    "INK",
    "RUST",
    "SAND",
    "format_count",
    "new_figure",
    "put_legend",
    "strip_axes",
    "write_picture",
]

INK, GREY, FAINT, CARD = "#2b2a27", "#6d6a64", "#dedad0", "#fffdf8"
BLUE, RUST, GREEN, SAND = "#1f6aa5", "#b5531c", "#2c7a3f", "#f3e3b3"
"""Told apart in shades of grey too; whatever is told by colour is told in words."""

# As wide as it takes for a letter to be read on a phone, where a page shows a picture
# at two thirds of this.
_WIDTH_IN: Final = 4.9
_LOOK: Final[dict[str, Any]] = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "svg.fonttype": "path",  # as drawn here, whatever fonts a reader has
    "svg.hashsalt": "patrolplan",
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
}
mpl.rcParams.update(_LOOK)


def new_figure(height_in: float) -> tuple[Figure, Axes]:
    """Return an empty figure with one pair of axes.

    Parameters
    ----------
    height_in
        Its height in inches; all are as wide.
    """
    figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
    figure.set_facecolor(CARD)
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    axes = figure.add_subplot()
    axes.set_facecolor(CARD)
    return figure, axes


def strip_axes(axes: Axes, *sides: str) -> None:
    """Take off all sides of a frame but some, and the ticks of those.

    Parameters
    ----------
    axes
        The axes.
    sides
        What stays of ``left``, ``bottom``, ``right`` and ``top``.
    """
    for side in ("left", "bottom", "right", "top"):
        axes.spines[side].set_visible(side in sides)
    axes.tick_params(left="left" in sides, bottom="bottom" in sides)


def put_legend(axes: Axes, columns: int, **places: Any) -> None:
    """Put a legend without a frame above the axes.

    Parameters
    ----------
    axes
        The axes; what bears a label is in it.
    columns
        How many entries stand side by side.
    places
        Where else than above, as matplotlib has it.
    """
    above = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2}
    axes.legend(
        ncols=columns,
        frameon=False,
        fontsize=9,
        handlelength=1.4,
        columnspacing=1.2,
        handletextpad=0.5,
        **(above | places),
    )


def format_count(number: float) -> str:
    """Return a number in whole, with thousands apart.

    Parameters
    ----------
    number
        What to write.
    """
    return f"{number:,.0f}"


def write_picture(figure: Figure, file: Path) -> None:
    """Write a picture: the same bytes for the same figure, without a date, and few.

    Parameters
    ----------
    figure
        What to write.
    file
        An SVG, or a PNG to look at.
    """
    if file.suffix != ".svg":
        figure.savefig(file, dpi=160)
        return
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    text = _PLACED.sub(lambda found: _shorten(found[0]), drawn.getvalue())
    file.write_text(re.sub(r"\n +", "\n", text), encoding="utf-8")


# What is placed somewhere; hundredths of a point are finer than any screen.
_PLACED: Final = re.compile(r' (?:d|x|y|transform|width|height)="[^"]+"')
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")


def _shorten(attribute: str) -> str:
    """Return an attribute on one line, its numbers to hundredths."""
    text = re.sub(r"\s+", " ", attribute).replace(' "', '"')
    return _LONG_NUMBER.sub(lambda found: _round(found[0]), text)


def _round(number: str) -> str:
    # What is below 1 may be the scale of letters, which stands as it is.
    return number if abs(float(number)) < 1 else f"{round(float(number), 2):g}"
