"""What sites, days and cuts cost the patrols of one kind of team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.clock import Crew
from patrolplan.planning.program import Program

__all__ = ["Tariff", "build_tariff", "chain_gains"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tariff:
    """What a kind of team earns and pays.

    Parameters
    ----------
    gains
        By place: need less the price of a visit.
    days
        By day: price of a team out or at rest.
    waysides
        By wayside: what a patrol that comes by it is paid for that.
    cuts, members, cut_days
        Prices by cut; by place the bits of its cuts; and of this kind the days, each
        with the number of a cut that it is in.
    """

    gains: Floats
    days: Floats
    waysides: Floats
    cuts: Floats
    members: NDArray[np.uint64]
    cut_days: Sequence[tuple[int, int]]


def build_tariff(program: Program, kind: int, gains: Floats, prices: Floats) -> Tariff:
    """Return what a kind of team earns and pays at the prices of a program's rows.

    Parameters
    ----------
    program
        Whose rows they are.
    kind
        Number of the first team that is alike.
    gains
        By place: what a visit earns.
    prices
        By row, cuts last.
    """
    days = program.posed.problem.horizon_days
    gains = gains.copy()
    for place, row in program.site_rows.items():
        gains[place] -= prices[row]
        if place in program.group_rows:
            gains[place] -= prices[program.group_rows[place]]
        if place in program.unknown_rows:
            gains[place] += prices[program.unknown_rows[place]]
    members = np.zeros(len(gains), dtype=np.uint64)
    cut_days = []
    for number, cut in enumerate(program.cuts):
        for row in cut:
            if row in program.place_of:
                members[program.place_of[row]] |= np.uint64(1 << number)
            elif program.kind_of[row][0] == kind:
                cut_days.append((number, program.kind_of[row][1]))
    first = program.day_rows[kind]
    return Tariff(
        gains=gains,
        days=prices[first : first + days],
        waysides=prices[program.way_rows],
        cuts=prices[len(program.limits) :],
        members=members,
        cut_days=cut_days,
    )


def chain_gains(crew: Crew, most: Floats) -> float:
    """Return what one team can gain at most, patrol after patrol.

    Parameters
    ----------
    crew
        Who goes; its least days and its rest lie between two departures.
    most
        By day of departure: what no patrol gains more than.
    """
    days, apart = len(most), crew.min_days + crew.rest_days
    best = np.zeros(days + 1)
    for day in range(days - 1, -1, -1):
        best[day] = max(best[day + 1], most[day] + best[min(days, day + apart)])
    return float(best[0])
