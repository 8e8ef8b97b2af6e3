"""A plan changed while it is carried out: after an alert, a closure, or a promise.

What was done before the morning of a day stays as it is. Patrols that are out go on
from where they stand, with the days, range and hazard that they have left. The others
may change, as far as that is worth more than to keep what was planned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from patrolplan.driven import list_driven, list_driven_legs, measure_hazard
from patrolplan.errors import Fault, PlanFileError
from patrolplan.layers import Layers
from patrolplan.network.arcs import Piece
from patrolplan.news import News, close_lines, name_sites, take_up
from patrolplan.planfile import PlanFile
from patrolplan.planning.problem import Problem
from patrolplan.planning.replanning import Remainder, Replanned, replan_remainder
from patrolplan.planning.solver import DEFAULT_WORKERS, Progress
from patrolplan.planning.underway import Underway
from patrolplan.question import PeriodTravel
from patrolplan.redrafting import Redraft
from patrolplan.scenario import Scenario
from patrolplan.standing import Clock, Outside, Standing, find_standing
from patrolplan.stations import Station, join_stations
from patrolplan.study import build_question

__all__ = ["Revision", "replan_patrols"]

_METRES_PER_KM = 1000.0


@dataclass(frozen=True, eq=False)
class Revision:
    """A plan planned anew from a day on.

    Parameters
    ----------
    before, plan_file
        The plan as it was, and as it is now, over the whole horizon.
    day
        From the morning of which it was planned anew.
    news
        Why, with sites by their ids.
    standing
        How far the plan had come.
    replanned
        What was decided.
    layers
        What it is drawn on.
    """

    before: PlanFile
    plan_file: PlanFile
    day: date
    news: News
    standing: Standing
    replanned: Replanned
    layers: Layers


def replan_patrols(
    before: PlanFile,
    scenario: Scenario,
    day: date,
    news: News | None = None,
    *,
    change_weight: float | None = None,
    file: str = "plan.json",
    seconds: float | None = None,
    iterations: int | None = None,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Revision:
    """Plan the rest of a plan anew, from the morning of a day on.

    Parameters
    ----------
    before
        The plan as it is carried out.
    scenario
        What it was made from.
    day
        Local day of the horizon: what began before it is done.
    news
        What has changed.
    change_weight
        What a visit is worth that stays with its team and on its day, in the mean need
        of the visits still to come; None takes the scenario's.
    file
        Name of the plan's file, for faults.
    seconds, iterations, workers, on_progress
        Of the solver, as of :func:`patrolplan.study.plan_patrols`. The seed is that of
        the plan.

    Raises
    ------
    InputError
        If the plan is not of the scenario, the day is none of its horizon, or the news
        name what is not there; with all such faults.
    """
    news = news or News()
    _check_origin(before, scenario, day, file)
    changes: dict[str, Any] = {"lines": close_lines(before, scenario, day, news.closed)}
    if iterations is not None:
        changes["iterations"] = iterations
    if before.seed is not None:
        changes["seed"] = before.seed
    question = build_question(scenario.replace(**changes))
    scenario = question.scenario
    clock = Clock(scenario.start, scenario.timezone)
    number = (day - scenario.start).days
    standing = find_standing(before, question.problem, clock, number, file=file)
    news = name_sites(news, question, standing, file)
    problem = take_up(question, before, news)
    whole, travels = join_stations(question, problem, _list_stations(problem, standing))
    remainder = _build_remainder(whole, travels, standing, clock)
    weight = scenario.replanning.change_weight
    if change_weight is not None:
        weight = change_weight
    replanned = replan_remainder(
        whole,
        remainder,
        worth=weight * _measure_mean(problem, standing),
        seed=scenario.seed,
        iterations=scenario.iterations,
        seconds=seconds,
        workers=workers or DEFAULT_WORKERS,
        on_progress=on_progress,
    )
    draft = Redraft(before, question, problem, whole, travels, standing, clock)
    return Revision(
        before=before,
        plan_file=draft.write(remainder, replanned, news),
        day=day,
        news=news,
        standing=standing,
        replanned=replanned,
        layers=question.layers,
    )


def _check_origin(plan: PlanFile, scenario: Scenario, day: date, file: str) -> None:
    """Refuse a plan of another scenario, and a day that is none of its horizon."""
    told = plan.scenario
    faults = [
        Fault(file, f"scenario.{name}", f"{found}", f"{expected}", "another scenario")
        for name, found, expected in (
            ("name", told.name, scenario.name),
            ("start", told.start, scenario.start),
            ("horizon_days", told.horizon_days, scenario.horizon_days),
            ("timezone", told.timezone, scenario.timezone),
        )
        if found != expected
    ]
    if day not in scenario.days:
        span = f"a day from {scenario.days[0]} to {scenario.days[-1]}"
        faults.append(Fault(file, "now", f"{day}", span))
    if faults:
        raise PlanFileError(faults)


def _list_stations(problem: Problem, standing: Standing) -> list[Station]:
    """Return the halts between places that patrols under way went or go on from."""
    vehicles = {team.id: team.vehicle for team in problem.teams}
    stations: dict[str, Station] = {}
    for out in standing.outside:
        vehicle = vehicles[out.patrol.team_id]
        for leg in out.legs:
            if leg.turned_after:
                halt = out.patrol.stops[leg.numbers.start]
                origin = leg.origin.place_id
                stations[halt.place_id] = Station(
                    halt.place_id, halt.lon, halt.lat, origin, vehicle
                )
        if out.is_on_way and out.driven_min:
            left = out.patrol.legs[out.reached : out.leg.numbers.stop]
            stations[out.stop.place_id] = Station(
                out.stop.place_id,
                out.stop.lon,
                out.stop.lat,
                out.leg.origin.place_id,
                vehicle,
                next(reversed(out.patrol.legs[out.reached - 1].lines), ""),
                out.leg.destination.place_id,
                out.driven_min,
                out.left_min,
                _METRES_PER_KM * sum(leg.length_km for leg in left),
                tuple(line for leg in left for line in leg.lines),
            )
    return list(stations.values())


def _measure_burnt(
    problem: Problem, out: Outside, driven: Sequence[Sequence[Piece]]
) -> float:
    """Return litres that each vehicle has burnt since its last fill, on average."""
    burnt_l = 0.0
    for pieces, stop in zip(driven, out.patrol.stops[1:], strict=False):
        burnt_l += sum(piece.fuel_l for piece in pieces)
        if stop.site_id is None:
            continue
        if problem.sites[problem.site_index[stop.site_id]].refuels:
            burnt_l = 0.0
    return burnt_l


def _build_remainder(
    problem: Problem,
    travels: tuple[PeriodTravel, ...],
    standing: Standing,
    clock: Clock,
) -> Remainder:
    teams = {team.id: team for team in problem.teams}
    return Remainder(
        day=standing.day,
        underway=tuple(
            Underway(
                team_id=out.patrol.team_id,
                place_id=out.place_id,
                ready_min=float(problem.day_starts_min[standing.day]),
                depart_day=clock.find_day(out.patrol.depart),
                driven_m=_METRES_PER_KM
                * sum(leg.length_km for leg in out.patrol.legs[: out.reached]),
                hazard=measure_hazard(
                    list_driven(out, teams[out.patrol.team_id].vehicle, travels, clock)
                ),
                visited=tuple(
                    stop.site_id
                    for stop in out.patrol.stops[: out.reached + 1]
                    if stop.site_id is not None
                ),
                burnt_l=_measure_burnt(
                    problem,
                    out,
                    list_driven_legs(
                        out, teams[out.patrol.team_id].vehicle, travels, clock
                    ),
                ),
            )
            for out in standing.outside
        ),
        rest=standing.rest,
        visits=standing.visits,
        visited=standing.visited,
        free_days={
            team: home + 1 + teams[team].rest_days
            for team, home in standing.returned.items()
        },
        earned=frozenset(
            number
            for number, wayside in enumerate(problem.waysides)
            if wayside.id in standing.earned
        ),
    )


def _measure_mean(problem: Problem, standing: Standing) -> float:
    """Return the mean need of the visits still to come, 0 if there is none."""
    needs = [
        problem.sites[problem.site_index[visit.site_id]].need or 0.0
        for visit in standing.visits
    ]
    return sum(needs) / len(needs) if needs else 0.0
