"""Exports: each file read back is the plan, whatever strangers named its places."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import cycle
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
import shapely
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile_names import NAMES
from patrolplan.cli import main
from patrolplan.errors import LayerError
from patrolplan.geodesy import format_mgrs, measure_distance_m
from patrolplan.planfile import PlanFile, format_plan
from patrolplan.products.exports import (
    FORMATS,
    Contents,
    gather_contents,
    hold_text,
    read_export,
    render_exports,
)
from patrolplan.products.exports.formats import name_patrol_files
from patrolplan.products.exports.gpx import MOST_BYTES, format_gpx
from patrolplan.products.files import PackError
from patrolplan.products.pack import write_pack
from sample_plan import build_layers, build_plan, draw_straight

SCHEMA = Path(__file__).with_name("gpx-1-1-strict.xsd")
WHOLE = ("plan.kml", "plan.gpkg", "plan.geojson")
# A name of one of our rows: all that Unicode has, lone surrogates apart, which no
# plan file can hold.
names = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def put(files: dict[str, bytes], folder: Path) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def name_in_turn(given_names):
    """Rename every text of the sample plan by the names in turn."""
    turn = cycle(given_names)
    return lambda _: next(turn)


def build_hostile(number: int) -> PlanFile:
    """Build a plan whose places bear some of the hostile names."""
    plan = build_plan(count=2)
    turn = cycle(NAMES[number * 30 :] + NAMES[: number * 30])
    sites = [site.model_copy(update={"name": next(turn)}) for site in plan.sites]
    bases = [base.model_copy(update={"name": next(turn)}) for base in plan.bases]
    return plan.model_copy(update={"sites": sites, "bases": bases})


def of_patrol(contents: Contents, number: int) -> Contents:
    return Contents(
        marks=contents.marks,
        journeys=tuple(j for j in contents.journeys if j.number == number),
        stops=tuple(s for s in contents.stops if s.patrol == number),
        legs=tuple(leg for leg in contents.legs if leg.patrol == number),
    )


def without_place(stops):
    return [replace(stop, lon=0.0, lat=0.0) for stop in stops]


def assert_files_hold(plan, layers, folder) -> None:
    """Read every file back: it must be the rows of the plan."""
    contents = gather_contents(plan, layers)
    put(render_exports(plan, layers), folder)
    for name in WHOLE:
        assert read_export(folder / name) == contents, name
    for number, stem in enumerate(name_patrol_files(plan), start=1):
        found = read_export(folder / "gps" / f"{stem}.gpx")
        assert found == of_patrol(contents, number)
    assert read_export(folder / "waypoints.csv").stops == contents.stops
    found = read_export(folder / "waypoints-mgrs.csv").stops
    assert without_place(found) == without_place(contents.stops)
    for stop, other in zip(found, contents.stops, strict=True):
        assert measure_distance_m(stop.lon, stop.lat, other.lon, other.lat) < 1


@cache
def load_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMA))


def test_the_rows_are_the_plan_to_1_m_and_1_s() -> None:
    plan = build_plan(count=9)
    contents = gather_contents(plan, build_layers())
    assert len(contents.places) == len(plan.sites)
    assert len(contents.bases) == len(plan.bases)
    stops = [stop for patrol in plan.patrols for stop in patrol.stops]
    legs = [leg for patrol in plan.patrols for leg in patrol.legs]
    for row, stop in zip(contents.stops, stops, strict=True):
        assert measure_distance_m(row.lon, row.lat, stop.lon, stop.lat) < 1
        assert row.mgrs == format_mgrs(row.lon, row.lat, 5)
        assert row.place_id == stop.place_id
        for moment, asked in ((row.arrive, stop.arrive), (row.depart, stop.depart)):
            assert (moment is None) == (asked is None)
            assert moment is None or abs((moment - asked).total_seconds()) < 1
    for row, leg in zip(contents.legs, legs, strict=True):
        assert abs((row.depart - leg.depart).total_seconds()) < 1
        assert abs((row.arrive - leg.arrive).total_seconds()) < 1
        assert row.length_km == pytest.approx(leg.length_km, abs=0.001)
        for point, asked in zip(row.line, leg.geometry.coordinates, strict=True):
            assert measure_distance_m(*point, *asked) < 1
    for place, site in zip(contents.places, plan.sites, strict=True):
        assert (place.people, place.risk, place.need) == (
            site.population,
            site.risk,
            site.need,
        )
        visits = sum(stop.site_id == site.id for stop in stops)
        assert place.visits == visits
        assert (place.reason is None) == (visits > 0)


def test_every_file_reads_back_to_the_plan(tmp_path) -> None:
    assert_files_hold(build_plan(count=9), build_layers(), tmp_path)


def test_a_plan_without_patrols_has_its_sites_all_the_same(tmp_path) -> None:
    plan = build_plan(count=0)
    assert_files_hold(plan, None, tmp_path)
    assert len(read_export(tmp_path / "plan.gpkg").places) == len(plan.sites)


def test_200_hostile_names_come_back_from_every_file(tmp_path) -> None:
    assert len(NAMES) >= 200
    told = set()
    for number in range(len(NAMES) // 30 + 1):
        plan = build_hostile(number)
        assert_files_hold(plan, None, tmp_path / f"{number}")
        found = read_export(tmp_path / f"{number}" / "plan.kml")
        told |= {place.name_en for place in found.places}
    assert {hold_text(name) for name in NAMES} <= told


def test_hostile_ids_and_plans_come_back_too(tmp_path) -> None:
    """Those of patrols, teams and the plan itself: whatever a file may say."""
    for number in range(0, len(NAMES), 9):
        part = NAMES[number : number + 45]
        plan = build_plan(count=2)
        ids = iter([f"{name}{n}" for n, name in enumerate(part)])
        patrols = [p.model_copy(update={"id": next(ids)}) for p in plan.patrols]
        scenario = plan.scenario.model_copy(update={"name": part[3 % len(part)]})
        sites = [
            site.model_copy(update={"cercle": name})
            for site, name in zip(plan.sites, cycle(part))
        ]
        plan = plan.model_copy(
            update={
                "version": part[0],
                "patrols": patrols,
                "scenario": scenario,
                "sites": sites,
            }
        )
        for data in render_exports(plan, formats=["gpx"]).values():
            load_schema().validate(data.decode(), use_location_hints=False)
        assert_files_hold(plan, None, tmp_path / f"{number}")


@settings(max_examples=15, deadline=None)
@given(st.lists(names, min_size=3, max_size=12))
def test_any_names_come_back(tmp_path_factory, some) -> None:
    plan = build_plan(count=1, rename=name_in_turn(some))
    assert_files_hold(plan, None, tmp_path_factory.mktemp("any"))


@given(st.text(st.characters(exclude_categories=())))
def test_text_is_held_as_it_is_but_for_what_no_xml_can_hold(text) -> None:
    held = hold_text(text)
    assert hold_text(held) == held
    assert len(held) <= len(text)
    ET.fromstring(ET.tostring(ET.Element("x", a=held), encoding="utf-8"))
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    assert len(plain) == len(held)
    for char, kept in zip(plain, held, strict=True):
        forbidden = ord(char) < 0x20 and char not in "\t\n"
        forbidden |= 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) < 0xE000
        assert kept == ("\ufffd" if forbidden or char in "\ufffe\uffff" else char)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-6, 6), st.floats(8, 24)), min_size=2, max_size=6),
    st.integers(0, 999),
)
def test_any_positions_and_times_come_back(tmp_path_factory, points, ms) -> None:
    """Over zones 30 and 31 and bands P and Q, near the seams too."""
    plan = build_plan(count=1)
    sites = [
        site.model_copy(update={"lon": lon, "lat": lat})
        for site, (lon, lat) in zip(plan.sites, cycle(points))
    ]
    patrol = plan.patrols[0]
    (lon, lat), at = points[0], patrol.stops[1].arrive
    stop = patrol.stops[1].model_copy(
        update={"lon": lon, "lat": lat, "arrive": at.replace(microsecond=ms * 1000)}
    )
    way = patrol.legs[0].geometry.model_copy(update={"coordinates": points})
    legs = [patrol.legs[0].model_copy(update={"geometry": way}), *patrol.legs[1:]]
    stops = [patrol.stops[0], stop, *patrol.stops[2:]]
    patrol = patrol.model_copy(update={"stops": stops, "legs": legs})
    plan = plan.model_copy(update={"sites": sites, "patrols": [patrol]})
    assert_files_hold(plan, None, tmp_path_factory.mktemp("places"))
    row = gather_contents(plan).stops[1]
    assert measure_distance_m(row.lon, row.lat, lon, lat) < 0.1
    assert abs((row.arrive - stop.arrive).total_seconds()) <= 0.5


@pytest.mark.parametrize("hostile", [False, True])
def test_gpx_is_valid_to_a_strict_schema(hostile) -> None:
    plan = build_hostile(0) if hostile else build_plan(count=9)
    contents = gather_contents(plan, build_layers())
    for journey in contents.journeys:
        text = format_gpx(contents, journey).decode()
        load_schema().validate(text, use_location_hints=False)
        root = ET.fromstring(text)
        gpx = "{http://www.topografix.com/GPX/1/1}"
        stops = [s for s in contents.stops if s.patrol == journey.number]
        marks = root.findtext(f"{gpx}metadata/{gpx}desc")
        assert marks.startswith("CONFIDENTIAL. DRAFT: not for use. ")
        assert "CONFIDENTIEL" in marks
        assert "do not imply endorsement" in marks
        points = list(root.iter(f"{gpx}wpt"))
        for point, stop in zip(points, stops, strict=True):
            told = point.findtext(f"{gpx}desc")
            assert told.startswith(f"MGRS {stop.mgrs}; km {stop.total_km:.1f}; ")
            assert point.findtext(f"{gpx}name") == stop.label
        for segment in root.iter(f"{gpx}trkseg"):
            times = [p.findtext(f"{gpx}time") for p in segment.iter(f"{gpx}trkpt")]
            assert times == sorted(times)


def test_a_description_that_a_device_takes_for_html_holds_none() -> None:
    plan = build_plan(count=1)
    patrol = plan.patrols[0]
    purpose = next(stop.purpose for stop in patrol.stops if stop.purpose)
    hostile = purpose.model_copy(update={"code": "<img/src=x onerror=alert(1)>"})
    stops = [
        stop if stop.purpose is None else stop.model_copy(update={"purpose": hostile})
        for stop in patrol.stops
    ]
    patrol = patrol.model_copy(update={"stops": stops})
    plan = plan.model_copy(update={"patrols": [patrol]})
    files = render_exports(plan, formats=["gpx", "kml"])
    for data, tag in (
        (files["gps/patrol-1.gpx"], "{http://www.topografix.com/GPX/1/1}desc"),
        (files["plan.kml"], "{http://www.opengis.net/kml/2.2}description"),
    ):
        told = [element.text or "" for element in ET.fromstring(data).iter(tag)]
        assert any("onerror" in text for text in told)
        assert all("<" not in text.replace("<br>", "") for text in told)


def test_the_strict_schema_is_strict() -> None:
    contents = gather_contents(build_plan(count=1))
    text = format_gpx(contents, contents.journeys[0]).decode()
    for old, new in (
        ("<time>2014-11-03T", "<time>2014-13-03T"),
        ("<rte>", "<rte><number>1</number>"),
        ('version="1.1"', 'version="1.0"'),
        ('lat="15.6597"', 'lat="95.6597"'),
        ("</trk>", "</trk><trk/>"),
        ("<pp:stop>", "<pp:stop><b/>"),
        ("</pp:stop>", "</pp:stop><pp:other/>"),
    ):
        assert old in text, old
        assert not load_schema().is_valid(
            text.replace(old, new, 1), use_location_hints=False
        ), new


def test_names_stand_in_both_languages_with_the_number_of_the_visit() -> None:
    contents = gather_contents(build_plan(count=4), build_layers())
    labels = [stop.label for stop in contents.stops]
    assert "3.01 Koriom\u00e9" in labels
    assert labels[0] == "1 Gao camp"
    assert "1.01 Ansongo" in labels
    timbuktu = next(p for p in contents.places if p.site_id == "tombouctou")
    assert (timbuktu.name_en, timbuktu.name_fr) == ("Timbuktu", "Tombouctou")
    halt = next(stop for stop in contents.stops if stop.kind == "halt")
    assert halt.label.endswith("Night halt 1 / Halte de nuit 1")


LAYERS = {
    "plan.gpkg": {"patrols", "legs", "sites", "bases", "stops", "about"},
    "gps/patrol-1.gpx": {"waypoints", "routes", "route_points", "tracks"},
}


@pytest.mark.parametrize("hostile", [False, True])
def test_gdal_accepts_every_file(tmp_path, hostile) -> None:
    plan = build_hostile(1) if hostile else build_plan(count=2)
    put(render_exports(plan), tmp_path)
    for path in sorted(tmp_path.rglob("*.*")):
        name = path.relative_to(tmp_path).as_posix()
        if name.endswith(".csv"):
            continue
        layers = {str(layer) for layer in pyogrio.list_layers(path)[:, 0]}
        assert LAYERS.get(name, layers) <= layers
        assert all(
            pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"]
            >= 0
            for layer in layers
        )
        if shutil.which("ogrinfo"):
            done = subprocess.run(
                ["ogrinfo", "-so", "-al", path],
                capture_output=True,
                text=True,
                check=True,
            )
            assert "ERROR" not in done.stdout + done.stderr
    # What GDAL reads of KML is what we wrote.
    stops = gather_contents(plan).stops
    read = pyogrio.read_dataframe(tmp_path / "plan.kml", layer="1 patrol-1")
    points = read[read.geometry.geom_type == "Point"].geometry
    mine = [(stop.lon, stop.lat) for stop in stops if stop.patrol == 1]
    assert [(point.x, point.y) for point in points] == mine


def test_geopandas_opens_the_geopackage_and_finds_the_plan(tmp_path) -> None:
    plan = build_plan(count=9)
    put(render_exports(plan, formats=["gpkg"]), tmp_path)
    sites = gpd.read_file(tmp_path / "plan.gpkg", layer="sites").set_index("site_id")
    assert sites.crs == "EPSG:4326"
    for site in plan.sites:
        row = sites.loc[site.id]
        point = row.geometry
        assert measure_distance_m(point.x, point.y, site.lon, site.lat) < 1
        for mine, theirs in ((row.people, site.population), (row.risk, site.risk)):
            assert mine == theirs or (mine != mine and theirs is None)
    stops = gpd.read_file(tmp_path / "plan.gpkg", layer="stops")
    arrivals = [stop.arrive for patrol in plan.patrols for stop in patrol.stops]
    for row, moment in zip(stops.itertuples(), arrivals, strict=True):
        assert (moment is None) == (row.arrive is None or row.arrive != row.arrive)
        assert moment is None or abs((row.arrive - moment).total_seconds()) < 1
    patrols = gpd.read_file(tmp_path / "plan.gpkg", layer="patrols")
    assert list(patrols["patrol_id"]) == [patrol.id for patrol in plan.patrols]
    for shape, patrol in zip(patrols.geometry, plan.patrols, strict=True):
        assert len(shape.geoms) == len(patrol.legs)


@pytest.fixture(scope="module")
def geopackage(tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "plan.gpkg"
    plan = build_plan(count=9)
    path.write_bytes(render_exports(plan, formats=["gpkg"])["plan.gpkg"])
    with closing(sqlite3.connect(path)) as base:
        yield base


def test_the_geopackage_is_whole_and_says_nothing_of_when_it_was_made(
    geopackage,
) -> None:
    def ask(query):
        return geopackage.execute(query).fetchall()

    assert ask("PRAGMA integrity_check") == [("ok",)]
    assert ask("PRAGMA foreign_key_check") == []
    assert ask("PRAGMA application_id") == [(int.from_bytes(b"GPKG", "big"),)]
    assert ask("PRAGMA freelist_count") == [(0,)]
    changed = {row[0] for row in ask("SELECT last_change FROM gpkg_contents")}
    assert changed == {"2014-11-03T00:00:00.000Z"}
    notices = {row[0] for row in ask("SELECT description FROM gpkg_contents")}
    assert len(notices) == 1
    assert notices.pop().startswith("CONFIDENTIAL. DRAFT: not for use.")
    about = dict(ask("SELECT name, value FROM about"))
    assert about["marking"] == "CONFIDENTIAL"
    assert about["status"] == "draft"
    data = geopackage.serialize()
    for day in (datetime.now(UTC).date().isoformat(), Path.home().as_posix()):
        assert day.encode() not in data


def test_styles_are_those_that_qgis_looks_up(geopackage) -> None:
    """Table and columns are those of the OGR provider of QGIS 3."""
    columns = [row[1] for row in geopackage.execute("PRAGMA table_info(layer_styles)")]
    assert columns == [
        "id",
        "f_table_catalog",
        "f_table_schema",
        "f_table_name",
        "f_geometry_column",
        "styleName",
        "styleQML",
        "styleSLD",
        "useAsDefault",
        "description",
        "owner",
        "ui",
        "update_time",
    ]
    kinds = dict(geopackage.execute("SELECT table_name, data_type FROM gpkg_contents"))
    assert kinds["layer_styles"] == "attributes"
    drawn = geopackage.execute(
        "SELECT table_name, column_name, geometry_type_name FROM gpkg_geometry_columns"
    ).fetchall()
    assert len(drawn) == 5
    for layer, column, shape in drawn:
        # The query with which QGIS finds the default style of a layer.
        styles = geopackage.execute(
            "SELECT styleQML, styleSLD FROM layer_styles WHERE f_table_schema = '' "
            "AND f_table_name = ? AND f_geometry_column = ? AND useAsDefault",
            (layer, column),
        ).fetchall()
        assert len(styles) == 1
        qml, sld = (ET.fromstring(style) for style in styles[0])
        assert qml.tag == "qgis"
        assert qml.findtext("layerGeometryType") == ("0" if shape == "POINT" else "1")
        assert sld.tag == "{http://www.opengis.net/sld}StyledLayerDescriptor"
        check_signs(geopackage, layer, qml)


def check_signs(geopackage, layer, qml) -> None:
    """Every row has a sign, every sign a symbol, every label a column."""
    renderer = qml.find("renderer-v2")
    symbols = {symbol.get("name") for symbol in renderer.iterfind("symbols/symbol")}
    if renderer.get("type") == "categorizedSymbol":
        signs = {
            category.get("value"): category.get("symbol")
            for category in renderer.iterfind("categories/category")
        }
        assert set(signs.values()) == symbols
        # SQLite has no floor(); of numbers above 0 a cast is one.
        asked = renderer.get("attr").replace(
            'floor("risk" + 0.5)', 'CAST("risk" + 0.5 AS INTEGER)'
        )
        values = geopackage.execute(f"SELECT DISTINCT {asked} FROM {layer}")
        assert {f"{value}" for (value,) in values} <= set(signs)
    else:
        assert symbols == {"0"}
    label = qml.find("labeling/settings/text-style")
    if label is not None:
        columns = [row[1] for row in geopackage.execute(f"PRAGMA table_info({layer})")]
        assert label.get("fieldName") in columns


def test_two_runs_in_two_processes_give_the_same_bytes(tmp_path) -> None:
    plan = build_plan(count=3)
    file = tmp_path / "plan.json"
    file.write_text(format_plan(plan), encoding="utf-8")
    script = (
        "from pathlib import Path; from patrolplan.planfile import read_plan;"
        "from patrolplan.products.exports import render_exports;"
        "files = render_exports(read_plan(Path('plan.json'))).items();"
        "[Path(name.replace('/', '-')).write_bytes(data) for name, data in files]"
    )
    other = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=os.environ | other, check=True
    )
    for name, data in render_exports(plan).items():
        assert (tmp_path / name.replace("/", "-")).read_bytes() == data, name


def test_sizes_stay_within_what_a_weak_line_carries(tmp_path) -> None:
    paths = write_pack(build_plan(count=9), build_layers(), tmp_path)
    assert sum(path.stat().st_size for path in paths.values()) < 5_000_000
    tracks = [path for name, path in paths.items() if name.startswith("gps/")]
    assert len(tracks) == 9
    assert all(path.stat().st_size < MOST_BYTES for path in tracks)


def test_a_track_of_very_many_positions_is_thinned_and_says_so(tmp_path) -> None:
    def wind(start, end):
        way = shapely.segmentize(draw_straight(start, end), 0.0002)
        points = [
            (x, y + 2e-5 * (number % 2)) for number, (x, y) in enumerate(way.coords)
        ]
        return shapely.LineString(points)

    plan = build_plan(count=1, way=wind)
    contents = gather_contents(plan)
    assert sum(len(leg.line) for leg in contents.legs) > 15_000
    data = format_gpx(contents, contents.journeys[0])
    assert len(data) < MOST_BYTES
    tolerance_m = int(re.search(rb"Ways thinned by up to (\d+) m\.", data)[1])
    assert tolerance_m <= 5
    (tmp_path / "p.gpx").write_bytes(data)
    found = read_export(tmp_path / "p.gpx")
    assert found.stops == contents.stops
    for leg, whole in zip(found.legs, contents.legs, strict=True):
        assert replace(leg, line=whole.line) == whole
        off = shapely.hausdorff_distance(
            shapely.LineString(leg.line), shapely.LineString(whole.line)
        )
        assert off * 111_320 <= tolerance_m
    # What holds every position does so whatever its size.
    (tmp_path / "p.geojson").write_bytes(
        render_exports(plan, formats=["geojson"])["plan.geojson"]
    )
    assert read_export(tmp_path / "p.geojson") == contents


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_csv_is_what_milgps_reads() -> None:
    files = render_exports(build_plan(count=9), formats=["csv"])
    degrees, grid = (
        read_csv(files["waypoints.csv"]),
        read_csv(files["waypoints-mgrs.csv"]),
    )
    assert list(degrees[0])[:4] == ["Name", "Latitude", "Longitude", "Description"]
    assert list(grid[0])[:3] == ["Name", "MGRS", "Description"]
    # A file with both is refused by the device.
    assert "MGRS" not in degrees[0]
    assert not {"Latitude", "Longitude"} & set(grid[0])
    for row in grid:
        assert len(row["MGRS"]) == 15
        assert row["plan_status"] == "draft"
        assert row["marking"] == "CONFIDENTIAL"
        assert "CONFIDENTIEL" in row["notice"]


@pytest.mark.parametrize("lon", [1e-6, -1e-6, 0.0, -0.0, 3e-5, -179.5])
def test_degrees_are_plain_numbers_near_the_meridian_too(lon, tmp_path) -> None:
    plan = build_plan(count=1)
    patrol = plan.patrols[0]
    stop = patrol.stops[1].model_copy(update={"lon": lon})
    patrol = patrol.model_copy(
        update={"stops": [patrol.stops[0], stop, *patrol.stops[2:]]}
    )
    plan = plan.model_copy(update={"patrols": [patrol]})
    assert_files_hold(plan, None, tmp_path)
    text = read_csv((tmp_path / "waypoints.csv").read_bytes())[1]["Longitude"]
    assert text == f"{lon:.6f}".replace("-0.000000", "0.000000")
    kml = (tmp_path / "plan.kml").read_text(encoding="utf-8")
    places = re.findall("<coordinates>([^<]*)", kml)
    assert places
    assert all(re.fullmatch(r"(-?\d+\.\d{6},? ?)+", place) for place in places)


def test_no_cell_is_run_by_a_spreadsheet() -> None:
    for number in range(len(NAMES) // 30 + 1):
        for name, data in render_exports(
            build_hostile(number), formats=["csv"]
        ).items():
            for row in read_csv(data):
                for column, cell in row.items():
                    if column not in ("Latitude", "Longitude"):
                        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (
                            name
                        )


@pytest.mark.parametrize(
    ("ids", "stems"),
    [
        (["P1", "p1", "P\u0301 1", "p1-2"], ["p1", "p1-2", "p-1", "p1-2-2"]),
        (["../../x", "/x", "x\0"], ["x", "x-2", "x-3"]),
        (
            ["con", "NUL", "com1", "\u0643"],
            ["patrol-con", "patrol-nul", "patrol-com1", "patrol"],
        ),
        (["a" * 300, "a" * 301], ["a" * 80, "a" * 80 + "-2"]),
    ],
)
def test_patrols_have_files_that_no_file_system_takes_for_one(ids, stems) -> None:
    plan = build_plan(count=len(ids))
    patrols = [
        patrol.model_copy(update={"id": key})
        for patrol, key in zip(plan.patrols, ids, strict=True)
    ]
    plan = plan.model_copy(update={"patrols": patrols})
    assert list(name_patrol_files(plan)) == stems
    assert [f"gps/{stem}.gpx" for stem in stems] == [
        *render_exports(plan, formats=["gpx"])
    ]


@pytest.mark.parametrize("release", ["open", "unclassified", "restricted"])
def test_only_a_confidential_plan_is_exported(release) -> None:
    plan = build_plan().model_copy(update={"release": release})
    with pytest.raises(PackError, match="CONFIDENTIAL"):
        render_exports(plan)


def test_a_format_is_one_of_ours() -> None:
    with pytest.raises(ValueError, match="shp"):
        render_exports(build_plan(), formats=["gpx", "shp"])
    assert set(FORMATS) == {"gpx", "kml", "gpkg", "csv", "geojson"}


def spoil(files: dict[str, bytes]):
    gpx, kml = files["gps/patrol-1.gpx"], files["plan.kml"]
    bomb = b'<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    geojson = json.loads(files["plan.geojson"])
    moved = {**geojson, "features": [{**geojson["features"][-1], "geometry": None}]}
    leg = next(f for f in geojson["features"] if f["properties"]["layer"] == "legs")
    leg["geometry"]["coordinates"] = [[0, 1]]
    rows = files["waypoints.csv"].decode()
    return {
        "cut.gpx": gpx[:2000],
        "bomb.gpx": gpx.replace(b"<gpx", bomb + b"<gpx", 1),
        "device.gpx": gpx.replace(b"pp:stop>", b"pp:lost>"),
        "time.gpx": gpx.replace(b'"depart": "2014-11-03T', b'"depart": "2014-13-03T'),
        "other.gpx": kml,
        "cut.kml": kml[:2000],
        "other.kml": gpx,
        "lat.kml": kml.replace(b"<coordinates>", b"<coordinates>x"),
        "plan.shp": b"",
        "cut.geojson": files["plan.geojson"][:2000],
        "deep.geojson": b"[" * 200_000,
        "none.geojson": b'{"type": "FeatureCollection", "features": []}',
        "list.geojson": b"[]",
        "lost.geojson": json.dumps(moved | {"features": [None]}).encode(),
        "point.geojson": json.dumps(
            {**geojson, "features": [{"properties": {"layer": "stops"}}]}
        ).encode(),
        "way.geojson": json.dumps(geojson).encode(),
        "columns.csv": b"Name,Latitude\nx,1\n",
        "latin.csv": "Name,Latitude\n\u00e9,1\n".encode("latin-1"),
        "place.csv": rows.replace(",16.271670,", ",north,").encode(),
        "grid.csv": files["waypoints-mgrs.csv"].replace(b"30QZD", b"30IZD"),
        "visit.csv": rows.replace(",visit,", ",visit,,").encode(),
        "plan.gpkg": b"SQLite format 3\0 and no more",
        "text.gpkg": b"no base",
        "cut.gpkg": files["plan.gpkg"][:8192],
        "stops.gpkg": files["plan.gpkg"].replace(b"2014-11-03T06", b"2014-11-03X06"),
    }


def test_what_is_no_export_is_refused_by_name(tmp_path) -> None:
    files = spoil(render_exports(build_plan(count=1)))
    put(files, tmp_path)
    for name in files:
        with pytest.raises(LayerError) as caught:
            read_export(tmp_path / name)
        for fault in caught.value.faults:
            assert fault.file == name
            assert fault.expected
    with pytest.raises(LayerError, match="No such file"):
        read_export(tmp_path / "missing.gpx")


def test_what_was_added_by_hand_does_not_stand_in_the_way(tmp_path) -> None:
    plan = build_plan(count=2)
    files = render_exports(plan)
    contents = gather_contents(plan)
    document = json.loads(files["plan.geojson"])
    point = {"type": "Point", "coordinates": [0, 16]}
    drawn = {"type": "Feature", "properties": None, "geometry": point}
    document["features"] = [drawn, *reversed(document["features"])]
    (tmp_path / "plan.geojson").write_text(json.dumps(document), encoding="utf-8")
    found = read_export(tmp_path / "plan.geojson")
    assert (found.stops, found.legs) == (contents.stops, contents.legs)
    assert set(found.places) == set(contents.places)
    pin = b"<Placemark><name>mine</name></Placemark></Document>"
    (tmp_path / "plan.kml").write_bytes(files["plan.kml"].replace(b"</Document>", pin))
    assert read_export(tmp_path / "plan.kml") == contents


@pytest.fixture
def saved(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(format_plan(build_plan(count=2)), encoding="utf-8")
    return file


def test_the_command_writes_what_the_pack_holds(saved, tmp_path, capsys) -> None:
    assert main(["export", str(saved), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    for name, data in render_exports(build_plan(count=2)).items():
        assert (tmp_path / name).read_bytes() == data
    other = tmp_path / "other"
    asked = ["--format", "GPX, csv", "--out", str(other), "--json"]
    assert main(["export", str(saved), *asked]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "draft"
    assert sorted(told["files"]) == sorted(
        str(path) for path in other.rglob("*") if path.is_file()
    )
    assert not (other / "plan.kml").exists()
    assert main(["export", str(saved), "--out", str(other)]) == 0
    assert f"Export: {other / 'plan.gpkg'}" in capsys.readouterr().out


def test_the_command_refuses_what_it_should(saved, tmp_path, capsys) -> None:
    assert main(["export", str(saved), "--format", "shp"]) == 2
    assert main(["export", str(saved), "--format", ","]) == 2
    assert main(["export", str(tmp_path / "none.json")]) == 2
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "gps").symlink_to(outside)
    (tmp_path / "plan.kml").symlink_to(outside / "kept.kml")
    assert main(["export", str(saved), "--quiet"]) == 2
    assert "symbolic link" in capsys.readouterr().err
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "plan.gpkg").exists()
    (tmp_path / "gps").unlink()
    assert main(["export", str(saved), "--quiet"]) == 0
    # A link in a file's place is replaced, not followed.
    assert list(outside.iterdir()) == []
    plan = build_plan(count=2).model_copy(update={"release": "open"})
    saved.write_text(format_plan(plan), encoding="utf-8")
    assert main(["export", str(saved)]) == 2
    assert "CONFIDENTIAL" in capsys.readouterr().err
