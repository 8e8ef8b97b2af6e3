"""What the referee holds of need earned on the way: lines driven and sites passed.

It works out again which whole legs a patrol drives, takes from the travel of the
document what each comes by and at which driving minute, and so who earns what first.
What the legs say of themselves is only compared. Apart from that a site said to be
passed must lie near the leg as it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import cos, hypot, inf, isclose, radians

from patrolplan.gates import find_closed
from patrolplan.planfile import (
    LegEntry,
    SiteEntry,
    TravelEntry,
    Violation,
    WaysideEntry,
)
from patrolplan.planning.evidence import Evidence
from patrolplan.planning.roster import build_violation
from patrolplan.planning.whole_legs import list_whole_legs

__all__ = ["Passings", "find_passings", "judge_passings"]

Passings = Mapping[tuple[int, int], tuple[WaysideEntry, ...]]
"""What each leg earns on the way, by number of the patrol and of the leg."""

# Driving minutes and needs are sums of floats.
_SLACK_MIN = 1e-6
_RELATIVE = 1e-6
_KM_PER_DEGREE = 111.195
_EARTH_RADIUS_KM = 6371.0
# A drawn leg is cut at its halts by shares of its length, and distances are measured
# on a sphere.
_DRAWING_SHARE, _DRAWING_KM = 0.01, 0.1


def find_passings(evidence: Evidence) -> Passings:
    """Work out what each leg earns on the way.

    Parameters
    ----------
    evidence
        The document, indexed.

    Returns
    -------
    Waysides in the order in which each leg comes by them. Each is earned once in a
    plan, by the leg that comes by it first, to the second, and of two at once by the
    patrol whose id comes first; a site that is visited, never.
    """
    plan = evidence.plan
    if not plan.waysides:
        return {}
    waysides = {wayside.id: wayside for wayside in plan.waysides}
    visited = {visit.site.id for visit in evidence.visits}
    ways = {
        number: {(way.from_, way.to): way.comes_by for way in travel.ways or ()}
        for number, travel in enumerate(plan.travel)
    }
    earned: set[str] = set()
    found: dict[tuple[int, int], tuple[WaysideEntry, ...]] = {}
    for _, _, place, number, _, key in sorted(_list_moments(evidence, ways)):
        wayside = waysides.get(key)
        if wayside is None or key in earned or wayside.site_id in visited:
            continue
        earned.add(key)
        leg = (place, number)
        found[leg] = (*found.get(leg, ()), wayside)
    return found


def _list_moments(
    evidence: Evidence,
    ways: Mapping[int, Mapping[tuple[str, str], list[tuple[str, float]]]],
) -> Iterator[tuple[int, str, int, int, float, str]]:
    """Yield when each leg comes by what: second, patrol, leg, minute, wayside."""
    numbers = {id(travel): n for n, travel in enumerate(evidence.plan.travel)}
    for place, patrol in enumerate(evidence.plan.patrols):
        team = evidence.teams.get(patrol.team_id)
        if team is None or len(patrol.legs) != len(patrol.stops) - 1:
            continue
        for origin, destination, pieces, is_known, turned in list_whole_legs(
            evidence, patrol
        ):
            if turned or destination.kind == "halt":
                # What a way comes by that no matrix knows, nobody knows.
                continue
            until_min = inf
            if not is_known:
                until_min = sum(patrol.legs[n].driving_min for n in pieces)
            day = evidence.find_leg_day([patrol.legs[n] for n in pieces])
            travel = evidence.find_travel(team.vehicle, day)
            if travel is None:
                continue
            pair = (origin.place_id, destination.place_id)
            for key, minute in ways[numbers[id(travel)]].get(pair, ()):
                if minute > until_min + _SLACK_MIN:
                    continue
                number, since_min = _find_piece(patrol.legs, pieces, minute)
                # A sum of floats: no minute of a hostile file is too late for it.
                second = round(patrol.legs[number].depart.timestamp() + since_min * 60)
                yield second, patrol.id, place, number, minute, key


def _find_piece(
    legs: list[LegEntry], numbers: range, minute: float
) -> tuple[int, float]:
    """Return the piece of a whole leg that drives a minute, and how far into it."""
    driven = [n for n in numbers if legs[n].driving_min > 0] or [numbers[-1]]
    since_min = minute
    for number in driven[:-1]:
        if since_min <= legs[number].driving_min + _SLACK_MIN:
            return number, since_min
        since_min -= legs[number].driving_min
    return driven[-1], since_min


def judge_passings(evidence: Evidence, passings: Passings) -> Iterator[Violation]:
    """Yield where a document misstates what is earned on the way.

    Parameters
    ----------
    evidence
        The document, indexed.
    passings
        What each leg earns, as worked out from it.
    """
    yield from _judge_waysides(evidence)
    for travel in evidence.plan.travel:
        yield from _judge_ways(evidence, travel)
    for place, patrol in enumerate(evidence.plan.patrols):
        for number, leg in enumerate(patrol.legs):
            earned = passings.get((place, number), ())
            where = f"{leg.from_}>{leg.to}"
            passed = sorted(w.site_id for w in earned if w.site_id is not None)
            if sorted(leg.passed) != passed:
                yield build_violation(
                    "passed_misstated", patrol, where, sorted(leg.passed), passed
                )
            lines = {w.line_id for w in earned if w.line_id is not None}
            if missing := sorted(lines - set(leg.lines)):
                yield build_violation(
                    "passed_misstated", patrol, where, sorted(leg.lines), missing
                )
            said = (evidence.sites.get(site_id) for site_id in leg.passed)
            for site in (site for site in said if site is not None):
                if not _is_near(leg, site, evidence.limits.passing_km):
                    yield build_violation(
                        "geometry_misplaced", patrol, where, site.id, None
                    )


def _judge_waysides(evidence: Evidence) -> Iterator[Violation]:
    """Judge that a site earns its share, and stretches add to their line's need."""
    limits = evidence.limits
    sums: dict[str, float] = {}
    seen: set[str] = set()
    passed: dict[str, float] = {}
    closed = find_closed(evidence.plan)
    for wayside in evidence.plan.waysides or ():
        named = wayside.line_id if wayside.site_id is None else wayside.site_id
        if wayside.id in seen or (wayside.line_id is None) == (wayside.site_id is None):
            yield build_violation("passed_misstated", None, wayside.id, named, None)
            continue
        seen.add(wayside.id)
        if wayside.line_id is not None:
            sums[wayside.line_id] = sums.get(wayside.line_id, 0.0) + wayside.need
            continue
        site_id = wayside.site_id or ""
        if site_id in passed or site_id not in evidence.sites:
            yield build_violation("passed_misstated", None, wayside.id, site_id, None)
        passed[site_id] = wayside.need
    for site in evidence.plan.sites:
        told, share = passed.get(site.id, 0.0), limits.passing_share * (site.need or 0)
        # Where a gate lets nobody go, a plan may leave being seen unpaid.
        if site.id not in passed and ("site", site.id) in closed:
            continue
        if not _is_alike(told, share):
            yield build_violation("passed_misstated", None, site.id, told, share)
    for line in sorted(sums.keys() | limits.lines_presence.keys()):
        told, whole = sums.get(line, 0.0), limits.lines_presence.get(line, 0.0)
        if not _is_alike(told, whole):
            yield build_violation("passed_misstated", None, line, told, whole)


def _judge_ways(evidence: Evidence, travel: TravelEntry) -> Iterator[Violation]:
    """Judge that a way comes by known waysides, each once, while it is driven.

    A site at one of its two ends is not passed.
    """
    known = {wayside.id: wayside.site_id for wayside in evidence.plan.waysides or ()}
    index = {place: n for n, place in enumerate(travel.place_ids)}
    seen: set[tuple[str, str]] = set()
    for way in travel.ways or ():
        where = f"{way.from_}>{way.to}"
        row, column = index.get(way.from_), index.get(way.to)
        minutes = None
        if row is not None and column is not None:
            try:
                minutes = travel.durations_min[row][column]
            except IndexError:
                minutes = None
        ids = [key for key, _ in way.comes_by]
        sound = (
            minutes is not None
            and (way.from_, way.to) not in seen
            and len(set(ids)) == len(ids)
            and known.keys() >= set(ids)
            and not {known[key] for key in ids} & {way.from_, way.to}
            and all(m <= minutes * (1 + _RELATIVE) for _, m in way.comes_by)
        )
        seen.add((way.from_, way.to))
        if not sound:
            yield build_violation("passed_misstated", None, where, ids, minutes)


def _is_near(leg: LegEntry, site: SiteEntry, passing_km: float) -> bool:
    """Return whether a leg as drawn comes within the visibility distance of a site.

    A segment that is straight on one map bends on another, by less than its length
    squared over eight radii of the Earth.
    """
    narrow = cos(radians(site.lat))
    most_km = passing_km * (1 + _DRAWING_SHARE) + _DRAWING_KM
    points = [
        (
            (lon - site.lon) * narrow * _KM_PER_DEGREE,
            (lat - site.lat) * _KM_PER_DEGREE,
        )
        for lon, lat in leg.geometry.coordinates
    ]
    for (x, y), (to_x, to_y) in pairwise(points):
        step_x, step_y = to_x - x, to_y - y
        square = step_x * step_x + step_y * step_y
        along = -(x * step_x + y * step_y) / square if square > 0 else 0.0
        along = min(max(along, 0.0), 1.0)
        away_km = hypot(x + along * step_x, y + along * step_y)
        if away_km <= most_km + square / (8 * _EARTH_RADIUS_KM):
            return True
    return False


def _is_alike(told: float, true: float) -> bool:
    return isclose(told, true, rel_tol=_RELATIVE, abs_tol=_RELATIVE)
