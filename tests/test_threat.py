"""Threat from incidents: sums worked by hand, the guard, and the ranks of real data."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ive

import patrolplan.need.threat
from incident_files import AREA, GED, build_places, needs_ged, read_log
from patrolplan.errors import ScenarioError
from patrolplan.histories import IncidentFigures
from patrolplan.layers import read_incidents
from patrolplan.need import estimate_threat, list_threat_notices, list_threats
from patrolplan.need.spreading import find_probabilities, list_weights
from patrolplan.need.threat import THREAT_COLUMNS

AS_OF = date(2014, 11, 3)
COLUMNS = ("precision", "against_civilians", "origin", "visit_probability")
TOWN = build_places(town=(0.0, 16.0))


def read_one(folder, *rows):
    """Read incidents at the town, each of (days ago, then COLUMNS)."""
    logged = [
        ("16", "0", (AS_OF - timedelta(days=ago)).isoformat(), *cells)
        for ago, *cells in rows
    ]
    return read_log(folder / "log.csv", *logged, columns=COLUMNS)


def value_of(folder, *rows, **settings) -> float:
    incidents = read_one(folder, *rows)
    figures = IncidentFigures(**settings)
    table = estimate_threat(TOWN, incidents, as_of=AS_OF, settings=figures)
    return float(table["value"].iloc[0])


def test_a_sum_worked_by_hand(tmp_path) -> None:
    """Two incidents at the town, today and two half-lives ago, and one hardly placed.

    The first two are surely within 25 km: 1 + 0.25. The third, of today, is spread by
    50 km: 1 - exp(-(25 / 50)^2 / 2) = 0.117503. In all 1.367503, which reaches the
    steps 0.05, 0.25 and 0.75: threat 4. Of it 1.25 is placed well, 91 %: high.
    """
    incidents = read_one(
        tmp_path,
        (0, "place", "yes", "", ""),
        (120, "place", "yes", "", ""),
        (0, "area", "yes", "", ""),
    )
    table = estimate_threat(TOWN, incidents, as_of=AS_OF)
    assert list(table.columns) == list(THREAT_COLUMNS)
    row = table.iloc[0]
    assert row["value"] == pytest.approx(1.367503, abs=1e-6)
    assert (row["site_id"], row["threat"], row["confidence"]) == ("town", 4, "high")
    assert row["unit"] == "recent incidents within 25 km"
    assert (row["source"], row["date"]) == ("incident log, log.csv", "2014-11-03")


def test_what_is_known_not_to_be_against_civilians_counts_half(tmp_path) -> None:
    assert value_of(tmp_path, (0, "place", "no", "", "")) == pytest.approx(0.5)
    # Unknown is not no.
    assert value_of(tmp_path, (0, "place", "", "", "")) == pytest.approx(1)


def test_a_missing_precision_counts_as_low(tmp_path) -> None:
    missing = value_of(tmp_path, (0, "", "yes", "", ""))
    assert missing == value_of(tmp_path, (0, "area", "yes", "", ""))
    assert missing < 0.12


def test_an_incident_of_a_region_is_pinned_on_no_village(tmp_path) -> None:
    """At its own stated place it counts 1 - exp(-(25 / 150)^2 / 2) = 0.0138."""
    value = value_of(tmp_path, (0, "region", "yes", "", ""))
    assert value == pytest.approx(0.013793, abs=1e-6)


def test_later_incidents_count_nothing(tmp_path) -> None:
    rows = [(0, "place", "yes", "", ""), (-1, "place", "yes", "", "")]
    assert value_of(tmp_path, *rows) == pytest.approx(1)


def test_where_nothing_counts_threat_is_unknown_not_low(tmp_path) -> None:
    incidents = read_one(tmp_path, (-1, "place", "yes", "", ""))
    table = estimate_threat(TOWN, incidents, as_of=AS_OF)
    assert table[["threat", "value"]].isna().all(axis=None)
    codes = list_threat_notices(incidents, as_of=AS_OF)
    assert [code.code for code in codes] == ["incidents_none_left"]


def test_silence_is_threat_1_with_low_confidence(tmp_path) -> None:
    sites = build_places(town=(0.0, 16.0), far=(4.0, 20.0))
    incidents = read_one(tmp_path, (0, "place", "yes", "", ""))
    table = estimate_threat(sites, incidents, as_of=AS_OF)
    assert table["threat"].tolist() == [4, 1]
    assert table["confidence"].tolist() == ["high", "low"]
    # An index of site_id does as well as a column.
    indexed = sites.set_index("id").rename_axis("site_id")
    assert estimate_threat(indexed, incidents, as_of=AS_OF).equals(table)


@pytest.mark.parametrize(
    ("distance_km", "spread_km"), [(0, 3), (24, 3), (30, 12), (100, 50), (400, 150)]
)
def test_the_probability_is_the_integral_of_the_gaussian(
    distance_km, spread_km
) -> None:
    """Ring by ring: r / s^2 exp(-(r^2 + d^2) / (2 s^2)) I0(r d / s^2)."""

    def density(r: float) -> float:
        x = r * distance_km / spread_km**2
        return (
            r
            / spread_km**2
            * np.exp(-((r - distance_km) ** 2) / 2 / spread_km**2)
            * ive(0, x)
        )

    expected, _ = quad(density, 0, 25, limit=200)
    found = find_probabilities(np.array([[distance_km]]), np.array([spread_km]), 25.0)
    assert found[0, 0] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("ages", "areas", "threat", "confidence"),
    [
        # A half-life is 60 days: 1, a half, a quarter; the steps 0.05, 0.25 and 0.75.
        ((120,), 0, 3, "high"),
        ((121,), 0, 2, "high"),
        ((60, 120), 0, 4, "high"),
        ((60, 121), 0, 3, "high"),
        # One of an area adds 0.1175: of 0.6175 a half is 81 %, of 0.735 68 %.
        ((60,), 1, 3, "high"),
        ((60,), 2, 3, "medium"),
        # Of 0.955 a quarter is 26 %, of 1.0725 23 %.
        ((120,), 6, 4, "medium"),
        ((120,), 7, 4, "low"),
        ((), 1, 2, "low"),
    ],
)
def test_steps_are_reached_and_confidence_rests_on_what_is_placed_well(
    tmp_path, ages, areas, threat, confidence
) -> None:
    rows = [(age, "place", "yes", "", "") for age in ages]
    rows += areas * [(0, "area", "yes", "", "")]
    table = estimate_threat(TOWN, read_one(tmp_path, *rows), as_of=AS_OF)
    assert table[["threat", "confidence"]].to_numpy().tolist() == [[threat, confidence]]


def test_a_year_is_one_incident_of_all_its_parts(tmp_path) -> None:
    """Twelve rows of a twelfth each, of which each month counts by its own age."""
    year = ("16", "0", "", "place", "yes", "", "", "2013")
    other = ("16", "0", "2014-11-03", "place", "yes", "", "", "")
    incidents = read_log(tmp_path / "log.csv", year, other, columns=(*COLUMNS, "year"))
    parts = list_threats(TOWN, incidents, as_of=AS_OF)
    assert parts["incident"].tolist() == [0, 1]
    weights = list_weights(incidents.frame, AS_OF, IncidentFigures())
    assert len(weights) == 13
    assert parts["weight"].tolist() == pytest.approx([weights[:12].sum(), 1])
    assert parts["probability"].tolist() == pytest.approx([1, 1], abs=1e-6)
    later = list_threats(TOWN, incidents, as_of=date(2012, 1, 1))
    assert len(later) == 0


def test_a_planner_hears_how_many_and_of_no_more_than_there_is(tmp_path) -> None:
    """An incident of a year counts once, one of the very day is one that is left."""
    year = ("16", "0", "", "place", "yes", "discovered_by_patrol", "", "2013")
    day = ("16", "0", "2014-11-03", "place", "yes", "discovered_by_patrol", "0.5", "")
    reported = ("16", "0", "2014-11-03", "place", "yes", "reported", "", "")

    def tell(*rows, **settings):
        incidents = read_log(tmp_path / "log.csv", *rows, columns=(*COLUMNS, "year"))
        figures = IncidentFigures(**settings)
        told = list_threat_notices(incidents, as_of=AS_OF, settings=figures)
        return [(code.code, *code.values.values()) for code in told]

    none = ("incidents_none_left", "2014-11-03")
    left_out = "incidents_discovered_left_out"
    assert tell(reported) == []
    assert tell(reported, year, day) == [(left_out, 2)]
    assert tell(year, day) == [(left_out, 2), none]
    without = "incidents_without_probability"
    assert tell(year, day, discovered="weigh") == [(without, 1)]
    assert tell(year, discovered="weigh") == [(without, 1), none]
    assert tell(day, discovered="weigh") == []
    assert tell(year, day, discovered="count") == [("incidents_unguarded", 2)]
    assert tell(reported, discovered="count") == []
    # One of a later day is none.
    later = ("16", "0", "2014-11-04", "place", "yes", "reported", "", "")
    assert tell(later) == [none]


@given(st.floats(0, 2000), st.floats(0.5, 1000), st.floats(0.1, 200))
def test_a_probability_is_one_and_falls_with_distance(distance, spread, reach) -> None:
    distances = np.array([[distance], [distance + 1]])
    found = find_probabilities(distances, np.array([spread]), reach)
    assert 0 <= found[1, 0] <= found[0, 0] + 1e-12 <= 1 + 2e-12


def test_the_parts_of_incidents_re_add_to_the_value(tmp_path) -> None:
    sites = build_places(town=(0.0, 16.0), near=(0.1, 16.2), far=(4.0, 20.0))
    rows = [(ago, "near", "yes", "", "") for ago in (0, 10, 90)]
    incidents = read_one(tmp_path, *rows, (5, "", "no", "", ""))
    table = estimate_threat(sites, incidents, as_of=AS_OF).set_index("site_id")
    parts = list_threats(sites, incidents, as_of=AS_OF)
    assert (parts["weight"] * parts["probability"]).tolist() == pytest.approx(
        parts["value"].tolist()
    )
    sums = parts.groupby("site_id")["value"].sum().reindex(table.index, fill_value=0)
    assert sums.tolist() == pytest.approx(table["value"].tolist(), abs=1e-12)


def test_a_discovered_incident_does_not_raise_threat_by_default(tmp_path) -> None:
    reported = (0, "place", "yes", "reported", "")
    discovered = (0, "place", "yes", "discovered_by_patrol", "0.25")
    alone = value_of(tmp_path, reported)
    assert value_of(tmp_path, reported, discovered) == alone
    codes = list_threat_notices(read_one(tmp_path, reported, discovered), as_of=AS_OF)
    assert [code.code for code in codes] == ["incidents_discovered_left_out"]


def test_a_discovered_incident_is_weighed_by_the_probability_of_the_visit(
    tmp_path,
) -> None:
    """Found where patrols go one day in four, it stands for four; never for over 20."""
    quarter = (0, "place", "yes", "discovered_by_patrol", "0.25")
    assert value_of(tmp_path, quarter, discovered="weigh") == pytest.approx(4)
    seldom = (0, "place", "yes", "discovered_by_patrol", "0.001")
    assert value_of(tmp_path, seldom, discovered="weigh") == pytest.approx(20)
    unknown = (0, "place", "yes", "discovered_by_patrol", "")
    assert np.isnan(value_of(tmp_path, unknown, discovered="weigh"))
    weigh = IncidentFigures(discovered="weigh")
    codes = list_threat_notices(
        read_one(tmp_path, quarter, unknown), as_of=AS_OF, settings=weigh
    )
    assert [code.code for code in codes] == ["incidents_without_probability"]
    count = IncidentFigures(discovered="count")
    found = read_one(tmp_path, quarter)
    codes = list_threat_notices(found, as_of=AS_OF, settings=count)
    assert [code.code for code in codes] == ["incidents_unguarded"]


def run_feedback(folder, discovered: str, seed: int) -> float:
    """Return the share of all threat that the worse of two towns gets in the end.

    The towns are alike: each day has an incident in each, of which one in ten is
    reported. Each fortnight a patrol goes where threat is more and finds all the
    others there. The log bears how likely it was to go where it went: surely, but for
    a toss of the coin at the start. Of a year, the second half counts.
    """
    sites = build_places(east=(3.0, 16.0), west=(-3.0, 16.0))
    figures = IncidentFigures(discovered=discovered)
    chance = np.random.default_rng(seed)
    rows, shares = [], []
    for fortnight in range(26):
        begin = date(2014, 1, 1) + timedelta(days=14 * fortnight)
        share = 0.5
        if rows:
            incidents = read_log(folder / "log.csv", *rows, columns=COLUMNS)
            table = estimate_threat(sites, incidents, as_of=begin, settings=figures)
            east, west = table["value"].fillna(0)
            share = east / (east + west) if east + west else 0.5
        shares.append(share)
        likely = 0.5 + np.sign(share - 0.5) / 2
        goes_east = chance.random() < likely
        for lon, here, often in (
            ("3", goes_east, likely),
            ("-3", not goes_east, 1 - likely),
        ):
            for day in range(14):
                cells = ("16", lon, str(begin + timedelta(days=day)), "place", "yes")
                if chance.random() < 0.1:
                    rows.append((*cells, "reported", ""))
                elif here:
                    rows.append((*cells, "discovered_by_patrol", f"{often:g}"))
    return float(np.mean([max(share, 1 - share) for share in shares[13:]]))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_threat_runs_away_without_the_guard_and_not_with_it(seed, tmp_path) -> None:
    """Alike towns should have alike threat. Counted as found, one gets nearly all."""
    assert run_feedback(tmp_path, "count", seed) > 0.85
    assert run_feedback(tmp_path, "leave_out", seed) < 0.7


def test_weighing_is_no_guard_where_visits_are_certain(tmp_path) -> None:
    """A probability of 1 here and 0 there leaves nothing to weigh by."""
    assert run_feedback(tmp_path, "weigh", 0) > 0.85


def test_hot_spots_have_no_part_in_threat() -> None:
    tree = ast.parse(Path(patrolplan.need.threat.__file__).read_text("utf-8"))
    imported = {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    assert "patrolplan.need.spreading" in imported
    assert not any("hotspots" in str(module) for module in imported)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("[incidents]\nhalf_life_days = 0", "half_life_days"),
        ("[incidents]\nthreat_steps = [1, 1, 2, 3]", "rise"),
        ("[incidents.spread_km]\nplace = 3", "near"),
        (
            "[incidents.spread_km]\nplace = 9\nnear = 3\narea = 50\nregion = 90",
            "never fall",
        ),
        ('[incidents]\ndiscovered = "always"', "discovered"),
        ("[hotspots]\nleast_incidents = 12", "least_incidents"),
        ("[displacement]\nring_km = 10", "ring_km"),
        ("[visits.cadence_days]\nmust = 30\nshould = 10\ncould = 90", "cadence_days"),
        ("[visits]\nshould_from_risk = 4.5", "should_from_risk"),
    ],
)
def test_figures_that_cannot_be_meant_are_refused(section, said, theatre) -> None:
    theatre.add_to_scenario(section)
    with pytest.raises(ScenarioError, match=said):
        theatre.read_scenario()


def test_figures_of_a_scenario_hold(theatre, tmp_path) -> None:
    theatre.add_to_scenario("[incidents]\nhalf_life_days = 30")
    settings = theatre.read_scenario().incidents
    incidents = read_one(tmp_path, (30, "place", "yes", "", ""))
    assert list_weights(incidents.frame, AS_OF, settings).tolist() == [0.5]


@needs_ged
def test_the_last_years_of_ged_rank_as_they_should(layers) -> None:
    incidents = read_incidents(GED, area=AREA)
    table = estimate_threat(layers.population, incidents, as_of=date(2017, 12, 31))
    table = table.set_index("site_id")
    high = table.loc[["koro", "bankass", "menaka", "ansongo", "douentza"]]
    low = table.loc[["taoudenni", "araouane"]]
    assert high["value"].min() > 1000 * low["value"].max()
    assert high["threat"].min() > low["threat"].max()
    # Neither place nor day of these is known better than a cercle and a year.
    assert set(table["confidence"]) == {"low"}
    parts = list_threats(layers.population, incidents, as_of=date(2017, 12, 31))
    sums = parts.groupby("site_id")["value"].sum().reindex(table.index)
    assert np.abs(sums - table["value"]).max() < 1e-9
