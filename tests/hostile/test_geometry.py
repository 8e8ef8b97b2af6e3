"""Positions and shapes that cannot be: named by feature, or mended where it is safe."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geojson_files import build_site, dump_features, dump_road, dump_site, dump_zone
from refusing import READERS, Case, check_faults, check_refused, name_cases


def spot(lon: object, lat: object) -> dict:
    return {"type": "Point", "coordinates": [lon, lat]}


def area(*rings: object) -> dict:
    return {"type": "Polygon", "coordinates": list(rings)}


def line(*spots: object) -> dict:
    return {"type": "LineString", "coordinates": list(spots)}


BOW_TIE = area([[0, 16], [1, 17], [1, 16], [0, 17], [0, 16]])
SQUARE = [[0, 16], [1, 16], [1, 17], [0, 17], [0, 16]]

CASES = [
    # Numbers that are none: JSON has no NaN, and Python reads it all the same.
    Case("sites", "nan.geojson", dump_site(spot(float("nan"), 16)), "a broken Point"),
    Case("sites", "inf.geojson", dump_site(spot(float("inf"), 16)), "a broken Point"),
    Case(
        "sites",
        "huge.geojson",
        dump_site(spot(0, 16)).replace(b"[0, 16]", b"[1e999, 16]"),
        "a broken Point",
    ),
    Case("sites", "text.geojson", dump_site(spot("0", "16")), "a broken Point"),
    Case("sites", "flag.geojson", dump_site(spot(True, False)), "a broken Point"),
    Case("sites", "null.geojson", dump_site(spot(None, 16)), "a broken Point"),
    Case(
        "sites",
        "short.geojson",
        dump_site({"type": "Point", "coordinates": [0]}),
        "a broken Point",
    ),
    Case(
        "sites",
        "digits.geojson",
        dump_site(spot(0, 16)).replace(b"[0, 16]", b"[" + b"1" * 5000 + b", 16]"),
        "integer string conversion",
    ),
    Case("sites", "none.geojson", dump_site(None), "none"),
    Case(
        "sites",
        "empty.geojson",
        dump_site({"type": "Point", "coordinates": []}),
        "a broken Point",
    ),
    Case("sites", "line.geojson", dump_site(line([0, 16], [1, 16])), "a LineString"),
    Case(
        "sites",
        "bag.geojson",
        dump_site({"type": "GeometryCollection", "geometries": [spot(0, 16)]}),
        "a broken GeometryCollection",
    ),
    Case(
        "sites",
        "kind.geojson",
        dump_site({"type": ["Point"], "coordinates": [0, 16]}),
        "no geometry",
    ),
    Case("sites", "word.geojson", dump_site("POINT (0 16)"), "no geometry"),
    Case("sites", "feature.geojson", dump_features(["x"]), "no Feature"),
    Case("sites", "list.geojson", dump_features([[[]]]), "no Feature"),
    Case("zones", "bowtie.geojson", dump_zone(BOW_TIE), "Self-intersection"),
    Case("zones", "open.geojson", dump_zone(area(SQUARE[:-1])), "a broken Polygon"),
    Case("zones", "tiny.geojson", dump_zone(area(SQUARE[:2])), "a broken Polygon"),
    Case("zones", "void.geojson", dump_zone(area()), "none"),
    Case("zones", "spot.geojson", dump_zone(spot(0, 16)), "a Point"),
    Case("roads", "one.geojson", dump_road(line([0, 16])), "a broken LineString"),
    Case(
        "roads",
        "date-line.geojson",
        dump_road(line([179, 16], [-179, 16])),
        "a leap of more than 180 degrees",
    ),
    Case("roads", "north.geojson", dump_road(line([0, 16], [0, 116])), "116"),
    Case(
        "roads",
        "metres.geojson",
        dump_road(line([388_000, 1_799_000], [388_100, 1_799_000])),
        "metres",
    ),
    Case(
        "sites",
        "crs.geojson",
        dump_features([build_site(spot(0, 16))], crs={"type": "name"}),
        "crs",
    ),
    Case(
        "sites",
        "lost.geojson",
        dump_features(
            [build_site(spot(1e30, 1e30))],
            crs={"type": "name", "properties": {"name": "EPSG:32630"}},
        ),
        "no finite position",
    ),
    Case(
        "sites",
        "nan.csv",
        b"id,name,population,lon,lat\na,A,9,nan,16\n",
        "no finite position",
    ),
    Case(
        "sites",
        "inf.csv",
        b"id,name,population,lon,lat\na,A,9,-inf,16\n",
        "no finite position",
    ),
    Case(
        "sites",
        "comma.csv",
        b'id,name,population,lon,lat\na,A,9,"0,1",16\n',
        "a comma for the decimal point?",
    ),
    Case("zones", "broken.csv", b"id,name,risk,wkt\nz,Z,3,POLYGON((0 0\n", "none"),
    Case(
        "zones",
        "nan.csv",
        b'id,name,risk,wkt\nz,Z,3,"POLYGON ((nan nan, 1 1, 1 2, nan nan))"\n',
        "zone 'z', geometry",
    ),
]


@pytest.mark.parametrize("case", name_cases(CASES))
def test_what_cannot_be_is_named(tmp_path, case) -> None:
    check_refused(case, tmp_path)


# What may lie outside the area is checked where the scenario is known.
SPOTS = [
    ([0.0, 116.0], "metres taken for degrees, or the wrong CRS declared?"),
    ([16.2717, -0.0447], "longitude and latitude exchanged?"),
    ([388_000, 1_799_000], "metres taken for degrees, or the wrong CRS declared?"),
    ([0, 0], "0, 0 was written for unknown?"),
    ([2.35, 48.86], "the wrong CRS declared, or a place of another theatre?"),
]


@pytest.mark.parametrize(("place", "cause"), SPOTS)
def test_a_site_outside_the_area_is_named_with_the_likely_cause(
    theatre, place, cause
) -> None:
    theatre.set_coordinates("population", "gao", place)
    (fault,) = [f for f in theatre.list_faults() if "'gao', geometry" in f.where]
    assert fault.cause == cause


def test_positions_are_checked_after_they_are_carried_to_degrees(theatre) -> None:
    """In its own system the layer looks well: 1 km a unit, told as metres."""

    def declare(document: dict) -> None:
        name = {"name": "urn:ogc:def:crs:EPSG::32630"}
        document["crs"] = {"type": "name", "properties": name}
        for feature in document["features"]:
            feature["geometry"]["coordinates"] = [388, 1799]

    theatre.edit_document("population", declare)
    assert any("outside the area" in f.found for f in theatre.list_faults())


def test_a_height_is_dropped_and_the_place_kept(tmp_path) -> None:
    path = tmp_path / "high.geojson"
    site = build_site({"type": "Point", "coordinates": [0, 16, 9e9]})
    path.write_bytes(dump_features([site]))
    frame = READERS["sites"](path)
    assert not frame.geometry.has_z.any()
    assert list(frame.geometry.x) == [0]


def test_a_context_layer_that_crosses_itself_is_mended(theatre) -> None:
    """A lake is drawn, never counted in: its shape is mended rather than refused."""

    def cross(document: dict) -> None:
        document["features"][0]["geometry"] = BOW_TIE

    theatre.edit_document("lakes", cross)
    lakes = theatre.read_layers().lakes
    assert lakes.geometry.is_valid.all()
    # The two wings of the bow tie, each a quarter of the square.
    assert shapely.area(lakes.geometry.iloc[0]) == pytest.approx(0.5)


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True, allow_infinity=True),
            st.floats(allow_nan=True, allow_infinity=True),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_positions_are_read_as_they_stand_or_named(tmp_path_factory, spots) -> None:
    folder = tmp_path_factory.mktemp("spots")
    path = folder / "any.geojson"
    features = [
        build_site(spot(lon, lat), id=str(n)) for n, (lon, lat) in enumerate(spots)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    try:
        frame = READERS["sites"](path)
    except ValueError as error:
        check_faults(error.faults, path)
        return
    read = shapely.get_coordinates(frame.geometry.to_numpy()).tolist()
    assert read == [list(one) for one in spots]


@pytest.mark.parametrize("crs", ["EPSG:32630", "EPSG:3857"])
def test_another_system_is_carried_over_never_taken_for_degrees(tmp_path, crs) -> None:
    path = tmp_path / "sites.gpkg"
    frame = gpd.GeoDataFrame(
        {"id": ["a"], "name": ["A"], "population": [100]},
        geometry=[shapely.Point(-0.0447, 16.2717)],
        crs="EPSG:4326",
    )
    frame.to_crs(crs).to_file(path, layer="population")
    read = READERS["sites"](path)
    assert read.geometry.x.iloc[0] == pytest.approx(-0.0447)
