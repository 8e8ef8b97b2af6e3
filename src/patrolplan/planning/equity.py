"""Equity: of plans that meet much need, one that serves the worst served better.

What is sought is need met, and besides the mean share of need met of the groups
served worst, times a weight. Not of the one worst alone: where one group cannot be
served without leaving another, that would be the same whatever is done. The choice
among the patrols that are known is a mixed-integer program in which shares are
variables (the mean of the least as Ogryczak and Tamir, 2003, have it); the prices of
their rows say how much more need of each group counts, and at such needs the solver
is asked for more patrols (Dantzig and Wolfe, 1960). The plan begun with is among the
choices, and no plan that leaves any group with less than its least share is: so
equity never makes the worst served worse off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.program import Program
from patrolplan.planning.search import advance, decide, share_out
from patrolplan.planning.shares import count_least, find_in_reach, measure_shares
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution
from patrolplan.planning.variation import list_patrols

__all__ = ["Fairness", "lift_worst_served", "measure_least"]

Floats = NDArray[np.float64]

# Questions asked, rounds of column generation for each, and nodes of each choice:
# limits of work, not of seconds.
_MOST_ASKED, _ROUNDS, _NODES = 16, 12, 2000
# Most patrols in a choice.
_MOST_CHOSEN = 3000
# How near to its bound each question is answered, and when the whole is near enough.
_WITHIN, _ROUGH, _NEAR = 1e-4, 1e-3, 1e-6
# Of a share, or of a worth, what is rounding alone.
_TINY = 1e-9


@dataclass(frozen=True)
class Fairness:
    """A plan that serves the worst served better, and what that costs.

    Parameters
    ----------
    solution
        The plan; its bound is still what need no plan can exceed.
    before
        The plan begun with: the one that meets most need.
    worth, bound
        Need met and the weighted shares together, and what no plan can exceed whose
        least share is no less than that of the one begun with, as far as is known.
    """

    solution: Solution
    before: Solution
    worth: float
    bound: float

    @property
    def lost_need(self) -> float:
        """What equity costs: the need that the plan begun with meets beyond it."""
        return self.before.need - self.solution.need


def measure_least(problem: Problem, plan: Plan) -> tuple[float, float]:
    """Return the least share of need met, and the mean of the groups served worst.

    Groups are those with need in reach as the referee counts it. Without any, both
    are 0.

    Parameters
    ----------
    problem
        What was asked.
    plan
        What was decided.
    """
    visited = {site for patrol in plan.patrols for site in patrol.site_ids}
    shares = sorted(
        measure_shares(problem.shares, find_in_reach(problem), visited).values()
    )
    count = count_least(len(shares), problem.limits.equity_tail)
    return min(shares, default=0.0), float(sum(shares[:count])) / count


def lift_worst_served(problem: Problem, solution: Solution) -> Fairness | None:
    """Return the plan that is best with the worst served weighed in.

    None where nothing is weighed, or no group has need that a patrol can meet.

    Parameters
    ----------
    problem
        What was asked; ``limits.equity_weight`` says what the least share is worth.
    solution
        The plan that meets most need.
    """
    posed = Posed(problem)
    shared = _Shared(posed)
    if problem.limits.equity_weight <= 0.0 or not len(shared.totals):
        return None
    first = list_patrols(posed, solution.plan)
    inquiry = Inquiry(posed, solution.patrols, [first], DEFAULT_WORKERS)
    choice = _Choice(posed, shared, first)
    # No share is more than whole.
    bound = solution.bound + shared.worth
    for _ in range(_MOST_ASKED):
        fresh = choice.add(inquiry.patrols)
        priced = choice.relax()
        if priced is None or not fresh:
            break
        gains, spare = priced
        answer = inquiry.ask(gains, rounds=_ROUNDS, prove=False, within=_WITHIN)
        if answer.complete:
            bound = min(bound, answer.bound + spare)
        choice.consider(answer.patrols)
        choice.choose()
        if choice.worth >= bound * (1.0 - _NEAR):
            break
    # Prices speak of mixtures: so plans that go to the worst served are asked for too.
    for place in choice.list_left_out():
        answer = inquiry.ask(forced=[place], rounds=_ROUNDS, prove=False, within=_ROUGH)
        choice.consider(answer.patrols)
    if choice.add(inquiry.patrols) and choice.relax() is not None:
        choice.choose()
    chains = advance(posed, share_out(posed, choice.best))
    return Fairness(
        replace(
            solution,
            plan=decide(posed, chains),
            need=choice.measure_need(choice.best),
            patrols=tuple(inquiry.patrols),
        ),
        solution,
        choice.worth,
        max(bound, choice.worth),
    )


class _Shared:
    """The groups as arrays: their need by place, and all of it in reach."""

    def __init__(self, posed: Posed) -> None:
        problem = posed.problem
        self._posed = posed
        able = {problem.place_ids[place] for place in posed.places}
        self._in_reach = find_in_reach(problem) | able
        # A group that no patrol can serve is the same in every plan.
        kept = [
            group
            for group in problem.shares
            if any(group.needs[site] > 0.0 for site in able & group.needs.keys())
        ]
        self.groups = kept
        self.needs = np.zeros((len(kept), len(posed.needs)))
        for row, group in enumerate(kept):
            for site, need in group.needs.items():
                if site in self._in_reach:
                    self.needs[row, problem.place_index[site]] = need
        self.totals = self.needs.sum(axis=1)
        self.worth = problem.limits.equity_weight * float(self.totals.sum())
        self.count = count_least(len(kept), problem.limits.equity_tail)

    def measure_tail(self, columns: Sequence[Column]) -> float:
        """Return the mean share of the groups that a plan serves worst."""
        return float(np.mean(np.sort(self._list(columns))[: self.count]))

    def measure(self, columns: Sequence[Column]) -> float:
        """Return the least share of need met by a plan."""
        return min(self._list(columns))

    def _list(self, columns: Sequence[Column]) -> list[float]:
        ids = self._posed.problem.place_ids
        visited = {ids[place] for column in columns for place in column.places}
        return list(measure_shares(self.groups, self._in_reach, visited).values())

    def list_left_out(self, columns: Sequence[Column]) -> list[int]:
        """Return of each group served worst the place left out with most need."""
        visited = [place for column in columns for place in column.places]
        able = np.zeros(self.needs.shape[1], dtype=np.bool_)
        able[self._posed.places] = True
        able[visited] = False
        order = np.argsort(self._list(columns), kind="stable")[: self.count]
        left = np.where(able, self.needs[order], 0.0)
        return [int(row.argmax()) for row in left if row.any()]

    def measure_spare(self, prices: Floats, least: float) -> float:
        """Return what shares are worth at most beyond what they pay.

        Parameters
        ----------
        prices
            By group: of a unit of its need.
        least
            What no share is less than.
        """
        gains, rows, bounds = self.tabulate(least)
        gains[: len(self.totals)] -= prices * self.totals
        solved = linprog(
            -gains, A_ub=rows, b_ub=np.zeros(len(rows)), bounds=bounds.tolist()
        )
        assert solved.fun is not None, solved.message
        return -float(solved.fun)

    def tabulate(self, least: float) -> tuple[Floats, Floats, Floats]:
        """Return gains, rows and bounds of the mean of the least shares.

        Variables are the shares, how far each is below a level, and that level; rows
        are no more than 0. Of k shares the mean of the least is, at the best level,
        the level less the mean of what those are below it.
        """
        size = len(self.totals)
        gains = np.concatenate(
            [np.zeros(size), np.full(size, -self.worth / self.count), [self.worth]]
        )
        one = np.eye(size)
        rows = np.hstack([-one, -one, np.ones((size, 1))])
        bounds = np.tile([0.0, 1.0], (2 * size + 1, 1))
        # A little less, lest rounding shut out the plan begun with.
        bounds[:size, 0] = max(0.0, least - _TINY)
        return gains, rows, bounds


class _Choice:
    """The patrols known so far, and the best plan made of them.

    Its variables are what is earned on the way, the patrols, which of the sites that
    may be visited again are visited at all, and those of the shares.
    """

    def __init__(
        self, posed: Posed, shared: _Shared, first: tuple[Column, ...]
    ) -> None:
        self._posed, self._shared = posed, shared
        # More than all that need and shares could make up for.
        bonus = posed.bonus + 2.0 * shared.worth
        self._gains = posed.needs + bonus * posed.owed
        self._program = Program(posed, self._gains)
        self._again = [p for p in posed.places if posed.count_visits(p) > 1]
        self.best, self.least = first, shared.measure(first)
        self.worth = self._measure(first)
        self._owed = self._measure_owed(first)
        self._lost: Floats | None = None
        self._most = 0.0

    def add(self, columns: Sequence[Column]) -> int:
        """Add patrols; return how many are new."""
        return self._program.add_columns(columns)

    def measure_need(self, columns: Sequence[Column]) -> float:
        """Return the need that a plan meets."""
        needs = self._posed.needs
        met = sum(float(needs[place]) for c in columns for place in c.places)
        return met + self._posed.measure_waysides(columns)

    def _measure(self, columns: Sequence[Column]) -> float:
        lifted = self._shared.worth * self._shared.measure_tail(columns)
        return self.measure_need(columns) + lifted

    def _measure_owed(self, columns: Sequence[Column]) -> int:
        visited = {place for column in columns for place in column.places}
        return self._posed.count_met(visited)

    def list_left_out(self) -> list[int]:
        """Return of each group that is served worst the place left out with most."""
        return self._shared.list_left_out(self.best)

    def consider(self, columns: Sequence[Column]) -> None:
        """Take a plan if it is better, and as good in all that must not fall."""
        columns = tuple(columns)
        if (
            self._measure(columns) > self.worth + _TINY * abs(self.worth)
            and self._shared.measure(columns) >= self.least
            and self._measure_owed(columns) >= self._owed
        ):
            self.best, self.worth = columns, self._measure(columns)

    def relax(self) -> tuple[Floats, float] | None:
        """Return what visits are worth at the linear program's prices, and the rest.

        At these prices what the rows of shares let go is added to what a plan earns:
        it is no less than the worth of any plan whose least share is as great as at
        first. None if the program was not solved.
        """
        gains, rows, limits, bounds = self._tabulate(range(len(self._program.columns)))
        # The type stubs of linprog know nothing of sparse tables.
        solved = linprog(  # type: ignore[call-overload]
            -gains, A_ub=rows, b_ub=limits, bounds=bounds, method="highs-ds"
        )
        if solved.x is None:
            return None
        prices = np.maximum(-solved.ineqlin.marginals, 0.0)
        self._most = -float(solved.fun)
        first = len(self._program.waysides)
        lost = rows.T @ prices - gains
        self._lost = lost[first : first + len(self._program.columns)]
        shares = prices[self._share_rows]
        lifted = self._posed.needs + shares @ self._shared.needs
        return lifted, self._shared.measure_spare(shares, self.least)

    def choose(self) -> None:
        """Choose among the patrols that may be in a better plan."""
        assert self._lost is not None
        worth = self._sum_gains(self.best)
        spare = self._most - worth + _TINY * abs(self._most)
        likely = np.argsort(self._lost, kind="stable")[:_MOST_CHOSEN]
        columns = self._program.columns
        numbers = [
            int(k)
            for k in np.sort(likely)
            if self._lost[k] <= spare and columns[k].real
        ]
        gains, rows, limits, bounds = self._tabulate(numbers)
        first = len(self._program.waysides)
        whole = np.zeros(len(gains), dtype=np.int64)
        whole[first : first + len(numbers)] = 1
        solved = milp(
            -gains,
            integrality=whole,
            bounds=Bounds(bounds[:, 0], bounds[:, 1]),
            constraints=LinearConstraint(rows, -np.inf, limits),
            options={"node_limit": _NODES},
        )
        if solved.x is not None:
            chosen = np.flatnonzero(solved.x[first : first + len(numbers)] > 0.5)
            self.consider(sorted(columns[numbers[k]] for k in chosen.tolist()))

    def _sum_gains(self, columns: Sequence[Column]) -> float:
        share = self._shared.worth * self._shared.measure_tail(columns)
        return self._program.measure(columns) + share

    def _tabulate(
        self, numbers: Sequence[int]
    ) -> tuple[Floats, csr_array, Floats, Floats]:
        """Return gains, rows, limits and bounds of the program of some patrols."""
        program, shared = self._program, self._shared
        columns = [program.columns[k] for k in numbers]
        cells: list[tuple[int, int, float]] = []
        ways = program.way_cells
        taken = [*ways, *(program.list_taken(column) for column in columns)]
        for variable, rows in enumerate(taken):
            cells += [(row, variable, times) for row, times in rows.items()]
        limits = list(program.limits)
        for pair in self._posed.list_conflicts(columns):
            cells += [(len(limits), len(ways) + number, 1.0) for number in pair]
            limits.append(1.0)
        # A site that may be visited again is met once, if it is visited at all.
        met_by: dict[int, list[int]] = {place: [] for place in self._posed.places}
        for number, column in enumerate(columns):
            for place in column.places:
                met_by[place].append(len(ways) + number)
        for number, place in enumerate(self._again):
            variable = len(taken) + number
            cells.append((len(limits), variable, 1.0))
            cells += [(len(limits), one, -1.0) for one in met_by[place]]
            limits.append(0.0)
            met_by[place] = [variable]
        first = len(taken) + len(self._again)
        size = len(shared.totals)
        self._share_rows = np.arange(len(limits), len(limits) + size)
        for group, row in enumerate(self._share_rows.tolist()):
            cells.append((row, first + group, float(shared.totals[group])))
            for place in np.flatnonzero(shared.needs[group]).tolist():
                need = float(shared.needs[group, place])
                cells += [(row, one, -need) for one in met_by.get(place, ())]
        of_shares, rows_of_shares, bounds_of_shares = shared.tabulate(self.least)
        for group, variable in np.argwhere(rows_of_shares).tolist():
            cell = float(rows_of_shares[group, variable])
            cells.append((len(limits) + size + group, first + variable, cell))
        limits += [0.0] * (2 * size)
        gains = np.concatenate(
            [
                program.waysides,
                [float(self._gains[list(c.places)].sum()) for c in columns],
                np.zeros(len(self._again)),
                of_shares,
            ]
        )
        bounds = np.vstack([np.tile([0.0, 1.0], (first, 1)), bounds_of_shares])
        row_numbers, column_numbers, values = zip(*cells, strict=True)
        table = csr_array(
            (values, (row_numbers, column_numbers)), shape=(len(limits), len(gains))
        )
        return gains, table, np.array(limits), bounds
