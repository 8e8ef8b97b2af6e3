"""The mandate balance: what a plan serves and misses, by hand and by the command."""

from __future__ import annotations

import csv
import json
import math

import pytest

from patrolplan.cli import main
from patrolplan.need import read_mandate
from patrolplan.planfile import PlanFile, format_plan, read_plan
from patrolplan.products.balance import measure_balance, measure_sectors
from patrolplan.scenario import MANDATE_FILE
from patrolplan.shipped import find_shipped
from patrolplan.study import plan_patrols
from test_themes import THEMES, Towns

MANDATE = read_mandate(find_shipped() / "data" / "geo" / MANDATE_FILE)
ROLES = ["interpreter"]


@pytest.fixture
def plan(study) -> PlanFile:
    return study.plan_file


@pytest.fixture
def run(capsys):
    def run_verb(*argv) -> tuple[int, str, str]:
        code = main(["balance", *(str(part) for part in argv)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_verb


@pytest.fixture
def plan_path(plan, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(format_plan(plan), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> PlanFile:
    """A plan of two towns whose mandate has layers for A, B and C alone."""
    towns = Towns(tmp_path_factory.mktemp("bare") / "towns")
    towns.write({"east": 3.0, "west": 2.99})
    towns.write_mandate(THEMES)
    return plan_patrols(towns.build(ROLES)).plan_file


def find_rows(plan: PlanFile) -> dict:
    return {row.theme: row for row in measure_balance(plan, MANDATE)}


def test_a_balance_worked_by_hand(bare) -> None:
    """The plan goes west: 20,000 people at risk 2.99, and east 19,990 at risk 3.

    A, 20,000 x 0.02, half of it since no civil affairs officer is there: 200. B 8,950
    of 8,950 + 8,995.5. C, 20,000 x 0.05: 1,000, the east being near an outpost.
    """
    rows = find_rows(bare)
    assert list(rows) == list(THEMES)
    assert (rows["A"].need_met, rows["A"].need) == pytest.approx((200, 200))
    assert (rows["B"].need_met, rows["B"].need) == pytest.approx((8950, 17945.5))
    assert (rows["C"].need_met, rows["C"].need) == pytest.approx((1000, 1000))
    assert (rows["B"].stops, rows["B"].sites_visited, rows["B"].sites) == (1, 1, 2)
    assert [t for t in THEMES if rows[t].served] == ["A", "B", "C"]
    assert {rows[theme].miss for theme in THEMES[3:]} == {"no_site"}


def test_a_sentence_that_only_sites_left_out_bear_is_named_as_missed(plan) -> None:
    trimmed = plan.model_copy(update={"patrols": []})
    assert {row.miss for row in find_rows(trimmed).values()} == {"left_out"}
    rows = measure_balance(trimmed, MANDATE)
    assert all(row.why.en and row.why.fr and row.why.en != row.why.fr for row in rows)


def test_the_parts_of_all_sentences_are_the_need_met_and_the_need(plan) -> None:
    rows = find_rows(plan).values()
    assert math.fsum(row.need_met for row in rows) == pytest.approx(
        plan.assessment.need_met
    )
    assert math.fsum(row.need for row in rows) == pytest.approx(
        plan.assessment.need_total
    )


def test_lines_driven_serve_the_first_sentence(bare) -> None:
    found = bare.assessment.model_copy(update={"lines": 240.0})
    driven = bare.model_copy(update={"assessment": found})
    assert find_rows(driven)["A"].need_met == pytest.approx(440)
    # Even where no centre is visited for it.
    alone = driven.model_copy(update={"patrols": []})
    assert find_rows(alone)["A"].served


def test_a_theme_that_the_mandate_does_not_have_is_shown(plan) -> None:
    stop = plan.patrols[0].stops[1].model_copy(update={"themes": ["Z"]})
    stops = [stop.model_copy(update={"kind": "visit"})]
    patrol = plan.patrols[0].model_copy(update={"stops": stops})
    row = find_rows(plan.model_copy(update={"patrols": [patrol]}))["Z"]
    assert (row.stops, row.served) == (1, True)
    assert "does not have" in row.sentence.en


def test_every_stop_of_the_built_in_plan_is_counted_once_by_sector(plan) -> None:
    visits = [s for p in plan.patrols for s in p.stops if s.kind == "visit"]
    rows = measure_sectors(plan)
    assert {row.sector for row in rows} == {"East", "North", "West"}
    assert sum(row.stops for row in rows) == len(visits)
    for tier in (1, 2, 3):
        total = sum(row.tiers[tier] * row.stops for row in rows)
        assert total == pytest.approx(sum(stop.tier == tier for stop in visits))
    for row in rows:
        if row.stops:
            assert sum(row.tiers.values()) == pytest.approx(1)
            assert sum(row.phases.values()) == pytest.approx(1)


# The command


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("served", "need met", "tier 1")),
        ("fr", ("servie", "palier 1", "arrêts")),
    ],
)
def test_balance_prints_each_sentence_in_both_languages(run, plan_path, lang, said):
    code, out, err = run(plan_path, "--lang", lang)
    assert (code, err) == (0, "")
    for word in said:
        assert word in out
    for theme in THEMES:
        assert f"\n{theme}  " in out
    assert "ILLUSTRATI" in out


def test_balance_names_what_is_missed(run, bare, tmp_path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(format_plan(bare), encoding="utf-8")
    _, out, _ = run(path)
    assert out.startswith("towns: 3 / 11\n")
    assert out.count("missed") == 8


def test_balance_prints_one_json_object_and_writes_tables(
    run, plan_path, bare, tmp_path
) -> None:
    other = tmp_path / "bare.json"
    other.write_text(format_plan(bare), encoding="utf-8")
    out = tmp_path / "out"
    code, said, _ = run(plan_path, other, "--json", "--out", out)
    assert code == 0
    plans = json.loads(said)["plans"]
    assert [plan["name"] for plan in plans] == ["north-mali", "towns"]
    assert [row["theme"] for row in plans[0]["sentences"]] == list(THEMES)
    with (out / "balance.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(THEMES)
    assert {row["served"] for row in rows if row["plan"] == "towns"} == {
        "True",
        "False",
    }
    missed = next(r for r in rows if (r["plan"], r["theme"]) == ("towns", "K"))
    assert missed["why_missed"] == "no_site"
    assert missed["why_missed_fr"]
    with (out / "sectors.csv").open(encoding="utf-8", newline="") as file:
        assert {row["plan"] for row in csv.DictReader(file)} == {"north-mali", "towns"}


def test_balance_takes_another_mandate_and_refuses_none(run, plan_path, tmp_path):
    own = Towns(tmp_path)
    own.write_mandate("BC")
    _, said, _ = run(plan_path, "--mandate", tmp_path / MANDATE_FILE, "--json")
    (plan,) = json.loads(said)["plans"]
    # B and C are the file's; the others the plan's alone.
    assert [row["theme"] for row in plan["sentences"]][:2] == ["B", "C"]
    code, _, err = run(plan_path, "--mandate", tmp_path / "nowhere.toml")
    assert code == 2
    assert "nowhere.toml" in err


def test_a_sector_is_kept_in_the_file_and_left_out_where_unknown(plan, tmp_path):
    path = tmp_path / "plan.json"
    text = format_plan(plan)
    path.write_text(text, encoding="utf-8")
    assert read_plan(path) == plan
    assert all(base.sector for base in plan.bases)
    bare = plan.bases[0].model_copy(update={"sector": None})
    assert "sector" not in bare.model_dump(mode="json")
