"""Pictures of the built-in theatre and of open ground: no plan is made for them."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import picture_style as look
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

import patrolplan as pp
from patrolplan.network.ground.kernels import straighten, sweep

__all__ = ["draw_bearings", "draw_casualty", "draw_seasons"]


def draw_casualty(gaps: pp.CasualtyGaps) -> Figure:
    """Draw the time to surgery at each site beyond the clock, part by part.

    Parameters
    ----------
    gaps
        The casualty clock of the theatre.
    """
    sites = gaps.places[gaps.places["kind"] == "site"]
    beyond = sites[sites["state"] != "night"].sort_values("day_min")
    limit_min = gaps.scenario.casualty.surgery_min
    figure, axes = look.new_figure(0.235 * len(beyond) + 1.45)
    start = np.zeros(len(beyond))
    rows = np.arange(len(beyond))
    for part, colour, label in (
        ("notice", look.GREY, "notice"),
        ("out", look.BLUE, "flight out"),
        ("loading", look.INK, "loading"),
        ("surgery", look.RUST, "flight to surgery"),
    ):
        minutes = beyond[f"day_{part}_min"].to_numpy(float)
        axes.barh(rows, minutes, 0.6, start, color=colour, label=label, linewidth=0)
        start += minutes
    night = beyond["night_min"].to_numpy(float)
    axes.plot(
        night, rows, "|", color=look.INK, ms=9, mew=1.6, label="the same by night"
    )
    axes.axvline(limit_min, color=look.INK, lw=1.2, ls=(0, (4, 2)))
    axes.text(limit_min, -0.75, f" {limit_min:.0f} min", va="bottom", fontsize=9)
    axes.set_ylim(len(beyond) - 0.4, -0.6)
    axes.set_yticks(rows, list(beyond["name"]))
    axes.set_xticks(range(0, int(night.max()) + 61, 60))
    axes.set_xlim(0, night.max() * 1.03)
    axes.set_xlabel("minutes from the wound to surgery")
    look.strip_axes(axes, "bottom")
    marks, words = axes.get_legend_handles_labels()
    # The line by night is drawn after the bars, and told after them.
    order = sorted(range(len(words)), key=lambda n: words[n] == "the same by night")
    marks = [marks[n] for n in order]
    look.put_legend(axes, 3, handles=marks, bbox_to_anchor=(-0.28, 1.03))
    return figure


_STATES: Final = {
    "closed": (look.INK, "", "closed"),
    "slow": ("#d9a441", "////", "slowed"),
    "open": (look.FAINT, "", "open"),
    "high": (look.BLUE, "", "high water: boats are faster"),
}
_YEAR: Final = 2015


def draw_seasons(scenario: pp.Scenario, layers: pp.Layers) -> Figure:
    """Draw over a year which lines are open, for all that season or flood change.

    Parameters
    ----------
    scenario, layers
        The built-in theatre.
    """
    kinds = _list_kinds(scenario, layers)
    figure, axes = look.new_figure(0.5 * len(kinds) + 1.3)
    first = date(_YEAR, 1, 1)
    for row, (states, label) in enumerate(kinds):
        axes.text(0, row - 0.2, label, va="bottom", fontsize=9)
        day = 0
        for state, run in itertools.groupby(states):
            count = len(list(run))
            colour, hatch, _ = _STATES[state]
            axes.barh(
                row, count, 0.34, day, color=colour, hatch=hatch, ec=look.CARD, lw=0
            )
            day += count
    starts = [(date(_YEAR, month, 1) - first).days for month in range(1, 13)]
    axes.set_xticks(starts, [])
    axes.set_xticks([s + 15 for s in starts], list("JFMAMJJASOND"), minor=True)
    axes.tick_params(axis="x", which="minor", length=0)
    axes.set_xlim(0, 365)
    axes.set_ylim(len(kinds) - 0.6, -0.75)
    axes.set_yticks([])
    axes.set_xlabel("month")
    look.strip_axes(axes, "bottom")
    marks = [
        Patch(facecolor=colour, hatch=hatch, edgecolor=look.CARD, lw=0, label=label)
        for colour, hatch, label in _STATES.values()
    ]
    look.put_legend(axes, 2, handles=marks)
    return figure


def _list_kinds(
    scenario: pp.Scenario, layers: pp.Layers
) -> list[tuple[tuple[str, ...], str]]:
    """Return each course over the year that lines have, with a label, land first."""
    roads = pp.read_roads(scenario, layers)
    days = [date(_YEAR, 1, 1) + timedelta(days=n) for n in range(365)]
    states = {v: [roads.find_state(v, d) for d in days] for v in ("light_4x4", "boat")}
    rains = tuple(
        "slow" if state.season == "rains" else "open" for state in states["light_4x4"]
    )
    courses: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for line in layers.lines.sort_values("id").itertuples():
        afloat = line.surface == "water" and line.kind != "ferry"
        course = tuple(
            _tell_state(line, state, afloat=afloat)
            for state in states["boat" if afloat else "light_4x4"]
        )
        if len(set(course)) > 1:
            courses.setdefault((int(afloat), course), []).append(line.id)
    kinds = sorted(courses.items(), key=lambda kind: (kind[0][0], kind[1]))
    named = [(course, _name_lines(roads, lines)) for (_, course), lines in kinds]
    return [(rains, "All but good tar: speeds of the rains"), *named]


def _tell_state(line: Any, state: Any, *, afloat: bool) -> str:
    levels, shares = dict(state.levels), dict(state.shares)
    shut = state.season == "rains" and line.status_rains == "closed"
    if shut or line.id in state.closed:
        return "closed"
    if afloat:
        return "high" if levels.get(line.id) == "rains" else "open"
    return "slow" if line.id in shares else "open"


def _name_lines(roads: pp.Roads, lines: list[str]) -> str:
    name = roads.names[lines[0]][0]
    return name if len(lines) == 1 else f"{name} and {len(lines) - 1} more"


_CELLS: Final = 60
"""From the middle of a square of cells to its edge."""


def draw_bearings() -> Figure:
    """Draw what a way on cells costs too much, by the bearing it goes by."""
    size = 2 * _CELLS + 1
    friction = np.ones((size, size))
    spots = [(_CELLS, n) for n in range(_CELLS + 1)]
    spots += [(n, _CELLS) for n in reversed(range(_CELLS))]
    bearings = [math.degrees(math.atan2(east, north)) for north, east in spots]
    figure, axes = look.new_figure(3.2)
    for reach, style, colour, words in (
        (8, ":", look.INK, "8 neighbours"),
        (16, "--", look.BLUE, "16 neighbours"),
    ):
        cost, _ = _sweep_out(friction, reach)
        over = [100 * (cost[spot] / math.hypot(*spot) - 1) for spot in spots]
        label = f"{words}: {max(over):.1f} % at worst"
        axes.plot(bearings, over, style, color=colour, lw=2, label=label)
    _, before = _sweep_out(friction, 16)
    over = [100 * (_follow(friction, before, s) / math.hypot(*s) - 1) for s in spots]
    label = f"16 neighbours, straightened: {max(over):.1f} %"
    axes.plot(bearings, over, color=look.RUST, lw=2.5, label=label, clip_on=False)
    axes.set_xlim(0, 90)
    axes.set_ylim(0, 10)
    axes.set_xticks(range(0, 91, 15))
    axes.set_xlabel("bearing of the way, degrees from north")
    axes.set_ylabel("too dear, %")
    look.strip_axes(axes, "left", "bottom")
    look.put_legend(axes, 1)
    return figure


def _sweep_out(
    friction: NDArray[np.float64], reach: int
) -> tuple[dict[tuple[int, int], float], NDArray[np.int32]]:
    """Return what each cell costs from the middle, by cells north and east of it."""
    columns = friction.shape[1]
    seeds = np.array([_CELLS * columns + _CELLS])
    nobody = np.zeros(friction.size, dtype=np.bool_)
    cost, before, _ = sweep(friction, seeds, nobody, 0, math.inf, reach)
    grid = cost.reshape(friction.shape)
    around = range(_CELLS + 1)
    costs = {
        (n, e): float(grid[_CELLS - n, _CELLS + e]) for n in around for e in around
    }
    return costs, before


def _follow(
    friction: NDArray[np.float64], before: NDArray[np.int32], spot: tuple[int, int]
) -> float:
    """Return what the way to a cell costs once it is straightened."""
    columns = friction.shape[1]
    chain = [(_CELLS - spot[0]) * columns + _CELLS + spot[1]]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    rows, places = np.divmod(np.array(chain[::-1], dtype=np.int64), columns)
    return float(straighten(friction, rows, places)[1].sum())
