"""Whether the visits that are required fit the roster at all, by sums alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from patrolplan.planning.problem import Problem, Site

__all__ = ["Overload", "find_overload"]

# Sums of floats differ in their last digits.
_SLACK_MIN = 1e-3


@dataclass(frozen=True)
class Overload:
    """Required work that no roster of the problem can do.

    Parameters
    ----------
    dwell_min, driving_min
        The least that the required visits take: their dwells, and the shortest leg that
        leads to each.
    available_min
        The most duty minutes that all teams have on their days out.
    """

    dwell_min: float
    driving_min: float
    available_min: float

    @property
    def missing_min(self) -> float:
        """Minutes short."""
        return self.dwell_min + self.driving_min - self.available_min


def find_overload(problem: Problem) -> Overload | None:
    """Return the required work if it is provably more than the teams can do.

    Each required visit takes its dwell and one leg that leads to it, whatever the plan;
    no leg is shorter than the shortest of any place, vehicle and road state. Both lie
    within the hours in which any required site is open, on days on which a team may be
    out by its ``max_days`` and ``rest_days``. None proves nothing: a plan may still be
    impossible.

    Parameters
    ----------
    problem
        What is asked.
    """
    choices = list(_list_required(problem))
    if not choices:
        return None
    legs_min = _find_shortest_legs(problem)
    index = problem.place_index
    dwell_min = driving_min = 0.0
    for sites in choices:
        # Of a group, whichever site takes least.
        dwell, leg = min(
            ((site.dwell_min, legs_min[index[site.id]]) for site in sites), key=sum
        )
        dwell_min += dwell
        driving_min += leg
    rows = [index[site.id] for sites in choices for site in sites]
    available_min = _sum_duty(problem, rows)
    overload = Overload(dwell_min, driving_min, available_min)
    return overload if overload.missing_min > _SLACK_MIN else None


def _list_required(problem: Problem) -> Iterator[Sequence[Site]]:
    """Yield for each visit that must be made the sites where it may be made."""
    required = [site for site in problem.sites if site.required]
    yield from ([site] for site in required)
    named = {site.id for site in required}
    for group in problem.groups:
        if group.required and not named.intersection(group.site_ids):
            yield [problem.sites[problem.site_index[site]] for site in group.site_ids]


def _find_shortest_legs(problem: Problem) -> list[float]:
    """Return by place the least minutes of any leg there; 0 where no way leads."""
    size = len(problem.place_ids)
    vehicles = {team.vehicle for team in problem.teams}
    least = np.full(size, np.inf)
    for matrix in problem.travel:
        if matrix.vehicle in vehicles:
            legs = np.where(np.eye(size, dtype=bool), np.inf, matrix.durations_min)
            least = np.minimum(least, legs.min(axis=0))
    return [minutes if isfinite(minutes) else 0.0 for minutes in least.tolist()]


def _sum_duty(problem: Problem, rows: list[int]) -> float:
    """Return the most minutes that all teams have while any of some places is open."""
    opens = problem.opens_min[rows]
    closes = problem.closes_min[rows] - problem.limits.break_min
    spans = np.where(closes > opens, closes, -np.inf).max(axis=0) - np.where(
        closes > opens, opens, np.inf
    ).min(axis=0)
    duty = np.where(np.isfinite(spans), spans, 0.0).tolist()
    by_days: dict[tuple[int, int], float] = {}
    for team in problem.teams:
        days = (team.max_days, team.rest_days)
        if days not in by_days:
            by_days[days] = _choose_days(duty, *days)
    return sum(by_days[team.max_days, team.rest_days] for team in problem.teams)


def _choose_days(duty: list[float], max_days: int, rest_days: int) -> float:
    """Return the most duty minutes of one team, with rest between its patrols."""
    # The most until each day: at home and free to go; and home since that very day.
    free, home = [0.0], [0.0]
    for day in range(1, len(duty) + 1):
        best = out = 0.0
        for first in range(day - 1, max(day - max_days, 0) - 1, -1):
            out += duty[first]
            best = max(best, free[first] + out)
        home.append(best)
        rested = home[day - rest_days] if day >= rest_days else 0.0
        free.append(max(free[-1], rested))
    return max(home)
