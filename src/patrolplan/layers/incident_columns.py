"""Columns of incident files: those that are read, and those that are let fall.

Files of the Uppsala Conflict Data Program (UCDP GED), exports of ACLED, and plain logs
are told apart by their headings. The published columns of the first two that hold
actors, notes and sources are known here so that they can be dropped and named.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Final, Literal

from patrolplan.histories import Precision

__all__ = [
    "LOG_COLUMNS",
    "PUBLISHED",
    "READ",
    "VIOLENT_EVENTS",
    "Form",
    "find_form",
    "read_day",
    "read_precision",
]

Form = Literal["ged", "acled", "log"]

READ: Final[dict[str, tuple[str, ...]]] = {
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "lng", "long", "x"),
    "date": ("date_start", "event_date", "date", "day", "jour"),
    "year": ("year", "annee"),
    "precision": ("where_prec", "geo_precision", "precision"),
    "date_precision": ("date_prec", "time_precision"),
    "civilian": (
        "type_of_violence",
        "civilian_targeting",
        "against_civilians",
        "contre_civils",
    ),
    "deaths_civilians": ("deaths_civilians",),
    "event_type": ("event_type",),
    "origin": ("origin", "origine", "discovered_by_patrol"),
    "visit_probability": ("visit_probability", "probabilite_visite"),
}
"""What is read, by the folded headings that it may stand under, the first first."""

LOG_COLUMNS: Final[dict[str, str]] = {
    "latitude": "degrees from -90 to 90",
    "longitude": "degrees from -180 to 180",
    "date": "a day such as 2014-11-03",
    "year": "a year such as 2014, if the day is not known",
    "precision": "place, near, area or region, or 1 to 4; low where missing",
    "against_civilians": "yes or no; as yes where missing",
    "origin": "reported or discovered_by_patrol; as reported where missing",
    "visit_probability": "from 0 to 1: how likely a patrol was there to discover it",
}
"""The columns of a plain log, with what they hold."""

# UCDP GED codebook, versions 5 to 24.
_GED: Final = """
id relid year active_year active_yea code_status type_of_violence type_of_vi
conflict_dset_id conflict_new_id conflict_name conflict_n dyad_dset_id dyad_new_id
dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id side_b_new_id side_b
number_of_sources source_article source_office source_date source_headline
source_original where_prec where_coordinates where_description adm_1 adm_2 latitude
longitude geom_wkt priogrid_gid country country_id region event_clarity date_prec
date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown best high low
best_est high_est low_est gwnoa gwnob isocc iso3
"""
# ACLED codebook, 2014 to 2024.
_ACLED: Final = """
data_id gwno iso iso3 event_id_cnty event_id_no_cnty event_date year time_precision
disorder_type event_type sub_event_type actor1 actor2 assoc_actor_1 assoc_actor_2
ally_actor_1 ally_actor_2 inter1 inter2 interaction civilian_targeting region country
admin1 admin2 admin3 location latitude longitude geo_precision source source_scale
notes fatalities tags timestamp population_1km population_2km population_5km
population_best
"""
PUBLISHED: Final = frozenset((*_GED.split(), *_ACLED.split()))
"""Folded headings of the published schemas."""

VIOLENT_EVENTS: Final = frozenset(
    {
        "battles",
        "explosions/remote violence",
        "remote violence",
        "violence against civilians",
        "riots",
        "riots/protests",
    }
)
"""Event types of ACLED that endanger civilians; protests and others are set aside."""

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier", "feb february fev fevr fevrier",
            "mar march mars",
            "apr april avr avril", "may mai", "jun june juin", "jul july juil juillet",
            "aug august aout", "sep sept september septembre", "oct october octobre",
            "nov november novembre", "dec december decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ][\d:.]*Z?)?")
_WORDED_DAY: Final = re.compile(r"(\d{1,2})[ -]([^\W\d_]{3,9})\.?[ -](\d{4})")

_PRECISIONS: Final[dict[Form, dict[str, Precision]]] = {
    # 1 exact, 2 within 25 km, 3 district, 4 province, 5 a line or a fuzzy area, 6 the
    # country, 7 waters of no country.
    "ged": {
        "1": "place",
        "2": "near",
        "3": "area",
        "4": "region",
        "5": "area",
        "6": "region",
        "7": "region",
    },
    # 1 the very place, 2 near it or a part of the district, 3 a larger region.
    "acled": {"1": "place", "2": "near", "3": "region"},
    "log": {
        "1": "place",
        "2": "near",
        "3": "area",
        "4": "region",
        "place": "place",
        "near": "near",
        "area": "area",
        "region": "region",
        "high": "place",
        "medium": "near",
        "low": "area",
    },
}


def find_form(folded: Collection[str]) -> Form:
    """Return which kind of file bears these folded headings."""
    names = set(folded)
    if names & {"event_date", "geo_precision", "sub_event_type", "event_id_cnty"}:
        return "acled"
    if names & {"where_prec", "type_of_violence", "date_start", "where_coordinates"}:
        return "ged"
    return "log"


def read_precision(cell: str, form: Form) -> Precision | None:
    """Return the precision that a cell states, None if it states none that is known."""
    return _PRECISIONS[form].get(cell.lower().removesuffix(".0"))


def read_day(cell: str) -> date | None:
    """Return the day that a cell states, None if it states none.

    Parameters
    ----------
    cell
        Such as ``2014-11-03``, ``2014-11-03 00:00:00.000`` or ``03 November 2014``.
        A day in figures with the year last is none: nobody can tell its month.
    """
    try:
        if match := _ISO_DAY.fullmatch(cell):
            return date.fromisoformat(match[1])
        if match := _WORDED_DAY.fullmatch(cell):
            word = match[2].lower().replace("é", "e").replace("û", "u")
            month = _MONTHS.get(word)
            return None if month is None else date(int(match[3]), month, int(match[1]))
    except ValueError:
        return None
    return None
