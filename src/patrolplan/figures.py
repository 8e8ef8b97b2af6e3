"""The planning figures: each a scenario field with its unit and its source.

Nothing that shapes a plan hides in code. A planner overrides any of these in the
scenario file; the schema and the docs print them from here.
"""

from __future__ import annotations

import unicodedata
from datetime import date, time
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

__all__ = [
    "FACTORS",
    "FactorKey",
    "Key",
    "Movement",
    "NeedFigures",
    "Part",
    "PathText",
    "PatrolFigures",
    "ReachFigures",
    "Season",
    "Slug",
    "TeamSpec",
    "state_figure",
]


def state_figure(default: Any, *, unit: str, source: str, **limits: Any) -> Any:
    """Return a field that bears the unit and the source of its default.

    Parameters
    ----------
    default
        What holds where the planner says nothing.
    unit, source
        Printed by the schema.
    **limits
        Such as ``ge`` and ``le``.
    """
    extra: dict[str, Any] = {"unit": unit, "source": source}
    return Field(default, json_schema_extra=extra, **limits)


def _check_month_day(text: str) -> str:
    try:
        # A leap year, so that 02-29 may be named.
        day = date.fromisoformat(f"2000-{text}")
    except ValueError:
        day = None
    # Not every ISO date is written so: 2000-W25 is one, and seasons compare texts.
    if day is None or day.strftime("%m-%d") != text:
        msg = "should be a month and a day such as 06-20"
        raise ValueError(msg)
    return text


def _check_clock_time(value: Any) -> Any:
    if isinstance(value, int | float):
        # pydantic would take an 8 for eight seconds past midnight.
        msg = "should be a clock time such as 08:00:00"
        raise ValueError(msg)
    return value


def _compose(text: str) -> str:
    """Return a text as layers hold theirs: one name is one, however it was typed."""
    return unicodedata.normalize("NFC", text)


Key = Annotated[
    str, StringConstraints(min_length=1, max_length=100), AfterValidator(_compose)
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
MonthDay = Annotated[str, AfterValidator(_check_month_day)]
ClockTime = Annotated[time, BeforeValidator(_check_clock_time)]
Distance = Annotated[float, Field(gt=0, le=2000)]
RiskKey = Literal["1", "2", "3", "4", "5"]
FactorKey = Literal["threat", "vulnerability", "capacity"]
FACTORS: tuple[FactorKey, ...] = get_args(FactorKey)
"""What risk is summed up from, in the order of the sum."""
Steps = tuple[Distance, Distance, Distance, Distance]
PathText = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$")]


class Part(BaseModel):
    """What all parts share: unknown keys are refused, numbers are finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Season(Part):
    """A part of the year with its own road state; days in none are dry."""

    name: Literal["rains"]
    from_day: MonthDay
    to_day: MonthDay

    def covers(self, day: date) -> bool:
        """Return whether a day lies in it; it may run over the new year."""
        today = day.strftime("%m-%d")
        if self.from_day <= self.to_day:
            return self.from_day <= today <= self.to_day
        return today >= self.from_day or today <= self.to_day


class Movement(Part):
    """When patrols may move."""

    sunrise_margin_min: float = state_figure(
        15, unit="min", ge=0, le=600, source="choice; domain study 3.2"
    )
    sunset_margin_min: float = state_figure(
        60,
        unit="min",
        ge=0,
        le=600,
        source="choice; civil convoys halt well before dark, domain study 3.2",
    )
    break_min: float = state_figure(
        45,
        unit="min a day",
        ge=0,
        le=600,
        source="choice; breaks and rest are a chapter of the UN road safety manual",
    )
    night_movement: bool = state_figure(
        False, unit="yes or no", source="night movement is avoided, domain study 3.2"
    )
    fixed_window: tuple[ClockTime, ClockTime] | None = state_figure(
        None, unit="local clock times", source="none unless the planner sets one"
    )
    time_factor: float = state_figure(
        1.0,
        unit="times as long as speeds and ferries say",
        ge=0.5,
        le=4,
        source="choice; 1 plans with the tables as they are. Above 1 it is a buffer: "
        "stress.chance finds the least that a chance needs",
    )
    hazard_min_per_km: float = state_figure(
        0,
        unit="min per km and hazard step",
        ge=0,
        le=60,
        source="choice; 0 takes the quickest way whatever its hazard",
    )
    ferry_margin_min: float = state_figure(
        10,
        unit="min",
        ge=0,
        le=120,
        source="choice; no night on a ferry or at its quay",
    )
    snap_km: float = state_figure(
        3,
        unit="km",
        ge=0,
        le=50,
        source="choice; how far a place may lie from the line that serves it",
    )

    @property
    def clearing_min(self) -> float:
        """Minutes that a patrol may drive to its halt outside a town, and back.

        It does so in the margins that a day of duty leaves after sunrise and before
        sunset.
        """
        return min(self.sunrise_margin_min, self.sunset_margin_min)


class NeedFigures(Part):
    """How factors become risk, persons need (people x r(risk)), and who is first."""

    factor_weights: dict[FactorKey, Annotated[float, Field(ge=0, le=1)]] = state_figure(
        {"threat": 0.4, "vulnerability": 0.3, "capacity": 0.3},
        unit="share of risk, by factor; they sum to 1",
        source="choice; the factors are those of the protection risk equation, domain "
        "study 4, which gives no weights: threat weighs most, for it changes fastest "
        "and is what a patrol answers, and the two others alike",
    )
    capacity_km: Steps = state_figure(
        (10, 25, 50, 100),
        unit="km to the nearest open base or State post, up to which protective "
        "capacity is 5, 4, 3 and 2; beyond, 1",
        source="choice; counts only where no zone says how well people are protected. "
        "25 is half a day's way on foot or by animal and back, 100 a patrol's day on "
        "a track with visits, twice that of 2021 in domain study 3.1",
    )
    care_km: Steps = state_figure(
        (5, 15, 50, 100),
        unit="km to the nearest reference health centre, up to which vulnerability is "
        "1, 2, 3 and 4; beyond, 5",
        source="choice; counts only where no zone says how vulnerable people are. "
        "5 and 15 are the distances at which Mali's health programme counts access "
        "to care",
    )
    risk_weights: dict[RiskKey, Annotated[float, Field(ge=0, le=1)]] = state_figure(
        {"1": 0.05, "2": 0.2, "3": 0.45, "4": 0.75, "5": 1.0},
        unit="share of people, by risk 1 to 5",
        source="choice; steps rise with risk so that danger outweighs size",
    )
    held_km: float = state_figure(
        5,
        unit="km",
        ge=0,
        le=100,
        source="choice; a base holds the town it stands in day by day",
    )
    min_unknown_visits: int = state_figure(
        0,
        unit="different sites of unknown need that a plan must visit, or all of them "
        "if they are fewer",
        ge=0,
        le=1000,
        source="choice; 0 leaves them out, as a visit there earns nothing known. The "
        "value of the unknown, domain study B6",
    )
    equity_weight: float = state_figure(
        0,
        unit="share of all need in reach that lifting the worst served from no share "
        "of need met to all of it is worth",
        ge=0,
        le=10,
        source="choice; 0 plans for need alone. The fair mode of domain study B4",
    )
    equity_tail: float = state_figure(
        0.25,
        unit="share of cercles or themes that count as the worst served, one at least",
        ge=0,
        le=1,
        source="choice; of the one worst alone nothing may be to be had",
    )
    equity_by: Literal["cercle", "theme"] = state_figure(
        "cercle",
        unit="whose shares are compared",
        source="choice; a cercle is where people look for their share",
    )
    passing_km: float = state_figure(
        2,
        unit="km between a site and the way driven",
        gt=0,
        le=50,
        source="choice; how far off people see that a patrol passes, over flat ground",
    )
    passing_share: float = state_figure(
        0,
        unit="share of a site's need",
        ge=0,
        le=1,
        source="choice; 0 lets only visits earn, since nobody is asked in passing",
    )


class PatrolFigures(Part):
    """What holds for every patrol."""

    dwell_min: float = state_figure(
        120,
        unit="min",
        ge=0,
        le=720,
        source="choice for one town or village; 90 at least, domain study 3.1",
    )
    dwell_commune_min: float = state_figure(
        420,
        unit="min",
        ge=0,
        le=720,
        source="choice; a commune is some 25 villages: a working day of stops",
    )
    min_days: int = state_figure(
        3, unit="days", ge=1, le=60, source="choice; shorter ones are daily business"
    )
    fuel_reserve_share: float = state_figure(
        0.25, unit="share", ge=0, le=2, source="desert planning; domain study 3.3"
    )
    hot_months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = state_figure(
        (3, 4, 5, 6, 7, 8, 9, 10), unit="months", source="domain study 3.3"
    )
    water_hot_l: float = state_figure(
        10,
        unit="L per person and day in the hot months",
        ge=3,
        le=50,
        source="UK troops in Mali, at least 10 a day; domain study 3.3",
    )
    water_cool_l: float = state_figure(
        7.5,
        unit="L per person and day in other months",
        ge=3,
        le=50,
        source="Sphere total basic 7.5 to 15; domain study 3.3",
    )
    water_reserve_share: float = state_figure(
        0.2, unit="share", ge=0, le=2, source="choice; domain study 3.3"
    )
    water_reserve_vehicle_l: float = state_figure(
        20, unit="L per vehicle", ge=0, le=500, source="choice; domain study 3.3"
    )


class ReachFigures(Part):
    """When a plan counts as reaching beyond its bases."""

    beyond_km: float = state_figure(
        50, unit="km", ge=0, le=500, source="choice; a day trip is not reach"
    )
    min_share_beyond: float = state_figure(
        0.5,
        unit="share of need met",
        ge=0,
        le=1,
        source="choice; patrols hug their bases, domain study 0.1",
    )


class TeamSpec(Part):
    """A team: who goes out, from where, for how long and how far.

    ``vehicles`` is a number, all of them of the type ``vehicle``, or a mix such as
    ``{ armoured = 4, armoured_ambulance = 1 }``, which makes ``vehicle`` mean nothing.
    """

    id: Slug
    base: Key
    vehicle: Key = "light_4x4"
    vehicles: (
        Annotated[int, Field(ge=1, le=200)]
        | Annotated[dict[Key, Annotated[int, Field(ge=1, le=200)]], Field(min_length=1)]
    ) = state_figure(
        5, unit="vehicles, or of each type of the vehicles table", source="choice"
    )
    people: int = state_figure(20, unit="persons", ge=1, le=2000, source="choice")
    max_days: int = state_figure(
        10, unit="days", ge=1, le=60, source="17 days in 2022; domain study 2"
    )
    rest_days: int = state_figure(3, unit="days", ge=0, le=60, source="choice")
    range_km: float = state_figure(
        1000,
        unit="km",
        gt=0,
        le=10000,
        source="choice; 1,500 km in 28 days with resupply, domain study 3.1",
    )
    ready_from: date | None = state_figure(
        None,
        unit="day",
        source="the first day planned, unless a team rests or is away for longer",
    )
    roles: tuple[Key, ...] = ()
    hazard_budget: float | None = state_figure(
        None,
        unit="hazard step km",
        gt=0,
        le=1_000_000,
        source="none unless the planner sets one; the most that a patrol may drive "
        "through, each line's step of hazard times its km",
    )
    joint_with_national_forces: bool = state_figure(
        False,
        unit="yes or no",
        source="none unless the planner says so; then due diligence (HRDDP) is asked "
        "for, domain study 2",
    )

    @property
    def mix(self) -> dict[str, int]:
        """Its vehicles of each type."""
        if isinstance(self.vehicles, dict):
            return dict(self.vehicles)
        return {self.vehicle: self.vehicles}
