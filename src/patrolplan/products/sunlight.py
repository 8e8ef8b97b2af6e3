"""Sunrise and sunset of each stop's day, as people read them beside its times."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from patrolplan.daylight import estimate_daylight
from patrolplan.products.catalogue import Text, format_clock, name_zone, translate

__all__ = ["find_sunlight", "word_sunlight"]

Sunlight = tuple[datetime, datetime]
"""Sunrise and sunset, UTC."""


def find_sunlight(lon: float, lat: float, day: date, zone: tzinfo) -> Sunlight | None:
    """Return sunrise and sunset of a place; None where the sun does neither that day.

    Parameters
    ----------
    lon, lat
        Position, WGS 84 degrees.
    day
        Calendar day in the zone.
    zone
        Of the scenario.
    """
    name = zone.key if isinstance(zone, ZoneInfo) else "UTC"
    try:
        return estimate_daylight(lon, lat, day, timezone=name)
    except ValueError:
        return None


def word_sunlight(sunlight: Sunlight | None, zone: tzinfo) -> Text | None:
    """Return sunrise and sunset in words: by the zone's clock, and in UTC beside.

    Parameters
    ----------
    sunlight
        Both, UTC; None gives None.
    zone
        Of the scenario; where its clock is UTC the times stand once.
    """
    if sunlight is None:
        return None

    def word(lang: str) -> str:
        text = translate("sun {rises} to {sets}", lang)
        zones = [zone]
        if any(moment.astimezone(zone).utcoffset() for moment in sunlight):
            zones.append(UTC)
        times = [
            text.format(
                rises=format_clock(sunlight[0], clock),
                sets=format_clock(sunlight[1], clock),
            )
            + f" {name_zone(clock, sunlight[0])}"
            for clock in zones
        ]
        return " = ".join(times)

    return Text(word("en"), word("fr"))
