"""Draw the plan of the house from the contract that holds it."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from tabling import escape_docstring, format_table

CLONE = Path(__file__).resolve().parents[2]
SOURCE = CLONE / "src" / "patrolplan"
PLAN = "<!-- the plan of the house -->"


def list_floors() -> list[list[str]]:
    """Return the modules of each floor of the import contract, the top first."""
    document = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    (layers,) = (c["layers"] for c in contracts if c["type"] == "layers")
    return [[name.strip() for name in floor.split("|")] for floor in layers]


def write_plan() -> str:
    """Return the floors as a Markdown table, each module with its first line."""
    rows = []
    for number, floor in enumerate(list_floors()):
        for place, name in enumerate(floor):
            level = str(len(list_floors()) - number) if place == 0 else ""
            rows.append([level, f"`{name}`", escape_docstring(_summarise(name))])
    return format_table(["floor", "module", "what it is"], rows)


def _summarise(name: str) -> str:
    path = SOURCE / name
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n\n")[0]


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Put the plan where a page asks for it."""
    return markdown.replace(PLAN, write_plan()) if PLAN in markdown else markdown
