"""An order as one HTML file for paper: A4, no script, no network."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

from patrolplan.products.escaping import normalise_text
from patrolplan.products.markup import read_template, render_template
from patrolplan.products.orders.model import Order, pick_language

__all__ = ["render_order_html", "render_order_page"]


def render_order_html(order: Order, lang: str) -> str:
    """Return an order as one HTML page that prints on A4.

    Marking and status stand above and below it. Browsers that know margin boxes print
    them on every page, with plan, disclaimer and number; the others on the first page
    and the last alone, and no number.

    Parameters
    ----------
    order
        The order.
    lang
        ``en`` or ``fr``.
    """
    return render_order_page(pick_language(order, lang))


def render_order_page(data: dict[str, Any]) -> str:
    """Return an order of one language, as plain data, as one HTML page.

    Parameters
    ----------
    data
        As :func:`~patrolplan.products.orders.model.pick_language` returns it.
    """
    style = read_template("order.css") + _style_pages(data)
    page = render_template(
        "order.html",
        order=data,
        style=Markup(style),  # noqa: S704
        pictures={
            id(block): Markup(block["svg"])  # noqa: S704
            for section in data["sections"]
            for block in section["blocks"]
            if block["kind"] == "picture"
        },
        id=id,
    )
    return str(page)


def _style_pages(data: dict[str, Any]) -> str:
    """Return the style of what every printed page bears."""
    before, after, end = re.split(r"\{n\}|\{m\}", data["page"])
    number = (
        f"{_quote(before)} counter(page) {_quote(after)} counter(pages) {_quote(end)}"
    )
    left = f"{data['marking']} · {data['status']}"
    # The plan may have any name: on every page it stands on one line.
    right = f"{_shorten(data['plan'])} · {_shorten(data['title'])}"
    boxes = {
        "top-left": _quote(left),
        "top-right": _quote(right),
        "bottom-left": _quote(f"{left} · {data['disclaimer']}"),
        "bottom-right": number,
    }
    rules = "".join(f"@{name} {{ content: {text}; }} " for name, text in boxes.items())
    return f"@page {{ {rules} }}\n"


def _shorten(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _quote(text: str) -> str:
    """Return text as a string of CSS, in which nothing but letters stands as it is."""
    plain = normalise_text(text)
    quoted = "".join(
        char
        if char.isascii() and (char.isalnum() or char == " ")
        else f"\\{ord(char):x} "
        for char in plain
    )
    return f'"{quoted}"'
