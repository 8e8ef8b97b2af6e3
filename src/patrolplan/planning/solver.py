"""The solver: which team leaves on which day and visits which sites, in what order."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np

from patrolplan.planning.moves import (
    drop_short,
    fill_roster,
    find_missing,
    recreate_roster,
    ruin_roster,
    swap_places,
    tidy_roster,
)
from patrolplan.planning.packing import PatrolPool, add_patrols, pack_roster
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.search import Roster, Search, Value, draw_numbers

__all__ = ["solve"]

# Temperatures at both ends, as shares of the incumbent's need.
_HOT, _COLD = 0.02, 0.0005
# What all duty minutes the roster could use would be worth, as a share of all need:
# among equals the shorter is kept, since short patrols leave room for more.
_TIME_WEIGHT = 0.05
# How often the best choice is made among all patrols met so far.
_PACKINGS = 6
# Rosters this close below the incumbent are worth a closer look.
_PROMISING = 0.02
_REPORTS = 100


def solve(
    problem: Problem,
    *,
    seed: int,
    iterations: int,
    on_progress: Callable[[int, int, float], None] | None = None,
) -> Plan:
    """Return the best plan that a search of a given length finds.

    Ruin and recreate with simulated annealing over the real duty clock: a part of
    the plan is taken away and filled anew, by orders of insertion drawn each time;
    promising results are polished, and from time to time the best choice is made
    among all patrols met in them (set packing). The incumbent is kept by required
    sites visited, then need, then duty minutes saved. The same seed and iterations
    give the same plan; no clock is read.

    Parameters
    ----------
    problem
        What is asked.
    seed
        Seed of the one random generator.
    iterations
        Rounds of ruin and recreate; 0 gives the first construction, polished.
    on_progress
        Called now and then with rounds done, rounds in all, and the need met by
        the best plan so far.
    """
    search = Search(problem)
    draws = draw_numbers(np.random.default_rng(seed))
    best: Roster = [() for _ in problem.teams]
    if not search.places:
        return Plan()
    recreate_roster(search, best, search.places, draws)
    best_value = _polish(search, best)
    score = _build_score(search)
    pool: PatrolPool = {}
    add_patrols(search, pool, best)
    current, current_score = list(best), score(best_value)
    every = max(1, iterations // _REPORTS)
    stretch = max(1, iterations // _PACKINGS)
    for done in range(1, iterations + 1):
        cooled = (_COLD / _HOT) ** (done / iterations)
        heat = max(best_value.need, 1e-9) * _HOT * cooled
        candidate = list(current)
        ruin_roster(search, candidate, draws)
        changed = recreate_roster(
            search, candidate, find_missing(search, candidate), draws
        )
        drop_short(search, candidate)
        value = search.measure_roster(candidate)
        if score(value) > score(best_value) * (1 - _PROMISING):
            tidy_roster(search, candidate, changed)
            value = search.measure_roster(candidate)
            add_patrols(search, pool, candidate)
        if value > best_value:
            value = _polish(search, candidate)
        if value > best_value:
            best, best_value = list(candidate), value
        if score(value) >= current_score + heat * log(max(next(draws), 1e-12)):
            current, current_score = candidate, score(value)
        if done % stretch == 0:
            add_patrols(search, pool, best)
            packed = pack_roster(search, pool, score, score(best_value))
            if packed is not None:
                value = _polish(search, packed)
                if value > best_value:
                    best, best_value = packed, value
            current, current_score = list(best), score(best_value)
        if on_progress is not None and done % every == 0:
            on_progress(done, iterations, best_value.need)
    return search.build_plan(best)


def _build_score(search: Search) -> Callable[[Value], float]:
    """Return what search steers by: need, all required sites first, time last."""
    usable = sum(float(search.clock.duty_min[crew.base][-1]) for crew in search.crews)
    total = sum(search.needs[place] for place in search.places)
    minute = _TIME_WEIGHT * total / usable if usable > 0 else 0.0
    bonus = 1.0 + total

    def score(value: Value) -> float:
        return value.need + bonus * value.required + minute * value.spared_min

    return score


def _polish(search: Search, roster: Roster) -> Value:
    """Improve a roster, in place, until no small change helps."""
    everyone = set(range(len(roster)))
    drop_short(search, roster)
    while True:
        before = search.measure_roster(roster)
        tidy_roster(search, roster, everyone)
        fill_roster(search, roster, thoroughly=True)
        swap_places(search, roster)
        if search.measure_roster(roster) <= before:
            return search.measure_roster(roster)
