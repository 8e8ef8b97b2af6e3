"""Typing the cells of a layer: what each column may hold, every misfit named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from patrolplan.errors import Fault
from patrolplan.layers.schema import Column, Schema

__all__ = ["is_number", "label_features", "type_cells"]

_TRUE = {"true", "1", "yes", "1.0"}
_FALSE = {"false", "0", "no", "0.0"}


def label_features(frame: pd.DataFrame, layer: str) -> list[str]:
    """Return how messages call each feature: by its key, else by its number."""
    word = {"population": "site", "lines": "line", "zones": "zone", "bases": "base"}
    kind = word.get(layer, layer)
    keys = frame["id"] if "id" in frame else [None] * len(frame)
    return [
        f"{kind} {key!r}" if isinstance(key, str) and key else f"{kind} no. {number}"
        for number, key in enumerate(keys, start=1)
    ]


def is_number(column: Column) -> bool:
    """Return whether a column holds numbers."""
    return column.kind in ("number", "whole")


def type_cells(frame: pd.DataFrame, schema: Schema, file: str) -> Iterator[Fault]:
    """Type the schema's columns in place, drop all others, yield what won't fit."""
    labels: list[str] | None = None
    for column in schema.columns:
        if column.name not in frame:
            if column.needed:
                yield Fault(
                    file,
                    f"column {column.name!r}",
                    "it is missing",
                    f"{column.meaning}",
                )
            frame[column.name] = np.nan if is_number(column) else None
        if labels is None:
            # After ``id``, the first column, has become text.
            frame[column.name] = _type_column(frame[column.name], column)[0]
            labels = label_features(frame, schema.layer)
        cells, refused = _type_column(frame[column.name], column)
        for row, found in refused:
            yield Fault(
                file,
                f"{labels[row]}, {column.name}",
                f"found {found!r}",
                _describe(column),
                column.hint,
            )
        if column.needed:
            misfits = {row for row, _ in refused}
            for empty in np.flatnonzero(cells.isna().to_numpy()):
                row = int(empty)
                if row not in misfits:
                    yield Fault(
                        file, f"{labels[row]}, {column.name}", "empty", column.meaning
                    )
        frame[column.name] = cells
    if "id" in schema.names:
        keys = frame["id"].dropna()
        for key in sorted(set(keys[keys.duplicated()])):
            yield Fault(file, f"id {key!r}", "twice", "ids that are unique")
    kept = set(schema.names) | {"geometry"}
    frame.drop(columns=[c for c in frame.columns if c not in kept], inplace=True)


def _describe(column: Column) -> str:
    """Return what a cell of the column should hold."""
    if column.choices:
        return "expected one of " + ", ".join(column.choices)
    if is_number(column):
        kind = "a whole number" if column.kind == "whole" else "a number"
        unit = f" of {column.unit}" if column.unit else ""
        if column.low is not None and column.high is not None:
            return f"expected {kind}{unit} from {column.low:g} to {column.high:g}"
        if column.low is not None:
            return f"expected {kind}{unit}, {column.low:g} or more"
        return f"expected {kind}{unit}"
    return {
        "flag": "expected true or false",
        "date": "expected a day such as 2014-11-03",
    }.get(column.kind, f"expected text: {column.meaning}")


def _type_column(
    cells: pd.Series[Any], column: Column
) -> tuple[pd.Series[Any], list[tuple[int, Any]]]:
    """Return the cells typed, and the rows that would not fit with what they held."""
    typed: list[Any] = []
    refused: list[tuple[int, Any]] = []
    for row, cell in enumerate(cells):
        value, fits = _type_cell(cell, column)
        if not fits:
            refused.append((row, cell))
        typed.append(value)
    dtype = "float64" if is_number(column) else "object"
    return pd.Series(typed, index=cells.index, dtype=dtype, name=column.name), refused


def _type_cell(cell: Any, column: Column) -> tuple[Any, bool]:
    """Return one cell typed (None or NaN where unknown), and whether it fitted."""
    empty: Any = np.nan if is_number(column) else None
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return empty, True
    if isinstance(cell, float) and np.isnan(cell):
        return empty, True
    if isinstance(cell, str) and not cell.strip():
        return empty, True
    if is_number(column):
        try:
            number = float(cell)
        except (TypeError, ValueError):
            return empty, False
        fits = (
            np.isfinite(number)
            and (column.kind != "whole" or number == round(number))
            and (column.low is None or number >= column.low)
            and (column.high is None or number <= column.high)
        )
        return (number, True) if fits else (empty, False)
    if column.kind == "flag":
        word = str(cell).strip().lower()
        return (word in _TRUE, True) if word in _TRUE | _FALSE else (empty, False)
    if column.kind == "date":
        try:
            return date.fromisoformat(str(cell).strip()[:10]), True
        except ValueError:
            return empty, False
    text = str(cell).strip()
    if column.choices and text.lower() not in column.choices:
        return empty, False
    return (text.lower() if column.choices else text), True
