"""What a patrol under way has driven, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence

from patrolplan.network.arcs import Piece, weigh_hazard
from patrolplan.network.travel import Travel, cut_pieces
from patrolplan.question import PeriodTravel
from patrolplan.standing import Clock, Outside

__all__ = ["list_driven", "list_driven_legs", "measure_hazard"]


def list_driven(
    out: Outside, vehicle: str, travels: Sequence[PeriodTravel], clock: Clock
) -> tuple[Piece, ...]:
    """Return the pieces of lines that a patrol has driven.

    Parameters
    ----------
    out, vehicle, travels, clock
        As of :func:`list_driven_legs`.
    """
    legs = list_driven_legs(out, vehicle, travels, clock)
    return tuple(piece for pieces in legs for piece in pieces)


def list_driven_legs(
    out: Outside, vehicle: str, travels: Sequence[PeriodTravel], clock: Clock
) -> list[tuple[Piece, ...]]:
    """Return what a patrol has driven of each leg of its document until it stands.

    Parameters
    ----------
    out
        The patrol.
    vehicle, travels
        Its class of vehicles, and travel with the halts at which it was sent elsewhere.
    clock
        Tells the days on which its legs departed.
    """
    driven: list[tuple[Piece, ...]] = [()] * out.reached
    for leg in out.legs:
        if not out.count_driven(leg):
            continue
        moved = [out.patrol.legs[n] for n in leg.numbers]
        first = next(piece for piece in moved if piece.driving_min > 0)
        travel = _find_travel(travels, vehicle, clock, clock.find_day(first.depart))
        ends = (out.name_start(leg), leg.destination.place_id)
        row, column = (travel.place_ids.index(place) for place in ends)
        if travel.durations_min[row, column] == float("inf"):
            continue
        whole, from_min = travel.trace(*ends), 0.0
        for number in range(leg.numbers.start, min(leg.numbers.stop, out.reached)):
            to_min = from_min + out.patrol.legs[number].driving_min
            driven[number] = cut_pieces(whole, from_min, to_min)
            from_min = to_min
    return driven


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
