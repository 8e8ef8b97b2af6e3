"""Styles of the layers of a GeoPackage: QML for QGIS and QField, SLD for others.

One table of signs a layer, in the colours of the map; both languages of styles are
written from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from patrolplan.products.catalogue import mark, translate_text
from patrolplan.products.exports.contents import Journey
from patrolplan.products.symbols import (
    BASE_BLUE,
    INK,
    RISK_COLOURS,
    UNKNOWN_COLOUR,
    style_patrol,
)

__all__ = ["LayerStyle", "Sign", "format_qml", "format_sld", "list_styles"]

_QML_VERSION: Final = "3.16.0"
_RISK_LEVELS: Final = range(1, len(RISK_COLOURS) + 1)


@dataclass(frozen=True)
class Sign:
    """How the rows of one value are drawn.

    Parameters
    ----------
    value
        The value, as text.
    label
        What the legend calls it.
    colour
        As ``#rrggbb``.
    shape
        Of a point, such as ``circle``; lines have none.
    size_mm
        Width of a point, or of a line, in millimetres.
    opacity
        0 to 1.
    """

    value: str
    label: str
    colour: str
    shape: str = "circle"
    size_mm: float = 3.0
    opacity: float = 1.0


@dataclass(frozen=True)
class LayerStyle:
    """How one layer is drawn.

    Parameters
    ----------
    layer
        Its name.
    attribute
        Expression whose value picks the sign; empty where all rows look alike.
    signs
        One for each value.
    label
        Column that names a row on the map, if any.
    line
        Whether rows are lines.
    """

    layer: str
    attribute: str
    signs: tuple[Sign, ...]
    label: str | None = None
    line: bool = False


def list_styles(journeys: Sequence[Journey]) -> tuple[LayerStyle, ...]:
    """Return the style of each layer.

    Parameters
    ----------
    journeys
        The patrols: each has a colour of its own, the one it has on the map.
    """
    colours = {
        str(journey.number): style_patrol(journey.number).colour for journey in journeys
    }
    levels = [
        Sign(str(level), _join(mark("risk"), f"{level}"), colour, size_mm=3.2)
        for level, colour in zip(_RISK_LEVELS, RISK_COLOURS, strict=True)
    ]
    unknown = Sign("0", _join(mark("risk unknown")), UNKNOWN_COLOUR, size_mm=2.4)
    patrol = mark("Patrol")
    return (
        LayerStyle(
            "patrols",
            '"number"',
            tuple(
                Sign(number, _join(patrol, number), colour, size_mm=2.2, opacity=0.35)
                for number, colour in colours.items()
            ),
            line=True,
        ),
        LayerStyle(
            "legs",
            '"patrol"',
            tuple(
                Sign(number, _join(patrol, number), colour, size_mm=0.8)
                for number, colour in colours.items()
            ),
            line=True,
        ),
        LayerStyle(
            "sites",
            # To the nearest whole level, as on the map; 0 is no risk but an unknown.
            'coalesce(floor("risk" + 0.5), 0)',
            (*levels, unknown),
            label="name_en",
        ),
        LayerStyle(
            "bases",
            "",
            (Sign("", _join(mark("Base")), BASE_BLUE, "square", 4.0),),
            label="name_en",
        ),
        LayerStyle(
            "stops",
            '"kind"',
            (
                Sign("visit", _join(mark("visit")), INK, "circle", 2.6),
                Sign("halt", _join(mark("night halt")), INK, "triangle", 3.0),
                Sign("base", _join(mark("base")), BASE_BLUE, "square", 2.6),
                Sign("start", _join(mark("where it stands")), BASE_BLUE, "star", 3.6),
            ),
            label="label",
        ),
    )


def _join(message: str, value: str = "") -> str:
    """Return words of a legend in both languages."""
    words = translate_text(message)
    both = words.en if words.en == words.fr else f"{words.en} / {words.fr}"
    return f"{both} {value}".strip()


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def format_qml(style: LayerStyle) -> str:
    """Return a style as QML of QGIS 3.

    Parameters
    ----------
    style
        How the layer is drawn.
    """
    root = Element(
        "qgis",
        version=_QML_VERSION,
        styleCategories="Symbology|Labeling",
        labelsEnabled="1" if style.label else "0",
    )
    single = not style.attribute
    renderer = SubElement(
        root,
        "renderer-v2",
        type="singleSymbol" if single else "categorizedSymbol",
        symbollevels="0",
        enableorderby="0",
        forceraster="0",
    )
    if not single:
        renderer.set("attr", style.attribute)
        categories = SubElement(renderer, "categories")
        for number, sign in enumerate(style.signs):
            SubElement(
                categories,
                "category",
                value=sign.value,
                symbol=str(number),
                label=sign.label,
                render="true",
            )
    symbols = SubElement(renderer, "symbols")
    for number, sign in enumerate(style.signs):
        _add_symbol(symbols, number, sign, line=style.line)
    SubElement(renderer, "rotation")
    SubElement(renderer, "sizescale")
    if style.label:
        _add_labels(root, style.label)
    SubElement(root, "layerGeometryType").text = "1" if style.line else "0"
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + tostring(root, encoding="unicode")


def _add_symbol(symbols: Element, number: int, sign: Sign, *, line: bool) -> None:
    symbol = SubElement(
        symbols,
        "symbol",
        type="line" if line else "marker",
        name=str(number),
        alpha=f"{sign.opacity:g}",
        clip_to_extent="1",
        force_rhr="0",
    )
    layer = SubElement(symbol, "layer", enabled="1", locked="0")
    layer.set("pass", "0")
    layer.set("class", "SimpleLine" if line else "SimpleMarker")
    if line:
        options = {
            "line_color": _rgba(sign.colour),
            "line_style": "solid",
            "line_width": f"{sign.size_mm:g}",
            "line_width_unit": "MM",
            "capstyle": "round",
            "joinstyle": "round",
        }
    else:
        options = {
            "name": sign.shape,
            "color": _rgba(sign.colour),
            "outline_color": "255,255,255,255",
            "outline_style": "solid",
            "outline_width": "0.4",
            "outline_width_unit": "MM",
            "size": f"{sign.size_mm:g}",
            "size_unit": "MM",
        }
    # New versions read the options, old ones the props.
    listed = SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        SubElement(listed, "Option", type="QString", name=name, value=value)
    for name, value in options.items():
        SubElement(layer, "prop", k=name, v=value)


def _add_labels(root: Element, column: str) -> None:
    labelling = SubElement(root, "labeling", type="simple")
    settings = SubElement(labelling, "settings", calloutType="simple")
    text = SubElement(
        settings,
        "text-style",
        fieldName=column,
        isExpression="0",
        fontFamily="Sans Serif",
        fontSize="9",
        fontSizeUnit="Point",
        textColor=_rgba(INK),
        textOpacity="1",
        multilineHeight="1",
    )
    SubElement(
        text,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
        bufferOpacity="1",
    )
    SubElement(settings, "placement", placement="0", dist="1.2", distUnits="MM")
    SubElement(settings, "rendering", drawLabels="1", displayAll="0", obstacle="1")


def format_sld(style: LayerStyle) -> str:
    """Return a style as SLD 1.0.0, without the labels.

    Parameters
    ----------
    style
        How the layer is drawn.
    """
    root = Element(
        "StyledLayerDescriptor",
        {"xmlns": "http://www.opengis.net/sld", "version": "1.0.0"},
    )
    root.set("xmlns:ogc", "http://www.opengis.net/ogc")
    layer = SubElement(root, "NamedLayer")
    SubElement(layer, "Name").text = style.layer
    user = SubElement(SubElement(layer, "UserStyle"), "FeatureTypeStyle")
    for sign in style.signs:
        rule = SubElement(user, "Rule")
        SubElement(rule, "Name").text = sign.label
        _add_filter(rule, style, sign)
        if style.line:
            stroke = SubElement(SubElement(rule, "LineSymbolizer"), "Stroke")
            _set(stroke, "stroke", sign.colour)
            _set(stroke, "stroke-width", f"{_pixels(sign.size_mm):g}")
            _set(stroke, "stroke-opacity", f"{sign.opacity:g}")
            continue
        graphic = SubElement(SubElement(rule, "PointSymbolizer"), "Graphic")
        symbol = SubElement(graphic, "Mark")
        SubElement(symbol, "WellKnownName").text = sign.shape
        _set(SubElement(symbol, "Fill"), "fill", sign.colour)
        SubElement(graphic, "Size").text = f"{_pixels(sign.size_mm):g}"
    return tostring(root, encoding="unicode")


def _pixels(size_mm: float) -> float:
    """Return pixels of 0.28 mm, those of SLD."""
    return round(size_mm / 0.28, 1)


def _set(parent: Element, name: str, value: str) -> None:
    SubElement(parent, "CssParameter", name=name).text = value


def _add_filter(rule: Element, style: LayerStyle, sign: Sign) -> None:
    if not style.attribute:
        return
    found = SubElement(rule, "ogc:Filter")
    if style.layer != "sites":
        equal = SubElement(found, "ogc:PropertyIsEqualTo")
        SubElement(equal, "ogc:PropertyName").text = style.attribute.strip('"')
        SubElement(equal, "ogc:Literal").text = sign.value
        return
    level = int(sign.value)
    if level == 0:
        unknown = SubElement(found, "ogc:PropertyIsNull")
        SubElement(unknown, "ogc:PropertyName").text = "risk"
        return
    both = SubElement(found, "ogc:And")
    for tag, bound in (
        ("ogc:PropertyIsGreaterThanOrEqualTo", level - 0.5),
        ("ogc:PropertyIsLessThan", level + 0.5),
    ):
        compare = SubElement(both, tag)
        SubElement(compare, "ogc:PropertyName").text = "risk"
        SubElement(compare, "ogc:Literal").text = f"{bound:g}"
