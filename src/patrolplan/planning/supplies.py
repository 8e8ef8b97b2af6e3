"""What a patrol takes along: fuel, water and rations, with their reserves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

__all__ = [
    "Carried",
    "Supplies",
    "SupplyRules",
    "count_supplied_days",
    "count_water_days",
    "estimate_supplies",
    "list_stretches",
]

# Of a litre, what rounding alone may add to a sum.
_SLACK_L = 1e-6


@dataclass(frozen=True)
class SupplyRules:
    """Figures of the scenario: reserves, water in litres a day, hot months, packs.

    Parameters
    ----------
    fuel_reserve_share, water_reserve_share
        Reserves, as shares of what is used.
    water_hot_l, water_cool_l
        Litres per person and day in the hot months and in the others.
    water_reserve_vehicle_l
        Litres in reserve on each vehicle.
    hot_months
        Numbers of months.
    ration_packs, ration_reserve_days
        Packs per person and day, and the days of packs in reserve.
    """

    fuel_reserve_share: float
    water_hot_l: float
    water_cool_l: float
    water_reserve_share: float
    water_reserve_vehicle_l: float
    hot_months: tuple[int, ...]
    ration_packs: int = 1
    ration_reserve_days: int = 2


@dataclass(frozen=True)
class Carried:
    """What a convoy can carry; None is unknown, and no limit.

    Parameters
    ----------
    fuel_l, water_l
        Litres in all its tanks, cans and bowsers.
    rations
        Packs of one person and day.
    """

    fuel_l: float | None = None
    water_l: float | None = None
    rations: int | None = None


@dataclass(frozen=True)
class Supplies:
    """Litres of fuel and water, and packs of rations; reserves included."""

    fuel_l: float
    water_l: float
    rations: int


def estimate_supplies(
    people: int,
    vehicles: int,
    days: Sequence[date],
    fuel_l: float,
    rules: SupplyRules,
) -> Supplies:
    """Estimate what a patrol takes along from one fill to the next.

    Parameters
    ----------
    people, vehicles
        Who goes, and in how many vehicles.
    days
        The calendar days.
    fuel_l
        Litres that one vehicle burns in them, on average over the vehicles.
    rules
        Reserves and daily needs.

    Notes
    -----
    fuel = fuel of one vehicle x vehicles x (1 + reserve); water = persons x daily
    litres by month, summed over the days, x (1 + reserve), and a reserve on each
    vehicle; rations = persons x packs x (days + days in reserve).

    Examples
    --------
    20 persons in 5 vehicles for 2 cool days, 40 L of fuel each: 40 x 5 x 1.25 = 250 L;
    20 x 2 x 7.5 = 300, x 1.2 = 360, + 5 x 20 = 460 L; 20 x (2 + 2) = 80 packs.

    >>> rules = SupplyRules(0.25, 10, 7.5, 0.2, 20, (3, 4, 5, 6, 7, 8, 9, 10))
    >>> estimate_supplies(20, 5, (date(2014, 11, 3), date(2014, 11, 4)), 40.0, rules)
    Supplies(fuel_l=250.0, water_l=460.0, rations=80)
    """
    daily_l = sum(_drink(day, rules) for day in days)
    water_l = people * daily_l * (1 + rules.water_reserve_share)
    packs = people * rules.ration_packs
    return Supplies(
        fuel_l=fuel_l * vehicles * (1 + rules.fuel_reserve_share),
        water_l=water_l + vehicles * rules.water_reserve_vehicle_l,
        rations=packs * (len(days) + rules.ration_reserve_days),
    )


def _drink(day: date, rules: SupplyRules) -> float:
    hot = day.month in rules.hot_months
    return rules.water_hot_l if hot else rules.water_cool_l


def count_supplied_days(
    rules: SupplyRules,
    people: int,
    vehicles: int,
    days: Sequence[date],
    carried: Carried,
    most: int,
) -> int:
    """Return how many days water and rations surely last, whenever a patrol leaves.

    Parameters
    ----------
    rules
        Reserves and daily needs.
    people, vehicles
        Who goes, and in how many vehicles.
    days
        The horizon: a patrol is out on some of these days in a row.
    carried
        What it can carry; fuel is not looked at.
    most
        No more days than these are of interest.

    Returns
    -------
    The most days of which every run within the horizon is supplied; 0 if not one is.

    Examples
    --------
    2,000 L for 20 persons in 5 vehicles: 100 L stay in reserve, and a hot day takes
    20 x 10 x 1.2 = 240 L: 1,900 / 240 = 7.9, so 7 days; a cool one 180 L: 10 days.

    >>> rules = SupplyRules(0.25, 10, 7.5, 0.2, 20, (3, 4, 5, 6, 7, 8, 9, 10))
    >>> june = [date(2014, 6, day) for day in range(1, 29)]
    >>> count_supplied_days(rules, 20, 5, june, Carried(water_l=2000), 14)
    7
    """

    def lasts(count: int) -> bool:
        runs = (days[at : at + count] for at in range(max(1, len(days) - count + 1)))
        return all(
            _fits(estimate_supplies(people, vehicles, run, 0.0, rules), carried)
            for run in runs
        )

    supplied = 0
    while supplied < most and lasts(supplied + 1):
        supplied += 1
    return supplied


def _fits(supplies: Supplies, carried: Carried) -> bool:
    return (
        carried.water_l is None or supplies.water_l <= carried.water_l + _SLACK_L
    ) and (carried.rations is None or supplies.rations <= carried.rations)


def count_water_days(water_l: float, people: int, floor_l: float) -> int | None:
    """Return the days that water lasts if everybody drinks no more than to survive.

    Parameters
    ----------
    water_l
        Litres in all.
    people
        How many drink.
    floor_l
        Litres per person and day to survive; with 0 there is no answer.

    Examples
    --------
    >>> count_water_days(460, 20, 3)
    7
    """
    daily_l = people * floor_l
    return None if daily_l <= 0 else int(water_l / daily_l + _SLACK_L)


def list_stretches(
    days: Sequence[date], fills: Sequence[date]
) -> tuple[tuple[date, ...], ...]:
    """Return the days between fills; a day of filling is of both stretches.

    Water drunk before noon is not there after a fill that comes at noon: so each
    stretch counts the whole day.

    Parameters
    ----------
    days
        The days of a patrol, in order.
    fills
        The days on which it was supplied again, in order.

    Examples
    --------
    >>> days = [date(2014, 11, day) for day in (3, 4, 5, 6)]
    >>> [len(stretch) for stretch in list_stretches(days, [date(2014, 11, 4)])]
    [2, 3]
    """
    marks = [days[0], *fills, days[-1]]
    return tuple(
        tuple(day for day in days if begins <= day <= ends)
        for begins, ends in pairwise(marks)
    )
