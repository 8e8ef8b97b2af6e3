"""The rules of harm, judged slowly: gates, and nights near camps and schools."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from slow_document import Broken, SlowDocument, is_joined, measure_km, read_time

# docs/do-no-harm.md: what is asked of what, and which answer passes.
PASSES = {
    "keep_clear": ("plan", "yes"),
    "aid_liaison": ("plan", "yes"),
    "visit_harm": ("site", "no"),
    "joint_forces": ("team", "yes"),
    "ceasefire_liaison": ("site", "yes"),
}
ROLES = {
    "cmcoord_officer",
    "protection_adviser",
    "human_rights_officer",
    "women_protection_adviser",
    "child_protection_adviser",
    "civil_affairs_officer",
    "liaison_officer",
    "legal_adviser",
    "head_of_office",
    "sector_commander",
}
OLDEST_DAYS = 180
# A place whose position is assumed has that of its site, to the metre.
SAME_PLACE_KM = 0.001

Asked = tuple[str, str | None]
"""Which gate, of which site or team; None for the whole plan."""


def judge_harm(papers: SlowDocument) -> Iterator[Broken]:
    asked, closed = _list_asked(papers), find_closed(papers)
    for patrol in papers.patrols:
        met = {("site", s["site_id"]) for s in patrol["stops"] if s["kind"] == "visit"}
        if closed & (met | {("team", patrol["team_id"])}):
            yield "gate_closed", patrol["id"]
    if papers.document["status"] == "cleared" and not all(
        _passes(papers, key, days) for key, days in asked.items()
    ):
        yield "gate_misstated", None
    for patrol in papers.patrols:
        for rule in _judge_nights(papers, patrol):
            yield rule, patrol["id"]


# --- Gates ----------------------------------------------------------------------------


def find_closed(papers: SlowDocument) -> set[tuple[str, str]]:
    """The sites that nobody may visit, and the teams that stay at home.

    A team that goes alone may go: due diligence is asked of support to others.
    """
    closed = set()
    for (gate, subject), entries in _list_answered(papers).items():
        scope, passing = PASSES[gate]
        joint = papers.teams.get(subject or "", {}).get("joint_with_national_forces")
        against = {"yes", "no"} - {passing}
        binds = scope == "site" or (scope == "team" and joint)
        if binds and any(entry["answer"] in against for entry in entries):
            closed.add((scope, subject))
    return closed


def _list_asked(papers: SlowDocument) -> dict[Asked, list[date]]:
    """Each question that the plan raises, and the days that rely on its answer."""
    asked: dict[Asked, list[date]] = {}
    out = [
        papers.find_day(read_time(patrol[end]))
        for patrol in papers.patrols
        for end in ("depart", "return")
    ]
    for gate, (scope, _) in PASSES.items():
        if scope == "plan":
            asked[gate, None] = out or [papers.find_first_day()]
    for patrol in papers.patrols:
        ends = [papers.find_day(read_time(patrol[end])) for end in ("depart", "return")]
        team = papers.teams.get(patrol["team_id"], {})
        if team.get("joint_with_national_forces"):
            asked.setdefault(("joint_forces", team["id"]), []).extend(ends)
        for stop in patrol["stops"]:
            if stop["kind"] == "visit" and stop["site_id"] is not None:
                day = ends[0]
                if stop["arrive"] is not None:
                    day = papers.find_day(read_time(stop["arrive"]))
                asked.setdefault(("visit_harm", stop["site_id"]), []).append(day)
    watched = {
        site["id"]
        for site in papers.sites.values()
        if site.get("ceasefire_liaison") or "K" in site["themes"]
    } | {
        stop["site_id"]
        for patrol in papers.patrols
        for stop in patrol["stops"]
        if stop["kind"] == "visit" and "K" in stop["themes"]
    }
    for (gate, subject), days in list(asked.items()):
        if gate == "visit_harm" and subject in watched:
            asked["ceasefire_liaison", subject] = days
    return asked


def _list_answered(papers: SlowDocument) -> dict[Asked, list[Any]]:
    answered: dict[Asked, list[Any]] = {}
    for entry in papers.document["gates"]:
        scope = PASSES.get(entry["gate"], ("nobody", ""))[0]
        named = {"site": entry.get("site_id"), "team": entry.get("team_id")}
        told = {kind for kind, subject in named.items() if subject is not None}
        if told == ({scope} - {"plan"}) and scope != "nobody":
            answered.setdefault((entry["gate"], named.get(scope)), []).append(entry)
    return answered


def _passes(papers: SlowDocument, key: Asked, days: list[date]) -> bool:
    """Whether every answer to a question lets the plan pass on all its days."""
    oldest = papers.limits.get("answer_valid_days")
    if not isinstance(oldest, int | float) or not 0 <= oldest <= OLDEST_DAYS:
        return False
    entries = _list_answered(papers).get(key, [])
    for entry in entries:
        if entry["answer"] != PASSES[key[0]][1] or entry["role"] not in ROLES:
            return False
        if entry["date"] is None:
            return False
        given = date.fromisoformat(entry["date"])
        if given > min(days) or (max(days) - given).days > oldest:
            return False
    return bool(entries)


# --- Nights ---------------------------------------------------------------------------


def _judge_nights(papers: SlowDocument, patrol: Any) -> Iterator[str]:
    kept = papers.document.get("keep_clear") or ()
    for stop in patrol["stops"]:
        if stop["kind"] != "halt":
            continue
        for place in kept:
            away = measure_km(stop["lon"], stop["lat"], place["lon"], place["lat"])
            of_its_town = place["assumed"] and away <= SAME_PLACE_KM
            if away < place["km"] and not of_its_town and not _is_held(papers, stop):
                yield "halt_too_near"
    if not is_joined(patrol):
        return
    for number, leg in enumerate(patrol["legs"]):
        ends = patrol["stops"][number : number + 2]
        if leg.get("clearing") and not _clears(papers, leg, ends):
            yield "clearing_misstated"


def _is_held(papers: SlowDocument, stop: Any) -> bool:
    """Whether a base stands by: a night there is spent in the base."""
    held_km = papers.limits.get("held_km", 0.0)
    return any(
        measure_km(stop["lon"], stop["lat"], base["lon"], base["lat"]) <= held_km
        for base in papers.bases.values()
    )


def _clears(papers: SlowDocument, leg: Any, ends: list[Any]) -> bool:
    """Whether a leg joins a halt and a visit near a place that halts keep clear of.

    A few minutes, which the margins after sunrise and before sunset have room for.
    """
    limits = papers.limits
    room = min(limits["sunrise_margin_min"], limits["sunset_margin_min"])
    if {stop["kind"] for stop in ends} != {"halt", "visit"}:
        return False
    visit = next(stop for stop in ends if stop["kind"] == "visit")
    at = papers.find_position(visit)
    near = any(
        measure_km(*at, place["lon"], place["lat"]) < place["km"]
        for place in papers.document.get("keep_clear") or ()
    )
    return near and leg["driving_min"] <= room + 1e-6
