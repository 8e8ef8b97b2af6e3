"""The files that a plan is made from: their hashes, sources, licences and dates."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from patrolplan.errors import LayerError
from patrolplan.planfile import InputEntry, format_plan, tabulate_model_faults
from patrolplan.scenario import LAYER_FILES, SOURCES_FILE, Scenario
from patrolplan.toml_files import read_toml

__all__ = ["list_inputs"]


_LAYERS = (*LAYER_FILES, "mandate", "elevation")


class _Source(BaseModel):
    """What a folder of layers says of one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str | None = None
    licence: str | None = None
    date: str | None = None


_SOURCES = TypeAdapter(dict[str, _Source])
_NOTHING = _Source()


def list_inputs(scenario: Scenario) -> tuple[InputEntry, ...]:
    """Return every file that a scenario is read from, by its path from the scenario.

    Plans that it remembers come last, by the paths that they are remembered by.

    Parameters
    ----------
    scenario
        The scenario; layers that it does not have are left out.

    Raises
    ------
    LayerError
        If the folder of layers has a list of sources that cannot be read.
    """
    home = scenario.path.parent
    sources = _read_sources(scenario)
    entries = []
    for layer, path in (
        ("scenario", scenario.path),
        *((layer, scenario.find_layer(layer)) for layer in _LAYERS),
        (None, scenario.incident_file),
        *((None, home / text) for text in _list_rasters(scenario)),
        *((None, home / log) for log in scenario.visits.logs),
        *((None, home / area.file) for area in scenario.lines.avoid if area.file),
    ):
        content = scenario.content if layer == "scenario" else None
        if path is None or (content is None and not path.is_file()):
            continue
        if content is None:
            content = path.read_bytes()
        stated = _NOTHING
        # A file of one's own in place of the folder's is not what the folder states.
        if layer in _LAYERS and getattr(scenario.layers, layer) is None:
            stated = sources.get(layer, _NOTHING)
        entries.append(
            InputEntry(
                path=os.path.relpath(path, home).replace(os.sep, "/"),
                sha256=hashlib.sha256(content).hexdigest(),
                source=stated.source,
                licence=stated.licence,
                date=stated.date,
            )
        )
    entries += [
        InputEntry(
            path=earlier.path,
            sha256=hashlib.sha256(format_plan(earlier.plan).encode()).hexdigest(),
            source=None,
            licence=None,
            date=None,
        )
        for earlier in scenario.earlier
    ]
    return tuple(entries)


def _list_rasters(scenario: Scenario) -> tuple[str, ...]:
    """Return the rasters that ways across open ground are found on."""
    figures = scenario.open_ground
    return () if figures is None else tuple(figures.list_rasters().values())


def _read_sources(scenario: Scenario) -> Mapping[str, _Source]:
    path = scenario.path.parent / scenario.layers.folder / SOURCES_FILE
    if not path.is_file():
        return {}
    try:
        document = read_toml(path, "a list of sources", refusal=LayerError)
        return _SOURCES.validate_python(document)
    except ValidationError as error:
        raise LayerError(tabulate_model_faults(error, SOURCES_FILE)) from error
