"""The verb that measures between many places: matrix."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.program import DONE, AsJson, Quiet, print_json

if TYPE_CHECKING:
    import pandas as pd

    from patrolplan.network import RoadNetwork, TravelMatrix

_SHOWN = 5


class SeasonName(StrEnum):
    """The road states of the speeds table."""

    DRY = "dry"
    RAINS = "rains"


def matrix(
    sites: Annotated[Path, typer.Argument(help="CSV with id, lon, lat.")],
    network: Annotated[
        Path | None, typer.Option(help="Roads; by default the built-in lines.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="TOML with a [network] table; a scenario is one."),
    ] = None,
    vehicle: Annotated[str, typer.Option(help="Vehicle class.")] = "light_4x4",
    season: Annotated[SeasonName, typer.Option(help="State of roads.")] = (
        SeasonName.DRY
    ),
    snap_km: Annotated[
        float, typer.Option(help="How far a site may lie from a road.", min=0, max=200)
    ] = 15.0,
    out: Annotated[
        Path | None, typer.Option("--out", help="CSV to write; by default printed.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Measure travel times and lengths between all sites, over any network.

    Writes from_id, to_id, duration_min, length_km; empty where there is no way.
    """
    from patrolplan.errors import LayerError
    from patrolplan.layers.files import read_layer
    from patrolplan.layers.schema import SCHEMAS
    from patrolplan.layers.sites import find_unserved_faults, read_sites
    from patrolplan.network import build_matrix, read_road_network, weigh_edges
    from patrolplan.network.weighing import find_access_speed_kmh
    from patrolplan.network_figures import NetworkFigures, read_network_figures
    from patrolplan.products.files import write_whole
    from patrolplan.products.revisions import print_line
    from patrolplan.products.tables import format_csv
    from patrolplan.shipped import find_shipped

    shipped = find_shipped() / "data" / "geo"
    speeds, faults = read_layer(shipped / "movement" / "speeds.csv", SCHEMAS["speeds"])
    if faults:
        raise LayerError(faults)
    known = sorted(set(speeds["vehicle"]))
    if vehicle not in known:
        msg = f"{vehicle!r}; expected one of {', '.join(known)}"
        raise typer.BadParameter(msg, param_hint="--vehicle")
    places = read_sites(sites)
    figures = NetworkFigures() if mapping is None else read_network_figures(mapping)
    own = None if figures.file is None else Path(figures.file)
    path = network or own or shipped / "lines" / "lines.geojson"
    roads = read_road_network(path, figures)
    found = build_matrix(
        roads.edges,
        weigh_edges(roads, speeds, vehicle, season.value),
        places,
        snap_m=snap_km * 1000,
        access_kmh=find_access_speed_kmh(speeds, vehicle, season.value),
    )
    if len(found.unjoined) == len(places):
        nodes = (roads.edges.node_lon, roads.edges.node_lat)
        files = (path.name, sites.name)
        raise LayerError(find_unserved_faults(places, nodes, files, snap_km))
    text = format_csv(_tabulate(found))
    if out is not None:
        write_whole(out, text)
    if as_json:
        print_json(_describe(roads, found))
    elif out is None:
        # Ids may be hostile, and a terminal is where they would do harm.
        print("\n".join(print_line(row) for row in text[:-1].split("\n")))
    if not quiet and not as_json:
        _print_report(path.name, roads, found, snap_km)
    return DONE


def _tabulate(found: TravelMatrix) -> pd.DataFrame:
    """Return a row for each pair of different sites; NaN where there is no way."""
    import numpy as np
    import pandas as pd

    size = len(found.place_ids)
    tail, head = np.divmod(np.arange(size * size), max(size, 1))
    apart = tail != head
    tail, head = tail[apart], head[apart]
    ids = np.array(found.place_ids, dtype=object)
    minutes, length_m = found.durations_min[tail, head], found.lengths_m[tail, head]
    way = np.isfinite(minutes)
    return pd.DataFrame(
        {
            "from_id": ids[tail],
            "to_id": ids[head],
            "duration_min": np.where(way, np.round(minutes, 2), np.nan),
            "length_km": np.where(way, np.round(length_m / 1000, 3), np.nan),
        }
    )


def _describe(roads: RoadNetwork, found: TravelMatrix) -> dict[str, Any]:
    """Return what JSON says of the network and of the travel over it."""
    import numpy as np

    def nest(cells: Any) -> list[list[float | None]]:
        return [[c if np.isfinite(c) else None for c in row] for row in cells.tolist()]

    return {
        "place_ids": list(found.place_ids),
        "durations_min": nest(found.durations_min),
        "lengths_km": nest(found.lengths_m / 1000),
        "unjoined": list(found.unjoined),
        "edges": len(roads.edges),
        "left_out": dict(roads.left_out),
        "unknown": {tag: dict(words) for tag, words in roads.unknown.items()},
        "snapped": len(roads.snapped_m),
        "components": [part._asdict() for part in roads.components],
        "gaps": [gap._asdict() for gap in roads.gaps],
    }


def _print_report(
    name: str, roads: RoadNetwork, found: TravelMatrix, snap_km: float
) -> None:
    """Tell of the network on standard error: the matrix may go to the other."""
    from patrolplan.products.revisions import print_line

    parts = roads.components
    total_km = sum(part.length_km for part in parts)
    share = parts[0].length_km / max(total_km, 1e-9)
    lines = [f"{len(roads.edges):,} edges, {total_km:,.0f} km"]
    lines.append(f"{len(parts):,} components; the longest holds {share:.1%} of that")
    lines += [f"left out, {why}: {n:,} lines" for why, n in roads.left_out.items()]
    lines += [
        f"no rule for {tag} {word!r}: {n:,} lines"
        for tag, words in roads.unknown.items()
        for word, n in sorted(words.items(), key=lambda w: (-w[1], w[0]))[:_SHOWN]
    ]
    if len(roads.snapped_m):
        longest = roads.snapped_m.max()
        lines.append(f"{len(roads.snapped_m):,} ends snapped, {longest:.0f} m at most")
    # Two components may be the nearest of each other: one bridge.
    once = {frozenset((gap.component, gap.other)): gap for gap in roads.gaps}
    by_length = sorted(once.values(), key=lambda gap: gap.distance_m)
    lines += [
        f"gap of {gap.distance_m:,.0f} m between component {gap.component} and "
        f"{gap.other}: {gap.from_lat:.5f}, {gap.from_lon:.5f} to "
        f"{gap.to_lat:.5f}, {gap.to_lon:.5f}"
        for gap in by_length[:_SHOWN]
    ]
    if len(by_length) > _SHOWN:
        lines.append(f"{len(by_length) - _SHOWN:,} gaps more: --json lists all")
    lines += [
        f"no line open to the vehicle within {snap_km:g} km of site {key!r}"
        for key in found.unjoined
    ]
    for line in lines:
        # A hostile word of a file must not forge a line, nor reach a terminal.
        print(print_line(f"{name}: {line}"), file=sys.stderr)
