"""Zips, databases, binary files: bombs, queries in them, parts missing, cut short."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
import zlib
from contextlib import closing
from functools import partial
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geojson_files import write_geopackage
from osm_files import write_drawn_pbf
from patrolplan.layers.road_files import read_lines
from patrolplan.network_figures import NetworkFigures
from patrolplan.safety_figures import SafetyFigures
from patrolplan.shipped import find_shipped
from refusing import (
    READERS,
    RULES,
    Case,
    check_faults,
    check_refused,
    name_cases,
    read_or_refuse,
)

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x"


def write_shapefile(path: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"highway": ["track", "track"]},
        geometry=[shapely.LineString([(0, 16), (n / 10, 16.1)]) for n in (1, 2)],
        crs="EPSG:4326",
    )
    frame.to_file(path)
    return path


def pack_shapefile(path: Path, rename=str, **compression) -> None:
    """Pack a shapefile whose entries are called as a stranger calls them."""
    shape = write_shapefile(path.with_suffix(".shp"))
    compression = compression or {"compression": zipfile.ZIP_DEFLATED}
    with zipfile.ZipFile(path, "w", **compression) as pack:
        for part in sorted(shape.parent.glob(f"{shape.stem}.*")):
            if part.suffix != ".zip":
                pack.write(part, rename(part.name))


def write_bomb(path: Path, ending: str = ".dbf") -> None:
    """Pack 64 MB of nothing beside a shapefile: 1,000 times less when packed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("a.shp", b"\0" * 100)
        pack.writestr(f"a{ending}", b"\0" * 64 * 1024**2)


def write_lying_zip(path: Path) -> None:
    """Say of an entry that it unpacks to 4 GB less one."""
    pack_shapefile(path)
    content = bytearray(path.read_bytes())
    begin = content.index(b"PK\1\2")
    content[begin + 24 : begin + 28] = b"\xff\xff\xff\xfe"
    path.write_bytes(content)


def write_locked_zip(path: Path) -> None:
    """Set the flag that says an entry is encrypted."""
    pack_shapefile(path)
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        begin = -1
        while (begin := content.find(mark, begin + 1)) >= 0:
            content[begin + at] |= 1
    path.write_bytes(content)


def write_many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as pack:
        for number in range(2):
            pack.writestr(f"{number}.shp", b"")


def lose(path: Path, ending: str) -> None:
    write_shapefile(path)
    path.with_suffix(ending).unlink()


def cut(path: Path, ending: str, size: int) -> None:
    write_shapefile(path)
    part = path.with_suffix(ending)
    part.write_bytes(part.read_bytes()[:size])


def lie_of_length(path: Path) -> None:
    write_shapefile(path)
    content = bytearray(path.read_bytes())
    content[24:28] = b"\x7f\xff\xff\xff"
    path.write_bytes(content)


ZIPS = [
    Case("roads", "bomb.zip", write_bomb, "safety.largest_ratio"),
    Case("roads", "bomb-prj.zip", partial(write_bomb, ending=".prj"), "a bomb"),
    Case("roads", "lying.zip", write_lying_zip, "zip"),
    Case("roads", "locked.zip", write_locked_zip, "zip"),
    Case("roads", "many.zip", write_many, "2 shapefiles"),
    Case("roads", "none.zip", b"PK\5\6" + bytes(18), "0 shapefiles"),
    Case("roads", "cut.zip", b"PK\3\4", "zip"),
    Case("roads", "text.zip", b"no zip", "zip"),
]

SHAPEFILES = [
    Case("roads", "roads.shp", partial(lose, ending=".shx"), "no .shx"),
    Case("roads", "roads.shp", partial(lose, ending=".dbf"), "no .dbf"),
    Case("roads", "roads.shp", partial(lose, ending=".prj"), "crs"),
    Case("roads", "roads.shp", partial(cut, ending=".shp", size=60), "whole"),
    Case("roads", "roads.shp", partial(cut, ending=".shp", size=10), "no shapefile"),
    Case("roads", "roads.shp", partial(cut, ending=".shx", size=50), ""),
    Case("roads", "roads.shp", partial(cut, ending=".dbf", size=20), ""),
    Case("roads", "roads.shp", lie_of_length, "whole"),
    Case("roads", "roads.shp", b"", "no shapefile"),
]


def alter(*statements: str) -> partial:
    return partial(_alter, statements=statements)


def _alter(path: Path, statements: tuple[str, ...]) -> None:
    write_geopackage(path, "population", *statements)


def write_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE t (x)")
        base.commit()


def spoil(path: Path, begin: int, size: int) -> None:
    write_geopackage(path)
    content = bytearray(path.read_bytes())
    content[begin : begin + size] = b"\xff" * size
    path.write_bytes(content)


def shorten(path: Path, size: int) -> None:
    write_geopackage(path)
    path.write_bytes(path.read_bytes()[:size])


VIEW = alter(
    "ALTER TABLE population RENAME TO hidden",
    f"CREATE VIEW population AS {ENDLESS} AS fid, x AS geom FROM n",
)

DATABASES = [
    Case(
        "sites",
        "endless.gpkg",
        alter("DROP TABLE population", f"CREATE VIEW population AS {ENDLESS} FROM n"),
        "a view",
    ),
    Case(
        "sites",
        "contents.gpkg",
        alter(
            "ALTER TABLE gpkg_contents RENAME TO c",
            f"CREATE VIEW gpkg_contents AS {ENDLESS} AS table_name FROM n",
        ),
        "gpkg_contents",
    ),
    Case(
        "sites",
        "systems.gpkg",
        alter(
            "DROP TABLE gpkg_extensions",
            f"CREATE VIEW gpkg_extensions AS {ENDLESS} FROM n",
        ),
        "a view",
    ),
    Case(
        "sites",
        "reckoned.gpkg",
        alter(
            "ALTER TABLE population ADD COLUMN note AS (hex(zeroblob(400000000)))",
        ),
        "reckoned by the file itself",
    ),
    Case(
        "sites",
        "virtual.gpkg",
        alter(
            "PRAGMA writable_schema = ON",
            "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES "
            "('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING "
            "VirtualOGR(''/etc/hostname'')')",
        ),
        "a virtual table",
    ),
    Case("sites", "rows.gpkg", alter("DELETE FROM population"), "at least one"),
    Case("sites", "gone.gpkg", alter("DROP TABLE population"), "not there"),
    Case(
        "sites",
        "blob.gpkg",
        alter("UPDATE population SET geom = zeroblob(40)"),
        "geometry",
    ),
    Case("sites", "word.gpkg", alter("UPDATE population SET geom = 'x'"), "geometry"),
    Case("sites", "plain.gpkg", write_sqlite, "no table gpkg_contents"),
    Case("sites", "page.gpkg", partial(spoil, begin=100, size=2000), ""),
    Case("sites", "head.gpkg", partial(spoil, begin=16, size=80), ""),
    Case("sites", "cut.gpkg", partial(shorten, size=9000), ""),
    Case("sites", "magic.gpkg", b"SQLite format 3\0", ""),
    Case("sites", "nothing.gpkg", b"", "no GeoPackage inside"),
    Case("roads", "endless.gpkg", VIEW, "a view"),
    Case("export", "plain.gpkg", write_sqlite, ""),
]


def tiff(width: int, height: int) -> bytes:
    """Return the head of a TIFF that says it is so large."""
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 16), (259, 3, 1, 1)]
    tags += [(262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height)]
    tags += [(279, 4, 1, 8)]
    rows = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + rows + bytes(4)


def blob(kind: bytes, packed: bytes, told: int) -> bytes:
    """Return a blob of a PBF that says it unpacks to so many bytes."""

    def field(number: int, content: bytes) -> bytes:
        return varint(number << 3 | 2) + varint(len(content)) + content

    body = varint(2 << 3) + varint(told) + field(3, packed)
    head = field(1, kind) + varint(3 << 3) + varint(len(body))
    return struct.pack(">I", len(head)) + head + body


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


ZEROS = zlib.compress(bytes(10_000))
HEADER = blob(b"OSMHeader", ZEROS, 10_000)


def cut_pbf(path: Path, share: float) -> None:
    write_drawn_pbf(path, 2000)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


BINARIES = [
    Case("elevation", "wide.tif", tiff(2**31, 2**31), "exceeds limit"),
    Case("elevation", "cut.tif", tiff(100, 100), ""),
    Case("elevation", "head.tif", b"II*\0", "a GeoTIFF"),
    Case("elevation", "png.tif", b"\x89PNG\r\n\x1a\n" + bytes(100), "no TIFF inside"),
    Case("people", "head.tif", b"II*\0", "a GeoTIFF"),
    Case("people", "wide.tif", tiff(2**31, 2**31), ""),
    Case("people", "none.tif", b"", "no GeoTIFF inside"),
    Case("roads", "cut.osm.pbf", partial(cut_pbf, share=0.5), "did not end"),
    Case("roads", "cut-early.osm.pbf", partial(cut_pbf, share=0.01), "PBF"),
    Case("roads", "huge-head.osm.pbf", b"\x7f\xff\xff\xff", "no PBF inside"),
    Case("roads", "zeros.osm.pbf", HEADER, "no data"),
    Case(
        "roads",
        "absurd.osm.pbf",
        HEADER + blob(b"OSMData", ZEROS, 2**40),
        "when unpacked",
    ),
    Case("roads", "lie.osm.pbf", HEADER + blob(b"OSMData", ZEROS, 10), "PBF"),
    Case(
        "roads",
        "bomb.osm.pbf",
        HEADER + blob(b"OSMData", zlib.compress(bytes(64 * 1024**2)), 1000),
        "PBF",
    ),
    Case("roads", "magic.parquet", b"PAR1" + bytes(20) + b"PAR1", "GeoParquet"),
    Case("roads", "cut.parquet", b"PAR1" + bytes(20), "did not end"),
    Case("roads", "foot.parquet", b"PAR1\xff\xff\xff\xffPAR1", "GeoParquet"),
]


@pytest.mark.parametrize(
    "case", name_cases([*ZIPS, *SHAPEFILES, *DATABASES, *BINARIES])
)
def test_a_hostile_container_is_refused_in_words(tmp_path, case) -> None:
    check_refused(case, tmp_path)


@pytest.mark.parametrize("name", ["../{}", "/tmp/{}", "a/../../{}", "C:\\{}", "..\\{}"])
def test_no_entry_of_a_zip_is_written_where_its_name_says(tmp_path, name) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "roads.zip"
    pack_shapefile(path, lambda own: name.format("slipped" + Path(own).suffix))
    before = sorted(tmp_path.rglob("*"))
    read_or_refuse("roads", path)
    assert sorted(tmp_path.rglob("*")) == before
    assert not list(Path("/tmp").glob("slipped.*"))


def test_a_zip_within_the_limits_is_read_and_beyond_them_refused(tmp_path) -> None:
    path = tmp_path / "roads.zip"
    pack_shapefile(path)
    assert READERS["roads"](path)
    small = SafetyFigures(largest_unpacked_mb=0.0001)
    with pytest.raises(ValueError, match="largest_unpacked_mb") as caught:
        read_lines(path, NetworkFigures(), RULES, safety=small)
    check_faults(caught.value.faults, path)
    (fault,) = caught.value.faults
    # Not as one more thing that is wrong with a zip, with a cause that is not its own.
    assert fault.cause.endswith("safety.largest_unpacked_mb is the limit")
    assert path.name not in fault.found


def test_what_stands_beside_a_layer_in_a_database_is_left_alone(tmp_path) -> None:
    """Triggers and other views are of no harm while nothing asks for them."""
    path = tmp_path / "sites.gpkg"
    write_geopackage(
        path,
        "population",
        f"CREATE VIEW other AS {ENDLESS} FROM n",
        "CREATE TRIGGER t AFTER UPDATE ON population BEGIN DELETE FROM population; END",
    )
    before = path.read_bytes()
    assert list(READERS["sites"](path)["id"]) == ["a"]
    assert path.read_bytes() == before


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory) -> dict[str, bytes]:
    """Return one small whole file of each kind that is no text."""
    folder = tmp_path_factory.mktemp("whole")
    write_geopackage(folder / "sites.gpkg")
    pack_shapefile(folder / "roads.zip")
    write_drawn_pbf(folder / "roads.osm.pbf", 300)
    heights = find_shipped() / "data" / "geo" / "context" / "elevation.tif"
    return {
        "sites.gpkg": (folder / "sites.gpkg").read_bytes(),
        "roads.zip": (folder / "roads.zip").read_bytes(),
        "roads.osm.pbf": (folder / "roads.osm.pbf").read_bytes(),
        "elevation.tif": heights.read_bytes(),
    }


@pytest.mark.parametrize(
    "name", ["sites.gpkg", "roads.zip", "roads.osm.pbf", "elevation.tif"]
)
def test_a_file_with_some_bytes_changed_is_read_or_refused(
    tmp_path_factory, whole_files, name
) -> None:
    path = tmp_path_factory.mktemp("changed") / name
    whole = whole_files[name]

    @given(
        changes=st.lists(
            st.tuples(
                st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=8)
            ),
            min_size=1,
            max_size=6,
        ),
        size=st.integers(0, 2 * len(whole)),
    )
    def check(changes, size) -> None:
        content = bytearray(whole)
        for at, patch in changes:
            content[at : at + len(patch)] = patch
        path.write_bytes(content[:size])
        read_or_refuse(name.partition(".")[0], path)

    check()
