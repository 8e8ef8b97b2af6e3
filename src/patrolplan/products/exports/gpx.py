"""GPX 1.1 of one patrol: waypoints, a route, and a track with the times planned.

Devices read names, positions and times. What GPX has no element for stands as JSON in
an extension of our own namespace, which other programs pass over.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import Element

import gpxpy.gpx
import numpy as np
import shapely

from patrolplan.geodesy import measure_parts_m
from patrolplan.planfile import format_time
from patrolplan.products.escaping import strip_for_text
from patrolplan.products.exports.cells import (
    build_row,
    list_cells,
    parse_xml,
    read_line,
    refuse,
)
from patrolplan.products.exports.contents import (
    Contents,
    Journey,
    Leg,
    Marks,
    Stop,
)

__all__ = ["MOST_BYTES", "NAMESPACE", "format_gpx", "read_gpx"]

NAMESPACE: Final = "urn:patrolplan:export:1"
MOST_BYTES: Final = 200_000
"""What a file for a device by radio or satellite should stay below."""
_GPX: Final = "{http://www.topografix.com/GPX/1/1}"
# Metres of ground at the equator to a degree; a way that makes the file too large is
# thinned by the first of these that is enough.
_METRES_PER_DEGREE: Final = 111_320
_TOLERANCES_M: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
# JSON that holds no markup passes through XML as it is, escaped or not.
_PLAIN: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
# Names of Garmin's symbols, which others know too.
_SYMBOLS: Final = {
    "base": "Flag, Blue",
    "start": "Flag, Green",
    "visit": "Pin, Red",
    "halt": "Campground",
}
# Fields of a stop or a way that GPX holds itself.
_OWN: Final = {"label", "lon", "lat"}


def format_gpx(contents: Contents, journey: Journey) -> bytes:
    """Return one patrol as GPX 1.1.

    A way of so many positions that the file would be larger than
    :data:`MOST_BYTES` is thinned, by no more metres than that takes, and the
    description says by how many; if no thinning is enough, nothing is thinned. Times
    between two stops are spread evenly over the length of the way; they are planned,
    not driven.

    Parameters
    ----------
    contents
        The rows of the plan.
    journey
        The patrol.
    """
    whole = data = _format(contents, journey, 0)
    for tolerance_m in _TOLERANCES_M:
        if len(data) < MOST_BYTES:
            return data
        data = _format(contents, journey, tolerance_m)
    return data if len(data) < MOST_BYTES else whole


def _format(contents: Contents, journey: Journey, tolerance_m: int) -> bytes:
    marks = contents.marks
    assert marks is not None
    stops = [stop for stop in contents.stops if stop.patrol == journey.number]
    file = gpxpy.gpx.GPX()
    # gpxpy writes it as it stands, and the version is whatever a plan file says.
    file.creator = "patrolplan"
    file.nsmap["pp"] = NAMESPACE
    title = f"{journey.number} {journey.patrol_id}"
    thinned = f" Ways thinned by up to {tolerance_m} m." if tolerance_m else ""
    file.name = f"{marks.scenario}: {title}"
    file.description = f"{marks.notice_en} / {marks.notice_fr}{thinned}"
    file.keywords = f"{marks.marking}, {marks.status}"
    file.metadata_extensions = [
        _extend("plan", list_cells(marks)),
        _extend("patrol", list_cells(journey)),
    ]
    file.waypoints = [_format_stop(stop) for stop in stops]
    route = gpxpy.gpx.GPXRoute(name=title, description=file.description)
    route.points = [
        gpxpy.gpx.GPXRoutePoint(
            stop.lat, _turn(stop.lon), time=stop.arrive or stop.depart, name=stop.label
        )
        for stop in stops
    ]
    file.routes = [route]
    track = gpxpy.gpx.GPXTrack(name=title, description=file.description)
    for leg in contents.legs:
        if leg.patrol == journey.number:
            track.segments.append(_format_leg(leg, tolerance_m))
    file.tracks = [track]
    return f"{file.to_xml(version='1.1')}\n".encode()


def _format_stop(stop: Stop) -> Any:
    point = gpxpy.gpx.GPXWaypoint(
        stop.lat,
        _turn(stop.lon),
        time=stop.arrive or stop.depart,
        name=stop.label,
        description=_describe(stop),
        symbol=_SYMBOLS.get(stop.kind),
        type=stop.kind,
    )
    cells = list_cells(stop)
    point.extensions.append(
        _extend("stop", {name: cells[name] for name in cells.keys() - _OWN})
    )
    return point


def _describe(stop: Stop) -> str:
    """Say what a device shows of a stop; some take it for HTML, so it holds none."""
    clock = [
        f"{sign} {format_time(moment)}"
        for sign, moment in (("→", stop.arrive), ("←", stop.depart))
        if moment is not None
    ]
    parts = [f"MGRS {stop.mgrs}", f"km {stop.total_km:.1f}", *clock]
    if stop.purpose_en:
        parts.append(f"{stop.purpose_en} / {stop.purpose_fr}")
    return strip_for_text("; ".join(parts))


def _format_leg(leg: Leg, tolerance_m: int) -> Any:
    line = leg.line
    if tolerance_m:
        thin = shapely.LineString(line).simplify(tolerance_m / _METRES_PER_DEGREE)
        line = tuple((x, y) for x, y in thin.coords)
    segment = gpxpy.gpx.GPXTrackSegment(
        [
            gpxpy.gpx.GPXTrackPoint(lat, _turn(lon), time=moment)
            for (lon, lat), moment in zip(line, _spread_times(leg, line), strict=True)
        ]
    )
    segment.extensions.append(_extend("leg", list_cells(leg)))
    return segment


def _spread_times(leg: Leg, line: Sequence[tuple[float, float]]) -> list[datetime]:
    """Return a time for each position, evenly over the length of the way."""
    driven = np.concatenate([[0.0], np.cumsum(measure_parts_m(line))])
    share = driven / driven[-1] if driven[-1] > 0 else np.linspace(0, 1, len(line))
    span_s = (leg.arrive - leg.depart).total_seconds()
    return [leg.depart + timedelta(seconds=round(part * span_s)) for part in share]


def _turn(lon: float) -> float:
    """Return a longitude as GPX has it: the one of 180 degrees is that of -180."""
    return -180.0 if lon == 180 else lon


def _extend(tag: str, cells: dict[str, Any]) -> Element:
    element = Element(f"{{{NAMESPACE}}}{tag}")
    told = {name: cells[name] for name in sorted(cells) if cells[name] is not None}
    # gpxpy writes the text of an extension as it stands, markup and all.
    element.text = json.dumps(told, ensure_ascii=False).translate(_PLAIN)
    return element


def read_gpx(data: bytes, file: str) -> Contents:
    """Return the rows of a GPX file that :func:`format_gpx` wrote.

    Parameters
    ----------
    data
        The file.
    file
        Its name, for the message.

    Raises
    ------
    LayerError
        If it is none, or was changed so that it no longer holds them.
    """
    root = parse_xml(data, file)
    if root.tag != f"{_GPX}gpx":
        refuse(file, "file", "XML of another kind", "GPX 1.1")
    about = root.find(f"{_GPX}metadata")
    stops = []
    for number, point in enumerate(root.iter(f"{_GPX}wpt")):
        where = f"waypoint {number}"
        label = point.findtext(f"{_GPX}name") or ""
        cells = {**_read(point, "stop", file, where), **point.attrib, "label": label}
        stops.append(build_row(Stop, cells, file, where))
    legs = []
    for number, segment in enumerate(root.iter(f"{_GPX}trkseg")):
        where = f"segment {number}"
        points = segment.iter(f"{_GPX}trkpt")
        line = [(point.get("lon"), point.get("lat")) for point in points]
        cells = _read(segment, "leg", file, where)
        known = read_line(line, file, where)  # type: ignore[arg-type]
        legs.append(build_row(Leg, cells, file, where, line=known))
    return Contents(
        marks=build_row(Marks, _read(about, "plan", file, "metadata"), file, "plan"),
        journeys=(
            build_row(
                Journey, _read(about, "patrol", file, "metadata"), file, "patrol"
            ),
        ),
        stops=tuple(stops),
        legs=tuple(legs),
    )


def _read(parent: Element | None, tag: str, file: str, where: str) -> dict[str, Any]:
    """Return what an extension of ours holds."""
    path = f"{_GPX}extensions/{{{NAMESPACE}}}{tag}"
    text = None if parent is None else parent.findtext(path)
    try:
        cells = json.loads(text or "")
    except (ValueError, RecursionError):
        cells = None
    if not isinstance(cells, dict):
        refuse(
            file,
            where,
            f"no extension {tag!r}",
            "a file that patrolplan wrote",
            "a device or a program left it out when it saved the file",
        )
    return dict(cells)
