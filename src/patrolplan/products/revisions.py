"""A re-plan in words: what is done, kept, moved, left out and added, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from patrolplan.changes import Change
from patrolplan.plain_line import flatten_line
from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import Text
from patrolplan.products.rows import MapLayers, PlaceNames
from patrolplan.products.sentences import render_code_text
from patrolplan.products.tables import format_csv

__all__ = ["describe_change", "tabulate_changes", "write_changes"]

_TYPES: Final = {
    "change": "string",
    "change_en": "string",
    "change_fr": "string",
    "reason": "string",
    "site_id": "string",
    "team_id": "string",
    "patrol_id": "string",
    "date": "string",
    "old_patrol_id": "string",
    "old_date": "string",
}


def describe_change(change: Change, names: PlaceNames) -> Text:
    """Return a change in words, with its reason if that is known.

    Parameters
    ----------
    change
        The change.
    names
        Names of places.
    """
    told = render_code_text(
        change.told.code, change.told.values, kind="revision", names=names
    )
    if change.reason is None:
        return told
    why = render_code_text(
        change.reason.code, change.reason.values, kind="reason", names=names
    )
    return Text(f"{told.en} {why.en}", f"{told.fr} {why.fr}")


def tabulate_changes(
    changes: Sequence[Change], plan: PlanFile, layers: MapLayers | None = None
) -> pd.DataFrame:
    """Return one row a change.

    Columns: ``change`` as a code and as sentences in English and French; ``reason`` as
    a code; ``site_id``, ``team_id``, ``patrol_id`` and ``date``, a local day, that it
    is about; ``old_patrol_id`` and ``old_date`` of what was planned before.

    Parameters
    ----------
    changes
        What a re-plan changes.
    plan
        The plan as it is now.
    layers
        Give the French names of places.
    """
    names = PlaceNames(plan, layers)
    rows: list[dict[str, Any]] = []
    for change in changes:
        said = describe_change(change, names)
        values: Mapping[str, Any] = change.told.values
        rows.append(
            {
                "change": change.told.code,
                "change_en": said.en,
                "change_fr": said.fr,
                "reason": None if change.reason is None else change.reason.code,
                "site_id": values.get("site_id"),
                "team_id": values.get("team_id"),
                "patrol_id": values.get("patrol"),
                "date": values.get("date"),
                "old_patrol_id": values.get("old_patrol"),
                "old_date": values.get("old_date"),
            }
        )
    return pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)


def write_changes(
    changes: Sequence[Change], plan: PlanFile, layers: MapLayers | None = None
) -> dict[str, bytes]:
    """Return the files of a pack that tell what a re-plan changes.

    Parameters
    ----------
    changes, plan, layers
        As :func:`tabulate_changes` takes them.
    """
    names = PlaceNames(plan, layers)
    said = [describe_change(change, names) for change in changes]
    files = {"tables/changes.csv": format_csv(tabulate_changes(changes, plan, layers))}
    for lang in ("en", "fr"):
        lines = [flatten_line(text.pick(lang)) for text in said]
        files[f"changes.{lang}.txt"] = "".join(f"{line}\n" for line in lines)
    return {name: text.encode("utf-8") for name, text in files.items()}
