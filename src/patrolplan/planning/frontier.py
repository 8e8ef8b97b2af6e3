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
from itertools import permutations
from math import perm

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

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

TOLERANCE = 1e-6
"""Need and bound this near, as a share of the bound, are the same but for rounding."""

# Nodes of each choice; rounds of pricing, labels and prices for each bound: limits of
# work, not of seconds.
_NODES, _ROUNDS, _MOST_LABELS, _PRICES = 2000, 40, 600_000, 2
_WITHIN = 1e-4
# Patrols run if every one there is can be; most in a choice.
_MOST_RUN, _MOST_CHOSEN = 20_000, 4000
# Of what is spent, what rounding may add to a limit.
_SLACK = 1e-9


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
        ) and any(a < b - slack for a, b, slack in zip(here, there, allowed, strict=True))


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
        self._inquiry = Inquiry(posed, solution.patrols, [best, ()], DEFAULT_WORKERS)
        self._whole = _count_patrols(posed) <= _MOST_RUN
        visited = {place for column in best for place in column.places}
        self._visited = visited
        self._complete = not posed.count_unmet(visited)
        self._spent: dict[Column, tuple[Outlay, Outlay]] = {}
        self.gather()

    def gather(self) -> None:
        """Take all patrols known by now to choose among."""
        columns = list(
            _run_all(self._posed) if self._whole else self._inquiry.patrols
        )
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
        # What is demanded is asked for, so that its bonus is never in a price.
        for _ in range(_PRICES):
            price = self._price(limit)
            rates = (price, 0.0) if limit.which == 0 else (0.0, price)
            answer = self._inquiry.ask(
                charges=build_charges(self._posed, *rates),
                rounds=_ROUNDS,
                prove=False,
                within=_WITHIN,
                labels=_MOST_LABELS,
            )
            if answer.complete:
                most = min(most, answer.bound + price * limit.most)
            known = len(self._columns)
            self.gather()
            if len(self._columns) == known:
                break
        return most

    def _build_rows(self) -> list[LinearConstraint]:
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
        found = [LinearConstraint(packing, -np.inf, np.array(limits))]
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
            found.append(LinearConstraint(row[None, :], least, np.inf))
        return found

    def _list_gains(self) -> Floats:
        needs = self._posed.needs
        gains = [float(needs[list(c.places)].sum()) for c in self._columns]
        # Unknown sites demanded have columns of their own, which earn nothing here.
        ways = self._program.waysides.copy()
        ways[len(self._posed.waysides) :] = 0.0
        return np.concatenate([ways, gains])

    def _limit_row(self, limit: _Limit, spent: Floats) -> LinearConstraint:
        row = np.concatenate([np.zeros(len(self._program.waysides)), spent])
        return LinearConstraint(row[None, :], -np.inf, limit.most * (1.0 + _SLACK))

    def _price(self, limit: _Limit) -> float:
        """Return what the last unit of a limit earns in the best mixture of patrols."""
        rows = [*self._rows, self._limit_row(limit, self._least[:, limit.which])]
        upper, values = [], []
        for row in rows:
            ends = np.broadcast_to(row.ub, row.A.shape[0])
            if np.isfinite(ends).all():
                upper.append(csr_array(row.A))
                values.append(ends)
            else:
                upper.append(csr_array(-row.A))
                values.append(-np.broadcast_to(row.lb, row.A.shape[0]))
        from scipy.sparse import vstack

        gains = self._list_gains()
        solved = linprog(
            -gains,
            A_ub=vstack(upper),
            b_ub=np.concatenate(values),
            bounds=(0.0, 1.0),
            method="highs-ds",
        )
        if solved.x is None or solved.ineqlin is None:
            # No mixture keeps the limit: the mean worth of what the best plan spends.
            return self._need / max(limit.most, TOLERANCE)
        return max(0.0, -float(solved.ineqlin.marginals[-1]))

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
        chosen, most = self._choose(-self._list_gains(), [within])
        if self._whole and np.array_equal(self._least, self._most):
            bound = min(bound, -most)
        if chosen is None:
            return None
        # Among those that meet as much, least of both, each as a share of all.
        totals = np.maximum(self._most.sum(axis=0), TOLERANCE)
        costs = (self._most / totals).sum(axis=1)
        first = len(self._program.waysides)
        worth = float(self._list_gains() @ chosen)
        floor = LinearConstraint(
            self._list_gains()[None, :], worth * (1 - _SLACK), np.inf
        )
        spare = np.concatenate([np.zeros(first), costs])
        thrifty, _ = self._choose(spare, [within, floor])
        used = chosen if thrifty is None else thrifty
        columns = [c for c, share in zip(self._columns, used[first:], strict=True) if share > 0.5]
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
        self, costs: Floats, more: Sequence[LinearConstraint]
    ) -> tuple[Floats | None, float]:
        """Return the choice that costs least, or None, and what none is below."""
        solved = milp(
            costs,
            integrality=np.ones(len(costs), dtype=np.int64),
            bounds=Bounds(0.0, 1.0),
            constraints=[*self._rows, *more],
            options={"node_limit": _NODES, "mip_rel_gap": 0.0},
        )
        bound = solved.mip_dual_bound
        least = -np.inf if bound is None else float(bound)
        return solved.x, least


def _list_orders(posed: Posed, kind: int) -> int:
    """Return how many patrols of a kind there could be, told apart by day."""
    size = len(posed.reached[kind])
    return posed.problem.horizon_days * sum(perm(size, k) for k in range(1, size + 1))


def _count_patrols(posed: Posed) -> int:
    # Factorials of more sites than these are not to be counted out.
    if max((len(places) for places in posed.reached.values()), default=0) > 8:
        return _MOST_RUN + 1
    return sum(_list_orders(posed, kind) for kind in posed.reached)


def _run_all(posed: Posed) -> list[Column]:
    """Return every patrol there is: each kind, day, and order of sites."""
    found = []
    for kind, places in posed.reached.items():
        orders = [o for k in range(1, len(places) + 1) for o in permutations(places, k)]
        for day in range(posed.problem.horizon_days):
            runs = (posed.run(kind, day, order) for order in orders)
            found += [run for run in runs if run is not None]
    return found
