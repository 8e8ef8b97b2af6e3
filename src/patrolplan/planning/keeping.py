"""What it is worth that a visit stays as it was planned: same site, team and day.

Each visit to be kept is a second site in the same place: it earns as much and the worth
of keeping besides, opens on its day only, and asks a role that its team alone has. Of a
site and its copies one at most is visited, as of any group. So the solver, the bound
and the schedule weigh change as they weigh everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from patrolplan.planning.problem import Group, PatrolDecision, Plan, Problem, Site
from patrolplan.planning.refusals import build_fault, refuse
from patrolplan.planning.reshaping import copy_places

__all__ = ["Keeping", "PlannedVisit", "weigh_keeping"]

_DAY_MIN = 1440.0


@dataclass(frozen=True, order=True)
class PlannedVisit:
    """A visit as it was planned: by which team, and on which day of the horizon."""

    site_id: str
    team_id: str
    day: int


@dataclass(frozen=True)
class Keeping:
    """A problem in which visits are worth keeping.

    Parameters
    ----------
    problem
        For the solver and the bound.
    copies
        By id of a copy: the visit that it stands for.
    """

    problem: Problem
    copies: Mapping[str, PlannedVisit]

    def name_sites(self, plan: Plan) -> Plan:
        """Return a plan with the sites themselves in place of their copies.

        Parameters
        ----------
        plan
            What was decided.
        """
        return Plan(
            tuple(
                PatrolDecision(
                    patrol.team_id,
                    patrol.depart_day,
                    tuple(
                        self.copies[s].site_id if s in self.copies else s
                        for s in patrol.site_ids
                    ),
                )
                for patrol in plan.patrols
            )
        )


def weigh_keeping(
    problem: Problem,
    visits: Iterable[PlannedVisit],
    worth: float,
    *,
    teams: Mapping[str, str] | None = None,
    from_min: float = 0.0,
) -> Keeping:
    """Return a problem in which each of some visits is worth more as it was planned.

    A site that may be visited more than once from ``from_min`` on is left as it is, and
    so is one that is required beside others of its group: no copy could stand for it.

    Parameters
    ----------
    problem
        What is asked.
    visits
        The visits, of each site one at most.
    worth
        What keeping one is worth, in the unit of need; 0 changes nothing.
    teams
        By id of a team: the id by which the visits know it, where it is another, as of
        a patrol under way.
    from_min
        Minute from which visits are left to decide.

    Raises
    ------
    ValueError
        If the worth is no number of at least 0, or a visit is of no site or no team.
    """
    known = {team.id: (teams or {}).get(team.id, team.id) for team in problem.teams}
    visits = sorted(set(visits))
    refuse(
        *(
            build_fault("visits", f"{visit}", "a site, a team and a day of the problem")
            for visit in visits
            if visit.site_id not in problem.site_index
            or visit.team_id not in known.values()
            or not 0 <= visit.day < problem.horizon_days
        )
    )
    if not worth:
        return Keeping(problem, {})
    end_min = float(problem.day_starts_min[-1])
    passed = {w.site_id: w.need for w in problem.waysides if w.site_id is not None}
    group_of = {s: group for group in problem.groups for s in group.site_ids}
    sites = {site.id: site for site in problem.sites}
    copies: dict[str, PlannedVisit] = {}
    for visit in visits:
        site = sites[visit.site_id]
        again_min = (site.cadence_days or np.inf) * _DAY_MIN
        if from_min + again_min <= end_min or (
            site.required and visit.site_id in group_of
        ):
            continue
        copy = _copy_site(problem, site, visit, worth, passed.get(site.id, 0.0))
        if copy is None:
            continue
        copies[copy.id] = visit
        sites[copy.id] = copy
        # The demand is the group's from now on.
        sites[site.id] = replace(site, required=False, cadence_days=None)
    if not copies:
        return Keeping(problem, {})
    numbers = [problem.place_index[visit.site_id] for visit in copies.values()]
    rows = [*range(len(problem.place_ids)), *numbers]
    roles = {team: _name_role(name) for team, name in known.items()}
    return Keeping(
        replace(
            problem,
            place_ids=(*problem.place_ids, *copies),
            sites=tuple(sites.values()),
            teams=tuple(
                replace(team, roles=(*team.roles, roles[team.id]))
                for team in problem.teams
            ),
            travel=tuple(copy_places(matrix, numbers) for matrix in problem.travel),
            opens_min=problem.opens_min[rows],
            closes_min=problem.closes_min[rows],
            groups=_join_groups(problem, copies),
            forbidden_pairs=_join_pairs(problem, copies),
        ),
        copies,
    )


def _name_role(team_id: str) -> str:
    return f"keep:{team_id}"


def _copy_site(
    problem: Problem, site: Site, visit: PlannedVisit, worth: float, passed: float
) -> Site | None:
    """Return the copy of a site that may be visited as planned; None if it may not."""
    first_min, next_min = problem.day_starts_min[visit.day : visit.day + 2]
    last_min = float(np.nextafter(next_min, 0.0))
    windows = ((0.0, last_min),) if site.windows_min is None else site.windows_min
    left = tuple(
        (max(begins, float(first_min)), min(ends, last_min))
        for begins, ends in windows
        if ends >= first_min and begins <= last_min
    )
    if not left or site.barred_by is not None:
        return None
    return replace(
        site,
        id=f"keep:{site.id}",
        # Whoever goes there passes it, and a site passed earns beside its copy.
        need=None if site.need is None else max(site.need - passed, 0.0),
        required=False,
        cadence_days=None,
        windows_min=left,
        roles=(*site.roles, _name_role(visit.team_id)),
        extra_worth=site.extra_worth + worth,
    )


def _join_groups(
    problem: Problem, copies: Mapping[str, PlannedVisit]
) -> tuple[Group, ...]:
    """Return the groups: of a site and its copy one at most is visited."""
    of_site = {visit.site_id: copy for copy, visit in copies.items()}
    groups = [
        replace(
            group,
            site_ids=(
                *group.site_ids,
                *(of_site[s] for s in group.site_ids if s in of_site),
            ),
        )
        for group in problem.groups
    ]
    grouped = {s for group in problem.groups for s in group.site_ids}
    groups += [
        Group((site, copy), problem.sites[problem.site_index[site]].required)
        for site, copy in of_site.items()
        if site not in grouped
    ]
    return tuple(groups)


def _join_pairs(
    problem: Problem, copies: Mapping[str, PlannedVisit]
) -> tuple[tuple[str, str], ...]:
    """Return the pairs that no one patrol visits, copies like the sites themselves."""
    of_site = {visit.site_id: copy for copy, visit in copies.items()}
    return tuple(
        (one, other)
        for first, second in problem.forbidden_pairs
        for one in (first, *([of_site[first]] if first in of_site else []))
        for other in (second, *([of_site[second]] if second in of_site else []))
    )
