"""Tours without days, by hand: budgets, windows, kinds, and what the search is told."""

from __future__ import annotations

import numpy as np
import pytest

from patrolplan.planning import tours
from patrolplan.planning.tours import TourProblem, solve_tours


def build(count=4, *, budgets=(100.0,), starts=None, ends=None, needs=None, **more):
    """Return places on a line, 10 minutes apart; the first is the base of each tour."""
    spots = 10.0 * np.arange(count)
    return TourProblem(
        np.abs(spots[:, None] - spots[None]),
        np.array(needs or [0.0, *[1.0] * (count - 1)]),
        np.array(starts or [0] * len(budgets)),
        np.array(ends or [0] * len(budgets)),
        np.array(budgets),
        **more,
    )


def solve(problem, **more):
    return solve_tours(problem, seed=1, **({"iterations": 60} | more))


def test_a_tour_goes_as_far_as_its_budget() -> None:
    # To the places at 10, 20 and 30 minutes and back.
    for budget, far in ((60.0, 3), (59.0, 2), (40.0, 2), (20.0, 1), (19.0, 0)):
        found = solve(build(budgets=(budget,)))
        assert found.need == far
        assert sorted(found.tours[0]) == list(range(1, far + 1))


def test_dwells_count_and_need_decides() -> None:
    dwells = np.array([0.0, 30.0, 0.0, 5.0])
    # To 3 and back 60, and 5 there; on the way 2 takes no time; 1 takes 30.
    problem = build(budgets=(70.0,), dwells_min=dwells)
    assert sorted(solve(problem).tours[0]) == [2, 3]
    problem = build(budgets=(70.0,), dwells_min=dwells, needs=[0.0, 5.0, 1.0, 1.0])
    # 1 and 2: 40 + 30; better than 2 and 3.
    assert sorted(solve(problem).tours[0]) == [1, 2]
    assert solve(problem).need == 6.0


def test_windows_bind() -> None:
    opens, closes = np.array([0.0, 50.0, 0.0, 0.0]), np.array([99.0, 60.0, 25.0, 99.0])
    problem = build(opens_min=opens, closes_min=closes)
    # 2 at 20, 3 at 30, 1 at 50: it opens then.
    found = solve(problem)
    assert found.tours == ((2, 3, 1),)
    # Ten minutes away, and closed after nine.
    early = np.array([99.0, 9.0, 99.0, 99.0])
    found = solve(build(opens_min=np.zeros(4), closes_min=early))
    assert sorted(found.tours[0]) == [2, 3]
    # Waiting for 1 until 50 the tour ends at 60, as does one to 3; to 2 it is 40.
    for budget, need in ((60.0, 3.0), (59.0, 1.0)):
        problem = build(budgets=(budget,), opens_min=opens, closes_min=closes)
        assert solve(problem).need == need


def test_tours_of_several_kinds() -> None:
    # One from 0 to 3 on a budget of 30; one from 3 and back on 20.
    problem = build(
        5, budgets=(30.0, 20.0), starts=[0, 3], ends=[3, 3], needs=[0, 1, 1, 0, 7]
    )
    found = solve(problem)
    assert found.tours == ((1, 2), (4,))
    assert found.need == 9.0
    told = tours._build_tours(problem, np.random.default_rng(1))
    assert told.kinds.tolist() == [0, 1]
    assert told.sites.tolist() == [1, 2, 4]
    alike = build(budgets=(30.0, 40.0, 30.0))
    told = tours._build_tours(alike, np.random.default_rng(1))
    assert told.kinds.tolist() == [0, 1, 0]


def test_what_the_search_is_told() -> None:
    cells = np.array([[0.0, 5.0, 9.0], [7.0, 0.0, np.inf], [9.0, 1.0, 0.0]])
    problem = TourProblem(
        cells,
        np.array([0.0, 4.0, 6.0]),
        np.array([0]),
        np.array([0]),
        np.array([20.0]),
        np.array([0.0, 2.0, 3.0]),
    )
    told = tours._build_tours(problem, np.random.default_rng(1))
    # No way is longer than any budget: 1 and 4 x 20.
    assert told.durations[1, 2] == 81.0
    assert told.into.tolist() == told.durations.T.tolist()
    # There and back, and the dwell.
    assert told.efforts.tolist() == [0.0, 14.0, 21.0]
    # The second takes 21 of 20 minutes: it is out of reach.
    assert told.sites.tolist() == [1]
    # A fifth of all need in reach, over all minutes.
    assert told.minute == pytest.approx(0.2 * 4.0 / 20.0)
    assert not told.windowed
    assert told.closes.tolist() == [np.inf] * 3
    longer = TourProblem(
        cells, problem.needs, problem.starts, problem.ends, np.array([21.0])
    )
    told = tours._build_tours(longer, np.random.default_rng(1))
    assert told.sites.tolist() == [1, 2]
    assert told.dwells.tolist() == [0.0, 0.0, 0.0]
    # From 1 there and back 0, to 2 86; from the base 12 and 18.
    assert told.near.tolist() == [[1, 2], [1, 2], [2, 1]]


def test_the_base_is_not_visited_and_worthless_places_neither() -> None:
    told = tours._build_tours(
        build(needs=[9.0, -1.0, 1.0, 1.0]), np.random.default_rng(1)
    )
    assert told.sites.tolist() == [2, 3]
    problem = build(needs=[9.0, 0.0, 1.0, 1.0])
    found = solve(problem)
    assert sorted(found.tours[0]) == [2, 3]
    assert found.need == 2.0


def test_progress_and_rounds() -> None:
    told = []
    found = solve_tours(
        build(),
        seed=1,
        iterations=1200,
        on_progress=lambda share, need: told.append((share, need)),
    )
    # In steps of 500 rounds.
    assert [share for share, _ in told] == pytest.approx([500 / 1200, 1000 / 1200, 1.0])
    assert {need for _, need in told} == {3.0}
    assert found.iterations == 1200
    assert found.seconds_packing >= 0.0
    nothing = solve_tours(build(budgets=(5.0,)), seed=1, iterations=7)
    assert (nothing.iterations, nothing.tours, nothing.need) == (0, ((),), 0.0)


def test_the_search_cools_down_twice(monkeypatch) -> None:
    heats: list[tuple[int, float]] = []
    packed: list[int] = []
    anneal, pack = tours.anneal, tours._pack

    def watch(*args):
        heats.append((args[4], args[5]))
        anneal(*args)

    def count(*args):
        packed.append(len(heats))
        return pack(*args)

    monkeypatch.setattr(tours, "anneal", watch)
    monkeypatch.setattr(tours, "_pack", count)
    solve_tours(build(), seed=1, iterations=4250)
    # One round constructs; then 500 at a time, from 6 % of the need to 0.5 %, twice.
    assert heats[0] == (1, 1.0)
    assert [rounds for rounds, _ in heats[1:]] == [500] * 8 + [250]
    shares = [2 * done / 4250 % 1.0 for done in range(0, 4250, 500)]
    assert [heat for _, heat in heats[1:]] == pytest.approx(
        [3.0 * 0.06 * (0.005 / 0.06) ** share for share in shares]
    )
    # Sixteen choices at most; of nine looks each is due for one.
    assert packed == [2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_the_best_choice_of_the_tours_met_is_made() -> None:
    problem = build(budgets=(20.0, 60.0), needs=[0.0, 5.0, 1.0, 1.0])
    told = tours._build_tours(problem, np.random.default_rng(1))
    work, pool = tours._build_work(told), tours._build_pool(told)
    met = [((1,), 0, 5.0), ((2, 3), 1, 2.0), ((1, 2), 1, 6.0)]
    for row, (order, kind, need) in enumerate(met):
        pool.keys[row] = row + 1
        pool.kinds[row], pool.needs[row] = kind, need
        pool.sizes[row], pool.merits[row] = len(order), 1.0
        pool.orders[row, : len(order)] = order
    # 5 and 2 are better than 6 alone, which visits 1 as well.
    assert tours._pack(told, work, pool)
    assert tours._list_tours(work) == ((1,), (2, 3))
    assert tours._measure(told, work) == 7.0
    assert work.tour_of.tolist() == [-1, 0, 1, 1]
    # It is the best: there is no better.
    assert not tours._pack(told, work, pool)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_is_solved_to_its_end(seed) -> None:
    """Of twelve places on a line two tours take all within 120 and 60 minutes."""
    found = solve_tours(build(13, budgets=(240.0, 60.0)), seed=seed, iterations=200)
    assert found.need == 12.0
