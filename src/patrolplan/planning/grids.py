"""Where patrols can be next, on a grid of time on which none is ever late.

What one visit leads to hangs on the vehicle and on when it ends, not on the base: so
the grid is worked out once for all kinds of team that drive alike, and each kind adds
only its own first and last legs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.clock import Crew
from patrolplan.planning.kernel import Span, Steps, fill_homes, fill_steps
from patrolplan.planning.problem import Problem
from patrolplan.planning.spans import build_span

__all__ = ["build_grids", "keep_sites"]

Ints = NDArray[np.int64]

# The grid of time: no finer, no coarser, and about so many cells in all.
_LEAST_STEP_MIN, _MOST_STEP_MIN, _CELLS = 10.0, 60.0, 4e6


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
    """
    alike: dict[tuple[str, int], list[int]] = {}
    for kind in reached:
        crew = crews[kind]
        alike.setdefault((crew.vehicle, crew.max_days), []).append(kind)
    grids: dict[int, Steps] = {}
    for kinds in alike.values():
        sites = np.array(sorted({place for k in kinds for place in reached[k]}), int)
        bases = sorted({crews[kind].base for kind in kinds})
        span = _build_wide_span(problem, crews[kinds[0]], sites, bases)
        shared = _build_shared(span, sites, bases, workers)
        for kind in kinds:
            steps = keep_sites(shared, np.isin(sites, reached[kind]))
            numbers = build_crew_numbers(problem, crews[kind])
            if steps.step_min < inf:
                own = span._replace(crew=numbers)
                fill_steps(own, steps, len(steps.sites), len(steps.sites) + 1)
                fill_homes(own, steps)
            else:
                steps.nexts[-1, 0] = 0
                steps.homes[:-1] = 0
            grids[kind] = steps
    # In the order of the kinds, whichever drive alike.
    return {kind: grids[kind] for kind in reached}


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


def _build_shared(span: Span, sites: Ints, bases: list[int], workers: int) -> Steps:
    """Return the grid with all legs between sites filled."""
    clock, count = span.clock, len(sites)
    matrices = np.unique(clock.matrix_of[span.crew.vehicle])
    durations = clock.durations_min[matrices].min(axis=0)
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
        list(
            threads.map(
                lambda part: fill_steps(span, steps, *part),
                pairwise(cuts),
            )
        )
    return steps
