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
    """Return degrees to 6 decimals, never as minus zero."""
    return round(value, DEGREE_DECIMALS) + 0.0


def round_time(moment: datetime) -> datetime:
    """Return a moment in UTC to the nearest second."""
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
    """A base: its position in degrees and as a grid reference to 1 m, its sector."""

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

    ``people`` are persons, ``risk`` is 1 to 5, ``need`` persons at risk, weighted; each
    None where unknown. ``visits`` counts those of the plan; of a site without one
    ``reason`` says why, as a code and in words, and ``change`` what would serve it.
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
    """A patrol; ``number`` counts from 1, lengths are km, need persons at risk."""

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

    ``label`` names the stop on a device: its number, and the name in both languages
    where they differ. ``stop`` counts from 0, ``visit`` the visits from 1, ``day`` the
    days of the patrol from 1; ``total_km`` is driven from the base. ``purpose`` is of
    the visit, as a code and in words; ``themes`` are letters of the mandate.
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
    """The way from one stop to the next: leg *i* joins stops *i* and *i* + 1.

    Lengths are km, durations minutes; ``line`` holds longitudes and latitudes.
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
    """All rows of a plan, or those of them that a file can hold; the rest is empty."""

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
