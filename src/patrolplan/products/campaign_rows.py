"""A campaign as rows for people, tables and JSON for machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from patrolplan._version import __version__
from patrolplan.campaign import Campaign
from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text, mark, translate, translate_text
from patrolplan.products.gates import find_shown_status
from patrolplan.products.rows import PlaceNames

__all__ = [
    "FORMAT",
    "MonthCell",
    "MonthRow",
    "SiteRow",
    "describe_campaign",
    "find_campaign_status",
    "list_month_rows",
    "list_site_rows",
    "tabulate_months",
    "tabulate_visits",
    "translate_campaign_heading",
]

FORMAT: Final = "patrolplan-campaign/1"
"""Format of ``campaign.json``."""
_SEASONS: Final = {"dry": mark("dry season"), "rains": mark("rains")}
_HEADINGS: Final = {
    "Month": mark("Month"),
    "Days": mark("Days"),
    "Need met": mark("Need met"),
    "People so far": mark("People so far"),
    "Sites so far": mark("Sites so far"),
    "Patrols": mark("Patrols"),
    "Longest without a visit": mark("Longest without a visit"),
    "failed": mark("failed"),
}


@dataclass(frozen=True)
class MonthRow:
    """One month; its own figures are None where it was not planned.

    Parameters
    ----------
    number
        From 1.
    first_day, last_day
        Local days, ISO 8601, both included.
    season
        Of its first day, in words.
    folder
        Of its pack, below that of the campaign.
    result
        ``planned``; ``changed``, where the nearest that can be done was planned; or
        ``failed``.
    need_met, need_percent
        Persons at risk, weighted, in all; what first visits meet, in percent of the
        need as it has grown back by the month's beginning.
    people_percent, sites_percent
        Percent of all known people, and of all sites, reached so far; None of none.
        Sites that a base holds in every month are no part of these.
    people_so_far, sites_so_far
        Reached in this month or before, each once.
    sites_visited, patrols
        Of this month alone.
    longest_days
        The longest wait at its end of a site that was ever visited and that no base
        holds, in days; None where there is none.
    rules_broken
        How many the month's plan breaks.
    resting
        Teams that are still at rest as it begins, each with the day it may leave.
    faults
        Why it was not planned.
    """

    number: int
    first_day: str
    last_day: str
    season: Text
    folder: str
    result: str
    need_met: float | None
    need_percent: float | None
    people_percent: float | None
    sites_percent: float | None
    people_so_far: int
    sites_so_far: int
    sites_visited: int | None
    patrols: int | None
    longest_days: int | None
    rules_broken: int | None
    resting: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class MonthCell:
    """A site at the end of a month.

    Parameters
    ----------
    month
        Number of the month, from 1.
    held
        Whether a base holds the site day by day in that month.
    visits
        How many that month's plan makes.
    days_since, last_visit
        Days since the last visit, and its local day, ISO 8601; None where no visit is
        on record.
    """

    month: int
    held: bool
    visits: int
    days_since: int | None
    last_visit: str | None


@dataclass(frozen=True)
class SiteRow:
    """A site month by month.

    Parameters
    ----------
    id, name, lon, lat
        Which, and where in degrees.
    people
        Persons; None where unknown.
    held
        Whether a base holds it in every month that was planned.
    cells
        One for each month, in order.
    """

    id: str
    name: Text
    people: int | None
    held: bool
    lon: float
    lat: float
    cells: tuple[MonthCell, ...]


def find_campaign_status(found: Campaign) -> str:
    """Return ``cleared`` if every month that was planned is, else ``draft``.

    Parameters
    ----------
    found
        The campaign.
    """
    plans = [month.plan for month in found.months if month.plan is not None]
    shown = {find_shown_status(plan) for plan in plans}
    return "cleared" if shown == {"cleared"} else "draft"


def list_month_rows(found: Campaign) -> tuple[MonthRow, ...]:
    """Return the months, in their order.

    Parameters
    ----------
    found
        The campaign.
    """
    rows = []
    for month, row in zip(found.months, found.coverage.itertuples(), strict=True):
        rows.append(
            MonthRow(
                number=month.number,
                first_day=month.first_day.isoformat(),
                last_day=month.last_day.isoformat(),
                season=translate_text(_SEASONS.get(month.season, month.season)),
                folder=month.folder,
                result=str(row.result),
                need_met=_read(row.need_met),
                need_percent=_read(row.need_percent),
                people_percent=_share(row.people_so_far, row.people_total),
                sites_percent=_share(row.sites_so_far, row.sites_total),
                people_so_far=int(row.people_so_far),
                sites_so_far=int(row.sites_so_far),
                sites_visited=_count(row.sites_visited),
                patrols=_count(row.patrols),
                longest_days=_count(row.longest_days),
                rules_broken=_count(row.rules_broken),
                resting=tuple((team, day.isoformat()) for team, day in month.resting),
                faults=tuple(str(fault) for fault in month.faults),
            )
        )
    return tuple(rows)


def _read(cell: Any) -> float | None:
    return None if pd.isna(cell) else float(cell)


def _count(cell: Any) -> int | None:
    return None if pd.isna(cell) else int(cell)


def _share(part: Any, whole: Any) -> float | None:
    return 100 * float(part) / float(whole) if whole else None


def list_site_rows(found: Campaign) -> tuple[SiteRow, ...]:
    """Return the sites: those never visited first, then by their longest wait.

    Parameters
    ----------
    found
        The campaign.
    """
    plan: PlanFile | None = next(
        (month.plan for month in found.months if month.plan is not None), None
    )
    if plan is None:
        return ()
    names = PlaceNames(plan, found.layers)
    planned = {month.number for month in found.months if month.plan is not None}
    rows = []
    for site_id, table in found.visits.groupby("site_id", sort=True):
        first = table.iloc[0]
        rows.append(
            SiteRow(
                id=str(site_id),
                name=names.find(str(site_id)),
                people=_count(first["people"]),
                held=bool(table.loc[table["month"].isin(planned), "held"].all()),
                lon=float(first["geometry"].x),
                lat=float(first["geometry"].y),
                cells=tuple(
                    MonthCell(
                        month=int(row.month),
                        held=bool(row.held),
                        visits=int(row.visits),
                        days_since=_count(row.days_since),
                        last_visit=None
                        if pd.isna(row.last_visit)
                        else row.last_visit.isoformat(),
                    )
                    for row in table.itertuples()
                ),
            )
        )

    def rank(row: SiteRow) -> tuple[bool, int, int, str]:
        last = row.cells[-1].days_since
        return last is not None, -(last or 0), -(row.people or 0), row.id

    return tuple(sorted(rows, key=rank))


def tabulate_months(found: Campaign) -> pd.DataFrame:
    """Return ``campaign.csv``: the columns of the coverage, a row a month.

    ``folder`` is that of its pack, ``faults`` why there is none, and ``plan_status``
    that of all plans.

    Parameters
    ----------
    found
        The campaign.
    """
    planned = [month.plan is not None for month in found.months]
    table: pd.DataFrame = found.coverage.assign(
        folder=[
            month.folder if done else None
            for month, done in zip(found.months, planned, strict=True)
        ],
        faults=[" | ".join(map(str, month.faults)) or None for month in found.months],
        plan_status=find_campaign_status(found),
    )
    return table


def tabulate_visits(found: Campaign) -> pd.DataFrame:
    """Return ``campaign-sites.csv``: a row a site and month.

    ``people`` and ``need`` are the word unknown where they are; ``days_since`` is empty
    where no visit is on record.

    Parameters
    ----------
    found
        The campaign.
    """
    table = pd.DataFrame(found.visits.drop(columns="geometry"))
    planned = {month.number for month in found.months if month.plan is not None}
    for name in ("people", "need"):
        told = table[name].notna() | ~table["month"].isin(planned)
        table[name] = table[name].astype(object).where(told, "unknown")
    table["last_visit"] = [
        None if pd.isna(day) else day.isoformat() for day in table["last_visit"]
    ]
    return table.assign(plan_status=find_campaign_status(found))


def describe_campaign(found: Campaign) -> dict[str, Any]:
    """Return what ``campaign.json`` holds; what is unknown is null.

    Parameters
    ----------
    found
        The campaign.
    """
    coverage = found.coverage.astype(object).where(found.coverage.notna(), None)
    months = []
    for month, row in zip(found.months, coverage.to_dict("records"), strict=True):
        told = {str(key): value for key, value in row.items() if key != "resting"}
        told["resting"] = {team: day.isoformat() for team, day in month.resting}
        told["folder"] = None if month.plan is None else month.folder
        told["faults"] = [str(fault) for fault in month.faults]
        months.append(told)
    return {
        "format": FORMAT,
        "version": __version__,
        "status": find_campaign_status(found),
        "release": "confidential",
        "scenario": {
            "name": found.scenario.name,
            "start": found.scenario.start.isoformat(),
            "month_days": found.scenario.horizon_days,
            "timezone": found.scenario.timezone,
        },
        "months": months,
        "sites": [
            {
                "site_id": row.id,
                "name": row.name.en,
                "people": row.people,
                "held": row.held,
                "lon": row.lon,
                "lat": row.lat,
                "months": [
                    {
                        "month": cell.month,
                        "held": cell.held,
                        "visits": cell.visits,
                        "last_visit": cell.last_visit,
                        "days_since": cell.days_since,
                    }
                    for cell in row.cells
                ],
            }
            for row in sorted(list_site_rows(found), key=lambda row: row.id)
        ],
    }


def translate_campaign_heading(heading: str, lang: str) -> str:
    """Return the heading of a table that is printed, in a language.

    Parameters
    ----------
    heading
        In English, such as ``Need met``.
    lang
        ``en`` or ``fr``.
    """
    return translate(_HEADINGS[heading], lang)
