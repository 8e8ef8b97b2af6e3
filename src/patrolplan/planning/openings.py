"""Ways to put one more site into a plan, and what each of them lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, permutations
from math import inf
from typing import NamedTuple

from patrolplan.planning.clock import (
    Crew,
    Failure,
    PatrolValue,
    build_crew,
    find_last_day,
    run_patrol,
)
from patrolplan.planning.problem import Plan, Problem, Team
from patrolplan.planning.tables import build_tables

__all__ = ["Opening", "Openings", "Solo"]

# Most sites that a patrol which would be too short visits besides.
_MOST_BESIDES = 2
# What runs dry lacks something, be it less than the sums can tell.
_LEAST_L = 1e-9


class Solo(NamedTuple):
    """What a patrol to one site alone lacks, on the day on which it lacks least.

    Attributes
    ----------
    missing_m, missing_days
        Beyond the team's range and its days.
    missing_roles
        What the site asks for and the team has not.
    is_hazardous
        Whether there is more hazard than the team may drive through.
    team, days
        Who goes, and for how long.
    missing_l
        Litres of fuel beyond what all its vehicles may burn, at least.
    """

    missing_m: float
    missing_days: int
    missing_roles: tuple[str, ...]
    is_hazardous: bool
    team: Team
    days: int
    missing_l: float = 0.0


class Opening(NamedTuple):
    """A way to put a site into the plan, and the one thing that it lacks.

    Attributes
    ----------
    extra_days, extra_m
        What it takes beyond the team's days or its range; one of them at most.
    role
        A role that the team lacks, or "".
    team_id, depart_day
        Who goes there, and when.
    """

    extra_days: int
    extra_m: float
    role: str
    team_id: str
    depart_day: int


@dataclass(frozen=True, eq=False)
class _Planned:
    """A patrol of the plan, with the day of its return."""

    depart_day: int
    return_day: int
    places: tuple[int, ...]


class Openings:
    """The openings of one plan.

    Parameters
    ----------
    problem
        What was asked.
    plan
        What was decided; patrols that cannot be are left out.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.clock = build_tables(problem)
        self._crews = {team.id: build_crew(problem, team) for team in problem.teams}
        self._chains = self._build_chains(plan)
        self._barred: dict[int, set[int]] = {}
        for pair in problem.forbidden_pairs:
            one, other = (problem.place_index[site] for site in pair)
            self._barred.setdefault(one, set()).add(other)
            self._barred.setdefault(other, set()).add(one)

    def _build_chains(self, plan: Plan) -> dict[str, list[_Planned]]:
        """Return the patrols of each team by day of departure."""
        clock = self.clock
        chains: dict[str, list[_Planned]] = {team: [] for team in self._crews}
        for patrol in sorted(plan.patrols):
            if patrol.team_id not in self._crews or not patrol.site_ids:
                continue
            crew = self._crews[patrol.team_id]._replace(
                range_m=inf,
                hazard_budget=inf,
                fuel_budget_l=inf,
                max_days=clock.days,
            )
            places = tuple(self.problem.place_index[site] for site in patrol.site_ids)
            value = run_patrol(clock, crew, patrol.depart_day, places, clock.days - 1)
            if value.failure in (None, "too_few_days"):
                chains[patrol.team_id].append(
                    _Planned(patrol.depart_day, value.return_day, places)
                )
        return chains

    @cached_property
    def kinds(self) -> tuple[Team, ...]:
        """One team of each kind, the first by id: alone others alike do no better."""
        kinds: dict[tuple[Crew, str, int], Team] = {}
        for team in sorted(self.problem.teams, key=lambda team: team.id):
            crew = self._crews[team.id]
            kinds.setdefault((crew, team.vehicle, team.vehicles), team)
        return tuple(kinds.values())

    def list_spans(self, team_id: str) -> list[tuple[int, int]]:
        """Return the days of departure and return of a team's patrols.

        Parameters
        ----------
        team_id
            The team.
        """
        return [(p.depart_day, p.return_day) for p in self._chains[team_id]]

    def find_solo(
        self, team: Team, place: int, roles: tuple[str, ...]
    ) -> Solo | set[Failure]:
        """Return what a patrol to a place alone lacks, or why none is possible at all.

        Parameters
        ----------
        team
            Who goes.
        place
            Where.
        roles
            What is asked for there.
        """
        clock, crew = self.clock, self._crews[team.id]
        # More days than there are, so that only the horizon can cut the patrol short.
        free = crew._replace(
            range_m=inf,
            hazard_budget=inf,
            fuel_budget_l=inf,
            max_days=clock.days + 1,
            min_days=1,
        )
        budgeted = free._replace(hazard_budget=crew.hazard_budget)
        fuelled = free._replace(fuel_budget_l=crew.fuel_budget_l)
        best: tuple[float, int, bool, float, int] | None = None
        failures: set[Failure] = set()
        for day in range(clock.days):
            value = run_patrol(clock, free, day, (place,), clock.days - 1)
            if value.failure is not None:
                failures.add(value.failure)
                continue
            days = value.return_day - day + 1
            is_hazardous = crew.hazard_budget < inf and (
                run_patrol(clock, budgeted, day, (place,), clock.days - 1).failure
                is not None
            )
            runs_dry = crew.fuel_budget_l < inf and (
                run_patrol(clock, fuelled, day, (place,), clock.days - 1).failure
                is not None
            )
            missing_l = 0.0
            if runs_dry:
                missing_l = self._miss_fuel(crew, place, day, value.return_day)
            lacking = (
                max(0.0, value.length_m - crew.range_m),
                max(0, days - crew.max_days),
                is_hazardous,
                missing_l * team.vehicles,
                days,
            )
            best = lacking if best is None else min(best, lacking)
        if best is None:
            return failures
        if crew.min_days > clock.days:
            # The way is there, but no patrol of this team is short enough.
            return {"beyond_horizon"}
        missing_m, missing_days, is_hazardous, missing_l, days = best
        missing_roles = tuple(role for role in roles if role not in crew.roles)
        return Solo(
            missing_m, missing_days, missing_roles, is_hazardous, team, days, missing_l
        )

    def _miss_fuel(self, crew: Crew, place: int, left: int, home: int) -> float:
        """Return litres that a vehicle lacks at least, to a place alone and back."""
        fuels, base = self.clock.vehicles[crew.vehicle].fuels_l, crew.base
        out = fuels[left][base][place]
        # Where roads change under way, it may go home by either.
        back = min(fuels[day][place][base] for day in range(left, home + 1))
        burnt = max(out, back) if self.clock.refuels[place] else out + back
        return max(burnt - crew.fuel_budget_l, _LEAST_L)

    def find_patrol(
        self, team: Team, place: int, others: Iterable[int]
    ) -> tuple[int, tuple[int, ...]] | None:
        """Return days and places of a patrol of one more such team, or None.

        It goes to a place, and to as few others as it takes not to be home before its
        least days.

        Parameters
        ----------
        team
            Who goes.
        place
            Where to.
        others
            Where it may go besides.
        """
        clock, crew = self.clock, self._crews[team.id]
        # Where it is too short alone, on which day it is.
        short_day: int | None = None
        for day in range(clock.days):
            value = run_patrol(
                clock, crew, day, (place,), find_last_day(clock, crew, day)
            )
            if value.failure is None:
                return value.return_day - day + 1, (place,)
            if value.failure == "too_few_days" and short_day is None:
                short_day = day
        if short_day is None:
            return None
        last_day = find_last_day(clock, crew, short_day)
        barred = self._barred.get(place, set())
        spare = [other for other in others if other != place and other not in barred]
        for count in range(1, _MOST_BESIDES + 1):
            for besides in combinations(spare, count):
                if any(self._barred.get(a, set()) & {*besides} for a in besides):
                    continue
                for order in permutations((place, *besides)):
                    value = run_patrol(clock, crew, short_day, order, last_day)
                    if value.failure is None:
                        return value.return_day - short_day + 1, order
        return None

    def misses_windows(self, place: int) -> bool:
        """Return whether a patrol could go to a place if a visit might begin any time.

        Parameters
        ----------
        place
            Where.
        """
        clock = self.clock
        if clock.windows_min[place] is None:
            return False
        windows = list(clock.windows_min)
        windows[place] = None
        anytime = replace(clock, windows_min=windows)
        for crew in self._crews.values():
            free = crew._replace(
                range_m=inf,
                hazard_budget=inf,
                fuel_budget_l=inf,
                max_days=clock.days + 1,
                min_days=1,
            )
            for day in range(clock.days):
                value = run_patrol(anytime, free, day, (place,), clock.days - 1)
                if value.failure is None:
                    return True
        return False

    def list_openings(self, place: int, roles: tuple[str, ...]) -> Iterator[Opening]:
        """Yield ways into the plan: within each patrol, and as a patrol in each gap.

        Parameters
        ----------
        place
            Where to.
        roles
            What is asked for there.
        """
        barred = self._barred.get(place, set())
        # Alone, teams that are alike take as long.
        alone: dict[tuple[Crew, int], PatrolValue] = {}
        for team in self.problem.teams:
            crew, chain = self._crews[team.id], self._chains[team.id]
            missing = [role for role in roles if role not in crew.roles]
            if len(missing) > 1:
                continue
            role = missing[0] if missing else ""
            for number, patrol in enumerate(chain):
                places = patrol.places
                if not barred.isdisjoint(places):
                    continue
                for at in range(len(places) + 1):
                    longer = (*places[:at], place, *places[at:])
                    yield from self._find_opening(
                        crew,
                        team.id,
                        role,
                        patrol.depart_day,
                        chain[number + 1 :],
                        self._run_freely(crew, patrol.depart_day, longer),
                    )
            for day in range(self.clock.days):
                if any(
                    patrol.depart_day <= day <= patrol.return_day + crew.rest_days
                    for patrol in chain
                ):
                    continue
                later = [patrol for patrol in chain if patrol.depart_day > day]
                value = alone.get((crew, day))
                if value is None:
                    value = self._run_freely(crew, day, (place,))
                    alone[crew, day] = value
                yield from self._find_opening(crew, team.id, role, day, later, value)

    def _run_freely(
        self, crew: Crew, depart_day: int, places: tuple[int, ...]
    ) -> PatrolValue:
        """Return what a patrol takes that may be as long and as far as it must."""
        clock = self.clock
        free = crew._replace(max_days=clock.days, range_m=inf)
        return run_patrol(clock, free, depart_day, places, clock.days - 1)

    def _find_opening(
        self,
        crew: Crew,
        team_id: str,
        role: str,
        depart_day: int,
        later: list[_Planned],
        value: PatrolValue,
    ) -> Iterator[Opening]:
        """Yield what a patrol takes beyond one limit, if the later ones still fit.

        ``value`` is what it takes of them. Later patrols move back as far as they must,
        within the same limits.
        """
        clock = self.clock
        if value.failure is not None:
            return
        extra_days = max(0, value.return_day - depart_day + 1 - crew.max_days)
        # As the clock allows: a patrol of exactly its range passes.
        extra_m = value.length_m - crew.range_m
        extra_m = extra_m if extra_m > 1e-3 else 0.0
        if (extra_days > 0) + (extra_m > 0) + (role != "") > 1:
            return
        granted = crew._replace(
            max_days=crew.max_days + extra_days, range_m=crew.range_m + extra_m
        )
        home = value.return_day
        for patrol in later:
            free = home + 1 + crew.rest_days
            if free <= patrol.depart_day:
                break
            if free >= clock.days:
                return
            last_day = find_last_day(clock, granted, free)
            moved = run_patrol(clock, granted, free, patrol.places, last_day)
            if moved.failure is not None:
                return
            home = moved.return_day
        yield Opening(extra_days, extra_m, role, team_id, depart_day)
