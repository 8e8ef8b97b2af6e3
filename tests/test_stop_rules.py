"""The referee on stops and pieces of legs: days, hours, work and names at the edges."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta

import pytest

from patrolplan.planfile import PlanFile, format_time
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.evidence import Evidence
from problems import build_hand_document

ITS_OWN_FIGURES = {"figures_misstated", "unserved_misstated", "need_misstated"}
MS, MINUTE = timedelta(milliseconds=1), timedelta(minutes=1)


@pytest.fixture(scope="module")
def document():
    return build_hand_document()


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return copy.deepcopy(document)


def judge(plan, *rules):
    """Return what is said of a document: rule, where, found, limit."""
    found = assess_plan(PlanFile.model_validate(plan)).violations
    return [
        (v.rule, v.where, v.found, v.limit)
        for v in found
        if v.rule not in ITS_OWN_FIGURES and (not rules or v.rule in rules)
    ]


def at(day, hour=0, minute=0, ms=0) -> str:
    moment = datetime(2014, 11, day, hour, minute, tzinfo=UTC) + ms * MS
    return format_time(moment)


def stay(plan, number, arrive=None, depart=None) -> None:
    """Let a stop and the legs that end and begin there have other times."""
    patrol = plan["patrols"][0]
    stop = patrol["stops"][number]
    if arrive is not None:
        stop["arrive"] = patrol["legs"][number - 1]["arrive"] = arrive
    if depart is not None:
        stop["depart"] = patrol["legs"][number]["depart"] = depart


def name_leg(plan, number) -> str:
    leg = plan["patrols"][0]["legs"][number]
    return f"{leg['from']}>{leg['to']}"


def test_the_stops_are_where_the_tests_believe_them_to_be(plan) -> None:
    """s1 is the third stop and s2 the sixth, where a night was spent before work."""
    stops = plan["patrols"][0]["stops"]
    assert [stop["place_id"] for stop in stops] == [
        "base", "halt:P1:1", "s1", "halt:P1:2", "halt:P1:3", "s2", "halt:P1:4", "base"
    ]  # fmt: skip
    assert (stops[2]["arrive"], stops[2]["depart"]) == (at(4, 9), at(4, 17, 20))
    assert (stops[4]["arrive"], stops[4]["depart"]) == (at(5, 10, 20), at(6, 6))
    assert (stops[5]["arrive"], stops[5]["depart"]) == (at(6, 6), at(6, 14, 20))
    assert judge(plan) == []


def test_no_leg_ends_before_it_begins(plan) -> None:
    """The one from the halt at s2 to s2 takes no time at all, to ten milliseconds."""
    where = name_leg(plan, 4)
    stay(plan, 4, depart=at(6, 6, ms=10))
    assert judge(plan) == []
    stay(plan, 4, depart=at(6, 6, ms=12))
    found = pytest.approx(-12 / 60_000)
    assert judge(plan) == [
        ("times_disagree", where, at(6, 6), at(6, 6, ms=12)),
        ("leg_too_fast", where, found, 0),
    ]


def test_no_stop_ends_before_it_begins(plan) -> None:
    for number, stop in enumerate(plan["patrols"][0]["stops"]):
        told = stop["arrive"], stop["depart"]
        if None in told:
            continue
        moment = datetime.fromisoformat(stop["arrive"])
        for early, kept in ((10, True), (11, False)):
            stay(plan, number, depart=format_time(moment - early * MS))
            expected = ("times_disagree", stop["place_id"], stop["depart"], told[0])
            assert (expected not in judge(plan)) is kept
        stay(plan, number, *told)


def test_what_has_no_time_joins_nothing(plan) -> None:
    stops = plan["patrols"][0]["stops"]
    told = stops[0]["depart"]
    stops[0]["depart"] = None
    assert judge(plan) == [
        ("times_disagree", "base", told, None),
        ("times_disagree", name_leg(plan, 0), told, None),
    ]
    stops[0]["depart"] = told
    stops[3]["arrive"] = stops[3]["depart"] = None
    assert judge(plan) == [
        ("times_disagree", name_leg(plan, 2), at(4, 18), None),
        ("times_disagree", name_leg(plan, 3), at(5, 6), None),
    ]


def test_nobody_drives_over_midnight(plan) -> None:
    """24:00 is of the day before, if late in it; so is less than 10 ms after it."""
    where, closes = name_leg(plan, 1), at(4, 18)
    for arrive in (at(5), at(5, ms=9)):
        stay(plan, 2, arrive=arrive)
        found = [told for told in judge(plan) if told[1] == where]
        assert found == [("night_movement", where, arrive, closes)]
    late = at(5, ms=10)
    stay(plan, 2, arrive=late)
    found = [told for told in judge(plan) if told[1] == where]
    assert found == [("night_on_the_move", where, late, at(4, 6))]


def test_what_moves_nothing_may_be_at_any_hour(plan) -> None:
    """From the halt at s2 to s2 itself, to ten milliseconds."""
    where = name_leg(plan, 4)
    stay(plan, 4, depart=at(6, 3))
    for ms, kept in ((0, True), (10, True), (11, False)):
        arrive = at(6, 3, ms=ms)
        stay(plan, 5, arrive=arrive)
        expected = ("night_movement", where, at(6, 3), at(6, 6))
        found = [told for told in judge(plan) if told[1] == where]
        assert found == ([] if kept else [expected])


def test_a_leg_is_driven_within_the_hours_of_both_its_places(plan) -> None:
    """s1 lies east of the base: its sun rises and sets two minutes before."""
    limits = plan["scenario"]["limits"]
    limits |= {"night_movement": False, "fixed_window": None}
    evidence = Evidence(PlanFile.model_validate(plan))
    base, s1 = (
        evidence.find_window((place["lon"], place["lat"]), date(2014, 11, 3))
        for place in (plan["bases"][0], plan["sites"][0])
    )
    assert base[0] > s1[0]
    assert base[1] > s1[1]
    where, patrol = name_leg(plan, 0), plan["patrols"][0]
    stops, leg = patrol["stops"], patrol["legs"][0]

    def find(depart, arrive):
        for entry in (patrol, stops[0], leg):
            entry["depart"] = format_time(depart)
        stay(plan, 1, arrive=format_time(arrive))
        leg["driving_min"] = (arrive - depart) / MINUTE
        found = judge(plan, "night_movement")
        return [told[2:] for told in found if told[1] == where]

    assert find(base[0], s1[1]) == []
    told = [(format_time(s1[0]), format_time(base[0]))]
    assert find(s1[0], s1[1]) == told
    told = [(format_time(base[1]), format_time(s1[1]))]
    assert find(base[0], base[1]) == told


def test_a_night_is_spent_at_a_halt(plan) -> None:
    """Whoever leaves a site at 24:00 has left it on its day, and up to 10 ms later."""
    rule = "night_without_halt"
    for depart, kept in ((at(5), True), (at(5, ms=9), True), (at(5, ms=10), False)):
        stay(plan, 2, depart=depart)
        expected = (rule, "s1", depart, at(4, 9))
        assert judge(plan, rule) == ([] if kept else [expected])
    plan["patrols"][0]["stops"][2]["kind"] = "base"
    assert judge(plan, rule) == [(rule, "s1", at(5, ms=10), at(4, 9))]
    plan["patrols"][0]["stops"][2]["kind"] = "halt"
    assert judge(plan, rule) == []


@pytest.mark.parametrize(
    ("arrive", "depart", "dwell", "kept"),
    [
        # The window is from 06:00 to 18:00, and work takes 500 minutes.
        (at(4, 9, 40), at(4, 18), 500.0, True),
        (at(4, 9, 40, ms=9), at(4, 18, ms=9), 500.0, True),
        (at(4, 9, 40, ms=12), at(4, 18, ms=12), 500.0, False),
        (at(4, 6), at(4, 14, 20), 500.0, True),
        (at(4, 5, 59, ms=59_991), at(4, 14, 19, ms=59_991), 500.0, True),
        (at(4, 5, 59, ms=59_988), at(4, 14, 19, ms=59_988), 500.0, False),
        # Longer than the day, which would be enough of a night, is too long.
        (at(4, 5), at(4, 19), 720.0, True),
        (at(4, 5), at(4, 19), 721.0, False),
        (at(4, 20), at(4, 23), 0.0, False),
    ],
)
def test_work_is_done_within_the_hours_of_its_site(plan, arrive, depart, dwell, kept):
    plan["sites"][0]["dwell_min"] = dwell
    stay(plan, 2, arrive, depart)
    expected = (
        "work_at_night",
        "s1",
        [arrive, depart],
        [at(4, 6), at(4, 18)],
    )
    found = judge(plan, "work_at_night", "dwell_too_short")
    assert found == ([] if kept else [expected])


def test_who_stays_too_short_is_not_told_of_the_night_too(plan) -> None:
    stay(plan, 2, at(4, 17), at(4, 20))
    found = judge(plan, "work_at_night", "dwell_too_short")
    assert found == [("dwell_too_short", "s1", 180, 500)]


def test_a_site_that_nobody_knows_is_named_and_asked_nothing(plan) -> None:
    stop = plan["patrols"][0]["stops"][2]
    stop |= {"site_id": "atlantis", "place_id": "atlantis"}
    stop["depart"] = stop["arrive"]
    found = judge(plan, "unknown_site", "dwell_too_short", "work_at_night")
    assert found == [("unknown_site", "atlantis", "atlantis", None)]
    # Who is at no time there is asked nothing of it.
    stop["arrive"] = stop["depart"] = None
    assert judge(plan, "unknown_site") == []


def test_roles_are_looked_at_where_no_time_is_told(plan) -> None:
    stop = plan["patrols"][0]["stops"][2]
    stop |= {"roles": ["medic"], "arrive": None, "depart": None}
    assert judge(plan, "role_missing") == [("role_missing", "s1", ["medic"], [])]


def test_only_the_first_stop_may_be_a_start(plan) -> None:
    stops = plan["patrols"][0]["stops"]
    stops[0]["kind"] = "start"
    assert judge(plan) == []
    stops[0]["kind"] = "base"
    for number in (2, 5):
        kind = stops[number]["kind"]
        stops[number]["kind"] = "start"
        place = stops[number]["place_id"]
        expected = ("not_at_base", place, "start", "base")
        assert judge(plan, "not_at_base") == [expected]
        stops[number]["kind"] = kind
    stops[-1]["kind"] = "start"
    assert judge(plan, "not_at_base") == [("not_at_base", "base", "start", "base")]


def test_a_patrol_stands_at_the_base_of_its_team_and_at_no_other(plan) -> None:
    plan["bases"].append(plan["bases"][0] | {"id": "other"})
    stops, legs = (plan["patrols"][0][key] for key in ("stops", "legs"))
    for number, leg, end in ((0, 0, "from"), (-1, -1, "to")):
        stops[number]["place_id"] = legs[leg][end] = "other"
        expected = ("not_at_base", "other", "base", "base")
        assert judge(plan, "not_at_base") == [expected]
        stops[number]["place_id"] = legs[leg][end] = "base"


def test_a_horizon_begins_on_its_first_day(plan) -> None:
    scenario, depart = plan["scenario"], plan["patrols"][0]["depart"]
    scenario["start"] = "2014-11-04"
    expected = ("outside_horizon", None, depart, "2014-11-04")
    assert judge(plan, "outside_horizon") == [expected]
    scenario |= {"start": "2014-11-02", "horizon_days": 6}
    assert judge(plan, "outside_horizon") == []
    # Of a moment that is met under way it is that moment.
    for start in (at(2, 18), at(3, 5), at(3, 6)):
        scenario["start"] = start
        assert judge(plan, "outside_horizon") == []
    scenario["start"] = at(3, 6, ms=1)
    expected = ("outside_horizon", None, depart, "2014-11-03")
    assert judge(plan, "outside_horizon") == [expected]


def test_who_comes_home_at_24_hours_is_home_on_that_day(plan) -> None:
    """Of five days from 3 November the last is the seventh."""
    patrol, scenario = plan["patrols"][0], plan["scenario"]
    scenario["horizon_days"] = 5
    plan["teams"][0]["max_days"] = 5
    rules = ("outside_horizon", "too_many_days")
    for home, kept in ((at(8), True), (at(8, ms=9), True), (at(8, ms=10), False)):
        patrol["return"] = home
        expected = [
            ("too_many_days", None, 6, 5),
            ("outside_horizon", None, home, "2014-11-07"),
        ]
        assert judge(plan, *rules) == ([] if kept else expected)


@pytest.mark.parametrize(
    ("number", "most_min", "kept"),
    [
        # From a halt to work at s1 180 minutes, from there to the next halt 40.
        (1, 180.0, True),
        (1, 179.9, False),
        (2, 40.0, True),
        (2, 40.0 - 0.9e-6, True),
        (2, 40.0 - 1.1e-6, False),
        # From the base, from halt to halt, and home nobody works.
        (0, 1440.0, False),
        (3, 1440.0, False),
        (6, 1440.0, False),
    ],
)
def test_who_drives_clear_drives_between_a_halt_and_work(plan, number, most_min, kept):
    """No longer than the smaller margin of the day."""
    limits, site = plan["scenario"]["limits"], plan["sites"][0]
    camp = {"id": "camp", "kind": "camp", "km": 0.5, "assumed": False}
    plan["keep_clear"] = [camp | {"lon": site["lon"], "lat": site["lat"]}]
    leg = plan["patrols"][0]["legs"][number]
    leg["clearing"] = True
    told, where = leg["driving_min"], name_leg(plan, number)
    expected = ("clearing_misstated", where, told, most_min)
    for name in ("sunrise_margin_min", "sunset_margin_min"):
        others = {"sunrise_margin_min": 1440.0, "sunset_margin_min": 1440.0}
        limits |= others | {name: most_min}
        assert judge(plan, "clearing_misstated") == ([] if kept else [expected])


@pytest.mark.parametrize(("km", "kept"), [(1.113, True), (1.111, False)])
def test_who_drives_clear_works_near_what_is_kept_clear_of(plan, km, kept) -> None:
    """A hundredth of a degree of latitude is 1.112 km; of two places one is enough."""
    plan["scenario"]["limits"] |= {"sunrise_margin_min": 60, "sunset_margin_min": 60}
    site, leg = plan["sites"][0], plan["patrols"][0]["legs"][2]
    leg["clearing"] = True
    camp = {"id": "camp", "kind": "camp", "assumed": False, "lon": site["lon"]}
    near = camp | {"km": km, "lat": site["lat"] + 0.01}
    far = camp | {"id": "far", "km": 1.0, "lat": site["lat"] + 5}
    for places in ([near, far], [far, near], [near]):
        plan["keep_clear"] = places
        found = judge(plan, "clearing_misstated")
        told = ("clearing_misstated", name_leg(plan, 2), 40, 60)
        assert found == ([] if kept else [told])
    # Where it clears, its hours are all of the daylight.
    plan["keep_clear"] = None
    assert len(judge(plan, "clearing_misstated")) == 1
    plan["patrols"][0]["legs"].pop()
    assert judge(plan, "clearing_misstated") == []


def test_a_patrol_that_is_not_joined_is_not_followed(plan) -> None:
    """Those after it are, and its roster, its halts and its nights as well."""
    again = copy.deepcopy(plan["patrols"][0]) | {"id": "P0"}
    again["legs"].pop()
    plan["teams"].append(plan["teams"][0] | {"id": "t0"})
    again["team_id"] = "t0"
    plan["patrols"].insert(0, again)
    plan["teams"][0]["max_days"] = 4
    found = judge(plan, "times_disagree", "too_many_days", "halt_misnamed")
    assert found == [
        ("times_disagree", None, 6, 7),
        ("too_many_days", None, 5, 4),
        *(
            ("halt_misnamed", f"halt:P1:{n}", 2, f"halt:{patrol}:<n>")
            for patrol in ("P0", "P1")
            for n in (1, 2, 3, 4)
        ),
    ]
