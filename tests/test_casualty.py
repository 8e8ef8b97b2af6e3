"""The casualty clock 10-1-2: its sums by hand, its figures, and the sums of plans."""

from __future__ import annotations

import json
import math
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.casualty import list_casualty_notices
from patrolplan.casualty_figures import CasualtyFigures
from patrolplan.errors import PlanFileError, ScenarioError
from patrolplan.geodesy import find_positions, measure_distance_m
from patrolplan.network import CasualtyClock, MedicalSite, build_clock, list_medical
from patrolplan.planfile import PlanFile, format_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.casualty_rules import measure_ellipsoid_km
from patrolplan.products.casualty_rows import digest_casualty, format_minutes, word_sum
from patrolplan.products.casualty_tables import tabulate_casualty
from patrolplan.scenario import read_scenario
from patrolplan.study import plan_patrols

FIGURES = CasualtyFigures()
OUT_BY_DAY = {
    "menaka",
    "tessalit",
    "hombori",
    "bamba",
    "araouane",
    "inekar",
    "anderamboukane",
}
LONS = st.floats(-6.5, 4.5)
LATS = st.floats(13.6, 24.0)
SPOTS = st.tuples(LONS, LATS)
SITES = st.lists(
    st.builds(
        MedicalSite,
        id=st.uuids().map(str),
        kind=st.sampled_from(["helicopter", "surgery"]),
        lon=LONS,
        lat=LATS,
        by_night=st.booleans(),
    ),
    max_size=6,
)


def build_pair(lon=0.0, lat=16.0, **more):
    return [
        MedicalSite("h", "helicopter", lon, lat, **more),
        MedicalSite("s", "surgery", lon, lat),
    ]


def move(lon, lat, bearing, km):
    return tuple(float(x) for x in find_positions(lon, lat, bearing, km * 1000))


# sums


def test_a_sum_worked_by_hand() -> None:
    # 90 km out at 225 km/h = 24 min; 30 + 24 + 10 + 24 = 88 min; by night 103.
    clock = CasualtyClock(FIGURES, build_pair())
    spot = move(0.0, 16.0, 90.0, 90.0)
    found = clock.sum_at(*spot, by_night=False)
    assert found.out_km == pytest.approx(90)
    parts = (found.notice_min, found.out_min, found.loading_min, found.surgery_min)
    assert parts == pytest.approx((30, 24, 10, 24))
    assert found.total_min == pytest.approx(88)
    assert found.arrival_min == pytest.approx(54)
    assert clock.sum_at(*spot, by_night=True).total_min == pytest.approx(103)
    # 88.08 min are 88.1, rounded up: one of the two flights takes the tenth.
    told = word_sum((30.0, 24.04, 10.0, 24.04))
    assert told.en == "30 + 24.1 + 10 + 24 = 88.1 min"
    assert word_sum((30.0, 24.14, 10.0, 24.14)).fr == "30 + 24,2 + 10 + 24,1 = 88,3 min"
    assert [format_minutes(m) for m in (119.2, 120.0, None)] == ["120", "120", "?"]


def test_a_helicopter_may_stand_away_from_surgery() -> None:
    # 75 km from the helicopter, 150 km on to surgery: 30 + 20 + 10 + 40 = 100 min.
    spot = (0.0, 16.0)
    sites = [
        MedicalSite("h", "helicopter", *move(*spot, 0.0, 75.0)),
        MedicalSite("far", "surgery", *move(*spot, 90.0, 300.0)),
        MedicalSite("near", "surgery", *move(*spot, 180.0, 150.0)),
    ]
    found = CasualtyClock(FIGURES, sites).sum_at(*spot, by_night=False)
    assert (found.helicopter_id, found.surgery_id) == ("h", "near")
    assert found.total_min == pytest.approx(100)


def test_the_radius_is_150_km_by_day_and_122_by_night() -> None:
    clock = CasualtyClock(FIGURES, build_pair())
    assert clock.find_flight_km(by_night=False) / 2 == 150
    assert clock.find_flight_km(by_night=True) / 2 == pytest.approx(121.875)
    for by_night, km in ((False, 150.0), (True, 121.875)):
        inside, outside = (move(0.0, 16.0, 30.0, km + d) for d in (-0.1, 0.1))
        assert clock.sum_at(*inside, by_night=by_night).total_min < 120
        assert clock.sum_at(*outside, by_night=by_night).total_min > 120


def test_what_does_not_work_by_night_is_not_counted_then() -> None:
    clock = CasualtyClock(FIGURES, build_pair(by_night=False))
    assert clock.sum_at(0.0, 16.0, by_night=False).total_min == 40
    assert clock.sum_at(0.0, 16.0, by_night=True) is None
    assert clock.find_worst([(0.0, 16.0), (0.1, 16.0)], by_night=True) is None
    assert clock.is_beyond([(0.0, 16.0), (0.1, 16.0)], by_night=True)
    assert np.isinf(clock.measure_minutes([0.0], [16.0], by_night=True)).all()


def test_the_worst_spot_of_a_way_may_lie_in_its_middle() -> None:
    # Between two pairs 200 km apart the middle is 100 km from either: 30 + 2 x 26.7 +
    # 10 = 93.3 min, though both ends stand beside surgery (40 min).
    east = move(0.0, 16.0, 90.0, 200.0)
    sites = [
        *build_pair(),
        MedicalSite("h2", "helicopter", *east),
        MedicalSite("s2", "surgery", *east),
    ]
    clock = CasualtyClock(FIGURES, sites)
    worst = clock.find_worst([(0.0, 16.0), east], by_night=False)
    assert worst.total_min == pytest.approx(40 + 200 / 225 * 60, abs=0.05)
    assert worst.lon == pytest.approx(east[0] / 2, abs=0.01)


@given(
    path=st.lists(SPOTS, min_size=2, max_size=4), sites=SITES, by_night=st.booleans()
)
def test_no_spot_of_a_way_is_worse_than_its_worst(path, sites, by_night) -> None:
    clock = CasualtyClock(FIGURES, sites)
    worst = clock.find_worst(path, by_night=by_night)
    lon, lat = (
        np.concatenate([np.linspace(a[i], b[i], 40) for a, b in pairwise(path)])
        for i in (0, 1)
    )
    minutes = clock.measure_minutes(lon, lat, by_night=by_night)
    if worst is None:
        assert np.isinf(minutes).all()
    else:
        assert minutes.max() <= worst.total_min + 0.05


@given(
    spot=SPOTS,
    sites=SITES,
    more=st.builds(
        MedicalSite,
        id=st.just("new"),
        kind=st.sampled_from(["helicopter", "surgery"]),
        lon=LONS,
        lat=LATS,
    ),
)
def test_one_more_unit_never_makes_a_sum_longer(spot, sites, more) -> None:
    for by_night in (False, True):
        before, after = (
            CasualtyClock(FIGURES, of).measure_minutes(
                [spot[0]], [spot[1]], by_night=by_night
            )[0]
            for of in (sites, [*sites, more])
        )
        assert after <= before


@given(bearing=st.floats(0, 360), near=st.floats(0, 400), more=st.floats(0, 400))
def test_farther_out_is_never_sooner_in_surgery(bearing, near, more) -> None:
    clock = CasualtyClock(FIGURES, build_pair())
    spots = [move(0.0, 16.0, bearing, km) for km in (near, near + more)]
    for by_night in (False, True):
        first, second = (clock.sum_at(*s, by_night=by_night).total_min for s in spots)
        assert first <= second + 1e-6


@settings(max_examples=25)
@given(start=SPOTS, bearing=st.floats(0, 360), km=st.floats(1, 60), sites=SITES)
def test_what_is_left_of_a_way_for_nights_lies_within(start, bearing, km, sites):
    clock = CasualtyClock(FIGURES, sites)
    path, along = [start, move(*start, bearing, km)], np.array([0.0, 1.0])
    spans = clock.find_shares_beyond(path, along, by_night=True)
    assert all(a < b for a, b in spans)
    # The two ends are places, and judged as such.
    shares = np.linspace(0.0, 1.0, 200)[1:-1]
    free = np.array([not any(a < s < b for a, b in spans) for s in shares])
    lon, lat = (np.interp(shares, along, [p[i] for p in path]) for i in (0, 1))
    minutes = clock.measure_minutes(lon, lat, by_night=True)
    # Parts that touch are one: nobody may stand where they meet.
    assert (minutes[free] <= FIGURES.surgery_min + 1e-6).all()
    # And what is kept from them is beyond, but for a sliver at its ends.
    middles = [(a + b) / 2 for a, b in spans if (b - a) * km > 1]
    for share in middles:
        spot = [np.interp(share, along, [p[i] for p in path]) for i in (0, 1)]
        far = clock.measure_minutes([spot[0]], [spot[1]], by_night=True)
        assert far[0] > FIGURES.surgery_min - 1


# the built-in layer


def test_the_places_that_the_domain_study_names(layers, scenario) -> None:
    clock = build_clock(scenario.casualty, layers.medical, scenario.days)
    assert {site.id.partition("-")[2] for site in clock.sites} == {
        "gao",
        "kidal",
        "mopti",
        "tombouctou",
    }
    sites = layers.population
    by_day, by_night = (
        dict(
            zip(
                sites["id"],
                clock.measure_minutes(
                    sites.geometry.x, sites.geometry.y, by_night=dark
                ),
                strict=True,
            )
        )
        for dark in (False, True)
    )
    out = {site for site, minutes in by_day.items() if minutes > 120}
    assert out >= OUT_BY_DAY
    assert not out & {"ansongo", "bourem", "abeibara", "goundam", "tessit", "tonka"}
    assert out - OUT_BY_DAY == {"boni", "labbezanga", "lere", "talataye", "taoudenni"}
    # Aguelhok, Niafunké and Douentza by day only.
    day_only = {"aguelhok", "niafunke", "douentza"}
    assert not out & day_only
    assert all(by_night[site] > 120 for site in day_only)
    assert all(by_night[site] <= 120 for site in ("tessit", "gourma-rharous"))


def test_sites_of_care_count_on_their_days_only(layers) -> None:
    def list_ids(*days):
        return {site.id for site in list_medical(layers.medical, days)}

    # The Togolese team was moved to Kidal in May 2014.
    before, after = date(2014, 4, 30), date(2014, 5, 1)
    assert "surgery-kidal" not in list_ids(before)
    assert "surgery-kidal" in list_ids(after)
    assert "surgery-kidal" not in list_ids(before, after)
    assert list_ids(date(2012, 1, 1)) == set()


def test_the_layer_is_checked_like_any(theatre) -> None:
    theatre.set_cell("medical", 0, "valid_to", "2012-01-01")
    theatre.set_cell("medical", 1, "kind", "clinic")
    theatre.set_cell("medical", 2, "lon", "40")
    theatre.set_cell("medical", 3, "site_id", "tombuctu")
    told = "\n".join(str(fault) for fault in theatre.list_faults())
    for part in (
        "'helicopter-gao', valid_to",
        "'helicopter-kidal', kind",
        "'helicopter-mopti', geometry",
        "'helicopter-tombouctou', site_id",
    ):
        assert part in told


def test_every_row_says_where_it_comes_from(layers) -> None:
    medical = layers.medical
    assert medical["source"].notna().all()
    assert set(medical["confidence"]) <= {"low", "medium", "high"}
    # What nobody published is assumed, and says so.
    assert medical.loc[medical["kind"] == "helicopter", "assumed"].eq(True).all()
    assert "ICRC" in medical.set_index("id").loc["surgery-gao", "note"]


# plans


@pytest.fixture(scope="module")
def plan(study):
    return study.plan_file


def test_every_leg_and_stop_has_its_sum(plan) -> None:
    assert plan.patrols
    for patrol in plan.patrols:
        assert len(patrol.casualty) == 2 * len(patrol.stops) - 1
        for entry in patrol.casualty:
            for told, parts in (
                (entry.day_min, entry.by_day),
                (entry.night_min, entry.by_night),
            ):
                total = parts.notice_min + parts.out_min
                total += parts.loading_min + parts.surgery_min
                assert told == pytest.approx(total)
            assert entry.night_min == pytest.approx(entry.day_min + 15)
        for stop, entry in zip(patrol.stops, patrol.casualty[::2], strict=True):
            judged = entry.night_min if stop.kind == "halt" else entry.day_min
            assert entry.where == stop.place_id
            assert entry.within == (judged <= 120)
        for leg, entry in zip(patrol.legs, patrol.casualty[1::2], strict=True):
            assert entry.where == f"{leg.from_}>{leg.to}"
            assert entry.within == (entry.day_min <= 120)
        for number, leg in enumerate(patrol.casualty[1::2]):
            ends = patrol.casualty[2 * number], patrol.casualty[2 * number + 2]
            assert all(leg.day_min >= end.day_min - 0.05 for end in ends)


def test_gaps_are_counted_and_told(plan, study) -> None:
    digest = digest_casualty(plan)
    told = {n.code: n.values for n in list_casualty_notices(plan)}
    assert digest.gaps_day == told["casualty_gaps_day"]["count"] > 0
    assert digest.gaps_night == told["casualty_gaps_night"]["count"] > 0
    assert {n.code for n in study.notices} >= set(told)
    assert "casualty_unmitigated" in told
    limits = plan.scenario.limits | {"casualty_mitigation": "A doctor goes along."}
    scenario = plan.scenario.model_copy(update={"limits": limits})
    met = plan.model_copy(update={"scenario": scenario})
    assert "casualty_unmitigated" not in {n.code for n in list_casualty_notices(met)}
    assert digest_casualty(met).mitigation == "A doctor goes along."
    table = tabulate_casualty(plan)
    assert len(table) == digest.moving + digest.nights
    assert int((~table["within"]).sum()) == len(digest.gaps)
    halts = table[table["kind"] == "halt"]
    assert (halts["judged"] == "night").all()


def test_no_release_but_confidential_shows_it(plan) -> None:
    assert digest_casualty(plan.model_copy(update={"release": "open"})) is None


def test_the_referee_finds_what_is_misstated(plan) -> None:
    far = next(
        (number, place)
        for number, patrol in enumerate(plan.patrols)
        for place, entry in enumerate(patrol.casualty)
        if not entry.within
    )

    def judge(change) -> set[str]:
        document = json.loads(format_plan(plan))
        change(document)
        edited = PlanFile.model_validate_json(json.dumps(document))
        return {broken.rule for broken in assess_plan(edited).violations}

    def edit(patrol, place, name, value):
        def change(document):
            entry = document["patrols"][patrol]["casualty"][place]
            entry[name] = value

        return change

    def shorten(document):
        document["patrols"][0]["casualty"][1]["by_day"]["out_min"] += 1.0

    def drop(document):
        document["patrols"][0]["casualty"].pop()

    def hide(document):
        document.pop("medical")

    def move_away(document):
        document["medical"][0]["lon"] += 0.5

    assert judge(lambda document: None) == set()
    for change in (
        edit(0, 0, "day_min", 30.0),
        edit(0, 1, "night_min", None),
        edit(0, 0, "where", "gao"),
        edit(*far, "within", True),
        shorten,
        drop,
        hide,
        move_away,
    ):
        assert judge(change) == {"casualty_misstated"}


def test_the_referee_refuses_a_plan_beyond_a_limit(plan) -> None:
    limits = plan.scenario.limits | {"casualty_day": "limit", "casualty_night": "limit"}
    scenario = plan.scenario.model_copy(update={"limits": limits})
    found = assess_plan(plan.model_copy(update={"scenario": scenario})).violations
    assert {v.rule for v in found} == {"surgery_too_far", "surgery_too_far_by_night"}
    assert all(v.found > v.limit == 120 for v in found)


def test_the_referee_refuses_figures_that_cannot_be_meant(plan) -> None:
    for key, value in (
        ("casualty_cruise_kmh", 0),
        ("casualty_loading_min", -1),
        ("casualty_day", "maybe"),
        ("casualty_surgery_min", True),
    ):
        limits = plan.scenario.limits | {key: value}
        scenario = plan.scenario.model_copy(update={"limits": limits})
        with pytest.raises(PlanFileError, match=key):
            assess_plan(plan.model_copy(update={"scenario": scenario}))


@given(a=SPOTS, b=SPOTS)
def test_the_referee_measures_as_the_geodesic_does(a, b) -> None:
    found = float(measure_ellipsoid_km(np.array([a]), b)[0])
    assert found == pytest.approx(float(measure_distance_m(*a, *b)) / 1000, abs=0.01)


def test_figures_of_the_clock_are_checked(theatre) -> None:
    theatre.add_to_scenario('[casualty]\nday = "never"\ncruise_kmh = 0')
    with pytest.raises(ScenarioError) as caught:
        read_scenario(theatre.file)
    told = "\n".join(str(fault) for fault in caught.value.faults)
    assert "casualty.day" in told
    assert "casualty.cruise_kmh" in told


def test_without_sites_of_care_nothing_is_known_to_be_within(theatre) -> None:
    theatre.find("medical").unlink()
    theatre.edit_scenario("horizon_days = 28", "horizon_days = 7\niterations = 0")
    found = plan_patrols(theatre.file)
    assert found.assessment.violations == []
    entries = [entry for p in found.plan_file.patrols for entry in p.casualty]
    assert entries
    assert {(e.day_min, e.night_min, e.within) for e in entries} == {
        (None, None, False)
    }
    assert "casualty_unknown" in {n.code for n in found.notices}
    row = digest_casualty(found.plan_file).gaps[0].row
    assert row.judged_min is None


def test_a_hostile_plan_is_judged_all_the_same(plan) -> None:
    # A stop without any time, and a leg that goes round the earth a thousand times.
    document = json.loads(format_plan(plan))
    patrol = document["patrols"][0]
    patrol["stops"][1]["arrive"] = patrol["stops"][1]["depart"] = None
    turns = [[-179.0, 10.0], [179.0, 10.0]] * 1000
    leg = patrol["legs"][0]["geometry"]
    leg["coordinates"] = [leg["coordinates"][0], *turns, leg["coordinates"][-1]]
    edited = PlanFile.model_validate_json(json.dumps(document))
    rules = {broken.rule for broken in assess_plan(edited).violations}
    assert {"casualty_misstated", "times_disagree"} <= rules


@settings(max_examples=60, deadline=None)
@given(parts=st.tuples(*[st.integers(0, 2_000_000) for _ in range(4)]))
def test_a_sum_adds_up_and_agrees_with_the_minutes_beside_it(parts) -> None:
    parts = tuple(part / 10_000 for part in parts)
    said = word_sum(parts).en.removesuffix(" min")
    terms, total = said.split(" = ")
    shown = [float(term) for term in terms.split(" + ")]
    assert math.fsum(shown) == pytest.approx(float(total))
    assert all(abs(a - b) <= 0.1 + 1e-6 for a, b in zip(shown, parts, strict=True))
    # Both are rounded up: neither may be within a limit that the true sum exceeds.
    assert math.ceil(float(total) - 1e-9) == int(format_minutes(math.fsum(parts)))


def test_a_sum_just_beyond_is_not_told_within() -> None:
    # 30 + 40.02 + 10 + 40.02 = 120.04 min: beyond 120, and 121 when rounded up.
    assert word_sum((30, 40.02, 10, 40.02)).en == "30 + 40.1 + 10 + 40 = 120.1 min"
