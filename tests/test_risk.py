"""The risk sum: worked by hand, added up again from the CSV, unknown where unknown."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_files import GED, REPO, needs_ged, write_csv, write_log
from patrolplan.cli import main
from patrolplan.errors import LayerError, ScenarioError
from patrolplan.figures import FACTORS, NeedFigures, ReachFigures
from patrolplan.need import (
    RISK_COLUMNS,
    ZONE_RISK_COLUMNS,
    estimate_risk,
    estimate_zone_risk,
    sum_risk,
)
from patrolplan.products.risk_page import render_risk_page
from patrolplan.ratings import rate_scenario
from patrolplan.study import build_question, plan_patrols
from test_need import DAYS, SQUARE, build_sites, build_zones

WEIGHTS = {"threat": 0.4, "vulnerability": 0.3, "capacity": 0.3}
HEAD = "site_id,name,cercle,threat,vulnerability,capacity,risk,people,need"
SCORE = st.floats(1, 5)
SHARES = st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any)


def weigh(shares) -> dict:
    """Return weights in proportion to three whole numbers."""
    return {f: s / sum(shares) for f, s in zip(FACTORS, shares, strict=True)}


@pytest.fixture
def run(capsys):
    def run_verb(*argv) -> tuple[int, str, str]:
        code = main(["risk", *(str(part) for part in argv)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_verb


@pytest.fixture(scope="module")
def rating(scenario):
    return rate_scenario(scenario)


def estimate(sites, zones, bases=(), seats=None, threat=None, **figures):
    rows = [(*base, 1) for base in bases] or [("x", 0, 0, 1)]
    frame = build_sites(*rows).iloc[: len(bases)]
    return estimate_risk(
        sites,
        zones,
        frame,
        days=DAYS,
        figures=NeedFigures(**figures),
        reach=ReachFigures(),
        seats=seats,
        threat=threat,
    )


def score(zones, **scores):
    """Give every zone of a layer scores of factors."""
    return zones.assign(
        **{name: [value] * len(zones) for name, value in scores.items()}
    )


def read_rows(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def re_add(row) -> float:
    """Return the risk of a row of risk.csv from nothing but the row."""
    scores = [float(row[f]) for f in FACTORS]
    scores[2] = 6 - scores[2]
    return math.fsum(
        float(row[f"weight_{f}"]) * s for f, s in zip(FACTORS, scores, strict=True)
    )


def interpolate(row) -> float:
    """Return r of the risk of a row, from nothing but the row."""
    risk = float(row["risk"])
    low = min(4, int(risk))
    steps = [float(row[f"r_{level}"]) for level in (low, low + 1)]
    return steps[0] + (risk - low) * (steps[1] - steps[0])


def test_a_sum_worked_by_hand() -> None:
    """0.4 x 4 + 0.3 x 5 + 0.3 x (6 - 2) = 1.6 + 1.5 + 1.2 = 4.3.

    r lies three tenths of the way from 0.75 to 1: 0.825, of 1,000 people 825.
    """
    zones = score(
        build_zones(("z", 3, SQUARE, None, None)),
        threat=4.0,
        vulnerability=5.0,
        capacity=2.0,
    )
    table = estimate(build_sites(("a", 1, 16, 1000)), zones)
    assert set(table.columns) == {*RISK_COLUMNS, "geometry"}
    row = table.loc["a"]
    assert [row[f] for f in FACTORS] == [4, 5, 2]
    assert row["risk"] == pytest.approx(4.3, abs=1e-12)
    assert row["weight"] == pytest.approx(0.825, abs=1e-12)
    assert row["need"] == pytest.approx(825, abs=1e-9)
    assert row["threat_basis"] == "zone"


@pytest.mark.parametrize("level", [1, 2, 3, 3.5, 4, 5])
@pytest.mark.parametrize("shares", [(40, 30, 30), (1, 1, 1), (100, 0, 0), (0, 0, 1)])
def test_a_zone_that_states_its_level_alone_has_that_risk(level, shares) -> None:
    zones = build_zones(("z", level, SQUARE, None, None))
    table = estimate(build_sites(("a", 1, 16, 1)), zones, factor_weights=weigh(shares))
    assert table["risk"]["a"] == pytest.approx(level, abs=1e-12)
    assert table["capacity"]["a"] == 6 - level
    assert {table[f"{f}_basis"]["a"] for f in FACTORS} == {"zone_level"}


def test_a_score_of_its_own_goes_before_the_level() -> None:
    """0.4 x 5 + 0.3 x 3 + 0.3 x (6 - 3) = 2 + 0.9 + 0.9 = 3.8."""
    zones = score(build_zones(("z", 3, SQUARE, None, None)), threat=5.0)
    assert estimate(build_sites(("a", 1, 16, 1)), zones)["risk"]["a"] == pytest.approx(
        3.8
    )


@given(SCORE, SCORE, SCORE, SHARES)
def test_risk_is_the_sum_and_stays_on_its_scale(t, v, c, shares) -> None:
    w = weigh(shares)
    risk = float(sum_risk(t, v, c, weights=w))
    by_hand = w["threat"] * t + w["vulnerability"] * v + w["capacity"] * (6 - c)
    assert risk == pytest.approx(by_hand, abs=1e-9)
    assert 1 <= risk <= 5


@given(SCORE, SCORE, SCORE, SCORE, SHARES)
def test_more_threat_or_vulnerability_never_lowers_risk(a, b, x, y, shares) -> None:
    w, (low, high) = weigh(shares), sorted((a, b))
    assert sum_risk(low, x, y, weights=w) <= sum_risk(high, x, y, weights=w)
    assert sum_risk(x, low, y, weights=w) <= sum_risk(x, high, y, weights=w)


@given(SCORE, SCORE, SCORE, SCORE, SHARES)
def test_more_protective_capacity_never_raises_risk(a, b, x, y, shares) -> None:
    w, (low, high) = weigh(shares), sorted((a, b))
    assert sum_risk(x, y, low, weights=w) >= sum_risk(x, y, high, weights=w)


@pytest.mark.parametrize("factor", FACTORS)
def test_one_unknown_factor_makes_risk_unknown_even_of_weight_zero(factor) -> None:
    scores = dict.fromkeys(FACTORS, 3.0) | {factor: math.nan}
    weights = dict.fromkeys(FACTORS, 0.5) | {factor: 0.0}
    assert np.isnan(sum_risk(**scores, weights=weights))


@settings(max_examples=25)
@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_people_enter_need_once_and_risk_never(few, many) -> None:
    zones = build_zones(("z", 4, SQUARE, None, None))
    table = estimate(build_sites(("a", 1, 16, few), ("b", 1, 16, many)), zones)
    assert table["risk"]["a"] == table["risk"]["b"]
    assert table["need"]["a"] * many == pytest.approx(table["need"]["b"] * few)


def build_seats(*near):
    """Return a layer of seats at sites."""
    return pd.DataFrame(
        {
            "name": [f"Seat of {n}" for n in near],
            "near_site_id": list(near),
            "source": ["administration of 2014"] * len(near),
            "as_of": ["2014"] * len(near),
            "confidence": ["low"] * len(near),
        }
    )


@pytest.mark.parametrize(
    ("lat", "capacity", "vulnerability"),
    # A degree of latitude at 16 N is 110.7 km: 0.04 are 4.4 km, 0.4 are 44.3.
    [
        (16.04, 5, 1),
        (16.08, 5, 2),
        (16.2, 4, 3),
        (16.4, 3, 3),
        (16.8, 2, 4),
        (17, 1, 5),
    ],
)
def test_where_no_zone_speaks_distances_do(lat, capacity, vulnerability) -> None:
    sites = build_sites(("seat", 5, 16, 1), ("a", 5, lat, 1))
    row = estimate(sites, build_zones(), seats=build_seats("seat", "gone")).loc["a"]
    assert (row["capacity"], row["vulnerability"]) == (capacity, vulnerability)
    assert row["capacity_value"] == pytest.approx(110.66 * (lat - 16), rel=1e-3)
    assert row["capacity_unit"] == "km to the nearest base or State post"
    assert row["capacity_reason"] == "Seat of seat"
    assert (row["vulnerability_source"], row["vulnerability_date"]) == (
        "administration of 2014",
        "2014",
    )
    # Nothing tells threat, so risk is unknown whatever else is known.
    assert math.isnan(row["threat"])
    assert math.isnan(row["risk"])
    assert row["threat_basis"] == "unknown"


def test_a_nearer_base_protects_but_heals_nobody() -> None:
    sites = build_sites(("seat", 5, 16, 1), ("a", 5, 17, 1))
    table = estimate(
        sites, build_zones(), [("base", 5, 17.05)], seats=build_seats("seat")
    )
    assert (table["capacity"]["a"], table["vulnerability"]["a"]) == (5, 5)
    assert table["capacity_date"]["a"] == DAYS[0].isoformat()


def test_without_any_post_capacity_is_unknown_and_not_low() -> None:
    table = estimate(build_sites(("a", 1, 16, 1)), build_zones())
    assert math.isnan(table["capacity"]["a"])
    assert math.isnan(table["vulnerability"]["a"])


def test_a_zone_shows_people_beside_its_risk_and_never_inside() -> None:
    zones = build_zones(
        ("full", 4, SQUARE, None, None),
        ("bare", 4, SQUARE.buffer(-0.5).intersection(SQUARE), None, None),
        ("over", 2, SQUARE, date(2015, 1, 1), None),
    ).assign(name=["Full", "Bare", "Over"])
    sites = estimate(
        build_sites(("a", 0.1, 15.1, 700), ("b", 0.2, 15.1, math.nan)), zones
    )
    table = estimate_zone_risk(zones, days=DAYS, figures=NeedFigures(), sites=sites)
    assert set(table.columns) == {*ZONE_RISK_COLUMNS, "geometry"}
    assert list(table.index) == ["bare", "full"]
    assert table["risk"].tolist() == pytest.approx([4, 4])
    assert table["people"].tolist() == [0, 700]
    assert table["sites_unknown"].tolist() == [0, 1]


def test_a_zone_of_one_score_alone_gives_it_and_leaves_risk_unknown() -> None:
    zones = score(build_zones(("z", math.nan, SQUARE, None, None)), vulnerability=5.0)
    row = estimate(build_sites(("a", 1, 16, 9)), zones).loc["a"]
    assert (row["zone_id"], row["vulnerability"]) == ("z", 5)
    assert math.isnan(row["risk"])
    assert math.isnan(row["need"])


# Show 1: the command on the built-in theatre.


def test_every_sum_of_the_built_in_theatre_re_adds_from_the_csv(run, tmp_path) -> None:
    code, out, err = run("--out", tmp_path)
    assert (code, err) == (0, "")
    text = (tmp_path / "risk.csv").read_text("utf-8")
    assert text.startswith(
        f"{HEAD},weight_threat,weight_vulnerability,weight_capacity,"
    )
    rows = read_rows(tmp_path / "risk.csv")
    assert len(rows) == 53
    known = [row for row in rows if row["risk"] != "unknown"]
    assert len(known) == 48
    for row in known:
        weights = [float(row[f"weight_{f}"]) for f in FACTORS]
        assert math.fsum(weights) == pytest.approx(1, abs=1e-12)
        assert abs(re_add(row) - float(row["risk"])) <= 1e-9
        assert abs(interpolate(row) - float(row["r"])) <= 1e-9
        if row["people"] == "unknown":
            assert row["need"] == "unknown"
            continue
        need = 0.0 if row["held_by"] else int(row["people"]) * float(row["r"])
        assert abs(need - float(row["need"])) <= 1e-9 * max(1, need)
        assert row["illustrative"] == "yes"
    zones = read_rows(tmp_path / "risk_zones.csv")
    assert len(zones) == 12
    for row in zones:
        assert abs(re_add(row) - float(row["risk"])) <= 1e-9
    assert "Gossi" in out
    assert "ILLUSTRATIVE" in out


def test_every_known_factor_has_its_evidence(run, tmp_path) -> None:
    run("--out", tmp_path, "--quiet")
    for row in read_rows(tmp_path / "risk.csv"):
        for factor in FACTORS:
            told = [row[f"{factor}_{part}"] for part in ("unit", "source", "date")]
            told.append(row[f"{factor}_confidence"])
            if row[factor] == "unknown":
                assert row[f"{factor}_value"] == "unknown"
                assert row[f"{factor}_basis"] == "unknown"
                assert told == [""] * 4
            else:
                assert all(told), row["site_id"]
                float(row[f"{factor}_value"])


def test_unknown_is_said_in_the_csv_the_page_and_the_printed_table(
    run, tmp_path
) -> None:
    _, out, _ = run("--out", tmp_path)
    rows = {row["site_id"]: row for row in read_rows(tmp_path / "risk.csv")}
    for row in (rows["djenne"], rows["taoudenni"]):
        assert row["threat"] == row["risk"] == row["need"] == "unknown"
        assert row["people"] != "unknown"
        assert row["zone"] == row["zone_risk"] == ""
    assert rows["tabankort"]["people"] == rows["tabankort"]["need"] == "unknown"
    (line,) = (line for line in out.splitlines() if line.startswith("Djenné"))
    assert line.split()[2:] == [
        "unknown",
        "1",
        "5",
        "unknown",
        "32,944",
        "unknown",
        "-",
    ]
    page = (tmp_path / "risk.html").read_text("utf-8")
    assert '<span lang="en">unknown</span><span lang="fr">inconnu</span>' in page


def test_the_printed_table_is_french_where_asked(run) -> None:
    code, out, _ = run("--lang", "fr")
    assert code == 0
    first = out.splitlines()[0]
    assert first == (
        "risque = 0,4 × menace + 0,3 × vulnérabilité + 0,3 × (6 − capacité de "
        "protection)"
    )
    assert "inconnu" in out
    assert "unknown" not in out
    assert "ILLUSTRATIVE ou supposée" in out


def test_one_json_object_has_all_of_it(run) -> None:
    code, out, _ = run("--json")
    document = json.loads(out)
    assert code == 0
    assert document["factor_weights"] == WEIGHTS
    sites = {row["site_id"]: row for row in document["sites"]}
    assert sites["gossi"]["risk"] == pytest.approx(4.3)
    assert sites["djenne"]["risk"] is None
    assert document["written"] == []


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ("threat = 0.4\nvulnerability = 0.3\ncapacity = 0.4", "0.4 + 0.3 + 0.4 = 1.1"),
        ("threat = 0.3\nvulnerability = 0.3\ncapacity = 0.3", "0.3 + 0.3 + 0.3 = 0.9"),
        ("threat = 0.5\nvulnerability = 0.5", "no weight for capacity"),
        ("threat = 0\nvulnerability = 0\ncapacity = 0", "0 + 0 + 0 = 0"),
        (
            "threat = 0.400000001\nvulnerability = 0.3\ncapacity = 0.3",
            "0.4 + 0.3 + 0.3 = 1.000000001",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["risk", "check", "plan"])
def test_weights_that_do_not_sum_to_1_are_refused(
    theatre, tmp_path, capsys, verb, weights, found
) -> None:
    theatre.add_to_scenario(f"[need.factor_weights]\n{weights}")
    argv = [verb, str(theatre.file)]
    argv += [] if verb == "check" else ["--out", str(tmp_path / "out")]
    assert main(argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    # A solver that is not compiled yet says so first.
    lines = [line for line in said.err.splitlines() if line.startswith("north-mali")]
    (line,) = lines
    assert line.startswith(f"north-mali.toml: need.factor_weights: {found}; ")
    assert not (tmp_path / "out").exists()


def test_all_faults_of_the_factors_are_named_at_once(theatre) -> None:
    theatre.add_to_scenario(
        "[need]\ncapacity_km = [10, 10, 50, 100]\ncare_km = [9, 8, 7, 6]\n"
        "[need.factor_weights]\nthreat = 1\nvulnerability = 1\ncapacity = 1"
    )
    with pytest.raises(ScenarioError) as caught:
        theatre.read_scenario()
    assert [fault.where for fault in caught.value.faults] == [
        "need.capacity_km",
        "need.care_km",
        "need.factor_weights",
    ]


@pytest.mark.parametrize("third", ["0.33333333333", "0.333333333333333"])
def test_thirds_sum_to_1_as_well_as_decimals_can(theatre, third) -> None:
    theatre.add_to_scenario(
        f"[need.factor_weights]\nthreat = {third}\nvulnerability = {third}\n"
        f"capacity = {third}"
    )
    rating = rate_scenario(theatre.read_scenario())
    known = rating.sites["risk"].dropna()
    assert known.between(1, 5).all()


# Threat from incidents.


@pytest.fixture
def log(tmp_path):
    """Three incidents in Djenné, which no zone covers, and nowhere else."""
    days = ("2014-10-20", "2014-10-25", "2014-11-01")
    return write_log(
        tmp_path / "log.csv",
        *(("13.906", "-4.553", day, "place", "reported") for day in days),
        columns=("precision", "origin"),
    )


def test_incidents_make_threat_known_and_go_before_the_zone(scenario, log) -> None:
    """Three whole incidents of 14, 9 and 2 days, half-life 60: 2.73, which is step 5.

    Djenné, a seat: 0.4 x 5 + 0.3 x 1 + 0.3 x (6 - 5) = 2.6.
    """
    rating = rate_scenario(scenario, incidents=log)
    row = rating.sites.loc["djenne"]
    value = sum(0.5 ** (age / 60) for age in (14, 9, 2))
    assert row["threat_value"] == pytest.approx(value, rel=1e-3)
    assert [row[f] for f in FACTORS] == [5, 1, 5]
    assert row["risk"] == pytest.approx(2.6)
    assert (row["threat_basis"], row["threat_confidence"]) == ("incidents", "high")
    assert row["threat_date"] == "2014-11-03"
    gossi = rating.sites.loc["gossi"]
    # Nothing was reported there: threat 1, of low confidence, with the zone's beside.
    assert (gossi["threat"], gossi["threat_confidence"]) == (1, "low")
    assert gossi["risk"] == pytest.approx(0.4 + 0.3 * 4 + 0.3 * 5)
    assert gossi["zone_risk"] == pytest.approx(4.3)
    assert rating.zones["threat_basis"].eq("zone").all()


def test_where_no_incident_counts_the_zone_speaks(scenario, tmp_path) -> None:
    log = write_log(
        tmp_path / "log.csv",
        ("16.3", "0", "2014-10-20", "discovered_by_patrol"),
        columns=("origin",),
    )
    plain, with_log = rate_scenario(scenario), rate_scenario(scenario, incidents=log)
    assert with_log.sites["risk"].equals(plain.sites["risk"])
    codes = [notice.code for notice in with_log.notices]
    assert codes == ["incidents_discovered_left_out", "incidents_none_left"]


def test_discovered_incidents_count_only_if_asked_for(run, tmp_path) -> None:
    log = write_log(
        tmp_path / "log.csv",
        ("16.2717", "-0.0447", "2014-11-01", "place", "discovered_by_patrol"),
        ("20.2", "0.98", "2014-11-01", "place", "reported"),
        columns=("precision", "origin"),
    )

    def find_threat(*options) -> float:
        code, out, _ = run("--incidents", log, "--json", *options)
        assert code == 0
        sites = {row["site_id"]: row for row in json.loads(out)["sites"]}
        return sites["gao"]["threat"]

    assert find_threat() == 1
    assert find_threat("--include-discovered") == 4


def test_a_day_looked_back_from_is_kept(run, log) -> None:
    _, out, _ = run("--incidents", log, "--as-of", "2014-10-22", "--json")
    document = json.loads(out)
    assert document["as_of"] == "2014-10-22"
    assert {
        "code": "incidents_later",
        "values": {"as_of": "2014-10-22", "count": 2},
    } in (document["notices"])


@pytest.mark.parametrize(
    "options", [("--as-of", "2014-10-22"), ("--include-discovered",)]
)
def test_an_option_that_would_change_nothing_is_refused(run, options) -> None:
    code, _, err = run(*options)
    assert code == 2
    assert options[0] in err


def test_a_personal_column_is_refused_and_told_nowhere(run, tmp_path) -> None:
    log = write_csv(
        tmp_path / "log.csv",
        [["lat", "lon", "date", "victim_name"], ["16", "0", "2014-10-01", "Secret"]],
    )
    code, out, err = run("--incidents", log, "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert "victim_name" in err
    assert "Secret" not in err
    assert not (tmp_path / "out").exists()


def test_plans_take_threat_from_the_file_that_a_scenario_names(theatre, log) -> None:
    (theatre.folder / "seen.csv").write_bytes(log.read_bytes())
    theatre.add_to_scenario('[incidents]\nfile = "seen.csv"')
    scenario = theatre.read_scenario().replace(iterations=10)
    one, two = (plan_patrols(scenario).plan_file for _ in range(2))
    assert one == two
    risks = {site.id: site.risk for site in one.sites}
    assert risks["djenne"] == pytest.approx(2.6)
    entry = next(entry for entry in one.inputs if entry.path == "seen.csv")
    assert entry.sha256 == hashlib.sha256(log.read_bytes()).hexdigest()
    assert entry.source is None


def test_faults_of_layers_and_incidents_are_named_together(theatre) -> None:
    theatre.add_to_scenario('[incidents]\nfile = "missing.csv"')
    theatre.set_property("zones", "gourma", "threat", 9)
    with pytest.raises(LayerError) as caught:
        build_question(theatre.file)
    assert [fault.file for fault in caught.value.faults] == [
        "missing.csv",
        "zones.geojson",
    ]


@needs_ged
def test_on_real_incidents_risk_re_adds_too(run, tmp_path) -> None:
    options = (
        "--incidents",
        GED,
        "--as-of",
        "2017-12-31",
        "--out",
        tmp_path,
        "--quiet",
    )
    code, _, err = run(*options)
    assert (code, err) == (0, "")
    rows = {row["site_id"]: row for row in read_rows(tmp_path / "risk.csv")}
    # With incidents threat is known everywhere, and so is risk.
    assert {row["threat_basis"] for row in rows.values()} == {"incidents"}
    for row in rows.values():
        assert abs(re_add(row) - float(row["risk"])) <= 1e-9
    for place in ("koro", "menaka", "ansongo", "douentza"):
        for calm in ("taoudenni", "araouane"):
            values = [float(rows[key]["threat_value"]) for key in (place, calm)]
            assert values[0] > values[1]


# The page of the documentation.


def test_the_page_names_every_figure_with_its_default() -> None:
    page = (REPO / "docs" / "risk.md").read_text("utf-8")
    table = page.split("| `[need]` |")[1].split("\n\n")[0]
    # What need is worth on the way, unknown, or shared out stands on another page.
    other = (REPO / "docs" / "scenarios.md").read_text("utf-8")
    for name, field in NeedFigures.model_fields.items():
        if f"`need.{name}`" in other:
            continue
        (row,) = (line for line in table.splitlines() if line.startswith(f"| `{name}`"))
        default = field.default
        if isinstance(default, dict):
            default = tuple(default.values())
        for value in default if isinstance(default, tuple) else (default,):
            assert f"{value:g}" in row


def test_the_example_on_the_page_is_what_the_built_in_theatre_has(rating) -> None:
    page = (REPO / "docs" / "risk.md").read_text("utf-8")
    row = rating.sites.loc["gossi"]
    assert "= 1.6 + 1.2 + 1.5 = 4.3" in page
    assert row["risk"] == pytest.approx(4.3)
    assert f"Of {row['people']:,.0f} people, {row['need']:,.1f} count" in page


# What stands in a layer is hostile.

HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}${7*7}`</script>"


def test_a_hostile_layer_stays_text_in_page_table_and_print(
    theatre, run, tmp_path
) -> None:
    for layer, key in (("population", "gossi"), ("zones", "gourma")):
        theatre.set_property(layer, key, "name", HOSTILE)
        theatre.set_property(layer, key, "name_fr", None)
    theatre.set_property("zones", "gourma", "threat_reason", HOSTILE)
    theatre.set_property("zones", "gourma", "source", f"=cmd()|{HOSTILE}")
    code, out, err = run(theatre.file, "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    page = (tmp_path / "out" / "risk.html").read_text("utf-8")
    assert "<img src=x" not in page
    (row,) = (
        row
        for row in read_rows(tmp_path / "out" / "risk.csv")
        if row["site_id"] == "gossi"
    )
    assert row["threat_source"].startswith("'=cmd()")
    assert row["name"] == HOSTILE
    assert "{{7*7}}" in out.replace("\n", "")


def test_a_theatre_without_a_zone_draws_and_says_unknown(rating) -> None:
    sites = rating.sites.assign(risk=math.nan, zone_id=None)
    page = render_risk_page(
        sites,
        rating.zones.iloc[:0],
        rating.layers,
        NeedFigures(),
        title="bare",
        days=("2014-11-03", "2014-11-30"),
    )
    assert "Risque inconnu (pas nul)" in page


def test_the_same_files_give_the_same_bytes(run, tmp_path) -> None:
    for name in ("one", "two"):
        run("--out", tmp_path / name, "--quiet")
    for file in ("risk.csv", "risk_zones.csv", "risk.html"):
        first, second = ((tmp_path / n / file).read_bytes() for n in ("one", "two"))
        assert first == second


def test_incidents_make_no_site_of_an_unplaced_report(tmp_path, scenario) -> None:
    """An incident known by region only pins no village: threat stays 1 everywhere."""
    log = write_log(
        tmp_path / "log.csv",
        ("16.27", "-0.04", "2014-11-01", "region"),
        columns=("precision",),
    )
    sites = rate_scenario(scenario, incidents=log).sites
    assert (sites["threat"] == 1).all()
