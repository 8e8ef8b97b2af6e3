"""The front of need met against crew exposure and fuel: whole plans, each with a bound.

The best plan is one end. From there exposure alone, and then fuel alone, is limited to
even shares of what the best plan spends; within each limit the plan of most need is
chosen among all patrols priced, and of such plans the one that spends least (epsilon
constraints: Haimes, Lasdon and Wismer, 1971).

That choice proves nothing of patrols not priced. So each point has a bound of its own:
a limit is turned into a price, patrols are generated at that price until none is
missing, and what they earn beyond it, and the limit is worth, no plan within the limit
exceeds (Lagrange). Where a problem is so small that every patrol there is can be run,
they all are, and the bound is that of the choice itself. A point is exact where its
bound is its need, but for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from patrolplan.planning.choosing import open_solver
from patrolplan.planning.every_patrol import can_run_all, run_all
from patrolplan.planning.inquiry import Inquiry, build_plan
from patrolplan.planning.outlay import (
    Outlay,
    build_charges,
    measure_columns,
    measure_outlay,
)
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.program import Program
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution
from patrolplan.planning.variation import list_patrols

__all__ = ["TOLERANCE", "FrontPoint", "find_front"]

Floats = NDArray[np.float64]

TOLERANCE = 1e-5
"""Need and bound this near, as a share of the bound, are the same but for rounding."""

# Nodes of each choice; rounds of pricing and labels for each bound; simplex iterations
# of each program: limits of work, not of seconds.
_NODES, _ROUNDS, _MOST_LABELS, _MOST_ITERATIONS = 2000, 40, 600_000, 200_000
_WITHIN = 1e-4
# Of what is spent, what rounding may add to a limit.
_SLACK = 1e-9
# What all exposure or fuel of the best plan counts where plans meet as much, as a share
# of its need.
_THRIFT = 1e-6


@dataclass(frozen=True)
class FrontPoint:
    """One plan of the front.

    Parameters
    ----------
    plan
        What is done.
    need
        Need that it meets: persons at risk, weighted.
    bound
        No plan with no more exposure and no more fuel meets more need. Nor does one
        that visits fewer of the sites that must be visited than the best plan: such
        plans are not asked for.
    outlay
        What it spends.
    """

    plan: Plan
    need: float
    bound: float
    outlay: Outlay

    @property
    def is_exact(self) -> bool:
        """Whether its bound proves it, but for rounding."""
        return self.bound - self.need <= TOLERANCE * max(1.0, self.bound)

    @property
    def gap(self) -> float:
        """What it may be short of, as a share of its bound; 0 where it is exact."""
        if self.is_exact:
            return 0.0
        return (self.bound - self.need) / self.bound

    def dominates(self, other: FrontPoint) -> bool:
        """Return whether it meets as much, spends no more, and is better in one.

        Parameters
        ----------
        other
            Another plan of the same problem.
        """
        here = (-self.need, *self.outlay)
        there = (-other.need, *other.outlay)
        allowed = [_SLACK * max(1.0, abs(value)) for value in there]
        return all(
            a <= b + slack for a, b, slack in zip(here, there, allowed, strict=True)
        ) and any(
            a < b - slack for a, b, slack in zip(here, there, allowed, strict=True)
        )


class _Rows(NamedTuple):
    """Rows of a program: what each adds up, and between what."""

    cells: csr_array
    least: Floats
    most: Floats


@dataclass(frozen=True)
class _Limit:
    """No more than so much of one of the two: 0 exposure, 1 fuel."""

    which: int
    most: float


def find_front(
    problem: Problem, solution: Solution, count: int = 7
) -> tuple[FrontPoint, ...]:
    """Return plans of which none is better than another in all of need and spending.

    Parameters
    ----------
    problem
        What was asked.
    solution
        Its best plan: the first point, unless one found meets as much and spends less.
    count
        How many points at most, 1 or more; fewer where several limits are kept by one
        plan, or none but staying at home.

    Returns
    -------
    Those that meet most need first.
    """
    posed = Posed(problem)
    best = list_patrols(posed, solution.plan)
    spent = measure_outlay(problem, solution.plan)
    end = FrontPoint(solution.plan, solution.need, solution.bound, spent)
    if not best or count < 2:
        return (end,)
    front = _Front(posed, solution, best)
    limits = _list_limits(spent, count - 1)
    bounds = {limit: front.bound(limit) for limit in limits}
    front.gather()
    found = [end]
    for limit in limits:
        point = front.find_point(limit, min(solution.bound, bounds[limit]))
        if point is not None:
            found.append(point)
    return _keep_best(found)


def _list_limits(spent: Outlay, count: int) -> list[_Limit]:
    """Return limits at even shares of what is spent, on exposure and fuel in turn."""
    exposures = (count + 1) // 2 if spent.fuel_l > 0 else count
    counts = (exposures, count - exposures)
    return [
        _Limit(which, spent[which] * step / (steps + 1))
        for which, steps in enumerate(counts)
        for step in range(steps, 0, -1)
    ]


def _keep_best(points: Sequence[FrontPoint]) -> tuple[FrontPoint, ...]:
    """Return the points that none dominates, each once; the most need first.

    What bounds a point that spends more in both bounds also one that spends less.
    """
    kept: list[FrontPoint] = []
    for number, point in enumerate(points):
        if any(other.dominates(point) for other in points):
            continue
        alike = (p for p in points[:number] if _is_alike(p, point))
        if next(alike, None) is not None:
            continue
        wider = (
            other.bound
            for other in points
            if all(
                theirs >= own * (1 - _SLACK)
                for theirs, own in zip(other.outlay, point.outlay, strict=True)
            )
        )
        bound = max(point.need, min(point.bound, *wider))
        kept.append(replace(point, bound=bound))
    return tuple(sorted(kept, key=lambda p: (-p.need, p.outlay)))


def _is_alike(one: FrontPoint, other: FrontPoint) -> bool:
    """Return whether two points meet and spend the same, but for rounding."""
    here, there = (one.need, *one.outlay), (other.need, *other.outlay)
    return bool(np.allclose(here, there, rtol=_SLACK, atol=_SLACK))


class _Front:
    """The patrols known, and what is asked of them."""

    def __init__(
        self, posed: Posed, solution: Solution, best: tuple[Column, ...]
    ) -> None:
        self._posed, self._best = posed, best
        self._need = solution.need
        self._outlay = np.array(measure_outlay(posed.problem, solution.plan))
        self._inquiry = Inquiry(posed, solution.patrols, [best, ()], DEFAULT_WORKERS)
        self._whole = can_run_all(posed)
        visited = {place for column in best for place in column.places}
        self._visited = visited
        self._complete = not posed.count_unmet(visited)
        self._spent: dict[Column, tuple[Outlay, Outlay]] = {}
        self.gather()

    def gather(self) -> None:
        """Take all patrols known by now to choose among."""
        columns = list(run_all(self._posed) if self._whole else self._inquiry.patrols)
        columns += [column for column in self._best if column not in columns]
        fresh = [column for column in columns if column not in self._spent]
        pairs = zip(*measure_columns(self._posed, fresh), strict=True)
        self._spent |= dict(zip(fresh, pairs, strict=True))
        self._columns = columns
        # By patrol: exposure and fuel, at least and at most.
        self._least = np.array([self._spent[column][0] for column in columns])
        self._most = np.array([self._spent[column][1] for column in columns])
        self._program = Program(self._posed, self._posed.needs)
        self._program.add_columns(columns)
        self._rows = self._build_rows()

    def bound(self, limit: _Limit) -> float:
        """Return what no plan within a limit exceeds; patrols found on the way stay."""
        most = np.inf
        if self._whole or not self._complete:
            return most
        price = self._price(limit)
        rates = (price, 0.0) if limit.which == 0 else (0.0, price)
        answer = self._inquiry.ask(
            charges=build_charges(self._posed, *rates),
            rounds=_ROUNDS,
            within=_WITHIN,
            labels=_MOST_LABELS,
        )
        return answer.bound + price * limit.most if answer.complete else most

    def _build_rows(self) -> list[_Rows]:
        """Return what each choice keeps: columns are waysides first, then patrols."""
        posed, program, columns = self._posed, self._program, self._columns
        first = len(program.waysides)
        taken = [*program.way_cells, *(program.list_taken(c) for c in columns)]
        limits = list(program.limits)
        rows = [row for cells in taken for row in cells]
        cells = [cell for one in taken for cell in one.values()]
        numbers = np.repeat(np.arange(len(taken)), [len(one) for one in taken])
        for pair in posed.list_conflicts(columns):
            rows += [len(limits)] * 2
            numbers = np.concatenate([numbers, np.array(pair) + first])
            cells += [1.0, 1.0]
            limits.append(1.0)
        packing = csr_array(
            (cells, (rows, numbers)), shape=(len(limits), len(taken)), dtype=np.float64
        )
        found = [_Rows(packing, np.full(len(limits), -np.inf), np.array(limits))]
        # Of what must be visited, what the best plan visits stays.
        demands = [
            {int(place)}
            for place in np.flatnonzero(posed.required)
            if int(place) in self._visited
        ]
        index = posed.problem.place_index
        for group in posed.problem.groups:
            places = {index[site] for site in group.site_ids}
            if group.required and places & self._visited:
                demands.append(places)
        asked = [(places, 1.0) for places in demands]
        if met := posed.unknown.count_met(self._visited):
            asked.append((set(posed.unknown.places), float(met)))
        for places, least in asked:
            counts = [float(len(places.intersection(c.places))) for c in columns]
            row = np.concatenate([np.zeros(first), counts])
            found.append(_build_row(row, least, np.inf))
        return found

    def _list_gains(self) -> Floats:
        needs = self._posed.needs
        gains = [float(needs[list(c.places)].sum()) for c in self._columns]
        # Unknown sites demanded have columns of their own, which earn nothing here.
        ways = self._program.waysides.copy()
        ways[len(self._posed.waysides) :] = 0.0
        return np.concatenate([ways, gains])

    def _limit_row(self, limit: _Limit, spent: Floats) -> _Rows:
        row = np.concatenate([np.zeros(len(self._program.waysides)), spent])
        return _build_row(row, -np.inf, limit.most * (1.0 + _SLACK))

    def _price(self, limit: _Limit) -> float:
        """Return what the last unit of a limit earns in the best mixture of patrols."""
        within = self._limit_row(limit, self._least[:, limit.which])
        solver = self._build_solver(self._list_gains(), [within], whole=False)
        solver.run()
        solution = solver.getSolution()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # No mixture keeps the limit: at what the best plan earns on the mean.
            return self._need / max(limit.most, TOLERANCE)
        return max(0.0, float(solution.row_dual[-1]))

    def find_point(self, limit: _Limit, bound: float) -> FrontPoint | None:
        """Return the plan of most need within a limit that spends least, or None.

        Parameters
        ----------
        limit
            What it may spend.
        bound
            What no plan within the limit exceeds, as far as is known.
        """
        within = self._limit_row(limit, self._most[:, limit.which])
        chosen, most = self._choose(self._list_gains(), [within])
        if self._whole and np.array_equal(self._least, self._most):
            bound = min(bound, most)
        if chosen is None:
            return None
        # Among those that meet as much, least of both, as shares of the best plan's:
        # so little counts that no need worth telling is given up for it.
        costs = (self._most / np.maximum(self._outlay, TOLERANCE)).sum(axis=1)
        first = len(self._program.waysides)
        gains = self._list_gains()
        gains[first:] -= _THRIFT * self._need * costs
        thrifty, _ = self._choose(gains, [within])
        used = chosen if thrifty is None else thrifty
        columns = [
            c
            for c, share in zip(self._columns, used[first:], strict=True)
            if share > 0.5
        ]
        if not columns:
            return None
        plan = build_plan(self._posed, self._posed.drop_surplus(columns))
        need = self._measure(plan)
        spent = measure_outlay(self._posed.problem, plan)
        return FrontPoint(plan, need, max(need, bound), spent)

    def _measure(self, plan: Plan) -> float:
        columns = list_patrols(self._posed, plan)
        needs = self._posed.needs
        met = sum(float(needs[place]) for c in columns for place in c.places)
        return met + self._posed.measure_waysides(columns)

    def _choose(
        self, gains: Floats, more: Sequence[_Rows]
    ) -> tuple[Floats | None, float]:
        """Return the choice that earns most, or None, and what none exceeds."""
        solver = self._build_solver(gains, more, whole=True)
        solver.setOptionValue("mip_max_nodes", _NODES)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return None, -np.inf
        solution = solver.getSolution()
        most = float(solver.getInfo().mip_dual_bound)
        return (np.array(solution.col_value) if solution.value_valid else None), most

    def _build_solver(
        self, gains: Floats, more: Sequence[_Rows], *, whole: bool
    ) -> highspy.Highs:
        """Return a program of columns from 0 to 1, whole or not."""
        rows = [*self._rows, *more]
        cells = vstack([each.cells for each in rows], format="csr")
        program, count = highspy.HighsLp(), len(gains)
        program.num_col_, program.num_row_ = count, cells.shape[0]
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = gains
        program.col_lower_, program.col_upper_ = np.zeros(count), np.ones(count)
        program.row_lower_ = np.concatenate([each.least for each in rows])
        program.row_upper_ = np.concatenate([each.most for each in rows])
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = cells.indptr.astype(np.int32)
        program.a_matrix_.index_ = cells.indices.astype(np.int32)
        program.a_matrix_.value_ = cells.data
        if whole:
            program.integrality_ = [highspy.HighsVarType.kInteger] * count
        solver = open_solver(_MOST_ITERATIONS)
        solver.passModel(program)
        return solver


def _build_row(row: Floats, least: float, most: float) -> _Rows:
    return _Rows(csr_array(row[None, :]), np.array([least]), np.array([most]))
