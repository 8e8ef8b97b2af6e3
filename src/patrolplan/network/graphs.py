"""A networkx graph of an analyst's own as a table of edges, checked first; and back.

networkx itself finds ways over negative, NaN and infinite weights; here each is named.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from patrolplan.errors import EdgeError
from patrolplan.geodesy import measure_length_m
from patrolplan.network.edges import EdgeTable, build_edge_table, find_repeated_ids
from patrolplan.network.graph_parts import (
    GRAPH,
    AnyGraph,
    list_edges,
    read_shape,
    read_spots,
    read_weight,
)

__all__ = ["build_graph", "read_graph"]


def read_graph(
    graph: AnyGraph,
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
    spots, faults = read_spots(graph)
    listed = list_edges(graph)
    minutes = np.array(
        [read_weight(edge, duration, "minutes", faults) for edge in listed]
    )
    length_m = np.empty(len(listed))
    geometry = np.empty(len(listed), dtype=object)
    for row, edge in enumerate(listed):
        geometry[row] = read_shape(edge, spots, faults)
        if edge.told.get(length) is None:
            length_m[row] = measure_length_m(geometry[row].coords)
        else:
            length_m[row] = read_weight(edge, length, "metres", faults)
    labels = np.array([edge.label for edge in listed], dtype=object)
    faults += find_repeated_ids(labels, GRAPH)
    if faults:
        raise EdgeError(faults)
    edges = build_edge_table(
        from_node=np.array([edge.tail for edge in listed], dtype=np.int64),
        to_node=np.array([edge.head for edge in listed], dtype=np.int64),
        length_m=length_m,
        node_lon=spots[:, 0],
        node_lat=spots[:, 1],
        both_ways=not graph.is_directed(),
        edge_id=labels,
        geometry=geometry,
        file=GRAPH,
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
