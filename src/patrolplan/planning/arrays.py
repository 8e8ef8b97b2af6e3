"""A problem as plain arrays, which the compiled core reads."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.clock import Crew
from patrolplan.planning.kernel import ClockArrays, CrewNumbers
from patrolplan.planning.problem import Problem, TravelMatrix
from patrolplan.planning.tables import build_tables

__all__ = ["build_arrays", "build_crew_numbers", "list_vehicles"]

_ARRAYS: WeakKeyDictionary[Problem, ClockArrays] = WeakKeyDictionary()


def list_vehicles(problem: Problem) -> list[str]:
    """Return the travel classes of a problem's teams, in the order of their numbers.

    Parameters
    ----------
    problem
        The problem.
    """
    return sorted({team.travel_class for team in problem.teams})


def build_crew_numbers(problem: Problem, crew: Crew) -> CrewNumbers:
    """Return a crew as the compiled core reads it.

    Parameters
    ----------
    problem
        The problem that numbers the vehicle classes.
    crew
        Who goes.
    """
    return CrewNumbers(
        base=crew.base,
        vehicle=list_vehicles(problem).index(crew.vehicle),
        min_days=crew.min_days,
        max_days=crew.max_days,
        rest_days=crew.rest_days,
        range_m=crew.range_m,
        hazard_budget=crew.hazard_budget,
        fuel_budget_l=crew.fuel_budget_l,
    )


def build_arrays(problem: Problem) -> ClockArrays:
    """Return the arrays of a problem, built once and kept as long as it lives.

    Parameters
    ----------
    problem
        The problem; it must not be changed afterwards.
    """
    if problem in _ARRAYS:
        return _ARRAYS[problem]
    tables = build_tables(problem)
    # Days of one road state share one matrix.
    matrices: list[TravelMatrix] = []
    numbers: dict[int, int] = {}
    vehicles = list_vehicles(problem)
    matrix_of = np.zeros((len(vehicles), problem.horizon_days), dtype=np.int64)
    for row, vehicle in enumerate(vehicles):
        for day in range(problem.horizon_days):
            matrix = problem.find_travel(vehicle, day)
            if id(matrix) not in numbers:
                numbers[id(matrix)] = len(matrices)
                matrices.append(matrix)
            matrix_of[row, day] = numbers[id(matrix)]
    size = len(problem.place_ids)
    shape = (len(matrices), size, size)
    blocked = any(matrix.halt_blocked for matrix in matrices)
    blocks_from = np.zeros(shape if blocked else (1, 1, 1), dtype=np.int64)
    blocks_to = np.zeros_like(blocks_from)
    blocks: list[tuple[float, float]] = []
    for number, matrix in enumerate(matrices):
        for (origin, destination), stretches in matrix.halt_blocked.items():
            blocks_from[number, origin, destination] = len(blocks)
            blocks += stretches
            blocks_to[number, origin, destination] = len(blocks)
    on_the_way = bool(problem.waysides)
    ways_from = np.zeros(shape if on_the_way else (1, 1, 1), dtype=np.int64)
    ways_to = np.zeros_like(ways_from)
    ways: list[int] = []
    for number, matrix in enumerate(matrices):
        for (origin, destination), found in matrix.waysides.items():
            ways_from[number, origin, destination] = len(ways)
            ways += [wayside for wayside, _ in found]
            ways_to[number, origin, destination] = len(ways)
    windows = [list(windows or ()) for windows in tables.windows_min]
    ends = np.cumsum([len(rows) for rows in windows], dtype=np.int64)
    arrays = ClockArrays(
        midnights_min=np.array(tables.midnights_min, dtype=np.float64),
        opens_min=np.array(tables.opens_min, dtype=np.float64),
        closes_min=np.array(tables.closes_min, dtype=np.float64),
        dwells_min=np.array(tables.dwells_min, dtype=np.float64),
        longest_min=np.array(tables.longest_min, dtype=np.float64),
        duty_min=np.array(tables.duty_min, dtype=np.float64),
        matrix_of=matrix_of,
        durations_min=np.array(
            [m.durations_min for m in matrices], dtype=np.float64
        ).reshape(shape),
        lengths_m=np.array([m.lengths_m for m in matrices], dtype=np.float64).reshape(
            shape
        ),
        burdens=_pack_burdens(matrices, tables.refuels),
        has_blocks=np.array([bool(m.halt_blocked) for m in matrices], dtype=np.bool_),
        blocks_from=blocks_from,
        blocks_to=blocks_to,
        blocks_min=np.array(blocks, dtype=np.float64).reshape(-1, 2),
        has_windows=np.array([w is not None for w in tables.windows_min]),
        windows_from=ends - np.array([len(rows) for rows in windows], dtype=np.int64),
        windows_to=ends,
        windows_min=np.array(
            [window for rows in windows for window in rows], dtype=np.float64
        ).reshape(-1, 2),
        ways_from=ways_from,
        ways_to=ways_to,
        ways=np.array(ways, dtype=np.int64),
        wayside_needs=np.array([w.need for w in problem.waysides], dtype=np.float64),
        wayside_places=np.array(
            [
                -1 if w.site_id is None else problem.place_index[w.site_id]
                for w in problem.waysides
            ],
            dtype=np.int64,
        ),
    )
    _ARRAYS[problem] = arrays
    return arrays


def _pack_burdens(
    matrices: list[TravelMatrix], refuels: list[bool]
) -> NDArray[np.float64]:
    """Return hazard and litres of each way, and which places fill the tanks again."""
    size = len(refuels)
    burdens = np.zeros((len(matrices), size, size, 2))
    places = np.arange(size)
    for number, matrix in enumerate(matrices):
        if matrix.hazards is not None:
            burdens[number, :, :, 0] = matrix.hazards
        burdens[number, :, :, 1] = matrix.fuels_l
        burdens[number, places, places, 1] = refuels
    return burdens
