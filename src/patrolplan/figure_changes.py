"""Every figure that makes a plan, found by rule, and a scenario with one changed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from patrolplan.errors import Fault, ScenarioError
from patrolplan.figures import Part
from patrolplan.need import Mandate
from patrolplan.scenario import Scenario

__all__ = [
    "APART",
    "MANDATE",
    "Figure",
    "change_figure",
    "list_figures",
    "pick_figures",
]

APART: Final = (
    "incidents",
    "hotspots",
    "displacement",
    "visits",
    "do_no_harm",
    "casualty",
    "stress",
    "learning",
    "release",
    "safety",
)
"""Sections whose figures make tables beside a plan, and no problem: left aside, but for
incidents where the scenario names a file of them, which plans take threat from, and for
the casualty clock where it is a limit."""

MANDATE: Final = "mandate"
_TEAMS: Final = "teams"
# Shares that sum to 1: changed alone, one would only be refused.
_SHARED_OUT: Final = {"need.factor_weights"}


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
    aside = set(APART)
    if scenario.incidents.file is not None:
        aside.remove("incidents")
    if "limit" in (scenario.casualty.day, scenario.casualty.night):
        aside.remove("casualty")
    for section in type(scenario).model_fields:
        part = getattr(scenario, section)
        if not isinstance(part, Part) or section in aside:
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
        earns = [
            rule.points if rule.counts == "points" else rule.share
            for rule in sentence.visits
        ]
        if any(earns):
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


def _share_out(shares: dict[str, float], cell: str, factor: float) -> dict[str, float]:
    """Return shares with one changed: the others make up, in proportion."""
    moved = shares[cell] * factor
    rest = sum(share for key, share in shares.items() if key != cell)
    left = (1 - moved) / rest if rest else 0.0
    return {
        key: moved if key == cell else share * left for key, share in shares.items()
    }


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
    if f"{section}.{name}" in _SHARED_OUT:
        part[name] = _share_out(part[name], cell, factor)
    elif cell:
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


def pick_figures(
    scenario: Scenario, figures: Sequence[Figure], only: Sequence[str]
) -> list[Figure]:
    """Return the figures that are asked for, in their order.

    Parameters
    ----------
    scenario
        Names the file of a fault.
    figures
        As :func:`list_figures` returns them.
    only
        Keys of figures, or what they begin with up to a dot; all if empty.

    Raises
    ------
    ScenarioError
        If one of ``only`` is no figure's.
    """

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
