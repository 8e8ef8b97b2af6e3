"""What every export holds: one model of rows, whatever file they are written to.

Positions are rounded to 6 decimals of a degree (11 cm), times to the second, lengths to
the metre and minutes to a thousandth, once and here; so each format that can hold a
row gives it back as it is, and no two files say different things of one plan.

Text is kept as it was given, but for what no XML file can hold: see :func:`hold_text`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

__all__ = [
    "DEGREE_DECIMALS",
    "METRES",
    "Base",
    "Contents",
    "Journey",
    "Leg",
    "Marks",
    "Place",
    "Row",
    "Stop",
    "hold_text",
    "list_columns",
    "round_degrees",
    "round_time",
]

DEGREE_DECIMALS: Final = 6
METRES: Final = 5
"""Digits a side of a grid reference to 1 m."""
_REPLACEMENT: Final = "\ufffd"
# What XML 1.0 forbids: control characters but for tab and line feed, lone surrogates
# and the two noncharacters. A carriage return would come back as a line feed, and the
# C1 controls are allowed but discouraged, and act on terminals.
_FORBIDDEN: Final = dict.fromkeys(
    [
        *(code for code in range(0x20) if code not in (0x09, 0x0A)),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
    ],
    _REPLACEMENT,
)


def hold_text(text: str) -> str:
    """Return a text as every export holds it.

    Control characters other than tab and line feed, lone surrogates, U+FFFE and U+FFFF
    become U+FFFD, so that the damage shows; a carriage return becomes a line feed.
    All else stays as it is: marks of direction, markup, braces and quotes too.

    Parameters
    ----------
    text
        Any text.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_FORBIDDEN)


def round_degrees(value: float) -> float:
    """Return degrees to 6 decimals, some 0.1 m, never as minus zero.

    Parameters
    ----------
    value
        Degrees.
    """
    return round(value, DEGREE_DECIMALS) + 0.0


def round_time(moment: datetime) -> datetime:
    """Return a moment in UTC to the nearest second.

    Parameters
    ----------
    moment
        Of any zone, which it bears.
    """
    near = moment.astimezone(UTC) + timedelta(milliseconds=500)
    return near.replace(microsecond=0)


@dataclass(frozen=True)
class Marks:
    """What is to be known of the whole plan before any of it is used.

    Parameters
    ----------
    scenario
        Name of the plan.
    version
        Of the program that planned.
    marking
        Of ST/SGB/2007/6, such as ``CONFIDENTIAL``.
    status
        ``draft`` or ``cleared``.
    first_day, last_day
        Of the horizon, in the scenario's zone.
    notice_en, notice_fr
        Marking, status, and what names and boundaries do not imply, in words.
    """

    scenario: str
    version: str
    marking: str
    status: str
    first_day: str
    last_day: str
    notice_en: str
    notice_fr: str


@dataclass(frozen=True)
class Base:
    """A base.

    Parameters
    ----------
    base_id, name_en, name_fr
        Which.
    lon, lat, mgrs
        Where: degrees to 6 decimals, WGS 84, and as a grid reference to 1 m.
    sector
        That it is of; None where unknown.
    """

    base_id: str
    name_en: str
    name_fr: str
    lon: float
    lat: float
    mgrs: str
    sector: str | None


@dataclass(frozen=True)
class Place:
    """A site, visited or not.

    Parameters
    ----------
    site_id, name_en, name_fr, cercle
        Which, and its cercle of 2014; None where unknown.
    lon, lat, mgrs
        Where: degrees to 6 decimals, WGS 84, and as a grid reference to 1 m.
    people, risk, need
        Persons; 1 to 5; persons at risk, weighted. None where unknown.
    visits
        How many the plan makes.
    reason, reason_en, reason_fr
        Why there is none, as a code and in words; None where there is one.
    change_en, change_fr
        The smallest change that would serve it; None where none is known.
    """

    site_id: str
    name_en: str
    name_fr: str
    cercle: str | None
    lon: float
    lat: float
    mgrs: str
    people: int | None
    risk: float | None
    need: float | None
    visits: int
    reason: str | None
    reason_en: str | None
    reason_fr: str | None
    change_en: str | None
    change_fr: str | None


@dataclass(frozen=True)
class Journey:
    """A patrol.

    Parameters
    ----------
    patrol_id, number, team_id, base_id
        Its key; its number, from 1; whose it is, and where it starts.
    vehicle, vehicles, people
        Vehicle class, how many go, and who; None where the plan lacks the team.
    depart, back
        UTC, to the second.
    days
        That of departure and that of return included.
    length_km
        Driven in all.
    sites
        Visited, each once.
    need_earned
        By visits and on the way, in persons at risk, weighted.
    """

    patrol_id: str
    number: int
    team_id: str
    base_id: str
    vehicle: str | None
    vehicles: int | None
    people: int | None
    depart: datetime
    back: datetime
    days: int
    length_km: float
    sites: int
    need_earned: float


@dataclass(frozen=True)
class Stop:
    """Where a patrol stands.

    Parameters
    ----------
    label
        What a device calls it: its number, and its name, in both languages where they
        differ.
    patrol_id, patrol
        Key and number, from 1, of the patrol.
    stop, visit, day
        Its place in the patrol, from 0; of a visit its number, from 1, else None; the
        day of the patrol, from 1.
    kind
        ``base``, ``visit``, ``halt``, or ``start`` of a patrol re-planned under way.
    place_id, name_en, name_fr
        Which place.
    lon, lat, mgrs
        Where: degrees to 6 decimals, WGS 84, and as a grid reference to 1 m.
    arrive, depart
        UTC, to the second; None for the first arrival and the last departure.
    total_km
        Driven from the base up to here.
    purpose, purpose_en, purpose_fr
        What a visit is first of all for, as a code and in words.
    themes
        Letters of the mandate that it serves, such as ``B, C``; empty of none.
    """

    label: str
    patrol_id: str
    patrol: int
    stop: int
    visit: int | None
    kind: str
    place_id: str
    name_en: str
    name_fr: str
    lon: float
    lat: float
    mgrs: str
    day: int
    arrive: datetime | None
    depart: datetime | None
    total_km: float
    purpose: str | None
    purpose_en: str | None
    purpose_fr: str | None
    themes: str


@dataclass(frozen=True)
class Leg:
    """The way from one stop to the next.

    Parameters
    ----------
    patrol_id, patrol, leg
        Key and number, from 1, of the patrol; leg *i*, from 0, joins stops *i* and
        *i* + 1.
    from_id, to_id
        Ids of the places of these.
    depart, arrive
        UTC, to the second.
    length_km, driving_min
        Kilometres, and driving and ferry minutes, to three decimals.
    line
        Longitudes and latitudes along it, degrees to 6 decimals.
    """

    patrol_id: str
    patrol: int
    leg: int
    from_id: str
    to_id: str
    depart: datetime
    arrive: datetime
    length_km: float
    driving_min: float
    line: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Contents:
    """All rows of a plan, or those of them that a file can hold; the rest is empty.

    Parameters
    ----------
    marks
        What is to be known of the whole; None where a file cannot say it.
    journeys, stops, legs
        In the order of the plan: by patrol, and along its way.
    places, bases
        In the order of the document.
    """

    marks: Marks | None = None
    journeys: tuple[Journey, ...] = ()
    stops: tuple[Stop, ...] = ()
    legs: tuple[Leg, ...] = ()
    places: tuple[Place, ...] = ()
    bases: tuple[Base, ...] = ()


Row = Marks | Base | Place | Journey | Stop | Leg


def list_columns(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the name of each field of a row, and its type without ``| None``.

    Parameters
    ----------
    kind
        Class of the rows; the positions of a way are no column.
    """
    return tuple(
        (field.name, str(field.type).removesuffix(" | None"))
        for field in fields(kind)
        if field.name != "line"
    )
