"""The tables of movement: speeds, what floods do, and what vehicles carry."""

from __future__ import annotations

from patrolplan.layers.columns import (
    CONFIDENCE,
    ID,
    NAME,
    NAME_FR,
    NOTE,
    SOURCE,
    Column,
    Schema,
)
from patrolplan.supply_figures import ELEMENTS

__all__ = ["FLOOD", "SPEEDS", "VEHICLES"]

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
        SOURCE,
        CONFIDENCE,
    ),
    needed=True,
)

FLOOD = Schema(
    "flood",
    "none",
    (
        ID,
        NAME,
        NAME_FR,
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
        SOURCE,
        CONFIDENCE,
        NOTE,
    ),
)

VEHICLES = Schema(
    "vehicles",
    "none",
    (
        Column("vehicle", "text", "type of vehicle", needed=True),
        Column(
            "moves_as",
            "text",
            "class of the speeds table that it moves as",
            needed=True,
        ),
        Column("element", "text", "element of a convoy that it is", choices=ELEMENTS),
        Column("seats", "whole", "people, the driver included", low=1, high=200),
        Column(
            "fuel_l", "number", "fuel in tank and cans", unit="L", low=1, high=10_000
        ),
        Column(
            "cargo_fuel_l",
            "number",
            "fuel carried for other vehicles",
            unit="L",
            low=0,
            high=100_000,
        ),
        Column("water_l", "number", "drinking water", unit="L", low=0, high=100_000),
        Column(
            "rations", "whole", "packs of one person and day", low=0, high=1_000_000
        ),
        SOURCE,
        CONFIDENCE,
    ),
)
