"""The verb that shows where in a theatre surgery is too far: casualty."""

from __future__ import annotations

import math
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import AsJson, Lang, Language, Quiet, print_json
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.casualty_gaps import CasualtyGaps

__all__ = ["casualty"]


class Weight(StrEnum):
    """By what the best place for one more unit is chosen."""

    PEOPLE = "people"
    NEED = "need"


def casualty(
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
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for casualty.csv, casualty-places.csv, casualty.html."
        ),
    ] = None,
    by: Annotated[
        Weight,
        typer.Option("--by", help="What the best place for one more is chosen by."),
    ] = Weight.PEOPLE,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show where surgery is too far, and where one more unit would help most."""
    from patrolplan.casualty_gaps import find_casualty_gaps
    from patrolplan.shipped import find_main_scenario

    day = None if as_of is None else as_of.date()
    gaps = find_casualty_gaps(scenario_file or find_main_scenario(), as_of=day)
    written = [] if out is None else _write(gaps, by, out)
    if as_json:
        print_json(_describe(gaps, written))
    elif not quiet:
        _print_gaps(gaps, by, lang.value)
        for path in written:
            say(path)


def _write(gaps: CasualtyGaps, by: Weight, out: Path) -> list[Path]:
    from patrolplan.products.casualty_page import render_casualty_page
    from patrolplan.products.casualty_theatre import (
        tabulate_candidates,
        tabulate_places,
    )
    from patrolplan.products.files import write_folder
    from patrolplan.products.tables import format_csv

    contents = {
        "casualty.csv": format_csv(tabulate_places(gaps)),
        "casualty-places.csv": format_csv(tabulate_candidates(gaps)),
        "casualty.html": render_casualty_page(gaps, weight=by.value),
    }
    return [*write_folder(out, contents).values()]


def _describe(gaps: CasualtyGaps, written: list[Path]) -> dict[str, Any]:
    candidates = gaps.candidates.sort_values(["unit", "rank_people"])
    return {
        "scenario": gaps.scenario.name,
        "as_of": gaps.as_of.isoformat(),
        "figures": gaps.clock.figures.model_dump(mode="json"),
        "medical": [site._asdict() for site in gaps.clock.sites],
        "radius_km": {
            when: max(0.0, gaps.clock.find_flight_km(by_night=when == "night") / 2)
            for when in ("day", "night")
        },
        "places": _list_records(gaps.places.drop(columns="geometry")),
        "candidates": _list_records(candidates),
        "written": [str(path) for path in written],
    }


def _list_records(table: Any) -> list[dict[str, Any]]:
    """Return rows as plain values, null where unknown."""
    return [
        {
            name: None if isinstance(cell, float) and math.isnan(cell) else cell
            for name, cell in row.items()
        }
        for row in table.to_dict("records")
    ]


def _print_gaps(gaps: CasualtyGaps, by: Weight, lang: str) -> None:
    """Print the sum, the sites that are not within by day and night, and the best."""
    from patrolplan.products.casualty_rows import format_minutes
    from patrolplan.products.casualty_theatre import (
        list_best,
        list_places,
        word_radius,
        word_unit,
    )
    from patrolplan.products.catalogue import format_number, translate
    from patrolplan.products.terms import translate_term

    def count(value: float | None) -> str:
        unknown = translate_term("unknown", lang)
        return unknown if value is None else format_number(value, lang)

    for text in word_radius(gaps):
        say(text.pick(lang))
    sites = [row for row in list_places(gaps) if row.kind == "site"]
    _print_table(
        ("Site", "Minutes by day", "Minutes by night", "People", "Need", "Sum by day"),
        [
            (
                row.name.pick(lang),
                format_minutes(row.clock.day_min),
                format_minutes(row.clock.night_min),
                count(row.people),
                count(row.need),
                row.clock.day.sum.pick(lang) if row.clock.day else "?",
            )
            for row in sites
            if row.state != "night"
        ],
        lang,
    )
    for unit, ranked in list_best(gaps, by.value).items():
        heading = translate("Best place for one more", lang)
        joint = "\u202f:" if lang == "fr" else ":"
        say()
        say(f"{heading}{joint} {word_unit(unit).pick(lang)}")
        _print_table(
            ("Place", "Places", "People", "Need", "People by night"),
            [
                (
                    f"{row.rank}. {row.name.pick(lang)}",
                    f"{row.sites}",
                    count(row.people),
                    count(row.need),
                    count(row.people_night),
                )
                for row in ranked
            ],
            lang,
        )


def _print_table(
    headings: tuple[str, ...], rows: list[tuple[str, ...]], lang: str
) -> None:
    from rich.table import Table

    from patrolplan.products.casualty_theatre import translate_casualty_heading

    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(
            translate_casualty_heading(heading, lang),
            justify="right" if number else "left",
        )
    for row in rows:
        add_cells(table, *row)
    print_table(table, width=130)
