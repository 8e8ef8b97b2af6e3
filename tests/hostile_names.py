"""Names that strangers might write, to be put through every product."""

from __future__ import annotations

from itertools import product

PAYLOADS = (
    "<script>alert(1)</script>",
    "</name></Placemark><Placemark><name>x",
    "]]><name>y</name><![CDATA[",
    "<!-- -->&lt;&amp;&#0;&#x41;",
    "{{ 7 * 191 }}{% for x in y %}{# #}",
    "${alert(1)}`#{x}\\u003c",
    "'; DROP TABLE stops; --",
    '"," quoted "" , and;semicolon',
    "=cmd|' /C calc'!A0",
    "'=1+1",
    "''@SUM(1)",
    "+1",
    "-1-1",
    "@x",
    "\t=1",
    "%s %(x)s {0} %n",
    "../../etc/passwd",
    "C:\\con\\nul.",
    "\u0643\u064a\u062f\u0627\u0644",
    "\u202egnp.exe\u202c",
    "\u2066isolate\u2069",
    "line\nbreak",
    "carriage\rreturn\r\nboth",
    "tab\tstop",
    "null\0byte",
    "bell\x07escape\x1b[31m",
    "del\x7fc1\x85\x9f",
    "nonchar\ufffe\uffff",
    "para\u2028graph\u2029",
    "\ufeffmark of order",
    "zero\u200bwidth\u200djoin",
    "combining e\u0301\u0323",
    "\U0001f600\U0001f1f2\U0001f1f1",
    "  led and trailed  ",
    "\n",
    " ",
    "",
    "None",
    "nan",
    "NULL",
    "1e999",
    "2014-11-03T06:15:00Z",
    "http://example.invalid/x?y=1&z=2",
    "file:///etc/passwd",
    "x" * 10_240,
)
FRAMES = ("{}", "Gao {}", "{} camp", "\u00e9{}\u00e9", "({})")
NAMES = tuple(
    dict.fromkeys(
        frame.replace("{}", payload) for frame, payload in product(FRAMES, PAYLOADS)
    )
)
"""More than 200, all different."""
