"""What may go wrong on a patrol: how far the figures spread, and how often.

Every spread is the standard deviation of a natural logarithm: a factor drawn with
spread 0.2 lies between 0.72 and 1.39 nine times in ten, and its median is 1. Few of
these figures have a source; whoever has logs of patrols puts in figures of their own.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from patrolplan.figures import Part, state_figure

__all__ = ["StressFigures"]

_SPREAD = "standard deviation of the logarithm"


class StressFigures(Part):
    """How uncertain travel is, and the chance that a plan is asked to hold with."""

    chance: Annotated[float, Field(gt=0, le=0.99)] | None = state_figure(
        None,
        unit="chance of each patrol to be home in time",
        source="none unless the planner sets one; then times are planned longer until "
        "it holds",
    )
    day_chance: Annotated[float, Field(gt=0, le=0.99)] | None = state_figure(
        None,
        unit="chance of each day of a patrol to end where planned before dark",
        source="none unless the planner sets one; then times are planned longer, and "
        "more is kept free before sunset, until it holds",
    )
    figure_sd: float = state_figure(
        0.12,
        unit=f"{_SPREAD} of the time on a surface, shared by all patrols",
        ge=0,
        le=1,
        source="derived: 20 to 40 km/h on RN16, domain study 3.1, taken as what holds "
        "nine times in ten, is a spread of 0.21; in three alike parts, 0.12 each. The "
        "parts are a choice",
    )
    day_sd: float = state_figure(
        0.12,
        unit=f"{_SPREAD} of the time on the road, of one patrol and day",
        ge=0,
        le=1,
        source="derived: see figure_sd; crew, dust, heat, checkpoints",
    )
    leg_sd: float = state_figure(
        0.12,
        unit=f"{_SPREAD} of the time on the road, of one leg",
        ge=0,
        le=1,
        source="derived: see figure_sd; the ground between two places",
    )
    dwell_sd: float = state_figure(
        0.15,
        unit=f"{_SPREAD} of how long a visit lasts; it is never shorter than planned",
        ge=0,
        le=1,
        source="choice; half of the visits last as planned, one in six is 16 % longer "
        "or more: people wait, talks run on",
    )
    fuel_sd: float = state_figure(
        0.1,
        unit=f"{_SPREAD} of the fuel of one patrol",
        ge=0,
        le=1,
        source="choice; loads, tyres, idling. Half as much again is usual off the "
        "road, domain study 3.3, and planned for",
    )
    fuel_share_of_delay: float = state_figure(
        0.5,
        unit="share of a leg's longer time that its fuel rises by",
        ge=0,
        le=2,
        source="choice; softer ground is slower and thirstier",
    )
    ferry_sd: float = state_figure(
        0.5,
        unit=f"{_SPREAD} of wait and crossing at a ferry",
        ge=0,
        le=2,
        source="choice; the wait is low confidence and longer at low water, domain "
        "study 3.1",
    )
    ferry_out_chance: float = state_figure(
        0.05, unit="chance that a ferry is out", ge=0, le=1, source="choice"
    )
    ferry_out_min: float = state_figure(
        360,
        unit="min, median, until it runs or another is found",
        ge=0,
        le=20_000,
        source="choice",
    )
    breakdowns_per_1000_km: float = state_figure(
        0.3,
        unit="breakdowns that hold a patrol up, per 1,000 km of one vehicle",
        ge=0,
        le=100,
        source="choice; one or so on a patrol of six vehicles and 600 km",
    )
    repair_min: float = state_figure(
        60,
        unit="min, median, to mend it or take it in tow",
        ge=0,
        le=20_000,
        source="choice; a recovery vehicle goes along, domain study 3.3",
    )
    closures_per_1000_km: float = state_figure(
        0.1,
        unit="ways found closed, per 1,000 km in the dry season",
        ge=0,
        le=100,
        source="choice; sand, a broken crossing, a road closed by decision",
    )
    closures_per_1000_km_rains: float = state_figure(
        0.5,
        unit="ways found closed, per 1,000 km in the rains",
        ge=0,
        le=100,
        source="choice; sectors blocked in the rains, domain study 7.3",
    )
    closure_min: float = state_figure(
        240,
        unit="min, median, to wait or find a way round",
        ge=0,
        le=20_000,
        source="choice",
    )
    delay_sd: float = state_figure(
        0.8,
        unit=f"{_SPREAD} of how long a repair, a closure or a ferry that is out lasts",
        ge=0,
        le=2,
        source="choice; nine in ten between a quarter and four times the median",
    )
    rain_chance: float = state_figure(
        0.01,
        unit="chance of rain on a patrol, a day in the dry season",
        ge=0,
        le=1,
        source="choice",
    )
    rain_chance_rains: float = state_figure(
        0.3,
        unit="chance of rain on a patrol, a day in the rains",
        ge=0,
        le=1,
        source="choice; some 30 days of rain in about 90 make the 372 mm of Hombori, "
        "domain study 3.5, at 12 mm a day",
    )
    rain_slowdown: float = state_figure(
        1.5,
        unit="times as long off the tar on a day of rain",
        ge=1,
        le=10,
        source="choice; between none and the 2.5 by which the rains slow a track, "
        "domain study 3.1",
    )
