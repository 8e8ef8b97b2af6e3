"""The compiled core: the duty clock over plain arrays, and the search of tours.

Every compiled function lives in this one file, longer than others are allowed to be:
the compiler's cache on disk is renewed when the file of a function changes, but does
not notice a change in a function that it calls from elsewhere.

Places and days are numbers as in the problem; minutes are those of its clock, metres
are driven. :func:`run_patrol` gives the very answers of
:func:`patrolplan.planning.clock.run_patrol`, its twin in plain Python.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EVERY",
    "FAILURES",
    "HASTY",
    "SURE",
    "ClockArrays",
    "CrewNumbers",
    "Labels",
    "Memory",
    "Pool",
    "Pooled",
    "Prices",
    "Roster",
    "Span",
    "Steps",
    "Task",
    "Tours",
    "Work",
    "anneal",
    "anneal_roster",
    "bound_gains",
    "fill_homes",
    "fill_steps",
    "mark_waysides",
    "measure_roster",
    "measure_tour",
    "polish",
    "polish_roster",
    "price_patrols",
    "refresh",
    "run_departures",
    "run_patrol",
    "settle",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

P = ParamSpec("P")
R = TypeVar("R")


def _compile(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on its first call, kept on disk where there is room."""
    return _build(function, counting=True)


def _compile_bare(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that makes no arrays, and so need not count who holds them.

    To count the holders of each array of a problem at each call takes a hundred times
    as long as to visit a site: 250 ns, not 2. Whoever calls from Python holds them all.
    """
    return _build(function, counting=False)


def _build(function: Callable[P, R], *, counting: bool) -> Callable[P, R]:
    # Said to either kind, else a function takes it over from the first that calls it.
    # The option is numba's own name for its run-time system, private but long there.
    options: dict[str, Any] = {"nogil": True, "_nrt": counting}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        # Neither beside this file nor in the user's folder may anything be written.
        made = numba.njit(**options)(function)
    return cast("Callable[P, R]", made)


# --- The duty clock ---------------------------------------------------------------

FAILURES = (
    None,
    "no_way",
    "no_halt",
    "no_start",
    "dwell_too_long",
    "range_exceeded",
    "too_many_days",
    "beyond_horizon",
    "too_few_days",
    "hazard_exceeded",
    "fuel_exceeded",
)
"""What the codes of :func:`run_patrol` stand for; the first is success."""

_DONE, _NO_WAY, _NO_HALT, _NO_START, _DWELL_TOO_LONG = 0, 1, 2, 3, 4
_RANGE_EXCEEDED, _TOO_MANY_DAYS, _BEYOND_HORIZON, _TOO_FEW_DAYS = 5, 6, 7, 8
_HAZARD_EXCEEDED, _FUEL_EXCEEDED, _OUT_OF_DAYS = 9, 10, 11
# The slacks of the plain clock.
_LENGTH_SLACK_M, _HAZARD_SLACK, _FUEL_SLACK = 1e-3, 1e-9, 1e-9


class ClockArrays(NamedTuple):
    """What the duty clock reads of a problem, as arrays.

    Parameters
    ----------
    midnights_min
        Local midnights, one more than days.
    opens_min, closes_min
        By place and day; breaks are taken off the close.
    dwells_min, longest_min
        By place: its dwell, and its longest window.
    duty_min
        By place and day: minutes of its windows before, one more than days.
    matrix_of
        By vehicle and day: the matrix that holds for a departure.
    durations_min, lengths_m
        By matrix, origin and destination; ``inf`` where there is no way.
    burdens
        Likewise: hazard, and litres of one vehicle. From a place to itself there is no
        way: there the second is 1 if a visit fills the tanks again. One array, not
        three: with a few arrays more the compiler copies all of them at each call, and
        the search takes three times as long.
    has_blocks
        By matrix: whether it has stretches without halts.
    blocks_from, blocks_to
        By matrix, origin and destination: its rows of ``blocks_min``; without any
        stretch in the problem they hold one cell each.
    blocks_min
        Rows of begin and end, driving minutes of the leg.
    has_windows
        By place: whether a visit may begin only within its windows.
    windows_from, windows_to
        By place: its rows of ``windows_min``.
    windows_min
        Rows of begin and end, sorted within a place.
    ways_from, ways_to
        By matrix, origin and destination: its rows of ``ways``; one cell each if
        nothing is earned on the way.
    ways
        Numbers of waysides.
    wayside_needs, wayside_places
        By wayside: what it earns, and the place whose visit makes it earn nothing,
        or -1.
    """

    midnights_min: Floats
    opens_min: Floats
    closes_min: Floats
    dwells_min: Floats
    longest_min: Floats
    duty_min: Floats
    matrix_of: Ints
    durations_min: Floats
    lengths_m: Floats
    burdens: Floats
    has_blocks: Flags
    blocks_from: Ints
    blocks_to: Ints
    blocks_min: Floats
    has_windows: Flags
    windows_from: Ints
    windows_to: Ints
    windows_min: Floats
    ways_from: Ints
    ways_to: Ints
    ways: Ints
    wayside_needs: Floats
    wayside_places: Ints


class CrewNumbers(NamedTuple):
    """What of a team its patrols depend on, as numbers."""

    base: int
    vehicle: int
    min_days: int
    max_days: int
    rest_days: int
    range_m: float
    hazard_budget: float
    fuel_budget_l: float


@_compile_bare
def _drive(
    clock: ClockArrays,
    vehicle: int,
    origin: int,
    destination: int,
    now_min: float,
    day: int,
    last_day: int,
) -> tuple[int, float, int, int]:
    """Drive one leg; return code, time and day of arrival, and day of departure."""
    done = total = 0.0
    depart_day = -1
    stuck = False
    while day <= last_day:
        opens = max(clock.opens_min[origin, day], clock.opens_min[destination, day])
        closes = min(clock.closes_min[origin, day], clock.closes_min[destination, day])
        start = max(now_min, opens)
        if start < closes:
            matrix = clock.matrix_of[vehicle, day if depart_day < 0 else depart_day]
            if depart_day < 0:
                total = clock.durations_min[matrix, origin, destination]
                if total == inf:
                    return _NO_WAY, 0.0, 0, 0
            left = total - done
            if left <= closes - start:
                return _DONE, start + left, day, day if depart_day < 0 else depart_day
            reached = done + (closes - start)
            if clock.has_blocks[matrix]:
                for row in range(
                    clock.blocks_from[matrix, origin, destination],
                    clock.blocks_to[matrix, origin, destination],
                ):
                    if clock.blocks_min[row, 0] < reached < clock.blocks_min[row, 1]:
                        reached = clock.blocks_min[row, 0]
                        break
            if reached > done:
                if depart_day < 0:
                    depart_day = day
                now_min = start + (reached - done)
                done = reached
                stuck = False
            else:
                # Only a whole day without progress proves anything.
                stuck = start == opens
        day += 1
    return _NO_HALT if stuck else _OUT_OF_DAYS, 0.0, 0, 0


@_compile_bare
def _find_start(clock: ClockArrays, place: int, start: float) -> float:
    """Return the first minute from one on that lies in a window of a site."""
    for row in range(clock.windows_from[place], clock.windows_to[place]):
        if clock.windows_min[row, 1] >= start:
            return max(start, float(clock.windows_min[row, 0]))
    return inf


@_compile_bare
def _visit(
    clock: ClockArrays, place: int, now_min: float, day: int, last_day: int
) -> tuple[int, float, int]:
    """Dwell at a site; return code, end and day."""
    dwell = clock.dwells_min[place]
    if dwell > clock.longest_min[place]:
        return _DWELL_TOO_LONG, 0.0, 0
    while day <= last_day:
        start = max(now_min, clock.opens_min[place, day])
        if clock.has_windows[place]:
            start = _find_start(clock, place, start)
        end = start + dwell
        if end <= clock.closes_min[place, day]:
            return _DONE, end, day
        day += 1
    return _OUT_OF_DAYS, 0.0, 0


@_compile_bare
def run_patrol(
    clock: ClockArrays, crew: CrewNumbers, depart_day: int, places: Ints, last_day: int
) -> tuple[int, int, float, float, float, float, float]:
    """Run a patrol through the clock.

    Returns the code of what stands in the way (see :data:`FAILURES`), day of return,
    minutes of departure and return, metres, minutes driven and duty minutes. All are
    real for the codes of success and of ``too_few_days``, and 0 otherwise.

    Parameters
    ----------
    clock, crew
        The problem, and who goes.
    depart_day, last_day
        Day of departure, and the day by which the patrol must be home.
    places
        Numbers of the places to visit, in order; at least one.
    """
    days = len(clock.midnights_min) - 1
    base = here = crew.base
    now, day = clock.midnights_min[depart_day], depart_day
    length = driving = hazard = fuel = 0.0
    hazard_most = crew.hazard_budget * (1.0 + _HAZARD_SLACK)
    fuel_most = crew.fuel_budget_l * (1.0 + _FUEL_SLACK)
    late = _TOO_MANY_DAYS if depart_day + crew.max_days <= days else _BEYOND_HORIZON
    for number in range(len(places) + 1):
        there = places[number] if number < len(places) else base
        code, now, day, left_day = _drive(
            clock, crew.vehicle, here, there, now, day, last_day
        )
        if code != _DONE:
            return late if code == _OUT_OF_DAYS else code, 0, 0.0, 0.0, 0.0, 0.0, 0.0
        matrix = clock.matrix_of[crew.vehicle, left_day]
        length += clock.lengths_m[matrix, here, there]
        driving += clock.durations_min[matrix, here, there]
        if length > crew.range_m + _LENGTH_SLACK_M:
            return _RANGE_EXCEEDED, 0, 0.0, 0.0, 0.0, 0.0, 0.0
        hazard += clock.burdens[matrix, here, there, 0]
        if hazard > hazard_most:
            return _HAZARD_EXCEEDED, 0, 0.0, 0.0, 0.0, 0.0, 0.0
        fuel += clock.burdens[matrix, here, there, 1]
        if fuel > fuel_most:
            return _FUEL_EXCEEDED, 0, 0.0, 0.0, 0.0, 0.0, 0.0
        if here == base and left_day != depart_day:
            return _NO_START, 0, 0.0, 0.0, 0.0, 0.0, 0.0
        if there != base:
            code, now, day = _visit(clock, there, now, day, last_day)
            if code != _DONE:
                code = late if code == _OUT_OF_DAYS else code
                return code, 0, 0.0, 0.0, 0.0, 0.0, 0.0
            if clock.burdens[0, there, there, 1] > 0.0:
                fuel = 0.0
        here = there
    first = max(
        clock.opens_min[base, depart_day], clock.opens_min[places[0], depart_day]
    )
    duty = clock.duty_min[base, day] - clock.duty_min[base, depart_day]
    duty += max(0.0, now - clock.opens_min[base, day])
    few = day - depart_day + 1 < crew.min_days
    return _TOO_FEW_DAYS if few else _DONE, day, first, now, length, driving, duty


@_compile_bare
def run_departures(
    clock: ClockArrays,
    crew: CrewNumbers,
    places: Ints,
    begins: int,
    ends: int,
    homes: Ints,
    duties: Floats,
) -> None:
    """Run one patrol from each day of a span.

    Parameters
    ----------
    clock, crew, places
        As for :func:`run_patrol`.
    begins, ends
        First day of departure, and the day after the last.
    homes, duties
        By day since ``begins``, filled: day of return, -1 if it cannot be, and duty
        minutes. One home before its least days returns on the last of them, after
        infinite minutes.
    """
    days = len(clock.midnights_min) - 1
    for depart in range(begins, ends):
        last = min(depart + crew.max_days, days) - 1
        code, home, _, _, _, _, duty = run_patrol(clock, crew, depart, places, last)
        if code == _TOO_FEW_DAYS:
            home, duty = depart + crew.min_days - 1, inf
        fits = code == _DONE or (code == _TOO_FEW_DAYS and home < days)
        homes[depart - begins] = home if fits else -1
        duties[depart - begins] = duty


@_compile_bare
def mark_waysides(
    clock: ClockArrays,
    crew: CrewNumbers,
    depart_day: int,
    places: Ints,
    last_day: int,
    driven: Flags,
) -> None:
    """Mark the waysides that a patrol which can be comes by.

    Parameters
    ----------
    clock, crew, depart_day, places, last_day
        As for :func:`run_patrol`.
    driven
        By wayside: set to True for those.
    """
    here, now, day = crew.base, clock.midnights_min[depart_day], depart_day
    for number in range(len(places) + 1):
        there = places[number] if number < len(places) else crew.base
        code, now, day, left = _drive(
            clock, crew.vehicle, here, there, now, day, last_day
        )
        if code != _DONE:
            return
        matrix = clock.matrix_of[crew.vehicle, left]
        for row in range(
            clock.ways_from[matrix, here, there], clock.ways_to[matrix, here, there]
        ):
            driven[clock.ways[row]] = True
        if number < len(places):
            code, now, day = _visit(clock, there, now, day, last_day)
            if code != _DONE:
                return
        here = there


# --- Tours: patrols without days --------------------------------------------------
#
# The degenerate case of one long window: what a tour takes is a sum, so that a place
# is put in or taken out without running the clock.

# Sums of floats in another order; a tenth of what a recheck of the answer allows.
_SLACK = 1e-7
# Ruin: mean number of places removed, longest string, share of split strings, and how
# often a split string grows.
_MEAN_REMOVED, _LONGEST_STRING, _SPLIT, _SPLIT_GROWS = 8.0, 10.0, 0.4, 0.5
# How often a ruin of tours is wider, how many times, and beyond how many visits: short
# tours among many sites are otherwise never taken apart as a whole, and few visits are
# all within reach of a common ruin.
_WIDE, _WIDER, _WIDE_FROM = 0.2, 3.0, 20
# How often a tour met before is put into the place of one, once so many were met: what
# two good solutions hold is seldom reached from one of them by ruin alone.
_CROSSED, _CROSSED_FROM = 0.05, 100
# Recreate: how often by ratio, how often a best position is passed over, the range of
# the power of need, and the noise on each rank.
_BY_RATIO, _BLINK, _LEAST_POWER, _MOST_POWER, _NOISE = 0.3, 0.01, 0.5, 2.0, 0.3
# Solutions this close below the incumbent are polished, and their tours pooled.
_POLISHED, _POOLED = 0.02, 0.03


class Tours(NamedTuple):
    """A problem of tours without days.

    Parameters
    ----------
    durations, into
        Minutes by origin and destination, and by destination and origin.
    needs, dwells
        By place.
    opens, closes
        By place: when a visit may begin. Read only if ``windowed``.
    starts, ends, budgets, kinds
        By tour: first and last place, most minutes, and the first tour that is alike.
    sites
        Places worth a visit that fit into some tour alone.
    near
        By place: sites from near to far.
    efforts
        By place: least minutes of a tour that visits it alone.
    words
        By place and then by tour: random words that together name a set.
    windowed
        Whether windows bind.
    minute
        What a minute is worth to the search.
    """

    durations: Floats
    into: Floats
    needs: Floats
    dwells: Floats
    opens: Floats
    closes: Floats
    starts: Ints
    ends: Ints
    budgets: Floats
    kinds: Ints
    sites: Ints
    near: Ints
    efforts: Floats
    words: Words
    windowed: bool
    minute: float


class Work(NamedTuple):
    """Tours under change.

    Parameters
    ----------
    orders, sizes
        By tour: places in order, start and end included, and how many lie between.
    minutes
        By tour: minutes driven and dwelt.
    tour_of, spot_of
        By place: its tour (-1 for none) and its position there.
    legs
        By tour and position: minutes driven to it.
    leaves, latest
        By tour and position: earliest departure and latest arrival, if windows bind.
    """

    orders: Ints
    sizes: Ints
    minutes: Floats
    tour_of: Ints
    spot_of: Ints
    legs: Floats
    leaves: Floats
    latest: Floats


class Pool(NamedTuple):
    """Tours met by the search: the shortest order of each set of places.

    Parameters
    ----------
    keys
        Words that name tour and set; 0 where a row is free.
    kinds, needs, minutes, merits
        By row: kind of tour, need, minutes, and need of the best solution it was in.
    sizes, orders
        By row: its places.
    filled
        One cell: rows in use.
    """

    keys: Words
    kinds: Ints
    needs: Floats
    minutes: Floats
    merits: Floats
    sizes: Ints
    orders: Ints
    filled: Ints


_TWELVE, _TWENTY_FIVE, _TWENTY_SEVEN = np.uint64(12), np.uint64(25), np.uint64(27)
_ELEVEN, _STAR = np.uint64(11), np.uint64(0x2545F4914F6CDD1D)
_UNIT = 2.0**-53


@_compile_bare
def _draw(draws: Words) -> float:
    """Return a number in [0, 1) by xorshift64*, whose state is the one cell."""
    word = draws[0]
    word ^= word >> _TWELVE
    word ^= word << _TWENTY_FIVE
    word ^= word >> _TWENTY_SEVEN
    draws[0] = word
    return float((word * _STAR) >> _ELEVEN) * _UNIT


@_compile_bare
def refresh(tours: Tours, work: Work, tour: int) -> None:
    """Set what follows from the order of one tour.

    Parameters
    ----------
    tours, work
        The problem, and the tours under change.
    tour
        Which one.
    """
    order, size = work.orders[tour], work.sizes[tour]
    total = 0.0
    for spot in range(1, size + 2):
        place = order[spot]
        leg = tours.durations[order[spot - 1], place]
        work.legs[tour, spot] = leg
        total += leg
        if spot <= size:
            total += tours.dwells[place]
            work.tour_of[place] = tour
            work.spot_of[place] = spot
    work.minutes[tour] = total
    if not tours.windowed:
        return
    now = tours.opens[order[0]]
    work.leaves[tour, 0] = now
    for spot in range(1, size + 1):
        place = order[spot]
        now += tours.durations[order[spot - 1], place]
        now = max(now, tours.opens[place]) + tours.dwells[place]
        work.leaves[tour, spot] = now
    by = min(tours.closes[order[size + 1]], tours.budgets[tour])
    work.latest[tour, size + 1] = by
    for spot in range(size, 0, -1):
        place = order[spot]
        by -= tours.durations[place, order[spot + 1]] + tours.dwells[place]
        by = min(by, tours.closes[place])
        work.latest[tour, spot] = by


@_compile_bare
def measure_tour(tours: Tours, tour: int, order: Ints) -> tuple[bool, float]:
    """Return whether a tour holds its budget and windows, and its minutes.

    Parameters
    ----------
    tours, tour
        The problem, and which of its tours.
    order
        Places in order, start and end included.
    """
    total, now = 0.0, tours.opens[order[0]]
    last = len(order) - 1
    for spot in range(1, last + 1):
        place = order[spot]
        leg = tours.durations[order[spot - 1], place]
        total += leg
        now += leg
        if tours.windowed:
            if now > tours.closes[place] + _SLACK:
                return False, total
            now = max(now, tours.opens[place])
        if spot < last:
            total += tours.dwells[place]
            now += tours.dwells[place]
    spent = now if tours.windowed else total
    return spent <= tours.budgets[tour] + _SLACK, total


@_compile_bare
def _write(source: Ints, target: Ints, count: int) -> None:
    """Copy the first cells of a row: cell by cell, since a slice is an array."""
    for cell in range(count):
        target[cell] = source[cell]


@_compile_bare
def _copy(source: Work, target: Work, windowed: bool) -> None:
    for tour in range(len(source.sizes)):
        target.sizes[tour] = source.sizes[tour]
        target.minutes[tour] = source.minutes[tour]
        for spot in range(source.sizes[tour] + 2):
            target.orders[tour, spot] = source.orders[tour, spot]
            target.legs[tour, spot] = source.legs[tour, spot]
            if windowed:
                target.leaves[tour, spot] = source.leaves[tour, spot]
                target.latest[tour, spot] = source.latest[tour, spot]
    _write(source.tour_of, target.tour_of, len(source.tour_of))
    _write(source.spot_of, target.spot_of, len(source.spot_of))


@_compile
def _build_work(tours: Tours) -> Work:
    count, size = len(tours.starts), len(tours.sites) + 2
    places = len(tours.needs)
    work = Work(
        np.zeros((count, size), np.int64),
        np.zeros(count, np.int64),
        np.zeros(count),
        np.full(places, -1),
        np.zeros(places, np.int64),
        np.zeros((count, size)),
        np.zeros((count, size)),
        np.zeros((count, size)),
    )
    for tour in range(count):
        work.orders[tour, 0] = tours.starts[tour]
        work.orders[tour, 1] = tours.ends[tour]
        refresh(tours, work, tour)
    return work


@_compile_bare
def _measure(tours: Tours, work: Work) -> tuple[float, float]:
    """Return need met and minutes spent."""
    need = 0.0
    for place in tours.sites:
        if work.tour_of[place] >= 0:
            need += tours.needs[place]
    minutes = 0.0
    for tour in range(len(work.sizes)):
        if work.sizes[tour]:
            minutes += work.minutes[tour]
    return need, minutes


@_compile_bare
def _insert(tours: Tours, work: Work, tour: int, spot: int, place: int) -> None:
    """Put a place into a tour at a position."""
    order = work.orders[tour]
    for k in range(work.sizes[tour] + 1, spot - 1, -1):
        order[k + 1] = order[k]
    order[spot] = place
    work.sizes[tour] += 1
    refresh(tours, work, tour)


@_compile_bare
def _scan(
    tours: Tours, work: Work, place: int, tour: int, most: float, draws: Words
) -> tuple[float, int]:
    """Return added minutes and position of the cheapest way into one tour below most.

    Without any the position is 0. Draws that are empty never pass a position over.
    """
    dwell = tours.dwells[place]
    room = tours.budgets[tour] + _SLACK - work.minutes[tour] - dwell
    size, order = work.sizes[tour], work.orders[tour]
    outward, inward = tours.durations[place], tours.into[place]
    durations = tours.durations
    found = 0
    if tours.windowed:
        for spot in range(1, size + 2):
            a, b = order[spot - 1], order[spot]
            start = work.leaves[tour, spot - 1] + inward[a]
            if start > tours.closes[place] + _SLACK:
                break
            added = inward[a] + outward[b] - durations[a, b]
            if added < most:
                start = max(start, tours.opens[place])
                if start + dwell + outward[b] <= work.latest[tour, spot] + _SLACK:
                    if len(draws) and _draw(draws) < _BLINK:
                        continue
                    most, found = added, spot
        return most, found
    most = min(most, room)
    a = order[0]
    for spot in range(1, size + 2):
        b = order[spot]
        added = inward[a] + outward[b] - durations[a, b]
        a = b
        if added < most:
            if len(draws) and _draw(draws) < _BLINK:
                continue
            most, found = added, spot
    return most, found


@_compile_bare
def _find_way(
    tours: Tours, work: Work, place: int, draws: Words
) -> tuple[float, int, int]:
    """Return added minutes, tour and position of the cheapest insertion; -1 if none."""
    most, best, at = inf, -1, 0
    if tours.windowed:
        for tour in range(len(work.sizes)):
            added, spot = _scan(tours, work, place, tour, most, draws)
            if spot:
                most, best, at = added, tour, spot
        return most, best, at
    # As _scan, written out: this is where the search spends its time.
    outward, inward = tours.durations[place], tours.into[place]
    blinking = len(draws) > 0
    for tour in range(len(work.sizes)):
        room = tours.budgets[tour] + _SLACK - work.minutes[tour] - tours.dwells[place]
        limit = min(most, room)
        order, legs = work.orders[tour], work.legs[tour]
        back = inward[order[0]]
        for spot in range(1, work.sizes[tour] + 2):
            b = order[spot]
            added = back + outward[b] - legs[spot]
            back = inward[b]
            if added < limit:
                if blinking and _draw(draws) < _BLINK:
                    continue
                most = limit = added
                best, at = tour, spot
    return most, best, at


@_compile_bare
def _ruin(tours: Tours, work: Work, touched: Flags, draws: Words) -> None:
    """Take strings of consecutive visits out of the tours nearest to one site."""
    visited = busy = 0
    for tour in range(len(work.sizes)):
        visited += work.sizes[tour]
        busy += work.sizes[tour] > 0
    if not visited:
        return
    wide = visited > _WIDE_FROM and _draw(draws) < _WIDE
    scale = _WIDER if wide else 1.0
    longest = min(scale * _LONGEST_STRING, visited / busy)
    most = 4.0 * scale * _MEAN_REMOVED / (1.0 + longest) - 1.0
    strings = int(1.0 + _draw(draws) * max(1.0, most))
    centre = tours.sites[int(_draw(draws) * len(tours.sites))]
    for place in tours.near[centre]:
        tour = work.tour_of[place]
        if tour < 0 or touched[tour]:
            continue
        touched[tour] = True
        size, order = work.sizes[tour], work.orders[tour]
        length = int(1.0 + _draw(draws) * min(longest, size))
        length = min(length, size)
        kept = 0
        if length > 1 and length < size and _draw(draws) < _SPLIT:
            kept = 1
            while length + kept < size and _draw(draws) < _SPLIT_GROWS:
                kept += 1
        span = length + kept
        # The string holds the place itself.
        first = work.spot_of[place] - int(_draw(draws) * span)
        first = min(max(first, 1), size - span + 1)
        spared = first + 1 + int(_draw(draws) * (span - kept - 1)) if kept else 0
        write = first
        for spot in range(first, size + 2):
            inside = spot < first + span
            if inside and not (kept and spared <= spot < spared + kept):
                work.tour_of[order[spot]] = -1
            else:
                order[write] = order[spot]
                write += 1
        work.sizes[tour] = size - length
        refresh(tours, work, tour)
        strings -= 1
        if strings == 0:
            return


@_compile_bare
def _list_missing(tours: Tours, work: Work, missing: Ints) -> int:
    count = 0
    for place in tours.sites:
        if work.tour_of[place] < 0:
            missing[count] = place
            count += 1
    return count


@_compile_bare
def _rank(
    tours: Tours, work: Work, missing: Ints, count: int, ranks: Floats, draws: Words
) -> None:
    """Rank missing places by one of four rules, drawn with its power and noise."""
    rule = int(_draw(draws) * 4)
    power = _LEAST_POWER + (_MOST_POWER - _LEAST_POWER) * _draw(draws)
    for k in range(count):
        place = missing[k]
        if rule == 0:
            ranks[k] = _draw(draws)
            continue
        rank = power * log(tours.needs[place])
        if rule == 2:
            rank -= log(tours.efforts[place] + 1e-9)
        elif rule == 3:
            for other in tours.near[place]:
                if work.tour_of[other] >= 0:
                    away = tours.durations[place, other] + tours.into[place, other]
                    rank -= log(away + 1e-9)
                    break
        ranks[k] = rank + log(1.0 + _NOISE * (_draw(draws) - 0.5))


@_compile
def _recreate(
    tours: Tours,
    work: Work,
    touched: Flags,
    missing: Ints,
    ranks: Floats,
    ways: Floats,
    spots: Ints,
    draws: Words,
) -> None:
    """Put missing places in again, by rank or by need per minute added."""
    count = _list_missing(tours, work, missing)
    if _draw(draws) < _BY_RATIO:
        _insert_by_ratio(
            tours, work, touched, missing, count, ranks, ways, spots, draws
        )
        return
    _rank(tours, work, missing, count, ranks, draws)
    _insert_by_rank(tours, work, touched, missing, np.argsort(-ranks[:count]), draws)


@_compile_bare
def _insert_by_rank(
    tours: Tours, work: Work, touched: Flags, missing: Ints, order: Ints, draws: Words
) -> bool:
    """Insert missing places in an order, each where it adds least; return if any is."""
    changed = False
    for k in order:
        _, tour, spot = _find_way(tours, work, missing[k], draws)
        if tour >= 0:
            _insert(tours, work, tour, spot, missing[k])
            touched[tour] = changed = True
    return changed


@_compile_bare
def _insert_by_ratio(
    tours: Tours,
    work: Work,
    touched: Flags,
    missing: Ints,
    count: int,
    worths: Floats,
    ways: Floats,
    spots: Ints,
    draws: Words,
) -> None:
    """Insert, again and again, what earns most per minute added.

    ``spots`` holds tour and position of each place's cheapest way, kept up to date.
    """
    power = _LEAST_POWER + (_MOST_POWER - _LEAST_POWER) * _draw(draws)
    none = draws[:0]
    for k in range(count):
        place = missing[k]
        worths[k] = exp(power * log(tours.needs[place]))
        worths[k] *= 1.0 + _NOISE * (_draw(draws) - 0.5)
        ways[k], spots[k, 0], spots[k, 1] = _find_way(tours, work, place, draws)
    while True:
        best, most = -1, 0.0
        for k in range(count):
            if spots[k, 0] >= 0:
                ratio = worths[k] / (max(ways[k], 0.0) + 1e-6)
                if ratio > most:
                    best, most = k, ratio
        if best < 0:
            return
        tour, spot = spots[best, 0], spots[best, 1]
        _insert(tours, work, tour, spot, missing[best])
        touched[tour] = True
        room = tours.budgets[tour] + _SLACK - work.minutes[tour]
        order = work.orders[tour]
        count -= 1
        # The last place takes the row of the one that is in now.
        missing[best] = missing[count]
        worths[best], ways[best] = worths[count], ways[count]
        spots[best, 0], spots[best, 1] = spots[count, 0], spots[count, 1]
        for k in range(count):
            place = missing[k]
            if spots[k, 0] < 0:
                continue
            if tours.windowed:
                if spots[k, 0] == tour:
                    ways[k], spots[k, 0], spots[k, 1] = _find_way(
                        tours, work, place, none
                    )
                else:
                    added, at = _scan(tours, work, place, tour, ways[k], none)
                    if at:
                        ways[k], spots[k, 0], spots[k, 1] = added, tour, at
                continue
            if spots[k, 0] == tour:
                stale = ways[k] + tours.dwells[place] > room
                if stale or spots[k, 1] == spot:
                    # Its way is gone; every tour may have another.
                    ways[k], spots[k, 0], spots[k, 1] = _find_way(
                        tours, work, place, none
                    )
                    continue
                if spots[k, 1] > spot:
                    spots[k, 1] += 1
            # Only the two new legs can offer anything better.
            for at in range(spot, spot + 2):
                a, b = order[at - 1], order[at]
                added = tours.into[place, a] + tours.durations[place, b]
                added -= tours.durations[a, b]
                if added < ways[k] and added + tours.dwells[place] <= room:
                    ways[k], spots[k, 0], spots[k, 1] = added, tour, at


@_compile_bare
def _shorten(tours: Tours, work: Work, tour: int, spare: Ints) -> None:
    """Reverse and move stretches of one tour while that saves minutes."""
    d = tours.durations
    size, order, legs = work.sizes[tour], work.orders[tour], work.legs[tour]
    improved = True
    while improved:
        improved = False
        # 2-opt: reverse i..j.
        for i in range(1, size):
            forth = back = 0.0
            outward, inward = d[order[i]], d[order[i - 1]]
            for j in range(i + 1, size + 1):
                forth += legs[j]
                back += d[order[j], order[j - 1]]
                gain = legs[i] + forth + legs[j + 1]
                gain -= inward[order[j]] + back + outward[order[j + 1]]
                if gain > _SLACK:
                    _write(order, spare, size + 2)
                    for k in range(i, j + 1):
                        spare[k] = order[i + j - k]
                    if _adopt(tours, work, tour, spare, size):
                        improved = True
                        break
        # Or-opt: move up to three places elsewhere, turned or not.
        for i in range(1, size + 1):
            moved = False
            for length in range(1, min(3, size - i + 1) + 1):
                j = i + length - 1
                a, b = order[i - 1], order[j + 1]
                first, last = order[i], order[j]
                saved = legs[i] + legs[j + 1] - d[a, b]
                if saved <= _SLACK:
                    continue
                into_first, into_last = tours.into[first], tours.into[last]
                from_first, from_last = d[first], d[last]
                turned = 0.0
                for k in range(i, j):
                    turned += d[order[k + 1], order[k]] - d[order[k], order[k + 1]]
                for at in range(1, size + 2):
                    if i <= at <= j + 1:
                        continue
                    p, q = order[at - 1], order[at]
                    straight = into_first[p] + from_last[q] - legs[at]
                    reverse = into_last[p] + from_first[q] - legs[at] + turned
                    if saved - min(straight, reverse) <= _SLACK:
                        continue
                    write = 0
                    for k in range(size + 2):
                        if k == at:
                            for m in range(length):
                                source = i + m if straight <= reverse else j - m
                                spare[write] = order[source]
                                write += 1
                        if k < i or k > j:
                            spare[write] = order[k]
                            write += 1
                    if _adopt(tours, work, tour, spare, size):
                        moved = improved = True
                        break
                if moved:
                    break


@_compile_bare
def _adopt(tours: Tours, work: Work, tour: int, order: Ints, size: int) -> bool:
    """Take an order for a tour unless windows forbid it."""
    if tours.windowed and not measure_tour(tours, tour, order[: size + 2])[0]:
        return False
    _write(order, work.orders[tour], size + 2)
    refresh(tours, work, tour)
    return True


@_compile
def _refill(
    tours: Tours, work: Work, touched: Flags, missing: Ints, ranks: Floats, none: Words
) -> bool:
    """Put in what still fits, neediest first."""
    count = _list_missing(tours, work, missing)
    for k in range(count):
        ranks[k] = -tours.needs[missing[k]]
    order = np.argsort(ranks[:count])
    return _insert_by_rank(tours, work, touched, missing, order, none)


@_compile_bare
def _swap(
    tours: Tours,
    work: Work,
    touched: Flags,
    missing: Ints,
    spare: Ints,
    joined: Floats,
    spared: Floats,
) -> bool:
    """Put one missing place in for one visited; the best gain over all pairs.

    ``joined`` and ``spared`` are filled by position: minutes from the place before to
    the one after, and minutes saved.
    """
    count = _list_missing(tours, work, missing)
    d, minute = tours.durations, tours.minute
    best, best_in, best_tour, best_out, best_at = 1e-9, -1, -1, 0, 0
    for tour in range(len(work.sizes)):
        size, order, legs = work.sizes[tour], work.orders[tour], work.legs[tour]
        for out in range(1, size + 1):
            joined[out] = d[order[out - 1], order[out + 1]]
            spared[out] = legs[out] + legs[out + 1] - joined[out]
            spared[out] += tours.dwells[order[out]]
        room = tours.budgets[tour] + _SLACK - work.minutes[tour]
        for k in range(count):
            place = missing[k]
            outward, inward = d[place], tours.into[place]
            need, dwell = tours.needs[place], tours.dwells[place]
            # The three cheapest legs: removing a place takes two away.
            one = two = three = inf
            at_one = at_two = at_three = 0
            for spot in range(1, size + 2):
                added = inward[order[spot - 1]] + outward[order[spot]] - legs[spot]
                if added < three:
                    if added < two:
                        three, at_three = two, at_two
                        if added < one:
                            two, at_two = one, at_one
                            one, at_one = added, spot
                        else:
                            two, at_two = added, spot
                    else:
                        three, at_three = added, spot
            for out in range(1, size + 1):
                gain = need - tours.needs[order[out]]
                if gain < 0:
                    continue
                added, at = inward[order[out - 1]] + outward[order[out + 1]], out
                added -= joined[out]
                if at_one != out and at_one != out + 1:
                    if one < added:
                        added, at = one, at_one
                elif at_two != out and at_two != out + 1:
                    if two < added:
                        added, at = two, at_two
                elif three < added:
                    added, at = three, at_three
                cost = added + dwell - spared[out]
                if cost > room or gain - minute * cost <= best:
                    continue
                if tours.windowed:
                    _replace(order, size, out, at, place, spare)
                    if not measure_tour(tours, tour, spare[: size + 2])[0]:
                        continue
                best = gain - minute * cost
                best_in, best_tour, best_out, best_at = place, tour, out, at
    if best_in < 0:
        return False
    order = work.orders[best_tour]
    work.tour_of[order[best_out]] = -1
    size = work.sizes[best_tour]
    _replace(order, size, best_out, best_at, best_in, spare)
    _write(spare, order, size + 2)
    refresh(tours, work, best_tour)
    touched[best_tour] = True
    return True


@_compile_bare
def _replace(
    order: Ints, size: int, out: int, at: int, place: int, spare: Ints
) -> None:
    """Write an order with one place out and another in front of what stands at."""
    write = 0
    for spot in range(size + 2):
        if spot == at:
            spare[write] = place
            write += 1
        if spot != out:
            spare[write] = order[spot]
            write += 1


@_compile
def polish(
    tours: Tours, work: Work, touched: Flags, missing: Ints, ranks: Floats, none: Words
) -> None:
    """Shorten touched tours, fill what is free, swap single places, until none helps.

    Parameters
    ----------
    tours, work
        The problem, and the tours under change.
    touched
        By tour: whether it has changed since it was last shortened; all False after.
    missing, ranks
        Scratch space, a cell for each site.
    none
        No draws: an empty array.
    """
    spare = np.empty(len(tours.sites) + 3, np.int64)
    joined, spared = np.empty(len(spare)), np.empty(len(spare))
    while True:
        for tour in range(len(work.sizes)):
            if touched[tour]:
                _shorten(tours, work, tour, spare)
                touched[tour] = False
        changed = _refill(tours, work, touched, missing, ranks, none)
        if not changed and not _swap(
            tours, work, touched, missing, spare, joined, spared
        ):
            return


@_compile_bare
def _note(tours: Tours, work: Work, pool: Pool, need: float) -> None:
    """Add the tours of a solution to the pool."""
    rows = len(pool.keys)
    places = len(tours.needs)
    for tour in range(len(work.sizes)):
        size = work.sizes[tour]
        if not size:
            continue
        key = tours.words[places + tours.kinds[tour]]
        earned = 0.0
        for spot in range(1, size + 1):
            key ^= tours.words[work.orders[tour, spot]]
            earned += tours.needs[work.orders[tour, spot]]
        row = int(np.int64(key % np.uint64(rows)))
        while pool.keys[row] != 0 and pool.keys[row] != key:
            row = row + 1 if row + 1 < rows else 0
        if pool.keys[row] == 0:
            if 4 * pool.filled[0] >= 3 * rows:
                continue
            pool.filled[0] += 1
            pool.keys[row] = key
            pool.kinds[row] = tours.kinds[tour]
            pool.needs[row] = earned
            pool.minutes[row] = inf
            pool.merits[row] = need
            pool.sizes[row] = size
        pool.merits[row] = max(pool.merits[row], need)
        if work.minutes[tour] < pool.minutes[row] - 1e-9:
            pool.minutes[row] = work.minutes[tour]
            _write(work.orders[tour, 1:], pool.orders[row], size)


@_compile_bare
def _cross(tours: Tours, work: Work, pool: Pool, touched: Flags, draws: Words) -> None:
    """Put a tour met before in the place of one, and its sites out of the others.

    The pool must not be empty.
    """
    rows = len(pool.keys)
    row = int(_draw(draws) * rows)
    while pool.keys[row] == 0:
        row = row + 1 if row + 1 < rows else 0
    kind = pool.kinds[row]
    count = len(work.sizes)
    tour = int(_draw(draws) * count)
    for _ in range(count):
        if tours.kinds[tour] == kind:
            break
        tour = tour + 1 if tour + 1 < count else 0
    for spot in range(1, work.sizes[tour] + 1):
        work.tour_of[work.orders[tour, spot]] = -1
    size = pool.sizes[row]
    _write(pool.orders[row], work.orders[tour, 1:], size)
    work.orders[tour, size + 1] = tours.ends[tour]
    work.sizes[tour] = size
    for spot in range(1, size + 1):
        other = work.tour_of[work.orders[tour, spot]]
        if other >= 0:
            touched[other] = True
        work.tour_of[work.orders[tour, spot]] = tour
    for other in range(count):
        if not touched[other] or other == tour:
            continue
        write, order = 1, work.orders[other]
        for spot in range(1, work.sizes[other] + 2):
            if spot > work.sizes[other] or work.tour_of[order[spot]] == other:
                order[write] = order[spot]
                write += 1
        work.sizes[other] = write - 2
        refresh(tours, work, other)
    touched[tour] = True
    refresh(tours, work, tour)


@_compile
def anneal(
    tours: Tours,
    current: Work,
    best: Work,
    pool: Pool,
    rounds: int,
    hot: float,
    cold: float,
    draws: Words,
) -> int:
    """Ruin and recreate for some rounds; return how often the incumbent improved.

    Parameters
    ----------
    tours
        The problem.
    current, best
        Where the search stands, and the incumbent by need, then least minutes.
    pool
        Tours met.
    rounds
        How many rounds.
    hot, cold
        Temperatures at both ends, in units of need.
    draws
        State of the random numbers: one word, not 0.
    """
    candidate = _build_work(tours)
    touched = np.zeros(len(tours.starts), np.bool_)
    size = len(tours.sites) + 1
    missing, spots = np.empty(size, np.int64), np.empty((size, 2), np.int64)
    ranks, ways = np.empty(size), np.empty(size)
    none = draws[:0]
    best_need, best_minutes = _measure(tours, best)
    need, minutes = _measure(tours, current)
    worth = need - tours.minute * minutes
    improved = 0
    for done in range(rounds):
        heat = hot * (cold / hot) ** (done / rounds)
        _copy(current, candidate, tours.windowed)
        touched[:] = False
        if pool.filled[0] >= _CROSSED_FROM and _draw(draws) < _CROSSED:
            _cross(tours, candidate, pool, touched, draws)
        else:
            _ruin(tours, candidate, touched, draws)
        _recreate(tours, candidate, touched, missing, ranks, ways, spots, draws)
        need, minutes = _measure(tours, candidate)
        floor = worth + heat * log(_draw(draws) + 1e-12)
        promising = need - tours.minute * minutes >= floor
        if not promising:
            continue
        if need >= best_need * (1.0 - _POLISHED):
            polish(tours, candidate, touched, missing, ranks, none)
            need, minutes = _measure(tours, candidate)
        if need >= best_need * (1.0 - _POOLED):
            _note(tours, candidate, pool, need)
        if need > best_need + 1e-9 or (
            need > best_need - 1e-9 and minutes < best_minutes - 1e-9
        ):
            improved += need > best_need + 1e-9
            best_need, best_minutes = need, minutes
            _copy(candidate, best, tours.windowed)
        value = need - tours.minute * minutes
        if value >= floor:
            worth = value
            _copy(candidate, current, tours.windowed)
    return improved


# --- Rosters: the patrols of all teams, with days and nights --------------------------
#
# Every patrol keeps its day of departure while others change, and must be home in time
# for the rest before the next one of its team; so each is run alone.

# Ruin: how often one whole patrol, and how often a patrol is moved to other days.
_WHOLE_PATROL, _MOVED = 0.1, 0.3
# Where a new patrol begins: shares of the first and the last days that are free.
_FIRST_DAY, _LAST_DAY = 0.6, 0.2
# Positions that the clock is asked about, cheapest first, and how many where windows
# make minutes a poor guide.
_TRIES, _TRIES_WINDOWED = 4, 16
_MOST_SHARED = 0.5
# Longest detour that may get a patrol home sooner.
_DETOUR_MIN = 120.0


class Task(NamedTuple):
    """What is asked of a roster.

    Items are visits that may be made: one for each site, or several for a site whose
    need grows back.

    Parameters
    ----------
    clock
        The duty clock.
    bases, vehicles, min_days, max_days, rest_days, ranges_m, budgets, kinds
        By team, budgets of hazard and of litres of one vehicle between two fills; the
        kind is the first team that is alike.
    places, needs
        By item: its place, and what the visit earns.
    allowed
        By team and item: whether the team may ever make the visit.
    groups
        By item: number of its group of which one at most is visited, or -1.
    bars, bars_from, bars_to
        By item: its rows of items that no patrol may visit with it.
    twins_from, twins_to, apart_min
        By item: the items of the same place, itself included, and the least minutes
        between their arrivals.
    near, efforts
        By item: items from near to far; least minutes of a patrol to it alone.
    durations
        By vehicle, origin and destination: least minutes over all road states.
    widths
        By day: minutes of the widest windows before it, one more than days.
    words
        By place, then by kind and day: random words that together name a patrol.
    windowed, repeats
        Whether any site has windows, and whether any item has twins.
    minute
        What a duty minute is worth to the search.
    """

    clock: ClockArrays
    bases: Ints
    vehicles: Ints
    min_days: Ints
    max_days: Ints
    rest_days: Ints
    ranges_m: Floats
    budgets: Floats
    kinds: Ints
    places: Ints
    needs: Floats
    allowed: Flags
    groups: Ints
    bars: Ints
    bars_from: Ints
    bars_to: Ints
    twins_from: Ints
    twins_to: Ints
    apart_min: Floats
    near: Ints
    efforts: Floats
    durations: Floats
    widths: Floats
    words: Words
    windowed: bool
    repeats: bool
    minute: float


class Roster(NamedTuple):
    """Patrols under change, by team and in order of departure.

    Parameters
    ----------
    counts
        By team: its patrols.
    departs, returns, sizes, duties, works
        By team and patrol: days, visits, duty minutes, minutes driven and dwelt.
    orders
        By team, patrol and position from 0: items.
    leaves, days, lengths, spent
        By team, patrol and position from 0 for the base: what the clock, the day and
        the way so far are when the patrol is done there; and of the latter hazard so
        far, and litres since the last fill.
    arrivals
        By item: when its visit begins.
    team_of, patrol_of
        By item: its team, or -1, and patrol.
    taken
        By group: visits to it.
    matrices
        By team, patrol and leg: the matrix that it was driven by; no cells where
        nothing is earned on the way.
    """

    counts: Ints
    departs: Ints
    returns: Ints
    sizes: Ints
    duties: Floats
    works: Floats
    orders: Ints
    leaves: Floats
    days: Ints
    lengths: Floats
    spent: Floats
    arrivals: Floats
    team_of: Ints
    patrol_of: Ints
    taken: Ints
    matrices: Ints


class Pooled(NamedTuple):
    """Patrols met by the search: the shortest order of each kind, day and set.

    Parameters
    ----------
    keys
        Words that name kind, day and set; 0 where a row is free.
    kinds, departs, returns, sizes, duties, merits
        By row; the merit is that of the best roster it was in.
    orders
        By row: its places.
    filled
        One cell: rows in use.
    """

    keys: Words
    kinds: Ints
    departs: Ints
    returns: Ints
    sizes: Ints
    duties: Floats
    merits: Floats
    orders: Ints
    filled: Ints


@_compile_bare
def _start_patrol(task: Task, roster: Roster, team: int, patrol: int) -> None:
    """Set what holds at the base before the first leg."""
    depart = roster.departs[team, patrol]
    roster.leaves[team, patrol, 0] = task.clock.midnights_min[depart]
    roster.days[team, patrol, 0] = depart
    roster.lengths[team, patrol, 0] = 0.0
    roster.spent[team, patrol, 0, 0] = roster.spent[team, patrol, 0, 1] = 0.0


@_compile_bare
def _follow(
    task: Task,
    roster: Roster,
    team: int,
    patrol: int,
    order: Ints,
    size: int,
    first: int,
    last_day: int,
    keep: bool,
) -> tuple[int, float]:
    """Run a patrol from one position on; return its day of return (-1: cannot be).

    Up to ``first`` the order is that of the roster. With ``keep`` the results are
    written into the roster. The second answer is the patrol's duty minutes.
    """
    clock, vehicle, base = task.clock, task.vehicles[team], task.bases[team]
    range_m = task.ranges_m[team] + _LENGTH_SLACK_M
    hazard_most = task.budgets[team, 0] * (1.0 + _HAZARD_SLACK)
    fuel_most = task.budgets[team, 1] * (1.0 + _FUEL_SLACK)
    now, day = roster.leaves[team, patrol, first], roster.days[team, patrol, first]
    length = roster.lengths[team, patrol, first]
    hazard = roster.spent[team, patrol, first, 0]
    fuel = roster.spent[team, patrol, first, 1]
    depart = roster.departs[team, patrol]
    here = base if first == 0 else task.places[order[first - 1]]
    for spot in range(first, size + 1):
        there = task.places[order[spot]] if spot < size else base
        code, now, day, left = _drive(clock, vehicle, here, there, now, day, last_day)
        if code != _DONE or (spot == 0 and left != depart):
            return -1, 0.0
        matrix = clock.matrix_of[vehicle, left]
        length += clock.lengths_m[matrix, here, there]
        hazard += clock.burdens[matrix, here, there, 0]
        fuel += clock.burdens[matrix, here, there, 1]
        if length > range_m or hazard > hazard_most or fuel > fuel_most:
            return -1, 0.0
        if spot < size:
            code, now, day = _visit(clock, there, now, day, last_day)
            if code != _DONE:
                return -1, 0.0
            if clock.burdens[0, there, there, 1] > 0.0:
                fuel = 0.0
            if task.repeats:
                item, begins = order[spot], now - clock.dwells_min[there]
                for twin in range(task.twins_from[item], task.twins_to[item]):
                    if twin == item or roster.team_of[twin] < 0:
                        continue
                    same = roster.team_of[twin] == team
                    if same and roster.patrol_of[twin] == patrol:
                        # Within one patrol no need grows back.
                        return -1, 0.0
                    if abs(roster.arrivals[twin] - begins) < task.apart_min[item]:
                        return -1, 0.0
            if keep:
                roster.leaves[team, patrol, spot + 1] = now
                roster.days[team, patrol, spot + 1] = day
                roster.lengths[team, patrol, spot + 1] = length
                roster.spent[team, patrol, spot + 1, 0] = hazard
                roster.spent[team, patrol, spot + 1, 1] = fuel
                roster.arrivals[order[spot]] = now - clock.dwells_min[there]
        if keep and spot < roster.matrices.shape[2]:
            roster.matrices[team, patrol, spot] = matrix
        here = there
    duty = clock.duty_min[base, day] - clock.duty_min[base, depart]
    return day, duty + max(0.0, now - clock.opens_min[base, day])


@_compile_bare
def _find_last(task: Task, roster: Roster, team: int, patrol: int) -> int:
    """Return the day by which a patrol must be home."""
    days = len(task.clock.midnights_min) - 1
    last = min(roster.departs[team, patrol] + task.max_days[team], days) - 1
    if patrol + 1 < roster.counts[team]:
        following = roster.departs[team, patrol + 1] - task.rest_days[team] - 1
        last = min(last, following)
    return int(last)


@_compile_bare
def settle(task: Task, roster: Roster, team: int, patrol: int) -> bool:
    """Set what follows from a patrol's day and order; return whether it can be.

    Parameters
    ----------
    task, roster
        What is asked, and the patrols under change.
    team, patrol
        Which one.
    """
    order, size = roster.orders[team, patrol], roster.sizes[team, patrol]
    _start_patrol(task, roster, team, patrol)
    for spot in range(size):
        roster.team_of[order[spot]], roster.patrol_of[order[spot]] = -1, patrol
    home, duty = _follow(
        task,
        roster,
        team,
        patrol,
        order,
        size,
        0,
        _find_last(task, roster, team, patrol),
        True,
    )
    for spot in range(size):
        roster.team_of[order[spot]] = team
    if home < 0:
        return False
    d = task.durations[task.vehicles[team]]
    work, here = 0.0, task.bases[team]
    for spot in range(size):
        there = task.places[order[spot]]
        work += d[here, there] + task.clock.dwells_min[there]
        here = there
    roster.works[team, patrol] = work + d[here, task.bases[team]]
    roster.returns[team, patrol], roster.duties[team, patrol] = home, duty
    return True


@_compile_bare
def _renumber(roster: Roster, team: int) -> None:
    for patrol in range(roster.counts[team]):
        for spot in range(roster.sizes[team, patrol]):
            roster.patrol_of[roster.orders[team, patrol, spot]] = patrol


@_compile_bare
def _move_patrol(roster: Roster, team: int, source: int, target: int) -> None:
    """Copy one patrol of a team over another."""
    size = roster.sizes[team, source]
    roster.departs[team, target] = roster.departs[team, source]
    roster.returns[team, target] = roster.returns[team, source]
    roster.sizes[team, target] = size
    roster.duties[team, target] = roster.duties[team, source]
    roster.works[team, target] = roster.works[team, source]
    for spot in range(size):
        roster.orders[team, target, spot] = roster.orders[team, source, spot]
    for spot in range(size + 1):
        roster.leaves[team, target, spot] = roster.leaves[team, source, spot]
        roster.days[team, target, spot] = roster.days[team, source, spot]
        roster.lengths[team, target, spot] = roster.lengths[team, source, spot]
        for kind in range(2):
            spent = roster.spent[team, source, spot, kind]
            roster.spent[team, target, spot, kind] = spent
        if roster.matrices.shape[2]:
            roster.matrices[team, target, spot] = roster.matrices[team, source, spot]


@_compile_bare
def _drop_patrol(task: Task, roster: Roster, team: int, patrol: int) -> None:
    """Take a whole patrol out; its visits are missing then."""
    for spot in range(roster.sizes[team, patrol]):
        _forget(task, roster, roster.orders[team, patrol, spot])
    for later in range(patrol + 1, roster.counts[team]):
        _move_patrol(roster, team, later, later - 1)
    roster.counts[team] -= 1
    _renumber(roster, team)


@_compile_bare
def _forget(task: Task, roster: Roster, item: int) -> None:
    roster.team_of[item] = -1
    if task.groups[item] >= 0:
        roster.taken[task.groups[item]] -= 1


@_compile_bare
def _add_patrol(roster: Roster, team: int, depart: int) -> int:
    """Make room for a new patrol without visits; return its number."""
    patrol = roster.counts[team]
    while patrol > 0 and roster.departs[team, patrol - 1] > depart:
        _move_patrol(roster, team, patrol - 1, patrol)
        patrol -= 1
    roster.counts[team] += 1
    roster.departs[team, patrol] = depart
    roster.sizes[team, patrol] = 0
    _renumber(roster, team)
    return int(patrol)


@_compile_bare
def _open_gap(task: Task, roster: Roster, team: int, draws: Words) -> int:
    """Return a day on which a team may begin another patrol, or -1."""
    days = len(task.clock.midnights_min) - 1
    count, rest = roster.counts[team], task.rest_days[team]
    if count == roster.departs.shape[1]:
        return -1
    turn = int(_draw(draws) * (count + 1))
    for step in range(count + 1):
        gap = (turn + step) % (count + 1)
        begins = roster.returns[team, gap - 1] + rest + 1 if gap > 0 else 0
        ends = roster.departs[team, gap] - rest - 1 if gap < count else days - 1
        spare = ends - begins + 1 - task.min_days[team]
        if spare < 0:
            continue
        choice = _draw(draws)
        if choice < _FIRST_DAY:
            return begins
        if choice < _FIRST_DAY + _LAST_DAY:
            return int(max(begins, ends + 1 - task.max_days[team]))
        return begins + int(_draw(draws) * (spare + 1))
    return -1


@_compile_bare
def _is_free(task: Task, roster: Roster, team: int, patrol: int, item: int) -> bool:
    """Return whether a visit may be added to a patrol as far as others allow."""
    if not task.allowed[team, item] or (
        task.groups[item] >= 0 and roster.taken[task.groups[item]] > 0
    ):
        return False
    for row in range(task.bars_from[item], task.bars_to[item]):
        other = task.bars[row]
        if roster.team_of[other] == team and roster.patrol_of[other] == patrol:
            return False
    return True


@_compile_bare
def _try_patrol(
    task: Task,
    roster: Roster,
    team: int,
    patrol: int,
    item: int,
    most: float,
    spare: Ints,
    draws: Words,
) -> tuple[float, int]:
    """Return added minutes and position of the cheapest way into a patrol below most.

    Without any the position is -1. Draws that are empty never pass a position over.
    """
    last_day = _find_last(task, roster, team, patrol)
    depart, size = roster.departs[team, patrol], roster.sizes[team, patrol]
    if size + 1 > roster.orders.shape[2] or last_day < depart:
        return most, -1
    place, base = task.places[item], task.bases[team]
    d, dwell = task.durations[task.vehicles[team]], task.clock.dwells_min[place]
    room = task.widths[last_day + 1] - task.widths[depart] - roster.works[team, patrol]
    order = roster.orders[team, patrol]
    below = -inf
    tries = _TRIES_WINDOWED if task.windowed else _TRIES
    for _ in range(tries):
        # The cheapest position not yet tried.
        least, at = inf, -1
        here = base
        for spot in range(size + 1):
            there = task.places[order[spot]] if spot < size else base
            added = d[here, place] + d[place, there] - d[here, there] + dwell
            here = there
            if below < added < least:
                least, at = added, spot
        if at < 0 or least >= most or least > room:
            return most, -1
        below = least
        if len(draws) and _draw(draws) < _BLINK:
            continue
        for spot in range(at):
            spare[spot] = order[spot]
        spare[at] = item
        for spot in range(at, size):
            spare[spot + 1] = order[spot]
        home, _ = _follow(
            task, roster, team, patrol, spare, size + 1, at, last_day, False
        )
        if home >= 0:
            return least, at
    return most, -1


@_compile_bare
def _find_place(
    task: Task,
    roster: Roster,
    item: int,
    openings: Ints,
    only: int,
    shortly: bool,
    spare: Ints,
    draws: Words,
) -> tuple[float, int, int, int]:
    """Return minutes, team, patrol and position of the cheapest insertion.

    Team -1 if there is none; the patrol is the team's count for a new one, which
    leaves on the day in ``openings``. ``only`` is a team, or -1 for all. Without
    ``shortly`` no patrol is begun that would be home too soon.
    """
    most, best, best_patrol, best_spot = inf, -1, 0, 0
    first, last = (only, only + 1) if only >= 0 else (0, len(roster.counts))
    for team in range(first, last):
        if not task.allowed[team, item]:
            continue
        for patrol in range(roster.counts[team]):
            if not _is_free(task, roster, team, patrol, item):
                continue
            added, spot = _try_patrol(
                task, roster, team, patrol, item, most, spare, draws
            )
            if spot >= 0:
                most, best, best_patrol, best_spot = added, team, patrol, spot
        if openings[team] < 0 or not _is_free(task, roster, team, -1, item):
            continue
        place, base = task.places[item], task.bases[team]
        d = task.durations[task.vehicles[team]]
        added = d[base, place] + d[place, base] + task.clock.dwells_min[place]
        if added >= most:
            continue
        if _test_alone(task, roster, team, openings[team], item, shortly, spare):
            most, best, best_patrol = added, team, roster.counts[team]
            best_spot = 0
    return most, best, best_patrol, best_spot


@_compile_bare
def _test_alone(
    task: Task,
    roster: Roster,
    team: int,
    depart: int,
    item: int,
    shortly: bool,
    spare: Ints,
) -> bool:
    """Return whether a new patrol of a team may visit an item alone."""
    days = len(task.clock.midnights_min) - 1
    last = min(depart + task.max_days[team], days) - 1
    for patrol in range(roster.counts[team]):
        if roster.departs[team, patrol] > depart:
            last = min(last, roster.departs[team, patrol] - task.rest_days[team] - 1)
            break
    # The first row past the team's patrols is free: it is tried out there.
    patrol = roster.counts[team]
    roster.departs[team, patrol] = depart
    _start_patrol(task, roster, team, patrol)
    spare[0] = item
    home, _ = _follow(task, roster, team, patrol, spare, 1, 0, last, False)
    return home >= 0 and (shortly or home - depart + 1 >= task.min_days[team])


@_compile_bare
def _insert_item(
    task: Task,
    roster: Roster,
    item: int,
    team: int,
    patrol: int,
    spot: int,
    openings: Ints,
    draws: Words,
) -> None:
    """Put a visit in where :func:`_find_place` found room for it."""
    if patrol == roster.counts[team]:
        patrol = _add_patrol(roster, team, openings[team])
        spot = 0
    size, order = roster.sizes[team, patrol], roster.orders[team, patrol]
    for k in range(size, spot, -1):
        order[k] = order[k - 1]
    order[spot] = item
    roster.sizes[team, patrol] = size + 1
    roster.team_of[item], roster.patrol_of[item] = team, patrol
    if task.groups[item] >= 0:
        roster.taken[task.groups[item]] += 1
    settle(task, roster, team, patrol)
    openings[team] = _open_gap(task, roster, team, draws)


@_compile_bare
def _list_items(task: Task, roster: Roster, missing: Ints) -> int:
    """List the visits not made; of twins only the first."""
    count = 0
    for item in range(len(task.places)):
        if roster.team_of[item] >= 0:
            continue
        if count and task.places[missing[count - 1]] == task.places[item]:
            continue
        missing[count] = item
        count += 1
    return count


@_compile
def _ruin_roster(task: Task, roster: Roster, draws: Words) -> None:
    """Take strings of visits near one item out, or a whole patrol."""
    visited = busy = 0
    for team in range(len(roster.counts)):
        busy += roster.counts[team]
        for patrol in range(roster.counts[team]):
            visited += roster.sizes[team, patrol]
    if not visited:
        return
    if _draw(draws) < _WHOLE_PATROL:
        turn = int(_draw(draws) * busy)
        for team in range(len(roster.counts)):
            if turn < roster.counts[team]:
                _drop_patrol(task, roster, team, turn)
                return
            turn -= roster.counts[team]
    longest = min(_LONGEST_STRING, visited / busy)
    most = 4.0 * min(_MEAN_REMOVED, _MOST_SHARED * visited) / (1.0 + longest) - 1.0
    strings = int(1.0 + _draw(draws) * max(1.0, most))
    centre = int(_draw(draws) * len(task.places))
    touched = np.zeros(roster.departs.shape, np.bool_)
    for item in task.near[centre]:
        team = roster.team_of[item]
        if team < 0:
            continue
        patrol = roster.patrol_of[item]
        if touched[team, patrol]:
            continue
        touched[team, patrol] = True
        size, order = roster.sizes[team, patrol], roster.orders[team, patrol]
        length = min(int(1.0 + _draw(draws) * min(longest, size)), size)
        kept = 0
        if length > 1 and length < size and _draw(draws) < _SPLIT:
            kept = 1
            while length + kept < size and _draw(draws) < _SPLIT_GROWS:
                kept += 1
        span = length + kept
        at = 0
        while order[at] != item:
            at += 1
        first = min(max(at - int(_draw(draws) * span), 0), size - span)
        spared = first + 1 + int(_draw(draws) * (span - kept - 1)) if kept else 0
        write = first
        for spot in range(first, size):
            inside = spot < first + span
            if inside and not (kept and spared <= spot < spared + kept):
                _forget(task, roster, order[spot])
            else:
                order[write] = order[spot]
                write += 1
        roster.sizes[team, patrol] = write
        strings -= 1
        if strings == 0:
            break
    for team in range(len(roster.counts)):
        for patrol in range(roster.counts[team] - 1, -1, -1):
            if touched[team, patrol] and (
                not roster.sizes[team, patrol] or not settle(task, roster, team, patrol)
            ):
                _drop_patrol(task, roster, team, patrol)


@_compile_bare
def _move_days(task: Task, roster: Roster, draws: Words) -> None:
    """Let one patrol leave on another day, if it still can be."""
    days = len(task.clock.midnights_min) - 1
    team = int(_draw(draws) * len(roster.counts))
    if not roster.counts[team]:
        return
    patrol = int(_draw(draws) * roster.counts[team])
    rest, old = task.rest_days[team], roster.departs[team, patrol]
    first = roster.returns[team, patrol - 1] + rest + 1 if patrol else 0
    last = days - 1
    if patrol + 1 < roster.counts[team]:
        last = roster.departs[team, patrol + 1] - rest - 1
    last -= roster.returns[team, patrol] - old
    choice = _draw(draws)
    day = first
    if choice < 1.0 / 3.0:
        day = last
    elif choice < 2.0 / 3.0:
        day = first + int(_draw(draws) * (last - first + 1))
    if day == old or day < first:
        return
    roster.departs[team, patrol] = day
    if not settle(task, roster, team, patrol):
        roster.departs[team, patrol] = old
        settle(task, roster, team, patrol)


@_compile_bare
def _rank_items(
    task: Task, roster: Roster, missing: Ints, count: int, ranks: Floats, draws: Words
) -> None:
    """Rank missing visits by one of four rules, drawn with its power and noise."""
    rule = int(_draw(draws) * 4)
    power = _LEAST_POWER + (_MOST_POWER - _LEAST_POWER) * _draw(draws)
    for k in range(count):
        item = missing[k]
        if rule == 0:
            ranks[k] = _draw(draws)
            continue
        rank = power * log(task.needs[item])
        if rule == 2:
            rank -= log(task.efforts[item] + 1.0)
        elif rule == 3:
            place = task.places[item]
            for other in task.near[item]:
                if roster.team_of[other] >= 0:
                    away = task.durations[0, place, task.places[other]]
                    rank -= log(away + task.clock.dwells_min[place] + 1.0)
                    break
        ranks[k] = rank + log(1.0 + _NOISE * (_draw(draws) - 0.5))


@_compile
def _recreate_roster(
    task: Task,
    roster: Roster,
    missing: Ints,
    ranks: Floats,
    ways: Floats,
    spots: Ints,
    openings: Ints,
    spare: Ints,
    draws: Words,
) -> None:
    """Make missing visits again, by rank or by need per minute added."""
    for team in range(len(roster.counts)):
        openings[team] = _open_gap(task, roster, team, draws)
    count = _list_items(task, roster, missing)
    if _draw(draws) >= _BY_RATIO:
        _rank_items(task, roster, missing, count, ranks, draws)
        order = np.argsort(-ranks[:count])
        _insert_in_order(
            task, roster, missing, order, openings, True, spare, draws, draws
        )
    else:
        _insert_items_by_ratio(
            task, roster, missing, count, ranks, ways, spots, openings, spare, draws
        )


@_compile_bare
def _insert_in_order(
    task: Task,
    roster: Roster,
    missing: Ints,
    order: Ints,
    openings: Ints,
    shortly: bool,
    spare: Ints,
    blinks: Words,
    draws: Words,
) -> bool:
    """Make missing visits in an order, each where it adds least; return if any is."""
    changed = False
    for k in order:
        _, team, patrol, spot = _find_place(
            task, roster, missing[k], openings, -1, shortly, spare, blinks
        )
        if team >= 0:
            _insert_item(task, roster, missing[k], team, patrol, spot, openings, draws)
            changed = True
    return changed


@_compile_bare
def _insert_items_by_ratio(
    task: Task,
    roster: Roster,
    missing: Ints,
    count: int,
    ranks: Floats,
    ways: Floats,
    spots: Ints,
    openings: Ints,
    spare: Ints,
    draws: Words,
) -> None:
    """Make missing visits, those of most need per minute added first."""
    power = _LEAST_POWER + (_MOST_POWER - _LEAST_POWER) * _draw(draws)
    for k in range(count):
        ranks[k] = exp(power * log(task.needs[missing[k]]))
        ranks[k] *= 1.0 + _NOISE * (_draw(draws) - 0.5)
        ways[k], spots[k, 0], spots[k, 1], spots[k, 2] = _find_place(
            task, roster, missing[k], openings, -1, True, spare, draws
        )
    none = draws[:0]
    while True:
        best, most = -1, 0.0
        for k in range(count):
            if spots[k, 0] >= 0 and ranks[k] / (max(ways[k], 0.0) + 1.0) > most:
                best, most = k, ranks[k] / (max(ways[k], 0.0) + 1.0)
        if best < 0:
            return
        changed = spots[best, 0]
        _insert_item(
            task,
            roster,
            missing[best],
            changed,
            spots[best, 1],
            spots[best, 2],
            openings,
            draws,
        )
        count -= 1
        missing[best] = missing[count]
        ranks[best], ways[best] = ranks[count], ways[count]
        for cell in range(3):
            spots[best, cell] = spots[count, cell]
        for k in range(count):
            if spots[k, 0] < 0 and not task.windowed and not task.repeats:
                continue
            if spots[k, 0] == changed:
                ways[k], spots[k, 0], spots[k, 1], spots[k, 2] = _find_place(
                    task, roster, missing[k], openings, -1, True, spare, none
                )
                continue
            added, team, patrol, spot = _find_place(
                task, roster, missing[k], openings, changed, True, spare, none
            )
            taken = task.groups[missing[k]] >= 0
            if taken and roster.taken[task.groups[missing[k]]] > 0:
                spots[k, 0] = -1
            elif team >= 0 and (spots[k, 0] < 0 or added < ways[k]):
                ways[k], spots[k, 0], spots[k, 1], spots[k, 2] = (
                    added,
                    team,
                    patrol,
                    spot,
                )
            elif task.repeats and spots[k, 0] >= 0:
                # A twin's visit may have taken the place of this one.
                ways[k], spots[k, 0], spots[k, 1], spots[k, 2] = _find_place(
                    task, roster, missing[k], openings, -1, True, spare, none
                )


@_compile
def _fill(
    task: Task,
    roster: Roster,
    missing: Ints,
    ranks: Floats,
    openings: Ints,
    spare: Ints,
    draws: Words,
) -> bool:
    """Make visits that still fit, neediest first; no patrol is begun too short."""
    count = _list_items(task, roster, missing)
    none = draws[:0]
    for team in range(len(roster.counts)):
        openings[team] = _open_gap(task, roster, team, draws)
    for k in range(count):
        ranks[k] = -task.needs[missing[k]]
    order = np.argsort(ranks[:count])
    return _insert_in_order(
        task, roster, missing, order, openings, False, spare, none, draws
    )


@_compile_bare
def _drop_short(task: Task, roster: Roster) -> bool:
    """Dissolve patrols that are home before their least days."""
    dropped = False
    for team in range(len(roster.counts)):
        for patrol in range(roster.counts[team] - 1, -1, -1):
            days = roster.returns[team, patrol] - roster.departs[team, patrol] + 1
            if days < task.min_days[team]:
                _drop_patrol(task, roster, team, patrol)
                dropped = True
    return dropped


@_compile_bare
def _drive_all(task: Task, team: int, order: Ints, size: int) -> float:
    """Return the minutes driven in an order."""
    d, here, total = task.durations[task.vehicles[team]], task.bases[team], 0.0
    for spot in range(size):
        total += d[here, task.places[order[spot]]]
        here = task.places[order[spot]]
    return total + float(d[here, task.bases[team]])


@_compile_bare
def _shorten_patrol(
    task: Task, roster: Roster, team: int, patrol: int, spare: Ints
) -> None:
    """Reverse and move stretches of one patrol while it gets home sooner for that.

    Sooner is less duty, then less driving: a dwell that no longer fits into an evening
    costs more than a detour.
    """
    size, order = roster.sizes[team, patrol], roster.orders[team, patrol]
    last_day = _find_last(task, roster, team, patrol)
    driven, duty = _drive_all(task, team, order, size), roster.duties[team, patrol]
    days = task.min_days[team] - 1
    improved = True
    while improved:
        improved = False
        for i in range(size - 1):
            for j in range(i + 1, size):
                for turn in range(3):
                    # Reverse i..j; or move i behind j; or move j before i.
                    _write(order, spare, size)
                    for k in range(i, j + 1):
                        if turn == 0:
                            spare[k] = order[i + j - k]
                        elif turn == 1:
                            spare[k] = order[k + 1] if k < j else order[i]
                        else:
                            spare[k] = order[k - 1] if k > i else order[j]
                    total = _drive_all(task, team, spare, size)
                    if total >= driven + _DETOUR_MIN:
                        continue
                    home, took = _follow(
                        task, roster, team, patrol, spare, size, i, last_day, False
                    )
                    if home < 0 or home - roster.departs[team, patrol] < days:
                        continue
                    if took > duty - _SLACK and (
                        took > duty + _SLACK or total >= driven - _SLACK
                    ):
                        continue
                    _write(spare, order, size)
                    driven, duty = total, took
                    settle(task, roster, team, patrol)
                    improved = True


@_compile_bare
def _swap_items(task: Task, roster: Roster, missing: Ints, spare: Ints) -> bool:
    """Make one missing visit in the place of another; the best gain over all pairs."""
    count = _list_items(task, roster, missing)
    best, best_in, best_team, best_patrol, best_out, best_at = 1e-9, -1, 0, 0, 0, 0
    for team in range(len(roster.counts)):
        d, base = task.durations[task.vehicles[team]], task.bases[team]
        for patrol in range(roster.counts[team]):
            size, order = roster.sizes[team, patrol], roster.orders[team, patrol]
            last_day = _find_last(task, roster, team, patrol)
            depart = roster.departs[team, patrol]
            room = task.widths[last_day + 1] - task.widths[depart]
            room -= roster.works[team, patrol]
            for out in range(size):
                old = order[out]
                before = task.places[order[out - 1]] if out else base
                after = task.places[order[out + 1]] if out + 1 < size else base
                place = task.places[old]
                joined = d[before, after]
                saved = d[before, place] + d[place, after] - joined
                saved += task.clock.dwells_min[place]
                for k in range(count):
                    item = missing[k]
                    gain = task.needs[item] - task.needs[old]
                    if gain < best or not task.allowed[team, item]:
                        continue
                    group = task.groups[item]
                    full = group >= 0 and roster.taken[group] > 0
                    if full and task.groups[old] != group:
                        continue
                    place = task.places[item]
                    # The cheapest position once the old visit is gone.
                    least, at, here = inf, -1, base
                    write = 0
                    for spot in range(size + 1):
                        if spot == out:
                            continue
                        there = task.places[order[spot]] if spot < size else base
                        added = d[here, place] + d[place, there] - d[here, there]
                        if added < least:
                            least, at = added, write
                        here = there
                        write += 1
                    least += task.clock.dwells_min[place]
                    if least - saved > room:
                        continue
                    if gain - task.minute * (least - saved) <= best:
                        continue
                    _exchange(order, size, out, at, item, spare)
                    roster.team_of[old] = -1
                    if _is_barred(task, roster, team, patrol, item):
                        home = -1
                    else:
                        home, _ = _follow(
                            task, roster, team, patrol, spare, size, 0, last_day, False
                        )
                    roster.team_of[old] = team
                    if home < 0 or home - depart + 1 < task.min_days[team]:
                        continue
                    best = gain - task.minute * (least - saved)
                    best_in, best_team, best_patrol = item, team, patrol
                    best_out, best_at = out, at
    if best_in < 0:
        return False
    order = roster.orders[best_team, best_patrol]
    size = roster.sizes[best_team, best_patrol]
    _forget(task, roster, order[best_out])
    _exchange(order, size, best_out, best_at, best_in, spare)
    _write(spare, order, size)
    if task.groups[best_in] >= 0:
        roster.taken[task.groups[best_in]] += 1
    settle(task, roster, best_team, best_patrol)
    return True


@_compile_bare
def _is_barred(task: Task, roster: Roster, team: int, patrol: int, item: int) -> bool:
    for row in range(task.bars_from[item], task.bars_to[item]):
        other = task.bars[row]
        if roster.team_of[other] == team and roster.patrol_of[other] == patrol:
            return True
    return False


@_compile_bare
def _exchange(
    order: Ints, size: int, out: int, at: int, item: int, spare: Ints
) -> None:
    """Write an order with one item out, and another at a position of what is left."""
    write = 0
    for spot in range(size):
        if write == at:
            spare[write] = item
            write += 1
        if spot != out:
            spare[write] = order[spot]
            write += 1
    if write < size:
        spare[write] = item


@_compile
def _copy_roster(source: Roster, target: Roster) -> None:
    target.counts[:] = source.counts
    target.departs[:] = source.departs
    target.returns[:] = source.returns
    target.sizes[:] = source.sizes
    target.duties[:] = source.duties
    target.works[:] = source.works
    target.arrivals[:] = source.arrivals
    target.team_of[:] = source.team_of
    target.patrol_of[:] = source.patrol_of
    target.taken[:] = source.taken
    for team in range(len(source.counts)):
        for patrol in range(source.counts[team]):
            for spot in range(source.sizes[team, patrol] + 1):
                cell = team, patrol, spot
                # Orders have no cell for the base.
                if spot < source.sizes[team, patrol]:
                    target.orders[cell] = source.orders[cell]
                target.leaves[cell] = source.leaves[cell]
                target.days[cell] = source.days[cell]
                target.lengths[cell] = source.lengths[cell]
                for kind in range(2):
                    spent = source.spent[team, patrol, spot, kind]
                    target.spent[team, patrol, spot, kind] = spent
                if source.matrices.shape[2]:
                    target.matrices[cell] = source.matrices[cell]


@_compile_bare
def measure_roster(task: Task, roster: Roster) -> tuple[float, float]:
    """Return what a roster earns, and its duty minutes.

    Parameters
    ----------
    task, roster
        What is asked, and the patrols.
    """
    need = duty = 0.0
    for team in range(len(roster.counts)):
        for patrol in range(roster.counts[team]):
            duty += roster.duties[team, patrol]
            for spot in range(roster.sizes[team, patrol]):
                need += task.needs[roster.orders[team, patrol, spot]]
    if roster.matrices.shape[2]:
        need += _measure_waysides(task, roster)
    return need, duty


@_compile
def _measure_waysides(task: Task, roster: Roster) -> float:
    """Return what is earned on the way: each wayside once, no site that is visited."""
    clock = task.clock
    driven = np.zeros(len(clock.wayside_needs), np.bool_)
    visited = np.zeros(len(clock.dwells_min), np.bool_)
    for team in range(len(roster.counts)):
        base = task.bases[team]
        for patrol in range(roster.counts[team]):
            size, here = roster.sizes[team, patrol], base
            for spot in range(size + 1):
                there = base
                if spot < size:
                    there = task.places[roster.orders[team, patrol, spot]]
                    visited[there] = True
                matrix = roster.matrices[team, patrol, spot]
                for row in range(
                    clock.ways_from[matrix, here, there],
                    clock.ways_to[matrix, here, there],
                ):
                    driven[clock.ways[row]] = True
                here = there
    need = 0.0
    for number in range(len(driven)):
        place = clock.wayside_places[number]
        if driven[number] and not (place >= 0 and visited[place]):
            need += clock.wayside_needs[number]
    return need


@_compile_bare
def polish_roster(
    task: Task,
    roster: Roster,
    missing: Ints,
    ranks: Floats,
    openings: Ints,
    spare: Ints,
    draws: Words,
) -> None:
    """Shorten patrols, fill what is free and exchange single visits, until none helps.

    Parameters
    ----------
    task, roster
        What is asked, and the patrols under change.
    missing, ranks, openings, spare
        Scratch space: a cell for each item and one more, but for ``openings`` one
        for each team.
    draws
        State of the random numbers.
    """
    for _ in range(len(missing)):
        for team in range(len(roster.counts)):
            for patrol in range(roster.counts[team]):
                _shorten_patrol(task, roster, team, patrol, spare)
        changed = _fill(task, roster, missing, ranks, openings, spare, draws)
        if not changed and not _swap_items(task, roster, missing, spare):
            return


@_compile_bare
def _note_patrols(task: Task, roster: Roster, pool: Pooled, merit: float) -> None:
    """Add the patrols of a roster to the pool."""
    rows, days = len(pool.keys), len(task.clock.midnights_min) - 1
    places = len(task.clock.dwells_min)
    for team in range(len(roster.counts)):
        for patrol in range(roster.counts[team]):
            size, order = roster.sizes[team, patrol], roster.orders[team, patrol]
            depart = roster.departs[team, patrol]
            key = task.words[places + task.kinds[team] * days + depart]
            for spot in range(size):
                key ^= task.words[task.places[order[spot]]]
            row = int(np.int64(key % np.uint64(rows)))
            while pool.keys[row] != 0 and pool.keys[row] != key:
                row = row + 1 if row + 1 < rows else 0
            if pool.keys[row] == 0:
                if 4 * pool.filled[0] >= 3 * rows:
                    continue
                pool.filled[0] += 1
                pool.keys[row] = key
                pool.kinds[row], pool.departs[row] = task.kinds[team], depart
                pool.returns[row], pool.duties[row] = days, inf
                pool.merits[row], pool.sizes[row] = merit, size
            pool.merits[row] = max(pool.merits[row], merit)
            home, duty = roster.returns[team, patrol], roster.duties[team, patrol]
            if home < pool.returns[row] or (
                home == pool.returns[row] and duty < pool.duties[row] - 1e-9
            ):
                pool.returns[row], pool.duties[row] = home, duty
                for spot in range(size):
                    pool.orders[row, spot] = task.places[order[spot]]


@_compile
def anneal_roster(
    task: Task,
    current: Roster,
    candidate: Roster,
    best: Roster,
    pool: Pooled,
    rounds: int,
    heat: float,
    draws: Words,
) -> int:
    """Ruin and recreate for some rounds; return how often the incumbent improved.

    Parameters
    ----------
    task
        What is asked.
    current, candidate, best
        Where the search stands, room for the next, and the incumbent by need, then
        least duty minutes.
    pool
        Patrols met.
    rounds
        How many rounds.
    heat
        Temperature, in units of need.
    draws
        State of the random numbers: one word, not 0.
    """
    size = len(task.places) + 1
    missing, spots = np.empty(size, np.int64), np.empty((size, 3), np.int64)
    ranks, ways = np.empty(size), np.empty(size)
    openings, spare = np.empty(len(task.kinds), np.int64), np.empty(size, np.int64)
    best_need, best_duty = measure_roster(task, best)
    need, duty = measure_roster(task, current)
    worth = need - task.minute * duty
    improved = 0
    for _ in range(rounds):
        _copy_roster(current, candidate)
        _ruin_roster(task, candidate, draws)
        if _draw(draws) < _MOVED:
            _move_days(task, candidate, draws)
        _recreate_roster(
            task, candidate, missing, ranks, ways, spots, openings, spare, draws
        )
        if _drop_short(task, candidate):
            _fill(task, candidate, missing, ranks, openings, spare, draws)
        need, duty = measure_roster(task, candidate)
        if need >= best_need * (1.0 - _POOLED):
            # Taken up or not: parts of many a worse plan are parts of a better one.
            _note_patrols(task, candidate, pool, need)
        floor = worth + heat * log(_draw(draws) + 1e-12)
        if need - task.minute * duty < floor:
            continue
        if need >= best_need * (1.0 - _POLISHED):
            polish_roster(task, candidate, missing, ranks, openings, spare, draws)
            need, duty = measure_roster(task, candidate)
        if need >= best_need * (1.0 - _POOLED):
            _note_patrols(task, candidate, pool, need)
        if need > best_need + 1e-9 or (
            need > best_need - 1e-9 and duty < best_duty - 1e-9
        ):
            improved += need > best_need + 1e-9
            best_need, best_duty = need, duty
            _copy_roster(candidate, best)
        if need - task.minute * duty >= floor:
            worth = need - task.minute * duty
            _copy_roster(candidate, current)
    return improved


# --- Prices: the patrol that earns most beyond what its sites and days cost ----------
#
# For the bound. Days and minutes here count from the midnight of departure, so that
# one run may stand for several days of departure at once, see ``Span``.

HASTY, SURE, EVERY = 0, 1, 2
"""How labels are compared, see :func:`price_patrols`."""

# Bits of a label's memory.
_ONE = np.uint64(1)
_NONE = np.uint64(0)


class Span(NamedTuple):
    """Departures of one kind of team on some days, as if on one.

    Windows are at least as wide as on each of these days, so that whatever a patrol
    can do on one of them it can do here, and no later.

    Parameters
    ----------
    clock
        The duty clock in days since departure.
    crew
        Who goes.
    wide_opens, wide_closes
        By day: first opening and last close over all places of interest.
    """

    clock: ClockArrays
    crew: CrewNumbers
    wide_opens: Floats
    wide_closes: Floats


class Steps(NamedTuple):
    """Where a patrol can be next, on a grid of time that is never late.

    Parameters
    ----------
    sites
        Places that may be visited; the others are not.
    step_min
        Minutes between grid points of one day; infinite where there is no grid.
    offsets
        By day: its first grid point; the last cell is their number.
    nexts
        By site, grid point and next site: grid point after the next visit, or -1.
    homes
        By site and grid point: day of return, or -1. The row past the last site is
        the base, as in ``nexts``.
    """

    sites: Ints
    step_min: float
    offsets: Ints
    nexts: NDArray[np.int32]
    homes: NDArray[np.int32]


class Prices(NamedTuple):
    """What is earned and paid.

    Parameters
    ----------
    gains
        By site of the steps: need less the price of its visit.
    homes
        By day of return: price of the days out and at rest.
    cuts
        By cut: price of each second of its rows that a patrol takes.
    members
        By site: bits of the cuts it is in.
    dawn
        Bits of the cuts of which the first days take an odd number of rows; what else
        those days cost is in ``homes``.
    evenings
        By day of return: bits of the cuts of which the last days take one row more.
    legs
        By site and next site, the base last: what all waysides of the leg are worth.
        No cells where nothing is earned on the way; nor have the next two then.
    ways, extras
        Likewise: bits of the waysides that a label remembers, and the worth of those
        that none does, which a patrol may earn on each leg.
    waysides
        By bit: what it is worth, once in a patrol.
    """

    gains: Floats
    homes: Floats
    cuts: Floats
    members: Words
    dawn: Words
    evenings: Words
    legs: Floats
    ways: Words
    extras: Floats
    waysides: Floats


class Memory(NamedTuple):
    """What a label remembers of the sites it has been to.

    Parameters
    ----------
    near
        By site: the sites that it remembers, itself the first.
    bits
        By site and other site: the other's bit in its memory, or -1.
    bars
        Pairs of sites, row by row: a visit to the first bars the second.
    bars_from, bars_to
        By site: its rows of ``bars``.
    """

    near: NDArray[np.int32]
    bits: NDArray[np.int32]
    bars: Ints
    bars_from: Ints
    bars_to: Ints


@_compile_bare
def _drive_early(
    clock: ClockArrays,
    vehicle: int,
    origin: int,
    destination: int,
    now_min: float,
    day: int,
    last_day: int,
) -> tuple[int, float, int, float, float, float]:
    """Drive one leg, at once or when the roads have changed, whichever is earlier.

    Returns code, time and day of arrival, metres, hazard and fuel. Where roads change a
    patrol may gain by leaving later, which the clock does not do; allowing it here
    keeps arrival from falling when departure is later, on which dominance relies.
    """
    code, arrive, arrive_day, left = _drive(
        clock, vehicle, origin, destination, now_min, day, last_day
    )
    length = hazard = fuel = inf
    if code == _DONE:
        matrix = clock.matrix_of[vehicle, left]
        length = clock.lengths_m[matrix, origin, destination]
        hazard = clock.burdens[matrix, origin, destination, 0]
        fuel = clock.burdens[matrix, origin, destination, 1]
    for later in range(day + 1, last_day + 1):
        matrix = clock.matrix_of[vehicle, later]
        if matrix == clock.matrix_of[vehicle, later - 1]:
            continue
        other, then, then_day, _ = _drive(
            clock, vehicle, origin, destination, now_min, later, last_day
        )
        if other == _DONE:
            if code != _DONE or then < arrive:
                code, arrive, arrive_day = other, then, then_day
            length = min(length, clock.lengths_m[matrix, origin, destination])
            hazard = min(hazard, clock.burdens[matrix, origin, destination, 0])
            fuel = min(fuel, clock.burdens[matrix, origin, destination, 1])
    return code, arrive, arrive_day, length, hazard, fuel


@_compile_bare
def _find_point(span: Span, steps: Steps, now: float, day: int) -> int:
    """Return the grid point at or before a time of a day."""
    point = steps.offsets[day] + int((now - span.wide_opens[day]) / steps.step_min)
    return int(max(steps.offsets[day], min(point, steps.offsets[day + 1] - 1)))


@_compile_bare
def fill_steps(span: Span, steps: Steps, first: int, last: int) -> None:
    """Work out where a patrol can be next from some sites, at each grid point.

    Parameters
    ----------
    span
        Who leaves when; its base matters to the last row alone.
    steps
        Rows of ``nexts`` are filled.
    first, last
        The first row, and the one after the last.
    """
    clock, crew, count = span.clock, span.crew, len(steps.sites)
    last_day = len(span.wide_opens) - 1
    for row in range(first, last):
        here = steps.sites[row] if row < count else crew.base
        for day in range(last_day + 1):
            for point in range(steps.offsets[day], steps.offsets[day + 1]):
                if row == count and point > 0:
                    # A patrol leaves its base in the morning.
                    break
                now = span.wide_opens[day]
                now += (point - steps.offsets[day]) * steps.step_min
                for other in range(count):
                    steps.nexts[row, point, other] = -1
                    if other == row:
                        continue
                    if point > steps.offsets[day] and (
                        steps.nexts[row, point - 1, other] < 0
                    ):
                        # Too late once, too late ever after.
                        continue
                    there = steps.sites[other]
                    code, arrive, arrive_day, _, _, _ = _drive_early(
                        clock, crew.vehicle, here, there, now, day, last_day
                    )
                    if code != _DONE:
                        continue
                    code, end, end_day = _visit(
                        clock, there, arrive, arrive_day, last_day
                    )
                    if code == _DONE:
                        after = _find_point(span, steps, end, end_day)
                        # No visit takes less than a step, but for rounding.
                        steps.nexts[row, point, other] = max(after, point + 1)


@_compile_bare
def fill_homes(span: Span, steps: Steps) -> None:
    """Work out when a patrol can be home from each site and grid point.

    Parameters
    ----------
    span
        Who leaves when.
    steps
        ``homes`` is filled.
    """
    clock, crew = span.clock, span.crew
    last_day = len(span.wide_opens) - 1
    for row in range(len(steps.sites)):
        here = steps.sites[row]
        for day in range(last_day + 1):
            for point in range(steps.offsets[day], steps.offsets[day + 1]):
                now = span.wide_opens[day]
                now += (point - steps.offsets[day]) * steps.step_min
                code, _, arrive_day, _, _, _ = _drive_early(
                    clock, crew.vehicle, here, crew.base, now, day, last_day
                )
                if code == _DONE:
                    steps.homes[row, point] = arrive_day


@_compile_bare
def bound_gains(
    steps: Steps, prices: Prices, firsts: Floats, seconds: Floats, ways: Ints
) -> float:
    """Return a gain that no patrol exceeds, and what may be gained from each point on.

    A patrol here may visit a site again, though not at once nor after one other.

    Parameters
    ----------
    steps, prices
        The grid, and what is earned.
    firsts, ways, seconds
        By site and grid point, filled: the most that may still be gained, the site
        visited first for that (-1 for none), and the most without that site.
    """
    count, points = len(steps.sites), steps.offsets[-1]
    driving = len(prices.legs) > 0
    best_ever = -inf
    for point in range(points - 1, -1, -1):
        # The base comes last, and matters at dawn alone.
        for row in range(count + (point == 0)):
            best = second = -inf
            way = -1
            if row < count and steps.homes[row, point] >= 0:
                best = -prices.homes[steps.homes[row, point]]
                if driving:
                    best += prices.legs[row, count]
            for other in range(count):
                after = steps.nexts[row, point, other]
                if after < 0:
                    continue
                if after >= points:
                    after = points - 1
                worth = prices.gains[other]
                if driving:
                    # Earned leg by leg, though a patrol earns it once.
                    worth += prices.legs[row, other]
                value = worth + firsts[other, after]
                if value <= second:
                    # As most are: no need to look for the way back.
                    continue
                if ways[other, after] == row:
                    value = worth + seconds[other, after]
                if value > best:
                    second, best, way = best, value, other
                elif value > second:
                    second = value
            if row < count:
                firsts[row, point], seconds[row, point] = best, second
                ways[row, point] = way
            else:
                best_ever = best
    return best_ever


class Labels(NamedTuple):
    """Patrols under way; one row a label, the first the base at dawn.

    Parameters
    ----------
    sites, parents, days
        Site of the last visit, the label before it, and the day.
    minutes, lengths, spent, gains
        Time at which the visit ends; metres so far; hazard so far, and litres since the
        last fill; gain so far.
    seen, parities
        Bits of sites remembered, and of cuts visited an odd number of times.
    following
        The next label of the same list.
    driven
        Bits of waysides earned.
    """

    sites: NDArray[np.int32]
    parents: NDArray[np.int32]
    days: NDArray[np.int32]
    minutes: Floats
    lengths: Floats
    spent: Floats
    gains: Floats
    seen: Words
    parities: Words
    following: NDArray[np.int32]
    driven: Words


@_compile_bare
def _remember(memory: Memory, here: int, seen: np.uint64, there: int) -> np.uint64:
    """Return what is remembered at one site of what was seen at another."""
    kept = _NONE
    if here >= 0:
        for bit in range(memory.near.shape[1]):
            if (seen >> np.uint64(bit)) & _ONE:
                there_bit = memory.bits[there, memory.near[here, bit]]
                if there_bit >= 0:
                    kept |= _ONE << np.uint64(there_bit)
    kept |= _ONE << np.uint64(memory.bits[there, there])
    for row in range(memory.bars_from[there], memory.bars_to[there]):
        bit = memory.bits[there, memory.bars[row]]
        if bit >= 0:
            kept |= _ONE << np.uint64(bit)
    return kept


@_compile_bare
def _pay(prices: Prices, parities: np.uint64, taken: np.uint64) -> float:
    """Return the price of cuts of which an odd number of rows had been taken."""
    both, cut, price = parities & taken, 0, 0.0
    while both:
        if both & _ONE:
            price += prices.cuts[cut]
        both >>= _ONE
        cut += 1
    return price


@_compile_bare
def _sum_waysides(prices: Prices, driven: np.uint64) -> float:
    """Return what some waysides are worth."""
    bit, worth = 0, 0.0
    while driven:
        if driven & _ONE:
            worth += prices.waysides[bit]
        driven >>= _ONE
        bit += 1
    return worth


@_compile_bare
def _is_dominated(
    labels: Labels, prices: Prices, head: int, label: int, rigour: int
) -> tuple[bool, int]:
    """Return whether a label of a list makes another needless, and where it belongs.

    The list holds labels that are no later, by falling gain; ``rigour`` is as in
    :func:`price_patrols`.
    """
    gain, before, at = labels.gains[label], -1, head
    while at >= 0 and labels.gains[at] >= gain:
        before = at
        if (
            labels.lengths[at] <= labels.lengths[label]
            and labels.spent[at, 0] <= labels.spent[label, 0]
            and labels.spent[at, 1] <= labels.spent[label, 1]
            and (rigour == HASTY or not (labels.seen[at] & ~labels.seen[label]))
            and (rigour != EVERY or labels.seen[at] == labels.seen[label])
            # Any plan may want just the wayside that the other does not come by.
            and (rigour != EVERY or not (labels.driven[label] & ~labels.driven[at]))
        ):
            # What the other has taken one row of, it may yet have to pay for.
            least = labels.gains[at]
            if rigour != HASTY:
                least -= _pay(prices, labels.parities[at], ~labels.parities[label])
                # What the other has earned on the way, it cannot earn again.
                least -= _sum_waysides(
                    prices, labels.driven[at] & ~labels.driven[label]
                )
            if least >= gain:
                return True, before
        at = labels.following[at]
    return False, before


@_compile
def price_patrols(
    span: Span,
    steps: Steps,
    prices: Prices,
    memory: Memory,
    firsts: Floats,
    seconds: Floats,
    ways: Ints,
    least: float,
    rigour: int,
    labels: Labels,
    found: Ints,
) -> tuple[int, float, int]:
    """Find the patrols that gain most; return how many, the most, and labels made.

    Labels are worked off by time. One is dropped if another at its site is no later,
    no longer, has gained as much and remembers no more; or if even what may still be
    gained, by :func:`bound_gains`, does not lift it above ``least``. Where the labels
    run out, the most is still one that no patrol exceeds, and one more label than
    there is room for is told.

    Parameters
    ----------
    span, steps, prices, memory
        Who leaves, where to, what it earns, and what is remembered.
    firsts, seconds, ways
        Filled by :func:`bound_gains`.
    least
        Patrols that gain no more are of no interest.
    rigour
        ``SURE`` is as told above. ``HASTY`` forgets sites and cuts when labels are
        compared: quick, finds good patrols, but the most is of no use. ``EVERY``
        drops a patrol only for another order of the same sites, all of which must be
        remembered.
    labels
        Room for labels.
    found
        Filled with the last labels of the best patrols, best first.
    """
    heads = np.full(len(steps.sites), -1, np.int32)
    # Labels to be worked off, by whole minute.
    queue = np.full(int(span.wide_closes[-1]) + 2, -1, np.int32)
    totals = np.empty(len(found))
    return _work_off(
        span,
        steps,
        prices,
        memory,
        firsts,
        seconds,
        ways,
        least,
        rigour,
        labels,
        found,
        heads,
        queue,
        totals,
    )


@_compile_bare
def _work_off(
    span: Span,
    steps: Steps,
    prices: Prices,
    memory: Memory,
    firsts: Floats,
    seconds: Floats,
    ways: Ints,
    least: float,
    rigour: int,
    labels: Labels,
    found: Ints,
    heads: NDArray[np.int32],
    queue: NDArray[np.int32],
    totals: Floats,
) -> tuple[int, float, int]:
    """Work off labels by time; see :func:`price_patrols`."""
    clock, crew, count = span.clock, span.crew, len(steps.sites)
    last_day = len(span.wide_opens) - 1
    range_m = crew.range_m + _LENGTH_SLACK_M
    hazard_most = crew.hazard_budget * (1.0 + _HAZARD_SLACK)
    fuel_most = crew.fuel_budget_l * (1.0 + _FUEL_SLACK)
    room = len(labels.sites)
    labels.sites[0], labels.parents[0], labels.days[0] = -1, -1, 0
    labels.minutes[0] = span.wide_opens[0]
    labels.lengths[0] = labels.gains[0] = 0.0
    labels.spent[0, 0] = labels.spent[0, 1] = 0.0
    labels.seen[0], labels.parities[0] = _NONE, prices.dawn[0]
    labels.driven[0] = _NONE
    driving, on_grid = len(prices.legs) > 0, steps.step_min < inf
    points = steps.offsets[-1]
    labels.following[0] = -1
    queue[int(max(labels.minutes[0], 0.0))] = 0
    made, finds, most, spilled = 1, 0, -inf, 0
    for minute in range(len(queue)):
        while queue[minute] >= 0:
            label = queue[minute]
            queue[minute] = labels.following[label]
            row, gain = labels.sites[label], labels.gains[label]
            now, day = labels.minutes[label], labels.days[label]
            here = crew.base
            if row >= 0:
                here = steps.sites[row]
                dominated, before = _is_dominated(
                    labels, prices, heads[row], label, rigour
                )
                if dominated:
                    continue
                if before < 0:
                    labels.following[label] = heads[row]
                    heads[row] = label
                else:
                    labels.following[label] = labels.following[before]
                    labels.following[before] = label
                code, _, home, length, hazard, fuel = _drive_early(
                    clock, crew.vehicle, here, crew.base, now, day, last_day
                )
                if (
                    code == _DONE
                    and labels.lengths[label] + length <= range_m
                    and labels.spent[label, 0] + hazard <= hazard_most
                    and labels.spent[label, 1] + fuel <= fuel_most
                ):
                    total = gain - prices.homes[home]
                    total -= _pay(prices, labels.parities[label], prices.evenings[home])
                    if driving:
                        fresh = prices.ways[row, count] & ~labels.driven[label]
                        total += prices.extras[row, count]
                        total += _sum_waysides(prices, fresh)
                    most = max(most, total)
                    if total > least and (
                        finds < len(found) or total > totals[finds - 1]
                    ):
                        spot = finds if finds < len(found) else finds - 1
                        finds = min(finds + 1, len(found))
                        while spot > 0 and totals[spot - 1] < total:
                            totals[spot], found[spot] = (
                                totals[spot - 1],
                                found[spot - 1],
                            )
                            spot -= 1
                        totals[spot], found[spot] = total, label
            leaves = _find_point(span, steps, now, day) if on_grid else 0
            for other in range(count):
                if other == row:
                    continue
                if row >= 0:
                    bit = memory.bits[row, other]
                    if bit >= 0 and (labels.seen[label] >> np.uint64(bit)) & _ONE:
                        continue
                if on_grid:
                    # Most need no exact clock: even on the grid, which is never late,
                    # nothing comes of them.
                    after = steps.nexts[row, leaves, other]
                    if after < 0:
                        continue
                    after = min(after, points - 1)
                    then = firsts[other, after]
                    if row >= 0 and ways[other, after] == row:
                        then = seconds[other, after]
                    if driving:
                        then += prices.legs[row, other]
                    if gain + prices.gains[other] + then <= least:
                        continue
                there = steps.sites[other]
                code, arrive, arrive_day, length, hazard, fuel = _drive_early(
                    clock, crew.vehicle, here, there, now, day, last_day
                )
                if code != _DONE:
                    continue
                length += labels.lengths[label]
                hazard += labels.spent[label, 0]
                fuel += labels.spent[label, 1]
                if length > range_m or hazard > hazard_most or fuel > fuel_most:
                    continue
                code, end, end_day = _visit(clock, there, arrive, arrive_day, last_day)
                if code != _DONE:
                    continue
                earned = gain + prices.gains[other]
                earned -= _pay(prices, labels.parities[label], prices.members[other])
                driven = labels.driven[label]
                if driving:
                    # The base is last: from it, -1 is the last row.
                    earned += prices.extras[row, other]
                    earned += _sum_waysides(prices, prices.ways[row, other] & ~driven)
                    driven |= prices.ways[row, other]
                point = _find_point(span, steps, end, end_day)
                then = firsts[other, point]
                if row >= 0 and ways[other, point] == row:
                    then = seconds[other, point]
                if earned + then <= least:
                    continue
                if made == room:
                    # No room: what this patrol may still become counts as found.
                    spilled = 1
                    most = max(most, earned + then)
                    continue
                labels.sites[made], labels.parents[made] = other, label
                labels.days[made], labels.minutes[made] = end_day, end
                labels.lengths[made], labels.spent[made, 0] = length, hazard
                # Whose tanks cannot run dry need not be told apart by them.
                dry = fuel_most < inf and clock.burdens[0, there, there, 1] <= 0.0
                labels.spent[made, 1] = fuel if dry else 0.0
                labels.gains[made] = earned
                labels.seen[made] = _remember(memory, row, labels.seen[label], other)
                labels.parities[made] = labels.parities[label] ^ prices.members[other]
                labels.driven[made] = driven
                due = int(end)
                labels.following[made] = queue[due]
                queue[due] = made
                made += 1
    return finds, max(most, least), made + spilled
