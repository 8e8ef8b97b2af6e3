"""Threat to the people of each site, from incidents: a sum, and its step 1 to 5.

The sum counts recent incidents within reach, each by how likely it was there and by
how much of it has faded. It is evidence for one factor of risk, to be weighed beside
others by a person; hot spots have no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolplan.histories import IncidentFigures
from patrolplan.layers.incidents import Incidents
from patrolplan.need.spreading import (
    find_probabilities,
    list_spreads_km,
    list_weights,
    measure_distances_km,
    take_discovered,
)
from patrolplan.planfile import Code

__all__ = ["THREAT_COLUMNS", "estimate_threat", "list_threat_notices", "list_threats"]

THREAT_COLUMNS: Final[Mapping[str, str]] = {
    "site_id": "the site",
    "threat": "threat from 1 to 5; NaN where no incident is left to judge by",
    "value": "recent incidents within reach, a sum; NaN as threat",
    "unit": "what value counts",
    "source": "kind and name of the file",
    "date": "the day looked back from, ISO",
    "confidence": "high, medium or low",
}
"""Columns of the table of threat, one row a site in the order of the sites."""

# How much of the sum must rest on incidents whose place is known.
_PRECISE: Final = ("place", "near")
_HIGH, _MEDIUM = 0.75, 0.25
_STEP_DIGITS: Final = 9


def estimate_threat(
    sites: Any,
    incidents: Incidents,
    *,
    as_of: date,
    settings: IncidentFigures | None = None,
) -> Any:
    """Estimate the threat to each site from incidents.

    Parameters
    ----------
    sites
        A GeoDataFrame of points in WGS 84, with a column ``id`` or an index
        ``site_id``.
    incidents
        As :func:`~patrolplan.layers.incidents.read_incidents` returns them.
    as_of
        The day looked back from: see
        :func:`~patrolplan.layers.incidents.choose_as_of`.
    settings
        The section ``[incidents]`` of the scenario.

    Returns
    -------
    A DataFrame with ``THREAT_COLUMNS``.

    Notes
    -----
    value = sum over incidents of weight x probability within ``reach_km``, with the
    weights of :func:`~patrolplan.need.spreading.list_weights` and the probabilities of
    :func:`~patrolplan.need.spreading.find_probabilities`. threat = 1 + the number of
    ``threat_steps`` that the value reaches, to nine decimals. A site far from every
    incident has threat 1 with confidence low: that nobody reported is no proof of
    peace. Where no incident counts at all, threat is unknown everywhere.

    Confidence is high if three quarters of the value rest on incidents of precision
    place or near, medium from one quarter, else low.
    """
    figures = settings or IncidentFigures()
    frame = incidents.frame
    parts = _find_parts(sites, frame, as_of, figures)
    known = bool(list_weights(frame, as_of, figures).any())
    value = parts.sum(axis=1) if known else np.full(len(sites), np.nan)
    # A whole incident may miss its last digits, and should not miss its step.
    reached = np.round(value, _STEP_DIGITS)
    threat = 1.0 + np.searchsorted(figures.threat_steps, reached, side="right")
    threat[np.isnan(value)] = np.nan
    precise = frame["precision"].isin(_PRECISE).to_numpy(bool)
    resting = parts[:, precise].sum(axis=1)
    confidence = np.select(
        [(value > 0) & (resting >= share * value) for share in (_HIGH, _MEDIUM)],
        ["high", "medium"],
        "low",
    )
    return pd.DataFrame(
        {
            "site_id": _list_ids(sites),
            "threat": threat,
            "value": value,
            "unit": f"recent incidents within {figures.reach_km:g} km",
            "source": incidents.source,
            "date": as_of.isoformat(),
            "confidence": confidence,
        }
    )


def list_threats(
    sites: Any,
    incidents: Incidents,
    *,
    as_of: date,
    settings: IncidentFigures | None = None,
) -> Any:
    """List what each incident adds to the threat of each site, to re-add it by hand.

    Parameters
    ----------
    sites, incidents, as_of, settings
        As for :func:`estimate_threat`.

    Returns
    -------
    A DataFrame with ``site_id``, ``incident`` (its number), ``weight`` (what is left
    of it), ``probability`` (that it was within reach, if it counts) and ``value``,
    their product, without rows of value 0. Its values sum up to those of
    :func:`estimate_threat`.
    """
    figures = settings or IncidentFigures()
    frame = incidents.frame
    parts = _find_parts(sites, frame, as_of, figures)
    weights = list_weights(frame, as_of, figures)
    numbers = frame["incident"].to_numpy(int)
    count = int(numbers.max()) + 1 if len(numbers) else 0
    whole = np.bincount(numbers, weights=weights, minlength=count)
    sums = np.zeros((len(sites), count))
    np.add.at(sums.T, numbers, parts.T)
    rows, columns = np.nonzero(sums)
    values = sums[rows, columns]
    ids = np.array(_list_ids(sites), dtype=object)
    return pd.DataFrame(
        {
            "site_id": ids[rows],
            "incident": columns,
            "weight": whole[columns],
            "probability": values / whole[columns],
            "value": values,
        }
    )


def list_threat_notices(
    incidents: Incidents, *, as_of: date, settings: IncidentFigures | None = None
) -> tuple[Code, ...]:
    """List what a planner should hear of the incidents that threat is made of.

    Parameters
    ----------
    incidents, as_of, settings
        As for :func:`estimate_threat`.

    Returns
    -------
    ``incidents_discovered_left_out`` and ``incidents_without_probability`` with the
    count of incidents that patrols discovered and that do not count,
    ``incidents_unguarded`` if they count as they come, and ``incidents_none_left``.
    """
    figures = settings or IncidentFigures()
    frame = incidents.frame
    discovered = frame[frame["discovered"].to_numpy(bool)]
    found = int(discovered["incident"].nunique())
    without = int(
        discovered.loc[discovered["visit_probability"].isna(), "incident"].nunique()
    )
    notices = []
    if figures.discovered == "leave_out" and found:
        values = {"count": found}
        notices.append(Code(code="incidents_discovered_left_out", values=values))
    if figures.discovered == "weigh" and without:
        values = {"count": without}
        notices.append(Code(code="incidents_without_probability", values=values))
    if figures.discovered == "count" and found:
        notices.append(Code(code="incidents_unguarded", values={"count": found}))
    taken = take_discovered(frame, figures) > 0
    if not any(day <= as_of for day in frame["date"][taken]):
        none = {"as_of": as_of.isoformat()}
        notices.append(Code(code="incidents_none_left", values=none))
    return tuple(notices)


def _find_parts(
    sites: Any, frame: Any, as_of: date, figures: IncidentFigures
) -> NDArray[np.float64]:
    """Return what each row of the incidents (columns) adds to each site (rows)."""
    weights = list_weights(frame, as_of, figures)
    parts = np.zeros((len(sites), len(frame)))
    count = np.flatnonzero(weights)
    counting = frame.iloc[count]
    parts[:, count] = weights[count] * find_probabilities(
        measure_distances_km(sites, counting),
        list_spreads_km(counting, figures),
        figures.reach_km,
    )
    return parts


def _list_ids(sites: Any) -> list[str]:
    return list(sites.get("id", sites.index))
