"""The two coordinate systems of the house, and every length on the ellipsoid.

On disk and on maps: WGS 84 degrees. Inside: one metric system for the whole theatre,
so that two layers of one scenario can never meet in different ones. Automatic UTM
would put Gao and Ansongo, 90 km apart, into different zones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mgrs
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from patrolplan.errors import CrsError, Fault

__all__ = [
    "METRIC_CRS",
    "WGS84",
    "build_plane",
    "check_metric",
    "find_positions",
    "format_mgrs",
    "measure_distance_m",
    "measure_length_m",
    "measure_parts_m",
    "parse_mgrs",
    "project_geometry",
    "unproject_spots",
]

WGS84 = pyproj.CRS.from_epsg(4326)

METRIC_CRS = pyproj.CRS.from_proj4(
    "+proj=laea +lat_0=18 +lon_0=0 +datum=WGS84 +units=m +no_defs"
)
"""Lambert azimuthal equal-area at 18° N 0° E: lengths of the theatre to 0.04 %."""

_ELLIPSOID = pyproj.Geod(ellps="WGS84")
_TO_METRIC = pyproj.Transformer.from_crs(WGS84, METRIC_CRS, always_xy=True)
_GRID = mgrs.MGRS()
_TO_DEGREES = pyproj.Transformer.from_crs(METRIC_CRS, WGS84, always_xy=True)


def check_metric(crs: Any, *, file: str) -> None:
    """Refuse a coordinate system that is not the metric one of the house.

    Parameters
    ----------
    crs
        Whatever a frame bears as its ``crs``, None included.
    file
        Name of the layer, for the message.

    Raises
    ------
    CrsError
        If it is missing or any other system, metric or not.
    """
    if crs is None or pyproj.CRS(crs) != METRIC_CRS:
        name = "none" if crs is None else pyproj.CRS(crs).name
        fault = Fault(
            file,
            "crs",
            f"found {name}",
            "Lambert azimuthal equal-area at 18 N 0 E",
            "a layer was measured before it was projected",
        )
        raise CrsError([fault])


def project_geometry(geometry: Any, *, to_metric: bool) -> Any:
    """Carry a geometry, or an array of them, between degrees and metres.

    Parameters
    ----------
    geometry
        shapely geometry or array of geometries.
    to_metric
        True from WGS 84 to the metric system, False back.
    """
    transformer = _TO_METRIC if to_metric else _TO_DEGREES

    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return shapely.transform(geometry, convert)


def unproject_spots(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes of spots in the metric system.

    As :func:`project_geometry` does it, for millions of them.

    Parameters
    ----------
    x_m, y_m
        Spots.
    """
    lon, lat = _TO_DEGREES.transform(x_m, y_m)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def build_plane(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[pyproj.Transformer, pyproj.Transformer]:
    """Return the ways to an equal-area plane about the middle of positions, and back.

    For networks that may lie anywhere: what is nearest on it is nearest on the ground,
    to some tenths of a percent within 1,000 km of its middle. Lengths stay geodesic.

    Parameters
    ----------
    lon, lat
        Degrees, of one position at least. The middle is rounded to a degree.
    """
    middle_lon = round(float(lon.min() + lon.max()) / 2)
    middle_lat = round(float(lat.min() + lat.max()) / 2)
    plane = pyproj.CRS.from_proj4(
        f"+proj=laea +lat_0={middle_lat} +lon_0={middle_lon} "
        "+datum=WGS84 +units=m +no_defs"
    )
    return (
        pyproj.Transformer.from_crs(WGS84, plane, always_xy=True),
        pyproj.Transformer.from_crs(plane, WGS84, always_xy=True),
    )


def measure_distance_m(
    lon: ArrayLike, lat: ArrayLike, to_lon: ArrayLike, to_lat: ArrayLike
) -> NDArray[np.float64]:
    """Return geodesic distances in metres on the WGS 84 ellipsoid.

    Parameters
    ----------
    lon, lat, to_lon, to_lat
        Degrees; arrays broadcast against each other.
    """
    lon, lat, to_lon, to_lat = (
        np.array(column, dtype=float)
        for column in np.broadcast_arrays(lon, lat, to_lon, to_lat)
    )
    _, _, distances = _ELLIPSOID.inv(lon, lat, to_lon, to_lat)
    return np.asarray(distances, dtype=np.float64)


def measure_parts_m(coordinates: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return the geodesic length in metres of each part between two vertices.

    Parameters
    ----------
    coordinates
        At least two positions in degrees; anything after lon and lat is ignored.
    """
    points = np.asarray([position[:2] for position in coordinates], dtype=float)
    return measure_distance_m(
        points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1]
    )


def measure_length_m(coordinates: Sequence[Sequence[float]]) -> float:
    """Return the geodesic length in metres along positions in degrees.

    Parameters
    ----------
    coordinates
        At least two positions.
    """
    return float(measure_parts_m(coordinates).sum())


def find_positions(
    lon: ArrayLike, lat: ArrayLike, bearing_deg: ArrayLike, distance_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes at a bearing and a geodesic distance.

    Parameters
    ----------
    lon, lat
        Where from, in degrees.
    bearing_deg
        Degrees from north, clockwise.
    distance_m
        Metres on the WGS 84 ellipsoid. All broadcast against each other.
    """
    columns = [
        np.array(column, dtype=float)
        for column in np.broadcast_arrays(lon, lat, bearing_deg, distance_m)
    ]
    to_lon, to_lat, _ = _ELLIPSOID.fwd(columns[0], columns[1], columns[2], columns[3])
    return np.asarray(to_lon, dtype=np.float64), np.asarray(to_lat, dtype=np.float64)


def format_mgrs(lon: float, lat: float, digits: int = 3) -> str:
    """Return the grid reference (MGRS, WGS 84) of the square that a position lies in.

    Digits beyond those asked for are cut off, not rounded, as a map is read: a square
    is named by its south-western corner.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84; latitudes from -90 to 90.
    digits
        Of the easting and of the northing each, 0 to 5: 3 names squares of 100 m, 5 of
        1 m.

    Raises
    ------
    ValueError
        If there is no such position, or no reference of so many digits.

    Examples
    --------
    Gao lies in zone 30, Ansongo, 92 km down the river, in 31 and another band.

    >>> format_mgrs(-0.04472, 16.27167)
    '30QZD158012'
    >>> format_mgrs(0.5022, 15.6597)
    '31PBT322328'
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        msg = f"{lon}, {lat} is no position in degrees"
        raise ValueError(msg)
    if not 0 <= digits <= 5:
        msg = f"a grid reference has 0 to 5 digits a side, not {digits}"
        raise ValueError(msg)
    # The meridian of 180 degrees bounds zone 1 from the west.
    east = -180.0 if lon == 180 else float(lon)
    return str(_GRID.toMGRS(float(lat), east, MGRSPrecision=digits))


def parse_mgrs(text: str) -> tuple[float, float]:
    """Return longitude and latitude of the middle of the square a reference names.

    Parameters
    ----------
    text
        A grid reference (MGRS, WGS 84); spaces and small letters are read too.

    Returns
    -------
    tuple
        Degrees, WGS 84. Of a reference to 1 m it is within 0.71 m of every position in
        the square.

    Raises
    ------
    ValueError
        If it is no grid reference.
    """
    plain = "".join(text.split())
    try:
        if not (plain.isascii() and plain.isalnum()):
            raise mgrs.core.MGRSError
        lat, lon = _GRID.toLatLon(plain.upper())
    except mgrs.core.MGRSError as error:
        msg = f"{text[:40]!r} is no grid reference"
        raise ValueError(msg) from error
    return float(lon), float(lat)
