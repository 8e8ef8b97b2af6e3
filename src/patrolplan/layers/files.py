"""Reading one layer file: driver pinned, cells typed, every fault named.

GDAL picks a driver by content, not by name: a file called ``.geojson`` may name other
files or hosts. So the beginning of a file must fit its ending, the driver is pinned,
and GDAL's network and indirect drivers are off before its library is loaded.
"""

from __future__ import annotations

import csv
import io
import json
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

os.environ.setdefault("GDAL_SKIP", "VRT,GDALG,HTTP,WFS,OAPIF,CSW,ESRIJSON")
os.environ.setdefault("CPL_VSIL_CURL_ALLOWED_FILENAME", "none")

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from patrolplan.errors import CrsError, Fault, InputError, LayerError
from patrolplan.geodesy import WGS84
from patrolplan.layers.cells import is_number, label_features, type_cells
from patrolplan.layers.schema import Schema

__all__ = ["build_empty", "read_layer"]

_MAX_BYTES = 512 * 1024 * 1024

# The outline of a zone may well be longer than the 128 KiB that csv allows a cell.
csv.field_size_limit(_MAX_BYTES)

_TYPES = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "area": ("Polygon", "MultiPolygon"),
}


def read_layer(path: Path, schema: Schema) -> tuple[Any, list[Fault]]:
    """Read a layer and type its cells.

    Parameters
    ----------
    path
        A ``.geojson``, ``.gpkg`` or ``.csv`` file. A CSV bears positions as ``lon``
        and ``lat``, other geometry as ``wkt``; its text is UTF-8.
    schema
        What the layer must hold. Other columns are dropped here, so that nothing
        that patrolplan does not need goes any further.

    Returns
    -------
    frame
        The features without a fault in their geometry, in the file's order: a
        GeoDataFrame in WGS 84, or a DataFrame for a layer without geometry.
        Numbers are float64 with NaN for unknown; texts, dates and flags are objects
        with None for unknown.
    faults
        What is wrong; the frame must not be used if there is any.
    """
    readers: dict[str, Callable[[Path, Schema], Any]] = {
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
            )
        ]
    try:
        if path.stat().st_size > _MAX_BYTES:
            fault = Fault(path.name, "file", "over 512 MB", "a layer of this theatre")
            raise LayerError([fault])
        frame = reader(path, schema)
    except OSError as error:
        return build_empty(schema), [
            Fault(path.name, "file", error.strerror or "unreadable", "a readable file")
        ]
    except InputError as error:
        return build_empty(schema), list(error.faults)
    frame, faults = type_cells(frame, schema, path.name)
    if schema.needed and frame.empty and not faults:
        faults.append(Fault(path.name, "features", "none", "at least one"))
    if schema.shape != "none":
        faults += _check_shapes(frame, schema, path.name)
        if not faults:
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


def _refuse(
    path: Path, where: str, found: str, expected: str, cause: str = ""
) -> NoReturn:
    raise LayerError([Fault(path.name, where, found, expected, cause)])


def _read_csv(path: Path, schema: Schema) -> Any:
    table = _read_table(path)
    if schema.shape == "none":
        return table
    if schema.shape == "point":
        if missing := {"lon", "lat"} - set(table.columns):
            _refuse(
                path,
                f"column {sorted(missing)[0]!r}",
                "it is missing",
                "columns lon and lat in degrees",
            )
        lon = pd.to_numeric(table["lon"], errors="coerce")
        lat = pd.to_numeric(table["lat"], errors="coerce")
        points = shapely.points(lon.to_numpy(float), lat.to_numpy(float))
        return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)
    if "wkt" not in table.columns:
        _refuse(path, "column 'wkt'", "it is missing", "geometry as WKT in degrees")
    shapes = shapely.from_wkt(table["wkt"].to_numpy(object), on_invalid="ignore")
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84)


def _read_table(path: Path) -> pd.DataFrame:
    """Return the cells of a CSV file as text, each under its heading."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, cells) for cells in reader if cells]
    except UnicodeDecodeError as error:
        _refuse(path, f"byte {error.start}", "text that is not UTF-8", "UTF-8")
    except csv.Error as error:
        _refuse(path, f"line {reader.line_num}", str(error), "a CSV table")
    if not rows:
        _refuse(path, "file", "it is empty", "a CSV table with a header")
    names = [name.strip() for name in rows[0][1]]
    faults = [
        Fault(
            path.name,
            f"line {line}",
            f"{len(cells)} cells",
            f"{len(names)}, as the header",
            "a comma in a cell without quotes, or a cell left out",
        )
        for line, cells in rows
        if len(cells) != len(names)
    ] + [
        Fault(path.name, f"column {name!r}", "twice", "headings that are unique")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if faults:
        raise LayerError(faults)
    return pd.DataFrame([cells for _, cells in rows[1:]], columns=names, dtype=object)


def _read_geojson(path: Path, schema: Schema) -> Any:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        _refuse(path, f"byte {error.start}", "text that is not UTF-8", "UTF-8")
    except json.JSONDecodeError as error:
        _refuse(path, f"line {error.lineno}", error.msg, "GeoJSON")
    except ValueError as error:
        _refuse(path, "file", str(error), "GeoJSON")
    except RecursionError:
        _refuse(path, "file", "JSON nested too deep", "GeoJSON")
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        _refuse(path, "type", "no FeatureCollection", "a GeoJSON FeatureCollection")
    crs = document.get("crs")
    if crs is not None and (not isinstance(crs, dict) or crs.get("type") != "name"):
        _refuse(path, "crs", "no name", "no crs, or a named one", "links are not read")
    if crs is not None:
        # The driver would take an unknown name for WGS 84.
        _check_crs_name(path, crs.get("properties"))
    if faults := list(_find_broken_features(document, path.name)):
        raise LayerError(faults)
    return _read_vector(path, f"GeoJSON:{path.resolve()}", schema)


def _check_crs_name(path: Path, properties: Any) -> None:
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        _refuse(path, "crs", f"found {name!r}", "a name that PROJ knows")


def _find_broken_features(document: dict[str, Any], file: str) -> Iterator[Fault]:
    """Yield features that would bring the whole file down in the driver."""
    features = document.get("features")
    if not isinstance(features, list):
        yield Fault(file, "features", "no list", "a list of features")
        return
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        key = properties.get("id") if isinstance(properties, dict) else None
        where = f"feature {key!r}" if isinstance(key, str) else f"feature {number}"
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            yield Fault(file, where, "no Feature", "a GeoJSON Feature")
            continue
        geometry = feature.get("geometry")
        if geometry is None:
            yield Fault(file, f"{where}, geometry", "none", "a geometry")
        elif not isinstance(geometry, dict) or not _has_enough(geometry):
            kind = geometry.get("type") if isinstance(geometry, dict) else None
            yield Fault(
                file,
                f"{where}, geometry",
                f"a broken {kind}" if isinstance(kind, str) else "no geometry",
                "a Point of 2 numbers, a LineString of 2, a ring of 4 positions",
            )


def _has_enough(geometry: dict[str, Any]) -> bool:
    """Return whether a geometry has the positions that its type needs."""
    coordinates = geometry.get("coordinates")
    kind = geometry.get("type")
    if not isinstance(coordinates, list):
        return False

    def is_spot(spot: Any) -> bool:
        return (
            isinstance(spot, list)
            and len(spot) >= 2
            and all(type(axis) in (int, float) and np.isfinite(axis) for axis in spot)
        )

    def is_path(path: Any, least: int) -> bool:
        return (
            isinstance(path, list)
            and len(path) >= least
            and all(is_spot(spot) for spot in path)
        )

    def is_area(rings: Any) -> bool:
        return isinstance(rings, list) and all(
            is_path(ring, 4) and ring[0] == ring[-1] for ring in rings
        )

    if kind == "Point":
        return is_spot(coordinates)
    if kind == "LineString":
        return is_path(coordinates, 2)
    if kind == "MultiLineString":
        return all(is_path(path, 2) for path in coordinates)
    if kind == "Polygon":
        return is_area(coordinates)
    if kind == "MultiPolygon":
        return all(is_area(rings) for rings in coordinates)
    return False


def _read_geopackage(path: Path, schema: Schema) -> Any:
    with path.open("rb") as file:
        if file.read(15) != b"SQLite format 3":
            _refuse(path, "file", "no GeoPackage inside", "a GeoPackage")
    pinned = f"GPKG:{path.resolve()}"
    try:
        layers = [str(name) for name in pyogrio.list_layers(pinned)[:, 0]]
    except pyogrio.errors.DataSourceError as error:
        _refuse(path, "file", str(error).splitlines()[0], "a GeoPackage")
    if not layers:
        _refuse(path, "layers", "none", "one layer")
    if len(layers) > 1 and schema.layer not in layers:
        _refuse(
            path,
            "layers",
            f"found {', '.join(layers)}",
            f"one layer, or one called {schema.layer!r}",
        )
    layer = schema.layer if schema.layer in layers else layers[0]
    return _read_vector(path, pinned, schema, layer=layer)


def _read_vector(
    path: Path, pinned: str, schema: Schema, layer: str | None = None
) -> Any:
    try:
        with warnings.catch_warnings():
            # What a driver only warns of is checked below, feature by feature.
            warnings.simplefilter("ignore")
            frame = pyogrio.read_dataframe(
                pinned, layer=layer, read_geometry=schema.shape != "none"
            )
    except Exception as error:  # noqa: BLE001 - drivers raise many kinds; all mean this
        _refuse(path, "file", str(error).splitlines()[0], "a layer that can be read")
    if schema.shape == "none":
        return frame
    if "geometry" not in frame:
        _refuse(path, "geometry", "none", "a layer with geometry")
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


def _check_shapes(frame: Any, schema: Schema, file: str) -> list[Fault]:
    """Check the geometries, and make one line of a line in joined parts."""
    faults = []
    expected = _TYPES[schema.shape]
    labels = label_features(frame, schema.layer)
    shapes = frame.geometry.to_numpy(dtype=object).copy()
    for row, shape in enumerate(shapes):
        where = f"{labels[row]}, geometry"
        if shape is None or shape.is_empty:
            faults.append(Fault(file, where, "none", f"a {expected[0]}"))
            continue
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            cause = "lon or lat is empty or no number"
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
            if schema.layer == "zones":
                why = shapely.is_valid_reason(shape)
                faults.append(
                    Fault(file, where, why, "a ring that does not cross itself")
                )
            else:
                shapes[row] = shapely.make_valid(
                    shape, method="structure", keep_collapsed=False
                )
    frame.geometry = shapes
    return faults
