"""A grid: one scenario and the axes along which it varies, as one TOML file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from patrolplan.errors import Fault, ScenarioError
from patrolplan.figures import Part, PathText
from patrolplan.planfile import tabulate_model_faults
from patrolplan.scenario import Scenario, read_scenario
from patrolplan.toml_files import read_toml

__all__ = ["GRID_FORMAT", "MAX_VARIANTS", "Variant", "is_grid", "read_grid"]

GRID_FORMAT: Final = "patrolplan-grid/1"
MAX_VARIANTS: Final = 1000
"""Variants of one grid: a slip in an axis must not fill a disk (choice)."""
_NAME_LENGTH: Final = 64
# What Windows takes for devices, whatever folder they are in.
_DEVICES: Final = {
    *("con", "prn", "aux", "nul"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)),
}
# Not for an axis to change.
_FIXED: Final = ("format", "name")

Word = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9_]+(-[a-z0-9_]+)*$", max_length=40)
]
"""Lower case only: names of folders that differ on every file system."""


class Override(BaseModel):
    """What one value of an axis changes: lists by name, and fields of the scenario."""

    model_config = ConfigDict(extra="allow", frozen=True)

    close: tuple[str, ...] = ()
    lift: tuple[str, ...] = ()
    without_teams: tuple[str, ...] = ()

    @property
    def fields(self) -> Mapping[str, Any]:
        """The changed fields of the scenario, nested as in its file."""
        return self.model_extra or {}


class Grid(Part):
    """One grid file, whole."""

    format: Literal["patrolplan-grid/1"]
    scenario: PathText
    iterations: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    grid: Annotated[
        dict[Word, Annotated[dict[Word, Override], Field(min_length=1)]],
        Field(min_length=1, max_length=12),
    ]


class Variant(NamedTuple):
    """One scenario of a batch, or why it is none.

    Attributes
    ----------
    name
        Its name, which names its folder.
    settings
        The axes and the value on each, by name.
    scenario
        What is planned; None where it cannot be meant.
    faults
        Why it cannot be.
    """

    name: str
    settings: tuple[tuple[str, str], ...] = ()
    scenario: Scenario | None = None
    faults: tuple[Fault, ...] = ()


def is_grid(path: Path) -> bool:
    """Return whether a file says of itself that it is a grid.

    Parameters
    ----------
    path
        Any file; one that cannot be read is none.
    """
    try:
        document = read_toml(path, "a grid file")
    except ScenarioError:
        return False
    return str(document.get("format", "")).startswith("patrolplan-grid/")


def read_grid(path: Path) -> tuple[Variant, ...]:
    """Read and check a grid file, and return its variants in the order of its axes.

    The last axis changes quickest. A variant whose values no scenario may have bears
    its faults: the others can be planned.

    Parameters
    ----------
    path
        A TOML file. Its ``scenario`` is relative to it; each table below ``[grid]`` is
        an axis, each entry of that a value: fields of the scenario, teams by their id,
        and the lists ``close``, ``lift`` and ``without_teams``.

    Raises
    ------
    ScenarioError
        If the file, its axes or the scenario that it varies cannot be meant; with
        every fault that was found.
    """
    document = read_toml(path, "a grid file")
    try:
        grid = Grid.model_validate(document)
    except ValidationError as error:
        raise ScenarioError(tabulate_model_faults(error, path.name)) from error
    faults = [*_find_wrong_names(grid, path.name)]
    base = None
    try:
        base = read_scenario(path.parent / grid.scenario)
    except ScenarioError as error:
        faults += error.faults
    if faults or base is None:
        raise ScenarioError(faults)
    if grid.iterations is not None:
        base = base.replace(iterations=grid.iterations)
    return tuple(_vary(base, grid, path.name))


def _find_wrong_names(grid: Grid, file: str) -> Iterator[Fault]:
    """Yield what is wrong with the size of a grid and with the names that it makes."""
    for axis, values in grid.grid.items():
        for value, override in values.items():
            for fixed in _FIXED:
                if fixed in override.fields:
                    yield Fault(
                        file,
                        f"grid.{axis}.{value}.{fixed}",
                        "an override",
                        "none: names are made from the axes",
                    )
    count = math.prod(len(values) for values in grid.grid.values())
    if count > MAX_VARIANTS:
        sizes = " × ".join(str(len(values)) for values in grid.grid.values())
        yield Fault(
            file,
            "grid",
            f"{sizes} = {count} variants",
            f"at most {MAX_VARIANTS}",
            "an axis too many",
        )
        return
    seen: dict[str, tuple[str, ...]] = {}
    for chosen in product(*grid.grid.values()):
        name = "-".join(chosen)
        if len(name) > _NAME_LENGTH:
            yield Fault(
                file,
                "grid",
                f"the name {name!r} of {len(name)} characters",
                f"at most {_NAME_LENGTH}",
                "long names of values",
            )
        if name in _DEVICES:
            yield Fault(
                file,
                "grid",
                f"the name {name!r}",
                "one that is no device of Windows",
            )
        if seen.setdefault(name, chosen) != chosen:
            yield Fault(
                file,
                "grid",
                f"{name!r} from {', '.join(seen[name])} and from {', '.join(chosen)}",
                "values that make names of their own",
                "hyphens in names of values",
            )


def _vary(base: Scenario, grid: Grid, file: str) -> Iterator[Variant]:
    for settings in product(
        *(
            [(axis, value, override) for value, override in values.items()]
            for axis, values in grid.grid.items()
        )
    ):
        name = "-".join(value for _, value, _ in settings)
        chosen = tuple((axis, value) for axis, value, _ in settings)
        try:
            changed = base
            for axis, value, override in settings:
                changed = _change(changed, override, f"{file}: {axis}.{value}")
            yield Variant(name, chosen, changed.replace(name=name))
        except ScenarioError as error:
            yield Variant(name, chosen, faults=error.faults)


def _change(scenario: Scenario, override: Override, where: str) -> Scenario:
    """Return a scenario with an override laid on it, checked like a file."""
    changes: dict[str, Any] = {}
    for field, value in override.fields.items():
        if field == "teams" and isinstance(value, Mapping):
            changes[field] = _change_teams(scenario, value, where)
        elif field in Scenario.model_fields:
            part = getattr(scenario, field)
            own = part.model_dump() if isinstance(part, BaseModel) else part
            changes[field] = _merge(own, value)
        else:
            changes[field] = value
    for key, listed in (("close", "closed"), ("lift", "lifted")):
        if more := getattr(override, key):
            lines = changes.setdefault("lines", scenario.lines.model_dump())
            if isinstance(lines, Mapping):
                known = tuple(lines.get(listed) or ())
                changes["lines"] = {**lines, listed: (*known, *more)}
    if override.without_teams:
        teams = changes.get("teams", tuple(t.model_dump() for t in scenario.teams))
        _check_teams(scenario, override.without_teams, where)
        out = set(override.without_teams)
        changes["teams"] = tuple(team for team in teams if team["id"] not in out)
    return scenario.replace(**changes) if changes else scenario


def _change_teams(
    scenario: Scenario, changes: Mapping[str, Any], where: str
) -> tuple[Any, ...]:
    _check_teams(scenario, tuple(changes), where)
    return tuple(
        _merge(team.model_dump(), changes.get(team.id, {})) for team in scenario.teams
    )


def _check_teams(scenario: Scenario, ids: tuple[str, ...], where: str) -> None:
    known = [team.id for team in scenario.teams]
    file, _, place = where.partition(": ")
    faults = [
        Fault(file, f"grid.{place}", f"team {team!r}", f"one of {', '.join(known)}")
        for team in ids
        if team not in known
    ]
    if faults:
        raise ScenarioError(faults)


def _merge(own: Any, change: Any) -> Any:
    """Lay a change on what is there: tables entry by entry, anything else whole."""
    if isinstance(own, Mapping) and isinstance(change, Mapping):
        more = {key: _merge(own.get(key), value) for key, value in change.items()}
        return {**own, **more}
    return change
