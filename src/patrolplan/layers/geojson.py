"""What a GeoJSON document holds, seen before any driver reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

import numpy as np

from patrolplan.errors import Fault

__all__ = ["drop_broken_features", "find_broken_features"]


def find_broken_features(document: dict[str, Any], file: str) -> Iterator[Fault]:
    """Yield features that would bring the whole file down in the driver."""
    features = document.get("features")
    if not isinstance(features, list):
        yield Fault(file, "features", "no list", "a list of features")
        return
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        key = properties.get("id") if isinstance(properties, dict) else None
        where = f"feature {key!r}" if isinstance(key, str) else f"feature {number}"
        if not _is_feature(feature):
            yield Fault(file, where, "no Feature", "a GeoJSON Feature")
            continue
        yield from _find_cut_texts(properties, file, where)
        geometry = feature.get("geometry")
        if geometry is None:
            cause = "it was never drawn, or lost in an export"
            yield Fault(file, f"{where}, geometry", "none", "a geometry", cause)
        elif not isinstance(geometry, dict) or not _has_enough(geometry):
            kind = geometry.get("type") if isinstance(geometry, dict) else None
            yield Fault(
                file,
                f"{where}, geometry",
                f"a broken {kind}" if isinstance(kind, str) else "no geometry",
                "a Point of 2 numbers, a LineString of 2, a ring of 4 positions",
            )


def _find_cut_texts(properties: Any, file: str, where: str) -> Iterator[Fault]:
    """Yield texts of which the driver would read a part: those with a zero byte."""
    if not isinstance(properties, dict):
        return
    for name, cell in properties.items():
        if "\0" in name or (isinstance(cell, str) and "\0" in cell):
            cause = "a damaged file: what stands behind it would be lost"
            place = f"{where}, {name[:60]!r}"
            yield Fault(file, place, "a zero byte", "text without one", cause)


def drop_broken_features(document: dict[str, Any]) -> dict[str, Any] | None:
    """Return a document that a driver can read, or None if there is none.

    A feature whose geometry is broken stays, without it.
    """
    features = document.get("features")
    if not isinstance(features, list):
        return None
    kept = [
        feature
        if isinstance(feature.get("geometry"), dict)
        and _has_enough(feature["geometry"])
        else feature | {"geometry": None}
        for feature in features
        if _is_feature(feature)
    ]
    if all(feature["geometry"] is None for feature in kept):
        return None
    return document | {"features": kept}


def _is_feature(feature: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(feature, dict) and feature.get("type") == "Feature"


def _has_enough(geometry: dict[str, Any]) -> bool:
    """Return whether a geometry has the positions that its type needs."""
    coordinates = geometry.get("coordinates")
    kind = geometry.get("type")
    if not isinstance(coordinates, list):
        return False

    def is_spot(spot: Any) -> bool:
        return (
            isinstance(spot, list)
            and len(spot) >= 2
            and all(type(axis) in (int, float) and np.isfinite(axis) for axis in spot)
        )

    def is_path(path: Any, least: int) -> bool:
        return (
            isinstance(path, list)
            and len(path) >= least
            and all(is_spot(spot) for spot in path)
        )

    def is_area(rings: Any) -> bool:
        return isinstance(rings, list) and all(
            is_path(ring, 4) and ring[0] == ring[-1] for ring in rings
        )

    if kind == "Point":
        return is_spot(coordinates)
    if kind == "LineString":
        return is_path(coordinates, 2)
    if kind == "MultiLineString":
        return all(is_path(path, 2) for path in coordinates)
    if kind == "Polygon":
        return is_area(coordinates)
    if kind == "MultiPolygon":
        return all(is_area(rings) for rings in coordinates)
    return False
