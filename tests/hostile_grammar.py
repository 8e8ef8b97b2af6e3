"""A grammar of hostile texts: as many names as are wanted, the same ones for one seed.

``hostile_names`` lists some that once did harm. Here their pieces are joined anew: what
each of two pieces leaves alone, both together may not.
"""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

__all__ = ["KINDS", "MARK", "Names", "draw_text", "hold_cell"]

MARK: Final = re.compile(r"q\d+n\d+q")
"""What tells one name from all others: see :class:`Names`."""

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "words": (
        *("Gao", "Ménaka", "Tin Essako", "Bambara-Maoudé", "N'Tillit", "Aguel'hoc"),
        *("Poste 12", "RN16", "100 %", "a & b", "x < y > z", "50°", "—", "«\u202fé»"),
    ),
    "markup": (
        *("<script>window.ran=1</script>", "</script><script>window.ran=1</script>"),
        *("<img src=x onerror=window.ran=1>", "'\"><svg onload=window.ran=1>"),
        *("</style><style>*{display:none}</style>", "<!--", "-->", "<b>", "</td></tr>"),
        *("</title></textarea><iframe src=javascript:parent.ran=1></iframe>", "<p"),
        *("<a href=javascript:window.ran=1>x</a>", '" onmouseover="window.ran=1'),
        *("<base href=//example.invalid/>", "<meta http-equiv=refresh content=0>"),
        *("<math><mi//xlink:href=data:x,1>", "<template>", "<plaintext>", "<![CDATA["),
    ),
    "scripts": (
        *(
            "';window.ran=1;'",
            '";window.ran=1;"',
            "`;window.ran=1;`",
            "${window.ran=1}",
        ),
        *(
            "\\u003cscript\\u003e",
            "\\x3cb\\x3e",
            "\\';",
            "*/window.ran=1/*",
            "//",
            "\\",
        ),
        *("__proto__", "constructor", "toString", "javascript:window.ran=1", "%3Cb%3E"),
    ),
    "templates": (
        *("A{{7*191}}Z", "A{{ '7' | int * 191 }}Z", "{% raw %}", "{% for x in y %}"),
        *(
            "{#",
            "#}",
            "{%",
            "%}",
            "}}",
            "{{",
            "A${7*191}Z",
            "A#{7*191}Z",
            "{0}",
            "{",
            "}",
        ),
        "{% filter replace('x', 7 * 191) %}AxZ{% endfilter %}",
        *("A<%= 7*191 %>Z", "{name!r}", "%s", "%(x)s", "%n", "$x"),
    ),
    "styles": (
        *("expression(window.ran=1)", "url(//example.invalid)", ";}*{display:none}"),
        *("@import '//example.invalid';", "red;background:url(x)"),
    ),
    "addresses": (
        *(
            "http://example.invalid/x?y=1&z=2#a",
            "file:///etc/passwd",
            "data:text/html,x",
        ),
        *(
            "//example.invalid",
            "geo:16,0",
            "mailto:x@example.invalid",
            "&#x6a;avascript:",
        ),
    ),
    "formulas": (
        *("=cmd|' /C calc'!A0", "=1+1", "+1", "-1-1", "@SUM(1)", "'=1", "''@x", "\t=1"),
        *('=HYPERLINK("http://example.invalid")', "\r=1", ";=1", ",=1", "|", "''"),
    ),
    "xml": (
        *("]]>", "</name></Placemark><Placemark><name>x", "&lt;", "&amp;amp;", "&#0;"),
        *(
            "&nbsp;",
            "&x;",
            "&#x41;",
            "<?xml?>",
            "<!DOCTYPE x>",
            "&",
            "</wpt>",
            "xmlns:",
        ),
    ),
    "controls": (
        *("\0", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1a", "\x1c", "\x7f", "\x85"),
        *("\x9f", "\ufffe", "\uffff", "\ufffd", "\U0001fffe"),
    ),
    "terminals": (
        *(
            "\x1b[31m",
            "\x1b]52;c;eA==\x07",
            "\x1b[2J",
            "\x9b1A",
            "\x1b]0;x\x1b\\",
            "\r",
        ),
        *("\x1b]8;;http://example.invalid\x1b\\", "\b\b\b"),
    ),
    "breaks": ("\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\t", "\n\n", "\v"),
    "bidi": (
        *(
            "\u202egnp.exe\u202c",
            "\u2066x\u2069",
            "\u202a",
            "\u202b",
            "\u2067",
            "\u200f",
        ),
        *("\u200e", "\u061c", "\u2069\u2069", "\u202c"),
    ),
    "combining": (
        *(
            "e\u0301",
            "\u00e9",
            "e\u0301\u0323",
            "\u1ec7",
            "a\u030a",
            "\u00c5",
            "\u212b",
        ),
        *(
            "Z" + "\u0300\u0316" * 20,
            "\u0301",
            "\u1100\u1161\u11a8",
            "\uac01",
            "ﬁ",
            "\u0344",
        ),
    ),
    "invisible": (
        *(
            "\u200b",
            "\u200d",
            "\u200c",
            "\ufeff",
            "\u00ad",
            "\u2060",
            "\u180e",
            "\u3164",
        ),
        *("\u00a0", "\u202f", "\u3000", "\U000e0041", "\u034f"),
    ),
    "writings": (
        *(
            "\u0643\u064a\u062f\u0627\u0644",
            "\u2d5c\u2d49\u2d4f\u2d31\u2d3d\u2d5c\u2d53",
        ),
        *(
            "\u07d2\u07de\u07cf \u07db\u07d0\u07eb",
            "\u05d2\u05d0\u05d5",
            "\u12a0",
            "\u6771",
        ),
        *("\ufdfa", "\u0660\u0661\u0662", "\u0f00", "\U00010330", "\u0131", "ß", "ǅ"),
    ),
    "emoji": (
        *(
            "\U0001f600",
            "\U0001f1f2\U0001f1f1",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        *("\U0001f3ff", "\u2764\ufe0f", "1\ufe0f\u20e3"),
    ),
    "paths": (
        *(
            "../../etc/passwd",
            "..\\..\\x",
            "C:\\con\\nul.",
            "CON",
            "aux.txt",
            "/dev/zero",
        ),
        *(
            "~/.ssh",
            "a/b",
            ".",
            "..",
            "\\\\host\\x",
            "x\0.png",
            "COM1",
            "*?",
            "halt:x:1",
        ),
    ),
    "rich": (
        *("[red]", "[/]", "[link=http://example.invalid]x[/link]", ":warning:", "[b"),
        *("[@click=app.bell]x[/]", "\\[x]"),
    ),
    "typst": (
        *(
            "A#(7*191)Z",
            '#panic("x")',
            '#read("/etc/passwd")',
            "$ x $",
            "@ref",
            "*strong*",
        ),
        *(
            "_x_",
            "`raw`",
            "// no",
            "/* no",
            "<label>",
            "= Head",
            "\\u{41}",
            "#import",
            "~",
        ),
    ),
    "quotes": ('"', "'", "''", '""', "\\", "`", "\u2019", '","', "';--", "\\\\", "\\n"),
}
"""Pieces by what they might harm; run or evaluated, they show it and do none.

What evaluates ``7*191`` shows ``A1337Z``; a script that runs sets ``window.ran``.
"""

_JOINTS: Final = ("", "", "", " ", " ", "-", "\n", "/", "'", "(")
_MOST_PIECES: Final = 4
_LONGEST: Final = 3_000
# One in so many.
_VERY_LONG: Final = 400
_IN_A_ROW: Final = 40


def draw_text(draw: random.Random) -> str:
    """Return some pieces, each of any kind, joined; now and then very many."""
    count = draw.randint(1, _MOST_PIECES)
    text = ""
    for _ in range(count):
        piece = draw.choice(KINDS[draw.choice([*KINDS])])
        text += (draw.choice(_JOINTS) if text else "") + piece
    if draw.randrange(_VERY_LONG) == 0:
        return (text * (_LONGEST // len(text) + 1))[:_LONGEST]
    if draw.randrange(_IN_A_ROW) == 0:
        return text * draw.randint(2, 8)
    if draw.randrange(4) == 0:
        # Typed on another keyboard.
        return unicodedata.normalize(draw.choice(("NFC", "NFD")), text)
    return text


def hold_cell(text: str) -> str:
    """Return a text as a layer holds it: composed, and without the space round it."""
    return unicodedata.normalize("NFC", text).strip()


@dataclass
class Names:
    """Hands out names, all different by a mark of their own, and remembers them.

    The mark is ``q``, a number and ``q`` again: where it is found, so is the name, and
    where it stands beside a tag, an address or a script, the name got there. No name
    has a sign of ``never``.
    """

    seed: int
    never: str = ""
    given: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._draw = random.Random(f"names {self.seed}")
        self.count = 0

    def take(self, kind: str, *, without: str = "", longest: int = _LONGEST) -> str:
        """Return a new name, and remember it as one of a kind.

        Parameters
        ----------
        kind
            What it becomes the name of.
        without
            Signs that mean something where it is written: they are left out.
        longest
            Signs that it may have, its mark not counted.
        """
        self.count += 1
        mark = f"q{self.seed}n{self.count}q"
        text = draw_text(self._draw).translate(
            dict.fromkeys(map(ord, without + self.never))
        )[:longest]
        # Mostly last, so that a name begins as it may; else amid it.
        at = len(text) if self._draw.randrange(4) else self._draw.randint(1, 9)
        text = f"{text[:at]}{mark}{text[at:]}"
        self.given.setdefault(kind, []).append(text)
        return text

    def list_given(self, *kinds: str) -> list[str]:
        """Return the names of some kinds, as layers hold them."""
        return [hold_cell(name) for kind in kinds for name in self.given[kind]]
