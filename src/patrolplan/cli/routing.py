"""The verb that finds ways: route."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import (
    BROKEN,
    DONE,
    AsJson,
    Closed,
    Lang,
    Language,
    check_closures,
    print_json,
)
from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from patrolplan.network import Route
    from patrolplan.planfile import Code


def route(
    origin: Annotated[
        str, typer.Argument(metavar="FROM", help="Any name, or a base's id.")
    ],
    destination: Annotated[
        str, typer.Argument(metavar="TO", help="Any name, or a base's id.")
    ],
    via: Annotated[list[str] | None, typer.Option(help="A place on the way.")] = None,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day; by default the scenario's."),
    ] = None,
    vehicle: Annotated[str, typer.Option(help="Vehicle class.")] = "light_4x4",
    alternatives: Annotated[
        int, typer.Option(help="How many routes.", min=1, max=20)
    ] = 1,
    close: Closed = None,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario with other layers.")
    ] = None,
    lang: Lang = Language.EN,
    as_json: AsJson = False,
) -> int:
    """Find the quickest ways between two places: moving and ferry time, no nights.

    Says in words why the quickest way is not that of the open, dry network.
    """
    from patrolplan.criticality import list_standing_bases
    from patrolplan.layers.names import find_place_id
    from patrolplan.network import (
        build_network,
        describe_change,
        explain_way,
        find_routes,
        read_roads,
    )
    from patrolplan.network.arcs import is_known_class
    from patrolplan.network.routes import check_stops
    from patrolplan.open_ground import (
        list_open_ground_notices,
        read_travelled_layers,
    )
    from patrolplan.question import list_places
    from patrolplan.scenario import read_scenario
    from patrolplan.shipped import find_main_scenario

    asked = read_scenario(scenario or find_main_scenario())
    layers = read_travelled_layers(asked)
    vehicles = sorted(set(layers.speeds["vehicle"]))
    if not is_known_class(vehicle, layers.speeds):
        known = ", ".join(vehicles)
        msg = f"{vehicle!r}; expected one of {known}, or one by land + one by water"
        raise typer.BadParameter(msg, param_hint="--vehicle")
    day = asked.start if date is None else date.date()
    closed = (*asked.lines.closed, *check_closures(close))
    asked = asked.replace(lines=asked.lines.model_copy(update={"closed": closed}))
    unknown = {closure.line for closure in asked.closures} - set(layers.lines["id"])
    if unknown:
        msg = f"no line is called {', '.join(sorted(unknown))}"
        raise typer.BadParameter(msg, param_hint="--close")
    named = _list_stops(origin, via, destination)
    bases = list_standing_bases(layers.bases, asked, day)
    base_ids = set(bases["id"]).intersection(named)
    network = build_network(
        layers.lines,
        # Bases are of the network only where a way begins or ends at one.
        list_places(layers.population, bases if base_ids else None),
        snap_km=asked.movement.snap_km,
    )
    stops = [
        name if name in base_ids else find_place_id(layers.population, name)
        for name in named
    ]
    check_stops(network, stops)
    roads = read_roads(asked, layers)
    state = roads.find_state(vehicle, day)
    change = explain_way(network, roads, stops, vehicle, day)
    routes: tuple[Route, ...] = ()
    if change.now is not None:
        routes = find_routes(
            network, layers.speeds, stops, state, alternatives=alternatives
        )
    driven = {line for found in routes for line in found.line_ids}
    said = (
        *list_open_ground_notices(asked, layers, driven),
        *describe_change(change, roads),
    )
    if as_json:
        print_json(
            {
                "routes": [_describe_route(found) for found in routes],
                "reasons": [
                    {
                        "code": reason.code,
                        "values": reason.values,
                        "text": _word(reason, lang),
                    }
                    for reason in said
                ],
            }
        )
        return DONE if routes else BROKEN
    say(f"{day.isoformat()}, {state.season} season, {vehicle}")
    for found in routes:
        _print_route(found)
    for reason in said:
        say(_word(reason, lang))
    return DONE if routes else BROKEN


def _word(reason: Code, lang: Language) -> str:
    """Return a reason as a sentence."""
    from patrolplan.products.sentences import render_code

    return render_code(reason.code, reason.values, lang.value, kind="notice")


def _list_stops(origin: str, via: list[str] | None, destination: str) -> list[str]:
    return [origin, *(via or ()), destination]


def _describe_route(found: Route) -> dict[str, Any]:
    return {
        "length_km": found.length_m / 1000,
        "duration_min": found.duration_min,
        "lines": list(found.line_ids),
        "geometry": {
            "type": "LineString",
            "coordinates": [list(position) for position in found.coordinates],
        },
    }


def _print_route(found: Route) -> None:
    """Print a route: its sum, then a row for each line driven."""
    from rich.table import Table

    hours, minutes = divmod(round(found.duration_min), 60)
    say(f"{found.length_m / 1000:,.0f} km, {hours} h {minutes:02d} min")
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("line")
    table.add_column("kind")
    table.add_column("surface")
    table.add_column("km", justify="right")
    table.add_column("min", justify="right")
    for line in found.line_ids:
        driven = [piece for piece in found.pieces if piece.line_id == line]
        add_cells(
            table,
            line,
            driven[0].kind,
            driven[0].surface,
            f"{sum(piece.length_m for piece in driven) / 1000:,.1f}",
            f"{sum(piece.duration_min for piece in driven):,.0f}",
        )
    print_table(table, width=100)
