"""A hand-made plan to draw: patrols, halts, and sites left out for every reason.

It keeps the contract of ``plan.json`` but was never solved: need and bound are made
up. With ``load_theatre`` it is drawn on the built-in layers and its ways follow their
lines; without, its ways are nearly straight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import pandas as pd
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import substring

from patrolplan.layers.elevation import read_elevation
from patrolplan.planfile import PlanFile

GEO = Path(__file__).parents[1] / "data" / "geo"
START = date(2014, 11, 3)
KMH = 30.0
OPENS, CLOSES = 6.5, 16.75

# id: name, longitude, latitude, people, risk
SITES: dict[str, tuple[str, float, float, int | None, float | None]] = {
    "gao": ("Gao", -0.04472, 16.27167, 86633, 3.0),
    "tombouctou": ("Timbuktu", -3.00742, 16.77348, 54453, 3.0),
    "kidal": ("Kidal", 1.40921, 18.44345, 25969, 4.0),
    "menaka": ("Ménaka", 2.39609, 15.91985, 20702, 4.0),
    "ansongo": ("Ansongo", 0.5022, 15.6597, 8358, 3.0),
    "labbezanga": ("Labbezanga", 0.696, 14.956, None, 3.0),
    "bourem": ("Bourem", -0.34861, 16.955, 27486, 3.0),
    "bamba": ("Bamba", -1.4, 17.0333, 28524, 3.6),
    "almoustarat": ("Almoustarat", 0.09, 17.37, None, 4.0),
    "anefis": ("Anéfis", 0.6, 18.04, None, 5.0),
    "tessalit": ("Tessalit", 1.01186, 20.20126, 5739, 4.0),
    "aguelhok": ("Aguelhok", 0.85889, 19.46139, 8080, 4.0),
    "gossi": ("Gossi", -1.3, 15.82, 24521, 4.0),
    "hombori": ("Hombori", -1.7, 15.28, 23099, 4.0),
    "douentza": ("Douentza", -2.9517, 15.00605, 24005, 3.0),
    "bambara-maoude": ("Bambara-Maoudé", -2.79, 15.85, 16864, 2.0),
    "koriome": ("Koriomé", -3.03, 16.67, None, None),
    "goundam": ("Goundam", -3.67075, 16.41453, 12586, 2.4),
    "dire": ("Diré", -3.40126, 16.25705, 22365, 1.2),
    "tonka": ("Tonka", -3.74861, 16.13389, 53438, 2.0),
    "niafunke": ("Niafunké", -3.9906, 15.9322, 6901, 3.0),
    "ber": ("Ber", -2.53, 16.835, None, 3.0),
    "gourma-rharous": ("Gourma-Rharous", -1.92306, 16.87778, 26115, 3.0),
    "talataye": ("Talataye", 1.52, 16.53, 13900, 5.0),
    "anderamboukane": ("Andéramboukane", 3.0175, 15.4275, 18688, 4.0),
    "inekar": ("Inékar", 3.14111, 15.95944, 8714, 3.0),
    "taoudenni": ("Taoudenni", -3.98, 22.67, 3019, None),
    "mopti": ("Mopti", -4.18296, 14.4843, 114296, 2.0),
    "tenenkou": ("Ténenkou", -4.917, 14.457, 7471, 3.0),
    "abeibara": ("Abeïbara", 1.75, 19.11667, 4585, 3.0),
}
BASES = {
    "base-gao": ("Gao camp", "gao"),
    "base-tombouctou": ("Timbuktu camp", "tombouctou"),
    "base-kidal": ("Kidal camp", "kidal"),
    "base-menaka": ("Ménaka camp", "menaka"),
}
# team, base, first day of the horizon, sites in order
ITINERARIES = (
    ("gao-1", "base-gao", 0, ("ansongo", "labbezanga")),
    ("gao-2", "base-gao", 1, ("bourem", "bamba", "almoustarat")),
    (
        "tombouctou-1",
        "base-tombouctou",
        0,
        ("koriome", "bambara-maoude", "douentza", "hombori"),
    ),
    ("kidal-1", "base-kidal", 2, ("aguelhok", "tessalit")),
    ("gao-3", "base-gao", 3, ("gossi", "hombori")),
    ("tombouctou-2", "base-tombouctou", 4, ("goundam", "tonka", "niafunke")),
    ("menaka-1", "base-menaka", 1, ("anderamboukane", "inekar")),
    ("gao-1", "base-gao", 12, ("talataye", "menaka", "ansongo")),
    ("tombouctou-1", "base-tombouctou", 14, ("ber", "bamba")),
)
UNSERVED: dict[str, tuple[str, dict[str, Any], tuple[str, dict[str, Any]] | None]] = {
    "gao": ("held_by_base", {"base_id": "base-gao"}, None),
    "tombouctou": ("held_by_base", {"base_id": "base-tombouctou"}, None),
    "kidal": ("held_by_base", {"base_id": "base-kidal"}, None),
    "menaka": ("held_by_base", {"base_id": "base-menaka"}, None),
    "tenenkou": ("no_way", {}, None),
    "mopti": (
        "out_of_range",
        {"missing_km": 83.2, "team_id": "tombouctou-1"},
        ("raise_range_km", {"team_id": "tombouctou-1", "missing_km": 83.2}),
    ),
    "abeibara": (
        "too_many_days",
        {"missing_days": 1, "team_id": "kidal-1"},
        ("add_days", {"team_id": "kidal-1", "days": 1}),
    ),
    "gourma-rharous": ("dwell_too_long", {}, None),
    "taoudenni": ("need_unknown", {}, None),
    "dire": (
        "no_time_left",
        {"extra_days": 3, "team_id": "tombouctou-2"},
        (
            "add_patrol",
            {"base_id": "base-tombouctou", "vehicle": "light_4x4", "days": 3},
        ),
    ),
    "anefis": ("not_planned", {}, None),
}


@dataclass(frozen=True)
class Theatre:
    """Layers to draw on, as products ask for them."""

    population: Any
    lines: Any
    zones: Any
    bases: Any
    airfields: Any
    regions: Any
    borders: Any
    rivers: Any
    lakes: Any
    markets: Any
    elevation: Any = None


def _read_points(path: Path) -> gpd.GeoDataFrame:
    table = pd.read_csv(path)
    points = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table, geometry=points, crs=4326)


@cache
def load_theatre() -> Theatre:
    """Read the built-in layers as they are, unchecked."""
    context = GEO / "context"
    return Theatre(
        population=gpd.read_file(GEO / "population" / "population.geojson"),
        lines=gpd.read_file(GEO / "lines" / "lines.geojson"),
        zones=gpd.read_file(GEO / "zones" / "zones.geojson"),
        bases=_read_points(GEO / "bases" / "bases.csv"),
        airfields=_read_points(GEO / "airfields" / "airfields.csv"),
        regions=gpd.read_file(context / "regions.geojson"),
        borders=gpd.read_file(context / "borders.geojson"),
        rivers=gpd.read_file(context / "rivers.geojson"),
        lakes=gpd.read_file(context / "lakes.geojson"),
        markets=pd.read_csv(GEO / "markets" / "markets.csv"),
        elevation=read_elevation(context / "elevation.tif"),
    )


def build_layers(*, name: str = "Gao-Bourem", reason: str = "Robbery") -> Theatre:
    """Build small layers by hand, with names to be chosen."""
    empty = gpd.GeoDataFrame({"name": []}, geometry=[], crs=4326)
    sites = [("gao", name, name), ("tombouctou", "Timbuktu", "Tombouctou")]
    population = gpd.GeoDataFrame(
        {
            "id": [row[0] for row in sites],
            "name": [row[1] for row in sites],
            "name_fr": [row[2] for row in sites],
            "population": [86633.0, float("nan")],
            "population_year": [2009.0, float("nan")],
            "population_scope": [name, None],
            "population_source": [name, None],
            "aliases": [name, None],
        },
        geometry=[Point(-0.04472, 16.27167), Point(-3.00742, 16.77348)],
        crs=4326,
    )
    lines = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "name": [name, name, None],
            "ref": [name, None, None],
            "kind": ["road", "ferry", "track"],
            "surface": ["paved", "water", name],
            "length_km": [95.0, 1.0, float("nan")],
            "hazard": [2.0, float("nan"), 0.0],
            "status_dry": ["open", "closed", name],
            "status_rains": ["closed", "open", None],
        },
        geometry=[LineString([(0, 16), (i / 5, 17)]) for i in range(3)],
        crs=4326,
    )
    zones = gpd.GeoDataFrame(
        {"id": ["z"], "name": [name], "level": [4.0], "threat_reason": [reason]},
        geometry=[Polygon([(-1, 16), (0, 16), (0, 17)])],
        crs=4326,
    )
    named = gpd.GeoDataFrame(
        {"id": ["f"], "name": [name]}, geometry=[Point(0.2, 16.2)], crs=4326
    )
    regions = gpd.GeoDataFrame(
        {"name": [name]}, geometry=[Polygon([(-2, 15), (2, 15), (2, 18)])], crs=4326
    )
    markets = pd.DataFrame({"name": [name], "near_site_id": ["gao"], "day": ["sunday"]})
    return Theatre(
        population=population,
        lines=lines,
        zones=zones,
        bases=empty,
        airfields=named,
        regions=regions,
        borders=empty,
        rivers=empty,
        lakes=empty,
        markets=markets,
    )


Way = Callable[[str, str], LineString]


def draw_straight(start: str, end: str) -> LineString:
    a, b = Point(SITES[start][1:3]), Point(SITES[end][1:3])
    middle = ((a.x + b.x) / 2 + 0.02, (a.y + b.y) / 2 - 0.02)
    return LineString([a, middle, b])


@cache
def _build_graph() -> nx.Graph:
    graph = nx.Graph()
    for row in load_theatre().lines.to_dict("records"):
        if row["kind"] != "river":
            graph.add_edge(
                row["from_id"],
                row["to_id"],
                km=row["length_km"],
                shape=row["geometry"],
                id=row["id"],
            )
    return graph


def follow_lines(start: str, end: str) -> LineString:
    """Return the shortest way along the built-in lines."""
    graph = _build_graph()
    points: list[tuple[float, float]] = []
    here = SITES[start][1:3]
    for a, b in nx.utils.pairwise(nx.shortest_path(graph, start, end, weight="km")):
        part = list(graph[a][b]["shape"].coords)
        near = (part[0][0] - here[0]) ** 2 + (part[0][1] - here[1]) ** 2
        far = (part[-1][0] - here[0]) ** 2 + (part[-1][1] - here[1]) ** 2
        if far < near:
            part.reverse()
        points += [(x, y) for x, y, *_ in part]
        here = points[-1]
    return LineString(points)


def _measure_km(way: LineString) -> float:
    return float(gpd.GeoSeries([way], crs=4326).to_crs(32630).length.iloc[0]) / 1000


def _stamp(hours: float) -> str:
    moment = datetime(START.year, START.month, START.day, tzinfo=UTC)
    moment += timedelta(minutes=round(hours * 60))
    return moment.isoformat().replace("+00:00", "Z")


class _Journey:
    """Drives by the clock and halts at nightfall, as a patrol does."""

    def __init__(self, patrol_id: str, base_id: str, day: int, way: Way) -> None:
        self.way = way
        self.patrol_id = patrol_id
        self.clock = day * 24 + OPENS
        self.nights = 0
        self.here = BASES[base_id][1]
        self.place = base_id
        self.stops: list[dict[str, Any]] = [self._stop("base", base_id, self.here)]
        self.legs: list[dict[str, Any]] = []
        self.stops[0]["depart"] = _stamp(self.clock)

    def _stop(
        self, kind: str, place: str, site: str | None, **more: Any
    ) -> dict[str, Any]:
        lon, lat = SITES[site][1:3] if site else more.pop("at")
        stop = {
            "kind": kind,
            "site_id": site if kind == "visit" else None,
            "place_id": place,
            "lon": lon,
            "lat": lat,
            "arrive": None,
            "depart": None,
            "roles": [],
            "purpose": None,
            "tier": None,
            "phase": None,
            "themes": [],
            "need_earned": 0.0,
        }
        return {**stop, **more}

    def _leave(self) -> None:
        self.stops[-1]["depart"] = _stamp(self.clock)

    def drive(self, site: str, place: str) -> None:
        way = self.way(self.here, site)
        total = _measure_km(way)
        done = 0.0
        while True:
            left = (total - done) / KMH
            room = self.clock // 24 * 24 + CLOSES - self.clock
            hours = min(left, room)
            part = substring(way, done / total, (done + hours * KMH) / total, True)
            arrived = hours == left
            to = place if arrived else f"halt:{self.patrol_id}:{self.nights + 1}"
            if hours > 0.2 or arrived:
                self._add_leg(part, to, hours)
                done += hours * KMH
            if arrived:
                return
            if hours > 0.2:
                self.nights += 1
                at = part.coords[-1][:2]
                self.stops.append(self._stop("halt", to, None, at=at))
                self.stops[-1]["arrive"] = _stamp(self.clock)
            self.clock = (self.clock // 24 + 1) * 24 + OPENS
            self._leave()

    def _add_leg(self, part: LineString, to: str, hours: float) -> None:
        points = [[x, y] for x, y, *_ in part.coords]
        self.legs.append(
            {
                "from": self.place,
                "to": to,
                "depart": _stamp(self.clock),
                "arrive": _stamp(self.clock + hours),
                "length_km": hours * KMH,
                "driving_min": hours * 60,
                "lines": [],
                "passed": [],
                "need_earned": 0.0,
                "geometry": {"type": "LineString", "coordinates": points},
            }
        )
        self.clock += hours
        self.place = to

    def visit(self, site: str, need: float) -> None:
        self.drive(site, site)
        stop = self._stop("visit", site, site, need_earned=need)
        stop["arrive"] = _stamp(self.clock)
        stop["purpose"] = {"code": "visit_civilians_at_risk", "values": {}}
        stop["roles"] = ["interpreter", "women_protection_adviser"]
        self.stops.append(stop)
        self.clock += 2
        if self.clock % 24 > CLOSES - 0.5:
            self.clock = (self.clock // 24 + 1) * 24 + OPENS
        self._leave()
        self.here = site

    def go_home(self, base_id: str) -> None:
        self.drive(BASES[base_id][1], base_id)
        self.stops.append(self._stop("base", base_id, BASES[base_id][1]))
        self.stops[-1]["arrive"] = _stamp(self.clock)


def _build_patrol(
    number: int, item: tuple[str, str, int, Sequence[str]], way: Way, names: Any
) -> dict[str, Any]:
    team, base, day, sites = item
    journey = _Journey(names(f"patrol-{number}"), base, day, way)
    for site in sites:
        journey.visit(site, find_need(site) or 0.0)
    journey.go_home(base)
    return {
        "id": journey.patrol_id,
        "team_id": names(team),
        "base_id": base,
        "depart": journey.stops[0]["depart"],
        "return": journey.stops[-1]["arrive"],
        "stops": journey.stops,
        "legs": journey.legs,
        "supplies": {
            "fuel_l": 900.0,
            "fuel_capacity_l": None,
            "water_l": 400.0,
            "water_capacity_l": None,
            "rations": 90,
        },
        "casualty": [],
    }


def find_need(site: str) -> float | None:
    people, risk = SITES[site][3:5]
    return None if people is None or risk is None else people * risk / 5


def build_plan(
    *,
    count: int = 3,
    way: Way = draw_straight,
    rename: Callable[[str], str] = str,
    violations: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> PlanFile:
    """Build the plan.

    ``rename`` changes every name and every free text, so that hostile ones can be put
    in their place; ids that other entries refer to keep their own.
    """
    items = ITINERARIES[:count]
    visited = {site for *_, sites in items for site in sites}
    left = [site for site in SITES if site not in visited]
    needs = {site: find_need(site) for site in SITES}
    met = sum(needs[site] or 0 for site in visited)
    teams = sorted({(item[0], item[1]) for item in ITINERARIES})
    document = {
        "version": "0.1.0",
        "seed": 42,
        "status": "draft",
        "release": "confidential",
        "gates": [],
        "scenario": {
            "name": rename("north-mali"),
            "start": START.isoformat(),
            "horizon_days": 28,
            "timezone": "Africa/Bamako",
            "limits": {"beyond_km": 50.0},
        },
        "bases": [
            {
                "id": key,
                "name": rename(name),
                "lon": SITES[site][1],
                "lat": SITES[site][2],
            }
            for key, (name, site) in BASES.items()
        ],
        "sites": [
            {
                "id": key,
                "name": rename(name),
                "lon": lon,
                "lat": lat,
                "cercle": rename(name),
                "population": people,
                "risk": risk,
                "need": needs[key],
                "themes": {},
                "dwell_min": 120.0,
                "required": False,
                "roles_required": [],
                "windows": [],
                "cadence_days": None,
            }
            for key, (name, lon, lat, people, risk) in SITES.items()
        ],
        "teams": [
            {
                "id": rename(team),
                "base_id": base,
                "vehicle": "light_4x4",
                "vehicles": 5,
                "people": 20,
                "max_days": 14,
                "rest_days": 3,
                "range_km": 900.0,
                "roles": ["interpreter"],
            }
            for team, base in teams
        ],
        "travel": [],
        "patrols": [
            _build_patrol(number, item, way, rename)
            for number, item in enumerate(items, start=1)
        ],
        "assessment": {
            "need_total": sum(need or 0 for need in needs.values()),
            "need_met": met,
            "first_visits": met,
            "repeats": 0.0,
            "passed": 0.0,
            "lines": 0.0,
            "need_bound": met * 1.08,
            "gap": 1 - 1 / 1.08,
            "unknown_total": 6,
            "unknown_visited": 2,
            "people_total": sum(row[3] or 0 for row in SITES.values()),
            "people_reached": sum(SITES[site][3] or 0 for site in visited),
            "reach": {
                "need_share_beyond": 0.71,
                "beyond_km": 50.0,
                "base_hugging": False,
            },
            "equity": {"by_cercle": {"Gao": 0.5, "Kidal": 0.25}},
            "unserved": [_build_unserved(site, needs[site]) for site in left],
            "violations": list(violations),
        },
        "inputs": [
            {
                "path": "geo/population/population.geojson",
                "sha256": "0" * 64,
                "source": rename("GeoNames, SimpleMaps, Natural Earth, census of 2009"),
                "licence": "CC BY 4.0",
                "date": "2024",
            },
            {
                "path": "/somewhere/else/lines.geojson",
                "sha256": "1" * 64,
                "source": None,
                "licence": None,
                "date": None,
            },
        ],
    }
    return PlanFile.model_validate({**document, **more})


def _build_unserved(site: str, need: float | None) -> dict[str, Any]:
    default = "need_unknown" if need is None else "not_planned"
    reason, values, change = UNSERVED.get(site, (default, {}, None))
    return {
        "site_id": site,
        "need": need,
        "reason": reason,
        "reason_values": values,
        "nearest_change": {"code": change[0], "values": change[1]} if change else None,
    }
