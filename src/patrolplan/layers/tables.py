"""Tables that go with the lines: travel speeds, lengths; and the themes' calendar."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date
from math import isnan
from typing import Any

from patrolplan.errors import Fault

__all__ = [
    "find_calendar_faults",
    "find_osm_length_faults",
    "find_speed_faults",
    "find_spot_faults",
    "find_surface_slips",
]


def find_calendar_faults(table: Any, file: str) -> Iterator[Fault]:
    """Yield rows of a theme's table whose days of the year cannot be meant.

    Parameters
    ----------
    table
        With columns ``from_day`` and ``to_day``, months and days.
    file
        Its name.
    """
    for row in table.itertuples():
        days = {"from_day": row.from_day, "to_day": row.to_day}
        for name, text in days.items():
            try:
                # A leap year, so that 02-29 may be named.
                wrong = text is not None and len(text) != len("11-15")
                date.fromisoformat(f"2000-{text or '01-01'}")
            except ValueError:
                wrong = True
            if wrong:
                expected = "a month and a day such as 11-15"
                yield Fault(file, f"{row.id!r}, {name}", f"found {text!r}", expected)
        if (row.from_day is None) != (row.to_day is None):
            lost = next(name for name, text in days.items() if text is None)
            expected = "both days, or neither"
            yield Fault(file, f"{row.id!r}, {lost}", "empty", expected)


def find_spot_faults(
    table: Any, file: str, area: tuple[float, float, float, float]
) -> Iterator[Fault]:
    """Yield rows of a theme's table with half a position, or one outside the area.

    Parameters
    ----------
    table
        With columns ``lon`` and ``lat`` in degrees.
    file
        Its name.
    area
        West, south, east, north in degrees.
    """
    west, south, east, north = area
    for row in table.itertuples():
        lost = [name for name in ("lon", "lat") if isnan(getattr(row, name))]
        if len(lost) == 1:
            expected = "both lon and lat, or neither"
            yield Fault(file, f"{row.id!r}, {lost[0]}", "empty", expected)
        if lost or (west <= row.lon <= east and south <= row.lat <= north):
            continue
        turned = west <= row.lat <= east and south <= row.lon <= north
        yield Fault(
            file,
            f"{row.id!r}, lon, lat",
            f"found lon {row.lon:.6g}, lat {row.lat:.6g}",
            f"expected lon {west:g} to {east:g}, lat {south:g} to {north:g}",
            "longitude and latitude exchanged?" if turned else "the sign flipped?",
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


def find_surface_slips(speeds: Any, borne: set[str]) -> dict[str, str]:
    """Return surfaces misspelt in the speeds table, each with the one meant.

    A surface that no line bears is no fault by itself: a table may serve several
    theatres, and ``unpaved`` is no slip of ``paved``. It is one where a vehicle lacks
    just the rows of the surface that is meant.

    Parameters
    ----------
    speeds
        The speeds table.
    borne
        Surfaces that lines bear.
    """
    keys = set(zip(speeds["vehicle"], speeds["surface"], speeds["season"], strict=True))
    slips = {}
    for surface in sorted(set(speeds["surface"].dropna()) - borne):
        near = difflib.get_close_matches(surface, sorted(borne), n=1, cutoff=0.8)
        if near and any(
            (vehicle, near[0], season) not in keys
            for vehicle, other, season in keys
            if other == surface
        ):
            slips[surface] = near[0]
    return slips


def find_speed_faults(
    speeds: Any, file: str, land: set[str], slips: dict[str, str]
) -> Iterator[Fault]:
    """Yield rows of the speeds table that are twice, missing or misspelt.

    Parameters
    ----------
    speeds
        The speeds table.
    file
        Its name.
    land
        Surfaces of the roads and tracks: what every vehicle must know, but one that
        only goes by water.
    slips
        As ``find_surface_slips`` returns them.
    """
    keys = list(
        zip(speeds["vehicle"], speeds["surface"], speeds["season"], strict=True)
    )
    for key in sorted({k for k in keys if None not in k and keys.count(k) > 1}):
        yield Fault(
            file, " / ".join(key), "two rows", "one row", "a row was copied, not moved"
        )
    for surface, meant in slips.items():
        yield Fault(
            file,
            f"surface {surface!r}",
            "no line bears it",
            f"expected {meant!r}, which lines bear",
            "a slip of spelling",
        )
    kept = [key for key in keys if key[1] not in slips]
    # A cell that was refused may be the very one that is looked for.
    blurred = [key for key in keys if None in key]
    blurred += [(key[0], slips[key[1]], None) for key in keys if key[1] in slips]
    pairs = {(vehicle, surface) for vehicle, surface, _ in kept}
    known = {surface for _, surface, _ in kept}
    for vehicle in {vehicle for vehicle, _ in pairs} - {None}:
        if {surface for other, surface in pairs if other == vehicle} != {"water"}:
            pairs |= {(vehicle, surface) for surface in land & known}
    wanted = {
        (vehicle, surface, season)
        for vehicle, surface in pairs
        for season in ("dry", "rains")
        if vehicle is not None and surface is not None
    }
    for key in sorted(wanted - set(kept)):
        if any(
            all(one in (None, other) for one, other in zip(row, key, strict=True))
            for row in blurred
        ):
            continue
        yield Fault(
            file,
            " / ".join(key),
            "no row",
            "a speed of each vehicle on each surface in both seasons",
            "roads of this surface would be closed to it"
            if key[1] != "water"
            else "water would be closed to it",
        )
