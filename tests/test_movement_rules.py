"""The referee's rules of movement at their edges: just kept, just broken, by what."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from patrolplan.planfile import PlanFile, format_time
from patrolplan.planning.assessment import assess_plan
from problems import build_hand_document

# What of a plan's own figures no longer adds up when a leg is changed by hand.
ITS_OWN_FIGURES = {"figures_misstated", "unserved_misstated", "need_misstated"}
TEN_MS, TWENTY_MS = timedelta(milliseconds=10), timedelta(milliseconds=20)


@pytest.fixture(scope="module")
def document():
    return build_hand_document()


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return PlanFile.model_validate(document).model_dump(mode="json", by_alias=True)


def judge(plan):
    """Return what is said of a document: rule, where, found, limit."""
    return [
        (v.rule, v.where, v.found, v.limit)
        for v in assess_plan(PlanFile.model_validate(plan)).violations
        if v.rule not in ITS_OWN_FIGURES
    ]


def patrol_of(plan):
    return plan["patrols"][0]


def find_stop(plan, place):
    stops = patrol_of(plan)["stops"]
    return next(n for n, stop in enumerate(stops) if stop["place_id"] == place)


def move(entry, by, *keys):
    """Move times of an entry; return the last as it then stands."""
    for key in keys:
        entry[key] = format_time(datetime.fromisoformat(entry[key]) + by)
    return entry[keys[-1]]


def test_the_document_is_as_it_says(plan) -> None:
    assert judge(plan) == []
    kinds = [stop["kind"] for stop in patrol_of(plan)["stops"]]
    assert kinds == [
        "base", "halt", "visit", "halt", *kinds[4:-3], "visit", "halt", "base"
    ]  # fmt: skip


@pytest.mark.parametrize("sign", [-1, 1])
def test_times_join_to_ten_milliseconds(plan, sign) -> None:
    """Of the patrol, its first and last stop, and the two ends of every leg."""
    patrol = patrol_of(plan)
    base = patrol["stops"][0]["place_id"]
    joints = [(patrol, "depart", base), (patrol, "return", base)]
    for leg in patrol["legs"]:
        name = f"{leg['from']}>{leg['to']}"
        joints += [(leg, "depart", name), (leg, "arrive", name)]
    for entry, key, where in joints:
        told = entry[key]
        move(entry, sign * TEN_MS, key)
        assert judge(plan) == []
        entry[key] = told
        found = move(entry, sign * TWENTY_MS, key)
        said = [(rule, at, f) for rule, at, f, _ in judge(plan)]
        assert ("times_disagree", where, found) in said
        entry[key] = told


def test_the_ends_of_a_patrol_have_one_time_each(plan) -> None:
    first, last = (patrol_of(plan)["stops"][n] for n in (0, -1))
    first["arrive"], last["depart"] = first["depart"], last["arrive"]
    base = first["place_id"]
    assert judge(plan) == [
        ("times_disagree", base, first["arrive"], None),
        ("times_disagree", base, last["depart"], None),
    ]


@pytest.mark.parametrize("name", ["a", "zz"])
@pytest.mark.parametrize("end", ["from", "to"])
def test_a_leg_bears_the_names_of_its_stops(plan, name, end) -> None:
    for number, leg in enumerate(patrol_of(plan)["legs"]):
        told = leg[end]
        leg[end] = name
        there = patrol_of(plan)["stops"][number + 1]["place_id"]
        where = f"{leg['from']}>{leg['to']}"
        assert judge(plan) == [("times_disagree", where, leg["to"], there)]
        leg[end] = told


@pytest.mark.parametrize("count", [-1, 1])
def test_there_is_a_leg_between_each_two_stops(plan, count) -> None:
    legs = patrol_of(plan)["legs"]
    there = len(legs)
    legs[there:] = [legs[-1]] if count > 0 else []
    del legs[there + count :]
    found = ("times_disagree", None, there + count, there)
    assert found in judge(plan)


@pytest.mark.parametrize("key", ["lon", "lat"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_stop_stands_within_a_metre_of_its_place(plan, key, sign) -> None:
    for stop in patrol_of(plan)["stops"]:
        if stop["kind"] == "halt":
            continue
        told, there = stop[key], [stop["lon"], stop["lat"]]
        stop[key] = told + sign * 0.9e-5
        assert judge(plan) == []
        stop[key] = told + sign * 1.1e-5
        found = [stop["lon"], stop["lat"]]
        assert judge(plan) == [("stop_misplaced", stop["place_id"], found, there)]
        stop[key] = told


def test_a_visit_stands_at_its_site(plan) -> None:
    for place, other in (("s1", "s2"), ("s2", "s1")):
        stop = patrol_of(plan)["stops"][find_stop(plan, place)]
        stop["site_id"] = other
        said = [(rule, where) for rule, where, *_ in judge(plan)]
        assert ("stop_misplaced", place) in said
        stop["site_id"] = place


@pytest.mark.parametrize("number", [0, -1])
def test_a_patrol_begins_and_ends_at_the_base_of_its_team(plan, number) -> None:
    stop = patrol_of(plan)["stops"][number]
    stop["kind"] = "visit"
    assert ("not_at_base", "base", "visit", "base") in judge(plan)
    stop["kind"] = "base"
    patrol_of(plan)["base_id"] = "other"
    assert ("not_at_base", None, "other", "base") in judge(plan)


def test_days_are_counted_from_the_first_to_the_last(plan) -> None:
    (team,) = plan["teams"]
    limits = plan["scenario"]["limits"]
    team["max_days"] = limits["min_days"] = 5
    assert judge(plan) == []
    team["max_days"] = 4
    assert judge(plan) == [("too_many_days", None, 5, 4)]
    team["max_days"], limits["min_days"] = 6, 6
    assert judge(plan) == [("too_few_days", None, 5, 6)]


def test_a_patrol_lies_within_the_horizon(plan) -> None:
    scenario, patrol = plan["scenario"], patrol_of(plan)
    first = scenario["start"]
    scenario["horizon_days"] = 5
    assert judge(plan) == []
    scenario["horizon_days"] = 4
    last = datetime.fromisoformat(first) + timedelta(days=3)
    limit = str(last.date())
    assert judge(plan) == [("outside_horizon", None, patrol["return"], limit)]
    scenario |= {"horizon_days": 10, "start": patrol["depart"]}
    assert judge(plan) == []
    move(scenario, timedelta(minutes=1), "start")
    assert judge(plan) == [("outside_horizon", None, patrol["depart"], first[:10])]


def test_a_range_is_kept_up_to_a_millionth(plan) -> None:
    (team,) = plan["teams"]
    length = sum(leg["length_km"] for leg in patrol_of(plan)["legs"])
    team["range_km"] = length * (1 - 0.9e-6)
    assert judge(plan) == []
    team["range_km"] = length * (1 - 1.1e-6)
    assert judge(plan) == [
        ("range_exceeded", None, pytest.approx(length), team["range_km"])
    ]


def legs_to(plan, place):
    """The pieces of the way that ends at a site."""
    end = find_stop(plan, place)
    stops = patrol_of(plan)["stops"]
    begin = max(n for n in range(end) if stops[n]["kind"] != "halt")
    return patrol_of(plan)["legs"][begin:end]


@pytest.mark.parametrize(
    ("place", "where", "minutes"), [("s1", "base>s1", 900), ("s2", "s1>s2", 300)]
)
def test_a_way_takes_its_minutes_and_its_length(plan, place, where, minutes) -> None:
    """A millionth of the way and ten milliseconds may be missing, and a millimetre."""
    piece = legs_to(plan, place)[0]
    told, length = piece["driving_min"], piece["length_km"]
    total = sum(leg["length_km"] for leg in legs_to(plan, place))
    least = minutes * 1e-6 + 1 / 6000
    piece["driving_min"] = told - 0.9 * least
    assert judge(plan) == []
    piece["driving_min"] = told - 1.1 * least
    found = pytest.approx(minutes, abs=0.01)
    assert judge(plan) == [("leg_too_fast", where, found, minutes)]
    piece["driving_min"] = told
    least = (total + 1) * 1e-6
    piece["length_km"] = length - 0.9 * least
    assert judge(plan) == []
    piece["length_km"] = length - 1.1 * least
    found = pytest.approx(total, abs=0.01)
    assert judge(plan) == [("leg_shortened", where, found, pytest.approx(total))]


def test_a_piece_takes_at_least_what_it_says_it_was_driven(plan) -> None:
    piece = legs_to(plan, "s1")[-1]
    told = piece["driving_min"]
    piece["driving_min"] = told + 0.9 / 6000
    assert judge(plan) == []
    piece["driving_min"] = told + 1.1 / 6000
    where = f"{piece['from']}>{piece['to']}"
    found = [pytest.approx(told), pytest.approx(told, abs=0.01)]
    assert judge(plan) == [("leg_too_fast", where, *found)]


def test_no_leg_moves_outside_the_window(plan) -> None:
    """The first piece drives from 06:00 to 18:00, the whole of the window."""
    patrol = patrol_of(plan)
    leg, base, halt = patrol["legs"][0], patrol["stops"][0], patrol["stops"][1]
    where = f"{leg['from']}>{leg['to']}"
    opens, closes = leg["depart"], leg["arrive"]
    for by, broken in ((TEN_MS, False), (TWENTY_MS, True)):
        for entry in (patrol, base, leg):
            early = move(entry, -by, "depart")
        expected = [("night_movement", where, early, opens)] if broken else []
        assert judge(plan) == expected
        for entry in (patrol, base, leg):
            entry["depart"] = opens
        for entry in (leg, halt):
            late = move(entry, by, "arrive")
        expected = [("night_movement", where, late, closes)] if broken else []
        assert judge(plan) == expected
        for entry in (leg, halt):
            entry["arrive"] = closes


def test_a_dwell_is_as_long_as_the_site_asks(plan) -> None:
    site = next(site for site in plan["sites"] if site["id"] == "s1")
    site["dwell_min"] = 500 + 0.9 / 6000
    assert judge(plan) == []
    site["dwell_min"] = 500 + 1.1 / 6000
    assert judge(plan) == [("dwell_too_short", "s1", 500, site["dwell_min"])]


def test_a_visit_begins_in_a_window_of_its_site(plan) -> None:
    site = next(site for site in plan["sites"] if site["id"] == "s1")
    stop = patrol_of(plan)["stops"][find_stop(plan, "s1")]
    at = datetime.fromisoformat(stop["arrive"])
    hour = timedelta(hours=1)
    for begins, ends, kept in (
        (at, at + hour, True),
        (at - hour, at, True),
        (at + TEN_MS, at + hour, True),
        (at - hour, at - TEN_MS, True),
        (at + TWENTY_MS, at + hour, False),
        (at - hour, at - TWENTY_MS, False),
    ):
        early = [format_time(at - 9 * hour), format_time(at - 8 * hour)]
        window = [format_time(begins), format_time(ends)]
        site["windows"] = [early, window]
        expected = ("window_missed", "s1", stop["arrive"], [early, window])
        assert judge(plan) == ([] if kept else [expected])


def test_roles_are_those_of_the_team(plan) -> None:
    site = next(site for site in plan["sites"] if site["id"] == "s1")
    stop = patrol_of(plan)["stops"][find_stop(plan, "s1")]
    plan["teams"][0]["roles"] = ["medic", "driver"]
    site["roles_required"] = stop["roles"] = ["medic"]
    assert judge(plan) == []
    site["roles_required"] = ["police", "medic", "engineer"]
    has, lacking = ["driver", "medic"], ["engineer", "police"]
    assert judge(plan) == [("role_missing", "s1", has, lacking)]
    site["roles_required"], stop["roles"] = [], ["police", "medic"]
    assert judge(plan) == [("role_missing", "s1", ["police"], has)]


def test_who_and_where_must_be_known(plan) -> None:
    patrol = patrol_of(plan)
    patrol["legs"][0]["passed"] = ["s1", "atlantis"]
    where = f"{patrol['legs'][0]['from']}>{patrol['legs'][0]['to']}"
    assert ("unknown_site", where, "atlantis", None) in judge(plan)
    patrol["legs"][0]["passed"] = []
    patrol["team_id"] = "nobody"
    assert ("unknown_team", None, "nobody", None) in judge(plan)


@pytest.mark.parametrize("end", [0, -1])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_drawing_ends_within_100_m_of_its_stops(plan, end, sign) -> None:
    """A degree of latitude is 111.2 km: 0.0009 are 100.1 m."""
    for leg in patrol_of(plan)["legs"]:
        spot = leg["geometry"]["coordinates"][end]
        told = spot[1]
        spot[1] = told + sign * 0.00089
        assert judge(plan) == []
        spot[1] = told + sign * 0.00091
        where = f"{leg['from']}>{leg['to']}"
        ((rule, at, found, limit),) = judge(plan)
        assert (rule, at, limit) == ("geometry_misplaced", where, 100)
        assert found == pytest.approx(101.2, abs=0.2)
        spot[1] = told


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("7", True),
        ("999999", True),
        ("0", False),
        ("01", False),
        ("1000000", False),
        ("", False),
        ("-1", False),
    ],
)
def test_a_halt_is_numbered_from_1_to_999999(plan, number, kept) -> None:
    patrol = patrol_of(plan)
    patrol["stops"][1]["place_id"] = name = f"halt:P1:{number}"
    patrol["legs"][0]["to"] = patrol["legs"][1]["from"] = name
    expected = ("halt_misnamed", name, 1, "halt:P1:<n>")
    assert judge(plan) == ([] if kept else [expected])


def test_no_two_halts_bear_one_name_and_none_that_of_another_patrol(plan) -> None:
    patrol = patrol_of(plan)
    name = patrol["stops"][1]["place_id"]
    patrol["stops"][3]["place_id"] = name
    patrol["legs"][2]["to"] = patrol["legs"][3]["from"] = name
    assert judge(plan) == 2 * [("halt_misnamed", name, 2, "halt:P1:<n>")]
    patrol["stops"][3]["place_id"] = other = "halt:P2:1"
    patrol["legs"][2]["to"] = patrol["legs"][3]["from"] = other
    assert judge(plan) == [("halt_misnamed", other, 1, "halt:P1:<n>")]


def test_hazard_adds_up_over_whole_ways(plan) -> None:
    """Base to s1 2, s1 to s2 3, s2 to the base 4: 9; halts on the way add nothing."""
    (travel,) = plan["travel"]
    (team,) = plan["teams"]
    places = travel["place_ids"]
    ways = {("base", "s1"): 2.0, ("s1", "s2"): 3.0, ("s2", "base"): 4.0}
    travel["hazards"] = [[ways.get((a, b), 50.0) for b in places] for a in places]
    team["hazard_budget"] = 9 / (1 + 0.9e-6)
    assert judge(plan) == []
    team["hazard_budget"] = 9 / (1 + 1.1e-6)
    assert judge(plan) == [("hazard_exceeded", None, 9, team["hazard_budget"])]
    team["hazard_budget"] = 0.0
    assert judge(plan) == [("hazard_exceeded", None, 9, 0)]


def test_a_way_that_no_matrix_knows_is_none(plan) -> None:
    (travel,) = plan["travel"]
    here, there = (travel["place_ids"].index(place) for place in ("base", "s1"))
    for name in ("durations_min", "lengths_km"):
        told = travel[name][here][there]
        travel[name][here][there] = None
        assert judge(plan) == [("no_way", "base>s1", None, None)]
        travel[name][here][there] = told
