"""The do-no-harm gates of a plan as people read them, and the status they give it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, Literal

import pandas as pd

from patrolplan.gates import GATES, find_status, list_gate_states
from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text, mark, translate, translate_count
from patrolplan.products.overview_rows import GateRow
from patrolplan.products.terms import translate_term

__all__ = ["digest_gates", "find_shown_status", "tabulate_gates"]

_STATES: Final = {
    "unanswered": mark("not answered: {n}"),
    "stale": mark("answered too long ago: {n}"),
    "closed": mark("answered against: {n}"),
}
_GATE_TYPES: Final = {
    "gate": "string",
    "question_en": "string",
    "question_fr": "string",
    "site_id": "string",
    "team_id": "string",
    "asked": "boolean",
    "answer": "string",
    "state": "string",
    "role": "string",
    "date": "string",
    "plan_status": "string",
}


def find_shown_status(plan: PlanFile) -> Literal["draft", "cleared"]:
    """Return the status that every product bears.

    A plan is shown as cleared only if it says so and its gates do: a file edited by
    hand draws no page that clears it, and a plan that was held back stays so.

    Parameters
    ----------
    plan
        The plan.
    """
    return find_status(plan) if plan.status == "cleared" else "draft"


def digest_gates(plan: PlanFile) -> tuple[GateRow, ...]:
    """Return a row for each gate that a plan raises.

    Parameters
    ----------
    plan
        The plan.
    """
    states = [state for state in list_gate_states(plan) if state.asked]
    rows = []
    for gate in GATES:
        counts = Counter(s.state for s in states if s.gate is gate)
        if counts:
            rows.append(
                GateRow(
                    id=gate.id,
                    name=Text(
                        translate_term(gate.id, "en"), translate_term(gate.id, "fr")
                    ),
                    question=Text(gate.en, gate.fr),
                    states={str(state): n for state, n in counts.items()},
                    told=Text(_tell(counts, "en"), _tell(counts, "fr")),
                )
            )
    return tuple(rows)


def _tell(counts: Counter[Any], lang: str) -> str:
    total = sum(counts.values())
    open_ones = [
        translate(_STATES[state], lang).format(n=counts[state])
        for state in _STATES
        if counts[state]
    ]
    whole = translate_count("{n} answer asked", "{n} answers asked", total, lang)
    parts = open_ones or [translate(mark("all pass"), lang)]
    joint = "\u202f; " if lang == "fr" else "; "
    return f"{whole.format(n=total)}{joint}{', '.join(parts)}"


def tabulate_gates(plan: PlanFile) -> pd.DataFrame:
    """Return one row for each question that a plan raises or answers.

    Columns: ``gate``, ``question_en``, ``question_fr``; ``site_id`` or ``team_id``
    where it is asked of one; ``asked`` (whether this plan raises it), ``answer``,
    ``state`` (``passed``, ``closed``, ``stale``, ``unanswered``), ``role``, ``date``;
    ``plan_status``, the same in every row.

    Parameters
    ----------
    plan
        The plan.
    """
    status = find_shown_status(plan)
    rows = [
        {
            "gate": state.gate.id,
            "question_en": state.gate.en,
            "question_fr": state.gate.fr,
            "site_id": state.subject if state.gate.scope == "site" else None,
            "team_id": state.subject if state.gate.scope == "team" else None,
            "asked": state.asked,
            "answer": state.answer,
            "state": state.state,
            "role": state.role,
            "date": None if state.date is None else state.date.isoformat(),
            "plan_status": status,
        }
        for state in list_gate_states(plan)
    ]
    frame = pd.DataFrame(rows, columns=list(_GATE_TYPES), dtype=object)
    return frame.astype(dict(_GATE_TYPES))
