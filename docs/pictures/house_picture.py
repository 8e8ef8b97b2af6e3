"""The picture of the house: its rooms, on the floors and by the imports of the code."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Final, NamedTuple

import networkx as nx
import picture_style as look
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

__all__ = ["draw_house"]

CLONE: Final = Path(__file__).resolve().parents[2]
SOURCE: Final = CLONE / "src" / "patrolplan"


class Room(NamedTuple):
    """A room as it is drawn: what is done in it, where, and how wide it is.

    Attributes
    ----------
    east
        Where its middle lies from west to east, 0 to 1.
    words
        What is done in it.
    wide
        Of the whole width, 0 to 1.
    """

    east: float
    words: str
    wide: float = 0.25

    def meet(self, other: Room) -> float:
        """Return how far east an arrow to or from another room meets its edge."""
        spare = self.wide / 2 - _CORNER
        ends = (self.east - spare, self.east + spare)
        others = (other.east - other.wide / 2 + _CORNER,)
        others += (other.east + other.wide / 2 - _CORNER,)
        # Upright where both rooms have a stretch in common, in its middle.
        middle = (max(ends[0], others[0]) + min(ends[1], others[1])) / 2
        return min(max(middle, ends[0]), ends[1])


# How far from the corner of a room arrows keep, of the whole width.
_CORNER: Final = 0.03


# Geography stands in the west, decisions in the east, where they meet between.
ROOMS: Final = {
    "cli": Room(0.5, "the verbs", 0.5),
    "serving": Room(0.5, "a page for one planner", 0.5),
    "products": Room(0.5, "maps, orders, files, words", 0.5),
    "study": Room(0.5, "a plan and how it came about", 0.5),
    "question": Room(0.5, "where the wings meet", 0.32),
    "planning": Room(0.86, "solver, referee"),
    "need": Room(0.14, "people, risk"),
    "network": Room(0.41, "ways, times"),
    "layers": Room(0.27, "read and checked"),
    "scenario": Room(0.27, "what is asked"),
    "planfile": Room(0.86, "plan.json"),
}
_WINGS: Final = (
    ("geography wing", 0.0, 0.56, look.SAND),
    ("decision wing", 0.64, 0.36, "#d5e4ef"),
)
_HIGH: Final = 0.62


def draw_house() -> Figure:
    """Draw the rooms from the command line down, and who imports whom."""
    heights = _find_heights()
    figure, axes = look.new_figure(5.9)
    top, bottom = heights["need"] + 0.45, heights["layers"] - 0.68
    for words, west, wide, colour in _WINGS:
        axes.add_patch(
            FancyBboxPatch(
                (west, bottom),
                wide,
                top - bottom,
                boxstyle="round,pad=0,rounding_size=0.02",
                mutation_aspect=8,
                facecolor=colour,
                edgecolor="none",
                zorder=0,
            )
        )
        axes.text(west + 0.015, bottom + 0.08, words, va="bottom", fontsize=9)
    for upper, lower in _list_imports():
        axes.annotate(
            "",
            (ROOMS[upper].meet(ROOMS[lower]), heights[upper] - _HIGH / 2),
            (ROOMS[lower].meet(ROOMS[upper]), heights[lower] + _HIGH / 2),
            arrowprops={
                "arrowstyle": "-|>",
                "color": look.GREY,
                "linewidth": 1.1,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=1,
        )
    for name, room in ROOMS.items():
        axes.add_patch(
            FancyBboxPatch(
                (room.east - room.wide / 2, heights[name] - _HIGH / 2),
                room.wide,
                _HIGH,
                boxstyle="round,pad=0,rounding_size=0.02",
                mutation_aspect=8,
                facecolor=look.CARD,
                edgecolor=look.INK,
                linewidth=0.9,
                zorder=2,
            )
        )
        place = (room.east, heights[name])
        axes.text(place[0], place[1] + 0.13, name, weight="bold", zorder=3, **_MIDDLE)
        axes.text(
            place[0], place[1] - 0.14, room.words, fontsize=8, zorder=3, **_MIDDLE
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.4, max(heights.values()) + 0.4)
    axes.set_axis_off()
    return figure


_MIDDLE: Final = {"ha": "center", "va": "center"}


def _find_heights() -> dict[str, float]:
    """Return how high each room lies: in the order of the import contract."""
    document = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))
    (floors,) = (
        contract["layers"]
        for contract in document["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    drawn = [ROOMS.keys() & {n.strip() for n in floor.split("|")} for floor in floors]
    drawn = [names for names in drawn if names]
    return {
        name: float(len(drawn) - 1 - floor)
        for floor, names in enumerate(drawn)
        for name in names
    }


def _list_imports() -> list[tuple[str, str]]:
    """Return which room imports which, without what follows from other imports."""
    graph = nx.DiGraph()
    graph.add_nodes_from(ROOMS)
    for name in ROOMS:
        path = SOURCE / name
        files = sorted(path.rglob("*.py")) if path.is_dir() else [SOURCE / f"{name}.py"]
        for file in files:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    parts = node.module.split(".")
                    if parts[0] == "patrolplan" and parts[-1:] != ["patrolplan"]:
                        graph.add_edge(name, parts[1])
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return sorted(nx.transitive_reduction(graph.subgraph(ROOMS)).edges)
