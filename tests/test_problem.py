"""A problem made by hand is refused with every fault of each part, by name."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from patrolplan.errors import InputError, ProblemError
from patrolplan.planning.problem import Base, Group, Site
from problems import build_hand_theatre, build_matrix, build_team

NAN, INF = float("nan"), float("inf")


def list_faults(build) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        build()
    error = caught.value
    assert isinstance(error, ValueError)
    assert isinstance(error, InputError)
    assert pickle.loads(pickle.dumps(error)).faults == error.faults
    return [str(fault) for fault in error.faults]


def test_every_fault_of_a_site_is_named() -> None:
    faults = list_faults(
        lambda: Site("s1", "S1", INF, NAN, cadence_days=0.0, windows_min=((5.0, 1.0),))
    )
    assert [fault.split(": ")[1] for fault in faults] == [
        "site 's1', cadence_days",
        "site 's1', dwell_min",
        "site 's1', need",
        "site 's1', windows_min",
    ]
    assert "found inf; a finite number of at least 0" in faults[2]


@pytest.mark.parametrize(
    "windows",
    [
        ((5.0, 1.0),),
        ((0.0, 10.0), (5.0, 20.0)),
        ((0.0, 10.0), (10.0, 20.0)),
        ((30.0, 40.0), (0.0, 10.0)),
        ((0.0, INF),),
        ((NAN, 1.0),),
    ],
)
def test_windows_run_forwards_and_do_not_meet(windows) -> None:
    (fault,) = list_faults(lambda: Site("s", "S", 1.0, 1.0, windows_min=windows))
    assert "windows_min" in fault


def test_what_a_site_may_be() -> None:
    for windows in (None, (), ((0.0, 0.0),), ((0.0, 10.0), (10.5, 20.0))):
        assert Site("s", "S", None, 0.0, windows_min=windows).windows_min == windows


def test_every_fault_of_a_team_is_named() -> None:
    faults = list_faults(
        lambda: build_team(
            min_days=3, max_days=2, rest_days=-1, range_km=INF, hazard_budget=NAN
        )
    )
    assert [fault.split(": ")[1] for fault in faults] == [
        "team 't1', hazard_budget",
        "team 't1', min_days and max_days",
        "team 't1', range_km",
        "team 't1', rest_days",
    ]
    assert build_team(hazard_budget=INF).hazard_budget == INF


def test_every_fault_of_a_matrix_is_named_with_its_first_cell() -> None:
    sound = build_matrix([[0, 10], [10, 0]])
    wrong = sound.lengths_m.copy()
    wrong[0, 1], wrong[1, 0] = -1.0, NAN
    faults = list_faults(
        lambda: replace(
            sound,
            durations_min=np.array([[0.0, NAN], [NAN, 0.0]]),
            lengths_m=wrong,
            fuels_l=np.zeros((2, 3)),
        )
    )
    found = {
        fault.split(": ", 2)[1] + ": " + fault.split(": ", 2)[2] for fault in faults
    }
    name = "travel of 'light' from 2014-11-03"
    assert any(
        text.startswith(f"{name}, durations_min: NaN: cell [0, 1] and 1 more")
        for text in found
    )
    assert any(
        text.startswith(f"{name}, lengths_m: below 0: cell [0, 1]") for text in found
    )
    assert any(
        text.startswith(f"{name}, lengths_m: NaN: cell [1, 0]") for text in found
    )
    assert any("fuels_l: shape (2, 3)" in text for text in found)


@pytest.mark.parametrize("name", ["lengths_m", "fuels_l", "hazards"])
def test_what_a_way_costs_is_known_wherever_there_is_one(name) -> None:
    sound = build_matrix([[0, 10], [None, 0]])
    cells = np.array([[0.0, INF], [INF, 0.0]])
    (fault,) = list_faults(lambda: replace(sound, **{name: cells}))
    assert f"{name}: infinite where there is a way: cell [0, 1];" in fault
    cells[0, 1] = 7.0
    assert getattr(replace(sound, **{name: cells}), name)[0, 1] == 7.0


def test_a_matrix_is_square() -> None:
    faults = list_faults(lambda: build_matrix([[0, 10]]))
    assert "durations_min: shape (1, 2); a square" in faults[0]


def test_every_misfit_of_the_parts_is_named() -> None:
    problem = build_hand_theatre(dwells=(60, 60)).problem
    faults = list_faults(
        lambda: replace(
            problem,
            bases=(Base("camp", "Camp"),),
            teams=(build_team(base_id="base", vehicle="boat"),),
            opens_min=problem.opens_min[:1],
            day_starts_min=np.full(11, NAN),
            groups=(Group(("s1", "s2")), Group(("s2", "s9"))),
            forbidden_pairs=(("s1", "s1"), ("s1", "s8")),
        )
    )
    assert [fault.removeprefix("problem: ").split("; ")[0] for fault in faults] == [
        "day_starts_min: NaN: cell [0] and 10 more",
        "forbidden_pairs: 's1' twice",
        "forbidden_pairs: 's8'",
        "groups: 's2' in two",
        "groups: 's9'",
        "opens_min: shape (1, 10)",
        "place_ids: not on both sides: base, camp",
        "team 't1', base_id: 'base'",
        "team 't1', vehicle: no travel matrix of 'boat' holds on day 0",
    ]


def test_an_id_twice_is_named() -> None:
    problem = build_hand_theatre(dwells=(60, 60)).problem
    sites = (problem.sites[0], problem.sites[0])
    (fault,) = list_faults(
        lambda: replace(problem, sites=sites, place_ids=("base", "s1", "s1"))
    )
    assert "an id twice" in fault


@pytest.mark.parametrize("sites", [(), ("s1",), ("s1", "s1"), ("s1", "s2", "s1")])
def test_a_group_chooses_among_two_or_more(sites) -> None:
    (fault,) = list_faults(lambda: Group(sites))
    assert "two sites or more, each once" in fault
