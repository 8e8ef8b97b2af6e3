"""Reading one layer file: driver pinned, cells typed, every fault named.

GDAL picks a driver by content, not by name: a file called ``.geojson`` may name other
files or hosts. So the beginning of a file must fit its ending, the driver is pinned,
and GDAL's network and indirect drivers are off before its library is loaded.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

# Before pyogrio: it sets which drivers GDAL loads.
import patrolplan.layers.drivers  # noqa: F401  # isort: skip

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from patrolplan.errors import CrsError, Fault, InputError, LayerError
from patrolplan.geodesy import WGS84
from patrolplan.layers.cells import (
    guess_missing,
    has_decimal_comma,
    is_number,
    label_features,
    type_cells,
)
from patrolplan.layers.columns import Schema
from patrolplan.layers.geojson import drop_broken_features, find_broken_features
from patrolplan.layers.geopackages import check_texts, open_geopackage
from patrolplan.layers.texts import (
    check_columns,
    check_count,
    check_layer_size,
    quote_error,
    read_table,
    read_text,
    refuse,
)
from patrolplan.plain_files import is_deeper
from patrolplan.safety_figures import SafetyFigures

__all__ = ["build_empty", "open_geojson", "read_layer"]

_USUAL = SafetyFigures()


class _Asked(NamedTuple):
    """What is read, as what, and within which limits.

    Attributes
    ----------
    path, schema, safety
        As :func:`read_layer` takes them.
    """

    path: Path
    schema: Schema
    safety: SafetyFigures


_TYPES = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "area": ("Polygon", "MultiPolygon"),
}


def read_layer(
    path: Path, schema: Schema, safety: SafetyFigures = _USUAL
) -> tuple[Any, list[Fault]]:
    """Read a layer and type its cells.

    Parameters
    ----------
    path
        A ``.geojson``, ``.gpkg`` or ``.csv`` file. A CSV bears positions as ``lon``
        and ``lat``, other geometry as ``wkt``; its text is UTF-8.
    schema
        What the layer must hold. Other columns are dropped here, so that nothing
        that patrolplan does not need goes any further.
    safety
        How much it may hold.

    Returns
    -------
    frame
        The features in the file's order: a GeoDataFrame in WGS 84, or a DataFrame
        for a layer without geometry. Empty if the file could not be read at all.
        Numbers are float64 with NaN for unknown; texts, dates and flags are objects
        with None for unknown.
    faults
        What is wrong. If there is any, the frame serves only to find more: a cell
        that was refused is unknown in it.
    """
    readers: dict[str, Callable[[_Asked, list[Fault]], Any]] = {
        ".csv": _read_csv,
        ".geojson": _read_geojson,
        ".json": _read_geojson,
        ".gpkg": _read_geopackage,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        return build_empty(schema), [
            Fault(
                path.name,
                "file",
                f"ending {path.suffix!r}",
                "a .geojson, .gpkg or .csv file",
                "another format: export the layer anew",
            )
        ]
    faults: list[Fault] = []
    try:
        check_layer_size(path, safety)
        frame = reader(_Asked(path, schema, safety), faults)
    except OSError as error:
        return build_empty(schema), [
            Fault(
                path.name,
                "file",
                error.strerror or "unreadable",
                "a readable file",
                "it was moved, renamed or never written"
                if isinstance(error, FileNotFoundError)
                else "it is a folder, or may not be read",
            )
        ]
    except InputError as error:
        return build_empty(schema), [*faults, *error.faults]
    if frame.empty:
        # A GeoJSON without features has no columns either: one cause, one fault.
        if schema.needed and not faults:
            cause = "a filter or an export left nothing"
            faults.append(Fault(path.name, "features", "none", "at least one", cause))
        return build_empty(schema), faults
    # A reader that names a feature for its geometry names all that have none.
    unplaced = bool(faults)
    frame, misfits = type_cells(frame, schema, path.name)
    faults += misfits
    if schema.shape != "none":
        faults += _check_shapes(frame, schema, path.name, named=unplaced)
        frame.geometry = shapely.force_2d(frame.geometry.values)
    return frame, faults


def build_empty(schema: Schema) -> Any:
    """Return a frame with the schema's columns and no features."""
    columns = {
        column.name: pd.Series(dtype="float64" if is_number(column) else "object")
        for column in schema.columns
    }
    if schema.shape == "none":
        return pd.DataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=WGS84), crs=WGS84)


def _read_csv(asked: _Asked, faults: list[Fault]) -> Any:
    path, schema, safety = asked
    table = read_table(path, safety)
    if schema.shape == "none":
        return table
    if schema.shape == "point":
        missing = sorted({"lon", "lat"} - set(table.columns))
        if missing:
            refuse(
                path,
                f"column {missing[0]!r}",
                "it is missing",
                "columns lon and lat in degrees",
                guess_missing(table.columns, missing[0]),
            )
        return _place_points(table, schema, path.name, faults)
    if "wkt" not in table.columns:
        refuse(
            path,
            "column 'wkt'",
            "it is missing",
            "geometry as WKT in degrees",
            guess_missing(table.columns, "wkt"),
        )
    with np.errstate(invalid="ignore"):
        # WKT may say nan, of which numpy warns; it is named below.
        shapes = shapely.from_wkt(table["wkt"].to_numpy(object), on_invalid="ignore")
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84)


def _place_points(
    table: pd.DataFrame, schema: Schema, file: str, faults: list[Fault]
) -> Any:
    """Return a table with its positions; those that are none are named."""
    lon = pd.to_numeric(table["lon"], errors="coerce").to_numpy(float)
    lat = pd.to_numeric(table["lat"], errors="coerce").to_numpy(float)
    broken = ~(np.isfinite(lon) & np.isfinite(lat))
    points = np.full(len(table), None, dtype=object)
    points[~broken] = shapely.points(lon[~broken], lat[~broken])
    labels = label_features(table, schema.layer)
    for row in np.flatnonzero(broken):
        cells = (table["lon"].iloc[row], table["lat"].iloc[row])
        faults.append(
            Fault(
                file,
                f"{labels[row]}, geometry",
                "no finite position",
                "degrees",
                "a comma for the decimal point?"
                if any(has_decimal_comma(cell) for cell in cells)
                else "lon or lat is empty or no number",
            )
        )
    return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)


def _read_geojson(asked: _Asked, faults: list[Fault]) -> Any:
    return _read_vector(asked, open_geojson(asked.path, faults, asked.safety))


def open_geojson(
    path: Path, faults: list[Fault], safety: SafetyFigures = _USUAL
) -> str | bytes:
    """Return what the driver reads of a GeoJSON file, once it is seen to be safe.

    Parameters
    ----------
    path
        The file.
    faults
        Features whose geometry is broken are added here.
    safety
        How much it may hold.

    Returns
    -------
    The file with its driver pinned, or its whole features as bytes.

    Raises
    ------
    LayerError
        If the file is none, leads elsewhere, or holds no whole feature.
    """
    text = read_text(path, safety)
    if not text.strip():
        cause = "an export or a copy that did not end"
        refuse(path, "file", "it is empty", "GeoJSON", cause)
    try:
        document = json.loads(text, object_pairs_hook=_build_object)
    except json.JSONDecodeError as error:
        ended = not text[error.pos :].strip()
        cause = "the file was cut off" if ended else "not JSON, or edited by hand"
        refuse(path, f"line {error.lineno}", error.msg, "GeoJSON", cause)
    except ValueError as error:
        refuse(path, "file", str(error), "GeoJSON")
    except RecursionError:
        refuse(path, "file", "JSON nested too deep", "GeoJSON")
    if is_deeper(document, safety.deepest_json):
        found, cause = "JSON nested too deep", "safety.deepest_json is the limit"
        refuse(path, "file", found, f"at most {safety.deepest_json} levels", cause)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        refuse(path, "type", "no FeatureCollection", "a GeoJSON FeatureCollection")
    crs = document.get("crs")
    if crs is not None and (not isinstance(crs, dict) or crs.get("type") != "name"):
        refuse(path, "crs", "no name", "no crs, or a named one", "links are not read")
    if crs is not None:
        # The driver would take an unknown name for WGS 84.
        _check_crs_name(path, crs.get("properties"))
    features = document.get("features")
    check_count(path.name, len(features) if isinstance(features, list) else 0, safety)
    broken = list(find_broken_features(document, path.name))
    if not broken:
        return f"GeoJSON:{path.resolve()}"
    whole = drop_broken_features(document)
    if whole is None:
        raise LayerError(broken)
    # One broken feature would bring the whole file down in the driver, and hide what
    # else is wrong with it.
    faults += broken
    return json.dumps(whole).encode()


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key twice: the driver may take the other one than was checked."""
    built = dict(pairs)
    if len(built) != len(pairs):
        times = Counter(key for key, _ in pairs)
        key = next(key for key, count in times.items() if count > 1)
        msg = f"key {key[:60]!r} twice in one object"
        raise ValueError(msg)
    return built


def _check_crs_name(path: Path, properties: Any) -> None:
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        refuse(path, "crs", f"found {name!r}", "a name that PROJ knows")


def _read_geopackage(asked: _Asked, faults: list[Fault]) -> Any:  # noqa: ARG001
    pinned, layer = open_geopackage(asked.path, asked.schema.layer)
    check_texts(asked.path, layer, asked.schema.names)
    return _read_vector(asked, pinned, layer=layer)


def _read_vector(asked: _Asked, source: str | bytes, layer: str | None = None) -> Any:
    path, schema, safety = asked
    try:
        with warnings.catch_warnings():
            # What a driver only warns of is checked below, feature by feature.
            warnings.simplefilter("ignore")
            info = pyogrio.read_info(source, layer=layer, force_feature_count=True)
            check_count(path.name, int(info["features"]), safety)
            check_columns(path.name, len(info["fields"]), safety)
            frame = pyogrio.read_dataframe(
                source, layer=layer, read_geometry=schema.shape != "none"
            )
    except LayerError:
        raise
    except Exception as error:  # noqa: BLE001 - drivers raise many kinds; all mean this
        refuse(path, "file", quote_error(error, path), "a layer that can be read")
    if schema.shape == "none":
        return frame
    if "geometry" not in frame:
        refuse(path, "geometry", "none", "a layer with geometry")
    if frame.crs is None:
        fault = Fault(
            path.name,
            "crs",
            "none",
            "a coordinate reference system",
            "it was lost in an export: declare the one the layer was made in",
        )
        raise CrsError([fault])
    return frame.to_crs(WGS84)


def _check_shapes(frame: Any, schema: Schema, file: str, *, named: bool) -> list[Fault]:
    """Check the geometries, but for missing ones if named; join a line's parts."""
    faults = []
    expected = _TYPES[schema.shape]
    labels = label_features(frame, schema.layer)
    shapes = frame.geometry.to_numpy(dtype=object).copy()
    for row, shape in enumerate(shapes):
        where = f"{labels[row]}, geometry"
        if shape is None and named:
            continue
        if shape is None or shape.is_empty:
            faults.append(Fault(file, where, "none", f"a {expected[0]}"))
            continue
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            cause = "lost on the way from another CRS?"
            faults.append(Fault(file, where, "no finite position", "degrees", cause))
            continue
        if shape.geom_type not in expected:
            faults.append(
                Fault(file, where, f"a {shape.geom_type}", f"a {expected[0]}")
            )
            continue
        if shape.geom_type == "MultiLineString" and schema.layer == "lines":
            shapes[row] = shapely.line_merge(shape)
            if shapes[row].geom_type == "MultiLineString":
                count = len(shapes[row].geoms)
                faults.append(
                    Fault(
                        file,
                        where,
                        f"{count} separate parts",
                        "one part",
                        "one line per road: split it into features of their own",
                    )
                )
        if schema.shape == "area" and not shape.is_valid:
            if schema.layer in ("zones", "avoid"):
                why = shapely.is_valid_reason(shape)
                rule = "a ring that does not cross itself"
                cause = "two corners exchanged, or a corner drawn twice?"
                faults.append(Fault(file, where, why, rule, cause))
            else:
                shapes[row] = shapely.make_valid(
                    shape, method="structure", keep_collapsed=False
                )
    frame.geometry = shapes
    return faults
