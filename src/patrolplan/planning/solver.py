"""The solver: which team leaves on which day and visits which sites, in what order.

A search finds good plans; a linear program over the patrols it met says what no plan
can exceed, and finds better patrols on the way. The two take turns until they agree.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from patrolplan.planning.bound import Bounding
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.search import (
    Chains,
    Search,
    Value,
    advance,
    decide,
    share_out,
)

__all__ = ["DEFAULT_WORKERS", "Progress", "Solution", "solve"]

DEFAULT_WORKERS = 2
"""Searches side by side: as many on every machine, so that plans are the same."""

# How often search and bound take turns.
_TURNS = 4
# What of all time each turn searches: little at first, since choices among good patrols
# soon find better plans. Rounds between two looks at the clock; and how often it tells
# of its progress where no clock is read.
_SEARCHING = (0.05, 0.1, 0.1, 0.1)
_ROUNDS_BY_CLOCK, _STEPS = 20, 5
# About what it takes to get ready for pricing, by pairs of sites and kinds of team.
_SECONDS_PER_PAIR = 5e-6
# Rounds of column generation between two choices of whole patrols.
_ROUNDS_PER_CHOICE = 12
# Rounds of column generation, and labels: limits of work, not of time. So many at
# least, and more for each round of search.
_LEAST_ROUNDS, _ROUNDS_EACH = 40, 0.05
_LEAST_LABELS, _LABELS_EACH = 1_000_000, 4_000
# Nodes of a choice on the way, and of the last one.
_NODES, _LAST_NODES = 200, 5000
# Most patrols in a choice, and in the proof.
_MOST_CHOSEN, _MOST_ENUMERATED = 3000, 12_000
# A proof is tried once plan and bound are as near, and again when they are nearer by so
# much.
_NEAR, _PROVABLE = 0.003, 0.7
# Plan and bound this near are the same but for rounding.
_PROVEN = 1e-6


class Progress(NamedTuple):
    """How far a solver has come.

    Attributes
    ----------
    share
        Of the work or the time that it may take, 0 to 1.
    need
        Need met by the best plan so far.
    bound
        What no plan can exceed.
    """

    share: float
    need: float
    bound: float

    @property
    def gap(self) -> float:
        """What the best plan may be short of, as a fraction of the bound."""
        return (self.bound - self.need) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True)
class Solution:
    """A plan, and how good it can be at most.

    Parameters
    ----------
    plan
        What was decided.
    need
        Need that it earns: by its visits, and on the way.
    bound
        Need that no plan can exceed which visits as many of the required sites, as far
        as all can be visited; else that no plan can exceed.
    patrols
        All patrols that were looked at closely: what else might be done.
    interrupted
        Whether it was stopped before its time.
    """

    plan: Plan
    need: float
    bound: float
    patrols: tuple[Column, ...]
    interrupted: bool = False

    @property
    def gap(self) -> float:
        """What the plan may be short of, as a fraction of the bound."""
        return Progress(1.0, self.need, self.bound).gap


def solve(
    problem: Problem,
    *,
    seed: int,
    iterations: int = 8000,
    seconds: float | None = None,
    workers: int = DEFAULT_WORKERS,
    stop_gap: float = 0.0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Solution:
    """Return the best plan found, with a bound on the best there is.

    The same problem, seed, iterations and workers give the same answer, on any
    machine. Ctrl-C ends the work early, and the best plan so far is returned.

    Parameters
    ----------
    problem
        What is asked.
    seed
        Seed of all draws.
    iterations
        Rounds of search of each worker; 0 gives the first construction, polished.
    seconds
        If given, the work ends after about so many seconds instead, and need not be
        the same again.
    workers
        Searches side by side.
    stop_gap
        The work ends once plan and bound are as near, as a fraction of the bound.
    on_progress
        Called now and then.
    """
    work = _Work(problem, seed, iterations, seconds, workers, stop_gap, on_progress)
    try:
        work.run()
        work.tell()
    except KeyboardInterrupt:
        work.interrupted = True
    return work.build_solution()


class _Work:
    """One call of :func:`solve`, under way."""

    def __init__(
        self,
        problem: Problem,
        seed: int,
        iterations: int,
        seconds: float | None,
        workers: int,
        stop_gap: float,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._until = inf if seconds is None else time.monotonic() + seconds
        self._began, self._turn_until = time.monotonic(), inf
        self._seed, self._workers = seed, workers
        self._iterations, self._seconds = iterations, seconds
        self._stop_gap, self._on_progress = stop_gap, on_progress
        self.posed = Posed(problem)
        self.interrupted = False
        self.chains: Chains = [[] for _ in problem.teams]
        self.gain, self._value = 0.0, Value(0.0, -inf)
        self._most = sum(
            float(self.posed.needs[place]) * self.posed.count_visits(place)
            for place in self.posed.places
        )
        if self.posed.places and self.posed.crews:
            self._most += float(self.posed.waysides.sum())
        self._bounding: Bounding | None = None
        self._loose: Bounding | None = None
        self._share, self._rounds, self._tried = 0.0, 0, inf
        self._most_rounds = _LEAST_ROUNDS + int(_ROUNDS_EACH * iterations)
        self._most_labels = _LEAST_LABELS + _LABELS_EACH * iterations
        if seconds is not None:
            self._most_rounds = self._most_labels = sys.maxsize

    def run(self) -> None:
        posed = self.posed
        if not posed.places or not posed.crews:
            return
        search = Search(posed, self._seed, self._workers)
        self._take(search)
        gains = posed.needs + posed.bonus * posed.owed
        for turn in range(_TURNS):
            self._search(search, turn)
            if self._bounding is None:
                pairs = sum(len(sites) ** 2 for sites in posed.reached.values())
                left = self._until - time.monotonic()
                if pairs * _SECONDS_PER_PAIR > left / 2.0:
                    # No time to get ready for pricing: all of it is for the search.
                    continue
                self._bounding = Bounding(posed, gains, self._workers)
            bounding = self._bounding
            bounding.program.add_columns(search.list_columns())
            bounding.relax()
            self._choose(search)
            self._generate(search)
            if not self._may_go_on():
                break
        if not self._keeps_required():
            # Such a plan is measured against all plans, whatever they visit.
            self._loose = Bounding(posed, posed.needs, self._workers)
            self._loose.program.add_columns(search.list_columns())
            rounds = 0
            while (
                rounds < self._most_rounds
                and self._loose.labels < self._most_labels
                and time.monotonic() < self._until
                and self._loose.improve()
            ):
                rounds += 1

    def build_solution(self) -> Solution:
        """Return what has been found so far."""
        need, bound = self._measure()
        patrols: list[Column] = []
        if self._bounding is not None:
            patrols = [c for c in self._bounding.program.columns if c.real]
        chains = advance(self.posed, self.chains)
        return Solution(
            decide(self.posed, chains), need, bound, tuple(patrols), self.interrupted
        )

    def _measure(self) -> tuple[float, float]:
        """Return the need of the best plan so far, and what no plan can exceed."""
        places = [p for chain in self.chains for c in chain for p in c.places]
        need = float(sum(self.posed.needs[place] for place in places))
        need += self.posed.measure_waysides(c for chain in self.chains for c in chain)
        bound = self._most
        if self._bounding is not None and self._keeps_required():
            bonus = self.posed.bonus * float(self.posed.owed[places].sum())
            bound = min(bound, self._bounding.bound - bonus)
        if self._loose is not None:
            bound = min(bound, self._loose.bound)
        return need, max(bound, need)

    def _keeps_required(self) -> bool:
        visited = {p for chain in self.chains for c in chain for p in c.places}
        return not self.posed.count_unmet(visited)

    def _generate(self, search: Search) -> None:
        """Generate patrols until none is missing, and choose among them."""
        bounding = self._bounding
        assert bounding is not None
        while (
            self._rounds < self._most_rounds
            and self._may_go_on()
            and time.monotonic() < self._turn_until
        ):
            self._rounds += 1
            more = bounding.generate()
            self.tell()
            if more and self._rounds % _ROUNDS_PER_CHOICE:
                continue
            self._choose(search)
            if more or not self._may_go_on():
                continue
            if self._gap() < min(_NEAR, _PROVABLE * self._tried):
                self._prove(search)
            if not bounding.tighten():
                if 0 < self._gap() < self._tried:
                    self._prove(search)
                return

    def _search(self, search: Search, turn: int) -> None:
        """Search for one turn's share of the rounds, or of the time; cool down once."""
        if self._seconds is None:
            rounds = self._iterations * (turn + 1) // _TURNS
            rounds -= self._iterations * turn // _TURNS
            for step in range(_STEPS):
                first, last = rounds * step // _STEPS, rounds * (step + 1) // _STEPS
                search.run(last - first, step / _STEPS, (step + 1) / _STEPS)
                self._share = (turn + (step + 1) / _STEPS) / _TURNS
                self._take(search)
                self.tell()
            return
        began, allowed = time.monotonic(), self._seconds * _SEARCHING[turn]
        self._turn_until = self._began + self._seconds * (turn + 1) / _TURNS
        if self._bounding is None and turn:
            allowed = (self._until - began) / (_TURNS - turn)
        while (now := time.monotonic()) < min(began + allowed, self._until):
            share = (now - began) / allowed
            search.run(_ROUNDS_BY_CLOCK, share, share)
            self._take(search)
            self.tell()

    def _take(self, search: Search) -> None:
        """Take the search's best plan if it is better."""
        value, chains = search.find_best()
        if value > self._value:
            self._value, self.gain, self.chains = value, value.gain, chains

    def _choose(self, search: Search) -> None:
        """Go on from the best choice of the patrols there are, if it is better."""
        assert self._bounding is not None
        program, relaxed = self._bounding.program, self._bounding.relaxed
        if relaxed is None:
            return
        # No choice among these patrols is worth more than their best mixture.
        spare = relaxed.worth * (1.0 + _PROVEN) - self.gain
        likely = np.argsort(relaxed.lost, kind="stable")[:_MOST_CHOSEN]
        numbers = [
            int(k)
            for k in np.sort(likely)
            if relaxed.lost[k] <= spare and program.columns[k].real
        ]
        chosen, _ = program.choose(
            numbers,
            _NODES,
            self.gain * (1.0 + _PROVEN),
            self._until - time.monotonic(),
        )
        if chosen is not None:
            search.adopt(share_out(self.posed, [program.columns[k] for k in chosen]))
            self._take(search)

    def _prove(self, search: Search) -> None:
        """List every patrol that a better plan could hold, and choose among them."""
        bounding = self._bounding
        assert bounding is not None
        self._tried = self._gap()
        if bounding.enumerate(self.gain, _MOST_ENUMERATED, self._until):
            program = bounding.program
            chosen, most = program.choose(
                range(len(program.columns)),
                _LAST_NODES,
                self.gain * (1.0 + _PROVEN),
                self._until - time.monotonic(),
            )
            bounding.bound = min(bounding.bound, max(most, self.gain))
            if chosen is not None:
                columns = [program.columns[k] for k in chosen]
                if all(column.real for column in columns):
                    search.adopt(share_out(self.posed, columns))
                    self._take(search)

    def _gap(self) -> float:
        """Return the gap of what search and bound both count."""
        assert self._bounding is not None
        bound = self._bounding.bound
        gap = (bound - self.gain) / bound if bound > 0 else 0.0
        return gap if gap > _PROVEN else 0.0

    def _may_go_on(self) -> bool:
        assert self._bounding is not None
        return (
            self._gap() > self._stop_gap
            and self._bounding.labels < self._most_labels
            and time.monotonic() < self._until
        )

    def tell(self) -> None:
        """Tell whoever listens how far the work is."""
        if self._on_progress is None:
            return
        need, bound = self._measure()
        share = self._share
        if self._seconds is not None:
            share = (time.monotonic() - self._began) / self._seconds
        self._on_progress(Progress(min(share, 1.0), need, bound))
