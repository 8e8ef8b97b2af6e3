"""The theatre as pale lines, and the ways of plans on it, by matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from patrolplan.leg_frame import tabulate_legs
from patrolplan.planfile import PlanFile

if TYPE_CHECKING:
    from patrolplan.products.rows import MapLayers

__all__ = ["colour_teams", "plot_backdrop", "plot_ways"]

_MARGIN_DEG = 0.4
_COLOURS: Final = (
    "#1b9e77",
    "#d95f02",
    "#7570b3",
    "#e7298a",
    "#66a61e",
    "#e6ab02",
    "#a6761d",
    "#1f78b4",
)
"""Told apart by most eyes: Dark2 of ColorBrewer, and a blue for its grey."""


def plot_backdrop(layers: MapLayers, *, ax: Any = None) -> Any:
    """Plot regions, rivers and lines of communication, and return the axes.

    The view is that of the lines. What is plotted later lies on top, and the axes stay
    as they are: degrees, without ticks.

    Parameters
    ----------
    layers
        The layers of a scenario or a study.
    ax
        The axes of matplotlib to plot on; None makes a figure of its own.
    """
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(9, 6), layout="constrained")
    layers.regions.boundary.plot(ax=ax, color="0.75", linewidth=0.8, zorder=1)
    layers.rivers.plot(ax=ax, color="#8ab6d6", linewidth=1.4, zorder=1)
    layers.lines.plot(ax=ax, color="0.8", linewidth=1.0, zorder=1)
    west, south, east, north = layers.lines.total_bounds
    ax.set_xlim(west - _MARGIN_DEG, east + _MARGIN_DEG)
    ax.set_ylim(south - _MARGIN_DEG, north + _MARGIN_DEG)
    ax.set_xticks([])
    ax.set_yticks([])
    return ax


def colour_teams(*plans: PlanFile) -> dict[str, str]:
    """Return a colour for each team of some plans, to show them side by side.

    Parameters
    ----------
    *plans
        The plans. A team has one colour in all of them; from the ninth on colours are
        used again.
    """
    teams = dict.fromkeys(team.id for plan in plans for team in plan.teams)
    return {team: _COLOURS[n % len(_COLOURS)] for n, team in enumerate(teams)}


def plot_ways(
    plan: PlanFile, *, ax: Any = None, colours: Mapping[str, str] | None = None
) -> Any:
    """Plot what each team of a plan drives, with a legend, and return the axes.

    Parameters
    ----------
    plan
        The plan.
    ax
        The axes of matplotlib to plot on; None makes a figure of its own.
    colours
        Of the teams, by id; None as :func:`colour_teams` has them for this plan alone.
    """
    shown = colour_teams(plan) if colours is None else colours
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(9, 6), layout="constrained")
    for team_id, legs in tabulate_legs(plan).groupby("team_id", sort=True):
        legs.plot(ax=ax, color=shown[team_id], linewidth=2.4, label=team_id, zorder=2)
    if plan.patrols:
        ax.legend(title="team", fontsize="small", loc="upper right", framealpha=0.9)
    # Degrees as the theatre is drawn: what GeoPandas writes beside them is not needed.
    ax.set(xlabel="", ylabel="")
    return ax
