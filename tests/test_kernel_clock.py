"""The compiled clock against the plain one, on problems that take no time at all."""

from __future__ import annotations

import numpy as np
import pytest

from patrolplan.planning import kernel
from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.clock import build_crew, find_last_day, run_patrol
from patrolplan.planning.kernel import FAILURES
from patrolplan.planning.tables import build_tables
from slow_rosters import build_problem


@pytest.mark.parametrize("kind", ["bare", "conditions", "fuel"])
def test_the_compiled_clock_says_what_the_plain_one_says(kind):
    met = set()
    for seed in range(6):
        problem = build_problem(seed, kind, sites=5)
        clock, arrays = build_tables(problem), build_arrays(problem)
        rng = np.random.default_rng(seed)
        places = [problem.place_index[site.id] for site in problem.sites]
        for _ in range(80):
            crew = build_crew(problem, problem.teams[rng.integers(3)])
            crew = crew._replace(
                min_days=int(rng.integers(1, 4)),
                max_days=int(rng.integers(1, 6)),
                range_m=float(rng.uniform(3e5, 5e6)),
            )
            day = int(rng.integers(problem.horizon_days))
            order = rng.choice(places, int(rng.integers(1, 4)), replace=False)
            last = find_last_day(clock, crew, day)
            slow = run_patrol(clock, crew, day, order.tolist(), last)
            fast = kernel.run_patrol(
                arrays, build_crew_numbers(problem, crew), day, order, last
            )
            assert FAILURES[fast[0]] == slow.failure
            assert fast[1:] == pytest.approx(tuple(slow)[1:], rel=0, abs=1e-9)
            met.add(slow.failure)
    expected = {None, "too_many_days", "beyond_horizon", "range_exceeded"}
    assert met >= expected | {"too_few_days"}
