"""Tables of records of what happened, read so that no message tells a cell.

A record of an incident or a visit may hold what nobody should read in a log. So faults
name columns and lines alone, and columns that nobody asked for are dropped here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.incident_columns import PUBLISHED
from patrolplan.layers.privacy import (
    find_personal_columns,
    fold_heading,
    name_column,
)
from patrolplan.layers.texts import read_text, refuse

__all__ = ["Records", "RowFaults", "read_records"]

_NEEDED: Final = ("latitude", "longitude")
_MOST_LINES: Final = 5


@dataclass(frozen=True, eq=False)
class Records:
    """The cells of a table that are read, and the names of those that are not.

    Parameters
    ----------
    lines
        The line of the file that each record ends on.
    columns
        The cells of each column that is read, by what it means.
    folded
        All headings, folded.
    called
        The folded heading of each column that is read.
    dropped
        Columns that are not read, as messages call them.
    """

    lines: tuple[int, ...]
    columns: Mapping[str, Sequence[str]]
    folded: tuple[str, ...]
    called: Mapping[str, str]
    dropped: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Return whether the table has a column."""
        return name in self.columns

    def is_called(self, name: str, heading: str) -> bool:
        """Return whether a column stands under a folded heading."""
        return self.called.get(name) == heading

    def cells(self, name: str) -> Sequence[str]:
        """Return the cells of a column, empty ones where there is none."""
        return self.columns.get(name, ("",) * len(self.lines))


class RowFaults:
    """Faults of rows, gathered by what is wrong, so that a column tells it once.

    Parameters
    ----------
    file
        Name of the file.
    lines
        The line of each row.
    """

    def __init__(self, file: str, lines: Sequence[int]) -> None:
        self._file = file
        self._lines = lines
        self._rows: dict[tuple[str, str, str, str], list[int]] = {}
        self._whole: list[Fault] = []

    def add(
        self, row: int, column: str, found: str, expected: str, cause: str = ""
    ) -> None:
        """Note that a cell cannot be meant; what it holds is no argument."""
        self._rows.setdefault((column, found, expected, cause), []).append(row)

    def add_whole(self, where: str, found: str, expected: str, cause: str = "") -> None:
        """Note what is wrong with the file as a whole."""
        self._whole.append(Fault(self._file, where, found, expected, cause))

    def gather(self) -> list[Fault]:
        """Return all faults, one for each column and what is wrong with it."""
        faults = list(self._whole)
        for (column, found, expected, cause), rows in self._rows.items():
            lines = [str(self._lines[row]) for row in rows[:_MOST_LINES]]
            more = f" and {len(rows) - _MOST_LINES} more" * (len(rows) > _MOST_LINES)
            word = "line" if len(rows) == 1 else "lines"
            where = f"column {column}, {word} {', '.join(lines)}{more}"
            faults.append(Fault(self._file, where, found, expected, cause))
        return faults


def read_records(
    path: Path,
    read: Mapping[str, tuple[str, ...]],
    *,
    needed: Sequence[str] = _NEEDED,
    one_of: Sequence[str] = ("date", "year"),
    published: Collection[str] = PUBLISHED,
) -> Records:
    """Read a CSV table of records.

    Parameters
    ----------
    path
        The file: commas, semicolons or tabs between cells.
    read
        What is read, by the folded headings that it may stand under.
    needed
        What there must be a column of.
    one_of
        Of these there must be one at least.
    published
        Folded headings of published schemas, which are dropped whatever they say.

    Raises
    ------
    LayerError
        If it is no such table, lacks a column, or has one that looks personal.
    """
    rows = _read_rows(path)
    headings = [cell.strip() for cell in rows[0][1]]
    folded = tuple(fold_heading(heading) for heading in headings)
    called = {
        meaning: next(name for name in names if name in folded)
        for meaning, names in read.items()
        if set(names) & set(folded)
    }
    numbers = {meaning: folded.index(name) for meaning, name in called.items()}
    if not numbers:
        # What stands there may be data: nothing of it is told.
        cause = "the first line is no headings, or they are in another language"
        expected = f"columns {', '.join((*needed, ' or '.join(one_of)))}"
        refuse(path, "line 1", "no heading that is known", expected, cause)
    body = rows[1:]
    if body and _is_tag_row(body[0][1]):
        body = body[1:]
    faults = [
        Fault(path.name, f"column {name!r}", "twice", "headings that are unique")
        for name in sorted(set(called.values()))
        if folded.count(name) > 1
    ]
    faults += _find_missing(path.name, called, needed, one_of)
    shape = RowFaults(path.name, [line for line, _ in body])
    for row, (_, cells) in enumerate(body):
        if len(cells) != len(headings):
            found, expected = "another number of cells", f"{len(headings)}, as above"
            shape.add(row, "any", found, expected, "a comma in a cell without quotes?")
    faults += shape.gather()
    others = [
        number
        for number, name in enumerate(folded)
        if number not in numbers.values() and headings[number]
    ]
    unknown = [number for number in others if folded[number] not in published]
    columns = [[c[n] if n < len(c) else "" for _, c in body] for n in unknown]
    for at in find_personal_columns([headings[n] for n in unknown], columns):
        name = name_column(headings[unknown[at]], unknown[at] + 1)
        faults.append(
            Fault(
                path.name,
                f"column {name}",
                "it looks personal",
                "no names, ages, phones, victims or sources of persons",
                "take the column out: patrolplan never needs it",
            )
        )
    if not body:
        cause = "a filter or an export left nothing"
        faults.append(Fault(path.name, "rows", "none", "at least one", cause))
    if faults:
        raise LayerError(faults)
    return Records(
        lines=tuple(line for line, _ in body),
        columns={
            meaning: tuple(cells[number].strip() for _, cells in body)
            for meaning, number in numbers.items()
        },
        folded=folded,
        called=called,
        dropped=tuple(name_column(headings[n], n + 1) for n in others),
    )


def _read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with its line."""
    try:
        text = read_text(path)
    except OSError as error:
        refuse(path, "file", error.strerror or "unreadable", "a readable file")
    heading = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cells)]
    except csv.Error:
        cause = "a quote left open?"
        refuse(path, f"line {reader.line_num}", "broken", "a CSV table", cause)
    if not rows:
        cause = "an export or a copy that did not end"
        refuse(path, "file", "it is empty", "a CSV table with headings", cause)
    return rows


def _is_tag_row(cells: Sequence[str]) -> bool:
    """Return whether a row holds tags of the Humanitarian Exchange Language."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(cell.startswith("#") for cell in filled)


def _find_missing(
    file: str, called: Mapping[str, str], needed: Sequence[str], one_of: Sequence[str]
) -> list[Fault]:
    cause = "it was renamed, or dropped in an export?"
    faults = [
        Fault(file, f"column {name!r}", "it is missing", "needed", cause)
        for name in needed
        if name not in called
    ]
    if one_of and not set(one_of) & called.keys():
        where = f"column {' or '.join(one_of)}"
        faults.append(Fault(file, where, "it is missing", "one of them", cause))
    return faults
