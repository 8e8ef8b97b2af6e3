"""The days on which the patrols of a plan could leave as well, and a lot among them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from patrolplan.planning.posed import Column, Posed
from patrolplan.planning.search import share_out

__all__ = ["Departures"]

# How often days are drawn again where visits would come too soon after each other.
_MOST_DRAWS = 100


class Departures:
    """All ways to move the patrols of one plan in time.

    Each team makes the same patrols in the same order, on days on which they can be
    done and with its days of rest between them; what is visited stays the same.

    Parameters
    ----------
    posed
        The problem.
    patrols
        The plan.

    Attributes
    ----------
    chains
        By team: the plan's patrols, in order of departure.
    """

    def __init__(self, posed: Posed, patrols: Sequence[Column]) -> None:
        self._posed = posed
        self.chains = share_out(posed, patrols)
        days = posed.problem.horizon_days
        # By team and patrol: the patrol on each day on which it can be.
        self.choices: list[list[dict[int, Column]]] = [
            [
                {
                    day: moved
                    for day in range(days)
                    if (moved := posed.run(column.kind, day, column.places)) is not None
                }
                for column in chain
            ]
            for chain in self.chains
        ]
        self._ways = [self._count_ways(choices) for choices in self.choices]

    def _count_ways(self, choices: list[dict[int, Column]]) -> list[dict[int, int]]:
        """Return by patrol and day in how many ways the later ones can follow."""
        ways: list[dict[int, int]] = [{} for _ in choices]
        for number in range(len(choices) - 1, -1, -1):
            for day, column in choices[number].items():
                if number + 1 == len(choices):
                    ways[number][day] = 1
                    continue
                free = self._find_free(column)
                ways[number][day] = sum(
                    count for later, count in ways[number + 1].items() if later >= free
                )
        return ways

    def _find_free(self, column: Column) -> int:
        return column.return_day + 1 + self._posed.crews[column.kind].rest_days

    def list_chances(self) -> list[list[dict[int, float]]]:
        """Return by team and patrol how likely each day of departure is.

        All ways to move a team's patrols are equally likely.
        """
        chances = []
        for choices, ways in zip(self.choices, self._ways, strict=True):
            before: list[dict[int, int]] = []
            for number, moved in enumerate(choices):
                if number == 0:
                    before.append(dict.fromkeys(moved, 1))
                    continue
                earlier = [
                    (self._find_free(choices[number - 1][day]), count)
                    for day, count in before[-1].items()
                ]
                before.append(
                    {
                        day: sum(count for free, count in earlier if free <= day)
                        for day in moved
                    }
                )
            total = sum(ways[0].values()) if ways else 0
            chances.append(
                [
                    {
                        day: before[number][day] * count / total
                        for day, count in ways[number].items()
                        if before[number][day] * count
                    }
                    for number in range(len(choices))
                ]
            )
        return chances

    def draw(self, rng: np.random.Generator) -> tuple[Column, ...]:
        """Return the plan with days of departure drawn by lot, all ways equally likely.

        Where need would not have grown back between two visits it is drawn again, and
        in the end left as it was.

        Parameters
        ----------
        rng
            Draws.
        """
        for _ in range(_MOST_DRAWS):
            drawn = [
                column
                for team in range(len(self.choices))
                for column in self._draw_chain(team, rng)
            ]
            if not self._posed.list_conflicts(drawn):
                return tuple(sorted(drawn))
        return tuple(sorted(column for chain in self.chains for column in chain))

    def _draw_chain(self, team: int, rng: np.random.Generator) -> list[Column]:
        drawn: list[Column] = []
        for choices, ways in zip(self.choices[team], self._ways[team], strict=True):
            free = self._find_free(drawn[-1]) if drawn else 0
            days = [day for day, count in ways.items() if count and day >= free]
            # Exact whatever the counts are: they may be beyond any float.
            total = sum(ways[day] for day in days)
            ticket = int(rng.random() * total) if total < 1 << 53 else None
            if ticket is None:
                ticket = int(rng.random() * (1 << 53)) * total >> 53
            for day in days:
                ticket -= ways[day]
                if ticket < 0:
                    drawn.append(choices[day])
                    break
        assert all(
            self._find_free(one) <= other.depart_day for one, other in pairwise(drawn)
        )
        return drawn
