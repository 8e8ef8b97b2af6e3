"""Where a site fits into a patrol, and in which order a patrol visits its sites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from patrolplan.planning.search import (
    MOST_CACHED,
    Chain,
    Fits,
    Insertion,
    Patrol,
    Roster,
    Search,
)

__all__ = ["find_any_insertion", "find_insertion", "put_place", "tidy_chain"]

# Only the few likeliest places of insertion are run through the clock.
_FEASIBLE_TRIED, _MOST_TRIED = 2, 5
# How often the best insertion is passed over, so that no search repeats itself.
_BLINK = 0.05


def _find_fits(search: Search, team: int, places: tuple[int, ...]) -> Fits:
    key = (search.kinds[team], places)
    try:
        return search.fits[key]
    except KeyError:
        pass
    crew = search.crews[team]
    durations, lengths = search.durations[crew.vehicle], search.lengths[crew.vehicle]
    before = np.array((crew.base, *places))
    after = np.array((*places, crew.base))
    legs_min, legs_m = durations[before, after], lengths[before, after]
    # An empty patrol has no leg to be replaced.
    if not places:
        legs_min, legs_m = np.zeros(1), np.zeros(1)
    added = durations[before] + durations[:, after].T - legs_min[:, None]
    positions = added.argmin(axis=0)
    every = np.arange(len(positions))
    added_m = lengths[before] + lengths[:, after].T - legs_m[:, None]
    fits = Fits(
        positions.tolist(),
        (added[positions, every] + search.dwells).tolist(),
        added_m[positions, every].tolist(),
        float(legs_min.sum() + search.dwells[list(places)].sum()),
        float(legs_m.sum()),
    )
    if len(search.fits) >= MOST_CACHED:
        search.fits.clear()
    search.fits[key] = fits
    return fits


def find_insertion(
    search: Search,
    roster: Roster,
    place: int,
    draws: Iterator[float] | None = None,
    teams: Sequence[int] | None = None,
    *,
    may_be_short: bool = True,
) -> Insertion | None:
    """Return a cheap way to put a place into a roster, or None.

    Parameters
    ----------
    search
        The search.
    roster
        The roster.
    place
        The place, in none of its patrols.
    draws
        Random numbers; now and then the best way is then passed over.
    teams
        Numbers of the teams to look at; all that can reach the place if None.
    may_be_short
        Whether the patrol may be home before its ``min_days``.
    """
    ways: list[tuple[float, int, int, int]] = []
    opened: set[tuple[int, int]] = set()
    for team in search.teams_of[place]:
        if teams is not None and team not in teams:
            continue
        crew, chain = search.crews[team], roster[team]
        room, range_m = search.capacities[team], crew.range_m
        free = 0
        for number, patrol in enumerate(chain):
            fits = _find_fits(search, team, patrol.places)
            added = fits.added_min[place]
            free = patrol.return_day + 1 + crew.rest_days
            if (
                fits.base_min + added <= room[patrol.depart_day]
                and fits.base_m + fits.added_m[place] <= range_m
            ):
                ways.append((added, team, number, fits.positions[place]))
        # Teams that are alike need not open the same patrol twice.
        if free < search.clock.days and (search.kinds[team], free) not in opened:
            opened.add((search.kinds[team], free))
            fits = _find_fits(search, team, ())
            if fits.added_min[place] <= room[free]:
                ways.append((fits.added_min[place], team, len(chain), 0))
    ways.sort()
    if draws is not None and len(ways) > 1 and next(draws) < _BLINK:
        del ways[0]
    best: Insertion | None = None
    feasible = 0
    for _, team, number, position in ways[:_MOST_TRIED]:
        chain = roster[team]
        old = chain[number] if number < len(chain) else None
        places = old.places if old else ()
        made = search.rebuild_chain(
            team,
            chain,
            number,
            (*places[:position], place, *places[position:]),
            old.delay_days if old else 0,
        )
        if made is None or (not may_be_short and any(p.short for p in made)):
            continue
        cost = sum(p.duty_min for p in made) - sum(p.duty_min for p in chain)
        if best is None or cost < best.cost_min:
            best = Insertion(cost, team, made)
        feasible += 1
        if feasible == _FEASIBLE_TRIED:
            break
    return best


def find_any_insertion(search: Search, roster: Roster, place: int) -> Insertion | None:
    """Return the cheapest of all ways to put a place into a roster, or None.

    Every position of every patrol is run through the clock, and every day on which
    a team could leave once more after its last patrol.

    Parameters
    ----------
    search
        The search.
    roster
        The roster.
    place
        The place, in none of its patrols.
    """
    best: Insertion | None = None
    for team in search.teams_of[place]:
        chain = roster[team]
        ways = [
            (number, (*old.places[:at], place, *old.places[at:]), old.delay_days)
            for number, old in enumerate(chain)
            for at in range(len(old.places) + 1)
        ]
        pause = 1 + search.crews[team].rest_days
        free = chain[-1].return_day + pause if chain else 0
        ways += [
            (len(chain), (place,), day - free) for day in range(free, search.clock.days)
        ]
        for number, places, delay_days in ways:
            made = search.rebuild_chain(team, chain, number, places, delay_days)
            if made is None or any(patrol.short for patrol in made):
                continue
            cost = sum(p.duty_min for p in made) - sum(p.duty_min for p in chain)
            if best is None or cost < best.cost_min:
                best = Insertion(cost, team, made)
    return best


def put_place(
    search: Search,
    team: int,
    chain: Chain,
    number: int,
    places: tuple[int, ...],
    place: int,
) -> Chain | None:
    """Return a chain whose one patrol visits some places and one more, or None.

    Parameters
    ----------
    search
        The search.
    team, chain, number
        The team, its patrols and which one changes.
    places
        What it visits besides, in order.
    place
        What is put among them, where it adds least driving.
    """
    fits = _find_fits(search, team, places)
    depart = chain[number].depart_day
    if (
        fits.base_min + fits.added_min[place] > search.capacities[team][depart]
        or fits.base_m + fits.added_m[place] > search.crews[team].range_m
    ):
        return None
    at = fits.positions[place]
    order = (*places[:at], place, *places[at:])
    return search.rebuild_chain(team, chain, number, order, chain[number].delay_days)


def tidy_chain(search: Search, team: int, chain: Chain, number: int) -> Chain:
    """Return a chain with the order of one patrol made as short as 2-opt finds.

    Parameters
    ----------
    search
        The search.
    team
        Number of the team.
    chain
        Its patrols.
    number
        Which patrol.
    """
    patrol = chain[number]
    key = (search.kinds[team], patrol.depart_day, patrol.places)
    if key in search.tidied:
        places = search.tidied[key]
    else:
        places = _find_order(search, team, patrol)
        if len(search.tidied) >= MOST_CACHED:
            search.tidied.clear()
        search.tidied[key] = places
    if places == patrol.places:
        return chain
    made = search.rebuild_chain(team, chain, number, places, patrol.delay_days)
    return chain if made is None else made


def _find_order(search: Search, team: int, patrol: Patrol) -> tuple[int, ...]:
    """Reverse and move stretches while the clock says that this saves time."""
    improved = True
    while improved:
        improved = False
        places, size = patrol.places, len(patrol.places)
        orders = {
            places[:i] + places[i:j][::-1] + places[j:]
            for i in range(size)
            for j in range(i + 2, size + 1)
        }
        for i in range(size):
            for j in range(i + 1, min(i + 3, size) + 1):
                rest, moved = places[:i] + places[j:], places[i:j]
                orders.update(
                    rest[:at] + moved + rest[at:] for at in range(len(rest) + 1)
                )
        grid = search.clock.vehicles[search.crews[team].vehicle].durations_min[
            patrol.depart_day
        ]
        base = search.crews[team].base
        now = _sum_driving(grid, base, places)
        likely = sorted(
            (minutes, order)
            for order in orders
            if (minutes := _sum_driving(grid, base, order)) < now
        )
        for _, order in likely:
            made = search.run(team, patrol.depart_day, order, patrol.delay_days)
            if (
                made is not None
                and made.duty_min < patrol.duty_min
                and (patrol.short or not made.short)
            ):
                patrol, improved = made, True
                break
    return patrol.places


def _sum_driving(
    durations: list[list[float]], base: int, places: tuple[int, ...]
) -> float:
    total, here = 0.0, base
    for there in places:
        total += durations[here][there]
        here = there
    return total + durations[here][base]
