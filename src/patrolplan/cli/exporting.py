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
    print_json,
    print_status,
)
from patrolplan.cli.saved import read_layers_of
from patrolplan.cli.speaking import say

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
    from patrolplan.products.files import hold_inside, write_whole
    from patrolplan.products.gates import find_shown_status

    wanted = {word.strip().lower() for word in formats.split(",")} - {""}
    unknown = sorted(wanted - {*FORMATS})
    if unknown or not wanted:
        msg = f"{formats!r} should be some of {_ALL}"
        raise typer.BadParameter(msg, param_hint="--format")
    document = read_plan(plan_file)
    files = render_exports(
        document, read_layers_of(plan_file, document, scenario), wanted
    )
    folder = out or plan_file.parent
    paths = {name: hold_inside(folder, *name.split("/")) for name in files}
    for name, data in files.items():
        write_whole(paths[name], data)
    if as_json:
        print_json(
            {
                "name": document.scenario.name,
                "status": find_shown_status(document),
                "release": document.release,
                "files": [str(path) for path in paths.values()],
            }
        )
    elif not quiet:
        print_status(plan_file.name, document, lang)
        for path in paths.values():
            say(f"Export: {path}")
