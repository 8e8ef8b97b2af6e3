"""The linear program over patrols: prices of sites and days, and the best choice.

Each column is a patrol. A row says that something can be had only so often: a visit to
a site, one site of a group, a day of a team. Cuts are rows made of three others. How
far visits to a site whose need grows back must lie apart binds choices alone.

What is earned beside visits has columns and rows of its own: see ``earnings``. So each
wayside is earned once however many come by, and no plan is left out; and the price of
its row is what pricing pays a patrol, once, for coming by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.charges import Charge, sum_charges
from patrolplan.planning.choosing import open_solver
from patrolplan.planning.cuts import Cut, count_cut, find_broken_cuts
from patrolplan.planning.earnings import build_earnings
from patrolplan.planning.packing import build_packing, measure_spare
from patrolplan.planning.posed import Column, Posed

__all__ = ["Cut", "Program", "Relaxed"]

Floats = NDArray[np.float64]

# A limit of iterations, not of seconds, keeps the same answer everywhere.
_MOST_ITERATIONS = 200_000
# Most cuts at a time: a label has as many bits for them.
MOST_CUTS = 64
_TINY = 1e-7


class Relaxed(NamedTuple):
    """The linear program solved.

    Attributes
    ----------
    worth
        What the best mixture of patrols earns.
    prices
        By row, cuts last; never negative.
    shares, lost
        By column: how much of it is in the mixture, and what its rows cost beyond what
        it earns.
    """

    worth: float
    prices: Floats
    shares: Floats
    lost: Floats


class Program:
    """Columns, rows and cuts.

    Parameters
    ----------
    posed
        The problem.
    gains
        By place: what a visit earns.

    Attributes
    ----------
    columns
        The patrols.
    limits
        By row, without cuts: how often it can be had.
    cuts
        The cuts.
    charges
        By kind: what its patrols pay beside rows; they count from ``set_gains`` on.
    site_rows, place_of
        Row of a place, and place of a row.
    group_rows, day_rows, kind_of
        Row of a place's group; first row of a kind of team; kind and day of a row.
    way_rows, way_cells, waysides, unknown_rows
        By wayside: its row, the cells of its column, and what it earns; the latter two
        also of visits demanded where need is unknown, whose row is given by place.
    """

    def __init__(self, posed: Posed, gains: Floats) -> None:
        self.posed, self.gains = posed, gains
        self._on_the_way = 1.0
        self.charges: dict[int, Charge] = {}
        self.columns: list[Column] = []
        self.cuts: list[Cut] = []
        self._numbers: dict[Column, int] = {}
        self._taken: list[dict[int, float]] = []
        self._days = posed.problem.horizon_days
        limits: list[float] = []
        self.site_rows = {place: row for row, place in enumerate(posed.places)}
        limits += [float(posed.count_visits(place)) for place in posed.places]
        self.group_rows: dict[int, int] = {}
        for group in posed.problem.groups:
            for site in group.site_ids:
                self.group_rows[posed.problem.place_index[site]] = len(limits)
            limits.append(1.0)
        self.day_rows: dict[int, int] = {}
        for kind, count in sorted(Counter(posed.kinds).items()):
            self.day_rows[kind] = len(limits)
            limits += [float(count)] * self._days
        earnings = build_earnings(posed, self.site_rows, limits)
        self.way_rows, self.way_cells = earnings.way_rows, earnings.cells
        self.unknown_rows = earnings.unknown_rows
        limits += [0.0] * earnings.count
        self.limits = np.array(limits)
        self.waysides = self._list_worths()
        self.kind_of = {
            first + day: (kind, day)
            for kind, first in self.day_rows.items()
            for day in range(self._days)
        }
        self.place_of = {row: place for place, row in self.site_rows.items()}
        self._cuttable = {
            row for row in (*self.place_of, *self.kind_of) if limits[row] == 1.0
        }
        self._solver = open_solver(_MOST_ITERATIONS)
        self._solver.passModel(
            build_packing(self.waysides, self.way_cells, self.limits)
        )

    def _list_worths(self) -> Floats:
        """Return what each column that is no patrol earns."""
        visits = np.full(self.posed.unknown.reachable, self.gains[-1])
        return np.concatenate([self._on_the_way * self.posed.waysides, visits])

    def list_taken(self, column: Column) -> dict[int, float]:
        """Return how often a patrol takes each row, cuts left out."""
        taken: Counter[int] = Counter()
        for place in column.places:
            taken[self.site_rows[place]] += 1
            if place in self.group_rows:
                taken[self.group_rows[place]] += 1
        first = self.day_rows[column.kind]
        rest = self.posed.crews[column.kind].rest_days
        until = min(self._days, column.return_day + rest + 1)
        taken.update(range(first + column.depart_day, first + until))
        cells = {row: float(times) for row, times in taken.items()}
        for place in column.places:
            if place in self.unknown_rows:
                row = self.unknown_rows[place]
                cells[row] = cells.get(row, 0.0) - 1.0
        # Once, however often it comes by.
        ways = self.posed.list_waysides(column)
        return cells | {int(self.way_rows[number]): -1.0 for number in ways}

    def add_columns(self, columns: Iterable[Column]) -> int:
        """Add patrols that are not in yet; return how many.

        Parameters
        ----------
        columns
            The patrols.
        """
        fresh = [c for c in dict.fromkeys(columns) if c not in self._numbers]
        rows: list[int] = []
        cells: list[float] = []
        starts: list[int] = []
        for column in fresh:
            taken = self.list_taken(column)
            starts.append(len(rows))
            rows += taken
            cells += taken.values()
            for number, cut in enumerate(self.cuts):
                times = count_cut(cut, taken)
                if times:
                    rows.append(len(self.limits) + number)
                    cells.append(times)
            self._numbers[column] = len(self.columns)
            self.columns.append(column)
            self._taken.append(taken)
        if fresh:
            count = len(fresh)
            self._solver.addCols(
                count,
                np.array([self._measure_column(c) for c in fresh]),
                np.zeros(count),
                np.full(count, highspy.kHighsInf),
                len(rows),
                np.array(starts, dtype=np.int32),
                np.array(rows, dtype=np.int32),
                np.array(cells),
            )
        return len(fresh)

    def set_gains(self, gains: Floats, on_the_way: float = 1.0) -> None:
        """Let visits earn something else; patrols and cuts stay.

        Parameters
        ----------
        gains
            By place.
        on_the_way
            What each unit of need is worth that is earned on the way.
        """
        self.gains, self._on_the_way = gains, on_the_way
        self.waysides = self._list_worths()
        for number, worth in enumerate(self.waysides.tolist()):
            self._solver.changeColCost(number, worth)
        for number in range(len(self.columns)):
            worth = self._sum_gains(number)
            self._solver.changeColCost(len(self.waysides) + number, worth)

    def _sum_gains(self, number: int) -> float:
        return self._measure_column(self.columns[number])

    def _measure_column(self, column: Column) -> float:
        gain = float(self.gains[list(column.places)].sum())
        return gain - sum_charges(self.charges, (column,))

    def measure(self, columns: Iterable[Column]) -> float:
        """Return what a plan is worth as asked.

        Parameters
        ----------
        columns
            The plan.
        """
        columns = tuple(columns)
        worth = sum(float(self.gains[place]) for c in columns for place in c.places)
        met = self.posed.unknown.count_met(p for c in columns for p in c.places)
        worth += float(self.gains[-1]) * met
        worth -= sum_charges(self.charges, columns)
        return worth + self._on_the_way * self.posed.measure_waysides(columns)

    def measure_rows(self, prices: Floats) -> float:
        """Return what all rows cost, and what waysides earn beyond their rows.

        Parameters
        ----------
        prices
            By row, those of cuts last.
        """
        count = len(self.limits)
        total = float(prices[:count] @ self.limits) + float(prices[count:].sum())
        return total + measure_spare(self.waysides, self.way_cells, prices)

    def shut(self, numbers: Iterable[int]) -> None:
        """Keep some patrols out of every mixture.

        Parameters
        ----------
        numbers
            Columns.
        """
        for number in numbers:
            self._solver.changeColBounds(len(self.waysides) + number, 0.0, 0.0)

    def relax(self) -> Relaxed | None:
        """Return the solved linear program, or None if it was not to be solved."""
        if not self.columns:
            none = np.zeros(0)
            return Relaxed(0.0, np.zeros(len(self.limits)), none, none)
        self._solver.run()
        solution = self._solver.getSolution()
        if not solution.value_valid or not solution.dual_valid:
            return None
        first = len(self.waysides)
        return Relaxed(
            float(self._solver.getInfo().objective_function_value),
            np.maximum(np.array(solution.row_dual), 0.0),
            np.array(solution.col_value)[first:],
            np.maximum(-np.array(solution.col_dual)[first:], 0.0),
        )

    def add_cuts(self, relaxed: Relaxed) -> int:
        """Add the cuts that a mixture breaks most; return how many.

        Cuts that no longer bind make room.

        Parameters
        ----------
        relaxed
            The mixture.
        """
        used = [k for k, share in enumerate(relaxed.shares) if share > _TINY]
        fresh = find_broken_cuts(
            relaxed.shares[used],
            [self._taken[k] for k in used],
            self._cuttable,
            self.cuts,
        )
        if not fresh:
            return 0
        if len(self.cuts) + len(fresh) > MOST_CUTS:
            slack = relaxed.prices[len(self.limits) :] <= _TINY
            self._drop_cuts([k for k, idle in enumerate(slack) if idle])
            fresh = fresh[: MOST_CUTS - len(self.cuts)]
        for cut in fresh:
            times = [count_cut(cut, taken) for taken in self._taken]
            where = np.flatnonzero(times).astype(np.int32)
            columns = where + np.int32(len(self.waysides))
            self._solver.addRow(
                -highspy.kHighsInf, 1.0, len(where), columns, np.array(times)[where]
            )
            self.cuts.append(cut)
        return len(fresh)

    def _drop_cuts(self, numbers: list[int]) -> None:
        if not numbers:
            return
        rows = np.array([len(self.limits) + k for k in numbers], dtype=np.int32)
        self._solver.deleteRows(len(rows), rows)
        self.cuts = [cut for k, cut in enumerate(self.cuts) if k not in set(numbers)]

    def price_cuts(self, column: Column, prices: Floats) -> float:
        """Return what a patrol pays for cuts.

        Parameters
        ----------
        column
            The patrol.
        prices
            By cut.
        """
        priced = np.flatnonzero(prices).tolist()
        if not priced:
            return 0.0
        taken = self.list_taken(column)
        return float(sum(prices[k] * count_cut(self.cuts[k], taken) for k in priced))

    def choose(
        self,
        numbers: Sequence[int],
        most_nodes: int,
        worth: float = 0.0,
        seconds: float = inf,
    ) -> tuple[list[int] | None, float]:
        """Return the columns of the best choice of whole patrols, and a bound on it.

        The choice is None if none worth more was found.

        Parameters
        ----------
        numbers
            Columns to choose from.
        most_nodes
            How many nodes the search tree may have.
        worth
            What a choice must exceed.
        seconds
            How long it may take; only work is limited by default.
        """
        if not numbers:
            return None, worth
        solver = open_solver(_MOST_ITERATIONS)
        solver.setOptionValue("mip_max_nodes", most_nodes)
        if seconds < inf:
            solver.setOptionValue("time_limit", max(seconds, 0.1))
        gains = np.array([*self.waysides, *(self._sum_gains(k) for k in numbers)])
        taken = [*self.way_cells, *(self._taken[k] for k in numbers)]
        solver.passModel(build_packing(gains, taken, self.limits, whole=True))
        if worth > 0:
            # What is no better is cut off from the start.
            earning = np.flatnonzero(gains).astype(np.int32)
            solver.addRow(
                worth, highspy.kHighsInf, len(earning), earning, gains[earning]
            )
        for first, second in self.posed.list_conflicts(
            [self.columns[k] for k in numbers]
        ):
            pair = np.array([first, second], dtype=np.int32) + len(self.waysides)
            solver.addRow(-highspy.kHighsInf, 1.0, 2, pair, np.ones(2))
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            # Whatever bound it then tells: none is better.
            return None, worth
        info, solution = solver.getInfo(), solver.getSolution()
        most = max(worth, float(info.mip_dual_bound))
        if not solution.value_valid or info.objective_function_value <= worth:
            return None, most
        values = np.array(solution.col_value)[len(self.waysides) :]
        return [numbers[k] for k in np.flatnonzero(values > 0.5).tolist()], most
