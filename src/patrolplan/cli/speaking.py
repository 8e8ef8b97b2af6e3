"""How verbs speak to a terminal: names of places, files and scenarios are hostile."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from patrolplan.plain_line import flatten_line

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["add_cells", "print_table", "say", "warn"]


def say(text: object = "", *, file: TextIO | None = None) -> None:
    """Print one line, and never more than one, of which no terminal runs a code.

    Parameters
    ----------
    text
        Anything; its ``str`` is taken.
    file
        Where to; None is standard output.
    """
    print(flatten_line(f"{text}"), file=file)


def warn(text: object) -> None:
    """Print one such line on standard error.

    Parameters
    ----------
    text
        Anything; its ``str`` is taken.
    """
    say(text, file=sys.stderr)


def add_cells(table: Table, *cells: str) -> None:
    """Add a row whose cells are shown as they are: rich takes no style from them.

    Parameters
    ----------
    table
        The table.
    *cells
        One a column.
    """
    from rich.text import Text

    table.add_row(*(Text(flatten_line(cell)) for cell in cells))


def print_table(table: Table, *, width: int = 110) -> None:
    """Print a table whose rows were added by :func:`add_cells`.

    Parameters
    ----------
    table
        The table.
    width
        In characters, where no terminal says how wide it is.
    """
    from rich.console import Console

    Console(
        width=None if sys.stdout.isatty() else width,
        markup=False,
        emoji=False,
        highlight=False,
    ).print(table)
