"""The documentation: its site stands by itself, and says what the code says."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from babel.messages.pofile import read_po

import patrolplan

SOURCE = Path(patrolplan.__file__).parent
CLONE = Path(__file__).resolve().parents[1]
DOCS = CLONE / "docs"
FRENCH = SOURCE / "products" / "locale" / "fr" / "LC_MESSAGES" / "patrolplan.po"
# Made as the site is built.
GENERATED = {"figures.md", "data-sources.md", "commands.md"}
# What a browser fetches by itself; an <a> it follows only when it is clicked.
FETCHED = {
    ("audio", "src"),
    ("embed", "src"),
    ("iframe", "src"),
    ("img", "src"),
    ("img", "srcset"),
    ("link", "href"),
    ("object", "data"),
    ("script", "src"),
    ("source", "src"),
    ("source", "srcset"),
    ("video", "src"),
}


class PageReader(HTMLParser):
    """Collects the ids, the links and what is fetched of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.fetched: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        told = {name: value or "" for name, value in attrs}
        self.ids |= {told[name] for name in ("id", "name") if name in told}
        if tag == "a" and "href" in told:
            self.links.add(told["href"])
        for name, value in told.items():
            # A canonical address is a statement; nothing is fetched for it.
            if (tag, name) in FETCHED and told.get("rel") != "canonical":
                self.fetched.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=CLONE,
        # No proxy answers: whatever the build asks of a network fails at once.
        env=os.environ
        | {
            "NO_MKDOCS_2_WARNING": "1",
            "PYTHONPATH": str(SOURCE.parent),
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, PageReader]:
    read = {}
    for path in sorted(site.rglob("*.html")):
        read[path] = PageReader()
        read[path].feed(path.read_text(encoding="utf-8"))
    return read


def test_no_link_of_the_site_is_dead(site, pages) -> None:
    # The page of what is not found is served from anywhere: its links are absolute.
    dead = [
        f"{path.relative_to(site)}: {link}"
        for path, page in pages.items()
        if path.name != "404.html"
        for link in page.links | page.fetched
        if not urlsplit(link).scheme and not leads_somewhere(path, link, pages)
    ]
    assert dead == []


def leads_somewhere(path: Path, link: str, pages: dict[Path, PageReader]) -> bool:
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or target not in pages or anchor in pages[target].ids


def test_the_site_asks_nothing_of_any_other_place(site, pages) -> None:
    asked = {
        link
        for page in pages.values()
        for link in page.fetched
        if urlsplit(link).netloc
    }
    assert asked == set()
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", text), sheet
    assert len(pages) > len(list(DOCS.glob("*.md")))


def test_every_name_of_the_door_is_on_the_site(site, pages) -> None:
    known = set().union(
        *(page.ids for path, page in pages.items() if path.parent.name == "reference")
    )
    for name in patrolplan.__all__:
        found = getattr(patrolplan, name)
        if name != "__version__":
            assert f"{found.__module__}.{name}" in known


def list_offered(path: Path) -> list[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def test_every_function_and_class_that_a_module_offers_is_on_the_site(pages) -> None:
    known = set().union(*(page.ids for page in pages.values()))
    missing = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        # The command line has its own page; kernels are explained where they stand.
        if parts[0] == "cli" or parts[-1] in {"kernel", "kernels"}:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        module = ".".join(("patrolplan", *parts)).removesuffix(".__init__")
        names = {f"{module}.{name}" for name in list_offered(path) if name in own}
        missing += sorted(names - known)
    assert missing == []


def list_public_functions():
    named = ((name, getattr(patrolplan, name)) for name in patrolplan.__all__)
    return [pytest.param(f, id=name) for name, f in named if inspect.isfunction(f)]


@pytest.mark.parametrize("function", list_public_functions())
def test_each_parameter_of_a_public_function_is_explained(function) -> None:
    _, _, told = (inspect.getdoc(function) or "").partition("Parameters\n----------\n")
    heads = re.findall(r"(?m)^([*\w][\w, *]*)$", told)
    explained = {name.strip(" *") for head in heads for name in head.split(",")}

    assert set(inspect.signature(function).parameters) - explained == set()


def test_every_verb_is_on_the_page_of_the_command_line(site) -> None:
    import typer

    from patrolplan.cli.running import app

    page = (site / "commands.html").read_text(encoding="utf-8")
    for name in typer.main.get_command(app).commands:
        assert f'id="patrolplan-{name}"' in page


@pytest.fixture
def figures(monkeypatch):
    """The module that makes the page of figures."""
    monkeypatch.syspath_prepend(str(DOCS / "hooks"))
    import figures as module

    return module


def test_every_number_of_a_scenario_has_a_source(figures) -> None:
    listed = figures.list_figures()
    assert len(listed) > 100
    for figure in listed:
        assert figure.source.strip(), figure
        assert figure.unit.strip(), figure
    # What a planner asks for is no figure of ours: it has no default, or none to argue
    # with; a line's worth bears its source beside it in the scenario.
    assert set(figures.list_bare_numbers()) == {
        "horizon_days",
        "area",
        "seed",
        "iterations",
        "lines.presence.need",
    }


def test_every_row_of_the_movement_tables_has_a_source_and_a_confidence(
    figures,
) -> None:
    import csv

    assert set(figures.TABLES) == {path.name for path in figures.MOVEMENT.glob("*.csv")}
    for name in figures.TABLES:
        with (figures.MOVEMENT / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                assert row["source"].strip(), (name, row)
                assert row["confidence"] in {"high", "medium", "low", "choice"}, row


def test_the_page_of_figures_shows_each_of_them(figures, site) -> None:
    page = (site / "figures.html").read_text(encoding="utf-8")
    for figure in figures.list_figures():
        assert f"<code>{figure.name}</code>" in page
    assert page.count("<tr>") > len(figures.list_figures()) + 50


def test_the_plan_of_the_house_names_every_module_of_the_top(site) -> None:
    page = (site / "contributing.html").read_text(encoding="utf-8")
    document = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        for floor in contract.get("layers", ()):
            for name in floor.split(" | "):
                assert f"<code>{name}</code>" in page


def list_glossary() -> list[tuple[str, str]]:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", text, re.M)
    return [row for row in rows if row[0] != "English"]


def test_the_glossary_and_the_products_use_the_same_french_words() -> None:
    with FRENCH.open("rb") as stream:
        spoken: dict[str, set[str]] = {}
        for message in read_po(stream):
            if isinstance(message.id, str) and message.id:
                word = spoken.setdefault(message.id.casefold(), set())
                word.add(str(message.string).casefold())
    shared = [(en, fr) for en, fr in list_glossary() if en.casefold() in spoken]
    assert len(shared) >= 20
    for english, french in shared:
        assert french.casefold() in spoken[english.casefold()], english


@pytest.mark.parametrize(
    "name",
    ["README.md", "CHANGELOG.md", "data/geo/README.md"]
    + [f"docs/{path.name}" for path in sorted(DOCS.glob("*.md"))],
)
def test_files_that_a_page_names_are_there(name) -> None:
    page = CLONE / name
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        parts = urlsplit(link)
        if not parts.scheme and parts.path and parts.path not in GENERATED:
            assert (page.parent / parts.path).exists(), link
    for named in re.findall(r"`((?:docs|data|scenarios|tests|src)/[\w./-]+)`", text):
        assert (CLONE / named).exists() or "*" in named, named
