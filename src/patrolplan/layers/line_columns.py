"""From a foreign file's columns and words to the house's, every misfit named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.cells import guess_missing, has_decimal_comma
from patrolplan.layers.line_tables import list_some
from patrolplan.network_figures import LINE_COLUMNS, NetworkFigures

__all__ = ["FIGURES", "choose_columns", "read_tags"]

FIGURES: Mapping[str, tuple[float, float, str]] = {
    "length_km": (1e-5, 5000.0, "km"),
    "speed_kmh": (0.5, 150.0, "km/h"),
    "duration_min": (0.0, 100_000.0, "min"),
    "wait_min": (0.0, 2880.0, "min"),
    "crossing_min": (0.0, 2880.0, "min"),
}
"""Columns of numbers: the least and the most that is believed, and the unit."""

_WEIGHTS = ("speed_kmh", "duration_min")
"""Whoever maps one of these means it for every line: an empty cell is a fault."""


def choose_columns(
    file: str, names: list[str], figures: NetworkFigures
) -> dict[str, str]:
    """Return the file's column for each of the house's that it has.

    Parameters
    ----------
    file, names
        The file, and its columns.
    figures
        The mapping; a column that it leaves out is found by the house's name.

    Raises
    ------
    LayerError
        If a mapped column is not there, or nothing tells what a line is.
    """
    faults = [
        Fault(
            file,
            f"column {name!r}",
            "it is missing",
            f"the column that network.columns.{house} names",
            guess_missing(names, name.lower()),
        )
        for house, name in figures.columns.items()
        if name not in names
    ]
    chosen = {name: name for name in names if name in LINE_COLUMNS}
    chosen |= {h: n for h, n in figures.columns.items() if n in names}
    unmapped = sorted(set(figures.values) - set(chosen) - set(figures.columns))
    faults += [
        Fault(
            file,
            f"network.values.{house}",
            "words for a column that the file lacks",
            f"network.columns.{house}",
            "the column was not mapped",
        )
        for house in unmapped
    ]
    if not faults and not {"highway", "kind"} & set(chosen):
        faults.append(
            Fault(
                file,
                "columns",
                f"found {', '.join(sorted(names)[:12]) or 'none'}",
                "a column 'highway' or 'kind', or network.columns.highway",
                "a foreign file: map its columns",
            )
        )
    if faults:
        raise LayerError(faults)
    return {house: chosen[house] for house in LINE_COLUMNS if house in chosen}


def read_tags(
    file: str,
    columns: Mapping[str, NDArray[Any]],
    size: int,
    figures: NetworkFigures,
) -> tuple[NDArray[np.object_], dict[str, NDArray[Any]], list[Fault]]:
    """Return ids, cells typed and translated, and what would not fit.

    Parameters
    ----------
    file
        Its name.
    columns
        The file's cells under the house's names.
    size
        How many features there are.
    figures
        The mapping.
    """
    faults: list[Fault] = []
    if "id" in columns:
        ids = _read_words(columns["id"])
        faults += _find_bad_ids(file, ids)
    else:
        ids = np.array([str(n) for n in range(1, size + 1)], dtype=object)
    tags: dict[str, NDArray[Any]] = {}
    for house, cells in columns.items():
        if house == "id":
            continue
        if house in FIGURES:
            mapped = house in figures.columns and house in _WEIGHTS
            tags[house], found = _read_figures(file, ids, house, cells, needed=mapped)
            faults += found
        else:
            tags[house] = _translate(_read_words(cells), figures.values.get(house, {}))
    return ids, tags, faults


def _read_words(cells: NDArray[Any]) -> NDArray[np.object_]:
    """Return cells as text, None where empty; whole numbers without a point."""
    codes, values = pd.factorize(np.asarray(cells, dtype=object))
    words: list[str | None] = []
    for value in values:
        if isinstance(value, float) and value == round(value):
            text = str(int(value))
        elif isinstance(value, bool | np.bool_):
            text = "yes" if value else "no"
        else:
            text = str(value).strip()
        words.append(text or None)
    return np.array([*words, None], dtype=object)[codes]


def _translate(
    words: NDArray[np.object_], values: Mapping[str, str]
) -> NDArray[np.object_]:
    """Return words of the file as those of the house, case aside."""
    if not values:
        return words
    known = {word.strip().lower(): house for word, house in values.items()}
    codes, distinct = pd.factorize(words)
    mapped = [known.get(str(word).lower(), word) for word in distinct]
    return np.array([*mapped, None], dtype=object)[codes]


def _find_bad_ids(file: str, ids: NDArray[np.object_]) -> Iterator[Fault]:
    """Yield features without an id, and ids of several features."""
    empty = np.flatnonzero(ids == None)  # noqa: E711 - cell by cell
    yield from list_some(
        file,
        [f"line no. {row + 1}, id" for row in empty.tolist()],
        ["empty"] * len(empty),
        "a key, unique in its layer",
        "",
    )
    keys, counts = np.unique(ids[ids != None].astype(str), return_counts=True)  # noqa: E711
    twice = keys[counts > 1].tolist()
    yield from list_some(
        file,
        [f"id {key!r}" for key in twice],
        [f"{count} times" for count in counts[counts > 1].tolist()],
        "ids that are unique",
        "a feature was copied, or two sources were joined",
    )


def _read_figures(
    file: str,
    ids: NDArray[np.object_],
    house: str,
    cells: NDArray[Any],
    *,
    needed: bool,
) -> tuple[NDArray[np.float64], list[Fault]]:
    """Return numbers, NaN where empty; negative, infinite and others are faults."""
    low, high, unit = FIGURES[house]
    texts = np.asarray(cells, dtype=object)
    numbers = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(float).copy()
    blank = pd.isna(texts) | np.array([str(c).strip() == "" for c in texts], dtype=bool)
    with np.errstate(invalid="ignore"):
        wrong = ~blank & ~((numbers >= low) & (numbers <= high))
    if needed:
        wrong |= blank
    rows = np.flatnonzero(wrong)
    found = ["empty" if blank[r] else f"found {texts[r]!r:.60}" for r in rows.tolist()]
    cause = ""
    if any(has_decimal_comma(texts[row]) for row in rows[:100]):
        cause = "a comma for the decimal point?"
    elif house == "length_km" and len(rows) and (numbers[rows] > high).all():
        cause = "metres taken for kilometres?"
    faults = list_some(
        file,
        [f"line {ids[row]!r}, {house}" for row in rows.tolist()],
        found,
        f"expected {unit} from {low:g} to {high:g}",
        cause,
    )
    numbers[wrong] = np.nan
    return numbers, list(faults)
