"""GeoPackage of a whole plan, with styles that QGIS and QField take up by themselves.

GDAL writes the layers. Then the styles and what the file is are added, and all that
changes from run to run is pinned: when each layer was last changed, and which library
wrote the file and how often.
"""

from __future__ import annotations

import sqlite3
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

# Before pyogrio: it sets which drivers GDAL loads.
import patrolplan.layers.drivers  # noqa: F401  # isort: skip

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from patrolplan.geodesy import WGS84
from patrolplan.layers.geopackages import check_geopackage
from patrolplan.layers.texts import quote_error
from patrolplan.products.exports.cells import (
    build_row,
    list_cells,
    order_rows,
    read_line,
    refuse,
)
from patrolplan.products.exports.contents import (
    Base,
    Contents,
    Journey,
    Leg,
    Marks,
    Place,
    Row,
    Stop,
    list_columns,
)
from patrolplan.products.exports.styles import format_qml, format_sld, list_styles

__all__ = ["format_geopackage", "read_geopackage"]

_GEOMETRY: Final = "geom"
_TYPES: Final[dict[str, Any]] = {
    "str": "object",
    "int": "Int64",
    "float": "Float64",
    "datetime": "datetime64[ms, UTC]",
}
_LAYERS: Final[dict[str, type[Any]]] = {
    "patrols": Journey,
    "legs": Leg,
    "sites": Place,
    "bases": Base,
    "stops": Stop,
}
# As the OGR provider of QGIS makes it.
_STYLE_TABLE: Final = """
CREATE TABLE "layer_styles" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  "f_table_catalog" TEXT(256),
  "f_table_schema" TEXT(256),
  "f_table_name" TEXT(256),
  "f_geometry_column" TEXT(256),
  "styleName" TEXT(30),
  "styleQML" TEXT,
  "styleSLD" TEXT,
  "useAsDefault" BOOLEAN,
  "description" TEXT,
  "owner" TEXT(30),
  "ui" TEXT(30),
  "update_time" DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""
_ABOUT_TABLE: Final = """
CREATE TABLE "about" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  "name" TEXT NOT NULL,
  "value" TEXT
)
"""
# Header of an SQLite file: how often it was changed, twice, and by which version.
_HEADER: Final = {24: 1, 92: 1, 96: 3_040_000}


def format_geopackage(contents: Contents) -> bytes:
    """Return all rows of a plan as a GeoPackage.

    Layers ``patrols``, ``legs``, ``sites``, ``bases`` and ``stops``; table ``about``
    with marking, status and notice; table ``layer_styles``, one default style a layer.

    Parameters
    ----------
    contents
        The rows of the plan.
    """
    ways: dict[int, list[Any]] = {journey.number: [] for journey in contents.journeys}
    for leg in contents.legs:
        ways[leg.patrol].append(leg.line)
    shapes: dict[str, tuple[Sequence[Row], Sequence[Any], str]] = {
        "patrols": (
            contents.journeys,
            [shapely.MultiLineString(ways[j.number]) for j in contents.journeys],
            "MultiLineString",
        ),
        "legs": (
            contents.legs,
            [shapely.LineString(leg.line) for leg in contents.legs],
            "LineString",
        ),
    }
    points: tuple[tuple[str, Sequence[Any]], ...] = (
        ("sites", contents.places),
        ("bases", contents.bases),
        ("stops", contents.stops),
    )
    for layer, rows in points:
        places = [shapely.Point(row.lon, row.lat) for row in rows]
        shapes[layer] = (rows, places, "Point")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        for layer, (rows, geometries, shape) in shapes.items():
            pyogrio.write_dataframe(
                _build_frame(_LAYERS[layer], rows, geometries),
                path,
                driver="GPKG",
                layer=layer,
                geometry_type=shape,
                append=path.exists(),
                dataset_options={"VERSION": "1.2"},
                layer_options={"GEOMETRY_NAME": _GEOMETRY, "SPATIAL_INDEX": "NO"},
            )
        _add_tables(path, contents)
        data = bytearray(path.read_bytes())
    for offset, value in _HEADER.items():
        data[offset : offset + 4] = value.to_bytes(4, "big")
    return bytes(data)


def _build_frame(kind: type[Row], rows: Sequence[Row], shapes: Sequence[Any]) -> Any:
    """Return rows as a frame; positions of points are in the geometry alone."""
    columns = {
        name: pd.Series([getattr(row, name) for row in rows], dtype=_TYPES[wanted])
        for name, wanted in list_columns(kind)
        if name not in ("lon", "lat")
    }
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=WGS84)


def _add_tables(path: Path, contents: Contents) -> None:
    """Add styles and what the file is, and pin when all of it was last changed."""
    marks = contents.marks
    assert marks is not None
    when = f"{marks.first_day}T00:00:00.000Z"
    notice = f"{marks.notice_en} / {marks.notice_fr}"
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA secure_delete = ON")
        base.execute("PRAGMA synchronous = OFF")
        with base:
            base.execute(_STYLE_TABLE)
            base.executemany(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, "
                "f_table_name, f_geometry_column, styleName, styleQML, styleSLD, "
                "useAsDefault, description, owner, update_time) "
                "VALUES ('', '', ?, ?, ?, ?, ?, 1, ?, '', ?)",
                [
                    (
                        style.layer,
                        _GEOMETRY,
                        style.layer,
                        format_qml(style),
                        format_sld(style),
                        notice,
                        when,
                    )
                    for style in list_styles(contents.journeys)
                ],
            )
            base.execute(_ABOUT_TABLE)
            base.executemany(
                "INSERT INTO about (name, value) VALUES (?, ?)",
                list(list_cells(marks).items()),
            )
            base.executemany(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
                "VALUES (?, 'attributes', ?)",
                [(name, name) for name in ("about", "layer_styles")],
            )
            base.execute(
                "UPDATE gpkg_contents SET last_change = ?, description = ?",
                (when, notice),
            )
        base.execute("VACUUM")


def read_geopackage(path: Path) -> Contents:
    """Return the rows of a GeoPackage that :func:`format_geopackage` wrote.

    Rows that were added by hand are read too, if they are whole; other layers are
    not.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    LayerError
        If it is none, or was changed so that it no longer holds them.
    OSError
        If it cannot be read.
    """
    check_geopackage(path)
    pinned = f"GPKG:{path.resolve()}"
    try:
        known = {str(name) for name in pyogrio.list_layers(pinned)[:, 0]}
        missing = sorted({*_LAYERS, "about"} - known)
        if missing:
            refuse(path.name, "layers", f"no {missing[0]!r}", "the layers of a plan")
        frames = {layer: _read_frame(pinned, layer, path.name) for layer in _LAYERS}
        about = _read_frame(pinned, "about", path.name)
    except pyogrio.errors.DataSourceError as error:
        found = quote_error(error, path)
        refuse(path.name, "file", found, "a GeoPackage that can be read")
    cells = dict(zip(about.get("name", ()), about.get("value", ()), strict=False))
    rows = {layer: _read_rows(frames[layer], layer, path.name) for layer in _LAYERS}
    return Contents(
        marks=build_row(Marks, cells, path.name, "about"),
        journeys=tuple(sorted(rows["patrols"], key=lambda row: row.number)),
        stops=order_rows(rows["stops"]),
        legs=order_rows(rows["legs"]),
        places=tuple(rows["sites"]),
        bases=tuple(rows["bases"]),
    )


def _read_frame(source: str, layer: str, file: str) -> Any:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            frame = pyogrio.read_dataframe(source, layer=layer)
        except Exception as error:  # noqa: BLE001 - drivers raise many kinds
            found = quote_error(error, source.removeprefix("GPKG:"))
            refuse(file, layer, found, "a GeoPackage that can be read")
    if told:
        # GDAL warns of a cell that it does not understand, and leaves it empty.
        found = str(told[0].message).splitlines()[0]
        refuse(file, layer, found, "cells as patrolplan wrote them")
    return frame


def _read_rows(frame: Any, layer: str, file: str) -> list[Any]:
    kind = _LAYERS[layer]
    shapes = frame.geometry.array
    table = frame.drop(columns=frame.geometry.name).astype(object)
    records = table.where(table.notna(), None).to_dict("records")
    rows = []
    for number, (cells, shape) in enumerate(zip(records, shapes, strict=True)):
        where = f"{layer}, row {number}"
        known: dict[str, Any] = {}
        if layer == "legs":
            points = [] if shape is None else list(shapely.get_coordinates(shape))
            known["line"] = read_line(points, file, where)
        elif layer != "patrols":
            cells |= _read_point(shape, file, where)
        cells = {
            name: cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell
            for name, cell in cells.items()
        }
        rows.append(build_row(kind, cells, file, where, **known))
    return rows


def _read_point(shape: Any, file: str, where: str) -> dict[str, float]:
    if shape is None or shape.geom_type != "Point" or shape.is_empty:
        refuse(file, f"{where}, geometry", "no point", "a point")
    return {"lon": shape.x, "lat": shape.y}
