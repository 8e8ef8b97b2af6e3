"""What the files of a pack hold, as another program reads them, and what might run."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pypdf

from hostile_grammar import MARK, Names
from hostile_plan import squeeze
from patrolplan.products.escaping import normalise_text, strip_for_text
from patrolplan.products.tables import restore_text

__all__ = ["Page", "find_torn", "list_texts", "read_page", "show_page"]

_URLS: Final = frozenset(
    ("href", "src", "action", "formaction", "data", "srcset", "poster", "xlink:href")
)
_TAGS: Final = frozenset(("iframe", "object", "embed", "base", "frame", "applet"))


@dataclass
class Page(HTMLParser):
    """A page as its text, its scripts, and what in it might run."""

    text: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    within: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    __hash__ = object.__hash__

    def handle_starttag(self, tag, attrs) -> None:
        if tag in ("script", "style"):
            self.within = tag
            self.scripts += [""] if tag == "script" else []
        if tag in _TAGS or MARK.search(tag):
            self.faults.append(f"a tag {tag!r}")
        told = dict(attrs)
        if tag == "meta" and (told.get("http-equiv") or "").lower() != "":
            if told["http-equiv"].lower() not in (
                "content-security-policy",
                "content-type",
            ):
                self.faults.append(f"a meta {told['http-equiv']!r}")
            self.allowed |= {*re.findall(r"'sha256-([^']+)'", told["content"])}
        for name, value in attrs:
            self._look_at(tag, name, value or "")

    def _look_at(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name == "srcdoc" or MARK.search(name):
            self.faults.append(f"an attribute {name!r} of {tag!r}")
        elif name in _URLS:
            self._look_at_address(tag, value)
        elif name == "style" and MARK.search(value):
            self.faults.append(f"a name in a style of {tag!r}")
        else:
            self.text.append(value)

    def _look_at_address(self, tag: str, value: str) -> None:
        begin = value.strip().lower()
        if begin.startswith(("javascript:", "vbscript:", "file:", "//", "data:text")):
            self.faults.append(f"an address {value[:60]!r} of {tag!r}")
        if MARK.search(value) and not begin.startswith("#"):
            self.faults.append(f"a name in an address {value[:60]!r} of {tag!r}")
        if tag in ("script", "link") and "src" in begin:
            self.faults.append(f"something loaded by {tag!r}")

    def handle_startendtag(self, tag, attrs) -> None:
        self.handle_starttag(tag, attrs)
        if self.within == tag:
            self.within = ""

    def handle_endtag(self, tag) -> None:
        if tag == self.within:
            self.within = ""

    def handle_data(self, data) -> None:
        if self.within == "script":
            self.scripts[-1] += data
        elif not self.within:
            self.text.append(data)

    def list_faults(self) -> list[str]:
        """Return what might run or be asked for that patrolplan did not write."""
        found = list(self.faults)
        for script in self.scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest())
            if digest.decode() not in self.allowed:
                found.append(f"a script that is not allowed: {script[:80]!r}")
        return found


def read_page(path: Path) -> Page:
    """Return a page, parsed."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def show_page(page: Page) -> str:
    """Return what a page shows, and what its scripts hold to be shown."""
    parts = list(page.text)
    for script in page.scripts:
        # As a string of JavaScript, shown as HTML or as plain text.
        text = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _decode_sign, script)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        parts += [text, html.unescape(text), normalise_text(text)]
    return "\n".join(parts)


_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _decode_sign(match: re.Match[str]) -> str:
    sign = match[1]
    if len(sign) > 1:
        return chr(int(sign[1:], 16))
    return _SIGNS.get(sign, sign)


def list_texts(path: Path) -> list[str]:
    """Return every text that a file of a pack holds, as another program reads it."""
    ending = path.suffix
    if ending in (".gpx", ".kml"):
        root = ET.parse(path).getroot()
        return [
            text
            for node in root.iter()
            for text in (node.text, node.tail, *node.attrib.values())
            if text and text.strip()
        ]
    if ending in (".json", ".geojson"):
        return [*_walk_json(json.loads(path.read_text(encoding="utf-8")))]
    if ending == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [restore_text(c) for row in csv.reader(file) for c in row]
    if ending == ".gpkg":
        return [*_walk_tables(path)]
    if ending == ".pdf":
        return [page.extract_text() for page in pypdf.PdfReader(path).pages]
    if ending == ".html":
        return [show_page(read_page(path))]
    return [path.read_text(encoding="utf-8")]


def _walk_json(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from node
        for child in node.values():
            yield from _walk_json(child)
    elif isinstance(node, list):
        for child in node:
            yield from _walk_json(child)


def _walk_tables(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as base:
        listed = base.execute("SELECT table_name FROM gpkg_contents").fetchall()
        for (name,) in listed:
            for row in base.execute(f'SELECT * FROM "{name}"'):
                yield from (cell for cell in row if isinstance(cell, str))


def find_torn(names: Names, shown: str) -> list[str]:
    """Return the names of which only a part is shown.

    Wherever the mark of a name is, all of the name must be: as it is normalised for
    pages, or for places that show no entities.
    """
    text = squeeze(unicodedata.normalize("NFC", shown))
    marks = {*MARK.findall(text)}
    torn = []
    for given in names.given.values():
        for name in given:
            mark = MARK.search(name)
            if mark is None or mark[0] not in marks:
                continue
            whole = unicodedata.normalize("NFC", name).strip()
            forms = [
                squeeze(unicodedata.normalize("NFC", form(whole)))
                for form in (normalise_text, strip_for_text)
            ]
            # On a sketch there is no room for long names: the dots say so.
            forms += [f"{form[:cut]}…" for form in forms for cut in range(9, 30)]
            if not any(form in text for form in forms):
                torn.append(name)
    return torn
