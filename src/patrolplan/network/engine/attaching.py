"""Sites onto the nearest edge, by an offset along it: the topology stays as it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolplan.network.edges import EdgeTable
from patrolplan.network.engine.spots import Spots
from patrolplan.network.joining import join_places

__all__ = ["Attached", "attach_sites"]


class Attached(NamedTuple):
    """Sites on edges.

    Attributes
    ----------
    spots
        Where the sites that are joined stand.
    rows
        Which of the sites those are, in order.
    distances_m
        How far each of all sites lies from its edge, in metres; ``inf`` if too far.
    """

    spots: Spots
    rows: NDArray[np.int64]
    distances_m: NDArray[np.float64]


def attach_sites(
    table: EdgeTable, lon: ArrayLike, lat: ArrayLike, *, snap_m: float
) -> Attached:
    """Return sites on the nearest edge each, as :func:`join_places` joins them.

    Parameters
    ----------
    table
        The edges.
    lon, lat
        Positions in degrees.
    snap_m
        How far a site may lie from its edge, in metres.
    """
    every = np.arange(len(table))
    joints = join_places(table, every, lon, lat, snap_m)
    distances = np.full(len(np.atleast_1d(lon)), np.inf)
    distances[joints.place] = joints.away_m
    return Attached(Spots(joints.edge, joints.share), joints.place, distances)
