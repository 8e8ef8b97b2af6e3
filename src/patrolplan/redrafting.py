"""Patrols under way in a plan document: what they did stays, and the rest is new."""

from __future__ import annotations

from collections.abc import Sequence

from patrolplan.document import PatrolWriter
from patrolplan.network.travel import Piece, Travel, cut_pieces, weigh_hazard
from patrolplan.planfile import PatrolEntry, TurnEntry
from patrolplan.planning.evidence import TIME_SLACK
from patrolplan.planning.resumption import rename_patrol
from patrolplan.planning.schedule import PatrolSchedule
from patrolplan.question import PeriodTravel
from patrolplan.standing import Clock, Outside

__all__ = ["list_driven", "measure_hazard", "resume_patrol", "stop_patrol"]

# Driving minutes are sums of floats.
_SLACK_MIN = 1e-6


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


def resume_patrol(
    out: Outside,
    rest: PatrolSchedule,
    writer: PatrolWriter,
    driven: Sequence[Piece],
    clock: Clock,
) -> PatrolEntry:
    """Return the whole of a patrol under way: what it did, and what it is to do.

    Parameters
    ----------
    out
        The patrol as planned before, and where it stands.
    rest
        What it is to do, from there.
    writer
        Writes patrols of the problem that ``rest`` is of.
    driven
        What it has driven.
    clock
        Tells the day on which it left.

    Returns
    -------
    The patrol as it was planned before, if nothing of it has changed. Else its first
    stop is of kind ``start``; all others that it reached before are as they were.
    """
    old, reached = out.patrol, out.reached
    halts = sum(stop.kind == "halt" for stop in old.stops[: reached + 1])
    entry = writer.write(
        rename_patrol(rest, old.id, halts=halts),
        spot=(out.stop.lon, out.stop.lat),
        depart_day=clock.find_day(old.depart),
        fuel_l=sum(piece.fuel_l for piece in driven),
    )
    here = out.stop.model_copy(update={"depart": entry.stops[0].depart})
    first = entry.legs[0].model_copy(update={"from_": here.place_id})
    turns = [*(old.turns or ())]
    if _is_turned(out, entry) and here.place_id not in {t.halt_id for t in turns}:
        bound_for = out.leg.destination.place_id
        turns.append(TurnEntry(halt_id=here.place_id, bound_for=bound_for))
    begun = [*old.stops[:reached], here]
    resumed = old.model_copy(
        update={
            "return_": entry.return_,
            "stops": [*begun, *entry.stops[1:]],
            "legs": [*old.legs[:reached], first, *entry.legs[1:]],
            "supplies": entry.supplies,
            "turns": turns or None,
        }
    )
    if _is_alike(resumed, old):
        return old
    start = resumed.stops[0].model_copy(update={"kind": "start"})
    return resumed.model_copy(update={"stops": [start, *resumed.stops[1:]]})


def stop_patrol(out: Outside) -> PatrolEntry:
    """Return a patrol that has no way home: it ends where it stands.

    Parameters
    ----------
    out
        The patrol.
    """
    old, reached = out.patrol, out.reached
    stops = list(old.stops[: reached + 1])
    stops[-1] = stops[-1].model_copy(update={"depart": None})
    stops[0] = stops[0].model_copy(update={"kind": "start"})
    halts = {stop.place_id for stop in stops[1:-1]}
    turns = [turn for turn in old.turns or () if turn.halt_id in halts]
    return old.model_copy(
        update={
            "return_": old.legs[reached - 1].arrive,
            "stops": stops,
            "legs": old.legs[:reached],
            "turns": turns or None,
        }
    )


def _is_turned(out: Outside, rest: PatrolEntry) -> bool:
    """Return whether a patrol goes on elsewhere than it was bound for, or otherwise."""
    if not out.driven_min:
        return False
    number = next(n for n, s in enumerate(rest.stops) if n and s.kind != "halt")
    if rest.stops[number].place_id != out.leg.destination.place_id:
        return True
    minutes = sum(leg.driving_min for leg in rest.legs[:number])
    return abs(minutes - out.left_min) > _SLACK_MIN


def _is_alike(one: PatrolEntry, other: PatrolEntry) -> bool:
    """Return whether two patrols are at the same places at the same times."""
    if one.turns != other.turns or len(one.stops) != len(other.stops):
        return False
    for stop, twin in zip(one.stops, other.stops, strict=True):
        if (stop.place_id, stop.site_id) != (twin.place_id, twin.site_id):
            return False
        for time, same in ((stop.arrive, twin.arrive), (stop.depart, twin.depart)):
            if (time is None) != (same is None):
                return False
            if time is not None and same is not None and abs(time - same) > TIME_SLACK:
                return False
    return True
