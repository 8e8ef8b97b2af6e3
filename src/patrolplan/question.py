"""From geography to a problem: open bases, road states by period, duty windows.

Here the two wings meet. What geometry knows becomes matrices and minutes; from here
on planning needs no map.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from patrolplan.daylight import estimate_duty_window
from patrolplan.errors import Fault, RouteError, ScenarioError
from patrolplan.layers import Layers
from patrolplan.layers.names import find_place_id
from patrolplan.network import Network, RoadState, Travel, build_travel
from patrolplan.planfile import Code
from patrolplan.planning.problem import (
    Base,
    Limits,
    Problem,
    Site,
    Team,
    TravelMatrix,
)
from patrolplan.scenario import Scenario

__all__ = [
    "PeriodTravel",
    "build_problem",
    "build_travels",
    "check_scenario",
    "find_open_bases",
    "list_notices",
    "list_places",
]


@dataclass(frozen=True, eq=False)
class PeriodTravel:
    """Travel of one vehicle class while the road state stays the same."""

    from_date: date
    to_date: date
    travel: Travel


def check_scenario(scenario: Scenario, layers: Layers) -> None:
    """Refuse a scenario that names what its layers do not hold.

    Parameters
    ----------
    scenario, layers
        The question, and the layers it was read with.

    Raises
    ------
    ScenarioError
        With every name that nothing bears.
    """
    file = scenario.path.name or scenario.name
    faults = list(_find_unknown_names(scenario, layers, file))
    if faults:
        raise ScenarioError(faults)


def _find_unknown_names(
    scenario: Scenario, layers: Layers, file: str
) -> Iterator[Fault]:
    base_ids = list(layers.bases["id"])
    vehicles = sorted(set(layers.speeds["vehicle"]))
    line_ids = list(layers.lines["id"])

    def miss(where: str, name: str, known: Iterable[str], kind: str) -> Fault:
        close = difflib.get_close_matches(name, list(known), n=3)
        cause = f"near: {', '.join(close)}" if close else "a slip of spelling"
        return Fault(file, where, f"found {name!r}", f"expected {kind}", cause)

    for team in scenario.teams:
        where = f"team {team.id!r}"
        if team.base not in base_ids:
            yield miss(f"{where}, base", team.base, base_ids, "the id of a base")
        if team.vehicle not in vehicles:
            kind = f"a vehicle of the speeds table: {', '.join(vehicles)}"
            yield miss(f"{where}, vehicle", team.vehicle, vehicles, kind)
    for base in scenario.bases.closed:
        if base not in base_ids:
            yield miss("bases.closed", base, base_ids, "the id of a base")
    for closure in scenario.closures:
        if closure.line not in line_ids:
            yield miss("lines.closed", closure.line, line_ids, "the id of a line")
    for name in scenario.sites.required:
        try:
            find_place_id(layers.population, name)
        except RouteError as error:
            yield Fault(
                file,
                "sites.required",
                f"found {name!r}",
                "expected a site's id or name",
                str(error),
            )


def find_open_bases(bases: Any, scenario: Scenario) -> Any:
    """Return the bases that stand through the whole horizon, and are not closed.

    Parameters
    ----------
    bases
        The bases layer.
    scenario
        Gives the days, and the bases it takes away.
    """
    first, last = scenario.days[0], scenario.days[-1]
    stands = [
        base.id not in scenario.bases.closed
        and (base.valid_from is None or base.valid_from <= first)
        and (base.valid_to is None or base.valid_to >= last)
        for base in bases.itertuples()
    ]
    return bases[np.array(stands, dtype=bool)].sort_values("id")


def list_notices(
    scenario: Scenario, open_bases: Any, network: Network, need: Any
) -> tuple[Code, ...]:
    """Return what a planner should hear before trusting a plan.

    Parameters
    ----------
    scenario, open_bases, network, need
        The question as worked up.

    Returns
    -------
    ``team_idle`` for each team whose base is not open, ``site_not_joined`` for each
    site that no line serves, ``no_risk_known`` if no zone holds in these days,
    ``no_people_known`` if no site has a population.
    """
    standing = set(open_bases["id"])
    idle = (
        Code(code="team_idle", values={"team_id": team.id, "base_id": team.base})
        for team in scenario.teams
        if team.base not in standing
    )
    unjoined = (
        Code(code="site_not_joined", values={"site_id": place})
        for place in network.unjoined
    )
    blind = [Code(code="no_risk_known")] if need["risk"].isna().all() else []
    if need["people"].isna().all():
        blind.append(Code(code="no_people_known"))
    return (*idle, *unjoined, *blind)


def list_places(
    population: Any, open_bases: Any | None = None
) -> dict[str, tuple[float, float]]:
    """Return the position of each site, and base, as the network wants them."""
    frames = [population] if open_bases is None else [population, open_bases]
    return {
        place: (float(point.x), float(point.y))
        for frame in frames
        for place, point in zip(frame["id"], frame.geometry, strict=True)
    }


def build_travels(
    scenario: Scenario, network: Network, speeds: Any, place_ids: Iterable[str]
) -> tuple[PeriodTravel, ...]:
    """Compile travel for each vehicle class and each period of one road state.

    Parameters
    ----------
    scenario
        Gives days, seasons, closures and vehicles.
    network, speeds
        Over what, and how fast.
    place_ids
        Sites and bases; they are put in order.
    """
    places = sorted(place_ids)

    def describe(day: date) -> tuple[str, frozenset[str]]:
        closed = {c.line for c in scenario.closures if c.covers(day)}
        return scenario.find_season(day), frozenset(closed)

    travels = []
    for vehicle in sorted({team.vehicle for team in scenario.teams}):
        for (season, closed), days in itertools.groupby(scenario.days, describe):
            span = list(days)
            state = RoadState(
                vehicle,
                season,
                closed,
                scenario.movement.hazard_min_per_km,
                scenario.movement.ferry_margin_min,
            )
            travel = build_travel(network, speeds, places, state)
            travels.append(PeriodTravel(span[0], span[-1], travel))
    return tuple(travels)


def build_problem(
    scenario: Scenario,
    layers: Layers,
    need: Any,
    travels: tuple[PeriodTravel, ...],
) -> Problem:
    """Pose the problem: all that the solver may know.

    Parameters
    ----------
    scenario
        The question.
    layers
        Its layers; teams whose base does not stand are left out.
    need
        The need table of all sites.
    travels
        Travel between all sites and the bases that stand, for each period.
    """
    place_ids = travels[0].travel.place_ids
    required = {
        find_place_id(layers.population, name) for name in scenario.sites.required
    }
    open_bases = find_open_bases(layers.bases, scenario)
    standing = set(open_bases["id"])
    dwells_min = _list_dwells(scenario, layers.population)
    opens_min, closes_min, day_starts_min = _build_windows(
        scenario, list_places(layers.population, open_bases), place_ids
    )
    return Problem(
        start=scenario.start,
        horizon_days=scenario.horizon_days,
        place_ids=place_ids,
        sites=tuple(
            Site(
                id=site.Index,
                name=site.name,
                need=None if np.isnan(site.need) else float(site.need),
                dwell_min=dwells_min[site.Index],
                required=site.Index in required,
                beyond_base=bool(site.beyond_base),
                held_by=site.held_by,
            )
            for site in need.itertuples()
        ),
        bases=tuple(Base(base.id, base.name) for base in open_bases.itertuples()),
        teams=tuple(
            Team(
                id=team.id,
                base_id=team.base,
                vehicle=team.vehicle,
                vehicles=team.vehicles,
                people=team.people,
                min_days=scenario.patrols.min_days,
                max_days=team.max_days,
                rest_days=team.rest_days,
                range_km=team.range_km,
                roles=team.roles,
            )
            for team in scenario.teams
            if team.base in standing
        ),
        travel=tuple(
            TravelMatrix(
                vehicle=period.travel.state.vehicle,
                valid_from=period.from_date,
                valid_to=period.to_date,
                durations_min=period.travel.durations_min,
                lengths_m=period.travel.lengths_m,
                fuels_l=period.travel.fuels_l,
                halt_blocked=period.travel.halt_blocked,
            )
            for period in travels
        ),
        opens_min=opens_min,
        closes_min=closes_min,
        day_starts_min=day_starts_min,
        limits=Limits(
            break_min=scenario.movement.break_min,
            beyond_km=scenario.reach.beyond_km,
            min_share_beyond=scenario.reach.min_share_beyond,
        ),
    )


def _list_dwells(scenario: Scenario, population: Any) -> dict[str, float]:
    """Return how long a visit to each site takes, by what its people are counted in.

    A figure that does not say what it counts may be a commune's: its site is visited
    like one, lest a plan promise too much. A place without a figure is a village.
    """
    figures = scenario.patrols
    return {
        site.id: figures.dwell_min
        if site.population_scope == "town" or np.isnan(site.population)
        else figures.dwell_commune_min
        for site in population.itertuples()
    }


def _build_windows(
    scenario: Scenario,
    positions: dict[str, tuple[float, float]],
    place_ids: tuple[str, ...],
) -> tuple[Any, Any, Any]:
    """Return duty windows and midnights in minutes of the problem's clock."""
    zone = ZoneInfo(scenario.timezone)
    midnights = [
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (*scenario.days, scenario.days[-1] + timedelta(days=1))
    ]

    def count_minutes(moment: datetime) -> float:
        return (moment - midnights[0]).total_seconds() / 60

    movement = scenario.movement
    shape = (len(place_ids), scenario.horizon_days)
    opens_min, closes_min = np.empty(shape), np.empty(shape)
    for row, place in enumerate(place_ids):
        lon, lat = positions[place]
        for column, day in enumerate(scenario.days):
            try:
                opens, closes = estimate_duty_window(
                    lon,
                    lat,
                    day,
                    timezone=scenario.timezone,
                    sunrise_margin_min=movement.sunrise_margin_min,
                    sunset_margin_min=movement.sunset_margin_min,
                    night_movement=movement.night_movement,
                    fixed_window=movement.fixed_window,
                )
            except ValueError as error:
                raise _refuse_daylight(scenario, f"{place} {day}: {error}") from error
            opens_min[row, column] = count_minutes(opens)
            closes_min[row, column] = count_minutes(closes)
    if (closes_min - movement.break_min <= opens_min).all():
        raise _refuse_daylight(scenario, "no minute of any day is left to move in")
    return opens_min, closes_min, np.array([count_minutes(m) for m in midnights])


def _refuse_daylight(scenario: Scenario, found: str) -> ScenarioError:
    """Return the fault of a scenario whose days have no duty window."""
    fault = Fault(
        scenario.path.name or scenario.name,
        "timezone, movement",
        found,
        "days with daylight, margins and breaks taken off",
        "a time zone far from the theatre, or margins and breaks that fill the day",
    )
    return ScenarioError([fault])
