"""Hot spots of incidents as a second opinion: a density surface, and Getis-Ord Gi*.

Both describe where incidents were reported in the last years, on cells far wider than
a village. They never make or change a threat, a risk or a need: what they are for is
to be laid beside the threat, and to make somebody ask where the two disagree.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import WGS84, project_geometry
from patrolplan.histories import HotspotFigures, IncidentFigures
from patrolplan.layers.incidents import Incidents
from patrolplan.need.spreading import list_points, list_spreads_km
from patrolplan.planfile import Code

__all__ = [
    "HOTSPOT_COLUMNS",
    "Hotspots",
    "compare_with_threat",
    "estimate_hotspots",
]

HOTSPOT_COLUMNS: Final[Mapping[str, str]] = {
    "incidents": "incidents stated to be in the cell; those of a region are left out",
    "density": "kernel density, incidents per 1,000 km2 and year",
    "z": "Getis-Ord Gi*, in standard deviations",
    "p": "two-sided p-value by permutation: twice the folded one, 1 at most",
    "hot": "whether the cell is hot after correction for many tests",
}
"""Columns of the cells beside their geometry, squares in WGS 84."""

# The rank among the shuffled is counted from the nearer end: folded, one-sided.
_ENDS: Final = 2
_EARTH_KM: Final = 6371.0088
_DAYS_PER_YEAR: Final = 365.25
_HIGH_THREAT: Final = 4


@dataclass(frozen=True, eq=False)
class Hotspots:
    """Hot spots of incidents, or why there are none to show.

    Parameters
    ----------
    cells
        A GeoDataFrame with ``HOTSPOT_COLUMNS``; empty if refused.
    count
        How many incidents they are of.
    first_day, last_day
        The window that these lie in.
    refusal
        ``hotspots_refused`` with the count and the least that there must be, or None.
    left_out
        Incidents in the window of which no more than the region is known: they have
        no part in Gi*, and a wide one in the density.
    """

    cells: Any
    count: int
    first_day: date
    last_day: date
    refusal: Code | None
    left_out: int


def estimate_hotspots(
    incidents: Incidents,
    *,
    as_of: date,
    area: tuple[float, float, float, float],
    figures: HotspotFigures | None = None,
    settings: IncidentFigures | None = None,
) -> Hotspots:
    """Estimate where incidents were reported more than chance would have it.

    Parameters
    ----------
    incidents
        As :func:`~patrolplan.layers.incidents.read_incidents` returns them. Those that
        patrols discovered are left out, whatever the scenario makes of them.
    as_of
        The last day of the window.
    area
        West, south, east, north in degrees: what is tiled with cells.
    figures, settings
        The sections ``[hotspots]`` and ``[incidents]`` of the scenario.

    Returns
    -------
    Refused, without cells, below ``least_incidents`` incidents of precision area or
    better within the window.

    Notes
    -----
    The density is a Gaussian kernel on the sphere (haversine). Its bandwidth is
    ``bandwidth_km``, widened for each precision by the spread of the position: the
    root of the sum of both squares.

    Gi* (Getis and Ord 1992, Ord and Getis 1995) compares the count of a cell and its
    eight neighbours with what a shuffle of all cells gives. A cell and its neighbours
    are wider than the doubt in a position of precision area. p-values are corrected by
    Benjamini and Hochberg; only cells above the mean are called hot. A cell without
    incidents is never called cold: that nobody reported is no proof of peace.
    """
    figures = figures or HotspotFigures()
    settings = settings or IncidentFigures()
    first_day = as_of - timedelta(days=figures.window_days - 1)
    frame = _cut_window(incidents.frame, first_day, as_of, area)
    placed = frame[frame["precision"].to_numpy(object) != "region"]
    count = round(float(placed["share"].sum()))
    parts: dict[str, Any] = {
        "count": count,
        "first_day": first_day,
        "last_day": as_of,
        "left_out": round(float(frame["share"].sum())) - count,
    }
    if count < figures.least_incidents:
        values = {"count": count, "least": figures.least_incidents}
        refusal = Code(code="hotspots_refused", values=values)
        return Hotspots(cells=_build_empty(), refusal=refusal, **parts)
    # Loaded where it is used: it takes two seconds, and few runs look for hot spots.
    import esda

    squares, shape = _tile(area, figures.cell_km)
    counts = _count_in_cells(placed, squares, shape, figures.cell_km)
    z, p = _measure_gi_star(counts, shape, figures)
    cells = gpd.GeoDataFrame(
        {
            "incidents": counts,
            "density": _estimate_density(frame, squares, figures, settings),
            "z": z,
            "p": p,
            "hot": (z > 0) & (p <= esda.fdr(p, figures.false_discovery_rate)),
        },
        geometry=project_geometry(squares, to_metric=False),
        crs=WGS84,
    )
    return Hotspots(cells=cells, refusal=None, **parts)


def compare_with_threat(sites: Any, threat: Any, hotspots: Hotspots) -> Any:
    """Lay hot spots beside the threat of each site, to ask where they disagree.

    Parameters
    ----------
    sites
        As for :func:`~patrolplan.need.threat.estimate_threat`.
    threat
        What that returned.
    hotspots
        As :func:`estimate_hotspots` returns them.

    Returns
    -------
    A DataFrame with ``site_id``, ``threat``, ``hot`` and ``opinion``: ``agree``,
    ``hot_but_low`` (a hot cell, threat below 4), ``high_but_not_hot``, or ``none``
    where hot spots are refused or threat is unknown. Threat is as it was.
    """
    cells = hotspots.cells
    hot = np.zeros(len(sites), dtype=bool)
    for square in cells.geometry[cells["hot"].to_numpy(bool)]:
        hot |= shapely.covers(square, sites.geometry.to_numpy())
    levels = threat["threat"].to_numpy(float)
    high = levels >= _HIGH_THREAT
    opinion = np.select(
        [
            np.full(len(sites), hotspots.refusal is not None) | np.isnan(levels),
            hot & ~high,
            high & ~hot,
        ],
        ["none", "hot_but_low", "high_but_not_hot"],
        "agree",
    )
    return pd.DataFrame(
        {
            "site_id": threat["site_id"],
            "threat": threat["threat"],
            "hot": hot,
            "opinion": opinion,
        }
    )


def _build_empty() -> Any:
    columns = {name: pd.Series(dtype="float64") for name in HOTSPOT_COLUMNS}
    columns["hot"] = pd.Series(dtype="bool")
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=WGS84), crs=WGS84)


def _cut_window(
    frame: Any, first_day: date, last_day: date, area: tuple[float, float, float, float]
) -> Any:
    lon, lat = list_points(frame)
    days = frame["date"]
    within = np.array([first_day <= day <= last_day for day in days], dtype=bool)
    west, south, east, north = area
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return frame[within & inside & ~frame["discovered"].to_numpy(bool)]


def _tile(
    area: tuple[float, float, float, float], cell_km: float
) -> tuple[NDArray[np.object_], tuple[int, int]]:
    """Return squares of equal size in metres that cover an area, row by row."""
    # An edge bends between its corners in the metric system.
    outline = shapely.segmentize(shapely.box(*area), 0.25)
    bounds = np.array(project_geometry(outline, to_metric=True).bounds)
    side_m = cell_km * 1000
    first = np.floor(bounds[:2] / side_m)
    columns, rows = (np.ceil(bounds[2:] / side_m) - first).astype(int)
    left = (first[0] + np.arange(columns)) * side_m
    low = (first[1] + np.arange(rows)) * side_m
    xs, ys = np.meshgrid(left, low)
    squares = shapely.box(xs, ys, xs + side_m, ys + side_m).ravel()
    return squares, (int(rows), int(columns))


def _count_in_cells(
    frame: Any,
    squares: NDArray[np.object_],
    shape: tuple[int, int],
    cell_km: float,
) -> NDArray[np.float64]:
    points = project_geometry(frame.geometry.to_numpy(), to_metric=True)
    xs, ys = shapely.get_x(points), shapely.get_y(points)
    left, low, _, _ = squares[0].bounds
    column = np.floor((xs - left) / (cell_km * 1000)).astype(int)
    row = np.floor((ys - low) / (cell_km * 1000)).astype(int)
    shares = frame["share"].to_numpy(float)
    # A point on the very edge of the area may lie a hair beyond the last square.
    row, column = np.clip(row, 0, shape[0] - 1), np.clip(column, 0, shape[1] - 1)
    counts = np.bincount(
        row * shape[1] + column, weights=shares, minlength=len(squares)
    )
    # Twelfths of a year do not sum up to 1 in binary: equal counts must be equal.
    return np.round(counts, 9)


def _measure_gi_star(
    counts: NDArray[np.float64], shape: tuple[int, int], figures: HotspotFigures
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Gi* and its two-sided p-value by conditional permutation."""
    import esda
    import libpysal

    if len(counts) == 1:
        # There is nothing to compare it with.
        return np.zeros(1), np.ones(1)
    neighbours = libpysal.weights.lat2W(*shape, rook=False)
    neighbours = libpysal.weights.fill_diagonal(neighbours, 1.0)
    # Where one cell holds all incidents, or each as many, there is 0 / 0 in it.
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        # That its own p-values will be two-sided one day: ours are of the shuffles.
        warnings.simplefilter("ignore", DeprecationWarning)
        measured = esda.G_Local(
            counts,
            neighbours,
            # Its z holds for weights of 0 and 1 only: rows of 1/9 make it a third.
            transform="B",
            permutations=figures.permutations,
            star=None,
            n_jobs=1,
            seed=figures.seed,
        )
    # Sums of equal counts in another order are equal but for the last digits.
    shuffled, seen = np.round(measured.rGs, 12), np.round(measured.Gs, 12)[:, None]
    nearer = np.minimum((shuffled >= seen).sum(axis=1), (shuffled <= seen).sum(axis=1))
    p = _ENDS * (nearer + 1) / (figures.permutations + 1)
    z = np.asarray(measured.Zs, dtype=float)
    # Cells that all hold as many are no higher than their mean.
    return np.where(np.isfinite(z), z, 0.0), np.minimum(1.0, p)


def _estimate_density(
    frame: Any,
    squares: NDArray[np.object_],
    figures: HotspotFigures,
    settings: IncidentFigures,
) -> NDArray[np.float64]:
    """Return incidents per 1,000 km2 and year amid each square."""
    from sklearn.neighbors import KernelDensity

    middles = project_geometry(shapely.centroid(squares), to_metric=False)
    at = np.radians(np.column_stack([shapely.get_y(middles), shapely.get_x(middles)]))
    lon, lat = list_points(frame)
    where = np.radians(np.column_stack([lat, lon]))
    shares = frame["share"].to_numpy(float)
    spreads = list_spreads_km(frame, settings)
    density = np.zeros(len(squares))
    for spread in np.unique(spreads):
        mine = spreads == spread
        kernel = KernelDensity(
            bandwidth=math.hypot(figures.bandwidth_km, spread) / _EARTH_KM,
            metric="haversine",
        ).fit(where[mine], sample_weight=shares[mine])
        # Per steradian, which on so small a part of the sphere is a plane.
        density += np.exp(kernel.score_samples(at)) * shares[mine].sum()
    years = figures.window_days / _DAYS_PER_YEAR
    return density / _EARTH_KM**2 * 1000 / years
