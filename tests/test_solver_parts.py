"""Parts of the solver: what the search is told, how it cools, and what bounds prove."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.bound import Bounding
from patrolplan.planning.estimation import estimate_bound
from patrolplan.planning.every_patrol import run_all
from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Group, Wayside
from patrolplan.planning.search import Search
from patrolplan.planning.solver import Progress, solve
from patrolplan.planning.task import build_pool, build_roster, build_task
from problems import (
    build_hand_theatre,
    build_random_theatre,
    build_team,
    build_tiny_theatre,
    change_theatre,
)

DAY = 1440.0


def build(
    needs=(100.0, 50.0, 20.0),
    *,
    minutes=None,
    days=6,
    dwell=120.0,
    sites=None,
    groups=None,
    pairs=None,
    teams=(),
    least_unknown=0,
    **team,
) -> Posed:
    count = len(needs)
    if minutes is None:
        minutes = 100.0 * (1 - np.eye(count + 1))
    theatre = build_hand_theatre(
        minutes=minutes,
        dwells=(dwell,) * count,
        needs=needs,
        days=days,
        team=build_team(**team),
    )
    problem = change_theatre(theatre, sites=sites, groups=groups, pairs=pairs).problem
    limits = replace(problem.limits, min_unknown_visits=least_unknown)
    teams = (*problem.teams, *teams)
    return Posed(replace(problem, teams=teams, limits=limits))


def tell(posed):
    size = len(posed.problem.place_ids) + len(posed.crews) * posed.problem.horizon_days
    return build_task(posed, np.arange(1, size + 1, dtype=np.uint64))


# What the search is told


def test_each_visit_that_may_be_made_is_an_item() -> None:
    posed = build(sites={"s2": {"cadence_days": 2.0}})
    task = tell(posed)
    assert task.places.tolist() == [1, 2, 2, 2, 3]
    assert task.twins_from.tolist() == [0, 1, 1, 1, 4]
    assert task.twins_to.tolist() == [1, 4, 4, 4, 5]
    assert task.needs.tolist() == [100.0, 50.0, 50.0, 50.0, 20.0]
    assert task.apart_min.tolist() == [0.0, 2 * DAY, 2 * DAY, 2 * DAY, 0.0]
    assert task.repeats
    assert not tell(build()).repeats
    assert not task.windowed
    late = {"s2": {"windows_min": ((0.0, 700.0),)}}
    assert tell(build(sites=late)).windowed


def test_groups_and_bars_are_numbers() -> None:
    posed = build(
        (100.0, 50.0, 20.0, 10.0),
        groups=[Group(("s3", "s4"), required=True)],
        pairs=[("s1", "s2"), ("s1", "s4")],
    )
    task = tell(posed)
    assert task.groups.tolist() == [-1, -1, 0, 0]
    assert task.needs.tolist() == [
        100.0,
        50.0,
        20.0 + posed.bonus,
        10.0 + posed.bonus,
    ]
    barred = [
        task.bars[a:b].tolist()
        for a, b in zip(task.bars_from, task.bars_to, strict=True)
    ]
    assert barred == [[1, 3], [0], [], [0]]


def test_rings_of_the_unknown_are_groups_too() -> None:
    posed = build((100.0, None, None, None), least_unknown=2)
    task = tell(posed)
    # s2 and s4 are dealt into one ring, s3 into the other.
    assert task.groups.tolist() == [-1, 0, 1, 0]
    assert task.needs.tolist() == [100.0, *[posed.bonus] * 3]


def test_teams_and_ways_as_numbers() -> None:
    minutes = [[0, 100, 200, 300], [150, 0, 10, 90], [200, 30, 0, 50], [300, 20, 60, 0]]
    other = build_team("t2", roles=("a",), hazard_budget=5.0, fuel_budget_l=70.0)
    posed = build(
        minutes=minutes,
        sites={"s3": {"roles": ("a",)}},
        teams=[other],
        min_days=2,
        max_days=3,
        rest_days=1,
    )
    task = tell(posed)
    assert task.allowed.tolist() == [[True, True, False], [True, True, True]]
    assert (task.min_days.tolist(), task.max_days.tolist()) == ([2, 1], [3, 12])
    assert task.rest_days.tolist() == [1, 2]
    assert task.budgets.tolist() == [[np.inf, np.inf], [5.0, 70.0]]
    assert task.ranges_m.tolist() == [3_000_000.0] * 2
    assert task.kinds.tolist() == [0, 1]
    # There and back: s1 and s2 10 + 30, s1 and s3 90 + 20, s2 and s3 50 + 60.
    assert task.near.tolist() == [[0, 1, 2], [1, 0, 2], [2, 0, 1]]
    # From the base and back, and the dwell: 250, 400 and 600.
    assert task.efforts.tolist() == [370.0, 520.0, 720.0]
    assert task.durations[0].tolist() == minutes
    # Days of 720 minutes, summed.
    assert task.widths.tolist() == [720.0 * day for day in range(7)]
    # A twentieth of all need, over the minutes of both teams.
    assert task.minute == pytest.approx(0.05 * 170.0 / (2 * 6 * 720.0), rel=1e-9)


def test_a_site_is_the_nearest_to_itself() -> None:
    # s1 and s2 lie on one spot.
    minutes = [[0, 50, 50], [50, 0, 0], [50, 0, 0]]
    task = tell(build((100.0, 50.0), minutes=minutes))
    assert task.near.tolist() == [[0, 1], [1, 0]]


def test_where_there_is_no_way_it_is_very_far() -> None:
    minutes = [[0, 100, 100], [100, 0, None], [100, None, 0]]
    task = tell(build((100.0, 50.0), minutes=minutes))
    assert task.durations[0, 1, 2] == 4 * 7 * DAY


def test_patrols_as_the_search_changes_them() -> None:
    posed = build(groups=[Group(("s1", "s3"))], max_days=2, rest_days=0)
    task = tell(posed)
    chains = [[posed.run(0, 0, (2, 1)), posed.run(0, 3, (3,))]]
    # Of a group both would be too many, but they are counted as they come.
    roster = build_roster(posed, task, chains)
    assert roster.counts.tolist() == [2]
    assert roster.departs[0, :2].tolist() == [0, 3]
    assert roster.returns[0, :2].tolist() == [0, 3]
    assert roster.sizes[0, :2].tolist() == [2, 1]
    assert roster.orders[0, 0, :2].tolist() == [1, 0]
    assert roster.taken.tolist() == [2]
    # 3 x 100 + 2 x 120, and 2 x 100 + 120.
    assert roster.duties[0, :2].tolist() == [540.0, 320.0]
    # Six days hold six patrols of a day, and one row is spare.
    assert roster.departs.shape == (1, 7)
    column = chains[0][0]._replace(places=(2, 1, 3), depart_day=5)
    far = build(minutes=400.0 * (1 - np.eye(4)))
    with pytest.raises(ValueError, match="Patrol 0 of team 0 cannot be"):
        build_roster(far, tell(far), [[column]])


def test_twins_are_taken_one_after_another() -> None:
    posed = build(sites={"s1": {"cadence_days": 2.0}}, max_days=1, rest_days=1)
    task = tell(posed)
    chains = [[posed.run(0, 0, (1,)), posed.run(0, 2, (1,))]]
    roster = build_roster(posed, task, chains)
    assert roster.orders[0, :2, 0].tolist() == [0, 1]
    assert roster.team_of[:3].tolist() == [0, 0, -1]
    assert build_pool(task).orders.shape[1] == len(task.places)


# The search


def test_searches_side_by_side_are_each_their_own() -> None:
    posed = Posed(build_random_theatre(3, sites=20, days=14).problem)
    alone, both = Search(posed, 5, 1), Search(posed, 5, 2)
    for search in (alone, both):
        search.run(60, 0.0, 1.0)
    one, more = alone.find_best()[0], both.find_best()[0]
    assert more >= one
    first = set(alone.list_columns())
    assert first < set(both.list_columns())
    for column in first:
        again = posed.run(column.kind, column.depart_day, column.places)
        assert again.return_day == column.return_day
        assert again.duty_min == pytest.approx(column.duty_min)


def test_a_longer_search_finds_more() -> None:
    posed = Posed(build_random_theatre(3, sites=50, days=28).problem)
    search = Search(posed, 5, 1)
    before = search.find_best()[0]
    search.run(120, 0.0, 0.5)
    half = search.find_best()[0]
    assert half.gain > before.gain
    search.run(0, 0.5, 1.0)
    assert search.find_best()[0] == half
    # It stops where it is told to.
    other = Search(posed, 5, 1)
    other._workers[0].stopped = True
    other.run(120, 0.0, 0.5)
    assert other.find_best()[0] == before


def test_a_plan_adopted_is_kept_if_it_is_the_best() -> None:
    posed = build(max_days=1, rest_days=5, days=3, dwell=60.0)
    best = posed.run(0, 0, (1, 2, 3))
    search = Search(posed, 1, 1)
    search.adopt([[posed.run(0, 0, (3,))]])
    search.adopt([[best]])
    value, chains = search.find_best()
    assert value.gain == 170.0
    assert {p for c in chains[0] for p in c.places} == {1, 2, 3}
    assert value.spared_min == -sum(c.duty_min for c in chains[0])
    search.adopt([[posed.run(0, 0, (2,))]])
    assert search.find_best()[0] == value


def test_a_search_cools_down() -> None:
    posed = build()
    search = Search(posed, 1, 1)
    (worker,) = search._workers
    heats: list[tuple[int, float]] = []
    worker.anneal = lambda rounds, heat: heats.append((rounds, heat))
    gain = worker.measure().gain
    assert gain == 170.0
    search.run(120, 0.0, 1.0)
    # From 3 % of the need to 0.05 %, fifty rounds at a time: at 0, 50 and 100 of 120.
    assert [rounds for rounds, _ in heats] == [50, 50, 20]
    assert [heat for _, heat in heats] == pytest.approx(
        [5.1 * (0.0005 / 0.03) ** (done / 120) for done in (0, 50, 100)]
    )
    heats.clear()
    search.run(100, 0.5, 0.75)
    assert [heat for _, heat in heats] == pytest.approx(
        [5.1 * (0.0005 / 0.03) ** share for share in (0.5, 0.625)]
    )


def test_rounds_of_search_are_shared_out_to_turns(monkeypatch) -> None:
    calls: list[tuple[int, float, float]] = []
    monkeypatch.setattr(
        "patrolplan.planning.solver.Search.run",
        lambda self, rounds, begins, ends: calls.append((rounds, begins, ends)),
    )
    # Too large to be bounded: all turns are for the search.
    monkeypatch.setattr("patrolplan.planning.grids._MOST_CELLS", 1)
    told: list[Progress] = []
    solve(build().problem, seed=1, iterations=102, on_progress=told.append)
    # Of 102 rounds 25, 26, 25 and 26; of each turn's a fifth a step.
    assert [rounds for rounds, *_ in calls[:10]] == [5, 5, 5, 5, 5, 5, 5, 5, 5, 6]
    assert len(calls) == 20
    assert sum(rounds for rounds, *_ in calls) == 102
    for first in (1, 2):
        shares = [call[first] for call in calls]
        assert shares == pytest.approx([(s + first - 1) / 5 for s in range(5)] * 4)
    shares = [progress.share for progress in told]
    assert shares == pytest.approx([*(step / 20 for step in range(1, 21)), 1.0])


def test_an_interrupt_ends_all_searches() -> None:
    posed = build()
    search = Search(posed, 1, 2)
    calls = []

    def fail(*_):
        calls.append(1)
        raise KeyboardInterrupt

    search._workers[0].anneal = fail
    with pytest.raises(KeyboardInterrupt):
        search.run(10, 0.0, 1.0)
    assert all(worker.stopped for worker in search._workers)


# Bounds


def improve(problem, *, workers=1):
    posed = Posed(problem)
    bounding = Bounding(posed, posed.needs, workers)
    while bounding.improve():
        pass
    return bounding


@pytest.mark.parametrize("seed", range(8))
def test_bounds_are_near_and_take_little_work(seed) -> None:
    problem = build_random_theatre(
        seed,
        sites=12,
        bases=2,
        teams=3,
        days=10,
        max_days=5,
        min_days=1,
        conditions=seed > 2,
    ).problem
    bounding = improve(problem)
    solution = solve(problem, seed=1, iterations=40, workers=1)
    assert solution.need <= bounding.bound * (1 + 1e-9)
    assert bounding.labels < 400
    # Proven by prices alone, or by listing what is left.
    assert solution.gap <= 1e-5
    again = improve(problem, workers=2)
    assert (again.bound, again.labels) == (bounding.bound, bounding.labels)
    assert again.program.columns == bounding.program.columns


@pytest.mark.parametrize(
    ("seed", "rounds", "labels", "asked"),
    [
        (0, 9, 980, 601),
        (1, 7, 1033, 1085),
        (2, 10, 167, 114),
        (3, 3, 496, 515),
        (4, 9, 83, 111),
        (5, 7, 2773, 1881),
    ],
)
def test_bounds_take_no_more_work_than_they_did(seed, rounds, labels, asked) -> None:
    """Work is counted in labels, and the same on every machine; a quarter more than
    was measured is allowed, lest each little change of the core be one here."""
    problem = build_random_theatre(
        seed,
        sites=24,
        bases=2,
        teams=3,
        days=14,
        max_days=7,
        min_days=1,
        periods=1 + seed % 2,
    ).problem
    posed = Posed(problem)
    bounding = Bounding(posed, posed.needs)
    done = 0
    while bounding.improve():
        done += 1
    assert done <= 1.25 * rounds + 1
    assert bounding.labels <= 1.25 * labels
    inquiry = Inquiry(posed)
    found = inquiry.ask()
    assert inquiry.labels <= 1.25 * asked
    assert found.is_proven
    # Each is within a millionth of the other, and of the plan.
    assert found.need <= bounding.bound <= found.need * (1 + 1e-6)
    told: list[Progress] = []
    solution = solve(problem, seed=1, iterations=40, on_progress=told.append)
    assert solution.gap <= 1e-6
    assert len(told) <= 15


def test_every_patrol_of_a_better_plan_is_listed() -> None:
    listed = 0
    for seed in range(12):
        problem = build_tiny_theatre(seed).problem
        bounding = improve(problem)
        if bounding.relaxed is None or len(problem.travel) > 1:
            continue
        if not bounding.enumerate(0.0, 5000):
            continue
        # Of each set of sites and day the best order at most is needed.
        best: dict[tuple, float] = {}
        posed = bounding.posed
        for column in run_all(posed):
            key = (column.kind, column.depart_day, frozenset(column.places))
            best[key] = min(best.get(key, np.inf), column.return_day)
        found: dict[tuple, float] = {}
        for column in bounding.program.columns:
            key = (column.kind, column.depart_day, frozenset(column.places))
            found[key] = min(found.get(key, np.inf), column.return_day)
        assert best.items() <= found.items()
        listed += len(best) > 0
        few = improve(problem)
        if len(best) > 3:
            assert not few.enumerate(0.0, 2)
    assert listed >= 3


def test_a_bound_counts_visits_that_may_be_made_again() -> None:
    posed = build(sites={"s1": {"cadence_days": 2.0}}, max_days=1, rest_days=5)
    bounding = Bounding(posed, posed.needs)
    # Before anything is priced: three visits of s1, and the others.
    assert bounding.bound == pytest.approx(370.0)
    bounding.set_gains(np.array([0.0, 1.0, 2.0, -3.0, 0.0]))
    assert bounding.bound == pytest.approx(5.0)
    line = Wayside("line", 7.0, line_id="line")
    posed = Posed(replace(posed.problem, waysides=(line,)))
    bounding = Bounding(posed, posed.needs)
    assert bounding.bound == pytest.approx(377.0)
    bounding.set_gains(posed.needs, 2.0)
    assert bounding.bound == pytest.approx(384.0)


def test_a_problem_too_large_is_bounded_by_all_need_in_reach(monkeypatch) -> None:
    posed = build(sites={"s1": {"cadence_days": 2.0}})
    line = Wayside("line", 7.0, line_id="line")
    problem = replace(posed.problem, waysides=(line,))
    monkeypatch.setattr("patrolplan.planning.grids._MOST_CELLS", 1)
    assert estimate_bound(problem) == 377.0
    solution = solve(problem, seed=1, iterations=20, workers=1)
    assert solution.bound == 377.0
    assert solution.patrols == ()
