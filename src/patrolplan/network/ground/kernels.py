"""The compiled sweep over cells: exact cheapest ways with 8 or 16 neighbours.

Every compiled function lives in this one file: the compiler's cache on disk does not
notice a change in a function that is called from another.

A cell bears a friction: times as slow as flat open ground, infinite where nobody
passes. A straight move costs its length times the friction of each cell by the length
that it runs in it. Between two closed cells that touch at a corner nothing passes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np

__all__ = ["measure_straight", "straighten", "sweep"]

P = ParamSpec("P")
R = TypeVar("R")

# Shortcuts are looked for over so many vertices of a way: all of one of 1,000 km.
_MOST_VERTICES = 512
# Sums of the same way in another order differ by their last digits.
_ROUNDING = 1e-12


def _compile(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on its first call, kept on disk where there is room."""
    options: dict[str, Any] = {"nogil": True}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        # Neither beside this file nor in the user's folder may anything be written.
        made = numba.njit(**options)(function)
    return cast("Callable[P, R]", made)


@_compile
def measure_straight(
    friction: Any, row: int, column: int, down: int, right: int
) -> Any:
    """Return what the straight line between the middles of two cells costs, in cells.

    Exact on cells of constant friction; whole numbers tell which side is crossed first.
    """
    rows, columns = abs(down), abs(right)
    step_row, step_column = (1 if down > 0 else -1), (1 if right > 0 else -1)
    passed_rows = passed_columns = 0
    before, total = 0.0, 0.0
    while passed_rows < rows or passed_columns < columns:
        here = friction[row, column]
        if here == np.inf:
            return np.inf
        # Sides of columns are crossed at (2k + 1) / 2 columns of the way, rows alike.
        by_column = (2 * passed_columns + 1) * rows
        by_row = (2 * passed_rows + 1) * columns
        if passed_columns == columns:
            side = 1
        elif passed_rows == rows:
            side = -1
        else:
            side = by_column - by_row
        if side >= 0 and passed_rows < rows:
            at = (2 * passed_rows + 1) / (2 * rows)
        else:
            at = (2 * passed_columns + 1) / (2 * columns)
        total += here * (at - before)
        before = at
        # Through a corner: not between two closed cells.
        if (
            side == 0
            and friction[row + step_row, column] == np.inf
            and friction[row, column + step_column] == np.inf
        ):
            return np.inf
        if side >= 0:
            row += step_row
            passed_rows += 1
        if side <= 0:
            column += step_column
            passed_columns += 1
    if friction[row, column] == np.inf:
        return np.inf
    total += friction[row, column] * (1.0 - before)
    return total * np.sqrt(float(rows * rows + columns * columns))


@_compile
def _is_before(cost: Any, one: int, other: int) -> Any:
    """Return whether a cell comes first: by cost, then by its number."""
    return cost[one] < cost[other] or (cost[one] == cost[other] and one < other)


@_compile
def _lift(heap: Any, place: Any, cost: Any, at: int) -> None:
    cell = heap[at]
    while at > 0:
        above = (at - 1) >> 1
        if not _is_before(cost, cell, heap[above]):
            break
        heap[at] = heap[above]
        place[heap[at]] = at
        at = above
    heap[at] = cell
    place[cell] = at


@_compile
def _sink(heap: Any, place: Any, cost: Any, size: int) -> None:
    at, cell = 0, heap[0]
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and _is_before(cost, heap[below + 1], heap[below]):
            below += 1
        if not _is_before(cost, heap[below], cell):
            break
        heap[at] = heap[below]
        place[heap[at]] = at
        at = below
    heap[at] = cell
    place[cell] = at


@_compile
def sweep(
    friction: Any, seeds: Any, wanted: Any, hits: int, limit: float, reach: int
) -> Any:
    """Sweep out from cells until wanted ones are reached: Dijkstra's algorithm.

    Parameters
    ----------
    friction
        Of each cell, rows by columns.
    seeds
        Numbers of the cells to begin from, row by row.
    wanted
        Whether a cell is looked for.
    hits
        After how many of them to end; 0 for never.
    limit
        What no way may cost more than, in cells of friction 1.
    reach
        Neighbours of a cell: 8, or 16 with the moves of a chess knight.

    Returns
    -------
    What each cell costs to reach, inf where the sweep did not come; the cell before
    it, or -1; the wanted cells in the order in which they were reached.
    """
    rows, columns = friction.shape
    cost = np.full(rows * columns, np.inf)
    before = np.full(rows * columns, -1, np.int32)
    place = np.full(rows * columns, -1, np.int32)
    heap = np.empty(rows * columns, np.int32)
    found = np.empty(rows * columns if hits == 0 else hits, np.int32)
    size = reached = 0
    downs = np.array([-1, 0, 0, 1, -1, -1, 1, 1, -2, -2, -1, -1, 1, 1, 2, 2])
    rights = np.array([0, -1, 1, 0, -1, 1, -1, 1, -1, 1, -2, 2, -2, 2, -1, 1])
    for seed in seeds:
        if place[seed] == -1 and friction[seed // columns, seed % columns] < np.inf:
            cost[seed] = 0.0
            heap[size] = seed
            place[seed] = size
            size += 1
            _lift(heap, place, cost, size - 1)
    while size > 0:
        cell = heap[0]
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            place[heap[0]] = 0
            _sink(heap, place, cost, size)
        place[cell] = -2
        if wanted[cell]:
            found[reached] = cell
            reached += 1
            if reached == hits:
                break
        row, column = cell // columns, cell % columns
        for move in range(reach):
            to_row, to_column = row + downs[move], column + rights[move]
            if not (0 <= to_row < rows and 0 <= to_column < columns):
                continue
            other = to_row * columns + to_column
            if place[other] == -2:
                continue
            way = cost[cell] + measure_straight(
                friction, row, column, downs[move], rights[move]
            )
            if way > limit or way >= cost[other]:
                continue
            cost[other] = way
            before[other] = cell
            if place[other] == -1:
                heap[size] = other
                place[other] = size
                size += 1
            _lift(heap, place, cost, place[other])
    # What was seen but not settled is not known to be cheapest.
    for at in range(size):
        cost[heap[at]] = np.inf
        before[heap[at]] = -1
    return cost, before, found[:reached]


@_compile
def straighten(friction: Any, rows: Any, columns: Any) -> Any:
    """Return which cells of a way to keep, so that straight lines join them cheapest.

    The moves of a grid bend a way that could be straight; no shortcut through dearer
    or closed ground is taken.

    Returns
    -------
    Numbers of the cells kept, the first and the last among them; what the line to each
    costs in cells, 0 for the first.
    """
    size = len(rows)
    best = np.full(size, np.inf)
    came = np.zeros(size, np.int64)
    line = np.zeros(size)
    best[0] = 0.0
    for end in range(1, size):
        for start in range(max(0, end - _MOST_VERTICES), end):
            straight = measure_straight(
                friction,
                rows[start],
                columns[start],
                rows[end] - rows[start],
                columns[end] - columns[start],
            )
            if best[start] + straight < best[end] * (1.0 - _ROUNDING):
                best[end] = best[start] + straight
                came[end] = start
                line[end] = straight
    kept = np.zeros(size, np.int64)
    count, at = 0, size - 1
    while at > 0:
        kept[count] = at
        count += 1
        at = came[at]
    kept[count] = 0
    kept = kept[: count + 1][::-1].copy()
    return kept, line[kept]
