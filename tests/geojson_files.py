"""Small layers as GeoJSON, GeoPackage and CSV, made to be spoilt."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely


def build_site(geometry: Any, **properties: Any) -> dict[str, Any]:
    cells = {"id": "a", "name": "A", "population": 100}
    return {"type": "Feature", "properties": cells | properties, "geometry": geometry}


def dump_features(features: Iterable[Any], **members: Any) -> bytes:
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    return json.dumps(document).encode()


def dump_site(geometry: Any, **properties: Any) -> bytes:
    return dump_features([build_site(geometry, **properties)])


def dump_zone(geometry: Any) -> bytes:
    zone = {"type": "Feature", "properties": {"id": "z", "name": "Z", "risk": 3}}
    return dump_features([zone | {"geometry": geometry}])


def dump_road(geometry: Any) -> bytes:
    road = {"type": "Feature", "properties": {"id": "r", "highway": "track"}}
    return dump_features([road | {"geometry": geometry}])


def write_geopackage(path: Path, layer: str = "population", *statements: str) -> None:
    """Write a GeoPackage of one site, and then run SQL of a stranger on it."""
    frame = gpd.GeoDataFrame(
        {"id": ["a"], "name": ["A"], "population": [100]},
        geometry=[shapely.Point(0, 16)],
        crs="EPSG:4326",
    )
    frame.to_file(path, layer=layer, driver="GPKG")
    with closing(sqlite3.connect(path)) as base:
        # GDAL's triggers call functions that only GDAL has.
        for (name,) in base.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            base.execute(statement)
        base.commit()
