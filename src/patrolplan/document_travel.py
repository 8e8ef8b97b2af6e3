"""Travel as a plan document holds it: matrices, and what each way comes by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np

from patrolplan.planfile import TravelEntry, WayEntry, WaysideEntry
from patrolplan.planning.problem import Problem, TravelMatrix
from patrolplan.question import PeriodTravel

__all__ = ["list_closed", "write_travel", "write_waysides"]


def list_closed(travels: Iterable[PeriodTravel], day: date) -> list[str]:
    """Return the lines closed on a day to any vehicle class, but by their season.

    Parameters
    ----------
    travels
        Travel of each class and period.
    day
        The day.
    """
    states = (p.travel.state for p in travels if p.from_date <= day <= p.to_date)
    return sorted({line for state in states for line in state.closed})


def write_travel(
    period: PeriodTravel, matrix: TravelMatrix, problem: Problem
) -> TravelEntry:
    """Return travel of one vehicle class and one road state as an entry.

    Parameters
    ----------
    period, matrix
        The same travel, as geometry and as planning know it.
    problem
        The problem that the matrix is of.
    """

    def write(cells: Any, scale: float = 1.0) -> list[list[float | None]]:
        return [
            [float(cell) / scale if np.isfinite(cell) else None for cell in row]
            for row in cells
        ]

    travel = period.travel
    return TravelEntry(
        vehicle=travel.state.vehicle,
        from_date=period.from_date,
        to_date=period.to_date,
        place_ids=list(travel.place_ids),
        durations_min=write(travel.durations_min),
        lengths_km=write(travel.lengths_m, 1000.0),
        fuel_l=write(travel.fuels_l),
        hazards=None if matrix.hazards is None else write(matrix.hazards),
        ways=_write_ways(matrix, problem) if problem.waysides else None,
    )


def _write_ways(matrix: TravelMatrix, problem: Problem) -> list[WayEntry]:
    """Return what each way comes by, in the order of the matrix."""
    places, waysides = problem.place_ids, problem.waysides
    return [
        WayEntry(
            from_=places[origin],
            to=places[destination],
            comes_by=[(waysides[number].id, minute) for number, minute in found],
        )
        for (origin, destination), found in sorted(matrix.waysides.items())
    ]


def write_waysides(problem: Problem) -> list[WaysideEntry] | None:
    """Return what is earned on the way, None where nothing is.

    Parameters
    ----------
    problem
        What was asked.
    """
    if not problem.waysides:
        return None
    return [
        WaysideEntry(
            id=wayside.id,
            line_id=wayside.line_id,
            site_id=wayside.site_id,
            need=wayside.need,
        )
        for wayside in problem.waysides
    ]
