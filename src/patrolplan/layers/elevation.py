"""The elevation grid that a map is shaded from."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.texts import quote_error
from patrolplan.plain_files import check_plain_file

__all__ = ["Elevation", "read_elevation"]

# Tags of GeoTIFF 1.1: how large a cell is, where the first corner lies, and the keys
# that name the reference system and whether a pixel is an area or a point.
_CELL_SIZE: Final = 33550
_TIE_POINT: Final = 33922
_KEYS: Final = 34735
_RASTER_TYPE: Final = 1025
_GEOGRAPHIC_CRS: Final = 2048
_PIXEL_IS_POINT: Final = 2
_WGS84: Final = 4326
# Far more than shading on a screen can show; a file may claim to be anything.
_MOST_CELLS: Final = 4_000_000
# So many cells as wide as they may be, unpacked, and as much again for tags.
_LARGEST_MB: Final = 64
_HEIGHTS_M: Final = (-500, 9_000)


@dataclass(frozen=True, eq=False)
class Elevation:
    """Heights of the ground on a grid in degrees (WGS 84).

    Parameters
    ----------
    heights_m
        Metres above the sea, rows from north to south, columns from west to east.
    west_deg, north_deg
        Outer corner of the first cell.
    width_deg, height_deg
        Size of a cell.
    """

    heights_m: NDArray[np.float64]
    west_deg: float
    north_deg: float
    width_deg: float
    height_deg: float

    @property
    def east_deg(self) -> float:
        """Eastern edge of the last column."""
        return self.west_deg + self.width_deg * int(self.heights_m.shape[1])

    @property
    def south_deg(self) -> float:
        """Southern edge of the last row."""
        return self.north_deg - self.height_deg * int(self.heights_m.shape[0])


def read_elevation(path: Path) -> Elevation:
    """Read an elevation grid from a GeoTIFF of one band in degrees.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    LayerError
        If it is no such grid, with all faults of it.
    """
    # Loaded here, since only a map needs it.
    from PIL import Image, UnidentifiedImageError

    faults: list[Fault] = []

    def refuse(where: str, found: object, expected: str, cause: str = "") -> None:
        faults.append(Fault(path.name, where, str(found), expected, cause))

    try:
        check_plain_file(path, "a GeoTIFF", most_mb=_LARGEST_MB, refusal=LayerError)
        with warnings.catch_warnings():
            # A warning of a picture too large is an error, whatever the caller set.
            warnings.simplefilter("error")
            with Image.open(path, formats=("TIFF",)) as image:
                columns, rows = image.size
                if not min(columns, rows) >= 2 or columns * rows > _MOST_CELLS:
                    refuse(
                        "size",
                        f"{columns} by {rows} cells",
                        f"2 by 2 cells to {_MOST_CELLS} in all",
                        "a finer grid than a map can show: resample it",
                    )
                    raise LayerError(faults)
                tags = dict(image.tag_v2)  # type: ignore[attr-defined]
                cell = _read_floats(tags, _CELL_SIZE, 3)
                tie = _read_floats(tags, _TIE_POINT, 6)
                keys = _read_keys(tags)
                heights = np.asarray(image, dtype=np.float64)
    except LayerError:
        raise
    except Exception as e:
        # A damaged tag may raise anything in Pillow.
        found = quote_error(e, path)
        if isinstance(e, LookupError | TypeError | AttributeError):
            found = "a damaged tag"
        if isinstance(e, UnidentifiedImageError):
            found = "no TIFF inside"
        refuse("file", found, "a GeoTIFF", "another format, or a file cut off")
        raise LayerError(faults) from e
    if cell is None or tie is None or min(cell[:2]) <= 0 or any(tie[:2]):
        refuse(
            "georeference",
            "none, or a turned one",
            "cell size and position of the first corner",
            "exported as a plain picture",
        )
        cell = tie = None
    if keys.get(_GEOGRAPHIC_CRS, _WGS84) != _WGS84 or _GEOGRAPHIC_CRS not in keys:
        refuse(
            "crs",
            keys.get(_GEOGRAPHIC_CRS, "none"),
            f"EPSG:{_WGS84}",
            "projected: warp it to degrees",
        )
    if heights.ndim != 2:
        refuse(
            "bands",
            heights.shape[-1] if heights.ndim else 0,
            "1",
            "a picture, not heights",
        )
    else:
        low, high = _HEIGHTS_M
        broken = ~((heights >= low) & (heights <= high))
        if broken.any():
            refuse(
                "heights",
                f"{int(broken.sum())} cells outside",
                f"metres from {low} to {high}",
                "a mark for no data: fill the voids, or feet",
            )
    if faults or cell is None or tie is None:
        raise LayerError(faults)
    half = 0.5 if keys.get(_RASTER_TYPE) == _PIXEL_IS_POINT else 0.0
    return Elevation(
        heights,
        west_deg=tie[3] - half * cell[0],
        north_deg=tie[4] + half * cell[1],
        width_deg=cell[0],
        height_deg=cell[1],
    )


def _read_floats(tags: dict[int, Any], tag: int, count: int) -> list[float] | None:
    value = tags.get(tag)
    if not isinstance(value, tuple) or len(value) < count:
        return None
    numbers = [float(part) for part in value[:count]]
    return numbers if all(math.isfinite(number) for number in numbers) else None


def _read_keys(tags: dict[int, Any]) -> dict[int, int]:
    """Return the short keys of a GeoTIFF, by their number."""
    value = tags.get(_KEYS)
    listed = list(value) if isinstance(value, tuple) else []
    rows = [listed[i : i + 4] for i in range(4, len(listed) - 3, 4)]
    return {int(key): int(held) for key, place, _, held in rows if place == 0}
