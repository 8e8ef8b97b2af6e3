"""The search of rosters, part by part, against the plain clock and all there is."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest

from patrolplan.planning import kernel
from patrolplan.planning.kernel import Pooled, measure_roster, polish_roster, settle
from patrolplan.planning.posed import Column
from slow_draws import SlowDraws
from slow_rosters import SlowRoster, build_problem

KINDS = ("bare", "conditions", "fuel", "waysides")
every_kind = pytest.mark.parametrize("kind", KINDS)


def pose(seed, kind, **more):
    twin = SlowRoster(build_problem(seed, kind, **more), seed)
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    twin.visit_some(rng)
    return twin, twin.load(), rng


def begin(seed):
    """Draws of both sides; far apart, since the first of near states are alike."""
    state = (seed + 1) * 0x9E3779B97F4A7C15 % 2**64
    return np.array([state], np.uint64), SlowDraws(state)


def list_chains(roster):
    return [
        [
            (
                int(roster.departs[team, patrol]),
                roster.orders[team, patrol, : roster.sizes[team, patrol]].tolist(),
            )
            for patrol in range(roster.counts[team])
        ]
        for team in range(len(roster.counts))
    ]


def check(twin, roster):
    """The kernel's roster is the twin's, and all that follows is as by the clock."""
    assert list_chains(roster) == twin.chains
    for item in range(len(twin.places)):
        where = twin.find(item)
        assert roster.team_of[item] == (-1 if where is None else where[0])
        if where is not None:
            assert roster.patrol_of[item] == where[1]
            assert roster.arrivals[item] == pytest.approx(twin.arrivals[item])
    visited = [item for item in range(len(twin.places)) if twin.find(item) is not None]
    for group in range(len(roster.taken)):
        assert roster.taken[group] == (twin.task.groups[visited] == group).sum()
    for team, chain in enumerate(twin.chains):
        for patrol in range(len(chain)):
            check_patrol(twin, roster, team, patrol)


def check_patrol(twin, roster, team, patrol):
    cell = team, patrol
    depart, items = twin.chains[team][patrol]
    walk = twin.walk(team, depart, items, twin.find_last_of(team, patrol))
    assert roster.returns[cell] == walk.home
    assert roster.duties[cell] == pytest.approx(walk.duty)
    assert roster.works[cell] == pytest.approx(twin.measure_work(team, items))
    assert roster.arrivals[items] == pytest.approx(walk.arrivals)
    for spot, row in enumerate(walk.rows):
        at = (*cell, spot)
        told = roster.leaves[at], roster.days[at], roster.lengths[at]
        assert (*told, *roster.spent[at]) == pytest.approx(row)
    if roster.matrices.shape[2]:
        vehicle = twin.task.vehicles[cell[0]]
        driven = twin.task.clock.matrix_of[vehicle, walk.left]
        assert roster.matrices[cell][: len(walk.left)].tolist() == driven.tolist()


@every_kind
def test_a_roster_is_settled_as_the_plain_clock_says(kind):
    possible = impossible = 0
    for seed in range(12):
        twin, roster, rng = pose(seed, kind)
        check(twin, roster)
        for team, chain in enumerate(twin.chains):
            for patrol, (depart, items) in enumerate(chain):
                last = twin.find_last_of(team, patrol)
                assert kernel._find_last(twin.task, roster, team, patrol) == last
                for _ in range(4):
                    order = rng.permutation(items).tolist()
                    day = max(0, depart + int(rng.integers(-1, 2)))
                    if patrol + 1 < len(chain) and chain[patrol + 1][0] <= day:
                        continue
                    chain[patrol] = day, order
                    roster.departs[team, patrol] = day
                    roster.orders[team, patrol, : len(order)] = order
                    can = twin.settle(team, patrol)
                    assert settle(twin.task, roster, team, patrol) == can
                    if can:
                        check_patrol(twin, roster, team, patrol)
                    possible += can
                    impossible += not can
                    chain[patrol] = depart, items
                    roster.departs[team, patrol] = depart
                    roster.orders[team, patrol, : len(items)] = items
                    twin.settle(team, patrol)
                    settle(twin.task, roster, team, patrol)
    assert min(possible, impossible) >= 3


@every_kind
def test_the_cheapest_place_is_that_of_all_places(kind):
    old = new = none = short = 0
    for seed in range(14):
        twin, roster, _ = pose(seed, kind)
        draws, slow = begin(seed)
        spare, empty = np.empty(len(twin.places) + 1, np.int64), draws[:0]
        openings = [twin.open_gap(team, slow) for team in range(3)]
        for item in twin.list_missing():
            for shortly in (True, False):
                for only in (-1, 0, 2):
                    ask = item, np.array(openings), only, shortly, spare, empty
                    told = kernel._find_place(twin.task, roster, *ask)
                    best = twin.find_place(item, openings, only, shortly)
                    assert told == pytest.approx(best)
                    old += best[1] >= 0 and best[2] < len(twin.chains[best[1]])
                    new += best[1] >= 0 and best[2] == len(twin.chains[best[1]])
                    none += best[1] < 0
            for team in range(3):
                for day in range(twin.days):
                    alone = [
                        twin.test_alone(team, day, item, shortly)
                        for shortly in (True, False)
                    ]
                    short += alone[0] and not alone[1]
                    for shortly in (True, False):
                        assert alone[not shortly] == kernel._test_alone(
                            twin.task, roster, team, day, item, shortly, spare
                        )
                for patrol in range(len(twin.chains[team])):
                    free = twin.is_free(team, patrol, item)
                    assert free == kernel._is_free(
                        twin.task, roster, team, patrol, item
                    )
                    for most in (inf, 200.0):
                        told = kernel._try_patrol(
                            *(twin.task, roster, team, patrol, item, most, spare),
                            empty,
                        )
                        best = twin.try_patrol(team, patrol, item, most)
                        assert told == pytest.approx(best)
        check(twin, roster)
    assert min(old, new, none) >= 5
    assert short >= 1


def test_a_place_of_a_hundred_is_passed_over():
    passed = 0
    for seed in range(3000):
        state = seed * 7919 + 1
        if SlowDraws(state).draw() >= 0.013 and seed % 300:
            continue
        twin, roster, _ = pose(seed % 6, "bare")
        spare = np.empty(len(twin.places) + 1, np.int64)
        for item in twin.list_missing():
            for team, chain in enumerate(twin.chains):
                for patrol in range(len(chain)):
                    draws, slow = np.array([state], np.uint64), SlowDraws(state)
                    told = kernel._try_patrol(
                        *(twin.task, roster, team, patrol, item, inf, spare, draws)
                    )
                    best = twin.try_patrol(team, patrol, item, inf, slow)
                    assert told == pytest.approx(best)
                    assert int(draws[0]) == slow.state
                    passed += min(slow.drawn, default=1.0) < 0.01
    assert passed >= 5


@every_kind
def test_gaps_are_those_of_the_plain_twin(kind):
    days = []
    for seed in range(20):
        twin, roster, _ = pose(seed, kind)
        draws, slow = begin(seed)
        for _ in range(6):
            for team in range(3):
                day = twin.open_gap(team, slow)
                assert kernel._open_gap(twin.task, roster, team, draws) == day
                assert int(draws[0]) == slow.state
                days.append(day)
        # A roster with no room for one more.
        full = roster._replace(departs=roster.departs[:, : roster.counts[0]].copy())
        assert kernel._open_gap(twin.task, full, 0, draws) == -1
    assert days.count(-1) >= 5
    assert len(set(days)) >= 5


@every_kind
def test_visits_come_and_go_as_in_lists(kind):
    """Put in, one by one, where there is room; patrols taken out again."""
    begun = 0
    for seed in range(10):
        twin, roster, rng = pose(seed, kind)
        draws, slow = begin(seed)
        openings = [twin.open_gap(team, slow) for team in range(3)]
        held = np.array(
            [kernel._open_gap(twin.task, roster, t, draws) for t in range(3)]
        )
        for item in twin.list_missing():
            _, *way = twin.find_place(item, openings, -1, True)
            if way[0] < 0:
                continue
            begun += way[1] == len(twin.chains[way[0]])
            kernel._insert_item(twin.task, roster, item, *way, held, draws)
            twin.insert(item, *way, openings, slow)
            check(twin, roster)
            assert held.tolist() == openings
            assert int(draws[0]) == slow.state
        while any(twin.chains):
            team = int(rng.choice([t for t, chain in enumerate(twin.chains) if chain]))
            patrol = int(rng.integers(len(twin.chains[team])))
            twin.drop(team, patrol)
            kernel._drop_patrol(twin.task, roster, team, patrol)
            assert list_chains(roster) == twin.chains
            if twin.problem.horizon_days:
                check(twin, roster)
    assert begun >= 1


@every_kind
def test_ruins_are_those_of_the_plain_twin(kind):
    whole = parts = 0
    for seed in range(25):
        twin, roster, rng = pose(seed, kind, sites=12, teams=2)
        draws, slow = begin(seed)
        for _ in range(4):
            twin.visit_some(rng, 0.95)
            roster = twin.load()
            before = sum(len(items) for chain in twin.chains for _, items in chain)
            patrols = sum(map(len, twin.chains))
            twin.ruin(slow)
            kernel._ruin_roster(twin.task, roster, draws)
            assert int(draws[0]) == slow.state
            check(twin, roster)
            after = sum(len(items) for chain in twin.chains for _, items in chain)
            whole += sum(map(len, twin.chains)) < patrols
            parts += after < before and sum(map(len, twin.chains)) == patrols
    assert min(whole, parts) >= 5


@every_kind
def test_patrols_move_to_other_days_as_by_the_plain_twin(kind):
    moved = 0
    for seed in range(20):
        twin, roster, _ = pose(seed, kind)
        draws, slow = begin(seed)
        for _ in range(8):
            before = [[day for day, _ in chain] for chain in twin.chains]
            twin.move_days(slow)
            kernel._move_days(twin.task, roster, draws)
            assert int(draws[0]) == slow.state
            check(twin, roster)
            moved += before != [[day for day, _ in chain] for chain in twin.chains]
    assert moved >= 10


def make_scratch(twin):
    size = len(twin.places) + 1
    return {
        "missing": np.empty(size, np.int64),
        "ranks": np.empty(size),
        "ways": np.empty(size),
        "spots": np.empty((size, 3), np.int64),
        "openings": np.empty(len(twin.crews), np.int64),
        "spare": np.empty(size, np.int64),
    }


@every_kind
def test_ranks_are_those_of_the_plain_twin(kind):
    rules = set()
    for seed in range(24):
        twin, roster, rng = pose(seed, kind)
        if seed % 4:
            twin.visit_some(rng, 0.3)
            roster = twin.load()
        scratch = make_scratch(twin)
        missing, ranks = scratch["missing"], scratch["ranks"]
        left = twin.list_missing()
        count = kernel._list_items(twin.task, roster, missing)
        assert missing[:count].tolist() == left
        draws, slow = begin(seed)
        rule, expected = twin.rank(left, slow)
        kernel._rank_items(twin.task, roster, missing, count, ranks, draws)
        assert ranks[:count] == pytest.approx(expected)
        assert int(draws[0]) == slow.state
        rules.add(rule)
    assert rules == {0, 1, 2, 3}


@every_kind
def test_what_is_missing_is_visited_again_as_by_the_plain_twin(kind):
    ways = []
    for seed in range(24):
        twin, roster, rng = pose(seed, kind)
        twin.visit_some(rng, 0.2)
        roster = twin.load()
        draws, slow = begin(seed)
        ways.append(twin.recreate(slow))
        kernel._recreate_roster(twin.task, roster, *make_scratch(twin).values(), draws)
        assert int(draws[0]) == slow.state
        check(twin, roster)
    assert min(ways.count("rank"), ways.count("ratio")) >= 4


@every_kind
def test_what_fits_is_filled_in_neediest_first(kind):
    filled = []
    for seed in range(12):
        twin, roster, rng = pose(seed, kind)
        twin.visit_some(rng, 0.4)
        roster = twin.load()
        draws, slow = begin(seed)
        scratch = make_scratch(twin)
        cells = [scratch[name] for name in ("missing", "ranks", "openings", "spare")]
        for _ in range(3):
            changed = twin.fill(slow)
            assert changed == kernel._fill(twin.task, roster, *cells, draws)
            filled.append(changed)
            check(twin, roster)
    assert set(filled) == {True, False}


def test_patrols_home_too_soon_are_dissolved():
    dissolved = 0
    for seed in range(1, 61, 2):
        twin, roster, _ = pose(seed, "bare", sites=4)
        short = [
            (team, patrol)
            for team, chain in enumerate(twin.chains)
            for patrol, (depart, _) in enumerate(chain)
            if twin.find_home(team, patrol) - depart < 1
        ]
        for team, patrol in reversed(short):
            twin.drop(team, patrol)
        assert kernel._drop_short(twin.task, roster) == bool(short)
        check(twin, roster)
        dissolved += len(short)
    assert dissolved >= 3


def list_turns(items):
    """All orders with one stretch reversed, or its first or last visit moved."""
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            part = items[i : j + 1]
            for turned in (part[::-1], part[1:] + part[:1], part[-1:] + part[:-1]):
                yield [*items[:i], *turned, *items[j + 1 :]]


def drive_all(twin, team, items):
    dwells = sum(twin.task.clock.dwells_min[twin.places[item]] for item in items)
    return twin.measure_work(team, items) - dwells


def find_sooner(twin, team, patrol):
    """An order that gets a patrol home sooner, or None."""
    depart, items = twin.chains[team][patrol]
    last, least = twin.find_last_of(team, patrol), twin.crews[team].min_days
    duty = twin.walk(team, depart, items, last).duty
    driven = drive_all(twin, team, items)
    for other in list_turns(items):
        total = drive_all(twin, team, other)
        walk = twin.judge(team, patrol, other, last)
        # Nobody drives two hours more for it.
        if walk is None or total >= driven + 120.0 or walk.home - depart + 1 < least:
            continue
        sooner = walk.duty < duty - 1e-6
        if sooner or (walk.duty < duty + 1e-8 and total < driven - 1e-6):
            return other
    return None


@every_kind
def test_a_shortened_patrol_cannot_be_shortened(kind):
    shorter = 0
    for seed in range(24):
        twin, roster, _ = pose(seed, kind, sites=9, teams=2)
        spare = np.empty(len(twin.places) + 1, np.int64)
        for team, chain in enumerate(twin.chains):
            for patrol, (depart, items) in enumerate(chain):
                was = roster.duties[team, patrol], drive_all(twin, team, items)
                driven = kernel._drive_all(twin.task, team, np.array(items), len(items))
                assert driven == pytest.approx(was[1])
                could = find_sooner(twin, team, patrol)
                kernel._shorten_patrol(twin.task, roster, team, patrol, spare)
                order = list_chains(roster)[team][patrol][1]
                assert sorted(order) == sorted(items)
                assert (order != items) == (could is not None)
                chain[patrol] = depart, order
                twin.settle(team, patrol)
                check(twin, roster)
                now = roster.duties[team, patrol], drive_all(twin, team, order)
                assert now[0] < was[0] + 1e-6
                assert find_sooner(twin, team, patrol) is None
                shorter += order != items
    assert shorter >= 2


def list_swaps(twin):
    """What each exchange of a missing visit for one that is made is worth."""
    task = twin.task
    for team, chain in enumerate(twin.chains):
        for patrol, (depart, items) in enumerate(chain):
            last, work = twin.find_last_of(team, patrol), twin.measure_work(team, items)
            room = task.widths[last + 1] - task.widths[depart] - work
            for out in items:
                rest = [item for item in items if item != out]
                for item in twin.list_missing():
                    gain = task.needs[item] - task.needs[out]
                    twin.chains[team][patrol] = depart, rest
                    free = twin.is_free(team, patrol, item)
                    twin.chains[team][patrol] = depart, items
                    if not free:
                        continue
                    trials = [[*rest[:k], item, *rest[k:]] for k in range(len(items))]
                    best = min(trials, key=lambda trial: twin.measure_work(team, trial))
                    cost = twin.measure_work(team, best) - work
                    walk = twin.judge(team, patrol, best, last, out=[out])
                    if gain < 1e-9 or cost > room or walk is None:
                        continue
                    if walk.home - depart + 1 >= twin.crews[team].min_days:
                        yield gain - task.minute * cost, team, patrol, best


def test_a_visit_bars_others_from_its_patrol_alone():
    """Items 0 and 1 bar each other; 0 is visited by patrol 0 of team 0."""
    twin, roster, _ = pose(1, "bare")
    pair = {"bars": np.array([1, 0]), "bars_from": np.zeros(len(twin.places), int)}
    pair["bars_from"][:], to = 2, np.full(len(twin.places), 2)
    pair["bars_from"][:2], to[:2] = (0, 1), (1, 2)
    task = twin.task._replace(**pair, bars_to=to)
    roster.team_of[:] = -1
    roster.team_of[0] = roster.patrol_of[0] = 0
    told = [
        kernel._is_barred(task, roster, team, patrol, item)
        for team, patrol, item in [(0, 0, 1), (0, 0, 2), (0, 1, 1), (1, 0, 1)]
    ]
    assert told == [True, False, False, False]
    assert kernel._is_free(task, roster, 0, 1, 1) == task.allowed[0, 1]
    assert not kernel._is_free(task, roster, 0, 0, 1)


@every_kind
def test_the_best_exchange_of_all(kind):
    done = none = 0
    for seed in range(16):
        twin, roster, rng = pose(seed, kind, sites=9, teams=2)
        twin.visit_some(rng, 0.7)
        roster = twin.load()
        scratch = make_scratch(twin)
        for _ in range(6):
            # The first of equal ones, as twins of one place are.
            swaps = [swap for swap in list_swaps(twin) if swap[0] > 1e-9]
            changed = kernel._swap_items(
                twin.task, roster, scratch["missing"], scratch["spare"]
            )
            assert changed == bool(swaps)
            if not changed:
                none += 1
                break
            _, team, patrol, items = max(swaps, key=lambda swap: swap[0])
            twin.chains[team][patrol] = twin.chains[team][patrol][0], items
            twin.settle(team, patrol)
            check(twin, roster)
            done += 1
    assert min(done, none) >= 3


@every_kind
def test_what_a_roster_earns_is_what_its_plan_earns(kind):
    earned = 0.0
    for seed in range(12):
        twin, roster, _ = pose(seed, kind)
        columns = [
            Column(
                twin.posed.kinds[team],
                depart,
                twin.find_home(team, patrol),
                tuple(twin.places[item] for item in items),
                0.0,
            )
            for team, chain in enumerate(twin.chains)
            for patrol, (depart, items) in enumerate(chain)
        ]
        need, duty = measure_roster(twin.task, roster)
        assert need == pytest.approx(twin.posed.measure_gain(columns))
        duties = [
            twin.walk(team, depart, items, twin.find_last_of(team, patrol)).duty
            for team, chain in enumerate(twin.chains)
            for patrol, (depart, items) in enumerate(chain)
        ]
        assert duty == pytest.approx(sum(duties))
        earned += twin.posed.measure_waysides(columns)
    assert (earned > 0) == (kind == "waysides")


@every_kind
def test_a_copy_is_the_same_and_holds_nothing_in_common(kind):
    twin, roster, _ = pose(3, kind)
    target = twin.make()
    for array in target:
        array[...] = 7
    kernel._copy_roster(roster, target)
    check(twin, target)
    for array in roster:
        array[...] = 5
    check(twin, target)


def test_a_copy_of_a_full_patrol_touches_no_other():
    """One patrol visits all sites: its order has no cell for the base after them."""
    twin = SlowRoster(build_problem(5, "bare", sites=2), 0)
    team, depart = next(
        (team, day)
        for team in range(3)
        for day in range(twin.days)
        if twin.walk(team, day, [0, 1], twin.find_last(team, day))
    )
    twin.chains[team] = [(depart, [0, 1])]
    roster, target = twin.load(), twin.make()
    assert roster.orders.shape[2] == 2
    roster.orders[team, 1], target.orders[team, 1] = 5, 7
    kernel._copy_roster(roster, target)
    assert target.orders[team, :2].tolist() == [[0, 1], [7, 7]]


def build_pool(twin, rows):
    return Pooled(
        keys=np.zeros(rows, np.uint64),
        kinds=np.zeros(rows, np.int64),
        departs=np.zeros(rows, np.int64),
        returns=np.zeros(rows, np.int64),
        sizes=np.zeros(rows, np.int64),
        duties=np.zeros(rows),
        merits=np.zeros(rows),
        orders=np.zeros((rows, len(twin.places)), np.int64),
        filled=np.zeros(1, np.int64),
    )


def read_pool(pool):
    """What a pool holds, by kind, day and set."""
    held = {}
    for row in np.flatnonzero(pool.keys):
        order = pool.orders[row, : pool.sizes[row]].tolist()
        key = int(pool.kinds[row]), int(pool.departs[row]), frozenset(order)
        assert key not in held
        held[key] = order, int(pool.returns[row]), pool.duties[row], pool.merits[row]
    return held


@pytest.mark.parametrize("rows", [8, 512])
@every_kind
def test_a_pool_holds_the_quickest_of_each_set(kind, rows):
    again = 0
    for seed in range(1, 5):
        twin, _, rng = pose(seed, kind, sites=3)
        pool, met = build_pool(twin, rows), {}
        for _ in range(25):
            twin.visit_some(rng, 0.8)
            roster, merit = twin.load(), float(rng.integers(1, 100))
            kernel._note_patrols(twin.task, roster, pool, merit)
            for team, chain in enumerate(twin.chains):
                for patrol, (depart, items) in enumerate(chain):
                    order = [twin.places[item] for item in items]
                    key = twin.posed.kinds[team], depart, frozenset(order)
                    # A pool three quarters full takes nothing new.
                    if key not in met and len(met) >= 0.75 * rows:
                        continue
                    home = roster.returns[team, patrol], roster.duties[team, patrol]
                    old, day, duty, most = met.get(key, (None, twin.days, inf, 0.0))
                    again += old is not None
                    if home[0] < day or (home[0] == day and home[1] < duty - 1e-9):
                        old, day, duty = order, *home
                    met[key] = old, day, duty, max(most, merit)
        assert read_pool(pool) == met
        assert pool.filled[0] == len(met)
    assert again >= 5


@every_kind
def test_nothing_helps_a_polished_roster(kind):
    for seed in range(8):
        twin, roster, rng = pose(seed, kind)
        twin.visit_some(rng, 0.5)
        roster = twin.load()
        scratch, (draws, _) = make_scratch(twin), begin(seed)
        cells = [scratch[name] for name in ("missing", "ranks", "openings", "spare")]
        polish_roster(twin.task, roster, *cells, draws)
        twin.chains = list_chains(roster)
        twin.arrivals = dict(enumerate(roster.arrivals.tolist()))
        check(twin, roster)
        assert max((swap[0] for swap in list_swaps(twin)), default=0.0) <= 1e-9
        for team, chain in enumerate(twin.chains):
            for patrol in range(len(chain)):
                assert find_sooner(twin, team, patrol) is None


@pytest.mark.parametrize("heat", [1e-9, 20.0, 5000.0])
@every_kind
def test_the_search_is_what_its_parts_do_in_turn(kind, heat):
    """The loop once more, in plain Python over the compiled parts."""
    twin, current, _ = pose(2, kind)
    task, rounds = twin.task, 25
    own, trial, top, candidate, best = (twin.make() for _ in range(5))
    kernel._copy_roster(current, own)
    pool, copy = build_pool(twin, 512), build_pool(twin, 512)
    (draws, _), (drawn, _) = begin(1), begin(1)
    improved = kernel.anneal_roster(
        task, current, candidate, best, pool, rounds, heat, draws
    )
    scratch = make_scratch(twin)
    cells = [scratch[name] for name in ("missing", "ranks", "openings", "spare")]

    def worth(roster):
        need, duty = measure_roster(task, roster)
        return need - task.minute * duty

    count, value, best_need, best_duty = 0, worth(own), 0.0, 0.0
    for _ in range(rounds):
        kernel._copy_roster(own, trial)
        kernel._ruin_roster(task, trial, drawn)
        if kernel._draw(drawn) < 0.3:
            kernel._move_days(task, trial, drawn)
        kernel._recreate_roster(task, trial, *scratch.values(), drawn)
        if kernel._drop_short(task, trial):
            kernel._fill(task, trial, *cells, drawn)
        need, duty = measure_roster(task, trial)
        if need >= 0.97 * best_need:
            kernel._note_patrols(task, trial, copy, need)
        floor = value + heat * log(kernel._draw(drawn) + 1e-12)
        if worth(trial) < floor:
            continue
        if need >= 0.98 * best_need:
            polish_roster(task, trial, *cells, drawn)
            need, duty = measure_roster(task, trial)
        if need >= 0.97 * best_need:
            kernel._note_patrols(task, trial, copy, need)
        more = need > best_need + 1e-9
        if more or (need > best_need - 1e-9 and duty < best_duty - 1e-9):
            count += more
            best_need, best_duty = need, duty
            kernel._copy_roster(trial, top)
        if worth(trial) >= floor:
            value = worth(trial)
            kernel._copy_roster(trial, own)
    assert int(draws[0]) == int(drawn[0])
    assert improved == count >= 1
    assert list_chains(best) == list_chains(top)
    assert list_chains(current) == list_chains(own)
    assert read_pool(pool) == read_pool(copy)
