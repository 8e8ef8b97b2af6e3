"""The sentences of the casualty clock, beside those of all else in ``phrases``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from patrolplan.products.catalogue import mark
from patrolplan.products.phrases import Kind, Sentence

__all__ = ["CASUALTY_SENTENCES", "CASUALTY_UNITS"]


def _count(kind: Kind, count: str, one: str, many: str) -> Sentence:
    return Sentence(kind, one, many, count)


CASUALTY_SENTENCES: Final[Mapping[Kind, Mapping[str, Sentence]]] = {
    "reason": {
        "surgery_too_far": Sentence(
            "reason", mark("Beyond the casualty clock: surgery is too far by day.")
        ),
        "surgery_too_far_by_night": Sentence(
            "reason",
            mark("Beyond the casualty clock: surgery is too far for a night there."),
        ),
        "surgery_too_far_on_way": Sentence(
            "reason",
            mark("Every way there leads beyond the casualty clock."),
        ),
    },
    "rule": {
        "surgery_too_far": Sentence(
            "rule", mark("Surgery is farther than the casualty clock allows by day")
        ),
        "surgery_too_far_by_night": Sentence(
            "rule", mark("Surgery is farther than the casualty clock allows by night")
        ),
        "casualty_misstated": Sentence("rule", mark("The casualty clock is misstated")),
    },
    "notice": {
        "casualty_gaps_day": _count(
            "notice",
            "count",
            "{count} leg or stop lies beyond the casualty clock by day (over "
            "{limit_min} to surgery).",
            "{count} legs and stops lie beyond the casualty clock by day (over "
            "{limit_min} to surgery).",
        ),
        "casualty_gaps_night": _count(
            "notice",
            "count",
            "{count} night halt lies beyond the casualty clock by night (over "
            "{limit_min} to surgery).",
            "{count} night halts lie beyond the casualty clock by night (over "
            "{limit_min} to surgery).",
        ),
        "casualty_unknown": Sentence(
            "notice",
            mark(
                "No helicopter or no surgical team is known on some day: there the "
                "casualty clock is unknown."
            ),
        ),
        "casualty_unmitigated": Sentence(
            "notice",
            mark(
                "How gaps of the casualty clock are met is not recorded: say so in "
                "casualty.mitigation."
            ),
        ),
        "team_beyond_clock": Sentence(
            "notice",
            mark(
                "{team_id} stays at home: from {base_id} surgery is farther than the "
                "casualty clock allows."
            ),
        ),
    },
}
CASUALTY_UNITS: Final[Mapping[str, str]] = {
    "surgery_too_far": " min",
    "surgery_too_far_by_night": " min",
    "casualty_misstated": " min",
}
