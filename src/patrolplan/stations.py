"""Halts on the way as places: what leads on from where a patrol stands between places.

A problem knows ways between sites and bases. A patrol that goes on from a halt needs
those from there; nobody goes to a halt, so that all else of the problem stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patrolplan.network import Network, build_network
from patrolplan.network.travel import Travel, build_travel
from patrolplan.planning.problem import Base, Problem, TravelMatrix
from patrolplan.planning.reshaping import widen_travel
from patrolplan.question import PeriodTravel, find_open_bases, list_places
from patrolplan.study import Question

__all__ = ["Station", "join_stations", "name_lines"]

# Driving minutes are sums of floats.
_SLACK_MIN = 1e-6
# Two ways on the same lines from about the same spot.
_SAME_WAY_MIN = 1.0


@dataclass(frozen=True)
class Station:
    """A halt on the way.

    Parameters
    ----------
    id, lon, lat
        Its key and its position.
    origin_id
        The place that its leg leads from: its duty windows hold on.
    bound_for_id, driven_min, left_min, left_m, left_lines
        Where the leg leads to, and minutes driven of it; minutes, metres and lines that
        are left. The way on is as planned if it is on these lines. No place for a halt
        that was left long ago.
    vehicle
        Class of the vehicles that stand there.
    line_id
        The line that it lies on. Whoever stands on a line when it closes may leave it,
        either way.
    """

    id: str
    lon: float
    lat: float
    origin_id: str
    vehicle: str
    line_id: str = ""
    bound_for_id: str | None = None
    driven_min: float = 0.0
    left_min: float = 0.0
    left_m: float = 0.0
    left_lines: tuple[str, ...] = ()


def join_stations(
    question: Question, problem: Problem, stations: Sequence[Station]
) -> tuple[Problem, tuple[PeriodTravel, ...]]:
    """Return a problem, and travel, with ways that lead on from halts.

    Parameters
    ----------
    question
        Gives network, layers and travels.
    problem
        Its problem, or that with needs or demands changed.
    stations
        The halts.
    """
    if not stations:
        return problem, question.travels
    scenario, layers = question.scenario, question.layers
    bases = find_open_bases(layers.bases, scenario)
    places = list_places(layers.population, bases)
    spots = {station.id: (station.lon, station.lat) for station in stations}
    network = build_network(
        layers.lines, places | spots, snap_km=scenario.movement.snap_km
    )
    known = question.travels[0].travel.place_ids
    vehicles = {station.vehicle for station in stations}
    periods, matrices = [], []
    for period, matrix in zip(question.travels, problem.travel, strict=True):
        travel = period.travel
        if travel.state.vehicle in vehicles:
            ids = (*known, *spots)
            travel = build_travel(network, layers.speeds, ids, travel.state)
            travel = _let_leave(travel, network, layers.speeds, stations)
        periods.append(replace(period, travel=travel))
        wide = widen_travel(matrix, len(stations))
        for number, station in enumerate(stations):
            if station.vehicle == travel.state.vehicle:
                wide = _lead_on(wide, travel, problem, len(known) + number, station)
        matrices.append(wide)
    rows = [problem.place_index[station.origin_id] for station in stations]
    return (
        replace(
            problem,
            place_ids=(*problem.place_ids, *spots),
            bases=(*problem.bases, *(Base(s.id, s.id) for s in stations)),
            travel=tuple(matrices),
            opens_min=np.vstack([problem.opens_min, problem.opens_min[rows]]),
            closes_min=np.vstack([problem.closes_min, problem.closes_min[rows]]),
        ),
        tuple(periods),
    )


def _let_leave(
    travel: Travel, network: Network, speeds: Any, stations: Sequence[Station]
) -> Travel:
    """Return travel in which whoever stands on a closed line may leave it."""
    for station in stations:
        state = travel.state
        if station.line_id not in state.closed or station.vehicle != state.vehicle:
            continue
        opened = replace(state, closed=state.closed - {station.line_id})
        ways = build_travel(network, speeds, travel.place_ids, opened)
        travel = travel.take_row(ways, station.id)
    return travel


def _lead_on(
    matrix: TravelMatrix, travel: Travel, problem: Problem, row: int, station: Station
) -> TravelMatrix:
    """Return a matrix with the ways from a halt, in its row."""
    size = len(problem.place_ids)

    def fill(cells: NDArray[np.float64], found: NDArray[np.float64]) -> None:
        cells[row, :size] = found[row, :size]

    cells: dict[str, Any] = {
        "durations_min": matrix.durations_min.copy(),
        "lengths_m": matrix.lengths_m.copy(),
        "fuels_l": matrix.fuels_l.copy(),
    }
    if matrix.hazards is not None:
        cells["hazards"] = matrix.hazards.copy()
    for name, copied in cells.items():
        fill(copied, getattr(travel, name))
    blocked = dict(matrix.halt_blocked)
    blocked |= {pair: s for pair, s in travel.halt_blocked.items() if pair[0] == row}
    waysides = dict(matrix.waysides)
    if station.bound_for_id is not None:
        there = problem.place_index[station.bound_for_id]
        pair = (problem.place_index[station.origin_id], there)
        if _is_same_way(travel, row, there, station):
            # To the last digit, lest the same way be another: where a halt lies on a
            # line is known to some metres.
            cells["durations_min"][row, there] = station.left_min
            cells["lengths_m"][row, there] = station.left_m
            waysides |= _go_on(waysides, pair, (row, there), station.driven_min)
    return replace(matrix, **cells, halt_blocked=blocked, waysides=waysides)


def _is_same_way(travel: Travel, row: int, there: int, station: Station) -> bool:
    """Return whether the quickest way on from a halt is the one that was planned."""
    takes_min = travel.durations_min[row, there]
    if not abs(takes_min - station.left_min) <= _SAME_WAY_MIN:
        return False
    pieces = travel.trace(travel.place_ids[row], travel.place_ids[there])
    lines = name_lines(piece.line_id for piece in pieces)
    return lines == name_lines(station.left_lines)


def name_lines(line_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of a way, each once in a row, without the access to them.

    Parameters
    ----------
    line_ids
        Ids of the lines of its pieces.
    """
    roads = (line for line in line_ids if not line.startswith("access-"))
    return tuple(line for line, _ in groupby(roads))


def _go_on(
    waysides: Mapping[tuple[int, int], tuple[tuple[int, float], ...]],
    pair: tuple[int, int],
    rest: tuple[int, int],
    driven_min: float,
) -> dict[tuple[int, int], tuple[tuple[int, float], ...]]:
    """Return what the rest of a way comes by."""
    left = tuple(
        (number, minute - driven_min)
        for number, minute in waysides.get(pair, ())
        if minute > driven_min + _SLACK_MIN
    )
    return {rest: left} if left else {}
