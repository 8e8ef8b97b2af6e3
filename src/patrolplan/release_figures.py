"""Who answers for a pack that is not OPEN, and for how long it may be held."""

from __future__ import annotations

from patrolplan.figures import Part, state_figure
from patrolplan.gates import AnsweringRole

__all__ = ["ReleaseFigures"]


class ReleaseFigures(Part):
    """What manifest and marking of a pack say of its keeping."""

    owner_role: AnsweringRole = state_figure(
        "sector_commander",
        unit="role",
        source="domain study 9.2: exports carry an owner role; which is a choice",
    )
    expiry_days: int = state_figure(
        30,
        unit="days after the last day planned",
        source="domain study 9.2: exports carry an expiry date; 30 days is a choice",
        ge=0,
        le=3650,
    )
