"""People where a patrol goes: those that are counted, and places that nobody counted.

Unknown is not zero: no sum of people stands alone where a part of it is not known.
"""

from __future__ import annotations

from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.rows import PatrolRow
from patrolplan.products.wording import (
    join_texts,
    translate_counted,
    translate_filled,
    translate_number,
)

__all__ = ["format_people", "word_inhabitants"]


def format_people(row: PatrolRow) -> Text:
    """Return the people whom a patrol meets for a column of a table.

    Parameters
    ----------
    row
        The patrol. Where its sites are of unknown people, a ``?`` stands for them.
    """
    if _is_unknown(row):
        return Text.same("?")
    more = Text.same("?" if row.people_unknown else "")
    return join_texts([translate_number(row.people_met), more], " + ")


def word_inhabitants(row: PatrolRow) -> Text:
    """Return the same in words, as ``8,358 inhabitants, 1 place of unknown people``.

    Parameters
    ----------
    row
        The patrol.
    """
    if _is_unknown(row):
        return translate_text("inhabitants unknown")
    counted = translate_filled("{n} inhabitants", n=translate_number(row.people_met))
    if not row.people_unknown:
        return counted
    left = translate_counted(
        "{n} place of unknown people",
        "{n} places of unknown people",
        row.people_unknown,
    )
    return join_texts([counted, left])


def _is_unknown(row: PatrolRow) -> bool:
    """Return whether of no place that a patrol visits the people are known."""
    return row.people_unknown > 0 and row.people_unknown == row.sites
