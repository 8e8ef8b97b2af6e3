"""Orders read from a plan document alone, so that a hand-edited plan can be tested.

Its days and windows are read as the referee reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from pydantic import ValidationError

from patrolplan.errors import Fault, PlanFileError
from patrolplan.figures import Season
from patrolplan.planfile import (
    LegEntry,
    PartEntry,
    PatrolEntry,
    PlanFile,
    StopEntry,
    TeamEntry,
    tabulate_model_faults,
)
from patrolplan.planning.evidence import Evidence
from patrolplan.planning.stress_steps import (
    Dwell,
    Hours,
    Night,
    Order,
    Orders,
    Part,
    Passed,
    Run,
    Setting,
    Step,
)
from patrolplan.planning.whole_legs import list_whole_legs
from patrolplan.stress_figures import StressFigures

__all__ = ["read_orders"]

# Days after its last that a late patrol is followed; then it counts as not home.
_MORE_DAYS = 14
_MINUTE = timedelta(minutes=1)
_TAR = frozenset({"paved", "paved_degraded"})
# One figure of the scenario that only a plan document names: read as it is written.
_USUAL_FACTOR = 1.0


def read_orders(plan: PlanFile, figures: StressFigures | None = None) -> Orders:
    """Read the orders of a plan document.

    Parameters
    ----------
    plan
        The document. Its legs must say what they are driven on.
    figures
        Instead of the document's own.

    Raises
    ------
    PlanFileError
        If a leg does not, a patrol or limit cannot be meant, or nothing is known of a
        patrol's team.
    """
    reader = _OrderReader(plan)
    if figures is None:
        figures = reader.read_figures()
    reader.check()
    orders = tuple(
        reader.read_order(patrol) for patrol in sorted(plan.patrols, key=reader.rank)
    )
    surfaces = {
        part.surface
        for order in orders
        for step in order.steps
        if isinstance(step, Run)
        for part in step.parts
    }
    first_date = reader.evidence.first_day
    return Orders(orders, figures, first_date, tuple(sorted(surfaces)))


class _OrderReader:
    """Reads the orders of one document."""

    def __init__(self, plan: PlanFile) -> None:
        self.plan = plan
        self.evidence = Evidence(plan)
        zone = self.evidence.zone
        self._midnight = datetime.combine(
            self.evidence.first_day, time(), zone
        ).astimezone(UTC)
        self._hours: dict[tuple[str, str, int], Hours] = {}
        limits = plan.scenario.limits
        # A plan that was not planned longer need not say so.
        self._factor = limits.get("time_factor", _USUAL_FACTOR)
        self._margin_min = (
            0.0
            if self.evidence.limits.night_movement
            else self.evidence.limits.sunset_margin_min
        )
        self._seasons: tuple[Season, ...] = ()

    def read_figures(self) -> StressFigures:
        try:
            return StressFigures.model_validate(
                self.plan.scenario.limits.get("stress", {})
            )
        except ValidationError as error:
            raise PlanFileError(tabulate_model_faults(error, "plan")) from error

    def check(self) -> None:
        """Refuse a plan that does not say enough to be driven."""
        faults = [
            Fault(
                "plan",
                f"patrol {patrol.id!r}, legs.{number}.parts",
                "nothing",
                "what the leg is driven on",
                "a plan of an older version: plan it again",
            )
            for patrol in self.plan.patrols
            for number, leg in enumerate(patrol.legs)
            if leg.parts is None
        ]
        faults += [
            Fault(
                "plan",
                f"patrol {patrol.id!r}, team_id",
                f"found {patrol.team_id!r}",
                "the id of a team",
            )
            for patrol in self.plan.patrols
            if patrol.team_id not in self.evidence.teams
        ]
        faults += [
            Fault(
                "plan",
                f"patrol {patrol.id!r}, stops.{number}.site_id",
                f"found {stop.site_id!r}",
                "the id of a site",
            )
            for patrol in self.plan.patrols
            for number, stop in enumerate(patrol.stops)
            if stop.kind == "visit" and stop.site_id not in self.evidence.sites
        ]
        faults += [
            Fault(
                "plan",
                f"patrol {patrol.id!r}, legs",
                f"{len(patrol.legs)} legs for {len(patrol.stops)} stops",
                "one leg less than stops",
            )
            for patrol in self.plan.patrols
            if len(patrol.legs) != len(patrol.stops) - 1
        ]
        factor = self._factor
        if (
            isinstance(factor, bool)
            or not isinstance(factor, int | float)
            or not factor > 0
        ):
            where = "scenario.limits.time_factor"
            faults.append(Fault("plan", where, f"found {factor!r}", "a number above 0"))
        try:
            self._seasons = tuple(
                Season.model_validate(season)
                for season in self.plan.scenario.limits.get("seasons", [])
            )
        except (ValidationError, TypeError):
            where = "scenario.limits.seasons"
            faults.append(
                Fault("plan", where, "no seasons", "a list of name, from_day, to_day")
            )
        if faults:
            raise PlanFileError(faults)

    def rank(self, patrol: PatrolEntry) -> tuple[date, str, str]:
        """Return by what patrols are put in order, as their ids are."""
        return (self.evidence.find_day(patrol.depart), patrol.team_id, patrol.id)

    def _count_minutes(self, moment: datetime) -> float:
        return (moment - self._midnight) / _MINUTE

    def _count_days(self, moment: datetime) -> int:
        return (self.evidence.find_end_day(moment) - self.evidence.first_day).days

    def _is_rainy(self, day: int) -> bool:
        today = self.evidence.first_day + timedelta(days=day)
        return any(season.covers(today) for season in self._seasons)

    def _find_hours(
        self, from_: StopEntry, to: StopEntry, first_day: int, days: int
    ) -> Hours:
        """Return the hours that two places share, day by day."""
        key = (from_.place_id, to.place_id, first_day)
        if key not in self._hours:
            spots = [self.evidence.find_position(stop) for stop in (from_, to)]
            opens, closes = np.empty(days), np.empty(days)
            for number in range(days):
                day = self.evidence.first_day + timedelta(days=first_day + number)
                found = [self.evidence.find_window(spot, day) for spot in spots]
                opens[number] = self._count_minutes(max(window[0] for window in found))
                closes[number] = self._count_minutes(min(window[1] for window in found))
            self._hours[key] = Hours(opens, closes, closes + self._margin_min)
        return self._hours[key]

    def read_order(self, patrol: PatrolEntry) -> Order:
        """Return the order of one patrol."""
        team = self.evidence.teams[patrol.team_id]
        first_day = (
            self.evidence.find_day(patrol.depart) - self.evidence.first_day
        ).days
        days = team.max_days + _MORE_DAYS
        steps: list[Step] = []
        legs: list[tuple[str, str]] = []
        for number, leg in enumerate(list_whole_legs(self.evidence, patrol)):
            from_, to, pieces = leg.origin, leg.destination, leg.numbers
            legs.append((from_.place_id, to.place_id))
            hours = self._find_hours(from_, to, first_day, days)
            steps += self._read_leg(patrol, team, number, pieces, hours)
            if to.kind == "visit" and to.arrive is not None:
                steps.append(
                    self._read_visit(
                        to, number, self._find_hours(to, to, first_day, days)
                    )
                )
        home = self._count_days(patrol.return_)
        steps.append(Night(home, patrol.stops[-1].place_id, len(legs) - 1))
        return Order(
            patrol=patrol,
            first_day=first_day,
            days=days,
            depart_min=self._count_minutes(patrol.depart),
            last_day=first_day + team.max_days - 1,
            rest_days=team.rest_days,
            legs=tuple(legs),
            steps=tuple(steps),
            rains=np.array(
                [self._is_rainy(first_day + day) for day in range(days)], dtype=bool
            ),
            fuel_l=patrol.supplies.fuel_l,
            vehicles=team.vehicles,
        )

    def _read_leg(
        self,
        patrol: PatrolEntry,
        team: TeamEntry,
        number: int,
        pieces: range,
        hours: Hours,
    ) -> Iterator[Step]:
        driven = [patrol.legs[piece] for piece in pieces]
        parts = [part for leg in driven for part in leg.parts or ()]
        start = self.evidence.find_leg_day(driven)
        day = (start - self.evidence.first_day).days
        km = sum(part.length_km for part in parts)
        ferries = sum(part.kind == "ferry" for part in parts)
        yield Setting(number, km, ferries, self._is_rainy(day), day, hours)
        for piece, leg in zip(pieces, driven, strict=True):
            day = self._count_days(leg.arrive)
            for halt, run in self._split_runs(leg, team):
                yield Run(number, run, halt, day, hours)
            if leg.need_earned > 0:
                yield Passed(leg.need_earned)
            stop = patrol.stops[piece + 1]
            if stop.kind == "halt":
                yield Night(day, stop.place_id, number)

    def _split_runs(
        self, leg: LegEntry, team: TeamEntry
    ) -> Iterator[tuple[bool, tuple[Part, ...]]]:
        """Yield stretches that may be split by a night one by one, others whole."""
        held: list[Part] = []
        for entry in leg.parts or ():
            part = self._read_part(entry, team)
            if entry.halt:
                if held:
                    yield False, tuple(held)
                    held = []
                yield True, (part,)
            else:
                held.append(part)
        if held:
            yield False, tuple(held)

    def _read_part(self, entry: PartEntry, team: TeamEntry) -> Part:
        minutes = entry.driving_min / self._factor
        is_ferry = entry.kind == "ferry"
        return Part(
            surface=entry.surface,
            road_min=0.0 if is_ferry else minutes,
            ferry_min=minutes if is_ferry else 0.0,
            slows=not is_ferry and entry.surface not in _TAR,
            fuel_l=entry.fuel_l * team.vehicles,
        )

    def _read_visit(self, stop: StopEntry, number: int, hours: Hours) -> Dwell:
        site = self.evidence.sites[stop.site_id or stop.place_id]
        assert stop.arrive is not None
        planned = self._count_minutes(stop.arrive)
        windows = [
            (self._count_minutes(begins), self._count_minutes(ends))
            for begins, ends in sorted(site.windows)
        ]
        return Dwell(
            leg=number,
            site_id=site.id,
            dwell_min=site.dwell_min,
            windows=_keep_planned(windows, planned) if windows else None,
            need=stop.need_earned,
            day=self._count_days(stop.arrive + _MINUTE * site.dwell_min),
            hours=hours,
        )


def _keep_planned(
    windows: Sequence[tuple[float, float]], planned_min: float
) -> tuple[tuple[float, float], ...]:
    """Return the windows up to the one that a visit was planned for."""
    return tuple(window for window in windows if window[0] <= planned_min + 1e-3)
