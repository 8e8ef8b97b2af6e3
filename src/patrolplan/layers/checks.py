"""What no single cell can know: places in the wrong spot, lines that cannot be.

Most bad geometry passes silently through a whole mapping stack. Here it is refused,
with the likely cause: longitude and latitude exchanged, a sign flipped, metres taken
for degrees, a gap in the drawing, one road drawn twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.errors import Fault
from patrolplan.geodesy import measure_distance_m, measure_length_m, project_geometry
from patrolplan.layers.cells import label_features

__all__ = [
    "find_base_faults",
    "find_line_faults",
    "find_osm_length_faults",
    "find_position_faults",
    "find_region_faults",
    "find_speed_faults",
]

Area = tuple[float, float, float, float]

MAX_DETOUR = 1.6
"""A road longer than this many times its geodesic was measured or typed wrong.

Known roads of the theatre run at 1.04 to 1.23 (domain study, finding 6).
"""

REGION_TOLERANCE_M = 30_000.0
"""The shipped region borders are drawn at 1:10 million, and err: Anéfis, a town of
Kidal, falls 28 km into Gao."""

SAME_ROAD_M = 1_500.0
"""Two lines nowhere further apart than this, with the same ends, are one road."""

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
    west, south, east, north = area
    outside = (
        (bounds[:, 0] < west - margin_deg)
        | (bounds[:, 1] < south - margin_deg)
        | (bounds[:, 2] > east + margin_deg)
        | (bounds[:, 3] > north + margin_deg)
    )
    labels = label_features(frame, layer)
    for row in np.flatnonzero(outside):
        lon, lat = bounds[row, 0], bounds[row, 1]
        yield Fault(
            file,
            f"{labels[row]}, geometry",
            f"found lon {lon:.6g}, lat {lat:.6g}",
            f"expected lon {west:g} to {east:g}, lat {south:g} to {north:g}",
            _guess_cause(bounds[row], area),
        )


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
        if polygon is None:
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


def find_line_faults(
    lines: Any, sites: Any, surfaces: set[str], files: tuple[str, str], *, snap_m: float
) -> Iterator[Fault]:
    """Yield lines that cannot be: too short, too long, joined to nothing, twice.

    Parameters
    ----------
    lines, sites
        The two layers.
    surfaces
        Surfaces that the speeds table knows.
    files
        Name of the lines file, and of the population file.
    snap_m
        How far an end may lie from what it joins, in metres.
    """
    file = files[0]
    labels = label_features(lines, "lines")
    shapes = lines.geometry.to_numpy()
    for row, surface in enumerate(lines["surface"]):
        if surface is not None and surface not in surfaces:
            yield Fault(
                file,
                f"{labels[row]}, surface",
                f"found {surface!r}",
                "expected one of " + ", ".join(sorted(surfaces)),
                "the speeds table has no row for it",
            )
    for row, (shape, kind, length_km) in enumerate(
        zip(shapes, lines["kind"], lines["length_km"], strict=True)
    ):
        drawn_km = measure_length_m(shape.coords) / 1000
        if drawn_km == 0:
            yield Fault(file, f"{labels[row]}, geometry", "no length", "a line")
            continue
        if kind == "ferry" and np.isnan(lines["crossing_min"].iloc[row]):
            yield Fault(
                file, f"{labels[row]}, crossing_min", "empty", "minutes to cross"
            )
        if np.isnan(length_km):
            continue
        first, last = shape.coords[0], shape.coords[-1]
        direct_km = float(measure_distance_m(*first[:2], *last[:2])) / 1000
        # A metre in a kilometre: lengths are published in whole kilometres.
        if length_km < direct_km * 0.999 - 0.5:
            yield Fault(
                file,
                f"{labels[row]}, length_km",
                f"found {length_km:g}",
                f"expected at least the geodesic, {direct_km:.1f} km",
                "a straight line's length, or an end in the wrong place",
            )
        most_km = max(MAX_DETOUR * direct_km, 1.1 * drawn_km)
        if kind != "ferry" and length_km > most_km + 1:
            yield Fault(
                file,
                f"{labels[row]}, length_km",
                f"found {length_km:g}",
                f"expected at most {MAX_DETOUR:g} x the geodesic, {most_km:.1f} km",
                "miles, metres or the length of another road; or an end moved",
            )
    yield from _find_loose_ends(lines, sites, labels, files, snap_m)
    yield from _find_twins(shapes, lines["kind"], labels, file)


def _find_loose_ends(
    lines: Any, sites: Any, labels: list[str], files: tuple[str, str], snap_m: float
) -> Iterator[Fault]:
    """Yield ends that are not where they say, and lines that join nothing."""
    shapes = project_geometry(lines.geometry.to_numpy(), to_metric=True)
    spots = project_geometry(sites.geometry.to_numpy(), to_metric=True)
    by_id = dict(zip(sites["id"], spots, strict=True))
    tree = shapely.STRtree(shapes)
    ends_of: dict[str, list[tuple[str, Any]]] = {}
    for row, shape in enumerate(shapes):
        ends = (shapely.Point(shape.coords[0]), shapely.Point(shape.coords[-1]))
        joined = False
        for end, column in zip(ends, ("from_id", "to_id"), strict=True):
            named = lines[column].iloc[row]
            if isinstance(named, str) and named in by_id:
                ends_of.setdefault(named, []).append((f"{labels[row]}, {column}", end))
                joined = True
            near = tree.query(end, predicate="dwithin", distance=max(snap_m, 1.0))
            joined = joined or bool((near != row).any())
        if not joined and spots.size:
            joined = bool(shapely.dwithin(spots, shape, max(snap_m, 1.0)).any())
        if not joined and len(shapes) > 1:
            yield Fault(
                files[0],
                f"{labels[row]}, geometry",
                "it joins nothing",
                f"an end within {snap_m / 1000:g} km of a line or a site",
                "a gap in the drawing",
            )
    for key, named_ends in sorted(ends_of.items()):
        yield from _find_strays(key, by_id[key], named_ends, files, snap_m)


def _find_strays(
    key: str,
    spot: Any,
    ends: list[tuple[str, Any]],
    files: tuple[str, str],
    snap_m: float,
) -> Iterator[Fault]:
    """Yield the ends of lines far from the site they name, or the site itself."""
    strays = [(where, end) for where, end in ends if end.distance(spot) > snap_m]
    if not strays:
        return
    first = strays[0][1]
    expected = f"expected at most {snap_m / 1000:g} km"
    # The metric system is symmetric about its middle, the meridian of Greenwich.
    mirrored = shapely.Point(-spot.x, spot.y)
    flipped = "the sign of the longitude flipped?"
    if len(strays) == len(ends) > 1 and all(
        end.distance(first) <= snap_m for _, end in strays
    ):
        yield Fault(
            files[1],
            f"site {key!r}, geometry",
            f"it lies {first.distance(spot) / 1000:.1f} km from where its "
            f"{len(ends)} lines meet",
            expected,
            flipped if first.distance(mirrored) <= snap_m else "the place was moved",
        )
        return
    for where, end in strays:
        yield Fault(
            files[0],
            where,
            f"its end lies {end.distance(spot) / 1000:.1f} km from {key!r}",
            expected,
            flipped
            if end.distance(mirrored) <= snap_m
            else "the place or the end was moved, or the line is reversed",
        )


def _find_twins(
    shapes: NDArray[np.object_], kinds: Any, labels: list[str], file: str
) -> Iterator[Fault]:
    """Yield pairs of lines that are one road drawn twice."""
    metric = project_geometry(shapes, to_metric=True)
    on_land = np.array([kind in ("road", "track") for kind in kinds], dtype=bool)
    pairs = shapely.STRtree(metric).query(
        metric, predicate="dwithin", distance=SAME_ROAD_M
    )
    for first, second in sorted(zip(*pairs.tolist(), strict=True)):
        if first >= second or on_land[first] != on_land[second]:
            continue
        # Two short streets of one town are near each other all the way.
        near_m = min(SAME_ROAD_M, metric[first].length / 4, metric[second].length / 4)
        if not _share_ends(metric[first], metric[second], near_m):
            continue
        apart_m = shapely.hausdorff_distance(metric[first], metric[second], densify=0.1)
        if apart_m <= near_m:
            yield Fault(
                file,
                f"{labels[second]}, geometry",
                f"it runs where {labels[first]} runs",
                "one line per road",
                "a road from two sources",
            )


def _share_ends(one: Any, other: Any, near_m: float) -> bool:
    """Return whether two lines begin and end near each other, in either sense."""
    first, last = shapely.Point(one.coords[0]), shapely.Point(one.coords[-1])
    begin, end = shapely.Point(other.coords[0]), shapely.Point(other.coords[-1])
    return any(
        first.distance(a) <= near_m and last.distance(b) <= near_m
        for a, b in ((begin, end), (end, begin))
    )


def find_base_faults(bases: Any, sites: Any, file: str) -> Iterator[Fault]:
    """Yield bases that stand in no known place, or end before they begin."""
    known = set(sites["id"])
    labels = label_features(bases, "bases")
    for row, base in enumerate(bases.itertuples()):
        if base.site_id is not None and base.site_id not in known:
            yield Fault(
                file,
                f"{labels[row]}, site_id",
                f"found {base.site_id!r}",
                "expected the id of a site, or nothing",
                "a slip of spelling",
            )
        if base.id in known:
            yield Fault(
                file,
                f"{labels[row]}, id",
                f"{base.id!r} is a site",
                "ids that are unique over sites and bases",
            )
        if base.valid_from and base.valid_to and base.valid_to < base.valid_from:
            yield Fault(
                file,
                f"{labels[row]}, valid_to",
                f"found {base.valid_to}",
                f"expected a day after valid_from, {base.valid_from}",
            )


def find_osm_length_faults(lengths: Any, lines: Any, file: str) -> Iterator[Fault]:
    """Yield comparison lengths that are of no line, or of one line twice."""
    known = set(lines["id"])
    named = list(lengths["line_id"].dropna())
    for line in sorted(set(named)):
        if line not in known:
            yield Fault(
                file,
                f"line_id {line!r}",
                "no line bears it",
                "the id of a line",
                "a line was renamed",
            )
        if named.count(line) > 1:
            yield Fault(file, f"line_id {line!r}", "two rows", "one row")


def find_speed_faults(speeds: Any, file: str) -> Iterator[Fault]:
    """Yield rows of the speeds table that say one thing twice."""
    keys = list(
        zip(speeds["vehicle"], speeds["surface"], speeds["season"], strict=True)
    )
    for key in sorted({k for k in keys if None not in k and keys.count(k) > 1}):
        yield Fault(file, " / ".join(key), "two rows", "one row")
