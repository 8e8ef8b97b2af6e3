"""What a patrol under way has driven, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence

from patrolplan.network.arcs import Piece, weigh_hazard
from patrolplan.network.travel import Travel, cut_pieces
from patrolplan.question import PeriodTravel
from patrolplan.standing import Clock, Outside

__all__ = ["list_driven", "measure_hazard"]


def list_driven(
    out: Outside, vehicle: str, travels: Sequence[PeriodTravel], clock: Clock
) -> tuple[Piece, ...]:
    """Return the pieces of lines that a patrol has driven.

    Parameters
    ----------
    out
        The patrol.
    vehicle, travels
        Its class of vehicles, and travel with the halts at which it was sent elsewhere.
    clock
        Tells the days on which its legs departed.
    """
    pieces: list[Piece] = []
    for leg in out.legs:
        driven_min = out.count_driven(leg)
        if not driven_min:
            continue
        moved = [out.patrol.legs[n] for n in leg.numbers]
        first = next(piece for piece in moved if piece.driving_min > 0)
        travel = _find_travel(travels, vehicle, clock, clock.find_day(first.depart))
        ends = (out.name_start(leg), leg.destination.place_id)
        row, column = (travel.place_ids.index(place) for place in ends)
        if travel.durations_min[row, column] < float("inf"):
            pieces += cut_pieces(travel.trace(*ends), 0.0, driven_min)
    return tuple(pieces)


def _find_travel(
    travels: Sequence[PeriodTravel], vehicle: str, clock: Clock, day: int
) -> Travel:
    today = clock.find_date(day)
    return next(
        period.travel
        for period in travels
        if period.travel.state.vehicle == vehicle
        and period.from_date <= today <= period.to_date
    )


def measure_hazard(pieces: Sequence[Piece]) -> float:
    """Return the hazard driven through, in steps times km.

    Parameters
    ----------
    pieces
        What was driven.
    """
    return sum(weigh_hazard(piece) for piece in pieces)
