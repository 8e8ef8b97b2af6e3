"""Files that name other files or hosts: none is opened, and no address is called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable

import pytest

from patrolplan.errors import InputError
from patrolplan.layers.drivers import SKIPPED_DRIVERS
from refusing import READERS, check_faults

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="canary"><SrcDataSource>{}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)
RASTER_VRT = (
    '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" '
    'band="1"><SimpleSource><SourceFilename>{}</SourceFilename></SimpleSource>'
    "</VRTRasterBand></VRTDataset>"
)
GDALG = (
    '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {} '
    '! write streamed_dataset --of stream streamed_dataset"}}'
)
WFS = "<OGRWFSDataSource><URL>{}/wfs</URL></OGRWFSDataSource>"
TOPOLOGY = '{{"type": "Topology", "objects": "{}"}}'
ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY x SYSTEM "{}">]>'
    "<gpx><trk><name>&x;</name></trk></gpx>"
)
EXTERNAL_DTD = '<?xml version="1.0"?><!DOCTYPE gpx SYSTEM "{}"><gpx/>'
INCLUDE = '<gpx xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="{}"/></gpx>'
ESRI = '{{"displayFieldName": "", "features": [], "url": "{}"}}'


def link_crs(address: str) -> str:
    feature = {
        "type": "Feature",
        "properties": {"id": "a", "name": "a"},
        "geometry": {"type": "Point", "coordinates": [0, 16]},
    }
    crs = {"type": "link", "properties": {"href": address, "type": "proj4"}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]})


def link_crs_twice(address: str) -> str:
    """Give the link first and a name after it: parsers differ in which they take."""
    linked = link_crs(address)
    named = '"crs": {"type": "name", "properties": {"name": "EPSG:4326"}}, "features"'
    return linked.replace('"features"', named, 1)


def fill(template: str) -> Callable[[str], str]:
    return template.format


# Who reads it, under which name, and what it holds once a place is filled in.
TRAPS = [
    ("sites", "sites.geojson", fill(VRT)),
    ("sites", "sites.json", fill(VRT)),
    ("sites", "sites.gpkg", fill(VRT)),
    ("sites", "sites.csv", fill(VRT)),
    ("sites", "sites.geojson", fill(GDALG)),
    ("sites", "sites.json", fill(GDALG)),
    ("sites", "sites.gpkg", fill(GDALG)),
    ("sites", "sites.geojson", fill(WFS)),
    ("sites", "sites.geojson", fill(TOPOLOGY)),
    ("sites", "sites.geojson", fill(ESRI)),
    ("sites", "sites.geojson", fill("{}")),
    ("sites", "sites.geojson", link_crs),
    ("sites", "sites.geojson", link_crs_twice),
    ("roads", "roads.geojson", link_crs),
    ("roads", "roads.geojson", fill(VRT)),
    ("roads", "roads.geojson", fill(GDALG)),
    ("roads", "roads.gpkg", fill(VRT)),
    ("roads", "roads.shp", fill(VRT)),
    ("roads", "roads.osm.pbf", fill(VRT)),
    ("roads", "roads.parquet", fill(VRT)),
    ("roads", "roads.zip", fill(VRT)),
    ("people", "people.tif", fill(RASTER_VRT)),
    ("elevation", "elevation.tif", fill(RASTER_VRT)),
    ("track", "track.gpx", fill(ENTITY)),
    ("track", "track.gpx", fill(EXTERNAL_DTD)),
    ("track", "track.gpx", fill(INCLUDE)),
    ("export", "plan.kml", fill(ENTITY)),
    ("export", "plan.gpx", fill(ENTITY)),
    ("export", "plan.gpx", fill(EXTERNAL_DTD)),
    ("export", "plan.gpkg", fill(VRT)),
]


@pytest.mark.parametrize(("reader", "name", "build"), TRAPS)
def test_no_file_is_opened_and_no_host_called_that_a_file_names(
    tmp_path, sink, canary, reader, name, build
) -> None:
    places = (
        str(canary.path),
        canary.path.as_uri(),
        f"{sink.address}/x.geojson",
        f"/vsicurl/{sink.address}/x.geojson",
        f"/vsizip/vsicurl/{sink.address}/x.zip",
    )
    for place in places:
        path = tmp_path / name
        path.write_text(build(place), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            READERS[reader](path)
        lines = check_faults(caught.value.faults, path)
        assert not any(canary.secret in line for line in lines)
    assert not canary.was_opened()
    assert sink.calls == 0


def test_the_canary_and_the_sink_would_tell(sink, canary) -> None:
    """The two alarms ring when they should: else the tests above could not fail."""
    canary.path.read_bytes()
    assert canary.was_opened()
    with pytest.raises(OSError, match=r".+"):
        urllib.request.urlopen(sink.address, timeout=5)
    assert sink.calls == 1


def run_unpinned(program: str, **environment: str) -> str:
    """Run a program that opens files without pinning a driver, patrolplan imported."""
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_gdal_itself_neither_follows_nor_calls(tmp_path, sink, canary) -> None:
    """The second wall: had a reader forgotten to pin, GDAL would still refuse."""
    followed = tmp_path / "sites.geojson"
    followed.write_text(VRT.format(canary.path), encoding="utf-8")
    program = f"""
import patrolplan.layers.drivers
import pyogrio
for place in ({str(followed)!r}, "/vsicurl/{sink.address}/x.geojson",
              "{sink.address}/x.geojson", "WFS:{sink.address}/wfs"):
    try:
        pyogrio.read_info(place)
    except pyogrio.errors.DataSourceError:
        print("refused")
known = pyogrio.list_drivers()
print(sorted(set(known) & set(patrolplan.layers.drivers.SKIPPED_DRIVERS)))
"""
    # What the user's environment asks for does not undo it.
    said = run_unpinned(
        program, GDAL_SKIP="DXF", CPL_VSIL_CURL_ALLOWED_FILENAME=sink.address
    )
    assert said.splitlines() == ["refused"] * 4 + ["[]"]
    assert sink.calls == 0
    assert not canary.was_opened()


# The two that may come first: layers begin with it.
FIRST = ("products.exports.geopackage", "need.exposure")


@pytest.mark.parametrize("module", FIRST)
def test_drivers_are_left_out_whichever_module_comes_first(module) -> None:
    program = f"""
import patrolplan.{module}
import os
print(os.environ["GDAL_SKIP"])
print(os.environ["CPL_VSIL_CURL_ALLOWED_FILENAME"])
"""
    skipped, allowed = run_unpinned(program, GDAL_SKIP="DXF").splitlines()
    assert set(skipped.split(",")) >= {"DXF", *SKIPPED_DRIVERS}
    assert allowed == "none"
