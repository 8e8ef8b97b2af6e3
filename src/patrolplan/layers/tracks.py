"""GPX tracks that patrols brought home: positions and times, and nothing else of them.

A track says where people were, and when. So only positions and times are read, names,
devices and remarks are not; nothing of a single fix goes any further than
:mod:`patrolplan.network.learning`, and no fault tells what a file holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.plain_files import MEGABYTE, check_plain_file

__all__ = ["MAX_FIXES", "MAX_TRACK_BYTES", "Segment", "Track", "read_track"]

MAX_TRACK_BYTES: Final = 100_000_000
"""A fix takes some 120 bytes: a year of fixes every minute is 63 MB."""
MAX_FIXES: Final = 1_000_000
_DEEPEST: Final = 20


@dataclass(frozen=True, eq=False)
class Segment:
    """Fixes that follow each other, in order of time.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84.
    time_s
        Seconds since 1970, UTC; they rise.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    time_s: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Track:
    """The segments of one file, and how many of its fixes bear no time."""

    segments: tuple[Segment, ...]
    untimed: int


def read_track(path: Path | str) -> Track:
    """Read the fixes of one GPX file.

    Parameters
    ----------
    path
        GPX 1.0 or 1.1; its routes and waypoints are not read.

    Raises
    ------
    LayerError
        If it is no such file, is too large, declares entities or a document type,
        bears no fix with a time, or a fix that lies nowhere on Earth.
    """
    path = Path(path)
    try:
        most_mb = MAX_TRACK_BYTES / MEGABYTE
        check_plain_file(path, "a GPX file", most_mb=most_mb, refusal=LayerError)
        fixes = _list_fixes(path)
    except LayerError:
        raise
    except OSError as error:
        raise _refuse(path, "file", error.strerror or "cannot be read") from error
    except ParseError as error:
        line, column = error.position
        found = f"no XML from line {line}, column {column} on"
        raise _refuse(path, "file", found) from error
    except (DefusedXmlException, LookupError, ValueError) as error:
        found = "a document type, entities, or an encoding that nobody knows"
        raise _refuse(path, "file", found) from error
    segments = tuple(segment for rows in fixes.rows if (segment := _build(rows)))
    if not segments:
        found = f"{fixes.untimed} fixes without a time" if fixes.untimed else "no fix"
        raise _refuse(path, "trkpt", found, "two fixes with times or more")
    return Track(segments, fixes.untimed)


def _refuse(
    path: Path, where: str, found: str, expected: str = "a GPX file"
) -> LayerError:
    return LayerError([Fault(path.name, where, found, expected)])


@dataclass
class _Fixes:
    """What was read: rows of longitude, latitude and seconds, by segment."""

    rows: list[list[tuple[float, float, float]]]
    untimed: int = 0
    count: int = 0


def _list_fixes(path: Path) -> _Fixes:
    fixes = _Fixes([])
    open_tags: list[Any] = []
    with path.open("rb") as file:
        for event, element in iterparse(file, ("start", "end"), forbid_dtd=True):
            tag = str(element.tag).rpartition("}")[2]
            if event == "start":
                if not open_tags and tag != "gpx":
                    raise _refuse(path, "file", "XML of another kind")
                if len(open_tags) >= _DEEPEST:
                    found = "elements in one another, too deep"
                    raise _refuse(path, "file", found, f"at most {_DEEPEST}")
                open_tags.append(element)
                if tag == "trkseg":
                    fixes.rows.append([])
                continue
            open_tags.pop()
            if tag == "trkpt":
                _add_fix(path, fixes, element)
            if tag in ("trkpt", "trkseg", "trk", "wpt", "rte", "metadata"):
                # What has been read is let go, lest a long file fill the memory.
                element.clear()
                if open_tags:
                    open_tags[-1].remove(element)
    return fixes


def _add_fix(path: Path, fixes: _Fixes, element: Any) -> None:
    fixes.count += 1
    if fixes.count > MAX_FIXES:
        found = "more fixes than any patrol makes"
        raise _refuse(path, "trkpt", found, f"at most {MAX_FIXES:,}")
    where = f"fix {fixes.count}"
    try:
        lon, lat = float(element.get("lon", "")), float(element.get("lat", ""))
    except ValueError:
        lon = lat = np.nan
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _refuse(path, where, "no position", "lon and lat in degrees")
    text = next((c.text for c in element if str(c.tag).endswith("time")), None)
    moment = _read_moment(text or "")
    if moment is None:
        fixes.untimed += 1
        return
    if not fixes.rows:
        raise _refuse(path, where, "a fix in no segment", "trk, trkseg, trkpt")
    fixes.rows[-1].append((lon, lat, moment))


def _read_moment(text: str) -> float | None:
    """Return seconds since 1970, None where it is no time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if not 1990 <= moment.year <= 2100:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def _iterate_rising(
    rows: list[tuple[float, float, float]],
) -> Iterator[tuple[float, float, float]]:
    """Yield fixes in order of time, one a moment."""
    last = -np.inf
    for row in sorted(rows, key=lambda fix: fix[2]):
        if row[2] > last:
            yield row
            last = row[2]


def _build(rows: list[tuple[float, float, float]]) -> Segment | None:
    rising = np.array(list(_iterate_rising(rows)), dtype=np.float64)
    if len(rising) < 2:
        return None
    return Segment(rising[:, 0], rising[:, 1], rising[:, 2])
