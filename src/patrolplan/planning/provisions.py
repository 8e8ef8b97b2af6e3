"""Supplies as the referee judges them: from travel, days and teams of the document.

What the document says that a patrol takes along is not believed but reckoned anew, by
sums written apart from those that it was made with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise
from math import isclose

from patrolplan.planfile import PatrolEntry, TeamEntry, Violation
from patrolplan.planning.evidence import Evidence, Way
from patrolplan.planning.roster import build_violation
from patrolplan.planning.supply_limits import SupplyLimits
from patrolplan.planning.whole_legs import WholeLeg, list_whole_legs

__all__ = ["find_leg_way", "judge_convoys", "judge_supplies"]

# Sums of floats differ in their last digits.
_RELATIVE = 1e-6
_MOST_DAYS = 366


def find_leg_way(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry, whole: WholeLeg
) -> Way | None:
    """Return the way of a whole leg by the document's travel, or None.

    Parameters
    ----------
    evidence
        The document, indexed.
    patrol, team
        Who goes.
    whole
        The leg.
    """
    day = evidence.find_leg_day([patrol.legs[number] for number in whole.numbers])
    ends = (whole.origin.place_id, whole.destination.place_id)
    return evidence.find_way(team.vehicle, day, *ends)


@dataclass(frozen=True)
class _Reckoned:
    """What a patrol needs at most from one fill to the next, and where it burns."""

    fuel_l: float
    water_l: float
    rations: int
    half_l: float
    burnt_l: list[list[tuple[range, float, float]]]


def judge_supplies(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry
) -> Iterator[Violation]:
    """Judge whether a patrol can carry what it needs, and says so truly.

    ``fuel_exceeded``, ``water_exceeded`` and ``rations_exceeded`` with what is needed,
    reserves included, and what the team can carry; ``supplies_misstated`` with what is
    stated and what was reckoned. What a patrol found under way states is not compared.

    Parameters
    ----------
    evidence
        The document, indexed.
    patrol, team
        Whose; one stop more than legs.
    """
    limits = evidence.limits.supplies
    if limits is None:
        return
    needed = _reckon(evidence, limits, patrol, team)
    for rule, binds, found, limit in (
        ("fuel_exceeded", limits.fuel_binds, needed.fuel_l, team.fuel_capacity_l),
        ("water_exceeded", limits.water_binds, needed.water_l, team.water_capacity_l),
        ("rations_exceeded", limits.water_binds, needed.rations, team.ration_capacity),
    ):
        if binds and limit is not None and found > limit * (1 + _RELATIVE):
            yield build_violation(rule, patrol, None, found, limit)
    if patrol.stops[0].kind == "start":
        return
    stated = patrol.supplies
    for name, told, true in (
        ("fuel_l", stated.fuel_l, needed.fuel_l),
        ("water_l", stated.water_l, needed.water_l),
        ("rations", stated.rations, needed.rations),
        ("fuel_capacity_l", stated.fuel_capacity_l, team.fuel_capacity_l),
        ("water_capacity_l", stated.water_capacity_l, team.water_capacity_l),
        ("ration_capacity", stated.ration_capacity, team.ration_capacity),
    ):
        alike = told == true
        if told is not None and true is not None:
            alike = isclose(told, true, rel_tol=_RELATIVE, abs_tol=_RELATIVE)
        if not alike:
            yield build_violation("supplies_misstated", patrol, name, told, true)
    floor_l, floor_days = limits.water_floor_l, stated.water_floor_days
    if floor_l and floor_days is not None:
        # To the whole day; a day that is there to the last digit is one.
        lasts = needed.water_l / (team.people * floor_l)
        if floor_days not in {int(lasts - _RELATIVE), int(lasts + _RELATIVE)}:
            yield build_violation(
                "supplies_misstated", patrol, "water_floor_days", floor_days, lasts
            )
    yield from _judge_turn_backs(patrol, team, needed)


def _judge_turn_backs(
    patrol: PatrolEntry, team: TeamEntry, needed: _Reckoned
) -> Iterator[Violation]:
    """Judge where half of the fuel planned is said to be burnt, once from fill to fill.

    That is on a whole leg, be it cut by nights: on which piece of it, and where on
    that piece, only its parts could tell.
    """
    told = patrol.supplies.turn_back
    if told is None:
        return
    ends_km = [0.0, *accumulate(leg.length_km for leg in patrol.legs)]
    slack_l = _RELATIVE * max(1.0, needed.half_l)
    for run in needed.burnt_l:
        # At a place the half may be burnt on the way there or, by a digit, on from it.
        on = {
            number
            for numbers, before, after in run
            for number in numbers
            if before - slack_l <= needed.half_l <= after + slack_l
        }
        spots = [spot for spot in told if any(spot.leg in way for way, *_ in run)]
        surely = any(after > needed.half_l + slack_l for _, _, after in run)
        sound = len(spots) == 1 if surely else len(spots) <= 1
        for spot in spots:
            burnt_l = spot.burnt_l / team.vehicles
            sound = sound and spot.leg in on
            sound = sound and abs(burnt_l - needed.half_l) <= slack_l
            sound = sound and (
                ends_km[spot.leg] - _RELATIVE
                <= spot.km
                <= ends_km[spot.leg + 1] + _RELATIVE
            )
        if not sound:
            yield build_violation(
                "supplies_misstated",
                patrol,
                "turn_back",
                [spot.leg for spot in spots],
                needed.half_l * team.vehicles,
            )
    for spot in told:
        if spot.leg >= len(patrol.legs):
            yield build_violation(
                "supplies_misstated", patrol, "turn_back", spot.leg, len(patrol.legs)
            )


def _reckon(
    evidence: Evidence, limits: SupplyLimits, patrol: PatrolEntry, team: TeamEntry
) -> _Reckoned:
    points = set(limits.resupply)
    fills: list[date] = []
    sums = [0.0]
    burnt_l: list[list[tuple[range, float, float]]] = [[]]
    for whole in list_whole_legs(evidence, patrol):
        destination, before = whole.destination, sums[-1]
        sums[-1] += _find_fuel(evidence, patrol, team, whole)
        burnt_l[-1].append((whole.numbers, before, sums[-1]))
        if (
            destination.kind == "visit"
            and destination.site_id in points
            and destination.arrive is not None
        ):
            fills.append(evidence.find_day(destination.arrive))
            sums.append(0.0)
            burnt_l.append([])
    first = evidence.find_day(patrol.depart)
    count = (evidence.find_end_day(patrol.return_) - first).days + 1
    # No patrol is longer; days run backwards are a broken rule of their own.
    count = min(max(count, 1), _MOST_DAYS)
    days = [first + timedelta(days=day) for day in range(count)]
    marks = [days[0], *fills, days[-1]]
    waters_l, rations = [], []
    # Whoever is supplied at noon has drunk and eaten that day's share before and after.
    for begins, ends in pairwise(marks):
        stretch = [day for day in days if begins <= day <= ends]
        waters_l.append(_need_water(limits, team, stretch))
        kept = len(stretch) + limits.ration_reserve_days
        rations.append(team.people * limits.ration_packs * kept)
    return _Reckoned(
        fuel_l=max(sums) * team.vehicles * (1 + limits.fuel_reserve_share),
        water_l=max(waters_l),
        rations=max(rations),
        half_l=max(sums) / 2,
        burnt_l=burnt_l,
    )


def _find_fuel(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry, whole: WholeLeg
) -> float:
    """Return litres that each vehicle burns on a leg, on average."""
    if whole.is_known:
        way = find_leg_way(evidence, patrol, team, whole)
        # A way that nobody knows is a broken rule of its own.
        return 0.0 if way is None else float(way.fuel_l)
    # No matrix knows the way of a patrol sent elsewhere: its parts are all there is.
    parts = [part for n in whole.numbers for part in patrol.legs[n].parts or ()]
    return float(sum(part.fuel_l for part in parts))


def _need_water(limits: SupplyLimits, team: TeamEntry, days: list[date]) -> float:
    """Return litres for some days, what stays on the vehicles included."""
    hot = sum(day.month in limits.hot_months for day in days)
    each_l = hot * limits.water_hot_l + (len(days) - hot) * limits.water_cool_l
    drunk_l = team.people * each_l * (1 + limits.water_reserve_share)
    return drunk_l + team.vehicles * limits.water_reserve_vehicle_l


def judge_convoys(evidence: Evidence) -> Iterator[Violation]:
    """Judge the vehicles of the teams that go out.

    ``supplies_misstated`` where a convoy has not as many vehicles as its team, or is
    longer or shorter on the road than they make it; where elements are a limit,
    ``element_missing`` with those that lack, and ``too_few_vehicles`` with how many go.

    Parameters
    ----------
    evidence
        The document, indexed.
    """
    limits = evidence.limits.supplies
    if limits is None:
        return
    out = {patrol.team_id for patrol in evidence.plan.patrols}
    for team in evidence.plan.teams:
        if team.id not in out:
            continue
        convoy = team.convoy or []
        count = sum(kind.count for kind in convoy)
        if convoy and count != team.vehicles:
            yield build_violation(
                "supplies_misstated", None, team.id, count, team.vehicles
            )
        yield from _judge_column(limits, team)
        if limits.elements_rule != "limit":
            continue
        there = {kind.element for kind in convoy}
        missing = [element for element in limits.elements if element not in there]
        # Nobody tows a boat by road.
        if missing and team.vehicle != "boat":
            yield build_violation("element_missing", None, team.id, missing, None)
        if team.vehicles < limits.min_vehicles:
            found, limit = team.vehicles, limits.min_vehicles
            yield build_violation("too_few_vehicles", None, team.id, found, limit)


def _judge_column(limits: SupplyLimits, team: TeamEntry) -> Iterator[Violation]:
    """Judge how long a convoy is on the road, and how long it takes to pass."""
    told, spacing_m = (team.column_km, team.pass_min), limits.spacing_m
    if None in told or spacing_m is None or limits.pass_speed_kmh is None:
        return
    column_km = team.vehicles * spacing_m / 1000
    true = (column_km, column_km / limits.pass_speed_kmh * 60)
    for found, limit in zip(told, true, strict=True):
        if found is not None and not isclose(found, limit, rel_tol=_RELATIVE):
            yield build_violation("supplies_misstated", None, team.id, found, limit)
