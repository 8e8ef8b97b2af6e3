"""Cuts: what no choice of whole patrols can do, though a mixture of them could.

Where two of three rows can each be had once, and so the third, no choice of whole
patrols has more than one that takes two of them. (Subset-row cuts, of Jepsen and
others, 2008, over days as well as sites.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cut", "count_cut", "find_broken_cuts"]

Floats = NDArray[np.float64]

Cut = tuple[int, int, int]
"""Three rows; a patrol that takes two of them takes the cut."""

# How far a cut must be broken to be worth its room; most found at once, and most of
# them through one row: they would say the same.
_BROKEN, _MOST_FOUND, _MOST_THROUGH = 0.02, 16, 5


def find_broken_cuts(
    shares: Floats,
    taken: Sequence[Mapping[int, float]],
    cuttable: Collection[int],
    known: Collection[Cut],
) -> list[Cut]:
    """Return the cuts that a mixture breaks most, those first.

    Parameters
    ----------
    shares, taken
        By patrol of the mixture: how much of it there is, and how often it takes each
        row.
    cuttable
        Rows that can be had once.
    known
        Cuts that there are already.
    """
    if (np.abs(shares - shares.round()) < 1e-6).all():
        return []
    patterns: dict[bytes, tuple[int, Floats]] = {}
    for row in sorted({row for rows in taken for row in rows}):
        if row not in cuttable:
            continue
        takes = np.array([rows.get(row, 0.0) for rows in taken])
        # Rows that are taken alike make the same cuts.
        if (takes * shares).sum() > 0.3 and (takes > 0).sum() > 1:
            patterns.setdefault(takes.tobytes(), (row, takes))
    found = []
    kept = list(patterns.values())
    stack = np.array([takes for _, takes in kept])
    for i in range(len(kept) - 2):
        pairs = stack[i] + stack[i + 1 :]
        for j in range(len(pairs) - 1):
            sums = np.floor((pairs[j] + stack[i + 2 + j :]) / 2.0) @ shares
            for k in np.flatnonzero(sums > 1.0 + _BROKEN):
                cut = (kept[i][0], kept[i + 1 + j][0], kept[i + 2 + j + int(k)][0])
                found.append((-float(sums[k]), cut))
    found.sort()
    fresh: list[Cut] = []
    through: Counter[int] = Counter()
    for _, cut in found:
        if cut in known or any(through[row] >= _MOST_THROUGH for row in cut):
            continue
        fresh.append(cut)
        through.update(cut)
        if len(fresh) == _MOST_FOUND:
            break
    return fresh


def count_cut(cut: Cut, taken: Mapping[int, float]) -> float:
    """Return how often a patrol takes a cut.

    Parameters
    ----------
    cut
        The cut.
    taken
        How often the patrol takes each row.
    """
    # Spelled out: it is asked some hundred thousand times a plan.
    first, second, third = cut
    take = taken.get
    return float((take(first, 0.0) + take(second, 0.0) + take(third, 0.0)) // 2)
