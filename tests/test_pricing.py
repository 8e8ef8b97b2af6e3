"""Pricing and its grids of time: small ones, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from patrolplan.planning.charges import Charge
from patrolplan.planning.grids import build_grids, can_bound, keep_sites
from patrolplan.planning.posed import Posed
from patrolplan.planning.pricing import Pricer
from patrolplan.planning.problem import Wayside
from patrolplan.planning.spans import build_labels
from patrolplan.planning.tariff import Tariff
from problems import build_hand_theatre, build_team
from test_program import build

# Pricing


def build_pricer(posed, kind=0) -> Pricer:
    grids = build_grids(posed.problem, posed.crews, posed.reached)
    return Pricer(posed.problem, posed.crews[kind], grids[kind])


def build_free(posed, days=None, charge=None) -> Tariff:
    """Return the prices at which visits earn all of their need."""
    count = posed.problem.horizon_days
    none = np.zeros(0)
    return Tariff(
        posed.needs,
        np.zeros(count) if days is None else np.array(days),
        posed.waysides,
        none,
        np.zeros(len(posed.needs), dtype=np.uint64),
        [],
        charge,
    )


def test_the_best_days_of_a_patrol() -> None:
    posed = build(days=4, max_days=1, rest_days=1)
    pricer = build_pricer(posed)
    prices = build_free(posed, [5.0, 1.0, 2.0, 4.0])
    # 150 less the day out and one at rest: 144, 147, 144, and 146 on the last day.
    found = list(pricer.list_best_days((1, 2), prices, 0, 4, 3))
    assert [(gain, left, home) for gain, left, home, _ in found] == [
        (147.0, 1, 1),
        (146.0, 3, 3),
        (144.0, 0, 0),
    ]
    # Out 100 + 60 + 100 + 60 + 100.
    assert {duty for *_, duty in found} == {420.0}
    found = list(pricer.list_best_days((1, 2), prices, 2, 3, 3))
    assert [(gain, left) for gain, left, *_ in found] == [(144.0, 2)]
    charge = Charge(3.0, np.arange(4.0), np.zeros(4), np.zeros(5))
    prices = build_free(posed, [5.0, 1.0, 2.0, 4.0], charge)
    assert next(pricer.list_best_days((1, 2), prices, 0, 4, 1))[:2] == (144.0, 1)


def test_days_on_which_a_patrol_cannot_be_are_not_told() -> None:
    late = {"s1": {"windows_min": ((1440.0 + 400, 1440.0 + 900),)}}
    posed = build(days=3, max_days=1, sites=late)
    found = list(build_pricer(posed).list_best_days((1,), build_free(posed), 0, 3, 3))
    assert [left for _, left, *_ in found] == [1]
    homes, duties = build_pricer(posed).run_departures((1,), 0, 2)
    assert homes.tolist() == [-1, 1]
    assert duties[1] == 260.0


def price(posed, prices, least=0.0, *, begins=0, ends=1, every=0):
    return build_pricer(posed).price(
        begins, ends, prices, least, build_labels(10_000), every=every
    )


def test_the_patrol_that_earns_most_at_given_prices() -> None:
    posed = build(days=1, max_days=1)
    found = price(posed, build_free(posed, [30.0]))
    # Both sites, 150 less a day of 30; in either order.
    assert sorted(found.patrols[0]) == [1, 2]
    assert found.most == pytest.approx(120.0)
    assert found.whole
    assert found.labels > 0
    # None gains more than 120.
    assert price(posed, build_free(posed, [30.0]), 121.0).patrols == []
    every = price(posed, build_free(posed, [30.0]), -1.0, every=10)
    assert {frozenset(places) for places in every.patrols} == {
        frozenset({1}),
        frozenset({2}),
        frozenset({1, 2}),
    }
    assert every.whole
    assert not price(posed, build_free(posed, [30.0]), -1.0, every=2).whole


def test_what_is_earned_on_the_way_is_priced_once() -> None:
    line = Wayside("line", 8.0, line_id="line")
    passed = {(0, 1): ((0, 1.0),), (1, 2): ((0, 1.0),), (2, 0): ((0, 1.0),)}
    posed = build(days=1, max_days=1, waysides=[line], passed=passed)
    found = price(posed, build_free(posed))
    assert found.most == pytest.approx(158.0)
    assert build_pricer(posed).bound_gains(build_free(posed)) >= 158.0


def test_no_more_is_gained_than_the_bound() -> None:
    posed = build(days=1, max_days=1)
    pricer = build_pricer(posed)
    assert 120.0 <= pricer.bound_gains(build_free(posed, [30.0])) < np.inf
    # Where visits are of no length there is no grid: all need, less the least price.
    posed = build(days=1, max_days=1, sites={"s1": {"dwell_min": 0.0}})
    problem = posed.problem
    still = replace(
        problem,
        sites=tuple(replace(site, dwell_min=0.0) for site in problem.sites),
        travel=tuple(
            replace(m, durations_min=m.durations_min * 0.0) for m in problem.travel
        ),
    )
    posed = Posed(still)
    assert build_pricer(posed).bound_gains(build_free(posed, [30.0])) == 120.0


def test_roads_that_change_within_a_span() -> None:
    posed = build(days=6, max_days=2)
    (matrix,) = posed.problem.travel
    start_day = posed.problem.start
    early = replace(matrix, valid_to=start_day + timedelta(days=2))
    late = replace(matrix, valid_from=start_day + timedelta(days=3))
    problem = replace(posed.problem, travel=(early, late))
    pricer = build_pricer(Posed(problem))
    # A patrol that leaves on day 2 is still out on day 3.
    spans = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 6)]
    found = [pricer.has_one_road_state(*span) for span in spans]
    assert found == [True, True, False, False, True]


def test_labels_learn_what_made_a_patrol_come_back(monkeypatch) -> None:
    monkeypatch.setattr("patrolplan.planning.pricing._REMEMBERED", 1)
    posed = build((1.0, 1.0, 1.0, 1.0))
    pricer = build_pricer(posed)
    # Each site remembers itself alone: it may be come back to after another.
    assert pricer.forgets((1, 2, 1))
    assert not pricer.forgets((1, 1, 2))
    assert pricer.remember((1, 2, 1))
    assert not pricer.forgets((1, 2, 1))
    assert pricer.forgets((1, 3, 1))
    assert pricer.forgets((2, 1, 2))
    # Nothing new to learn.
    assert not pricer.remember((1, 2, 1))
    assert not pricer.remember((1, 2, 3))
    # Of the last time it was there: what lies between is what must remember.
    assert pricer.remember((3, 2, 3, 4, 3))
    assert not pricer.forgets((3, 4, 3))
    assert not pricer.forgets((3, 2, 3))
    # What came before the site was there first need not remember it.
    fresh = build_pricer(posed)
    assert fresh.remember((2, 1, 3, 1))
    assert not fresh.forgets((1, 3, 1))
    assert fresh.forgets((1, 2, 1))
    monkeypatch.setattr("patrolplan.planning.pricing._MOST_REMEMBERED", 2)
    # There is no more room at s2, which remembers s1 and s3 besides itself.
    assert not pricer.remember((4, 2, 4))


# Grids


def test_a_grid_of_some_of_its_sites() -> None:
    posed = build((1.0, 2.0, 3.0))
    steps = build_grids(posed.problem, posed.crews, posed.reached)[0]
    kept = keep_sites(steps, np.array([True, False, True]))
    assert kept.sites.tolist() == [1, 3]
    assert kept.nexts.shape == (3, steps.nexts.shape[1], 2)
    assert (kept.nexts == steps.nexts[[0, 2, 3]][:, :, [0, 2]]).all()
    assert (kept.homes == steps.homes[[0, 2, 3]]).all()


def test_a_grid_is_never_late() -> None:
    """From the base at 06:00 to s1 100 + 60 minutes: 08:40, or a little sooner."""
    posed = build((1.0, 2.0), days=2)
    steps = build_grids(posed.problem, posed.crews, posed.reached)[0]
    assert 10.0 <= steps.step_min <= 60.0
    after = steps.nexts[-1, 0, 0] * steps.step_min
    assert 160.0 - steps.step_min < after <= 160.0
    # Home on the first day from there, and from the second on the second.
    assert steps.homes[0, steps.nexts[-1, 0, 0]] == 0
    assert steps.homes[0, steps.offsets[1]] == 1


@pytest.mark.parametrize(
    ("minutes", "dwell", "cells", "step"),
    [
        # No finer than ten minutes, no coarser than sixty, no longer than a visit.
        (100.0, 60.0, 4e6, 10.0),
        (2.0, 5.0, 4e6, 7.0),
        # Two days of 720 minutes, three starts and two sites: 8,640 in 432 cells.
        (100.0, 60.0, 432, 20.0),
        (100.0, 60.0, 100, 60.0),
        (20.0, 25.0, 100, 45.0),
        # Below a minute there is no grid.
        (0.5, 0.4, 4e6, np.inf),
        (0.5, 0.5, 4e6, 1.0),
    ],
)
def test_steps_of_a_grid(monkeypatch, minutes, dwell, cells, step) -> None:
    monkeypatch.setattr("patrolplan.planning.grids._CELLS", cells)
    theatre = build_hand_theatre(
        minutes=minutes * (1 - np.eye(3)), dwells=(dwell,) * 2, days=2
    )
    posed = Posed(theatre.problem)
    steps = build_grids(posed.problem, posed.crews, posed.reached)[0]
    assert steps.step_min == step
    if step == np.inf:
        assert steps.nexts[-1, 0].tolist() == [0, 0]
        assert (steps.homes[:-1] == 0).all()
        return
    points = int(np.ceil(720.0 / step)) + 1
    assert steps.offsets.tolist() == [0, points, 2 * points]
    assert steps.nexts.shape == (3, 2 * points, 2)


def test_kinds_that_drive_alike_share_a_grid() -> None:
    """From s1 at its first point of the first day on to s2, whoever drives."""
    teams = [build_team("t2", rest_days=0), build_team("t3", max_days=2)]
    roles = {"s2": {"roles": ("a",)}}
    able = [replace(team, roles=("a",)) for team in teams]
    posed = build((1.0, 2.0), days=3, sites=roles, teams=able)
    grids = build_grids(posed.problem, posed.crews, posed.reached, workers=2)
    assert list(grids) == [0, 1, 2]
    assert [grids[kind].sites.tolist() for kind in grids] == [[1], [1, 2], [1, 2]]
    assert (grids[0].nexts[0] == grids[1].nexts[0][:, :1]).all()
    assert len(grids[1].offsets) == 4
    assert len(grids[2].offsets) == 3


def test_a_grid_is_of_the_earliest_of_all_roads() -> None:
    posed = build((1.0, 2.0), days=4)
    (matrix,) = posed.problem.travel
    first = posed.problem.start
    slow = replace(
        matrix,
        valid_to=first + timedelta(days=1),
        durations_min=matrix.durations_min * 2,
    )
    fast = replace(matrix, valid_from=first + timedelta(days=2))
    both = Posed(replace(posed.problem, travel=(slow, fast)))
    one = build_grids(posed.problem, posed.crews, posed.reached)[0]
    two = build_grids(both.problem, both.crews, both.reached)[0]
    # Whatever the days, no later than on the fast ones alone.
    assert (two.nexts[-1, 0] == one.nexts[-1, 0]).all()
    assert (two.homes[:-1, 0] == one.homes[:-1, 0]).all()


def test_too_many_cells_for_memory(monkeypatch) -> None:
    posed = build((1.0, 2.0, 3.0), days=2, teams=[build_team("t2", rest_days=0)])
    # Days of 720 minutes in steps of 60: 13 points. Both kinds drive alike: twice
    # 3 x 3 x 13 x 2 of their own and once what they share.
    for most, fits in ((702, True), (701, False)):
        monkeypatch.setattr("patrolplan.planning.grids._MOST_CELLS", most)
        assert can_bound(posed) is fits
    with pytest.raises(ValueError, match="up to 3 sites in reach of each of 2 kinds"):
        build_grids(posed.problem, posed.crews, posed.reached)
