"""What the referee holds of halts near camps, schools and health sites."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from patrolplan.planfile import (
    Code,
    KeptEntry,
    LegEntry,
    PlanFile,
    StopEntry,
    Violation,
)
from patrolplan.planning.evidence import Evidence, estimate_distance_km
from patrolplan.planning.roster import build_violation

__all__ = ["judge_keeping", "list_town_nights"]

# Driving minutes are sums of floats.
_SLACK_MIN = 1e-6
# Positions of one place differ by rounding alone.
_SAME_SPOT_KM = 1e-3


def judge_keeping(evidence: Evidence) -> Iterator[Violation]:
    """Yield halts too near to a place, and movement that only says it keeps clear.

    A night within the distance at which a base holds a town is spent in the base. A
    place whose position is assumed lies somewhere in its town: of a night in that town
    nobody can tell how near it is, see :func:`list_town_nights`.

    Parameters
    ----------
    evidence
        The document, indexed.
    """
    for patrol in evidence.plan.patrols:
        for stop in patrol.stops:
            if stop.kind != "halt" or _is_in_base(evidence, stop):
                continue
            for place in evidence.plan.keep_clear or ():
                spot = evidence.find_position(stop)
                away_km = estimate_distance_km(*spot, place.lon, place.lat)
                if away_km < place.km and not _is_unplaced(place, away_km):
                    yield build_violation(
                        "halt_too_near",
                        patrol,
                        stop.place_id,
                        {"place_id": place.id, "km": away_km},
                        place.km,
                    )
        if len(patrol.legs) != len(patrol.stops) - 1:
            continue
        for leg, ends in zip(patrol.legs, pairwise(patrol.stops), strict=True):
            if leg.clearing and not _clears(evidence, leg, *ends):
                yield build_violation(
                    "clearing_misstated",
                    patrol,
                    f"{leg.from_}>{leg.to}",
                    leg.driving_min,
                    _find_most_min(evidence),
                )


def list_town_nights(plan: PlanFile) -> tuple[Code, ...]:
    """Return the nights of which nobody can tell whether they keep clear.

    Parameters
    ----------
    plan
        A plan document.

    Returns
    -------
    ``night_in_town`` {patrol_id, place_id} for each halt at the very site that a camp,
    school or health site is assumed to stand at.
    """
    found = {
        (patrol.id, place.id)
        for patrol in plan.patrols
        for stop in patrol.stops
        for place in plan.keep_clear or ()
        if stop.kind == "halt"
        and _is_unplaced(
            place, estimate_distance_km(stop.lon, stop.lat, place.lon, place.lat)
        )
    }
    return tuple(
        Code(code="night_in_town", values={"patrol_id": patrol, "place_id": place})
        for patrol, place in sorted(found)
    )


def _is_unplaced(place: KeptEntry, away_km: float) -> bool:
    return place.assumed and away_km <= _SAME_SPOT_KM


def _is_in_base(evidence: Evidence, stop: StopEntry) -> bool:
    lon, lat = evidence.find_position(stop)
    return any(
        estimate_distance_km(lon, lat, base.lon, base.lat) <= evidence.limits.held_km
        for base in evidence.plan.bases
    )


def _find_most_min(evidence: Evidence) -> float:
    limits = evidence.limits
    return min(limits.sunrise_margin_min, limits.sunset_margin_min)


def _clears(
    evidence: Evidence, leg: LegEntry, origin: StopEntry, destination: StopEntry
) -> bool:
    """Return whether a leg joins a halt and the visit of a place kept clear of."""
    at = origin if origin.kind == "visit" else destination
    if {origin.kind, destination.kind} != {"visit", "halt"}:
        return False
    lon, lat = evidence.find_position(at)
    near = any(
        estimate_distance_km(lon, lat, place.lon, place.lat) < place.km
        for place in evidence.plan.keep_clear or ()
    )
    return near and leg.driving_min <= _find_most_min(evidence) + _SLACK_MIN
