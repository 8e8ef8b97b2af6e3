"""Ways over networks of any size, fast: compiled once, weighed as often as need be."""

from patrolplan.network.engine.alternatives import (
    Alternative,
    find_alternative_ways,
)
from patrolplan.network.engine.attaching import Attached, attach_sites
from patrolplan.network.engine.compiled import CompiledNetwork, compile_network
from patrolplan.network.engine.paths import Way
from patrolplan.network.engine.profile import (
    Matrix,
    Nearest,
    Profile,
    measure_matrices,
)
from patrolplan.network.engine.service_areas import draw_service_areas
from patrolplan.network.engine.spots import Spots

__all__ = [
    "Alternative",
    "Attached",
    "CompiledNetwork",
    "Matrix",
    "Nearest",
    "Profile",
    "Spots",
    "Way",
    "attach_sites",
    "compile_network",
    "draw_service_areas",
    "find_alternative_ways",
    "measure_matrices",
]
