"""The verb that shows what risk is summed up from: risk."""

from __future__ import annotations

import math
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import AsJson, Lang, Language, Quiet, print_json
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.products.risk_rows import RiskRow
    from patrolplan.ratings import Rating
    from patrolplan.scenario import Scenario

__all__ = ["risk"]


def risk(
    scenario_file: Annotated[
        Path | None,
        typer.Argument(metavar="[SCENARIO]", help="By default the built-in one."),
    ] = None,
    incidents: Annotated[
        Path | None,
        typer.Option("--incidents", help="A file of incidents, for threat."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The day that incidents are looked back from.",
        ),
    ] = None,
    include_discovered: Annotated[
        bool,
        typer.Option(
            "--include-discovered",
            help="Count what patrols discovered too: it sends patrols where they go.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for risk.csv, risk_zones.csv, risk.html."),
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show what the risk to civilians is summed up from, site by site."""
    from patrolplan.ratings import rate_scenario
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario

    scenario = read_scenario(scenario_file or find_main_scenario())
    _refuse_idle_options(scenario, incidents, as_of, include_discovered)
    if include_discovered:
        counting = scenario.incidents.model_copy(update={"discovered": "count"})
        scenario = scenario.replace(incidents=counting)
    day = None if as_of is None else as_of.date()
    rating = rate_scenario(scenario, incidents=incidents, as_of=day)
    written = [] if out is None else _write(rating, out)
    if as_json:
        print_json(_describe(rating, written))
    elif not quiet:
        _print_rating(rating, lang.value)
        for path in written:
            say(path)


def _refuse_idle_options(
    scenario: Scenario, incidents: Path | None, as_of: date | None, discovered: bool
) -> None:
    """Refuse options that would change nothing: whoever gives one expects a change."""
    if incidents is not None or scenario.incidents.file is not None:
        return
    for given, name in ((as_of, "--as-of"), (discovered, "--include-discovered")):
        if given:
            msg = "needs incidents: --incidents FILE, or a file in the scenario"
            raise typer.BadParameter(msg, param_hint=name)


def _write(rating: Rating, out: Path) -> list[Path]:
    from patrolplan.products.files import write_folder
    from patrolplan.products.risk_page import render_risk_page
    from patrolplan.products.risk_tables import tabulate_site_risk, tabulate_zone_risk
    from patrolplan.products.tables import format_csv

    scenario = rating.scenario
    sites = tabulate_site_risk(rating.sites, rating.zones, scenario.need.risk_weights)
    page = render_risk_page(
        rating.sites,
        rating.zones,
        rating.layers,
        scenario.need,
        title=scenario.title or scenario.name,
        days=(scenario.days[0].isoformat(), scenario.days[-1].isoformat()),
        sources=[rating.reports.incidents.source] if rating.reports else [],
        notices=rating.notices,
    )
    contents = {
        "risk.csv": format_csv(sites),
        "risk_zones.csv": format_csv(tabulate_zone_risk(rating.zones)),
        "risk.html": page,
    }
    return [*write_folder(out, contents).values()]


def _describe(rating: Rating, written: list[Path]) -> dict[str, Any]:
    figures, reports = rating.scenario.need, rating.reports
    return {
        "scenario": rating.scenario.name,
        "as_of": reports.as_of.isoformat() if reports else None,
        "factor_weights": dict(figures.factor_weights),
        "risk_weights": dict(figures.risk_weights),
        "sites": _list_records(rating.sites),
        "zones": _list_records(rating.zones),
        "notices": [{"code": n.code, "values": n.values} for n in rating.notices],
        "written": [str(path) for path in written],
    }


def _list_records(table: Any) -> list[dict[str, Any]]:
    """Return rows as plain values, null where unknown."""
    frame = table.drop(columns="geometry").reset_index()
    return [
        {
            name: None if isinstance(cell, float) and math.isnan(cell) else cell
            for name, cell in row.items()
        }
        for row in frame.to_dict("records")
    ]


def _print_rating(rating: Rating, lang: str) -> None:
    """Print the sum, a row for each site, one for each zone, and what to know."""
    from patrolplan.figures import FACTORS
    from patrolplan.products.balance import ILLUSTRATIVE_NOTE
    from patrolplan.products.catalogue import translate
    from patrolplan.products.risk_rows import (
        format_exact,
        list_site_rows,
        list_zone_rows,
        translate_heading,
    )
    from patrolplan.products.sentences import render_code

    weights = rating.scenario.need.factor_weights
    shown = {f: format_exact(weights[f]).pick(lang) for f in FACTORS}
    named = {f: translate_heading(f, lang) for f in FACTORS}
    say(
        f"{translate_heading('risk', lang)} = "
        f"{shown['threat']} × {named['threat']} + "
        f"{shown['vulnerability']} × {named['vulnerability']} + "
        f"{shown['capacity']} × (6 − {named['capacity']})"
    )
    sites = list_site_rows(rating.sites, rating.zones, rating.layers)
    zones = list_zone_rows(rating.zones)
    _print_rows(sites, ("site", "cercle"), ("need", "zone"), lang)
    _print_rows(zones, ("zone",), ("sites",), lang)
    for notice in rating.notices:
        say(render_code(notice.code, notice.values, lang))
    if any(row.illustrative for row in (*sites, *zones)):
        say(translate(ILLUSTRATIVE_NOTE, lang))


def _print_rows(
    rows: tuple[RiskRow, ...],
    first: tuple[str, ...],
    last: tuple[str, ...],
    lang: str,
) -> None:
    from rich.table import Table

    from patrolplan.figures import FACTORS
    from patrolplan.products.catalogue import format_number
    from patrolplan.products.risk_rows import format_exact, translate_heading
    from patrolplan.products.terms import translate_term

    def count(value: float | None) -> str:
        unknown = translate_term("unknown", lang)
        return unknown if value is None else format_number(value, lang)

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (*first, *FACTORS, "risk", "people", *last):
        words = heading in {"site", "cercle", "zone"}
        table.add_column(
            translate_heading(heading, lang), justify="left" if words else "right"
        )
    for row in rows:
        cells = {
            "site": row.name.pick(lang),
            "zone": (row.zone.pick(lang) if row.zone else "-")
            if "site" in first
            else row.name.pick(lang),
            "cercle": row.cercle or "-",
            "need": count(row.need),
            "sites": f"{row.sites}",
            "people": count(row.people),
            "risk": format_exact(row.risk).pick(lang),
        }
        for factor in row.factors:
            cells[factor.factor] = format_exact(factor.score).pick(lang)
        order = (*first, *FACTORS, "risk", "people", *last)
        add_cells(table, *(cells[key] for key in order))
    print_table(table, width=130)
