"""The verb that writes a saved plan for devices and desks: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrolplan.cli.program import (
    AsJson,
    Lang,
    Language,
    Quiet,
)
from patrolplan.cli.saved import read_layers_of, write_products

__all__ = ["export"]

# As products has them, where loading the list would load the mapping libraries.
_ALL = "gpx,kml,gpkg,csv,geojson"


def export(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.json")],
    formats: Annotated[
        str, typer.Option("--format", help="Some of these, with commas between.")
    ] = _ALL,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose layers name places in French.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; by default the plan's.")
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a saved plan as GPX, KML, GeoPackage, CSV and GeoJSON."""
    from patrolplan.planfile import read_plan
    from patrolplan.products.exports import FORMATS, render_exports

    wanted = {word.strip().lower() for word in formats.split(",")} - {""}
    unknown = sorted(wanted - {*FORMATS})
    if unknown or not wanted:
        msg = f"{formats!r} should be some of {_ALL}"
        raise typer.BadParameter(msg, param_hint="--format")
    document = read_plan(plan_file)
    files = render_exports(
        document, read_layers_of(plan_file, document, scenario), wanted
    )
    write_products(
        files,
        word="Export",
        plan_file=plan_file,
        document=document,
        out=out,
        lang=lang,
        quiet=quiet,
        as_json=as_json,
    )
