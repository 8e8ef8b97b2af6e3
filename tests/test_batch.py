"""Several scenarios in one go: none is lost to another's failure."""

from __future__ import annotations

import pytest

import patrolplan.batch
from patrolplan.batch import PlanOptions, plan_scenarios, write_outcome_index
from small_scenarios import write_small

FEW = PlanOptions(iterations=5, languages=("en",))


def test_a_crash_in_one_scenario_leaves_the_others_planned(tmp_path, monkeypatch):
    files = [write_small(tmp_path, name) for name in ("one", "two")]
    whole = patrolplan.batch.plan_nearest

    def plan(scenario, **options):
        if scenario.name == "one":
            raise OSError(28, "No space left on device")
        return whole(scenario, **options)

    monkeypatch.setattr(patrolplan.batch, "plan_nearest", plan)

    outcomes = list(plan_scenarios(files, tmp_path, options=FEW))

    failed = [outcome for outcome in outcomes if outcome.plan is None]
    assert len(outcomes) == 2
    assert [outcome.name for outcome in failed] == ["one"]
    assert "No space left" in str(failed[0].faults[0])
    page = write_outcome_index(outcomes, tmp_path).read_text(encoding="utf-8")
    assert "No space left" in page


def test_a_crash_of_the_only_scenario_is_not_hidden(tmp_path, monkeypatch):
    def plan(scenario, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(patrolplan.batch, "plan_nearest", plan)

    with pytest.raises(OSError, match="No space left"):
        list(plan_scenarios([write_small(tmp_path, "one")], tmp_path, options=FEW))


def test_plans_do_not_depend_on_the_number_of_processes(tmp_path):
    files = [write_small(tmp_path, name) for name in ("one", "two")]

    for jobs in (1, 2):
        list(plan_scenarios(files, tmp_path / str(jobs), options=FEW, jobs=jobs))

    for file in files:
        one, two = (tmp_path / jobs / file.stem / "plan.json" for jobs in "12")
        assert one.read_bytes() == two.read_bytes()


def test_names_that_would_share_a_folder_are_refused(tmp_path):
    files = [write_small(tmp_path, name) for name in ("a-b", "a-b-", "a_b")]

    outcomes = list(plan_scenarios(files, tmp_path / "out", options=FEW))

    planned = sorted(o.folder.name for o in outcomes if o.folder is not None)
    assert planned == ["a-b", "a_b"]
    (twin,) = (outcome for outcome in outcomes if outcome.plan is None)
    assert "taken by a-b.toml" in str(twin.faults[0])
