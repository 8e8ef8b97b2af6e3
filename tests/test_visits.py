"""Memory of visits: days since, what is overdue, need growing back."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_files import build_places, write_csv
from patrolplan.errors import InputError, LayerError
from patrolplan.histories import VisitFigures
from patrolplan.layers import Visits, read_visits
from patrolplan.need import estimate_memory, list_overdue
from patrolplan.need.themes import ThemeVisit
from patrolplan.need.visits import MEMORY_COLUMNS, regrow_need
from patrolplan.planfile import format_plan
from sample_plan import build_plan

AS_OF = date(2014, 11, 3)
SITES = build_places(gao=(0, 16), kidal=(1, 18), ber=(-2, 17), lere=(-4, 15))


def remember(folder, *rows, risks=None, **parts):
    path = write_csv(folder / "visits.csv", [["site", "date"], *rows])
    return estimate_memory(
        SITES, read_visits([path], SITES), as_of=AS_OF, risks=risks or {}, **parts
    ).set_index("site_id", drop=False)


def test_a_table_worked_by_hand(tmp_path) -> None:
    """Gao, risk 4, is Must: 14 days. Visited 21 days ago, it is 7 days overdue.

    Kidal, risk 3, is Should: 30 days. Visited 6 days ago, a fifth has grown back. Ber,
    risk 2, is Could and was never visited. Of Lere no risk is known: 30 days too.
    """
    table = remember(
        tmp_path,
        ("Gao", "2014-10-13"),
        ("gao", "2014-09-01"),
        ("KIDAL", "2014-10-28"),
        ("lere", "2014-11-04"),
        risks={"gao": 4.0, "kidal": 3.0, "ber": 2.0, "lere": np.nan},
    )
    assert list(table.columns) == list(MEMORY_COLUMNS)
    assert table["tier"].tolist() == ["must", "should", "could", "unknown"]
    assert table["cadence_days"].tolist() == [14, 30, 90, 30]
    assert table.loc["gao", "last_visit"] == date(2014, 10, 13)
    assert table.loc["gao", ["days_since", "overdue_days"]].tolist() == [21, 7]
    assert table["regrown"].tolist() == pytest.approx([1, 0.2, 1, 1])
    # A visit that is still to come is none.
    assert table.loc["lere", "last_visit"] is None
    assert np.isnan(table.loc["ber", "overdue_days"])


def test_what_is_overdue_is_listed_by_tier_then_never_then_days(tmp_path) -> None:
    table = remember(
        tmp_path,
        ("gao", "2014-10-13"),
        ("kidal", "2014-10-28"),
        risks={"gao": 4.0, "kidal": 3.0, "ber": 5.0},
    )
    overdue = list_overdue(table)
    assert overdue["site_id"].tolist() == ["ber", "gao", "lere"]
    assert list(overdue.columns) == list(MEMORY_COLUMNS)
    assert overdue.index.tolist() == [0, 1, 2]


def test_unknown_risk_comes_after_must_and_before_should(tmp_path) -> None:
    risks = {"gao": 3.0, "kidal": np.nan, "ber": 2.0, "lere": 4.0}
    # Long enough ago for every tier.
    table = remember(tmp_path, ("lere", "2014-01-01"), risks=risks)
    overdue = list_overdue(table)
    assert overdue["tier"].tolist() == ["must", "unknown", "should", "could"]
    assert overdue["site_id"].tolist() == ["lere", "kidal", "gao", "ber"]


def test_on_its_last_day_a_cadence_is_kept_and_on_the_next_it_is_not(tmp_path) -> None:
    rows = [("gao", "2014-10-20"), ("kidal", "2014-10-19")]
    table = remember(tmp_path, *rows, risks={"gao": 5.0, "kidal": 5.0})
    assert table.loc["gao", ["overdue_days", "regrown"]].tolist() == [0, 1]
    assert table.loc["kidal", "overdue_days"] == 1
    # Ber and Lere were never visited.
    assert list_overdue(table)["site_id"].tolist() == ["kidal", "ber", "lere"]


def test_a_site_may_have_a_cadence_of_its_own(tmp_path) -> None:
    row = ("gao", "2014-10-27")
    table = remember(tmp_path, row, risks={"gao": 5.0}, cadences={"gao": 28.0})
    assert table.loc["gao", ["cadence_days", "regrown"]].tolist() == [28, 0.25]
    figures = VisitFigures(share_after_visit=0.5)
    table = remember(tmp_path, row, risks={"gao": 5.0}, figures=figures)
    assert table.loc["gao", "regrown"] == 0.75


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0, 1), st.floats(1, 5))
def test_need_never_falls_while_nobody_comes(some, other, left, risk) -> None:
    row = {"site_id": ["gao"], "date": [AS_OF], "basis": ["logged"]}
    visits = Visits(frame=pd.DataFrame(row, dtype=object), dropped=(), notices=())
    grown = [
        estimate_memory(
            SITES,
            visits,
            as_of=AS_OF + timedelta(days=days),
            risks={"gao": risk},
            figures=VisitFigures(share_after_visit=left),
        )["regrown"][0]
        for days in sorted((some, other))
    ]
    assert left - 1e-12 <= grown[0] <= grown[1] <= 1


def test_need_weighs_what_has_grown_back() -> None:
    # Risk 3.6 is Should: 30 days. Visited on 15 November, looked back from 1 December,
    # 16 days have passed: 600 x 16 / 30 = 320, of which the theme was 150 x 16 / 30.
    visit = ThemeVisit(
        needs={"B": 450.0, "C": 150.0},
        themes=("B", "C"),
        purposes=(),
        roles=(),
        minutes=0.0,
        windows=None,
        cadence_days=None,
        tier=1,
        phase=None,
        illustrative=False,
    )
    need = pd.DataFrame(
        {
            "need": [600.0, 80.0, float("nan")],
            "risk_need": [450.0, 80.0, float("nan")],
            "visit": [visit, None, None],
        },
        index=["a", "b", "unknown"],
    )
    told = need.copy()
    memory = pd.DataFrame(
        {"site_id": ["b", "a", "unknown"], "regrown": [1.0, 16 / 30, 0.2]}
    )
    grown = regrow_need(need, memory)
    assert grown["need"]["a"] == pytest.approx(320.0)
    assert grown["risk_need"]["a"] == pytest.approx(240.0)
    assert grown["visit"]["a"].needs == pytest.approx({"B": 240.0, "C": 80.0})
    assert sum(grown["visit"]["a"].needs.values()) == pytest.approx(320.0)
    assert grown["need"]["b"] == grown["risk_need"]["b"] == 80.0
    assert pd.isna(grown["need"]["unknown"])
    assert pd.isna(grown["risk_need"]["unknown"])
    assert grown["visit"]["a"].themes == visit.themes
    assert grown["visit"][["b", "unknown"]].tolist() == [None, None]
    # What it is made of stays as it was.
    assert need.equals(told)


def test_an_earlier_plan_is_a_memory_too(tmp_path) -> None:
    plan = build_plan(count=2)
    path = tmp_path / "plan.json"
    path.write_text(format_plan(plan), encoding="utf-8")
    stops = [s for p in plan.patrols for s in p.stops if s.kind == "visit"]
    assert len(stops) > 2
    sites = build_places(**{site.id: (site.lon, site.lat) for site in plan.sites})
    visits = read_visits([path], sites)
    assert set(visits.frame["basis"]) == {"planned"}
    assert set(visits.frame["site_id"]) == {stop.site_id for stop in stops}
    assert set(visits.frame["date"]) == {stop.arrive.date() for stop in stops}
    assert visits.notices == ()
    others = read_visits([path], SITES.iloc[:0])
    assert [c.code for c in others.notices] == ["visits_of_other_sites"]
    assert others.notices[0].values == {"count": len(stops)}


def test_a_logged_visit_goes_before_a_planned_one_of_its_day(tmp_path) -> None:
    plan = build_plan(count=1)
    path = tmp_path / "plan.json"
    path.write_text(format_plan(plan), encoding="utf-8")
    stop = next(s for s in plan.patrols[0].stops if s.kind == "visit")
    sites = build_places(**{site.id: (site.lon, site.lat) for site in plan.sites})
    day = stop.arrive.date()
    log = write_csv(tmp_path / "log.csv", [["site", "date"], [stop.site_id, str(day)]])
    for paths in ([path, log], [log, path]):
        visits = read_visits(paths, sites)
        memory = estimate_memory(sites, visits, as_of=day, risks={})
        bases = dict(zip(memory["site_id"], memory["basis"], strict=True))
        assert bases[stop.site_id] == "logged"


def test_a_log_is_refused_without_telling_its_cells(tmp_path) -> None:
    rows = [["site", "date", "contact"], ["Zanzibarine", "whenever", "x"]]
    path = write_csv(tmp_path / "visits.csv", rows)
    with pytest.raises(LayerError) as caught:
        read_visits([path], SITES)
    assert "column contact: it looks personal" in str(caught.value)
    write_csv(path, [row[:2] for row in rows])
    with pytest.raises(LayerError) as caught:
        read_visits([path], SITES)
    told = str(caught.value)
    assert "column site, line 2: no known site" in told
    assert "column date, line 2: no day" in told
    assert "Zanzibarine" not in told
    assert "whenever" not in told


def test_every_fault_of_every_file_is_told(tmp_path) -> None:
    one = write_csv(tmp_path / "one.csv", [["site"], ["gao"]])
    two = tmp_path / "two.json"
    two.write_text("{}")
    with pytest.raises(InputError) as caught:
        read_visits([one, two], SITES)
    assert {fault.file for fault in caught.value.faults} == {"one.csv", "two.json"}


def test_columns_that_are_not_read_are_named(tmp_path) -> None:
    rows = [["site", "date", "weather"], ["gao", "2014-10-01", "dust"]]
    visits = read_visits([write_csv(tmp_path / "visits.csv", rows)], SITES)
    assert visits.dropped == ("weather",)
    assert [code.code for code in visits.notices] == ["visits_columns_dropped"]
