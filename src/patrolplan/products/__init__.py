"""What people take along: maps, pages, tables and the pack that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import folium

    from patrolplan.planfile import PlanFile
    from patrolplan.products.rows import MapLayers

__all__ = ["draw_plan"]


class DrawableStudy(Protocol):
    """What a study offers to be drawn: its plan and its layers."""

    @property
    def plan_file(self) -> PlanFile:
        """The whole document, assessment included."""

    @property
    def layers(self) -> MapLayers:
        """What the plan is drawn on."""


def draw_plan(study: DrawableStudy) -> folium.Map:
    """Draw a study's plan as a folium map, without tiles and without a network.

    Parameters
    ----------
    study
        What ``plan_patrols`` returned.
    """
    # Loaded here: sentences and tables must not wait for the mapping libraries.
    from patrolplan.products.maps import draw_map

    return draw_map(study.plan_file, study.layers)
