"""Waypoints as CSV in two forms, as MilGPS and spreadsheets read them.

One form bears latitude and longitude, the other grid references to 1 m; MilGPS refuses
a file with both. ``Name``, the position and ``Description`` are its columns; those that
follow are ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pandas as pd

from patrolplan.geodesy import format_mgrs, parse_mgrs
from patrolplan.products.exports.cells import build_row, list_cells, order_rows, refuse
from patrolplan.products.exports.contents import (
    DEGREE_DECIMALS,
    METRES,
    Contents,
    Stop,
    list_columns,
    round_degrees,
)
from patrolplan.products.tables import format_csv, restore_text

__all__ = ["format_waypoints", "read_waypoints"]

_OWN: Final = tuple(
    name
    for name, _ in list_columns(Stop)
    if name not in ("label", "lon", "lat", "mgrs")
)


def format_waypoints(contents: Contents, *, mgrs: bool) -> bytes:
    """Return the stops of all patrols as CSV.

    Columns: ``Name``; ``Latitude`` and ``Longitude`` (degrees, WGS 84) or ``MGRS`` (to
    1 m); ``Description``; then the fields of a stop, times in UTC; ``marking``,
    ``plan_status`` and ``notice``, the same in every row.

    Parameters
    ----------
    contents
        The rows of the plan.
    mgrs
        Whether positions are grid references.
    """
    marks = contents.marks
    assert marks is not None
    places = ["MGRS"] if mgrs else ["Latitude", "Longitude"]
    columns = ["Name", *places, "Description", *_OWN]
    columns += ["marking", "plan_status", "notice"]
    rows = []
    for stop in contents.stops:
        cells = list_cells(stop)
        told = [cells["purpose_en"], cells["purpose_fr"]]
        rows.append(
            {
                **{name: cells[name] for name in _OWN},
                "Name": stop.label,
                "MGRS": stop.mgrs,
                # Numbers, lest their sign be taken for the start of a formula; and
                # never with an exponent, which MilGPS does not read.
                "Latitude": Decimal(f"{stop.lat:.{DEGREE_DECIMALS}f}"),
                "Longitude": Decimal(f"{stop.lon:.{DEGREE_DECIMALS}f}"),
                "Description": " / ".join(str(part) for part in told if part),
                "marking": marks.marking,
                "plan_status": marks.status,
                "notice": f"{marks.notice_en} / {marks.notice_fr}",
            }
        )
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return format_csv(table).encode()


def read_waypoints(data: bytes, file: str) -> Contents:
    """Return the stops of a CSV file that :func:`format_waypoints` wrote.

    Parameters
    ----------
    data
        The file, in either form.
    file
        Its name, for the message.

    Raises
    ------
    LayerError
        If it is none, or was changed so that it no longer holds them.
    """
    try:
        lines = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        rows = list(lines)
    except (UnicodeDecodeError, csv.Error):
        refuse(file, "file", "no CSV in UTF-8", "a CSV file that patrolplan wrote")
    named = set(lines.fieldnames or ())
    grid = "MGRS" in named
    wanted = {"Name", "MGRS"} if grid else {"Name", "Latitude", "Longitude"}
    missing = sorted({*wanted, *_OWN} - named)
    if missing:
        refuse(file, "columns", f"no {missing[0]!r}", "the columns of waypoints")
    stops = []
    for number, row in enumerate(rows, start=2):
        where = f"row {number}"
        cells = {
            name: restore_text(value)
            for name, value in row.items()
            if isinstance(name, str) and isinstance(value, str)
        }
        cells["label"] = cells.get("Name", "")
        place = _read_grid if grid else _read_degrees
        known = place(cells, file, where)
        stops.append(build_row(Stop, cells, file, where, **known))
    return Contents(stops=order_rows(stops))


def _read_grid(cells: Mapping[str, str], file: str, where: str) -> dict[str, Any]:
    """Return the middle of the square that a cell names."""
    reference = cells.get("MGRS", "")
    try:
        lon, lat = parse_mgrs(reference)
    except ValueError:
        found = f"found {reference[:40]!r}"
        refuse(file, f"{where}, MGRS", found, "a grid reference")
    return {"lon": round_degrees(lon), "lat": round_degrees(lat), "mgrs": reference}


def _read_degrees(cells: Mapping[str, str], file: str, where: str) -> dict[str, Any]:
    try:
        lon, lat = float(cells["Longitude"]), float(cells["Latitude"])
        reference = format_mgrs(lon, lat, METRES)
    except (KeyError, ValueError):
        refuse(file, where, "no position", "Latitude and Longitude in degrees")
    return {"lon": lon, "lat": lat, "mgrs": reference}
