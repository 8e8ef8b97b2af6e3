"""Where an incident may have been, and how much of it still counts.

An incident is spread round its stated position as a Gaussian whose width follows from
its precision, and fades with a half-life. So one whose place is hardly known adds a
little everywhere near and is pinned on no village.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chndtr

from patrolplan.geodesy import measure_distance_m
from patrolplan.histories import IncidentFigures

__all__ = [
    "find_probabilities",
    "list_points",
    "list_spreads_km",
    "list_weights",
    "measure_distances_km",
    "take_discovered",
]

# Beyond so many standard deviations nothing of a Gaussian is left in float64.
_WIDEST_SD = 9.0


def list_weights(
    frame: Any, as_of: date, figures: IncidentFigures
) -> NDArray[np.float64]:
    """Return how much each row of the incidents counts on a day.

    Parameters
    ----------
    frame
        Rows with ``INCIDENT_COLUMNS``.
    as_of
        The day looked back from; a later row counts 0.
    figures
        The section ``[incidents]``.

    Returns
    -------
    share x 0.5 ** (age / half-life), times ``share_uncivil`` where the incident is
    known not to have been against civilians, times what becomes of discovered ones.
    """
    ages = np.array([(as_of - day).days for day in frame["date"]], dtype=float)
    weights = frame["share"].to_numpy(float) * 0.5 ** (ages / figures.half_life_days)
    weights[frame["civilian"].to_numpy(float) == 0] *= figures.share_uncivil
    weights[ages < 0] = 0
    counted: NDArray[np.float64] = weights * take_discovered(frame, figures)
    return counted


def take_discovered(frame: Any, figures: IncidentFigures) -> NDArray[np.float64]:
    """Return what each row counts by who found it: 1 where somebody reported it.

    Parameters
    ----------
    frame
        Rows with ``INCIDENT_COLUMNS``.
    figures
        The section ``[incidents]``.

    Notes
    -----
    Patrols find incidents where they go. Counted as they come, these send patrols
    there again, whatever the truth (Ensign et al. 2017, "Runaway feedback loops in
    predictive policing"). Left out, they do not. Divided by the probability that a
    patrol was there to find it (Horvitz and Thompson 1952) they are right on average,
    if visits are drawn by lot so that none is certain or impossible; but a few seldom
    seen ones then weigh heavily. One whose probability is unknown stays out.
    """
    discovered = frame["discovered"].to_numpy(bool)
    if figures.discovered == "count":
        return np.ones(len(frame))
    if figures.discovered == "leave_out":
        return np.where(discovered, 0.0, 1.0)
    probability = frame["visit_probability"].to_numpy(float)
    inverse = 1 / np.clip(probability, figures.least_visit_probability, 1)
    return np.where(discovered, np.where(np.isnan(inverse), 0.0, inverse), 1.0)


def list_points(frame: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitudes and latitudes of a frame of points."""
    return frame.geometry.x.to_numpy(float), frame.geometry.y.to_numpy(float)


def list_spreads_km(frame: Any, figures: IncidentFigures) -> NDArray[np.float64]:
    """Return the standard deviation of each row's position in km."""
    spreads: dict[Any, float] = {**figures.spread_km}
    return np.array([spreads[key] for key in frame["precision"]], dtype=float)


def measure_distances_km(places: Any, frame: Any) -> NDArray[np.float64]:
    """Return geodesic distances from places (rows) to incidents (columns) in km."""
    lon, lat = list_points(places)
    to_lon, to_lat = list_points(frame)
    return (
        measure_distance_m(lon[:, None], lat[:, None], to_lon[None], to_lat[None])
        / 1000
    )


def find_probabilities(
    distances_km: NDArray[np.float64], spreads_km: NDArray[np.float64], reach_km: float
) -> NDArray[np.float64]:
    """Return how likely an incident was within reach of a place.

    Parameters
    ----------
    distances_km
        From places (rows) to stated positions (columns).
    spreads_km
        Standard deviation of each position, per axis.
    reach_km
        How far a place reaches.

    Notes
    -----
    The square of the distance to a point of a round Gaussian, over its variance, is
    noncentral chi-square with 2 degrees of freedom and noncentrality (distance /
    spread) ** 2. At the centre that is 1 - exp(-(reach / spread) ** 2 / 2): 0.12 for a
    reach of 25 km and a spread of 50.
    """
    spreads = np.broadcast_to(spreads_km, distances_km.shape)
    found = np.zeros(distances_km.shape)
    near = distances_km <= reach_km + _WIDEST_SD * spreads
    within = distances_km + _WIDEST_SD * spreads <= reach_km
    found[within] = 1.0
    ask = near & ~within
    found[ask] = chndtr(
        (reach_km / spreads[ask]) ** 2, 2, (distances_km[ask] / spreads[ask]) ** 2
    )
    return np.clip(found, 0.0, 1.0)
