"""Windows as planners write them: read, refused by name, and spread over days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from patrolplan.windows import Window, list_moments, read_window


def at(day, hour, minute=0, *, month=11, year=2014):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def spread(*texts, start=date(2014, 11, 3), days=7, timezone="Africa/Bamako"):
    horizon = [start + timedelta(days=day) for day in range(days)]
    return list_moments(map(read_window, texts), horizon, timezone)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("thu 08:00-12:00", Window(3, None, 480, 720)),
        ("Thursday 8:00 - 12:00", Window(3, None, 480, 720)),
        ("MON 00:00\u201324:00", Window(0, None, 0, 1440)),
        ("sun 09:30-09:30", Window(6, None, 570, 570)),
        ("2014-11-10 09:00-11:30", Window(None, date(2014, 11, 10), 540, 690)),
    ],
)
def test_a_window_is_read(text, window) -> None:
    assert read_window(text) == window


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "weekday or a date"),
        ("thu", "weekday or a date"),
        ("thu 08:00", "weekday or a date"),
        ("thu 08:00-12:00 09:00-10:00", "weekday or a date"),
        ("jeu 08:00-12:00", "mon, tue, wed, thu, fri, sat, sun"),
        ("th 08:00-12:00", "mon, tue"),
        ("2014-02-30 08:00-12:00", "no 2014-02-30"),
        ("0014-11-10 08:00-12:00", "1990 to 2100"),
        ("2014-W45-1 08:00-12:00", "mon, tue"),
        ("thu 12:00-08:00", "not end before it begins"),
        ("thu 22:00-02:00", "not end before it begins"),
        ("thu 08:60-12:00", "00:00 to 24:00"),
        ("thu 24:00-24:00", "00:00 to 24:00"),
        ("thu 08:00-24:01", "00:00 to 24:00"),
        ("thu 8-12", "weekday or a date"),
        ("thu \u0660\u0668:00-12:00", "weekday or a date"),
    ],
)
def test_a_window_that_cannot_be_read_says_why(text, said) -> None:
    with pytest.raises(ValueError, match=said):
        read_window(text)


def test_weekly_windows_repeat_and_dated_ones_do_not() -> None:
    # Monday 3 November 2014 to Sunday 16.
    assert spread("thu 08:00-12:00", "2014-11-10 09:00-11:30", days=14) == (
        (at(6, 8), at(6, 12)),
        (at(10, 9), at(10, 11, 30)),
        (at(13, 8), at(13, 12)),
    )


def test_windows_that_meet_are_one_and_those_outside_are_dropped() -> None:
    assert spread(
        "tue 10:00-12:00",
        "tue 08:00-10:00",
        "2014-11-04 11:00-13:00",
        "tue 09:00-09:30",
        "2014-11-02 09:00-11:30",
    ) == ((at(4, 8), at(4, 13)),)
    # A market that ends at midnight goes on where the next day's begins.
    joined = spread("tue 20:00-24:00", "wed 00:00-02:00")
    assert joined == ((at(4, 20), at(5, 2)),)
    assert spread("thu 08:00-12:00", days=3) == ()
    assert spread() == ()


def test_clock_times_are_of_the_zone_and_of_the_season() -> None:
    # Clocks in Paris go forward on 30 March 2014, at 02:00, and back on 26 October.
    spring = {"start": date(2014, 3, 29), "days": 2, "timezone": "Europe/Paris"}
    assert spread("sat 08:00-09:00", "sun 08:00-09:00", **spring) == (
        (at(29, 7, month=3), at(29, 8, month=3)),
        (at(30, 6, month=3), at(30, 7, month=3)),
    )
    # 02:30 does not exist: a window from there to 03:00 has nothing left.
    assert spread("sun 02:30-03:00", **spring) == ()
