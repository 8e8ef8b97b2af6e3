"""Exposure: people of the layer and of a raster, each once, unknown apart."""

from __future__ import annotations

import math
import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely

from incident_files import build_places
from patrolplan.errors import LayerError
from patrolplan.geodesy import WGS84
from patrolplan.need import build_surroundings, count_exposure, sum_raster
from patrolplan.need.exposure import EXPOSURE_COLUMNS

SITES = build_places(
    a=(0.5, 16.5, 1000), b=(0.6, 16.5, 200), c=(0.7, 16.5), d=(3.5, 16.5)
)


def build_areas(**boxes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": list(boxes)},
        geometry=[shapely.box(*box) for box in boxes.values()],
        crs=WGS84,
    )


AREAS = build_areas(near=(0, 16, 1, 17), bare=(3, 16, 4, 17), none=(5, 16, 6, 17))


def test_known_people_are_summed_and_unknown_ones_counted_apart() -> None:
    table = count_exposure(AREAS, SITES).set_index("area_id")
    assert list(table.reset_index().columns) == list(EXPOSURE_COLUMNS)
    assert table["people"].tolist()[0] == 1200
    # One place of unknown people, and no place at all: neither is 0 people.
    assert table["people"].isna().tolist() == [False, True, True]
    assert table["places"].tolist() == [3, 1, 0]
    assert table["unknown_places"].tolist() == [1, 1, 0]


def test_people_counted_with_a_neighbour_count_once() -> None:
    sites = SITES.assign(counted_with=[None, "a", None, None])
    table = count_exposure(AREAS, sites)
    assert table["people"][0] == 1000
    # Without the neighbour in the area, they count.
    alone = build_areas(east=(0.55, 16, 1, 17))
    assert count_exposure(alone, sites)["people"][0] == 200


def test_the_surroundings_reach_as_far_as_they_say() -> None:
    """0.1 degrees of longitude at 16.5 N are 10.7 km."""
    near, wide = (build_surroundings(SITES.iloc[:1], km) for km in (10, 12))
    assert count_exposure(near, SITES)["people"][0] == 1000
    assert count_exposure(wide, SITES)["people"][0] == 1200


@pytest.fixture
def raster(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    pytest.importorskip("exactextract")
    from affine import Affine

    def write(cells, name="people.tif", crs="EPSG:4326", nodata=-9999.0):
        path = tmp_path / name
        cells = np.array(cells, dtype="float32")
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=cells.shape[0],
            width=cells.shape[1],
            count=1,
            dtype="float32",
            crs=crs,
            # West 0, north 18, cells of half a degree.
            transform=Affine(0.5, 0, 0, 0, -0.5, 18),
            nodata=nodata,
        ) as file:
            file.write(cells, 1)
        return path

    return write


def test_a_cell_half_inside_counts_half(raster) -> None:
    """Cells of 100 people, half a degree wide. From 0 to 0.75 east lie one and a half
    columns, from 17 to 18 north two rows: 3 cells, 300 people.
    """
    path = raster(np.full((4, 4), 100.0))
    table = sum_raster(build_areas(x=(0, 17, 0.75, 18)), path)
    assert list(table.columns) == list(EXPOSURE_COLUMNS)
    assert table["people"][0] == pytest.approx(300)
    assert table["covered"][0] == 1
    assert table["source"][0] == "population raster, people.tif"


def test_what_a_raster_does_not_cover_is_not_zero(raster) -> None:
    """Two of the four cells of the area have no data: half is covered."""
    cells = np.full((4, 4), 10.0)
    cells[0, :2] = -9999
    boxes = {"half": (0, 17, 1, 18), "out": (9, 9, 10, 10), "edge": (1.5, 16, 2.5, 17)}
    areas = build_areas(**boxes)
    table = sum_raster(areas, raster(cells))
    assert table["area_id"].tolist() == ["half", "out", "edge"]
    assert table["people"][0] == pytest.approx(20)
    assert table["covered"].tolist() == pytest.approx([0.5, 0, 0.5])
    assert math.isnan(table["people"][1])
    assert table["people"][2] == pytest.approx(20)


def test_a_raster_in_metres_is_summed_where_it_lies(raster) -> None:
    pytest.importorskip("rasterio")
    areas = build_areas(x=(0, 17, 1, 18))
    metres = areas.to_crs("EPSG:32631")
    path = raster(np.full((4, 4), 100.0))
    assert sum_raster(metres, path)["people"][0] == pytest.approx(400, rel=1e-3)


def test_rasters_that_cannot_be_meant_are_refused(raster, tmp_path) -> None:
    def refuse(path) -> str:
        with pytest.raises(LayerError) as caught:
            sum_raster(AREAS, path)
        return str(caught.value)

    assert "cells below 0" in refuse(raster(np.full((4, 4), -1.0), nodata=None))
    assert "no crs" in refuse(raster(np.ones((4, 4)), crs=None))
    assert "No such file" in refuse(tmp_path / "absent.tif")
    liar = tmp_path / "liar.tif"
    liar.write_text("<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>")
    assert "no GeoTIFF inside" in refuse(liar)
    cut = tmp_path / "cut.tif"
    cut.write_bytes(b"II*\0\x08\0\0\0")
    assert "cannot be read" in refuse(cut)


def test_a_raster_that_ends_within_its_cells_is_refused(raster) -> None:
    """Its head is whole: it can be opened, and fails only while it is read."""
    path = raster(np.ones((64, 64)))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(LayerError) as caught:
        sum_raster(AREAS, path)
    (fault,) = caught.value.faults
    assert (fault.file, fault.where) == ("people.tif", "file")
    assert fault.found.startswith("its cells cannot be read, Raster")
    assert fault.expected == "a whole GeoTIFF"


def test_without_the_extra_it_says_what_to_install(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "exactextract", None)
    with pytest.raises(LayerError, match="patrolplan\\[raster\\]"):
        sum_raster(AREAS, tmp_path / "people.tif")
