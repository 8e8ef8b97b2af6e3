"""The house: its door, its floors, its size, and what must be in the package."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import patrolplan

SOURCE = Path(patrolplan.__file__).parent
CLONE = Path(__file__).resolve().parents[1]
MODULES = sorted(SOURCE.rglob("*.py"))
BANNED = {
    "base",
    "common",
    "constants",
    "core",
    "helper",
    "helpers",
    "lib",
    "manager",
    "misc",
    "shared",
    "tools",
    "types",
    "util",
    "utils",
}
MOST_LINES = 400
# Compiled functions that call each other live in one file: numba's cache does not
# notice a callee that changed in another.
LICENSED = {"kernel.py", "kernels.py"}


def list_public_names() -> list[str]:
    tree = ast.parse((SOURCE / "__init__.pyi").read_text(encoding="utf-8"))
    return [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def test_the_door_offers_what_its_stub_lists() -> None:
    names = list_public_names()
    assert len(names) == len(set(names))
    assert sorted(patrolplan.__all__) == sorted(names)


@pytest.mark.parametrize("name", list_public_names())
def test_every_public_name_exists_and_is_explained(name) -> None:
    found = getattr(patrolplan, name)
    assert name == "__version__" or (found.__doc__ or "").strip()


@pytest.mark.parametrize("name", list_public_names())
def test_no_function_bears_the_name_of_its_module(name) -> None:
    found = getattr(patrolplan, name)
    module = getattr(found, "__module__", "").rpartition(".")[2]
    assert not callable(found) or found.__name__ != module


def test_imports_only_go_down() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=CLONE,
        env=os.environ | {"PYTHONPATH": str(SOURCE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_is_short_explained_and_well_named(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES or path.name in LICENSED
    assert ast.get_docstring(ast.parse(text)) or path.name == "_version.py"
    assert path.stem not in BANNED
    assert path.parent.name not in BANNED


def test_starting_python_with_the_door_loads_no_heavy_library() -> None:
    script = (
        "import sys, patrolplan; "
        "heavy = {'pandas', 'folium', 'geopandas', 'numpy', 'shapely'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name",
    [
        "__init__.pyi",
        "py.typed",
        "products/assets",
        "products/locale/fr/LC_MESSAGES",
    ],
)
def test_the_package_bears_its_data(name) -> None:
    path = SOURCE / name
    assert path.is_file() or any(
        item.suffix not in {".py", ".pyc"} for item in path.rglob("*") if item.is_file()
    )


def test_the_shipped_data_and_scenarios_are_found() -> None:
    root = patrolplan.find_shipped()
    assert (root / "data" / "geo" / "README.md").is_file()
    assert (root / "scenarios" / "north-mali.toml").is_file()


def test_no_module_of_the_package_shadows_the_standard_library() -> None:
    tops = {path.stem for path in SOURCE.glob("*.py")} - {"__init__"}
    assert not tops & set(sys.stdlib_module_names)
    assert importlib.util.find_spec("patrolplan") is not None


def list_pages(entries: list[object]) -> list[str]:
    """Return the pages of a list in which sections may lie in sections."""
    pages = []
    for entry in entries:
        if isinstance(entry, str):
            pages.append(entry)
        elif isinstance(entry, dict):
            pages += [p for inside in entry.values() for p in list_pages(inside)]
    return pages


def test_every_page_of_the_docs_is_in_the_list_of_pages_once() -> None:
    site = yaml.safe_load((CLONE / "mkdocs.yml").read_text("utf-8"))
    listed = list_pages(site["nav"])
    assert len(listed) == len(set(listed))
    assert {page.name for page in (CLONE / "docs").glob("*.md")} <= set(listed)
