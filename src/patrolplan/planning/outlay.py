"""What a plan costs beside its days: crew exposure and fuel.

**Exposure** is crew-hours outside the base: of each patrol its people times the hours
from leaving the base to being back, nights and waits included, since whoever halts in
the open is as far from the base as whoever drives. It is counted, not weighed: an hour
on a quiet road counts as one on a bad road, whose hazard is a limit of its own.
(Choice of this package; the usual measure of duty outside the wire.)

**Fuel** is litres burnt on the legs, of all vehicles of a patrol, without any reserve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.charges import Charge
from patrolplan.planning.clock import Piece, drive, visit
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import PatrolDecision, Plan, Problem, Team
from patrolplan.planning.schedule import PatrolSchedule, build_schedule
from patrolplan.planning.tables import build_tables

__all__ = ["Outlay", "build_charges", "measure_columns", "measure_outlay"]

Floats = NDArray[np.float64]

_MIN_PER_HOUR = 60.0


class Outlay(NamedTuple):
    """What is spent.

    Attributes
    ----------
    exposure_h
        Crew-hours outside the base.
    fuel_l
        Litres of fuel.
    """

    exposure_h: float
    fuel_l: float


def _measure(patrol: PatrolSchedule, people: int, vehicles: int) -> Outlay:
    return Outlay(
        people * (patrol.return_min - patrol.depart_min) / _MIN_PER_HOUR,
        vehicles * sum(leg.fuel_l for leg in patrol.legs),
    )


def measure_outlay(problem: Problem, plan: Plan) -> Outlay:
    """Return the crew exposure and the fuel of a plan.

    Parameters
    ----------
    problem
        What was asked.
    plan
        What is done.
    """
    teams = {team.id: team for team in problem.teams}
    spent = [
        _measure(patrol, team.people, team.vehicles)
        for patrol in build_schedule(problem, plan).patrols
        for team in (teams[patrol.team_id],)
    ]
    return Outlay(
        sum((each.exposure_h for each in spent), 0.0),
        sum((each.fuel_l for each in spent), 0.0),
    )


def measure_columns(
    posed: Posed, columns: Sequence[Column]
) -> tuple[list[Outlay], list[Outlay]]:
    """Return what each patrol spends at least and at most, whichever team drives it.

    Teams that are alike to the solver may differ in people and in vehicles.

    Parameters
    ----------
    posed
        The problem.
    columns
        Patrols that can be.
    """
    problem, ids = posed.problem, posed.problem.place_ids
    least: list[Outlay] = []
    most: list[Outlay] = []
    for column in columns:
        alike = _list_alike(posed, column.kind)
        sites = tuple(ids[place] for place in column.places)
        decision = PatrolDecision(alike[0].id, column.depart_day, sites)
        (patrol,) = build_schedule(problem, Plan((decision,))).patrols
        for kept, pick in ((least, min), (most, max)):
            people = pick(team.people for team in alike)
            kept.append(_measure(patrol, people, pick(team.vehicles for team in alike)))
    return least, most


def _list_alike(posed: Posed, kind: int) -> list[Team]:
    return [
        team
        for team, own in zip(posed.problem.teams, posed.kinds, strict=True)
        if own == kind
    ]


def build_charges(
    posed: Posed, need_per_h: float, need_per_l: float
) -> dict[int, Charge]:
    """Return what patrols are charged for exposure and fuel: no more than they spend.

    A patrol that returns on a later day is out from the latest minute at which its
    kind leaves to the earliest at which the roads at its base open. Each stop, the
    base included, burns half of what the thriftiest way to it and from it do.

    Parameters
    ----------
    posed
        The problem.
    need_per_h, need_per_l
        What a crew-hour and a litre cost, in units of need.
    """
    charges = {}
    for kind, places in posed.reached.items():
        crew, alike = posed.crews[kind], _list_alike(posed, kind)
        people = min(team.people for team in alike)
        vehicles = min(team.vehicles for team in alike)
        rate = need_per_h * people / _MIN_PER_HOUR
        burnt = need_per_l * vehicles * _halve_fuels(posed, kind, places)
        charges[kind] = Charge(
            base=float(burnt[crew.base]),
            leaves=rate * _find_latest(posed, kind, places),
            returns=rate * posed.problem.opens_min[crew.base],
            places=burnt,
        )
    return charges


def _halve_fuels(posed: Posed, kind: int, places: Sequence[int]) -> Floats:
    """Return by place half the least fuel that leads to it and from it."""
    crew = posed.crews[kind]
    stops = [crew.base, *places]
    halves = np.zeros(len(posed.needs))
    grids = [
        matrix.fuels_l[np.ix_(stops, stops)]
        for matrix in posed.problem.travel
        if matrix.vehicle == crew.vehicle
    ]
    if len(stops) > 1 and grids:
        least = np.min(grids, axis=0)
        # Nobody drives from a place to itself.
        np.fill_diagonal(least, np.inf)
        both = 0.5 * (least.min(axis=0) + least.min(axis=1))
        halves[stops] = np.where(np.isfinite(both), both, 0.0)
    return halves


def _find_latest(posed: Posed, kind: int, places: Sequence[int]) -> Floats:
    """Return by day the latest minute at which a patrol of a kind leaves its base."""
    problem, crew = posed.problem, posed.crews[kind]
    clock = build_tables(problem)
    latest: Floats = problem.opens_min[crew.base].copy()
    for day in range(problem.horizon_days):
        for place in places:
            pieces: list[Piece] = []
            driven = drive(
                clock,
                clock.vehicles[crew.vehicle],
                crew.base,
                place,
                clock.midnights_min[day],
                day,
                clock.days - 1,
                pieces,
            )
            if isinstance(driven, str) or driven.depart_day != day:
                continue
            leaves = pieces[0].depart_min
            if len(pieces) == 1:
                # It may wait at the base until the visit can begin.
                begun = visit(clock, place, driven.arrive_min, day, clock.days - 1)
                if not isinstance(begun, str) and begun.day == day:
                    leaves += max(0.0, begun.start_min - driven.arrive_min)
            latest[day] = max(latest[day], leaves)
    return latest
