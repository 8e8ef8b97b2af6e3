"""What fuzzing found: each input once raised something that no planner could act on."""

from __future__ import annotations

from functools import partial

import pytest

from geojson_files import dump_site, write_geopackage
from patrolplan.shipped import find_shipped
from refusing import Case, check_refused, name_cases
from whole_files import build_whole_files


def name_a_table_in_latin_1(path) -> None:
    """SQLite quotes the name of a malformed table, and Python could not decode it."""
    broken = "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES "
    broken += "('table', CAST(X'76ff' AS TEXT), 'v', 0, 'CREATE TABLE')"
    write_geopackage(path, "population", "PRAGMA writable_schema = ON", broken)


def change_tag(path, tag: int, kind: int) -> None:
    """Give a tag of the shipped grid another type: Pillow raised a KeyError."""
    whole = build_whole_files()["elevation", ".tif"]
    content = bytearray(whole)
    begin = int.from_bytes(content[4:8], "little")
    for row in range(int.from_bytes(content[begin : begin + 2], "little")):
        at = begin + 2 + 12 * row
        if int.from_bytes(content[at : at + 2], "little") == tag:
            content[at + 2 : at + 4] = kind.to_bytes(2, "little")
    assert content != whole
    path.write_bytes(content)


def cut_cells(path) -> None:
    """Leave the head of a raster and no cells: rasterio raised while summing."""
    whole = find_shipped() / "data" / "geo" / "context" / "elevation.tif"
    path.write_bytes(whole.read_bytes()[:-30_000])


def cut_a_name(path) -> None:
    """Behind a zero byte in a text, GDAL read nothing, and nobody was told."""
    cell = "UPDATE population SET name = CAST(X'47616f0047616f' AS TEXT)"
    write_geopackage(path, "population", cell)


def describe_a_table_in_bytes(path) -> None:
    """SQLite gives what a definition is stored as, and bytes were taken for text."""
    broken = "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES "
    broken += "('index', 'v', 'population', 0, X'00ff')"
    write_geopackage(path, "population", "PRAGMA writable_schema = ON", broken)


CASES = [
    Case("sites", "bytes.gpkg", describe_a_table_in_bytes, "a GeoPackage"),
    Case("sites", "zero.gpkg", cut_a_name, "column 'name': a zero byte in 1 cells"),
    Case(
        "sites",
        "zero.geojson",
        dump_site({"type": "Point", "coordinates": [0, 16]}, name="Gao\0Gao"),
        "feature 'a', 'name': a zero byte",
    ),
    Case(
        "roads",
        "zero.geojson",
        build_whole_files()["roads", ".geojson"].replace(b'"A"', b'"A\\u0000B"'),
        "'name': a zero byte",
    ),
    Case("sites", "latin.gpkg", name_a_table_in_latin_1, "a GeoPackage"),
    *(
        Case(
            "elevation",
            f"{tag}-{kind}.tif",
            partial(change_tag, tag=tag, kind=kind),
            "",
        )
        for tag in (262, 256, 258, 33550, 33922, 34735)
        for kind in (2, 7, 99)
    ),
    Case("people", "cut.tif", cut_cells, "a whole GeoTIFF"),
]


@pytest.mark.parametrize("case", name_cases(CASES))
def test_what_fuzzing_found_is_refused_in_words(tmp_path, case) -> None:
    check_refused(case, tmp_path)
