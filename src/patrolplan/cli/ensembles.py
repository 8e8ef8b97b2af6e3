"""Many plans taken together: what ``compare --ensemble`` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from patrolplan.cli.program import BROKEN, DONE, print_json
from patrolplan.cli.saved import read_shared_layers
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.ensemble import Ensemble
    from patrolplan.products.rows import MapLayers

__all__ = ["compare_ensemble"]

_SHOWN = 15


def compare_ensemble(
    paths: Sequence[Path],
    scenario: Path | None,
    out: Path | None,
    lang: str,
    *,
    quiet: bool,
    as_json: bool,
) -> int:
    """Take the plans of batches, packs and files together, and print what was found.

    Parameters
    ----------
    paths
        Plans, or folders of packs or batches.
    scenario
        Whose layers the map is drawn on; None takes the built-in ones where they fit.
    out
        Folder of the page and tables; None writes none.
    lang
        Language of the table.
    quiet, as_json
        Whether nothing is printed, or one JSON object.

    Raises
    ------
    typer.BadParameter
        If there are fewer than two plans.
    """
    from patrolplan.ensemble import gather_ensemble
    from patrolplan.products.ensemble_page import write_ensemble
    from patrolplan.products.ensemble_rows import describe_ensemble
    from patrolplan.products.members import read_members

    members = read_members(paths)
    if len(members) < 2:
        msg = "an ensemble is of two plans or more"
        raise typer.BadParameter(msg, param_hint="PLAN.json")
    plans = [member.plan for member in members]
    layers = read_shared_layers(plans, scenario)
    found = gather_ensemble(members, lines=None if layers is None else layers.lines)
    written = {} if out is None else write_ensemble(found, out, layers)
    if as_json:
        told = describe_ensemble(found)
        print_json({**told, "files": [str(path) for path in written.values()]})
    elif not quiet:
        _print_sites(found, layers, lang)
        _print_lines(found, lang)
        for path in written.values():
            say(path)
    broken = any(plan.assessment.violations for plan in plans)
    return BROKEN if broken else DONE


def _print_sites(found: Ensemble, layers: MapLayers | None, lang: str) -> None:
    """Print how often each site is visited, and why not where it never is."""
    from rich.table import Table

    from patrolplan.products.catalogue import format_number
    from patrolplan.products.ensemble_rows import list_site_shares, translate_heading

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(translate_heading("Site", lang))
    table.add_column(translate_heading("People", lang), justify="right")
    table.add_column(translate_heading("Plans", lang), justify="right")
    table.add_column(translate_heading("Why not in the others", lang))
    unknown = translate_heading("unknown", lang)
    for site in list_site_shares(found, layers):
        if site.state == "held":
            continue
        people = unknown if site.people is None else format_number(site.people, lang)
        why = ", ".join(f"{text.pick(lang)} ({n})" for text, n in site.reasons)
        add_cells(
            table, site.name.pick(lang), people, f"{site.visited}/{site.plans}", why
        )
    print_table(table, width=130)


def _print_lines(found: Ensemble, lang: str) -> None:
    """Print the lines that carry most patrols."""
    from rich.table import Table

    from patrolplan.products.catalogue import format_number
    from patrolplan.products.ensemble_rows import list_line_shares, translate_heading

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(translate_heading("Line", lang))
    for heading in ("Vehicles a plan", "Plans"):
        table.add_column(translate_heading(heading, lang), justify="right")
    for line in list_line_shares(found)[:_SHOWN]:
        add_cells(
            table,
            line.name.pick(lang),
            format_number(line.passes_per_plan, lang, 1),
            f"{line.driven}/{line.plans}",
        )
    print_table(table)
