"""How a search changes a roster: it ruins a part, and builds it anew otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from patrolplan.planning.insertion import (
    find_any_insertion,
    find_insertion,
    put_place,
    tidy_chain,
)
from patrolplan.planning.search import Chain, Insertion, Roster, Search

__all__ = [
    "build_orders",
    "drop_short",
    "fill_roster",
    "find_missing",
    "recreate_roster",
    "ruin_roster",
    "swap_places",
    "tidy_roster",
]

# Shares of the kinds of ruin, summed up: strings of neighbours (the rest), whole
# patrols, places at random; and of waiting days drawn where roads change.
_WHOLE_PATROL, _AT_RANDOM, _WAIT = 0.12, 0.24, 0.3
# Most places in one string, most patrols with a string, and most places at random.
_LONGEST_STRING, _MOST_STRINGS, _MOST_RANDOM = 7, 4, 8
# How often the next site is chosen anew after each insertion, by need per minute.
_BY_RATIO = 0.3
# Range of the power of need, and the noise on each site's rank.
_LEAST_POWER, _MOST_POWER, _NOISE = 0.5, 2.0, 0.3


def find_missing(search: Search, roster: Roster) -> list[int]:
    """Return the places worth a visit that no patrol visits, by id.

    Parameters
    ----------
    search, roster
        The search and one of its rosters.
    """
    visited = {p for chain in roster for patrol in chain for p in patrol.places}
    return [place for place in search.places if place not in visited]


def ruin_roster(search: Search, roster: Roster, draws: Iterator[float]) -> set[int]:
    """Take a part of a roster away, in place, and return the places that lost out.

    Parameters
    ----------
    search, roster
        The search and the roster.
    draws
        Random numbers.
    """
    where = {
        place: (team, number)
        for team, chain in enumerate(roster)
        for number, patrol in enumerate(chain)
        for place in patrol.places
    }
    if not where:
        return set()
    kind = next(draws)
    if kind < _WHOLE_PATROL:
        spot = list(where.values())[int(next(draws) * len(where))]
        gone = {place for place in where if where[place] == spot}
    elif kind < _AT_RANDOM:
        places = list(where)
        count = 1 + int(next(draws) * _MOST_RANDOM)
        gone = {places[int(next(draws) * len(places))] for _ in range(count)}
    else:
        gone = _choose_strings(search, roster, where, draws)
    search.remove_places(roster, gone)
    _draw_waits(search, roster, draws)
    return gone


def _choose_strings(
    search: Search,
    roster: Roster,
    where: dict[int, tuple[int, int]],
    draws: Iterator[float],
) -> set[int]:
    """Choose strings of consecutive visits near one place, of several patrols."""
    centre = search.places[int(next(draws) * len(search.places))]
    missing = [p for p in search.places if search.required[p] and p not in where]
    if missing and next(draws) < 0.5:
        centre = missing[int(next(draws) * len(missing))]
    strings = 1 + int(next(draws) * _MOST_STRINGS)
    gone: set[int] = set()
    touched: set[tuple[int, int]] = set()
    for place in search.neighbours[centre]:
        if len(touched) == strings:
            break
        spot = where.get(place)
        if spot is None or spot in touched:
            continue
        touched.add(spot)
        places = roster[spot[0]][spot[1]].places
        length = 1 + int(next(draws) * min(_LONGEST_STRING, len(places)))
        at = places.index(place)
        first = max(0, at - int(next(draws) * length))
        first = min(first, len(places) - length)
        gone.update(places[first : first + length])
    return gone


def _draw_waits(search: Search, roster: Roster, draws: Iterator[float]) -> None:
    """Where roads change within the horizon, let a patrol leave on another day."""
    for team, chain in enumerate(roster):
        if not chain or not search.changing[search.crews[team].vehicle]:
            continue
        if next(draws) >= _WAIT / len(roster):
            continue
        number = int(next(draws) * len(chain))
        spare = search.clock.days - chain[-1].return_day
        wait = int(next(draws) * max(1, spare))
        made = search.rebuild_chain(team, chain, number, chain[number].places, wait)
        if made is not None:
            roster[team] = made


def build_orders(
    search: Search, roster: Roster, missing: list[int], draws: Iterator[float]
) -> list[int]:
    """Return missing places in an order drawn by one of several rules.

    Required places come first. The rules are need, need per minute from the nearest
    base, need per minute from the nearest place visited, or chance alone; all but
    the last to a power drawn, with noise.

    Parameters
    ----------
    search, roster
        The search and the roster to be filled.
    missing
        Places in none of its patrols.
    draws
        Random numbers.
    """
    rule = int(next(draws) * 4)
    power = _LEAST_POWER + (_MOST_POWER - _LEAST_POWER) * next(draws)
    visited = [p for chain in roster for patrol in chain for p in patrol.places]
    ranks = {}
    for place in missing:
        if rule == 0:
            rank = next(draws)
        else:
            rank = search.needs[place] ** power
            if rule == 1:
                rank /= search.estimate_effort(place)
            elif rule == 2:
                rank /= search.estimate_effort(place, visited)
            rank *= 1 + _NOISE * (next(draws) - 0.5)
        ranks[place] = rank
    return sorted(missing, key=lambda p: (not search.required[p], -ranks[p], p))


def recreate_roster(
    search: Search, roster: Roster, missing: list[int], draws: Iterator[float]
) -> set[int]:
    """Put missing places into a roster, in place, and return the teams changed.

    Parameters
    ----------
    search, roster
        The search and the roster.
    missing
        Places in none of its patrols.
    draws
        Random numbers.
    """
    changed: set[int] = set()
    if next(draws) < _BY_RATIO:
        first = [place for place in missing if search.required[place]]
        later = [place for place in missing if not search.required[place]]
        for group in (first, later):
            changed |= _insert_by_ratio(search, roster, group, draws)
        return changed
    for place in build_orders(search, roster, missing, draws):
        found = find_insertion(search, roster, place, draws)
        if found is not None:
            roster[found.team] = found.chain
            changed.add(found.team)
    return changed


def _insert_by_ratio(
    search: Search, roster: Roster, missing: list[int], draws: Iterator[float]
) -> set[int]:
    """Insert, again and again, what earns most per duty minute that it costs."""
    power = _LEAST_POWER + (_MOST_POWER - _LEAST_POWER) * next(draws)
    changed: set[int] = set()
    worth = {
        place: max(search.needs[place], 1e-9) ** power
        * (1 + _NOISE * (next(draws) - 0.5))
        for place in missing
    }
    ways: dict[int, Insertion] = {}
    for place in missing:
        found = find_insertion(search, roster, place, draws)
        if found is not None:
            ways[place] = found
    while ways:
        best = max(ways, key=lambda p: (worth[p] / max(ways[p].cost_min, 1.0), -p))
        done = ways.pop(best)
        roster[done.team] = done.chain
        changed.add(done.team)
        for place in list(ways):
            # Only the team that changed can offer anything new.
            stale = ways[place].team == done.team
            found = find_insertion(
                search, roster, place, None, None if stale else (done.team,)
            )
            if found is None:
                if stale:
                    del ways[place]
            elif stale or found.cost_min < ways[place].cost_min:
                ways[place] = found
    return changed


def drop_short(search: Search, roster: Roster) -> bool:
    """Dissolve patrols below their ``min_days``, in place, and refill what is left.

    Returns whether there were any.

    Parameters
    ----------
    search, roster
        The search and the roster.
    """
    short = {
        place
        for chain in roster
        for patrol in chain
        if patrol.short
        for place in patrol.places
    }
    if not short:
        return False
    search.remove_places(roster, short)
    fill_roster(search, roster)
    return True


def fill_roster(search: Search, roster: Roster, *, thoroughly: bool = False) -> None:
    """Insert what still fits without any patrol being short, neediest first.

    Parameters
    ----------
    search, roster
        The search and the roster, changed in place.
    thoroughly
        Whether to try every position, not the likeliest alone.
    """
    missing = find_missing(search, roster)
    for place in sorted(
        missing, key=lambda p: (not search.required[p], -search.needs[p])
    ):
        found = find_insertion(search, roster, place, may_be_short=False)
        if found is None and thoroughly:
            found = find_any_insertion(search, roster, place)
        if found is not None:
            roster[found.team] = found.chain


def tidy_roster(search: Search, roster: Roster, teams: set[int]) -> None:
    """Shorten the orders of some teams' patrols, in place.

    Parameters
    ----------
    search, roster
        The search and the roster.
    teams
        Numbers of the teams to look at.
    """
    for team in sorted(teams):
        for number in range(len(roster[team])):
            roster[team] = tidy_chain(search, team, roster[team], number)


def swap_places(search: Search, roster: Roster) -> bool:
    """Put one missing place in for one visited that is worth less, in place.

    Returns whether a swap was found; the best gain over all pairs is taken.

    Parameters
    ----------
    search, roster
        The search and the roster.
    """
    best: tuple[float, float, int, Chain] | None = None
    for place in find_missing(search, roster):
        for team in search.teams_of[place]:
            for number, patrol in enumerate(roster[team]):
                for out in patrol.places:
                    gain = search.needs[place] - search.needs[out]
                    if search.required[out] and not search.required[place]:
                        continue
                    if gain <= 0 or (best is not None and gain < best[0]):
                        continue
                    rest = tuple(p for p in patrol.places if p != out)
                    made = put_place(search, team, roster[team], number, rest, place)
                    if made is None or any(p.short for p in made):
                        continue
                    cost = sum(p.duty_min for p in made)
                    if best is None or (gain, -cost) > (best[0], -best[1]):
                        best = (gain, cost, team, made)
    if best is None:
        return False
    roster[best[2]] = best[3]
    return True
