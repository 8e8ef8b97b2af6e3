"""The report form of a patrol, with the fields that military observers report."""

from __future__ import annotations

from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.orders.basis import (
    Basis,
    build_form,
    format_spot,
    word_moment,
)
from patrolplan.products.orders.model import (
    BLANK,
    Cell,
    Note,
    Section,
    Table,
    Ticks,
    WritingRoom,
)
from patrolplan.products.orders.support import list_means
from patrolplan.products.wording import (
    join_texts,
    translate_filled,
    translate_number,
    word_term,
)

__all__ = ["build_report"]


def build_report(basis: Basis) -> tuple[Section, ...]:
    """Return the sections of the report form, what is planned filled in already.

    Parameters
    ----------
    basis
        The patrol.
    """
    return (
        Section(
            translate_filled("Patrol report {patrol}", patrol=basis.patrol.id),
            (
                Note(
                    translate_text(
                        "Filled in by the patrol, by role. No name, no source, no "
                        "case: refer, do not record."
                    ),
                    warns=True,
                ),
                _ask_journey(basis),
            ),
            new_page=True,
        ),
        Section(translate_text("Places visited"), (_ask_places(basis),)),
        Section(
            translate_text("What was found"),
            (
                _ask_findings(basis),
                WritingRoom(
                    translate_text(
                        "Gender-related observations: how women, men, girls and boys "
                        "live and move there"
                    ),
                    3,
                ),
                Ticks(_list_referrals()),
            ),
        ),
        Section(translate_text("Incidents"), (_ask_incidents(),)),
        Section(
            translate_text("Roads, means and people"),
            (_ask_roads(), _ask_vehicles(basis), _ask_means(), _ask_people(basis)),
        ),
        Section(
            translate_text("Assessment and what comes next"),
            (
                WritingRoom(translate_text("General assessment"), 4),
                WritingRoom(translate_text("Special reports sent or to be sent"), 2),
                _ask_next(),
                _ask_author(),
            ),
        ),
    )


def _ask_journey(basis: Basis) -> Table:
    row, zone = basis.row, basis.zone
    km = translate_filled("{n} km", n=translate_number(row.km, 1))
    planned = [
        (translate_text("Departure"), word_moment(basis.patrol.depart, zone)),
        (translate_text("Return"), word_moment(basis.patrol.return_, zone)),
        (translate_text("Odometer at the end"), km),
    ]
    columns = [
        (translate_text("Journey"), 26.0),
        (translate_text("Planned"), 37.0),
        (translate_text("Done"), 37.0),
    ]
    rows = [[Cell(label, bold=True), Cell(text), BLANK] for label, text in planned]
    return build_form(columns, rows)


def _ask_places(basis: Basis) -> Table:
    columns = [
        (translate_text("Place"), 24.0),
        (translate_text("District (cercle)"), 15.0),
        (translate_text("Last visited"), 13.0),
        (translate_text("Planned"), 18.0),
        (translate_text("Arrival"), 10.0),
        (translate_text("Departure"), 10.0),
        (translate_text("km from start"), 10.0),
    ]
    rows = []
    for stop, site in basis.list_visits():
        known = site is not None and site.last_visit is not None
        last = site.last_visit.isoformat() if site and site.last_visit else ""
        planned = translate_filled(
            "{arrive} to {depart}", arrive=stop.arrive or "?", depart=stop.depart or "?"
        )
        rows.append(
            [
                Cell(
                    Text(
                        f"{stop.number} {stop.name.en}", f"{stop.number} {stop.name.fr}"
                    ),
                    (format_spot(stop.lon, stop.lat),),
                    bold=True,
                ),
                Cell(Text.same(site.cercle if site and site.cercle else "")),
                Cell(Text.same(last)) if known else BLANK,
                Cell(
                    planned,
                    (
                        Text.same(stop.date),
                        translate_filled(
                            "km {n}", n=translate_number(stop.total_km, 1)
                        ),
                    ),
                ),
                BLANK,
                BLANK,
                BLANK,
            ]
        )
    # A place that was not planned is visited too.
    rows.append([BLANK] * len(columns))
    return build_form(columns, rows)


def _ask_findings(basis: Basis) -> Table:
    columns = [
        (translate_text("Stop"), 8.0),
        (translate_text("Met, by role and number of women and men"), 30.0),
        (translate_text("How civilians are, what changed, what they ask"), 40.0),
        (translate_text("Action taken"), 22.0),
    ]
    rows = [
        [Cell(Text.same(stop.number), bold=True), BLANK, BLANK, BLANK]
        for stop, _ in basis.list_visits()
    ]
    return build_form(columns, rows)


def _list_referrals() -> tuple[Text, ...]:
    return (
        translate_text(
            "Early alert passed to the human rights officer: date, place only"
        ),
        translate_text(
            "Early alert passed to the child protection adviser: date, place"
        ),
        translate_text(
            "Early alert passed to the women protection adviser: date, place"
        ),
        translate_text("None of these"),
    )


def _ask_incidents() -> Table:
    columns = [
        (translate_text("Date and time"), 15.0),
        (translate_text("Grid"), 17.0),
        (translate_text("What happened to which group of civilians"), 40.0),
        (translate_text("Reported, or found by us"), 12.0),
        (translate_text("Action taken"), 16.0),
    ]
    return build_form(columns, [[BLANK] * len(columns) for _ in range(3)])


def _ask_roads() -> Table:
    columns = [
        (translate_text("Stretch of road, from stop to stop"), 30.0),
        (translate_text("State: open, slow, closed"), 30.0),
        (translate_text("Seen on"), 14.0),
        (translate_text("Mean speed, km/h"), 26.0),
    ]
    return build_form(columns, [[BLANK] * len(columns) for _ in range(2)])


def _ask_vehicles(basis: Basis) -> Table:
    columns = [
        (translate_text("Vehicles"), 30.0),
        (translate_text("Planned"), 10.0),
        (translate_text("Operational"), 15.0),
        (translate_text("Armoured"), 15.0),
        (translate_text("With winch"), 15.0),
        (translate_text("Broken down"), 15.0),
    ]
    row = basis.row
    kinds: list[tuple[int | None, Text]] = [
        (count, word_term(kind)) for count, kind in row.supplies.convoy
    ]
    rows = [
        [
            Cell(name, bold=True),
            Cell(Text.same("" if count is None else count)),
            *[BLANK] * 4,
        ]
        for count, name in kinds or [(row.vehicles, row.vehicle)]
    ]
    return build_form(columns, rows)


def _ask_means() -> Table:
    choice = Cell(translate_text("☐ yes  ☐ no"))
    columns = [
        (translate_text("Communications"), 30.0),
        (translate_text("Worked"), 15.0),
        (translate_text("Reached headquarters"), 20.0),
        (translate_text("Where it did not"), 35.0),
    ]
    rows = [[Cell(means, bold=True), choice, choice, BLANK] for means in list_means()]
    return build_form(columns, rows)


def _ask_people(basis: Basis) -> Table:
    columns = [
        (translate_text("Personnel"), 46.0),
        (translate_text("Planned"), 14.0),
        (translate_text("Went"), 14.0),
        (translate_text("Of whom women"), 13.0),
        (translate_text("Came back"), 13.0),
    ]
    people = basis.row.people
    count = Text.same("" if people is None else people)
    roles = sorted({role for stop, _ in basis.list_visits() for role in stop.role_ids})
    rows = [[Cell(translate_text("All"), bold=True), Cell(count), BLANK, BLANK, BLANK]]
    if roles:
        named = join_texts(word_term(role) for role in roles)
        told = translate_filled("Of them: {roles}", roles=named)
        rows.append([Cell(told), BLANK, BLANK, BLANK, BLANK])
    return build_form(columns, rows)


def _ask_next() -> Table:
    columns = [
        (translate_text("Future patrols: date"), 20.0),
        (translate_text("Grid"), 20.0),
        (translate_text("Place"), 25.0),
        (translate_text("Why"), 35.0),
    ]
    return build_form(columns, [[BLANK] * len(columns) for _ in range(2)])


def _ask_author() -> Table:
    columns = [
        (translate_text("Report by (role)"), 40.0),
        (translate_text("Date and time"), 30.0),
        (translate_text("Received by (role)"), 30.0),
    ]
    return build_form(columns, [[BLANK] * len(columns)])
