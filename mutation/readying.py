"""Load what is compiled, once, so that no test is charged with it.

Where an area turns the compiler off, all of it runs as plain Python instead.
"""

from __future__ import annotations

import warnings

import esda
import libpysal
import numba
import numpy as np

from patrolplan.planning.compiling import compile_kernels


def load_compiled() -> None:
    """Load the compiled core of patrolplan, and compile what esda does not keep."""
    # As plain Python what esda has for the compiler does not run.
    if not numba.config.DISABLE_JIT:
        few = libpysal.weights.lat2W(3, 3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            esda.G_Local(np.arange(9.0), few, permutations=9, n_jobs=1, seed=1)
    # Not the part after it: its program starts threads, which no fork has.
    steps = compile_kernels()
    next(steps)
    next(steps)
