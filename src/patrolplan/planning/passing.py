"""On which leg each wayside is earned: the first that comes by it, once in a plan."""

from __future__ import annotations

from collections.abc import Iterator

from patrolplan.planning.problem import Problem, Wayside
from patrolplan.planning.schedule import PatrolSchedule, Schedule

__all__ = ["list_passings"]

# Driving minutes are sums of floats.
_SLACK_MIN = 1e-6


def list_passings(
    problem: Problem, schedule: Schedule
) -> dict[tuple[str, int], tuple[Wayside, ...]]:
    """Return what each leg earns on the way, by patrol and number of the leg.

    Each wayside is earned by the leg that comes by it first, to the second; of two at
    once by the patrol whose id comes first. A site that the plan visits is not earned.

    Parameters
    ----------
    problem, schedule
        What was asked, and the patrols as worked out.

    Returns
    -------
    Waysides in the order in which the leg comes by them; legs that earn nothing on the
    way are left out.
    """
    if not problem.waysides:
        return {}
    visited = {stop.site_id for patrol in schedule.patrols for stop in patrol.stops}
    passings = sorted(
        (round(moment_min * 60), patrol.id, number, moment_min, wayside)
        for patrol in schedule.patrols
        for number, moment_min, wayside in _list_moments(problem, patrol)
    )
    earned: set[int] = set()
    found: dict[tuple[str, int], tuple[Wayside, ...]] = {}
    for _, patrol_id, number, _, wayside in passings:
        one = problem.waysides[wayside]
        if wayside in earned or (one.site_id is not None and one.site_id in visited):
            continue
        earned.add(wayside)
        key = (patrol_id, number)
        found[key] = (*found.get(key, ()), one)
    return found


def _list_moments(
    problem: Problem, patrol: PatrolSchedule
) -> Iterator[tuple[int, float, int]]:
    """Yield legs of a patrol with the minute of the clock at which each comes by what.

    A wayside is come by on the leg that drives its minute, so never on one that only
    joins a halt at a place and the place, unless the whole way takes no time.
    """
    team = next(team for team in problem.teams if team.id == patrol.team_id)
    for numbers in _join_legs(patrol):
        first = patrol.legs[numbers[0]]
        matrix = problem.find_travel(team.vehicle, first.travel_day)
        pair = (first.origin, first.destination)
        driven = [n for n in numbers if patrol.legs[n].driving_min > 0] or numbers[-1:]
        for wayside, minute in matrix.waysides.get(pair, ()):
            number = next(
                (n for n in driven if minute <= patrol.legs[n].to_min + _SLACK_MIN),
                driven[-1],
            )
            leg = patrol.legs[number]
            yield number, leg.depart_min + minute - leg.from_min, wayside


def _join_legs(patrol: PatrolSchedule) -> Iterator[list[int]]:
    """Yield the numbers of the legs of each whole way, from halt to halt."""
    numbers: list[int] = []
    for number, stop in enumerate(patrol.stops[1:]):
        numbers.append(number)
        if stop.kind != "halt":
            yield numbers
            numbers = []
