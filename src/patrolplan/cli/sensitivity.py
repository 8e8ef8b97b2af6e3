"""The verb that asks what a plan hangs on: sensitivity."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import AsJson, Lang, Language, Quiet, Rounds, print_json
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.sensitivity import Sensitivity

__all__ = ["sensitivity"]


def sensitivity(
    scenario: Annotated[
        Path | None, typer.Argument(help="A scenario file; none: the built-in.")
    ] = None,
    change: Annotated[
        float,
        typer.Option(help="Share by which each figure is changed.", min=0.01, max=0.99),
    ] = 0.2,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Only this figure, or those of a section."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for sensitivity.csv and sensitivity.html."),
    ] = None,
    iterations: Rounds = None,
    jobs: Annotated[
        int, typer.Option(help="Plans made side by side.", min=1, max=64)
    ] = 2,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say which weight or figure, changed by a share, changes which stops."""
    from rich.progress import Progress

    from patrolplan.products.sensitivity import write_sensitivity
    from patrolplan.scenario import read_scenario
    from patrolplan.sensitivity import find_sensitivity
    from patrolplan.shipped import find_main_scenario

    asked = read_scenario(scenario or find_main_scenario())
    if iterations is not None:
        asked = asked.replace(iterations=iterations)
    hidden = quiet or as_json
    compile_once(quiet=hidden)
    with Progress(
        console=Console(stderr=True),
        transient=True,
        disable=hidden or not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("planning", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        found = find_sensitivity(
            asked, change=change, only=only or (), jobs=jobs, on_progress=show
        )
    paths = {} if out is None else write_sensitivity(found, out)
    if as_json:
        print_json(_describe(found) | {"files": [str(path) for path in paths.values()]})
    elif not quiet:
        _print_sensitivity(found, lang.value)
        for path in paths.values():
            say(path)


def _describe(found: Sensitivity) -> dict[str, Any]:
    return {
        "name": found.name,
        "status": "draft",
        "change": found.change,
        "need_met": found.need,
        "gap": found.gap,
        "site_ids": list(found.site_ids),
        "figures": [
            {
                "figure": variant.figure.key,
                "unit": variant.figure.unit,
                "value": [variant.figure.least, variant.figure.most],
                "direction": "down" if variant.direction < 0 else "up",
                "changed": [variant.least, variant.most],
                "state": variant.state,
                "dropped": list(variant.dropped),
                "gained": list(variant.gained),
                "need_met": variant.need_before,
                "gap": variant.gap,
                "reason": variant.reason,
            }
            for variant in found.variants
        ],
    }


def _print_sensitivity(found: Sensitivity, lang: str) -> None:
    """Print a row for each change that moves a stop, then what moves none."""
    from rich.table import Table

    from patrolplan.products.catalogue import (
        format_number,
        translate,
        translate_count,
    )
    from patrolplan.products.rows import word_status
    from patrolplan.products.sensitivity import list_telling_rows, word_state

    say(f"{found.name}: {word_status('draft').pick(lang)}")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("Figure", "From", "To", "Fall out", "Come in"):
        table.add_column(translate(heading, lang), overflow="fold")
    table.add_column(translate("Need met", lang), justify="right")
    for row in list_telling_rows(found):
        refused = row.state == "refused"
        more = row.more_need
        sign = "+" if more is not None and more > 0 else ""
        add_cells(
            table,
            row.key,
            row.value.pick(lang),
            row.changed.pick(lang),
            word_state(row.state).pick(lang) if refused else row.dropped.pick(lang),
            row.reason if refused else row.gained.pick(lang),
            "" if more is None else sign + format_number(more, lang),
        )
    print_table(table, width=120)
    idle = found.list_idle()
    count = translate_count(
        "{n} figure changes no stop", "{n} figures change no stop", len(idle), lang
    )
    say(f"{count.format(n=len(idle))} ({', '.join(figure.key for figure in idle)})")
