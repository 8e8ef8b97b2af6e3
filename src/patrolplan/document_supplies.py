"""Convoys and supplies as a plan document holds them, with the turn-back points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from patrolplan.convoys import Convoy, build_supply_rules, read_convoy
from patrolplan.layers import Layers
from patrolplan.network.travel import Piece, cut_pieces
from patrolplan.planfile import SuppliesEntry, TurnBackEntry, TypeEntry
from patrolplan.planning.problem import Problem
from patrolplan.planning.supplies import (
    count_water_days,
    estimate_supplies,
    list_stretches,
)
from patrolplan.scenario import Scenario

__all__ = [
    "Driving",
    "describe_convoy",
    "describe_supply_rules",
    "find_fill",
    "write_supplies",
]


class Driving(NamedTuple):
    """One leg as driven, and what follows it.

    Attributes
    ----------
    pieces
        Its parts of lines, in order.
    filled
        The day on which the patrol is supplied again at its end, or None.
    """

    pieces: tuple[Piece, ...]
    filled: date | None


def describe_convoy(scenario: Scenario, layers: Layers, team_id: str) -> dict[str, Any]:
    """Return what an entry of a team says of its convoy.

    Parameters
    ----------
    scenario, layers
        The question, and its layers.
    team_id
        The team.
    """
    spec = next(team for team in scenario.teams if team.id == team_id)
    convoy = read_convoy(spec, layers.vehicles)
    figures = scenario.supplies
    column_km, pass_min = convoy.measure_column(
        figures.spacing_m, figures.pass_speed_kmh
    )
    elements = {
        row.vehicle: row.element
        for row in layers.vehicles.itertuples()
        if row.element is not None
    }
    return {
        # Water may cut its days short: a rule of its own to the referee.
        "max_days": spec.max_days,
        "convoy": [
            TypeEntry(vehicle=kind, count=count, element=elements.get(kind))
            for kind, count in convoy.types.items()
        ],
        "column_km": column_km,
        "pass_min": pass_min,
        "fuel_capacity_l": convoy.carried.fuel_l,
        "water_capacity_l": convoy.carried.water_l,
        "ration_capacity": convoy.carried.rations,
    }


def describe_supply_rules(scenario: Scenario, fills: Sequence[str]) -> dict[str, Any]:
    """Return the limits and figures of supply, by name.

    Parameters
    ----------
    scenario
        The question.
    fills
        Ids of the sites where a patrol is supplied again.
    """
    figures = scenario.supplies.model_dump(mode="json", exclude={"resupply"})
    return figures | {"resupply": sorted(fills)}


def find_fill(
    problem: Problem, scenario: Scenario, site_id: str | None, arrive: datetime
) -> date | None:
    """Return the day on which a visit supplies a patrol again, None if it does not.

    Parameters
    ----------
    problem, scenario
        Which sites supply, and the time zone of days.
    site_id, arrive
        The visit.
    """
    if site_id is None or not problem.sites[problem.site_index[site_id]].refuels:
        return None
    return arrive.astimezone(ZoneInfo(scenario.timezone)).date()


def write_supplies(
    scenario: Scenario,
    layers: Layers,
    team_id: str,
    days: Sequence[date],
    driven: Sequence[Driving],
) -> SuppliesEntry:
    """Return what a patrol takes along, and where it must turn back at the latest.

    Parameters
    ----------
    scenario, layers
        The question, and its layers.
    team_id
        Who goes.
    days
        The calendar days out.
    driven
        Its legs.
    """
    spec = next(team for team in scenario.teams if team.id == team_id)
    convoy = read_convoy(spec, layers.vehicles)
    rules = build_supply_rules(scenario)
    burnt_l = _sum_stretches(driven)
    fills = [leg.filled for leg in driven if leg.filled is not None]
    needs = [
        estimate_supplies(spec.people, convoy.vehicles, stretch, fuel_l, rules)
        for stretch, fuel_l in zip(list_stretches(days, fills), burnt_l, strict=True)
    ]
    water_l = max(need.water_l for need in needs)
    return SuppliesEntry(
        fuel_l=max(need.fuel_l for need in needs),
        fuel_capacity_l=convoy.carried.fuel_l,
        water_l=water_l,
        water_capacity_l=convoy.carried.water_l,
        rations=max(need.rations for need in needs),
        ration_capacity=convoy.carried.rations,
        water_floor_days=count_water_days(
            water_l, spec.people, scenario.supplies.water_floor_l
        ),
        turn_back=list(_find_turn_backs(driven, max(burnt_l) / 2, convoy)),
    )


def _sum_stretches(driven: Sequence[Driving]) -> list[float]:
    """Return litres of one vehicle, on average, from each fill to the next."""
    sums = [0.0]
    for leg in driven:
        sums[-1] += sum(piece.fuel_l for piece in leg.pieces)
        if leg.filled is not None:
            sums.append(0.0)
    return sums


def _find_turn_backs(
    driven: Sequence[Driving], half_l: float, convoy: Convoy
) -> Iterator[TurnBackEntry]:
    """Yield where half the fuel usable is burnt, once after each fill at most."""
    burnt_l = length_m = 0.0
    if half_l <= 0:
        return
    for number, leg in enumerate(driven):
        burnt = list(accumulate((p.fuel_l for p in leg.pieces), initial=burnt_l))
        if burnt_l < half_l <= burnt[-1]:
            at = next(k for k, litres in enumerate(burnt[1:]) if litres >= half_l)
            piece = leg.pieces[at]
            share = (half_l - burnt[at]) / piece.fuel_l
            before = cut_pieces((piece,), 0.0, piece.duration_min * share)
            spot = before[-1].coordinates[-1] if before else piece.coordinates[0]
            metres = length_m + sum(p.length_m for p in leg.pieces[:at])
            yield TurnBackEntry(
                leg=number,
                km=(metres + piece.length_m * share) / 1000.0,
                lon=spot[0],
                lat=spot[1],
                burnt_l=half_l * convoy.vehicles,
            )
        length_m += sum(piece.length_m for piece in leg.pieces)
        burnt_l = 0.0 if leg.filled is not None else burnt[-1]
