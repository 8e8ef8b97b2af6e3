"""The verb that weighs need met against crew exposure and fuel: tradeoff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import AsJson, Lang, Language, Quiet, print_json
from patrolplan.cli.speaking import say

__all__ = ["tradeoff"]


def tradeoff(
    scenario: Annotated[
        Path | None, typer.Argument(help="A scenario file; none: the built-in.")
    ] = None,
    points: Annotated[int, typer.Option(help="Plans at most.", min=2, max=40)] = 7,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for tradeoff.csv and .html.")
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help="Rounds of the search.", min=0)
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say what less crew exposure and less fuel cost in need met."""
    from patrolplan.products.rows import word_status
    from patrolplan.products.tradeoff import (
        describe_tradeoff,
        word_point,
        write_tradeoff,
    )
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario
    from patrolplan.tradeoff import find_tradeoff

    asked = read_scenario(scenario or find_main_scenario())
    if iterations is not None:
        asked = asked.replace(iterations=iterations)
    compile_once(quiet=quiet or as_json)
    found = find_tradeoff(asked, points=points)
    paths = {} if out is None else write_tradeoff(found, out)
    if as_json:
        files = {"files": [str(path) for path in paths.values()]}
        print_json(describe_tradeoff(found) | files)
    elif not quiet:
        say(f"{asked.name}: {word_status('draft').pick(lang.value)}")
        for number, point in enumerate(found.points, start=1):
            say(f"{number}. {word_point(found, point).pick(lang.value)}")
        for path in paths.values():
            say(path)
