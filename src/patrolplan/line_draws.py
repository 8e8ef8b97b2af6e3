"""The lines of a plan drawn by lot: its patrols go by ways that nobody can foretell.

Whoever knows where patrols leave from and where they go knows the quickest way between.
So each leg of a plan drawn by lot goes by the quickest way or by another: the quickest
where the lines of that leg, and of a few legs drawn with it, are shunned. What is
driven is measured as it is, and a way round is taken only where it takes longer by no
more than a share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from patrolplan.casualty_limits import read_confinement
from patrolplan.earning import find_earning
from patrolplan.keep_clear import list_kept_places
from patrolplan.network import Clearance, Travel
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.question import (
    PeriodTravel,
    build_travels,
    find_open_bases,
    list_places,
)
from patrolplan.ratings import read_theatre
from patrolplan.study import Question

__all__ = ["DrawnLines", "draw_lines"]

# Legs whose quickest ways are shunned together, and how many such deals at most: a leg
# shunned with many others finds the way round shunned as well.
_DEALT, _MOST_DEALS = 3, 16
# By how much a line that is shunned seems longer: enough to go round wherever one can.
_SHUNNED = 4.0
# How often the legs of a patrol that cannot be are drawn anew, until all of them go by
# the quickest way again.
_MOST_DRAWS = 3
# What of the need met may be lost to rounding.
_NEGLIGIBLE = 1e-9

Cell = tuple[str, int, int]
"""Vehicle class, and the numbers of the two places that a leg joins."""


class DrawnLines(NamedTuple):
    """A question in which the legs of one plan go by other ways.

    Attributes
    ----------
    question
        The same question, with these ways in its matrices.
    legs
        Legs of the plan, each pair of places and vehicle class once.
    varied
        Those of them that do not go by the quickest way.
    """

    question: Question
    legs: int
    varied: int


def draw_lines(question: Question, plan: Plan, rng: np.random.Generator) -> DrawnLines:
    """Draw by which ways the patrols of a plan go, all of it staying possible.

    Every patrol keeps its days, visits and rest, meets no less need on the way, and is
    within all its limits by the ways drawn: whatever is not is drawn again, and in the
    end goes by the quickest way.

    Parameters
    ----------
    question
        What was asked.
    plan
        What was decided.
    rng
        Draws.
    """
    cells = _list_cells(question.problem, plan)
    share = question.scenario.lines.stray_share
    if not cells or share == 0:
        return DrawnLines(question, len(cells), 0)
    deals = _deal(cells, rng)
    ways = [_find_ways_round(question, deal) for deal in deals]
    other = {
        cell: number
        for number, deal in enumerate(deals)
        for cell in deal
        if _is_near(question, ways[number], cell, share)
    }
    posed = Posed(question.problem)
    before = _run(posed, plan)
    assert before is not None
    chosen: dict[Cell, int | None] = {}
    fresh = set(cells)
    for attempt in range(len(cells) + _MOST_DRAWS):
        for cell in sorted(fresh):
            strays = attempt < _MOST_DRAWS and rng.random() < 1 / 2
            chosen[cell] = other.get(cell) if strays else None
        drawn = _lay_ways(question, ways, chosen)
        broken = _list_broken(posed, Posed(drawn.problem), plan, before)
        if not broken:
            return DrawnLines(drawn, len(cells), _count_varied(question, drawn, cells))
        fresh = set(_list_cells(question.problem, Plan(tuple(broken))))
    # With every leg of every patrol on the quickest way the plan is as it was.
    msg = "a plan that is possible by the quickest ways was found broken by them"
    raise AssertionError(msg)


def _list_cells(problem: Problem, plan: Plan) -> set[Cell]:
    teams = {team.id: team for team in problem.teams}
    index = problem.place_index
    found = set()
    for patrol in plan.patrols:
        team = teams[patrol.team_id]
        stops = (team.base_id, *patrol.site_ids, team.base_id)
        found |= {
            (team.vehicle, index[here], index[there])
            for here, there in pairwise(stops)
            if here != there
        }
    return found


def _deal(cells: set[Cell], rng: np.random.Generator) -> list[list[Cell]]:
    """Return the legs dealt out by lot, each into one deal."""
    order = sorted(cells)
    rng.shuffle(order)
    count = min(_MOST_DEALS, -(-len(order) // _DEALT))
    return [order[number::count] for number in range(count)]


def _find_ways_round(
    question: Question, shunned: Sequence[Cell]
) -> tuple[PeriodTravel, ...]:
    """Return travel in which the lines of some legs are shunned."""
    scenario, layers = question.scenario, question.layers
    lines = {
        line
        for period in question.travels
        for vehicle, here, there in shunned
        if vehicle == period.travel.state.vehicle
        for line in _list_lines(period.travel, here, there)
    }
    strays = tuple((line, _SHUNNED) for line in sorted(lines))
    open_bases = find_open_bases(layers.bases, scenario)
    places = list_places(layers.population, open_bases)
    travels = build_travels(
        scenario,
        question.network,
        layers.speeds,
        places,
        replace(question.roads, strays=strays),
        Clearance(list_kept_places(scenario, layers)),
        layers.vehicles,
    )
    confinement = read_confinement(scenario, layers)
    return confinement.confine_travels(travels, places, set(open_bases["id"]))


def _is_near(
    question: Question, ways: tuple[PeriodTravel, ...], cell: Cell, share: float
) -> bool:
    """Return whether a way round takes longer by no more than a share, on all days."""
    vehicle, here, there = cell
    return all(
        bool(
            new.travel.durations_min[here, there]
            <= old.travel.durations_min[here, there] * (1 + share)
        )
        for old, new in zip(question.travels, ways, strict=True)
        if old.travel.state.vehicle == vehicle
    )


def _lay_ways(
    question: Question,
    ways: Sequence[tuple[PeriodTravel, ...]],
    chosen: Mapping[Cell, int | None],
) -> Question:
    """Return the question with the ways chosen in its travel and its matrices."""
    travels = []
    for number, period in enumerate(question.travels):
        travel = period.travel
        others: dict[int, list[tuple[int, int]]] = {}
        for (vehicle, here, there), way in chosen.items():
            if way is not None and vehicle == travel.state.vehicle:
                others.setdefault(way, []).append((here, there))
        for way, pairs in sorted(others.items()):
            travel = travel.take_cells(ways[way][number].travel, pairs)
        travels.append(replace(period, travel=travel))
    problem = question.problem
    comes_by = _find_waysides(question, [period.travel for period in travels])
    matrices = [
        replace(
            matrix,
            durations_min=period.travel.durations_min,
            lengths_m=period.travel.lengths_m,
            fuels_l=period.travel.fuels_l,
            halt_blocked=period.travel.halt_blocked,
            hazards=None if matrix.hazards is None else period.travel.hazards,
            waysides=waysides,
        )
        for matrix, period, waysides in zip(
            problem.travel, travels, comes_by, strict=True
        )
    ]
    return replace(
        question,
        travels=tuple(travels),
        problem=replace(problem, travel=tuple(matrices)),
    )


def _find_waysides(question: Question, travels: Sequence[Travel]) -> Sequence[Any]:
    """Return what each way comes by, by travel; nothing where nothing is earned."""
    if not question.problem.waysides:
        return [{}] * len(travels)
    layers, mandate, _ = read_theatre(question.scenario)
    earning = find_earning(
        question.scenario, layers, mandate, question.network, question.need, travels
    )
    return earning.ways


def _run(posed: Posed, plan: Plan) -> list[Column] | None:
    """Return the patrols of a plan run through the clock; None if one cannot be."""
    kinds = {
        team.id: kind
        for team, kind in zip(posed.problem.teams, posed.kinds, strict=True)
    }
    index = posed.problem.place_index
    columns = []
    for patrol in plan.patrols:
        places = tuple(index[site] for site in patrol.site_ids)
        column = posed.run(kinds[patrol.team_id], patrol.depart_day, places)
        if column is None:
            return None
        columns.append(column)
    return columns


def _list_broken(
    posed: Posed, drawn: Posed, plan: Plan, before: Sequence[Column]
) -> list[Any]:
    """Return the patrols that the ways drawn break, and those that they change.

    A patrol that comes home on a later day is counted as broken: its team may go again.
    Where visits would come too soon after each other, or less need were met, all are.
    """
    broken, after = [], []
    for patrol, column in zip(plan.patrols, before, strict=True):
        found = _run(drawn, Plan((patrol,)))
        if found is None or found[0].return_day > column.return_day:
            broken.append(patrol)
        else:
            after += found
    if broken:
        return broken
    least = posed.measure_gain(before) * (1 - _NEGLIGIBLE)
    if drawn.list_conflicts(after) or drawn.measure_gain(after) < least:
        return list(plan.patrols)
    return []


def _count_varied(question: Question, drawn: Question, cells: set[Cell]) -> int:
    """Return how many legs go by other lines than those of the quickest way."""
    return sum(
        any(
            _list_lines(old.travel, here, there) != _list_lines(new.travel, here, there)
            for old, new in zip(question.travels, drawn.travels, strict=True)
            if old.travel.state.vehicle == vehicle
        )
        for vehicle, here, there in cells
    )


def _list_lines(travel: Travel, here: int, there: int) -> list[str]:
    if not np.isfinite(travel.durations_min[here, there]):
        return []
    pieces = travel.trace(travel.place_ids[here], travel.place_ids[there])
    return [piece.line_id for piece in pieces]
