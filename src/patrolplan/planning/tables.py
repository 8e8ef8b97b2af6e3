"""A problem as plain lists, which Python reads much faster than arrays."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.problem import HaltBlocks, Problem

__all__ = ["ClockTables", "Grid", "RowLists", "VehicleTables", "build_tables"]

Grid = list[list[float]]
Windows = tuple[tuple[float, float], ...]


class RowLists(dict[int, list[float]]):
    """The rows of an array as lists, each made when it is first asked for.

    As lists a matrix takes four times what it takes as an array, and of most problems
    with thousands of places few rows are ever read so.

    Parameters
    ----------
    cells
        The array.
    """

    def __init__(self, cells: NDArray[np.float64]) -> None:
        super().__init__()
        self._cells = cells

    def __missing__(self, row: int) -> list[float]:
        """Return a row that was not asked for before."""
        made: list[float] = self._cells[row].tolist()
        self[row] = made
        return made


Rows = Grid | RowLists


@dataclass(frozen=True, eq=False)
class VehicleTables:
    """The travel matrices of one vehicle class, by day of departure.

    Parameters
    ----------
    durations_min, lengths_m, fuels_l, hazards
        By day, origin and destination.
    halt_blocked
        By day: intervals without halts for pairs of places.
    """

    durations_min: list[Rows]
    lengths_m: list[Rows]
    fuels_l: list[Rows]
    hazards: list[Rows]
    halt_blocked: list[HaltBlocks]


@dataclass(frozen=True, eq=False)
class ClockTables:
    """What the duty clock reads of a problem.

    Parameters
    ----------
    days
        Days of the horizon.
    midnights_min
        Local midnights, one more than days.
    opens_min, closes_min
        By place and day; breaks are taken off the close.
    dwells_min
        By place; 0 for bases.
    refuels
        By place: whether a visit fills the tanks again.
    windows_min
        By place: when a visit may begin, or None for at any time.
    longest_min
        By place: its longest window, 0 if it never opens.
    duty_min
        By place: minutes of its windows before each day, one more than days.
    vehicles
        The matrices by vehicle class.
    """

    days: int
    midnights_min: list[float]
    opens_min: Grid
    closes_min: Grid
    dwells_min: list[float]
    refuels: list[bool]
    windows_min: list[Windows | None]
    longest_min: list[float]
    duty_min: Grid
    vehicles: dict[str, VehicleTables]


_TABLES: WeakKeyDictionary[Problem, ClockTables] = WeakKeyDictionary()


def build_tables(problem: Problem) -> ClockTables:
    """Return the tables of a problem, built once and kept as long as it lives.

    Parameters
    ----------
    problem
        The problem; it must not be changed afterwards.
    """
    if problem in _TABLES:
        return _TABLES[problem]
    opens = problem.opens_min.tolist()
    closes = (problem.closes_min - problem.limits.break_min).tolist()
    dwells = [0.0] * len(problem.place_ids)
    refuels = [False] * len(problem.place_ids)
    starts: list[Windows | None] = [None] * len(problem.place_ids)
    for site in problem.sites:
        place = problem.place_index[site.id]
        dwells[place], starts[place] = float(site.dwell_min), site.windows_min
        refuels[place] = site.refuels
    windows = (problem.closes_min - problem.opens_min - problem.limits.break_min).clip(
        min=0.0
    )
    tables = ClockTables(
        days=problem.horizon_days,
        midnights_min=problem.day_starts_min.tolist(),
        opens_min=opens,
        closes_min=closes,
        dwells_min=dwells,
        refuels=refuels,
        windows_min=starts,
        longest_min=[
            max((c - o for o, c in zip(row_o, row_c, strict=True)), default=0.0)
            for row_o, row_c in zip(opens, closes, strict=True)
        ],
        duty_min=[[0.0, *row] for row in windows.cumsum(axis=1).tolist()],
        vehicles={
            vehicle: _build_vehicle(problem, vehicle)
            for vehicle in sorted(
                {v for team in problem.teams for v in (team.vehicle, team.travel_class)}
            )
        },
    )
    _TABLES[problem] = tables
    return tables


def _build_vehicle(problem: Problem, vehicle: str) -> VehicleTables:
    by_day = [problem.find_travel(vehicle, day) for day in range(problem.horizon_days)]
    # Days of one road state share one copy.
    lists: dict[int, tuple[Rows, ...]] = {
        id(m): (
            RowLists(m.durations_min),
            RowLists(m.lengths_m),
            RowLists(m.fuels_l),
            RowLists(
                np.broadcast_to(0.0, m.lengths_m.shape)
                if m.hazards is None
                else m.hazards
            ),
        )
        for m in by_day
    }
    return VehicleTables(
        durations_min=[lists[id(m)][0] for m in by_day],
        lengths_m=[lists[id(m)][1] for m in by_day],
        fuels_l=[lists[id(m)][2] for m in by_day],
        hazards=[lists[id(m)][3] for m in by_day],
        halt_blocked=[m.halt_blocked for m in by_day],
    )
