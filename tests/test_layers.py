"""Layers: what ships is read, and a broken copy of each is refused by name."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import pytest
import shapely

from patrolplan.errors import Fault
from patrolplan.geodesy import WGS84
from patrolplan.layers.schema import SCHEMAS
from theatre import list_lines

GAO = (-0.0447, 16.2717)


def find_fault(faults: list[Fault], *said: str) -> Fault:
    """Return the one fault whose line says all of this."""
    found = [f for f in faults if all(text in str(f) for text in said)]
    assert len(found) == 1, list_lines(faults)
    return found[0]


def same(one, other) -> bool:
    """Return whether two layers hold the same, to a tenth of a millimetre."""
    one, other = (f.sort_values("id", ignore_index=True) for f in (one, other))
    assert list(one["id"]) == list(other["id"])
    for name in set(one.columns) - {"geometry"}:
        assert one[name].astype(object).equals(other[name].astype(object)), name
    near = shapely.equals_exact(
        one.geometry.to_numpy(), other.geometry.to_numpy(), tolerance=1e-9
    )
    return bool(near.all())


# What ships


def test_a_copy_of_what_ships_reads_like_it(theatre, layers) -> None:
    found = theatre.read_layers()
    for layer in ("population", "lines", "zones", "bases"):
        assert same(getattr(found, layer), getattr(layers, layer))


def test_frames_bear_the_columns_of_their_schema_in_wgs84(layers) -> None:
    for layer, schema in SCHEMAS.items():
        if layer == "osm_lengths":
            continue
        theme = layers.themes.get(layer)
        frame = getattr(layers, layer) if theme is None else theme
        columns = set(frame.columns) - {"geometry", "osm_length_km"}
        assert columns == set(schema.names), layer
        if schema.shape != "none":
            assert frame.crs == WGS84


def test_unknown_is_none_or_nan_and_never_zero(layers) -> None:
    people = layers.population["population"]
    assert people.isna().any()
    assert (people.dropna() > 0).all()
    assert layers.lines["ref"].isna().any()
    assert all(ref is None or ref for ref in layers.lines["ref"])


def test_osm_lengths_are_joined_for_comparison(layers) -> None:
    assert 5 < layers.lines["osm_length_km"].notna().sum() < len(layers.lines)


def test_a_context_layer_that_is_not_there_is_empty(theatre) -> None:
    theatre.find("airfields").unlink()
    assert theatre.read_layers().airfields.empty


def test_a_layer_that_a_plan_needs_must_be_there(theatre) -> None:
    theatre.find("population").unlink()
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("population.geojson", "file")


def test_a_layer_that_the_scenario_names_must_be_there(theatre) -> None:
    theatre.point_to("airfields", "own.csv")
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("own.csv", "file")


# Population


def test_swapped_longitude_and_latitude_are_caught(theatre) -> None:
    theatre.set_coordinates("population", "gao", GAO[::-1])
    fault = find_fault(theatre.list_faults(), "site 'gao', geometry")
    assert fault.file == "population.geojson"
    assert fault.found == "found lon 16.2717, lat -0.0447"
    assert fault.expected == "expected lon -7 to 5, lat 13.5 to 25"
    assert fault.cause == "longitude and latitude exchanged?"


def test_metres_taken_for_degrees_are_caught(theatre) -> None:
    theatre.set_coordinates("population", "gao", [388_000, 1_799_000])
    fault = find_fault(theatre.list_faults(), "site 'gao', geometry")
    assert fault.cause == "metres taken for degrees, or the wrong CRS declared?"


def test_a_wrong_crs_declared_is_caught(theatre) -> None:
    def declare(document) -> None:
        name = "urn:ogc:def:crs:EPSG::32630"
        document["crs"] = {"type": "name", "properties": {"name": name}}

    theatre.edit_document("population", declare)
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("population.geojson", "geometry")
    assert fault.found == "all 53 features lie outside the area"
    assert fault.cause == "degrees taken for metres: the wrong CRS declared?"


def test_the_wrong_bourem_is_caught(theatre) -> None:
    # A gazetteer gives 18.97 N 0.36 E: another Bourem, in the region of Kidal.
    theatre.set_coordinates("population", "bourem", [0.36, 18.97])
    faults = theatre.list_faults()
    assert {fault.where for fault in faults} == {"site 'bourem', geometry"}
    fault = find_fault(faults, "km outside Gao")
    assert fault.expected == "expected a position in region Gao"
    assert fault.cause == "another place of the same name?"
    find_fault(faults, "from where its", "lines meet")


def test_the_flipped_longitude_of_aguelhok_is_caught(theatre) -> None:
    theatre.set_coordinates("population", "aguelhok", [-0.85889, 19.46139])
    # Its mirror image is in Kidal too: only the roads tell.
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == (
        "population.geojson",
        "site 'aguelhok', geometry",
    )
    assert fault.found == "it lies 180.4 km from where its 3 lines meet"
    assert fault.cause == "the sign of the longitude flipped?"


@pytest.mark.parametrize(
    ("spot", "cause"),
    [
        ([-0.0447, -16.2717], "the sign of the latitude flipped?"),
        ([6.9, 16.2], "the sign of the longitude flipped?"),
        ([0, 0], "0, 0 was written for unknown?"),
        ([-75, 45], "a place of another theatre?"),
    ],
)
def test_a_place_out_of_the_area_gets_its_likely_cause(theatre, spot, cause) -> None:
    theatre.set_coordinates("population", "gao", spot)
    fault = find_fault(theatre.list_faults(), "site 'gao', geometry")
    assert cause in fault.cause


@pytest.mark.parametrize(
    ("people", "found", "cause"),
    [
        (0, "found 0", "0 was written for unknown: leave it empty"),
        (-5, "found -5", "a sign slipped in, or a code written for unknown?"),
        ("12,500", "found 12,500", "a comma between the thousands?"),
        (1.5, "found 1.5", ""),
        ("many", "found 'many'", ""),
    ],
)
def test_a_population_that_cannot_be_is_caught(theatre, people, found, cause) -> None:
    theatre.set_property("population", "gao", "population", people)
    (fault,) = theatre.list_faults()
    assert fault.where == "site 'gao', population"
    assert fault.found.replace(".0", "").replace("'", "") == found.replace("'", "")
    assert "a whole number of persons from 1" in fault.expected
    assert fault.cause == cause


def test_an_id_twice_is_caught(theatre) -> None:
    theatre.add_feature("population", "gao")
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == ("id 'gao'", "twice")
    assert "copied" in fault.cause


def test_a_missing_column_is_caught_once(theatre) -> None:
    def drop_names(document) -> None:
        for feature in document["features"]:
            del feature["properties"]["name"]

    theatre.edit_document("population", drop_names)
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == ("column 'name'", "it is missing")
    assert fault.cause == "it was renamed, or dropped in an export?"


def test_an_empty_cell_that_is_needed_is_caught(theatre) -> None:
    theatre.set_property("population", "gao", "name", None)
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == ("site 'gao', name", "empty")


def test_an_optional_column_may_be_missing(theatre) -> None:
    def drop_notes(document) -> None:
        for feature in document["features"]:
            del feature["properties"]["note"]

    theatre.edit_document("population", drop_notes)
    assert theatre.read_layers().population["note"].isna().all()


def test_a_layer_without_features_is_caught(theatre) -> None:
    theatre.edit_document("population", lambda d: d["features"].clear())
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("population.geojson", "features")
    assert (fault.found, fault.cause) == ("none", "a filter or an export left nothing")


@pytest.mark.parametrize(
    ("layer", "name"), [("population", "population"), ("zones", "level")]
)
def test_a_column_that_makes_the_need_must_be_there(theatre, layer, name) -> None:
    def rename(document) -> None:
        for feature in document["features"]:
            feature["properties"][name.upper() + "S"] = feature["properties"].pop(name)

    theatre.edit_document(layer, rename)
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == (f"column {name!r}", "it is missing")
    assert fault.cause == f"it is called {name.upper() + 'S'!r} here?"


@pytest.mark.parametrize(
    ("layer", "name"), [("population", "population"), ("zones", "level")]
)
def test_the_cells_of_such_a_column_may_all_be_empty(theatre, layer, name) -> None:
    def empty(document) -> None:
        for feature in document["features"]:
            feature["properties"][name] = None

    theatre.edit_document(layer, empty)
    assert getattr(theatre.read_layers(), layer)[name].isna().all()


def test_people_counted_with_an_unknown_site_are_caught(theatre) -> None:
    theatre.set_property("population", "sevare", "counted_with", "mopty")
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == (
        "site 'sevare', counted_with",
        "found 'mopty'",
    )


@pytest.mark.parametrize("layer", ["population", "zones", "lines"])
def test_a_layer_with_axes_exchanged_is_one_fault(theatre, layer) -> None:
    def exchange(spots):
        if isinstance(spots[0], int | float):
            return spots[1::-1]
        return [exchange(spot) for spot in spots]

    def turn(document) -> None:
        for feature in document["features"]:
            geometry = feature["geometry"]
            geometry["coordinates"] = exchange(geometry["coordinates"])

    theatre.edit_document(layer, turn)
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == (theatre.find(layer).name, "geometry")
    assert "features lie outside the area" in fault.found
    assert fault.cause == "longitude and latitude exchanged?"


def test_half_a_layer_outside_is_one_fault_and_a_few_are_each_their_own(
    theatre,
) -> None:
    def move(count):
        def change(document) -> None:
            for feature in document["features"][:count]:
                feature["geometry"]["coordinates"] = [60, 16]

        return change

    theatre.edit_document("population", move(4))
    assert len(theatre.list_faults()) == 4
    theatre.edit_document("population", move(30))
    (fault,) = theatre.list_faults()
    assert fault.found == "30 of 53 features lie outside the area"


# Lines


def test_an_unknown_surface_is_caught(theatre) -> None:
    theatre.set_property("lines", "rn17-gao-ansongo", "surface", "asphalt")
    (fault,) = theatre.list_faults()
    assert fault.where == "line 'rn17-gao-ansongo', surface"
    assert fault.found == "found 'asphalt'"
    assert "paved_degraded" in fault.expected
    assert fault.cause == "the speeds table has no row for it"


def test_a_surface_with_a_slip_of_spelling_is_caught(theatre) -> None:
    theatre.set_property("lines", "rn17-gao-ansongo", "surface", "trackk")
    (fault,) = theatre.list_faults()
    assert fault.cause == "a slip of spelling of 'track'"


def test_a_line_that_joins_nothing_is_caught(theatre) -> None:
    theatre.add_feature(
        "lines",
        "rn17-gao-ansongo",
        [[3.0, 22.0], [3.5, 22.4]],
        id="lost",
        from_id=None,
        to_id=None,
        length_km=None,
    )
    (fault,) = theatre.list_faults()
    assert fault.where == "line 'lost', geometry"
    assert fault.found == "it joins nothing"
    assert fault.cause == "a gap in the drawing"


def test_an_end_far_from_the_place_it_names_is_caught(theatre) -> None:
    theatre.set_coordinates("lines", "aguelhok-tessalit", [[0.86, 19.46], [1.3, 20.2]])
    fault = find_fault(theatre.list_faults(), "line 'aguelhok-tessalit', to_id")
    assert "km from 'tessalit'" in fault.found
    assert fault.expected == "expected at most 3 km"


def test_a_line_shorter_than_its_geodesic_is_caught(theatre) -> None:
    theatre.set_property("lines", "aguelhok-tessalit", "length_km", 60)
    (fault,) = theatre.list_faults()
    assert fault.where == "line 'aguelhok-tessalit', length_km"
    assert fault.expected.startswith("expected at least the geodesic, 83")


def test_a_line_longer_than_1_6_times_its_geodesic_is_caught(theatre) -> None:
    theatre.set_property("lines", "aguelhok-tessalit", "length_km", 200)
    (fault,) = theatre.list_faults()
    assert fault.where == "line 'aguelhok-tessalit', length_km"
    assert fault.expected.startswith("expected at most 1.6 x the geodesic, 133")


def test_metres_taken_for_kilometres_are_caught(theatre) -> None:
    theatre.set_property("lines", "aguelhok-tessalit", "length_km", 85_000)
    (fault,) = theatre.list_faults()
    assert fault.cause == "metres taken for kilometres"


@pytest.mark.parametrize("reverse", [False, True])
def test_one_road_drawn_twice_is_caught(theatre, reverse) -> None:
    # The second source puts Tessalit 700 m away: another kilometre of any grid.
    spots = [[0.85889, 19.46139], [0.93, 19.835], [1.01186, 20.2075]]
    theatre.add_feature(
        "lines",
        "aguelhok-tessalit",
        spots[::-1] if reverse else spots,
        id="rn19-again",
        from_id=None,
        to_id=None,
    )
    (fault,) = theatre.list_faults()
    assert fault.where == "line 'rn19-again', geometry"
    assert fault.found == "it runs where line 'aguelhok-tessalit' runs"
    assert fault.cause == "a road from two sources"


def test_two_short_streets_of_one_town_are_not_one_road(theatre) -> None:
    ends = {"north": [-0.0447, 16.2797], "east": [-0.0367, 16.2717]}
    for name, end in ends.items():
        theatre.add_feature(
            "lines",
            "rn17-gao-ansongo",
            [list(GAO), end],
            id=name,
            from_id=None,
            to_id=None,
            length_km=None,
        )
    assert len(theatre.read_layers().lines) > 80


def test_a_ferry_must_say_how_long_it_crosses(theatre) -> None:
    theatre.set_property("lines", "koriome-ferry", "crossing_min", None)
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == ("line 'koriome-ferry', crossing_min", "empty")


def test_an_unknown_state_of_a_road_is_caught(theatre) -> None:
    theatre.set_property("lines", "koriome-ferry", "status_rains", "shut")
    (fault,) = theatre.list_faults()
    assert fault.expected == "expected one of open, caution, closed, unknown"


def test_a_line_in_two_parts_is_caught(theatre) -> None:
    def split(feature) -> None:
        parts = [[[0.86, 19.46], [0.9, 19.7]], [[0.95, 19.9], [1.01, 20.2]]]
        feature["geometry"] = {"type": "MultiLineString", "coordinates": parts}

    theatre.edit_feature("lines", "aguelhok-tessalit", split)
    fault = find_fault(theatre.list_faults(), "line 'aguelhok-tessalit', geometry")
    assert fault.found == "2 separate parts"


def test_a_line_in_joined_parts_is_one_line(theatre) -> None:
    def split(feature) -> None:
        start, end = feature["geometry"]["coordinates"]
        parts = [[start, [0.93, 19.83]], [[0.93, 19.83], end]]
        feature["geometry"] = {"type": "MultiLineString", "coordinates": parts}

    theatre.edit_feature("lines", "aguelhok-tessalit", split)
    lines = theatre.read_layers().lines.set_index("id")
    assert len(lines.geometry["aguelhok-tessalit"].coords) == 3


# Zones


@pytest.mark.parametrize(
    ("level", "cause"),
    [
        (0, "0 was written for unknown: leave it empty"),
        (6, "another scale: risk here runs from 1 to 5"),
    ],
)
def test_a_level_off_the_scale_is_caught(theatre, level, cause) -> None:
    theatre.set_property("zones", "douentza", "level", level)
    (fault,) = theatre.list_faults()
    assert fault.file == "zones.geojson"
    assert fault.where == "zone 'douentza', level"
    assert fault.found.removesuffix(".0") == f"found {level}"
    assert fault.expected == "expected a number from 1 to 5"
    assert fault.cause == cause


def test_a_ring_that_crosses_itself_is_caught(theatre) -> None:
    bow = [[-3, 15], [-2, 16], [-2, 15], [-3, 16], [-3, 15]]
    theatre.set_coordinates("zones", "douentza", [bow])
    (fault,) = theatre.list_faults()
    assert fault.where == "zone 'douentza', geometry"
    assert "Self-intersection" in fault.found
    assert fault.expected == "a ring that does not cross itself"
    assert "two corners exchanged" in fault.cause


def test_a_ring_that_is_not_closed_is_caught(theatre) -> None:
    theatre.set_coordinates("zones", "douentza", [[[-3, 15], [-2, 16], [-2, 15]]])
    (fault,) = theatre.list_faults()
    assert fault.where == "feature 'douentza', geometry"
    assert "a ring of 4 positions" in fault.expected


def test_a_point_for_a_zone_is_caught(theatre) -> None:
    def shrink(feature) -> None:
        feature["geometry"] = {"type": "Point", "coordinates": [-3, 15]}

    theatre.edit_feature("zones", "douentza", shrink)
    (fault,) = theatre.list_faults()
    assert (fault.found, fault.expected) == ("a Point", "a Polygon")


def test_a_zone_that_ends_before_it_begins_is_caught(theatre) -> None:
    theatre.set_property("zones", "douentza", "period_from", "2014-06-01")
    theatre.set_property("zones", "douentza", "period_to", "2014-01-01")
    (fault,) = theatre.list_faults()
    assert fault.where == "zone 'douentza', period_to"
    assert fault.expected == "expected a day after period_from, 2014-06-01"
    assert "exchanged" in fault.cause


# Bases, speeds and other tables


def test_a_base_that_ends_before_it_begins_is_caught(theatre) -> None:
    theatre.set_cell("bases", 0, "valid_to", "2013-01-01")
    (fault,) = theatre.list_faults()
    assert fault.where == "base 'base-aguelhok', valid_to"
    assert fault.expected == "expected a day after valid_from, 2014-01-01"


@pytest.mark.parametrize(
    "day", ["2014-13-01", "1.1.2014", "2014-01-011", "20140101", "2014"]
)
def test_a_day_that_is_none_is_caught(theatre, day) -> None:
    theatre.set_cell("bases", 0, "valid_from", day)
    (fault,) = theatre.list_faults()
    assert fault.found == f"found '{day}'"
    assert fault.expected == "expected a day such as 2014-11-03"


def test_a_base_at_an_unknown_site_is_caught(theatre) -> None:
    theatre.set_cell("bases", 0, "site_id", "atlantis")
    (fault,) = theatre.list_faults()
    assert fault.where == "base 'base-aguelhok', site_id"
    assert fault.found == "found 'atlantis'"


@pytest.mark.parametrize(
    ("lon", "cause"),
    [
        ("-0.85889", "the sign of the longitude flipped?"),
        ("0.95", "the base or the site was moved, or another site is meant"),
    ],
)
def test_a_base_far_from_its_site_is_caught(theatre, lon, cause) -> None:
    theatre.set_cell("bases", 0, "lon", lon)
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("bases.csv", "base 'base-aguelhok', geometry")
    assert "km from its site, 'aguelhok'" in fault.found
    assert fault.expected == "expected at most 3 km"
    assert fault.cause == cause


def test_a_base_within_the_snapping_distance_of_its_site_is_read(theatre) -> None:
    theatre.set_cell("bases", 0, "lon", "0.87")
    assert len(theatre.read_layers().bases) == 13


def test_bases_of_another_population_layer_are_one_fault(theatre) -> None:
    rows = theatre.read_rows("bases")
    theatre.write_rows("bases", [row | {"site_id": row["id"]} for row in rows])
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("bases.csv", "column 'site_id'")
    assert fault.found == "none of its 13 sites is known"
    assert fault.cause == "the bases are of another population layer"


def test_a_base_with_the_id_of_a_site_is_caught(theatre) -> None:
    theatre.set_cell("bases", 0, "id", "aguelhok")
    (fault,) = theatre.list_faults()
    assert fault.expected == "ids that are unique over sites and bases"


@pytest.mark.parametrize("cell", ["", "nan", "inf", "-inf", "east", "1e999"])
def test_a_position_that_is_no_number_is_caught(theatre, cell) -> None:
    theatre.set_cell("bases", 0, "lon", cell)
    (fault,) = theatre.list_faults()
    assert fault.where == "base 'base-aguelhok', geometry"
    assert fault.found == "no finite position"
    assert fault.cause == "lon or lat is empty or no number"


@pytest.mark.parametrize("cell", ["nan", "inf", "fast", "0", "1e999", "-40"])
def test_a_speed_that_cannot_be_is_caught(theatre, cell) -> None:
    theatre.set_cell("speeds", 0, "speed_kmh", cell)
    fault = find_fault(theatre.list_faults(), "speed_kmh")
    assert fault.expected == "expected a number of km/h from 0.5 to 150"


def test_a_row_of_the_speeds_twice_is_caught(theatre) -> None:
    rows = theatre.read_rows("speeds")
    theatre.write_rows("speeds", [*rows, rows[0] | {"speed_kmh": "55"}])
    (fault,) = theatre.list_faults()
    assert fault.where == "light_4x4 / paved / dry"
    assert fault.found == "two rows"


def test_a_missing_row_of_the_speeds_is_caught(theatre) -> None:
    rows = theatre.read_rows("speeds")
    keys = [(r["vehicle"], r["surface"], r["season"]) for r in rows]
    gone = {("truck", "sand", "rains"), ("boat", "water", "dry")}
    gone |= {("armoured", "track", season) for season in ("dry", "rains")}
    kept = [row for row, key in zip(rows, keys, strict=True) if key not in gone]
    theatre.write_rows("speeds", kept)
    faults = theatre.list_faults()
    assert {f.where for f in faults} == {" / ".join(key) for key in gone}
    assert {(f.file, f.found) for f in faults} == {("speeds.csv", "no row")}
    fault = find_fault(faults, "armoured / track / rains")
    assert fault.cause == "roads of this surface would be closed to it"


def test_a_surface_that_no_line_bears_is_read(theatre) -> None:
    rows = theatre.read_rows("speeds")
    snow = [
        rows[0] | {"surface": surface, "season": season}
        for surface in ("snow", "tracks")
        for season in ("dry", "rains")
    ]
    theatre.write_rows("speeds", [*rows, *snow])
    assert len(theatre.read_layers().speeds) == len(rows) + 4


@pytest.mark.parametrize("vehicles", [{"truck"}, {"truck", "armoured", "light_4x4"}])
def test_a_surface_misspelt_in_the_speeds_is_caught_once(theatre, vehicles) -> None:
    rows = theatre.read_rows("speeds")
    for row in rows:
        if row["vehicle"] in vehicles and row["surface"] == "track":
            row["surface"] = "trakc"
    theatre.write_rows("speeds", rows)
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("speeds.csv", "surface 'trakc'")
    assert fault.expected == "expected 'track', which lines bear"
    assert fault.cause == "a slip of spelling"


def test_a_market_near_an_unknown_site_is_caught(theatre) -> None:
    theatre.set_cell("markets", 0, "near_site_id", "atlantis")
    (fault,) = theatre.list_faults()
    assert fault.file == "markets.csv"
    assert fault.where.endswith(", near_site_id")


@pytest.mark.parametrize(("lat", "far"), [("12", False), ("10", True)])
def test_an_airfield_may_lie_two_degrees_outside(theatre, lat, far) -> None:
    theatre.set_cell("airfields", 0, "lat", lat)
    if far:
        (fault,) = theatre.list_faults()
        assert fault.expected == "expected lon -9 to 7, lat 11.5 to 27"
    else:
        assert not theatre.read_layers().airfields.empty


def test_a_market_on_no_day_of_the_week_is_caught(theatre) -> None:
    theatre.set_cell("markets", 0, "day", "mercredi")
    (fault,) = theatre.list_faults()
    assert fault.file == "markets.csv"
    assert "wednesday" in fault.expected


def test_a_runway_of_no_length_is_caught(theatre) -> None:
    theatre.set_cell("airfields", 0, "runway_length_m", "0")
    (fault,) = theatre.list_faults()
    assert fault.file == "airfields.csv"


def test_an_osm_length_of_nothing_is_caught(theatre) -> None:
    theatre.set_cell("osm_lengths", 0, "osm_length_km", "")
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.found) == ("osm_lengths.csv", "empty")


@pytest.mark.parametrize("layer", ["regions", "borders", "rivers", "lakes"])
def test_a_context_layer_in_metres_is_caught(theatre, layer) -> None:
    def scale(spots):
        if isinstance(spots[0], int | float):
            return [axis * 100_000 for axis in spots]
        return [scale(spot) for spot in spots]

    def stretch(document) -> None:
        geometry = document["features"][0]["geometry"]
        geometry["coordinates"] = scale(geometry["coordinates"])

    theatre.edit_document(layer, stretch)
    (fault,) = theatre.list_faults()
    assert fault.file == theatre.find(layer).name
    assert "metres taken for degrees" in fault.cause


# Broken files


def encode_bases(theatre, encoding: str, name: str = "Camp de Ménaka") -> None:
    rows = theatre.read_rows("bases")
    rows[0]["name"] = name
    theatre.write_rows("bases", rows, encoding=encoding)


@pytest.mark.parametrize(
    ("encoding", "name", "looks"),
    [
        ("latin-1", "Camp de Ménaka", "Latin-1 (ISO-8859-1) or Windows-1252"),
        ("cp1252", "Camp d\u2019Aguelhok", "Windows-1252"),
        ("utf-16", "Camp de Ménaka", "UTF-16"),
    ],
)
def test_a_table_in_another_encoding_is_caught(theatre, encoding, name, looks) -> None:
    encode_bases(theatre, encoding, name)
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.expected) == ("bases.csv", "UTF-8")
    assert fault.where.startswith("byte ")
    assert fault.cause == f"it looks like {looks}: save it as UTF-8"


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_table_with_other_marks_between_its_cells_is_caught(
    theatre, mark, word
) -> None:
    path = theatre.find("speeds")
    text = path.read_text(encoding="utf-8").replace(",", mark)
    path.write_text(text, encoding="utf-8")
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("speeds.csv", "line 1")
    assert fault.cause == f"{word} between the cells?"


def test_a_position_under_another_heading_is_caught(theatre) -> None:
    path = theatre.find("bases")
    text = path.read_text(encoding="utf-8").replace(",lon,", ",Longitude,")
    path.write_text(text, encoding="utf-8")
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == ("column 'lon'", "it is missing")
    assert fault.cause == "it is called 'Longitude' here?"


def test_a_comma_for_the_decimal_point_is_caught(theatre) -> None:
    theatre.set_cell("bases", 0, "lon", "0,85889")
    theatre.set_cell("speeds", 0, "speed_kmh", "70,5")
    faults = theatre.list_faults()
    assert [(fault.file, fault.cause) for fault in faults] == [
        ("bases.csv", "a comma for the decimal point?"),
        ("speeds.csv", "a comma for the decimal point?"),
    ]


def test_a_table_with_a_byte_order_mark_is_read(theatre) -> None:
    encode_bases(theatre, "utf-8-sig")
    assert "Camp de Ménaka" in set(theatre.read_layers().bases["name"])


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("", "file", "it is empty"),
        ("id,name\n", "column 'lat'", "it is missing"),
        ("id,lon,lat,name\nx,1,15,a,b\n", "line 2", "5 cells"),
        ("id,lon,lat,name\nx,1,15\n", "line 2", "3 cells"),
        ("id,lon,lat,name,name\nx,1,15,a,b\n", "column 'name'", "twice"),
        ('id,lon,lat,name\nx,1,15,"a\n', "line 2", "unexpected end of data"),
    ],
)
def test_a_broken_table_is_caught(theatre, text, where, found) -> None:
    theatre.find("bases").write_text(text, encoding="utf-8")
    fault = next(f for f in theatre.list_faults() if f.file == "bases.csv")
    assert (fault.where, fault.found) == (where, found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda g: g.update(coordinates=[[0.86, 19.46]]), "a broken LineString"),
        (lambda g: g.update(coordinates=[]), "a broken LineString"),
        (lambda g: g.update(coordinates=None), "a broken LineString"),
        (lambda g: g.update(type="GeometryCollection"), "a broken GeometryC"),
        (lambda g: g.pop("type"), "no geometry"),
        (lambda g: g.update(coordinates=[[0.86, 19.4], [0.86, 19.4]]), "no length"),
        (lambda g: g.update(coordinates=[[0.86, 19.4], ["x", 20]]), "broken"),
        (lambda g: g.update(coordinates=[[0.86, 19.4], [math.nan, 20]]), "broken"),
        (lambda g: g.update(coordinates=[[0.86, 19.4], [math.inf, 20]]), "broken"),
        (lambda g: g.update(coordinates=[[0.86, 19.4], [True, 20]]), "broken"),
    ],
)
def test_a_broken_geometry_is_caught(theatre, change, said) -> None:
    theatre.edit_feature("lines", "aguelhok-tessalit", lambda f: change(f["geometry"]))
    find_fault(theatre.list_faults(), "'aguelhok-tessalit', geometry", said)


def test_no_geometry_is_caught(theatre) -> None:
    theatre.edit_feature(
        "lines", "aguelhok-tessalit", lambda f: f.update(geometry=None)
    )
    (fault,) = theatre.list_faults()
    assert fault.where == "feature 'aguelhok-tessalit', geometry"
    assert fault.found == "none"


def test_a_truncated_file_is_caught(theatre) -> None:
    path = theatre.find("zones")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    (fault,) = theatre.list_faults()
    assert fault.where.startswith("line ")
    assert fault.expected == "GeoJSON"


@pytest.mark.parametrize(
    "text",
    [
        '<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>',
        "{}",
        "[]",
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": [1, null]}',
        '{"type": "Topology", "objects": {}}',
        '{"a": ' + "9" * 5000 + "}",
        "[" * 100_000,
        "id,name\n",
    ],
)
def test_what_is_no_geojson_is_caught(theatre, text) -> None:
    theatre.find("zones").write_text(text, encoding="utf-8")
    faults = theatre.list_faults()
    assert {fault.file for fault in faults} == {"zones.geojson"}


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}},
        "EPSG:32630",
        ["EPSG:32630"],
    ],
)
def test_a_crs_that_is_not_named_is_caught(theatre, crs) -> None:
    theatre.edit_document("zones", lambda document: document.update(crs=crs))
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.cause) == ("crs", "links are not read")


def test_a_crs_of_an_unknown_name_is_caught(theatre) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}
    theatre.edit_document("zones", lambda document: document.update(crs=crs))
    (fault,) = theatre.list_faults()
    assert fault.where == "crs"


def test_an_unknown_ending_is_caught(theatre) -> None:
    theatre.point_to("zones", "zones.shp")
    (fault,) = theatre.list_faults()
    assert fault.expected == "a .geojson, .gpkg or .csv file"


def test_a_geopackage_without_a_crs_is_caught(theatre) -> None:
    path = theatre.point_to("zones", "own.gpkg")
    frame = theatre.read_frame("zones").set_crs(None, allow_override=True)
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(path, driver="GPKG")
    (fault,) = theatre.list_faults()
    assert (fault.file, fault.where) == ("own.gpkg", "crs")
    assert "lost in an export" in fault.cause


@pytest.mark.parametrize(
    "content", [b"", b"id,name\n", b"SQLite format 3\x00" + b"\x00" * 500]
)
def test_what_is_no_geopackage_is_caught(theatre, content) -> None:
    theatre.point_to("zones", "own.gpkg").write_bytes(content)
    (fault,) = theatre.list_faults()
    assert fault.file == "own.gpkg"


def test_a_geopackage_of_several_layers_must_name_the_right_one(theatre) -> None:
    path = theatre.point_to("zones", "own.gpkg")
    frame = theatre.read_frame("zones")
    frame.to_file(path, driver="GPKG", layer="roads")
    frame.to_file(path, driver="GPKG", layer="rivers")
    (fault,) = theatre.list_faults()
    assert fault.where == "layers"
    frame.to_file(path, driver="GPKG", layer="zones")
    assert len(theatre.read_layers().zones) == len(frame)


# Other formats hold the same


@pytest.mark.parametrize("layer", ["population", "lines", "zones"])
def test_a_geopackage_reads_like_the_geojson(theatre, layers, layer) -> None:
    frame = theatre.read_frame(layer)
    frame.to_file(theatre.point_to(layer, "own.gpkg"), driver="GPKG")
    assert same(getattr(theatre.read_layers(), layer), getattr(layers, layer))


def test_a_table_of_positions_reads_like_the_geojson(theatre, layers) -> None:
    frame = theatre.read_frame("population")
    frame["lon"], frame["lat"] = frame.geometry.x, frame.geometry.y
    frame.drop(columns="geometry").to_csv(theatre.point_to("population", "own.csv"))
    assert same(theatre.read_layers().population, layers.population)


@pytest.mark.parametrize("layer", ["lines", "zones"])
def test_a_table_with_wkt_reads_like_the_geojson(theatre, layers, layer) -> None:
    frame = theatre.read_frame(layer)
    wkt = frame.geometry.to_wkt(rounding_precision=12)
    table = frame.drop(columns="geometry").assign(wkt=wkt)
    table.to_csv(theatre.point_to(layer, "own.csv"), index=False)
    assert same(getattr(theatre.read_layers(), layer), getattr(layers, layer))


def test_broken_wkt_is_caught(theatre) -> None:
    path = theatre.point_to("zones", "own.csv")
    path.write_text("id,name,wkt\na,A,POLYGON((1 2\n", encoding="utf-8")
    faults = theatre.list_faults()
    assert {fault.file for fault in faults} == {"own.csv"}


def test_a_table_of_speeds_may_be_a_geopackage(theatre, layers) -> None:
    rows = gpd.pd.DataFrame(theatre.read_rows("speeds"))
    import pyogrio

    pyogrio.write_dataframe(rows, theatre.point_to("speeds", "own.gpkg"))
    found = theatre.read_layers().speeds
    assert list(found["speed_kmh"]) == list(layers.speeds["speed_kmh"])


def test_a_layer_in_utm_with_its_crs_declared_is_carried_over(theatre, layers) -> None:
    frame = theatre.read_frame("population").to_crs("EPSG:32630")
    frame.to_file(theatre.point_to("population", "own.gpkg"), driver="GPKG")
    found = theatre.read_layers().population.set_index("id").geometry
    known = layers.population.set_index("id").geometry
    for site in ("gao", "taoudenni", "menaka"):
        assert found[site].distance(known[site]) < 1e-7


def test_heights_are_dropped(theatre) -> None:
    theatre.set_coordinates("population", "gao", [*GAO, 260.0])
    site = theatre.read_layers().population.set_index("id").geometry["gao"]
    assert not site.has_z


def test_columns_that_nothing_needs_go_no_further(theatre) -> None:
    theatre.set_property("population", "gao", "informant", "a name")
    assert "informant" not in theatre.read_layers().population


# All at once, and inert


def test_all_faults_of_several_files_come_at_once(theatre) -> None:
    theatre.set_property("population", "gao", "population", 0)
    theatre.set_coordinates("population", "kidal", [18.4, 1.4])
    theatre.set_property("zones", "douentza", "level", 9)
    theatre.set_cell("bases", 1, "valid_from", "soon")
    theatre.set_cell("speeds", 0, "season", "winter")
    theatre.set_property("lines", "koriome-ferry", "kind", "bridge")
    faults = theatre.list_faults()
    assert [(f.file, f.where) for f in faults] == [
        ("bases.csv", "base 'base-ansongo', valid_from"),
        ("lines.geojson", "line 'koriome-ferry', kind"),
        ("population.geojson", "site 'gao', population"),
        ("population.geojson", "site 'kidal', geometry"),
        ("speeds.csv", "speeds no. 1, season"),
        ("zones.geojson", "zone 'douentza', level"),
    ]


def test_a_bad_cell_hides_no_other_fault_and_draws_none_after_it(theatre) -> None:
    theatre.set_property("population", "gossi", "population", 0)
    theatre.set_coordinates("population", "bourem", [0.36, 18.97])
    theatre.set_property("lines", "rn17-gao-ansongo", "surface", "asphalt")
    theatre.set_property("zones", "douentza", "level", 9)
    theatre.set_cell("bases", 0, "site_id", "atlantis")
    theatre.add_feature(
        "lines",
        "rn17-gao-ansongo",
        [[3.0, 22.0], [3.5, 22.4]],
        id="lost",
        surface="track",
        from_id=None,
        to_id=None,
        length_km=None,
    )
    faults = theatre.list_faults()
    assert [(f.file, f.where) for f in faults] == [
        ("bases.csv", "base 'base-aguelhok', site_id"),
        ("lines.geojson", "line 'lost', geometry"),
        ("lines.geojson", "line 'rn17-gao-ansongo', surface"),
        # It lies outside its region, and away from where its roads meet.
        ("population.geojson", "site 'bourem', geometry"),
        ("population.geojson", "site 'bourem', geometry"),
        ("population.geojson", "site 'gossi', population"),
        ("zones.geojson", "zone 'douentza', level"),
    ]


def test_a_broken_geometry_hides_no_other_fault(theatre) -> None:
    theatre.edit_feature(
        "lines", "aguelhok-tessalit", lambda f: f.update(geometry=None)
    )
    theatre.edit_feature("population", "gao", lambda f: f.update(geometry=None))
    theatre.set_property("lines", "rn17-gao-ansongo", "surface", "asphalt")
    theatre.set_property("population", "gossi", "population", 0)
    theatre.set_property("zones", "douentza", "level", 9)
    theatre.set_cell("bases", 0, "site_id", "atlantis")
    theatre.edit_document("zones", lambda d: d["features"].append(None))
    where = [fault.where for fault in theatre.list_faults()]
    assert len(where) == 7, where


def test_a_cell_of_nan_beside_a_broken_geometry_hides_it_not(theatre) -> None:
    theatre.set_property("lines", "koriome-ferry", "length_km", math.nan)
    theatre.edit_feature(
        "lines", "aguelhok-tessalit", lambda f: f.update(geometry=None)
    )
    find_fault(theatre.list_faults(), "'aguelhok-tessalit', geometry", "none")


def test_a_file_that_cannot_be_read_hides_only_what_needs_it(theatre) -> None:
    theatre.find("population").unlink()
    theatre.set_property("lines", "rn17-gao-ansongo", "surface", "asphalt")
    theatre.set_property("lines", "aguelhok-tessalit", "length_km", 200)
    theatre.set_cell("bases", 0, "valid_to", "2013-01-01")
    faults = theatre.list_faults()
    assert [fault.file for fault in faults] == [
        "bases.csv",
        "lines.geojson",
        "lines.geojson",
        "population.geojson",
    ]
    assert faults[-1].cause == "it was moved, renamed or never written"


@pytest.mark.parametrize("layer", ["population", "lines", "bases", "speeds", "zones"])
def test_a_layer_without_ids_or_keys_draws_no_faults_of_others(theatre, layer) -> None:
    if layer in ("bases", "speeds"):
        column = "id" if layer == "bases" else "surface"
        rows = theatre.read_rows(layer)
        for row in rows:
            del row[column]
        theatre.write_rows(layer, rows)
    else:

        def drop(document) -> None:
            for feature in document["features"]:
                del feature["properties"]["id"]

        theatre.edit_document(layer, drop)
    (fault,) = theatre.list_faults()
    assert fault.found == "it is missing"


@pytest.mark.parametrize("layer", ["population", "lines", "speeds", "zones", "regions"])
def test_an_empty_file_draws_no_faults_of_others(theatre, layer) -> None:
    theatre.find(layer).write_text("", encoding="utf-8")
    (fault,) = theatre.list_faults()
    assert (fault.where, fault.found) == ("file", "it is empty")
    assert fault.cause == "an export or a copy that did not end"


def test_layers_of_ones_own_with_few_columns_are_read(theatre, layers) -> None:
    few = {
        "population": ["id", "name", "population", "geometry"],
        "lines": ["id", "kind", "surface", "geometry"],
        "zones": ["id", "name", "level", "geometry"],
    }
    roads = layers.lines["kind"].isin(["road", "track"])
    own = {
        "population": layers.population.assign(id="own-" + layers.population["id"]),
        "lines": layers.lines[roads],
        "zones": layers.zones,
    }
    for layer, columns in few.items():
        path = theatre.point_to(layer, f"own-{layer}.geojson")
        own[layer][columns].to_file(path, driver="GeoJSON")
    bases = [
        row | {"site_id": f"own-{row['site_id']}"} for row in theatre.read_rows("bases")
    ]
    theatre.write_rows("bases", bases)
    found = theatre.read_layers()
    assert len(found.lines) == roads.sum()
    assert found.lines["from_id"].isna().all()


def test_nothing_is_written_when_layers_are_refused(theatre) -> None:
    theatre.set_property("population", "gao", "population", 0)
    before = sorted(path.name for path in theatre.folder.rglob("*"))
    theatre.list_faults()
    assert sorted(path.name for path in theatre.folder.rglob("*")) == before


@pytest.mark.parametrize("layer", ["population", "lines", "zones"])
def test_a_hostile_id_cannot_forge_a_second_fault(theatre, layer) -> None:
    hostile = "x\nlines.geojson: forged: fault\r\x1b[31m\u2028\x00"
    document = json.loads(theatre.find(layer).read_text(encoding="utf-8"))
    key = document["features"][0]["properties"]["id"]
    theatre.set_property(layer, key, "id", hostile)
    theatre.set_property(layer, hostile, "name", "")
    theatre.set_property(layer, hostile, "kind", hostile)
    theatre.set_property(layer, hostile, "level", hostile)
    theatre.set_property(layer, hostile, "population", hostile)
    lines = [str(fault) for fault in theatre.list_faults()]
    assert len("\n".join(lines).splitlines()) == len(lines)
    assert not any(char in "".join(lines) for char in "\r\x1b\u2028\x00")
    assert not any(line.startswith("lines.geojson: forged") for line in lines)


def test_a_cell_of_a_megabyte_makes_no_line_of_a_megabyte(theatre) -> None:
    theatre.set_property("population", "gao", "population", "9" * 1_000_000 + "x")
    (fault,) = theatre.list_faults()
    assert len(str(fault)) < 500


def test_a_comparison_length_of_no_line_or_twice_is_caught(theatre) -> None:
    rows = theatre.read_rows("osm_lengths")
    renamed = rows[0] | {"line_id": "nowhere"}
    theatre.write_rows("osm_lengths", [*rows, rows[1], renamed])
    faults = theatre.list_faults()
    assert [fault.found for fault in faults] == ["two rows", "no line bears it"]
    assert faults[1].where == "line_id 'nowhere'"


def test_own_lines_need_no_comparison_lengths(theatre, layers) -> None:
    path = theatre.point_to("lines", "own.geojson")
    own = layers.lines.drop(columns="osm_length_km").assign(
        id=[f"own-{number}" for number in range(len(layers.lines))]
    )
    own.to_file(path, driver="GeoJSON")
    assert theatre.read_layers().lines["osm_length_km"].isna().all()
