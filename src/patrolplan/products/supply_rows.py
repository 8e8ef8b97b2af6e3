"""The rows that people read of what a patrol takes along."""

from __future__ import annotations

from dataclasses import dataclass

from patrolplan.products.catalogue import Text

__all__ = ["SupplyRow", "TurnBackRow"]


@dataclass(frozen=True)
class TurnBackRow:
    """Where half the fuel planned is burnt: km, degrees, the stops round it."""

    km: float
    lon: float
    lat: float
    after: Text
    before: Text


@dataclass(frozen=True)
class SupplyRow:
    """What a patrol takes along, reserves included, and how long its column is.

    ``convoy`` is vehicles by type; fuel and water are litres, rations packs; a
    capacity is None where it is unknown.
    """

    convoy: tuple[tuple[int, str], ...]
    column_km: float | None
    pass_min: float | None
    fuel_l: float
    fuel_capacity_l: float | None
    water_l: float
    water_capacity_l: float | None
    water_floor_days: int | None
    rations: int
    ration_capacity: int | None
    turn_backs: tuple[TurnBackRow, ...]
