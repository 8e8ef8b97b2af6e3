"""Chances counted from draws, each with how far it may be off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONFIDENCE", "Chance", "Spread", "count_chance", "measure_spread"]

CONFIDENCE = 0.95
"""With which the true chance lies in its interval."""


@dataclass(frozen=True)
class Chance:
    """A chance counted from draws, with Wilson's interval.

    Parameters
    ----------
    count, draws
        How often it held, and of how many.
    low, high
        Between which the true chance lies, with :data:`CONFIDENCE`.
    """

    count: int
    draws: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The chance, 0 to 1."""
        return self.count / self.draws


@dataclass(frozen=True)
class Spread:
    """What an amount comes to over the draws: its mean, and 5 and 95 % of them.

    Parameters
    ----------
    mean
        The mean.
    low, high
        What one draw in twenty stays below, and what one exceeds.
    """

    mean: float
    low: float
    high: float


def count_chance(held: NDArray[np.bool_]) -> Chance:
    """Count in how many draws something held.

    The interval is Wilson's (1927) without correction for continuity.

    Parameters
    ----------
    held
        By draw; one or more.
    """
    count = int(np.count_nonzero(held))
    # Loaded here: it takes a quarter of a second, and few plans are stressed.
    from scipy.stats import binomtest

    interval = binomtest(count, held.size).proportion_ci(CONFIDENCE, method="wilson")
    return Chance(count, held.size, float(interval.low), float(interval.high))


def measure_spread(amounts: NDArray[np.float64]) -> Spread:
    """Return the mean of an amount over the draws, and what it lies between.

    Parameters
    ----------
    amounts
        By draw; one or more.
    """
    low, high = np.quantile(amounts, (0.05, 0.95))
    return Spread(float(amounts.mean()), float(low), float(high))
