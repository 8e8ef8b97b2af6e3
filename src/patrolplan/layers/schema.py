"""What each layer holds: its columns with unit and meaning, and its geometry.

The tables below are the one place that knows a layer's columns: readers check
against them, and the docs print them.
"""

from __future__ import annotations

from typing import Literal, get_args

from patrolplan.layers.columns import (
    CONFIDENCE,
    ID,
    NAME,
    NAME_FR,
    NOTE,
    SOURCE,
    STATUS,
    Column,
    Schema,
)
from patrolplan.layers.movement_schema import FLOOD, SPEEDS, VEHICLES
from patrolplan.windows import WEEKDAYS

__all__ = ["SCHEMAS", "THEME_LAYERS", "ThemeLayer"]

POPULATION = Schema(
    "population",
    "point",
    (
        ID,
        NAME,
        NAME_FR,
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
        NOTE,
    ),
    needed=True,
)

LINES = Schema(
    "lines",
    "line",
    (
        ID,
        Column("ref", "text", "road number"),
        Column("name", "text", "usual name"),
        NAME_FR,
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
        Column("status_dry", "text", "state when dry", choices=STATUS),
        Column("status_rains", "text", "state in the rains", choices=STATUS),
        Column("wait_min", "number", "wait for a ferry", unit="min", low=0, high=2880),
        Column(
            "crossing_min", "number", "crossing by ferry", unit="min", low=0, high=2880
        ),
        CONFIDENCE,
        SOURCE,
        Column("as_of", "text", "year or day of the facts"),
        NOTE,
    ),
    needed=True,
)

ZONES = Schema(
    "zones",
    "area",
    (
        ID,
        NAME,
        NAME_FR,
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
        SOURCE,
        CONFIDENCE,
        Column("illustrative", "flag", "whether it was authored, not measured"),
    ),
    needed=True,
)

BASES = Schema(
    "bases",
    "point",
    (
        ID,
        NAME,
        NAME_FR,
        Column("site_id", "text", "the place it stands in"),
        Column("sector_2014", "text", "sector of 2014"),
        Column("valid_from", "date", "first day it was there; empty = before all"),
        Column("valid_to", "date", "last day it was there; empty = after all"),
        SOURCE,
        CONFIDENCE,
        NOTE,
    ),
    needed=True,
)

AIRFIELDS = Schema(
    "airfields",
    "point",
    (
        ID,
        NAME,
        Column("elevation_m", "number", "elevation", unit="m", low=-500, high=9000),
        Column("runway_length_m", "number", "longest runway", unit="m", low=1),
        Column("surface", "text", "surface of the runway"),
        SOURCE,
    ),
)

MEDICAL = Schema(
    "medical",
    "point",
    (
        ID,
        NAME,
        NAME_FR,
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
        SOURCE,
        CONFIDENCE,
        NOTE,
    ),
)

MARKETS = Schema(
    "markets",
    "none",
    (
        ID,
        NAME,
        Column("near_site_id", "text", "nearest site"),
        Column("distance_km", "number", "distance to it", unit="km", low=0, high=500),
        Column(
            "day",
            "text",
            "day of the week",
            needed=True,
            choices=WEEKDAYS,
        ),
        NOTE,
        SOURCE,
        CONFIDENCE,
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
        NOTE,
    ),
)

_THEME_COLUMNS = (
    ID,
    NAME,
    Column("near_site_id", "text", "the site it stands at or near"),
    Column("region", "text", "regions of 2014 that a total is of, joined by |"),
    Column("distance_km", "number", "distance to the site", unit="km", low=0, high=500),
    Column("lon", "number", "empty = at its site", unit="degrees", low=-180, high=180),
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
    SOURCE,
    CONFIDENCE,
    NOTE,
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
        VEHICLES,
        OSM_LENGTHS,
        Schema("regions", "area", _CONTEXT),
        Schema("borders", "line", _CONTEXT),
        Schema("rivers", "line", _CONTEXT),
        Schema("lakes", "area", _CONTEXT),
        *(Schema(layer, "none", _THEME_COLUMNS) for layer in THEME_LAYERS),
    )
}
