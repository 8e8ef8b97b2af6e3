"""The nearest feasible question as people read it: in words, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from patrolplan.planfile import Code, PlanFile
from patrolplan.planfile.nearest import SizeEntry
from patrolplan.products.catalogue import (
    Text,
    format_number,
    mark,
    translate,
    translate_count,
    translate_text,
)
from patrolplan.products.gates import find_shown_status
from patrolplan.products.rows import MapLayers, PlaceNames
from patrolplan.products.sentences import render_code_text

__all__ = ["NearestWords", "digest_nearest", "tabulate_nearest"]

_VERDICTS: Final = {
    "feasible": mark("a plan was found"),
    "impossible": mark("proven to be impossible"),
    "not_found": mark("no plan found, none excluded"),
}
_TYPES: Final = {
    "number": "Int64",
    "changes": "string",
    "changes_en": "string",
    "changes_fr": "string",
    "dropped": "Int64",
    "parts": "Int64",
    "opened": "Int64",
    "longer_days": "Int64",
    "person_days": "Int64",
    "more_km": "Float64",
    "verdict": "string",
    "verdict_en": "string",
    "verdict_fr": "string",
    "chosen": "boolean",
    "plan_status": "string",
}


class NearestWords(NamedTuple):
    """Why what was asked can't be done, what was changed, and how sure that is.

    Attributes
    ----------
    reasons, changes
        Sentences.
    told
        What was tried, and what is proven.
    """

    reasons: tuple[Text, ...]
    changes: tuple[Text, ...]
    told: Text


def digest_nearest(plan: PlanFile, names: PlaceNames) -> NearestWords | None:
    """Return in words what could not be done; None where all that was asked was.

    Parameters
    ----------
    plan
        The plan.
    names
        The names of its places.
    """
    found = plan.nearest
    if found is None:
        return None
    return NearestWords(
        tuple(_word_reason(reason, names) for reason in found.reasons),
        tuple(
            render_code_text(change.code, change.values, kind="change", names=names)
            for change in found.changes
        ),
        Text(*(_tell(plan, lang) for lang in ("en", "fr"))),
    )


def _word_reason(reason: Code, names: PlaceNames) -> Text:
    """Return a reason, for a site with what hinders a visit."""
    text = render_code_text(reason.code, reason.values, kind="reason", names=names)
    why, values = reason.values.get("reason"), reason.values.get("values")
    if reason.code != "site_unmet" or not isinstance(why, str):
        return text
    given: dict[str, Any] = values if isinstance(values, dict) else {}
    hindered = render_code_text(why, given, kind="reason", names=names)
    return Text(f"{text.en} {hindered.en}", f"{text.fr} {hindered.fr}")


def _tell(plan: PlanFile, lang: str) -> str:
    found = plan.nearest
    assert found is not None
    smaller = [t for t in found.tried if _key(t.size) < _key(found.size)]
    proven = sum(trial.verdict == "impossible" for trial in smaller)
    count = translate_count(
        "{n} smaller change was tried; {proven} proven to be impossible.",
        "{n} smaller changes were tried; {proven} proven to be impossible.",
        len(smaller),
        lang,
    ).format(n=format_number(len(smaller), lang), proven=format_number(proven, lang))
    sure = (
        mark("No smaller change of one thing will do.")
        if found.proven
        else mark("A smaller change may yet do: that is not excluded.")
    )
    return f"{count} {translate(sure, lang)}"


def _key(size: SizeEntry) -> tuple[float, ...]:
    return tuple(size.model_dump().values())


def tabulate_nearest(plan: PlanFile, layers: MapLayers | None = None) -> pd.DataFrame:
    """Return one row a change that was tried, in the order of trying.

    Columns: ``number`` from 1; ``changes`` (codes), ``changes_en``, ``changes_fr``; how
    large it is, ``dropped`` demands, ``parts`` changed, bases ``opened``,
    ``longer_days``, ``person_days``, ``more_km``; ``verdict`` (``feasible``,
    ``impossible`` where proven, ``not_found``) with its words; whether it was
    ``chosen``; ``plan_status``, ``draft`` or ``cleared``, as every product shows it.

    Parameters
    ----------
    plan
        The plan; without its part ``nearest`` there are no rows.
    layers
        Give the French names of places.
    """
    rows: list[dict[str, Any]] = []
    names, status = PlaceNames(plan, layers), find_shown_status(plan)
    for number, trial in enumerate(plan.nearest.tried if plan.nearest else (), start=1):
        assert plan.nearest is not None
        words = _word_all(trial.changes, names)
        verdict = translate_text(_VERDICTS[trial.verdict])
        rows.append(
            {
                "number": number,
                "changes": ", ".join(change.code for change in trial.changes),
                "changes_en": words.en,
                "changes_fr": words.fr,
                **trial.size.model_dump(),
                "verdict": trial.verdict,
                "verdict_en": verdict.en,
                "verdict_fr": verdict.fr,
                "chosen": trial.changes == plan.nearest.changes,
                "plan_status": status,
            }
        )
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))


def _word_all(changes: Sequence[Code], names: PlaceNames) -> Text:
    texts = [
        render_code_text(change.code, change.values, kind="change", names=names)
        for change in changes
    ]
    return Text(" ".join(t.en for t in texts), " ".join(t.fr for t in texts))
