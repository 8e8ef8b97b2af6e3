"""Sunrise, sunset and the duty window of a place and a day: offline, in UTC.

The sun is astral's; this module only says what of the day a patrol may use.
Checked against the table of the domain study to 2 minutes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset

__all__ = ["estimate_daylight", "estimate_duty_window"]

# Sun times move by 4 minutes a degree of longitude: a hundredth of a degree is
# 2.4 s, far below the whole minute that windows are rounded to.
_POSITION_DECIMALS = 2


@lru_cache(maxsize=65536)
def _find_sun(
    lon: float, lat: float, day: date, timezone: str
) -> tuple[datetime, datetime]:
    observer = Observer(latitude=lat, longitude=lon)
    zone = ZoneInfo(timezone)
    return (
        sunrise(observer, date=day, tzinfo=zone).astimezone(UTC),
        sunset(observer, date=day, tzinfo=zone).astimezone(UTC),
    )


def estimate_daylight(
    lon: float, lat: float, day: date, *, timezone: str
) -> tuple[datetime, datetime]:
    """Return sunrise and sunset of a place on a local day, in UTC.

    Parameters
    ----------
    lon, lat
        Position, WGS 84 degrees.
    day
        Calendar day in ``timezone``.
    timezone
        IANA name, such as ``Africa/Bamako``.

    Raises
    ------
    ValueError
        If the sun does not rise or set there that day.
    """
    return _find_sun(
        round(lon, _POSITION_DECIMALS), round(lat, _POSITION_DECIMALS), day, timezone
    )


def estimate_duty_window(
    lon: float,
    lat: float,
    day: date,
    *,
    timezone: str,
    sunrise_margin_min: float,
    sunset_margin_min: float,
    night_movement: bool = False,
    fixed_window: tuple[time, time] | None = None,
) -> tuple[datetime, datetime]:
    """Return when movement and work may begin, and must have ended, at a place.

    The window is daylight less a margin at both ends, in whole minutes on the safe
    side. A fixed window is cut to the daylight unless night movement is allowed.
    Where nothing is left, the end is not after the beginning.

    Parameters
    ----------
    lon, lat
        Position, WGS 84 degrees.
    day
        Calendar day in ``timezone``.
    timezone
        IANA name of the zone that decides what a day is.
    sunrise_margin_min, sunset_margin_min
        Minutes kept free after sunrise and before sunset.
    night_movement
        Whether patrols may move at night: then the whole day, or the fixed window.
    fixed_window
        Local clock times between which patrols may move, or None.

    Raises
    ------
    ValueError
        If daylight binds and the sun does not rise or set there that day.
    """
    zone = ZoneInfo(timezone)
    midnight = datetime.combine(day, time(), zone)
    opens = midnight.astimezone(UTC)
    closes = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    if fixed_window is not None:
        opens = datetime.combine(day, fixed_window[0], zone).astimezone(UTC)
        closes = datetime.combine(day, fixed_window[1], zone).astimezone(UTC)
    if not night_movement:
        rises, sets = estimate_daylight(lon, lat, day, timezone=timezone)
        opens = max(opens, _round_up(rises + timedelta(minutes=sunrise_margin_min)))
        closes = min(closes, _round_down(sets - timedelta(minutes=sunset_margin_min)))
    return opens, closes


def _round_down(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _round_up(moment: datetime) -> datetime:
    floor = _round_down(moment)
    return floor if floor == moment else floor + timedelta(minutes=1)
