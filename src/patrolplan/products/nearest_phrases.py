"""Sentences of requests that can't be met, and of the changes with which they can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from patrolplan.products.catalogue import mark
from patrolplan.products.phrases import SENTENCES, Kind, Sentence

__all__ = ["ALL_SENTENCES"]


def _count(kind: Kind, count: str, one: str, many: str) -> Sentence:
    return Sentence(kind, one, many, count)


_REASONS: Final = {
    "demands_unmet": _count(
        "reason",
        "demands",
        "Of {demands} visit that must be made, no plan makes more than {most}.",
        "Of {demands} visits that must be made, no plan makes more than {most}.",
    ),
    "demands_not_met": _count(
        "reason",
        "demands",
        "Of {demands} visit that must be made, the best plan found makes {met}.",
        "Of {demands} visits that must be made, the best plan found makes {met}.",
    ),
    "site_unmet": Sentence("reason", mark("{site_id} must be visited, and is not.")),
    "group_unmet": Sentence(
        "reason", mark("One of these must be visited, and none is: {site_ids}.")
    ),
    "unknown_unmet": Sentence(
        "reason",
        mark("Of sites of unknown need {least} must be visited, and {found} can be."),
    ),
}
_CHANGES: Final = {
    "add_teams": _count(
        "change",
        "teams",
        "{teams} more team at {base_id}, like {team_id}.",
        "{teams} more teams at {base_id}, each like {team_id}.",
    ),
    "plan_longer": _count(
        "change",
        "days",
        "Plan for {days} more day.",
        "Plan for {days} more days.",
    ),
    "open_base": Sentence("change", mark("Open the base at {base_id}.")),
    "drop_required": Sentence(
        "change", mark("Do not ask that {site_id} must be visited.")
    ),
    "drop_group": Sentence(
        "change", mark("Do not ask that one of these must be visited: {site_ids}.")
    ),
    "ask_fewer_unknown": Sentence(
        "change", mark("Of sites of unknown need ask for {least} visits only.")
    ),
}
ALL_SENTENCES: Final[Mapping[Kind, Mapping[str, Sentence]]] = {
    kind: {
        **sentences,
        **(_REASONS if kind == "reason" else {}),
        **(_CHANGES if kind == "change" else {}),
    }
    for kind, sentences in SENTENCES.items()
}
"""Every sentence there is."""
