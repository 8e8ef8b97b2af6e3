"""How tracks that patrols bring home are read: what counts as moving, and on a line."""

from __future__ import annotations

from patrolplan.figures import Part, state_figure

__all__ = ["LearningFigures"]


class LearningFigures(Part):
    """When two fixes of a track say how fast a surface is driven."""

    snap_m: float = state_figure(
        200,
        unit="m between a fix and the line that it is taken to be on",
        gt=0,
        le=5000,
        source="choice; lines of the layers are drawn coarsely, receivers err by 10 m",
    )
    step_s: float = state_figure(
        60,
        unit="s between fixes at least; those between are left out",
        ge=1,
        le=3600,
        source="choice; from second to second a receiver at rest seems to move",
    )
    gap_s: float = state_figure(
        600,
        unit="s between fixes at most; longer, and nobody knows what was driven",
        ge=1,
        le=86_400,
        source="choice",
    )
    least_kmh: float = state_figure(
        3,
        unit="km/h, slower counts as standing",
        ge=0,
        le=50,
        source="choice; speeds are of moving, halts and visits are planned apart",
    )
    most_kmh: float = state_figure(
        150,
        unit="km/h, faster is an error of the receiver",
        gt=0,
        le=500,
        source="choice; the most that the speeds table may say",
    )
    least_km: float = state_figure(
        50,
        unit="km moved on a surface in a season before its speed is believed",
        gt=0,
        le=10_000,
        source="choice; less says more of one morning than of a surface",
    )
