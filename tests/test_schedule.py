from __future__ import annotations

import pytest

from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from problems import build_hand_theatre, build_random_theatre, build_team

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
    plan = solve(problem, seed=1, iterations=50)
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
