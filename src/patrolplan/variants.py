"""Plans beside the best one, worked out: one drawn by lot, others that differ."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from patrolplan.line_draws import draw_lines
from patrolplan.planfile import PlanFile
from patrolplan.planfile.mixture import (
    CoverageEntry,
    CurveEntry,
    DecisionEntry,
    DepartureEntry,
    MixedPlanEntry,
    MixFile,
)
from patrolplan.planning.alternatives import Alternative, find_alternatives
from patrolplan.planning.departures import Departures
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import Problem
from patrolplan.planning.variation import (
    Mixture,
    draw_by_lot,
    find_curve,
    find_mixture,
)
from patrolplan.study import Study, build_study

__all__ = [
    "CURVE_SHARES",
    "AlternativePlan",
    "build_mix",
    "draw_seed",
    "list_alternatives",
    "vary_study",
]

_SEED_BITS = 63
CURVE_SHARES = (1.0, 0.975, 0.95, 0.9)
"""Shares of the best plan's need at which a curve tells the worst case."""


@dataclass(frozen=True)
class AlternativePlan:
    """An alternative, and its document.

    Parameters
    ----------
    alternative
        What it does, and how it compares.
    plan_file
        The document, measured.
    """

    alternative: Alternative
    plan_file: PlanFile


def draw_seed() -> int:
    """Return a seed that nobody can guess, of the system's own entropy."""
    return secrets.randbits(_SEED_BITS)


def vary_study(
    study: Study, share: float, *, seed: int, curve: Sequence[float] = ()
) -> tuple[Study, MixFile]:
    """Draw a plan by lot of a mix that keeps a share of the best plan's need.

    Parameters
    ----------
    study
        The best plan.
    share
        What of its need the mix must meet in the mean, 0 to 1.
    seed
        Seed of the draw. The plan's document does not bear it: who knows it knows the
        plan.
    curve
        Other shares, of which the mix tells what is lost at worst.

    Returns
    -------
    The plan drawn, and the mix that it was drawn of.
    """
    problem, solution = study.problem, study.solution
    entries = None
    if curve:
        shares = sorted({share, *curve}, reverse=True)
        mixtures = find_curve(problem, solution, shares)
        mixture = mixtures[shares.index(share)]
        entries = [_build_point(*point) for point in zip(shares, mixtures, strict=True)]
    else:
        mixture = find_mixture(problem, solution, share)
    rng = np.random.default_rng(seed)
    plan = draw_by_lot(problem, mixture, rng)
    lines = draw_lines(study, plan, rng)
    drawn = build_study(lines.question, solution, plan, seed=None)
    mix = build_mix(problem, mixture, share)
    told = {"curve": entries, "stray_share": study.scenario.lines.stray_share}
    return drawn, mix.model_copy(update=told)


def _build_point(share: float, mixture: Mixture) -> CurveEntry:
    return CurveEntry(
        value_share=share,
        value_floor=mixture.value_floor,
        expected_need=mixture.expected_need,
        worst_case_loss=mixture.worst_case_loss,
        least_loss=mixture.least_loss,
        plans=len(mixture.plans),
    )


def build_mix(problem: Problem, mixture: Mixture, share: float) -> MixFile:
    """Write a mix out as a document.

    Parameters
    ----------
    problem
        What was asked.
    mixture
        The mix.
    share
        What of the best plan's need it had to meet.
    """
    posed = Posed(problem)
    chances: dict[str, np.ndarray] = {
        team.id: np.zeros(problem.horizon_days) for team in problem.teams
    }
    plans = []
    for mixed in mixture.plans:
        departures = Departures(posed, mixed.patrols)
        decisions = []
        for team, chain, days in zip(
            problem.teams, departures.chains, departures.list_chances(), strict=True
        ):
            for column, likely in zip(chain, days, strict=True):
                for day, chance in likely.items():
                    chances[team.id][day] += mixed.probability * chance
                decisions.append(
                    DecisionEntry(
                        team_id=team.id,
                        site_ids=[problem.place_ids[p] for p in column.places],
                        departures=[
                            DepartureEntry(day=day, probability=chance)
                            for day, chance in sorted(likely.items())
                        ],
                    )
                )
        plans.append(
            MixedPlanEntry(
                probability=mixed.probability, need=mixed.need, plan=decisions
            )
        )
    needs = {site.id: site.need or 0.0 for site in problem.sites}
    return MixFile(
        value_share=share,
        value_floor=mixture.value_floor,
        expected_need=mixture.expected_need,
        worst_case_loss=mixture.worst_case_loss,
        least_loss=mixture.least_loss,
        fixed_need=mixture.fixed_need,
        fixed_loss=mixture.fixed_loss,
        departure_bits=_measure_entropy([*chances.values()]),
        plans=plans,
        coverage=[
            CoverageEntry(site_id=site, need=needs[site], probability=min(chance, 1.0))
            for site, chance in mixture.coverage.items()
        ],
    )


def _measure_entropy(chances: list[np.ndarray]) -> float:
    """Return the entropy of the day of a departure, the mean over teams that leave."""
    bits = []
    for days in chances:
        if days.sum() > 0:
            shares = [float(share) for share in days / days.sum() if share > 0]
            bits.append(-sum(share * log2(share) for share in shares))
    return max(0.0, sum(bits) / len(bits)) if bits else 0.0


def list_alternatives(
    study: Study, count: int, *, seed: int | None
) -> tuple[AlternativePlan, ...]:
    """Return plans nearly as good as the best that differ most, worked out.

    Parameters
    ----------
    study
        The best plan.
    count
        How many at most.
    seed
        What the documents say they were made with.
    """
    return tuple(
        AlternativePlan(
            alternative,
            build_study(study, study.solution, alternative.plan, seed=seed).plan_file,
        )
        for alternative in find_alternatives(study.problem, study.solution, count)
    )
