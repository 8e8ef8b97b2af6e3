"""The verb that finds ways: route."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from patrolplan.cli.program import AsJson, Closed, check_closures, print_json

if TYPE_CHECKING:
    from patrolplan.network import Route


def route(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Any name.")],
    destination: Annotated[str, typer.Argument(metavar="TO", help="Any name.")],
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
    as_json: AsJson = False,
) -> None:
    """Find the quickest ways between two places: moving and ferry time, no nights."""
    from patrolplan.layers import read_layers
    from patrolplan.layers.names import find_place_id
    from patrolplan.network import RoadState, build_network, find_routes
    from patrolplan.question import list_places
    from patrolplan.scenario import read_closure, read_scenario
    from patrolplan.shipped import find_shipped

    asked = read_scenario(scenario or find_shipped() / "scenarios" / "north-mali.toml")
    layers = read_layers(asked)
    vehicles = sorted(set(layers.speeds["vehicle"]))
    if vehicle not in vehicles:
        msg = f"{vehicle!r}; expected one of {', '.join(vehicles)}"
        raise typer.BadParameter(msg, param_hint="--vehicle")
    day = asked.start if date is None else date.date()
    closures = [*asked.closures, *(read_closure(c) for c in check_closures(close))]
    unknown = {closure.line for closure in closures} - set(layers.lines["id"])
    if unknown:
        msg = f"no line is called {', '.join(sorted(unknown))}"
        raise typer.BadParameter(msg, param_hint="--close")
    network = build_network(
        layers.lines,
        list_places(layers.population),
        snap_km=asked.movement.snap_km,
    )
    state = RoadState(
        vehicle,
        asked.find_season(day),
        frozenset(c.line for c in closures if c.covers(day)),
        asked.movement.hazard_min_per_km,
    )
    stops = [
        find_place_id(layers.population, name)
        for name in _list_stops(origin, via, destination)
    ]
    routes = find_routes(
        network, layers.speeds, stops, state, alternatives=alternatives
    )
    if as_json:
        print_json({"routes": [_describe_route(found) for found in routes]})
        return
    print(f"{day.isoformat()}, {state.season} season, {vehicle}")
    for found in routes:
        _print_route(found)


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
    print(f"{found.length_m / 1000:,.0f} km, {hours} h {minutes:02d} min")
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("line")
    table.add_column("kind")
    table.add_column("surface")
    table.add_column("km", justify="right")
    table.add_column("min", justify="right")
    for line in found.line_ids:
        driven = [piece for piece in found.pieces if piece.line_id == line]
        table.add_row(
            line,
            driven[0].kind,
            driven[0].surface,
            f"{sum(piece.length_m for piece in driven) / 1000:,.1f}",
            f"{sum(piece.duration_min for piece in driven):,.0f}",
        )
    Console(width=100).print(table)
