"""The flood calendar: what the river does to lines, by gauge and day of the year."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from patrolplan.errors import Fault
from patrolplan.layers.tables import find_calendar_faults

__all__ = ["find_flood_faults", "split_names"]


def split_names(cell: str | None) -> tuple[str, ...]:
    """Return the names that a cell joins by ``|``, none for an empty one.

    Parameters
    ----------
    cell
        Such as ``gao-ansongo|bourem-gao``.
    """
    names = (name.strip() for name in (cell or "").split("|"))
    return tuple(name for name in names if name)


def find_flood_faults(
    table: Any, file: str, lines: Any | None, vehicles: Collection[str] | None
) -> Iterator[Fault]:
    """Yield rows of the flood calendar that cannot be meant.

    Parameters
    ----------
    table, file
        The calendar, and its name.
    lines
        The lines layer; None if the calendar is of other lines.
    vehicles
        Vehicle classes of the speeds table; None if it could not be read.
    """
    yield from find_calendar_faults(table, file)
    kinds = (
        None if lines is None else dict(zip(lines["id"], lines["kind"], strict=True))
    )
    for row in table.itertuples():
        yield from _find_wrong_share(row, file)
        if kinds is not None:
            yield from _find_wrong_lines(row, file, kinds)
        if vehicles is None:
            continue
        for name in split_names(row.vehicles):
            if name not in vehicles:
                yield _miss(file, f"{row.id!r}, vehicles", name, vehicles)


def _find_wrong_share(row: Any, file: str) -> Iterator[Fault]:
    """Yield a share of speed that is missing, or that nothing would read."""
    where, empty = f"{row.id!r}, speed_share", np.isnan(row.speed_share)
    if row.effect == "slow" and empty:
        yield Fault(file, where, "empty", "the share of speed that is left")
    if row.effect in ("closed", "high_water") and not empty:
        expected = f"nothing, as the effect is {row.effect!r}"
        cause = "another effect is meant?"
        yield Fault(file, where, f"found {row.speed_share:g}", expected, cause)


def _find_wrong_lines(row: Any, file: str, kinds: dict[str, Any]) -> Iterator[Fault]:
    """Yield lines that are not there, or that have no high water."""
    where = f"{row.id!r}, lines"
    names = split_names(row.lines)
    if row.lines is not None and not names:
        yield Fault(file, where, f"found {row.lines!r}", "ids of lines")
    for name in names:
        if name not in kinds:
            yield _miss(file, where, name, kinds)
        elif row.effect == "high_water" and kinds[name] not in ("river", None):
            found = f"{name!r}, a {kinds[name]}"
            yield Fault(file, where, found, "rivers, for high water quickens boats")


def _miss(file: str, where: str, name: str, known: Collection[str]) -> Fault:
    near = difflib.get_close_matches(name, sorted(k for k in known if k), n=1)
    cause = f"a slip of spelling of {near[0]!r}" if near else "it was renamed"
    return Fault(file, where, f"found {name!r}", "an id that is known", cause)
