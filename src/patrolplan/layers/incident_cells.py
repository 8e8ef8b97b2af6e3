"""Typing the cells of incidents: a misfit is named by column and line, never told."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from patrolplan.layers.incident_columns import Form, read_day, read_precision
from patrolplan.layers.records import Records, RowFaults

__all__ = [
    "read_civilian",
    "read_days",
    "read_degrees",
    "read_discovered",
    "read_precisions",
    "read_probability",
]

_YES: Final = {"yes", "true", "1", "oui", "vrai"}
_NO: Final = {"no", "false", "0", "non", "faux"}
_DISCOVERED: Final = {"discovered_by_patrol", "discovered", "patrol"}
_REPORTED: Final = {"reported", "report"}
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


def read_degrees(
    records: Records, name: str, most: float, faults: RowFaults
) -> NDArray[np.float64]:
    """Return the cells of a column as degrees, NaN where they are none."""
    expected = f"degrees from {-most:g} to {most:g}"
    typed = np.full(len(records.lines), np.nan)
    for row, cell in enumerate(records.cells(name)):
        if not cell:
            faults.add(row, name, "empty", expected)
            continue
        try:
            typed[row] = float(cell)
        except ValueError:
            comma = cell.replace(",", ".", 1).replace("-", "", 1)
            cause = "a comma for the decimal point?" if _is_decimal(comma) else ""
            faults.add(row, name, "no number", expected, cause)
            continue
        if not abs(typed[row]) <= most:
            faults.add(row, name, "no such degree", expected, "metres, or exchanged?")
            typed[row] = np.nan
    return typed


def _is_decimal(text: str) -> bool:
    whole, _, part = text.partition(".")
    return whole.isdigit() and part.isdigit()


def read_days(
    records: Records, form: Form, faults: RowFaults
) -> list[list[tuple[date, float]]]:
    """Return the days that each incident may have been on, with the share of each."""
    expected = "a day such as 2014-11-03, or a year"
    days: list[list[tuple[date, float]]] = []
    precisions = records.cells("date_precision")
    for row, (cell, year) in enumerate(
        zip(records.cells("date"), records.cells("year"), strict=True)
    ):
        days.append([])
        if not cell and not year:
            faults.add(row, "date", "empty", expected)
            continue
        if cell:
            day = read_day(cell)
            if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
                cause = "day and month in figures can be exchanged: year first"
                faults.add(row, "date", "no day", expected, cause)
                continue
            days[-1] = [(day, 1.0)]
            # The last step of GED's codebook: no more than the year is known.
            if form != "ged" or precisions[row].removesuffix(".0") != "5":
                continue
            days[-1] = _spread_year(day.year)
            continue
        text = year.removesuffix(".0")
        if not (text.isdecimal() and _FIRST_YEAR <= int(text) <= _LAST_YEAR):
            faults.add(row, "year", "no year", f"from {_FIRST_YEAR} to {_LAST_YEAR}")
            continue
        days[-1] = _spread_year(int(text))
    return days


def _spread_year(year: int) -> list[tuple[date, float]]:
    return [(date(year, month, 15), 1 / 12) for month in range(1, 13)]


def read_precisions(records: Records, form: Form, faults: RowFaults) -> list[str]:
    """Return how precisely the position of each incident is known."""
    expected = "a precision of this kind of file"
    typed: list[str] = []
    for row, cell in enumerate(records.cells("precision")):
        precision = read_precision(cell, form)
        if cell and precision is None:
            faults.add(row, "precision", "no known precision", expected)
        # Missing counts as low: the incident is spread, not pinned.
        typed.append(precision or "area")
    return typed


def _read_flag(cell: str) -> float | None:
    word = cell.lower().removesuffix(".0")
    return 1.0 if word in _YES else 0.0 if word in _NO else None


def read_civilian(
    records: Records, form: Form, faults: RowFaults
) -> NDArray[np.float64]:
    """Return whether incidents were against civilians, NaN where nobody says."""
    typed = np.full(len(records.lines), np.nan)
    stated, deaths = records.cells("civilian"), records.cells("deaths_civilians")
    for row, cell in enumerate(stated):
        if form == "acled":
            # An empty cell of the export means no; without the column nobody says.
            if records.has("civilian"):
                typed[row] = float(bool(cell))
        elif form == "ged":
            # Violence of kind 3 is one-sided: against civilians.
            if cell:
                typed[row] = float(cell.removesuffix(".0") == "3")
            if _is_positive(deaths[row]):
                typed[row] = 1.0
        elif cell:
            flag = _read_flag(cell)
            if flag is None:
                faults.add(row, "against_civilians", "neither yes nor no", "yes or no")
            else:
                typed[row] = flag
    return typed


def _is_positive(cell: str) -> bool:
    try:
        return float(cell) > 0
    except ValueError:
        return False


def read_discovered(records: Records, faults: RowFaults) -> NDArray[np.bool_]:
    """Return whether a patrol discovered each incident."""
    typed = np.zeros(len(records.lines), dtype=bool)
    expected = "reported or discovered_by_patrol"
    flag_only = records.is_called("origin", "discovered_by_patrol")
    for row, cell in enumerate(records.cells("origin")):
        word = cell.lower().replace(" ", "_").replace("-", "_")
        flag = _read_flag(cell) if flag_only else None
        if word in _DISCOVERED or flag == 1.0:
            typed[row] = True
        elif word and word not in _REPORTED and flag is None:
            faults.add(row, "origin", "neither of the two", expected)
    return typed


def read_probability(records: Records, faults: RowFaults) -> NDArray[np.float64]:
    """Return how likely a patrol was there at each incident, NaN where unknown."""
    typed = np.full(len(records.lines), np.nan)
    for row, cell in enumerate(records.cells("visit_probability")):
        if not cell:
            continue
        try:
            typed[row] = float(cell)
        except ValueError:
            faults.add(row, "visit_probability", "no number", "from 0 to 1")
            continue
        if not 0 <= typed[row] <= 1:
            faults.add(row, "visit_probability", "out of range", "from 0 to 1")
    return typed
