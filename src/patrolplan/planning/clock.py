"""The duty clock: what a patrol gets done between morning and evening, day by day.

All arithmetic of time is in :func:`drive` and :func:`visit`; the solver's
:func:`evaluate_patrol` and the schedule are both made of these two, so that a plan
is scheduled exactly as it was searched.

Times are minutes of the problem's clock, days are days of its horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Literal, NamedTuple

from patrolplan.planning.crews import Crew, build_crew
from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.tables import ClockTables, VehicleTables, build_tables

__all__ = [
    "Crew",
    "Driven",
    "Failure",
    "PatrolValue",
    "Piece",
    "Visited",
    "build_crew",
    "drive",
    "evaluate_patrol",
    "find_last_day",
    "run_patrol",
    "visit",
]

Failure = Literal[
    "beyond_horizon",
    "dwell_too_long",
    "fuel_exceeded",
    "hazard_exceeded",
    "no_halt",
    "no_start",
    "no_way",
    "out_of_days",
    "range_exceeded",
    "too_few_days",
    "too_many_days",
]
"""Why a patrol cannot be.

``no_way``: no way between two places on the day of departure. ``no_halt``: a leg
has a stretch without halts that no day is long enough for. ``no_start``: the patrol
could not leave its base on its day of departure. ``dwell_too_long``: no day of the
site is long enough. ``out_of_days``: the last day that was given has passed; only
:func:`drive` and :func:`visit` say so. The others: as the words say.
"""


class Piece(NamedTuple):
    """What is driven of one leg on one day.

    Attributes
    ----------
    from_min, to_min
        Driving minutes of the whole leg at which the piece begins and ends.
    depart_min, arrive_min
        When, in minutes of the clock.
    """

    from_min: float
    to_min: float
    depart_min: float
    arrive_min: float


class Driven(NamedTuple):
    """A leg that was driven: when and on which day it arrived, and which day it left.

    The day of departure is the one on which the first minute was driven.
    """

    arrive_min: float
    arrive_day: int
    depart_day: int


class Visited(NamedTuple):
    """A dwell that was done: its beginning, its end, and its day."""

    start_min: float
    end_min: float
    day: int


class PatrolValue(NamedTuple):
    """What a patrol takes, or why it cannot be.

    Attributes
    ----------
    failure
        Why it cannot be, or None. The other figures are real if it is None or
        ``too_few_days``, and 0 otherwise.
    return_day
        Day of the horizon on which it is home.
    depart_min, return_min
        Departure from and arrival at the base, minutes of the clock.
    length_m, driving_min
        Metres and minutes driven.
    duty_min
        Minutes of the base's duty windows between departure and return: the length
        of the patrol with its nights taken out.
    """

    failure: Failure | None
    return_day: int = 0
    depart_min: float = 0.0
    return_min: float = 0.0
    length_m: float = 0.0
    driving_min: float = 0.0
    duty_min: float = 0.0


# Lengths are sums of floats; a patrol of exactly its range must pass, and the
# referee allows as much.
_LENGTH_SLACK_M = 1e-3
_HAZARD_SLACK = _FUEL_SLACK = 1e-9


def find_last_day(clock: ClockTables, crew: Crew, depart_day: int) -> int:
    """Return the day by which a patrol must be home.

    Parameters
    ----------
    clock
        The problem's tables.
    crew
        Who goes.
    depart_day
        Day of departure.
    """
    return min(depart_day + crew.max_days, clock.days) - 1


def drive(
    clock: ClockTables,
    vehicle: VehicleTables,
    origin: int,
    destination: int,
    now_min: float,
    day: int,
    last_day: int,
    pieces: list[Piece] | None = None,
) -> Driven | Failure:
    """Drive from one place to another, with halts where the days end.

    Each day the leg may be driven in the window that both of its ends share. Where
    the window closes, the patrol halts at the last driving minute reached that lies
    outside the open intervals without halts, and goes on next morning; at minute 0
    it is still at the place. The matrix is the one of the day on which the first
    minute is driven.

    Within one matrix arrival never falls when departure is later: the minute
    reached by the end of a day never rises with the time of departure, and neither
    does the halt taken from it.

    Parameters
    ----------
    clock
        The problem's tables.
    vehicle
        The matrices of the vehicle class.
    origin, destination
        Numbers of the places.
    now_min, day
        Time from which the patrol is free, and its day.
    last_day
        Last day on which it may drive.
    pieces
        If given, what is driven each day is appended to it.
    """
    opens_a, opens_b = clock.opens_min[origin], clock.opens_min[destination]
    closes_a, closes_b = clock.closes_min[origin], clock.closes_min[destination]
    done = total = 0.0
    depart_day = -1
    stuck = False
    while day <= last_day:
        opens = opens_a[day] if opens_a[day] > opens_b[day] else opens_b[day]
        closes = closes_a[day] if closes_a[day] < closes_b[day] else closes_b[day]
        start = now_min if now_min > opens else opens
        if start < closes:
            if depart_day < 0:
                total = vehicle.durations_min[day][origin][destination]
                if total == inf:
                    return "no_way"
            left = total - done
            if left <= closes - start:
                arrive = start + left
                if pieces is not None:
                    pieces.append(Piece(done, total, start, arrive))
                return Driven(arrive, day, day if depart_day < 0 else depart_day)
            reached = done + (closes - start)
            blocked = vehicle.halt_blocked[depart_day if depart_day >= 0 else day]
            if blocked:
                for begins, ends in blocked.get((origin, destination), ()):
                    if begins < reached < ends:
                        reached = begins
                        break
            if reached > done:
                if depart_day < 0:
                    depart_day = day
                now_min = start + (reached - done)
                if pieces is not None:
                    pieces.append(Piece(done, reached, start, now_min))
                done = reached
                stuck = False
            else:
                # Only a whole day without progress proves anything.
                stuck = start == opens
        day += 1
    return "no_halt" if stuck else "out_of_days"


def visit(
    clock: ClockTables, place: int, now_min: float, day: int, last_day: int
) -> Visited | Failure:
    """Dwell at a site: at once if it can end before the day closes, else later.

    A dwell is never split by a night; it begins at the first minute that lies in a
    window of the site, if it has any, with enough of that day left.

    Parameters
    ----------
    clock
        The problem's tables.
    place
        Number of the site's place.
    now_min, day
        Time from which the patrol is there, and its day.
    last_day
        Last day on which it may work.
    """
    dwell = clock.dwells_min[place]
    if dwell > clock.longest_min[place]:
        return "dwell_too_long"
    windows = clock.windows_min[place]
    opens, closes = clock.opens_min[place], clock.closes_min[place]
    while day <= last_day:
        start = now_min if now_min > opens[day] else opens[day]
        if windows is not None:
            # Later windows of this day may still be open when this one is missed.
            start = next(
                (max(start, begins) for begins, ends in windows if ends >= start), inf
            )
        end = start + dwell
        if end <= closes[day]:
            return Visited(start, end, day)
        day += 1
    return "out_of_days"


def run_patrol(
    clock: ClockTables,
    crew: Crew,
    depart_day: int,
    places: Sequence[int],
    last_day: int,
) -> PatrolValue:
    """Run a patrol through the clock.

    Parameters
    ----------
    clock
        The problem's tables.
    crew
        Who goes.
    depart_day
        Day of departure, from 0.
    places
        Numbers of the places to visit, in order; at least one.
    last_day
        Day by which the patrol must be home, see :func:`find_last_day`.
    """
    vehicle = clock.vehicles[crew.vehicle]
    base = here = crew.base
    range_m = crew.range_m + _LENGTH_SLACK_M
    hazard_most = crew.hazard_budget * (1 + _HAZARD_SLACK)
    now, day = clock.midnights_min[depart_day], depart_day
    fuel_most = crew.fuel_budget_l * (1 + _FUEL_SLACK)
    length = driving = hazard = fuel = 0.0
    left_day = depart_day
    for there in (*places, base):
        driven = drive(clock, vehicle, here, there, now, day, last_day)
        if isinstance(driven, str):
            return PatrolValue(_name_failure(driven, clock, crew, depart_day))
        now, day, left_day = driven
        length += vehicle.lengths_m[left_day][here][there]
        driving += vehicle.durations_min[left_day][here][there]
        if length > range_m:
            return PatrolValue("range_exceeded")
        hazard += vehicle.hazards[left_day][here][there]
        if hazard > hazard_most:
            return PatrolValue("hazard_exceeded")
        fuel += vehicle.fuels_l[left_day][here][there]
        if fuel > fuel_most:
            return PatrolValue("fuel_exceeded")
        if here == base and left_day != depart_day:
            return PatrolValue("no_start")
        if there != base:
            visited = visit(clock, there, now, day, last_day)
            if isinstance(visited, str):
                return PatrolValue(_name_failure(visited, clock, crew, depart_day))
            _, now, day = visited
            fuel = 0.0 if clock.refuels[there] else fuel
        here = there
    opens = clock.opens_min[base]
    first = clock.opens_min[places[0]][depart_day]
    duty = clock.duty_min[base]
    return PatrolValue(
        "too_few_days" if day - depart_day + 1 < crew.min_days else None,
        day,
        max(opens[depart_day], first),
        now,
        length,
        driving,
        duty[day] - duty[depart_day] + max(0.0, now - opens[day]),
    )


def _name_failure(
    failure: Failure, clock: ClockTables, crew: Crew, depart_day: int
) -> Failure:
    if failure != "out_of_days":
        return failure
    by_days = depart_day + crew.max_days <= clock.days
    return "too_many_days" if by_days else "beyond_horizon"


def evaluate_patrol(
    problem: Problem, team: Team, depart_day: int, sites: Sequence[str]
) -> PatrolValue:
    """Return what a patrol takes, or why it cannot be.

    Parameters
    ----------
    problem
        The problem.
    team
        Who goes.
    depart_day
        Day of departure, from 0.
    sites
        Ids of the sites to visit, in order; at least one.

    Raises
    ------
    KeyError
        If a site is not in the problem.
    ValueError
        If there is no site, or the day lies outside the horizon.
    """
    if not sites:
        msg = "A patrol must visit at least one site."
        raise ValueError(msg)
    if not 0 <= depart_day < problem.horizon_days:
        msg = f"Day {depart_day} is outside the horizon."
        raise ValueError(msg)
    clock = build_tables(problem)
    crew = build_crew(problem, team)
    places = [problem.place_index[site] for site in sites]
    return run_patrol(
        clock, crew, depart_day, places, find_last_day(clock, crew, depart_day)
    )
