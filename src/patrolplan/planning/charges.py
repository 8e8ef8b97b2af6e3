"""What a patrol is charged beside its rows: for the time it is out, and for fuel.

Charges turn a limit on a whole plan into a price (Lagrange): what no plan earns beyond
its charges, and what the limit itself is worth at their rates, together are no less
than any plan within the limit earns. So they may be less than the truth, never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.posed import Column

__all__ = ["Charge", "sum_charges"]

Floats = NDArray[np.float64]


class Charge(NamedTuple):
    """What the patrols of one kind of team are charged, in units of need.

    Attributes
    ----------
    base
        Each patrol.
    leaves, returns
        By day: what is taken off on the day of departure, and added on that of return;
        together never less than 0.
    places
        By place: each visit.
    """

    base: float
    leaves: Floats
    returns: Floats
    places: Floats

    def charge_days(self, left: NDArray[np.int64], home: NDArray[np.int64]) -> Floats:
        """Return what patrols are charged that leave and return on given days.

        Parameters
        ----------
        left, home
            Days of departure and of return.
        """
        return self.base + np.maximum(self.returns[home] - self.leaves[left], 0.0)


def sum_charges(charges: Mapping[int, Charge], columns: Iterable[Column]) -> float:
    """Return what some patrols are charged.

    Parameters
    ----------
    charges
        By kind of team; one without is charged nothing.
    columns
        The patrols.
    """
    total = 0.0
    for column in columns:
        found = charges.get(column.kind)
        if found is not None:
            days = np.array([column.depart_day]), np.array([column.return_day])
            total += float(found.charge_days(*days)[0])
            total += float(found.places[list(column.places)].sum())
    return total
