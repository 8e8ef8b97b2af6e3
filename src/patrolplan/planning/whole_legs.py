"""Whole legs of a patrol in a document: from place to place, halts between them.

Of a patrol that was sent elsewhere at a halt the leg until then is that to the place it
was bound for, driven in part; the leg from then on is told by no travel matrix, unless
the halt is at that place.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from patrolplan.planfile import PatrolEntry, StopEntry
from patrolplan.planning.evidence import Evidence

__all__ = ["POSITION_SLACK_DEG", "WholeLeg", "is_at", "list_whole_legs"]

POSITION_SLACK_DEG = 1e-5
"""Positions of one place, in degrees: about a metre."""


class WholeLeg(NamedTuple):
    """A leg between two places.

    Attributes
    ----------
    origin, destination
        Its places: the windows of both hold, except of a halt. That is the destination
        where a patrol was bound for a place that the document does not know, and where
        it ends for want of a way home.
    numbers
        Numbers of its pieces among the legs of the patrol.
    is_known
        Whether the matrices know the way that these pieces drive, whole.
    turned_after
        Numbers of the pieces driven from the origin before it was sent elsewhere;
        none for a leg that was not.
    """

    origin: StopEntry
    destination: StopEntry
    numbers: range
    is_known: bool = True
    turned_after: range = range(0)

    @property
    def places(self) -> tuple[StopEntry, ...]:
        """The places whose windows hold: a halt at its end is none."""
        if self.destination.kind == "halt":
            return (self.origin,)
        return (self.origin, self.destination)


def list_whole_legs(evidence: Evidence, patrol: PatrolEntry) -> Iterator[WholeLeg]:
    """Yield each whole leg of a patrol.

    Parameters
    ----------
    evidence
        The document, indexed.
    patrol
        One with one stop more than legs. A halt is no place: a leg goes on after.
    """
    turns = {turn.halt_id: turn.bound_for for turn in patrol.turns or ()}
    last = len(patrol.stops) - 1
    # One that has no way home ends at a halt.
    standing = [
        n
        for n, stop in enumerate(patrol.stops)
        if stop.kind != "halt" or n in (0, last)
    ]
    for begins, ends in pairwise(standing):
        origin, first = patrol.stops[begins], begins
        driven = range(0)
        for number in range(begins + 1, ends):
            halt = patrol.stops[number]
            if halt.place_id not in turns:
                continue
            place = _find_place(evidence, turns[halt.place_id])
            here = place is not None and is_at(halt, place)
            known = here and not driven and not evidence.is_free(origin)
            # Bound for nowhere, it still came to the halt.
            yield WholeLeg(origin, place or halt, range(first, number), known, driven)
            first, driven = number, range(begins, number)
            if here and place is not None:
                origin, begins, driven = place, number, range(0)
        known = not driven and not evidence.is_free(origin)
        known = known and patrol.stops[ends].kind != "halt"
        yield WholeLeg(origin, patrol.stops[ends], range(first, ends), known, driven)


def _find_place(evidence: Evidence, place_id: str) -> StopEntry | None:
    """Return a site or base as if a patrol stood there, or None if it is neither."""
    place = evidence.sites.get(place_id) or evidence.bases.get(place_id)
    if place is None:
        return None
    site_id = place_id if place_id in evidence.sites else None
    return StopEntry(
        kind="base" if site_id is None else "visit",
        site_id=site_id,
        place_id=place_id,
        lon=place.lon,
        lat=place.lat,
        arrive=None,
        depart=None,
        roles=[],
        purpose=None,
        tier=None,
        phase=None,
        themes=[],
        need_earned=0.0,
    )


def is_at(stop: StopEntry, place: StopEntry) -> bool:
    """Return whether a stop is at the very place of another, a halt too.

    Parameters
    ----------
    stop, place
        The two.
    """
    off = max(abs(stop.lon - place.lon), abs(stop.lat - place.lat))
    return off <= POSITION_SLACK_DEG
