"""The tables of a plan, and that no cell of them runs in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from patrolplan.products.tables import (
    format_csv,
    tabulate_assessment,
    tabulate_not_covered,
    tabulate_schedule,
)
from sample_plan import build_layers, build_plan


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_schedule_has_a_row_for_every_stop() -> None:
    plan = build_plan()
    table = tabulate_schedule(plan)
    assert len(table) == sum(len(patrol.stops) for patrol in plan.patrols)
    visits = table[table["kind"] == "visit"]
    assert (visits["stay_min"] > 0).all()
    assert visits["site_id"].notna().all()
    home = table[table["patrol_id"] == "patrol-1"].iloc[-1]
    km = sum(leg.length_km for leg in plan.patrols[0].legs)
    assert home["total_km"] == pytest.approx(km)
    assert table["arrive_utc"].iloc[0] is pd.NA
    assert str(table["arrive_utc"].iloc[1]).endswith("Z")


def test_the_assessment_is_long_and_has_units() -> None:
    broken = {
        "rule": "no_way",
        "patrol_id": "p",
        "where": None,
        "found": None,
        "limit": None,
    }
    table = tabulate_assessment(build_plan(violations=[broken]))
    value = dict(zip(table["figure"], table["value"], strict=True))
    unit = dict(zip(table["figure"], table["unit"], strict=True))
    assert value["patrols"] == 3
    assert unit["length_km"] == "km"
    assert value["reach.need_share_beyond"] == 0.71
    assert value["equity.by_cercle.Gao"] == 0.5
    assert "violation.no_way" in value


def test_who_is_not_covered_and_why_in_both_languages() -> None:
    plan = build_plan(count=9)
    table = tabulate_not_covered(plan, build_layers())
    assert len(table) == len(plan.assessment.unserved)
    mopti = table[table["site_id"] == "mopti"].iloc[0]
    assert mopti["reason"] == "out_of_range"
    assert "84 km" in mopti["reason_en"]
    assert mopti["reason_fr"].startswith("Hors de portée")
    assert mopti["change"] == "raise_range_km"
    unknown = table[table["site_id"] == "taoudenni"].iloc[0]
    assert unknown["need"] is pd.NA
    assert unknown["risk"] is pd.NA


def test_an_empty_plan_gives_tables_with_their_columns() -> None:
    plan = build_plan(count=0)
    assert format_csv(tabulate_schedule(plan)).count("\n") == 1
    assert "patrol_id,team_id" in format_csv(tabulate_schedule(plan))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_is_disarmed(start: str) -> None:
    plan = build_plan(rename=lambda text: f"{start}cmd|' /C calc'!{text}")
    for table in (tabulate_schedule(plan), tabulate_not_covered(plan)):
        for row in read_csv(format_csv(table)):
            for name, cell in row.items():
                if name in {"lon_deg", "lat_deg"}:
                    assert float(cell) == pytest.approx(float(cell))
                else:
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_csv_is_plain_and_reads_back() -> None:
    table = pd.DataFrame(
        {
            "text": ['a"b', "c,d\ne", None, "-5"],
            "number": [-1.5, float("nan"), 2.0, float("inf")],
        }
    )
    text = format_csv(table)
    assert "\r" not in text
    rows = read_csv(text)
    assert [row["text"] for row in rows] == ['a"b', "c,d\ne", "", "'-5"]
    assert [row["number"] for row in rows] == ["-1.5", "", "2.0", ""]
