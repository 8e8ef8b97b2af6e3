"""The rules of movement, place and rest, and their violations in a plan document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from patrolplan.planfile import (
    LegEntry,
    PatrolEntry,
    StopEntry,
    TeamEntry,
    Violation,
    format_time,
)
from patrolplan.planning.casualty_rules import judge_casualty
from patrolplan.planning.evidence import TIME_SLACK, Evidence, estimate_distance_km
from patrolplan.planning.gatekeeping import judge_closed_gates
from patrolplan.planning.keeping_rules import judge_keeping
from patrolplan.planning.provisions import find_leg_way, judge_convoys, judge_supplies
from patrolplan.planning.roster import build_violation, judge_roster
from patrolplan.planning.whole_legs import (
    POSITION_SLACK_DEG,
    WholeLeg,
    is_at,
    list_whole_legs,
)

__all__ = ["find_violations"]

_SLACK_MIN = TIME_SLACK / timedelta(minutes=1)
# A free start: what of a haversine the ellipsoid may take off, and more than any
# patrol drives.
_STRAIGHT_SHARE = 0.99
_FASTEST_KMH = 120.0
# How far a drawn leg may begin and end from its stops.
_DRAWING_SLACK_M = 100.0
_HALT_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
# Sums of floats differ in their last digits.
_RELATIVE = 1e-6


def find_violations(evidence: Evidence) -> list[Violation]:
    """Return each rule of movement, place and rest that a plan document breaks.

    What it says of need and of itself is not looked at here.

    Parameters
    ----------
    evidence
        The document, indexed.
    """
    found: list[Violation] = []
    for patrol in evidence.plan.patrols:
        found.extend(_judge_patrol(evidence, patrol))
    for judge in (
        judge_roster,
        judge_convoys,
        _judge_halts,
        judge_keeping,
        judge_casualty,
    ):
        found.extend(judge(evidence))
    found.extend(judge_closed_gates(evidence.plan))
    return found


def _judge_patrol(evidence: Evidence, patrol: PatrolEntry) -> Iterator[Violation]:
    team = evidence.teams.get(patrol.team_id)
    if team is None:
        yield build_violation("unknown_team", patrol, None, patrol.team_id, None)
        return
    if len(patrol.legs) != len(patrol.stops) - 1:
        yield build_violation(
            "times_disagree", patrol, None, len(patrol.legs), len(patrol.stops) - 1
        )
        return
    yield from _judge_joints(patrol)
    yield from _judge_ends(evidence, patrol, team)
    yield from _judge_days(evidence, patrol, team)
    yield from _judge_legs(evidence, patrol, team)
    yield from _judge_hazard(evidence, patrol, team)
    yield from judge_supplies(evidence, patrol, team)
    for stop in patrol.stops:
        yield from _judge_stop(evidence, patrol, team, stop)


def _judge_joints(patrol: PatrolEntry) -> Iterator[Violation]:
    """Yield times of stops, legs and patrol that do not join or run backwards."""
    first, last = patrol.stops[0], patrol.stops[-1]
    pairs: list[tuple[str, datetime | None, datetime | None]] = [
        (first.place_id, patrol.depart, first.depart),
        (last.place_id, patrol.return_, last.arrive),
        (first.place_id, first.arrive, None),
        (last.place_id, last.depart, None),
    ]
    for number, leg in enumerate(patrol.legs):
        pairs += [
            (_name_leg(leg), leg.depart, patrol.stops[number].depart),
            (_name_leg(leg), leg.arrive, patrol.stops[number + 1].arrive),
        ]
    for where, found, limit in pairs:
        joined = found == limit
        if found is not None and limit is not None:
            joined = abs(found - limit) <= TIME_SLACK
        if not joined:
            yield build_violation("times_disagree", patrol, where, found, limit)
    for number, leg in enumerate(patrol.legs):
        ends = (patrol.stops[number].place_id, patrol.stops[number + 1].place_id)
        if (leg.from_, leg.to) != ends:
            yield build_violation(
                "times_disagree", patrol, _name_leg(leg), leg.to, ends[1]
            )
        if leg.arrive < leg.depart - TIME_SLACK:
            yield build_violation(
                "times_disagree", patrol, _name_leg(leg), leg.arrive, leg.depart
            )
    for stop in patrol.stops[1:-1]:
        if (
            stop.arrive is not None
            and stop.depart is not None
            and stop.depart < stop.arrive - TIME_SLACK
        ):
            yield build_violation(
                "times_disagree", patrol, stop.place_id, stop.depart, stop.arrive
            )


def _judge_ends(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry
) -> Iterator[Violation]:
    """Every patrol begins and ends at its team's base, or begins under way."""
    first, *inner, last = patrol.stops
    ends = [last] if first.kind == "start" else [first, last]
    for stop in [*ends, *(stop for stop in inner if stop.kind == "start")]:
        if stop.kind != "base" or stop.place_id != team.base_id:
            yield build_violation(
                "not_at_base", patrol, stop.place_id, stop.kind, team.base_id
            )
    if patrol.base_id != team.base_id:
        yield build_violation("not_at_base", patrol, None, patrol.base_id, team.base_id)
    for stop in patrol.stops:
        if stop.kind == "halt":
            continue
        lon, lat = evidence.find_position(stop)
        off = max(abs(stop.lon - lon), abs(stop.lat - lat))
        named = stop.kind != "visit" or stop.place_id == stop.site_id
        if off > POSITION_SLACK_DEG or not named:
            yield build_violation(
                "stop_misplaced",
                patrol,
                stop.place_id,
                [stop.lon, stop.lat],
                [lon, lat],
            )


def _judge_days(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry
) -> Iterator[Violation]:
    left, home = (
        evidence.find_day(patrol.depart),
        evidence.find_end_day(patrol.return_),
    )
    days = (home - left).days + 1
    if days > team.max_days:
        yield build_violation("too_many_days", patrol, None, days, team.max_days)
    # Of one found under way elsewhere nobody knows how long it has been out.
    away = patrol.stops[0].kind == "start" and patrol.stops[0].place_id != team.base_id
    if days < evidence.limits.min_days and not away:
        yield build_violation(
            "too_few_days", patrol, None, days, evidence.limits.min_days
        )
    start = evidence.plan.scenario.start
    first_day = evidence.first_day
    last = first_day + timedelta(days=evidence.plan.scenario.horizon_days - 1)
    early = patrol.depart < start if isinstance(start, datetime) else left < first_day
    if early:
        yield build_violation(
            "outside_horizon", patrol, None, patrol.depart, str(first_day)
        )
    if home > last:
        yield build_violation(
            "outside_horizon", patrol, None, patrol.return_, str(last)
        )
    length = sum(leg.length_km for leg in patrol.legs)
    if length > team.range_km * (1 + _RELATIVE):
        yield build_violation("range_exceeded", patrol, None, length, team.range_km)


def _judge_legs(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry
) -> Iterator[Violation]:
    """Judge each whole leg between two places, and each piece of it."""
    for whole in list_whole_legs(evidence, patrol):
        yield from _judge_whole_leg(evidence, patrol, team, whole)
        places = [evidence.find_position(stop) for stop in whole.places]
        for number in whole.numbers:
            yield from _judge_piece(evidence, patrol, places, patrol.legs[number])
    for number, leg in enumerate(patrol.legs):
        yield from _judge_drawing(patrol, leg, *patrol.stops[number : number + 2])
        for passed in leg.passed:
            if passed not in evidence.sites:
                yield build_violation(
                    "unknown_site", patrol, _name_leg(leg), passed, None
                )


def _judge_drawing(
    patrol: PatrolEntry, leg: LegEntry, origin: StopEntry, destination: StopEntry
) -> Iterator[Violation]:
    """Judge whether a drawn leg joins its stops; its course is not judged."""
    line = leg.geometry.coordinates
    off_m = max(
        estimate_distance_km(*end, stop.lon, stop.lat) * 1000
        for end, stop in ((line[0], origin), (line[-1], destination))
    )
    if off_m > _DRAWING_SLACK_M:
        yield build_violation(
            "geometry_misplaced", patrol, _name_leg(leg), off_m, _DRAWING_SLACK_M
        )


def _judge_whole_leg(
    evidence: Evidence,
    patrol: PatrolEntry,
    team: TeamEntry,
    whole: WholeLeg,
) -> Iterator[Violation]:
    where = f"{whole.origin.place_id}>{whole.destination.place_id}"
    pieces = [patrol.legs[number] for number in whole.numbers]
    if whole.destination.kind == "halt" and whole.numbers.stop < len(patrol.legs):
        yield build_violation("no_way", patrol, where, None, None)
        return
    if not whole.is_known:
        # No matrix knows the way: no road is shorter than the straight line.
        ends = (patrol.stops[whole.numbers.start], patrol.stops[whole.numbers.stop])
        here, there = (evidence.find_position(stop) for stop in ends)
        km = estimate_distance_km(*here, *there) * _STRAIGHT_SHARE
        minutes = km / _FASTEST_KMH * 60
        yield from _judge_detour(evidence, patrol, team, whole)
    else:
        way = find_leg_way(evidence, patrol, team, whole)
        if way is None:
            yield build_violation("no_way", patrol, where, None, None)
            return
        minutes, km, _, _ = way
    driven = sum(leg.driving_min for leg in pieces)
    if driven < minutes * (1 - _RELATIVE) - _SLACK_MIN:
        yield build_violation("leg_too_fast", patrol, where, driven, minutes)
    length = sum(leg.length_km for leg in pieces)
    if length < km * (1 - _RELATIVE) - _RELATIVE:
        yield build_violation("leg_shortened", patrol, where, length, km)


def _judge_detour(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry, whole: WholeLeg
) -> Iterator[Violation]:
    """Judge that a way round takes no less than the quickest, of one road state."""
    parts = [
        [patrol.legs[number] for number in numbers]
        for numbers in (whole.turned_after, whole.numbers)
        if numbers
    ]
    days = [evidence.find_leg_day(pieces) for pieces in parts]
    before, after = (evidence.find_travel(team.vehicle, d) for d in (days[0], days[-1]))
    ends = (whole.origin.place_id, whole.destination.place_id)
    way = evidence.find_way(team.vehicle, days[0], *ends)
    # A halt at the very place is an arrival, whatever it is called.
    ended = is_at(patrol.stops[whole.numbers.stop], whole.destination)
    if len(parts) < 2 or before is not after or way is None or not ended:
        return
    driven = sum(leg.driving_min for pieces in parts for leg in pieces)
    if driven < way.minutes * (1 - _RELATIVE) - _SLACK_MIN:
        where = ">".join(ends)
        yield build_violation("leg_too_fast", patrol, where, driven, way.minutes)


def _judge_hazard(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry
) -> Iterator[Violation]:
    """Judge the hazard of all whole legs; of a way no matrix knows nobody knows it."""
    if team.hazard_budget is None:
        return
    hazard = 0.0
    for whole in list_whole_legs(evidence, patrol):
        way = find_leg_way(evidence, patrol, team, whole) if whole.is_known else None
        hazard += 0.0 if way is None else way.hazard
    if hazard > team.hazard_budget * (1 + _RELATIVE):
        yield build_violation(
            "hazard_exceeded", patrol, None, hazard, team.hazard_budget
        )


def _judge_piece(
    evidence: Evidence,
    patrol: PatrolEntry,
    places: list[tuple[float, float]],
    leg: LegEntry,
) -> Iterator[Violation]:
    took = (leg.arrive - leg.depart) / timedelta(minutes=1)
    if took < leg.driving_min - _SLACK_MIN:
        yield build_violation(
            "leg_too_fast", patrol, _name_leg(leg), took, leg.driving_min
        )
    if leg.arrive - leg.depart <= TIME_SLACK:
        # What joins a halt at a place with the place moves nothing.
        return
    day = evidence.find_day(leg.depart)
    if evidence.find_end_day(leg.arrive) != day:
        yield build_violation(
            "night_on_the_move", patrol, _name_leg(leg), leg.arrive, leg.depart
        )
        return
    windows = [evidence.find_window(at, day, clearing=leg.clearing) for at in places]
    opens = max(window[0] for window in windows)
    closes = min(window[1] for window in windows)
    if leg.depart < opens - TIME_SLACK:
        yield build_violation(
            "night_movement", patrol, _name_leg(leg), leg.depart, opens
        )
    if leg.arrive > closes + TIME_SLACK:
        yield build_violation(
            "night_movement", patrol, _name_leg(leg), leg.arrive, closes
        )


def _judge_stop(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry, stop: StopEntry
) -> Iterator[Violation]:
    lent = sorted(set(stop.roles) - set(team.roles))
    if lent:
        yield build_violation(
            "role_missing", patrol, stop.place_id, lent, sorted(team.roles)
        )
    if stop.arrive is None or stop.depart is None:
        return
    day = evidence.find_day(stop.arrive)
    if stop.kind != "halt" and evidence.find_end_day(stop.depart) > day:
        yield build_violation(
            "night_without_halt", patrol, stop.place_id, stop.depart, stop.arrive
        )
    if stop.kind != "visit":
        return
    site = evidence.sites.get(stop.site_id or "")
    if site is None:
        yield build_violation("unknown_site", patrol, stop.place_id, stop.site_id, None)
        return
    stay = (stop.depart - stop.arrive) / timedelta(minutes=1)
    opens, closes = evidence.find_window((site.lon, site.lat), day)
    worked = min(stop.depart, closes) - max(stop.arrive, opens)
    if stay < site.dwell_min - _SLACK_MIN:
        yield build_violation("dwell_too_short", patrol, site.id, stay, site.dwell_min)
    elif worked / timedelta(minutes=1) < site.dwell_min - _SLACK_MIN:
        yield build_violation(
            "work_at_night",
            patrol,
            site.id,
            [format_time(stop.arrive), format_time(stop.depart)],
            [format_time(opens), format_time(closes)],
        )
    lacking = sorted(set(site.roles_required) - set(team.roles))
    if lacking:
        yield build_violation(
            "role_missing", patrol, site.id, sorted(team.roles), lacking
        )
    if site.windows and not any(
        begins - TIME_SLACK <= stop.arrive <= ends + TIME_SLACK
        for begins, ends in site.windows
    ):
        windows = [[format_time(a), format_time(b)] for a, b in site.windows]
        yield build_violation("window_missed", patrol, site.id, stop.arrive, windows)


def _judge_halts(evidence: Evidence) -> Iterator[Violation]:
    """Halts bear their patrol's name and a number, so that each is one of a kind."""
    halts = [
        (patrol, stop.place_id)
        for patrol in evidence.plan.patrols
        for stop in patrol.stops
        if stop.kind == "halt"
    ]
    counts = Counter(name for _, name in halts)
    for patrol, name in halts:
        expected = f"halt:{patrol.id}:"
        number = name.removeprefix(expected)
        if name == number or not _HALT_NUMBER.fullmatch(number) or counts[name] > 1:
            yield build_violation(
                "halt_misnamed", patrol, name, counts[name], expected + "<n>"
            )


def _name_leg(leg: LegEntry) -> str:
    return f"{leg.from_}>{leg.to}"
