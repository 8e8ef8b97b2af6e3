"""Countries of any size, made by chance from a seed: layers, a scenario, and teams.

Towns and hamlets cluster around hubs; tracks join each to near ones; zones of risk lie
side by side. Bases stand at the hubs with most people, and teams are shared out over
them. Speeds and vehicles are the built-in ones. There are no ferries, no floods, no
themes and no places that halts keep clear of.
"""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from synthetic_sahel import draw_tracks

from patrolplan.planning.problem import Base, Problem, Site, Team, TravelMatrix
from patrolplan.shipped import find_shipped

__all__ = ["Country", "build_country", "build_country_problem", "write_country"]

WEST, SOUTH, EAST, NORTH = -6.5, 13.8, 4.5, 21.0
"""Degrees, within the built-in area."""
SHARE_LOOSE, SPREAD_DEG, APART_DEG = 0.3, 0.5, 0.03
"""Of the sites, those of no hub; how far the others lie from theirs; and all from each
other, at least."""
SITES_PER_HUB = 12
ZONES_WIDE, ZONES_HIGH = 6, 4
START, DAYS = date(2014, 11, 3), 28
MAX_DAYS, REST_DAYS, RANGE_KM = 6, 21, 900.0
"""As of the built-in teams."""
WINDING, SPEED_KMH, KM_PER_DEGREE = 1.2, 30.0, 111.0
"""Where no layers are written: road over straight line, and an armoured convoy's pace
on tracks."""


class Country(NamedTuple):
    """What was drawn.

    Attributes
    ----------
    spots
        Longitude and latitude of each site, in degrees.
    people
        Of each site.
    tracks
        Pairs of sites that a track joins.
    bases
        Sites that a base stands at.
    teams
        For each team the number of its base.
    levels
        Risk of each zone, from west to east and then from south to north.
    """

    spots: np.ndarray
    people: np.ndarray
    tracks: np.ndarray
    bases: np.ndarray
    teams: np.ndarray
    levels: np.ndarray


def build_country(sites: int, teams: int, bases: int, *, seed: int = 1) -> Country:
    """Return a country made by chance.

    Parameters
    ----------
    sites, teams, bases
        How many.
    seed
        Of all draws.
    """
    rng = np.random.default_rng([seed, sites, teams, bases])
    corner, size = np.array([WEST, SOUTH]), np.array([EAST - WEST, NORTH - SOUTH])
    hubs = corner + size * rng.random((max(3, sites // SITES_PER_HUB), 2))
    spots = hubs[rng.integers(len(hubs), size=sites)]
    spots = spots + rng.normal(0.0, SPREAD_DEG, (sites, 2))
    anywhere = rng.random(sites) < SHARE_LOOSE
    while True:
        # Beyond the corner all would lie on one line, and tracks to two places that are
        # all but one are one road drawn twice.
        spots = np.rint(spots / APART_DEG) * APART_DEG
        anywhere |= ((spots < corner) | (spots > corner + size)).any(axis=1)
        first = np.unique(spots, axis=0, return_index=True)[1]
        anywhere |= ~np.isin(np.arange(sites), first)
        if not anywhere.any():
            break
        spots[anywhere] = corner + size * rng.random((int(anywhere.sum()), 2))
        anywhere[:] = False
    people = np.rint(np.exp(rng.normal(7.0, 1.2, sites))).astype(int) + 1
    return Country(
        np.round(spots, 5),
        people,
        draw_tracks(rng, np.round(spots, 5)),
        np.sort(np.argsort(-people, kind="stable")[:bases]),
        np.arange(teams) % bases,
        rng.integers(1, 6, ZONES_WIDE * ZONES_HIGH),
    )


def build_country_problem(country: Country) -> Problem:
    """Return the problem of a country without its layers: for the solver alone.

    Parameters
    ----------
    country
        The country. Sites count by people and the risk of their zone.
    """
    spots, tracks = country.spots, country.tracks
    step = (spots[tracks[:, 1]] - spots[tracks[:, 0]]) * KM_PER_DEGREE
    step[:, 0] *= np.cos(np.radians(spots[tracks[:, 0], 1]))
    lengths = np.hypot(*step.T) * WINDING
    size = len(spots)
    km = dijkstra(coo_array((lengths, tracks.T), shape=(size, size)), directed=False)
    # Bases come last, each at its site.
    at = np.concatenate((np.arange(size), country.bases))
    km = km[np.ix_(at, at)]
    ids = [f"s{k:05d}" for k in range(size)]
    bases = [f"base-{k:03d}" for k in range(len(country.bases))]
    midnights = np.arange(DAYS + 1) * 1440.0
    zone = find_zones(spots)
    needs = country.people * country.levels[zone] / 5.0
    held = dict(zip(country.bases.tolist(), bases, strict=True))
    return Problem(
        start=START,
        horizon_days=DAYS,
        place_ids=(*ids, *bases),
        sites=tuple(
            Site(ids[k], ids[k], float(needs[k]), 120.0, held_by=held.get(k))
            for k in range(size)
        ),
        bases=tuple(Base(name, name) for name in bases),
        teams=tuple(
            Team(
                id=f"team-{k:03d}",
                base_id=bases[base],
                vehicle="armoured",
                vehicles=6,
                people=24,
                min_days=1,
                max_days=MAX_DAYS,
                rest_days=REST_DAYS,
                range_km=RANGE_KM,
            )
            for k, base in enumerate(country.teams.tolist())
        ),
        travel=(
            TravelMatrix(
                "armoured",
                START,
                START + timedelta(days=DAYS),
                km / SPEED_KMH * 60.0,
                km * 1000.0,
                km,
            ),
        ),
        opens_min=np.tile(midnights[:-1] + 360.0, (len(at), 1)),
        closes_min=np.tile(midnights[:-1] + 1020.0, (len(at), 1)),
        day_starts_min=midnights,
    )


def find_zones(spots: np.ndarray) -> np.ndarray:
    """Return the number of the zone that each spot lies in.

    Parameters
    ----------
    spots
        Longitude and latitude in degrees.
    """
    share = (spots - [WEST, SOUTH]) / [EAST - WEST, NORTH - SOUTH]
    cell = np.minimum(share * [ZONES_WIDE, ZONES_HIGH], [ZONES_WIDE, ZONES_HIGH])
    column = np.minimum(cell[:, 0].astype(int), ZONES_WIDE - 1)
    row = np.minimum(cell[:, 1].astype(int), ZONES_HIGH - 1)
    return row * ZONES_WIDE + column


def write_country(
    country: Country, folder: Path, *, iterations: int, more: str = ""
) -> Path:
    """Write a country as layers with a scenario, and return the scenario's file.

    Parameters
    ----------
    country
        The country.
    folder
        Where to.
    iterations
        Rounds of search that the scenario asks for.
    more
        Lines of TOML at the end of the scenario.
    """
    for name in ("population", "lines", "zones", "bases", "movement"):
        (folder / name).mkdir(parents=True)
    for name in ("speeds.csv", "vehicles.csv"):
        shutil.copyfile(
            find_shipped() / "data" / "geo" / "movement" / name,
            folder / "movement" / name,
        )
    _write_features(folder / "population/population.geojson", _list_sites(country))
    _write_features(folder / "lines/lines.geojson", _list_tracks(country))
    _write_features(folder / "zones/zones.geojson", _list_zones(country))
    with (folder / "bases/bases.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "name", "site_id", "lon", "lat"])
        for number, site in enumerate(country.bases.tolist()):
            lon, lat = country.spots[site].tolist()
            name = f"base-{number:03d}"
            writer.writerow([name, name, f"s{site:05d}", lon, lat])
    path = folder / "country.toml"
    path.write_text(_write_scenario(country, iterations) + more, encoding="utf-8")
    return path


def _write_features(path: Path, features: list[dict[str, Any]]) -> None:
    rows = ",\n".join(json.dumps(feature) for feature in features)
    path.write_text(
        f'{{"type": "FeatureCollection", "features": [\n{rows}\n]}}\n', encoding="utf-8"
    )


def _build_feature(shape: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape, "coordinates": coordinates},
    }


def _list_sites(country: Country) -> list[dict[str, Any]]:
    return [
        _build_feature(
            "Point",
            spot,
            id=f"s{number:05d}",
            name=f"Place {number}",
            cercle_2014=f"Cercle {zone}",
            population=people,
        )
        for number, (spot, people, zone) in enumerate(
            zip(
                country.spots.tolist(),
                country.people.tolist(),
                find_zones(country.spots).tolist(),
                strict=True,
            )
        )
    ]


def _list_tracks(country: Country) -> list[dict[str, Any]]:
    spots = country.spots.tolist()
    return [
        _build_feature(
            "LineString",
            [spots[one], spots[other]],
            id=f"t{number:06d}",
            kind="track",
            surface="track",
            from_id=f"s{one:05d}",
            to_id=f"s{other:05d}",
        )
        for number, (one, other) in enumerate(country.tracks.tolist())
    ]


def _list_zones(country: Country) -> list[dict[str, Any]]:
    wide, high = (EAST - WEST) / ZONES_WIDE, (NORTH - SOUTH) / ZONES_HIGH
    zones = []
    for number, level in enumerate(country.levels.tolist()):
        west = WEST + number % ZONES_WIDE * wide
        south = SOUTH + number // ZONES_WIDE * high
        ring = [
            [round(west + x * wide, 6), round(south + y * high, 6)]
            for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
        ]
        zones.append(
            _build_feature(
                "Polygon",
                [ring],
                id=f"z{number:02d}",
                name=f"Zone {number}",
                level=level,
                source="made by chance",
                confidence="low",
                illustrative=True,
            )
        )
    return zones


def _write_scenario(country: Country, iterations: int) -> str:
    teams = "\n".join(
        f"""
[[teams]]
id = "team-{number:03d}"
base = "base-{base:03d}"
vehicles = {{ armoured = 3, armoured_ambulance = 1, armoured_recovery = 1, \
armoured_bowser = 1 }}
people = 24
max_days = {MAX_DAYS}
rest_days = {REST_DAYS}
range_km = {RANGE_KM:g}"""
        for number, base in enumerate(country.teams.tolist())
    )
    return f"""format = "patrolplan-scenario/1"
name = "country"
title = "A country made by chance"
start = {START.isoformat()}
horizon_days = {DAYS}
timezone = "Africa/Bamako"
seed = 1
iterations = {iterations}

[layers]
folder = "."
{teams}
"""
