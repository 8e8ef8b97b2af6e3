"""A networkx graph of an analyst's own as a network of roads, by the house's rules.

Attributes of edges are read as a file's columns are: by the names of OpenStreetMap and
of the house, or as a ``[network]`` table maps them, with one table of rules for what a
road is to a patrol. Edges meet at nodes and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.errors import EdgeError, Fault, LayerError
from patrolplan.geodesy import measure_distance_m, measure_length_m
from patrolplan.layers.ferries import find_crossings_min
from patrolplan.layers.line_columns import FIGURES, choose_columns, read_tags
from patrolplan.layers.line_tables import LineTable
from patrolplan.layers.road_rules import (
    classify_lines,
    find_unknown_words,
    read_road_rules,
)
from patrolplan.network.edges import build_edge_table, find_repeated_ids
from patrolplan.network.graph_parts import (
    GRAPH,
    AnyGraph,
    GraphEdge,
    list_edges,
    read_shape,
    read_spots,
    read_weight,
)
from patrolplan.network.importing import (
    RoadNetwork,
    find_length_fault,
    name_classes,
    name_edges,
    name_lines,
)
from patrolplan.network_figures import NetworkFigures

__all__ = ["read_road_graph"]

_LENGTHS_M = ("length_m", "length")
"""Attributes that hold metres: the house's, then that of osmnx."""

_FARTHEST_M = 1000.0
"""How far a line may end from its node: junctions that were merged have moved."""

_MOST_HAZARD = 3.0
"""Of the scale of the lines layer."""


def read_road_graph(
    graph: AnyGraph, figures: NetworkFigures | None = None
) -> RoadNetwork:
    """Read a graph of roads.

    Parameters
    ----------
    graph
        Any of networkx's; an undirected one leads both ways. Nodes bear ``x`` and ``y``
        in degrees. Edges bear what a file's lines would: ``highway`` or ``kind``, and
        what else of ``surface``, ``tracktype``, ``speed_kmh`` and so on is known; may
        bear ``geometry``, a LineString, ``length_m`` or ``length`` in metres,
        ``hazard``, ``id``, and ``line_id``, the line that several edges are parts of.
        Where an edge has a list of words, as osmnx merges them, the worst counts: the
        one lowest in the table of rules. ``oneway`` is not read: edges say it.
    figures
        What its attributes and words are called, the ``[network]`` of a scenario; None
        for a graph that speaks as OpenStreetMap or the house does.

    Returns
    -------
    The network. ``source_ids`` are the lines; an edge and its opposite that are one
    road are one edge of the table.

    Raises
    ------
    EdgeError
        With all that is wrong: nodes without a position, numbers that are negative, NaN
        or infinite, ids that repeat, shapes that lead elsewhere, unknown words, nothing
        that is driven.
    """
    asked = NetworkFigures() if figures is None else figures
    rules = read_road_rules(asked.rules)
    spots, faults = read_spots(graph)
    listed = list_edges(graph)
    if not listed:
        raise EdgeError([*faults, Fault(GRAPH, "edges", "none", "at least one edge")])
    chosen = _choose(listed, asked, faults)
    _check_ids(listed, chosen, directed=graph.is_directed(), faults=faults)
    lines = _draw(listed, spots, faults)
    tags = _read_tags(listed, chosen, asked, rules, faults)
    drawn_m = np.array([measure_length_m(line.coords) for line in lines])
    length_m = _measure(listed, tags, drawn_m, faults)
    hazard = _read_hazards(listed, faults)
    if faults:
        raise EdgeError(faults)
    labels = np.array([_name(edge, chosen) for edge in listed], dtype=object)
    line_ids = labels.copy()
    for row, edge in enumerate(listed):
        if edge.told.get("line_id") is not None:
            line_ids[row] = str(edge.told["line_id"])
    points, owner = shapely.get_coordinates(lines, return_index=True)
    begins = np.searchsorted(owner, np.arange(len(lines) + 1))
    table = LineTable(GRAPH, line_ids, tags, points[:, 0], points[:, 1], begins)
    classes = classify_lines(table, rules)
    driven = classes.kind != ""
    kept = driven & (classes.open_dry | classes.open_rains)
    left_out = Counter(name_classes(table, np.flatnonzero(~driven)))
    left_out["never open to vehicles"] += int((driven & ~kept).sum())
    if not kept.any():
        found = ", ".join(f"{reason}: {n}" for reason, n in sorted(left_out.items()))
        cause = "other attributes, or words that were mapped wrong"
        raise EdgeError([Fault(GRAPH, "edges", found, "an edge that is driven", cause)])
    ferry = classes.kind == "ferry"
    kind = classes.kind.copy()
    kind[[edge.told.get("kind") == "access" for edge in listed]] = "access"
    nothing = np.full(len(listed), np.nan)
    duration_min = tags.get("duration_min", nothing)
    crossing_min = find_crossings_min(table, length_m, asked)
    duration_min = np.where(ferry & np.isnan(duration_min), crossing_min, duration_min)
    wait_min = tags.get("wait_min", nothing)
    wait_min = np.where(np.isnan(wait_min), asked.ferry_wait_min, wait_min)
    columns = {
        "name": name_lines(table),
        "kind": kind,
        "surface": classes.surface,
        "open_dry": classes.open_dry,
        "open_rains": classes.open_rains,
        "speed_kmh": tags.get("speed_kmh", nothing),
        "duration_min": duration_min,
        "wait_min": np.where(ferry, wait_min, 0.0),
        "hazard": hazard,
    }
    rows = np.flatnonzero(kept)
    both_ways = np.full(len(rows), True)
    if graph.is_directed():
        signs = [length_m.round(3), *columns.values()]
        rows, both_ways = _join_opposites(rows, listed, lines, signs)
    edges = build_edge_table(
        from_node=np.array([listed[row].tail for row in rows], dtype=np.int64),
        to_node=np.array([listed[row].head for row in rows], dtype=np.int64),
        length_m=length_m[rows],
        node_lon=spots[:, 0],
        node_lat=spots[:, 1],
        both_ways=both_ways,
        edge_id=name_edges(labels[rows]),
        source_ids=tuple(zip(line_ids[rows].tolist(), strict=True)),
        geometry=lines[rows],
        file=GRAPH,
    )
    return RoadNetwork(
        edges=edges,
        **{name: cells[rows] for name, cells in columns.items()},
        left_out={reason: n for reason, n in sorted(left_out.items()) if n},
        unknown=classes.unknown,
        snapped_m=np.zeros(0),
    )


def _choose(
    listed: list[GraphEdge], figures: NetworkFigures, faults: list[Fault]
) -> dict[str, str]:
    """Return the graph's attribute for each of the house's columns that it has."""
    names = sorted({str(name) for edge in listed for name in edge.told})
    try:
        return choose_columns(GRAPH, names, figures)
    except LayerError as error:
        faults += error.faults
        return {}


def _name(edge: GraphEdge, chosen: Mapping[str, str]) -> str:
    """Return the id of an edge, else how faults call it."""
    key = edge.told.get(chosen.get("id", "id"))
    return edge.label if key is None else str(key)


def _check_ids(
    listed: list[GraphEdge],
    chosen: Mapping[str, str],
    *,
    directed: bool,
    faults: list[Fault],
) -> None:
    """Add a fault for each id that repeats; a road's way back may bear its id."""
    met: dict[str, tuple[int, int]] = {}
    keys = []
    for edge in listed:
        key = _name(edge, chosen)
        # Only once: a third edge of the id is none of the two ways.
        back = (edge.head, edge.tail)
        if directed and edge.head != edge.tail and met.get(key) == back:
            met[key] = (-1, -1)
            continue
        met.setdefault(key, (edge.tail, edge.head))
        keys.append(key)
    faults += find_repeated_ids(np.array(keys, dtype=object), GRAPH)


def _draw(
    listed: list[GraphEdge], spots: NDArray[np.float64], faults: list[Fault]
) -> NDArray[np.object_]:
    """Return the line of each edge, from its node to its node."""
    lines = np.empty(len(listed), dtype=object)
    for row, edge in enumerate(listed):
        found = len(faults)
        points = shapely.get_coordinates(read_shape(edge, spots, faults))
        ends = spots[[edge.tail, edge.head]]
        if len(faults) == found and np.isfinite(ends).all():
            points = _fit(edge, points, ends, faults)
        lines[row] = shapely.LineString(points)
    return lines


def _fit(
    edge: GraphEdge,
    points: NDArray[np.float64],
    ends: NDArray[np.float64],
    faults: list[Fault],
) -> NDArray[np.float64]:
    """Return a line from node to node; it may be drawn the other way round."""
    if (points[[0, -1]] == ends).all():
        return points
    off = [
        measure_distance_m(*some[[0, -1]].T, *ends.T).max()
        for some in (points, points[::-1])
    ]
    if off[1] < off[0]:
        points = points[::-1]
    if min(off) > _FARTHEST_M:
        found = f"ends {min(off) / 1000:.1f} km from a node of its edge"
        expected = "a line from node to node"
        where = f"edge {edge.label!r}, geometry"
        faults.append(Fault(GRAPH, where, found, expected, "of another edge?"))
    points = points.copy()
    points[[0, -1]] = ends
    return points


def _read_tags(
    listed: list[GraphEdge],
    chosen: Mapping[str, str],
    figures: NetworkFigures,
    rules: Any,
    faults: list[Fault],
) -> dict[str, NDArray[Any]]:
    """Return what edges say, typed and translated, as of a file's lines."""
    order = {(r.tag, r.value): n for n, r in enumerate(rules.itertuples())}
    labels = [edge.label for edge in listed]
    columns: dict[str, NDArray[Any]] = {}
    if len(set(labels)) == len(labels):
        columns["id"] = np.array(labels, dtype=object)
    for house, name in chosen.items():
        if house in ("id", "oneway"):
            continue
        cells = np.empty(len(listed), dtype=object)
        words = {
            key.lower(): word for key, word in figures.values.get(house, {}).items()
        }
        for row, edge in enumerate(listed):
            value = edge.told.get(name)
            if house in FIGURES and value is not None:
                value = read_weight(edge, name, FIGURES[house][2], faults)
            elif isinstance(value, list | tuple | set):
                value = _choose_worst(house, value, words, order)
            elif house == "kind" and value == "access":
                # How ``Network.graph`` calls the way from a place to its line.
                value = "track"
            cells[row] = value
        columns[house] = cells
    _, tags, found = read_tags(GRAPH, columns, len(listed), figures)
    faults += found
    faults += find_unknown_words(GRAPH, tags, rules)
    return tags


def _choose_worst(
    house: str,
    values: Any,
    words: Mapping[str, str],
    order: Mapping[tuple[str, str], int],
) -> str:
    """Return the word lowest in the table of rules: it lists good roads first."""
    told = sorted(words.get(str(v).lower(), str(v)) for v in values)
    return max(told, key=lambda word: order.get((house, word.lower()), -1), default="")


def _measure(
    listed: list[GraphEdge],
    tags: Mapping[str, NDArray[Any]],
    drawn_m: NDArray[np.float64],
    faults: list[Fault],
) -> NDArray[np.float64]:
    """Return the length of each edge: as it says, else as it is drawn."""
    stated_m = np.full(len(listed), np.nan)
    for row, edge in enumerate(listed):
        for name in _LENGTHS_M:
            if edge.told.get(name) is not None:
                stated_m[row] = read_weight(edge, name, "metres", faults)
                break
    if "length_km" in tags:
        length_km = tags["length_km"]
        stated_m = np.where(np.isnan(length_km), stated_m, length_km * 1000)
    if fault := find_length_fault(GRAPH, stated_m / 1000, drawn_m):
        faults.append(fault)
    return np.where(np.isnan(stated_m), drawn_m, stated_m)


def _read_hazards(listed: list[GraphEdge], faults: list[Fault]) -> NDArray[np.float64]:
    hazard = np.full(len(listed), np.nan)
    for row, edge in enumerate(listed):
        if edge.told.get("hazard") is None:
            continue
        hazard[row] = read_weight(edge, "hazard", "hazard", faults)
        if hazard[row] > _MOST_HAZARD:
            where, found = f"edge {edge.label!r}, hazard", f"found {hazard[row]:g}"
            faults.append(Fault(GRAPH, where, found, f"0 to {_MOST_HAZARD:g}"))
    return hazard


def _join_opposites(
    rows: NDArray[np.int64],
    listed: list[GraphEdge],
    lines: NDArray[np.object_],
    signs: list[NDArray[Any]],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return edges without the ways back of others, and which of them have one.

    Two edges are one road where they differ in nothing but the direction.
    """
    waiting: dict[Hashable, list[int]] = {}
    kept: list[int] = []
    back: set[int] = set()
    for row in rows.tolist():
        edge, points = listed[row], shapely.get_coordinates(lines[row])
        told = tuple(str(cells[row]) for cells in signs)
        mirrored = (edge.head, edge.tail, points[::-1].tobytes(), told)
        if waiting.get(mirrored) and edge.head != edge.tail:
            back.add(waiting[mirrored].pop(0))
            continue
        kept.append(row)
        own = (edge.tail, edge.head, points.tobytes(), told)
        waiting.setdefault(own, []).append(row)
    return np.array(kept, dtype=np.int64), np.isin(kept, sorted(back))
