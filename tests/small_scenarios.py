"""Scenarios, and a grid of them, that are planned in a second each; a grid in full."""

from __future__ import annotations

import json
from pathlib import Path

from patrolplan.shipped import find_main_scenario, find_shipped

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


DATES = """
format = "patrolplan-grid/1"
scenario = {scenario}
iterations = 1000
[grid.date]
{dates}
[grid.roster]
six = {{}}
four = {{ without_teams = ["menaka", "tessalit"] }}
[grid.roads]
open = {{}}
rn19 = {{ close = ["gao-almoustarat", "bourem-almoustarat"] }}
"""


def write_dates(folder: Path, dates: int) -> Path:
    """Write a grid of four variants for each of up to fifty dates of 2014."""
    days = [(m, d) for m in range(1, 11) for d in (1, 7, 13, 19, 25)][:dates]
    lines = [f"m{m:02}d{d:02} = {{ start = 2014-{m:02}-{d:02} }}" for m, d in days]
    path = folder / "dates.toml"
    path.write_text(
        DATES.format(
            scenario=json.dumps(find_main_scenario().as_posix()), dates="\n".join(lines)
        ),
        encoding="utf-8",
    )
    return path


def read_all(out: Path) -> dict[str, bytes]:
    """Return every file of a folder by its path in it."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }
