"""What sites, days and cuts cost the patrols of one kind of team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.charges import Charge
from patrolplan.planning.clock import Crew
from patrolplan.planning.program import Program

__all__ = ["Tariff", "build_tariff", "chain_gains", "price_returns", "take_days"]

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
    charge
        What each patrol is charged for its days; for its places, ``gains`` are less.
    """

    gains: Floats
    days: Floats
    waysides: Floats
    cuts: Floats
    members: NDArray[np.uint64]
    cut_days: Sequence[tuple[int, int]]
    charge: Charge | None = None


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
    charge = program.charges.get(kind)
    if charge is not None:
        gains -= charge.places
    first = program.day_rows[kind]
    return Tariff(
        gains=gains,
        days=prices[first : first + days],
        waysides=prices[program.way_rows],
        cuts=prices[len(program.limits) :],
        members=members,
        cut_days=cut_days,
        charge=charge,
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


def price_returns(crew: Crew, prices: Tariff, begins: int, ends: int) -> Floats:
    """Return by day of return the least price of the days a team is not free.

    Parameters
    ----------
    crew, prices
        Who goes, and what its days cost.
    begins, ends
        Departures: the first day, and the day after the last.
    """
    days = len(prices.days)
    sums = np.concatenate([[0.0], prices.days.cumsum()])
    left = np.arange(begins, ends)
    homes = np.full(min(crew.max_days, days), inf)
    for home in range(len(homes)):
        able = left[left + home < days]
        if not len(able):
            break
        # One home too soon is kept waiting: it pays as if it were not.
        stays = max(home, crew.min_days - 1)
        until = np.minimum(able + stays + crew.rest_days + 1, days)
        paid = sums[until] - sums[able]
        if prices.charge is not None:
            paid = paid + prices.charge.charge_days(able, able + home)
        homes[home] = paid.min()
    # No return on such a day is possible, but the sums must stay finite.
    homes[np.isinf(homes)] = 1e12
    return homes


def take_days(
    crew: Crew, prices: Tariff, begins: int, ends: int, homes: Floats
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the bits of cuts that days take for certain, and charge for pairs.

    The first are those taken at dawn, the others those taken besides by day of return;
    where days alone take a cut twice, that is added to what a return costs.

    Parameters
    ----------
    crew, prices
        Who goes, and what cuts cost.
    begins, ends
        Departures: the first day, and the day after the last.
    homes
        As :func:`price_returns` gives them; changed.
    """
    dawn = np.zeros(1, dtype=np.uint64)
    evenings = np.zeros(len(homes), dtype=np.uint64)
    by_cut: dict[int, list[int]] = {}
    for cut, day in prices.cut_days:
        by_cut.setdefault(cut, []).append(day)
    for cut, days in by_cut.items():
        bit, price = np.uint64(1 << cut), prices.cuts[cut]
        early = None
        for home in range(len(homes)):
            until = begins + max(home, crew.min_days - 1) + crew.rest_days
            # Days that a patrol takes whichever of the span's days it leaves on.
            sure = sum(ends - 1 <= day <= until for day in days)
            if early is None:
                early = sure
                if early % 2:
                    dawn[0] |= bit
            later = sure - early
            homes[home] += price * (early // 2 + later // 2)
            if later % 2:
                evenings[home] |= bit
    return dawn, evenings
