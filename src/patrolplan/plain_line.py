"""One line of a stranger's text, as a terminal or a list of lines may show it."""

from __future__ import annotations

from typing import Final

__all__ = ["flatten_line"]

# Python does not call them printable, but French is written with them.
_NO_BREAK_SPACES: Final = frozenset("\u00a0\u202f")


def flatten_line(text: str) -> str:
    r"""Return a text as one line that no terminal acts on.

    Whatever is not printable becomes a space: ends of lines, which would forge a
    second line; control codes, which move the cursor, clear the screen or fill the
    clipboard; embeddings that turn the reading order. Doing it twice changes nothing.

    Parameters
    ----------
    text
        Any text.

    Examples
    --------
    >>> flatten_line("Gao\n\x1b[2J")
    'Gao  [2J'
    """
    return "".join(
        char if char.isprintable() or char in _NO_BREAK_SPACES else " " for char in text
    )
