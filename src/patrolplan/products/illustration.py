"""Whether risk was authored to illustrate, and the words that say so.

The one rule of all products: a zone that does not say it was assessed is taken as drawn
to illustrate. Where the layers are not at hand, neither is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from patrolplan.products.catalogue import Text, translate_text
from patrolplan.products.frames import read_cell, read_rows
from patrolplan.products.wording import join_texts

__all__ = [
    "find_illustration",
    "is_illustrative",
    "word_disclaimer",
    "word_illustration",
]


def is_illustrative(zone: Mapping[str, Any]) -> bool:
    """Return whether a zone was authored to illustrate, or does not say it was not.

    Parameters
    ----------
    zone
        Its row, with or without ``illustrative``.
    """
    told = read_cell(zone, "illustrative")
    return told is None or bool(told)


def find_illustration(zones: Any | None) -> bool | None:
    """Return whether any zone is illustrative; None where zones are not at hand.

    Parameters
    ----------
    zones
        The layer of zones; None without layers.
    """
    if zones is None:
        return None
    return any(is_illustrative(row) for row in read_rows(zones))


def word_illustration(found: bool | None) -> Text:
    """Return what a page says of its risk in a sentence, empty where it was assessed.

    Parameters
    ----------
    found
        As :func:`find_illustration` returns it.
    """
    if found is None:
        return translate_text(
            "Zones of risk may be ILLUSTRATIVE, and so may risk figures: such zones "
            "show the method and assess no real place."
        )
    if not found:
        return Text.same("")
    return translate_text(
        "Zones of risk and risk figures are ILLUSTRATIVE: they are drawn from "
        "published accounts to show the method and assess no real place."
    )


def word_disclaimer(found: bool | None) -> Text:
    """Return the short line on names, boundaries and risk that stands beside a marking.

    Parameters
    ----------
    found
        As :func:`find_illustration` returns it.
    """
    risk = {
        True: translate_text("Risk is ILLUSTRATIVE."),
        None: translate_text("Risk may be ILLUSTRATIVE."),
        False: Text.same(""),
    }[found]
    names = translate_text(
        "Boundaries and names do not imply endorsement by the United Nations."
    )
    return join_texts([names, risk], " ")
