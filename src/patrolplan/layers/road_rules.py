"""What a line of a foreign network is to a patrol: one table of rules, in order.

Each row of the table looks at one tag and value. It may name a surface, where the one
known so far is among those that it replaces; say what kind of line it is; and open or
shut it by season. Rows of one tag stand together, and later tags go before earlier
ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.columns import CONFIDENCE, SOURCE, Column, Schema
from patrolplan.layers.files import read_layer
from patrolplan.layers.line_tables import LineTable, list_some
from patrolplan.network_figures import LINE_COLUMNS
from patrolplan.shipped import find_shipped

__all__ = [
    "ROAD_RULES",
    "RoadClasses",
    "classify_lines",
    "find_unknown_words",
    "read_road_rules",
]

UNKNOWN = "unknown"
"""What a rule calls a surface that no earlier rule named."""

ROAD_RULES = Schema(
    "road_rules",
    "none",
    (
        Column("tag", "text", "tag it looks at", needed=True, choices=LINE_COLUMNS),
        Column("value", "text", "value of the tag", needed=True),
        Column("replaces", "text", "surfaces it may replace, joined by |"),
        Column("surface", "text", "surface of the speeds table that it means"),
        Column(
            "kind",
            "text",
            "kind of line",
            choices=("road", "track", "ferry", "river"),
        ),
        Column("open_dry", "flag", "whether it may be driven when dry"),
        Column("open_rains", "flag", "whether it may be driven in the rains"),
        SOURCE,
        CONFIDENCE,
    ),
    needed=True,
)

_MUST_BE_KNOWN = ("kind", "highway", "surface", "tracktype")
"""A word here that no rule knows is a slip, where a file is not OpenStreetMap's."""

_TOLD = (*_MUST_BE_KNOWN, "smoothness")
"""Words of these that no rule knows are counted; of others they mean nothing."""

_ONE_WAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1, "no": 0}
_ROUND = ("roundabout", "circular")
_MOTORWAYS = ("motorway", "motorway_link")


@dataclass(frozen=True, eq=False)
class RoadClasses:
    """What each line of a table is.

    Parameters
    ----------
    kind
        ``road``, ``track``, ``ferry`` or ``river``; an empty text where no rule takes
        it for a line that is travelled on.
    surface
        A key of the speeds table, or ``unknown``.
    open_dry, open_rains
        Whether a vehicle may use it.
    oneway
        1 where it goes as drawn only, -1 against that only, 0 both ways.
    level
        0 on the ground; lines on different levels do not meet where they cross.
    unknown
        Words that no rule knows: by tag and word, on how many lines.
    """

    kind: NDArray[np.object_]
    surface: NDArray[np.object_]
    open_dry: NDArray[np.bool_]
    open_rains: NDArray[np.bool_]
    oneway: NDArray[np.int8]
    level: NDArray[np.int16]
    unknown: Mapping[str, Mapping[str, int]]


def read_road_rules(path: Path | str | None = None) -> Any:
    """Read the table of rules.

    Parameters
    ----------
    path
        The table; the shipped one if None.

    Raises
    ------
    LayerError
        If it cannot be read or meant, with all that is wrong.
    """
    if path is None:
        path = find_shipped() / "data" / "geo" / "movement" / "road_rules.csv"
    rules, faults = read_layer(Path(path), ROAD_RULES)
    if not faults:
        faults = list(_find_rule_faults(rules, Path(path).name))
    if faults:
        raise LayerError(faults)
    return rules


def _find_rule_faults(rules: Any, file: str) -> Iterator[Fault]:
    """Yield rows that contradict each other, and surfaces that replace nothing."""
    twice = rules.duplicated(["tag", "value"])
    for row in rules[twice].itertuples():
        where = f"{row.tag}={row.value}"
        yield Fault(file, where, "two rows", "one row", "a row copied")
    for row in rules.itertuples():
        if (row.surface is None) != (row.replaces is None):
            yield Fault(
                file,
                f"{row.tag}={row.value}, replaces",
                f"replaces {row.replaces!r}, surface {row.surface!r}",
                "both or neither",
                "'unknown' was left out?",
            )


def classify_lines(lines: LineTable, rules: Any) -> RoadClasses:
    """Tell what each line is, by the table of rules.

    Parameters
    ----------
    lines
        The lines.
    rules
        The table.
    """
    size = len(lines)
    surfaces = [UNKNOWN, *sorted(set(rules["surface"].dropna()) - {UNKNOWN})]
    number = {name: code for code, name in enumerate(surfaces)}
    kinds = ["", "road", "track", "ferry", "river"]
    surface = np.zeros(size, dtype=np.int16)
    kind = np.zeros(size, dtype=np.int8)
    opened = {"open_dry": np.ones(size, bool), "open_rains": np.ones(size, bool)}
    for tag, rows in rules.groupby("tag", sort=False):
        if tag not in lines.tags:
            continue
        codes, words = _fold(lines.tags[tag])
        place = {word: code for code, word in enumerate(words)}
        for row in rows.itertuples():
            if row.value not in place:
                continue
            has = codes == place[row.value]
            if row.surface is not None:
                replaced = [number.get(name, -1) for name in row.replaces.split("|")]
                surface[has & np.isin(surface, replaced)] = number[row.surface]
            if row.kind is not None:
                kind[has] = kinds.index(row.kind)
            for name, flags in opened.items():
                if (flag := getattr(row, name)) is not None:
                    flags[has] = flag
    return RoadClasses(
        np.array(kinds, dtype=object)[kind],
        np.array(surfaces, dtype=object)[surface],
        opened["open_dry"],
        opened["open_rains"],
        _find_one_ways(lines),
        _find_levels(lines),
        _count_unknown(lines.tags, rules),
    )


def _fold(cells: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Return a code for each cell, -1 where empty, and the words in small letters."""
    codes, words = pd.factorize(np.asarray(cells, dtype=object))
    folded = [str(word).strip().lower() for word in words]
    distinct = sorted({word for word in folded if word})
    place = {word: code for code, word in enumerate(distinct)}
    codes_of = np.array([place.get(word, -1) for word in folded] + [-1], dtype=np.int64)
    return codes_of[codes], distinct


def _count_unknown(
    tags: Mapping[str, NDArray[Any]], rules: Any
) -> dict[str, dict[str, int]]:
    """Return words that no rule knows, with the number of lines that bear them."""
    unknown: dict[str, dict[str, int]] = {}
    for tag in sorted(set(_TOLD) & set(tags)):
        known = set(rules["value"][rules["tag"] == tag])
        codes, words = _fold(tags[tag])
        counts = np.bincount(codes[codes >= 0], minlength=len(words)).tolist()
        found = {w: n for w, n in zip(words, counts, strict=True) if w not in known}
        if found:
            unknown[tag] = found
    return unknown


def find_unknown_words(
    file: str, tags: Mapping[str, NDArray[Any]], rules: Any
) -> Iterator[Fault]:
    """Yield classes and surfaces that no rule knows: in a mapped file, slips.

    Parameters
    ----------
    file
        Its name.
    tags
        What its lines say.
    rules
        The table.
    """
    unknown = _count_unknown(tags, rules)
    for tag in _MUST_BE_KNOWN:
        words = unknown.get(tag, {})
        known = ", ".join(sorted(rules["value"][rules["tag"] == tag]))
        yield from list_some(
            file,
            [f"{tag} {word!r}" for word in words],
            [f"on {count} lines" for count in words.values()],
            f"expected one of {known}",
            f"map the words of the file: [network.values.{tag}]",
        )


def _has(lines: LineTable, tag: str, words: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which lines bear one of some words."""
    if tag not in lines.tags:
        return np.zeros(len(lines), dtype=bool)
    codes, found = _fold(lines.tags[tag])
    return np.isin(codes, [code for code, word in enumerate(found) if word in words])


def _find_one_ways(lines: LineTable) -> NDArray[np.int8]:
    """Return the directions; what a line says goes before what its class implies."""
    implied = _has(lines, "junction", _ROUND) | _has(lines, "highway", _MOTORWAYS)
    oneway = implied.astype(np.int8)
    for word, way in _ONE_WAY.items():
        oneway[_has(lines, "oneway", (word,))] = way
    return oneway


def _find_levels(lines: LineTable) -> NDArray[np.int16]:
    """Return the levels: the tag, else 1 for a bridge and -1 for a tunnel."""
    level = np.zeros(len(lines), dtype=np.int16)
    for tag, step in (("bridge", 1), ("tunnel", -1)):
        if tag in lines.tags:
            codes, words = _fold(lines.tags[tag])
            no = [c for c, word in enumerate(words) if word in ("no", "false", "0")]
            level[(codes >= 0) & ~np.isin(codes, no)] = step
    if "layer" in lines.tags:
        codes, words = _fold(lines.tags["layer"])
        for code, word in enumerate(words):
            try:
                said = int(float(word))
            except (ValueError, OverflowError):
                continue
            if abs(said) <= 100:
                level[codes == code] = said
    return level
