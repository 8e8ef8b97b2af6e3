"""Rasters of the ground, sampled on the cells of a grid without reading them whole.

A raster is read strip by strip, so that memory stays bounded whatever its size. Each
cell takes samples at regular spots within it; one of which more than half have no data
is not known.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.geodesy import unproject_spots
from patrolplan.layers.texts import refuse

__all__ = ["open_raster", "sample_raster"]

# TIFF and BigTIFF, in either order of bytes.
_SIGNATURES: Final = {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}
_MOST_STRIP: Final = 32_000_000
"""Pixels that are held at once: 256 MB as the widest numbers."""
_MOST_SAMPLES: Final = 8
"""Samples along the side of a cell, at most."""

Spots = Callable[[int, int, int], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""From first and last row of cells, and samples a side, to spots in metres."""


@contextmanager
def open_raster(path: Path) -> Iterator[Any]:
    """Open a GeoTIFF of one band in degrees (WGS 84), by rasterio.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    LayerError
        If the extra ``raster`` is not installed, or it is no such file.
    """
    try:
        import rasterio
    except ImportError:
        refuse(
            path, "file", "the extra is not installed", "pip install patrolplan[raster]"
        )
    try:
        with path.open("rb") as file:
            signature = file.read(4)
    except OSError as error:
        refuse(path, "file", error.strerror or "unreadable", "a readable file")
    if signature not in _SIGNATURES:
        refuse(path, "file", "no GeoTIFF inside", "a GeoTIFF", "another kind of raster")
    try:
        # The driver is pinned: by its content a file could name other files or hosts.
        with warnings.catch_warnings():
            # That it has no place on the ground is told as a fault.
            warnings.simplefilter("ignore")
            raster = rasterio.open(path, driver="GTiff")
    except rasterio.errors.RasterioError:
        refuse(
            path, "file", "it cannot be read", "a GeoTIFF", "a copy that did not end?"
        )
    with raster:
        faults = []
        if raster.crs is None:
            cause = "it was lost in an export"
            faults.append(Fault(path.name, "crs", "none", "EPSG:4326", cause))
        elif raster.crs.to_epsg() != 4326:
            found = raster.crs.to_string()[:60]
            cause = "projected: warp it to degrees (gdalwarp -t_srs EPSG:4326)"
            faults.append(Fault(path.name, "crs", found, "EPSG:4326", cause))
        if raster.count != 1:
            cause = "a picture, not measurements"
            faults.append(Fault(path.name, "bands", str(raster.count), "1", cause))
        elif np.dtype(raster.dtypes[0]).kind not in "iuf":
            found = f"numbers of the kind {raster.dtypes[0]}"
            faults.append(Fault(path.name, "bands", found, "whole or real numbers"))
        block = max(high * wide for high, wide in raster.block_shapes)
        if block > _MOST_STRIP:
            # One block is read at once, however little of it is asked for.
            found = f"blocks of {block:,} pixels"
            expected = f"at most {_MOST_STRIP:,}"
            cause = (
                "written in one piece: copy it in tiles (gdal_translate -co TILED=YES)"
            )
            faults.append(Fault(path.name, "blocks", found, expected, cause))
        turn = raster.transform
        if turn.b or turn.d or turn.a <= 0 or turn.e >= 0:
            cause = "exported as a plain picture"
            found = "a turned or flipped one"
            faults.append(Fault(path.name, "georeference", found, "north up", cause))
        if faults:
            raise LayerError(faults)
        yield raster


def sample_raster(
    path: Path,
    rows: int,
    columns: int,
    spots: Spots,
    translate: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return the mean of a raster in each cell, NaN where more than half is unknown.

    Parameters
    ----------
    path
        The file.
    rows, columns
        Of the grid.
    spots
        Gives the spots of the samples of some rows of cells, in the metric system, row
        by row: for each row of samples, along all columns.
    translate
        Gives the measure of each value; NaN for what is not known or closed.

    Raises
    ------
    LayerError
        If it is no such raster, is cut off, or is far finer than the cells.
    """
    found = np.full((rows, columns), np.nan)
    with open_raster(path) as raster:
        import rasterio

        pixel = min(raster.transform.a, -raster.transform.e)
        middle = unproject_spots(*spots(rows // 2, rows // 2 + 1, 2))
        cell_deg = float(np.ptp(middle[1])) or pixel
        side = int(np.clip(math.ceil(2 * cell_deg / pixel), 1, _MOST_SAMPLES))
        height = 16
        row = 0
        while row < rows:
            last = min(row + height, rows)
            lon, lat = unproject_spots(*spots(row, last, side))
            down = np.floor((raster.transform.f - lat) / -raster.transform.e)
            right = np.floor((lon - raster.transform.c) / raster.transform.a)
            inside = (down >= 0) & (down < raster.height)
            inside &= (right >= 0) & (right < raster.width)
            if not inside.any():
                row = last
                continue
            first_row, end_row = int(down[inside].min()), int(down[inside].max()) + 1
            west, east = int(right[inside].min()), int(right[inside].max()) + 1
            if (end_row - first_row) * (east - west) > _MOST_STRIP:
                if height > 1:
                    height //= 2
                    continue
                refuse(
                    path,
                    "file",
                    f"{end_row - first_row} by {east - west} pixels in a row of cells",
                    f"at most {_MOST_STRIP:,}",
                    "far finer than the cells: resample it",
                )
            window = rasterio.windows.Window.from_slices(
                (first_row, end_row), (west, east)
            )
            try:
                held = raster.read(1, window=window, masked=True)
            except rasterio.errors.RasterioError:
                cause = "a copy that did not end?"
                refuse(path, "file", "it cannot be read to its end", "a GeoTIFF", cause)
            values = np.full(lon.shape, np.nan)
            read = held[
                down[inside].astype(np.int64) - first_row,
                right[inside].astype(np.int64) - west,
            ]
            values[inside] = np.ma.filled(read.astype(np.float64), np.nan)
            measured = translate(values).reshape(last - row, side, columns, side)
            known = np.isfinite(measured)
            count = known.sum(axis=(1, 3))
            total = np.where(known, measured, 0.0).sum(axis=(1, 3))
            half = count * 2 >= side * side
            found[row:last][half] = total[half] / count[half]
            row = last
    return found
