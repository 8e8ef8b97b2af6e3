"""What one more of each means is worth: sums on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrolplan.planning.prices import find_prices, list_changes
from patrolplan.planning.solver import solve
from problems import build_hand_theatre, build_random_theatre, build_team
from test_inquiry import build_one_of_two


def list_prices(problem):
    solution = solve(problem, seed=1, iterations=60, workers=1)
    return {
        (price.change.code, price.change.values.get("team_id")): price
        for price in find_prices(problem, solution)
    }


def test_a_second_day_a_second_team_and_more_range():
    # Two days of 720 minutes: both sites take 300 + 120 + 300 + 120 + 300 = 1140, so
    # a second day is worth the 60 of s2, and so is a second team. The rest of two days
    # leaves no room for a second patrol. Range is no limit: worth nothing.
    problem = build_hand_theatre(
        dwells=(120, 120),
        needs=(100.0, 60.0),
        days=2,
        team=build_team(max_days=1, rest_days=2),
    ).problem

    prices = list_prices(problem)

    assert prices["add_days", "t1"].more_need == 60.0
    assert prices["add_days", "t1"].site_ids == ("s2",)
    assert prices["add_team", "t1"].more_need == 60.0
    assert prices["add_team", "t1"].change.values["base_id"] == "base"
    assert prices["raise_range_km", "t1"].more_need == 0.0
    assert prices["raise_range_km", "t1"].site_ids == ()
    for price in prices.values():
        assert price.at_most == pytest.approx(price.more_need, abs=1e-3)


def test_a_tenth_more_range():
    # Out and back are 600 minutes at 0.5 km a minute: 300 km of 280.
    problem = build_one_of_two(range_km=280.0)
    price = list_prices(problem)["raise_range_km", "t1"]
    assert price.more_need == 100.0
    assert price.change.values["missing_km"] == pytest.approx(28.0)


def test_an_adviser():
    problem = build_one_of_two()
    sites = tuple(replace(site, roles=("adviser",)) for site in problem.sites)
    price = list_prices(replace(problem, sites=sites))["add_role", "t1"]
    assert price.change.values == {"team_id": "t1", "role": "adviser"}
    assert price.more_need == 100.0


def test_teams_that_are_alike_have_one_price_for_one_more():
    problem = build_one_of_two()
    twins = replace(problem, teams=(*problem.teams, replace(problem.teams[0], id="t2")))
    codes = [change.code for change, _ in list_changes(twins)]
    assert codes.count("add_team") == 1
    assert codes.count("add_days") == 2


def test_what_is_worth_most_comes_first_and_solving_anew_agrees():
    problem = build_random_theatre(4, sites=14, days=10, max_days=5, teams=3).problem
    solution = solve(problem, seed=1, iterations=200, workers=1)

    prices = find_prices(problem, solution)

    worths = [price.more_need for price in prices]
    assert worths == sorted(worths, reverse=True)
    changed = {repr(change): more for change, more in list_changes(problem)}
    for price in prices[:3]:
        again = solve(changed[repr(price.change)], seed=1, iterations=200, workers=1)
        more = again.need - solution.need
        assert price.more_need == pytest.approx(more, abs=2e-4 * solution.need)
