"""What the pages for wider circles say: one list of sentences, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from patrolplan.products.catalogue import Text, mark, translate, translate_text
from patrolplan.products.release.areas import REASONS, find_band, word_reason
from patrolplan.products.release.facts import Facts, Reason
from patrolplan.products.release.profiles import Custody
from patrolplan.products.terms import translate_term

__all__ = ["Finding", "list_findings", "word_custody", "word_scope"]

_SCOPE: Final = {
    "open": mark(
        "For everybody. It says how many people live where, where no way leads and of "
        "whom nothing is known. It says nothing of patrols."
    ),
    "unclassified": mark(
        "For the United Nations and its partners. It says which places were "
        "considered, where no way leads and of whom nothing is known. It says "
        "nothing of patrols."
    ),
}
_NONE: Final = mark("nobody counted")


@dataclass(frozen=True)
class Finding:
    """How many people and places one reason holds for, in the whole theatre.

    Parameters
    ----------
    reason, why
        The reason, as a code and in words.
    people
        Persons, in words: a range, or that nobody was counted.
    places
        How many.
    """

    reason: Reason
    why: Text
    people: Text
    places: int


def word_scope(profile: str) -> Text:
    """Return for whom a page is, and what it tells.

    Parameters
    ----------
    profile
        ``open`` or ``unclassified``.
    """
    return translate_text(_SCOPE[profile])


def word_custody(custody: Custody | None) -> Text | None:
    """Return who answers for a pack and when it is to be destroyed.

    Parameters
    ----------
    custody
        None where the plan does not say.
    """
    if custody is None:
        return None
    message = mark("Kept by: {role}. Destroy after {date}.")
    return Text(
        *(
            translate(message, lang).format(
                role=translate_term(custody.owner_role, lang),
                date=custody.month,
            )
            for lang in ("en", "fr")
        )
    )


def list_findings(facts: Facts) -> list[Finding]:
    """Return how many people each reason holds for, those that hold for any.

    Parameters
    ----------
    facts
        What may leave.
    """
    found = []
    for reason in REASONS:
        places = [place for place in facts.places if place.reason == reason]
        if places:
            band = find_band(places)
            people = translate_text(_NONE) if band is None else band.words
            found.append(Finding(reason, word_reason(reason), people, len(places)))
    return found
