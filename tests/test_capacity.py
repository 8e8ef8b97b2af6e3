"""The proof by sums that required visits are more work than the roster can do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolplan.planning.capacity import find_overload
from patrolplan.planning.clock import evaluate_patrol
from patrolplan.planning.problem import Group
from problems import build_hand_theatre, build_team, build_tiny_theatre, change_theatre


def require(theatre, *names, **more):
    sites = {name: {"required": True} for name in names}
    return change_theatre(theatre, sites=sites, **more).problem


def test_both_figures_and_the_shortfall_by_hand() -> None:
    """Windows of 720 minutes; one team, three days out and two at rest, in 10 days.

    3 days out + 2 at rest + 3 out + 2 at rest fill the 10 days: 6 days out, and no
    shorter patrols give more. 6 x 720 = 4320 minutes. Dwells 3 x 700 = 2100. Legs: to
    s1 and to s3 at least 800 minutes, to s2 900: 2500. 4600 - 4320 = 280 are missing.
    """
    theatre = build_hand_theatre(
        dwells=(700, 700, 700),
        minutes=[
            [0, 800, 900, 900],
            [800, 0, 900, 900],
            [900, 800, 0, 800],
            [900] * 3 + [0],
        ],
        team=build_team(max_days=3, rest_days=2),
    )
    overload = find_overload(require(theatre, "s1", "s2", "s3"))
    assert overload is not None
    assert overload.dwell_min == 2100
    assert overload.driving_min == 800 + 900 + 800
    assert overload.available_min == 4320
    assert overload.missing_min == 280


@pytest.mark.parametrize(
    ("max_days", "rest_days", "out"),
    [(3, 2, 6), (10, 2, 10), (12, 0, 10), (1, 0, 10), (1, 1, 5), (1, 9, 1), (4, 1, 8)],
)
def test_days_out_by_days_and_rest(max_days, rest_days, out) -> None:
    team = build_team(max_days=max_days, rest_days=rest_days)
    # One minute more than the days out hold, and then one less.
    for dwell, proved in ((out * 720 + 1, True), (out * 720 - 1, False)):
        theatre = build_hand_theatre(
            dwells=(dwell / 2,) * 2, minutes=[[0] * 3] * 3, team=team
        )
        assert (find_overload(require(theatre, "s1", "s2")) is not None) == proved


def test_nothing_required_proves_nothing() -> None:
    assert find_overload(build_hand_theatre(dwells=(1e6,)).problem) is None


def test_of_a_required_group_the_least_site_counts() -> None:
    theatre = build_hand_theatre(dwells=(6000, 8000), days=10)
    group = Group(("s1", "s2"), required=True)
    # 6000 + 300 of the 10 x 720 there are; 8000 alone would be too much.
    assert find_overload(require(theatre, groups=[group])) is None
    longer = build_hand_theatre(dwells=(7000, 8000), days=10)
    overload = find_overload(require(longer, groups=[group]))
    assert overload is not None
    assert overload.dwell_min + overload.driving_min == 7300
    # 7000 + 900 by s1, 7300 + 100 by s2.
    far = build_hand_theatre(
        dwells=(7000, 7300), minutes=[[0, 900, 100], [900, 0, 900], [100, 900, 0]]
    )
    overload = find_overload(require(far, groups=[group]))
    assert (overload.dwell_min, overload.driving_min) == (7300, 100)
    # A site of it that is required anyway is counted once.
    assert find_overload(require(longer, "s1", groups=[group])).dwell_min == 7000


def test_more_teams_and_breaks_count() -> None:
    theatre = build_hand_theatre(dwells=(7100,), minutes=[[0, 0], [0, 0]], days=10)
    problem = require(theatre, "s1")
    assert find_overload(problem) is None
    tired = replace(problem, limits=replace(problem.limits, break_min=30.0))
    assert find_overload(tired).available_min == 6900
    two = replace(tired, teams=(*tired.teams, build_team("t2")))
    assert find_overload(two) is None
    none = replace(problem, teams=())
    assert find_overload(none).available_min == 0


def test_where_no_way_leads_no_driving_is_proved() -> None:
    theatre = build_hand_theatre(dwells=(7300,), minutes=[[0, None], [None, 0]])
    assert find_overload(require(theatre, "s1")).driving_min == 0


@given(seed=st.integers(0, 60), share=st.floats(0.5, 1.0))
def test_no_work_that_one_patrol_does_is_ever_proved_impossible(seed, share) -> None:
    problem = build_tiny_theatre(seed, conditions=True).problem
    ids = [site.id for site in problem.sites]
    ids = ids[: max(1, round(len(ids) * share))]
    team = problem.teams[0]
    for day in range(problem.horizon_days):
        for count in range(len(ids), 0, -1):
            if evaluate_patrol(problem, team, day, ids[:count]).failure is None:
                sites = tuple(
                    replace(s, required=s.id in ids[:count]) for s in problem.sites
                )
                asked = replace(problem, sites=sites, groups=())
                assert find_overload(asked) is None
                return
