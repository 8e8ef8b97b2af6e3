"""How far a night's halt keeps from camps, schools and health sites."""

from __future__ import annotations

from patrolplan.figures import Part, state_figure

__all__ = ["KeepClearFigures"]


class KeepClearFigures(Part):
    """Distances within which no patrol halts for the night; 0 lifts the rule.

    They bind halts alone: a visit to a town may be made though its school is near.
    """

    camp_km: float = state_figure(
        1.0,
        unit="km from a camp for displaced persons",
        ge=0,
        le=20,
        source="choice; the guidance on civil and military coordination asks for "
        "distinction and gives no distance. A quarter of an hour on foot",
    )
    school_km: float = state_figure(
        0.5,
        unit="km from a school",
        ge=0,
        le=20,
        source="choice; schools are never used, domain study 2, which asks for a "
        "buffer and gives no figure",
    )
    health_km: float = state_figure(
        0.5,
        unit="km from a health or aid site",
        ge=0,
        le=20,
        source="choice; as for schools, domain study M12",
    )
