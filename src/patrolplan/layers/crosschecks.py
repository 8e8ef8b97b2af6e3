"""Layers checked against each other, on all that can be trusted in each.

One bad cell must not hide what else is wrong, and must not draw other faults after it
either. So a feature that was refused for its geometry loses the geometry and takes
part in the rest; a cell that was refused is unknown by now; and a layer is left out
only where nothing of it could be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from patrolplan.errors import Fault
from patrolplan.layers.cells import label_features
from patrolplan.layers.checks import (
    find_base_faults,
    find_period_faults,
    find_position_faults,
    find_reference_faults,
    find_region_faults,
)
from patrolplan.layers.flood import find_flood_faults
from patrolplan.layers.lines import find_line_faults, find_surface_faults
from patrolplan.layers.schema import SCHEMAS, THEME_LAYERS
from patrolplan.layers.tables import (
    find_calendar_faults,
    find_osm_length_faults,
    find_speed_faults,
    find_spot_faults,
    find_surface_slips,
)
from patrolplan.scenario import Scenario

__all__ = ["blank_refused", "find_cross_faults", "find_outside_faults"]

# Rivers and borders are drawn whole: they run on beyond the area of operations.
_MARGINS_DEG = {
    "population": 0.0,
    "lines": 0.0,
    "zones": 0.0,
    "bases": 0.0,
    "airfields": 2.0,
    "medical": 2.0,
    "regions": 15.0,
    "borders": 15.0,
    "rivers": 15.0,
    "lakes": 15.0,
}


def blank_refused(frame: Any, layer: str, faults: Iterable[Fault]) -> Any:
    """Return a layer without the geometries that faults of it name.

    Parameters
    ----------
    frame, layer
        The layer, and what it is.
    faults
        Those of its file.
    """
    if SCHEMAS[layer].shape == "none" or frame.empty:
        return frame
    named = {fault.where for fault in faults}
    refused = np.array(
        [
            "geometry" in named or f"{label}, geometry" in named
            for label in label_features(frame, layer)
        ]
    )
    if "id" in frame:
        # Of two features with one id, nothing tells which of them is meant.
        refused |= (frame["id"].duplicated() & frame["id"].notna()).to_numpy()
    if not refused.any():
        return frame
    shapes = frame.geometry.to_numpy(dtype=object).copy()
    shapes[refused] = None
    blanked = frame.copy()
    blanked.geometry = shapes
    return blanked


def find_outside_faults(
    frame: Any, layer: str, file: str, scenario: Scenario
) -> Iterator[Fault]:
    """Yield features of a layer that reach too far outside the area."""
    if layer in _MARGINS_DEG:
        yield from find_position_faults(
            frame, layer, file, scenario.area, margin_deg=_MARGINS_DEG[layer]
        )


def find_cross_faults(
    scenario: Scenario,
    frames: dict[str, Any],
    names: dict[str, str],
    found: dict[str, list[Fault]],
) -> list[Fault]:
    """Return faults that only show between layers, or between features.

    Parameters
    ----------
    scenario
        Says how far apart things that belong together may lie.
    frames
        Every layer, without the geometries that were refused.
    names
        How the file of each layer is called.
    found
        The faults of each layer so far.
    """
    lost = {layer for layer in found if found[layer] and frames[layer].empty}
    snap_m = scenario.movement.snap_km * 1000
    sites, lines, bases = frames["population"], frames["lines"], frames["bases"]
    faults: list[Fault] = []
    faults += find_period_faults(
        frames["zones"], "zones", ("period_from", "period_to"), names["zones"]
    )
    faults += find_period_faults(
        bases, "bases", ("valid_from", "valid_to"), names["bases"]
    )
    faults += find_period_faults(
        frames["medical"], "medical", ("valid_from", "valid_to"), names["medical"]
    )
    faults += find_region_faults(sites, frames["regions"], names["population"])
    faults += find_line_faults(
        lines,
        sites,
        (names["lines"], names["population"]),
        snap_m=snap_m,
        named=frozenset(fault.where for fault in found["lines"]),
    )
    faults += _find_table_faults(scenario, frames, names, lost)
    for layer in THEME_LAYERS:
        faults += find_calendar_faults(frames[layer], names[layer])
        faults += find_spot_faults(frames[layer], names[layer], scenario.area)
    # Where an id could not be read, it may be the very one that is named.
    if "population" not in lost and sites["id"].notna().all():
        known = set(sites["id"])
        faults += find_reference_faults(
            sites, "population", "counted_with", known, names["population"]
        )
        # The built-in markets stand near places of the built-in population.
        if _are_kin(scenario, "markets", "population"):
            faults += find_reference_faults(
                frames["markets"], "markets", "near_site_id", known, names["markets"]
            )
        if _are_kin(scenario, "medical", "population"):
            faults += find_reference_faults(
                frames["medical"], "medical", "site_id", known, names["medical"]
            )
        for layer in THEME_LAYERS:
            if _are_kin(scenario, layer, "population"):
                faults += find_reference_faults(
                    frames[layer], layer, "near_site_id", known, names[layer]
                )
        # A site that its roads show to be in the wrong spot says nothing of a base.
        sites = blank_refused(sites, "population", faults)
        faults += find_base_faults(bases, sites, names["bases"], snap_m=snap_m)
    return faults


def _find_table_faults(
    scenario: Scenario, frames: dict[str, Any], names: dict[str, str], lost: set[str]
) -> Iterator[Fault]:
    """Yield faults between the lines and the tables that go with them."""
    lines, speeds = frames["lines"], frames["speeds"]
    borne = set(lines["surface"].dropna())
    on_land = lines["kind"].isin(["road", "track"])
    slips = find_surface_slips(speeds, borne)
    yield from find_speed_faults(
        speeds, names["speeds"], set(lines["surface"][on_land].dropna()), slips
    )
    if "speeds" not in lost and speeds["surface"].notna().all():
        yield from find_surface_faults(
            lines, set(speeds["surface"]), set(slips.values()), names["lines"]
        )
    whole = "lines" not in lost and lines["id"].notna().all()
    yield from find_flood_faults(
        frames["flood"],
        names["flood"],
        lines if whole and _are_kin(scenario, "lines", "flood") else None,
        None if "speeds" in lost else set(speeds["vehicle"]),
    )
    if whole and _are_kin(scenario, "lines", "osm_lengths"):
        yield from find_osm_length_faults(
            frames["osm_lengths"], lines, names["osm_lengths"]
        )


def _are_kin(scenario: Scenario, one: str, other: str) -> bool:
    """Return whether two layers are both the folder's, or both one's own.

    Features of one's own have ids of their own, which the folder's do not name.
    """
    own = scenario.layers
    return (getattr(own, one) is None) == (getattr(own, other) is None)
