"""Codes with values: what everything below ``products`` says instead of sentences."""

from __future__ import annotations

from pydantic import Field

from patrolplan.planfile.fields import Entry, Free

__all__ = ["Code"]


class Code(Entry):
    """A reason, purpose or change: a code with the values its sentence needs."""

    code: str
    values: dict[str, Free] = Field(default_factory=dict)
