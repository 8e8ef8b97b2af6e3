"""The search of tours, part by part, against plain twins and all there is to try."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, log

import numpy as np
import pytest

from patrolplan.planning import kernel
from patrolplan.planning import tours as build
from patrolplan.planning.kernel import Pool, measure_tour, polish, refresh
from slow_draws import SlowDraws, cut_string
from test_tours import takes

BLINK = 0.01
KINDS = pytest.mark.parametrize("windowed", [False, True])


def pose(seed, *, sites=9, tours=3, windowed=False, budget=(150.0, 400.0)):
    """Tours and an empty start; of every second problem the first two are alike.

    Ways there and back differ, and every detour is longer by ten minutes at least, so
    that no two orders take the same time.
    """
    rng = np.random.default_rng([seed, sites])
    size = 2 + sites
    spots = rng.uniform(0, 80, (size, 2))
    durations = np.hypot(*(spots[:, None] - spots[None]).T)
    durations += rng.uniform(20, 30, durations.shape)
    np.fill_diagonal(durations, 0.0)
    needs, dwells, opens = (rng.uniform(*r, size) for r in ((1, 30), (0, 20), (0, 150)))
    # Sums of such needs are exact in any order.
    needs = np.round(needs * 2**20) / 2**20
    needs[:2] = dwells[:2] = opens[:2] = 0.0
    closes = opens + rng.uniform(20, 200, size)
    closes[:2] = 1e9
    problem = build.TourProblem(
        durations,
        needs,
        rng.integers(0, 2, tours),
        rng.integers(0, 2, tours),
        rng.uniform(*budget, tours),
        dwells,
        opens if windowed else None,
        closes if windowed else None,
    )
    if seed % 2:
        for row in (problem.starts, problem.ends, problem.budgets_min):
            row[1] = row[0]
    asked = build._build_tours(problem, np.random.default_rng(seed))
    return problem, asked, build._build_work(asked)


def visit_some(problem, tours, work, rng, share=0.6):
    """Put sites into tours where they fit, at random; return the orders."""
    orders = [() for _ in tours.starts]
    for site in rng.permutation(tours.sites).tolist():
        tour = int(rng.integers(len(orders)))
        at = int(rng.integers(len(orders[tour]) + 1))
        longer = (*orders[tour][:at], site, *orders[tour][at:])
        fits = takes(problem, tour, longer) <= problem.budgets_min[tour]
        if rng.random() < share and fits:
            orders[tour] = longer
    build._set_orders(tours, work, orders)
    return orders


def list_orders(work):
    return [list(order) for order in build._list_tours(work)]


def measure(tours, tour, order):
    """Minutes driven and dwelt."""
    whole = [tours.starts[tour], *order, tours.ends[tour]]
    driven = sum(tours.durations[a, b] for a, b in pairwise(whole))
    return driven + sum(tours.dwells[place] for place in order)


def check(tours, work):
    """Everything that follows from the orders stands as it must."""
    fresh = build._build_work(tours)
    build._set_orders(tours, fresh, [tuple(order) for order in list_orders(work)])
    assert work.sizes.tolist() == fresh.sizes.tolist()
    assert work.minutes == pytest.approx(fresh.minutes)
    assert work.tour_of.tolist() == fresh.tour_of.tolist()
    for tour, size in enumerate(work.sizes):
        assert work.orders[tour, 0] == tours.starts[tour]
        assert work.orders[tour, size + 1] == tours.ends[tour]
        cells, past = (tour, slice(1, size + 2)), (tour, slice(size + 1))
        assert work.legs[cells] == pytest.approx(fresh.legs[cells])
        if tours.windowed:
            assert work.leaves[past] == pytest.approx(fresh.leaves[past])
            assert work.latest[cells] == pytest.approx(fresh.latest[cells])
        for spot, place in enumerate(list_orders(work)[tour], 1):
            assert work.spot_of[place] == spot


def holds(problem, tour, order):
    return takes(problem, tour, tuple(order)) <= problem.budgets_min[tour] + 1e-9


def list_ways(problem, tours, orders, place, among):
    """All ways to put a place in: minutes added by the legs, tour and position."""
    for tour in among:
        order = orders[tour]
        for spot in range(1, len(order) + 2):
            longer = [*order[: spot - 1], place, *order[spot - 1 :]]
            added = measure(tours, tour, longer) - measure(tours, tour, order)
            yield added - tours.dwells[place], tour, spot, holds(problem, tour, longer)


def find_way(problem, tours, orders, place, among, most=inf):
    ways = list_ways(problem, tours, orders, place, among)
    fitting = [way[:3] for way in ways if way[3] and way[0] < most]
    return min(fitting, default=(most, -1, 0))


def test_draws_are_those_of_xorshift():
    for seed in (1, 7, 2**63 - 1, 2**64 - 1):
        draws, slow = np.array([seed], np.uint64), SlowDraws(seed)
        for _ in range(200):
            assert kernel._draw(draws) == slow.draw()
            assert int(draws[0]) == slow.state
    # A mean of 200 draws, whose deviation is 0.29 / 14.
    assert np.mean(slow.drawn) == pytest.approx(0.5, abs=0.08)


def test_a_tour_by_hand():
    """Base 0, sites 1 and 2; there and back differ.

    0 to 1 takes 10, 1 to 2 takes 5, 2 to 0 takes 7; dwells 3 and 4: 22 and 7 make 29.
    Windows: 1 opens at 15, 2 closes at 30. At 1 from 10, waits till 15, leaves at 18;
    at 2 at 23, leaves at 27; home at 34. Home by 40: at 2 by 40 - 7 - 4 = 29, before
    its close; at 1 by 29 - 5 - 3 = 21.
    """
    minutes = np.array([[0.0, 10, 9], [6, 0, 5], [7, 8, 0]])
    problem = build.TourProblem(
        minutes,
        np.array([0.0, 5, 6]),
        np.array([0]),
        np.array([0]),
        np.array([40.0]),
        np.array([0.0, 3, 4]),
        np.array([0.0, 15, 0]),
        np.array([1e9, 99, 30]),
    )
    tours = build._build_tours(problem, np.random.default_rng(1))
    work = build._build_work(tours)
    work.orders[0], work.sizes[0] = (0, 1, 2, 0), 2
    refresh(tours, work, 0)
    assert work.minutes.tolist() == [29.0]
    assert work.legs[0, 1:].tolist() == [10.0, 5.0, 7.0]
    assert work.leaves[0, :3].tolist() == [0.0, 18.0, 27.0]
    assert work.latest[0, 1:].tolist() == [21.0, 29.0, 40.0]
    assert work.tour_of.tolist() == [-1, 0, 0]
    assert work.spot_of.tolist() == [0, 1, 2]
    assert measure_tour(tours, 0, np.array([0, 1, 2, 0])) == (True, 29.0)
    assert kernel._measure(tours, work) == (11.0, 29.0)
    # Where the base opens at 2, nobody leaves before: at site 1 at 12 then.
    late = tours._replace(opens=np.array([2.0, 0, 50]))
    work.orders[0], work.sizes[0] = (0, 1, 0, 2), 1
    refresh(late, work, 0)
    assert work.leaves[0, :2].tolist() == [2.0, 15.0]
    # Site 1 after site 2: at 9 + 4 + 8 = 21, leaves at 24, home at 30.
    assert measure_tour(tours, 0, np.array([0, 2, 1, 0])) == (True, 34.0 - 0.0 - 4.0)


@pytest.mark.parametrize(
    ("close", "budget", "fits"),
    [
        (23.0, 34.0, True),
        (23.0 - 9e-8, 34.0, True),
        (23.0 - 2e-7, 34.0, False),
        (23.0, 34.0 - 9e-8, True),
        (23.0, 34.0 - 2e-7, False),
    ],
)
def test_limits_are_kept_but_for_the_slack(close, budget, fits):
    """At site 2 at 23 and home at 34, as by hand above; the slack is 1e-7."""
    problem = build.TourProblem(
        np.array([[0.0, 10, 9], [6, 0, 5], [7, 8, 0]]),
        np.array([0.0, 5, 6]),
        np.array([0]),
        np.array([0]),
        np.array([budget]),
        np.array([0.0, 3, 4]),
        np.array([0.0, 15, 0]),
        np.array([1e9, 99, close]),
    )
    tours = build._build_tours(problem, np.random.default_rng(1))
    assert measure_tour(tours, 0, np.array([0, 1, 2, 0]))[0] == fits
    # Without windows nobody waits: 29 minutes.
    bare = tours._replace(windowed=False, budgets=np.array([budget - 5.0]))
    assert measure_tour(bare, 0, np.array([0, 1, 2, 0])) == (budget > 34 - 1e-7, 29.0)


def is_late(tours, tour, order, now):
    """Whether one who arrives at the first of some places is late somewhere."""
    for here, there in pairwise([*order, tours.ends[tour]]):
        if now > tours.closes[here] + 1e-9:
            return True
        now = max(now, tours.opens[here]) + tours.dwells[here]
        now += tours.durations[here, there]
    return now > tours.budgets[tour] + 1e-9


@KINDS
def test_latest_arrivals_are_the_latest(windowed):
    for seed in range(10):
        problem, tours, work = pose(seed, windowed=windowed)
        visit_some(problem, tours, work, np.random.default_rng(seed))
        check(tours, work)
        if not windowed:
            continue
        for tour, order in enumerate(list_orders(work)):
            for spot in range(1, len(order) + 1):
                latest = work.latest[tour, spot]
                rest = order[spot - 1 :]
                assert not is_late(tours, tour, rest, latest)
                assert is_late(tours, tour, rest, latest + 1e-3)
            # And the earliest departures are those of a patrol that hurries.
            now, here = tours.opens[tours.starts[tour]], tours.starts[tour]
            for spot, place in enumerate(order, 1):
                now = max(now + tours.durations[here, place], tours.opens[place])
                now, here = now + tours.dwells[place], place
                assert work.leaves[tour, spot] == pytest.approx(now)


@KINDS
def test_a_copy_is_the_same_and_holds_nothing_in_common(windowed):
    problem, tours, work = pose(3, windowed=windowed)
    visit_some(problem, tours, work, np.random.default_rng(3))
    other = kernel._build_work(tours)
    check(tours, other)
    assert (other.tour_of == -1).all()
    other.tour_of[:] = other.spot_of[:] = 7
    kernel._copy(work, other, windowed)
    check(tours, other)
    assert list_orders(other) == list_orders(work)
    before = list_orders(other)
    work.orders[:] = 0
    assert list_orders(other) == before


@KINDS
def test_the_cheapest_way_is_that_of_all_ways(windowed):
    found = none = below = 0
    for seed in range(40):
        problem, tours, work = pose(seed, windowed=windowed)
        rng = np.random.default_rng(seed)
        orders = visit_some(problem, tours, work, rng)
        empty = np.zeros(0, np.uint64)
        for place in tours.sites[work.tour_of[tours.sites] < 0].tolist():
            best = find_way(problem, tours, orders, place, range(len(orders)))
            assert kernel._find_way(tours, work, place, empty) == pytest.approx(best)
            found += best[1] >= 0
            none += best[1] < 0
            for tour in range(len(orders)):
                most = float(rng.choice([inf, 60.0, 15.0]))
                added, _, spot = find_way(problem, tours, orders, place, [tour], most)
                told = kernel._scan(tours, work, place, tour, most, empty)
                assert told[1] == spot
                if spot:
                    assert told[0] == pytest.approx(added)
                    below += most < inf
                    kernel._insert(tours, work, tour, spot, place)
                    check(tours, work)
                    build._set_orders(tours, work, [tuple(o) for o in orders])
    assert min(found, none, below) >= 10


def test_a_way_may_just_fit():
    """Base to site and back takes 10; with a dwell of 3, 13 fit and 12.9999 do not."""
    for windowed in (False, True):
        for budget, fits in ((13.0, True), (13.0 - 9e-8, True), (13.0 - 2e-7, False)):
            problem = build.TourProblem(
                np.array([[0.0, 4], [6, 0]]),
                np.array([0.0, 5]),
                np.array([0]),
                np.array([0]),
                np.array([20.0]),
                np.array([0.0, 3]),
                np.array([0.0, 0]) if windowed else None,
                np.array([1e9, 99.0]) if windowed else None,
            )
            tours = build._build_tours(problem, np.random.default_rng(1))
            tours = tours._replace(budgets=np.array([budget]))
            work, none = build._build_work(tours), np.zeros(0, np.uint64)
            told = kernel._find_way(tours, work, 1, none)
            # Without windows what is added must be less than the room, not equal.
            assert told == ((10.0, 0, 1) if fits else (inf, -1, 0))
            assert kernel._scan(tours, work, 1, 0, inf, none)[1] == int(fits)


def blink_way(problem, tours, orders, place, slow, among, most=inf):
    """As find_way, where some positions are passed over by chance."""
    best, at = -1, 0
    for added, tour, spot, fits in list_ways(problem, tours, orders, place, among):
        if added < most and fits:
            if slow.draw() < BLINK:
                continue
            most, best, at = added, tour, spot
    return most, best, at


@KINDS
def test_one_position_of_a_hundred_is_passed_over(windowed):
    passed = 0
    for seed in range(600):
        problem, tours, work = pose(seed % 7, windowed=windowed)
        first = SlowDraws(seed * 7919 + 1).draw()
        if not (first < 1.3 * BLINK or seed % 60 == 0):
            continue
        orders = visit_some(problem, tours, work, np.random.default_rng(seed), 0.4)
        for place in tours.sites[work.tour_of[tours.sites] < 0].tolist():
            draws = np.array([seed * 7919 + 1], np.uint64)
            slow = SlowDraws(int(draws[0]))
            best = blink_way(problem, tours, orders, place, slow, range(len(orders)))
            assert kernel._find_way(tours, work, place, draws) == pytest.approx(best)
            assert int(draws[0]) == slow.state
            passed += min(slow.drawn, default=1.0) < BLINK
            slow, draws = SlowDraws(seed * 7919 + 1), draws[:0]
            draws = np.array([slow.state], np.uint64)
            best = blink_way(problem, tours, orders, place, slow, [1])
            told = kernel._scan(tours, work, place, 1, inf, draws)
            assert (told[1], int(draws[0])) == (best[2], slow.state)
    assert passed >= 10


def ruin(tours, orders, touched, slow):
    """Take strings of visits out, as the kernel does, from lists."""
    visited = sum(map(len, orders))
    if not visited:
        return
    wide = visited > 20 and slow.draw() < 0.2
    scale = 3.0 if wide else 1.0
    longest = min(scale * 10, visited / sum(map(bool, orders)))
    # Mean strings of length (1 + longest) / 2 that remove a mean of 8 in all, of a
    # number drawn evenly from 1 to the most.
    most = 4 * scale * 8 / (1 + longest) - 1
    left = int(1 + slow.draw() * max(1.0, most))
    centre = tours.sites[int(slow.draw() * len(tours.sites))]
    for place in tours.near[centre].tolist():
        tour = next((t for t, order in enumerate(orders) if place in order), None)
        if tour is None or tour in touched:
            continue
        touched.add(tour)
        orders[tour] = cut_string(slow, orders[tour], place, longest)
        left -= 1
        if not left:
            return


def test_ruins_are_those_of_the_plain_twin():
    emptied = wider = spared = 0
    for seed in range(120):
        many = seed % 3 == 0
        problem, tours, work = pose(
            seed, sites=34 if many else 12, tours=4, budget=(800.0, 1400.0)
        )
        rng = np.random.default_rng(seed)
        orders = [list(o) for o in visit_some(problem, tours, work, rng, 0.9)]
        draws = np.array([seed + 1], np.uint64)
        slow, touched = SlowDraws(seed + 1), set()
        flags = np.zeros(4, np.bool_)
        for _ in range(3):
            before = [list(order) for order in orders]
            touched.clear()
            flags[:] = False
            ruin(tours, orders, touched, slow)
            kernel._ruin(tours, work, flags, draws)
            assert list_orders(work) == orders
            assert set(np.flatnonzero(flags).tolist()) == touched
            assert int(draws[0]) == slow.state
            check(tours, work)
            emptied += any(
                old and not new for old, new in zip(before, orders, strict=True)
            )
            wider += sum(map(len, before)) - sum(map(len, orders)) > 15
            spared += any(len(new) > 1 for new in orders)
    assert min(emptied, wider, spared) >= 3
    # Nothing to take out: nothing is drawn.
    _, tours, work = pose(1)
    kernel._ruin(tours, work, np.zeros(3, np.bool_), draws)
    assert int(draws[0]) == slow.state


def rank(tours, work, missing, slow):
    """What each missing place ranks by one of four rules."""
    rule = int(slow.draw() * 4)
    power = 0.5 + 1.5 * slow.draw()
    ranks = []
    for place in missing:
        if rule == 0:
            ranks.append(slow.draw())
            continue
        value = tours.needs[place] ** power
        if rule == 2:
            value /= tours.efforts[place] + 1e-9
        if rule == 3:
            away = [
                tours.durations[place, other] + tours.durations[other, place]
                for other in tours.sites
                if work.tour_of[other] >= 0
            ]
            value /= min(away, default=1.0 - 1e-9) + 1e-9
        # A noise of 15 % either way.
        ranks.append(log(value * (0.85 + 0.3 * slow.draw())))
    return rule, ranks


def test_ranks_are_those_of_the_plain_twin():
    rules = set()
    for seed in range(40):
        problem, tours, work = pose(seed)
        if seed % 5:
            visit_some(problem, tours, work, np.random.default_rng(seed), 0.4)
        missing, ranks = np.zeros(20, np.int64), np.zeros(20)
        count = kernel._list_missing(tours, work, missing)
        left = [place for place in tours.sites.tolist() if work.tour_of[place] < 0]
        assert missing[:count].tolist() == left
        # Far apart, since the first draws of near states are alike.
        state = (seed + 1) * 0x9E3779B97F4A7C15 % 2**64
        draws, slow = np.array([state], np.uint64), SlowDraws(state)
        rule, expected = rank(tours, work, left, slow)
        kernel._rank(tours, work, missing, count, ranks, draws)
        assert ranks[:count] == pytest.approx(expected)
        assert int(draws[0]) == slow.state
        rules.add(rule)
    assert rules == {0, 1, 2, 3}


def insert_by_rank(problem, tours, orders, places, slow=None):
    touched = set()
    for place in places:
        among = range(len(orders))
        if slow is None:
            _, tour, spot = find_way(problem, tours, orders, place, among)
        else:
            _, tour, spot = blink_way(problem, tours, orders, place, slow, among)
        if tour >= 0:
            orders[tour] = [*orders[tour][: spot - 1], place, *orders[tour][spot - 1 :]]
            touched.add(tour)
    return touched


def insert_by_ratio(problem, tours, orders, missing, slow):
    """Insert what earns most per minute added, each time asked anew."""
    power = 0.5 + 1.5 * slow.draw()
    worths, touched, blinked = {}, set(), False
    for place in missing:
        worths[place] = tours.needs[place] ** power * (0.85 + 0.3 * slow.draw())
        drawn = len(slow.drawn)
        blink_way(problem, tours, orders, place, slow, range(len(orders)))
        blinked |= min(slow.drawn[drawn:], default=1.0) < BLINK
    while True:
        options = []
        for place, worth in worths.items():
            way = find_way(problem, tours, orders, place, range(len(orders)))
            if way[1] >= 0:
                options.append((worth / (max(way[0], 0.0) + 1e-6), place, way))
        if not options:
            return touched, blinked
        _, place, (_, tour, spot) = max(options)
        orders[tour] = [*orders[tour][: spot - 1], place, *orders[tour][spot - 1 :]]
        touched.add(tour)
        del worths[place]


@KINDS
def test_what_is_missing_is_put_in_again_as_by_the_plain_twin(windowed):
    ranked = rated = 0
    for seed in range(60):
        problem, tours, work = pose(seed, sites=12, windowed=windowed)
        rng = np.random.default_rng(seed)
        orders = [list(o) for o in visit_some(problem, tours, work, rng, 0.3)]
        state = (seed + 1) * 0x9E3779B97F4A7C15 % 2**64
        draws, slow = np.array([state], np.uint64), SlowDraws(state)
        flags, size = np.zeros(3, np.bool_), len(tours.sites) + 1
        left = [place for place in tours.sites.tolist() if work.tour_of[place] < 0]
        blinked = False
        if slow.draw() < 0.3:
            touched, blinked = insert_by_ratio(problem, tours, orders, left, slow)
            rated += bool(touched)
        else:
            _, ranks = rank(tours, work, left, slow)
            order = [left[k] for k in np.argsort(-np.array(ranks))]
            touched = insert_by_rank(problem, tours, orders, order, slow)
            ranked += bool(touched)
        kernel._recreate(
            *(tours, work, flags, np.empty(size, np.int64), np.empty(size)),
            *(np.empty(size), np.empty((size, 2), np.int64), draws),
        )
        assert int(draws[0]) == slow.state
        check(tours, work)
        if not blinked:
            assert list_orders(work) == orders
            assert set(np.flatnonzero(flags).tolist()) == touched
    assert min(ranked, rated) >= 5


def list_shorter(tours, tour, order):
    """All orders with one stretch reversed, or up to three places moved elsewhere."""
    size = len(order)
    for i in range(size):
        for j in range(i + 1, size):
            yield order[:i] + order[i : j + 1][::-1] + order[j + 1 :]
    for i in range(size):
        for length in range(1, min(3, size - i) + 1):
            rest = order[:i] + order[i + length :]
            for at in range(len(rest) + 1):
                for turn in (1, -1):
                    yield rest[:at] + order[i : i + length][::turn] + rest[at:]


@KINDS
def test_a_shortened_tour_cannot_be_shortened(windowed):
    shorter = 0
    for seed in range(30):
        problem, tours, work = pose(seed, sites=9, tours=2, windowed=windowed)
        rng = np.random.default_rng(seed)
        before = visit_some(problem, tours, work, rng, 0.9)
        if not windowed:
            # Whatever it takes: a tour is shortened though it breaks its budget.
            before = [tuple(rng.permutation(tours.sites).tolist()), ()]
            build._set_orders(tours, work, before)
        spare = np.empty(len(tours.sites) + 3, np.int64)
        kernel._shorten(tours, work, 0, spare)
        check(tours, work)
        order = list_orders(work)[0]
        assert sorted(order) == sorted(before[0])
        was, now = (measure(tours, 0, list(o)) for o in (before[0], order))
        assert now <= was + 1e-9
        shorter += now < was - 1e-6
        if windowed:
            assert holds(problem, 0, order)
            continue
        for other in list_shorter(tours, 0, order):
            assert measure(tours, 0, other) >= now - 2e-7
    assert shorter >= 3


def list_swaps(problem, tours, orders):
    """What each exchange of a missing place for a visited one is worth."""
    visited = {place for order in orders for place in order}
    for tour, order in enumerate(orders):
        for out in order:
            rest = [place for place in order if place != out]
            for place in set(tours.sites.tolist()) - visited:
                gain = tours.needs[place] - tours.needs[out]
                trials = [[*rest[:k], place, *rest[k:]] for k in range(len(order))]
                best = min(trials, key=lambda trial: measure(tours, tour, trial))
                cost = measure(tours, tour, best) - measure(tours, tour, order)
                if gain >= 0 and holds(problem, tour, best):
                    yield gain - tours.minute * cost


@KINDS
def test_the_best_exchange_of_all(windowed):
    done = none = 0
    for seed in range(60):
        problem, tours, work = pose(seed, windowed=windowed)
        # Equal needs now and then: then minutes alone count.
        if seed % 3 == 0:
            tours.needs[tours.sites] = 5.0
        rng = np.random.default_rng(seed)
        orders = visit_some(problem, tours, work, rng, (0.5, 0.9)[seed % 2])
        size = len(tours.sites) + 3
        scratch = np.empty(size, np.int64), np.empty(size, np.int64)
        for _ in range(9):
            flags = np.zeros(3, np.bool_)
            need, minutes = kernel._measure(tours, work)
            assert need == tours.needs[[p for o in orders for p in o]].sum()
            best = max(list_swaps(problem, tours, orders), default=0.0)
            swapped = kernel._swap(
                tours, work, flags, *scratch, np.empty(size), np.empty(size)
            )
            check(tours, work)
            assert swapped == (best > 1e-9)
            after = kernel._measure(tours, work)
            gained = after[0] - need - tours.minute * (after[1] - minutes)
            assert gained == pytest.approx(best if swapped else 0.0, abs=1e-9)
            before, orders = orders, [tuple(order) for order in list_orders(work)]
            changed = [tour for tour in range(3) if before[tour] != orders[tour]]
            assert np.flatnonzero(flags).tolist() == changed
            for tour, order in enumerate(orders):
                assert holds(problem, tour, order)
            if not swapped:
                none += 1
                break
            done += 1
    assert min(done, none) >= 5


@KINDS
def test_nothing_helps_a_polished_solution(windowed):
    for seed in range(20):
        problem, tours, work = pose(seed, windowed=windowed)
        visit_some(problem, tours, work, np.random.default_rng(seed), 0.5)
        size = len(tours.sites) + 1
        flags, none = np.ones(3, np.bool_), np.zeros(0, np.uint64)
        before = kernel._measure(tours, work)
        polish(tours, work, flags, np.empty(size, np.int64), np.empty(size), none)
        check(tours, work)
        assert not flags.any()
        orders = list_orders(work)
        assert kernel._measure(tours, work)[0] >= before[0]
        assert max(list_swaps(problem, tours, orders), default=0.0) <= 1e-9
        for place in tours.sites[work.tour_of[tours.sites] < 0].tolist():
            assert find_way(problem, tours, orders, place, range(3))[1] < 0
        for tour, order in enumerate(orders):
            assert holds(problem, tour, order)
            if not windowed:
                now = measure(tours, tour, order)
                for other in list_shorter(tours, tour, order):
                    assert measure(tours, tour, other) >= now - 2e-7


def test_what_fits_is_filled_in_neediest_first():
    for seed in range(20):
        problem, tours, work = pose(seed)
        rng = np.random.default_rng(seed)
        orders = [list(o) for o in visit_some(problem, tours, work, rng, 0.3)]
        left = [place for place in tours.sites.tolist() if work.tour_of[place] < 0]
        order = [left[k] for k in np.argsort([-tours.needs[p] for p in left])]
        touched = insert_by_rank(problem, tours, orders, order)
        flags, size = np.zeros(3, np.bool_), len(tours.sites) + 1
        changed = kernel._refill(
            *(tours, work, flags, np.empty(size, np.int64), np.empty(size)),
            np.zeros(0, np.uint64),
        )
        assert list_orders(work) == orders
        assert changed == bool(touched)
        assert set(np.flatnonzero(flags).tolist()) == touched
        check(tours, work)


def build_pool(tours, rows):
    return Pool(
        keys=np.zeros(rows, np.uint64),
        kinds=np.zeros(rows, np.int64),
        needs=np.zeros(rows),
        minutes=np.zeros(rows),
        merits=np.zeros(rows),
        sizes=np.zeros(rows, np.int64),
        orders=np.zeros((rows, len(tours.sites)), np.int64),
        filled=np.zeros(1, np.int64),
    )


def read_pool(tours, pool):
    """What a pool holds, by kind and set."""
    held = {}
    for row in np.flatnonzero(pool.keys):
        order = pool.orders[row, : pool.sizes[row]].tolist()
        key = int(pool.kinds[row]), frozenset(order)
        assert key not in held
        assert pool.needs[row] == tours.needs[order].sum()
        held[key] = order, pool.minutes[row], pool.merits[row]
    return held


@pytest.mark.parametrize("rows", [8, 64, 4096])
def test_a_pool_holds_the_shortest_of_each_set(rows):
    again = 0
    for seed in range(1, 8):
        problem, tours, work = pose(seed, sites=5)
        pool, met, rng = build_pool(tours, rows), {}, np.random.default_rng(seed)
        for _ in range(40):
            orders = visit_some(problem, tours, work, rng, 0.7)
            merit = float(rng.integers(1, 100))
            kernel._note(tours, work, pool, merit)
            for tour, order in enumerate(orders):
                if not order:
                    continue
                key = int(tours.kinds[tour]), frozenset(order)
                # A pool three quarters full takes nothing new.
                if key not in met and len(met) >= 0.75 * rows:
                    continue
                minutes = measure(tours, tour, list(order))
                old, least, most = met.get(key, (None, inf, 0.0))
                again += old is not None
                shorter = minutes < least - 1e-9
                met[key] = (
                    list(order) if shorter else old,
                    minutes if shorter else least,
                    max(most, merit),
                )
        held = read_pool(tours, pool)
        assert pool.filled[0] == len(held) == len(met)
        for key, (order, minutes, merit) in met.items():
            assert held[key] == (order, pytest.approx(minutes), merit)
    assert again >= 5


def test_a_tour_met_before_takes_the_place_of_one():
    kept = 0
    for seed in range(60):
        problem, tours, work = pose(seed, sites=12)
        rng, pool = np.random.default_rng(seed), build_pool(tours, 16)
        for _ in range(3):
            visit_some(problem, tours, work, rng, 0.6)
            kernel._note(tours, work, pool, 1.0)
        before = [list(o) for o in visit_some(problem, tours, work, rng, 0.6)]
        state = (seed + 1) * 0x9E3779B97F4A7C15 % 2**64
        draws, slow = np.array([state], np.uint64), SlowDraws(state)
        flags = np.zeros(3, np.bool_)
        kernel._cross(tours, work, pool, flags, draws)
        # The first that is in use from a row drawn on, in the place of the first tour
        # of its kind from one drawn on.
        row = int(slow.draw() * 16)
        row = next(k % 16 for k in range(row, row + 16) if pool.keys[k % 16])
        new = pool.orders[row, : pool.sizes[row]].tolist()
        tour = int(slow.draw() * 3)
        tour = next(
            k % 3
            for k in range(tour, tour + 3)
            if tours.kinds[k % 3] == pool.kinds[row]
        )
        after = [[p for p in order if p not in new] for order in before]
        after[tour] = new
        assert list_orders(work) == after
        check(tours, work)
        for k, order in enumerate(before):
            assert flags[k] == (k == tour or bool(set(order) & set(new)))
        kept += any(order and order == after[k] for k, order in enumerate(before))
    assert kept >= 10


@pytest.mark.parametrize(
    ("windowed", "hot", "cold"),
    [(False, 5.0, 0.5), (True, 5.0, 0.5), (False, 1e-9, 1e-9), (False, 400.0, 400.0)],
)
def test_the_search_is_what_its_parts_do_in_turn(windowed, hot, cold):
    """The loop once more, in plain Python over the compiled parts."""
    rose = crossed = 0
    for seed in (1, 2):
        _, tours, current = pose(seed, sites=13, windowed=windowed)
        rounds, size = 60, len(tours.sites) + 1
        best, pool = build._build_work(tours), build_pool(tours, 256)
        mine = [build._build_work(tours) for _ in range(3)]
        own, top, trial = mine
        copy = build_pool(tours, 256)
        # So that the pool is full enough for crossings.
        pool.filled[0] = copy.filled[0] = 95
        draws, drawn = np.array([seed], np.uint64), np.array([seed], np.uint64)
        improved = kernel.anneal(tours, current, best, pool, rounds, hot, cold, draws)
        flags, none = np.zeros(3, np.bool_), drawn[:0]
        missing, ranks = np.empty(size, np.int64), np.empty(size)
        ways, spots = np.empty(size), np.empty((size, 2), np.int64)

        def worth(work, tours=tours):
            need, minutes = kernel._measure(tours, work)
            return need - tours.minute * minutes

        count, value, top_need, top_minutes = 0, 0.0, 0.0, 0.0
        for done in range(rounds):
            heat = exp(log(hot) + (log(cold) - log(hot)) * done / rounds)
            kernel._copy(own, trial, windowed)
            flags[:] = False
            if copy.filled[0] >= 100 and kernel._draw(drawn) < 0.05:
                kernel._cross(tours, trial, copy, flags, drawn)
                crossed += 1
            else:
                kernel._ruin(tours, trial, flags, drawn)
            kernel._recreate(tours, trial, flags, missing, ranks, ways, spots, drawn)
            floor = value + heat * log(kernel._draw(drawn) + 1e-12)
            if worth(trial) < floor:
                continue
            if kernel._measure(tours, trial)[0] >= 0.98 * top_need:
                polish(tours, trial, flags, missing, ranks, none)
            need, minutes = kernel._measure(tours, trial)
            if need >= 0.97 * top_need:
                kernel._note(tours, trial, copy, need)
            more = need > top_need + 1e-9
            if more or (need > top_need - 1e-9 and minutes < top_minutes - 1e-9):
                count += more
                top_need, top_minutes = need, minutes
                kernel._copy(trial, top, windowed)
            if worth(trial) >= floor:
                value = worth(trial)
                kernel._copy(trial, own, windowed)
        assert int(draws[0]) == int(drawn[0])
        assert improved == count
        assert list_orders(best) == list_orders(top)
        assert list_orders(current) == list_orders(own)
        assert read_pool(tours, pool) == read_pool(tours, copy)
        rose += improved
    assert rose >= 3
    assert crossed >= 1 or hot < 1
