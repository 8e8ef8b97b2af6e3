"""How many ways a scenario asks for, which is what its memory hangs on.

Each pair of sites and bases has a way in each table of travel, one for each kind of
convoy and each span of days with one road state. They grow with the square of the
places: so they are counted before any is sought.
"""

from __future__ import annotations

from patrolplan.errors import Fault, ScenarioError
from patrolplan.scenario import Scenario

__all__ = ["check_way_count"]


def check_way_count(scenario: Scenario, places: int, tables: int) -> None:
    """Refuse a scenario that asks for more ways than it says may be kept.

    Parameters
    ----------
    scenario
        Gives the limit.
    places
        How many sites and bases there are.
    tables
        How many tables of travel there are between them.

    Raises
    ------
    ScenarioError
        With both figures, if there are too many.
    """
    ways, most = places * places * tables, scenario.safety.most_ways
    if ways <= most:
        return
    found = (
        f"{places:,} sites and bases, squared, in {tables:,} tables of travel: "
        f"{ways:,} ways"
    )
    fault = Fault(
        scenario.path.name or scenario.name,
        "layers, teams",
        found,
        f"at most {most:,}",
        "fewer sites, kinds of convoy or changes of roads within the horizon; "
        "safety.most_ways is the limit",
    )
    raise ScenarioError([fault])
