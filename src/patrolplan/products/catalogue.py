"""The one catalogue of words: every sentence and label, in English and French.

English is the source language and stands in the code; French comes from
``locale/fr/LC_MESSAGES/patrolplan.po``, compiled to the ``.mo`` beside it by
``pybabel compile -D patrolplan -d src/patrolplan/products/locale``. Numbers, days and
clock times are written here too, since they differ by language in the same way.
"""

from __future__ import annotations

import gettext
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = [
    "LANGUAGES",
    "Text",
    "find_zone",
    "format_clock",
    "format_day",
    "format_duration",
    "format_number",
    "mark",
    "name_zone",
    "translate",
    "translate_count",
    "translate_text",
]

LANGUAGES: Final = ("en", "fr")
"""Languages that every product speaks; the first is the source language."""

_DOMAIN: Final = "patrolplan"
# French sets a narrow no-break space between thousands.
_THOUSANDS: Final = {"en": ",", "fr": "\u202f"}
_DECIMAL: Final = {"en": ".", "fr": ","}


@dataclass(frozen=True)
class Text:
    """One text in both languages; equal where nothing needs translating.

    Parameters
    ----------
    en, fr
        The text in English and in French, unescaped.
    """

    en: str
    fr: str

    @classmethod
    def same(cls, value: object) -> Text:
        """Return a text that reads alike in both languages.

        Parameters
        ----------
        value
            What is written as it is, such as a name or a number.
        """
        return cls(str(value), str(value))

    def pick(self, lang: str) -> str:
        """Return the text in one language.

        Parameters
        ----------
        lang
            ``fr``; English for any other.
        """
        return self.fr if lang == "fr" else self.en


def mark(message: str) -> str:
    """Mark a message for the catalogue, to be translated where it is used.

    Parameters
    ----------
    message
        The English message, returned as it is.
    """
    return message


@cache
def _load(lang: str) -> gettext.NullTranslations:
    if lang not in LANGUAGES:
        msg = f"Language {lang!r} is not one of {', '.join(LANGUAGES)}."
        raise ValueError(msg)
    if lang == LANGUAGES[0]:
        return gettext.NullTranslations()
    folder = Path(str(resources.files("patrolplan.products") / "locale"))
    return gettext.translation(_DOMAIN, localedir=folder, languages=[lang])


def translate(message: str, lang: str) -> str:
    """Return a message in a language; in English where no translation is known.

    Parameters
    ----------
    message
        The English message.
    lang
        ``en`` or ``fr``.

    Raises
    ------
    ValueError
        If the language is another.
    """
    # An empty message id would return the header of the catalogue.
    return _load(lang).gettext(message) if message else ""


def translate_count(one: str, many: str, count: float, lang: str) -> str:
    """Return the form of a message that fits a count.

    Parameters
    ----------
    one, many
        The English message for 1 and for all other counts.
    count
        How many; fractions take the form of the next whole number.
    lang
        ``en`` or ``fr``.

    Raises
    ------
    ValueError
        If the language is another.
    """
    whole = math.ceil(count) if math.isfinite(count) else 2
    return _load(lang).ngettext(one, many, whole)


def translate_text(message: str) -> Text:
    """Return a message in both languages.

    Parameters
    ----------
    message
        The English message.
    """
    return Text(translate(message, "en"), translate(message, "fr"))


def format_number(value: float, lang: str, decimals: int = 0) -> str:
    """Return a number with the separators of a language.

    Parameters
    ----------
    value
        The number; not finite gives a dash.
    lang
        ``en`` or ``fr``.
    decimals
        Digits after the decimal mark.
    """
    if not math.isfinite(value):
        return "—"
    # Plus 0.0: what rounds to nothing bears no sign.
    plain = f"{round(value, decimals) + 0.0:,.{decimals}f}"
    swapped = plain.replace(",", "\0").replace(".", _DECIMAL[lang])
    return swapped.replace("\0", _THOUSANDS[lang])


def format_duration(minutes: float) -> str:
    """Return a duration as hours and minutes, alike in both languages.

    Parameters
    ----------
    minutes
        How long, in minutes.

    Examples
    --------
    >>> format_duration(200)
    '3 h 20 min'
    """
    if not math.isfinite(minutes):
        return "—"
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"


def find_zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name, or UTC where it is not known here.

    Parameters
    ----------
    name
        Such as ``Africa/Bamako``.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def name_zone(zone: tzinfo, moment: datetime) -> str:
    """Return how far a zone is from UTC at a moment, such as ``UTC`` or ``UTC+1``.

    Parameters
    ----------
    zone
        The zone.
    moment
        An aware moment, since summer time may change the answer.
    """
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return "UTC"
    sign = "+" if minutes > 0 else "-"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def format_clock(moment: datetime, zone: tzinfo) -> str:
    """Return the 24-hour clock time of a moment in a zone, such as ``09:40``.

    Parameters
    ----------
    moment
        An aware moment.
    zone
        Whose clock.
    """
    return moment.astimezone(zone).strftime("%H:%M")


def format_day(moment: datetime | date, zone: tzinfo) -> str:
    """Return the ISO date of a moment in a zone, such as ``2014-11-03``.

    Parameters
    ----------
    moment
        An aware moment, or a date that is taken as it is.
    zone
        Whose calendar.
    """
    if isinstance(moment, datetime):
        moment = moment.astimezone(zone).date()
    return moment.isoformat()
