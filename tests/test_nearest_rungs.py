"""Rungs of the nearest question with an oracle, prices, passings and siting by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planning import nearest, trials
from patrolplan.planning.demands import Coverage
from patrolplan.planning.nearest import find_nearest
from patrolplan.planning.passing import list_passings
from patrolplan.planning.prices import find_prices, list_changes
from patrolplan.planning.problem import Base, PatrolDecision, Plan, Wayside
from patrolplan.planning.schedule import build_schedule, list_earnings
from patrolplan.planning.siting import choose_places, list_covered, place_base
from patrolplan.planning.solver import Solution, solve
from problems import build_hand_theatre, build_team, change_theatre

DAY = 1440.0


# A team that in truth comes nowhere.
SHORT = build_team(range_km=1.0)


def build(*teams, days=20, **more):
    theatre = build_hand_theatre(dwells=(120, 120), days=days)
    sites = {"s1": {"required": True}} | more.pop("sites", {})
    problem = change_theatre(theatre, sites=sites).problem
    return replace(problem, teams=teams or problem.teams, **more)


def ask(monkeypatch, holds):
    """Let an oracle say what can be met: yes, no, or not known."""

    def measure(problem):
        answer = holds(problem)
        return Coverage(1, int(bool(answer)), 0 if answer is False else 1, labels=1)

    monkeypatch.setattr(trials, "measure_coverage", measure)
    monkeypatch.setattr(nearest, "measure_coverage", measure)


def tell(changes):
    return [(change.code, *change.values.values()) for change in changes]


# The nearest question


@pytest.mark.parametrize("needed", [1, 2, 7, 13, 14])
def test_as_few_days_more_as_will_do(monkeypatch, needed) -> None:
    problem = build(SHORT)
    ask(monkeypatch, lambda p: p.horizon_days >= 20 + needed)
    found = find_nearest(problem, lengthen=lambda days: build(SHORT, days=20 + days))
    assert tell(found.changes) == [("plan_longer", needed)]
    assert found.size == (0, 1, 0, needed, 0, 0.0)
    assert found.is_proven
    # Without that choice, the demand is given up.
    found = find_nearest(problem)
    assert tell(found.changes) == [("drop_required", "s1")]


def test_more_than_two_weeks_are_not_asked_for(monkeypatch) -> None:
    ask(monkeypatch, lambda p: p.horizon_days >= 35)
    problem = build(SHORT)
    found = find_nearest(problem, lengthen=lambda days: build(SHORT, days=20 + days))
    assert tell(found.changes) == [("drop_required", "s1")]
    assert found.size.dropped == 1
    longer = [t for t in found.trials if t.changes[0].code == "plan_longer"]
    assert [tell(trial.changes) for trial in longer] == [[("plan_longer", 14)]]


def test_a_base_is_opened_and_its_teams_return(monkeypatch) -> None:
    problem = build()
    back = build_team("t9", people=3, max_days=5)
    opened = build(*problem.teams, back)
    ask(monkeypatch, lambda p: any(team.id == "t9" for team in p.teams))
    found = find_nearest(problem, {"b2": lambda: opened})
    assert tell(found.changes) == [("open_base", "b2")]
    assert found.size == (0, 1, 1, 0, 15, 0.0)


def build_open(problem):
    """Return the problem with a base more, which lies where the first does."""
    (matrix,) = problem.travel
    rows = [0, 1, 2, 0]
    grid = np.ix_(rows, rows)
    return replace(
        problem,
        place_ids=(*problem.place_ids, "b2"),
        bases=(*problem.bases, Base("b2", "b2")),
        opens_min=problem.opens_min[rows],
        closes_min=problem.closes_min[rows],
        travel=(
            replace(
                matrix,
                durations_min=matrix.durations_min[grid],
                lengths_m=matrix.lengths_m[grid],
                fuels_l=matrix.fuels_l[grid],
            ),
        ),
    )


def test_where_none_returns_one_like_another_comes(monkeypatch) -> None:
    problem = build(build_team(), build_team("t2", people=3))
    ask(monkeypatch, lambda p: any(team.base_id == "b2" for team in p.teams))
    found = find_nearest(problem, {"b2": lambda: build_open(problem)})
    assert tell(found.changes) == [
        ("open_base", "b2"),
        ("add_team", "b2", "light", "t2"),
    ]
    assert found.size == (0, 2, 1, 0, 36, 0.0)
    # The dearer was not asked for any more.
    opened = [t for t in found.trials if t.changes[0].code == "open_base"]
    assert len(opened) == 1


def test_one_rung_ends_the_search(monkeypatch) -> None:
    # With a team more, or three days more for the one there is: 16 x 3 are fewer.
    problem = build()
    ask(monkeypatch, lambda p: len(p.teams) > 1 or p.teams[0].max_days >= 15)
    found = find_nearest(problem, lengthen=lambda days: build(days=20 + days))
    assert tell(found.changes) == [("add_days", "t1", 3)]
    assert found.is_proven
    codes = {change.code for trial in found.trials for change in trial.changes}
    assert "plan_longer" not in codes
    assert "add_teams" not in codes


def test_what_is_not_known_is_not_proven(monkeypatch) -> None:
    # Whether fewer days would do nobody knows.
    def holds(p):
        return True if p.teams[0].max_days >= 15 else None

    ask(monkeypatch, holds)
    found = find_nearest(build())
    assert tell(found.changes) == [("add_days", "t1", 3)]
    assert not found.is_proven
    # Two given up where one might be met is not proven.
    sites = {"s2": {"required": True, "roles": ("a",)}, "s1": {"roles": ("a",)}}
    ask(monkeypatch, lambda p: None)
    found = find_nearest(build(sites=sites))
    assert [change.code for change in found.changes] == ["drop_required"] * len(
        found.changes
    )
    assert not found.exhausted


# Prices


def test_changes_that_are_priced() -> None:
    teams = [
        build_team("t1", roles=("a",)),
        build_team("t2", people=3, vehicles=9, roles=("a",)),
        build_team("more-0", max_days=5),
    ]
    problem = build(*teams, sites={"s1": {"roles": ("a", "b")}})
    found = list(list_changes(problem))
    assert tell(change for change, _ in found) == [
        ("add_days", "t1", 1),
        ("add_days", "t2", 1),
        ("add_days", "more-0", 1),
        # Those alike but for people and vehicles are added once.
        ("add_team", "base", "light", "t1"),
        ("add_team", "base", "light", "more-0"),
        ("raise_range_km", "t1", 300.0),
        ("raise_range_km", "t2", 300.0),
        ("raise_range_km", "more-0", 300.0),
        ("add_role", "t1", "b"),
        ("add_role", "t2", "b"),
        ("add_role", "more-0", "a"),
        ("add_role", "more-0", "b"),
    ]
    changed = [problem for _, problem in found]
    assert [team.max_days for team in changed[1].teams] == [12, 13, 5]
    assert [team.id for team in changed[4].teams] == ["t1", "t2", "more-0", "more-1"]
    assert changed[4].teams[3].max_days == 5
    assert [team.range_km for team in changed[5].teams] == [3300.0, 3000.0, 3000.0]
    assert changed[8].teams[0].roles == ("a", "b")


def test_what_each_change_is_worth_the_most_first() -> None:
    # One day of one team: s1 100. A day more, or a team more, is worth the 60 of s2.
    theatre = build_hand_theatre(
        dwells=(120, 120), needs=(100.0, 60.0), days=2, team=build_team(max_days=1)
    )
    problem = theatre.problem
    solution = solve(problem, seed=1, iterations=20, workers=1)
    prices = find_prices(problem, solution)
    assert [(p.change.code, p.more_need) for p in prices] == [
        ("add_days", 60.0),
        ("add_team", 60.0),
        ("raise_range_km", 0.0),
    ]
    assert all(p.at_most == pytest.approx(p.more_need, abs=1e-2) for p in prices)
    # Of a plan that is not the best, nothing is worth what no more means would bring.
    worse = Solution(
        Plan((PatrolDecision("t1", 0, ("s2",)),)), 60.0, 100.0, solution.patrols
    )
    found = {p.change.code: p.more_need for p in find_prices(problem, worse)}
    assert found == {"add_days": 60.0, "add_team": 60.0, "raise_range_km": 0.0}


# On the way


def build_passing(ways, *, needs=(100.0, 50.0), minutes=None):
    theatre = build_hand_theatre(dwells=(120, 120), needs=needs, minutes=minutes)
    problem = theatre.problem
    (matrix,) = problem.travel
    waysides = (
        Wayside("line", 7.0, line_id="line"),
        Wayside("s2", 5.0, "s2"),
        Wayside("other", 3.0, line_id="other"),
    )
    travel = (replace(matrix, waysides=ways),)
    return replace(
        problem,
        travel=travel,
        waysides=waysides,
        teams=(build_team(), build_team("t2")),
    )


def pass_by(problem, *decisions):
    schedule = build_schedule(problem, Plan(decisions))
    return {
        key: [wayside.id for wayside in found]
        for key, found in list_passings(problem, schedule).items()
    }


def test_each_is_earned_by_the_leg_that_comes_by_it_first() -> None:
    ways = {
        (0, 1): ((0, 10.0), (1, 200.0)),
        (1, 0): ((0, 5.0), (2, 6.0)),
    }
    problem = build_passing(ways)
    there = PatrolDecision("t1", 0, ("s1",))
    assert pass_by(problem, there) == {("P1", 0): ["line", "s2"], ("P1", 1): ["other"]}
    # What is visited is not earned by passing, be it by another.
    other = PatrolDecision("t2", 0, ("s2",))
    assert pass_by(problem, there, other)["P1", 0] == ["line"]
    # Of two at once the first by id; the second earns nothing.
    both = pass_by(problem, there, PatrolDecision("t2", 0, ("s1",)))
    assert both == {("P1", 0): ["line", "s2"], ("P1", 1): ["other"]}
    assert pass_by(replace(problem, waysides=(), travel=build().travel), there) == {}


def test_a_way_with_halts_earns_on_the_piece_that_drives_the_minute() -> None:
    # 1000 minutes out: 720 on the first day, 280 on the second.
    ways = {(0, 1): ((0, 720.0), (1, 720.1), (2, 1000.0)), (1, 0): ()}
    problem = build_passing(ways, minutes=1000.0 * (1 - np.eye(3)))
    found = pass_by(problem, PatrolDecision("t1", 0, ("s1",)))
    assert found == {("P1", 0): ["line"], ("P1", 1): ["s2", "other"]}


def test_the_earlier_passing_counts_whichever_patrol() -> None:
    ways = {(0, 1): ((0, 100.0),), (0, 2): ((0, 50.0),)}
    problem = build_passing(ways)
    one, two = PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t2", 0, ("s2",))
    assert pass_by(problem, one, two) == {("P2", 0): ["line"]}


def test_need_is_earned_again_once_it_has_grown_back() -> None:
    for cadence, earned in ((None, 0.0), (2.0, 100.0), (2.01, 0.0)):
        sites = {"s1": {"cadence_days": cadence}}
        theatre = build_hand_theatre(dwells=(120, 120), needs=(100.0, 50.0))
        problem = change_theatre(theatre, sites=sites).problem
        plan = Plan(
            (PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t1", 2, ("s1",)))
        )
        found = list_earnings(problem, build_schedule(problem, plan))
        assert found == {("P1", 1): 100.0, ("P2", 1): earned}
    # Five days and one: what was earned by neither still counts from the last visit.
    plan = Plan(tuple(PatrolDecision("t1", day, ("s1",)) for day in (0, 1, 2)))
    sites = {"s1": {"cadence_days": 1.5}}
    problem = change_theatre(theatre, sites=sites).problem
    found = list_earnings(problem, build_schedule(problem, plan))
    assert list(found.values()) == [100.0, 0.0, 0.0]


# Siting


def build_far(**more):
    """Return s1 near the base, s2 and s3 near each other and far off."""
    minutes = [
        [0, 100, 900, 900],
        [100, 0, 900, 900],
        [900, 900, 0, 100],
        [900, 900, 100, 0],
    ]
    theatre = build_hand_theatre(
        minutes=minutes, dwells=(60,) * 3, needs=(10.0, 20.0, 30.0), **more
    )
    return theatre.problem


def test_what_a_place_covers_in_so_many_days() -> None:
    problem = build_far()
    # 100 + 60 + 100 of a day of 720; 900 + 60 + 900 take three days.
    assert list_covered(problem, 0, 1) == {"s1"}
    assert list_covered(problem, 0, 2) == {"s1"}
    assert list_covered(problem, 0, 3) == {"s1", "s2", "s3"}
    assert list_covered(problem, 2, 1) == {"s2", "s3"}
    # The team that reaches farthest of each vehicle counts, and none waits for days.
    teams = (
        build_team("a", range_km=99.0, min_days=1),
        build_team("b", range_km=100.0, min_days=2),
    )
    assert list_covered(replace(problem, teams=teams), 0, 1) == {"s1"}
    assert list_covered(replace(problem, teams=teams[:1]), 0, 1) == set()


def test_the_place_that_covers_most_of_what_is_left() -> None:
    problem = build_far()
    found = choose_places(problem, 1, 1)
    assert found.places in (("s2",), ("s3",))
    assert (found.need, found.bound) == (50.0, pytest.approx(50.0))
    assert (found.standing_need, found.total_need) == (10.0, 60.0)
    assert found.covered == {"s1": (), "s2": ("s2", "s3"), "s3": ("s2", "s3")}
    assert found.is_proven
    none = choose_places(problem, 0, 1)
    assert (none.places, none.need, none.bound) == ((), 0.0, 0.0)
    held = replace(
        problem,
        sites=(
            problem.sites[0],
            replace(problem.sites[1], held_by="base"),
            replace(problem.sites[2], windows_min=()),
        ),
    )
    found = choose_places(held, 2, 1)
    # What a base holds counts for nothing; windows do not count here.
    assert (found.places, found.need, found.total_need) == (("s3",), 30.0, 40.0)
    barred = replace(
        problem,
        sites=(
            *problem.sites[:2],
            replace(problem.sites[2], barred_by="visit_may_harm"),
        ),
    )
    found = choose_places(barred, 2, 1)
    assert (found.places, found.need) == (("s2",), 20.0)


def test_a_base_more_lies_where_its_site_does() -> None:
    problem = build_far()
    (matrix,) = problem.travel
    ways = {(0, 1): ((0, 1.0),), (2, 1): ((0, 2.0),), (1, 3): ((0, 3.0),)}
    blocked = {(1, 2): ((5.0, 6.0),)}
    problem = replace(
        problem,
        travel=(replace(matrix, waysides=ways, halt_blocked=blocked),),
        waysides=(Wayside("line", 1.0, line_id="line"),),
    )
    more, base_id = place_base(problem, "s1")
    assert base_id == "forward-s1"
    assert more.place_ids == ("base", "s1", "s2", "s3", "forward-s1")
    assert more.bases[-1] == Base("forward-s1", "forward-s1")
    (wide,) = more.travel
    assert wide.durations_min[4].tolist() == [100, 0, 900, 900, 0]
    assert wide.waysides == {
        **ways,
        (0, 4): ((0, 1.0),),
        (2, 4): ((0, 2.0),),
        (4, 3): ((0, 3.0),),
    }
    assert wide.halt_blocked == {**blocked, (4, 2): ((5.0, 6.0),)}
    assert (more.opens_min[4] == problem.opens_min[1]).all()
    again, base_id = place_base(more, "s1")
    assert base_id == "forward-s1-"
    assert len(again.bases) == 3
