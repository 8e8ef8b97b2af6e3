"""Codes with values turned into sentences, in English and French.

Nothing below ``products`` speaks: reasons, changes, purposes, rules and notices come
as a code with values. A code that has no sentence here is shown as it is, with its
values, and a test lists such codes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from patrolplan.products.catalogue import (
    Text,
    format_duration,
    format_number,
    mark,
    translate,
    translate_count,
)
from patrolplan.products.terms import translate_term

__all__ = [
    "Kind",
    "list_codes",
    "render_code",
    "render_code_text",
    "render_violation",
]

Kind = Literal["reason", "change", "purpose", "rule", "notice"]
NameLookup = Callable[[str, str], str]
"""Gives the name of an id in a language, or the id where it has none."""


@dataclass(frozen=True)
class _Sentence:
    kind: Kind
    one: str
    many: str | None = None
    count: str | None = None
    # Said instead where a value is missing or null.
    bare: str | None = None


def _count(
    kind: Kind, count: str, one: str, many: str, bare: str | None = None
) -> _Sentence:
    return _Sentence(kind, one, many, count, bare)


_REASONS: Final = {
    "held_by_base": _Sentence(
        "reason",
        mark("Held day by day by the base at {base_id}; it needs no patrol."),
    ),
    "no_team": _Sentence("reason", mark("No team is there to go.")),
    "no_way": _Sentence(
        "reason", mark("No way leads there from any base while the roads are so.")
    ),
    "out_of_range": _Sentence(
        "reason",
        mark("Out of range: {team_id} comes nearest and lacks {missing_km}."),
    ),
    "too_many_days": _count(
        "reason",
        "missing_days",
        "Too far for one patrol: {team_id} is nearest, {missing_days} day short.",
        "Too far for one patrol: {team_id} is nearest, {missing_days} days short.",
    ),
    "dwell_too_long": _Sentence(
        "reason",
        mark("The {dwell_min} needed there do not fit a duty window ({window_min})."),
        bare=mark("The time needed there is longer than any day's duty window."),
    ),
    "no_halt": _Sentence(
        "reason",
        mark("The way there has a stretch without halts that is longer than a day."),
    ),
    "beyond_horizon": _Sentence(
        "reason", mark("A patrol there does not end within the days that are planned.")
    ),
    "need_zero": _Sentence("reason", mark("A visit there would serve no need.")),
    "need_unknown": _Sentence(
        "reason",
        mark("Need unknown: people or risk have no figure. Unknown is not zero."),
    ),
    "no_time_left": _count(
        "reason",
        "extra_days",
        "Within reach, but no time is left: {team_id} lacks {extra_days} day.",
        "Within reach, but no time is left: {team_id} lacks {extra_days} days.",
        bare=mark("Within reach, but no time is left in any patrol."),
    ),
    "not_planned": _Sentence(
        "reason", mark("Within reach, but this plan does not go there.")
    ),
}
_CHANGES: Final = {
    "raise_range_km": _Sentence(
        "change", mark("Raise the range of {team_id} by {missing_km}.")
    ),
    "add_days": _count(
        "change",
        "days",
        "Give {team_id} {days} more day.",
        "Give {team_id} {days} more days.",
    ),
    "add_visit": _Sentence(
        "change", mark("Let {team_id}, leaving on day {depart_day}, go there too.")
    ),
    "add_patrol": _count(
        "change",
        "days",
        "One more patrol of {days} day from {base_id} ({vehicle}).",
        "One more patrol of {days} days from {base_id} ({vehicle}).",
    ),
}
_PURPOSES: Final = {
    "visit_civilians_at_risk": _Sentence("purpose", mark("Visit civilians at risk")),
}
_RULES: Final = {
    code: _Sentence("rule", text)
    for code, text in {
        "leg_too_fast": mark("A leg is faster than the way allows"),
        "leg_shortened": mark("A leg is shorter than the way"),
        "no_way": mark("A leg goes where there is no way"),
        "night_movement": mark("Movement by night"),
        "night_on_the_move": mark("A leg runs through the night"),
        "night_without_halt": mark("A night spent elsewhere than at a halt"),
        "work_at_night": mark("Work at a site by night"),
        "dwell_too_short": mark("Too little time at a site"),
        "too_many_days": mark("The patrol is too long"),
        "too_few_days": mark("The patrol is too short"),
        "range_exceeded": mark("The patrol drives beyond its range"),
        "geometry_misplaced": mark("A drawn leg does not join its stops"),
        "halt_misnamed": mark("A halt does not bear its patrol's name and number"),
        "stop_misplaced": mark("A stop does not lie where its place is"),
        "not_at_base": mark("The patrol does not start or end at its base"),
        "visit_repeated": mark("A site is visited again too soon"),
        "patrols_overlap": mark("One team is on two patrols at once"),
        "rest_too_short": mark("Too little rest between two patrols"),
        "outside_horizon": mark("Outside the days that are planned"),
        "required_not_visited": mark("A required site is not visited"),
        "role_missing": mark("A required role is missing"),
        "window_missed": mark("Arrival outside the site's window"),
        "times_disagree": mark("Times that contradict each other"),
        "need_misstated": mark("The need earned is misstated"),
        "unserved_misstated": mark("The list of sites not covered is misstated"),
        "figures_misstated": mark("The figures of the plan are misstated"),
        "bound_below_plan": mark("The bound lies below the plan"),
        "unknown_team": mark("The team is not in the plan"),
        "unknown_site": mark("The site is not in the plan"),
    }.items()
}
_NOTICES: Final = {
    "team_idle": _Sentence(
        "notice",
        mark("{team_id} stays at home: {base_id} is not open on all of these days."),
    ),
    "site_not_joined": _Sentence(
        "notice", mark("{site_id} is not joined to any road, track or ferry.")
    ),
    "no_people_known": _Sentence(
        "notice", mark("No site has a population: every need is unknown.")
    ),
    "no_patrol": _Sentence(
        "notice",
        mark("No patrol is possible within these days, ranges and teams."),
    ),
    "base_hugging": _Sentence(
        "notice",
        mark("Most of the need met lies within {beyond_km} of a base."),
    ),
    "no_risk_known": _Sentence(
        "notice",
        mark("No zone of civilian risk holds in these days: every need is unknown."),
    ),
}
# "no_way" and "too_many_days" are both reasons and rules: the kind tells which.
_SENTENCES: Final[Mapping[Kind, Mapping[str, _Sentence]]] = {
    "reason": _REASONS,
    "change": _CHANGES,
    "purpose": _PURPOSES,
    "rule": _RULES,
    "notice": _NOTICES,
}
# What the referee measures where a rule is about an amount.
_UNITS: Final = {
    "leg_too_fast": " min",
    "leg_shortened": " km",
    "geometry_misplaced": " m",
    "range_exceeded": " km",
    "dwell_too_short": " min",
}


def list_codes(kind: Kind | None = None) -> tuple[str, ...]:
    """List the codes that have a sentence.

    Parameters
    ----------
    kind
        Only those of this kind; all when None.
    """
    kinds = list(_SENTENCES) if kind is None else [kind]
    return tuple(sorted({code for name in kinds for code in _SENTENCES[name]}))


def _find(code: str, kind: Kind | None) -> _Sentence | None:
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
    if key == "vehicle":
        return translate_term(value, lang)
    if _is_number(value):
        if key.endswith("_km"):
            return f"{format_number(_round_up(value), lang)} km"
        if key.endswith("_min"):
            return format_duration(value)
        if key == "depart_day":
            # Codes count days from 0, people from 1.
            return format_number(value + 1, lang)
        if key == "days" or key.endswith("_days"):
            return format_number(_round_up(value), lang)
        whole = float(value).is_integer()
        return format_number(value, lang, 0 if whole else 1)
    if isinstance(value, str):
        return value
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
    given = {key: value for key, value in values.items() if value is not None}
    shown = {key: _format_value(key, given[key], lang, names) for key in given}
    for template in _pick_templates(sentence, given, lang):
        try:
            text = template.format_map(shown)
            return text[:1].upper() + text[1:]
        except (KeyError, ValueError, IndexError):
            continue
    return _show_plain(code, values)


def _pick_templates(
    sentence: _Sentence, values: Mapping[str, Any], lang: str
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
    if found is not None:
        value = _format_value("", found, lang, None) + unit * _is_number(found)
        parts.append(translate("found {value}", lang).format(value=value))
    if limit is not None:
        value = _format_value("", limit, lang, None) + unit * _is_number(limit)
        parts.append(translate("limit {value}", lang).format(value=value))
    head = render_code(rule, {}, lang, kind="rule")
    return f"{head} ({', '.join(parts)})" if parts else head
