"""What a plan earns beside its visits, as columns of the program that are no patrols.

A wayside's column, from 0 to 1, is how much of it is earned. Its row says that it is
no more than the patrols that come by it, and if it is a site, the site's row that it
is nothing once the site is visited. A visit that the rule of sites of unknown need
demands is earned alike: as many columns as visits can be made, of one row that says
that they are no more than the visits to such sites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.posed import Posed

__all__ = ["Earnings", "build_earnings"]


@dataclass(frozen=True)
class Earnings:
    """Columns that are no patrols, and the rows that are theirs.

    Parameters
    ----------
    cells
        By column: how often it takes each row.
    way_rows
        By wayside: its row.
    unknown_rows
        By place of unknown need: the row of such visits.
    count
        How many rows there are.
    """

    cells: Sequence[Mapping[int, float]]
    way_rows: NDArray[np.int64]
    unknown_rows: Mapping[int, int]
    count: int


def build_earnings(
    posed: Posed, site_rows: Mapping[int, int], limits: Sequence[float]
) -> Earnings:
    """Return the columns of all that a plan earns beside its visits.

    Parameters
    ----------
    posed
        The problem.
    site_rows
        Row of each place.
    limits
        By row that there is already: how often it can be had.
    """
    index, first = posed.problem.place_index, len(limits)
    cells: list[dict[int, float]] = []
    for row, wayside in enumerate(posed.problem.waysides, first):
        site = None if wayside.site_id is None else index[wayside.site_id]
        cells.append({row: 1.0})
        if site is not None and site in site_rows:
            cells[-1][site_rows[site]] = float(limits[site_rows[site]])
    ways, visits = len(cells), posed.unknown.reachable
    cells += [{first + ways: 1.0}] * visits
    return Earnings(
        cells,
        np.arange(first, first + ways),
        dict.fromkeys(posed.unknown.places, first + ways) if visits else {},
        ways + bool(visits),
    )
