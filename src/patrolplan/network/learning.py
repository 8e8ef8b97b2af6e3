"""Speeds learned from tracks: planned against real, by surface and season.

Two fixes tell a speed where both lie on lines of one surface and the time between them
is neither too short nor too long. Of all such pairs only sums are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolplan.geodesy import measure_distance_m, project_geometry
from patrolplan.layers.tracks import Segment, Track
from patrolplan.learning_figures import LearningFigures

__all__ = ["LEARNED_COLUMNS", "Learned", "learn_speeds", "replace_speeds"]

LEARNED_COLUMNS: Final = {
    "vehicle": "vehicle class",
    "surface": "surface",
    "season": "dry or rains",
    "planned_kmh": "speed of the table, km/h",
    "learned_kmh": "kilometres moved by hours moved, km/h",
    "ratio": "learned by planned",
    "km": "kilometres moved",
    "hours": "hours moved",
    "tracks": "how many tracks have any of them",
    "track_sd": "standard deviation of the logarithm of the tracks' speeds, from 3 on",
    "believed": "whether enough was driven",
}
"""Columns of what was learned."""

_LEAST_TRACKS: Final = 3
_SECONDS: Final = 3600.0
_KM: Final = 1000.0


@dataclass(frozen=True, eq=False)
class Learned:
    """What tracks tell of speeds.

    Parameters
    ----------
    frame
        A DataFrame with ``LEARNED_COLUMNS``: a row for each surface and season that
        was driven on, by name.
    off_lines_km
        Kilometres moved that lie on no line, or on lines of two surfaces.
    untimed
        Fixes without a time.
    """

    frame: Any
    off_lines_km: float
    untimed: int


def learn_speeds(
    tracks: Sequence[Track],
    lines: Any,
    speeds: Any,
    *,
    vehicle: str,
    find_season: Callable[[date], str],
    timezone: str,
    figures: LearningFigures,
) -> Learned:
    """Learn how fast a vehicle class moves on each surface in each season.

    Parameters
    ----------
    tracks
        What patrols brought home.
    lines, speeds
        The layers. Ferries tell nothing, nor do surfaces without a speed of the class.
    vehicle
        The vehicle class that made the tracks.
    find_season, timezone
        The season of a local day, and whose days are meant.
    figures
        What counts as moving, and on a line.
    """
    planned = {
        (row.surface, row.season): float(row.speed_kmh)
        for row in speeds.itertuples()
        if row.vehicle == vehicle
    }
    driven = lines[
        lines["surface"].isin({surface for surface, _ in planned})
        & (lines["kind"] != "ferry")
    ].reset_index(drop=True)
    surfaces = driven["surface"].to_numpy(dtype=object)
    tree = shapely.STRtree(project_geometry(driven.geometry.to_numpy(), to_metric=True))
    zone = ZoneInfo(timezone)
    sums: dict[tuple[str, str], dict[int, list[float]]] = {}
    off_lines_km = 0.0
    for number, track in enumerate(tracks):
        for segment in track.segments:
            thin = _thin(segment, figures.step_s)
            where = _find_surfaces(thin, tree, surfaces, figures.snap_m)
            gaps_s = np.diff(thin.time_s)
            moved_km = (
                measure_distance_m(
                    thin.lon[:-1], thin.lat[:-1], thin.lon[1:], thin.lat[1:]
                )
                / _KM
            )
            speeds_kmh = moved_km / gaps_s * _SECONDS
            moving = (
                (gaps_s <= figures.gap_s)
                & (speeds_kmh >= figures.least_kmh)
                & (speeds_kmh <= figures.most_kmh)
            )
            for pair in np.flatnonzero(moving).tolist():
                surface = where[pair]
                if surface is None or surface != where[pair + 1]:
                    off_lines_km += moved_km[pair]
                    continue
                moment = datetime.fromtimestamp(thin.time_s[pair], UTC)
                season = find_season(moment.astimezone(zone).date())
                kept = sums.setdefault((surface, season), {})
                total = kept.setdefault(number, [0.0, 0.0])
                total[0] += moved_km[pair]
                total[1] += gaps_s[pair] / _SECONDS
    rows = [
        _tabulate(vehicle, key, planned.get(key), sums[key], figures.least_km)
        for key in sorted(sums)
    ]
    return Learned(
        pd.DataFrame(rows, columns=list(LEARNED_COLUMNS)),
        off_lines_km,
        sum(track.untimed for track in tracks),
    )


def _thin(segment: Segment, step_s: float) -> Segment:
    """Return a segment without the fixes that follow one kept too soon."""
    kept = [0]
    for number, moment in enumerate(segment.time_s.tolist()):
        if moment - segment.time_s[kept[-1]] >= step_s:
            kept.append(number)
    return Segment(segment.lon[kept], segment.lat[kept], segment.time_s[kept])


def _find_surfaces(
    segment: Segment,
    tree: shapely.STRtree,
    surfaces: NDArray[np.object_],
    snap_m: float,
) -> list[str | None]:
    """Return the surface of the line nearest to each fix, None where none is near."""
    found: list[str | None] = [None] * len(segment.lon)
    if not len(surfaces):
        return found
    points = project_geometry(shapely.points(segment.lon, segment.lat), to_metric=True)
    fixes, lines = tree.query_nearest(points, max_distance=snap_m, all_matches=True)
    near: dict[int, set[str]] = {}
    for fix, line in zip(fixes.tolist(), lines.tolist(), strict=True):
        near.setdefault(fix, set()).add(surfaces[line])
    for fix, alike in near.items():
        # Of several that are alike near, such as at a crossing, all must agree.
        found[fix] = alike.pop() if len(alike) == 1 else None
    return found


def _tabulate(
    vehicle: str,
    key: tuple[str, str],
    planned_kmh: float | None,
    by_track: dict[int, list[float]],
    least_km: float,
) -> dict[str, Any]:
    km = sum(total[0] for total in by_track.values())
    hours = sum(total[1] for total in by_track.values())
    logs = [math.log(total[0] / total[1]) for total in by_track.values()]
    learned_kmh = km / hours
    enough = len(logs) >= _LEAST_TRACKS
    return {
        "vehicle": vehicle,
        "surface": key[0],
        "season": key[1],
        "planned_kmh": planned_kmh,
        "learned_kmh": round(learned_kmh, 1),
        "ratio": None if planned_kmh is None else round(learned_kmh / planned_kmh, 2),
        # No more than is needed to judge them: sums of few fixes would tell of a day.
        "km": round(km),
        "hours": round(hours, 1),
        "tracks": len(logs),
        "track_sd": round(float(np.std(logs, ddof=1)), 2) if enough else None,
        "believed": km >= least_km,
    }


def replace_speeds(speeds: Any, learned: Learned) -> Any:
    """Return the speeds table with what was learned and is believed in it.

    A row that was learned says so in its source, and bears medium confidence; its fuel
    and all other rows stay as they are.

    Parameters
    ----------
    speeds
        The speeds layer.
    learned
        What tracks tell.
    """
    table = speeds.copy()
    for row in learned.frame.itertuples():
        if not row.believed or row.planned_kmh is None:
            continue
        which = (
            (table["vehicle"] == row.vehicle)
            & (table["surface"] == row.surface)
            & (table["season"] == row.season)
        )
        table.loc[which, "speed_kmh"] = row.learned_kmh
        table.loc[which, "source"] = (
            f"learned from returned tracks, {row.km} km moving; "
            f"planned {row.planned_kmh:g} km/h before"
        )
        table.loc[which, "confidence"] = "medium"
    return table
