"""Where patrols can be next, on a grid of time on which none is ever late.

What one visit leads to hangs on the vehicle and on when it ends, not on the base: so
the grid is worked out once for all kinds of team that drive alike, and each kind adds
only its own first and last legs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.clock import Crew
from patrolplan.planning.kernel import CrewNumbers, Span, Steps, fill_homes, fill_steps
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Problem
from patrolplan.planning.refusals import build_fault, refuse
from patrolplan.planning.spans import build_span

__all__ = ["build_grids", "can_bound", "keep_sites"]

Ints = NDArray[np.int64]

# The grid of time: no finer, no coarser, and about so many cells in all.
_LEAST_STEP_MIN, _MOST_STEP_MIN, _CELLS = 10.0, 60.0, 4e6
# Cells of the grids of all kinds of team together, of 4 bytes each. They grow with the
# square of the sites in reach: about a thousand, where patrols take six days.
_MOST_CELLS = 150_000_000


def can_bound(posed: Posed) -> bool:
    """Return whether a problem is small enough to be priced and bounded.

    Parameters
    ----------
    posed
        The problem.
    """
    return _fit(posed.problem, posed.crews, posed.reached)


def build_grids(
    problem: Problem,
    crews: Sequence[Crew],
    reached: Mapping[int, list[int]],
    workers: int = 1,
) -> dict[int, Steps]:
    """Return the grid of each kind of team, for departures on any day.

    Parameters
    ----------
    problem
        What is asked.
    crews
        By kind: who goes.
    reached
        By kind: numbers of the places that it may visit.
    workers
        How many rows are worked out side by side; nothing hangs on it but time.

    Raises
    ------
    ProblemError
        If they would fill the memory.
    """
    if not _fit(problem, crews, reached):
        most = max(map(len, reached.values()))
        found = f"up to {most:,} sites in reach of each of {len(reached):,} kinds"
        expected = f"grids of at most {_MOST_CELLS:,} cells"
        cause = "too large for prices and bounds: plan without them, or in parts"
        refuse(build_fault("teams", found, expected, cause))
    alike: dict[tuple[str, int], list[int]] = {}
    for kind in reached:
        crew = crews[kind]
        alike.setdefault((crew.vehicle, crew.max_days), []).append(kind)
    grids: dict[int, Steps] = {}
    for kinds in alike.values():
        sites = np.array(sorted({place for k in kinds for place in reached[k]}), int)
        bases = sorted({crews[kind].base for kind in kinds})
        span = _build_wide_span(problem, crews[kinds[0]], sites, bases)
        # Of the whole horizon: a patrol may leave on any day.
        clock = build_arrays(problem)
        roads = np.unique(clock.matrix_of[span.crew.vehicle]).tolist()
        shared = _build_shared(span, sites, bases, roads, workers)
        for kind in kinds:
            steps = keep_sites(shared, np.isin(sites, reached[kind]))
            numbers = build_crew_numbers(problem, crews[kind])
            if steps.step_min < inf:
                _fill_own(span, numbers, steps, roads)
            else:
                steps.nexts[-1, 0] = 0
                steps.homes[:-1] = 0
            grids[kind] = steps
    # In the order of the kinds, whichever drive alike.
    return {kind: grids[kind] for kind in reached}


def _fit(
    problem: Problem, crews: Sequence[Crew], reached: Mapping[int, list[int]]
) -> bool:
    """Return whether the grids of all kinds of team may be held in memory."""
    clock = build_arrays(problem)
    longest_min = float((clock.closes_min - clock.opens_min).max(initial=0.0))
    points = int(np.ceil(longest_min / _MOST_STEP_MIN)) + 1
    shared: dict[tuple[str, int], set[int]] = {}
    cells = 0
    for kind, places in reached.items():
        crew = crews[kind]
        shared.setdefault((crew.vehicle, crew.max_days), set()).update(places)
        days = min(crew.max_days, problem.horizon_days)
        cells += len(places) ** 2 * points * days
    for (_, most_days), among in shared.items():
        days = min(most_days, problem.horizon_days)
        cells += len(among) ** 2 * points * days
    return cells <= _MOST_CELLS


def keep_sites(steps: Steps, kept: NDArray[np.bool_]) -> Steps:
    """Return a grid of some of its sites.

    Parameters
    ----------
    steps
        The grid.
    kept
        By site of the grid: whether it stays.
    """
    rows = np.append(kept, True)
    return steps._replace(
        sites=steps.sites[kept],
        nexts=np.ascontiguousarray(steps.nexts[rows][:, :, kept]),
        homes=steps.homes[rows],
    )


def _build_wide_span(
    problem: Problem, crew: Crew, sites: Ints, bases: list[int]
) -> Span:
    """Return departures on any day, from any of the bases."""
    return build_span(
        build_arrays(problem),
        build_crew_numbers(problem, crew),
        np.append(sites, bases).astype(np.int64),
        0,
        problem.horizon_days,
    )


def _build_shared(
    span: Span, sites: Ints, bases: list[int], roads: list[int], workers: int
) -> Steps:
    """Return the grid with all legs between sites filled."""
    clock, count = span.clock, len(sites)
    durations = clock.durations_min[roads].min(axis=0)
    starts = np.append(sites, np.array(bases, dtype=np.int64))
    among = durations[np.ix_(starts, sites)] + clock.dwells_min[sites]
    among[np.arange(count), np.arange(count)] = inf
    least = float(among.min(initial=inf))
    widths = (span.wide_closes - span.wide_opens).clip(min=0.0)
    coarse = float(widths.sum()) * (count + 1) * max(count, 1) / _CELLS
    wanted = min(max(coarse, _LEAST_STEP_MIN), _MOST_STEP_MIN)
    # A step must not be longer than a visit, lest grid points repeat; where visits are
    # of no length there is no grid.
    step = inf if least < 1.0 else min(wanted, least)
    points = (np.ceil(widths / step) + 1).astype(np.int64)
    offsets = np.concatenate([[0], points.cumsum()])
    steps = Steps(
        sites=sites,
        step_min=step,
        offsets=offsets,
        nexts=np.full((count + 1, offsets[-1], count), -1, dtype=np.int32),
        homes=np.full((count + 1, offsets[-1]), -1, dtype=np.int32),
    )
    if step == inf or not count:
        return steps
    cuts = np.linspace(0, count, workers + 1).astype(int).tolist()
    with ThreadPoolExecutor(workers) as threads:

        def fill(held: Span, filled: Steps) -> None:
            list(threads.map(lambda p: fill_steps(held, filled, *p), pairwise(cuts)))

        _fill_early(span, steps, roads, fill)
    return steps


def _fill_own(span: Span, crew: CrewNumbers, steps: Steps, roads: list[int]) -> None:
    """Fill the first and last legs of one kind of team, from its base and home."""
    count = len(steps.sites)

    def fill(held: Span, filled: Steps) -> None:
        fill_steps(held, filled, count, count + 1)
        fill_homes(held, filled)

    _fill_early(span._replace(crew=crew), steps, roads, fill)


def _fill_early(
    span: Span,
    steps: Steps,
    roads: list[int],
    fill: Callable[[Span, Steps], None],
) -> None:
    """Fill a grid with the earliest of all road states, whichever day they hold on.

    A patrol may leave on any day, so that any state may hold on any day since; each leg
    is driven in one. ``roads`` are the numbers of their matrices.
    """
    clock, vehicle = span.clock, span.crew.vehicle
    first, *others = roads

    def hold(matrix: int) -> Span:
        states = clock.matrix_of.copy()
        states[vehicle] = matrix
        return span._replace(clock=clock._replace(matrix_of=states))

    fill(hold(first), steps)
    for matrix in others:
        other = steps._replace(nexts=steps.nexts.copy(), homes=steps.homes.copy())
        fill(hold(matrix), other)
        for cells, more in ((steps.nexts, other.nexts), (steps.homes, other.homes)):
            earlier = (more >= 0) & ((cells < 0) | (more < cells))
            cells[earlier] = more[earlier]
