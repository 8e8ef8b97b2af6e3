"""The rules that no patrol shows alone: who is out when, and which sites are met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from patrolplan.planfile import PatrolEntry, Violation, format_time
from patrolplan.planning.evidence import Evidence

__all__ = ["build_violation", "judge_roster"]


def judge_roster(evidence: Evidence) -> Iterator[Violation]:
    """Yield what no patrol shows alone: overlap, rest, repeats, sites to visit.

    Parameters
    ----------
    evidence
        The document, indexed.
    """
    by_team: dict[str, list[PatrolEntry]] = defaultdict(list)
    for patrol in evidence.plan.patrols:
        by_team[patrol.team_id].append(patrol)
    for team_id, patrols in sorted(by_team.items()):
        team = evidence.teams.get(team_id)
        patrols.sort(key=lambda patrol: (patrol.depart, patrol.id))
        ready = None if team is None else team.ready_from
        for patrol in patrols:
            left = evidence.find_day(patrol.depart)
            if ready is not None and left < ready:
                days = left.isoformat(), ready.isoformat()
                yield build_violation("left_unrested", patrol, None, *days)
        for before, after in pairwise(patrols):
            if after.depart < before.return_:
                yield build_violation(
                    "patrols_overlap", after, before.id, after.depart, before.return_
                )
                continue
            home = evidence.find_end_day(before.return_)
            rested = (evidence.find_day(after.depart) - home).days - 1
            if team is not None and rested < team.rest_days:
                yield build_violation(
                    "rest_too_short", after, before.id, rested, team.rest_days
                )
    for visit in evidence.visits:
        if visit.too_soon:
            since, cadence = visit.since_days, visit.site.cadence_days
            yield build_violation(
                "visit_repeated", visit.patrol, visit.site.id, since, cadence
            )
    visited = {visit.site.id for visit in evidence.visits}
    for site in evidence.plan.sites:
        if site.required and site.id not in visited:
            yield build_violation("required_not_visited", None, site.id, False, True)
    unknown = {site.id for site in evidence.plan.sites if site.need is None}
    least = min(evidence.limits.min_unknown_visits, len(unknown))
    if len(unknown & visited) < least:
        found = len(unknown & visited)
        yield build_violation("too_few_unknown", None, None, found, least)
    yield from _judge_groups(evidence, visited)
    yield from _judge_pairs(evidence)


def _judge_groups(evidence: Evidence, visited: set[str]) -> Iterator[Violation]:
    """Of a group one site at most is visited, though it be visited again."""
    for site_ids, required in evidence.limits.groups:
        chosen = [site for site in dict.fromkeys(site_ids) if site in visited]
        if len(chosen) > 1:
            yield build_violation("group_repeated", None, None, chosen, 1)
        if required and not chosen:
            yield build_violation("group_not_visited", None, None, None, list(site_ids))


def _judge_pairs(evidence: Evidence) -> Iterator[Violation]:
    """Of a forbidden pair no patrol visits both."""
    for patrol in evidence.plan.patrols:
        visited = {stop.site_id for stop in patrol.stops if stop.kind == "visit"}
        for first, second in evidence.limits.forbidden_pairs:
            if first in visited and second in visited:
                pair = [first, second]
                yield build_violation("pair_forbidden", patrol, None, pair, None)


def build_violation(
    rule: str, patrol: PatrolEntry | None, where: str | None, found: Any, limit: Any
) -> Violation:
    """Return a violation, its times as they stand in a file.

    Parameters
    ----------
    rule, patrol, where, found, limit
        Which rule, whose patrol and where, or None; what was found, and the limit.
    """
    return Violation(
        rule=rule,
        patrol_id=None if patrol is None else patrol.id,
        where=where,
        found=format_time(found) if isinstance(found, datetime) else found,
        limit=format_time(limit) if isinstance(limit, datetime) else limit,
    )
