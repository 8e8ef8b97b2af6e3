"""Travel between places as planning knows it: numbers for each pair, no geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.refusals import find_cell_faults, refuse

__all__ = ["HaltBlocks", "TravelMatrix", "Waysides", "shut_travel"]

HaltBlocks = Mapping[tuple[int, int], tuple[tuple[float, float], ...]]
"""For a pair of places, the open intervals of driving minutes without a halt."""


Waysides = Mapping[tuple[int, int], tuple[tuple[int, float], ...]]
"""For a pair of places, the waysides of the way between them: each its number in
``Problem.waysides`` and the driving minute at which the way comes by it."""


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Travel between all places for one vehicle class and one road state.

    Parameters
    ----------
    vehicle
        The vehicle class.
    valid_from, valid_to
        First and last day of departure for which it holds.
    durations_min, lengths_m, fuels_l
        Square arrays; ``inf`` where there is no way. Fuel is of one vehicle, and of a
        convoy of several classes what its vehicles burn on average.
    halt_blocked
        Sorted open intervals of driving minutes in which no halt is allowed; pairs
        without any are left out.
    hazards
        Square array of the hazard driven through, additive along a way; None is 0
        everywhere.
    waysides
        What each way comes by; pairs without any are left out.
    """

    vehicle: str
    valid_from: date
    valid_to: date
    durations_min: NDArray[np.float64]
    lengths_m: NDArray[np.float64]
    fuels_l: NDArray[np.float64]
    halt_blocked: HaltBlocks = field(default_factory=dict)
    hazards: NDArray[np.float64] | None = None
    waysides: Waysides = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse matrices that are not square, alike, or hold no real numbers."""
        refuse(
            *find_cell_faults(
                f"travel of {self.vehicle!r} from {self.valid_from}",
                self.durations_min,
                {
                    "lengths_m": self.lengths_m,
                    "fuels_l": self.fuels_l,
                    "hazards": self.hazards,
                },
            )
        )


def shut_travel(matrix: TravelMatrix) -> TravelMatrix:
    """Return travel of the same days by which nothing leads anywhere.

    Parameters
    ----------
    matrix
        What would hold else.
    """
    nowhere = np.full_like(matrix.durations_min, np.inf)
    np.fill_diagonal(nowhere, matrix.durations_min.diagonal())
    return replace(matrix, durations_min=nowhere, halt_blocked={}, waysides={})
