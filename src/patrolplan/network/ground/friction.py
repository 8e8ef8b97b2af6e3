"""From elevation, land cover or a raster of one's own to the friction of cells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.errors import Fault, LayerError, ScenarioError
from patrolplan.geodesy import project_geometry, unproject_spots
from patrolplan.layers.elevation import Elevation
from patrolplan.layers.rasters import sample_raster
from patrolplan.network.ground.grid import Ground
from patrolplan.open_ground_figures import OpenGroundFigures

__all__ = ["build_ground"]

_MOST_CELLS: Final = 4_000_000
"""Cells of a grid: some 200 MB while a sweep runs."""
_FRICTIONS: Final = (0.1, 100.0)
_HEIGHTS_M: Final = (-500.0, 9_000.0)
_BLOCK: Final = 16


def build_ground(
    area: tuple[float, float, float, float],
    figures: OpenGroundFigures,
    *,
    elevation: Elevation | None = None,
    rivers: Any = (),
    lakes: Any = (),
    file: str = "scenario",
) -> Ground:
    """Build the cells of an area, each with its friction.

    Slope, land cover and the planner's own friction are multiplied; a cell that any of
    them closes or does not know is closed, and so is one with a river or lake in it.

    Parameters
    ----------
    area
        West, south, east, north in degrees.
    figures
        What rasters there are, and what slopes and classes cost.
    elevation
        The grid of the layers; taken where the figures name no raster of heights.
    rivers, lakes
        Shapes in WGS 84 that nobody crosses.
    file
        Name of the scenario's file, for messages.

    Raises
    ------
    ScenarioError
        If there were more cells than memory is bounded to.
    LayerError
        If a raster cannot be read or meant, with the faults of all of them.
    """
    west, south, east, north = area
    edge = shapely.segmentize(shapely.box(west, south, east, north), 0.5)
    left, low, right, top = project_geometry(edge, to_metric=True).bounds
    cell_m = figures.cell_km * 1000
    rows, columns = (int(np.ceil(d / cell_m)) for d in (top - low, right - left))
    if rows * columns > _MOST_CELLS:
        found = f"{rows} by {columns} cells of {figures.cell_km:g} km in the area"
        expected = f"at most {_MOST_CELLS:,}"
        cause = "cells too small for a whole theatre"
        raise ScenarioError(
            [Fault(file, "open_ground.cell_km", found, expected, cause)]
        )
    plain = Ground(np.ones((rows, columns)), left, top, cell_m)
    friction = plain.friction
    faults: list[Fault] = []
    basis: list[str] = []
    for name, measure in (
        ("elevation", _measure_slopes),
        ("land_cover", _measure_cover),
        ("friction", _measure_friction),
    ):
        own = figures.list_rasters().get(name)
        try:
            if own is not None:
                found_friction = measure(plain, figures, Path(own))
            elif name == "elevation" and elevation is not None:
                heights_m = _sample_elevation(plain, elevation)
                found_friction = _weigh_slopes(heights_m, cell_m, figures)
            else:
                continue
        except LayerError as error:
            faults += error.faults
            continue
        basis.append(name)
        friction = friction * np.where(np.isnan(found_friction), np.inf, found_friction)
    if faults:
        raise LayerError(faults)
    water = _gather_water(rivers, lakes)
    friction = np.ascontiguousarray(friction)
    ground = Ground(friction, left, top, cell_m, water, tuple(basis))
    if water is not None:
        friction.ravel()[_find_wet_cells(ground, water)] = np.inf
    return ground


def _spread(ground: Ground, first: int, last: int, side: int) -> Any:
    """Return the spots of samples in some rows of cells, row by row."""
    step = ground.cell_m / side
    x = ground.west_m + (np.arange(ground.shape[1] * side) + 0.5) * step
    y = ground.north_m - (np.arange(first * side, last * side) + 0.5) * step
    return np.tile(x, len(y)), np.repeat(y, len(x))


def _sample(ground: Ground, path: Path, translate: Any) -> NDArray[np.float64]:
    rows, columns = ground.shape
    return sample_raster(
        path,
        rows,
        columns,
        lambda first, last, side: _spread(ground, first, last, side),
        translate,
    )


def _sample_between(
    ground: Ground, path: Path, limits: tuple[float, float], *, closed: float = np.nan
) -> tuple[NDArray[np.float64], int]:
    """Return the mean of each cell, and how many samples lie outside of the limits.

    Each sample is checked, not the mean: a mark for no data among fifteen heights
    leaves one that looks sound. A sample of ``closed`` counts as not known.
    """
    low, high = limits
    wrong = 0

    def translate(values: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal wrong
        measured = np.where(values == closed, np.nan, values)
        with np.errstate(invalid="ignore"):
            bad = (measured < low) | (measured > high)
        wrong += int(bad.sum())
        return np.where(bad, np.nan, measured)

    return _sample(ground, path, translate), wrong


def _measure_slopes(
    ground: Ground, figures: OpenGroundFigures, path: Path
) -> NDArray[np.float64]:
    low, high = _HEIGHTS_M
    heights_m, wrong = _sample_between(ground, path, _HEIGHTS_M)
    if wrong:
        found, expected = f"{wrong} samples outside", f"metres from {low:g} to {high:g}"
        cause = "no data without the raster's mark for it, or feet"
        raise LayerError([Fault(path.name, "heights", found, expected, cause)])
    _refuse_unknown(path, heights_m)
    return _weigh_slopes(heights_m, ground.cell_m, figures)


def _sample_elevation(ground: Ground, elevation: Elevation) -> NDArray[np.float64]:
    """Return the height of each cell, between the middles of four of the grid's."""
    x, y = _spread(ground, 0, ground.shape[0], 1)
    lon, lat = unproject_spots(x, y)
    heights = elevation.heights_m
    right = (lon - elevation.west_deg) / elevation.width_deg - 0.5
    down = (elevation.north_deg - lat) / elevation.height_deg - 0.5
    # Half a cell beyond the outermost middles the grid still speaks.
    outside = (right < -0.5) | (right > heights.shape[1] - 0.5)
    outside |= (down < -0.5) | (down > heights.shape[0] - 0.5)
    right = np.clip(right, 0, heights.shape[1] - 1)
    down = np.clip(down, 0, heights.shape[0] - 1)
    column = np.minimum(right.astype(int), heights.shape[1] - 2)
    row = np.minimum(down.astype(int), heights.shape[0] - 2)
    east, south = right - column, down - row
    upper = heights[row, column] * (1 - east) + heights[row, column + 1] * east
    lower = heights[row + 1, column] * (1 - east) + heights[row + 1, column + 1] * east
    found = upper * (1 - south) + lower * south
    return np.where(outside, np.nan, found).reshape(ground.shape)


def _weigh_slopes(
    heights_m: NDArray[np.float64], cell_m: float, figures: OpenGroundFigures
) -> NDArray[np.float64]:
    """Return the friction of slopes; up, down and across cost alike."""
    with np.errstate(invalid="ignore"):
        slope = np.hypot(*(_find_rises(heights_m, axis) / cell_m for axis in (0, 1)))
        friction = 1.0 + figures.slope_factor * slope
        friction = np.where(slope > figures.max_slope, np.inf, friction)
    return np.where(np.isnan(heights_m), np.nan, friction)


def _find_rises(heights_m: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return by how much the ground rises to the next cell, on the mean of both sides.

    Where one side is not known it is the other's, where neither is, none.
    """
    step = np.diff(heights_m, axis=axis)
    edge = [(0, 0), (0, 0)]
    edge[axis] = (1, 1)
    wide = np.pad(step, edge, constant_values=np.nan)
    size = heights_m.shape[axis]
    sides = np.stack(
        [wide.take(range(size), axis), wide.take(range(1, size + 1), axis)]
    )
    count = np.isfinite(sides).sum(axis=0)
    total: NDArray[np.float64] = np.where(np.isfinite(sides), sides, 0.0).sum(axis=0)
    rises: NDArray[np.float64] = total / np.maximum(count, 1)
    return rises


def _measure_cover(
    ground: Ground, figures: OpenGroundFigures, path: Path
) -> NDArray[np.float64]:
    table: Mapping[int, float] = {int(k): v for k, v in figures.classes.items()}
    unknown: set[float] = set()

    def translate(values: NDArray[np.float64]) -> NDArray[np.float64]:
        known, place = np.unique(values, return_inverse=True)
        weights = np.full(len(known), np.nan)
        for at, value in enumerate(known.tolist()):
            if np.isnan(value):
                continue
            if value not in table:
                unknown.add(value)
            elif table[int(value)] > 0:
                weights[at] = table[int(value)]
        found: NDArray[np.float64] = weights[place.reshape(values.shape)]
        return found

    friction = _sample(ground, path, translate)
    if unknown:
        some = ", ".join(f"{code:.10g}" for code in sorted(unknown)[:10])
        expected = f"classes of open_ground.classes: {', '.join(figures.classes)}"
        cause = "another land cover: map its codes"
        raise LayerError(
            [Fault(path.name, "classes", f"found {some}", expected, cause)]
        )
    _refuse_unknown(path, friction)
    return friction


def _measure_friction(
    ground: Ground, _: OpenGroundFigures, path: Path
) -> NDArray[np.float64]:
    low, high = _FRICTIONS
    # 0 is closed, as no data is.
    friction, wrong = _sample_between(ground, path, _FRICTIONS, closed=0)
    if wrong:
        found = f"{wrong} samples outside"
        expected = f"times as slow, from {low:g} to {high:g}, or 0 for closed"
        cause = "speeds, or no data without the raster's mark for it"
        raise LayerError([Fault(path.name, "friction", found, expected, cause)])
    _refuse_unknown(path, friction)
    return friction


def _refuse_unknown(path: Path, values: NDArray[np.float64]) -> None:
    if np.isnan(values).all():
        cause = "another area, or longitude and latitude exchanged"
        found, expected = "no cell of the area", "data in the scenario's area"
        raise LayerError([Fault(path.name, "extent", found, expected, cause)])


def _gather_water(rivers: Any, lakes: Any) -> Any:
    """Return rivers and lakes as one prepared shape in metres, None if none."""
    shapes = [shape for shape in (*rivers, *lakes) if shape is not None]
    if not shapes:
        return None
    water = shapely.union_all(
        project_geometry(np.array(shapes, dtype=object), to_metric=True)
    )
    shapely.prepare(water)
    return water


def _find_wet_cells(ground: Ground, water: Any) -> NDArray[np.int64]:
    """Return the cells that water touches: their chain lets nothing through."""
    rows, columns = ground.shape
    cells = np.arange(rows * columns).reshape(rows, columns)
    # Blocks first: most of them are dry, and so are all their cells.
    blocks = np.array(
        [
            cells[row : row + _BLOCK, column : column + _BLOCK][[0, -1], [0, -1]]
            for row in range(0, rows, _BLOCK)
            for column in range(0, columns, _BLOCK)
        ]
    )
    boxes = _draw_boxes(ground, blocks[:, 0], blocks[:, 1])
    wet = []
    for first, last in blocks[shapely.intersects(water, boxes)].tolist():
        down, right = divmod(first, columns)
        below, beyond = divmod(last, columns)
        near = cells[down : below + 1, right : beyond + 1].ravel()
        wet.append(near[shapely.intersects(water, _draw_boxes(ground, near, near))])
    return np.concatenate(wet) if wet else np.zeros(0, dtype=np.int64)


def _draw_boxes(
    ground: Ground, first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Return the rectangles from upper left to lower right cells."""
    left, top = ground.find_middles(first)
    right, low = ground.find_middles(last)
    half = ground.cell_m / 2
    drawn: NDArray[np.object_] = shapely.box(
        left - half, low - half, right + half, top + half
    )
    return drawn
