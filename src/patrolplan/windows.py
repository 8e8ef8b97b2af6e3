"""Visiting windows as planners write them: weekly or dated, in local clock times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

__all__ = ["WEEKDAYS", "Window", "list_moments", "read_window"]

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
"""In the order of ``date.weekday``, as scenarios and layers name them."""
_DAY_MIN = 1440
# The years that a scenario may start in.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WINDOW = re.compile(
    r"\s*(\S+)\s+(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})\s*", re.ASCII
)
_EXPECTED = "should be a weekday or a date and two clock times"


@dataclass(frozen=True)
class Window:
    """When a visit may begin: on one weekday of every week, or on one date.

    Parameters
    ----------
    weekday
        0 for Monday to 6 for Sunday; None for a dated window.
    day
        The date; None for a weekly window.
    begins_min, ends_min
        Local clock times in minutes, both included; 1440 is the midnight that ends
        the day.
    """

    weekday: int | None
    day: date | None
    begins_min: int
    ends_min: int

    def covers(self, day: date) -> bool:
        """Return whether the window is one of a day.

        Parameters
        ----------
        day
            A local day.
        """
        return day == self.day or day.weekday() == self.weekday


def read_window(text: str) -> Window:
    """Read a window such as ``thu 08:00-12:00`` or ``2014-11-10 09:00-11:30``.

    Parameters
    ----------
    text
        As written in a scenario.

    Raises
    ------
    ValueError
        If it cannot be read, names no day, or ends before it begins.

    Examples
    --------
    >>> read_window("thu 08:00-12:00")
    Window(weekday=3, day=None, begins_min=480, ends_min=720)
    """
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise _refuse(_EXPECTED, "a slip of spelling: thu 08:00-12:00 is one")
    named, *figures = match.groups()
    weekday, day = _read_day(named)
    begins_min, ends_min = (
        _count_minutes(*figures[i : i + 2], most=most)
        for i, most in ((0, _DAY_MIN - 1), (2, _DAY_MIN))
    )
    if ends_min < begins_min:
        msg = "should not end before it begins"
        raise _refuse(msg, "times exchanged, or a window over midnight: write two")
    return Window(weekday, day, begins_min, ends_min)


def _read_day(named: str) -> tuple[int | None, date | None]:
    if _DATE.fullmatch(named):
        try:
            day = date.fromisoformat(named)
        except ValueError:
            day = date.min
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            msg = f"{_EXPECTED}: no {named} from {_FIRST_YEAR} to {_LAST_YEAR}"
            raise _refuse(msg, "a slip in the date")
        return None, day
    short = named.casefold()
    for number, weekday in enumerate(WEEKDAYS):
        if short in (weekday, weekday[:3]):
            return number, None
    days = ", ".join(weekday[:3] for weekday in WEEKDAYS)
    msg = f"{_EXPECTED}: one of {days}, or such as 2014-11-10"
    raise _refuse(msg, f"{named} is no weekday")


def _count_minutes(hours: str, minutes: str, *, most: int) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > most:
        msg = f"{_EXPECTED} from 00:00 to 24:00"
        raise _refuse(msg, f"{hours}:{minutes} is no such time")
    return total


def _refuse(expected: str, cause: str) -> PydanticCustomError:
    """Return an error, of the built-in ValueErrors, that names the likely cause."""
    return PydanticCustomError(
        "window", "{expected}", {"expected": expected, "cause": cause}
    )


def list_moments(
    windows: Iterable[Window], days: Iterable[date], timezone: str
) -> tuple[tuple[datetime, datetime], ...]:
    """Return windows as moments, UTC: sorted, and joined where they meet.

    Parameters
    ----------
    windows
        What was read.
    days
        The local days on which they are wanted.
    timezone
        IANA name of the zone that decides what a day and an hour are.
    """
    zone = ZoneInfo(timezone)
    joined: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(_list_spans(tuple(windows), days, zone)):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((begins, ends))
    return tuple(joined)


def _list_spans(
    windows: tuple[Window, ...], days: Iterable[date], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    for day in days:
        for window in windows:
            if window.covers(day):
                begins = _find_moment(day, window.begins_min, zone)
                ends = _find_moment(day, window.ends_min, zone)
                # Clocks put forward may leave nothing of a window.
                if begins <= ends:
                    yield begins, ends


def _find_moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    if minutes == _DAY_MIN:
        day, minutes = day + timedelta(days=1), 0
    return datetime.combine(day, time(*divmod(minutes, 60)), zone).astimezone(UTC)
