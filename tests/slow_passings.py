"""What is earned on the way, judged slowly: lines driven and sites passed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from slow_document import (
    EARTH_KM,
    Broken,
    Pieces,
    SlowDocument,
    differs,
    measure_km,
    read_time,
)
from slow_harm import find_closed
from slow_ways import list_ways

MINUTES_ALIKE = 1e-6

Earned = dict[tuple[str, int], list[Any]]
"""By patrol and number of its leg: the waysides that it earns."""


def find_earned(papers: SlowDocument) -> Earned:
    """Each wayside once, by who comes by first; a site that is visited never."""
    visited = {site_id for *_, site_id in papers.list_visits()}
    waysides = {way["id"]: way for way in papers.document.get("waysides") or ()}
    moments = [
        (second, patrol["id"], number, minute, wayside_id)
        for patrol in papers.patrols
        if papers.can_be_followed(patrol)
        for second, number, minute, wayside_id in _list_moments(papers, patrol)
        if wayside_id in waysides and waysides[wayside_id]["site_id"] not in visited
    ]
    earned: Earned = defaultdict(list)
    seen = set()
    for _, patrol_id, number, _, wayside_id in sorted(moments):
        if wayside_id not in seen:
            seen.add(wayside_id)
            earned[patrol_id, number].append(waysides[wayside_id])
    return earned


def _list_moments(
    papers: SlowDocument, patrol: Any
) -> Iterator[tuple[int, int, float, str]]:
    vehicle = papers.teams[patrol["team_id"]]["vehicle"]
    for way in list_ways(papers, patrol):
        origin, destination = way.ends
        if way.before:
            # Of the way on from a turn nobody knows what it comes by.
            continue
        driven = sum(leg["driving_min"] for _, leg in way.pieces)
        travel = papers.find_travel(vehicle, papers.find_driven_day(way.pieces))
        for told in (travel or {}).get("ways") or ():
            if (told["from"], told["to"]) != (origin["id"], destination["id"]):
                continue
            for wayside_id, minute in told["comes_by"]:
                if way.known or minute <= driven + MINUTES_ALIKE:
                    second, number = _find_moment(way.pieces, minute)
                    yield second, number, minute, wayside_id


def _find_moment(pieces: Pieces, minute: float) -> tuple[int, int]:
    """In which second a driving minute of a way is over, and on which leg."""
    moving = [piece for piece in pieces if piece[1]["driving_min"] > 0] or pieces[-1:]
    left = minute
    for number, leg in moving:
        if left <= leg["driving_min"] + MINUTES_ALIKE or number == moving[-1][0]:
            break
        left -= leg["driving_min"]
    return round(read_time(leg["depart"]).timestamp() + left * 60), number


def judge_passings(papers: SlowDocument, earned: Earned) -> Iterator[Broken]:
    yield from _judge_waysides(papers)
    yield from _judge_ways(papers)
    for patrol in papers.patrols:
        for number, leg in enumerate(patrol["legs"]):
            waysides = earned.get((patrol["id"], number), [])
            sites = {way["site_id"] for way in waysides if way["site_id"] is not None}
            lines = {way["line_id"] for way in waysides if way["line_id"] is not None}
            told = Counter(leg["passed"])
            if set(told) != sites or max(told.values(), default=1) > 1:
                yield "passed_misstated", patrol["id"]
            if not lines <= set(leg["lines"]):
                yield "passed_misstated", patrol["id"]
            if differs(leg["need_earned"], sum(way["need"] for way in waysides)):
                yield "need_misstated", patrol["id"]
            for site_id in leg["passed"]:
                if site_id in papers.sites and not _is_near(papers, leg, site_id):
                    yield "geometry_misplaced", patrol["id"]


def _judge_waysides(papers: SlowDocument) -> Iterator[Broken]:
    """A site earns its share of its need, stretches what their line is worth."""
    waysides = papers.document.get("waysides") or ()
    share = papers.limits.get("passing_share", 0.0)
    if len({way["id"] for way in waysides}) < len(waysides):
        yield "passed_misstated", None
    lines: dict[str, float] = defaultdict(float)
    sites: dict[str, float] = {}
    for way in waysides:
        if (way["line_id"] is None) == (way["site_id"] is None):
            yield "passed_misstated", None
        elif way["line_id"] is not None:
            lines[way["line_id"]] += way["need"]
        else:
            if way["site_id"] in sites or way["site_id"] not in papers.sites:
                yield "passed_misstated", None
            sites[way["site_id"]] = way["need"]
    closed = find_closed(papers)
    for site in papers.sites.values():
        # Where a gate lets nobody go, a plan may leave being seen unpaid.
        unpaid = ("site", site["id"]) in closed and site["id"] not in sites
        worth = share * (site["need"] or 0.0)
        if not unpaid and differs(sites.get(site["id"], 0.0), worth):
            yield "passed_misstated", None
    presence = papers.limits.get("lines_presence", ())
    worth_of = {line["line_id"]: line["need"] for line in presence}
    for line_id in lines.keys() | worth_of.keys():
        if differs(lines.get(line_id, 0.0), worth_of.get(line_id, 0.0)):
            yield "passed_misstated", None


def _judge_ways(papers: SlowDocument) -> Iterator[Broken]:
    """A way comes by known waysides, each once, while it is driven; not by its ends."""
    waysides = {way["id"]: way for way in papers.document.get("waysides") or ()}
    for travel in papers.document["travel"]:
        ids = travel["place_ids"]
        pairs: Counter[tuple[str, str]] = Counter()
        for way in travel.get("ways") or ():
            ends = (way["from"], way["to"])
            pairs[ends] += 1
            minutes = None
            if set(ends) <= set(ids):
                minutes = travel["durations_min"][ids.index(ends[0])][
                    ids.index(ends[1])
                ]
            met = [wayside_id for wayside_id, _ in way["comes_by"]]
            last = max((minute for _, minute in way["comes_by"]), default=0.0)
            sites = {waysides[key]["site_id"] for key in met if key in waysides}
            if (
                len(set(met)) < len(met)
                or not set(met) <= set(waysides)
                or minutes is None
                or last > minutes * (1 + 1e-6)
                or sites & set(ends)
            ):
                yield "passed_misstated", None
        if any(count > 1 for count in pairs.values()):
            yield "passed_misstated", None


def _is_near(papers: SlowDocument, leg: Any, site_id: str) -> bool:
    """Whether the drawn leg comes within the visibility distance of a site.

    What is straight on one map bends on another, by less than the square of its length
    over eight radii of the Earth.
    """
    site, passing_km = papers.sites[site_id], papers.limits.get("passing_km", 0.0)
    line = leg["geometry"]["coordinates"]
    for a, b in pairwise(line):
        length_km = measure_km(*a[:2], *b[:2])
        bend_km = length_km**2 / (8 * EARTH_KM)
        steps = min(max(1, math.ceil(length_km / 0.05)), 20_000)
        nearest = min(
            measure_km(
                a[0] + (b[0] - a[0]) * k / steps,
                a[1] + (b[1] - a[1]) * k / steps,
                site["lon"],
                site["lat"],
            )
            for k in range(steps + 1)
        )
        if nearest <= passing_km * 1.01 + bend_km + 0.1:
            return True
    return False
