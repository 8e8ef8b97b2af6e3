"""Factors of risk one by one: what a row says, how far a post is, which zone counts."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from patrolplan.figures import FACTORS, NeedFigures, ReachFigures
from patrolplan.geodesy import measure_distance_m
from patrolplan.need import estimate_risk, estimate_zone_risk
from patrolplan.need.factors import (
    UNKNOWN,
    measure_care,
    measure_protection,
    score_incidents,
    score_zone,
)
from patrolplan.need.risk import FACTOR_COLUMNS, rate_sites
from test_need import DAYS, SQUARE, build_sites, build_zones

NOBODY = build_sites(("x", 0, 0, 1)).iloc[:0]


@pytest.mark.parametrize(
    ("cell", "told"), [("x", "x"), ("", None), (math.nan, None), (None, None)]
)
def test_what_a_row_says_is_text_or_nothing(cell, told) -> None:
    row = {"level": 3.0, "threat": 2.0, "source": cell, "confidence": cell}
    scores = score_zone(row | {"threat_reason": cell})
    assert scores["threat"].reason == told
    for evidence in scores.values():
        assert (evidence.source, evidence.confidence) == (told, told)


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ((None, None), None),
        ((date(2014, 1, 2), None), "2014-01-02/.."),
        ((None, date(2014, 3, 4)), "../2014-03-04"),
        ((date(2014, 1, 2), date(2014, 3, 4)), "2014-01-02/2014-03-04"),
    ],
)
def test_a_period_bears_its_ends(ends, told) -> None:
    row = {"level": 3.0, "period_from": ends[0], "period_to": ends[1]}
    assert {evidence.date for evidence in score_zone(row).values()} == {told}


def test_a_score_of_its_own_goes_before_the_level_and_neither_is_unknown() -> None:
    scores = score_zone({"level": 4.5, "vulnerability": 2.0})
    told = {name: (e.score, e.value, e.basis) for name, e in scores.items()}
    assert told == {
        "threat": (4.5, 4.5, "zone_level"),
        "vulnerability": (2.0, 2.0, "zone"),
        "capacity": (1.5, 4.5, "zone_level"),
    }
    assert scores["threat"].unit == "level 1 to 5"
    assert scores["vulnerability"].unit == "score 1 to 5"
    assert set(score_zone({"level": math.nan}).values()) == {UNKNOWN}
    assert set(score_zone({}).values()) == {UNKNOWN}


def test_of_unknown_threat_incidents_say_nothing() -> None:
    told = {"value": 0.5, "unit": "u", "source": "s", "date": "d", "confidence": "c"}
    rows = [{"site_id": site, "threat": t} for site, t in (("a", math.nan), ("b", 3.0))]
    found = score_incidents(pd.DataFrame([row | told for row in rows]))
    assert list(found) == ["b"]
    assert found["b"]._asdict() == told | {
        "score": 3.0,
        "basis": "incidents",
        "reason": None,
    }
    assert score_incidents(None) == {}


def build_seats(*sites, **cells):
    return pd.DataFrame(
        [{"near_site_id": site, "name": f"Seat of {site}"} | cells for site in sites]
    )


def test_a_post_is_near_up_to_and_with_its_step() -> None:
    sites = build_sites(("seat", 1, 16, 1), ("a", 1, 16.5, 1))
    km = float(measure_distance_m(1, 16, 1, 16.5)) / 1000
    seats = build_seats("gone", "seat")
    for step, beyond in ((km, 0), (km * (1 - 1e-9), 1)):
        steps = (step, 100.0, 200.0, 300.0)
        figures = NeedFigures(capacity_km=steps, care_km=steps)
        parts = {"first_day": DAYS[0], "figures": figures}
        protection = measure_protection(sites, NOBODY, seats, **parts)
        assert [e.score for e in protection] == [5, 5 - beyond]
        care = measure_care(sites, seats, figures=figures)
        assert [e.score for e in care] == [1, 1 + beyond]
        assert [e.value for e in care] == pytest.approx([0, km])
        assert [e.reason for e in care] == 2 * ["Seat of seat"]


def test_of_posts_equally_near_a_base_counts_and_of_seats_the_first() -> None:
    sites = build_sites(("a", 1, 16, 1), ("b", 1, 16, 1))
    parts = {"first_day": DAYS[0], "figures": NeedFigures()}
    seats = build_seats("b", "a")
    found = measure_protection(sites, build_sites(("base", 1, 16, 1)), seats, **parts)
    assert [e.reason for e in found] == ["Base", "Base"]
    assert {e.date for e in found} == {"2014-11-03"}
    found = measure_protection(sites, NOBODY, seats, **parts)
    assert [e.reason for e in found] == 2 * ["Seat of b"]
    for seats in (None, build_seats("gone")):
        found = measure_protection(sites, NOBODY, seats, **parts)
        assert found == measure_care(sites, seats, figures=NeedFigures())
        assert found == [UNKNOWN, UNKNOWN]


def test_zones_hold_on_the_days_of_their_period_the_gravest_first() -> None:
    first, last = DAYS
    before, after = date(2014, 11, 2), date(2014, 12, 1)
    zones = build_zones(
        ("low", 2, SQUARE, None, first),
        ("b", 4, SQUARE, last, None),
        ("dark", math.nan, SQUARE, first, last),
        ("a", 4, SQUARE, before, after),
        ("bare", math.nan, SQUARE, None, None),
        ("past", 5, SQUARE, None, before),
        ("to come", 5, SQUARE, after, None),
    )
    table = estimate_zone_risk(zones, days=DAYS, figures=NeedFigures())
    assert table.index.tolist() == ["a", "b", "low", "bare", "dark"]
    assert table["risk"].tolist() == pytest.approx(
        [4, 4, 2, np.nan, np.nan], nan_ok=True
    )
    # Without sites nobody is counted.
    counts = table[["people", "sites", "sites_unknown"]]
    assert (counts == 0).all(axis=None)


def test_a_site_lies_in_the_gravest_zone_that_says_anything() -> None:
    zones = build_zones(
        ("dark", math.nan, SQUARE, None, None),
        ("b", 3, SQUARE, None, None),
        ("a", 3, SQUARE, None, None),
    )
    sites = build_sites(("in", 1, 16, 1), ("edge", 2, 16, 1), ("out", 2.1, 16, 1))
    rated = rate_sites(sites, zones, NOBODY, days=DAYS, figures=NeedFigures())
    assert list(rated.columns) == ["zone_id", "zone_risk", "risk", *FACTOR_COLUMNS]
    # None, and not the NaN that the text type of pandas makes of it.
    assert rated["zone_id"].tolist() == ["a", "a", None]
    assert rated["threat_unit"].tolist() == ["level 1 to 5", "level 1 to 5", None]
    for column in ("zone_risk", "risk", *FACTORS):
        expected = [3.0, 3.0, math.nan]
        assert rated[column].tolist() == pytest.approx(expected, nan_ok=True)


def test_people_of_zones_are_those_whose_risk_is_theirs() -> None:
    zones = build_zones(
        *((name, 3, SQUARE, None, None) for name in ("a", "b", "c", "d"))
    )
    sites = pd.DataFrame(
        {
            "zone_id": ["a", "a", "b", "b", "c", None],
            "people": [10.0, 20.0, 5.0, math.nan, math.nan, 90.0],
        }
    )
    table = estimate_zone_risk(zones, days=DAYS, figures=NeedFigures(), sites=sites)
    expected = [30, 5, math.nan, 0]
    assert table["people"].tolist() == pytest.approx(expected, nan_ok=True)
    assert table["sites"].tolist() == [2, 2, 1, 0]
    assert table["sites_unknown"].tolist() == [0, 1, 1, 0]


def test_a_base_holds_a_site_up_to_its_distance_and_reaches_up_to_another() -> None:
    sites = build_sites(("a", 1, 16, 100))
    bases = build_sites(("far", 1, 20, 1), ("near", 1, 16.2, 1), ("twin", 1, 16.2, 1))
    km = float(measure_distance_m(1, 16, 1, 16.2)) / 1000
    zones = build_zones(("z", 3, SQUARE, None, None))

    def find(open_bases, held_km, beyond_km):
        figures = NeedFigures(held_km=held_km)
        table = estimate_risk(
            sites,
            zones,
            open_bases,
            days=DAYS,
            figures=figures,
            reach=ReachFigures(beyond_km=beyond_km),
        )
        row = table.loc["a"]
        weight = figures.risk_weights["3"]
        assert row["weight"] == weight
        assert row["need"] == (100 * weight if row["held_by"] is None else 0)
        return row["base_km"], row["held_by"], bool(row["beyond_base"])

    less = km * (1 - 1e-9)
    assert find(bases, km, km) == (pytest.approx(km), "near", False)
    assert find(bases, less, less) == (pytest.approx(km), None, True)
    assert find(NOBODY, km, km) == (pytest.approx(math.nan, nan_ok=True), None, True)
