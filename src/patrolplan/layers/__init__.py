"""The layers: population centres, lines of communication, zones of civilian risk.

Read whole and checked whole: a planner gets every fault of every file at once, and
nothing is planned on a layer that holds any.
"""

from patrolplan.layers.reading import Layers, read_layers

__all__ = ["Layers", "read_layers"]
