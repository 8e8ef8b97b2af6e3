"""From a schedule to the document of ``plan.json``: times, routes, halts, sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from patrolplan._version import __version__
from patrolplan.conditions import Conditions, read_conditions
from patrolplan.document_limits import list_limits
from patrolplan.document_parts import list_parts
from patrolplan.document_supplies import (
    Driving,
    describe_convoy,
    find_fill,
    write_supplies,
)
from patrolplan.document_travel import write_travel, write_waysides
from patrolplan.keep_clear import write_kept_places
from patrolplan.mandate_trace import NO_TRACE, list_theme_needs, trace_mandate
from patrolplan.need import ThemeVisit
from patrolplan.network.routes import join_coordinates
from patrolplan.network.travel import Piece, Travel, cut_pieces
from patrolplan.planfile import (
    Assessment,
    BaseEntry,
    InputEntry,
    LegEntry,
    LineGeometry,
    PatrolEntry,
    PlanFile,
    ScenarioEntry,
    SiteEntry,
    StopEntry,
    TeamEntry,
)
from patrolplan.planning.passing import list_passings
from patrolplan.planning.problem import Problem, Team, Wayside
from patrolplan.planning.schedule import (
    Leg,
    PatrolSchedule,
    Schedule,
    Stop,
    list_earnings,
)
from patrolplan.question import PeriodTravel, find_open_bases
from patrolplan.scenario import Scenario
from patrolplan.windows import Window, list_moments

__all__ = ["PatrolWriter", "build_document"]

_UNMEASURED = Assessment(
    need_total=0,
    need_met=0,
    first_visits=0,
    repeats=0,
    passed=0,
    lines=0,
    need_bound=None,
    gap=None,
    unknown_total=0,
    unknown_visited=0,
    people_total=0,
    people_reached=0,
    reach={},
    equity={},
    unserved=[],
    violations=[],
)

Position = tuple[float, float]


def build_document(
    scenario: Scenario,
    layers: Any,
    need: Any,
    problem: Problem,
    travels: tuple[PeriodTravel, ...],
    schedule: Schedule,
    *,
    inputs: Sequence[InputEntry],
    seed: int | None,
) -> PlanFile:
    """Write a schedule out as a plan document, not yet measured.

    Parameters
    ----------
    scenario, layers, need, problem, travels
        What the schedule was made from.
    schedule
        The patrols.
    inputs
        The files that all of this was read from.
    seed
        What the solver was seeded with.

    Returns
    -------
    The document; its assessment is empty until the referee has measured it.
    """
    writer = PatrolWriter(scenario, need, problem, travels, layers, schedule)
    conditions = read_conditions(scenario, layers.population)
    conditions = conditions.follow_themes(need["visit"])
    return PlanFile(
        version=__version__,
        seed=seed,
        status="draft",
        release="confidential",
        gates=[],
        scenario=ScenarioEntry(
            name=scenario.name,
            start=scenario.start,
            horizon_days=scenario.horizon_days,
            timezone=scenario.timezone,
            limits=list_limits(scenario, problem, travels),
        ),
        bases=[
            BaseEntry(
                id=base.id,
                name=base.name,
                lon=base.geometry.x,
                lat=base.geometry.y,
                sector=base.sector_2014,
            )
            for base in find_open_bases(layers.bases, scenario).itertuples()
        ],
        sites=_list_sites(need, problem, scenario, conditions),
        teams=[
            TeamEntry(
                id=team.id,
                base_id=team.base_id,
                vehicle=team.vehicle,
                vehicles=team.vehicles,
                people=team.people,
                rest_days=team.rest_days,
                range_km=team.range_km,
                roles=list(team.roles),
                hazard_budget=team.hazard_budget if team.hazard_budget < inf else None,
                ready_from=scenario.days[0] + timedelta(team.ready_day)
                if team.ready_day
                else None,
                **describe_convoy(scenario, layers, team.id),
            )
            for team in problem.teams
        ],
        travel=[
            write_travel(period, matrix, problem)
            for period, matrix in zip(travels, problem.travel, strict=True)
        ],
        waysides=write_waysides(problem),
        keep_clear=write_kept_places(scenario, layers),
        patrols=[writer.write(patrol) for patrol in schedule.patrols],
        assessment=_UNMEASURED,
        inputs=list(inputs),
    )


def _list_sites(
    need: Any, problem: Problem, scenario: Scenario, conditions: Conditions
) -> list[SiteEntry]:
    entries = []
    for row in need.itertuples():
        site = problem.sites[problem.site_index[row.Index]]
        entries.append(
            SiteEntry(
                id=site.id,
                name=site.name,
                lon=row.geometry.x,
                lat=row.geometry.y,
                cercle=row.cercle,
                population=None if np.isnan(row.people) else int(row.people),
                risk=None if np.isnan(row.risk) else float(row.risk),
                need=site.need,
                themes=list_theme_needs(site, row.visit),
                dwell_min=site.dwell_min,
                required=site.required,
                roles_required=list(site.roles),
                windows=_list_windows(scenario, conditions.find_windows(site.id)),
                cadence_days=site.cadence_days,
            )
        )
    return entries


def _list_windows(
    scenario: Scenario, windows: tuple[Window, ...] | None
) -> list[tuple[datetime, datetime]]:
    """Return the windows of a site that lie within the horizon, in UTC.

    One without any may be visited at any time. Where none lies within the horizon,
    those of the week after it and the dated ones stand instead, lest the file say so.
    """
    if windows is None:
        return []
    if inside := list_moments(windows, scenario.days, scenario.timezone):
        return list(inside)
    week = [scenario.days[-1] + timedelta(days=day) for day in range(1, 8)]
    dated = [window.day for window in windows if window.day is not None]
    return list(list_moments(windows, {*week, *dated}, scenario.timezone))


class PatrolWriter:
    """Writes patrols of one problem: knows its clock, places and routes."""

    def __init__(
        self,
        scenario: Scenario,
        need: Any,
        problem: Problem,
        travels: tuple[PeriodTravel, ...],
        layers: Any,
        schedule: Schedule,
    ) -> None:
        self._earnings = list_earnings(problem, schedule)
        self._passings = list_passings(problem, schedule)
        self._scenario, self._layers = scenario, layers
        self._problem = problem
        self._travels = travels
        self._teams = {team.id: team for team in problem.teams}
        self._visits: dict[str, ThemeVisit | None] = dict(need["visit"])
        zone = ZoneInfo(scenario.timezone)
        self._midnight = datetime.combine(scenario.start, time(), zone).astimezone(UTC)
        self._positions: dict[str, Position] = {
            place: (float(point.x), float(point.y))
            for ids, points in (
                (need.index, need.geometry),
                (layers.bases["id"], layers.bases.geometry),
            )
            for place, point in zip(ids, points, strict=True)
        }

    def _find_moment(self, minutes: float) -> datetime:
        # To the millisecond, as files hold times: the plan is what its file says.
        return self._midnight + timedelta(milliseconds=round(minutes * 60_000))

    def _find_stop_moment(self, minutes: float | None) -> datetime | None:
        return None if minutes is None else self._find_moment(minutes)

    def _find_travel(self, vehicle: str, day: int) -> Travel:
        today = self._scenario.days[day]
        return next(
            period.travel
            for period in self._travels
            if period.travel.state.vehicle == vehicle
            and period.from_date <= today <= period.to_date
        )

    def write(
        self,
        patrol: PatrolSchedule,
        *,
        spot: Position | None = None,
        depart_day: int | None = None,
        before: Sequence[Driving] = (),
    ) -> PatrolEntry:
        """Return one patrol with routes, times and supplies.

        Of one under way: where it stands, when it left, and what it drove since.
        """
        team = self._teams[patrol.team_id]
        legs: list[LegEntry] = []
        spots = [spot or self._positions[patrol.base_id]]
        first_day = patrol.depart_day if depart_day is None else depart_day
        driven = list(before)
        for number, leg in enumerate(patrol.legs):
            stop = patrol.stops[number + 1]
            passing = self._passings.get((patrol.id, number), ())
            entry, pieces = self._write_leg(leg, team, spots[-1], passing)
            legs.append(entry)
            driven.append(Driving(pieces, self._find_fill(stop)))
            known = None if stop.place is None else self._problem.place_ids[stop.place]
            spots.append(
                entry.geometry.coordinates[-1]
                if known is None
                else self._positions[known]
            )
        stops = [
            self._write_stop(
                stop, team, spot, self._earnings.get((patrol.id, number), 0.0)
            )
            for number, (stop, spot) in enumerate(zip(patrol.stops, spots, strict=True))
        ]
        days = self._scenario.days[first_day : patrol.return_day + 1]
        return PatrolEntry(
            id=patrol.id,
            team_id=patrol.team_id,
            base_id=patrol.base_id,
            depart=self._find_moment(patrol.depart_min),
            return_=self._find_moment(patrol.return_min),
            stops=stops,
            legs=legs,
            supplies=write_supplies(
                self._scenario,
                self._layers,
                team.id,
                days,
                driven,
            ),
            casualty=[],
        )

    def _find_fill(self, stop: Stop) -> date | None:
        """Return the day on which a stop supplies the patrol again, or None."""
        if stop.kind != "visit" or stop.arrive_min is None:
            return None
        moment = self._find_moment(stop.arrive_min)
        return find_fill(self._problem, self._scenario, stop.site_id, moment)

    def _write_stop(
        self, stop: Stop, team: Team, spot: Position, need_earned: float
    ) -> StopEntry:
        trace = NO_TRACE
        if stop.kind == "visit" and stop.site_id is not None:
            site = self._problem.sites[self._problem.site_index[stop.site_id]]
            trace = trace_mandate(site, self._visits[site.id], team)
        return StopEntry(
            kind=stop.kind,
            site_id=stop.site_id,
            place_id=stop.place_id,
            lon=spot[0],
            lat=spot[1],
            arrive=self._find_stop_moment(stop.arrive_min),
            depart=self._find_stop_moment(stop.depart_min),
            roles=list(trace.roles),
            purpose=trace.purpose,
            tier=trace.tier,
            phase=trace.phase,
            themes=list(trace.themes),
            need_earned=need_earned,
        )

    def _write_leg(
        self, leg: Leg, team: Team, start: Position, passing: Sequence[Wayside]
    ) -> tuple[LegEntry, tuple[Piece, ...]]:
        """Return a leg with its part of the route, and the pieces of it."""
        places = self._problem.place_ids
        travel = self._find_travel(team.vehicle, leg.travel_day)
        whole = travel.trace(places[leg.origin], places[leg.destination])
        pieces = cut_pieces(whole, leg.from_min, leg.to_min)
        lines = list(dict.fromkeys(piece.line_id for piece in pieces))
        path = list(join_coordinates(pieces)) if pieces else [start, start]
        entry = LegEntry(
            from_=leg.from_id,
            to=leg.to_id,
            depart=self._find_moment(leg.depart_min),
            arrive=self._find_moment(leg.arrive_min),
            length_km=sum(piece.length_m for piece in pieces) / 1000,
            driving_min=leg.driving_min,
            lines=lines,
            passed=[wayside.site_id for wayside in passing if wayside.site_id],
            need_earned=sum((wayside.need for wayside in passing), 0.0),
            clearing=leg.clearing or None,
            geometry=LineGeometry(coordinates=path),
            parts=list_parts(
                whole,
                travel.halt_blocked.get((leg.origin, leg.destination), ()),
                leg.from_min,
                leg.to_min,
            ),
        )
        return entry, pieces
