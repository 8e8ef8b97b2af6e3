"""What a scenario asks of sites, by the ids of its layers; and what cannot be met."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from patrolplan.choices import VisitChoice
from patrolplan.errors import Fault, OverloadError, RouteError
from patrolplan.layers import Layers
from patrolplan.layers.names import find_place_id
from patrolplan.need import ThemeVisit
from patrolplan.network.arcs import is_known_class
from patrolplan.planning.capacity import find_overload
from patrolplan.planning.problem import Group, Problem
from patrolplan.scenario import Scenario
from patrolplan.windows import Window, list_moments, read_window

__all__ = [
    "Conditions",
    "find_broken_conditions",
    "find_unknown_names",
    "list_dwells",
    "read_conditions",
    "refuse_overload",
]


@dataclass(frozen=True)
class Conditions:
    """What a scenario asks of sites, each by its id.

    Parameters
    ----------
    required
        Sites that must be visited.
    visits
        How some sites are visited.
    groups, forbidden_pairs
        As a problem holds them.
    themes
        What the themes of the mandate ask of a visit, where the scenario says nothing.
    """

    required: frozenset[str]
    visits: Mapping[str, VisitChoice]
    groups: tuple[Group, ...]
    forbidden_pairs: tuple[tuple[str, str], ...]
    themes: Mapping[str, ThemeVisit] = field(default_factory=dict)

    def follow_themes(self, visits: Mapping[str, ThemeVisit | None]) -> Conditions:
        """Return these with what the themes ask, where the scenario says nothing.

        Parameters
        ----------
        visits
            By site; None where no theme asks anything.
        """
        themes = {str(site): visit for site, visit in visits.items() if visit}
        return replace(self, themes=themes)

    def find_roles(self, site_id: str) -> tuple[str, ...]:
        """Return the roles that a team must have to visit a site."""
        return self.visits[site_id].roles if site_id in self.visits else ()

    def find_cadence(self, site_id: str) -> float | None:
        """Return the days in which a site's need grows back, None for never."""
        if site_id in self.visits and self.visits[site_id].cadence_days is not None:
            return self.visits[site_id].cadence_days
        return self.themes[site_id].cadence_days if site_id in self.themes else None

    def find_windows(self, site_id: str) -> tuple[Window, ...] | None:
        """Return the windows of a site, None if a visit may begin at any time."""
        visit = self.visits.get(site_id)
        if visit is None or visit.windows is None:
            return self.themes[site_id].windows if site_id in self.themes else None
        return tuple(read_window(text) for text in visit.windows)


def read_conditions(scenario: Scenario, population: Any) -> Conditions:
    """Return what a scenario asks of sites, its names resolved.

    Parameters
    ----------
    scenario
        A scenario whose names were checked.
    population
        The layer of sites.
    """

    def find(name: str) -> str:
        return find_place_id(population, name)

    sites = scenario.sites
    visits = {find(visit.site): visit for visit in sites.visits}
    required = {find(name) for name in sites.required}
    return Conditions(
        required=frozenset(required | {s for s, v in visits.items() if v.required}),
        visits=visits,
        groups=tuple(
            Group(tuple(find(name) for name in group.sites), group.required)
            for group in sites.groups
        ),
        forbidden_pairs=tuple((find(a), find(b)) for a, b in sites.forbidden_pairs),
    )


def list_dwells(
    scenario: Scenario, population: Any, conditions: Conditions
) -> dict[str, float]:
    """Return how long a visit to each site takes, by what its people are counted in.

    A figure that does not say what it counts may be a commune's: its site is visited
    like one, lest a plan promise too much. A place without a figure is a village. What
    the scenario sets for a site goes before both.

    Parameters
    ----------
    scenario, population, conditions
        The question, its sites, and what it asks of them.
    """
    figures = scenario.patrols
    dwells = {
        site.id: figures.dwell_min
        if site.population_scope == "town" or np.isnan(site.population)
        else figures.dwell_commune_min
        for site in population.itertuples()
    }
    # The themes go side by side: the longest says how long.
    for site_id, asked in conditions.themes.items():
        dwells[site_id] = max(dwells[site_id], asked.minutes)
    own = {
        site: visit.dwell_min
        for site, visit in conditions.visits.items()
        if visit.dwell_min is not None
    }
    return dwells | own


def _name_file(scenario: Scenario) -> str:
    return scenario.path.name or scenario.name


def find_unknown_names(scenario: Scenario, layers: Layers) -> Iterator[Fault]:
    """Yield every name in a scenario that nothing in its layers bears.

    Parameters
    ----------
    scenario, layers
        The question, and the layers it was read with.
    """
    file = _name_file(scenario)
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
        if not is_known_class(team.vehicle, layers.speeds):
            kind = f"a vehicle of the speeds table: {', '.join(vehicles)}"
            yield miss(f"{where}, vehicle", team.vehicle, vehicles, kind)
    for base in scenario.bases.closed:
        if base not in base_ids:
            yield miss("bases.closed", base, base_ids, "the id of a base")
    for closure in scenario.closures:
        if closure.line not in line_ids:
            yield miss("lines.closed", closure.line, line_ids, "the id of a line")
    rows = list(layers.flood["id"])
    for row in scenario.lines.lifted:
        if row not in rows:
            yield miss("lines.lifted", row, rows, "the id of a flood calendar row")
    for number, presence in enumerate(scenario.lines.presence):
        if presence.line not in line_ids:
            where = f"lines.presence.{number}.line"
            yield miss(where, presence.line, line_ids, "the id of a line")
    for where, name in _list_site_names(scenario):
        try:
            find_place_id(layers.population, name)
        except RouteError as error:
            expected = "expected a site's id or name"
            yield Fault(file, where, f"found {name!r}", expected, str(error))


def _list_site_names(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield where a site is named, and how."""
    sites = scenario.sites
    yield from (("sites.required", name) for name in sites.required)
    for number, visit in enumerate(sites.visits):
        yield f"sites.visits.{number}.site", visit.site
    for number, group in enumerate(sites.groups):
        yield from ((f"sites.groups.{number}.sites", name) for name in group.sites)
    for number, pair in enumerate(sites.forbidden_pairs):
        yield from ((f"sites.forbidden_pairs.{number}", name) for name in pair)


def find_broken_conditions(
    scenario: Scenario, layers: Layers, standing: Collection[str]
) -> Iterator[Fault]:
    """Yield what a scenario asks of sites that contradicts itself or its teams.

    Names that nothing bears are passed over: :func:`find_unknown_names` yields them.

    Parameters
    ----------
    scenario, layers
        The question, and the layers it was read with.
    standing
        Ids of the bases that are open.
    """
    file = _name_file(scenario)
    known: dict[str, str] = {}
    for _, name in _list_site_names(scenario):
        try:
            known[name] = find_place_id(layers.population, name)
        except RouteError:
            continue
    sites = scenario.sites
    visited: dict[str, int] = {}
    required = {known[name] for name in sites.required if name in known}
    for number, visit in enumerate(sites.visits):
        if (site := known.get(visit.site)) is None:
            continue
        if site in visited:
            yield Fault(
                file,
                f"sites.visits.{number}.site",
                f"{site!r} again, as in sites.visits.{visited[site]}",
                "one entry for each site",
                "two names of one place, or an entry copied",
            )
        visited.setdefault(site, number)
        if visit.required:
            required.add(site)
    yield from _find_broken_groups(scenario, file, known, required)
    for number, pair in enumerate(sites.forbidden_pairs):
        ids = [known.get(name, name) for name in pair]
        if ids[0] == ids[1]:
            yield Fault(
                file,
                f"sites.forbidden_pairs.{number}",
                f"{ids[0]!r} twice",
                "two sites",
                "two names of one place",
            )
    yield from _find_missing_roles(scenario, file, known, required, standing)
    for number, visit in enumerate(sites.visits):
        if known.get(visit.site) not in required or visit.windows is None:
            continue
        windows = [read_window(text) for text in visit.windows]
        if not list_moments(windows, scenario.days, scenario.timezone):
            yield Fault(
                file,
                f"sites.visits.{number}.windows",
                f"{visit.site!r} must be visited, and no window lies within the days",
                f"a window from {scenario.days[0]} to {scenario.days[-1]}",
                "dates of another year, or a horizon without that weekday",
            )


def _find_broken_groups(
    scenario: Scenario, file: str, known: Mapping[str, str], required: set[str]
) -> Iterator[Fault]:
    """Yield groups that choose nothing, share a site, or leave no choice."""
    grouped: dict[str, int] = {}
    for number, group in enumerate(scenario.sites.groups):
        where = f"sites.groups.{number}.sites"
        # A name that nothing bears is a site of its own until it is mended.
        ids = [known.get(name, name) for name in group.sites]
        for site in sorted({site for site in ids if ids.count(site) > 1}):
            cause = "two names of one place"
            yield Fault(file, where, f"{site!r} twice", "each site once", cause)
        for site in sorted(set(ids) & grouped.keys()):
            found = f"{site!r}, which is in sites.groups.{grouped[site]} too"
            cause = "groups that should be one"
            yield Fault(file, where, found, "a site in one group at most", cause)
        must = sorted(required.intersection(ids))
        if len(must) > 1:
            yield Fault(
                file,
                where,
                f"{len(must)} sites that must be visited: {', '.join(must)}",
                "one at most, as a plan visits one site of a group",
                "a site required by mistake, or a group too wide",
            )
        grouped |= dict.fromkeys(ids, number)


def _find_missing_roles(
    scenario: Scenario,
    file: str,
    known: Mapping[str, str],
    required: set[str],
    standing: Collection[str],
) -> Iterator[Fault]:
    """Yield sites that must be visited, by roles that no team can bring."""
    teams = [set(team.roles) for team in scenario.teams if team.base in standing]
    for number, visit in enumerate(scenario.sites.visits):
        asked = set(visit.roles)
        must = known.get(visit.site) in required
        if not asked or not must or any(asked <= team for team in teams):
            continue
        nobody = sorted(asked.difference(*teams))
        bears = " and ".join(nobody or sorted(asked))
        yield Fault(
            file,
            f"sites.visits.{number}.roles",
            f"{visit.site!r} must be visited, and no team has {bears}",
            "one team that has every role asked, at an open base",
            "a slip of spelling, or the role is left out of its team",
        )


def refuse_overload(scenario: Scenario, problem: Problem) -> None:
    """Refuse required visits that are provably more work than the teams can do.

    Parameters
    ----------
    scenario, problem
        The question, and the problem it was worked up to.

    Raises
    ------
    OverloadError
        With the minutes needed, those there are, and the shortfall.
    """
    overload = find_overload(problem)
    if overload is None:
        return
    dwell, driving = overload.dwell_min, overload.driving_min
    fault = Fault(
        _name_file(scenario),
        "sites.required, sites.visits",
        f"required visits that take at least {dwell + driving:,.0f} min "
        f"({dwell:,.0f} of dwell, {driving:,.0f} of driving)",
        f"at most {overload.available_min:,.0f} min, all duty minutes in "
        f"{problem.horizon_days} days of teams: {len(problem.teams)}; "
        f"{overload.missing_min:,.0f} min are missing",
        "too many required sites, or dwells in another unit",
    )
    raise OverloadError([fault])
