from __future__ import annotations

from dataclasses import replace

import pytest

from patrolplan.planning.extension import extend_horizon, find_extension
from patrolplan.planning.openings import Openings
from patrolplan.planning.problem import Group, PatrolDecision, Plan, Site
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.solver import solve
from problems import (
    build_hand_theatre,
    build_matrix,
    build_random_theatre,
    build_team,
    change_theatre,
)
from test_inquiry import build_one_of_two


def explain(problem, plan=None, site="s1"):
    entry = find_reasons(problem, plan or Plan())[site]
    change = entry.nearest_change
    return (
        entry.reason,
        entry.reason_values,
        None if change is None else (change.code, change.values),
    )


def with_site(problem, **changes):
    return replace(problem, sites=(replace(problem.sites[0], **changes),))


def test_visited_sites_have_no_reason():
    problem = build_hand_theatre(dwells=(120, 120)).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    assert set(find_reasons(problem, plan)) == {"s2"}


def test_held_by_base():
    problem = with_site(build_hand_theatre().problem, held_by="base", need=0.0)
    assert explain(problem) == ("held_by_base", {"base_id": "base"}, None)


def test_no_way():
    problem = build_hand_theatre(minutes=[[0, 300], [None, 0]]).problem
    assert explain(problem) == ("no_way", {}, None)


def test_dwell_too_long():
    problem = build_hand_theatre(dwells=(800,)).problem
    values = {"dwell_min": 800.0, "window_min": 720.0}
    assert explain(problem) == ("dwell_too_long", values, None)


def test_beyond_horizon():
    # Out and back are 4000 minutes of 720 a day: more than 4 days.
    # Out 720 + 720 + 560, dwell, back 40 + 720 + 720 + 520: six days, two more.
    problem = build_hand_theatre(minutes=[[0, 2000], [2000, 0]], days=4).problem
    change = ("extend_horizon", {"team_id": "t1", "days": 2})
    assert explain(problem) == ("beyond_horizon", {}, change)
    # Done as it says, there is room; with a day less there is none.
    assert explain(extend_horizon(problem, 2))[0] == "not_planned"
    assert explain(extend_horizon(problem, 1))[0] == "beyond_horizon"


def test_a_longer_horizon_waits_for_the_rest_of_a_team_that_is_out():
    # Out and back with the dwell take a day each; the team rests two between.
    team = build_team(rest_days=2)
    problem = build_hand_theatre(dwells=(120, 120), days=3, team=team).problem
    plan = Plan((PatrolDecision("t1", 0, ("s2",)),))
    # Home on day 0, rested on days 1 and 2, gone and home on day 3: one day more.
    change = ("extend_horizon", {"team_id": "t1", "days": 1})
    openings = Openings(problem, plan)
    found = find_extension(openings, problem.place_index["s1"], ())
    assert (found.code, found.values) == change
    assert find_extension(openings, problem.place_index["s1"], ("medic",)) is None


@pytest.mark.parametrize("days", [1, 2])
def test_a_horizon_shorter_than_any_patrol_is_not_called_roadless(days):
    # A visit takes 720 minutes, one day, but patrols last three.
    team = build_team(min_days=3)
    problem = build_hand_theatre(days=days, team=team).problem
    assert explain(problem)[:2] == ("beyond_horizon", {})
    # Where the way alone takes two days, a single one is too few as well.
    far = [[0, 900], [900, 0]]
    problem = build_hand_theatre(minutes=far, days=days, team=team).problem
    change = ("extend_horizon", {"team_id": "t1", "days": 3 - days})
    assert explain(problem) == ("beyond_horizon", {}, change)
    # What is truly not joined is still said to be so.
    problem = build_hand_theatre(
        minutes=[[0, None], [None, 0]], days=days, team=team
    ).problem
    assert explain(problem) == ("no_way", {}, None)


def test_a_horizon_of_one_day_is_named_where_the_way_takes_more():
    problem = build_hand_theatre(minutes=[[0, 900], [900, 0]], days=1).problem
    # 720 and 180 out, dwell, 420 back, 480 more: three days.
    change = ("extend_horizon", {"team_id": "t1", "days": 2})
    assert explain(problem) == ("beyond_horizon", {}, change)


def test_no_team():
    problem = replace(build_hand_theatre(dwells=(120, 800)).problem, teams=())
    assert explain(problem) == ("no_team", {}, None)
    assert explain(problem, site="s2") == ("no_team", {}, None)
    problem = replace(build_hand_theatre().problem, teams=())
    held = with_site(problem, held_by="base")
    assert explain(held) == ("held_by_base", {"base_id": "base"}, None)


def test_no_halt():
    problem = build_hand_theatre(minutes=[[0, 900], [900, 0]]).problem
    matrix = replace(problem.travel[0], halt_blocked={(1, 0): ((50.0, 850.0),)})
    assert explain(replace(problem, travel=(matrix,))) == ("no_halt", {}, None)


def test_out_of_range_names_the_team_that_lacks_least():
    problem = build_hand_theatre().problem
    # Out and back are 600 minutes at 0.5 km a minute: 300 km.
    teams = (build_team("t1", range_km=200.0), build_team("t2", range_km=250.0))
    values = {"missing_km": 50.0, "team_id": "t2"}
    assert explain(replace(problem, teams=teams)) == (
        "out_of_range",
        values,
        ("raise_range_km", values),
    )


def test_range_alone_is_no_help_where_days_lack_too():
    problem = build_hand_theatre(
        minutes=[[0, 1000], [1000, 0]], team=build_team(max_days=2, range_km=900.0)
    ).problem
    assert explain(problem) == (
        "out_of_range",
        {"missing_km": 100.0, "team_id": "t1"},
        None,
    )


def test_too_many_days():
    # Out 1000 = 720 + 280, dwell 120 to 12:40; 320 of 1000 back that day, 680 more
    # on day 2: three days.
    problem = build_hand_theatre(
        minutes=[[0, 1000], [1000, 0]], team=build_team(max_days=2)
    ).problem
    assert explain(problem) == (
        "too_many_days",
        {"missing_days": 1, "team_id": "t1"},
        ("add_days", {"team_id": "t1", "days": 1}),
    )


def test_need_unknown_and_need_zero():
    problem = build_hand_theatre().problem
    assert explain(with_site(problem, need=None)) == ("need_unknown", {}, None)
    assert explain(with_site(problem, need=0.0)) == ("need_zero", {}, None)


def test_room_that_the_plan_does_not_use():
    problem = build_hand_theatre().problem
    change = ("add_visit", {"team_id": "t1", "depart_day": 0})
    assert explain(problem) == ("not_planned", {}, change)


def test_no_time_left_but_one_day_more_would_do():
    # s1 takes 300 + 120 + 300 = 720 minutes, all of the one day allowed; both sites
    # take 300 + 120 + 300 + 120 + 300 = 1140 minutes: a second day. The horizon of
    # two days leaves no room for a patrol after the rest.
    problem = build_hand_theatre(
        dwells=(120, 120), days=2, team=build_team(max_days=1, rest_days=2)
    ).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    values = {"extra_days": 1, "team_id": "t1"}
    change = ("add_days", {"team_id": "t1", "days": 1})
    assert explain(problem, plan, "s2") == ("no_time_left", values, change)


def test_no_days_would_do_but_one_more_patrol():
    problem = build_hand_theatre(
        dwells=(120, 120), days=1, team=build_team(max_days=1, rest_days=2)
    ).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    values = {"extra_days": None, "team_id": None}
    change = ("add_patrol", {"base_id": "base", "vehicle": "light", "days": 1})
    assert explain(problem, plan, "s2") == ("no_time_left", values, change)


def test_the_rest_chain_is_checked():
    # A day more for the first patrol pushes the second from day 2 to day 3, the
    # last; with one day less of horizon it has nowhere to go.
    def explain_in(days):
        problem = build_hand_theatre(
            dwells=(120, 120, 120), days=days, team=build_team(max_days=1, rest_days=1)
        ).problem
        plan = Plan(
            (PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t1", 2, ("s2",)))
        )
        return explain(problem, plan, "s3")

    assert explain_in(4)[1] == {"extra_days": 1, "team_id": "t1"}
    assert explain_in(3)[1] == {"extra_days": None, "team_id": None}


def test_roads_that_open_later_count():
    problem = build_hand_theatre().problem
    shut = build_matrix([[0, None], [None, 0]], days=(0, 4))
    fine = build_matrix([[0, 300], [300, 0]], days=(5, 9))
    change = ("add_visit", {"team_id": "t1", "depart_day": 5})
    assert explain(replace(problem, travel=(shut, fine))) == ("not_planned", {}, change)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_solved_plans_leave_no_room_unused(seed):
    problem = build_random_theatre(seed, sites=25, days=16, max_days=8).problem
    plan = solve(problem, seed=1, iterations=100).plan
    reasons = find_reasons(problem, plan)
    assert {s for p in plan.patrols for s in p.site_ids} | set(reasons) == {
        site.id for site in problem.sites
    }
    assert not [r for r in reasons.values() if r.reason == "not_planned"]


def test_added_days_let_the_site_in():
    """Do what the reason says: the team gets the days, the plan still holds."""
    problem = build_random_theatre(
        1, sites=40, days=12, max_days=5, rest_days=8, speed=(15.0, 40.0)
    ).problem
    plan = solve(problem, seed=1, iterations=100).plan
    tried = 0
    for site_id, entry in find_reasons(problem, plan).items():
        if entry.reason != "no_time_left" or entry.reason_values["extra_days"] is None:
            continue
        values = entry.reason_values
        teams = tuple(
            replace(team, max_days=team.max_days + values["extra_days"])
            if team.id == values["team_id"]
            else team
            for team in problem.teams
        )
        richer = replace(problem, teams=teams)
        again = find_reasons(richer, plan)[site_id]
        assert again.reason == "not_planned", (site_id, entry)
        tried += 1
    assert tried


# Roles, hazard, windows and groups


def test_no_team_has_the_role_asked_for():
    problem = with_site(build_hand_theatre().problem, roles=("adviser",))
    assert explain(problem) == (
        "role_missing",
        {"roles": ["adviser"]},
        ("add_role", {"team_id": "t1", "role": "adviser"}),
    )
    two = with_site(problem, roles=("adviser", "medic"))
    assert explain(two) == ("role_missing", {"roles": ["adviser", "medic"]}, None)


def test_a_role_that_the_team_lacks_which_has_time():
    # t2 has the role and no time: its one day is full with s1. t1 has time on all days.
    problem = build_hand_theatre(
        dwells=(120, 120), days=1, team=build_team(max_days=1)
    ).problem
    sites = tuple(replace(site, roles=("adviser",)) for site in problem.sites)
    skilled = build_team("t2", max_days=1, roles=("adviser",))
    problem = replace(problem, sites=sites, teams=(*problem.teams, skilled))
    plan = Plan((PatrolDecision("t2", 0, ("s1",)),))
    reason, _, change = explain(problem, plan, "s2")
    assert reason == "no_time_left"
    assert change == ("add_role", {"team_id": "t1", "role": "adviser"})


def test_a_little_more_range_is_nearer_than_another_patrol():
    # s1 alone is 600 minutes or 300 km; s1 and s2 are 900 minutes or 450 km.
    problem = build_hand_theatre(
        dwells=(120, 120), days=2, team=build_team(range_km=420.0, rest_days=2)
    ).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    reason, _, change = explain(problem, plan, "s2")
    assert reason == "no_time_left"
    assert change == ("raise_range_km", {"team_id": "t1", "missing_km": 30.0})


def test_more_hazard_than_any_budget():
    problem = change_theatre(
        build_hand_theatre(), hazards=[[0, 3], [3, 0]], team={"hazard_budget": 5.0}
    ).problem
    assert explain(problem) == ("hazard_exceeded", {"team_id": "t1"}, None)


def test_no_visit_can_begin_when_a_patrol_could_be_there():
    # The site is open at 06:30 of the first day; the way there takes until 11:00.
    problem = with_site(
        build_hand_theatre(days=1, team=build_team(max_days=1)).problem,
        windows_min=((390.0, 400.0),),
    )
    assert explain(problem) == ("window_missed", {}, None)


def test_another_of_the_group_is_visited():
    problem = build_hand_theatre(dwells=(120, 120)).problem
    problem = replace(problem, groups=(Group(("s1", "s2")),))
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    assert explain(problem, plan, "s2") == ("group_served", {"other_id": "s1"}, None)


def test_an_opening_does_not_join_a_forbidden_pair():
    problem = build_hand_theatre(
        dwells=(120, 120), days=3, team=build_team(rest_days=3)
    ).problem
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    assert explain(problem, plan, "s2")[0] == "not_planned"
    barred = replace(problem, forbidden_pairs=(("s1", "s2"),))
    assert explain(barred, plan, "s2")[2][0] == "add_patrol"


# The price of inclusion


def explain_solved(problem, site):
    solution = solve(problem, seed=1, iterations=60, workers=1)
    entry = find_reasons(problem, solution.plan, solution)[site]
    return entry.reason, entry.reason_values, entry.nearest_change


def test_the_price_of_a_site_is_what_is_left_out_less_what_it_earns():
    # One of two fits: with s2 forced the plan loses 100 and earns 60.
    reason, values, change = explain_solved(build_one_of_two(), "s2")
    assert reason == "priced_out"
    assert values.pop("surely_lost_need") == pytest.approx(40.0)
    assert values == {
        "lost_need": 40.0,
        "dropped": ["s1"],
        "gained": [],
        "team_id": "t1",
        "depart_day": 0,
    }
    assert change.code == "add_patrol"


def test_a_site_that_would_do_as_well():
    reason, values, _ = explain_solved(build_one_of_two(needs=(70.0, 70.0)), "s2")
    assert reason == "equally_good"
    assert values == {"dropped": ["s1"], "gained": [], "team_id": "t1", "depart_day": 0}


def test_what_is_gained_beside_a_forced_site_is_told():
    # From the base s1 is 300 minutes away; s2 and s3, 100 from the base and 50 from
    # each other, take 100 + 60 + 50 + 60 + 100 = 370 minutes together, and s1 alone
    # 720. With s2 forced s3 comes along: 100 less 40 and 30 are lost.
    minutes = [
        [0, 300, 100, 100],
        [300, 0, 300, 300],
        [100, 300, 0, 50],
        [100, 300, 50, 0],
    ]
    problem = build_hand_theatre(
        dwells=(120, 60, 60),
        minutes=minutes,
        needs=(100.0, 40.0, 30.0),
        days=1,
        team=build_team(max_days=1),
    ).problem
    _, values, _ = explain_solved(problem, "s2")
    assert values["lost_need"] == pytest.approx(30.0)
    assert (values["dropped"], values["gained"]) == (["s1"], ["s3"])


def test_a_plan_that_is_not_the_solution_has_no_prices():
    problem = build_one_of_two()
    solution = solve(problem, seed=1, iterations=60, workers=1)
    other = Plan((PatrolDecision("t1", 0, ("s2",)),))
    assert find_reasons(problem, other, solution)["s1"].reason == "no_time_left"


def test_required_sites_are_explained_like_the_others():
    problem = build_hand_theatre().problem
    site = Site("s1", "S1", None, 800.0, required=True)
    assert explain(replace(problem, sites=(site,)))[0] == "dwell_too_long"
