from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from patrolplan.planning.clock import drive, visit
from patrolplan.planning.problem import Base, Site
from patrolplan.planning.solver import solve
from patrolplan.planning.tables import build_tables
from patrolplan.planning.underway import Underway, pose_continuation
from problems import build_matrix, build_team, build_theatre

DAY = 1440.0


def build_random(seed, *, count=4, days=5):
    rng = np.random.default_rng(seed)
    points = rng.uniform(0.0, 500.0, (count + 1, 2))
    gaps = points[:, None] - points[None]
    minutes = np.round(np.hypot(*gaps.transpose(2, 0, 1)))
    ids = ["base", *(f"s{i}" for i in range(count))]
    sites = [
        Site(name, name, float(rng.integers(1, 50)), float(rng.integers(30, 200)))
        for name in ids[1:]
    ]
    theatre = build_theatre(
        dict.fromkeys(ids, (0.0, 16.0)),
        sites,
        [Base("base", "Base")],
        [build_team(max_days=4, rest_days=1, range_km=float(rng.integers(300, 900)))],
        [build_matrix(minutes)],
        days=days,
    )
    return theatre.problem


def build_patrol(seed):
    """One at s0 at noon of the second day, with more or less driven."""
    driven_m = 100_000.0 + 60_000.0 * (seed % 8)
    return Underway("t1", "s0", DAY + 12 * 60.0, 0, driven_m, 0.0, ("s0",))


def come_home(problem, patrol, order):
    """Return day and kilometres at home, by the duty clock alone, or None."""
    tables = build_tables(problem)
    team = problem.teams[0]
    vehicle = tables.vehicles[team.vehicle]
    here = problem.place_index[patrol.place_id]
    now, day = patrol.ready_min, int(patrol.ready_min // DAY)
    last = min(patrol.depart_day + team.max_days, problem.horizon_days) - 1
    length = patrol.driven_m
    for site in (*order, None):
        there = problem.place_index[team.base_id if site is None else site]
        driven = drive(tables, vehicle, here, there, now, day, last, [])
        if isinstance(driven, str):
            return None
        length += vehicle.lengths_m[driven.depart_day][here][there]
        now, day, here = driven.arrive_min, driven.arrive_day, there
        if site is not None:
            visited = visit(tables, there, now, day, last)
            if isinstance(visited, str):
                return None
            now, day = visited.end_min, visited.day
    return (day, length) if length <= team.range_km * 1000.0 + 1e-6 else None


def find_best(problem, patrol, left):
    """Return the most that the patrol under way earns yet, by trying all orders."""
    needs = {site.id: site.need for site in problem.sites}
    return max(
        (
            sum(needs[site] for site in order)
            for size in range(len(left) + 1)
            for order in permutations(left, size)
            if come_home(problem, patrol, order) is not None
        ),
        default=None,
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_patrol_under_way_does_the_best_that_is_left(seed):
    problem = build_random(seed)
    # No other patrol fits in: what is earned is the one's under way.
    patrol = build_patrol(seed)
    best = find_best(problem, patrol, ["s1", "s2", "s3"])
    posed = pose_continuation(
        problem, patrol.ready_min, [patrol], visited={"s0": DAY + 600.0}
    )
    found = solve(posed.problem, seed=1, iterations=300)
    plan = posed.drop_homecomings(found.plan)
    if best is None:
        # It cannot come home: that it does is not said.
        assert all(
            home not in p.site_ids
            for home in posed.homecomings
            for p in found.plan.patrols
        )
        return
    assert found.need == pytest.approx(best)
    assert found.bound >= best - 1e-6
    (only,) = plan.patrols
    assert only.team_id == "t1"
    assert come_home(problem, patrol, only.site_ids) is not None


def test_most_of_these_patrols_have_something_left_to_do():
    bests = []
    for seed in range(40):
        left = ["s1", "s2", "s3"]
        bests.append(find_best(build_random(seed), build_patrol(seed), left))
    assert sum(best is not None and best > 0 for best in bests) >= 15
    assert None in bests


def build_line(**changes):
    """Base, then a and b 100 minutes apart on one road, half a kilometre a minute."""
    ids = ["base", "a", "b"]
    minutes = [[0, 100, 200], [100, 0, 100], [200, 100, 0]]
    theatre = build_theatre(
        dict.fromkeys(ids, (0.0, 16.0)),
        [Site("a", "a", 10.0, 60.0), Site("b", "b", 20.0, 60.0)],
        [Base("base", "Base")],
        [build_team(max_days=2, rest_days=1, **changes)],
        [build_matrix(minutes)],
        days=6,
    )
    return theatre.problem


def test_the_kilometres_left_by_hand():
    # At a with 50 km driven: on to b 50 km, home from b 100 km: 200 km in all.
    patrol = Underway("t1", "a", 10 * 60.0, 0, 50_000.0, 0.0, ("a",))
    for range_km, need in ((200.0, 20.0), (199.0, 0.0)):
        posed = pose_continuation(
            build_line(range_km=range_km), 600.0, [patrol], visited={"a": 540.0}
        )
        # Rested from day 3 on the team can go to b anew, 200 km out and home.
        found = solve(posed.problem, seed=1, iterations=50)
        assert found.need == need
        first = posed.drop_homecomings(found.plan).patrols[0]
        assert (first.team_id, first.depart_day) == ("t1", 0)


def test_the_team_goes_again_once_its_days_are_over_and_rested():
    # Out on days 0 and 1, resting on day 2: b, which is too far on what is left.
    patrol = Underway("t1", "a", 10 * 60.0, 0, 150_000.0, 0.0, ("a",))
    posed = pose_continuation(
        build_line(range_km=200.0), 600.0, [patrol], visited={"a": 540.0}
    )
    found = solve(posed.problem, seed=1, iterations=50)
    patrols = sorted(posed.drop_homecomings(found.plan).patrols)
    assert [(p.depart_day, p.site_ids) for p in patrols] == [(0, ()), (3, ("b",))]


def test_what_cannot_be_under_way_is_refused_all_at_once():
    wrong = [Underway("t9", "a", 600.0, 0), Underway("t1", "nowhere", 500.0, 0)]
    with pytest.raises(ValueError, match="t9") as caught:
        pose_continuation(build_line(), 600.0, wrong)
    for word in ("nowhere", "no sooner than now", "no such team"):
        assert word in str(caught.value)


def test_one_whose_days_are_over_is_not_said_to_come_home():
    late = Underway("t1", "a", DAY + 10 * 60.0, -1, 50_000.0)
    posed = pose_continuation(build_line(), late.ready_min, [late])
    found = solve(posed.problem, seed=1, iterations=50)
    assert all("home:t1" not in p.site_ids for p in found.plan.patrols)
    assert all(p.depart_day >= 2 for p in found.plan.patrols)
