"""The rest of a plan decided anew, measured and worked out: one small case by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrolplan.planning.keeping import PlannedVisit, weigh_keeping
from patrolplan.planning.problem import Group, PatrolDecision, Plan, Wayside
from patrolplan.planning.replanning import (
    Remainder,
    pose_freed,
    replan_remainder,
)
from patrolplan.planning.resumption import (
    build_homeward,
    build_resumption,
    rename_patrol,
)
from patrolplan.planning.underway import Underway, pose_continuation
from patrolplan.planning.yardstick import Yardstick
from problems import build_hand_theatre, build_team, change_theatre

DAY = 1440.0
# Base, s1, s2 and s3; half a kilometre a minute.
MINUTES = [[0, 100, 200, 400], [110, 0, 50, 400], [220, 60, 0, 400], [400, 400, 400, 0]]


def build(
    *, days=9, sites=None, groups=None, pairs=None, unknown=0, needs=None, **team
):
    """Return a team of four days out; s1 is visited, s2 near it, s3 far from all."""
    theatre = build_hand_theatre(
        minutes=MINUTES,
        dwells=(60, 60, 60),
        days=days,
        needs=needs or (10.0, 20.0, 30.0),
        team=build_team(**{"max_days": 4, "rest_days": 1} | team),
    )
    problem = change_theatre(theatre, sites=sites, groups=groups, pairs=pairs).problem
    limits = replace(problem.limits, min_unknown_visits=unknown)
    return replace(problem, limits=limits)


# At s1 at 10:00 of the second day, with 50 km driven.
OUT = Underway("t1", "s1", DAY + 600.0, 0, 50_000.0, 0.0, ("s1",))
REST = Plan((PatrolDecision("t1", 0, ("s2",)), PatrolDecision("t1", 6, ("s3",))))
VISITS = (PlannedVisit("s2", "t1", 1), PlannedVisit("s3", "t1", 6))
LEFT = Remainder(
    day=1, underway=(OUT,), rest=REST, visits=VISITS, visited={"s1": DAY + 500.0}
)


def decide(problem, remainder=LEFT, worth=5.0):
    return replan_remainder(
        problem, remainder, worth=worth, seed=1, iterations=40, workers=1
    )


def tell(plan):
    return [(p.team_id, p.depart_day, p.site_ids) for p in plan.patrols]


# Decided anew


def test_where_nothing_is_new_all_stays() -> None:
    found = decide(build())
    assert tell(found.plan) == [
        ("start:t1", 1, ("s2", "home:t1")),
        ("t1", 6, ("s3",)),
    ]
    assert tell(found.name_plan()) == [("t1", 1, ("s2",)), ("t1", 6, ("s3",))]
    assert (found.need, found.need_bound) == (50.0, pytest.approx(50.0))
    assert (found.weighed, found.kept_weighed) == (2, 2)
    assert found.kept == set(VISITS)
    assert (found.value, found.worth) == (60.0, 5.0)
    assert found.value_bound == pytest.approx(60.0, rel=1e-5)
    assert found.stranded == ()
    assert not found.interrupted


def test_keeping_is_weighed_against_need() -> None:
    # s3 is worth 30 on any day; on day 6 it is kept. At s2 there is nothing any more.
    problem = build(needs=(10.0, 0.0, 30.0), sites={"s2": {"need": 0.0}})
    found = decide(problem, worth=0.0)
    assert (found.weighed, found.value) == (0, 30.0)
    found = decide(problem, worth=7.0)
    assert found.value == pytest.approx(30.0 + 7.0 * found.kept_weighed)
    assert PlannedVisit("s3", "t1", 6) in found.kept


def test_a_patrol_that_must_be_home_for_the_next_is() -> None:
    """Out since day 0 for four days, and at rest for one: the next from day 5 on. It
    was to leave on day 4, so that this one is home on day 2."""
    rest = Plan((PatrolDecision("t1", 0, ("s2",)), PatrolDecision("t1", 4, ("s3",))))
    left = replace(LEFT, rest=rest, visits=(PlannedVisit("s3", "t1", 4),))
    found = decide(build(), left)
    assert ("t1", 4, ("s3",)) in tell(found.name_plan())
    assert found.kept == {PlannedVisit("s3", "t1", 4)}
    # One that cannot be home so soon may take all its days.
    rest = Plan((PatrolDecision("t1", 0, ("s2",)), PatrolDecision("t1", 2, ("s3",))))
    found = decide(build(), replace(LEFT, rest=rest, visits=()))
    assert found.stranded == ()
    assert found.need == 50.0


def test_a_deadline_is_a_day_of_rest_before_the_next() -> None:
    # Free on day 4, rest on day 3: home on day 2. Free on day 5: it has its four days.
    for day, most in ((4, 2), (5, 3), (6, 3)):
        rest = Plan((PatrolDecision("t1", day, ("s3",)),))
        found = decide(build(), replace(LEFT, rest=rest))
        home = found.continuation.problem.sites[-1]
        ((_, ends),) = home.windows_min
        assert ends == pytest.approx((most + 1) * DAY)


def test_one_out_of_range_comes_home_whatever_it_takes() -> None:
    # 110 minutes home are 55 km, of which 25 are left.
    problem = build(range_km=75.0)
    found = decide(problem)
    assert found.stranded == ("t1",)
    home = build_homeward(problem, LEFT, "t1")
    assert (home.depart_day, home.return_day, home.length_m) == (1, 1, 55_000.0)
    freed = pose_freed(problem, LEFT, "t1").problem
    start, team = freed.teams
    # A million kilometres, and the nine days of the horizon from day 0 on.
    assert (start.range_km, start.max_days) == (1e6 - 50.0, 9)
    assert (team.id, team.range_km, team.max_days) == ("t1", 75.0, 4)


def test_where_there_is_no_way_home_it_stays() -> None:
    problem = build()
    (matrix,) = problem.travel
    shut = matrix.durations_min.copy()
    shut[1, 0] = float("inf")
    problem = replace(problem, travel=(replace(matrix, durations_min=shut),))
    assert build_homeward(problem, LEFT, "t1") is None


def test_a_team_at_rest_stays_at_home() -> None:
    # Nobody is out; the team may go from day 4 on.
    left = Remainder(day=1, free_days={"t1": 4}, visited={"s1": 500.0})
    found = decide(build(), left)
    assert [p.depart_day for p in found.plan.patrols] == [4]
    assert found.need == 50.0
    left = replace(left, free_days={"t1": 1})
    assert [p.depart_day for p in decide(build(), left).plan.patrols] == [1]
    left = replace(left, free_days={"t1": 9})
    assert decide(build(), left).plan == Plan()


def test_what_was_met_before_is_demanded_no_more() -> None:
    # Of two visits of unknown need one was made.
    sites = {"s1": {"need": None}, "s2": {"need": None}}
    left = Remainder(day=1, visited={"s1": 500.0})
    problem = build(sites=sites, unknown=2)
    found = decide(problem, left)
    assert found.continuation.problem.limits.min_unknown_visits == 1
    assert {s for p in found.plan.patrols for s in p.site_ids} == {"s2", "s3"}
    left = Remainder(day=1, visited={"s1": 500.0, "s2": 600.0})
    found = decide(problem, left)
    assert found.continuation.problem.limits.min_unknown_visits == 0
    fewer = build(sites=sites, unknown=1)
    found = decide(fewer, Remainder(day=1, visited={"s1": 500.0}))
    assert found.continuation.problem.limits.min_unknown_visits == 0


def test_what_was_earned_on_the_way_is_not_earned_again() -> None:
    problem = build()
    (matrix,) = problem.travel
    ways = {(0, 3): ((0, 5.0), (1, 6.0))}
    lines = tuple(Wayside(n, 4.0, line_id=n) for n in ("one", "two"))
    problem = replace(problem, travel=(replace(matrix, waysides=ways),), waysides=lines)
    for earned, need in ((frozenset(), 58.0), ({0}, 54.0), ({0, 1}, 50.0)):
        left = Remainder(day=1, visited={"s1": 500.0}, earned=frozenset(earned))
        assert decide(problem, left).need == need


# Measured


def build_yardstick(problem=None, *, worth=5.0, visits=VISITS, out=True):
    problem = problem or build()
    patrols = [OUT] if out else []
    posed = pose_continuation(problem, DAY, patrols, visited={"s1": DAY + 500.0})
    keeping = weigh_keeping(
        posed.problem, visits, worth, teams=posed.teams, from_min=DAY
    )
    return Yardstick(posed, keeping, visits, worth)


def test_what_was_to_come_in_the_words_of_the_rest() -> None:
    judge = build_yardstick()
    assert tell(judge.name_rest(REST, 1)) == [
        ("start:t1", 1, ("s2", "home:t1")),
        ("t1", 6, ("s3",)),
    ]
    # Those yet to leave stand by day, and stay.
    late = Plan((PatrolDecision("t1", 7, ("s3",)), PatrolDecision("t1", 5, ("s2",))))
    assert tell(judge.name_rest(late, 1)) == [("t1", 5, ("s2",)), ("t1", 7, ("s3",))]


def test_one_that_cannot_be_named_does_not_hide_the_next() -> None:
    # s1 has no way home: the patrol under way leaves on no day; the next stays.
    problem = build()
    (matrix,) = problem.travel
    shut = matrix.durations_min.copy()
    shut[1, 0] = float("inf")
    problem = replace(problem, travel=(replace(matrix, durations_min=shut),))
    judge = build_yardstick(problem)
    assert tell(judge.name_rest(REST, 1)) == [("t1", 6, ("s3",))]
    # And one yet to leave does not hide one under way.
    turned = Plan(REST.patrols[::-1])
    assert tell(build_yardstick().name_rest(turned, 1)) == [
        ("start:t1", 1, ("s2", "home:t1")),
        ("t1", 6, ("s3",)),
    ]


def test_who_does_not_come_home_is_dropped() -> None:
    judge = build_yardstick()
    stray, home = (
        PatrolDecision("start:t1", 1, sites) for sites in (("s2",), ("s2", "home:t1"))
    )
    other = PatrolDecision("t1", 6, ("s3",))
    assert judge.drop_stray(Plan((stray, other))).patrols == (other,)
    assert judge.drop_stray(Plan((home, other))).patrols == (home, other)


def test_who_is_out_is_brought_home() -> None:
    judge = build_yardstick()
    other = PatrolDecision("t1", 6, ("s3",))
    assert tell(judge.bring_home(Plan((other,)), 1)) == [
        ("start:t1", 1, ("home:t1",)),
        ("t1", 6, ("s3",)),
    ]
    home = Plan((PatrolDecision("start:t1", 1, ("s2", "home:t1")),))
    assert judge.bring_home(home, 1) == home


def test_only_what_keeps_all_rules_is_taken() -> None:
    judge = build_yardstick()
    one = PatrolDecision("t1", 5, ("s2",))
    # Home on day 5, at rest on day 6: free on day 7.
    soon, later = (PatrolDecision("t1", day, ("s3",)) for day in (6, 7))
    strange = PatrolDecision("t9", 5, ("s2",))
    nowhere = PatrolDecision("t1", 7, ("s9",))
    plan = Plan((strange, one, soon, later, nowhere))
    assert judge.take_possible(plan).patrols == (one, later)
    assert judge.take_possible(Plan((later, one))).patrols == (later, one)
    # s3 takes until day 8 when left on day 7; on day 8 it is not home any more.
    assert judge.take_possible(Plan((PatrolDecision("t1", 8, ("s3",)),))) == Plan()
    # s1 was visited.
    assert judge.take_possible(Plan((PatrolDecision("t1", 5, ("s1",)),))) == Plan()


def test_nobody_leaves_early_to_wait() -> None:
    judge = build_yardstick(visits=(PlannedVisit("s2", "t1", 6),))
    # Kept on day 6: leaving on day 5 it would be there on day 5 and wait; on day 6 it
    # is home as soon.
    early = Plan((PatrolDecision("t1", 5, ("keep:s2",)),))
    assert tell(judge.wait_at_home(early)) == [("t1", 6, ("keep:s2",))]
    # s3 takes two days: one that waits there is home a day sooner.
    judge = build_yardstick()
    early = Plan((PatrolDecision("t1", 5, ("keep:s3",)),))
    assert judge.wait_at_home(early) == early
    # What is not kept leaves when it does.
    free = Plan((PatrolDecision("t1", 5, ("s3",)), PatrolDecision("t1", 7, ("s2",))))
    assert judge.wait_at_home(free) == free


def test_what_a_plan_for_the_rest_is_worth() -> None:
    judge = build_yardstick()
    kept = Plan(
        (
            PatrolDecision("start:t1", 1, ("keep:s2", "home:t1")),
            PatrolDecision("t1", 6, ("keep:s3",)),
        )
    )
    # Home is a demand.
    assert judge.measure(kept) == (1, 60.0)
    assert judge.measure_need(kept) == 50.0
    assert judge.find_kept(kept) == set(VISITS)
    # The site itself on its day is kept as well; on another it is not.
    same = Plan((PatrolDecision("t1", 6, ("s3",)),))
    assert judge.measure(same) == (0, 35.0)
    other = Plan((PatrolDecision("t1", 7, ("s3",)),))
    assert judge.measure(other) == (0, 30.0)
    assert judge.find_kept(other) == frozenset()
    # What cannot be is worth nothing.
    assert judge.measure(Plan((PatrolDecision("t1", 8, ("s3",)),))) == (0, 0.0)


def test_need_on_the_way_counts_unless_it_is_visited() -> None:
    problem = build()
    (matrix,) = problem.travel
    ways = {(0, 3): ((0, 5.0), (1, 6.0))}
    waysides = (Wayside("line", 4.0, line_id="line"), Wayside("s2", 3.0, "s2"))
    problem = replace(
        problem, travel=(replace(matrix, waysides=ways),), waysides=waysides
    )
    judge = build_yardstick(problem, visits=())
    go = PatrolDecision("t1", 6, ("s3",))
    assert judge.measure_need(Plan((go,))) == 37.0
    there = PatrolDecision("start:t1", 1, ("s2", "home:t1"))
    assert judge.measure_need(Plan((there, go))) == 54.0


def test_demands_of_groups_are_met_by_copies() -> None:
    problem = build(groups=[Group(("s2", "s3"), required=True)])
    judge = build_yardstick(problem)
    plan = Plan((PatrolDecision("t1", 6, ("keep:s3",)),))
    assert judge.measure(plan) == (1, 35.0)


# Worked out


def test_the_rest_to_the_minute() -> None:
    problem = build()
    out, later = build_resumption(problem, decide(problem))
    assert list(out) == ["t1"]
    rest = out["t1"]
    assert (rest.team_id, rest.base_id) == ("t1", "base")
    # From s1 at 10:00 to s2 at 10:50, on at 11:50, home at 15:30.
    assert [
        (s.kind, s.place_id, s.place, s.site_id, s.arrive_min, s.depart_min)
        for s in rest.stops
    ] == [
        ("base", "s1", 1, None, None, DAY + 600),
        ("visit", "s2", 2, "s2", DAY + 650, DAY + 710),
        ("base", "base", 0, None, DAY + 930, None),
    ]
    assert [(g.from_id, g.to_id, g.origin, g.destination) for g in rest.legs] == [
        ("s1", "s2", 1, 2),
        ("s2", "base", 2, 0),
    ]
    assert (rest.length_m, rest.driving_min) == (135_000.0, 270.0)
    assert (rest.depart_day, rest.return_day) == (1, 1)
    assert rest.return_min == DAY + 930
    (patrol,) = later
    assert (patrol.team_id, patrol.base_id, patrol.return_day) == ("t1", "base", 7)
    assert [s.place_id for s in patrol.stops] == ["base", "s3", "halt:P2:1", "base"]
    assert [s.place for s in patrol.stops] == [0, 3, None, 0]


def test_a_way_straight_home() -> None:
    home = build_homeward(build(), LEFT, "t1")
    assert [(s.kind, s.place_id, s.arrive_min) for s in home.stops] == [
        ("base", "s1", None),
        ("base", "base", DAY + 710.0),
    ]
    assert (home.team_id, home.length_m, home.return_day) == ("t1", 55_000.0, 1)
    # One that stands at its base already is home.
    there = replace(OUT, place_id="base")
    home = build_homeward(build(), replace(LEFT, underway=(there,)), "t1")
    assert (home.length_m, home.driving_min) == (0.0, 0.0)


def test_a_way_home_with_a_night() -> None:
    # From s3 400 minutes: ready at 12:00 it halts at 18:00, and is home at 06:40.
    far = Underway("t1", "s3", DAY + 720.0, 0, 0.0, 0.0, ("s3",))
    left = replace(LEFT, underway=(far,), visited={"s3": DAY + 600.0})
    home = build_homeward(build(), left, "t1")
    assert (home.depart_day, home.return_day) == (1, 2)
    assert home.return_min == 2 * DAY + 400.0
    named = rename_patrol(home, "P7", halts=2)
    assert named.id == "P7"
    assert [s.place_id for s in named.stops] == ["s3", "halt:P7:3", "base"]
    assert [(g.from_id, g.to_id) for g in named.legs] == [
        ("s3", "halt:P7:3"),
        ("halt:P7:3", "base"),
    ]
    assert [s.place_id for s in rename_patrol(home, "P8").stops][1] == "halt:P8:1"
