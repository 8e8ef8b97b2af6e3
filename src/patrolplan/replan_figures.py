"""What a scenario says of its plan being planned anew while it is carried out."""

from __future__ import annotations

from patrolplan.figures import Part, state_figure

__all__ = ["ReplanFigures"]


class ReplanFigures(Part):
    """How much a change must be worth when a plan is planned anew on its way.

    Each visit still to come that stays with its team and on its day counts as so much
    more need. In the mean need of these visits, so that the figure means the same in
    every theatre: at 0.2 a change of one visit must bring a fifth of a usual visit.
    """

    change_weight: float = state_figure(
        0.2,
        unit="share of the mean need of the visits still to come, for each visit kept",
        ge=0,
        le=1000,
        source="choice; people were told of a visit, orders are read, roads checked. "
        "0 plans the rest as if nothing had been planned",
    )
