"""What the best plan would be if visits earned something else: asked again and again.

Each answer starts from all patrols that earlier ones have found, so that a question
takes a fraction of a second where the first solution took seconds. Answers depend on
the questions asked before, and on nothing else: the same questions, the same answers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.bound import Bounding
from patrolplan.planning.charges import Charge, sum_charges
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan
from patrolplan.planning.search import decide, share_out

__all__ = ["Answer", "Inquiry", "build_plan"]

Floats = NDArray[np.float64]

# Rounds of column generation for one answer, and between two choices: fewer where any
# better plan will do.
_MOST_ROUNDS, _ROUNDS_PER_CHOICE, _ROUNDS_PER_GUESS = 60, 8, 3
# How often the program is tightened before all patrols are listed.
_MOST_TIGHTENED = 2
# All patrols are listed when the gap is this share of what it was at the last attempt.
_PROVABLE = 0.5
# Nodes of a choice; most patrols in one, and most listed to prove one.
_NODES, _MOST_CHOSEN, _MOST_LISTED = 400, 3000, 6000
# Answer and bound this near, as a share of the worth, are the same but for rounding.
_PROVEN, _EQUAL = 1e-7, 2e-6


@dataclass(frozen=True)
class Answer:
    """The best plan found to a question, and how good it can be at most.

    Parameters
    ----------
    patrols
        What is done.
    gain
        What it earns as asked, without any bonus for sites that must be visited.
    bound
        What no plan can earn as asked that visits all that it must.
    need
        What it earns by the true needs.
    complete
        Whether all that must be visited is.
    met, met_at_most
        How many demands it meets, and what no plan can exceed of them.
    """

    patrols: tuple[Column, ...]
    gain: float
    bound: float
    need: float
    complete: bool
    met: int
    met_at_most: int

    @property
    def places(self) -> frozenset[int]:
        """Numbers of the places visited."""
        return frozenset(place for c in self.patrols for place in c.places)

    @property
    def is_proven(self) -> bool:
        """Whether no plan is better, but for rounding."""
        return self.complete and self.bound - self.gain <= _EQUAL * abs(self.bound)


class Inquiry:
    """Questions about one problem.

    Parameters
    ----------
    posed
        The problem.
    patrols
        Patrols that are known, such as those of a solution.
    plans
        Plans that are known: an answer is never worse than the best of them.
    workers
        Kinds of team priced side by side; nothing hangs on it but time.
    """

    def __init__(
        self,
        posed: Posed,
        patrols: Iterable[Column] = (),
        plans: Iterable[Sequence[Column]] = (),
        workers: int = 1,
    ) -> None:
        self.posed = posed
        gains = posed.needs + posed.bonus * posed.required
        self._bounding = Bounding(posed, gains, workers)
        self._plans = [tuple(plan) for plan in plans]
        # Where roads change, patrols are not to be listed: see Bounding.enumerate.
        problem = posed.problem
        self._can_list = all(
            problem.find_travel(team.travel_class, day)
            is problem.find_travel(team.travel_class, 0)
            for team in problem.teams
            for day in range(problem.horizon_days)
        )
        program = self._bounding.program
        program.add_columns(patrols)
        program.add_columns(column for plan in self._plans for column in plan)
        self._add_missing()

    def _add_missing(self) -> None:
        """Add a patrol to each site that no patrol visits: none begins from nothing."""
        posed, program = self.posed, self._bounding.program
        visited = {place for column in program.columns for place in column.places}
        alone = []
        for kind, places in posed.reached.items():
            for place in places:
                if place in visited:
                    continue
                runs = (
                    posed.run(kind, day, (place,))
                    for day in range(posed.problem.horizon_days)
                )
                alone += [run for run in runs if run is not None][:1]
        program.add_columns(alone)

    @property
    def patrols(self) -> list[Column]:
        """All patrols found so far."""
        return [c for c in self._bounding.program.columns if c.real]

    @property
    def labels(self) -> int:
        """Labels made so far: the measure of work."""
        return self._bounding.labels

    def ask(
        self,
        gains: Floats | None = None,
        *,
        on_the_way: float = 1.0,
        forced: Collection[int] = (),
        forbidden: Collection[int] = (),
        rounds: int = _MOST_ROUNDS,
        prove: bool = True,
        within: float = 0.0,
        step: float = 0.0,
        better: float = inf,
        labels: float = inf,
        charges: Mapping[int, Charge] | None = None,
    ) -> Answer:
        """Return the best plan if visits earned these gains.

        Required sites are kept as far as they can be, whatever they earn.

        Parameters
        ----------
        gains
            By place; the true needs if None.
        on_the_way
            What each unit of need is worth that is earned on the way.
        forced, forbidden
            Places that must, and must not, be visited.
        rounds
            Rounds of column generation at most.
        prove
            Whether to list every patrol that a better plan could hold, if rounds alone
            do not tell.
        within
            How near to the bound is near enough, as a share of it.
        step
            By how much two plans differ at least if they do, 0 if that is unknown.
        better
            By how much more than any plan known before an answer is good enough, as a
            share.
        labels
            Work that it may take: with so many labels made, it ends.
        charges
            By kind of team: what each patrol is charged; gain and bound are then what
            is earned beyond that.
        """
        posed, bounding = self.posed, self._bounding
        asked = posed.needs.copy()
        if gains is not None:
            asked[: len(gains)] = gains
        owed = posed.owed.copy()
        owed[list(forced)] += 1.0
        demands = posed.count_unmet(()) + len(set(forced))
        # Above all that the gains could make up for.
        extra = 1.0 + sum(
            max(0.0, float(asked[place])) * posed.count_visits(place)
            for place in posed.places
        )
        on_ways = on_the_way * float(posed.waysides.sum())
        extra += on_ways
        asked[list(forbidden)] = -extra
        priced = asked + extra * owed
        program = bounding.program
        program.charges = dict(charges or {})
        bounding.set_gains(priced, on_the_way)
        best = max(self._plans, key=program.measure, default=())
        worth = program.measure(best)
        enough = worth + better * abs(worth - extra * demands)
        pause = _ROUNDS_PER_CHOICE if better == inf else _ROUNDS_PER_GUESS

        def is_near() -> bool:
            base = bounding.bound - extra * demands
            return bounding.bound - worth <= max(
                _PROVEN * max(1.0, bounding.bound),
                within * abs(base),
                step - _PROVEN * max(1.0, bounding.bound),
            )

        tried, tightened, last = inf, 0, bounding.labels + labels
        for number in range(1, rounds + 1):
            more = bounding.generate()
            if is_near():
                break
            spent = bounding.labels >= last
            if more and number % pause and number < rounds and not spent:
                continue
            best, worth = self._choose(best, worth)
            if is_near() or worth > enough or spent:
                break
            if more:
                continue
            # Without proof there is little to be had by cuts.
            if not prove:
                break
            gap, ends = bounding.bound - worth, False
            if tightened < _MOST_TIGHTENED:
                tightened += 1
                ends = not bounding.tighten()
                if not ends:
                    continue
            if self._can_list and gap < _PROVABLE * tried:
                # To list what there is takes less time than cut after cut.
                tried, tightened = gap, 0
                best, worth, listed = self._list_all(best, worth)
                ends = ends or listed
            elif not self._can_list or not bounding.tighten():
                # Neither list nor cut: nothing would change any more.
                ends = True
            if ends:
                break
        if best and best not in self._plans:
            self._plans.append(best)
        visited = {place for column in best for place in column.places}
        met = posed.count_met(visited) + len(visited.intersection(forced))
        complete = met >= demands
        # Above what each demand is worth no plan earns as much again.
        most = int(bounding.bound / extra + _PROVEN * max(1.0, demands))
        on_way = posed.measure_waysides(best)
        gain = _sum(asked, best) + on_the_way * on_way
        gain -= sum_charges(program.charges, best)
        bound = bounding.bound - extra * demands
        if not complete:
            bound = float(np.maximum(asked, 0.0).sum()) + on_ways
        need = _sum(posed.needs, best) + on_way
        return Answer(best, gain, max(bound, gain), need, complete, met, max(met, most))

    def _choose(
        self, best: tuple[Column, ...], worth: float
    ) -> tuple[tuple[Column, ...], float]:
        """Choose among the patrols that may be in a better plan."""
        program, relaxed = self._bounding.program, self._bounding.relax()
        if relaxed is None:
            return best, worth
        lost = relaxed.lost
        # No choice among these patrols is worth more than their best mixture.
        spare = relaxed.worth * (1.0 + _PROVEN) - worth
        likely = np.argsort(lost, kind="stable")[:_MOST_CHOSEN]
        numbers = [
            int(k)
            for k in np.sort(likely)
            if lost[k] <= spare and program.columns[k].real
        ]
        chosen, _ = program.choose(numbers, _NODES, worth + _PROVEN * max(1.0, worth))
        return self._take(chosen, best, worth)

    def _list_all(
        self, best: tuple[Column, ...], worth: float
    ) -> tuple[tuple[Column, ...], float, bool]:
        """List every patrol that a better plan could hold, and choose among them.

        Returns the plan, what it is worth, and whether there was room for all.
        """
        bounding = self._bounding
        program = bounding.program
        if not bounding.enumerate(worth, _MOST_LISTED):
            return best, worth, False
        chosen, most = program.choose(
            range(len(program.columns)), _NODES, worth + _PROVEN * max(1.0, worth)
        )
        if chosen is not None and not all(program.columns[k].real for k in chosen):
            return best, worth, False
        best, worth = self._take(chosen, best, worth)
        bounding.bound = min(bounding.bound, max(most, worth))
        return best, worth, True

    def _take(
        self,
        chosen: Sequence[int] | None,
        best: tuple[Column, ...],
        worth: float,
    ) -> tuple[tuple[Column, ...], float]:
        if chosen is None:
            return best, worth
        program = self._bounding.program
        columns = tuple(sorted(program.columns[k] for k in chosen))
        return columns, program.measure(columns)


def _sum(gains: Floats, columns: Iterable[Column]) -> float:
    return sum(float(gains[place]) for c in columns for place in c.places)


def build_plan(posed: Posed, columns: Sequence[Column]) -> Plan:
    """Return chosen patrols as a plan.

    Parameters
    ----------
    posed
        The problem.
    columns
        Patrols of which on no day more are out or at rest than there are teams.
    """
    return decide(posed, share_out(posed, columns))
