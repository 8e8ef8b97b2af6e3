"""Text files: CSV tables cell by cell, and the encoding that a text looks like."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NoReturn

import pandas as pd

from patrolplan.errors import Fault, LayerError

__all__ = ["MAX_BYTES", "read_table", "read_text", "refuse"]

MAX_BYTES = 512 * 1024 * 1024
"""No layer of a theatre is larger: what is would fill the memory."""

# The outline of a zone may well be longer than the 128 KiB that csv allows a cell.
csv.field_size_limit(MAX_BYTES)


def refuse(
    path: Path, where: str, found: str, expected: str, cause: str = ""
) -> NoReturn:
    """Refuse a whole file, for one fault that keeps it from being read."""
    raise LayerError([Fault(path.name, where, found, expected, cause)])


def read_table(path: Path) -> pd.DataFrame:
    """Return the cells of a CSV file as text, each under its heading."""
    try:
        text = read_text(path)
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
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if faults:
        raise LayerError(faults)
    return pd.DataFrame([cells for _, cells in rows[1:]], columns=names, dtype=object)


def read_text(path: Path) -> str:
    """Return the text of a file, or name the encoding it looks like."""
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
