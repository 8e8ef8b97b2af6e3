"""Departures of several days seen as one, and the room in which they are priced.

A span's windows are at least as wide as on each of its days: what no patrol of the span
can do, none of its days can. So one run of labels may speak for all of them.
"""

from __future__ import annotations

from itertools import combinations
from math import inf

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.kernel import (
    ClockArrays,
    CrewNumbers,
    Labels,
    Memory,
    Span,
)
from patrolplan.planning.problem import Problem

__all__ = ["build_labels", "build_memory", "build_span", "list_near"]

Ints = NDArray[np.int64]


def build_labels(room: int) -> Labels:
    """Return room for labels.

    Parameters
    ----------
    room
        How many.
    """
    return Labels(
        sites=np.empty(room, dtype=np.int32),
        parents=np.empty(room, dtype=np.int32),
        days=np.empty(room, dtype=np.int32),
        minutes=np.empty(room),
        lengths=np.empty(room),
        spent=np.empty((room, 2)),
        gains=np.empty(room),
        seen=np.empty(room, dtype=np.uint64),
        parities=np.empty(room, dtype=np.uint64),
        following=np.empty(room, dtype=np.int32),
        driven=np.empty(room, dtype=np.uint64),
    )


def build_span(
    clock: ClockArrays, crew: CrewNumbers, sites: Ints, begins: int, ends: int
) -> Span:
    """Return the clock of departures on several days, in days since departure.

    Parameters
    ----------
    clock, crew
        The problem's clock, and who goes.
    sites
        Numbers of the places that they may visit.
    begins, ends
        First day of departure, and the day after the last.
    """
    days = clock.opens_min.shape[1]
    length = min(crew.max_days, days - begins)
    places = len(clock.dwells_min)
    opens, closes = np.full((places, length), inf), np.full((places, length), -inf)
    for left in range(begins, ends):
        last = min(left + length, days)
        midnight = clock.midnights_min[left]
        part = slice(0, last - left)
        opens[:, part] = np.minimum(
            opens[:, part], clock.opens_min[:, left:last] - midnight
        )
        closes[:, part] = np.maximum(
            closes[:, part], clock.closes_min[:, left:last] - midnight
        )
    windows: list[list[list[float]]] = []
    for place in range(places):
        rows = clock.windows_min[clock.windows_from[place] : clock.windows_to[place]]
        shifted = sorted(
            (a - clock.midnights_min[left], b - clock.midnights_min[left])
            for a, b in rows.tolist()
            for left in range(begins, ends)
            if b >= clock.midnights_min[left]
        )
        merged: list[list[float]] = []
        for a, b in shifted:
            if merged and a <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], b)
            else:
                merged.append([a, b])
        windows.append(merged)
    to = np.cumsum([len(rows) for rows in windows], dtype=np.int64)
    relative = clock._replace(
        midnights_min=clock.midnights_min[begins : begins + length + 1]
        - clock.midnights_min[begins],
        opens_min=opens,
        closes_min=closes,
        longest_min=(closes - opens).max(axis=1).clip(min=0.0),
        matrix_of=np.ascontiguousarray(clock.matrix_of[:, begins : begins + length]),
        windows_from=to - np.array([len(rows) for rows in windows], dtype=np.int64),
        windows_to=to,
        windows_min=np.array([w for rows in windows for w in rows]).reshape(-1, 2),
    )
    among = [crew.base, *sites.tolist()]
    return Span(relative, crew, opens[among].min(axis=0), closes[among].max(axis=0))


def list_near(clock: ClockArrays, sites: Ints, most: int) -> list[list[int]]:
    """Return for each site those it remembers: itself, then the nearest.

    Parameters
    ----------
    clock
        The problem's clock.
    sites
        Numbers of the places.
    most
        How many it may remember.
    """
    durations = clock.durations_min.min(axis=0)[np.ix_(sites, sites)]
    both_ways = durations + durations.T
    both_ways[np.arange(len(sites)), np.arange(len(sites))] = -1.0
    order = np.argsort(both_ways, axis=1, kind="stable")
    return [row.tolist() for row in order[:, : min(len(sites), most)]]


def build_memory(problem: Problem, sites: Ints, near: list[list[int]]) -> Memory:
    """Return what labels remember, as the compiled core reads it.

    Parameters
    ----------
    problem
        Says which sites bar each other.
    sites
        Numbers of the places.
    near
        By site: those it remembers, itself the first.
    """
    count = len(sites)
    bits = np.full((count, count), -1, dtype=np.int32)
    for row, others in enumerate(near):
        bits[row, others] = np.arange(len(others))
    widest = max(map(len, near), default=0)
    number = {problem.place_ids[place]: k for k, place in enumerate(sites.tolist())}
    barred: list[list[int]] = [[] for _ in range(count)]
    pairs = list(problem.forbidden_pairs)
    for group in problem.groups:
        pairs += combinations(group.site_ids, 2)
    for a, b in pairs:
        if a in number and b in number:
            barred[number[a]].append(number[b])
            barred[number[b]].append(number[a])
    to = np.cumsum([len(row) for row in barred], dtype=np.int64)
    return Memory(
        # Shorter rows are filled up with the site itself, whose bit is the first.
        near=np.array(
            [row + row[:1] * (widest - len(row)) for row in near], dtype=np.int32
        ).reshape(count, widest),
        bits=bits,
        bars=np.array([b for row in barred for b in row], dtype=np.int64),
        bars_from=to - np.array([len(row) for row in barred], dtype=np.int64),
        bars_to=to,
    )
