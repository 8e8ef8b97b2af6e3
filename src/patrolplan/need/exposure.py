"""Exposure: how many people live in an area, from the population layer or a raster.

Exposure stands beside risk and never inside it: need is people x r(risk), so that
people count once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd
import shapely

from patrolplan.errors import Fault, LayerError
from patrolplan.geodesy import project_geometry
from patrolplan.plain_files import check_plain_file

__all__ = ["EXPOSURE_COLUMNS", "build_surroundings", "count_exposure", "sum_raster"]

EXPOSURE_COLUMNS: Final[Mapping[str, str]] = {
    "area_id": "the zone, or the site that it surrounds",
    "people": "persons known to live there; NaN if none is known",
    "places": "sites in it, 0 for a raster",
    "unknown_places": "of these, sites whose people are unknown",
    "covered": "share of the area that the source covers; 1 for sites",
    "source": "where the figure comes from",
}
"""Columns of the table of exposure, one row an area in the order given."""

_WHOLE: Final = 0.999
# It is read window by window: a country at 100 m takes some GB.
_LARGEST_MB: Final = 64 * 1024
# TIFF and BigTIFF, in either order of bytes.
_SIGNATURES: Final = {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}


def build_surroundings(sites: Any, radius_km: float) -> Any:
    """Return a disc round each site, to count the people who live near.

    Parameters
    ----------
    sites
        A GeoDataFrame of points in WGS 84 with a column ``id``.
    radius_km
        How far the discs reach, in km of the metric system.

    Returns
    -------
    A GeoDataFrame with ``id``, in WGS 84.
    """
    points = project_geometry(sites.geometry.to_numpy(), to_metric=True)
    discs = shapely.buffer(points, radius_km * 1000, quad_segs=32)
    frame = sites[["id", "geometry"]].copy()
    frame.geometry = project_geometry(discs, to_metric=False)
    return frame


def count_exposure(areas: Any, population: Any) -> Any:
    """Count the people of the population layer in each area.

    Parameters
    ----------
    areas
        A GeoDataFrame of polygons in WGS 84 with a column ``id``.
    population
        The population layer. A site that is ``counted_with`` another in the same area
        adds nothing, as its people are in the other's figure.

    Returns
    -------
    A DataFrame with ``EXPOSURE_COLUMNS``. Unknown people are not zero: they are
    counted apart, and an area of which nothing is known has NaN.
    """
    ids = population["id"].to_numpy(object)
    people = population["population"].to_numpy(float)
    beside = (
        population["counted_with"].to_numpy(object)
        if "counted_with" in population
        else np.full(len(ids), None)
    )
    points = population.geometry.to_numpy()
    rows = []
    for area_id, shape in zip(areas["id"], areas.geometry, strict=True):
        inside = shapely.covers(shape, points)
        mine = set(ids[inside])
        inside &= np.array([other not in mine for other in beside], dtype=bool)
        known = inside & ~np.isnan(people)
        rows.append(
            {
                "area_id": area_id,
                "people": float(people[known].sum()) if known.any() else math.nan,
                "places": int(inside.sum()),
                "unknown_places": int((inside & ~known).sum()),
                "covered": 1.0,
                "source": "population layer",
            }
        )
    return pd.DataFrame(rows, columns=list(EXPOSURE_COLUMNS))


def sum_raster(areas: Any, path: Path | str) -> Any:
    """Sum a raster of people over each area, cells on the edge by their share.

    Parameters
    ----------
    areas
        A GeoDataFrame of polygons in WGS 84 with a column ``id``.
    path
        A GeoTIFF whose first band holds persons in each cell (not per km2), with a
        coordinate reference system. Needs the optional extra ``raster``.

    Returns
    -------
    A DataFrame with ``EXPOSURE_COLUMNS``. An area of which the raster covers nothing
    has NaN; one that is covered in part says how much.

    Raises
    ------
    LayerError
        If the extra is not installed, or the file is no such raster, or has cells
        below 0.
    """
    path = Path(path)
    try:
        import rasterio
        from exactextract import exact_extract
    except ImportError:
        _refuse(path, "the extra is not installed", "pip install patrolplan[raster]")
    _check_signature(path)
    try:
        # The driver is pinned: by its content a file could name other files or hosts.
        raster = rasterio.open(path, driver="GTiff")
    except rasterio.errors.RasterioError:
        _refuse(path, "it cannot be read", "a GeoTIFF", "a copy that did not end?")
    with raster:
        if raster.crs is None:
            cause = "it was lost in an export"
            _refuse(path, "no crs", "a coordinate reference system", cause)
        try:
            asked = areas[["geometry"]].reset_index(drop=True).to_crs(raster.crs)
            asks = ["sum", "count", "min"]
            found = exact_extract(raster, asked, asks, output="pandas")
        except Exception as error:  # noqa: BLE001 - many kinds; all mean this
            what = f"its cells cannot be read, {type(error).__name__}"
            _refuse(path, what, "a whole GeoTIFF", "a copy that did not end?")
        cell = abs(raster.transform.determinant)
    counts = found["count"].to_numpy(float)
    lowest = found["min"].to_numpy(float)
    if (lowest < 0).any():
        cause = "no-data cells without the raster's mark for them"
        _refuse(path, "cells below 0", "persons in each cell", cause)
    sums = np.where(counts > 0, found["sum"].to_numpy(float), np.nan)
    shares = counts * cell / shapely.area(asked.geometry.to_numpy())
    return pd.DataFrame(
        {
            "area_id": areas["id"].to_numpy(object),
            "people": sums,
            "places": 0,
            "unknown_places": 0,
            # Sums of many parts of cells: a whole may miss its last digits.
            "covered": np.where(shares > _WHOLE, 1.0, np.clip(shares, 0.0, 1.0)),
            "source": f"population raster, {path.name}",
        }
    )


def _check_signature(path: Path) -> None:
    try:
        check_plain_file(path, "a GeoTIFF", most_mb=_LARGEST_MB, refusal=LayerError)
        with path.open("rb") as file:
            signature = file.read(4)
    except OSError as error:
        _refuse(path, error.strerror or "unreadable", "a readable file")
    if signature not in _SIGNATURES:
        _refuse(path, "no GeoTIFF inside", "a GeoTIFF", "another kind of raster")


def _refuse(path: Path, found: str, expected: str, cause: str = "") -> NoReturn:
    raise LayerError([Fault(path.name, "file", found, expected, cause)])
