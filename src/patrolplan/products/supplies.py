"""What patrols take along, as people read it: convoy, loads and turn-back points."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from patrolplan.planfile import PatrolEntry, PlanFile, TeamEntry
from patrolplan.products.catalogue import Text
from patrolplan.products.rows import PlaceNames
from patrolplan.products.supply_rows import SupplyRow, TurnBackRow

__all__ = ["digest_supplies", "tabulate_supplies"]

_TYPES: Final = {
    "patrol_id": "string",
    "team_id": "string",
    "vehicles": "Int64",
    "convoy": "string",
    "column_km": "Float64",
    "pass_min": "Float64",
    "people": "Int64",
    "fuel_l": "Float64",
    "fuel_capacity_l": "Float64",
    "water_l": "Float64",
    "water_capacity_l": "Float64",
    "water_floor_days": "Int64",
    "rations": "Int64",
    "ration_capacity": "Int64",
    "turn_back_km": "Float64",
    "turn_back_lon_deg": "Float64",
    "turn_back_lat_deg": "Float64",
    "turn_back_after": "string",
    "turn_back_before": "string",
    "plan_status": "string",
}


def digest_supplies(
    patrol: PatrolEntry, team: TeamEntry | None, names: PlaceNames
) -> SupplyRow:
    """Return what a patrol takes along.

    Parameters
    ----------
    patrol, team
        The patrol, and its team if the plan has it.
    names
        Gives the names of places.
    """
    supplies = patrol.supplies

    def name(place_id: str) -> Text:
        return names.find(place_id)

    return SupplyRow(
        convoy=tuple(
            (kind.count, kind.vehicle) for kind in (team and team.convoy) or ()
        ),
        column_km=team.column_km if team else None,
        pass_min=team.pass_min if team else None,
        fuel_l=supplies.fuel_l,
        fuel_capacity_l=supplies.fuel_capacity_l,
        water_l=supplies.water_l,
        water_capacity_l=supplies.water_capacity_l,
        water_floor_days=supplies.water_floor_days,
        rations=supplies.rations,
        ration_capacity=supplies.ration_capacity,
        turn_backs=tuple(
            TurnBackRow(
                spot.km,
                spot.lon,
                spot.lat,
                name(patrol.stops[spot.leg].place_id),
                name(patrol.stops[spot.leg + 1].place_id),
            )
            for spot in supplies.turn_back or ()
            # A hand-edited plan may name a leg that is not there.
            if spot.leg + 1 < len(patrol.stops)
        ),
    )


def tabulate_supplies(plan: PlanFile, status: str) -> pd.DataFrame:
    """Return one row a patrol: its convoy, loads with reserves, and where to turn back.

    Columns: ``patrol_id``, ``team_id``; ``vehicles``, and ``convoy`` by type;
    ``column_km`` and ``pass_min`` of the column; ``people``; ``fuel_l`` and ``water_l``
    (litres) and ``rations`` (packs of one person and day), reserves included, each with
    what the team can carry, missing where unknown; ``water_floor_days``, the days that
    the water lasts if everybody drinks no more than to survive; ``turn_back_km`` from
    the base, its position in degrees, and the stops after and before which it lies, of
    the first stretch that has one (``plan.json`` has all); ``plan_status``.

    Parameters
    ----------
    plan
        The plan.
    status
        ``draft`` or ``cleared``.
    """
    teams = {team.id: team for team in plan.teams}
    rows: list[dict[str, Any]] = []
    for patrol in plan.patrols:
        team, supplies = teams.get(patrol.team_id), patrol.supplies
        spots = [
            spot
            for spot in supplies.turn_back or ()
            if spot.leg + 1 < len(patrol.stops)
        ]
        row = supplies.model_dump(include=set(_TYPES))
        for spot in spots[:1]:
            row |= {
                "turn_back_km": spot.km,
                "turn_back_lon_deg": spot.lon,
                "turn_back_lat_deg": spot.lat,
                "turn_back_after": patrol.stops[spot.leg].place_id,
                "turn_back_before": patrol.stops[spot.leg + 1].place_id,
            }
        row |= {
            "patrol_id": patrol.id,
            "team_id": patrol.team_id,
            "plan_status": status,
        }
        if team is not None:
            kinds = [f"{kind.count} {kind.vehicle}" for kind in team.convoy or ()]
            row |= {
                "vehicles": team.vehicles,
                "convoy": ", ".join(kinds) or f"{team.vehicles} {team.vehicle}",
                "column_km": team.column_km,
                "pass_min": team.pass_min,
                "people": team.people,
            }
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))
