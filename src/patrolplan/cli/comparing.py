"""The verb that sets saved plans side by side: compare."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import (
    BROKEN,
    DONE,
    AsJson,
    Lang,
    Language,
    Quiet,
    print_json,
    print_status,
)
from patrolplan.cli.saved import read_shared_layers
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.products.comparison import ComparedPlan

__all__ = ["compare"]


def compare(
    plan_files: Annotated[
        list[Path],
        typer.Argument(
            metavar="PLAN.json...",
            help="Plans; with --ensemble also folders of packs and batches.",
        ),
    ],
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose layers name places and lines.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the page and tables.")
    ] = None,
    ensemble: Annotated[
        bool,
        typer.Option(
            "--ensemble",
            help="Take them together: how often each site is visited, by which lines.",
        ),
    ] = False,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Set plans side by side: a row each, and what differs from the first in words."""
    if ensemble:
        from patrolplan.cli.ensembles import compare_ensemble

        return compare_ensemble(
            plan_files, scenario, out, lang.value, quiet=quiet, as_json=as_json
        )
    from patrolplan.errors import Fault, PlanFileError
    from patrolplan.planfile import PlanFile, read_plan
    from patrolplan.products.comparison import compare_plans, write_comparison

    if len(plan_files) < 2:
        msg = "two plans or more are compared"
        raise typer.BadParameter(msg, param_hint="PLAN.json")
    plans: list[PlanFile] = []
    faults: list[Fault] = []
    for path in plan_files:
        try:
            plans.append(read_plan(path))
        except PlanFileError as error:
            faults += error.faults
    if faults:
        raise PlanFileError(faults)
    layers = read_shared_layers(plans, scenario)
    compared = compare_plans(plans, layers)
    paths = {} if out is None else write_comparison(compared, out, layers)
    if as_json:
        print_json(
            {
                "plans": [_describe(one) for one in compared],
                "files": [str(path) for path in paths.values()],
            }
        )
    elif not quiet:
        _print_comparison(compared, lang.value)
        for one in compared:
            print_status(one.letter, one.plan, lang)
        for path in paths.values():
            say(path)
    broken = any(plan.assessment.violations for plan in plans)
    return BROKEN if broken else DONE


def _describe(one: ComparedPlan) -> dict[str, Any]:
    from patrolplan.products.gates import find_shown_status

    return {
        "plan": one.letter,
        "scenario": one.digest.name,
        "from_date": one.digest.first_day,
        "to_date": one.digest.last_day,
        "status": find_shown_status(one.plan),
        "figures": one.figures,
        "gained": list(one.gained),
        "lost": list(one.lost),
        "differences": [
            {"part": t.part, "code": t.code, "en": t.text.en, "fr": t.text.fr}
            for t in one.told
        ],
    }


def _print_comparison(compared: tuple[ComparedPlan, ...], lang: str) -> None:
    """Print a row for each plan, then what differs, under its heading."""
    from rich.table import Table

    from patrolplan.products.catalogue import format_number, translate
    from patrolplan.products.comparison import PARTS, list_headings

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    shown = list_headings(lang)
    for heading in shown.values():
        table.add_column(heading, justify="right")
    for one in compared:
        cells = [one.figures[name] for name in shown]
        add_cells(
            table,
            one.letter,
            *("-" if cell is None else format_number(cell, lang) for cell in cells),
        )
    print_table(table)
    for one in compared[1:]:
        say(f"{one.letter} - {compared[0].letter}")
        for part, rows in itertools.groupby(one.told, key=lambda t: t.part):
            say(f"  {translate(PARTS[part], lang)}:")
            for row in rows:
                say(f"    {row.text.pick(lang)}")
