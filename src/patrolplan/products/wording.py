"""Messages of the catalogue with values in them, in both languages at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from patrolplan.products.catalogue import (
    Text,
    format_number,
    translate,
    translate_count,
)
from patrolplan.products.terms import translate_term

__all__ = [
    "join_texts",
    "translate_counted",
    "translate_filled",
    "translate_number",
    "word_term",
    "word_terms",
]


def translate_number(value: float, decimals: int = 0) -> Text:
    """Return a number with the separators of each language.

    Parameters
    ----------
    value
        The number.
    decimals
        Digits after the decimal mark.
    """
    return Text(
        format_number(value, "en", decimals), format_number(value, "fr", decimals)
    )


def translate_counted(one: str, many: str, count: float) -> Text:
    """Return a message that depends on a count, ``{n}`` in it, in both languages.

    Parameters
    ----------
    one, many
        The English message for 1 and for all other counts.
    count
        How many.
    """
    forms = [
        translate_count(one, many, count, lang).format(n=format_number(count, lang))
        for lang in ("en", "fr")
    ]
    return Text(*forms)


def translate_filled(message: str, **values: Any) -> Text:
    """Return a message with values in it, in both languages.

    Parameters
    ----------
    message
        The English message, with the names of the values in braces.
    **values
        A text gives its words of each language, anything else is shown alike.
    """
    filled = [
        translate(message, lang).format(
            **{
                key: value.pick(lang) if isinstance(value, Text) else value
                for key, value in values.items()
            }
        )
        for lang in ("en", "fr")
    ]
    return Text(*filled)


def word_term(term: object) -> Text:
    """Return a word of the layers or the roster in both languages.

    Parameters
    ----------
    term
        The word as the data has it.
    """
    return Text(translate_term(term, "en"), translate_term(term, "fr"))


def word_terms(terms: Iterable[object], joint: str = ", ") -> Text:
    """Return several words of the layers or the roster, one after the other.

    Parameters
    ----------
    terms
        The words as the data has them.
    joint
        What stands between two.
    """
    return join_texts((word_term(term) for term in terms), joint)


def join_texts(texts: Iterable[Text], joint: str = ", ") -> Text:
    """Return texts one after the other, in each language.

    Parameters
    ----------
    texts
        The texts; those that are empty are left out.
    joint
        What stands between two.
    """
    listed = [text for text in texts if text.en]
    return Text(
        joint.join(text.en for text in listed), joint.join(text.fr for text in listed)
    )
