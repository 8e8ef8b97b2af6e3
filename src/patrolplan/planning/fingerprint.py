"""Telling whether two problems ask a solver the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from math import inf

import numpy as np

from patrolplan.planning.problem import Problem

__all__ = ["fingerprint_problem"]


def fingerprint_problem(problem: Problem) -> str:
    """Return a hash of all that a solver may know: equal for equal problems.

    Parameters
    ----------
    problem
        The problem. What only its report is made of, such as how much reach is too
        little, is left out.
    """
    digest = hashlib.sha256()

    def feed(value: object) -> None:
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value).tobytes())
        else:
            digest.update(repr(value).encode("utf-8"))

    feed((problem.start, problem.horizon_days, problem.place_ids))
    # What is said of a site beyond its need steers no search.
    for site in problem.sites:
        # A whole number and the same one with a point are equal, and not written so.
        dwell_min = float(site.dwell_min)
        feed(replace(site, dwell_min=dwell_min, beyond_base=False, held_by=None))
        feed(site.held_by is None)
    for team in problem.teams:
        feed(replace(team, range_km=float(team.range_km), vehicles=0, people=0))
        if team.ready_day:
            feed(team.ready_day)
    feed((problem.bases, float(problem.limits.break_min)))
    feed((problem.groups, problem.forbidden_pairs, problem.waysides))
    for matrix in problem.travel:
        feed((matrix.vehicle, matrix.valid_from, matrix.valid_to))
        feed((sorted(matrix.halt_blocked.items()), sorted(matrix.waysides.items())))
        for cells in (matrix.durations_min, matrix.lengths_m, matrix.hazards):
            feed(cells)
        if any(team.fuel_budget_l < inf for team in problem.teams):
            feed(matrix.fuels_l)
    for cells in (problem.opens_min, problem.closes_min, problem.day_starts_min):
        feed(cells)
    return digest.hexdigest()
