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
from typing import NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FAILURES",
    "ClockArrays",
    "CrewNumbers",
    "Pool",
    "Tours",
    "Work",
    "anneal",
    "measure_tour",
    "polish",
    "refresh",
    "run_patrol",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

P = ParamSpec("P")
R = TypeVar("R")


def _compile(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on its first call, kept on disk where there is room."""
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # Neither beside this file nor in the user's folder may anything be written.
        made = numba.njit(nogil=True)(function)
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
)
"""What the codes of :func:`run_patrol` stand for; the first is success."""

_DONE, _NO_WAY, _NO_HALT, _NO_START, _DWELL_TOO_LONG = 0, 1, 2, 3, 4
_RANGE_EXCEEDED, _TOO_MANY_DAYS, _BEYOND_HORIZON, _TOO_FEW_DAYS = 5, 6, 7, 8
_OUT_OF_DAYS = 9
# The slack of the plain clock.
_LENGTH_SLACK_M = 1e-3


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
    has_blocks
        By matrix: whether it has stretches without halts.
    blocks_from, blocks_to
        By matrix, origin and destination: its rows of ``blocks_min``; without any
        stretch in the problem they hold one cell each.
    blocks_min
        Rows of begin and end, driving minutes of the leg.
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
    has_blocks: Flags
    blocks_from: Ints
    blocks_to: Ints
    blocks_min: Floats


class CrewNumbers(NamedTuple):
    """What of a team its patrols depend on, as numbers."""

    base: int
    vehicle: int
    min_days: int
    max_days: int
    range_m: float


@_compile
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


@_compile
def _visit(
    clock: ClockArrays, place: int, now_min: float, day: int, last_day: int
) -> tuple[int, float, int]:
    """Dwell at a site; return code, end and day."""
    dwell = clock.dwells_min[place]
    if dwell > clock.longest_min[place]:
        return _DWELL_TOO_LONG, 0.0, 0
    while day <= last_day:
        end = max(now_min, clock.opens_min[place, day]) + dwell
        if end <= clock.closes_min[place, day]:
            return _DONE, end, day
        day += 1
    return _OUT_OF_DAYS, 0.0, 0


@_compile
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
    length = driving = 0.0
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
        if here == base and left_day != depart_day:
            return _NO_START, 0, 0.0, 0.0, 0.0, 0.0, 0.0
        if there != base:
            code, now, day = _visit(clock, there, now, day, last_day)
            if code != _DONE:
                code = late if code == _OUT_OF_DAYS else code
                return code, 0, 0.0, 0.0, 0.0, 0.0, 0.0
        here = there
    first = max(
        clock.opens_min[base, depart_day], clock.opens_min[places[0], depart_day]
    )
    duty = clock.duty_min[base, day] - clock.duty_min[base, depart_day]
    duty += max(0.0, now - clock.opens_min[base, day])
    few = day - depart_day + 1 < crew.min_days
    return _TOO_FEW_DAYS if few else _DONE, day, first, now, length, driving, duty


# --- Tours: patrols without days --------------------------------------------------
#
# The degenerate case of one long window: what a tour takes is a sum, so that a place
# is put in or taken out without running the clock.

# Sums of floats in another order; a tenth of what a recheck of the answer allows.
_SLACK = 1e-7
# Ruin: mean number of places removed, longest string, share of split strings, and how
# often a split string grows.
_MEAN_REMOVED, _LONGEST_STRING, _SPLIT, _SPLIT_GROWS = 8.0, 10.0, 0.4, 0.5
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


@_compile
def _draw(draws: Words) -> float:
    """Return a number in [0, 1) by xorshift64*, whose state is the one cell."""
    word = draws[0]
    word ^= word >> _TWELVE
    word ^= word << _TWENTY_FIVE
    word ^= word >> _TWENTY_SEVEN
    draws[0] = word
    return float((word * _STAR) >> _ELEVEN) * _UNIT


@_compile
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


@_compile
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


@_compile
def _copy(source: Work, target: Work, windowed: bool) -> None:
    for tour in range(len(source.sizes)):
        last = source.sizes[tour] + 2
        target.sizes[tour] = source.sizes[tour]
        target.minutes[tour] = source.minutes[tour]
        target.orders[tour, :last] = source.orders[tour, :last]
        target.legs[tour, :last] = source.legs[tour, :last]
        if windowed:
            target.leaves[tour, :last] = source.leaves[tour, :last]
            target.latest[tour, :last] = source.latest[tour, :last]
    target.tour_of[:] = source.tour_of
    target.spot_of[:] = source.spot_of


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


@_compile
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


@_compile
def _insert(tours: Tours, work: Work, tour: int, spot: int, place: int) -> None:
    """Put a place into a tour at a position."""
    order = work.orders[tour]
    for k in range(work.sizes[tour] + 1, spot - 1, -1):
        order[k + 1] = order[k]
    order[spot] = place
    work.sizes[tour] += 1
    refresh(tours, work, tour)


@_compile
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


@_compile
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


@_compile
def _ruin(tours: Tours, work: Work, touched: Flags, draws: Words) -> None:
    """Take strings of consecutive visits out of the tours nearest to one site."""
    visited = busy = 0
    for tour in range(len(work.sizes)):
        visited += work.sizes[tour]
        busy += work.sizes[tour] > 0
    if not visited:
        return
    longest = min(_LONGEST_STRING, visited / busy)
    most = 4.0 * _MEAN_REMOVED / (1.0 + longest) - 1.0
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


@_compile
def _list_missing(tours: Tours, work: Work, missing: Ints) -> int:
    count = 0
    for place in tours.sites:
        if work.tour_of[place] < 0:
            missing[count] = place
            count += 1
    return count


@_compile
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
    for k in np.argsort(-ranks[:count]):
        place = missing[k]
        _, tour, spot = _find_way(tours, work, place, draws)
        if tour >= 0:
            _insert(tours, work, tour, spot, place)
            touched[tour] = True


@_compile
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


@_compile
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
                    spare[: size + 2] = order[: size + 2]
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


@_compile
def _adopt(tours: Tours, work: Work, tour: int, order: Ints, size: int) -> bool:
    """Take an order for a tour unless windows forbid it."""
    if tours.windowed and not measure_tour(tours, tour, order[: size + 2])[0]:
        return False
    work.orders[tour, : size + 2] = order[: size + 2]
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
    changed = False
    for k in np.argsort(ranks[:count]):
        _, tour, spot = _find_way(tours, work, missing[k], none)
        if tour >= 0:
            _insert(tours, work, tour, spot, missing[k])
            touched[tour] = changed = True
    return changed


@_compile
def _swap(tours: Tours, work: Work, touched: Flags, missing: Ints, spare: Ints) -> bool:
    """Put one missing place in for one visited; the best gain over all pairs."""
    count = _list_missing(tours, work, missing)
    d, minute = tours.durations, tours.minute
    best, best_in, best_tour, best_out, best_at = 1e-9, -1, -1, 0, 0
    # By position: minutes from the place before to the one after, and minutes saved.
    joined, spared = np.empty(len(missing) + 2), np.empty(len(missing) + 2)
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
    order[: size + 2] = spare[: size + 2]
    refresh(tours, work, best_tour)
    touched[best_tour] = True
    return True


@_compile
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
    while True:
        for tour in range(len(work.sizes)):
            if touched[tour]:
                _shorten(tours, work, tour, spare)
                touched[tour] = False
        changed = _refill(tours, work, touched, missing, ranks, none)
        if not changed and not _swap(tours, work, touched, missing, spare):
            return


@_compile
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
            pool.orders[row, :size] = work.orders[tour, 1 : size + 1]


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
