"""A problem posed: what visits earn, what is owed, who can go, and patrols run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from patrolplan.planning.arrays import build_arrays, build_crew_numbers
from patrolplan.planning.clock import Crew, build_crew, drive, visit
from patrolplan.planning.kernel import (
    FAILURES,
    mark_waysides,
    run_departures,
    run_patrol,
)
from patrolplan.planning.problem import Problem, Site
from patrolplan.planning.tables import build_tables
from patrolplan.planning.unknown import UnknownRule, build_rings

__all__ = ["Column", "Posed"]

_MINUTES_PER_DAY = 1440.0


class Column(NamedTuple):
    """One patrol that may be chosen: who, when, where, and when it is home.

    Attributes
    ----------
    kind
        Number of the first team that is alike.
    depart_day, return_day
        Days of the horizon.
    places
        Numbers of the places visited, in order.
    duty_min
        Its length with the nights taken out.
    real
        Whether the clock allows it. Some that it does not are kept for the bound.
    """

    kind: int
    depart_day: int
    return_day: int
    places: tuple[int, ...]
    duty_min: float
    real: bool = True


class Posed:
    """A problem, and what every search of it needs.

    Parameters
    ----------
    problem
        What is asked.

    Attributes
    ----------
    problem
        The same.
    crews, kinds
        By team: who goes, and the first team whose crew is equal.
    needs, required
        By place: what a visit earns, and whether it must be made. These and the next
        have one more entry, of no place: of a visit that the rule of sites of unknown
        need demands.
    owed
        By place: demands that a visit meets: its own, and that of its group.
    unknown
        How many sites of unknown need must be visited.
    places
        Places worth a visit that at least one team can reach, in order.
    reached
        By kind: those of them that it can visit.
    waysides
        By wayside: what it earns.
    bonus
        What meeting a demand is worth to a search beyond need: more than all need.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.crews: list[Crew] = [build_crew(problem, team) for team in problem.teams]
        self.kinds = [self.crews.index(crew) for crew in self.crews]
        size = len(problem.place_ids) + 1
        asks = problem.limits.min_unknown_visits > 0
        hidden = [s for s in problem.sites if s.need is None and s.held_by is None]
        self.needs = np.zeros(size)
        self.required = np.zeros(size, dtype=np.bool_)
        self.owed = np.zeros(size)
        worth = []
        chosen_from = {s for g in problem.groups if g.required for s in g.site_ids}
        for site in problem.sites:
            place = problem.place_index[site.id]
            gained = (site.need or 0.0) + site.extra_worth
            earns = site.held_by is None and gained > 0
            if site.barred_by is not None:
                continue
            sought = asks and site in hidden
            if earns or site.required or sought or site.id in chosen_from:
                self.needs[place] = gained
                self.required[place] = site.required
                worth.append(place)
        for group in problem.groups:
            for member in group.site_ids if group.required else ():
                self.owed[problem.place_index[member]] += 1.0
        self.owed += self.required
        worth.sort()
        self.reached: dict[int, list[int]] = {
            kind: self._list_reached(kind, worth) for kind in sorted(set(self.kinds))
        }
        able = {place for places in self.reached.values() for place in places}
        self.places = [place for place in worth if place in able]
        self.unknown = UnknownRule()
        if asks and hidden:
            self.unknown = self._build_unknown_rule([site.id for site in hidden])
            self.owed[-1] = 1.0
        self.waysides = np.array([wayside.need for wayside in problem.waysides])
        self.bonus = 1.0 + 2.0 * float(self.needs[self.places].sum())
        if len(self.waysides):
            self.bonus += 2.0 * float(self.waysides.sum())
        self._driven: dict[Column, tuple[int, ...]] = {}

    def _build_unknown_rule(self, hidden: Collection[str]) -> UnknownRule:
        problem = self.problem
        least = min(problem.limits.min_unknown_visits, len(hidden))
        index = problem.place_index
        places = frozenset(index[site] for site in hidden).intersection(self.places)
        grouped = {index[site] for group in problem.groups for site in group.site_ids}
        sure = [place for place in places if self.required[place]]
        # Of a site that may be visited again the search would count each visit.
        free = {place for place in places if self.count_visits(place) == 1}
        rings = build_rings(free - grouped - set(sure), max(0, least - len(sure)))
        return UnknownRule(least, places, rings)

    def _list_reached(self, kind: int, places: Iterable[int]) -> list[int]:
        """Return the places that a kind of team may visit, alone, on some day."""
        clock, crew = build_arrays(self.problem), self.crews[kind]
        # One home before its least days may wait, or visit others besides.
        numbers = build_crew_numbers(self.problem, crew)._replace(min_days=1)
        days = self.problem.horizon_days
        # All days in one call, whose cost is mostly that of any call.
        homes, duties = np.empty(days, np.int64), np.empty(days)
        reached = []
        for place in places:
            if not crew.roles.issuperset(self.find_site(place).roles):
                continue
            alone = np.array([place], dtype=np.int64)
            run_departures(clock, numbers, alone, 0, days, homes, duties)
            if (homes >= 0).any():
                reached.append(place)
        return reached

    def run(
        self,
        kind: int,
        depart_day: int,
        places: tuple[int, ...],
        *,
        shortly: bool = False,
    ) -> Column | None:
        """Return a patrol run through the clock, or None if it cannot be.

        Parameters
        ----------
        kind
            Who goes.
        depart_day
            When.
        places
            Where to, in order.
        shortly
            Whether it may be home before its least days.
        """
        crew = self.crews[kind]
        last_day = min(depart_day + crew.max_days, self.problem.horizon_days) - 1
        code, home, _, _, _, _, duty = run_patrol(
            build_arrays(self.problem),
            build_crew_numbers(self.problem, crew),
            depart_day,
            np.array(places, dtype=np.int64),
            last_day,
        )
        if code and not (shortly and FAILURES[code] == "too_few_days"):
            return None
        return Column(kind, depart_day, home, places, duty)

    def list_waysides(self, column: Column) -> tuple[int, ...]:
        """Return the numbers of the waysides that a patrol comes by, each once.

        Parameters
        ----------
        column
            The patrol.
        """
        if not len(self.waysides):
            return ()
        if column not in self._driven:
            driven = np.zeros(len(self.waysides), dtype=np.bool_)
            mark_waysides(
                build_arrays(self.problem),
                build_crew_numbers(self.problem, self.crews[column.kind]),
                column.depart_day,
                np.array(column.places, dtype=np.int64),
                column.return_day,
                driven,
            )
            self._driven[column] = tuple(np.flatnonzero(driven).tolist())
        return self._driven[column]

    def measure_waysides(self, columns: Iterable[Column]) -> float:
        """Return what a plan earns on the way: each line and each site passed once.

        A site that the plan visits earns nothing when it is passed.

        Parameters
        ----------
        columns
            The plan.
        """
        columns = tuple(columns)
        driven = {number for column in columns for number in self.list_waysides(column)}
        if not driven:
            return 0.0
        ids = self.problem.place_ids
        visited = {ids[place] for column in columns for place in column.places}
        return sum(
            float(self.waysides[number])
            for number in sorted(driven)
            if self.problem.waysides[number].site_id not in visited
        )

    def count_unmet(self, places: Iterable[int]) -> int:
        """Return how many demands visits to some places leave unmet.

        Parameters
        ----------
        places
            The places.
        """
        demands = len(np.flatnonzero(self.required))
        demands += sum(group.required for group in self.problem.groups)
        return demands + self.unknown.least - self.count_met(places)

    def count_met(self, places: Iterable[int]) -> int:
        """Return how many demands visits to some places meet.

        Parameters
        ----------
        places
            The places.
        """
        visited = list(set(places))
        return int(self.owed[visited].sum()) + self.unknown.count_met(visited)

    def measure_gain(self, columns: Iterable[Column]) -> float:
        """Return what a plan is worth to a search: its need, and bonuses.

        Parameters
        ----------
        columns
            The plan.
        """
        columns = tuple(columns)
        places = [place for column in columns for place in column.places]
        met = float(self.owed[places].sum()) + self.unknown.count_met(places)
        need = float(self.needs[places].sum()) + self.measure_waysides(columns)
        return need + self.bonus * met

    def drop_surplus(self, columns: Sequence[Column]) -> list[Column]:
        """Return a plan without visits to sites of unknown need that nothing demands.

        Those go first that take longest; none goes without which a patrol could not be,
        or would no longer come by all it comes by.

        Parameters
        ----------
        columns
            The plan.
        """
        kept = list(columns)
        while True:
            visited = [place for column in kept for place in column.places]
            if len(self.unknown.places.intersection(visited)) <= self.unknown.least:
                return kept
            shorter = [
                (changed.duty_min - column.duty_min, number, changed)
                for number, column in enumerate(kept)
                for place in sorted(self.unknown.places.intersection(column.places))
                if not self.owed[place]
                and (changed := self._leave_out(column, place)) is not None
            ]
            if not shorter:
                return kept
            _, number, changed = min(shorter)
            kept[number : number + 1] = [changed] if changed.places else []

    def _leave_out(self, column: Column, place: int) -> Column | None:
        """Return a patrol without its visits to a place, or None if it cannot be."""
        places = tuple(other for other in column.places if other != place)
        if not places:
            # Whoever goes nowhere does not go.
            return (
                None
                if self.list_waysides(column)
                else column._replace(places=(), duty_min=0.0)
            )
        changed = self.run(column.kind, column.depart_day, places)
        if changed is None or changed.return_day > column.return_day:
            return None
        lost = set(self.list_waysides(column)) - set(self.list_waysides(changed))
        return None if lost else changed

    def find_site(self, place: int) -> Site:
        """Return the site of a place."""
        number = self.problem.site_index[self.problem.place_ids[place]]
        return self.problem.sites[number]

    def list_arrivals(self, column: Column) -> list[tuple[float, int]]:
        """Return minute and day at which each visit of a patrol begins."""
        crew, clock = self.crews[column.kind], build_tables(self.problem)
        here, day = crew.base, column.depart_day
        now = clock.midnights_min[day]
        arrivals = []
        for place in column.places:
            driven = drive(
                clock,
                clock.vehicles[crew.vehicle],
                here,
                place,
                now,
                day,
                column.return_day,
            )
            assert not isinstance(driven, str)
            visited = visit(
                clock, place, driven.arrive_min, driven.arrive_day, column.return_day
            )
            assert not isinstance(visited, str)
            here, now, day = place, visited.end_min, visited.day
            arrivals.append((visited.start_min, visited.day))
        return arrivals

    def list_conflicts(self, columns: Sequence[Column]) -> list[tuple[int, int]]:
        """Return pairs of patrols between which some need has not grown back.

        Parameters
        ----------
        columns
            The patrols; pairs are numbers among them.
        """
        arrivals: dict[int, list[tuple[float, int]]] = {}
        for number, column in enumerate(columns):
            if any(self.count_visits(place) > 1 for place in column.places):
                times = self.list_arrivals(column)
                for place, (arrive, _) in zip(column.places, times, strict=True):
                    if self.count_visits(place) > 1:
                        arrivals.setdefault(place, []).append((arrive, number))
        pairs = set()
        for place, visits in arrivals.items():
            apart = _MINUTES_PER_DAY * (self.find_site(place).cadence_days or 0.0)
            visits.sort()
            for number, (first, one) in enumerate(visits):
                for second, other in visits[number + 1 :]:
                    if second - first >= apart:
                        break
                    if one != other:
                        pairs.add((min(one, other), max(one, other)))
        return sorted(pairs)

    def count_visits(self, place: int) -> int:
        """Return how often a place may be visited within the horizon at most."""
        site = self.find_site(place)
        if site.cadence_days is None:
            return 1
        return 1 + int((self.problem.horizon_days - 1) / site.cadence_days)
