"""Who shares in what a plan meets: groups of people, such as those of a cercle.

Equity is about shares: what of a group's need that could be met a plan meets. Need at
sites where no patrol can go is left out of the whole, lest a group be worst served
whatever is planned, and the plan do nothing for the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.refusals import ask_number, refuse

if TYPE_CHECKING:
    from patrolplan.planning.problem import Problem, Site, Team

__all__ = ["ShareGroup", "count_least", "find_in_reach", "measure_shares"]

_METRES_PER_KM = 1000.0


@dataclass(frozen=True)
class ShareGroup:
    """A group whose share of need met counts, and its need by site.

    Parameters
    ----------
    name
        Such as a cercle's.
    needs
        By site: what of its need is the group's.
    """

    name: str
    needs: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse a need that cannot be reckoned with."""
        refuse(
            *(
                fault
                for site, need in self.needs.items()
                for fault in ask_number(f"share of {self.name!r}, {site!r}", need)
            )
        )


def find_in_reach(problem: Problem) -> frozenset[str]:
    """Return the sites that no plain figure puts out of every team's reach.

    Where no gate is closed, a team that has all roles asked, a way out and a way back,
    each the shortest of any day; together within its range and hazard budget; with the
    dwell within its days, each as long as the longest duty window of any day at its
    base or at the site; and a window that begins within the horizon. The referee
    counts the same from the document, and neither asks the duty clock: fuel, halts
    and hours may put a site out of reach that is counted here, never the other way
    round.

    Parameters
    ----------
    problem
        What is asked.
    """
    return frozenset(
        site.id
        for site in problem.sites
        if any(_is_in_reach(problem, team, site) for team in problem.teams)
    )


def _is_in_reach(problem: Problem, team: Team, site: Site) -> bool:
    if not set(site.roles) <= set(team.roles) or site.windows_min == ():
        return False
    if site.barred_by is not None:
        return False
    here, there = problem.place_index[team.base_id], problem.place_index[site.id]
    matrices = [m for m in problem.travel if m.vehicle == team.vehicle]

    def shortest(tables: list[NDArray[np.float64] | None]) -> float:
        # Without a table of hazards there is none.
        both = [
            (0.0, 0.0) if t is None else (t[here, there], t[there, here])
            for t in tables
        ]
        return float(sum(min(way, default=inf) for way in zip(*both, strict=True)))

    metres = shortest([m.lengths_m for m in matrices])
    hazard = shortest([m.hazards for m in matrices])
    minutes = shortest([m.durations_min for m in matrices]) + site.dwell_min
    spans = problem.closes_min - problem.limits.break_min - problem.opens_min
    day = float(spans[[here, there]].max(initial=0.0))
    days = min(team.max_days, problem.horizon_days)
    return (
        metres <= team.range_km * _METRES_PER_KM
        and (team.hazard_budget == inf or hazard <= team.hazard_budget)
        and minutes <= days * day
    )


def measure_shares(
    groups: Collection[ShareGroup], in_reach: Collection[str], visited: Collection[str]
) -> dict[str, float]:
    """Return the share of need met of each group that has need in reach.

    Parameters
    ----------
    groups
        The groups.
    in_reach, visited
        Ids of sites; a site visited is in reach.
    """
    known = {*in_reach, *visited}
    shares = {}
    for group in groups:
        whole = sum(need for site, need in group.needs.items() if site in known)
        if whole > 0.0:
            met = sum(need for site, need in group.needs.items() if site in visited)
            shares[group.name] = met / whole
    return shares


def count_least(groups: int, tail: float) -> int:
    """Return how many groups are the worst served: a share of all, one at least.

    Parameters
    ----------
    groups
        How many there are.
    tail
        The share, 0 to 1.
    """
    return max(1, round(groups * tail))
