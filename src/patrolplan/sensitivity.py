"""Sensitivity: which weight or figure, changed by a share, changes which stops.

Each figure is changed alone, down and up, and the scenario is planned again. What is a
figure is not listed by hand: see :func:`list_figures`. A change that leaves the
question as it was, or the plan as good as any, changes nothing, and says so.
"""

from __future__ import annotations

import difflib
import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from pydantic import BaseModel

from patrolplan.errors import Fault, InputError, ScenarioError
from patrolplan.figures import Part
from patrolplan.need import Mandate, read_mandate
from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.problem import Plan, Problem
from patrolplan.planning.schedule import build_schedule, list_earnings
from patrolplan.planning.solver import solve
from patrolplan.scenario import Scenario
from patrolplan.study import build_question

__all__ = [
    "APART",
    "Figure",
    "Sensitivity",
    "Variant",
    "change_figure",
    "find_sensitivity",
    "fingerprint_problem",
    "list_figures",
]

APART: Final = ("incidents", "hotspots", "displacement", "visits", "do_no_harm")
"""Sections whose figures make tables beside a plan, and no problem: left aside."""

MANDATE: Final = "mandate"
_TEAMS: Final = "teams"
# Sums of floats differ in their last digits.
_EQUAL: Final = 1e-9

State = Literal["not_asked", "same", "changed", "refused"]


class Figure(NamedTuple):
    """One weight or planning figure.

    Attributes
    ----------
    key
        Section and field, such as ``need.risk_weights.4``; ``teams.range_km`` is that
        of all teams, ``mandate.A`` all shares and points of a theme.
    unit
        Its unit.
    least, most
        Its value; of several, the least and the most.
    """

    key: str
    unit: str
    least: float
    most: float


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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list_fields(part: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield name and unit of each field that states a figure."""
    for name, field in part.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and "source" in extra:
            yield name, str(extra["unit"])


def list_figures(scenario: Scenario, mandate: Mandate | None) -> tuple[Figure, ...]:
    """List what may be changed: every figure of a scenario by which a plan is made.

    Those are the fields of its sections that state a unit and a source, and are a
    number or a table of numbers, each cell for itself; but for the sections of
    :data:`APART`. Then those of the teams, of all teams at once; and of each theme of
    the mandate what its visits earn. A figure that is 0 stays 0 by any share: it is
    left out. What is asked of single sites, dates and seasons are no figures.

    Parameters
    ----------
    scenario
        The scenario.
    mandate
        Its mandate, if it has one.
    """
    figures = []
    for section in type(scenario).model_fields:
        part = getattr(scenario, section)
        if not isinstance(part, Part) or section in APART:
            continue
        for name, unit in _list_fields(type(part)):
            value = getattr(part, name)
            cells = {f"{section}.{name}": value}
            if isinstance(value, dict):
                cells = {f"{section}.{name}.{cell}": v for cell, v in value.items()}
            figures += [
                Figure(key, unit, v, v)
                for key, v in cells.items()
                if _is_number(v) and v != 0
            ]
    for name, unit in _list_fields(type(scenario.teams[0])):
        values = [getattr(team, name) for team in scenario.teams]
        found = [value for value in values if _is_number(value) and value != 0]
        if found:
            figures.append(Figure(f"{_TEAMS}.{name}", unit, min(found), max(found)))
    for sentence in () if mandate is None else mandate.sentences:
        if any(rule.points if rule.counts == "points" else rule.share
               for rule in sentence.visits):  # fmt: skip
            key = f"{MANDATE}.{sentence.theme}"
            figures.append(Figure(key, "share of what its visits earn", 1, 1))
    return tuple(figures)


def _scale(value: Any, factor: float) -> Any:
    """Return a figure changed; a whole one stays whole, and moves by 1 at least."""
    if not _is_number(value) or value == 0:
        return value
    if not isinstance(value, int):
        return value * factor
    step = 1 if factor > 1 else -1
    moved = round(value * factor)
    return moved if moved != value else value + step


def change_figure(
    scenario: Scenario, mandate: Mandate | None, key: str, factor: float
) -> tuple[Scenario, Mandate | None]:
    """Return scenario and mandate with one figure changed.

    Parameters
    ----------
    scenario, mandate
        As they are.
    key
        As :func:`list_figures` names it.
    factor
        What it is multiplied by; not 1.

    Raises
    ------
    ScenarioError
        If the changed scenario cannot be meant.
    """
    section, _, name = key.partition(".")
    if section == MANDATE:
        assert mandate is not None
        return scenario, _change_theme(mandate, name, factor)
    if section == _TEAMS:
        teams = [
            team.model_copy(update={name: _scale(getattr(team, name), factor)})
            for team in scenario.teams
        ]
        # As plain values, so that they are checked anew.
        changed: Any = [team.model_dump() for team in teams]
        return scenario.replace(teams=changed), mandate
    part = getattr(scenario, section).model_dump()
    name, _, cell = name.partition(".")
    if cell:
        part[name] = part[name] | {cell: _scale(part[name][cell], factor)}
    else:
        part[name] = _scale(part[name], factor)
    return scenario.replace(**{section: part}), mandate


def _change_theme(mandate: Mandate, theme: str, factor: float) -> Mandate:
    sentences = tuple(
        sentence.model_copy(
            update={
                "visits": tuple(
                    rule.model_copy(
                        update={
                            "share": rule.share * factor,
                            "points": rule.points * factor,
                        }
                    )
                    for rule in sentence.visits
                )
            }
        )
        if sentence.theme == theme
        else sentence
        for sentence in mandate.sentences
    )
    return mandate.model_copy(update={"sentences": sentences})


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
    feed((problem.bases, float(problem.limits.break_min)))
    feed((problem.groups, problem.forbidden_pairs, problem.waysides))
    for matrix in problem.travel:
        feed((matrix.vehicle, matrix.valid_from, matrix.valid_to))
        feed((sorted(matrix.halt_blocked.items()), sorted(matrix.waysides.items())))
        for cells in (matrix.durations_min, matrix.lengths_m, matrix.hazards):
            feed(cells)
    for cells in (problem.opens_min, problem.closes_min, problem.day_starts_min):
        feed(cells)
    return digest.hexdigest()


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
    figures = _pick_figures(scenario, list_figures(scenario, mandate), only)
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


def _pick_figures(
    scenario: Scenario, figures: Sequence[Figure], only: Sequence[str]
) -> list[Figure]:
    """Return the figures that are asked for, in their order."""

    def is_of(figure: Figure, key: str) -> bool:
        return f"{figure.key}.".startswith(f"{key}.")

    unknown = [key for key in only if not any(is_of(f, key) for f in figures)]
    if unknown:
        known = [figure.key for figure in figures]
        faults = []
        for key in unknown:
            near = difflib.get_close_matches(key, known, n=3)
            cause = f"near: {', '.join(near)}" if near else "a slip of spelling"
            found = f"{key!r}, which is no figure that makes the plan"
            file = scenario.path.name or scenario.name
            expected = "the key of a figure, or of a section"
            faults.append(Fault(file, "sensitivity", found, expected, cause))
        raise ScenarioError(faults)
    return [f for f in figures if not only or any(is_of(f, key) for key in only)]


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
