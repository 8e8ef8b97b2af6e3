"""What a scenario asks of sites: read, resolved, refused by name, and written out."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from patrolplan.choices import VisitChoice
from patrolplan.document import build_document
from patrolplan.errors import ScenarioError
from patrolplan.planfile import format_plan
from patrolplan.planning.assessment import build_assessment
from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import Group, PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.question import check_scenario
from patrolplan.scenario import Scenario
from patrolplan.study import build_question

ASKED = """
[[sites.visits]]
site = "Gossi"
dwell_min = 90
required = true
roles = ["interpreter"]
windows = ["sun 08:00-13:00", "2014-11-10 09:00-11:30"]
cadence_days = 7

[[sites.visits]]
site = "hombori"
windows = ["2013-11-10 09:00-11:30"]

[[sites.groups]]
sites = ["Ansongo", "bourem"]
required = true

[[sites.groups]]
sites = ["bamba", "Ber"]

[sites]
forbidden_pairs = [["gossi", "Bourem"]]
"""


def order(text: str) -> str:
    """Return the text with the plain table first, as TOML wants it."""
    tables, _, plain = text.partition("[sites]\n")
    return f"[sites]\n{plain}\n{tables}"


@pytest.fixture
def asked(theatre):
    theatre.add_to_scenario(order(ASKED))
    theatre.edit_scenario("range_km = 900", "range_km = 900\nhazard_budget = 2000")
    return theatre


def list_faults(build) -> list:
    with pytest.raises(ScenarioError) as caught:
        build()
    return list(caught.value.faults)


def test_visit_figures_have_units_and_sources() -> None:
    schema = Scenario.model_json_schema()["$defs"]
    for name, field in VisitChoice.model_fields.items():
        if name not in ("site", "roles"):
            assert field.json_schema_extra["unit"]
            assert schema["VisitChoice"]["properties"][name]["source"]
    assert schema["TeamSpec"]["properties"]["hazard_budget"]["unit"] == "hazard step km"


# What is asked


def test_conditions_reach_the_problem(asked) -> None:
    problem = build_question(asked.read_scenario()).problem
    sites = {site.id: site for site in problem.sites}
    gossi = sites["gossi"]
    assert (gossi.dwell_min, gossi.required, gossi.cadence_days) == (90, True, 7)
    assert gossi.roles == ("interpreter",)
    # The horizon begins on Monday 3 November: Sundays are days 6, 13, 20 and 27.
    day = 1440.0
    assert gossi.windows_min == (
        (6 * day + 480, 6 * day + 780),
        (7 * day + 540, 7 * day + 690),
        *((d * day + 480, d * day + 780) for d in (13, 20, 27)),
    )
    # A window outside the horizon leaves none, which is not the same as any time.
    assert sites["hombori"].windows_min == ()
    assert sites["hombori"].dwell_min == 420
    assert sites["ansongo"].windows_min is None
    assert problem.groups == (
        Group(("ansongo", "bourem"), required=True),
        Group(("bamba", "ber")),
    )
    assert problem.forbidden_pairs == (("gossi", "bourem"),)
    budgets = {team.id: team.hazard_budget for team in problem.teams}
    assert budgets.pop("gao") == 2000
    assert set(budgets.values()) == {np.inf}
    (matrix,) = problem.travel
    assert matrix.hazards is not None
    assert np.array_equal(np.isinf(matrix.hazards), np.isinf(matrix.durations_min))
    assert (matrix.hazards[np.isfinite(matrix.hazards)] > 0).any()


def test_without_a_budget_no_hazards_are_handed_on(theatre) -> None:
    problem = build_question(theatre.read_scenario()).problem
    assert all(matrix.hazards is None for matrix in problem.travel)


def test_windows_are_of_the_scenario_zone(theatre) -> None:
    theatre.add_to_scenario(
        '[[sites.visits]]\nsite = "gossi"\nwindows = ["thu 08:00-12:00"]'
    )
    theatre.edit_scenario("Africa/Bamako", "Africa/Lagos")
    problem = build_question(theatre.read_scenario()).problem
    gossi = problem.sites[problem.site_index["gossi"]]
    # Minutes count from local midnight: an hour east of UTC changes none of them.
    assert gossi.windows_min[0] == (3 * 1440.0 + 480, 3 * 1440.0 + 720)


# What is refused


def test_every_contradiction_is_named_at_once(scenario, layers) -> None:
    sites = {
        "required": ("Bourem",),
        "visits": (
            {"site": "Gossi", "required": True, "roles": ("surgeon",)},
            {"site": "gossi"},
            {"site": "Atlantis"},
            {"site": "ber", "roles": ("surgeon",)},
        ),
        "groups": (
            {"sites": ("bourem", "gossi")},
            {"sites": ("GOSSI", "ansongo", "Ansongo")},
            {"sites": ("Lemuria", "bamba")},
        ),
        "forbidden_pairs": (("Ber", "ber"), ("ber", "Mu")),
    }
    asked = scenario.replace(sites=sites)
    faults = list_faults(lambda: check_scenario(asked, layers))
    assert [(fault.where, fault.found) for fault in faults] == [
        ("sites.forbidden_pairs.0", "'ber' twice"),
        ("sites.forbidden_pairs.1", "found 'Mu'"),
        (
            "sites.groups.0.sites",
            "2 sites that must be visited: bourem, gossi",
        ),
        ("sites.groups.1.sites", "'ansongo' twice"),
        ("sites.groups.1.sites", "'gossi', which is in sites.groups.0 too"),
        ("sites.groups.2.sites", "found 'Lemuria'"),
        ("sites.visits.0.roles", "'Gossi' must be visited, and no team has surgeon"),
        ("sites.visits.1.site", "'gossi' again, as in sites.visits.0"),
        ("sites.visits.2.site", "found 'Atlantis'"),
    ]
    assert all(fault.file == "north-mali.toml" for fault in faults)
    assert all(fault.expected and fault.cause for fault in faults)


def test_roles_must_be_in_one_team_whose_base_is_open(scenario, layers) -> None:
    visit = {"site": "gossi", "required": True, "roles": ("medic", "police")}
    gao, kidal, *others = scenario.teams

    def ask(first, second, **more):
        teams = (
            gao.model_copy(update={"roles": first}),
            kidal.model_copy(update={"roles": second}),
            *others,
        )
        return scenario.replace(sites={"visits": (visit,)}, teams=teams, **more)

    check_scenario(ask(("medic", "police"), ()), layers)
    (fault,) = list_faults(lambda: check_scenario(ask(("medic",), ("police",)), layers))
    assert fault.where == "sites.visits.0.roles"
    assert "medic and police" in fault.found
    closed = ask((), ("medic", "police"), bases={"closed": ("base-kidal",)})
    assert len(list_faults(lambda: check_scenario(closed, layers))) == 1


def test_a_required_site_needs_a_window_within_the_days(scenario, layers) -> None:
    def ask(*windows, required=True):
        visit = {"site": "gossi", "required": required, "windows": windows}
        return scenario.replace(sites={"visits": (visit,)}, horizon_days=3)

    # Monday to Wednesday.
    (fault,) = list_faults(
        lambda: check_scenario(ask("thu 08:00-12:00", "2013-11-03 08:00-09:00"), layers)
    )
    assert fault.where == "sites.visits.0.windows"
    assert "from 2014-11-03 to 2014-11-05" in fault.expected
    check_scenario(ask("thu 08:00-12:00", "wed 08:00-12:00"), layers)
    check_scenario(ask("thu 08:00-12:00", required=False), layers)


def test_required_work_beyond_the_roster_is_refused_with_both_figures(theatre) -> None:
    names = ["gossi", "hombori", "ansongo", "bourem", "bamba", "ber", "gourma-rharous"]
    theatre.add_to_scenario(
        "\n".join(
            f'[[sites.visits]]\nsite = "{name}"\ndwell_min = 540\nrequired = true'
            for name in names
        )
    )
    theatre.edit_scenario("horizon_days = 28", "horizon_days = 1")
    (fault,) = list_faults(lambda: build_question(theatre.read_scenario()))
    assert fault.where == "sites.required, sites.visits"
    assert "3,780 of dwell" in fault.found
    assert "all duty minutes in 1 days of teams: 6" in fault.expected
    assert "min are missing" in fault.expected
    theatre.edit_scenario("horizon_days = 1", "horizon_days = 14")
    build_question(theatre.read_scenario())


# What is written


def write(question, *decisions):
    schedule = build_schedule(question.problem, Plan(decisions))
    draft = build_document(
        question.scenario,
        question.layers,
        question.need,
        question.problem,
        question.travels,
        schedule,
        inputs=question.inputs,
        seed=1,
    )
    return draft.model_copy(update={"assessment": build_assessment(draft)})


def test_a_document_holds_what_was_asked_and_the_referee_agrees(asked) -> None:
    asked.edit_scenario("rest_days = 21", "rest_days = 0")
    question = build_question(asked.read_scenario())
    problem = question.problem
    gao = next(team for team in problem.teams if team.id == "gao")
    days = [
        day
        for day in range(problem.horizon_days)
        if evaluate_patrol(problem, gao, day, ("gossi",)).failure is None
        # Sundays: no two within the cadence.
        and (day < 7 or day > 13)
    ]
    first, later = days[0], next(day for day in days if day > 13)
    plan = write(
        question,
        PatrolDecision("gao", first, ("gossi",)),
        PatrolDecision("gao", later, ("gossi",)),
    )
    sites = {site.id: site for site in plan.sites}
    assert sites["gossi"].windows[:2] == [
        (datetime(2014, 11, 9, 8, tzinfo=UTC), datetime(2014, 11, 9, 13, tzinfo=UTC)),
        (
            datetime(2014, 11, 10, 9, tzinfo=UTC),
            datetime(2014, 11, 10, 11, 30, tzinfo=UTC),
        ),
    ]
    # No window within the horizon: the one outside stands, lest any time be meant.
    assert sites["hombori"].windows == [
        (
            datetime(2013, 11, 10, 9, tzinfo=UTC),
            datetime(2013, 11, 10, 11, 30, tzinfo=UTC),
        )
    ]
    assert sites["bamba"].windows == []
    assert (sites["gossi"].roles_required, sites["gossi"].cadence_days) == (
        ["interpreter"],
        7,
    )
    limits = plan.scenario.limits
    assert limits["groups"][1] == {"site_ids": ["bamba", "ber"], "required": False}
    assert limits["forbidden_pairs"] == [["gossi", "bourem"]]
    assert plan.teams[0].hazard_budget == 2000
    hazards = plan.travel[0].hazards
    assert hazards is not None
    assert len(hazards) == len(plan.travel[0].place_ids)
    stops = [stop for p in plan.patrols for stop in p.stops if stop.kind == "visit"]
    # The role that the scenario asks for stands before those of the themes.
    assert [stop.roles[0] for stop in stops] == ["interpreter"] * 2
    assert [stop.need_earned for stop in stops] == [sites["gossi"].need] * 2
    assert plan.assessment.repeats == sites["gossi"].need > 0
    # The required group is not visited, nor any site of unknown need; else all is well.
    rules = [v.rule for v in plan.assessment.violations]
    assert rules == ["too_few_unknown", "group_not_visited"]


def test_a_document_of_a_scenario_that_asks_nothing_says_nothing(theatre) -> None:
    text = format_plan(write(build_question(theatre.read_scenario())))
    assert "hazard_budget" not in text
    assert '"hazards"' not in text
    assert '"groups"' not in text
    assert '"forbidden_pairs"' not in text
