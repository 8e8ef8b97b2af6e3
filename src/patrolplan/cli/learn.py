"""The verb that learns speeds from the tracks that patrols brought home: learn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import AsJson, Lang, Language, Quiet, print_json
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.errors import Fault
    from patrolplan.network.learning import Learned
    from patrolplan.scenario import Scenario

__all__ = ["learn"]


def learn(
    tracks: Annotated[list[Path], typer.Argument(metavar="TRACK.gpx...")],
    scenario: Annotated[
        Path | None, typer.Option(help="Whose layers; by default the built-in one's.")
    ] = None,
    vehicle: Annotated[
        str | None,
        typer.Option(help="Vehicle class of the tracks; by default that of all teams."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for speeds-learned.csv and the comparison."),
    ] = None,
    lang: Lang = Language.EN,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Learn speeds from tracks: planned against real, by surface and season."""
    from patrolplan.errors import LayerError
    from patrolplan.layers import read_layers
    from patrolplan.layers.tracks import read_track
    from patrolplan.network.learning import learn_speeds
    from patrolplan.products.learned import write_learned
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario

    asked = read_scenario(scenario or find_main_scenario())
    layers = read_layers(asked)
    chosen = _choose_vehicle(
        asked, vehicle, layers.vehicles, set(layers.speeds["vehicle"])
    )
    read = []
    faults: list[Fault] = []
    for path in tracks:
        try:
            read.append(read_track(path))
        except LayerError as error:
            faults += error.faults
    if faults:
        raise LayerError(faults)
    learned = learn_speeds(
        read,
        layers.lines,
        layers.speeds,
        vehicle=chosen,
        find_season=asked.find_season,
        timezone=asked.timezone,
        figures=asked.learning,
    )
    paths = {} if out is None else write_learned(learned, layers.speeds, out)
    if as_json:
        print_json(_describe(learned) | {"files": [str(p) for p in paths.values()]})
    elif not quiet:
        _print_learned(learned, asked, lang.value)
        for path in paths.values():
            say(path)


def _choose_vehicle(
    asked: Scenario, vehicle: str | None, vehicles: Any, known: set[str]
) -> str:
    """Return the vehicle class of the tracks.

    Raises
    ------
    typer.BadParameter
        If it has no speeds, or teams of several classes leave it open.
    """
    from patrolplan.convoys import read_convoy

    ours = {
        mover for team in asked.teams for mover in read_convoy(team, vehicles).movers
    }
    if vehicle is None and len(ours) == 1:
        (vehicle,) = ours
    if vehicle not in known:
        found = "none" if vehicle is None else repr(vehicle)
        msg = f"found {found}; one of {', '.join(sorted(known))}"
        raise typer.BadParameter(msg, param_hint="--vehicle")
    return vehicle


def _describe(learned: Learned) -> dict[str, Any]:
    rows = learned.frame.astype(object)
    return {
        "speeds": rows.where(rows.notna(), None).to_dict("records"),
        "off_lines_km": round(learned.off_lines_km),
        "untimed": learned.untimed,
    }


def _print_learned(learned: Learned, asked: Scenario, lang: str) -> None:
    """Print a row for each surface and season that was driven on."""
    from rich.table import Table

    from patrolplan.products.catalogue import format_number, translate
    from patrolplan.products.learned import LEARNED_HEADINGS, word_notes
    from patrolplan.products.terms import translate_term

    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(LEARNED_HEADINGS):
        justify: Any = "left" if number < 2 or number == 6 else "right"
        table.add_column(translate(heading, lang), justify=justify)
    for row in _describe(learned)["speeds"]:
        planned = row["planned_kmh"]
        add_cells(
            table,
            translate_term(row["surface"], lang),
            translate_term(row["season"], lang),
            "" if planned is None else format_number(planned, lang, 1),
            format_number(row["learned_kmh"], lang, 1),
            format_number(row["km"], lang),
            format_number(row["tracks"], lang),
            translate("yes" if row["believed"] else "too little driven", lang),
        )
    print_table(table, width=120)
    for note in word_notes(learned, asked.learning.least_km, lang):
        say(note)
