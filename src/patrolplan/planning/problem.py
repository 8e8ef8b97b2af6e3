"""The plain types of the decision wing: what is asked, and what is decided.

Nothing here knows geometry. A problem can be written by hand as a matrix, a few
sites and a roster, and everything in ``planning`` runs on it.

Clock: minutes since local midnight of the first day of the horizon, as real
(elapsed) minutes; day ``d`` is the ``d``-th local calendar day from 0.
Places are numbered as in ``Problem.place_ids``: one order for every matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Base",
    "HaltBlocks",
    "Limits",
    "PatrolDecision",
    "Plan",
    "Problem",
    "Site",
    "Team",
    "TravelMatrix",
]

HaltBlocks = Mapping[tuple[int, int], tuple[tuple[float, float], ...]]
"""For a pair of places, the open intervals of driving minutes without a halt."""


@dataclass(frozen=True)
class Site:
    """A place that may be visited.

    Parameters
    ----------
    id, name
        Its key and its name.
    need
        What the first visit earns: persons at risk, weighted; None where people or
        risk are unknown.
    dwell_min
        Minutes a visit takes.
    required
        Whether the plan must visit it.
    beyond_base
        Whether it lies beyond the reach distance of every open base.
    held_by
        Id of the base that stands in the place and holds it day by day, or None.
        Such a site needs no long-range patrol and its need here is 0.
    """

    id: str
    name: str
    need: float | None
    dwell_min: float
    required: bool = False
    beyond_base: bool = True
    held_by: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no site can be."""
        if self.need is not None and not 0 <= self.need < float("inf"):
            msg = f"Site {self.id!r}: need must be finite and at least 0."
            raise ValueError(msg)
        if not 0 <= self.dwell_min < float("inf"):
            msg = f"Site {self.id!r}: dwell_min must be finite and at least 0."
            raise ValueError(msg)


@dataclass(frozen=True)
class Base:
    """Where teams start from and come home to."""

    id: str
    name: str


@dataclass(frozen=True)
class Team:
    """Who goes out, from where, and within which limits.

    Parameters
    ----------
    id, base_id, vehicle
        Its key, its base, its vehicle class (of the travel matrices).
    vehicles, people
        How many go.
    min_days, max_days
        Calendar days of one patrol, the day of departure and that of return
        included.
    rest_days
        Full days at base between the day of return and the next departure.
    range_km
        Kilometres that one patrol may drive.
    roles
        Roles in the team, such as ``women_protection_adviser``.
    """

    id: str
    base_id: str
    vehicle: str
    vehicles: int
    people: int
    min_days: int
    max_days: int
    rest_days: int
    range_km: float
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no team can be."""
        if not 1 <= self.min_days <= self.max_days:
            msg = f"Team {self.id!r}: must have 1 <= min_days <= max_days."
            raise ValueError(msg)
        if self.rest_days < 0:
            msg = f"Team {self.id!r}: rest_days must be at least 0."
            raise ValueError(msg)
        if not 0 < self.range_km < float("inf"):
            msg = f"Team {self.id!r}: range_km must be finite and above 0."
            raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Travel between all places for one vehicle class and one road state.

    Parameters
    ----------
    vehicle
        The vehicle class.
    valid_from, valid_to
        First and last day of departure for which it holds.
    durations_min, lengths_m, fuels_l
        Square arrays; ``inf`` where there is no way. Fuel is of one vehicle.
    halt_blocked
        Sorted open intervals of driving minutes in which no halt is allowed; pairs
        without any are left out.
    """

    vehicle: str
    valid_from: date
    valid_to: date
    durations_min: NDArray[np.float64]
    lengths_m: NDArray[np.float64]
    fuels_l: NDArray[np.float64]
    halt_blocked: HaltBlocks = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse matrices that are not square, alike, or hold no real numbers."""
        shape = self.durations_min.shape
        if len(shape) != 2 or shape[0] != shape[1]:
            msg = f"durations_min must be square, not {shape}."
            raise ValueError(msg)
        for name in ("durations_min", "lengths_m", "fuels_l"):
            cells = getattr(self, name)
            if cells.shape != shape:
                msg = f"{name} is {cells.shape}, durations_min {shape}."
                raise ValueError(msg)
            if np.isnan(cells).any() or (cells < 0).any():
                msg = f"{name} holds NaN or negative cells."
                raise ValueError(msg)


@dataclass(frozen=True)
class Limits:
    """Limits of the whole plan that are not of one team.

    Parameters
    ----------
    break_min
        Minutes of each day's window kept free for breaks: the last ``break_min``
        minutes are not planned, so that breaks push times later but never past
        the close.
    beyond_km, min_share_beyond
        Distance from every open base beyond which a site counts as beyond the
        bases, and the share of need below which a plan hugs its bases.
    """

    break_min: float = 0.0
    beyond_km: float = 50.0
    min_share_beyond: float = 0.5


@dataclass(frozen=True, eq=False)
class Problem:
    """All that the solver may know.

    Parameters
    ----------
    start, horizon_days
        First local day, and how many days there are.
    place_ids
        Ids of all sites and bases, in the order of the matrices.
    sites, bases, teams
        Who and what; ids are unique over sites and bases.
    travel
        The matrices: for each vehicle class, periods that cover the horizon.
    opens_min, closes_min
        Arrays ``(place, day)``: when movement and work may begin and must have
        ended there that day, in minutes of the clock; breaks not yet taken off.
        ``closes <= opens`` means that nothing may move that day.
    day_starts_min
        Array ``(horizon_days + 1,)``: local midnights in minutes of the clock.
    limits
        What binds the whole plan.
    """

    start: date
    horizon_days: int
    place_ids: tuple[str, ...]
    sites: tuple[Site, ...]
    bases: tuple[Base, ...]
    teams: tuple[Team, ...]
    travel: tuple[TravelMatrix, ...]
    opens_min: NDArray[np.float64]
    closes_min: NDArray[np.float64]
    day_starts_min: NDArray[np.float64]
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse a problem whose parts do not fit together."""
        known = [*(s.id for s in self.sites), *(b.id for b in self.bases)]
        if sorted(known) != sorted(self.place_ids) or len(set(known)) != len(known):
            msg = "place_ids must hold each site and each base exactly once."
            raise ValueError(msg)
        size = len(self.place_ids)
        for matrix in self.travel:
            if matrix.durations_min.shape != (size, size):
                msg = f"Travel of {matrix.vehicle!r} is not {size} places wide."
                raise ValueError(msg)
        for name in ("opens_min", "closes_min"):
            if getattr(self, name).shape != (size, self.horizon_days):
                msg = f"{name} must be ({size}, {self.horizon_days})."
                raise ValueError(msg)
        if self.day_starts_min.shape != (self.horizon_days + 1,):
            msg = "day_starts_min must hold one midnight more than days."
            raise ValueError(msg)
        base_ids = {base.id for base in self.bases}
        for team in self.teams:
            if team.base_id not in base_ids:
                msg = f"Team {team.id!r}: base {team.base_id!r} is not in the problem."
                raise ValueError(msg)
            for day in range(self.horizon_days):
                self.find_travel(team.vehicle, day)

    @cached_property
    def place_index(self) -> dict[str, int]:
        """Number of each place."""
        return {place: i for i, place in enumerate(self.place_ids)}

    @cached_property
    def site_index(self) -> dict[str, int]:
        """Number of each site within ``sites``."""
        return {site.id: i for i, site in enumerate(self.sites)}

    @cached_property
    def _travel_by_day(self) -> dict[tuple[str, int], TravelMatrix]:
        first = self.start.toordinal()
        return {
            (matrix.vehicle, day): matrix
            for matrix in self.travel
            for day in range(self.horizon_days)
            if matrix.valid_from.toordinal()
            <= first + day
            <= matrix.valid_to.toordinal()
        }

    def find_travel(self, vehicle: str, day: int) -> TravelMatrix:
        """Return the matrix that holds for a departure on a day.

        Parameters
        ----------
        vehicle
            The vehicle class.
        day
            Day of the horizon, from 0.

        Raises
        ------
        ValueError
            If no matrix of the class holds on that day.
        """
        try:
            return self._travel_by_day[vehicle, day]
        except KeyError:
            msg = f"No travel matrix of {vehicle!r} holds on day {day}."
            raise ValueError(msg) from None


@dataclass(frozen=True, order=True)
class PatrolDecision:
    """One patrol as decided: who leaves on which day, and visits what in order."""

    team_id: str
    depart_day: int
    site_ids: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What was decided, and nothing that was measured."""

    patrols: tuple[PatrolDecision, ...] = ()
