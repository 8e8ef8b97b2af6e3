"""The table of vehicles: what one of each type carries, and as what it moves."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from typing import Any

from patrolplan.errors import Fault

__all__ = ["find_vehicle_faults"]


def find_vehicle_faults(
    vehicles: Any, file: str, movers: Collection[str]
) -> Iterator[Fault]:
    """Yield types that are in the table twice, or move as no class there is.

    Parameters
    ----------
    vehicles
        The table.
    file
        Its name.
    movers
        The classes of the speeds table.
    """
    known = [vehicle for vehicle in vehicles["vehicle"] if vehicle is not None]
    for vehicle in sorted({v for v in known if known.count(v) > 1}):
        yield Fault(file, f"vehicle {vehicle!r}", "two rows", "one row", "a row copied")
    for row in vehicles.itertuples():
        if row.moves_as is None or row.moves_as in movers:
            continue
        near = difflib.get_close_matches(row.moves_as, sorted(movers), n=3)
        yield Fault(
            file,
            f"vehicle {row.vehicle!r}, moves_as",
            f"found {row.moves_as!r}",
            f"a vehicle of the speeds table: {', '.join(sorted(movers))}",
            f"near: {', '.join(near)}" if near else "a slip of spelling",
        )
