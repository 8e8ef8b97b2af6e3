"""A plan document as its slow judges read it: days, daylight, places and ways.

Plain Python, a dictionary at a time. With the referee it shares only when the sun rises
and sets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from patrolplan.daylight import estimate_daylight

# Times in a file are rounded, and sums of floats differ in their last digits.
SLACK = timedelta(milliseconds=10)
SLACK_MIN = SLACK / timedelta(minutes=1)
NEARLY = 1 + 1e-6
EARTH_KM = 6371.0088

Broken = tuple[str, str | None]
"""Which rule, and whose patrol; None for what no patrol breaks alone."""
Pieces = list[tuple[int, Any]]
"""Legs from place to place: the number of each in its patrol, and the leg."""


class SlowDocument:
    """One plan document, with what its judges look up in it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.limits = document["scenario"]["limits"]
        self.zone = ZoneInfo(document["scenario"]["timezone"])
        self.patrols = document["patrols"]
        self.teams = {team["id"]: team for team in document["teams"]}
        self.sites = {site["id"]: site for site in document["sites"]}
        self.bases = {base["id"]: base for base in document["bases"]}
        self.places = self.bases | self.sites

    # --- Days and windows -----------------------------------------------------------

    def find_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def find_last_day(self, moment: datetime) -> date:
        """The day that ends at midnight is the one before it."""
        return self.find_day(moment - SLACK)

    def find_first_day(self) -> date:
        start = self.document["scenario"]["start"]
        return (
            self.find_day(read_time(start))
            if "T" in start
            else date.fromisoformat(start)
        )

    def find_window(self, place: tuple[float, float], day: date, clearing: bool) -> Any:
        limits = self.limits
        midnight = datetime.combine(day, time(), self.zone)
        begins, ends = (
            midnight,
            datetime.combine(day + timedelta(days=1), time(), self.zone),
        )
        fixed = None if clearing else limits["fixed_window"]
        if fixed is not None:
            begins, ends = (
                datetime.combine(day, time.fromisoformat(text), self.zone)
                for text in fixed
            )
        begins, ends = begins.astimezone(UTC), ends.astimezone(UTC)
        if not limits["night_movement"]:
            margins = (limits["sunrise_margin_min"], limits["sunset_margin_min"])
            dawn, dusk = (0.0, 0.0) if clearing else margins
            try:
                up, down = estimate_daylight(*place, day, timezone=self.zone.key)
            except ValueError:
                noon = midnight.astimezone(UTC)
                up, down, dawn, dusk = noon, noon, 0.0, 0.0
            up, down = up + timedelta(minutes=dawn), down - timedelta(minutes=dusk)
            begins = max(begins, _round_up(up))
            ends = min(ends, down.replace(second=0, microsecond=0))
        return begins, ends - timedelta(minutes=0 if clearing else limits["break_min"])

    # --- Stops and ways -------------------------------------------------------------

    def can_be_followed(self, patrol: Any) -> bool:
        """Whether somebody drives it, from stop to stop."""
        return patrol["team_id"] in self.teams and is_joined(patrol)

    def find_position(self, stop: Any) -> tuple[float, float]:
        place = stop
        if stop["kind"] != "halt":
            place = self.places.get(stop["place_id"], stop)
        return place["lon"], place["lat"]

    def find_driven_day(self, pieces: Pieces) -> date:
        """The day on which the first minute of a way is driven.

        Minutes that only clear a place for the night are of the way, not yet the way.
        """
        driven = [leg for _, leg in pieces if leg["driving_min"] > 0]
        driven = driven or [pieces[-1][1]]
        on_the_way = [leg for leg in driven if not leg.get("clearing")]
        return self.find_day(read_time((on_the_way or driven)[0]["depart"]))

    def find_travel(self, vehicle: str, day: date) -> Any:
        for travel in self.document["travel"]:
            if travel["vehicle"] != vehicle:
                continue
            if travel["from_date"] <= day.isoformat() <= travel["to_date"]:
                return travel
        return None

    def find_way(self, vehicle: str, day: date, origin: str, destination: str) -> Any:
        """What the way between two places takes; None where there is none."""
        travel = self.find_travel(vehicle, day)
        if travel is None:
            return None
        ids = travel["place_ids"]
        if origin not in ids or destination not in ids:
            return None
        cell = ids.index(origin), ids.index(destination)
        found = {
            name: None if table is None else table[cell[0]][cell[1]]
            for name, table in (
                ("minutes", travel["durations_min"]),
                ("km", travel["lengths_km"]),
                ("hazard", travel.get("hazards")),
                ("fuel_l", travel["fuel_l"]),
            )
        }
        if travel.get("hazards") is None:
            found["hazard"] = 0.0
        found["fuel_l"] = found["fuel_l"] or 0.0
        return None if None in found.values() else found

    # --- Visits ---------------------------------------------------------------------

    def list_visits(self) -> list[tuple[datetime, str, int, str]]:
        """When, whose patrol, which of its stops, which site: in order of arrival."""
        return sorted(
            (read_time(stop["arrive"]), patrol["id"], number, stop["site_id"])
            for patrol in self.patrols
            for number, stop in enumerate(patrol["stops"])
            if stop["kind"] == "visit"
            and stop["site_id"] in self.sites
            and stop["arrive"] is not None
        )

    def list_worth(self) -> Iterator[tuple[tuple[str, int], str, str]]:
        """Yield each visit, its site, and whether it is first, again or too soon."""
        last: dict[str, datetime] = {}
        for arrive, patrol_id, number, site_id in self.list_visits():
            days = self.sites[site_id]["cadence_days"]
            kind = "first"
            if site_id in last:
                since = arrive - last[site_id]
                grown = days is not None and since >= timedelta(days=days) - SLACK
                kind = "again" if grown else "too_soon"
            last[site_id] = arrive
            yield (patrol_id, number), site_id, kind


def is_joined(patrol: Any) -> bool:
    return len(patrol["stops"]) == len(patrol["legs"]) + 1


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def count_minutes(span: timedelta) -> float:
    return span / timedelta(minutes=1)


def measure_km(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """The great circle by the law of haversines, on the mean sphere (IUGG)."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    turn = math.radians(lon_b - lon_a)
    part = math.sin((b - a) / 2) ** 2
    part += math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, part)))


def exceeds(needed: float, capacity: float | None) -> bool:
    return capacity is not None and needed > capacity * NEARLY


def differs(told: Any, true: Any) -> bool:
    """Whether two figures are not the same, but for the last digits of floats."""
    numbers = [
        isinstance(value, int | float) and not isinstance(value, bool)
        for value in (told, true)
    ]
    if all(numbers):
        return not math.isclose(told, true, rel_tol=1e-6, abs_tol=1e-6)
    return told != true


def _round_up(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
