"""Draw the pictures of this site anew, from the code and the built-in theatre.

``make pictures`` runs it, by hand: the pictures stand in the repository. The plan is
that of ``patrolplan plan``; every draw has a seed, and no picture bears a date, so that
the same code, data and matplotlib give the same bytes.

    python docs/pictures/draw_pictures.py [NAME ...] [--png FOLDER]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import house_picture
import picture_style
import plan_pictures
import theatre_pictures
from matplotlib.figure import Figure

import patrolplan as pp

__all__ = ["DRAWN", "draw"]

_IMAGES: Final = Path(__file__).resolve().parents[1] / "images"
# What the mix keeps at least of the best plan's need, as its page has it; and the seed
# of the draw, of which the picture shows nothing.
_SHARE_KEPT, _SEED = 0.95, 42


# So few rounds of search, and of this scenario, that plan and bound are both seen to
# move; the built-in one is at its best from the first round on.
_HASTY, _LONG = 40, "timbuktu-delta-rains.toml"


def _find_scenario(name: str = "north-mali.toml") -> Path:
    return pp.find_shipped() / "scenarios" / name


@cache
def _plan() -> pp.Study:
    return pp.plan_patrols(_find_scenario())


def _draw_gap() -> Figure:
    reports: list[pp.Progress] = []
    pp.plan_patrols(
        _find_scenario(_LONG), iterations=_HASTY, on_progress=reports.append
    )
    return plan_pictures.draw_gap(reports)


def _draw_lots() -> Figure:
    _, mix = pp.vary_study(_plan(), _SHARE_KEPT, seed=_SEED)
    return plan_pictures.draw_lots(_plan(), mix)


def _draw_seasons() -> Figure:
    scenario = pp.read_scenario(_find_scenario())
    return theatre_pictures.draw_seasons(scenario, pp.read_layers(scenario))


def _draw_casualty() -> Figure:
    return theatre_pictures.draw_casualty(pp.find_casualty_gaps(_find_scenario()))


DRAWN: Final[dict[str, Callable[[], Figure]]] = {
    "need": lambda: plan_pictures.draw_need(_plan()),
    "duty-clock": lambda: plan_pictures.draw_duty_clock(_plan()),
    "gap": _draw_gap,
    "lots": _draw_lots,
    "casualty-clock": _draw_casualty,
    "seasons": _draw_seasons,
    "bearings": theatre_pictures.draw_bearings,
    "house": house_picture.draw_house,
}
"""By the name of its file: how each picture is drawn."""


def draw(name: str, file: Path) -> None:
    """Draw one picture.

    Parameters
    ----------
    name
        Of :data:`DRAWN`.
    file
        An SVG or a PNG to be written.
    """
    picture_style.write_picture(DRAWN[name](), file)


def main() -> None:
    """Draw all pictures, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all if none is given")
    parser.add_argument("--png", type=Path, help="PNG files to look at, in this folder")
    options = parser.parse_args()
    for name in options.names or DRAWN:
        folder, kind = (options.png, "png") if options.png else (_IMAGES, "svg")
        folder.mkdir(parents=True, exist_ok=True)
        draw(name, folder / f"{name}.{kind}")


if __name__ == "__main__":
    main()
