"""Lines that cannot be: too short, too long, joined to nothing, drawn twice.

A line without geometry is one whose geometry was refused already: it is passed over
here, so that one fault does not draw others after it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from patrolplan.errors import Fault
from patrolplan.geodesy import measure_distance_m, measure_length_m, project_geometry
from patrolplan.layers.cells import label_features

__all__ = ["find_line_faults", "find_surface_faults"]

MAX_DETOUR = 1.6
"""A road longer than this many times its geodesic was measured or typed wrong.

Known roads of the theatre run at 1.04 to 1.23 (domain study, finding 6).
"""

SAME_ROAD_M = 1_500.0
"""Two lines nowhere further apart than this, with the same ends, are one road."""


def find_surface_faults(
    lines: Any, surfaces: set[str], slips: set[str], file: str
) -> Iterator[Fault]:
    """Yield lines whose surface the speeds table does not know.

    Parameters
    ----------
    lines
        The lines layer.
    surfaces
        Surfaces that the speeds table knows.
    slips
        Surfaces that are misspelt in the speeds table, and named there.
    file
        Name of the lines file.
    """
    labels = label_features(lines, "lines")
    for row, surface in enumerate(lines["surface"]):
        if surface is None or surface in surfaces or surface in slips:
            continue
        near = difflib.get_close_matches(surface, sorted(surfaces), n=1, cutoff=0.8)
        yield Fault(
            file,
            f"{labels[row]}, surface",
            f"found {surface!r}",
            "expected one of " + ", ".join(sorted(surfaces)),
            f"a slip of spelling of {near[0]!r}"
            if near
            else "the speeds table has no row for it",
        )


def find_line_faults(
    lines: Any,
    sites: Any,
    files: tuple[str, str],
    *,
    snap_m: float,
    named: frozenset[str] = frozenset(),
) -> Iterator[Fault]:
    """Yield lines that cannot be: too short, too long, joined to nothing, twice.

    Parameters
    ----------
    lines, sites
        The two layers.
    files
        Name of the lines file, and of the population file.
    snap_m
        How far an end may lie from what it joins, in metres.
    named
        Places of the lines file that are faults already.
    """
    labels = label_features(lines, "lines")
    shapes = lines.geometry.to_numpy(dtype=object)
    whole = np.flatnonzero(~shapely.is_missing(shapes))
    for row in whole:
        line = lines.iloc[row]
        if measure_length_m(shapes[row].coords) == 0:
            yield Fault(files[0], f"{labels[row]}, geometry", "no length", "a line")
            continue
        where = f"{labels[row]}, crossing_min"
        if (
            line["kind"] == "ferry"
            and np.isnan(line["crossing_min"])
            and where not in named
        ):
            yield Fault(files[0], where, "empty", "minutes to cross")
        if not np.isnan(line["length_km"]):
            yield from _find_wrong_length(line, shapes[row], labels[row], files[0])
    yield from _find_loose_ends(lines, sites, labels, files, snap_m)
    yield from _find_twins(
        shapes[whole],
        lines["kind"].iloc[whole],
        [labels[row] for row in whole],
        files[0],
    )


def _find_wrong_length(line: Any, shape: Any, label: str, file: str) -> Iterator[Fault]:
    """Yield a planning length that the drawing cannot have."""
    length_km = line["length_km"]
    first, last = shape.coords[0], shape.coords[-1]
    direct_km = float(measure_distance_m(*first[:2], *last[:2])) / 1000
    # A metre in a kilometre: lengths are published in whole kilometres.
    if length_km < direct_km * 0.999 - 0.5:
        yield Fault(
            file,
            f"{label}, length_km",
            f"found {length_km:g}",
            f"expected at least the geodesic, {direct_km:.1f} km",
            "a straight line's length, or an end in the wrong place",
        )
    drawn_km = measure_length_m(shape.coords) / 1000
    most_km = max(MAX_DETOUR * direct_km, 1.1 * drawn_km)
    # A kind that was refused may have been a ferry.
    if line["kind"] not in ("ferry", None) and length_km > most_km + 1:
        yield Fault(
            file,
            f"{label}, length_km",
            f"found {length_km:g}",
            f"expected at most {MAX_DETOUR:g} x the geodesic, {most_km:.1f} km",
            "miles, metres or the length of another road; or an end moved",
        )


def _find_loose_ends(
    lines: Any, sites: Any, labels: list[str], files: tuple[str, str], snap_m: float
) -> Iterator[Fault]:
    """Yield ends that are not where they say, and lines that join nothing."""
    drawn = lines.geometry.to_numpy(dtype=object)
    whole = np.flatnonzero(~shapely.is_missing(drawn))
    shapes = project_geometry(drawn[whole], to_metric=True)
    places = sites[~shapely.is_missing(sites.geometry.to_numpy(dtype=object))]
    spots = project_geometry(places.geometry.to_numpy(dtype=object), to_metric=True)
    by_id = dict(zip(places["id"], spots, strict=True))
    # What is there but was refused for its position still joins what names it.
    refused = lines.drop(index=lines.index[whole])
    present = {*sites["id"], *refused["from_id"], *refused["to_id"]} - {None}
    tree = shapely.STRtree(shapes)
    ends_of: dict[str, list[tuple[str, Any]]] = {}
    for number, (row, shape) in enumerate(zip(whole, shapes, strict=True)):
        ends = (shapely.Point(shape.coords[0]), shapely.Point(shape.coords[-1]))
        joined = False
        for end, column in zip(ends, ("from_id", "to_id"), strict=True):
            named = lines[column].iloc[row]
            if named in by_id:
                ends_of.setdefault(named, []).append((f"{labels[row]}, {column}", end))
            joined = joined or named in present
            near = tree.query(end, predicate="dwithin", distance=max(snap_m, 1.0))
            joined = joined or bool((near != number).any())
        if not joined and spots.size:
            joined = bool(shapely.dwithin(spots, shape, max(snap_m, 1.0)).any())
        # Where no site has a position, nothing tells whether a line joins one.
        if not joined and len(lines) > 1 and spots.size:
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
        if None in (kinds.iloc[first], kinds.iloc[second]):
            # A kind that was refused: a river may well run where a road does.
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
