"""Untrusted text made inert before it reaches a map or a page.

A place name is written by strangers, and on the way to the screen it passes a Jinja
template, a JavaScript template literal and an HTML parser. Any of the three may take
it for code. Every string that this package did not write goes through one function
here, at the sink and nowhere else.
"""

from __future__ import annotations

import html
import unicodedata
from typing import Final

__all__ = ["escape_text", "normalise_text", "strip_for_text"]

_REPLACEMENT: Final = "\ufffd"
_FIRST_STRONG_ISOLATE: Final = "\u2068"
_POP_ISOLATE: Final = "\u2069"


def _visible_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for code in (*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF):
        table[code] = _REPLACEMENT
    # A lone surrogate can be neither written as UTF-8 nor hashed for the CSP.
    for code in range(0xD800, 0xE000):
        table[code] = _REPLACEMENT
    # A line break ends a JavaScript string, and U+2028/9 are line breaks there too.
    for code in (*range(0x09, 0x0E), *range(0x1C, 0x1F), 0x85, 0x2028, 0x2029):
        table[code] = " "
    # Overrides and embeddings reorder whatever stands around the name.
    for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)):
        table[code] = None
    return table


_VISIBLE: Final = _visible_table()

# Braces start Jinja; backtick, dollar and backslash mean something in a JavaScript
# template literal. As entities they survive both and are decoded only as HTML text.
# The underscore makes a layer named __proto__ break the layer control, whose names are
# keys of a JavaScript object, and makes a name look like an id that folium generated.
_ENTITIES: Final = {ord(char): f"&#{ord(char)};" for char in "{}`$\\_"}

_LOOKALIKES: Final = str.maketrans(
    {
        "{": "(",
        "}": ")",
        "<": "\u2039",
        ">": "\u203a",
        '"': "\u201d",
        "'": "\u2019",
        "`": "\u2019",
        "\\": "/",
        "$": None,
    }
)


def normalise_text(value: object) -> str:
    r"""Return the text that a reader sees in place of ``value``.

    Line breaks and tabs become spaces; other control characters, lone surrogates
    and the noncharacters U+FFFE and U+FFFF become U+FFFD, so that the damage shows;
    bidirectional embeddings, overrides and isolates are dropped. Text with letters
    that run from right to left is put between U+2068 and U+2069, which are invisible
    and keep it from reordering the numbers beside it. Doing it twice changes nothing.

    Parameters
    ----------
    value
        Anything; its ``str`` is taken.

    Returns
    -------
    str
        The normalised text, still unescaped.
    """
    text = str(value).replace("\r\n", "\n").translate(_VISIBLE)
    if text.isascii():
        return text
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def escape_text(value: object) -> str:
    """Escape untrusted text for every folium, HTML and JavaScript sink.

    The result is safe in HTML text, in a quoted attribute, in a JavaScript string or
    template literal whose content is shown as HTML (popups, tooltips, ``DivIcon``,
    layer names, GeoJSON property values that a tooltip shows), and through any
    number of Jinja passes. It is not for sinks that show entities as they stand;
    there :func:`strip_for_text` is meant.

    Escaping is not idempotent: escaped twice, a name shows its entities. Escape
    once, where the text enters the sink, and keep stored text as it was. In folium
    leave ``parse_html`` at its built-in ``False``, since it would escape again.

    Parameters
    ----------
    value
        Anything; its ``str`` is taken.

    Returns
    -------
    str
        HTML text that shows exactly ``normalise_text(value)``.
    """
    return html.escape(normalise_text(value), quote=True).translate(_ENTITIES)


def strip_for_text(value: object) -> str:
    """Make untrusted text safe for a sink that shows HTML entities literally.

    Such sinks are a colour scale's caption, text along a line, an SVG or canvas
    label and the search box. Braces become parentheses, angle brackets and quotes
    become their typographic kin, a backslash becomes a slash, the dollar goes. What
    is left holds no character that Jinja, HTML or JavaScript could act on, save the
    ampersand, which cannot start anything in a text sink.

    Parameters
    ----------
    value
        Anything; its ``str`` is taken.

    Returns
    -------
    str
        Plain text; doing it twice changes nothing.
    """
    return normalise_text(value).translate(_LOOKALIKES)
