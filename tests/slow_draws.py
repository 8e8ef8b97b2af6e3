"""The draws of the compiled search once more, in whole numbers without end."""

from __future__ import annotations

_WORD = (1 << 64) - 1


class SlowDraws:
    """Marsaglia's xorshift64*: shifts by 12, 25 and 27, then a product.

    Parameters
    ----------
    state
        One word, not 0.
    """

    def __init__(self, state: int) -> None:
        self.state = state
        self.drawn: list[float] = []

    def draw(self) -> float:
        """Return the next number in [0, 1): the first 53 bits of the product."""
        word = self.state
        word ^= word >> 12
        word = (word ^ word << 25) & _WORD
        word ^= word >> 27
        self.state = word
        self.drawn.append((word * 2685821657736338717 & _WORD & ~0x7FF) / 2**64)
        return self.drawn[-1]
