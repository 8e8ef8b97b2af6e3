"""A networkx graph of an analyst's own as a table of edges, checked first; and back.

networkx itself finds ways over negative, NaN and infinite weights; here each is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.errors import EdgeError, Fault
from patrolplan.geodesy import measure_length_m
from patrolplan.network.edges import EdgeTable, build_edge_table

__all__ = ["build_graph", "read_graph"]


def read_graph(
    graph: nx.Graph[Any] | nx.DiGraph[Any],
    *,
    length: str = "length_m",
    duration: str = "duration_min",
) -> tuple[EdgeTable, NDArray[np.float64]]:
    """Return a graph as a table of edges, and the minutes of each.

    Parameters
    ----------
    graph
        Any of networkx's. Nodes bear ``x`` and ``y`` in degrees, as osmnx has them.
        Edges may bear ``id``, and ``geometry``, a LineString in degrees.
    length
        Attribute of edges that holds metres; measured where an edge has none.
    duration
        Attribute of edges that holds minutes; every edge needs it. ``inf`` is no
        number of minutes: leave out an edge that is shut.

    Raises
    ------
    EdgeError
        If a node has no position, or a weight is missing, negative, NaN or infinite, or
        an id is there twice; with every such node and edge.
    """
    nodes = list(graph.nodes)
    number = {node: row for row, node in enumerate(nodes)}
    faults: list[Fault] = []
    spots = np.full((len(nodes), 2), np.nan)
    for node, row in number.items():
        told = graph.nodes[node]
        spots[row] = [_read_number(told.get(axis)) for axis in ("x", "y")]
        if not np.isfinite(spots[row]).all():
            found = f"x {told.get('x')!r}, y {told.get('y')!r}"
            faults.append(Fault("graph", f"node {node!r}", found, "degrees"))
    listed = list(_list_edges(graph))
    minutes = np.empty(len(listed))
    length_m = np.empty(len(listed))
    for row, (tail, head, label, told) in enumerate(listed):
        minutes[row] = _read_number(told.get(duration))
        if not (np.isfinite(minutes[row]) and minutes[row] >= 0):
            faults.append(_name(label, duration, told.get(duration), "minutes"))
        ends = spots[[number[tail], number[head]]]
        shape = told.get("geometry")
        if told.get(length) is None:
            whole = ends if shape is None else shapely.get_coordinates(shape)
            length_m[row] = measure_length_m(whole.tolist())
            continue
        length_m[row] = _read_number(told[length])
        if not (np.isfinite(length_m[row]) and length_m[row] >= 0):
            faults.append(_name(label, length, told[length], "metres"))
    if faults:
        raise EdgeError(faults)
    labels = np.array([label for _, _, label, _ in listed], dtype=object)
    geometry = np.empty(len(listed), dtype=object)
    for row, (tail, head, _, told) in enumerate(listed):
        shape = told.get("geometry")
        ends = spots[[number[tail], number[head]]]
        geometry[row] = shapely.LineString(ends) if shape is None else shape
    edges = build_edge_table(
        from_node=np.array([number[edge[0]] for edge in listed], dtype=np.int64),
        to_node=np.array([number[edge[1]] for edge in listed], dtype=np.int64),
        length_m=length_m,
        node_lon=spots[:, 0],
        node_lat=spots[:, 1],
        both_ways=not graph.is_directed(),
        edge_id=labels,
        geometry=geometry,
        file="graph",
    )
    return edges, minutes


def build_graph(table: EdgeTable) -> nx.MultiDiGraph[int]:
    """Return a graph of networkx; an edge that is driven both ways is two of it.

    Parameters
    ----------
    table
        The edges. Nodes bear ``x`` and ``y``, edges ``edge_id`` and ``length_m``; the
        way back of an edge follows the way there.
    """
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    for node in range(table.node_count):
        graph.add_node(
            node, x=float(table.node_lon[node]), y=float(table.node_lat[node])
        )
    ends = zip(table.from_node.tolist(), table.to_node.tolist(), strict=True)
    for row, (tail, head) in enumerate(ends):
        known = {"edge_id": table.edge_id[row], "length_m": float(table.length_m[row])}
        graph.add_edge(tail, head, **known)
        if table.both_ways[row]:
            graph.add_edge(head, tail, **known)
    return graph


def _read_number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _name(label: str, field: str, value: Any, unit: str) -> Fault:
    """Return the fault of a weight that is none."""
    expected = f"expected {unit}, finite, 0 or more"
    cause = "another attribute holds it?" if value is None else ""
    return Fault(
        "graph", f"edge {label!r}, {field}", f"found {value!r}", expected, cause
    )


def _list_edges(
    graph: nx.Graph[Any] | nx.DiGraph[Any],
) -> Iterator[tuple[Any, Any, str, dict[str, Any]]]:
    """Yield ends, key and attributes of each edge; parallel ones are numbered."""
    many = graph.is_multigraph()
    # The types of networkx do not tell a multigraph by asking.
    edges: Any = graph.edges
    for row in edges(keys=True, data=True) if many else edges(data=True):
        tail, head, told = row[0], row[1], row[-1]
        key = f" {row[2]}" if many else ""
        arrow = ">" if graph.is_directed() else "-"
        yield tail, head, str(told.get("id", f"{tail}{arrow}{head}{key}")), told
