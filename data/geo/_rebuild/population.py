"""Merges the populated places of three packages with the curated table."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
from shapely.geometry import Point as ShapelyPoint

from _rebuild.geo import measure_km, normalise_name
from _rebuild.packages import PACKAGES
from _rebuild.sources import REGIONS, Place

MERGE_KM = 15.0
BORDER_KM = 30.0  # Natural Earth borders are coarse: a site may lie this far outside
TITLES = {"geonames": "GeoNames", "simplemaps": "SimpleMaps",
          "naturalearth": "Natural Earth"}  # fmt: skip
# Places joined by hand where neither name nor distance would do.
OVERRIDES: dict[tuple[str, str], str] = {
    ("simplemaps", "1466124401"): "bourem",  # Bourem Guindou, 6 km south of Bourem
    ("naturalearth", "Bourem"): "bourem",
}
# OurAirports fields that stand for a village no other package gives.
AIRFIELD_SITES = {"tassiga": "ML-0002"}
COLUMNS = (
    "id", "name", "name_fr", "aliases", "region_2014", "cercle_2014", "region_today",
    "cercle_today", "population", "population_year", "population_scope",
    "population_source", "population_confidence", "counted_with", "position_source",
    "position_confidence", "sources", "note",
)  # fmt: skip


def find_site(place: Place, rows: list[dict[str, str]]) -> str | None:
    """Find the curated row a package's place belongs to.

    The rule: a hand-made override, else a common name or alias (accents and case
    aside) and, where the row has a position of its own, at most 15 km between both.
    """
    if (place.source, place.key) in OVERRIDES:
        return OVERRIDES[place.source, place.key]
    names = {normalise_name(name) for name in place.names} - {""}
    for row in rows:
        mine = {normalise_name(n) for n in (row["name"], *row["aliases"].split("|"))}
        if not names & mine:
            continue
        if not row["lon"]:
            return row["id"]
        point = (float(row["lon"]), float(row["lat"]))
        if measure_km([point, (place.lon, place.lat)]) <= MERGE_KM:
            return row["id"]
    return None


def find_region(lon: float, lat: float, regions: gpd.GeoDataFrame) -> str | None:
    """Name of the region of before 2016 that holds a point."""
    held = regions[regions.contains(ShapelyPoint(lon, lat))]
    return str(held["name"].iloc[0]) if len(held) else None


def merge_places(
    rows: list[dict[str, str]],
    places: list[Place],
    airfields: dict[str, dict[str, str]],
    regions: gpd.GeoDataFrame,
) -> tuple[list[dict[str, Any]], list[str]]:
    """Build the sites, one a place, and list every fault found on the way."""
    faults = []
    members: dict[str, list[Place]] = {row["id"]: [] for row in rows}
    for place in places:
        if find_region(place.lon, place.lat, regions) not in REGIONS.values():
            continue
        site_id = find_site(place, rows)
        if site_id is None:
            faults.append(
                f"{place.source}:{place.key} {place.names[0]}: no curated row"
            )
        else:
            members[site_id].append(place)
    sites = []
    for row in sorted(rows, key=lambda r: r["id"]):
        found = sorted(members[row["id"]], key=lambda p: list(TITLES).index(p.source))
        site = build_site(row, found, airfields)
        if site is None:
            faults.append(f"{row['id']}: no position in any source")
            continue
        spread = [
            p for p in found if measure_km([(p.lon, p.lat), site["at"]]) > MERGE_KM
        ]
        faults += [f"{row['id']}: {p.source} is over 15 km away" for p in spread]
        faults += check_site(site, regions)
        sites.append(site)
    return sites, faults


def build_site(
    row: dict[str, str], found: list[Place], airfields: dict[str, dict[str, str]]
) -> dict[str, Any] | None:
    """Fill one site: curated facts first, then GeoNames, SimpleMaps, Natural Earth."""
    site: dict[str, Any] = {name: row.get(name) or None for name in COLUMNS}
    sources = [f"{p.source}:{p.key}" for p in found]
    if row["lon"]:
        site["at"] = (float(row["lon"]), float(row["lat"]))
        sources.append("curated")
    elif found:
        first = found[0]
        site["at"] = (round(first.lon, 5), round(first.lat, 5))
        label = PACKAGES[first.source].label
        site["position_source"] = f"{TITLES[first.source]} {first.key} ({label})"
    elif row["id"] in AIRFIELD_SITES:
        field = airfields[AIRFIELD_SITES[row["id"]]]
        lon, lat = float(field["longitude_deg"]), float(field["latitude_deg"])
        site["at"] = (round(lon, 5), round(lat, 5))
        label = PACKAGES["ourairports"].label
        site["position_source"] = f"OurAirports {field['ident']} ({label})"
        sources.append(f"ourairports:{field['ident']}")
    else:
        return None
    names = [row["name"], row["name_fr"], *row["aliases"].split("|")]
    site["aliases"] = "|".join(dict.fromkeys(name for name in names if name))
    for column in ("population", "population_year"):
        site[column] = int(row[column]) if row[column] else None
    undated = next((p.population for p in found if p.source == "geonames"), None)
    if site["population"] is None and undated and not row["counted_with"]:
        site["population"] = undated
        site["population_scope"] = "unknown"
        site["population_source"] = "GeoNames, undated"
        site["population_confidence"] = "low"
    site["sources"] = "|".join(sources)
    return site


def check_site(site: dict[str, Any], regions: gpd.GeoDataFrame) -> list[str]:
    """Faults of one site: region, population, counting."""
    faults = []
    name = site["id"]
    if site["region_2014"] not in REGIONS.values():
        faults.append(f"{name}: {site['region_2014']} is no northern region of 2014")
    else:
        home = regions[regions["name"] == site["region_2014"]].to_crs(epsg=3857)
        point = gpd.GeoSeries([ShapelyPoint(site["at"])], crs=4326).to_crs(epsg=3857)
        away = float(home.distance(point.iloc[0]).iloc[0]) / 1000
        if away > BORDER_KM:
            faults.append(f"{name}: {away:.0f} km outside {site['region_2014']}")
    if site["population"] is not None and site["population"] <= 0:
        faults.append(f"{name}: population {site['population']}; unknown is empty")
    if site["counted_with"] and site["population"] is not None:
        faults.append(f"{name}: counted with another site and has a figure too")
    return faults
