"""The solver: which team leaves on which day and visits which sites, in what order.

A search finds good plans; a linear program over the patrols it met says what no plan
can exceed, and finds better patrols on the way. The two take turns until they agree.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from patrolplan.planning.allowance import TURNS, Allowance
from patrolplan.planning.bound import Bounding
from patrolplan.planning.grids import can_bound
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
from patrolplan.showing import Shown

__all__ = ["DEFAULT_WORKERS", "Progress", "Solution", "solve"]

DEFAULT_WORKERS = 2
"""Searches side by side: as many on every machine, so that plans are the same."""

# Rounds between two looks at the clock; and how often it tells of its progress where
# no clock is read.
_ROUNDS_BY_CLOCK, _STEPS = 20, 5
# About what it takes to get ready for pricing, by pairs of sites and kinds of team.
_SECONDS_PER_PAIR = 5e-6
# Nodes of a choice on the way, and of the last one.
_NODES, _LAST_NODES = 200, 5000
# Most patrols in a first choice, in a wider one, and in the proof: the first is quick,
# and the better its plan, the fewer patrols can matter to the next.
_FEW_CHOSEN, _MOST_CHOSEN, _MOST_ENUMERATED = 400, 3000, 12_000
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
class Solution(Shown):
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
        Called now and then, and with a share of 1 when the work has ended by itself.
    """
    work = _Work(problem, seed, iterations, seconds, workers, stop_gap, on_progress)
    try:
        work.run()
        work.end()
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
        self.allowance = Allowance(iterations, seconds)
        self._seed, self._workers = seed, workers
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
        self._share, self._tried = 0.0, inf

    def run(self) -> None:
        posed = self.posed
        if not posed.places or not posed.crews:
            return
        search = Search(posed, self._seed, self._workers)
        self._take(search)
        gains = posed.needs + posed.bonus * posed.owed
        is_boundable = can_bound(posed)
        for turn in range(TURNS):
            self._search(search, turn)
            if self._bounding is None:
                if not is_boundable:
                    # It would fill the memory: all work is for the search.
                    continue
                pairs = sum(len(sites) ** 2 for sites in posed.reached.values())
                if pairs * _SECONDS_PER_PAIR > self.allowance.left_s / 2.0:
                    # No time to get ready for pricing: all of it is for the search.
                    continue
                self._bounding = Bounding(posed, gains, self._workers)
            self._bounding.program.add_columns(search.list_columns())
            self._generate(search)
            if not self._may_go_on():
                break
        if not self._keeps_required() and is_boundable:
            # Such a plan is measured against all plans, whatever they visit.
            self._loose = Bounding(posed, posed.needs, self._workers)
            self._loose.program.add_columns(search.list_columns())
            self.allowance.rounds = 0
            while (
                self.allowance.has_rounds()
                and self.allowance.has_work(self._loose.labels)
                and self._loose.improve()
            ):
                self.allowance.rounds += 1

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
            owed = float(self.posed.owed[places].sum())
            bonus = self.posed.bonus * (owed + self.posed.unknown.count_met(places))
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
        more = False
        while self._may_go_on() and self.allowance.has_rounds():
            self.allowance.rounds += 1
            more = bounding.generate()
            self.tell()
            if more and not self.allowance.is_choice_due():
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
        if more or bounding.relaxed is None:
            # The work is over; what was found last has not been chosen from.
            bounding.relax()
            self._choose(search)

    def _search(self, search: Search, turn: int) -> None:
        """Search for one turn's share of the rounds, or of the time; cool down once."""
        allowance = self.allowance
        allowed = allowance.begin_turn(turn, alone=self._bounding is None)
        if allowance.seconds is None:
            rounds = allowance.iterations * (turn + 1) // TURNS
            rounds -= allowance.iterations * turn // TURNS
            for step in range(_STEPS):
                first, last = rounds * step // _STEPS, rounds * (step + 1) // _STEPS
                search.run(last - first, step / _STEPS, (step + 1) / _STEPS)
                self._share = (turn + (step + 1) / _STEPS) / TURNS
                self._take(search)
                self.tell()
            return
        began = time.monotonic()
        while (now := time.monotonic()) < min(began + allowed, allowance.until):
            share = (now - began) / allowed
            search.run(_ROUNDS_BY_CLOCK, share, share)
            self._take(search)
            self.tell()

    def _take(self, search: Search) -> None:
        """Take the search's best plan if it is better."""
        value, chains = search.find_best()
        if self.posed.unknown.least:
            # The search counts such visits in its own way.
            self._keep(chains)
        elif value > self._value:
            self._value, self.gain, self.chains = value, value.gain, chains

    def _keep(self, chains: Chains) -> None:
        """Take a plan, measured anew, if it is better."""
        columns = [column for chain in chains for column in chain]
        gain = self.posed.measure_gain(columns)
        value = Value(gain, -sum(column.duty_min for column in columns))
        if value > self._value:
            self._value, self.gain, self.chains = value, gain, chains

    def _adopt(self, search: Search, columns: Sequence[Column]) -> None:
        """Take a choice of patrols, and let the search go on from it if it can."""
        columns = self.posed.drop_surplus(columns)
        chains = share_out(self.posed, columns)
        unknown = self.posed.unknown
        if unknown.least:
            # Whether or not the search can hold it, or thinks as much of it.
            self._keep(chains)
            if unknown.overfills([p for c in columns for p in c.places]):
                return
        search.adopt(chains)
        self._take(search)

    def _choose(self, search: Search) -> None:
        """Go on from the best choice of the patrols there are, if it is better."""
        assert self._bounding is not None
        relaxed = self._bounding.relaxed
        if relaxed is None:
            return
        columns = self._bounding.program.columns
        likely = np.argsort(relaxed.lost, kind="stable").tolist()
        real = [k for k in likely if columns[k].real][:_MOST_CHOSEN]
        asked = 0
        for most in (_FEW_CHOSEN, _MOST_CHOSEN):
            # No choice among these patrols is worth more than their best mixture.
            spare = relaxed.worth * (1.0 + _PROVEN) - self.gain
            numbers = sorted(k for k in real[:most] if relaxed.lost[k] <= spare)
            if len(numbers) > asked:
                self._choose_among(search, numbers)
            asked = len(numbers)
        self.allowance.note_choice()

    def _choose_among(self, search: Search, numbers: Sequence[int]) -> None:
        """Go on from the best choice of some patrols, if it is better."""
        assert self._bounding is not None
        program = self._bounding.program
        chosen, _ = program.choose(
            numbers,
            _NODES,
            self.gain * (1.0 + _PROVEN),
            self.allowance.choosing_s,
        )
        if chosen is not None:
            self._adopt(search, [program.columns[k] for k in chosen])

    def _prove(self, search: Search) -> None:
        """List every patrol that a better plan could hold, and choose among them."""
        bounding = self._bounding
        assert bounding is not None
        self._tried = self._gap()
        if bounding.enumerate(self.gain, _MOST_ENUMERATED, self.allowance.until):
            program = bounding.program
            chosen, most = program.choose(
                range(len(program.columns)),
                _LAST_NODES,
                self.gain * (1.0 + _PROVEN),
                self.allowance.left_s,
            )
            bounding.bound = min(bounding.bound, max(most, self.gain))
            if chosen is not None:
                columns = [program.columns[k] for k in chosen]
                if all(column.real for column in columns):
                    self._adopt(search, columns)

    def _gap(self) -> float:
        """Return the gap of what search and bound both count."""
        assert self._bounding is not None
        bound = self._bounding.bound
        gap = (bound - self.gain) / bound if bound > 0 else 0.0
        return gap if gap > _PROVEN else 0.0

    def _may_go_on(self) -> bool:
        assert self._bounding is not None
        return self._gap() > self._stop_gap and self.allowance.has_work(
            self._bounding.labels
        )

    def end(self) -> None:
        """Tell whoever listens that the work is over, be it before its time."""
        self._share = 1.0
        self.tell()

    def tell(self) -> None:
        """Tell whoever listens how far the work is."""
        if self._on_progress is None:
            return
        need, bound = self._measure()
        share = min(max(self._share, self.allowance.passed), 1.0)
        self._on_progress(Progress(share, need, bound))
