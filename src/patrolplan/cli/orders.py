"""The verb that prints the orders of a saved plan: order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrolplan.cli.program import (
    AsJson,
    Langs,
    Quiet,
    read_languages,
)
from patrolplan.cli.saved import read_layers_of, write_products
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
    write_products(
        files,
        word="Order",
        plan_file=plan_file,
        document=document,
        out=out,
        lang=languages[0],
        quiet=quiet,
        as_json=as_json,
    )
