"""Graphs of networkx as tables of edges, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np

from patrolplan.errors import EdgeError, Fault
from patrolplan.network.edges import EdgeTable, build_edge_table

__all__ = ["build_graph", "read_graph"]


def read_graph(graph: Any) -> EdgeTable:
    """Return the edges of a graph, in the order of ``graph.edges``.

    Parameters
    ----------
    graph
        Of networkx. Nodes bear ``x`` and ``y`` in degrees and are numbered in the order
        of the graph; edges bear ``length_m``. Those of a graph that is not directed are
        driven both ways.

    Raises
    ------
    EdgeError
        Naming each node and edge without them, and each faulty value.
    """
    number = {node: row for row, node in enumerate(graph.nodes)}
    faults = list(_check_graph(graph))
    if faults:
        raise EdgeError(faults)
    edges = list(graph.edges(data=True))
    return build_edge_table(
        from_node=np.array([number[tail] for tail, _, _ in edges], dtype=np.int64),
        to_node=np.array([number[head] for _, head, _ in edges], dtype=np.int64),
        length_m=np.array([float(edge["length_m"]) for *_, edge in edges]),
        node_lon=np.array([float(x) for _, x in graph.nodes(data="x")]),
        node_lat=np.array([float(y) for _, y in graph.nodes(data="y")]),
        both_ways=not graph.is_directed(),
        file="graph",
    )


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


def _check_graph(graph: Any) -> Iterator[Fault]:
    for node, known in graph.nodes(data=True):
        for name in ("x", "y"):
            if not _is_number(known.get(name)):
                yield Fault(
                    "graph",
                    f"node {node!r}, {name}",
                    f"is {known.get(name)!r}",
                    "expected degrees",
                )
    for tail, head, known in graph.edges(data=True):
        if not _is_number(known.get("length_m")):
            yield Fault(
                "graph",
                f"edge {tail!r} to {head!r}, length_m",
                f"is {known.get('length_m')!r}",
                "expected metres",
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
