"""An upper bound on the need that any plan can earn by first visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from math import floor, fsum, inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from patrolplan.planning.clock import Crew, build_crew, find_last_day
from patrolplan.planning.problem import Problem
from patrolplan.planning.tables import ClockTables, build_tables

__all__ = ["estimate_bound"]

Array = NDArray[np.float64]
Terms = Iterable[tuple[int, float]]

# The linear program is solved to 1e-7; what it may be short of is added.
_RELATIVE_SLACK = 1e-6
_ROUNDING = 1e-12
# The sums that clock and program do in another order differ by less.
_SLACK_MIN = 1e-6
_SLACK_M = 1e-2
# How finely dwells are counted against days, see ``_count_dwell``.
_FINENESS = (1, 2, 3)


class _Program:
    """A linear program under construction; all variables are at least 0."""

    def __init__(self) -> None:
        self.gains: list[float] = []
        self._cells: list[tuple[int, int, float]] = []
        self._floors: list[float] = []
        self._limits: list[float] = []

    def add_variable(self, gain: float = 0.0) -> int:
        self.gains.append(gain)
        return len(self.gains) - 1

    def add_row(self, terms: Terms, limit: float, *, equal: bool = False) -> None:
        row = len(self._limits)
        self._cells.extend((row, column, cell) for column, cell in terms)
        self._floors.append(limit if equal else -inf)
        self._limits.append(limit)

    def maximise(self) -> float | None:
        """Return the greatest gain, or None if it could not be found."""
        rows, columns, cells = zip(*self._cells, strict=True)
        shape = (len(self._limits), len(self.gains))
        matrix = csr_array((cells, (rows, columns)), shape=shape)
        # Without integers this is a linear program.
        result = milp(
            -np.array(self.gains),
            constraints=LinearConstraint(matrix, self._floors, self._limits),
            bounds=Bounds(0.0, inf),
        )
        # A gain is never negative: the solver's -0.0 would be written as such.
        return max(0.0, -float(result.fun)) if result.status == 0 else None


def estimate_bound(problem: Problem) -> float:
    """Return a need that no plan can exceed by first visits.

    The value of a linear program that every plan of the duty clock satisfies, and
    so an upper bound. For each kind of team (same base, vehicle, days, range) it has
    a flow ``x[i, j]`` of patrols from place to place, which leaves and enters the
    base equally often, and ``f[i, j]``, the minutes driven and dwelt by the time
    they arrive. Proof that the flows of any plan satisfy each row, once visits that
    earn nothing are left out:

    * Minutes and metres of an arc are the least over all road states, closed under
      shortest paths, so that leaving visits out never lengthens a patrol.
    * Count a patrol's time at a place as the minutes since the place opened that
      day, after the longest windows of all days before. A dwell adds itself. A leg
      that takes a night adds at least its minutes, since no day of it is longer
      than the window of either end; one within a day adds its minutes less the
      time by which its end opens later than its beginning, which is taken off all
      legs. So a patrol holds at most ``M`` such minutes, the greatest sum of
      longest windows over ``max_days`` consecutive days; and a team with ``n`` of
      them at most ``n M``, and at most the sum over the horizon less the shortest
      days of ``n - 1`` rests. The lesser of both is concave in ``n``, so the rows
      are the lines between its whole numbers.
    * A patrol's minutes on arrival from ``i`` at ``j`` are at least those of the way
      over ``i`` without detour, and at most ``M`` less dwell at ``j`` and the way
      home; the flow ``f`` grows by the dwell and the drive at each place. This
      keeps out loops that never see the base.
    * Sites are left out that no patrol reaches, dwells at in one piece and comes
      home from within ``max_days`` in time so counted, by the quickest ways; and so
      are arcs that no patrol can hold within ``M`` and ``range_km``.
    * Metres of all patrols of a kind are at most their number times the range.
    * Dwells are not split by nights. With a dual feasible function ``u`` on shares
      of the longest day, the sum of ``u(dwell)`` over the visits of one day is at
      most 1, so over all visits at most the number of days out, limited in ``n`` in
      the same way.
    * Patrols last at least ``min_days`` with rest between, so a team has at most
      ``(horizon + rest) // (min_days + rest)`` of them.
    * Each site earns its need once.

    Parameters
    ----------
    problem
        What is asked.
    """
    clock = build_tables(problem)
    crews = Counter(build_crew(problem, team) for team in problem.teams)
    needs = {
        problem.place_index[site.id]: site.need
        for site in problem.sites
        if site.need is not None and site.need > 0
    }
    program = _Program()
    visits: dict[int, list[tuple[int, float]]] = {place: [] for place in needs}
    for crew, count in crews.items():
        _add_crew(problem, clock, crew, count, needs, program, visits)
    reachable = [place for place, terms in visits.items() if terms]
    # A plan may sum the same needs in another order.
    total = fsum(needs[place] for place in reachable) * (1 + _ROUNDING)
    if not reachable:
        return 0.0
    for place in reachable:
        program.add_row(visits[place], 1.0)
    found = program.maximise()
    # What all reachable sites earn is a bound too, should the program fail.
    return total if found is None else min(total, found * (1 + _RELATIVE_SLACK))


def _close_ways(cells: Array) -> Array:
    """Return least sums over all ways between places (Floyd and Warshall)."""
    closed = cells.copy()
    np.fill_diagonal(closed, 0.0)
    for via in range(len(closed)):
        closed = np.minimum(closed, closed[:, via, None] + closed[None, via])
    return closed


def _count_dwell(share: float, fineness: int) -> float:
    """Return a dwell as a share of a day by a dual feasible function.

    Of Fekete and Schepers: for any shares whose sum is at most 1, the sum of what
    it returns is at most 1. At fineness 1 a dwell above half a day counts 1.
    """
    parts = (fineness + 1) * share
    if abs(parts - round(parts)) < _RELATIVE_SLACK:
        return share
    return floor(parts) / fineness


def _add_crew(
    problem: Problem,
    clock: ClockTables,
    crew: Crew,
    count: int,
    needs: dict[int, float],
    program: _Program,
    visits: dict[int, list[tuple[int, float]]],
) -> None:
    """Add the rows of all teams of a kind, and note which variables visit a site."""
    matrices = [m for m in problem.travel if m.vehicle == crew.vehicle]
    minutes = _close_ways(np.min([m.durations_min for m in matrices], axis=0))
    metres = _close_ways(np.min([m.lengths_m for m in matrices], axis=0))
    base, dwells = crew.base, clock.dwells_min
    inner = [
        place
        for place in needs
        if minutes[base, place] + minutes[place, base] < inf
        and metres[base, place] + metres[place, base] <= crew.range_m + _SLACK_M
    ]
    minutes, days_min, offsets = _measure_days(clock, [base, *inner], minutes)
    inner = [
        place
        for place in inner
        if _is_in_reach(
            clock,
            crew,
            (float(minutes[base, place]), float(minutes[place, base])),
            place,
            days_min.tolist(),
            offsets[place].tolist(),
        )
    ]
    sums = np.concatenate([[0.0], days_min.cumsum()])
    first = np.arange(clock.days)
    last = np.minimum(first + crew.max_days, clock.days)
    most = float((sums[last] - sums[first]).max()) + _SLACK_MIN
    range_m = crew.range_m + _SLACK_M
    x: dict[tuple[int, int], int] = {}
    for i in (base, *inner):
        for j in (base, *inner):
            ways = ((base, i), (i, j), (j, base))
            if (
                i != j
                and sum(minutes[way] for way in ways) + dwells[i] + dwells[j] <= most
                and sum(metres[way] for way in ways) <= range_m
            ):
                x[i, j] = program.add_variable(needs.get(j, 0.0))
    if not x:
        return
    spent = {arc: float(dwells[arc[0]] + minutes[arc]) for arc in x}
    for place in inner:
        entering = [(x[arc], 1.0) for arc in x if arc[1] == place]
        leaving = [(x[arc], -1.0) for arc in x if arc[0] == place]
        program.add_row(entering + leaving, 0.0, equal=True)
        visits[place].extend(entering)
    out = [x[arc] for arc in x if arc[0] == base]
    _add_time_flow(program, crew, x, spent, minutes, dwells, most)
    # Of all patrols together: their number, length, minutes and days.
    rest = crew.rest_days
    patrols = (clock.days + rest) // (crew.min_days + rest)
    program.add_row([(a, 1.0) for a in out], float(count * patrols))
    lengths = [(x[arc], float(metres[arc])) for arc in x]
    program.add_row([*lengths, *((a, -range_m) for a in out)], 0.0)
    resting = rest * float(days_min.min())
    whole = float(sums[-1]) + _SLACK_MIN
    _add_ceiling(
        program,
        [(x[arc], spent[arc]) for arc in x],
        out,
        [0.0, *(min(most * n, whole - resting * (n - 1)) for n in _count(patrols))],
        count,
    )
    longest = float(days_min.max())
    if longest <= 0:
        return
    days_out = [
        float(min(crew.max_days * n, clock.days - rest * (n - 1)))
        for n in _count(patrols)
    ]
    for fineness in _FINENESS:
        counted = [
            (x[arc], _count_dwell(dwells[arc[1]] / longest, fineness)) for arc in x
        ]
        _add_ceiling(program, counted, out, [0.0, *days_out], count)


def _count(number: int) -> range:
    return range(1, number + 1)


def _add_ceiling(
    program: _Program,
    used: list[tuple[int, float]],
    out: list[int],
    most: list[float],
    count: int,
) -> None:
    """Keep what patrols use below the most that their number allows.

    ``most[n]`` is for a team with ``n`` patrols, a concave row of figures; so what
    ``count`` teams use lies below each straight line through two neighbours of it,
    drawn over their mean number of patrols.
    """
    for number, (low, high) in enumerate(pairwise(most)):
        slope = high - low
        program.add_row(
            [*used, *((a, -slope) for a in out)], count * (low - slope * number)
        )


def _measure_days(
    clock: ClockTables, places: list[int], minutes: Array
) -> tuple[Array, Array, Array]:
    """Return minutes that count for each leg, and what a day may hold of them.

    The second array is ``(day,)``: the most minutes of a day; the third ``(place,
    day)``: the minute of that day, counted in the same way, at which each place
    opens. See the proof in :func:`estimate_bound`; where a leg is as quick as the
    sun, a day is counted from the first opening to the last close instead.
    """
    opens, closes = np.array(clock.opens_min), np.array(clock.closes_min)
    drift = (opens[None] - opens[:, None]).max(axis=2).clip(min=0.0)
    counted = minutes - drift
    among = np.ix_(places, places)
    if (counted[among] >= 0).all():
        longest = (closes - opens)[places].max(axis=0).clip(min=0.0)
        return _close_ways(counted.clip(min=0.0)), longest, np.zeros_like(opens)
    first = opens[places].min(axis=0)
    wide = (closes[places].max(axis=0) - first).clip(min=0.0)
    return minutes, wide, opens - first


def _is_in_reach(
    clock: ClockTables,
    crew: Crew,
    ways_min: tuple[float, float],
    place: int,
    days_min: list[float],
    offsets_min: list[float],
) -> bool:
    """Return whether a patrol could get to a place, dwell and get home, at best."""
    dwell = clock.dwells_min[place]
    opens, closes = clock.opens_min[place], clock.closes_min[place]
    for depart_day in range(clock.days):
        last_day = find_last_day(clock, crew, depart_day)
        day, used = depart_day, ways_min[0]
        while day <= last_day and used > days_min[day] + _SLACK_MIN:
            used -= days_min[day]
            day += 1
        while day <= last_day:
            begins = max(used, offsets_min[day])
            ends = offsets_min[day] + closes[day] - opens[day]
            if begins + dwell <= ends + _SLACK_MIN:
                spare = sum(days_min[day : last_day + 1]) - begins - dwell
                if ways_min[1] <= spare + _SLACK_MIN:
                    return True
                break
            used = 0.0
            day += 1
    return False


def _add_time_flow(
    program: _Program,
    crew: Crew,
    x: dict[tuple[int, int], int],
    spent: dict[tuple[int, int], float],
    minutes: Array,
    dwells: list[float],
    most: float,
) -> None:
    """Add the minutes that patrols have spent on arrival, above the least possible."""
    base = crew.base
    least = {arc: float(minutes[base, arc[0]]) + spent[arc] for arc in x}
    extra = {arc: program.add_variable() for arc in x if arc[0] != base}
    for arc, variable in extra.items():
        room = most - least[arc] - dwells[arc[1]] - float(minutes[arc[1], base])
        program.add_row([(variable, 1.0), (x[arc], -max(0.0, room))], 0.0)
    for place in {arc[1] for arc in x} - {base}:
        terms: list[tuple[int, float]] = []
        for arc in x:
            if arc[0] == place:
                terms += [(extra[arc], 1.0), (x[arc], least[arc] - spent[arc])]
            elif arc[1] == place:
                terms.append((x[arc], -least[arc]))
                if arc[0] != base:
                    terms.append((extra[arc], -1.0))
        program.add_row(terms, 0.0, equal=True)
