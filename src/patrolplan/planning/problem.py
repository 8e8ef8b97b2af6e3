"""The plain types of the decision wing: what is asked, and what is decided.

Nothing here knows geometry. A problem can be written by hand as a matrix, a few
sites and a roster, and everything in ``planning`` runs on it.

Clock: minutes since local midnight of the first day of the horizon, as real
(elapsed) minutes; day ``d`` is the ``d``-th local calendar day from 0.
Places are numbered as in ``Problem.place_ids``: one order for every matrix.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.refusals import (
    ask_number,
    ask_windows,
    build_fault,
    find_misfits,
    refuse,
)
from patrolplan.planning.shares import ShareGroup
from patrolplan.planning.travel import (
    HaltBlocks,
    TravelMatrix,
    Waysides,
    shut_travel,
)
from patrolplan.showing import Shown

__all__ = [
    "Base",
    "Group",
    "HaltBlocks",
    "Limits",
    "PatrolDecision",
    "Plan",
    "Problem",
    "Site",
    "Team",
    "TravelMatrix",
    "Wayside",
    "Waysides",
]


@dataclass(frozen=True)
class Wayside:
    """What is earned on the way, once in a plan: a line driven, or a site passed.

    Parameters
    ----------
    id
        Id of the site, or of the line or a stretch of it.
    need
        What it earns.
    site_id
        The site, if it is one: it earns nothing in a plan that visits it, since a
        visit earns all its need. None for a line.
    line_id
        The line that it is, or is a stretch of. None for a site.
    """

    id: str
    need: float
    site_id: str | None = None
    line_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse a need that cannot be reckoned with."""
        refuse(*ask_number(f"wayside {self.id!r}, need", self.need))


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
    windows_min
        When a visit may begin: sorted, disjoint, closed intervals of the problem's
        clock, such as the mornings of each market day. None lets it begin at any
        time; an empty tuple at no time within the horizon.
    roles
        Roles that a team must have to visit.
    cadence_days
        How soon the need has grown back: a further visit earns it again, no sooner
        than so many times 24 hours after the last arrival. None is once only.
    refuels
        Whether a visit fills the tanks again: a declared resupply point.
    barred_by
        Code of the reason for which nobody may visit it, whatever it would earn; None
        where somebody may.
    cut_off_by
        Code of the reason told where no way leads there, if it is not the roads.
    extra_worth
        What a visit is worth to the solver besides its need, in the unit of need. It
        is no need, and no bound or sum of needs is of it.
    """

    id: str
    name: str
    need: float | None
    dwell_min: float
    required: bool = False
    beyond_base: bool = True
    held_by: str | None = None
    windows_min: tuple[tuple[float, float], ...] | None = None
    roles: tuple[str, ...] = ()
    cadence_days: float | None = None
    barred_by: str | None = None
    cut_off_by: str | None = None
    extra_worth: float = 0.0
    refuels: bool = False

    def __post_init__(self) -> None:
        """Refuse what no site can be."""
        name = f"site {self.id!r}"
        barred = self.required and self.barred_by is not None
        fault = build_fault(f"{name}, required", "true", "false: it is barred")
        refuse(
            *([fault] if barred else []),
            *ask_number(f"{name}, need", self.need),
            *ask_number(f"{name}, dwell_min", self.dwell_min),
            *ask_number(f"{name}, cadence_days", self.cadence_days, above=True),
            *ask_number(f"{name}, extra_worth", self.extra_worth),
            *ask_windows(f"{name}, windows_min", self.windows_min),
        )


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
    hazard_budget
        Most hazard that one patrol may drive through, in the unit of
        :attr:`TravelMatrix.hazards`.
    fuel_budget_l
        Litres that each vehicle may burn between two fills: what the patrol carries,
        less its reserve, shared out over its vehicles.
    ready_day
        First day of the horizon on which it may leave, from 0: it rests until then.
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
    hazard_budget: float = float("inf")
    fuel_budget_l: float = float("inf")
    ready_day: int = field(default=0, repr=False)

    @property
    def travel_class(self) -> str:
        """The class that its travel is found by: its vehicle, and when it is ready."""
        return f"{self.vehicle}@{self.ready_day}" if self.ready_day else self.vehicle

    def __post_init__(self) -> None:
        """Refuse what no team can be."""
        name = f"team {self.id!r}"
        days = f"{self.min_days} and {self.max_days}"
        faults = [
            *ask_number(f"{name}, rest_days", self.rest_days),
            *ask_number(f"{name}, ready_day", self.ready_day),
            *ask_number(f"{name}, range_km", self.range_km, above=True),
            *ask_number(f"{name}, hazard_budget", self.hazard_budget, endless=True),
            *ask_number(f"{name}, fuel_budget_l", self.fuel_budget_l, endless=True),
        ]
        if not 1 <= self.min_days <= self.max_days:
            where = f"{name}, min_days and max_days"
            faults.append(build_fault(where, days, "1 <= min_days <= max_days"))
        refuse(*faults)


@dataclass(frozen=True)
class Group:
    """Sites of which a plan visits one at most.

    Parameters
    ----------
    site_ids
        The sites, two or more.
    required
        Whether one of them must be visited.
    """

    site_ids: tuple[str, ...]
    required: bool = False

    def __post_init__(self) -> None:
        """Refuse a group that chooses nothing."""
        if len(set(self.site_ids)) != len(self.site_ids) or len(self.site_ids) < 2:
            where = f"group of {', '.join(self.site_ids) or 'nothing'}"
            found = f"{len(set(self.site_ids))} sites in {len(self.site_ids)} entries"
            refuse(build_fault(where, found, "two sites or more, each once"))


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
    equity_weight, equity_tail
        What to lift the least shares from 0 to 1 is worth, as a share of all need in
        reach; and what share of groups counts as least.
    min_unknown_visits
        How many sites of unknown need must be visited, if there are as many.
    clearing_min
        How long a patrol may drive, outside its duty window, from a place that no halt
        is allowed at to its halt on the way, and back.
    """

    break_min: float = 0.0
    beyond_km: float = 50.0
    min_share_beyond: float = 0.5
    equity_weight: float = 0.0
    equity_tail: float = 0.25
    min_unknown_visits: int = 0
    clearing_min: float = 0.0


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
    groups
        Groups of sites of which one at most is visited; no site is in two.
    forbidden_pairs
        Pairs of sites that no one patrol may both visit.
    waysides
        What is earned on the way; a site is among them once at most.
    shares
        Groups whose shares of need met are weighed against each other.
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
    groups: tuple[Group, ...] = ()
    forbidden_pairs: tuple[tuple[str, str], ...] = ()
    waysides: tuple[Wayside, ...] = ()
    shares: tuple[ShareGroup, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a problem whose parts do not fit together."""
        refuse(*find_misfits(self))

    @cached_property
    def place_index(self) -> dict[str, int]:
        """Number of each place."""
        return {place: i for i, place in enumerate(self.place_ids)}

    @cached_property
    def site_index(self) -> dict[str, int]:
        """Number of each site within ``sites``."""
        return {site.id: i for i, site in enumerate(self.sites)}

    @cached_property
    def travel_by_day(self) -> dict[tuple[str, int], TravelMatrix]:
        """Matrix of each vehicle class and day, and of teams that rest at first."""
        first = self.start.toordinal()
        found = {
            (matrix.vehicle, day): matrix
            for matrix in self.travel
            for day in range(self.horizon_days)
            if matrix.valid_from.toordinal()
            <= first + day
            <= matrix.valid_to.toordinal()
        }
        # A team that rests has no way anywhere: so nothing that searches knows of rest.
        shut = {id(matrix): shut_travel(matrix) for matrix in self.travel}
        for team in {t.travel_class: t for t in self.teams if t.ready_day}.values():
            for day in range(self.horizon_days):
                matrix = found.get((team.vehicle, day))
                if matrix is not None:
                    rests = day < team.ready_day
                    held = shut[id(matrix)] if rests else matrix
                    found[team.travel_class, day] = held
        return found

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
            return self.travel_by_day[vehicle, day]
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
class Plan(Shown):
    """What was decided, and nothing that was measured."""

    patrols: tuple[PatrolDecision, ...] = ()
