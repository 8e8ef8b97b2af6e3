"""Cells and rows of frames, with their several kinds of missing value made one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

__all__ = ["read_cell", "read_rows"]


def read_cell(row: Any, column: str) -> Any:
    """Return a cell of a row of a frame, or None where it is missing.

    Parameters
    ----------
    row
        A mapping from column names, as :func:`read_rows` yields.
    column
        Name of the column.
    """
    value = row.get(column)
    if value is None:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    # pandas has missing values of its own, which are equal to nothing at all.
    try:
        return value if bool(value == value) else None
    except (TypeError, ValueError):
        return None


def read_rows(frame: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of a frame as dictionaries, those without a shape left out.

    Parameters
    ----------
    frame
        A frame with or without shapes.
    """
    for row in frame.to_dict("records"):
        shape = row.get("geometry")
        if "geometry" in row and (shape is None or shape.is_empty):
            continue
        yield row
