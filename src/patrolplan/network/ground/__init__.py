"""Travel where no line is known: cells, their friction, and ways across them.

Not loaded by ``network``: it brings its compiler along.
"""

from patrolplan.network.ground.friction import build_ground
from patrolplan.network.ground.grid import Ground, OpenWay, find_open_way
from patrolplan.network.ground.joining import Connector, join_islands

__all__ = [
    "Connector",
    "Ground",
    "OpenWay",
    "build_ground",
    "find_open_way",
    "join_islands",
]
