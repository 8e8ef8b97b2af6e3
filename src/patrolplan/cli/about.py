"""Verbs that plan nothing: new, check, schema, info."""

from __future__ import annotations

import json
import platform
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrolplan._version import __version__
from patrolplan.cli.program import (
    DONE,
    WRONG_INPUT,
    AsJson,
    Lang,
    Language,
    Quiet,
    print_json,
)
from patrolplan.cli.speaking import say, warn
from patrolplan.errors import Fault, InputError

if TYPE_CHECKING:
    from patrolplan.study import Question


class Contract(StrEnum):
    """The file contracts that have a JSON Schema."""

    SCENARIO = "scenario"
    PLAN = "plan"


def new(folder: Annotated[Path, typer.Argument(help="A new folder.")]) -> None:
    """Copy the built-in scenarios and layers into a folder, to be edited."""
    from patrolplan.shipped import copy_shipped

    written = copy_shipped(folder)
    for path in written:
        say(path)
    say(f"Edit one, then: patrolplan check {written[0]}")


def check(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files.")],
    lang: Lang = Language.EN,
    quiet: Quiet = False,
) -> int:
    """Read everything, print all faults, plan nothing."""
    from patrolplan.study import build_question

    faults: set[Fault] = set()
    for file in scenarios:
        try:
            question = build_question(file)
        except InputError as error:
            faults.update(error.faults)
            continue
        if not quiet:
            _print_question(file, question, lang)
    for fault in sorted(faults):
        warn(fault)
    return WRONG_INPUT if faults else DONE


def _print_question(file: Path, question: Question, lang: Language) -> None:
    """Say that a scenario is fine, and what its planner should know."""
    from patrolplan.products.sentences import render_code

    layers, problem = question.layers, question.problem
    say(
        f"{file.name}: fine: {len(problem.sites)} sites, {len(layers.lines)} lines, "
        f"{len(layers.zones)} zones, {len(problem.bases)} open bases, "
        f"{len(problem.teams)} teams"
    )
    for notice in question.notices:
        say(f"{file.name}: {render_code(notice.code, notice.values, lang.value)}")


def schema(
    contract: Annotated[Contract, typer.Argument(help="scenario or plan")],
) -> None:
    """Print the JSON Schema of a file contract."""
    if contract is Contract.SCENARIO:
        from patrolplan.scenario import Scenario as Model
    else:
        from patrolplan.planfile import PlanFile as Model  # type: ignore[assignment]
    print(json.dumps(Model.model_json_schema(), ensure_ascii=False, indent=2))


def info(as_json: AsJson = False) -> None:
    """Print versions, and the built-in data with sources and dates."""
    from patrolplan.scenario import LAYER_FILES, SOURCES_FILE
    from patrolplan.shipped import find_shipped
    from patrolplan.toml_files import read_toml

    names = ("folium", "geopandas", "networkx", "numpy", "pyproj", "scipy", "shapely")
    versions = {"patrolplan": __version__, "python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in names}
    geo = find_shipped() / "data" / "geo"
    sources = read_toml(geo / SOURCES_FILE, "a list of sources")
    layers = [
        {"layer": layer, "file": LAYER_FILES[layer], **sources[layer]}
        for layer in LAYER_FILES
        if layer in sources
    ]
    if as_json:
        print_json({"versions": versions, "layers": layers})
        return
    for name, version in versions.items():
        say(f"{name} {version}")
    for row in layers:
        say(f"{row['layer']}: {row['source']}; {row['licence']}; {row['date']}")
