"""Ground that is crossed without a line: cells with a friction, and ways over them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import measure_parts_m, project_geometry, unproject_spots
from patrolplan.network.ground.kernels import straighten, sweep

__all__ = ["Ground", "OpenWay", "find_open_way", "trace_way"]

Position = tuple[float, float]
_DECIMALS = 6
_REACH = 16


class OpenWay(NamedTuple):
    """A way across open ground.

    Attributes
    ----------
    coordinates
        Positions along it in degrees.
    length_m
        Its geodesic length in metres, as drawn.
    friction
        How many times as slow as flat open ground it is, along its length.
    """

    coordinates: tuple[Position, ...]
    length_m: float
    friction: float

    @property
    def effort_m(self) -> float:
        """Metres of flat open ground that take as long."""
        return self.length_m * self.friction


@dataclass(frozen=True, eq=False)
class Ground:
    """Square cells in the metric system of the house, each with its friction.

    Parameters
    ----------
    friction
        Times as slow as flat open ground, above 0; ``inf`` where nobody passes. Rows
        from north to south, columns from west to east.
    west_m, north_m
        Outer corner of the first cell, in the metric system.
    cell_m
        Side of a cell.
    water
        Rivers and lakes as shapely geometry in the metric system, or None: no way from
        a place to its nearest open cell crosses it.
    basis
        What the friction was made from: ``elevation``, ``land_cover``, ``friction``.
    """

    friction: NDArray[np.float64]
    west_m: float
    north_m: float
    cell_m: float
    water: Any = None
    basis: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.friction.shape[0]), int(self.friction.shape[1])

    def find_cells(
        self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return the number of the cell of each spot, row by row; -1 outside.

        Parameters
        ----------
        x_m, y_m
            Spots in the metric system.
        """
        rows, columns = self.shape
        row = np.floor((self.north_m - y_m) / self.cell_m).astype(np.int64)
        column = np.floor((x_m - self.west_m) / self.cell_m).astype(np.int64)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        return np.where(inside, row * columns + column, -1)

    def find_middles(
        self, cells: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the middles of cells in the metric system.

        Parameters
        ----------
        cells
            Their numbers.
        """
        rows, columns = np.divmod(cells, self.shape[1])
        return (
            self.west_m + (columns + 0.5) * self.cell_m,
            self.north_m - (rows + 0.5) * self.cell_m,
        )

    def is_open(self, cells: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether cells can be passed; one outside, -1, cannot.

        Parameters
        ----------
        cells
            Their numbers.
        """
        flat = self.friction.ravel()
        return (cells >= 0) & np.isfinite(flat[np.maximum(cells, 0)])

    def find_landing(self, position: Position, landing_m: float) -> int | None:
        """Return the open cell that a place is left by, None if there is none.

        That is its own, else the nearest whose middle a straight line joins to it
        without crossing water: of a town on a bank, one on its own side.

        Parameters
        ----------
        position
            The place, in degrees.
        landing_m
            How far the middle of the cell may be.
        """
        spot = project_geometry(shapely.Point(position), to_metric=True)
        x_m, y_m = np.array([spot.x]), np.array([spot.y])
        own = self.find_cells(x_m, y_m)
        if self.is_open(own)[0]:
            return int(own[0])
        steps = int(np.ceil(landing_m / self.cell_m))
        aside_m = np.arange(-steps, steps + 1) * self.cell_m
        near_x, near_y = np.meshgrid(spot.x + aside_m, spot.y + aside_m)
        near = self.find_cells(near_x.ravel(), near_y.ravel())
        near = np.unique(near[self.is_open(near)])
        middle_x, middle_y = self.find_middles(near)
        away_m = np.hypot(middle_x - spot.x, middle_y - spot.y)
        for at in np.lexsort((near, away_m)).tolist():
            if away_m[at] > landing_m:
                return None
            line = shapely.LineString([(spot.x, spot.y), (middle_x[at], middle_y[at])])
            if self.water is None or not line.intersects(self.water):
                return int(near[at])
        return None


def trace_way(
    ground: Ground,
    before: NDArray[np.int32],
    cell: int,
    origin: Position | None,
    destination: Position | None,
) -> OpenWay:
    """Return the way that a sweep found to a cell, straightened.

    Parameters
    ----------
    ground
        The cells.
    before
        The cell before each, of the sweep.
    cell
        Where it ends.
    origin, destination
        Positions in degrees that it begins and ends at, in the first and the last cell
        or a landing away; None for the middle of the cell.
    """
    chain = [cell]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    cells = np.array(chain[::-1], dtype=np.int64)
    rows, columns = np.divmod(cells, ground.shape[1])
    kept, costs = straighten(ground.friction, rows, columns)
    middles = np.column_stack(unproject_spots(*ground.find_middles(cells[kept])))
    path = [(round(x, _DECIMALS), round(y, _DECIMALS)) for x, y in middles.tolist()]
    lengths = np.hypot(np.diff(rows[kept]), np.diff(columns[kept]))
    flat = ground.friction.ravel()
    frictions = (costs[1:] / lengths).tolist()
    if origin is not None:
        path, frictions = [origin, *path], [float(flat[cells[0]]), *frictions]
    if destination is not None:
        path, frictions = [*path, destination], [*frictions, float(flat[cells[-1]])]
    parts_m = measure_parts_m(path) if len(path) > 1 else np.zeros(0)
    length_m = float(parts_m.sum())
    effort_m = float((parts_m * np.array(frictions)).sum())
    friction = effort_m / length_m if length_m else float(flat[cell])
    drawn = [spot for n, spot in enumerate(path) if n == 0 or spot != path[n - 1]]
    return OpenWay(tuple(drawn), length_m, friction)


def find_open_way(
    ground: Ground,
    origin: Position,
    destination: Position,
    *,
    limit_m: float = inf,
    landing_m: float = 5000.0,
) -> OpenWay | None:
    """Find the cheapest way between two positions across open ground.

    The sweep is exact on its cells, of which each has 16 neighbours; the way is then
    straightened where that is no dearer.

    Parameters
    ----------
    ground
        The cells.
    origin, destination
        Longitude and latitude in degrees.
    limit_m
        Metres of flat open ground that it may be worth.
    landing_m
        How far open ground may be from either end.

    Returns
    -------
    The way, or None if there is none within the limit.
    """
    cells = [ground.find_landing(spot, landing_m) for spot in (origin, destination)]
    if cells[0] is None or cells[1] is None:
        return None
    wanted = np.zeros(ground.friction.size, dtype=np.bool_)
    wanted[cells[1]] = True
    seeds = np.array([cells[0]], dtype=np.int64)
    limit = limit_m / ground.cell_m
    _, before, hits = sweep(ground.friction, seeds, wanted, 1, limit, _REACH)
    if not len(hits):
        return None
    return trace_way(ground, before, cells[1], origin, destination)
