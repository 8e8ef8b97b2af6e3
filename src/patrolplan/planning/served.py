"""Who is served how much, as the referee measures it from the document alone.

A share is need met by first visits over need in reach, of a cercle or of a theme. In
reach is what no plain figure of the document puts out of reach: see
:func:`find_reach`. Need beyond it is in no share, since no plan could meet it; and
known need only, since nobody knows what share of the unknown is met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import inf
from typing import Any

from patrolplan.gates import find_closed
from patrolplan.planfile import SiteEntry, TeamEntry
from patrolplan.planning.evidence import Evidence

__all__ = ["find_reach", "measure_equity"]


def measure_equity(
    evidence: Evidence, without: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return need met by cercle and by theme, and who is worst served.

    Sites of no cercle are left out of cercles. A group without need in reach has no
    share, and is not the worst served. ``tail_share`` is the mean share of the groups
    that the scenario compares, as many of the worst served as it counts.

    Parameters
    ----------
    evidence
        The document, indexed.
    without
        What the plan without equity would have met, as the document tells.
    """
    visited = {visit.site.id for visit in evidence.visits}
    reach = find_reach(evidence) | visited
    first = {visit.site.id for visit in evidence.visits if visit.first}
    cercles: dict[str, dict[str, float]] = {}
    themes: dict[str, dict[str, float]] = {}
    for site in evidence.plan.sites:
        if site.cercle is not None:
            cercles.setdefault(site.cercle, {})[site.id] = site.need or 0.0
        for theme, need in site.themes.items():
            known = 0.0 if site.need is None else need
            themes.setdefault(theme, {})[site.id] = known
    tables = {
        "cercle": {name: _share_out(cercles[name], reach, first) for name in cercles},
        "theme": {name: _share_out(themes[name], reach, first) for name in themes},
    }
    worst, worst_share = _find_worst(tables["cercle"])
    worst_theme, worst_theme_share = _find_worst(tables["theme"])
    by = evidence.limits.equity_by
    shares = sorted(
        row["share"] for row in tables[by].values() if row["share"] is not None
    )
    least = shares[: max(1, round(len(shares) * evidence.limits.equity_tail))]
    measured: dict[str, Any] = {
        "by": by,
        "cercles": {name: tables["cercle"][name] for name in sorted(cercles)},
        "worst": worst,
        "worst_share": worst_share,
        "themes": {name: tables["theme"][name] for name in sorted(themes)},
        "worst_theme": worst_theme,
        "worst_theme_share": worst_theme_share,
        "tail_share": sum(least) / len(least) if least else None,
    }
    return measured if without is None else measured | {"without": dict(without)}


def _share_out(
    needs: Mapping[str, float], reach: set[str], visited: set[str]
) -> dict[str, float | None]:
    whole = sum(need for site, need in needs.items() if site in reach)
    met = sum(need for site, need in needs.items() if site in visited)
    return {
        "need_total": sum(needs.values()),
        "need_in_reach": whole,
        "need_met": met,
        "share": met / whole if whole > 0 else None,
    }


def _find_worst(
    rows: Mapping[str, Mapping[str, float | None]],
) -> tuple[str | None, float | None]:
    """Return who is worst served, the first by name where several are."""
    shares = [
        (share, name) for name in rows if (share := rows[name]["share"]) is not None
    ]
    share, name = min(shares, default=(None, None))
    return name, share


def find_reach(evidence: Evidence) -> set[str]:
    """Return ids of the sites that no plain figure puts out of every team's reach.

    Where no gate is closed, a team that has all roles asked, a way out and a way back,
    each the shortest of any day; together within its range and hazard budget; with the
    dwell within its days, each as long as the longest duty window of any day at its
    base or at the site; and a window that is open within the horizon. Where halts
    are barred, or hours do not fit, a site may be out of reach that is counted
    here, never the other way round.

    Parameters
    ----------
    evidence
        The document, indexed.
    """
    ways = {team.id: list(_list_ways(evidence, team)) for team in evidence.plan.teams}
    days = [
        evidence.first_day + timedelta(days=day)
        for day in range(evidence.plan.scenario.horizon_days)
    ]

    closed = find_closed(evidence.plan)

    def is_open(site: SiteEntry) -> bool:
        return ("site", site.id) not in closed and (
            not site.windows
            or any(
                evidence.find_day(begins) <= days[-1]
                and evidence.find_end_day(ends) >= days[0]
                for begins, ends in site.windows
            )
        )

    def is_in_reach(team: TeamEntry, site: SiteEntry) -> bool:
        base = evidence.bases.get(team.base_id)
        if base is None or not set(site.roles_required) <= set(team.roles):
            return False
        minutes, km, hazard = _measure_ways(ways[team.id], team.base_id, site.id)
        if km > team.range_km or hazard > (
            inf if team.hazard_budget is None else team.hazard_budget
        ):
            return False
        longest = max(
            (closes - opens) / timedelta(minutes=1)
            for place in ((base.lon, base.lat), (site.lon, site.lat))
            for opens, closes in (evidence.find_window(place, day) for day in days)
        )
        most = min(team.max_days, len(days)) * max(longest, 0.0)
        return minutes + site.dwell_min <= most

    return {
        site.id
        for site in evidence.plan.sites
        # Others are in no share.
        if site.need
        and is_open(site)
        and any(is_in_reach(team, site) for team in evidence.plan.teams)
    }


def _list_ways(
    evidence: Evidence, team: TeamEntry
) -> Iterator[tuple[dict[str, int], list[Any]]]:
    """Yield of each matrix of a team's vehicles the places, and what a way takes."""
    for travel in evidence.plan.travel:
        if travel.vehicle == team.vehicle:
            numbers = {place: n for n, place in enumerate(travel.place_ids)}
            yield numbers, [travel.durations_min, travel.lengths_km, travel.hazards]


def _measure_ways(
    ways: list[tuple[dict[str, int], list[Any]]], base: str, site: str
) -> tuple[float, float, float]:
    """Return the least minutes, km and hazard out and back; inf where no way is."""
    least = [[inf, inf], [inf, inf], [inf, inf]]
    for numbers, tables in ways:
        here, there = numbers.get(base), numbers.get(site)
        if here is None or there is None:
            continue
        for way, (one, other) in enumerate(((here, there), (there, here))):
            for kind, table in enumerate(tables):
                try:
                    cell = 0.0 if table is None else table[one][other]
                except IndexError:
                    cell = None
                if cell is not None:
                    least[kind][way] = min(least[kind][way], cell)
    minutes, km, hazard = (sum(pair) for pair in least)
    return minutes, km, hazard
