"""The verb that asks how likely a plan is to hold: stress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrolplan.cli.program import (
    AsJson,
    Lang,
    Language,
    Quiet,
    print_json,
    print_status,
)
from patrolplan.cli.saved import name_faults, read_layers_of
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.layers import Layers
    from patrolplan.planfile import PlanFile
    from patrolplan.planning.stress_results import Stress
    from patrolplan.planning.stress_steps import Orders

__all__ = ["stress"]


def stress(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json")],
    draws: Annotated[
        int, typer.Option(help="How often it is driven.", min=100, max=200_000)
    ] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of chance.", min=0)] = 1,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose layers name places in French.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for stress.csv, .json and .html."),
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say how likely a plan is to hold: home in time, before dark, within fuel."""
    from patrolplan.planfile import read_plan
    from patrolplan.planning.stress import assess_stress
    from patrolplan.planning.stress_orders import read_orders
    from patrolplan.products.stress import describe_stress, write_stress

    document = read_plan(plan_file)
    with name_faults(plan_file):
        orders = read_orders(document)
        found = assess_stress(orders, draws=draws, seed=seed)
    # Numbers need no names: what only reads those asks for no layers.
    layers = None
    if out is not None or not (as_json or quiet):
        layers = read_layers_of(plan_file, document, scenario)
    paths = {} if out is None else write_stress(document, orders, found, out, layers)
    if as_json:
        files = [str(path) for path in paths.values()]
        print_json(describe_stress(document, orders, found) | {"files": files})
    elif not quiet:
        print_status(plan_file.name, document, lang)
        _print_stress(document, orders, found, layers, lang.value)
        for path in paths.values():
            say(path)


def _print_stress(
    plan: PlanFile, orders: Orders, found: Stress, layers: Layers | None, lang: str
) -> None:
    """Print a row for each patrol, then the legs where patrols fall behind."""
    from rich.table import Table

    from patrolplan.products.catalogue import translate
    from patrolplan.products.stress import (
        WEAKEST_DAY,
        list_patrol_rows,
        list_weak_legs,
        word_chance,
    )

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(translate("Patrol", lang))
    for heading in ("Home in time", "Fuel enough", WEAKEST_DAY):
        table.add_column(translate(heading, lang), justify="right")
    table.add_column(translate("Need met", lang), justify="right")
    for row, patrol in zip(
        list_patrol_rows(plan, orders, found, layers), found.patrols, strict=True
    ):
        weakest = min(patrol.days, key=lambda day: day.kept.count)
        add_cells(
            table,
            f"{row.patrol_id} {row.base.pick(lang)}",
            row.home.pick(lang),
            row.fuel.pick(lang),
            word_chance(weakest.kept).pick(lang),
            row.need.pick(lang),
        )
    print_table(table, width=120)
    for told, chance in (
        ("Every patrol home in time: {n}", found.home),
        ("Every patrol with fuel enough: {n}", found.fuel),
    ):
        say(translate(told, lang).format(n=word_chance(chance).pick(lang)))
    weak = Table(box=None, header_style="bold", pad_edge=False)
    weak.add_column(translate("Patrol", lang))
    weak.add_column(translate("Weak legs: where patrols fall behind first", lang))
    for heading in ("Chance", "By the tables", "As drawn"):
        weak.add_column(translate(heading, lang), justify="right")
    for leg in list_weak_legs(plan, found, layers):
        add_cells(
            weak,
            leg.patrol_id,
            leg.way.pick(lang),
            leg.runs_out.pick(lang),
            leg.planned,
            leg.mean,
        )
    print_table(weak, width=120)
