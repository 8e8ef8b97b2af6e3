"""Lengths, the metric CRS and names: small helpers used by every part."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from pyproj import Geod, Transformer

BBOX = (-7.0, 13.5, 5.0, 25.0)
METRIC = "+proj=laea +lat_0=18 +lon_0=0 +datum=WGS84 +units=m"
GEOD = Geod(ellps="WGS84")
TO_METRIC = Transformer.from_crs("EPSG:4326", METRIC, always_xy=True)
TO_DEGREES = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)

Point = tuple[float, float]


def measure_km(points: Sequence[Point]) -> float:
    """Length on the ellipsoid of a run of lon/lat points, in kilometres."""
    return (
        sum(float(GEOD.inv(a[0], a[1], b[0], b[1])[2]) for a, b in pairwise(points))
        / 1000
    )


def project(points: Sequence[Point]) -> list[Point]:
    """Lon/lat to metres of the theatre's one metric CRS."""
    return [TO_METRIC.transform(x, y) for x, y in points]


def unproject(points: Sequence[Point]) -> list[Point]:
    """Metres back to lon/lat, rounded to 5 decimals."""
    degrees = [TO_DEGREES.transform(x, y) for x, y in points]
    return [(round(x, 5), round(y, 5)) for x, y in degrees]


def normalise_name(name: str) -> str:
    """Fold accents, case and everything that is not a letter."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.lower())
