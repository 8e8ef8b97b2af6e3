"""The elevation grid, and the relief that a map is shaded with."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import rasterio
from PIL import Image, TiffImagePlugin

from patrolplan.errors import LayerError
from patrolplan.layers.elevation import Elevation, read_elevation
from patrolplan.products.relief import render_relief
from sample_plan import GEO

KEYS = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)


def write_grid(path, heights, *, keys=KEYS, tie=(0.0, 0.0, 0.0, -5.0, 25.0, 0.0)):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[33550], tags.tagtype[33550] = (0.1, 0.1, 0.0), 12
    if tie is not None:
        tags[33922], tags.tagtype[33922] = tie, 12
    tags[34735], tags.tagtype[34735] = keys, 3
    image = Image.fromarray(np.asarray(heights, dtype=np.int32))
    image.save(path, format="TIFF", tiffinfo=tags)
    return path


def read_picture(elevation):
    return np.asarray(Image.open(io.BytesIO(render_relief(elevation))).convert("RGBA"))


def test_the_built_in_grid_is_read_where_it_lies() -> None:
    path = GEO / "context" / "elevation.tif"
    grid = read_elevation(path)
    with rasterio.open(path) as peer:
        assert (grid.heights_m == peer.read(1)).all()
        west, south, east, north = peer.bounds
    assert (grid.west_deg, grid.south_deg) == pytest.approx((west, south))
    assert (grid.east_deg, grid.north_deg) == pytest.approx((east, north))
    png = render_relief(grid)
    assert len(png) < 250_000
    assert png == render_relief(grid)


def test_a_grid_whose_points_are_middles_lies_half_a_cell_off(tmp_path) -> None:
    keys = (*KEYS[:11], 2, *KEYS[12:])
    grid = read_elevation(write_grid(tmp_path / "g.tif", np.zeros((8, 9)), keys=keys))
    assert (grid.west_deg, grid.north_deg) == pytest.approx((-5.05, 25.05))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"tie": None}, "georeference"),
        ({"tie": (3.0, 0.0, 0.0, -5.0, 25.0, 0.0)}, "georeference"),
        ({"keys": (*KEYS[:15], 4267)}, "crs"),
        ({"heights": np.full((8, 9), -32768)}, "heights"),
        ({"heights": np.zeros((1, 9))}, "size"),
    ],
)
def test_a_grid_that_would_shade_wrongly_is_refused(tmp_path, changes, where) -> None:
    given = {"heights": np.zeros((8, 9))} | changes
    path = write_grid(tmp_path / "g.tif", given.pop("heights"), **given)
    with pytest.raises(LayerError) as refused:
        read_elevation(path)
    assert [fault.where for fault in refused.value.faults] == [where]


def test_all_faults_of_a_grid_come_at_once(tmp_path) -> None:
    wrong = write_grid(
        tmp_path / "g.tif", np.full((8, 9), 99_999), tie=None, keys=(*KEYS[:15], 4267)
    )
    with pytest.raises(LayerError) as refused:
        read_elevation(wrong)
    found = {fault.where for fault in refused.value.faults}
    assert found == {"georeference", "crs", "heights"}


@pytest.mark.parametrize("content", [b"", b"II*\0", b"\x89PNG\r\n\x1a\n", b"x" * 999])
def test_a_file_that_is_no_grid_is_refused(tmp_path, content) -> None:
    path = tmp_path / "g.tif"
    path.write_bytes(content)
    with pytest.raises(LayerError, match="a GeoTIFF"):
        read_elevation(path)


def test_a_cut_off_grid_is_refused(tmp_path) -> None:
    path = write_grid(tmp_path / "g.tif", np.arange(4000).reshape(50, 80))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(LayerError):
        read_elevation(path)


def raise_cone(lat: float, lon: float) -> Elevation:
    """Return flat ground from 10 to 30 degrees north with one cone of 500 m."""
    lats = 30 - (np.arange(200) + 0.5) / 10
    lons = (np.arange(100) + 0.5) / 10
    far = np.hypot(lats[:, None] - lat, lons[None, :] - lon)
    return Elevation(np.clip(500 - 1000 * far, 0, None), 0.0, 30.0, 0.1, 0.1)


@pytest.mark.parametrize("lat", [12.0, 20.0, 27.0])
def test_a_hill_stands_where_mercator_puts_it(lat) -> None:
    picture = read_picture(raise_cone(lat, 4.0))
    rows, columns = np.nonzero(picture[..., 3])
    height, width = picture.shape[:2]
    top, here, bottom = (math.asinh(math.tan(math.radians(x))) for x in (30, lat, 10))
    middle = (rows.min() + rows.max() + 1) / 2 / height
    # A row of degrees would be off by up to 0.02 of the height: 200 m are 0.0001.
    assert middle == pytest.approx((top - here) / (top - bottom), abs=0.004)
    assert (columns.min() + columns.max() + 1) / 2 / width == pytest.approx(
        0.4, abs=0.01
    )


def test_a_hill_is_light_to_the_north_west_and_dark_to_the_south_east() -> None:
    picture = read_picture(raise_cone(20.0, 5.0)).astype(int)
    rows, columns = np.nonzero(picture[..., 3])
    middle, half = (rows.min() + rows.max()) // 2, (rows.max() - rows.min()) // 4
    centre = (columns.min() + columns.max()) // 2
    lit = picture[middle - half, centre - half]
    dark = picture[middle + half, centre + half]
    assert lit[:3].min() > 200
    assert dark[:3].max() < 120
    assert lit[3] > 0 < dark[3]


def test_flat_ground_is_left_as_it_is() -> None:
    flat = Elevation(np.full((30, 40), 200.0), -5.0, 20.0, 0.1, 0.1)
    assert not read_picture(flat)[..., 3].any()
