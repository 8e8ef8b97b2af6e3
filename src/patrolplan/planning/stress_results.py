"""What a stress test tells: of each day, leg and patrol, and of the whole plan."""

from __future__ import annotations

from dataclasses import dataclass

from patrolplan.planning.chances import Chance, Spread

__all__ = ["DayStress", "LegStress", "PatrolStress", "Stress"]


@dataclass(frozen=True)
class DayStress:
    """One day of a patrol.

    Parameters
    ----------
    day
        Number of the day planned, from 0.
    place_id
        Where it should end: a halt, or the base.
    leg
        Number of the leg that it ends on, of those of the patrol.
    kept
        Chance to have come so far by dark of that day, with all visits before it.
    """

    day: int
    place_id: str
    leg: int
    kept: Chance


@dataclass(frozen=True)
class LegStress:
    """One whole leg of a patrol, with the visit that it leads to.

    Parameters
    ----------
    from_id, to_id
        Its two places.
    planned_min
        Minutes by the tables, ferries included.
    real_min
        Minutes on the way, with what held it up; nights left out.
    runs_out
        Chance that the patrol falls behind its days here first.
    """

    from_id: str
    to_id: str
    planned_min: float
    real_min: Spread
    runs_out: Chance


@dataclass(frozen=True)
class PatrolStress:
    """One patrol over all draws.

    Parameters
    ----------
    patrol_id, team_id
        Which.
    home
        Chance to be home by the last day that it may be out.
    fuel
        Chance that what it takes along is enough.
    need_planned, need
        What it earns as planned, and within its days as drawn.
    days, legs
        Each of its days and legs, in order.
    """

    patrol_id: str
    team_id: str
    home: Chance
    fuel: Chance
    need_planned: float
    need: Spread
    days: tuple[DayStress, ...]
    legs: tuple[LegStress, ...]


@dataclass(frozen=True)
class Stress:
    """A plan over all draws.

    Parameters
    ----------
    draws, seed
        How many, and of which seed.
    home, fuel
        Chance that every patrol is home in time, and has fuel enough.
    need_planned, need
        What all patrols earn.
    patrols
        Each patrol, by day of departure.
    """

    draws: int
    seed: int
    home: Chance
    fuel: Chance
    need_planned: float
    need: Spread
    patrols: tuple[PatrolStress, ...]

    def find_least_home(self) -> Chance | None:
        """Return the least chance of any patrol to be home, None without a patrol."""
        found = [patrol.home for patrol in self.patrols]
        return min(found, key=lambda chance: chance.count, default=None)

    def find_least_day(self) -> Chance | None:
        """Return the least chance of any day to be kept, None without a patrol."""
        found = [day.kept for patrol in self.patrols for day in patrol.days]
        return min(found, key=lambda chance: chance.count, default=None)
