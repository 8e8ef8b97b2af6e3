"""What patrols pay for days, places and cuts, and spans of days, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.charges import Charge, sum_charges
from patrolplan.planning.crews import Crew, build_crew
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Group
from patrolplan.planning.program import Program
from patrolplan.planning.spans import build_memory, build_span, list_near
from patrolplan.planning.tariff import (
    Tariff,
    build_tariff,
    chain_gains,
    price_returns,
    take_days,
)
from problems import build_hand_theatre, build_team, change_theatre

DAY = 1440.0


def build_light_crew(*, least=1, most=3, rest=1) -> Crew:
    return Crew(0, "light", least, most, rest, 1e6)


def build_prices(days, *, cuts=(), cut_days=(), charge=None) -> Tariff:
    none = np.zeros(0)
    members = np.zeros(0, dtype=np.uint64)
    return Tariff(
        none, np.array(days), none, np.array(cuts), members, list(cut_days), charge
    )


# Charges


def test_days_are_charged_and_never_taken_off_the_base():
    charge = Charge(5.0, np.array([6.0, 20.0]), np.array([0.0, 10.0]), np.zeros(3))
    # Home on the day it left: 0 - 6 is less than nothing. On the next: 10 - 6 = 4.
    days = charge.charge_days(np.array([0, 0, 1]), np.array([0, 1, 1]))
    assert days.tolist() == [5.0, 9.0, 5.0]


def test_what_some_patrols_are_charged():
    charge = Charge(
        5.0, np.array([6.0, 20.0]), np.array([0.0, 10.0]), np.array([1.0, 2.0, 4.0])
    )
    long = Column(0, 0, 1, (1, 2), 60.0)
    short = Column(0, 1, 1, (2,), 60.0)
    other = Column(3, 0, 1, (1,), 60.0)
    # 9 for the days and 2 + 4; 5 and 4; and nothing of a kind without a charge.
    assert sum_charges({0: charge}, [other, long, short]) == 24.0
    assert sum_charges({0: charge}, []) == 0.0


# Tariffs


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        # Out two days and at rest one: on days 0 and 3.
        ([5.0, 1.0, 4.0, 7.0, 2.0], 12.0),
        # One day later is too soon for a second.
        ([5.0, 1.0, 7.0, 0.0, 0.0], 7.0),
        # The last day is one too, and what loses is not done.
        ([-1.0, -1.0, -1.0, -1.0, 9.0], 9.0),
        ([-1.0, -2.0, -3.0, -1.0, -1.0], 0.0),
    ],
)
def test_what_one_team_gains_patrol_after_patrol(most, expected):
    assert chain_gains(build_light_crew(least=2), np.array(most)) == expected


def test_the_least_that_days_out_and_at_rest_cost():
    crew = build_light_crew(least=2)
    prices = build_prices([1.0, 2.0, 4.0, 8.0, 16.0])
    # Left on day 0 or 1. Home on the same day or the next it is out for two days and
    # rests one: 1 + 2 + 4, or 2 + 4 + 8; on the third 1 + 2 + 4 + 8.
    assert price_returns(crew, prices, 0, 2).tolist() == [7.0, 7.0, 15.0]
    # Left on day 3 or 4: what is beyond the horizon costs nothing. 16; 8 + 16; never.
    assert price_returns(crew, prices, 3, 5).tolist() == [16.0, 24.0, 1e12]


def test_a_charge_comes_on_top_of_the_days():
    crew = build_light_crew(least=2)
    charge = Charge(
        100.0,
        np.array([5.0, 0.0, 0.0, 0.0, 0.0]),
        np.array([0.0, 10.0, 20.0, 30.0, 40.0]),
        np.zeros(2),
    )
    prices = build_prices([1.0, 2.0, 4.0, 8.0, 16.0], charge=charge)
    # Left on day 0: 7 + 100; 7 + 105; 15 + 115. On day 1 each costs more.
    assert price_returns(crew, prices, 0, 2).tolist() == [107.0, 112.0, 130.0]


def test_a_horizon_shorter_than_a_patrol_has_so_many_days_of_return():
    prices = build_prices([1.0, 2.0])
    assert price_returns(build_light_crew(), prices, 0, 1).tolist() == [3.0, 3.0]


def test_days_that_are_taken_for_certain_take_cuts():
    crew = build_light_crew()
    prices = build_prices(
        [0.0] * 5, cuts=[10.0, 20.0], cut_days=[(0, 1), (0, 2), (1, 0), (0, 3)]
    )
    homes = np.array([1.0, 2.0, 3.0])
    dawn, evenings = take_days(crew, prices, 0, 2, homes)
    # Left on day 0 or 1, day 1 is taken for certain: one row of the first cut. Home a
    # day later day 2 is, and then day 3: a second row pays it. Day 0 is of day 0 alone.
    assert dawn.tolist() == [1]
    assert evenings.tolist() == [0, 1, 0]
    assert homes.tolist() == [1.0, 2.0, 13.0]


def test_two_rows_of_a_cut_on_the_first_days_pay_at_once():
    crew = build_light_crew(least=2)
    prices = build_prices(
        [0.0] * 6, cuts=[10.0, 20.0], cut_days=[(0, 1), (0, 3), (0, 4), (1, 2)]
    )
    homes = np.zeros(3)
    dawn, evenings = take_days(crew, prices, 1, 2, homes)
    # Left on day 1, out two days and at rest one: days 1 to 3, and to 4 if home on
    # the third. Of the first cut two rows, or three; of the second one.
    assert dawn.tolist() == [2]
    assert evenings.tolist() == [0, 0, 1]
    assert homes.tolist() == [10.0, 10.0, 10.0]


def build_two_kinds() -> Posed:
    """Return s1 and s2 of one group, s3 of unknown need, and two kinds of team."""
    theatre = build_hand_theatre(
        minutes=100.0 * (1 - np.eye(4)),
        dwells=(60, 60, 60),
        needs=(100.0, 50.0, None),
        days=3,
        team=build_team(max_days=3),
    )
    theatre = change_theatre(theatre, groups=[Group(("s1", "s2"))])
    (team,) = theatre.problem.teams
    problem = replace(
        theatre.problem,
        teams=(team, replace(team, id="t2", max_days=2)),
        limits=replace(theatre.problem.limits, min_unknown_visits=1),
    )
    return Posed(problem)


def test_a_kind_of_team_pays_the_prices_of_its_rows():
    posed = build_two_kinds()
    program = Program(posed, posed.needs)
    # Rows: s1, s2, s3; the group; three days of each kind; the unknown; two cuts.
    assert len(program.limits) == 11
    program.cuts = [(0, 2, 9), (0, 5, 6)]
    places = np.array([0.0, 1.0, 2.0, 3.0, 0.0])
    charge = Charge(0.0, np.zeros(3), np.zeros(3), places)
    program.charges = {1: charge}
    prices = 1.0 + np.arange(13.0)
    first, second = (build_tariff(program, k, posed.needs, prices) for k in (0, 1))
    # 100 - 1 - 4, 50 - 2 - 4 and 0 - 3 + 11.
    assert first.gains.tolist() == [0.0, 95.0, 44.0, 8.0, 0.0]
    assert second.gains.tolist() == [0.0, 94.0, 42.0, 5.0, 0.0]
    assert posed.needs.tolist() == [0.0, 100.0, 50.0, 0.0, 0.0]
    assert first.days.tolist() == [5.0, 6.0, 7.0]
    assert second.days.tolist() == [8.0, 9.0, 10.0]
    assert first.cuts.tolist() == second.cuts.tolist() == [12.0, 13.0]
    assert first.members.tolist() == [0, 3, 0, 1, 0]
    assert list(first.cut_days) == [(1, 1), (1, 2)]
    assert list(second.cut_days) == [(0, 2)]
    assert first.charge is None
    assert second.charge is charge


# Spans


def build_uneven(windows=None):
    """Return four days whose hours differ; s2 is open day and night."""
    theatre = build_hand_theatre(
        minutes=100.0 * (1 - np.eye(3)), dwells=(60, 60), days=4
    )
    problem = theatre.problem
    opens = (
        np.array([[300.0] * 4, [410.0, 390.0, 360.0, 380.0], [0.0] * 4])
        + problem.day_starts_min[:-1]
    )
    closes = (
        np.array([[1000.0] * 4, [1090.0, 1070.0, 1085.0, 1060.0], [1439.0] * 4])
        + problem.day_starts_min[:-1]
    )
    theatre = replace(
        theatre, problem=replace(problem, opens_min=opens, closes_min=closes)
    )
    return change_theatre(theatre, sites={"s1": {"windows_min": windows}}).problem


def cut_span(problem, begins, ends, *, most=2):
    crew = build_crew(problem, problem.teams[0])._replace(max_days=most)
    numbers = build_crew_numbers(problem, crew)
    return build_span(build_arrays(problem), numbers, np.array([1]), begins, ends)


def test_a_span_is_open_while_any_of_its_days_is():
    span = cut_span(build_uneven(), 1, 3)
    # Of s1: left on day 1 it finds 390 and 360, left on day 2 360 and 380; likewise
    # 1070 and 1085, 1085 and 1060.
    assert span.clock.opens_min[1].tolist() == [360.0, DAY + 360]
    assert span.clock.closes_min[1].tolist() == [1085.0, DAY + 1085]
    assert span.clock.longest_min.tolist() == [700.0, 725.0, 1439.0]
    assert span.clock.midnights_min.tolist() == [0.0, DAY, 2 * DAY]
    # Over the base and s1, not s2.
    assert span.wide_opens.tolist() == [300.0, DAY + 300]
    assert span.wide_closes.tolist() == [1085.0, DAY + 1085]
    assert span.clock.matrix_of.shape == (1, 2)


def test_a_span_ends_with_the_horizon():
    span = cut_span(build_uneven(), 2, 4)
    # Left on day 3 there is no second day.
    assert span.clock.opens_min[1].tolist() == [360.0, DAY + 380]
    assert span.clock.closes_min[1].tolist() == [1085.0, DAY + 1060]
    assert cut_span(build_uneven(), 3, 4).clock.opens_min[1].tolist() == [380.0]
    assert cut_span(build_uneven(), 0, 1, most=9).clock.opens_min.shape == (3, 4)


def test_windows_of_a_span_are_those_of_its_days_joined():
    windows = ((DAY + 600, DAY + 700), (2 * DAY + 650, 2 * DAY + 900))
    span = cut_span(build_uneven(windows), 1, 3)
    # Left on day 1: 600 to 700, and 650 to 900 the day after; on day 2: 650 to 900.
    assert span.clock.windows_min.tolist() == [
        [600.0, 900.0],
        [DAY + 650, DAY + 900],
    ]
    assert span.clock.windows_from.tolist() == [0, 0, 2]
    assert span.clock.windows_to.tolist() == [0, 2, 2]
    # One that ends as a day begins is still of that day.
    span = cut_span(build_uneven(((DAY - 60, DAY),)), 1, 2)
    assert span.clock.windows_min.tolist() == [[-60.0, 0.0]]


def build_four():
    """Return s1 to s4; from s1 to s2 it is near, but far back."""
    minutes = [
        [0, 1, 1, 1, 1],
        [1, 0, 10, 20, 90],
        [1, 50, 0, 30, 90],
        [1, 20, 25, 0, 90],
        [1, 90, 90, 90, 0],
    ]
    return build_hand_theatre(minutes=minutes, dwells=(60,) * 4)


def test_a_site_remembers_itself_and_the_nearest_there_and_back():
    clock = build_arrays(build_four().problem)
    sites = np.array([1, 2, 3])
    # Both ways: s1 and s2 60 minutes, s1 and s3 40, s2 and s3 55.
    assert list_near(clock, sites, 2) == [[0, 2], [1, 2], [2, 0]]
    assert list_near(clock, sites, 9) == [[0, 2, 1], [1, 2, 0], [2, 0, 1]]


def test_memory_has_a_bit_for_each_site_and_bars_both_ways():
    theatre = change_theatre(
        build_four(), pairs=[("s1", "s2"), ("s1", "s4")], groups=[Group(("s2", "s3"))]
    )
    sites = np.array([1, 2, 3])
    memory = build_memory(theatre.problem, sites, [[0, 2], [1], [2, 0, 1]])
    assert memory.bits.tolist() == [[0, -1, 1], [-1, 0, -1], [1, 2, 0]]
    assert memory.near.tolist() == [[0, 2, 0], [1, 1, 1], [2, 0, 1]]
    # s4 is none of the sites.
    assert memory.bars.tolist() == [1, 0, 2, 1]
    assert memory.bars_from.tolist() == [0, 1, 3]
    assert memory.bars_to.tolist() == [1, 3, 4]
