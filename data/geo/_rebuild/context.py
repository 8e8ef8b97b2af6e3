"""Writes context layers, airfields and elevation."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window
from shapely.geometry import Point as ShapelyPoint

from _rebuild.geo import BBOX
from _rebuild.outputs import snap_grid, write_features, write_rows
from _rebuild.packages import PACKAGES
from _rebuild.sources import REGIONS

FOOT_M = 0.3048
SURFACES = {"ASP": "paved", "GVL": "gravel"}
AIRFIELD_COLUMNS = ("id", "name", "lon", "lat", "elevation_m", "runway_length_m",
                    "surface", "source")  # fmt: skip
CELLS = 15  # elevation cells a degree


def write_context(
    folder: Path,
    regions: gpd.GeoDataFrame,
    borders: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame,
    lakes: gpd.GeoDataFrame,
) -> None:
    """Write regions, borders, rivers and Lac Débo."""
    write_features(folder / "regions.geojson", [
        ({"name": row.name, "code": row.code}, snap_grid(row.geometry))
        for row in regions[["name", "code", "geometry"]].itertuples(index=False)
    ])  # fmt: skip
    named = []
    for left, right, shape in zip(
        borders["adm0_left"], borders["adm0_right"], borders.geometry, strict=True
    ):
        named.append(({"name": " / ".join(sorted((left, right)))}, shape))
    write_features(folder / "borders.geojson", sorted(
        named, key=lambda pair: (pair[0]["name"], pair[1].wkt)))  # fmt: skip
    streams = []
    for name, shape in zip(rivers["name"], rivers.geometry, strict=True):
        if name in {"Niger", "Bani"}:
            streams.append(({"name": name}, shape))
    write_features(folder / "rivers.geojson", sorted(
        streams, key=lambda pair: (pair[0]["name"], pair[1].wkt)))  # fmt: skip
    write_features(folder / "lakes.geojson", [
        ({"name": "Lac Débo"}, snap_grid(shape)) for shape in lakes.geometry
    ])  # fmt: skip


def write_elevation(folder: Path, picture: Path) -> None:
    """Cut the 4 arc-minute grid (metres + 1000, 84 N at the top) to the box."""
    west, south, east, north = BBOX
    columns = round((east - west) * CELLS)
    rows = int(np.ceil((north - south) * CELLS)) + 1
    window = Window(round((west + 180) * CELLS), round((84 - north) * CELLS),
                    columns, rows)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(picture) as source:
            cells = source.read(1, window=window).astype("int32") - 1000
    folder.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        folder / "elevation.tif", "w", driver="GTiff", dtype="int16", count=1,
        width=columns, height=rows, crs="EPSG:4326", compress="deflate",
        transform=from_origin(west, north, 1 / CELLS, 1 / CELLS),
    ) as target:  # fmt: skip
        target.write(cells.astype("int16"), 1)


def write_airfields(
    path: Path,
    airports: list[dict[str, str]],
    runways: list[dict[str, str]],
    regions: gpd.GeoDataFrame,
) -> None:
    """Write the airfields of the four northern regions."""
    north = regions[regions["name"].isin(REGIONS.values())].union_all()
    open_runways: dict[str, list[tuple[int, str]]] = {}
    for row in runways:
        if row["length_ft"] and row["closed"] == "0":
            open_runways.setdefault(row["airport_ident"], []).append(
                (int(row["length_ft"]), row["surface"]))  # fmt: skip
    rows: list[dict[str, Any]] = []
    for row in airports:
        lon, lat = float(row["longitude_deg"]), float(row["latitude_deg"])
        if row["iso_country"] != "ML" or row["type"] == "closed":
            continue
        if not north.contains(ShapelyPoint(lon, lat)):
            continue
        feet, surface = max(open_runways.get(row["ident"], [(0, "")]))
        height = row["elevation_ft"]
        rows.append({
            "id": row["ident"], "name": row["name"],
            "lon": round(lon, 5), "lat": round(lat, 5),
            "elevation_m": round(float(height) * FOOT_M) if height else None,
            "runway_length_m": round(feet * FOOT_M) or None,
            "surface": SURFACES.get(surface),
            "source": f"OurAirports ({PACKAGES['ourairports'].label})",
        })  # fmt: skip
    write_rows(path, AIRFIELD_COLUMNS, sorted(rows, key=lambda r: str(r["id"])))
