"""Compiling the core before it is needed, so that whoever waits knows what for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from patrolplan.planning import kernel
from patrolplan.planning.bound import Bounding
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Base, Problem, Site, Team, TravelMatrix
from patrolplan.planning.search import Search

__all__ = ["compile_kernels", "is_compiled"]


def is_compiled() -> bool:
    """Return whether the compiler's cache on disk holds the core as it is now."""
    cache = getattr(kernel.anneal_roster, "_cache", None)
    folder = getattr(cache, "cache_path", None)
    if folder is None:
        return False
    written = Path(kernel.__file__).stat().st_mtime
    # The last of the functions that a plan needs.
    indexes = Path(folder).glob("kernel.price_patrols-*.nbi")
    return any(index.stat().st_mtime >= written for index in indexes)


def compile_kernels() -> Iterator[str]:
    """Compile all that a plan needs, by planning a problem of two sites.

    Yields
    ------
    The name of each part, once it is done.
    """
    posed = Posed(_build_problem())
    yield "clock"
    search = Search(posed, seed=1, workers=1)
    search.run(2, 0.0, 1.0)
    search.adopt(search.find_best()[1])
    yield "search"
    bounding = Bounding(posed, posed.needs)
    while bounding.improve():
        pass
    yield "bound"


def _build_problem() -> Problem:
    start, places = date(2014, 11, 3), ("base", "near", "far")
    away = 60.0 * np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
    day = np.ones((3, 2)) * [0.0, 1440.0]
    return Problem(
        start=start,
        horizon_days=2,
        place_ids=places,
        sites=tuple(Site(place, place, 1.0, 60.0) for place in places[1:]),
        bases=(Base("base", "base"),),
        teams=(Team("team", "base", "car", 2, 8, 1, 2, 0, 500.0),),
        travel=(TravelMatrix("car", start, start.replace(day=4), away, away, away),),
        opens_min=day + 360.0,
        closes_min=day + 1080.0,
        day_starts_min=np.array([0.0, 1440.0, 2880.0]),
    )
