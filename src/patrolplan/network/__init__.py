"""The network: lines of communication as a graph, and travel over it.

``Network.graph`` is a plain ``networkx.MultiDiGraph`` for analysts; ``build_travel``
compiles it to arrays for one vehicle class and one road state. For networks of any size
and origin there is ``network.engine``, not loaded here: it brings its compiler along.
"""

from patrolplan.network.building import build_network
from patrolplan.network.casualty import (
    CasualtyClock,
    ClockSum,
    MedicalSite,
    build_clock,
    list_medical,
)
from patrolplan.network.changes import WayChange, describe_change, explain_way
from patrolplan.network.clearance import Clearance, KeptKind, KeptPlace
from patrolplan.network.edges import EdgeTable, build_edge_table
from patrolplan.network.gaps import Component, Gap
from patrolplan.network.graph import Network
from patrolplan.network.graph_roads import read_road_graph
from patrolplan.network.graphs import build_graph, read_graph
from patrolplan.network.importing import RoadNetwork, read_road_network
from patrolplan.network.matrix import TravelMatrix, build_matrix
from patrolplan.network.opposites import join_opposites
from patrolplan.network.roads import Cause, Roads, read_roads
from patrolplan.network.routes import Route, find_routes
from patrolplan.network.travel import RoadState, Travel, build_travel
from patrolplan.network.waysides import Stretch, find_waysides, list_stretches
from patrolplan.network.weighing import weigh_edges

__all__ = [
    "CasualtyClock",
    "Cause",
    "Clearance",
    "ClockSum",
    "Component",
    "EdgeTable",
    "Gap",
    "KeptKind",
    "KeptPlace",
    "MedicalSite",
    "Network",
    "RoadNetwork",
    "RoadState",
    "Roads",
    "Route",
    "Stretch",
    "Travel",
    "TravelMatrix",
    "WayChange",
    "build_clock",
    "build_edge_table",
    "build_graph",
    "build_matrix",
    "build_network",
    "build_travel",
    "describe_change",
    "explain_way",
    "find_routes",
    "find_waysides",
    "join_opposites",
    "list_medical",
    "list_stretches",
    "read_graph",
    "read_road_graph",
    "read_road_network",
    "read_roads",
    "weigh_edges",
]
