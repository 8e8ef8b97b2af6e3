"""GDAL without its network and without drivers that lead elsewhere.

GDAL picks a driver by what a file holds, and a file may name other files and hosts. So
every reader pins its driver; and besides, before the library is loaded, the drivers
that follow what a file says are left out, and it is told to open no address. Import
this module before ``pyogrio``, ``rasterio`` or whatever loads them. What the user's
environment says is added to, not undone.

A program that has loaded GDAL before it imports patrolplan keeps these drivers: pinning
and the look at the first bytes hold all the same.
"""

from __future__ import annotations

import os
from typing import Final

__all__ = ["SKIPPED_DRIVERS"]

SKIPPED_DRIVERS: Final = (
    # What a file of theirs holds is where other files are.
    "VRT",
    "OGR_VRT",
    "GDALG",
    "GTI",
    "WMS",
    "STACTA",
    "STACIT",
    "DERIVED",
    "MBTiles",
    # What a file of theirs holds is an address.
    "HTTP",
    "WFS",
    "OAPIF",
    "CSW",
    "WCS",
    "WMTS",
    "PLMOSAIC",
    "PLSCENES",
    "NGW",
    "Elasticsearch",
    "Carto",
    "AmigoCloud",
    "EEDA",
    "OGCAPI",
    "ESRIJSON",
    "TopoJSON",
    # These run a program, or load one.
    "GPSBabel",
    "ADBC",
)
"""Drivers that follow what a file names, which pinned ones never need."""

_FIXED: Final = {
    # No address is opened, whatever names it.
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    # No driver is loaded from a folder that the environment names.
    "GDAL_DRIVER_PATH": "disable",
    # Files beside the one that was asked for, such as .aux.xml, are not looked for.
    "GDAL_PAM_ENABLED": "NO",
    # Nor does SQLite load code that a file asks for.
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
}

_known = [name for name in os.environ.get("GDAL_SKIP", "").split(",") if name]
os.environ["GDAL_SKIP"] = ",".join(dict.fromkeys([*_known, *SKIPPED_DRIVERS]))
os.environ.update(_FIXED)
