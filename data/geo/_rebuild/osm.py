"""OSM trunk topology and lengths, kept apart from the curated lines (ODbL)."""

from __future__ import annotations

from typing import Any

from _rebuild.geo import Point

Edge = tuple[int, int, float, Point, Point]
# Which curated lines run along which OSM edges (by their two node numbers).
MATCHES: tuple[tuple[tuple[tuple[int, int], ...], tuple[str, ...], str], ...] = (
    (((88078, 556800),), ("mopti-sevare",), "Sévaré to Mopti"),
    (((88078, 319508),),
     ("rn16-sevare-konna", "rn16-konna-bore", "rn16-bore-douentza",
      "rn16-douentza-boni", "rn16-boni-hombori", "rn16-hombori-gossi",
      "rn16-gossi-wabaria", "rn16-wabaria-gao"), "Sévaré to Gao"),
    (((319508, 323529), (323529, 556835)),
     ("gao-almoustarat", "almoustarat-tabankort", "tabankort-anefis",
      "anefis-kidal"), "Gao to Kidal by the fork beyond Anéfis"),
    (((321113, 323529),),
     ("anefis-aguelhok", "aguelhok-tessalit", "tessalit-in-khalil"),
     "fork beyond Anéfis to In Khalil; the ends differ by some 20 km"),
)  # fmt: skip


def join_lengths(
    edges: list[Edge], lines: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Share each OSM length over the curated lines along it, by their own lengths."""
    lengths = {(a, b): km for a, b, km, _, _ in edges}
    planned = {line["id"]: float(line["length_km"]) for line in lines}
    rows = []
    for pairs, ids, what in MATCHES:
        total = sum(lengths[pair] for pair in pairs)
        whole = sum(planned[line_id] for line_id in ids)
        for line_id in ids:
            note = f"{what}: {total:.1f} km"
            note += "" if len(ids) == 1 else ", shared by planning length"
            km = round(total * planned[line_id] / whole, 1)
            rows.append({"line_id": line_id, "osm_length_km": km, "note": note})
    return sorted(rows, key=lambda row: row["line_id"])
