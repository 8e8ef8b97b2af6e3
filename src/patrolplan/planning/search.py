"""The search for good plans: ruin and recreate over the compiled duty clock."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from patrolplan.planning.kernel import (
    Roster,
    Task,
    anneal_roster,
    measure_roster,
    polish_roster,
)
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.task import build_pool, build_roster, build_task

__all__ = ["Chains", "Search", "Value", "advance", "decide", "share_out"]

Chains = list[list[Column]]
"""The patrols of each team, in order of departure."""

# Temperatures at both ends of a search, as shares of the incumbent's need.
_HOT, _COLD = 0.03, 0.0005
# Rounds between two looks at the temperature, and at whether to stop.
_ROUNDS_AT_ONCE = 50


class Value(NamedTuple):
    """What a plan is worth to a search, better if greater.

    Attributes
    ----------
    gain
        Need of the sites visited and earned on the way, and the bonus of required
        sites.
    spared_min
        Duty minutes, negative.
    """

    gain: float
    spared_min: float


class _Worker:
    """One search, with its own random numbers, roster and pool."""

    def __init__(
        self, posed: Posed, rng: np.random.Generator, task: Task | None = None
    ) -> None:
        size = len(posed.problem.place_ids)
        size += len(posed.crews) * posed.problem.horizon_days
        self.posed = posed
        self.draws = rng.integers(1, 1 << 63, 1, dtype=np.uint64)
        words = rng.integers(1, 1 << 63, size, dtype=np.uint64)
        # All else of a task is the same for every worker, and large.
        self.task = task._replace(words=words) if task else build_task(posed, words)
        self.current, self.candidate, self.best = (
            build_roster(posed, self.task, [[] for _ in posed.crews]) for _ in range(3)
        )
        self.pool = build_pool(self.task)
        self.stopped = False
        # One round constructs; it sets the scale of temperatures.
        self.anneal(1, 1.0)

    def anneal(self, rounds: int, heat: float) -> None:
        anneal_roster(
            self.task,
            self.current,
            self.candidate,
            self.best,
            self.pool,
            rounds,
            heat,
            self.draws,
        )

    def run(self, rounds: int, begins: float, ends: float) -> None:
        """Cool down from one share of the whole search to another."""
        done = 0
        while done < rounds and not self.stopped:
            share = begins + (ends - begins) * done / rounds
            heat = max(self.measure().gain, 1e-9) * _HOT * (_COLD / _HOT) ** share
            step = min(_ROUNDS_AT_ONCE, rounds - done)
            self.anneal(step, heat)
            done += step

    def measure(self) -> Value:
        gain, duty = measure_roster(self.task, self.best)
        return Value(gain, -duty)

    def adopt(self, chains: Chains) -> None:
        """Go on from a plan, polished, and keep it if it is the best."""
        size = len(self.task.places) + 1
        roster = build_roster(self.posed, self.task, chains)
        if self.posed.problem.waysides:
            # What is shortened or exchanged may no longer come by all it came by.
            self._keep(roster)
        polish_roster(
            self.task,
            roster,
            np.empty(size, np.int64),
            np.empty(size),
            np.empty(len(self.task.kinds), np.int64),
            np.empty(size, np.int64),
            self.draws,
        )
        _copy(roster, self.current)
        self._keep(roster)

    def _keep(self, roster: Roster) -> None:
        gain, duty = measure_roster(self.task, roster)
        if Value(gain, -duty) > self.measure():
            _copy(roster, self.best)


class Search:
    """Several searches side by side, each on its own core.

    They share no random numbers, so that the outcome hangs on the seed and their
    number alone, not on which is quicker.

    Parameters
    ----------
    posed
        The problem.
    seed
        Seed of all draws.
    workers
        How many searches.
    """

    def __init__(self, posed: Posed, seed: int, workers: int) -> None:
        self.posed = posed
        rngs = np.random.default_rng(seed).spawn(workers)
        self._workers: list[_Worker] = []
        for rng in rngs:
            shared = self._workers[0].task if self._workers else None
            self._workers.append(_Worker(posed, rng, shared))

    def run(self, rounds: int, begins: float, ends: float) -> None:
        """Run each search for some rounds.

        Parameters
        ----------
        rounds
            Rounds of ruin and recreate of each.
        begins, ends
            Shares of the whole search at which they begin and end, which set the
            temperature.
        """
        if len(self._workers) == 1:
            self._workers[0].run(rounds, begins, ends)
            return
        with ThreadPoolExecutor(len(self._workers)) as threads:
            tasks = [threads.submit(w.run, rounds, begins, ends) for w in self._workers]
            try:
                for task in tasks:
                    task.result()
            except BaseException:
                # An interrupt must not wait for the rest.
                for worker in self._workers:
                    worker.stopped = True
                raise

    def find_best(self) -> tuple[Value, Chains]:
        """Return the best plan so far, and what it is worth."""
        best = max(self._workers, key=lambda worker: worker.measure())
        return best.measure(), _list_chains(self.posed, best)

    def adopt(self, chains: Chains) -> None:
        """Let every search go on from a plan.

        Parameters
        ----------
        chains
            The plan.
        """
        for worker in self._workers:
            worker.adopt(chains)

    def list_columns(self) -> list[Column]:
        """Return the patrols of good plans met so far."""
        columns = []
        for worker in self._workers:
            pool = worker.pool
            columns += [
                Column(
                    int(pool.kinds[row]),
                    int(pool.departs[row]),
                    int(pool.returns[row]),
                    tuple(pool.orders[row, : pool.sizes[row]].tolist()),
                    float(pool.duties[row]),
                )
                for row in np.flatnonzero(pool.keys)
            ]
        return columns


def _list_chains(posed: Posed, worker: _Worker) -> Chains:
    roster, places = worker.best, worker.task.places
    return [
        [
            Column(
                posed.kinds[team],
                int(roster.departs[team, patrol]),
                int(roster.returns[team, patrol]),
                tuple(
                    places[
                        roster.orders[team, patrol, : roster.sizes[team, patrol]]
                    ].tolist()
                ),
                float(roster.duties[team, patrol]),
            )
            for patrol in range(roster.counts[team])
        ]
        for team in range(len(posed.crews))
    ]


def _copy(source: Roster, target: Roster) -> None:
    for old, new in zip(source, target, strict=True):
        new[...] = old


def advance(posed: Posed, chains: Chains) -> Chains:
    """Return a plan whose patrols leave as early as they can, in the same order.

    Where needs grow back, days are left as they are: they depend on each other.

    Parameters
    ----------
    posed
        The problem.
    chains
        The plan.
    """
    if any(posed.count_visits(place) > 1 for place in posed.places):
        return chains
    earlier: Chains = []
    for chain in chains:
        free, made = 0, []
        for column in chain:
            for day in range(free, column.depart_day):
                moved = posed.run(column.kind, day, column.places)
                if (
                    moved is not None
                    and moved.return_day <= column.return_day
                    and posed.list_waysides(moved) == posed.list_waysides(column)
                ):
                    column = moved
                    break
            made.append(column)
            free = column.return_day + 1 + posed.crews[column.kind].rest_days
        earlier.append(made)
    return earlier


def share_out(posed: Posed, columns: Sequence[Column]) -> Chains:
    """Give each patrol, by day of departure, to a team of its kind that is free.

    Parameters
    ----------
    posed
        The problem.
    columns
        Patrols of which on no day more are out or at rest than there are teams.
    """
    chains: Chains = [[] for _ in posed.crews]
    for column in sorted(columns, key=lambda c: (c.depart_day, c)):
        pause = 1 + posed.crews[column.kind].rest_days
        for team, chain in enumerate(chains):
            free = chain[-1].return_day + pause if chain else 0
            if posed.kinds[team] == column.kind and free <= column.depart_day:
                chain.append(column)
                break
    return chains


def decide(posed: Posed, chains: Chains) -> Plan:
    """Return the patrols of all teams as decisions, by day of departure, then team.

    Parameters
    ----------
    posed
        The problem.
    chains
        The patrols of each team.
    """
    ids, teams = posed.problem.place_ids, posed.problem.teams
    decisions = [
        PatrolDecision(
            teams[team].id, c.depart_day, tuple(ids[place] for place in c.places)
        )
        for team, chain in enumerate(chains)
        for c in chain
    ]
    return Plan(tuple(sorted(decisions, key=lambda p: (p.depart_day, p.team_id))))
