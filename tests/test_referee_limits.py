"""What the referee says of nights, rest, groups and convoys: just kept, just broken."""

from __future__ import annotations

import copy

import pytest

from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.keeping_rules import list_town_nights
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from problems import build_hand_theatre, build_plan_file

KM_PER_DEG = 111.2


@pytest.fixture(scope="module")
def theatre():
    """A base and three sites, 300 minutes from one to any other."""
    return build_hand_theatre(
        dwells=(120, 120, 120), needs=(100.0, 200.0, 300.0), days=20
    )


def build(theatre, *decisions):
    schedule = build_schedule(theatre.problem, Plan(decisions))
    return build_plan_file(theatre, schedule).model_dump(mode="json", by_alias=True)


@pytest.fixture
def twice(theatre):
    """One team that goes to s1 and s2, is home on day 2 or 3, and goes to s3."""
    return build(
        theatre,
        PatrolDecision("t1", 0, ("s1", "s2")),
        PatrolDecision("t1", 7, ("s3",)),
    )


def assess(document, **more):
    return assess_plan(PlanFile.model_validate(document), **more)


def judge(document, *rules):
    """Return what is said by some rules: rule, where, found, limit."""
    found = assess(document).violations
    return [(v.rule, v.where, v.found, v.limit) for v in found if v.rule in rules]


def find_halt(document):
    return next(
        stop
        for patrol in document["patrols"]
        for stop in patrol["stops"]
        if stop["kind"] == "halt"
    )


@pytest.mark.parametrize("step", [-1, 1])
def test_a_halt_keeps_its_distance_from_a_camp(twice, step) -> None:
    """A degree of latitude is 111.2 km: 3 km are 0.02698 degrees."""
    halt = find_halt(twice)
    away_deg = step * 3 / KM_PER_DEG
    camp = {"id": "camp", "kind": "camp", "lon": halt["lon"], "assumed": False}
    twice["keep_clear"] = [camp | {"lat": halt["lat"] + away_deg, "km": 2.99}]
    assert judge(twice, "halt_too_near") == []
    twice["keep_clear"][0]["km"] = 3.01
    ((_, where, found, limit),) = judge(twice, "halt_too_near")
    assert (where, limit, found["place_id"]) == (halt["place_id"], 3.01, "camp")
    assert found["km"] == pytest.approx(3, abs=0.01)


def test_of_a_place_that_is_assumed_only_the_very_spot_is_in_doubt(twice) -> None:
    halt = find_halt(twice)
    school = {"id": "school", "kind": "school", "km": 1.0, "lon": halt["lon"]}
    for away_km, assumed, told in (
        (0.0, True, True),
        (0.0009, True, True),
        (0.0011, True, False),
        (0.0, False, False),
    ):
        lat = halt["lat"] + away_km / KM_PER_DEG
        twice["keep_clear"] = [school | {"lat": lat, "assumed": assumed}]
        nights = list_town_nights(PlanFile.model_validate(twice))
        assert bool(nights) is told
        assert bool(judge(twice, "halt_too_near")) is not told
    twice["keep_clear"] = [school | {"lat": halt["lat"], "assumed": True}]
    (night,) = list_town_nights(PlanFile.model_validate(twice))
    assert night.code == "night_in_town"
    assert night.values["place_id"] == "school"


def test_a_night_in_a_base_keeps_clear_of_nothing(twice) -> None:
    halt = find_halt(twice)
    camp = {"id": "camp", "kind": "camp", "lon": halt["lon"], "assumed": False}
    twice["keep_clear"] = [camp | {"lat": halt["lat"], "km": 1.0}]
    base = twice["bases"][0]
    other = base | {"id": "other", "lon": halt["lon"]}
    twice["scenario"]["limits"]["held_km"] = held_km = 2.0
    for away_km, kept in ((held_km - 0.05, True), (held_km + 0.05, False)):
        told = other | {"lat": halt["lat"] + away_km / KM_PER_DEG}
        twice["bases"] = [base, told]
        assert (judge(twice, "halt_too_near") == []) is kept


def test_a_visit_near_a_camp_is_no_night_there(twice) -> None:
    site = next(site for site in twice["sites"] if site["id"] == "s1")
    camp = {"id": "camp", "kind": "camp", "km": 1.0, "assumed": False}
    twice["keep_clear"] = [camp | {"lon": site["lon"], "lat": site["lat"]}]
    assert judge(twice, "halt_too_near") == []


def test_a_team_rests_the_days_between_two_patrols(twice) -> None:
    first, second = twice["patrols"]
    home, left = (int(first["return"][8:10]), int(second["depart"][8:10]))
    rested = left - home - 1
    (team,) = twice["teams"]
    team["rest_days"] = rested
    assert judge(twice, "rest_too_short") == []
    team["rest_days"] = rested + 1
    assert judge(twice, "rest_too_short") == [
        ("rest_too_short", first["id"], rested, rested + 1)
    ]


def test_two_patrols_of_a_team_may_touch_and_not_overlap(twice) -> None:
    first, second = twice["patrols"]
    told = first["return"]
    first["return"] = second["depart"]
    assert judge(twice, "patrols_overlap") == []
    first["return"] = second["return"]
    assert judge(twice, "patrols_overlap") == [
        ("patrols_overlap", first["id"], second["depart"], second["return"])
    ]
    first["return"] = told
    second["team_id"] = "t2"
    twice["teams"].append(twice["teams"][0] | {"id": "t2", "rest_days": 99})
    assert judge(twice, "patrols_overlap", "rest_too_short") == []


def test_a_team_leaves_on_the_day_from_which_it_is_ready(twice) -> None:
    first = twice["patrols"][0]
    day = first["depart"][:10]
    (team,) = twice["teams"]
    team["ready_from"] = day
    assert judge(twice, "left_unrested") == []
    team["ready_from"] = after = f"{day[:8]}{int(day[8:]) + 1:02d}"
    assert judge(twice, "left_unrested") == [("left_unrested", None, day, after)]


def test_of_a_team_that_nobody_knows_only_its_times_are_judged(twice) -> None:
    """And of the team that stands after it all is."""
    first, second = twice["patrols"]
    first["team_id"] = second["team_id"] = "a nobody"
    assert {v.rule for v in assess(twice).violations} == {"unknown_team"}
    assert judge(twice, "unknown_team") == 2 * [
        ("unknown_team", None, "a nobody", None)
    ]
    third = copy.deepcopy(second) | {"id": "P3", "team_id": "t1"}
    fourth = copy.deepcopy(third) | {"id": "P4"}
    twice["patrols"] += [third, fourth]
    second["depart"] = first["return"]
    told = ("patrols_overlap", "P3", third["depart"], third["return"])
    assert judge(twice, "patrols_overlap", "rest_too_short") == [told]
    first["return"] = second["return"]
    assert judge(twice, "patrols_overlap", "rest_too_short") == [
        ("patrols_overlap", "P1", second["depart"], second["return"]),
        told,
    ]


def test_patrols_are_judged_in_their_order_in_time_and_then_by_id(twice) -> None:
    first, second = twice["patrols"]
    (team,) = twice["teams"]
    team["rest_days"] = 99
    (told,) = judge(twice, "rest_too_short")
    twice["patrols"] = [second, first]
    assert judge(twice, "rest_too_short") == [told]
    assert told[1] == "P1"
    # The third rests too little after the second, which overlaps the first.
    third = copy.deepcopy(second) | {"id": "P3"}
    second["depart"], second["return"] = first["depart"], first["return"]
    twice["patrols"] = [third, second, first]
    assert judge(twice, "patrols_overlap", "rest_too_short") == [
        ("patrols_overlap", "P1", second["depart"], first["return"]),
        ("rest_too_short", "P2", told[2], 99),
    ]


def test_every_patrol_that_leaves_too_soon_is_told(twice) -> None:
    first, second = (patrol["depart"][:10] for patrol in twice["patrols"])
    (team,) = twice["teams"]
    team["ready_from"] = "2014-12-01"
    assert judge(twice, "left_unrested") == [
        ("left_unrested", None, first, "2014-12-01"),
        ("left_unrested", None, second, "2014-12-01"),
    ]


def test_of_a_group_one_site_and_of_a_pair_one_patrol(twice) -> None:
    limits = twice["scenario"]["limits"]
    rules = ("group_repeated", "group_not_visited", "pair_forbidden")
    limits["groups"] = [{"site_ids": ["s3", "s9"], "required": True}]
    limits["forbidden_pairs"] = [["s1", "s3"], ["s2", "s3"], ["s1", "s9"]]
    for site in ("s8", "s9"):
        twice["sites"].append(twice["sites"][0] | {"id": site, "name": site})
    assert judge(twice, *rules) == []
    limits["groups"] = [{"site_ids": ["s3", "s1", "s9"], "required": False}]
    limits["forbidden_pairs"] = [["s2", "s1"]]
    assert judge(twice, *rules) == [
        ("group_repeated", None, ["s3", "s1"], 1),
        ("pair_forbidden", None, ["s2", "s1"], None),
    ]
    limits["groups"] = [{"site_ids": ["s9", "s8"], "required": True}]
    limits["forbidden_pairs"] = []
    assert judge(twice, *rules) == [("group_not_visited", None, None, ["s9", "s8"])]
    limits["groups"][0]["required"] = False
    assert judge(twice, *rules) == []


def test_sites_to_visit_and_unknown_ones_are_counted(twice) -> None:
    sites = {site["id"]: site for site in twice["sites"]}
    twice["sites"].append(sites["s1"] | {"id": "s4", "name": "s4", "need": None})
    twice["sites"].append(sites["s1"] | {"id": "s5", "name": "s5", "need": None})
    limits = twice["scenario"]["limits"]
    limits["min_unknown_visits"] = 0
    assert judge(twice, "too_few_unknown") == []
    limits["min_unknown_visits"] = 1
    assert judge(twice, "too_few_unknown") == [("too_few_unknown", None, 0, 1)]
    sites["s2"]["need"] = None
    assert judge(twice, "too_few_unknown") == []
    # No more can be asked for than there are.
    limits["min_unknown_visits"] = 9
    assert judge(twice, "too_few_unknown") == [("too_few_unknown", None, 1, 3)]
    sites["s1"]["required"] = True
    assert judge(twice, "required_not_visited") == []
    twice["sites"][-1]["required"] = True
    assert judge(twice, "required_not_visited") == [
        ("required_not_visited", "s5", False, True)
    ]


def test_of_one_found_under_way_nobody_knows_how_long_it_has_been_out(twice) -> None:
    """One that stands at its base is only setting out."""
    twice["scenario"]["limits"]["min_days"] = 9
    assert len(judge(twice, "too_few_days")) == 2
    start = twice["patrols"][0]["stops"][0]
    start["kind"] = "start"
    assert len(judge(twice, "too_few_days")) == 2
    start["place_id"] = "s3"
    assert len(judge(twice, "too_few_days")) == 1


def test_shares_of_the_reach_are_of_first_visits(twice) -> None:
    """s1 has 10 people, s2 and s3 30 each; s1 alone lies within reach of the base."""
    sites = {site["id"]: site for site in twice["sites"]}
    for site, people in (("s1", 10), ("s2", 30), ("s3", 30)):
        sites[site]["population"] = people
    limits = twice["scenario"]["limits"]
    limits["beyond_km"] = 100.0
    reach = assess(twice).reach
    assert reach["sites_beyond"] == 2
    assert reach["people_beyond"] == 60
    assert reach["people_share_beyond"] == pytest.approx(60 / 70)
    assert reach["need_share_beyond"] == pytest.approx(500 / 600)
    assert reach["base_hugging"] is False
    # Nobody knows how many people s3 has: none of them is counted.
    sites["s3"]["population"] = None
    reach = assess(twice).reach
    assert (reach["sites_beyond"], reach["people_beyond"]) == (2, 30)
    assert reach["people_share_beyond"] == pytest.approx(30 / 40)
    assert assess(twice).people_total == assess(twice).people_reached == 40
    limits["min_share_beyond"] = 0.84
    assert assess(twice).reach["base_hugging"] is True
    limits["min_share_beyond"] = 500 / 600
    assert assess(twice).reach["base_hugging"] is False


def test_an_empty_plan_reaches_nowhere(theatre) -> None:
    reach = assess(build(theatre)).reach
    assert reach["longest_reach_km"] == reach["length_km"] == reach["driving_min"] == 0
    assert reach["people_share_beyond"] is None
    assert reach["need_share_beyond"] is None
    assert reach["base_hugging"] is False


def test_a_gap_is_a_share_of_the_bound(twice) -> None:
    assert assess(twice, need_bound=800.0).gap == pytest.approx(0.25)
    assert assess(twice, need_bound=600.0).gap == 0
    assert assess(twice, need_bound=1e-6).gap is not None
    assert assess(twice, need_bound=0.9e-6).gap is None
    least = 600 / (1 + 0.9e-6)
    assert not [
        v for v in assess(twice, need_bound=least).violations if "bound" in v.rule
    ]
    low = 600 / (1 + 1.1e-6)
    (found,) = [
        v for v in assess(twice, need_bound=low).violations if "bound" in v.rule
    ]
    assert (found.rule, found.found, found.limit) == ("bound_below_plan", low, 600)


def test_a_plan_without_equity_earns_no_more_than_the_bound(twice) -> None:
    told = {"need_met": 700.0, "worst_share": 1.0, "tail_share": 1.0}

    def find(bound, **more):
        twice["assessment"]["equity"]["without"] = told | more
        return [
            (v.where, v.found, v.limit)
            for v in assess(twice, need_bound=bound).violations
            if str(v.where).startswith("equity.without.")
        ]

    assert find(700.0) == find(700 / (1 + 0.9e-6)) == []
    low = 700 / (1 + 1.1e-6)
    assert find(low) == [("equity.without.need_met", 700, low)]
    assert find(700.0, worst_share=1 + 0.9e-6) == []
    over = 1 + 1.1e-6
    assert find(700.0, worst_share=over) == [("equity.without.worst_share", over, 1)]
    assert find(700.0, tail_share=over) == [("equity.without.tail_share", over, 1)]
