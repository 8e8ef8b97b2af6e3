"""Joining what no line reaches to the network, across open ground.

An island is a place that no line reaches, or lines that hang together apart from the
longest such part. Islands are joined one by one, the cheapest first, to the nearest
point of a road or track, or to a place joined before: a tree, as few ways as may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import project_geometry
from patrolplan.network.graph import Network, Node
from patrolplan.network.ground.grid import (
    Ground,
    OpenWay,
    find_open_way,
    trace_way,
)
from patrolplan.network.ground.kernels import sweep

__all__ = ["Connector", "join_islands"]

_REACH = 16
_LAND = ("road", "track")


class Connector(NamedTuple):
    """A way across open ground that joins something to the network.

    Attributes
    ----------
    origin
        Id of the place, or of a line of the island, that it joins.
    destination
        Id of the place or line that it is joined to.
    way
        The way; its first and last positions are vertices of lines, or places.
    """

    origin: str
    destination: str
    way: OpenWay


@dataclass(frozen=True, eq=False)
class _Anchors:
    """Where ways across open ground may begin and end: one spot in a cell.

    Parameters
    ----------
    cell
        Number of the cell.
    lon, lat
        Of the spot in it, degrees.
    owner
        Id of the place or line that it is of.
    part
        Number of what hangs together with it by lines, 0 for the longest.
    """

    cell: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    owner: NDArray[np.object_]
    part: NDArray[np.int64]

    def find(self, cell: int, parts: Sequence[int]) -> int:
        """Return the row of an anchor in a cell, of one of some parts."""
        return int(np.flatnonzero((self.cell == cell) & np.isin(self.part, parts))[0])


def join_islands(
    lines: Any,
    network: Network,
    places: Mapping[str, tuple[float, float]],
    ground: Ground,
    *,
    ways: Sequence[tuple[str, str]] = (),
    limit_m: float,
    landing_m: float,
) -> tuple[Connector, ...]:
    """Join islands to the network, and some pairs of places to each other.

    Parameters
    ----------
    lines
        The lines layer.
    network
        The graph that these lines make, with the places.
    places
        Position of each place, in degrees; of two in one cell the first gives its name.
    ground
        The cells to cross.
    ways
        Pairs of places that get a way beside.
    limit_m
        Metres of flat open ground that one way may be worth.
    landing_m
        How far open ground may be from a place.

    Returns
    -------
    The ways found. An island with none within the limit is left as it is.
    """
    anchors, count = _list_anchors(lines, network, places, ground, landing_m)
    joined, apart = [0], list(range(1, count))
    connectors = []
    size = ground.friction.size
    while apart:
        seeds = anchors.cell[np.isin(anchors.part, joined)]
        wanted = np.zeros(size, dtype=np.bool_)
        wanted[anchors.cell[np.isin(anchors.part, apart)]] = True
        limit = limit_m / ground.cell_m
        _, before, hits = sweep(
            ground.friction, np.unique(seeds), wanted, 1, limit, _REACH
        )
        if not len(hits):
            break
        cell = int(hits[0])
        start = cell
        while before[start] >= 0:
            start = int(before[start])
        end, begin = anchors.find(cell, apart), anchors.find(start, joined)
        way = trace_way(
            ground, before, cell, _place(anchors, begin), _place(anchors, end)
        )
        part = int(anchors.part[end])
        joined.append(part)
        apart.remove(part)
        # Told from the island: it is what the way is for.
        way = way._replace(coordinates=way.coordinates[::-1])
        if way.length_m > 0:
            owners = str(anchors.owner[end]), str(anchors.owner[begin])
            connectors.append(Connector(*owners, way))
    known = {(c.origin, c.destination) for c in connectors}
    for origin, destination in ways:
        if {(origin, destination), (destination, origin)} & known:
            continue
        found = find_open_way(
            ground,
            _round(places[origin]),
            _round(places[destination]),
            limit_m=limit_m,
            landing_m=landing_m,
        )
        if found is not None and found.length_m > 0:
            connectors.append(Connector(origin, destination, found))
    return tuple(connectors)


def _place(anchors: _Anchors, row: int) -> Node:
    return float(anchors.lon[row]), float(anchors.lat[row])


def _round(position: tuple[float, float]) -> Node:
    return round(float(position[0]), 6), round(float(position[1]), 6)


def _list_anchors(
    lines: Any,
    network: Network,
    places: Mapping[str, tuple[float, float]],
    ground: Ground,
    landing_m: float,
) -> tuple[_Anchors, int]:
    """Return the anchors of all parts, and how many parts there are; 0 is the main."""
    graph = network.graph
    lengths: dict[Node, float] = dict.fromkeys(graph.nodes, 0.0)
    for tail, _, edge in graph.edges(data=True):
        lengths[tail] += edge["length_m"]
    found = sorted(
        (sorted(part) for part in nx.weakly_connected_components(graph)),
        key=lambda part: (-round(sum(lengths[node] for node in part), 3), part),
    )
    part_of_node = {node: number for number, part in enumerate(found) for node in part}
    part_of_line = {
        edge["line_id"]: part_of_node[tail] for tail, _, edge in graph.edges(data=True)
    }
    rows: list[tuple[int, float, float, str, int]] = []
    count = len(found)
    for place in places:
        cell = ground.find_landing(_round(places[place]), landing_m)
        if place in network.nodes:
            part = part_of_node[network.nodes[place]]
        else:
            part, count = count, count + 1
        if cell is not None:
            rows.append((cell, *_round(places[place]), place, part))
    for line, kind, shape in zip(
        lines["id"], lines["kind"], lines.geometry, strict=True
    ):
        if kind not in _LAND or line not in part_of_line:
            continue
        for cell, lon, lat in _list_spots(shape, ground):
            rows.append((cell, lon, lat, line, part_of_line[line]))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return (
        _Anchors(
            np.array(columns[0], dtype=np.int64),
            np.array(columns[1], dtype=float),
            np.array(columns[2], dtype=float),
            np.array(columns[3], dtype=object),
            np.array(columns[4], dtype=np.int64),
        ),
        count,
    )


def _list_spots(shape: Any, ground: Ground) -> list[tuple[int, float, float]]:
    """Return a spot of a line in each open cell that it runs through.

    That is a vertex, where one lies in the cell; else a spot near its middle.
    """
    vertices = shapely.get_coordinates(shape)
    flat = project_geometry(shape, to_metric=True)
    dense = shapely.segmentize(flat, ground.cell_m / 2)
    spots = shapely.get_coordinates(dense)
    own = shapely.get_coordinates(flat)
    cells = ground.find_cells(spots[:, 0], spots[:, 1])
    middle_x, middle_y = ground.find_middles(np.maximum(cells, 0))
    away_m = np.hypot(spots[:, 0] - middle_x, spots[:, 1] - middle_y)
    drawn = shapely.get_coordinates(project_geometry(dense, to_metric=False))
    best: dict[int, tuple[float, float, float]] = {}
    for cell, away, (lon, lat) in zip(
        cells.tolist(), away_m.tolist(), drawn.tolist(), strict=True
    ):
        if cell >= 0 and (cell not in best or away < best[cell][0]):
            best[cell] = (away, *_round((lon, lat)))
    at_vertex = ground.find_cells(own[:, 0], own[:, 1])
    for cell, (lon, lat) in zip(at_vertex.tolist(), vertices.tolist(), strict=True):
        if cell >= 0:
            best[cell] = (0.0, *_round((lon, lat)))
    open_cells = np.array(sorted(best), dtype=np.int64)
    open_cells = open_cells[ground.is_open(open_cells)]
    return [(cell, *best[cell][1:]) for cell in open_cells.tolist()]
