"""Travel matrices made anew from others: more places, fewer days, places twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.problem import Problem, TravelMatrix

__all__ = ["copy_places", "cut_days", "widen_travel"]

_Ways = Mapping[tuple[int, int], tuple[tuple[Any, float], ...]]


def widen_travel(matrix: TravelMatrix, more: int) -> TravelMatrix:
    """Return a matrix with more places, to and from which there is no way.

    Parameters
    ----------
    matrix
        The matrix.
    more
        How many places come after its own.
    """

    def pad(cells: NDArray[np.float64]) -> NDArray[np.float64]:
        size = len(cells) + more
        wide = np.full((size, size), np.inf)
        np.fill_diagonal(wide, 0.0)
        wide[: len(cells), : len(cells)] = cells
        return wide

    return replace(
        matrix,
        durations_min=pad(matrix.durations_min),
        lengths_m=pad(matrix.lengths_m),
        fuels_l=pad(matrix.fuels_l),
        hazards=None if matrix.hazards is None else pad(matrix.hazards),
    )


def cut_days(
    problem: Problem,
    matrix: TravelMatrix,
    vehicle: str,
    first: int,
    last: int,
    place: int,
    barred: bool,
) -> Iterator[TravelMatrix]:
    """Yield what of a matrix holds on some days, for a class of vehicles of its own.

    Parameters
    ----------
    problem
        Says which days there are.
    matrix, vehicle
        The matrix, and the class of the new one.
    first, last
        Days of the horizon; none, if they run backwards.
    place, barred
        Whether no way leads out of the place on these days.
    """
    begins = max(matrix.valid_from, problem.start + timedelta(days=first))
    ends = min(matrix.valid_to, problem.start + timedelta(days=last))
    if begins > ends:
        return
    durations = matrix.durations_min.copy()
    if barred:
        durations[place, :] = np.inf
        durations[place, place] = 0.0
    yield replace(
        matrix,
        vehicle=vehicle,
        valid_from=begins,
        valid_to=ends,
        durations_min=durations,
    )


def copy_places(matrix: TravelMatrix, places: Sequence[int]) -> TravelMatrix:
    """Return a matrix in which some places are there twice, a copy at the end.

    Parameters
    ----------
    matrix
        The matrix.
    places
        Numbers of the places to copy, in the order of the copies.
    """
    size = len(matrix.durations_min)
    order = [*range(size), *places]
    copies: dict[int, list[int]] = {}
    for number, place in enumerate(places):
        copies.setdefault(place, []).append(size + number)

    def double(cells: NDArray[np.float64]) -> NDArray[np.float64]:
        return cells[np.ix_(order, order)]

    def carry(ways: _Ways) -> dict[tuple[int, int], tuple[tuple[Any, float], ...]]:
        return {
            (begin, end): found
            for (origin, destination), found in ways.items()
            for begin in (origin, *copies.get(origin, ()))
            for end in (destination, *copies.get(destination, ()))
        }

    return replace(
        matrix,
        durations_min=double(matrix.durations_min),
        lengths_m=double(matrix.lengths_m),
        fuels_l=double(matrix.fuels_l),
        hazards=None if matrix.hazards is None else double(matrix.hazards),
        halt_blocked=carry(matrix.halt_blocked),
        waysides=carry(matrix.waysides),
    )
