"""All layers of a scenario, read together and checked against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from patrolplan.errors import Fault, LayerError
from patrolplan.layers.checks import (
    find_base_faults,
    find_line_faults,
    find_osm_length_faults,
    find_position_faults,
    find_region_faults,
    find_speed_faults,
)
from patrolplan.layers.files import build_empty, read_layer
from patrolplan.layers.schema import SCHEMAS
from patrolplan.scenario import LAYER_FILES, Scenario

__all__ = ["Layers", "read_layers"]

# Rivers and borders are drawn whole: they run on beyond the area of operations.
_CONTEXT_LAYERS = ("regions", "borders", "rivers", "lakes", "airfields")


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers of one scenario: GeoDataFrames in WGS 84, columns as in ``schema``.

    ``lines`` bears ``osm_length_km`` beside its columns, for comparison only.
    ``markets`` and ``speeds`` are DataFrames without geometry. A context layer that
    the scenario does not have is an empty frame.
    """

    population: Any
    lines: Any
    zones: Any
    bases: Any
    speeds: Any
    airfields: Any
    markets: Any
    regions: Any
    borders: Any
    rivers: Any
    lakes: Any


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
    faults: list[Fault] = []
    broken: set[str] = set()
    names = {layer: scenario.find_layer(layer).name for layer in LAYER_FILES}
    for layer in LAYER_FILES:
        schema = SCHEMAS[layer]
        path = scenario.find_layer(layer)
        if not schema.needed and not path.exists() and _is_default(scenario, layer):
            frames[layer] = build_empty(schema)
            continue
        frames[layer], found = read_layer(path, schema)
        if found:
            broken.add(layer)
            faults += found
    for layer in ("population", "lines", "zones", "bases", *_CONTEXT_LAYERS):
        context = layer in _CONTEXT_LAYERS
        found = list(
            find_position_faults(
                frames[layer],
                layer,
                names[layer],
                scenario.area,
                margin_deg=15.0 if context else 0.0,
            )
        )
        if found:
            broken.add(layer)
            faults += found
    faults += _find_cross_faults(scenario, frames, names, broken)
    if faults:
        raise LayerError(faults)
    lengths = frames.pop("osm_lengths")
    osm_km = dict(zip(lengths["line_id"], lengths["osm_length_km"], strict=True))
    frames["lines"]["osm_length_km"] = (
        frames["lines"]["id"].map(osm_km).astype("float64")
    )
    return Layers(**frames)


def _is_default(scenario: Scenario, layer: str) -> bool:
    """Return whether the scenario leaves a layer where it usually lies."""
    return getattr(scenario.layers, layer) is None


def _find_cross_faults(
    scenario: Scenario, frames: dict[str, Any], names: dict[str, str], broken: set[str]
) -> Iterator[Fault]:
    """Yield faults between layers, for those that can be trusted by themselves."""

    def whole(*layers: str) -> bool:
        return not broken.intersection(layers)

    if whole("speeds"):
        yield from find_speed_faults(frames["speeds"], names["speeds"])
    if whole("population", "regions"):
        yield from find_region_faults(
            frames["population"], frames["regions"], names["population"]
        )
    if whole("population", "lines", "speeds"):
        yield from find_line_faults(
            frames["lines"],
            frames["population"],
            set(frames["speeds"]["surface"]),
            (names["lines"], names["population"]),
            snap_m=scenario.movement.snap_km * 1000,
        )
    # Lines of one's own have ids of their own: the folder's lengths are not theirs.
    kin = _is_default(scenario, "lines") == _is_default(scenario, "osm_lengths")
    if kin and whole("lines", "osm_lengths"):
        yield from find_osm_length_faults(
            frames["osm_lengths"], frames["lines"], names["osm_lengths"]
        )
    if whole("population", "bases"):
        yield from find_base_faults(
            frames["bases"], frames["population"], names["bases"]
        )
