"""The rows that people read of what a patrol takes along."""

from __future__ import annotations

from dataclasses import dataclass

from patrolplan.products.catalogue import Text

__all__ = ["SupplyRow", "TurnBackRow"]


@dataclass(frozen=True)
class TurnBackRow:
    """Where half the usable fuel is burnt: later, the way back is too long for it.

    Parameters
    ----------
    km
        Driven from the base up to there.
    lon, lat
        Degrees, WGS 84.
    after, before
        The stops between which it lies.
    """

    km: float
    lon: float
    lat: float
    after: Text
    before: Text


@dataclass(frozen=True)
class SupplyRow:
    """What a patrol takes along, reserves included, and how long its column is.

    Parameters
    ----------
    convoy
        How many vehicles of each type; empty where the team states none.
    column_km, pass_min
        Length of the column on the road, and minutes in which it passes a point; None
        where unknown.
    fuel_l, water_l, rations
        Litres, litres, and packs of one person and day.
    fuel_capacity_l, water_capacity_l, ration_capacity
        What the team can carry; None where unknown.
    water_floor_days
        Days that the water lasts if everybody drinks no more than to survive; None
        where unknown.
    turn_backs
        Where half the usable fuel is burnt, in the order of the stretches between two
        fills; none of a stretch that burns less.
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
