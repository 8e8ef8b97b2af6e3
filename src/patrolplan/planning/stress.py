"""The stress test: the orders of a plan driven many times, as luck would have it.

The rules are those of the duty clock, and what a late patrol does is plain: it drives
the order as it is written. It halts when a day's window closes, but to reach what was
planned for that very day it goes on into the margin before sunset, never later. A
visit that comes too late for the windows it was planned for is left out; every other
one is made, be it a day late. One that lasts longer than planned is broken off as the
day closes, but never before its time. A leg that is held up waits where it sets out.
A team that comes home late rests as long as it should, and goes out late.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolplan.planning.chances import count_chance, measure_spread
from patrolplan.planning.stress_draws import (
    Luck,
    draw_luck,
    draw_surfaces,
    measure_road,
)
from patrolplan.planning.stress_results import (
    DayStress,
    LegStress,
    PatrolStress,
    Stress,
)
from patrolplan.planning.stress_steps import (
    Dwell,
    Hours,
    Night,
    Order,
    Orders,
    Passed,
    Run,
    Setting,
)

__all__ = ["assess_stress"]

Draws = NDArray[np.float64]
# Sums of floats: what ends as a window closes has ended in it.
_SLACK_MIN = 1e-6
_DAY_MIN = 1440.0


def assess_stress(orders: Orders, *, draws: int = 10_000, seed: int = 1) -> Stress:
    """Drive the orders of a plan many times.

    Parameters
    ----------
    orders
        The orders, and the figures of what may go wrong.
    draws
        How many times; one or more.
    seed
        Of chance; the same gives the same.

    Returns
    -------
    The chances, each with its interval.
    """
    figures = orders.figures
    surfaces = draw_surfaces(
        np.random.default_rng([seed, 0]), figures, len(orders.surfaces), draws
    )
    factors = dict(zip(orders.surfaces, surfaces, strict=True))
    ready: dict[str, NDArray[np.int64]] = {}
    home = np.ones(draws, dtype=bool)
    fuel = np.ones(draws, dtype=bool)
    need = np.zeros(draws)
    patrols = []
    for number, order in enumerate(orders.orders, start=1):
        luck = draw_luck(np.random.default_rng([seed, number]), figures, order, draws)
        ride = _Ride(order, luck, factors, figures.fuel_share_of_delay)
        team = order.patrol.team_id
        ride.go(ready.get(team))
        ready[team] = order.first_day + ride.day + order.rest_days + 1
        home &= ride.home
        fuel &= ride.fuel_l <= order.fuel_l
        need += ride.need
        patrols.append(ride.report())
    return Stress(
        draws=draws,
        seed=seed,
        home=count_chance(home),
        fuel=count_chance(fuel),
        need_planned=sum(patrol.need_planned for patrol in patrols),
        need=measure_spread(need),
        patrols=tuple(patrols),
    )


class _Going(NamedTuple):
    """What a stretch takes, by draw: on tar, off it, and whatever the day is like."""

    firm: Draws
    soft: Draws
    fixed: Draws


class _Ride:
    """One order, driven once in every draw: all draws take each step together."""

    def __init__(
        self,
        order: Order,
        luck: Luck,
        surfaces: dict[str, Draws],
        fuel_share: float,
    ) -> None:
        draws = luck.fuel.size
        self._order, self._luck, self._surfaces = order, luck, surfaces
        self._fuel_share = fuel_share
        self._now = np.full(draws, order.depart_min)
        self.day = np.zeros(draws, dtype=np.int64)
        """Days since the day of departure planned; ``order.days`` where it is lost."""
        self.fuel_l = np.zeros(draws)
        self.need = np.zeros(draws)
        self.home = np.zeros(draws, dtype=bool)
        self._behind = np.zeros(draws, dtype=bool)
        self._spent_min = np.zeros((len(order.legs), draws))
        self._runs_out = [np.zeros(draws, dtype=bool) for _ in order.legs]
        self._nights: list[DayStress] = []

    def go(self, ready_day: NDArray[np.int64] | None) -> None:
        """Drive the order, no sooner than the team is ready."""
        order = self._order
        if ready_day is not None:
            self.day = (ready_day - order.first_day).clip(0, order.days)
            self._now += self.day * _DAY_MIN
            self._behind = self.day > 0
        for step in order.steps:
            if isinstance(step, Setting):
                self._wait(step)
            elif isinstance(step, Run):
                self._drive(step)
            elif isinstance(step, Dwell):
                self._visit(step)
            elif isinstance(step, Passed):
                self._earn(step.need, self.day < order.days)
            else:
                self._end_day(step)
        self.home = self.day <= order.last_day - order.first_day

    def _wait(self, step: Setting) -> None:
        delays = self._luck.delays_min[step.leg]
        nothing = np.zeros_like(delays)
        going = _Going(nothing, nothing, delays)
        held = np.flatnonzero(delays > 0)
        self._pass_time(going, step.hours, step.day, step.leg, held, split=True)

    def _drive(self, run: Run) -> None:
        leg = self._luck.legs[run.leg]
        factors = [self._surfaces[part.surface] for part in run.parts]
        firm, soft = measure_road(run, factors, leg)
        ferry_min = sum(part.ferry_min for part in run.parts)
        going = _Going(firm, soft, ferry_min * self._luck.ferries[run.leg])
        for part, factor in zip(run.parts, factors, strict=True):
            longer = factor * leg - 1 if part.road_min > 0 else 0.0
            burnt = part.fuel_l * np.maximum(1 + self._fuel_share * longer, 0.0)
            self.fuel_l += burnt * self._luck.fuel
        everyone = np.arange(leg.size)
        self._pass_time(going, run.hours, run.day, run.leg, everyone, split=run.halt)

    def _find_close(
        self, hours: Hours, planned: int, today: NDArray[np.int64]
    ) -> Draws:
        """Return until when to go on: up to dark for what was planned for the day."""
        return np.where(
            today == planned - self._order.first_day,
            hours.dark_min[today],
            hours.closes_min[today],
        )

    def _pass_time(
        self,
        going: _Going,
        hours: Hours,
        planned: int,
        leg: int,
        who: NDArray[np.int64],
        *,
        split: bool,
    ) -> None:
        """Let some draws spend what a stretch takes, day by day."""
        left = np.ones(self._now.size)
        who = who[self.day[who] < self._order.days]
        while who.size:
            today = self.day[who]
            closes = self._find_close(hours, planned, today)
            start = np.maximum(self._now[who], hours.opens_min[today])
            whole = (
                going.firm[who] * self._luck.days[today, who]
                + going.soft[who] * self._luck.wet_days[today, who]
                + going.fixed[who]
            )
            takes = left[who] * whole
            room = np.maximum(closes - start, 0.0)
            done = takes <= room + _SLACK_MIN
            self._now[who[done]] = (start + takes)[done]
            self._spent_min[leg, who[done]] += takes[done]
            rest = who[~done]
            if split:
                self._spent_min[leg, rest] += room[~done]
                left[rest] -= (room / np.where(done, 1.0, whole))[~done]
            who = self._sleep(rest)
        self._note_behind(leg, planned)

    def _sleep(self, who: NDArray[np.int64]) -> NDArray[np.int64]:
        """Let some draws go on next morning, and return those that still can."""
        self.day[who] += 1
        self._now[who] = -np.inf
        return who[self.day[who] < self._order.days]

    def _note_behind(self, leg: int, planned: int) -> None:
        late = self.day > planned - self._order.first_day
        self._runs_out[leg] |= late & ~self._behind
        self._behind |= late

    def _visit(self, step: Dwell) -> None:
        came_min, came_day = self._now.copy(), self.day.copy()
        made = np.zeros(self._now.size, dtype=bool)
        missed = np.zeros_like(made)
        who = np.flatnonzero(self.day < self._order.days)
        while who.size:
            today = self.day[who]
            closes = self._find_close(step.hours, step.day, today)
            start = np.maximum(self._now[who], step.hours.opens_min[today])
            start = _find_start(step, start)
            missed[who[np.isinf(start)]] = True
            end = start + step.dwell_min
            done = end <= closes + _SLACK_MIN
            # What lasts longer than planned is broken off as the day closes.
            lasting = step.dwell_min * self._luck.dwells[step.leg, who]
            end = np.maximum(end, np.minimum(start + lasting, closes))
            self._now[who[done]] = end[done]
            made[who[done]] = True
            who = self._sleep(who[~done & np.isfinite(start)])
        self._now[missed], self.day[missed] = came_min[missed], came_day[missed]
        self._note_behind(step.leg, step.day)
        self._earn(step.need, made)

    def _earn(self, need: float, made: NDArray[np.bool_]) -> None:
        """Earn what a patrol does within the days that it may be out."""
        in_time = self.day <= self._order.last_day - self._order.first_day
        self.need += need * (made & in_time)

    def _end_day(self, step: Night) -> None:
        kept = self.day <= step.day - self._order.first_day
        chance = count_chance(kept)
        self._nights.append(DayStress(step.day, step.place_id, step.leg, chance))

    def report(self) -> PatrolStress:
        """Return what came of it."""
        order = self._order
        planned_min = [0.0] * len(order.legs)
        need = 0.0
        for step in order.steps:
            if isinstance(step, Run):
                planned_min[step.leg] += sum(
                    part.road_min + part.ferry_min for part in step.parts
                )
            elif isinstance(step, Dwell | Passed):
                need += step.need
        return PatrolStress(
            patrol_id=order.patrol.id,
            team_id=order.patrol.team_id,
            home=count_chance(self.home),
            fuel=count_chance(self.fuel_l <= order.fuel_l),
            need_planned=need,
            need=measure_spread(self.need),
            days=tuple(self._nights),
            legs=tuple(
                LegStress(
                    from_id,
                    to_id,
                    planned_min[number],
                    measure_spread(self._spent_min[number]),
                    count_chance(self._runs_out[number]),
                )
                for number, (from_id, to_id) in enumerate(order.legs)
            ),
        )


def _find_start(step: Dwell, start: Draws) -> Draws:
    """Return when a visit can begin, infinite where its last window has closed."""
    if step.windows is None:
        return start
    found = np.full(start.size, np.inf)
    for begins, ends in reversed(step.windows):
        found = np.where(ends >= start, np.maximum(start, begins), found)
    return found
