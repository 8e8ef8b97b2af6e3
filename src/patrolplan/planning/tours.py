"""Tours without days: the degenerate case, solved by the compiled core alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.choosing import choose_columns
from patrolplan.planning.kernel import (
    Pool,
    Tours,
    Work,
    anneal,
    measure_tour,
    refresh,
)

__all__ = ["TourProblem", "TourResult", "solve_tours"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Temperatures at both ends, as shares of the incumbent's need.
_HOT, _COLD = 0.06, 0.005
# What all minutes of the budgets would be worth, as a share of all need.
_TIME_WEIGHT = 0.2
# How often the search cools down, and how often the best choice is then made among all
# tours met, within one cooling.
_COOLINGS, _PACKINGS = 2, 8
_ROUNDS_AT_ONCE = 500
_POOLED = 1 << 16


@dataclass(frozen=True, eq=False)
class TourProblem:
    """What is asked of tours without days.

    Parameters
    ----------
    durations_min
        Square array of minutes between places by the quickest way, so that no detour
        is shorter; ``inf`` where there is no way.
    needs
        By place; those of no need are not visited.
    starts, ends
        By tour: numbers of its first and last place.
    budgets_min
        By tour: most minutes, or with windows the latest time of return.
    dwells_min
        By place; zeros if None.
    opens_min, closes_min
        By place: when a visit may begin; at any time if None.
    """

    durations_min: Floats
    needs: Floats
    starts: Ints
    ends: Ints
    budgets_min: Floats
    dwells_min: Floats | None = None
    opens_min: Floats | None = None
    closes_min: Floats | None = None


@dataclass(frozen=True)
class TourResult:
    """The tours found.

    Parameters
    ----------
    tours
        By tour: places visited in order, start and end left out.
    need
        Sum of the needs visited.
    iterations
        Rounds of ruin and recreate that were run.
    seconds_packing
        Processor seconds spent on choices among the tours met.
    """

    tours: tuple[tuple[int, ...], ...]
    need: float
    iterations: int
    seconds_packing: float = field(default=0.0, compare=False)


def solve_tours(
    problem: TourProblem,
    *,
    seed: int,
    iterations: int | None = None,
    seconds: float | None = None,
    on_progress: Callable[[float, float], None] | None = None,
) -> TourResult:
    """Return the best tours that a search of a given length finds.

    With ``iterations`` the same seed gives the same tours; with ``seconds`` of
    processor time it need not.

    Parameters
    ----------
    problem
        What is asked.
    seed
        Seed of all draws.
    iterations, seconds
        Length of the search: one of the two.
    on_progress
        Called now and then with the share done and the need met so far.

    Raises
    ------
    ValueError
        Unless exactly one of ``iterations`` and ``seconds`` is given.
    """
    if (iterations is None) == (seconds is None):
        msg = "Give either iterations or seconds."
        raise ValueError(msg)
    began = time.process_time()
    rng = np.random.default_rng(seed)
    tours = _build_tours(problem, rng)
    draws = rng.integers(1, 1 << 63, 1, dtype=np.uint64)
    current, best = _build_work(tours), _build_work(tours)
    if not len(tours.sites):
        return TourResult(tuple(() for _ in tours.starts), 0.0, 0)
    pool = _build_pool(tours)
    # One round in the cold constructs; it sets the scale of temperatures.
    anneal(tours, current, best, pool, 1, 1.0, 1.0, draws)
    done = packings = coolings = 0
    packing_s = longest_s = share = 0.0
    while share < 1.0:
        within = share * _COOLINGS % 1.0
        need = max(_measure(tours, best), 1e-9)
        hot = need * _HOT * (_COLD / _HOT) ** within
        rounds = _ROUNDS_AT_ONCE
        if iterations is not None:
            rounds = min(rounds, iterations - done)
        anneal(tours, current, best, pool, rounds, hot, hot, draws)
        done += rounds
        spent = time.process_time() - began
        share = done / iterations if iterations else spent / (seconds or 1e-9)
        if int(share * _COOLINGS * _PACKINGS) > packings:
            packings = int(share * _COOLINGS * _PACKINGS)
            if seconds is None or seconds - spent > 2.0 * longest_s:
                if _pack(tours, best, pool):
                    _copy(best, current)
                longest_s = max(longest_s, time.process_time() - began - spent)
                packing_s += time.process_time() - began - spent
        if int(share * _COOLINGS) > coolings:
            coolings = int(share * _COOLINGS)
            _copy(best, current)
        if on_progress is not None:
            on_progress(min(share, 1.0), _measure(tours, best))
    return TourResult(_list_tours(best), _measure(tours, best), done, packing_s)


def _build_tours(problem: TourProblem, rng: np.random.Generator) -> Tours:
    durations = np.array(problem.durations_min, dtype=np.float64)
    # No way: longer than any budget, yet finite, since differences are taken.
    durations[np.isinf(durations)] = 1.0 + 4.0 * float(np.max(problem.budgets_min))
    places, count = len(durations), len(problem.starts)
    dwells = np.zeros(places) if problem.dwells_min is None else problem.dwells_min
    windowed = problem.closes_min is not None
    opens = np.zeros(places) if problem.opens_min is None else problem.opens_min
    closes = np.full(places, np.inf)
    if problem.closes_min is not None:
        closes = problem.closes_min
    starts = np.asarray(problem.starts, dtype=np.int64)
    ends = np.asarray(problem.ends, dtype=np.int64)
    budgets = np.asarray(problem.budgets_min, dtype=np.float64)
    alike = list(zip(starts.tolist(), ends.tolist(), budgets.tolist(), strict=True))
    tours = Tours(
        durations=durations,
        into=np.ascontiguousarray(durations.T),
        needs=np.asarray(problem.needs, dtype=np.float64),
        dwells=np.asarray(dwells, dtype=np.float64),
        opens=np.asarray(opens, dtype=np.float64),
        closes=np.asarray(closes, dtype=np.float64),
        starts=starts,
        ends=ends,
        budgets=budgets,
        kinds=np.array([alike.index(tour) for tour in alike], dtype=np.int64),
        sites=np.zeros(0, dtype=np.int64),
        near=np.zeros((0, 0), dtype=np.int64),
        efforts=np.min(
            [durations[a] + durations[:, b] for a, b in zip(starts, ends, strict=True)],
            axis=0,
        )
        + dwells,
        words=rng.integers(1, 1 << 63, places + count, dtype=np.uint64),
        windowed=windowed,
        minute=0.0,
    )
    bounds = {*starts.tolist(), *ends.tolist()}
    sites = np.array(
        [
            place
            for place in np.flatnonzero(tours.needs > 0).tolist()
            if place not in bounds
            and any(
                measure_tour(tours, tour, np.array([a, place, b]))[0]
                for tour, (a, b, _) in enumerate(alike)
            )
        ],
        dtype=np.int64,
    )
    both_ways = durations + durations.T
    near = sites[np.argsort(both_ways[:, sites], axis=1, kind="stable")]
    total = float(tours.needs[sites].sum())
    return tours._replace(
        sites=sites, near=near, minute=_TIME_WEIGHT * total / float(budgets.sum())
    )


def _build_work(tours: Tours) -> Work:
    count, size, places = len(tours.starts), len(tours.sites) + 2, len(tours.needs)
    work = Work(
        orders=np.zeros((count, size), dtype=np.int64),
        sizes=np.zeros(count, dtype=np.int64),
        minutes=np.zeros(count),
        tour_of=np.full(places, -1, dtype=np.int64),
        spot_of=np.zeros(places, dtype=np.int64),
        legs=np.zeros((count, size)),
        leaves=np.zeros((count, size)),
        latest=np.zeros((count, size)),
    )
    _set_orders(tours, work, [()] * count)
    return work


def _set_orders(tours: Tours, work: Work, orders: list[tuple[int, ...]]) -> None:
    work.tour_of[:] = -1
    for tour, order in enumerate(orders):
        whole = (tours.starts[tour], *order, tours.ends[tour])
        work.orders[tour, : len(whole)] = whole
        work.sizes[tour] = len(order)
        refresh(tours, work, tour)


def _copy(source: Work, target: Work) -> None:
    for old, new in zip(source, target, strict=True):
        new[...] = old


def _measure(tours: Tours, work: Work) -> float:
    return float(tours.needs[tours.sites][work.tour_of[tours.sites] >= 0].sum())


def _list_tours(work: Work) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(order[1 : size + 1].tolist())
        for order, size in zip(work.orders, work.sizes, strict=True)
    )


def _build_pool(tours: Tours) -> Pool:
    return Pool(
        keys=np.zeros(_POOLED, dtype=np.uint64),
        kinds=np.zeros(_POOLED, dtype=np.int64),
        needs=np.zeros(_POOLED),
        minutes=np.zeros(_POOLED),
        merits=np.zeros(_POOLED),
        sizes=np.zeros(_POOLED, dtype=np.int64),
        orders=np.zeros((_POOLED, len(tours.sites)), dtype=np.int64),
        filled=np.zeros(1, dtype=np.int64),
    )


# The linear program gets the tours of the best solutions.
_MOST_RELAXED = 6000


def _pack(tours: Tours, best: Work, pool: Pool) -> bool:
    """Make the incumbent the best choice among all tours met, if that is better."""
    used = np.flatnonzero(pool.keys)
    used = used[np.argsort(-pool.merits[used], kind="stable")][:_MOST_RELAXED]
    places, count = len(tours.needs), len(tours.starts)
    limits = np.ones(places + count)
    limits[places:] = np.bincount(tours.kinds, minlength=count)
    orders = [pool.orders[row, : pool.sizes[row]] for row in used]
    rows = [
        np.append(order, places + pool.kinds[row])
        for order, row in zip(orders, used, strict=True)
    ]
    needs = tours.needs[tours.sites]
    whole = bool(np.all(needs == needs.round()))
    step = float(np.gcd.reduce(needs.astype(np.int64))) if whole else 0.0
    chosen = choose_columns(
        pool.needs[used], rows, limits, _measure(tours, best), step=step
    )
    if chosen is None:
        return False
    free = list(range(count))
    made: list[tuple[int, ...]] = [()] * count
    for column in chosen.tolist():
        kind = pool.kinds[used[column]]
        tour = next(t for t in free if tours.kinds[t] == kind)
        free.remove(tour)
        made[tour] = tuple(orders[column].tolist())
    _set_orders(tours, best, made)
    return True
