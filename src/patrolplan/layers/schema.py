"""What each layer holds: its columns with unit and meaning, and its geometry.

The tables below are the one place that knows a layer's columns: readers check
against them, and the docs print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from patrolplan.windows import WEEKDAYS

__all__ = ["SCHEMAS", "THEME_LAYERS", "Column", "Schema", "ThemeLayer"]

Kind = Literal["text", "number", "whole", "flag", "date"]
Shape = Literal["point", "line", "area", "none"]


@dataclass(frozen=True)
class Column:
    """One column: what it means, and what its cells may hold.

    Parameters
    ----------
    name, kind, unit, meaning
        As they say; the unit is an empty string where there is none.
    needed
        Whether every feature must have a value. A column that is not needed may be
        missing or empty, and is then unknown.
    present
        Whether the column must be there, though its cells may be empty: without it
        every feature would be unknown, most likely by a slip in its heading.
    low, high
        Smallest and largest number, both included.
    choices
        The only texts allowed, where not empty.
    hint_zero, hint_high
        The likely cause of a 0 that is refused, and of a number too large.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    needed: bool = False
    present: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    hint_zero: str = ""
    hint_high: str = ""


@dataclass(frozen=True)
class Schema:
    """One layer: its shape, its columns, and whether a plan can do without it."""

    layer: str
    shape: Shape
    columns: tuple[Column, ...]
    needed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)


_ID = Column("id", "text", "key, unique in its layer", needed=True)
_NAME = Column("name", "text", "usual name", needed=True)
_NAME_FR = Column("name_fr", "text", "French name")
_SOURCE = Column("source", "text", "where the facts come from")
_CONFIDENCE = Column("confidence", "text", "high, medium, low or choice")
_NOTE = Column("note", "text", "anything else")
_STATUS = ("open", "caution", "closed", "unknown")

POPULATION = Schema(
    "population",
    "point",
    (
        _ID,
        _NAME,
        _NAME_FR,
        Column("aliases", "text", "other spellings, joined by |"),
        Column("region_2014", "text", "region of 2014"),
        Column("cercle_2014", "text", "cercle of 2014"),
        Column("region_today", "text", "region today, where a source gives it"),
        Column("cercle_today", "text", "cercle today, where a source gives it"),
        Column(
            "population",
            "whole",
            "people; empty = unknown",
            unit="persons",
            present=True,
            low=1,
            high=50_000_000,
            hint_zero="0 was written for unknown: leave it empty",
        ),
        Column("population_year", "whole", "year of the figure", low=1900, high=2100),
        Column(
            "population_scope",
            "text",
            "what the figure counts",
            choices=("town", "commune", "unknown"),
        ),
        Column("population_source", "text", "source of the figure"),
        Column("population_confidence", "text", "high, medium or low"),
        Column("counted_with", "text", "site that counts these people already"),
        Column("position_source", "text", "source of the position"),
        Column("position_confidence", "text", "high, medium or low"),
        Column("sources", "text", "all sources, joined by |"),
        _NOTE,
    ),
    needed=True,
)

LINES = Schema(
    "lines",
    "line",
    (
        _ID,
        Column("ref", "text", "road number"),
        Column("name", "text", "usual name"),
        _NAME_FR,
        Column(
            "kind",
            "text",
            "kind of line",
            needed=True,
            choices=("road", "track", "ferry", "river"),
        ),
        Column("surface", "text", "surface, a key of the speeds table", needed=True),
        Column("from_id", "text", "site or junction at its beginning"),
        Column("to_id", "text", "site or junction at its end"),
        Column(
            "length_km",
            "number",
            "planning length; empty = measured on its geometry",
            unit="km",
            low=0.01,
            high=5000,
            hint_high="metres taken for kilometres",
        ),
        Column("length_low_km", "number", "shortest published", unit="km", low=0),
        Column("length_high_km", "number", "longest published", unit="km", low=0),
        Column("length_source", "text", "source of the length"),
        Column("length_derived", "flag", "whether the length was derived"),
        Column(
            "hazard",
            "number",
            "danger to a patrol, 0 to 3; empty = unknown",
            low=0,
            high=3,
        ),
        Column("hazard_source", "text", "source of the hazard"),
        Column("status_dry", "text", "state when dry", choices=_STATUS),
        Column("status_rains", "text", "state in the rains", choices=_STATUS),
        Column("wait_min", "number", "wait for a ferry", unit="min", low=0, high=2880),
        Column(
            "crossing_min", "number", "crossing by ferry", unit="min", low=0, high=2880
        ),
        _CONFIDENCE,
        _SOURCE,
        Column("as_of", "text", "year or day of the facts"),
        _NOTE,
    ),
    needed=True,
)

ZONES = Schema(
    "zones",
    "area",
    (
        _ID,
        _NAME,
        _NAME_FR,
        Column(
            "level",
            "number",
            "risk to civilians, 1 to 5; empty = unknown",
            present=True,
            low=1,
            high=5,
            hint_zero="0 was written for unknown: leave it empty",
            hint_high="another scale: risk here runs from 1 to 5",
        ),
        Column("threat", "number", "threat to civilians", low=1, high=5),
        Column("vulnerability", "number", "vulnerability of civilians", low=1, high=5),
        Column("capacity", "number", "protective capacity", low=1, high=5),
        Column("threat_reason", "text", "why"),
        Column("vulnerability_reason", "text", "why"),
        Column("capacity_reason", "text", "why"),
        Column("period_from", "date", "first day it holds"),
        Column("period_to", "date", "last day it holds"),
        _SOURCE,
        _CONFIDENCE,
        Column("illustrative", "flag", "whether it was authored, not measured"),
    ),
    needed=True,
)

BASES = Schema(
    "bases",
    "point",
    (
        _ID,
        _NAME,
        _NAME_FR,
        Column("site_id", "text", "the place it stands in"),
        Column("sector_2014", "text", "sector of 2014"),
        Column("valid_from", "date", "first day it was there; empty = before all"),
        Column("valid_to", "date", "last day it was there; empty = after all"),
        _SOURCE,
        _CONFIDENCE,
        _NOTE,
    ),
    needed=True,
)

AIRFIELDS = Schema(
    "airfields",
    "point",
    (
        _ID,
        _NAME,
        Column("elevation_m", "number", "elevation", unit="m", low=-500, high=9000),
        Column("runway_length_m", "number", "longest runway", unit="m", low=1),
        Column("surface", "text", "surface of the runway"),
        _SOURCE,
    ),
)

MEDICAL = Schema(
    "medical",
    "point",
    (
        _ID,
        _NAME,
        _NAME_FR,
        Column(
            "kind",
            "text",
            "what stands ready there",
            needed=True,
            choices=("surgery", "helicopter"),
        ),
        Column("site_id", "text", "the place it stands in"),
        Column("by_night", "flag", "whether it works by night; empty = it does"),
        Column("valid_from", "date", "first day it was there; empty = before all"),
        Column("valid_to", "date", "last day it was there; empty = after all"),
        Column("assumed", "flag", "whether it was assumed, not found"),
        _SOURCE,
        _CONFIDENCE,
        _NOTE,
    ),
)

MARKETS = Schema(
    "markets",
    "none",
    (
        _ID,
        _NAME,
        Column("near_site_id", "text", "nearest site"),
        Column("distance_km", "number", "distance to it", unit="km", low=0, high=500),
        Column(
            "day",
            "text",
            "day of the week",
            needed=True,
            choices=WEEKDAYS,
        ),
        _NOTE,
        _SOURCE,
        _CONFIDENCE,
    ),
)

SPEEDS = Schema(
    "speeds",
    "none",
    (
        Column("vehicle", "text", "vehicle class", needed=True),
        Column("surface", "text", "surface", needed=True),
        Column("season", "text", "season", needed=True, choices=("dry", "rains")),
        Column(
            "speed_kmh",
            "number",
            "planning speed",
            unit="km/h",
            needed=True,
            low=0.5,
            high=150,
        ),
        Column(
            "fuel_l_per_100km",
            "number",
            "fuel of one vehicle",
            unit="L/100 km",
            low=0,
            high=1000,
        ),
        _SOURCE,
        _CONFIDENCE,
    ),
    needed=True,
)

FLOOD = Schema(
    "flood",
    "none",
    (
        _ID,
        _NAME,
        _NAME_FR,
        Column("gauge", "text", "gauge whose water it follows", needed=True),
        Column("lines", "text", "ids of lines, joined by |", needed=True),
        Column("vehicles", "text", "classes, joined by |; empty = all"),
        Column("from_day", "text", "first month and day of each year", needed=True),
        Column("to_day", "text", "last month and day, 02-29 too", needed=True),
        Column(
            "effect",
            "text",
            "what the water does to the lines",
            needed=True,
            choices=("closed", "slow", "high_water"),
        ),
        Column("speed_share", "number", "share of speed left", low=0.05, high=1),
        _SOURCE,
        _CONFIDENCE,
        _NOTE,
    ),
)

OSM_LENGTHS = Schema(
    "osm_lengths",
    "none",
    (
        Column("line_id", "text", "line of the lines layer", needed=True),
        Column(
            "osm_length_km",
            "number",
            "its length in OpenStreetMap",
            unit="km",
            needed=True,
            low=0.01,
        ),
        _NOTE,
    ),
)

_THEME_COLUMNS = (
    _ID,
    _NAME,
    Column("near_site_id", "text", "the site it stands at or near"),
    Column("region", "text", "regions of 2014 that a total is of, joined by |"),
    Column("distance_km", "number", "distance to the site", unit="km", low=0, high=500),
    Column(
        "lon",
        "number",
        "where it stands, WGS 84; empty = at the site",
        unit="degrees",
        low=-180,
        high=180,
    ),
    Column("lat", "number", "as lon", unit="degrees", low=-90, high=90),
    Column("persons", "whole", "people; empty = unknown", unit="persons", low=1),
    Column("level", "number", "level that an adviser entered", low=1, high=5),
    Column("day", "text", "day of the week", choices=WEEKDAYS),
    Column("from_day", "text", "first month and day of each year, such as 11-15"),
    Column("to_day", "text", "last month and day of each year"),
    Column("adviser_role", "text", "role of whoever entered the level, never a name"),
    Column("illustrative", "flag", "whether it was authored, not found"),
    Column("assumed", "flag", "whether it was assumed, not found"),
    Column("as_of", "text", "year or day of the facts"),
    _SOURCE,
    _CONFIDENCE,
    _NOTE,
)
ThemeLayer = Literal[
    "seats",
    "polling",
    "movements",
    "camps",
    "schools",
    "women_children",
    "human_rights",
    "observation",
    "pastoral",
]
"""A table that only the themes of the mandate read; all have the same columns."""
THEME_LAYERS: tuple[ThemeLayer, ...] = get_args(ThemeLayer)

_CONTEXT = (Column("name", "text", "name"), Column("code", "text", "code"))

SCHEMAS: dict[str, Schema] = {
    schema.layer: schema
    for schema in (
        POPULATION,
        LINES,
        ZONES,
        BASES,
        AIRFIELDS,
        MEDICAL,
        MARKETS,
        SPEEDS,
        FLOOD,
        OSM_LENGTHS,
        Schema("regions", "area", _CONTEXT),
        Schema("borders", "line", _CONTEXT),
        Schema("rivers", "line", _CONTEXT),
        Schema("lakes", "area", _CONTEXT),
        *(Schema(layer, "none", _THEME_COLUMNS) for layer in THEME_LAYERS),
    )
}
