"""The state of the roads on a day, put together from what causes it.

A cause closes or slows lines for some days: the season, a row of the flood calendar, a
closure, an area to avoid. A road state is the sum of the causes of a day; leaving one
out tells what it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

import shapely

from patrolplan.figures import Season
from patrolplan.layers.flood import split_names
from patrolplan.network.arcs import RoadState, split_classes, split_movers
from patrolplan.scenario import Scenario

__all__ = ["Cause", "Roads", "read_roads"]

Kind = Literal["closure", "area", "flood", "season"]


@dataclass(frozen=True)
class Cause:
    """What closes, slows or quickens lines for some days.

    Parameters
    ----------
    kind, id
        What it is, and its key among those of its kind.
    name, name_fr
        How people call it.
    closed
        Lines that it closes.
    shares
        Lines that it slows, and the share of their speed that is left.
    high
        Rivers that it raises to high water.
    season
        Season that it brings to all lines, or None.
    gauge
        Gauge that it follows, or an empty text.
    from_date, to_date
        First and last day of this time; None if it has none.
    """

    kind: Kind
    id: str
    name: str
    name_fr: str
    closed: frozenset[str] = frozenset()
    shares: Mapping[str, float] = field(default_factory=dict, hash=False)
    high: frozenset[str] = frozenset()
    season: str | None = None
    gauge: str = ""
    from_date: date | None = None
    to_date: date | None = None

    @property
    def lines(self) -> frozenset[str]:
        """The lines that it names; a season names none."""
        return self.closed | frozenset(self.shares) | self.high


@dataclass(frozen=True, eq=False)
class Roads:
    """All that decides the state of the roads on any day.

    Parameters
    ----------
    scenario
        Gives seasons, closures, what is lifted, and the weight of hazard.
    speeds
        The speeds table: lines of a surface that a vehicle lacks are not its own.
    lines
        The lines layer; without it lines have no names, and may be anyone's.
    flood
        The flood calendar.
    areas
        Name, days and lines of each area to avoid.
    strays
        By what share lines seem longer in choosing a way, where ways are drawn by lot.
    """

    scenario: Scenario
    speeds: Any
    lines: Any = None
    flood: tuple[Any, ...] = ()
    areas: tuple[tuple[Any, frozenset[str]], ...] = ()
    strays: tuple[tuple[str, float], ...] = ()

    @cached_property
    def names(self) -> dict[str, tuple[str, str]]:
        """English and French name of each line, its id where it has none."""
        rows = [] if self.lines is None else self.lines.to_dict("records")
        named = {row["id"]: row.get("name") or row["id"] for row in rows}
        french = {row["id"]: row.get("name_fr") for row in rows}
        return {key: (name, french[key] or name) for key, name in named.items()}

    @cached_property
    def tidal(self) -> frozenset[str]:
        """Rivers whose water goes by the calendar, not by the season."""
        rows = (row for row in self.flood if row.effect == "high_water")
        return frozenset(name for row in rows for name in split_names(row.lines))

    def _keep_usable(self, lines: frozenset[str], vehicle: str) -> frozenset[str]:
        """Return those lines that a vehicle class can use when they are open."""
        if self.lines is None:
            return lines
        own: set[str] = set()
        for part in split_classes(vehicle):
            own |= self._usable.get(part, frozenset())
        return lines & own

    @cached_property
    def _usable(self) -> dict[str, frozenset[str]]:
        surfaces: dict[str, set[str]] = {}
        for row in self.speeds.itertuples():
            surfaces.setdefault(row.vehicle, set()).add(row.surface)
        columns = (self.lines[name] for name in ("id", "kind", "surface"))
        rows = list(zip(*columns, strict=True))
        return {
            vehicle: frozenset(
                key
                for key, kind, surface in rows
                # Whoever drives on a track can be ferried.
                if ("track" if kind == "ferry" else surface) in known
            )
            for vehicle, known in surfaces.items()
        }

    def list_causes(self, vehicle: str, day: date) -> tuple[Cause, ...]:
        """Return what closes, slows or quickens a vehicle's lines on a day.

        Parameters
        ----------
        vehicle
            Its class.
        day
            The day.
        """
        found = [*self._list_seasons(day), *self._list_floods(vehicle, day)]
        found += self._list_closures(day)
        found += self._list_areas(day)
        return tuple(
            cause
            for cause in found
            if cause.season is not None or self._keep_usable(cause.lines, vehicle)
        )

    def build_state(self, vehicle: str, causes: Iterable[Cause]) -> RoadState:
        """Return the road state that causes make together.

        Parameters
        ----------
        vehicle
            Its class.
        causes
            Those of a day, or some of them.
        """

        def keep(lines: frozenset[str]) -> frozenset[str]:
            return self._keep_usable(lines, vehicle)

        closed: set[str] = set()
        shares: dict[str, float] = {}
        levels = dict.fromkeys(keep(self.tidal), "dry")
        season = "dry"
        for cause in causes:
            season = cause.season or season
            closed |= keep(cause.closed)
            levels |= dict.fromkeys(keep(cause.high), "rains")
            for line in keep(frozenset(cause.shares)):
                # What slows a line twice slows it as the slower of both does.
                shares[line] = min(cause.shares[line], shares.get(line, 1.0))
        movement = self.scenario.movement
        return RoadState(
            vehicle,
            season,
            frozenset(closed),
            tuple(sorted(shares.items())),
            tuple(sorted(levels.items())),
            movement.hazard_min_per_km,
            movement.ferry_margin_min,
            self.scenario.water.transfer_min,
            movement.time_factor,
            self.strays,
        )

    def find_state(self, vehicle: str, day: date) -> RoadState:
        """Return the road state of a day.

        Parameters
        ----------
        vehicle, day
            As of :meth:`list_causes`.
        """
        return self.build_state(vehicle, self.list_causes(vehicle, day))

    def _list_seasons(self, day: date) -> list[Cause]:
        season = next((s for s in self.scenario.seasons if s.covers(day)), None)
        if season is None:
            return []
        first, last = _find_span(season.from_day, season.to_day, day)
        return [
            Cause(
                "season",
                season.name,
                "the rains",
                "la saison des pluies",
                season=season.name,
                from_date=first,
                to_date=last,
            )
        ]

    def _list_floods(self, vehicle: str, day: date) -> list[Cause]:
        found = []
        for row in self.flood:
            classes = split_names(row.vehicles)
            if classes and not set(classes) & set(split_movers(vehicle)):
                continue
            days = Season(name="rains", from_day=row.from_day, to_day=row.to_day)
            if not days.covers(day):
                continue
            lines = frozenset(split_names(row.lines))
            first, last = _find_span(row.from_day, row.to_day, day)
            found.append(
                Cause(
                    "flood",
                    row.id,
                    row.name,
                    row.name_fr or row.name,
                    closed=lines if row.effect == "closed" else frozenset(),
                    shares=dict.fromkeys(lines, row.speed_share)
                    if row.effect == "slow"
                    else {},
                    high=lines if row.effect == "high_water" else frozenset(),
                    gauge=row.gauge,
                    from_date=first,
                    to_date=last,
                )
            )
        return found

    def _list_closures(self, day: date) -> list[Cause]:
        return [
            Cause(
                "closure",
                closure.line,
                *self.names.get(closure.line, (closure.line, closure.line)),
                closed=frozenset((closure.line,)),
                from_date=closure.from_date,
                to_date=closure.to_date,
            )
            for closure in self.scenario.closures
            if closure.covers(day)
        ]

    def _list_areas(self, day: date) -> list[Cause]:
        return [
            Cause(
                "area",
                area.name,
                area.name,
                area.name,
                closed=lines,
                from_date=area.from_date,
                to_date=area.to_date,
            )
            for area, lines in self.areas
            if area.covers(day)
        ]


def read_roads(scenario: Scenario, layers: Any) -> Roads:
    """Work up what decides the state of the roads.

    Parameters
    ----------
    scenario
        The question, its names checked.
    layers
        The layers that it was read with.
    """
    lifted = set(scenario.lines.lifted)
    rows = [row for row in layers.flood.itertuples() if row.id not in lifted]
    known = set(layers.lines["id"])
    shapes = layers.lines.geometry.to_numpy(dtype=object)
    tree = shapely.STRtree(shapes)
    keys = list(layers.lines["id"])
    areas = [
        (
            area,
            frozenset(keys[i] for i in tree.query(shape, predicate="intersects")),
        )
        for area, shape in zip(
            scenario.lines.avoid, layers.avoid.geometry.to_numpy(), strict=True
        )
    ]
    # A calendar of the folder's says nothing of lines of one's own.
    flood = tuple(row for row in rows if known & set(split_names(row.lines)))
    return Roads(scenario, layers.speeds, layers.lines, flood, tuple(areas))


def _find_span(from_day: str, to_day: str, day: date) -> tuple[date, date]:
    """Return the first and last day of the part of the year that a day lies in."""
    today = day.strftime("%m-%d")
    turns = from_day > to_day
    first = day.year - (turns and today <= to_day)
    last = day.year + (turns and today >= from_day)
    return _find_date(first, from_day), _find_date(last, to_day)


def _find_date(year: int, month_day: str) -> date:
    """Return a day of a year; the 29th of February is the 28th where there is none."""
    month, day = (int(part) for part in month_day.split("-"))
    if (month, day) == (2, 29):
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, month, day)
