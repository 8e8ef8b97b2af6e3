"""A problem made ready for the compiled search: visits, teams and empty rosters."""

from __future__ import annotations

from functools import reduce
from math import inf

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.arrays import build_arrays, list_vehicles
from patrolplan.planning.kernel import Pooled, Roster, Task, settle
from patrolplan.planning.posed import Column, Posed

__all__ = ["build_pool", "build_roster", "build_task"]

_MINUTES_PER_DAY = 1440.0
# What all duty minutes the roster could use would be worth, as a share of all need:
# among equals the shorter is kept, since short patrols leave room for more.
_TIME_WEIGHT = 0.05
# Most visits of one patrol, for a bound on memory; no clock allows so many.
_MOST_VISITS = 120
_POOLED = 1 << 15


def build_task(posed: Posed, words: NDArray[np.uint64]) -> Task:
    """Return a problem as the compiled search reads it.

    Parameters
    ----------
    posed
        The problem.
    words
        Random words: one for each place, then for each team and day.
    """
    problem, crews = posed.problem, posed.crews
    clock = build_arrays(problem)
    items = [
        (place, number)
        for place in posed.places
        for number in range(posed.count_visits(place))
    ]
    places = np.array([place for place, _ in items], dtype=np.int64)
    firsts = np.searchsorted(places, places, "left") if len(items) else places
    lasts = np.searchsorted(places, places, "right") if len(items) else places
    sites = [posed.find_site(place) for place in places.tolist()]
    vehicles, days = list_vehicles(problem), range(problem.horizon_days)
    # Days of one road state share one matrix: each is taken once.
    held = {
        v: {id(m): m for m in (problem.find_travel(v, d) for d in days)}
        for v in vehicles
    }
    durations = np.array(
        [
            reduce(np.minimum, (m.durations_min for m in held[v].values()))
            for v in vehicles
        ]
    )
    # No way: longer than any horizon, yet finite, since differences are taken.
    far = 4.0 * _MINUTES_PER_DAY * (problem.horizon_days + 1)
    durations[~np.isfinite(durations)] = far
    both_ways = np.min(durations + durations.transpose(0, 2, 1), axis=0)
    near = both_ways[np.ix_(places, places)]
    near[np.arange(len(items)), np.arange(len(items))] = -1.0
    group_of = {
        site: number
        for number, group in enumerate(problem.groups)
        for site in group.site_ids
    }
    rings = posed.unknown.rings
    ring_of = {place: k for k, ring in enumerate(rings) for place in ring}
    for place, ring in ring_of.items():
        group_of[problem.place_ids[place]] = len(problem.groups) + ring
    number_of: dict[str, list[int]] = {}
    for item, site in enumerate(sites):
        number_of.setdefault(site.id, []).append(item)
    barred: list[list[int]] = [[] for _ in items]
    for pair in problem.forbidden_pairs:
        for one, other in (pair, pair[::-1]):
            for item in number_of.get(one, []):
                barred[item] += number_of.get(other, [])
    to = np.cumsum([len(row) for row in barred], dtype=np.int64)
    bases = np.array([crew.base for crew in crews], dtype=np.int64)
    # Each item must be sorted by place, so that twins are neighbours.
    by_kind = {kind: np.isin(places, own) for kind, own in posed.reached.items()}
    allowed = np.array([by_kind[kind] for kind in posed.kinds], dtype=np.bool_).reshape(
        len(crews), len(items)
    )
    windows = (clock.closes_min - clock.opens_min).max(axis=0, initial=0.0)
    usable = sum(float(clock.duty_min[base, -1]) for base in bases)
    total = float(posed.needs[posed.places].sum())
    return Task(
        clock=clock,
        bases=bases,
        vehicles=np.array([vehicles.index(c.vehicle) for c in crews], dtype=np.int64),
        min_days=np.array([c.min_days for c in crews], dtype=np.int64),
        max_days=np.array([c.max_days for c in crews], dtype=np.int64),
        rest_days=np.array([c.rest_days for c in crews], dtype=np.int64),
        ranges_m=np.array([c.range_m for c in crews], dtype=np.float64),
        budgets=np.array(
            [(c.hazard_budget, c.fuel_budget_l) for c in crews], dtype=np.float64
        ).reshape(-1, 2),
        kinds=np.array(posed.kinds, dtype=np.int64),
        places=places,
        needs=posed.needs[places]
        + posed.bonus * (posed.owed[places] + np.isin(places, list(ring_of))),
        allowed=allowed,
        groups=np.array([group_of.get(s.id, -1) for s in sites], dtype=np.int64),
        bars=np.array([b for row in barred for b in row], dtype=np.int64),
        bars_from=to - np.array([len(row) for row in barred], dtype=np.int64),
        bars_to=to,
        twins_from=np.asarray(firsts, dtype=np.int64),
        twins_to=np.asarray(lasts, dtype=np.int64),
        apart_min=np.array([_MINUTES_PER_DAY * (s.cadence_days or 0.0) for s in sites]),
        near=np.argsort(near, axis=1, kind="stable"),
        efforts=np.array(
            [
                both_ways[bases[allowed[:, item]], place].min(initial=inf)
                + clock.dwells_min[place]
                for item, place in enumerate(places)
            ]
        ),
        durations=durations,
        widths=np.concatenate([[0.0], windows.clip(min=0.0).cumsum()]),
        words=words,
        windowed=bool(clock.has_windows[places].any()),
        repeats=len(items) > len(posed.places),
        minute=_TIME_WEIGHT * total / usable if usable > 0 else 0.0,
    )


def build_roster(posed: Posed, task: Task, columns: list[list[Column]]) -> Roster:
    """Return patrols as the compiled search changes them.

    Parameters
    ----------
    posed, task
        The problem.
    columns
        By team: its patrols, in order of departure.

    Raises
    ------
    ValueError
        If a patrol cannot be.
    """
    teams, items = len(posed.crews), len(task.places)
    days = posed.problem.horizon_days
    patrols = 1 + max(
        ((days + c.rest_days) // (c.min_days + c.rest_days) for c in posed.crews),
        default=0,
    )
    shape = (teams, patrols)
    visits = min(items, _MOST_VISITS)
    roster = Roster(
        counts=np.zeros(teams, dtype=np.int64),
        departs=np.zeros(shape, dtype=np.int64),
        returns=np.zeros(shape, dtype=np.int64),
        sizes=np.zeros(shape, dtype=np.int64),
        duties=np.zeros(shape),
        works=np.zeros(shape),
        orders=np.zeros((*shape, visits), dtype=np.int64),
        leaves=np.zeros((*shape, visits + 1)),
        days=np.zeros((*shape, visits + 1), dtype=np.int64),
        lengths=np.zeros((*shape, visits + 1)),
        spent=np.zeros((*shape, visits + 1, 2)),
        arrivals=np.zeros(items),
        team_of=np.full(items, -1, dtype=np.int64),
        patrol_of=np.zeros(items, dtype=np.int64),
        taken=np.zeros(
            len(posed.problem.groups) + len(posed.unknown.rings), dtype=np.int64
        ),
        matrices=np.zeros(
            (*shape, visits + 1 if posed.problem.waysides else 0), dtype=np.int64
        ),
    )
    used: set[int] = set()
    for team, chain in enumerate(columns):
        for number, column in enumerate(chain):
            roster.departs[team, number] = column.depart_day
            roster.sizes[team, number] = len(column.places)
            for spot, place in enumerate(column.places):
                item = next(
                    item
                    for item in range(task.twins_from.size)
                    if task.places[item] == place and item not in used
                )
                used.add(item)
                roster.orders[team, number, spot] = item
                if task.groups[item] >= 0:
                    roster.taken[task.groups[item]] += 1
        roster.counts[team] = len(chain)
    for team, chain in enumerate(columns):
        for number in range(len(chain)):
            if not settle(task, roster, team, number):
                msg = f"Patrol {number} of team {team} cannot be."
                raise ValueError(msg)
    return roster


def build_pool(task: Task) -> Pooled:
    """Return an empty pool.

    Parameters
    ----------
    task
        The problem.
    """
    visits = min(len(task.places), _MOST_VISITS)
    return Pooled(
        keys=np.zeros(_POOLED, dtype=np.uint64),
        kinds=np.zeros(_POOLED, dtype=np.int64),
        departs=np.zeros(_POOLED, dtype=np.int64),
        returns=np.zeros(_POOLED, dtype=np.int64),
        sizes=np.zeros(_POOLED, dtype=np.int64),
        duties=np.zeros(_POOLED),
        merits=np.zeros(_POOLED),
        orders=np.zeros((_POOLED, visits), dtype=np.int64),
        filled=np.zeros(1, dtype=np.int64),
    )
