"""Deterministic writers: sorted rows, 5 decimals, newline ends, no time stamps."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shapely import set_precision
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

Row = dict[str, Any]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a hand-kept CSV as text, each cell stripped."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return [{key: (cell or "").strip() for key, cell in row.items()} for row in rows]


def number(text: str) -> float | int | None:
    """Read a number; empty is None and whole numbers stay whole."""
    if not text:
        return None
    value = float(text)
    return int(value) if value.is_integer() else value


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a CSV in the order given; None becomes an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def round_tree(tree: Any) -> Any:
    """Round every number of nested coordinates to 5 decimals."""
    if isinstance(tree, (list, tuple)):
        return [round_tree(branch) for branch in tree]
    return round(float(tree), 5)


def write_features(
    path: Path, features: Iterable[tuple[Mapping[str, Any], BaseGeometry]]
) -> None:
    """Write GeoJSON, one feature a line so that a change shows as one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for properties, geometry in features:
        shape = mapping(geometry)
        feature = {
            "type": "Feature",
            "properties": dict(properties),
            "geometry": {
                "type": shape["type"],
                "coordinates": round_tree(shape["coordinates"]),
            },
        }
        lines.append(json.dumps(feature, ensure_ascii=False))
    body = ",\n".join(lines)
    text = f'{{"type": "FeatureCollection", "name": "{path.stem}", "features": [\n'
    path.write_text(text + body + "\n]}\n", encoding="utf-8", newline="\n")


def snap_grid(geometry: BaseGeometry) -> BaseGeometry:
    """Put a polygon on the 5-decimal grid and keep it valid."""
    return set_precision(geometry, 1e-5)
