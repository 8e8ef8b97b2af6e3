"""The verb that shows which lines must be kept open: critical."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import AsJson, Lang, Language, Quiet, print_json
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.criticality import Criticality

__all__ = ["critical"]

_SHOWN = 15


def critical(
    scenario_file: Annotated[
        Path | None,
        typer.Argument(metavar="[SCENARIO]", help="By default the built-in one."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The day; by default the scenario's first.",
        ),
    ] = None,
    vehicle: Annotated[str, typer.Option(help="Vehicle class.")] = "light_4x4",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for critical.csv, critical-sites.csv, critical.html."
        ),
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show which lines must be kept open for civilians and aid.

    Cuts every line alone, and says who is cut off and whose way gets longer.
    """
    from patrolplan.criticality import find_criticality
    from patrolplan.shipped import find_main_scenario

    day = None if as_of is None else as_of.date()
    found = find_criticality(
        scenario_file or find_main_scenario(), as_of=day, vehicle=vehicle
    )
    written = [] if out is None else _write(found, out)
    if as_json:
        print_json(_describe(found, written))
    elif not quiet:
        _print_lines(found, lang.value)
        for path in written:
            say(path)


def _write(found: Criticality, out: Path) -> list[Path]:
    from patrolplan.products.criticality_page import render_criticality_page
    from patrolplan.products.criticality_rows import tabulate_cuts, tabulate_sites
    from patrolplan.products.files import write_folder
    from patrolplan.products.tables import format_csv

    contents = {
        "critical.csv": format_csv(tabulate_cuts(found)),
        "critical-sites.csv": format_csv(tabulate_sites(found)),
        "critical.html": render_criticality_page(found),
    }
    return [*write_folder(out, contents).values()]


def _describe(found: Criticality, written: list[Path]) -> dict[str, Any]:
    sites = found.sites.astype(object).where(found.sites.notna(), None)
    return {
        "scenario": found.scenario.name,
        "as_of": found.as_of.isoformat(),
        "vehicle": found.state.vehicle,
        "lines": found.lines.drop(columns="geometry").to_dict("records"),
        "sites": sites.to_dict("records"),
        "weak_spots": [spot._asdict() for spot in found.weak_spots],
        "without_way": list(found.without_way),
        "written": [str(path) for path in written],
    }


def _print_lines(found: Criticality, lang: str) -> None:
    """Print the lines whose cut costs most."""
    from rich.table import Table

    from patrolplan.products.catalogue import format_number
    from patrolplan.products.criticality_rows import (
        list_cut_rows,
        translate_cut_heading,
    )

    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = ("Line", "People cut off", "Person-hours more", "Sites", "Bridge")
    for number, heading in enumerate(headings):
        table.add_column(
            translate_cut_heading(heading, lang),
            justify="right" if number else "left",
        )
    for row in list_cut_rows(found)[:_SHOWN]:
        add_cells(
            table,
            f"{row.rank}. {row.name.pick(lang)}",
            format_number(row.people_cut_off, lang),
            format_number(row.person_hours, lang),
            f"{row.sites}",
            "×" if row.bridge else "",
        )
    print_table(table, width=130)
