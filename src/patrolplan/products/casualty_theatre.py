"""The casualty clock of a theatre as rows and tables: places, lines, and best spots."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from patrolplan.casualty_gaps import UNITS, CasualtyGaps, rank_places
from patrolplan.products.casualty_rows import ClockRow, SumRow, word_sum
from patrolplan.products.catalogue import (
    Text,
    format_number,
    mark,
    translate,
    translate_text,
)

__all__ = [
    "UNIT_NAMES",
    "BestRow",
    "PlaceRow",
    "list_best",
    "list_places",
    "tabulate_candidates",
    "tabulate_places",
    "translate_casualty_heading",
    "word_radius",
    "word_unit",
]

UNIT_NAMES: Final = {
    "helicopter": mark("one more helicopter"),
    "surgery": mark("one more surgical team"),
    "both": mark("both together"),
}
_HEADINGS: Final = {
    "Site": mark("Site"),
    "Place": mark("Place"),
    "Places": mark("Places"),
    "Minutes by day": mark("Minutes by day"),
    "Minutes by night": mark("Minutes by night"),
    "People": mark("People"),
    "People by night": mark("People by night"),
    "Need": mark("Need"),
    "Sum by day": mark("Sum by day"),
}
_PARTS: Final = ("notice_min", "out_min", "loading_min", "surgery_min")


@dataclass(frozen=True)
class PlaceRow:
    """A site, a base or a line: its sums, and who lives there if known.

    Parameters
    ----------
    kind, id, name
        ``site``, ``base`` or ``line``, and which.
    state
        ``night``: within the limit by day and by night; ``day``: by day alone;
        ``beyond``; or ``unknown``, where no care is known.
    people, need
        Persons, and persons at risk, weighted; None where unknown, and of no site.
    clock
        Its sums, judged by day; of a line at its worst spot.
    lon, lat
        A point of it, in degrees.
    """

    kind: str
    id: str
    name: Text
    state: str
    people: float | None
    need: float | None
    clock: ClockRow
    lon: float
    lat: float


@dataclass(frozen=True)
class BestRow:
    """A place for one more unit, and what it brings within the clock.

    Parameters
    ----------
    rank
        From 1, among the places of its unit, by people or by need as was asked.
    kind, id, name, lon, lat
        ``site``, ``airfield`` or ``base``, which, and where in degrees.
    sites, unknown
        How many sites come newly within the limit by day, and of how many of these no
        people are known.
    people, need
        Of these sites: persons, and persons at risk, weighted.
    people_night
        Persons who come newly within the limit by night.
    names
        The sites that come within it by day.
    """

    rank: int
    kind: str
    id: str
    name: Text
    lon: float
    lat: float
    sites: int
    unknown: int
    people: float
    need: float
    people_night: float
    names: tuple[Text, ...]


def _read(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _name(row: Any) -> Text:
    french = row.name_fr if isinstance(row.name_fr, str) else row.name
    return Text(str(row.name), str(french))


def list_places(gaps: CasualtyGaps) -> tuple[PlaceRow, ...]:
    """Return sites, bases and lines as people read them; who needs most stands first.

    Parameters
    ----------
    gaps
        The theatre.
    """
    names = {
        row.id: Text(str(row.name), str(row.name_fr or row.name))
        for row in gaps.layers.medical.itertuples()
    }
    rows = [
        PlaceRow(
            kind=row.kind,
            id=row.id,
            name=_name(row),
            state=row.state,
            people=_read(row.people),
            need=_read(row.need),
            clock=ClockRow(
                day_min=_read(row.day_min),
                night_min=_read(row.night_min),
                by_night=False,
                gap=row.state in ("beyond", "unknown"),
                day=_read_sum(row, "day", names),
                night=_read_sum(row, "night", names),
            ),
            lon=row.geometry.representative_point().x,
            lat=row.geometry.representative_point().y,
        )
        for row in gaps.places.itertuples()
    ]
    rows.sort(key=lambda row: (-(row.need or 0.0), -(row.people or 0.0), row.id))
    return tuple(rows)


def _read_sum(row: Any, when: str, names: Mapping[str, Text]) -> SumRow | None:
    if _read(getattr(row, f"{when}_min")) is None:
        return None
    parts = [float(getattr(row, f"{when}_{part}")) for part in _PARTS]
    ids = [str(getattr(row, f"{when}_{kind}_id")) for kind in ("helicopter", "surgery")]
    return SumRow(
        sum=word_sum((parts[0], parts[1], parts[2], parts[3])),
        total_min=math.fsum(parts),
        care_min=parts[0] + parts[1],
        helicopter=names.get(ids[0], Text.same(ids[0])),
        surgery=names.get(ids[1], Text.same(ids[1])),
    )


def list_best(
    gaps: CasualtyGaps, weight: str, most: int = 5
) -> dict[str, tuple[BestRow, ...]]:
    """Return the best places for one more of each unit; those without gain left out.

    Parameters
    ----------
    gaps
        The theatre.
    weight
        ``people`` or ``need``.
    most
        How many of each unit.
    """
    sites = {
        row.id: _name(row)
        for row in gaps.places[gaps.places["kind"] == "site"].itertuples()
    }
    found = {}
    for unit in UNITS:
        ranked = rank_places(gaps, unit, "need" if weight == "need" else "people")
        found[str(unit)] = tuple(
            BestRow(
                rank=int(getattr(row, f"rank_{weight}")),
                kind=row.kind,
                id=row.id,
                name=_name(row),
                lon=float(row.lon),
                lat=float(row.lat),
                sites=int(row.sites_day),
                unknown=int(row.unknown_day),
                people=float(row.people_day),
                need=float(row.need_day),
                people_night=float(row.people_night),
                names=tuple(sites[site] for site in row.site_ids_day),
            )
            for row in ranked.head(most).itertuples()
            if row.sites_day
        )
    return found


def tabulate_places(gaps: CasualtyGaps) -> pd.DataFrame:
    """Return the table of ``casualty.csv``: a row a site, a base and a line.

    Columns: ``kind``, ``id``, ``name``, ``name_fr``, ``cercle``; ``people`` and
    ``need``, the word ``unknown`` where a site's are not known; ``as_of``;
    ``limit_min``; ``day_within``, ``day_min`` = ``day_notice_min`` + ``day_out_min`` +
    ``day_loading_min`` + ``day_surgery_min``, the kilometres flown, ids of helicopter
    and surgical team, ``day_lon`` and ``day_lat``, of a line its worst spot; and so by
    night. Minutes are ``unknown`` where no helicopter or no surgical team is known.

    Parameters
    ----------
    gaps
        The theatre.
    """
    table = gaps.places
    of_site = table["kind"] == "site"
    columns: dict[str, Any] = {
        name: table[name] for name in ("kind", "id", "name", "name_fr", "cercle")
    }
    for name in ("people", "need"):
        columns[name] = table[name].map(_say_unknown).where(of_site, None)
    columns["as_of"] = gaps.as_of.isoformat()
    columns["limit_min"] = gaps.clock.figures.surgery_min
    for when in ("day", "night"):
        minutes = table[f"{when}_min"]
        within = minutes <= gaps.clock.figures.surgery_min
        columns[f"{when}_within"] = ["yes" if inside else "no" for inside in within]
        names = [name for name in table if str(name).startswith(f"{when}_")]
        columns |= {str(name): table[name].map(_say_unknown) for name in names}
    return pd.DataFrame(columns, dtype=object)


def tabulate_candidates(gaps: CasualtyGaps) -> pd.DataFrame:
    """Return the table of ``casualty-places.csv``: one more unit at each place.

    Columns: ``unit`` (helicopter, surgery, both), ``rank_people``, ``rank_need``;
    ``kind`` (site, airfield, base), ``id``, ``name``, ``lon``, ``lat``; what comes
    within the clock by day: ``sites_day``, ``people_day``, ``need_day``,
    ``unknown_day`` (sites of them whose people are unknown), ``site_ids_day``; and so
    by night.

    Parameters
    ----------
    gaps
        The theatre.
    """
    frames: list[pd.DataFrame] = [rank_places(gaps, unit) for unit in UNITS]
    table = pd.concat(frames, ignore_index=True)
    table["site_ids_day"] = table["site_ids_day"].map(" ".join)
    first = ["unit", "rank_people", "rank_need"]
    return table[[*first, *(name for name in table if name not in first)]]


def _say_unknown(value: Any) -> Any:
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    return "unknown" if missing else value


def word_radius(gaps: CasualtyGaps) -> tuple[Text, ...]:
    """Return the sum, its figures, and the radius that it gives, in words.

    Parameters
    ----------
    gaps
        The theatre.
    """
    clock = gaps.clock
    told = []
    for message, by_night in (
        (mark("By day: {sum} = {limit} min, a radius of {km} km"), False),
        (mark("By night: {sum} = {limit} min, a radius of {km} km"), True),
    ):
        half_km = max(0.0, clock.find_flight_km(by_night=by_night) / 2)
        flight_min = half_km / clock.figures.cruise_kmh * 60
        notice_min = clock.find_notice_min(by_night=by_night)
        parts = (notice_min, flight_min, clock.figures.loading_min, flight_min)
        told.append(
            Text(
                *(
                    translate(message, lang).format(
                        sum=word_sum(parts).pick(lang).partition(" = ")[0],
                        limit=format_number(clock.figures.surgery_min, lang),
                        km=format_number(half_km, lang),
                    )
                    for lang in ("en", "fr")
                )
            )
        )
    stated = translate_text(
        mark(
            "A planning aid, not a medical judgement: notice + flight out + loading "
            "+ flight to surgery, on {day}."
        )
    )
    day = gaps.as_of.isoformat()
    told.append(Text(stated.en.format(day=day), stated.fr.format(day=day)))
    return tuple(told)


def translate_casualty_heading(heading: str, lang: str) -> str:
    """Return the heading of a table that is printed, in a language.

    Parameters
    ----------
    heading
        In English, such as ``Minutes by day``.
    lang
        ``en`` or ``fr``.
    """
    return translate(_HEADINGS[heading], lang)


def word_unit(unit: str) -> Text:
    """Return what one more of is had, in words.

    Parameters
    ----------
    unit
        ``helicopter``, ``surgery`` or ``both``.
    """
    return translate_text(UNIT_NAMES[unit])
