"""KML 2.2 of a whole plan, for Google Earth and others that work offline.

Written with the XML of the standard library: the driver of GDAL lets a name that holds
``]]>`` break out of its cell. GDAL reads the file, as tests hold.

Every field of a row stands in the ``ExtendedData`` of its placemark. The balloon shows
the description alone, which is HTML; names in it are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from patrolplan.planfile import format_time
from patrolplan.products.escaping import escape_text
from patrolplan.products.exports.cells import (
    build_row,
    list_cells,
    order_rows,
    parse_xml,
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
    list_columns,
)
from patrolplan.products.symbols import BASE_BLUE, INK, UNKNOWN_COLOUR, style_patrol

__all__ = ["format_kml", "read_kml"]

_KML: Final = "{http://www.opengis.net/kml/2.2}"
# Layers, and what their rows are.
_FOLDERS: Final = (("stops", Stop), ("legs", Leg), ("sites", Place), ("bases", Base))


def format_kml(contents: Contents) -> bytes:
    """Return all rows of a plan as KML.

    Parameters
    ----------
    contents
        The rows of the plan.
    """
    marks = contents.marks
    assert marks is not None
    register_namespace("", _KML[1:-1])
    root = Element(f"{_KML}kml")
    document = _add(root, "Document")
    _add(document, "name", f"{marks.scenario} ({marks.marking}, {marks.status})")
    _add(document, "open", "1")
    _add(document, "description", escape_text(f"{marks.notice_en} {marks.notice_fr}"))
    _add_styles(document, contents)
    _add_data(document, marks)
    for journey in contents.journeys:
        folder = _add(document, "Folder")
        _add(folder, "name", f"{journey.number} {journey.patrol_id}")
        _add_data(folder, journey)
        driven: tuple[Stop | Leg, ...] = (*contents.stops, *contents.legs)
        for row in driven:
            if row.patrol == journey.number:
                _add_placemark(folder, row)
    groups: tuple[tuple[str, Iterable[Place | Base]], ...] = (
        ("sites", contents.places),
        ("bases", contents.bases),
    )
    for name, places in groups:
        folder = _add(document, "Folder")
        _add(folder, "name", name)
        for place in places:
            _add_placemark(folder, place)
    data: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return data + b"\n"


def _add(parent: Element, tag: str, text: str | None = None) -> Element:
    element = SubElement(parent, f"{_KML}{tag}")
    element.text = text
    return element


def _colour(html: str, *, opacity: str = "ff") -> str:
    """Return a colour as KML has it: opacity, blue, green, red."""
    return f"{opacity}{html[5:7]}{html[3:5]}{html[1:3]}"


def _add_styles(document: Element, contents: Contents) -> None:
    signs = {"site": (UNKNOWN_COLOUR, "0.8"), "base": (BASE_BLUE, "1.1")}
    for journey in contents.journeys:
        colour = style_patrol(journey.number).colour
        signs[f"patrol-{journey.number}"] = (colour, "1.0")
    for name, (colour, scale) in signs.items():
        style = _add(document, "Style")
        style.set("id", name)
        icon = _add(style, "IconStyle")
        _add(icon, "color", _colour(colour))
        _add(icon, "scale", scale)
        line = _add(style, "LineStyle")
        _add(line, "color", _colour(colour))
        _add(line, "width", "3")
        balloon = _add(style, "BalloonStyle")
        _add(balloon, "textColor", _colour(INK))
        # Else the table of all fields would be shown, names in it as they are.
        _add(balloon, "text", "$[description]")


def _add_placemark(folder: Element, row: Row) -> None:
    """Add a row; KML fixes the order of elements."""
    placemark = _add(folder, "Placemark")
    match row:
        case Stop():
            name, style = row.label, f"patrol-{row.patrol}"
            lines = [
                f"MGRS {row.mgrs}",
                f"km {row.total_km:.1f}",
                *(f"→ {format_time(moment)}" for moment in [row.arrive] if moment),
                *(f"← {format_time(moment)}" for moment in [row.depart] if moment),
                row.purpose_en,
                row.purpose_fr,
            ]
            times = (row.arrive, row.depart)
        case Leg():
            name, style = f"{row.patrol}: {row.leg + 1}", f"patrol-{row.patrol}"
            lines = [f"{row.from_id} → {row.to_id}", f"{row.length_km:.1f} km"]
            times = (row.depart, row.arrive)
        case Place():
            name, style, times = _join(row), "site", (None, None)
            lines = [f"MGRS {row.mgrs}", row.reason_en, row.reason_fr]
        case Base():
            name, style, times = _join(row), "base", (None, None)
            lines = [f"MGRS {row.mgrs}", row.sector]
        case _:
            raise TypeError(row)
    _add(placemark, "name", name)
    _add(placemark, "description", "<br>".join(escape_text(x) for x in lines if x))
    if any(times):
        span = _add(placemark, "TimeSpan")
        for tag, moment in zip(("begin", "end"), times, strict=True):
            if moment is not None:
                _add(span, tag, format_time(moment))
    _add(placemark, "styleUrl", f"#{style}")
    _add_data(placemark, row)
    if isinstance(row, Leg):
        shape = _add(placemark, "LineString")
        _add(shape, "tessellate", "1")
        _add(shape, "coordinates", " ".join(f"{x:.6f},{y:.6f}" for x, y in row.line))
    else:
        shape = _add(placemark, "Point")
        _add(shape, "coordinates", f"{row.lon:.6f},{row.lat:.6f}")


def _join(row: Place | Base) -> str:
    same = row.name_en == row.name_fr
    return row.name_en if same else f"{row.name_en} / {row.name_fr}"


def _add_data(parent: Element, row: Row) -> None:
    extended = _add(parent, "ExtendedData")
    kind = next((name for name, known in _FOLDERS if isinstance(row, known)), None)
    if kind is not None:
        _add_value(extended, "layer", kind)
    for name, value in list_cells(row).items():
        if value is not None and name not in ("lon", "lat"):
            _add_value(extended, name, str(value))


def _add_value(extended: Element, name: str, value: str) -> None:
    data = _add(extended, "Data")
    data.set("name", name)
    _add(data, "value", value)


def read_kml(data: bytes, file: str) -> Contents:
    """Return the rows of a KML file that :func:`format_kml` wrote.

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
    root = parse_xml(data, file)
    document = root.find(f"{_KML}Document")
    if root.tag != f"{_KML}kml" or document is None:
        refuse(file, "file", "XML of another kind", "KML 2.2 with a document")
    found: dict[str, list[Any]] = {name: [] for name, _ in _FOLDERS}
    kinds: dict[str, type[Any]] = dict(_FOLDERS)
    for number, placemark in enumerate(document.iter(f"{_KML}Placemark")):
        where = f"placemark {number}"
        cells = _read_data(placemark)
        layer = cells.get("layer")
        if layer not in found:
            # Drawn by hand in between; it is no part of the plan.
            continue
        texts = placemark.iter(f"{_KML}coordinates")
        places = [
            part.split(",") for text in texts for part in (text.text or "").split()
        ]
        known: dict[str, Any] = {}
        if layer == "legs":
            known["line"] = read_line(places, file, where)  # type: ignore[arg-type]
        elif len(places) == 1 and len(places[0]) > 1:
            cells |= {"lon": places[0][0], "lat": places[0][1]}
        row = build_row(kinds[layer], _fill(kinds[layer], cells), file, where, **known)
        found[layer].append(row)
    journeys = [
        build_row(Journey, _fill(Journey, cells), file, f"folder {number}")
        for number, folder in enumerate(document.iter(f"{_KML}Folder"))
        if (cells := _read_data(folder))
    ]
    return Contents(
        marks=build_row(Marks, _fill(Marks, _read_data(document)), file, "Document"),
        journeys=tuple(journeys),
        stops=order_rows(found["stops"]),
        legs=order_rows(found["legs"]),
        places=tuple(found["sites"]),
        bases=tuple(found["bases"]),
    )


def _fill(kind: type[Row], cells: dict[str, Any]) -> dict[str, Any]:
    """Take a text that is there and empty for what it is: XML reads it as nothing."""
    return {
        name: "" if cells[name] is None and wanted == "str" else cells[name]
        for name, wanted in list_columns(kind)
        if name in cells
    }


def _read_data(parent: Element) -> dict[str, Any]:
    return {
        str(data.get("name")): data.findtext(f"{_KML}value")
        for data in parent.iterfind(f"{_KML}ExtendedData/{_KML}Data")
    }
