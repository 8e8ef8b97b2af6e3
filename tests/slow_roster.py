"""What no patrol shows alone, judged slowly: halts, rest, repeats, sites to visit."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from slow_document import Broken, SlowDocument, read_time


def judge_roster(papers: SlowDocument) -> Iterator[Broken]:
    named = Counter(
        stop["place_id"]
        for patrol in papers.patrols
        for stop in patrol["stops"]
        if stop["kind"] == "halt"
    )
    for patrol in papers.patrols:
        for stop in patrol["stops"]:
            whole = rf"halt:{re.escape(patrol['id'])}:[1-9][0-9]{{0,5}}"
            if stop["kind"] == "halt" and (
                re.fullmatch(whole, stop["place_id"]) is None
                or named[stop["place_id"]] > 1
            ):
                yield "halt_misnamed", patrol["id"]
    yield from _judge_rest(papers)
    yield from _judge_visits(papers)


def _judge_rest(papers: SlowDocument) -> Iterator[Broken]:
    for team_id in {patrol["team_id"] for patrol in papers.patrols}:
        team = papers.teams.get(team_id)
        out = [patrol for patrol in papers.patrols if patrol["team_id"] == team_id]
        out.sort(key=lambda patrol: (read_time(patrol["depart"]), patrol["id"]))
        if team is not None and team.get("ready_from") is not None:
            ready = date.fromisoformat(team["ready_from"])
            for patrol in out:
                if papers.find_day(read_time(patrol["depart"])) < ready:
                    yield "left_unrested", patrol["id"]
        for before, after in itertools.pairwise(out):
            home, leaves = read_time(before["return"]), read_time(after["depart"])
            if leaves < home:
                yield "patrols_overlap", after["id"]
                continue
            free = (papers.find_day(leaves) - papers.find_last_day(home)).days - 1
            if team is not None and free < team["rest_days"]:
                yield "rest_too_short", after["id"]


def _judge_visits(papers: SlowDocument) -> Iterator[Broken]:
    visited = set()
    for (patrol_id, _), site_id, kind in papers.list_worth():
        visited.add(site_id)
        if kind == "too_soon":
            yield "visit_repeated", patrol_id
    for site in papers.sites.values():
        if site["required"] and site["id"] not in visited:
            yield "required_not_visited", None
    unknown = {key for key, site in papers.sites.items() if site["need"] is None}
    asked = min(papers.limits.get("min_unknown_visits", 0), len(unknown))
    if len(unknown & visited) < asked:
        yield "too_few_unknown", None
    for group in papers.limits.get("groups", ()):
        met = visited & set(group["site_ids"])
        if len(met) > 1:
            yield "group_repeated", None
        if group["required"] and not met:
            yield "group_not_visited", None
    for patrol in papers.patrols:
        stops = patrol["stops"]
        seen = {stop["site_id"] for stop in stops if stop["kind"] == "visit"}
        for pair in papers.limits.get("forbidden_pairs", ()):
            if set(pair) <= seen:
                yield "pair_forbidden", patrol["id"]
