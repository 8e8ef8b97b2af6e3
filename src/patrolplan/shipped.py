"""The scenarios and layers that ship: where they lie, and how to copy them."""

from __future__ import annotations

import re
from pathlib import Path

from patrolplan.errors import Fault, ScenarioError

__all__ = [
    "copy_shipped",
    "find_main_scenario",
    "find_shipped",
    "list_shipped_scenarios",
]

_MAIN = "north-mali.toml"


def find_shipped() -> Path:
    """Return the folder that holds the shipped ``data/geo`` and ``scenarios``.

    In a wheel they lie inside the package; an editable install does not see them
    there, so a clone's own are used.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_shipped", package.parents[1]):
        if (root / "scenarios" / _MAIN).is_file():
            return root
    msg = "The shipped scenarios and layers are missing: reinstall patrolplan."
    raise FileNotFoundError(msg)


def find_main_scenario() -> Path:
    """Return the built-in scenario: what a verb takes where no other is named."""
    return find_shipped() / "scenarios" / _MAIN


def list_shipped_scenarios() -> list[Path]:
    """Return the scenario files that ship, the main one first."""
    folder = find_shipped() / "scenarios"
    files = sorted(f for f in folder.glob("*.toml") if not _is_shipped_grid(f))
    return sorted(files, key=lambda f: f.name != _MAIN)


def _is_shipped_grid(path: Path) -> bool:
    return path.stem.endswith("-grid")


_FOLDER_LINE = re.compile(r'(?m)^folder = ".*"$')


def copy_shipped(folder: Path) -> list[Path]:
    """Copy the shipped scenarios and layers into a folder, to be edited.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty.

    Returns
    -------
    The scenario files written.

    Raises
    ------
    ScenarioError
        If the folder holds anything: nothing of a planner's is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fault = Fault(folder.name, "folder", "it is not empty", "a new folder")
        raise ScenarioError([fault])
    shipped = find_shipped()
    geo = shipped / "data" / "geo"
    for source in sorted(geo.rglob("*")):
        inner = source.relative_to(geo)
        hidden = any(part.startswith(("_", ".")) for part in inner.parts)
        if source.is_file() and not hidden and source.suffix != ".py":
            target = folder / "layers" / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    written = []
    for source in list_shipped_scenarios():
        text = source.read_text(encoding="utf-8")
        target = folder / source.name
        target.write_text(
            _FOLDER_LINE.sub('folder = "layers"', text),
            encoding="utf-8",
            newline="\n",
        )
        written.append(target)
    for source in sorted((shipped / "scenarios").glob("*.toml")):
        if _is_shipped_grid(source):
            (folder / source.name).write_bytes(source.read_bytes())
    return written
