"""What every reader of a networkx graph asks of it: positions, edges, and numbers.

networkx itself takes any weight; here one that is negative, not a number or infinite is
named, and so is a node without a position.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

import networkx as nx
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from patrolplan.errors import Fault
from patrolplan.geodesy import WGS84

__all__ = [
    "GRAPH",
    "AnyGraph",
    "GraphEdge",
    "list_edges",
    "read_shape",
    "read_spots",
    "read_weight",
]

GRAPH = "graph"
"""What faults call it, since a graph has no file."""

AnyGraph: TypeAlias = "nx.Graph[Any] | nx.DiGraph[Any]"
"""Any of the four kinds of networkx."""


class GraphEdge(NamedTuple):
    """An edge of a graph.

    Attributes
    ----------
    tail, head
        Numbers of its nodes, in the order of the graph.
    label
        How faults call it: its ``id``, else its ends and the key of a parallel edge.
    told
        Its attributes.
    """

    tail: int
    head: int
    label: str
    told: dict[str, Any]


def list_edges(graph: AnyGraph) -> list[GraphEdge]:
    """Return the edges in the graph's order.

    Parameters
    ----------
    graph
        Any of networkx's.
    """
    number = {node: row for row, node in enumerate(graph.nodes)}
    many = graph.is_multigraph()
    arrow = ">" if graph.is_directed() else "-"
    # The types of networkx do not tell a multigraph by asking.
    edges: Any = graph.edges
    found = []
    for row in edges(keys=True, data=True) if many else edges(data=True):
        tail, head, told = row[0], row[1], row[-1]
        key = f" {row[2]}" if many else ""
        label = str(told.get("id", f"{tail}{arrow}{head}{key}"))
        found.append(GraphEdge(number[tail], number[head], label, told))
    return found


def read_spots(graph: AnyGraph) -> tuple[NDArray[np.float64], list[Fault]]:
    """Return longitude and latitude of each node, NaN where there is none, and faults.

    Parameters
    ----------
    graph
        Its nodes bear ``x`` and ``y`` in degrees. osmnx says in ``graph.graph["crs"]``
        which system they are in; another than WGS 84 is a fault.
    """
    faults: list[Fault] = []
    crs = graph.graph.get("crs")
    if crs is not None and not _is_degrees(crs):
        cause = "a projected graph: osmnx.project_graph(graph, to_crs=4326)"
        faults.append(Fault(GRAPH, "crs", f"{crs!s:.80}", "WGS 84, in degrees", cause))
    spots = np.full((graph.number_of_nodes(), 2), np.nan)
    for row, (node, told) in enumerate(graph.nodes(data=True)):
        x, y = (_read_number(told.get(axis)) for axis in ("x", "y"))
        if abs(x) <= 180.0 and abs(y) <= 90.0:
            spots[row] = x, y
        elif not faults or crs is None:
            found = f"x {told.get('x')!r}, y {told.get('y')!r}"
            cause = "metres taken for degrees?" if math.isfinite(x + y) else ""
            faults.append(Fault(GRAPH, f"node {node!r}", found, "degrees", cause))
    return spots, faults


def read_weight(edge: GraphEdge, name: str, unit: str, faults: list[Fault]) -> float:
    """Return a number of an edge, or NaN and one fault more.

    Parameters
    ----------
    edge
        The edge.
    name
        Its attribute.
    unit
        What the number counts, as faults say it.
    faults
        What was found so far; added to.
    """
    value = edge.told.get(name)
    number = _read_number(value)
    if math.isfinite(number) and number >= 0:
        return number
    expected = f"expected {unit}, finite, 0 or more"
    cause = "another attribute holds it?" if value is None else ""
    where = f"edge {edge.label!r}, {name}"
    faults.append(Fault(GRAPH, where, f"found {value!r:.80}", expected, cause))
    return math.nan


def read_shape(
    edge: GraphEdge, spots: NDArray[np.float64], faults: list[Fault]
) -> shapely.LineString:
    """Return the line of an edge in degrees: straight if it bears no ``geometry``.

    Parameters
    ----------
    edge
        The edge. ``coordinates``, as ``Network.graph`` has them, do as well.
    spots
        Positions of the nodes; where one is not known nothing is drawn.
    faults
        What was found so far; added to where it bears something else.
    """
    shape = edge.told.get("geometry")
    if shape is None and "coordinates" in edge.told:
        shape = _draw(edge.told["coordinates"])
    elif shape is None:
        return shapely.LineString(np.nan_to_num(spots[[edge.tail, edge.head]]))
    if isinstance(shape, shapely.LineString) and not shape.is_empty:
        points = shapely.get_coordinates(shape)
        if (np.abs(points) <= (180.0, 90.0)).all():
            return shape
        found, expected = "positions off the globe", "degrees"
    else:
        found = getattr(shape, "geom_type", type(shape).__name__)
        expected = "a LineString of shapely"
    where = f"edge {edge.label!r}, geometry"
    faults.append(Fault(GRAPH, where, f"found {found}", expected))
    return shapely.LineString([(0.0, 0.0), (0.0, 0.0)])


def _draw(coordinates: Any) -> Any:
    """Return positions as a line, or as they are where they make none."""
    try:
        return shapely.LineString(coordinates)
    except (TypeError, ValueError, shapely.errors.ShapelyError):
        return coordinates


def _read_number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _is_degrees(crs: Any) -> bool:
    """Return whether a coordinate system is WGS 84; none that is understood is not."""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except CRSError:
        return False
    return bool(system.equals(WGS84, ignore_axis_order=True))
