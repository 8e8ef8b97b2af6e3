"""Incident files and sites made by hand, and the extract of UCDP GED where it is."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from patrolplan.geodesy import WGS84
from patrolplan.layers import read_incidents

REPO = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("PATROLPLAN_SHARED", REPO.parent / "shared"))
GED = SHARED / "geo" / "reference" / "ucdp_ged20_1_bbox_1995_2017.csv"
AREA = (-7, 13.5, 5, 25)
AS_OF = date(2014, 11, 3)
SCATTERED = ("precision", "origin")

needs_ged = pytest.mark.skipif(
    not GED.is_file(), reason=f"NOT CHECKED on real incidents: no {GED.name}"
)


def write_csv(path: Path, rows, *, delimiter=",", encoding="utf-8") -> Path:
    """Write rows, the first of which holds the headings."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_log(path: Path, *incidents, columns=()) -> Path:
    """Write a plain log of (lat, lon, date, then the columns named)."""
    return write_csv(path, [["lat", "lon", "date", *columns], *incidents])


def read_log(path: Path, *incidents, columns=(), **parts):
    return read_incidents(write_log(path, *incidents, columns=columns), **parts)


def scatter(folder: Path, spread: int, close: int, *cells):
    """Read made-up incidents all over the area, and more in one place near Gao."""
    chance = np.random.default_rng(3)
    rows = [
        (f"{lat:.4f}", f"{lon:.4f}")
        for lon, lat in chance.uniform((-6, 14), (4, 24), (spread, 2))
    ]
    rows += [
        (f"{lat:.4f}", f"{lon:.4f}")
        for lon, lat in chance.uniform((-0.4, 15.9), (0.4, 16.6), (close, 2))
    ]
    cells = cells or ("place", "reported")
    days = [str(AS_OF - timedelta(days=n)) for n in range(len(rows))]
    logged = [(*row, day, *cells) for row, day in zip(rows, days, strict=True)]
    return read_log(folder / "log.csv", *logged, columns=SCATTERED)


def build_places(**spots) -> gpd.GeoDataFrame:
    """Return sites by id of (lon, lat) or (lon, lat, people)."""
    return gpd.GeoDataFrame(
        {
            "id": list(spots),
            "name": [key.title() for key in spots],
            "population": [
                float(spot[2]) if len(spot) > 2 else float("nan")
                for spot in spots.values()
            ],
        },
        geometry=gpd.points_from_xy(
            [spot[0] for spot in spots.values()], [spot[1] for spot in spots.values()]
        ),
        crs=WGS84,
    )
