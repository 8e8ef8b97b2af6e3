"""Lines as flat arrays: what every reader of a network hands on.

A network of a country has millions of vertices: they are kept as arrays, never as
objects, and every check below is one pass over all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from patrolplan.errors import CrsError, Fault, LayerError
from patrolplan.geodesy import WGS84

__all__ = ["MAX_LINES", "MAX_VERTICES", "LineTable", "build_line_table", "list_some"]

MAX_LINES = 5_000_000
MAX_VERTICES = 40_000_000
"""What a network may hold: 40 million vertices take some 6 GB while they are split."""

_PLAIN = b"\x01\x02\x00\x00\x00"
"""How the WKB of a plain line begins: little-endian, a LineString without heights."""

_HEAD_BYTES = 9
"""Before its coordinates: these, and how many there are."""

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
    file: str, wheres: list[str], found: Iterable[str], expected: str, cause: str
) -> Iterator[Fault]:
    """Yield faults of one kind: the first by name, the others as a number.

    Parameters
    ----------
    file, wheres, found, expected, cause
        As of :class:`~patrolplan.errors.Fault`; one place and finding each.
    """
    for where, what in zip(wheres[:_SHOWN], found, strict=False):
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
    faults, plain, owner = _list_plain(file, ids, shapes)
    spots, counts = _decode(plain)
    del plain
    row_of = np.repeat(np.arange(len(counts)), counts)
    finite = np.isfinite(spots[:, 0]) & np.isfinite(spots[:, 1])
    faults += list_some(
        file,
        _name(ids, owner[np.unique(row_of[~finite])]),
        repeat("no finite position"),
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


def _list_plain(
    file: str, ids: NDArray[np.object_], shapes: NDArray[np.object_]
) -> tuple[list[Fault], list[bytes], NDArray[np.int64]]:
    """Return plain lines as WKB with the row of each, and features that are none.

    Nearly all features are plain lines already: only others become objects.
    """
    is_plain = np.array(
        [
            isinstance(s, bytes) and s.startswith(_PLAIN) and len(s) > _HEAD_BYTES
            for s in shapes
        ],
        dtype=bool,
    )
    sizes = sum(len(shape) for shape in shapes[is_plain])
    if sizes > 16 * MAX_VERTICES:
        found, expected = f"{sizes // 16:,} vertices", f"at most {MAX_VERTICES:,}"
        raise LayerError([Fault(file, "features", found, expected, "cut it out")])
    odd = np.flatnonzero(~is_plain)
    if not len(odd):
        return [], shapes.tolist(), np.arange(len(shapes))
    drawn = shapes[odd]
    if any(isinstance(shape, bytes) for shape in drawn):
        drawn = shapely.from_wkb(drawn, on_invalid="ignore")
    drawn = np.asarray(shapely.force_2d(drawn), dtype=object)
    kinds = shapely.get_type_id(drawn)
    void = (kinds < 0) | shapely.is_empty(drawn)
    wrong = ~void & ~np.isin(kinds, (1, 5))
    faults = [
        *list_some(file, _name(ids, odd[void]), repeat("none"), "a LineString", ""),
        *list_some(
            file,
            _name(ids, odd[wrong]),
            [f"a {shape.geom_type}" for shape in drawn[wrong]],
            "a LineString",
            "another layer was exported?",
        ),
    ]
    good = np.flatnonzero(~void & ~wrong)
    parts, part_of = shapely.get_parts(drawn[good], return_index=True)
    texts = shapely.to_wkb(parts, byte_order=1).tolist()
    owner = np.concatenate((np.flatnonzero(is_plain), odd[good][part_of]))
    order = np.argsort(owner, kind="stable")
    lines = [*shapes[is_plain].tolist(), *texts]
    return faults, [lines[k] for k in order.tolist()], owner[order]


def _decode(
    plain: list[bytes],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the coordinates of plain lines in one array, and how many each has."""
    sizes = np.fromiter(map(len, plain), dtype=np.int64, count=len(plain))
    packed = np.frombuffer(b"".join(plain), dtype=np.uint8)
    begins = np.cumsum(sizes) - sizes
    inside = np.ones(len(packed), dtype=bool)
    for place in range(_HEAD_BYTES):
        inside[begins + place] = False
    spots = packed[inside].view("<f8").reshape(-1, 2)
    return spots, (sizes - _HEAD_BYTES) // 16


def _to_degrees(
    spots: NDArray[np.float64], crs: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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
        repeat("a leap of more than 180 degrees"),
        "a line that does not cross the antimeridian",
        "a sign of the longitude flipped?",
    )
