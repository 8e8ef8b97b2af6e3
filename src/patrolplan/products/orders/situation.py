"""What an order begins with: its head, the civilians by place, mission and mandate."""

from __future__ import annotations

from collections.abc import Iterable

from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.orders.basis import Basis, format_spot, word_moment
from patrolplan.products.orders.execution import list_called
from patrolplan.products.orders.harm import list_asked
from patrolplan.products.orders.model import (
    Block,
    Cell,
    Column,
    Facts,
    Note,
    Row,
    Section,
    Table,
)
from patrolplan.products.people import word_inhabitants
from patrolplan.products.rows import word_status
from patrolplan.products.wording import (
    join_texts,
    translate_counted,
    translate_filled,
    translate_number,
    word_term,
)

__all__ = ["build_head", "build_mission", "build_situation", "word_convoy"]


def build_head(basis: Basis) -> Section:
    """Return who goes, from where, when, how far, and whether they may.

    Parameters
    ----------
    basis
        The patrol.
    """
    row, zone = basis.row, basis.zone
    base, last = row.stops[0], list_called(basis)[-1]
    ends = translate_text("Return")
    ending = word_moment(basis.patrol.return_, zone)
    if not last.stop.is_base:
        ends, ending = translate_text("Stays at"), join_texts([last.name, ending])
    days = translate_counted("{n} day", "{n} days", row.days)
    nights = translate_counted("{n} night", "{n} nights", row.days - 1)
    pairs = [
        (translate_text("Patrol"), Text.same(row.id)),
        (translate_text("Departure"), word_moment(basis.patrol.depart, zone)),
        (translate_text("Team"), Text.same(row.team_id)),
        (ends, ending),
        (
            translate_text("Base"),
            join_texts([row.base, format_spot(base.lon, base.lat)]),
        ),
        (translate_text("Duration"), join_texts([days, nights])),
        (
            translate_text("Strength"),
            translate_counted("{n} person", "{n} persons", row.people)
            if row.people is not None
            else word_term("unknown"),
        ),
        (
            translate_text("Distance"),
            translate_filled(
                "{km} km, {time} of driving",
                km=translate_number(row.km, 1),
                time=row.driving,
            ),
        ),
        (translate_text("Vehicles"), word_convoy(basis)),
        (
            translate_text("Places visited"),
            join_texts(
                [
                    translate_counted("{n} place", "{n} places", row.sites),
                    word_inhabitants(row),
                ]
            ),
        ),
        (
            translate_text("Times"),
            translate_filled("24 hours, {zone}", zone=basis.digest.zone_name),
        ),
        (
            translate_text("Positions"),
            translate_text("MGRS to 100 m, and degrees, both WGS 84"),
        ),
    ]
    blocks: list[Block] = [Facts(tuple(pairs))]
    blocks += [Note(text, warns=True) for text in _warn(basis)]
    return Section(translate_text("Patrol"), tuple(blocks))


def _warn(basis: Basis) -> Iterable[Text]:
    if basis.digest.status != "cleared":
        yield _word_draft(basis)
    last = list_called(basis)[-1]
    if not last.stop.is_base:
        yield translate_filled(
            "There is no way home for this patrol in the plan: it stays at {place}, "
            "{spot}, from {day} until others decide.",
            place=last.name,
            spot=format_spot(last.stop.lon, last.stop.lat),
            day=basis.row.last_day,
        )
    for broken, told in zip(
        basis.plan.assessment.violations, basis.digest.violations, strict=True
    ):
        if broken.patrol_id in (None, basis.patrol.id):
            yield translate_filled("The plan breaks a rule: {told}.", told=told)


def _word_draft(basis: Basis) -> Text:
    """Return why nobody goes by this order yet: its own questions, or the plan's."""
    standing = {
        state.gate.id: word_term(state.gate.id)
        for state in list_asked(basis)
        if state.state != "passed"
    }
    if not standing:
        return translate_filled(
            "{status}. The do-no-harm questions in this order are answered; nobody "
            "goes by it until the whole plan is cleared.",
            status=word_status("draft"),
        )
    return translate_filled(
        "{status}. Nobody goes by this order until the do-no-harm questions in it "
        "are answered by a named role, and each answer lets it: {gates}.",
        status=word_status("draft"),
        gates=join_texts(standing.values()),
    )


def word_convoy(basis: Basis) -> Text:
    """Return the vehicles of a patrol by type.

    Parameters
    ----------
    basis
        The patrol.
    """
    row = basis.row
    kinds = row.supplies.convoy
    if kinds:
        return join_texts(
            _count_vehicles(count, word_term(kind)) for count, kind in kinds
        )
    if row.vehicles is None:
        return word_term("unknown")
    return _count_vehicles(row.vehicles, row.vehicle)


def _count_vehicles(count: int, kind: Text) -> Text:
    # A line never ends between the count and its sign.
    return Text(f"{count}\u00a0×\u00a0{kind.en}", f"{count}\u00a0×\u00a0{kind.fr}")


def build_situation(basis: Basis) -> Section:
    """Return the situation of civilians, a row a place.

    Parameters
    ----------
    basis
        The patrol.
    """
    unknown = word_term("unknown")
    rows = []
    for stop, site in basis.list_visits():
        if site is None:
            continue
        last = (
            Text.same(site.last_visit.isoformat())
            if site.last_visit
            else translate_text("none on record")
        )
        cells = (
            Cell(Text.same(stop.number)),
            Cell(stop.name, bold=True),
            Cell(Text.same(site.cercle) if site.cercle else unknown),
            Cell(
                unknown
                if site.population is None
                else translate_number(site.population)
            ),
            Cell(unknown if site.risk is None else translate_number(site.risk, 1)),
            Cell(unknown if site.need is None else translate_number(site.need)),
            Cell(last),
        )
        rows.append(Row(cells))
    columns = (
        Column(translate_text("Stop"), 6),
        Column(translate_text("Place"), 24),
        Column(translate_text("District (cercle)"), 20),
        Column(translate_text("Inhabitants"), 13, "right"),
        Column(translate_text("Risk to civilians"), 11, "right"),
        Column(translate_text("Need"), 11, "right"),
        Column(translate_text("Last visited"), 15),
    )
    told = translate_text(
        "Risk is danger to civilians, 1 low to 5 very high; need is persons at risk, "
        "weighted. Unknown is not zero."
    )
    blocks: list[Block] = [Table(columns, tuple(rows)), Note(told)]
    if any(stop.illustrative for stop, _ in basis.list_visits()):
        told = translate_text(
            "Risk and need rest in part on layers that are ILLUSTRATIVE: they assess "
            "no real place. Ask those who know the place before you rely on them."
        )
        blocks.append(Note(told, warns=True))
    return Section(translate_text("Situation of civilians"), tuple(blocks))


def build_mission(basis: Basis) -> Section:
    """Return what the patrol is for, and which sentences of the mandate it serves.

    Parameters
    ----------
    basis
        The patrol.
    """
    task = join_texts([_word_task(basis), _word_ending(basis)], " ")
    served: dict[str, list[str]] = {}
    for stop, _ in basis.list_visits():
        for theme in stop.themes:
            served.setdefault(theme, []).append(str(stop.number))
    sentences = (
        {}
        if basis.mandate is None
        else {
            sentence.theme: Text(sentence.en, sentence.fr)
            for sentence in basis.mandate.sentences
        }
    )
    # Without the mandate its letters stand alone: of none is anything known.
    missing = (
        Text.same("")
        if basis.mandate is None
        else translate_text("not a sentence of the mandate in hand")
    )
    rows = tuple(
        Row(
            (
                Cell(Text.same(theme), bold=True),
                Cell(sentences.get(theme, missing)),
                Cell(Text.same(", ".join(stops))),
            )
        )
        for theme, stops in sorted(served.items())
    )
    columns = (
        Column(translate_text("Code"), 8),
        Column(translate_text("Sentence of the mandate, in short"), 72),
        Column(translate_text("Served at stops"), 20),
    )
    blocks: list[Block] = [Note(task)]
    if rows:
        blocks.append(Table(columns, rows))
        if basis.mandate is None:
            blocks.append(Note(translate_text("The mandate itself is not at hand.")))
    return Section(translate_text("Mission and mandate"), tuple(blocks))


def _word_task(basis: Basis) -> Text:
    row = basis.row
    places = join_texts(stop.name for stop, _ in basis.list_visits())
    if not places.en:
        return translate_filled(
            "Team {team} goes from {base} and visits no place.",
            team=row.team_id,
            base=row.base,
        )
    return translate_filled(
        "Team {team} goes from {base} to {places}, to protect civilians there as the "
        "mandate asks.",
        team=row.team_id,
        base=row.base,
        places=places,
    )


def _word_ending(basis: Basis) -> Text:
    """Return when a patrol is back, or where it stays that has no way home."""
    last = list_called(basis)[-1]
    if last.stop.is_base:
        return translate_filled("It is back on {day}.", day=basis.row.last_day)
    return translate_filled(
        "It has no way home: it stays at {place} from {day}.",
        place=last.name,
        day=basis.row.last_day,
    )
