"""How a scenario answers the do-no-harm gates: sections ``[[gates]]`` and figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

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

__all__ = ["GateAnswer", "GateFigures"]


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
    note: Annotated[str, StringConstraints(max_length=2000)] = ""

    @model_validator(mode="after")
    def _check_whole(self) -> GateAnswer:
        gate = find_gate(self.gate)
        assert gate is not None
        for scope, named in (("site", self.sites), ("team", self.teams)):
            if gate.scope == scope and not named:
                msg = f"should name {scope}s: {self.gate} is asked of each {scope}"
                raise ValueError(msg)
            if gate.scope != scope and named:
                msg = (
                    f"should name no {scope}s: {self.gate} is asked of the {gate.scope}"
                )
                raise ValueError(msg)
        told = self.role is not None and self.date is not None
        if self.answer != UNANSWERED and not told:
            msg = "should say which role answered, and on which date"
            raise ValueError(msg)
        if self.answer == UNANSWERED and (self.role or self.date):
            msg = "should be yes or no where a role or a date says that it was answered"
            raise ValueError(msg)
        return self
