"""The stress test once more, slowly: one draw at a time, in plain Python.

Written from the words of docs/stress.md and the text of a plan document; it shares with
the package only when the sun lets a patrol move, and the figures.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from patrolplan.daylight import estimate_duty_window
from patrolplan.stress_figures import StressFigures

FOLLOWED = 14


@dataclass
class Tally:
    """How often each thing held, by a key that says what."""

    draws: int = 0
    held: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    need: float = 0.0


class SlowSimulation:
    """All patrols of one document."""

    def __init__(self, document: dict[str, Any], figures: StressFigures) -> None:
        self.document, self.figures = document, figures
        self.limits = document["scenario"]["limits"]
        self.zone = ZoneInfo(document["scenario"]["timezone"])
        self.spots = {
            place["id"]: (place["lon"], place["lat"])
            for place in document["sites"] + document["bases"]
        }
        self.sites = {site["id"]: site for site in document["sites"]}
        self.teams = {team["id"]: team for team in document["teams"]}
        self.windows: dict[tuple[str, date], tuple[datetime, datetime]] = {}

    def find_window(self, place: str, day: date) -> tuple[datetime, datetime]:
        key = (place, day)
        if key not in self.windows:
            fixed = self.limits["fixed_window"]
            opens, closes = estimate_duty_window(
                *self.spots[place],
                day,
                timezone=self.zone.key,
                sunrise_margin_min=self.limits["sunrise_margin_min"],
                sunset_margin_min=self.limits["sunset_margin_min"],
                night_movement=self.limits["night_movement"],
                fixed_window=fixed and tuple(time.fromisoformat(t) for t in fixed),
            )
            closes -= timedelta(minutes=self.limits["break_min"])
            self.windows[key] = (opens, closes)
        return self.windows[key]

    def find_local(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(self.zone)

    def is_rains(self, day: date) -> bool:
        text = day.strftime("%m-%d")
        return any(
            season["from_day"] <= text <= season["to_day"]
            for season in self.limits.get("seasons", [])
        )

    def run(self, draws: int, seed: int) -> Tally:
        tally = Tally()
        for number in range(draws):
            self.dice = random.Random(f"{seed}:{number}")
            self.draw_once(tally)
        return tally

    def factor(self, spread: float) -> float:
        return math.exp(self.dice.gauss(0.0, spread)) if spread else 1.0

    def draw_once(self, tally: Tally) -> None:
        tally.draws += 1
        self.surfaces: dict[str, float] = {}
        free: dict[str, date] = {}
        all_home = all_fuel = True
        patrols = sorted(
            self.document["patrols"],
            key=lambda p: (self.find_local(p["depart"]).date(), p["team_id"]),
        )
        for patrol in patrols:
            team = self.teams[patrol["team_id"]]
            trip = _Trip(self, patrol, team, free.get(team["id"]))
            trip.drive_all(tally)
            free[team["id"]] = trip.day + timedelta(days=team["rest_days"] + 1)
            home = trip.day <= trip.last_day
            enough = trip.fuel_l <= patrol["supplies"]["fuel_l"]
            tally.held["home", patrol["id"]] += home
            tally.held["fuel", patrol["id"]] += enough
            all_home, all_fuel = all_home and home, all_fuel and enough
            tally.need += trip.need
        tally.held["home",] += all_home
        tally.held["fuel",] += all_fuel

    def find_surface(self, surface: str) -> float:
        if surface not in self.surfaces:
            self.surfaces[surface] = self.factor(self.figures.figure_sd)
        return self.surfaces[surface]


class LostError(Exception):
    """It is not home two weeks after its last day."""


class _Trip:
    """One patrol in one draw."""

    def __init__(
        self,
        whole: SlowSimulation,
        patrol: dict[str, Any],
        team: dict[str, Any],
        free: date | None,
    ) -> None:
        self.whole, self.patrol, self.team = whole, patrol, team
        self.now = whole.find_local(patrol["depart"])
        self.first = self.now.date()
        self.last_day = self.first + timedelta(days=team["max_days"] - 1)
        self.end = self.first + timedelta(days=team["max_days"] + FOLLOWED)
        if free is not None and free > self.first:
            self.now += free - self.first
        self.day = self.now.date()
        if self.day >= self.end:
            self.day = self.end
        figures = whole.figures
        self.fuel_factor = whole.factor(figures.fuel_sd)
        self.fuel_l = self.need = 0.0
        self.weather: dict[date, tuple[float, bool]] = {}

    def find_weather(self, day: date) -> tuple[float, bool]:
        if day not in self.weather:
            figures, dice = self.whole.figures, self.whole.dice
            rains = self.whole.is_rains(day)
            chance = figures.rain_chance_rains if rains else figures.rain_chance
            wet = dice.random() < chance
            self.weather[day] = (self.whole.factor(figures.day_sd), wet)
        return self.weather[day]

    def drive_all(self, tally: Tally) -> None:
        lost = self.day >= self.end
        stops, legs = self.patrol["stops"], self.patrol["legs"]
        number = 0
        while number < len(legs):
            # A whole leg runs from one place to the next that is no halt.
            last = number
            while stops[last + 1]["kind"] == "halt":
                last += 1
            pieces = list(range(number, last + 1))
            ends = (stops[number]["place_id"], stops[last + 1]["place_id"])
            lost = self.drive_leg(pieces, ends, tally, lost=lost)
            if not lost and stops[last + 1]["kind"] == "visit":
                lost = self.stay(stops[last + 1])
            number = last + 1
        if lost:
            self.day = self.end
        planned = self.whole.find_local(self.patrol["return"]).date()
        tally.held["day", self.patrol["id"], str(planned)] += (
            not lost and self.day <= planned
        )

    def drive_leg(
        self, pieces: list[int], ends: tuple[str, str], tally: Tally, *, lost: bool
    ) -> bool:
        whole, figures = self.whole, self.whole.figures
        legs = [self.patrol["legs"][piece] for piece in pieces]
        parts = [part for leg in legs for part in leg["parts"]]
        own = whole.factor(figures.leg_sd)
        ferry = whole.factor(figures.ferry_sd)
        moved = [leg for leg in legs if leg["driving_min"] > 0] or legs[-1:]
        planned = whole.find_local(moved[0]["depart"]).date()
        held_min = self.draw_delay(parts, rains=whole.is_rains(planned))
        if not lost:
            lost = self.spend([(lambda day: held_min)], ends, planned, split=True)
        for piece, leg in zip(pieces, legs, strict=True):
            planned = whole.find_local(leg["arrive"]).date()
            stuck: list[Any] = []
            for part in [*leg["parts"], None]:
                if part is None or part["halt"]:
                    if stuck and not lost:
                        lost = self.spend(stuck, ends, planned, split=False)
                    stuck = []
                if part is None:
                    break
                cost = self.price(part, own, ferry)
                if not part["halt"]:
                    stuck.append(cost)
                elif not lost:
                    lost = self.spend([cost], ends, planned, split=True)
            if not lost and self.day <= self.last_day:
                self.need += leg["need_earned"]
            if self.patrol["stops"][piece + 1]["kind"] == "halt":
                key = ("day", self.patrol["id"], str(planned))
                tally.held[key] += not lost and self.day <= planned
        return lost

    def draw_delay(self, parts: list[dict[str, Any]], *, rains: bool) -> float:
        figures, dice = self.whole.figures, self.whole.dice
        km = sum(part["length_km"] for part in parts)
        closures = (
            figures.closures_per_1000_km_rains
            if rains
            else figures.closures_per_1000_km
        )
        total = 0.0
        for median, mean in (
            (
                figures.repair_min,
                figures.breakdowns_per_1000_km * km * self.team["vehicles"] / 1000,
            ),
            (figures.closure_min, closures * km / 1000),
        ):
            # Events of a Poisson process: gaps between them are exponential.
            gone = dice.expovariate(1.0) if mean else math.inf
            while gone < mean:
                total += median * self.whole.factor(figures.delay_sd)
                gone += dice.expovariate(1.0)
        for part in parts:
            if part["kind"] == "ferry" and dice.random() < figures.ferry_out_chance:
                total += figures.ferry_out_min * self.whole.factor(figures.delay_sd)
        return total

    def price(self, part: dict[str, Any], own: float, ferry: float) -> Any:
        """Burn its fuel, and return what the part takes on a day."""
        figures = self.whole.figures
        table_min = part["driving_min"] / self.whole.limits.get("time_factor", 1.0)
        litres = part["fuel_l"] * self.team["vehicles"] * self.fuel_factor
        if part["kind"] == "ferry":
            self.fuel_l += litres
            return lambda day: table_min * ferry
        longer = self.whole.find_surface(part["surface"]) * own
        self.fuel_l += litres * max(0, 1 + figures.fuel_share_of_delay * (longer - 1))
        tar = part["surface"] in ("paved", "paved_degraded")

        def take(day: date) -> float:
            factor, wet = self.find_weather(day)
            slow = figures.rain_slowdown if wet and not tar else 1.0
            return table_min * longer * factor * slow

        return take

    def list_days(self, planned: date, ends: Any) -> Iterator[tuple[datetime, float]]:
        """Yield from when the patrol may go on, day after day, and for how long."""
        while self.day < self.end:
            windows = [self.whole.find_window(place, self.day) for place in ends]
            opens = max(window[0] for window in windows)
            closes = min(window[1] for window in windows)
            if self.day == planned and not self.whole.limits["night_movement"]:
                closes += timedelta(minutes=self.whole.limits["sunset_margin_min"])
            start = max(self.now, opens)
            yield start, max((closes - start) / timedelta(minutes=1), 0.0)
            self.day += timedelta(days=1)
            self.now = datetime.combine(self.day, time(), self.whole.zone)

    def spend(
        self, costs: list[Any], ends: tuple[str, str], planned: date, *, split: bool
    ) -> bool:
        left = 1.0
        for start, room in self.list_days(planned, ends):
            takes = left * sum(cost(self.day) for cost in costs)
            if takes <= room + 1e-6:
                self.now = start + timedelta(minutes=takes)
                return False
            if split:
                left *= 1 - room / takes
        return True

    def stay(self, stop: dict[str, Any]) -> bool:
        site = self.whole.sites[stop["site_id"]]
        came = (self.now, self.day)
        arrive = self.whole.find_local(stop["arrive"])
        dwell = timedelta(minutes=site["dwell_min"])
        longer = max(self.whole.factor(self.whole.figures.dwell_sd) - 1, 0.0)
        windows = [
            (self.whole.find_local(a), self.whole.find_local(b))
            for a, b in site["windows"]
        ]
        windows = [window for window in windows if window[0] <= arrive]
        planned = (arrive + dwell - timedelta(milliseconds=10)).date()
        for start, room in self.list_days(planned, (site["id"],)):
            ends = start + timedelta(minutes=room)
            if site["windows"]:
                later = [max(start, a) for a, b in windows if b >= start]
                if not later:
                    self.now, self.day = came
                    return False
                start = min(later)
            if start + dwell <= ends + timedelta(microseconds=100):
                # The time planned whole; what is more, only up to the day's close.
                self.now = start + dwell
                self.now += min(dwell * longer, max(ends - self.now, timedelta()))
                if self.day <= self.last_day:
                    self.need += stop["need_earned"]
                return False
        return True
