"""Convoys: the vehicles of a team, how fast they go together, and what they carry."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import gcd, inf
from typing import Any

import numpy as np
import pandas as pd

from patrolplan.errors import Fault
from patrolplan.figures import TeamSpec
from patrolplan.layers import Layers
from patrolplan.network.arcs import is_known_class
from patrolplan.planning.problem import Team
from patrolplan.planning.supplies import Carried, SupplyRules, count_supplied_days
from patrolplan.scenario import Scenario

__all__ = [
    "Convoy",
    "ConvoyLimits",
    "build_supply_rules",
    "extend_speeds",
    "find_convoy_faults",
    "find_lacking_teams",
    "limit_convoy",
    "pose_teams",
    "read_convoy",
    "read_convoy_speeds",
]

_METRES_PER_KM = 1000.0
_MIN_PER_HOUR = 60.0


@dataclass(frozen=True)
class Convoy:
    """The vehicles of one team.

    Parameters
    ----------
    name
        The vehicle class of its travel: that of the speeds table if all its vehicles
        move alike, else the classes with their shares, such as ``armoured:5&truck:1``.
    movers
        Vehicles of each class of the speeds table.
    types
        Vehicles of each type, in the order of their names.
    elements
        Vehicles that are an element of a convoy, by element.
    carried
        What it can carry; a part is None where one of its vehicles says nothing of it.
    seats
        People that it can carry, or None.
    """

    name: str
    movers: Mapping[str, int]
    types: Mapping[str, int]
    elements: Mapping[str, int]
    carried: Carried
    seats: int | None

    @property
    def vehicles(self) -> int:
        """How many vehicles it has."""
        return sum(self.types.values())

    def measure_column(self, spacing_m: float, speed_kmh: float) -> tuple[float, float]:
        """Return its length on the road in km, and the minutes in which it passes.

        Parameters
        ----------
        spacing_m
            Metres of road per vehicle, itself included.
        speed_kmh
            Speed at which it passes a point.

        Examples
        --------
        60 vehicles x 63 m = 3.78 km; 3.78 km / 20 km/h x 60 = 11.34 min.

        >>> column = Convoy("truck", {}, {"truck": 60}, {}, Carried(), None)
        >>> [round(figure, 2) for figure in column.measure_column(63, 20)]
        [3.78, 11.34]
        """
        length_km = self.vehicles * spacing_m / _METRES_PER_KM
        return length_km, length_km / speed_kmh * _MIN_PER_HOUR


def read_convoy(team: TeamSpec, vehicles: Any | None) -> Convoy:
    """Return the convoy of a team.

    Parameters
    ----------
    team
        A team whose vehicles were checked.
    vehicles
        The vehicles table, if any. A type that it does not have moves as the class of
        its name, and nobody knows what it carries.
    """
    table = [] if vehicles is None else vehicles.itertuples()
    rows = {row.vehicle: row for row in table}
    movers: Counter[str] = Counter()
    elements: Counter[str] = Counter()
    for kind, count in team.mix.items():
        row = rows.get(kind)
        movers[kind if row is None else row.moves_as] += count
        if row is not None and row.element is not None:
            elements[row.element] += count

    def add_up(*columns: str) -> float | None:
        total = 0.0
        for kind, count in team.mix.items():
            if kind not in rows:
                return None
            cells = [float(getattr(rows[kind], column)) for column in columns]
            # Of cargo, no figure is none carried; of a tank, it is unknown.
            if np.isnan(cells[0]):
                return None
            total += count * float(np.nansum(cells))
        return total

    seats, rations = add_up("seats"), add_up("rations")
    return Convoy(
        name=_name_convoy(movers),
        movers=dict(sorted(movers.items())),
        types=dict(sorted(team.mix.items())),
        elements=dict(sorted(elements.items())),
        carried=Carried(
            fuel_l=add_up("fuel_l", "cargo_fuel_l"),
            water_l=add_up("water_l"),
            rations=None if rations is None else int(rations),
        ),
        seats=None if seats is None else int(seats),
    )


def _name_convoy(movers: Mapping[str, int]) -> str:
    """Return the name of a mix: convoys of the same shares move and burn alike."""
    if len(movers) == 1:
        return next(iter(movers))
    share = gcd(*movers.values())
    return "&".join(
        f"{name}:{count // share}" for name, count in sorted(movers.items())
    )


def extend_speeds(speeds: Any, convoys: Iterable[Convoy]) -> Any:
    """Return the speeds table with a vehicle for each convoy of several classes.

    On each surface it is as slow as the slowest of its classes, burns what its vehicles
    burn on average, and cannot go where one of them cannot.

    Parameters
    ----------
    speeds
        The speeds table.
    convoys
        The convoys; those of one class are in it already.

    Raises
    ------
    ValueError
        If one moves as a class that the table does not have.
    """
    rows = []
    known = set(speeds["vehicle"])
    for convoy in {convoy.name: convoy for convoy in convoys}.values():
        unknown = [m for m in sorted(convoy.movers) if not is_known_class(m, speeds)]
        if unknown:
            msg = f"No speeds of {', '.join(unknown)}: is the table of vehicles given?"
            raise ValueError(msg)
        if len(convoy.movers) == 1 or convoy.name in known:
            continue
        own = speeds[speeds["vehicle"].isin(list(convoy.movers))]
        for (surface, season), group in own.groupby(["surface", "season"], sort=True):
            counts = group["vehicle"].map(dict(convoy.movers))
            if len(group) < len(convoy.movers):
                continue
            burnt = (group["fuel_l_per_100km"] * counts).sum(skipna=False)
            rows.append(
                {
                    "vehicle": convoy.name,
                    "surface": surface,
                    "season": season,
                    "speed_kmh": group["speed_kmh"].min(),
                    "fuel_l_per_100km": burnt / counts.sum(),
                }
            )
    if not rows:
        return speeds
    return pd.concat([speeds, pd.DataFrame(rows)], ignore_index=True)


def read_convoy_speeds(scenario: Scenario, layers: Layers) -> Layers:
    """Return the layers with speeds of the scenario's convoys of several classes.

    Parameters
    ----------
    scenario, layers
        The question, checked, and the layers it was read with.
    """
    convoys = [read_convoy(team, layers.vehicles) for team in scenario.teams]
    return replace(layers, speeds=extend_speeds(layers.speeds, convoys))


def find_convoy_faults(scenario: Scenario, layers: Layers) -> Iterator[Fault]:
    """Yield teams with vehicles that no table has.

    Parameters
    ----------
    scenario, layers
        The question, and the layers it was read with.
    """
    file = scenario.path.name or scenario.name
    movers = set(layers.speeds["vehicle"])
    known = sorted(movers | set(layers.vehicles["vehicle"]))
    for team in scenario.teams:
        field = "vehicles" if isinstance(team.vehicles, dict) else "vehicle"
        for kind in team.mix:
            if kind in known or is_known_class(kind, layers.speeds):
                continue
            near = difflib.get_close_matches(kind, known, n=3)
            cause = f"near: {', '.join(near)}" if near else "a slip of spelling"
            table = "the vehicles or the speeds table"
            yield Fault(
                file,
                f"team {team.id!r}, {field}",
                f"found {kind!r}",
                f"expected a vehicle of {table}: {', '.join(known)}",
                cause,
            )


def find_lacking_teams(scenario: Scenario, vehicles: Any) -> dict[str, tuple[str, ...]]:
    """Return the teams that lack an element of a convoy, and which.

    Too few vehicles are told as the element ``vehicles``. Boats are left out: nobody
    tows a boat by road.

    Parameters
    ----------
    scenario
        The question.
    vehicles
        The vehicles table.
    """
    figures = scenario.supplies
    lacking = {}
    for team in scenario.teams:
        convoy = read_convoy(team, vehicles)
        few = ["vehicles"] if convoy.vehicles < figures.min_vehicles else []
        missing = [e for e in figures.elements if e not in convoy.elements]
        if convoy.name == "boat":
            missing = []
        if few or missing:
            lacking[team.id] = (*few, *missing)
    return lacking


def build_supply_rules(scenario: Scenario) -> SupplyRules:
    """Return the scenario's figures as planning reads them.

    Parameters
    ----------
    scenario
        The scenario.
    """
    patrols, supplies = scenario.patrols, scenario.supplies
    return SupplyRules(
        fuel_reserve_share=patrols.fuel_reserve_share,
        water_hot_l=patrols.water_hot_l,
        water_cool_l=patrols.water_cool_l,
        water_reserve_share=patrols.water_reserve_share,
        water_reserve_vehicle_l=patrols.water_reserve_vehicle_l,
        hot_months=patrols.hot_months,
        ration_packs=supplies.ration_packs,
        ration_reserve_days=supplies.ration_reserve_days,
    )


@dataclass(frozen=True)
class ConvoyLimits:
    """What supplies let a patrol of one team do.

    Parameters
    ----------
    max_days
        Days that it may be out: the team's, or fewer.
    bound_by
        ``water`` or ``rations`` where that is why, else "".
    fuel_budget_l
        Litres that each vehicle may burn between two fills; inf where none is known.
    """

    max_days: int
    bound_by: str
    fuel_budget_l: float


def limit_convoy(scenario: Scenario, team: TeamSpec, convoy: Convoy) -> ConvoyLimits:
    """Return what supplies let a patrol do, whenever it leaves.

    Water is for the thirstiest days in a row within the horizon: exact in months that
    are all hot or all cool, and on the safe side where the season turns within them.

    Parameters
    ----------
    scenario, team, convoy
        The question, who goes, and with what.
    """
    rules, carried = build_supply_rules(scenario), convoy.carried
    budget_l = inf
    if scenario.supplies.fuel_binds and carried.fuel_l is not None:
        usable_l = carried.fuel_l / (1 + rules.fuel_reserve_share)
        budget_l = usable_l / convoy.vehicles
    if not scenario.supplies.water_binds:
        return ConvoyLimits(team.max_days, "", budget_l)
    days = {
        what: count_supplied_days(
            rules, team.people, convoy.vehicles, scenario.days, only, team.max_days
        )
        for what, only in (
            ("water", Carried(water_l=carried.water_l)),
            ("rations", Carried(rations=carried.rations)),
        )
    }
    least = min(days, key=lambda what: days[what])
    if days[least] >= team.max_days:
        return ConvoyLimits(team.max_days, "", budget_l)
    return ConvoyLimits(days[least], least, budget_l)


def pose_teams(
    scenario: Scenario, specs: Iterable[TeamSpec], vehicles: Any
) -> Iterator[Team]:
    """Yield teams as a problem has them, within what their convoys can do.

    Left out are those whose supplies last for no patrol, and those that lack an element
    of a convoy where that is a limit.

    Parameters
    ----------
    scenario
        The question.
    specs
        Its teams that may go out.
    vehicles
        The vehicles table.
    """
    kept_home: Mapping[str, object] = {}
    if scenario.supplies.elements_rule == "limit":
        kept_home = find_lacking_teams(scenario, vehicles)
    for spec in specs:
        convoy = read_convoy(spec, vehicles)
        limits = limit_convoy(scenario, spec, convoy)
        if spec.id in kept_home or limits.max_days < scenario.patrols.min_days:
            continue
        yield Team(
            id=spec.id,
            base_id=spec.base,
            vehicle=convoy.name,
            vehicles=convoy.vehicles,
            people=spec.people,
            min_days=scenario.patrols.min_days,
            max_days=limits.max_days,
            rest_days=spec.rest_days,
            range_km=spec.range_km,
            roles=spec.roles,
            hazard_budget=inf if spec.hazard_budget is None else spec.hazard_budget,
            fuel_budget_l=limits.fuel_budget_l,
            ready_day=0
            if spec.ready_from is None
            else max(0, (spec.ready_from - scenario.start).days),
        )
