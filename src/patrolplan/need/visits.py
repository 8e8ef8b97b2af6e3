"""Memory of visits: days since the last one, what is overdue, need grown back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from patrolplan.histories import VisitFigures
from patrolplan.layers.visits import Visits

__all__ = ["MEMORY_COLUMNS", "estimate_memory", "list_overdue", "regrow_need"]

MEMORY_COLUMNS: Final[Mapping[str, str]] = {
    "site_id": "the site",
    "tier": "must, should or could; unknown where its risk is",
    "cadence_days": "days in which it should be visited again",
    "last_visit": "day of the last visit; None if there is none on record",
    "basis": "logged or planned; None as last_visit",
    "days_since": "days since the last visit; NaN if there is none on record",
    "overdue_days": "days beyond the cadence, below 0 if not yet due; NaN if never",
    "regrown": "share of the need that has grown back, 0 to 1; 1 if never visited",
}
"""Columns of the table of memory, one row a site in the order of the sites."""

_TIERS: Final = ("must", "should", "could")


def estimate_memory(
    sites: Any,
    visits: Visits,
    *,
    as_of: date,
    risks: Mapping[str, float],
    cadences: Mapping[str, float] | None = None,
    figures: VisitFigures | None = None,
) -> Any:
    """Estimate what the visits until a day leave to be done.

    Parameters
    ----------
    sites
        A frame with a column ``id`` or an index ``site_id``.
    visits
        As :func:`~patrolplan.layers.visits.read_visits` returns them; later ones than
        ``as_of`` have no part.
    as_of
        The day looked back from.
    risks
        Risk of sites from 1 to 5, by id; NaN or missing where unknown.
    cadences
        Days between visits that the scenario sets for single sites, instead of their
        tier's.
    figures
        The section ``[visits]`` of the scenario.

    Returns
    -------
    A DataFrame with ``MEMORY_COLUMNS``.

    Notes
    -----
    A site of risk ``must_from_risk`` or more is Must, of ``should_from_risk`` or more
    Should, else Could. One of unknown risk is kept to the cadence of Should: unknown is
    not low. Need grows back evenly, from ``share_after_visit`` on the day of the visit
    to the whole at the end of the cadence: regrown = left + (1 - left) x min(1, days
    since / cadence).
    """
    figures = figures or VisitFigures()
    ids = list(sites.get("id", sites.index))
    last = {
        site: (day, basis)
        for site, day, basis in visits.frame.itertuples(index=False)
        # By day: the last one stays.
        if day <= as_of
    }
    tiers = [_find_tier(risks.get(site), figures) for site in ids]
    every: dict[str, float] = {str(k): v for k, v in figures.cadence_days.items()}
    every["unknown"] = every["should"]
    own = cadences or {}
    cadence = np.array(
        [own.get(site, every[tier]) for site, tier in zip(ids, tiers, strict=True)],
        dtype=float,
    )
    since = np.array(
        [(as_of - last[s][0]).days if s in last else np.nan for s in ids], dtype=float
    )
    left = figures.share_after_visit
    grown = left + (1 - left) * np.minimum(1.0, since / cadence)
    nothing = (None, None)
    return pd.DataFrame(
        {
            "site_id": ids,
            "tier": tiers,
            "cadence_days": cadence,
            "last_visit": pd.Series(
                [last.get(s, nothing)[0] for s in ids], dtype=object
            ),
            "basis": pd.Series([last.get(s, nothing)[1] for s in ids], dtype=object),
            "days_since": since,
            "overdue_days": since - cadence,
            "regrown": np.where(np.isnan(since), 1.0, grown),
        }
    )


def list_overdue(memory: Any) -> Any:
    """List the sites that are due for a visit, the most urgent first.

    Parameters
    ----------
    memory
        As :func:`estimate_memory` returns it.

    Returns
    -------
    The rows of sites past their cadence or without any visit on record: by tier, with
    unknown risk after Must; within a tier those never visited first, then by days
    overdue.
    """
    due = memory[memory["last_visit"].isna() | (memory["overdue_days"] > 0)]
    due = due.reset_index(drop=True)
    order = {"must": 0, "unknown": 1, "should": 2, "could": 3}
    keyed = due.assign(
        _tier=due["tier"].map(order),
        _late=-due["overdue_days"].fillna(np.inf),
    )
    ordered = keyed.sort_values(["_tier", "_late", "site_id"], kind="stable")
    return ordered.drop(columns=["_tier", "_late"]).reset_index(drop=True)


def regrow_need(need: Any, memory: Any) -> Any:
    """Return a need table in which only what has grown back since a visit counts.

    Parameters
    ----------
    need
        As :func:`~patrolplan.need.themes.weigh_themes` returns it.
    memory
        As :func:`estimate_memory` returns it.

    Returns
    -------
    The table, with ``need``, ``risk_need`` and the parts of each theme times
    ``regrown``; what is unknown stays so.
    """
    shares = memory.set_index("site_id")["regrown"].reindex(need.index)
    visits = [
        None
        if visit is None
        else replace(
            visit, needs={theme: part * share for theme, part in visit.needs.items()}
        )
        for visit, share in zip(need["visit"], shares, strict=True)
    ]
    return need.assign(
        need=need["need"] * shares,
        risk_need=need["risk_need"] * shares,
        visit=pd.Series(visits, need.index, dtype=object),
    )


def _find_tier(risk: float | None, figures: VisitFigures) -> str:
    if risk is None or np.isnan(risk):
        return "unknown"
    if risk >= figures.must_from_risk:
        return _TIERS[0]
    return _TIERS[1] if risk >= figures.should_from_risk else _TIERS[2]
