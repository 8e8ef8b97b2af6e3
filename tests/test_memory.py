"""Memory in a plan: a scenario names logs, and its sites say when they were visited."""

from __future__ import annotations

from datetime import date

import pytest

from incident_files import write_csv
from patrolplan.errors import InputError
from patrolplan.planfile import format_plan, read_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.products.maps import render_map
from patrolplan.products.memory import has_memory, tabulate_overdue
from patrolplan.products.pack import write_pack
from patrolplan.products.tables import tabulate_not_covered
from patrolplan.study import build_question, plan_patrols
from sample_plan import build_layers, build_plan

ROWS = [
    ["site", "date"],
    # Risk 4 is Must, 14 days: 21 days before 3 November is 7 days overdue.
    ["Gossi", "2014-10-13"],
    # Risk 3 is Should, 30 days: 6 days before, it is due in 24.
    ["bamba", "2014-10-28"],
    ["bamba", "2014-09-01"],
    # After the first day planned: not of the past.
    ["Ber", "2014-11-10"],
]


@pytest.fixture
def remembering(theatre):
    write_csv(theatre.folder / "visits.csv", ROWS)
    theatre.add_to_scenario('[visits]\nlogs = ["visits.csv"]')
    return theatre


def test_a_plan_remembers_the_visits_before_it_by_hand(remembering, tmp_path) -> None:
    study = plan_patrols(remembering.file, iterations=0)
    plan = study.plan_file
    sites = {site.id: site for site in plan.sites}
    gossi, bamba, ber = sites["gossi"], sites["bamba"], sites["ber"]
    assert (gossi.risk, gossi.visit_tier) == (4.3, "must")
    assert (gossi.last_visit, gossi.overdue_days) == (date(2014, 10, 13), 7.0)
    assert (bamba.visit_tier, bamba.overdue_days) == ("should", -24.0)
    assert (ber.last_visit, ber.overdue_days) == (None, None)
    assert ber.visit_tier == "should"
    assert sites["taoudenni"].visit_tier == "unknown"
    assert [i.path for i in plan.inputs if "visits" in i.path] == ["visits.csv"]
    assert assess_plan(plan).violations == []
    # It steers nothing.
    paths = write_pack(plan, study.layers, tmp_path / "pack")
    assert read_plan(paths["plan.json"]) == plan
    overdue = tabulate_overdue(plan).set_index("site_id")
    assert overdue.loc["gossi", "overdue_days"] == 7.0
    assert "bamba" not in overdue.index
    assert next(iter(overdue["tier"])) == "must"
    assert set(overdue["plan_status"]) == {"draft"}
    visited = {s.site_id for p in plan.patrols for s in p.stops if s.kind == "visit"}
    assert set(overdue.index[overdue["planned"]]) == visited & set(overdue.index)
    assert "tables/overdue.csv" in paths
    html = paths["map.html"].read_text("utf-8")
    assert "2014-10-13" in html
    assert "overdue by 7 days" in html
    assert "en retard de 7 jours" in html
    # The next plan of the folder remembers nothing: its pack must not either.
    bare = build_plan()
    assert "tables/overdue.csv" not in write_pack(bare, None, tmp_path / "pack")
    assert not (tmp_path / "pack" / "tables" / "overdue.csv").exists()


def test_memory_changes_no_question(remembering, scenario) -> None:
    from patrolplan.planning.fingerprint import fingerprint_problem

    asked = build_question(scenario)
    remembered = build_question(remembering.file)
    assert asked.memory is None
    assert remembered.memory is not None
    assert fingerprint_problem(asked.problem) == fingerprint_problem(remembered.problem)


def test_an_earlier_plan_is_a_log(theatre) -> None:
    earlier = build_plan(count=1)
    (theatre.folder / "october.json").write_text(format_plan(earlier), encoding="utf-8")
    theatre.edit_scenario("start = 2014-11-03", "start = 2014-12-01")
    theatre.add_to_scenario('[visits]\nlogs = ["october.json"]')
    memory = build_question(theatre.file).memory.set_index("site_id")
    assert memory.loc["ansongo", "basis"] == "planned"
    assert memory.loc["ansongo", "last_visit"].month == 11


@pytest.mark.parametrize(
    ("log", "rows", "told"),
    [
        ("absent.csv", None, "absent.csv"),
        ("bad.csv", [["site", "date", "victim_name"], ["Gao", "x", "S."]], "victim"),
        ("bad.csv", [["site", "date"], ["Nowhere", "2014-10-01"]], "no known site"),
    ],
)
def test_a_log_that_cannot_be_meant_is_refused(theatre, log, rows, told) -> None:
    if rows is not None:
        write_csv(theatre.folder / log, rows)
    theatre.add_to_scenario(f'[visits]\nlogs = ["{log}"]')
    with pytest.raises(InputError) as caught:
        build_question(theatre.file)
    text = "\n".join(str(fault) for fault in caught.value.faults)
    assert told in text
    assert "Nowhere" not in text


def test_without_a_log_nothing_is_said() -> None:
    plan = build_plan()
    assert not has_memory(plan)
    assert len(tabulate_overdue(plan)) == 0
    document = format_plan(plan)
    for key in ("last_visit", "overdue_days", "visit_tier"):
        assert key not in document
    html = render_map(plan, build_layers())
    assert "no visit on record" not in html
    assert tabulate_not_covered(plan)["last_visit"].isna().all()
