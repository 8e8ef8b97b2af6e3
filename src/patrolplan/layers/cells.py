"""Typing the cells of a layer: what each column may hold, every misfit named."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from patrolplan.errors import Fault
from patrolplan.layers.columns import Column, Schema

__all__ = [
    "guess_missing",
    "has_decimal_comma",
    "is_number",
    "label_features",
    "type_cells",
]

_TRUE = {"true", "1", "yes", "1.0"}
_FALSE = {"false", "0", "no", "0.0"}

_COPIED = "a feature was copied, or two sources were joined"

_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")

# A driver may have added a midnight to a day.
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ][\d:.]*)?")


def label_features(frame: pd.DataFrame, layer: str) -> list[str]:
    """Return how messages call each feature: by its key, else by its number."""
    word = {"population": "site", "lines": "line", "zones": "zone", "bases": "base"}
    kind = word.get(layer, layer)
    keys = frame["id"] if "id" in frame else [None] * len(frame)
    return [
        f"{kind} {_shorten(key)}"
        if isinstance(key, str) and key
        else f"{kind} no. {number}"
        for number, key in enumerate(keys, start=1)
    ]


def guess_missing(names: Iterable[str], wanted: str) -> str:
    """Return the likely cause of a column that is not there, from those that are."""
    spelled = {str(name).strip().lower(): str(name) for name in sorted(names)}
    near = difflib.get_close_matches(wanted, spelled, n=1, cutoff=0.75) or [
        # ``longitude`` for lon, ``pop`` for population.
        name
        for name in spelled
        if len(name) > 2 and (name.startswith(wanted) or wanted.startswith(name))
    ]
    if near:
        return f"it is called {_shorten(spelled[near[0]])} here?"
    return "it was renamed, or dropped in an export?"


def has_decimal_comma(cell: object) -> bool:
    """Return whether a cell is a number with a comma for the decimal point."""
    return isinstance(cell, str) and bool(_DECIMAL_COMMA.fullmatch(cell.strip()))


def is_number(column: Column) -> bool:
    """Return whether a column holds numbers."""
    return column.kind in ("number", "whole")


def type_cells(
    frame: pd.DataFrame, schema: Schema, file: str
) -> tuple[Any, list[Fault]]:
    """Return the frame with the schema's columns typed, and what would not fit."""
    faults: list[Fault] = []
    labels: list[str] | None = None
    typed = frame.copy(deep=False)
    for column in schema.columns:
        if column.name not in typed:
            if column.needed or column.present:
                where = f"column {column.name!r}"
                cause = guess_missing({*frame.columns} - {*schema.names}, column.name)
                missing = Fault(file, where, "it is missing", column.meaning, cause)
                faults.append(missing)
            typed[column.name] = np.nan if is_number(column) else None
        cells, refused = _type_column(typed[column.name], column)
        typed[column.name] = cells
        if labels is None:
            # After ``id``, the first column, has become text.
            labels = label_features(typed, schema.layer)
        faults += [
            Fault(
                file,
                f"{labels[row]}, {column.name}",
                f"found {_shorten(found)}",
                _describe(column),
                _guess_cause(found, column),
            )
            for row, found in refused
        ]
        if column.needed and column.name in frame:
            misfits = {row for row, _ in refused}
            faults += [
                Fault(file, f"{labels[row]}, {column.name}", "empty", column.meaning)
                for row in np.flatnonzero(cells.isna().to_numpy()).tolist()
                if row not in misfits
            ]
    if "id" in schema.names:
        keys = typed["id"].dropna()
        faults += [
            Fault(file, f"id {_shorten(key)}", "twice", "ids that are unique", _COPIED)
            for key in sorted(set(keys[keys.duplicated()]))
        ]
    kept = set(schema.names) | {"geometry"}
    return typed[[name for name in typed.columns if name in kept]], faults


def _shorten(found: object, *, length: int = 80) -> str:
    text = repr(found)
    return text if len(text) <= length else text[: length - 1] + "…"


def _guess_cause(found: object, column: Column) -> str:
    """Return the likely cause of a cell that was refused."""
    if is_number(column) and has_decimal_comma(found):
        if column.kind == "whole":
            return "a comma between the thousands?"
        return "a comma for the decimal point?"
    try:
        number = float(str(found))
    except ValueError:
        return ""
    if number == 0:
        return column.hint_zero or "0 was written for unknown?"
    if column.high is not None and number > column.high:
        return column.hint_high
    if column.low is not None and number < column.low:
        return "a sign slipped in, or a code written for unknown?"
    return ""


def _describe(column: Column) -> str:
    """Return what a cell of the column should hold."""
    if column.choices:
        return "expected one of " + ", ".join(column.choices)
    if is_number(column):
        kind = "a whole number" if column.kind == "whole" else "a number"
        unit = f" of {column.unit}" if column.unit else ""
        if column.low is not None and column.high is not None:
            return f"expected {kind}{unit} from {column.low:.12g} to {column.high:.12g}"
        if column.low is not None:
            return f"expected {kind}{unit}, {column.low:.12g} or more"
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
        match = _DAY.fullmatch(str(cell).strip())
        try:
            return (date.fromisoformat(match[1]), True) if match else (empty, False)
        except ValueError:
            return empty, False
    # One name is one text, whichever keyboard composed its accents.
    text = unicodedata.normalize("NFC", str(cell)).strip()
    if column.choices and text.lower() not in column.choices:
        return empty, False
    return (text.lower() if column.choices else text), True
