"""Plans side by side: the verb, its table and its page."""

from __future__ import annotations

import io
import json
import re
from typing import NamedTuple

import pandas as pd
import pytest

from patrolplan.cli import main
from patrolplan.inputs import list_inputs
from patrolplan.planfile import format_plan, read_plan
from patrolplan.products.comparison import (
    compare_plans,
    render_comparison,
    tabulate_comparison,
)
from patrolplan.products.plan_sketch import find_frame
from patrolplan.products.tables import format_csv
from patrolplan.scenario import read_scenario
from patrolplan.shipped import find_shipped
from sample_plan import build_layers, build_plan, load_theatre

BUILT_IN = "scenarios/north-mali.toml"


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys):
    def run_verb(*argv) -> Done:
        code = main([str(part) for part in argv])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Done(code, said.out, said.err)

    return run_verb


@pytest.fixture
def files(tmp_path):
    paths = []
    for count in (3, 2):
        path = tmp_path / f"plan-{count}.json"
        path.write_text(format_plan(build_plan(count=count)), encoding="utf-8")
        paths.append(path)
    return paths


def test_one_row_a_plan_with_differences_in_figures_and_words(files, run, tmp_path):
    done = run("compare", *files, "--out", tmp_path / "out")
    assert done.code == 0
    assert "What differs also:" in done.out
    assert "Douentza is no longer visited (24,005 people)." in done.out
    table = pd.read_csv(tmp_path / "out" / "compare.csv")
    assert list(table["plan"]) == ["A", "B"]
    assert list(table["patrols"]) == [3, 2]
    assert list(table["patrols_more"]) == [0, -1]
    first, second = (build_plan(count=n).assessment.need_met for n in (3, 2))
    assert table["need_met_more"][1] == pytest.approx(second - first)
    assert set(table["lost"][1].split(", ")) == {
        "koriome",
        "bambara-maoude",
        "douentza",
        "hombori",
    }
    assert "n'est plus visité" in table["differences_fr"][1]
    assert (tmp_path / "out" / "compare.html").is_file()


def test_json_tells_codes_parts_and_both_languages(files, run) -> None:
    done = run("compare", *files, "--json")
    told = json.loads(done.out)["plans"]
    assert told[0]["differences"] == []
    assert {d["part"] for d in told[1]["differences"]} == {"also"}
    assert {"code", "en", "fr", "part"} == told[1]["differences"][0].keys()


def test_french_and_a_plan_with_itself(files, run) -> None:
    done = run("compare", files[0], files[0], "--lang", "fr")
    assert done.code == 0
    assert "Les deux plans sont identiques." in done.out


def test_a_plan_that_breaks_a_rule_ends_with_1(files, run) -> None:
    broken = {
        "rule": "range_exceeded",
        "patrol_id": "p",
        "where": None,
        "found": 2.0,
        "limit": 1.0,
    }
    plan = build_plan(violations=[broken])
    files[1].write_text(format_plan(plan), encoding="utf-8")
    assert run("compare", *files).code == 1


def test_faults_of_all_files_are_named_and_nothing_is_written(files, run, tmp_path):
    files[0].write_text("{", encoding="utf-8")
    files[1].write_text('{"version": 1}', encoding="utf-8")
    done = run("compare", *files, "--out", tmp_path / "out")
    assert done.code == 2
    assert "plan-3.json: line 1" in done.err
    assert "plan-2.json: version" in done.err
    assert not (tmp_path / "out").exists()
    assert run("compare", files[0]).code == 2


def test_lines_and_places_bear_names_where_the_layers_are_known(files, run, tmp_path):
    first, second = (read_plan(path) for path in files)
    row = next(r for r in load_theatre().lines.to_dict("records") if r["name"])
    limits = {"closed_lines": [row["id"], "nowhere"]}
    scenario = second.scenario.model_copy(update={"limits": limits})
    files[1].write_text(format_plan(second.model_copy(update={"scenario": scenario})))
    named = f"Closed: {row['name']} ({row['id']}), on all days."
    done = run("compare", *files)
    assert named not in done.out
    assert f"Closed: {row['id']}, on all days." in done.out
    done = run("compare", *files, "--scenario", find_shipped() / BUILT_IN, "--json")
    told = [d["en"] for d in json.loads(done.out)["plans"][1]["differences"]]
    assert {named, "Closed: nowhere, on all days."} <= set(told)
    # One of the two was made from the built-in layers: they need not be named.
    inputs = list(list_inputs(read_scenario(find_shipped() / BUILT_IN)))
    files[0].write_text(format_plan(first.model_copy(update={"inputs": inputs})))
    assert named in re.sub(r"\s+", " ", run("compare", *files).out)


@pytest.mark.parametrize(
    "name", ["</svg><script>x()</script>", "A{{7*191}}Z", "<img src=x onerror=x()>"]
)
def test_hostile_names_stay_text(name) -> None:
    plans = [build_plan(count=n, rename=lambda text: name) for n in (3, 2)]
    page = render_comparison(compare_plans(plans, build_layers(name=name)))
    assert len(re.findall("<script", page)) == 1
    assert "<img" not in page
    assert "A1337Z" not in page
    assert page.count("</svg>") == 2
    table = tabulate_comparison(compare_plans(plans))
    assert len(table) == 2


def test_a_table_neutralises_cells_that_a_sheet_would_reckon() -> None:
    plans = [build_plan(count=n, rename=lambda text: "=1+1") for n in (3, 2)]
    text = format_csv(tabulate_comparison(compare_plans(plans)))
    read = pd.read_csv(io.StringIO(text))
    assert set(read["scenario"]) == {"'=1+1"}


def test_both_maps_have_one_frame_and_mark_what_differs() -> None:
    plans = [build_plan(count=n) for n in (3, 2)]
    page = render_comparison(compare_plans(plans))
    maps = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(maps) == 2
    assert [m.count("<polyline") for m in maps] == [3, 2]
    gained, lost = (len(re.findall('stroke="#00663c"', m)) for m in maps)
    assert (gained, lost) == (4, 0)
    assert len(re.findall('stroke="#b3140f"', maps[1])) == 4
    assert len({re.search(r'viewBox="([^"]*)"', m)[1] for m in maps}) == 1
    west, south, east, north = find_frame([build_plan(count=0)])
    assert west < east
    assert south < north


def test_more_than_two_plans_are_each_told_against_the_first() -> None:
    plans = [build_plan(count=n) for n in (3, 2, 1)]
    compared = compare_plans(plans)
    assert [one.letter for one in compared] == ["A", "B", "C"]
    assert len(compared[2].lost) > len(compared[1].lost)
    assert "C against A" in render_comparison(compared)
