"""Generate the reference: the public door as one table, and a page for each wing.

A module is on the site because it has ``__all__``: none can be forgotten.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from tabling import escape_docstring, format_table

SOURCE = Path(__file__).resolve().parents[2] / "src" / "patrolplan"
DOOR = "<!-- every name of the public door -->"
WINGS = {
    "composing": "The natural path and what is built on it",
    "layers": "Layers: reading and checking",
    "network": "Network: travel, matrices, alternatives",
    "need": "Need: risk, threat, themes",
    "planning": "Planning: solver, bound, referee",
    "planfile": "The contract of plan.json",
    "products": "Products: maps, orders, exports, tables",
    "serving": "Serving: the planner's local page",
}
"""Pages by wing; ``composing`` is of the modules that lie in no package."""

# Compiled loops over arrays, explained where they stand.
KERNELS = {"kernel.py", "kernels.py"}


def list_modules(wing: str) -> list[str]:
    """Return the dotted names of a wing's public modules, in order.

    Parameters
    ----------
    wing
        A key of ``WINGS``.
    """
    folder = SOURCE if wing == "composing" else SOURCE / wing
    paths = folder.glob("*.py") if wing == "composing" else folder.rglob("*.py")
    return sorted(
        _name(path)
        for path in paths
        if path.name not in KERNELS and _list_offered(path)
    )


def list_door() -> Iterator[tuple[str, str]]:
    """Yield each name of the public door and the dotted name of where it is defined."""
    tree = ast.parse((SOURCE / "__init__.pyi").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if not alias.name.startswith("_"):
                    yield alias.name, _find_home(node.module or "", alias.name)


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(("patrolplan", *parts)).removesuffix(".__init__")


def _list_offered(path: Path) -> list[str]:
    """Return what a module offers; of a package what it does not only pass on."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    offered: list[str] = []
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            offered = list(ast.literal_eval(node.value))
    if path.name != "__init__.py":
        return offered
    own = {n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return [name for name in offered if name in own]


def _find_home(module: str, name: str) -> str:
    """Follow re-exports of packages to the module that defines a name."""
    path = SOURCE.joinpath(*module.split("."))
    if not path.is_dir():
        return f"patrolplan.{module}.{name}"
    for node in ast.parse((path / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == name:
                    inner = (node.module or "").removeprefix("patrolplan.")
                    return _find_home(inner, name)
    return f"patrolplan.{module}.{name}"


def _summarise(home: str) -> str:
    module, _, name = home.rpartition(".")
    path = SOURCE.joinpath(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return (ast.get_docstring(node) or "").partition("\n\n")[0]
    return ""


def write_door() -> str:
    """Return the table of the public door as Markdown."""
    rows = [
        [f"[`{name}`][{home}]", escape_docstring(_summarise(home))]
        for name, home in sorted(list_door(), key=lambda pair: pair[0].lower())
    ]
    return format_table(["`pp.`", "what it is"], rows)


def write_wing(wing: str) -> str:
    """Return a wing's page as Markdown.

    Parameters
    ----------
    wing
        A key of ``WINGS``.
    """
    entries = "".join(f"::: {module}\n" for module in list_modules(wing))
    return f"# {WINGS[wing]}\n\n{entries}"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each wing."""
    for wing in WINGS:
        name = f"reference/{wing}.md"
        files.append(File.generated(config, name, content=write_wing(wing)))
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Put the table of the door where its page asks for it."""
    return markdown.replace(DOOR, write_door()) if DOOR in markdown else markdown
