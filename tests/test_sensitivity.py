"""Which figure, changed by a share, changes which stops: by hand and on the theatre."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from patrolplan.errors import ScenarioError
from patrolplan.figure_changes import APART, Figure, change_figure, list_figures
from patrolplan.need import read_mandate
from patrolplan.planning.fingerprint import fingerprint_problem
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.solver import solve
from patrolplan.products.sensitivity import (
    list_telling_rows,
    render_sensitivity,
    tabulate_sensitivity,
    write_sensitivity,
)
from patrolplan.products.tables import format_csv
from patrolplan.sensitivity import (
    Sensitivity,
    Variant,
    _measure_kept,
    _measure_visits,
    find_sensitivity,
)
from patrolplan.study import build_question
from problems import build_hand_theatre

HOSTILE = "=cmd()|</script><script>window.ran=1</script>"


@pytest.fixture(scope="module")
def mandate(scenario):
    return read_mandate(scenario.find_layer("mandate"))


@pytest.fixture(scope="module")
def question(scenario):
    return build_question(scenario)


def find(figures, key: str) -> Figure:
    return next(figure for figure in figures if figure.key == key)


# -- what a figure is -------------------------------------------------------------


def test_figures_are_listed_by_rule(scenario, mandate) -> None:
    figures = list_figures(scenario, mandate)
    keys = [figure.key for figure in figures]
    assert len(set(keys)) == len(keys)
    assert find(figures, "need.risk_weights.4") == Figure(
        "need.risk_weights.4", "share of people, by risk 1 to 5", 0.75, 0.75
    )
    assert find(figures, "teams.max_days").least == 5
    assert find(figures, "teams.max_days").most == 7
    assert {key for key in keys if key.startswith("mandate.")} == {
        f"mandate.{theme}" for theme in "ABCDEFGHIJK"
    }
    # 0 by any share stays 0; yes or no, dates and months are no figures.
    absent = {"movement.hazard_min_per_km", "movement.night_movement"}
    absent |= {"movement.fixed_window", "patrols.hot_months", "teams.roles"}
    assert not absent & set(keys)
    assert not [key for key in keys if key.partition(".")[0] in APART]
    assert all(figure.unit for figure in figures)


def test_every_figure_can_be_changed_and_changes_only_itself(scenario, mandate) -> None:
    figures = list_figures(scenario, mandate)
    for figure in figures:
        changed, themes = change_figure(scenario, mandate, figure.key, 0.9)
        for now in list_figures(changed, themes):
            before = find(figures, now.key)
            if now.key.startswith("mandate."):
                continue
            if now.key != figure.key:
                # Weights of risk sum to 1: where one changes, the others make up.
                if not all("factor_weights" in key for key in (now.key, figure.key)):
                    assert now == before
            elif isinstance(before.least, int):
                assert now.least == min(round(before.least * 0.9), before.least - 1)
            else:
                assert now.least == pytest.approx(0.9 * before.least)
        if figure.key.startswith("mandate."):
            assert changed == scenario
            for old, new in zip(mandate.sentences, themes.sentences, strict=True):
                assert (old != new) == (old.theme == figure.key[-1])


def test_where_a_weight_of_risk_changes_the_others_make_up(scenario, mandate) -> None:
    """0.4 and a fifth more is 0.48; what is left, 0.52, the others share alike."""
    changed, _ = change_figure(scenario, mandate, "need.factor_weights.threat", 1.2)
    assert changed.need.factor_weights == pytest.approx(
        {"threat": 0.48, "vulnerability": 0.26, "capacity": 0.26}
    )
    with pytest.raises(ScenarioError):
        change_figure(scenario, mandate, "need.factor_weights.threat", 3.0)


def test_incidents_are_figures_where_a_scenario_names_a_file(scenario, mandate) -> None:
    naming = scenario.incidents.model_copy(update={"file": "log.csv"})
    figures = list_figures(scenario.replace(incidents=naming), mandate)
    assert find(figures, "incidents.half_life_days").least == 60


def test_the_casualty_clock_is_figures_where_it_is_a_limit(scenario, mandate) -> None:
    figures = list_figures(scenario.replace(casualty={"day": "limit"}), mandate)
    assert find(figures, "casualty.cruise_kmh").least == 225


def test_what_is_left_aside_makes_no_problem(scenario, mandate, question) -> None:
    """Else it would have to be changed too."""
    asked = fingerprint_problem(question.problem)
    sections = {
        name: getattr(scenario, name).model_dump()
        for name in APART
        if hasattr(scenario, name)
    }
    assert set(sections) == set(APART)
    sections["incidents"]["half_life_days"] *= 0.5
    sections["incidents"]["reach_km"] *= 2
    sections["hotspots"]["bandwidth_km"] *= 2
    sections["displacement"]["days"] *= 2
    sections["visits"]["must_from_risk"] *= 0.9
    sections["visits"]["share_after_visit"] = 0.5
    sections["do_no_harm"]["liaison_km"] *= 2
    sections["do_no_harm"]["answer_valid_days"] = 7
    sections["casualty"]["cruise_kmh"] *= 0.5
    changed = build_question(scenario.replace(**sections)).problem
    assert fingerprint_problem(changed) == asked


# -- when a question is the same --------------------------------------------------


def test_a_fingerprint_hears_all_that_a_solver_may() -> None:
    problem = build_hand_theatre(dwells=(60, 60)).problem
    asked = fingerprint_problem(problem)
    first, second = problem.sites
    longer = replace(problem.travel[0], durations_min=problem.travel[0].lengths_m + 1)
    for changed in (
        replace(problem, sites=(replace(first, need=101.0), second)),
        replace(problem, sites=(replace(first, dwell_min=61.0), second)),
        replace(problem, sites=(replace(first, cadence_days=3.0), second)),
        replace(problem, sites=(replace(first, held_by="base"), second)),
        replace(problem, sites=(replace(first, barred_by="visit_may_harm"), second)),
        replace(problem, teams=(replace(problem.teams[0], max_days=3),)),
        replace(problem, travel=(longer,)),
        replace(problem, closes_min=problem.closes_min - 1),
        replace(problem, limits=replace(problem.limits, break_min=9.0)),
        replace(problem, forbidden_pairs=(("s1", "s2"),)),
    ):
        assert fingerprint_problem(changed) != asked
    for same in (
        replace(problem, sites=(replace(first, dwell_min=60), second)),
        replace(problem, teams=(replace(problem.teams[0], people=99),)),
        replace(problem, limits=replace(problem.limits, min_share_beyond=0.9)),
        replace(problem, closes_min=np.array(problem.closes_min)),
    ):
        assert fingerprint_problem(same) == asked


def test_need_is_measured_by_hand_in_another_question() -> None:
    """Two sites of 100 and 900; then of 120 and 900: the plan earns 1,000, then 1,020.

    A team that may stay out but one day cannot carry it out, nor can no team.
    """
    theatre = build_hand_theatre(dwells=(60, 60), needs=(100.0, 900.0))
    problem = theatre.problem
    plan = Plan((PatrolDecision("t1", 0, ("s1", "s2")),))
    first, second = problem.sites
    raised = replace(problem, sites=(replace(first, need=120.0), second))
    assert _measure_kept(problem, plan) == 1000.0
    assert _measure_kept(raised, plan) == 1020.0
    assert _measure_visits(raised, plan, {"s1": 100.0, "s2": 900.0}) == 1000.0
    assert _measure_visits(raised, plan, {"s1": None, "s2": 900.0}) == 900.0
    (team,) = problem.teams
    short = replace(problem, teams=(replace(team, min_days=1, max_days=1),))
    other = replace(problem, teams=(replace(team, id="t2"),))
    role = replace(problem, sites=(replace(first, roles=("medic",)), second))
    for stricter in (short, other, role):
        assert _measure_kept(stricter, plan) is None
    twice = Plan((PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t1", 4, ("s2",))))
    tired = replace(problem, teams=(replace(team, rest_days=9),))
    fresh = replace(problem, teams=(replace(team, rest_days=0),))
    assert _measure_kept(fresh, twice) == 1000.0
    assert _measure_kept(tired, twice) is None


# -- on the theatre ---------------------------------------------------------------


@pytest.fixture(scope="module")
def small(scenario):
    """Two teams and ten days: planned in a moment."""
    teams = tuple(team for team in scenario.teams if team.id in ("gao", "menaka"))
    return scenario.replace(teams=teams, horizon_days=10, iterations=200)


@pytest.fixture(scope="module")
def found(small):
    only = ["need.risk_weights.5", "teams.max_days", "patrols.water_hot_l"]
    return find_sensitivity(small, only=[*only, "patrols.dwell_commune_min"])


def test_each_variant_says_what_became_of_it(small, found) -> None:
    states = {(v.figure.key, v.direction): v.state for v in found.variants}
    assert states["patrols.water_hot_l", -1] == "not_asked"
    assert states["patrols.water_hot_l", 1] == "not_asked"
    # A weight above 1 cannot be meant: a row with its reason.
    assert states["need.risk_weights.5", 1] == "refused"
    refused = next(v for v in found.variants if v.state == "refused")
    assert "need.risk_weights.5" in refused.reason
    assert refused.need_before is None
    assert states["teams.max_days", -1] == "changed"
    assert [f.key for f in found.list_idle()][-1:] != ["need.risk_weights.5"]
    assert "patrols.water_hot_l" in {f.key for f in found.list_idle()}
    question = build_question(small)
    solution = solve(question.problem, seed=small.seed, iterations=small.iterations)
    visited = {site for p in solution.plan.patrols for site in p.site_ids}
    assert found.site_ids == tuple(sorted(visited))
    assert found.need == pytest.approx(solution.need)


def test_what_falls_out_and_comes_in_is_planned_so(small, found) -> None:
    """Each changed row again, from the changed scenario."""
    changed = [v for v in found.variants if v.state == "changed"]
    assert changed
    needs = {site.id: site.need or 0.0 for site in build_question(small).problem.sites}
    for variant in changed:
        factor = 1 + variant.direction * found.change
        asked, _ = change_figure(small, None, variant.figure.key, factor)
        plan = solve(
            build_question(asked).problem, seed=asked.seed, iterations=asked.iterations
        ).plan
        after = {site for p in plan.patrols for site in p.site_ids}
        assert set(variant.dropped) == set(found.site_ids) - after
        assert set(variant.gained) == after - set(found.site_ids)
        assert variant.need_before == pytest.approx(sum(needs[s] for s in after))


def test_processes_change_nothing(small, found) -> None:
    calls = []
    again = find_sensitivity(
        small,
        only=["teams.max_days", "need.risk_weights.5"],
        jobs=2,
        on_progress=lambda done, total: calls.append((done, total)),
    )
    keys = {variant.figure.key for variant in again.variants}
    assert again.variants == tuple(v for v in found.variants if v.figure.key in keys)
    assert calls == [(n, 4) for n in range(1, 5)]


def test_a_figure_that_is_none_is_refused_by_name(small) -> None:
    with pytest.raises(ScenarioError) as caught:
        find_sensitivity(small, only=["need.risk_weigths", "hotspots"])
    told = "\n".join(str(fault) for fault in caught.value.faults)
    assert "'need.risk_weigths'" in told
    assert "near: need.risk_weights" in told
    assert "'hotspots'" in told


def test_a_scenario_that_sends_nobody_out_is_rows_too(small) -> None:
    alone = small.replace(bases={"closed": ["base-gao", "base-menaka"]})
    found = find_sensitivity(alone, only=["teams.max_days"])
    assert (found.need, found.site_ids) == (0.0, ())
    assert {variant.state for variant in found.variants} <= {"not_asked", "same"}


# -- in the products --------------------------------------------------------------


def build(**changes) -> Sensitivity:
    weight = Figure("need.risk_weights.4", "share", 0.75, 0.75)
    days = Figure("teams.max_days", "days", 5, 7)
    idle = Figure("patrols.water_hot_l", "L", 10, 10)
    variants = (
        Variant(weight, -1, 0.6, 0.6, "changed", ("a",), ("b", "c"), 900.0, 0.0),
        Variant(weight, 1, 0.9, 0.9, "same", (), (), 1000.0, 0.0),
        Variant(days, -1, 4, 6, "changed", ("a", "b"), ("c", "d"), 800.0, 0.01),
        Variant(days, 1, None, None, "refused", reason=f"teams: {HOSTILE}"),
        Variant(idle, -1, 8, 8),
        Variant(idle, 1, 12, 12),
    )
    names = {"a": (HOSTILE, "Tombouctou"), "b": ("B", "B")}
    given = {"name": "north", "change": 0.2, "need": 1000.0, "gap": 0.0}
    given |= {"site_ids": ("a", "b"), "variants": variants, "names": names}
    return Sensitivity(**given | changes)


def test_rows_tell_most_moved_first_and_what_it_costs() -> None:
    rows = list_telling_rows(build())
    assert [row.key for row in rows] == [
        "teams.max_days",
        "need.risk_weights.4",
        "teams.max_days",
    ]
    assert (rows[0].value.en, rows[0].changed.en) == ("5-7", "4-6")
    assert (rows[1].value.fr, rows[1].changed.fr) == ("0,75", "0,6")
    assert [row.more_need for row in rows] == [-200.0, -100.0, None]
    assert rows[1].dropped.fr == "Tombouctou"
    assert (rows[2].state, rows[2].changed.en) == ("refused", "↑")
    assert [figure.key for figure in build().list_idle()] == ["patrols.water_hot_l"]


def test_table_and_page_are_drafts_and_hold_no_live_text(tmp_path) -> None:
    table = tabulate_sensitivity(build())
    assert len(table) == 6
    assert set(table["plan_status"]) == {"draft"}
    assert list(table["need_met"])[:3] == [900.0, 1000.0, 800.0]
    paths = write_sensitivity(build(name=HOSTILE), tmp_path / "out")
    page = paths["sensitivity.html"].read_text("utf-8")
    assert page == render_sensitivity(build(name=HOSTILE))
    assert "<script>window" not in page
    assert "DRAFT: not for use" in page
    assert "PROJET" in page
    assert "CONFIDENTIAL" in page
    assert "http" not in page.replace("http-equiv", "")
    spiked = build(
        variants=(
            Variant(
                Figure("teams.max_days", "days", 5, 7), -1, state="refused", reason="=1"
            ),
        )
    )
    assert ",'=1," in format_csv(tabulate_sensitivity(spiked))


def test_nothing_moved_is_said() -> None:
    quiet = build(variants=build().variants[4:])
    page = render_sensitivity(quiet)
    assert "No change of any figure moves a stop." in page
    assert "Aucun changement de chiffre" in page
