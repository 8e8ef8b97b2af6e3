"""A buffer of time, found so that a stated chance holds.

The buffer is in the rules that a plan is made and judged by: times are planned longer
(``movement.time_factor``), and where the ends of days are to hold too, more is kept
free before sunset (``movement.sunset_margin_min``). So solver, referee and document
agree on it, and a plan that bears one says so among its limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from patrolplan.errors import InputError
from patrolplan.planfile import Code, PlanFile
from patrolplan.planning.chances import Chance
from patrolplan.planning.stress import assess_stress
from patrolplan.planning.stress_orders import read_orders
from patrolplan.planning.stress_results import Stress
from patrolplan.scenario import Scenario

__all__ = ["FRESH_DRAWS", "STEPS", "Buffered", "add_buffer", "find_buffer"]

T = TypeVar("T")

STEPS: Final = 16
"""How many steps a buffer may have."""
FRESH_DRAWS: Final = 10_000
"""By how many draws, none of which it was found by, the plan is tested at last."""
_FACTOR_STEP: Final = 0.05
_MARGIN_STEP_MIN: Final = 15.0
_SEARCH_DRAWS: Final = 4_000
# Steps more that are tried where what was found does not hold on fresh draws.
_MORE_STEPS: Final = 3


@dataclass(frozen=True)
class Buffered(Generic[T]):
    """What was planned with a buffer.

    Parameters
    ----------
    answer
        What was planned.
    notices
        For each chance that was asked for, whether it is held or missed, the lower end
        of the least one, and the buffer: ``chance_held``, ``day_chance_missed`` ….
    """

    answer: T
    notices: tuple[Code, ...]


def add_buffer(scenario: Scenario, steps: int) -> Scenario:
    """Return a scenario with a buffer of so many steps.

    A step is a twentieth of the time that tables give, and a quarter of an hour before
    sunset where the scenario asks for a chance of its days.

    Parameters
    ----------
    scenario
        The scenario, with a buffer of its own or none.
    steps
        How many; 0 leaves it as it is.
    """
    if not steps:
        return scenario
    movement = scenario.movement
    changes = {"time_factor": round(movement.time_factor + steps * _FACTOR_STEP, 9)}
    if scenario.stress.day_chance is not None:
        margin_min = movement.sunset_margin_min + steps * _MARGIN_STEP_MIN
        changes["sunset_margin_min"] = margin_min
    return scenario.replace(movement=movement.model_dump() | changes)


def find_buffer(
    scenario: Scenario, plan_with: Callable[[Scenario], tuple[T, PlanFile]]
) -> Buffered[T]:
    """Plan with the least buffer by which the chances that are asked for hold.

    Bisection over :data:`STEPS` steps, then a test on fresh draws, and a few steps more
    where that fails: twelve plans at most. A chance holds where the lower end of its
    interval does not lie below it. More buffer is not always more chance, since it
    makes another plan: one with less may exist.

    Parameters
    ----------
    scenario
        The scenario; ``stress.chance``, ``stress.day_chance`` or both are set.
    plan_with
        Plans a scenario: an answer, and the plan document to be tested.

    Returns
    -------
    The answer with that buffer, or with the one that comes closest.

    Raises
    ------
    InputError
        If the scenario cannot be planned without a buffer.
    """
    search = _Search(scenario, plan_with)
    steps = search.bisect()
    for more in range(_MORE_STEPS + 1):
        if steps + more > STEPS:
            break
        if search.holds(steps + more) and search.holds(steps + more, fresh=True):
            return search.tell(steps + more, "held")
    return search.tell(search.find_closest(), "missed")


class _Search(Generic[T]):
    """Plans and tests buffers, each once."""

    def __init__(
        self, scenario: Scenario, plan_with: Callable[[Scenario], tuple[T, PlanFile]]
    ) -> None:
        self._scenario, self._plan_with = scenario, plan_with
        self._planned: dict[int, tuple[T, PlanFile] | None] = {}
        self._tested: dict[tuple[int, bool], Stress] = {}

    def _plan(self, steps: int) -> tuple[T, PlanFile] | None:
        if steps not in self._planned:
            try:
                buffered = add_buffer(self._scenario, steps)
                self._planned[steps] = self._plan_with(buffered)
            except InputError:
                # What is asked cannot be done in so much less time.
                if not steps:
                    raise
                self._planned[steps] = None
        return self._planned[steps]

    def _test(self, steps: int, *, fresh: bool) -> Stress | None:
        planned = self._plan(steps)
        if planned is None:
            return None
        if (steps, fresh) not in self._tested:
            self._tested[steps, fresh] = assess_stress(
                read_orders(planned[1], self._scenario.stress),
                draws=FRESH_DRAWS if fresh else _SEARCH_DRAWS,
                seed=self._scenario.seed + fresh,
            )
        return self._tested[steps, fresh]

    def _measure(self, steps: int, *, fresh: bool) -> float | None:
        """Return by how much the lower ends exceed what is asked, at the least.

        None where nothing is planned: no patrol is late then, and nothing is gained.
        """
        tested = self._test(steps, fresh=fresh)
        if tested is None or not tested.patrols:
            return None
        asked = self._scenario.stress
        return min(
            chance.low - least
            for least, chance in (
                (asked.chance, tested.find_least_home()),
                (asked.day_chance, tested.find_least_day()),
            )
            if least is not None and chance is not None
        )

    def holds(self, steps: int, *, fresh: bool = False) -> bool:
        measured = self._measure(steps, fresh=fresh)
        return measured is not None and measured >= 0

    def bisect(self) -> int:
        """Return the least buffer that bisection finds to hold, or the longest."""
        if self.holds(0):
            return 0
        low, high = 0, STEPS // 2
        if not self.holds(high):
            low, high = high, STEPS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.holds(middle) else (middle, high)
        return high

    def find_closest(self) -> int:
        """Return the buffer tried that misses what is asked by least."""

        def rank(steps: int) -> float:
            measured = self._measure(steps, fresh=False)
            return float("-inf") if measured is None else measured

        # The shorter of two that are alike.
        return max(sorted(self._planned), key=rank)

    def tell(self, steps: int, outcome: Literal["held", "missed"]) -> Buffered[T]:
        planned = self._plan(steps)
        tested = self._test(steps, fresh=True)
        assert planned is not None
        assert tested is not None
        asked, buffered = self._scenario.stress, add_buffer(self._scenario, steps)
        longer = buffered.movement.time_factor
        home = _describe(
            f"chance_{outcome}",
            asked.chance,
            tested.find_least_home(),
            {"longer_percent": round(100 * (longer - 1), 3)},
        )
        day = _describe(
            f"day_chance_{outcome}",
            asked.day_chance,
            tested.find_least_day(),
            {"kept_min": buffered.movement.sunset_margin_min},
        )
        return Buffered(planned[0], (*home, *day))


def _describe(
    code: str, asked: float | None, least: Chance | None, buffer: dict[str, float]
) -> Iterator[Code]:
    """Yield what became of a chance, if it was asked for."""
    if asked is not None:
        low = 0.0 if least is None else least.low
        values = {
            "chance_percent": round(100 * asked, 3),
            # Rounded down: what is said to hold does.
            "least_percent": math.floor(1000 * low) / 10,
            "draws": FRESH_DRAWS,
        }
        yield Code(code=code, values=values | buffer)
