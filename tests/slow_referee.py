"""The referee once more, slowly: from the text of a plan document, in plain Python.

Written from the words of the rules (docs/how-it-plans.md and the docstring of
``assess_plan``), not from the referee; it shares with it only when the sun rises and
sets. It knows the rules of movement, place, days, rest, roster and supplies; not those
of harm and of what a plan says of itself, nor patrols that begin under way.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from patrolplan.daylight import estimate_daylight

KNOWN_RULES = {
    "dwell_too_short",
    "fuel_exceeded",
    "geometry_misplaced",
    "group_not_visited",
    "group_repeated",
    "halt_misnamed",
    "hazard_exceeded",
    "leg_shortened",
    "leg_too_fast",
    "night_movement",
    "night_on_the_move",
    "night_without_halt",
    "no_way",
    "not_at_base",
    "outside_horizon",
    "pair_forbidden",
    "patrols_overlap",
    "range_exceeded",
    "rations_exceeded",
    "required_not_visited",
    "rest_too_short",
    "role_missing",
    "stop_misplaced",
    "times_disagree",
    "too_few_days",
    "too_few_unknown",
    "too_many_days",
    "unknown_site",
    "unknown_team",
    "visit_repeated",
    "water_exceeded",
    "window_missed",
    "work_at_night",
}
# Times in a file are rounded, and sums of floats differ in their last digits.
SLACK = timedelta(milliseconds=10)
SLACK_MIN = SLACK / timedelta(minutes=1)
NEARLY = 1 + 1e-6
DRAWN_KM = 0.1
ABOUT_A_METRE_DEG = 1e-5

Broken = tuple[str, str | None]
"""Which rule, and whose patrol; None for what no patrol breaks alone."""


class SlowReferee:
    """One document, judged by :meth:`judge`."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.limits = document["scenario"]["limits"]
        self.zone = ZoneInfo(document["scenario"]["timezone"])
        self.teams = {team["id"]: team for team in document["teams"]}
        self.sites = {site["id"]: site for site in document["sites"]}
        self.places = {base["id"]: base for base in document["bases"]} | self.sites

    def judge(self) -> set[Broken]:
        """Return every rule broken, of those known here."""
        broken: set[Broken] = set()
        for patrol in self.document["patrols"]:
            broken |= {(rule, patrol["id"]) for rule in self.judge_patrol(patrol)}
        return broken | set(self.judge_roster())

    # --- Times ----------------------------------------------------------------------

    def find_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def find_last_day(self, moment: datetime) -> date:
        """The day that ends at midnight is the one before it."""
        return self.find_day(moment - SLACK)

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

    # --- One patrol -----------------------------------------------------------------

    def judge_patrol(self, patrol: dict[str, Any]) -> Iterator[str]:
        stops, legs = patrol["stops"], patrol["legs"]
        team = self.teams.get(patrol["team_id"])
        if team is None:
            yield "unknown_team"
            return
        if len(stops) != len(legs) + 1:
            yield "times_disagree"
            return
        yield from self.judge_joints(patrol, stops, legs)
        yield from self.judge_places(patrol, team, stops)
        yield from self.judge_days(patrol, team, legs)
        for leg, origin, destination in zip(legs, stops, stops[1:], strict=False):
            drawn = leg["geometry"]["coordinates"]
            for end, stop in ((drawn[0], origin), (drawn[-1], destination)):
                if measure_km(*end[:2], stop["lon"], stop["lat"]) > DRAWN_KM:
                    yield "geometry_misplaced"
        for stop in stops:
            yield from self.judge_stop(stop, team)
        ways = []
        for origin, destination, pieces in split_at_places(stops, legs):
            way = self.find_way(team["vehicle"], pieces, origin, destination)
            ways.append((way, destination))
            yield from self.judge_drive(way, pieces)
            for piece in pieces:
                yield from self.judge_piece(piece, origin, destination)
        yield from self.judge_loads(patrol, team, ways)
        budget = team.get("hazard_budget")
        hazard = sum(way["hazard"] for way, _ in ways if way is not None)
        if budget is not None and hazard > budget * NEARLY:
            yield "hazard_exceeded"

    def judge_joints(self, patrol: Any, stops: Any, legs: Any) -> Iterator[str]:
        same = [
            (patrol["depart"], stops[0]["depart"]),
            (patrol["return"], stops[-1]["arrive"]),
            (stops[0]["arrive"], None),
            (stops[-1]["depart"], None),
        ]
        order = []
        for number, leg in enumerate(legs):
            before, after = stops[number], stops[number + 1]
            same += [
                (leg["depart"], before["depart"]),
                (leg["arrive"], after["arrive"]),
            ]
            order.append((leg["depart"], leg["arrive"]))
            if (leg["from"], leg["to"]) != (before["place_id"], after["place_id"]):
                yield "times_disagree"
        order += [(stop["arrive"], stop["depart"]) for stop in stops[1:-1]]
        for one, other in same:
            apart = (one is None) != (other is None)
            if None not in (one, other):
                apart = abs(read_time(one) - read_time(other)) > SLACK
            if apart:
                yield "times_disagree"
        for early, late in order:
            if None not in (early, late) and read_time(late) < read_time(early) - SLACK:
                yield "times_disagree"

    def judge_places(self, patrol: Any, team: Any, stops: Any) -> Iterator[str]:
        for stop in (stops[0], stops[-1]):
            if stop["kind"] != "base" or stop["place_id"] != team["base_id"]:
                yield "not_at_base"
        if patrol["base_id"] != team["base_id"]:
            yield "not_at_base"
        for stop in stops:
            if stop["kind"] == "halt":
                continue
            if stop["kind"] == "visit" and stop["place_id"] != stop["site_id"]:
                yield "stop_misplaced"
            place = self.places.get(stop["place_id"], stop)
            if (
                abs(place["lon"] - stop["lon"]) > ABOUT_A_METRE_DEG
                or abs(place["lat"] - stop["lat"]) > ABOUT_A_METRE_DEG
            ):
                yield "stop_misplaced"

    def judge_days(self, patrol: Any, team: Any, legs: Any) -> Iterator[str]:
        out, home = read_time(patrol["depart"]), read_time(patrol["return"])
        first, last = self.find_day(out), self.find_last_day(home)
        days = (last - first).days + 1
        if days > team["max_days"]:
            yield "too_many_days"
        if days < self.limits["min_days"]:
            yield "too_few_days"
        start = self.document["scenario"]["start"]
        if "T" in start:
            begun = read_time(start)
            too_early = out < begun
            opening = self.find_day(begun)
        else:
            opening = date.fromisoformat(start)
            too_early = first < opening
        horizon = timedelta(days=self.document["scenario"]["horizon_days"] - 1)
        if too_early or last > opening + horizon:
            yield "outside_horizon"
        if sum(leg["length_km"] for leg in legs) > team["range_km"] * NEARLY:
            yield "range_exceeded"

    def judge_stop(self, stop: Any, team: Any) -> Iterator[str]:
        if not set(stop["roles"]) <= set(team["roles"]):
            yield "role_missing"
        if stop["arrive"] is None or stop["depart"] is None:
            return
        arrive, depart = read_time(stop["arrive"]), read_time(stop["depart"])
        day = self.find_day(arrive)
        if stop["kind"] != "halt" and self.find_last_day(depart) > day:
            yield "night_without_halt"
        if stop["kind"] != "visit":
            return
        site = self.sites.get(stop["site_id"])
        if site is None:
            yield "unknown_site"
            return
        opens, closes = self.find_window((site["lon"], site["lat"]), day, False)
        stayed = (depart - arrive) / timedelta(minutes=1)
        worked = (min(depart, closes) - max(arrive, opens)) / timedelta(minutes=1)
        if stayed < site["dwell_min"] - SLACK_MIN:
            yield "dwell_too_short"
        elif worked < site["dwell_min"] - SLACK_MIN:
            yield "work_at_night"
        if not set(site["roles_required"]) <= set(team["roles"]):
            yield "role_missing"
        windows = [[read_time(end) for end in window] for window in site["windows"]]
        if windows and not any(a - SLACK <= arrive <= b + SLACK for a, b in windows):
            yield "window_missed"

    # --- Legs -----------------------------------------------------------------------

    def find_way(self, vehicle: str, pieces: Any, origin: Any, destination: Any) -> Any:
        """The way between two places on the day that its first minute is driven."""
        driven = [piece for piece in pieces if piece["driving_min"] > 0]
        driven = driven or pieces[-1:]
        on_the_way = [piece for piece in driven if not piece.get("clearing")]
        day = self.find_day(read_time((on_the_way or driven)[0]["depart"])).isoformat()
        for travel in self.document["travel"]:
            if travel["vehicle"] != vehicle:
                continue
            if not travel["from_date"] <= day <= travel["to_date"]:
                continue
            ids = travel["place_ids"]
            if origin["place_id"] not in ids or destination["place_id"] not in ids:
                return None
            cell = ids.index(origin["place_id"]), ids.index(destination["place_id"])
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
        return None

    def judge_drive(self, way: Any, pieces: Any) -> Iterator[str]:
        if way is None:
            yield "no_way"
            return
        driven = sum(piece["driving_min"] for piece in pieces)
        if driven < way["minutes"] * (1 - 1e-6) - SLACK_MIN:
            yield "leg_too_fast"
        if sum(piece["length_km"] for piece in pieces) < way["km"] * (1 - 1e-6) - 1e-6:
            yield "leg_shortened"

    def judge_piece(self, piece: Any, origin: Any, destination: Any) -> Iterator[str]:
        depart, arrive = read_time(piece["depart"]), read_time(piece["arrive"])
        if (arrive - depart) / timedelta(minutes=1) < piece["driving_min"] - SLACK_MIN:
            yield "leg_too_fast"
        if arrive - depart <= SLACK:
            return
        day = self.find_day(depart)
        if self.find_last_day(arrive) != day:
            yield "night_on_the_move"
            return
        clearing = bool(piece.get("clearing"))
        for stop in (origin, destination):
            place = self.places.get(stop["place_id"], stop)
            at = (place["lon"], place["lat"])
            opens, closes = self.find_window(at, day, clearing)
            if depart < opens - SLACK or arrive > closes + SLACK:
                yield "night_movement"

    # --- Loads ----------------------------------------------------------------------

    def judge_loads(self, patrol: Any, team: Any, ways: Any) -> Iterator[str]:
        limits = self.limits
        if "fuel_binds" not in limits:
            return
        filled_at = set(limits.get("resupply", ()))
        burnt, fills = [0.0], []
        for way, destination in ways:
            burnt[-1] += 0.0 if way is None else way["fuel_l"]
            if (
                destination["kind"] == "visit"
                and destination["site_id"] in filled_at
                and destination["arrive"] is not None
            ):
                burnt.append(0.0)
                fills.append(self.find_day(read_time(destination["arrive"])))
        fuel = max(burnt) * team["vehicles"] * (1 + limits["fuel_reserve_share"])
        if limits["fuel_binds"] and exceeds(fuel, team.get("fuel_capacity_l")):
            yield "fuel_exceeded"
        if not limits["water_binds"]:
            return
        first = self.find_day(read_time(patrol["depart"]))
        last = self.find_last_day(read_time(patrol["return"]))
        last = max(first, last)
        most_water, most_packs = 0.0, 0
        for begins, ends in zip([first, *fills], [*fills, last], strict=True):
            days = [
                first + timedelta(days=day)
                for day in range((last - first).days + 1)
                if begins <= first + timedelta(days=day) <= ends
            ]
            hot = [day for day in days if day.month in limits["hot_months"]]
            each = len(hot) * limits["water_hot_l"]
            each += (len(days) - len(hot)) * limits["water_cool_l"]
            water = team["people"] * each * (1 + limits["water_reserve_share"])
            water += team["vehicles"] * limits["water_reserve_vehicle_l"]
            packs = team["people"] * limits["ration_packs"]
            packs *= len(days) + limits["ration_reserve_days"]
            most_water, most_packs = max(most_water, water), max(most_packs, packs)
        if exceeds(most_water, team.get("water_capacity_l")):
            yield "water_exceeded"
        if exceeds(most_packs, team.get("ration_capacity")):
            yield "rations_exceeded"

    # --- All together ---------------------------------------------------------------

    def judge_roster(self) -> Iterator[Broken]:
        patrols = self.document["patrols"]
        named = Counter(
            stop["place_id"]
            for patrol in patrols
            for stop in patrol["stops"]
            if stop["kind"] == "halt"
        )
        for patrol in patrols:
            for stop in patrol["stops"]:
                whole = rf"halt:{re.escape(patrol['id'])}:[1-9][0-9]{{0,5}}"
                if stop["kind"] == "halt" and (
                    re.fullmatch(whole, stop["place_id"]) is None
                    or named[stop["place_id"]] > 1
                ):
                    yield "halt_misnamed", patrol["id"]
        for team_id in {patrol["team_id"] for patrol in patrols}:
            out = [patrol for patrol in patrols if patrol["team_id"] == team_id]
            out.sort(key=lambda patrol: (read_time(patrol["depart"]), patrol["id"]))
            for before, after in itertools.pairwise(out):
                home, leaves = read_time(before["return"]), read_time(after["depart"])
                if leaves < home:
                    yield "patrols_overlap", after["id"]
                    continue
                free = (self.find_day(leaves) - self.find_last_day(home)).days - 1
                team = self.teams.get(team_id)
                if team is not None and free < team["rest_days"]:
                    yield "rest_too_short", after["id"]
        yield from self.judge_visits()

    def judge_visits(self) -> Iterator[Broken]:
        visits = sorted(
            (read_time(stop["arrive"]), patrol["id"], number, stop["site_id"])
            for patrol in self.document["patrols"]
            for number, stop in enumerate(patrol["stops"])
            if stop["kind"] == "visit"
            and stop["site_id"] in self.sites
            and stop["arrive"] is not None
        )
        last: dict[str, datetime] = {}
        for arrive, patrol_id, _, site_id in visits:
            cadence = self.sites[site_id]["cadence_days"]
            if site_id in last and (
                cadence is None
                or arrive - last[site_id] < timedelta(days=cadence) - SLACK
            ):
                yield "visit_repeated", patrol_id
            last[site_id] = arrive
        visited = set(last)
        for site in self.sites.values():
            if site["required"] and site["id"] not in visited:
                yield "required_not_visited", None
        unknown = {key for key, site in self.sites.items() if site["need"] is None}
        asked = min(self.limits.get("min_unknown_visits", 0), len(unknown))
        if len(unknown & visited) < asked:
            yield "too_few_unknown", None
        for group in self.limits.get("groups", ()):
            met = visited & set(group["site_ids"])
            if len(met) > 1:
                yield "group_repeated", None
            if group["required"] and not met:
                yield "group_not_visited", None
        for patrol in self.document["patrols"]:
            stops = patrol["stops"]
            seen = {stop["site_id"] for stop in stops if stop["kind"] == "visit"}
            for pair in self.limits.get("forbidden_pairs", ()):
                if set(pair) <= seen:
                    yield "pair_forbidden", patrol["id"]


def split_at_places(stops: Any, legs: Any) -> Iterator[tuple[Any, Any, list[Any]]]:
    """A leg from place to place, and its pieces between halts."""
    origin, pieces = stops[0], []
    for leg, stop in zip(legs, stops[1:], strict=True):
        pieces.append(leg)
        if stop["kind"] != "halt":
            yield origin, stop, pieces
            origin, pieces = stop, []


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def measure_km(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """The great circle by the law of haversines, on the mean sphere (IUGG)."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    turn = math.radians(lon_b - lon_a)
    part = math.sin((b - a) / 2) ** 2
    part += math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, part)))


def exceeds(needed: float, capacity: float | None) -> bool:
    return capacity is not None and needed > capacity * NEARLY


def _round_up(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
