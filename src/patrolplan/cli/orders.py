"""The verb that prints the orders of a saved plan: order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrolplan.cli.program import (
    AsJson,
    Langs,
    Quiet,
    print_json,
    print_status,
    read_languages,
)
from patrolplan.cli.saved import read_layers_of
from patrolplan.cli.speaking import say
from patrolplan.plain_line import flatten_line

__all__ = ["order"]


def order(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json")],
    patrol: Annotated[
        list[str] | None,
        typer.Option(help="Id of a patrol, again for more; by default all."),
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose layers lie below the plan.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; by default the plan's.")
    ] = None,
    lang: Langs = "en,fr",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Print the orders and report forms of a saved plan, as HTML and PDF on A4."""
    from patrolplan.planfile import read_plan
    from patrolplan.products.files import hold_inside, write_whole
    from patrolplan.products.gates import find_shown_status
    from patrolplan.products.orders import render_orders

    languages = read_languages(lang)
    document = read_plan(plan_file)
    known = [entry.id for entry in document.patrols]
    unknown = [key for key in patrol or () if key not in known]
    if unknown:
        named = flatten_line(", ".join(known))
        has = f"it has {named}" if known else "it has none"
        msg = f"{unknown[0]!r} is no patrol of this plan; {has}"
        raise typer.BadParameter(msg, param_hint="--patrol")
    files = render_orders(
        document,
        read_layers_of(plan_file, document, scenario),
        languages=[language.value for language in languages],
        patrols=patrol or None,
    )
    folder = out or plan_file.parent
    paths = {name: hold_inside(folder, *name.split("/")) for name in files}
    for name, data in files.items():
        write_whole(paths[name], data)
    if as_json:
        print_json(
            {
                "name": document.scenario.name,
                "status": find_shown_status(document),
                "release": document.release,
                "files": [str(path) for path in paths.values()],
            }
        )
    elif not quiet:
        print_status(plan_file.name, document, languages[0])
        if not paths:
            say("The plan has no patrol: there is no order to write.")
        for path in paths.values():
            say(f"Order: {path}")
