"""Lengths on the ellipsoid, one metric system, and the guard at its door."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from patrolplan.errors import CrsError
from patrolplan.geodesy import (
    METRIC_CRS,
    WGS84,
    check_metric,
    measure_distance_m,
    measure_length_m,
    measure_parts_m,
    project_geometry,
)

GAO = (-0.0447, 16.2717)
KIDAL = (1.4078, 18.4411)

positions = st.tuples(st.floats(-7, 5), st.floats(13.5, 25))


def test_gao_kidal_is_287_km_as_the_crow_flies() -> None:
    # Domain study, finding 6: "285 km from Gao" is the straight line.
    assert measure_distance_m(*GAO, *KIDAL) / 1000 == pytest.approx(287, abs=2)


def test_a_degree_of_latitude_is_110_6_km_at_the_equator() -> None:
    # WGS 84: the first degree of the meridian measures 110 574 m.
    assert measure_distance_m(0, 0, 0, 1) == pytest.approx(110_574, abs=1)


def test_distances_broadcast() -> None:
    found = measure_distance_m([[0], [1]], [[15], [15]], [0, 1], [15, 15])
    assert found.shape == (2, 2)
    assert found[0, 0] == found[1, 1] == 0
    assert found[0, 1] == pytest.approx(found[1, 0])


def test_a_length_is_the_sum_of_its_parts_and_ignores_heights() -> None:
    flat = [GAO, (0.5, 17.0), KIDAL]
    high = [(*spot, 300.0) for spot in flat]
    assert measure_length_m(high) == measure_length_m(flat)
    assert measure_parts_m(flat).sum() == pytest.approx(measure_length_m(flat))
    assert len(measure_parts_m(flat)) == 2


@pytest.mark.parametrize(
    "crs", [None, "EPSG:32630", "EPSG:32631", "EPSG:4326", "EPSG:3857"]
)
def test_the_guard_refuses_every_other_system(crs) -> None:
    with pytest.raises(CrsError) as caught:
        check_metric(crs, file="lines.gpkg")
    (fault,) = caught.value.faults
    assert fault.file == "lines.gpkg"
    assert fault.where == "crs"
    assert "Lambert" in fault.expected


def test_the_guard_lets_the_metric_system_pass() -> None:
    check_metric(METRIC_CRS, file="lines.gpkg")
    check_metric(METRIC_CRS.to_wkt(), file="lines.gpkg")
    assert pyproj.CRS("EPSG:4326") == WGS84


@given(positions)
def test_projecting_there_and_back_moves_nothing_by_two_millimetres(spot) -> None:
    # PROJ 9.5 inverts the authalic latitude by a short series: 1.5 mm at the most.
    there = project_geometry(shapely.Point(spot), to_metric=True)
    back = project_geometry(there, to_metric=False)
    assert measure_distance_m(*spot, back.x, back.y) < 0.002


@given(positions, positions)
def test_projected_lengths_agree_with_the_ellipsoid_to_half_a_percent(a, b) -> None:
    one, other = project_geometry(
        np.array([shapely.Point(a), shapely.Point(b)]), to_metric=True
    )
    true_m = float(measure_distance_m(*a, *b))
    assert one.distance(other) == pytest.approx(true_m, rel=0.005, abs=0.01)


def test_gao_and_ansongo_lie_in_one_system_though_in_two_utm_zones() -> None:
    gao, ansongo = shapely.Point(-0.0447, 16.2717), shapely.Point(0.5022, 15.6597)
    one, other = (project_geometry(spot, to_metric=True) for spot in (gao, ansongo))
    true_m = float(measure_distance_m(gao.x, gao.y, ansongo.x, ansongo.y))
    assert one.distance(other) == pytest.approx(true_m, rel=0.001)
