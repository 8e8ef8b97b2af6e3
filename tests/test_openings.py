"""Ways to put one more site into a plan, and what each of them lacks, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from patrolplan.planning.extension import extend_horizon, find_extension
from patrolplan.planning.openings import Opening, Openings, Solo
from patrolplan.planning.problem import PatrolDecision, Plan
from problems import build_hand_theatre, build_team, change_theatre

DAY = 1440.0


def build(
    *patrols,
    count=3,
    days=5,
    dwell=120.0,
    sites=None,
    hazards=None,
    pairs=None,
    teams=(),
    **team,
) -> Openings:
    """Return a plan for sites 300 minutes and 150 km from each other and the base.

    A visit alone takes 300 + 120 + 300 = 720 minutes: all of a day from 06 to 18.
    """
    theatre = build_hand_theatre(dwells=(dwell,) * count, days=days)
    theatre = change_theatre(theatre, sites=sites, hazards=hazards, pairs=pairs)
    teams = (build_team(**team), *teams)
    return Openings(replace(theatre.problem, teams=teams), Plan(tuple(patrols)))


def go(day, *sites, team="t1") -> PatrolDecision:
    return PatrolDecision(team, day, sites)


# One alone


def test_nothing_is_missing_where_all_is_in_reach() -> None:
    openings = build(max_days=1, range_km=300.0, hazard_budget=5.0, fuel_budget_l=60.0)
    (team,) = openings.problem.teams
    assert openings.find_solo(team, 1, ()) == Solo(0.0, 0, (), False, team, 1)


def test_what_is_missing_alone() -> None:
    roles = ("a", "b", "c")
    openings = build(dwell=121.0, max_days=1, range_km=250.0, roles=("b",))
    (team,) = openings.problem.teams
    # A minute too long for a day, and 50 km too far.
    assert openings.find_solo(team, 1, roles) == Solo(
        50_000.0, 1, ("a", "c"), False, team, 2
    )


def test_it_is_missing_least_on_the_best_day() -> None:
    # Only on day 2 is there a short way.
    openings = build(max_days=1, range_km=100.0)
    problem = openings.problem
    (matrix,) = problem.travel
    first = problem.start

    def hold(one, other, factor):
        return replace(
            matrix,
            valid_from=first + timedelta(days=one),
            valid_to=first + timedelta(days=other),
            lengths_m=matrix.lengths_m * factor,
        )

    travel = (hold(0, 1, 1.0), hold(2, 2, 0.5), hold(3, 400, 2.0))
    openings = Openings(replace(problem, travel=travel), Plan())
    (team,) = problem.teams
    assert openings.find_solo(team, 1, ()).missing_m == pytest.approx(50_000.0)


def test_hazard_and_fuel_that_are_missing() -> None:
    hazards = 4.0 * (1 - np.eye(4))
    openings = build(hazards=hazards, hazard_budget=7.9, fuel_budget_l=25.0)
    (team,) = openings.problem.teams
    solo = openings.find_solo(team, 1, ())
    assert solo.is_hazardous
    # 30 L out and 30 back, of 25; four vehicles.
    assert solo.missing_l == pytest.approx(4 * 35.0)
    openings = build(hazards=hazards, hazard_budget=8.0, fuel_budget_l=60.0)
    (team,) = openings.problem.teams
    assert openings.find_solo(team, 1, ()) == Solo(0.0, 0, (), False, team, 1)
    # Where it fills its tanks again, the longer of both ways is enough.
    fills = {"s1": {"refuels": True}}
    openings = build(sites=fills, fuel_budget_l=25.0)
    (team,) = openings.problem.teams
    assert openings.find_solo(team, 1, ()).missing_l == pytest.approx(4 * 5.0)
    assert openings.find_solo(team, 2, ()).missing_l == pytest.approx(4 * 35.0)


def test_why_none_is_possible_at_all() -> None:
    openings = build(dwell=721.0)
    assert openings.find_solo(openings.problem.teams[0], 1, ()) == {"dwell_too_long"}
    # The way is there, but a patrol lasts six of five days.
    openings = build(min_days=6)
    assert openings.find_solo(openings.problem.teams[0], 1, ()) == {"beyond_horizon"}
    openings = build(min_days=5)
    assert isinstance(openings.find_solo(openings.problem.teams[0], 1, ()), Solo)


def test_teams_that_are_alike_are_asked_once() -> None:
    more = [
        build_team("a1"),
        build_team("t2", people=99),
        build_team("t3", vehicles=5),
        build_team("t0", max_days=3),
    ]
    openings = build(teams=more)
    assert [team.id for team in openings.kinds] == ["a1", "t0", "t3"]


def test_days_of_a_teams_patrols() -> None:
    openings = build(
        go(2, "s2"), go(0, "s1"), go(4, "s1", "s2"), go(1), go(1, "s1", team="other")
    )
    # That of day 4 takes 1140 minutes, and there is no day 5.
    assert openings.list_spans("t1") == [(0, 0), (2, 2)]


# One patrol more


def test_a_patrol_of_its_own() -> None:
    openings = build(dwell=121.0)
    (team,) = openings.problem.teams
    assert openings.find_patrol(team, 1, ()) == (2, (1,))
    short = build_team(max_days=1)
    openings = build(dwell=121.0, max_days=1)
    assert openings.find_patrol(short, 1, (2, 3)) is None


def test_a_patrol_that_would_be_too_short_visits_others_besides() -> None:
    openings = build(min_days=2)
    (team,) = openings.problem.teams
    assert openings.find_patrol(team, 1, (1, 2, 3)) == (2, (1, 2))
    assert openings.find_patrol(team, 1, (1,)) is None
    # s2 bars s1, so it is s3.
    openings = build(min_days=2, pairs=[("s2", "s1")])
    assert openings.find_patrol(team, 1, (2, 3)) == (2, (1, 3))
    assert openings.find_patrol(team, 1, (2,)) is None
    # Two days are 1140 minutes; three take two besides: 300 x 4 + 120 x 3 = 1560.
    openings = build(min_days=3, max_days=3)
    (team,) = openings.problem.teams
    assert openings.find_patrol(team, 1, (2, 3)) == (3, (1, 2, 3))
    barred = build(min_days=3, max_days=3, pairs=[("s2", "s3")])
    assert barred.find_patrol(team, 1, (2, 3)) is None


def test_the_order_is_one_that_can_be() -> None:
    # s2 may be visited on the first day only, so it comes first.
    early = {"s2": {"windows_min": ((0.0, 700.0),)}}
    openings = build(min_days=2, sites=early)
    (team,) = openings.problem.teams
    assert openings.find_patrol(team, 1, (2,)) == (2, (2, 1))


def test_whether_windows_alone_stand_in_the_way() -> None:
    windows = {"s1": {"windows_min": ((0.0, 300.0),)}, "s2": {"dwell_min": 721.0}}
    windows["s2"]["windows_min"] = ((0.0, 300.0),)
    openings = build(sites=windows)
    assert openings.misses_windows(1)
    # s2 could not be visited at any time, and s3 has no windows.
    assert not openings.misses_windows(2)
    assert not openings.misses_windows(3)
    assert build(sites=windows, range_km=1.0, min_days=4).misses_windows(1)


# Openings


def test_openings_within_a_patrol_and_after_it() -> None:
    openings = build(go(0, "s1"), max_days=1, rest_days=1)
    # Before s1 or after it: 1140 minutes, a day more. Alone from day 2 on, rested.
    assert list(openings.list_openings(2, ())) == [
        Opening(1, 0.0, "", "t1", 0),
        Opening(1, 0.0, "", "t1", 0),
        *(Opening(0, 0.0, "", "t1", day) for day in (2, 3, 4)),
    ]
    # One lacks a role; what lacks a role and days lacks two things.
    found = list(openings.list_openings(2, ("medic",)))
    assert found == [Opening(0, 0.0, "medic", "t1", day) for day in (2, 3, 4)]
    assert list(openings.list_openings(2, ("medic", "other"))) == []
    # On days 0 to 1 it is out and at rest: nothing before.
    openings = build(go(3, "s1"), max_days=1, rest_days=1)
    alone = [o.depart_day for o in openings.list_openings(2, ()) if not o.extra_days]
    assert alone == [0, 1, 2]


def test_later_patrols_make_way_if_they_can() -> None:
    # On day 1 it would rest on day 2 and leave on 3, which was to leave on 2: home on
    # day 3, rest, and that of day 4 moves to 5, which is no day.
    chain = [go(0, "s1"), go(2, "s1"), go(4, "s3")]
    openings = build(*chain, max_days=1, rest_days=1)
    longer = [o.depart_day for o in openings.list_openings(2, ())]
    # Within the last patrol a day more is beyond the horizon, too.
    assert longer == []
    openings = build(*chain, max_days=1, rest_days=1, days=6)
    longer = [o.depart_day for o in openings.list_openings(2, ())]
    assert longer == [0, 0, 2, 2, 4, 4]
    # A gap swallows what comes before it.
    openings = build(go(0, "s1"), go(3, "s3"), max_days=1, rest_days=1, days=4)
    longer = [o.depart_day for o in openings.list_openings(2, ())]
    assert longer == [0, 0]


def test_a_patrol_moved_back_keeps_its_window() -> None:
    late = {"s3": {"windows_min": ((2 * DAY, 3 * DAY),)}}
    openings = build(
        go(0, "s1"), go(2, "s3"), sites=late, max_days=1, rest_days=1, days=6
    )
    # s3 may be visited on day 2 only: the first patrol can be no longer.
    found = [(o.extra_days, o.depart_day) for o in openings.list_openings(2, ())]
    # In the second it comes first.
    assert found == [(1, 2), (0, 4), (0, 5)]


def test_a_little_more_range() -> None:
    openings = build(go(0, "s1"), max_days=2, range_km=400.0, rest_days=4)
    # s1 and s2 are 450 km.
    found = [o for o in openings.list_openings(2, ()) if o.depart_day == 0]
    assert found == [Opening(0, pytest.approx(50_000.0), "", "t1", 0)] * 2
    # Half a metre is more, half a millimetre is rounding.
    for range_km, extra in ((449.9995, 0.5), (449.9999995, 0.0)):
        openings = build(go(0, "s1"), max_days=2, range_km=range_km, rest_days=4)
        found = [o for o in openings.list_openings(2, ()) if o.depart_day == 0]
        assert found == [Opening(0, pytest.approx(extra), "", "t1", 0)] * 2
    openings = build(go(0, "s1"), max_days=1, range_km=400.0, rest_days=4)
    assert list(openings.list_openings(2, ())) == []
    exact = build(go(0, "s1"), max_days=2, range_km=450.0, rest_days=4)
    assert {o.extra_m for o in exact.list_openings(2, ())} == {0.0}


def test_no_opening_joins_what_may_not_be_joined() -> None:
    openings = build(go(0, "s1"), pairs=[("s2", "s1")], rest_days=4, max_days=2)
    assert list(openings.list_openings(2, ())) == []
    assert len(list(openings.list_openings(3, ()))) == 2


# A longer horizon


def test_days_added_are_like_the_last() -> None:
    problem = build(days=3).problem
    longer = extend_horizon(problem, 2)
    assert longer.horizon_days == 5
    assert longer.opens_min[0].tolist() == [360 + DAY * day for day in range(5)]
    assert longer.closes_min[1].tolist() == [1080 + DAY * day for day in range(5)]
    assert longer.day_starts_min.tolist() == [DAY * day for day in range(6)]
    last = problem.start + timedelta(days=2)
    (matrix,) = problem.travel
    ending = replace(matrix, valid_to=last)
    over = replace(matrix, valid_to=last - timedelta(days=1), vehicle="light")
    first = replace(ending, valid_from=last)
    longer = extend_horizon(replace(problem, travel=(over, first)), 2)
    assert [m.valid_to - last for m in longer.travel] == [
        timedelta(days=-1),
        timedelta(days=2),
    ]


def test_the_fewest_days_that_let_one_more_patrol_go() -> None:
    # Out on day 2 of three, at rest for two: out again on day 5, so three days more.
    openings = build(go(2, "s1"), days=3, max_days=1, rest_days=2)
    found = find_extension(openings, 2, ())
    assert (found.code, found.values) == (
        "extend_horizon",
        {"team_id": "t1", "days": 3},
    )
    # Another that is at home the whole time leaves on the day after the last.
    other = build_team("t2", max_days=1, roles=("medic",))
    openings = build(go(2, "s1"), days=3, max_days=1, rest_days=2, teams=[other])
    assert find_extension(openings, 2, ()).values == {"team_id": "t2", "days": 1}
    assert find_extension(openings, 2, ("medic",)).values["team_id"] == "t2"
    assert find_extension(openings, 2, ("nobody",)) is None
    # Two days of 721 minutes: it leaves on the last day that there is.
    openings = build(days=3, dwell=121.0, max_days=2)
    assert find_extension(openings, 2, ()).values["days"] == 1
    # Of two the first by name.
    openings = build(days=3, max_days=1, teams=[build_team("a", max_days=1)])
    assert find_extension(openings, 2, ()).values["team_id"] == "a"


def test_more_than_four_weeks_are_another_plan() -> None:
    # At home on day 2 and rested 27 days later: out on day 30, the 28th one more.
    openings = build(go(2, "s1"), days=3, max_days=1, rest_days=27)
    assert find_extension(openings, 2, ()).values["days"] == 28
    openings = build(go(2, "s1"), days=3, max_days=1, rest_days=28)
    assert find_extension(openings, 2, ()) is None
