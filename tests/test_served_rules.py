"""Who is served how much by the referee's sums, and what lies just in reach."""

from __future__ import annotations

import copy

import pytest

from gate_answers import pass_gates
from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.evidence import Evidence
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.served import find_reach
from problems import build_hand_theatre, build_plan_file

ALL = {"s1", "s2", "s3"}


@pytest.fixture(scope="module")
def document():
    """A base and three sites, 300 minutes and 150 km apart; only s1 is visited.

    The needs are 100, 200 and 300; a visit takes 120 minutes of a day of 720.
    """
    theatre = build_hand_theatre(dwells=(120, 120, 120), needs=(100.0, 200.0, 300.0))
    schedule = build_schedule(
        theatre.problem, Plan((PatrolDecision("t1", 0, ("s1",)),))
    )
    return build_plan_file(theatre, schedule).model_dump(mode="json", by_alias=True)


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return copy.deepcopy(document)


def reach(plan) -> set[str]:
    return find_reach(Evidence(PlanFile.model_validate(plan)))


def measure(plan) -> dict:
    return assess_plan(PlanFile.model_validate(plan)).equity


def site_of(plan, name):
    return next(site for site in plan["sites"] if site["id"] == name)


def cell(plan, here, there):
    """Where a cell of the matrices stands."""
    places = plan["travel"][0]["place_ids"]
    return places.index(here), places.index(there)


def test_all_is_in_reach_that_nothing_keeps_out(plan) -> None:
    assert reach(plan) == ALL
    site_of(plan, "s1")["need"] = None
    site_of(plan, "s2")["need"] = 0.0
    # Of no need, or of one that nobody knows, no share can be met.
    assert reach(plan) == {"s3"}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        # 150 km and 150 back; 300 minutes, 300 back and 120 there.
        ("range_km", 300.0, ALL),
        ("range_km", 299.9, set()),
        ("max_days", 1, ALL),
        ("base_id", "nowhere", set()),
    ],
)
def test_a_team_reaches_as_far_as_it_can_go(plan, name, value, found) -> None:
    plan["teams"][0][name] = value
    assert reach(plan) == found


@pytest.mark.parametrize(("days", "horizon"), [(1, 10), (12, 1), (1, 1)])
def test_a_visit_fits_into_the_days_of_a_team_and_of_the_horizon(plan, days, horizon):
    """Of 720 minutes each."""
    plan["teams"][0]["max_days"] = days
    plan["scenario"]["horizon_days"] = horizon
    assert reach(plan) == ALL
    site_of(plan, "s2")["dwell_min"] = 121.0
    assert reach(plan) == {"s1", "s3"}


def test_two_days_hold_twice_as_much(plan) -> None:
    plan["teams"][0]["max_days"] = 2
    site_of(plan, "s2")["dwell_min"] = 840.0
    assert reach(plan) == ALL
    site_of(plan, "s2")["dwell_min"] = 841.0
    assert reach(plan) == {"s1", "s3"}


def test_a_hazard_budget_is_for_both_ways(plan) -> None:
    """3 out and 4 back to s2; all else is 5."""
    (travel,) = plan["travel"]
    (team,) = plan["teams"]
    travel["hazards"] = [[5.0] * 4 for _ in range(4)]
    for here, there, hazard in (("base", "s2", 3.0), ("s2", "base", 4.0)):
        row, column = cell(plan, here, there)
        travel["hazards"][row][column] = hazard
    for budget, found in ((7.0, {"s2"}), (6.9, set()), (10.0, ALL), (None, ALL)):
        team["hazard_budget"] = budget
        assert reach(plan) == found


def test_a_way_must_lead_there_and_back(plan) -> None:
    (travel,) = plan["travel"]
    for ends in (("base", "s2"), ("s2", "base")):
        row, column = cell(plan, *ends)
        told = travel["durations_min"][row][column]
        travel["durations_min"][row][column] = None
        assert reach(plan) == {"s1", "s3"}
        travel["durations_min"][row][column] = told
    # Over another site there is no need to go.
    row, column = cell(plan, "s1", "s2")
    travel["durations_min"][row][column] = None
    assert reach(plan) == ALL


def test_of_several_road_states_the_shortest_way_counts(plan) -> None:
    """Each cell by itself, whatever the others are; of other vehicles none does."""
    (travel,) = plan["travel"]
    (team,) = plan["teams"]
    team |= {"max_days": 1, "range_km": 300.0}
    worse, other = copy.deepcopy(travel), copy.deepcopy(travel)
    other["vehicle"] = "heavy"
    for row, column in (cell(plan, "base", "s2"), cell(plan, "s2", "base")):
        worse["durations_min"][row][column] = 301.0
        worse["lengths_km"][row][column] = 151.0
    plan["travel"] = [worse, other]
    assert reach(plan) == {"s1", "s3"}
    for states in ([worse, travel], [travel, worse]):
        plan["travel"] = states
        assert reach(plan) == ALL
    # A state of other places, or of half a matrix, hides none that comes after it.
    less = copy.deepcopy(travel)
    less["place_ids"] = ["base"]
    for name in ("durations_min", "lengths_km"):
        less[name] = [[0.0]]
    half = copy.deepcopy(travel)
    half["lengths_km"] = half["lengths_km"][:1]
    for first in (less, half):
        plan["travel"] = [first, travel]
        assert reach(plan) == ALL
        plan["travel"] = [first]
        assert reach(plan) == set()


def test_a_site_asks_for_roles_that_one_team_has_all_of(plan) -> None:
    site_of(plan, "s2")["roles_required"] = ["medic", "police"]
    plan["teams"][0]["roles"] = ["medic"]
    assert reach(plan) == {"s1", "s3"}
    plan["teams"].append(plan["teams"][0] | {"id": "t2", "roles": ["police"]})
    assert reach(plan) == {"s1", "s3"}
    plan["teams"][1]["roles"] = ["women", "police", "medic"]
    assert reach(plan) == ALL


@pytest.mark.parametrize(
    ("windows", "kept"),
    [
        ([], True),
        # The horizon are the ten days from 3 November; 24:00 is of the day before.
        ([("2014-11-02T08:00Z", "2014-11-03T00:00Z")], False),
        ([("2014-11-02T08:00Z", "2014-11-03T00:01Z")], True),
        ([("2014-11-12T23:59Z", "2014-11-20T00:00Z")], True),
        ([("2014-11-13T00:00Z", "2014-11-20T00:00Z")], False),
        (
            [
                ("2014-11-01T08:00Z", "2014-11-01T09:00Z"),
                ("2014-11-05T08:00Z", "2014-11-05T09:00Z"),
            ],
            True,
        ),
    ],
)
def test_a_site_is_open_within_the_horizon(plan, windows, kept) -> None:
    site_of(plan, "s2")["windows"] = [list(window) for window in windows]
    assert ("s2" in reach(plan)) is kept


def test_where_a_gate_lets_nobody_go_nobody_comes(plan) -> None:
    answered = pass_gates(PlanFile.model_validate(plan))
    plan = answered.model_dump(mode="json", by_alias=True)
    assert reach(plan) == ALL
    gate = next(gate for gate in plan["gates"] if gate["gate"] == "visit_harm")
    gate |= {"site_id": "s2", "answer": "yes"}
    assert reach(plan) == {"s1", "s3"}


def test_shares_are_of_the_need_in_reach(plan) -> None:
    """In the east 100 of 300 are met; in the west 300 lie beyond all reach."""
    site_of(plan, "s3").update({"cercle": "west", "roles_required": ["nobody"]})
    found = measure(plan)
    assert found["cercles"] == {
        "east": {
            "need_total": 300.0,
            "need_in_reach": 300.0,
            "need_met": 100.0,
            "share": pytest.approx(1 / 3),
        },
        "west": {
            "need_total": 300.0,
            "need_in_reach": 0.0,
            "need_met": 0.0,
            "share": None,
        },
    }
    assert (found["worst"], found["worst_share"]) == ("east", pytest.approx(1 / 3))
    # What is visited was in reach, whatever the figures say.
    site_of(plan, "s1")["roles_required"] = ["nobody"]
    assert measure(plan)["cercles"]["east"]["need_in_reach"] == 300


def test_a_site_of_no_cercle_is_in_none_and_unknown_need_in_no_theme(plan) -> None:
    site_of(plan, "s1").update({"cercle": None, "themes": {"B": 60.0, "C": 40.0}})
    site_of(plan, "s2").update({"need": None, "themes": {"B": 9.0}})
    site_of(plan, "s3").update({"themes": {"C": 300.0}})
    found = measure(plan)
    assert list(found["cercles"]) == ["east"]
    assert found["cercles"]["east"]["need_total"] == 300
    assert found["themes"]["B"] | {"share": 1.0} == found["themes"]["B"]
    assert found["themes"]["B"]["need_total"] == 60
    assert found["themes"]["C"]["share"] == pytest.approx(40 / 340)
    assert found["worst_theme"] == "C"
    assert found["worst_theme_share"] == pytest.approx(40 / 340)


@pytest.mark.parametrize(
    ("tail", "mean"),
    [(0.0, 0.0), (0.49, 0.0), (0.51, 0.0), (0.84, 1 / 3), (1.0, 1 / 3)],
)
def test_the_tail_counts_at_least_one_and_rounds(plan, tail, mean) -> None:
    """Of three cercles one is served wholly, two not at all.

    0.49 x 3 = 1.47 is 1, 0.51 x 3 = 1.53 is 2, 0.84 x 3 = 2.52 is 3.
    """
    for name in ALL:
        site_of(plan, name)["cercle"] = f"of {name}"
    plan["scenario"]["limits"]["equity_tail"] = tail
    found = measure(plan)
    assert found["tail_share"] == pytest.approx(mean)
    # Of equals the first by name is the worst.
    assert (found["worst"], found["worst_share"]) == ("of s2", 0)


def test_the_tail_is_of_what_the_scenario_compares(plan) -> None:
    limits = plan["scenario"]["limits"]
    limits["equity_tail"] = 0.5
    for name, cercle, theme in (("s1", "a", "B"), ("s2", "a", "C"), ("s3", "b", "B")):
        site = site_of(plan, name)
        site |= {"cercle": cercle, "themes": {theme: site["need"]}}
    # By cercle 100 of 300 and none; by theme 100 of 400 and none.
    for by in ("cercle", "theme"):
        limits["equity_by"] = by
        assert measure(plan)["by"] == by
        assert measure(plan)["tail_share"] == 0
    limits["equity_tail"] = 1.0
    assert measure(plan)["tail_share"] == pytest.approx(1 / 8)
    limits["equity_by"] = "cercle"
    assert measure(plan)["tail_share"] == pytest.approx(1 / 6)


def test_where_nothing_is_in_reach_nobody_is_the_worst_served(plan) -> None:
    plan["patrols"] = []
    plan["teams"] = []
    found = measure(plan)
    assert (found["worst"], found["worst_share"]) == (None, None)
    assert found["tail_share"] is None
