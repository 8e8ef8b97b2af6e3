"""How often the patrols of a plan drive each line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from patrolplan.planfile import PatrolEntry, PlanFile

__all__ = ["count_passes", "list_passes"]


def list_passes(patrol: PatrolEntry) -> Iterator[str]:
    """Yield each line that a patrol drives, as often as it does.

    A line is driven once from one stop to the next, whether whole or in part; a halt
    for the night upon it does not make two times of one.

    Parameters
    ----------
    patrol
        The patrol.
    """
    if patrol.legs:
        yield from patrol.legs[0].lines
    for stop, (before, leg) in zip(
        patrol.stops[1:-1], pairwise(patrol.legs), strict=False
    ):
        goes_on = (
            stop.kind == "halt"
            and bool(before.lines)
            and leg.lines[:1] == before.lines[-1:]
        )
        yield from leg.lines[1:] if goes_on else leg.lines


def count_passes(plan: PlanFile) -> dict[str, tuple[int, int]]:
    """Return how many times patrols, and how many vehicles, pass each line.

    Parameters
    ----------
    plan
        The plan.
    """
    vehicles = {team.id: team.vehicles for team in plan.teams}
    found: dict[str, tuple[int, int]] = {}
    for patrol in plan.patrols:
        for line, times in Counter(list_passes(patrol)).items():
            patrols, count = found.get(line, (0, 0))
            found[line] = (
                patrols + times,
                count + times * vehicles.get(patrol.team_id, 0),
            )
    return found
