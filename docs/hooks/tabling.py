"""Markdown tables, for the pages that are generated."""

from __future__ import annotations

import re


def escape_cell(text: str) -> str:
    """Return a text as a cell of a Markdown table that shows it as it is.

    Parameters
    ----------
    text
        Any text; line breaks become spaces.
    """
    # Outer blanks matter where a cell is put together of parts.
    plain = re.sub(r"\s+", " ", text)
    for sign in ("\\", "|", "*", "_", "`", "[", "]"):
        plain = plain.replace(sign, f"\\{sign}")
    return plain.replace("&", "&amp;").replace("<", "&lt;")


def escape_docstring(text: str) -> str:
    """Return a docstring's line as a cell in which ``literals`` are set as code.

    Parameters
    ----------
    text
        The line; literals stand between doubled backticks, as numpydoc has them.
    """
    parts = text.split("``")
    if len(parts) % 2 == 0:
        return escape_cell(text)
    return "".join(
        f"`{part}`" if number % 2 else escape_cell(part)
        for number, part in enumerate(parts)
    )


def format_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table.

    Parameters
    ----------
    head
        Its headings, as Markdown.
    rows
        Its cells, as Markdown.
    """
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
