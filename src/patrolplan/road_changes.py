"""What the state of the roads changes for a plan, against the open, dry network.

Closures, floods, rains and areas to avoid are left out in turn: so each is told with
the sites that it cuts off from the teams, or the way that it lengthens most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from math import inf
from typing import Any

import numpy as np

from patrolplan.convoys import read_convoy
from patrolplan.layers import Layers
from patrolplan.network import Cause, Network, Roads, build_travel
from patrolplan.network.arcs import find_joined
from patrolplan.network.changes import describe_cause, name_all
from patrolplan.planfile import Code, UnservedEntry
from patrolplan.planning.problem import Problem
from patrolplan.question import find_open_bases, list_ready_teams
from patrolplan.scenario import Scenario
from patrolplan.shelf import keep

__all__ = ["explain_cuts", "list_road_notices"]

# A way that grows by less than this is no news.
_NEWS_MIN = 5.0


class _Ground:
    """What one vehicle class can get to from the bases of its teams."""

    def __init__(
        self, network: Network, roads: Roads, vehicle: str, bases: tuple[str, ...]
    ) -> None:
        self.vehicle, self.bases = vehicle, bases
        self._network, self._roads = network, roads
        self._joined: dict[tuple[Cause, ...], frozenset[str]] = {}

    def find_joined(self, causes: Iterable[Cause]) -> frozenset[str]:
        """Return the places joined to any of the bases, both ways."""
        key = tuple(causes)
        if key not in self._joined:
            state = self._roads.build_state(self.vehicle, key)
            speeds = self._roads.speeds
            self._joined[key] = find_joined(self._network, speeds, state, self.bases)
        return self._joined[key]

    def find_hindrance(
        self, causes: tuple[Cause, ...], place: str
    ) -> tuple[Cause, ...] | None:
        """Return the causes that must go for a place to be joined, as few as may be.

        Of several such sets it is the one whose causes come last. None where the place
        is joined now, or would not be even if all were open and dry.
        """
        if place in self.find_joined(causes) or place not in self.find_joined(()):
            return None
        lifted = list(causes)
        for cause in causes:
            fewer = [other for other in lifted if other is not cause]
            kept = tuple(other for other in causes if other not in fewer)
            if place in self.find_joined(kept):
                lifted = fewer
        return tuple(lifted)

    def find_longest(
        self, causes: tuple[Cause, ...], without: Cause, sites: Collection[str]
    ) -> tuple[float, str, str] | None:
        """Return by how much a cause lengthens most the way from the nearest base.

        With it come the base, the nearest as the roads are, and the site.
        """
        places = [*self.bases, *(site for site in sites if site not in self.bases)]
        found = []
        for some in (causes, tuple(c for c in causes if c is not without)):
            state = self._roads.build_state(self.vehicle, some)
            travel = keep(
                build_travel, self._network, self._roads.speeds, places, state
            )
            found.append(travel.durations_min[: len(self.bases)])
        nearest_min = [durations_min.min(axis=0) for durations_min in found]
        with np.errstate(invalid="ignore"):
            more_min = nearest_min[0] - nearest_min[1]
        more_min[~np.isfinite(more_min)] = 0.0
        place = int(np.argmax(more_min))
        if more_min[place] < _NEWS_MIN:
            return None
        base = int(np.argmin(found[0][:, place]))
        return float(more_min[place]), self.bases[base], places[place]


def _list_grounds(
    scenario: Scenario, layers: Layers, network: Network, roads: Roads
) -> Iterator[_Ground]:
    """Yield what each vehicle class of the teams that may go out gets to."""
    standing = set(find_open_bases(layers.bases, scenario)["id"])
    bases: dict[str, set[str]] = {}
    for team in list_ready_teams(scenario, standing):
        convoy = read_convoy(team, layers.vehicles)
        bases.setdefault(convoy.name, set()).add(team.base)
    for vehicle in sorted(bases):
        yield _Ground(network, roads, vehicle, tuple(sorted(bases[vehicle])))


def _list_days(
    roads: Roads, vehicle: str, days: Iterable[date]
) -> Iterator[tuple[Cause, ...]]:
    """Yield the causes of each day that differ from those of the day before."""
    before = None
    for day in days:
        causes = roads.list_causes(vehicle, day)
        if causes != before:
            yield causes
        before = causes


def list_road_notices(
    scenario: Scenario, layers: Layers, network: Network, roads: Roads
) -> tuple[Code, ...]:
    """Return what closes or slows the roads in the horizon, and what that changes.

    Parameters
    ----------
    scenario, layers, network, roads
        The question as worked up.

    Returns
    -------
    For each cause what it does, as :func:`~patrolplan.network.describe_cause` tells;
    after it ``cause_cuts`` {name, cut} with the sites that it alone cuts off from every
    team of a vehicle class, or ``cause_lengthens`` {name, base_id, site_id, more_min};
    then ``causes_cut`` {names, cut} for sites that only several cut off together.
    """
    sites = sorted(layers.population["id"])
    told: dict[str, Code] = {}
    effects: dict[tuple[str, str], Code] = {}
    joint: dict[tuple[str, ...], Code] = {}
    for ground in _list_grounds(scenario, layers, network, roads):
        for causes in _list_days(roads, ground.vehicle, scenario.days):
            hindered: dict[tuple[Cause, ...], list[str]] = {}
            for site in sites:
                if causes and (found := ground.find_hindrance(causes, site)):
                    hindered.setdefault(found, []).append(site)
            for cause in causes:
                key = f"{cause.kind} {cause.id} {cause.from_date}"
                told.setdefault(key, describe_cause(cause))
                if (ground.vehicle, key) in effects:
                    continue
                effect = _describe_effect(ground, causes, cause, hindered, sites)
                if effect is not None:
                    effects[ground.vehicle, key] = effect
            for several, cut in hindered.items():
                if len(several) > 1:
                    values = {"cut": cut, **name_all(several)}
                    ids = tuple(cause.id for cause in several)
                    joint.setdefault(ids, Code(code="causes_cut", values=values))
    notices: list[Code] = []
    for key, code in told.items():
        notices.append(code)
        for (_, other), effect in effects.items():
            if other == key and effect not in notices:
                notices.append(effect)
    return (*notices, *joint.values())


def _describe_effect(
    ground: _Ground,
    causes: tuple[Cause, ...],
    cause: Cause,
    hindered: Mapping[tuple[Cause, ...], list[str]],
    sites: Collection[str],
) -> Code | None:
    """Return what a cause alone changes, None if that is no news."""
    named = {"name": cause.name, "name_fr": cause.name_fr}
    if (cause,) in hindered:
        return Code(code="cause_cuts", values={**named, "cut": hindered[cause,]})
    longest = ground.find_longest(causes, cause, sites)
    if longest is None:
        return None
    more_min, base_id, site_id = longest
    values = {"base_id": base_id, "site_id": site_id, "more_min": more_min}
    return Code(code="cause_lengthens", values={**named, **values})


def explain_cuts(
    entries: Mapping[str, UnservedEntry],
    scenario: Scenario,
    layers: Layers,
    network: Network,
    roads: Roads,
    problem: Problem,
) -> dict[str, UnservedEntry]:
    """Return why sites are left out, with what closes the way where there is none.

    Parameters
    ----------
    entries
        The reasons that planning knows, by site.
    scenario, layers, network, roads, problem
        The question as worked up.

    Returns
    -------
    The same, but that ``no_way`` becomes ``way_closed`` {name, from_date, to_date},
    ``way_closed_in_season`` {from_date, to_date} or ``ways_closed`` {names}, wherever a
    way is there when all is open and dry.
    """
    explained = dict(entries)
    lost = [site for site, entry in entries.items() if entry.reason == "no_way"]
    if not lost or not problem.teams:
        return explained
    grounds = list(_list_grounds(scenario, layers, network, roads))
    for site in lost:
        best: tuple[Cause, ...] | None = None
        for ground in grounds:
            for causes in _list_days(roads, ground.vehicle, scenario.days):
                found = ground.find_hindrance(causes, site)
                if found and len(found) < (inf if best is None else len(best)):
                    best = found
        if best is not None:
            code = _describe_hindrance(best)
            update = {"reason": code.code, "reason_values": code.values}
            explained[site] = entries[site].model_copy(update=update)
    return explained


def _describe_hindrance(causes: tuple[Cause, ...]) -> Code:
    """Return the causes that close every way somewhere, as a reason."""
    if len(causes) > 1:
        return Code(code="ways_closed", values=name_all(causes))
    values: dict[str, Any] = dict(describe_cause(causes[0]).values)
    values.pop("gauge", None)
    if causes[0].kind == "season":
        return Code(code="way_closed_in_season", values=values)
    return Code(code="way_closed", values=values)
