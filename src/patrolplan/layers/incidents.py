"""Incidents from the user's own file, read without keeping or telling who.

Only where, when, how precisely known, whether against civilians and by whom found are
read. All else is dropped at the door and named; a column that looks personal refuses
the file; and no fault ever tells what a cell holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolplan.errors import LayerError
from patrolplan.geodesy import WGS84
from patrolplan.histories import IncidentFigures
from patrolplan.layers.incident_cells import (
    read_civilian,
    read_days,
    read_degrees,
    read_discovered,
    read_precisions,
    read_probability,
)
from patrolplan.layers.incident_columns import READ, VIOLENT_EVENTS, Form, find_form
from patrolplan.layers.records import Records, RowFaults, read_records
from patrolplan.plain_files import hash_file
from patrolplan.planfile import Code

__all__ = ["INCIDENT_COLUMNS", "Incidents", "choose_as_of", "read_incidents"]

INCIDENT_COLUMNS: Final[Mapping[str, str]] = {
    "incident": "number of the incident, from 0, in the order of the file",
    "date": "day, or the middle of the month that a part of a year stands for",
    "share": "share of the incident that this row stands for: 1, or 1/12 of a year",
    "precision": "place, near, area or region: how well the position is known",
    "civilian": "whether against civilians: 1 or 0; NaN where unknown",
    "discovered": "whether a patrol discovered it, rather than somebody reported it",
    "visit_probability": "how likely a patrol was to be there; NaN where unknown",
}
"""Columns of the incidents beside their geometry, a point in WGS 84."""

_SOURCES: Final[Mapping[Form, str]] = {
    "ged": "UCDP GED",
    "acled": "ACLED",
    "log": "incident log",
}
_KM_PER_DEG = 110.6


@dataclass(frozen=True, eq=False)
class Incidents:
    """Incidents as they were read, with what was not.

    Parameters
    ----------
    frame
        A GeoDataFrame with ``INCIDENT_COLUMNS``; an incident of which only the year
        is known is twelve rows.
    form
        ``ged``, ``acled`` or ``log``.
    file, sha256
        Name and hash of the file.
    dropped
        Columns that were dropped at the door, as they are called.
    notices
        What a planner should hear: codes such as ``incidents_outside``.
    """

    frame: Any
    form: Form
    file: str
    sha256: str
    dropped: tuple[str, ...]
    notices: tuple[Code, ...]

    @property
    def count(self) -> int:
        """How many incidents there are."""
        return int(self.frame["incident"].nunique())

    @property
    def source(self) -> str:
        """What evidence made of them names as its source."""
        return f"{_SOURCES[self.form]}, {self.file}"


def read_incidents(
    path: Path | str,
    *,
    area: tuple[float, float, float, float] | None = None,
    figures: IncidentFigures | None = None,
) -> Incidents:
    """Read a file of incidents: UCDP GED, an ACLED export, or a plain log.

    Parameters
    ----------
    path
        A CSV file of UTF-8 text, its cells parted by commas, semicolons or tabs. A row
        of HXL tags below the headings is passed over. Needed are latitude, longitude
        and a date or a year; ``LOG_COLUMNS`` lists what a plain log may hold.
    area
        West, south, east, north in degrees: incidents further outside than
        ``margin_km`` are set aside with a count. None keeps all.
    figures
        The section ``[incidents]`` of the scenario.

    Raises
    ------
    LayerError
        If the file cannot be read, lacks what is needed, has a column that looks
        personal or a cell that cannot be meant; with all faults, none of which tells
        what a cell holds.
    """
    path = Path(path)
    figures = figures or IncidentFigures()
    records = read_records(path, READ)
    form = find_form(records.folded)
    faults = RowFaults(path.name, records.lines)
    longitude = read_degrees(records, "longitude", 180.0, faults)
    latitude = read_degrees(records, "latitude", 90.0, faults)
    table = pd.DataFrame(
        {
            "precision": read_precisions(records, form, faults),
            "civilian": read_civilian(records, form, faults),
            "discovered": read_discovered(records, faults),
            "visit_probability": read_probability(records, faults),
        }
    )
    days = read_days(records, form, faults)
    if found := faults.gather():
        raise LayerError(found)
    notices = []
    if records.dropped:
        notices.append(
            Code(
                code="incidents_columns_dropped",
                values={"columns": list(records.dropped)},
            )
        )
    kept = np.ones(len(table), dtype=bool)
    violent = _find_violent(records, form)
    if aside := int((~violent).sum()):
        notices.append(Code(code="incidents_not_violent", values={"count": aside}))
        kept &= violent
    if area is not None:
        inside = _find_inside(longitude, latitude, area, figures.margin_km)
        _refuse_exchanged(path.name, longitude, latitude, inside, area, figures)
        if aside := int((kept & ~inside).sum()):
            notices.append(Code(code="incidents_outside", values={"count": aside}))
            kept &= inside
    rows = [
        (row, day, share) for row in np.flatnonzero(kept) for day, share in days[row]
    ]
    at = np.array([row for row, _, _ in rows], dtype=int)
    numbers = np.cumsum(kept) - 1
    frame = gpd.GeoDataFrame(
        {
            "incident": numbers[at].astype(int),
            "date": pd.Series([day for _, day, _ in rows], dtype=object),
            "share": np.array([share for _, _, share in rows], dtype=float),
            **{
                name: table[name].to_numpy()[at]
                for name in ("precision", "civilian", "discovered", "visit_probability")
            },
        },
        geometry=gpd.points_from_xy(longitude[at], latitude[at]),
        crs=WGS84,
    )
    return Incidents(
        frame=frame,
        form=form,
        file=path.name,
        sha256=hash_file(path),
        dropped=records.dropped,
        notices=tuple(notices),
    )


def choose_as_of(
    incidents: Incidents, start: date, as_of: date | None = None
) -> tuple[date, tuple[Code, ...]]:
    """Return the day that incidents are looked back from, and what to say of it.

    Parameters
    ----------
    incidents
        As read.
    start
        The first day of the scenario, which holds unless another is asked for.
    as_of
        What is asked for; later incidents are set aside.

    Returns
    -------
    as_of
        That day; the last incident's, if nothing was asked for and all are later than
        the start.
    notices
        ``incidents_as_of_moved`` if so, and ``incidents_later`` with the count of
        incidents set aside. Of a year under way the months to come are left out
        without a count.
    """
    dates = list(incidents.frame["date"])
    notices = []
    day = as_of or start
    if as_of is None and dates and min(dates) > start:
        day = max(dates)
        values = {"as_of": day.isoformat(), "start": start.isoformat()}
        notices.append(Code(code="incidents_as_of_moved", values=values))
    firsts = incidents.frame.groupby("incident")["date"].min()
    if later := int(sum(first > day for first in firsts)):
        values = {"count": later, "as_of": day.isoformat()}
        notices.append(Code(code="incidents_later", values=values))
    return day, tuple(notices)


def _find_violent(records: Records, form: Form) -> NDArray[np.bool_]:
    if form != "acled" or not records.has("event_type"):
        return np.ones(len(records.lines), dtype=bool)
    cells = records.cells("event_type")
    return np.array([not c or c.lower() in VIOLENT_EVENTS for c in cells], dtype=bool)


def _find_inside(
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    area: tuple[float, float, float, float],
    margin_km: float,
) -> NDArray[np.bool_]:
    west, south, east, north = area
    up = margin_km / _KM_PER_DEG
    aside = up / max(0.1, math.cos(math.radians(max(abs(south), abs(north)))))
    return np.asarray(
        (longitude >= west - aside)
        & (longitude <= east + aside)
        & (latitude >= south - up)
        & (latitude <= north + up)
    )


def _refuse_exchanged(
    file: str,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    inside: NDArray[np.bool_],
    area: tuple[float, float, float, float],
    figures: IncidentFigures,
) -> None:
    """Refuse a file whose incidents all lie elsewhere."""
    if inside.any() or not len(inside):
        return
    swapped = _find_inside(latitude, longitude, area, figures.margin_km).any()
    faults = RowFaults(file, ())
    faults.add_whole(
        "latitude, longitude",
        "no incident lies in the area or near it",
        f"lon {area[0]:g} to {area[2]:g}, lat {area[1]:g} to {area[3]:g}",
        "longitude and latitude exchanged?" if swapped else "of another theatre?",
    )
    raise LayerError(faults.gather())
