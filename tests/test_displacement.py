"""Displacement: the ring before and after, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import comb

import pytest

from incident_files import build_places, read_log
from patrolplan.histories import DisplacementFigures
from patrolplan.need import check_displacement
from patrolplan.products.sentences import render_code

# Half a degree of latitude is 55 km: in the ring. Three degrees are elsewhere.
SITES = build_places(town=(0.0, 16.0), next=(0.0, 16.5), far=(0.0, 19.0))
VISIT = date(2014, 11, 3)
COLUMNS = ("precision", "origin")


def check(folder, *groups, visited=("town",), **parts):
    """Check incidents given as (how many, latitude, days after the visit, cells…)."""
    rows = [
        (str(lat), "0", str(VISIT + timedelta(days=after)), *(cells or ("place", "")))
        for count, lat, after, *cells in groups
        for _ in range(count)
    ]
    incidents = read_log(folder / "log.csv", *rows, columns=COLUMNS)
    return check_displacement(
        incidents, SITES, visited, first_visit=VISIT, last_visit=VISIT, **parts
    )


def test_incidents_that_move_to_the_ring_are_seen(tmp_path) -> None:
    """Ring 1 before, 8 after; elsewhere 5 and 5. Given 19 incidents of which 13 are
    after, the chance that 8 or more of the 9 in the ring are is
    (C(13, 8) C(6, 1) + C(13, 9)) / C(19, 9) = (7,722 + 715) / 92,378 = 0.0913.
    """
    found = check(
        tmp_path, (4, 16, -5), (1, 16, 5), (1, 16.5, -5), (8, 16.5, 5), (5, 19, -5),
        (5, 19, 5),
    )  # fmt: skip
    assert (found.core, found.ring, found.elsewhere) == ((4, 1), (1, 8), (5, 5))
    expected = (comb(13, 8) * comb(6, 1) + comb(13, 9)) / comb(19, 9)
    assert expected == pytest.approx(0.0913, abs=1e-4)
    assert found.p == pytest.approx(expected)
    assert found.finding == "ring_rose_core_fell"
    assert "(1 before, 8 after)" in render_code(
        found.notice.code, found.notice.values, "en", kind="notice"
    )
    assert found.before_from == date(2014, 10, 6)
    assert found.after_to == date(2014, 11, 30)


def test_what_rises_everywhere_is_no_displacement(tmp_path) -> None:
    found = check(tmp_path, (1, 16.5, -5), (8, 16.5, 5), (1, 19, -5), (8, 19, 5))
    assert found.finding == "none_seen"
    assert found.p > 0.5


def test_a_ring_that_rises_with_its_core_is_told_apart(tmp_path) -> None:
    groups = [(1, 16.5, -5), (9, 16.5, 5), (9, 19, -5), (2, 19, 5)]
    assert check(tmp_path, *groups, (1, 16, -5), (2, 16, 5)).finding == "ring_rose"


def test_the_days_at_the_ends_of_the_spans(tmp_path) -> None:
    """Of 28 days before and after the day of the visit: -28 to -1, and 0 to 27."""
    days = (-29, -28, -1, 0, 27, 28)
    found = check(tmp_path, *((1, 16.5, day) for day in days))
    assert found.ring == (2, 2)


def test_a_neighbour_that_was_visited_too_is_core(tmp_path) -> None:
    groups = [(3, 16.5, -5), (4, 16.5, 5)]
    assert check(tmp_path, *groups, visited=["town", "next"]).core == (3, 4)
    assert check(tmp_path, *groups).ring == (3, 4)


def test_what_is_hardly_placed_or_found_by_patrols_has_no_part(tmp_path) -> None:
    found = check(
        tmp_path,
        (3, 16.5, 5),
        (2, 16.5, 5, "area", ""),
        (4, 16.5, 5, "place", "discovered_by_patrol"),
    )
    assert (found.ring, found.left_out) == ((0, 3), 6)
    assert (found.finding, found.p) == ("too_few", None)


def test_without_incidents_there_are_too_few(tmp_path) -> None:
    found = check(tmp_path, (1, 16.5, 300))
    assert (found.ring, found.finding) == ((0, 0), "too_few")


def test_without_any_incident_at_all_there_are_too_few_too(tmp_path) -> None:
    incidents = read_log(tmp_path / "log.csv", ("16", "0", str(VISIT)))
    nothing = replace(incidents, frame=incidents.frame.iloc[:0])
    found = check_displacement(
        nothing, SITES, ("town",), first_visit=VISIT, last_visit=VISIT
    )
    assert found.core == found.ring == found.elsewhere == (0, 0)
    assert (found.finding, found.left_out) == ("too_few", 0)


def test_ten_incidents_are_enough_and_one_of_them_is_of_the_ring(tmp_path) -> None:
    """Ring and elsewhere count, the core does not."""
    ring, elsewhere = (1, 16.5, 5), (9, 19, -5)
    assert check(tmp_path, ring, elsewhere).finding != "too_few"
    assert check(tmp_path, ring, (8, 19, -5), (9, 16, 5)).finding == "too_few"
    assert check(tmp_path, (20, 19, -5)).finding == "too_few"


def test_the_core_reaches_25_km_and_the_ring_75(tmp_path) -> None:
    """A degree of latitude is 110.67 km there: 0.2259 and 0.6777 degrees."""
    found = check(
        tmp_path, (1, 16.225, 5), (2, 16.227, 5), (4, 16.677, 5), (8, 16.679, 5)
    )
    assert (found.core, found.ring, found.elsewhere) == ((0, 1), (0, 6), (0, 8))


def test_what_cannot_be_meant_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="no such site: atlantis"):
        check(tmp_path, (1, 16, 0), visited=["atlantis"])
    with pytest.raises(ValueError, match="a site visited"):
        check(tmp_path, (1, 16, 0), visited=[])
    with pytest.raises(ValueError, match="exceed"):
        DisplacementFigures(core_km=80)


def test_between_the_first_and_the_last_visit_nothing_counts(tmp_path) -> None:
    """Visits on day 0 and on day 7: before it are -28 to -1, after it 7 to 34."""
    rows = [
        ("16.5", "0", str(VISIT + timedelta(days=day)), "near", "")
        for day in (-29, -28, -1, 0, 6, 7, 34, 35)
    ]
    incidents = read_log(tmp_path / "log.csv", *rows, columns=COLUMNS)
    last = VISIT + timedelta(days=7)
    found = check_displacement(
        incidents, SITES, ("town",), first_visit=VISIT, last_visit=last
    )
    assert found.ring == (2, 2)
    assert (found.before_from, found.after_to) == (date(2014, 10, 6), date(2014, 12, 7))
    with pytest.raises(ValueError, match="no earlier than the first"):
        check_displacement(
            incidents, SITES, ("town",), first_visit=last, last_visit=VISIT
        )


def test_what_is_as_likely_as_the_level_still_counts(tmp_path) -> None:
    """Of 10 with 5 after, 5 in the ring all after: 1 / C(10, 5) = 1 / 252."""
    groups = [(5, 16.5, 5), (5, 19, -5), (2, 16, -5), (2, 16, 5)]
    found = check(tmp_path, *groups)
    assert found.p == pytest.approx(1 / comb(10, 5))
    for level, finding in (
        (found.p, "ring_rose"),
        (found.p * 0.999, "none_seen"),
    ):
        figures = DisplacementFigures(significance=level)
        assert check(tmp_path, *groups, figures=figures).finding == finding
    fell = [*groups[:3], (1, 16, 5)]
    assert check(tmp_path, *fell).finding == "ring_rose_core_fell"


def test_an_incident_of_many_days_has_no_part_and_is_left_out_once(tmp_path) -> None:
    """One of a whole year, of which one month begins within the spans."""
    rows = [("16.5", "0", "", "place", "", "2014")]
    rows += [("16.5", "0", "2014-11-05", "place", "", "")] * 3
    incidents = read_log(tmp_path / "log.csv", *rows, columns=(*COLUMNS, "year"))
    found = check_displacement(
        incidents, SITES, ("town",), first_visit=VISIT, last_visit=VISIT
    )
    assert (found.ring, found.left_out) == ((0, 3), 1)
