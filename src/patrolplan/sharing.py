"""Whose shares of need are weighed against each other: those of cercles or themes."""

from __future__ import annotations

from typing import Any

import numpy as np

from patrolplan.planning.shares import ShareGroup
from patrolplan.scenario import Scenario

__all__ = ["list_shares"]


def list_shares(scenario: Scenario, need: Any) -> tuple[ShareGroup, ...]:
    """Return the groups that a scenario compares, in order of their names.

    Parameters
    ----------
    scenario
        Says whether cercles or themes.
    need
        The need table. A site without a cercle is in no group of cercles; without
        themes weighed all need is that of civilians at risk, B.
    """
    found: dict[str, dict[str, float]] = {}
    visits = need["visit"] if "visit" in need else [None] * len(need)
    for site, visit in zip(need.itertuples(), visits, strict=True):
        if np.isnan(site.need) or site.need <= 0.0:
            continue
        parts = {site.cercle: float(site.need)} if site.cercle is not None else {}
        if scenario.need.equity_by == "theme":
            parts = {"B": float(site.need)} if visit is None else dict(visit.needs)
        for name, part in parts.items():
            found.setdefault(name, {})[str(site.Index)] = part
    return tuple(ShareGroup(name, found[name]) for name in sorted(found))
