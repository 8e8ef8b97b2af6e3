"""What prices, a mix and alternatives take and say, for problems of any size.

Prints one JSON object. Run by hand::

    python benchmarks/choices.py --sites 60 --patrols 5 --seconds 15 --share 0.95
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from synthetic_mali import build_synthetic_mali

from patrolplan.planning.alternatives import find_alternatives
from patrolplan.planning.prices import find_prices
from patrolplan.planning.problem import Problem
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.solver import solve
from patrolplan.planning.variation import find_mixture

T = TypeVar("T")


def time_call(function: Callable[[], T]) -> tuple[T, float]:
    """Return what a function gives, and the seconds it took."""
    began = time.perf_counter()
    return function(), round(time.perf_counter() - began, 2)


def measure_choices(
    problem: Problem, *, seconds: float, share: float, seed: int = 1
) -> dict[str, Any]:
    """Return what lies beside the best plan of a problem, and the seconds it took.

    Parameters
    ----------
    problem
        Any problem.
    seconds
        For the plan itself.
    share
        What of its need a mix must keep.
    seed
        Of the solver.
    """
    solution = solve(problem, seed=seed, seconds=seconds)
    reasons, reasons_s = time_call(
        lambda: find_reasons(problem, solution.plan, solution)
    )
    mix, mix_s = time_call(lambda: find_mixture(problem, solution, share))
    prices, prices_s = time_call(lambda: find_prices(problem, solution))
    others, others_s = time_call(lambda: find_alternatives(problem, solution, 3))
    visited = {site for p in solution.plan.patrols for site in p.site_ids}
    return {
        "need": solution.need,
        "gap": solution.gap,
        "sites_visited": len(visited),
        "reasons": Counter(entry.reason for entry in reasons.values()),
        "changes": Counter(
            entry.nearest_change.code
            for entry in reasons.values()
            if entry.nearest_change is not None
        ),
        "reasons_s": reasons_s,
        "value_kept": mix.expected_need / solution.need,
        "worst_case_loss": mix.worst_case_loss,
        "least_loss": mix.least_loss,
        "fixed_loss": mix.fixed_loss,
        "never_visited": sum(chance <= 0 for chance in mix.coverage.values()),
        "never_visited_fixed": len(set(mix.coverage) - visited),
        "plans": len(mix.plans),
        "mix_s": mix_s,
        "prices": {repr(price.change): price.more_need for price in prices[:5]},
        "prices_s": prices_s,
        "alternatives": [(a.lost_share, a.shared) for a in others],
        "alternatives_s": others_s,
    }


def main() -> None:
    """Measure one problem made by chance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--patrols", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--share", type=float, default=0.95)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    problem = build_synthetic_mali(options.sites, options.patrols, seed=options.seed)
    measured = measure_choices(problem, seconds=options.seconds, share=options.share)
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
