"""Convoys and supplies: worked by hand, as limits of the solver, and by the referee."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from patrolplan.convoy_notices import list_convoy_notices
from patrolplan.convoys import Convoy, extend_speeds, read_convoy
from patrolplan.errors import PlanFileError, ScenarioError
from patrolplan.figures import TeamSpec
from patrolplan.planfile import PlanFile, format_plan, read_plan
from patrolplan.planning.assessment import assess_plan
from patrolplan.planning.clock import build_crew, evaluate_patrol
from patrolplan.planning.crews import find_fuel_budget
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.reasons import find_reasons
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.solver import solve
from patrolplan.planning.supplies import (
    Carried,
    SupplyRules,
    count_supplied_days,
    count_water_days,
    estimate_supplies,
    list_stretches,
)
from patrolplan.products.supplies import tabulate_supplies
from patrolplan.study import build_question, plan_patrols
from problems import (
    add_fuel,
    build_hand_theatre,
    build_plan_file,
    build_random_theatre,
    build_team,
)

RULES = SupplyRules(0.25, 10.0, 7.5, 0.2, 20.0, (3, 4, 5, 6, 7, 8, 9, 10))
MIX = {"light_4x4": 3, "truck_bowser": 1}


def change_team(scenario, **changes):
    """The built-in scenario with one team at Gao, few days, and nothing owed."""
    team = scenario.teams[0].model_dump() | {"id": "t1", "people": 12} | changes
    return scenario.replace(
        teams=[team],
        need=scenario.need.model_dump() | {"min_unknown_visits": 0},
        horizon_days=4,
    )


@pytest.fixture(scope="module")
def small(scenario):
    """Three pickups and a tanker that must go to Ansongo and Bourem, and no farther."""
    asked = change_team(scenario, vehicles=MIX, max_days=4, range_km=400)
    return asked.replace(sites={"required": ["ansongo", "bourem"]})


@pytest.fixture(scope="module")
def planned(small) -> PlanFile:
    return plan_patrols(small).plan_file


# By hand


def test_one_patrol_worked_by_hand_to_the_litre(planned) -> None:
    """Three pickups and a tanker: Gao - Ansongo - Bourem - Gao, 3 to 5 November.

    Way: Gao - Ansongo 100 km of tar; back to Gao 100 km of tar and on to Bourem 95 km
    of track; home 95 km of track: 200 km of tar and 190 km of track, dry.

    Fuel: a pickup burns 12 L/100 km on tar and 18 on track, 24.0 + 34.2 = 58.2 L; the
    tanker 40 and 55, 80.0 + 104.5 = 184.5 L. Together 3 x 58.2 + 184.5 = 359.1 L; with
    25 % in reserve 448.875 L. They can carry 3 x 210 + 400 + 8,000 = 9,030 L.

    Turn back: half of 359.1 is 179.55 L. The 200 km of tar take 3 x 24 + 80 = 152 L; of
    track each km takes (3 x 18 + 55) / 100 = 1.09 L: 27.55 / 1.09 = 25.275 km more, so
    at km 225.275, on the way from Ansongo to Bourem.

    Water: 12 people x 3 days x 7.5 L (November is cool) = 270; x 1.2 = 324; and 4 x 20
    = 80 in reserve: 404 L of the 3 x 400 + 200 = 1,400 that they can carry. If each
    drinks 3 L a day: 404 / 36 = 11 days.

    Rations: 12 x (3 + 2) = 60 packs, of 3 x 60 + 60 = 240.
    """
    (patrol,) = planned.patrols
    assert [s.site_id for s in patrol.stops if s.kind == "visit"] == [
        "ansongo",
        "bourem",
    ]
    assert patrol.depart.date() == date(2014, 11, 3)
    assert patrol.return_.date() == date(2014, 11, 5)
    supplies = patrol.supplies
    assert supplies.fuel_l == pytest.approx(448.875)
    assert supplies.fuel_capacity_l == 9030
    assert supplies.water_l == pytest.approx(404)
    assert supplies.water_capacity_l == 1400
    assert supplies.water_floor_days == 11
    assert supplies.rations == 60
    assert supplies.ration_capacity == 240
    (spot,) = supplies.turn_back
    assert spot.km == pytest.approx(200 + 27.55 / 1.09)
    assert spot.burnt_l == pytest.approx(179.55)
    assert spot.leg == 1
    assert planned.assessment.violations == []


def test_a_column_worked_by_hand() -> None:
    """60 vehicles x 63 m = 3.78 km; at 20 km/h it passes in 3.78 / 20 x 60 = 11.34 min.

    The domain study says 3.8 km and 11 min.
    """
    column = Convoy("truck", {"truck": 60}, {"truck": 60}, {}, Carried(), None)
    assert column.measure_column(63, 20) == pytest.approx((3.78, 11.34))


def test_a_mix_is_as_slow_as_its_slowest(layers) -> None:
    """On dry track a pickup drives 45 km/h and a truck 25; they burn 18 and 55 L."""
    spec = TeamSpec(id="t", base="b", vehicles=MIX)
    convoy = read_convoy(spec, layers.vehicles)
    assert convoy.name == "light_4x4:3&truck:1"
    table = extend_speeds(layers.speeds, [convoy])
    own = table[table["vehicle"] == convoy.name].set_index(["surface", "season"])
    assert own.loc[("track", "dry"), "speed_kmh"] == 25
    assert own.loc[("track", "dry"), "fuel_l_per_100km"] == (3 * 18 + 55) / 4
    assert len(table) == len(layers.speeds) + len(own)
    # What one of them cannot drive on, the convoy cannot.
    assert "water" not in own.index.get_level_values(0)


def test_convoys_of_the_same_shares_move_alike(layers) -> None:
    twice = TeamSpec(id="t", base="b", vehicles={k: 2 * n for k, n in MIX.items()})
    assert read_convoy(twice, layers.vehicles).name == "light_4x4:3&truck:1"
    plain = TeamSpec(id="t", base="b", vehicle="light_4x4", vehicles=5)
    assert read_convoy(plain, layers.vehicles).name == "light_4x4"
    kitted = TeamSpec(id="t", base="b", vehicles={"light_4x4": 2, "light_ambulance": 1})
    assert read_convoy(kitted, layers.vehicles).name == "light_4x4"


def test_a_type_that_no_table_knows_carries_nobody_knows_what(layers) -> None:
    spec = TeamSpec(id="t", base="b", vehicle="camel", vehicles=2)
    convoy = read_convoy(spec, layers.vehicles)
    assert (convoy.name, convoy.carried, convoy.seats) == ("camel", Carried(), None)
    with pytest.raises(ValueError, match="No speeds of camel"):
        extend_speeds(layers.speeds, [convoy])


def test_water_lasts_fewer_days_in_the_heat() -> None:
    """2,000 L, 20 people, 5 vehicles: 1,900 L above the reserve of 5 x 20.

    A hot day takes 20 x 10 x 1.2 = 240 L, a cool one 180 L: 7.9 and 10.6 days. From
    29 October on, 3 hot days take 720 L and leave 1,180 for 6.6 cool ones: 9 days.
    """

    def count(first: date, days: int) -> int:
        run = [first + timedelta(days=day) for day in range(days)]
        return count_supplied_days(RULES, 20, 5, run, Carried(water_l=2000), 30)

    assert count(date(2014, 6, 1), 28) == 7
    assert count(date(2014, 11, 1), 28) == 10
    assert count(date(2014, 10, 29), 12) == 9
    # The last run of ten has two hot days: 8 x 180 + 2 x 240 = 1,920.
    assert count(date(2014, 2, 10), 21) == 9
    assert count(date(2014, 2, 9), 20) == 10
    # On the safe side: some run of days is all hot.
    assert count(date(2014, 10, 10), 40) == 7


def test_rations_last_as_long_as_packs_less_the_reserve() -> None:
    days = [date(2014, 11, 1) + timedelta(days=day) for day in range(28)]
    carried = Carried(rations=200)
    assert count_supplied_days(RULES, 20, 5, days, carried, 30) == 8
    assert count_supplied_days(RULES, 20, 5, days, Carried(rations=40), 30) == 0
    assert count_supplied_days(RULES, 20, 5, days, Carried(), 30) == 30


def test_water_to_survive_on() -> None:
    assert count_water_days(404, 12, 3) == 11
    # A day that is there to the last digit is one: 36 litres each.
    assert count_water_days(396, 12, 3) == 11
    assert count_water_days(396 - 1e-6, 12, 3) == 11
    assert count_water_days(396 - 1e-3, 12, 3) == 10
    assert count_water_days(404, 12, 0) is None


def test_a_day_of_filling_is_of_both_stretches() -> None:
    days = [date(2014, 11, day) for day in range(3, 9)]
    fills = [days[1], days[3]]
    assert [len(s) for s in list_stretches(days, fills)] == [2, 3, 3]
    assert list_stretches(days, []) == (tuple(days),)


# The solver


def pose_dry(budget_l: float, **site):
    """Two sites, 300 minutes and 30 L between any two places."""
    problem = build_hand_theatre(
        dwells=(60, 60), team=build_team(fuel_budget_l=budget_l)
    ).problem
    first, second = problem.sites
    return replace(problem, sites=(replace(first, **site), second))


@pytest.mark.parametrize(
    ("budget_l", "visited"), [(90.0, 2), (89.9, 1), (60.0, 1), (59.9, 0)]
)
def test_fuel_binds_to_the_litre(budget_l, visited) -> None:
    """There and back takes 60 L, a round of both sites 90 L."""
    problem = pose_dry(budget_l)
    problem = replace(problem, horizon_days=3, **cut_days(problem, 3))
    solution = solve(problem, seed=1, iterations=40)
    assert sum(len(p.site_ids) for p in solution.plan.patrols) == visited
    assert solution.bound == pytest.approx(100.0 * visited)


def cut_days(problem, days: int) -> dict:
    return {
        "opens_min": problem.opens_min[:, :days],
        "closes_min": problem.closes_min[:, :days],
        "day_starts_min": problem.day_starts_min[: days + 1],
    }


def test_a_declared_resupply_point_fills_the_tanks() -> None:
    """65 L last to the first site (30) and, filled there, for the other 60."""
    team = pose_dry(65.0).teams[0]
    both = ("s1", "s2")
    assert evaluate_patrol(pose_dry(65.0), team, 0, both).failure == "fuel_exceeded"
    filled = pose_dry(65.0, refuels=True)
    assert evaluate_patrol(filled, team, 0, both).failure is None
    # Filled too late: 60 L to the last site are there, the way home is fresh.
    assert evaluate_patrol(filled, team, 0, ("s2", "s1")).failure is None
    dry = pose_dry(59.0, refuels=True)
    assert evaluate_patrol(dry, team_of(dry), 0, both).failure == "fuel_exceeded"


def team_of(problem):
    return problem.teams[0]


def test_a_site_beyond_the_fuel_says_how_many_litres_are_missing() -> None:
    """There and back 60 L of each of 4 vehicles, and 50 may be burnt: 40 L lack."""
    problem = pose_dry(50.0)
    entry = find_reasons(problem, Plan())["s1"]
    values = {"team_id": "t1", "missing_l": pytest.approx(40.0)}
    assert (entry.reason, entry.reason_values) == ("fuel_exceeded", values)
    assert entry.nearest_change.code == "carry_fuel"
    assert entry.nearest_change.values == values


def test_no_patrol_that_the_clock_allows_burns_more_than_its_budget() -> None:
    """Reckoned from the schedule, which knows nothing of budgets.

    When first measured: 74 of the patrols burn more than half their budget, and 37
    teams are spared the limit since their range binds first.
    """
    near = spared = 0
    for seed in range(60):
        problem = add_fuel(
            build_random_theatre(
                seed, sites=6, days=8, teams=3, range_km=900.0
            ).problem,
            seed,
            scarce=(0.6, 4.0)[seed % 2],
        )
        rng = np.random.default_rng(seed)
        sites = tuple(replace(site, refuels=False) for site in problem.sites)
        problem = replace(problem, sites=sites)
        for team in problem.teams:
            limited = team.fuel_budget_l < np.inf
            spared += limited and find_fuel_budget(problem, team) == np.inf
            for _ in range(30):
                order = rng.permutation([site.id for site in sites])[
                    : rng.integers(1, 4)
                ]
                decision = PatrolDecision(team.id, 0, tuple(map(str, order)))
                if evaluate_patrol(problem, team, 0, decision.site_ids).failure:
                    continue
                (patrol,) = build_schedule(problem, Plan((decision,))).patrols
                burnt_l = sum(leg.fuel_l for leg in patrol.legs)
                assert burnt_l <= team.fuel_budget_l * (1 + 1e-9)
                near += limited and burnt_l > team.fuel_budget_l / 2
    assert near >= 40
    assert spared >= 15


def test_equal_teams_with_other_tanks_are_not_alike() -> None:
    problem = pose_dry(60.0)
    other = replace(problem.teams[0], id="t2", fuel_budget_l=90.0)
    assert build_crew(problem, problem.teams[0]) != build_crew(problem, other)


# Scenario to plan


def test_fuel_out_of_reach_is_refused_by_solver_and_referee(scenario) -> None:
    """Two pickups from Gao to Tessalit and back: 500 km of track each way.

    They carry 2 x 210 L, of which 336 are not in reserve.
    """
    asked = change_team(
        scenario, vehicle="light_4x4", vehicles=2, people=8, max_days=7, range_km=2000
    )
    asked = asked.replace(sites={"required": ["tessalit"]}, horizon_days=8)
    refused = plan_patrols(asked).plan_file
    assert not any(
        stop.site_id == "tessalit" for p in refused.patrols for stop in p.stops
    )
    missing = {u.site_id: u for u in refused.assessment.unserved}["tessalit"]
    assert missing.reason == "fuel_exceeded"
    blind = asked.replace(supplies={"fuel_binds": False})
    gone = plan_patrols(blind).plan_file
    assert gone.assessment.violations == []
    document = json.loads(format_plan(gone))
    document["scenario"]["limits"]["fuel_binds"] = True
    broken = [
        v
        for v in assess_plan(PlanFile.model_validate(document)).violations
        if v.rule == "fuel_exceeded"
    ]
    patrol = next(
        p for p in gone.patrols if any(s.site_id == "tessalit" for s in p.stops)
    )
    assert [(v.found, v.limit) for v in broken if v.patrol_id == patrol.id] == [
        (pytest.approx(patrol.supplies.fuel_l), 420.0)
    ]
    # As much as the reason says is missing, at least: there and back alone.
    usable_l = patrol.supplies.fuel_l / 1.25
    assert usable_l - 336 >= missing.reason_values["missing_l"] - 1e-6 > 0


def test_water_cuts_the_days_and_says_so(scenario, layers) -> None:
    """5 pickups, 20 people, April: 7 days of water, and 9 were asked for."""
    asked = scenario.replace(
        start=date(2015, 4, 6),
        teams=[
            scenario.teams[0].model_dump()
            | {"vehicle": "light_4x4", "vehicles": 5, "people": 20, "max_days": 9}
        ],
    )
    (team,) = build_question(asked).problem.teams
    assert team.max_days == 7
    notices = {n.code: n.values for n in list_convoy_notices(asked, layers.vehicles)}
    assert notices["days_cut"] == {
        "team_id": "gao",
        "days": 7,
        "max_days": 9,
        "supply": "water",
    }
    free = asked.replace(supplies={"water_binds": False})
    assert build_question(free).problem.teams[0].max_days == 9


def test_a_team_without_water_for_any_patrol_stays_at_home(scenario, layers) -> None:
    asked = change_team(scenario, vehicles={"light_bowser": 1}, people=24)
    assert build_question(asked).problem.teams == ()
    notices = {n.code: n.values for n in list_convoy_notices(asked, layers.vehicles)}
    assert notices["days_cut"]["days"] == 0
    assert notices["seats_short"] == {"team_id": "t1", "people": 24, "seats": 2}
    assert notices["elements_missing"]["elements"] == [
        "vehicles",
        "recovery",
        "ambulance",
    ]


def test_missing_elements_are_a_finding_or_a_limit(small, layers) -> None:
    lacks = {"team_id": "t1", "elements": ["recovery", "ambulance"]}
    (notice,) = list_convoy_notices(small, layers.vehicles)
    assert (notice.code, notice.values) == ("elements_missing", lacks)
    strict = small.replace(supplies={"elements_rule": "limit"}, sites={})
    (notice,) = list_convoy_notices(strict, layers.vehicles)
    assert (notice.code, notice.values) == ("elements_keep_home", lacks)
    assert build_question(strict).problem.teams == ()
    whole = strict.replace(supplies={"elements_rule": "limit", "elements": ["bowser"]})
    assert list(list_convoy_notices(whole, layers.vehicles)) == []
    assert len(build_question(whole).problem.teams) == 1


def test_the_built_in_teams_lack_nothing(scenario, layers) -> None:
    assert list(list_convoy_notices(scenario, layers.vehicles)) == []


def test_a_resupply_point_is_named_like_any_site(small) -> None:
    asked = small.replace(supplies={"resupply": ["Ansongo"]})
    question = build_question(asked)
    assert [s.id for s in question.problem.sites if s.refuels] == ["ansongo"]
    with pytest.raises(ScenarioError) as caught:
        build_question(small.replace(supplies={"resupply": ["Atlantis"]}))
    assert [fault.where for fault in caught.value.faults] == ["supplies.resupply"]


def test_supplied_again_on_the_way_a_patrol_takes_less(small) -> None:
    """Filled at Ansongo on the first day: the longer stretch is 100 km tar, 190 track.

    3 x (12 + 34.2) + 40 + 104.5 = 283.1 L, with reserve 353.875; days 1 to 3 all the
    same. Half of 283.1 is 141.55: first 76 L of tar, then 65.55 / 1.09 = 60.138 km of
    track: km 260.138 from the base. Before the fill only 76 L are burnt: no turn back.
    """
    plan = plan_patrols(small.replace(supplies={"resupply": ["ansongo"]})).plan_file
    supplies = plan.patrols[0].supplies
    assert supplies.fuel_l == pytest.approx(353.875)
    (spot,) = supplies.turn_back
    assert spot.km == pytest.approx(200 + 65.55 / 1.09)
    assert supplies.water_l == pytest.approx(404)
    assert plan.assessment.violations == []


def test_vehicles_that_no_table_has_are_refused(small) -> None:
    teams = [small.teams[0].model_dump() | {"vehicles": {"armored": 2, "truck": 1}}]
    with pytest.raises(ScenarioError) as caught:
        build_question(small.replace(teams=teams))
    (fault,) = caught.value.faults
    assert fault.where == "team 't1', vehicles"
    assert "near: armoured" in fault.cause


@pytest.mark.parametrize("vehicles", [0, {}, {"truck": 0}, {"truck": 1.5}, "truck"])
def test_vehicles_that_cannot_be_counted_are_refused(small, vehicles) -> None:
    with pytest.raises(ScenarioError):
        small.replace(teams=[small.teams[0].model_dump() | {"vehicles": vehicles}])


# The referee


@pytest.fixture
def judge(planned, tmp_path):
    def run(change) -> list[tuple]:
        document = json.loads(format_plan(planned))
        change(document)
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        found = assess_plan(read_plan(path)).violations
        return [(v.rule, v.where, v.found, v.limit) for v in found]

    return run


@pytest.mark.parametrize(
    ("field", "value", "rule", "found"),
    [
        ("fuel_capacity_l", 448.8, "fuel_exceeded", 448.875),
        ("water_capacity_l", 403.9, "water_exceeded", 404.0),
        ("ration_capacity", 59, "rations_exceeded", 60),
    ],
)
def test_the_referee_says_by_how_much(judge, field, value, rule, found) -> None:
    def shrink(document):
        document["teams"][0][field] = value
        document["patrols"][0]["supplies"][field] = value

    assert judge(shrink) == [(rule, None, pytest.approx(found), value)]

    def allow(document):
        shrink(document)
        document["scenario"]["limits"].update(fuel_binds=False, water_binds=False)

    assert judge(allow) == []


@pytest.mark.parametrize(
    "field",
    [
        "fuel_l",
        "fuel_capacity_l",
        "water_l",
        "water_capacity_l",
        "rations",
        "ration_capacity",
    ],
)
def test_supplies_are_not_believed(judge, field) -> None:
    def lie(document):
        document["patrols"][0]["supplies"][field] += 1

    ((rule, where, found, limit),) = judge(lie)
    assert (rule, where) == ("supplies_misstated", field)
    assert found == pytest.approx(limit + 1)


def test_a_turn_back_point_on_another_leg_is_found(judge) -> None:
    def move(document):
        document["patrols"][0]["supplies"]["turn_back"][0]["leg"] = 3

    ((rule, where, found, half_l),) = judge(move)
    assert (rule, where, found) == ("supplies_misstated", "turn_back", [3])
    assert half_l == pytest.approx(179.55)


def test_the_referee_takes_fuel_from_the_travel_table(judge) -> None:
    def thirst(document):
        for travel in document["travel"]:
            travel["fuel_l"] = [
                [None if cell is None else 2 * cell for cell in row]
                for row in travel["fuel_l"]
            ]

    (found, *_) = judge(thirst)
    assert found[0] == "supplies_misstated"


def test_a_convoy_has_as_many_vehicles_as_its_team(judge) -> None:
    def add(document):
        document["teams"][0]["convoy"][0]["count"] += 1

    assert judge(add) == [("supplies_misstated", "t1", 5, 4)]


def test_elements_bind_where_the_document_says_so(judge) -> None:
    def bind(document):
        limits = document["scenario"]["limits"]
        limits.update(elements_rule="limit", min_vehicles=5)

    assert judge(bind) == [
        ("element_missing", "t1", ["recovery", "ambulance"], None),
        ("too_few_vehicles", "t1", 4, 5),
    ]


def test_a_plan_of_before_says_nothing_of_limits_and_is_not_judged() -> None:
    theatre = build_hand_theatre()
    decision = PatrolDecision("t1", 0, ("s1",))
    plan = build_plan_file(theatre, build_schedule(theatre.problem, Plan((decision,))))
    assert assess_plan(plan).violations == []
    text = format_plan(plan)
    for word in ("convoy", 'capacity_l": 1', "turn_back", "column_km"):
        assert word not in text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fuel_reserve_share", -1),
        ("hot_months", ["May"]),
        ("water_hot_l", None),
        ("resupply", "ansongo"),
        ("elements_rule", "maybe"),
        ("ration_packs", 1e9),
    ],
)
def test_limits_of_supply_that_cannot_be_meant_are_refused(judge, key, value) -> None:
    def spoil(document):
        document["scenario"]["limits"][key] = value

    with pytest.raises(PlanFileError) as caught:
        judge(spoil)
    assert any(f"limits.{key}" in fault.where for fault in caught.value.faults)

    def lose(document):
        del document["scenario"]["limits"][key]

    with pytest.raises(PlanFileError):
        judge(lose)


def test_the_table_of_supplies(planned) -> None:
    (row,) = tabulate_supplies(planned, "draft").to_dict("records")
    assert row["convoy"] == "3 light_4x4, 1 truck_bowser"
    assert (row["vehicles"], row["people"], row["rations"]) == (4, 12, 60)
    assert row["turn_back_km"] == pytest.approx(225.275, abs=0.001)
    assert (row["turn_back_after"], row["turn_back_before"]) == ("ansongo", "halt:P1:1")
    assert row["column_km"] == pytest.approx(0.252)


def test_what_is_taken_adds_up_over_people_and_days() -> None:
    days = [date(2014, 10, 31), date(2014, 11, 1)]
    one = estimate_supplies(10, 2, days, 30.0, RULES)
    # 10 x (10 + 7.5) x 1.2 + 40 = 250 L; 30 x 2 x 1.25 = 75 L; 10 x (2 + 2) = 40 packs.
    assert (one.fuel_l, one.water_l, one.rations) == (75.0, 250.0, 40)


# The layer


def test_a_type_twice_or_of_no_class_is_caught(theatre) -> None:
    rows = theatre.read_rows("vehicles")
    theatre.write_rows(
        "vehicles", [*rows, rows[0], rows[0] | {"vehicle": "x", "moves_as": "truk"}]
    )
    faults = theatre.list_faults()
    assert [(f.file, f.where, f.cause) for f in faults] == [
        ("vehicles.csv", "vehicle 'light_4x4'", "a row copied"),
        ("vehicles.csv", "vehicle 'x', moves_as", "near: truck"),
    ]


def test_without_a_table_of_vehicles_nothing_binds(theatre) -> None:
    theatre.find("vehicles").unlink()
    scenario = theatre.read_scenario()
    teams = [
        team.model_dump() | {"vehicle": "armoured", "vehicles": 6}
        for team in scenario.teams
    ]
    problem = build_question(scenario.replace(teams=teams)).problem
    assert {team.fuel_budget_l for team in problem.teams} == {np.inf}
    assert {team.vehicle for team in problem.teams} == {"armoured"}
