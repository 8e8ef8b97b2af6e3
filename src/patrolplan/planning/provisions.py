"""Supplies as the referee judges them: from travel, days and teams of the document.

What the document says that a patrol takes along is not believed but reckoned anew, by
sums written apart from those that it was made with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
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
    burnt_l: list[tuple[range, float, float]]


def judge_supplies(
    evidence: Evidence, patrol: PatrolEntry, team: TeamEntry
) -> Iterator[Violation]:
    """Judge whether a patrol can carry what it needs, and says so truly.

    ``fuel_exceeded``, ``water_exceeded`` and ``rations_exceeded`` with what is needed,
    reserves included, and what the team can carry; ``supplies_misstated`` with what is
    stated and what was reckoned. Of a patrol found under way only what lies ahead is
    known: what it states is not compared.

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
    for spot in stated.turn_back or ():
        # On the whole leg on which half the usable fuel is burnt, be it cut by nights.
        if not any(
            spot.leg in numbers
            and before - _RELATIVE <= needed.half_l <= after + _RELATIVE
            for numbers, before, after in needed.burnt_l
        ):
            half_l = needed.half_l * team.vehicles
            yield build_violation(
                "supplies_misstated", patrol, "turn_back", spot.leg, half_l
            )


def _reckon(
    evidence: Evidence, limits: SupplyLimits, patrol: PatrolEntry, team: TeamEntry
) -> _Reckoned:
    points = set(limits.resupply)
    fills: list[date] = []
    sums = [0.0]
    burnt_l = []
    for whole in list_whole_legs(evidence, patrol):
        destination, before = whole.destination, sums[-1]
        sums[-1] += _find_fuel(evidence, patrol, team, whole)
        burnt_l.append((whole.numbers, before, sums[-1]))
        if (
            destination.kind == "visit"
            and destination.site_id in points
            and destination.arrive is not None
        ):
            fills.append(evidence.find_day(destination.arrive))
            sums.append(0.0)
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

    ``supplies_misstated`` where a convoy has not as many vehicles as its team; where
    elements are a limit, ``element_missing`` with those that lack, and
    ``too_few_vehicles`` with how many go.

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
        if team.id not in out or team.convoy is None:
            continue
        count = sum(kind.count for kind in team.convoy)
        if count != team.vehicles:
            yield build_violation(
                "supplies_misstated", None, team.id, count, team.vehicles
            )
        # Nobody tows a boat by road.
        if limits.elements_rule != "limit" or team.vehicle == "boat":
            continue
        there = {kind.element for kind in team.convoy}
        missing = [element for element in limits.elements if element not in there]
        if missing:
            yield build_violation("element_missing", None, team.id, missing, None)
        if team.vehicles < limits.min_vehicles:
            found, limit = team.vehicles, limits.min_vehicles
            yield build_violation("too_few_vehicles", None, team.id, found, limit)
