"""The verb that plans month after month: campaign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrolplan.cli.batching import Kind
from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import (
    BROKEN,
    DONE,
    WRONG_INPUT,
    AsJson,
    Closed,
    Lang,
    Language,
    Out,
    Quiet,
    Rounds,
    Seed,
    check_closures,
    print_json,
)
from patrolplan.cli.speaking import add_cells, print_table, say, warn

if TYPE_CHECKING:
    from patrolplan.campaign import Campaign
    from patrolplan.months import Month
    from patrolplan.study import Study

__all__ = ["campaign"]


def campaign(
    scenario_file: Annotated[
        Path | None,
        typer.Argument(metavar="[SCENARIO]", help="By default the built-in one."),
    ] = None,
    months: Annotated[
        int, typer.Option(help="How many, each as long as the horizon.", min=1)
    ] = 6,
    out: Out = Path("out"),
    pack: Annotated[
        Kind,
        typer.Option(help="All; no orders and exports; no map either."),
    ] = Kind.MAP,
    seed: Seed = None,
    iterations: Rounds = None,
    close: Closed = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Plan month after month, with memory of visits, seasons and rest of teams."""
    from patrolplan.campaign import plan_campaign
    from patrolplan.products.campaign_page import write_campaign, write_month
    from patrolplan.products.campaign_rows import describe_campaign
    from patrolplan.products.files import refuse_handed_on
    from patrolplan.products.pack import find_pack_folder
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario

    scenario = read_scenario(scenario_file or find_main_scenario())
    closed = (*scenario.lines.closed, *check_closures(close))
    scenario = scenario.replace(lines=scenario.lines.model_dump() | {"closed": closed})
    folder = find_pack_folder(out, f"{scenario.name}-campaign")
    refuse_handed_on(folder)
    compile_once(quiet=quiet or as_json)

    def keep(month: Month, study: Study | None) -> None:
        if study is not None:
            packed = folder / month.folder
            write_month(study.plan_file, study.layers, packed, pack.value)
        for fault in month.faults:
            warn(f"{month.folder}: {fault}")
        if not quiet and not as_json:
            word = "failed" if study is None else "planned"
            warn(f"{month.number}/{months} {month.first_day}: {word}")

    found = plan_campaign(
        scenario, months, on_month=keep, seed=seed, iterations=iterations
    )
    paths = write_campaign(found, folder, has_maps=pack != Kind.PLAN)
    if as_json:
        files = [str(path) for path in paths.values()]
        print_json({**describe_campaign(found), "files": files})
    elif not quiet:
        _print_months(found, lang.value)
        for path in paths.values():
            say(path)
    plans = [month.plan for month in found.months if month.plan is not None]
    if not plans:
        return WRONG_INPUT
    amiss = any(p.assessment.violations or p.nearest is not None for p in plans)
    return BROKEN if amiss or len(plans) < len(found.months) else DONE


def _print_months(found: Campaign, lang: str) -> None:
    """Print a row for each month."""
    from rich.table import Table

    from patrolplan.products.campaign_rows import (
        list_month_rows,
        translate_campaign_heading,
    )
    from patrolplan.products.catalogue import format_number

    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = (
        "Month",
        "Days",
        "Need met",
        "People so far",
        "Sites so far",
        "Patrols",
        "Longest without a visit",
    )
    for place, heading in enumerate(headings):
        table.add_column(
            translate_campaign_heading(heading, lang),
            justify="right" if place > 1 else "left",
        )
    for row in list_month_rows(found):
        failed = translate_campaign_heading("failed", lang)
        percent = row.need_percent
        add_cells(
            table,
            f"{row.number}",
            f"{row.first_day} .. {row.last_day}",
            failed if percent is None else f"{format_number(percent, lang)} %",
            format_number(row.people_so_far, lang),
            f"{row.sites_so_far}",
            "-" if row.patrols is None else f"{row.patrols}",
            "-" if row.longest_days is None else f"{row.longest_days}",
        )
    print_table(table)
