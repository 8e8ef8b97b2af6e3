"""Ways across open ground, put into the layers where a scenario asks for them.

Each becomes a line of the kind ``off_track``, so that all that holds of lines holds of
it: it can be closed, avoided, cut, drawn and judged; and it is told apart everywhere.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolplan.errors import Fault, LayerError, RouteError, ScenarioError
from patrolplan.geodesy import (
    WGS84,
    measure_distance_m,
    measure_length_m,
    project_geometry,
)
from patrolplan.layers import Layers, read_layers
from patrolplan.layers.names import find_place_id
from patrolplan.network import build_network
from patrolplan.open_ground_figures import OFF_TRACK, OPEN_GROUND, OpenGroundFigures
from patrolplan.planfile import Code
from patrolplan.question import list_places
from patrolplan.scenario import Scenario

if TYPE_CHECKING:
    from patrolplan.network.ground import Connector, Ground

__all__ = [
    "build_ground",
    "join_open_ground",
    "list_open_ground_notices",
    "read_travelled_layers",
]

_LOW, _HIGH = 1.04, 1.3
"""Shortest and longest that a way may be, times its geodesic parts: domain study, 3.1
and 3.3, as of tracks whose length nobody knows."""
# A line ends at a place whose vertex is as near as rounding.
_SAME_DEG = 1e-6


def read_travelled_layers(scenario: Scenario) -> Layers:
    """Read the layers of a scenario, with the ways across open ground that it asks for.

    Parameters
    ----------
    scenario
        The question.

    Raises
    ------
    InputError
        As of :func:`~patrolplan.layers.read_layers` and :func:`join_open_ground`.
    """
    return join_open_ground(scenario, read_layers(scenario))


def build_ground(scenario: Scenario, layers: Layers) -> Ground:
    """Build the cells of a scenario's area, each with its friction.

    Parameters
    ----------
    scenario
        Its ``[open_ground]`` says how; without one, its usual figures.
    layers
        Give the heights, and the water that nobody crosses.

    Raises
    ------
    ScenarioError
        If there were more cells than memory is bounded to.
    LayerError
        If a raster cannot be read or meant, with the faults of all of them.
    """
    # Its compiler need not be loaded where nobody asks for it.
    from patrolplan.network import ground

    reaches = layers.lines[layers.lines["kind"] == "river"]
    return ground.build_ground(
        scenario.area,
        _place_figures(scenario),
        elevation=layers.elevation,
        rivers=[*layers.rivers.geometry, *reaches.geometry],
        lakes=list(layers.lakes.geometry),
        file=_name_file(scenario),
    )


def join_open_ground(scenario: Scenario, layers: Layers) -> Layers:
    """Return the layers with ways across open ground, where the scenario asks for them.

    Parameters
    ----------
    scenario
        The question. Without ``[open_ground]`` the layers are returned as they are.
    layers
        As they were read.

    Returns
    -------
    Layers whose ``lines`` lack ``without_lines`` and have ways of the kind
    ``off_track``, with a column ``speed_share``: the share of the speed on open ground
    that slopes and soft ground leave. ``speeds`` has rows of the surface
    ``open_ground``.

    Raises
    ------
    ScenarioError
        If the table names a line, place or surface that nothing bears.
    LayerError
        If a raster cannot be read or meant.
    """
    if scenario.open_ground is None:
        return layers
    from patrolplan.network.ground import join_islands

    figures = scenario.open_ground
    pairs = _check_names(scenario, layers)
    kept = layers.lines[~layers.lines["id"].isin(figures.without_lines)]
    kept = kept.reset_index(drop=True)
    if kept.empty:
        fault = Fault(
            _name_file(scenario),
            "open_ground.without_lines",
            "every line",
            "a line that is left to join places to",
        )
        raise ScenarioError([fault])
    places = list_places(layers.population, layers.bases)
    network = build_network(kept, places, snap_km=scenario.movement.snap_km)
    ground = build_ground(scenario, layers)
    connectors = join_islands(
        kept,
        network,
        places,
        ground,
        ways=pairs,
        limit_m=figures.max_km * 1000 / figures.winding,
        landing_m=figures.landing_km * 1000,
    )
    lines = _add_lines(kept, connectors, layers, figures, ground.basis)
    return replace(layers, lines=lines, speeds=_add_speeds(layers.speeds, figures))


def list_open_ground_notices(
    scenario: Scenario, layers: Layers, line_ids: Collection[str] | None = None
) -> Iterator[Code]:
    """Yield what a planner should hear of each way across open ground.

    Parameters
    ----------
    scenario
        The question.
    layers
        With the ways.
    line_ids
        Only of these lines; None for all.

    Yields
    ------
    ``off_track_way`` {name, name_fr, length_km, cell_m, basis} for each; ``basis`` is
    empty where nothing is known of the ground.
    """
    figures = scenario.open_ground
    if figures is None:
        return
    basis = [*figures.list_rasters()]
    if "elevation" not in basis and layers.elevation is not None:
        basis.insert(0, "elevation")
    ways = layers.lines[layers.lines["kind"] == OFF_TRACK]
    if line_ids is not None:
        ways = ways[ways["id"].isin(line_ids)]
    for row in ways.itertuples():
        values: dict[str, Any] = {
            "name": row.name,
            "name_fr": row.name_fr,
            "length_km": float(row.length_km),
            "cell_m": figures.cell_km * 1000,
            "basis": basis,
        }
        yield Code(code="off_track_way", values=values)


def _name_file(scenario: Scenario) -> str:
    return scenario.path.name or scenario.name


def _place_figures(scenario: Scenario) -> OpenGroundFigures:
    figures = scenario.open_ground or OpenGroundFigures()
    return figures.place(scenario.path.parent)


def _check_names(scenario: Scenario, layers: Layers) -> list[tuple[str, str]]:
    """Return the pairs of places by id; refuse what nothing bears."""
    figures, file = scenario.open_ground, _name_file(scenario)
    assert figures is not None
    faults = []
    line_ids, surfaces = list(layers.lines["id"]), sorted(set(layers.speeds["surface"]))
    for name in figures.without_lines:
        if name not in line_ids:
            near = difflib.get_close_matches(name, line_ids, n=3)
            cause = f"near: {', '.join(near)}" if near else "a slip of spelling"
            faults.append(
                Fault(
                    file,
                    "open_ground.without_lines",
                    f"found {name!r}",
                    "expected the id of a line",
                    cause,
                )
            )
    if figures.like not in surfaces or figures.like == "water":
        expected = f"expected one of {', '.join(s for s in surfaces if s != 'water')}"
        faults.append(
            Fault(file, "open_ground.like", f"found {figures.like!r}", expected)
        )
    if OPEN_GROUND in surfaces or OFF_TRACK in set(layers.lines["kind"]):
        where = f"surface {OPEN_GROUND!r}, kind {OFF_TRACK!r}"
        cause = "layers that were written out with them: use those they were made from"
        faults.append(Fault(file, where, "in the layers already", "neither", cause))
    pairs = []
    for number, pair in enumerate(figures.ways):
        where, ids = f"open_ground.ways.{number}", []
        for name in pair:
            try:
                ids.append(find_place_id(layers.population, name))
            except RouteError as error:
                expected = "expected a site's id or name"
                faults.append(
                    Fault(file, where, f"found {name!r}", expected, str(error))
                )
        if len(ids) == 2 and ids[0] == ids[1]:
            cause = "two names of one place"
            faults.append(Fault(file, where, f"{ids[0]!r} twice", "two places", cause))
        elif len(ids) == 2:
            pairs.append((ids[0], ids[1]))
    if faults:
        raise ScenarioError(faults)
    return pairs


def _add_speeds(speeds: Any, figures: OpenGroundFigures) -> Any:
    """Return the speeds with rows for open ground, by those on what it is like."""
    rows = speeds[speeds["surface"] == figures.like].copy()
    rows["surface"] = OPEN_GROUND
    rows["speed_kmh"] = rows["speed_kmh"] * figures.speed_share
    if "source" in rows:
        source = f"{figures.speed_share:g} of the speed on {figures.like}"
        rows["source"] = source
    if "confidence" in rows:
        rows["confidence"] = "low"
    return pd.concat([speeds, rows], ignore_index=True)


def _add_lines(
    lines: Any,
    connectors: tuple[Connector, ...],
    layers: Layers,
    figures: OpenGroundFigures,
    basis: tuple[str, ...],
) -> Any:
    """Return the lines with vertices where ways meet them, and with the ways."""
    names = _list_names(lines, layers)
    geometry = dict(zip(lines["id"], lines.geometry, strict=True))
    rows = []
    taken = set(lines["id"])
    for connector in connectors:
        for end, spot in (
            (connector.origin, connector.way.coordinates[0]),
            (connector.destination, connector.way.coordinates[-1]),
        ):
            if end in geometry and end not in layers.population["id"].to_list():
                geometry[end] = _insert_vertex(geometry[end], spot)
        near_places = _find_near_places(connector, layers, figures.landing_km * 1000)
        row = _describe(connector, names, near_places, figures, basis)
        if row["id"] in taken:
            cause = "an id that ways across open ground take"
            fault = Fault("lines", f"line {row['id']!r}", "its id", "another", cause)
            raise LayerError([fault])
        taken.add(row["id"])
        rows.append(row)
    columns = {
        name: pd.Series([row.get(name) for row in rows], dtype=lines[name].dtype)
        for name in lines.columns
        if name != "geometry"
    }
    shapes = [shapely.LineString(c.way.coordinates) for c in connectors]
    added = gpd.GeoDataFrame(columns, geometry=shapes, crs=WGS84)
    changed = lines.copy()
    changed.geometry = [geometry[key] for key in lines["id"]]
    whole = pd.concat([changed, added], ignore_index=True) if rows else changed
    shares = [1 / connector.way.friction for connector in connectors]
    whole["speed_share"] = np.array([np.nan] * len(lines) + shares)
    return whole


def _list_names(lines: Any, layers: Layers) -> dict[str, tuple[str, str]]:
    """Return the English and French name of each line, then of each place, by id."""
    named = {}
    for frame in (lines, layers.bases, layers.population):
        for row in frame.to_dict("records"):
            name = row.get("name") or row["id"]
            named[row["id"]] = (name, row.get("name_fr") or name)
    return named


def _find_near_places(
    connector: Connector, layers: Layers, near_m: float
) -> dict[str, str]:
    """Return the place by which people know where a way meets a line, by its line."""
    places = list_places(layers.population)
    ids = sorted(places)
    lon, lat = np.array([places[key] for key in ids]).reshape(-1, 2).T
    found = {}
    for end, spot in (
        (connector.origin, connector.way.coordinates[0]),
        (connector.destination, connector.way.coordinates[-1]),
    ):
        away_m = measure_distance_m(lon, lat, *spot)
        if end not in places and away_m.min(initial=np.inf) <= near_m:
            found[end] = ids[int(np.argmin(away_m))]
    return found


def _describe(
    connector: Connector,
    names: Mapping[str, tuple[str, str]],
    near_places: Mapping[str, str],
    figures: OpenGroundFigures,
    basis: tuple[str, ...],
) -> dict[str, Any]:
    """Return the cells of a way in the lines layer."""
    way = connector.way
    drawn_km = way.length_m / 1000
    straight_km = measure_length_m([way.coordinates[0], way.coordinates[-1]]) / 1000
    ends = [
        names[near_places.get(end, end)]
        for end in (connector.origin, connector.destination)
    ]
    rests_on = ", ".join(basis).replace("_", " ") or "nothing: flat ground is assumed"
    return {
        "id": f"off-track-{connector.origin}-{connector.destination}",
        "name": f"Off track, {ends[0][0]} to {ends[1][0]}",
        "name_fr": f"Hors piste, {ends[0][1]} vers {ends[1][1]}",
        "kind": OFF_TRACK,
        "surface": OPEN_GROUND,
        "from_id": connector.origin,
        "to_id": connector.destination,
        "length_km": drawn_km * figures.winding,
        "length_low_km": max(straight_km, drawn_km * min(_LOW, figures.winding)),
        "length_high_km": drawn_km * max(_HIGH, figures.winding),
        "length_source": f"derived: way over cells times {figures.winding:.2f}",
        "length_derived": True,
        "hazard": np.nan,
        "status_dry": "unknown",
        "status_rains": "unknown",
        "wait_min": np.nan,
        "crossing_min": np.nan,
        "osm_length_km": np.nan,
        "confidence": "low",
        "source": f"derived: cells of {figures.cell_km:g} km, from {rests_on}",
        "note": "No line is known there; nobody has driven or checked the way",
    }


def _insert_vertex(line: Any, spot: tuple[float, float]) -> Any:
    """Return a line with a vertex at a spot on it, if it has none there."""
    path = [tuple(position[:2]) for position in line.coords]
    if any(
        abs(x - spot[0]) < _SAME_DEG and abs(y - spot[1]) < _SAME_DEG for x, y in path
    ):
        return line
    flat = project_geometry(line, to_metric=True)
    along_m = flat.project(project_geometry(shapely.Point(spot), to_metric=True))
    steps = np.hypot(*np.diff(shapely.get_coordinates(flat).T))
    ends_m = np.concatenate(([0.0], np.cumsum(steps)))
    place = int(np.clip(np.searchsorted(ends_m, along_m), 1, len(path) - 1))
    return shapely.LineString([*path[:place], spot, *path[place:]])
