"""The referee's need earned on the way, on a plan by hand: who earns it, and where."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from math import cos, radians

import pytest

from gate_answers import pass_gates
from patrolplan.planfile import PlanFile, format_time
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.evidence import Evidence
from patrolplan.planning.passing_rules import find_passings
from problems import build_hand_document

# The line is worth 60 by three stretches. Passing a site earns a quarter of its need:
# s1 has 100, s2 300 and both are visited; s3, which is not, has 80.
WORTH = {"rn:1": 25.0, "rn:2": 15.0, "rn:3": 20.0}
SHARES = {"s1": 25.0, "s2": 75.0, "s3": 20.0}
# Driven by day: 720 and 180; 40, 260 and none; 220 and 380 minutes.
WAYS = {
    ("base", "s1"): [["s3", 720.0], ["rn:1", 100.0]],
    ("s1", "s2"): [["rn:2", 40.0], ["rn:1", 50.0]],
    ("s2", "base"): [["s3", 1.0], ["rn:3", 221.0], ["s1", 300.0]],
}
EARNED = {(0, 0): ("rn:1", "s3"), (0, 2): ("rn:2",), (0, 6): ("rn:3",)}
RULES = ("passed_misstated", "geometry_misplaced", "need_misstated")
KM_PER_DEG = 111.195


@pytest.fixture(scope="module")
def document():
    """Four legs of seven earn on the way, and say so."""
    document = build_hand_document()
    limits = document["scenario"]["limits"]
    line = {"line_id": "rn", "need": 60.0, "source": "made up"}
    limits |= {"passing_km": 20_000.0, "passing_share": 0.25, "lines_presence": [line]}
    passed = {"id": "s3", "name": "S3", "need": 80.0, "lon": 0.2, "lat": 16.4}
    document["sites"].append(document["sites"][0] | passed)
    document["waysides"] = [
        {"id": key, "line_id": "rn", "site_id": None, "need": need}
        for key, need in WORTH.items()
    ] + [
        {"id": site, "line_id": None, "site_id": site, "need": need}
        for site, need in SHARES.items()
    ]
    document["travel"][0]["ways"] = [
        {"from": here, "to": there, "comes_by": found}
        for (here, there), found in WAYS.items()
    ]
    legs = document["patrols"][0]["legs"]
    for (_, number), keys in EARNED.items():
        legs[number]["lines"] = ["rn"] if "rn" in str(keys) else []
        legs[number]["passed"] = [key for key in keys if key in SHARES]
        needs = WORTH | SHARES
        legs[number]["need_earned"] = sum(needs[key] for key in keys)
    return document


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return PlanFile.model_validate(document).model_dump(mode="json", by_alias=True)


def judge(plan, *rules):
    """Return what is said of the way: rule, where, found, limit."""
    found = assess_plan(PlanFile.model_validate(plan)).violations
    return [
        (v.rule, v.where, v.found, v.limit) for v in found if v.rule in (rules or RULES)
    ]


def find_earned(plan) -> dict:
    found = find_passings(Evidence(PlanFile.model_validate(plan)))
    return {leg: tuple(w.id for w in waysides) for leg, waysides in found.items()}


def legs_of(plan):
    return plan["patrols"][0]["legs"]


def find_way(plan, here, there):
    """What a way comes by, to be changed."""
    ways = plan["travel"][0]["ways"]
    return next(w for w in ways if (w["from"], w["to"]) == (here, there))["comes_by"]


def move(patrol, by) -> None:
    """Let a patrol do everything later."""
    entries = [patrol, *patrol["stops"], *patrol["legs"]]
    for entry in entries:
        for key in {"depart", "arrive", "return"} & entry.keys():
            if entry[key] is not None:
                later = datetime.fromisoformat(entry[key]) + by
                entry[key] = format_time(later)


def add_patrol(plan, name, by=timedelta(0), vehicle="light"):
    """A second patrol that does the same, of a team of its own."""
    second = copy.deepcopy(plan["patrols"][0]) | {"id": name, "team_id": "t2"}
    for number, stop in enumerate(second["stops"]):
        stop["place_id"] = stop["place_id"].replace(":P1:", f":{name}:")
        for leg, end in ((number - 1, "to"), (number, "from")):
            if 0 <= leg < len(second["legs"]):
                second["legs"][leg][end] = stop["place_id"]
    move(second, by)
    plan["patrols"].append(second)
    plan["teams"].append(plan["teams"][0] | {"id": "t2", "vehicle": vehicle})
    return second


def test_what_is_told_rightly_is_accepted(plan) -> None:
    assert [leg["driving_min"] for leg in legs_of(plan)] == pytest.approx(
        [720, 180, 40, 260, 0, 220, 380]
    )
    assert find_earned(plan) == EARNED
    assert judge(plan) == []


@pytest.mark.parametrize(
    ("way", "minute", "leg"),
    [
        (("base", "s1"), 0.0, 0),
        (("base", "s1"), 720.0 + 0.9e-6, 0),
        (("base", "s1"), 720.0 + 1.1e-6, 1),
        (("base", "s1"), 900.0, 1),
        # Beyond its end, which is a fault of its own, on the last that moves.
        (("base", "s1"), 950.0, 1),
        (("s1", "s2"), 40.0, 2),
        (("s1", "s2"), 41.0, 3),
        (("s1", "s2"), 300.0, 3),
        (("s1", "s2"), 301.0, 3),
        (("s2", "base"), 220.0, 5),
        (("s2", "base"), 600.0, 6),
    ],
)
def test_a_leg_earns_the_minutes_that_it_drives(plan, way, minute, leg) -> None:
    for told in plan["travel"][0]["ways"]:
        told["comes_by"] = []
    find_way(plan, *way).append(["s3", minute])
    assert find_earned(plan) == {(0, leg): ("s3",)}


def test_a_way_that_takes_no_time_is_driven_on_its_last_leg(plan) -> None:
    for leg in legs_of(plan)[2:5]:
        leg["driving_min"] = 0.0
    found = find_earned(plan)
    assert found.pop((0, 4)) == ("rn:2",)
    assert found == {leg: keys for leg, keys in EARNED.items() if leg != (0, 2)}


def test_less_than_a_minute_is_driven_too(plan) -> None:
    """The way to s2 begins with half a minute, and comes by the line within it."""
    legs_of(plan)[2]["driving_min"] = 0.5
    find_way(plan, "s1", "s2")[:] = [["rn:2", 0.4], ["rn:3", 0.6]]
    found = find_earned(plan)
    assert (found[0, 2], found[0, 3]) == (("rn:2",), ("rn:3",))


def test_a_leg_earns_in_the_order_in_which_it_comes_by(plan) -> None:
    way = find_way(plan, "base", "s1")
    way[:] = [["rn:3", 30.0], ["s3", 10.0], ["rn:1", 20.0], ["rn:2", 10.0]]
    assert find_earned(plan)[0, 0] == ("rn:2", "s3", "rn:1", "rn:3")


@pytest.mark.parametrize("key", ["nobody", "s1"])
def test_what_earns_nothing_hides_nothing(plan, key) -> None:
    """Neither what the document does not know nor a site that is visited."""
    find_way(plan, "base", "s1").append([key, 0.0])
    assert find_earned(plan) == EARNED


def test_only_who_is_known_and_joined_earns(plan) -> None:
    second = add_patrol(plan, "P0")
    earned = {(1, number): keys for (_, number), keys in EARNED.items()}
    assert find_earned(plan) == earned
    first = plan["patrols"][0]
    # The first in the document, so that what comes after it is looked at all the same.
    plan["patrols"] = [second, first]
    for change in ({"team_id": "nobody"}, {"legs": second["legs"][:-1]}):
        plan["patrols"][0] = second | change
        earned = {(1, number): keys for (_, number), keys in EARNED.items()}
        assert find_earned(plan) == earned


def give_heavy_ways(plan, minute) -> None:
    """Travel of a second class of vehicle, which comes by s3 at another minute."""
    heavy = copy.deepcopy(plan["travel"][0]) | {"vehicle": "heavy"}
    heavy["ways"][0]["comes_by"] = [["s3", minute]]
    plan["travel"].append(heavy)


@pytest.mark.parametrize(
    ("name", "late_s", "earns"),
    [
        ("P0", -0.4, 1),
        ("P0", 0.4, 1),
        ("P0", 0.6, 0),
        ("P2", -0.4, 0),
        ("P2", 0.4, 0),
        ("P2", -0.6, 1),
    ],
)
def test_the_first_to_the_second_earns_and_then_the_first_by_id(
    plan, name, late_s, earns
) -> None:
    """The second leaves 7 minutes later, and comes by 7 minutes sooner on its way.

    Once on the leg of the first day, once on that of the second: 800 - 720 = 80.
    """
    for minute, leg in ((400.0, 0), (800.0, 1)):
        told = copy.deepcopy(plan)
        find_way(told, "base", "s1")[:] = [["s3", minute]]
        find_way(told, "s2", "base").clear()
        add_patrol(told, name, timedelta(minutes=7), vehicle="heavy")
        give_heavy_ways(told, minute - 7 + late_s / 60)
        found = find_earned(told)
        assert "s3" in found[earns, leg]
        assert sum("s3" in keys for keys in found.values()) == 1


def test_a_way_is_that_of_the_day_on_which_it_is_driven(plan) -> None:
    """They leave the base on 3, s1 on 4 and s2 on 6 November."""
    travel = plan["travel"][0]
    until, since = copy.deepcopy(travel), copy.deepcopy(travel)
    until["to_date"], since["from_date"] = "2014-11-03", "2014-11-04"
    until["ways"][1]["comes_by"] = [["rn:3", 10.0]]
    since["ways"][0]["comes_by"] = [["rn:3", 10.0]]
    plan["travel"] = [until, since]
    assert find_earned(plan) == EARNED
    # Of a day without travel nobody knows the ways, of the days after it they do.
    until["to_date"] = "2014-11-02"
    assert find_earned(plan) == {
        (0, 2): ("rn:2",),
        (0, 3): ("rn:1",),
        (0, 5): ("s3",),
        (0, 6): ("rn:3",),
    }
    until["to_date"], since["ways"] = "2014-11-03", None
    assert find_earned(plan) == {(0, 0): ("rn:1", "s3")}


def turn(plan, bound_for) -> None:
    """Let the patrol be sent to s1 at its first halt: 720 minutes until then."""
    halt = plan["patrols"][0]["stops"][1]["place_id"]
    told = {"halt_id": halt, "bound_for": bound_for}
    plan["patrols"][0]["turns"] = [told]


def test_who_is_sent_elsewhere_has_earned_until_there(plan) -> None:
    """On the way to s2, which is not driven to its end; what follows is known again."""
    slack = 0.9e-6
    found = [["s3", 720 + 1.1e-6], ["rn:1", 720 + slack], ["rn:2", 5.0], ["rn:3", 900]]
    plan["travel"][0]["ways"] = [
        {"from": "base", "to": "s2", "comes_by": found},
        {"from": "base", "to": "s1", "comes_by": [["s3", 0.0], ["s3", 800.0]]},
        {"from": "s1", "to": "s2", "comes_by": [["rn:3", 41.0]]},
        {"from": "s2", "to": "base", "comes_by": [["s3", 300.0]]},
    ]
    turn(plan, "s2")
    expected = {(0, 0): ("rn:2", "rn:1"), (0, 3): ("rn:3",), (0, 6): ("s3",)}
    assert find_earned(plan) == expected
    # Bound for a place that nobody knows, it has earned nothing that is known.
    turn(plan, "nowhere")
    del expected[0, 0]
    assert find_earned(plan) == expected


def test_where_nothing_earns_nothing_is_found(plan) -> None:
    plan["waysides"] = None
    assert find_earned(plan) == {}


def test_each_leg_says_what_it_passes_and_drives(plan) -> None:
    for number, leg in enumerate(legs_of(plan)):
        where = f"{leg['from']}>{leg['to']}"
        sites, lines = leg["passed"], leg["lines"]
        others = ["s1", "s2"] if sites else ["s3"]
        for told in (others, [*sites, "s1"], *([[]] if sites else [])):
            leg["passed"] = told
            assert judge(plan) == [
                ("passed_misstated", where, sorted(told), sorted(sites))
            ]
        leg["passed"] = sites
        # More lines than earn may be driven.
        leg["lines"] = ["other", *lines]
        assert judge(plan) == []
        leg["lines"] = ["z", "other"]
        missing = ("passed_misstated", where, ["other", "z"], ["rn"])
        assert judge(plan) == ([missing] if (0, number) in EARNED else [])
        leg["lines"] = lines


def test_each_leg_says_what_it_earns(plan) -> None:
    for leg in legs_of(plan):
        true = leg["need_earned"]
        for told in (true + 1.1e-6 * max(true, 1), true + 1):
            leg["need_earned"] = told
            where = f"{leg['from']}>{leg['to']}"
            assert judge(plan) == [("need_misstated", where, told, true)]
        leg["need_earned"] = true + 0.9e-6
        assert judge(plan) == []
        leg["need_earned"] = true


@pytest.mark.parametrize("key", ["s1", "rn:1"])
@pytest.mark.parametrize(("off", "kept"), [(0.9e-6, True), (1.1e-6, False)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_what_is_passed_earns_its_share_and_what_is_driven_its_worth(
    plan, key, off, kept, sign
) -> None:
    """25 for s1, of a need of 100 a quarter; and 60 for the line in all."""
    entry = next(w for w in plan["waysides"] if w["id"] == key)
    whole = 25.0 if key == "s1" else 60.0
    entry["need"] += sign * off * whole
    where = key.partition(":")[0]
    found = pytest.approx(whole * (1 + sign * off), rel=1e-9)
    expected = [("passed_misstated", where, found, whole)]
    assert judge(plan, "passed_misstated") == ([] if kept else expected)


def test_a_line_that_earns_is_a_line_of_presence(plan) -> None:
    presence = plan["scenario"]["limits"]["lines_presence"]
    presence.append(presence[0] | {"line_id": "a", "need": 5.0})
    assert judge(plan) == [("passed_misstated", "a", 0.0, 5.0)]
    presence[1]["need"] = 0.9e-6
    assert judge(plan) == []
    presence[1]["need"] = 1.1e-6
    assert judge(plan) == [("passed_misstated", "a", 0.0, 1.1e-6)]
    del presence[:]
    assert judge(plan) == [("passed_misstated", "rn", 60.0, 0.0)]


def test_a_site_without_a_need_that_is_known_earns_nothing_by_being_passed(plan):
    plan["sites"][2]["need"] = None
    assert judge(plan) == [("passed_misstated", "s3", 20.0, 0.0)]


def test_what_earns_bears_a_name_of_its_own_and_is_of_one_kind(plan) -> None:
    """What is not counts for nothing, and what follows it counts."""
    told = list(plan["waysides"])
    site = {"id": "s1", "line_id": None, "site_id": "s3", "need": 9.0}
    line = {"id": "rn:1", "line_id": "rn", "site_id": None, "need": 9.0}
    both = {"id": "both", "line_id": "rn", "site_id": "s3", "need": 9.0}
    none = {"id": "none", "line_id": None, "site_id": None, "need": 9.0}
    for entry, named in ((both, "s3"), (none, None)):
        plan["waysides"] = [entry, *told]
        expected = [("passed_misstated", entry["id"], named, None)]
        assert judge(plan, "passed_misstated") == expected
    plan["waysides"] = [*told, line]
    expected = [("passed_misstated", "rn:1", "rn", None)]
    assert judge(plan, "passed_misstated") == expected
    # By its name it is earned all the same, on the leg that comes by s1.
    plan["waysides"] = [*told, site]
    assert judge(plan, "passed_misstated") == [
        ("passed_misstated", "s1", "s3", None),
        ("passed_misstated", "halt:P1:4>base", [], ["s3"]),
    ]


def test_a_site_is_passed_under_one_name_and_stands_in_the_plan(plan) -> None:
    entry = {"id": "again", "line_id": None, "site_id": "s1", "need": 25.0}
    told = list(plan["waysides"])
    plan["waysides"] = [*told, entry]
    assert judge(plan) == [("passed_misstated", "again", "s1", None)]
    plan["waysides"] = [*told, entry | {"site_id": "atlantis"}]
    assert judge(plan) == [("passed_misstated", "again", "atlantis", None)]
    # Of two the last is held against the share.
    plan["waysides"] = [*told, entry | {"need": 24.0}]
    assert judge(plan)[1:] == [("passed_misstated", "s1", 24.0, 25.0)]


def test_where_a_gate_lets_nobody_go_being_seen_may_go_unpaid(plan) -> None:
    """Of s1 and s2 nothing is paid; a gate is closed for s1 alone."""
    plan["waysides"] = [w for w in plan["waysides"] if w["id"] not in ("s1", "s2")]
    find_way(plan, "s2", "base").pop()
    unpaid = [("passed_misstated", s, 0.0, n) for s, n in (("s1", 25.0), ("s2", 75.0))]
    assert judge(plan) == unpaid
    answered = pass_gates(PlanFile.model_validate(plan))
    plan = answered.model_dump(mode="json", by_alias=True)
    assert judge(plan) == unpaid
    harm = [gate for gate in plan["gates"] if gate["gate"] == "visit_harm"]
    next(gate for gate in harm if gate["site_id"] == "s1")["answer"] = "yes"
    assert judge(plan) == unpaid[1:]
    # What is paid all the same is paid by its share.
    paid = {"id": "s1", "line_id": None, "site_id": "s1", "need": 20.0}
    plan["waysides"].append(paid)
    assert judge(plan) == [("passed_misstated", "s1", 20.0, 25.0), *unpaid[1:]]


@pytest.mark.parametrize(
    ("change", "ids", "minutes"),
    [
        ({"comes_by": [["rn:2", 0.0], ["rn:2", 1.0]]}, ["rn:2", "rn:2"], 300),
        ({"comes_by": [["rn:2", 0.0], ["rn:9", 1.0]]}, ["rn:2", "rn:9"], 300),
        ({"comes_by": [["s1", 0.0]]}, ["s1"], 300),
        ({"comes_by": [["s2", 0.0]]}, ["s2"], 300),
        ({"comes_by": [["rn:2", 300 * (1 + 1.1e-6)]]}, ["rn:2"], 300),
        ({"comes_by": [["rn:3", 301.0], ["rn:2", 0.0]]}, ["rn:3", "rn:2"], 300),
        ({"to": "s3"}, ["rn:2", "rn:1"], None),
        ({"from": "s3"}, ["rn:2", "rn:1"], None),
        ({"to": "s1"}, ["rn:2", "rn:1"], 0),
        ({"from": "base", "to": "s1"}, ["rn:2", "rn:1"], 900),
    ],
)
def test_a_way_comes_by_what_is_known_once_and_while_it_is_driven(
    plan, change, ids, minutes
) -> None:
    way = plan["travel"][0]["ways"][1]
    way |= change
    where = f"{way['from']}>{way['to']}"
    # What its legs say of it is another matter.
    legs = {f"{leg['from']}>{leg['to']}" for leg in legs_of(plan)}
    found = [told for told in judge(plan, "passed_misstated") if told[1] not in legs]
    assert found == [("passed_misstated", where, ids, minutes)]


def test_the_ends_of_a_way_may_be_reached_at_its_last_minute(plan) -> None:
    find_way(plan, "s1", "s2").append(["rn:3", 300 * (1 + 0.9e-6)])
    assert not [told for told in judge(plan) if told[1] == "s1>s2"]


def test_a_cell_that_is_not_there_is_no_way(plan) -> None:
    """Rows of a file are looked at one by one: s2 is the third of its places."""
    travel = plan["travel"][0]
    assert travel["place_ids"] == ["base", "s1", "s2"]
    del travel["durations_min"][1][2]
    expected = ("passed_misstated", "s1>s2", ["rn:2", "rn:1"], None)
    assert expected in judge(plan)
    travel["durations_min"][1].append(None)
    assert expected in judge(plan)


def draw_km(site, points):
    """Positions so many km east and north of a site."""
    narrow = cos(radians(site["lat"]))
    return [
        [site["lon"] + x / KM_PER_DEG / narrow, site["lat"] + y / KM_PER_DEG]
        for x, y in points
    ]


@pytest.mark.parametrize(
    ("points", "away_km", "length_km"),
    [
        # On a line 3 x + 4 y = 25, which is 5 km away at (3, 4).
        ([(-1, 7), (11, -2)], 5.0, 15.0),
        ([(11, -2), (-1, 7)], 5.0, 15.0),
        # Before and after that point an end is nearest: the root of 50.
        ([(7, 1), (15, -5)], 50**0.5, 10.0),
        ([(15, -5), (7, 1)], 50**0.5, 10.0),
        ([(-9, 13), (-1, 7)], 50**0.5, 10.0),
        ([(-1, 7), (-9, 13)], 50**0.5, 10.0),
        # Ways north and east, and one that moves nowhere.
        ([(6, -30), (6, 30)], 6.0, 60.0),
        ([(-30, -6), (30, -6)], 6.0, 60.0),
        ([(3, 4), (3, 4)], 5.0, 0.0),
        # Of several pieces the nearest, be it the first or the last.
        ([(90, 90), (11, -2), (-1, 7)], 5.0, 15.0),
        ([(11, -2), (-1, 7), (-90, 90)], 5.0, 15.0),
    ],
)
def test_what_is_passed_lies_near_the_leg_as_it_is_drawn(
    plan, points, away_km, length_km
) -> None:
    """Within a hundredth and 100 m more, and what a straight line may bend by.

    Of 60 km that is 60 x 60 / 8 / 6371 = 0.071 km.
    """
    site, leg = plan["sites"][2], legs_of(plan)[0]
    leg["geometry"]["coordinates"] = draw_km(site, points)
    limits = plan["scenario"]["limits"]
    seen_km = (away_km - 0.1 - length_km**2 / 8 / 6371) / 1.01
    where = f"{leg['from']}>{leg['to']}"
    leg["passed"] = ["atlantis", "s3"]
    far = ("geometry_misplaced", where, "s3", None)
    limits["passing_km"] = seen_km + 0.001
    assert far not in judge(plan)
    limits["passing_km"] = seen_km - 0.001
    assert far in judge(plan)
