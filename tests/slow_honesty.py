"""What a plan says of itself, judged slowly: need, figures, who is left out, bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from slow_document import Broken, SlowDocument, differs, measure_km
from slow_equity import measure_equity
from slow_passings import Earned, find_earned, judge_passings

# A bound is a sum of floats, and so is what it bounds.
BOUND_ALIKE = 1e-6
NOTHING = 1e-6


def judge_honesty(papers: SlowDocument) -> Iterator[Broken]:
    earned = find_earned(papers)
    yield from judge_passings(papers, earned)
    yield from _judge_needs(papers)
    true = measure_figures(papers, earned)
    told = papers.document["assessment"]
    for key, figure in _flatten(true):
        if differs(_find(told, key), figure):
            yield "figures_misstated", None
    if {key for key, _ in _flatten(true)} != {
        key for key, _ in _flatten(told, of=tuple(true)) if key[:2] not in _TOLD_ONLY
    }:
        yield "figures_misstated", None
    yield from _judge_unserved(papers)
    bound = told["need_bound"]
    if bound is not None and bound < true["need_met"] * (1 - BOUND_ALIKE) - BOUND_ALIKE:
        yield "bound_below_plan", None


# What a plan without equity would have met, only the solver can tell.
_TOLD_ONLY = {("equity", "without")}


def _judge_needs(papers: SlowDocument) -> Iterator[Broken]:
    worth = {
        visit: 0.0 if kind == "too_soon" else papers.sites[site_id]["need"] or 0.0
        for visit, site_id, kind in papers.list_worth()
    }
    for patrol in papers.patrols:
        for number, stop in enumerate(patrol["stops"]):
            if differs(stop["need_earned"], worth.get((patrol["id"], number), 0.0)):
                yield "need_misstated", patrol["id"]
    for site in papers.sites.values():
        themes = sum(site["themes"].values())
        if site["themes"] and differs(themes, site["need"] or 0.0):
            yield "need_misstated", None


def _judge_unserved(papers: SlowDocument) -> Iterator[Broken]:
    """Each site without a visit is listed, once, with its need; no other is."""
    told = papers.document["assessment"]["unserved"]
    visited = {site_id for *_, site_id in papers.list_visits()}
    left_out = {key: site["need"] for key, site in papers.sites.items()}
    left_out = {key: need for key, need in left_out.items() if key not in visited}
    counts = Counter(entry["site_id"] for entry in told)
    if counts != Counter(left_out.keys()):
        yield "unserved_misstated", None
    for entry in told:
        if entry["site_id"] in left_out:
            need = left_out[entry["site_id"]]
            if differs(entry["need"], need):
                yield "unserved_misstated", None


def measure_figures(papers: SlowDocument, earned: Earned) -> dict[str, Any]:
    """All that the assessment says, but who is left out and what is broken."""
    sites, told = papers.sites, papers.document["assessment"]
    first, again = {}, 0.0
    for _, site_id, kind in papers.list_worth():
        need = sites[site_id]["need"]
        if kind == "first":
            first[site_id] = need
        elif kind == "again":
            again += need or 0.0
    needs = [site["need"] for site in sites.values()]
    waysides = [way for found in earned.values() for way in found]
    passed = sum(way["need"] for way in waysides if way["site_id"] is not None)
    lines = sum(way["need"] for way in waysides if way["site_id"] is None)
    firsts = sum(need or 0.0 for need in first.values())
    met = firsts + again + passed + lines
    bound = told["need_bound"]
    return {
        "need_total": sum(need or 0.0 for need in needs),
        "need_met": met,
        "first_visits": firsts,
        "repeats": again,
        "passed": passed,
        "lines": lines,
        "need_bound": bound,
        "gap": (bound - met) / bound if bound and bound >= NOTHING else None,
        "unknown_total": needs.count(None),
        "unknown_visited": list(first.values()).count(None),
        "people_total": sum(site["population"] or 0 for site in sites.values()),
        "people_reached": sum(sites[key]["population"] or 0 for key in first),
        "reach": _measure_reach(papers, first),
        "equity": measure_equity(papers, set(first)),
    }


def _measure_reach(papers: SlowDocument, first: dict[str, Any]) -> dict[str, Any]:
    """How far the plan leaves the bases behind; a share of nothing is None."""
    limits, sites = papers.limits, papers.sites
    beyond = {
        site_id
        for site_id in first
        if all(
            measure_km(
                sites[site_id]["lon"], sites[site_id]["lat"], base["lon"], base["lat"]
            )
            > limits["beyond_km"]
            for base in papers.bases.values()
        )
    }
    people = {key: sites[key]["population"] or 0 for key in first}
    needs = {key: need or 0.0 for key, need in first.items()}
    share = _divide(sum(needs[key] for key in beyond), sum(needs.values()))
    legs = [leg for patrol in papers.patrols for leg in patrol["legs"]]
    away = [
        measure_km(base["lon"], base["lat"], site["lon"], site["lat"])
        for patrol in papers.patrols
        for stop in patrol["stops"]
        if stop["kind"] == "visit"
        for site in [sites.get(stop["site_id"])]
        for base in [papers.bases.get(patrol["base_id"])]
        if site is not None and base is not None and stop["arrive"] is not None
    ]
    return {
        "beyond_km": limits["beyond_km"],
        "sites_beyond": len(beyond),
        "people_beyond": sum(people[key] for key in beyond),
        "people_share_beyond": _divide(
            sum(people[key] for key in beyond), sum(people.values())
        ),
        "need_share_beyond": share,
        "length_km": sum(leg["length_km"] for leg in legs),
        "driving_min": sum(leg["driving_min"] for leg in legs),
        "longest_reach_km": max(away, default=0.0),
        "base_hugging": bool(first) and (share or 0.0) < limits["min_share_beyond"],
    }


def _divide(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _flatten(
    figures: dict[str, Any], *, of: tuple[str, ...] | None = None
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in figures.items():
        if of is not None and key not in of:
            continue
        if isinstance(value, dict):
            for rest, figure in _flatten(value):
                yield (key, *rest), figure
        else:
            yield (key,), value


def _find(figures: Any, key: tuple[str, ...]) -> Any:
    for name in key:
        figures = figures.get(name) if isinstance(figures, dict) else None
    return figures
