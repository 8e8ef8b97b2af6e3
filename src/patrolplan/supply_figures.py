"""Figures of supply: what a convoy carries, how long it is, what must go with it."""

from __future__ import annotations

from typing import Literal, get_args

from patrolplan.figures import Key, Part, state_figure

__all__ = ["ELEMENTS", "Element", "SupplyFigures"]

Element = Literal["recovery", "ambulance", "bowser"]
ELEMENTS: tuple[Element, ...] = get_args(Element)
"""What goes in every convoy: who tows, who carries the hurt, who carries the fuel."""


class SupplyFigures(Part):
    """What a patrol takes along, and what of it is a limit.

    Reserves of fuel and water, and water a day, stand with the other figures of
    patrols. ``resupply`` names sites, by id or name, where a visit fills tanks, water
    and rations again: the planner declares that somebody delivers there.
    """

    fuel_binds: bool = state_figure(
        True,
        unit="yes or no",
        source="choice; no lets a plan burn more than vehicles carry, and says so",
    )
    water_binds: bool = state_figure(
        True,
        unit="yes or no",
        source="choice; no lets a patrol outlast its water and rations, and says so",
    )
    water_floor_l: float = state_figure(
        3,
        unit="L per person and day below which nobody survives for long",
        ge=0,
        le=50,
        source="Sphere 2.5 to 3; domain study 3.3",
    )
    ration_packs: int = state_figure(
        1,
        unit="packs per person and day",
        ge=0,
        le=10,
        source="choice; domain study 3.3",
    )
    ration_reserve_days: int = state_figure(
        2,
        unit="days of packs in reserve",
        ge=0,
        le=30,
        source="choice; domain study 3.3",
    )
    spacing_m: float = state_figure(
        63,
        unit="m of road per vehicle, itself included",
        gt=0,
        le=1000,
        source="9 km for 143 vehicles (UN News 2023); domain study 3.1",
    )
    pass_speed_kmh: float = state_figure(
        20,
        unit="km/h at which a column passes a point, such as a quay or a checkpoint",
        gt=0,
        le=120,
        source="choice; 60 vehicles pass in 11 min, domain study 3.1",
    )
    min_vehicles: int = state_figure(
        2, unit="vehicles", ge=1, le=200, source="common UN rule; domain study 3.3"
    )
    elements: tuple[Element, ...] = state_figure(
        ELEMENTS,
        unit="elements that go in every convoy",
        source="patrols in the Tilemsi (2014) and since; domain study 3.3",
    )
    elements_rule: Literal["finding", "limit"] = state_figure(
        "finding",
        unit="finding or limit",
        source="choice; a finding is told, a limit keeps the team at its base",
    )
    resupply: tuple[Key, ...] = ()
