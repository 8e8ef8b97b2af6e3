"""Problems that go on from a moment, and matrices made anew, cell by cell by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning.keeping import PlannedVisit, weigh_keeping
from patrolplan.planning.problem import Group, PatrolDecision, Plan, Wayside
from patrolplan.planning.reshaping import copy_places, cut_days, widen_travel
from patrolplan.planning.underway import Underway, pose_continuation
from problems import (
    START,
    build_hand_theatre,
    build_matrix,
    build_team,
    change_theatre,
)

DAY = 1440.0
INF = np.inf
MINUTES = [[0, 100, 200], [110, 0, 50], [220, 60, 0]]


def build(*, days=8, sites=None, groups=None, pairs=None, team=None, needs=None):
    """Return base, s1 and s2, whose ways there and back differ."""
    theatre = build_hand_theatre(
        minutes=MINUTES,
        dwells=(60, 60),
        days=days,
        needs=needs,
        team=team or build_team(max_days=4, rest_days=1, range_km=300.0),
    )
    return change_theatre(theatre, sites=sites, groups=groups, pairs=pairs).problem


# Matrices


def test_more_places_have_no_way() -> None:
    matrix = widen_travel(build_matrix(MINUTES), 2)
    wide = np.full((5, 5), INF)
    wide[:3, :3] = MINUTES
    np.fill_diagonal(wide, 0.0)
    assert (matrix.durations_min == wide).all()
    assert (matrix.lengths_m == wide * 500.0).all()
    assert matrix.fuels_l == pytest.approx(wide * 0.1)
    assert matrix.hazards is None
    hazards = replace(build_matrix(MINUTES), hazards=np.ones((3, 3)))
    assert widen_travel(hazards, 1).hazards[0].tolist() == [1.0, 1.0, 1.0, INF]


def test_some_days_of_a_matrix() -> None:
    problem = build()
    matrix = build_matrix(MINUTES, days=(1, 5))

    def cut(first, last, barred=False):
        found = cut_days(problem, matrix, "other", first, last, 1, barred)
        return [
            ((m.valid_from - START).days, (m.valid_to - START).days, m.vehicle)
            for m in found
        ]

    assert cut(0, 7) == [(1, 5, "other")]
    assert cut(2, 4) == [(2, 4, "other")]
    assert cut(5, 9) == [(5, 5, "other")]
    assert cut(6, 9) == cut(3, 2) == []
    (barred,) = cut_days(problem, matrix, "other", 2, 4, 1, True)
    # No way leads out of s1; all others stay, and so does the matrix.
    assert barred.durations_min.tolist() == [[0, 100, 200], [INF, 0, INF], [220, 60, 0]]
    assert matrix.durations_min.tolist() == MINUTES


def test_places_that_are_there_twice() -> None:
    ways = {(0, 1): ((0, 5.0),), (1, 0): ((0, 6.0),), (0, 2): ((0, 7.0),)}
    matrix = replace(
        build_matrix(MINUTES, blocked={(1, 2): ((10.0, 20.0),)}), waysides=ways
    )
    twice = copy_places(matrix, [1])
    assert twice.durations_min.tolist() == [
        [0, 100, 200, 100],
        [110, 0, 50, 0],
        [220, 60, 0, 60],
        [110, 0, 50, 0],
    ]
    assert twice.waysides == {
        **ways,
        (0, 3): ((0, 5.0),),
        (3, 0): ((0, 6.0),),
    }
    assert twice.halt_blocked == {
        (1, 2): ((10.0, 20.0),),
        (3, 2): ((10.0, 20.0),),
    }


# Patrols under way


def test_what_is_left_of_a_patrol() -> None:
    problem = build(
        team=build_team(
            min_days=3,
            max_days=4,
            rest_days=1,
            range_km=300.0,
            hazard_budget=9.0,
            fuel_budget_l=40.0,
        )
    )
    patrol = Underway("t1", "s1", DAY + 600.0, 0, 50_000.0, 2.5, ("s1",), 12.0)
    posed = pose_continuation(problem, DAY + 500.0, [patrol], visited={"s1": 700.0})
    new = posed.problem
    assert new.place_ids == ("base", "s1", "s2", "start:t1", "home:t1")
    start, team = new.teams
    assert (start.id, start.base_id, start.vehicle) == ("start:t1",) * 3
    # Out since day 0 for four days, to day 3; it goes on from day 1: three days, and
    # one more for the evening at home. Of three at least one is over.
    assert (start.min_days, start.max_days) == (2, 4)
    assert (start.range_km, start.hazard_budget) == (250.0, 6.5)
    assert start.fuel_budget_l == 28.0
    assert start.roles == ("home:t1",)
    assert team == replace(problem.teams[0], vehicle="home:t1")
    assert posed.teams == {"start:t1": "t1"}
    assert posed.homecomings == {"home:t1": "base"}
    assert posed.starts == {"start:t1": patrol}
    # Home is required, without need or dwell, until the end of day 3.
    home = new.sites[-1]
    assert (home.id, home.need, home.dwell_min) == ("home:t1", 0.0, 0.0)
    assert (home.required, home.beyond_base) == (True, False)
    assert home.roles == ("home:t1",)
    ((begins, ends),) = home.windows_min
    assert (begins, ends) == (0.0, pytest.approx(4 * DAY))
    assert ends < 4 * DAY
    # What is past offers nothing; today begins now, and at the start when it is ready.
    assert new.opens_min[0, :3].tolist() == [1080.0, DAY + 500.0, 2 * DAY + 360.0]
    assert new.opens_min[3, :3].tolist() == [1080.0, DAY + 600.0, 2 * DAY + 360.0]
    assert new.opens_min[4].tolist() == new.opens_min[0].tolist()
    assert new.closes_min[3].tolist() == problem.closes_min[1].tolist()
    # s1 was visited.
    assert new.sites[0].windows_min == ()
    assert new.sites[1].windows_min is None


def test_least_days_are_no_more_than_are_left() -> None:
    for least, left in ((4, 3), (3, 2), (2, 1), (1, 1)):
        problem = build(team=build_team(min_days=least, max_days=4))
        patrol = Underway("t1", "s1", DAY + 600.0, 0)
        new = pose_continuation(problem, DAY, [patrol]).problem
        assert new.teams[0].min_days == left
    # It stands so late that it goes on next morning: two days are left.
    problem = build(team=build_team(min_days=4, max_days=4))
    patrol = Underway("t1", "s1", DAY + 1100.0, 0)
    assert pose_continuation(problem, DAY, [patrol]).problem.teams[0].min_days == 2


def find_spans(problem, vehicle):
    """Return by matrix its days, and minutes out of the given place to all."""
    return [
        ((m.valid_from - START).days, min((m.valid_to - START).days, 7))
        for m in problem.travel
        if m.vehicle == vehicle
    ]


def test_ways_of_the_start_and_of_the_team() -> None:
    patrol = Underway("t1", "s1", DAY + 600.0, 0)
    new = pose_continuation(build(), DAY, [patrol]).problem
    before, today, after = (m for m in new.travel if m.vehicle == "start:t1")
    assert find_spans(new, "start:t1") == [(0, 0), (1, 1), (2, 7)]
    # From the start it goes as from s1, on day 1 only; into it as to the base.
    assert today.durations_min[3].tolist() == [110, 0, 50, 0, 110]
    assert before.durations_min[3].tolist() == [INF, INF, INF, 0, INF]
    assert after.durations_min[3].tolist() == [INF, INF, INF, 0, INF]
    for matrix in (before, today, after):
        assert matrix.durations_min[2].tolist() == [220, 60, 0, 220, 220]
        # From home there is only the start.
        assert matrix.durations_min[4].tolist() == [INF, INF, INF, 0, 0]
    assert today.lengths_m[3].tolist() == [55_000, 0, 25_000, 0, 55_000]
    # Out on days 0 to 3, at rest on day 4: the team leaves its base from day 5 on.
    assert find_spans(new, "home:t1") == [(0, 4), (5, 7)]
    resting, free = (m for m in new.travel if m.vehicle == "home:t1")
    assert resting.durations_min[0].tolist() == [0, INF, INF, INF, INF]
    assert free.durations_min[0].tolist() == [0, 100, 200, INF, INF]


def test_what_comes_by_something_on_its_way_home() -> None:
    problem = build()
    (matrix,) = problem.travel
    ways = {(1, 0): ((0, 5.0),), (2, 0): ((0, 6.0),), (1, 2): ((0, 7.0),)}
    blocked = {(0, 1): ((1.0, 2.0),)}
    problem = replace(
        problem,
        travel=(replace(matrix, waysides=ways, halt_blocked=blocked),),
        waysides=(Wayside("line", 3.0, line_id="line"),),
    )
    patrol = Underway("t1", "s1", DAY + 600.0, 0)
    new = pose_continuation(problem, DAY, [patrol]).problem
    today = next(m for m in new.travel if m.vehicle == "start:t1")
    assert today.waysides == {
        **ways,
        **dict.fromkeys(((1, 3), (1, 4), (3, 0), (3, 3), (3, 4)), ((0, 5.0),)),
        **dict.fromkeys(((2, 3), (2, 4)), ((0, 6.0),)),
        (3, 2): ((0, 7.0),),
    }
    assert today.halt_blocked == blocked


def test_one_that_stands_too_late_goes_on_next_morning() -> None:
    # The window of s1 ends at 18:00 less no break: at 18:00 it is over.
    for minute, day in ((1079.0, 1), (1080.0, 2)):
        patrol = Underway("t1", "s1", DAY + minute, 0)
        new = pose_continuation(build(), DAY, [patrol]).problem
        spans = find_spans(new, "start:t1")
        assert spans[1] == (day, day)
        # Of four days as many are left.
        assert new.teams[0].max_days == 5 - day
        opens = new.opens_min[3, day]
        assert opens == max(DAY + minute, day * DAY + 360.0)


def test_one_whose_days_are_over_leads_nowhere() -> None:
    patrol = Underway("t1", "s1", 5 * DAY + 600.0, 0)
    new = pose_continuation(build(), 5 * DAY, [patrol]).problem
    today = [m for m in new.travel if m.vehicle == "start:t1"][1]
    assert today.durations_min[3].tolist() == [INF, INF, INF, 0, INF]
    assert (new.teams[0].min_days, new.teams[0].max_days) == (1, 1)
    # Out since before the horizon it should be home before it.
    patrol = Underway("t1", "s1", 600.0, -4)
    new = pose_continuation(build(), 500.0, [patrol]).problem
    assert new.sites[-1].windows_min == ()
    patrol = Underway("t1", "s1", 600.0, -3)
    new = pose_continuation(build(), 500.0, [patrol]).problem
    ((_, ends),) = new.sites[-1].windows_min
    assert DAY - 1 < ends < DAY


def test_nothing_left_is_next_to_nothing() -> None:
    patrol = Underway("t1", "s1", 600.0, 0, 400_000.0, 50.0, (), 99.0)
    team = build_team(range_km=300.0, hazard_budget=9.0, fuel_budget_l=40.0)
    new = pose_continuation(build(team=team), 500.0, [patrol]).problem
    start = new.teams[0]
    assert (start.hazard_budget, start.fuel_budget_l) == (0.0, 0.0)
    assert 0 < start.range_km < 1e-6


def test_need_grows_back_from_the_last_arrival() -> None:
    sites = {
        "s1": {"cadence_days": 2.0, "required": True},
        "s2": {
            "cadence_days": 2.0,
            "windows_min": ((0.0, 2000.0), (3000.0, 4000.0), (5000.0, 6000.0)),
        },
    }
    problem = build(sites=sites)
    new = pose_continuation(
        problem, DAY, [], visited={"s1": 600.0, "s2": 600.0}
    ).problem
    # Two days after minute 600: from 3480 on.
    one, two = new.sites
    assert (one.windows_min, one.required) == (((3480.0, 8 * DAY),), False)
    assert two.windows_min == ((3480.0, 4000.0), (5000.0, 6000.0))
    # One that ends just then is left.
    exact = pose_continuation(problem, DAY, [], visited={"s2": 1120.0}).problem
    assert exact.sites[1].windows_min == ((4000.0, 4000.0), (5000.0, 6000.0))
    once = pose_continuation(
        build(sites={"s1": {"required": True}}), DAY, [], visited={"s1": 0.0}
    ).problem.sites[0]
    assert (once.windows_min, once.required) == ((), False)


def test_of_a_group_that_was_visited_no_other_is() -> None:
    problem = build(groups=[Group(("s1", "s2"), required=True)])
    new = pose_continuation(problem, DAY, [], visited={"s1": 600.0}).problem
    assert new.groups == ()
    assert [site.windows_min for site in new.sites] == [(), ()]
    new = pose_continuation(problem, DAY, []).problem
    assert new.groups == problem.groups
    assert [site.windows_min for site in new.sites] == [None, None]


def test_what_was_visited_still_bars_its_partner() -> None:
    problem = build(pairs=[("s1", "s2")])
    for visited, more in (
        (("s1",), [("home:t1", "s2")]),
        (("s2",), [("home:t1", "s1")]),
        (("s1", "s2"), []),
        ((), []),
    ):
        patrol = Underway("t1", "s1", 600.0, 0, visited=visited)
        new = pose_continuation(problem, 500.0, [patrol]).problem
        assert list(new.forbidden_pairs) == [("s1", "s2"), *more]


def test_a_plan_in_the_words_of_the_problem_before() -> None:
    patrol = Underway("t1", "s1", 600.0, 0)
    posed = pose_continuation(build(), 500.0, [patrol])
    plan = Plan(
        (
            PatrolDecision("start:t1", 0, ("s2", "home:t1")),
            PatrolDecision("t1", 6, ("s1",)),
        )
    )
    assert posed.drop_homecomings(plan).patrols == (
        PatrolDecision("t1", 0, ("s2",)),
        PatrolDecision("t1", 6, ("s1",)),
    )


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (-1.0, "now_min"),
        (8 * DAY, "now_min"),
        (700.0, "no sooner than now"),
    ],
)
def test_a_moment_that_cannot_be(now, words) -> None:
    patrol = Underway("t1", "s1", 600.0, 0)
    with pytest.raises(ValueError, match=words):
        pose_continuation(build(), now, [patrol] if words != "now_min" else [])
    pose_continuation(build(), 600.0, [patrol])
    pose_continuation(build(), 0.0, [])


def test_who_cannot_be_under_way() -> None:
    patrol = Underway("t1", "s1", 600.0, 0)
    with pytest.raises(ValueError, match="two patrols"):
        pose_continuation(build(), 500.0, [patrol, patrol])
    with pytest.raises(ValueError, match="the id of a site"):
        pose_continuation(build(), 500.0, [], visited={"base": 0.0})
    for name in ("ready_min", "driven_m", "hazard", "burnt_l"):
        with pytest.raises(ValueError, match=name):
            replace(patrol, **{name: float("nan")})


# Visits that are worth keeping


def keep(problem, *visits, worth=5.0, **more):
    return weigh_keeping(problem, visits, worth, **more)


def test_a_visit_kept_is_a_second_site_in_the_same_place() -> None:
    problem = build(sites={"s1": {"required": True, "roles": ("medic",)}})
    visit = PlannedVisit("s1", "t1", 2)
    keeping = keep(problem, visit)
    new = keeping.problem
    assert keeping.copies == {"keep:s1": visit}
    assert new.place_ids == ("base", "s1", "s2", "keep:s1")
    one, two, copy = new.sites
    assert (one.required, one.id) == (False, "s1")
    assert two == problem.sites[1]
    assert (copy.id, copy.need, copy.extra_worth) == ("keep:s1", 100.0, 5.0)
    assert copy.roles == ("medic", "keep:t1")
    ((begins, ends),) = copy.windows_min
    assert (begins, ends) == (2 * DAY, pytest.approx(3 * DAY))
    assert ends < 3 * DAY
    assert new.groups == (Group(("s1", "keep:s1"), required=True),)
    assert new.teams[0].roles == ("keep:t1",)
    assert new.travel[0].durations_min[3].tolist() == [110, 0, 50, 0]
    assert (new.opens_min[3] == problem.opens_min[1]).all()
    plan = Plan((PatrolDecision("t1", 0, ("keep:s1", "s2")),))
    assert keeping.name_sites(plan).patrols[0].site_ids == ("s1", "s2")


def test_a_visit_is_kept_within_the_windows_of_its_site() -> None:
    windows = ((0.0, 2000.0), (2 * DAY - 60, 2 * DAY + 60), (3 * DAY, 4 * DAY))
    problem = build(sites={"s1": {"windows_min": windows}})

    def find(day):
        copies = keep(problem, PlannedVisit("s1", "t1", day)).problem.sites[2:]
        return [site.windows_min for site in copies]

    last = np.nextafter(2 * DAY, 0.0)
    assert find(1) == [((DAY, 2000.0), (2 * DAY - 60, last))]
    assert find(2) == [((2 * DAY, 2 * DAY + 60),)]
    # One that ends as the day begins is of it still.
    assert find(4) == [((4 * DAY, 4 * DAY),)]
    assert find(5) == []


def test_what_no_copy_could_stand_for_is_left() -> None:
    visit = PlannedVisit("s1", "t1", 2)
    # It may be visited again within the horizon of eight days, or just not.
    for cadence, from_min, copies in (
        (8.0, 0.0, 0),
        (8.1, 0.0, 1),
        (3.0, 5 * DAY, 0),
        (3.0, 5 * DAY + 1, 1),
    ):
        problem = build(sites={"s1": {"cadence_days": cadence}})
        keeping = keep(problem, visit, from_min=from_min)
        assert len(keeping.copies) == copies
        if copies:
            assert all(s.cadence_days is None for s in keeping.problem.sites)
    groups = [Group(("s1", "s2"))]
    required = build(sites={"s1": {"required": True}}, groups=groups)
    assert keep(required, visit).problem is required
    assert (
        keep(build(sites={"s1": {"barred_by": "visit_may_harm"}}), visit).copies == {}
    )
    assert keep(build(), visit, worth=0.0).copies == {}
    grouped = keep(build(groups=groups), visit).problem
    assert grouped.groups == (Group(("s1", "s2", "keep:s1")),)


def test_copies_are_barred_like_their_sites() -> None:
    problem = build(pairs=[("s1", "s2")])
    visits = [PlannedVisit("s1", "t1", 2), PlannedVisit("s2", "t1", 3)]
    assert keep(problem, visits[0]).problem.forbidden_pairs == (
        ("s1", "s2"),
        ("keep:s1", "s2"),
    )
    assert set(keep(problem, *visits).problem.forbidden_pairs) == {
        ("s1", "s2"),
        ("keep:s1", "s2"),
        ("s1", "keep:s2"),
        ("keep:s1", "keep:s2"),
    }


def test_what_is_passed_earns_beside_its_copy() -> None:
    problem = replace(build(), waysides=(Wayside("s1", 30.0, "s1"),))
    visit = PlannedVisit("s1", "t1", 2)
    assert keep(problem, visit).problem.sites[2].need == 70.0
    unknown = build(sites={"s1": {"need": None}})
    assert keep(unknown, visit).problem.sites[2].need is None
    whole = replace(problem, waysides=(Wayside("s1", 100.0, "s1"),))
    assert keep(whole, visit).problem.sites[2].need == 0.0


def test_a_team_that_is_known_by_another_name() -> None:
    visit = PlannedVisit("s1", "t1", 2)
    problem = build(team=build_team("start:t1", roles=("medic",)))
    keeping = keep(problem, visit, teams={"start:t1": "t1"})
    assert keeping.problem.teams[0].roles == ("medic", "keep:t1")
    with pytest.raises(ValueError, match="visits"):
        keep(problem, visit)
    for wrong in (("s9", "t1", 2), ("s1", "t9", 2), ("s1", "t1", 8), ("s1", "t1", -1)):
        with pytest.raises(ValueError, match="visits"):
            keep(build(), PlannedVisit(*wrong))
    assert keep(build(), PlannedVisit("s1", "t1", 7)).copies
