"""Parallels, meridians and the squares of MGRS."""

from __future__ import annotations

import mgrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from patrolplan.products.grids import draw_graticule, draw_mgrs, find_squares

THEATRE = (-7.0, 13.5, 5.0, 25.0)
SQUARES = find_squares(THEATRE)


def test_the_theatre_lies_in_three_zones_and_three_bands() -> None:
    zones = {square.zone for square in SQUARES}
    assert zones == {f"{zone}{band}" for zone in (29, 30, 31) for band in "PQR"}


@settings(max_examples=60, deadline=None)
@given(st.floats(-6.99, 4.99), st.floats(13.51, 24.99))
def test_the_square_round_any_place_bears_its_grid_reference(lon, lat) -> None:
    name = mgrs.MGRS().toMGRS(lat, lon, MGRSPrecision=0)
    square = next(s for s in SQUARES if s.zone + s.letters == name)
    # The sides are drawn as a few straight pieces: 0.002 degrees are some 200 m.
    assert square.shape.buffer(0.002).contains(Point(lon, lat))


def test_squares_cover_the_theatre_and_do_not_overlap() -> None:
    names = [square.zone + square.letters for square in SQUARES]
    assert len(names) == len(set(names))
    area = sum(square.shape.area for square in SQUARES)
    joined = SQUARES[0].shape
    for square in SQUARES[1:]:
        joined = joined.union(square.shape)
    assert joined.area == pytest.approx(area, rel=1e-3)
    assert all(0 < square.share <= 1.0001 for square in SQUARES)


@pytest.mark.parametrize("bounds", [(0, -1, 1, 1), (0, 60, 5, 61), (5, 1, 4, 2)])
def test_no_squares_where_the_zones_are_not_regular(bounds) -> None:
    with pytest.raises(ValueError, match="No rectangle"):
        find_squares(bounds)
    assert draw_mgrs(bounds, "MGRS") is None


def test_no_veil_of_squares_over_half_the_world() -> None:
    assert draw_mgrs((-60.0, 0.0, 60.0, 50.0), "MGRS") is None
    html = draw_graticule((-170.0, -70.0, 170.0, 70.0), "Degrees")
    assert len(html._children) < 40


def test_degrees_are_named_in_both_languages() -> None:
    group = draw_graticule((-1.5, 15.0, 1.0, 17.0), "Degrees")
    texts = [child.icon.options["html"] for child in list(group._children.values())[1:]]
    joined = " ".join(texts)
    assert '<span lang="en">2° W</span><span lang="fr">2° O</span>' in joined
    assert ">0°<" in joined
    assert ">17° N<" in joined
