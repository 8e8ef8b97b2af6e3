"""One month after another, each asked by what those before it leave behind.

A month is the scenario's own horizon, so that months are alike. Each is asked by the
scenario with a later start, the plans before it to remember, only what has grown back
of each need, and the day from which each team has rested; it is then planned like any
other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from patrolplan.errors import Fault, InputError, ScenarioError
from patrolplan.nearest import plan_nearest
from patrolplan.planfile import EarlierPlan, PlanFile
from patrolplan.scenario import Scenario, read_scenario
from patrolplan.study import Study

__all__ = [
    "MOST_MONTHS",
    "Month",
    "find_rest",
    "name_folder",
    "plan_months",
    "pose_month",
]

MOST_MONTHS: Final = 36
"""So many months are planned at most."""


class Month(NamedTuple):
    """One month of a campaign.

    Attributes
    ----------
    number
        From 1.
    first_day, last_day
        Its local days.
    season
        Of its first day.
    plan
        What was planned; None where that failed.
    resting
        Teams that rest on its first day, and the day from which they may leave.
    faults
        Why nothing was planned.
    """

    number: int
    first_day: date
    last_day: date
    season: str
    plan: PlanFile | None
    resting: tuple[tuple[str, date], ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def folder(self) -> str:
        """Name of the folder of its pack."""
        return name_folder(self.number)


def name_folder(number: int) -> str:
    """Return the name of the folder of a month's pack.

    Parameters
    ----------
    number
        Of the month, from 1.
    """
    return f"month-{number:02d}"


def find_rest(plans: Sequence[PlanFile], rest_days: dict[str, int]) -> dict[str, date]:
    """Return for each team that went out the first day on which it may leave again.

    Parameters
    ----------
    plans
        Where they went.
    rest_days
        Full days at base between return and departure, by team.
    """
    ready: dict[str, date] = {}
    for plan in plans:
        zone = ZoneInfo(plan.scenario.timezone)
        for patrol in plan.patrols:
            home = patrol.return_.astimezone(zone).date()
            rested = home + timedelta(days=rest_days.get(patrol.team_id, 0) + 1)
            ready[patrol.team_id] = max(rested, ready.get(patrol.team_id, rested))
    return ready


def pose_month(
    scenario: Scenario, number: int, before: Sequence[EarlierPlan]
) -> tuple[Scenario, tuple[tuple[str, date], ...]]:
    """Return the scenario of a month, and the teams that rest on its first day.

    Parameters
    ----------
    scenario
        That of the campaign: its start is that of the first month.
    number
        Of the month, from 1.
    before
        The plans of the months before it.

    Raises
    ------
    ScenarioError
        If it cannot be meant, such as beyond the last year.
    """
    start = scenario.start + timedelta(days=(number - 1) * scenario.horizon_days)
    rests = {team.id: team.rest_days for team in scenario.teams}
    ready = find_rest([earlier.plan for earlier in before], rests)
    teams, resting = [], []
    for team in scenario.teams:
        days = [day for day in (team.ready_from, ready.get(team.id)) if day is not None]
        free = max(days, default=start)
        held = free if free > start else None
        if held is not None:
            resting.append((team.id, held))
        teams.append(team.model_dump() | {"ready_from": held})
    month = scenario.replace(
        name=f"{scenario.name[:54]}-{name_folder(number)}",
        start=start,
        teams=teams,
        visits=scenario.visits.model_dump() | {"weigh_need": True},
    )
    return month.remember(before), tuple(resting)


def plan_months(
    scenario: Scenario | Path | str, months: int = 6, **options: Any
) -> Iterator[tuple[Month, Study | None]]:
    """Plan month after month, and yield each with its study as it is done.

    One that cannot be planned is yielded with its faults, and the next ones follow.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file.
    months
        How many, 1 to ``MOST_MONTHS``.
    **options
        As :func:`~patrolplan.nearest.plan_nearest` takes them.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read, or so many months cannot be planned.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    if not 1 <= months <= MOST_MONTHS:
        found, expected = f"{months}", f"1 to {MOST_MONTHS}"
        raise ScenarioError([Fault(scenario.name, "months", found, expected)])
    before: list[EarlierPlan] = []
    length = timedelta(days=scenario.horizon_days)
    for number in range(1, months + 1):
        first = scenario.start + (number - 1) * length
        last = first + length - timedelta(days=1)
        season = scenario.find_season(first)
        month = Month(number, first, last, season, None)
        try:
            posed, resting = pose_month(scenario, number, before)
            month = month._replace(resting=resting)
            study = plan_nearest(posed, **options)
        except InputError as error:
            yield month._replace(faults=error.faults), None
            continue
        # Where the nearest question has other days, so has the month's plan.
        before.append(EarlierPlan(f"{month.folder}/plan.json", study.plan_file))
        yield month._replace(plan=study.plan_file), study
