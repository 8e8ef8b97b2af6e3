"""The verb that says where a forward base covers most need: bases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import AsJson, Lang, Language, Quiet, print_json
from patrolplan.cli.speaking import say

__all__ = ["bases"]


def bases(
    scenario: Annotated[
        Path | None, typer.Argument(help="A scenario file; none: the built-in.")
    ] = None,
    count: Annotated[int, typer.Option(help="How many bases.", min=1, max=20)] = 1,
    days: Annotated[
        int, typer.Option(help="Days that each stands.", min=30, max=90)
    ] = 60,
    reach_days: Annotated[
        int, typer.Option(help="Days of a patrol that covers a site.", min=1, max=14)
    ] = 2,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for forward-bases.csv and .html."),
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help="Rounds of the search.", min=0)
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say where a temporary base covers most need, and what it costs."""
    from patrolplan.forward_bases import find_forward_bases
    from patrolplan.products.catalogue import format_number, translate
    from patrolplan.products.forward_bases import (
        WORDS,
        tabulate_forward_bases,
        write_forward_bases,
    )
    from patrolplan.products.rows import word_status
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario

    asked = read_scenario(scenario or find_main_scenario())
    if iterations is not None:
        asked = asked.replace(iterations=iterations)
    compile_once(quiet=quiet or as_json)
    found = find_forward_bases(asked, count=count, days=days, reach_days=reach_days)
    paths = {} if out is None else write_forward_bases(found, out)
    table = tabulate_forward_bases(found)
    if as_json:
        rows = table.astype(object).to_dict("records")
        print_json(
            {
                "name": asked.name,
                "status": "draft",
                "standing_need": found.siting.standing_need,
                "total_need": found.siting.total_need,
                "need_covered": found.siting.need,
                "need_covered_at_most": found.siting.bound,
                "proven": found.siting.is_proven,
                "need_met": found.need_met,
                "bases": rows,
                "files": [str(path) for path in paths.values()],
            }
        )
    elif not quiet:
        say(f"{asked.name}: {word_status('draft').pick(lang.value)}")
        for row in table.to_dict("records"):
            name = row["name_fr" if lang is Language.FR else "name"]
            covered, more = (
                format_number(row[key], lang.value)
                for key in ("need_covered", "more_need")
            )
            words = translate(WORDS, lang.value)
            say(f"{row['rank']}. {name}: {words.format(covered=covered, more=more)}")
        for path in paths.values():
            say(path)
