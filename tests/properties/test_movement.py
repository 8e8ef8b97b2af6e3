"""Windows, roles, hazards, groups, pairs and cadences: all tell one story."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import Schedule, build_schedule
from problems import build_plan_file, build_random_theatre

DAY = 1440.0
# What the clock and the referee call by one name.
SHARED = {"hazard_exceeded", "range_exceeded", "too_few_days", "too_many_days"}


def build_theatre(seed):
    return build_random_theatre(
        seed,
        sites=7,
        bases=2,
        teams=2,
        days=14,
        max_days=10,
        min_days=1,
        dwell_min=(0.0, 300.0),
        periods=1 + seed % 2,
        speed=(40.0, 90.0),
        conditions=True,
    )


def list_choice_rules(problem, patrol, team):
    """Return the rules that a lone patrol breaks by its choice of sites."""
    visits = [stop for stop in patrol.stops if stop.site_id]
    visited = {stop.site_id for stop in visits}
    sites = {site.id: site for site in problem.sites}
    rules = set()
    if any(set(sites[site].roles) - set(team.roles) for site in visited):
        rules.add("role_missing")
    if any(site.required and site.id not in visited for site in problem.sites):
        rules.add("required_not_visited")
    for group in problem.groups:
        count = len(visited & set(group.site_ids))
        if count > 1:
            rules.add("group_repeated")
        if group.required and not count:
            rules.add("group_not_visited")
    if any(visited.issuperset(pair) for pair in problem.forbidden_pairs):
        rules.add("pair_forbidden")
    arrivals = {}
    for stop in visits:
        arrivals.setdefault(stop.site_id, []).append(stop.arrive_min)
    for site, times in arrivals.items():
        cadence = sites[site].cadence_days
        for before, after in itertools.pairwise(times):
            if cadence is None or after - before < cadence * DAY - 1e-3:
                rules.add("visit_repeated")
    return rules


@given(
    seed=st.integers(0, 40),
    team=st.integers(0, 1),
    day=st.integers(0, 5),
    order=st.lists(st.integers(0, 6), min_size=1, max_size=5),
)
def test_clock_schedule_and_referee_tell_one_story(seed, team, day, order) -> None:
    theatre = build_theatre(seed)
    problem = theatre.problem
    who = problem.teams[team]
    names = [problem.sites[number].id for number in order]
    sites = tuple(name for name, _ in itertools.groupby(names))
    value = evaluate_patrol(problem, who, day, sites)
    decision = PatrolDecision(who.id, day, sites)
    try:
        (patrol,) = build_schedule(problem, Plan((decision,))).patrols
    except ValueError:
        assert value.failure is not None
        return

    for stop in patrol.stops:
        if stop.site_id:
            windows = problem.sites[problem.site_index[stop.site_id]].windows_min
            assert windows is None or any(
                begins <= stop.arrive_min <= ends for begins, ends in windows
            )
    for number, leg in enumerate(patrol.legs):
        assert leg.depart_min == patrol.stops[number].depart_min
        assert leg.arrive_min == patrol.stops[number + 1].arrive_min
        assert leg.arrive_min >= leg.depart_min
    for stop in patrol.stops[1:-1]:
        assert stop.depart_min >= stop.arrive_min

    found = {
        v.rule
        for v in assess_plan(build_plan_file(theatre, Schedule((patrol,)))).violations
    }
    expected = list_choice_rules(problem, patrol, who)
    assert found - SHARED == expected
    if value.failure is None:
        assert not found & SHARED
        assert value.return_day == patrol.return_day
        assert value.return_min == patrol.return_min
        # A wait for a window may let the patrol leave its base later.
        assert value.depart_min <= patrol.depart_min
    elif value.failure in SHARED:
        assert value.failure in found
