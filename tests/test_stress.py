"""The stress test: sums done by hand, beside a slow simulation, and what it tells."""

from __future__ import annotations

import json
from datetime import timedelta
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from patrolplan.cli import main
from patrolplan.errors import PlanFileError
from patrolplan.planfile import PlanFile, format_plan
from patrolplan.planning.chances import count_chance
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from patrolplan.planning.stress import assess_stress
from patrolplan.planning.stress_orders import read_orders
from patrolplan.planning.stress_results import Stress
from patrolplan.planning.stress_steps import Orders
from patrolplan.products.stress import (
    describe_stress,
    list_patrol_rows,
    list_weak_legs,
    render_stress,
    tabulate_stress,
    write_stress,
)
from patrolplan.stress_figures import StressFigures
from problems import (
    build_hand_theatre,
    build_plan_file,
    build_random_theatre,
    build_team,
)
from slow_stress import SlowSimulation, Tally
from stress_plans import CERTAIN, add_parts, change

HOSTILE = "=cmd()|</script><script>window.ran=1</script>"
# Of fifty chances compared once each, one in thousands lies so far off by chance.
FAR = 4.0


def drive(
    figures: StressFigures,
    *,
    sites=("s1",),
    draws: int = 2000,
    seed: int = 1,
    patrols=None,
    surface: str = "track",
    edit=None,
    **theatre,
):
    """Plan by hand within 06:00 to 18:00, drive it, and return what came of it."""
    built = build_hand_theatre(**theatre)
    decided = patrols or (PatrolDecision("t1", 0, tuple(sites)),)
    schedule = build_schedule(built.problem, Plan(tuple(decided)))
    plan = build_plan_file(built, schedule)
    plan = add_parts(plan, schedule, built.problem, surface=surface)
    if edit is not None:
        document = plan.model_dump(by_alias=True, mode="json")
        edit(document)
        plan = PlanFile.model_validate(document)
    return assess_stress(read_orders(plan, figures), draws=draws, seed=seed)


# -- by hand ----------------------------------------------------------------------


def test_rain_on_every_day_by_hand() -> None:
    """Out 300 min, dwell 120, home 300 by 18:00. In rain 450: there at 13:30, done at
    15:30; 150 of the 450 by 18:00; the other 300 next morning: home at 11:00."""
    wet = change(rain_chance=1)
    found = drive(wet, team=build_team(max_days=2), draws=10)
    (patrol,) = found.patrols
    assert [day.kept.share for day in patrol.days] == [0]
    assert patrol.home.share == 1
    assert [leg.real_min.mean for leg in patrol.legs] == pytest.approx([450, 450])
    assert [leg.planned_min for leg in patrol.legs] == [300, 300]
    # Behind on the way home, not on the way out: it was there that very day.
    assert [leg.runs_out.share for leg in patrol.legs] == [0, 1]
    assert patrol.need.mean == 100
    assert drive(wet, team=build_team(max_days=1), draws=10).home.share == 0


def test_rain_slows_nothing_on_tar() -> None:
    found = drive(change(rain_chance=1), surface="paved_degraded", draws=10)
    assert found.patrols[0].days[0].kept.share == 1


def test_what_all_share_halves_the_chance() -> None:
    """Home at 18:00 sharp as planned: one factor of median 1 for both legs holds in
    half of the draws; a factor for each of them, in less: their mean exceeds 1."""
    for spread in ("figure_sd", "day_sd"):
        found = drive(change(**{spread: 0.2}), draws=20_000)
        assert found.patrols[0].days[0].kept.share == pytest.approx(0.5, abs=0.015)
    own = drive(change(leg_sd=0.2), draws=20_000).patrols[0].days[0].kept
    # X + Y <= 2 of two lognormal factors, by numbers.
    dice = np.random.default_rng(7)
    sums = np.exp(0.2 * dice.standard_normal((2, 200_000))).sum(axis=0)
    assert own.low <= (sums <= 2).mean() <= own.high


def test_fuel_rises_by_a_share_of_the_longer_time() -> None:
    """Rain and days do not burn; a leg 1.21 times as long burns half of 0.21 more."""
    burns = change(figure_sd=0.2, fuel_share_of_delay=0.5)
    found = drive(burns, draws=20_000).patrols[0].fuel
    assert found.share == pytest.approx(0.5, abs=0.015)

    def take_more(document):
        document["patrols"][0]["supplies"]["fuel_l"] *= 1.105

    # Enough up to a factor of 1.21, of which the logarithm is 0.1906: 0.953 spreads.
    found = drive(burns, draws=20_000, edit=take_more).patrols[0].fuel
    assert found.low - 0.01 <= 0.8297 <= found.high + 0.01
    assert drive(change(rain_chance=1), draws=10).fuel.share == 1


def test_breakdowns_come_by_vehicle_and_kilometre() -> None:
    """300 km in all, 4 vehicles: 1,200 vehicle km at 1 per 1,000 km is 1.2 events; none
    at all with a chance of exp(-1.2) = 0.301. Any makes it late."""
    found = drive(change(breakdowns_per_1000_km=1), draws=20_000)
    kept = found.patrols[0].days[0].kept
    assert kept.low - 0.005 <= np.exp(-1.2) <= kept.high + 0.005
    closed = drive(change(closures_per_1000_km=1), draws=20_000).patrols[0].days[0]
    # Of the way, not of each vehicle: exp(-0.3).
    assert closed.kept.low - 0.005 <= np.exp(-0.3) <= closed.kept.high + 0.005


def test_visits_last_longer_and_never_shorter() -> None:
    """Out 300 min, dwell 120, home 300 by 18:00 sharp. Half of the visits last as
    planned and end a day kept; what a longer one takes more is driven next morning."""
    found = drive(change(dwell_sd=0.2), team=build_team(max_days=2), draws=20_000)
    (patrol,) = found.patrols
    assert patrol.days[0].kept.share == pytest.approx(0.5, abs=0.015)
    # Home by the second day, the road as long as ever, and the need met.
    assert patrol.home.share == 1
    assert [leg.real_min.mean for leg in patrol.legs] == pytest.approx([300, 300])
    assert [leg.runs_out.share for leg in patrol.legs] == [
        0,
        1 - patrol.days[0].kept.share,
    ]
    assert patrol.need.low == 100


def test_a_long_visit_is_broken_off_as_the_day_closes() -> None:
    """Out 60 min, dwell 600 of the 660 left until 18:00, home 60: however long the
    visit would last, it is over at 18:00, and the patrol home next morning."""
    hour_away = 60.0 * (1 - np.eye(2))
    settings = {"minutes": hour_away, "dwells": (600.0,)}
    team = build_team(max_days=2)
    found = drive(change(dwell_sd=1), draws=2000, team=team, **settings)
    (patrol,) = found.patrols
    assert patrol.home.share == 1
    assert patrol.need.low == 100
    assert patrol.days[0].kept.share == pytest.approx(0.5, abs=0.04)


def test_a_late_team_rests_and_goes_out_late() -> None:
    """In rain home on day 1 instead of 0; rest of 2 days: free on day 4, not on 3."""
    patrols = [PatrolDecision("t1", 0, ("s1",)), PatrolDecision("t1", 3, ("s2",))]
    settings = {"dwells": (120.0, 120.0), "patrols": patrols, "draws": 10}
    team = build_team(max_days=2, rest_days=2)
    found = drive(change(rain_chance=1), team=team, **settings)
    first, second = found.patrols
    assert first.home.share == 1
    # Out on day 4, home on day 5: planned for 3, due by 4.
    assert second.home.share == 0
    assert [leg.runs_out.share for leg in second.legs] == [0, 0]
    rested = build_team(max_days=3, rest_days=1)
    found = drive(change(rain_chance=1), team=rested, **settings)
    assert found.patrols[1].home.share == 1


def test_a_visit_too_late_for_its_window_is_left_out() -> None:
    """Planned for 11:00 in a window until noon; in rain it comes at 13:30. It does not
    wait for the window of the day after: the patrol turns round and is home then."""

    def open_windows(document):
        site = document["sites"][0]
        site["windows"] = [
            [f"2014-11-0{day}T09:00:00Z", f"2014-11-0{day}T12:00:00Z"] for day in (3, 4)
        ]

    start = build_hand_theatre().problem.start
    assert start.isoformat() == "2014-11-03"
    wet = drive(change(rain_chance=1), draws=10, edit=open_windows)
    assert wet.patrols[0].need.mean == 0
    assert wet.patrols[0].need_planned == 100
    # 13:30 and 450 min on: 270 until 18:00, 180 next morning.
    assert wet.patrols[0].legs[1].real_min.mean == pytest.approx(450)
    assert drive(CERTAIN, draws=10, edit=open_windows).need.mean == 100


def test_dark_is_the_margin_after_the_close(study) -> None:
    """Without night movement a day holds up to sunset, with breaks taken."""
    orders = read_orders(study.plan_file)
    margin = study.scenario.movement.sunset_margin_min
    for order in orders.orders:
        for step in order.steps:
            hours = getattr(step, "hours", None)
            if hours is not None:
                assert hours.dark_min - hours.closes_min == pytest.approx(margin)


# -- as planned, where nothing is uncertain -----------------------------------------


def test_the_built_in_plan_holds_where_nothing_is_uncertain(study) -> None:
    found = assess_stress(read_orders(study.plan_file, CERTAIN), draws=3)
    assert found.home.share == found.fuel.share == 1
    assert found.need.low == pytest.approx(study.assessment.need_met)
    for patrol in found.patrols:
        assert all(day.kept.share == 1 for day in patrol.days)
        for leg in patrol.legs:
            assert leg.runs_out.count == 0
            assert leg.real_min.mean == pytest.approx(leg.planned_min)


@settings(max_examples=6)
@given(seed=st.integers(0, 10_000))
def test_any_plan_holds_where_nothing_is_uncertain(seed) -> None:
    theatre = build_random_theatre(
        seed, sites=12, bases=2, teams=3, days=14, max_days=9, conditions=True
    )
    solution = solve(theatre.problem, seed=seed, iterations=20, workers=1)
    schedule = build_schedule(theatre.problem, solution.plan)
    plan = build_plan_file(theatre, schedule)
    plan = add_parts(plan, schedule, theatre.problem)
    found = assess_stress(read_orders(plan, CERTAIN), draws=2)
    days = {patrol.id: patrol.return_day for patrol in schedule.patrols}
    assert found.home.share == found.fuel.share == 1
    assert found.need.mean == pytest.approx(plan.assessment.need_met)
    for patrol in found.patrols:
        assert patrol.days[-1].day == days[patrol.patrol_id]
        assert all(day.kept.share == 1 for day in patrol.days)


# -- beside a simulation of another make ---------------------------------------------


@pytest.fixture(scope="module")
def troubled(study) -> PlanFile:
    """The built-in plan with a window at the second stop of each patrol, planned with
    times a tenth longer, in a month of rain."""
    document = json.loads(format_plan(study.plan_file))
    limits = document["scenario"]["limits"]
    limits["time_factor"] = 1.1
    limits["seasons"] = [{"name": "rains", "from_day": "11-05", "to_day": "11-10"}]
    sites = {site["id"]: site for site in document["sites"]}
    for patrol in document["patrols"]:
        visits = [stop for stop in patrol["stops"] if stop["kind"] == "visit"]
        stop = visits[min(1, len(visits) - 1)]
        planned = study.plan_file.patrols[0].depart.fromisoformat(stop["arrive"])
        sites[stop["site_id"]]["windows"] = [
            [f"{planned - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
             f"{planned + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"]
        ]  # fmt: skip
    return PlanFile.model_validate(document)


SLOW_DRAWS = 700


@pytest.fixture(scope="module")
def slow(troubled) -> Tally:
    figures = read_orders(troubled).figures
    document = json.loads(format_plan(troubled))
    return SlowSimulation(document, figures).run(SLOW_DRAWS, seed=3)


def compare_chances(orders: Orders, slow: Tally) -> tuple[Stress, dict[object, float]]:
    """Return what is found, and by how many errors each chance is off the slow one."""
    found = assess_stress(orders, draws=20_000, seed=5)
    compared = {("home",): found.home, ("fuel",): found.fuel}
    for patrol in found.patrols:
        own = patrol.patrol_id
        compared |= {("home", own): patrol.home, ("fuel", own): patrol.fuel}
        for day in patrol.days:
            date = orders.first_date + timedelta(days=day.day)
            compared["day", own, str(date)] = day.kept
    assert set(slow.held) == set(compared)
    assert len(compared) > 30
    # The two would not agree on a plan that is not troubled.
    assert any(0.2 < chance.share < 0.8 for chance in compared.values())
    apart = {}
    for key, chance in compared.items():
        share = slow.held[key] / SLOW_DRAWS
        # What either may be off by; the slow one's own share says nothing at 0 or 1.
        middle = min(max(chance.share, 2 / SLOW_DRAWS), 1 - 2 / SLOW_DRAWS)
        error = sqrt(middle * (1 - middle) * (1 / SLOW_DRAWS + 1 / chance.draws))
        apart[key] = abs(share - chance.share) / error
    return found, apart


def test_chances_match_a_slow_simulation(troubled, slow) -> None:
    found, apart = compare_chances(read_orders(troubled), slow)
    assert {key: errors for key, errors in apart.items() if errors > FAR} == {}
    assert slow.need / SLOW_DRAWS == pytest.approx(found.need.mean, rel=0.03)


@pytest.mark.parametrize("other", [{"figure_sd": 0.3}, {"dwell_sd": 0.0}])
def test_the_slow_simulation_would_see_another_figure(troubled, slow, other) -> None:
    """Else agreeing with it would mean little."""
    figures = change(read_orders(troubled).figures, **other)
    _, apart = compare_chances(read_orders(troubled, figures), slow)
    assert max(apart.values()) > 1.5 * FAR


# -- what is told ---------------------------------------------------------------------


def test_the_same_seed_gives_the_same_and_another_does_not(study) -> None:
    orders = read_orders(study.plan_file)
    first, again, other = (
        assess_stress(orders, draws=500, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.patrols != other.patrols


def test_an_interval_is_wilsons() -> None:
    """9 of 10 at 95 %: Wilson (1927) gives 0.596 to 0.982."""
    chance = count_chance(np.array([True] * 9 + [False]))
    assert chance.share == 0.9
    assert (chance.low, chance.high) == pytest.approx((0.5958, 0.9821), abs=1e-4)


def test_a_plan_that_does_not_say_what_it_drives_on_is_refused(study) -> None:
    document = json.loads(format_plan(study.plan_file))
    del document["patrols"][0]["legs"][0]["parts"]
    document["patrols"][0]["team_id"] = "nobody"
    visit = next(s for s in document["patrols"][1]["stops"] if s["kind"] == "visit")
    visit["site_id"] = "nowhere"
    del document["patrols"][2]["legs"][-1]
    document["scenario"]["limits"]["time_factor"] = "long"
    document["scenario"]["limits"]["seasons"] = [{"name": "hail"}]
    with pytest.raises(PlanFileError) as caught:
        read_orders(PlanFile.model_validate(document))
    faults = "\n".join(map(str, caught.value.faults))
    for part in ("parts", "'nobody'", "'nowhere'", "legs", "'long'", "seasons"):
        assert part in faults
    document["scenario"]["limits"]["stress"] = {"day_sd": -1}
    with pytest.raises(PlanFileError, match="day_sd"):
        read_orders(PlanFile.model_validate(document))


def test_parts_add_up_to_their_legs(study) -> None:
    kinds = set()
    for patrol in study.plan_file.patrols:
        fuel_l = 0.0
        for leg in patrol.legs:
            assert sum(p.driving_min for p in leg.parts) == pytest.approx(
                leg.driving_min, abs=1e-6
            )
            assert sum(p.length_km for p in leg.parts) == pytest.approx(
                leg.length_km, abs=1e-9
            )
            fuel_l += sum(part.fuel_l for part in leg.parts)
            kinds |= {(part.kind, part.halt) for part in leg.parts}
        team = next(t for t in study.plan_file.teams if t.id == patrol.team_id)
        reserve = 1 + study.scenario.patrols.fuel_reserve_share
        assert patrol.supplies.fuel_l == pytest.approx(fuel_l * team.vehicles * reserve)
    assert ("ferry", False) in kinds
    assert ("ferry", True) not in kinds
    assert ("road", True) in kinds or ("track", True) in kinds


def test_tables_page_and_json_say_the_same(study, tmp_path) -> None:
    plan, orders = study.plan_file, read_orders(study.plan_file)
    found = assess_stress(orders, draws=500, seed=1)
    paths = write_stress(plan, orders, found, tmp_path)
    told = json.loads(paths["stress.json"].read_text("utf-8"))
    assert told == json.loads(json.dumps(describe_stress(plan, orders, found)))
    assert told["status"] == "draft"
    assert told["patrols"][0]["home"]["chance"] == found.patrols[0].home.share
    assert told["patrols"][0]["days"][0]["day"] == "2014-11-03"
    assert told["figures"]["day_sd"] == 0.12
    table = tabulate_stress(plan, orders, found)
    home = table[(table["measure"] == "home") & table["patrol_id"].notna()]
    assert list(home["chance"]) == [patrol.home.share for patrol in found.patrols]
    assert (table["plan_status"] == "draft").all()
    weak = list_weak_legs(plan, found)
    counts = [leg.runs_out.count for p in found.patrols for leg in p.legs]
    assert weak[0].runs_out.en.startswith(f"{100 * max(counts) / 500:.1f} %")
    page = paths["stress.html"].read_text("utf-8")
    assert weak[0].way.en.split(" → ")[0] in page
    assert "PROJET" in page
    assert "CONFIDENTIEL" in page


def test_places_bear_both_names(study, tmp_path, capsys) -> None:
    """The page and the table have those of the layers; by itself a plan has one."""
    plan, orders = study.plan_file, read_orders(study.plan_file)
    found = assess_stress(orders, draws=100)
    bases = study.layers.bases.set_index("id")
    rows = list_patrol_rows(plan, orders, found, study.layers)
    for row, patrol in zip(rows, plan.patrols, strict=True):
        base = bases.loc[patrol.base_id]
        assert (row.base.en, row.base.fr) == (base["name"], base["name_fr"])
    assert any(row.base.en != row.base.fr for row in rows)
    alone = list_patrol_rows(plan, orders, found)
    assert all(row.base.fr == row.base.en for row in alone)
    path = tmp_path / "plan.json"
    path.write_text(format_plan(plan), "utf-8")
    argv = ["stress", str(path), "--draws", "100", "--lang", "fr"]
    assert main([*argv, "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    page = (tmp_path / "stress.html").read_text("utf-8")
    for row in rows:
        assert row.base.fr in told
        assert escape(row.base.fr) in page
        assert escape(row.base.en) in page


def test_a_hostile_plan_stays_text(study) -> None:
    document = json.loads(format_plan(study.plan_file))
    document["scenario"]["name"] = HOSTILE
    for place in document["sites"] + document["bases"]:
        place["name"] = HOSTILE
    for patrol in document["patrols"]:
        patrol["id"] = f"{HOSTILE}{patrol['id']}"
    plan = PlanFile.model_validate(document)
    orders = read_orders(plan)
    found = assess_stress(orders, draws=100)
    page = render_stress(plan, orders, found)
    assert page.count("<script>") == 1
    assert "window.ran" in page
