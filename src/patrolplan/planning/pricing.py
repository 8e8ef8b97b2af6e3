"""Pricing: the patrols that would earn most if sites and days had given prices.

What lies between a problem and the compiled labels: departures of one kind of team
are looked at together, as one :class:`Span`, and apart only where that shows more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.clock import Crew
from patrolplan.planning.grids import keep_sites
from patrolplan.planning.kernel import (
    EVERY,
    SURE,
    Labels,
    Prices,
    Span,
    Steps,
    bound_gains,
    price_patrols,
    run_departures,
)
from patrolplan.planning.problem import Problem
from patrolplan.planning.spans import (
    build_memory,
    build_span,
    list_near,
)
from patrolplan.planning.tariff import Tariff, price_returns, take_days

__all__ = ["WORD", "Priced", "Pricer"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Sites that a label remembers at each site, to begin with and at most: a patrol may
# come back to a forgotten one, which makes the bound looser and the work much less.
_REMEMBERED, _MOST_REMEMBERED = 10, 32
WORD = 64
"""Most sites that a label can remember."""
_MOST_FOUND = 24


@dataclass(frozen=True, eq=False)
class Priced:
    """What pricing found for departures of a span of days.

    Parameters
    ----------
    patrols
        Places in order, of the best patrols, best first.
    most
        A gain that no patrol of the span exceeds, prices of days paid.
    labels
        How many labels it took.
    whole
        Whether they all had room.
    """

    patrols: list[tuple[int, ...]]
    most: float
    labels: int = 0
    whole: bool = True


class Pricer:
    """The pricing of one kind of team.

    Parameters
    ----------
    problem
        What is asked.
    crew
        Who goes.
    steps
        Its grid of time, with the places that its patrols may visit.
    """

    def __init__(self, problem: Problem, crew: Crew, steps: Steps) -> None:
        self.crew, self._problem = crew, problem
        self._clock = build_arrays(problem)
        self._numbers = build_crew_numbers(problem, crew)
        self._found = np.empty(_MOST_FOUND, dtype=np.int64)
        self._spans: dict[tuple[int, int], Span] = {}
        self._waysides: dict[bytes, NDArray[np.bool_]] = {}
        # Labels remember the waysides that earn most.
        needs = self._clock.wayside_needs
        self._remembered = np.argsort(-needs, kind="stable")[:WORD]
        self._days = problem.horizon_days
        # Sites that this kind cannot reach at all are of no interest to it.
        reached = (steps.nexts[-1, 0] >= 0) & (steps.homes[:-1] >= 0).any(axis=1)
        self._steps = steps if reached.all() else keep_sites(steps, reached)
        self.sites = self._steps.sites
        shape = self._steps.homes[:-1].shape
        self._tables = (np.empty(shape), np.empty(shape), np.empty(shape, np.int64))
        # What was told last: where only more is asked at the same prices, the bounds
        # still hold.
        self._told: tuple[Tariff, tuple[int, int], Prices, float] | None = None
        self._near = list_near(self._clock, self.sites, _REMEMBERED)
        self._memory = build_memory(problem, self.sites, self._near)

    def remember(self, places: Sequence[int]) -> bool:
        """Let labels remember what made a patrol come back to a site; return if any.

        Parameters
        ----------
        places
            The patrol, with a site visited twice.
        """
        number = {place: k for k, place in enumerate(self.sites.tolist())}
        rows = [number[place] for place in places if place in number]
        learnt = False
        for end, row in enumerate(rows):
            if row not in rows[:end]:
                continue
            begin = end - 1 - rows[:end][::-1].index(row)
            between = {k for k in rows[begin + 1 : end] if row not in self._near[k]}
            if all(len(self._near[k]) < _MOST_REMEMBERED for k in between):
                for k in between:
                    self._near[k].append(row)
                    learnt = True
        if learnt:
            self._memory = build_memory(self._problem, self.sites, self._near)
        return learnt

    def forgets(self, places: Sequence[int]) -> bool:
        """Return whether labels could still make a patrol."""
        number = {place: k for k, place in enumerate(self.sites.tolist())}
        seen: set[int] = set()
        for place in places:
            row = number[place]
            if row in seen:
                return False
            seen = {other for other in seen if other in self._near[row]} | {row}
        return True

    def find_span(self, begins: int, ends: int) -> Span:
        """Return departures from one day up to, not including, another."""
        if (begins, ends) not in self._spans:
            self._spans[begins, ends] = build_span(
                self._clock, self._numbers, self.sites, begins, ends
            )
        return self._spans[begins, ends]

    def run_departures(
        self, places: tuple[int, ...], begins: int, ends: int
    ) -> tuple[Ints, Floats]:
        """Return by day of a span the day of return, or -1, and duty minutes."""
        homes, duties = np.empty(ends - begins, np.int64), np.empty(ends - begins)
        run_departures(
            self._clock, self._numbers, np.array(places), begins, ends, homes, duties
        )
        return homes, duties

    def list_best_days(
        self,
        places: tuple[int, ...],
        prices: Tariff,
        begins: int,
        ends: int,
        most: int,
    ) -> Iterator[tuple[float, int, int, float]]:
        """Yield on which days of a span a patrol gains most, cuts and waysides apart.

        Parameters
        ----------
        places
            The patrol.
        prices
            What is earned and paid.
        begins, ends
            The span: first day, and the day after the last.
        most
            How many days.

        Yields
        ------
        The gain, days of departure and of return, and duty minutes.
        """
        homes, duties = self.run_departures(places, begins, ends)
        sums = np.concatenate([[0.0], prices.days.cumsum()])
        left = np.arange(begins, ends)
        until = np.minimum(homes + self.crew.rest_days + 1, self._days)
        paid = sums[until] - sums[left]
        if prices.charge is not None:
            paid = paid + prices.charge.charge_days(left, homes)
        gains = np.where(homes >= 0, prices.gains[list(places)].sum() - paid, -inf)
        for number in np.argsort(-gains, kind="stable")[:most].tolist():
            if np.isinf(gains[number]):
                return
            yield (
                float(gains[number]),
                int(left[number]),
                int(homes[number]),
                float(duties[number]),
            )

    def has_one_road_state(self, begins: int, ends: int) -> bool:
        """Return whether all patrols that leave in a span find the same roads."""
        last = min(ends - 1 + self.crew.max_days, self._days)
        matrices = self._clock.matrix_of[self._numbers.vehicle, begins:last]
        return bool((matrices == matrices[0]).all())

    def price(
        self,
        begins: int,
        ends: int,
        prices: Tariff,
        least: float,
        labels: Labels,
        *,
        rigour: int = SURE,
        every: int = 0,
    ) -> Priced:
        """Return the best patrols that leave on the days of a span.

        Parameters
        ----------
        begins, ends
            The span: first day, and the day after the last.
        prices
            What is earned and paid.
        least
            Patrols that gain no more are of no interest.
        labels
            Room for labels, used for this call alone.
        rigour
            ``HASTY`` if the most is of no interest.
        every
            If not 0, all patrols are asked for, the best order of each set of sites,
            as long as they are fewer; there must be no more sites than :data:`WORD`.
        """
        if not len(self.sites):
            return Priced([], -inf)
        span, told, most = self._tell(begins, ends, prices)
        if most <= least:
            return Priced([], most)
        memory = self._memory
        found = self._found
        if every:
            rigour = EVERY
            memory = build_memory(
                self._problem, self.sites, list_near(self._clock, self.sites, WORD)
            )
            found = np.empty(every, dtype=np.int64)
        count, exact, made = price_patrols(
            span,
            self._steps,
            told,
            memory,
            *self._tables,
            least,
            rigour,
            labels,
            found,
        )
        return Priced(
            [self._trace(labels, int(label)) for label in found[:count]],
            min(most, exact),
            made,
            made <= len(labels.sites) and (not every or count < every),
        )

    def bound_gains(self, prices: Tariff) -> float:
        """Return a gain that no patrol exceeds, whenever it leaves.

        Parameters
        ----------
        prices
            What is earned and paid.
        """
        if not len(self.sites):
            return -inf
        return self._tell(0, self._days, prices)[2]

    def _tell(
        self, begins: int, ends: int, prices: Tariff
    ) -> tuple[Span, Prices, float]:
        """Return the span, its prices, and a gain that no patrol exceeds."""
        asked = (begins, ends)
        if self._told is None or self._told[0] is not prices or self._told[1] != asked:
            told = self._build_prices(begins, ends, prices)
            most = self._bound_gains(told, prices.waysides)
            self._told = (prices, asked, told, most)
        return self.find_span(begins, ends), self._told[2], self._told[3]

    def _build_prices(self, begins: int, ends: int, prices: Tariff) -> Prices:
        homes = price_returns(self.crew, prices, begins, ends)
        dawn, evenings = take_days(self.crew, prices, begins, ends, homes)
        legs, ways, extras = self._tell_waysides(begins, ends, prices.waysides)
        return Prices(
            gains=prices.gains[self.sites],
            homes=homes,
            cuts=prices.cuts,
            members=prices.members[self.sites],
            dawn=dawn,
            evenings=evenings,
            legs=legs,
            ways=ways,
            extras=extras,
            waysides=prices.waysides[self._remembered],
        )

    def _tell_waysides(
        self, begins: int, ends: int, prices: Floats
    ) -> tuple[Floats, NDArray[np.uint64], Floats]:
        """Return by leg what waysides are worth, which are remembered, and the rest.

        The first is all they are worth, the last what those are that no bit names.
        Where roads change within a span, a leg comes by whatever it comes by on any of
        its days: no patrol of the span earns more.
        """
        if not len(prices):
            none = np.zeros((0, 0))
            return none, np.zeros((0, 0), np.uint64), none
        last = min(ends - 1 + self.crew.max_days, self._days)
        matrices = np.unique(self._clock.matrix_of[self._numbers.vehicle, begins:last])
        passed = self._waysides.get(matrices.tobytes())
        if passed is None:
            passed = self._list_waysides(matrices, len(prices))
            self._waysides[matrices.tobytes()] = passed
        legs = np.tensordot(prices, passed, 1)
        ways = np.zeros(legs.shape, dtype=np.uint64)
        others = prices.copy()
        for bit, number in enumerate(self._remembered.tolist()):
            ways[passed[number]] |= np.uint64(1 << bit)
            others[number] = 0.0
        return legs, ways, np.tensordot(others, passed, 1)

    def _list_waysides(self, matrices: Ints, count: int) -> NDArray[np.bool_]:
        """Return by wayside, site and next site, the base last, what legs come by."""
        clock, among = self._clock, [*self.sites.tolist(), self.crew.base]
        passed = np.zeros((count, len(among), len(among)), dtype=np.bool_)
        if clock.ways_from.size == 1:
            return passed
        for matrix in matrices.tolist():
            for i, here in enumerate(among):
                for j, there in enumerate(among):
                    first = clock.ways_from[matrix, here, there]
                    last = clock.ways_to[matrix, here, there]
                    passed[clock.ways[first:last], i, j] = True
        return passed

    def _bound_gains(self, told: Prices, waysides: Floats) -> float:
        firsts, seconds, ways = self._tables
        if self._steps.step_min < inf:
            return bound_gains(self._steps, told, firsts, seconds, ways)
        most = float(np.maximum(told.gains, 0.0).sum() - told.homes.min())
        most += float(waysides.sum())
        firsts[:], seconds[:], ways[:] = most, most, -1
        return most

    def _trace(self, labels: Labels, label: int) -> tuple[int, ...]:
        places: list[int] = []
        while labels.parents[label] >= 0:
            places.append(int(self.sites[labels.sites[label]]))
            label = int(labels.parents[label])
        return tuple(reversed(places))
