"""The nearest feasible question: by hand, against brute force, and through the door."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines import find_best_need
from patrolplan.cli import main
from patrolplan.figures import TeamSpec
from patrolplan.nearest import change_scenario, plan_nearest
from patrolplan.planfile import Code, format_plan, read_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.changes import change_problem, measure_changes
from patrolplan.planning.demands import measure_coverage
from patrolplan.planning.nearest import find_nearest
from patrolplan.planning.problem import Base, Group, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from patrolplan.planning.stretches import MOST_RANGE_KM, MOST_TEAM_DAYS
from patrolplan.products.nearest import digest_nearest, tabulate_nearest
from patrolplan.products.rows import PlaceNames
from problems import (
    build_hand_theatre,
    build_plan_file,
    build_random_theatre,
    build_team,
    change_theatre,
)


def require(theatre, *ids, **changes):
    sites = {site: {"required": True} for site in ids}
    return change_theatre(theatre, sites=sites, **changes).problem


def list_changes(found) -> list[tuple]:
    return [(change.code, *change.values.values()) for change in found.changes]


def show(code, **values):
    return Code(code=code, values=values)


# By hand: days of 720 minutes, 06:00 to 18:00, and half a kilometre a minute


def test_one_more_day_by_hand() -> None:
    """Out 1000 min, dwell 120, back 1000: 2120 of the 2160 min of three days."""
    minutes = 1000.0 * (1 - np.eye(2))
    theatre = build_hand_theatre(minutes=minutes, team=build_team(max_days=2))
    problem = require(theatre, "s1")
    found = find_nearest(problem)
    assert list_changes(found) == [("add_days", "t1", 1)]
    assert found.size == (0, 1, 0, 0, 16, 0.0)
    assert found.is_proven
    assert [(r.code, *r.values.values()) for r in found.reasons] == [
        ("demands_unmet", 1, 0),
        (
            "site_unmet",
            "s1",
            "too_many_days",
            {"missing_days": 1, "team_id": "t1"},
        ),
    ]


def test_missing_kilometres_by_hand() -> None:
    """Twice 300 min at half a kilometre a minute: 300 km, of which 87.5 are missing."""
    theatre = build_hand_theatre(team=build_team(range_km=212.5))
    found = find_nearest(require(theatre, "s1"))
    assert list_changes(found) == [("raise_range_km", "t1", 87.5)]
    assert found.size.person_days == 0
    assert found.is_proven


def test_days_and_kilometres_at_once() -> None:
    minutes = 1000.0 * (1 - np.eye(2))
    team = build_team(max_days=2, range_km=900.0)
    found = find_nearest(require(build_hand_theatre(minutes=minutes, team=team), "s1"))
    assert list_changes(found) == [
        ("add_days", "t1", 1),
        ("raise_range_km", "t1", 100.0),
    ]
    assert found.size.parts == 1


def test_a_role_that_nobody_has() -> None:
    sites = {"s1": {"required": True, "roles": ("medic",)}}
    problem = change_theatre(build_hand_theatre(), sites=sites).problem
    found = find_nearest(problem)
    assert list_changes(found) == [("add_role", "t1", "medic")]
    # One person for the twelve days that the team may be out.
    assert found.size.person_days == 12


def test_a_roster_too_small_is_given_a_team() -> None:
    """Of two sites a day's drive apart one patrol of two days can visit one only."""
    minutes = 300.0 * (1 - np.eye(3))
    minutes[1, 2] = minutes[2, 1] = 2000.0
    team = build_team(max_days=1, rest_days=5)
    theatre = build_hand_theatre(dwells=(60, 60), minutes=minutes, team=team, days=3)
    found = find_nearest(require(theatre, "s1", "s2"))
    # Two days out would need rest; a team like it takes 16 person-days, as does a day.
    assert list_changes(found)[0][0] in ("add_team", "add_days")
    assert found.size.parts == 1
    assert found.is_proven
    changed = change_problem(require(theatre, "s1", "s2"), found.changes)
    assert measure_coverage(changed).verdict == "feasible"


def test_a_site_out_of_all_reach_is_given_up() -> None:
    minutes = [[0, 300, None], [300, 0, None], [None, None, 0]]
    theatre = build_hand_theatre(dwells=(60, 60), minutes=minutes)
    found = find_nearest(require(theatre, "s1", "s2"))
    assert list_changes(found) == [("drop_required", "s2")]
    assert found.is_proven
    assert found.reasons[1].values["reason"] == "no_way"


def test_a_group_and_the_unknown_are_given_up_too() -> None:
    minutes = [[0, None, None], [None, 0, None], [None, None, 0]]
    theatre = build_hand_theatre(dwells=(60, 60), minutes=minutes)
    sites = {"s1": {"need": None}}
    group = Group(("s1", "s2"), required=True)
    problem = change_theatre(theatre, sites=sites, groups=[group]).problem
    limits = replace(problem.limits, min_unknown_visits=1)
    found = find_nearest(replace(problem, limits=limits))
    assert list_changes(found) == [
        ("drop_group", ["s1", "s2"]),
        ("ask_fewer_unknown", 0),
    ]
    assert found.size.dropped == 2


def test_two_teams_that_each_lack_a_day_are_each_given_one() -> None:
    """Bases 2000 min apart, a site 1000 min from each, and no team to do both."""
    theatre = build_hand_theatre(dwells=(120, 120))
    far, near = 9000.0, 1000.0
    # Places: base, s1, s2; a second base takes the place of a third site.
    problem = build_random_theatre(0, sites=2, bases=2, teams=2, days=4).problem
    minutes = np.full((4, 4), far)
    np.fill_diagonal(minutes, 0.0)
    minutes[0, 2] = minutes[2, 0] = minutes[1, 3] = minutes[3, 1] = near
    travel = replace(
        theatre.problem.travel[0],
        durations_min=minutes,
        lengths_m=minutes * 500.0,
        fuels_l=minutes,
    )
    opens, closes = np.zeros((4, 4)), np.zeros((4, 4))
    for day in range(4):
        opens[:, day], closes[:, day] = day * 1440.0 + 360.0, day * 1440.0 + 1080.0
    bases = [base.id for base in problem.bases]
    problem = replace(
        problem,
        travel=(travel,),
        opens_min=opens,
        closes_min=closes,
        limits=theatre.problem.limits,
        sites=tuple(replace(s, required=True, dwell_min=120.0) for s in problem.sites),
        teams=tuple(
            build_team(f"t{k}", base, max_days=2, rest_days=9)
            for k, base in enumerate(bases)
        ),
        bases=tuple(Base(base, base) for base in bases),
    )
    found = find_nearest(problem)
    assert list_changes(found) == [("add_days", "t0", 1), ("add_days", "t1", 1)]
    assert found.size.parts == 2
    # Others of two parts were not all tried.
    assert not found.is_proven


def test_what_can_be_done_is_not_changed() -> None:
    found = find_nearest(require(build_hand_theatre(), "s1"))
    assert (found.changes, found.trials, found.reasons) == ((), (), ())


def test_ranges_and_days_are_those_that_a_scenario_may_give() -> None:
    limits = {
        name: next(
            m.le for m in TeamSpec.model_fields[name].metadata if hasattr(m, "le")
        )
        for name in ("max_days", "range_km")
    }
    assert limits == {"max_days": MOST_TEAM_DAYS, "range_km": MOST_RANGE_KM}


# Against all plans there are


def as_demands(problem):
    """The same where only required visits earn: the best need counts those made."""
    return replace(
        problem,
        sites=tuple(replace(s, need=float(s.required)) for s in problem.sites),
    )


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000))
def test_it_holds_against_brute_force(seed) -> None:
    """With the change all is met; with each trial called impossible it is not."""
    theatre = build_random_theatre(
        seed,
        sites=4,
        bases=2,
        teams=2,
        days=4 + seed % 3,
        max_days=2 + seed % 2,
        min_days=1,
        rest_days=1,
        range_km=400.0 + 100.0 * (seed % 5),
        dwell_min=(60.0, 300.0),
        required=2 + seed % 2,
        speed=(25.0, 60.0),
        blocks=False,
    )
    problem = theatre.problem
    asked = sum(site.required for site in problem.sites)
    found = find_nearest(problem)
    best = find_best_need(as_demands(problem))
    assert (found.changes == ()) == (best == asked)
    changed = change_problem(problem, found.changes)
    left = sum(site.required for site in changed.sites)
    assert asked - left == found.size.dropped
    solution = solve(changed, seed=1, iterations=60, workers=1)
    schedule = build_schedule(changed, solution.plan)
    file = build_plan_file(replace(theatre, problem=changed), schedule)
    assert [v.rule for v in assess_plan(file).violations] == []
    for trial in found.trials[:12]:
        if any(change.code == "add_teams" for change in trial.changes):
            continue
        tried = change_problem(problem, trial.changes)
        met = find_best_need(as_demands(tried))
        demands = sum(site.required for site in tried.sites)
        if trial.verdict != "not_found":
            assert (met == demands) == (trial.verdict == "feasible"), trial
        assert trial.size == measure_changes(problem, trial.changes)


# Through the door


@pytest.fixture(scope="module")
def vain(scenario):
    """Araouane must be visited, with the bases near it closed."""
    return scenario.replace(
        bases={"closed": ["base-tombouctou", "base-goundam"]},
        sites={"required": ["Araouane"]},
        horizon_days=10,
        iterations=5,
    )


@pytest.fixture(scope="module")
def nearest(vain):
    return plan_nearest(vain)


def test_the_referee_accepts_the_nearest_plan(nearest) -> None:
    plan = nearest.plan_file
    assert assess_plan(plan).violations == []
    assert "araouane" in {s.site_id for p in plan.patrols for s in p.stops}
    assert plan.nearest.proven
    assert plan.nearest.reasons[1].values["reason"] == "out_of_range"
    changed = {change.code for change in plan.nearest.changes}
    assert changed == {"add_days", "raise_range_km"}


def test_without_its_change_the_request_is_impossible_again(nearest) -> None:
    """As a whole, and without any one of its parts."""
    changes, problem = nearest.plan_file.nearest.changes, nearest.problem
    for dropped in [changes, *([change] for change in changes)]:
        undone = problem
        for change in dropped:
            amount = change.values.get("days") or change.values["missing_km"]
            field = "max_days" if change.code == "add_days" else "range_km"
            undone = replace(
                undone,
                teams=tuple(
                    replace(team, **{field: getattr(team, field) - amount})
                    if team.id == change.values["team_id"]
                    else team
                    for team in undone.teams
                ),
            )
        assert measure_coverage(undone).verdict == "impossible"


def test_the_changed_scenario_is_what_its_file_would_say(nearest, vain, layers) -> None:
    changes = nearest.plan_file.nearest.changes
    changed = change_scenario(vain, layers, changes)
    assert changed == nearest.scenario


def test_every_change_can_be_made_to_a_scenario(vain, layers) -> None:
    scenario = vain.replace(
        bases={"closed": ["base-gao"]},
        sites={
            "required": ["Taoudenni"],
            "visits": [{"site": "taoudenni", "required": True}],
            "groups": [{"sites": ["Gossi", "Hombori"], "required": True}],
        },
    )
    changed = change_scenario(
        scenario,
        layers,
        [
            show("open_base", base_id="base-gao"),
            show("plan_longer", days=2),
            show("add_team", base_id="base-ansongo", vehicle="x", team_id="gao"),
            show("add_teams", teams=2, base_id="base-gao", team_id="gao"),
            show("add_role", team_id="gao", role="medic"),
            show("drop_required", site_id="taoudenni"),
            show("drop_group", site_ids=["gossi", "hombori"]),
            show("ask_fewer_unknown", least=0),
        ],
    )
    assert changed.bases.closed == ()
    assert changed.horizon_days == scenario.horizon_days + 2
    assert [(t.id, t.base) for t in changed.teams[-3:]] == [
        ("more-1", "base-ansongo"),
        ("more-2", "base-gao"),
        ("more-3", "base-gao"),
    ]
    assert "medic" in changed.teams[0].roles
    assert changed.sites.required == ()
    assert not any(part.required for part in changed.sites.visits)
    assert not any(part.required for part in changed.sites.groups)
    assert changed.need.min_unknown_visits == 0


def test_the_plan_file_holds_what_was_tried_and_reads_back(nearest, tmp_path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(format_plan(nearest.plan_file), encoding="utf-8")
    assert read_plan(path) == nearest.plan_file
    words = digest_nearest(nearest.plan_file, PlaceNames(nearest.plan_file))
    assert "Araouane" in words.reasons[1].en
    assert "jours de plus" in words.changes[0].fr
    table = tabulate_nearest(nearest.plan_file)
    assert len(table) == len(nearest.plan_file.nearest.tried)
    assert table["chosen"].sum() == 1
    assert (table.loc[table["chosen"], "verdict"] == "feasible").all()


def test_a_plan_cleared_by_hand_alone_is_a_draft_in_the_table_too(nearest) -> None:
    edited = nearest.plan_file.model_copy(update={"status": "cleared"})
    assert set(tabulate_nearest(edited)["plan_status"]) == {"draft"}


def test_overloaded_scenarios_are_planned_too_and_exit_1(theatre, capsys) -> None:
    """Seven visits of nine hours in one day: refused by check, changed by plan."""
    names = ["gossi", "hombori", "ansongo", "bourem", "bamba", "ber", "gourma-rharous"]
    theatre.add_to_scenario(
        "\n".join(
            f'[[sites.visits]]\nsite = "{name}"\ndwell_min = 540\nrequired = true'
            for name in names
        )
    )
    theatre.edit_scenario("horizon_days = 28", "horizon_days = 1")
    file, out = str(theatre.file), theatre.folder / "out"
    assert main(["check", file]) == 2
    assert "min are missing" in capsys.readouterr().err
    assert main(["plan", file, "--iterations", "5", "--out", str(out)]) == 1
    said = capsys.readouterr().out
    assert "What was asked cannot be done" in said
    assert "more days" in said
    folder = out / "north-mali"
    assert (folder / "tables" / "nearest.csv").exists()
    assert 'id="pp-nearest"' in (folder / "map.html").read_text(encoding="utf-8")
    plan = read_plan(folder / "plan.json")
    assert assess_plan(plan).violations == []
    assert plan.scenario.horizon_days > 1


def test_an_empty_plan_meets_nothing_that_is_asked() -> None:
    problem = require(build_hand_theatre(), "s1")
    theatre = replace(build_hand_theatre(), problem=problem)
    file = build_plan_file(theatre, build_schedule(problem, Plan()))
    broken = [v.rule for v in assess_plan(file).violations]
    assert broken == ["required_not_visited"]
