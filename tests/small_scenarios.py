"""Scenarios that are planned in a second: two teams, one week, the built-in layers."""

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
