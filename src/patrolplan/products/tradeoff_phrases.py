"""The sentences of a trade-off: what a plan gives up, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from patrolplan.products.catalogue import mark
from patrolplan.products.phrases import Kind, Sentence

__all__ = ["TRADE_NOTICES"]


def _count(kind: Kind, count: str, one: str, many: str) -> Sentence:
    return Sentence(kind, one, many, count)


TRADE_NOTICES: Final[Mapping[str, Sentence]] = {
    "trade_most": Sentence("notice", mark("The plan that meets most need.")),
    "trade_point": Sentence(
        "notice",
        mark(
            "Meets {need_percent} of the best plan's need with {exposure_percent} of "
            "its crew hours and {fuel_percent} of its fuel."
        ),
    ),
    "trade_gives_up": _count(
        "notice",
        "count",
        "Gives up {count} site: {site_ids}.",
        "Gives up {count} sites: {site_ids}.",
    ),
    "trade_visits": Sentence("notice", mark("Visits instead: {site_ids}.")),
    "trade_not_sent": _count(
        "notice",
        "count",
        "{count} patrol is not sent: {teams}.",
        "{count} patrols are not sent: {teams}.",
    ),
    "trade_exact": Sentence(
        "notice",
        mark(
            "Exact: no plan with no more crew hours and no more fuel meets more need."
        ),
    ),
    "trade_found": Sentence(
        "notice",
        mark(
            "Best found: a plan with no more of both might meet more, of which this "
            "one lacks {gap_percent} at most."
        ),
    ),
}
