"""The casualty clock of a theatre: its tables, its map, and the best place for more."""

from __future__ import annotations

import csv
import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from patrolplan.casualty_figures import CasualtyFigures
from patrolplan.casualty_gaps import UNITS, find_casualty_gaps, rank_places
from patrolplan.cli import main
from patrolplan.network import CasualtyClock, MedicalSite
from patrolplan.products.casualty_page import render_casualty_page
from patrolplan.products.casualty_shapes import build_reach, cut_lines
from patrolplan.products.casualty_theatre import (
    list_best,
    list_places,
    tabulate_candidates,
    tabulate_places,
)

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def gaps(scenario):
    return find_casualty_gaps(scenario)


def test_sites_bases_and_lines_are_summed_up(gaps) -> None:
    table = gaps.places
    counts = table["kind"].value_counts()
    assert counts["site"] == len(gaps.layers.population)
    assert counts["line"] == len(gaps.layers.lines)
    # Ber, Gossi and Ogossagou are bases of later years.
    assert counts["base"] == 10
    states = dict(zip(table["id"], table["state"], strict=True))
    assert states["ansongo"] == states["bourem"] == "night"
    assert states["aguelhok"] == "day"
    assert states["menaka"] == states["base-menaka"] == "beyond"
    parts = ["day_notice_min", "day_out_min", "day_loading_min", "day_surgery_min"]
    assert np.allclose(table[parts].astype(float).sum(axis=1), table["day_min"])


def test_the_enumeration_is_that_of_a_slow_one(gaps) -> None:
    # Each candidate put into the clock by hand, one at a time.
    sites = gaps.places[gaps.places["kind"] == "site"]
    lon, lat = sites.geometry.x, sites.geometry.y
    people = sites["people"].fillna(0).to_numpy()
    limit = gaps.clock.figures.surgery_min
    for by_night, when in ((False, "day"), (True, "night")):
        before = gaps.clock.measure_minutes(lon, lat, by_night=by_night) <= limit
        for row in gaps.candidates.iloc[::7].itertuples():
            kinds = ["helicopter", "surgery"] if row.unit == "both" else [row.unit]
            more = [MedicalSite(f"new-{k}", k, row.lon, row.lat) for k in kinds]
            clock = CasualtyClock(gaps.clock.figures, [*gaps.clock.sites, *more])
            after = clock.measure_minutes(lon, lat, by_night=by_night) <= limit
            new = after & ~before
            assert new.sum() == getattr(row, f"sites_{when}")
            assert people[new].sum() == getattr(row, f"people_{when}")
            if when == "day":
                assert set(sites["id"][new]) == set(row.site_ids_day)


def test_the_best_place_is_the_one_that_covers_most(gaps) -> None:
    for unit in UNITS:
        by_people = rank_places(gaps, unit)
        assert by_people["people_day"].is_monotonic_decreasing
        assert by_people["rank_people"].tolist() == list(range(1, len(by_people) + 1))
        by_need = rank_places(gaps, unit, "need")
        assert by_need["need_day"].is_monotonic_decreasing
    # 20,702 at Ménaka and 13,900 at Talataye.
    best = rank_places(gaps, "helicopter").iloc[0]
    assert set(best["site_ids_day"]) == {"menaka", "talataye"}
    assert best["people_day"] == 34_602
    both = rank_places(gaps, "both").iloc[0]
    assert both["id"] == "menaka"
    assert both["sites_day"] == 4
    assert rank_places(gaps, "both", "need").iloc[0]["id"] == "gossi"


def test_every_spot_is_tried_once(gaps) -> None:
    spots = gaps.candidates[gaps.candidates["unit"] == "both"]
    kinds = spots["kind"].value_counts()
    assert kinds["site"] == len(gaps.layers.population)
    assert kinds["airfield"] <= len(gaps.layers.airfields)
    # Bases stand in towns that are tried already.
    assert "base" not in kinds


def test_a_day_before_all_care_knows_nothing(scenario) -> None:
    gaps = find_casualty_gaps(scenario, as_of=date(2012, 1, 1))
    assert set(gaps.places["state"]) == {"unknown"}
    assert set(tabulate_places(gaps)["day_min"]) == {"unknown"}
    assert set(tabulate_places(gaps)["day_within"]) == {"no"}
    # One helicopter without surgery brings nobody within; the two together do.
    best = list_best(gaps, "people")
    assert best["helicopter"] == best["surgery"] == ()
    assert best["both"][0].people > 0
    page = render_casualty_page(gaps)
    assert "Unknown is not near" in page


def test_tables_bear_what_is_added_up(gaps) -> None:
    table = tabulate_places(gaps).set_index(["kind", "id"])
    bamba = table.loc[("site", "bamba")]
    assert bamba["day_within"] == "no"
    assert bamba["day_helicopter_id"] == "helicopter-gao"
    assert bamba["day_out_km"] == pytest.approx(167, abs=0.5)
    assert table.loc[("site", "taoudenni"), "need"] == "unknown"
    assert pd.isna(table.loc[("line", gaps.layers.lines["id"].iloc[0]), "people"])
    ranked = tabulate_candidates(gaps)
    assert list(ranked.columns[:3]) == ["unit", "rank_people", "rank_need"]
    rows = [row for row in list_places(gaps) if row.kind == "site"]
    needs = [row.need or 0.0 for row in rows]
    assert needs == sorted(needs, reverse=True)


def test_the_area_within_is_that_of_the_clock() -> None:
    sites = [
        MedicalSite("h", "helicopter", 0.0, 16.0),
        MedicalSite("s", "surgery", 0.9, 16.0),
        MedicalSite("h2", "helicopter", -3.0, 20.0),
    ]
    clock = CasualtyClock(CasualtyFigures(), sites)
    area = build_reach(clock, by_night=False)
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(-3, 4, 800), rng.uniform(14, 18, 800)
    minutes = clock.measure_minutes(lon, lat, by_night=False)
    inside = shapely.contains_xy(area, lon, lat)
    sure = np.abs(minutes - 120) > 0.1
    assert ((minutes < 120) == inside)[sure].all()
    assert inside.any()
    # From the far helicopter to surgery is farther than the clock allows.
    assert not shapely.contains_xy(area, -3.0, 20.0)


def test_lines_are_cut_where_the_clock_ends(gaps) -> None:
    day, night = (build_reach(gaps.clock, by_night=dark) for dark in (False, True))
    lines = gaps.layers.lines
    parts = cut_lines(lines, day, night)
    whole_m = sum(GEOD.geometry_length(line) for line in lines.geometry)
    assert sum(GEOD.geometry_length(p) for p in parts.geometry) == pytest.approx(
        whole_m, rel=1e-3
    )
    assert set(parts["state"]) == {"night", "day", "beyond"}
    for state, part in zip(parts["state"], parts.geometry, strict=True):
        spot = part.interpolate(0.5, normalized=True)
        far = {
            dark: gaps.clock.sum_at(spot.x, spot.y, by_night=dark).total_min
            for dark in (False, True)
        }
        assert (far[False] <= 120.2) or state == "beyond"
        assert (far[True] <= 120.2) or state != "night"


def test_the_verb_writes_tables_and_a_map(tmp_path, capsys) -> None:
    assert main(["casualty", "--out", str(tmp_path), "--by", "need"]) == 0
    told = capsys.readouterr().out
    assert "30 + 40 + 10 + 40 = 120 min, a radius of 150 km" in told
    assert "45 + 32.5 + 10 + 32.5 = 120 min, a radius of 122 km" in told
    assert "not a medical judgement" in told
    assert "1. Gossi" in told
    with (tmp_path / "casualty.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert rows["menaka"]["day_within"] == "no"
    assert rows["ansongo"]["day_within"] == "yes"
    page = (tmp_path / "casualty.html").read_text(encoding="utf-8")
    assert "CONFIDENTIAL" in page
    assert (tmp_path / "casualty-places.csv").is_file()
    again = tmp_path / "again"
    assert main(["casualty", "--out", str(again), "--by", "need", "--quiet"]) == 0
    for name in ("casualty.csv", "casualty-places.csv", "casualty.html"):
        assert (again / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_verb_speaks_json_and_french(capsys) -> None:
    assert main(["casualty", "--json", "--date", "2014-04-30"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["as_of"] == "2014-04-30"
    assert told["radius_km"] == {"day": 150.0, "night": pytest.approx(121.875)}
    assert "surgery-kidal" not in {site["id"] for site in told["medical"]}
    places = {place["id"]: place for place in told["places"]}
    # Its helicopter flies from beside the casualty, 285 km to surgery: 116 min.
    assert places["kidal"]["state"] == "day"
    assert places["kidal"]["day_min"] == pytest.approx(116, abs=0.5)
    assert places["kidal"]["day_helicopter_id"] == "helicopter-kidal"
    assert places["kidal"]["day_surgery_id"] == "surgery-gao"
    assert main(["casualty", "--lang", "fr"]) == 0
    assert "un rayon de 150 km" in capsys.readouterr().out
