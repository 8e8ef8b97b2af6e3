"""The public graph of lines, or of a graph of one's own, with places attached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from patrolplan.errors import EdgeError
from patrolplan.layers.sites import find_unserved_faults
from patrolplan.network.graph import Network, draw_network
from patrolplan.network.graph_parts import GRAPH, AnyGraph
from patrolplan.network.graph_roads import read_road_graph
from patrolplan.network.laying import lay_network
from patrolplan.network_figures import NetworkFigures

__all__ = ["build_network"]


def build_network(
    lines: Any = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    *,
    snap_km: float,
    graph: AnyGraph | None = None,
    figures: NetworkFigures | None = None,
    bases: Collection[str] = (),
) -> Network:
    """Build a network of lines, or of a graph of one's own, with places attached.

    Parameters
    ----------
    lines
        The lines layer, checked. Where its lines share a vertex they meet.
    places
        Position of each site and base: id to longitude and latitude in degrees.
    snap_km
        How far a place, or the loose end of a line, may lie from the line that it
        is joined to, in km. The way between is driven like a track.
    graph
        Instead of lines a graph of networkx, as :func:`read_road_graph` takes it;
        ``Network.graph`` is one. Its edges meet at nodes alone: no loose end is joined.
    figures
        What the graph's attributes and words are called.
    bases
        Which of the places are bases: of a graph that none of them can join nothing
        can be planned.

    Raises
    ------
    EdgeError
        With all faults of the graph; or if no place, or no base, is near to it.
    ValueError
        If there are both lines and a graph, or neither.
    """
    spots = {} if places is None else places
    if (lines is None) == (graph is None):
        msg = "expected lines or graph=…, one of them"
        raise ValueError(msg)
    if graph is None:
        return draw_network(lines, spots, snap_km=snap_km)
    roads = read_road_graph(graph, figures)
    network = lay_network(roads, spots, snap_km=snap_km)
    asked = {key: spots[key] for key in bases} or dict(spots)
    if asked and not set(asked) & set(network.nodes):
        nodes = np.unique(np.concatenate((roads.edges.from_node, roads.edges.to_node)))
        span = roads.edges.node_lon[nodes], roads.edges.node_lat[nodes]
        kind = "bases" if bases else "places"
        faults = find_unserved_faults(asked, span, (GRAPH, f"the {kind}"), snap_km)
        raise EdgeError(faults)
    return network
