"""GeoJSON (RFC 7946) of a whole plan: one collection, each feature with its layer."""

from __future__ import annotations

import json
from typing import Any, Final

from patrolplan.products.exports.cells import (
    build_row,
    list_cells,
    order_rows,
    read_line,
    refuse,
)
from patrolplan.products.exports.contents import (
    Base,
    Contents,
    Journey,
    Leg,
    Marks,
    Place,
    Row,
    Stop,
)

__all__ = ["FORMAT", "format_geojson", "read_geojson"]

FORMAT: Final = "patrolplan-geojson/1"
_LAYERS: Final[dict[str, type[Any]]] = {
    "patrols": Journey,
    "stops": Stop,
    "legs": Leg,
    "sites": Place,
    "bases": Base,
}


def format_geojson(contents: Contents) -> bytes:
    """Return all rows of a plan as GeoJSON, a feature a line.

    The member ``patrolplan`` of the collection bears the marking, the status and the
    notice. A patrol is the whole of its ways, a MultiLineString.

    Parameters
    ----------
    contents
        The rows of the plan.
    """
    marks = contents.marks
    assert marks is not None
    rows: list[tuple[str, Row, Any]] = [
        ("patrols", journey, _join_ways(contents, journey))
        for journey in contents.journeys
    ]
    rows += [("stops", row, _point(row)) for row in contents.stops]
    rows += [
        ("legs", leg, {"type": "LineString", "coordinates": leg.line})
        for leg in contents.legs
    ]
    rows += [("sites", place, _point(place)) for place in contents.places]
    rows += [("bases", base, _point(base)) for base in contents.bases]
    features = ",\n".join(
        _dump(
            {
                "type": "Feature",
                "properties": {"layer": layer, **list_cells(row)},
                "geometry": geometry,
            }
        )
        for layer, row, geometry in rows
    )
    about = _dump({"format": FORMAT, **list_cells(marks)})
    text = (
        f'{{"type": "FeatureCollection",\n"patrolplan": {about},\n'
        f'"features": [\n{features}\n]}}\n'
    )
    return text.encode()


def _dump(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False, allow_nan=False)


def _join_ways(contents: Contents, journey: Journey) -> Any:
    ways = [leg.line for leg in contents.legs if leg.patrol == journey.number]
    return {"type": "MultiLineString", "coordinates": ways}


def _point(row: Stop | Place | Base) -> Any:
    return {"type": "Point", "coordinates": [row.lon, row.lat]}


def read_geojson(data: bytes, file: str) -> Contents:
    """Return the rows of a GeoJSON file that :func:`format_geojson` wrote.

    Parameters
    ----------
    data
        The file.
    file
        Its name, for the message.

    Raises
    ------
    LayerError
        If it is none, or was changed so that it no longer holds them.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        refuse(file, "file", "no JSON", "GeoJSON that patrolplan wrote")
    about = document.get("patrolplan") if isinstance(document, dict) else None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        refuse(file, "patrolplan", "nothing of ours", f"a member of format {FORMAT}")
    features = document.get("features")
    if not isinstance(features, list):
        refuse(file, "features", "none", "a list of features")
    found: dict[str, list[Any]] = {layer: [] for layer in _LAYERS}
    for number, feature in enumerate(features):
        where = f"feature {number}"
        if not isinstance(feature, dict):
            refuse(file, where, "no object", "a feature")
        cells = feature.get("properties")
        cells = cells if isinstance(cells, dict) else {}
        layer = cells.get("layer")
        if not isinstance(layer, str) or layer not in _LAYERS:
            # Drawn by hand in between; it is no part of the plan.
            continue
        shape = feature.get("geometry")
        places = shape.get("coordinates") if isinstance(shape, dict) else None
        known: dict[str, Any] = {}
        if layer == "legs":
            known["line"] = read_line(
                places if isinstance(places, list) else [], file, where
            )
        elif layer != "patrols" and isinstance(places, list) and len(places) > 1:
            # Where it was moved by hand the geometry is what was meant.
            cells |= {"lon": places[0], "lat": places[1]}
        found[layer].append(build_row(_LAYERS[layer], cells, file, where, **known))
    return Contents(
        marks=build_row(Marks, about, file, "patrolplan"),
        journeys=tuple(found["patrols"]),
        stops=order_rows(found["stops"]),
        legs=order_rows(found["legs"]),
        places=tuple(found["sites"]),
        bases=tuple(found["bases"]),
    )
