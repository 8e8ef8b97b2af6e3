"""Incident files: what is read, set aside and refused, and what is never told."""

from __future__ import annotations

import logging
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_files import AREA, GED, needs_ged, read_log, write_csv
from patrolplan.errors import LayerError
from patrolplan.histories import IncidentFigures
from patrolplan.layers import choose_as_of, read_incidents
from patrolplan.layers.incident_columns import PUBLISHED, read_day
from patrolplan.layers.privacy import (
    find_personal_columns,
    fold_heading,
    name_column,
)

SECRET = "Zanzibarine"
GED_ROW = {
    "id": "101",
    "year": "2014",
    "type_of_violence": "3",
    "side_a": SECRET,
    "source_article": f"{SECRET}, +223 66 55 44 33",
    "where_prec": "2",
    "where_coordinates": "Gao",
    "latitude": "16.27",
    "longitude": "-0.04",
    "date_prec": "1",
    "date_start": "2014-10-04 00:00:00.000",
    "deaths_civilians": "4",
    "best": "4",
}
ACLED_ROW = {
    "event_id_cnty": "MLI100",
    "event_date": "04 October 2014",
    "event_type": "Violence against civilians",
    "actor1": SECRET,
    "civilian_targeting": "Civilian targeting",
    "latitude": "16.27",
    "longitude": "-0.04",
    "geo_precision": "1",
    "source": SECRET,
    "notes": f"{SECRET} a@b.org",
    "fatalities": "4",
}


def write_rows(path, *rows):
    return write_csv(path, [list(rows[0]), *(list(row.values()) for row in rows)])


def refuse(path, **parts) -> str:
    """Return what the refusal of a file says."""
    with pytest.raises(LayerError) as caught:
        read_incidents(path, **parts)
    assert caught.value.__cause__ is None
    return str(caught.value)


def list_notices(incidents) -> dict:
    return {code.code: code.values for code in incidents.notices}


def test_a_ged_file_is_read(tmp_path) -> None:
    incidents = read_incidents(write_rows(tmp_path / "ged.csv", GED_ROW))
    assert (incidents.form, incidents.count) == ("ged", 1)
    row = incidents.frame.iloc[0]
    assert row["date"] == date(2014, 10, 4)
    assert (row["precision"], row["civilian"], row["share"]) == ("near", 1, 1)
    assert not row["discovered"]
    assert (row.geometry.x, row.geometry.y) == (-0.04, 16.27)
    assert incidents.source == "UCDP GED, ged.csv"


def test_an_acled_export_is_read(tmp_path) -> None:
    protest = ACLED_ROW | {"event_type": "Protests"}
    battle = ACLED_ROW | {"event_type": "Battles", "civilian_targeting": ""}
    path = write_rows(tmp_path / "acled.csv", ACLED_ROW, protest, battle)
    incidents = read_incidents(path)
    assert (incidents.form, incidents.count) == ("acled", 2)
    assert list(incidents.frame["civilian"]) == [1, 0]
    assert list(incidents.frame["incident"]) == [0, 1]
    assert set(incidents.frame["date"]) == {date(2014, 10, 4)}
    assert list_notices(incidents)["incidents_not_violent"] == {"count": 1}


@pytest.mark.parametrize("row", [GED_ROW, ACLED_ROW], ids=["ged", "acled"])
def test_published_columns_that_are_not_read_are_dropped_and_named(
    row, tmp_path
) -> None:
    incidents = read_incidents(write_rows(tmp_path / "x.csv", row))
    dropped = set(incidents.dropped)
    assert dropped >= {"side_a", "source_article"} or dropped >= {"actor1", "notes"}
    assert list_notices(incidents)["incidents_columns_dropped"] == {
        "columns": list(incidents.dropped)
    }
    assert SECRET not in incidents.frame.to_json(default=str) + repr(incidents)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_plain_log_with_a_row_of_hxl_tags_is_read(delimiter, tmp_path) -> None:
    rows = [
        ["Latitude", "Longitude", "Date", "Précision", "against_civilians", "origin"],
        ["#geo+lat", "#geo+lon", "#date", "", "", ""],
        ["16.27", "-0.04", "2014-10-04", "place", "no", "reported"],
        ["16.27", "-0.04", "2014-10-05", "", "", "discovered by patrol"],
    ]
    path = write_csv(tmp_path / "log.csv", rows, delimiter=delimiter)
    frame = read_incidents(path).frame
    assert list(frame["precision"]) == ["place", "area"]
    assert frame["civilian"].iloc[0] == 0
    assert np.isnan(frame["civilian"].iloc[1])
    assert list(frame["discovered"]) == [False, True]


def test_a_year_is_spread_over_its_months(tmp_path) -> None:
    rows = [["lat", "lon", "year"], ["16", "0", "2014"], ["17", "0", "2015.0"]]
    incidents = read_incidents(write_csv(tmp_path / "log.csv", rows))
    frame = incidents.frame
    assert incidents.count == 2
    assert frame.groupby("incident")["share"].sum().tolist() == pytest.approx([1, 1])
    months = [day.month for day in frame.loc[frame["incident"] == 0, "date"]]
    assert months == list(range(1, 13))


def test_a_ged_day_that_is_a_year_long_is_spread_too(tmp_path) -> None:
    path = write_rows(tmp_path / "ged.csv", GED_ROW | {"date_prec": "5"})
    assert len(read_incidents(path).frame) == 12


@pytest.mark.parametrize("cell", ["04/10/2014", "2014-13-01", "4 Octember 2014", "x"])
def test_a_day_that_may_be_another_is_none(cell) -> None:
    assert read_day(cell) is None


@pytest.mark.parametrize(
    "cell",
    ["2014-10-04", "2014-10-04T06:00:00Z", "4 October 2014", "04-oct-2014"],
)
def test_days_as_the_publishers_write_them(cell) -> None:
    assert read_day(cell) == date(2014, 10, 4)


def test_the_day_looked_back_from_is_said(tmp_path) -> None:
    start = date(2014, 11, 3)
    late = [("16", "0", "2015-01-02"), ("16", "0", "2015-03-04")]
    incidents = read_log(tmp_path / "late.csv", *late)
    day, notices = choose_as_of(incidents, start)
    assert day == date(2015, 3, 4)
    assert [code.code for code in notices] == ["incidents_as_of_moved"]
    both = read_log(tmp_path / "both.csv", ("16", "0", "2014-10-01"), *late)
    day, notices = choose_as_of(both, start)
    assert day == start
    assert [(c.code, c.values["count"]) for c in notices] == [("incidents_later", 2)]
    # Asked for, it stays, though nothing is left.
    day, notices = choose_as_of(incidents, start, date(2014, 12, 1))
    assert day == date(2014, 12, 1)
    assert [c.code for c in notices] == ["incidents_later"]


def test_what_lies_far_outside_is_set_aside_with_a_count(tmp_path) -> None:
    # 13.5 N less 100 km is 12.6 N.
    rows = [(lat, "0", "2014-10-01") for lat in ("16", "12.7", "5")]
    incidents = read_log(tmp_path / "log.csv", *rows, area=AREA)
    assert incidents.count == 2
    assert list_notices(incidents)["incidents_outside"] == {"count": 1}
    near = IncidentFigures(margin_km=10)
    incidents = read_log(tmp_path / "log.csv", *rows, area=AREA, figures=near)
    assert incidents.count == 1


def test_a_file_of_another_theatre_or_exchanged_is_refused(tmp_path) -> None:
    path = write_csv(
        tmp_path / "log.csv", [["lat", "lon", "date"], ["3.5", "16.5", "2014-10-01"]]
    )
    assert "exchanged?" in refuse(path, area=AREA)
    write_csv(path, [["lat", "lon", "date"], ["50", "90", "2014-10-01"]])
    assert "of another theatre?" in refuse(path, area=AREA)


@pytest.mark.parametrize(
    "heading",
    [
        "victim_name",
        "VictimName",
        "Nom de la victime",
        "name",
        "prénom",
        "age",
        "âge",
        "phone",
        "Téléphone 2",
        "contact",
        "source_id",
        "sourceId",
        "informant",
        "witness",
        "reported_by",
        "e-mail",
        "NINA",
    ],
)
def test_a_column_that_looks_personal_refuses_the_file_and_is_named(
    heading, tmp_path, caplog, capsys
) -> None:
    rows = [["lat", "lon", "date", heading], ["16", "0", "2014-10-01", SECRET]]
    caplog.set_level(logging.DEBUG)
    told = refuse(write_csv(tmp_path / "log.csv", rows))
    assert f"column {heading}: it looks personal" in told
    seen = told + caplog.text + "".join(capsys.readouterr())
    assert SECRET not in seen


@pytest.mark.parametrize(
    "cell", ["+223 66 55 44 33", "66554433", "66 55 44 33", "0022366554433", "a@b.org"]
)
def test_cells_that_reach_a_person_refuse_the_file_whatever_their_heading(
    cell, tmp_path
) -> None:
    rows = [["lat", "lon", "date", "col7"], ["16", "0", "2014-10-01", cell]]
    told = refuse(write_csv(tmp_path / "log.csv", rows))
    assert "column col7: it looks personal" in told
    assert cell not in told


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("location_name", "Gao"),
        ("nom_village", "Gao"),
        ("damage", "roof"),
        ("percentage", "12"),
        ("updated", "2014-11-03 10:20"),
        ("ratio", "0.0012345678"),
        ("day_code", "20141103"),
        ("incident_id", "12345678"),
    ],
)
def test_a_column_that_is_not_personal_is_dropped_and_named(
    heading, cell, tmp_path
) -> None:
    incidents = read_log(
        tmp_path / "log.csv", ("16", "0", "2014-10-01", cell), columns=[heading]
    )
    assert incidents.dropped == (heading,)


def test_one_published_column_would_look_personal_were_it_not_known() -> None:
    # Their cells too: notes and sources may hold anything, and are never looked at.
    headings = sorted(PUBLISHED)
    found = find_personal_columns(headings, [[]] * len(headings))
    assert {headings[number] for number in found} == {"dyad_name"}


def test_no_fault_tells_a_cell(tmp_path) -> None:
    columns = ["precision", "origin", "against_civilians", "visit_probability"]
    cells = [f"{SECRET}{number}" for number in range(7)]
    rows = [["lat", "lon", "date", *columns], cells, [*cells, "one more"]]
    path = write_csv(tmp_path / "log.csv", rows)
    assert SECRET not in refuse(path)
    write_csv(path, rows[:2])
    told = refuse(path)
    assert SECRET not in told
    for name in ("latitude", "longitude", "date", *columns):
        assert f"column {name}, line 2" in told


def test_a_file_without_headings_tells_nothing_of_its_first_line(tmp_path) -> None:
    row = [SECRET, "16.2", "0.1", "+223 66554433"]
    told = refuse(write_csv(tmp_path / "log.csv", [row, row]))
    assert SECRET not in told
    assert "66554433" not in told
    assert "no heading that is known" in told


def test_a_heading_that_may_be_data_is_called_by_its_number() -> None:
    assert name_column("victim_name", 4) == "victim_name"
    assert name_column("phone 66554433", 4) == "no. 4"
    assert name_column("x" * 60, 5) == "no. 5"
    assert name_column("a\x1b[31m", 6) == "no. 6"


def test_many_rows_with_one_fault_make_one_line(tmp_path) -> None:
    rows = [("16,5", "0", "2014-10-01")] * 9
    path = write_csv(tmp_path / "log.csv", [["lat", "lon", "date"], *rows])
    told = refuse(path)
    assert told.count("\n") == 0
    assert "lines 2, 3, 4, 5, 6 and 4 more" in told
    assert "a comma for the decimal point?" in told


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["lat", "date"], ["1", "2014-10-01"]], "column 'longitude': it is missing"),
        ([["lat", "lon"], ["1", "2"]], "column date or year: it is missing"),
        ([["lat", "lon", "date"]], "rows: none"),
        ([["lat", "lon", "date"], ["91", "0", "2014-10-01"]], "no such degree"),
        ([["lat", "lon", "date"], ["nan", "0", "2014-10-01"]], "no such degree"),
        ([["lat", "lon", "date"], ["", "0", "2014-10-01"]], "empty"),
        ([["lat", "lon", "date"], ["1", "0", ""]], "column date, line 2: empty"),
        ([["lat", "lon", "year"], ["1", "0", "14"]], "column year, line 2: no year"),
        ([["lat", "lon", "lat", "date"], ["1", "0", "1", "2014-10-01"]], "twice"),
    ],
)
def test_what_is_missing_or_cannot_be_is_named(rows, said, tmp_path) -> None:
    assert said in refuse(write_csv(tmp_path / "log.csv", rows))


def test_a_file_that_is_none_is_refused(tmp_path) -> None:
    assert "No such file" in refuse(tmp_path / "absent.csv")
    path = tmp_path / "log.csv"
    path.write_text("")
    assert "it is empty" in refuse(path)
    path.write_bytes("lat,lon,date\n16,0,d\xe9j\xe0".encode("latin-1"))
    assert "Latin-1" in refuse(path)
    path.write_text(f'lat,lon,date\n16,0,"{SECRET}')
    told = refuse(path)
    assert "a quote left open?" in told
    assert SECRET not in told


@given(st.lists(st.text(max_size=12), min_size=3, max_size=6))
def test_no_text_crashes_the_gate(texts) -> None:
    for number in find_personal_columns(texts, [texts] * len(texts)):
        assert 0 <= number < len(texts)
        name_column(texts[number], number)
    assert all(fold_heading(text) == fold_heading(text).lower() for text in texts)


@needs_ged
def test_the_extract_of_ged_is_read() -> None:
    incidents = read_incidents(GED, area=AREA)
    assert (incidents.form, incidents.count) == ("ged", 274)
    assert incidents.dropped == ("where_coordinates", "best", "in_mali")
    # No column tells how well its places are known: all count as low.
    assert set(incidents.frame["precision"]) == {"area"}
