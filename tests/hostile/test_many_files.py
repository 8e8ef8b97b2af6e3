"""Generated broken files before every verb that reads one: read, or refused by name."""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from broken_files import break_file
from hostile_walk import run_verb
from patrolplan.planfile import format_plan
from patrolplan.scenario import LAYER_FILES
from patrolplan.shipped import copy_shipped
from sample_plan import build_plan
from small_scenarios import write_small
from whole_files import build_whole_files

WHOLE = build_whole_files()
FEW, MANY = 3, 20
"""Broken files before each verb; so many by ``make soak``."""


@dataclass(frozen=True)
class Case:
    """A verb, the whole file that is broken before it, and how it is called.

    ``build`` takes the folder and the broken file, and gives the arguments; a file that
    has a place in a theatre is written there.
    """

    name: str
    whole: Callable[[Path], bytes]
    file: str
    build: Callable[[Path, Path], list[object]]


def hold(content: bytes) -> Callable[[Path], bytes]:
    return lambda _: content


def copy(name: str) -> Callable[[Path], bytes]:
    return lambda folder: (folder / name).read_bytes()


PLAN = hold(format_plan(build_plan(count=1)).encode())
SMALL = "small.toml"
CASES = [
    *(
        Case(f"check {layer}", copy(f"layers/{file}"), f"layers/{file}", check)
        for layer, file in LAYER_FILES.items()
        for check in [lambda folder, _: ["check", folder / SMALL]]
    ),
    *(
        Case(f"check {name}", copy(f"layers/{name}"), f"layers/{name}", check)
        for name in ("mandate.toml", "sources.toml", "context/elevation.tif")
        for check in [lambda folder, _: ["check", folder / SMALL]]
    ),
    *(
        Case(verb, copy(SMALL), "broken.toml", build)
        for verb, build in {
            "check": lambda _, file: ["check", file],
            "route": lambda _, file: ["route", "Gao", "Kidal", "--scenario", file],
            "critical": lambda _, file: ["critical", file],
            "casualty": lambda _, file: ["casualty", file],
            "risk": lambda _, file: ["risk", file],
        }.items()
    ),
    *(
        Case(verb, PLAN, "broken.json", build)
        for verb, build in {
            "assess": lambda _, file: ["assess", file],
            "map": lambda out, file: ["map", file, "--out", out / "new"],
            "order": lambda out, file: ["order", file, "--out", out / "new"],
            "export": lambda out, file: ["export", file, "--out", out / "new"],
            "compare": lambda out, file: ["compare", file, out / "whole.json"],
            "ensemble": lambda out, file: [
                *("compare", "--ensemble", file, out / "whole.json")
            ],
            "balance": lambda _, file: ["balance", file],
            "stress": lambda _, file: ["stress", file, "--draws", "100"],
            "release": lambda out, file: [
                *("release", file, "--release", "open", "--out", out / "new")
            ],
            "replan": lambda out, file: [
                *("replan", file, "--now", "2014-11-04", "--scenario", out / SMALL),
                *("--out", out / "new", "--iterations", "0"),
            ],
        }.items()
    ),
    *(
        Case(f"matrix {ending}", hold(WHOLE["sites", ending]), f"broken{ending}", build)
        for ending in (".csv", ".geojson", ".gpkg")
        for build in [lambda out, file: ["matrix", file, "--out", out / "new"]]
    ),
    *(
        Case(
            f"network {ending}", hold(WHOLE["roads", ending]), f"broken{ending}", build
        )
        for ending in (".geojson", ".gpkg", ".osm.pbf", ".zip")
        for build in [
            lambda out, file: ["matrix", out / "sites.csv", "--network", file]
        ]
    ),
    Case(
        "mapping",
        hold(WHOLE["mapping", ".toml"]),
        "broken.toml",
        lambda out, file: [
            *("matrix", out / "sites.csv", "--network", out / "roads.geojson"),
            *("--mapping", file),
        ],
    ),
    Case(
        "learn", hold(WHOLE["track", ".gpx"]), "broken.gpx", lambda _, f: ["learn", f]
    ),
    Case(
        "incidents",
        hold(WHOLE["incidents", ".csv"]),
        "broken.csv",
        lambda _, file: ["risk", "--incidents", file],
    ),
    Case(
        "mandate",
        hold(WHOLE["mandate", ".toml"]),
        "broken.toml",
        lambda out, file: ["balance", out / "whole.json", "--mandate", file],
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A theatre, a small scenario on it, and whole files to go with broken ones."""
    folder = tmp_path_factory.mktemp("theatre") / "theatre"
    copy_shipped(folder)
    text = write_small(folder, "small").read_text(encoding="utf-8")
    begin, _, rest = text.partition("folder = ")
    text = f'{begin}folder = "layers"\n{rest.partition(chr(10))[2]}'
    (folder / SMALL).write_text(text, encoding="utf-8")
    (folder / "whole.json").write_bytes(PLAN(folder))
    (folder / "sites.csv").write_bytes(WHOLE["sites", ".csv"])
    (folder / "roads.geojson").write_bytes(WHOLE["roads", ".geojson"])
    return folder


def clear(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize(
    "count", [FEW, pytest.param(MANY, marks=pytest.mark.soak)], ids=["few", "many"]
)
def test_a_broken_file_is_read_or_refused_by_name(folder, case, count) -> None:
    draw = random.Random(f"files {case.name}")
    whole = case.whole(folder)
    others = [data for data in WHOLE.values() if data != whole]
    path = folder / case.file
    place = case.file.startswith("layers/")
    names = {file.name for file in (folder / "layers").rglob("*")} | {SMALL}
    seen: Counter[int] = Counter()
    try:
        for _ in range(count):
            path.write_bytes(break_file(whole, draw, others))
            clear(folder / "new")
            told = run_verb(*case.build(folder, path))
            assert told.list_faults() == [], told.err
            seen[told.code] += 1
            if told.code == 2:
                # What a layer says may contradict another: then that one is named.
                named = names if place else {path.name}
                assert any(name in told.err for name in named), told.err
                assert not (folder / "new").exists()
                # Where things lie on this machine is nobody's business.
                assert str(folder) not in told.err, told.err
    finally:
        if place:
            path.write_bytes(whole)
        else:
            path.unlink(missing_ok=True)
    sys.stdout.write(f"\n{case.name}: {count} files, by exit code {dict(seen)}\n")
