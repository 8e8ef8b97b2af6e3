"""Text files: CSV tables cell by cell, and the encoding that a text looks like."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from pathlib import Path
from typing import NoReturn

import pandas as pd

from patrolplan.errors import Fault, LayerError
from patrolplan.plain_files import MEGABYTE, check_plain_file
from patrolplan.safety_figures import SafetyFigures

__all__ = [
    "MAX_BYTES",
    "check_columns",
    "check_count",
    "check_layer_size",
    "quote_error",
    "read_table",
    "read_text",
    "refuse",
]

_USUAL = SafetyFigures()
_LONGEST = 200
MAX_BYTES = int(_USUAL.largest_file_mb * MEGABYTE)
"""No layer of a theatre is larger: what is would fill the memory."""

# The outline of a zone may well be longer than the 128 KiB that csv allows a cell; the
# whole file is bounded.
csv.field_size_limit(2**31 - 1)


def refuse(
    path: Path, where: str, found: str, expected: str, cause: str = ""
) -> NoReturn:
    """Refuse a whole file, for one fault that keeps it from being read.

    Parameters
    ----------
    path
        The file.
    where, found, expected, cause
        The parts of the fault.

    Raises
    ------
    LayerError
        Always.
    """
    raise LayerError([Fault(path.name, where, found, expected, cause)])


def quote_error(error: BaseException, path: Path | str) -> str:
    """Return the first line of what a library says is wrong, or what it calls it.

    Parameters
    ----------
    error
        What it raised.
    path
        The file: its name stands for where it lies on this machine.
    """
    path = Path(path)
    said = str(error).strip()
    # A link that leads to itself has no other place.
    for place in (os.path.realpath(path), str(path)):
        said = said.replace(place, path.name)
    line = (said or type(error).__name__).splitlines()[0]
    # Some quote the whole file.
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def read_table(path: Path, safety: SafetyFigures = _USUAL) -> pd.DataFrame:
    """Return the cells of a CSV file as text, each under its heading.

    Parameters
    ----------
    path
        The file, UTF-8.
    safety
        How much it may hold.

    Raises
    ------
    LayerError
        If it is no such table, or larger.
    """
    try:
        text = read_text(path, safety)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        refuse(
            path,
            f"line {reader.line_num}",
            str(error),
            "a CSV table",
            "a quote left open?",
        )
    if not rows:
        cause = "an export or a copy that did not end"
        refuse(path, "file", "it is empty", "a CSV table with a header", cause)
    heading = ",".join(rows[0][1])
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if heading.count(mark) > heading.count(","):
            where, cause = f"line {rows[0][0]}", f"{word} between the cells?"
            refuse(path, where, f"found {heading[:60]!r}", "commas", cause)
    names = [name.strip() for name in rows[0][1]]
    check_columns(path.name, len(names), safety)
    check_count(path.name, len(rows) - 1, safety)
    faults = [
        Fault(
            path.name,
            f"line {line}",
            f"{len(cells)} cells",
            f"{len(names)}, as the header",
            "a comma in a cell without quotes, or a cell left out",
        )
        for line, cells in rows
        if len(cells) != len(names)
    ] + [
        Fault(
            path.name,
            f"column {name!r}",
            "twice",
            "headings that are unique",
            "two tables were joined?",
        )
        for name in sorted(name for name, times in Counter(names).items() if times > 1)
    ]
    if faults:
        raise LayerError(faults)
    return pd.DataFrame([cells for _, cells in rows[1:]], columns=names, dtype=object)


def check_columns(file: str, count: int, safety: SafetyFigures) -> None:
    """Refuse a layer of more columns than may be.

    Parameters
    ----------
    file
        Its name.
    count
        How many columns it has.
    safety
        How many there may be.

    Raises
    ------
    LayerError
        If there are more.
    """
    if count > safety.most_columns:
        cause = "a table of another kind: safety.most_columns is the limit"
        expected = f"at most {safety.most_columns:,}"
        raise LayerError([Fault(file, "columns", f"{count:,}", expected, cause)])


def check_layer_size(path: Path, safety: SafetyFigures) -> None:
    """Refuse the file of a layer that is no plain file, or larger than it may be.

    Parameters
    ----------
    path
        The file.
    safety
        How large it may be.

    Raises
    ------
    LayerError
        If it is.
    OSError
        If there is nothing, or it may not be looked at.
    """
    check_plain_file(
        path,
        "a layer",
        most_mb=safety.largest_file_mb,
        refusal=LayerError,
        figure="safety.largest_file_mb",
    )


def check_count(file: str, count: int, safety: SafetyFigures) -> None:
    """Refuse a layer of more features than may be.

    Parameters
    ----------
    file
        Its name.
    count
        How many features or rows it has.
    safety
        How many there may be.

    Raises
    ------
    LayerError
        If there are more.
    """
    if count > safety.most_features:
        fault = Fault(
            file,
            "features",
            f"{count:,}",
            f"at most {safety.most_features:,}",
            "a layer of another extent: safety.most_features is the limit",
        )
        raise LayerError([fault])


def read_text(path: Path, safety: SafetyFigures = _USUAL) -> str:
    """Return the text of a file, or name the encoding it looks like.

    Parameters
    ----------
    path
        The file.
    safety
        How large it may be.

    Raises
    ------
    LayerError
        If it is no plain file, too large, or not UTF-8.
    OSError
        If it cannot be read.
    """
    check_layer_size(path, safety)
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Latin-1 lacks these bytes, where Windows puts its dashes and quotes.
        windows = any(0x80 <= byte <= 0x9F for byte in content)
        looks = "Windows-1252" if windows else "Latin-1 (ISO-8859-1) or Windows-1252"
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            looks = "UTF-16"
        refuse(
            path,
            f"byte {error.start}",
            "text that is not UTF-8",
            "UTF-8",
            f"it looks like {looks}: save it as UTF-8",
        )
