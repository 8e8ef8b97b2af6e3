"""How long each edge of a network takes a vehicle class, by the house's own tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrolplan.network.importing import RoadNetwork

__all__ = ["find_access_speed_kmh", "weigh_edges"]


def weigh_edges(
    network: RoadNetwork, speeds: Any, vehicle: str, season: str
) -> NDArray[np.float64]:
    """Return the minutes of each edge; ``inf`` where the vehicle cannot use it.

    What the file says goes first: a duration, then a speed. Else speed is that of the
    speeds table for the surface and season. A ferry waits and crosses.

    Parameters
    ----------
    network
        The network.
    speeds
        The speeds table.
    vehicle
        A class of it.
    season
        ``dry`` or ``rains``.
    """
    table = speeds[(speeds["vehicle"] == vehicle) & (speeds["season"] == season)]
    speed_of = dict(zip(table["surface"], table["speed_kmh"], strict=True))
    length_km = network.edges.length_m / 1000
    speed_kmh = np.full(len(length_km), np.nan)
    for surface, speed in speed_of.items():
        speed_kmh[network.surface == surface] = speed
    is_ferry = network.kind == "ferry"
    # Whoever drives on a track can be ferried; others, boats, keep to their surface.
    usable = np.where(is_ferry, "track" in speed_of, ~np.isnan(speed_kmh))
    speed_kmh = np.where(np.isnan(network.speed_kmh), speed_kmh, network.speed_kmh)
    with np.errstate(invalid="ignore"):
        minutes = length_km / speed_kmh * 60
    minutes = np.where(np.isnan(network.duration_min), minutes, network.duration_min)
    minutes = minutes + network.wait_min
    opened = network.open_rains if season == "rains" else network.open_dry
    return np.where(usable & opened & np.isfinite(minutes), minutes, np.inf)


def find_access_speed_kmh(speeds: Any, vehicle: str, season: str) -> float:
    """Return the speed of a vehicle between a place and its road: as on a track.

    Parameters
    ----------
    speeds, vehicle, season
        As of :func:`weigh_edges`. A class that drives on no track, a boat, goes at the
        slowest speed that it has.
    """
    rows = speeds[(speeds["vehicle"] == vehicle) & (speeds["season"] == season)]
    track = rows[rows["surface"] == "track"]
    return float((rows if track.empty else track)["speed_kmh"].min())
