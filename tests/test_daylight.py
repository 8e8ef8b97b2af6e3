"""Sunrise, sunset and the duty window, against the table of the domain study."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from astral import Observer
from astral.sun import sunrise, sunset

from patrolplan.daylight import estimate_daylight, estimate_duty_window
from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.products.sunlight import find_sunlight, word_sunlight
from patrolplan.products.tables import tabulate_schedule
from problems import START, build_random_theatre
from sample_plan import build_plan

# Domain study, table 3.2: computed there by another program; UTC, which Mali keeps.
PLACES = {
    "Gao": (-0.0447, 16.2717),
    "Timbuktu": (-3.0074, 16.7735),
    "Kidal": (1.4078, 18.4411),
    "Tessalit": (1.0119, 20.2013),
}
DAYS = (date(2014, 6, 21), date(2014, 3, 21), date(2014, 12, 21))
TABLE = {
    "Gao": ("05:29-18:34", "06:03-18:11", "06:23-17:32"),
    "Timbuktu": ("05:40-18:47", "06:15-18:22", "06:36-17:43"),
    "Kidal": ("05:19-18:33", "05:57-18:05", "06:21-17:22"),
    "Tessalit": ("05:17-18:38", "05:59-18:07", "06:26-17:21"),
}
CASES = [
    (place, day, *TABLE[place][column].split("-"))
    for place in PLACES
    for column, day in enumerate(DAYS)
]
DAY = date(2014, 11, 3)
NO_MARGINS = {"sunrise_margin_min": 0, "sunset_margin_min": 0}


def find_window(day=DAY, timezone="Africa/Bamako", **options):
    options = {"sunrise_margin_min": 15, "sunset_margin_min": 60} | options
    return estimate_duty_window(*PLACES["Gao"], day, timezone=timezone, **options)


def read_clock(day: date, text: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(text), UTC)


@pytest.mark.parametrize(("place", "day", "rises", "sets"), CASES)
def test_the_sun_keeps_the_table_to_two_minutes(place, day, rises, sets) -> None:
    found = estimate_daylight(*PLACES[place], day, timezone="Africa/Bamako")
    allowed = timedelta(minutes=2)
    assert abs(found[0] - read_clock(day, rises)) <= allowed
    assert abs(found[1] - read_clock(day, sets)) <= allowed


def test_margins_are_kept_after_sunrise_and_before_sunset() -> None:
    rises, sets = estimate_daylight(*PLACES["Gao"], DAY, timezone="Africa/Bamako")
    opens, closes = find_window()
    assert timedelta(minutes=15) <= opens - rises < timedelta(minutes=16)
    assert timedelta(minutes=60) <= sets - closes < timedelta(minutes=61)


def test_windows_are_whole_minutes_on_the_safe_side() -> None:
    for offset in range(60):
        day = DAY + timedelta(days=offset)
        rises, sets = estimate_daylight(*PLACES["Gao"], day, timezone="Africa/Bamako")
        opens, closes = find_window(day, **NO_MARGINS)
        assert (opens.second, opens.microsecond) == (0, 0)
        assert (closes.second, closes.microsecond) == (0, 0)
        assert opens >= rises
        assert closes <= sets


def test_a_fixed_window_within_daylight_holds_as_it_is() -> None:
    opens, closes = find_window(fixed_window=(time(8), time(12)))
    assert (opens, closes) == (read_clock(DAY, "08:00"), read_clock(DAY, "12:00"))


def test_a_fixed_window_is_cut_to_the_daylight() -> None:
    assert find_window(fixed_window=(time(3), time(23))) == find_window()


def test_a_fixed_window_in_the_dark_leaves_nothing() -> None:
    opens, closes = find_window(fixed_window=(time(1), time(3)))
    assert closes <= opens


def test_night_movement_opens_the_whole_day() -> None:
    opens, closes = find_window(night_movement=True)
    assert opens == read_clock(DAY, "00:00")
    assert closes - opens == timedelta(days=1)


def test_night_movement_keeps_the_fixed_window_whole() -> None:
    window = (time(3), time(23))
    opens, closes = find_window(night_movement=True, fixed_window=window)
    assert (opens, closes) == (read_clock(DAY, "03:00"), read_clock(DAY, "23:00"))


def test_margins_that_eat_the_day_leave_nothing() -> None:
    opens, closes = find_window(sunrise_margin_min=400, sunset_margin_min=400)
    assert closes <= opens


def test_a_zone_ahead_of_utc_decides_the_clock_not_the_sun() -> None:
    # Niamey keeps UTC+1: a window from 8 to 12 there is 7 to 11 UTC.
    opens, closes = find_window(
        timezone="Africa/Niamey", fixed_window=(time(8), time(12))
    )
    assert (opens, closes) == (read_clock(DAY, "07:00"), read_clock(DAY, "11:00"))
    assert find_window(timezone="Africa/Niamey") == find_window()


@pytest.mark.parametrize(
    ("zone", "lon", "lat"),
    [
        ("Pacific/Auckland", 174.8, -36.8),
        ("Pacific/Honolulu", -157.9, 21.3),
        ("Asia/Kolkata", 77.2, 28.6),
        ("America/New_York", -74.0, 40.7),
    ],
)
def test_the_sun_of_a_local_day_rises_and_sets_within_it(zone, lon, lat) -> None:
    for offset in range(0, 365, 7):
        day = date(2014, 1, 1) + timedelta(days=offset)
        opens, closes = estimate_duty_window(
            lon, lat, day, timezone=zone, night_movement=True, **NO_MARGINS
        )
        rises, sets = estimate_daylight(lon, lat, day, timezone=zone)
        assert opens <= rises < sets <= closes


def test_a_day_of_a_clock_change_is_not_24_hours_long() -> None:
    opens, closes = find_window(
        date(2014, 11, 2), timezone="America/New_York", night_movement=True
    )
    assert closes - opens == timedelta(hours=25)


def test_a_sun_that_never_rises_is_said_so() -> None:
    with pytest.raises(ValueError, match=r"[Ss]un"):
        estimate_daylight(0, 80, date(2014, 12, 21), timezone="UTC")


# As products print it


def test_the_schedule_prints_the_sun_of_each_day_in_utc_and_by_the_zone() -> None:
    plan = build_plan()
    plan = plan.model_copy(
        update={
            "scenario": plan.scenario.model_copy(update={"timezone": "Africa/Lagos"})
        }
    )
    table = tabulate_schedule(plan)
    assert len(table) > 10
    for row in table.itertuples():
        day = date.fromisoformat(row.date)
        rises, sets = estimate_daylight(
            row.lon_deg, row.lat_deg, day, timezone="Africa/Lagos"
        )
        assert row.sunrise_utc == f"{rises:%Y-%m-%dT%H:%M:%SZ}"
        assert row.sunset_utc == f"{sets:%Y-%m-%dT%H:%M:%SZ}"
        # Lagos keeps UTC+1.
        assert row.sunrise == f"{rises + timedelta(hours=1):%H:%M}"
        assert row.sunset == f"{sets + timedelta(hours=1):%H:%M}"


def test_the_sun_is_worded_once_where_the_clock_is_utc() -> None:
    zone = ZoneInfo("Africa/Bamako")
    sunlight = find_sunlight(*PLACES["Gao"], date(2014, 12, 21), zone)
    words = word_sunlight(sunlight, zone)
    assert words.en == "sun 06:23 to 17:32 UTC"
    assert words.fr == "soleil de 06:23 à 17:32 UTC"
    ahead = word_sunlight(sunlight, ZoneInfo("Africa/Lagos"))
    assert ahead.en == "sun 07:23 to 18:32 UTC+1 = sun 06:23 to 17:32 UTC"
    assert word_sunlight(find_sunlight(0, 80, date(2014, 12, 21), zone), zone) is None


def test_no_driving_outside_the_window_in_1000_random_plans() -> None:
    """Each leg and each dwell lies within the sun's day less margins, worked out anew.

    The plans are drawn, not solved: any patrol that the clock lets out. Sunrise and
    sunset are asked of astral itself, at both ends of each leg.
    """
    plans = pieces = 0
    for seed in range(25):
        theatre = build_random_theatre(
            seed, sites=12, bases=2, teams=2, days=14, min_days=1, periods=1 + seed % 2
        )
        for draw in range(40):
            plan = draw_plan(theatre.problem, np.random.default_rng((seed, draw)))
            schedule = build_schedule(theatre.problem, plan)
            plans += 1
            for patrol in schedule.patrols:
                pieces += len(patrol.legs)
                for leg in patrol.legs:
                    if leg.from_min == leg.to_min:
                        # From a halt in front of the site to the site: not driven.
                        continue
                    places = [
                        theatre.problem.place_ids[place]
                        for place in (leg.origin, leg.destination)
                    ]
                    check_in_daylight(theatre, places, leg.depart_min, leg.arrive_min)
                for stop in patrol.stops:
                    if stop.kind == "visit":
                        ends_min = stop.arrive_min, stop.depart_min
                        dwell = theatre.problem.sites[
                            theatre.problem.site_index[stop.site_id]
                        ].dwell_min
                        check_in_daylight(
                            theatre, [stop.site_id], ends_min[1] - dwell, ends_min[1]
                        )
    assert plans == 1000
    assert pieces > 3000


def draw_plan(problem, rng) -> Plan:
    """Return a patrol of each team that can go, on a day and to sites drawn."""
    patrols = []
    for team in problem.teams:
        for _ in range(20):
            day = int(rng.integers(0, 8))
            count = int(rng.integers(1, 4))
            sites = tuple(
                problem.sites[k].id
                for k in rng.choice(len(problem.sites), count, replace=False)
            )
            if evaluate_patrol(problem, team, day, sites).failure is None:
                patrols.append(PatrolDecision(team.id, day, sites))
                break
    return Plan(tuple(patrols))


@cache
def find_window_min(lon, lat, day) -> tuple[float, float]:
    """Return the duty window of a place in minutes of the clock, from astral itself."""
    observer, date_ = Observer(lat, lon), START + timedelta(days=day)
    midnight = datetime.combine(START, time(), UTC)
    rises = (sunrise(observer, date_) - midnight) / timedelta(minutes=1)
    sets = (sunset(observer, date_) - midnight) / timedelta(minutes=1)
    return rises + 15.0, sets - 45.0


def check_in_daylight(theatre, places, begins_min, ends_min) -> None:
    day = int(begins_min // 1440)
    assert ends_min <= (day + 1) * 1440
    for place in places:
        opens, closes = find_window_min(*theatre.positions[place], day)
        # Positions are rounded to a hundredth of a degree: 3 s of the sun.
        assert begins_min >= opens - 0.05
        assert ends_min <= closes + 0.05
