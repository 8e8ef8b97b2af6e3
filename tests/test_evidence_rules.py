"""What the referee reads of a document: limits, days, windows, ways and visits."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, time, timedelta

import pytest

from gate_answers import pass_gates
from patrolplan.daylight import estimate_daylight
from patrolplan.errors import PlanFileError
from patrolplan.planfile import PlanFile
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.evidence import Evidence, Way, estimate_distance_km
from problems import build_hand_document

DAY = date(2014, 11, 3)


@pytest.fixture(scope="module")
def document():
    return build_hand_document()


@pytest.fixture
def plan(document):
    """The document, to be changed."""
    return copy.deepcopy(document)


def read(plan) -> Evidence:
    return Evidence(PlanFile.model_validate(plan))


def refuse(plan) -> list[tuple[str, str, str]]:
    """What of a document cannot be read: where, found, expected."""
    with pytest.raises(PlanFileError) as caught:
        read(plan)
    return [(f.where, f.found, f.expected) for f in caught.value.faults]


def judge(plan, *rules):
    found = assess_plan(PlanFile.model_validate(plan)).violations
    return [(v.rule, v.where, v.found, v.limit) for v in found if v.rule in rules]


@pytest.mark.parametrize(
    ("key", "most", "whole"),
    [
        ("sunrise_margin_min", 1440, False),
        ("sunset_margin_min", 1440, False),
        ("break_min", 1440, False),
        ("min_days", 366, True),
        ("beyond_km", 20040, False),
        ("held_km", 20040, False),
        ("min_share_beyond", 1, False),
        ("equity_tail", 1, False),
        ("min_unknown_visits", 1000000, True),
        ("passing_km", 20040, False),
        ("passing_share", 1, False),
    ],
)
def test_a_limit_is_a_number_from_0_to_its_most(plan, key, most, whole) -> None:
    limits = plan["scenario"]["limits"]
    for value in (0, most, float(most), 1) if whole else (0, most, most / 2):
        limits[key] = value
        assert getattr(read(plan).limits, key) == value
    wrong = [-0.1, most + 1, "1", True, None, [1]]
    for value in [*wrong, *([0.5] if whole else [])]:
        limits[key] = value
        kind = "a whole number" if whole else "a number"
        expected = f"{kind} from 0 to {most:g}"
        where = f"scenario.limits.{key}"
        assert refuse(plan) == [(where, f"found {value!r}", expected)]


def test_what_a_file_need_not_say_has_its_usual_value(plan) -> None:
    limits = plan["scenario"]["limits"]
    usual = {
        "held_km": 0.0,
        "equity_by": "cercle",
        "equity_tail": 0.25,
        "min_unknown_visits": 0,
        "passing_km": 0.0,
        "passing_share": 0.0,
        "groups": (),
        "forbidden_pairs": (),
        "lines_presence": {},
        "supplies": None,
    }
    for key in usual:
        limits.pop(key, None)
    found = read(plan).limits
    assert {key: getattr(found, key) for key in usual} == usual
    limits["equity_by"] = "theme"
    assert read(plan).limits.equity_by == "theme"
    limits["equity_by"] = "team"
    expected = "cercle or theme"
    assert refuse(plan) == [("scenario.limits.equity_by", "found 'team'", expected)]


def test_what_a_file_must_say_is_named_where_it_does_not(plan) -> None:
    plan["scenario"]["limits"] = {}
    assert refuse(plan) == [
        (f"scenario.limits.{key}", "nothing", expected)
        for key, expected in (
            ("beyond_km", "a number from 0 to 20040"),
            ("break_min", "a number from 0 to 1440"),
            ("fixed_window", "two times such as 06:00, or null"),
            ("min_days", "a whole number from 0 to 366"),
            ("min_share_beyond", "a number from 0 to 1"),
            ("night_movement", "true or false"),
            ("sunrise_margin_min", "a number from 0 to 1440"),
            ("sunset_margin_min", "a number from 0 to 1440"),
        )
    ]


def test_a_fixed_window_is_two_times_or_none(plan) -> None:
    limits = plan["scenario"]["limits"]
    limits["fixed_window"] = ["06:30", "17:00"]
    assert read(plan).limits.fixed_window == (time(6, 30), time(17))
    limits["fixed_window"] = None
    assert read(plan).limits.fixed_window is None
    for wrong in (["06:00"], ["06:00", "x"], 6, [6, 18], ["06:00", "12:00", "18:00"]):
        limits["fixed_window"] = wrong
        ((where, found, _),) = refuse(plan)
        assert (where, found) == ("scenario.limits.fixed_window", f"found {wrong!r}")


@pytest.mark.parametrize(
    ("key", "sound", "read_as", "wrong"),
    [
        (
            "groups",
            {"site_ids": ["a", "b"], "required": True},
            (("a", "b"), True),
            [
                {"site_ids": ["a"], "required": True},
                {"site_ids": ["a", 1], "required": True},
                {"site_ids": "ab", "required": True},
                {"site_ids": ["a", "b"], "required": 1},
                {"site_ids": ["a", "b"]},
                {"required": True},
                "ab",
            ],
        ),
        (
            "forbidden_pairs",
            ["a", "b"],
            ("a", "b"),
            [["a"], ["a", "b", "c"], ["a", 1], "ab", None],
        ),
        (
            "lines_presence",
            {"line_id": "a", "need": 0},
            "a",
            [
                {"line_id": "a", "need": -0.1},
                {"line_id": "a", "need": True},
                {"line_id": "a", "need": "1"},
                {"line_id": 1, "need": 1.0},
                {"line_id": "a"},
                ["a", 1.0],
            ],
        ),
    ],
)
def test_a_list_is_read_entry_by_entry(plan, key, sound, read_as, wrong) -> None:
    limits = plan["scenario"]["limits"]
    limits[key] = [sound]
    assert list(getattr(read(plan).limits, key)) == [read_as]
    for entry in wrong:
        limits[key] = [sound, entry, sound]
        ((where, found, _),) = refuse(plan)
        assert (where, found) == (f"scenario.limits.{key}", f"found {limits[key]!r}")
    for entry in ("ab", {"a": sound}, 5):
        limits[key] = entry
        assert [where for where, *_ in refuse(plan)] == [f"scenario.limits.{key}"]


def test_a_hazard_budget_asks_for_hazards_of_its_own_vehicles(plan) -> None:
    (travel,) = plan["travel"]
    other = travel | {"vehicle": "heavy"}
    plan["travel"] = [other, travel, other]
    plan["teams"][0]["hazard_budget"] = 9.0
    ((where, found, expected),) = refuse(plan)
    assert (where, found) == ("travel.1.hazards", "nothing")
    assert expected == "a matrix: team 't1' has a hazard budget"
    plan["travel"] = [other]
    assert read(plan).teams["t1"].hazard_budget == 9


def test_a_window_is_the_fixed_one_less_breaks_and_all_daylight_to_clear(plan) -> None:
    limits = plan["scenario"]["limits"]
    limits |= {"break_min": 30.0, "sunrise_margin_min": 40.0}
    found = read(plan).find_window((0.0, 16.0), DAY)
    assert found == tuple(
        datetime(2014, 11, 3, *at, tzinfo=UTC) for at in ((6, 0), (17, 30))
    )
    limits |= {"night_movement": False, "sunset_margin_min": 60.0}
    evidence = read(plan)
    rises, sets = estimate_daylight(0.0, 16.0, DAY, timezone="Africa/Bamako")
    minute = timedelta(minutes=1)
    # Whole minutes on the safe side.
    opens, closes = evidence.find_window((0.0, 16.0), DAY)
    assert timedelta(0) <= opens - rises - 40 * minute < minute
    assert timedelta(0) <= sets - 90 * minute - closes < minute
    opens, closes = evidence.find_window((0.0, 16.0), DAY, clearing=True)
    assert timedelta(0) <= opens - rises < minute
    assert timedelta(0) <= sets - closes < minute


def test_where_the_sun_does_not_rise_no_window_is_open(plan) -> None:
    plan["scenario"]["limits"] |= {"night_movement": False, "break_min": 30.0}
    opens, closes = read(plan).find_window((0.0, 85.0), DAY)
    assert opens == datetime(2014, 11, 3, tzinfo=UTC)
    assert closes == opens - timedelta(minutes=30)


def test_a_day_ends_at_24_hours_and_its_first_is_that_of_the_start(plan) -> None:
    evidence = read(plan)
    midnight = datetime(2014, 11, 4, tzinfo=UTC)
    step = timedelta(milliseconds=10)
    assert evidence.find_day(midnight) == date(2014, 11, 4)
    assert evidence.find_end_day(midnight) == DAY
    assert evidence.find_end_day(midnight + step) == date(2014, 11, 4)
    assert evidence.first_day == DAY
    plan["scenario"]["start"] = "2014-11-04T23:30:00Z"
    assert read(plan).first_day == date(2014, 11, 4)
    plan["scenario"]["timezone"] = "Africa/Cairo"
    assert read(plan).first_day == date(2014, 11, 5)


def test_a_leg_departs_when_its_first_minute_is_driven(plan) -> None:
    evidence = read(plan)
    legs = list(evidence.plan.patrols[0].legs)
    first, second = legs[:2]
    still = first.model_copy(update={"driving_min": 0.0})
    clearing = first.model_copy(update={"clearing": True})
    assert evidence.find_leg_day([first, second]) == DAY
    assert evidence.find_leg_day([still, second]) == date(2014, 11, 4)
    assert evidence.find_leg_day([clearing, second]) == date(2014, 11, 4)
    # Where nothing else is driven that is all there is.
    assert evidence.find_leg_day([clearing]) == DAY
    idle = second.model_copy(update={"driving_min": 0.0})
    assert evidence.find_leg_day([still, idle]) == date(2014, 11, 4)


def test_travel_holds_from_its_first_day_to_its_last(plan) -> None:
    (travel,) = plan["travel"]
    travel |= {"from_date": "2014-11-04", "to_date": "2014-11-06"}
    plan["travel"] = [travel | {"vehicle": "heavy"}, travel]
    evidence = read(plan)
    for day, known in ((3, False), (4, True), (6, True), (7, False)):
        found = evidence.find_travel("light", date(2014, 11, day))
        assert found is (evidence.plan.travel[1] if known else None)
    assert evidence.find_travel("boat", date(2014, 11, 5)) is None


def test_a_way_is_what_all_matrices_know(plan) -> None:
    """From s1 to s2: 300 minutes, 150 km and 30 litres; a hazard where there is one."""
    (travel,) = plan["travel"]
    row, column = (travel["place_ids"].index(place) for place in ("s1", "s2"))

    def find(here="s1", there="s2"):
        return read(plan).find_way("light", DAY, here, there)

    assert find() == Way(300.0, 150.0, 0.0, 30.0)
    travel["hazards"] = [[5.0] * 3 for _ in range(3)]
    assert find() == Way(300.0, 150.0, 5.0, 30.0)
    assert find("s1", "atlantis") is None
    assert find("atlantis", "s2") is None
    for name in ("durations_min", "lengths_km", "hazards"):
        told = travel[name][row][column]
        travel[name][row][column] = None
        assert find() is None
        travel[name][row][column] = told
    travel["fuel_l"][row][column] = None
    assert find() == Way(300.0, 150.0, 5.0, 0.0)
    del travel["fuel_l"][row][column]
    assert find() is None


def test_a_start_is_free_at_a_place_that_nobody_knows(plan) -> None:
    stop = plan["patrols"][0]["stops"][0]
    for kind, place, free in (
        ("start", "start:P1", True),
        ("start", "s1", False),
        ("start", "base", False),
        ("halt", "start:P1", False),
    ):
        stop |= {"kind": kind, "place_id": place}
        evidence = read(plan)
        assert evidence.is_free(evidence.plan.patrols[0].stops[0]) is free


def test_a_site_is_beyond_where_it_is_farther_from_every_base(plan) -> None:
    base = plan["bases"][0]
    plan["bases"].append(base | {"id": "far", "lat": 16.5, "lon": 1.5})
    sites = {site["id"]: site for site in plan["sites"]}
    limits = plan["scenario"]["limits"]
    # s2 lies half a degree from the second base, s1 a whole one; the first is farther
    # from s2 and nearer to s1.
    km = estimate_distance_km(sites["s1"]["lon"], sites["s1"]["lat"], 0.0, 16.0)
    assert km == pytest.approx(77.0, abs=0.5)
    limits["beyond_km"] = km
    assert read(plan).find_beyond() == set()
    limits["beyond_km"] = km - 1e-6
    assert read(plan).find_beyond() == {"s1"}
    limits["beyond_km"] = 50.0
    assert read(plan).find_beyond() == {"s1", "s2"}


def test_a_degree_of_the_meridian_and_of_a_parallel() -> None:
    """On a sphere of 6,371.0088 km 111.195 km, and half of it across 60 degrees."""
    assert estimate_distance_km(7.0, 59.5, 7.0, 60.5) == pytest.approx(
        111.195, abs=1e-3
    )
    assert estimate_distance_km(3.0, 60.0, 4.0, 60.0) == pytest.approx(
        111.195 / 2, abs=3e-3
    )
    assert estimate_distance_km(0.0, 0.0, 180.0, 0.0) == pytest.approx(20015.1, abs=0.1)
    assert estimate_distance_km(5.0, 16.0, 5.0, 16.0) == 0


@pytest.mark.parametrize(
    ("cadence", "earned", "soon"),
    [
        (None, 0.0, True),
        (10.0, 100.0, False),
        # To ten milliseconds.
        (10.0 + 0.9e-2 / 86_400, 100.0, False),
        (10.0 + 1.1e-2 / 86_400, 0.0, True),
    ],
)
def test_a_visit_earns_again_when_its_need_has_grown_back(plan, cadence, earned, soon):
    """Ten days after the first, told before it in the document."""
    first = plan["patrols"][0]
    stop = next(stop for stop in first["stops"] if stop["site_id"] == "s1")
    again = copy.deepcopy(first) | {"id": "P2"}
    late = next(stop for stop in again["stops"] if stop["site_id"] == "s1")
    late["arrive"] = late["arrive"].replace("2014-11-04", "2014-11-14")
    assert late["arrive"] != stop["arrive"]
    again["stops"] = [s for s in again["stops"] if s["site_id"] != "s2"]
    plan["patrols"] = [again, first]
    plan["sites"][0]["cadence_days"] = cadence
    *_, visit = read(plan).visits
    assert (visit.patrol.id, visit.site.id) == ("P2", "s1")
    assert (visit.earned, visit.too_soon, visit.first) == (earned, soon, False)
    assert visit.since_days == pytest.approx(10)
    assert [(v.earned, v.first, v.too_soon) for v in read(plan).visits[:2]] == [
        (100.0, True, False),
        (300.0, True, False),
    ]


def close(plan, **changed):
    """Answer every gate as it should be, but those of some subjects."""
    answered = pass_gates(PlanFile.model_validate(plan))
    plan = answered.model_dump(mode="json", by_alias=True)
    for gate in plan["gates"]:
        subject = gate.get("site_id") or gate.get("team_id")
        if changed.get(gate["gate"], "") in (subject, "all"):
            gate["answer"] = {"yes": "no", "no": "yes"}[gate["answer"]]
    return plan


def test_nobody_goes_where_a_gate_is_closed(plan) -> None:
    assert judge(close(plan), "gate_closed", "gate_misstated") == []
    told = close(plan, visit_harm="s2")
    assert judge(told, "gate_closed") == [("gate_closed", "s2", "visit_harm", None)]
    told = close(plan, visit_harm="all")
    assert judge(told, "gate_closed") == [
        ("gate_closed", site, "visit_harm", None) for site in ("s1", "s2")
    ]
    # Who only spends the night there visits nobody.
    for stop in told["patrols"][0]["stops"]:
        if stop["site_id"] == "s1":
            stop["kind"] = "halt"
    assert len(judge(told, "gate_closed")) == 1


def test_a_team_with_others_goes_where_its_gate_lets_it(plan) -> None:
    (team,) = plan["teams"]
    team["joint_with_national_forces"] = True
    plan["teams"].append(team | {"id": "t2", "joint_with_national_forces": False})
    assert judge(close(plan), "gate_closed") == []
    told = close(plan, joint_forces="t1")
    assert judge(told, "gate_closed") == [("gate_closed", None, "joint_forces", None)]
    # One that goes alone may go, whatever was answered of it or of another.
    told["teams"][0]["joint_with_national_forces"] = False
    assert judge(told, "gate_closed") == []
    told["teams"][1]["joint_with_national_forces"] = True
    assert judge(told, "gate_closed") == []


def test_a_plan_is_cleared_by_all_gates_that_it_raises(plan) -> None:
    told = close(plan, visit_harm="all", keep_clear="all")
    told["status"] = "cleared"
    assert judge(told, "gate_misstated") == [
        ("gate_misstated", None, gate, None) for gate in ("keep_clear", "visit_harm")
    ]
    told["status"] = "draft"
    assert judge(told, "gate_misstated") == []
    # Whoever holds back what might go does no harm.
    held = close(plan)
    assert held["status"] == "cleared"
    held["status"] = "draft"
    assert judge(held, "gate_misstated") == []
