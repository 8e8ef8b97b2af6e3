"""The mandate as kinds of need: one file maps sentence -> theme -> layers -> visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from patrolplan.errors import Fault, LayerError
from patrolplan.figures import Key, Part
from patrolplan.layers.schema import THEME_LAYERS, ThemeLayer
from patrolplan.planfile import tabulate_model_faults
from patrolplan.toml_files import read_toml
from patrolplan.windows import read_window

__all__ = ["TABLES", "Mandate", "Sentence", "VisitRule", "read_mandate"]

TABLES = ("markets", *THEME_LAYERS)
"""Layers whose rows stand at or near a site."""

Layer = Literal["population", "zones", "lines", "markets"] | ThemeLayer
Phase = Literal["prevention", "pre-emption", "response", "consolidation"]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Share = Annotated[float, Field(ge=0, le=10)]
Distance = Annotated[float, Field(ge=0, le=1000)]
Level = Annotated[float, Field(ge=1, le=5)]


class VisitRule(Part):
    """At which sites a sentence asks for a visit, what for, and what it earns.

    ``layer`` finds the sites. Of a table they are those with a row within
    ``within_km``, or where ``farther_km`` is set those with no row so near; of
    ``population`` and ``zones`` those that the other limits let through, a risk from
    ``min_risk`` up to but not including ``max_risk``. ``at_rows`` takes only rows that
    stand at a site, not totals of regions. A table's ``level`` weighs in fifths.

    ``counts`` times ``share``, or ``points``, is what the visit earns, in persons at
    risk, weighted; of lines it is ``points`` for each km and step of hazard. If not
    every team that may go has all ``roles``, ``absent_share`` of that.

    Where the level of a row, or of ``zones`` the risk of a site, is
    ``leads_from_level`` or more, the visit is made for this before all that has no day
    of its own, whatever it earns.
    """

    layer: Layer
    purpose: Code
    counts: Literal["risk", "people", "persons", "points"]
    share: Share = 1.0
    points: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    within_km: Distance = 5.0
    farther_km: Distance | None = None
    at_rows: bool = False
    min_people: Annotated[int, Field(ge=0)] = 0
    min_risk: Level | None = None
    max_risk: Level | None = None
    beyond_base: bool = False
    unknown: bool = False
    kinds: tuple[Key, ...] = ()
    minutes: Annotated[float, Field(ge=0, le=720)] = 0.0
    roles: tuple[Key, ...] = ()
    absent_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    hours: Key | None = None
    cadence_days: Annotated[float, Field(gt=0, le=366)] | None = None
    leads_from_level: Level | None = None
    tier: Annotated[int, Field(ge=1, le=3)]
    phase: Phase

    @model_validator(mode="after")
    def _check_meaning(self) -> Self:
        if self.hours is not None:
            # Of any day: only the clock times are the rule's.
            read_window(f"mon {self.hours}")
        if self.counts == "persons" and self.layer not in TABLES:
            msg = "should count persons of a table's rows only"
            raise ValueError(msg)
        if self.leads_from_level is not None and self.layer not in (*TABLES, "zones"):
            msg = "should lead by the level of a table's rows or of zones"
            raise ValueError(msg)
        if self.layer == "lines" and self.counts != "points":
            msg = "should count points where the layer is lines"
            raise ValueError(msg)
        return self


class Sentence(Part):
    """One sentence of the mandate in both languages, with the visits it asks for."""

    theme: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    en: Words
    fr: Words
    visits: tuple[VisitRule, ...] = ()


class Mandate(Part):
    """All sentences, in their order."""

    format: Literal["patrolplan-mandate/1"]
    source: Words
    sentences: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=26)]

    def list_rules(self) -> Iterator[tuple[str, VisitRule]]:
        """Yield each visit with the theme it is of, in the file's order."""
        for sentence in self.sentences:
            for rule in sentence.visits:
                yield sentence.theme, rule


def read_mandate(path: Path) -> Mandate | None:
    """Read and check a mandate.

    Parameters
    ----------
    path
        A TOML file.

    Returns
    -------
    The mandate, or None where there is no such file: then all need is of civilians at
    risk.

    Raises
    ------
    LayerError
        If it cannot be read or meant; with every fault that was found.
    """
    if not path.exists():
        return None
    document = read_toml(path, "a mandate file", refusal=LayerError)
    try:
        mandate = Mandate.model_validate(document)
    except ValidationError as error:
        raise LayerError(tabulate_model_faults(error, path.name)) from error
    themes = [sentence.theme for sentence in mandate.sentences]
    faults = [
        Fault(path.name, "sentences", f"theme {theme!r} twice", "a letter for each")
        for theme in sorted({theme for theme in themes if themes.count(theme) > 1})
    ]
    if faults:
        raise LayerError(faults)
    return mandate
