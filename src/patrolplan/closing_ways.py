"""Lines that close while a patrol is on its way: heard of, since no limit forbids it.

A leg goes by the roads of the day on which it sets out. One that is under way for days
may so come to a line after it has closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from patrolplan.planfile import Code, PlanFile
from patrolplan.question import PeriodTravel

__all__ = ["list_closing_ways"]


def list_closing_ways(
    plan: PlanFile,
    travels: Sequence[PeriodTravel],
    names: Mapping[str, tuple[str, str]],
) -> tuple[Code, ...]:
    """Return what a plan drives on a day on which it is closed.

    Parameters
    ----------
    plan
        The plan.
    travels
        Travel of each vehicle class and period, with the lines closed in it.
    names
        English and French name of each line.

    Returns
    -------
    ``line_closes_on_way`` {patrol_id, name, name_fr, date} for each patrol and line,
    with the first day on which it is driven closed.
    """
    zone = ZoneInfo(plan.scenario.timezone)
    vehicles = {team.id: team.vehicle for team in plan.teams}
    found: dict[tuple[str, str], Code] = {}
    for patrol in plan.patrols:
        for leg in patrol.legs:
            day = leg.depart.astimezone(zone).date()
            closed = {
                line
                for period in travels
                if period.from_date <= day <= period.to_date
                and period.travel.state.vehicle == vehicles[patrol.team_id]
                for line in period.travel.state.closed
            }
            for line in leg.lines if leg.driving_min > 0 else ():
                if line in closed:
                    name, name_fr = names.get(line, (line, line))
                    values = {
                        "patrol_id": patrol.id,
                        "name": name,
                        "name_fr": name_fr,
                        "date": day.isoformat(),
                    }
                    code = Code(code="line_closes_on_way", values=values)
                    found.setdefault((patrol.id, line), code)
    return tuple(found.values())
