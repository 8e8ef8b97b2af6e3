"""What a layer may hold: columns with unit and meaning, and those that many share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CONFIDENCE",
    "ID",
    "NAME",
    "NAME_FR",
    "NOTE",
    "SOURCE",
    "STATUS",
    "Column",
    "Kind",
    "Schema",
    "Shape",
]

Kind = Literal["text", "number", "whole", "flag", "date"]
Shape = Literal["point", "line", "area", "none"]


@dataclass(frozen=True)
class Column:
    """One column: what it means, and what its cells may hold.

    Parameters
    ----------
    name, kind, unit, meaning
        As they say; the unit is an empty string where there is none.
    needed
        Whether every feature must have a value. A column that is not needed may be
        missing or empty, and is then unknown.
    present
        Whether the column must be there, though its cells may be empty: without it
        every feature would be unknown, most likely by a slip in its heading.
    low, high
        Smallest and largest number, both included.
    choices
        The only texts allowed, where not empty.
    hint_zero, hint_high
        The likely cause of a 0 that is refused, and of a number too large.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    needed: bool = False
    present: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    hint_zero: str = ""
    hint_high: str = ""


@dataclass(frozen=True)
class Schema:
    """One layer: its shape, its columns, and whether a plan can do without it."""

    layer: str
    shape: Shape
    columns: tuple[Column, ...]
    needed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)


ID = Column("id", "text", "key, unique in its layer", needed=True)
NAME = Column("name", "text", "usual name", needed=True)
NAME_FR = Column("name_fr", "text", "French name")
SOURCE = Column("source", "text", "where the facts come from")
CONFIDENCE = Column("confidence", "text", "high, medium, low or choice")
NOTE = Column("note", "text", "anything else")
STATUS = ("open", "caution", "closed", "unknown")
