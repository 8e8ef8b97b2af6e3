"""The casualty clock of a plan: a sum for each leg and stop, by day and by night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from patrolplan.casualty_figures import CasualtyFigures
from patrolplan.network import CasualtyClock, ClockSum, build_clock
from patrolplan.planfile import (
    CasualtyEntry,
    ClockSumEntry,
    Code,
    LegEntry,
    MedicalEntry,
    PatrolEntry,
    PlanFile,
    StopEntry,
)
from patrolplan.scenario import Scenario

__all__ = ["CASUALTY_NOTICES", "list_casualty_notices", "put_casualty"]

CASUALTY_NOTICES: Final = frozenset(
    {
        "casualty_gaps_day",
        "casualty_gaps_night",
        "casualty_unknown",
        "casualty_unmitigated",
    }
)
"""Codes of :func:`list_casualty_notices`."""


def put_casualty(draft: PlanFile, scenario: Scenario, medical: Any) -> PlanFile:
    """Return a document whose patrols say how far surgery is, all along.

    Parameters
    ----------
    draft
        The document of a plan.
    scenario
        Gives the figures.
    medical
        The layer ``medical``.

    Returns
    -------
    The document with the sites of care and the figures that the sums are made of.
    For each patrol first its first stop, then each leg and the stop that it leads to:
    a leg by its worst spot. A leg and a stop by day are ``within`` by the sum by day, a
    night halt by that by night. Of a night both of its days count.
    """
    writer = _ClockWriter(scenario, medical)
    figures = scenario.casualty.model_dump(mode="json")
    limits = {f"casualty_{name}": value for name, value in figures.items()}
    stated = draft.scenario.limits | limits
    return draft.model_copy(
        update={
            "scenario": draft.scenario.model_copy(update={"limits": stated}),
            "medical": [
                MedicalEntry(
                    id=row.id,
                    name=row.name,
                    name_fr=row.name_fr,
                    kind=row.kind,
                    lon=row.geometry.x,
                    lat=row.geometry.y,
                    by_night=row.by_night is not False,
                    valid_from=row.valid_from,
                    valid_to=row.valid_to,
                )
                for row in medical.sort_values("id").itertuples()
            ],
            "patrols": [
                patrol.model_copy(update={"casualty": writer.write(patrol)})
                for patrol in draft.patrols
            ],
        }
    )


class _ClockWriter:
    """Writes the sums of patrols; knows which sites of care stand on which days."""

    def __init__(self, scenario: Scenario, medical: Any) -> None:
        self._figures: CasualtyFigures = scenario.casualty
        self._medical = medical
        self._zone = ZoneInfo(scenario.timezone)
        self._clocks: dict[tuple[date, date], CasualtyClock] = {}
        # Many clocks are alike; what was summed up once for a path is kept.
        self._same: dict[Any, CasualtyClock] = {}
        self._known: dict[tuple[Any, ...], ClockSum | None] = {}

    def write(self, patrol: PatrolEntry) -> list[CasualtyEntry]:
        """Return the entries of one patrol, along its way."""
        entries = [self._write_stop(patrol.stops[0])]
        for leg, stop in zip(patrol.legs, patrol.stops[1:], strict=True):
            entries += [self._write_leg(leg), self._write_stop(stop)]
        return entries

    def _write_stop(self, stop: StopEntry) -> CasualtyEntry:
        moments = [m for m in (stop.arrive, stop.depart) if m is not None]
        days = {moment.astimezone(self._zone).date() for moment in moments}
        spot = ((stop.lon, stop.lat),)
        return self._write(stop.place_id, spot, days, by_night=stop.kind == "halt")

    def _write_leg(self, leg: LegEntry) -> CasualtyEntry:
        days = {m.astimezone(self._zone).date() for m in (leg.depart, leg.arrive)}
        path = tuple(leg.geometry.coordinates)
        return self._write(f"{leg.from_}>{leg.to}", path, days, by_night=False)

    def _write(
        self,
        where: str,
        path: Sequence[tuple[float, float]],
        days: set[date],
        *,
        by_night: bool,
    ) -> CasualtyEntry:
        clock = self._find_clock(min(days), max(days))
        day, night = (self._sum(clock, path, by_night=dark) for dark in (False, True))
        judged = night if by_night else day
        return CasualtyEntry(
            where=where,
            day_min=None if day is None else day.total_min,
            night_min=None if night is None else night.total_min,
            within=judged is not None and judged.total_min <= self._figures.surgery_min,
            by_day=_write_sum(day),
            by_night=_write_sum(night),
        )

    def _find_clock(self, first: date, last: date) -> CasualtyClock:
        if (first, last) not in self._clocks:
            clock = build_clock(self._figures, self._medical, (first, last))
            self._clocks[first, last] = self._same.setdefault(clock.sites, clock)
        return self._clocks[first, last]

    def _sum(
        self,
        clock: CasualtyClock,
        path: Sequence[tuple[float, float]],
        *,
        by_night: bool,
    ) -> ClockSum | None:
        key = (clock.sites, by_night, tuple(path))
        if key not in self._known:
            found: ClockSum | None
            if len(path) == 1:
                found = clock.sum_at(*path[0], by_night=by_night)
            elif by_night and _is_alike_by_night(clock):
                # Where all work by night, the worst spot is the same.
                day = self._sum(clock, path, by_night=False)
                found = day and clock.sum_at(day.lon, day.lat, by_night=True)
            else:
                found = clock.find_worst(path, by_night=by_night)
            self._known[key] = found
        return self._known[key]


def _is_alike_by_night(clock: CasualtyClock) -> bool:
    return all(site.by_night for site in clock.sites)


def _write_sum(found: ClockSum | None) -> ClockSumEntry | None:
    return None if found is None else ClockSumEntry(**found._asdict())


def list_casualty_notices(plan: PlanFile) -> tuple[Code, ...]:
    """Return what a planner should hear of the casualty clock of a plan.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    ``casualty_gaps_day`` with the count of legs and stops beyond the clock by day,
    ``casualty_gaps_night`` with that of night halts by night, ``casualty_unknown`` if
    somewhere no helicopter or no surgical team is known at all; and
    ``casualty_unmitigated`` if it is not recorded how any of these is met.
    """
    day = night = 0
    unknown = False
    for patrol in plan.patrols:
        kinds = _list_kinds(patrol)
        for kind, entry in zip(kinds, patrol.casualty, strict=False):
            judged = entry.night_min if kind == "halt" else entry.day_min
            unknown |= judged is None
            if judged is not None and not entry.within:
                night += kind == "halt"
                day += kind != "halt"
    limit_min = plan.scenario.limits.get("casualty_surgery_min")
    notices = []
    if unknown:
        notices.append(Code(code="casualty_unknown"))
    for code, count in (("casualty_gaps_day", day), ("casualty_gaps_night", night)):
        if count:
            values = {"count": count, "limit_min": limit_min}
            notices.append(Code(code=code, values=values))
    if notices and not plan.scenario.limits.get("casualty_mitigation"):
        notices.append(Code(code="casualty_unmitigated"))
    return tuple(notices)


def _list_kinds(patrol: PatrolEntry) -> list[str]:
    """Return what each entry of a patrol's clock is of: a kind of stop, or a leg."""
    kinds: list[str] = [patrol.stops[0].kind]
    for stop in patrol.stops[1:]:
        kinds += ["leg", stop.kind]
    return kinds
