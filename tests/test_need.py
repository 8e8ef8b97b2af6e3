"""Need: people x r(risk), worked by hand, and what is unknown stays unknown."""

from __future__ import annotations

import math
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.figures import NeedFigures, ReachFigures
from patrolplan.geodesy import WGS84
from patrolplan.need import NEED_COLUMNS, THEME_COLUMNS, estimate_need

DAYS = (date(2014, 11, 3), date(2014, 11, 30))
SQUARE = shapely.box(0, 15, 2, 17)


def build_sites(*sites) -> gpd.GeoDataFrame:
    """Return a population layer of (id, lon, lat, people)."""
    ids, lons, lats, people = zip(*sites, strict=True)
    return gpd.GeoDataFrame(
        {
            "id": ids,
            "name": [key.title() for key in ids],
            "cercle_2014": [None] * len(ids),
            "population": np.array(people, dtype=float),
        },
        geometry=gpd.points_from_xy(lons, lats),
        crs=WGS84,
    )


def build_zones(*zones) -> gpd.GeoDataFrame:
    """Return a zones layer of (id, level, shape, first day, last day)."""
    rows = [
        {"id": z[0], "level": z[1], "period_from": z[3], "period_to": z[4]}
        for z in zones
    ]
    columns = ["id", "level", "period_from", "period_to"]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry=[z[2] for z in zones])
    frame["level"] = frame["level"].astype(float)
    return frame.astype({"period_from": object, "period_to": object}).set_crs(WGS84)


def estimate(sites, zones, bases=(), **figures):
    rows = [(*base, 1) for base in bases] or [("x", 0, 0, 1)]
    frame = build_sites(*rows)
    return estimate_need(
        sites,
        zones,
        frame.iloc[: len(bases)],
        days=DAYS,
        figures=NeedFigures(**figures),
        reach=ReachFigures(),
    )


def need_at(zones, **figures) -> float:
    """Return the need of 1000 people amid the square."""
    table = estimate(build_sites(("a", 1, 16, 1000)), zones, **figures)
    return table["need"]["a"]


def test_a_sum_worked_by_hand() -> None:
    # 8,358 people at risk 4, of which three quarters count: 6,268.5.
    table = estimate(
        build_sites(("a", 1, 16, 8358)),
        build_zones(("z", 4, SQUARE, None, None)),
        [("base", 1, 17)],
    )
    row = table.loc["a"]
    assert row["need"] == pytest.approx(6268.5)
    assert (row["people"], row["risk"], row["weight"]) == (8358, 4, 0.75)
    assert row["zone_id"] == "z"
    # A degree of latitude at 16.5 N is 110.7 km.
    assert row["base_km"] == pytest.approx(110.7, abs=0.1)
    assert row["beyond_base"]
    assert row["held_by"] is None


def test_every_part_can_be_added_up_again(study) -> None:
    need = study.need
    assert set(need.columns) == {*NEED_COLUMNS, *THEME_COLUMNS, "geometry"}
    free = need[need["held_by"].isna() & need["need"].notna()]
    assert len(free) > 10
    assert (free["risk_need"] == free["people"] * free["weight"]).all()


def test_a_risk_between_two_steps_is_weighed_between() -> None:
    # Half way from 0.45 to 0.75.
    zones = build_zones(("z", 3.5, SQUARE, None, None))
    assert need_at(zones) == pytest.approx(600)


def test_unknown_people_make_unknown_need() -> None:
    zones = build_zones(("z", 4, SQUARE, None, None))
    table = estimate(build_sites(("a", 1, 16, math.nan)), zones)
    assert math.isnan(table["need"]["a"])
    assert table["risk"]["a"] == 4


def test_a_site_in_no_zone_has_unknown_need() -> None:
    zones = build_zones(("z", 4, shapely.box(3, 15, 4, 16), None, None))
    table = estimate(build_sites(("a", 1, 16, 1000)), zones)
    assert math.isnan(table["need"]["a"])
    assert math.isnan(table["risk"]["a"])
    assert table["zone_id"]["a"] is None


def test_a_zone_of_unknown_level_gives_unknown_need() -> None:
    assert math.isnan(need_at(build_zones(("z", math.nan, SQUARE, None, None))))


def test_no_need_of_the_built_in_theatre_is_zero_for_unknown(study) -> None:
    need = study.need
    unknown = need["people"].isna() | need["risk"].isna()
    free = need["held_by"].isna()
    assert need.loc[unknown, "need"].isna().all()
    assert (need.loc[~unknown & free, "need"] > 0).all()


def test_a_site_that_a_base_holds_needs_no_patrol() -> None:
    zones = build_zones(("z", 5, SQUARE, None, None))
    sites = build_sites(("far", 1.0, 16.1, 100), ("near", 1.0, 16.04, 100))
    # 0.04 degrees are 4.4 km, 0.1 are 11 km; a base holds 5 km.
    table = estimate(sites, zones, [("base", 1.0, 16.0)])
    assert table["need"].to_dict() == {"far": 100, "near": 0}
    assert table["held_by"].to_dict() == {"far": None, "near": "base"}
    wider = estimate(sites, zones, [("base", 1.0, 16.0)], held_km=20)
    assert wider["need"].to_dict() == {"far": 0, "near": 0}


def test_without_an_open_base_nothing_is_held_and_all_is_beyond() -> None:
    zones = build_zones(("z", 5, SQUARE, None, None))
    table = estimate(build_sites(("a", 1, 16, 100)), zones)
    assert math.isnan(table["base_km"]["a"])
    assert table["beyond_base"]["a"]
    assert table["need"]["a"] == 100


def test_where_zones_overlap_the_highest_risk_counts_whatever_their_order() -> None:
    zones = [("low", 2, SQUARE, None, None), ("high", 5, SQUARE, None, None)]
    for order in (zones, zones[::-1]):
        table = estimate(build_sites(("a", 1, 16, 1000)), build_zones(*order))
        assert table.loc["a", ["zone_id", "need"]].tolist() == ["high", 1000]


def test_of_equal_zones_the_first_by_id_is_named() -> None:
    zones = build_zones(("b", 3, SQUARE, None, None), ("a", 3, SQUARE, None, None))
    assert estimate(build_sites(("s", 1, 16, 1)), zones)["zone_id"]["s"] == "a"


def test_a_site_on_the_edge_of_a_zone_is_in_it() -> None:
    zones = build_zones(("z", 5, SQUARE, None, None))
    assert estimate(build_sites(("a", 0, 16, 7)), zones)["need"]["a"] == 7


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        (None, None, True),
        (date(2014, 11, 30), None, True),
        (None, date(2014, 11, 3), True),
        (date(2014, 12, 1), None, False),
        (None, date(2014, 11, 2), False),
        (date(2014, 1, 1), date(2015, 6, 30), True),
    ],
)
def test_a_zone_counts_within_its_period_only(first, last, counts) -> None:
    need = need_at(build_zones(("z", 5, SQUARE, first, last)))
    assert need == 1000 if counts else math.isnan(need)


@settings(max_examples=50)
@given(
    st.lists(st.floats(0, 1), min_size=5, max_size=5).map(sorted),
    st.floats(1, 5),
    st.floats(1, 5),
)
def test_need_never_falls_when_risk_rises(weights, one, other) -> None:
    low, high = sorted((one, other))
    figures = {"risk_weights": dict(zip("12345", weights, strict=True))}
    needs = [
        need_at(build_zones(("z", level, SQUARE, None, None)), **figures)
        for level in (low, high)
    ]
    assert needs[0] <= needs[1] + 1e-9
