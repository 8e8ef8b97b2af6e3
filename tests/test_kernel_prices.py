"""The pricing of patrols against all patrols there are, run by the plain clock."""

from __future__ import annotations

from functools import cache, cached_property
from itertools import pairwise
from math import inf

import numpy as np
import pytest

from patrolplan.planning import kernel
from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.clock import drive, find_last_day, run_patrol, visit
from patrolplan.planning.grids import build_grids
from patrolplan.planning.kernel import (
    EVERY,
    HASTY,
    SURE,
    Prices,
    Steps,
    bound_gains,
    mark_waysides,
    price_patrols,
    run_departures,
)
from patrolplan.planning.posed import Posed
from patrolplan.planning.pricing import Pricer
from patrolplan.planning.spans import build_labels, build_memory, build_span, list_near
from patrolplan.planning.tables import build_tables
from slow_rosters import build_problem

KINDS = ("bare", "conditions", "fuel", "waysides")
every_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def pose(seed, kind, *, sites=5):
    """A problem with all its patrols, listed once for all tests."""
    return Asked(seed, kind, sites=sites)


class Asked:
    """One kind of team of a small problem, and what its patrols earn, at random."""

    def __init__(self, seed, kind, *, sites):
        self.problem = build_problem(
            seed, kind, sites=sites, teams=2, speed=(60.0, 120.0)
        )
        self.posed, self.tables = Posed(self.problem), build_tables(self.problem)
        self.number = seed % 2
        self.kind = self.posed.kinds[self.number]
        self.crew = self.posed.crews[self.number]
        self.crew_numbers = build_crew_numbers(self.problem, self.crew)
        self.clock = build_arrays(self.problem)
        grids = build_grids(self.problem, self.posed.crews, self.posed.reached)
        self.pricer = Pricer(self.problem, self.crew, grids[self.kind])
        self.sites = self.pricer.sites.tolist()
        self.steps = self.pricer._steps
        self.memory = self.pricer._memory
        self.rng = np.random.default_rng([seed, sites])
        self.begins = int(self.rng.integers(0, 5))
        self.span = self.pricer.find_span(self.begins, self.begins + 1)
        self.last = self.begins + len(self.span.wide_opens) - 1

    def price(self, *, cuts=3):
        """Draw prices, always the same; of waysides two alone are remembered."""
        rng, count = np.random.default_rng(self.begins), len(self.sites)
        homes = np.cumsum(rng.uniform(0, 4, self.last - self.begins + 1))
        bits = rng.integers(0, 1 << cuts, (3, max(count, len(homes))), np.uint64)
        self.pricer._remembered = self.pricer._remembered[:2]
        earned = rng.uniform(1, 6, len(self.problem.waysides))
        legs, ways, extras = self.pricer._tell_waysides(
            self.begins, self.begins + 1, earned
        )
        self.earned = earned
        return Prices(
            gains=rng.uniform(-2, 20, count),
            homes=homes,
            cuts=rng.uniform(0, 8, cuts),
            members=bits[0, :count],
            dawn=bits[1, :1],
            evenings=bits[2, : len(homes)],
            legs=legs,
            ways=ways,
            extras=extras,
            waysides=earned[self.pricer._remembered],
        )

    def drive_early(self, here, there, now, day, last):
        """Drive at once, or when roads have changed; what each way takes at least."""
        vehicle = self.tables.vehicles[self.crew.vehicle]
        found = []
        for later in range(day, last + 1):
            roads = self.problem.find_travel(self.crew.vehicle, later)
            if later > day and roads is self.problem.find_travel(
                self.crew.vehicle, later - 1
            ):
                continue
            gone = drive(self.tables, vehicle, here, there, now, later, last)
            if isinstance(gone, str):
                continue
            if later == day:
                roads = self.problem.find_travel(self.crew.vehicle, gone.depart_day)
            hazard = 0.0 if roads.hazards is None else roads.hazards[here, there]
            spent = roads.lengths_m[here, there], hazard, roads.fuels_l[here, there]
            found.append((gone.arrive_min, gone.arrive_day, *spent))
        if not found:
            return None
        return (*min(found)[:2], *np.min([row[2:] for row in found], axis=0).tolist())

    @cached_property
    def patrols(self):
        """Every order of sites that holds, and its day of return since departure."""
        return list(self.list_patrols())

    def list_patrols(self):
        """Yield them, one after the other."""
        barred = {tuple(pair) for pair in self.list_bars()}
        crew, last = self.crew, self.last

        def extend(here, now, day, spent, order):
            length, hazard, fuel = spent
            for row in [None, *range(len(self.sites))]:
                there = crew.base if row is None else self.sites[row]
                if row in order or (row is None and not order):
                    continue
                if any((row, other) in barred for other in order):
                    continue
                gone = self.drive_early(here, there, now, day, last)
                if gone is None:
                    continue
                more = length + gone[2], hazard + gone[3], fuel + gone[4]
                if (
                    more[0] > crew.range_m + 1e-3
                    or more[1] > crew.hazard_budget * (1 + 1e-9)
                    or more[2] > crew.fuel_budget_l * (1 + 1e-9)
                ):
                    continue
                if row is None:
                    yield order, gone[1] - self.begins
                    continue
                done = visit(self.tables, there, gone[0], gone[1], last)
                if isinstance(done, str):
                    continue
                if self.posed.find_site(there).refuels:
                    more = (*more[:2], 0.0)
                yield from extend(there, done.end_min, done.day, more, (*order, row))

        midnight = self.tables.midnights_min[self.begins]
        yield from extend(crew.base, midnight, self.begins, (0.0, 0.0, 0.0), ())

    def list_bars(self):
        """Pairs of rows of which a patrol visits one at most, both ways."""
        row_of = {self.problem.place_ids[p]: row for row, p in enumerate(self.sites)}
        pairs = [set(pair) for pair in self.problem.forbidden_pairs]
        for group in self.problem.groups:
            pairs += [{a, b} for a in group.site_ids for b in group.site_ids if a < b]
        for pair in pairs:
            if all(site in row_of for site in pair):
                a, b = (row_of[site] for site in pair)
                yield a, b
                yield b, a

    def measure(self, prices, order, home):
        """What a patrol gains."""
        total = prices.gains[list(order)].sum() - prices.homes[home]
        for cut, price in enumerate(prices.cuts):
            rows = [prices.members[row] for row in order]
            taken = [*rows, prices.dawn[0], prices.evenings[home]]
            # Each second row that is taken costs its price.
            total -= price * (sum(int(word) >> cut & 1 for word in taken) // 2)
        if len(self.earned):
            count, driven = len(self.sites), set()
            for here, there in pairwise([count, *order, count]):
                total += prices.extras[here, there]
                driven |= {
                    b for b in range(2) if int(prices.ways[here, there]) >> b & 1
                }
            total += prices.waysides[sorted(driven)].sum()
        return total

    def search(self, prices, least, rigour, *, room=20_000, most=400):
        """Price by the kernel; return the most, the orders found, labels and room."""
        shape = self.steps.homes[:-1].shape
        tables = np.empty(shape), np.empty(shape), np.empty(shape, np.int64)
        bound = bound_gains(self.steps, prices, *tables)
        labels, found = build_labels(room), np.empty(most, np.int64)
        count, top, made = price_patrols(
            *(self.span, self.steps, prices, self.memory, *tables),
            *(least, rigour, labels, found),
        )
        orders = []
        for label in found[:count].tolist():
            order = []
            while labels.parents[label] >= 0:
                order.append(int(labels.sites[label]))
                label = int(labels.parents[label])
            orders.append(tuple(reversed(order)))
        return bound, top, orders, made


@every_kind
def test_no_patrol_gains_more_and_one_gains_as_much(kind):
    worthwhile = 0
    for seed in range(8):
        asked = pose(seed, kind)
        prices = asked.price()
        patrols = asked.patrols
        gains = {order: asked.measure(prices, order, home) for order, home in patrols}
        best = max(gains.values(), default=-inf)
        bound, top, orders, made = asked.search(prices, -1e6, SURE)
        assert bound >= best
        assert top == pytest.approx(max(best, -1e6))
        assert made <= 20_000
        assert bool(orders) == bool(gains)
        if gains:
            assert gains[orders[0]] == pytest.approx(best)
            told = [gains[order] for order in orders]
            assert told == pytest.approx(sorted(told, reverse=True))
            worthwhile += 1
            # Asked for more than there is, nothing is found, and that is told.
            _, top, orders, _ = asked.search(prices, best + 1e-6, SURE)
            assert (top, orders) == (best + 1e-6, [])
            _, top, orders, _ = asked.search(prices, best - 1e-6, SURE)
            assert top == pytest.approx(best)
            assert gains[orders[0]] == pytest.approx(best)
    assert worthwhile >= 4


@every_kind
def test_all_patrols_are_found_where_all_are_asked_for(kind):
    many = 0
    for seed in range(8):
        asked = pose(seed, kind)
        prices = asked.price()
        gains, best = {}, {}
        for order, home in asked.patrols:
            gains[order] = asked.measure(prices, order, home)
            key = frozenset(order)
            best[key] = max(best.get(key, -inf), gains[order])
        # Between two gains, lest rounding decide.
        least = float(np.median(list(gains.values()))) - 0.01 if gains else 0.0
        _, _, orders, _ = asked.search(prices, least, EVERY)
        assert len(set(orders)) == len(orders)
        told = [gains[order] for order in orders]
        assert told == pytest.approx(sorted(told, reverse=True))
        assert min(told, default=inf) > least
        found = {}
        for order in orders:
            key = frozenset(order)
            found[key] = max(found.get(key, -inf), gains[order])
        expected = {key: gain for key, gain in best.items() if gain > least + 1e-9}
        assert found == pytest.approx(expected)
        many += len(found) > 3
        # Room for three: the best three.
        _, _, few, _ = asked.search(prices, least, EVERY, most=3)
        assert few == orders[:3]
    # Where tanks bind, few sets of sites are in reach.
    assert many >= 3 or kind == "fuel"


@every_kind
def test_haste_finds_patrols_that_are(kind):
    found = labels = fewer = 0
    for seed in range(8):
        asked = pose(seed, kind)
        prices = asked.price()
        gains = {
            order: asked.measure(prices, order, home) for order, home in asked.patrols
        }
        best = max(gains.values(), default=-inf)
        _, _, orders, made = asked.search(prices, 0.0, HASTY)
        told = [gains[order] for order in orders]
        assert told == pytest.approx(sorted(told, reverse=True))
        assert all(0.0 < gain <= best + 1e-9 for gain in told)
        assert bool(orders) == (best > 0.0)
        found += bool(orders)
        labels += asked.search(prices, 0.0, SURE)[3]
        fewer += made
    assert found >= 3
    assert fewer < labels or kind == "conditions"


def test_where_labels_run_out_the_most_is_not_too_low():
    spilled = 0
    for seed in range(8):
        asked = pose(seed, "bare")
        prices = asked.price()
        _, top, _, made = asked.search(prices, -1e6, SURE)
        for room in (2, 4, 8, made - 1, made, made + 1):
            if room < 1:
                continue
            _, most, _, told = asked.search(prices, -1e6, SURE, room=room)
            assert most >= top - 1e-9
            assert told == min(made, room + 1) or room < made - 1
            assert (told > room) == (room < made)
            spilled += most > top + 1e-6
    assert spilled >= 3


@every_kind
def test_a_label_remembers_what_lies_near(kind):
    for seed in range(4):
        asked = pose(seed, kind, sites=6)
        if len(asked.sites) < 3:
            continue
        near = list_near(asked.clock, asked.pricer.sites, 3)
        memory = build_memory(asked.problem, asked.pricer.sites, near)
        bars = set(asked.list_bars())
        rng = np.random.default_rng(seed)
        for _ in range(20):
            seen, here, word = set(), -1, np.uint64(0)
            for there in rng.permutation(len(asked.sites))[:5].tolist():
                word = kernel._remember(memory, here, word, there)
                seen &= set(near[there])
                seen |= {there}
                seen |= {b for a, b in bars if a == there and b in near[there]}
                told = [near[there][b] for b in range(3) if int(word) >> b & 1]
                assert set(told) == seen
                here = there


def test_each_second_row_of_a_cut_is_paid_and_each_wayside_earned():
    """Prices 1, 10, 100 by bit: odd before and taken now are bits 0 and 2, 101."""
    asked = pose(1, "bare")
    row = np.array([1.0, 10.0, 100.0])
    prices = asked.price()._replace(cuts=row, waysides=row)
    assert kernel._pay(prices, np.uint64(0b101), np.uint64(0b111)) == 101.0
    assert kernel._pay(prices, np.uint64(0b101), np.uint64(0b010)) == 0.0
    assert kernel._pay(prices, np.uint64(0b110), np.uint64(0b010)) == 10.0
    assert kernel._sum_waysides(prices, np.uint64(0b110)) == 110.0
    assert kernel._sum_waysides(prices, np.uint64(0)) == 0.0


def dominates(labels, prices, one, other, rigour):
    """Whether a label makes another needless."""
    worse = (
        labels.lengths[one] > labels.lengths[other]
        or (labels.spent[one] > labels.spent[other]).any()
    )
    seen = [int(labels.seen[at]) for at in (one, other)]
    driven = [int(labels.driven[at]) for at in (one, other)]
    least = labels.gains[one]
    if rigour == EVERY:
        worse |= seen[0] != seen[1] or driven[0] | driven[1] != driven[0]
    if rigour != HASTY:
        worse |= seen[0] | seen[1] != seen[1]
        odd = int(labels.parities[one]) & ~int(labels.parities[other])
        least -= sum(price for cut, price in enumerate(prices.cuts) if odd >> cut & 1)
        ahead = driven[0] & ~driven[1]
        least -= sum(w for bit, w in enumerate(prices.waysides) if ahead >> bit & 1)
    return not worse and least >= labels.gains[other]


@pytest.mark.parametrize("rigour", [HASTY, SURE, EVERY])
def test_labels_dominate_each_other_as_by_the_plain_twin(rigour):
    ends = []
    asked = pose(1, "bare")
    prices = asked.price()._replace(
        cuts=np.array([1.0, 2.0]), waysides=np.array([1.0, 2.0])
    )
    for seed in range(400):
        rng = np.random.default_rng(seed)
        labels = build_labels(5)
        for row in (labels.lengths, labels.spent):
            row[:] = rng.integers(0, 2, row.shape)
        for row in (labels.seen, labels.parities, labels.driven):
            row[:] = rng.integers(0, 4, row.shape)
            if rng.random() < 0.5:
                row[:] = row[0]
        labels.gains[:] = rng.integers(4, 9, 5)
        # Four in a list by falling gain, the fifth to be judged.
        order = np.argsort(-labels.gains[:4], kind="stable").tolist()
        labels.following[order[:3]] = order[1:]
        labels.following[order[3]] = -1
        told = kernel._is_dominated(labels, prices, order[0], 4, rigour)
        before, by = -1, False
        for one in order:
            if labels.gains[one] < labels.gains[4]:
                break
            before = one
            if dominates(labels, prices, one, 4, rigour):
                by = True
                break
        assert tuple(map(int, told)) == (by, before)
        ends.append(by)
    assert 20 <= sum(ends) <= 380


@every_kind
def test_legs_are_driven_as_early_as_roads_allow(kind):
    changed = none = 0
    for seed in range(1, 8, 2):
        asked = pose(seed, kind)
        if not asked.sites:
            continue
        for _ in range(40):
            day = int(asked.rng.integers(0, 10))
            last = int(asked.rng.integers(day, 10))
            here, there = asked.rng.choice([asked.crew.base, *asked.sites], 2, False)
            now = 1440.0 * day + asked.rng.uniform(300, 1300)
            code, *told = kernel._drive_early(
                asked.clock, 0, int(here), int(there), now, day, last
            )
            slow = asked.drive_early(here, there, now, day, last)
            assert (code == 0) == (slow is not None)
            if slow is None:
                none += 1
                assert told[2:] == [inf] * 3
                continue
            assert told == pytest.approx(slow)
            at_once = kernel._drive(
                asked.clock, 0, int(here), int(there), now, day, last
            )
            changed += at_once[1:3] != tuple(told[:2])
    assert none >= 5
    assert changed >= 2 or kind == "fuel"


def test_a_point_of_the_grid_by_hand():
    """Two days from 06:00, an hour a step: points 0 to 3, and 4 to 6."""
    asked = pose(1, "bare")
    span = asked.span._replace(wide_opens=np.array([360.0, 1800.0]))
    steps = asked.steps._replace(step_min=60.0, offsets=np.array([0, 4, 7]))
    times = {0: (0, [300, 360, 419]), 1: (0, [420, 479]), 3: (0, [540, 600, 900])}
    times |= {4: (1, [1700, 1800]), 5: (1, [1860, 1919]), 6: (1, [1920, 2400])}
    for point, (day, minutes) in times.items():
        for now in minutes:
            assert kernel._find_point(span, steps, float(now), day) == point


@every_kind
def test_the_grid_is_never_late_and_at_most_a_step_early(kind):
    """Filled anew on the windows of one day, for the roads of that day."""
    filled = 0
    for seed in (0, 2, 4):
        asked = pose(seed, kind)
        count, opens = len(asked.sites), asked.span.wide_opens
        midnight = asked.tables.midnights_min[asked.begins]
        step = 37.0
        widths = (asked.span.wide_closes - opens).clip(min=0.0)
        points = (np.ceil(widths / step) + 1).astype(np.int64)
        offsets = np.concatenate([[0], points.cumsum()])
        nexts = np.full((count + 1, offsets[-1], count), -7, np.int32)
        homes = np.full((count + 1, offsets[-1]), -1, np.int32)
        steps = Steps(asked.pricer.sites, step, offsets, nexts, homes)
        kernel.fill_steps(asked.span, steps, 0, count + 1)
        kernel.fill_homes(asked.span, steps)
        times = [
            (opens[day] + k * step, day)
            for day in range(len(opens))
            for k in range(points[day])
        ]
        for point, (now, day) in enumerate(times):
            for row, here in enumerate([*asked.sites, asked.crew.base]):
                leave = midnight + now, asked.begins + day, asked.last
                if row < count:
                    home = asked.drive_early(here, asked.crew.base, *leave)
                    day_home = -1 if home is None else home[1] - asked.begins
                    assert homes[row, point] == day_home
                for other, there in enumerate(asked.sites):
                    cell = nexts[row, point, other]
                    if row == count and point > 0:
                        assert cell == -7
                        continue
                    gone = asked.drive_early(here, there, *leave)
                    done = gone and visit(asked.tables, there, *gone[:2], asked.last)
                    if other == row or not done or isinstance(done, str):
                        assert cell == -1
                        continue
                    end, end_day = done.end_min - midnight, done.day - asked.begins
                    at = max(
                        (
                            p
                            for p, t in enumerate(times)
                            if t[1] == end_day and t[0] <= end + 1e-9
                        ),
                        default=offsets[end_day],
                    )
                    assert cell in {max(at, point + 1), max(at - 1, point + 1)}
                    assert (
                        cell == kernel._find_point(asked.span, steps, end, end_day)
                        or cell == point + 1
                    )
                    filled += 1
        assert (homes[count] == -1).all()
    assert filled >= 20


def list_options(asked, prices, table, row, point):
    """What may still be gained from a grid point by each next leg, -1 the way home.

    ``table`` holds the same of later points.
    """
    steps, driving = asked.steps, len(asked.earned) > 0
    count, points = len(asked.sites), steps.offsets[-1]
    if row < count and steps.homes[row, point] >= 0:
        way = prices.legs[row, count] if driving else 0.0
        yield way - prices.homes[steps.homes[row, point]], -1
    for other in range(count):
        after = min(steps.nexts[row, point, other], points - 1)
        if after < 0:
            continue
        # Nobody comes back at once.
        then = [value for value, way in table[other, after] if way != row]
        way = prices.legs[row, other] if driving else 0.0
        if then:
            yield prices.gains[other] + way + then[0], other


@every_kind
def test_what_may_be_gained_is_the_best_of_all_ways_on_the_grid(kind):
    """Without coming back at once: by the plain recursion over points and sites."""
    for seed in range(6):
        asked = pose(seed, kind)
        prices, steps = asked.price(cuts=0), asked.steps
        count, points = len(asked.sites), steps.offsets[-1]
        shape = steps.homes[:-1].shape
        firsts, seconds = np.empty(shape), np.empty(shape)
        ways = np.empty(shape, np.int64)
        # Homes beyond the days of the span cost as much as the last.
        days = int(steps.homes.max(initial=0)) + 1
        homes = np.concatenate([prices.homes, np.full(days, prices.homes[-1])])
        prices = prices._replace(homes=homes)
        best = bound_gains(steps, prices, firsts, seconds, ways)

        table = {}
        for point in range(points - 1, -1, -1):
            for row in range(count):
                cell = row, point
                options = sorted(list_options(asked, prices, table, *cell))[::-1]
                table[row, point] = options
                told = firsts[row, point], seconds[row, point]
                values = [value for value, _ in options] + [-inf, -inf]
                assert told == pytest.approx(tuple(values[:2]))
                # Of equal ones any may come first.
                if options and values[0] > values[1] + 1e-9:
                    assert ways[row, point] == options[0][1]
        at_dawn = max(list_options(asked, prices, table, count, 0), default=(-inf, -1))
        assert best == pytest.approx(at_dawn[0])


@every_kind
def test_departures_and_waysides_are_those_of_the_plain_clock(kind):
    kinds = {"home": 0, "short": 0, "not": 0}
    for seed in range(8):
        asked = pose(seed, kind)
        days, crew = asked.problem.horizon_days, asked.crew
        for _ in range(12 if asked.sites else 0):
            size = int(asked.rng.integers(1, min(4, len(asked.sites)) + 1))
            places = asked.rng.choice(asked.sites, size, replace=False)
            begins = int(asked.rng.integers(0, days))
            ends = int(asked.rng.integers(begins, days + 1))
            # Seldom is a patrol home too soon, unless it must stay out for long.
            crew = crew._replace(min_days=int(asked.rng.integers(1, 5)))
            numbers = build_crew_numbers(asked.problem, crew)
            homes = np.full(ends - begins, -5)
            duties = np.zeros(ends - begins)
            run_departures(
                *(asked.clock, numbers, places, begins, ends),
                *(homes, duties),
            )
            for depart in range(begins, ends):
                last = find_last_day(asked.tables, crew, depart)
                value = run_patrol(asked.tables, crew, depart, places.tolist(), last)
                told = homes[depart - begins], duties[depart - begins]
                if value.failure is None:
                    kinds["home"] += 1
                    assert told == pytest.approx((value.return_day, value.duty_min))
                    if kind != "waysides":
                        continue
                    driven = np.zeros(len(asked.problem.waysides), np.bool_)
                    mark_waysides(
                        *(asked.clock, numbers, depart, places, last),
                        driven,
                    )
                    assert np.flatnonzero(driven).tolist() == list_driven(
                        asked, depart, places.tolist(), last
                    )
                elif value.failure == "too_few_days":
                    kinds["short"] += 1
                    home = depart + crew.min_days - 1
                    assert told[0] == (home if home < days else -1)
                    assert told[1] == inf
                else:
                    kinds["not"] += 1
                    assert told[0] == -1
    assert min(kinds.values()) >= 3


def list_driven(asked, depart, places, last):
    """Numbers of the waysides that a patrol comes by."""
    crew, clock = asked.crew, asked.tables
    here, now, day = crew.base, clock.midnights_min[depart], depart
    driven = set()
    for there in [*places, crew.base]:
        vehicle = clock.vehicles[crew.vehicle]
        gone = drive(clock, vehicle, here, there, now, day, last)
        roads = asked.problem.find_travel(crew.vehicle, gone.depart_day)
        driven |= {number for number, _ in roads.waysides.get((here, there), ())}
        now, day = gone.arrive_min, gone.arrive_day
        if there != crew.base:
            done = visit(clock, there, now, day, last)
            now, day = done.end_min, done.day
        here = there
    return sorted(driven)


def test_spans_of_several_days_are_priced_no_lower_than_each_day():
    """Windows at least as wide as on each day: no day's best is above the span's."""
    for seed in range(6):
        asked = pose(seed, "bare")
        prices = asked.price(cuts=0)
        ends = asked.begins + 3
        wide = build_span(
            asked.clock, asked.crew_numbers, asked.pricer.sites, asked.begins, ends
        )
        tops = []
        for day in range(asked.begins, ends):
            asked.span = asked.pricer.find_span(day, day + 1)
            tops.append(asked.search(prices, -1e6, SURE)[1])
        asked.span = wide
        assert asked.search(prices, -1e6, SURE)[1] >= max(tops) - 1e-9
