"""Reading lines of any network: OpenStreetMap PBF, GeoPackage, Shapefile, GeoJSON.

Drivers are pinned as in ``files``; features are counted before they are built, and only
columns that the house knows are read. GeoParquet needs the extra ``parquet``.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

# Before pyogrio: it sets which drivers GDAL loads.
import patrolplan.layers.drivers  # noqa: F401  # isort: skip

import numpy as np
import pandas as pd
import pyogrio
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.files import open_geojson
from patrolplan.layers.geopackages import open_geopackage
from patrolplan.layers.line_columns import choose_columns, read_tags
from patrolplan.layers.line_tables import MAX_LINES, LineTable, build_line_table
from patrolplan.layers.pbf import check_pbf
from patrolplan.layers.road_rules import find_unknown_words
from patrolplan.layers.shapefiles import check_shapefile, unpack_shapefile
from patrolplan.layers.texts import quote_error, refuse
from patrolplan.network_figures import LINE_COLUMNS, NetworkFigures
from patrolplan.plain_files import check_plain_file
from patrolplan.safety_figures import SafetyFigures

__all__ = ["is_osm", "read_lines"]

ENDINGS = ".osm.pbf, .gpkg, .shp, a .zip or folder with one, .geojson, .parquet"

_USUAL = SafetyFigures()
# OpenStreetMap of the whole planet is less.
_DRIVEN_MB = 128 * 1024

_HOUSE = ("length_km", "speed_kmh", "duration_min", "wait_min", "crossing_min")
_OSM_TAGS = tuple(
    name
    for name in LINE_COLUMNS
    if name not in (*_HOUSE, "id", "kind", "status_dry", "status_rains")
)

# Closed ways of these are areas, as in the driver's own list: a roundabout is none.
_OSM_AREAS = (
    "aeroway,amenity,boundary,building,craft,geological,historic,landuse,leisure,"
    "military,natural,office,place,shop,sport,tourism,highway=platform,"
    "public_transport=platform"
)


class _Source(NamedTuple):
    """What the driver opens.

    Attributes
    ----------
    place
        The file with its driver pinned, or its bytes.
    layer
        Which layer, or None for the only one.
    """

    place: str | bytes
    layer: str | None


def is_osm(path: Path) -> bool:
    """Return whether a file is OpenStreetMap's, by its ending."""
    return path.suffix.lower() == ".pbf"


def read_lines(
    path: Path | str,
    figures: NetworkFigures,
    rules: Any,
    *,
    safety: SafetyFigures = _USUAL,
) -> LineTable:
    """Read the lines of a network.

    Parameters
    ----------
    path
        An OpenStreetMap PBF, a GeoPackage, a Shapefile (its ``.shp``, its folder or a
        zip with it), GeoJSON, or GeoParquet.
    figures
        What its columns and words are called.
    rules
        The table of rules. A class or a surface that it does not know is a fault; in
        OpenStreetMap, where people invent words, it is none.
    safety
        How much it may hold.

    Returns
    -------
    Its lines in WGS 84, with the words of OpenStreetMap.

    Raises
    ------
    LayerError
        If it cannot be read, or holds what cannot be meant; with all faults.
    """
    path = Path(path)
    try:
        # Drivers read these piece by piece, and their lines are counted: they may be
        # larger than what is read as text.
        check_plain_file(path, "a network", most_mb=_DRIVEN_MB, refusal=LayerError)
        if is_osm(path):
            return _read_osm(path)
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            return _read_parquet(path, figures, rules)
        faults: list[Fault] = []
        with _open_vector(path, figures, faults, safety) as source:
            return _read_vector(path.name, source, figures, rules, faults)
    except OSError as error:
        gone = isinstance(error, FileNotFoundError)
        refuse(
            path,
            "file",
            error.strerror or "unreadable",
            f"a network: {ENDINGS}",
            "it was moved, renamed or never written" if gone else "",
        )


@contextmanager
def _open_vector(
    path: Path, figures: NetworkFigures, faults: list[Fault], safety: SafetyFigures
) -> Iterator[_Source]:
    """Give the driver's place of a vector file, seen to be what its ending says."""
    ending = path.suffix.lower()
    if path.is_dir():
        inside = sorted(path.glob("*.shp"))
        if len(inside) != 1:
            refuse(path, "folder", f"{len(inside)} shapefiles", "one shapefile")
        yield _open_shapefile(inside[0])
    elif ending in (".geojson", ".json"):
        yield _Source(open_geojson(path, faults, safety), None)
    elif ending == ".gpkg":
        yield _Source(*open_geopackage(path, figures.layer or "lines"))
    elif ending == ".shp":
        yield _open_shapefile(path)
    elif ending == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            yield _open_shapefile(unpack_shapefile(path, Path(folder), safety))
    else:
        cause = "another format: export the network anew"
        refuse(path, "file", f"ending {path.suffix!r}", ENDINGS, cause)


def _open_shapefile(path: Path) -> _Source:
    check_shapefile(path)
    return _Source(str(path.resolve()), None)


def _read_vector(
    file: str,
    source: _Source,
    figures: NetworkFigures,
    rules: Any,
    faults: list[Fault],
) -> LineTable:
    """Read the columns that the house knows; features are counted first."""
    try:
        with warnings.catch_warnings():
            # What a driver only warns of is checked feature by feature.
            warnings.simplefilter("ignore")
            info = pyogrio.read_info(
                source.place, layer=source.layer, force_feature_count=True
            )
            _check_count(file, int(info["features"]))
            chosen = choose_columns(file, [str(f) for f in info["fields"]], figures)
            asked = sorted(set(chosen.values()))
            meta, _, shapes, cells = pyogrio.raw.read(
                source.place, layer=source.layer, columns=asked, force_2d=True
            )
    except LayerError:
        raise
    except Exception as error:
        # Drivers raise many kinds of errors; all mean this.
        place = source.place if isinstance(source.place, str) else file
        found = quote_error(error, place.removeprefix("GPKG:").removeprefix("GeoJSON:"))
        fault = Fault(file, "file", found, "a network that can be read")
        raise LayerError([*faults, fault]) from error
    if shapes is None:
        expected = "a layer with lines"
        raise LayerError([*faults, Fault(file, "geometry", "none", expected)])
    by_name = dict(zip([str(f) for f in meta["fields"]], cells, strict=True))
    columns = {house: by_name[name] for house, name in chosen.items()}
    return _build(file, columns, (shapes, meta["crs"]), figures, rules, faults)


def _check_count(file: str, count: int) -> None:
    if count == 0:
        cause = "a filter or an export left nothing"
        raise LayerError([Fault(file, "features", "none", "at least one", cause)])
    if count > MAX_LINES:
        cause = "a network of a continent: cut out the theatre"
        found, expected = f"{count:,}", f"at most {MAX_LINES:,}"
        raise LayerError([Fault(file, "features", found, expected, cause)])


def _build(
    file: str,
    columns: dict[str, NDArray[Any]],
    drawn: tuple[NDArray[np.object_], Any],
    figures: NetworkFigures,
    rules: Any,
    faults: list[Fault],
) -> LineTable:
    """Return the table, or every fault of cells and drawings together."""
    shapes, crs = drawn
    ids, tags, found = read_tags(file, columns, len(shapes), figures)
    faults = [*faults, *found, *find_unknown_words(file, tags, rules)]
    try:
        table = build_line_table(file, ids, shapes, tags, crs)
    except LayerError as error:
        raise type(error)([*faults, *error.faults]) from error
    if faults:
        raise LayerError(faults)
    return table


def _read_parquet(path: Path, figures: NetworkFigures, rules: Any) -> LineTable:
    """Read GeoParquet; rows are counted in its footer before they are read."""
    with path.open("rb") as file:
        begin = file.read(4)
        file.seek(max(path.stat().st_size - 4, 0))
        end = file.read(4)
    if begin != b"PAR1" or end != b"PAR1":
        cause = "a copy that did not end" if begin == b"PAR1" else "another format?"
        found = "no end of a Parquet file" if begin == b"PAR1" else "no Parquet inside"
        refuse(path, "file", found, "GeoParquet", cause)
    try:
        from pyarrow import parquet
    except ImportError:
        found = "the extra for GeoParquet is not installed"
        refuse(path, "file", found, "pip install 'patrolplan[parquet]'")
    import geopandas as gpd

    try:
        opened = parquet.ParquetFile(path)
        _check_count(path.name, opened.metadata.num_rows)
        chosen = choose_columns(path.name, list(opened.schema_arrow.names), figures)
        asked = sorted(set(chosen.values()))
        drawn = _find_geometry_column(opened)
        frame = gpd.read_parquet(path, columns=[*asked, drawn])
    except LayerError:
        raise
    except Exception as error:  # noqa: BLE001 - many kinds; all mean this
        refuse(path, "file", quote_error(error, path), "GeoParquet")
    columns = {
        house: frame[name].to_numpy(dtype=object) for house, name in chosen.items()
    }
    shapes = frame.geometry.to_numpy(dtype=object)
    return _build(path.name, columns, (shapes, frame.crs), figures, rules, [])


def _find_geometry_column(opened: Any) -> str:
    """Return the column that a GeoParquet names as its lines; any name may be."""
    told = json.loads((opened.schema_arrow.metadata or {}).get(b"geo", b"{}"))
    return str(told.get("primary_column", "geometry"))


def _read_osm(path: Path) -> LineTable:
    """Read the ways that are roads or ferries, all their tags that the house knows."""
    check_pbf(path)
    asked = ",".join(_OSM_TAGS)
    layout = (
        f"closed_ways_are_polygons={_OSM_AREAS}\nattribute_name_laundering=no\n"
        f"[lines]\nosm_id=yes\nattributes={asked}\nother_tags=no\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "osmconf.ini")
        config.write_text(layout, encoding="ascii")
        # Beyond 100 MB the driver keeps positions in a file, by default wherever
        # the command was called.
        pyogrio.set_gdal_config_options({"CPL_TMPDIR": folder})
        try:
            meta, shapes, cells = _read_ways(path, {"CONFIG_FILE": str(config)})
        except LayerError:
            raise
        except Exception as error:  # noqa: BLE001 - many kinds; all mean this
            expected = "a PBF that can be read"
            refuse(path, "file", quote_error(error, path), expected, "it was damaged?")
        finally:
            pyogrio.set_gdal_config_options({"CPL_TMPDIR": None})
    if len(shapes) == 0:
        cause = "cut off after the nodes, or an extract without roads"
        refuse(path, "features", "no highway and no ferry", "at least one", cause)
    columns = dict(zip([str(f) for f in meta["fields"]], cells, strict=True))
    ids = pd.Series("way/" + columns.pop("osm_id").astype(object)).to_numpy(object)
    return build_line_table(path.name, ids, shapes, columns, meta["crs"])


def _read_ways(
    path: Path, options: dict[str, str]
) -> tuple[dict[str, Any], NDArray[np.object_], list[NDArray[Any]]]:
    """Count all ways, then read those that are roads or ferries."""
    place = str(path.resolve())
    try:
        info = pyogrio.read_info(
            place, layer="lines", force_feature_count=True, **options
        )
        # Without any line the cause is told by who asks.
        _check_count(path.name, max(int(info["features"]), 1))
        meta, _, shapes, cells = pyogrio.raw.read(
            place,
            layer="lines",
            where="highway IS NOT NULL OR route = 'ferry'",
            **options,
        )
    except (pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        # The quick index wants nodes by rising id, as publishers write them.
        if "node id" not in str(error) or "USE_CUSTOM_INDEXING" in options:
            raise
        return _read_ways(path, options | {"USE_CUSTOM_INDEXING": "NO"})
    return meta, shapes, cells
