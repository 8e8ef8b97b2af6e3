"""The verb that sets plans against the mandate: balance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import AsJson, Lang, Language, Quiet, print_json
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.need import Mandate
    from patrolplan.planfile import PlanFile

__all__ = ["balance"]


def balance(
    plan_files: Annotated[list[Path], typer.Argument(metavar="PLAN.json...")],
    mandate_file: Annotated[
        Path | None,
        typer.Option("--mandate", help="The sentences; by default the built-in."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for balance.csv and sectors.csv."),
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say which sentences of the mandate each plan serves or misses."""
    from patrolplan.errors import Fault, LayerError
    from patrolplan.need import read_mandate
    from patrolplan.planfile import read_plan
    from patrolplan.products.balance import tabulate_balance, tabulate_sectors
    from patrolplan.products.files import write_folder
    from patrolplan.products.tables import format_csv
    from patrolplan.scenario import MANDATE_FILE
    from patrolplan.shipped import find_shipped

    file = mandate_file or find_shipped() / "data" / "geo" / MANDATE_FILE
    mandate = read_mandate(file)
    if mandate is None:
        fault = Fault(file.name, "file", "No such file or directory", "a mandate file")
        raise LayerError([fault])
    read = [read_plan(path) for path in plan_files]
    plans = [(plan.scenario.name, plan) for plan in read]
    if out is not None:
        tables = {
            "balance.csv": tabulate_balance(plans, mandate),
            "sectors.csv": tabulate_sectors(plans),
        }
        write_folder(out, {name: format_csv(t) for name, t in tables.items()})
    if as_json:
        print_json({"plans": [_describe(name, p, mandate) for name, p in plans]})
    elif not quiet:
        for name, plan in plans:
            _print_balance(name, plan, mandate, lang.value)


def _describe(name: str, plan: PlanFile, mandate: Mandate) -> dict[str, Any]:
    from patrolplan.products.balance import measure_balance, measure_sectors
    from patrolplan.products.gates import find_shown_status

    return {
        "name": name,
        "status": find_shown_status(plan),
        "sentences": [
            {
                "theme": row.theme,
                "sentence": {"en": row.sentence.en, "fr": row.sentence.fr},
                "served": row.served,
                "stops": row.stops,
                "sites_visited": row.sites_visited,
                "sites": row.sites,
                "need_met": row.need_met,
                "need": row.need,
                "illustrative_stops": row.illustrative_stops,
                "why_missed": row.miss,
            }
            for row in measure_balance(plan, mandate)
        ],
        "sectors": [
            {
                "sector": row.sector,
                "stops": row.stops,
                "tiers": row.tiers,
                "phases": row.phases,
            }
            for row in measure_sectors(plan)
        ],
    }


def _print_balance(name: str, plan: PlanFile, mandate: Mandate, lang: str) -> None:
    """Print a row for each sentence, then one for each sector."""
    from rich.table import Table

    from patrolplan.products.balance import (
        ILLUSTRATIVE_NOTE,
        PHASES,
        TIERS,
        measure_balance,
        measure_sectors,
        translate_heading,
    )
    from patrolplan.products.catalogue import format_number, translate
    from patrolplan.products.gates import find_shown_status
    from patrolplan.products.rows import word_status
    from patrolplan.products.terms import translate_term

    rows = measure_balance(plan, mandate)
    say(f"{name}: {sum(row.served for row in rows)} / {len(rows)}")
    say(word_status(find_shown_status(plan)).pick(lang))
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    table.add_column(translate_heading("sentence", lang))
    table.add_column("")
    for heading in ("stops", "sites_visited", "need_met", "share"):
        table.add_column(translate_heading(heading, lang), justify="right")
    for row in rows:
        share = f"{100 * row.need_met / row.need:.0f} %" if row.need else "-"
        words = row.sentence.pick(lang)
        add_cells(
            table,
            row.theme,
            words if row.served else f"{words}. {row.why.pick(lang)}",
            translate_heading("served" if row.served else "missed", lang),
            f"{row.stops}",
            f"{row.sites_visited}",
            format_number(row.need_met, lang),
            share,
        )
    print_table(table)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(translate_heading("sector", lang))
    for heading in ("stops", *(f"tier_{tier}" for tier in TIERS)):
        table.add_column(translate_heading(heading, lang), justify="right")
    for phase in PHASES:
        table.add_column(translate_term(phase, lang), justify="right")
    for sector in measure_sectors(plan):
        shares = [*sector.tiers.values(), *sector.phases.values()]
        cells = [f"{100 * share:.0f} %" for share in shares]
        add_cells(table, sector.sector, f"{sector.stops}", *cells)
    print_table(table)
    if any(row.illustrative_stops for row in rows):
        say(translate(ILLUSTRATIVE_NOTE, lang))
