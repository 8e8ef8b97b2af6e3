"""What a patrol takes along: fuel, water and rations, with their reserves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from patrolplan.planning.problem import Team

__all__ = ["Supplies", "SupplyFigures", "estimate_supplies"]


@dataclass(frozen=True)
class SupplyFigures:
    """Figures of the scenario: reserves as shares, water in litres, hot months."""

    fuel_reserve_share: float
    water_hot_l: float
    water_cool_l: float
    water_reserve_share: float
    water_reserve_vehicle_l: float
    hot_months: tuple[int, ...]


@dataclass(frozen=True)
class Supplies:
    """Litres of fuel and water, and rations (one per person and day)."""

    fuel_l: float
    water_l: float
    rations: int


def estimate_supplies(
    team: Team, days: tuple[date, ...], fuel_l: float, figures: SupplyFigures
) -> Supplies:
    """Estimate what one patrol takes along.

    Parameters
    ----------
    team
        Who goes.
    days
        The calendar days out.
    fuel_l
        Litres that one vehicle burns on the way.
    figures
        Reserves and daily water.

    Notes
    -----
    fuel = fuel of one vehicle x vehicles x (1 + reserve); water = persons x daily
    litres by month, summed over the days, x (1 + reserve), and a reserve on each
    vehicle.

    Examples
    --------
    20 persons for 2 cool days: 20 x 2 x 7.5 = 300, x 1.2 = 360, + 5 x 20 = 460 litres.

    >>> team = Team("t", "b", "light_4x4", 5, 20, 1, 10, 3, 1000.0)
    >>> figures = SupplyFigures(0.25, 10, 7.5, 0.2, 20, (3, 4, 5, 6, 7, 8, 9, 10))
    >>> estimate_supplies(team, (date(2014, 11, 3), date(2014, 11, 4)), 40.0, figures)
    Supplies(fuel_l=250.0, water_l=460.0, rations=40)
    """
    daily_l = sum(
        figures.water_hot_l if day.month in figures.hot_months else figures.water_cool_l
        for day in days
    )
    water_l = team.people * daily_l * (1 + figures.water_reserve_share)
    return Supplies(
        fuel_l=fuel_l * team.vehicles * (1 + figures.fuel_reserve_share),
        water_l=water_l + team.vehicles * figures.water_reserve_vehicle_l,
        rations=team.people * len(days),
    )
