"""Lines of a scenario in a schema that is not the house's, by its ``[network]``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolplan.errors import Fault, LayerError
from patrolplan.geodesy import WGS84, measure_distance_m
from patrolplan.layers.cells import type_cells
from patrolplan.layers.ferries import find_crossings_min
from patrolplan.layers.files import build_empty
from patrolplan.layers.road_files import read_lines
from patrolplan.layers.road_rules import classify_lines, read_road_rules
from patrolplan.layers.schema import SCHEMAS
from patrolplan.network_figures import NetworkFigures
from patrolplan.safety_figures import SafetyFigures

__all__ = ["is_foreign", "read_own_lines"]

_AS_THEY_ARE = ("name", "ref", "length_km")


def is_foreign(path: Path, figures: NetworkFigures) -> bool:
    """Return whether a lines layer is read by its mapping, not as the house's own.

    Parameters
    ----------
    path
        The layer.
    figures
        The scenario's ``[network]``.
    """
    if figures.file is not None:
        # Then the table speaks of that file, and the layer is the house's.
        return False
    mapped = bool(figures.columns or figures.values)
    return mapped or path.suffix.lower() not in (".geojson", ".json", ".gpkg", ".csv")


def read_own_lines(
    path: Path, figures: NetworkFigures, *, safety: SafetyFigures
) -> tuple[Any, list[Fault]]:
    """Read a lines layer with foreign columns and words as the house's own.

    Lines that no vehicle may ever use are left out, and one-way roads lead both ways:
    a patrol goes out and home by the same lines.

    Parameters
    ----------
    path
        The file, as of :func:`~patrolplan.layers.road_files.read_lines`.
    figures
        The scenario's ``[network]``.
    safety
        How much it may hold: its ``[safety]``.

    Returns
    -------
    As of :func:`~patrolplan.layers.files.read_layer`.
    """
    schema = SCHEMAS["lines"]
    try:
        rules = read_road_rules(figures.rules)
        lines = read_lines(path, figures, rules, safety=safety)
    except LayerError as error:
        return build_empty(schema), list(error.faults)
    classes = classify_lines(lines, rules)
    steps_m = np.zeros(len(lines.lon))
    steps_m[:-1] = measure_distance_m(
        lines.lon[:-1], lines.lat[:-1], lines.lon[1:], lines.lat[1:]
    )
    steps_m[lines.begins[1:] - 1] = 0
    length_m = np.add.reduceat(steps_m, lines.begins[:-1])
    ferry = classes.kind == "ferry"
    nothing = np.full(len(lines), np.nan)
    wait_min = lines.tags.get("wait_min", nothing)
    wait_min = np.where(np.isnan(wait_min), figures.ferry_wait_min, wait_min)
    columns: dict[str, Any] = {
        "id": lines.ids,
        "kind": classes.kind,
        "surface": np.where(ferry, "water", classes.surface),
        "status_dry": np.where(classes.open_dry, "open", "closed"),
        "status_rains": np.where(classes.open_rains, "open", "closed"),
        "wait_min": np.where(ferry, wait_min, np.nan),
        "crossing_min": np.where(
            ferry, find_crossings_min(lines, length_m, figures), np.nan
        ),
        "source": np.full(len(lines), path.name, dtype=object),
    }
    columns |= {name: lines.tags[name] for name in _AS_THEY_ARE if name in lines.tags}
    spots = np.column_stack((lines.lon, lines.lat))
    line = np.repeat(np.arange(len(lines)), np.diff(lines.begins))
    drawn: Any = shapely.linestrings(spots, indices=line)
    kept = (classes.kind != "") & (classes.open_dry | classes.open_rains)
    frame = gpd.GeoDataFrame(pd.DataFrame(columns), geometry=drawn, crs=WGS84)
    typed, faults = type_cells(frame[kept].reset_index(drop=True), schema, path.name)
    if typed.empty:
        cause = "another layer, or words that were mapped wrong"
        faults = [Fault(path.name, "lines", "none that is driven", "a line", cause)]
    return typed, faults
