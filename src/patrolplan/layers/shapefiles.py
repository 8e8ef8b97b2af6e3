"""Shapefiles before GDAL reads them: whole, with their parts, and within bounds."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

from patrolplan.errors import LayerError
from patrolplan.layers.texts import quote_error, refuse
from patrolplan.plain_files import MEGABYTE
from patrolplan.safety_figures import SafetyFigures

__all__ = ["check_shapefile", "unpack_shapefile"]

# All that the standard library raises over a zip that is none, damaged or encrypted.
_BAD_ZIP: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# What packs to so little is no bomb: a .dbf of blanks may pack to nearly nothing.
_HARMLESS_MB: Final = 16
_BLOCK_BYTES: Final = 1024 * 1024


def check_shapefile(path: Path) -> None:
    """Refuse a shapefile that is none, was cut off, or lacks a part of it.

    Parameters
    ----------
    path
        Its ``.shp``.

    Raises
    ------
    LayerError
        If it is refused.
    """
    with path.open("rb") as file:
        head = file.read(28)
    if head[:4] != b"\x00\x00\x27\x0a" or len(head) < 28:
        refuse(path, "file", "no shapefile inside", "a shapefile")
    told = 2 * int.from_bytes(head[24:28], "big")
    if (size := path.stat().st_size) < told:
        found, cause = f"{size} bytes of {told}", "a copy that did not end"
        refuse(path, "file", found, "a whole shapefile", cause)
    lacks = [end for end in (".shx", ".dbf") if not _find_part(path, end)]
    if lacks:
        cause = "only some of its files were copied"
        refuse(path, "file", f"no {' and no '.join(lacks)} beside it", "both", cause)


def _find_part(path: Path, ending: str) -> bool:
    return any(path.with_suffix(end).is_file() for end in (ending, ending.upper()))


def unpack_shapefile(path: Path, folder: Path, safety: SafetyFigures) -> Path:
    """Unpack the one shapefile of a zip under names of the house.

    Parameters
    ----------
    path
        The zip; whatever names its entries have, nothing is written elsewhere.
    folder
        Where to.
    safety
        How much it may unpack to.

    Returns
    -------
    Path
        The ``.shp``.

    Raises
    ------
    LayerError
        If it is no zip, holds none or several, or unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as pack:
            for item in _choose_parts(path, pack.infolist(), safety):
                target = folder / f"lines{Path(item.filename).suffix.lower()}"
                _unpack(pack, item, target)
    except LayerError:
        # A ValueError too: it says itself what is wrong.
        raise
    except _BAD_ZIP as error:
        word = quote_error(error, path)
        refuse(path, "zip", word, "a zip file", "a download that did not end")
    return folder / "lines.shp"


def _choose_parts(
    path: Path, items: list[zipfile.ZipInfo], safety: SafetyFigures
) -> list[zipfile.ZipInfo]:
    parts = [
        item
        for item in items
        if Path(item.filename).suffix.lower() in _PARTS
        and not item.filename.startswith("__MACOSX")
    ]
    shapes = [item for item in parts if item.filename.lower().endswith(".shp")]
    if len(shapes) != 1:
        refuse(path, "zip", f"{len(shapes)} shapefiles", "one shapefile")
    stem = shapes[0].filename[:-4]
    own = [item for item in parts if item.filename[:-4] == stem]
    size = sum(item.file_size for item in own)
    if size > safety.largest_unpacked_mb * MEGABYTE:
        refuse(
            path,
            "zip",
            f"{size / MEGABYTE:,.0f} MB when unpacked",
            f"at most {safety.largest_unpacked_mb:g} MB",
            "a bomb, or a continent: safety.largest_unpacked_mb is the limit",
        )
    for item in own:
        ratio = item.file_size / max(item.compress_size, 1)
        if ratio > safety.largest_ratio and item.file_size > _HARMLESS_MB * MEGABYTE:
            refuse(
                path,
                f"zip, {item.filename!r}",
                f"{ratio:,.0f} times larger when unpacked",
                f"at most {safety.largest_ratio:g} times",
                "a bomb: safety.largest_ratio is the limit",
            )
    return own


def _unpack(pack: zipfile.ZipFile, item: zipfile.ZipInfo, target: Path) -> None:
    """Unpack an entry block by block, and no more of it than the zip says there is."""
    left = item.file_size
    with pack.open(item) as inner, target.open("wb") as file:
        while left > 0 and (block := inner.read(min(left, _BLOCK_BYTES))):
            file.write(block)
            left -= len(block)
