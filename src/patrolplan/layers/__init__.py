"""The layers: population centres, lines of communication, zones of civilian risk.

Read whole and checked whole: a planner gets every fault of every file at once, and
nothing is planned on a layer that holds any.
"""

from patrolplan.layers.incidents import Incidents, choose_as_of, read_incidents
from patrolplan.layers.reading import Layers, read_layers
from patrolplan.layers.visits import Visits, read_visits

__all__ = [
    "Incidents",
    "Layers",
    "Visits",
    "choose_as_of",
    "read_incidents",
    "read_layers",
    "read_visits",
]
