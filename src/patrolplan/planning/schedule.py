"""The schedule: what was decided, worked out to stops, legs, halts and times."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from patrolplan.planning.clearing import clear_nights
from patrolplan.planning.clock import Piece, Visited, drive, visit
from patrolplan.planning.problem import PatrolDecision, Plan, Problem, Team
from patrolplan.planning.tables import ClockTables, VehicleTables, build_tables

__all__ = [
    "Leg",
    "PatrolSchedule",
    "Schedule",
    "Stop",
    "build_schedule",
    "list_earnings",
]

_DAY_MIN = 1440.0
# Arrivals are sums of floats: one of exactly the cadence earns.
_CADENCE_SLACK_MIN = 1e-6

StopKind = Literal["base", "visit", "halt"]


@dataclass(frozen=True)
class Stop:
    """Where a patrol stands.

    Parameters
    ----------
    kind
        ``base`` at both ends, ``visit`` at a site, ``halt`` for each stay overnight.
    place_id
        Id of the base or site; ``halt:<patrol>:<n>`` for a halt.
    place
        Number of the place in the problem; None for a halt on the way, which lies
        where the leg that leads to it ends.
    site_id
        The site visited, or None.
    arrive_min, depart_min
        Minutes of the clock; None for the first arrival and the last departure. At
        a visit the dwell begins on arrival: a wait for its window is spent before.
    """

    kind: StopKind
    place_id: str
    place: int | None
    site_id: str | None
    arrive_min: float | None
    depart_min: float | None


@dataclass(frozen=True)
class Leg:
    """What is moved between two stops, within one day.

    Parameters
    ----------
    from_id, to_id
        ``place_id`` of the stops joined.
    origin, destination
        Numbers of the two places between which the whole leg runs.
    travel_day
        Day on which the whole leg departs: its matrix and route are of that day.
    depart_min, arrive_min
        Minutes of the clock.
    from_min, to_min
        Driving minutes of the whole leg at which this piece begins and ends. Equal
        for the piece of no length that joins a halt at a site and the site.
    share_from, share_to
        The same as shares of the whole leg's driving minutes, 0 to 1.
    driving_min, length_m, fuel_l
        Of this piece; length and fuel (of one vehicle) in proportion to minutes.
    clearing
        Whether it only joins a place and the halt outside it, at the edge of a day.
    """

    from_id: str
    to_id: str
    origin: int
    destination: int
    travel_day: int
    depart_min: float
    arrive_min: float
    from_min: float
    to_min: float
    share_from: float
    share_to: float
    driving_min: float
    length_m: float
    fuel_l: float
    clearing: bool = False


@dataclass(frozen=True)
class PatrolSchedule:
    """One patrol, worked out; ``legs[i]`` joins ``stops[i]`` and ``stops[i + 1]``.

    Parameters
    ----------
    id
        ``P1``, ``P2`` … by day of departure, then team.
    team_id, base_id
        Who, and from where.
    depart_day, return_day
        Days of the horizon.
    depart_min, return_min
        Minutes of the clock.
    stops, legs
        In order.
    length_m, driving_min
        Sums over the legs.
    """

    id: str
    team_id: str
    base_id: str
    depart_day: int
    return_day: int
    depart_min: float
    return_min: float
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    length_m: float
    driving_min: float


@dataclass(frozen=True)
class Schedule:
    """All patrols of a plan, by day of departure, then team."""

    patrols: tuple[PatrolSchedule, ...]


class _Draft:
    """The stops and legs of one patrol while it is being worked out."""

    def __init__(self, patrol_id: str) -> None:
        self.patrol_id = patrol_id
        self.stops: list[Stop] = []
        self.legs: list[Leg] = []
        self._halts = 0

    def add_leg(
        self, to_id: str, piece: Piece, whole: tuple[int, int, int, float, float, float]
    ) -> None:
        origin, destination, day, total, length_m, fuel_l = whole
        # A leg of no duration is driven whole, at once.
        share_from = piece.from_min / total if total > 0 else 0.0
        share_to = piece.to_min / total if total > 0 else 1.0
        share = share_to - share_from
        self.legs.append(
            Leg(
                from_id=self.stops[-1].place_id,
                to_id=to_id,
                origin=origin,
                destination=destination,
                travel_day=day,
                depart_min=piece.depart_min,
                arrive_min=piece.arrive_min,
                from_min=piece.from_min,
                to_min=piece.to_min,
                share_from=share_from,
                share_to=share_to,
                driving_min=piece.to_min - piece.from_min,
                length_m=length_m * share,
                fuel_l=fuel_l * share,
            )
        )

    def name_halt(self) -> str:
        self._halts += 1
        return f"halt:{self.patrol_id}:{self._halts}"

    def add_halt(
        self, halt_id: str, place: int | None, arrive_min: float, depart_min: float
    ) -> None:
        self.stops.append(Stop("halt", halt_id, place, None, arrive_min, depart_min))


def build_schedule(problem: Problem, plan: Plan) -> Schedule:
    """Work a plan out to stops, legs, halts and times.

    Only movement is worked out: whether a patrol stays within its days, range and
    rest is for the solver to heed and for the referee to judge.

    Parameters
    ----------
    problem
        What was asked.
    plan
        What was decided.

    Raises
    ------
    ValueError
        If a patrol cannot be driven within the horizon, has no site, or names a
        team, site or day that the problem does not have.
    """
    clock = build_tables(problem)
    teams = {team.id: team for team in problem.teams}
    decisions = sorted(plan.patrols, key=lambda p: (p.depart_day, p.team_id))
    width = len(str(len(decisions)))
    patrols = []
    for number, decision in enumerate(decisions, start=1):
        unknown = set(decision.site_ids) - set(problem.site_index)
        if (
            decision.team_id not in teams
            or unknown
            or not decision.site_ids
            or not 0 <= decision.depart_day < problem.horizon_days
        ):
            msg = f"{decision} does not fit the problem."
            raise ValueError(msg)
        team = teams[decision.team_id]
        patrol_id = f"P{number:0{width}d}"
        patrol = _build_patrol(problem, clock, decision, team, patrol_id)
        patrols.append(clear_nights(problem, team, patrol))
    return Schedule(tuple(patrols))


def _build_patrol(
    problem: Problem,
    clock: ClockTables,
    decision: PatrolDecision,
    team: Team,
    patrol_id: str,
) -> PatrolSchedule:
    vehicle = clock.vehicles[team.vehicle]
    last_day = clock.days - 1
    base = here = problem.place_index[team.base_id]
    draft = _Draft(patrol_id)
    now, day = clock.midnights_min[decision.depart_day], decision.depart_day
    for site_id in (*decision.site_ids, None):
        there = base if site_id is None else problem.place_index[site_id]
        pieces: list[Piece] = []
        driven = drive(clock, vehicle, here, there, now, day, last_day, pieces)
        if isinstance(driven, str):
            raise _build_refusal(decision, driven)
        visited: Visited | None = None
        if site_id is not None:
            found = visit(clock, there, driven.arrive_min, driven.arrive_day, last_day)
            if isinstance(found, str):
                raise _build_refusal(decision, found)
            visited = found
            if visited.day == driven.arrive_day:
                _wait_before(clock, here, there, visited, pieces)
        whole = _describe_leg(vehicle, here, there, driven.depart_day)
        if not draft.stops:
            if driven.depart_day != decision.depart_day:
                raise _build_refusal(decision, "no_start")
            leaves = pieces[0].depart_min
            draft.stops.append(Stop("base", team.base_id, base, None, None, leaves))
        else:
            _leave_site(draft, problem.place_ids[here], here, now, day, pieces, whole)
        for piece, following in pairwise(pieces):
            halt_id = draft.name_halt()
            draft.add_leg(halt_id, piece, whole)
            draft.add_halt(halt_id, None, piece.arrive_min, following.depart_min)
        if site_id is None or visited is None:
            draft.add_leg(team.base_id, pieces[-1], whole)
            draft.stops.append(
                Stop("base", team.base_id, base, None, driven.arrive_min, None)
            )
            day, now = driven.arrive_day, driven.arrive_min
            break
        begins = visited.start_min
        if begins > pieces[-1].arrive_min:
            # The dwell does not fit before the close, or no window opens before the
            # road closes: the patrol halts at the site.
            halt_id = draft.name_halt()
            draft.add_leg(halt_id, pieces[-1], whole)
            draft.add_halt(halt_id, there, pieces[-1].arrive_min, begins)
            draft.add_leg(site_id, Piece(whole[3], whole[3], begins, begins), whole)
        else:
            draft.add_leg(site_id, pieces[-1], whole)
        # How long the patrol stays is known once it leaves.
        draft.stops.append(Stop("visit", site_id, there, site_id, begins, None))
        here, now, day = there, visited.end_min, visited.day
    depart_min = draft.stops[0].depart_min
    assert depart_min is not None
    return PatrolSchedule(
        id=patrol_id,
        team_id=team.id,
        base_id=team.base_id,
        depart_day=decision.depart_day,
        return_day=day,
        depart_min=depart_min,
        return_min=now,
        stops=tuple(draft.stops),
        legs=tuple(draft.legs),
        length_m=sum(leg.length_m for leg in draft.legs),
        driving_min=sum(leg.driving_min for leg in draft.legs),
    )


def list_earnings(problem: Problem, schedule: Schedule) -> dict[tuple[str, int], float]:
    """Return the need that each visit earns, by patrol and number of the stop.

    The first visit of a site earns its need; a later one earns it again once the
    need has grown back since the arrival before, and nothing otherwise.

    Parameters
    ----------
    problem, schedule
        What was asked, and the patrols as worked out.
    """
    visits = sorted(
        (stop.arrive_min, patrol.id, number, stop.site_id)
        for patrol in schedule.patrols
        for number, stop in enumerate(patrol.stops)
        if stop.site_id is not None and stop.arrive_min is not None
    )
    last: dict[str, float] = {}
    earned = {}
    for arrive_min, patrol_id, number, site_id in visits:
        site = problem.sites[problem.site_index[site_id]]
        grown = site_id not in last or (
            site.cadence_days is not None
            and arrive_min - last[site_id]
            >= site.cadence_days * _DAY_MIN - _CADENCE_SLACK_MIN
        )
        earned[patrol_id, number] = (site.need or 0.0) if grown else 0.0
        last[site_id] = arrive_min
    return earned


def _wait_before(
    clock: ClockTables, here: int, there: int, visited: Visited, pieces: list[Piece]
) -> None:
    """Let the last piece of a leg arrive when the visit of the same day can begin.

    A patrol waits for a window where it was before: at its base, at the site it
    visited last, or at its halt. Where the road closes before the window opens, it
    cannot, and the pieces stay as they are.
    """
    last = pieces[-1]
    wait = visited.start_min - last.arrive_min
    closes = min(
        clock.closes_min[here][visited.day], clock.closes_min[there][visited.day]
    )
    if wait > 0 and visited.start_min <= closes:
        pieces[-1] = last._replace(
            depart_min=last.depart_min + wait, arrive_min=visited.start_min
        )


def _leave_site(
    draft: _Draft,
    site_id: str,
    place: int,
    now: float,
    day: int,
    pieces: list[Piece],
    whole: tuple[int, int, int, float, float, float],
) -> None:
    """Close the visit under way, with a night at the site if it must be."""
    begun = draft.stops.pop()
    stays = whole[2] > day
    leaves = now if stays else pieces[0].depart_min
    draft.stops.append(Stop("visit", site_id, place, site_id, begun.arrive_min, leaves))
    if stays:
        halt_id = draft.name_halt()
        draft.add_leg(halt_id, Piece(0.0, 0.0, now, now), whole)
        draft.add_halt(halt_id, place, now, pieces[0].depart_min)


def _describe_leg(
    vehicle: VehicleTables, origin: int, destination: int, day: int
) -> tuple[int, int, int, float, float, float]:
    return (
        origin,
        destination,
        day,
        vehicle.durations_min[day][origin][destination],
        vehicle.lengths_m[day][origin][destination],
        vehicle.fuels_l[day][origin][destination],
    )


def _build_refusal(decision: PatrolDecision, failure: str) -> ValueError:
    return ValueError(f"{decision} cannot be driven: {failure}.")
