"""Supplies, the casualty plan and communications of an order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

from patrolplan.products.casualty_rows import ClockRow, format_minutes
from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.orders.basis import (
    Basis,
    build_form,
    format_spot,
    word_load,
    word_spot,
)
from patrolplan.products.orders.execution import CalledStop, list_called
from patrolplan.products.orders.model import (
    BLANK,
    Block,
    Cell,
    Column,
    Facts,
    Note,
    Row,
    Section,
    Table,
    Ticks,
    WritingRoom,
)
from patrolplan.products.orders.situation import word_convoy
from patrolplan.products.rows import StopRow
from patrolplan.products.sunlight import find_sunlight
from patrolplan.products.wording import (
    join_texts,
    translate_counted,
    translate_filled,
    translate_number,
    word_term,
)

__all__ = ["build_casualty", "build_communications", "build_supplies", "list_means"]

_ARROW = " → "


def build_supplies(basis: Basis) -> Section:
    """Return what is taken along, with reserves, and where to turn back.

    Parameters
    ----------
    basis
        The patrol.
    """
    supplies = basis.row.supplies
    litres = Text.same("L")

    def load(needed: float, capacity: float | None, unit: Text) -> Text:
        most = None if capacity is None else translate_number(capacity)
        return word_load(translate_number(needed), most, unit)

    pairs = [
        (
            translate_text("Fuel"),
            load(supplies.fuel_l, supplies.fuel_capacity_l, litres),
        ),
        (
            translate_text("Water"),
            load(supplies.water_l, supplies.water_capacity_l, litres),
        ),
        (
            translate_text("Rations"),
            load(supplies.rations, supplies.ration_capacity, translate_text("packs")),
        ),
    ]
    if supplies.water_floor_days is not None:
        lasts = translate_counted(
            "{n} day if all drink only to survive",
            "{n} days if all drink only to survive",
            supplies.water_floor_days,
        )
        pairs.append((translate_text("Water lasts"), lasts))
    pairs.append((translate_text("Convoy"), word_convoy(basis)))
    if supplies.column_km is not None and supplies.pass_min is not None:
        column = translate_filled(
            "{km} km long, passes in {n} min",
            km=translate_number(supplies.column_km, 1),
            n=translate_number(supplies.pass_min, 1),
        )
        pairs.append((translate_text("Column"), column))
    for spot in supplies.turn_backs:
        told = translate_filled(
            "half the fuel planned is burnt at km {km}, between {start} and {end}",
            km=translate_number(spot.km),
            start=spot.after,
            end=spot.before,
        )
        where = (format_spot(spot.lon, spot.lat), word_spot(spot.lon, spot.lat))
        pairs.append((translate_text("Turn back"), join_texts([told, *where])))
    told = translate_text(
        "Fuel, water and rations are what the patrol takes along, reserves included. "
        "Past the turn-back point the way home on the same roads uses up the reserve."
    )
    blocks: list[Block] = [
        Facts(tuple(pairs)),
        Note(told),
        Ticks(_list_checks(basis), 2),
    ]
    return Section(translate_text("Supplies"), tuple(blocks))


def _list_checks(basis: Basis) -> tuple[Text, ...]:
    team = basis.team
    held = {kind.element for kind in (team and team.convoy) or ()}
    checks = []
    for element in ("recovery", "ambulance", "bowser"):
        name = word_term(element)
        if element in held:
            checks.append(translate_filled("{element} in the convoy", element=name))
        else:
            told = translate_filled(
                "{element}: not in the convoy by the plan; who decided, when:",
                element=name,
            )
            checks.append(told)
    checks += [
        translate_text("Fuel, water and rations loaded and counted"),
        translate_text("Spare wheels, sand ladders, tow ropes"),
        translate_text("Maps on paper, this order and the report form"),
    ]
    return tuple(checks)


def build_casualty(basis: Basis) -> Section:
    """Return how far surgery is from each leg and stop, with the sums.

    Parameters
    ----------
    basis
        The patrol.
    """
    clock = basis.digest.casualty
    clocks = () if clock is None else tuple(_list_clocks(basis))
    limit_min = math.inf if clock is None else clock.limit_min
    rows = tuple(_build_clock(*each, limit_min) for each in clocks)
    promise = translate_text(
        "For civilians who are not of the United Nations evacuation is not routine: it "
        "is decided case by case. Promise nothing to communities."
    )
    rule = translate_text(
        "10-1-2: bleeding and airway in 10 minutes, advanced care begun within 1 hour, "
        "surgery within 2 hours, from wounding."
    )
    if clock is None or not rows:
        told = translate_text(
            "How far surgery is was not reckoned in this plan: settle it before "
            "leaving."
        )
        blocks: list[Block] = [Note(rule), Note(told, warns=True), Note(promise)]
        return Section(translate_text("Casualty plan"), (*blocks, _ask_contacts()))
    columns = (
        Column(translate_text("From"), 15),
        Column(translate_text("By day"), 8, "right"),
        Column(translate_text("By night"), 8, "right"),
        Column(translate_text("Counts"), 15),
        Column(translate_text("Notice + out + loading + to surgery"), 23),
        Column(translate_text("Helicopter, surgery"), 31),
    )
    limit = translate_number(clock.limit_min)
    told = translate_filled(
        "Minutes from wounding to surgery, at the worst spot of each leg; more than "
        "{limit} are beyond the clock, by night for night halts and by day for all "
        "else. A planning aid, not a medical judgement: heat, dust and flight "
        "clearance make it worse.",
        limit=limit,
    )
    blocks = [Table(columns, rows), Note(rule), Note(told)]
    if basis.moves_by_night:
        dark = translate_text(
            "This plan lets patrols drive by night. Legs and visits count by day all "
            "the same; where they fall in darkness, below it stands whether they are "
            "within by night."
        )
        blocks.append(Note(dark, warns=True))
    # Of the table's own rows: the plan counts legs of no length, too.
    gaps = sum(each.gap for each, *_ in clocks)
    if gaps:
        counted = translate_counted(
            "{n} leg or stop lies beyond the clock.",
            "{n} legs or stops lie beyond the clock.",
            gaps,
        )
        met = (
            translate_filled("How gaps are met: {told}", told=clock.mitigation)
            if clock.mitigation
            else translate_text("How gaps are met is not recorded.")
        )
        blocks.append(Note(join_texts([counted, met], " "), warns=True))
        if not clock.mitigation:
            blocks.append(
                WritingRoom(translate_text("How gaps are met, who decided"), 2)
            )
    blocks += [Note(promise), _ask_contacts()]
    return Section(translate_text("Casualty plan"), tuple(blocks))


def _ask_contacts() -> WritingRoom:
    return WritingRoom(
        translate_text("Medical evacuation is called by, on, through"), 1
    )


def _list_clocks(basis: Basis) -> Iterator[tuple[ClockRow, Text, bool]]:
    """Yield the clock of each leg and stop, its name, and whether it falls in darkness.

    That is asked of what counts by day in a plan that lets patrols drive by night.
    """
    called = list_called(basis)
    for before, item in zip([None, *called], called, strict=False):
        stop = item.stop
        if before is not None and stop.leg_clock is not None and stop.leg_km:
            dark = _is_dark(basis, before.stop, before.stop.depart_utc, stop)
            yield stop.leg_clock, _name_leg(before, item), dark
        if stop.clock is not None and not stop.is_base:
            name = Text(
                f"{item.sign.en} {item.name.en}", f"{item.sign.fr} {item.name.fr}"
            )
            dark = _is_dark(basis, stop, stop.arrive_utc, stop)
            visits = stop.kind == "visit"
            yield stop.clock, name if visits else item.name, visits and dark


def _is_dark(
    basis: Basis, start: StopRow, begins: datetime | None, end: StopRow
) -> bool:
    """Return whether there is darkness in a leg, or in a visit from arrival on."""
    ends = end.depart_utc if start is end else end.arrive_utc
    if not basis.moves_by_night or begins is None or ends is None:
        return False
    first, last = (moment.astimezone(basis.zone).date() for moment in (begins, ends))
    dawn = find_sunlight(start.lon, start.lat, first, basis.zone)
    dusk = find_sunlight(end.lon, end.lat, last, basis.zone)
    # Where the sun neither rises nor sets, the worse is taken.
    if dawn is None or dusk is None:
        return True
    return first != last or begins < dawn[0] or ends > dusk[1]


def _name_leg(before: CalledStop, item: CalledStop) -> Text:
    return translate_filled("leg {start} to {end}", start=before.sign, end=item.sign)


def _build_clock(clock: ClockRow, name: Text, dark: bool, limit_min: float) -> Row:
    found = clock.night if clock.by_night else clock.day
    when = translate_text("by night") if clock.by_night else translate_text("by day")
    by_night = clock.night_min is None or clock.night_min > limit_min
    in_darkness = translate_filled(
        "in darkness: {verdict}", verdict=_word_verdict(gap=by_night)
    )
    ends = Text.same("?")
    if found is not None:
        ends = join_texts([found.helicopter, found.surgery], _ARROW)
    return Row(
        (
            Cell(name),
            Cell(Text.same(format_minutes(clock.day_min))),
            Cell(Text.same(format_minutes(clock.night_min))),
            Cell(
                join_texts([_word_verdict(gap=clock.gap), when], " "),
                (in_darkness,) if dark else (),
                bold=clock.gap,
            ),
            Cell(found.sum if found is not None else Text.same("?")),
            Cell(ends),
        )
    )


def _word_verdict(*, gap: bool) -> Text:
    return translate_text("BEYOND") if gap else translate_text("within")


def list_means() -> list[Text]:
    """Return the means of communication, those of the patrol report of observers."""
    return [
        translate_text("VHF radio"),
        translate_text("HF radio"),
        translate_text("Satellite phone"),
        translate_text("Internet"),
        translate_text("GPS and tracking"),
    ]


def build_communications(basis: Basis) -> Section:
    """Return the communications table, to be filled in, and when to report.

    Parameters
    ----------
    basis
        The patrol.
    """
    columns = [
        (translate_text("Means"), 22.0),
        (translate_text("Call sign or number"), 26.0),
        (translate_text("Channel or network"), 20.0),
        (translate_text("Checked before leaving"), 16.0),
        (translate_text("Reaches headquarters"), 16.0),
    ]
    rows = [
        [Cell(means, bold=True), BLANK, BLANK, _ask_yes_no(), _ask_yes_no()]
        for means in list_means()
    ]
    stops = sum(not stop.is_base for stop in basis.row.stops)
    told = translate_filled(
        "Report on leaving, at each of the {n} stops of the itinerary on arrival and "
        "on departure, and on return: patrol, time, km from start, grid. The tracking "
        "room hands over from area to area. Never report who was met.",
        n=translate_number(stops),
    )
    blocks: list[Block] = [
        build_form(columns, rows),
        Note(told),
        WritingRoom(
            translate_text(
                "Radio checks at; if nothing is heard, after how long who does what"
            ),
            2,
        ),
    ]
    return Section(translate_text("Communications"), tuple(blocks))


def _ask_yes_no() -> Cell:
    return Cell(translate_text("☐ yes  ☐ no"))
