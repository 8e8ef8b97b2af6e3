"""The theatre as pale lines, to plot one's own frames on with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patrolplan.products.rows import MapLayers

__all__ = ["plot_backdrop"]

_MARGIN_DEG = 0.4


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
