"""A campaign: months planned one after the other, and what they cover together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import shapely

from patrolplan.geodesy import WGS84
from patrolplan.layers import Layers
from patrolplan.months import Month, plan_months
from patrolplan.planfile import PlanFile
from patrolplan.scenario import Scenario, read_scenario
from patrolplan.study import Study

__all__ = [
    "COVERAGE_COLUMNS",
    "VISIT_COLUMNS",
    "Campaign",
    "gather_campaign",
    "list_visit_days",
    "plan_campaign",
]

COVERAGE_COLUMNS: Final = {
    "month": "number of the month, from 1",
    "from_date": "its first day",
    "to_date": "its last day",
    "season": "season of its first day, of the scenario",
    "result": "planned, changed (the nearest plan that can be) or failed",
    "need_total": "need at its beginning, as far as grown back, persons weighted",
    "need_met": "need that the plan meets",
    "need_percent": "the share of it that first visits meet, percent",
    "people_reached": "people of the sites visited in the month",
    "people_so_far": "people of all sites visited in this month or before",
    "people_total": "people of all sites but those held in every month, where known",
    "sites_visited": "sites visited in the month",
    "sites_so_far": "sites visited in this month or before",
    "sites_total": "all sites but those that a base holds in every month",
    "patrols": "patrols",
    "resting": "teams that still rest on its first day",
    "longest_days": "longest time since a visit, of sites visited at all and not held",
    "rules_broken": "rules that the plan breaks",
}
"""Columns of the coverage by month; missing where no plan was made."""
VISIT_COLUMNS: Final = {
    "site_id": "the site",
    "name": "its name",
    "people": "persons; missing where unknown",
    "month": "number of the month",
    "held": "whether a base holds it day by day in that month",
    "visits": "visits in the month",
    "last_visit": "day of the last visit until the month's end; None if none is known",
    "days_since": "days since then on the month's last day; missing if none is known",
    "need": "need of the site in that month, persons weighted; missing where unknown",
}
"""Columns of the visits, a row a site and month, beside their geometry."""


@dataclass(frozen=True, eq=False)
class Campaign:
    """Months planned one after the other.

    Parameters
    ----------
    scenario
        What was asked, as of the first month.
    layers
        Of the first month that was planned; None where none was.
    months
        The months.
    coverage
        A DataFrame with ``COVERAGE_COLUMNS``, a row a month.
    visits
        A GeoDataFrame with ``VISIT_COLUMNS``, WGS 84.
    """

    scenario: Scenario
    layers: Layers | None
    months: tuple[Month, ...]
    coverage: Any
    visits: Any


def plan_campaign(
    scenario: Scenario | Path | str,
    months: int = 6,
    *,
    on_month: Callable[[Month, Study | None], None] | None = None,
    **options: Any,
) -> Campaign:
    """Plan month after month with memory of visits, seasons and rest of teams.

    Parameters
    ----------
    scenario
        A scenario, or the path of its file; a month is as long as its horizon.
    months
        How many, 1 to ``MOST_MONTHS``.
    on_month
        Called with each month and its study as it is done.
    **options
        As :func:`~patrolplan.nearest.plan_nearest` takes them, such as ``iterations``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be read, or so many months cannot be planned.
    """
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    done: list[Month] = []
    layers: Layers | None = None
    for month, study in plan_months(scenario, months, **options):
        done.append(month)
        if layers is None and study is not None:
            layers = study.layers
        if on_month is not None:
            on_month(month, study)
    return gather_campaign(scenario, done, layers)


def gather_campaign(
    scenario: Scenario, months: Sequence[Month], layers: Layers | None = None
) -> Campaign:
    """Take months together: what they cover, and how long each site has waited.

    Parameters
    ----------
    scenario
        What was asked, as of the first month.
    months
        The months, in their order.
    layers
        What maps are drawn on.
    """
    visits = _tabulate_visits(months)
    return Campaign(
        scenario, layers, tuple(months), _tabulate_coverage(months, visits), visits
    )


def list_visit_days(plan: PlanFile) -> dict[str, list[date]]:
    """Return the local days of arrival at each site that a plan visits.

    Parameters
    ----------
    plan
        The plan.
    """
    zone = ZoneInfo(plan.scenario.timezone)
    days: dict[str, list[date]] = {}
    for patrol in plan.patrols:
        for stop in patrol.stops:
            if stop.kind == "visit" and stop.site_id is not None:
                moment = stop.arrive or patrol.depart
                days.setdefault(stop.site_id, []).append(moment.astimezone(zone).date())
    return days


def _tabulate_visits(months: Sequence[Month]) -> Any:
    planned = [month for month in months if month.plan is not None]
    first = planned[0].plan if planned else None
    sites = [] if first is None else first.sites
    last = {site.id: site.last_visit for site in sites}
    held: dict[int, set[str]] = {}
    needs: dict[tuple[str, int], float | None] = {}
    for month in planned:
        assert month.plan is not None
        unserved = month.plan.assessment.unserved
        held[month.number] = {e.site_id for e in unserved if e.reason == "held_by_base"}
        needs |= {(site.id, month.number): site.need for site in month.plan.sites}
    rows: list[dict[str, Any]] = []
    for month in months:
        days = {} if month.plan is None else list_visit_days(month.plan)
        for site in sites:
            seen = [*days.get(site.id, ()), *([last[site.id]] if last[site.id] else [])]
            last[site.id] = max(seen, default=None)
            since = last[site.id]
            rows.append(
                {
                    "site_id": site.id,
                    "name": site.name,
                    "people": site.population,
                    "month": month.number,
                    # Of a month that was not planned nobody asked.
                    "held": site.id in held.get(month.number, ()),
                    "visits": len(days.get(site.id, ())),
                    "last_visit": since,
                    "days_since": None
                    if since is None
                    else (month.last_day - since).days,
                    "need": needs.get((site.id, month.number)),
                    "geometry": shapely.Point(site.lon, site.lat),
                }
            )
    columns = [*VISIT_COLUMNS, "geometry"]
    table = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=WGS84)
    return table.astype({"people": "Int64", "days_since": "Int64", "need": "Float64"})


def _tabulate_coverage(months: Sequence[Month], visits: Any) -> pd.DataFrame:
    planned = {month.number for month in months if month.plan is not None}
    asked = visits[visits["month"].isin(planned)]
    always = asked.groupby("site_id")["held"].all()
    ours = visits[~visits["site_id"].isin(always.index[always.astype(bool)])]
    sites = ours.drop_duplicates("site_id")
    people = sites.set_index("site_id")["people"]
    seen: set[str] = set()
    rows = []
    for month in months:
        of_month = ours[ours["month"] == month.number]
        visited = set(of_month.loc[of_month["visits"] > 0, "site_id"])
        seen |= visited
        since = of_month.loc[~of_month["held"].astype(bool), "days_since"].dropna()
        row: dict[str, Any] = {
            "month": month.number,
            "from_date": month.first_day.isoformat(),
            "to_date": month.last_day.isoformat(),
            "season": month.season,
            "result": _name_result(month.plan),
            "people_so_far": int(people[sorted(seen)].sum()),
            "people_total": int(people.sum()),
            "sites_so_far": len(seen),
            "sites_total": len(sites),
            "resting": ", ".join(team for team, _ in month.resting) or None,
            "longest_days": int(since.max()) if len(since) else None,
        }
        if month.plan is not None:
            found = month.plan.assessment
            total, first = found.need_total, found.first_visits
            row |= {
                "need_total": total,
                "need_met": found.need_met,
                "need_percent": 100 * first / total if total else None,
                "people_reached": int(people[sorted(visited)].sum()),
                "sites_visited": len(visited),
                "patrols": len(month.plan.patrols),
                "rules_broken": len(found.violations),
            }
        rows.append(row)
    texts = ("from_date", "to_date", "season", "result", "resting")
    decimals = ("need_total", "need_met", "need_percent")
    types = {
        name: "string" if name in texts else "Float64" if name in decimals else "Int64"
        for name in COVERAGE_COLUMNS
    }
    table = pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS), dtype=object)
    return table.astype(types)


def _name_result(plan: PlanFile | None) -> str:
    if plan is None:
        return "failed"
    return "planned" if plan.nearest is None else "changed"
