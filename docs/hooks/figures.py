"""Generate the page of planning figures, and its tables, from where plans take them.

The fields of a scenario bear unit and source; the movement tables of the built-in
theatre bear source and confidence row by row. Nothing here knows a figure itself.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_jsonable_python
from tabling import escape_cell, format_table

from patrolplan.scenario import Scenario

CLONE = Path(__file__).resolve().parents[2]
MOVEMENT = CLONE / "data" / "geo" / "movement"
PAGE = "figures.md"
TABLES = {
    "speeds.csv": "Speeds and fuel",
    "vehicles.csv": "Vehicles",
    "flood.csv": "Flood calendar",
    "road_rules.csv": "What tags of OpenStreetMap are read as",
}
LEFT_OUT = {"name_fr", "note"}

INTRODUCTION = """\
# Planning figures and their sources

Nothing that shapes a plan hides in code. Each figure is a field of the
[scenario](scenarios.md), with its unit and the source of its default, or a row of a
table that a scenario may replace. This page is generated from those fields and tables
each time the site is built, so it cannot say anything else than what is planned with.

**Confidence** of a field is *published* where its source is an account or a figure of
others, *derived* where it was worked out from one, and *choice* where it is ours: argue
with those first. *Not set* holds nothing until a planner sets it. `patrolplan
sensitivity` says which of them change the plan ([what changes the
plan](sensitivity.md)). Rows of tables are graded *high*, *medium*, *low* or *choice*.
"Domain study" is the survey of published accounts that the defaults were taken from, by
section.
"""


class Figure(NamedTuple):
    """One field of a scenario that states a figure.

    Attributes
    ----------
    section, name
        Where it stands in a scenario file.
    default
        What holds where the planner says nothing, as TOML would have it.
    unit, source
        As the field states them.
    confidence
        ``published``, ``derived``, ``choice`` or ``not set``.
    """

    section: str
    name: str
    default: str
    unit: str
    source: str
    confidence: str


def list_figures() -> list[Figure]:
    """Return every field of a scenario that states a unit and a source."""
    return list(_walk(Scenario, ""))


def list_bare_numbers() -> list[str]:
    """Return the numeric fields of a scenario that state no source."""
    return [
        key
        for key, field in _walk_fields(Scenario, "")
        if not _is_figure(field) and {int, float} & _list_types(field.annotation)
    ]


def _walk(part: type[BaseModel], section: str) -> Iterator[Figure]:
    for key, field in _walk_fields(part, section):
        if not _is_figure(field):
            continue
        extra = field.json_schema_extra
        home, _, name = key.rpartition(".")
        source = str(extra["source"])
        default = field.get_default(call_default_factory=True)
        yield Figure(
            home,
            name,
            _word(default),
            str(extra["unit"]),
            source,
            _grade(default, source),
        )


def _grade(default: Any, source: str) -> str:
    if default is None or source.startswith(("none unless", "sites named")):
        return "not set"
    if re.search(r"\bchoice\b", source):
        return "choice"
    return "derived" if source.startswith("derived") else "published"


def _is_figure(field: Any) -> bool:
    return isinstance(field.json_schema_extra, dict) and (
        "source" in field.json_schema_extra
    )


def _walk_fields(part: type[BaseModel], section: str) -> Iterator[tuple[str, Any]]:
    for name, field in part.model_fields.items():
        key = f"{section}.{name}" if section else name
        yield key, field
        for inner in sorted(_list_parts(field.annotation), key=lambda p: p.__name__):
            yield from _walk_fields(inner, key)


def _list_parts(annotation: Any) -> set[type[BaseModel]]:
    return {t for t in _list_types(annotation) if issubclass(t, BaseModel)}


def _list_types(annotation: Any) -> set[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        return {annotation}
    return set().union(*map(_list_types, get_args(annotation)))


def _word(default: Any) -> str:
    if default is PydanticUndefined:
        return "required"
    if default is None:
        return "none"
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, dict):
        return ", ".join(f"{key}: {_word(value)}" for key, value in default.items())
    if isinstance(default, tuple | list):
        return ", ".join(map(_word, default)) or "none"
    return str(to_jsonable_python(default))


def write_page() -> str:
    """Return the page as Markdown."""
    parts = [INTRODUCTION, "\n## Fields of a scenario\n"]
    sections: dict[str, list[Figure]] = {}
    for figure in list_figures():
        sections.setdefault(figure.section, []).append(figure)
    for section, figures in sections.items():
        rows = [
            [
                f"`{figure.name}`",
                escape_cell(figure.default),
                escape_cell(figure.unit),
                escape_cell(figure.source),
                figure.confidence,
            ]
            for figure in figures
        ]
        parts.append(f"\n### `{section}`\n\n" if section else "\n")
        parts.append(
            format_table(["field", "default", "unit", "source", "confidence"], rows)
        )
    parts.append("\n## Tables of the built-in theatre\n\n")
    parts.append("Each is a CSV file that a scenario may replace (`[layers]`).\n")
    for name, title in TABLES.items():
        with (MOVEMENT / name).open(encoding="utf-8", newline="") as stream:
            head, *body = csv.reader(stream)
        keep = [n for n, column in enumerate(head) if column not in LEFT_OUT]
        rows = [[escape_cell(row[n]) for n in keep] for row in body]
        parts.append(f"\n### {title}\n\n`data/geo/movement/{name}`\n\n")
        parts.append(format_table([f"`{head[n]}`" for n in keep], rows))
    return "".join(parts)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to the site."""
    files.append(File.generated(config, PAGE, content=write_page()))
    return files
