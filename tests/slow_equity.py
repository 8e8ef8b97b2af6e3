"""Who is served how much, measured slowly: shares of cercles and of themes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from slow_document import SlowDocument, count_minutes, read_time
from slow_harm import find_closed


def measure_equity(papers: SlowDocument, visited: set[str]) -> dict[str, Any]:
    """Need met by first visits over need in reach, by cercle and by theme."""
    # What was visited can be reached, whatever the figures say.
    within = find_within_reach(papers) | visited
    by_cercle: dict[str, dict[str, float]] = {}
    by_theme: dict[str, dict[str, float]] = {}
    for site in papers.sites.values():
        if site["cercle"] is not None:
            needs = by_cercle.setdefault(site["cercle"], {})
            needs[site["id"]] = site["need"] or 0.0
        for theme, need in site["themes"].items():
            # What is unknown is no need of any theme.
            known = 0.0 if site["need"] is None else need
            by_theme.setdefault(theme, {})[site["id"]] = known
    cercles, themes = (
        {name: _share_out(needs, within, visited) for name, needs in groups.items()}
        for groups in (by_cercle, by_theme)
    )
    by = papers.limits.get("equity_by", "cercle")
    shares = sorted(
        row["share"]
        for row in (themes if by == "theme" else cercles).values()
        if row["share"] is not None
    )
    tail = papers.limits.get("equity_tail", 0.25)
    least = shares[: max(1, round(tail * len(shares)))]
    worst, worst_share = _find_worst(cercles)
    worst_theme, worst_theme_share = _find_worst(themes)
    return {
        "by": by,
        "cercles": cercles,
        "worst": worst,
        "worst_share": worst_share,
        "themes": themes,
        "worst_theme": worst_theme,
        "worst_theme_share": worst_theme_share,
        "tail_share": sum(least) / len(least) if least else None,
    }


def _share_out(
    needs: dict[str, float], within: set[str], visited: set[str]
) -> dict[str, Any]:
    in_reach = sum(need for key, need in needs.items() if key in within)
    met = sum(need for key, need in needs.items() if key in visited)
    return {
        "need_total": sum(needs.values()),
        "need_in_reach": in_reach,
        "need_met": met,
        "share": met / in_reach if in_reach > 0 else None,
    }


def _find_worst(rows: dict[str, dict[str, Any]]) -> tuple[str | None, float | None]:
    ranked = [(row["share"], name) for name, row in rows.items()]
    ranked = sorted(pair for pair in ranked if pair[0] is not None)
    return (ranked[0][1], ranked[0][0]) if ranked else (None, None)


# --- Who can be reached at all --------------------------------------------------------


def find_within_reach(papers: SlowDocument) -> set[str]:
    """Sites that no plain figure of the document puts beyond every team."""
    closed = find_closed(papers)
    return {
        site["id"]
        for site in papers.sites.values()
        if ("site", site["id"]) not in closed
        and _opens_in_time(papers, site)
        and any(_can_go(papers, team, site) for team in papers.teams.values())
    }


def _opens_in_time(papers: SlowDocument, site: Any) -> bool:
    first = papers.find_first_day()
    last = first + timedelta(days=papers.document["scenario"]["horizon_days"] - 1)
    return not site["windows"] or any(
        papers.find_day(read_time(opens)) <= last
        and papers.find_last_day(read_time(closes)) >= first
        for opens, closes in site["windows"]
    )


def _can_go(papers: SlowDocument, team: Any, site: Any) -> bool:
    base = papers.bases.get(team["base_id"])
    if base is None or not set(site["roles_required"]) <= set(team["roles"]):
        return False
    out = _find_least(papers, team, team["base_id"], site["id"])
    back = _find_least(papers, team, site["id"], team["base_id"])
    both = {key: out[key] + back[key] for key in out}
    budget = team.get("hazard_budget")
    longest = max(_find_longest_window(papers, place) for place in (base, site))
    days = min(team["max_days"], papers.document["scenario"]["horizon_days"])
    return (
        math.isfinite(both["minutes"])
        and both["km"] <= team["range_km"]
        and (budget is None or both["hazard"] <= budget)
        and both["minutes"] + site["dwell_min"] <= days * longest
    )


def _find_least(
    papers: SlowDocument, team: Any, origin: str, destination: str
) -> dict[str, float]:
    """The least minutes, km and hazard of any day; each may be of another day."""
    found = [dict.fromkeys(("minutes", "km", "hazard"), math.inf)]
    found += _list_ways(papers, team["vehicle"], origin, destination)
    return {key: min(way[key] for way in found) for key in found[0]}


def _list_ways(
    papers: SlowDocument, vehicle: str, origin: str, destination: str
) -> Iterator[dict[str, float]]:
    for travel in papers.document["travel"]:
        ids = travel["place_ids"]
        if travel["vehicle"] != vehicle or not {origin, destination} <= set(ids):
            continue
        row, column = ids.index(origin), ids.index(destination)
        way = {
            "minutes": travel["durations_min"][row][column],
            "km": travel["lengths_km"][row][column],
            "hazard": (travel.get("hazards") or [[0.0] * len(ids)] * len(ids))[row][
                column
            ],
        }
        yield {key: math.inf if v is None else v for key, v in way.items()}


def _find_longest_window(papers: SlowDocument, place: Any) -> float:
    first = papers.find_first_day()
    longest = 0.0
    for day in range(papers.document["scenario"]["horizon_days"]):
        opens, closes = papers.find_window(
            (place["lon"], place["lat"]), first + timedelta(days=day), False
        )
        longest = max(longest, count_minutes(closes - opens))
    return longest
