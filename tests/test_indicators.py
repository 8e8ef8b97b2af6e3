"""Indicators are figures of the plan, each with its sentence, none made up."""

from __future__ import annotations

import csv
import hashlib
import io

import pandas as pd
import pytest

from patrolplan.need import read_mandate
from patrolplan.planfile import InputEntry
from patrolplan.products.exports import render_exports
from patrolplan.products.indicators import find_mandate, tabulate_indicators
from patrolplan.shipped import find_shipped
from sample_plan import build_plan

FILE = find_shipped() / "data" / "geo" / "mandate.toml"


def build_mandated(**more):
    """Build the sample plan as if it had been made with the built-in mandate."""
    plan = build_plan(**more)
    made_with = InputEntry(
        path="mandate.toml",
        sha256=hashlib.sha256(FILE.read_bytes()).hexdigest(),
        source=None,
        licence=None,
        date=None,
    )
    return plan.model_copy(update={"inputs": [*plan.inputs, made_with]})


def find_values(table):
    return dict(zip(table["code"], table["value"], strict=True))


def test_figures_are_those_of_the_plan() -> None:
    plan = build_plan(count=3)
    values = find_values(tabulate_indicators(plan, None))
    found = plan.assessment
    assert values["PP-01"] == found.people_reached
    assert values["PP-02"] == pytest.approx(found.first_visits / found.need_total)
    # Ansongo, Labbezanga; Bourem, Bamba, Almoustarat; Koriome, Bambara-Maoude,
    # Douentza, Hombori.
    assert values["PP-03"] == 2 + 3 + 4
    assert values["PP-04"] == pytest.approx(
        sum(leg.length_km for patrol in plan.patrols for leg in patrol.legs)
    )
    assert values["PP-05"] == 3
    assert values["PP-09"] == 0.71
    halts = [s for p in plan.patrols for s in p.stops if s.kind == "halt"]
    assert values["PP-10"] == len(halts)
    # Each visit of the sample brings a women protection adviser and an interpreter.
    assert values["PP-11"] == values["PP-14"] == 9
    assert values["PP-12"] == values["PP-13"] == 0
    assert values["PP-15"] == 2
    assert values["PP-19"] == 0


def test_what_the_plan_does_not_give_is_missing_and_not_0() -> None:
    values = find_values(tabulate_indicators(build_plan(), None))
    # The sample tells of no sites beyond nor of equity; nobody asked for surgery.
    for code in ("PP-07", "PP-08", "PP-17", "PP-18"):
        assert values[code] is None, code
    empty = build_plan(count=0)
    none = empty.assessment.model_copy(update={"need_total": 0.0})
    values = find_values(
        tabulate_indicators(empty.model_copy(update={"assessment": none}), None)
    )
    assert values["PP-02"] is None
    assert values["PP-03"] == 0


def test_every_sentence_of_the_mandate_has_two_indicators() -> None:
    plan = build_mandated(count=3)
    mandate = find_mandate(plan)
    assert mandate == read_mandate(FILE)
    table = tabulate_indicators(plan, mandate).set_index("code")
    for sentence in mandate.sentences:
        for number in (1, 2):
            row = table.loc[f"PP-{sentence.theme}-{number}"]
            assert (row["sentence_en"], row["sentence_fr"]) == (
                sentence.en,
                sentence.fr,
            )
    assert table.loc["PP-01", "theme"] == "B"
    assert table.loc["PP-18", "theme"] is pd.NA
    assert table["baseline"].isna().all()
    assert set(table["plan_status"]) == {"draft"}
    assert set(table["marking"]) == {"CONFIDENTIAL"}
    assert table["source"].str.startswith("plan.json: ").all()
    same = table["name_en"] == table["name_fr"]
    assert not same.any()


def test_of_an_unknown_mandate_no_sentence_is_told() -> None:
    plan = build_plan()
    assert find_mandate(plan) is None
    table = tabulate_indicators(plan, None)
    assert table["sentence_en"].isna().all()
    assert table["theme"].isna().all()
    assert not table["code"].str.contains("PP-[A-Z]-").any()


def test_the_file_holds_whole_numbers_as_such_and_reads_back() -> None:
    plan = build_mandated(count=3)
    table = tabulate_indicators(plan, find_mandate(plan))
    data = render_exports(plan, formats=["csv"])["tables/indicators.csv"]
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert [row["code"] for row in rows] == list(table["code"])
    for row, value in zip(rows, table["value"], strict=True):
        assert row["baseline"] == ""
        assert row["value"] == ("" if value is None else str(value))
