"""One small whole file for every reader and ending: what fuzzing begins with."""

from __future__ import annotations

import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import shapely

from geojson_files import build_site, dump_features, write_geopackage
from osm_files import write_drawn_pbf
from patrolplan.planfile import format_plan
from patrolplan.products.exports.formats import render_exports
from patrolplan.shipped import find_main_scenario, find_shipped
from sample_plan import build_plan

__all__ = ["build_whole_files"]

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="16.1" lon="0.1"><time>2014-11-03T06:00:00Z</time></trkpt>
<trkpt lat="16.2" lon="0.1"><time>2014-11-03T06:10:00Z</time></trkpt>
</trkseg></trk></gpx>
"""
INCIDENTS = """id,date,latitude,longitude,event_type,fatalities
1,2014-05-01,16.2,0.1,Violence against civilians,2
2,2014-06-01,16.3,0.2,Battles,0
"""
GRID = f"""format = "patrolplan-grid/1"
scenario = {json.dumps(str(find_main_scenario()))}
iterations = 10

[grid.season]
dry = {{ start = 2014-02-03 }}
rains = {{ start = 2014-08-04 }}

[grid.roads]
open = {{}}
shut = {{ close = ["gao-almoustarat"] }}
"""
MAPPING = """[network]
snap_m = 20

[network.columns]
highway = "fclass"

[network.values.highway]
piste = "track"
"""


@cache
def build_whole_files() -> dict[tuple[str, str], bytes]:
    """Return the bytes of each, by reader and ending."""
    spot = {"type": "Point", "coordinates": [0, 16]}
    sites = dump_features([build_site(spot, id=key) for key in "abc"])
    plan = build_plan(count=1)
    exports = render_exports(plan)
    geo = find_shipped() / "data" / "geo"
    heights = (geo / "context" / "elevation.tif").read_bytes()
    files = {
        ("sites", ".geojson"): sites,
        ("sites", ".csv"): b"id,name,population,lon,lat\na,A,9,0,16\nb,B,,0.1,16\n",
        ("sites", ".gpkg"): _write(".gpkg", write_geopackage),
        ("zones", ".csv"): (
            b'id,name,level,wkt\nz,Z,3,"POLYGON ((0 16, 1 16, 1 17, 0 16))"\n'
        ),
        ("track", ".gpx"): GPX.encode(),
        ("incidents", ".csv"): INCIDENTS.encode(),
        ("elevation", ".tif"): heights,
        ("people", ".tif"): heights,
        ("plan", ".json"): format_plan(plan).encode(),
        ("scenario", ".toml"): find_main_scenario().read_bytes(),
        ("grid", ".toml"): GRID.encode(),
        ("mandate", ".toml"): (geo / "mandate.toml").read_bytes(),
        ("mapping", ".toml"): MAPPING.encode(),
        ("roads", ".osm.pbf"): _write(
            ".osm.pbf", lambda path: write_drawn_pbf(path, 300)
        ),
        ("export", ".gpkg"): exports["plan.gpkg"],
        ("export", ".geojson"): exports["plan.geojson"],
        ("export", ".kml"): exports["plan.kml"],
        ("export", ".csv"): exports["waypoints.csv"],
        ("export", ".gpx"): next(
            data for name, data in exports.items() if name.endswith(".gpx")
        ),
    }
    roads = gpd.GeoDataFrame(
        {"highway": ["track", "primary"], "name": ["A", "B"]},
        geometry=[shapely.LineString([(0, 16), (n / 10, 16.1)]) for n in (1, 2)],
        crs="EPSG:4326",
    )
    files["roads", ".geojson"] = roads.to_json().encode()
    files["roads", ".gpkg"] = _write(
        ".gpkg", lambda path: roads.to_file(path, layer="lines")
    )
    files["roads", ".zip"] = _write(".zip", lambda path: _pack(path, roads))
    return files


def _write(ending: str, write) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"whole{ending}")
        write(path)
        return path.read_bytes()


def _pack(path: Path, roads: gpd.GeoDataFrame) -> None:
    roads.to_file(path.with_suffix(".shp"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        for part in sorted(path.parent.glob("whole.*")):
            if part.suffix != ".zip":
                pack.write(part, part.name)
