"""The factors of risk: threat, vulnerability and protective capacity, each 1 to 5.

Every score bears its evidence: what was found, its unit, where it comes from, of when
it is, and how far it can be trusted. Who knows most goes first: incidents, then what an
adviser says of a zone, then a distance that can be measured. What nobody knows is
unknown, and never low.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import isnan, nan
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np

from patrolplan.figures import FACTORS, FactorKey, NeedFigures
from patrolplan.geodesy import measure_distance_m

__all__ = [
    "BASES",
    "EVIDENCE",
    "UNKNOWN",
    "Basis",
    "Evidence",
    "measure_care",
    "measure_protection",
    "score_incidents",
    "score_zone",
]

Basis = Literal["incidents", "zone", "zone_level", "distance", "unknown"]
"""What a score rests on: incidents; the score of a zone; the level of a zone that has
no score of its own; a distance; or nothing."""
BASES: tuple[Basis, ...] = get_args(Basis)


class Evidence(NamedTuple):
    """One factor's score at one site or of one zone, and what it rests on.

    Attributes
    ----------
    score
        1 to 5; NaN where unknown.
    value, unit
        What was found, and what it counts.
    basis
        How the score was come by.
    source, date, confidence
        As the layer has them; the date is a day, or a period with a slash between its
        first and its last day.
    reason
        What an adviser wrote of it, or what it is a distance to.
    """

    score: float
    value: float
    unit: str | None
    basis: Basis
    source: str | None
    date: str | None
    confidence: str | None
    reason: str | None


EVIDENCE: Final = Evidence._fields[1:]
"""What a score bears beside itself."""
UNKNOWN: Final = Evidence(nan, nan, None, "unknown", None, None, None, None)

_M_PER_KM: Final = 1000


class _Post(NamedTuple):
    """A place that people can turn to."""

    lon: float
    lat: float
    name: str | None
    source: str | None
    date: str | None
    confidence: str | None


def _read_text(row: Mapping[str, Any], column: str) -> str | None:
    cell = row.get(column)
    return cell if isinstance(cell, str) and cell else None


def _read_number(row: Mapping[str, Any], column: str) -> float:
    cell = row.get(column)
    return nan if cell is None else float(cell)


def _word_period(row: Mapping[str, Any]) -> str | None:
    ends = [row.get("period_from"), row.get("period_to")]
    if not any(isinstance(end, date) for end in ends):
        return None
    # Two dots for an end that is open, as ISO 8601-2 has it.
    return "/".join(e.isoformat() if isinstance(e, date) else ".." for e in ends)


def score_zone(zone: Mapping[str, Any]) -> dict[FactorKey, Evidence]:
    """Score each factor of a zone from what its author says of it.

    Parameters
    ----------
    zone
        A row of the zones layer.

    Notes
    -----
    A factor without a score of its own stands at the zone's level, protective capacity
    at 6 - level: so a zone that states nothing but its level has that very risk,
    whatever the weights.
    """
    level = _read_number(zone, "level")
    shared = {
        "source": _read_text(zone, "source"),
        "date": _word_period(zone),
        "confidence": _read_text(zone, "confidence"),
    }
    scores: dict[FactorKey, Evidence] = {}
    for factor in FACTORS:
        score = _read_number(zone, factor)
        if not isnan(score):
            reason = _read_text(zone, f"{factor}_reason")
            scores[factor] = Evidence(
                score, score, "score 1 to 5", "zone", **shared, reason=reason
            )
        elif not isnan(level):
            score = 6 - level if factor == "capacity" else level
            scores[factor] = Evidence(
                score, level, "level 1 to 5", "zone_level", **shared, reason=None
            )
        else:
            scores[factor] = UNKNOWN
    return scores


def score_incidents(threat: Any | None) -> dict[str, Evidence]:
    """Score threat from incidents, by site; a site of unknown threat is left out.

    Parameters
    ----------
    threat
        As :func:`~patrolplan.need.threat.estimate_threat` returns it; None without
        incidents.
    """
    if threat is None:
        return {}
    return {
        row.site_id: Evidence(
            score=float(row.threat),
            value=float(row.value),
            unit=row.unit,
            basis="incidents",
            source=row.source,
            date=row.date,
            confidence=row.confidence,
            reason=None,
        )
        for row in threat.itertuples()
        if not isnan(row.threat)
    }


def measure_protection(
    population: Any,
    open_bases: Any,
    seats: Any | None,
    *,
    first_day: date,
    figures: NeedFigures,
) -> list[Evidence]:
    """Score protective capacity by how far the nearest base or State post is.

    Parameters
    ----------
    population, open_bases, seats
        The layers; of the bases those that are open. A seat has a State post, and
        stands where the site stands that it is at.
    first_day
        The first day planned for, on which the bases are open.
    figures
        Gives ``capacity_km``.

    Returns
    -------
    One of each site, in the order of the layer; unknown where there is neither.
    """
    day = first_day.isoformat()
    bases = (
        _Post(
            row["geometry"].x,
            row["geometry"].y,
            _read_text(row, "name"),
            _read_text(row, "source"),
            day,
            _read_text(row, "confidence"),
        )
        for row in open_bases.to_dict("records")
    )
    posts = [*bases, *_list_seats(population, seats)]
    unit = "km to the nearest base or State post"
    return [
        Evidence(5.0 - steps, away_km, unit, "distance", *_cite(post))
        if post is not None
        else UNKNOWN
        for steps, away_km, post in _find_nearest(
            population, posts, figures.capacity_km
        )
    ]


def measure_care(
    population: Any, seats: Any | None, *, figures: NeedFigures
) -> list[Evidence]:
    """Score vulnerability by how far the nearest reference health centre is.

    Parameters
    ----------
    population, seats
        The layers; a seat has a reference health centre, assumed one a seat.
    figures
        Gives ``care_km``.

    Returns
    -------
    One of each site, in the order of the layer; unknown where there is no seat.
    """
    posts = list(_list_seats(population, seats))
    unit = "km to the nearest reference health centre"
    return [
        Evidence(1.0 + steps, away_km, unit, "distance", *_cite(post))
        if post is not None
        else UNKNOWN
        for steps, away_km, post in _find_nearest(population, posts, figures.care_km)
    ]


def _cite(post: _Post) -> tuple[str | None, str | None, str | None, str | None]:
    return post.source, post.date, post.confidence, post.name


def _list_seats(population: Any, seats: Any | None) -> Iterator[_Post]:
    if seats is None:
        return
    spots = dict(zip(population["id"], population.geometry, strict=True))
    for row in seats.to_dict("records"):
        spot = spots.get(_read_text(row, "near_site_id"))
        if spot is not None:
            yield _Post(
                spot.x,
                spot.y,
                _read_text(row, "name"),
                _read_text(row, "source"),
                _read_text(row, "as_of"),
                _read_text(row, "confidence"),
            )


def _find_nearest(
    population: Any, posts: Sequence[_Post], steps_km: Iterable[float]
) -> Iterator[tuple[int, float, _Post | None]]:
    """Yield for each site the steps that the nearest post lies beyond, its km, and it.

    Of posts equally near the first counts: bases stand before seats.
    """
    if not posts:
        yield from ((0, nan, None) for _ in range(len(population)))
        return
    aways_km = (
        measure_distance_m(
            population.geometry.x.to_numpy()[:, None],
            population.geometry.y.to_numpy()[:, None],
            np.array([post.lon for post in posts])[None, :],
            np.array([post.lat for post in posts])[None, :],
        )
        / _M_PER_KM
    )
    steps = np.array(list(steps_km))
    for row in aways_km:
        nearest = int(row.argmin())
        beyond = int(np.searchsorted(steps, row[nearest], side="left"))
        yield beyond, float(row[nearest]), posts[nearest]
