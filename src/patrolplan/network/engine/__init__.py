"""Ways over networks of any size, fast: compiled once, weighed as often as need be."""

from patrolplan.network.engine.alternatives import (
    Alternative,
    find_alternative_ways,
)
from patrolplan.network.engine.compiled import CompiledNetwork, compile_network
from patrolplan.network.engine.graphs import build_graph, read_graph
from patrolplan.network.engine.paths import Way
from patrolplan.network.engine.profile import Matrix, Nearest, Profile
from patrolplan.network.engine.spots import Spots

__all__ = [
    "Alternative",
    "CompiledNetwork",
    "Matrix",
    "Nearest",
    "Profile",
    "Spots",
    "Way",
    "build_graph",
    "compile_network",
    "find_alternative_ways",
    "read_graph",
]
