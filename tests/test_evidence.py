"""What the referee reads of a document: days, windows, ways, reach and shares."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from patrolplan.planfile import PlanFile
from patrolplan.planning.evidence import Evidence, Way, estimate_distance_km
from patrolplan.planning.served import find_reach, measure_equity
from problems import build_hand_document

DAY_ONE = date(2014, 11, 3)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2014, 11, 3 + day, hour, minute, tzinfo=UTC)


@pytest.fixture
def told():
    """Five days to s1 and s2; halts in between; 900, 300 and 600 minutes."""
    return build_hand_document()


def read(document) -> Evidence:
    return Evidence(PlanFile.model_validate(document))


# Distances, days and positions


def test_distances_on_a_sphere() -> None:
    # A degree of the equator or of a meridian: 2 pi x 6371.0088 / 360 km.
    assert estimate_distance_km(0, 0, 1, 0) == pytest.approx(111.19508, abs=1e-4)
    assert estimate_distance_km(5, 16, 5, 17) == pytest.approx(111.19508, abs=1e-4)
    # At 60 degrees north half of it, less a little: 2 R asin(0.5 sin(0.5 degrees)).
    assert estimate_distance_km(0, 60, 1, 60) == pytest.approx(55.59701, abs=1e-4)
    # To the other side of the Earth: pi x 6371.0088.
    assert estimate_distance_km(0, 0, 180, 0) == pytest.approx(20015.1144, abs=1e-3)
    assert estimate_distance_km(3, 16, 3, 16) == 0.0


def test_a_moment_at_midnight_ends_the_day_before(told) -> None:
    evidence = read(told)
    assert evidence.first_day == DAY_ONE
    assert evidence.find_day(at(1, 0)) == date(2014, 11, 4)
    assert evidence.find_end_day(at(1, 0)) == DAY_ONE
    assert evidence.find_end_day(at(1, 0) + timedelta(milliseconds=10)) != DAY_ONE
    told["scenario"]["start"] = "2014-11-02"
    assert read(told).first_day == date(2014, 11, 2)


def test_a_stop_lies_where_its_place_does_and_a_halt_where_it_is(told) -> None:
    stops = told["patrols"][0]["stops"]
    for stop in stops:
        stop["lon"] += 0.25
    # One halt bears the name of a site: it is none.
    halt = next(stop for stop in stops if stop["kind"] == "halt")
    halt["place_id"] = "s2"
    evidence = read(told)
    found = {
        stop.kind: evidence.find_position(stop)
        for stop in evidence.plan.patrols[0].stops[:3]
    }
    assert found["base"] == (0.0, 16.0)
    assert found["visit"] == (0.5, 16.5)
    assert found["halt"] == (halt["lon"], halt["lat"])


def test_only_a_start_at_no_known_place_is_free(told) -> None:
    stops = told["patrols"][0]["stops"]
    stops[0] |= {"kind": "start", "place_id": "somewhere"}
    evidence = read(told)
    start, *others = evidence.plan.patrols[0].stops
    assert evidence.is_free(start)
    assert not any(evidence.is_free(stop) for stop in others)
    assert evidence.find_position(start) == (0.0, 16.0)
    for place in ("base", "s1"):
        stops[0]["place_id"] = place
        assert not evidence.is_free(read(told).plan.patrols[0].stops[0])
    stops[0] |= {"kind": "base", "place_id": "somewhere"}
    assert not evidence.is_free(read(told).plan.patrols[0].stops[0])


# Windows


def test_a_fixed_window_less_its_breaks(told) -> None:
    told["scenario"]["limits"]["break_min"] = 30.0
    evidence = read(told)
    window = evidence.find_window((0.0, 16.0), DAY_ONE)
    assert window == (at(0, 6), at(0, 17, 30))
    assert evidence.find_window((0.0, 16.0), date(2014, 11, 5))[0] == at(2, 6)


def test_a_place_is_cleared_by_all_of_the_daylight(told) -> None:
    limits = told["scenario"]["limits"]
    limits |= {"night_movement": False, "fixed_window": None, "break_min": 30.0}
    limits |= {"sunrise_margin_min": 15.0, "sunset_margin_min": 45.0}
    evidence = read(told)
    opens, closes = evidence.find_window((0.0, 16.0), DAY_ONE)
    rises, sets = evidence.find_window((0.0, 16.0), DAY_ONE, clearing=True)
    # The sun rises about 06:00: 15 min later; and it sets 45 + 30 min after the close,
    # each to the whole minute.
    assert abs((rises - at(0, 6)).total_seconds()) < 600
    assert (opens - rises).total_seconds() / 60 == pytest.approx(15, abs=1)
    assert (sets - closes).total_seconds() / 60 == pytest.approx(75, abs=1)
    # Asked again in another order each is what it was.
    assert evidence.find_window((0.0, 16.0), DAY_ONE) == (opens, closes)


def test_where_the_sun_does_not_rise_there_is_no_window(told) -> None:
    limits = told["scenario"]["limits"]
    limits |= {"night_movement": False, "fixed_window": None, "break_min": 30.0}
    evidence = read(told)
    opens, closes = evidence.find_window((20.0, 80.0), date(2014, 12, 21))
    assert opens == datetime(2014, 12, 21, tzinfo=UTC)
    assert closes == opens - timedelta(minutes=30)


# Legs and ways


def test_a_leg_departs_on_the_day_of_its_first_minute(told) -> None:
    legs = told["patrols"][0]["legs"]
    # From 06:00 of the first day; a halt; on the second to s1.
    evidence = read(told)
    read_legs = evidence.plan.patrols[0].legs
    assert evidence.find_leg_day(read_legs[:2]) == DAY_ONE
    assert evidence.find_leg_day(read_legs[1:2]) == date(2014, 11, 4)
    # What is not driven does not count, nor what only clears the place.
    legs[0]["driving_min"] = 0.0
    assert read_day(told) == date(2014, 11, 4)
    legs[0] |= {"driving_min": 1.0, "clearing": True}
    assert read_day(told) == date(2014, 11, 4)
    # Where all of it is so, the last piece driven counts, or the first that clears.
    legs[1]["clearing"] = True
    assert read_day(told) == DAY_ONE
    for leg in legs[:2]:
        leg |= {"driving_min": 0.0, "clearing": None}
    assert read_day(told) == date(2014, 11, 4)


def read_day(document) -> date:
    evidence = read(document)
    return evidence.find_leg_day(evidence.plan.patrols[0].legs[:2])


def test_the_matrix_of_a_vehicle_and_a_day(told) -> None:
    (dry,) = told["travel"]
    dry |= {"from_date": "2014-11-03", "to_date": "2014-11-05"}
    wet = dry | {"from_date": "2014-11-06", "to_date": "2014-11-12"}
    heavy = dry | {"vehicle": "heavy"}
    told["travel"] = [heavy, dry, wet]
    evidence = read(told)
    found = [
        (travel and travel.vehicle, travel and travel.from_date.day)
        for travel in (
            evidence.find_travel("light", date(2014, 11, day))
            for day in (2, 3, 5, 6, 12, 13)
        )
    ]
    none, first, second = (None, None), ("light", 3), ("light", 6)
    assert found == [none, first, first, second, second, none]
    assert evidence.find_travel("boat", DAY_ONE) is None
    assert evidence.find_way("boat", DAY_ONE, "base", "s1") is None


def test_a_way_there_is_not_the_way_back(told) -> None:
    travel = told["travel"][0]
    places = travel["place_ids"]
    here, there = places.index("base"), places.index("s1")
    for name, cell in (
        ("durations_min", 901.0),
        ("lengths_km", 451.0),
        ("fuel_l", 91.0),
    ):
        travel[name][here][there] = cell
    way = read(told).find_way("light", DAY_ONE, "base", "s1")
    assert way == Way(901.0, 451.0, 0.0, 91.0)
    back = read(told).find_way("light", DAY_ONE, "s1", "base")
    assert back == Way(900.0, 450.0, 0.0, 90.0)
    travel["hazards"] = [[7.0] * len(places) for _ in places]
    travel["fuel_l"][here][there] = None
    way = read(told).find_way("light", DAY_ONE, "base", "s1")
    assert way == Way(901.0, 451.0, 7.0, 0.0)


@pytest.mark.parametrize("name", ["durations_min", "lengths_km", "hazards"])
def test_no_way_where_a_figure_is_missing(told, name) -> None:
    travel = told["travel"][0]
    travel["hazards"] = [[7.0] * 3 for _ in range(3)]
    travel[name][0][1] = None
    assert read(told).find_way("light", DAY_ONE, *travel["place_ids"][:2]) is None
    assert read(told).find_way("light", DAY_ONE, *travel["place_ids"][1::-1])


def test_no_way_to_where_the_matrix_does_not_lead(told) -> None:
    assert read(told).find_way("light", DAY_ONE, "base", "nowhere") is None
    travel = told["travel"][0]
    travel["place_ids"] = [*travel["place_ids"], "nowhere"]
    assert read(told).find_way("light", DAY_ONE, "base", "nowhere") is None


def test_sites_beyond_every_base(told) -> None:
    # s1 at 0.5 E 16.5 N is 77 km off (0, 16), s2 at 1 E 16.5 N 120 km.
    told["scenario"]["limits"]["beyond_km"] = 100.0
    assert read(told).find_beyond() == {"s2"}
    told["bases"].append(told["bases"][0] | {"id": "other", "lon": 1.5, "lat": 16.5})
    assert read(told).find_beyond() == set()
    told["scenario"]["limits"]["beyond_km"] = 60.0
    assert read(told).find_beyond() == {"s1"}


# Visits


def test_a_visit_too_soon_earns_nothing(told) -> None:
    (patrol,) = told["patrols"]
    stops = [stop for stop in patrol["stops"] if stop["kind"] == "visit"]
    first = read(told).visits
    assert [(v.site.id, v.earned, v.first, v.since_days) for v in first] == [
        ("s1", 100.0, True, None),
        ("s2", 300.0, True, None),
    ]
    # The second is to s1 again, from 09:00 of the second day to 06:00 of the fourth:
    # 45 hours are 1.875 days.
    stops[1] |= {"site_id": "s1", "place_id": "s1"}
    site = next(site for site in told["sites"] if site["id"] == "s1")
    for cadence, soon in ((None, True), (1.876, True), (1.875, False)):
        site["cadence_days"] = cadence
        one, two = read(told).visits
        assert not one.too_soon
        assert (two.too_soon, two.first) == (soon, False)
        assert two.since_days == pytest.approx(1.875)
        assert two.earned == (0.0 if soon else 100.0)
        assert patrol["stops"][two.number] == stops[1]
    # A millisecond too soon is in time: so times are written.
    site["cadence_days"] = 1.875 + 0.005 / 86400
    assert not read(told).visits[1].too_soon


def test_what_is_no_visit_of_a_known_site_is_not_judged(told) -> None:
    visits = [stop for stop in told["patrols"][0]["stops"] if stop["kind"] == "visit"]
    visits[0]["site_id"] = "nowhere"
    assert [visit.site.id for visit in read(told).visits] == ["s2"]
    visits[0]["site_id"] = None
    assert [visit.site.id for visit in read(told).visits] == ["s2"]
    visits[1]["arrive"] = None
    assert read(told).visits == []


def test_visits_are_judged_by_time_whoever_makes_them(told) -> None:
    (patrol,) = told["patrols"]
    told["patrols"] = [patrol | {"id": "P2"}, patrol | {"id": "P1"}]
    found = [(v.site.id, v.patrol.id, v.first) for v in read(told).visits]
    assert found == [
        ("s1", "P1", True),
        ("s1", "P2", False),
        ("s2", "P1", True),
        ("s2", "P2", False),
    ]


# Reach and shares


def find(document) -> set[str]:
    return find_reach(read(document))


def test_reach_ends_with_the_range(told) -> None:
    # To s1 450 km out and back, to s2 300.
    team = told["teams"][0]
    for range_km, reached in (
        (900.0, {"s1", "s2"}),
        (899.0, {"s2"}),
        (600.0, {"s2"}),
        (599.0, set()),
    ):
        team["range_km"] = range_km
        assert find(told) == reached


def test_reach_ends_with_the_hazard(told) -> None:
    team, travel = told["teams"][0], told["travel"][0]
    travel["hazards"] = [[0.0, 4.0, 9.0], [5.0, 0.0, 9.0], [9.0, 9.0, 0.0]]
    for budget, reached in (
        (None, {"s1", "s2"}),
        (18.0, {"s1", "s2"}),
        (9.0, {"s1"}),
        (8.9, set()),
    ):
        team["hazard_budget"] = budget
        assert find(told) == reached


def test_reach_ends_with_the_days(told) -> None:
    # s1 takes 900 + 900 + 500 = 2300 min, s2 600 + 600 + 500 = 1700; a day has 720.
    team = told["teams"][0]
    for days, reached in ((4, {"s1", "s2"}), (3, {"s2"}), (2, set())):
        team["max_days"] = days
        assert find(told) == reached
    team["max_days"] = 4
    told["scenario"]["horizon_days"] = 3
    assert find(told) == {"s2"}
    # 3 x 720 is 2160: a dwell of 960 fits and one of 961 does not.
    for dwell, reached in ((960.0, {"s2"}), (961.0, set())):
        told["sites"][1]["dwell_min"] = dwell
        assert find(told) == reached


def test_the_shortest_way_of_any_day_counts_each_way(told) -> None:
    # One matrix has the short way out, the other the short way back.
    out, back = (dict(told["travel"][0]) for _ in range(2))
    far = [[0.0, 450.0, 300.0], [900.0, 0.0, 150.0], [300.0, 150.0, 0.0]]
    out["lengths_km"] = far
    back["lengths_km"] = [list(column) for column in zip(*far, strict=True)]
    out["to_date"], back["from_date"] = "2014-11-05", "2014-11-06"
    told["travel"] = [out]
    told["teams"][0]["range_km"] = 900.0
    assert find(told) == {"s2"}
    told["travel"] = [out, back]
    assert find(told) == {"s1", "s2"}
    # Those of other vehicles do not count, nor those that do not name the place.
    told["travel"] = [out, back | {"vehicle": "heavy"}]
    assert find(told) == {"s2"}
    told["travel"] = [back | {"place_ids": ["base", "x", "s2"]}, out]
    assert find(told) == {"s2"}


def test_no_way_is_no_reach(told) -> None:
    told["travel"][0]["durations_min"][1][0] = None
    assert find(told) == {"s2"}
    told["travel"][0]["lengths_km"] = told["travel"][0]["lengths_km"][:2]
    assert find(told) == set()


def test_reach_asks_for_roles_a_base_and_need(told) -> None:
    told["sites"][0]["roles_required"] = ["medic"]
    assert find(told) == {"s2"}
    told["teams"].append(told["teams"][0] | {"id": "t2", "roles": ["medic", "x"]})
    assert find(told) == {"s1", "s2"}
    told["teams"][1]["base_id"] = "nowhere"
    assert find(told) == {"s2"}
    told["sites"][1]["need"] = None
    assert find(told) == set()


@pytest.mark.parametrize(
    ("window", "reached"),
    [
        (["2014-11-12T23:00:00Z", "2014-11-14T00:00:00Z"], True),
        (["2014-11-13T00:00:00Z", "2014-11-14T00:00:00Z"], False),
        (["2014-11-01T00:00:00Z", "2014-11-03T00:00:00Z"], False),
        (["2014-11-01T00:00:00Z", "2014-11-03T01:00:00Z"], True),
    ],
)
def test_a_window_within_the_horizon(told, window, reached) -> None:
    # Ten days from 3 November: the last is the 12th.
    told["sites"][0]["windows"] = [window]
    assert ("s1" in find(told)) is reached


def build_shares(told):
    """Four sites: north has 100 of 400 met, south none, far no need in reach."""
    one, two = told["sites"]
    third = one | {"id": "s3", "need": 300.0}
    for site, cercle in ((one, "north"), (third, "north"), (two, "south")):
        site["cercle"] = cercle
    fourth = one | {"id": "s4", "cercle": "far"}
    fifth = one | {"id": "s5", "cercle": None}
    one["themes"], two["themes"] = {"a": 60.0, "b": 40.0}, {"a": 300.0}
    third["themes"], fourth["themes"], fifth["themes"] = {"b": 300.0}, {}, {}
    told["sites"] = [one, two, third, fourth, fifth]
    visits = [s for s in told["patrols"][0]["stops"] if s["kind"] == "visit"]
    visits[1] |= {"site_id": "s1", "place_id": "s1"}
    travel = told["travel"][0]
    # s3 lies where s1 does; s4 and s5 no matrix knows.
    travel["place_ids"] = [*travel["place_ids"], "s3"]
    for name in ("durations_min", "lengths_km", "fuel_l"):
        rows = [[*row, row[1]] for row in travel[name]]
        travel[name] = [*rows, [*rows[1]]]
    return told


def test_shares_of_cercles_and_themes(told) -> None:
    found = measure_equity(read(build_shares(told)))
    north = {"need_total": 400.0, "need_in_reach": 400.0, "need_met": 100.0}
    south = {"need_total": 300.0, "need_in_reach": 300.0, "need_met": 0.0}
    far = {"need_total": 100.0, "need_in_reach": 0, "need_met": 0}
    assert found["cercles"] == {
        "far": far | {"share": None},
        "north": north | {"share": 0.25},
        "south": south | {"share": 0.0},
    }
    assert list(found["cercles"]) == ["far", "north", "south"]
    # Of theme a 60 of 360, of b 40 of 340.
    shares = {name: row["share"] for name, row in found["themes"].items()}
    assert shares == pytest.approx({"a": 60 / 360, "b": 40 / 340})
    assert (found["worst"], found["worst_share"]) == ("south", 0.0)
    assert found["worst_theme"] == "b"
    assert found["worst_theme_share"] == pytest.approx(40 / 340)
    assert "without" not in found
    # A quarter of two is less than one, yet one counts: that worst served.
    assert (found["by"], found["tail_share"]) == ("cercle", 0.0)


def test_the_mean_of_as_many_of_the_worst_as_count(told) -> None:
    limits = build_shares(told)["scenario"]["limits"]
    limits["equity_tail"] = 1.0
    assert measure_equity(read(told))["tail_share"] == 0.125
    limits |= {"equity_by": "theme", "equity_tail": 0.5}
    found = measure_equity(read(told), {"need_met": 5.0})
    assert (found["by"], found["without"]) == ("theme", {"need_met": 5.0})
    assert found["tail_share"] == pytest.approx(40 / 340)


def test_of_two_as_badly_served_the_first_by_name(told) -> None:
    build_shares(told)
    told["patrols"] = []
    found = measure_equity(read(told))
    assert (found["worst"], found["worst_share"]) == ("north", 0.0)
    told["sites"] = []
    found = measure_equity(read(told))
    assert (found["worst"], found["worst_share"]) == (None, None)
    assert found["tail_share"] is None


def test_need_that_is_unknown_is_in_no_share(told) -> None:
    build_shares(told)["sites"][1]["need"] = None
    found = measure_equity(read(told))
    nothing = {"need_total": 0.0, "need_in_reach": 0.0, "need_met": 0.0}
    assert found["cercles"]["south"] == nothing | {"share": None}
    assert found["themes"]["a"]["need_total"] == 60.0
