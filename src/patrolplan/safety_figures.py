"""How much a scenario may hold: what is beyond fills the memory, or never ends.

The limits are far above what a theatre needs (all built-in layers together take half a
MB) and below what makes a small machine suffer. A planner whose
layers are larger raises them in the scenario's ``[safety]`` table.
"""

from __future__ import annotations

from patrolplan.figures import Part, state_figure

__all__ = ["SafetyFigures"]


class SafetyFigures(Part):
    """The limits within which a layer is read; what exceeds one is refused by name."""

    largest_file_mb: float = state_figure(
        512,
        unit="MB (1024² bytes) that the file of a layer may take",
        gt=0,
        le=65_536,
        source="choice: what is read as text takes up to ten times that in memory; a "
        "GeoPackage or a PBF of lines is read piece by piece, and is not held to it",
    )
    most_features: int = state_figure(
        500_000,
        unit="features or rows of one layer",
        ge=1,
        le=50_000_000,
        source="choice: ten thousand times the built-in sites; lines of a network of "
        "one's own have a limit of their own, 5 million",
    )
    most_columns: int = state_figure(
        1_000,
        unit="columns of one layer",
        ge=1,
        le=32_767,
        source="choice: exports of surveys have some hundreds; SQLite's own limit is "
        "2,000",
    )
    deepest_json: int = state_figure(
        64,
        unit="levels of JSON in one another",
        ge=8,
        le=500,
        source="choice: a MultiPolygon of GeoJSON is at level 8 (RFC 7946); properties "
        "may nest below that",
    )
    largest_unpacked_mb: float = state_figure(
        2_048,
        unit="MB (1024² bytes) that the shapefile in a zip may unpack to",
        gt=0,
        le=65_536,
        source="the format: a part of a shapefile has at most 2 GB (ESRI's description "
        "of 1998 counts its length in words of 16 bits, up to 2^31 - 1 bytes)",
    )
    largest_ratio: float = state_figure(
        200,
        unit="times its packed size that an entry of a zip may unpack to",
        gt=1,
        le=1_032,
        source="choice; deflate can do 1,032 at most, which only a bomb comes near. "
        "Entries of less than 16 MB are not held to it",
    )
    most_ways: int = state_figure(
        4_000_000,
        unit="ways from place to place, in all tables of travel together",
        ge=1,
        le=1_000_000_000,
        source="choice: each takes some 0.9 KB while a pack is written "
        "(benchmarks/load.py), 3.6 GB in all",
    )
