"""Reads the raw layers out of the unpacked packages, cut to the theatre."""

from __future__ import annotations

import csv
import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely.geometry import box, shape

from _rebuild.geo import BBOX, Point

REGIONS = {"ML-5": "Mopti", "ML-6": "Tombouctou", "ML-7": "Gao", "ML-8": "Kidal"}


@dataclass(frozen=True)
class Place:
    """A populated place as one package gives it."""

    source: str
    key: str
    names: tuple[str, ...]
    lon: float
    lat: float
    population: int | None


def inside(lon: float, lat: float) -> bool:
    """Whether a point lies in the theatre's box."""
    return BBOX[0] <= lon <= BBOX[2] and BBOX[1] <= lat <= BBOX[3]


def read_geonames(folder: Path) -> list[Place]:
    """Malian places of GeoNames cities500; population 0 upstream is unknown."""
    table = json.loads((folder / "cities500.json").read_text(encoding="utf-8"))
    return [
        Place("geonames", str(row["geonameid"]),
              (row["name"], *row["alternatenames"]),
              row["longitude"], row["latitude"], row["population"] or None)
        for row in table.values()
        if row["countrycode"] == "ML" and inside(row["longitude"], row["latitude"])
    ]  # fmt: skip


def read_simplemaps(folder: Path) -> list[Place]:
    """Malian places of SimpleMaps."""
    table = json.loads((folder / "cities.json").read_text(encoding="utf-8"))
    return [
        Place("simplemaps", row["id"], (row["city"], row["city_ascii"]),
              float(row["lng"]), float(row["lat"]),
              int(float(row["population"] or 0)) or None)
        for row in table
        if row["iso2"] == "ML" and inside(float(row["lng"]), float(row["lat"]))
    ]  # fmt: skip


def read_naturalearth(folder: Path) -> list[Place]:
    """Malian places of Natural Earth 1:10m."""
    name = "ne_10m_populated_places_simple.shp"
    table = gpd.read_file(folder / name, bbox=BBOX)
    table = table[table["adm0_a3"] == "MLI"]
    return [
        Place("naturalearth", row.nameascii, (row.name, row.nameascii),
              float(row.longitude), float(row.latitude), int(row.pop_max) or None)
        for row in table[["name", "nameascii", "longitude", "latitude", "pop_max"]]
        .itertuples(index=False)
    ]  # fmt: skip


def read_regions(folder: Path) -> gpd.GeoDataFrame:
    """Malian first-level regions of before 2016, cut to the box."""
    table = json.loads((folder / "admin1.json").read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = []
    for feature in table["features"]:
        found = feature["properties"]
        if found.get("adm0_a3") != "MLI":
            continue
        outline = shape(feature["geometry"]).intersection(box(*BBOX))
        if not outline.is_empty:
            code = found["iso_3166_2"]
            name = REGIONS.get(code, found["name"])
            rows.append({"code": code, "name": name, "geometry": outline})
    return gpd.GeoDataFrame(rows, crs="EPSG:4326").sort_values("code")


def read_shapes(folder: Path, name: str) -> gpd.GeoDataFrame:
    """One shapefile cut to the box."""
    return gpd.clip(gpd.read_file(folder / f"{name}.shp", bbox=BBOX), BBOX)


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a packed CSV as text."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def read_trunk_edges(folder: Path) -> list[tuple[int, int, float, Point, Point]]:
    """OSM trunk edges with both ends in the box: two node numbers, km, ends."""
    text = (folder / "world_highways.py").read_text(encoding="utf-8")
    nodes = json.loads(re.search(r"^nodes ?= ?(\[.*\])$", text, re.M)[1])  # type: ignore[index]
    graph = re.search(r"^graph ?= ?(\[.*\])$", text, re.M)[1]  # type: ignore[index]
    graph = json.loads(re.sub(r"(\d+): ", r'"\1": ', graph))
    near = {i for i, (lat, lon) in enumerate(nodes) if inside(lon, lat)}
    edges = []
    for a in sorted(near):
        for key, km in graph[a].items():
            b = int(key)
            if a < b and b in near:
                (lat_a, lon_a), (lat_b, lon_b) = nodes[a], nodes[b]
                edges.append((a, b, float(km), (lon_a, lat_a), (lon_b, lat_b)))
    return edges
