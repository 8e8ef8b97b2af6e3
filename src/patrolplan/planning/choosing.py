"""The best choice among columns, each of which takes rows that few may share.

Set packing by HiGHS: the linear program first, then, by its prices, only the columns
that can be in a better choice, and the mixed-integer program on those.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_columns", "open_solver"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Limits of nodes, iterations and columns, not of seconds, keep the same answer on
# every machine.
_MOST_NODES, _MOST_ITERATIONS = 40, 20_000
_MOST_COLUMNS = 1500
_SEED = 1


def open_solver(most_iterations: int) -> highspy.Highs:
    """Return a silent HiGHS that gives the same answer on every machine.

    One thread and one seed; a limit of nodes is for the caller to set.

    Parameters
    ----------
    most_iterations
        Simplex iterations of one run.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in {
        "output_flag": False,
        "threads": 1,
        "random_seed": _SEED,
        "simplex_iteration_limit": most_iterations,
        "mip_rel_gap": 0.0,
    }.items():
        solver.setOptionValue(option, value)
    return solver


def choose_columns(
    gains: Floats,
    rows: Sequence[Ints],
    limits: Floats,
    worth: float,
    *,
    step: float = 0.0,
) -> Ints | None:
    """Return the columns of the best choice worth more than a given one, or None.

    Parameters
    ----------
    gains
        What each column earns.
    rows
        The rows that each column takes one of.
    limits
        By row: how many columns may take it.
    worth
        What the best choice so far earns.
    step
        Least possible improvement, 0 if unknown.
    """
    if not len(gains):
        return None
    relaxed = _run(gains, rows, limits, whole=False)
    if relaxed is None:
        return None
    most, prices, _ = relaxed
    target = worth + max(step * 0.999, 1e-7 * max(1.0, abs(worth)))
    if most < target:
        return None
    # A column in a choice lowers the relaxed worth by what its prices exceed its gain.
    lost = np.array([prices[taken].sum() for taken in rows]) - gains
    likely = np.argsort(lost, kind="stable")[:_MOST_COLUMNS]
    kept = np.sort(likely[lost[likely] <= most - target + 1e-7])
    if not len(kept):
        return None
    chosen = _run(gains[kept], [rows[k] for k in kept], limits, whole=True)
    if chosen is None or chosen[0] < target:
        return None
    return kept[chosen[2] > 0.5]


def _run(
    gains: Floats, rows: Sequence[Ints], limits: Floats, *, whole: bool
) -> tuple[float, Floats, Floats] | None:
    """Return worth, prices of the rows and shares of the columns, or None."""
    count = len(gains)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = count, len(limits)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = gains
    program.col_lower_, program.col_upper_ = np.zeros(count), np.ones(count)
    program.row_lower_ = np.full(len(limits), -highspy.kHighsInf)
    program.row_upper_ = limits
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    sizes = np.array([len(taken) for taken in rows])
    program.a_matrix_.start_ = np.concatenate(([0], sizes.cumsum()))
    program.a_matrix_.index_ = np.concatenate(rows)
    program.a_matrix_.value_ = np.ones(int(sizes.sum()))
    if whole:
        program.integrality_ = [highspy.HighsVarType.kInteger] * count
    solver = open_solver(_MOST_ITERATIONS)
    solver.setOptionValue("mip_max_nodes", _MOST_NODES)
    solver.passModel(program)
    solver.run()
    solution = solver.getSolution()
    if not solution.value_valid or (not whole and not solution.dual_valid):
        return None
    worth = float(solver.getInfo().objective_function_value)
    return worth, np.array(solution.row_dual), np.array(solution.col_value)
