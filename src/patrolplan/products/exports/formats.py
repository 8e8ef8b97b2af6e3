"""The formats of exports: which files each makes, and how a file is read back."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.texts import MAX_BYTES
from patrolplan.plain_files import MEGABYTE, check_plain_file
from patrolplan.planfile import PlanFile
from patrolplan.products.exports.cells import refuse
from patrolplan.products.exports.contents import Contents
from patrolplan.products.exports.gathering import gather_contents
from patrolplan.products.exports.geojson import format_geojson, read_geojson
from patrolplan.products.exports.geopackage import format_geopackage, read_geopackage
from patrolplan.products.exports.gpx import format_gpx, read_gpx
from patrolplan.products.exports.kml import format_kml, read_kml
from patrolplan.products.exports.waypoints import format_waypoints, read_waypoints
from patrolplan.products.files import PackError, slug_name
from patrolplan.products.indicators import find_mandate, tabulate_indicators
from patrolplan.products.rows import MapLayers
from patrolplan.products.tables import format_csv

__all__ = ["FORMATS", "name_patrol_files", "read_export", "render_exports"]

FORMATS: Final = ("gpx", "kml", "gpkg", "csv", "geojson")
"""By the words that the command line takes."""
_READERS: Final = {
    ".gpx": read_gpx,
    ".kml": read_kml,
    ".geojson": read_geojson,
    ".csv": read_waypoints,
}
# Names of devices, which Windows gives no file, whatever its ending.
_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
)


def name_patrol_files(plan: PlanFile) -> tuple[str, ...]:
    """Return a file name, without ending, for each patrol: plain and all different.

    No two differ by case or accents alone, so that none is overwritten on any file
    system.

    Parameters
    ----------
    plan
        The plan.
    """
    names: list[str] = []
    for patrol in plan.patrols:
        slug = slug_name(patrol.id, fallback="patrol")
        stem = f"patrol-{slug}" if slug in _RESERVED else slug
        name, number = stem, 1
        while name in names:
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
    return tuple(names)


def render_exports(
    plan: PlanFile,
    layers: MapLayers | None = None,
    formats: Collection[str] = FORMATS,
) -> dict[str, bytes]:
    """Return the exports of a plan by their path below the folder of its pack.

    Equal plans and layers give equal bytes; no file bears when or where it was made.

    Parameters
    ----------
    plan
        A CONFIDENTIAL plan.
    layers
        Give the French names of places.
    formats
        Some of :data:`FORMATS`.

    Raises
    ------
    PackError
        If the plan is of another release.
    ValueError
        If a format is another.
    """
    unknown = sorted({*formats} - {*FORMATS})
    if unknown:
        msg = f"{unknown[0]!r} is none of {', '.join(FORMATS)}"
        raise ValueError(msg)
    if plan.release.lower() != "confidential":
        msg = "exports foretell where patrols will be: of a CONFIDENTIAL plan only"
        raise PackError(msg)
    contents = gather_contents(plan, layers)
    files: dict[str, bytes] = {}
    if "gpx" in formats:
        names = name_patrol_files(plan)
        for name, journey in zip(names, contents.journeys, strict=True):
            files[f"gps/{name}.gpx"] = format_gpx(contents, journey)
    if "kml" in formats:
        files["plan.kml"] = format_kml(contents)
    if "gpkg" in formats:
        files["plan.gpkg"] = format_geopackage(contents)
    if "csv" in formats:
        files["waypoints.csv"] = format_waypoints(contents, mgrs=False)
        files["waypoints-mgrs.csv"] = format_waypoints(contents, mgrs=True)
        indicators = tabulate_indicators(plan, find_mandate(plan))
        files["tables/indicators.csv"] = format_csv(indicators).encode()
    if "geojson" in formats:
        files["plan.geojson"] = format_geojson(contents)
    return files


def read_export(path: Path | str) -> Contents:
    """Read an exported file back to rows.

    Parameters
    ----------
    path
        A ``.gpx``, ``.kml``, ``.gpkg``, ``.geojson`` or ``.csv`` that patrolplan wrote;
        what may have been added to it by hand is passed over or read as more rows.

    Returns
    -------
    The rows that the format holds: all of them, those of one patrol (GPX) or stops
    alone (CSV).

    Raises
    ------
    LayerError
        If it is another file, or was changed so that it no longer holds them.
    """
    path = Path(path)
    ending = path.suffix.lower()
    try:
        most_mb = MAX_BYTES / MEGABYTE
        check_plain_file(
            path, "an export of one plan", most_mb=most_mb, refusal=LayerError
        )
        if ending == ".gpkg":
            return read_geopackage(path)
        data = path.read_bytes()
    except OSError as error:
        found = error.strerror or "unreadable"
        raise LayerError(
            [Fault(path.name, "file", found, "a readable file")]
        ) from error
    reader = _READERS.get(ending)
    if reader is None:
        expected = "a .gpx, .kml, .gpkg, .geojson or .csv file"
        refuse(path.name, "file", f"ending {ending!r}", expected)
    return reader(data, path.name)
