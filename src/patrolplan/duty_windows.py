"""When patrols may move, by place and day: daylight with its margins, as minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from patrolplan.daylight import estimate_duty_window
from patrolplan.errors import Fault, ScenarioError
from patrolplan.scenario import Scenario

__all__ = ["build_duty_windows"]

Minutes = NDArray[np.float64]


def build_duty_windows(
    scenario: Scenario,
    positions: Mapping[str, tuple[float, float]],
    place_ids: Sequence[str],
) -> tuple[Minutes, Minutes, Minutes]:
    """Return duty windows and midnights in minutes of the problem's clock.

    Parameters
    ----------
    scenario
        Gives days, margins and zone.
    positions
        Longitude and latitude of each place, in degrees.
    place_ids
        Which places, and in which order.

    Returns
    -------
    By place and day when movement may begin and must have ended, and the midnights,
    one more than days.

    Raises
    ------
    ScenarioError
        If no duty window is left.
    """
    zone = ZoneInfo(scenario.timezone)
    midnights = [
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (*scenario.days, scenario.days[-1] + timedelta(days=1))
    ]

    def count_minutes(moment: datetime) -> float:
        return (moment - midnights[0]).total_seconds() / 60

    movement = scenario.movement
    shape = (len(place_ids), scenario.horizon_days)
    opens_min, closes_min = np.empty(shape), np.empty(shape)
    for row, place in enumerate(place_ids):
        lon, lat = positions[place]
        for column, day in enumerate(scenario.days):
            try:
                opens, closes = estimate_duty_window(
                    lon,
                    lat,
                    day,
                    timezone=scenario.timezone,
                    sunrise_margin_min=movement.sunrise_margin_min,
                    sunset_margin_min=movement.sunset_margin_min,
                    night_movement=movement.night_movement,
                    fixed_window=movement.fixed_window,
                )
            except ValueError as error:
                raise _refuse_daylight(scenario, f"{place} {day}: {error}") from error
            opens_min[row, column] = count_minutes(opens)
            closes_min[row, column] = count_minutes(closes)
    if (closes_min - movement.break_min <= opens_min).all():
        raise _refuse_daylight(scenario, "no minute of any day is left to move in")
    return opens_min, closes_min, np.array([count_minutes(m) for m in midnights])


def _refuse_daylight(scenario: Scenario, found: str) -> ScenarioError:
    """Return the fault of a scenario whose days have no duty window."""
    fault = Fault(
        scenario.path.name or scenario.name,
        "timezone, movement",
        found,
        "days with daylight, margins and breaks taken off",
        "a time zone far from the theatre, or margins and breaks that fill the day",
    )
    return ScenarioError([fault])
