"""Planning figures of patrols that go by water: a part of the scenario."""

from __future__ import annotations

from patrolplan.figures import Part, state_figure

__all__ = ["WaterFigures"]


class WaterFigures(Part):
    """How patrols that have boats and vehicles change from one to the other."""

    transfer_min: float = state_figure(
        60,
        unit="min for each change between boats and vehicles, at a quay",
        ge=1,
        le=720,
        source="choice; people and loads of a patrol go from one to the other. Both "
        "wait at every quay where the patrol changes",
    )
