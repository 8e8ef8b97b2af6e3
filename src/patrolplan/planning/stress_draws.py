"""What chance deals a patrol: one array of draws for each thing that may go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.stress_steps import Order, Run, Setting
from patrolplan.stress_figures import StressFigures

__all__ = ["Luck", "draw_luck", "draw_surfaces", "measure_road"]

Draws = NDArray[np.float64]
_KM = 1000.0


@dataclass(frozen=True, eq=False)
class Luck:
    """The draws of one patrol.

    Parameters
    ----------
    days
        Factor on the time on the road, by day followed and draw.
    wet_days
        The same off the tar, where rain slows.
    legs
        Factor on the time on the road, by leg and draw.
    delays_min
        What each leg is held up before it sets out, by leg and draw.
    ferries
        Factor on wait and crossing, by leg and draw.
    fuel
        Factor on all fuel, by draw.
    dwells
        Factor on the visit that each leg leads to, by leg and draw; 1 or more.
    """

    days: Draws
    wet_days: Draws
    legs: Draws
    delays_min: Draws
    ferries: Draws
    fuel: Draws
    dwells: Draws


def _draw_factors(
    dice: np.random.Generator, spread: float, shape: tuple[int, ...]
) -> Draws:
    return np.exp(spread * dice.standard_normal(shape))


def draw_surfaces(
    dice: np.random.Generator, figures: StressFigures, surfaces: int, draws: int
) -> Draws:
    """Draw how far the speed of each surface is off, for all patrols alike.

    Parameters
    ----------
    dice
        Where chance comes from.
    figures
        The spreads.
    surfaces, draws
        How many.

    Returns
    -------
    Factors on the time on the road, by surface and draw.
    """
    return _draw_factors(dice, figures.figure_sd, (surfaces, draws))


def draw_luck(
    dice: np.random.Generator, figures: StressFigures, order: Order, draws: int
) -> Luck:
    """Draw what may go wrong on one patrol.

    Parameters
    ----------
    dice
        Where chance comes from.
    figures
        Spreads, rates and chances.
    order
        The order of the patrol.
    draws
        How many times.
    """
    legs = len(order.legs)
    days = _draw_factors(dice, figures.day_sd, (order.days, draws))
    chances = np.where(order.rains, figures.rain_chance_rains, figures.rain_chance)
    rains = dice.random((order.days, draws)) < chances[:, np.newaxis]
    delays_min = np.zeros((legs, draws))
    for step in order.steps:
        if isinstance(step, Setting):
            delays_min[step.leg] = _draw_delays(dice, figures, order, step, draws)
    return Luck(
        days=days,
        wet_days=days * np.where(rains, figures.rain_slowdown, 1.0),
        legs=_draw_factors(dice, figures.leg_sd, (legs, draws)),
        delays_min=delays_min,
        ferries=_draw_factors(dice, figures.ferry_sd, (legs, draws)),
        fuel=_draw_factors(dice, figures.fuel_sd, (draws,)),
        # The time planned is what the work takes: nobody leaves before it is over.
        dwells=np.maximum(_draw_factors(dice, figures.dwell_sd, (legs, draws)), 1.0),
    )


def _draw_delays(
    dice: np.random.Generator,
    figures: StressFigures,
    order: Order,
    step: Setting,
    draws: int,
) -> Draws:
    """Draw how long breakdowns, closures and ferries that are out hold up a leg."""
    closures = (
        figures.closures_per_1000_km_rains
        if step.rains
        else figures.closures_per_1000_km
    )
    vehicle_km = step.km * order.vehicles
    counts = (
        (figures.repair_min, figures.breakdowns_per_1000_km * vehicle_km / _KM),
        (figures.closure_min, closures * step.km / _KM),
    )
    delays = np.zeros(draws)
    for median_min, mean in counts:
        delays += _sum_delays(
            dice, figures, median_min, dice.poisson(mean, draws) if mean > 0 else None
        )
    for _ in range(step.ferries):
        out = dice.random(draws) < figures.ferry_out_chance
        delays += _sum_delays(dice, figures, figures.ferry_out_min, out.astype(int))
    return delays


def _sum_delays(
    dice: np.random.Generator,
    figures: StressFigures,
    median_min: float,
    counts: NDArray[np.int64] | None,
) -> Draws | float:
    """Return the sum of as many delays as each draw has."""
    if counts is None:
        return 0.0
    lasting = median_min * _draw_factors(dice, figures.delay_sd, (int(counts.sum()),))
    who = np.repeat(np.arange(counts.size), counts)
    return np.bincount(who, weights=lasting, minlength=counts.size).astype(float)


def measure_road(run: Run, factors: Sequence[Draws], leg: Draws) -> tuple[Draws, Draws]:
    """Return what of a run is driven on and off the tar, whatever the day is like.

    Parameters
    ----------
    run
        The stretch.
    factors
        Of each of its parts' surface, by part and draw.
    leg
        Of the leg, by draw.
    """
    firm = np.zeros_like(leg)
    soft = np.zeros_like(leg)
    for part, factor in zip(run.parts, factors, strict=True):
        if part.road_min > 0:
            into = soft if part.slows else firm
            into += part.road_min * factor * leg
    return firm, soft
