"""Grid references over the seams of the theatre: zones 30 and 31, bands P and Q."""

from __future__ import annotations

import math

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolplan.geodesy import format_mgrs, measure_distance_m, parse_mgrs

# Zones 30 and 31 lie from 6 W to 6 E, bands P and Q from 8 N to 24 N.
longitudes = st.floats(-6, 5.999999)
latitudes = st.floats(8, 23.999999)


@pytest.mark.parametrize(
    ("lon", "lat", "square"),
    [
        (-0.04472, 16.27167, "30QZD158012"),  # Gao
        (0.5022, 15.6597, "31PBT322328"),  # Ansongo
    ],
)
def test_gao_and_ansongo_lie_in_two_zones_and_two_bands(lon, lat, square) -> None:
    assert format_mgrs(lon, lat) == square


@given(longitudes, latitudes)
def test_a_reference_to_1_m_comes_back_within_1_m(lon, lat) -> None:
    reference = format_mgrs(lon, lat, 5)
    assert measure_distance_m(lon, lat, *parse_mgrs(reference)) < 1


@given(longitudes, latitudes)
def test_the_zone_and_the_band_are_those_of_the_position(lon, lat) -> None:
    # Not where the library rounds to the other side of the seam: by less than 1 cm.
    if abs(lon) > 1e-7 and abs(lat - 16) > 1e-7:
        expected = ("30" if lon < 0 else "31") + ("P" if lat < 16 else "Q")
        assert format_mgrs(lon, lat)[:3] == expected


@given(longitudes, latitudes, st.integers(0, 4))
def test_fewer_digits_name_the_square_around(lon, lat, digits) -> None:
    fine, coarse = format_mgrs(lon, lat, 5), format_mgrs(lon, lat, digits)
    assert coarse == fine[:5] + fine[5 : 5 + digits] + fine[10 : 10 + digits]


@given(longitudes, latitudes)
def test_digits_are_those_of_utm(lon, lat) -> None:
    """Easting and northing are told apart by another library, to the metre."""
    reference = format_mgrs(lon, lat, 5)
    utm = pyproj.CRS.from_epsg(32600 + int(reference[:2]))
    carry = pyproj.Transformer.from_crs(4326, utm, always_xy=True).transform
    for value, digits in zip(
        carry(lon, lat), (reference[5:10], reference[10:]), strict=True
    ):
        off = (value - int(digits)) % 100_000
        assert off < 1.01 or off > 100_000 - 0.01


def test_references_are_read_as_people_write_them() -> None:
    assert parse_mgrs(" 30 q zd 158 012 ") == parse_mgrs("30QZD158012")
    lon, lat = parse_mgrs("30QZD158012")
    assert measure_distance_m(lon, lat, -0.04472, 16.27167) < 50 * math.sqrt(2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "XX",
        "31P",
        "30QZD158",
        "30IZD123123",
        "99QZD158012",
        "30QZD-58012",
        "\u0663\u0660QZD158012",
        "30QZD158012\0",
        "1" * 5000,
        "=30QZD158012",
    ],
)
def test_what_is_no_reference_is_refused(text) -> None:
    with pytest.raises(ValueError, match="is no grid reference"):
        parse_mgrs(text)


@pytest.mark.parametrize(
    ("lon", "lat", "digits"),
    [(181, 0, 3), (0, 91, 3), (math.nan, 0, 3), (0, math.inf, 3), (0, 0, 6)],
)
def test_what_is_no_position_has_no_reference(lon, lat, digits) -> None:
    with pytest.raises(ValueError, match=r"no position|digits a side"):
        format_mgrs(lon, lat, digits)


def test_the_ends_of_the_earth_have_references() -> None:
    assert format_mgrs(180, 0, 5) == format_mgrs(-180, 0, 5)
    for lon, lat in ((0, 90), (0, -90), (179.999999, 84.5), (-180, -85)):
        assert measure_distance_m(lon, lat, *parse_mgrs(format_mgrs(lon, lat, 5))) < 1
