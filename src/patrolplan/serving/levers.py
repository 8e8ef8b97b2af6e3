"""What a planner may move on the page, and the scenario's file with it moved.

The file stays the planner's own: only what was moved is changed in its text, comments
and order are kept. What comes out is read again through the scenario's own door.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import tomlkit
from pydantic import Field, ValidationError, field_serializer
from tomlkit.exceptions import TOMLKitError

from patrolplan.errors import Fault, ScenarioError
from patrolplan.figures import Part
from patrolplan.planfile import tabulate_model_faults
from patrolplan.scenario import Scenario, read_scenario

__all__ = [
    "MAX_ROUNDS",
    "Levers",
    "Original",
    "TeamLever",
    "check_levers",
    "find_field",
    "pull",
    "read_levers",
]

MAX_ROUNDS: Final = 200_000
"""Rounds of a search from the page, 25 times the usual (choice).

A search listens for the planner's cancel at steps that are a share of it: a longer one
would be deaf for too long, and is for the command line.
"""
FIELDS: Final = (
    "start",
    "seed",
    "iterations",
    "risk_weights",
    "factor_weights",
    "teams",
    "closed",
    "lifted",
)
"""Parts of the page that a fault can be shown at."""
# Keys that name one file, by their table; beside those of layers, which all do.
_PATHS: Final = {
    "incidents": ("file",),
    "network": ("file", "rules"),
    "open_ground": ("elevation", "land_cover", "friction"),
}
_ELSEWHERE: Final = {"team": "teams", "lines": "closed", "line": "closed"}


class TeamLever(Part):
    """A team: whether it goes out at all, and for how many days at most.

    Attributes
    ----------
    id
        The team.
    goes
        Whether it goes out.
    max_days
        Days of one patrol, that of departure and that of return included.
    """

    id: str
    goes: bool
    max_days: int


class Levers(Part):
    """All that may be moved, as it stands on the page.

    Attributes
    ----------
    start
        First local day planned.
    seed, iterations
        Of all draws; rounds of search.
    teams
        Every team of the scenario.
    closed
        Closures, each ``LINE`` or ``LINE@FROM..TO``, both days included.
    lifted
        Rows of the flood calendar that count as not there.
    risk_weights
        r of risk ``1`` to ``5``, 0 to 1.
    factor_weights
        Of threat, vulnerability and capacity; they add up to 1.
    """

    start: date
    seed: int
    iterations: Annotated[int, Field(ge=0, le=MAX_ROUNDS)]
    teams: tuple[TeamLever, ...]
    closed: tuple[str, ...]
    lifted: tuple[str, ...]
    risk_weights: dict[str, float]
    factor_weights: dict[str, float]

    @field_serializer("seed", when_used="json")
    def _write_seed(self, seed: int) -> str:
        # A number of a browser holds 53 bits, a seed 63.
        return str(seed)


class Original(NamedTuple):
    """The scenario that the planner began with.

    Attributes
    ----------
    text
        Its file, with paths as they are from where it may be saved.
    scenario
        The same, read.
    """

    text: str
    scenario: Scenario

    @classmethod
    def read(cls, source: Path, target: Path) -> Original:
        """Read a scenario as it would be if its file lay elsewhere.

        Parameters
        ----------
        source
            Its file.
        target
            The file that it may be saved as; its folder must be there.

        Raises
        ------
        ScenarioError
            If it cannot be meant.
        """
        scenario = read_scenario(source)
        document = _parse(source.read_bytes().decode("utf-8-sig"), source.name)
        old, new = (path.parent.resolve() for path in (source, target))
        if old != new:
            _move(document, scenario, old, new)
        text = tomlkit.dumps(document)
        content = text.encode("utf-8")
        return cls(text, read_scenario(target, content=content))


def read_levers(scenario: Scenario) -> Levers:
    """Return how the levers stand in a scenario.

    Parameters
    ----------
    scenario
        The scenario.
    """
    need = scenario.need
    # Whatever the file says is shown; only what the page sends back is bounded.
    return Levers.model_construct(
        start=scenario.start,
        seed=scenario.seed,
        iterations=scenario.iterations,
        teams=tuple(
            TeamLever(id=team.id, goes=True, max_days=team.max_days)
            for team in scenario.teams
        ),
        closed=scenario.lines.closed,
        lifted=scenario.lines.lifted,
        risk_weights={str(k): w for k, w in need.risk_weights.items()},
        factor_weights={str(k): w for k, w in need.factor_weights.items()},
    )


def check_levers(original: Original, asked: Any) -> Levers:
    """Return levers as the page sent them.

    Parameters
    ----------
    original
        What the planner began with.
    asked
        What was sent: of any kind, and of any hand.

    Raises
    ------
    ScenarioError
        If they are none, with every fault.
    """
    try:
        return Levers.model_validate(asked)
    except ValidationError as error:
        file = original.scenario.path.name
        raise ScenarioError(tabulate_model_faults(error, file)) from error


def pull(original: Original, levers: Levers) -> Scenario:
    """Return the scenario with its levers moved; its ``content`` is what to save.

    Parameters
    ----------
    original
        What the planner began with.
    levers
        How they stand.

    Raises
    ------
    ScenarioError
        If that cannot be meant, with every fault; nothing is changed then.
    """
    file = original.scenario.path.name
    own = read_levers(original.scenario)
    known = [team.id for team in own.teams]
    if [team.id for team in levers.teams] != known:
        found = ", ".join(team.id for team in levers.teams) or "none"
        fault = Fault(file, "teams", found, f"the teams {', '.join(known)}")
        raise ScenarioError([fault])
    document = _parse(original.text, file)
    for name in ("start", "seed", "iterations"):
        if getattr(levers, name) != getattr(own, name):
            document[name] = getattr(levers, name)
    for name in ("closed", "lifted"):
        if getattr(levers, name) != getattr(own, name):
            _open_table(document, "lines")[name] = list(getattr(levers, name))
    for name in ("risk_weights", "factor_weights"):
        if getattr(levers, name) != getattr(own, name):
            weights = tomlkit.inline_table()
            weights.update(getattr(levers, name))
            _open_table(document, "need")[name] = weights
    _change_teams(document, levers, own)
    content = tomlkit.dumps(document).encode("utf-8")
    return read_scenario(original.scenario.path, content=content)


def _change_teams(document: Any, levers: Levers, own: Levers) -> None:
    """Change the teams of a document from the last, so that numbers hold."""
    for number in reversed(range(len(own.teams))):
        team = levers.teams[number]
        if not team.goes:
            del document["teams"][number]
        elif team.max_days != own.teams[number].max_days:
            document["teams"][number]["max_days"] = team.max_days
    if not any(team.goes for team in levers.teams):
        # A list of tables that is empty would not be written at all.
        document["teams"] = tomlkit.array()


def _parse(text: str, file: str) -> Any:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ScenarioError([Fault(file, "file", str(error), "TOML")]) from error


def _open_table(document: Any, name: str) -> Any:
    if name not in document:
        document[name] = tomlkit.table()
    return document[name]


def _move(document: Any, scenario: Scenario, old: Path, new: Path) -> None:
    """Write the paths of a document as they are from another folder."""
    # What the file leaves out has a path too.
    _open_table(document, "layers")["folder"] = scenario.layers.folder
    for table, key in _list_paths(document):
        table[key] = _name_from(old / str(table[key]), new)
    logs = document.get("visits", {}).get("logs")
    if logs:
        moved = [_name_from(old / str(log), new) for log in logs]
        document["visits"]["logs"] = moved


def _list_paths(document: Any) -> Iterator[tuple[MutableMapping[str, Any], str]]:
    """Yield each table of a scenario that names one file or folder, and its key."""
    for key in document["layers"]:
        yield document["layers"], key
    for name, keys in _PATHS.items():
        table = document.get(name, {})
        for key in keys:
            if key in table:
                yield table, key
    for area in document.get("lines", {}).get("avoid", ()):
        if "file" in area:
            yield area, "file"


def _name_from(path: Path, folder: Path) -> str:
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:
        # On another drive of Windows nothing is relative.
        return path.as_posix()


def find_field(fault: Fault) -> str:
    """Return the part of the page that a fault is shown at; an empty text if none.

    Parameters
    ----------
    fault
        The fault.
    """
    words = fault.where.replace(".", " ").replace(",", " ").split()
    # The name of a part goes before the table that it stands in.
    named = [*words, *(_ELSEWHERE.get(word, "") for word in words)]
    return next((name for name in named if name in FIELDS), "")
