"""Who is left out, as a table that may leave: by area, or by place."""

from __future__ import annotations

from math import floor, log10
from typing import Any, Final

import pandas as pd

from patrolplan.products.release.areas import (
    REASONS,
    find_band,
    group_places,
    word_reason,
)
from patrolplan.products.release.facts import Facts

__all__ = ["round_people", "round_position", "tabulate_areas", "tabulate_places"]

# About 11 km: no halt and no house can be told from it.
_STEPS_PER_DEG: Final = 10
_AREA_COLUMNS: Final = (
    "region",
    "cercles",
    "reason",
    "reason_en",
    "reason_fr",
    "people",
    "people_of_area",
)
_PLACE_COLUMNS: Final = (
    "name",
    "name_fr",
    "cercle",
    "lon_deg",
    "lat_deg",
    "people",
    "reason",
    "reason_en",
    "reason_fr",
)


def round_position(degrees: float) -> float:
    """Return a degree rounded to a tenth.

    Parameters
    ----------
    degrees
        Longitude or latitude.
    """
    return round(degrees * _STEPS_PER_DEG) / _STEPS_PER_DEG + 0.0


def round_people(people: int | None) -> int | None:
    """Return a number of persons to two significant digits.

    Parameters
    ----------
    people
        None is unknown, and stays so.

    Examples
    --------
    >>> round_people(86_633)
    87000
    """
    if not people:
        return people
    return round(people, 1 - floor(log10(people)))


def tabulate_areas(facts: Facts) -> pd.DataFrame:
    """Return one row an area and reason: how many people, and why.

    Columns: ``region``, ``cercles``; ``reason`` as a code and in words,
    ``reason_en`` and ``reason_fr``; ``people`` whom that holds for, and
    ``people_of_area`` in all, as bands of persons (``5000-20000``), missing where no
    figure is known or an area has too few places.

    Parameters
    ----------
    facts
        What may leave.
    """
    rows: list[dict[str, Any]] = []
    for area in group_places(facts.places):
        whole = find_band(area.places) if area.told else None
        for reason in REASONS:
            places = area.select(reason)
            if not places:
                continue
            band = find_band(places) if area.told else None
            words = word_reason(reason)
            rows.append(
                {
                    "region": area.region,
                    "cercles": "; ".join(area.cercles),
                    "reason": reason,
                    "reason_en": words.en,
                    "reason_fr": words.fr,
                    "people": band.code if band else None,
                    "people_of_area": whole.code if whole else None,
                }
            )
    return pd.DataFrame(rows, columns=list(_AREA_COLUMNS), dtype=object)


def tabulate_places(facts: Facts) -> pd.DataFrame:
    """Return one row a place: how many people, and why it may be left out.

    Columns: ``name``, ``name_fr``, ``cercle``; ``lon_deg``, ``lat_deg`` to a tenth;
    ``people`` to two significant digits, missing where unknown; ``reason`` as a code
    and in words.

    Parameters
    ----------
    facts
        What may leave.
    """
    rows = [
        {
            "name": place.name.en,
            "name_fr": place.name.fr,
            "cercle": place.cercle,
            "lon_deg": round_position(place.lon),
            "lat_deg": round_position(place.lat),
            "people": round_people(place.people),
            "reason": place.reason,
            "reason_en": word_reason(place.reason).en,
            "reason_fr": word_reason(place.reason).fr,
        }
        for place in facts.places
    ]
    table = pd.DataFrame(rows, columns=list(_PLACE_COLUMNS), dtype=object)
    return table.astype({"people": "Int64"})
