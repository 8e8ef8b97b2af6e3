"""Why the quickest way is not that of the open, dry network: causes, and their price.

Each cause of a day's road state is left out in turn; what the way gains by that is what
the cause costs. Where none alone would help, all are named that close or slow the way
of the open, dry network: only together do they cost it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from patrolplan.network.graph import Network
from patrolplan.network.roads import Cause, Roads
from patrolplan.network.routes import Route, find_quickest
from patrolplan.planfile import Code

__all__ = [
    "WayChange",
    "describe_cause",
    "describe_change",
    "explain_way",
    "name_all",
]

# Less than this is no news, and may be rounding.
_NEWS_MIN = 0.5


@dataclass(frozen=True)
class WayChange:
    """A way as it is on a day, beside that of the open, dry network.

    Parameters
    ----------
    now, free
        The quickest way on the day, and when all is open and dry; None if there is
        none.
    costs
        Causes that cost time alone, dearest first, each with the minutes that the way
        would be shorter without it; ``inf`` where it alone closes every way.
    together
        Causes that cost only together; none where any costs alone.
    """

    now: Route | None
    free: Route | None
    costs: tuple[tuple[Cause, float], ...]
    together: tuple[Cause, ...]

    @property
    def more_min(self) -> float:
        """Minutes that the way is longer now; ``inf`` if it is lost."""
        return _measure(self.now) - (self.free.duration_min if self.free else 0.0)


def _measure(route: Route | None) -> float:
    return inf if route is None else route.duration_min


def explain_way(
    network: Network, roads: Roads, place_ids: Sequence[str], vehicle: str, day: date
) -> WayChange:
    """Compare the quickest way on a day with that of the open, dry network.

    Parameters
    ----------
    network, roads
        Over what, and what decides its state.
    place_ids
        At least two places, each on a line.
    vehicle, day
        For whom, and when.
    """

    def find(causes: Iterable[Cause]) -> Route | None:
        state = roads.build_state(vehicle, causes)
        return find_quickest(network, roads.speeds, place_ids, state)

    causes = roads.list_causes(vehicle, day)
    now, free = find(causes), find(())
    if free is None or _measure(now) - free.duration_min <= _NEWS_MIN:
        return WayChange(now, free, (), ())
    costs = []
    for cause in causes:
        without = _measure(find(other for other in causes if other is not cause))
        if without < inf and _measure(now) - without > _NEWS_MIN:
            costs.append((cause, _measure(now) - without))
    costs.sort(key=lambda pair: (-pair[1], pair[0].kind, pair[0].id))
    together: tuple[Cause, ...] = ()
    if not costs:
        on_way = frozenset(free.line_ids)
        together = tuple(c for c in causes if c.season or c.lines & on_way)
    return WayChange(now, free, tuple(costs), together)


def describe_cause(cause: Cause) -> Code:
    """Return what a cause does, as a code that a sentence can be made of.

    Parameters
    ----------
    cause
        The cause.

    Returns
    -------
    ``season_slows``, ``closure_closes``, ``area_closes``, ``flood_closes``,
    ``flood_slows`` or ``flood_raises``, with its name and days.
    """
    values: dict[str, Any] = {"name": cause.name, "name_fr": cause.name_fr}
    if cause.gauge:
        values["gauge"] = cause.gauge
    if cause.from_date is not None and cause.to_date is not None:
        values["from_date"] = cause.from_date.isoformat()
        values["to_date"] = cause.to_date.isoformat()
    if cause.kind == "season":
        return Code(code="season_slows", values=values)
    if cause.kind != "flood":
        return Code(code=f"{cause.kind}_closes", values=values)
    does = "closes" if cause.closed else "slows" if cause.shares else "raises"
    return Code(code=f"flood_{does}", values=values)


def describe_change(change: WayChange, roads: Roads) -> tuple[Code, ...]:
    """Return why a way is not that of the open, dry network, as codes.

    Parameters
    ----------
    change
        The comparison.
    roads
        Gives the names of lines.

    Returns
    -------
    ``way_unchanged`` {}, ``way_never`` {}, ``way_lost`` {free_min} or ``way_slower``
    {more_min, free_min}; then ``way_leaves`` {left, taken}, if it goes elsewhere; then
    each cause with ``it_costs`` {more_min} or ``it_blocks`` {}; or ``they_cost``
    {names}
    or ``they_block`` {names}, if only together.
    """
    now, free = change.now, change.free
    if free is None:
        # Nothing was lifted that could have helped.
        code = "way_never" if now is None else "way_unchanged"
        return (Code(code=code),)
    if change.more_min <= _NEWS_MIN:
        return (Code(code="way_unchanged"),)
    said: list[Code] = []
    if now is None:
        said.append(Code(code="way_lost", values={"free_min": free.duration_min}))
    else:
        values = {"more_min": change.more_min, "free_min": free.duration_min}
        said.append(Code(code="way_slower", values=values))
        left = [line for line in free.line_ids if line not in now.line_ids]
        taken = [line for line in now.line_ids if line not in free.line_ids]
        if left and taken:
            said.append(_describe_detour(left, taken, roads))
    for cause, cost_min in change.costs:
        said.append(describe_cause(cause))
        if cost_min == inf:
            said.append(Code(code="it_blocks"))
        else:
            said.append(Code(code="it_costs", values={"more_min": cost_min}))
    if change.together:
        code = "they_block" if now is None else "they_cost"
        said.extend(describe_cause(cause) for cause in change.together)
        said.append(Code(code=code, values=name_all(change.together)))
    return tuple(said)


def name_all(causes: Iterable[Cause]) -> dict[str, list[str]]:
    """Return the names of causes in both languages, as values of a code.

    Parameters
    ----------
    causes
        The causes.
    """
    causes = tuple(causes)
    return {
        "names": [cause.name for cause in causes],
        "names_fr": [cause.name_fr for cause in causes],
    }


def _describe_detour(left: list[str], taken: list[str], roads: Roads) -> Code:
    """Return which lines of the open, dry way are left, and for which others."""
    values: dict[str, list[str]] = {}
    for key, lines in (("left", left), ("taken", taken)):
        # Ways from a place to its line bear no name that anyone would know.
        named = [roads.names[line] for line in lines if line in roads.names]
        values[key] = [english for english, _ in named]
        values[f"{key}_fr"] = [french for _, french in named]
    return Code(code="way_leaves", values=values)
