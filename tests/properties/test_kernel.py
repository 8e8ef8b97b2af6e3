from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.clock import build_crew, find_last_day, run_patrol
from patrolplan.planning.kernel import FAILURES
from patrolplan.planning.kernel import run_patrol as run_compiled
from patrolplan.planning.tables import build_tables
from problems import add_fuel, build_random_theatre

# Compiling takes its time once; the examples themselves are quick.
quick = settings(derandomize=True, deadline=None, max_examples=150)

problems = st.builds(
    build_random_theatre,
    st.integers(0, 10_000),
    sites=st.integers(3, 14),
    bases=st.integers(1, 3),
    teams=st.integers(1, 4),
    days=st.integers(5, 14),
    max_days=st.integers(3, 9),
    min_days=st.integers(1, 3),
    range_km=st.floats(200, 2500),
    periods=st.integers(1, 2),
    blocks=st.booleans(),
    dwell_min=st.sampled_from([(30.0, 120.0), (120.0, 480.0), (300.0, 900.0)]),
    speed=st.sampled_from([(8.0, 20.0), (15.0, 40.0), (30.0, 80.0)]),
    conditions=st.booleans(),
)


def cut_and_shut(problem, rng):
    """A problem with some ways cut and some days of some places shut."""
    travel = []
    for matrix in problem.travel:
        cells = matrix.durations_min.copy()
        cells[rng.random(cells.shape) < 0.03] = np.inf
        travel.append(replace(matrix, durations_min=cells))
    closes = problem.closes_min.copy()
    shut = rng.random(closes.shape) < 0.1
    closes[shut] = problem.opens_min[shut]
    return replace(problem, travel=tuple(travel), closes_min=closes)


def compare(problem, rng, tries=40):
    """Run random patrols through both clocks; return what stood in their way."""
    clock, arrays = build_tables(problem), build_arrays(problem)
    met = set()
    places = [problem.place_index[site.id] for site in problem.sites]
    for _ in range(tries):
        team = problem.teams[rng.integers(len(problem.teams))]
        crew = build_crew(problem, team)
        numbers = build_crew_numbers(problem, crew)
        day = int(rng.integers(problem.horizon_days))
        count = int(rng.integers(1, min(6, len(places)) + 1))
        order = rng.choice(places, count, replace=False)
        last_day = find_last_day(clock, crew, day)
        slow = run_patrol(clock, crew, day, order.tolist(), last_day)
        fast = run_compiled(arrays, numbers, day, order, last_day)
        assert FAILURES[fast[0]] == slow.failure
        assert fast[1:] == pytest.approx(tuple(slow)[1:], rel=0, abs=1e-9)
        met.add(slow.failure)
    return met


@quick
@given(problems, st.integers(0, 1000))
def test_both_clocks_tell_the_same_time(theatre, seed):
    rng = np.random.default_rng(seed)
    compare(theatre.problem, rng)
    compare(cut_and_shut(theatre.problem, rng), rng)
    compare(add_fuel(theatre.problem, seed), rng)


def test_the_comparison_meets_every_outcome():
    """Else agreement on one of them would prove nothing."""
    met = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        theatre = build_random_theatre(
            seed,
            sites=12,
            days=10,
            max_days=3 + seed % 6,
            min_days=1 + seed % 3,
            range_km=(300.0, 2500.0)[seed % 2],
            dwell_min=((30.0, 200.0), (300.0, 900.0))[seed % 2],
            speed=((8.0, 20.0), (30.0, 80.0))[seed // 2 % 2],
            conditions=seed % 4 > 1,
        )
        met |= compare(cut_and_shut(theatre.problem, rng), rng, tries=60)
        met |= compare(add_fuel(theatre.problem, seed), rng, tries=10)
    met |= compare(make_halts_impossible(), np.random.default_rng(0))
    assert met == set(FAILURES)


def make_halts_impossible():
    """A problem in which no leg between two places allows a halt."""
    problem = build_random_theatre(3, sites=8, days=8, max_days=8).problem
    size = len(problem.place_ids)
    travel = tuple(
        replace(
            matrix,
            halt_blocked={
                (a, b): ((-1.0, matrix.durations_min[a, b] + 1.0),)
                for a in range(size)
                for b in range(size)
                if a != b and np.isfinite(matrix.durations_min[a, b])
            },
        )
        for matrix in problem.travel
    )
    return replace(problem, travel=travel)
