"""A problem posed, and plans of patrols put in order, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.departures import Departures
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Group, PatrolDecision, Wayside
from patrolplan.planning.search import advance, decide, share_out
from problems import build_hand_theatre, build_team, change_theatre

DAY = 1440.0


def build(
    needs=(100.0, 50.0, None),
    *,
    days=6,
    dwell=120.0,
    least_unknown=0,
    minutes=100.0,
    sites=None,
    groups=None,
    waysides=(),
    passed=None,
    teams=(),
    **team,
) -> Posed:
    """Return sites all 100 minutes from each other and the base; days of 720."""
    count = len(needs)
    theatre = build_hand_theatre(
        minutes=minutes * (1 - np.eye(count + 1)),
        dwells=(dwell,) * count,
        needs=needs,
        days=days,
        team=build_team(**team),
    )
    problem = change_theatre(theatre, sites=sites, groups=groups).problem
    travel = tuple(replace(m, waysides=passed or {}) for m in problem.travel)
    return Posed(
        replace(
            problem,
            teams=(*problem.teams, *teams),
            limits=replace(problem.limits, min_unknown_visits=least_unknown),
            waysides=tuple(waysides),
            travel=travel,
        )
    )


# What visits earn, and what is owed


def test_only_places_worth_a_visit_are_asked_for() -> None:
    posed = build(
        (100.0, 50.0, None, 0.0, 70.0, 80.0, 0.0),
        sites={
            "s2": {"extra_worth": 5.0},
            "s5": {"held_by": "base"},
            "s6": {"barred_by": "visit_may_harm"},
            "s7": {"required": True},
        },
    )
    assert posed.places == [1, 2, 7]
    assert posed.needs.tolist() == [0, 100, 55, 0, 0, 0, 0, 0, 0]
    assert np.flatnonzero(posed.required).tolist() == [7]
    # 1 and twice all need.
    assert posed.bonus == 311.0
    posed = build((100.0,), waysides=[Wayside("line", 7.0, line_id="line")])
    assert posed.bonus == 1.0 + 200.0 + 14.0


def test_what_a_group_or_the_rule_of_the_unknown_demands_is_asked_for() -> None:
    groups = [Group(("s2", "s4"), required=True), Group(("s1", "s3"))]
    posed = build((100.0, 50.0, None, 0.0), groups=groups)
    assert posed.places == [1, 2, 4]
    assert posed.owed.tolist() == [0, 0, 1, 0, 1, 0]
    posed = build((100.0, None, None), least_unknown=1)
    assert posed.places == [1, 2, 3]
    assert posed.owed.tolist() == [0, 0, 0, 0, 1]
    assert posed.unknown.places == {2, 3}
    # One held by a base day by day is not visited to be known.
    held = {"s2": {"held_by": "base"}}
    posed = build((100.0, None, None), least_unknown=1, sites=held)
    assert posed.unknown.places == {3}
    assert build((100.0, 50.0), least_unknown=1).owed.tolist() == [0, 0, 0, 0]


def test_demands_met_and_unmet() -> None:
    posed = build(
        (100.0, 50.0, None, None, 20.0),
        least_unknown=2,
        sites={"s1": {"required": True}, "s3": {"required": True}},
        groups=[Group(("s2", "s5"), required=True)],
    )
    # Two sites, one group, two of unknown need, of which s3 is required anyway.
    assert posed.count_unmet(()) == 5
    assert posed.count_met((1, 1)) == 1
    assert posed.count_met((3,)) == 2
    assert posed.count_met((3, 4, 5)) == 4
    assert posed.count_unmet((3, 4, 5)) == 1
    patrol = posed.run(0, 0, (3, 5))
    # 20 of need, and a bonus for s3, one for the unknown, one for the group.
    assert posed.measure_gain([patrol]) == 20.0 + 3 * posed.bonus


def test_rings_are_of_what_nothing_else_knows() -> None:
    posed = build(
        (100.0, None, None, None, None, None),
        least_unknown=3,
        sites={"s2": {"required": True}, "s3": {"cadence_days": 2.0}},
        groups=[Group(("s1", "s4"))],
    )
    # s2 is sure, s3 may be visited again, s4 stands in a group: two more of s5 and s6.
    assert posed.unknown.least == 3
    assert posed.unknown.rings == ((5,), (6,))


def test_how_often_a_site_may_be_visited() -> None:
    cadences = {"s1": {"cadence_days": 2.0}, "s2": {"cadence_days": 5.0}}
    posed = build(sites=cadences)
    # Six days: on days 0, 2 and 4; on 0 and 5.
    assert [posed.count_visits(place) for place in (1, 2, 3)] == [3, 2, 1]


def test_what_can_be_reached_alone() -> None:
    # 100 there, 100 back and 120: 320 minutes and 100 km; a day has 720.
    for team, places in (
        ({"range_km": 100.0}, [1, 2]),
        ({"range_km": 99.0}, []),
        ({"min_days": 2, "max_days": 3}, [1, 2]),
    ):
        assert build(**team).places == places
    roles = {"s1": {"roles": ("medic",)}}
    assert build(sites=roles).places == [2]
    other = build_team("t2", roles=("medic", "x"))
    posed = build(sites=roles, teams=[other])
    assert posed.places == [1, 2]
    assert posed.reached == {0: [2], 1: [1, 2]}
    assert posed.kinds == [0, 1]
    # One day is too few for a dwell of 521 minutes, two are enough.
    assert build(dwell=520.0, max_days=1).places == [1, 2]
    assert build(dwell=521.0, max_days=1).places == []


def test_a_patrol_home_too_soon_is_only_run_shortly() -> None:
    posed = build(min_days=2, max_days=3)
    assert posed.run(0, 0, (1,)) is None
    assert posed.run(0, 0, (1,), shortly=True) == Column(0, 0, 0, (1,), 320.0)
    # On the last day there is no second one.
    assert posed.run(0, 5, (1,), shortly=True).return_day == 5
    # 720 are not enough for 100 + 5 x 120 + 5 x 100.
    many = build((1.0,) * 5, min_days=2, max_days=3)
    column = many.run(0, 4, (1, 2, 3, 4, 5))
    assert (column.depart_day, column.return_day) == (4, 5)
    assert many.run(0, 5, (1, 2, 3, 4, 5)) is None
    assert many.run(0, 5, (1, 2, 3, 4, 5), shortly=True) is None


# On the way


def test_what_is_earned_on_the_way_is_earned_once() -> None:
    waysides = [Wayside("line", 7.0, line_id="line"), Wayside("s2", 3.0, "s2")]
    passed = {(0, 1): ((0, 50.0), (1, 60.0)), (1, 0): ((0, 50.0),)}
    posed = build(waysides=waysides, passed=passed)
    there, other = posed.run(0, 0, (1,)), posed.run(0, 1, (2,))
    assert posed.list_waysides(there) == (0, 1)
    assert posed.list_waysides(other) == ()
    assert posed.measure_waysides([there]) == 10.0
    assert posed.measure_waysides([there, there]) == 10.0
    # Whoever visits s2 earns nothing by passing it.
    assert posed.measure_waysides(iter([other, there])) == 7.0
    assert posed.measure_waysides([other]) == 0.0
    assert posed.measure_gain([there, other]) == 157.0
    assert build().list_waysides(there) == ()


# Surplus


def test_what_takes_longest_is_left_out_first() -> None:
    posed = build((100.0, None, None), least_unknown=1)
    sites = tuple(
        replace(site, dwell_min=200.0) if site.id == "s3" else site
        for site in posed.problem.sites
    )
    posed = Posed(replace(posed.problem, sites=sites))
    whole = posed.run(0, 0, (1, 2, 3))
    assert posed.drop_surplus([whole]) == [posed.run(0, 0, (1, 2))]
    # One of two is what is demanded: that stays.
    kept = [posed.run(0, 0, (1, 2))]
    assert posed.drop_surplus(kept) == kept
    # Of two patrols the one to s3 alone takes 400 minutes off.
    assert posed.drop_surplus([posed.run(0, 0, (3,)), *kept]) == kept


def test_what_is_owed_or_passed_by_stays() -> None:
    required = {"s3": {"required": True}}
    posed = build((100.0, None, None), least_unknown=1, sites=required)
    whole = posed.run(0, 0, (1, 2, 3))
    assert posed.drop_surplus([whole]) == [posed.run(0, 0, (1, 3))]
    # On the way from s2 home there is a line.
    line = {
        "waysides": [Wayside("line", 7.0, line_id="line")],
        "passed": {(2, 0): ((0, 50.0),)},
    }
    posed = build((100.0, None, None), least_unknown=0, **line)
    posed = Posed(
        replace(
            posed.problem, limits=replace(posed.problem.limits, min_unknown_visits=1)
        )
    )
    whole = posed.run(0, 0, (3, 1, 2))
    assert posed.drop_surplus([whole]) == [posed.run(0, 0, (1, 2))]
    alone = [posed.run(0, 0, (2,)), posed.run(0, 3, (3,))]
    assert posed.drop_surplus(alone) == alone[:1]


def test_a_patrol_that_would_be_home_too_soon_keeps_its_visits() -> None:
    # 3 x 120 + 4 x 100 = 760 minutes: two days; with two visits one.
    posed = build((100.0, None, None), least_unknown=1, min_days=2, max_days=3)
    whole = posed.run(0, 0, (1, 2, 3))
    assert whole.return_day == 1
    assert posed.drop_surplus([whole]) == [whole]


# Arrivals and conflicts


def test_arrivals_by_the_clock() -> None:
    posed = build()
    # From 06:00: at s1 at 07:40, at s2 at 11:20; a third visit would end at 17:00.
    column = posed.run(0, 2, (1, 2))
    start = 2 * DAY + 360
    assert posed.list_arrivals(column) == [(start + 100, 2), (start + 320, 2)]
    long = build(dwell=520.0)
    column = long.run(0, 0, (1, 2))
    # From 07:40 to 16:20 at s1, at s2 at 18:00: there from 06:00 of the next day.
    assert long.list_arrivals(column) == [(460.0, 0), (DAY + 360.0, 1)]


def test_visits_too_near_each_other_are_in_conflict() -> None:
    posed = build(sites={"s1": {"cadence_days": 2.0}})
    one, two, three = (posed.run(0, day, (1,)) for day in (0, 1, 2))
    other = posed.run(0, 0, (2,))
    # On days 0, 1 and 2 at the same hour: 0 and 2 are just far enough apart.
    assert posed.list_conflicts([one, other, two, three]) == [(0, 2), (2, 3)]
    assert posed.list_conflicts([three, one]) == []
    # A patrol is in no conflict with itself, and what is visited once in none.
    twice = posed.run(0, 0, (1, 2, 1))
    assert posed.list_conflicts([twice, other, other]) == []
    # s1 at 320 + 120 minutes instead of 100 comes sooner after.
    late = posed.run(0, 0, (2, 1))
    assert posed.list_conflicts([late, three]) == [(0, 1)]


# Chains and decisions


def test_patrols_are_shared_out_to_teams_that_are_free() -> None:
    posed = build(
        max_days=1,
        rest_days=1,
        teams=[build_team("t0", max_days=2), build_team("t2", max_days=1, rest_days=1)],
    )
    assert posed.kinds == [0, 1, 0]
    columns = {day: posed.run(0, day, (1,)) for day in (0, 1, 2, 3)}
    other = posed.run(1, 1, (2,))
    chains = share_out(posed, [columns[1], columns[3], other, columns[0], columns[2]])
    # Home on day 0 and at rest on day 1: free on day 2.
    assert chains == [[columns[0], columns[2]], [other], [columns[1], columns[3]]]
    plan = decide(posed, chains)
    assert plan.patrols == (
        PatrolDecision("t1", 0, ("s1",)),
        PatrolDecision("t0", 1, ("s2",)),
        PatrolDecision("t2", 1, ("s1",)),
        PatrolDecision("t1", 2, ("s1",)),
        PatrolDecision("t2", 3, ("s1",)),
    )


def test_patrols_leave_as_early_as_they_can() -> None:
    posed = build(max_days=1, rest_days=1)
    late = [posed.run(0, 1, (1,)), posed.run(0, 5, (2,))]
    assert advance(posed, [late]) == [[posed.run(0, 0, (1,)), posed.run(0, 2, (2,))]]
    # What has a window waits for it; what follows is as early as that lets it.
    windows = {"s1": {"windows_min": ((DAY + 400, DAY + 900),)}}
    bound = build(max_days=1, rest_days=1, sites=windows)
    late = [bound.run(0, 1, (1,)), bound.run(0, 5, (2,))]
    assert advance(bound, [late]) == [[late[0], bound.run(0, 3, (2,))]]
    # Where needs grow back, nothing is moved.
    again = build(max_days=1, sites={"s1": {"cadence_days": 2.0}})
    late = [[again.run(0, 3, (2,))]]
    assert advance(again, late) is late


def test_a_patrol_is_not_moved_from_what_it_comes_by() -> None:
    # The roads of the first two days come by no line.
    posed = build(days=4)
    (matrix,) = posed.problem.travel
    start = posed.problem.start
    early = replace(matrix, valid_to=start.replace(day=start.day + 1))
    late = replace(
        matrix,
        valid_from=start.replace(day=start.day + 2),
        waysides={(0, 1): ((0, 50.0),)},
    )
    line = Wayside("line", 7.0, line_id="line")
    posed = Posed(replace(posed.problem, travel=(early, late), waysides=(line,)))
    column = posed.run(0, 3, (1,))
    assert advance(posed, [[column]]) == [[posed.run(0, 2, (1,))]]


# Days of departure


def test_chances_of_three_patrols() -> None:
    """Three patrols of a day each on days 0 to 4 without rest: of C(5, 3) = 10 ways
    the first is on day 0 in C(4, 2) = 6, the second on day 2 in 2 x 2 = 4."""
    posed = build((100.0, 50.0, 20.0), days=5, max_days=1, rest_days=0)
    plan = [posed.run(0, day, (day + 1,)) for day in range(3)]
    ((first, second, third),) = Departures(posed, plan).list_chances()
    assert first == pytest.approx({0: 0.6, 1: 0.3, 2: 0.1})
    assert second == pytest.approx({1: 0.3, 2: 0.4, 3: 0.3})
    assert third == pytest.approx({2: 0.1, 3: 0.3, 4: 0.6})


def test_a_team_that_stays_at_home_has_no_chances() -> None:
    posed = build(teams=[build_team("t2")], max_days=1)
    plan = [posed.run(0, 0, (1,))]
    found = Departures(posed, plan).list_chances()
    assert len(found) == 2
    assert found[1] == []


def test_days_are_drawn_again_where_need_has_not_grown_back() -> None:
    # Two teams to s1, whose need grows back in 3 days: of six days each, apart by 3.
    posed = build(
        sites={"s1": {"cadence_days": 3.0}},
        teams=[build_team("t2", max_days=1)],
        max_days=1,
    )
    plan = [posed.run(0, 0, (1,)), posed.run(0, 5, (1,))]
    departures = Departures(posed, plan)
    rng = np.random.default_rng(1)
    for _ in range(50):
        one, other = departures.draw(rng)
        assert other.depart_day - one.depart_day >= 3
    # Where no draw is in time the plan stays as it was.
    posed = build(
        sites={"s1": {"cadence_days": 5.0}},
        teams=[build_team("t2", max_days=1)],
        max_days=1,
        days=6,
    )
    plan = [posed.run(0, 5, (1,)), posed.run(0, 0, (1,))]
    for seed in range(20):
        drawn = Departures(posed, plan).draw(np.random.default_rng(seed))
        assert drawn == tuple(sorted(plan))
