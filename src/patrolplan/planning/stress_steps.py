"""The orders of a plan as a stress test drives them: steps, days, and clocks.

Times are minutes since local midnight of the first day planned, days are counted
from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolplan.planfile import PatrolEntry
from patrolplan.stress_figures import StressFigures

__all__ = [
    "Dwell",
    "Hours",
    "Night",
    "Order",
    "Orders",
    "Part",
    "Passed",
    "Run",
    "Setting",
    "Step",
]


@dataclass(frozen=True, eq=False)
class Hours:
    """When a patrol may move or work, by day from ``Order.first_day``.

    Parameters
    ----------
    opens_min, closes_min
        The duty window, breaks taken off its close.
    dark_min
        The close, later by the margin before sunset.
    """

    opens_min: NDArray[np.float64]
    closes_min: NDArray[np.float64]
    dark_min: NDArray[np.float64]


class Part(NamedTuple):
    """What is driven on one surface.

    Attributes
    ----------
    surface
        The surface.
    road_min
        Minutes by the speeds table; 0 for a ferry.
    ferry_min
        Wait and crossing; 0 but for a ferry.
    slows
        Whether rain slows it.
    fuel_l
        Litres that all vehicles burn.
    """

    surface: str
    road_min: float
    ferry_min: float
    slows: bool
    fuel_l: float


class Setting(NamedTuple):
    """A whole leg sets out: what may hold it up is drawn.

    Attributes
    ----------
    leg
        Its number.
    km
        Its length.
    ferries
        How many it takes.
    rains
        Whether it is planned on a day of the rains.
    day
        The day by which its first piece should be driven.
    hours
        When it may be driven.
    """

    leg: int
    km: float
    ferries: int
    rains: bool
    day: int
    hours: Hours


class Run(NamedTuple):
    """A stretch of a leg, driven whole or with halts.

    Attributes
    ----------
    leg, day, hours
        As of :class:`Setting`.
    parts
        One, or several where no halt is allowed in between.
    halt
        Whether it may be split by a night.
    """

    leg: int
    parts: tuple[Part, ...]
    halt: bool
    day: int
    hours: Hours


class Dwell(NamedTuple):
    """A visit.

    Attributes
    ----------
    leg
        Number of the leg that led there.
    site_id
        The site.
    dwell_min
        How long at least.
    windows
        Between which minutes it may begin, up to the window planned; None for at any
        time. A visit that comes too late for all of them is left out.
    need
        What it earns.
    day
        The day it is planned for.
    hours
        When the site may be visited.
    """

    leg: int
    site_id: str
    dwell_min: float
    windows: tuple[tuple[float, float], ...] | None
    need: float
    day: int
    hours: Hours


class Passed(NamedTuple):
    """Need earned on the way, once the stretch before has been driven."""

    need: float


class Night(NamedTuple):
    """The place where a day should end: a halt on a leg, or the base at last."""

    day: int
    place_id: str
    leg: int


Step = Setting | Run | Dwell | Passed | Night


@dataclass(frozen=True, eq=False)
class Order:
    """The order of one patrol, to be driven as it is written.

    Parameters
    ----------
    patrol
        The patrol as planned.
    first_day, days
        Day of departure, and how many days it is followed.
    depart_min
        When it sets out.
    last_day
        Day by which it must be home.
    rest_days
        Full days between its return and the team's next departure.
    legs
        The two places of each whole leg.
    steps
        What it does, in order.
    rains
        Whether each day followed is one of the rains.
    fuel_l
        What it takes along, reserve included.
    vehicles
        How many go.
    """

    patrol: PatrolEntry
    first_day: int
    days: int
    depart_min: float
    last_day: int
    rest_days: int
    legs: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    rains: NDArray[np.bool_]
    fuel_l: float
    vehicles: int


@dataclass(frozen=True, eq=False)
class Orders:
    """All orders of a plan, by day of departure, and the figures they are tested by."""

    orders: tuple[Order, ...]
    figures: StressFigures
    first_date: date
    surfaces: tuple[str, ...]
