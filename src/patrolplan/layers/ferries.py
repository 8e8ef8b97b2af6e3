"""How long a ferry crosses: as a file says, or by its length."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolplan.layers.line_tables import LineTable
from patrolplan.network_figures import NetworkFigures

__all__ = ["find_crossings_min"]

_DURATION = re.compile(r"(?:(\d{1,2}):)?(\d{1,4})(?::(\d\d))?")
"""As OpenStreetMap's Key:duration has it: minutes alone, or hours first."""


def find_crossings_min(
    lines: LineTable, length_m: NDArray[np.float64], figures: NetworkFigures
) -> NDArray[np.float64]:
    """Return the minutes that a ferry takes over each line: stated, else by speed.

    Parameters
    ----------
    lines
        The lines; only those that are ferries have a use for it.
    length_m
        How long each is.
    figures
        The speed of a ferry whose crossing nobody timed.
    """
    nothing = np.full(len(lines), np.nan)
    stated_min = lines.tags.get("crossing_min", nothing)
    slow_min = length_m / 1000 / figures.ferry_speed_kmh * 60
    tagged_min = nothing
    if "duration" in lines.tags:
        codes, texts = pd.factorize(lines.tags["duration"])
        read = [_read_duration(str(text)) for text in texts]
        tagged_min = np.array([*read, np.nan])[codes]
    found_min = np.where(np.isnan(stated_min), tagged_min, stated_min)
    return np.where(np.isnan(found_min), slow_min, found_min)


def _read_duration(text: str) -> float:
    """Return the minutes of ``mm``, ``hh:mm`` or ``hh:mm:ss``; NaN of other texts."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return float("nan")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 60 + minutes + seconds / 60
