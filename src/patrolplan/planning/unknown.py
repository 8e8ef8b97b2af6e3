"""The rule that some sites of unknown need are visited, that more be known.

A visit there earns nothing that anyone can count, so that no plan would ever go. How
many must be visited is a demand on the whole plan, met by visits to different sites.
The linear program has a row for it: see :mod:`patrolplan.planning.program`. The search
has none, and is told instead of rings of sites, of each of which it visits one at
most, as of a group that must be visited; what that leaves out, the choice among
patrols still has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

__all__ = ["UnknownRule", "build_rings"]


@dataclass(frozen=True)
class UnknownRule:
    """How many sites of unknown need must be visited, and which there are.

    Parameters
    ----------
    least
        So many, or all there are if they are fewer.
    places
        Those that a team can reach.
    rings
        Some of them, as the search is told: one at most of each is visited.
    """

    least: int = 0
    places: frozenset[int] = frozenset()
    rings: tuple[tuple[int, ...], ...] = ()

    @property
    def reachable(self) -> int:
        """How many visits of those demanded any plan can make."""
        return min(self.least, len(self.places))

    def count_met(self, visited: Iterable[int]) -> int:
        """Return how many of the visits demanded are made.

        Parameters
        ----------
        visited
            Places.
        """
        return min(self.least, len(self.places.intersection(visited)))

    def overfills(self, visited: Collection[int]) -> bool:
        """Return whether visits are more than the search can hold.

        Parameters
        ----------
        visited
            Places.
        """
        return any(len(set(ring).intersection(visited)) > 1 for ring in self.rings)


def build_rings(free: Collection[int], count: int) -> tuple[tuple[int, ...], ...]:
    """Return places dealt out into as many rings as visits are demanded.

    Parameters
    ----------
    free
        Places that the search knows nothing else of.
    count
        How many visits are demanded; no ring is empty.
    """
    dealt = sorted(free)
    count = min(count, len(dealt))
    return tuple(tuple(dealt[first::count]) for first in range(count))
