"""Orders read from a document step by step, luck as it is dealt, and how they meet."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from patrolplan.planfile import PlanFile
from patrolplan.planning.chances import measure_spread
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.stress import assess_stress
from patrolplan.planning.stress_draws import draw_luck, draw_surfaces, measure_road
from patrolplan.planning.stress_orders import read_orders
from patrolplan.planning.stress_steps import (
    Dwell,
    Hours,
    Night,
    Part,
    Passed,
    Run,
    Setting,
)
from problems import build_hand_theatre, build_plan_file, build_team
from stress_plans import CERTAIN, add_parts, change

DAY = 1440.0


def build_told(*, surface="track", day=0, **more):
    """Return a plan as JSON, with the parts of its legs, and no clock but 06 to 18.

    Base to s1 900 minutes, s1 to s2 300, home 600; 500 at each site.
    """
    theatre = build_hand_theatre(
        dwells=(500, 500),
        minutes=[[0, 900, 600], [900, 0, 300], [600, 300, 0]],
        needs=(100.0, 300.0),
        days=10,
        **more,
    )
    plan = Plan((PatrolDecision("t1", day, ("s1", "s2")),))
    schedule = build_schedule(theatre.problem, plan)
    written = build_plan_file(theatre, schedule)
    written = add_parts(written, schedule, theatre.problem, surface=surface)
    return written.model_dump(mode="json", by_alias=True)


@pytest.fixture
def told():
    return build_told()


def read(document, figures=CERTAIN):
    return read_orders(PlanFile.model_validate(document), figures)


def tell(step):
    """Return a step without its hours."""
    if isinstance(step, Passed | Night):
        return step
    return step._replace(hours=None)


# Orders


def build_part(minutes, *, surface="track", litres):
    return Part(surface, minutes, 0.0, True, pytest.approx(litres))


def test_an_order_is_read_step_by_step(told) -> None:
    orders = read(told)
    (order,) = orders.orders
    # 0.1 L a minute, of 4 vehicles. The first day 720 of 900 minutes; the second the
    # other 180, 500 at s1, 40 on to s2; the third 260; the fourth s2 and 220 of 600.
    assert [tell(step) for step in order.steps] == [
        Setting(0, pytest.approx(450.0), 0, False, 0, None),
        Run(0, (build_part(720.0, litres=288.0),), True, 0, None),
        Night(0, "halt:P1:1", 0),
        Run(0, (build_part(180.0, litres=72.0),), True, 1, None),
        Dwell(0, "s1", 500.0, None, 100.0, 1, None),
        Setting(1, pytest.approx(150.0), 0, False, 1, None),
        Run(1, (build_part(40.0, litres=16.0),), True, 1, None),
        Night(1, "halt:P1:2", 1),
        Run(1, (build_part(260.0, litres=104.0),), True, 2, None),
        Night(2, "halt:P1:3", 1),
        Dwell(1, "s2", 500.0, None, 300.0, 3, None),
        Setting(2, pytest.approx(300.0), 0, False, 3, None),
        Run(2, (build_part(220.0, litres=88.0),), True, 3, None),
        Night(3, "halt:P1:4", 2),
        Run(2, (build_part(380.0, litres=152.0),), True, 4, None),
        Night(4, "base", 2),
    ]
    assert (order.first_day, order.depart_min) == (0, 360.0)
    # Twelve days out at most, and 14 that it is followed besides.
    assert (order.last_day, order.days, order.rest_days) == (11, 26, 2)
    assert order.legs == (("base", "s1"), ("s1", "s2"), ("s2", "base"))
    assert (order.vehicles, order.fuel_l) == (4, pytest.approx(720.0))
    assert order.rains.tolist() == [False] * 26
    assert orders.first_date == date(2014, 11, 3)
    assert orders.surfaces == ("track",)


def find_hours(order) -> Hours:
    return next(s.hours for s in order.steps if isinstance(s, Setting))


def test_hours_are_those_of_both_places_day_by_day(told) -> None:
    told["scenario"]["limits"]["break_min"] = 30.0
    hours = find_hours(read(told).orders[0])
    days = DAY * np.arange(26)
    assert hours.opens_min == pytest.approx(days + 360)
    assert hours.closes_min == pytest.approx(days + 1050)
    assert hours.dark_min == pytest.approx(days + 1050)
    # By the sun: of the base on the meridian and s1 half a degree east, 2 minutes
    # sooner, the later opening and the sooner close; and the margin up to sunset.
    limits = told["scenario"]["limits"]
    limits |= {"night_movement": False, "fixed_window": None, "break_min": 0.0}
    limits |= {"sunset_margin_min": 45.0, "sunrise_margin_min": 15.0}
    for place in told["sites"]:
        place["lon"] = 15.0
    order = read(told).orders[0]
    both, there = find_hours(order), order.steps[4].hours
    # An hour apart: it opens by the base's clock and closes by the site's.
    assert both.opens_min - there.opens_min == pytest.approx(60.0, abs=3)
    assert both.closes_min == pytest.approx(there.closes_min)
    assert both.dark_min - both.closes_min == pytest.approx(45.0)


def test_days_are_counted_from_the_day_of_departure() -> None:
    orders = read(build_told(day=3))
    (order,) = orders.orders
    assert (order.first_day, order.depart_min) == (3, 3 * DAY + 360.0)
    assert (order.last_day, order.days) == (14, 26)
    nights = [step.day for step in order.steps if isinstance(step, Night)]
    assert nights == [3, 4, 5, 6, 7]
    visits = [step.day for step in order.steps if isinstance(step, Dwell)]
    assert visits == [4, 6]
    assert [s.day for s in order.steps if isinstance(s, Setting)] == [3, 4, 6]
    assert find_hours(order).opens_min[0] == 3 * DAY + 360.0
    assert orders.first_date == date(2014, 11, 3)
    found = assess(build_told(day=3))
    assert [night.kept.share for night in found.patrols[0].days] == [1.0] * 5
    assert [leg.runs_out.share for leg in found.patrols[0].legs] == [0.0] * 3
    limits = (told := build_told(day=3))["scenario"]["limits"]
    limits["seasons"] = [{"name": "rains", "from_day": "11-07", "to_day": "11-08"}]
    order = read(told).orders[0]
    assert np.flatnonzero(order.rains).tolist() == [1, 2]
    assert [s.rains for s in order.steps if isinstance(s, Setting)] == [
        False,
        True,
        False,
    ]


def test_times_planned_longer_are_driven_as_the_tables_say(told) -> None:
    told["scenario"]["limits"]["time_factor"] = 1.25
    run = read(told).orders[0].steps[1]
    # 720 planned are 576 by the tables; fuel and what cannot be longer stay.
    assert run.parts[0].road_min == 576.0
    assert run.parts[0].fuel_l == pytest.approx(288.0)
    assert read(told).orders[0].steps[4].dwell_min == 500.0


@pytest.mark.parametrize("factor", [True, "long", 0, 0.0, -1.0, None])
def test_a_factor_that_cannot_be_meant_is_refused(told, factor) -> None:
    told["scenario"]["limits"]["time_factor"] = factor
    with pytest.raises(ValueError, match="time_factor"):
        read(told)


def test_stretches_without_a_halt_are_driven_whole(told) -> None:
    leg = told["patrols"][0]["legs"][0]
    (part,) = leg["parts"]
    part |= {"driving_min": 60.0, "length_km": 10.0, "fuel_l": 1.0}
    ferry = part | {"kind": "ferry", "surface": "ferry", "halt": False}
    tar = part | {"surface": "paved", "halt": False}
    worn = part | {"surface": "paved_degraded"}
    leg["parts"] = [part, tar, ferry, worn, tar]
    order = read(told)
    setting, *runs = order.orders[0].steps[:5]
    held = build_part(60.0, litres=4.0)
    paved = Part("paved", 60.0, 0.0, False, 4.0)
    assert [tell(run) for run in runs] == [
        Run(0, (held,), True, 0, None),
        Run(0, (paved, Part("ferry", 0.0, 60.0, False, 4.0)), False, 0, None),
        Run(0, (Part("paved_degraded", 60.0, 0.0, False, 4.0),), True, 0, None),
        Run(0, (paved,), False, 0, None),
    ]
    # Five parts of 10 km, and 90 km of the next day: one ferry.
    assert (setting.km, setting.ferries) == (pytest.approx(140.0), 1)
    assert order.surfaces == ("ferry", "paved", "paved_degraded", "track")


def test_need_earned_on_the_way_is_earned_after_its_stretch(told) -> None:
    legs = told["patrols"][0]["legs"]
    legs[1]["need_earned"] = 7.0
    steps = read(told).orders[0].steps
    assert steps[4] == Passed(7.0)
    assert isinstance(steps[3], Run)
    assert isinstance(steps[5], Dwell)


def test_rains_fall_in_their_season(told) -> None:
    limits = told["scenario"]["limits"]
    limits["seasons"] = [{"name": "rains", "from_day": "11-04", "to_day": "11-05"}]
    order = read(told).orders[0]
    assert np.flatnonzero(order.rains).tolist() == [1, 2]
    settings = [step for step in order.steps if isinstance(step, Setting)]
    assert [step.rains for step in settings] == [False, True, False]


def test_windows_up_to_the_one_planned(told) -> None:
    # s1 is planned for 09:00 of the second day.
    site = told["sites"][0]
    site["windows"] = [
        ["2014-11-05T08:00:00Z", "2014-11-05T09:00:00Z"],
        ["2014-11-04T09:00:00Z", "2014-11-04T12:00:00Z"],
        ["2014-11-03T08:00:00Z", "2014-11-03T09:00:00Z"],
    ]
    dwell = read(told).orders[0].steps[4]
    assert dwell.windows == ((480.0, 540.0), (DAY + 540.0, DAY + 720.0))


def test_orders_stand_by_day_then_team_then_patrol(told) -> None:
    (patrol,) = told["patrols"]
    told["teams"].append(told["teams"][0] | {"id": "a1"})
    first = patrol | {"id": "P9"}
    told["patrols"] = [patrol | {"team_id": "t1"}, first, patrol | {"team_id": "a1"}]
    found = [(o.patrol.team_id, o.patrol.id) for o in read(told).orders]
    assert found == [("a1", "P1"), ("t1", "P1"), ("t1", "P9")]


def test_what_cannot_be_driven_is_refused_all_at_once(told) -> None:
    patrol = told["patrols"][0]
    patrol["legs"][1]["parts"] = None
    patrol["team_id"] = "nobody"
    visit = next(s for s in patrol["stops"] if s["kind"] == "visit")
    visit["site_id"] = "nowhere"
    del patrol["legs"][-1]
    told["scenario"]["limits"]["seasons"] = 7
    with pytest.raises(ValueError, match="parts") as caught:
        read(told)
    said = {str(fault).removeprefix("plan: ") for fault in caught.value.faults}
    assert {line.partition(" (")[0] for line in said} == {
        "patrol 'P1', legs.1.parts: nothing; what the leg is driven on",
        "patrol 'P1', team_id: found 'nobody'; the id of a team",
        "patrol 'P1', stops.2.site_id: found 'nowhere'; the id of a site",
        "patrol 'P1', legs: 6 legs for 8 stops; one leg less than stops",
        "scenario.limits.seasons: no seasons; a list of name, from_day, to_day",
    }


def test_figures_of_the_document_or_those_given(told) -> None:
    told["scenario"]["limits"]["stress"] = {"day_sd": 0.5}
    assert read(told, None).figures.day_sd == 0.5
    assert read(told, None).figures.leg_sd == 0.12
    assert read(told).figures is CERTAIN


# Luck


def deal(figures, told, *, draws=20_000):
    (order,) = read(told, figures).orders
    return draw_luck(np.random.default_rng(1), figures, order, draws), order


def test_nothing_is_dealt_where_nothing_is_uncertain(told) -> None:
    luck, _ = deal(CERTAIN, told, draws=5)
    assert luck.days.shape == luck.wet_days.shape == (26, 5)
    assert luck.legs.shape == luck.ferries.shape == luck.dwells.shape == (3, 5)
    assert luck.fuel.shape == (5,)
    for factors in (luck.days, luck.wet_days, luck.legs, luck.ferries, luck.dwells):
        assert (factors == 1.0).all()
    assert (luck.delays_min == 0.0).all()


@pytest.mark.parametrize(
    ("name", "field"),
    [("day_sd", "days"), ("leg_sd", "legs"), ("ferry_sd", "ferries")],
)
def test_a_spread_is_of_the_logarithm(told, name, field) -> None:
    luck, _ = deal(change(**{name: 0.2}), told)
    logs = np.log(getattr(luck, field))
    assert logs.mean() == pytest.approx(0.0, abs=0.01)
    assert logs.std() == pytest.approx(0.2, abs=0.01)
    others = {"days", "legs", "ferries", "fuel"} - {field}
    assert all((getattr(luck, other) == 1.0).all() for other in others)


def test_fuel_and_visits_spread_too(told) -> None:
    luck, _ = deal(change(fuel_sd=0.2, dwell_sd=0.3), told)
    assert np.log(luck.fuel).std() == pytest.approx(0.2, abs=0.01)
    # Half of the visits are as long as planned; the others by half a spread.
    assert luck.dwells.min() == 1.0
    assert (luck.dwells == 1.0).mean() == pytest.approx(0.5, abs=0.02)
    longer = np.log(luck.dwells[luck.dwells > 1.0])
    assert np.sqrt((longer**2).mean()) == pytest.approx(0.3, abs=0.01)
    surfaces = draw_surfaces(np.random.default_rng(1), change(figure_sd=0.4), 2, 20_000)
    assert surfaces.shape == (2, 20_000)
    assert np.log(surfaces).std() == pytest.approx(0.4, abs=0.01)


def test_rain_comes_by_the_season_and_slows_what_is_soft(told) -> None:
    limits = told["scenario"]["limits"]
    limits["seasons"] = [{"name": "rains", "from_day": "11-04", "to_day": "11-05"}]
    figures = change(rain_chance=0.1, rain_chance_rains=0.8, rain_slowdown=1.5)
    luck, _ = deal(figures, told)
    wet = (luck.wet_days == 1.5).mean(axis=1)
    assert (np.unique(luck.wet_days) == [1.0, 1.5]).all()
    assert wet[1:3] == pytest.approx([0.8, 0.8], abs=0.02)
    assert np.delete(wet, [1, 2]) == pytest.approx(0.1, abs=0.02)
    assert (luck.days == 1.0).all()


def test_what_holds_up_a_leg_adds_up(told) -> None:
    # 450 km and 4 vehicles: 1,800 vehicle km at 2 per 1,000 km are 3.6 breakdowns of
    # 60 min, so 216; of the way 0.9 closures of 100, so 90. Of 150 km a third.
    figures = change(
        breakdowns_per_1000_km=2,
        repair_min=60,
        closures_per_1000_km=2,
        closures_per_1000_km_rains=8,
        closure_min=100,
        delay_sd=0,
    )
    luck, _ = deal(figures, told)
    means = luck.delays_min.mean(axis=1)
    assert means == pytest.approx([306.0, 102.0, 204.0], rel=0.03)
    # In the rains four times as many closures, of the second leg alone.
    limits = told["scenario"]["limits"]
    limits["seasons"] = [{"name": "rains", "from_day": "11-04", "to_day": "11-04"}]
    luck, _ = deal(figures, told)
    means = luck.delays_min.mean(axis=1)
    assert means == pytest.approx([306.0, 72.0 + 120.0, 204.0], rel=0.03)


def test_a_ferry_may_be_out(told) -> None:
    leg = told["patrols"][0]["legs"][0]
    (part,) = leg["parts"]
    ferry = part | {"kind": "ferry", "driving_min": 30.0}
    leg["parts"] = [ferry, part, ferry]
    figures = change(ferry_out_chance=0.25, ferry_out_min=40, delay_sd=0)
    luck, _ = deal(figures, told)
    # Two ferries: none out 9 in 16, one 6 in 16, both 1 in 16.
    shares = [(luck.delays_min[0] == late).mean() for late in (0.0, 40.0, 80.0)]
    assert shares == pytest.approx([9 / 16, 6 / 16, 1 / 16], abs=0.02)
    assert (luck.delays_min[1:] == 0.0).all()


def test_delays_spread(told) -> None:
    figures = change(ferry_out_chance=1.0, ferry_out_min=40, delay_sd=0.5)
    leg = told["patrols"][0]["legs"][0]
    leg["parts"] = [leg["parts"][0] | {"kind": "ferry"}]
    luck, _ = deal(figures, told)
    logs = np.log(luck.delays_min[0] / 40.0)
    assert logs.mean() == pytest.approx(0.0, abs=0.02)
    assert logs.std() == pytest.approx(0.5, abs=0.02)


def test_road_on_tar_and_off_it() -> None:
    tar = Part("paved", 10.0, 0.0, False, 0.0)
    sand = Part("sand", 100.0, 0.0, True, 0.0)
    ferry = Part("ferry", 0.0, 50.0, False, 0.0)
    run = Run(0, (tar, sand, ferry, sand), False, 0, None)
    one, two, three = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([9.0, 9.0])
    firm, soft = measure_road(run, [one, two, three, two], np.array([1.0, 10.0]))
    # 10 x 1 x 1 and 10 x 2 x 10; twice 100 x 3 x 1 and 100 x 4 x 10.
    assert firm.tolist() == [10.0, 200.0]
    assert soft.tolist() == [600.0, 8000.0]


def test_what_one_draw_in_twenty_stays_below() -> None:
    spread = measure_spread(np.arange(101.0) ** 2)
    # Of 0 to 100 squared: 5 and 95 squared; the mean is 100 x 201 / 6.
    assert (spread.low, spread.high) == (25.0, 9025.0)
    assert spread.mean == pytest.approx(3350.0)


# How they meet


def assess(document, figures=CERTAIN, draws=10):
    return assess_stress(read(document, figures), draws=draws)


def test_as_planned_by_the_tables(told) -> None:
    found = assess(told)
    (patrol,) = found.patrols
    assert (patrol.patrol_id, patrol.team_id) == ("P1", "t1")
    assert [(day.day, day.place_id, day.leg) for day in patrol.days] == [
        (0, "halt:P1:1", 0),
        (1, "halt:P1:2", 1),
        (2, "halt:P1:3", 1),
        (3, "halt:P1:4", 2),
        (4, "base", 2),
    ]
    assert [(leg.from_id, leg.to_id, leg.planned_min) for leg in patrol.legs] == [
        ("base", "s1", 900.0),
        ("s1", "s2", 300.0),
        ("s2", "base", 600.0),
    ]
    assert [leg.real_min.high for leg in patrol.legs] == pytest.approx([900, 300, 600])
    assert (patrol.need_planned, found.need_planned) == (400.0, 400.0)
    assert (found.draws, found.seed) == (10, 1)
    assert found.find_least_home().share == found.find_least_day().share == 1.0


@pytest.mark.parametrize("day", [0, 3])
def test_rain_on_every_day_moves_all_a_day(day) -> None:
    """1350 minutes out instead of 900: 720, 630; 90 left on the second day are too few
    for 500 at s1. The third: 500, 220 of 450; the fourth 230, and 490 are too few for
    s2. The fifth: 500, 220 of 900; the sixth 680 of 680: home on day 5, one late."""
    told = build_told(team=build_team(max_days=6), day=day)
    found = assess(told, change(rain_chance=1.0))
    (patrol,) = found.patrols
    assert [day.kept.share for day in patrol.days] == [0.0] * 5
    assert patrol.home.share == 1.0
    assert patrol.need.mean == 400.0
    assert [leg.real_min.mean for leg in patrol.legs] == pytest.approx([1350, 450, 900])
    # Behind from the first leg on, and there first.
    assert [leg.runs_out.share for leg in patrol.legs] == [1.0, 0.0, 0.0]
    shorter = build_told(team=build_team(max_days=5), day=day)
    late = assess(shorter, change(rain_chance=1.0))
    assert late.home.share == late.patrols[0].home.share == 0.0
    # s2 is visited on the fifth day, the last that it may be out.
    assert late.need.mean == 400.0


def test_a_leg_that_is_held_up_waits_where_it_sets_out(told) -> None:
    """A ferry on the way from s1 to s2 is out for 100 minutes: the 40 left on that day
    and 60 of the next morning; then 300 to s2, where 500 are for the day after."""
    leg = told["patrols"][0]["legs"][2]
    (part,) = leg["parts"]
    ferry = part | {"kind": "ferry", "driving_min": 0.0, "length_km": 0.0, "fuel_l": 0}
    leg["parts"] = [ferry, part]
    figures = change(ferry_out_chance=1.0, ferry_out_min=100, delay_sd=0)
    found = assess(told, figures)
    (patrol,) = found.patrols
    assert [leg.real_min.mean for leg in patrol.legs] == pytest.approx([900, 400, 600])
    assert [leg.planned_min for leg in patrol.legs] == [900, 300, 600]
    # The halt of the second day is missed; that of the third is made up for.
    assert [day.kept.share for day in patrol.days] == [1, 0, 1, 1, 1]
    assert [leg.runs_out.share for leg in patrol.legs] == [0, 1, 0]
    assert (found.home.share, found.need.mean) == (1.0, 400.0)


def test_a_ferry_takes_the_time_that_its_luck_deals(told) -> None:
    """An hour of the way from s1 to s2 is a ferry, half of them longer than it."""
    leg = told["patrols"][0]["legs"][3]
    (part,) = leg["parts"]
    half = part | {"driving_min": 60.0}
    rest = part | {"driving_min": part["driving_min"] - 60.0}
    leg["parts"] = [half | {"kind": "ferry"}, rest]
    found = assess(told).patrols[0].legs[1]
    assert (found.planned_min, found.real_min.mean) == pytest.approx((300.0, 300.0))
    found = assess(told, change(ferry_sd=0.5), draws=20_000).patrols[0].legs[1]
    # The mean of the factor is exp(0.125): 240 + 60 x 1.1331; 5 % lie above
    # exp(0.5 x 1.645) = 2.2762, and 5 % below its inverse.
    assert found.real_min.mean == pytest.approx(308.0, abs=1.0)
    assert found.real_min.high == pytest.approx(240 + 60 * 2.2762, abs=5)
    assert found.real_min.low == pytest.approx(240 + 60 / 2.2762, abs=2)


def test_fuel_is_of_all_parts_and_longer_times(told) -> None:
    # 720 L taken along just suffice; with one litre less they do not.
    assert assess(told).fuel.share == 1.0
    told["patrols"][0]["supplies"]["fuel_l"] -= 1.0
    assert assess(told).fuel.share == assess(told).patrols[0].fuel.share == 0.0


def test_two_patrols_have_luck_of_their_own() -> None:
    theatre = build_hand_theatre(dwells=(120, 120), needs=(5.0, 7.0), days=10)
    decisions = (PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t1", 5, ("s2",)))
    schedule = build_schedule(theatre.problem, Plan(decisions))
    plan = build_plan_file(theatre, schedule)
    plan = add_parts(plan, schedule, theatre.problem)
    figures = change(day_sd=0.2)
    found = assess_stress(read_orders(plan, figures), draws=4000)
    kept = [patrol.days[0].kept.share for patrol in found.patrols]
    assert kept == pytest.approx([0.5, 0.5], abs=0.05)
    assert kept[0] != kept[1]
    assert found.need_planned == 12.0
    # Both are home within their twelve days, late or not.
    assert (found.need.mean, found.home.share) == (12.0, 1.0)
    assert [leg.to_id for leg in found.patrols[1].legs] == ["s2", "base"]


def test_need_beyond_the_days_out_is_not_earned() -> None:
    told = build_told(team=build_team(max_days=5))
    team = told["teams"][0]
    for most, need in ((5, 400.0), (4, 100.0), (3, 100.0), (2, 0.0)):
        team["max_days"] = most
        assert assess(told, change(rain_chance=1.0)).need.mean == need


def test_one_that_is_followed_no_longer_is_lost() -> None:
    """A part of 800 minutes without a halt fits into no day of 720."""
    told = build_told()
    part = told["patrols"][0]["legs"][0]["parts"][0]
    part |= {"driving_min": 800.0, "halt": False}
    found = assess(told)
    assert (found.home.share, found.need.mean) == (0.0, 0.0)
    assert [leg.runs_out.share for leg in found.patrols[0].legs] == [1.0, 0.0, 0.0]
    assert found.patrols[0].days[-1].kept.share == 0.0
