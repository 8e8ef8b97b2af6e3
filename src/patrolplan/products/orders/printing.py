"""An order as a PDF by typst: its data go in as JSON, never as markup.

Only the fonts inside of typst's own wheel are used, so that every machine prints the
same bytes. They know Latin, Greek, Cyrillic, Hebrew and Arabic letters; a sign that
they lack, such as one of Tifinagh, is printed as a box, and the PDF says which.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final
from unicodedata import category, combining

import typst

from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.markup import read_template
from patrolplan.products.orders.model import Order, pick_language
from patrolplan.products.wording import join_texts, translate_filled

__all__ = ["find_missing_signs", "render_order_pdf", "render_order_pictures"]

_BOX: Final = "□"
# Latin letters with all accents of our languages, and the signs that orders use.
_SURE: Final = frozenset(
    [chr(code) for code in range(0x20, 0x7F)]
    + [chr(code) for code in range(0xA0, 0x180)]
    + list("…→×−☐·\u2013\u2014\u2019\u202f\u00a0\u2068\u2069\u200b")
    + [_BOX]
)
# What longer words have no room for in the narrowest column.
_LONG_WORD: Final = re.compile(r"[^\s\u200b-]{16,}")
_SOFT: Final = "\u200b"
_MOST_CODES: Final = 20
_PROBE: Final = (
    b"#set document(date: datetime(year: 2000, month: 1, day: 1))\n"
    b'#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n#sys.inputs.text'
)


@cache
def _open_press() -> typst.Compiler:
    """Return the one compiler of a process: it reads the fonts once."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


def render_order_pdf(order: Order, lang: str) -> bytes:
    """Return an order as a PDF on A4; equal orders give equal bytes.

    Parameters
    ----------
    order
        The order.
    lang
        ``en`` or ``fr``.
    """
    # Tags would make it five times as large: the HTML edition is the one to listen to.
    return bytes(_print(pick_language(order, lang), format="pdf", pdf_tags=False))


def render_order_pictures(order: Order, lang: str, *, ppi: float = 110) -> list[bytes]:
    """Return the pages of an order as PNG pictures, to be looked at.

    Parameters
    ----------
    order, lang
        As for :func:`render_order_pdf`.
    ppi
        Dots per inch.
    """
    pages = _print(pick_language(order, lang), format="png", ppi=ppi)
    return [pages] if isinstance(pages, bytes) else list(pages)


def _print(data: dict[str, Any], **how: Any) -> Any:
    text = json.dumps(_prepare(data), ensure_ascii=False)
    source = read_template("order.typ").encode("utf-8")
    return _open_press().compile(source, sys_inputs={"order": text}, **how)


def _prepare(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with room to break in long words, and boxes for missing signs."""
    missing = find_missing_signs(json.dumps(data, ensure_ascii=False))
    table = dict.fromkeys(map(ord, missing), _BOX)

    def prepare(part: Any) -> Any:
        if isinstance(part, dict):
            return {
                key: part[key].translate(table) if key == "svg" else prepare(part[key])
                for key in part
            }
        if isinstance(part, list):
            return [prepare(item) for item in part]
        if isinstance(part, str):
            return _LONG_WORD.sub(_soften, part.translate(table))
        return part

    prepared: dict[str, Any] = prepare(data)
    prepared["note"] = _word_missing(missing).pick(data["lang"]) if missing else ""
    return prepared


def _soften(found: re.Match[str]) -> str:
    """Return a long word with a chance to break every few letters."""
    return "".join(
        _SOFT + char if place % 4 == 0 and place and not combining(char) else char
        for place, char in enumerate(found.group())
    )


def _word_missing(missing: str) -> Text:
    codes = [Text.same(f"U+{ord(char):04X}") for char in missing[:_MOST_CODES]]
    if len(missing) > _MOST_CODES:
        codes.append(translate_text("and more"))
    return translate_filled(
        "The fonts of this PDF lack signs that names here are written with; each is "
        "shown as □: {codes}. The HTML edition shows them.",
        codes=join_texts(codes),
    )


def find_missing_signs(text: str) -> str:
    """Return the signs of a text that the fonts at hand cannot print, in order.

    Parameters
    ----------
    text
        Any text.
    """
    doubtful = sorted(
        {char for char in text if char not in _SURE and category(char)[0] != "C"}
    )
    return "".join(char for char in doubtful if not _can_print(char))


@cache
def _can_print(char: str) -> bool:
    # No format is stricter than that of archives: a sign without a glyph is an error.
    try:
        _open_press().compile(
            _PROBE, format="pdf", sys_inputs={"text": char}, pdf_standards=["a-2b"]
        )
    except typst.TypstError:
        return False
    return True
