"""The best choice among the patrols that a search has met: set packing."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from patrolplan.planning.search import Patrol, Roster, Search, Value

__all__ = ["PatrolPool", "add_patrols", "pack_roster"]

Array = NDArray[np.float64]
Key = tuple[int, int, frozenset[int]]

PatrolPool = dict[Key, Patrol]
"""Patrols by kind of team, day of departure and places; the shortest order of each."""

# A limit of nodes, not of seconds, keeps the same answer on every machine.
_MOST_NODES = 60
_GAP = 1e-6
# The program gets the patrols that look best by price, since its time grows fast.
_MOST_COLUMNS = 400
# The pool takes no more than this.
_MOST_POOLED = 6000


def add_patrols(search: Search, pool: PatrolPool, roster: Roster) -> None:
    """Note the patrols of a roster, the shortest order of each set of places.

    Parameters
    ----------
    search
        The search.
    pool
        What has been noted so far, changed in place.
    roster
        The roster; patrols that are short are passed over.
    """
    for team, chain in enumerate(roster):
        for patrol in chain:
            key = (search.kinds[team], patrol.depart_day, frozenset(patrol.places))
            old = pool.get(key)
            if patrol.short or (old is None and len(pool) >= _MOST_POOLED):
                continue
            if old is None or (patrol.return_day, patrol.duty_min) < (
                old.return_day,
                old.duty_min,
            ):
                pool[key] = patrol


def pack_roster(
    search: Search,
    pool: PatrolPool,
    score: Callable[[Value], float],
    worth: float,
) -> Roster | None:
    """Return the roster of pooled patrols that earns most, or None if none is found.

    A mixed-integer program: each place is visited once, and on each day a kind of
    team has no more patrols out or at rest than it has teams; such patrols can
    always be shared out among the teams, first come first served. Patrols that by
    the linear program's prices can be in no better roster are left out first.

    Parameters
    ----------
    search
        The search.
    pool
        Patrols to choose from, none of them short.
    score
        What is to be greatest; a sum over the patrols.
    worth
        The score of the best roster so far.
    """
    columns = sorted(pool.items(), key=lambda item: (item[0][:2], item[1]))
    if not columns:
        return None
    gains, matrix, limits = _build_program(search, columns, score)
    relaxed = linprog(-gains, A_ub=matrix, b_ub=limits, bounds=(0.0, 1.0))
    if relaxed.fun is None:
        return None
    most = -relaxed.fun
    # A patrol in a roster lowers the relaxed worth by what its prices exceed its gain.
    short = -gains - relaxed.ineqlin.marginals @ matrix
    likely = np.argsort(short, kind="stable")[:_MOST_COLUMNS]
    kept = np.sort(likely[short[likely] <= most - worth])
    if not len(kept):
        return None
    result = milp(
        -gains[kept],
        integrality=np.ones(len(kept), dtype=np.int64),
        constraints=LinearConstraint(matrix[:, kept], -inf, limits),
        bounds=Bounds(0.0, 1.0),
        options={"node_limit": _MOST_NODES, "mip_rel_gap": _GAP},
    )
    if result.x is None:
        return None
    chosen = kept[np.asarray(result.x) > 0.5]
    return _share_out(search, [(columns[i][0][0], columns[i][1]) for i in chosen])


def _build_program(
    search: Search,
    columns: list[tuple[Key, Patrol]],
    score: Callable[[Value], float],
) -> tuple[Array, Array, Array]:
    """Return gains, matrix and limits; rows are places, then teams by kind and day."""
    size, days = len(search.needs), search.clock.days
    gains = np.zeros(len(columns))
    matrix = np.zeros((size + len(search.crews) * days, len(columns)))
    limits = np.ones(len(matrix))
    for kind in range(len(search.crews)):
        begins = size + kind * days
        limits[begins : begins + days] = search.kinds.count(kind)
    for column, ((kind, _, _), patrol) in enumerate(columns):
        gains[column] = score(search.measure_roster([(patrol,)]))
        matrix[list(patrol.places), column] = 1.0
        begins = size + kind * days
        busy = min(days, patrol.return_day + search.crews[kind].rest_days + 1)
        matrix[begins + patrol.depart_day : begins + busy, column] = 1.0
    used = matrix.any(axis=1)
    return gains, matrix[used], limits[used]


def _share_out(search: Search, chosen: list[tuple[int, Patrol]]) -> Roster:
    """Give each patrol, by day of departure, to a team of its kind that is free."""
    roster: list[list[Patrol]] = [[] for _ in search.crews]
    for kind, patrol in sorted(chosen, key=lambda item: (item[1].depart_day, item)):
        for team, made in enumerate(roster):
            if search.kinds[team] != kind:
                continue
            pause = 1 + search.crews[team].rest_days
            free = made[-1].return_day + pause if made else 0
            if free <= patrol.depart_day:
                made.append(patrol._replace(delay_days=patrol.depart_day - free))
                break
    return [tuple(made) for made in roster]
