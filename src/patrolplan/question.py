"""From geography to a problem: open bases, road states by period, duty windows.

Here the two wings meet. What geometry knows becomes matrices and minutes; from here
on planning needs no map.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from patrolplan.conditions import (
    Conditions,
    find_broken_conditions,
    find_unknown_names,
    list_dwells,
    read_conditions,
)
from patrolplan.convoys import (
    extend_speeds,
    find_convoy_faults,
    pose_teams,
    read_convoy,
)
from patrolplan.do_no_harm import (
    find_barred_sites,
    find_barred_teams,
    find_gate_faults,
)
from patrolplan.duty_windows import build_duty_windows
from patrolplan.earning import NO_EARNING, Earning
from patrolplan.errors import ScenarioError
from patrolplan.figures import TeamSpec
from patrolplan.layers import Layers
from patrolplan.network import Clearance, Network, Roads, Travel, build_travel
from patrolplan.planfile import Code
from patrolplan.planning.problem import Base, Limits, Problem, Site
from patrolplan.planning.travel import TravelMatrix
from patrolplan.scenario import Scenario
from patrolplan.sharing import list_shares
from patrolplan.shelf import keep
from patrolplan.way_count import check_way_count
from patrolplan.windows import list_moments

__all__ = [
    "PeriodTravel",
    "build_problem",
    "build_travels",
    "check_scenario",
    "find_open_bases",
    "list_notices",
    "list_places",
    "list_ready_teams",
]


@dataclass(frozen=True, eq=False)
class PeriodTravel:
    """Travel of one vehicle class while the road state stays the same."""

    from_date: date
    to_date: date
    travel: Travel


def check_scenario(scenario: Scenario, layers: Layers) -> None:
    """Refuse a scenario that names or asks what its layers do not hold.

    Parameters
    ----------
    scenario, layers
        The question, and the layers it was read with.

    Raises
    ------
    ScenarioError
        With every name that nothing bears, and every condition that no plan can keep.
    """
    standing = set(find_open_bases(layers.bases, scenario)["id"])
    faults = [
        *find_unknown_names(scenario, layers),
        *find_convoy_faults(scenario, layers),
        *find_broken_conditions(scenario, layers, standing),
        *find_gate_faults(scenario, layers),
    ]
    if faults:
        raise ScenarioError(faults)


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


def list_ready_teams(
    scenario: Scenario, standing: Collection[str]
) -> tuple[TeamSpec, ...]:
    """Return the teams that may go out: their base is open, and so is their gate.

    Parameters
    ----------
    scenario
        The scenario.
    standing
        Ids of the bases that are open.
    """
    barred = find_barred_teams(scenario)
    return tuple(
        team
        for team in scenario.teams
        if team.base in standing and team.id not in barred
    )


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
    ``team_idle`` for each team whose base is not open, ``team_barred`` for each that a
    do-no-harm gate is closed for, ``site_not_joined`` for each site without a line,
    ``no_risk_known`` or ``no_people_known`` if nothing is known of any site.
    """
    standing = set(open_bases["id"])
    idle = (
        Code(code="team_idle", values={"team_id": team.id, "base_id": team.base})
        for team in scenario.teams
        if team.base not in standing
    )
    barred = (
        Code(code="team_barred", values={"team_id": team})
        for team in sorted(find_barred_teams(scenario))
    )
    unjoined = (
        Code(code="site_not_joined", values={"site_id": place})
        for place in network.unjoined
    )
    blind = [Code(code="no_risk_known")] if need["risk"].isna().all() else []
    if need["people"].isna().all():
        blind.append(Code(code="no_people_known"))
    return (*idle, *barred, *unjoined, *blind)


def list_places(
    population: Any, open_bases: Any | None = None
) -> dict[str, tuple[float, float]]:
    """Return the position of each site, and base, as the network wants them.

    Parameters
    ----------
    population, open_bases
        The layers; without bases only sites are places.
    """
    frames = [population] if open_bases is None else [population, open_bases]
    return {
        place: (float(point.x), float(point.y))
        for frame in frames
        for place, point in zip(frame["id"], frame.geometry, strict=True)
    }


def build_travels(
    scenario: Scenario,
    network: Network,
    speeds: Any,
    place_ids: Iterable[str],
    roads: Roads | None = None,
    clearance: Clearance | None = None,
    vehicles: Any = None,
) -> tuple[PeriodTravel, ...]:
    """Compile travel for each convoy and each period of one road state.

    Parameters
    ----------
    scenario
        Gives days, seasons, closures and vehicles.
    network, speeds
        Over what, and how fast.
    place_ids
        Sites and bases; they are put in order.
    roads
        Gives the state of the roads on a day, with the flood calendar and the areas to
        avoid; None for the seasons and closures of the scenario alone.
    clearance
        What halts keep clear of.
    vehicles
        The vehicles table; without it each type is taken for a class of the speeds.

    Raises
    ------
    ScenarioError
        If there are more ways than the scenario says may be kept.
    """
    places = sorted(place_ids)
    convoys = [read_convoy(team, vehicles) for team in scenario.teams]
    speeds = extend_speeds(speeds, convoys)
    # Roads must know convoys of several classes too.
    roads = replace(roads, speeds=speeds) if roads else Roads(scenario, speeds)
    periods = [
        (state, list(days))
        for vehicle in sorted({convoy.name for convoy in convoys})
        for state, days in itertools.groupby(
            scenario.days, partial(roads.find_state, vehicle)
        )
    ]
    check_way_count(scenario, len(places), len(periods))
    travels = []
    for state, span in periods:
        travel = keep(build_travel, network, speeds, places, state, clearance)
        travels.append(PeriodTravel(span[0], span[-1], travel))
    return tuple(travels)


def build_problem(
    scenario: Scenario,
    layers: Layers,
    need: Any,
    travels: tuple[PeriodTravel, ...],
    earning: Earning = NO_EARNING,
) -> Problem:
    """Pose the problem: all that the solver may know.

    Parameters
    ----------
    scenario
        The question.
    layers
        Its layers; teams whose base does not stand are left out.
    need
        The need table of all sites, with or without the themes of a mandate.
    travels
        Travel between all sites and the bases that stand, for each period.
    earning
        What is earned on the way, along each of these.

    Raises
    ------
    ScenarioError
        If no duty window is left.
    """
    place_ids = travels[0].travel.place_ids
    conditions = read_conditions(scenario, layers.population)
    open_bases = find_open_bases(layers.bases, scenario)
    standing = set(open_bases["id"])
    if "visit" in need:
        # Else no theme was weighed: all need is that of civilians at risk.
        conditions = conditions.follow_themes(need["visit"])
    dwells_min = list_dwells(scenario, layers.population, conditions)
    opens_min, closes_min, day_starts_min = build_duty_windows(
        scenario, list_places(layers.population, open_bases), place_ids
    )
    ready = list_ready_teams(scenario, standing)
    teams = tuple(pose_teams(scenario, ready, layers.vehicles))
    barred = find_barred_sites(scenario, layers.population)
    # No budget, no hazards: nobody reads them.
    budgeted = any(team.hazard_budget < inf for team in teams)
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
                required=site.Index in conditions.required,
                beyond_base=bool(site.beyond_base),
                held_by=site.held_by,
                windows_min=_list_windows_min(scenario, conditions, site.Index),
                roles=conditions.find_roles(site.Index),
                cadence_days=conditions.find_cadence(site.Index),
                barred_by=barred.get(site.Index),
                refuels=site.Index in conditions.resupply,
            )
            for site in need.itertuples()
        ),
        bases=tuple(Base(base.id, base.name) for base in open_bases.itertuples()),
        teams=teams,
        travel=tuple(
            TravelMatrix(
                vehicle=period.travel.state.vehicle,
                valid_from=period.from_date,
                valid_to=period.to_date,
                durations_min=period.travel.durations_min,
                lengths_m=period.travel.lengths_m,
                fuels_l=period.travel.fuels_l,
                halt_blocked=period.travel.halt_blocked,
                hazards=period.travel.hazards if budgeted else None,
                waysides=ways,
            )
            for period, ways in zip(
                travels, earning.ways or [{}] * len(travels), strict=True
            )
        ),
        opens_min=opens_min,
        closes_min=closes_min,
        day_starts_min=day_starts_min,
        limits=Limits(
            break_min=scenario.movement.break_min,
            beyond_km=scenario.reach.beyond_km,
            min_share_beyond=scenario.reach.min_share_beyond,
            equity_weight=scenario.need.equity_weight,
            equity_tail=scenario.need.equity_tail,
            min_unknown_visits=scenario.need.min_unknown_visits,
            clearing_min=scenario.movement.clearing_min,
        ),
        groups=conditions.groups,
        forbidden_pairs=conditions.forbidden_pairs,
        shares=list_shares(scenario, need),
        waysides=earning.waysides,
    )


def _list_windows_min(
    scenario: Scenario, conditions: Conditions, site_id: str
) -> tuple[tuple[float, float], ...] | None:
    """Return when a visit may begin within the horizon, in minutes of the clock."""
    windows = conditions.find_windows(site_id)
    if windows is None:
        return None
    zone = ZoneInfo(scenario.timezone)
    first = datetime.combine(scenario.start, time(), zone).astimezone(UTC)
    minute = timedelta(minutes=1)
    return tuple(
        ((begins - first) / minute, (ends - first) / minute)
        for begins, ends in list_moments(windows, scenario.days, scenario.timezone)
    )
