"""A plan measured out into the rows that people read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from patrolplan.planfile import PatrolEntry, PlanFile, StopEntry
from patrolplan.products.casualty_rows import CasualtyDigest, digest_casualty
from patrolplan.products.catalogue import (
    Text,
    find_zone,
    format_clock,
    format_day,
    format_duration,
    name_zone,
)
from patrolplan.products.gates import digest_gates, find_shown_status
from patrolplan.products.illustration import find_illustration
from patrolplan.products.overview_rows import Figures, ServedRow
from patrolplan.products.passing import digest_passings
from patrolplan.products.rows import (
    LegEarning,
    MapLayers,
    OnTheWay,
    PatrolRow,
    PlaceNames,
    PlanDigest,
    StopRow,
    UncoveredRow,
)
from patrolplan.products.sentences import (
    render_code_text,
    render_violation,
)
from patrolplan.products.sunlight import find_sunlight, word_sunlight
from patrolplan.products.supplies import digest_supplies
from patrolplan.products.wording import word_terms

__all__ = ["digest_plan"]


def digest_plan(plan: PlanFile, layers: MapLayers | None = None) -> PlanDigest:
    """Turn a plan into rows that people read.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give the French names of places; None when there are none.
    """
    zone = find_zone(plan.scenario.timezone)
    names = PlaceNames(plan, layers)
    start = plan.scenario.start
    first = start.astimezone(zone).date() if isinstance(start, datetime) else start
    last = first + timedelta(days=plan.scenario.horizon_days - 1)
    on_the_way = digest_passings(plan, layers, zone, names)
    casualty = digest_casualty(plan)
    patrols = tuple(
        _digest_patrol(plan, patrol, number, zone, names, on_the_way, casualty)
        for number, patrol in enumerate(plan.patrols, start=1)
    )
    uncovered = _digest_uncovered(plan, names, on_the_way)
    midday = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    return PlanDigest(
        name=plan.scenario.name,
        status=find_shown_status(plan),
        release=plan.release,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        horizon_days=plan.scenario.horizon_days,
        zone=zone,
        zone_name=name_zone(zone, midday),
        figures=_digest_figures(plan, patrols, uncovered),
        patrols=patrols,
        uncovered=uncovered,
        gates=digest_gates(plan),
        violations=tuple(_word_violations(plan, names)),
        names=names,
        on_the_way=on_the_way,
        casualty=casualty,
        illustrative=find_illustration(None if layers is None else layers.zones),
    )


def _digest_patrol(
    plan: PlanFile,
    patrol: PatrolEntry,
    number: int,
    zone: tzinfo,
    names: PlaceNames,
    on_the_way: OnTheWay,
    casualty: CasualtyDigest | None,
) -> PatrolRow:
    team = next((team for team in plan.teams if team.id == patrol.team_id), None)
    people = {site.id: site.population for site in plan.sites}
    first = patrol.depart.astimezone(zone).date()
    last = patrol.return_.astimezone(zone).date()
    visited = {stop.site_id for stop in patrol.stops if stop.kind == "visit"}
    met = [people.get(site) for site in visited if site]
    earnings = {
        leg: earned
        for (row, leg), earned in on_the_way.legs.items()
        if row + 1 == number
    }
    return PatrolRow(
        number=number,
        id=patrol.id,
        team_id=patrol.team_id,
        vehicle=word_terms([team.vehicle]) if team else Text.same(""),
        vehicles=team.vehicles if team else None,
        people=team.people if team else None,
        base=names.find(patrol.base_id),
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        depart=format_clock(patrol.depart, zone),
        back=format_clock(patrol.return_, zone),
        days=(last - first).days + 1,
        km=math.fsum(leg.length_km for leg in patrol.legs),
        driving=format_duration(math.fsum(leg.driving_min for leg in patrol.legs)),
        sites=len(visited),
        people_met=sum(count or 0 for count in met),
        people_unknown=met.count(None),
        need_earned=math.fsum(
            [stop.need_earned for stop in patrol.stops]
            + [leg.need_earned for leg in patrol.legs]
        ),
        stops=tuple(
            _digest_stops(patrol, number, zone, first, names, earnings, casualty)
        ),
        legs=tuple(patrol.legs),
        supplies=digest_supplies(patrol, team, names),
    )


def _digest_stops(
    patrol: PatrolEntry,
    patrol_number: int,
    zone: tzinfo,
    first: date,
    names: PlaceNames,
    earnings: Mapping[int, LegEarning],
    casualty: CasualtyDigest | None,
) -> Iterable[StopRow]:
    number, total_km = 0, 0.0
    row = patrol_number - 1
    clocks = {} if casualty is None else casualty.stops
    leg_clocks = {} if casualty is None else casualty.legs
    for index, stop in enumerate(patrol.stops):
        leg = patrol.legs[index - 1] if index else None
        total_km += leg.length_km if leg else 0.0
        number += stop.kind == "visit"
        moment = stop.arrive or stop.depart or patrol.depart
        today = moment.astimezone(zone).date()
        sunlight = find_sunlight(stop.lon, stop.lat, today, zone)
        yield StopRow(
            number=number if stop.kind == "visit" else None,
            index=index,
            kind=stop.kind,
            place_id=stop.place_id,
            site_id=stop.site_id,
            name=names.find(stop.place_id),
            lon=stop.lon,
            lat=stop.lat,
            day=(today - first).days + 1,
            date=format_day(moment, zone),
            arrive=format_clock(stop.arrive, zone) if stop.arrive else None,
            depart=format_clock(stop.depart, zone) if stop.depart else None,
            arrive_utc=stop.arrive,
            depart_utc=stop.depart,
            stay_min=_measure_stay(stop),
            leg_km=leg.length_km if leg else None,
            leg_min=leg.driving_min if leg else None,
            total_km=total_km,
            purposes=tuple(
                render_code_text(code, {}, kind="purpose")
                for code in _list_purposes(stop)
            ),
            absent=word_terms(_list_words(stop, "absent_roles")),
            illustrative=stop.purpose is not None
            and stop.purpose.values.get("illustrative") is True,
            roles=word_terms(stop.roles),
            role_ids=tuple(stop.roles),
            tier=stop.tier,
            phase=stop.phase,
            themes=tuple(stop.themes),
            need_earned=stop.need_earned,
            earned=earnings.get(index - 1),
            clock=clocks.get((row, index)),
            leg_clock=leg_clocks.get((row, index - 1)),
            sunlight=sunlight,
            sun=word_sunlight(sunlight, zone),
        )


def _list_purposes(stop: StopEntry) -> list[str]:
    """Return the codes of what a visit is for, the one that leads first."""
    return [stop.purpose.code, *_list_words(stop, "also")] if stop.purpose else []


def _list_words(stop: StopEntry, key: str) -> list[str]:
    """Return the words of a list of a purpose; a saved plan may hold anything there."""
    listed = stop.purpose.values.get(key) if stop.purpose else None
    words = listed if isinstance(listed, list) else []
    return [word for word in words if isinstance(word, str)]


def _measure_stay(stop: StopEntry) -> float | None:
    if stop.arrive is None or stop.depart is None:
        return None
    return (stop.depart - stop.arrive).total_seconds() / 60


def _digest_uncovered(
    plan: PlanFile, names: PlaceNames, on_the_way: OnTheWay
) -> tuple[UncoveredRow, ...]:
    sites = {site.id: site for site in plan.sites}
    rows = []
    for entry in plan.assessment.unserved:
        if entry.site_id not in sites:
            continue
        change = entry.nearest_change
        rows.append(
            UncoveredRow(
                site=sites[entry.site_id],
                name=names.find(entry.site_id),
                reason_code=entry.reason,
                reason=render_code_text(
                    entry.reason, entry.reason_values, kind="reason", names=names
                ),
                change_code=change.code if change else None,
                change=render_code_text(
                    change.code, change.values, kind="change", names=names
                )
                if change
                else None,
                passed=on_the_way.passed.get(entry.site_id),
            )
        )
    order = {"open": 0, "unknown": 1, "none": 2, "held": 3}
    # The greatest need left out comes first: that is what a commander must answer for.
    rows.sort(key=lambda row: (order[row.group], -(row.site.need or 0), row.name.en))
    return tuple(rows)


def _read_number(values: Mapping[str, Any], key: str) -> float | None:
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _digest_figures(
    plan: PlanFile, patrols: tuple[PatrolRow, ...], rows: tuple[UncoveredRow, ...]
) -> Figures:
    found = plan.assessment
    groups = [row.group for row in rows]
    visited = {
        stop.site_id
        for patrol in plan.patrols
        for stop in patrol.stops
        if stop.kind == "visit"
    }
    return Figures(
        patrols=len(patrols),
        patrol_days=sum(patrol.days for patrol in patrols),
        km=math.fsum(patrol.km for patrol in patrols),
        sites=len(plan.sites),
        sites_visited=len(visited),
        people_reached=found.people_reached,
        people_total=found.people_total,
        share_beyond=_read_number(found.reach, "need_share_beyond"),
        beyond_km=_read_number(found.reach, "beyond_km"),
        hugs_bases=found.reach.get("base_hugging") is True,
        need_total=found.need_total,
        need_met=found.need_met,
        first_visits=found.first_visits,
        passed=found.passed,
        lines=found.lines,
        need_bound=found.need_bound,
        gap=found.gap,
        uncovered=groups.count("open") + groups.count("unknown"),
        held=groups.count("held"),
        unknown=groups.count("unknown"),
        served=_digest_served(plan),
    )


def _digest_served(plan: PlanFile) -> ServedRow | None:
    """Return who is worst served; None where the plan does not say."""
    equity = plan.assessment.equity
    theme = equity.get("by") == "theme"
    name = equity.get("worst_theme" if theme else "worst")
    share = _read_number(equity, "worst_theme_share" if theme else "worst_share")
    if not isinstance(name, str) or share is None:
        return None
    without = equity.get("without")
    told = without if isinstance(without, dict) else {}
    before = _read_number(told, "need_met")
    lost = None if before is None else max(0.0, before - plan.assessment.need_met)
    return ServedRow(
        name=name,
        theme=theme,
        share=share,
        lost_need=lost,
        tail_share=_read_number(equity, "tail_share"),
        tail_before=_read_number(told, "tail_share"),
    )


def _word_violations(plan: PlanFile, names: PlaceNames) -> Iterable[Text]:
    for broken in plan.assessment.violations:
        yield Text(
            *(
                render_violation(
                    broken.rule,
                    lang,
                    patrol_id=broken.patrol_id,
                    where=broken.where,
                    found=broken.found,
                    limit=broken.limit,
                    names=names,
                )
                for lang in ("en", "fr")
            )
        )
