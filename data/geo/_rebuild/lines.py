"""Builds the lines of communication from the curated skeleton."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import networkx as nx

from _rebuild.geo import Point, measure_km
from _rebuild.outputs import number
from _rebuild.river import draw_bank, draw_river

FACTORS = {"paved": 1.10, "paved_degraded": 1.10}  # every other surface: 1.20
LOW, HIGH = 1.04, 1.30  # known roads here run 1.04 to 1.23 times the geodesic
COLUMNS = (
    "id", "ref", "name", "name_fr", "kind", "surface", "from_id", "to_id", "length_km",
    "length_low_km", "length_high_km", "length_source", "length_derived", "hazard",
    "hazard_source", "status_dry", "status_rains", "wait_min", "crossing_min",
    "confidence", "source", "as_of", "note",
)  # fmt: skip


def build_lines(
    rows: list[dict[str, str]],
    totals: list[dict[str, str]],
    places: dict[str, Point],
    river: nx.Graph,
) -> list[dict[str, Any]]:
    """One line per curated row, with its length and its geometry.

    A published length is taken as it is; a published total is split over its parts
    in proportion to the geodesic; else the way through the places on it is
    multiplied by 1.10 on tar and 1.20 off it, and marked derived.
    """
    groups = {row["id"]: row for row in totals}
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        if row["total_id"]:
            ends = [places[row["from_id"]], places[row["to_id"]]]
            sums[row["total_id"]] += measure_km(ends)
    lines = []
    for row in sorted(rows, key=lambda r: r["id"]):
        line: dict[str, Any] = {name: row.get(name) or None for name in COLUMNS}
        for column in ("hazard", "wait_min", "crossing_min", "length_km",
                       "length_low_km", "length_high_km"):  # fmt: skip
            line[column] = number(row[column])
        ends = [places[row["from_id"]], places[row["to_id"]]]
        derived = row["length_source"].startswith("geodesic")
        line["length_derived"] = derived
        if row["total_id"]:
            group = groups[row["total_id"]]
            share = measure_km(ends) / sums[row["total_id"]]
            for column, name in (("length_km", "total_km"), ("length_low_km", "low_km"),
                                 ("length_high_km", "high_km")):  # fmt: skip
                line[column] = round(share * float(group[name]), 1)
            line["length_source"] = group["source"]
        line["points"] = draw_line(row, ends, line["length_km"], river)
        if line["length_km"] is None:
            derive_length(line)
        lines.append(line)
    return lines


def draw_line(
    row: dict[str, str], ends: list[Point], limit_km: float | None, river: nx.Graph
) -> list[Point]:
    """Lon/lat vertices of one line by the word in its ``shape`` cell."""
    start, end = ends
    shape, _, rest = row["shape"].partition(":")
    if shape == "river":
        return draw_river(river, start, end)
    if shape == "bank":
        return draw_bank(river, start, end, rest, limit_km or 1.2 * measure_km(ends))
    if shape == "points":
        pairs = [pair.split() for pair in rest.split(";")]
        return [start, *((float(x), float(y)) for x, y in pairs), end]
    return [start, end]


def derive_length(line: dict[str, Any]) -> None:
    """Fill the length of a line for which nothing is published."""
    way = measure_km(line["points"])
    line["length_derived"] = True
    if line["kind"] == "river":
        line["length_km"] = round(way, 1)
        line["length_low_km"], line["length_high_km"] = (
            round(way, 1),
            round(1.15 * way, 1),
        )
        line["length_source"] = "derived: length of the Natural Earth centreline"
        return
    factor = FACTORS.get(line["surface"], 1.20)
    what = "geodesic" if len(line["points"]) == 2 else "way through its shape points"
    line["length_km"] = round(factor * way, 1)
    line["length_low_km"] = round(LOW * way, 1)
    line["length_high_km"] = round(HIGH * way, 1)
    line["length_source"] = f"derived: {what} times {factor:.2f}"
