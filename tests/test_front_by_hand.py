"""Points of the front by hand: what dominates, what is kept, and bounds by prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning import frontier
from patrolplan.planning.every_patrol import can_run_all, run_all
from patrolplan.planning.frontier import FrontPoint, find_front
from patrolplan.planning.outlay import Outlay, build_charges
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Group, Plan, Wayside
from patrolplan.planning.solver import solve
from problems import (
    build_hand_theatre,
    build_team,
    change_theatre,
)


def build_point(need=100.0, bound=100.0, hours=10.0, litres=5.0) -> FrontPoint:
    return FrontPoint(Plan(), need, bound, Outlay(hours, litres))


# Points


@pytest.mark.parametrize(
    ("need", "bound", "exact"),
    [
        # A hundred thousandth of 200 is 0.002; of less than 1 it is that of 1.
        (199.999, 200.0, True),
        (199.997, 200.0, False),
        (0.499995, 0.5, True),
        (0.49998, 0.5, False),
        (0.0, 0.0, True),
    ],
)
def test_a_point_is_exact_but_for_rounding(need, bound, exact) -> None:
    point = build_point(need, bound)
    assert point.is_exact is exact
    gap = 0.0 if exact else (bound - need) / bound
    assert point.gap == gap


def test_a_quarter_may_be_lacking() -> None:
    assert build_point(75.0, 100.0).gap == 0.25


@pytest.mark.parametrize(
    ("changes", "dominates"),
    [
        ({}, False),
        ({"need": 101.0}, True),
        ({"hours": 9.0}, True),
        ({"litres": 4.0}, True),
        ({"need": 101.0, "hours": 11.0}, False),
        ({"need": 99.0, "hours": 9.0}, False),
        ({"litres": 6.0, "hours": 9.0}, False),
        # By rounding alone it is no better and no worse.
        ({"need": 100.0 + 5e-8}, False),
        ({"need": 100.0 - 5e-8, "hours": 9.0}, True),
        ({"need": 100.0 - 5e-7, "hours": 9.0}, False),
    ],
)
def test_what_dominates(changes, dominates) -> None:
    assert build_point(**changes).dominates(build_point()) is dominates


def test_only_what_nothing_dominates_is_kept_once() -> None:
    whole = build_point(100.0, 110.0, 10.0, 5.0)
    twin = build_point(100.0, 105.0, 10.0, 5.0)
    worse = build_point(90.0, 90.0, 10.0, 5.0)
    part = build_point(60.0, 130.0, 6.0, 2.0)
    least = build_point(20.0, 30.0, 5.0, 2.0)
    found = frontier._keep_best([part, least, whole, twin, worse])
    assert [(p.need, p.outlay) for p in found] == [
        (100.0, whole.outlay),
        (60.0, part.outlay),
        (20.0, least.outlay),
    ]
    # What bounds one that spends as much or more bounds it too: the twin's 105; that
    # of the one dominated, which is 90, is below what is met.
    assert [p.bound for p in found] == [100.0, 90.0, 30.0]
    found = frontier._keep_best([part, least, whole, twin])
    assert [p.bound for p in found] == [105.0, 105.0, 30.0]
    # One that spends less of one bounds nothing.
    found = frontier._keep_best([part, replace(whole, bound=200.0)])
    assert [p.bound for p in found] == [200.0, 130.0]
    assert [
        p.bound for p in frontier._keep_best([part, build_point(61, 61, 9, 1)])
    ] == [
        61.0,
        130.0,
    ]


def test_limits_are_even_shares() -> None:
    def tell(count, litres=90.0):
        limits = frontier._list_limits(Outlay(120.0, litres), count)
        return [(limit.which, pytest.approx(limit.most)) for limit in limits]

    assert tell(4) == [(0, 80.0), (0, 40.0), (1, 60.0), (1, 30.0)]
    assert tell(3) == [(0, 80.0), (0, 40.0), (1, 45.0)]
    assert tell(1) == [(0, 60.0)]
    # Without fuel there is none to limit.
    assert tell(3, 0.0) == [(0, 90.0), (0, 60.0), (0, 30.0)]


# Fronts


def build_two(*, needs=(100.0, 60.0), dwell=180.0, days=8, **more):
    """Return sites that each take a patrol of its own: home on the next morning.

    Out 300 minutes, 180 there, 240 of 300 back by 18:00: 25 hours of 16 people are
    400; 600 minutes at 0.1 L, of 4 vehicles, 240 L.
    """
    count = len(needs)
    theatre = build_hand_theatre(
        minutes=300.0 * np.array(_join_far(count)),
        dwells=(dwell,) * count,
        needs=needs,
        days=days,
        team=build_team(max_days=2, rest_days=0),
    )
    return change_theatre(theatre, **more).problem


def _join_far(count):
    """No two sites in one patrol: from one to another it is ten times as far."""
    cells = np.full((count + 1, count + 1), 10.0)
    cells[0, :] = cells[:, 0] = 1.0
    np.fill_diagonal(cells, 0.0)
    return cells.tolist()


def tell(front):
    return [
        (p.need, round(p.outlay.exposure_h, 6), round(p.outlay.fuel_l, 6))
        for p in front
    ]


@pytest.mark.parametrize("whole", [True, False])
def test_half_of_what_the_best_plan_spends_is_for_one_site(whole, monkeypatch) -> None:
    if not whole:
        monkeypatch.setattr(frontier, "can_run_all", lambda posed: False)
    problem = build_two()
    front = find_front(problem, solve(problem, seed=1, iterations=40), 3)
    assert tell(front) == [(160.0, 800.0, 480.0), (100.0, 400.0, 240.0)]
    best, half = front
    assert best.bound == pytest.approx(160.0)
    # Fuel is charged to the last litre: at any price between 60 and 100 a patrol no
    # plan earns more than 100 beyond it and what the limit is worth.
    assert half.bound == pytest.approx(100.0, abs=0.02)


def test_all_limits_of_three_sites() -> None:
    problem = build_two(needs=(100.0, 60.0, 30.0))
    front = find_front(problem, solve(problem, seed=1, iterations=40), 7)
    assert tell(front) == [
        (190.0, 1200.0, 720.0),
        (160.0, 800.0, 480.0),
        (100.0, 400.0, 240.0),
    ]
    assert all(point.is_exact for point in front)
    # A quarter of both is too little for any.
    assert len(find_front(problem, solve(problem, seed=1, iterations=40), 2)) == 2


def test_what_must_be_visited_stays() -> None:
    required = {"s2": {"required": True}}
    problem = build_two(sites=required)
    front = find_front(problem, solve(problem, seed=1, iterations=40), 3)
    assert tell(front) == [(160.0, 800.0, 480.0), (60.0, 400.0, 240.0)]
    (patrol,) = front[1].plan.patrols
    assert patrol.site_ids == ("s2",)
    groups = [Group(("s2", "s3"), required=True)]
    problem = build_two(needs=(100.0, 60.0, 30.0), groups=groups)
    front = find_front(problem, solve(problem, seed=1, iterations=40), 3)
    assert tell(front) == [(160.0, 800.0, 480.0), (60.0, 400.0, 240.0)]
    problem = build_two(needs=(100.0, None, None))
    limits = replace(problem.limits, min_unknown_visits=1)
    problem = replace(problem, limits=limits)
    front = find_front(problem, solve(problem, seed=1, iterations=40), 3)
    assert tell(front) == [(100.0, 800.0, 480.0), (0.0, 400.0, 240.0)]


def test_of_plans_that_meet_as_much_the_one_that_spends_least() -> None:
    # s1 and s3 earn as much, but s3 lies twice as near.
    problem = build_two(needs=(100.0, 60.0, 100.0))
    (matrix,) = problem.travel
    nearer = matrix.durations_min.copy()
    nearer[0, 3] = nearer[3, 0] = 150.0
    fuels = matrix.fuels_l.copy()
    fuels[0, 3] = fuels[3, 0] = 15.0
    travel = (replace(matrix, durations_min=nearer, fuels_l=fuels),)
    problem = replace(problem, travel=travel)
    solution = solve(problem, seed=1, iterations=40)
    front = find_front(problem, solution, 7)
    # There and back in a day: 480 minutes of 16 people, 128; 120 L.
    assert (100.0, 128.0, 120.0) in tell(front)
    assert (100.0, 400.0, 240.0) not in tell(front)


def test_need_on_the_way_is_met_too() -> None:
    line = Wayside("line", 50.0, line_id="line")
    problem = build_two()
    (matrix,) = problem.travel
    ways = {(0, 2): ((0, 10.0),)}
    problem = replace(
        problem, travel=(replace(matrix, waysides=ways),), waysides=(line,)
    )
    front = find_front(problem, solve(problem, seed=1, iterations=40), 3)
    # s2 with the line earns 110.
    assert tell(front) == [(210.0, 800.0, 480.0), (110.0, 400.0, 240.0)]


def test_where_nobody_goes_there_is_one_point() -> None:
    problem = build_two(needs=(0.0, 0.0))
    solution = solve(problem, seed=1, iterations=5)
    (only,) = find_front(problem, solution, 7)
    assert (only.need, only.outlay) == (0.0, (0.0, 0.0))


# Charges and every patrol


def test_charges_by_hand() -> None:
    posed = Posed(build_two())
    charge = build_charges(posed, 2.0, 3.0)[0]
    # Of an hour 2 for each of 16 people: of a minute 32 / 60. It leaves at 06:00, or
    # as late as a window would have it.
    rate = 32.0 / 60.0
    assert charge.leaves[:2] == pytest.approx([360 * rate, 1800 * rate])
    assert charge.returns[:2] == pytest.approx([360 * rate, 1800 * rate])
    # Half of 30 L there and 30 back, of 4 vehicles at 3.
    assert charge.places[:3] == pytest.approx([360.0, 360.0, 360.0])
    assert charge.base == pytest.approx(360.0)
    # A patrol is charged a day of 24 hours and all of its fuel.
    days = charge.charge_days(np.array([0]), np.array([1]))
    assert days + charge.places[1] == pytest.approx([24 * 32 + 720.0])


def test_a_patrol_that_waits_at_its_base_is_charged_from_then() -> None:
    late = {"s1": {"windows_min": ((800.0, 900.0),)}}
    posed = Posed(build_two(sites=late, days=2))
    charge = build_charges(posed, 60.0 / 16.0, 0.0)[0]
    # To be at s1 at 13:20 it leaves at 08:20; on the next day nobody waits.
    assert charge.leaves == pytest.approx([500.0, 1800.0])


def test_how_many_orders_there_are() -> None:
    # Of five sites 5 + 20 + 60 + 120 + 120 = 325 orders: on 61 days 19,825 in all.
    for days, able in ((61, True), (62, False)):
        theatre = build_hand_theatre(
            minutes=10.0 * (1 - np.eye(6)), dwells=(10.0,) * 5, days=days
        )
        assert can_run_all(Posed(theatre.problem)) is able


def test_every_patrol_of_two_sites() -> None:
    posed = Posed(build_two(days=3))
    found = {(c.depart_day, c.places) for c in run_all(posed)}
    # One site each, on days 0 and 1: on the last day there is no next morning.
    assert found == {(day, (place,)) for day in (0, 1) for place in (1, 2)}
