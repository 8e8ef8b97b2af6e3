"""The referee: measures a plan document from first principles, and says what is wrong.

It trusts nothing that the document says of itself, and shares with solver, clock and
schedule only ``daylight`` and the contract: an error there it cannot see. Not judged:
where exactly a halt lies, and the course of the drawn geometry between two stops,
since the document does not hold what they were chosen by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from math import isclose
from typing import Any

from patrolplan.planfile import Assessment, PlanFile, UnservedEntry, Violation
from patrolplan.planning.evidence import Evidence, estimate_distance_km
from patrolplan.planning.gatekeeping import judge_status
from patrolplan.planning.passing_rules import (
    Passings,
    find_passings,
    judge_passings,
)
from patrolplan.planning.rules import find_violations
from patrolplan.planning.served import measure_equity

__all__ = ["assess_plan", "build_assessment"]

_RELATIVE = 1e-6
# What is judged apart, or cannot be judged from the document.
_NOT_COMPARED = {"unserved", "violations"}


def assess_plan(
    plan: PlanFile,
    *,
    need_bound: float | None = None,
    reasons: Mapping[str, UnservedEntry] | None = None,
) -> Assessment:
    """Measure a plan document, and compare with what it says of itself.

    A plan that breaks rules is a result, never an exception. Rules of movement:
    ``leg_too_fast``, ``leg_shortened``, ``no_way``, ``night_movement``,
    ``night_on_the_move``, ``night_without_halt``, ``work_at_night``,
    ``dwell_too_short``, ``window_missed``, ``times_disagree``, ``stop_misplaced``,
    ``not_at_base``; of days and range: ``too_many_days``, ``too_few_days``,
    ``outside_horizon``, ``range_exceeded``, ``hazard_exceeded``, ``fuel_exceeded``,
    ``water_exceeded``, ``rations_exceeded``, ``element_missing``,
    ``too_few_vehicles``,
    ``patrols_overlap``, ``rest_too_short``, ``left_unrested``; of the drawing:
    ``geometry_misplaced``, ``halt_misnamed``, ``halt_too_near``,
    ``clearing_misstated``; of duty: ``visit_repeated``, ``required_not_visited``,
    ``role_missing``, ``group_repeated``, ``group_not_visited``, ``pair_forbidden``,
    ``too_few_unknown``;
    of harm: ``gate_closed``, ``surgery_too_far``, ``surgery_too_far_by_night``; of
    honesty: ``casualty_misstated``, ``gate_misstated``, ``need_misstated``,
    ``passed_misstated``, ``supplies_misstated``, ``unserved_misstated``,
    ``figures_misstated``, ``bound_below_plan``; and ``unknown_team``, ``unknown_site``.

    Parameters
    ----------
    plan
        The document. Its days are those of its time zone.
    need_bound
        No plan can earn more; the stored bound if None.
    reasons
        Why sites are not visited, by id; the stored ones if None.

    Raises
    ------
    PlanFileError
        If the time zone or a limit of the scenario cannot be read.
    """
    if need_bound is None:
        need_bound = plan.assessment.need_bound
    evidence = Evidence(plan)
    # What another plan would have met no document can show: it is told, and bounded.
    without = _read_without(plan.assessment.equity.get("without"))
    passings = find_passings(evidence)
    measured = _measure(evidence, passings, need_bound, reasons, without)
    found = [
        *find_violations(evidence),
        *judge_status(plan),
        *judge_passings(evidence, passings),
        *_judge_needs(evidence, passings),
        *_judge_bound(measured),
        *_compare_unserved(plan.assessment, measured),
        *_compare_figures(plan.assessment, measured),
    ]
    return measured.model_copy(update={"violations": found})


def build_assessment(
    plan: PlanFile,
    *,
    need_bound: float | None = None,
    reasons: Mapping[str, UnservedEntry] | None = None,
    without: Mapping[str, float] | None = None,
) -> Assessment:
    """Measure a plan document that has no assessment yet.

    As :func:`assess_plan`, but what the document holds as its assessment is not
    looked at, so that a draft may carry an empty one.

    Parameters
    ----------
    plan
        The document.
    need_bound
        No plan can earn more; None is unknown.
    reasons
        Why sites are not visited, by id.
    without
        What the plan without equity would meet: ``need_met``, ``worst_share`` and
        ``tail_share``. None if no equity was asked for.

    Raises
    ------
    PlanFileError
        If the time zone or a limit of the scenario cannot be read.
    """
    evidence = Evidence(plan)
    passings = find_passings(evidence)
    known = {} if reasons is None else reasons
    measured = _measure(evidence, passings, need_bound, known, without)
    found = [
        *find_violations(evidence),
        *judge_status(plan),
        *judge_passings(evidence, passings),
        *_judge_needs(evidence, passings),
        *_judge_bound(measured),
    ]
    return measured.model_copy(update={"violations": found})


def _measure(
    evidence: Evidence,
    passings: Passings,
    need_bound: float | None,
    reasons: Mapping[str, UnservedEntry] | None,
    without: Mapping[str, float] | None,
) -> Assessment:
    sites = evidence.plan.sites
    visited = {visit.site.id for visit in evidence.visits}
    first = sum(visit.earned for visit in evidence.visits if visit.first)
    repeats = sum(visit.earned for visit in evidence.visits if not visit.first)
    on_the_way = [wayside for found in passings.values() for wayside in found]
    passed = sum(wayside.need for wayside in on_the_way if wayside.site_id is not None)
    lines = sum(wayside.need for wayside in on_the_way if wayside.site_id is None)
    met = first + repeats + passed + lines
    unknown = {site.id for site in sites if site.need is None}
    return Assessment(
        need_total=sum(site.need or 0.0 for site in sites),
        need_met=met,
        first_visits=first,
        repeats=repeats,
        passed=passed,
        lines=lines,
        need_bound=need_bound,
        gap=_measure_gap(need_bound, met),
        unknown_total=len(unknown),
        unknown_visited=len(unknown & visited),
        people_total=sum(site.population or 0 for site in sites),
        people_reached=sum(
            site.population or 0 for site in sites if site.id in visited
        ),
        reach=_measure_reach(evidence, first),
        equity=measure_equity(evidence, without),
        unserved=_list_unserved(evidence, visited, reasons),
        violations=[],
    )


def _read_without(told: Any) -> dict[str, float] | None:
    """Return what is told of the plan without equity; None if it can't be meant."""
    names = ("need_met", "worst_share", "tail_share")
    if not isinstance(told, dict) or set(told) != set(names):
        return None
    numbers = [told[name] for name in names]
    if not all(
        isinstance(number, int | float) and not isinstance(number, bool) and number >= 0
        for number in numbers
    ):
        return None
    return dict(zip(names, map(float, numbers), strict=True))


def _measure_gap(need_bound: float | None, met: float) -> float | None:
    """Return the gap as a share of the bound; of nothing, or next to it, None."""
    if need_bound is None or need_bound < _RELATIVE:
        return None
    return (need_bound - met) / need_bound


def _measure_reach(evidence: Evidence, first_visits: float) -> dict[str, Any]:
    """Return how far the plan leaves the bases behind; a share of nothing is None."""
    beyond = evidence.find_beyond()
    firsts = [visit for visit in evidence.visits if visit.first]
    out = [visit for visit in firsts if visit.site.id in beyond]
    people = sum(visit.site.population or 0 for visit in firsts)
    people_out = sum(visit.site.population or 0 for visit in out)
    need_out = sum(visit.earned for visit in out)
    share = need_out / first_visits if first_visits > 0 else None
    legs = [leg for patrol in evidence.plan.patrols for leg in patrol.legs]
    distances = [
        estimate_distance_km(visit.site.lon, visit.site.lat, base.lon, base.lat)
        for visit in evidence.visits
        if (base := evidence.bases.get(visit.patrol.base_id)) is not None
    ]
    return {
        "beyond_km": evidence.limits.beyond_km,
        "sites_beyond": len(out),
        "people_beyond": people_out,
        "people_share_beyond": people_out / people if people else None,
        "need_share_beyond": share,
        "length_km": sum(leg.length_km for leg in legs),
        "driving_min": sum(leg.driving_min for leg in legs),
        "longest_reach_km": max(distances, default=0.0),
        "base_hugging": bool(firsts)
        and (share or 0.0) < evidence.limits.min_share_beyond,
    }


def _list_unserved(
    evidence: Evidence,
    visited: set[str],
    reasons: Mapping[str, UnservedEntry] | None,
) -> list[UnservedEntry]:
    known = (
        {entry.site_id: entry for entry in evidence.plan.assessment.unserved}
        if reasons is None
        else reasons
    )
    unserved = []
    for site in evidence.plan.sites:
        if site.id in visited:
            continue
        entry = known.get(site.id)
        unserved.append(
            UnservedEntry(
                site_id=site.id,
                need=site.need,
                reason="not_planned" if entry is None else entry.reason,
                reason_values={} if entry is None else entry.reason_values,
                nearest_change=None if entry is None else entry.nearest_change,
            )
        )
    return unserved


def _judge_needs(evidence: Evidence, passings: Passings) -> Iterator[Violation]:
    """Need stated as earned must be what a visit or a leg earns.

    And a site's need by theme must add to its need.
    """
    earned = {
        (visit.patrol.id, visit.number): visit.earned for visit in evidence.visits
    }
    for place, patrol in enumerate(evidence.plan.patrols):
        for number, stop in enumerate(patrol.stops):
            limit = earned.get((patrol.id, number), 0.0)
            if not _is_alike(stop.need_earned, limit):
                yield _build(
                    "need_misstated", stop.place_id, stop.need_earned, limit, patrol.id
                )
        for number, leg in enumerate(patrol.legs):
            limit = sum((w.need for w in passings.get((place, number), ())), 0.0)
            if not _is_alike(leg.need_earned, limit):
                where = f"{leg.from_}>{leg.to}"
                yield _build("need_misstated", where, leg.need_earned, limit, patrol.id)
    for site in evidence.plan.sites:
        parts = sum(site.themes.values())
        # Where need is unknown, no theme makes it known.
        if site.themes and not _is_alike(parts, site.need or 0.0):
            yield _build("need_misstated", site.id, parts, site.need)


def _judge_bound(measured: Assessment) -> Iterator[Violation]:
    bound = measured.need_bound
    if bound is None:
        return
    if measured.need_met > bound * (1 + _RELATIVE):
        yield _build("bound_below_plan", None, bound, measured.need_met)
    without = measured.equity.get("without", {})
    if without.get("need_met", 0.0) > bound * (1 + _RELATIVE):
        yield _build(
            "figures_misstated", "equity.without.need_met", without["need_met"], bound
        )
    for name in ("worst_share", "tail_share"):
        if without.get(name, 0.0) > 1 + _RELATIVE:
            yield _build(
                "figures_misstated", f"equity.without.{name}", without[name], 1
            )


def _compare_unserved(stored: Assessment, measured: Assessment) -> Iterator[Violation]:
    """Each site without a visit must be listed, once, with its need; no other may."""
    counts = Counter(entry.site_id for entry in stored.unserved)
    needs = {entry.site_id: entry.need for entry in stored.unserved}
    without = {entry.site_id: entry.need for entry in measured.unserved}
    for site_id in sorted(counts.keys() | without.keys()):
        expected = int(site_id in without)
        if counts[site_id] != expected:
            yield _build("unserved_misstated", site_id, counts[site_id], expected)
        elif not _is_alike(needs[site_id], without[site_id]):
            yield _build(
                "unserved_misstated", site_id, needs[site_id], without[site_id]
            )


def _compare_figures(stored: Assessment, measured: Assessment) -> Iterator[Violation]:
    """Compare every figure of the stored assessment, those of reach and equity too."""
    told = _flatten(stored.model_dump(exclude=_NOT_COMPARED))
    true = _flatten(measured.model_dump(exclude=_NOT_COMPARED))
    for key in sorted(told.keys() | true.keys()):
        if not _is_alike(told.get(key), true.get(key)):
            yield _build("figures_misstated", key, told.get(key), true.get(key))


def _flatten(figures: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in figures.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _is_alike(told: Any, true: Any) -> bool:
    if isinstance(told, bool) or isinstance(true, bool):
        return told is true
    if isinstance(told, int | float) and isinstance(true, int | float):
        return isclose(told, true, rel_tol=_RELATIVE, abs_tol=_RELATIVE)
    return bool(told == true)


def _build(
    rule: str, where: str | None, found: Any, limit: Any, patrol_id: str | None = None
) -> Violation:
    return Violation(
        rule=rule, patrol_id=patrol_id, where=where, found=found, limit=limit
    )
