"""Sensitivity: which weight or figure, changed by a share, changes which stops.

Each figure is changed alone, down and up, and the scenario is planned again. What is a
figure is not listed by hand: see ``figure_changes``. A change that leaves the
question as it was, or the plan as good as any, changes nothing, and says so.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from patrolplan.errors import InputError
from patrolplan.figure_changes import (
    MANDATE,
    Figure,
    change_figure,
    list_figures,
    pick_figures,
)
from patrolplan.need import Mandate, read_mandate
from patrolplan.planning.fingerprint import fingerprint_problem
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.schedule import build_schedule, list_earnings
from patrolplan.planning.solver import solve
from patrolplan.scenario import Scenario
from patrolplan.study import build_question

__all__ = [
    "Sensitivity",
    "Variant",
    "find_sensitivity",
]

# Sums of floats differ in their last digits.
_EQUAL: Final = 1e-9

State = Literal["not_asked", "same", "changed", "refused"]


@dataclass(frozen=True)
class Variant:
    """What became of one figure changed one way.

    Parameters
    ----------
    figure
        The figure as it is.
    direction
        -1 for down, 1 for up.
    least, most
        Its value as changed; None where it could not be.
    state
        ``not_asked`` where the problem stays the same, ``same`` where the stops do,
        ``changed``, or ``refused`` where the changed scenario cannot be meant.
    dropped, gained
        Ids of the sites that fall out of the plan, and of those that come in.
    need_before
        What the changed plan's visits earn by the weights as they were; persons at
        risk, weighted. None where nothing was planned.
    gap
        What the changed plan may be short of, as a fraction of its bound; None where
        nothing was planned.
    reason
        Why it was refused: faults, one after the other.
    """

    figure: Figure
    direction: int
    least: float | None = None
    most: float | None = None
    state: State = "not_asked"
    dropped: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    need_before: float | None = None
    gap: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Sensitivity:
    """What changes a plan, and what does not.

    Parameters
    ----------
    name, change
        The scenario, and the share by which figures were changed.
    need, gap, site_ids
        Of the plan as it is: what its visits earn, its gap, and where it goes.
    variants
        Two for each figure, down before up, in the order of the figures.
    names
        English and French name of each site, by id.
    """

    name: str
    change: float
    need: float
    gap: float
    site_ids: tuple[str, ...]
    variants: tuple[Variant, ...]
    names: Mapping[str, tuple[str, str]]

    def list_idle(self) -> tuple[Figure, ...]:
        """Return the figures that change no stop, neither down nor up."""
        telling = {
            variant.figure.key
            for variant in self.variants
            if variant.state in ("changed", "refused")
        }
        figures = dict.fromkeys(variant.figure for variant in self.variants)
        return tuple(figure for figure in figures if figure.key not in telling)


class _Base(NamedTuple):
    """The plan as it is, and what a changed one is compared with."""

    plan: Plan
    fingerprint: str
    needs: Mapping[str, float | None]


def find_sensitivity(
    scenario: Scenario,
    *,
    change: float = 0.2,
    only: Sequence[str] = (),
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Sensitivity:
    """Find which figure, changed by a share, changes which stops.

    Parameters
    ----------
    scenario
        The scenario; its seed and rounds are those of every plan.
    change
        The share, above 0 and below 1.
    only
        Keys of figures, or what they begin with up to a dot; all if empty.
    jobs
        How many processes; the answer does not depend on it.
    on_progress
        Called with how many plans are done, and of how many.

    Raises
    ------
    InputError
        If the scenario as it is has a fault, or ``only`` names no figure; a fault of a
        changed scenario is a row.
    """
    question = build_question(scenario)
    mandate = read_mandate(scenario.find_layer("mandate"))
    figures = pick_figures(scenario, list_figures(scenario, mandate), only)
    solution = solve(
        question.problem, seed=scenario.seed, iterations=scenario.iterations
    )
    base = _Base(
        solution.plan,
        fingerprint_problem(question.problem),
        {site.id: site.need for site in question.problem.sites},
    )
    tasks = [
        (scenario, mandate, base, figure, direction, 1 + direction * change)
        for figure in figures
        for direction in (-1, 1)
    ]
    found: dict[int, Variant] = {}

    def note(number: int, variant: Variant) -> None:
        found[number] = variant
        if on_progress is not None:
            on_progress(len(found), len(tasks))

    if jobs <= 1:
        for number, task in enumerate(tasks):
            note(number, _plan_variant(*task))
    else:
        # Not forked: a child must not inherit threads of the numerical libraries.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            futures = {
                pool.submit(_plan_variant, *task): number
                for number, task in enumerate(tasks)
            }
            for future in as_completed(futures):
                note(futures[future], future.result())
    population = question.layers.population
    return Sensitivity(
        name=scenario.name,
        change=change,
        need=_measure_visits(question.problem, solution.plan, base.needs),
        gap=solution.gap,
        site_ids=_list_sites(solution.plan),
        variants=tuple(found[number] for number in range(len(tasks))),
        names={
            site.id: (site.name, french if isinstance(french, str) else site.name)
            for site, french in zip(
                population.itertuples(), population["name_fr"], strict=True
            )
        },
    )


def _list_sites(plan: Plan) -> tuple[str, ...]:
    visited = (site for patrol in plan.patrols for site in patrol.site_ids)
    return tuple(sorted(set(visited)))


def _plan_variant(
    scenario: Scenario,
    mandate: Mandate | None,
    base: _Base,
    figure: Figure,
    direction: int,
    factor: float,
) -> Variant:
    """Plan with one figure changed; what cannot be planned is a row with its reason."""
    variant = Variant(figure, direction)
    try:
        changed, theme_change = change_figure(scenario, mandate, figure.key, factor)
        question = build_question(changed, mandate=theme_change)
    except InputError as error:
        told = "; ".join(str(fault) for fault in error.faults)
        return replace(variant, state="refused", reason=told)
    values = [
        value
        for found in list_figures(changed, theme_change)
        if found.key == figure.key
        for value in (found.least, found.most)
    ]
    if figure.key.startswith(f"{MANDATE}."):
        values = [factor, factor]
    if values:
        variant = replace(variant, least=values[0], most=values[1])
    problem = question.problem
    if fingerprint_problem(problem) == base.fingerprint:
        return variant
    solution = solve(problem, seed=changed.seed, iterations=changed.iterations)
    kept = _measure_kept(problem, base.plan)
    if kept is not None and kept >= solution.need * (1 - _EQUAL):
        # As good as any: another one of the same worth is no change.
        plan = base.plan
    else:
        plan = solution.plan
    before, after = set(_list_sites(base.plan)), set(_list_sites(plan))
    return replace(
        variant,
        state="same" if before == after else "changed",
        dropped=tuple(sorted(before - after)),
        gained=tuple(sorted(after - before)),
        need_before=_measure_visits(problem, plan, base.needs),
        gap=solution.gap,
    )


def _measure_visits(
    problem: Problem, plan: Plan, needs: Mapping[str, float | None]
) -> float:
    """Return what the visits of a plan earn, by given needs."""
    weighed = replace(
        problem,
        sites=tuple(replace(site, need=needs.get(site.id)) for site in problem.sites),
    )
    return sum(list_earnings(weighed, build_schedule(problem, plan)).values())


def _measure_kept(problem: Problem, plan: Plan) -> float | None:
    """Return what a plan of another problem earns in this one, None if it cannot be."""
    posed = Posed(problem)
    teams = {team.id: number for number, team in enumerate(problem.teams)}
    ready: dict[str, int] = {}
    columns: list[Column] = []
    for patrol in sorted(plan.patrols, key=lambda p: (p.team_id, p.depart_day)):
        number = teams.get(patrol.team_id)
        if number is None or patrol.depart_day < ready.get(patrol.team_id, 0):
            return None
        kind = posed.kinds[number]
        places = tuple(problem.place_index[site] for site in patrol.site_ids)
        if not set(places) <= set(posed.reached[kind]):
            return None
        column = posed.run(kind, patrol.depart_day, places)
        if column is None:
            return None
        columns.append(column)
        rest_days = problem.teams[number].rest_days
        ready[patrol.team_id] = column.return_day + rest_days + 1
    needs = {site.id: site.need for site in problem.sites}
    earned = _measure_visits(problem, plan, needs)
    return earned + posed.measure_waysides(columns)
