"""Planners to compare with, over the same duty clock: two naive ones and the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise, permutations

from patrolplan.planning.clock import PatrolValue, evaluate_patrol
from patrolplan.planning.problem import PatrolDecision, Plan, Problem, Site, Team
from patrolplan.planning.schedule import build_schedule


def plan_nearest_neighbour(problem: Problem) -> Plan:
    """Each patrol drives to the nearest site left, as long as it can get home."""

    def extend(team, day, sites, left):
        here = problem.place_index[sites[-1] if sites else team.base_id]
        matrix = problem.find_travel(team.vehicle, day)
        order = sorted(
            left,
            key=lambda s: (matrix.durations_min[here, problem.place_index[s]], s),
        )
        for site in order:
            if can_run(problem, team, day, (*sites, site)):
                return (*sites, site)
        return None

    return _plan(problem, extend)


def plan_shortest_loop(problem: Problem) -> Plan:
    """Each patrol grows by the site that lengthens its loop least."""

    def extend(team, day, sites, left):
        matrix = problem.find_travel(team.vehicle, day)
        index = problem.place_index

        def measure(order):
            stops = [index[p] for p in (team.base_id, *order, team.base_id)]
            return sum(matrix.lengths_m[a, b] for a, b in pairwise(stops))

        ways = sorted(
            (measure((*sites[:at], site, *sites[at:])), site, at)
            for site in left
            for at in range(len(sites) + 1)
        )
        for _, site, at in ways:
            order = (*sites[:at], site, *sites[at:])
            if can_run(problem, team, day, order):
                return order
        return None

    return _plan(problem, extend)


def _plan(problem: Problem, extend) -> Plan:
    left = {site.id for site in problem.sites if site.need and site.held_by is None}
    days = {team.id: 0 for team in problem.teams}
    patrols = []
    for _ in range(problem.horizon_days):
        for team in problem.teams:
            day, sites = days[team.id], ()
            while day < problem.horizon_days:
                longer = extend(team, day, sites, left - set(sites))
                if longer is None:
                    break
                sites = longer
            if not sites:
                continue
            value = evaluate_patrol(problem, team, day, sites)
            if value.failure is not None:
                days[team.id] = problem.horizon_days
                continue
            patrols.append(PatrolDecision(team.id, day, sites))
            left -= set(sites)
            days[team.id] = value.return_day + 1 + team.rest_days
    return Plan(tuple(patrols))


def can_run(problem: Problem, team: Team, day: int, sites: tuple[str, ...]) -> bool:
    value: PatrolValue = evaluate_patrol(problem, team, day, sites)
    return value.failure in (None, "too_few_days")


def find_best_need(problem: Problem) -> float:
    """Return the most need any plan earns, by trying all; for at most seven sites.

    Needs must not grow back.
    """
    sites = [site for site in problem.sites if site.need and site.held_by is None]
    needs = {site.id: site.need for site in sites}
    return find_best_worth(
        problem, sites, lambda visited: sum(needs[site] for site in visited)
    )


def find_best_worth(
    problem: Problem,
    sites: Sequence[Site],
    measure: Callable[[tuple[str, ...]], float],
) -> float:
    """Return the most that any plan is worth by what sites it visits, by trying all.

    For at most seven sites, each visited once. For a team, a day and a set of sites
    only the earliest return matters, since a later free day is never better than
    waiting.
    """
    whole = (1 << len(sites)) - 1
    worths = [
        measure(tuple(site.id for i, site in enumerate(sites) if mask >> i & 1))
        for mask in range(whole + 1)
    ]

    bit = {site.id: 1 << i for i, site in enumerate(sites)}
    groups = [sum(bit.get(site, 0) for site in g.site_ids) for g in problem.groups]
    pairs = [sum(bit.get(site, 0) for site in pair) for pair in problem.forbidden_pairs]

    def is_allowed(used: int) -> bool:
        return all((used & group).bit_count() <= 1 for group in groups)

    @cache
    def find_return(number: int, day: int, mask: int) -> int | None:
        team = problem.teams[number]
        chosen = [site.id for i, site in enumerate(sites) if mask >> i & 1]
        if any((mask & pair).bit_count() > 1 for pair in pairs):
            return None
        for i, site in enumerate(sites):
            if mask >> i & 1 and not set(site.roles) <= set(team.roles):
                return None
        days = [
            value.return_day
            for order in permutations(chosen)
            if (value := evaluate_patrol(problem, team, day, order)).failure is None
        ]
        return min(days, default=None)

    @cache
    def find_rest(number: int, day: int, used: int) -> float:
        if number == len(problem.teams):
            return worths[used]
        if day >= problem.horizon_days:
            return find_rest(number + 1, 0, used)
        best = find_rest(number, day + 1, used)
        free = whole & ~used
        mask = free
        while mask:
            home = find_return(number, day, mask) if is_allowed(used | mask) else None
            if home is not None:
                again = home + 1 + problem.teams[number].rest_days
                best = max(best, find_rest(number, again, used | mask))
            mask = (mask - 1) & free
        return best

    return find_rest(0, 0, 0)


def find_best_need_on_the_way(problem: Problem) -> float:
    """Return the most need any plan earns by visits and on the way, by trying all.

    For at most five sites that any team may visit, without groups or pairs, whose needs
    do not grow back. What a patrol comes by is read off its schedule.
    """
    sites = [site for site in problem.sites if site.need and site.held_by is None]
    whole = (1 << len(sites)) - 1
    bit = {site.id: 1 << i for i, site in enumerate(sites)}

    def measure(used: int, driven: frozenset[int]) -> float:
        visited = sum(site.need for site in sites if used & bit[site.id])
        return visited + sum(
            problem.waysides[number].need
            for number in driven
            if not used & bit.get(problem.waysides[number].site_id, 0)
        )

    @cache
    def list_runs(number: int, day: int, mask: int) -> set[tuple[int, frozenset[int]]]:
        team = problem.teams[number]
        chosen = [site.id for site in sites if mask & bit[site.id]]
        runs = set()
        for order in permutations(chosen):
            value = evaluate_patrol(problem, team, day, order)
            if value.failure is None:
                plan = Plan((PatrolDecision(team.id, day, order),))
                driven = {
                    wayside
                    for leg in build_schedule(problem, plan).patrols[0].legs
                    for wayside, _ in problem.find_travel(
                        team.vehicle, leg.travel_day
                    ).waysides.get((leg.origin, leg.destination), ())
                }
                runs.add((value.return_day, frozenset(driven)))
        return runs

    @cache
    def find_rest(number: int, day: int, used: int, driven: frozenset[int]) -> float:
        if number == len(problem.teams):
            return measure(used, driven)
        if day >= problem.horizon_days:
            return find_rest(number + 1, 0, used, driven)
        best = find_rest(number, day + 1, used, driven)
        mask = free = whole & ~used
        while mask:
            for home, more in list_runs(number, day, mask):
                again = home + 1 + problem.teams[number].rest_days
                rest = find_rest(number, again, used | mask, driven | more)
                best = max(best, rest)
            mask = (mask - 1) & free
        return best

    return find_rest(0, 0, 0, frozenset())
