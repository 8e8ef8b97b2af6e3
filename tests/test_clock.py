from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.clock import (
    Driven,
    Piece,
    Visited,
    build_crew,
    drive,
    evaluate_patrol,
    find_last_day,
    visit,
)
from patrolplan.planning.tables import build_tables
from problems import build_hand_theatre, build_matrix, build_team

# Windows are 06:00 to 18:00: minutes 360 to 1080 of each day of 1440, 720 long.
OPEN, CLOSE, DAY = 360.0, 1080.0, 1440.0


def build_drive(problem, *, vehicle="light"):
    tables = build_tables(problem)

    def run(origin, destination, now, day, last_day, pieces=None):
        return drive(
            tables,
            tables.vehicles[vehicle],
            origin,
            destination,
            now,
            day,
            last_day,
            pieces,
        )

    return run


def test_leg_within_a_day_waits_for_the_morning():
    run = build_drive(build_hand_theatre(minutes=[[0, 300], [300, 0]]).problem)
    assert run(0, 1, 0.0, 0, 9) == Driven(OPEN + 300, 0, 0)


def test_leg_of_two_days_halts_at_the_close():
    run = build_drive(build_hand_theatre(minutes=[[0, 900], [900, 0]]).problem)
    pieces: list[Piece] = []
    # 06:00 to 18:00 are 720 of 900 minutes; the other 180 from 06:00 next morning.
    assert run(0, 1, 0.0, 0, 9, pieces) == Driven(DAY + OPEN + 180, 1, 0)
    assert pieces == [
        Piece(0, 720, OPEN, CLOSE),
        Piece(720, 900, DAY + OPEN, DAY + OPEN + 180),
    ]


def test_leg_that_just_fits_takes_no_halt():
    run = build_drive(build_hand_theatre(minutes=[[0, 720], [720, 0]]).problem)
    assert run(0, 1, 0.0, 0, 9) == Driven(CLOSE, 0, 0)


def test_no_halt_within_a_blocked_stretch():
    theatre = build_hand_theatre(minutes=[[0, 900], [900, 0]])
    matrix = replace(theatre.problem.travel[0], halt_blocked={(0, 1): ((650, 730),)})
    run = build_drive(replace(theatre.problem, travel=(matrix,)))
    pieces: list[Piece] = []
    # 720 lies within (650, 730): halt at 650, 250 left for the morning.
    assert run(0, 1, 0.0, 0, 9, pieces) == Driven(DAY + OPEN + 250, 1, 0)
    assert pieces[0] == Piece(0, 650, OPEN, OPEN + 650)
    # The ends of an open interval are allowed.
    matrix = replace(matrix, halt_blocked={(0, 1): ((720, 730), (600, 720))})
    run = build_drive(replace(theatre.problem, travel=(matrix,)))
    assert run(0, 1, 0.0, 0, 9) == Driven(DAY + OPEN + 180, 1, 0)


def test_halt_at_minute_zero_is_at_the_place_and_takes_the_next_days_matrix():
    theatre = build_hand_theatre(minutes=[[0, 300], [300, 0]])
    dry = build_matrix([[0, 300], [300, 0]], days=(0, 0))
    blocked = replace(dry, halt_blocked={(1, 0): ((-1.0, 200.0),)})
    wet = build_matrix([[0, 400], [400, 0]], days=(1, 9))
    run = build_drive(replace(theatre.problem, travel=(blocked, wet)))
    # 100 minutes are left on day 0, all without halts: it leaves on day 1 at 06:00,
    # and the roads of that day take 400.
    pieces: list[Piece] = []
    assert run(1, 0, CLOSE - 100, 0, 9, pieces) == Driven(DAY + OPEN + 400, 1, 1)
    assert pieces == [Piece(0, 400, DAY + OPEN, DAY + OPEN + 400)]
    # A leg under way keeps the matrix it departed by: 100 today, 200 tomorrow.
    run = build_drive(replace(theatre.problem, travel=(dry, wet)))
    assert run(1, 0, CLOSE - 100, 0, 9) == Driven(DAY + OPEN + 200, 1, 0)
    # Nothing is left of day 0 at its close: it departs on day 1.
    assert run(1, 0, CLOSE, 0, 9) == Driven(DAY + OPEN + 400, 1, 1)


def test_window_of_a_leg_is_shared_by_its_ends_and_less_breaks():
    theatre = build_hand_theatre(minutes=[[0, 500], [500, 0]])
    opens, closes = theatre.problem.opens_min.copy(), theatre.problem.closes_min.copy()
    opens[1] += 30
    closes[0] -= 20
    limits = replace(theatre.problem.limits, break_min=60.0)
    problem = replace(
        theatre.problem, opens_min=opens, closes_min=closes, limits=limits
    )
    run = build_drive(problem)
    # The later opening, 06:30, holds.
    assert run(0, 1, 0.0, 0, 9) == Driven(390.0 + 500.0, 0, 0)
    # The earlier close less the break, 18:00 - 0:20 - 1:00 = 16:40, is minute 1000:
    # from 12:00 (720) 280 minutes today, 220 from 06:30 tomorrow.
    assert run(0, 1, 720.0, 0, 9) == Driven(DAY + 390.0 + 220.0, 1, 0)


def test_dwell_is_not_split():
    problem = build_hand_theatre(dwells=(120,)).problem
    tables = build_tables(problem)
    assert visit(tables, 1, 500.0, 0, 9) == Visited(500.0, 620.0, 0)
    assert visit(tables, 1, CLOSE - 120, 0, 9) == Visited(CLOSE - 120, CLOSE, 0)
    late = visit(tables, 1, CLOSE - 119, 0, 9)
    assert late == Visited(DAY + OPEN, DAY + OPEN + 120, 1)
    assert visit(tables, 1, CLOSE - 119, 0, 0) == "out_of_days"


def test_why_a_patrol_cannot_be():
    def fail(sites=("s1",), day=0, blocks=None, *, team=None, **more):
        theatre = build_hand_theatre(team=team, **more)
        problem = theatre.problem
        if blocks:
            matrix = replace(problem.travel[0], halt_blocked=blocks)
            problem = replace(problem, travel=(matrix,))
        return evaluate_patrol(problem, problem.teams[0], day, sites).failure

    far = [[0, 2000], [2000, 0]]
    assert fail() is None
    assert fail(minutes=[[0, None], [300, 0]]) == "no_way"
    assert fail(minutes=[[0, 300], [None, 0]]) == "no_way"
    assert fail(dwells=(721,)) == "dwell_too_long"
    # Out 2000 = 720 + 720 + 560, dwell 120, and back within the sixth day.
    assert fail(minutes=far, team=build_team(max_days=6)) is None
    assert fail(minutes=far, team=build_team(max_days=5)) == "too_many_days"
    assert fail(minutes=far, day=5) == "beyond_horizon"
    assert fail(team=build_team(range_km=299.0)) == "range_exceeded"
    assert fail(team=build_team(range_km=300.0)) is None
    assert fail(team=build_team(min_days=2)) == "too_few_days"
    stretch = {(1, 0): ((100.0, 900.0),)}
    assert fail(minutes=[[0, 300], [1000, 0]], blocks=stretch) == "no_halt"
    stretch = {(0, 1): ((-1.0, 900.0),)}
    assert fail(minutes=[[0, 900], [300, 0]], blocks=stretch) == "no_halt"
    with pytest.raises(ValueError, match="at least one site"):
        fail(sites=())
    with pytest.raises(ValueError, match="outside the horizon"):
        fail(day=10)


@pytest.mark.parametrize(
    ("name", "sum_", "slack"),
    [
        # 3 out and 4 back of hazard; 30 and 40 litres.
        ("hazard_budget", 7.0, 1e-9),
        ("fuel_budget_l", 70.0, 1e-9),
        # 150 km out and 150 back, to a millimetre.
        ("range_km", 300.0, 1e-6 / 300),
    ],
)
def test_a_budget_is_kept_to_its_last_digit(name, sum_, slack):
    theatre = build_hand_theatre(minutes=[[0, 300], [300, 0]])
    cells = np.array([[0.0, 3.0], [4.0, 0.0]])
    (matrix,) = theatre.problem.travel
    matrix = replace(matrix, hazards=cells, fuels_l=10 * cells)
    problem = replace(theatre.problem, travel=(matrix,))

    def fail(value):
        team = replace(problem.teams[0], **{name: value})
        asked = replace(problem, teams=(team,))
        return evaluate_patrol(asked, team, 0, ("s1",)).failure

    told = {"hazard_budget": "hazard", "fuel_budget_l": "fuel", "range_km": "range"}
    assert fail(sum_) is None
    assert fail(sum_ * (1 - 0.9 * slack)) is None
    assert fail(sum_ * (1 - 1.1 * slack)) == f"{told[name]}_exceeded"


@pytest.mark.parametrize("name", ["hazard_budget", "fuel_budget_l"])
def test_who_has_no_budget_goes_where_none_is_spent(name):
    theatre = build_hand_theatre(minutes=[[0, 300], [300, 0]])
    nothing = np.zeros((2, 2))
    (matrix,) = theatre.problem.travel
    for cells, failure in (
        (nothing, None),
        (nothing + 1e-9, f"{name.partition('_')[0]}_exceeded"),
    ):
        travel = (replace(matrix, hazards=cells, fuels_l=cells),)
        team = replace(theatre.problem.teams[0], **{name: 0.0})
        problem = replace(theatre.problem, travel=travel, teams=(team,))
        assert evaluate_patrol(problem, team, 0, ("s1",)).failure == failure


def test_tanks_are_filled_at_a_site_that_fills_them():
    """30 litres from one place to any other: 30 and 60, or 90 without a fill."""
    minutes = 100.0 * (1 - np.eye(3))
    theatre = build_hand_theatre(dwells=(60, 60), minutes=minutes)
    (matrix,) = theatre.problem.travel
    matrix = replace(matrix, fuels_l=0.3 * minutes)
    for fills, least in ((None, 90.0), ("s1", 60.0), ("s2", 60.0)):
        sites = tuple(
            replace(site, refuels=site.id == fills) for site in theatre.problem.sites
        )
        for budget, kept in ((least, True), (least - 0.1, False)):
            team = replace(theatre.problem.teams[0], fuel_budget_l=budget)
            problem = replace(
                theatre.problem, travel=(matrix,), sites=sites, teams=(team,)
            )
            value = evaluate_patrol(problem, team, 0, ("s1", "s2"))
            assert (value.failure is None) is kept


def test_a_patrol_that_cannot_leave_on_its_day_is_refused():
    theatre = build_hand_theatre()
    opens = theatre.problem.opens_min.copy()
    opens[:, 0] = theatre.problem.closes_min[:, 0]
    problem = replace(theatre.problem, opens_min=opens)
    team = problem.teams[0]
    assert evaluate_patrol(problem, team, 0, ("s1",)).failure == "no_start"
    assert evaluate_patrol(problem, team, 1, ("s1",)).failure is None


def test_value_of_a_patrol():
    theatre = build_hand_theatre(
        dwells=(500, 500),
        minutes=[[0, 900, 600], [900, 0, 300], [600, 300, 0]],
    )
    problem = theatre.problem
    value = evaluate_patrol(problem, problem.teams[0], 0, ("s1", "s2"))
    # Worked out in test_schedule: home on day 4 at 12:20.
    assert value.failure is None
    assert value.return_day == 4
    assert value.depart_min == OPEN
    assert value.return_min == 4 * DAY + 12 * 60 + 20
    assert value.driving_min == 900 + 300 + 600
    assert value.length_m == 1800 * 500.0
    # Four whole days of 720 minutes and 380 minutes of the fifth.
    assert value.duty_min == 4 * 720 + 380


def test_tables_are_built_once_and_forgotten_with_the_problem():
    problem = build_hand_theatre().problem
    assert build_tables(problem) is build_tables(problem)
    crew = build_crew(problem, problem.teams[0])
    assert crew.base == 0
    assert crew.range_m == 3_000_000.0
    assert np.isclose(build_tables(problem).duty_min[0][-1], 7200.0)


def test_where_no_halt_is_allowed_is_told_by_the_day_the_leg_was_left():
    """1,500 minutes from day 0: 720 that day, and on day 1 to 1,440, or to 1,300."""
    theatre = build_hand_theatre(minutes=[[0, 1500], [1500, 0]])
    barred = {(0, 1): ((1300, 1480),)}
    for first, then, reached in (((), barred, 1440), (barred, (), 1300)):
        minutes = [[0, 1500], [1500, 0]]
        dry = build_matrix(minutes, days=(0, 0), blocked=first)
        wet = build_matrix(minutes, days=(1, 366), blocked=then)
        run = build_drive(replace(theatre.problem, travel=(dry, wet)))
        pieces: list[Piece] = []
        run(0, 1, 0.0, 0, 9, pieces)
        assert [piece.to_min for piece in pieces] == [720, reached, 1500]


def test_a_visit_begins_in_the_first_window_that_is_still_open():
    windows = ((500.0, 600.0), (700.0, 800.0), (DAY + 970.0, DAY + 1000.0))
    problem = build_hand_theatre(dwells=(110,)).problem
    sites = tuple(replace(site, windows_min=windows) for site in problem.sites)
    tables = build_tables(replace(problem, sites=sites))
    for now, start in (
        (0.0, 500.0),
        (499.0, 500.0),
        (550.0, 550.0),
        (600.0, 600.0),
        (601.0, 700.0),
        (800.0, 800.0),
    ):
        assert visit(tables, 1, now, 0, 9) == Visited(start, start + 110, 0)
    # The last opens 110 minutes before the close, and the day after there is none.
    for now, start in ((801.0, DAY + 970.0), (DAY + 900.0, DAY + 970.0)):
        assert visit(tables, 1, now, 0, 9) == Visited(start, start + 110, 1)
    assert visit(tables, 1, DAY + 971.0, 1, 9) == "out_of_days"
    assert visit(tables, 1, 801.0, 0, 0) == "out_of_days"


def test_a_visit_takes_up_to_a_whole_day():
    problem = build_hand_theatre(dwells=(720,)).problem
    tables = build_tables(problem)
    assert visit(tables, 1, 0.0, 0, 9) == Visited(OPEN, CLOSE, 0)
    assert visit(tables, 1, OPEN + 1, 0, 9) == Visited(DAY + OPEN, DAY + CLOSE, 1)
    assert visit(tables, 1, DAY + OPEN + 1, 1, 1) == "out_of_days"


def test_only_a_whole_day_without_progress_is_stuck():
    """No halt before minute 900 of 1,000: a day has 720."""
    theatre = build_hand_theatre(minutes=[[0, 1000], [1000, 0]])
    minutes = [[0, 1000], [1000, 0]]
    blocked = {(0, 1): ((-1.0, 900.0),)}
    dry = build_matrix(minutes, days=(0, 3), blocked=blocked)
    wet = build_matrix(minutes, days=(4, 9))
    run = build_drive(replace(theatre.problem, travel=(dry, wet)))
    assert run(0, 1, OPEN + 10, 0, 0) == "out_of_days"
    assert run(0, 1, OPEN + 10, 0, 1) == "no_halt"
    assert run(0, 1, 0.0, 0, 0) == "no_halt"
    # On later roads it is driven, and has then only too few days.
    assert run(0, 1, 0.0, 0, 4) == "out_of_days"
    assert run(0, 1, 0.0, 0, 5) == Driven(5 * DAY + OPEN + 280, 5, 4)
    # A day that is over when it begins is none, nor is one after the last.
    assert run(0, 1, CLOSE, 0, 0) == "out_of_days"
    assert run(0, 1, 0.0, 1, 0) == "out_of_days"


def test_a_leg_leaves_when_it_may_and_is_driven_piece_by_piece():
    """From 10:00 of day 2 480 minutes, then 720, and 300 of 1,500 on day 4."""
    run = build_drive(build_hand_theatre(minutes=[[0, 1500], [1500, 0]]).problem)
    pieces: list[Piece] = []
    now = 2 * DAY + 600.0
    assert run(0, 1, now, 2, 9, pieces) == Driven(4 * DAY + OPEN + 300, 4, 2)
    assert pieces == [
        Piece(0, 480, now, 2 * DAY + CLOSE),
        Piece(480, 1200, 3 * DAY + OPEN, 3 * DAY + CLOSE),
        Piece(1200, 1500, 4 * DAY + OPEN, 4 * DAY + OPEN + 300),
    ]
    assert run(0, 1, now, 2, 3) == "out_of_days"
    # The last stretch without halts of several counts as well as the first.
    theatre = build_hand_theatre(minutes=[[0, 1500], [1500, 0]])
    blocks = {(0, 1): ((100.0, 200.0), (470.0, 500.0), (1100.0, 1300.0))}
    matrix = replace(theatre.problem.travel[0], halt_blocked=blocks)
    run = build_drive(replace(theatre.problem, travel=(matrix,)))
    pieces.clear()
    assert run(0, 1, now, 2, 9, pieces) == Driven(4 * DAY + OPEN + 400, 4, 2)
    assert [piece.to_min for piece in pieces] == [470, 1100, 1500]


@pytest.mark.parametrize(
    ("day", "most", "last"), [(0, 3, 2), (7, 3, 9), (8, 3, 9), (0, 99, 9)]
)
def test_a_patrol_is_home_within_its_days_and_the_horizon(day, most, last):
    theatre = build_hand_theatre(team=build_team(max_days=most))
    tables = build_tables(theatre.problem)
    crew = build_crew(theatre.problem, theatre.problem.teams[0])
    assert find_last_day(tables, crew, day) == last


def test_why_it_comes_too_late_is_the_team_before_the_horizon():
    """Three days are needed, out of two: of a team, of the horizon, or of both."""
    minutes = [[0, 800], [800, 0]]
    for days, most, failure in (
        (10, 2, "too_many_days"),
        (2, 2, "too_many_days"),
        (2, 3, "beyond_horizon"),
        (3, 3, None),
        (10, 3, None),
    ):
        team = build_team(max_days=most)
        problem = build_hand_theatre(minutes=minutes, days=days, team=team).problem
        value = evaluate_patrol(problem, team, 0, ("s1",))
        assert value.failure == failure
        assert value.return_day == (2 if failure is None else 0)


@pytest.mark.parametrize("day", [0, 9])
def test_a_patrol_leaves_on_a_day_of_the_horizon(day):
    problem = build_hand_theatre(dwells=(60,), minutes=[[0, 60], [60, 0]]).problem
    team = problem.teams[0]
    value = evaluate_patrol(problem, team, day, ("s1",))
    assert (value.failure, value.return_day) == (None, day)
    assert value.depart_min == day * DAY + OPEN
    # 60 out, 60 there, 60 home.
    assert value.duty_min == 180
    assert value.return_min == value.depart_min + 180
    assert (value.driving_min, value.length_m) == (120, 120 * 500.0)
    for wrong in (-1, 10):
        with pytest.raises(ValueError, match=f"Day {wrong} is outside"):
            evaluate_patrol(problem, team, wrong, ("s1",))


def test_a_patrol_of_too_few_days_is_measured_all_the_same():
    minutes = [[0, 60], [60, 0]]
    for least, failure in ((1, None), (2, "too_few_days")):
        team = build_team(min_days=least)
        problem = build_hand_theatre(dwells=(60,), minutes=minutes, team=team).problem
        value = evaluate_patrol(problem, team, 3, ("s1",))
        assert (value.failure, value.return_day) == (failure, 3)
        assert value.driving_min == 120
