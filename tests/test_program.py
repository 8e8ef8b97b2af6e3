"""The program over patrols, its prices and its pricing: small ones, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.charges import Charge
from patrolplan.planning.choosing import choose_columns
from patrolplan.planning.cuts import count_cut, find_broken_cuts
from patrolplan.planning.packing import measure_spare
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Group, Wayside
from patrolplan.planning.program import Program, Relaxed
from problems import build_hand_theatre, build_team, change_theatre


def build(
    needs=(100.0, 50.0, None),
    *,
    days=3,
    groups=(),
    pairs=(),
    sites=None,
    least_unknown=0,
    teams=(),
    waysides=(),
    passed=None,
    **team,
) -> Posed:
    """Return sites 100 minutes from each other and the base, an hour at each."""
    count = len(needs)
    theatre = build_hand_theatre(
        minutes=100.0 * (1 - np.eye(count + 1)),
        dwells=(60,) * count,
        needs=needs,
        days=days,
        team=build_team(**team),
    )
    theatre = change_theatre(theatre, groups=groups, pairs=pairs, sites=sites)
    problem = theatre.problem
    return Posed(
        replace(
            problem,
            teams=(*problem.teams, *teams),
            travel=tuple(replace(m, waysides=passed or {}) for m in problem.travel),
            waysides=tuple(waysides),
            limits=replace(problem.limits, min_unknown_visits=least_unknown),
        )
    )


def start(posed, gains=None) -> Program:
    return Program(posed, posed.needs if gains is None else gains)


# Rows and columns


def test_what_can_be_had_how_often() -> None:
    posed = build(
        groups=[Group(("s1", "s2"))],
        sites={"s1": {"cadence_days": 1.0}},
        least_unknown=1,
        teams=[build_team("t2"), build_team("t3", max_days=2)],
    )
    program = start(posed)
    # s1 three times, s2 and s3 once; of the group one; two teams alike for three days
    # and one of another kind; the unknown.
    assert program.limits.tolist() == [3, 1, 1, 1, 2, 2, 2, 1, 1, 1, 0]
    assert program.site_rows == {1: 0, 2: 1, 3: 2}
    assert program.group_rows == {1: 3, 2: 3}
    assert program.day_rows == {0: 4, 2: 7}
    assert program.kind_of == {
        **{4 + day: (0, day) for day in range(3)},
        **{7 + day: (2, day) for day in range(3)},
    }
    assert program.unknown_rows == {3: 10}
    # Left on day 1 and home then: it rests on what is left of the horizon.
    column = Column(2, 1, 1, (1, 3, 1), 60.0)
    assert program.list_taken(column) == {
        0: 2.0,
        2: 1.0,
        3: 2.0,
        8: 1.0,
        9: 1.0,
        10: -1.0,
    }
    resting = Column(0, 0, 0, (2,), 60.0)
    assert program.list_taken(resting) == {1: 1.0, 3: 1.0, 4: 1.0, 5: 1.0, 6: 1.0}


def test_rest_ends_before_the_horizon() -> None:
    program = start(build(days=6, rest_days=2))
    column = Column(0, 1, 2, (1,), 60.0)
    # Out on days 1 and 2, at rest on 3 and 4.
    rows = program.list_taken(column).keys() - {0}
    assert rows == {program.day_rows[0] + day for day in (1, 2, 3, 4)}


def test_a_patrol_is_added_once() -> None:
    posed = build()
    program = start(posed)
    one, other = posed.run(0, 0, (1,)), posed.run(0, 1, (2,))
    assert program.add_columns([one, one, other]) == 2
    assert program.add_columns(iter([other, one])) == 0
    assert program.columns == [one, other]
    # Each rests two days: one of them only.
    assert program.relax().worth == pytest.approx(100.0)


def test_the_best_mixture_and_its_prices() -> None:
    posed = build(days=1, rest_days=0, max_days=1)
    program = start(posed)
    none = program.relax()
    assert (none.worth, none.prices.tolist()) == (0.0, [0.0] * len(program.limits))
    program.add_columns([posed.run(0, 0, places) for places in ((1,), (2,), (1, 2))])
    relaxed = program.relax()
    # Both sites on the one day: its price is what any patrol earns at the most.
    assert relaxed.worth == pytest.approx(150.0)
    assert relaxed.shares == pytest.approx([0.0, 0.0, 1.0])
    assert program.measure_rows(relaxed.prices) == pytest.approx(150.0)
    assert (relaxed.lost >= 0).all()
    assert (relaxed.prices >= 0).all()
    program.shut([2])
    relaxed = program.relax()
    assert relaxed.worth == pytest.approx(100.0)
    # At what the day costs now, the other earns 50 less.
    assert relaxed.lost[:2] == pytest.approx([0.0, 50.0])


def test_other_gains_and_charges() -> None:
    line = Wayside("line", 8.0, line_id="line")
    posed = build(
        days=1, max_days=1, waysides=[line], passed={(0, 1): ((0, 1.0),)}, rest_days=0
    )
    program = start(posed)
    one, other = posed.run(0, 0, (1,)), posed.run(0, 0, (2,))
    program.add_columns([one, other])
    assert program.relax().worth == pytest.approx(108.0)
    assert program.measure([one]) == 108.0
    gains = np.array([0.0, 10.0, 30.0, 0.0, 0.0])
    program.set_gains(gains)
    assert program.relax().worth == pytest.approx(30.0)
    program.set_gains(gains, 4.0)
    assert program.relax().worth == pytest.approx(42.0)
    assert program.measure(iter([one])) == 42.0
    assert program.measure([other]) == 30.0
    program.charges = {
        0: Charge(5.0, np.zeros(1), np.zeros(1), np.array([0, 20.0, 2, 0, 0]))
    }
    program.set_gains(gains, 4.0)
    # 10 - 5 - 20 + 32 and 30 - 5 - 2.
    assert program.measure([one]) == 17.0
    assert program.measure([other]) == 23.0
    assert program.relax().worth == pytest.approx(23.0)


def test_what_rows_cost_and_what_spares_them() -> None:
    posed = build(
        (100.0, 50.0),
        teams=[build_team("t2")],
        waysides=[Wayside("s2", 9.0, "s2"), Wayside("line", 4.0, line_id="line")],
    )
    program = start(posed)
    # Rows: s1, s2, three days of two teams, two waysides; and one cut.
    prices = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 3.0, 6.0, 7.0])
    # 1 + 2 + 2 x (3 + 4 + 5) + 7; the first wayside earns 9 - 3 - 2, the second nothing
    # beyond what its row costs.
    assert program.measure_rows(prices) == pytest.approx(34.0 + 4.0)
    assert measure_spare(np.zeros(0), [], prices) == 0.0


def test_visits_of_the_unknown_are_worth_what_they_are_told_to_be() -> None:
    posed = build((100.0, None, None), least_unknown=1)
    gains = posed.needs.copy()
    gains[-1] = 40.0
    program = start(posed, gains)
    both = posed.run(0, 0, (2, 3))
    assert program.waysides.tolist() == [40.0]
    assert program.measure([both]) == 40.0
    assert program.measure([posed.run(0, 0, (1,))]) == 100.0
    program.add_columns([both])
    assert program.relax().worth == pytest.approx(40.0)


def test_columns_of_waysides_and_of_the_unknown() -> None:
    line = Wayside("line", 8.0, line_id="line")
    posed = build(
        (100.0, 50.0, None, None),
        sites={"s2": {"cadence_days": 1.0}},
        least_unknown=2,
        waysides=[line, Wayside("s2", 9.0, "s2")],
    )
    program = start(posed)
    # Four sites, three days; two waysides, and the row of the unknown.
    assert program.way_rows.tolist() == [7, 8]
    assert list(program.way_cells) == [
        {7: 1.0},
        # s2 may be visited three times: once visited, nothing is earned in passing.
        {8: 1.0, 1: 3.0},
        {9: 1.0},
        {9: 1.0},
    ]
    assert program.unknown_rows == {3: 9, 4: 9}
    assert program.waysides.tolist() == [8.0, 9.0, 0.0, 0.0]
    assert len(program.limits) == 10


# Cuts


def build_triangle():
    """Three patrols that each visit two of three sites, by three teams."""
    teams = [build_team("t2"), build_team("t3")]
    posed = build((10.0, 10.0, 10.0), days=1, teams=teams)
    program = start(posed)
    columns = [posed.run(0, 0, places) for places in ((1, 2), (2, 3), (1, 3))]
    program.add_columns(columns)
    return program, columns


def test_a_cut_says_that_only_one_of_three_can_be() -> None:
    program, columns = build_triangle()
    relaxed = program.relax()
    # Half of each visits every site once: 3 x 20 / 2.
    assert relaxed.worth == pytest.approx(30.0)
    assert program.add_cuts(relaxed) == 1
    assert program.cuts == [(0, 1, 2)]
    cut = program.relax()
    assert cut.worth == pytest.approx(20.0)
    assert program.measure_rows(cut.prices) == pytest.approx(20.0)
    # The cut is known, and broken no more.
    assert program.add_cuts(cut) == 0
    assert program.price_cuts(columns[0], np.array([7.0])) == 7.0
    assert program.price_cuts(columns[0], np.array([0.0])) == 0.0
    alone = program.posed.run(0, 0, (1,))
    assert program.price_cuts(alone, np.array([7.0])) == 0.0
    # A patrol that comes later is cut as well.
    program.add_columns([program.posed.run(0, 0, (2, 1))])
    assert program.relax().worth == pytest.approx(20.0)


def test_cuts_that_do_not_bind_make_room(monkeypatch) -> None:
    program, _ = build_triangle()
    monkeypatch.setattr("patrolplan.planning.program.MOST_CUTS", 1)
    program.add_cuts(program.relax())
    (cut,) = program.cuts
    # As if another mixture were broken: the one there is idle and makes way.
    broken = [(0, 1, 3), (0, 2, 3)]
    monkeypatch.setattr(
        "patrolplan.planning.program.find_broken_cuts", lambda *_: broken
    )
    rows = len(program.limits)
    idle = Relaxed(0.0, np.zeros(rows + 1), np.zeros(3), np.zeros(3))
    assert program.add_cuts(idle) == 1
    assert program.cuts == [(0, 1, 3)] != [cut]
    assert program.relax().prices.shape == (rows + 1,)
    # One that binds stays, and there is no room.
    bound = idle._replace(prices=np.append(np.zeros(rows), 1.0))
    assert program.add_cuts(bound) == 0
    assert program.cuts == [(0, 1, 3)]


def test_only_rows_that_can_be_had_once_make_cuts() -> None:
    taken = [{0: 1.0, 1: 1.0}, {1: 1.0, 2: 1.0}, {0: 1.0, 2: 1.0}]
    shares = np.array([0.5, 0.5, 0.5])
    assert find_broken_cuts(shares, taken, {0, 1, 2}, []) == [(0, 1, 2)]
    assert find_broken_cuts(shares, taken, {0, 1}, []) == []
    assert find_broken_cuts(shares, taken, {0, 1, 2}, [(0, 1, 2)]) == []
    assert find_broken_cuts(np.ones(3), taken, {0, 1, 2}, []) == []
    # Broken by 0.01: too little to be worth its room; by 0.03 it is.
    for share, cuts in ((0.335, []), (0.345, [(0, 1, 2)])):
        assert find_broken_cuts(np.full(3, share), taken, {0, 1, 2}, []) == cuts
    # Rows that are taken alike make the same cut once, by the first of them.
    alike = [{**rows, **({7: 1.0} if 0 in rows else {})} for rows in taken]
    assert find_broken_cuts(shares, alike, {0, 1, 2, 7}, []) == [(0, 1, 2)]


def test_the_cut_broken_most_comes_first() -> None:
    one = [{0: 1.0, 1: 1.0}, {1: 1.0, 2: 1.0}, {0: 1.0, 2: 1.0}]
    other = [{row + 3: 1.0 for row in rows} for rows in one]
    shares = np.array([0.4, 0.4, 0.4, 0.5, 0.5, 0.5])
    found = find_broken_cuts(shares, one + other, range(6), [])
    assert found == [(3, 4, 5), (0, 1, 2)]


def test_how_often_a_cut_is_taken() -> None:
    assert count_cut((0, 1, 2), {0: 1.0}) == 0.0
    assert count_cut((0, 1, 2), {0: 1.0, 2: 1.0}) == 1.0
    assert count_cut((0, 1, 2), {0: 1.0, 1: 1.0, 2: 1.0, 3: 9.0}) == 1.0
    assert count_cut((0, 1, 2), {0: 3.0, 1: 1.0}) == 2.0


# Choices


def test_the_best_choice_and_what_none_exceeds() -> None:
    program, _ = build_triangle()
    chosen, most = program.choose([0, 1, 2], 100)
    assert len(chosen) == 1
    assert most == pytest.approx(20.0)
    assert program.choose([1], 100) == ([1], pytest.approx(20.0))
    assert program.choose([0, 1, 2], 100, worth=19.0)[0] is not None
    # None is worth more than 20, nor anything without patrols.
    assert program.choose([0, 1, 2], 100, worth=20.5) == (None, 20.5)
    assert program.choose([], 100, worth=3.0) == (None, 3.0)


def test_a_choice_leaves_time_for_need_to_grow_back() -> None:
    again = {"s1": {"cadence_days": 2.0}}
    posed = build((10.0, 1.0), days=3, rest_days=0, max_days=1, sites=again)
    program = start(posed)
    program.add_columns([posed.run(0, day, (1,)) for day in range(3)])
    chosen, most = program.choose(range(3), 100)
    # Of s1 twice, on days 0 and 2.
    assert chosen == [0, 2]
    assert most == pytest.approx(20.0)
    line = Wayside("line", 8.0, line_id="line")
    posed = build(
        (10.0, 11.0),
        days=1,
        max_days=1,
        waysides=[line],
        passed={(0, 1): ((0, 1.0),)},
    )
    program = start(posed)
    program.add_columns([posed.run(0, 0, (2,)), posed.run(0, 0, (1,))])
    assert program.choose([0, 1], 100) == ([1], pytest.approx(18.0))
    assert program.choose([0], 100, worth=5.0) == ([0], pytest.approx(11.0))


def test_columns_that_are_hardly_better_are_not_chosen() -> None:
    rows = [np.array([0]), np.array([0, 1]), np.array([1])]
    gains, limits = np.array([3.0, 4.0, 2.0]), np.ones(2)
    assert choose_columns(gains, rows, limits, 4.0).tolist() == [0, 2]
    assert choose_columns(gains, rows, limits, 4.5, step=1.0) is None
    assert choose_columns(gains, rows, limits, 4.0, step=1.0).tolist() == [0, 2]
    assert choose_columns(gains, rows, 2 * limits, 8.0).tolist() == [0, 1, 2]
