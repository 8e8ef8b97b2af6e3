"""From geography to a problem: bases that stand, periods, windows, names checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from patrolplan.errors import ScenarioError
from patrolplan.network import build_network
from patrolplan.question import (
    build_problem,
    build_travels,
    check_scenario,
    find_open_bases,
    list_notices,
    list_places,
)
from patrolplan.study import build_question


@pytest.fixture(scope="module")
def pose(layers, study):
    """Return the problem of a changed scenario."""

    def build(scenario):
        bases = find_open_bases(layers.bases, scenario)
        places = list_places(layers.population, bases)
        network = build_network(layers.lines, places, snap_km=3)
        travels = build_travels(
            scenario, network, layers.speeds, places, vehicles=layers.vehicles
        )
        return build_problem(scenario, layers, study.need, travels)

    return build


# Names


def test_the_built_in_scenario_names_what_its_layers_hold(scenario, layers) -> None:
    check_scenario(scenario, layers)


def test_every_name_that_nothing_bears_is_refused_at_once(scenario, layers) -> None:
    team = scenario.teams[0].model_copy(
        update={
            "id": "x",
            "base": "base-gaoo",
            "vehicle": "camel",
            "vehicles": 5,
        }
    )
    asked = scenario.replace(
        teams=(team,),
        bases={"closed": ("base-atlantis",)},
        sites={"required": ("Atlantis", "Gossi")},
        lines={"closed": ("koriome-fery",)},
    )
    with pytest.raises(ScenarioError) as caught:
        check_scenario(asked, layers)
    faults = caught.value.faults
    assert [fault.where for fault in faults] == [
        "bases.closed",
        "lines.closed",
        "sites.required",
        "team 'x', base",
        "team 'x', vehicle",
    ]
    assert all(fault.file == "north-mali.toml" for fault in faults)
    assert "koriome-ferry" in faults[1].cause
    assert "base-gao" in faults[3].cause
    assert "armoured" in faults[4].expected


# Bases


def test_a_base_stands_only_if_it_does_through_the_whole_horizon(
    scenario, layers
) -> None:
    bases = layers.bases.copy()
    for row, (first, last) in enumerate(
        [
            (date(2014, 11, 3), date(2014, 11, 30)),
            (date(2014, 11, 4), None),
            (None, date(2014, 11, 29)),
            (None, None),
        ]
    ):
        bases.loc[row, "valid_from"], bases.loc[row, "valid_to"] = first, last
    standing = set(find_open_bases(bases, scenario)["id"])
    ids = list(bases["id"])
    assert {ids[0], ids[3]} <= standing
    assert not {ids[1], ids[2]} & standing


def test_bases_of_a_later_year_do_not_stand_in_2014(scenario, layers) -> None:
    standing = set(find_open_bases(layers.bases, scenario)["id"])
    assert not {"base-ber", "base-gossi", "base-ogossagou"} & standing
    assert {"base-gao", "base-kidal", "base-tombouctou", "base-sevare"} <= standing


def test_a_team_of_a_closed_base_is_told_to_stay(scenario, layers, pose, study) -> None:
    asked = scenario.replace(bases={"closed": ("base-kidal",)})
    bases = find_open_bases(layers.bases, asked)
    (notice,) = list_notices(asked, bases, study.network, study.need)
    assert notice.code == "team_idle"
    assert notice.values == {"team_id": "kidal", "base_id": "base-kidal"}
    problem = pose(asked)
    assert "kidal" not in {team.id for team in problem.teams}
    assert "base-kidal" not in problem.place_ids


def test_a_planner_hears_of_sites_no_line_serves_and_of_zones_all_out_of_date(
    scenario, layers, study
) -> None:
    bases = find_open_bases(layers.bases, scenario)
    far = replace(study.network, unjoined=("taoudenni",))
    blind = study.need.assign(risk=np.nan)
    notices = list_notices(scenario, bases, far, blind)
    assert [notice.code for notice in notices] == ["site_not_joined", "no_risk_known"]
    assert notices[0].values == {"site_id": "taoudenni"}


# Periods


def list_periods(problem) -> list:
    return [(t.vehicle, t.valid_from, t.valid_to) for t in problem.travel]


def test_one_road_state_makes_one_matrix_a_vehicle(pose, scenario) -> None:
    days = (date(2014, 11, 3), date(2014, 11, 30))
    assert list_periods(pose(scenario)) == [("armoured", *days)]


def test_a_season_that_ends_within_the_horizon_makes_two(pose, scenario) -> None:
    problem = pose(scenario.replace(start=date(2014, 9, 10), horizon_days=22))
    assert list_periods(problem) == [
        ("armoured", date(2014, 9, 10), date(2014, 9, 20)),
        ("armoured", date(2014, 9, 21), date(2014, 10, 1)),
    ]
    wet, dry = (period.durations_min for period in problem.travel)
    ways = np.isfinite(wet)
    assert (wet[ways] >= dry[ways] - 1e-9).all()
    assert (wet[ways] > dry[ways] + 1).any()


def test_a_closure_of_some_days_makes_three(pose, scenario) -> None:
    closed = {"closed": ("koriome-ferry@2014-11-10..2014-11-12",)}
    problem = pose(scenario.replace(lines=closed))
    assert list_periods(problem) == [
        ("armoured", date(2014, 11, 3), date(2014, 11, 9)),
        ("armoured", date(2014, 11, 10), date(2014, 11, 12)),
        ("armoured", date(2014, 11, 13), date(2014, 11, 30)),
    ]
    before, shut, after = (period.durations_min for period in problem.travel)
    assert np.array_equal(before, after)
    assert (shut >= before - 1e-9).all()
    assert (shut > before + 1).any()


def test_each_vehicle_has_its_own_matrix(pose, scenario) -> None:
    light = scenario.teams[0].model_copy(
        update={"id": "light", "vehicle": "light_4x4", "vehicles": 5}
    )
    problem = pose(scenario.replace(teams=(*scenario.teams, light)))
    assert [period[0] for period in list_periods(problem)] == ["armoured", "light_4x4"]


# Windows and dwells


def test_windows_are_daylight_less_the_margins(pose, scenario) -> None:
    problem = pose(scenario)
    gao = problem.place_ids.index("gao")
    # 3 November at Gao, by astral: sun from 06:03 to 17:27.
    assert problem.opens_min[gao, 0] == pytest.approx(6 * 60 + 3 + 15, abs=4)
    assert problem.closes_min[gao, 0] == pytest.approx(17 * 60 + 27 - 60, abs=4)
    assert problem.day_starts_min.tolist() == [d * 1440.0 for d in range(29)]


def test_the_clock_of_the_problem_begins_at_local_midnight(pose, scenario) -> None:
    # Niamey keeps UTC+1: the sun of Gao rises an hour later by its clock.
    bamako, niamey = pose(scenario), pose(scenario.replace(timezone="Africa/Niamey"))
    assert np.array_equal(niamey.opens_min, bamako.opens_min + 60)
    assert np.array_equal(niamey.closes_min, bamako.closes_min + 60)


def test_a_commune_is_visited_longer_than_a_town(pose, scenario, layers) -> None:
    problem = pose(scenario)
    scopes = dict(
        zip(layers.population["id"], layers.population["population_scope"], strict=True)
    )
    for site in problem.sites:
        long = scopes[site.id] in ("commune", "unknown")
        assert site.dwell_min == (420 if long else 120), site.id


def test_a_visit_takes_longer_where_a_commune_is_counted(theatre) -> None:
    scopes = {"gossi": "town", "hombori": "commune", "bamba": None}
    for site, scope in scopes.items():
        theatre.set_property("population", site, "population_scope", scope)

    problem = build_question(theatre.read_scenario()).problem

    dwells = {site.id: site.dwell_min for site in problem.sites}
    # Anéfis has no figure: it is visited like the village that it may be.
    assert dwells["anefis"] == 120
    # So would be Gossi, but that advisers on women and children take longer there.
    assert dwells["gossi"] == 180
    assert dwells["hombori"] == dwells["bamba"] == 420


def test_a_need_table_without_themes_poses_a_problem_too(
    scenario, layers, study
) -> None:
    bare = study.need.drop(columns="visit")
    bases = find_open_bases(layers.bases, scenario)
    places = list_places(layers.population, bases)
    network = build_network(layers.lines, places, snap_km=3)
    travels = build_travels(
        scenario, network, layers.speeds, places, vehicles=layers.vehicles
    )
    posed = build_problem(scenario, layers, bare, travels)
    assert [site.need for site in posed.sites] == [
        None if np.isnan(need) else need for need in bare["need"]
    ]
