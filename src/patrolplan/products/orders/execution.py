"""The itinerary of an order, and what is done at each stop by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from patrolplan.products.catalogue import (
    Text,
    format_clock,
    format_duration,
    translate_text,
)
from patrolplan.products.orders.basis import (
    Basis,
    format_spot,
    name_stop,
    number_stop,
    word_moment,
    word_spot,
)
from patrolplan.products.orders.model import (
    Block,
    Cell,
    Column,
    Note,
    Picture,
    Row,
    Section,
    Table,
)
from patrolplan.products.orders.picture import draw_picture
from patrolplan.products.rows import StopRow
from patrolplan.products.sunlight import find_sunlight
from patrolplan.products.wording import (
    join_texts,
    translate_filled,
    translate_number,
    word_term,
)

__all__ = ["CalledStop", "build_itinerary", "build_tasks", "list_called"]


@dataclass(frozen=True)
class CalledStop:
    """A stop as an order calls it: its sign (2, H1 or B), and its name."""

    stop: StopRow
    sign: Text
    name: Text


def list_called(basis: Basis) -> list[CalledStop]:
    """Return the stops of a patrol as its order calls them.

    Parameters
    ----------
    basis
        The patrol.
    """
    called, halts = [], 0
    for stop in basis.row.stops:
        halts += stop.kind == "halt"
        called.append(
            CalledStop(stop, number_stop(stop, halts), name_stop(stop, halts))
        )
    return called


def build_itinerary(basis: Basis) -> Section:
    """Return the itinerary day by day, and its picture.

    Parameters
    ----------
    basis
        The patrol.
    """
    columns = (
        Column(translate_text("Stop"), 6),
        Column(translate_text("Place"), 21),
        Column(translate_text("MGRS and degrees"), 21),
        Column(translate_text("km from start"), 9, "right"),
        Column(translate_text("Leg"), 20),
        Column(translate_text("Arrival"), 8, "right"),
        Column(translate_text("Departure"), 8, "right"),
        Column(translate_text("Stay"), 7, "right"),
    )
    odometer = translate_text(
        "Odometer to zero at the gate of the base: km are from the start."
    )
    late = (
        translate_text("Times are the plan's, which lets patrols drive by night.")
        if basis.moves_by_night
        else translate_text(
            "Times are the plan's; a patrol that is late halts before dark and does "
            "not catch up by night."
        )
    )
    blocks: list[Block] = [
        Table(columns, tuple(_list_rows(basis))),
        Note(join_texts([odometer, late], " ")),
        Picture(draw_picture(basis), _word_picture(basis)),
    ]
    return Section(translate_text("Itinerary"), tuple(blocks))


def _word_picture(basis: Basis) -> Text:
    if basis.layers is None:
        return translate_text(
            "The patrol alone, drawn thick: the roads and tracks round it, and which "
            "of them are closed, are not at hand. Numbered circles are visits, squares "
            "with H night halts, B the base. Not for navigation."
        )
    return translate_text(
        "The patrol drawn thick, the other roads and tracks thin, with crosses where "
        "they are closed when the plan begins; numbered circles are visits, squares "
        "with H night halts, B the base. Not for navigation."
    )


def _list_rows(basis: Basis) -> Iterator[Row]:
    """Yield the stops by the day on which each is reached, a band before each day."""
    called = list_called(basis)
    today: date | None = None
    for index, item in enumerate(called):
        stop = item.stop
        moment = stop.arrive_utc or stop.depart_utc
        day = today if moment is None else moment.astimezone(basis.zone).date()
        if day is not None and day != today:
            # From where the patrol wakes to where it halts.
            same = [other for other in called[index:] if _is_on(basis, other, day)]
            yield _build_band(
                basis, day, called[max(0, index - 1)], (same or [item])[-1]
            )
            today = day
        yield _build_row(basis, item)


def _is_on(basis: Basis, item: CalledStop, day: date) -> bool:
    moment = item.stop.arrive_utc or item.stop.depart_utc
    return moment is not None and moment.astimezone(basis.zone).date() == day


def _build_band(basis: Basis, day: date, wakes: CalledStop, halts: CalledStop) -> Row:
    first = basis.patrol.depart.astimezone(basis.zone).date()
    at_dawn = find_sunlight(wakes.stop.lon, wakes.stop.lat, day, basis.zone)
    at_dusk = find_sunlight(halts.stop.lon, halts.stop.lat, day, basis.zone)
    parts = [
        translate_filled("Day {n}", n=(day - first).days + 1),
        word_moment(day, basis.zone),
    ]
    if at_dawn is not None:
        clock = format_clock(at_dawn[0], basis.zone)
        rises = translate_filled(
            "sunrise {time} at {place}", time=clock, place=wakes.sign
        )
        parts.append(rises)
    if at_dusk is not None:
        clock = format_clock(at_dusk[1], basis.zone)
        sets = translate_filled(
            "sunset {time} at {place}", time=clock, place=halts.sign
        )
        parts.append(sets)
    return Row((Cell(join_texts(parts, " · ")),), band=True)


def _build_row(basis: Basis, item: CalledStop) -> Row:
    stop = item.stop
    depart = Text.same(stop.depart or "")
    if stop.arrive_utc is not None and stop.depart_utc is not None:
        reached, left = (
            moment.astimezone(basis.zone).date()
            for moment in (stop.arrive_utc, stop.depart_utc)
        )
        nights = (left - reached) // timedelta(days=1)
        if nights:
            depart = Text.same(f"{stop.depart} +{nights}")
    is_night = stop.kind == "halt"
    return Row(
        (
            Cell(item.sign, bold=True),
            Cell(item.name, bold=not is_night),
            Cell(format_spot(stop.lon, stop.lat), (word_spot(stop.lon, stop.lat),)),
            Cell(translate_number(stop.total_km, 1)),
            _build_leg(basis, stop),
            Cell(Text.same(stop.arrive or "")),
            Cell(depart),
            Cell(Text.same("" if is_night else _shorten(stop.stay_min))),
        )
    )


def _shorten(minutes: float | None) -> str:
    """Return a stay as hours and minutes, such as ``7:00``."""
    if minutes is None:
        return ""
    hours, rest = divmod(round(minutes), 60)
    return f"{hours}:{rest:02d}"


def _build_leg(basis: Basis, stop: StopRow) -> Cell:
    """Return how long and on what the leg to a stop is."""
    if not stop.index or not stop.leg_km:
        return Cell(Text.same(""))
    leg = basis.patrol.legs[stop.index - 1]
    lengths: dict[str, float] = {}
    for part in leg.parts or ():
        surface = part.kind if part.kind == "ferry" else part.surface
        lengths[surface] = lengths.get(surface, 0.0) + part.length_km
    ways = [
        translate_filled("{km} km {surface}", km=km, surface=word_term(surface))
        for surface, length in sorted(lengths.items(), key=lambda pair: -pair[1])
        if (km := translate_number(length)).en != "0" or surface == "ferry"
    ]
    told = translate_filled(
        "{km} km, {time}",
        km=translate_number(stop.leg_km, 1),
        time=format_duration(stop.leg_min or 0.0),
    )
    return Cell(told, (join_texts(ways, " + "),) if ways else ())


def build_tasks(basis: Basis) -> Section:
    """Return what is done at each stop, by which roles.

    Parameters
    ----------
    basis
        The patrol.
    """
    rows = []
    for stop, _ in basis.list_visits():
        purposes = [Text(f"· {text.en}", f"· {text.fr}") for text in stop.purposes]
        lead = purposes[0] if purposes else translate_text("Not said in the plan")
        names = [stop.roles] if stop.roles.en else []
        if stop.absent.en:
            names.append(
                translate_filled("not in the team: {roles}", roles=stop.absent)
            )
        who = names[0] if names else translate_text("No role is named")
        window = translate_filled(
            "{arrive} to {depart}", arrive=stop.arrive or "?", depart=stop.depart or "?"
        )
        rows.append(
            Row(
                (
                    Cell(Text.same(stop.number), bold=True),
                    Cell(stop.name, (Text.same(stop.date), window), bold=True),
                    Cell(lead, tuple(purposes[1:])),
                    Cell(who, tuple(names[1:])),
                    Cell(*_word_policy(stop)),
                )
            )
        )
    columns = (
        Column(translate_text("Stop"), 6),
        Column(translate_text("Place"), 18),
        Column(translate_text("Purpose, the first leads"), 36),
        Column(translate_text("Who goes in"), 22),
        Column(translate_text("Protection of civilians"), 18),
    )
    listen = translate_text(
        "Meet, by role and never by name: local leaders, women's groups, youth. Time "
        "to listen is part of the stay; a drive-by is no visit."
    )
    return Section(
        translate_text("Tasks at each stop"),
        (Table(columns, tuple(rows)), Note(listen)),
    )


def _word_policy(stop: StopRow) -> tuple[Text, tuple[Text, ...]]:
    """Return tier, phase and sentences of a stop."""
    tiers = {
        1: translate_text("Dialogue and engagement"),
        2: translate_text("Physical protection"),
        3: translate_text("Protective environment"),
    }
    lines = []
    if stop.tier in tiers:
        lines.append(
            translate_filled("Tier {n}: {words}", n=stop.tier, words=tiers[stop.tier])
        )
    if stop.phase:
        lines.append(translate_filled("Phase: {phase}", phase=word_term(stop.phase)))
    if stop.themes:
        codes = ", ".join(stop.themes)
        lines.append(translate_filled("Mandate: {codes}", codes=codes))
    if not lines:
        return Text.same(""), ()
    return lines[0], tuple(lines[1:])
