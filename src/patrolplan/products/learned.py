"""Speeds learned from tracks as files: a layer to plan with, and the comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from patrolplan.layers.movement_schema import SPEEDS
from patrolplan.network.learning import Learned, replace_speeds
from patrolplan.products.catalogue import format_number, mark, translate
from patrolplan.products.files import write_folder
from patrolplan.products.tables import format_csv

__all__ = ["LEARNED_HEADINGS", "word_notes", "write_learned"]

LEARNED_HEADINGS: Final = (
    mark("Surface"),
    mark("Season"),
    mark("Planned, km/h"),
    mark("Learned, km/h"),
    mark("Driven, km"),
    mark("Tracks"),
    mark("Believed"),
)
"""Headings of the table of what was learned."""
_ANSWERS: Final = (mark("yes"), mark("too little driven"))


def write_learned(learned: Learned, speeds: Any, folder: Path) -> dict[str, Path]:
    """Write ``speeds-learned.csv`` and ``speeds-compared.csv``.

    The first is a speeds layer that a scenario can name; the second puts planned
    against real. Neither bears a position, a time, a name or a device.

    Parameters
    ----------
    learned
        What tracks tell.
    speeds
        The speeds layer that it was compared with.
    folder
        Where; it is made if it is missing.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    columns = [column.name for column in SPEEDS.columns]
    contents = {
        "speeds-learned.csv": format_csv(replace_speeds(speeds, learned)[columns]),
        "speeds-compared.csv": format_csv(learned.frame),
    }
    return write_folder(folder, contents)


def word_notes(learned: Learned, least_km: float, lang: str) -> tuple[str, ...]:
    """Return in words what tracks did not tell.

    Parameters
    ----------
    learned
        What they did.
    least_km
        Kilometres from which a speed is believed.
    lang
        ``en`` or ``fr``.
    """
    notes = [
        translate("A speed is believed from {n} km on.", lang).format(
            n=format_number(least_km, lang)
        )
    ]
    if round(learned.off_lines_km):
        told = translate("{n} km lie on no line, or between two surfaces.", lang)
        notes.append(told.format(n=format_number(learned.off_lines_km, lang)))
    if learned.untimed:
        told = translate("Fixes without a time, left out: {n}.", lang)
        notes.append(told.format(n=format_number(learned.untimed, lang)))
    return tuple(notes)
