"""What of a team its patrols depend on: base, vehicles, days, range and fuel."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np

from patrolplan.planning.problem import Problem, Team

__all__ = ["Crew", "build_crew", "find_fuel_budget"]

_METRES_PER_KM = 1000.0

# Rounding alone must never take away a limit that binds.
_SURELY = 1 - 1e-9


class Crew(NamedTuple):
    """What of a team decides where its patrols can go; equal crews are alike."""

    base: int
    vehicle: str
    min_days: int
    max_days: int
    rest_days: int
    range_m: float
    hazard_budget: float = inf
    fuel_budget_l: float = inf
    roles: frozenset[str] = frozenset()


def build_crew(problem: Problem, team: Team) -> Crew:
    """Return what of a team its patrols depend on.

    Parameters
    ----------
    problem
        The problem that numbers the places.
    team
        One of its teams.
    """
    return Crew(
        base=problem.place_index[team.base_id],
        vehicle=team.travel_class,
        min_days=team.min_days,
        max_days=team.max_days,
        rest_days=team.rest_days,
        range_m=team.range_km * _METRES_PER_KM,
        hazard_budget=team.hazard_budget,
        fuel_budget_l=find_fuel_budget(problem, team),
        roles=frozenset(team.roles),
    )


def find_fuel_budget(problem: Problem, team: Team) -> float:
    """Return what each vehicle may burn between two fills; inf where range binds first.

    Where even the thirstiest way, driven for the whole range, leaves fuel over, no
    patrol within its range can run dry: fuel then need not be looked at, and the answer
    is ``inf``, which is exact and spares the search a limit to reckon with.

    Parameters
    ----------
    problem
        The problem that has the travel.
    team
        One of its teams.

    Examples
    --------
    Ways of 0.12 and 0.2 L/km, a range of 500 km: 500 x 0.2 = 100 L at most.
    """
    if team.fuel_budget_l == inf:
        return inf
    thirst = 0.0
    for matrix in problem.travel:
        if matrix.vehicle != team.vehicle:
            continue
        burning = np.isfinite(matrix.durations_min) & (matrix.fuels_l > 0)
        if not burning.any():
            continue
        fuels_l, km = matrix.fuels_l[burning], matrix.lengths_m[burning] / 1000.0
        if (km <= 0).any():
            return team.fuel_budget_l
        thirst = max(thirst, float((fuels_l / km).max()))
    spare = thirst * team.range_km <= team.fuel_budget_l * _SURELY
    return inf if spare else team.fuel_budget_l
