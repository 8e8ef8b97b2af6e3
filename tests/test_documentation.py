"""The documentation: whole, without dead links, and telling what the code tells."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import docs_tables
import pytest
from babel.messages.pofile import read_po

import patrolplan

CLONE = Path(__file__).resolve().parents[1]
PAGES = sorted((CLONE / "docs").glob("*.md"))
WRITTEN = [*PAGES, CLONE / "README.md", CLONE / "CHANGELOG.md"]
CATALOGUE = Path(patrolplan.__file__).parent / (
    "products/locale/fr/LC_MESSAGES/patrolplan.po"
)


# --- The site -----------------------------------------------------------------------


class Page(HTMLParser):
    """The links and anchors of a page, and what it loads by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.anchors |= {told[name] for name in ("id", "name") if told.get(name)}
        if tag == "a" and told.get("href"):
            self.links.append(told["href"])
        loads = {"link": "href", "script": "src", "img": "src", "iframe": "src"}
        if told.get(loads.get(tag, "")) and told.get("rel") != "canonical":
            self.loaded.append(told[loads[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> dict[Path, Page]:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=CLONE,
        env={"NO_MKDOCS_2_WARNING": "1", "PATH": "", "PYTHONPATH": str(CLONE / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return {page: Page(page.read_text("utf-8")) for page in folder.rglob("*.html")}


def test_no_link_of_the_site_is_dead(site):
    dead = []
    for page, found in site.items():
        for link in found.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or page.name == "404.html":
                continue
            path = unquote(parts.path)
            aim = (page.parent / path).resolve() if path else page
            aim = aim / "index.html" if aim.is_dir() else aim
            if aim.suffix == ".html" and aim in site:
                anchors = site[aim].anchors
                if parts.fragment and unquote(parts.fragment) not in anchors:
                    dead.append(f"{page.name}: {link}: no such anchor")
            elif not aim.exists():
                dead.append(f"{page.name}: {link}: no such page")

    assert len(site) > len(PAGES)
    assert dead == []


def test_no_page_of_the_site_loads_anything_from_elsewhere(site):
    loaded = {link for page in site.values() for link in page.loaded}

    assert loaded
    assert [link for link in loaded if urlsplit(link).netloc] == []


def test_every_public_name_is_on_the_site(site):
    (reference,) = (
        page for path, page in site.items() if path.name == "reference.html"
    )
    missing = []
    for name in patrolplan.__all__:
        found = getattr(patrolplan, name)
        module = getattr(found, "__module__", None)
        if name == "__version__" or module is None:
            continue
        if f"{module}.{found.__name__}" not in reference.anchors:
            missing.append(f"{name}: {module}")

    assert missing == []


# --- What is written ----------------------------------------------------------------


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_links_to_files_of_the_repository_lead_somewhere(page):
    text = re.sub(r"(?s)```.*?```", "", page.read_text("utf-8"))
    links = re.findall(r"\]\(([^)\s]+)\)", text)

    dead = [
        link
        for link in links
        if not urlsplit(link).scheme
        and urlsplit(link).path
        and not (page.parent / urlsplit(link).path).exists()
    ]

    assert dead == []


# --- Names --------------------------------------------------------------------------


def list_public_functions():
    for name in patrolplan.__all__:
        found = getattr(patrolplan, name)
        if inspect.isfunction(found):
            yield pytest.param(found, id=name)


@pytest.mark.parametrize("function", list(list_public_functions()))
def test_each_parameter_of_a_public_function_is_explained(function):
    text = inspect.getdoc(function) or ""
    _, _, told = text.partition("Parameters\n----------\n")
    heads = re.findall(r"(?m)^([*\w][\w, *]*)$", told)
    explained = {name.strip(" *") for head in heads for name in head.split(",")}

    missing = set(inspect.signature(function).parameters) - explained

    assert missing == set()


# --- Figures ------------------------------------------------------------------------


@pytest.mark.parametrize("row", docs_tables.list_figures(), ids=lambda row: row.key)
def test_every_figure_has_a_unit_and_a_source(row):
    assert row.source.strip()
    assert row.unit.strip() or row.key == "hotspots.seed"
    assert row.confidence in {"documented", "derived", "choice", "unset"}
    # A source that names a section of the study names one that is told of.
    for section in re.findall(r"domain study ([MB]?\d+(?:\.\d+)?)", row.source):
        head = section[0] if section[0] in "MB" else section.partition(".")[0]
        sources = (CLONE / "docs" / "sources.md").read_text("utf-8")
        assert re.search(rf"(?m)^\| (M, )?({re.escape(section)}|{head})\b", sources)


def test_every_row_of_movement_has_a_source_and_a_confidence():
    for name in ("speeds", "vehicles", "flood", "road_rules"):
        head, _, *rows = docs_tables.render_layer(name).splitlines()
        columns = [cell.strip() for cell in head.strip("| ").split("|")]
        for row in rows:
            cells = re.split(r"(?<!\\)\|", row)[1:-1]
            told = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
            assert told["source"], row
            assert told["confidence"] in {"high", "medium", "low", "choice"}, row


@pytest.mark.parametrize(
    ("source", "confidence"),
    [
        ("choice; a day trip is not reach", "choice"),
        ("derived: see figure_sd", "derived"),
        ("none unless the planner sets one", "unset"),
        ("domain study 9.2: an expiry date; 30 days is a choice", "choice"),
        ("UN policy, DOS/2020.7", "documented"),
    ],
)
def test_how_far_a_figure_rests_on_its_source(source, confidence):
    assert docs_tables.rate_confidence(source) == confidence


def test_a_cell_can_neither_end_its_row_nor_begin_markup():
    assert docs_tables._escape("a|b *c* <d>\n[e](f)") == r"a\|b \*c\* \<d\> \[e\](f)"


# --- Words --------------------------------------------------------------------------


def read_glossary() -> list[tuple[str, str]]:
    text = (CLONE / "docs" / "glossary.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]*\|$", text)
    return [(en.strip(), fr.strip()) for en, fr in rows if en.strip() != "English"]


def list_sayings() -> list[tuple[str, str]]:
    with CATALOGUE.open("rb") as file:
        messages = list(read_po(file))
    sayings = []
    for message in messages:
        both = (message.id, message.string)
        pairs = zip(*both, strict=False) if message.pluralizable else [both]
        sayings += [(str(en).lower(), str(fr).lower()) for en, fr in pairs]
    return sayings


@pytest.mark.parametrize("pair", read_glossary(), ids=lambda pair: pair[0])
def test_the_glossary_speaks_as_the_products_do(pair):
    english, french = pair
    if french.startswith("("):
        assert french.endswith(")")
        return
    said = [fr for en, fr in list_sayings() if re.search(rf"\b{english}", en)]

    assert any(french in fr for fr in said), said[:5]


def test_the_glossary_is_in_the_order_of_the_alphabet():
    words = [english for english, _ in read_glossary()]

    assert len(words) > 30
    assert words == sorted(words)


def test_every_first_line_of_a_module_is_on_the_plan_of_the_house():
    table = docs_tables.render_floors()

    assert importlib.import_module("patrolplan.need").__doc__.splitlines()[0] in table
    for row in table.splitlines()[2:]:
        assert row.rstrip("| ").count("|") == 3, row
