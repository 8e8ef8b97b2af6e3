"""The bound: what no plan can exceed, by column generation.

The linear program over all patrols there are is solved by adding, again and again,
those that would earn most at its prices. At any prices whatever, what all rows cost,
and what the best patrols earn beyond them, is together no less than any plan earns
(Lagrange): so each round gives a bound, and the least of them is kept.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import inf
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.grids import build_grids
from patrolplan.planning.kernel import HASTY, SURE, Labels
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.pricing import WORD, Pricer
from patrolplan.planning.program import Program, Relaxed
from patrolplan.planning.spans import build_labels
from patrolplan.planning.tariff import Tariff, build_tariff, chain_gains

__all__ = ["Bounding"]

Floats = NDArray[np.float64]

# Room for labels of one pricing; beyond it the bound is looser, not wrong.
_LABELS = 400_000
# What of the worth all patrols of a plan may gain before they are of interest, at first
# and at last: the bound is within about as much of what it could be.
_COARSE, _FINE = 1e-4, 1e-7
# How much less a patrol must gain to be looked for, when none that gains more is found.
_LOWER = 0.4
# How far prices stay with those of the best bound so far (Wentges, 1997).
_STAY = 0.4
# How far prices stay with those of the round before while pricing in haste: those of a
# linear program with few patrols jump about.
_EASE = 0.5
# What of the bound learning must have won, else cuts are added besides.
_SLOW = 2e-4
# On how many days a patrol is added each time.
_MOST_DAYS = 2
# Floats summed in another order differ by less.
_ROUNDING = 1e-9


@dataclass
class Bounding:
    """Column generation under way.

    Parameters
    ----------
    posed
        The problem.
    gains
        By place: what a visit earns.
    workers
        Kinds of team priced side by side; nothing hangs on it but time.

    Attributes
    ----------
    program
        The linear program, with all patrols found so far.
    bound
        What no plan can exceed, as far as is known.
    relaxed
        The linear program's last solution.
    labels
        Labels made so far: the measure of work.
    """

    posed: Posed
    gains: Floats
    workers: int = 1
    program: Program = field(init=False)
    bound: float = field(init=False)
    relaxed: Relaxed | None = field(init=False, default=None)
    labels: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Make ready to price each kind of team."""
        self.program = Program(self.posed, self.gains)
        self.bound = self._sum_gains()
        problem, crews = self.posed.problem, self.posed.crews
        grids = build_grids(problem, crews, self.posed.reached, self.workers)
        self._pricers = {
            kind: Pricer(problem, crews[kind], steps) for kind, steps in grids.items()
        }
        # One room for each thread, taken in turn.
        self._rooms: SimpleQueue[Labels] = SimpleQueue()
        for _ in range(self.workers):
            self._rooms.put(build_labels(_LABELS))
        self._centre: Floats | None = None
        self._eased: Floats | None = None
        self._tightened = inf
        self._hasty, self._tolerance = True, _COARSE
        self._levels: dict[int, float] = {}

    def _sum_gains(self) -> float:
        total = sum(
            max(float(self.gains[place]), 0.0) * self.posed.count_visits(place)
            for place in self.posed.places
        )
        total += float(self.program.waysides.sum())
        return total * (1.0 + _ROUNDING)

    def set_gains(self, gains: Floats, on_the_way: float = 1.0) -> None:
        """Ask another question of the same patrols: let visits earn something else.

        Parameters
        ----------
        gains
            By place.
        on_the_way
            What need is worth that is earned on the way.
        """
        self.gains = gains
        self.program.set_gains(gains, on_the_way)
        self.bound, self.relaxed = self._sum_gains(), None
        self._centre = self._eased = None
        self._tightened = inf
        self._hasty, self._tolerance, self._levels = True, _COARSE, {}

    def relax(self) -> Relaxed | None:
        """Solve the linear program, and keep its solution; None if it cannot be."""
        self.relaxed = self.program.relax()
        return self.relaxed

    def improve(self) -> bool:
        """Run one round; return whether there may be more to be had."""
        return self.generate() or self.tighten()

    def generate(self) -> bool:
        """Solve the linear program and price it; return whether there is more to price.

        It is priced in haste as long as that finds anything, then surely.
        """
        relaxed = self.relax()
        if relaxed is None:
            return False
        prices = relaxed.prices
        if self._hasty:
            eased = _mix(self._eased, prices, _EASE)
            self._eased = eased
            for asked in (eased, prices):
                if self._price(asked, relaxed.worth, HASTY):
                    return True
                if asked is prices:
                    break
            self._hasty = False
        smooth = _mix(self._centre, prices, _STAY)
        if self._price(smooth, relaxed.worth, SURE):
            return True
        return smooth is not prices and self._price(prices, relaxed.worth, SURE) > 0

    def tighten(self) -> bool:
        """Where no patrol earns more than it pays, ask for more; return if one can.

        Labels learn to remember what made a patrol of the mixture come back to a site,
        or cuts are added, or prices are found to the last digit.
        """
        relaxed = self.relaxed
        # A choice of whole patrols may have shown more than any mixture can.
        if relaxed is None or self.bound < relaxed.worth:
            return False
        self._centre, self._hasty, self._levels = None, True, {}
        slow = self.bound > self._tightened * (1.0 - _SLOW)
        self._tightened = self.bound
        learnt = self._learn(relaxed)
        if (slow or not learnt) and self.program.add_cuts(relaxed):
            return True
        if learnt:
            return True
        if self._tolerance > _FINE:
            self._tolerance, self._hasty = _FINE, False
            return True
        return False

    def _learn(self, relaxed: Relaxed) -> bool:
        """Let labels remember what made patrols of a mixture come back to a site."""
        program = self.program
        learnt = set()
        for number in np.flatnonzero(relaxed.shares > 1e-7).tolist():
            column = program.columns[number]
            if len(set(column.places)) < len(column.places) and self._pricers[
                column.kind
            ].remember(column.places):
                learnt.add(column.kind)
        program.shut(
            number
            for number, column in enumerate(program.columns)
            if column.kind in learnt
            and len(set(column.places)) < len(column.places)
            and not self._pricers[column.kind].forgets(column.places)
        )
        return bool(learnt)

    def _price(self, prices: Floats, worth: float, rigour: int) -> int:
        """Price all kinds, lower the bound, add patrols; return how many are new."""
        program = self.program
        columns: list[Column] = []
        teams = max(1, len(self.posed.crews))
        least = max(worth, 1e-6) * max(_FINE, self._tolerance / teams)
        total = self.program.measure_rows(prices)
        for kind, (found, most) in self._price_kinds(prices, least, rigour).items():
            columns += found
            total += self.posed.kinds.count(kind) * chain_gains(
                self.posed.crews[kind], most
            )
        bound = total * (1.0 + _ROUNDING)
        if rigour == SURE and bound < self.bound:
            self.bound, self._centre = bound, prices
        return program.add_columns(columns)

    def _price_kinds(
        self, prices: Floats, least: float, rigour: int
    ) -> dict[int, tuple[list[Column], Floats]]:
        """Price each kind of team, side by side; see :meth:`_price_kind`."""

        def price(kind: int) -> tuple[list[Column], Floats, int]:
            labels = self._rooms.get()
            try:
                if rigour == HASTY:
                    return self._price_hastily(kind, prices, least, labels)
                told = build_tariff(self.program, kind, self.gains, prices)
                return self._price_kind(kind, told, least, rigour, labels)
            finally:
                self._rooms.put(labels)

        kinds = list(self._pricers)
        if self.workers == 1 or len(kinds) == 1:
            answers = [price(kind) for kind in kinds]
        else:
            with ThreadPoolExecutor(self.workers) as threads:
                answers = list(threads.map(price, kinds))
        self.labels += sum(labels for _, _, labels in answers)
        return {kind: answer[:2] for kind, answer in zip(kinds, answers, strict=True)}

    def _price_hastily(
        self, kind: int, prices: Floats, least: float, labels: Labels
    ) -> tuple[list[Column], Floats, int]:
        """Return good patrols of a kind, those that gain much first.

        The more a patrol must gain, the fewer labels it takes: so the level is lowered
        only when nothing is found, and kept from round to round.
        """
        made, told = 0, build_tariff(self.program, kind, self.gains, prices)
        level = self._levels.get(kind, inf)
        if level == inf:
            level = _LOWER * max(0.0, self._pricers[kind].bound_gains(told))
        while True:
            found, most, count = self._price_kind(
                kind, told, max(level, least), HASTY, labels
            )
            made += count
            if found or level <= least:
                break
            level *= _LOWER
        self._levels[kind] = level
        return found, most, made

    def _price_kind(
        self, kind: int, prices: Tariff, least: float, rigour: int, labels: Labels
    ) -> tuple[list[Column], Floats, int]:
        """Return good patrols of a kind, what none exceeds by day, and labels made."""
        pricer, made = self._pricers[kind], 0
        crew, days = self.posed.crews[kind], self.posed.problem.horizon_days
        most = np.zeros(days)
        columns: list[Column] = []
        # Who leaves later is not back within the horizon after its least days.
        spans = [(0, days - crew.min_days + 1)]
        while spans:
            begins, ends = spans.pop()
            if ends <= begins:
                continue
            middle = (begins + ends) // 2
            if ends - begins > 1 and not pricer.has_one_road_state(begins, ends):
                spans += [(middle, ends), (begins, middle)]
                continue
            priced = pricer.price(begins, ends, prices, least, labels, rigour=rigour)
            made += priced.labels
            most[begins:ends] = max(priced.most, 0.0)
            if not priced.patrols:
                continue
            best = -inf
            for places in priced.patrols:
                for gain, column in self._list_departures(
                    kind, pricer, prices, places, begins, ends
                ):
                    best = max(best, gain)
                    if gain > least:
                        columns.append(column)
            if (
                best < priced.most - 10.0 * least
                and ends - begins > 1
                # In haste no day is looked at by itself, which takes most calls.
                and (rigour != HASTY or (best <= least and 2 * (ends - begins) > days))
            ):
                spans += [(middle, ends), (begins, middle)]
        return columns, most, made

    def enumerate(self, worth: float, room: int, until: float = inf) -> bool:
        """Add all patrols that a plan worth more than a given one may hold.

        A patrol whose rows cost more beyond its gain than lies between bound and worth
        is in no better plan. Returns whether there was room for all of them.

        Parameters
        ----------
        worth
            What the best plan so far earns.
        room
            Most patrols, told apart by day.
        until
            By :func:`time.monotonic`: when to give up.
        """
        sizes = [len(pricer.sites) for pricer in self._pricers.values()]
        if self.relaxed is None or max(*sizes, len(self.posed.waysides)) > WORD:
            return False
        prices = self.relaxed.prices
        total = self._measure_slack(prices)
        least = -(total * (1.0 + _ROUNDING) - worth)
        columns: list[Column] = []
        days, labels = self.posed.problem.horizon_days, self._rooms.get()
        self._rooms.put(labels)
        for kind, pricer in self._pricers.items():
            told = build_tariff(self.program, kind, self.gains, prices)
            if not pricer.price(0, days, told, least, labels, every=room).whole:
                return False
            for day in range(days - pricer.crew.min_days + 1):
                # Of one day alone and one road state, so that the quickest order of a
                # set of sites is the quickest in truth.
                if not pricer.has_one_road_state(day, day + 1):
                    return False
                if time.monotonic() > until:
                    return False
                priced = pricer.price(day, day + 1, told, least, labels, every=room)
                self.labels += priced.labels
                if not priced.whole:
                    return False
                for places in priced.patrols:
                    columns += [
                        column
                        for gain, column in self._list_departures(
                            kind, pricer, told, places, day, day + 1
                        )
                        if gain > least
                    ]
                if len(columns) > room:
                    return False
        self.program.add_columns(columns)
        return True

    def _measure_slack(self, prices: Floats) -> float:
        """Return what any plan earns at most, its patrols paying for their rows."""
        total = self.program.measure_rows(prices)
        least = max(total, 1e-6) * _FINE
        for kind, (_, most) in self._price_kinds(prices, least, SURE).items():
            total += self.posed.kinds.count(kind) * chain_gains(
                self.posed.crews[kind], most
            )
        return total

    def _list_departures(
        self,
        kind: int,
        pricer: Pricer,
        prices: Tariff,
        places: tuple[int, ...],
        begins: int,
        ends: int,
    ) -> Iterable[tuple[float, Column]]:
        """Yield the patrol on the days of a span on which it gains most."""
        for gain, day, home, duty in pricer.list_best_days(
            places, prices, begins, ends, _MOST_DAYS
        ):
            whole = bool(np.isfinite(duty)) and len(set(places)) == len(places)
            column = Column(kind, day, home, places, duty, whole)
            cuts = self.program.price_cuts(column, prices.cuts)
            ways = prices.waysides[list(self.posed.list_waysides(column))].sum()
            yield gain - cuts + float(ways), column


def _mix(old: Floats | None, new: Floats, share: float) -> Floats:
    """Return new prices moved towards old ones of the same rows."""
    if old is None or len(old) != len(new):
        return new
    return share * old + (1.0 - share) * new
