"""All layers of a scenario, read together and checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.avoided import read_avoided
from patrolplan.layers.crosschecks import (
    blank_refused,
    find_cross_faults,
    find_outside_faults,
)
from patrolplan.layers.elevation import Elevation, read_elevation
from patrolplan.layers.files import build_empty, read_layer
from patrolplan.layers.own_lines import is_foreign, read_own_lines
from patrolplan.layers.schema import SCHEMAS, THEME_LAYERS
from patrolplan.scenario import LAYER_FILES, Scenario
from patrolplan.shelf import keep, list_beside

__all__ = ["Layers", "read_layers"]


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers of one scenario: GeoDataFrames in WGS 84, columns as in ``schema``.

    ``lines`` bears ``osm_length_km`` beside its columns, for comparison only.
    ``markets``, ``speeds``, ``vehicles`` and ``flood`` are DataFrames without geometry,
    and so are ``themes``: what only the mandate's themes read, by name of the layer. A
    context layer, a theme's, the vehicles or the flood calendar that the scenario does
    not have is an empty frame. ``avoid`` holds the areas to avoid, with the columns of
    :func:`~patrolplan.layers.avoided.read_avoided`, and ``elevation`` the heights that
    a map is shaded from, or None.
    """

    population: Any
    lines: Any
    zones: Any
    bases: Any
    speeds: Any
    flood: Any
    avoid: Any
    vehicles: Any
    airfields: Any
    medical: Any
    markets: Any
    regions: Any
    borders: Any
    rivers: Any
    lakes: Any
    themes: Mapping[str, Any] = field(default_factory=dict)
    elevation: Elevation | None = None


def read_layers(scenario: Scenario) -> Layers:
    """Read and check every layer of a scenario.

    Parameters
    ----------
    scenario
        Says where the layers are, and the area they must lie in.

    Raises
    ------
    LayerError
        If any layer has any fault; with all faults of all layers.
    """
    frames: dict[str, Any] = {}
    found: dict[str, list[Fault]] = {}
    names = {layer: scenario.find_layer(layer).name for layer in LAYER_FILES}
    for layer in LAYER_FILES:
        schema = SCHEMAS[layer]
        path = scenario.find_layer(layer)
        if not schema.needed and not path.exists() and _is_default(scenario, layer):
            frames[layer], found[layer] = build_empty(schema), []
            continue
        if layer == "lines" and is_foreign(path, scenario.network):
            figures = scenario.road_figures
            read = [file for file in (path, figures.rules) if isinstance(file, Path)]
            files = [other for file in read for other in list_beside(file)]
            kept, faults = keep(
                read_own_lines, path, figures, safety=scenario.safety, files=files
            )
        else:
            files = [*list_beside(path)]
            kept, faults = keep(read_layer, path, schema, scenario.safety, files=files)
        # What is kept stays as it is.
        frame = blank_refused(kept.copy(), layer, faults)
        outside = list(find_outside_faults(frame, layer, names[layer], scenario))
        frames[layer] = blank_refused(frame, layer, outside)
        found[layer] = faults + outside
    frames["avoid"], unavoidable = read_avoided(scenario)
    faults = [fault for of_layer in found.values() for fault in of_layer]
    faults += unavoidable
    elevation, unshaded = _read_heights(scenario)
    faults += unshaded
    faults += find_cross_faults(scenario, frames, names, found)
    if faults:
        raise LayerError(faults)
    lengths = frames.pop("osm_lengths")
    osm_km = dict(zip(lengths["line_id"], lengths["osm_length_km"], strict=True))
    frames["lines"]["osm_length_km"] = (
        frames["lines"]["id"].map(osm_km).astype("float64")
    )
    themes: dict[str, Any] = {layer: frames.pop(layer) for layer in THEME_LAYERS}
    return Layers(**frames, themes=themes, elevation=elevation)


def _read_heights(scenario: Scenario) -> tuple[Elevation | None, list[Fault]]:
    path = scenario.find_layer("elevation")
    if not path.exists() and _is_default(scenario, "elevation"):
        return None, []
    try:
        return read_elevation(path), []
    except LayerError as error:
        return None, list(error.faults)


def _is_default(scenario: Scenario, layer: str) -> bool:
    """Return whether the scenario leaves a layer where it usually lies."""
    return getattr(scenario.layers, layer) is None
