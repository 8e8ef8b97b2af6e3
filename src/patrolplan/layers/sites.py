"""A table of places between which travel is asked: ``id,lon,lat[,name]``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.columns import ID, Column, Schema
from patrolplan.layers.files import read_layer
from patrolplan.layers.line_tables import list_some

__all__ = ["find_unserved_faults", "read_sites"]

SITES = Schema("sites", "point", (ID, Column("name", "text", "name")), needed=True)

MAX_SITES = 2_000
"""A table of more has over four million rows."""


def read_sites(path: Path | str) -> dict[str, tuple[float, float]]:
    """Read places from CSV, GeoJSON or a GeoPackage of points.

    Parameters
    ----------
    path
        The file; a CSV bears ``id``, ``lon`` and ``lat``, in degrees.

    Returns
    -------
    Longitude and latitude of each place by id, in the file's order.

    Raises
    ------
    LayerError
        If it cannot be read or meant, with all its faults.
    """
    path = Path(path)
    frame, faults = read_layer(path, SITES)
    if not faults and len(frame) > MAX_SITES:
        found = f"{len(frame):,}"
        faults = [Fault(path.name, "sites", found, f"at most {MAX_SITES:,}")]
    if not faults:
        lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
        lost = np.flatnonzero(~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)))
        faults = list(
            list_some(
                path.name,
                [f"site {frame['id'].iloc[row]!r}, geometry" for row in lost.tolist()],
                [f"found {lon[row]:.6g}, {lat[row]:.6g}" for row in lost.tolist()],
                "expected lon -180 to 180, lat -90 to 90",
                "longitude and latitude exchanged, or metres taken for degrees?",
            )
        )
    if faults:
        raise LayerError(faults)
    spots = zip(lon.tolist(), lat.tolist(), strict=True)
    return dict(zip(frame["id"], spots, strict=True))


def find_unserved_faults(
    places: dict[str, tuple[float, float]],
    nodes: tuple[NDArray[np.float64], NDArray[np.float64]],
    files: tuple[str, str],
    snap_km: float,
) -> Iterator[Fault]:
    """Yield the fault of a network of which no component holds any place.

    Parameters
    ----------
    places
        Longitude and latitude by id.
    nodes
        Longitudes and latitudes of the network.
    files
        Name of the network's file, and of that of the places.
    snap_km
        How far a place might lie from a line.
    """
    spots = np.array(list(places.values()))
    low = np.array([nodes[0].min(), nodes[1].min()])
    high = np.array([nodes[0].max(), nodes[1].max()])
    # A degree of latitude is 111 km; one of longitude less, so the margin is wide.
    margin = snap_km / 50

    def count(points: NDArray[np.float64]) -> int:
        inside = (points >= low - margin) & (points <= high + margin)
        return int(inside.all(axis=1).sum())

    cause = "a network of another area?"
    if count(spots):
        cause = "its lines are shut to this vehicle, or the limit is too near"
    elif count(spots[:, ::-1]):
        cause = "longitude and latitude exchanged, in one of the two?"
    elif count(spots * (-1, 1)) or count(spots * (1, -1)):
        cause = "a sign flipped, in one of the two?"
    yield Fault(
        files[0],
        "components",
        f"none holds a place of {files[1]}; the network spans lon {low[0]:.4g} to "
        f"{high[0]:.4g}, lat {low[1]:.4g} to {high[1]:.4g}",
        f"a line within {snap_km:g} km of a place",
        cause,
    )
