from __future__ import annotations

import importlib.util
import subprocess
import sys
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pytest

from patrolplan.planning import kernel
from patrolplan.planning.choosing import choose_columns
from patrolplan.planning.tours import TourProblem, solve_tours

SOURCE = Path(kernel.__file__)


def build_problem(seed, *, sites=6, tours=2, windowed=False, bases=2):
    """Tours between several bases; ways there and back differ."""
    rng = np.random.default_rng(seed)
    size = sites + bases
    spots = rng.uniform(0, 100, (size, 2))
    durations = np.hypot(*(spots[:, None] - spots[None]).T)
    durations *= rng.uniform(1.0, 1.3, durations.shape)
    np.fill_diagonal(durations, 0.0)
    # The quickest way may lead through other places, as on roads.
    for via in range(size):
        durations = np.minimum(durations, durations[:, via, None] + durations[via])
    cut = bases + rng.integers(sites)
    durations[cut] = durations[:, cut] = np.inf
    needs = rng.integers(1, 30, size).astype(float)
    needs[:bases] = 0.0
    dwells = rng.uniform(0, 20, size)
    dwells[:bases] = 0.0
    opens = rng.uniform(0, 100, size)
    opens[:bases] = 0.0
    closes = opens + rng.uniform(20, 120, size)
    closes[:bases] = 1e9
    return TourProblem(
        durations,
        needs,
        rng.integers(0, bases, tours),
        rng.integers(0, bases, tours),
        rng.uniform(120, 300, tours),
        dwells,
        opens if windowed else None,
        closes if windowed else None,
    )


def takes(problem, tour, order):
    """Time at which a tour ends, infinite where a window or a way is missed."""
    now, here = 0.0, problem.starts[tour]
    for there in (*order, problem.ends[tour]):
        now += problem.durations_min[here, there]
        if problem.closes_min is not None:
            if now > problem.closes_min[there] + 1e-9:
                return np.inf
            now = max(now, problem.opens_min[there])
        if there != problem.ends[tour] or there in order:
            now += problem.dwells_min[there]
        here = there
    return now


def find_best_need(problem):
    sites = np.flatnonzero(problem.needs > 0).tolist()
    best = {frozenset(): 0.0}
    for tour in range(len(problem.starts)):
        possible = [
            frozenset(chosen)
            for count in range(len(sites) + 1)
            for chosen in combinations(sites, count)
            if count == 0
            or any(
                takes(problem, tour, order) <= problem.budgets_min[tour] + 1e-9
                for order in permutations(chosen)
            )
        ]
        best = {
            visited | more: 0.0
            for visited in best
            for more in possible
            if not visited & more
        }
    return max(problem.needs[list(visited)].sum() for visited in best)


@pytest.mark.parametrize("windowed", [False, True])
def test_tours_equal_brute_force(windowed):
    """On 60 of 60 random problems of either kind when first measured."""
    for seed in range(30):
        problem = build_problem(seed, sites=5, windowed=windowed)
        result = solve_tours(problem, seed=1, iterations=300)
        assert result.need == pytest.approx(find_best_need(problem))


@pytest.mark.parametrize("windowed", [False, True])
def test_tours_hold_their_limits(windowed):
    for seed in range(4):
        problem = build_problem(seed, sites=60, tours=5, windowed=windowed, bases=3)
        result = solve_tours(problem, seed=1, iterations=1500)
        visited = [place for order in result.tours for place in order]
        assert len(set(visited)) == len(visited)
        assert problem.needs[visited].sum() == pytest.approx(result.need)
        for tour, order in enumerate(result.tours):
            if order:
                assert takes(problem, tour, order) <= problem.budgets_min[tour] + 1e-6


def test_same_seed_same_tours():
    problem = build_problem(3, sites=50, tours=3)
    first = solve_tours(problem, seed=5, iterations=1200)
    assert solve_tours(problem, seed=5, iterations=1200) == first
    few = [solve_tours(problem, seed=seed, iterations=0).tours for seed in range(5)]
    assert any(tours != few[0] for tours in few)


def test_longer_search_is_no_worse_and_time_ends_it():
    problem = build_problem(4, sites=60, tours=4)
    short = solve_tours(problem, seed=1, iterations=1)
    reports = []
    long = solve_tours(
        problem, seed=1, seconds=0.5, on_progress=lambda *now: reports.append(now)
    )
    assert long.need >= short.need
    assert reports[-1] == (1.0, long.need)
    with pytest.raises(ValueError, match="either"):
        solve_tours(problem, seed=1)
    with pytest.raises(ValueError, match="either"):
        solve_tours(problem, seed=1, iterations=1, seconds=1.0)


def test_nothing_to_visit():
    problem = TourProblem(
        np.array([[0.0, 9.0], [9.0, 0.0]]),
        np.array([0.0, 5.0]),
        np.array([0]),
        np.array([0]),
        np.array([10.0]),
    )
    assert solve_tours(problem, seed=1, iterations=5).tours == ((),)


def test_the_best_columns():
    """Columns over three rows: 0+1 earns 5, 1+2 earns 5, each alone 2, 3 and 2."""
    rows = [np.array(r) for r in ([0, 1], [1, 2], [0], [1], [2])]
    gains, limits = np.array([5.0, 5.0, 2.0, 3.0, 2.0]), np.ones(3)
    chosen = choose_columns(gains, rows, limits, 6.0)
    assert chosen is not None
    assert gains[chosen].sum() == 7.0
    # Nothing is worth more than that.
    assert choose_columns(gains, rows, limits, 7.0) is None
    assert choose_columns(gains[:0], [], limits, 0.0) is None


def test_the_best_columns_equal_brute_force():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = [
            rng.choice(8, rng.integers(1, 4), replace=False).astype(np.int64)
            for _ in range(12)
        ]
        gains = rng.integers(1, 20, 12).astype(float)
        limits = rng.integers(1, 3, 8).astype(float)
        best = 0.0
        for mask in range(1 << 12):
            chosen = [k for k in range(12) if mask >> k & 1]
            used = np.bincount(
                np.concatenate([[], *(rows[k] for k in chosen)]).astype(int),
                minlength=8,
            )
            if (used <= limits).all():
                best = max(best, gains[chosen].sum())
        found = choose_columns(gains, rows, limits, best - 1.0, step=1.0)
        assert found is not None
        assert gains[found].sum() == best


def run_copy(path):
    code = (
        "import sys, numpy as np; sys.path.insert(0, sys.argv[1]); import kernel_copy;"
        "print(kernel_copy._draw(np.array([7], np.uint64)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def test_an_edited_kernel_is_compiled_anew(tmp_path):
    copy = tmp_path / "kernel_copy.py"
    text = SOURCE.read_text()
    copy.write_text(text)
    before = run_copy(tmp_path)
    assert list(tmp_path.glob("__pycache__/*.nbi"))
    assert run_copy(tmp_path) == before
    copy.write_text(text.replace("_UNIT = 2.0**-53", "_UNIT = 2.0**-54"))
    assert run_copy(tmp_path) == before / 2


def test_it_works_where_nothing_can_be_kept():
    """A source that lies in no folder leaves the compiler no place for a cache."""
    spec = importlib.util.spec_from_loader("homeless_kernel", None)
    module = importlib.util.module_from_spec(spec)
    sys.modules["homeless_kernel"] = module
    exec(compile(SOURCE.read_text(), "<nowhere>", "exec"), module.__dict__)
    draws = np.array([7], np.uint64)
    assert module._draw(draws.copy()) == kernel._draw(draws.copy())
