"""A problem made by hand is refused with every fault of each part, by name."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from patrolplan.errors import InputError, ProblemError
from patrolplan.planning.problem import Base, Group, Site, Wayside
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


def tell(faults) -> list[str]:
    """What of some faults stands before their cause."""
    return [fault.removeprefix("problem: ") for fault in faults]


def test_what_is_earned_on_the_way_is_a_site_once_and_no_more_than_a_visit() -> None:
    problem = build_hand_theatre(dwells=(60, 60), needs=(100.0, None)).problem
    line = Wayside("rn", 900.0, line_id="rn")
    whole = Wayside("s1", 100.0, "s1")
    assert replace(problem, waysides=(line, whole)).waysides == (line, whole)
    waysides = (
        line,
        Wayside("more", 100.5, "s1"),
        Wayside("atlantis", 1.0, "atlantis"),
        Wayside("dark", 0.5, "s2"),
    )
    ways = {(0, 1): ((0, 1.0), (4, 2.0)), (1, 0): ((3, 1.0), (7, 2.0), (4, 3.0))}
    (matrix,) = problem.travel
    travel = (matrix, replace(matrix, waysides=ways, vehicle="heavy"))
    faults = list_faults(lambda: replace(problem, travel=travel, waysides=waysides))
    assert tell(faults) == [
        "travel, waysides: 4; the number of a wayside",
        "travel, waysides: 7; the number of a wayside",
        "wayside 'atlantis': 'atlantis'; a site, once",
        "wayside 'dark': need 0.5; no more than a visit earns, 0.0",
        "wayside 'more': need 100.5; no more than a visit earns, 100.0",
    ]
    twice = (whole, replace(whole, id="again"), line)
    faults = list_faults(lambda: replace(problem, waysides=twice))
    assert tell(faults) == [
        "wayside 'again': 's1'; a site, once",
        "wayside 's1': 's1'; a site, once",
    ]


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("equity_weight", -0.1, "equity_weight: found -0.1; a finite number"),
        ("equity_tail", NAN, "equity_tail: found nan; a finite number"),
        ("min_unknown_visits", -1, "min_unknown_visits: found -1; a whole number"),
        ("min_unknown_visits", 0.5, "min_unknown_visits: found 0.5; a whole number"),
    ],
)
def test_limits_that_cannot_be_reckoned_with_are_named(name, value, fault) -> None:
    problem = build_hand_theatre().problem
    for sound in (0, 1):
        replace(problem, limits=replace(problem.limits, **{name: sound}))
    wrong = replace(problem.limits, **{name: value})
    (found,) = list_faults(lambda: replace(problem, limits=wrong))
    assert found.startswith(f"problem: limits, {fault}")


def test_a_vehicle_without_roads_is_named_by_the_first_such_day() -> None:
    """Days 0 to 3 and 6 to 9 have a matrix: 4 and 5 have none."""
    problem = build_hand_theatre(minutes=[[0, 60], [60, 0]]).problem
    states = [build_matrix([[0, 60], [60, 0]], days=d) for d in ((0, 3), (6, 9))]
    teams = (build_team("a", vehicle="boat"), build_team("b"), build_team("c", "no"))
    every = "one for every day"
    faults = list_faults(lambda: replace(problem, travel=tuple(states), teams=teams))
    assert tell(faults) == [
        f"team 'a', vehicle: no travel matrix of 'boat' holds on day 0; {every}",
        f"team 'b', vehicle: no travel matrix of 'light' holds on day 4; {every}",
        "team 'c', base_id: 'no'; the id of a base",
        f"team 'c', vehicle: no travel matrix of 'light' holds on day 4; {every}",
    ]


@pytest.mark.parametrize("name", ["opens_min", "closes_min"])
def test_hours_span_all_places_and_days_and_are_numbers(name) -> None:
    problem = build_hand_theatre(days=3).problem
    hours = getattr(problem, name)
    assert hours.shape == (2, 3)
    faults = list_faults(lambda: replace(problem, **{name: hours[:, :2]}))
    assert tell(faults) == [f"{name}: shape (2, 2); shape (2, 3)"]
    for cells, told in (
        ([(1, 2)], "cell [1, 2]"),
        ([(0, 1), (1, 2)], "cell [0, 1] and 1 more"),
        ([(0, 1), (1, 0), (1, 2)], "cell [0, 1] and 2 more"),
    ):
        wrong = hours.copy()
        for cell in cells:
            wrong[cell] = NAN
        faults = list_faults(lambda wrong=wrong: replace(problem, **{name: wrong}))
        assert tell(faults) == [f"{name}: NaN: {told}; a number of minutes"]


def test_midnights_are_one_more_than_days_and_matrices_as_large_as_places() -> None:
    problem = build_hand_theatre(days=3).problem
    assert problem.day_starts_min.shape == (4,)
    short = problem.day_starts_min[:3]
    faults = list_faults(lambda: replace(problem, day_starts_min=short))
    assert tell(faults) == ["day_starts_min: shape (3,); shape (4,)"]
    wide = build_matrix([[0, 1, 1], [1, 0, 1], [1, 1, 0]], days=(0, 9))
    faults = list_faults(lambda: replace(problem, travel=(wide,)))
    where = "travel of 'light' from 2014-11-03"
    assert tell(faults) == [f"{where}: shape (3, 3); shape (2, 2)"]


@pytest.mark.parametrize(
    ("name", "value", "sound"),
    [
        ("need", 0.0, True),
        ("need", None, True),
        ("need", -1.0, False),
        ("need", INF, False),
        ("need", NAN, False),
        ("cadence_days", 0.0, False),
        ("cadence_days", 1e-9, True),
        ("cadence_days", INF, False),
        ("dwell_min", 0.0, True),
        ("dwell_min", -0.1, False),
    ],
)
def test_what_a_site_counts_by_is_a_number_that_is_not_below_0(name, value, sound):
    told = {"need": 1.0, "dwell_min": 1.0} | {name: value}
    if sound:
        assert getattr(Site("s", "S", **told), name) == value
        return
    (fault,) = list_faults(lambda: Site("s", "S", **told))
    above = "above" if name == "cadence_days" else "of at least"
    expected = f"found {value}; a finite number {above} 0"
    assert fault.startswith(f"problem: site 's', {name}: {expected}")


def test_a_matrix_of_another_shape_than_the_durations_is_named() -> None:
    sound = build_matrix([[0, 10], [None, 0]])
    where = "travel of 'light' from 2014-11-03"
    for shape in ((2, 3), (3, 2), (1, 2)):
        cells = np.full(shape, 1.0)
        faults = list_faults(lambda cells=cells: replace(sound, fuels_l=cells))
        expected = f"shape {shape}; that of durations, (2, 2)"
        assert tell(faults) == [f"{where}, fuels_l: {expected}"]
    for durations in (np.zeros((2, 3)), np.zeros((3, 2)), np.zeros(4)):
        faults = list_faults(
            lambda cells=durations: replace(
                sound, durations_min=cells, lengths_m=cells, fuels_l=cells
            )
        )
        expected = f"shape {durations.shape}; a square"
        assert tell(faults) == [f"{where}, durations_min: {expected}"]
    # Less than nothing is told of any cell, no way of none but where there is one.
    cells = np.array([[0.0, 1.0], [-INF, 0.0]])
    faults = list_faults(lambda: replace(sound, lengths_m=cells))
    expected = "below 0: cell [1, 0]; at least 0"
    assert tell(faults) == [f"{where}, lengths_m: {expected}"]
    assert replace(sound, hazards=None).hazards is None
