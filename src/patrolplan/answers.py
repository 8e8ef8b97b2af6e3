"""How a scenario answers the do-no-harm gates: sections ``[[gates]]`` and figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from patrolplan.errors import Fault
from patrolplan.figures import Key, Part, Slug, state_figure
from patrolplan.gates import (
    MOST_VALID_DAYS,
    UNANSWERED,
    Answer,
    AnsweringRole,
    GateId,
    find_gate,
)
from patrolplan.planfile.fields import Day

__all__ = ["GateAnswer", "GateFigures", "find_answer_faults"]


class GateFigures(Part):
    """How long answers hold, and how far liaison reaches."""

    answer_valid_days: int = state_figure(
        45,
        unit="days from an answer to the last day that relies on it",
        ge=0,
        le=MOST_VALID_DAYS,
        source="choice; four weeks of patrols, answered in the two weeks before",
    )
    liaison_km: float = state_figure(
        15,
        unit="km",
        ge=0,
        le=200,
        source="choice; how near an observation point of the ceasefire a site lies in "
        "its liaison zone",
    )


class GateAnswer(Part):
    """One answer to one gate, for the whole plan, or for the sites or teams named.

    ``role`` says who answered: a role of the list, never a person. ``note`` is for
    whoever keeps the scenario: it goes into no plan, map or table.
    """

    gate: GateId
    answer: Answer = UNANSWERED
    role: AnsweringRole | None = None
    date: Day | None = None
    sites: Annotated[tuple[Key, ...], Field(max_length=2000)] = ()
    teams: Annotated[tuple[Slug, ...], Field(max_length=500)] = ()
    note: str = ""


def find_answer_faults(answers: Iterable[GateAnswer], file: str) -> Iterator[Fault]:
    """Yield answers that name too little or too much to be one.

    A fault tells which field is wrong, and nothing of a note.

    Parameters
    ----------
    answers
        Those of a scenario.
    file
        Name of its file.
    """
    for number, answer in enumerate(answers):
        where = f"gates.{number}"
        gate = find_gate(answer.gate)
        assert gate is not None
        for scope, named in (("site", answer.sites), ("team", answer.teams)):
            if gate.scope == scope and not named:
                yield Fault(
                    file,
                    f"{where}.{scope}s",
                    f"nothing, for {answer.gate}",
                    f"the {scope}s that it was answered for: it is asked of each",
                    "an answer meant for all: name them one by one",
                )
            if gate.scope != scope and named:
                yield Fault(
                    file,
                    f"{where}.{scope}s",
                    f"{len(named)} named, for {answer.gate}",
                    f"no {scope}s: it is asked of the {gate.scope}",
                    "another gate meant",
                )
        told = answer.role is not None, answer.date is not None
        if answer.answer != UNANSWERED and not all(told):
            yield Fault(
                file,
                f"{where}.{'date' if told[0] else 'role'}",
                "nothing",
                "which role answered, and on which date",
                "an answer that nobody gave",
            )
        if answer.answer == UNANSWERED and any(told):
            yield Fault(
                file,
                f"{where}.answer",
                f"{UNANSWERED!r} beside a role or a date",
                "yes or no, since somebody answered",
                "the answer was left out",
            )
