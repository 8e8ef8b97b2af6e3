"""How much one call of the solver may do: work, or time where it is asked for."""

from __future__ import annotations

import sys
import time
from math import inf

__all__ = ["TURNS", "Allowance"]

TURNS = 4
"""How often search and bound take turns."""

# By the clock: what of all time is over when each turn ends, and what of it the first
# turn searches. That is little, and the turn is long, since choices among the patrols
# that pricing finds are soon better than what any search finds.
_TURN_ENDS, _SEARCHING = (0.85, 0.9, 0.95, 1.0), 0.05
# Rounds of column generation between two choices of whole patrols; by the clock, what
# of all time lies between them, and what a choice may take of it. Where no patrol is
# missing, one is made at once.
_ROUNDS_PER_CHOICE, _BETWEEN_CHOICES, _CHOOSING = 12, 0.25, 0.1
# Rounds of column generation, and labels: limits of work, not of time. So many at
# least, and more for each round of search.
_LEAST_ROUNDS, _ROUNDS_EACH = 40, 0.05
_LEAST_LABELS, _LABELS_EACH = 1_000_000, 4_000


class Allowance:
    """What one call of the solver may do, and how far it has come.

    Parameters
    ----------
    iterations
        Rounds of search; all other work is in proportion to it.
    seconds
        If given, the clock alone sets limits.

    Attributes
    ----------
    rounds
        Rounds of column generation so far.
    until
        By :func:`time.monotonic`: when all is over; infinite without a clock.
    """

    def __init__(self, iterations: int, seconds: float | None) -> None:
        self.iterations, self.seconds, self.rounds = iterations, seconds, 0
        self._began = self._chosen_at = time.monotonic()
        self.until = self._turn_until = inf
        self._most_rounds = _LEAST_ROUNDS + int(_ROUNDS_EACH * iterations)
        self._most_labels = _LEAST_LABELS + _LABELS_EACH * iterations
        if seconds is not None:
            self.until = self._began + seconds
            self._most_rounds = self._most_labels = sys.maxsize

    @property
    def left_s(self) -> float:
        """Seconds that are left, infinitely many without a clock."""
        return self.until - time.monotonic()

    @property
    def choosing_s(self) -> float:
        """Seconds that one choice may take."""
        if self.seconds is None:
            return inf
        return min(self.left_s, _CHOOSING * self.seconds)

    @property
    def passed(self) -> float:
        """What of all time is over, as a share; 0 without a clock."""
        if self.seconds is None:
            return 0.0
        return (time.monotonic() - self._began) / self.seconds

    def has_work(self, labels: int) -> bool:
        """Return whether there is time, and work that may be done.

        Parameters
        ----------
        labels
            How many labels pricing has made.
        """
        return labels < self._most_labels and self.left_s > 0

    def has_rounds(self) -> bool:
        """Return whether this turn may have one more round of column generation."""
        return self.rounds < self._most_rounds and time.monotonic() < self._turn_until

    def begin_turn(self, turn: int, *, alone: bool) -> float:
        """Begin a turn; return the seconds that it may search, by the clock.

        Parameters
        ----------
        turn
            Its number.
        alone
            Whether there is nothing but the search to do.
        """
        if self.seconds is None:
            return inf
        self._turn_until = self._began + self.seconds * _TURN_ENDS[turn]
        if not turn:
            return self.seconds * _SEARCHING
        # Half of what is left is for pricing, if it is at work.
        return self.left_s / (TURNS - turn) / (1.0 if alone else 2.0)

    def is_choice_due(self) -> bool:
        """Return whether to choose whole patrols although some may be missing."""
        if self.seconds is None:
            return self.rounds % _ROUNDS_PER_CHOICE == 0
        since = time.monotonic() - self._chosen_at
        return since > self.seconds * _BETWEEN_CHOICES

    def note_choice(self) -> None:
        """Remember that a choice was made."""
        self._chosen_at = time.monotonic()
