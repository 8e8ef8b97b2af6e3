"""The do-no-harm part of an order: the questions, the rules, and who decides."""

from __future__ import annotations

from collections.abc import Iterator

from patrolplan.gates import GATES, GateState, list_gate_states
from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.orders.basis import Basis, build_form
from patrolplan.products.orders.model import (
    BLANK,
    Block,
    Cell,
    Column,
    Row,
    Section,
    Table,
    Ticks,
)
from patrolplan.products.wording import translate_filled, word_term

__all__ = ["build_decision", "build_harm", "list_asked"]


def build_harm(basis: Basis) -> Section:
    """Return the do-no-harm questions of a patrol as they stand, and what it ticks off.

    Parameters
    ----------
    basis
        The patrol.
    """
    columns = (
        Column(translate_text("Asked of"), 30),
        Column(translate_text("Answer"), 24),
        Column(translate_text("Answered by (role)"), 30),
        Column(translate_text("On"), 16),
    )
    blocks: list[Block] = [
        Table(columns, tuple(_list_gates(basis))),
        Ticks(tuple(_list_rules(basis))),
    ]
    return Section(translate_text("Do no harm"), tuple(blocks))


def list_asked(basis: Basis) -> list[GateState]:
    """Return the do-no-harm questions that a patrol raises, answered or not.

    Those of the whole plan are among them, those of other teams and places are not.

    Parameters
    ----------
    basis
        The patrol.
    """
    visited = {stop.site_id for stop, _ in basis.list_visits()}
    return [
        state
        for state in list_gate_states(basis.plan)
        if state.asked
        and (
            state.gate.scope == "plan"
            or (state.gate.scope == "team" and state.subject == basis.patrol.team_id)
            or (state.gate.scope == "site" and state.subject in visited)
        )
    ]


def _list_gates(basis: Basis) -> Iterator[Row]:
    mine = list_asked(basis)
    for gate in GATES:
        found = [state for state in mine if state.gate is gate]
        if found:
            yield Row((Cell(Text(gate.en, gate.fr)),), band=True)
        for state in found:
            yield _build_gate(basis, state)


def _build_gate(basis: Basis, state: GateState) -> Row:
    subject = translate_text("the whole plan")
    if state.gate.scope == "team":
        subject = translate_filled("Team {value}", value=state.subject)
    elif state.gate.scope == "site":
        subject = basis.digest.names.find(str(state.subject))
    answer = {
        "unanswered": translate_text("NOT ANSWERED"),
        "stale": translate_filled(
            "{answer}, too long ago", answer=word_term(state.answer)
        ),
        "closed": translate_filled(
            "{answer}: nobody may go", answer=word_term(state.answer)
        ),
        "passed": word_term(state.answer),
    }[state.state]
    return Row(
        (
            Cell(subject),
            Cell(answer, bold=state.state != "passed"),
            Cell(word_term(state.role) if state.role else Text.same("")),
            Cell(Text.same(state.date.isoformat() if state.date else "")),
        )
    )


def _list_rules(basis: Basis) -> Iterator[Text]:
    yield translate_text(
        "No halt, parking or night near a school, a health site, aid at work or a camp "
        "for displaced persons; no use of a school for anything."
    )
    yield translate_text(
        "Away from aid being handed out; no escort of aid, and no contact with aid "
        "workers but through CMCoord."
    )
    yield translate_text(
        "Before each stop: could being seen with us bring reprisals? Is there a safer "
        "way, by phone, at the market, elsewhere? Who says so?"
    )
    yield translate_text(
        "No name, no source, no picture of anyone. Survivors are told where help is "
        "and referred; no case is asked for or written down."
    )
    yield translate_text(
        "Children are not questioned: the child protection adviser is told, by the "
        "role."
    )
    yield translate_text(
        "Women are asked by women, where they choose, and not in front of leaders."
    )
    yield translate_text("Nothing is promised that is not in this order.")
    team = basis.team
    if team is not None and team.joint_with_national_forces:
        yield translate_text(
            "National forces go along: due diligence (HRDDP) is signed before leaving."
        )
    yield translate_text(
        "This paper foretells where people will be: keep it on you, hand it in on "
        "return."
    )


def build_decision() -> Section:
    """Return who decides, to be filled in by role."""
    columns = [
        (translate_text("Decides (role)"), 30.0),
        (translate_text("Decision, and its reason"), 48.0),
        (translate_text("Date and time"), 22.0),
    ]
    roles = [word_term("sector_commander"), word_term("protection_adviser")]
    rows = [[Cell(role, bold=True), BLANK, BLANK] for role in roles]
    rows.append([BLANK, BLANK, BLANK])
    return Section(translate_text("Decision"), (build_form(columns, rows),))
