"""The state of a search: patrols under change, what they earn, and where sites fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.clock import (
    Crew,
    build_crew,
    find_last_day,
    run_patrol,
)
from patrolplan.planning.problem import PatrolDecision, Plan, Problem
from patrolplan.planning.tables import build_tables

__all__ = [
    "MOST_CACHED",
    "Chain",
    "Fits",
    "Insertion",
    "Patrol",
    "Roster",
    "Search",
    "Value",
    "draw_numbers",
]


class Patrol(NamedTuple):
    """One patrol under change.

    Parameters
    ----------
    places
        Numbers of the places to visit, in order.
    delay_days
        Days it waits at base beyond its rest before it leaves.
    depart_day, return_day
        Days of the horizon.
    duty_min
        Its length with the nights taken out.
    short
        Whether it is home before its ``min_days``; allowed only while in change.
    """

    places: tuple[int, ...]
    delay_days: int
    depart_day: int
    return_day: int
    duty_min: float
    short: bool


Chain = tuple[Patrol, ...]
"""The patrols of one team, one after the other."""

Roster = list[Chain]
"""The chain of each team."""


class Value(NamedTuple):
    """What a roster is worth, better if greater.

    Parameters
    ----------
    required
        Required sites visited.
    need
        Need of all sites visited.
    spared_min
        Duty minutes, negative.
    """

    required: int
    need: float
    spared_min: float


class Insertion(NamedTuple):
    """A place put into a roster: the duty minutes it costs, and the chain it makes."""

    cost_min: float
    team: int
    chain: Chain


class Fits(NamedTuple):
    """Where each place fits best into one order of places, by driving minutes alone.

    Parameters
    ----------
    positions, added_min, added_m
        By place: where, and the minutes (dwell included) and metres it adds.
    base_min, base_m
        Minutes (dwells included) and metres of the order itself.
    """

    positions: list[int]
    added_min: list[float]
    added_m: list[float]
    base_min: float
    base_m: float


# Tables of past evaluations are dropped when they hold this many rows.
MOST_CACHED = 400_000
_DRAWN_AT_ONCE = 4096


def draw_numbers(rng: np.random.Generator) -> Iterator[float]:
    """Yield random numbers in [0, 1), drawn in blocks since that is much faster.

    Parameters
    ----------
    rng
        The generator of this search.
    """
    while True:
        yield from rng.random(_DRAWN_AT_ONCE).tolist()


class Search:
    """A problem made ready for search, with the evaluations met so far.

    Parameters
    ----------
    problem
        What is asked.

    Attributes
    ----------
    needs, required
        By place.
    places
        Places worth a visit that at least one team can reach, by id of the site.
    neighbours
        By place: all places worth a visit, from near to far.
    teams_of
        By place: numbers of the teams that can visit it.
    kinds
        By team: the first team whose crew is equal; equal crews share evaluations.
    durations, lengths, dwells
        Least minutes and metres over all road states, by vehicle; dwells by place.
    capacities
        Most duty minutes of a patrol, by team and day of departure.
    changing
        By vehicle: whether its roads change within the horizon.
    fits, tidied
        What :mod:`patrolplan.planning.insertion` has found so far.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.clock = build_tables(problem)
        self.crews: list[Crew] = [build_crew(problem, team) for team in problem.teams]
        self.kinds = [self.crews.index(crew) for crew in self.crews]
        size = len(problem.place_ids)
        self.needs = [0.0] * size
        self.required = [False] * size
        worth = []
        for site in problem.sites:
            place = problem.place_index[site.id]
            earns = site.held_by is None and (site.need or 0.0) > 0
            if earns or site.required:
                self.needs[place] = site.need or 0.0
                self.required[place] = site.required
                worth.append(place)
        worth.sort(key=lambda place: problem.place_ids[place])
        self.durations: dict[str, NDArray[np.float64]] = {}
        self.lengths: dict[str, NDArray[np.float64]] = {}
        self.changing: dict[str, bool] = {}
        for vehicle, tables in self.clock.vehicles.items():
            matrices = [m for m in problem.travel if m.vehicle == vehicle]
            self.durations[vehicle] = np.min([m.durations_min for m in matrices], 0)
            self.lengths[vehicle] = np.min([m.lengths_m for m in matrices], 0)
            self.changing[vehicle] = len({id(g) for g in tables.durations_min}) > 1
        self.dwells = np.array(self.clock.dwells_min)
        self.capacities = self._build_capacities()
        self._runs: dict[tuple[int, int, tuple[int, ...]], Patrol | None] = {}
        self.fits: dict[tuple[int, tuple[int, ...]], Fits] = {}
        self.tidied: dict[tuple[int, int, tuple[int, ...]], tuple[int, ...]] = {}
        self.teams_of: list[list[int]] = [[] for _ in range(size)]
        for place in worth:
            self.teams_of[place] = [
                team
                for team in range(len(self.crews))
                if any(
                    self.run(team, day, (place,)) is not None
                    for day in range(self.clock.days)
                )
            ]
        self.places = [place for place in worth if self.teams_of[place]]
        self._near: list[list[float]] = []
        if self.places:
            both_ways = [d + d.T for d in self.durations.values()]
            self._near = np.min(both_ways, axis=0).tolist()
        self.neighbours = [
            sorted(self.places, key=row.__getitem__) for row in self._near
        ]

    def _build_capacities(self) -> list[list[float]]:
        """Return most duty minutes of a patrol, by team and day of departure."""
        windows = np.array(self.clock.closes_min) - np.array(self.clock.opens_min)
        longest = windows.max(axis=0, initial=0.0).tolist()
        return [
            [
                sum(longest[day : find_last_day(self.clock, crew, day) + 1])
                for day in range(self.clock.days)
            ]
            for crew in self.crews
        ]

    def run(
        self, team: int, depart_day: int, places: tuple[int, ...], delay_days: int = 0
    ) -> Patrol | None:
        """Return a patrol run through the clock, or None if it cannot be.

        Parameters
        ----------
        team
            Number of the team.
        depart_day
            Day of departure; one outside the horizon cannot be.
        places
            Numbers of the places, in order.
        delay_days
            Days of waiting that brought it to that day.
        """
        if depart_day >= self.clock.days:
            return None
        key = (self.kinds[team], depart_day, places)
        try:
            patrol = self._runs[key]
        except KeyError:
            crew = self.crews[team]
            last_day = find_last_day(self.clock, crew, depart_day)
            value = run_patrol(self.clock, crew, depart_day, places, last_day)
            patrol = None
            if value.failure is None or value.failure == "too_few_days":
                patrol = Patrol(
                    places,
                    0,
                    depart_day,
                    value.return_day,
                    value.duty_min,
                    value.failure is not None,
                )
            if len(self._runs) >= MOST_CACHED:
                self._runs.clear()
            self._runs[key] = patrol
        if patrol is None or not delay_days:
            return patrol
        return patrol._replace(delay_days=delay_days)

    def rebuild_chain(
        self,
        team: int,
        chain: Chain,
        number: int,
        places: tuple[int, ...],
        delay_days: int = 0,
    ) -> Chain | None:
        """Return a team's patrols with one changed and the later ones moved.

        Parameters
        ----------
        team
            Number of the team.
        chain
            Its patrols.
        number
            Which one changes; one past the last adds a patrol.
        places
            What it visits now; nothing removes it.
        delay_days
            Days it waits beyond its rest.
        """
        pause = 1 + self.crews[team].rest_days
        free = chain[number - 1].return_day + pause if number else 0
        made = list(chain[:number])
        if places:
            patrol = self.run(team, free + delay_days, places, delay_days)
            if patrol is None:
                return None
            made.append(patrol)
            free = patrol.return_day + pause
        for later in chain[number + 1 :]:
            depart = free + later.delay_days
            patrol = (
                later
                if depart == later.depart_day
                else self.run(team, depart, later.places, later.delay_days)
            )
            if patrol is None:
                # An earlier day may find another road state: stay where it was.
                if later.depart_day < free:
                    return None
                patrol = later._replace(delay_days=later.depart_day - free)
            made.append(patrol)
            free = patrol.return_day + pause
        return tuple(made)

    def remove_places(self, roster: Roster, gone: set[int]) -> None:
        """Take places out of a roster, in place, and close the ranks.

        Parameters
        ----------
        roster
            The roster.
        gone
            Places to take out.
        """
        for team, chain in enumerate(roster):
            for number in range(len(chain) - 1, -1, -1):
                patrol = roster[team][number]
                kept = tuple(place for place in patrol.places if place not in gone)
                if len(kept) == len(patrol.places):
                    continue
                shorter = self.rebuild_chain(
                    team, roster[team], number, kept, patrol.delay_days
                )
                if shorter is None:
                    shorter = self.rebuild_chain(team, roster[team], number, ())
                if shorter is not None:
                    roster[team] = shorter

    def estimate_effort(self, place: int, others: Sequence[int] = ()) -> float:
        """Return minutes there, back and of dwell, from the nearest of some places.

        Parameters
        ----------
        place
            The place.
        others
            Where from; the bases of the teams that can reach it if there are none.
        """
        near = self._near[place]
        if not others:
            others = [self.crews[team].base for team in self.teams_of[place]]
        return min(near[other] for other in others) + self.clock.dwells_min[place] + 1.0

    def measure_roster(self, roster: Roster) -> Value:
        """Return what a roster is worth; patrols that are short count as the others.

        Parameters
        ----------
        roster
            The roster.
        """
        required, need, duty = 0, 0.0, 0.0
        for chain in roster:
            for patrol in chain:
                duty += patrol.duty_min
                for place in patrol.places:
                    need += self.needs[place]
                    required += self.required[place]
        return Value(required, need, -duty)

    def build_plan(self, roster: Roster) -> Plan:
        """Return a roster as decisions, by day of departure, then team.

        Parameters
        ----------
        roster
            The roster.
        """
        ids = self.problem.place_ids
        decisions = [
            PatrolDecision(
                self.problem.teams[team].id,
                patrol.depart_day,
                tuple(ids[place] for place in patrol.places),
            )
            for team, chain in enumerate(roster)
            for patrol in chain
        ]
        return Plan(tuple(sorted(decisions, key=lambda p: (p.depart_day, p.team_id))))
