"""A plan that went before another, and is remembered by it."""

from __future__ import annotations

from typing import NamedTuple

from patrolplan.planfile.contract import PlanFile

__all__ = ["EarlierPlan"]


class EarlierPlan(NamedTuple):
    """A plan that went before.

    Attributes
    ----------
    path
        Where it lies, as the list of inputs of the later plan tells.
    plan
        Its document.
    """

    path: str
    plan: PlanFile
