"""What a solver may know has one fingerprint: each part of it counts, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from patrolplan.planning.fingerprint import fingerprint_problem
from patrolplan.planning.problem import Base, Group, Wayside
from problems import build_hand_theatre


def build(**changes):
    problem = build_hand_theatre(dwells=(60, 60)).problem
    return replace(problem, **changes)


def change_site(**changes):
    one, *others = build().sites
    return build(sites=(replace(one, **changes), *others))


def change_team(**changes):
    (team,) = build().teams
    return build(teams=(replace(team, **changes),))


def change_matrix(**changes):
    problem = build()
    (matrix,) = problem.travel
    return replace(problem, travel=(replace(matrix, **changes),))


WHOLE = fingerprint_problem(build())
MATRIX = build().travel[0]


@pytest.mark.parametrize(
    "problem",
    [
        build(start=build().start + timedelta(days=1)),
        change_site(need=5.0),
        change_site(dwell_min=61.0),
        change_site(required=True),
        change_site(held_by="base"),
        change_site(roles=("a",)),
        change_team(max_days=5),
        change_team(range_km=5.0),
        change_team(ready_day=2),
        change_team(fuel_budget_l=500.0),
        build(bases=(Base("base", "Another"),)),
        build(limits=replace(build().limits, break_min=5.0)),
        build(groups=(Group(("s1", "s2")),)),
        build(forbidden_pairs=(("s1", "s2"),)),
        build(waysides=(Wayside("line", 5.0, line_id="line"),)),
        change_matrix(durations_min=MATRIX.durations_min * 2),
        change_matrix(lengths_m=MATRIX.lengths_m * 2),
        change_matrix(hazards=np.ones((3, 3))),
        change_matrix(halt_blocked={(0, 1): ((1.0, 2.0),)}),
        change_matrix(valid_to=MATRIX.valid_to + timedelta(days=1)),
        build(opens_min=build().opens_min + 1.0),
        build(closes_min=build().closes_min + 1.0),
    ],
)
def test_each_part_counts(problem) -> None:
    assert fingerprint_problem(problem) != WHOLE


@pytest.mark.parametrize(
    "problem",
    [
        build(),
        change_site(dwell_min=60),
        change_site(beyond_base=False),
        change_team(people=99, vehicles=1),
        change_team(range_km=3000),
        build(limits=replace(build().limits, beyond_km=5.0, break_min=0)),
        # Without a budget nobody asks what a way burns.
        change_matrix(fuels_l=MATRIX.fuels_l * 2),
    ],
)
def test_what_steers_no_search_does_not(problem) -> None:
    assert fingerprint_problem(problem) == WHOLE


def test_whose_base_holds_a_site_does_not_count_but_that_one_does() -> None:
    one, other = (change_site(held_by=name) for name in ("base", "elsewhere"))
    assert fingerprint_problem(one) == fingerprint_problem(other)


def test_fuel_counts_where_any_team_has_a_budget() -> None:
    teams = change_team(fuel_budget_l=500.0).teams
    one = build(teams=teams)
    other = replace(one, travel=change_matrix(fuels_l=MATRIX.fuels_l * 2).travel)
    assert fingerprint_problem(one) != fingerprint_problem(other)
