"""Markdown tables, for the pages that are generated."""

from __future__ import annotations


def escape_cell(text: str) -> str:
    """Return a text as a cell of a Markdown table that shows it as it is.

    Parameters
    ----------
    text
        Any text; line breaks become spaces.
    """
    plain = " ".join(text.split())
    for sign in ("\\", "|", "*", "_", "`", "[", "]"):
        plain = plain.replace(sign, f"\\{sign}")
    return plain.replace("&", "&amp;").replace("<", "&lt;")


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
