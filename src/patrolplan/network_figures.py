"""A network of one's own: what its columns are called, and how it is joined.

The ``[network]`` table of a scenario, or of a file of its own for ``--mapping``. The
words for classes and surfaces are those of OpenStreetMap; a foreign file's columns and
values are mapped to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from patrolplan.errors import ScenarioError
from patrolplan.figures import Part, PathText, state_figure
from patrolplan.planfile import tabulate_model_faults
from patrolplan.toml_files import read_toml

__all__ = [
    "LINE_COLUMNS",
    "NetworkFigures",
    "read_network_figures",
]

LINE_COLUMNS: tuple[str, ...] = (
    "id",
    "name",
    "ref",
    "kind",
    "highway",
    "route",
    "surface",
    "tracktype",
    "smoothness",
    "4wd_only",
    "access",
    "vehicle",
    "motor_vehicle",
    "seasonal",
    "ford",
    "oneway",
    "junction",
    "bridge",
    "tunnel",
    "layer",
    "duration",
    "status_dry",
    "status_rains",
    "length_km",
    "speed_kmh",
    "duration_min",
    "wait_min",
    "crossing_min",
)
"""What a line of a network may say; the words of OpenStreetMap, then of the house."""


def _check_line_column(name: str) -> str:
    if name not in LINE_COLUMNS:
        msg = f"should be one of {', '.join(LINE_COLUMNS)}"
        raise ValueError(msg)
    return name


LineColumn = Annotated[str, AfterValidator(_check_line_column)]
Cell = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NetworkFigures(Part):
    """How a file of lines that the house did not draw is read.

    ``columns`` names the file's column for each of the house's; ``values`` the house's
    word for each of the file's, by the house's column. A column that is not mapped is
    read where the file has one of that very name.
    """

    file: PathText | None = None
    layer: Cell | None = None
    columns: Mapping[LineColumn, Cell] = Field(default_factory=dict)
    values: Mapping[LineColumn, Mapping[Cell, Cell]] = Field(default_factory=dict)
    rules: PathText | None = None
    snap_m: float = state_figure(
        0,
        unit="m that the loose end of a line may lie from what it joins",
        ge=0,
        le=1000,
        source="choice: a file whose lines share vertices needs none, such as that of "
        "OpenStreetMap",
    )
    ferry_speed_kmh: float = state_figure(
        6,
        unit="km/h of a ferry whose crossing nobody timed",
        gt=0,
        le=60,
        source="choice: a loaded barge on the Niger, by the low water of boats",
    )
    ferry_wait_min: float = state_figure(
        60,
        unit="min of waiting for a ferry",
        ge=0,
        le=2880,
        source="as the ferries of the built-in lines; domain study",
    )

    def place(self, home: Path) -> NetworkFigures:
        """Return the same with paths that do not hang on the working folder.

        Parameters
        ----------
        home
            The folder of the file that names them.
        """
        own = {
            name: str(home / text)
            for name in ("file", "rules")
            if (text := getattr(self, name)) is not None
        }
        return self.model_copy(update=own)


class _Document(Part):
    """A file with a ``[network]`` table; a scenario has others beside it."""

    model_config = ConfigDict(extra="ignore")

    network: NetworkFigures = Field()


def read_network_figures(path: Path | str) -> NetworkFigures:
    """Read the ``[network]`` table of a TOML file, a scenario or one of its own.

    Parameters
    ----------
    path
        The file. Its paths are relative to it.

    Raises
    ------
    ScenarioError
        If it cannot be read, is not TOML, or has no such table that can be meant.
    """
    path = Path(path)
    document = read_toml(path, "a mapping as TOML")
    try:
        figures = _Document.model_validate(document).network
    except ValidationError as error:
        raise ScenarioError(tabulate_model_faults(error, path.name)) from error
    return figures.place(path.parent)
