"""Changes measured, made and tried, with an oracle in place of the solver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planfile import Code
from patrolplan.planning import additions, trials
from patrolplan.planning.additions import add_team, add_teams, list_kinds
from patrolplan.planning.changes import (
    Size,
    change_problem,
    list_stretch,
    measure_changes,
    name_teams,
)
from patrolplan.planning.demands import Coverage, measure_coverage
from patrolplan.planning.problem import Base, Group
from patrolplan.planning.several import change_several
from patrolplan.planning.stretches import (
    MOST_RANGE_KM,
    count_spare_days,
    list_lacking,
    shrink_stretch,
    stretch_one,
)
from patrolplan.planning.trials import Trials
from patrolplan.planning.unmet import find_best_effort, list_drops, list_reasons
from problems import build_hand_theatre, build_team, change_theatre


def build(*teams, days=30, sites=None, groups=None, bases=(), least_unknown=0):
    """Return s1 and s2 300 minutes and 150 km from the base, and some teams."""
    theatre = build_hand_theatre(dwells=(120, 120), days=days)
    theatre = change_theatre(theatre, sites=sites, groups=groups)
    problem = theatre.problem
    if bases:
        size = 3 + len(bases)
        minutes = 300.0 * (1 - np.eye(size))
        (matrix,) = problem.travel
        rows = [0, 1, 2, *[0] * len(bases)]
        problem = replace(
            problem,
            place_ids=(*problem.place_ids, *bases),
            bases=(*problem.bases, *(Base(b, b) for b in bases)),
            opens_min=problem.opens_min[rows],
            closes_min=problem.closes_min[rows],
            travel=(
                replace(
                    matrix,
                    durations_min=minutes,
                    lengths_m=minutes * 500.0,
                    fuels_l=minutes * 0.1,
                ),
            ),
        )
    limits = replace(problem.limits, min_unknown_visits=least_unknown)
    return replace(problem, teams=teams or problem.teams, limits=limits)


def show(code, **values) -> Code:
    return Code(code=code, values=values)


def ask(monkeypatch, holds, problem, *, share=1.0) -> Trials:
    """Return trials of which an oracle says what holds; None is not found."""

    def measure(changed):
        answer = holds(changed)
        met = 1 if answer else 0
        return Coverage(1, met, 1 if answer is None else met, labels=1000)

    monkeypatch.setattr(trials, "measure_coverage", measure)
    made = Trials(problem)
    made.allow(share)
    return made


def tell(changes) -> list[tuple]:
    return [(change.code, *change.values.values()) for change in changes]


# Changes, and how large they are


def test_every_change_is_made() -> None:
    problem = build(
        build_team(roles=("a",)),
        sites={"s1": {"required": True}, "s2": {"required": True}},
        groups=[Group(("s1", "s2"), required=True)],
        bases=("b2",),
        least_unknown=3,
    )
    changed = change_problem(
        problem,
        [
            show("add_days", team_id="t1", days=3),
            show("raise_range_km", team_id="t1", missing_km=7.5),
            show("add_role", team_id="t1", role="b"),
            show("add_teams", teams=2, base_id="b2", vehicle="light", team_id="t1"),
            show("add_team", base_id="base", vehicle="light", team_id="t1"),
            show("drop_required", site_id="s1"),
            show("drop_group", site_ids=["s1", "s2"]),
            show("ask_fewer_unknown", least=1),
            show("open_base", base_id="x"),
            show("plan_longer", days=2),
        ],
    )
    one, *more = changed.teams
    assert (one.max_days, one.range_km, one.roles) == (15, 3007.5, ("a", "b"))
    assert [(team.id, team.base_id) for team in more] == [
        ("more-1", "b2"),
        ("more-2", "b2"),
        ("more-3", "base"),
    ]
    assert all(replace(t, id="t1", base_id="base") == one for t in more)
    assert [site.required for site in changed.sites] == [False, True]
    assert not changed.groups[0].required
    assert changed.limits.min_unknown_visits == 1
    assert changed.horizon_days == problem.horizon_days
    with pytest.raises(ValueError, match="no such change: sing"):
        change_problem(problem, [show("sing")])


def test_another_group_stays_as_it_is() -> None:
    groups = [Group(("s1", "s2"), required=True)]
    changed = change_problem(
        build(groups=groups), [show("drop_group", site_ids=["s2", "s1"])]
    )
    assert changed.groups[0].required


def test_names_that_are_free() -> None:
    assert name_teams(["more-1", "x", "more-3"], 3) == ["more-2", "more-4", "more-5"]
    assert name_teams([], 2) == ["more-1", "more-2"]
    assert name_teams(["more-1"], 0) == []


def test_what_a_team_is_given() -> None:
    team = build_team()
    assert list_stretch(team, 0, 0.0) == ()
    assert tell(list_stretch(team, 2, 5.0, ["a", "b"])) == [
        ("add_days", "t1", 2),
        ("raise_range_km", "t1", 5.0),
        ("add_role", "t1", "a"),
        ("add_role", "t1", "b"),
    ]


def test_how_large_changes_are() -> None:
    # t1: 16 people for 12 days; t2: 5 people for 4.
    problem = build(
        build_team(), build_team("t2", people=5, max_days=4), least_unknown=3
    )

    def measure(*changes, **more):
        return measure_changes(problem, changes, **more)

    assert measure() == Size(0, 0, 0, 0, 0, 0.0)
    # 2 days of 16 people, and an adviser on each of the 14 days.
    assert measure(
        show("add_days", team_id="t1", days=2),
        show("add_role", team_id="t1", role="a"),
        show("raise_range_km", team_id="t1", missing_km=2.5),
    ) == Size(0, 1, 0, 0, 46, 2.5)
    assert measure(
        show("add_role", team_id="t1", role="a"),
        show("add_role", team_id="t2", role="a"),
        show("add_days", team_id="t2", days=1),
    ) == Size(0, 2, 0, 0, 12 + 5 + 5, 0.0)
    assert measure(show("add_team", team_id="t2", base_id="b")) == Size(
        0, 1, 0, 0, 20, 0.0
    )
    assert measure(show("add_teams", teams=3, team_id="t1", base_id="b")) == Size(
        0, 3, 0, 0, 576, 0.0
    )
    # Of three visits demanded one is left: two are given up.
    assert measure(
        show("drop_required", site_id="s1"),
        show("drop_group", site_ids=[]),
        show("ask_fewer_unknown", least=1),
    ) == Size(4, 0, 0, 0, 0, 0.0)
    assert measure(
        show("open_base", base_id="b"),
        show("plan_longer", days=3),
        returning=[build_team("t9", people=2, max_days=3)],
    ) == Size(0, 2, 1, 3, 6, 0.0)


# Trials


def test_nothing_is_tried_twice_and_the_smallest_is_kept(monkeypatch) -> None:
    found = ask(monkeypatch, lambda p: p.teams[0].max_days >= 14, build())
    assert not found.holds([show("add_days", team_id="t1", days=1)])
    assert found.best is None
    assert found.holds([show("add_days", team_id="t1", days=5)])
    assert found.holds([show("add_days", team_id="t1", days=2)])
    assert found.holds([show("add_days", team_id="t1", days=4)])
    assert found.holds([show("add_days", team_id="t1", days=5)])
    assert len(found.done) == 4
    assert tell(found.best.changes) == [("add_days", "t1", 2)]
    assert found.best.size == Size(0, 1, 0, 0, 32, 0.0)
    assert [trial.verdict for trial in found.done] == [
        "impossible",
        "feasible",
        "feasible",
        "feasible",
    ]
    assert found.exhausted


def test_a_changed_problem_may_come_with_its_size(monkeypatch) -> None:
    found = ask(monkeypatch, lambda p: p.horizon_days == 5, build())
    size = Size(0, 1, 0, 2, 0, 0.0)
    changes = [show("plan_longer", days=2)]
    answer = found.attempt(changes, build(days=5), size)
    assert answer.verdict == "feasible"
    assert found.best.size == size


def test_enough_work_is_enough(monkeypatch) -> None:
    monkeypatch.setattr(trials, "_MOST_LABELS", 4000)
    found = ask(monkeypatch, lambda p: None, build(), share=0.5)
    kinds = [[show("add_days", team_id="t1", days=day)] for day in range(1, 9)]
    # Each takes 1,000 labels: two of half of 4,000.
    assert [found.attempt(changes) is None for changes in kinds[:3]] == [
        False,
        False,
        True,
    ]
    assert not found.exhausted
    assert found.attempt(kinds[0]) is not None
    assert not found.holds(kinds[0])
    found.allow(1.0)
    assert found.attempt(kinds[2]) is not None
    monkeypatch.setattr(trials, "_MOST_TRIALS", 3)
    assert found.attempt(kinds[3]) is None
    monkeypatch.setattr(trials, "_MOST_TRIALS", 4)
    assert found.attempt(kinds[3]) is not None


# Stretches


def test_days_and_roles_that_a_team_could_use() -> None:
    assert count_spare_days(build(days=20), build_team(max_days=12)) == 8
    assert count_spare_days(build(days=20), build_team(max_days=21)) == -1
    assert count_spare_days(build(days=99), build_team(max_days=12)) == 48
    problem = build(
        sites={"s1": {"roles": ("b", "a")}, "s2": {"roles": ("c",), "need": None}}
    )
    team = build_team(roles=("a",))
    assert list_lacking(problem, team) == ()
    asks = replace(problem, limits=replace(problem.limits, min_unknown_visits=1))
    assert list_lacking(asks, team) == ("c",)
    grouped = replace(problem, groups=(Group(("s1", "s2"), required=True),))
    assert list_lacking(grouped, team) == ("b", "c")
    free = replace(problem, groups=(Group(("s1", "s2")),))
    assert list_lacking(free, team) == ()
    sites = tuple(replace(s, required=s.id == "s1") for s in problem.sites)
    assert list_lacking(replace(problem, sites=sites), build_team()) == ("a", "b")


@pytest.mark.parametrize("needed", range(9))
def test_the_fewest_days_are_found(monkeypatch, needed) -> None:
    found = ask(monkeypatch, lambda p: p.teams[0].max_days >= 12 + needed, build())
    changes = shrink_stretch(found, build_team(), 8, ())
    assert tell(changes) == ([("add_days", "t1", needed)] if needed else [])


def test_the_fewest_days_beside_other_changes(monkeypatch) -> None:
    def holds(p):
        return p.teams[0].max_days >= 15 and p.limits.min_unknown_visits == 0

    others = [show("ask_fewer_unknown", least=0)]
    found = ask(monkeypatch, holds, build(least_unknown=1))
    changes = shrink_stretch(found, build_team(), 8, ("a",), others)
    assert tell(changes) == [("add_days", "t1", 3), ("add_role", "t1", "a")]


def test_the_fewest_kilometres_are_of_the_longest_patrol() -> None:
    """s1 and back are 300 km; what is missing is told in tenths of a kilometre."""
    for range_km, missing in ((299.95, 0.1), (299.9, 0.1), (299.85, 0.2), (200.0, 100)):
        problem = build(
            build_team(range_km=range_km, max_days=2), sites={"s1": {"required": True}}
        )
        found = Trials(problem)
        found.allow(1.0)
        changes = shrink_stretch(found, problem.teams[0], 2, ())
        assert tell(changes) == [("raise_range_km", "t1", missing)]


def test_each_team_is_stretched_in_turn(monkeypatch) -> None:
    teams = [build_team(), build_team("t2", people=2)]
    sites = {"s1": {"roles": ("a",), "required": True}}

    def holds(p):
        one, two = p.teams
        able = "a" in one.roles and one.max_days >= 14
        return able or ("a" in two.roles and two.max_days >= 20)

    found = ask(monkeypatch, holds, build(*teams, sites=sites))
    stretch_one(found)
    # 2 x 16 + 14 person-days; or 8 x 2 + 20.
    assert tell(found.best.changes) == [("add_days", "t2", 8), ("add_role", "t2", "a")]
    # With its role the second was asked for no more days than the first takes: 46 less
    # 12 are 34, of 2 people 17 days.
    asked = [
        change.values["days"]
        for trial in found.done
        for change in trial.changes
        if trial.changes[-1].values.get("role") and change.code == "add_days"
        if change.values["team_id"] == "t2"
    ]
    assert max(asked) == 17
    ranges = {
        change.values["missing_km"]
        for trial in found.done
        for change in trial.changes
        if change.code == "raise_range_km"
    }
    assert ranges == {MOST_RANGE_KM - 3000.0}


def test_a_team_out_too_long_already_is_left(monkeypatch) -> None:
    found = ask(monkeypatch, lambda p: True, build(build_team(max_days=31)))
    stretch_one(found)
    assert found.done == []
    found = ask(monkeypatch, lambda p: True, build(build_team(max_days=30)))
    stretch_one(found)
    assert found.done != []


# Teams added


def test_kinds_of_team_by_what_adding_one_takes() -> None:
    teams = [
        build_team("t1"),
        build_team("t2", people=3),
        build_team("t3"),
        build_team("t0", base_id="b2"),
        build_team("t4", people=3, max_days=13),
    ]
    kinds = list_kinds(build(*teams, bases=("b2",)))
    # 36 person-days, 39, and 192: the first of those alike.
    assert [team.id for team in kinds] == ["t2", "t4", "t1"]


def test_one_team_like_the_cheapest_that_helps(monkeypatch) -> None:
    teams = [build_team("t1"), build_team("t2", people=3, base_id="b2")]
    problem = build(*teams, bases=("b2", "b3"))

    def at_b3(p):
        more = p.teams[2:]
        return any(team.base_id == "b3" for team in more)

    found = ask(monkeypatch, at_b3, problem)
    assert add_team(found) == {"base", "b2"}
    assert tell(found.best.changes) == [("add_team", "b3", "light", "t2")]
    assert [tell(trial.changes)[0][1] for trial in found.done] == ["b3"]
    # Where all would help, the base of the cheapest comes first; then others that have
    # teams, then those that have none.
    found = ask(monkeypatch, lambda p: len(p.teams) > 3, problem)
    assert add_team(found) == frozenset()
    assert [tell(trial.changes)[0][1:] for trial in found.done] == [
        ("b2", "light", "t2"),
        ("base", "light", "t2"),
        ("b3", "light", "t2"),
        ("base", "light", "t1"),
        ("b2", "light", "t1"),
        ("b3", "light", "t1"),
    ]


def test_what_the_ablest_have(monkeypatch) -> None:
    seen = []
    teams = [
        build_team("t1", max_days=3, range_km=50.0, roles=("a",), hazard_budget=2.0),
        build_team("t2", max_days=2, range_km=60.0, roles=("b",), hazard_budget=1.0),
    ]
    found = ask(monkeypatch, lambda p: seen.append(p.teams[2:]), build(*teams))
    add_team(found)
    ablest = seen[0]
    assert len(ablest) == additions.MOST_ADDED == 4
    for team in ablest:
        assert (team.min_days, team.max_days, team.rest_days) == (1, 3, 0)
        assert (team.range_km, team.hazard_budget) == (60.0, 2.0)
        assert (team.roles, team.base_id) == (("a", "b"), "base")


def test_as_few_teams_as_will_do(monkeypatch) -> None:
    problem = build(bases=("b2",))
    found = ask(monkeypatch, lambda p: len(p.teams) >= 4, problem)
    add_teams(found, frozenset())
    assert tell(found.best.changes) == [("add_teams", 3, "base", "light", "t1")]
    # At a base without teams none is added; nor where none would help; nor five.
    assert len(found.done) == 2
    found = ask(monkeypatch, lambda p: len(p.teams) >= 4, problem)
    add_teams(found, {"base"})
    assert found.done == []
    found = ask(monkeypatch, lambda p: len(p.teams) >= 6, problem)
    add_teams(found, frozenset())
    assert len(found.done) == 3


# Several changes at once


def test_what_can_be_left_out_is_and_the_rest_is_made_smaller(monkeypatch) -> None:
    teams = [build_team("t1"), build_team("t2", people=3)]

    def holds(p):
        enough = p.teams[0].max_days >= 15 and p.teams[1].range_km >= 3000.0
        return enough and len(p.teams) >= 4

    found = ask(monkeypatch, holds, build(*teams))
    change_several(found)
    assert tell(found.best.changes) == [
        ("add_teams", 2, "base", "light", "t1"),
        ("add_days", "t1", 3),
    ]


def test_each_team_is_left_out_by_itself(monkeypatch) -> None:
    teams = [build_team("t1"), build_team("t2"), build_team("t3", people=3)]

    def holds(p):
        return p.teams[1].max_days >= 14 and p.teams[2].max_days >= 13

    found = ask(monkeypatch, holds, build(*teams))
    change_several(found)
    assert tell(found.best.changes) == [
        ("add_days", "t2", 2),
        ("add_days", "t3", 1),
    ]


def test_where_all_at_once_is_not_enough_nothing_more_is_tried(monkeypatch) -> None:
    found = ask(monkeypatch, lambda p: False, build(bases=("b2",)))
    change_several(found)
    (only,) = found.done
    # To no base without teams; 18 of 30 days more, and all the range there may be.
    assert tell(only.changes) == [
        ("add_teams", 4, "base", "light", "t1"),
        ("add_days", "t1", 18),
        ("raise_range_km", "t1", MOST_RANGE_KM - 3000.0),
    ]


def test_the_teams_of_a_base_are_like_its_ablest(monkeypatch) -> None:
    teams = [build_team("t1"), build_team("t2", max_days=13), build_team("t3")]
    found = ask(monkeypatch, lambda p: False, build(*teams))
    change_several(found)
    assert tell(found.done[0].changes)[0] == ("add_teams", 4, "base", "light", "t2")


# Coverage, and what stays unmet


def test_how_far_demands_can_be_met() -> None:
    one, none, lacking = Coverage(2, 2, 2), Coverage(2, 1, 1), Coverage(2, 1, 2)
    found = [coverage.verdict for coverage in (one, none, lacking)]
    assert found == ["feasible", "impossible", "not_found"]
    assert measure_coverage(build()) == Coverage(0, 0, 0)
    both = {"s1": {"required": True}, "s2": {"required": True}}
    far = build(build_team(range_km=100.0), sites=both)
    assert measure_coverage(far) == Coverage(2, 0, 0)
    # One of two is out of reach: only one can be met, and no search is asked for.
    role = {"s1": {"required": True, "roles": ("a",)}, "s2": {"required": True}}
    assert measure_coverage(build(sites=role)) == Coverage(2, 0, 1)
    # 600 + 120 + 120 of the 720 minutes of one day.
    short = build(build_team(max_days=1), sites=both, days=1)
    assert measure_coverage(short)[:3] == (2, 0, 1)
    met = measure_coverage(build(sites=both))
    assert met[:3] == (2, 2, 2)
    assert {place for c in met.patrols for place in c.places} == {1, 2}


def test_what_is_given_up_and_why() -> None:
    sites = {
        "s1": {"required": True, "roles": ("a",)},
        "s2": {"need": None, "roles": ("b",)},
    }
    groups = [Group(("s1", "s2"), required=True)]
    problem = build(sites=sites, groups=groups, least_unknown=4)
    assert find_best_effort(problem) == ()
    drops = list_drops(problem, ())
    assert tell(drops) == [
        ("drop_required", "s1"),
        ("drop_group", ["s1", "s2"]),
        ("ask_fewer_unknown", 0),
    ]
    reasons = list_reasons(problem, Coverage(3, 0, 0), ())
    assert tell(reasons) == [
        ("demands_unmet", 3, 0),
        ("site_unmet", "s1", "role_missing", {"roles": ["a"]}),
        ("group_unmet", ["s1", "s2"]),
        ("unknown_unmet", 0, 1),
    ]
    unsure = list_reasons(problem, Coverage(3, 1, 3), ())
    assert tell(unsure)[0] == ("demands_not_met", 3, 1)
    # What is visited is met.
    posed = change_problem(problem, [show("add_role", team_id="t1", role="b")])
    (patrol,) = find_best_effort(posed)
    assert patrol.places == (2,)
    assert tell(list_drops(posed, [patrol])) == [("drop_required", "s1")]
