"""A mix of plans that nobody can foretell, made so that its worst case is least.

Who knows that the best plan is always the one carried out knows which places are never
visited. Of a mix of plans with probabilities one is drawn by lot, so that no place can
be counted on to be left alone. The mix found is the one whose worst case is least,
among those that keep a share of the best plan's need (double oracle: McMahan, Gordon
and Blum, 2003). Days of departure are drawn by lot too, as far as they can be moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from patrolplan.planning.departures import Departures
from patrolplan.planning.inquiry import Inquiry, build_plan
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.solver import DEFAULT_WORKERS, Solution

__all__ = [
    "MixedPlan",
    "Mixture",
    "draw_by_lot",
    "find_curve",
    "find_mixture",
    "list_patrols",
    "measure_worst_loss",
]

Floats = NDArray[np.float64]

# Plans asked for, and rounds of column generation for each: limits of work.
_MOST_PLANS, _ROUNDS = 60, 12
# The mix is good enough this near to what none can be below, as a share of the latter.
_NEAR = 0.01
_NEGLIGIBLE = 1e-6
# How near to its bound each plan is asked for, or how much better than those before.
_WITHIN, _BETTER = 1e-3, 0.01
# What of its need each visit earns at least when a plan is asked for, so that no plan
# of the mix leaves time unused.
_LEAST_WEIGHT = 1e-3
# Of a share, what is rounding alone.
_TINY = 1e-9


class MixedPlan(NamedTuple):
    """One plan of a mix.

    Attributes
    ----------
    probability
        How likely it is to be drawn.
    patrols
        What it does.
    need
        Need that it meets.
    """

    probability: float
    patrols: tuple[Column, ...]
    need: float


@dataclass(frozen=True)
class Mixture:
    """Plans of which one is drawn by lot.

    Parameters
    ----------
    plans
        The likeliest first; their probabilities add up to 1.
    value_floor
        Need that the mix had to meet in the mean.
    expected_need
        Need that it meets in the mean.
    coverage
        By site that can be reached: how likely it is to be visited.
    worst_case_loss
        The most need that is left unmet at any one such site, in the mean over the
        plans.
    least_loss
        No mix that keeps the floor has a lower worst case.
    fixed_need, fixed_loss
        The same of the best plan alone.
    """

    plans: tuple[MixedPlan, ...]
    value_floor: float
    expected_need: float
    coverage: dict[str, float]
    worst_case_loss: float
    least_loss: float
    fixed_need: float
    fixed_loss: float


def measure_worst_loss(needs: Floats, coverage: Floats) -> float:
    """Return the most need left unmet at one site: need times (1 - coverage).

    Parameters
    ----------
    needs, coverage
        By site: its need, and how likely it is to be visited.
    """
    return float(np.max(needs * (1.0 - coverage), initial=0.0))


class _Mixing:
    """Plans found so far, and the best mix of them."""

    def __init__(self, posed: Posed) -> None:
        self._posed, self.floor = posed, 0.0
        self.needs = posed.needs[posed.places]
        self.plans: list[tuple[Column, ...]] = []
        self.values: list[float] = []
        self._visits: list[Floats] = []
        self.probabilities = np.zeros(0)
        self.worst_loss = float("inf")
        self.weights, self.value_weight = np.zeros(len(self.needs)), 0.0

    def add(self, patrols: tuple[Column, ...]) -> bool:
        """Add a plan; return whether it is new."""
        if patrols in self.plans:
            return False
        visited = [place for column in patrols for place in column.places]
        self.plans.append(patrols)
        value = float(self._posed.needs[visited].sum())
        self.values.append(value + self._posed.measure_waysides(patrols))
        self._visits.append(np.isin(self._posed.places, visited).astype(np.float64))
        return True

    @property
    def visits(self) -> Floats:
        """By plan and place, whether it is visited."""
        return np.array(self._visits)

    def solve(self) -> None:
        """Find the best mix: the least loss z such that needs (1 - coverage) <= z."""
        count, places = len(self.plans), len(self.needs)
        # A little more than the floor, lest rounding leave the mix below it.
        floor = min(self.floor * (1.0 + _TINY), max(self.values))
        losses = -self.needs[:, None] * self.visits.T
        rows = np.vstack(
            [
                np.hstack([losses, -np.ones((places, 1))]),
                [[-value for value in self.values] + [0.0]],
            ]
        )
        solved = linprog(
            np.array([0.0] * count + [1.0]),
            A_ub=rows,
            b_ub=np.concatenate([-self.needs, [-floor]]),
            A_eq=np.array([[1.0] * count + [0.0]]),
            b_eq=np.array([1.0]),
            method="highs-ds",
        )
        assert solved.x is not None, solved.message
        shares = np.maximum(solved.x[:count], 0.0)
        shares[shares < _TINY] = 0.0
        self.probabilities = shares / shares.sum()
        self.worst_loss = float(solved.x[count])
        duals = -solved.ineqlin.marginals
        self.weights = np.maximum(duals[:places], 0.0)
        # They add up to 1 but for rounding, and must, for a bound; or to 0 where
        # nothing is lost.
        self.weights /= max(self.weights.sum(), 0.5)
        self.value_weight = max(0.0, float(duals[places]))


def find_mixture(
    problem: Problem, solution: Solution, share: float, *, most_plans: int = _MOST_PLANS
) -> Mixture:
    """Return the mix of plans whose worst case is least and that keeps its worth.

    Each plan asked for is the best one against the present mix: need counts the more
    the less it is covered.

    Parameters
    ----------
    problem
        What was asked.
    solution
        Its best plan.
    share
        What of the best plan's need the mix must meet in the mean, 0 to 1.
    most_plans
        How many plans may be asked for.
    """
    (mixture,) = find_curve(problem, solution, [share], most_plans=most_plans)
    return mixture


def find_curve(
    problem: Problem,
    solution: Solution,
    shares: Iterable[float],
    *,
    most_plans: int = _MOST_PLANS,
) -> tuple[Mixture, ...]:
    """Return the best mixes for several shares: what each bit of worth given up saves.

    Parameters
    ----------
    problem
        What was asked.
    solution
        Its best plan.
    shares
        What of the best plan's need each mix must meet in the mean, 0 to 1.
    most_plans
        How many plans may be asked for, for each share.

    Returns
    -------
    A mix for each share, from the greatest share down. Each is made of all plans that
    were asked for until then, so that the worst case never rises as the share falls.
    """
    posed = Posed(problem)
    inquiry = Inquiry(posed, solution.patrols, workers=DEFAULT_WORKERS)
    mixing = _Mixing(posed)
    mixing.add(list_patrols(posed, solution.plan))
    mixtures = []
    for share in sorted(set(shares), reverse=True):
        mixing.floor = share * solution.need
        if solution.need > 0.0:
            losses = _improve(posed, inquiry, mixing, solution, most_plans)
        else:
            mixing.probabilities, losses = np.ones(1), (0.0, 0.0)
        mixtures.append(_build_mixture(posed, mixing, solution, mixing.floor, losses))
    return tuple(mixtures)


def _improve(
    posed: Posed,
    inquiry: Inquiry,
    mixing: _Mixing,
    solution: Solution,
    most_plans: int,
) -> tuple[float, float]:
    """Add plans until the mix is near the best; return what no mix is below.

    Besides, the worst case of the best plan alone.
    """
    fixed_loss = measure_worst_loss(mixing.needs, mixing.visits[0])
    least, hard = 0.0, False
    for _ in range(most_plans):
        mixing.solve()
        near = least * (1.0 + _NEAR) + _NEGLIGIBLE * solution.need
        if mixing.worst_loss <= near:
            break
        value_weight = mixing.value_weight + _LEAST_WEIGHT / len(mixing.needs)
        gains = np.zeros(len(posed.needs))
        gains[posed.places] = mixing.needs * (mixing.weights + value_weight)
        answer = (
            inquiry.ask(gains, on_the_way=value_weight, within=_WITHIN * _WITHIN)
            if hard
            else inquiry.ask(
                gains,
                on_the_way=value_weight,
                rounds=_ROUNDS,
                prove=False,
                within=_WITHIN,
                better=_BETTER,
            )
        )
        # What any mix loses at least, weighed so: duals of the linear program.
        bound = float(mixing.weights @ mixing.needs) + value_weight * mixing.floor
        least = max(least, bound - answer.bound)
        # What is not new was not asked for well enough, or there is nothing better.
        if mixing.add(answer.patrols):
            hard = False
        elif hard:
            break
        else:
            hard = True
    mixing.solve()
    return least, fixed_loss


def _build_mixture(
    posed: Posed,
    mixing: _Mixing,
    solution: Solution,
    floor: float,
    losses: tuple[float, float],
) -> Mixture:
    shares = mixing.probabilities
    coverage = shares @ mixing.visits
    order = np.argsort(-shares, kind="stable")
    ids = posed.problem.place_ids
    return Mixture(
        plans=tuple(
            MixedPlan(float(shares[k]), mixing.plans[k], mixing.values[k])
            for k in order
            if shares[k] > 0.0
        ),
        value_floor=floor,
        expected_need=float(shares @ np.array(mixing.values)),
        coverage={
            ids[place]: float(chance)
            for place, chance in zip(posed.places, coverage, strict=True)
        },
        worst_case_loss=measure_worst_loss(mixing.needs, coverage),
        least_loss=losses[0],
        fixed_need=solution.need,
        fixed_loss=losses[1],
    )


def list_patrols(posed: Posed, plan: Plan) -> tuple[Column, ...]:
    """Return the patrols of a plan, run through the clock.

    Parameters
    ----------
    posed
        The problem.
    plan
        A plan that keeps its limits.

    Raises
    ------
    ValueError
        If a patrol cannot be.
    """
    kinds = {
        team.id: kind
        for team, kind in zip(posed.problem.teams, posed.kinds, strict=True)
    }
    columns = []
    for patrol in plan.patrols:
        places = tuple(posed.problem.place_index[site] for site in patrol.site_ids)
        column = posed.run(kinds[patrol.team_id], patrol.depart_day, places)
        if column is None:
            msg = f"The patrol of {patrol.team_id!r} cannot be."
            raise ValueError(msg)
        columns.append(column)
    return tuple(sorted(columns))


def draw_by_lot(problem: Problem, mixture: Mixture, rng: np.random.Generator) -> Plan:
    """Return one plan of a mix, with its days of departure drawn by lot too.

    Parameters
    ----------
    problem
        What was asked.
    mixture
        The mix.
    rng
        Draws.
    """
    posed = Posed(problem)
    sums = np.cumsum([mixed.probability for mixed in mixture.plans])
    # The last sum may be a rounding short of 1.
    number = min(int(np.searchsorted(sums, rng.random(), "right")), len(sums) - 1)
    departures = Departures(posed, mixture.plans[number].patrols)
    return build_plan(posed, departures.draw(rng))
