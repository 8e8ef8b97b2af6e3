"""From a file of roads to a network that can be driven, with what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.ferries import find_crossings_min
from patrolplan.layers.line_tables import LineTable
from patrolplan.layers.road_files import read_lines
from patrolplan.layers.road_rules import (
    RoadClasses,
    classify_lines,
    read_road_rules,
)
from patrolplan.network.edges import EdgeTable, build_edge_table
from patrolplan.network.gaps import (
    Component,
    Gap,
    find_components,
    find_gaps,
    list_components,
)
from patrolplan.network.noding import Noded, Vertices, draw_lines, split_lines
from patrolplan.network.snapping import snap_ends
from patrolplan.network_figures import NetworkFigures

__all__ = [
    "RoadNetwork",
    "find_length_fault",
    "name_classes",
    "name_edges",
    "name_lines",
    "read_road_network",
]

_MOST_TIMES = 5.0
"""A file whose lengths are mostly so many times those drawn states another unit."""


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Edges, and for each what decides how fast it is driven.

    Parameters
    ----------
    edges
        The edges; ``source_ids`` are the ids of features of the file.
    name
        Name of its line, else the road number, else None.
    kind
        ``road``, ``track``, ``ferry`` or ``river``.
    surface
        A key of the speeds table, or ``unknown``.
    open_dry, open_rains
        Whether a vehicle may use it.
    speed_kmh, duration_min
        What the file says of each edge, NaN where it says nothing. They go before the
        speeds table; a duration is the edge's share of its line's, by length.
    wait_min
        Wait for a ferry, for each edge: a ferry that is cut waits once.
    left_out
        Lines of the file that are no part of the network, by reason.
    unknown
        Words that no rule knows: by tag and word, on how many lines.
    snapped_m
        How long each way is that was added where a loose end snapped.
    hazard
        Danger to a patrol on each edge, 0 to 3, NaN where unknown; None of files, which
        do not say it.
    """

    edges: EdgeTable
    name: NDArray[np.object_]
    kind: NDArray[np.object_]
    surface: NDArray[np.object_]
    open_dry: NDArray[np.bool_]
    open_rains: NDArray[np.bool_]
    speed_kmh: NDArray[np.float64]
    duration_min: NDArray[np.float64]
    wait_min: NDArray[np.float64]
    left_out: Mapping[str, int]
    unknown: Mapping[str, Mapping[str, int]]
    snapped_m: NDArray[np.float64]
    hazard: NDArray[np.float64] | None = None

    @cached_property
    def component(self) -> NDArray[np.int64]:
        """The number of the component of each edge: 0 is the longest."""
        edges = self.edges
        return find_components(
            edges.from_node, edges.to_node, edges.length_m, edges.node_count
        )

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """What hangs together, one-way streets taken both ways; longest first."""
        edges = self.edges
        return list_components(
            self.component,
            edges.length_m,
            edges.from_node,
            edges.to_node,
            (edges.node_lon, edges.node_lat),
        )

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The shortest bridge from each component but the longest to another."""
        spots, edge = shapely.get_coordinates(self.edges.geometry, return_index=True)
        vertices = Vertices(spots[:, 0], spots[:, 1], edge)
        return find_gaps(vertices, self.component)


def read_road_network(
    path: Path | str, figures: NetworkFigures | None = None
) -> RoadNetwork:
    """Read a file of roads and split it into edges where lines share vertices.

    Lines that merely cross stay apart: one may pass over the other.

    Parameters
    ----------
    path
        OpenStreetMap PBF, GeoPackage, Shapefile, GeoJSON or GeoParquet.
    figures
        What its columns and words are called, the snapping tolerance, and what holds
        for ferries; None for a file that speaks as OpenStreetMap or the house does.

    Returns
    -------
    The network. Each edge keeps the id of the feature that it was made from.

    Raises
    ------
    LayerError
        If the file cannot be read or meant, with all its faults.
    """
    path = Path(path)
    asked = NetworkFigures() if figures is None else figures
    rules = read_road_rules(asked.rules)
    lines = read_lines(path, asked, rules)
    classes = classify_lines(lines, rules)
    driven = classes.kind != ""
    never_open = driven & ~classes.open_dry & ~classes.open_rains
    kept = driven & ~never_open
    left_out = Counter(name_classes(lines, np.flatnonzero(~driven)))
    left_out["never open to vehicles"] += int(never_open.sum())
    if not kept.any():
        found = ", ".join(f"{reason}: {n}" for reason, n in sorted(left_out.items()))
        cause = "another layer, or words that were mapped wrong"
        fault = Fault(path.name, "lines", found, "a line that is driven", cause)
        raise LayerError([fault])
    lines, classes = lines.select(kept), _select(classes, kept)
    line_of = np.repeat(np.arange(len(lines)), np.diff(lines.begins))
    vertices = Vertices(lines.lon, lines.lat, line_of)
    snapped = snap_ends(vertices, classes.level, asked.snap_m)
    noded = split_lines(snapped.vertices, classes.level)
    without = np.setdiff1d(np.arange(len(lines)), noded.line)
    left_out["without any length"] += len(without)
    network = _build(path.name, lines, classes, noded, asked)
    reasons = {reason: n for reason, n in sorted(left_out.items()) if n}
    return RoadNetwork(
        **network,
        left_out=reasons,
        unknown=classes.unknown,
        snapped_m=snapped.gaps_m,
    )


def name_classes(lines: LineTable, rows: NDArray[np.int64]) -> list[str]:
    """Return why lines are no part of the network: their class.

    Parameters
    ----------
    lines, rows
        The lines, and which of them.
    """
    cells = lines.tags.get("highway", np.full(len(lines), None))
    return [f"highway={cells[row]}" if cells[row] else "no class" for row in rows]


def _select(classes: RoadClasses, kept: NDArray[np.bool_]) -> RoadClasses:
    return RoadClasses(
        classes.kind[kept],
        classes.surface[kept],
        classes.open_dry[kept],
        classes.open_rains[kept],
        classes.oneway[kept],
        classes.level[kept],
        classes.unknown,
    )


def _build(
    file: str,
    lines: LineTable,
    classes: RoadClasses,
    noded: Noded,
    figures: NetworkFigures,
) -> dict[str, Any]:
    """Return the edges and what is said of each."""
    line = noded.line
    drawn_m = np.zeros(len(lines))
    np.add.at(drawn_m, line, noded.length_m)
    # At a pole a line may run on without any length.
    share = noded.length_m / np.maximum(drawn_m[line], 1e-9)
    stated_km = _tell(lines, "length_km")
    if fault := find_length_fault(file, stated_km, drawn_m):
        raise LayerError([fault])
    length_m = np.where(
        np.isnan(stated_km[line]), noded.length_m, stated_km[line] * 1000 * share
    )
    geometry = draw_lines(*noded.vertices)
    back = classes.oneway[line] < 0
    geometry[back] = shapely.reverse(geometry[back])
    ids = lines.ids[line]
    edges = build_edge_table(
        from_node=np.where(back, noded.to_node, noded.from_node),
        to_node=np.where(back, noded.from_node, noded.to_node),
        length_m=length_m,
        node_lon=noded.node_lon,
        node_lat=noded.node_lat,
        both_ways=classes.oneway[line] == 0,
        edge_id=name_edges(ids),
        source_ids=tuple(zip(ids.tolist(), strict=True)),
        geometry=geometry,
        file=file,
    )

    ferry = classes.kind == "ferry"
    whole_m = np.where(np.isnan(stated_km), drawn_m, stated_km * 1000)
    duration_min = _tell(lines, "duration_min")
    crossing_min = find_crossings_min(lines, whole_m, figures)
    duration_min = np.where(ferry & np.isnan(duration_min), crossing_min, duration_min)
    wait_min = _tell(lines, "wait_min")
    wait_min = np.where(np.isnan(wait_min), figures.ferry_wait_min, wait_min)
    first = np.ones(len(line), dtype=bool)
    first[1:] = line[1:] != line[:-1]
    return {
        "edges": edges,
        "name": name_lines(lines)[line],
        "kind": classes.kind[line],
        "surface": classes.surface[line],
        "open_dry": classes.open_dry[line],
        "open_rains": classes.open_rains[line],
        "speed_kmh": _tell(lines, "speed_kmh")[line],
        "duration_min": duration_min[line] * share,
        "wait_min": np.where(ferry[line] & first, wait_min[line], 0.0),
    }


def _tell(lines: LineTable, column: str) -> NDArray[np.float64]:
    """Return figures of the lines, NaN where the file says nothing."""
    return lines.tags.get(column, np.full(len(lines), np.nan))


def name_lines(lines: LineTable) -> NDArray[np.object_]:
    """Return the name of each line, else its number, else None.

    Parameters
    ----------
    lines
        The lines.
    """
    nothing = np.full(len(lines), None, dtype=object)
    name, ref = lines.tags.get("name", nothing), lines.tags.get("ref", nothing)
    return np.where(pd.isna(name), ref, name)


def name_edges(ids: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a key for each edge: its line's, numbered where it was split.

    Parameters
    ----------
    ids
        Of the line of each edge.
    """
    keys = pd.Series(ids, dtype=object)
    number = keys.groupby(keys, sort=False).cumcount().to_numpy()
    split = keys.duplicated(keep=False).to_numpy()
    # ``#`` is in no id of OpenStreetMap; elsewhere the table refuses what is twice.
    names = [
        f"{key}#{k + 1}" if cut else key
        for key, k, cut in zip(ids, number.tolist(), split.tolist(), strict=True)
    ]
    return np.array(names, dtype=object)


def find_length_fault(
    file: str, stated_km: NDArray[np.float64], drawn_m: NDArray[np.float64]
) -> Fault | None:
    """Return the fault of lengths that most lines cannot have: the unit is another one.

    Parameters
    ----------
    file
        What the fault calls it.
    stated_km
        What it says of each line, NaN where nothing.
    drawn_m
        How long each is drawn.
    """
    has = np.isfinite(stated_km) & (drawn_m > 0)
    if not has.any():
        return None
    times = float(np.median(stated_km[has] * 1000 / drawn_m[has]))
    if 1 / _MOST_TIMES <= times <= _MOST_TIMES:
        return None
    near_m = 500 < times < 2000
    return Fault(
        file,
        "length_km",
        f"lengths of {len(stated_km)} lines are {times:.3g} times those drawn",
        f"expected at most {_MOST_TIMES:g} times, and at least 1/{_MOST_TIMES:g}",
        "metres taken for kilometres" if near_m else "another unit, or another column",
    )
