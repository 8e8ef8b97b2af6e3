"""Where a forward base covers most need: facility location, solved to its optimum.

A site is covered from a place if a patrol of a few days, of the most far-reaching team
of any vehicle, goes from there to it alone and is back. What the bases that stand
cover already is left out; so many places are chosen that cover most of the rest
(maximal covering location, Church and ReVelle, 1974).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar

import highspy
import numpy as np

from patrolplan.planning.choosing import open_solver
from patrolplan.planning.clock import build_crew, find_last_day, run_patrol
from patrolplan.planning.problem import Base, Problem
from patrolplan.planning.tables import build_tables
from patrolplan.planning.travel import TravelMatrix

__all__ = ["Siting", "choose_places", "list_covered", "place_base"]

Found = TypeVar("Found")
Pairs = dict[tuple[int, int], Found]

_MOST_ITERATIONS, _MOST_NODES = 200_000, 10_000
# Plan and bound this near are the same but for rounding.
_PROVEN = 1e-6


class Siting(NamedTuple):
    """The places chosen, and how good any choice can be.

    Attributes
    ----------
    places
        Ids of the sites to be bases, that which alone covers most first.
    need
        Need that they cover and no base that stands does.
    bound
        What no choice of as many exceeds.
    standing_need, total_need
        Need covered by the bases that stand, and all there is.
    covered
        By place that might be chosen: the sites it covers and they do not.
    """

    places: tuple[str, ...]
    need: float
    bound: float
    standing_need: float
    total_need: float
    covered: Mapping[str, tuple[str, ...]]

    @property
    def is_proven(self) -> bool:
        """Whether no choice covers more, but for rounding."""
        return self.bound - self.need <= _PROVEN * max(1.0, self.bound)


def list_covered(problem: Problem, place: int, days: int) -> frozenset[str]:
    """Return the sites that a patrol from a place reaches, each alone, and is back.

    Parameters
    ----------
    problem
        Its teams say how far and by which vehicles; its first day, on which roads.
    place
        Number of the place it goes from.
    days
        Days it may be out.
    """
    clock = build_tables(problem)
    last = min(days, problem.horizon_days) - 1
    found = set()
    for vehicle in sorted({team.vehicle for team in problem.teams}):
        range_km = max(t.range_km for t in problem.teams if t.vehicle == vehicle)
        like = next(team for team in problem.teams if team.vehicle == vehicle)
        crew = build_crew(problem, replace(like, range_km=range_km, min_days=1))
        crew = crew._replace(base=place, max_days=last + 1)
        for site in problem.sites:
            goal = problem.place_index[site.id]
            if site.id in found or site.barred_by is not None:
                continue
            value = run_patrol(clock, crew, 0, (goal,), find_last_day(clock, crew, 0))
            if value.failure is None:
                found.add(site.id)
    return frozenset(found)


def choose_places(problem: Problem, count: int, days: int) -> Siting:
    """Return the places that cover most need which no standing base covers.

    Parameters
    ----------
    problem
        What is asked. Its sites may be bases unless one holds them or nobody goes.
    count
        How many places.
    days
        Days of the patrols that cover.
    """
    # When a visit may begin, and within which budget, hangs on the patrol: not here.
    problem = replace(
        problem,
        sites=tuple(replace(site, windows_min=None) for site in problem.sites),
    )
    needs = {s.id: s.need or 0.0 for s in problem.sites if s.held_by is None}
    standing: set[str] = set()
    for base in problem.bases:
        standing |= list_covered(problem, problem.place_index[base.id], days)
    open_needs = {
        site: need for site, need in needs.items() if need > 0 and site not in standing
    }
    covered = {
        site.id: tuple(
            sorted(
                list_covered(problem, problem.place_index[site.id], days)
                & open_needs.keys()
            )
        )
        for site in problem.sites
        if site.held_by is None and site.barred_by is None
    }
    useful = {place: sites for place, sites in covered.items() if sites}
    places, bound = _cover(useful, open_needs, count)
    reached = {site for place in places for site in useful[place]}
    ordered = sorted(places, key=lambda p: (-sum(open_needs[s] for s in useful[p]), p))
    need = sum(open_needs[site] for site in sorted(reached))
    return Siting(
        tuple(ordered),
        need,
        max(need, bound),
        sum(need for site, need in needs.items() if site in standing),
        sum(needs.values()),
        covered,
    )


def _cover(
    covered: Mapping[str, tuple[str, ...]], needs: Mapping[str, float], count: int
) -> tuple[list[str], float]:
    """Return the places that cover most, and the bound of the program that chose."""
    places, sites = sorted(covered), sorted(needs)
    if not places or count < 1:
        return [], 0.0
    solver = open_solver(_MOST_ITERATIONS)
    solver.setOptionValue("mip_max_nodes", _MOST_NODES)
    program, size = highspy.HighsLp(), len(places) + len(sites)
    program.num_col_, program.num_row_ = size, 0
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = np.array([0.0] * len(places) + [needs[s] for s in sites])
    program.col_lower_, program.col_upper_ = np.zeros(size), np.ones(size)
    program.integrality_ = [highspy.HighsVarType.kInteger] * size
    solver.passModel(program)
    number = {site: len(places) + k for k, site in enumerate(sites)}
    solver.addRow(
        -highspy.kHighsInf,
        float(count),
        len(places),
        np.arange(len(places), dtype=np.int32),
        np.ones(len(places)),
    )
    for site in sites:
        # Covered only by a place that is chosen.
        by = [k for k, place in enumerate(places) if site in covered[place]]
        cells = np.array([number[site], *by], dtype=np.int32)
        signs = np.array([1.0, *[-1.0] * len(by)])
        solver.addRow(-highspy.kHighsInf, 0.0, len(cells), cells, signs)
    solver.run()
    solution = solver.getSolution()
    bound = float(solver.getInfo().mip_dual_bound)
    if not solution.value_valid:
        return [], max(bound, 0.0)
    shares = np.array(solution.col_value)[: len(places)]
    return [
        place for place, share in zip(places, shares, strict=True) if share > 0.5
    ], bound


def place_base(problem: Problem, site_id: str) -> tuple[Problem, str]:
    """Return a problem with a base more, which stands in a site; and its id.

    Its ways, days and waysides are those of the site.

    Parameters
    ----------
    problem
        What was asked.
    site_id
        Where the base stands.
    """
    base_id = f"forward-{site_id}"
    while base_id in problem.place_index:
        base_id += "-"
    twin, size = problem.place_index[site_id], len(problem.place_ids)
    rows = [*range(size), twin]
    return (
        replace(
            problem,
            place_ids=(*problem.place_ids, base_id),
            bases=(*problem.bases, Base(base_id, base_id)),
            opens_min=problem.opens_min[rows],
            closes_min=problem.closes_min[rows],
            travel=tuple(_widen(matrix, rows, twin) for matrix in problem.travel),
        ),
        base_id,
    )


def _widen(matrix: TravelMatrix, rows: list[int], twin: int) -> TravelMatrix:
    """Return travel with one place more, which lies where another one does."""
    size = len(rows) - 1
    grid = np.ix_(rows, rows)

    def widen_pairs(pairs: Mapping[tuple[int, int], Found]) -> Pairs[Found]:
        more: Pairs[Found] = {}
        for (one, other), found in pairs.items():
            more[one, other] = found
            if one == twin:
                more[size, other] = found
            if other == twin:
                more[one, size] = found
        return more

    return replace(
        matrix,
        durations_min=matrix.durations_min[grid],
        lengths_m=matrix.lengths_m[grid],
        fuels_l=matrix.fuels_l[grid],
        hazards=None if matrix.hazards is None else matrix.hazards[grid],
        halt_blocked=widen_pairs(matrix.halt_blocked),
        waysides=widen_pairs(matrix.waysides),
    )
