"""From a scenario to shares of need, and a plan in which the worst served count."""

from __future__ import annotations

import pytest

from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.shares import find_in_reach
from patrolplan.scenario import read_scenario
from patrolplan.sharing import list_shares
from patrolplan.shipped import find_shipped
from patrolplan.study import build_question, plan_patrols


@pytest.fixture(scope="module")
def scenario():
    file = find_shipped() / "scenarios" / "timbuktu-delta-rains.toml"
    return read_scenario(file).replace(iterations=30)


@pytest.fixture(scope="module")
def question(scenario):
    return build_question(scenario)


def weigh(scenario, **figures):
    return scenario.replace(need=scenario.need.model_copy(update=figures))


def test_each_cercle_shares_in_the_need_of_its_sites(question) -> None:
    shares = {group.name: group.needs for group in question.problem.shares}
    needs = {site.id: site.need for site in question.problem.sites}
    cercles = dict(question.need["cercle"])
    assert len(shares) > 10
    for name, parts in shares.items():
        assert parts == {s: needs[s] for s in parts}
        assert {cercles[site] for site in parts} == {name}
    known = {s for s, need in needs.items() if need and cercles[s] is not None}
    assert {site for parts in shares.values() for site in parts} == known


def test_each_theme_shares_in_its_part_of_the_need(scenario, question) -> None:
    by_theme = list_shares(weigh(scenario, equity_by="theme"), question.need)
    total = sum(need for group in by_theme for need in group.needs.values())
    needs = sum(site.need or 0.0 for site in question.problem.sites)
    assert total == pytest.approx(needs)
    assert {"B", "D", "J"} <= {group.name for group in by_theme}


def test_the_worst_served_count_and_the_plan_says_what_that_costs(scenario) -> None:
    study = plan_patrols(weigh(scenario, equity_weight=0.2), workers=1)
    found = study.assessment
    assert found.violations == []
    equity = found.equity
    without = equity["without"]
    # Three cercles had nothing; now the worst served has half of its need met.
    assert without["worst_share"] == 0.0
    assert equity["worst_share"] > 0.4
    assert equity["tail_share"] > without["tail_share"]
    assert found.need_met < without["need_met"] <= found.need_bound
    assert found.need_bound == study.solution.bound
    # What is in reach by the problem is in reach by the document.
    reach = find_in_reach(study.problem)
    whole = sum(site.need or 0.0 for site in study.plan_file.sites if site.id in reach)
    rows = equity["themes"].values()
    assert sum(row["need_in_reach"] for row in rows) == pytest.approx(whole)
    # And it says so after it was read again.
    assert assess_plan(study.plan_file).equity == equity
