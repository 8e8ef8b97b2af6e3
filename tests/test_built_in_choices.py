"""The built-in plan: what it says of the sites left out is done, and a lot is drawn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from patrolplan.planfile.mixture import MixFile
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.problem import Problem
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.solver import solve
from patrolplan.planning.variation import draw_by_lot, find_mixture
from patrolplan.shipped import find_shipped
from patrolplan.study import plan_patrols
from patrolplan.variants import build_mix, draw_seed, vary_study

SHARE = 0.95
# How near a price is known, as a share of the plan's need.
NEAR = 1e-5
# Sites tried by every run; all of them by a soak.
FEW = 3


@pytest.fixture(scope="module")
def study():
    return plan_patrols(find_shipped() / "scenarios" / "north-mali.toml")


@pytest.fixture(scope="module")
def mixture(study):
    return find_mixture(study.problem, study.solution, SHARE)


def list_open(study):
    """Return the sites left out that a patrol could visit, the greatest need first."""
    entries = [
        entry
        for entry in study.assessment.unserved
        if entry.reason in {"priced_out", "equally_good"}
    ]
    return sorted(entries, key=lambda entry: -(entry.need or 0.0))


def solve_fully(problem: Problem):
    return solve(problem, seed=1, iterations=4000)


def change_problem(problem: Problem, change) -> Problem:
    """Do what a nearest change says."""
    values = change.values
    if change.code == "add_patrol":
        like = next(
            team
            for team in problem.teams
            if (team.base_id, team.vehicle) == (values["base_id"], values["vehicle"])
        )
        teams = (*problem.teams, replace(like, id="one-more"))
    else:
        changes = {
            "add_days": lambda team: {"max_days": team.max_days + values["days"]},
            "raise_range_km": lambda team: {
                "range_km": team.range_km + values["missing_km"]
            },
            "add_role": lambda team: {"roles": (*team.roles, values["role"])},
        }
        teams = tuple(
            replace(team, **changes[change.code](team))
            if team.id == values["team_id"]
            else team
            for team in problem.teams
        )
    return replace(problem, teams=teams)


# Why not, and what it would take


def test_every_site_within_reach_has_a_price(study):
    reasons = {entry.reason for entry in study.assessment.unserved}
    assert "priced_out" in reasons
    assert not reasons & {"no_time_left", "not_planned"}
    for entry in list_open(study):
        values = entry.reason_values
        assert values["surely_lost_need"] <= values["lost_need"]
        spread = values["lost_need"] - values["surely_lost_need"]
        assert spread <= NEAR * study.solution.need, entry.site_id
        assert entry.nearest_change is not None


def test_each_price_is_the_need_left_out_less_the_need_gained(study):
    needs = {site.id: site.need or 0.0 for site in study.problem.sites}
    for entry in list_open(study):
        values = entry.reason_values
        gained = needs[entry.site_id] + sum(needs[site] for site in values["gained"])
        dropped = sum(needs[site] for site in values["dropped"])
        lost = values.get("lost_need", 0.0)
        assert lost == pytest.approx(dropped - gained, abs=1e-6 * study.solution.need)


def check_price(study, entry):
    """Force the site in, and solve anew."""
    sites = tuple(
        replace(site, required=True) if site.id == entry.site_id else site
        for site in study.problem.sites
    )
    forced = solve_fully(replace(study.problem, sites=sites))
    best, values = study.solution, entry.reason_values
    visited = {site for patrol in forced.plan.patrols for site in patrol.site_ids}
    assert entry.site_id in visited
    lost = best.need - forced.need
    assert lost == pytest.approx(values["lost_need"], abs=1e-6 * best.need)
    # Nor can any plan lose less: both prove the same.
    assert best.need - forced.bound == pytest.approx(
        values["surely_lost_need"], abs=NEAR * best.need
    )


def check_change(study, entry):
    """Do what would serve the site: the plan has room for it, and meets more need."""
    changed = change_problem(study.problem, entry.nearest_change)
    if "besides" not in entry.nearest_change.values:
        again = find_reasons(changed, study.plan)[entry.site_id]
        assert again.reason == "not_planned"
        assert again.nearest_change.code == "add_visit"
    richer = solve_fully(changed)
    least = study.solution.need + entry.need
    assert richer.need >= least * (1.0 - 1e-6)


@pytest.mark.parametrize("number", range(FEW))
def test_a_stated_price_is_what_forcing_the_site_costs(study, number):
    check_price(study, list_open(study)[number])


@pytest.mark.parametrize("number", range(FEW))
def test_a_stated_change_lets_the_site_in(study, number):
    check_change(study, list_open(study)[number])


@pytest.mark.soak
def test_all_stated_prices_and_changes_hold(study):
    for entry in list_open(study)[FEW:]:
        check_price(study, entry)
        check_change(study, entry)


# A plan that nobody can foretell


def test_the_worst_case_falls_by_two_thirds_for_a_twentieth(study, mixture):
    best = study.solution.need
    assert mixture.expected_need >= SHARE * best
    # Measured 4893 of 16,802; none can be below 4399.
    assert mixture.worst_case_loss <= 0.33 * mixture.fixed_loss
    assert mixture.least_loss >= 0.5 * mixture.worst_case_loss
    visited = {site for patrol in study.plan.patrols for site in patrol.site_ids}
    reachable = [s for s in study.problem.sites if s.id in mixture.coverage]
    missed = max(site.need or 0.0 for site in reachable if site.id not in visited)
    assert mixture.fixed_loss == pytest.approx(missed)


def test_the_document_of_the_mix_adds_up(study, mixture):
    mix = build_mix(study.problem, mixture, SHARE)
    assert MixFile.model_validate_json(mix.model_dump_json()) == mix
    assert sum(plan.probability for plan in mix.plans) == pytest.approx(1.0)
    needs = {site.id: site.need or 0.0 for site in study.problem.sites}
    for plan in mix.plans:
        visits = [site for patrol in plan.plan for site in patrol.site_ids]
        assert plan.need == pytest.approx(sum(needs[site] for site in visits))
        for patrol in plan.plan:
            total = sum(day.probability for day in patrol.departures)
            assert total == pytest.approx(1.0)
    # More than two bits: no day is likelier than not.
    assert mix.departure_bits > 2.0


def test_a_plan_drawn_breaks_no_rule_and_hides_its_seed(study, mixture, monkeypatch):
    monkeypatch.setattr("patrolplan.variants.find_mixture", lambda *_: mixture)
    drawn, _ = vary_study(study, SHARE, seed=7)
    assert drawn.plan_file.seed is None
    assert assess_plan(drawn.plan_file).violations == []
    assert drawn.plan == draw_by_lot(study.problem, mixture, np.random.default_rng(7))
    others = {vary_study(study, SHARE, seed=seed)[0].plan for seed in range(4)}
    assert len(others) > 1


def test_the_draw_is_the_same_again_with_its_seed(tmp_path):
    def run(name: str, *argv: str) -> dict[str, bytes]:
        folder = tmp_path / name
        folder.mkdir()
        verb = [sys.executable, "-m", "patrolplan", "plan", "--iterations", "100"]
        subprocess.run(
            [*verb, "--vary", "0.9", *argv],
            cwd=folder,
            env=os.environ | {"PYTHONHASHSEED": str(len(name))},
            check=True,
            capture_output=True,
        )
        pack = folder / "out" / "north-mali"
        return {
            str(path.relative_to(pack)): path.read_bytes()
            for path in pack.rglob("*")
            if path.is_file()
        }

    # By the system's entropy: a seed of its own, with which it is drawn again.
    first = run("a")
    manifest = json.loads(first["manifest.json"])
    assert manifest["seed"] is None
    assert manifest["lot"]["value_share"] == 0.9
    seed = str(manifest["lot"]["seed"])
    assert first == run("b-longer", "--seed", seed)
    for name, data in first.items():
        assert name == "manifest.json" or seed.encode() not in data


def test_seeds_of_lots_are_not_to_be_guessed():
    seeds = {draw_seed() for _ in range(50)}
    assert len(seeds) == 50
    assert max(seeds) > 2**56
    assert all(0 <= seed < 2**63 for seed in seeds)
