"""What counting references costs the compiled core: one visit, compiled both ways.

The core hands all arrays of a problem from function to function as one tuple. numba
counts the holders of each array at each call, unless told that a function makes none.
Run by hand::

    python benchmarks/reference_counts.py
"""

from __future__ import annotations

import time
from types import FunctionType
from typing import Any

import numba
from synthetic_mali import build_synthetic_mali

from patrolplan.planning import kernel
from patrolplan.planning.arrays import build_arrays

ROUNDS, PLACES = 200, 60


def compile_visit(*, counting: bool) -> Any:
    """Return the visit of the core and what it calls, compiled one way.

    Parameters
    ----------
    counting
        Whether references are counted.
    """
    compiled: dict[str, Any] = {}
    for name in ("_find_start", "_visit"):
        plain = getattr(kernel, name).py_func
        names = {**kernel.__dict__, **compiled}
        copy = FunctionType(plain.__code__, names, name)
        compiled[name] = numba.njit(copy, _nrt=counting)
    return compiled["_visit"]


def time_visit(visit: Any) -> float:
    """Return nanoseconds of one visit, called from compiled code.

    Parameters
    ----------
    visit
        As compiled.
    """

    @numba.njit  # type: ignore[untyped-decorator]
    def visit_all(clock: Any, rounds: int) -> float:
        total = 0.0
        for turn in range(rounds):
            for other in range(PLACES):
                for place in range(PLACES):
                    # Each call differs, so that none is taken out of the loop.
                    now = 400.0 + turn + other
                    total += visit(clock, place, now, 0, 3)[1]
        return total

    clock = build_arrays(build_synthetic_mali(PLACES, 5))
    visit_all(clock, 1)
    began = time.process_time()
    visit_all(clock, ROUNDS)
    return (time.process_time() - began) / (ROUNDS * PLACES * PLACES) * 1e9


def main() -> None:
    """Print both times and their ratio."""
    counted, bare = (time_visit(compile_visit(counting=way)) for way in (True, False))
    print(f"counted {counted:.1f} ns, bare {bare:.1f} ns: {counted / bare:.0f} times")


if __name__ == "__main__":
    main()
