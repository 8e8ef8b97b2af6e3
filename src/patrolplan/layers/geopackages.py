"""GeoPackages before GDAL reads them: whole, of tables only, and which layer to read.

A GeoPackage is a database, and a stranger's database holds more than rows: a view is a
query that may never end, a column may be reckoned out of others and fill the memory, a
virtual table may be another file. None of it is needed to hold a layer. The catalogue
of the database says what it holds, and reading it runs nothing.
"""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

# Before pyogrio: it sets which drivers GDAL loads.
import patrolplan.layers.drivers  # noqa: F401  # isort: skip

import pyogrio

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.texts import quote_error, refuse

__all__ = ["check_geopackage", "check_texts", "open_geopackage"]

_MAGIC: Final = b"SQLite format 3\x00"
# Indexes in space and of text come as virtual tables: these read nothing but the file.
_OWN_MODULES: Final = re.compile(r"USING\s+(rtree|rtree_i32|geopoly|fts[345])\b", re.I)
_RECKONED: Final = (2, 3)
_CUT: Final = "a copy that did not end, or a disk that failed"


def open_geopackage(path: Path, wanted: str) -> tuple[str, str]:
    """Return a GeoPackage with its driver pinned, and which of its layers to read.

    Parameters
    ----------
    path
        The file.
    wanted
        The layer to read where there are several.

    Raises
    ------
    LayerError
        If it is none, is damaged, holds a layer that is no plain table, or has several
        layers and none of that name.
    """
    check_geopackage(path)
    pinned = f"GPKG:{path.resolve()}"
    try:
        with warnings.catch_warnings():
            # What the driver only warns of shows when the layer is read.
            warnings.simplefilter("ignore")
            layers = [str(name) for name in pyogrio.list_layers(pinned)[:, 0]]
    except (pyogrio.errors.DataSourceError, UnicodeDecodeError) as error:
        refuse(path, "file", quote_error(error, path), "a GeoPackage", _CUT)
    if not layers:
        refuse(path, "layers", "none", "one layer")
    if len(layers) > 1 and wanted not in layers:
        refuse(
            path,
            "layers",
            f"found {', '.join(layers)}",
            f"one layer, or one called {wanted!r}",
        )
    return pinned, wanted if wanted in layers else layers[0]


def check_geopackage(path: Path) -> None:
    """Refuse what is no GeoPackage, is damaged, or holds more than plain tables.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    LayerError
        If it is refused.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            refuse(path, "file", "no GeoPackage inside", "a GeoPackage")
    try:
        _check_tables(path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # What SQLite says of a damaged catalogue quotes it, in any bytes.
        refuse(path, "file", quote_error(error, path), "a GeoPackage", _CUT)


def check_texts(path: Path, layer: str, columns: Iterable[str]) -> None:
    """Refuse a layer with a text of which the driver would read a part.

    It reads a text up to its first zero byte.

    Parameters
    ----------
    path
        A GeoPackage that :func:`open_geopackage` let pass.
    layer
        One of its tables.
    columns
        Columns that are to be looked at; those that it lacks are passed over.

    Raises
    ------
    LayerError
        If one holds a zero byte; with all such columns.
    """
    faults = []
    table = _quote_name(layer)
    try:
        with _open_base(path) as base:
            rows = base.execute("SELECT name FROM pragma_table_xinfo(?)", (layer,))
            known = {str(name) for (name,) in rows}
            for column in sorted(known.intersection(columns)):
                cell = _quote_name(column)
                asked = (
                    f"SELECT count(*) FROM {table} "  # noqa: S608 - both are quoted
                    f"WHERE typeof({cell}) = 'text' AND instr({cell}, char(0))"
                )
                (count,) = base.execute(asked).fetchone()
                if count:
                    place, found = f"column {column!r}", f"a zero byte in {count} cells"
                    cause = "a damaged file: what stands behind it would be lost"
                    faults.append(
                        Fault(path.name, place, found, "text without one", cause)
                    )
    except (sqlite3.Error, UnicodeDecodeError) as error:
        refuse(path, "file", quote_error(error, path), "a GeoPackage", _CUT)
    if faults:
        raise LayerError(faults)


def _quote_name(name: str) -> str:
    """Return a name as SQL writes it, whatever signs it has."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _open_base(path: Path) -> Iterator[sqlite3.Connection]:
    """Give the database, of which nothing is run or written."""
    # Nothing beside the file is looked for, such as a journal that would be replayed.
    place = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(place, uri=True)) as base:
        base.text_factory = lambda text: text.decode("utf-8", "replace")
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA cell_size_check = ON")
        yield base


def _check_tables(path: Path) -> None:
    """Refuse a database whose layers, or what says of them, are no plain tables."""
    with _open_base(path) as base:
        # The catalogue itself is never a query.
        rows = base.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
        if not all(isinstance(cell, str | None) for row in rows for cell in row):
            refuse(path, "file", "a catalogue that is no text", "a GeoPackage", _CUT)
        kinds = {str(name).casefold(): (kind, sql or "") for kind, name, sql in rows}
        if kinds.get("gpkg_contents", ("", ""))[0] != "table":
            found = "no table gpkg_contents"
            cause = "a SQLite file of another kind, renamed"
            refuse(path, "file", found, "a GeoPackage", cause)
        _check_queries(path, kinds)
        listed = base.execute("SELECT table_name FROM gpkg_contents").fetchall()
        for (name,) in listed:
            _check_layer(path, base, str(name), kinds)


def _check_queries(path: Path, kinds: dict[str, tuple[str, str]]) -> None:
    for name, (kind, sql) in kinds.items():
        if kind == "view" and name.startswith(("gpkg_", "rtree_", "sqlite_")):
            _refuse_query(path, name)
        if sql[:30].upper().startswith("CREATE VIRTUAL") and not _OWN_MODULES.search(
            sql
        ):
            found = "a virtual table, which may read other files"
            refuse(path, f"table {name!r}", found, "plain tables")


def _check_layer(
    path: Path,
    base: sqlite3.Connection,
    name: str,
    kinds: dict[str, tuple[str, str]],
) -> None:
    kind, _ = kinds.get(name.casefold(), ("", ""))
    if not kind:
        refuse(path, f"layer {name!r}", "listed and not there", "a table", _CUT)
    if kind == "view":
        _refuse_query(path, name)
    columns = base.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (name,))
    for column, hidden in columns:
        if hidden in _RECKONED:
            found = "reckoned by the file itself"
            cause = "a generated column: export the layer anew"
            refuse(
                path, f"layer {name!r}, column {column!r}", found, "plain cells", cause
            )


def _refuse_query(path: Path, name: str) -> None:
    cause = "a query that runs on whoever reads it: export the layer as a table"
    refuse(path, f"layer {name!r}", "a view", "a table", cause)
