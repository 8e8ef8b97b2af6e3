"""How far a plan has come on the morning of a day: what is done, who is out and where.

Read from the plan document. No leg crosses a night, so that in the morning every patrol
that is out stands at a halt, on its way or at a place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patrolplan.errors import Fault, PlanFileError
from patrolplan.planfile import PatrolEntry, PlanFile, StopEntry
from patrolplan.planning.evidence import TIME_SLACK, Evidence
from patrolplan.planning.keeping import PlannedVisit
from patrolplan.planning.passing_rules import find_passings
from patrolplan.planning.problem import PatrolDecision, Plan, Problem
from patrolplan.planning.whole_legs import WholeLeg, list_whole_legs

__all__ = ["Clock", "Outside", "Standing", "find_standing"]


@dataclass(frozen=True)
class Clock:
    """Turns moments of a document into minutes and days of a problem, and back.

    Parameters
    ----------
    start, timezone
        First local day of the horizon, and whose days they are.
    """

    start: date
    timezone: str

    def find_date(self, day: int) -> date:
        """Return the date of a day of the horizon."""
        return self.start + timedelta(days=day)

    def find_midnight(self, day: int) -> datetime:
        """Return the moment at which a day of the horizon begins."""
        midnight = datetime.combine(self.find_date(day), time())
        return midnight.replace(tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)

    def count_minutes(self, moment: datetime) -> float:
        """Return a moment in minutes of the problem's clock."""
        return (moment - self.find_midnight(0)) / timedelta(minutes=1)

    def find_day(self, moment: datetime) -> int:
        """Return the day of the horizon of a moment."""
        return (moment.astimezone(ZoneInfo(self.timezone)).date() - self.start).days

    def find_end_day(self, moment: datetime) -> int:
        """Return the day that a moment ends: midnight is still of the day before."""
        return self.find_day(moment - TIME_SLACK)


@dataclass(frozen=True)
class Outside:
    """A patrol that is out on the morning of a day.

    Parameters
    ----------
    patrol
        As planned.
    reached
        Number of the stop where it stands.
    legs
        Its whole legs that have begun, or are to begin where it stands.
    """

    patrol: PatrolEntry
    reached: int
    legs: tuple[WholeLeg, ...]

    @property
    def stop(self) -> StopEntry:
        """The stop where it stands."""
        return self.patrol.stops[self.reached]

    @property
    def leg(self) -> WholeLeg:
        """The whole leg that it is on, or begins where it stands."""
        return self.legs[-1]

    @property
    def driven_min(self) -> float:
        """Minutes driven of this leg."""
        return self.count_driven(self.leg)

    @property
    def left_min(self) -> float:
        """Minutes of this leg that are left, as it was planned."""
        legs = self.patrol.legs[self.reached : self.leg.numbers.stop]
        return sum(leg.driving_min for leg in legs)

    @property
    def place_id(self) -> str:
        """The site or base where it stands; its halt, if that is on the way."""
        if self.driven_min and not self.left_min:
            return self.leg.destination.place_id
        if not self.driven_min and self.leg.is_known:
            return self.leg.origin.place_id
        return self.stop.place_id

    @property
    def is_on_way(self) -> bool:
        """Whether it stands between two places."""
        return self.stop.kind == "halt" and self.place_id == self.stop.place_id

    @property
    def sites_left(self) -> tuple[str, ...]:
        """Ids of the sites that it has not visited yet, in order."""
        stops = self.patrol.stops[self.reached + 1 :]
        return tuple(stop.site_id for stop in stops if stop.site_id is not None)

    def count_driven(self, leg: WholeLeg) -> float:
        """Return the minutes driven of a whole leg until now."""
        numbers = range(leg.numbers.start, min(leg.numbers.stop, self.reached))
        return sum(self.patrol.legs[number].driving_min for number in numbers)

    def count_halts(self) -> int:
        """Return how many halts it has made, the present one among them."""
        return sum(
            stop.kind == "halt" for stop in self.patrol.stops[: self.reached + 1]
        )

    def name_start(self, leg: WholeLeg) -> str:
        """Return where a whole leg starts: a place, or the halt of a turn."""
        first = self.patrol.stops[leg.numbers.start]
        return first.place_id if leg.turned_after else leg.origin.place_id


@dataclass(frozen=True)
class Standing:
    """How far a plan has come on the morning of a day.

    Parameters
    ----------
    day
        The day of the horizon.
    done, outside, coming
        Patrols that are home, that are out, and that have not left.
    rest, visits
        What is left of the plan, and its visits.
    visited
        By site visited: minute of its last arrival.
    returned
        By team that is home from a patrol: day on which it came.
    earned
        Ids of the waysides earned.
    """

    day: int
    done: tuple[PatrolEntry, ...]
    outside: tuple[Outside, ...]
    coming: tuple[PatrolEntry, ...]
    rest: Plan
    visits: tuple[PlannedVisit, ...]
    visited: dict[str, float]
    returned: dict[str, int]
    earned: frozenset[str]


def find_standing(
    plan: PlanFile, problem: Problem, clock: Clock, day: int, *, file: str
) -> Standing:
    """Find how far a plan has come on the morning of a day.

    Parameters
    ----------
    plan
        The plan as it is carried out.
    problem, clock
        The problem to be re-planned, and its clock.
    day
        The day of the horizon.
    file
        Name of the plan's file, for faults.

    Raises
    ------
    PlanFileError
        If the plan holds what the problem does not, or a patrol that is not whole.
    """
    now, evidence = clock.find_midnight(day), Evidence(plan)
    faults = [
        *_find_strangers(plan, problem, file),
        *(
            Fault(file, f"patrol {p.id!r}, {leg.from_}>{leg.to}", "a night", "no night")
            for p in plan.patrols
            for leg in p.legs
            if leg.depart < now < leg.arrive
        ),
    ]
    if faults:
        raise PlanFileError(faults)
    done = tuple(p for p in plan.patrols if p.return_ <= now)
    coming = tuple(p for p in plan.patrols if p.depart >= now)
    outside = tuple(
        _find_outside(evidence, p, now)
        for p in plan.patrols
        if p.depart < now < p.return_
    )
    visited: dict[str, float] = {}
    for patrol in plan.patrols:
        for stop in patrol.stops:
            if stop.site_id and stop.arrive is not None and stop.arrive < now:
                minute = clock.count_minutes(stop.arrive)
                visited[stop.site_id] = max(minute, visited.get(stop.site_id, minute))
    returned: dict[str, int] = {}
    for patrol in done:
        home = clock.find_end_day(patrol.return_)
        returned[patrol.team_id] = max(home, returned.get(patrol.team_id, home))
    decisions = [_decide(out.patrol, out.sites_left, clock) for out in outside]
    decisions += [
        _decide(patrol, tuple(s.site_id for s in patrol.stops if s.site_id), clock)
        for patrol in coming
    ]
    passings = find_passings(evidence)
    return Standing(
        day=day,
        done=done,
        outside=outside,
        coming=coming,
        rest=Plan(tuple(sorted(decisions))),
        visits=tuple(
            PlannedVisit(stop.site_id, patrol.team_id, clock.find_day(stop.arrive))
            for patrol in plan.patrols
            for stop in patrol.stops
            if stop.site_id and stop.arrive is not None and stop.arrive >= now
        ),
        visited=visited,
        returned=returned,
        earned=frozenset(
            wayside.id
            for (number, leg), found in passings.items()
            if plan.patrols[number].legs[leg].depart < now
            for wayside in found
        ),
    )


def _decide(patrol: PatrolEntry, sites: Sequence[str], clock: Clock) -> PatrolDecision:
    return PatrolDecision(patrol.team_id, clock.find_day(patrol.depart), tuple(sites))


def _find_outside(evidence: Evidence, patrol: PatrolEntry, now: datetime) -> Outside:
    reached = max(n + 1 for n, leg in enumerate(patrol.legs) if leg.arrive <= now)
    legs = tuple(
        leg for leg in list_whole_legs(evidence, patrol) if leg.numbers.start <= reached
    )
    return Outside(patrol, reached, legs)


def _find_strangers(plan: PlanFile, problem: Problem, file: str) -> Iterator[Fault]:
    """Yield what patrols of a plan name that the problem does not have."""
    teams = {team.id: team for team in problem.teams}
    for patrol in plan.patrols:
        where = f"patrol {patrol.id!r}"
        team = teams.get(patrol.team_id)
        if team is None or team.base_id != patrol.base_id:
            found = f"team {patrol.team_id!r} of {patrol.base_id!r}"
            yield Fault(file, where, found, "a team of the scenario that may go out")
        first, last = patrol.stops[0], patrol.stops[-1]
        if (first.place_id, last.place_id) != (patrol.base_id, patrol.base_id):
            found = f"from {first.place_id!r} to {last.place_id!r}"
            yield Fault(file, where, found, "a whole patrol, from its base and home")
        for stop in patrol.stops:
            if stop.site_id is not None and stop.site_id not in problem.site_index:
                yield Fault(
                    file, where, f"site {stop.site_id!r}", "a site of the scenario"
                )
