"""What no single cell can know: places in the wrong spot, bases of no place.

Most bad geometry passes silently through a whole mapping stack. Here it is refused,
with the likely cause: longitude and latitude exchanged, a sign flipped, metres taken
for degrees. A feature without geometry is one whose geometry was refused already: it
is passed over here, so that one fault does not draw others after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.errors import Fault
from patrolplan.geodesy import measure_distance_m, project_geometry
from patrolplan.layers.cells import label_features

__all__ = [
    "find_base_faults",
    "find_period_faults",
    "find_position_faults",
    "find_reference_faults",
    "find_region_faults",
]

Area = tuple[float, float, float, float]

REGION_TOLERANCE_M = 30_000.0
"""The shipped region borders are drawn at 1:10 million, and err: Anéfis, a town of
Kidal, falls 28 km into Gao."""

WHOLE_LAYER = 5
"""At least so many features outside the area, and more than half of their layer, have
one cause: a planner mends the layer, not its features one by one."""

_NORTHERN = {"timbuktu": "tombouctou"}


def _guess_cause(bounds: NDArray[np.float64], area: Area) -> str:
    """Return the likely cause of a feature that lies outside the area."""
    west, south, east, north = bounds

    def fits(w: float, s: float, e: float, n: float) -> bool:
        return w >= area[0] and s >= area[1] and e <= area[2] and n <= area[3]

    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        return "metres taken for degrees, or the wrong CRS declared?"
    if fits(south, west, north, east):
        return "longitude and latitude exchanged?"
    if fits(-east, south, -west, north):
        return "the sign of the longitude flipped?"
    if fits(west, -north, east, -south):
        return "the sign of the latitude flipped?"
    if abs(west) < 1e-3 and abs(south) < 1e-3:
        return "0, 0 was written for unknown?"
    return "the wrong CRS declared, or a place of another theatre?"


def find_position_faults(
    frame: Any, layer: str, file: str, area: Area, *, margin_deg: float = 0.0
) -> Iterator[Fault]:
    """Yield features that reach outside the area of operations.

    Parameters
    ----------
    frame
        A GeoDataFrame in WGS 84.
    layer, file
        What it is, and how it is called.
    area
        West, south, east, north in degrees.
    margin_deg
        How far features may reach outside.
    """
    bounds = shapely.bounds(frame.geometry.to_numpy())
    # What has no position is a fault of its own, named where the layer was read.
    bounds[~np.isfinite(bounds).all(axis=1)] = np.nan
    west, south = area[0] - margin_deg, area[1] - margin_deg
    east, north = area[2] + margin_deg, area[3] + margin_deg
    outside = np.flatnonzero(
        (bounds[:, 0] < west)
        | (bounds[:, 1] < south)
        | (bounds[:, 2] > east)
        | (bounds[:, 3] > north)
    )
    expected = f"expected lon {west:g} to {east:g}, lat {south:g} to {north:g}"
    causes = [_guess_cause(bounds[row], area) for row in outside]
    if len(outside) >= WHOLE_LAYER and 2 * len(outside) > len(frame):
        count = len(frame)
        many = f"all {count}" if len(outside) == count else f"{len(outside)} of {count}"
        yield Fault(
            file,
            "geometry",
            f"{many} features lie outside the area",
            expected,
            _guess_layer_cause(bounds[outside], causes),
        )
        return
    labels = label_features(frame, layer)
    for row, cause in zip(outside, causes, strict=True):
        lon, lat = bounds[row, 0], bounds[row, 1]
        yield Fault(
            file,
            f"{labels[row]}, geometry",
            f"found lon {lon:.6g}, lat {lat:.6g}",
            expected,
            cause,
        )


def _guess_layer_cause(bounds: NDArray[np.float64], causes: Sequence[str]) -> str:
    """Return the likely cause of most features of a layer outside the area."""
    lows, highs = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    if (highs - lows < 0.01).all():
        # No theatre is a kilometre wide: its degrees were read as metres.
        return "degrees taken for metres: the wrong CRS declared?"
    return Counter(causes).most_common(1)[0][0]


def _fold_region(name: str) -> str:
    folded = name.strip().lower()
    return _NORTHERN.get(folded, folded)


def find_region_faults(sites: Any, regions: Any, file: str) -> Iterator[Fault]:
    """Yield sites that do not lie in the region they claim to be in.

    Parameters
    ----------
    sites
        The population layer.
    regions
        Polygons with ``name``; regions that it does not know are not checked.
    file
        Name of the population file.
    """
    regions = regions[~shapely.is_missing(regions.geometry.to_numpy(dtype=object))]
    polygons = {
        _fold_region(name): shape
        for name, shape in zip(
            regions["name"],
            project_geometry(regions.geometry.to_numpy(), to_metric=True),
            strict=True,
        )
        if isinstance(name, str)
    }
    labels = label_features(sites, "population")
    for row, (claim, point) in enumerate(
        zip(sites["region_2014"], sites.geometry, strict=True)
    ):
        polygon = polygons.get(_fold_region(claim)) if isinstance(claim, str) else None
        if polygon is None or point is None:
            continue
        spot = project_geometry(point, to_metric=True)
        distance_m = spot.distance(polygon)
        if distance_m <= REGION_TOLERANCE_M:
            continue
        mirrored = project_geometry(shapely.Point(-point.x, point.y), to_metric=True)
        flipped = mirrored.distance(polygon) == 0
        yield Fault(
            file,
            f"{labels[row]}, geometry",
            f"found lon {point.x:.6g}, lat {point.y:.6g}, "
            f"{distance_m / 1000:.0f} km outside {claim}",
            f"expected a position in region {claim}",
            "the sign of the longitude flipped?"
            if flipped
            else "another place of the same name?",
        )


def find_base_faults(
    bases: Any, sites: Any, file: str, *, snap_m: float
) -> Iterator[Fault]:
    """Yield bases that stand in no known place, or far from the place they name.

    Parameters
    ----------
    bases, sites
        The two layers.
    file
        Name of the bases file.
    snap_m
        How far a base may lie from the site that it names, in metres.
    """
    known = set(sites["id"])
    spots = dict(zip(sites["id"], sites.geometry, strict=True))
    labels = label_features(bases, "bases")
    if not known & set(bases["site_id"]) and bases["site_id"].notna().sum() > 1:
        count = bases["site_id"].nunique()
        yield Fault(
            file,
            "column 'site_id'",
            f"none of its {count} sites is known",
            "ids of the population layer",
            "the bases are of another population layer",
        )
    else:
        yield from find_reference_faults(bases, "bases", "site_id", known, file)
    for row, base in enumerate(bases.itertuples()):
        if base.id is not None and base.id in known:
            yield Fault(
                file,
                f"{labels[row]}, id",
                f"{base.id!r} is a site",
                "ids that are unique over sites and bases",
                "the site's id was copied: a base has one of its own",
            )
        spot = spots.get(base.site_id)
        if spot is None or base.geometry is None:
            continue
        here, there = (base.geometry.x, base.geometry.y), (spot.x, spot.y)
        away_m = float(measure_distance_m(*here, *there))
        if away_m <= snap_m:
            continue
        mirrored_m = float(measure_distance_m(-here[0], here[1], *there))
        yield Fault(
            file,
            f"{labels[row]}, geometry",
            f"it lies {away_m / 1000:.1f} km from its site, {base.site_id!r}",
            f"expected at most {snap_m / 1000:g} km",
            "the sign of the longitude flipped?"
            if mirrored_m <= snap_m
            else "the base or the site was moved, or another site is meant",
        )


def find_reference_faults(
    frame: Any, layer: str, column: str, known: set[Any], file: str
) -> Iterator[Fault]:
    """Yield features that name a site that is not there.

    Parameters
    ----------
    frame, layer, file
        What names sites, and how it is called.
    column
        The column that does.
    known
        The ids of the population layer.
    """
    labels = label_features(frame, layer)
    for row, named in enumerate(frame[column]):
        if named is not None and named not in known:
            yield Fault(
                file,
                f"{labels[row]}, {column}",
                f"found {named!r}",
                "expected the id of a site, or nothing",
                "a slip of spelling",
            )


def find_period_faults(
    frame: Any, layer: str, columns: tuple[str, str], file: str
) -> Iterator[Fault]:
    """Yield features whose last day is before their first."""
    first, last = columns
    labels = label_features(frame, layer)
    for row, (begin, end) in enumerate(zip(frame[first], frame[last], strict=True)):
        if begin and end and end < begin:
            yield Fault(
                file,
                f"{labels[row]}, {last}",
                f"found {end}",
                f"expected a day after {first}, {begin}",
                "the two days exchanged, or a slip in the year?",
            )
