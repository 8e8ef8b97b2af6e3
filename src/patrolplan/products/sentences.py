"""Codes with values turned into sentences, in English and French.

Nothing below ``products`` speaks: reasons, changes, purposes, rules and notices come
as a code with values. A code that has no sentence here is shown as it is, with its
values, and a test lists such codes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from patrolplan.products.casualty_phrases import CASUALTY_SENTENCES, CASUALTY_UNITS
from patrolplan.products.catalogue import (
    Text,
    format_duration,
    format_number,
    translate,
    translate_count,
)
from patrolplan.products.chance_phrases import CHANCE_NOTICES
from patrolplan.products.difference_phrases import DIFFERENCE_SENTENCES
from patrolplan.products.nearest_phrases import ALL_SENTENCES as SENTENCES
from patrolplan.products.phrases import OF_GATES, OF_SITES, UNITS, Kind, Sentence
from patrolplan.products.supply_phrases import (
    OF_TERMS,
    SUPPLY_SENTENCES,
    SUPPLY_UNITS,
)
from patrolplan.products.terms import translate_term
from patrolplan.products.tradeoff_phrases import TRADE_NOTICES

__all__ = [
    "Kind",
    "list_codes",
    "render_code",
    "render_code_text",
    "render_violation",
]

# Of each part of the house that has many sentences of its own.
_PARTS: tuple[Mapping[Kind, Mapping[str, Sentence]], ...] = (
    SENTENCES,
    CASUALTY_SENTENCES,
    SUPPLY_SENTENCES,
    {"notice": CHANCE_NOTICES},
    DIFFERENCE_SENTENCES,
    {"notice": TRADE_NOTICES},
)
_SENTENCES = {
    kind: {
        code: sentence
        for part in _PARTS
        for code, sentence in part.get(kind, {}).items()
    }
    for kind in get_args(Kind)
}
_FIRST_VALUE = re.compile(r"\{(\w+)\}")
# What stands for these is a word of ours, or begins with one.
_OWN_WORDS = frozenset(("team_id", "vehicle", "role"))
_UNITS = {**UNITS, **CASUALTY_UNITS, **SUPPLY_UNITS}

NameLookup = Callable[[str, str], str]
"""Gives the name of an id in a language, or the id where it has none."""


def list_codes(kind: Kind | None = None) -> tuple[str, ...]:
    """List the codes that have a sentence.

    Parameters
    ----------
    kind
        Only those of this kind; all when None.
    """
    kinds = list(_SENTENCES) if kind is None else [kind]
    return tuple(sorted({code for name in kinds for code in _SENTENCES[name]}))


def _find(code: str, kind: Kind | None) -> Sentence | None:
    for name in list(_SENTENCES) if kind is None else [kind]:
        if code in _SENTENCES[name]:
            return _SENTENCES[name][code]
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _round_up(value: float) -> float:
    # What is missing is rounded up: a kilometre too few is too few.
    return math.ceil(value - 1e-9) if math.isfinite(value) else value


def _format_value(key: str, value: Any, lang: str, names: NameLookup | None) -> str:
    if key == "team_id" and isinstance(value, str):
        # A team may bear the name of a town: never show it as a place.
        return translate("team {value}", lang).format(value=value)
    if key.endswith("_id") and isinstance(value, str):
        return names(value, lang) if names else value
    if key in OF_SITES and names is not None:
        value = _name_all(value, lang, names)
    if key in OF_TERMS and isinstance(value, list | tuple):
        value = [translate_term(term, lang) for term in value]
    if key in ("vehicle", "role") or (key in OF_TERMS and isinstance(value, str)):
        return translate_term(value, lang)
    if _is_number(value):
        if key.endswith("_km"):
            return f"{format_number(_round_up(value), lang)} km"
        if key.endswith("_l"):
            return f"{format_number(_round_up(value), lang)} L"
        if key.endswith("_min"):
            return format_duration(value)
        if key.endswith("_percent"):
            return f"{format_number(value, lang, int(value != int(value)))} %"
        if key == "depart_day":
            # Codes count days from 0, people from 1.
            return format_number(value + 1, lang)
        if key == "days" or key.endswith(("_days", "_need")):
            # Need is counted in persons, weighted.
            return format_number(_round_up(value), lang)
        whole = float(value).is_integer()
        return format_number(value, lang, 0 if whole else 1)
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        if key == "roles":
            value = [translate_term(role, lang) for role in value]
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _show_plain(code: str, values: Mapping[str, Any]) -> str:
    shown = ", ".join(
        f"{key} {_format_value('', values[key], 'en', None)}" for key in values
    )
    return f"{code}: {shown}" if shown else code


def render_code(
    code: str,
    values: Mapping[str, Any],
    lang: str,
    *,
    kind: Kind | None = None,
    names: NameLookup | None = None,
) -> str:
    """Return the sentence of a code, as plain text that is not escaped.

    A code without a sentence, or one whose values do not fit, is shown as
    ``code: values``: a gap that is seen is mended.

    Parameters
    ----------
    code
        The code.
    values
        What the sentence needs; keys ending in ``_km``, ``_min``, ``_days`` and
        ``_id`` are kilometres, minutes, days and ids.
    lang
        ``en`` or ``fr``.
    kind
        What sort of code it is; needed only for those that are both a reason and a
        rule. The first that fits when None, reasons before rules.
    names
        Turns ids into names; ids are shown when None.
    """
    sentence = _find(code, kind)
    if sentence is None:
        return _show_plain(code, values)
    # An empty list says no more than a value that is missing.
    given = {key: value for key, value in values.items() if value not in (None, [])}
    # What has no id to be named by comes with its name in both languages.
    if lang == "fr":
        given |= {key[:-3]: given[key] for key in given if key.endswith("_fr")}
    shown = {key: _format_value(key, given[key], lang, names) for key in given}
    for template in _pick_templates(sentence, given, lang):
        try:
            text = template.format_map(shown)
        except (KeyError, ValueError, IndexError):
            continue
        if _begins_with_a_name(template, given):
            return text
        return text[:1].upper() + text[1:]
    return _show_plain(code, values)


def _begins_with_a_name(template: str, values: Mapping[str, Any]) -> bool:
    """Return whether a sentence begins with what others wrote: it stays as it is.

    A capital would make another name of it, and of an id none that is known.
    """
    first = _FIRST_VALUE.match(template)
    if first is None or first[1] in _OWN_WORDS or first[1] in OF_TERMS:
        return False
    return isinstance(values.get(first[1]), str | list | tuple)


def _pick_templates(
    sentence: Sentence, values: Mapping[str, Any], lang: str
) -> Iterator[str]:
    if sentence.many is None or sentence.count is None:
        yield translate(sentence.one, lang)
    else:
        count = values.get(sentence.count)
        number = float(count) if isinstance(count, int | float) else 2.0
        yield translate_count(sentence.one, sentence.many, number, lang)
    if sentence.bare is not None:
        yield translate(sentence.bare, lang)


def render_code_text(
    code: str,
    values: Mapping[str, Any],
    *,
    kind: Kind | None = None,
    names: NameLookup | None = None,
) -> Text:
    """Return the sentence of a code in both languages.

    Parameters
    ----------
    code, values, kind, names
        As in :func:`render_code`.
    """
    return Text(
        render_code(code, values, "en", kind=kind, names=names),
        render_code(code, values, "fr", kind=kind, names=names),
    )


def _name_all(ids: Any, lang: str, names: NameLookup) -> Any:
    """Return names for a list of ids, and anything else as it is."""
    if isinstance(ids, list | tuple) and all(isinstance(key, str) for key in ids):
        return [names(key, lang) for key in ids]
    return ids


def render_violation(
    rule: str,
    lang: str,
    *,
    patrol_id: str | None,
    where: str | None,
    found: Any,
    limit: Any,
    names: NameLookup | None = None,
) -> str:
    """Return a broken rule in words: which, whose, where, what was found.

    Parameters
    ----------
    rule
        The rule's code.
    lang
        ``en`` or ``fr``.
    patrol_id, where
        The patrol and the place; left out of the sentence when None.
    found, limit
        What the referee measured and what the rule allows; left out when None.
    names
        Turns ids into names.
    """
    parts = []
    if patrol_id is not None:
        parts.append(translate("patrol {value}", lang).format(value=patrol_id))
    if where is not None:
        # A leg is named by its two ends.
        ends = [names(place, lang) if names else place for place in where.split(">")]
        parts.append(" > ".join(ends))
    unit = _UNITS.get(rule, "")
    # "Found false, limit true" tells nobody more than the sentence does.
    if isinstance(found, bool):
        found = limit = None
    if rule in OF_SITES and names is not None:
        found, limit = (_name_all(ids, lang, names) for ids in (found, limit))
    if rule in OF_TERMS and isinstance(found, list | tuple):
        found = [translate_term(term, lang) for term in found]
    if rule in OF_GATES and isinstance(found, str):
        found = translate_term(found, lang)
    if found is not None:
        value = _format_value("", found, lang, None) + unit * _is_number(found)
        parts.append(translate("found {value}", lang).format(value=value))
    if limit is not None:
        value = _format_value("", limit, lang, None) + unit * _is_number(limit)
        parts.append(translate("limit {value}", lang).format(value=value))
    head = render_code(rule, {}, lang, kind="rule")
    return f"{head} ({', '.join(parts)})" if parts else head
