"""Whole legs of a patrol that is sent elsewhere, once and again, and what they take."""

from __future__ import annotations

import copy

import pytest

from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.evidence import Evidence, estimate_distance_km
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.whole_legs import list_whole_legs
from problems import build_hand_theatre, build_plan_file, build_team

RULES = ("leg_too_fast", "leg_shortened", "no_way")
# From the base to s1 3,000 minutes: four whole days and 120 minutes; back 540 minutes
# on the day of the visit, three whole days and 300 minutes.
OUT = [720.0, 720.0, 720.0, 720.0, 120.0]
HALTS = ["halt:P1:1", "halt:P1:2", "halt:P1:3", "halt:P1:4"]


@pytest.fixture(scope="module")
def document():
    theatre = build_hand_theatre(
        dwells=(60, 60),
        minutes=[[0, 3000, 2000], [3000, 0, 1000], [2000, 1000, 0]],
        days=15,
        team=build_team(range_km=9000.0),
    )
    plan = Plan((PatrolDecision("t1", 0, ("s1",)),))
    told = build_plan_file(theatre, build_schedule(theatre.problem, plan))
    return told.model_dump(mode="json", by_alias=True)


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return copy.deepcopy(document)


def patrol_of(plan):
    return plan["patrols"][0]


def turn(plan, **bound_for) -> None:
    """Let the patrol be sent elsewhere at some of its halts, h1 to h4 on its way out.

    What it was bound for until then is told.
    """
    patrol_of(plan)["turns"] = [
        {"halt_id": HALTS[int(halt[1]) - 1], "bound_for": place}
        for halt, place in bound_for.items()
    ]


def list_legs(plan):
    """Whole legs: from, to, first piece and beyond the last, known, driven before."""
    document = PlanFile.model_validate(plan)
    return [
        (
            whole.origin.place_id,
            whole.destination.place_id,
            (whole.numbers.start, whole.numbers.stop),
            whole.is_known,
            len(whole.turned_after) and tuple(whole.turned_after),
        )
        for whole in list_whole_legs(Evidence(document), document.patrols[0])
    ]


def judge(plan, *rules):
    """Return what is said of movement: rule, where, found, limit."""
    found = assess_plan(PlanFile.model_validate(plan)).violations
    return [
        (v.rule, v.where, v.found, v.limit) for v in found if v.rule in (rules or RULES)
    ]


def stand_at(plan, halt, place="s2", *, lon=0.0, lat=0.0) -> None:
    """Let a place lie where the patrol spends a night, or a little off."""
    (stop,) = (s for s in patrol_of(plan)["stops"] if s["place_id"] == halt)
    (site,) = (site for site in [*plan["sites"], *plan["bases"]] if site["id"] == place)
    site |= {"lon": stop["lon"] + lon, "lat": stop["lat"] + lat}


HOME = ("s1", "base", (5, 10), True, 0)


def test_the_plan_goes_out_and_home(plan) -> None:
    minutes = [leg["driving_min"] for leg in patrol_of(plan)["legs"]]
    assert minutes == pytest.approx([*OUT, 540, 720, 720, 720, 300])
    assert list_legs(plan) == [("base", "s1", (0, 5), True, 0), HOME]
    assert judge(plan) == []


def test_a_turn_cuts_a_leg_in_two(plan) -> None:
    turn(plan, h3="s2")
    assert list_legs(plan) == [
        ("base", "s2", (0, 3), False, 0),
        ("base", "s1", (3, 5), False, (0, 1, 2)),
        HOME,
    ]


def test_who_turns_twice_has_driven_both_parts(plan) -> None:
    turn(plan, h1="s2", h3="base")
    assert list_legs(plan) == [
        ("base", "s2", (0, 1), False, 0),
        ("base", "base", (1, 3), False, (0,)),
        ("base", "s1", (3, 5), False, (0, 1, 2)),
        HOME,
    ]


def test_a_turn_at_the_very_place_is_an_arrival(plan) -> None:
    stand_at(plan, HALTS[1])
    turn(plan, h2="s2")
    assert list_legs(plan) == [
        ("base", "s2", (0, 2), True, 0),
        ("s2", "s1", (2, 5), True, 0),
        HOME,
    ]
    # Whether it was known until there or not, it is from there on.
    turn(plan, h1="base", h2="s2", h4="s2")
    assert list_legs(plan) == [
        ("base", "base", (0, 1), False, 0),
        ("base", "s2", (1, 2), False, (0,)),
        ("s2", "s2", (2, 4), False, 0),
        ("s2", "s1", (4, 5), False, (2, 3)),
        HOME,
    ]


@pytest.mark.parametrize("key", ["lon", "lat"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_very_place_is_within_a_metre(plan, key, sign) -> None:
    turn(plan, h2="s2")
    for off, here in ((0.9e-5, True), (1.1e-5, False)):
        stand_at(plan, HALTS[1], **{key: sign * off})
        first, second, _ = list_legs(plan)
        assert first[3] is here
        assert second[0] == ("s2" if here else "base")


def test_a_place_that_nobody_knows_is_none(plan) -> None:
    turn(plan, h2="nowhere")
    assert list_legs(plan) == [
        ("base", HALTS[1], (0, 2), False, 0),
        ("base", "s1", (2, 5), False, (0, 1)),
        HOME,
    ]
    assert judge(plan) == [("no_way", f"base>{HALTS[1]}", None, None)]


@pytest.mark.parametrize(
    ("place", "kind", "site"), [("s2", "visit", "s2"), ("base", "base", None)]
)
def test_the_place_that_a_patrol_was_bound_for_is_a_stop_there(
    plan, place, kind, site
) -> None:
    turn(plan, h2=place)
    document = PlanFile.model_validate(plan)
    whole = next(list_whole_legs(Evidence(document), document.patrols[0]))
    stop = whole.destination
    told = next(p for p in [*plan["sites"], *plan["bases"]] if p["id"] == place)
    assert (stop.kind, stop.site_id, stop.place_id) == (kind, site, place)
    assert (stop.lon, stop.lat) == (told["lon"], told["lat"])
    assert whole.places == (document.patrols[0].stops[0], stop)


def test_a_free_start_is_on_no_known_way(plan) -> None:
    start = patrol_of(plan)["stops"][0]
    start["kind"] = "start"
    assert list_legs(plan)[0] == ("base", "s1", (0, 5), True, 0)
    start["place_id"] = "start:P1"
    assert list_legs(plan)[0] == ("start:P1", "s1", (0, 5), False, 0)
    # Not even to the very place that it was bound for.
    stand_at(plan, HALTS[1])
    turn(plan, h2="s2")
    assert list_legs(plan) == [
        ("start:P1", "s2", (0, 2), False, 0),
        ("s2", "s1", (2, 5), True, 0),
        HOME,
    ]


def test_who_has_no_way_home_ends_at_a_halt(plan) -> None:
    patrol = patrol_of(plan)
    patrol["stops"][-1] |= {"kind": "halt", "place_id": "halt:P1:9"}
    patrol["legs"][-1]["to"] = "halt:P1:9"
    assert list_legs(plan)[1] == ("s1", "halt:P1:9", (5, 10), False, 0)
    document = PlanFile.model_validate(plan)
    *_, last = list_whole_legs(Evidence(document), document.patrols[0])
    assert last.places == (document.patrols[0].stops[5],)
    assert judge(plan) == []
    # Nor is one that begins at a halt on its way from nowhere.
    patrol["stops"][0] |= {"kind": "halt", "place_id": "halt:P1:8"}
    assert list_legs(plan)[0][:3] == ("halt:P1:8", "s1", (0, 5))


def drive(plan, **minutes) -> None:
    """Let legs of the way out take other minutes, l1 to l5; their times stay."""
    for name, driven in minutes.items():
        patrol_of(plan)["legs"][int(name[1]) - 1]["driving_min"] = driven


def test_a_way_round_takes_no_less_than_the_quickest(plan) -> None:
    """3,000 minutes from the base to s1, to a millionth and the slack of the times.

    That is 0.003 and 10 ms, 0.000167 min: 0.003167 in all.
    """
    for turns in ({"h1": "s2"}, {"h4": "base"}, {"h1": "s2", "h3": "base"}):
        turn(plan, **turns)
        assert judge(plan) == []
        for name in ("l1", "l5"):
            true = OUT[int(name[1]) - 1]
            drive(plan, **{name: true - 0.00316})
            assert judge(plan) == []
            drive(plan, **{name: true - 0.00318})
            found = pytest.approx(3000 - 0.00318)
            assert judge(plan) == [("leg_too_fast", "base>s1", found, 3000)]
            drive(plan, **{name: true})


def test_a_part_of_a_way_round_is_held_against_its_whole_alone(plan) -> None:
    """Bound for s2 since the first halt, it has driven 720 of 2,000 by the second.

    And it has driven 1,440 to s1 from where it was sent back, which is no 3,000.
    """
    turn(plan, h1="s2", h2="s2")
    assert judge(plan) == []
    # Where that halt is at s2, 560 minutes are missing on the way there.
    stand_at(plan, HALTS[1])
    assert judge(plan)[0] == ("leg_too_fast", "base>s2", 1440, 2000)
    drive(plan, l2=1280.0)
    assert "base>s2" not in [where for _, where, *_ in judge(plan)]


def test_nobody_knows_the_quickest_way_of_two_road_states(plan) -> None:
    """It is sent elsewhere in the morning of the second day."""
    turn(plan, h1="s2")
    drive(plan, l1=700.0)
    assert judge(plan) == [("leg_too_fast", "base>s1", 2980, 3000)]
    (travel,) = plan["travel"]
    before, after = copy.deepcopy(travel), copy.deepcopy(travel)
    before["to_date"], after["from_date"] = "2014-11-03", "2014-11-04"
    plan["travel"] = [before, after]
    assert judge(plan) == []
    # Nor that of a way that no matrix knows.
    plan["travel"] = [travel]
    here, there = (travel["place_ids"].index(place) for place in ("base", "s1"))
    travel["durations_min"][here][there] = None
    assert judge(plan) == []


@pytest.mark.parametrize("turns", [{"h2": "s2"}, {"h1": "s2", "h2": "base"}])
def test_where_no_way_is_known_the_straight_line_is_the_shortest(plan, turns) -> None:
    """Less a hundredth, at 120 km/h: two minutes for each km of it."""
    turn(plan, **turns)
    legs, stops = patrol_of(plan)["legs"], patrol_of(plan)["stops"]
    here, there = ((stops[n]["lon"], stops[n]["lat"]) for n in (2, 5))
    km = estimate_distance_km(*here, *there) * 0.99
    assert 5 < km < 80
    for leg in legs[3:5]:
        leg |= {"length_km": 0.0, "driving_min": 0.0}
    drive(plan, l2=9000.0)
    leg = legs[2]
    for share, said in ((1 - 0.9e-6, False), (1 - 3e-6, True)):
        leg |= {"length_km": km * share - 0.9e-6, "driving_min": 9000.0}
        told = [("leg_shortened", "base>s1", leg["length_km"], pytest.approx(km))]
        assert judge(plan, "leg_shortened") == (told if said else [])
    leg["length_km"] = 9000.0
    least = km / 120 * 60
    for less, said in ((1e-4, False), (0.001, True)):
        leg["driving_min"] = least - less
        told = ("leg_too_fast", "base>s1", pytest.approx(least - less), least)
        assert (told in judge(plan)) is said


def test_a_hazard_is_that_of_the_ways_that_are_known(plan) -> None:
    """7 for the way home; until s1 nobody knows it, unless at s2 on the way."""
    (travel,) = plan["travel"]
    places = travel["place_ids"]
    ways = {("base", "s1"): 3.0, ("s1", "base"): 7.0, ("base", "s2"): 20.0}
    ways[("s2", "s1")] = 30.0
    travel["hazards"] = [[ways.get((a, b), 50.0) for b in places] for a in places]
    (team,) = plan["teams"]
    for turns, hazard in (
        ({}, 10.0),
        ({"h1": "s2"}, 7.0),
        ({"h1": "s2", "h3": "base"}, 7.0),
        ({"h2": "s2"}, 57.0),
    ):
        if turns:
            turn(plan, **turns)
        if hazard > 50:
            stand_at(plan, HALTS[1])
        team["hazard_budget"] = hazard
        assert judge(plan, "hazard_exceeded") == []
        team["hazard_budget"] = hazard - 0.1
        assert judge(plan, "hazard_exceeded") == [
            ("hazard_exceeded", None, hazard, hazard - 0.1)
        ]
