"""Visits made: a log of the user's own, or the visits of an earlier plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from patrolplan.errors import Fault, InputError, LayerError, RouteError
from patrolplan.layers.incident_columns import read_day
from patrolplan.layers.names import find_place_id
from patrolplan.layers.records import RowFaults, read_records
from patrolplan.planfile import Code, PlanFile, read_plan

__all__ = ["VISIT_COLUMNS", "Visits", "read_visits"]

VISIT_COLUMNS: Final[Mapping[str, str]] = {
    "site_id": "the site",
    "date": "the local day of arrival",
    "basis": "logged, or planned: of an earlier plan, which may have gone otherwise",
}
"""Columns of the table of visits."""

_READ: Final[dict[str, tuple[str, ...]]] = {
    "site": ("site", "site_id", "place", "place_id", "lieu", "village", "town"),
    "date": ("date", "day", "jour", "visited_on", "date_visite"),
}


@dataclass(frozen=True, eq=False)
class Visits:
    """Visits as they were read.

    Parameters
    ----------
    frame
        A DataFrame with ``VISIT_COLUMNS``, by day and site.
    dropped
        Columns of logs that were dropped at the door.
    notices
        ``visits_columns_dropped``, and ``visits_of_other_sites`` with the count of
        visits in plans to sites that these layers do not have.
    """

    frame: Any
    dropped: tuple[str, ...]
    notices: tuple[Code, ...]


def read_visits(
    paths: Iterable[Path | str],
    population: Any,
    *,
    timezone: str = "Africa/Bamako",
    plans: Iterable[PlanFile] = (),
) -> Visits:
    """Read logs of visits and earlier plans.

    Parameters
    ----------
    paths
        CSV files with a site (its id or any of its names) and a date, or the
        ``plan.json`` of earlier plans.
    population
        The layer of sites.
    timezone
        Of which the days of a plan are told.
    plans
        Earlier plans that are at hand.

    Raises
    ------
    LayerError
        If a log lacks a column, has one that looks personal, or a row without a known
        site and day; no fault tells what a cell holds.
    PlanFileError
        If a plan does not keep its contract.
    """
    rows: list[tuple[date, str, str]] = []
    dropped: list[str] = []
    faults: list[Fault] = []
    others = 0
    known = set(population["id"])

    def take(plan: PlanFile) -> int:
        found = _list_planned(plan, timezone)
        rows.extend(row for row in found if row[1] in known)
        return sum(row[1] not in known for row in found)

    others += sum(map(take, plans))
    for path in map(Path, paths):
        try:
            if path.suffix.lower() == ".json":
                others += take(read_plan(path))
            else:
                logged, names = _read_log(path, population)
                rows += logged
                dropped += names
        except InputError as error:
            faults += error.faults
    if faults:
        raise LayerError(faults)
    notices = []
    if dropped:
        values: dict[str, Any] = {"columns": sorted(set(dropped))}
        notices.append(Code(code="visits_columns_dropped", values=values))
    if others:
        notices.append(Code(code="visits_of_other_sites", values={"count": others}))
    # Of one day, the logged visit last: it is the better known.
    ordered = sorted(set(rows), key=lambda row: (*row[:2], row[2] == "logged"))
    return Visits(
        frame=pd.DataFrame(
            {
                "site_id": [site for _, site, _ in ordered],
                "date": [day for day, _, _ in ordered],
                "basis": [basis for _, _, basis in ordered],
            },
            dtype=object,
        ),
        dropped=tuple(sorted(set(dropped))),
        notices=tuple(notices),
    )


def _list_planned(plan: PlanFile, timezone: str) -> list[tuple[date, str, str]]:
    zone = ZoneInfo(timezone)
    return [
        (stop.arrive.astimezone(zone).date(), stop.site_id, "planned")
        for patrol in plan.patrols
        for stop in patrol.stops
        if stop.kind == "visit" and stop.site_id is not None and stop.arrive is not None
    ]


def _read_log(
    path: Path, population: Any
) -> tuple[list[tuple[date, str, str]], tuple[str, ...]]:
    records = read_records(
        path, _READ, needed=("site", "date"), one_of=(), published=()
    )
    faults = RowFaults(path.name, records.lines)
    rows = []
    for row, (name, cell) in enumerate(
        zip(records.cells("site"), records.cells("date"), strict=True)
    ):
        day = read_day(cell)
        if day is None:
            found = "no day" if cell else "empty"
            faults.add(row, "date", found, "a day such as 2014-11-03")
        try:
            site = find_place_id(population, name)
        except RouteError:
            found = "no known site" if name else "empty"
            faults.add(row, "site", found, "a site's id, or one of its names")
            continue
        if day is not None:
            rows.append((day, site, "logged"))
    if found_faults := faults.gather():
        raise LayerError(found_faults)
    return rows, records.dropped
