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


def cut_string(slow, items, item, longest):
    """Return what is left of a patrol of which a string about an item is cut.

    As the core draws it: so many in a row, of which some in the middle may stay.
    """
    size = len(items)
    length = min(int(1 + slow.draw() * min(longest, size)), size)
    kept = 0
    if 1 < length < size and slow.draw() < 0.4:
        kept = 1
        while length + kept < size and slow.draw() < 0.5:
            kept += 1
    span = length + kept
    first = items.index(item) - int(slow.draw() * span)
    first = min(max(first, 0), size - span)
    string = list(range(first, first + span))
    if kept:
        begin = 1 + int(slow.draw() * (span - kept - 1))
        del string[begin : begin + kept]
    return [other for k, other in enumerate(items) if k not in string]
