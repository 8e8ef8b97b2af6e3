from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule, list_earnings
from patrolplan.planning.solver import solve
from patrolplan.windows import list_moments, read_window
from problems import (
    START,
    TIMEZONE,
    build_hand_theatre,
    build_plan_file,
    build_random_theatre,
    build_team,
    change_theatre,
)

DAY = 1440.0


def at(day, hour, minute=0):
    return day * DAY + hour * 60 + minute


def test_five_days_to_the_minute():
    """Windows 06:00 to 18:00, 720 minutes; 0.5 km a minute.

    day 0  06:00 leave the base for s1, 900 minutes; at 18:00 720 are done: halt 1
    day 1  06:00 go on, 180 left: s1 at 09:00; dwell 500 minutes (8:20) to 17:20
           17:20 leave for s2, 300 minutes; at 18:00 40 are done: halt 2
    day 2  06:00 go on, 260 left (4:20): s2 at 10:20; dwell 500 would end at 18:40,
           past the close: the night is spent at s2, halt 3
    day 3  06:00 dwell to 14:20; leave for the base, 600 minutes; at 18:00 220 are
           done: halt 4
    day 4  06:00 go on, 380 left (6:20): home at 12:20, the fifth day
    """
    problem = build_hand_theatre(
        dwells=(500, 500), minutes=[[0, 900, 600], [900, 0, 300], [600, 300, 0]]
    ).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1", "s2")),))
    (patrol,) = build_schedule(problem, plan).patrols
    assert [
        (stop.kind, stop.place_id, stop.place, stop.arrive_min, stop.depart_min)
        for stop in patrol.stops
    ] == [
        ("base", "base", 0, None, at(0, 6)),
        ("halt", "halt:P1:1", None, at(0, 18), at(1, 6)),
        ("visit", "s1", 1, at(1, 9), at(1, 17, 20)),
        ("halt", "halt:P1:2", None, at(1, 18), at(2, 6)),
        ("halt", "halt:P1:3", 2, at(2, 10, 20), at(3, 6)),
        ("visit", "s2", 2, at(3, 6), at(3, 14, 20)),
        ("halt", "halt:P1:4", None, at(3, 18), at(4, 6)),
        ("base", "base", 0, at(4, 12, 20), None),
    ]
    assert [
        (leg.from_id, leg.to_id, leg.depart_min, leg.arrive_min, leg.driving_min)
        for leg in patrol.legs
    ] == [
        ("base", "halt:P1:1", at(0, 6), at(0, 18), 720),
        ("halt:P1:1", "s1", at(1, 6), at(1, 9), 180),
        ("s1", "halt:P1:2", at(1, 17, 20), at(1, 18), 40),
        ("halt:P1:2", "halt:P1:3", at(2, 6), at(2, 10, 20), 260),
        ("halt:P1:3", "s2", at(3, 6), at(3, 6), 0),
        ("s2", "halt:P1:4", at(3, 14, 20), at(3, 18), 220),
        ("halt:P1:4", "base", at(4, 6), at(4, 12, 20), 380),
    ]
    assert [(leg.origin, leg.destination) for leg in patrol.legs] == [
        (0, 1),
        (0, 1),
        (1, 2),
        (1, 2),
        (1, 2),
        (2, 0),
        (2, 0),
    ]
    assert [leg.travel_day for leg in patrol.legs] == [0, 0, 1, 1, 1, 3, 3]
    first, second, *_ = patrol.legs
    assert (first.from_min, first.to_min) == (0, 720)
    assert (second.from_min, second.to_min) == (720, 900)
    assert (first.share_from, first.share_to) == (0, 0.8)
    assert (second.share_from, second.share_to) == (0.8, 1)
    assert first.length_m == pytest.approx(360_000)
    assert first.fuel_l == pytest.approx(72)
    assert (patrol.depart_day, patrol.return_day) == (0, 4)
    assert patrol.driving_min == pytest.approx(1800)
    assert patrol.length_m == pytest.approx(900_000)


def test_night_at_a_site_after_the_dwell():
    """Dwell 420 from 11:00 ends at 18:00, the close: the night is spent at s1.

    06:00 + 300 minutes = 11:00; 11:00 + 7:00 = 18:00; 06:00 + 5:00 = 11:00 next day.
    """
    problem = build_hand_theatre(dwells=(420,)).problem
    (patrol,) = build_schedule(
        problem, Plan((PatrolDecision("t1", 2, ("s1",)),))
    ).patrols
    assert [
        (stop.kind, stop.place, stop.arrive_min, stop.depart_min)
        for stop in patrol.stops
    ] == [
        ("base", 0, None, at(2, 6)),
        ("visit", 1, at(2, 11), at(2, 18)),
        ("halt", 1, at(2, 18), at(3, 6)),
        ("base", 0, at(3, 11), None),
    ]
    nothing = patrol.legs[1]
    assert nothing.depart_min == nothing.arrive_min == at(2, 18)
    assert (nothing.share_from, nothing.share_to, nothing.length_m) == (0, 0, 0)
    assert nothing.travel_day == 3


def list_weekly(text, days=10):
    """Return a weekly window in minutes of the clock; Bamako keeps UTC all year."""
    zero = datetime.combine(START, time(), UTC)
    minute = timedelta(minutes=1)
    horizon = [START + timedelta(days=day) for day in range(days)]
    return tuple(
        ((begins - zero) / minute, (ends - zero) / minute)
        for begins, ends in list_moments([read_window(text)], horizon, TIMEZONE)
    )


def test_a_market_two_halts_and_a_dwell_in_the_morning_to_the_minute():
    """Five days from Monday 3 November 2014; s3 is a market, Thursdays 10:30 to 12:00.

    Windows 06:00 to 18:00, 720 minutes, no breaks; 0.5 km a minute. Legs: base to s1
    300 minutes, s1 to s2 700, s2 to s3 600, s3 to the base 375: 1975 in all. Dwells:
    s1 240 (4:00), s2 300 (5:00), s3 450 (7:30).

    day 0  Mon  06:00 leave the base; 06:00 + 5:00 = 11:00 at s1
                11:00 + 4:00 = 15:00 dwell done, leave for s2
                18:00 close: 180 of 700 are driven: halt 1, on the way; 520 left
    day 1  Tue  06:00 go on; 06:00 + 8:40 = 14:40 at s2
                a dwell from 14:40 would end at 14:40 + 5:00 = 19:40, past 18:00: it is
                pushed to the morning; the night is spent at s2: halt 2
    day 2  Wed  06:00 + 5:00 = 11:00 dwell done, leave for s3
                18:00 close: 420 of 600 are driven: halt 3, on the way; 180 left
    day 3  Thu  from 06:00 it would be at s3 at 06:00 + 3:00 = 09:00, 1:30 before the
                market: it waits at the halt, leaves at 07:30, and is there at 10:30
                10:30 + 7:30 = 18:00 dwell done, at the close: night at s3: halt 4
    day 4  Fri  06:00 leave for the base; 06:00 + 6:15 = 12:15 home, the fifth day

    Driven: 300 + 180 + 520 + 420 + 180 + 375 = 1975 minutes, 987.5 km. Duty: four whole
    days, 4 x 720 = 2880, and 375 of the fifth: 3255.
    """
    theatre = build_hand_theatre(
        dwells=(240, 300, 450),
        minutes=[
            [0, 300, 990, 375],
            [300, 0, 700, 990],
            [990, 700, 0, 600],
            [375, 990, 600, 0],
        ],
        team=build_team(max_days=5),
    )
    theatre = change_theatre(
        theatre, sites={"s3": {"windows_min": list_weekly("thu 10:30-12:00")}}
    )
    problem = theatre.problem
    assert problem.sites[2].windows_min == ((at(3, 10, 30), at(3, 12)),)

    value = evaluate_patrol(problem, problem.teams[0], 0, ("s1", "s2", "s3"))
    assert value.failure is None
    assert (value.return_day, value.return_min) == (4, at(4, 12, 15))
    assert (value.driving_min, value.length_m) == (1975, 987_500)
    assert value.duty_min == 3255

    schedule = build_schedule(
        problem, Plan((PatrolDecision("t1", 0, ("s1", "s2", "s3")),))
    )
    (patrol,) = schedule.patrols
    assert [
        (stop.kind, stop.place_id, stop.place, stop.arrive_min, stop.depart_min)
        for stop in patrol.stops
    ] == [
        ("base", "base", 0, None, at(0, 6)),
        ("visit", "s1", 1, at(0, 11), at(0, 15)),
        ("halt", "halt:P1:1", None, at(0, 18), at(1, 6)),
        ("halt", "halt:P1:2", 2, at(1, 14, 40), at(2, 6)),
        ("visit", "s2", 2, at(2, 6), at(2, 11)),
        ("halt", "halt:P1:3", None, at(2, 18), at(3, 7, 30)),
        ("visit", "s3", 3, at(3, 10, 30), at(3, 18)),
        ("halt", "halt:P1:4", 3, at(3, 18), at(4, 6)),
        ("base", "base", 0, at(4, 12, 15), None),
    ]
    assert [
        (leg.depart_min, leg.arrive_min, leg.driving_min) for leg in patrol.legs
    ] == [
        (at(0, 6), at(0, 11), 300),
        (at(0, 15), at(0, 18), 180),
        (at(1, 6), at(1, 14, 40), 520),
        (at(2, 6), at(2, 6), 0),
        (at(2, 11), at(2, 18), 420),
        (at(3, 7, 30), at(3, 10, 30), 180),
        (at(3, 18), at(3, 18), 0),
        (at(4, 6), at(4, 12, 15), 375),
    ]
    assert (patrol.return_day, patrol.return_min) == (
        value.return_day,
        value.return_min,
    )

    document = build_plan_file(theatre, schedule)
    assert document.sites[2].windows == [
        tuple(
            datetime(2014, 11, 6, *clock, tzinfo=UTC) for clock in ((10, 30), (12, 0))
        )
    ]
    assert assess_plan(document).violations == []


def schedule_windows(*windows, sites=("s1",), dwells=(120,), depart_day=0, **more):
    """Return the stops of a patrol; the last site has the windows."""
    theatre = build_hand_theatre(dwells=dwells, **more)
    theatre = change_theatre(theatre, sites={sites[-1]: {"windows_min": windows}})
    plan = Plan((PatrolDecision("t1", depart_day, sites),))
    schedule = build_schedule(theatre.problem, plan)
    assert assess_plan(build_plan_file(theatre, schedule)).violations == []
    (patrol,) = schedule.patrols
    return [(s.kind, s.arrive_min, s.depart_min) for s in patrol.stops], patrol


def test_a_patrol_waits_for_a_window_at_its_base():
    # 300 minutes to s1: from 06:00 it would be there at 11:00.
    stops, patrol = schedule_windows((at(0, 13), at(0, 14)))
    assert stops == [
        ("base", None, at(0, 8)),
        ("visit", at(0, 13), at(0, 15)),
        ("halt", at(0, 18), at(1, 6)),
        ("base", at(1, 8), None),
    ]
    assert patrol.depart_min == at(0, 8)


def test_a_patrol_waits_for_a_window_where_it_visited_last():
    # At s1 from 07:00 to 08:00; s2 an hour on opens at 12:00, and home takes an hour.
    minutes = [[0, 60, 60], [60, 0, 60], [60, 60, 0]]
    stops, _ = schedule_windows(
        (at(0, 12), at(0, 12)), sites=("s1", "s2"), dwells=(60, 60), minutes=minutes
    )
    assert stops == [
        ("base", None, at(0, 6)),
        ("visit", at(0, 7), at(0, 11)),
        ("visit", at(0, 12), at(0, 13)),
        ("base", at(0, 14), None),
    ]


def test_a_window_that_is_missed_leaves_the_next():
    # There at 11:00: the first is over, the second begins at 15:00 and is long enough.
    stops, _ = schedule_windows((at(0, 6), at(0, 10, 59)), (at(0, 15), at(0, 16)))
    assert stops[1] == ("visit", at(0, 15), at(0, 17))
    # A dwell from 16:30 would end at 18:30: it waits at the site for the next day.
    stops, _ = schedule_windows((at(0, 16, 30), at(0, 17)), (at(1, 9), at(1, 10)))
    assert stops[1:3] == [
        ("halt", at(0, 11), at(1, 9)),
        ("visit", at(1, 9), at(1, 11)),
    ]
    # The last moment of a window still belongs to it.
    stops, _ = schedule_windows((at(0, 6), at(0, 11)))
    assert stops[1] == ("visit", at(0, 11), at(0, 13))


def test_a_site_without_a_window_left_cannot_be_visited():
    for windows in ((), ((at(0, 6), at(0, 10)),)):
        theatre = change_theatre(
            build_hand_theatre(), sites={"s1": {"windows_min": windows}}
        )
        with pytest.raises(ValueError, match="out_of_days"):
            build_schedule(theatre.problem, Plan((PatrolDecision("t1", 0, ("s1",)),)))


def test_a_road_that_closes_before_the_window_opens_is_driven_before():
    # The base closes at 13:00: the patrol may not be on the road to s1 at 14:00.
    theatre = change_theatre(
        build_hand_theatre(), sites={"s1": {"windows_min": ((at(0, 14), at(0, 15)),)}}
    )
    closes = theatre.problem.closes_min.copy()
    closes[0, 0] = at(0, 13)
    problem = replace(theatre.problem, closes_min=closes)
    (patrol,) = build_schedule(
        problem, Plan((PatrolDecision("t1", 0, ("s1",)),))
    ).patrols
    # Its window is the shorter one that both ends share, also on the way home.
    assert [(s.kind, s.place, s.arrive_min, s.depart_min) for s in patrol.stops] == [
        ("base", 0, None, at(0, 6)),
        ("halt", 1, at(0, 11), at(0, 14)),
        ("visit", 1, at(0, 14), at(0, 16)),
        ("halt", 1, at(0, 16), at(1, 6)),
        ("base", 0, at(1, 11), None),
    ]


def test_a_wait_before_a_leg_of_no_length():
    minutes = [[0, 60, 60], [60, 0, 0], [60, 0, 0]]
    stops, patrol = schedule_windows(
        (at(0, 12), at(0, 13)), sites=("s1", "s2"), dwells=(60, 60), minutes=minutes
    )
    assert stops[1:3] == [
        ("visit", at(0, 7), at(0, 12)),
        ("visit", at(0, 12), at(0, 13)),
    ]
    assert (patrol.legs[1].share_from, patrol.legs[1].share_to) == (0, 1)


def test_a_need_grown_back_is_earned_again():
    theatre = change_theatre(
        build_hand_theatre(dwells=(60, 60), team=build_team(rest_days=0)),
        sites={"s1": {"cadence_days": 2.0}},
    )
    both = [PatrolDecision("t1", day, ("s1", "s2")) for day in (0, 3, 6)]
    plan = Plan((*both, PatrolDecision("t1", 8, ("s1",))))
    schedule = build_schedule(theatre.problem, plan)
    earned = list_earnings(theatre.problem, schedule)
    # s1 at 11:00 on days 0, 3, 6 and 8: the last time two days to the minute later.
    by_patrol = {}
    for (patrol_id, _), need in earned.items():
        by_patrol.setdefault(patrol_id, []).append(need)
    assert by_patrol == {
        "P1": [100.0, 100.0],
        "P2": [100.0, 0.0],
        "P3": [100.0, 0.0],
        "P4": [100.0],
    }


def test_patrols_are_named_in_order_and_sort_as_text():
    problem = build_hand_theatre(days=28, team=build_team(rest_days=0)).problem
    days = [20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0]
    plan = Plan(tuple(PatrolDecision("t1", day, ("s1",)) for day in days))
    patrols = build_schedule(problem, plan).patrols
    assert [patrol.depart_day for patrol in patrols] == days[::-1]
    assert [patrol.id for patrol in patrols] == [f"P{n:02d}" for n in range(1, 12)]


@pytest.mark.parametrize(
    "decision",
    [
        PatrolDecision("nobody", 0, ("s1",)),
        PatrolDecision("t1", 0, ("nowhere",)),
        PatrolDecision("t1", 0, ("base",)),
        PatrolDecision("t1", 0, ()),
        PatrolDecision("t1", 10, ("s1",)),
        PatrolDecision("t1", -1, ("s1",)),
    ],
)
def test_what_does_not_fit_is_refused(decision):
    problem = build_hand_theatre().problem
    with pytest.raises(ValueError, match="does not fit"):
        build_schedule(problem, Plan((decision,)))


def test_what_cannot_be_driven_is_refused():
    problem = build_hand_theatre(dwells=(721,)).problem
    with pytest.raises(ValueError, match="dwell_too_long"):
        build_schedule(problem, Plan((PatrolDecision("t1", 0, ("s1",)),)))
    problem = build_hand_theatre(minutes=[[0, 900], [900, 0]]).problem
    with pytest.raises(ValueError, match="out_of_days"):
        build_schedule(problem, Plan((PatrolDecision("t1", 9, ("s1",)),)))


def test_schedule_and_evaluator_agree():
    problem = build_random_theatre(5, periods=2).problem
    plan = solve(problem, seed=1, iterations=50).plan
    teams = {team.id: team for team in problem.teams}
    patrols = build_schedule(problem, plan).patrols
    assert len(patrols) > 8
    for decision, patrol in zip(
        sorted(plan.patrols, key=lambda p: (p.depart_day, p.team_id)),
        patrols,
        strict=True,
    ):
        value = evaluate_patrol(
            problem, teams[decision.team_id], decision.depart_day, decision.site_ids
        )
        assert value.failure is None
        assert value.return_min == patrol.return_min
        assert value.depart_min == patrol.depart_min
        assert value.return_day == patrol.return_day
        assert value.length_m == pytest.approx(patrol.length_m)
        assert value.driving_min == pytest.approx(patrol.driving_min)
        for number, leg in enumerate(patrol.legs):
            assert leg.from_id == patrol.stops[number].place_id
            assert leg.to_id == patrol.stops[number + 1].place_id
            assert leg.depart_min == patrol.stops[number].depart_min
            assert leg.arrive_min == patrol.stops[number + 1].arrive_min
            assert leg.depart_min // DAY == leg.arrive_min // DAY
