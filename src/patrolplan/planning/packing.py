"""A packing as HiGHS reads it: columns that earn, and rows that few may share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import highspy
import numpy as np
from numpy.typing import NDArray

__all__ = ["build_packing", "measure_spare"]

Floats = NDArray[np.float64]


def build_packing(
    gains: Floats,
    taken: Sequence[Mapping[int, float]],
    limits: Floats,
    *,
    whole: bool = False,
) -> highspy.HighsLp:
    """Return the program that chooses, from 0 to 1 of each, the columns that earn most.

    Parameters
    ----------
    gains
        By column: what it earns.
    taken
        By column: how often it takes each row.
    limits
        By row: how often it can be had.
    whole
        Whether each column is chosen whole or not at all.
    """
    program, count = highspy.HighsLp(), len(taken)
    program.num_col_, program.num_row_ = count, len(limits)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = gains
    program.col_lower_, program.col_upper_ = np.zeros(count), np.ones(count)
    program.row_lower_ = np.full(len(limits), -highspy.kHighsInf)
    program.row_upper_ = limits
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    sizes = [len(cells) for cells in taken]
    program.a_matrix_.start_ = np.cumsum([0, *sizes], dtype=np.int32)
    rows = [row for cells in taken for row in cells]
    program.a_matrix_.index_ = np.array(rows, dtype=np.int32)
    cells = [cell for row in taken for cell in row.values()]
    program.a_matrix_.value_ = np.array(cells, dtype=np.float64)
    if whole:
        program.integrality_ = [highspy.HighsVarType.kInteger] * count
    return program


def measure_spare(
    gains: Floats, taken: Sequence[Mapping[int, float]], prices: Floats
) -> float:
    """Return what columns, from 0 to 1 of each, earn at most beyond what they cost.

    Parameters
    ----------
    gains, taken
        By column: what it earns, and how often it takes each row.
    prices
        By row.
    """
    costs = [
        sum(float(prices[row]) * times for row, times in cells.items())
        for cells in taken
    ]
    return float(np.maximum(gains - np.array(costs), 0.0).sum())
