"""The rest of a plan as a schedule in the words of the whole problem.

A patrol under way goes on from where it stands, and ends at its base: what stands for
its start, its homecoming and visits kept is given its own name again.
"""

from __future__ import annotations

from dataclasses import replace

from patrolplan.planning.keeping import Keeping
from patrolplan.planning.posed import Posed
from patrolplan.planning.problem import PatrolDecision, Plan, Problem
from patrolplan.planning.replanning import Remainder, Replanned, pose_freed
from patrolplan.planning.schedule import (
    Leg,
    PatrolSchedule,
    Stop,
    build_schedule,
)
from patrolplan.planning.underway import Continuation

__all__ = ["build_homeward", "build_resumption", "rename_patrol"]


def build_resumption(
    problem: Problem, replanned: Replanned
) -> tuple[dict[str, PatrolSchedule], tuple[PatrolSchedule, ...]]:
    """Work the rest of a plan out to stops, legs, halts and times.

    Parameters
    ----------
    problem
        The whole problem, as it was re-planned: places are numbered as there.
    replanned
        The rest as decided.

    Returns
    -------
    By team, the rest of each patrol under way, which begins with a stop of kind
    ``base`` where it stands, on the day on which it goes on; and the patrols yet to
    leave, whole.
    """
    names = _Names(problem, replanned.continuation, replanned.keeping)
    schedule = build_schedule(replanned.keeping.problem, replanned.plan)
    teams = replanned.continuation.teams
    return (
        {
            teams[patrol.team_id]: names.relate(patrol)
            for patrol in schedule.patrols
            if patrol.team_id in teams
        },
        tuple(
            names.relate(patrol)
            for patrol in schedule.patrols
            if patrol.team_id not in teams
        ),
    )


def build_homeward(
    problem: Problem, remainder: Remainder, team_id: str
) -> PatrolSchedule | None:
    """Work out how a patrol comes home straight, whatever its limits.

    Parameters
    ----------
    problem, remainder
        The whole problem, and how far its plan has come.
    team_id
        Whose patrol under way.

    Returns
    -------
    As of :func:`build_resumption`; None if it does not come home within the horizon.
    """
    freed = pose_freed(problem, remainder, team_id)
    posed = Posed(freed.problem)
    start, home = f"start:{team_id}", f"home:{team_id}"
    number = next(n for n, t in enumerate(freed.problem.teams) if t.id == start)
    place = freed.problem.place_index[home]
    for day in range(remainder.day, problem.horizon_days):
        if posed.run(posed.kinds[number], day, (place,), shortly=True) is not None:
            plan = Plan((PatrolDecision(start, day, (home,)),))
            (patrol,) = build_schedule(freed.problem, plan).patrols
            return _Names(problem, freed, Keeping(freed.problem, {})).relate(patrol)
    return None


def rename_patrol(
    patrol: PatrolSchedule, patrol_id: str, *, halts: int = 0
) -> PatrolSchedule:
    """Return a patrol by another id, its halts named after it.

    Parameters
    ----------
    patrol
        As worked out.
    patrol_id
        Its new id.
    halts
        How many halts it had before.
    """
    names: dict[str, str] = {}
    for stop in patrol.stops:
        if stop.kind == "halt":
            names[stop.place_id] = f"halt:{patrol_id}:{halts + len(names) + 1}"
    return replace(
        patrol,
        id=patrol_id,
        stops=tuple(
            replace(stop, place_id=names.get(stop.place_id, stop.place_id))
            for stop in patrol.stops
        ),
        legs=tuple(
            replace(
                leg,
                from_id=names.get(leg.from_id, leg.from_id),
                to_id=names.get(leg.to_id, leg.to_id),
            )
            for leg in patrol.legs
        ),
    )


class _Names:
    """What the extra places of a continuation are in the whole problem."""

    def __init__(
        self, problem: Problem, continuation: Continuation, keeping: Keeping
    ) -> None:
        self._problem, self._continuation = problem, continuation
        self._places = {
            **{s: out.place_id for s, out in continuation.starts.items()},
            **continuation.homecomings,
            **{copy: visit.site_id for copy, visit in keeping.copies.items()},
        }
        self._ids = keeping.problem.place_ids
        self._bases = {team.id: team.base_id for team in problem.teams}

    def _name(self, place_id: str) -> str:
        return self._places.get(place_id, place_id)

    def _number(self, place: int) -> int:
        return self._problem.place_index[self._name(self._ids[place])]

    def relate(self, patrol: PatrolSchedule) -> PatrolSchedule:
        """Return a patrol in the words of the whole problem, until it is home."""
        team_id = self._continuation.teams.get(patrol.team_id, patrol.team_id)
        base_id = self._bases[team_id]
        homecomings = self._continuation.homecomings
        last = next(
            (n for n, stop in enumerate(patrol.stops) if stop.site_id in homecomings),
            len(patrol.stops) - 1,
        )
        home_min = patrol.stops[last].arrive_min
        assert home_min is not None
        base = self._problem.place_index[base_id]
        stops = (
            *(self._relate_stop(stop) for stop in patrol.stops[:last]),
            Stop("base", base_id, base, None, home_min, None),
        )
        legs = tuple(self._relate_leg(leg) for leg in patrol.legs[:last])
        moved = [leg for leg in legs if leg.arrive_min > leg.depart_min]
        return replace(
            patrol,
            team_id=team_id,
            base_id=base_id,
            return_day=self._find_day(moved[-1].depart_min) if moved else 0,
            return_min=home_min,
            stops=stops,
            legs=legs,
            length_m=sum(leg.length_m for leg in legs),
            driving_min=sum(leg.driving_min for leg in legs),
        )

    def _find_day(self, minute: float) -> int:
        starts = self._problem.day_starts_min
        return int(starts.searchsorted(minute, side="right")) - 1

    def _relate_stop(self, stop: Stop) -> Stop:
        name = self._name
        return replace(
            stop,
            place_id=name(stop.place_id),
            place=None if stop.place is None else self._number(stop.place),
            site_id=None if stop.site_id is None else name(stop.site_id),
        )

    def _relate_leg(self, leg: Leg) -> Leg:
        return replace(
            leg,
            from_id=self._name(leg.from_id),
            to_id=self._name(leg.to_id),
            origin=self._number(leg.origin),
            destination=self._number(leg.destination),
        )
