"""Scenarios, and a grid of them, that are planned in a second each."""

from __future__ import annotations

import json
from pathlib import Path

from patrolplan.shipped import find_shipped

SMALL = """
format = "patrolplan-scenario/1"
name = {name}
start = 2015-04-06
horizon_days = {days}
timezone = "Africa/Bamako"
seed = 7
iterations = 5

[layers]
folder = {folder}

[[teams]]
id = "gao-1"
base = "base-gao"
vehicles = {{ armoured = 3 }}
people = 24
max_days = 5
rest_days = 1
range_km = 700

[[teams]]
id = "gao-2"
base = "base-gao"
vehicles = {{ light_4x4 = 3 }}
people = 12
max_days = 4
rest_days = 1
range_km = 700
"""


def write_small(folder: Path, name: str, *, days: int = 7, file: str = "") -> Path:
    """Write a small scenario and return its path, ``NAME.toml`` if not another."""
    path = folder / (file or f"{name}.toml")
    layers = find_shipped() / "data" / "geo"
    text = SMALL.format(
        name=json.dumps(name), days=days, folder=json.dumps(layers.as_posix())
    )
    path.write_text(text, encoding="utf-8")
    return path


GRID = """
format = "patrolplan-grid/1"
scenario = "small.toml"
[grid.roster]
two = {}
one = { without_teams = ["gao-2"] }
[grid.days]
week = { horizon_days = 7 }
never = { horizon_days = -1 }
fortnight = { horizon_days = 14 }
"""
WHOLE = {"two-week", "two-fortnight", "one-week", "one-fortnight"}
"""The variants of the grid that can be planned; the other two cannot be meant."""


def write_grid(folder: Path) -> Path:
    """Write a grid of six variants, two of them broken, and its scenario."""
    write_small(folder, "small")
    path = folder / "grid.toml"
    path.write_text(GRID, encoding="utf-8")
    return path


def read_all(out: Path) -> dict[str, bytes]:
    """Return every file of a folder by its path in it."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }
