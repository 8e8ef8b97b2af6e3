"""Lines as flat arrays: what every reader of a network hands on.

A network of a country has millions of vertices: they are kept as arrays, never as
objects, and every check below is one pass over all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.errors import CrsError, Fault, LayerError
from patrolplan.geodesy import WGS84

__all__ = ["MAX_LINES", "MAX_VERTICES", "LineTable", "build_line_table", "list_some"]

MAX_LINES = 5_000_000
MAX_VERTICES = 40_000_000
"""What a network may hold: 40 million vertices take some 6 GB while they are split."""

_SHOWN = 20
"""So many faults of one kind are named one by one; the rest are counted."""


@dataclass(frozen=True, eq=False)
class LineTable:
    """Lines of one file, in its order; a feature of several parts is several lines.

    Parameters
    ----------
    file
        Its name, for messages.
    ids
        Id of the feature that each line is of, as text.
    tags
        What the lines say, by the columns of ``network_figures.LINE_COLUMNS`` that the
        file has: texts, None where empty; float64 with NaN for figures.
    lon, lat
        Degrees of all vertices, line after line.
    begins
        Where each line begins in them, and the end of the last.
    """

    file: str
    ids: NDArray[np.object_]
    tags: Mapping[str, NDArray[Any]]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    begins: NDArray[np.int64]

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self.ids)

    def select(self, kept: NDArray[np.bool_]) -> LineTable:
        """Return some of the lines.

        Parameters
        ----------
        kept
            Which, one flag a line.
        """
        counts = np.diff(self.begins)
        inside = np.repeat(kept, counts)
        return LineTable(
            self.file,
            self.ids[kept],
            {name: cells[kept] for name, cells in self.tags.items()},
            self.lon[inside],
            self.lat[inside],
            np.concatenate(([0], np.cumsum(counts[kept]))),
        )


def list_some(
    file: str, wheres: list[str], found: list[str], expected: str, cause: str
) -> Iterator[Fault]:
    """Yield faults of one kind: the first by name, the others as a number.

    Parameters
    ----------
    file, wheres, found, expected, cause
        As of :class:`~patrolplan.errors.Fault`; one place and finding each.
    """
    for where, what in zip(wheres[:_SHOWN], found[:_SHOWN], strict=True):
        yield Fault(file, where, what, expected, cause)
    if len(wheres) > _SHOWN:
        more = f"{len(wheres) - _SHOWN} more features like these"
        yield Fault(file, "features", more, expected, cause)


def build_line_table(
    file: str,
    ids: NDArray[np.object_],
    shapes: NDArray[np.object_],
    tags: Mapping[str, NDArray[Any]],
    crs: Any,
) -> LineTable:
    """Return lines as arrays in WGS 84, or all that is wrong with their drawing.

    Parameters
    ----------
    file
        Its name.
    ids
        Id of each feature.
    shapes
        WKB of each, or shapely geometries.
    tags
        What each says.
    crs
        System of the coordinates, as pyproj takes it.

    Raises
    ------
    CrsError
        If there is none.
    LayerError
        If any feature is no line, has no position, or lies outside the world.
    """
    if crs is None:
        cause = "it was lost in an export: declare the one the layer was made in"
        expected = "a coordinate reference system"
        raise CrsError([Fault(file, "crs", "none", expected, cause)])
    drawn = _decode(file, ids, shapes)
    kinds = shapely.get_type_id(drawn)
    faults = list(_find_wrong_kinds(file, ids, drawn, kinds))
    good = np.flatnonzero(np.isin(kinds, (1, 5)) & ~shapely.is_empty(drawn))
    parts, part_of = shapely.get_parts(drawn[good], return_index=True)
    owner = good[part_of]
    spots = shapely.get_coordinates(parts)
    counts = shapely.get_num_coordinates(parts).astype(np.int64)
    row_of = np.repeat(np.arange(len(parts)), counts)
    finite = np.isfinite(spots).all(axis=1)
    faults += list_some(
        file,
        _name(ids, owner[np.unique(row_of[~finite])]),
        ["no finite position"] * len(np.unique(row_of[~finite])),
        "degrees",
        "lost on the way from another CRS?",
    )
    lon, lat = _to_degrees(spots, crs)
    faults += _find_outside(file, ids, owner[row_of], lon, lat, finite)
    begins = np.concatenate(([0], np.cumsum(counts)))
    faults += _find_leaps(file, ids, owner, lon, row_of)
    if faults:
        raise LayerError(faults)
    return LineTable(
        file,
        ids[owner],
        {name: cells[owner] for name, cells in tags.items()},
        lon,
        lat,
        begins,
    )


def _name(ids: NDArray[np.object_], rows: NDArray[np.int64]) -> list[str]:
    return [f"line {ids[row]!r}, geometry" for row in rows.tolist()]


def _decode(
    file: str, ids: NDArray[np.object_], shapes: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return shapes decoded; counted by their bytes before they are built."""
    sizes = [len(shape) for shape in shapes if isinstance(shape, bytes)]
    if sum(sizes) > 24 * MAX_VERTICES:
        found = f"over {sum(sizes) // 24:,} vertices"
        raise LayerError(
            [Fault(file, "features", found, f"at most {MAX_VERTICES:,}", "cut it out")]
        )
    drawn = shapes
    if sizes:
        drawn = shapely.from_wkb(shapes, on_invalid="ignore")
        unread = np.flatnonzero(
            shapely.is_missing(drawn) & np.array([s is not None for s in shapes])
        )
        if len(unread):
            found_all = ["a drawing that cannot be read"] * len(unread)
            raise LayerError(
                list_some(file, _name(ids, unread), found_all, "a line", "")
            )
    return np.asarray(shapely.force_2d(drawn), dtype=object)


def _find_wrong_kinds(
    file: str,
    ids: NDArray[np.object_],
    drawn: NDArray[np.object_],
    kinds: NDArray[np.int32],
) -> Iterator[Fault]:
    empty = np.flatnonzero((kinds < 0) | shapely.is_empty(drawn))
    yield from list_some(
        file, _name(ids, empty), ["none"] * len(empty), "a LineString", ""
    )
    wrong = np.flatnonzero(~np.isin(kinds, (-1, 1, 5)) & ~shapely.is_empty(drawn))
    yield from list_some(
        file,
        _name(ids, wrong),
        [f"a {drawn[row].geom_type}" for row in wrong],
        "a LineString",
        "another layer was exported?",
    )


def _to_degrees(
    spots: NDArray[np.float64], crs: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import pyproj

    system = pyproj.CRS.from_user_input(crs)
    if system.equals(WGS84, ignore_axis_order=True):
        return np.ascontiguousarray(spots[:, 0]), np.ascontiguousarray(spots[:, 1])
    way = pyproj.Transformer.from_crs(system, WGS84, always_xy=True)
    lon, lat = way.transform(spots[:, 0], spots[:, 1])
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def _find_outside(
    file: str,
    ids: NDArray[np.object_],
    owner: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    finite: NDArray[np.bool_],
) -> Iterator[Fault]:
    """Yield features beyond the world: metres taken for degrees, or a wrong CRS."""
    with np.errstate(invalid="ignore"):
        outside = finite & ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    places = np.flatnonzero(outside)
    rows, first = np.unique(owner[places], return_index=True)
    at = places[first]
    yield from list_some(
        file,
        _name(ids, rows),
        [f"found {lon[k]:.6g}, {lat[k]:.6g}" for k in at.tolist()],
        "expected lon -180 to 180, lat -90 to 90",
        "longitude and latitude exchanged?"
        if len(at) and (np.abs(lon[at]) <= 90).all() and (np.abs(lat[at]) <= 180).all()
        else "metres taken for degrees, or the wrong CRS declared?",
    )


def _find_leaps(
    file: str,
    ids: NDArray[np.object_],
    owner: NDArray[np.int64],
    lon: NDArray[np.float64],
    row_of: NDArray[np.int64],
) -> Iterator[Fault]:
    """Yield lines that leap over the antimeridian: no theatre lies there."""
    with np.errstate(invalid="ignore"):
        leaps = (np.abs(np.diff(lon)) > 180) & (row_of[1:] == row_of[:-1])
    with np.errstate(invalid="ignore"):
        leaps &= (np.abs(lon[1:]) <= 180) & (np.abs(lon[:-1]) <= 180)
    rows = np.unique(owner[row_of[1:][leaps]])
    yield from list_some(
        file,
        _name(ids, rows),
        ["a leap of more than 180 degrees"] * len(rows),
        "a line that does not cross the antimeridian",
        "a sign of the longitude flipped?",
    )
