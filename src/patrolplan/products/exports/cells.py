"""Rows as plain values and back: what files hold is checked before it is a row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from patrolplan.errors import Fault, LayerError
from patrolplan.planfile import format_time
from patrolplan.products.exports.contents import (
    Leg,
    Row,
    list_columns,
    round_degrees,
)

__all__ = ["build_row", "list_cells", "order_rows", "parse_xml", "read_line", "refuse"]

R = TypeVar("R", bound=Row)
_LIMITS: Final = {"lon": 180.0, "lat": 90.0}
_EXPECTED: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a finite number",
    "datetime": "a time such as 2014-11-03T06:15:00Z",
}


def refuse(
    file: str, where: str, found: str, expected: str, cause: str = ""
) -> NoReturn:
    """Refuse a file that was to be read back.

    Parameters
    ----------
    file, where
        Its name, and the place in it.
    found, expected, cause
        What stands there, what should, and what it may come from.

    Raises
    ------
    LayerError
        Always.
    """
    raise LayerError([Fault(file, where, found, expected, cause)])


def list_cells(row: Row) -> dict[str, str | int | float | None]:
    """Return the fields of a row as texts and numbers; times as ISO 8601 with Z.

    Parameters
    ----------
    row
        Any row; the positions of a way are left out.
    """
    cells = {name: getattr(row, name) for name, _ in list_columns(type(row))}
    return {
        name: format_time(value) if isinstance(value, datetime) else value
        for name, value in cells.items()
    }


def build_row(
    kind: type[R], cells: Mapping[str, Any], file: str, where: str, **known: Any
) -> R:
    """Build a row of what a file holds.

    Parameters
    ----------
    kind
        Class of the row.
    cells
        By field: texts, or what the format makes of them; nothing and empty text are
        unknown where a field may be.
    file, where
        For the message.
    **known
        Fields that the format holds elsewhere.

    Raises
    ------
    LayerError
        If a cell is missing or is not what it should be; all of them at once.
    """
    faults = []
    values: dict[str, Any] = dict(known)
    for name, wanted in list_columns(kind):
        if name in known:
            continue
        optional = kind.__annotations__[name].endswith("| None")
        cell = cells.get(name)
        if optional and _is_missing(cell):
            values[name] = None
            continue
        try:
            values[name] = _read_cell(cell, wanted, _LIMITS.get(name))
        except (ValueError, TypeError, OverflowError):
            found = "nothing" if cell is None else f"found {str(cell)[:40]!r}"
            faults.append(Fault(file, f"{where}, {name}", found, _EXPECTED[wanted]))
    if faults:
        raise LayerError(faults)
    return kind(**values)


def _is_missing(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and cell != cell)


def _read_cell(cell: Any, wanted: str, limit: float | None) -> Any:
    if wanted == "str":
        if not isinstance(cell, str):
            raise TypeError
        return cell
    if wanted == "datetime":
        moment = cell if isinstance(cell, datetime) else datetime.fromisoformat(cell)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    number = float(cell)
    if isinstance(cell, bool) or not math.isfinite(number):
        raise ValueError
    if wanted == "int":
        if number != int(number):
            raise ValueError
        return int(number)
    if limit is not None:
        if abs(number) > limit:
            raise ValueError
        return round_degrees(number)
    return number


def read_line(
    positions: Sequence[Sequence[float]], file: str, where: str
) -> tuple[tuple[float, float], ...]:
    """Return the positions of a way, checked.

    Parameters
    ----------
    positions
        Longitude and latitude of each; what follows them is not read.
    file, where
        For the message.

    Raises
    ------
    LayerError
        If one is none, or there are fewer than two.
    """
    try:
        line = tuple(
            (
                _read_cell(position[0], "float", _LIMITS["lon"]),
                _read_cell(position[1], "float", _LIMITS["lat"]),
            )
            for position in positions
        )
    except (ValueError, TypeError, IndexError, OverflowError):
        line = ()
    if len(line) < 2:
        refuse(file, f"{where}, geometry", "no way", "two positions or more in degrees")
    return line


def order_rows(rows: Sequence[R]) -> tuple[R, ...]:
    """Return stops or legs in the order of their patrols, whatever the file's was.

    Parameters
    ----------
    rows
        All of one kind.
    """
    return tuple(
        sorted(rows, key=lambda r: (r.patrol, r.leg if isinstance(r, Leg) else r.stop))  # type: ignore[union-attr]
    )


def parse_xml(data: bytes, file: str) -> Element:
    """Return the root of an XML file without a document type or entities.

    Parameters
    ----------
    data
        The file.
    file
        Its name, for the message.

    Raises
    ------
    LayerError
        If it is no such file.
    """
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        refuse(file, "file", f"no XML from line {line}, column {column} on", "XML")
    except (DefusedXmlException, LookupError, ValueError):
        refuse(file, "file", "a document type, entities, or a strange encoding", "XML")
    return root
