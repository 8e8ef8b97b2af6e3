"""The rows of a plan that its exports hold, gathered once for all formats."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from patrolplan.geodesy import format_mgrs
from patrolplan.planfile import Code, PatrolEntry, PlanFile
from patrolplan.products.catalogue import Text
from patrolplan.products.digest import digest_plan
from patrolplan.products.exports.contents import (
    METRES,
    Base,
    Contents,
    Journey,
    Leg,
    Marks,
    Place,
    Stop,
    hold_text,
    round_degrees,
    round_time,
)
from patrolplan.products.illustration import word_disclaimer
from patrolplan.products.rows import (
    MapLayers,
    PatrolRow,
    PlanDigest,
    StopRow,
    word_marking,
    word_status,
)

__all__ = ["gather_contents"]


def gather_contents(plan: PlanFile, layers: MapLayers | None = None) -> Contents:
    """Return the rows of a plan.

    Parameters
    ----------
    plan
        The plan.
    layers
        Give the French names of places; None when there are none.
    """
    digest = digest_plan(plan, layers)
    pairs = list(zip(plan.patrols, digest.patrols, strict=True))
    return Contents(
        marks=_gather_marks(plan, digest),
        journeys=tuple(_gather_journey(*pair, plan) for pair in pairs),
        stops=tuple(
            _gather_stop(row, stop, entry.purpose)
            for patrol, row in pairs
            for stop, entry in zip(row.stops, patrol.stops, strict=True)
        ),
        legs=tuple(
            leg for patrol, row in pairs for leg in _gather_legs(patrol, row.number)
        ),
        places=_gather_places(plan, digest),
        bases=tuple(
            Base(
                base_id=hold_text(base.id),
                **_name(digest.names.find(base.id)),
                **_locate(base.lon, base.lat),
                sector=_hold(base.sector),
            )
            for base in plan.bases
        ),
    )


def _gather_marks(plan: PlanFile, digest: PlanDigest) -> Marks:
    marking, status = word_marking(plan.release), word_status(digest.status)
    said = word_disclaimer(digest.illustrative)
    notices = [
        hold_text(f"{marking.pick(lang)}. {status.pick(lang)}. {said.pick(lang)}")
        for lang in ("en", "fr")
    ]
    return Marks(
        scenario=hold_text(digest.name),
        version=hold_text(plan.version),
        marking=hold_text(marking.en),
        status=digest.status,
        first_day=digest.first_day,
        last_day=digest.last_day,
        notice_en=notices[0],
        notice_fr=notices[1],
    )


def _gather_journey(patrol: PatrolEntry, row: PatrolRow, plan: PlanFile) -> Journey:
    team = next((team for team in plan.teams if team.id == patrol.team_id), None)
    return Journey(
        patrol_id=hold_text(patrol.id),
        number=row.number,
        team_id=hold_text(patrol.team_id),
        base_id=hold_text(patrol.base_id),
        vehicle=_hold(team.vehicle) if team else None,
        vehicles=row.vehicles,
        people=row.people,
        depart=round_time(patrol.depart),
        back=round_time(patrol.return_),
        days=row.days,
        length_km=round(row.km, 3),
        sites=row.sites,
        need_earned=row.need_earned,
    )


def _gather_stop(patrol: PatrolRow, stop: StopRow, purpose: Code | None) -> Stop:
    names = _name(stop.name)
    # The number that the map and the order give a visit, after that of its patrol.
    visit = "" if stop.number is None else f".{stop.number:02d}"
    words = stop.purposes[0] if stop.purposes else Text.same("")
    return Stop(
        label=f"{patrol.number}{visit} {_join(**names)}",
        patrol_id=hold_text(patrol.id),
        patrol=patrol.number,
        stop=stop.index,
        visit=stop.number,
        kind=stop.kind,
        place_id=hold_text(stop.place_id),
        **names,
        **_locate(stop.lon, stop.lat),
        day=stop.day,
        arrive=_round(stop.arrive_utc),
        depart=_round(stop.depart_utc),
        total_km=round(stop.total_km, 3),
        purpose=_hold(purpose.code) if purpose else None,
        purpose_en=_hold(words.en),
        purpose_fr=_hold(words.fr),
        themes=hold_text(", ".join(stop.themes)),
    )


def _join(name_en: str, name_fr: str) -> str:
    return name_en if name_en == name_fr else f"{name_en} / {name_fr}"


def _gather_legs(patrol: PatrolEntry, number: int) -> list[Leg]:
    return [
        Leg(
            patrol_id=hold_text(patrol.id),
            patrol=number,
            leg=index,
            from_id=hold_text(leg.from_),
            to_id=hold_text(leg.to),
            depart=round_time(leg.depart),
            arrive=round_time(leg.arrive),
            length_km=round(leg.length_km, 3),
            driving_min=round(leg.driving_min, 3),
            line=tuple(
                (round_degrees(lon), round_degrees(lat))
                for lon, lat in leg.geometry.coordinates
            ),
        )
        for index, leg in enumerate(patrol.legs)
    ]


def _gather_places(plan: PlanFile, digest: PlanDigest) -> tuple[Place, ...]:
    visits = Counter(
        stop.site_id
        for patrol in plan.patrols
        for stop in patrol.stops
        if stop.kind == "visit"
    )
    left = {row.site.id: row for row in digest.uncovered}
    places = []
    for site in plan.sites:
        row = left.get(site.id)
        change = row.change if row else None
        places.append(
            Place(
                site_id=hold_text(site.id),
                **_name(digest.names.find(site.id)),
                cercle=_hold(site.cercle),
                **_locate(site.lon, site.lat),
                people=site.population,
                risk=site.risk,
                need=site.need,
                visits=visits[site.id],
                reason=_hold(row.reason_code) if row else None,
                reason_en=_hold(row.reason.en) if row else None,
                reason_fr=_hold(row.reason.fr) if row else None,
                change_en=_hold(change.en) if change else None,
                change_fr=_hold(change.fr) if change else None,
            )
        )
    return tuple(places)


def _hold(text: str | None) -> str | None:
    """Hold a text that may be missing; most formats cannot tell that from empty."""
    return hold_text(text) if text else None


def _name(name: Text) -> dict[str, Any]:
    return {"name_en": hold_text(name.en), "name_fr": hold_text(name.fr)}


def _locate(lon: float, lat: float) -> dict[str, Any]:
    lon, lat = round_degrees(lon), round_degrees(lat)
    return {"lon": lon, "lat": lat, "mgrs": format_mgrs(lon, lat, METRES)}


def _round(moment: datetime | None) -> datetime | None:
    return None if moment is None else round_time(moment)
