"""Why sites are left out of a plan, what that would cost to change, and how."""

from __future__ import annotations

from typing import Any

from patrolplan.planfile import Code, UnservedEntry
from patrolplan.planning.clock import Failure
from patrolplan.planning.extension import find_extension
from patrolplan.planning.grids import can_bound
from patrolplan.planning.inquiry import Inquiry
from patrolplan.planning.openings import Opening, Openings, Solo
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Plan, Problem, Site
from patrolplan.planning.search import share_out
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution

__all__ = ["find_reasons"]

_METRES_PER_KM = 1000.0
# Which failure says most, where a site cannot be reached at all.
_TELLING: tuple[Failure, ...] = ("dwell_too_long", "no_halt", "beyond_horizon")
# Two plans this near, as a share of their need, are as good as each other.
_EQUAL = 1e-6
# A price is known well enough this near to its bound, as a share of the plan's need.
_WITHIN = 1e-5
# Labels of the pricing that all prices may take, and before they are known but roughly,
# in a few rounds each: a bound on time that is the same on every machine.
_MOST_LABELS, _EXACT_LABELS = 6_000_000, 3_000_000
_ROUGHLY, _ROUNDS = 1e-3, 12
# Up to this share of its range a team is rather given more range than more days.
_LITTLE_RANGE = 0.1


def find_reasons(
    problem: Problem,
    plan: Plan,
    solution: Solution | None = None,
    *,
    effort: float = 1.0,
    workers: int = DEFAULT_WORKERS,
) -> dict[str, UnservedEntry]:
    """Return for each site without a visit why, and what would serve it.

    Reasons, the first that holds:

    * ``visit_may_harm`` or ``liaison_refused`` {}: the site is barred.
    * ``surgery_too_far``, ``surgery_too_far_by_night`` or ``surgery_too_far_on_way``
      {}: the casualty clock is a limit, and cuts the site off.
    * ``held_by_base`` {base_id}: a base holds the place day by day.
    * ``no_team`` {}: there is no team at all.
    * ``no_way`` {}: no team's base is joined to it both ways.
    * ``dwell_too_long`` {dwell_min, window_min}: no day is long enough.
    * ``no_halt`` {}: a stretch without halts is longer than any day.
    * ``window_missed`` {}: no patrol can be there when a visit may begin.
    * ``beyond_horizon`` {}: a patrol there does not fit into the horizon.
    * ``out_of_range`` {missing_km, team_id}: beyond every team's range.
    * ``too_many_days`` {missing_days, team_id}: a patrol to it alone takes longer
      than the days of any team within range.
    * ``hazard_exceeded`` {team_id}: more hazard than any such team may drive through.
    * ``fuel_exceeded`` {team_id, missing_l}: more fuel than any such team may burn.
    * ``role_missing`` {roles}: no team that gets there has the roles asked for.
    * ``need_unknown`` {} or ``need_zero`` {}: a visit would earn nothing known.
    * ``group_served`` {other_id}: of its group another site is visited.
    * ``not_planned`` {}: there is room, but the plan does not use it; or a better plan
      goes there.
    * ``equally_good`` {dropped, gained, team_id, depart_day}: a plan that goes there
      is as good.
    * ``equity_first`` {more_need, dropped, gained, team_id, depart_day}: where equity
      is weighed in, a plan that goes there meets so much more need.
    * ``priced_out`` {lost_need, surely_lost_need, dropped, gained, team_id,
      depart_day}: the best plan that goes there, with that team on that day, is worth
      so much less. It leaves out the sites dropped and visits those gained besides.
      ``lost_need`` is that of a plan that was found; none loses less than
      ``surely_lost_need``.
    * ``no_time_left`` {extra_days, team_id}: where no price is known, the patrols are
      full; so many more days for that team would do, or None where no days would.

    Changes, each found by running the changed patrol through the clock, and each
    enough to serve the site without giving up another:
    ``add_visit`` {team_id, depart_day}, ``add_role`` {team_id, role},
    ``raise_range_km`` {team_id, missing_km}, ``carry_fuel`` {team_id, missing_l},
    ``add_days`` {team_id, days},
    ``extend_horizon`` {team_id, days}: so many days more than there are, each like the
    last, if none of the others would do;
    ``add_patrol`` {base_id, vehicle, days, besides}: one more team like those there,
    which visits those sites besides, if any, lest it be home too soon; None where no
    single one of them would serve the site.

    Parameters
    ----------
    problem
        What was asked.
    plan
        What was decided.
    solution
        If the plan is its plan, sites are given prices.
    effort
        How much work the prices may take, 0 to 1: a hasty plan needs none that took
        longer than itself.
    workers
        Side by side; nothing hangs on it but time.
    """
    visited = {site for patrol in plan.patrols for site in patrol.site_ids}
    openings = Openings(problem, plan)
    prices = None
    if solution is not None and solution.plan == plan and problem.teams:
        posed = Posed(problem)
        if can_bound(posed):
            prices = _Prices(posed, solution, effort, workers)
    entries = {}
    # What is known best of large problems is what matters most.
    for site in sorted(problem.sites, key=lambda site: -(site.need or 0.0)):
        if site.id not in visited:
            reason, change = _explain(openings, site, visited, prices)
            entries[site.id] = UnservedEntry(
                site_id=site.id,
                need=site.need,
                reason=reason.code,
                reason_values=reason.values,
                nearest_change=change,
            )
    return {site.id: entries[site.id] for site in problem.sites if site.id in entries}


class _Prices:
    """What it costs to force a site into the best plan."""

    def __init__(
        self, posed: Posed, solution: Solution, effort: float, workers: int
    ) -> None:
        problem = posed.problem
        self._problem, self._solution = problem, solution
        self._most, self._exact = effort * _MOST_LABELS, effort * _EXACT_LABELS
        self._posed = posed
        self._inquiry = Inquiry(self._posed, solution.patrols, workers=workers)
        self._visited = {
            problem.place_index[site]
            for patrol in solution.plan.patrols
            for site in patrol.site_ids
        }

    def find_price(self, place: int) -> Code | None:
        """Return the price of a site as a reason, or None if it is not known."""
        posed, inquiry = self._posed, self._inquiry
        if place not in posed.places or inquiry.labels >= self._most:
            return None
        if inquiry.labels < self._exact:
            answer = inquiry.ask(forced=[place], within=_WITHIN)
        else:
            answer = inquiry.ask(
                forced=[place], within=_ROUGHLY, rounds=_ROUNDS, prove=False
            )
        if not answer.complete:
            return None
        best = self._solution.need
        lost = best - answer.need
        fairer = self._problem.limits.equity_weight > 0.0 and self._problem.shares
        if lost < -_EQUAL * best and not fairer:
            return Code(code="not_planned")
        chains = share_out(posed, answer.patrols)
        team, patrol = next(
            (team, patrol)
            for team, chain in enumerate(chains)
            for patrol in chain
            if place in patrol.places
        )
        gained = answer.places - self._visited - {place}
        values: dict[str, Any] = {
            "dropped": self._list_ids(self._visited - answer.places),
            "gained": self._list_ids(gained),
            "team_id": self._problem.teams[team].id,
            "depart_day": patrol.depart_day,
        }
        if lost < -_EQUAL * best:
            return Code(code="equity_first", values={"more_need": -lost, **values})
        if lost <= _EQUAL * best:
            return Code(code="equally_good", values=values)
        sure = max(0.0, min(lost, best - answer.bound))
        return Code(
            code="priced_out",
            values={"lost_need": lost, "surely_lost_need": sure, **values},
        )

    def _list_ids(self, places: frozenset[int] | set[int]) -> list[str]:
        return [self._problem.place_ids[place] for place in sorted(places)]


def _explain(
    openings: Openings, site: Site, visited: set[str], prices: _Prices | None
) -> tuple[Code, Code | None]:
    problem = openings.problem
    if site.barred_by is not None:
        return Code(code=site.barred_by), None
    if site.held_by is not None and not site.required:
        return Code(code="held_by_base", values={"base_id": site.held_by}), None
    if not problem.teams:
        return Code(code="no_team"), None
    place = problem.place_index[site.id]
    solos: list[Solo] = []
    failures: set[Failure] = set()
    for team in openings.kinds:
        found = openings.find_solo(team, place, site.roles)
        if isinstance(found, Solo):
            solos.append(found)
        else:
            failures |= found
    if not solos and site.cut_off_by is not None:
        return Code(code=site.cut_off_by), None
    if not solos:
        reason = _name_hindrance(openings, place, failures)
        if reason.code != "beyond_horizon":
            return reason, None
        return reason, find_extension(openings, place, site.roles)
    in_reach = [solo for solo in solos if not solo.missing_m and not solo.missing_days]
    if not in_reach:
        return _explain_shortfall(solos)
    safe = [solo for solo in in_reach if not solo.is_hazardous]
    if not safe:
        team_id = min(in_reach, key=lambda solo: (solo.days, solo.team.id)).team.id
        return Code(code="hazard_exceeded", values={"team_id": team_id}), None
    fuelled = [solo for solo in safe if not solo.missing_l]
    if not fuelled:
        dry = min(safe, key=lambda solo: (solo.missing_l, solo.team.id))
        values = {"team_id": dry.team.id, "missing_l": dry.missing_l}
        more = Code(code="carry_fuel", values=values)
        return Code(code="fuel_exceeded", values=values), more
    able = [solo for solo in fuelled if not solo.missing_roles]
    if not able:
        return _explain_roles(fuelled)
    if not site.required and site.need is None:
        return Code(code="need_unknown"), None
    if not site.required and site.need == 0:
        return Code(code="need_zero"), None
    for group in problem.groups:
        if site.id in group.site_ids:
            for other in group.site_ids:
                if other in visited:
                    values = {"other_id": other}
                    return Code(code="group_served", values=values), None
    return _explain_choice(openings, site, able, visited, prices)


def _explain_choice(
    openings: Openings,
    site: Site,
    able: list[Solo],
    visited: set[str],
    prices: _Prices | None,
) -> tuple[Code, Code | None]:
    """Return why a site that could be visited is not, and what would change it."""
    problem = openings.problem
    place = problem.place_index[site.id]
    found = list(openings.list_openings(place, site.roles))
    # What is within all limits but for a day or two.
    longer = min((o for o in found if not o.extra_m and not o.role), default=None)
    if longer is not None and longer.extra_days == 0:
        where = {"team_id": longer.team_id, "depart_day": longer.depart_day}
        return Code(code="not_planned"), Code(code="add_visit", values=where)
    besides = [
        other
        for other in problem.sites
        if other.id not in visited
        and other.need
        and other.held_by is None
        and other.barred_by is None
    ]
    change = _find_nearest(
        openings, found, longer, _find_patrol(openings, place, able, besides)
    ) or find_extension(openings, place, site.roles)
    reason = None if prices is None else prices.find_price(place)
    if reason is None:
        values = {
            "extra_days": None if longer is None else longer.extra_days,
            "team_id": None if longer is None else longer.team_id,
        }
        reason = Code(code="no_time_left", values=values)
    return reason, change


def _find_patrol(
    openings: Openings, place: int, able: list[Solo], besides: list[Site]
) -> Code | None:
    """Return the shortest patrol of one more team that serves a site."""
    problem = openings.problem
    grouped = {site for group in problem.groups for site in group.site_ids}
    found: list[tuple[int, str, str, Code]] = []
    for solo in able:
        team = solo.team
        # Seldom asked for: only where a patrol would be home too soon.
        spare = (
            problem.place_index[other.id]
            for other in besides
            if other.id not in grouped and set(other.roles) <= set(team.roles)
        )
        patrol = openings.find_patrol(team, place, spare)
        if patrol is not None:
            days, places = patrol
            values: dict[str, Any] = {
                "base_id": team.base_id,
                "vehicle": team.vehicle,
                "days": days,
            }
            if len(places) > 1:
                values["besides"] = [problem.place_ids[p] for p in places if p != place]
            code = Code(code="add_patrol", values=values)
            found.append((days, team.base_id, team.id, code))
    return min(found, key=lambda entry: entry[:3])[3] if found else None


def _find_nearest(
    openings: Openings,
    found: list[Opening],
    longer: Opening | None,
    patrol: Code | None,
) -> Code | None:
    """Return the smallest change that serves a site."""
    skilled = min((o for o in found if o.role), default=None)
    if skilled is not None:
        values: dict[str, Any] = {"team_id": skilled.team_id, "role": skilled.role}
        return Code(code="add_role", values=values)
    teams = {team.id: team for team in openings.problem.teams}
    farther = min(
        (o for o in found if o.extra_m),
        key=lambda o: (o.extra_m, o.team_id, o.depart_day),
        default=None,
    )
    raised = None
    if farther is not None:
        more_km = farther.extra_m / _METRES_PER_KM
        values = {"team_id": farther.team_id, "missing_km": more_km}
        raised = Code(code="raise_range_km", values=values)
        if more_km <= _LITTLE_RANGE * teams[farther.team_id].range_km:
            return raised
    if longer is not None and (
        patrol is None or longer.extra_days <= patrol.values["days"]
    ):
        values = {"team_id": longer.team_id, "days": longer.extra_days}
        return Code(code="add_days", values=values)
    return patrol if raised is None else raised


def _explain_roles(solos: list[Solo]) -> tuple[Code, Code | None]:
    """Return the roles that the team lacks that lacks fewest."""
    best = min(solos, key=lambda s: (len(s.missing_roles), s.days, s.team.id))
    reason = Code(code="role_missing", values={"roles": list(best.missing_roles)})
    if len(best.missing_roles) > 1:
        return reason, None
    values = {"team_id": best.team.id, "role": best.missing_roles[0]}
    return reason, Code(code="add_role", values=values)


def _name_hindrance(openings: Openings, place: int, failures: set[Failure]) -> Code:
    """Return why no patrol of any length or duration gets there and back."""
    clock = openings.clock
    if "dwell_too_long" not in failures and openings.misses_windows(place):
        return Code(code="window_missed")
    for failure in _TELLING:
        if failure in failures:
            values = {}
            if failure == "dwell_too_long":
                values = {
                    "dwell_min": clock.dwells_min[place],
                    "window_min": clock.longest_min[place],
                }
            return Code(code=failure, values=values)
    return Code(code="no_halt" if "no_start" in failures else "no_way")


def _explain_shortfall(solos: list[Solo]) -> tuple[Code, Code | None]:
    """Return what the team lacks that lacks least; roles and hazard are left aside."""
    bare = [solo for solo in solos if not solo.missing_roles and not solo.is_hazardous]
    in_range = [solo for solo in solos if not solo.missing_m]
    if in_range:
        best = min(in_range, key=lambda solo: (solo.missing_days, solo.team.id))
        values: dict[str, Any] = {
            "missing_days": best.missing_days,
            "team_id": best.team.id,
        }
        reason = Code(code="too_many_days", values=values)
        ready = [solo for solo in in_range if solo in bare]
        if not ready:
            return reason, None
        best = min(ready, key=lambda solo: (solo.missing_days, solo.team.id))
        values = {"team_id": best.team.id, "days": best.missing_days}
        return reason, Code(code="add_days", values=values)
    best = min(solos, key=lambda solo: (solo.missing_m, solo.team.id))
    values = {"missing_km": best.missing_m / _METRES_PER_KM, "team_id": best.team.id}
    reason = Code(code="out_of_range", values=values)
    in_time = [solo for solo in bare if not solo.missing_days]
    if not in_time:
        return reason, None
    best = min(in_time, key=lambda solo: (solo.missing_m, solo.team.id))
    values = {"team_id": best.team.id, "missing_km": best.missing_m / _METRES_PER_KM}
    return reason, Code(code="raise_range_km", values=values)
