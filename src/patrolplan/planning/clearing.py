"""Nights at places that no halt is allowed at: the patrol halts just outside.

The duty clock lets a patrol spend the night where it is to work or has worked. Where no
halt is allowed there, it halts at the first allowed minute of the way that it drives
anyway: before the place if it comes to work there in the morning, beyond it if it has
worked there. So nothing is driven more or less; the few minutes between are driven
outside the duty window, in the margins of the day, and no visit moves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patrolplan.planning.problem import Problem, Team
from patrolplan.planning.travel import TravelMatrix

if TYPE_CHECKING:
    # The schedule is made of these, and this is the last step of it.
    from patrolplan.planning.schedule import Leg, PatrolSchedule, Stop

__all__ = ["clear_nights"]


def clear_nights(
    problem: Problem, team: Team, patrol: PatrolSchedule
) -> PatrolSchedule:
    """Return a patrol whose nights are spent where halts are allowed.

    Parameters
    ----------
    problem
        Says where no halt is allowed, and for how long a patrol may drive outside its
        duty window. Where that is not long enough, it stays the night at the place.
    team, patrol
        Who, and the patrol as the clock has it.
    """
    stops, legs = list(patrol.stops), list(patrol.legs)
    most_min = problem.limits.clearing_min
    begins = 0
    for number, stop in enumerate(stops[1:]):
        if stop.kind == "halt":
            continue
        first, last = legs[begins], legs[number]
        matrix = problem.find_travel(team.vehicle, first.travel_day)
        pair = (first.origin, first.destination)
        total = float(matrix.durations_min[pair])
        spans = matrix.halt_blocked.get(pair)
        if spans and last.from_min == total and begins < number:
            back = spans[-1][0] if spans[-1][1] > total else total
            if back >= legs[number - 1].from_min and total - back <= most_min:
                _halt_before(stops, legs, number, matrix, back)
        if spans and first.to_min == 0.0 and begins < number:
            out = spans[0][1] if spans[0][0] < 0 else 0.0
            if out <= min(most_min, legs[begins + 1].to_min):
                _halt_beyond(stops, legs, begins, matrix, out)
        begins = number + 1
    return replace(patrol, stops=tuple(stops), legs=tuple(legs))


def _halt_before(
    stops: list[Stop], legs: list[Leg], last: int, matrix: TravelMatrix, back: float
) -> None:
    """Move the night before the last leg of a way to a minute short of its end."""
    missing = legs[last].to_min - back
    if missing == 0:
        return
    halt = stops[last]
    assert halt.arrive_min is not None
    assert halt.depart_min is not None
    arrive, depart = halt.arrive_min - missing, halt.depart_min - missing
    stops[last] = replace(halt, place=None, arrive_min=arrive, depart_min=depart)
    legs[last - 1] = _cut_leg(
        replace(legs[last - 1], arrive_min=arrive), matrix, to_min=back
    )
    legs[last] = _cut_leg(
        replace(legs[last], depart_min=depart, clearing=True), matrix, from_min=back
    )


def _halt_beyond(
    stops: list[Stop], legs: list[Leg], first: int, matrix: TravelMatrix, out: float
) -> None:
    """Move the night after the first leg of a way to a minute past its beginning."""
    if out == 0:
        return
    halt = stops[first + 1]
    assert halt.arrive_min is not None
    assert halt.depart_min is not None
    arrive, depart = halt.arrive_min + out, halt.depart_min + out
    stops[first + 1] = replace(halt, place=None, arrive_min=arrive, depart_min=depart)
    legs[first] = _cut_leg(
        replace(legs[first], arrive_min=arrive, clearing=True), matrix, to_min=out
    )
    legs[first + 1] = _cut_leg(
        replace(legs[first + 1], depart_min=depart), matrix, from_min=out
    )


def _cut_leg(
    leg: Leg,
    matrix: TravelMatrix,
    *,
    from_min: float | None = None,
    to_min: float | None = None,
) -> Leg:
    """Return a leg between other driving minutes of its whole way."""
    pair = (leg.origin, leg.destination)
    total = float(matrix.durations_min[pair])
    begins = leg.from_min if from_min is None else from_min
    ends = leg.to_min if to_min is None else to_min
    share = (ends - begins) / total
    return replace(
        leg,
        from_min=begins,
        to_min=ends,
        share_from=begins / total,
        share_to=ends / total,
        driving_min=ends - begins,
        length_m=float(matrix.lengths_m[pair]) * share,
        fuel_l=float(matrix.fuels_l[pair]) * share,
    )
